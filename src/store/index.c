/*
 * store/index.c - entries by chain and seq, and which body is the oldest.
 *
 * Layer:  store (loud).
 * Thread: the store's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/slots.h"
#include "base/sorted.h"
#include "store/memory_internal.h"

void store_list_add(struct store_list *l, struct moot_entry *e)
{
    l->at =
        moot_slot_open(l->at, sizeof l->at[0], &l->count, &l->max, l->count);
    l->at[l->count - 1] = e;
}

static struct store_chain *find_chain(const struct store_index *x,
                                      const struct moot_run *in)
{
    struct store_chain *c;

    HASH_FIND(hh, x->chains, in, sizeof *in, c);
    return c;
}

static struct store_chain *need_chain(struct store_index *x,
                                      const struct moot_run *in)
{
    struct store_chain *c = find_chain(x, in);

    if (c == NULL) {
        c = moot_alloc(sizeof *c);
        c->in = *in;
        HASH_ADD(hh, x->chains, in, sizeof c->in, c);
    }
    return c;
}

static int seq_order(const void *item, const void *key)
{
    const struct moot_entry *const *e = item;
    const uint64_t *seq = key;

    return ((*e)->seq > *seq) - ((*e)->seq < *seq);
}

static unsigned place_of(const struct store_chain *c, uint64_t seq)
{
    return moot_sorted_find(c->at, sizeof *c->at, c->count, seq_order, &seq,
                            NULL);
}

static void remember_body(struct store_index *x, const struct moot_entry *e)
{
    unsigned last;

    if (x->body_count == x->body_max) {
        unsigned max = x->body_max * 2 + 64;
        struct store_body *ring = moot_alloc(max * sizeof *ring);

        for (unsigned i = 0; i < x->body_count; i++)
            ring[i] = x->bodies[(x->body_first + i) % x->body_max];
        free(x->bodies);
        x->bodies = ring;
        x->body_first = 0;
        x->body_max = max;
    }
    last = (x->body_first + x->body_count++) % x->body_max;
    x->bodies[last] = (struct store_body){e->in, e->seq};
}

/* What an entry takes of our memory. */
static size_t cost_of(const struct moot_entry *e)
{
    return sizeof *e + e->cite_count * sizeof e->cites[0] + e->raw.len;
}

static void replace(struct store_index *x, struct moot_entry **at,
                    struct moot_entry *e, struct store_list *dropped)
{
    x->bytes += cost_of(e);
    x->bytes -= cost_of(*at);
    store_list_add(dropped, *at);
    *at = e;
}

static void prune_oldest(struct store_index *x, struct store_list *dropped)
{
    struct store_body b = x->bodies[x->body_first];
    struct store_chain *c = find_chain(x, &b.in);
    unsigned at = place_of(c, b.seq);

    x->body_first = (x->body_first + 1) % x->body_max;
    x->body_count--;
    replace(x, &c->at[at], moot_entry_pruned(c->at[at]), dropped);
}

void store_index_put(struct store_index *x, struct moot_entry *e,
                     struct store_list *dropped)
{
    struct store_chain *c = need_chain(x, &e->in);
    unsigned at = place_of(c, e->seq);

    if (at == c->count || c->at[at]->seq != e->seq) {
        c->at = moot_slot_open(c->at, sizeof c->at[0], &c->count, &c->max, at);
        c->at[at] = e;
        x->bytes += cost_of(e);
    } else if (c->at[at]->body.data == NULL && e->body.data != NULL) {
        replace(x, &c->at[at], e, dropped);
    } else {
        store_list_add(dropped, e); /* it is there already */
        return;
    }
    if (e->body.data != NULL)
        remember_body(x, e);
    while (x->bytes > x->bytes_max && x->body_count > 0)
        prune_oldest(x, dropped);
}

void store_index_read(const struct store_index *x,
                      const struct moot_range *range, size_t bytes_max,
                      struct store_list *found)
{
    const struct store_chain *c = find_chain(x, &range->in);
    unsigned at = c == NULL ? 0 : place_of(c, range->from);
    uint64_t seq = range->from;
    size_t bytes = 0;

    while (c != NULL && at < c->count && c->at[at]->seq == seq &&
           seq <= range->to && bytes < bytes_max) {
        store_list_add(found, c->at[at]);
        bytes += c->at[at]->raw.len;
        at++;
        seq++;
    }
}

void store_index_fini(struct store_index *x, struct store_list *dropped)
{
    struct store_chain *c = NULL, *next = NULL;

    HASH_ITER (hh, x->chains, c, next) {
        for (unsigned i = 0; i < c->count; i++)
            store_list_add(dropped, c->at[i]);
        HASH_DEL(x->chains, c);
        free(c->at);
        free(c);
    }
    free(x->bodies);
    memset(x, 0, sizeof *x);
}
