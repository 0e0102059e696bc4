/*
 * net/dns.c - lookups as jobs.
 *
 * Layer:  net (loud).
 * Thread: the loop's, but for run_job.
 */
#include "net/dns.h"

#include <ares.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "loop/log.h"
#include "net/dns_internal.h"

struct moot_dns {
    const struct moot_sink *sink;
    struct moot_jobs *jobs;
    char server[MOOT_ADDR_TEXT_MAX]; /* "": the system's */
};

struct dns_job {
    struct moot_job job; /* first: a job is its lookup */
    struct moot_dns *all;
    struct moot_fx_lookup what;
    char server[MOOT_ADDR_TEXT_MAX]; /* its own: it may be left behind */
    struct dns_order order;
    struct dns_found found;
    int rc;
};

static void run_job(struct moot_job *job)
{
    struct dns_job *j = (struct dns_job *)job;

    j->rc = moot_dns_run(&j->order, &j->found);
}

static void report(const struct dns_job *j)
{
    struct moot_event ev;

    memset(&ev, 0, sizeof ev);
    if (j->rc == MOOT_OK) {
        ev.kind = MOOT_EV_FOUND;
        ev.found.token = j->what.token;
        ev.found.ways = j->found.ways;
        ev.found.count = j->found.count;
        moot_log(MOOT_LOG_DEBUG, "looked_up", "name", j->what.name, "ways",
                 moot_log_int(j->found.count).text, NULL);
    } else {
        ev.kind = MOOT_EV_ASK_FAILED;
        ev.failed.token = j->what.token;
        ev.failed.why = j->rc;
        moot_log(MOOT_LOG_DEBUG, "ask_failed", "name", j->what.name, "why",
                 moot_error_text(j->rc), NULL);
    }
    moot_sink_deliver(j->all->sink, &ev);
}

static void job_done(struct moot_job *job)
{
    struct dns_job *j = (struct dns_job *)job;

    if (!moot_jobs_closing(j->all->jobs))
        report(j);
    free(j);
}

struct moot_dns *moot_dns_open(const struct moot_sink *sink,
                               struct moot_jobs *jobs,
                               const struct moot_addr *server)
{
    struct moot_dns *d = moot_alloc(sizeof *d);

    ares_library_init(ARES_LIB_INIT_ALL);
    d->sink = sink;
    d->jobs = jobs;
    if (server->port != 0)
        moot_addr_format(server, d->server);
    return d;
}

void moot_dns_start(struct moot_dns *d, const struct moot_fx_lookup *what)
{
    struct dns_job *j = moot_alloc(sizeof *j);
    uint8_t seed[32];

    j->job.run = run_job;
    j->job.done = job_done;
    j->all = d;
    j->what = *what;
    memcpy(j->server, d->server, sizeof j->server);
    randombytes_buf(seed, sizeof seed);
    moot_rng_init(&j->order.rng, seed);
    j->order.name = j->what.name;
    j->order.server = *j->server ? j->server : NULL;
    j->order.within = what->within;
    j->order.cancel_fd = moot_jobs_cancel_fd(d->jobs);
    j->rc = MOOT_ELIMIT;
    if (moot_jobs_submit(d->jobs, &j->job) != MOOT_OK)
        moot_jobs_skip(d->jobs, &j->job);
}

void moot_dns_close(struct moot_dns *d)
{
    if (d == NULL)
        return;
    ares_library_cleanup();
    free(d);
}
