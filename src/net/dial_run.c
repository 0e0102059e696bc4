/*
 * net/dial_run.c - tries all addresses of a peer, one a moment after the other
 * and the families by turns, until one of them has shaken hands as the right
 * one (RFC 8305).
 *
 * Literal addresses go first; names are resolved when those had their chance.
 *
 * Layer:  net (loud).
 * Thread: a worker's.
 */
#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/limits.h"
#include "loop/clock.h"
#include "net/dial_internal.h"

#define STAGGER_MS 150   /* before the next address is tried as well */
#define COURTESY_MS 1000 /* the same, once somebody has answered */

struct attempt {
    int fd;   /* -1: over */
    SSL *ssl; /* NULL: connecting */
    short wants;
};

struct dial {
    const struct dial_order *order;
    moot_ms until;
    moot_ms next_at; /* when to try the next target */
    union moot_sockaddr targets[MOOT_DIAL_TARGETS_MAX];
    unsigned target_count, tried;
    bool names_waiting; /* names not resolved yet */
    struct attempt attempts[MOOT_DIAL_TARGETS_MAX];
    unsigned live;
    int why;       /* the most telling so far */
    bool why_here; /* ... and it is only of the loopback */
    SSL *winner;
};

/* What tells the user most comes first: somebody was there but not he; nobody
 * was there; nothing came back; there is no such place. */
static int rank(int why)
{
    static const int order[] = {MOOT_EKEY,     MOOT_ESELF,    MOOT_ETLS,
                                MOOT_ERESET,   MOOT_EREFUSED, MOOT_ETIMEOUT,
                                MOOT_EUNREACH, MOOT_ENAME};
    int i = 0;

    while (i < (int)(sizeof order / sizeof order[0]) && order[i] != why)
        i++;
    return i;
}

/* What became of an address of this very host (here) says little of a peer that
 * has others: it may be from when it lived here. */
static void note(struct dial *d, int why, bool here)
{
    if (d->why != MOOT_OK &&
        (d->why_here == here ? rank(why) >= rank(d->why) : here))
        return;
    d->why = why;
    d->why_here = here;
}

static bool is_here(const union moot_sockaddr *to)
{
    struct moot_addr addr;

    moot_sockaddr_addr(to, &addr);
    return moot_addr_loopback(&addr);
}

/* Nothing came back in time from those that are left. */
static void note_silence(struct dial *d)
{
    bool here = d->live > 0;

    for (unsigned i = 0; i < d->tried; i++)
        if (d->attempts[i].fd >= 0 && !is_here(&d->targets[i]))
            here = false;
    note(d, MOOT_ETIMEOUT, here);
}

static void give_up(struct dial *d, struct attempt *a, int why)
{
    SSL_free(a->ssl);
    close(a->fd);
    a->ssl = NULL;
    a->fd = -1;
    d->live--;
    if (why != MOOT_OK)
        note(d, why, is_here(&d->targets[a - d->attempts]));
}

static sa_family_t family_tried_last(const struct dial *d)
{
    if (d->tried == 0)
        return AF_UNSPEC;
    return d->targets[d->tried - 1].any.sa_family;
}

static void resolve(struct dial *d, bool literal)
{
    const struct moot_fx_dial *what = &d->order->what;

    for (unsigned i = 0; i < what->addr_count; i++) {
        unsigned room = MOOT_DIAL_TARGETS_MAX - d->target_count;
        unsigned n;

        if (moot_addr_literal(&what->addrs[i]) != literal) {
            d->names_waiting = d->names_waiting || literal;
            continue;
        }
        if (room > MOOT_RESOLVED_MAX)
            room = MOOT_RESOLVED_MAX;
        n = moot_resolve(&what->addrs[i], d->targets + d->target_count, room);
        if (n == 0 && room > 0)
            note(d, MOOT_ENAME, false);
        d->target_count += n;
    }
    if (!literal)
        d->names_waiting = false;
    moot_dial_interleave(d->targets + d->tried, d->target_count - d->tried,
                         family_tried_last(d));
}

/* A short dial must get round, too. */
static moot_ms pause_of(const struct dial *d, moot_ms pause)
{
    return moot_ms_min(pause, d->order->what.within / 4);
}

static void start_next(struct dial *d, moot_ms now)
{
    const union moot_sockaddr *to = &d->targets[d->tried];
    struct attempt *a = &d->attempts[d->tried++];
    int fd = socket(to->any.sa_family,
                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    a->fd = -1;
    if (fd < 0) {
        note(d, moot_socket_error(errno), false);
        return;
    }
    moot_socket_tune(fd);
    a->fd = fd;
    a->wants = POLLOUT;
    d->live++;
    d->next_at = now + pause_of(d, STAGGER_MS);
    if (connect(fd, &to->any, moot_sockaddr_len(to)) != 0 &&
        errno != EINPROGRESS)
        give_up(d, a, moot_socket_error(errno));
}

/* The handshake is done: is it the one we meant? */
static void judge(struct dial *d, struct attempt *a)
{
    const struct moot_fx_dial *what = &d->order->what;
    struct moot_id id;

    if (moot_tls_peer(a->ssl, &id) != MOOT_OK)
        give_up(d, a, MOOT_ETLS);
    else if (moot_id_eq(&id, &d->order->tls->self))
        give_up(d, a, MOOT_ESELF);
    else if (what->pinned && !moot_id_eq(&id, &what->id))
        give_up(d, a, MOOT_EKEY);
    else {
        d->winner = a->ssl;
        a->fd = -1;
        d->live--;
    }
}

static void shake(struct dial *d, struct attempt *a)
{
    int rc, error;

    ERR_clear_error();
    errno = 0;
    rc = SSL_do_handshake(a->ssl);
    if (rc == 1) {
        judge(d, a);
        return;
    }
    error = SSL_get_error(a->ssl, rc);
    if (error == SSL_ERROR_WANT_READ)
        a->wants = POLLIN;
    else if (error == SSL_ERROR_WANT_WRITE)
        a->wants = POLLOUT;
    else if (error == SSL_ERROR_SYSCALL && errno != 0)
        give_up(d, a, moot_socket_error(errno));
    else if (ERR_GET_REASON(ERR_peek_error()) ==
             SSL_R_UNEXPECTED_EOF_WHILE_READING)
        give_up(d, a, MOOT_ERESET);
    else
        give_up(d, a, MOOT_ETLS);
}

static void go_on(struct dial *d, struct attempt *a, moot_ms now)
{
    int error = 0;
    socklen_t len = sizeof error;

    if (a->ssl != NULL) {
        shake(d, a);
        return;
    }
    if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    if (error != 0) {
        give_up(d, a, moot_socket_error(error));
        return;
    }
    a->ssl = SSL_new(d->order->tls->dial);
    if (a->ssl == NULL || SSL_set_fd(a->ssl, a->fd) != 1) {
        give_up(d, a, MOOT_ETLS);
        return;
    }
    SSL_set_connect_state(a->ssl);
    d->next_at = now + pause_of(d, COURTESY_MS);
    shake(d, a);
}

/* Waits for news; false when the dial was cancelled. */
static bool wait_news(struct dial *d, moot_ms now)
{
    struct pollfd fds[MOOT_DIAL_TARGETS_MAX + 1];
    struct attempt *of[MOOT_DIAL_TARGETS_MAX];
    moot_ms until = d->until;
    unsigned n = 0;

    if (d->tried < d->target_count || d->names_waiting)
        until = moot_ms_min(until, d->next_at);
    for (unsigned i = 0; i < d->tried; i++) {
        if (d->attempts[i].fd < 0)
            continue;
        of[n] = &d->attempts[i];
        fds[n++] = (struct pollfd){d->attempts[i].fd, d->attempts[i].wants, 0};
    }
    fds[n] = (struct pollfd){d->order->cancel_fd, POLLIN, 0};
    if (poll(fds, n + 1, until > now ? (int)(until - now) : 0) <= 0)
        return true;
    if (fds[n].revents != 0)
        return false;
    now = moot_clock_ms();
    for (unsigned i = 0; i < n && d->winner == NULL; i++) {
        if (fds[i].revents != 0)
            go_on(d, of[i], now);
    }
    return true;
}

/* One more address, or the names when the addresses are used up. */
static void try_more(struct dial *d, moot_ms now)
{
    if (d->live > 0 && now < d->next_at)
        return;
    if (d->tried == d->target_count && d->names_waiting)
        resolve(d, false);
    if (d->tried < d->target_count)
        start_next(d, moot_clock_ms());
}

int moot_dial_run(const struct dial_order *order, SSL **ret_ssl)
{
    struct dial d;
    moot_ms now = moot_clock_ms();

    memset(&d, 0, sizeof d);
    d.order = order;
    d.until = now + order->what.within;
    resolve(&d, true);
    while (d.winner == NULL) {
        try_more(&d, now);
        if (d.live == 0 && d.tried == d.target_count && !d.names_waiting)
            break;
        now = moot_clock_ms();
        if (now >= d.until) {
            note_silence(&d);
            break;
        }
        if (d.live > 0 && !wait_news(&d, now)) {
            note(&d, MOOT_ECLOSED, false);
            break;
        }
        now = moot_clock_ms();
    }
    for (unsigned i = 0; i < d.tried; i++) {
        if (d.attempts[i].fd >= 0)
            give_up(&d, &d.attempts[i], MOOT_OK);
    }
    if (d.winner == NULL)
        return d.why != MOOT_OK ? d.why : MOOT_ENAME;
    *ret_ssl = d.winner;
    return MOOT_OK;
}
