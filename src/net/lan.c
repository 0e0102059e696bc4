/*
 * net/lan.c - the sockets, the clock, and the interfaces as they come and go.
 *
 * One socket for each family hears all interfaces, and says each beacon on each
 * of them from an address there.  The kernel tells when that may have changed.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include "net/lan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "loop/clock.h"
#include "loop/log.h"
#include "net/lan_internal.h"

#define QUICK_BEACONS 3
#define QUICK_MS                                                               \
    300               /* between these; not at all without a pause: a storm of
                          changes must not become one of beacons */
#define ALONE_MS 5000 /* between the later ones, while nobody is linked */
#define LINKED_MS 30000
#define READS_PER_TURN 32

struct lan_socket {
    int fd; /* -1: this family is not to be had */
    union moot_sockaddr group;
    ev_io readable;
};

/* An interface where the group of a family was joined. */
struct lan_joined {
    unsigned index;
    struct lan_net net;
};

struct moot_lan {
    struct ev_loop *loop;
    const struct moot_sink *sink;
    struct moot_node *node;
    struct lan_rules rules;
    struct lan_socket v4, v6;
    int changes; /* netlink; -1: none */
    ev_io changed;
    ev_timer next;
    unsigned quick; /* beacons to come in quick succession */
    struct lan_joined nets[MOOT_LAN_NETS_MAX];
    unsigned net_count;
    struct lan_shares shares;
};

/* --- joining --- */

static int membership(const struct moot_lan *l, const struct lan_joined *n,
                      bool v6, bool join)
{
    if (v6) {
        struct ipv6_mreq m = {.ipv6mr_multiaddr = l->v6.group.v6.sin6_addr,
                              .ipv6mr_interface = n->index};

        return setsockopt(l->v6.fd, IPPROTO_IPV6,
                          join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &m,
                          sizeof m);
    }

    struct ip_mreqn m = {.imr_multiaddr = l->v4.group.v4.sin_addr,
                         .imr_ifindex = (int)n->index};

    return setsockopt(l->v4.fd, IPPROTO_IP,
                      join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &m,
                      sizeof m);
}

static void join(const struct moot_lan *l, struct lan_joined *n)
{
    n->net.v4 = n->net.v4 && l->v4.fd >= 0;
    n->net.v6 = n->net.v6 && l->v6.fd >= 0;
    if (n->net.v4 && membership(l, n, false, true) != 0 && errno != EADDRINUSE)
        n->net.v4 = false;
    if (n->net.v6 && membership(l, n, true, true) != 0 && errno != EADDRINUSE)
        n->net.v6 = false;
    if (n->net.v4 || n->net.v6)
        moot_log(MOOT_LOG_INFO, "lan_joined", "interface", n->net.name, "v4",
                 n->net.v4 ? "yes" : "no", "v6", n->net.v6 ? "yes" : "no",
                 NULL);
}

/* Memberships of an interface that is gone went with it. */
static void leave(const struct moot_lan *l, const struct lan_joined *n,
                  const struct lan_joined *heir)
{
    if (n->net.v4 && (heir == NULL || !heir->net.v4))
        (void)membership(l, n, false, false);
    if (n->net.v6 && (heir == NULL || !heir->net.v6))
        (void)membership(l, n, true, false);
}

static struct lan_joined *joined_at(struct moot_lan *l, unsigned index)
{
    for (unsigned i = 0; i < l->net_count; i++)
        if (l->nets[i].index == index)
            return &l->nets[i];
    return NULL;
}

/* Looks at the interfaces anew. */
static void look(struct moot_lan *l)
{
    struct lan_joined old[MOOT_LAN_NETS_MAX];
    struct lan_net found[MOOT_LAN_NETS_MAX];
    unsigned old_count = l->net_count, count;
    struct ifaddrs *all;

    if (getifaddrs(&all) != 0)
        return;
    count = moot_lan_choose(all, &l->rules, found, MOOT_LAN_NETS_MAX);
    freeifaddrs(all);
    memcpy(old, l->nets, sizeof old);
    l->net_count = 0;
    for (unsigned i = 0; i < count; i++) {
        struct lan_joined n = {if_nametoindex(found[i].name), found[i]};
        bool known = false;

        if (n.index == 0)
            continue; /* gone meanwhile */
        for (unsigned k = 0; k < old_count && !known; k++)
            known = old[k].index == n.index && old[k].net.v4 == n.net.v4 &&
                    old[k].net.v6 == n.net.v6;
        if (!known)
            join(l, &n);
        l->nets[l->net_count++] = n;
    }
    for (unsigned k = 0; k < old_count; k++)
        leave(l, &old[k], joined_at(l, old[k].index));
}

/* --- saying --- */

static void say_at(const struct moot_lan *l, const struct lan_joined *n,
                   bool v6, const uint8_t *bytes)
{
    const struct lan_socket *s = v6 ? &l->v6 : &l->v4;
    union moot_sockaddr to = s->group;
    union {
        char raw[CMSG_SPACE(sizeof(struct in6_pktinfo))];
        struct cmsghdr align;
    } control;
    struct iovec part = {(void *)(uintptr_t)bytes, MOOT_BEACON_LEN};
    struct msghdr m = {.msg_name = &to,
                       .msg_namelen = moot_sockaddr_len(&to),
                       .msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control.raw};
    struct cmsghdr *c;

    memset(&control, 0, sizeof control);
    if (v6) {
        struct in6_pktinfo info = {n->net.from6, n->index};

        to.v6.sin6_scope_id = n->index;
        m.msg_controllen = CMSG_SPACE(sizeof info);
        c = CMSG_FIRSTHDR(&m);
        *c =
            (struct cmsghdr){CMSG_LEN(sizeof info), IPPROTO_IPV6, IPV6_PKTINFO};
        memcpy(CMSG_DATA(c), &info, sizeof info);
    } else {
        struct in_pktinfo info = {.ipi_ifindex = (int)n->index,
                                  .ipi_spec_dst = n->net.from4};

        m.msg_controllen = CMSG_SPACE(sizeof info);
        c = CMSG_FIRSTHDR(&m);
        *c = (struct cmsghdr){CMSG_LEN(sizeof info), IPPROTO_IP, IP_PKTINFO};
        memcpy(CMSG_DATA(c), &info, sizeof info);
    }
    /* An address that is not ready yet, a cable that is out: the next one may
     * get through. */
    if (sendmsg(s->fd, &m, MSG_DONTWAIT) < 0)
        moot_log(MOOT_LOG_DEBUG, "beacon_not_sent", "interface", n->net.name,
                 "why", strerror(errno), NULL);
}

static void say(struct moot_lan *l)
{
    uint8_t bytes[MOOT_BEACON_LEN];

    if (!moot_node_beacon(l->node, bytes))
        return;
    for (unsigned i = 0; i < l->net_count; i++) {
        if (l->nets[i].net.v4)
            say_at(l, &l->nets[i], false, bytes);
        if (l->nets[i].net.v6)
            say_at(l, &l->nets[i], true, bytes);
    }
}

/* Between 80 % and 120 % of it, so that no two stay in step. */
static double jitter_s(moot_ms around)
{
    uint32_t range = (uint32_t)(around * 2 / 5);

    return (double)(around * 4 / 5 + randombytes_uniform(range + 1)) / 1000.;
}

static void plan(struct moot_lan *l)
{
    struct moot_node_stats stats;
    moot_ms pause = QUICK_MS;

    if (l->quick == 0) {
        moot_node_stats(l->node, &stats);
        pause = stats.links_up > 0 ? LINKED_MS : ALONE_MS;
    }
    ev_timer_stop(l->loop, &l->next);
    ev_timer_set(&l->next, jitter_s(pause), 0.);
    ev_timer_start(l->loop, &l->next);
}

static void on_next(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct moot_lan *l = w->data;

    (void)loop;
    (void)revents;
    if (l->quick > 0)
        l->quick--;
    look(l);
    say(l);
    plan(l);
}

/* What the kernel has to say is not read, only that there is something. */
static void on_changed(struct ev_loop *loop, ev_io *w, int revents)
{
    struct moot_lan *l = w->data;
    char news[8192];

    (void)loop;
    (void)revents;
    while (recv(w->fd, news, sizeof news, MSG_DONTWAIT) > 0)
        continue;
    bool slow = l->quick == 0;

    l->quick = QUICK_BEACONS;
    if (slow)
        plan(l);
}

/* --- hearing --- */

/* Which interface it came in by, and for whom it was meant. */
static bool meant_for_all(struct moot_lan *l, struct msghdr *m, bool v6)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
         c = CMSG_NXTHDR(m, c)) {
        if (v6 && c->cmsg_level == IPPROTO_IPV6 &&
            c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;

            memcpy(&info, CMSG_DATA(c), sizeof info);
            return joined_at(l, info.ipi6_ifindex) != NULL &&
                   IN6_ARE_ADDR_EQUAL(&info.ipi6_addr,
                                      &l->v6.group.v6.sin6_addr);
        }
        if (!v6 && c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;

            memcpy(&info, CMSG_DATA(c), sizeof info);
            return joined_at(l, (unsigned)info.ipi_ifindex) != NULL &&
                   info.ipi_addr.s_addr == l->v4.group.v4.sin_addr.s_addr;
        }
    }
    return false;
}

static void heard(struct moot_lan *l, const union moot_sockaddr *from,
                  const uint8_t *bytes, size_t len)
{
    struct moot_origin who = moot_sockaddr_origin(from);
    struct moot_event ev;

    /* A whole /64 shares the beginning of its addresses, and is the network
     * itself: here it is the end that tells its hosts apart. */
    if (from->any.sa_family == AF_INET6)
        memcpy(who.b, from->v6.sin6_addr.s6_addr + 8, sizeof who.b);
    if (len != MOOT_BEACON_LEN || moot_lan_kind(from) == LAN_NONE ||
        !moot_lan_hear(&l->shares, &who, moot_clock_ms()))
        return;
    memset(&ev, 0, sizeof ev);
    ev.kind = MOOT_EV_BEACON;
    ev.beacon.bytes = moot_bytes_of(bytes, len);
    moot_sockaddr_addr(from, &ev.beacon.from);
    moot_sink_deliver(l->sink, &ev);
}

static void on_readable(struct ev_loop *loop, ev_io *w, int revents)
{
    struct moot_lan *l = w->data;

    (void)loop;
    (void)revents;
    for (unsigned i = 0; i < READS_PER_TURN; i++) {
        uint8_t bytes[MOOT_BEACON_LEN + 1];
        union moot_sockaddr from;
        char control[256];
        struct iovec part = {bytes, sizeof bytes};
        struct msghdr m = {.msg_name = &from,
                           .msg_namelen = sizeof from,
                           .msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
        ssize_t n = recvmsg(w->fd, &m, MSG_DONTWAIT);

        if (n < 0)
            return;
        if (meant_for_all(l, &m, w == &l->v6.readable))
            heard(l, &from, bytes, (size_t)n);
    }
}

/* --- sockets --- */

static bool set(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

static bool set_up(int fd, bool v6)
{
    if (!set(fd, SOL_SOCKET, SO_REUSEADDR, 1))
        return false;
    if (v6)
        return set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
               set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) &&
               set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1) &&
               set(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1);
    return set(fd, IPPROTO_IP, IP_PKTINFO, 1) &&
           set(fd, IPPROTO_IP, IP_MULTICAST_TTL, 1) &&
           set(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 1) &&
           set(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
}

static void open_socket(struct moot_lan *l, struct lan_socket *s, bool v6,
                        uint16_t port)
{
    int family = v6 ? AF_INET6 : AF_INET;
    union moot_sockaddr here;

    memset(&s->group, 0, sizeof s->group);
    memset(&here, 0, sizeof here);
    s->group.any.sa_family = here.any.sa_family = (sa_family_t)family;
    s->group.v4.sin_port = here.v4.sin_port = htons(port); /* as in v6 */
    if (v6)
        inet_pton(AF_INET6, MOOT_LAN_GROUP_V6, &s->group.v6.sin6_addr);
    else
        inet_pton(AF_INET, MOOT_LAN_GROUP_V4, &s->group.v4.sin_addr);
    s->fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0)
        return;
    if (!set_up(s->fd, v6) ||
        bind(s->fd, &here.any, moot_sockaddr_len(&here)) != 0) {
        moot_log(MOOT_LOG_INFO, "no_beacons", "family", v6 ? "IPv6" : "IPv4",
                 "why", strerror(errno), NULL);
        close(s->fd);
        s->fd = -1;
        return;
    }
    ev_io_init(&s->readable, on_readable, s->fd, EV_READ);
    s->readable.data = l;
    ev_io_start(l->loop, &s->readable);
}

/* Without it changes are noticed with the next beacon. */
static void watch_changes(struct moot_lan *l)
{
    struct sockaddr_nl all = {.nl_family = AF_NETLINK,
                              .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
                                           RTMGRP_IPV6_IFADDR};

    l->changes = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
                        NETLINK_ROUTE);
    if (l->changes < 0)
        return;
    if (bind(l->changes, (struct sockaddr *)&all, sizeof all) != 0) {
        close(l->changes);
        l->changes = -1;
        return;
    }
    ev_io_init(&l->changed, on_changed, l->changes, EV_READ);
    l->changed.data = l;
    ev_io_start(l->loop, &l->changed);
}

struct moot_lan *moot_lan_open(const struct moot_lan_config *config)
{
    struct lan_rules rules = {.where = config->where, .only = config->only};
    uint16_t port = config->port != 0 ? config->port : MOOT_LAN_PORT;
    socklen_t len = sizeof rules.bound;
    struct moot_lan *l;

    if (config->where == MOOT_LAN_OFF ||
        getsockname(config->listener, &rules.bound.any, &len) != 0 ||
        !moot_lan_possible(&rules))
        return NULL;
    l = moot_alloc(sizeof *l);
    l->loop = config->loop;
    l->sink = config->sink;
    l->node = config->node;
    l->rules = rules;
    ev_timer_init(&l->next, on_next, 0., 0.);
    l->next.data = l;
    open_socket(l, &l->v4, false, port);
    open_socket(l, &l->v6, true, port);
    watch_changes(l);
    l->quick = QUICK_BEACONS;
    ev_timer_start(l->loop, &l->next);
    return l;
}

static void close_socket(struct moot_lan *l, struct lan_socket *s)
{
    if (s->fd < 0)
        return;
    ev_io_stop(l->loop, &s->readable);
    close(s->fd);
}

void moot_lan_close(struct moot_lan *l)
{
    if (l == NULL)
        return;
    ev_timer_stop(l->loop, &l->next);
    close_socket(l, &l->v4);
    close_socket(l, &l->v6);
    if (l->changes >= 0) {
        ev_io_stop(l->loop, &l->changed);
        close(l->changes);
    }
    free(l);
}
