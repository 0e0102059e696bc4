/*
 * store/store.h - keeps what is said, on disk, behind threads of its own.
 *
 * One thread writes: everything that waits goes into one transaction, and an
 * own entry never before what it cites.  Another reads, through a connection
 * of its own, so that a slow flush delays no read.  The loop never waits for
 * either.
 *
 * Delivers MOOT_EV_STORED, MOOT_EV_FETCHED, MOOT_EV_DAMAGED,
 * MOOT_EV_STORE_FAILED, MOOT_EV_STORE_BACK and MOOT_EV_STORE_NEARLY_FULL, and
 * never from inside a call.  After a failure what was given is kept, and all of
 * it is written anew in a new transaction, until it is safe: a flush that
 * failed is never taken for one that worked.
 *
 * Layer:  store (loud).
 * Thread: the loop's.  Reference counts are touched on the loop only: the
 *         store holds one reference to each entry from put() on.
 */
#ifndef MOOT_STORE_STORE_H
#define MOOT_STORE_STORE_H

#include <ev.h>

#include "loop/sink.h"

struct moot_store;

struct moot_store_config {
    struct ev_loop *loop;
    const struct moot_sink *sink; /* borrowed for the lifetime of the store */
    const char *path;             /* of history.db; it was opened before */
    const char *vfs;              /* of SQLite; NULL: the system's */
    struct moot_id own;           /* whose bodies are never pruned */
    uint64_t bytes_max;           /* --history_limit */
    moot_ms pace;                 /* of retries and looks; 0: as in limits.h */
};

struct moot_store *moot_store_open(const struct moot_store_config *config);

/*
 * Finishes what waits, delivers nothing more.  NULL does nothing.  Returns how
 * many entries could not be made safe within `within` ms.
 */
unsigned moot_store_close(struct moot_store *s, moot_ms within);

/*
 * MOOT_FX_STORE, MOOT_FX_END_RUN, MOOT_FX_REMEMBER and MOOT_FX_FETCH.  Tokens
 * of puts and ends only grow.  What nobody waits for gathers for
 * MOOT_STORE_WAIT_MS, so that the thread wakes once for many; a put in a hurry
 * takes along what has gathered, and is never told to be stored as long as it
 * does not fit what is kept.  Another one that does not fit is told as damaged.
 */
void moot_store_put(struct moot_store *s, struct moot_entry *e,
                    moot_token token, bool hurry);
void moot_store_end_run(struct moot_store *s, const struct moot_fx_end_run *end,
                        moot_token token);
void moot_store_remember(struct moot_store *s,
                         const struct moot_fx_remember *group);
void moot_store_fetch(struct moot_store *s, const struct moot_fx_fetch *what);

#endif
