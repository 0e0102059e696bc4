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
#define BULK_LEN 4096    /* worth a system call of its own */
#define GATHER_LEN 65536 /* what one system call sends */

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

size_t conn_waiting(const struct conn *c)
{
    return c->tx.len + c->rest.len;
}

/* After TLS was asked to do something that may have made it write. */
static void push(struct conn *c)
{
    if (!conn_push(c))
        conn_kill(c,
                  c->state == CONN_DRAINING
                      ? c->why
                      : why_of(SSL_ERROR_SYSCALL, c->send_error),
                  NULL);
}

/* Encrypts as much as is sent in one call; returns how much that was. */
static size_t encrypt(struct conn *c, struct moot_bytes bytes)
{
    size_t used = 0;

    while (used < bytes.len && used < GATHER_LEN) {
        size_t len = bytes.len - used;
        size_t written;

        ERR_clear_error();
        if (len > RECORD_LEN)
            len = RECORD_LEN;
        if (SSL_write_ex(c->ssl, bytes.data + used, len, &written) != 1) {
            conn_kill(c, MOOT_ETLS, NULL);
            return used;
        }
        used += written;
    }
    return used;
}

/* Writes what the kernel takes; returns how much of bytes needs no more
 * care. */
static size_t write_bytes(struct conn *c, struct moot_bytes bytes)
{
    size_t used = 0;

    while (used < bytes.len && !c->blocked && c->state != CONN_DEAD) {
        used += encrypt(c, moot_bytes_of(bytes.data + used, bytes.len - used));
        push(c);
    }
    return used;
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

    /* Much at once is encrypted from where it is: copied into every queue it
     * would be cold before it is sent. */
    if (bytes.len >= BULK_LEN && conn_waiting(c) == 0) {
        size_t used = write_bytes(c, bytes);

        bytes = moot_bytes_of(bytes.data + used, bytes.len - used);
    }
    if (bytes.len == 0 || c->state == CONN_DEAD)
        return;
    if (c->tx.max == 0 && l->spare_count > 0)
        c->tx = l->spares[--l->spare_count];
    moot_buf_append(&c->tx, bytes.data, bytes.len);
}

void conn_write(struct conn *c)
{
    if (c->rest.len > 0)
        push(c);
    moot_buf_consume(&c->tx, write_bytes(c, moot_buf_view(&c->tx)));
    if (c->tx.len == 0)
        give_buffer(c);
}

/* --- in --- */

/* The other side has said its last word: what we still had to say goes out as
 * far as it does without waiting. */
static void ended(struct conn *c, int why)
{
    if (c->state == CONN_DRAINING)
        why = c->why;
    else if (why == MOOT_ECLOSED && c->up && conn_waiting(c) > 0)
        conn_write(c);
    conn_kill(c, why, NULL);
}

/* One link's share of a turn. */
struct share {
    size_t budget;
    bool last; /* there is no more for now */
};

/* At most len bytes; 0: there is no more. */
static size_t take(struct conn *c, struct share *s, uint8_t *out, size_t len)
{
    size_t got = 0;
    int error = SSL_ERROR_NONE;

    ERR_clear_error();
    errno = 0;
    if (SSL_read_ex(c->ssl, out, len, &got) != 1)
        error = SSL_get_error(c->ssl, 0);
    if (error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ)
        c->ended = why_of(error, errno);
    s->last = got == 0;
    s->budget -= got;
    /* Others use that buffer as soon as a frame is delivered. */
    if (c->all->gathered.len > 0)
        push(c);
    return got;
}

/* Delivers the whole frames among bytes, until one of them leads to a pause or
 * to the end; returns how much of it they were. */
static size_t cut(struct conn *c, struct moot_bytes bytes)
{
    size_t used = 0;

    while (c->state != CONN_DEAD && !c->paused) {
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

/* Delivers what is whole of what was kept. */
static void cut_kept(struct conn *c)
{
    moot_buf_consume(&c->rx, cut(c, moot_buf_view(&c->rx)));
    if (c->rx.len == 0)
        moot_buf_fini(&c->rx);
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
static void read_rest(struct conn *c, struct share *s)
{
    size_t want = missing(moot_buf_view(&c->rx));
    size_t got;

    if (want > s->budget)
        want = s->budget;
    got = take(c, s, moot_buf_reserve(&c->rx, want), want);
    moot_buf_commit(&c->rx, got);
    if (got == want)
        cut_kept(c);
}

/*
 * Nothing has begun: frames are cut where they are and only a rest is kept.  A
 * record that is not full is the last of what was sent at once: to ask the
 * socket again would be one system call a line, and poll() asks anyway.
 */
static void read_fresh(struct conn *c, struct share *s)
{
    uint8_t *scratch = c->all->scratch;
    size_t len = 0, used;

    do {
        size_t got = take(c, s, scratch + len, s->budget);

        len += got;
        if (got < RECORD_LEN && SSL_has_pending(c->ssl) == 0)
            s->last = true;
    } while (!s->last && s->budget > 0 && c->state != CONN_DEAD);
    used = cut(c, moot_bytes_of(scratch, len));
    if (used < len && c->state != CONN_DEAD)
        moot_buf_append(&c->rx, scratch + used, len - used);
}

static bool may_read(const struct conn *c)
{
    return c->state != CONN_DEAD && !c->paused && c->ended == MOOT_OK;
}

void conn_read(struct conn *c)
{
    struct share s = {.budget = MOOT_READ_PER_TURN};
    uint64_t heard;

    if (c->paused)
        return;
    if (c->rx.len > 0)
        cut_kept(c);
    while (s.budget > 0 && !s.last && may_read(c)) {
        if (c->rx.len > 0)
            read_rest(c, &s);
        else
            read_fresh(c, &s);
    }
    /* Of a paused one the last frames have yet to be delivered. */
    if (c->ended != MOOT_OK && !c->paused && c->state != CONN_DEAD)
        ended(c, c->ended);
    heard = BIO_number_read(SSL_get_rbio(c->ssl));
    if (heard != c->heard)
        conn_count_received(heard - c->heard);
    if (c->state == CONN_DEAD)
        return;
    if (s.budget == 0)
        conn_mark_hungry(c);
    if (c->up && heard != c->heard && c->all->cfg.monitor != NULL)
        moot_monitor_heard(c->all->cfg.monitor, c->handle);
    c->heard = heard;
}
