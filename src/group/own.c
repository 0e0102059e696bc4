/*
 * group/own.c - what was said here in this run: the last of it in words, all of
 * it in numbers.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "base/assert.h"
#include "base/slots.h"
#include "base/utf8.h"
#include "group_internal.h"

/* --- how many lines nobody else has --- */

/* Every second one goes: what others have is counted a little too low then,
 * and never too high. */
static void thin_out(struct own_lines *o)
{
    for (unsigned i = 1; i < o->mark_count; i += 2)
        o->marks[i / 2] = o->marks[i];
    o->mark_count /= 2;
}

static void count_lines(struct moot_group *g, const struct moot_entry *e,
                        unsigned lines)
{
    struct own_lines *o = &g->own;

    if (o->run != e->in.run)
        *o = (struct own_lines){.run = e->in.run};
    if (o->mark_count == MOOT_OWN_MARKS_MAX)
        thin_out(o);
    o->said += lines;
    o->marks[o->mark_count++] =
        (struct own_mark){.seq = e->seq, .lines = o->said};
}

void moot_own_held(struct moot_group *g, uint64_t seq)
{
    struct own_lines *o = &g->own;
    unsigned n = 0;

    if (o->run != g->me.run)
        return;
    while (n < o->mark_count && o->marks[n].seq <= seq)
        o->held = o->marks[n++].lines;
    o->mark_count -= n;
    memmove(o->marks, o->marks + n, o->mark_count * sizeof *o->marks);
}

uint64_t moot_group_unheld(const struct moot_group *g)
{
    return g->own.said - g->own.held;
}

/* --- the last entries --- */

static void remember_text(struct moot_recent *r, struct moot_bytes text)
{
    size_t len = text.len;

    if (len > MOOT_RECENT_TEXT_MAX) {
        len = MOOT_RECENT_TEXT_MAX;
        r->cut = true;
    }
    memcpy(r->text, text.data, len);
    while (!moot_utf8_valid(moot_bytes_of(r->text, len)))
        len--; /* no letter is cut in two */
    r->text[len] = '\0';
}

void moot_own_said(struct moot_group *g, const struct moot_entry *e,
                   const struct moot_line *lines, unsigned count)
{
    struct moot_recent r = {
        .run = e->in.run, .seq = e->seq, .wall = e->wall, .line_count = count};

    moot_assert(count > 0);
    count_lines(g, e, count);
    remember_text(&r, lines[0].text);
    if (g->recent_count == MOOT_RECENT_MAX)
        moot_slot_close(g->recent, sizeof *g->recent, &g->recent_count, 0);
    g->recent[g->recent_count++] = r;
}

unsigned moot_group_recent(const struct moot_group *g,
                           const struct moot_recent **ret_first)
{
    *ret_first = g->recent;
    return g->recent_count;
}

bool moot_group_durable(const struct moot_group *g, const struct moot_recent *r)
{
    struct moot_run in = {.author = g->me.author, .run = r->run};
    const struct moot_chain *c = moot_history_find(&g->log, &in);

    return c != NULL && c->kept_len >= r->seq;
}

bool moot_group_over(const struct moot_group *g, const struct moot_recent *r)
{
    return r->run != g->me.run;
}
