/*
 * ident/ring.h - the secrets a closed group has had, as far as we know them.
 *
 * Each has a generation; of two of one generation the one with the greater hash
 * is the newer.  The newest is the group's secret; the older ones are kept for
 * those who were away when it was changed, because whoever was given the newest
 * is let in with an older one, and gets the newest then.
 *
 * Layer:  ident (quiet).
 * Thread: any; a ring is never shared.
 */
#ifndef MOOT_IDENT_RING_H
#define MOOT_IDENT_RING_H

#include "base/limits.h"
#include "ident/secret.h"

struct moot_ring_secret {
    uint64_t generation;
    struct moot_secret secret;
    struct moot_hash hash;
    bool guessed; /* the generation: nobody has named it yet */
};

/* An identity, short: 16 bytes are enough to tell members apart. */
struct moot_short_id {
    uint8_t b[16];
};

struct moot_short_id moot_id_short(const struct moot_id *id);

/* Somebody a change names. */
struct moot_ring_name {
    struct moot_short_id id;
    bool out; /* it is not for him; else it was sealed for him */
};

enum moot_ring_place {
    MOOT_RING_UNNAMED,
    MOOT_RING_IN,
    MOOT_RING_OUT
};

/* A zeroed struct is that of an open group. */
struct moot_ring {
    unsigned count;
    struct moot_ring_secret at[MOOT_KEPT_SECRETS_MAX]; /* oldest first */
    /* The newest change we have heard of, ours or not, and whom it names. */
    uint64_t generation;
    struct moot_hash hash;
    unsigned name_count;
    struct moot_ring_name names[MOOT_RING_NAMES_MAX];
};

bool moot_ring_closed(const struct moot_ring *r);

/* Borrowed until the ring changes; NULL: an open group. */
const struct moot_ring_secret *moot_ring_newest(const struct moot_ring *r);

/* NULL: no such. */
const struct moot_ring_secret *moot_ring_find(const struct moot_ring *r,
                                              const struct moot_hash *hash);

/* Adds a secret; at the bound the oldest goes.  True: it is the newest now, and
 * was not before. */
bool moot_ring_learn(struct moot_ring *r, uint64_t generation,
                     const struct moot_secret *s);

/* Adds the secret of an invitation, of which no generation is known yet: it
 * counts as newer than all we have until it is named by a change.  Whom the
 * newest change names that was heard of before stays as it is. */
void moot_ring_invited(struct moot_ring *r, const struct moot_secret *s);

/* A change was heard of: its names count when none newer was.  Of the
 * generations that a secret is said to have, the highest holds: who could lower
 * it would bring back the one before. */
void moot_ring_heard(struct moot_ring *r, uint64_t generation,
                     const struct moot_hash *hash);

/* Somebody who has this secret says its generation: that of an invitation is
 * guessed until then, others are known from the changes.  True: it is news. */
bool moot_ring_told(struct moot_ring *r, uint64_t generation,
                    const struct moot_hash *hash);

/* Names somebody in that change; false: it is not the newest heard of, he is
 * named already, or there is no room. */
bool moot_ring_name(struct moot_ring *r, const struct moot_hash *hash,
                    const struct moot_short_id *id, bool out);

/* What the change that made our newest says of him. */
enum moot_ring_place moot_ring_place(const struct moot_ring *r,
                                     const struct moot_id *id);

/* What the newest change we have heard of says of him, though it may not be for
 * us: then we are left out ourselves, or not told yet. */
enum moot_ring_place moot_ring_word(const struct moot_ring *r,
                                    const struct moot_id *id);

/* The generation of the next change. */
uint64_t moot_ring_next(const struct moot_ring *r);

#endif
