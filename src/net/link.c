/*
 * net/link.c - the table of connections, and what is asked from above.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include "net/link.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "loop/clock.h"
#include "loop/handle.h"
#include "net/link_internal.h"

void moot_links_defaults(struct moot_links_config *c)
{
    memset(c, 0, sizeof *c);
    c->early_ms = MOOT_EARLY_MS;
    c->drain_ms = MOOT_DRAIN_MS;
    c->stuck_ms = MOOT_STUCK_MS;
    c->pause_ms = 1000;
    c->early_max = MOOT_EARLY_MAX;
    c->share_from = MOOT_EARLY_SHARE_FROM;
    c->share = MOOT_EARLY_PER_ADDRESS;
    c->queue_soft = MOOT_QUEUE_SOFT;
    c->queue_hard = MOOT_QUEUE_HARD;
}

struct moot_links *moot_links_open(const struct moot_links_config *c)
{
    struct moot_links *l = moot_alloc(sizeof *l);

    links_list_figures();
    l->cfg = *c;
    l->method = links_make_method();
    l->porch.max = c->early_max;
    l->porch.share_from = c->share_from;
    l->porch.share = c->share;
    ev_prepare_init(&l->turn_end, links_on_turn_end);
    l->turn_end.data = l;
    /* What is sent from other prepare watchers leaves in the same turn; only
     * the monitor comes later. */
    ev_set_priority(&l->turn_end, EV_MINPRI + 1);
    ev_prepare_start(c->loop, &l->turn_end);
    ev_timer_init(&l->again, links_on_again, 0., 0.);
    l->again.data = l;
    return l;
}

void moot_links_close(struct moot_links *l)
{
    if (l == NULL)
        return;
    for (unsigned i = 0; i < l->listener_count; i++)
        moot_acceptor_close(&l->listeners[i]);
    for (unsigned i = 0; i < l->slot_count; i++) {
        if (l->slots[i] != NULL) {
            conn_kill(l->slots[i], MOOT_OK, NULL);
            conn_free(l->slots[i]);
        }
    }
    while (l->spare_count > 0)
        moot_buf_fini(&l->spares[--l->spare_count]);
    moot_buf_fini(&l->gathered);
    BIO_meth_free(l->method);
    ev_prepare_stop(l->cfg.loop, &l->turn_end);
    ev_timer_stop(l->cfg.loop, &l->again);
    free(l);
}

void moot_links_listen(struct moot_links *l, int fd)
{
    moot_assert(l->listener_count < LISTENERS_MAX);
    moot_acceptor_open(&l->listeners[l->listener_count++], l->cfg.loop, fd,
                       l->cfg.pause_ms, links_on_accept, l);
}

/* --- connections --- */

static void on_in(struct ev_loop *loop, ev_io *w, int revents)
{
    struct conn *c = w->data;

    (void)loop;
    (void)revents;
    if (c->state == CONN_SHAKING)
        conn_shake(c);
    else if (!c->hungry) /* else its next share is given out already */
        conn_read(c);
}

static void on_out(struct ev_loop *loop, ev_io *w, int revents)
{
    struct conn *c = w->data;

    (void)loop;
    (void)revents;
    c->blocked = false;
    if (c->state == CONN_SHAKING)
        conn_shake(c);
    else
        conn_mark_dirty(c);
}

static void on_limit(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct conn *c = w->data;
    moot_ms still = moot_clock_ms() - c->progress;

    (void)loop;
    (void)revents;
    if (c->state == CONN_DRAINING)
        conn_kill(c, c->why, NULL);
    else if (!c->up)
        conn_kill(c, MOOT_ETIMEOUT,
                  c->told ? "it did not prove itself in time"
                          : "no handshake in time");
    else if (still >= c->all->cfg.stuck_ms)
        conn_kill(c, MOOT_ESLOW, NULL);
    else
        conn_limit(c, c->all->cfg.stuck_ms - still);
}

static void on_resume(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct conn *c = w->data;

    (void)revents;
    c->paused = false;
    ev_io_start(loop, &c->in);
    conn_read(c);
}

static unsigned free_slot(struct moot_links *l)
{
    unsigned i = 0;

    while (i < l->slot_count && l->slots[i] != NULL)
        i++;
    if (i == l->slot_count && i < MOOT_LINK_SLOTS)
        l->slot_count++;
    return i;
}

struct conn *conn_create(struct moot_links *l, int fd, SSL *ssl, bool inbound,
                         const union moot_sockaddr *remote)
{
    unsigned slot = free_slot(l);
    struct conn *c;

    if (slot == MOOT_LINK_SLOTS)
        return NULL;
    c = moot_alloc(sizeof *c);
    c->all = l;
    c->handle = moot_link_make(slot, ++l->generation);
    c->inbound = inbound;
    c->fd = fd;
    c->ssl = ssl;
    c->remote = *remote;
    ev_io_init(&c->in, on_in, fd, EV_READ);
    ev_io_init(&c->out, on_out, fd, EV_WRITE);
    ev_init(&c->limit, on_limit);
    ev_init(&c->resume, on_resume);
    c->in.data = c->out.data = c->limit.data = c->resume.data = c;
    l->slots[slot] = c;
    l->count++;
    if (inbound)
        moot_porch_join(&l->porch, &c->visitor, remote);
    conn_limit(c, l->cfg.early_ms);
    ev_io_start(l->cfg.loop, &c->in);
    return c;
}

void conn_free(struct conn *c)
{
    moot_assert(c->state == CONN_DEAD);
    SSL_free(c->ssl);
    close(c->fd);
    moot_buf_fini(&c->rx);
    moot_buf_fini(&c->tx);
    moot_buf_fini(&c->rest);
    free(c);
}

void conn_limit(struct conn *c, moot_ms within)
{
    c->limit.repeat = (double)within / 1000.;
    ev_timer_again(c->all->cfg.loop, &c->limit);
}

void conn_kill(struct conn *c, int why, const char *refusal)
{
    struct moot_links *l = c->all;

    if (c->state == CONN_DEAD)
        return;
    if (refusal == NULL && why != MOOT_OK)
        refusal = moot_error_text(why);
    if (c->inbound && !c->up && refusal != NULL)
        moot_log_refused("link", &c->remote, moot_error_word(why), refusal);
    c->why = why;
    c->state = CONN_DEAD;
    ev_io_stop(l->cfg.loop, &c->in);
    ev_io_stop(l->cfg.loop, &c->out);
    ev_timer_stop(l->cfg.loop, &c->limit);
    ev_timer_stop(l->cfg.loop, &c->resume);
    moot_porch_leave(&l->porch, &c->visitor);
    if (c->up && l->cfg.monitor != NULL)
        moot_monitor_forget(l->cfg.monitor, c->handle);
    l->count--;
    c->next_dead = l->dead;
    l->dead = c;
}

void conn_tell(struct conn *c, struct moot_event *ev)
{
    ev->link = c->handle;
    moot_sink_deliver(c->all->cfg.sink, ev);
}

/* --- what is asked from above --- */

/* NULL: no link of this name is open. */
static struct conn *find(struct moot_links *l, moot_link link)
{
    unsigned slot = moot_link_slot(link);
    struct conn *c = slot < MOOT_LINK_SLOTS ? l->slots[slot] : NULL;

    if (c == NULL || c->handle != link || c->state == CONN_DEAD ||
        c->state == CONN_SHAKING)
        return NULL;
    return c;
}

int moot_links_give(struct moot_links *l, SSL *ssl, moot_token token)
{
    int fd = SSL_get_fd(ssl);
    union moot_sockaddr remote;
    socklen_t len = sizeof remote;
    struct conn *c;

    memset(&remote, 0, sizeof remote);
    /* It may be gone already; then the first read says so. */
    (void)getpeername(fd, &remote.any, &len);
    c = conn_create(l, fd, ssl, false, &remote);
    if (c == NULL) {
        SSL_free(ssl);
        close(fd);
        return MOOT_ELIMIT;
    }
    conn_opened(c, token);
    return c->told ? MOOT_OK : MOOT_EKEY;
}

static void note_wrong(struct conn *c, int why)
{
    if (why == MOOT_EPROOF && c->inbound && !c->up)
        moot_doubt_wrong(&c->all->doubts, &c->remote, moot_clock_ms());
}

void moot_links_up(struct moot_links *l, moot_link link)
{
    struct conn *c = find(l, link);

    if (c == NULL || c->up || c->state != CONN_OPEN)
        return;
    moot_porch_leave(&l->porch, &c->visitor);
    moot_doubt_proven(&l->doubts, &c->remote, moot_clock_ms());
    c->up = true;
    conn_note_up(c);
    c->progress = moot_clock_ms();
    ev_timer_stop(l->cfg.loop, &c->limit);
    if (c->blocked)
        conn_limit(c, l->cfg.stuck_ms);
    if (l->cfg.monitor != NULL)
        moot_monitor_watch(l->cfg.monitor, link);
}

void moot_links_send(struct moot_links *l, moot_link link,
                     struct moot_bytes bytes)
{
    struct conn *c = find(l, link);

    if (c == NULL || c->state != CONN_OPEN)
        return;
    conn_queue(c, bytes);
    if (conn_waiting(c) > l->cfg.queue_hard)
        conn_kill(c, MOOT_ESLOW, NULL);
    else
        conn_mark_dirty(c);
}

void moot_links_shut(struct moot_links *l, moot_link link, int why)
{
    struct conn *c = find(l, link);

    if (c == NULL || c->state != CONN_OPEN)
        return;
    note_wrong(c, why);
    c->state = CONN_DRAINING;
    c->why = why;
    conn_limit(c, l->cfg.drain_ms);
    conn_mark_dirty(c);
}

void moot_links_cut(struct moot_links *l, moot_link link, int why)
{
    struct conn *c = find(l, link);

    if (c == NULL)
        return;
    note_wrong(c, why);
    conn_kill(c, why, NULL);
}

void moot_links_pause(struct moot_links *l, moot_link link, moot_ms ms)
{
    struct conn *c = find(l, link);

    if (c == NULL)
        return;
    c->paused = true;
    ev_io_stop(l->cfg.loop, &c->in);
    ev_timer_stop(l->cfg.loop, &c->resume);
    /* The turn that made so much work may have taken long by now. */
    ev_now_update(l->cfg.loop);
    ev_timer_set(&c->resume, (double)ms / 1000., 0.);
    ev_timer_start(l->cfg.loop, &c->resume);
}

void moot_links_drain(struct moot_links *l)
{
    for (unsigned i = 0; i < l->listener_count; i++)
        moot_acceptor_close(&l->listeners[i]);
    for (unsigned i = 0; i < l->slot_count; i++) {
        struct conn *c = l->slots[i];

        if (c != NULL && c->state == CONN_SHAKING)
            conn_kill(c, MOOT_OK, NULL);
        else if (c != NULL)
            moot_links_shut(l, c->handle, MOOT_OK);
    }
}

unsigned moot_links_count(const struct moot_links *l)
{
    return l->count;
}
