/*
 * wire/fork.c - making, opening and comparing proofs of two histories.
 *
 * Layer:  wire (quiet).
 * Thread: the caller's.
 */
#include "wire/fork.h"

#include "base/error.h"
#include "wire/message_internal.h"
#include "wire/pb_internal.h"

/* a comes first. */
static bool in_order(const struct moot_entry *a, const struct moot_entry *b)
{
    if (a->seq != b->seq)
        return a->seq < b->seq;
    return moot_hash_cmp(&a->hash, &b->hash) < 0;
}

/* The seq at which they part; 0: they do not.  They are in order. */
static uint64_t parts_at(const struct moot_entry *a, const struct moot_entry *b)
{
    if (!moot_hash_eq(&a->group, &b->group) ||
        moot_run_cmp(&a->in, &b->in) != 0)
        return 0;
    if (a->seq == b->seq)
        return moot_hash_eq(&a->hash, &b->hash) ? 0 : b->seq;
    if (b->seq - a->seq != 1 || moot_hash_eq(&b->prev, &a->hash))
        return 0;
    return b->seq;
}

static struct moot_hash name_of(const struct moot_entry *a,
                                const struct moot_entry *b)
{
    struct moot_hasher h;

    moot_hasher_init(&h);
    moot_hasher_add(&h, a->hash.b, sizeof a->hash.b);
    moot_hasher_add(&h, b->hash.b, sizeof b->hash.b);
    return moot_hasher_final(&h);
}

bool moot_fork_make(const struct moot_entry *a, const struct moot_entry *b,
                    struct moot_fork *ret_fork)
{
    const struct moot_entry *first = in_order(a, b) ? a : b;
    const struct moot_entry *second = first == a ? b : a;
    uint64_t seq = parts_at(first, second);

    if (seq == 0)
        return false;
    *ret_fork = (struct moot_fork){.first = moot_entry_pruned(first),
                                   .second = moot_entry_pruned(second),
                                   .seq = seq,
                                   .hash = name_of(first, second)};
    return true;
}

/* Opens both, in the order in which they stand. */
static int open_both(struct moot_bytes raw, struct moot_entry *ret_both[2])
{
    struct moot_bytes both[2] = {{0}};
    struct moot_pb p = moot_pb_read(raw);
    int status;

    while (moot_pb_next(&p)) {
        if (p.number == MOOT_FORK_FIRST)
            moot_pb_take_bytes(&p, MOOT_FRAME_LEN_MAX, &both[0]);
        else if (p.number == MOOT_FORK_SECOND)
            moot_pb_take_bytes(&p, MOOT_FRAME_LEN_MAX, &both[1]);
    }
    if (!moot_pb_took(&p, MOOT_PB_FIELD(MOOT_FORK_FIRST) |
                              MOOT_PB_FIELD(MOOT_FORK_SECOND)))
        return MOOT_EPROTO;
    status = moot_entry_open(both[0], &ret_both[0]);
    if (status != MOOT_OK)
        return status;
    status = moot_entry_open(both[1], &ret_both[1]);
    if (status != MOOT_OK)
        moot_entry_unref(ret_both[0]);
    return status;
}

int moot_fork_open(struct moot_bytes raw, struct moot_fork *ret_fork)
{
    struct moot_entry *both[2];
    struct moot_fork f;
    int status = open_both(raw, both);

    if (status != MOOT_OK)
        return status;
    f = (struct moot_fork){.first = both[0], .second = both[1]};
    f.seq = parts_at(f.first, f.second);
    if (f.seq == 0 || !in_order(f.first, f.second) ||
        f.first->body.data != NULL || f.second->body.data != NULL) {
        moot_fork_fini(&f);
        return MOOT_EPROTO;
    }
    f.hash = name_of(f.first, f.second);
    *ret_fork = f;
    return MOOT_OK;
}

void moot_fork_encode(const struct moot_fork *f, struct moot_buf *out)
{
    moot_pb_put_bytes(out, MOOT_FORK_FIRST, f->first->raw);
    moot_pb_put_bytes(out, MOOT_FORK_SECOND, f->second->raw);
}

bool moot_fork_verify(const struct moot_fork *f)
{
    return moot_entry_verify(f->first) && moot_entry_verify(f->second);
}

int moot_fork_cmp(const struct moot_fork *a, const struct moot_fork *b)
{
    int order;

    if (a->seq != b->seq)
        return a->seq < b->seq ? -1 : 1;
    order = moot_hash_cmp(&a->first->hash, &b->first->hash);
    if (order != 0)
        return order;
    return moot_hash_cmp(&a->second->hash, &b->second->hash);
}

void moot_fork_fini(struct moot_fork *f)
{
    moot_entry_unref(f->first);
    moot_entry_unref(f->second);
    *f = (struct moot_fork){0};
}
