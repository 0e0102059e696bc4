/*
 * net/link_internal.h - what the sources of net/link share.
 *
 *     link.c        the table of connections, and what is asked from above
 *     link_early.c  accepting, admission, the handshake
 *     link_io.c     bytes in, bytes out
 *     link_out.c    from TLS to the kernel, in one call
 *     link_figures.c what is counted, and told in the log
 *     link_turn.c   the end of the loop turn: flush, tell, free
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_NET_LINK_INTERNAL_H
#define MOOT_NET_LINK_INTERNAL_H

#include "base/limits.h"
#include "net/accept_internal.h"
#include "net/doubt_internal.h"
#include "net/link.h"
#include "net/porch_internal.h"

#define LISTENERS_MAX 4
#define SPARES_MAX 64 /* buffers of queues that are empty, kept for others */
#define SPARE_LEN_MAX (4 * 1024)

enum conn_state {
    CONN_SHAKING,  /* accepted; the handshake goes on; nobody knows of it */
    CONN_OPEN,     /* LINK_OPEN was delivered */
    CONN_DRAINING, /* to be flushed and closed */
    CONN_DEAD      /* to be told of and freed at the end of the turn */
};

struct conn {
    struct moot_links *all;
    moot_link handle;
    enum conn_state state;
    bool inbound;
    bool told;    /* LINK_OPEN was delivered, so LINK_CLOSED will be */
    bool up;      /* proven: large frames, watched */
    bool full;    /* LINK_FULL was delivered */
    bool dirty;   /* on the list of those to flush */
    bool hungry;  /* on the list of those with more to read */
    bool paused;  /* not read, and nothing of it delivered, for now */
    bool blocked; /* the kernel takes no more for now */
    bool shut;    /* our last byte is sent */
    int why;      /* for LINK_CLOSED */
    int ended;    /* why there is no more to read; MOOT_OK: there may be */
    int fd;
    SSL *ssl;
    ev_io in, out;
    ev_timer limit;     /* the one deadline its state has */
    ev_timer resume;    /* ends the pause */
    struct moot_buf rx; /* the beginning of a frame, if any; before it, the
                           frames that a pause has kept back */
    struct moot_buf tx;
    struct moot_buf rest; /* encrypted, and not taken by the kernel */
    int send_error;       /* an errno, once there was one */
    uint64_t heard;       /* bytes read when the monitor was told last */
    size_t counted;       /* what its queue counts for in the figures */
    moot_ms progress;     /* when the kernel last took a byte */
    union moot_sockaddr remote;
    struct conn *next_dirty, *next_hungry, *next_dead;
    struct moot_visitor visitor; /* accepted, and not up */
};

struct moot_links {
    struct moot_links_config cfg;
    struct moot_acceptor listeners[LISTENERS_MAX];
    unsigned listener_count;
    struct conn *slots[MOOT_LINK_SLOTS];
    unsigned slot_count; /* slots ever used */
    uint64_t generation;
    unsigned count; /* connections that are not dead */
    struct conn *dirty, *hungry, *dead;
    struct moot_porch porch;
    struct moot_doubts doubts;
    ev_prepare turn_end;
    ev_timer again; /* lets the loop turn when somebody is hungry */
    BIO_METHOD *method;
    struct moot_buf gathered; /* encrypted; empty between calls */
    struct moot_buf spares[SPARES_MAX];
    unsigned spare_count;
    uint8_t scratch[MOOT_FRAME_LEN_MAX];
};

/* link.c */

/* NULL: no slot is free; fd and ssl stay the caller's. */
struct conn *conn_create(struct moot_links *l, int fd, SSL *ssl, bool inbound,
                         const union moot_sockaddr *remote);
void conn_free(struct conn *c);

/* The connection is over.  refusal: what the log says if it never was up; NULL:
 * the text of why, or nothing when that is MOOT_OK. */
void conn_kill(struct conn *c, int why, const char *refusal);
void conn_limit(struct conn *c, moot_ms within); /* arms .limit anew */
void conn_tell(struct conn *c, struct moot_event *ev);

/* link_early.c */
void conn_shake(struct conn *c);
void conn_opened(struct conn *c, moot_token dial);
void links_on_accept(struct ev_loop *loop, ev_io *w, int revents);

/* link_io.c */
void conn_read(struct conn *c);

/* Writes until the queue is empty or the kernel takes no more. */
void conn_write(struct conn *c);

/* Appends to the queue; much at once leaves at once. */
void conn_queue(struct conn *c, struct moot_bytes bytes);

/* How much waits for the kernel. */
size_t conn_waiting(const struct conn *c);

/* link_out.c */

/* BIO_meth_free() gives it back, after all connections. */
BIO_METHOD *links_make_method(void);

/* From now on what TLS writes gathers until conn_push(). */
void conn_gather(struct conn *c);

/* Sends all that has gathered, and says in .blocked whether the kernel took it.
 * false: .send_error says why the connection is over. */
bool conn_push(struct conn *c);

/* link_figures.c */
void links_list_figures(void);
void conn_note_open(const struct conn *c, const struct moot_id *id);
void conn_note_up(const struct conn *c);
void conn_note_closed(const struct conn *c);
void conn_note_full(const struct conn *c);
void conn_count_received(uint64_t len);
void conn_count_sent(size_t len);
void conn_count_queue(struct conn *c);

/* link_turn.c */
void conn_mark_dirty(struct conn *c);
void conn_mark_hungry(struct conn *c);
void links_on_again(struct ev_loop *loop, ev_timer *w, int revents);
void links_on_turn_end(struct ev_loop *loop, ev_prepare *w, int revents);

#endif
