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

/*
 * The order in which to try them (RFC 8305, 4): the families by turns, so that
 * one that leads nowhere costs one pause and not all of them.  The other one
 * than last begins, IPv6 when last is AF_UNSPEC; within a family nothing
 * changes.
 */
void moot_dial_interleave(union moot_sockaddr *targets, unsigned count,
                          sa_family_t last);

/* MOOT_OK and a connection whose handshake is done, or the most telling of what
 * went wrong.  Blocks at most what.within, but for the resolver. */
int moot_dial_run(const struct dial_order *order, SSL **ret_ssl);

#endif
