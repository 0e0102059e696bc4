/*
 * net/verify.c - a queue of batches, each cut into parts for the workers.
 *
 * Layer:  net (loud).
 * Thread: the loop's, but for run_part.
 */
#include "net/verify.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/limits.h"
#include "loop/jobs.h"

struct batch;

struct part {
    struct moot_job job; /* first: a job is its part */
    struct batch *batch;
    unsigned from, to; /* of the batch's entries */
};

struct batch {
    struct batch *next;
    struct moot_verifier *verifier;
    moot_token token;
    unsigned running; /* parts that are not back yet */
    unsigned count;
    struct part parts[MOOT_VERIFY_THREADS_MAX];
    bool genuine[MOOT_PAGE_MAX];
    struct moot_entry *entries[MOOT_PAGE_MAX];
};

struct moot_verifier {
    const struct moot_sink *sink;
    struct moot_jobs *jobs;
    unsigned threads;
    struct batch *first, **end; /* in the order asked */
    bool closed;
};

/* On a worker: reads bytes that never change, writes what is this part's. */
static void run_part(struct moot_job *job)
{
    struct part *p = (struct part *)job;

    for (unsigned i = p->from; i < p->to; i++)
        p->batch->genuine[i] = moot_entry_verify(p->batch->entries[i]);
}

static void destroy(struct batch *b)
{
    for (unsigned i = 0; i < b->count; i++)
        moot_entry_unref(b->entries[i]);
    free(b);
}

static void deliver(struct moot_verifier *v, const struct batch *b)
{
    struct moot_event ev = {.kind = MOOT_EV_VERIFIED,
                            .verified = {.token = b->token,
                                         .genuine = b->genuine,
                                         .count = b->count}};

    if (!v->closed)
        moot_sink_deliver(v->sink, &ev);
}

/* A batch that is done waits for those asked before it. */
static void done_part(struct moot_job *job)
{
    struct batch *b = ((struct part *)job)->batch;
    struct moot_verifier *v = b->verifier;

    b->running--;
    while (v->first && v->first->running == 0) {
        b = v->first;
        v->first = b->next;
        if (!v->first)
            v->end = &v->first;
        deliver(v, b);
        destroy(b);
    }
}

/* When too many parts wait already, the loop does this one itself, and only
 * the news of it goes by the pool. */
static void submit(struct moot_verifier *v, struct part *p)
{
    if (moot_jobs_submit(v->jobs, &p->job) == MOOT_OK)
        return;
    run_part(&p->job);
    moot_jobs_skip(v->jobs, &p->job);
}

void moot_verifier_start(struct moot_verifier *v,
                         const struct moot_fx_verify *what)
{
    struct batch *b = moot_alloc(sizeof *b);
    unsigned parts = what->count / MOOT_VERIFY_PART_MIN;

    moot_assert(what->count > 0 && what->count <= MOOT_PAGE_MAX);
    if (parts > v->threads)
        parts = v->threads;
    if (parts == 0)
        parts = 1;
    b->verifier = v;
    b->token = what->token;
    b->count = what->count;
    b->running = parts;
    for (unsigned i = 0; i < what->count; i++)
        b->entries[i] = moot_entry_ref(what->entries[i]);
    *v->end = b;
    v->end = &b->next;
    for (unsigned i = 0; i < parts; i++) {
        b->parts[i] = (struct part){.job = {.run = run_part, .done = done_part},
                                    .batch = b,
                                    .from = b->count * i / parts,
                                    .to = b->count * (i + 1) / parts};
        submit(v, &b->parts[i]);
    }
}

struct moot_verifier *moot_verifier_open(struct ev_loop *loop,
                                         const struct moot_sink *sink,
                                         unsigned threads)
{
    struct moot_verifier *v = moot_alloc(sizeof *v);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (threads == 0)
        threads = processors > 0 ? (unsigned)processors : 1;
    if (threads > MOOT_VERIFY_THREADS_MAX)
        threads = MOOT_VERIFY_THREADS_MAX;
    v->sink = sink;
    v->threads = threads;
    v->end = &v->first;
    v->jobs = moot_jobs_open(loop, threads, MOOT_VERIFY_WAITING_MAX);
    return v;
}

void moot_verifier_close(struct moot_verifier *v)
{
    if (!v)
        return;
    v->closed = true;
    moot_jobs_close(v->jobs, 10 * 1000);
    free(v);
}
