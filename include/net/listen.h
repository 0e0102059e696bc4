/*
 * net/listen.h - listening sockets, and the addresses under which they can be
 * reached.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_NET_LISTEN_H
#define MOOT_NET_LISTEN_H

#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

/*
 * A non-blocking listening socket on host (numeric or a name; NULL: every
 * address, IPv4 and IPv6) and port (0: the kernel chooses).  *ret_port is what
 * it got.  MOOT_EBUSY: taken; MOOT_ENAME: host does not resolve; MOOT_EUNREACH:
 * not an address of this machine; MOOT_ESYS: anything else, logged.
 */
int moot_listen(const char *host, uint16_t port, int *ret_fd,
                uint16_t *ret_port);

/*
 * Who listens on that port, as far as one may know: "ncat (pid 1234)", or "".
 */
void moot_listen_holder(uint16_t port, char *out, size_t max);

/*
 * Addresses of this machine that others can dial, IPv4 first, each with this
 * port; no loopback, no link-local.  Returns how many were written.
 */
unsigned moot_listen_addrs(uint16_t port, struct moot_addr *out, unsigned max);

#endif
