/*
 * net/http_internal.h - the parts of the bootstrap server:
 *
 *     http.c          connections
 *     http_pages.c    which page answers what, and to whom
 *     http_bootstrap.c  /bootstrap: who is in a group, and registering one
 *     http_peers.c    /peers
 *     http_metrics.c  /metrics
 *     http_reply.c    the way every answer goes out
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_NET_HTTP_INTERNAL_H
#define MOOT_NET_HTTP_INTERNAL_H

#include <microhttpd.h>

#include "base/bytes.h"
#include "base/time.h"
#include "net/http.h"

/* A request, for the length of a call. */
struct moot_asked {
    struct moot_node *node;
    const struct moot_pass *pass;
    struct MHD_Connection *c;
    const char *path, *method;
    const char *page;       /* a constant: which of ours it is, or "other" */
    struct moot_bytes body; /* POST */
    bool large;             /* ... and there was more of it */
};

/* Finds the page and lets it answer, or refuses. */
enum MHD_Result moot_http_page(struct moot_asked *a);

enum MHD_Result moot_http_get_bootstrap(const struct moot_asked *a);
enum MHD_Result moot_http_post_bootstrap(const struct moot_asked *a);
enum MHD_Result moot_http_get_peers(const struct moot_asked *a);
enum MHD_Result moot_http_get_metrics(const struct moot_asked *a);

/* Under which address we were found, and where the asker is. */
void moot_http_ends(const struct moot_asked *a, struct moot_addr *local,
                    struct moot_addr *asker);

#define MOOT_REPLY_HEADERS_MAX 4

struct moot_reply_header {
    const char *name; /* NULL ends the list */
    const char *value;
};

struct moot_reply {
    unsigned status; /* 400 and above is a refusal, told in the log */
    const char *type;
    struct moot_bytes body;
    struct moot_reply_header headers[MOOT_REPLY_HEADERS_MAX]; /* of its own */
};

/* Everything is copied. */
enum MHD_Result moot_http_reply(const struct moot_asked *a,
                                const struct moot_reply *r);

/* A line of text. */
enum MHD_Result moot_http_say(const struct moot_asked *a, unsigned status,
                              const char *text);

/* Lists what is counted of answers. */
void moot_http_reply_open(void);

/* For tests: how long a connection may stay, instead of MOOT_HTTP_TIMEOUT_S. */
void moot_http_set_limit(struct moot_http *h, moot_ms ms);

#endif
