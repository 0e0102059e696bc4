/*
 * net/http.c - libmicrohttpd on our loop: its epoll inside ours.
 *
 * We accept and it does the rest, because with a listening socket of its own it
 * would spin when the process is out of files.  What is said to whom stands in
 * net/http_pages.c.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include "net/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "loop/log.h"
#include "loop/metrics.h"
#include "net/accept_internal.h"
#include "net/http_internal.h"
#include "net/porch_internal.h"

#define MEMORY_PER_CONNECTION (16 * 1024)
#define PAUSE_MS 1000
#define CLOSING_MAX 16 /* of those that gave way */

static struct moot_metric connections = {
    .name = "moot_http_connections",
    .help = "Connections on the bootstrap socket.",
    .kind = MOOT_GAUGE};

/* One connection, as long as it is there. */
struct guest {
    struct moot_visitor visitor; /* first: a visitor is its guest */
    struct moot_http *http;
    int fd;
    union moot_sockaddr from;
    bool settled; /* it was answered, or its refusal is in the log */
    ev_timer limit;
};

struct moot_http {
    struct ev_loop *loop;
    struct moot_node *node;
    struct moot_acceptor acceptor;
    struct moot_porch porch;
    struct moot_pass pass;
    moot_ms limit_ms;
    struct MHD_Daemon *daemon;
    ev_io ready;      /* its epoll descriptor */
    ev_prepare sleep; /* asks how long it may sleep */
    ev_timer wake;
};

/* What a POST brings, until all of it is there.  Of too much the rest is read
 * and dropped: who is cut off does not get to know why. */
struct upload {
    struct moot_buf body;
    bool large;
};

static void take_upload(struct upload *u, const char *data, size_t *len)
{
    if (u->body.len + *len > MOOT_REGISTER_LEN_MAX)
        u->large = true;
    else
        moot_buf_append(&u->body, data, *len);
    *len = 0;
}

static void on_completed(void *ctx, struct MHD_Connection *c, void **request,
                         enum MHD_RequestTerminationCode how)
{
    struct upload *u = *request;

    (void)ctx;
    (void)c;
    (void)how;
    if (u == NULL)
        return;
    moot_buf_fini(&u->body);
    free(u);
    *request = NULL;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c,
                                  const char *url, const char *method,
                                  const char *version, const char *upload,
                                  size_t *upload_len, void **request)
{
    struct moot_http *h = ctx;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct moot_asked asked = {.node = h->node,
                               .pass = &h->pass,
                               .c = c,
                               .path = url,
                               .method = method};
    struct upload *u = *request;

    (void)version;
    if (u == NULL && strcmp(method, MHD_HTTP_METHOD_POST) == 0) {
        *request = moot_alloc(sizeof *u);
        return MHD_YES;
    }
    if (u != NULL && *upload_len > 0) {
        take_upload(u, upload, upload_len);
        return MHD_YES;
    }
    if (u != NULL) {
        asked.body = moot_buf_view(&u->body);
        asked.large = u->large;
    }
    ((struct guest *)info->socket_context)->settled = true;
    return moot_http_page(&asked);
}

static void on_log(void *ctx, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void on_log(void *ctx, const char *format, va_list args)
{
    char text[256];

    (void)ctx;
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = '\0';
    moot_log(MOOT_LOG_DEBUG, "http", "says", text, NULL);
}

/* --- connections --- */

/* The library closes what the other side seems to have closed. */
static void end(struct guest *g, const char *reason, const char *why)
{
    if (!g->settled)
        moot_log_refused("bootstrap", &g->from, reason, why);
    g->settled = true;
    moot_porch_leave(&g->http->porch, &g->visitor);
    shutdown(g->fd, SHUT_RDWR);
}

/* Absolute: what trickles in does not prolong it. */
static void on_limit(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct guest *g = w->data;

    (void)loop;
    (void)revents;
    end(g, "timeout", "no request in time");
}

static void on_connection(void *ctx, struct MHD_Connection *c, void **guest,
                          enum MHD_ConnectionNotificationCode what)
{
    struct moot_http *h = ctx;
    struct guest *g = *guest;
    const union MHD_ConnectionInfo *info;

    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        /* The library refuses some by itself, and does not say whom. */
        if (!g->settled)
            moot_log_refused("bootstrap", &g->from, "protocol",
                             "no valid request");
        moot_porch_leave(&h->porch, &g->visitor);
        ev_timer_stop(h->loop, &g->limit);
        moot_metric_add(&connections, -1);
        free(g);
        return;
    }
    moot_metric_add(&connections, 1);
    g = moot_alloc(sizeof *g);
    g->http = h;
    info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    g->fd = info->connect_fd;
    info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    memcpy(&g->from, info->client_addr,
           moot_sockaddr_len((const union moot_sockaddr *)info->client_addr));
    moot_porch_join(&h->porch, &g->visitor, &g->from);
    ev_timer_init(&g->limit, on_limit, (double)h->limit_ms / 1000., 0.);
    g->limit.data = g;
    ev_timer_start(h->loop, &g->limit);
    *guest = g;
}

static void on_accept(struct ev_loop *loop, ev_io *w, int revents)
{
    struct moot_http *h = w->data;
    union moot_sockaddr from;

    (void)loop;
    (void)revents;
    for (unsigned i = 0; i < MOOT_ACCEPTS_PER_TURN; i++) {
        int fd = moot_acceptor_take(&h->acceptor, &from);
        struct moot_visitor *victim;

        if (fd < 0)
            return;
        victim = moot_porch_victim(&h->porch, &from);
        if (victim != NULL) {
            end((struct guest *)victim, "full", "it gave way to a newer one");
            MHD_run(h->daemon); /* which closes it */
        }
        /* It closes the socket when it refuses. */
        if (MHD_add_connection(h->daemon, fd, &from.any,
                               moot_sockaddr_len(&from)) != MHD_YES)
            moot_log_refused("bootstrap", &from, "full",
                             "too many connections");
    }
}

static void on_ready(struct ev_loop *loop, ev_io *w, int revents)
{
    struct moot_http *h = w->data;

    (void)loop;
    (void)revents;
    MHD_run(h->daemon);
}

static void on_wake(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct moot_http *h = w->data;

    (void)loop;
    (void)revents;
    MHD_run(h->daemon);
}

static void on_sleep(struct ev_loop *loop, ev_prepare *w, int revents)
{
    struct moot_http *h = w->data;
    MHD_UNSIGNED_LONG_LONG ms;

    (void)revents;
    ev_timer_stop(loop, &h->wake);
    if (MHD_get_timeout(h->daemon, &ms) != MHD_YES)
        return;
    ev_timer_set(&h->wake, (double)ms / 1000., 0.);
    ev_timer_start(loop, &h->wake);
}

static struct MHD_Daemon *start_daemon(struct moot_http *h)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG, 0, NULL,
        NULL, on_request, h, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
        MHD_OPTION_CONNECTION_LIMIT, h->porch.max + CLOSING_MAX,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)MOOT_HTTP_TIMEOUT_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION,
        MHD_OPTION_END);
}

int moot_http_open(struct ev_loop *loop, int fd, struct moot_node *node,
                   unsigned guests_max, struct moot_http **ret_http)
{
    struct moot_http *h = moot_alloc(sizeof *h);
    const union MHD_DaemonInfo *info;

    moot_http_reply_open();
    moot_metric_list(&connections);
    h->loop = loop;
    h->node = node;
    h->limit_ms = MOOT_HTTP_TIMEOUT_S * 1000;
    h->porch.max = guests_max;
    h->porch.share_from = guests_max / 2;
    h->porch.share = MOOT_EARLY_PER_ADDRESS;
    h->daemon = start_daemon(h);
    if (h->daemon == NULL) {
        moot_log(MOOT_LOG_ERROR, "http_refused", "why", strerror(errno), NULL);
        free(h);
        return MOOT_ESYS;
    }
    info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    ev_io_init(&h->ready, on_ready, info->epoll_fd, EV_READ);
    ev_prepare_init(&h->sleep, on_sleep);
    ev_timer_init(&h->wake, on_wake, 0., 0.);
    h->ready.data = h->sleep.data = h->wake.data = h;
    ev_io_start(loop, &h->ready);
    ev_prepare_start(loop, &h->sleep);
    moot_acceptor_open(&h->acceptor, loop, fd, PAUSE_MS, on_accept, h);
    *ret_http = h;
    return MOOT_OK;
}

void moot_http_guard(struct moot_http *h, const struct moot_pass *pass)
{
    h->pass = *pass;
}

void moot_http_set_limit(struct moot_http *h, moot_ms ms)
{
    h->limit_ms = ms;
}

void moot_http_close(struct moot_http *h)
{
    if (h == NULL)
        return;
    moot_acceptor_close(&h->acceptor);
    ev_io_stop(h->loop, &h->ready);
    ev_prepare_stop(h->loop, &h->sleep);
    ev_timer_stop(h->loop, &h->wake);
    MHD_stop_daemon(h->daemon);
    free(h);
}
