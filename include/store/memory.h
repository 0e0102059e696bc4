/*
 * store/memory.h - keeps entries in memory, behind a thread of its own.
 *
 * Everything that waits goes to the thread as one batch.  At the bound the
 * oldest bodies go; headers stay.  Delivers MOOT_EV_STORED and MOOT_EV_FETCHED,
 * in the order asked.
 *
 * Layer:  store (loud).
 * Thread: the loop's.  Reference counts are touched on the loop only: the
 *         store holds one reference to each entry from put() on.
 */
#ifndef MOOT_STORE_MEMORY_H
#define MOOT_STORE_MEMORY_H

#include <ev.h>

#include "loop/sink.h"

struct moot_store;

/* bytes_max: MOOT_STORE_BYTES_MAX, less in tests.  sink: borrowed for the
 * lifetime of the store. */
struct moot_store *moot_store_open(struct ev_loop *loop,
                                   const struct moot_sink *sink,
                                   size_t bytes_max);

/* Finishes what waits, delivers nothing more.  NULL does nothing. */
void moot_store_close(struct moot_store *s);

/*
 * MOOT_FX_STORE and MOOT_FX_FETCH.  Tokens of puts only grow.  What nobody
 * waits for gathers for MOOT_STORE_WAIT_MS, so that the thread wakes once for
 * many; a put in a hurry, or a fetch, takes along what has gathered.
 */
void moot_store_put(struct moot_store *s, struct moot_entry *e,
                    moot_token token, bool hurry);
void moot_store_fetch(struct moot_store *s, const struct moot_fx_fetch *what);

#endif
