/*
 * net/resolve_internal.h - a name becomes addresses.  Blocks.
 *
 * Layer:  net (loud).
 * Thread: a worker's.
 */
#ifndef MOOT_NET_RESOLVE_INTERNAL_H
#define MOOT_NET_RESOLVE_INTERNAL_H

#include "net/socket_internal.h"

#define MOOT_RESOLVED_MAX 8 /* of one name; the rest is not tried */

/*
 * Appends what a stands for to out, at most max; returns how many.  0: it does
 * not resolve.  A numeric host never asks anybody.  A link-local address stands
 * for itself on every link of this machine.
 */
unsigned moot_resolve(const struct moot_addr *a, union moot_sockaddr *out,
                      unsigned max);

#endif
