/*
 * net/listen.c - opens listening sockets and lists our own addresses.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include "net/listen.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "loop/log.h"
#include "net/resolve_internal.h"

#define BACKLOG 1024

static int give_up(int fd, const char *what)
{
    int error = errno;

    if (fd >= 0)
        close(fd);
    if (error == EADDRINUSE)
        return MOOT_EBUSY;
    if (error == EADDRNOTAVAIL || error == EAFNOSUPPORT)
        return MOOT_EUNREACH;
    moot_log(MOOT_LOG_ERROR, "cannot_listen", "step", what, "why",
             strerror(error), NULL);
    return MOOT_ESYS;
}

static int listen_on(const union moot_sockaddr *a, int *ret_fd,
                     uint16_t *ret_port)
{
    int fd =
        socket(a->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    union moot_sockaddr got;
    socklen_t len = sizeof got;
    const int on = 1, off = 0;

    if (fd < 0)
        return give_up(fd, "socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (a->any.sa_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, &a->any, moot_sockaddr_len(a)) != 0)
        return give_up(fd, "bind");
    if (listen(fd, BACKLOG) != 0)
        return give_up(fd, "listen");
    if (getsockname(fd, &got.any, &len) != 0)
        return give_up(fd, "getsockname");
    *ret_fd = fd;
    *ret_port = ntohs(got.v4.sin_port);
    return MOOT_OK;
}

static int listen_everywhere(uint16_t port, int *ret_fd, uint16_t *ret_port)
{
    union moot_sockaddr a;
    int rc;

    memset(&a, 0, sizeof a);
    a.v6.sin6_family = AF_INET6;
    a.v6.sin6_addr = in6addr_any;
    a.v6.sin6_port = htons(port);
    rc = listen_on(&a, ret_fd, ret_port);
    if (rc != MOOT_EUNREACH)
        return rc;

    /* A machine without IPv6. */
    memset(&a, 0, sizeof a);
    a.v4.sin_family = AF_INET;
    a.v4.sin_port = htons(port);
    return listen_on(&a, ret_fd, ret_port);
}

int moot_listen(const char *host, uint16_t port, int *ret_fd,
                uint16_t *ret_port)
{
    struct moot_addr a = {.port = port};
    union moot_sockaddr found[MOOT_RESOLVED_MAX];
    unsigned count;
    int rc = MOOT_ENAME;

    if (host == NULL)
        return listen_everywhere(port, ret_fd, ret_port);
    if (strlen(host) > MOOT_HOST_LEN_MAX)
        return MOOT_ENAME;
    memcpy(a.host, host, strlen(host));
    count = moot_resolve(&a, found, MOOT_RESOLVED_MAX);
    for (unsigned i = 0; i < count; i++) {
        rc = listen_on(&found[i], ret_fd, ret_port);
        if (rc != MOOT_EUNREACH)
            break;
    }
    return rc;
}

/* Written for others to dial: so nothing that means another machine there. */
static bool dialable(const struct ifaddrs *i)
{
    union moot_sockaddr a;

    if (i->ifa_addr == NULL || (i->ifa_flags & IFF_UP) == 0 ||
        (i->ifa_flags & IFF_LOOPBACK) != 0)
        return false;
    if (i->ifa_addr->sa_family == AF_INET) {
        memcpy(&a.v4, i->ifa_addr, sizeof a.v4);
        return (ntohl(a.v4.sin_addr.s_addr) >> 16) != 0xa9fe;
    }
    if (i->ifa_addr->sa_family == AF_INET6) {
        memcpy(&a.v6, i->ifa_addr, sizeof a.v6);
        return !IN6_IS_ADDR_LINKLOCAL(&a.v6.sin6_addr);
    }
    return false;
}

static unsigned add_family(const struct ifaddrs *first, int family,
                           uint16_t port, struct moot_addr *out, unsigned max)
{
    unsigned count = 0;

    for (const struct ifaddrs *i = first; i != NULL; i = i->ifa_next) {
        union moot_sockaddr a;

        if (count == max || !dialable(i) || i->ifa_addr->sa_family != family)
            continue;
        memcpy(&a, i->ifa_addr, family == AF_INET ? sizeof a.v4 : sizeof a.v6);
        moot_sockaddr_addr(&a, &out[count]);
        out[count++].port = port;
    }
    return count;
}

unsigned moot_listen_addrs(uint16_t port, struct moot_addr *out, unsigned max)
{
    struct ifaddrs *all;
    unsigned count;

    if (getifaddrs(&all) != 0)
        return 0;
    count = add_family(all, AF_INET, port, out, max);
    count += add_family(all, AF_INET6, port, out + count, max - count);
    freeifaddrs(all);
    return count;
}
