/*
 * group/ahead.c - entries that came before those below them: kept for a while,
 * so that nothing has to be sent twice, and bounded, so that nobody can fill
 * our memory with them.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include <stdlib.h>

#include "base/slots.h"
#include "base/sorted.h"
#include "group_internal.h"

struct place {
    const struct moot_run *in;
    uint64_t seq;
};

static int order(const void *item, const void *key)
{
    const struct ahead *a = item;
    const struct place *p = key;
    int by_run = moot_run_cmp(&a->entry->in, p->in);

    if (by_run != 0)
        return by_run;
    return (a->entry->seq > p->seq) - (a->entry->seq < p->seq);
}

static unsigned find(const struct moot_group *g, const struct moot_run *in,
                     uint64_t seq, bool *found)
{
    struct place p = {in, seq};

    return moot_sorted_find(g->ahead, sizeof *g->ahead, g->ahead_count, order,
                            &p, found);
}

static size_t weight(const struct moot_entry *e)
{
    return e->raw.len + sizeof *e;
}

static bool has_room(const struct moot_group *g, const struct moot_entry *e)
{
    unsigned first = find(g, &e->in, 0, NULL);
    unsigned end = find(g, &e->in, UINT64_MAX, NULL);

    return g->ahead_count < MOOT_AHEAD_MAX &&
           g->ahead_bytes + weight(e) <= MOOT_AHEAD_BYTES_MAX &&
           end - first < MOOT_AHEAD_EACH_MAX;
}

struct ahead *moot_ahead_add(struct moot_group *g, struct moot_entry *e)
{
    bool found;
    unsigned at = find(g, &e->in, e->seq, &found);

    if (found || !has_room(g, e))
        return NULL;
    g->ahead = moot_slot_open(g->ahead, sizeof *g->ahead, &g->ahead_count,
                              &g->ahead_max, at);
    g->ahead[at] = (struct ahead){.entry = moot_entry_ref(e)};
    g->ahead_bytes += weight(e);
    return &g->ahead[at];
}

static void close_slot(struct moot_group *g, unsigned at)
{
    g->ahead_bytes -= weight(g->ahead[at].entry);
    moot_slot_close(g->ahead, sizeof *g->ahead, &g->ahead_count, at);
}

bool moot_ahead_take(struct moot_group *g, const struct moot_run *in,
                     uint64_t seq, struct ahead *ret_taken)
{
    bool found;
    unsigned at = find(g, in, seq, &found);

    if (!found)
        return false;
    *ret_taken = g->ahead[at];
    close_slot(g, at);
    return true;
}

void moot_ahead_drop(struct moot_group *g, const struct moot_run *in,
                     uint64_t seq)
{
    unsigned at = find(g, in, seq, NULL);

    while (at < g->ahead_count &&
           moot_run_cmp(&g->ahead[at].entry->in, in) == 0) {
        struct moot_entry *e = g->ahead[at].entry;

        close_slot(g, at);
        moot_entry_unref(e);
    }
}

void moot_ahead_give_up(struct moot_group *g, const struct moot_run *in)
{
    unsigned at = find(g, in, 0, NULL);

    while (at < g->ahead_count &&
           moot_run_cmp(&g->ahead[at].entry->in, in) == 0) {
        struct moot_entry *e = g->ahead[at].entry;

        if (g->ahead[at].shown) {
            at++;
            continue;
        }
        close_slot(g, at);
        moot_entry_unref(e);
    }
}

void moot_ahead_fini(struct moot_group *g)
{
    for (unsigned i = 0; i < g->ahead_count; i++)
        moot_entry_unref(g->ahead[i].entry);
    free(g->ahead);
}
