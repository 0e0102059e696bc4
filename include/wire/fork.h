/*
 * wire/fork.h - the proof that one run has two histories.
 *
 * Two signed headers (entries without bodies) of one group and run:
 *
 *     same seq, other hashes           the histories part at that seq
 *     seq n - 1 and n, and the later   ... at n
 *     does not name the earlier
 *
 * Whoever has both can show them to anybody; nobody but the author can make
 * them.  Many proofs may exist of one run: the one with the lowest seq is the
 * best, of equals the one with the smaller hashes, so that all come to hold
 * the same one.
 *
 * Layer:  wire (quiet).
 * Thread: the caller's, as with entries.
 */
#ifndef MOOT_WIRE_FORK_H
#define MOOT_WIRE_FORK_H

#include "wire/entry.h"

/* A zeroed struct holds nothing. */
struct moot_fork {
    struct moot_entry *first, *second; /* without bodies, one reference each;
                                          by seq, then by hash */
    uint64_t seq;          /* the first that is not of the run any more */
    struct moot_hash hash; /* names the proof: over both headers' hashes */
};

/* false: they contradict each other in nothing.  Borrows both. */
bool moot_fork_make(const struct moot_entry *a, const struct moot_entry *b,
                    struct moot_fork *ret_fork);

/*
 * Judges the form of one that arrived.  MOOT_EPROTO when it is no proof,
 * MOOT_EVERSION when an entry in it is of another version.  Signatures are not
 * checked here.
 */
int moot_fork_open(struct moot_bytes raw, struct moot_fork *ret_fork);

/* Appends what moot_fork_open reads. */
void moot_fork_encode(const struct moot_fork *f, struct moot_buf *out);

/* Are both signed by their author? */
bool moot_fork_verify(const struct moot_fork *f);

/* < 0: a is the better one; 0: they are the same. */
int moot_fork_cmp(const struct moot_fork *a, const struct moot_fork *b);

void moot_fork_fini(struct moot_fork *f);

#endif
