/*
 * net/fetch.h - asking a bootstrap peer who is in the group, telling a
 * directory so, and reading a page of addresses: one HTTP request in a worker,
 * bounded in size and time, no redirects, no proxy.
 *
 * Delivers MOOT_EV_ANSWER or MOOT_EV_LIST, or else MOOT_EV_ASK_FAILED; and
 * MOOT_EV_POSTED.  What the answer says is judged below.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_NET_FETCH_H
#define MOOT_NET_FETCH_H

#include "loop/jobs.h"
#include "loop/sink.h"

struct moot_fetches;

/* All borrowed for the lifetime of the fetches. */
struct moot_fetches *moot_fetches_open(const struct moot_sink *sink,
                                       struct moot_jobs *jobs);

/* Exactly one event will follow, never from inside this call. */
void moot_fetches_start(struct moot_fetches *f, const struct moot_fx_ask *what);

/* A page, also over TLS with the system's authorities; otherwise likewise. */
void moot_fetches_read(struct moot_fetches *f, const struct moot_fx_read *what);

/* Copies what it needs; otherwise likewise. */
void moot_fetches_post(struct moot_fetches *f, const struct moot_fx_post *what);

/* After the pool was closed.  NULL does nothing. */
void moot_fetches_close(struct moot_fetches *f);

#endif
