/*
 * loop/jobs.c - the pool: two lists under one lock, and the threads.
 *
 * Layer:  loop (loud).
 * Thread: the loop's and the workers'; everything shared is under the lock.
 */
#include "loop/jobs.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/error.h"
#include "loop/log.h"
#include "loop/metrics.h"

#define IDLE_S 5 /* a worker without work ends after this */
#define STACK_LEN (1024 * 1024)

enum worker_state {
    WORKER_NONE,
    WORKER_RUNS,
    WORKER_ENDED /* to be joined, which takes no time */
};

struct worker {
    pthread_t thread;
    enum worker_state state;
};

struct list {
    struct moot_job *first, *last;
    unsigned count;
};

struct moot_jobs {
    struct ev_loop *loop;
    ev_async finished_some;
    int cancel_fd;
    atomic_bool closing;
    unsigned threads_max, waiting_max;

    pthread_mutex_t lock;   /* around all below */
    pthread_cond_t changed; /* work came, a worker ended, or we close */
    struct list waiting, finished;
    unsigned alive, idle;
    bool closed; /* nobody listens any more */
    struct worker workers[];
};

static struct moot_metric jobs_waiting = {
    .name = "moot_jobs_waiting",
    .help = "Jobs that no worker has taken up yet, all pools.",
    .kind = MOOT_GAUGE};
static struct moot_metric jobs_running = {
    .name = "moot_jobs_running",
    .help = "Jobs that a worker is at, all pools.",
    .kind = MOOT_GAUGE};

static void push(struct list *l, struct moot_job *job)
{
    job->next = NULL;
    if (l->last != NULL)
        l->last->next = job;
    else
        l->first = job;
    l->last = job;
    l->count++;
}

static struct moot_job *pop(struct list *l)
{
    struct moot_job *job = l->first;

    if (job != NULL) {
        l->first = job->next;
        if (l->first == NULL)
            l->last = NULL;
        l->count--;
        job->next = NULL;
    }
    return job;
}

static struct timespec in_ms(moot_ms ms)
{
    struct timespec at;

    moot_assert(clock_gettime(CLOCK_MONOTONIC, &at) == 0);
    at.tv_sec += (time_t)(ms / 1000);
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* Under the lock.  NULL: this worker has nothing more to do. */
static struct moot_job *next_job(struct moot_jobs *p)
{
    struct timespec until = in_ms(IDLE_S * 1000);
    int rc = 0;

    p->idle++;
    while (p->waiting.count == 0 && rc == 0 && !atomic_load(&p->closing))
        rc = pthread_cond_timedwait(&p->changed, &p->lock, &until);
    p->idle--;
    return atomic_load(&p->closing) ? NULL : pop(&p->waiting);
}

static struct worker *me(struct moot_jobs *p)
{
    struct worker *w = p->workers;

    while (w->state != WORKER_RUNS || !pthread_equal(w->thread, pthread_self()))
        w++;
    return w;
}

static void *work(void *arg)
{
    struct moot_jobs *p = arg;
    struct moot_job *job;

    pthread_mutex_lock(&p->lock);
    while ((job = next_job(p)) != NULL) {
        pthread_mutex_unlock(&p->lock);
        moot_metric_add(&jobs_waiting, -1);
        moot_metric_add(&jobs_running, 1);
        job->run(job);
        moot_metric_add(&jobs_running, -1);
        pthread_mutex_lock(&p->lock);
        push(&p->finished, job);
        if (!p->closed)
            ev_async_send(p->loop, &p->finished_some);
    }
    me(p)->state = WORKER_ENDED;
    p->alive--;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Signals are the loop's business: a worker is born deaf to them. */
static int start_thread(pthread_t *ret_thread, struct moot_jobs *p)
{
    sigset_t all, before;
    pthread_attr_t attr;
    int rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_LEN);
    rc = pthread_create(ret_thread, &attr, work, p);
    pthread_attr_destroy(&attr);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

/* Under the lock, which the new thread takes before it looks for itself. */
static void start_worker(struct moot_jobs *p)
{
    struct worker *w = p->workers;
    int rc;

    while (w->state == WORKER_RUNS)
        w++;
    if (w->state == WORKER_ENDED)
        pthread_join(w->thread, NULL);
    w->state = WORKER_NONE;
    rc = start_thread(&w->thread, p);
    if (rc != 0) {
        moot_log(MOOT_LOG_WARN, "no_thread", "why", strerror(rc), NULL);
        return;
    }
    w->state = WORKER_RUNS;
    p->alive++;
}

static void join_ended(struct moot_jobs *p)
{
    for (unsigned i = 0; i < p->threads_max; i++) {
        if (p->workers[i].state == WORKER_ENDED) {
            pthread_join(p->workers[i].thread, NULL);
            p->workers[i].state = WORKER_NONE;
        }
    }
}

/* Under the lock.  Who is stuck ends by himself, unmourned. */
static void leave_behind(struct moot_jobs *p)
{
    for (unsigned i = 0; i < p->threads_max; i++) {
        if (p->workers[i].state == WORKER_RUNS)
            pthread_detach(p->workers[i].thread);
    }
}

static void on_finished(struct ev_loop *loop, ev_async *w, int revents)
{
    struct moot_jobs *p = w->data;
    struct list done;
    struct moot_job *job;

    (void)loop;
    (void)revents;
    pthread_mutex_lock(&p->lock);
    done = p->finished;
    memset(&p->finished, 0, sizeof p->finished);
    join_ended(p);
    pthread_mutex_unlock(&p->lock);
    while ((job = pop(&done)) != NULL)
        job->done(job);
}

struct moot_jobs *moot_jobs_open(struct ev_loop *loop, unsigned threads_max,
                                 unsigned waiting_max)
{
    struct moot_jobs *p =
        moot_alloc(sizeof *p + threads_max * sizeof p->workers[0]);
    pthread_condattr_t attr;

    moot_assert(threads_max > 0);
    moot_metric_list(&jobs_waiting);
    moot_metric_list(&jobs_running);
    p->loop = loop;
    p->threads_max = threads_max;
    p->waiting_max = waiting_max;
    p->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    moot_assert(p->cancel_fd >= 0);
    atomic_init(&p->closing, false);
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&p->changed, &attr);
    pthread_condattr_destroy(&attr);
    ev_async_init(&p->finished_some, on_finished);
    p->finished_some.data = p;
    ev_async_start(loop, &p->finished_some);
    return p;
}

int moot_jobs_submit(struct moot_jobs *p, struct moot_job *job)
{
    int rc = MOOT_OK;

    job->skipped = false;
    pthread_mutex_lock(&p->lock);
    if (atomic_load(&p->closing) || p->waiting.count >= p->waiting_max) {
        rc = MOOT_ELIMIT;
    } else {
        if (p->idle <= p->waiting.count && p->alive < p->threads_max)
            start_worker(p);
        if (p->alive == 0) {
            rc = MOOT_ELIMIT; /* the system gives us no thread at all */
        } else {
            push(&p->waiting, job);
            moot_metric_add(&jobs_waiting, 1);
        }
    }
    pthread_mutex_unlock(&p->lock);
    /* Not under the lock, or whoever wakes has to wait for it. */
    if (rc == MOOT_OK)
        pthread_cond_signal(&p->changed);
    return rc;
}

void moot_jobs_skip(struct moot_jobs *p, struct moot_job *job)
{
    job->skipped = true;
    pthread_mutex_lock(&p->lock);
    push(&p->finished, job);
    ev_async_send(p->loop, &p->finished_some);
    pthread_mutex_unlock(&p->lock);
}

int moot_jobs_cancel_fd(const struct moot_jobs *p)
{
    return p->cancel_fd;
}

bool moot_jobs_closing(const struct moot_jobs *p)
{
    return atomic_load(&p->closing);
}

/* Under the lock.  Waits until no worker is left; false when one is stuck. */
static bool wait_ended(struct moot_jobs *p, moot_ms within)
{
    struct timespec until = in_ms(within);
    int rc = 0;

    while (p->alive > 0 && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&p->changed, &p->lock, &until);
    return p->alive == 0;
}

bool moot_jobs_close(struct moot_jobs *p, moot_ms within)
{
    struct list done, skipped;
    struct moot_job *job;
    bool ended;

    if (p == NULL)
        return true;
    pthread_mutex_lock(&p->lock);
    atomic_store(&p->closing, true);
    moot_assert(write(p->cancel_fd, &(uint64_t){1}, 8) == 8);
    pthread_cond_broadcast(&p->changed);
    ended = wait_ended(p, within);
    join_ended(p);
    leave_behind(p);
    p->closed = true;
    done = p->finished;
    skipped = p->waiting;
    pthread_mutex_unlock(&p->lock);

    while ((job = pop(&done)) != NULL)
        job->done(job);
    while ((job = pop(&skipped)) != NULL) {
        moot_metric_add(&jobs_waiting, -1);
        job->skipped = true;
        job->done(job);
    }
    ev_async_stop(p->loop, &p->finished_some);
    if (!ended) {
        moot_log(MOOT_LOG_INFO, "worker_left_behind", NULL);
        return false;
    }
    close(p->cancel_fd);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    free(p);
    return true;
}
