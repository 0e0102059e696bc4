/*
 * store/memory.c - what waits becomes one batch, the store's thread works it
 * off, and what came of it is delivered.
 *
 *     loop: requests gather --batch--> store thread --batch--> loop: delivers
 *
 * Layer:  store (loud).
 * Thread: the loop's, but for run_batch.
 */
#include "store/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/limits.h"
#include "base/slots.h"
#include "loop/jobs.h"
#include "store/memory_internal.h"

#define CLOSE_MS 5000 /* memory is fast; this is only to end for certain */

struct request {
    struct moot_entry *put; /* NULL: a read */
    moot_token token;
    struct moot_range range; /* of a read */
    size_t bytes_max;        /* likewise */
    unsigned first, count;   /* what was read: of the batch's .found */
};

struct batch {
    struct moot_job job; /* first: a job is its batch */
    struct moot_store *store;
    struct request *requests;
    unsigned count, max;
    struct store_list found;
    struct store_list dropped;
};

struct moot_store {
    const struct moot_sink *sink;
    struct moot_jobs *jobs; /* one thread */
    struct batch *waiting;  /* the loop's */
    bool hurry;             /* ... goes as soon as it can */
    ev_timer gather;        /* ... or then */
    struct ev_loop *loop;
    bool running; /* a batch is with the thread */
    bool closing;
    struct store_index index; /* the thread's */
};

static void run_batch(struct moot_job *job)
{
    struct batch *b = (struct batch *)job;
    struct store_index *x = &b->store->index;

    for (unsigned i = 0; i < b->count; i++) {
        struct request *r = &b->requests[i];

        if (r->put != NULL) {
            store_index_put(x, r->put, &b->dropped);
            continue;
        }
        r->first = b->found.count;
        store_index_read(x, &r->range, r->bytes_max, &b->found);
        r->count = b->found.count - r->first;
    }
}

/* One event for a row of puts: the last token names them all. */
static void deliver(struct moot_store *s, const struct batch *b)
{
    for (unsigned i = 0; i < b->count; i++) {
        const struct request *r = &b->requests[i];
        struct moot_event ev;

        if (r->put != NULL && i + 1 < b->count && r[1].put != NULL)
            continue;
        memset(&ev, 0, sizeof ev);
        if (r->put != NULL) {
            ev.kind = MOOT_EV_STORED;
            ev.stored.token = r->token;
        } else {
            ev.kind = MOOT_EV_FETCHED;
            ev.fetched.token = r->token;
            ev.fetched.entries = r->count > 0 ? b->found.at + r->first : NULL;
            ev.fetched.count = r->count;
        }
        moot_sink_deliver(s->sink, &ev);
    }
}

static void drop_all(struct store_list *l)
{
    for (unsigned i = 0; i < l->count; i++)
        moot_entry_unref(l->at[i]);
    free(l->at);
    memset(l, 0, sizeof *l);
}

static void destroy_batch(struct batch *b)
{
    drop_all(&b->dropped);
    free(b->found.at);
    free(b->requests);
    free(b);
}

static void submit_waiting(struct moot_store *s)
{
    struct batch *b = s->waiting;

    if (b == NULL || s->closing)
        return;
    if (!s->hurry) {
        if (!ev_is_active(&s->gather))
            ev_timer_again(s->loop, &s->gather);
        return;
    }
    if (s->running)
        return;
    ev_timer_stop(s->loop, &s->gather);
    s->hurry = false;
    s->waiting = NULL;
    s->running = true;
    /* One batch at a time: there is always room. */
    moot_assert(moot_jobs_submit(s->jobs, &b->job) == MOOT_OK);
}

static void on_gathered(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct moot_store *s = w->data;

    (void)revents;
    ev_timer_stop(loop, w);
    s->hurry = true;
    submit_waiting(s);
}

/* The next batch runs while this one is told of. */
static void batch_done(struct moot_job *job)
{
    struct batch *b = (struct batch *)job;
    struct moot_store *s = b->store;

    s->running = false;
    if (job->skipped)
        run_batch(job); /* the thread is gone: the index is ours now */
    submit_waiting(s);
    if (!s->closing)
        deliver(s, b);
    destroy_batch(b);
}

static struct request *add_request(struct moot_store *s, moot_token token)
{
    struct batch *b = s->waiting;
    struct request *r;

    if (b == NULL) {
        b = moot_alloc(sizeof *b);
        b->job.run = run_batch;
        b->job.done = batch_done;
        b->store = s;
        s->waiting = b;
    }
    b->requests = moot_slot_open(b->requests, sizeof b->requests[0], &b->count,
                                 &b->max, b->count);
    r = &b->requests[b->count - 1];
    r->token = token;
    return r;
}

void moot_store_put(struct moot_store *s, struct moot_entry *e,
                    moot_token token, bool hurry)
{
    add_request(s, token)->put = moot_entry_ref(e);
    s->hurry = s->hurry || hurry;
    submit_waiting(s);
}

void moot_store_fetch(struct moot_store *s, const struct moot_fx_fetch *what)
{
    struct request *r = add_request(s, what->token);

    r->range = what->range;
    r->bytes_max = what->bytes_max;
    s->hurry = true;
    submit_waiting(s);
}

struct moot_store *moot_store_open(struct ev_loop *loop,
                                   const struct moot_sink *sink,
                                   size_t bytes_max)
{
    struct moot_store *s = moot_alloc(sizeof *s);

    s->loop = loop;
    s->sink = sink;
    ev_timer_init(&s->gather, on_gathered, 0., MOOT_STORE_WAIT_MS / 1000.);
    s->gather.data = s;
    s->jobs = moot_jobs_open(loop, 1, 1);
    s->index.bytes_max = bytes_max;
    return s;
}

void moot_store_close(struct moot_store *s)
{
    struct store_list dropped = {NULL, 0, 0};

    if (s == NULL)
        return;
    s->closing = true;
    ev_timer_stop(s->loop, &s->gather);
    if (!moot_jobs_close(s->jobs, CLOSE_MS))
        return; /* the thread still has it all */
    if (s->waiting != NULL) {
        run_batch(&s->waiting->job);
        destroy_batch(s->waiting);
    }
    store_index_fini(&s->index, &dropped);
    drop_all(&dropped);
    free(s);
}
