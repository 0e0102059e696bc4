/*
 * net/dns_internal.h - a lookup's findings, and one lookup while a worker is at
 * it.
 *
 * Layer:  net (loud).
 * Thread: the worker's that runs it.
 */
#ifndef MOOT_NET_DNS_INTERNAL_H
#define MOOT_NET_DNS_INTERNAL_H

#include "base/rng.h"
#include "net/dns.h"

#define MOOT_DNS_BY_TEXT 65536 /* as a priority: behind all SRV records */

/* A bootstrap socket that a record names. */
struct dns_door {
    struct moot_addr addr;
    uint32_t priority; /* the lower, the better */
    uint16_t weight;
    struct moot_pins pins; /* of an invitation */
};

/* A zeroed struct has none. */
struct dns_doors {
    struct dns_door at[MOOT_DNS_DOORS_MAX];
    unsigned count;
};

/* What cannot be an address is left out, as is what is worse than all others
 * when there is no more room. */
void moot_dns_add_srv(struct dns_doors *d, const char *host, uint16_t port,
                      uint16_t priority, uint16_t weight);

/* The text of one record; other people's are left out. */
void moot_dns_add_txt(struct dns_doors *d, struct moot_bytes text);

/* The lowest priority first, chance by weight within one (RFC 2782). */
void moot_dns_sort(struct dns_doors *d, struct moot_rng *rng);

/* --- one lookup --- */

struct dns_order {
    const char *name;
    const char *server; /* "host:port"; NULL: the system's */
    moot_ms within;
    int cancel_fd;       /* readable: give up */
    struct moot_rng rng; /* for the choice by weight */
};

struct dns_found {
    struct moot_way ways[MOOT_DNS_WAYS_MAX];
    unsigned count;
};

/* MOOT_OK and at least one way; MOOT_ENONE: no record; else why nobody could
 * be asked.  Blocks at most order->within. */
int moot_dns_run(struct dns_order *order, struct dns_found *found);

#endif
