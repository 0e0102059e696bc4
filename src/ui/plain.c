/*
 * ui/plain.c - a line reader with a gate, and two outlets.
 *
 * When both outputs are one file or pipe they share one outlet, which keeps
 * their lines in order.
 *
 * Layer:  ui (loud).
 * Thread: the loop's.
 */
#include "ui/plain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ui/command.h"
#include "ui/outlet.h"

#define READ_MAX (64 * 1024) /* what a pipe holds */

/* More output than this is waiting: no more input is read. */
#define OUTPUT_MAX (MOOT_OUTLET_MAX / 4)

struct plain {
    struct moot_face face; /* first: a face is cast back */
    struct ev_loop *loop;
    const struct moot_face_owner *owner;
    struct moot_outlet_owner out_owner, err_owner;
    struct moot_outlet *out;
    struct moot_outlet *err; /* may be the same */
    ev_io readable;
    ev_prepare flush; /* once per turn, before the loop sleeps */
    int in;
    struct moot_buf got; /* read, not yet handed over */
    bool gate;           /* lines can be said */
    bool overlong;       /* the rest of the line is skipped */
    bool input_ended;
    bool told_end;
};

static struct plain *plain_of(struct moot_face *f)
{
    return (struct plain *)f;
}

static bool may_read(const struct plain *p)
{
    return p->gate && !p->told_end &&
           moot_outlet_waiting(p->out) < OUTPUT_MAX &&
           moot_outlet_waiting(p->err) < OUTPUT_MAX;
}

static void tell_end(struct plain *p, enum moot_face_end why)
{
    if (p->told_end)
        return;
    p->told_end = true;
    ev_io_stop(p->loop, &p->readable);
    p->owner->ended(p->owner->ctx, why);
}

/* The face cannot keep a line for mending: typed() has said what was wrong. */
static void hand_over(struct plain *p, struct moot_bytes line, bool more)
{
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    p->owner->typed(p->owner->ctx, line, more);
}

/*
 * A line longer than anything that can be typed is handed over once, cut, so
 * that it is refused; its rest is skipped.
 */
static bool skip_overlong(struct plain *p, size_t len, bool ended)
{
    bool was = p->overlong;

    if (!was && len <= MOOT_TYPED_LEN_MAX + 1)
        return false;
    if (!was)
        hand_over(
            p,
            moot_bytes_of(moot_buf_view(&p->got).data, MOOT_TYPED_LEN_MAX + 1),
            false);
    p->overlong = !ended;
    return true;
}

static const uint8_t *find_feed(struct moot_bytes bytes)
{
    return bytes.len > 0 ? memchr(bytes.data, '\n', bytes.len) : NULL;
}

/* Takes one line out of what was read; false when there is no whole one. */
static bool take_line(struct plain *p)
{
    struct moot_bytes all = moot_buf_view(&p->got);
    const uint8_t *feed = find_feed(all);
    size_t len = feed ? (size_t)(feed - all.data) : all.len;
    size_t used = len + (feed ? 1 : 0);

    if (!feed && !p->input_ended) {
        if (skip_overlong(p, len, false))
            moot_buf_clear(&p->got);
        return false;
    }
    if (!feed && len == 0)
        return false;
    if (!skip_overlong(p, len, true))
        hand_over(p, moot_bytes_of(all.data, len),
                  find_feed(moot_bytes_of(all.data + used, all.len - used)) !=
                      NULL);
    moot_buf_consume(&p->got, used);
    return true;
}

/* Hands over lines for as long as they are wanted. */
static void pump(struct plain *p)
{
    while (may_read(p) && take_line(p))
        continue;
    if (may_read(p) && p->input_ended)
        tell_end(p, isatty(p->in) ? MOOT_FACE_LEFT : MOOT_FACE_INPUT_ENDED);
    if (may_read(p))
        ev_io_start(p->loop, &p->readable);
    else
        ev_io_stop(p->loop, &p->readable);
}

static void on_readable(struct ev_loop *loop, ev_io *w, int revents)
{
    struct plain *p = w->data;
    ssize_t n = read(p->in, moot_buf_reserve(&p->got, READ_MAX), READ_MAX);

    (void)loop;
    (void)revents;
    if (n > 0) {
        moot_buf_commit(&p->got, (size_t)n);
        p->owner->touched(p->owner->ctx);
    } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
        p->input_ended = true;
    }
    pump(p);
}

static void report_lost(struct moot_outlet *o)
{
    unsigned long lost;
    struct moot_buf b = {0};

    if (moot_outlet_waiting(o) > 0)
        return;
    lost = moot_outlet_take_lost(o);
    if (lost == 0)
        return;
    moot_buf_printf(&b, "=!= %lu lines are not shown here: nobody took them\n",
                    lost);
    moot_outlet_put_lines(o, moot_buf_view(&b));
    moot_buf_fini(&b);
}

/* A gate that was opened meanwhile lets through what was read before. */
static void on_flush(struct ev_loop *loop, ev_prepare *w, int revents)
{
    struct plain *p = w->data;

    (void)loop;
    (void)revents;
    if (p->got.len > 0 || p->input_ended)
        pump(p);
    moot_outlet_flush(p->out);
    moot_outlet_flush(p->err);
}

static void on_drained(void *ctx)
{
    struct plain *p = ctx;

    report_lost(p->out);
    report_lost(p->err);
    pump(p);
}

static void on_out_broken(void *ctx)
{
    struct plain *p = ctx;

    tell_end(p,
             moot_outlet_error(p->out) ? MOOT_FACE_FAILED : MOOT_FACE_HUNG_UP);
}

/* Without a place for notices the chat goes on. */
static void on_err_broken(void *ctx)
{
    (void)ctx;
}

static void plain_print(struct moot_face *f, enum moot_channel channel,
                        struct moot_bytes lines)
{
    struct plain *p = plain_of(f);

    moot_outlet_put_lines(channel == MOOT_CHANNEL_CHAT ? p->out : p->err,
                          lines);
}

static void plain_gate(struct moot_face *f, const char *closed)
{
    struct plain *p = plain_of(f);

    /* Not pumped from here: whoever opens the gate is in the middle of things,
     * and the loop comes by on_flush() before it sleeps. */
    p->gate = closed == NULL;
    if (may_read(p) && !p->input_ended)
        ev_io_start(p->loop, &p->readable);
    else
        ev_io_stop(p->loop, &p->readable);
}

static int plain_close(struct moot_face *f)
{
    struct plain *p = plain_of(f);
    int error;

    ev_io_stop(p->loop, &p->readable);
    ev_prepare_stop(p->loop, &p->flush);
    if (p->err != p->out)
        moot_outlet_close(p->err, MOOT_FACE_CLOSE_MS);
    error = moot_outlet_close(p->out, MOOT_FACE_CLOSE_MS);
    moot_buf_fini(&p->got);
    free(p);
    return error;
}

static const struct moot_face_ops plain_ops = {plain_print, plain_gate,
                                               plain_close};

static bool same_file(int a, int b)
{
    struct stat sa, sb;

    return fstat(a, &sa) == 0 && fstat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
           sa.st_ino == sb.st_ino;
}

struct moot_face *moot_plain_open(struct ev_loop *loop, int in, int out,
                                  int err, const struct moot_face_owner *owner)
{
    struct plain *p = moot_alloc(sizeof *p);

    p->face.ops = &plain_ops;
    p->loop = loop;
    p->owner = owner;
    p->in = in;
    p->out_owner = (struct moot_outlet_owner){on_drained, on_out_broken, p};
    p->err_owner = (struct moot_outlet_owner){on_drained, on_err_broken, p};
    p->out = moot_outlet_open(loop, out, &p->out_owner);
    p->err = p->out;
    if (!same_file(out, err))
        p->err = moot_outlet_open(loop, err, &p->err_owner);
    ev_io_init(&p->readable, on_readable, in, EV_READ);
    p->readable.data = p;
    ev_prepare_init(&p->flush, on_flush);
    p->flush.data = p;
    ev_prepare_start(loop, &p->flush);
    return &p->face;
}
