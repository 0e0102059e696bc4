/*
 * tests/loop/test_jobs.c - the pool of workers: who owns a job when, and how it
 * ends.
 *
 * Jobs wait for each other, never for time.
 *
 * Layer:  tests.
 * Thread: main is the loop's.
 */
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "loop/jobs.h"
#include "words.h"

Suite *suite_loop_jobs(void);

static struct ev_loop *loop;

struct probe {
    struct moot_job job;
    struct moot_jobs *pool;
    sem_t *gate; /* run() waits for it; NULL: it does not */
    bool ran;
    unsigned done; /* how often */
    unsigned nth;  /* as which of all it was done */
    unsigned *counter;
    pthread_t thread;
};

static void run(struct moot_job *job)
{
    struct probe *p = (struct probe *)job;

    p->thread = pthread_self();
    p->ran = true;
    if (p->gate != NULL)
        sem_wait(p->gate);
}

static void done(struct moot_job *job)
{
    struct probe *p = (struct probe *)job;

    p->done++;
    if (p->counter != NULL)
        p->nth = (*p->counter)++;
}

static void make(struct probe *p, struct moot_jobs *pool, sem_t *gate,
                 unsigned *counter)
{
    *p = (struct probe){.job = {run, done, false, NULL},
                        .pool = pool,
                        .gate = gate,
                        .counter = counter};
}

static void set_up(void)
{
    loop = ev_loop_new(EVFLAG_AUTO);
}

static void tear_down(void)
{
    ev_loop_destroy(loop);
}

static bool all_done(void *ctx)
{
    struct probe *p = ctx;

    ev_run(loop, EVRUN_NOWAIT);
    return p->done > 0;
}

START_TEST(a_job_runs_on_a_worker_and_is_done_on_the_loop)
{
    struct moot_jobs *pool = moot_jobs_open(loop, 4, 8);
    struct probe p;

    make(&p, pool, NULL, NULL);
    expect_ok(moot_jobs_submit(pool, &p.job));
    expect_uint(p.done, 0);
    expect_until(all_done, &p, 5000);
    expect(p.ran);
    expect(!p.job.skipped);
    expect(!pthread_equal(p.thread, pthread_self()));
    expect(moot_jobs_close(pool, 5000));
    expect_uint(p.done, 1);
}
END_TEST

START_TEST(one_thread_keeps_the_order)
{
    struct moot_jobs *pool = moot_jobs_open(loop, 1, 64);
    struct probe p[64];
    unsigned counter = 0;

    for (unsigned i = 0; i < 64; i++) {
        make(&p[i], pool, NULL, &counter);
        expect_ok(moot_jobs_submit(pool, &p[i].job));
    }
    expect_until(all_done, &p[63], 5000);
    for (unsigned i = 0; i < 64; i++)
        expect_uint(p[i].nth, i);
    expect(moot_jobs_close(pool, 5000));
}
END_TEST

START_TEST(as_many_run_at_once_as_there_may_be_threads)
{
    struct moot_jobs *pool = moot_jobs_open(loop, 3, 8);
    struct probe p[3];
    sem_t gate;

    /* Each waits; if they did not run side by side, the last would not start
     * before the gate is opened for the first. */
    sem_init(&gate, 0, 0);
    for (unsigned i = 0; i < 3; i++) {
        make(&p[i], pool, &gate, NULL);
        expect_ok(moot_jobs_submit(pool, &p[i].job));
    }
    for (unsigned i = 0; i < 3; i++)
        sem_post(&gate);
    for (unsigned i = 0; i < 3; i++)
        expect_until(all_done, &p[i], 5000);
    expect(moot_jobs_close(pool, 5000));
    sem_destroy(&gate);
}
END_TEST

/* The bound of the queue. */
START_TEST(a_full_queue_refuses_and_the_caller_keeps_the_job)
{
    struct moot_jobs *pool = moot_jobs_open(loop, 1, 2);
    struct probe p[16];
    sem_t gate;
    unsigned taken = 0;

    sem_init(&gate, 0, 0);
    for (unsigned i = 0; i < 16; i++) {
        make(&p[i], pool, &gate, NULL);
        if (moot_jobs_submit(pool, &p[i].job) != MOOT_OK)
            break;
        taken++;
    }
    /* Two wait, and one may already be with the worker. */
    expect(taken == 2 || taken == 3);
    for (unsigned i = 0; i < taken; i++)
        sem_post(&gate);
    expect(moot_jobs_close(pool, 5000));
    expect_uint(p[taken].done, 0);
    sem_destroy(&gate);
}
END_TEST

START_TEST(a_job_that_is_skipped_comes_back_later)
{
    struct moot_jobs *pool = moot_jobs_open(loop, 1, 2);
    struct probe p;

    make(&p, pool, NULL, NULL);
    moot_jobs_skip(pool, &p.job);
    expect_uint(p.done, 0);
    expect_until(all_done, &p, 5000);
    expect(p.job.skipped);
    expect(!p.ran);
    expect(moot_jobs_close(pool, 5000));
}
END_TEST

static void run_until_cancelled(struct moot_job *job)
{
    struct probe *p = (struct probe *)job;
    struct pollfd fd = {moot_jobs_cancel_fd(p->pool), POLLIN, 0};

    p->ran = true;
    sem_post(p->gate);
    poll(&fd, 1, -1);
}

START_TEST(closing_cancels_who_runs_and_skips_who_waits)
{
    struct moot_jobs *pool = moot_jobs_open(loop, 1, 8);
    struct probe running, waiting;
    sem_t began;

    sem_init(&began, 0, 0);
    make(&running, pool, &began, NULL);
    make(&waiting, pool, NULL, NULL);
    running.job.run = run_until_cancelled;
    expect_ok(moot_jobs_submit(pool, &running.job));
    expect_ok(moot_jobs_submit(pool, &waiting.job));
    sem_wait(&began);

    expect(moot_jobs_close(pool, 30000));
    expect_uint(running.done, 1);
    expect(!running.job.skipped);
    expect_uint(waiting.done, 1);
    expect(waiting.job.skipped);
    expect(!waiting.ran);
    sem_destroy(&began);
}
END_TEST

static sem_t stuck_began, stuck_gate, stuck_over;

static void run_stuck(struct moot_job *job)
{
    (void)job;
    sem_post(&stuck_began);
    sem_wait(&stuck_gate);
    sem_post(&stuck_over);
}

static void done_never(struct moot_job *job)
{
    (void)job;
    ck_abort_msg("a job that was left behind came back");
}

/* Like a name that takes minutes to resolve.  What is left behind is reachable
 * from here, for the leak checkers know nothing of our promises. */
START_TEST(a_stuck_worker_is_left_behind_after_a_while)
{
    static struct moot_jobs *pool;
    static struct moot_job job = {run_stuck, done_never, false, NULL};

    sem_init(&stuck_began, 0, 0);
    sem_init(&stuck_gate, 0, 0);
    sem_init(&stuck_over, 0, 0);
    pool = moot_jobs_open(loop, 1, 8);
    expect_ok(moot_jobs_submit(pool, &job));
    sem_wait(&stuck_began);
    expect(!moot_jobs_close(pool, 20));
    /* It may go on afterwards without touching the loop. */
    ev_loop_destroy(loop);
    sem_post(&stuck_gate);
    sem_wait(&stuck_over);
    loop = ev_loop_new(EVFLAG_AUTO);
}
END_TEST

START_TEST(a_pool_that_never_worked_closes)
{
    expect(moot_jobs_close(moot_jobs_open(loop, 32, 8), 1000));
    expect(moot_jobs_close(NULL, 1000));
}
END_TEST

Suite *suite_loop_jobs(void)
{
    Suite *s = suite_create("loop/jobs");
    TCase *t = tcase_create("pool");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, a_job_runs_on_a_worker_and_is_done_on_the_loop);
    tcase_add_test(t, one_thread_keeps_the_order);
    tcase_add_test(t, as_many_run_at_once_as_there_may_be_threads);
    tcase_add_test(t, a_full_queue_refuses_and_the_caller_keeps_the_job);
    tcase_add_test(t, a_job_that_is_skipped_comes_back_later);
    tcase_add_test(t, closing_cancels_who_runs_and_skips_who_waits);
    tcase_add_test(t, a_stuck_worker_is_left_behind_after_a_while);
    tcase_add_test(t, a_pool_that_never_worked_closes);
    suite_add_tcase(s, t);
    return s;
}
