/*
 * group/chain.c - sorted arrays of authors and their runs, and their digests.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include "group/chain.h"

#include <stdlib.h>
#include <string.h>

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

static void free_fork(struct moot_fork *f)
{
    if (f == NULL)
        return;
    moot_fork_fini(f);
    free(f);
}

static void free_chain(struct moot_chain *c)
{
    free(c->holes);
    free_fork(c->fork);
    free(c);
}

void moot_history_fini(struct moot_history *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        struct moot_author *a = s->authors[i];

        for (unsigned k = 0; k < a->count; k++)
            free_chain(a->chains[k]);
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
    moot_assert(moot_chain_empty(c) && c->fork == NULL);
    struct moot_author *a = s->authors[at];
    unsigned run_at = run_index(a, c->in.run, &found);

    moot_assert(found);
    moot_slot_close(a->chains, sizeof(void *), &a->count, run_at);
    free_chain(c);
    s->chain_count--;
    if (a->count > 0)
        return;
    moot_slot_close(s->authors, sizeof(void *), &s->count, at);
    free(a->chains);
    free(a);
}

bool moot_chain_empty(const struct moot_chain *c)
{
    return c->len == 0 || c->len + 1 == c->base;
}

/* Of the newest one, or of the one behind it. */
static enum moot_verdict judge_end(const struct moot_chain *c,
                                   const struct moot_entry *e)
{
    if (moot_chain_empty(c)) /* whatever came before */
        return e->seq == c->len ? MOOT_CHAIN_KNOWN : MOOT_CHAIN_NEXT;
    if (e->seq == c->len)
        return c->headless || moot_hash_eq(&e->hash, &c->head)
                   ? MOOT_CHAIN_KNOWN
                   : MOOT_CHAIN_FORK;
    return moot_hash_eq(&e->prev, &c->head) ? MOOT_CHAIN_NEXT : MOOT_CHAIN_FORK;
}

enum moot_verdict moot_chain_judge(const struct moot_chain *c,
                                   const struct moot_entry *e)
{
    if (c == NULL)
        return e->seq > 1 ? MOOT_CHAIN_GAP : MOOT_CHAIN_NEXT;
    if (e->seq == c->probe)
        return MOOT_CHAIN_PROBE;
    if (c->fork != NULL && e->seq >= c->fork->seq)
        return MOOT_CHAIN_KNOWN; /* it is not of that run any more */
    if (moot_chain_hole(c, e->seq) != NULL)
        return MOOT_CHAIN_HOLE;
    if (moot_chain_empty(c) && e->seq < c->base)
        return MOOT_CHAIN_GAP; /* the other way round */
    if (e->seq < c->len)
        return MOOT_CHAIN_KNOWN;
    return e->seq > c->len + 1 ? MOOT_CHAIN_GAP : judge_end(c, e);
}

void moot_chain_skip(struct moot_chain *c, uint64_t base)
{
    moot_assert(moot_chain_empty(c) && base > 0);
    c->base = base;
    c->len = c->shown = base - 1;
}

void moot_chain_admit(struct moot_history *s, struct moot_chain *c,
                      const struct moot_entry *e)
{
    moot_assert(moot_chain_judge(c, e) == MOOT_CHAIN_NEXT);
    c->len = e->seq;
    c->head = e->hash;
    s->entry_count++;
}

static void touch(struct moot_history *s, const struct moot_chain *c)
{
    moot_history_author(s, &c->in.author)->stale = true;
    s->fresh = false;
}

/* --- what is kept --- */

/* Of what the store has only that is told which leads up to it without a
 * gap, and whose end has a name. */
static void review_kept(struct moot_history *s, struct moot_chain *c)
{
    const struct moot_hole *h = c->holes == NULL ? NULL : &c->holes->at[0];
    uint64_t len = c->stored_len;
    struct moot_hash head = c->stored_head;

    if (h != NULL && h->from <= len) {
        len = h->prev_known ? h->from - 1 : 0;
        head = h->prev;
    } else if (c->headless && len == c->len) {
        len = 0;
    }
    if (len == 0)
        head = (struct moot_hash){{0}};
    if (len == c->kept_len && moot_hash_eq(&head, &c->kept_head))
        return;
    c->kept_len = len;
    c->kept_head = head;
    touch(s, c);
}

static void close_hole(struct moot_chain *c, unsigned at)
{
    struct moot_holes *x = c->holes;

    moot_slot_close(x->at, sizeof x->at[0], &x->count, at);
    if (x->count > 0)
        return;
    free(x);
    c->holes = NULL;
}

void moot_chain_set_head(struct moot_history *s, struct moot_chain *c,
                         const struct moot_hash *head)
{
    c->head = *head;
    c->headless = false;
    if (c->stored_len == c->len)
        c->stored_head = *head;
    review_kept(s, c);
}

/* Is it the first of a hole?  Then it is not any more. */
static bool fill(struct moot_history *s, struct moot_chain *c, uint64_t seq,
                 const struct moot_hash *hash)
{
    unsigned i = 0;

    while (c->holes != NULL && i < c->holes->count &&
           c->holes->at[i].from != seq)
        i++;
    if (c->holes == NULL || i == c->holes->count)
        return false;

    struct moot_hole *h = &c->holes->at[i];

    h->from++;
    h->prev = *hash;
    h->prev_known = true;
    if (h->got < seq)
        h->got = seq;
    if (h->from > h->to)
        close_hole(c, i);
    moot_chain_below_hole(s, c, seq + 1, hash);
    if (seq == c->len && c->headless)
        moot_chain_set_head(s, c, hash);
    return true;
}

void moot_chain_keep(struct moot_history *s, struct moot_chain *c, uint64_t seq,
                     const struct moot_hash *hash)
{
    moot_assert(seq <= c->len);
    if (!fill(s, c, seq, hash) && seq > c->stored_len) {
        c->stored_len = seq;
        c->stored_head = *hash;
    }
    review_kept(s, c);
}

void moot_chain_restore(struct moot_history *s, struct moot_chain *c,
                        const struct moot_past_chain *past)
{
    moot_assert(c->len == 0);
    c->base = past->base;
    c->len = c->stored_len = c->shown = past->len;
    c->head = c->stored_head = past->head;
    if (past->base <= past->len)
        s->entry_count += past->len - (past->base > 0 ? past->base - 1 : 0);
    review_kept(s, c);
    for (unsigned i = 0; i < past->gap_count; i++)
        if (past->gaps[i] >= past->base && past->gaps[i] <= past->len)
            moot_chain_lose(s, c, past->gaps[i]);
}

/* --- what the store lost --- */

static bool nothing_came(const struct moot_hole *h)
{
    return h->got + 1 == h->from;
}

static void begin_at(struct moot_hole *h, uint64_t from)
{
    h->from = from;
    h->got = from - 1;
    h->prev_known = from == 1;
    h->prev = (struct moot_hash){{0}};
}

/* Takes seq into the hole before or behind it, if they touch, or if there must
 * not be more holes: what lies in between comes anew, too. */
static bool widen(struct moot_holes *x, unsigned at, uint64_t seq)
{
    struct moot_hole *below = at > 0 ? &x->at[at - 1] : NULL;
    struct moot_hole *above = at < x->count ? &x->at[at] : NULL;
    bool full = x->count == MOOT_HOLES_MAX;

    if (below != NULL && (seq <= below->to + 1 || (full && above == NULL))) {
        if (seq > below->to)
            below->to = seq;
        else if (seq <= below->got)
            begin_at(below, below->from); /* lost again on its way */
        return true;
    }
    if (above != NULL &&
        (full || (seq + 1 == above->from && nothing_came(above)))) {
        begin_at(above, seq);
        return true;
    }
    return false;
}

void moot_chain_lose(struct moot_history *s, struct moot_chain *c, uint64_t seq)
{
    struct moot_holes *x = c->holes;
    unsigned at = 0;

    moot_assert(seq >= 1 && seq <= c->len);
    if (x == NULL)
        x = c->holes = moot_alloc(sizeof *x);
    while (at < x->count && x->at[at].from <= seq)
        at++;
    if (!widen(x, at, seq)) {
        memmove(&x->at[at + 1], &x->at[at], (x->count - at) * sizeof x->at[0]);
        x->count++;
        x->at[at].to = seq;
        begin_at(&x->at[at], seq);
        if (seq > 1 && c->kept_len == seq - 1) {
            x->at[at].prev = c->kept_head;
            x->at[at].prev_known = true;
        }
    }
    review_kept(s, c);
}

struct moot_hole *moot_chain_hole(const struct moot_chain *c, uint64_t seq)
{
    for (unsigned i = 0; c->holes != NULL && i < c->holes->count; i++)
        if (c->holes->at[i].got + 1 == seq && seq <= c->holes->at[i].to)
            return &c->holes->at[i];
    return NULL;
}

void moot_chain_refill(struct moot_chain *c, const struct moot_entry *e)
{
    struct moot_hole *h = moot_chain_hole(c, e->seq);

    moot_assert(h != NULL);
    h->got = e->seq;
    h->got_hash = e->hash;
}

void moot_chain_below_hole(struct moot_history *s, struct moot_chain *c,
                           uint64_t from, const struct moot_hash *prev)
{
    for (unsigned i = 0; c->holes != NULL && i < c->holes->count; i++) {
        struct moot_hole *h = &c->holes->at[i];

        if (h->from != from || h->prev_known)
            continue;
        h->prev = *prev;
        h->prev_known = true;
    }
    review_kept(s, c);
}

/* --- two histories --- */

static void drop_holes_above(struct moot_chain *c)
{
    for (unsigned i = c->holes == NULL ? 0 : c->holes->count; i > 0; i--) {
        struct moot_hole *h = &c->holes->at[i - 1];

        if (h->to > c->len)
            h->to = c->len;
        if (h->got > c->len)
            h->got = c->len;
        if (h->from > c->len)
            close_hole(c, i - 1);
    }
}

static void cut(struct moot_history *s, struct moot_chain *c, uint64_t len,
                const struct moot_hash *head)
{
    uint64_t first = c->base > 0 ? c->base - 1 : 0;
    uint64_t left = len > first ? len : first;

    if (c->len > left)
        s->entry_count -= c->len - left;
    c->len = len;
    c->headless = head == NULL && len > 0;
    c->head = (struct moot_hash){{0}};
    if (head != NULL && len > 0)
        c->head = *head;
    if (c->shown > len)
        c->shown = len;
    drop_holes_above(c);
    if (c->stored_len < len)
        return;
    c->stored_len = len;
    c->stored_head = c->head;
}

/* Of what is left of the run nothing is here, since its beginning was left
 * out: it is to have at least its newest entry, like every other. */
static void begin_below(struct moot_chain *c, uint64_t len)
{
    c->base = len;
    c->len = len > 0 ? len - 1 : 0;
    if (c->shown > c->len)
        c->shown = c->len;
    c->head = c->stored_head = (struct moot_hash){{0}};
    c->headless = false;
    c->stored_len = 0;
}

void moot_chain_end(struct moot_history *s, struct moot_chain *c,
                    struct moot_fork *f, const struct moot_hash *head)
{
    free_fork(c->fork);
    c->fork = f;
    c->fork_kept = false;
    if (c->len >= f->seq)
        cut(s, c, f->seq - 1, head);
    if (c->base > 1 && c->base >= f->seq)
        begin_below(c, f->seq - 1);
    review_kept(s, c);
    touch(s, c);
}

void moot_chain_fork_kept(struct moot_history *s, struct moot_chain *c)
{
    c->fork_kept = true;
    touch(s, c);
}

/* --- digests --- */

static bool keeps(const struct moot_chain *c)
{
    return c->kept_len > 0 || c->fork_kept;
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

        if (!keeps(c))
            continue;
        a->kept += c->kept_len;
        moot_hasher_add_u64(&h, c->in.run);
        moot_hasher_add_u64(&h, c->kept_len);
        moot_hasher_add(&h, c->kept_head.b, sizeof c->kept_head.b);
        if (!c->fork_kept)
            continue;
        moot_hasher_add_u64(&h, c->fork->seq);
        moot_hasher_add(&h, c->fork->hash.b, sizeof c->fork->hash.b);
    }
    a->digest = moot_hasher_final(&h);
    a->stale = false;
    return &a->digest;
}

/* An author of whom nothing is kept is not in the log at all. */
static bool author_keeps(const struct moot_author *a)
{
    for (unsigned i = 0; i < a->count; i++)
        if (keeps(a->chains[i]))
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
