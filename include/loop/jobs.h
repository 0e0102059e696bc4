/*
 * loop/jobs.h - a pool of workers for what blocks or burns.
 *
 * A job has exactly one owner at any moment, so it needs no lock of its own:
 *
 *     loop --submit()--> pool --run() on a worker--> pool --done()--> loop
 *
 * Threads are started when there is work for them and end when there is none
 * for a while.  With one thread, jobs run and are done in the order submitted.
 *
 * Layer:  loop (loud).
 * Thread: the loop's, but for run() and what says so.
 */
#ifndef MOOT_LOOP_JOBS_H
#define MOOT_LOOP_JOBS_H

#include <ev.h>
#include <stdbool.h>

#include "base/time.h"

struct moot_jobs;

struct moot_job {
    void (*run)(struct moot_job *job); /* worker: may block, must end in time */
    void (*done)(struct moot_job *job); /* loop: owns the job again */
    bool skipped;                       /* for done(): run() was never called */
    struct moot_job *next; /* the pool's, while the pool owns the job */
};

struct moot_jobs *moot_jobs_open(struct ev_loop *loop, unsigned threads_max,
                                 unsigned waiting_max);

/*
 * Takes the job on MOOT_OK; done() will be called exactly once.
 * On MOOT_ELIMIT (waiting_max jobs already wait) the caller keeps it.
 */
int moot_jobs_submit(struct moot_jobs *p, struct moot_job *job);

/* Takes a job that could not be submitted: done() will be called with .skipped,
 * and never from inside this call. */
void moot_jobs_skip(struct moot_jobs *p, struct moot_job *job);

/*
 * Becomes readable when the pool closes, for whoever blocks in poll().  Any
 * thread; valid until the pool is closed.
 */
int moot_jobs_cancel_fd(const struct moot_jobs *p);

/* Is the pool closing?  Any thread. */
bool moot_jobs_closing(const struct moot_jobs *p);

/*
 * Cancels, waits for the workers at most `within` ms, and calls done() for all
 * jobs that came back; those never begun are skipped.  A worker that is stuck
 * in the system (a name that takes minutes to resolve) is left behind with its
 * job and the pool's memory; then false.  NULL does nothing.
 */
bool moot_jobs_close(struct moot_jobs *p, moot_ms within);

#endif
