/*
 * net/dial.h - reaching a peer: resolve, connect, shake hands, check the pin;
 * all of it in a worker.
 *
 * A finished dial is given to the links (MOOT_EV_LINK_OPEN with its token); any
 * other end is MOOT_EV_DIAL_FAILED with the most telling error.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_NET_DIAL_H
#define MOOT_NET_DIAL_H

#include "loop/jobs.h"
#include "net/link.h"

struct moot_dials;

/* All borrowed for the lifetime of the dials.  tls is that of the links. */
struct moot_dials *moot_dials_open(struct ev_loop *loop,
                                   const struct moot_sink *sink,
                                   struct moot_jobs *jobs,
                                   struct moot_links *links,
                                   const struct moot_tls *tls);

/* Exactly one event will follow, never from inside this call. */
void moot_dials_start(struct moot_dials *d, const struct moot_fx_dial *what);

/* After the pool was closed.  NULL does nothing. */
void moot_dials_close(struct moot_dials *d);

#endif
