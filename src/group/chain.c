/*
 * group/chain.c - sorted arrays of authors and their runs, and their digests.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include "group/chain.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/slots.h"
#include "base/sorted.h"

static int author_order(const void *item, const void *key)
{
    const struct moot_author *const *a = item;

    return moot_id_cmp(&(*a)->id, key);
}

static int run_order(const void *item, const void *key)
{
    const struct moot_chain *const *c = item;
    const uint64_t *run = key;

    return ((*c)->in.run > *run) - ((*c)->in.run < *run);
}

static unsigned author_index(const struct moot_history *s,
                             const struct moot_id *id, bool *found)
{
    return moot_sorted_find(s->authors, sizeof(struct moot_author *), s->count,
                            author_order, id, found);
}

static unsigned run_index(const struct moot_author *a, uint64_t run,
                          bool *found)
{
    return moot_sorted_find(a->chains, sizeof(struct moot_chain *), a->count,
                            run_order, &run, found);
}

void moot_history_fini(struct moot_history *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        struct moot_author *a = s->authors[i];

        for (unsigned k = 0; k < a->count; k++)
            free(a->chains[k]);
        free(a->chains);
        free(a);
    }
    free(s->authors);
    *s = (struct moot_history){0};
}

struct moot_author *moot_history_author(const struct moot_history *s,
                                        const struct moot_id *id)
{
    bool found;
    unsigned at = author_index(s, id, &found);

    return found ? s->authors[at] : NULL;
}

struct moot_chain *moot_history_find(const struct moot_history *s,
                                     const struct moot_run *in)
{
    struct moot_author *a = moot_history_author(s, &in->author);
    bool found;

    if (a == NULL)
        return NULL;
    unsigned at = run_index(a, in->run, &found);

    return found ? a->chains[at] : NULL;
}

unsigned moot_history_after(const struct moot_history *s,
                            const struct moot_id *id)
{
    bool found;
    unsigned at = author_index(s, id, &found);

    return found ? at + 1 : at;
}

static struct moot_author *get_author(struct moot_history *s,
                                      const struct moot_id *id)
{
    bool found;
    unsigned at = author_index(s, id, &found);

    if (found)
        return s->authors[at];
    s->authors =
        moot_slot_open(s->authors, sizeof(void *), &s->count, &s->max, at);
    s->authors[at] = moot_alloc(sizeof *s->authors[at]);
    s->authors[at]->id = *id;
    s->authors[at]->stale = true;
    return s->authors[at];
}

struct moot_chain *moot_history_get(struct moot_history *s,
                                    const struct moot_run *in)
{
    struct moot_chain *c = moot_history_find(s, in);
    bool found;

    if (c != NULL)
        return c;
    if (s->chain_count == MOOT_CHAINS_MAX)
        return NULL;

    struct moot_author *a = get_author(s, &in->author);
    unsigned at = run_index(a, in->run, &found);

    a->chains =
        moot_slot_open(a->chains, sizeof(void *), &a->count, &a->max, at);
    c = moot_alloc(sizeof *c);
    c->in = *in;
    a->chains[at] = c;
    s->chain_count++;
    return c;
}

void moot_history_drop(struct moot_history *s, struct moot_chain *c)
{
    struct moot_id id = c->in.author;
    bool found;
    unsigned at = author_index(s, &id, &found);

    moot_assert(found);
    moot_assert(c->len == 0);
    struct moot_author *a = s->authors[at];
    unsigned run_at = run_index(a, c->in.run, &found);

    moot_assert(found);
    moot_slot_close(a->chains, sizeof(void *), &a->count, run_at);
    free(c);
    s->chain_count--;
    if (a->count > 0)
        return;
    moot_slot_close(s->authors, sizeof(void *), &s->count, at);
    free(a->chains);
    free(a);
}

enum moot_verdict moot_chain_judge(const struct moot_chain *c,
                                   const struct moot_entry *e)
{
    uint64_t len = c == NULL ? 0 : c->len;

    if (c != NULL && c->forked)
        return MOOT_CHAIN_KNOWN;
    if (e->seq > len + 1)
        return MOOT_CHAIN_GAP;
    if (e->seq < len)
        return MOOT_CHAIN_KNOWN;
    if (e->seq == len)
        return moot_hash_eq(&e->hash, &c->head) ? MOOT_CHAIN_KNOWN
                                                : MOOT_CHAIN_FORK;
    if (len > 0 && !moot_hash_eq(&e->prev, &c->head))
        return MOOT_CHAIN_FORK;
    return MOOT_CHAIN_NEXT;
}

void moot_chain_admit(struct moot_history *s, struct moot_chain *c,
                      const struct moot_entry *e)
{
    moot_assert(moot_chain_judge(c, e) == MOOT_CHAIN_NEXT);
    c->len = e->seq;
    c->head = e->hash;
    s->entry_count++;
}

void moot_chain_keep(struct moot_history *s, struct moot_chain *c, uint64_t seq,
                     const struct moot_hash *hash)
{
    moot_assert(seq <= c->len);
    if (seq <= c->kept_len)
        return;
    c->kept_len = seq;
    c->kept_head = *hash;
    moot_history_author(s, &c->in.author)->stale = true;
    s->fresh = false;
}

const struct moot_hash *moot_author_digest(struct moot_author *a)
{
    struct moot_hasher h;

    if (!a->stale)
        return &a->digest;
    moot_hasher_init(&h);
    a->kept = 0;
    for (unsigned i = 0; i < a->count; i++) {
        const struct moot_chain *c = a->chains[i];

        if (c->kept_len == 0)
            continue;
        a->kept += c->kept_len;
        moot_hasher_add_u64(&h, c->in.run);
        moot_hasher_add_u64(&h, c->kept_len);
        moot_hasher_add(&h, c->kept_head.b, sizeof c->kept_head.b);
    }
    a->digest = moot_hasher_final(&h);
    a->stale = false;
    return &a->digest;
}

/* An author of whom nothing is kept is not in the log at all. */
static bool author_keeps(const struct moot_author *a)
{
    for (unsigned i = 0; i < a->count; i++)
        if (a->chains[i]->kept_len > 0)
            return true;
    return false;
}

const struct moot_hash *moot_history_digest(struct moot_history *s)
{
    struct moot_hasher h;

    if (s->fresh)
        return &s->digest;
    moot_hasher_init(&h);
    s->kept = 0;
    for (unsigned i = 0; i < s->count; i++) {
        struct moot_author *a = s->authors[i];

        if (!author_keeps(a))
            continue;
        moot_hasher_add(&h, a->id.b, sizeof a->id.b);
        moot_hasher_add(&h, moot_author_digest(a)->b, 32);
        s->kept += a->kept;
    }
    s->digest = moot_hasher_final(&h);
    s->fresh = true;
    return &s->digest;
}
