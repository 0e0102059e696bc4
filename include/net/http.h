/*
 * net/http.h - the bootstrap socket: anyone may ask who is in the group.
 *
 *     GET /                        what this is, for people
 *     GET /bootstrap?nonce=<hex>   the signed answer (JSON, Moot-Signature)
 *     GET /health                  "ok"
 *     GET /peers, /workers         the live members (JSON)
 *     GET /metrics                 figures (Prometheus text format)
 *
 * Everything else is refused: 400 a bad nonce, 401 a page that is guarded, 404,
 * 405.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_NET_HTTP_H
#define MOOT_NET_HTTP_H

#include <ev.h>

#include "net/pass.h"
#include "node/node.h"

struct moot_http;

/*
 * Serves on a listening socket (net/listen.h), taken on success.  node answers;
 * borrowed for the lifetime of the server.  guests_max: so many connections at
 * a time; shares per address from half of them on.  MOOT_ESYS: refused, logged.
 */
int moot_http_open(struct ev_loop *loop, int fd, struct moot_node *node,
                   unsigned guests_max, struct moot_http **ret_http);

/* From now on /peers and /metrics are for those who have it. */
void moot_http_guard(struct moot_http *h, const struct moot_pass *pass);

/* NULL does nothing. */
void moot_http_close(struct moot_http *h);

#endif
