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

struct piece {
    struct piece *next;
    enum moot_channel channel;
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
    uint64_t stored; /* own entries up to here */
    uint64_t marked; /* the newest one shown with a mark and not stored */
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

static void print_first(struct moot_held *h)
{
    struct piece *p = h->first;

    if (p->own_seq > h->stored)
        print_marked(h, p);
    else
        h->face->ops->print(h->face, p->channel, moot_buf_view(&p->lines));
    h->bytes -= p->lines.len;
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

void moot_held_add(struct moot_held *h, enum moot_channel channel,
                   struct moot_bytes lines, uint64_t own_seq)
{
    /* Another group, another chain: it counts from 1 again. */
    if (own_seq > 0 && own_seq <= h->stored)
        h->stored = own_seq - 1;
    if (!h->first && own_seq == 0) {
        h->face->ops->print(h->face, channel, lines);
        return;
    }

    struct piece *p = moot_alloc(sizeof *p);

    p->channel = channel;
    p->own_seq = own_seq;
    p->since = moot_clock_ms();
    moot_buf_append(&p->lines, lines.data, lines.len);
    *h->end = p;
    h->end = &p->next;
    h->bytes += lines.len;
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
    moot_held_add(h, MOOT_CHANNEL_NOTE, moot_buf_view(&b), 0);
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
