/*
 * group/screen.c - when an entry may be shown: after what its author had seen.
 *
 * Entries wait in transcript order, so that one pass from the front shows
 * everything that has become ready: a cause always sorts before its effect.
 * Nothing waits for ever: after MOOT_CAUSE_WAIT_MS an entry is shown with a
 * mark, and when too many wait the first ones are.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "base/assert.h"
#include "base/slots.h"
#include "group_internal.h"

static size_t weight(const struct moot_entry *e)
{
    return e->raw.len + sizeof *e;
}

static unsigned lines_of(const struct moot_entry *e)
{
    struct moot_body body;

    return moot_entry_body(e, &body) ? body.line_count : 0;
}

/* Takes the first of those from before off the list until no more are left
 * than may be shown. */
static void drop_earliest(struct moot_group *g)
{
    unsigned most = moot_enter_room(g), kept = 0;

    for (unsigned i = 0; i < g->held_count; i++) {
        struct held *h = &g->held[i];
        struct moot_chain *c;

        if (g->enter.lines_held <= most || !h->asked) {
            g->held[kept++] = *h;
            continue;
        }
        c = moot_history_find(&g->log, &h->entry->in);
        if (c->shown < h->entry->seq)
            c->shown = h->entry->seq;
        g->enter.lines_held -= h->lines;
        g->enter.skipped += h->lines;
        g->held_bytes -= weight(h->entry);
        moot_entry_unref(h->entry);
    }
    g->held_count = kept;
}

/* There are a few more than may be shown, so that they need not be counted out
 * one by one. */
static bool too_many_earlier(const struct moot_group *g)
{
    unsigned most = moot_enter_room(g);

    return g->enter.lines_held > most + most / 4 + MOOT_ENTRY_LINES_MAX;
}

void moot_screen_add(struct moot_group *g, struct moot_entry *e, bool asked)
{
    bool counted = asked && moot_enter_bounded(g);
    unsigned at = g->held_count;

    while (at > 0 && moot_entry_cmp(g->held[at - 1].entry, e) > 0)
        at--;
    g->held = moot_slot_open(g->held, sizeof *g->held, &g->held_count,
                             &g->held_max, at);
    g->held[at] = (struct held){.entry = moot_entry_ref(e),
                                .in = moot_history_find(&g->log, &e->in),
                                .since = g->now,
                                .asked = asked,
                                .lines = counted ? lines_of(e) : 0};
    g->held_bytes += weight(e);
    g->enter.lines_held += g->held[at].lines;
    g->screen_due = g->now;
    if (counted && too_many_earlier(g))
        drop_earliest(g);
}

static bool cite_shown(const struct moot_group *g, const struct moot_cite *c)
{
    const struct moot_chain *in = moot_history_find(&g->log, &c->in);

    if (in != NULL && in->fork != NULL && c->seq >= in->fork->seq)
        return true; /* it left the transcript: nobody waits for it */
    return in != NULL && in->shown >= c->seq;
}

bool moot_screen_follows(const struct moot_group *g, const struct moot_entry *e)
{
    for (unsigned i = 0; i < e->cite_count; i++)
        if (!cite_shown(g, &e->cites[i]))
            return false;
    return true;
}

/* Looks on from the first cause that was missing the last time. */
static bool causes_shown(const struct moot_group *g, struct held *h)
{
    const struct moot_entry *e = h->entry;

    if (h->in->shown + 1 < e->seq)
        return false;
    while (h->seen < e->cite_count && cite_shown(g, &e->cites[h->seen]))
        h->seen++;
    return h->seen == e->cite_count;
}

/* Earlier lines come chain by chain; waiting a moment sorts them. */
static bool being_sorted(const struct moot_group *g, const struct held *h)
{
    return h->asked && g->asking_count > 0 &&
           (g->enter.deep || g->now < h->since + MOOT_SORT_WAIT_MS);
}

/* false: a later one of that run is there. */
static bool drop_tip(struct moot_group *g, const struct moot_run *in,
                     uint64_t seq)
{
    for (unsigned i = 0; i < g->tip_count; i++) {
        if (moot_run_cmp(&g->tips[i].cite.in, in) != 0)
            continue;
        if (g->tips[i].cite.seq > seq)
            return false;
        moot_slot_close(g->tips, sizeof *g->tips, &g->tip_count, i);
        break;
    }
    return true;
}

void moot_screen_seen(struct moot_group *g, const struct moot_entry *e)
{
    bool newest = drop_tip(g, &e->in, e->seq);

    for (unsigned i = 0; i < e->cite_count; i++)
        drop_tip(g, &e->cites[i].in, e->cites[i].seq);
    if (!newest || moot_run_cmp(&e->in, &g->me) == 0)
        return;
    if (g->tip_count == MOOT_TIPS_MAX)
        moot_slot_close(g->tips, sizeof *g->tips, &g->tip_count, 0);

    unsigned at = g->tip_count;

    g->tips = moot_slot_open(g->tips, sizeof *g->tips, &g->tip_count,
                             &g->tip_max, at);
    g->tips[at] =
        (struct tip){.cite = {.in = e->in, .seq = e->seq, .hash = e->hash},
                     .lamport = e->lamport};
}

static uint64_t own_before(const struct moot_group *g,
                           const struct moot_run *in)
{
    const struct moot_chain *c = moot_history_find(&g->log, in);

    return c != NULL && c->after_run == g->me.run ? c->after : 0;
}

/* The newest of ours that the author of e may have seen, of those that may not
 * be on the screen yet, because the store does not have them. */
static uint64_t find_own_before(struct moot_group *g, struct moot_chain *c,
                                const struct moot_entry *e)
{
    uint64_t after;

    if (g->own_unstored == 0)
        return 0;
    if (moot_run_cmp(&e->in, &g->me) == 0)
        return e->seq - 1;
    after = own_before(g, &e->in);
    for (unsigned i = 0; i < e->cite_count; i++) {
        const struct moot_cite *cite = &e->cites[i];
        bool own = moot_run_cmp(&cite->in, &g->me) == 0;
        uint64_t seq = own ? cite->seq : own_before(g, &cite->in);

        after = seq > after ? seq : after;
    }
    c->after = after;
    c->after_run = g->me.run;
    return after;
}

void moot_screen_show(struct moot_group *g, struct moot_entry *e, bool own,
                      bool asked, bool late, struct moot_group_effects *fx)
{
    struct moot_chain *c = moot_history_find(&g->log, &e->in);
    struct moot_group_effect *f = moot_group_ask(fx, MOOT_GROUP_SHOW);
    struct moot_bytes name = moot_entry_name(e);

    /* A clock that runs backwards shows the later one first. */
    if (c->shown < e->seq)
        c->shown = e->seq;
    moot_screen_seen(g, e);
    f->entry = moot_entry_ref(e);
    f->id = e->in.author;
    f->seq = e->seq;
    f->after = find_own_before(g, c, e);
    f->own = own;
    f->earlier = asked;
    f->late = late;
    if (name.len > 0)
        moot_group_display_name(g, &e->in.author, name, f->name);
}

void moot_screen_forget(struct moot_group *g, const struct moot_run *in,
                        uint64_t seq)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < g->held_count; i++) {
        struct held *h = &g->held[i];

        if (moot_run_cmp(&h->entry->in, in) != 0 || h->entry->seq < seq) {
            g->held[kept++] = *h;
            continue;
        }
        g->enter.lines_held -= h->lines;
        g->held_bytes -= weight(h->entry);
        moot_entry_unref(h->entry);
    }
    g->held_count = kept;
    for (unsigned i = g->tip_count; i > 0; i--)
        if (moot_run_cmp(&g->tips[i - 1].cite.in, in) == 0 &&
            g->tips[i - 1].cite.seq >= seq)
            moot_slot_close(g->tips, sizeof *g->tips, &g->tip_count, i - 1);
    if (g->held_count > 0)
        g->screen_due = g->now; /* some may have waited for these */
}

/* The first reason why h may be shown now; late says it is not in order. */
static bool may_show(const struct moot_group *g, struct held *h, bool *late)
{
    *late = false;
    if (being_sorted(g, h))
        return false;
    if (causes_shown(g, h))
        return true;
    *late = !moot_enter_bounded(g) || !g->enter.deep;
    if (g->enter.deep && !h->asked)
        return true; /* it would have to wait for all of the past */
    *late = true;
    return g->now >= h->since + MOOT_CAUSE_WAIT_MS;
}

/* The end of a long back-fill wakes those who are sorted. */
static moot_ms waits_until(const struct moot_group *g, const struct held *h,
                           bool late)
{
    if (late)
        return h->since + MOOT_CAUSE_WAIT_MS;
    return g->enter.deep ? MOOT_NEVER : h->since + MOOT_SORT_WAIT_MS;
}

static bool too_many(const struct moot_group *g)
{
    return g->held_count > MOOT_SCREEN_HELD_MAX ||
           g->held_bytes > MOOT_SCREEN_BYTES_MAX;
}

static void show_held(struct moot_group *g, const struct held *h, bool late,
                      struct moot_group_effects *fx)
{
    if (late)
        moot_trace(g->tracer,
                   "%02x%02x:%llu waited too long -> show with a mark",
                   h->entry->in.author.b[0], h->entry->in.author.b[1],
                   (unsigned long long)h->entry->seq);
    moot_screen_show(g, h->entry, false, h->asked, late, fx);
    g->enter.lines_held -= h->lines;
    g->enter.lines_shown += h->lines;
    g->held_bytes -= weight(h->entry);
    moot_entry_unref(h->entry);
}

void moot_screen_flush(struct moot_group *g, struct moot_group_effects *fx)
{
    unsigned kept = 0, count;

    if (g->now < g->screen_due)
        return; /* nothing came, and nothing has waited long enough */
    moot_resume_show(g, fx);
    if (moot_enter_bounded(g) && !g->enter.deep)
        drop_earliest(g);
    count = g->held_count;
    g->screen_due = MOOT_NEVER;
    for (unsigned i = 0; i < count; i++) {
        struct held h = g->held[i];
        bool late;
        bool crowded = too_many(g);

        if (!may_show(g, &h, &late) && !crowded) {
            g->held[kept++] = h;
            g->screen_due =
                moot_ms_min(g->screen_due, waits_until(g, &h, late));
            continue;
        }
        show_held(g, &h, late, fx);
        g->held_count--;
    }
    moot_assert(kept == g->held_count);
}
