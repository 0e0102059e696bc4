/*
 * tests/bench/life.c - starting, joining, and being there without a word.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define SETTLE_US 3000000
#define LONE_US 1000000

static struct peer peers[MEMBERS_MAX];

static double ms(int64_t us)
{
    return (double)us / 1000;
}

/* --- joining --- */

/*
 * A whole group at once, from the first start until the last is in; then one
 * more, from its start until it is in, and what that costs all together.
 */
void join(unsigned members)
{
    int64_t last = 0, before;

    group_start(peers, members - 1);
    for (unsigned i = 0; i + 1 < members; i++)
        last = peers[i].joined > last ? peers[i].joined : last;
    result("form_ms", ms(last - peers[0].started));
    group_settle(peers, members - 1);
    peers_idle(peers, members - 1, SETTLE_US);
    begin_measuring();
    before = cpu_us_of(peers, members - 1);
    group_add(peers, members - 1);
    peers_until_inside(peers, members);
    result("join_ms",
           ms(peers[members - 1].joined - peers[members - 1].started));
    result("join_cpu_ms", ms(cpu_us_of(peers, members) - before));
    result("join_own_cpu_ms", ms(cpu_us(peers[members - 1].pid)));
    peers_end(peers, members);
}

/* --- idling --- */

/* Ethernet, IPv4, and TCP with its timestamps: of each packet. */
#define HEADERS_LEN (14 + 20 + 32)

void idle(unsigned members, double seconds)
{
    double links = members * (members - 1) / 2.0, pss = 0, rss = 0;
    double bytes[2], packets[2], all;
    int64_t cpu, at;

    group_start(peers, members);
    group_settle(peers, members);
    peers_idle(peers, members, SETTLE_US);
    begin_measuring();
    at = now_us();
    cpu = cpu_us_of(peers, members);
    read_loopback(&bytes[0], &packets[0]);
    peers_idle(peers, members, (int64_t)(seconds * 1e6));
    read_loopback(&bytes[1], &packets[1]);
    all = bytes[1] - bytes[0];
    cpu = cpu_us_of(peers, members) - cpu;
    at = now_us() - at;
    for (unsigned i = 0; i < members; i++) {
        pss += (double)proc_kib(peers[i].pid, "smaps_rollup", "Pss");
        rss += (double)proc_kib(peers[i].pid, "status", "VmRSS");
    }
    result("cpu_percent", 100.0 * (double)cpu / (double)at / members);
    result("link_bytes", all * 1e6 / (double)at / links);
    all -= (packets[1] - packets[0]) * HEADERS_LEN;
    result("record_bytes", all * 1e6 / (double)at / links);
    result("pss_kib", pss / members);
    result("rss_kib", rss / members);
    peers_end(peers, members);
}

/* --- memory --- */

static void tend(struct sink *s, int64_t us)
{
    int64_t until = now_us() + us;

    while (now_us() < until) {
        struct pollfd fd = {sink_fd(s), POLLIN, 0};

        poll(&fd, 1, 50);
        sink_work(s);
        peers_idle(peers, 1, 1);
    }
}

/* What it shares with others (code) does not grow with links. */
static double own_kib(pid_t pid)
{
    return (double)proc_kib(pid, "smaps_rollup", "Pss_Anon");
}

static double kib_with(unsigned links)
{
    struct sink *s;
    double kib;

    group_start(peers, 1);
    s = sink_open(&peers[0], links);
    tend(s, 2 * SETTLE_US);
    begin_measuring();
    kib = own_kib(peers[0].pid);
    peers_end(peers, 1);
    sink_close(s);
    return kib;
}

void memory(unsigned few, unsigned many)
{
    double less = kib_with(few);

    result("link_kib", (kib_with(many) - less) / (many - few));
}

static int floor_socket;
static unsigned floor_links;

/* Accepts, and keeps: nothing but sockets and TLS. */
static void floor_live(unsigned index)
{
    struct moot_tls tls;
    struct moot_key key;
    SSL *links[MEMBERS_MAX];

    (void)index;
    make_tls(&key, &tls);
    for (unsigned i = 0; i < floor_links; i++) {
        char byte;

        links[i] = shake(tls.accept, accept_here(floor_socket), true);
        if (SSL_read(links[i], &byte, 1) != 1 ||
            SSL_write(links[i], &byte, 1) != 1)
            fail("a link is broken");
    }
    dprintf(2, "you are in the floor\n");
    pause();
}

static double floor_kib_with(unsigned links)
{
    struct moot_tls tls;
    struct moot_key key;
    uint16_t port;
    double kib;

    make_tls(&key, &tls);
    floor_socket = listen_here(&port);
    floor_links = links;
    peer_fork(&peers[0], floor_live, 0);
    for (unsigned i = 0; i < links; i++) {
        SSL *ssl = shake(tls.dial, dial_here(port), false);
        char byte = 'x';

        if (SSL_write(ssl, &byte, 1) != 1 || SSL_read(ssl, &byte, 1) != 1)
            fail("a link is broken");
    }
    peers_until_inside(peers, 1);
    kib = own_kib(peers[0].pid);
    peers_end(peers, 1);
    close(floor_socket);
    return kib;
}

void floor_memory(unsigned few, unsigned many)
{
    double less = floor_kib_with(few);

    result("link_kib", (floor_kib_with(many) - less) / (many - few));
}

/* --- starting --- */

/* Reads descriptor fd until the words are there; returns when that was. */
static int64_t until_says(int fd, const char *words)
{
    char text[4096];
    size_t len = 0;

    do {
        struct pollfd p = {fd, POLLIN, 0};
        ssize_t n;

        if (poll(&p, 1, 5000) <= 0)
            fail("it never says \"%s\"", words);
        n = read(fd, text + len, sizeof text - 1 - len);
        if (n <= 0)
            fail("it ends and never says \"%s\"", words);
        len += (size_t)n;
        text[len] = '\0';
    } while (strstr(text, words) == NULL);
    return now_us();
}

void start(void)
{
    static const char *const nameless[] = {NULL};
    static const char *const named[] = {"--username", "lone", NULL};

    peer_start(&peers[0], nameless);
    result("prompt_ms", ms(until_says(peers[0].out, "Enter your username") -
                           peers[0].started));
    peers_end(peers, 1);

    peer_start(&peers[0], named);
    peers_until_inside(peers, 1);
    result("inside_ms", ms(peers[0].joined - peers[0].started));
    peers_idle(peers, 1, LONE_US);
    result("start_cpu_ms", ms(cpu_us(peers[0].pid)));
    result("lone_rss_kib", (double)proc_kib(peers[0].pid, "status", "VmRSS"));
    result("lone_pss_kib",
           (double)proc_kib(peers[0].pid, "smaps_rollup", "Pss"));
    peers_end(peers, 1);
}
