/*
 * net/dial_internal.h - one dial while a worker is at it.
 *
 * Layer:  net (loud).
 * Thread: the worker's that runs it.
 */
#ifndef MOOT_NET_DIAL_INTERNAL_H
#define MOOT_NET_DIAL_INTERNAL_H

#include "net/resolve_internal.h"
#include "net/tls.h"
#include "node/event.h"

/* What a dial needs; nothing in it changes while it runs. */
struct dial_order {
    struct moot_fx_dial what;
    const struct moot_tls *tls;
    int cancel_fd; /* readable: give up */
};

/* MOOT_OK and a connection whose handshake is done, or the most telling of what
 * went wrong.  Blocks at most what.within, but for the resolver. */
int moot_dial_run(const struct dial_order *order, SSL **ret_ssl);

#endif
