/*
 * loop/metrics_internal.h - what the printer sees of the registry.
 *
 * Layer:  loop (loud).
 * Thread: any.
 */
#ifndef MOOT_LOOP_METRICS_INTERNAL_H
#define MOOT_LOOP_METRICS_INTERNAL_H

#include "loop/metrics.h"

/* All families by name; NULL: there are no more. */
const struct moot_metric *moot_metrics_first(void);
const struct moot_metric *moot_metrics_next(const struct moot_metric *m);

#endif
