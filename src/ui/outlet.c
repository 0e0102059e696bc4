/*
 * ui/outlet.c - writing without ever waiting.
 *
 * O_NONBLOCK belongs to the open file and not to the descriptor: set on a
 * terminal it would reach the shell, set on a pipe the program at its other
 * side of a fork.  So a terminal or a pipe is opened once more for ourselves, a
 * socket is asked per call, and anything else gets at most PIPE_BUF bytes after
 * poll() has said that there is room for them.
 *
 * Layer:  ui (loud).
 * Thread: the loop's.
 */
#include "ui/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "loop/clock.h"

#define PIECE_MAX PIPE_BUF

struct moot_outlet {
    struct ev_loop *loop;
    const struct moot_outlet_owner *owner;
    int fd;
    bool own_fd;      /* opened here: closed here */
    bool nonblocking; /* write() itself says when there is no room */
    bool is_socket;
    bool is_terminal;
    bool broken;
    int error; /* what broke it, if that was a failure */
    ev_io writable;
    ev_timer told; /* at zero: tells the owner, outside of any call */
    struct moot_buf waiting;
    unsigned long lost;
};

/* The same terminal or pipe, for us alone; -1 when it cannot be opened. */
static int open_again(int fd, mode_t mode)
{
    char name[64];

    if (S_ISFIFO(mode))
        snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    else if (!isatty(fd) || ttyname_r(fd, name, sizeof name) != 0)
        return -1;
    return open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void on_told(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct moot_outlet *o = w->data;

    (void)loop;
    (void)revents;
    o->owner->broken(o->owner->ctx);
}

/* A reader who is gone; a terminal that was closed says EIO. */
static bool nobody_reads(const struct moot_outlet *o, int error)
{
    return error == EPIPE || (o->is_socket && error == ECONNRESET) ||
           (o->is_terminal && error == EIO);
}

static void set_broken(struct moot_outlet *o, int error)
{
    if (o->broken)
        return;
    o->broken = true;
    o->error = nobody_reads(o, error) ? 0 : error;
    moot_buf_clear(&o->waiting);
    ev_io_stop(o->loop, &o->writable);
    ev_timer_start(o->loop, &o->told);
}

static ssize_t write_some(const struct moot_outlet *o)
{
    struct moot_bytes all = moot_buf_view(&o->waiting);
    size_t len = all.len < PIECE_MAX ? all.len : PIECE_MAX;
    struct pollfd p = {.fd = o->fd, .events = POLLOUT};

    if (o->is_socket)
        return send(o->fd, all.data, all.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (o->nonblocking)
        return write(o->fd, all.data, all.len);

    int ready = poll(&p, 1, 0);

    if (ready <= 0) {
        errno = ready == 0 ? EAGAIN : EINTR;
        return -1;
    }
    return write(o->fd, all.data, len);
}

/* Writes until all is gone or there is no room. */
static void write_all(struct moot_outlet *o)
{
    while (o->waiting.len > 0 && !o->broken) {
        ssize_t n = write_some(o);

        if (n >= 0)
            moot_buf_consume(&o->waiting, (size_t)n);
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR)
            set_broken(o, errno);
    }
}

static void on_writable(struct ev_loop *loop, ev_io *w, int revents)
{
    struct moot_outlet *o = w->data;

    (void)revents;
    write_all(o);
    if (o->waiting.len > 0)
        return;
    ev_io_stop(loop, w);
    if (!o->broken)
        o->owner->drained(o->owner->ctx);
}

struct moot_outlet *moot_outlet_open(struct ev_loop *loop, int fd,
                                     const struct moot_outlet_owner *owner)
{
    struct moot_outlet *o = moot_alloc(sizeof *o);
    struct stat st = {0};
    int own = fstat(fd, &st) == 0 ? open_again(fd, st.st_mode) : -1;

    o->loop = loop;
    o->owner = owner;
    o->own_fd = own >= 0;
    o->nonblocking = o->own_fd || S_ISREG(st.st_mode);
    o->fd = own >= 0 ? own : fd;
    o->is_socket = S_ISSOCK(st.st_mode);
    o->is_terminal = isatty(o->fd);
    ev_io_init(&o->writable, on_writable, o->fd, EV_WRITE);
    o->writable.data = o;
    ev_timer_init(&o->told, on_told, 0., 0.);
    o->told.data = o;
    return o;
}

int moot_outlet_close(struct moot_outlet *o, moot_ms within)
{
    if (!o)
        return 0;

    moot_ms end = moot_clock_ms() + within;
    int error;

    write_all(o);
    while (o->waiting.len > 0 && !o->broken) {
        struct pollfd p = {.fd = o->fd, .events = POLLOUT};
        moot_ms left = end - moot_clock_ms();

        if (left <= 0 || poll(&p, 1, (int)left) == 0)
            break;
        write_all(o);
    }
    ev_io_stop(o->loop, &o->writable);
    ev_timer_stop(o->loop, &o->told);
    if (o->own_fd)
        close(o->fd);
    moot_buf_fini(&o->waiting);
    error = o->error;
    free(o);
    return error;
}

int moot_outlet_error(const struct moot_outlet *o)
{
    return o->error;
}

void moot_outlet_put(struct moot_outlet *o, struct moot_bytes bytes)
{
    if (!o->broken)
        moot_buf_append(&o->waiting, bytes.data, bytes.len);
}

static unsigned long count_lines(struct moot_bytes lines)
{
    unsigned long count = 0;

    for (size_t i = 0; i < lines.len; i++)
        count += lines.data[i] == '\n';
    return count;
}

bool moot_outlet_put_lines(struct moot_outlet *o, struct moot_bytes lines)
{
    if (o->waiting.len + lines.len > MOOT_OUTLET_MAX) {
        o->lost += count_lines(lines);
        return false;
    }
    moot_outlet_put(o, lines);
    return true;
}

void moot_outlet_flush(struct moot_outlet *o)
{
    write_all(o);
    if (o->waiting.len > 0 && !o->broken)
        ev_io_start(o->loop, &o->writable);
}

size_t moot_outlet_waiting(const struct moot_outlet *o)
{
    return o->waiting.len;
}

unsigned long moot_outlet_take_lost(struct moot_outlet *o)
{
    unsigned long lost = o->lost;

    o->lost = 0;
    return lost;
}
