/*
 * net/link_early.c - accepting, admission, the handshake.
 *
 * Whoever comes costs little until he has proven who he is, for a bounded time,
 * and there are never more than early_max of them.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include <errno.h>
#include <openssl/err.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"
#include "loop/clock.h"
#include "net/link_internal.h"

static void make_room(struct moot_links *l, const union moot_sockaddr *from)
{
    struct moot_visitor *v = moot_porch_victim(&l->porch, from);

    if (v != NULL)
        conn_kill((struct conn *)((char *)v - offsetof(struct conn, visitor)),
                  MOOT_EFULL, "it gave way to a newer one");
}

static void admit(struct moot_links *l, int fd, const union moot_sockaddr *from)
{
    SSL *ssl = SSL_new(l->cfg.tls->accept);
    struct conn *c;

    if (ssl == NULL || SSL_set_fd(ssl, fd) != 1) {
        moot_log_refused("link", from, "tls", moot_tls_why());
        SSL_free(ssl);
        close(fd);
        return;
    }
    SSL_set_accept_state(ssl);
    moot_socket_tune(fd);
    make_room(l, from);
    c = conn_create(l, fd, ssl, true, from);
    if (c == NULL) {
        moot_log_refused("link", from, "full", "no slot is free");
        SSL_free(ssl);
        close(fd);
    }
}

/* Before any work is done for it. */
static void turn_away(int fd, const union moot_sockaddr *from)
{
    moot_log_refused("link", from, "wrong_proofs",
                     "too many wrong proofs from there");
    close(fd);
}

void links_on_accept(struct ev_loop *loop, ev_io *w, int revents)
{
    struct moot_links *l = w->data;
    struct moot_acceptor *a = l->listeners;
    union moot_sockaddr from;

    (void)loop;
    (void)revents;
    while (&a->ready != w)
        a++;
    for (unsigned i = 0; i < MOOT_ACCEPTS_PER_TURN; i++) {
        int fd = moot_acceptor_take(a, &from);

        if (fd < 0)
            return;
        if (moot_doubt_refuses(&l->doubts, &from, moot_clock_ms()))
            turn_away(fd, &from);
        else
            admit(l, fd, &from);
    }
}

static void shake_failed(struct conn *c, int error)
{
    bool mute = BIO_number_read(SSL_get_rbio(c->ssl)) == 0;

    switch (error) {
    case SSL_ERROR_WANT_READ:
        return;
    case SSL_ERROR_WANT_WRITE:
        ev_io_start(c->all->cfg.loop, &c->out);
        return;
    case SSL_ERROR_SYSCALL:
        conn_kill(c, MOOT_ETLS, strerror(errno));
        return;
    default:
        conn_kill(c, MOOT_ETLS,
                  mute ? "it left without a word" : moot_tls_why());
        return;
    }
}

void conn_shake(struct conn *c)
{
    OSSL_HANDSHAKE_STATE before = SSL_get_state(c->ssl);
    int rc;

    ERR_clear_error();
    errno = 0;
    rc = SSL_do_handshake(c->ssl);
    if (SSL_get_state(c->ssl) != before)
        moot_porch_touch(&c->all->porch, &c->visitor);
    if (rc != 1) {
        shake_failed(c, SSL_get_error(c->ssl, rc));
        return;
    }
    ev_io_stop(c->all->cfg.loop, &c->out);
    conn_opened(c, 0);
    if (c->state != CONN_DEAD)
        conn_read(c);
}

void conn_opened(struct conn *c, moot_token dial)
{
    struct moot_event ev;
    int rc;

    memset(&ev, 0, sizeof ev);
    ev.kind = MOOT_EV_LINK_OPEN;
    ev.open.link = c->handle;
    ev.open.dial = dial;
    rc = moot_tls_peer(c->ssl, &ev.open.id);
    if (rc != MOOT_OK || moot_id_eq(&ev.open.id, &c->all->cfg.tls->self)) {
        conn_kill(c, MOOT_EKEY,
                  rc == MOOT_OK         ? "it is ourselves"
                  : rc == MOOT_EVERSION ? "it asked for no protocol (ALPN)"
                                        : "its certificate is not one of ours");
        return;
    }
    moot_assert(
        SSL_export_keying_material(c->ssl, ev.open.exporter.b,
                                   sizeof ev.open.exporter.b, MOOT_TLS_EXPORTER,
                                   strlen(MOOT_TLS_EXPORTER), NULL, 0, 0) == 1);
    moot_sockaddr_addr(&c->remote, &ev.open.remote);
    conn_gather(c);
    c->state = CONN_OPEN;
    c->told = true;
    conn_note_open(c, &ev.open.id);
    /* The first bytes may be inside already, where no poll() sees them. */
    conn_mark_hungry(c);
    conn_tell(c, &ev);
}
