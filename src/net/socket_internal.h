/*
 * net/socket_internal.h - small truths about sockets and their addresses.
 *
 * Layer:  net (loud).
 * Thread: any.
 */
#ifndef MOOT_NET_SOCKET_INTERNAL_H
#define MOOT_NET_SOCKET_INTERNAL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "wire/addr.h"

/* An address of the two families that count. */
union moot_sockaddr {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

socklen_t moot_sockaddr_len(const union moot_sockaddr *a);

/* As text; an IPv4 address in IPv6 clothes is shown as IPv4. */
void moot_sockaddr_addr(const union moot_sockaddr *a, struct moot_addr *out);

/* What shares of one address are counted by: an IPv4 address, or the /64 of
 * an IPv6 address. */
struct moot_origin {
    uint8_t b[8];
};
struct moot_origin moot_sockaddr_origin(const union moot_sockaddr *a);
bool moot_origin_eq(const struct moot_origin *a, const struct moot_origin *b);

/* What every link's socket has: no delays, and a bound on what the kernel
 * hides from our queues. */
void moot_socket_tune(int fd);

/* Which moot_error an errno of a connection means. */
int moot_socket_error(int error);

#endif
