/*
 * net/accept_internal.h - a listening socket that survives being out of files.
 *
 * A level-triggered loop would spin on a connection that cannot be accepted.
 * So one descriptor is kept in reserve: it is given up to accept that
 * connection and close it at once, and then nobody is accepted for a while.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_NET_ACCEPT_INTERNAL_H
#define MOOT_NET_ACCEPT_INTERNAL_H

#include <ev.h>

#include "base/time.h"
#include "net/socket_internal.h"

struct moot_acceptor {
    struct ev_loop *loop;
    int fd;
    int spare; /* -1: given up, not yet regained */
    ev_io ready;
    ev_timer pause;
};

/* Takes fd.  on_ready is called with data in w->data whenever somebody waits;
 * it takes at most MOOT_ACCEPTS_PER_TURN. */
void moot_acceptor_open(struct moot_acceptor *a, struct ev_loop *loop, int fd,
                        moot_ms pause_ms,
                        void (*on_ready)(struct ev_loop *, ev_io *, int),
                        void *data);

/* Idempotent; a zeroed struct is fine. */
void moot_acceptor_close(struct moot_acceptor *a);

/* The next connection, non-blocking; -1: no more for now. */
int moot_acceptor_take(struct moot_acceptor *a, union moot_sockaddr *ret_from);

/* A connection that got no further is counted, and has one line of log.
 * socket: "link", "bootstrap" (an event of its own, so that each is counted
 * alone) or "any"; reason: a constant of [a-z_]; why: anything. */
void moot_log_refused(const char *socket, const union moot_sockaddr *from,
                      const char *reason, const char *why);

#endif
