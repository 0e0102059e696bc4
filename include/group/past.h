/*
 * group/past.h - what a store still knows of a group from earlier runs.
 *
 * It is read once, before a peer starts, so that a group whose history is
 * long is entered as fast as one that is short: chains are told by their
 * heads, and of the entries only the newest are there.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_GROUP_PAST_H
#define MOOT_GROUP_PAST_H

#include "ident/ring.h"
#include "wire/addr.h"
#include "wire/entry.h"
#include "wire/invite.h"

/* An address that was good, and who was found there. */
struct moot_kept_addr {
    struct moot_addr addr;
    struct moot_id id; /* all zero: not known */
};

/* One of the secrets a closed group has had. */
struct moot_kept_secret {
    uint64_t generation;
    uint8_t b[32];
};

/*
 * What it takes to come back to a group, or to let somebody else in.  Doors are
 * bootstrap sockets, seeds welcoming sockets of members; those that were good
 * last come first.  Without secrets it is an open group.
 */
struct moot_back {
    struct moot_kept_secret secrets[MOOT_KEPT_SECRETS_MAX]; /* newest last */
    unsigned secret_count;
    struct moot_kept_addr doors[MOOT_KEPT_DOORS_MAX];
    unsigned door_count;
    struct moot_kept_addr seeds[MOOT_KEPT_SEEDS_MAX];
    unsigned seed_count;
    struct moot_ring_name named[MOOT_RING_NAMES_MAX]; /* by the newest secret */
    unsigned named_count;
};

/*
 * The invitation that self can write: to all the doors, signed for by whoever
 * is there or by self.  False: there is no door.
 */
bool moot_back_invite(const struct moot_back *back,
                      const struct moot_hash *group, const struct moot_id *self,
                      struct moot_invite *ret_invite);

bool moot_back_eq(const struct moot_back *a, const struct moot_back *b);

/* A chain as the store has it. */
struct moot_past_chain {
    struct moot_run in;
    uint64_t base; /* the first seq that is kept: 1, or more with --history */
    uint64_t len;  /* the newest seq; base - 1 when nothing is kept */
    struct moot_hash head; /* hash of the newest; all zero when len is 0 */
    uint64_t *gaps;        /* missing or damaged seqs of base..len, sorted */
    unsigned gap_count;
    struct moot_bytes fork; /* the proof that ended it; len 0: none */
};

/* Owned by whoever filled it, who keeps it while a node may read it. */
struct moot_past {
    struct moot_hash group;
    char name[MOOT_NAME_LEN_MAX + 1];
    bool grown;       /* others have seen a line of it: see moot_weight */
    uint64_t lamport; /* the highest of all that is kept */
    struct moot_past_chain *chains; /* sorted by author, then run */
    unsigned chain_count;
    struct moot_back back;
    struct moot_entry **tail; /* the newest entries, in transcript order */
    unsigned tail_count;
};

#endif
