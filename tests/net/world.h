/*
 * tests/net/world.h - peers without minds, on one loop: for the tests of net.
 *
 * A peer has an identity, links on a listening socket, and a list of what was
 * delivered.  Everything happens on real sockets of 127.0.0.1 in one thread:
 * the test acts, then turns the loop until what it waits for is there.
 *
 * Layer:  tests.
 * Thread: main.
 */
#ifndef MOOT_TESTS_NET_WORLD_H
#define MOOT_TESTS_NET_WORLD_H

#include <ev.h>

#include "net/link.h"
#include "words.h"

#define SEEN_MAX 512

struct seen {
    enum moot_event_kind kind;
    moot_link link;
    moot_token token; /* OPEN: of the dial */
    int why;          /* CLOSED, FAILED, POSTED */
    unsigned status;  /* POSTED */
    struct moot_id id;
    struct moot_exporter exporter;
    struct moot_addr remote;
    char text[128]; /* the beginning of a frame, an answer or a signature;
                       a challenge */
    size_t len;     /* of the frame or answer */
};

struct peer {
    struct moot_key key;
    struct moot_tls tls;
    struct moot_links *links;
    struct moot_sink sink;
    uint16_t port;
    bool trusting; /* every link is up as soon as it is open */
    int depth;     /* calls of the test's that are under way */
    void (*hook)(struct peer *p, const struct moot_event *ev);
    struct seen seen[SEEN_MAX];
    unsigned count;
};

extern struct ev_loop *world_loop;

/* A loop, and a log that is kept in memory. */
void world_open(void);
void world_close(void);

/* All that was logged so far; borrowed until the next call. */
const char *world_log(void);

/* How many lines hold this text? */
unsigned world_logged(const char *text);

/* Turns the loop until the condition holds; fails the test after 50 s. */
#define world_until(condition_fn, ctx)                                         \
    world_until_at(__FILE__, __LINE__, #condition_fn, (condition_fn), (ctx))
void world_until_at(const char *file, int line, const char *what,
                    bool (*condition)(void *ctx), void *ctx);

/* Turns it until that many lines hold the text. */
void world_until_logged(unsigned count, const char *text);

/* Turns it n times without waiting. */
void world_turn(unsigned n);

/* n makes the identity.  config: NULL for the defaults; loop, sink and tls are
 * filled in.  It listens. */
struct peer *peer_create(uint8_t n, const struct moot_links_config *config);
void peer_destroy(struct peer *p);

/* The newest event of that kind; NULL: there is none. */
const struct seen *peer_saw(const struct peer *p, enum moot_event_kind kind);
unsigned peer_count(const struct peer *p, enum moot_event_kind kind);

/* Turns the loop until p has seen that many of that kind. */
const struct seen *peer_until(struct peer *p, enum moot_event_kind kind,
                              unsigned count);

/* a dials b; both links are open afterwards.  Returns a's. */
moot_link peer_link(struct peer *a, struct peer *b);

/* A frame holding the text. */
void peer_say(struct peer *p, moot_link link, const char *text);

/* A TCP connection to that port, from 127.0.0.<from>; it does not block. */
int stranger_dial(uint16_t port, uint8_t from);

/* Writes the request there and returns all that came until the other side
 * closed, as text; good until the next call. */
const char *stranger_asks(uint16_t port, struct moot_bytes request);

/* Turns the loop until the other side has closed fd; closes it. */
void stranger_until_closed(int fd);

/* Shakes hands as a client with these settings, turning the loop; false when
 * the handshake fails.  NULL settings: those of the peer. */
bool stranger_shake(SSL *ssl);

#endif
