/*
 * tests/bench/floor_fan.c - the floor: what one sender to N receivers costs
 * when there is nothing but sockets.
 *
 * The sender writes once per loop turn and link, everything it may: at most 256
 * lines are on their way.  A delivery counts when the receiver has parsed the
 * whole line and it is the one that comes next.
 *
 * Layer:  tests.
 * Thread: main of each of the processes.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define RING_LEN (WINDOW_MAX * LINE_LEN)
#define READ_LEN 65536
#define RECORD_LEN 16384

/* What the processes of one measurement share. */
struct shared {
    _Atomic uint32_t done[MEMBERS_MAX]; /* lines read in order */
    _Atomic uint32_t least;             /* of done */
    atomic_bool running;
};

struct end {
    int fd;
    SSL *ssl; /* NULL: bare */
    unsigned index;
    uint64_t at; /* bytes written or read of the stream */
    bool blocked;
    uint8_t rest[LINE_LEN]; /* a line that has begun */
    size_t rest_len;
};

static struct shared *shared;
static int progress; /* eventfd: the least has grown */
static unsigned receiver_count;
static struct end ends[MEMBERS_MAX];

/* --- the sender --- */

static char ring[2 * RING_LEN]; /* twice, so that every window is one piece */

static ssize_t put(struct end *e, const char *data, size_t len)
{
    size_t n;

    if (e->ssl == NULL)
        return write(e->fd, data, len);
    if (SSL_write_ex(e->ssl, data, len < RECORD_LEN ? len : RECORD_LEN, &n))
        return (ssize_t)n;
    if (SSL_get_error(e->ssl, 0) != SSL_ERROR_WANT_WRITE)
        fail("SSL_write failed");
    errno = EAGAIN;
    return -1;
}

static void write_up_to(struct end *e, uint64_t to, int epoll)
{
    while (e->at < to) {
        ssize_t n = put(e, ring + e->at % RING_LEN, (size_t)(to - e->at));

        if (n < 0 && errno != EAGAIN)
            exit(0); /* the receivers were ended first */
        if (n < 0) {
            struct epoll_event want = {.events = EPOLLOUT | EPOLLONESHOT,
                                       .data.ptr = e};

            e->blocked = true;
            epoll_ctl(epoll, EPOLL_CTL_MOD, e->fd, &want);
            return;
        }
        e->at += (uint64_t)n;
    }
}

static void make_lines(uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        char *at = ring + (size_t)(i % WINDOW_MAX) * LINE_LEN;

        line_make(at, 0, i, 0);
        memcpy(at + RING_LEN, at, LINE_LEN);
    }
}

static void send_for_ever(int epoll)
{
    struct epoll_event ready[MEMBERS_MAX];
    uint32_t sent = 0;
    uint64_t ignored;

    for (;;) {
        uint32_t may = atomic_load(&shared->least) + WINDOW_MAX;

        make_lines(sent, may);
        sent = may;
        for (unsigned i = 0; i < receiver_count; i++) {
            if (!ends[i].blocked)
                write_up_to(&ends[i], (uint64_t)sent * LINE_LEN, epoll);
        }

        int n = epoll_wait(epoll, ready, MEMBERS_MAX, -1);

        for (int i = 0; i < n; i++) {
            struct end *e = ready[i].data.ptr;

            if (e != NULL)
                e->blocked = false;
            else if (read(progress, &ignored, sizeof ignored) < 0)
                die("eventfd");
        }
    }
}

static void live_sender(int listening, const struct moot_tls *tls)
{
    int epoll = epoll_create1(0);
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};

    epoll_ctl(epoll, EPOLL_CTL_ADD, progress, &ev);
    for (unsigned i = 0; i < receiver_count; i++) {
        struct end *e = &ends[i];

        ev = (struct epoll_event){.events = 0, .data.ptr = e};
        e->fd = accept_here(listening);
        if (tls != NULL)
            e->ssl = shake(tls->accept, e->fd, true);
        make_nonblocking(e->fd);
        epoll_ctl(epoll, EPOLL_CTL_ADD, e->fd, &ev);
    }
    atomic_store(&shared->running, true);
    send_for_ever(epoll);
}

/* --- the receivers --- */

/* The one that was last lets the sender go on. */
static void tell_progress(uint32_t before)
{
    uint32_t least = UINT32_MAX;
    uint64_t one = 1;

    if (before != atomic_load(&shared->least))
        return;
    for (unsigned i = 0; i < receiver_count; i++) {
        uint32_t done = atomic_load(&shared->done[i]);

        least = done < least ? done : least;
    }
    if (least == before)
        return;
    atomic_store(&shared->least, least);
    if (write(progress, &one, sizeof one) < 0)
        die("eventfd");
}

static void take_line(const uint8_t *line, uint32_t *next)
{
    unsigned author;
    uint32_t number;

    if (line_find(moot_bytes_of(line, LINE_LEN - 1), &author, &number) ==
            NULL ||
        number != *next)
        fail("a line is missing or broken");
    ++*next;
}

static void take_bytes(struct end *e, const uint8_t *data, size_t len)
{
    uint32_t before = atomic_load(&shared->done[e->index]);
    uint32_t next = before;

    while (e->rest_len + len >= LINE_LEN) {
        size_t more = LINE_LEN - e->rest_len;

        if (e->rest_len > 0) {
            memcpy(e->rest + e->rest_len, data, more);
            take_line(e->rest, &next);
        } else {
            take_line(data, &next);
        }
        e->rest_len = 0;
        data += more;
        len -= more;
    }
    memcpy(e->rest + e->rest_len, data, len);
    e->rest_len += len;
    atomic_store(&shared->done[e->index], next);
    tell_progress(before);
}

static void receive(struct end *e)
{
    static uint8_t data[READ_LEN];
    size_t n = 0;

    if (e->ssl != NULL) {
        while (SSL_read_ex(e->ssl, data, sizeof data, &n))
            take_bytes(e, data, n);
        if (SSL_get_error(e->ssl, 0) != SSL_ERROR_WANT_READ)
            exit(0);
        return;
    }

    ssize_t got = read(e->fd, data, sizeof data);

    if (got <= 0)
        exit(0);
    take_bytes(e, data, (size_t)got);
}

static void live_receiver(uint16_t port, const struct moot_tls *tls,
                          unsigned first, unsigned step)
{
    int epoll = epoll_create1(0);
    struct epoll_event ready[MEMBERS_MAX];

    for (unsigned i = first; i < receiver_count; i += step) {
        struct end *e = &ends[i];
        struct epoll_event ev = {.events = EPOLLIN, .data.ptr = e};

        e->index = i;
        e->fd = dial_here(port);
        if (tls != NULL)
            e->ssl = shake(tls->dial, e->fd, false);
        make_nonblocking(e->fd);
        epoll_ctl(epoll, EPOLL_CTL_ADD, e->fd, &ev);
    }
    for (;;) {
        int n = epoll_wait(epoll, ready, MEMBERS_MAX, -1);

        for (int i = 0; i < n; i++)
            receive(ready[i].data.ptr);
    }
}

/* --- the measurement --- */

static int64_t cpu_of_all(const pid_t *pids, unsigned count)
{
    int64_t sum = 0;

    for (unsigned i = 0; i < count; i++)
        sum += cpu_us(pids[i]);
    return sum;
}

static void measure(const pid_t *pids, unsigned count, double seconds)
{
    while (!atomic_load(&shared->running))
        usleep(1000);
    usleep(200000);
    begin_measuring();

    int64_t at = now_us(), sender = cpu_us(pids[0]);
    int64_t all = cpu_of_all(pids, count);
    uint32_t lines = atomic_load(&shared->least);

    usleep((useconds_t)(seconds * 1e6));
    lines = atomic_load(&shared->least) - lines;
    at = now_us() - at;
    sender = cpu_us(pids[0]) - sender;
    all = cpu_of_all(pids, count) - all;

    double millions = (double)lines * receiver_count / 1e6;

    result("rate", millions * 1e12 / (double)at);
    result("sender", (double)sender / 1e6 / millions);
    result("whole", (double)all / 1e6 / millions);
}

void floor_fan(unsigned receivers, bool with_tls, unsigned processes,
               double seconds)
{
    struct moot_tls tls;
    struct moot_key key;
    pid_t pids[MEMBERS_MAX + 1];
    uint16_t port;
    int listening = listen_here(&port);

    make_tls(&key, &tls);
    receiver_count = receivers;
    progress = eventfd(0, EFD_NONBLOCK);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || progress < 0)
        die("mmap");
    for (unsigned i = 0; i <= processes; i++) {
        pids[i] = fork();
        if (pids[i] < 0)
            die("fork");
        if (pids[i] == 0 && i == 0)
            live_sender(listening, with_tls ? &tls : NULL);
        else if (pids[i] == 0)
            live_receiver(port, with_tls ? &tls : NULL, i - 1, processes);
    }
    measure(pids, processes + 1, seconds);
    for (unsigned i = 0; i <= processes; i++)
        kill(pids[i], SIGKILL);
    while (wait(NULL) > 0)
        continue;
}

/* --- handshakes --- */

/* Both ends in one process, each in a thread's worth of turns. */
static void shake_both(struct moot_tls *tls, int listening, uint16_t port)
{
    int a = dial_here(port);
    int b = accept_here(listening);
    SSL *dialler = SSL_new(tls->dial), *acceptor = SSL_new(tls->accept);

    make_nonblocking(a);
    make_nonblocking(b);
    SSL_set_fd(dialler, a);
    SSL_set_fd(acceptor, b);
    SSL_set_connect_state(dialler);
    SSL_set_accept_state(acceptor);
    while (SSL_do_handshake(dialler) != 1 || SSL_do_handshake(acceptor) != 1)
        SSL_do_handshake(acceptor);
    SSL_free(dialler);
    SSL_free(acceptor);
    close(a);
    close(b);
}

/* The CPU of so many mutual handshakes, both ends, in milliseconds. */
void floor_shake(unsigned count)
{
    struct moot_tls tls;
    struct moot_key key;
    uint16_t port;
    int listening = listen_here(&port);
    int64_t cpu;

    make_tls(&key, &tls);
    shake_both(&tls, listening, port);
    cpu = cpu_us(getpid());
    for (unsigned i = 0; i < count; i++)
        shake_both(&tls, listening, port);
    result("shake_cpu_ms", (double)(cpu_us(getpid()) - cpu) / 1000);
}
