/*
 * ui/held.c - a short queue in front of the face.
 *
 * Layer:  ui (loud).
 * Thread: the loop's.
 */
#include "ui/held.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "loop/clock.h"
#include "ui/ui.h"

/* What answers have waited, all of them added up, is made up for after so many
 * times as long; when it takes longer than that until all is, no other waits.
 * That is 250 ms at once, and 25 ms a second in the long run. */
#define WAIT_PRICE 40
#define WAIT_DEBT_MAX_MS 10000

struct piece {
    struct piece *next;
    enum moot_channel channel;
    bool answer;      /* an entry of another */
    uint64_t own_seq; /* waits until this is stored; 0: waits only its turn */
    moot_ms since;
    struct moot_buf lines;
};

struct moot_held {
    struct ev_loop *loop;
    struct moot_face *face;
    const struct moot_format *format;
    struct piece *first, **end;
    size_t bytes;
    unsigned behind;    /* pieces that are no own entries */
    moot_ms made_up_at; /* when what answers have waited is made up for */
    uint64_t stored;    /* own entries up to here */
    uint64_t marked;    /* the newest one shown with a mark and not stored */
    unsigned long marked_count; /* lines */
    ev_timer expiry;
};

static void print_marked(struct moot_held *h, const struct piece *p)
{
    struct moot_buf b = {0};
    struct moot_bytes lines = moot_buf_view(&p->lines);

    for (size_t i = 0; i < lines.len; i++)
        h->marked_count += lines.data[i] == '\n';
    h->marked = p->own_seq;
    moot_format_unstored(h->format, lines, &b);
    h->face->ops->print(h->face, p->channel, moot_buf_view(&b));
    moot_buf_fini(&b);
}

static void charge(struct moot_held *h, const struct piece *answer)
{
    moot_ms now = moot_clock_ms();

    if (h->made_up_at < now)
        h->made_up_at = now;
    h->made_up_at += (now - answer->since + 1) * WAIT_PRICE;
}

static void print_first(struct moot_held *h)
{
    struct piece *p = h->first;

    if (p->own_seq > h->stored)
        print_marked(h, p);
    else
        h->face->ops->print(h->face, p->channel, moot_buf_view(&p->lines));
    h->bytes -= p->lines.len;
    h->behind -= p->own_seq == 0;
    if (p->answer)
        charge(h, p);
    h->first = p->next;
    if (!h->first)
        h->end = &h->first;
    moot_buf_fini(&p->lines);
    free(p);
}

/* Shows from the front what needs not wait any longer. */
static void pump(struct moot_held *h)
{
    moot_ms now = moot_clock_ms();

    while (h->first) {
        moot_ms waited = now - h->first->since;

        if (h->first->own_seq > h->stored && h->bytes <= MOOT_UI_HELD_MAX &&
            waited < MOOT_UI_UNSTORED_MS) {
            ev_timer_stop(h->loop, &h->expiry);
            ev_timer_set(&h->expiry,
                         (double)(MOOT_UI_UNSTORED_MS - waited) / 1000., 0.);
            ev_timer_start(h->loop, &h->expiry);
            return;
        }
        print_first(h);
    }
    ev_timer_stop(h->loop, &h->expiry);
}

static void on_expiry(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    pump(w->data);
}

static struct piece *append(struct moot_held *h, enum moot_channel channel,
                            struct moot_bytes lines)
{
    struct piece *p = moot_alloc(sizeof *p);

    p->channel = channel;
    p->since = moot_clock_ms();
    moot_buf_append(&p->lines, lines.data, lines.len);
    *h->end = p;
    h->end = &p->next;
    h->bytes += lines.len;
    return p;
}

void moot_held_add_own(struct moot_held *h, struct moot_bytes lines,
                       uint64_t seq)
{
    /* Another group, another chain: it counts from 1 again. */
    if (seq <= h->stored)
        h->stored = seq - 1;
    append(h, MOOT_CHANNEL_CHAT, lines)->own_seq = seq;
    pump(h);
}

/* When nobody else waits, all pieces are own ones, and the first is the oldest:
 * who had not seen that had seen none of them.  But an answer may wait behind
 * later ones than it answers, and what comes after it must not pass it. */
static bool may_pass(const struct moot_held *h, uint64_t after)
{
    return !h->first || (h->behind == 0 && after < h->first->own_seq);
}

/* Where many talk nearly every line answers the newest own one, and all of them
 * would be as late as the disk.  So there they do not wait. */
void moot_held_add_other(struct moot_held *h, struct moot_bytes lines,
                         uint64_t after)
{
    bool patient = h->made_up_at <= moot_clock_ms() + WAIT_DEBT_MAX_MS;

    if (!may_pass(h, after) && patient) {
        append(h, MOOT_CHANNEL_CHAT, lines)->answer = true;
        h->behind++;
        pump(h);
        return;
    }
    while (!may_pass(h, after))
        print_first(h);
    h->face->ops->print(h->face, MOOT_CHANNEL_CHAT, lines);
}

void moot_held_add(struct moot_held *h, enum moot_channel channel,
                   struct moot_bytes lines)
{
    if (!h->first) {
        h->face->ops->print(h->face, channel, lines);
        return;
    }
    append(h, channel, lines);
    h->behind++;
    pump(h);
}

static void print_stored(struct moot_held *h)
{
    struct moot_buf b = {0};
    char text[96];

    snprintf(text, sizeof text, "stored now: the %lu %s marked \u00b7",
             h->marked_count, h->marked_count == 1 ? "line" : "lines");
    h->marked = 0;
    h->marked_count = 0;
    moot_format_notice(h->format, false, text, moot_clock_wall(), &b);
    moot_held_add(h, MOOT_CHANNEL_NOTE, moot_buf_view(&b));
    moot_buf_fini(&b);
}

void moot_held_stored(struct moot_held *h, uint64_t seq)
{
    if (seq <= h->stored)
        return;
    h->stored = seq;
    if (h->marked > 0 && h->marked <= seq)
        print_stored(h);
    pump(h);
}

struct moot_held *moot_held_open(struct ev_loop *loop, struct moot_face *face,
                                 const struct moot_format *format)
{
    struct moot_held *h = moot_alloc(sizeof *h);

    h->loop = loop;
    h->face = face;
    h->format = format;
    h->end = &h->first;
    ev_timer_init(&h->expiry, on_expiry, 0., 0.);
    h->expiry.data = h;
    return h;
}

void moot_held_close(struct moot_held *h)
{
    if (!h)
        return;
    while (h->first)
        print_first(h);
    ev_timer_stop(h->loop, &h->expiry);
    free(h);
}
