/*
 * tests/bench/door.c - the bootstrap socket: answers a second, the memory of
 * those who stand at it, and how soon a newcomer's first line is said.
 *
 * wrk asks; the answers are those of a real peer with so many members, all but
 * one of whom are a sink.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define SETTLE_US 3000000
#define HELD 250         /* a few less than all places */
#define OFFERED_MAX 5000 /* connections */
#define HOSTS 2000       /* addresses that a crowd comes from */
#define ASKERS "8"       /* connections of wrk */

static struct peer peers[2];

/* --- answers --- */

/* "1.23ms" in microseconds. */
static double duration(const char *text)
{
    char *unit;
    double number = strtod(text, &unit);

    if (strncmp(unit, "us", 2) == 0)
        return number;
    return strncmp(unit, "ms", 2) == 0 ? number * 1e3 : number * 1e6;
}

/* What follows the words in wrk's report. */
static const char *after(const char *report, const char *words)
{
    const char *at = strstr(report, words);

    if (at == NULL)
        fail("wrk does not say \"%s\": %s", words, report);
    return at + strlen(words);
}

/* Everything wrk says, while the sink answers what it has to. */
static void ask_with_wrk(struct sink *s, double seconds, char *report,
                         size_t max)
{
    char command[256];
    size_t len = 0;
    ssize_t n = 1;
    FILE *wrk;

    snprintf(command, sizeof command,
             "exec wrk -t 1 -c " ASKERS " -d %.0fs --latency "
             "'http://127.0.0.1:%u/bootstrap?nonce=00ff' 2>&1",
             seconds, peers[0].b_port);
    wrk = popen(command, "r");
    if (wrk == NULL)
        die("wrk");
    while (n > 0 && len < max - 1) {
        struct pollfd fds[] = {{fileno(wrk), POLLIN, 0},
                               {s == NULL ? -1 : sink_fd(s), POLLIN, 0}};

        poll(fds, 2, 100);
        if (s != NULL)
            sink_work(s);
        peers_idle(peers, 1, 1);
        if (fds[0].revents == 0)
            continue;
        n = read(fds[0].fd, report + len, max - 1 - len);
        len += n > 0 ? (size_t)n : 0;
    }
    report[len] = '\0';
    if (pclose(wrk) != 0)
        fail("wrk fails: %s", report);
}

void serve(unsigned members, double seconds)
{
    struct sink *s;
    char report[4096];
    int64_t cpu;

    group_start(peers, 1);
    s = sink_open(&peers[0], members - 1);
    for (int64_t until = now_us() + SETTLE_US; now_us() < until;) {
        sink_work(s);
        peers_idle(peers, 1, 1000);
    }
    begin_measuring();
    cpu = cpu_us(peers[0].pid);
    ask_with_wrk(s, seconds, report, sizeof report);
    cpu = cpu_us(peers[0].pid) - cpu;
    result("answer_rate", strtod(after(report, "Requests/sec:"), NULL));
    result("answer_us_p50", duration(after(report, "50%")));
    result("answer_us_p99", duration(after(report, "99%")));
    result("answer_cpu_us", (double)cpu / seconds /
                                strtod(after(report, "Requests/sec:"), NULL));
    peers_end(peers, 1);
    sink_close(s);
}

/* --- memory --- */

/* From as many addresses as that: one alone gets no more than its share. */
static int stand_at(uint16_t port, unsigned index, unsigned addresses)
{
    static const char begin[] = "GET /bootstrap HTTP/1.1\r\nHost: x\r\n";
    struct sockaddr_in from = {.sin_family = AF_INET}, to = from;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    from.sin_addr.s_addr = htonl(0x7f010000 + index % addresses);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(port);
    if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof from) != 0 ||
        connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("connect");
    if (send(fd, begin, sizeof begin - 1, MSG_NOSIGNAL) < 0)
        return fd; /* it gave way already */
    return fd;
}

static double own_kib(void)
{
    peers_idle(peers, 1, SETTLE_US / 10);
    return (double)proc_kib(peers[0].pid, "smaps_rollup", "Pss_Anon");
}

void door(unsigned few, unsigned many)
{
    static int fds[OFFERED_MAX];
    double less = 0, held = 0, none, offered;

    group_start(peers, 1);
    peers_idle(peers, 1, SETTLE_US);
    none = own_kib();
    for (unsigned i = 0; i < many; i++) {
        fds[i] = stand_at(peers[0].b_port, i, HELD);
        if (i + 1 == few)
            less = own_kib();
        if (i + 1 == HELD)
            held = own_kib();
    }
    offered = own_kib();
    result("guest_kib", (held - less) / (HELD - few));
    result("door_kib", offered - none);
    for (unsigned i = 0; i < many; i++)
        close(fds[i]);
    peers_end(peers, 1);
}

static bool stands(int fd)
{
    struct pollfd p = {fd, POLLIN, 0};

    return poll(&p, 1, 0) == 0;
}

void crowd(unsigned few, unsigned many)
{
    static const char *const roomy[] = {
        "--mode",     "bootstrap", "--w_port",        "0",    "--b_port", "0",
        "--username", "p0",        "--b_connections", "5000", NULL};
    static int fds[OFFERED_MAX];
    double less = 0, held;
    unsigned standing = 0;

    peer_start(&peers[0], roomy);
    peers_until_inside(peers, 1);
    peers_idle(peers, 1, SETTLE_US);
    for (unsigned i = 0; i < many; i++) {
        fds[i] = stand_at(peers[0].b_port, i, HOSTS);
        if (i + 1 == few)
            less = own_kib();
    }
    held = own_kib();
    for (unsigned i = 0; i < many; i++)
        standing += stands(fds[i]);
    result("crowd_standing", standing);
    result("crowd_guest_kib", (held - less) / (many - few));
    for (unsigned i = 0; i < many; i++)
        close(fds[i]);
    peers_end(peers, 1);
}

/* --- the first line --- */

struct waiting {
    const char *text;
    bool seen;
};

static void look(void *ctx, struct moot_bytes line)
{
    struct waiting *w = ctx;
    size_t len = strlen(w->text);

    if (line.len >= len &&
        memcmp(line.data + line.len - len, w->text, len) == 0)
        w->seen = true;
}

/* From the start of one's process until the other shows his first line. */
static double until_first_line(const char *text)
{
    struct waiting w = {text, false};
    int64_t until = now_us() + 30000000;

    peer_type(&peers[1], text, strlen(text));
    peer_type(&peers[1], "\n", 1);
    while (!w.seen) {
        struct pollfd p = {peers[0].out, POLLIN, 0};

        if (now_us() > until)
            fail("\"%s\" is never shown", text);
        poll(&p, 1, 100);
        peer_lines(&peers[0], &w, look);
    }
    return (double)(now_us() - peers[1].started) / 1000;
}

/* Cold: told where to ask.  Then with nothing but what he kept of that. */
void first(void)
{
    static const char *const again[] = {"--username", "p1", NULL};

    group_start(peers, 1);
    peers_idle(peers, 1, SETTLE_US / 10);
    begin_measuring();
    group_add(peers, 1);
    result("first_cold_ms", until_first_line("the first line"));
    peers_idle(peers, 2, SETTLE_US);
    peers_end(&peers[1], 1);
    peers_idle(peers, 1, SETTLE_US / 10);
    peer_start(&peers[1], again);
    result("first_cached_ms", until_first_line("the second line"));
    peers_end(peers, 2);
}
