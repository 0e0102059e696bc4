/*
 * net/dns_run.c - asks the DNS, with c-ares: both kinds of records side by
 * side, and then, of a server of our own choice, what the names in them stand
 * for.
 *
 * Layer:  net (loud).
 * Thread: a worker's.
 */
#include <ares.h>
#include <arpa/nameser.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "loop/clock.h"
#include "loop/log.h"
#include "net/dns_internal.h"
#include "net/socket_internal.h"

#define TRY_MS 700 /* then the next server, or the same again */
#define TRIES 3
#define TXT_LEN_MAX 1024 /* of one record: an invitation with long names */
#define HOSTS_EACH_MAX 4 /* addresses of one name */

struct lookup {
    struct dns_order *order;
    ares_channel channel;
    moot_ms until;
    unsigned pending;
    bool over; /* what comes now is the end of the channel */
    struct dns_doors doors;
    int why; /* of the questions that came to nothing, the most telling */
};

/* The addresses of one door. */
struct hosts {
    struct lookup *lookup;
    struct moot_addr at[HOSTS_EACH_MAX];
    unsigned count;
};

static int error_of(int status)
{
    switch (status) {
    case ARES_SUCCESS:
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
        return MOOT_ENONE;
    case ARES_ETIMEOUT:
        return MOOT_ETIMEOUT;
    case ARES_ECONNREFUSED:
        return MOOT_EREFUSED;
    case ARES_EBADNAME:
        return MOOT_ENAME;
    default:
        return MOOT_EANSWER; /* SERVFAIL, REFUSED, garbage */
    }
}

/* That there is no such record is true only when nothing else went wrong. */
static void note(struct lookup *l, int status)
{
    int why = error_of(status);

    if (l->why == MOOT_OK || l->why == MOOT_ENONE)
        l->why = why;
    if (why != MOOT_ENONE)
        moot_log(MOOT_LOG_DEBUG, "lookup_failed", "name", l->order->name, "why",
                 ares_strerror(status), NULL);
}

/* --- answers --- */

static bool ended(struct lookup *l, int status)
{
    l->pending--;
    if (l->over || status == ARES_ECANCELLED || status == ARES_EDESTRUCTION)
        return true;
    if (status == ARES_SUCCESS)
        return false;
    note(l, status);
    return true;
}

static void on_srv(void *ctx, int status, int timeouts, unsigned char *answer,
                   int len)
{
    struct lookup *l = ctx;
    struct ares_srv_reply *all = NULL;

    (void)timeouts;
    if (ended(l, status))
        return;
    note(l, ares_parse_srv_reply(answer, len, &all));
    for (const struct ares_srv_reply *i = all; i != NULL; i = i->next)
        moot_dns_add_srv(&l->doors, i->host, i->port, i->priority, i->weight);
    ares_free_data(all);
}

/* A record is made of strings of 255 bytes at most. */
static void on_txt(void *ctx, int status, int timeouts, unsigned char *answer,
                   int len)
{
    struct lookup *l = ctx;
    struct ares_txt_ext *all = NULL;
    struct moot_buf text = {0};

    (void)timeouts;
    if (ended(l, status))
        return;
    note(l, ares_parse_txt_reply_ext(answer, len, &all));
    for (const struct ares_txt_ext *i = all; i != NULL; i = i->next) {
        if (text.len + i->length <= TXT_LEN_MAX)
            moot_buf_append(&text, i->txt, i->length);
        if (i->next != NULL && !i->next->record_start)
            continue;
        moot_dns_add_txt(&l->doors, moot_buf_view(&text));
        moot_buf_clear(&text);
    }
    moot_buf_fini(&text);
    ares_free_data(all);
}

static void on_hosts(void *ctx, int status, int timeouts,
                     struct ares_addrinfo *found)
{
    struct hosts *h = ctx;

    (void)timeouts;
    h->lookup->pending--;
    if (status != ARES_SUCCESS)
        return;
    for (const struct ares_addrinfo_node *i = found->nodes;
         i != NULL && h->count < HOSTS_EACH_MAX; i = i->ai_next) {
        union moot_sockaddr a;

        if (i->ai_addrlen > sizeof a)
            continue;
        memset(&a, 0, sizeof a);
        memcpy(&a, i->ai_addr, i->ai_addrlen);
        moot_sockaddr_addr(&a, &h->at[h->count++]);
    }
    ares_freeaddrinfo(found);
}

/* --- waiting --- */

static int patience_ms(struct lookup *l)
{
    moot_ms left = l->until - moot_clock_ms();
    struct timeval most, next;
    const struct timeval *wait;

    if (left < 0)
        left = 0;
    most.tv_sec = left / 1000;
    most.tv_usec = left % 1000 * 1000;
    wait = ares_timeout(l->channel, &most, &next);
    return (int)(wait->tv_sec * 1000 + (wait->tv_usec + 999) / 1000);
}

/* false: the pool is closing. */
static bool turn(struct lookup *l)
{
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    struct pollfd fds[ARES_GETSOCK_MAXNUM + 1];
    unsigned bits =
        (unsigned)ares_getsock(l->channel, sockets, ARES_GETSOCK_MAXNUM);
    nfds_t n = 0;

    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        short events =
            (short)((bits >> i & 1 ? POLLIN : 0) |
                    (bits >> (i + ARES_GETSOCK_MAXNUM) & 1 ? POLLOUT : 0));

        if (events != 0)
            fds[n++] = (struct pollfd){sockets[i], events, 0};
    }
    fds[n] = (struct pollfd){l->order->cancel_fd, POLLIN, 0};
    if (poll(fds, n + 1, patience_ms(l)) > 0) {
        if (fds[n].revents != 0)
            return false;
        for (nfds_t i = 0; i < n; i++)
            if (fds[i].revents != 0)
                ares_process_fd(
                    l->channel,
                    fds[i].events & POLLIN ? fds[i].fd : ARES_SOCKET_BAD,
                    fds[i].events & POLLOUT ? fds[i].fd : ARES_SOCKET_BAD);
    }
    ares_process_fd(l->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    return true;
}

/* Until all have answered, or time is up. */
static int wait_all(struct lookup *l)
{
    while (l->pending > 0) {
        if (moot_clock_ms() >= l->until)
            return MOOT_ETIMEOUT;
        if (!turn(l))
            return MOOT_ECLOSED;
    }
    return MOOT_OK;
}

/* --- what was found --- */

static void put_way(const struct dns_door *door, const struct moot_addr *addr,
                    struct dns_found *found)
{
    struct moot_way *w;

    if (found->count == MOOT_DNS_WAYS_MAX)
        return;
    w = &found->ways[found->count++];
    *w = (struct moot_way){
        .kind = MOOT_WAY_FOUND, .addr = *addr, .pins = door->pins};
}

/* A name that does not resolve there is kept: who asks it will say so. */
static void put_hosts(const struct dns_door *door, const struct hosts *h,
                      struct dns_found *found)
{
    if (h->count == 0)
        put_way(door, &door->addr, found);
    for (unsigned i = 0; i < h->count; i++) {
        struct moot_addr a = h->at[i];

        a.port = door->addr.port;
        put_way(door, &a, found);
    }
}

/* The system's resolver, which is asked later, does not know that server. */
static int resolve_all(struct lookup *l, struct dns_found *found)
{
    const struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC,
                                              .ai_socktype = SOCK_STREAM};
    struct hosts hosts[MOOT_DNS_DOORS_MAX];
    int rc;

    memset(hosts, 0, sizeof hosts);
    for (unsigned i = 0; i < l->doors.count; i++) {
        hosts[i].lookup = l;
        if (moot_addr_literal(&l->doors.at[i].addr))
            continue;
        l->pending++;
        ares_getaddrinfo(l->channel, l->doors.at[i].addr.host, NULL, &hints,
                         on_hosts, &hosts[i]);
    }
    rc = wait_all(l);
    ares_cancel(l->channel); /* what still comes must not find us gone */
    for (unsigned i = 0; i < l->doors.count; i++)
        put_hosts(&l->doors.at[i], &hosts[i], found);
    return rc == MOOT_ECLOSED ? rc : MOOT_OK;
}

static int ask(struct lookup *l, struct dns_found *found)
{
    char srv[sizeof "_moot._tcp." + MOOT_HOST_LEN_MAX];
    int rc;

    snprintf(srv, sizeof srv, "_moot._tcp.%s", l->order->name);
    l->pending = 2;
    ares_query(l->channel, srv, ns_c_in, ns_t_srv, on_srv, l);
    ares_query(l->channel, l->order->name, ns_c_in, ns_t_txt, on_txt, l);
    rc = wait_all(l);
    if (l->doors.count == 0)
        return rc != MOOT_OK ? rc : l->why;
    if (rc == MOOT_ECLOSED)
        return rc;
    if (rc == MOOT_ETIMEOUT) {
        ares_cancel(l->channel);
        l->pending = 0;
    }
    moot_dns_sort(&l->doors, &l->order->rng);
    if (l->order->server != NULL && rc == MOOT_OK)
        return resolve_all(l, found);
    for (unsigned i = 0; i < l->doors.count; i++)
        put_way(&l->doors.at[i], &l->doors.at[i].addr, found);
    return MOOT_OK;
}

int moot_dns_run(struct dns_order *order, struct dns_found *found)
{
    struct ares_options options = {.timeout = TRY_MS, .tries = TRIES};
    struct lookup l = {.order = order,
                       .until = moot_clock_ms() + order->within};
    int set = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES;
    int rc = MOOT_ESYS;

    found->count = 0;
    if (order->server != NULL) {
        set |= ARES_OPT_FLAGS; /* what it says is the last word, however ill */
        options.flags = ARES_FLAG_NOCHECKRESP;
    }
    if (ares_init_options(&l.channel, &options, set) != ARES_SUCCESS)
        return rc;
    if (order->server == NULL ||
        ares_set_servers_ports_csv(l.channel, order->server) == ARES_SUCCESS)
        rc = ask(&l, found);
    l.over = true;
    ares_destroy(l.channel);
    return rc == MOOT_OK && found->count == 0 ? MOOT_ENONE : rc;
}
