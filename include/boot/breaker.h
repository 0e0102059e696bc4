/*
 * boot/breaker.h - a circuit breaker: how often one source may still be asked.
 *
 *     closed      every request may begin
 *     open        none, until the pause is over
 *     half-open   exactly one, the probe; what comes of it decides
 *
 * A row of failures opens it.  Each failed probe doubles the pause, up to a
 * bound; one success closes it.  When the last failure is long ago, nothing of
 * it counts any more.  It asks nobody itself.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's; a breaker is never shared.
 */
#ifndef MOOT_BOOT_BREAKER_H
#define MOOT_BOOT_BREAKER_H

#include <stdbool.h>

#include "base/rng.h"
#include "base/time.h"

struct moot_breaker_config {
    unsigned failures_max; /* in a row: so many open it */
    moot_ms reset;     /* after so long without another they are forgotten */
    moot_ms pause_min; /* how long it stays open at first */
    moot_ms pause_max;
};

#define MOOT_BREAKER_DEFAULT                                                   \
    ((struct moot_breaker_config){5, 300000, 1000, 60000})

enum moot_breaker_state {
    MOOT_BREAKER_CLOSED,
    MOOT_BREAKER_OPEN,
    MOOT_BREAKER_HALF_OPEN
};

#define MOOT_BREAKER_STATES 3

/* A zeroed struct is a closed breaker that has seen nothing. */
struct moot_breaker {
    unsigned failures; /* in a row */
    moot_ms failed;    /* when the last one was */
    moot_ms pause;     /* how long it was opened the last time; 0: it was not */
    bool tripped;      /* open or half-open: */
    moot_ms until;     /* ... when it changes from the one to the other */
    bool probing;      /* the one probe is under way */
};

enum moot_breaker_state moot_breaker_state(const struct moot_breaker *b,
                                           const struct moot_breaker_config *c,
                                           moot_ms now);

/* May a request begin?  Who is told so begins it, and says what came of it. */
bool moot_breaker_ask(struct moot_breaker *b,
                      const struct moot_breaker_config *c, moot_ms now);

/* When one may begin; MOOT_NEVER: not before the probe has ended. */
moot_ms moot_breaker_due(const struct moot_breaker *b, moot_ms now);

void moot_breaker_succeed(struct moot_breaker *b);
void moot_breaker_fail(struct moot_breaker *b,
                       const struct moot_breaker_config *c, moot_ms now,
                       struct moot_rng *rng);

/* What outlives the process: failures in a row, when it was opened, and for
 * how long.  ago: how long that is past; a pause is never believed to be
 * longer than the bound, nor a failure to lie ahead. */
void moot_breaker_restore(struct moot_breaker *b,
                          const struct moot_breaker_config *c, moot_ms now,
                          unsigned failures, moot_ms ago, moot_ms pause);

/* It was restored before the clock was known, which shows so much more. */
void moot_breaker_shift(struct moot_breaker *b, moot_ms by);

#endif
