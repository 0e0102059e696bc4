/*
 * net/dial.c - dials as jobs, and the clock above them.
 *
 * A worker can be stuck in the resolver longer than its dial may take.  So the
 * loop looks at the running ones, and reports in time what the worker cannot.
 *
 * Layer:  net (loud).
 * Thread: the loop's, but for run_job.
 */
#include "net/dial.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "loop/clock.h"
#include "loop/log.h"
#include "loop/metrics.h"
#include "net/dial_internal.h"

#define LOOK_S 0.25
#define GRACE_MS 250 /* a worker that is not stuck is faster than we */

struct dial_job {
    struct moot_job job; /* first: a job is its dial */
    struct moot_dials *all;
    struct dial_order order;
    _Atomic int64_t began; /* 0: not yet */
    int rc;
    SSL *ssl;
    bool reported;          /* loop: the event was delivered */
    struct dial_job *next;  /* loop: all under way */
    struct dial_job **prev; /* what points to this one */
};

struct moot_dials {
    struct ev_loop *loop;
    const struct moot_sink *sink;
    struct moot_jobs *jobs;
    struct moot_links *links;
    const struct moot_tls *tls;
    struct dial_job *under_way;
    ev_timer look;
};

static void unlink_job(struct dial_job *j)
{
    *j->prev = j->next;
    if (j->next != NULL)
        j->next->prev = j->prev;
}

static void link_job(struct dial_job **first, struct dial_job *j)
{
    j->next = *first;
    j->prev = first;
    if (j->next != NULL)
        j->next->prev = &j->next;
    *first = j;
}

static struct moot_metric dials = {.name = "moot_dials_total",
                                   .help = "Links dialled, by what came of it.",
                                   .labels = {"outcome"}};

static void report(struct dial_job *j, int why)
{
    struct moot_event ev;

    j->reported = true;
    moot_metric_add_for(&dials, moot_error_word(why), NULL, 1);
    memset(&ev, 0, sizeof ev);
    ev.kind = MOOT_EV_DIAL_FAILED;
    ev.failed.token = j->order.what.token;
    ev.failed.why = why;
    moot_log(MOOT_LOG_INFO, "dial_failed", "host", j->order.what.addrs[0].host,
             "#port", moot_log_int(j->order.what.addrs[0].port).text, "why",
             moot_error_text(why), NULL);
    moot_sink_deliver(j->all->sink, &ev);
}

static void run_job(struct moot_job *job)
{
    struct dial_job *j = (struct dial_job *)job;

    atomic_store(&j->began, moot_clock_ms());
    j->rc = moot_dial_run(&j->order, &j->ssl);
}

static void drop_ssl(SSL *ssl)
{
    int fd;

    if (ssl == NULL)
        return;
    fd = SSL_get_fd(ssl);
    SSL_free(ssl);
    close(fd);
}

static void job_done(struct moot_job *job)
{
    struct dial_job *j = (struct dial_job *)job;
    struct moot_dials *d = j->all;

    unlink_job(j);
    if (j->reported || moot_jobs_closing(d->jobs)) {
        drop_ssl(j->ssl);
    } else {
        if (job->skipped)
            j->rc = MOOT_ELIMIT;
        if (j->rc == MOOT_OK)
            j->rc = moot_links_give(d->links, j->ssl, j->order.what.token);
        if (j->rc != MOOT_OK)
            report(j, j->rc);
        else
            moot_metric_add_for(&dials, moot_error_word(MOOT_OK), NULL, 1);
    }
    free(j);
    if (d->under_way == NULL)
        ev_timer_stop(d->loop, &d->look);
}

static void on_look(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct moot_dials *d = w->data;
    struct dial_job *j, *next;
    moot_ms now = moot_clock_ms();

    (void)loop;
    (void)revents;
    for (j = d->under_way; j != NULL; j = next) {
        moot_ms began = atomic_load(&j->began);

        next = j->next;
        if (began != 0 && !j->reported &&
            now - began > j->order.what.within + GRACE_MS)
            report(j, MOOT_ENAME);
    }
}

struct moot_dials *moot_dials_open(struct ev_loop *loop,
                                   const struct moot_sink *sink,
                                   struct moot_jobs *jobs,
                                   struct moot_links *links,
                                   const struct moot_tls *tls)
{
    struct moot_dials *d = moot_alloc(sizeof *d);

    moot_metric_list(&dials);
    d->loop = loop;
    d->sink = sink;
    d->jobs = jobs;
    d->links = links;
    d->tls = tls;
    ev_timer_init(&d->look, on_look, LOOK_S, LOOK_S);
    d->look.data = d;
    return d;
}

void moot_dials_start(struct moot_dials *d, const struct moot_fx_dial *what)
{
    struct dial_job *j = moot_alloc(sizeof *j);

    j->job.run = run_job;
    j->job.done = job_done;
    j->all = d;
    j->order.what = *what;
    j->order.tls = d->tls;
    j->order.cancel_fd = moot_jobs_cancel_fd(d->jobs);
    atomic_init(&j->began, 0);
    ev_timer_start(d->loop, &d->look);
    link_job(&d->under_way, j);
    if (moot_jobs_submit(d->jobs, &j->job) != MOOT_OK)
        moot_jobs_skip(d->jobs, &j->job);
}

void moot_dials_close(struct moot_dials *d)
{
    if (d == NULL)
        return;
    ev_timer_stop(d->loop, &d->look);
    /* What is still under way is stuck, with a job that was left behind. */
    free(d);
}
