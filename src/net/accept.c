/*
 * net/accept.c - accepts, and stops accepting when there are no files left.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "loop/log.h"
#include "loop/metrics.h"
#include "net/accept_internal.h"

static struct moot_metric refused = {
    .name = "moot_refused_total",
    .help = "Connections and requests that got no further.",
    .labels = {"socket", "reason"}};

static void on_pause_over(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct moot_acceptor *a = w->data;

    (void)revents;
    ev_timer_stop(loop, w);
    if (a->spare < 0)
        a->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ev_io_start(loop, &a->ready);
}

void moot_acceptor_open(struct moot_acceptor *a, struct ev_loop *loop, int fd,
                        moot_ms pause_ms,
                        void (*on_ready)(struct ev_loop *, ev_io *, int),
                        void *data)
{
    moot_metric_list(&refused);
    a->loop = loop;
    a->fd = fd;
    a->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ev_io_init(&a->ready, on_ready, fd, EV_READ);
    a->ready.data = data;
    ev_timer_init(&a->pause, on_pause_over, 0., (double)pause_ms / 1000.);
    a->pause.data = a;
    ev_io_start(loop, &a->ready);
}

void moot_acceptor_close(struct moot_acceptor *a)
{
    if (a->loop == NULL)
        return;
    ev_io_stop(a->loop, &a->ready);
    ev_timer_stop(a->loop, &a->pause);
    close(a->fd);
    if (a->spare >= 0)
        close(a->spare);
    a->loop = NULL;
}

static int accept_one(struct moot_acceptor *a, union moot_sockaddr *ret_from)
{
    socklen_t len;
    int fd;

    do {
        len = sizeof *ret_from;
        memset(ret_from, 0, sizeof *ret_from);
        fd = accept4(a->fd, &ret_from->any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    return fd;
}

/* Lets the one who waits know that he waits in vain, and all others wait. */
static void pause_accepting(struct moot_acceptor *a, int error)
{
    union moot_sockaddr from;
    int fd = -1;

    if (a->spare >= 0) {
        close(a->spare);
        fd = accept_one(a, &from);
        if (fd >= 0) {
            moot_log_refused("any", &from, "files", strerror(error));
            close(fd);
        }
        a->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    moot_log(MOOT_LOG_WARN, "accept_paused", "why", strerror(error), NULL);
    ev_io_stop(a->loop, &a->ready);
    ev_timer_again(a->loop, &a->pause);
}

int moot_acceptor_take(struct moot_acceptor *a, union moot_sockaddr *ret_from)
{
    int fd = accept_one(a, ret_from);

    if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
                   errno == ENOMEM))
        pause_accepting(a, errno);
    return fd;
}

void moot_log_refused(const char *socket, const union moot_sockaddr *from,
                      const char *reason, const char *why)
{
    struct moot_addr addr;
    char text[MOOT_ADDR_TEXT_MAX];

    moot_metric_add_for(&refused, socket, reason, 1);
    if (!moot_log_wants(MOOT_LOG_INFO))
        return;
    moot_sockaddr_addr(from, &addr);
    moot_addr_format(&addr, text);
    moot_log(MOOT_LOG_INFO,
             strcmp(socket, "bootstrap") == 0 ? "refused_request" : "refused",
             "socket", socket, "remote", text, "reason", reason, "why", why,
             NULL);
}
