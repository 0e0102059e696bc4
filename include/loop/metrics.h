/*
 * loop/metrics.h - what is counted here, for whoever watches many processes.
 *
 * A family is a static variable of the file that counts:
 *
 *     static struct moot_metric asks = {
 *         .name = "moot_asks_total",
 *         .help = "Questions to bootstrap peers.",
 *         .labels = {"outcome"}};
 *
 *     moot_metric_list(&asks);                          at open
 *     moot_metric_add_for(&asks, "answered", NULL, 1);  whenever
 *
 * Names and units follow Prometheus: moot_ first, base units (seconds, bytes),
 * counters end in _total.  All families are listed in docs/OPERATING.md.  What
 * is only known when somebody asks is not stored: see moot_metrics_family().
 *
 * Layer:  loop (loud).
 * Thread: any.
 */
#ifndef MOOT_LOOP_METRICS_H
#define MOOT_LOOP_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/bytes.h"

#define MOOT_METRIC_LABELS_MAX 2
/* Values a family can have; what comes later is counted as "other". */
#define MOOT_METRIC_CELLS_MAX 48

enum moot_metric_kind {
    MOOT_COUNTER,
    MOOT_GAUGE,
    MOOT_HISTOGRAM
};

struct moot_metric_cell {
    const char *values[MOOT_METRIC_LABELS_MAX];
    _Atomic int64_t count;
};

struct moot_metric {
    const char *name, *help;
    enum moot_metric_kind kind;
    const char *labels[MOOT_METRIC_LABELS_MAX]; /* NULL: none */
    int64_t unit; /* what is counted is shown divided by this: 1000000 for
                     microseconds as seconds; 0 is 1 */
    const int64_t *bounds; /* HISTOGRAM: upper bounds, ascending, as counted */
    unsigned bound_count;  /* below MOOT_METRIC_CELLS_MAX */

    /* the registry's */
    struct moot_metric *next;
    atomic_bool listed;
    atomic_uint cell_count;
    struct moot_metric_cell cells[MOOT_METRIC_CELLS_MAX];
    _Atomic int64_t sum; /* HISTOGRAM */
};

/* From now on it is shown, with 0 if it has no labels.  Idempotent; m lives as
 * long as the process. */
void moot_metric_list(struct moot_metric *m);

/* A family without labels. */
void moot_metric_add(struct moot_metric *m, int64_t n);
void moot_metric_set(struct moot_metric *m, int64_t n);
void moot_metric_raise(struct moot_metric *m, int64_t n); /* if it is less */

/* One with labels: values are constants, b is NULL if it has one.  Values that
 * strangers choose are put into classes first. */
void moot_metric_add_for(struct moot_metric *m, const char *a, const char *b,
                         int64_t n);
void moot_metric_set_for(struct moot_metric *m, const char *a, const char *b,
                         int64_t n);

/* A histogram. */
void moot_metric_observe(struct moot_metric *m, int64_t n);

/* What was counted; 0: nothing.  HISTOGRAM: how often. */
int64_t moot_metric_count(const struct moot_metric *m, const char *a,
                          const char *b);

/* Appends all families, by name, in the Prometheus text format 0.0.4. */
void moot_metrics_print(struct moot_buf *out);

/*
 * A family that is made when it is asked for: its head, then its samples.
 * labels: "" or what stands in the braces, made with moot_metrics_label().
 */
void moot_metrics_family(struct moot_buf *out, const char *name,
                         enum moot_metric_kind kind, const char *help);
void moot_metrics_sample(struct moot_buf *out, const char *name,
                         const char *labels, int64_t n, int64_t unit);

/* Appends name="value", with a comma before it if out holds something; value
 * may be anything that is valid UTF-8. */
void moot_metrics_label(struct moot_buf *out, const char *name,
                        const char *value);

#endif
