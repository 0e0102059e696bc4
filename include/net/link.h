/*
 * net/link.h - all TLS links of the process, from the accepted socket to the
 * last byte.
 *
 * It moves frames and keeps bounds.  What a frame says, who may stay and when
 * to close is decided above.  Delivered: MOOT_EV_LINK_OPEN, FRAME, LINK_FULL,
 * LINK_CLEAR, LINK_CLOSED (exactly once, always the last, never from inside a
 * call below).  A connection that never got as far as LINK_OPEN is nobody's
 * business but the log's: each refused one leaves one line with the reason.
 *
 *     accepted --TLS--> early --up()--> up --close()--> draining --> closed
 *     dialled  ---------^
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_NET_LINK_H
#define MOOT_NET_LINK_H

#include <ev.h>

#include "loop/monitor.h"
#include "loop/sink.h"
#include "net/tls.h"

struct moot_links;

/* Set by moot_links_defaults(); only tests change the numbers. */
struct moot_links_config {
    struct ev_loop *loop;
    const struct moot_sink *sink; /* for the lifetime of the links */
    const struct moot_tls *tls;   /* likewise */
    struct moot_monitor *monitor; /* likewise; NULL: nobody watches */
    moot_ms early_ms;             /* from accept to up(), absolute */
    moot_ms drain_ms;             /* for the other side's close */
    moot_ms stuck_ms;             /* a queue may stand still this long */
    moot_ms pause_ms;             /* no accepting when out of files */
    unsigned early_max;           /* accepted and not up, all together */
    unsigned share_from;          /* per-address shares from here on */
    unsigned share;               /* of one address */
    size_t queue_soft, queue_hard;
};

void moot_links_defaults(struct moot_links_config *c);

struct moot_links *moot_links_open(const struct moot_links_config *c);

/* Cuts whatever is left, without events.  NULL does nothing. */
void moot_links_close(struct moot_links *l);

/* Takes a listening socket (net/listen.h) and accepts from it.  Up to four. */
void moot_links_listen(struct moot_links *l, int fd);

/*
 * Takes a dialled connection whose handshake is done; LINK_OPEN carries the
 * token.  MOOT_ELIMIT: no slot is free, and ssl was freed.
 */
int moot_links_give(struct moot_links *l, SSL *ssl, moot_token token);

/* MOOT_FX_UP, FX_SEND, FX_CLOSE, FX_CUT, FX_PAUSE.  A handle of no open link:
 * nothing.  Frames that arrive while a link drains are still delivered.  why
 * goes into the log and comes back in LINK_CLOSED.  A paused link is not read:
 * its frames wait here and in the kernel, and so does the news that the other
 * side has closed it; it may be called up, sent to, shut and cut as ever, and
 * one that drains does so no longer than ever.  A second pause replaces the
 * first. */
void moot_links_up(struct moot_links *l, moot_link link);
void moot_links_send(struct moot_links *l, moot_link link,
                     struct moot_bytes bytes);
void moot_links_shut(struct moot_links *l, moot_link link, int why);
void moot_links_cut(struct moot_links *l, moot_link link, int why);
void moot_links_pause(struct moot_links *l, moot_link link, moot_ms ms);

/* Accepts no more, cuts what is not open yet, and shuts all links that are. */
void moot_links_drain(struct moot_links *l);

/* Connections of any state; one is gone before its LINK_CLOSED is delivered. */
unsigned moot_links_count(const struct moot_links *l);

#endif
