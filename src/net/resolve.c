/*
 * net/resolve.c - getaddrinfo, kept from waiting for ever.
 *
 * Layer:  net (loud).
 * Thread: a worker's.
 */
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "net/resolve_internal.h"

/* The resolver keeps its patience per thread: five seconds, twice, for each
 * server in turn is more than any of our deadlines. */
static void hurry(void)
{
    if ((_res.options & RES_INIT) == 0)
        res_init();
    _res.retrans = 2;
    _res.retry = 2;
}

/* "localhost" is the loopback everywhere (RFC 6761, 6.3), also on a system that
 * has no file to say so. */
static bool is_localhost(const char *host)
{
    static const char name[] = "localhost";
    size_t len = sizeof name - 1;

    return strncasecmp(host, name, len) == 0 &&
           (host[len] == '\0' || strcmp(host + len, ".") == 0);
}

/* An interface is a link when it has an address of that kind itself. */
static bool is_link(const struct ifaddrs *i)
{
    struct sockaddr_in6 a;

    if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET6 ||
        (i->ifa_flags & IFF_UP) == 0 || (i->ifa_flags & IFF_LOOPBACK) != 0)
        return false;
    memcpy(&a, i->ifa_addr, sizeof a);
    return IN6_IS_ADDR_LINKLOCAL(&a.sin6_addr);
}

/* A link-local address without its interface may be on any of them: whoever
 * answers there proves who he is. */
static unsigned on_all_links(const struct sockaddr_in6 *a,
                             union moot_sockaddr *out, unsigned max)
{
    struct ifaddrs *all;
    unsigned count = 0;

    if (getifaddrs(&all) != 0)
        return 0;
    for (const struct ifaddrs *i = all; i != NULL && count < max;
         i = i->ifa_next) {
        if (!is_link(i))
            continue;
        memset(&out[count], 0, sizeof out[count]);
        out[count].v6 = *a;
        out[count++].v6.sin6_scope_id = if_nametoindex(i->ifa_name);
    }
    freeifaddrs(all);
    return count;
}

static bool lacks_link(const union moot_sockaddr *a)
{
    return a->any.sa_family == AF_INET6 &&
           IN6_IS_ADDR_LINKLOCAL(&a->v6.sin6_addr) && a->v6.sin6_scope_id == 0;
}

unsigned moot_resolve(const struct moot_addr *a, union moot_sockaddr *out,
                      unsigned max)
{
    struct addrinfo hints, *found;
    char service[8];
    unsigned count = 0;

    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    if (moot_addr_literal(a))
        hints.ai_flags |= AI_NUMERICHOST;
    else
        hurry();
    snprintf(service, sizeof service, "%u", (unsigned)a->port);
    /* Without a name, and not to listen, it is the loopback that is meant. */
    if (getaddrinfo(is_localhost(a->host) ? NULL : a->host, service, &hints,
                    &found) != 0)
        return 0;
    for (const struct addrinfo *i = found; i != NULL && count < max;
         i = i->ai_next) {
        if (i->ai_addrlen > sizeof out[0])
            continue;
        memset(&out[count], 0, sizeof out[0]);
        memcpy(&out[count++], i->ai_addr, i->ai_addrlen);
    }
    freeaddrinfo(found);
    if (count == 1 && lacks_link(&out[0])) {
        struct sockaddr_in6 alone = out[0].v6;

        return on_all_links(&alone, out, max);
    }
    return count;
}
