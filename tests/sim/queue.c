/*
 * tests/sim/queue.c - what is due next: a binary heap.
 *
 * Of what is due at one time, what was asked for first goes first; so the order
 * is a function of the past alone.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include "sim_internal.h"

static bool sooner(const struct sim_due *a, const struct sim_due *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void sim_queue_push(struct sim_queue *q, struct sim_due due)
{
    if (q->count == q->max) {
        q->max = q->max == 0 ? 256 : 2 * q->max;
        q->at = moot_realloc(q->at, q->max * sizeof q->at[0]);
    }
    due.order = q->order++;

    size_t i = q->count++;

    while (i > 0 && sooner(&due, &q->at[(i - 1) / 2])) {
        q->at[i] = q->at[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    q->at[i] = due;
}

bool sim_queue_pop(struct sim_queue *q, moot_ms until, struct sim_due *ret_due)
{
    if (q->count == 0 || q->at[0].at > until)
        return false;
    *ret_due = q->at[0];

    struct sim_due last = q->at[--q->count];
    size_t i = 0;

    for (;;) {
        size_t child = 2 * i + 1;

        if (child >= q->count)
            break;
        if (child + 1 < q->count && sooner(&q->at[child + 1], &q->at[child]))
            child++;
        if (!sooner(&q->at[child], &last))
            break;
        q->at[i] = q->at[child];
        i = child;
    }
    if (q->count > 0)
        q->at[i] = last;
    return true;
}
