/*
 * net/lan_internal.h - on which interfaces beacons are sent and heard.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_NET_LAN_INTERNAL_H
#define MOOT_NET_LAN_INTERNAL_H

#include <ifaddrs.h>
#include <net/if.h>

#include "net/lan.h"
#include "net/socket_internal.h"

/* One interface, and the addresses beacons are sent from there. */
struct lan_net {
    char name[IFNAMSIZ];
    bool v4, v6;
    struct in_addr from4;
    struct in6_addr from6;
};

struct lan_rules {
    enum moot_lan_where where; /* not MOOT_LAN_OFF */
    union moot_sockaddr bound; /* the wildcard: to every address */
    const char *only;          /* NULL: whichever */
};

enum lan_kind {
    LAN_NONE, /* nobody is there: the wildcard, multicast */
    LAN_LOOPBACK,
    LAN_LINK,    /* fe80::/10 */
    LAN_PRIVATE, /* 10/8, 172.16/12, 192.168/16, 169.254/16, fc00::/7 */
    LAN_PUBLIC
};

enum lan_kind moot_lan_kind(const union moot_sockaddr *a);

/* May there be anything to do, whatever interfaces come and go? */
bool moot_lan_possible(const struct lan_rules *r);

/* The interfaces of the list that the rules want, by their names; at most max.
 * Returns how many. */
unsigned moot_lan_choose(const struct ifaddrs *all, const struct lan_rules *r,
                         struct lan_net *out, unsigned max);

/* How much one sender is listened to. */
struct lan_share {
    struct moot_origin who;
    moot_ms at;
    unsigned left;
};

struct lan_shares {
    struct lan_share at[MOOT_LAN_SENDERS_MAX];
    unsigned count;
};

/* false: he has said enough for now. */
bool moot_lan_hear(struct lan_shares *s, const struct moot_origin *who,
                   moot_ms now);

#endif
