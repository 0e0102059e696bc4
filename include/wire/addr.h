/*
 * wire/addr.h - "host:port" and "[v6]:port" as text and in pieces.
 *
 * Names are not resolved here; a host is an IPv4 or IPv6 literal or a name,
 * kept in one canonical form: names in lower case, IPv6 as RFC 5952 writes it,
 * and IPv4 in IPv6 clothes (::ffff:a.b.c.d) as IPv4.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_ADDR_H
#define MOOT_WIRE_ADDR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/limits.h"

/* No address is port 0. */
struct moot_addr {
    char host[MOOT_HOST_LEN_MAX + 1]; /* without brackets, zero-terminated */
    uint16_t port;
};

/* MOOT_EINVAL on anything else; ret_addr is written on success only. */
int moot_addr_parse(struct moot_bytes text, struct moot_addr *ret_addr);

/*
 * host: a literal (a zone after '%' is dropped), a valid name, or "" for none;
 * anything else is a broken promise of the caller.
 */
void moot_addr_set(struct moot_addr *a, const char *host, uint16_t port);

/* "host:port", IPv6 in brackets. */
void moot_addr_format(const struct moot_addr *a, char out[MOOT_ADDR_TEXT_MAX]);

bool moot_addr_eq(const struct moot_addr *a, const struct moot_addr *b);

/* 127.0.0.0/8, ::1, ::ffff:127.0.0.0/104 or "localhost". */
bool moot_addr_loopback(const struct moot_addr *a);

/* 0.0.0.0, :: (nobody can dial that). */
bool moot_addr_wildcard(const struct moot_addr *a);

/*
 * A literal that means the same host all over the Internet: no loopback,
 * link-local, private-range or shared one (RFC 1918, 4193, 6598), no multicast,
 * no wildcard.
 */
bool moot_addr_public(const struct moot_addr *a);

/* An IPv4 or IPv6 literal rather than a name. */
bool moot_addr_literal(const struct moot_addr *a);

/*
 * Whose address is it?  An IPv4 one is one party's, and the first half of an
 * IPv6 one, for who has that has all of the other half.  Of a name: zeros.
 */
#define MOOT_NETWORK_LEN 8
void moot_addr_network(const struct moot_addr *a,
                       uint8_t out[MOOT_NETWORK_LEN]);

#endif
