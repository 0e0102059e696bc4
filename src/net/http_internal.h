/*
 * net/http_internal.h - what only the tests ask of the bootstrap server.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_NET_HTTP_INTERNAL_H
#define MOOT_NET_HTTP_INTERNAL_H

#include "base/time.h"
#include "net/http.h"

/* How long a connection may stay, instead of MOOT_HTTP_TIMEOUT_S. */
void moot_http_set_limit(struct moot_http *h, moot_ms ms);

#endif
