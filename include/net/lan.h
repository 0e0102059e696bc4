/*
 * net/lan.h - being heard on the local network, and hearing others: beacons by
 * multicast, IPv4 and IPv6, that no router passes on.
 *
 * Three beacons soon after the start and after every change of the interfaces,
 * then one every 5 s or so while nobody is linked, and every 30 s or so
 * afterwards.  What is heard is delivered as MOOT_EV_BEACON, so many of one
 * sender; the node judges it.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_NET_LAN_H
#define MOOT_NET_LAN_H

#include <ev.h>

#include "loop/sink.h"
#include "node/node.h"

/* An administratively scoped group (RFC 2365), and a link-local one. */
#define MOOT_LAN_GROUP_V4 "239.255.109.116"
#define MOOT_LAN_GROUP_V6 "ff02::6d6f:6f74"
#define MOOT_LAN_PORT 26668

enum moot_lan_where {
    MOOT_LAN_PRIVATE, /* interfaces that have a private-range address */
    MOOT_LAN_ALL,     /* whatever can do multicast */
    MOOT_LAN_OFF
};

struct moot_lan_config {
    struct ev_loop *loop;
    const struct moot_sink *sink; /* borrowed for the lifetime of the lan */
    struct moot_node *node;       /* likewise: makes the beacons */
    enum moot_lan_where where;
    int listener;     /* the welcoming socket: an address it is bound to is the
                     only one that beacons are sent from */
    uint16_t port;    /* for tests; 0: MOOT_LAN_PORT */
    const char *only; /* for tests: the name of the only interface */
};

struct moot_lan;

/*
 * NULL: there is nothing to be done here (off, or bound to the loopback or to
 * a public address), or no socket could be had, which is logged.
 */
struct moot_lan *moot_lan_open(const struct moot_lan_config *config);

/* NULL does nothing. */
void moot_lan_close(struct moot_lan *l);

#endif
