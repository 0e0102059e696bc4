/*
 * net/lan_choose.c - which interfaces are a local network, and who has said
 * enough there.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include <string.h>

#include "net/lan_internal.h"

/* --- addresses --- */

static enum lan_kind kind_of_v4(uint32_t ip)
{
    if (ip == 0 || ip >> 28 >= 14) /* multicast and what lies above it */
        return LAN_NONE;
    if (ip >> 24 == 127)
        return LAN_LOOPBACK;
    if (ip >> 24 == 10 || ip >> 20 == 0xac1 || ip >> 16 == 0xc0a8 ||
        ip >> 16 == 0xa9fe)
        return LAN_PRIVATE;
    return LAN_PUBLIC;
}

enum lan_kind moot_lan_kind(const union moot_sockaddr *a)
{
    const struct in6_addr *v6 = &a->v6.sin6_addr;
    uint32_t mapped;

    if (a->any.sa_family == AF_INET)
        return kind_of_v4(ntohl(a->v4.sin_addr.s_addr));
    if (IN6_IS_ADDR_V4MAPPED(v6)) {
        memcpy(&mapped, v6->s6_addr + 12, sizeof mapped);
        return kind_of_v4(ntohl(mapped));
    }
    if (IN6_IS_ADDR_UNSPECIFIED(v6) || IN6_IS_ADDR_MULTICAST(v6))
        return LAN_NONE;
    if (IN6_IS_ADDR_LOOPBACK(v6))
        return LAN_LOOPBACK;
    if (IN6_IS_ADDR_LINKLOCAL(v6))
        return LAN_LINK;
    return (v6->s6_addr[0] & 0xfe) == 0xfc ? LAN_PRIVATE : LAN_PUBLIC;
}

bool moot_lan_possible(const struct lan_rules *r)
{
    enum lan_kind bound = moot_lan_kind(&r->bound);

    if (r->only != NULL || bound == LAN_NONE)
        return true;
    return bound != LAN_LOOPBACK &&
           (r->where == MOOT_LAN_ALL || bound != LAN_PUBLIC);
}

/* --- interfaces --- */

/* What is known of one interface while the list is read. */
struct candidate {
    struct lan_net net;
    bool private, public, bound;
    int rank4, rank6; /* of the addresses taken so far */
};

/* As the source of a beacon: it should be one that can be dialled from all over
 * that network, and is already in our record. */
static int rank_of(enum lan_kind kind)
{
    switch (kind) {
    case LAN_PRIVATE:
        return 4;
    case LAN_PUBLIC:
        return 3;
    case LAN_LINK:
        return 2;
    case LAN_LOOPBACK:
        return 1; /* only where a test wants it */
    case LAN_NONE:
        return 0;
    }
    return 0;
}

static bool same_host(const union moot_sockaddr *a,
                      const union moot_sockaddr *b)
{
    struct moot_addr x, y;

    moot_sockaddr_addr(a, &x);
    moot_sockaddr_addr(b, &y);
    return strcmp(x.host, y.host) == 0;
}

static void look_at(struct candidate *c, const union moot_sockaddr *a,
                    const struct lan_rules *r)
{
    bool any = moot_lan_kind(&r->bound) == LAN_NONE;
    enum lan_kind kind = moot_lan_kind(a);
    int rank = rank_of(kind);

    c->private = c->private || kind == LAN_PRIVATE;
    c->public = c->public || kind == LAN_PUBLIC;
    if (!any && !same_host(a, &r->bound))
        return;
    c->bound = c->bound || !any;
    if (a->any.sa_family == AF_INET && rank > c->rank4) {
        c->rank4 = rank;
        c->net.v4 = true;
        c->net.from4 = a->v4.sin_addr;
    } else if (a->any.sa_family == AF_INET6 && rank > c->rank6) {
        c->rank6 = rank;
        c->net.v6 = true;
        c->net.from6 = a->v6.sin6_addr;
    }
}

static bool usable(const struct ifaddrs *i, const struct lan_rules *r)
{
    if (i->ifa_addr == NULL || (i->ifa_flags & IFF_UP) == 0)
        return false;
    if (i->ifa_addr->sa_family != AF_INET && i->ifa_addr->sa_family != AF_INET6)
        return false;
    if (r->only != NULL)
        return strcmp(i->ifa_name, r->only) == 0;
    return (i->ifa_flags & IFF_MULTICAST) != 0 &&
           (i->ifa_flags & IFF_LOOPBACK) == 0;
}

/* An interface that has nothing but a link-local address is a network of its
 * own; with a public one beside it, it is the Internet. */
static bool wanted(const struct candidate *c, const struct lan_rules *r)
{
    if (!c->net.v4 && !c->net.v6)
        return false;
    return r->only != NULL || r->where == MOOT_LAN_ALL || c->bound ||
           c->private || !c->public;
}

static void take_addr(struct candidate *c, const struct ifaddrs *i,
                      const struct lan_rules *r)
{
    union moot_sockaddr a;

    memset(&a, 0, sizeof a);
    if (i->ifa_addr->sa_family == AF_INET)
        memcpy(&a.v4, i->ifa_addr, sizeof a.v4);
    else
        memcpy(&a.v6, i->ifa_addr, sizeof a.v6);
    look_at(c, &a, r);
}

/* Each address of an interface is an item of the list. */
static bool is_again(const struct ifaddrs *all, const struct ifaddrs *i,
                     const struct lan_rules *r)
{
    for (const struct ifaddrs *k = all; k != i; k = k->ifa_next)
        if (usable(k, r) && strcmp(k->ifa_name, i->ifa_name) == 0)
            return true;
    return false;
}

unsigned moot_lan_choose(const struct ifaddrs *all, const struct lan_rules *r,
                         struct lan_net *out, unsigned max)
{
    unsigned count = 0;

    for (const struct ifaddrs *i = all; i != NULL && count < max;
         i = i->ifa_next) {
        struct candidate c = {.rank4 = 0};

        if (!usable(i, r) || strlen(i->ifa_name) >= sizeof c.net.name ||
            is_again(all, i, r))
            continue;
        memcpy(c.net.name, i->ifa_name, strlen(i->ifa_name));
        for (const struct ifaddrs *k = i; k != NULL; k = k->ifa_next)
            if (usable(k, r) && strcmp(k->ifa_name, i->ifa_name) == 0)
                take_addr(&c, k, r);
        if (wanted(&c, r))
            out[count++] = c.net;
    }
    return count;
}

/* --- who is listened to --- */

/* The one who was quiet for longest makes room. */
static struct lan_share *get_share(struct lan_shares *s,
                                   const struct moot_origin *who, moot_ms now)
{
    struct lan_share *oldest = &s->at[0];

    for (unsigned i = 0; i < s->count; i++) {
        if (moot_origin_eq(&s->at[i].who, who))
            return &s->at[i];
        if (s->at[i].at < oldest->at)
            oldest = &s->at[i];
    }
    if (s->count < MOOT_LAN_SENDERS_MAX)
        oldest = &s->at[s->count++];
    else if (now - oldest->at < MOOT_LAN_SENDER_MS)
        return NULL; /* all of them are talking */
    *oldest = (struct lan_share){*who, now, MOOT_LAN_SENDER_BURST};
    return oldest;
}

bool moot_lan_hear(struct lan_shares *s, const struct moot_origin *who,
                   moot_ms now)
{
    struct lan_share *one = get_share(s, who, now);
    moot_ms earned;

    if (one == NULL)
        return false;
    earned = (now - one->at) / MOOT_LAN_SENDER_MS;
    if (earned > 0) {
        one->at += earned * MOOT_LAN_SENDER_MS;
        one->left = earned + one->left > MOOT_LAN_SENDER_BURST
                        ? MOOT_LAN_SENDER_BURST
                        : one->left + (unsigned)earned;
    }
    if (one->left == 0)
        return false;
    one->left--;
    return true;
}
