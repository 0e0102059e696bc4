/*
 * net/resolve.c - getaddrinfo, kept from waiting for ever.
 *
 * Layer:  net (loud).
 * Thread: a worker's.
 */
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
    return count;
}
