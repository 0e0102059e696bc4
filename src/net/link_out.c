/*
 * net/link_out.c - what TLS writes, on its way to the kernel.
 *
 * TLS would call write() once a record.  Its records gather here instead, in a
 * buffer that all links share because it is empty again before anybody else
 * writes, and leave in one call.  What the kernel does not take stays with the
 * link, and TLS is not asked for more until that is gone.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include <errno.h>
#include <openssl/bio.h>
#include <sys/socket.h>

#include "base/assert.h"
#include "loop/clock.h"
#include "net/link_internal.h"

static int gather(BIO *b, const char *data, size_t len, size_t *ret_written)
{
    struct conn *c = BIO_get_data(b);

    moot_buf_append(&c->all->gathered, data, len);
    *ret_written = len;
    return 1;
}

static long control(BIO *b, int what, long number, void *pointer)
{
    (void)b;
    (void)number;
    (void)pointer;
    return what == BIO_CTRL_FLUSH;
}

BIO_METHOD *links_make_method(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "moot link");

    moot_assert(m != NULL);
    BIO_meth_set_write_ex(m, gather);
    BIO_meth_set_ctrl(m, control);
    return m;
}

void conn_gather(struct conn *c)
{
    BIO *b = BIO_new(c->all->method);

    moot_assert(b != NULL);
    BIO_set_data(b, c);
    BIO_set_init(b, 1);
    SSL_set0_wbio(c->ssl, b);
}

/* Sends what it can of b.  false: the connection is over. */
static bool send_from(struct conn *c, struct moot_buf *b)
{
    while (b->len > 0) {
        struct moot_bytes view = moot_buf_view(b);
        ssize_t n = send(c->fd, view.data, view.len, MSG_NOSIGNAL);

        if (n >= 0) {
            moot_buf_consume(b, (size_t)n);
            conn_count_sent((size_t)n);
            c->progress = moot_clock_ms();
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return true;
        } else if (errno != EINTR) {
            c->send_error = errno;
            return false;
        }
    }
    return true;
}

bool conn_push(struct conn *c)
{
    struct moot_buf *gathered = &c->all->gathered;
    bool alive = send_from(c, &c->rest);

    if (alive && c->rest.len == 0) {
        moot_buf_fini(&c->rest);
        alive = send_from(c, gathered);
    }
    if (alive && gathered->len > 0) {
        struct moot_bytes left = moot_buf_view(gathered);

        moot_buf_append(&c->rest, left.data, left.len);
    }
    c->blocked = c->rest.len > 0;
    moot_buf_clear(gathered);
    return alive;
}
