/*
 * loop/metrics_print.c - families as text, in the Prometheus format 0.0.4.
 *
 * Numbers are put together from integers: what printf() makes of a fraction
 * depends on the user's language.
 *
 * Layer:  loop (loud).
 * Thread: any.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loop/metrics_internal.h"

static const char *const kind_words[] = {[MOOT_COUNTER] = "counter",
                                         [MOOT_GAUGE] = "gauge",
                                         [MOOT_HISTOGRAM] = "histogram"};

static void put_number(struct moot_buf *out, int64_t n, int64_t unit)
{
    uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    uint64_t one = unit == 0 ? 1 : (uint64_t)unit;
    char digits[24];
    size_t len = 0;

    moot_buf_printf(out, "%s%" PRIu64, n < 0 ? "-" : "", size / one);
    if (size % one == 0)
        return;
    for (uint64_t at = 1; at < one; at *= 10)
        len++; /* a unit is a power of ten */
    snprintf(digits, sizeof digits, "%0*" PRIu64, (int)len, size % one);
    while (digits[len - 1] == '0')
        len--;
    moot_buf_printf(out, ".%.*s", (int)len, digits);
}

void moot_metrics_family(struct moot_buf *out, const char *name,
                         enum moot_metric_kind kind, const char *help)
{
    moot_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
                    kind_words[kind]);
}

void moot_metrics_sample(struct moot_buf *out, const char *name,
                         const char *labels, int64_t n, int64_t unit)
{
    moot_buf_printf(out, "%s", name);
    if (*labels != '\0')
        moot_buf_printf(out, "{%s}", labels);
    moot_buf_append(out, " ", 1);
    put_number(out, n, unit);
    moot_buf_append(out, "\n", 1);
}

void moot_metrics_label(struct moot_buf *out, const char *name,
                        const char *value)
{
    moot_buf_printf(out, "%s%s=\"", out->len > 0 ? "," : "", name);
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '\n') {
            moot_buf_append(out, "\\n", 2);
            continue;
        }
        if (*c == '"' || *c == '\\')
            moot_buf_append(out, "\\", 1);
        moot_buf_append(out, c, 1);
    }
    moot_buf_append(out, "\"", 1);
}

static void print_cells(struct moot_buf *out, const struct moot_metric *m)
{
    unsigned count = atomic_load_explicit(&m->cell_count, memory_order_acquire);
    struct moot_buf labels = {NULL, 0, 0, 0};

    for (unsigned i = 0; i < count; i++) {
        const struct moot_metric_cell *c = &m->cells[i];

        moot_buf_clear(&labels);
        for (unsigned k = 0; k < MOOT_METRIC_LABELS_MAX; k++) {
            if (c->values[k] != NULL)
                moot_metrics_label(&labels, m->labels[k], c->values[k]);
        }
        moot_metrics_sample(out, m->name, moot_buf_text(&labels),
                            atomic_load(&c->count), m->unit);
    }
    moot_buf_fini(&labels);
}

/* What is shown of one moment adds up: all is the sum of what was read. */
static void print_histogram(struct moot_buf *out, const struct moot_metric *m)
{
    int64_t sum = atomic_load(&m->sum), all = 0;

    for (unsigned i = 0; i < m->bound_count; i++) {
        all += atomic_load(&m->cells[i].count);
        moot_buf_printf(out, "%s_bucket{le=\"", m->name);
        put_number(out, m->bounds[i], m->unit);
        moot_buf_printf(out, "\"} %" PRId64 "\n", all);
    }
    all += atomic_load(&m->cells[m->bound_count].count);
    moot_buf_printf(out, "%s_bucket{le=\"+Inf\"} %" PRId64 "\n%s_sum ", m->name,
                    all, m->name);
    put_number(out, sum, m->unit);
    moot_buf_printf(out, "\n%s_count %" PRId64 "\n", m->name, all);
}

void moot_metrics_print(struct moot_buf *out)
{
    const struct moot_metric *m = moot_metrics_first();

    for (; m != NULL; m = moot_metrics_next(m)) {
        moot_metrics_family(out, m->name, m->kind, m->help);
        if (m->kind == MOOT_HISTOGRAM)
            print_histogram(out, m);
        else
            print_cells(out, m);
    }
}
