/*
 * loop/metrics.c - families and their cells.
 *
 * Counting takes no lock: a cell is found by reading what is there and never
 * moves or goes.  A new value of a label is entered under a lock.
 *
 * Layer:  loop (loud).
 * Thread: any.
 */
#include "loop/metrics.h"

#include <pthread.h>
#include <string.h>

#include "base/assert.h"
#include "loop/metrics_internal.h"

static const char other[] = "other";

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct moot_metric *families; /* by name; under the lock */

static unsigned label_count(const struct moot_metric *m)
{
    unsigned n = 0;

    while (n < MOOT_METRIC_LABELS_MAX && m->labels[n] != NULL)
        n++;
    return n;
}

static void insert(struct moot_metric *m)
{
    struct moot_metric **at = &families;

    while (*at != NULL && strcmp((*at)->name, m->name) < 0)
        at = &(*at)->next;
    moot_assert(*at == NULL || strcmp((*at)->name, m->name) != 0);
    m->next = *at;
    *at = m;
}

void moot_metric_list(struct moot_metric *m)
{
    if (atomic_load_explicit(&m->listed, memory_order_acquire))
        return;
    moot_assert(m->bound_count < MOOT_METRIC_CELLS_MAX);
    pthread_mutex_lock(&lock);
    if (!atomic_load(&m->listed)) {
        insert(m);
        if (m->kind == MOOT_HISTOGRAM)
            atomic_store(&m->cell_count, m->bound_count + 1);
        else if (label_count(m) == 0)
            atomic_store(&m->cell_count, 1);
        atomic_store_explicit(&m->listed, true, memory_order_release);
    }
    pthread_mutex_unlock(&lock);
}

/* --- cells --- */

static bool same(const char *x, const char *y)
{
    return x == y || (x != NULL && y != NULL && strcmp(x, y) == 0);
}

/* NULL: it has none of these values yet. */
static struct moot_metric_cell *find(const struct moot_metric *m, const char *a,
                                     const char *b)
{
    unsigned count = atomic_load_explicit(&m->cell_count, memory_order_acquire);

    for (unsigned i = 0; i < count; i++) {
        const struct moot_metric_cell *c = &m->cells[i];

        if (same(c->values[0], a) && same(c->values[1], b))
            return (struct moot_metric_cell *)c;
    }
    return NULL;
}

/* Under the lock.  The last place is everybody's. */
static struct moot_metric_cell *enter(struct moot_metric *m, const char *a,
                                      const char *b)
{
    unsigned count = atomic_load(&m->cell_count);
    struct moot_metric_cell *c = &m->cells[count];

    if (count == MOOT_METRIC_CELLS_MAX)
        return &m->cells[count - 1];
    if (count == MOOT_METRIC_CELLS_MAX - 1) {
        a = other;
        b = b == NULL ? NULL : other;
    }
    c->values[0] = a;
    c->values[1] = b;
    atomic_store_explicit(&m->cell_count, count + 1, memory_order_release);
    return c;
}

static struct moot_metric_cell *need(struct moot_metric *m, const char *a,
                                     const char *b)
{
    struct moot_metric_cell *c;

    moot_metric_list(m);
    c = find(m, a, b);
    if (c != NULL)
        return c;
    moot_assert(label_count(m) == (unsigned)(a != NULL) + (b != NULL));
    pthread_mutex_lock(&lock);
    c = find(m, a, b);
    if (c == NULL)
        c = enter(m, a, b);
    pthread_mutex_unlock(&lock);
    return c;
}

/* --- counting --- */

static void add(_Atomic int64_t *count, int64_t n)
{
    atomic_fetch_add_explicit(count, n, memory_order_relaxed);
}

void moot_metric_add(struct moot_metric *m, int64_t n)
{
    add(&need(m, NULL, NULL)->count, n);
}

void moot_metric_set(struct moot_metric *m, int64_t n)
{
    atomic_store_explicit(&need(m, NULL, NULL)->count, n, memory_order_relaxed);
}

void moot_metric_raise(struct moot_metric *m, int64_t n)
{
    _Atomic int64_t *count = &need(m, NULL, NULL)->count;
    int64_t was = atomic_load_explicit(count, memory_order_relaxed);

    while (was < n && !atomic_compare_exchange_weak(count, &was, n))
        ;
}

void moot_metric_add_for(struct moot_metric *m, const char *a, const char *b,
                         int64_t n)
{
    add(&need(m, a, b)->count, n);
}

void moot_metric_set_for(struct moot_metric *m, const char *a, const char *b,
                         int64_t n)
{
    atomic_store_explicit(&need(m, a, b)->count, n, memory_order_relaxed);
}

void moot_metric_observe(struct moot_metric *m, int64_t n)
{
    unsigned i = 0;

    moot_assert(m->kind == MOOT_HISTOGRAM);
    moot_metric_list(m);
    while (i < m->bound_count && n > m->bounds[i])
        i++;
    add(&m->cells[i].count, 1);
    add(&m->sum, n);
}

int64_t moot_metric_count(const struct moot_metric *m, const char *a,
                          const char *b)
{
    const struct moot_metric_cell *c;
    int64_t all = 0;

    if (m->kind != MOOT_HISTOGRAM) {
        c = find(m, a, b);
        return c == NULL ? 0 : atomic_load(&c->count);
    }
    for (unsigned i = 0; i <= m->bound_count; i++)
        all += atomic_load(&m->cells[i].count);
    return all;
}

/* --- for the printer --- */

const struct moot_metric *moot_metrics_first(void)
{
    struct moot_metric *first;

    pthread_mutex_lock(&lock);
    first = families;
    pthread_mutex_unlock(&lock);
    return first;
}

const struct moot_metric *moot_metrics_next(const struct moot_metric *m)
{
    const struct moot_metric *next;

    pthread_mutex_lock(&lock);
    next = m->next;
    pthread_mutex_unlock(&lock);
    return next;
}
