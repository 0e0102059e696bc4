/*
 * net/socket.c - addresses to text, options to sockets, errno to errors.
 *
 * Layer:  net (loud).
 * Thread: any.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "net/socket_internal.h"

/* Data that nobody acknowledges for so long means the path is gone; a little
 * more than the failure detector takes, which should be the one to speak. */
#define USER_TIMEOUT_MS 33000
#define SNDBUF_LEN (256 * 1024)
#define NOTSENT_LEN (64 * 1024)

socklen_t moot_sockaddr_len(const union moot_sockaddr *a)
{
    return a->any.sa_family == AF_INET ? sizeof a->v4 : sizeof a->v6;
}

void moot_sockaddr_addr(const union moot_sockaddr *a, struct moot_addr *out)
{
    char host[INET6_ADDRSTRLEN] = "";
    const uint8_t *raw = a->v6.sin6_addr.s6_addr;

    if (a->any.sa_family == AF_INET)
        inet_ntop(AF_INET, &a->v4.sin_addr, host, sizeof host);
    else if (IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr))
        inet_ntop(AF_INET, raw + 12, host, sizeof host);
    else
        inet_ntop(AF_INET6, raw, host, sizeof host);
    /* The port is at the same place in both. */
    moot_addr_set(out, host, ntohs(a->v4.sin_port));
}

struct moot_origin moot_sockaddr_origin(const union moot_sockaddr *a)
{
    struct moot_origin o = {{0}};
    const uint8_t *raw = a->v6.sin6_addr.s6_addr;

    if (a->any.sa_family == AF_INET)
        memcpy(o.b, &a->v4.sin_addr, 4);
    else if (IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr))
        memcpy(o.b, raw + 12, 4);
    else
        memcpy(o.b, raw, 8);
    return o;
}

bool moot_origin_eq(const struct moot_origin *a, const struct moot_origin *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static void set(int fd, int level, int name, int value)
{
    /* A kernel that does not know one of them still makes a link. */
    (void)setsockopt(fd, level, name, &value, sizeof value);
}

void moot_socket_tune(int fd)
{
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
    set(fd, SOL_SOCKET, SO_SNDBUF, SNDBUF_LEN);
    set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, NOTSENT_LEN);
}

int moot_socket_error(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return MOOT_EREFUSED;
    case ECONNRESET:
    case EPIPE:
        return MOOT_ERESET;
    case ETIMEDOUT:
        return MOOT_ETIMEOUT;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case EPERM:
    case EACCES:
        return MOOT_EUNREACH;
    case EADDRINUSE:
        return MOOT_EBUSY;
    default:
        return MOOT_ESYS;
    }
}
