/*
 * node/budget_internal.h - how much work a link may make: a bucket that fills
 * with time and that every frame empties a little.
 *
 * It only counts.  What work there is, and what is done when there was too
 * much of it, is the business of its owner.
 *
 * Layer:  node (quiet).
 * Thread: the caller's; a budget is never shared.
 */
#ifndef MOOT_NODE_BUDGET_INTERNAL_H
#define MOOT_NODE_BUDGET_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

/* Microseconds of one core. */
typedef int64_t moot_work;

struct moot_budget {
    moot_work left; /* at .at; below zero: it is in debt */
    moot_ms at;
};

/* Full. */
void moot_budget_init(struct moot_budget *b, moot_ms now);

/* now never goes back. */
void moot_budget_frame(struct moot_budget *b, moot_ms now, size_t len);
void moot_budget_check(struct moot_budget *b, moot_ms now, bool genuine);

/* How long until it is out of debt, at most MOOT_PAUSE_MAX_MS; 0: it is. */
moot_ms moot_budget_debt_ms(const struct moot_budget *b);

#endif
