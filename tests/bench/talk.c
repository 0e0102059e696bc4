/*
 * tests/bench/talk.c - everybody talks at a steady rate: how long it takes from
 * when a line was due until another member has shown it.
 *
 * The lines are due at equal distances, from one member after the other.  Each
 * carries the moment at which it was due, so a line that is typed late, because
 * all are busy, counts from there.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "bench.h"

#define TALKERS_MAX 64
#define WARM_UP_S 0.5

struct talker {
    unsigned index;
    uint32_t said;
    uint32_t next[TALKERS_MAX]; /* of each author */
};

static struct peer peers[TALKERS_MAX];
static struct talker talkers[TALKERS_MAX];
static unsigned count;
static int64_t first_due; /* lines due before are for warming up */
static uint32_t *samples;
static size_t sample_count, sample_max, shown;

static void take_line(void *ctx, struct moot_bytes line)
{
    struct talker *t = ctx;
    unsigned author;
    uint32_t number;
    const uint8_t *at = line_find(line, &author, &number);

    if (at == NULL)
        return;
    if (author >= count || number != t->next[author])
        fail("line %u of %u came where %u should", number, author,
             author < count ? t->next[author] : 0);
    t->next[author]++;
    if (author == t->index)
        return;
    shown++;
    if (line_due(at) < first_due)
        return;
    if (sample_count == sample_max)
        fail("more lines are shown than were said");
    samples[sample_count++] = (uint32_t)(now_us() - line_due(at));
}

static void wait_until(int timer, int64_t us)
{
    struct itimerspec at = {.it_value = {us / 1000000, us % 1000000 * 1000}};

    if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL) != 0)
        die("timerfd");
}

static void watch(int epoll, int fd, void *of)
{
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = of};

    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) != 0)
        die("epoll");
}

static void turn(int epoll, int timeout)
{
    struct epoll_event ready[TALKERS_MAX + 1];
    int n = epoll_wait(epoll, ready, TALKERS_MAX + 1, timeout);

    if (n < 0 && errno != EINTR)
        die("epoll_wait");
    if (n == 0 && timeout >= 0)
        fail("%zu lines are shown, and then no more", shown);
    for (int i = 0; i < n; i++) {
        struct talker *t = ready[i].data.ptr;

        if (t != NULL)
            peer_lines(&peers[t->index], t, take_line);
    }
}

/* Returns how many lines were said. */
static uint32_t speak(int epoll, int timer, unsigned rate, double seconds)
{
    int64_t began = now_us() + 10000;
    uint32_t lines = (uint32_t)((seconds + WARM_UP_S) * rate);
    char text[LINE_LEN];

    first_due = began + (int64_t)(WARM_UP_S * 1e6);
    for (uint32_t i = 0; i < lines;) {
        int64_t due = began + (int64_t)i * 1000000 / rate;
        struct talker *t = &talkers[i % count];

        if (now_us() < due) {
            wait_until(timer, due);
            turn(epoll, -1);
            continue;
        }
        line_make(text, t->index, t->said++, due);
        peer_type(&peers[t->index], text, sizeof text);
        i++;
    }
    return lines;
}

static void measure(unsigned rate, double seconds)
{
    int epoll = epoll_create1(0);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    int64_t cpu;
    size_t all;

    watch(epoll, timer, NULL);
    for (unsigned i = 0; i < count; i++)
        watch(epoll, peers[i].out, &talkers[i]);
    begin_measuring();
    cpu = cpu_us_of(peers, count);
    all = (size_t)speak(epoll, timer, rate, seconds) * (count - 1);
    while (shown < all)
        turn(epoll, 5000);
    cpu = cpu_us_of(peers, count) - cpu;
    result_percentiles("us", samples, sample_count);
    result("cpu", (double)cpu / (double)all);
}

void talk(unsigned members, unsigned rate, double seconds, bool bare)
{
    count = members;
    if (count > TALKERS_MAX)
        fail("at most %d members talk", TALKERS_MAX);
    for (unsigned i = 0; i < count; i++)
        talkers[i].index = i;
    sample_max = (size_t)((seconds + 1) * rate) * count;
    samples = moot_alloc(sample_max * sizeof *samples);
    prctl(PR_SET_TIMERSLACK, 1);
    if (bare) {
        mesh_start(peers, count);
    } else {
        group_start(peers, count);
        group_settle(peers, count);
    }
    measure(rate, seconds);
    peers_end(peers, count);
    free(samples);
}
