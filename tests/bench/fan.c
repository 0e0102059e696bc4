/*
 * tests/bench/fan.c - one member speaks, all others listen: how fast, and at
 * what price.
 *
 * The lines are typed into a real peer's pipe.  Up to 63 listeners are real
 * peers as well, whose chat is read from their pipes; more are a sink.  A line
 * counts when a listener has shown it and it is the one that comes next.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "bench.h"

#define REAL_MAX 63
#define WARM_UP_US 300000

struct listener {
    uint32_t next;
};

struct run {
    struct peer peers[REAL_MAX + 1]; /* the first one speaks */
    unsigned peer_count;
    struct listener listeners[REAL_MAX];
    struct sink *sink; /* or NULL */
    unsigned receivers;
    uint32_t sent;
};

static struct run run;

static void take_line(void *ctx, struct moot_bytes line)
{
    struct listener *l = ctx;
    unsigned author;
    uint32_t number;

    if (line_find(line, &author, &number) == NULL)
        return;
    if (number != l->next)
        fail("line %u came where %u should", number, l->next);
    l->next++;
}

static void forget_line(void *ctx, struct moot_bytes line)
{
    (void)ctx;
    (void)line;
}

static uint32_t least_done(void)
{
    uint32_t least = run.sink ? sink_done(run.sink) : UINT32_MAX;

    for (unsigned i = 1; i < run.peer_count; i++) {
        uint32_t next = run.listeners[i - 1].next;

        least = next < least ? next : least;
    }
    return least;
}

static void type_lines(uint32_t done)
{
    static char text[WINDOW_MAX * LINE_LEN];
    unsigned n = done + WINDOW_MAX - run.sent;

    for (unsigned i = 0; i < n; i++)
        line_make(text + i * LINE_LEN, 0, run.sent + i, 0);
    peer_type(&run.peers[0], text, n * LINE_LEN);
    run.sent += n;
}

/* Waits for news and takes it. */
static void turn(void)
{
    struct pollfd fds[REAL_MAX + 2];
    unsigned n = 0;

    for (unsigned i = 0; i < run.peer_count; i++)
        fds[n++] = (struct pollfd){run.peers[i].out, POLLIN, 0};
    if (run.sink)
        fds[n++] = (struct pollfd){sink_fd(run.sink), POLLIN, 0};

    int rc = poll(fds, n, 5000);

    if (rc < 0 && errno != EINTR)
        die("poll");
    if (rc == 0)
        fail("nothing is shown any more: %u typed, %u shown by all", run.sent,
             least_done());
    if (fds[0].revents)
        peer_lines(&run.peers[0], NULL, forget_line);
    for (unsigned i = 1; i < run.peer_count; i++) {
        if (fds[i].revents)
            peer_lines(&run.peers[i], &run.listeners[i - 1], take_line);
    }
    if (run.sink)
        sink_work(run.sink);
}

/* Speaks for so long; returns how many lines all have shown in that time. */
static uint32_t speak(int64_t us)
{
    int64_t until = now_us() + us;
    uint32_t before = least_done();

    while (now_us() < until) {
        uint32_t done = least_done();

        if (done + WINDOW_MAX > run.sent)
            type_lines(done);
        turn();
    }
    return least_done() - before;
}

static void measure(double seconds)
{
    begin_measuring();

    int64_t at = now_us(), sender = cpu_us(run.peers[0].pid);
    int64_t all = cpu_us_of(run.peers, run.peer_count);
    int64_t own = run.sink ? cpu_us(0) : 0;
    double millions =
        (double)speak((int64_t)(seconds * 1e6)) * run.receivers / 1e6;

    at = now_us() - at;
    sender = cpu_us(run.peers[0].pid) - sender;
    all = cpu_us_of(run.peers, run.peer_count) - all;
    if (run.sink)
        all += cpu_us(0) - own;
    result("rate", millions * 1e12 / (double)at);
    result("sender", (double)sender / 1e6 / millions);
    result("whole", (double)all / 1e6 / millions);
}

void fan(unsigned receivers, double seconds)
{
    bool real = receivers <= REAL_MAX;

    run.receivers = receivers;
    run.peer_count = real ? receivers + 1 : 1;
    group_start(run.peers, run.peer_count);
    if (!real)
        run.sink = sink_open(&run.peers[0], receivers);
    /* Who is not linked yet misses a line, and the sink does not ask for it. */
    for (unsigned i = 0; i < run.peer_count; i++)
        peer_until_linked(&run.peers[i], receivers + 1);
    peers_idle(run.peers, run.peer_count, real ? 1000000 : 0);
    speak(WARM_UP_US);
    measure(seconds);
    peers_end(run.peers, run.peer_count);
    if (run.sink)
        sink_close(run.sink);
}
