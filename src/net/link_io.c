/*
 * net/link_io.c - bytes in, cut into frames; bytes out, in full TLS records.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include <errno.h>
#include <openssl/err.h>
#include <string.h>

#include "base/assert.h"
#include "loop/clock.h"
#include "net/link_internal.h"
#include "wire/frame.h"

#define RECORD_LEN 16384 /* the plaintext of a full TLS record */
#define BULK_LEN 4096    /* who sends so much at once has more to send */

/* What ended a connection that was open. */
static int why_of(int error, int saved_errno)
{
    unsigned long said = ERR_peek_error();
    int why;

    if (error == SSL_ERROR_ZERO_RETURN)
        return MOOT_ECLOSED;
    if (error == SSL_ERROR_SYSCALL) {
        why = moot_socket_error(saved_errno);
        /* Only TCP's own patience ends like this on an open connection. */
        return why == MOOT_ETIMEOUT ? MOOT_ESILENT : why;
    }
    if (ERR_GET_REASON(said) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        return MOOT_ERESET;
    return MOOT_ETLS;
}

/* --- out --- */

/* Writes as long as at least least bytes are queued. */
static void write_from(struct conn *c, size_t least)
{
    while (c->tx.len >= least) {
        struct moot_bytes view = moot_buf_view(&c->tx);
        size_t len = view.len < RECORD_LEN ? view.len : RECORD_LEN;
        size_t written;
        int error;

        ERR_clear_error();
        errno = 0;
        if (SSL_write_ex(c->ssl, view.data, len, &written) == 1) {
            moot_buf_consume(&c->tx, written);
            c->progress = moot_clock_ms();
            continue;
        }
        error = SSL_get_error(c->ssl, 0);
        if (error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ)
            c->blocked = true;
        else
            conn_kill(c,
                      c->state == CONN_DRAINING ? c->why : why_of(error, errno),
                      NULL);
        return;
    }
}

/* An idle link holds no memory for its queue; but every turn makes and empties
 * many, so the buffers wander instead of being freed. */
static void give_buffer(struct conn *c)
{
    struct moot_links *l = c->all;

    if (c->tx.max == 0)
        return;
    if (c->tx.max > SPARE_LEN_MAX || l->spare_count == SPARES_MAX) {
        moot_buf_fini(&c->tx);
        return;
    }
    moot_buf_clear(&c->tx);
    l->spares[l->spare_count++] = c->tx;
    memset(&c->tx, 0, sizeof c->tx);
}

void conn_queue(struct conn *c, struct moot_bytes bytes)
{
    struct moot_links *l = c->all;

    if (c->tx.max == 0 && l->spare_count > 0)
        c->tx = l->spares[--l->spare_count];
    moot_buf_append(&c->tx, bytes.data, bytes.len);
    if (c->tx.len >= RECORD_LEN && !c->blocked)
        write_from(c, RECORD_LEN);
}

void conn_write(struct conn *c)
{
    write_from(c, 1);
    if (c->tx.len == 0) {
        give_buffer(c);
        c->blocked = false;
    }
}

/* --- in --- */

/* The other side has said its last word: what we still had to say goes out as
 * far as it does without waiting. */
static void ended(struct conn *c, int why)
{
    if (c->state == CONN_DRAINING)
        why = c->why;
    else if (why == MOOT_ECLOSED && c->up && c->tx.len > 0)
        conn_write(c);
    conn_kill(c, why, NULL);
}

/* At most len bytes; 0: no more for now, or the connection is over. */
static size_t take(struct conn *c, uint8_t *out, size_t len)
{
    size_t got;
    int error;

    ERR_clear_error();
    errno = 0;
    if (SSL_read_ex(c->ssl, out, len, &got) == 1)
        return got;
    error = SSL_get_error(c->ssl, 0);
    c->crossed = error == SSL_ERROR_WANT_WRITE;
    if (c->crossed)
        ev_io_start(c->all->cfg.loop, &c->out);
    else if (error != SSL_ERROR_WANT_READ)
        ended(c, why_of(error, errno));
    return 0;
}

/* Delivers the whole frames among bytes; returns how much of it they were. */
static size_t cut(struct conn *c, struct moot_bytes bytes)
{
    size_t used = 0;

    while (c->state != CONN_DEAD) {
        struct moot_bytes rest =
            moot_bytes_of(bytes.data + used, bytes.len - used);
        struct moot_event ev;
        int rc;

        memset(&ev, 0, sizeof ev);
        ev.kind = MOOT_EV_FRAME;
        rc = moot_frame_first(
            rest, c->up ? MOOT_FRAME_LEN_MAX : MOOT_FRAME_EARLY_LEN_MAX,
            &ev.frame);
        if (rc == MOOT_EAGAIN)
            break;
        if (rc != MOOT_OK) {
            conn_kill(c, MOOT_EPROTO, "a frame of a forbidden length");
            break;
        }
        used += MOOT_FRAME_PREFIX + ev.frame.len;
        moot_porch_touch(&c->all->porch, &c->visitor);
        conn_tell(c, &ev);
    }
    return used;
}

/* What is missing to a prefix, or to the frame whose prefix is there. */
static size_t missing(struct moot_bytes have)
{
    size_t len = MOOT_FRAME_PREFIX;

    if (have.len >= MOOT_FRAME_PREFIX)
        len += (size_t)have.data[0] << 24 | (size_t)have.data[1] << 16 |
               (size_t)have.data[2] << 8 | have.data[3];
    moot_assert(len > have.len); /* else it would have been cut */
    return len - have.len;
}

/* Goes on with the frame that has begun. */
static size_t read_rest(struct conn *c, size_t budget)
{
    size_t want = missing(moot_buf_view(&c->rx));
    size_t got;

    if (want > budget)
        want = budget;
    got = take(c, moot_buf_reserve(&c->rx, want), want);
    if (got == 0)
        return 0;
    moot_buf_commit(&c->rx, got);
    if (cut(c, moot_buf_view(&c->rx)) == c->rx.len)
        moot_buf_fini(&c->rx);
    return got;
}

/* Nothing has begun: frames are cut where they are and only a rest is kept. */
static size_t read_fresh(struct conn *c, size_t budget)
{
    uint8_t *scratch = c->all->scratch;
    size_t got = take(c, scratch, budget);
    size_t used = cut(c, moot_bytes_of(scratch, got));

    if (used < got && c->state != CONN_DEAD)
        moot_buf_append(&c->rx, scratch + used, got - used);
    return got;
}

void conn_read(struct conn *c)
{
    size_t budget = MOOT_READ_PER_TURN;
    uint64_t heard;

    while (budget > 0 && c->state != CONN_DEAD) {
        size_t got =
            c->rx.len > 0 ? read_rest(c, budget) : read_fresh(c, budget);

        if (got == 0)
            break;
        budget -= got;
        /* A trickle is over when nothing is left inside TLS: asking the socket
         * again would be one system call a line, and poll() asks anyway. */
        if (got < BULK_LEN && SSL_has_pending(c->ssl) == 0)
            break;
    }
    if (c->state == CONN_DEAD)
        return;
    if (budget == 0)
        conn_mark_hungry(c);
    heard = BIO_number_read(SSL_get_rbio(c->ssl));
    if (c->up && heard != c->heard && c->all->cfg.monitor != NULL)
        moot_monitor_heard(c->all->cfg.monitor, c->handle);
    c->heard = heard;
}
