/*
 * net/doubt_internal.h - addresses from which membership was proven wrongly,
 * and how much of that is put up with.
 *
 * Each address has so many wrong proofs free, which come back with time; one
 * from which a member has come has more of them.  What is beyond that is turned
 * away before any work is done for it.  Links that are up are not touched.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_NET_DOUBT_INTERNAL_H
#define MOOT_NET_DOUBT_INTERNAL_H

#include "base/limits.h"
#include "base/time.h"
#include "net/socket_internal.h"

struct moot_doubted {
    struct moot_origin origin;
    moot_ms at;     /* when .spent was true */
    moot_ms member; /* when one came in from there; 0: never */
    int64_t spent;  /* of what is free, in thousandths of a wrong proof */
};

/* A zeroed struct doubts nobody. */
struct moot_doubts {
    unsigned count;
    struct moot_doubted at[MOOT_DOUBTED_MAX];
};

/* Somebody there proved something wrong; somebody there is a member. */
void moot_doubt_wrong(struct moot_doubts *d, const union moot_sockaddr *from,
                      moot_ms now);
void moot_doubt_proven(struct moot_doubts *d, const union moot_sockaddr *from,
                       moot_ms now);

/* Is a connection from there to be turned away? */
bool moot_doubt_refuses(struct moot_doubts *d, const union moot_sockaddr *from,
                        moot_ms now);

#endif
