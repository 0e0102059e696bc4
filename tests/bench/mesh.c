/*
 * tests/bench/mesh.c - the floor for latency: a chat of bare sockets, one
 * process a member, a link between each two, driven by pipes like the program.
 *
 * What a member reads on its standard input goes to all its links and to its
 * standard output; what it reads on a link goes to its standard output.
 *
 * Layer:  tests.
 * Thread: main of each of the processes.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bench.h"

#define READ_LEN 65536

static int listening[MEMBERS_MAX];
static uint16_t ports[MEMBERS_MAX];
static unsigned member_count;
static int links[MEMBERS_MAX];
static unsigned link_count;

static void make_links(unsigned index)
{
    for (unsigned i = 0; i < index; i++)
        links[link_count++] = dial_here(ports[i]);
    for (unsigned i = index + 1; i < member_count; i++)
        links[link_count++] = accept_here(listening[index]);
}

static void put(int fd, const void *data, size_t len)
{
    if (write(fd, data, len) != (ssize_t)len)
        _exit(1);
}

/* Whole lines are shown; the beginning of another is kept. */
static void show(struct moot_buf *got)
{
    struct moot_bytes all = moot_buf_view(got);
    const uint8_t *feed = memrchr(all.data, '\n', all.len);
    size_t len = feed == NULL ? 0 : (size_t)(feed - all.data) + 1;

    if (len == 0)
        return;
    put(1, all.data, len);
    moot_buf_consume(got, len);
}

static void work(int fd, struct moot_buf *got)
{
    size_t before = got->len;
    ssize_t n = read(fd, moot_buf_reserve(got, READ_LEN), READ_LEN);

    if (n <= 0)
        _exit(0);
    moot_buf_commit(got, (size_t)n);
    for (unsigned i = 0; fd == 0 && i < link_count; i++)
        put(links[i], moot_buf_view(got).data + before, (size_t)n);
    show(got);
}

static void watch(int epoll, int fd, unsigned index)
{
    struct epoll_event ev = {.events = EPOLLIN, .data.u32 = index};

    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) != 0)
        die("epoll");
}

static void live(unsigned index)
{
    static struct moot_buf got[MEMBERS_MAX + 1];
    struct epoll_event ready[MEMBERS_MAX + 1];
    int epoll = epoll_create1(0);

    make_links(index);
    for (unsigned i = 0; i < link_count; i++)
        watch(epoll, links[i], i);
    watch(epoll, 0, link_count);
    links[link_count] = 0;
    put(2, "you are in the floor\n", 21);
    for (;;) {
        int n = epoll_wait(epoll, ready, MEMBERS_MAX + 1, -1);

        for (int i = 0; i < n; i++) {
            unsigned at = ready[i].data.u32;

            work(links[at], &got[at]);
        }
    }
}

void mesh_start(struct peer *peers, unsigned count)
{
    member_count = count;
    for (unsigned i = 0; i < count; i++)
        listening[i] = listen_here(&ports[i]);
    for (unsigned i = 0; i < count; i++)
        peer_fork(&peers[i], live, i);
    peers_until_inside(peers, count);
    for (unsigned i = 0; i < count; i++)
        close(listening[i]);
}
