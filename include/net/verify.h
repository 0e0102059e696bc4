/*
 * net/verify.h - checks signatures beside the loop.
 *
 * Has threads of its own: a dial that waits for a far host must not hold up
 * what has arrived.  A large batch is shared out among them; what comes back
 * is one event for each batch, in the order asked, with MOOT_EV_VERIFIED for
 * all of it.
 *
 * Layer:  net (loud).
 * Thread: the loop's.  Reference counts are touched on the loop only: each
 *         entry of a batch is held until its event was delivered.
 */
#ifndef MOOT_NET_VERIFY_H
#define MOOT_NET_VERIFY_H

#include <ev.h>

#include "loop/sink.h"

struct moot_verifier;

/* threads: 0 for as many as there are processors.  sink: borrowed for the
 * lifetime of the verifier. */
struct moot_verifier *moot_verifier_open(struct ev_loop *loop,
                                         const struct moot_sink *sink,
                                         unsigned threads);

/* Delivers nothing more.  NULL does nothing. */
void moot_verifier_close(struct moot_verifier *v);

/* MOOT_FX_VERIFY.  Never delivers from inside this call. */
void moot_verifier_start(struct moot_verifier *v,
                         const struct moot_fx_verify *what);

#endif
