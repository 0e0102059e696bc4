/*
 * ui/log_pipe.c - the log goes above the edited line, not across it.
 *
 * Both ends are non-blocking: a log that overflows loses lines, it never stops
 * the loop that is to read it.
 *
 * Layer:  ui (loud).
 * Thread: the loop's.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "loop/log.h"
#include "ui/terminal_internal.h"

#define LINE_MAX_LEN 4096

static void print_whole_lines(struct moot_log_pipe *p)
{
    struct moot_bytes all = moot_buf_view(&p->got);
    const uint8_t *feed = all.len > 0 ? memrchr(all.data, '\n', all.len) : NULL;
    size_t len = feed ? (size_t)(feed - all.data) + 1 : 0;

    if (len > 0)
        p->print(p->ctx, moot_bytes_of(all.data, len));
    moot_buf_consume(&p->got, len);
    if (p->got.len > LINE_MAX_LEN)
        moot_buf_clear(&p->got);
}

static void read_all(struct moot_log_pipe *p)
{
    ssize_t n;

    do {
        n = read(p->ends[0], moot_buf_reserve(&p->got, 4096), 4096);
        if (n > 0) {
            moot_buf_commit(&p->got, (size_t)n);
            print_whole_lines(p);
        }
    } while (n > 0);
}

static void on_readable(struct ev_loop *loop, ev_io *w, int revents)
{
    (void)loop;
    (void)revents;
    read_all(w->data);
}

void moot_log_pipe_open(struct moot_log_pipe *p, struct ev_loop *loop,
                        void (*print)(void *ctx, struct moot_bytes lines),
                        void *ctx)
{
    p->open = false;
    if (!isatty(STDERR_FILENO) || pipe2(p->ends, O_NONBLOCK | O_CLOEXEC) != 0)
        return;
    p->open = true;
    p->loop = loop;
    p->print = print;
    p->ctx = ctx;
    ev_io_init(&p->readable, on_readable, p->ends[0], EV_READ);
    p->readable.data = p;
    ev_io_start(loop, &p->readable);
    moot_log_set_fd(p->ends[1]);
}

void moot_log_pipe_close(struct moot_log_pipe *p)
{
    if (!p->open)
        return;
    p->open = false;
    moot_log_set_fd(STDERR_FILENO);
    read_all(p);
    ev_io_stop(p->loop, &p->readable);
    close(p->ends[0]);
    close(p->ends[1]);
    moot_buf_fini(&p->got);
}
