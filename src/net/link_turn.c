/*
 * net/link_turn.c - the end of the loop turn: everything that became ready is
 * flushed, everybody is told of what ended, and then the dead are freed.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>

#include "loop/handle.h"
#include "net/link_internal.h"

void conn_mark_dirty(struct conn *c)
{
    if (!c->dirty && c->state != CONN_DEAD) {
        c->dirty = true;
        c->next_dirty = c->all->dirty;
        c->all->dirty = c;
    }
}

void conn_mark_hungry(struct conn *c)
{
    if (!c->hungry && c->state != CONN_DEAD) {
        c->hungry = true;
        c->next_hungry = c->all->hungry;
        c->all->hungry = c;
        ev_timer_start(c->all->cfg.loop, &c->all->again);
    }
}

void links_on_again(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct moot_links *l = w->data;
    struct conn *c = l->hungry;

    (void)loop;
    (void)revents;
    l->hungry = NULL;
    while (c != NULL) {
        struct conn *next = c->next_hungry;

        c->hungry = false;
        if (c->state != CONN_DEAD)
            conn_read(c);
        c = next;
    }
}

static void tell(struct conn *c, enum moot_event_kind kind)
{
    struct moot_event ev;

    memset(&ev, 0, sizeof ev);
    ev.kind = kind;
    conn_tell(c, &ev);
}

/* The queue of a draining link is empty: our last word, then FIN. */
static void say_last(struct conn *c)
{
    ERR_clear_error();
    if ((SSL_get_shutdown(c->ssl) & SSL_SENT_SHUTDOWN) == 0)
        SSL_shutdown(c->ssl);
    if (conn_push(c) && c->blocked) {
        ev_io_start(c->all->cfg.loop, &c->out);
        return;
    }
    c->shut = true;
    shutdown(c->fd, SHUT_WR);
    ev_io_stop(c->all->cfg.loop, &c->out);
    conn_limit(c, c->all->cfg.drain_ms);
}

static void flush(struct conn *c)
{
    struct ev_loop *loop = c->all->cfg.loop;
    bool open;

    if (c->state == CONN_DEAD || c->shut)
        return;
    if (!c->blocked)
        conn_write(c);
    if (c->state == CONN_DEAD)
        return;
    open = c->state == CONN_OPEN;
    if (conn_waiting(c) > 0) {
        ev_io_start(loop, &c->out);
        if (open && c->up && !ev_is_active(&c->limit))
            conn_limit(c, c->all->cfg.stuck_ms);
        if (open && !c->full && conn_waiting(c) > c->all->cfg.queue_soft) {
            c->full = true;
            conn_note_full(c);
            tell(c, MOOT_EV_LINK_FULL);
        }
        return;
    }
    ev_io_stop(loop, &c->out);
    if (!open) {
        say_last(c);
        return;
    }
    if (c->up)
        ev_timer_stop(loop, &c->limit);
    if (c->full) {
        c->full = false;
        tell(c, MOOT_EV_LINK_CLEAR);
    }
}

static void flush_all(struct moot_links *l)
{
    struct conn *c;

    while ((c = l->dirty) != NULL) {
        l->dirty = c->next_dirty;
        c->dirty = false;
        flush(c);
        conn_count_queue(c);
    }
}

/* Nobody may hold a pointer to the dead when they are freed. */
static void forget_hungry_dead(struct moot_links *l)
{
    struct conn **at = &l->hungry;

    while (*at != NULL) {
        if ((*at)->state == CONN_DEAD)
            *at = (*at)->next_hungry;
        else
            at = &(*at)->next_hungry;
    }
}

void links_on_turn_end(struct ev_loop *loop, ev_prepare *w, int revents)
{
    struct moot_links *l = w->data;
    struct conn *graves = NULL;
    struct conn *c;

    (void)loop;
    (void)revents;
    do {
        flush_all(l);
        if ((c = l->dead) != NULL) {
            l->dead = c->next_dead;
            c->next_dead = graves;
            graves = c;
            l->slots[moot_link_slot(c->handle)] = NULL;
            conn_count_queue(c);
            if (c->told) {
                struct moot_event ev;

                conn_note_closed(c);
                memset(&ev, 0, sizeof ev);
                ev.kind = MOOT_EV_LINK_CLOSED;
                ev.why = c->why;
                conn_tell(c, &ev);
            }
        }
    } while (l->dirty != NULL || l->dead != NULL);

    forget_hungry_dead(l);
    while ((c = graves) != NULL) {
        graves = c->next_dead;
        conn_free(c);
    }
}
