/*
 * tests/bench/peers.c - processes driven by pipes, and groups of them.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define PATIENCE_US (60 * 1000000)
#define READ_LEN 65536

/* --- one process --- */

/* Returns 0 in the child, whose descriptors 0 to 2 are the pipes. */
static pid_t fork_piped(struct peer *p)
{
    int in[2], out[2], err[2];

    memset(p, 0, sizeof *p);
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 ||
        pipe2(err, O_CLOEXEC) != 0)
        die("pipe");
    p->started = now_us();
    p->pid = fork();
    if (p->pid < 0)
        die("fork");
    if (p->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(in[0], 0);
        dup2(out[1], 1);
        dup2(err[1], 2);
        return 0;
    }
    close(in[0]);
    close(out[1]);
    close(err[1]);
    p->in = in[1];
    p->out = out[0];
    p->err = err[0];
    make_nonblocking(p->out);
    make_nonblocking(p->err);
    return p->pid;
}

void peer_start(struct peer *p, const char *const argv[])
{
    char *args[16] = {(char *)(uintptr_t)program};
    unsigned n = 1;

    while (argv[n - 1] != NULL) {
        args[n] = (char *)(uintptr_t)argv[n - 1];
        n++;
    }
    if (fork_piped(p) != 0)
        return;
    execv(program, args);
    die(program);
}

void peer_fork(struct peer *p, void (*live)(unsigned index), unsigned index)
{
    if (fork_piped(p) != 0)
        return;
    live(index);
    _exit(0);
}

void peers_end(struct peer *peers, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        kill(peers[i].pid, SIGKILL);
    for (unsigned i = 0; i < count; i++) {
        struct peer *p = &peers[i];

        waitpid(p->pid, NULL, 0);
        close(p->in);
        close(p->out);
        close(p->err);
        moot_buf_fini(&p->said);
        moot_buf_fini(&p->noted);
    }
}

void peer_type(struct peer *p, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t n = write(p->in, at, len);

        if (n < 0)
            die("a peer does not read");
        at += n;
        len -= (size_t)n;
    }
}

/* false: nothing was there. */
static bool read_some(int fd, struct moot_buf *into)
{
    ssize_t n = read(fd, moot_buf_reserve(into, READ_LEN), READ_LEN);

    if (n > 0)
        moot_buf_commit(into, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        return false;
    return n > 0;
}

bool peer_lines(struct peer *p, void *ctx,
                void (*line)(void *ctx, struct moot_bytes line))
{
    bool news = read_some(p->out, &p->said);
    struct moot_bytes all = moot_buf_view(&p->said);
    size_t used = 0;

    while (used < all.len) {
        const uint8_t *at = all.data + used;
        const uint8_t *feed = memchr(at, '\n', all.len - used);

        if (feed == NULL)
            break;
        line(ctx, moot_bytes_of(at, (size_t)(feed - at)));
        used += (size_t)(feed - at) + 1;
    }
    moot_buf_consume(&p->said, used);
    return news;
}

int64_t cpu_us_of(const struct peer *peers, unsigned count)
{
    int64_t sum = 0;

    for (unsigned i = 0; i < count; i++)
        sum += cpu_us(peers[i].pid);
    return sum;
}

static void ignore_line(void *ctx, struct moot_bytes line)
{
    (void)ctx;
    (void)line;
}

void peers_idle(struct peer *peers, unsigned count, int64_t us)
{
    int64_t until = now_us() + us;

    while (now_us() < until) {
        for (unsigned i = 0; i < count; i++)
            while (peer_lines(&peers[i], NULL, ignore_line))
                continue;
        usleep(20000);
    }
}

/* --- what it says on standard error --- */

static uint16_t port_after(struct peer *p, const char *words)
{
    const char *at = strstr(moot_buf_text(&p->noted), words);

    if (at == NULL || strchr(at, '\n') == NULL)
        return 0;
    return (uint16_t)strtoul(at + strlen(words), NULL, 10);
}

void peer_note(struct peer *p)
{
    read_some(p->err, &p->noted);
    p->w_port = port_after(p, "Welcoming socket listening on port ");
    p->b_port = port_after(p, "Bootstrap socket listening on port ");
    if (!p->inside && strstr(moot_buf_text(&p->noted), "you are in ")) {
        p->inside = true;
        p->joined = now_us();
    }
}

void peers_until_inside(struct peer *peers, unsigned count)
{
    struct pollfd fds[2 * MEMBERS_MAX];
    int64_t until = now_us() + PATIENCE_US;
    unsigned waiting;

    do {
        waiting = 0;
        for (unsigned i = 0; i < count; i++) {
            if (peers[i].inside)
                continue;
            fds[waiting++] = (struct pollfd){peers[i].err, POLLIN, 0};
        }
        if (waiting > 0 && poll(fds, waiting, 1000) < 0 && errno != EINTR)
            die("poll");
        for (unsigned i = 0; i < count; i++) {
            if (!peers[i].inside)
                peer_note(&peers[i]);
        }
        if (now_us() > until)
            fail("%u of %u did not get in:\n%s", waiting, count,
                 moot_buf_text(&peers[0].noted));
    } while (waiting > 0);
}

/* --- groups --- */

void group_add(struct peer *peers, unsigned index)
{
    char endpoint[32], name[16];
    const char *argv[] = {"--remote_endpoint", endpoint, "--username", name,
                          "--timeout",         "50",     NULL};

    snprintf(endpoint, sizeof endpoint, "127.0.0.1:%u", peers[0].b_port);
    snprintf(name, sizeof name, "p%u", index);
    peer_start(&peers[index], argv);
}

void group_start(struct peer *peers, unsigned count)
{
    static const char *const first[] = {"--mode",     "bootstrap", "--w_port",
                                        "0",          "--b_port",  "0",
                                        "--username", "p0",        NULL};

    peer_start(&peers[0], first);
    peers_until_inside(peers, 1);
    for (unsigned i = 1; i < count; i++)
        group_add(peers, i);
    peers_until_inside(peers, count);
}

struct settling {
    unsigned rows, linked;
};

/* The table of /who: how many are there, and how many of them are linked. */
static void count_row(void *ctx, struct moot_bytes line)
{
    struct settling *s = ctx;
    char text[512], *at;
    size_t len = line.len < sizeof text - 1 ? line.len : sizeof text - 1;

    memcpy(text, line.data, len);
    text[len] = '\0';
    at = strstr(text, "  linked");
    if (strncmp(text, "-- ", 3) == 0 && strstr(text, " here:"))
        s->rows = (unsigned)strtoul(text + 3, NULL, 10);
    else if (at != NULL && (at[8] == '\0' || at[8] == ' ' || at[10] == 'b'))
        s->linked++; /* neither "linked, joining" nor "linked, slow" */
}

static bool complete(struct peer *p, unsigned count)
{
    struct settling s = {0, 0};
    int64_t until = now_us() + 2000000;

    peers_idle(p, 1, 0);
    while (peer_lines(p, NULL, ignore_line))
        continue;
    peer_type(p, "/who\n", 5);
    while (s.rows == 0 || s.linked < s.rows - 1) {
        peer_lines(p, &s, count_row);
        usleep(5000);
        if (now_us() > until)
            break;
    }
    return s.rows == count && s.linked == count - 1;
}

void peer_until_linked(struct peer *p, unsigned count)
{
    int64_t until = now_us() + PATIENCE_US;

    while (!complete(p, count)) {
        if (now_us() > until)
            fail("a peer is not linked to all %u", count);
    }
}

void group_settle(struct peer *peers, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        peer_until_linked(&peers[i], count);
    peers_idle(peers, count, 1000000);
}
