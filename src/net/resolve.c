/*
 * net/resolve.c - getaddrinfo, kept from waiting for ever.
 *
 * Layer:  net (loud).
 * Thread: a worker's.
 */
#include <netdb.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>

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
    if (getaddrinfo(a->host, service, &hints, &found) != 0)
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
