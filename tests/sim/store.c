/*
 * tests/sim/store.c - a queue of jobs, done in order, some time after they were
 * asked for.  What is done is in the profile; the queue ends with the process.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdlib.h>

#include "sim_internal.h"

#define FETCH_ENTRIES_MAX 4096
#define BATCH_MAX 256

/* --- jobs --- */

static void push_job(struct sim_peer *p, struct sim_store_job job)
{
    struct sim *s = p->sim;
    struct sim_store *st = &p->store;

    job.at = s->now + st->extra +
             sim_between(s, s->world.store_min, s->world.store_max);
    if (st->count > 0) {
        const struct sim_store_job *last =
            &st->jobs[(st->first + st->count - 1) % st->max];

        if (job.at < last->at)
            job.at = last->at;
    }
    if (st->count == st->max) {
        unsigned max = st->max == 0 ? 16 : 2 * st->max;
        struct sim_store_job *jobs = moot_alloc(max * sizeof *jobs);

        for (unsigned i = 0; i < st->count; i++)
            jobs[i] = st->jobs[(st->first + i) % st->max];
        free(st->jobs);
        st->jobs = jobs;
        st->first = 0;
        st->max = max;
    }
    st->jobs[(st->first + st->count++) % st->max] = job;
    if (!st->due)
        sim_store_arm(p);
}

void sim_store_keep(struct sim_peer *p, struct moot_entry *e, moot_token token)
{
    push_job(
        p, (struct sim_store_job){.entry = moot_entry_ref(e), .token = token});
}

void sim_store_fetch(struct sim_peer *p, const struct moot_fx_fetch *fetch)
{
    push_job(p, (struct sim_store_job){.token = fetch->token, .fetch = *fetch});
}

void sim_store_end(struct sim_peer *p, const struct moot_fx_end_run *end,
                   moot_token token)
{
    struct moot_fx_end_run *copy = moot_copy(end, sizeof *end);

    copy->proof = moot_bytes_of(moot_copy(end->proof.data, end->proof.len),
                                end->proof.len);
    push_job(p, (struct sim_store_job){.token = token, .end = copy});
}

static void free_job(struct sim_store_job *job)
{
    moot_entry_unref(job->entry);
    if (job->end != NULL)
        free((void *)(uintptr_t)job->end->proof.data);
    free(job->end);
    free(job->remember);
}

void sim_store_remember(struct sim_peer *p, const struct moot_fx_remember *what)
{
    push_job(p,
             (struct sim_store_job){.remember = moot_copy(what, sizeof *what)});
}

static bool is_write(const struct sim_store_job *job)
{
    return job->entry != NULL || job->end != NULL || job->remember != NULL;
}

/* --- doing them --- */

static const struct sim_kept *kept_of(struct sim_peer *p,
                                      const struct moot_fx_fetch *f)
{
    uint32_t chain = sim_chain_find(p->sim, &f->group, &f->range.in);

    return chain == SIM_NOBODY ? NULL : &p->profile->kept[chain];
}

uint64_t sim_store_kept(struct sim_peer *p, const struct moot_run *in)
{
    uint64_t kept = 0;

    for (uint32_t i = 0; i < p->sim->chain_count; i++)
        if (moot_run_cmp(&p->sim->chains[i].in, in) == 0 &&
            p->views[i].held > kept)
            kept = p->views[i].held;
    return kept;
}

static void fetch(struct sim_peer *p, const struct moot_fx_fetch *f)
{
    const struct sim_kept *k = kept_of(p, f);
    struct moot_event ev = {.kind = MOOT_EV_FETCHED,
                            .fetched = {.token = f->token}};
    size_t bytes = 0;
    bool bad = false;

    if (f->range.from < 1 || f->range.to < f->range.from) {
        sim_blame(p->sim, "%s fetches an empty range", p->label);
        return;
    }
    if (p->profile->disk != NULL) {
        ev.fetched.entries = sim_disk_read(p, f, &ev.fetched.count);
    } else if (k != NULL && f->range.from <= k->count) {
        ev.fetched.entries = &k->entries[f->range.from - 1];
        while (f->range.from + ev.fetched.count <= f->range.to &&
               f->range.from + ev.fetched.count <= k->count &&
               ev.fetched.entries[ev.fetched.count] != NULL &&
               f->range.from + ev.fetched.count != k->bad &&
               ev.fetched.count < FETCH_ENTRIES_MAX && bytes < f->bytes_max)
            bytes += ev.fetched.entries[ev.fetched.count++]->raw.len;
        bad = k->bad != 0 && f->range.from + ev.fetched.count == k->bad;
    }
    sim_peer_step(p, &ev);
    if (bad && p->state == SIM_RUNNING)
        sim_profile_lose(p, sim_chain_find(p->sim, &f->group, &f->range.in));
}

/* The first job that can be done; count: none. */
static unsigned next_job(const struct sim_store *st)
{
    unsigned i = 0;

    if (st->failing && st->told)
        while (i < st->count && is_write(&st->jobs[(st->first + i) % st->max]))
            i++;
    return i;
}

void sim_store_arm(struct sim_peer *p)
{
    struct sim_store *st = &p->store;
    unsigned i = next_job(st);
    moot_ms at = p->sim->now;

    st->due = i < st->count || (st->told && !st->failing);
    if (!st->due || !sim_peer_alive(p))
        return;
    if (!st->told || st->failing)
        at = st->jobs[(st->first + i) % st->max].at;
    sim_due_at(p->sim, at < p->sim->now ? p->sim->now : at, SIM_STORE,
               p->number, ++st->generation, 0);
}

static struct sim_store_job take_job(struct sim_store *st, unsigned i)
{
    struct sim_store_job job = st->jobs[(st->first + i) % st->max];

    for (; i > 0; i--)
        st->jobs[(st->first + i) % st->max] =
            st->jobs[(st->first + i - 1) % st->max];
    st->first = (st->first + 1) % st->max;
    st->count--;
    return job;
}

unsigned sim_store_waiting(const struct sim_store *st,
                           struct moot_entry **ret_entries, unsigned max)
{
    unsigned n = 0;

    for (unsigned i = 0; i < st->count && n < max; i++) {
        ret_entries[n] = st->jobs[(st->first + i) % st->max].entry;
        n += ret_entries[n] != NULL;
    }
    return n;
}

/* In one transaction; false: it failed. */
static bool write_batch(struct sim_peer *p)
{
    const struct sim_store *st = &p->store;
    const struct sim_store_job *batch[BATCH_MAX];
    unsigned n = 0;

    while (n < st->count && n < BATCH_MAX) {
        const struct sim_store_job *job = &st->jobs[(st->first + n) % st->max];

        if (!is_write(job) || job->at > p->sim->now)
            break;
        batch[n++] = job;
    }
    return n == 0 || sim_disk_write(p, batch, n);
}

/* Does all writes that are due; true when there were any. */
static bool keep_batch(struct sim_peer *p, moot_token *ret_token)
{
    struct sim_store *st = &p->store;
    unsigned left = BATCH_MAX;
    bool any = false;

    while (left-- > 0 && st->count > 0 && is_write(&st->jobs[st->first]) &&
           st->jobs[st->first].at <= p->sim->now) {
        struct sim_store_job job = take_job(st, 0);

        if (job.end != NULL)
            sim_profile_end(p, job.end);
        else if (job.remember != NULL)
            sim_profile_remember(p, job.remember);
        else
            sim_profile_keep(p, job.entry);
        if (job.remember == NULL) {
            *ret_token = job.token;
            any = true;
        }
        free_job(&job);
    }
    return any;
}

/* What was given to it meanwhile is written after this. */
static void come_back(struct sim_peer *p)
{
    struct moot_event ev = {.kind = MOOT_EV_STORE_BACK};

    p->store.told = false;
    sim_peer_step(p, &ev);
}

static void write_due(struct sim_peer *p)
{
    struct moot_event ev = {.kind = MOOT_EV_STORED};

    bool safe = p->profile->disk == NULL ? !p->store.failing : write_batch(p);

    if (!safe) {
        ev.kind = MOOT_EV_STORE_FAILED;
        ev.store_failed.why = "the disk is full";
        p->store.told = true;
        sim_peer_step(p, &ev);
    } else if (keep_batch(p, &ev.stored.token)) {
        sim_peer_step(p, &ev);
    }
}

static void do_next(struct sim_peer *p)
{
    struct sim_store *st = &p->store;
    unsigned i = next_job(st);
    const struct sim_store_job *job;

    if (st->told && !st->failing) {
        come_back(p);
        return;
    }
    if (i == st->count)
        return;
    job = &st->jobs[(st->first + i) % st->max];
    if (job->at > p->sim->now)
        return;
    if (is_write(job)) {
        write_due(p);
    } else {
        struct moot_fx_fetch f = take_job(st, i).fetch;

        fetch(p, &f);
    }
}

void sim_store_due(struct sim_peer *p, uint32_t generation)
{
    struct sim_store *st = &p->store;

    if (generation != st->generation)
        return;
    st->due = false;
    do_next(p);
    if (p->state == SIM_RUNNING && !st->due)
        sim_store_arm(p);
}

void sim_store_hurry(struct sim_peer *p, moot_ms latest)
{
    struct sim_store *st = &p->store;

    st->extra = 0;
    st->failing = false;
    if (p->profile->disk != NULL && sim_peer_alive(p))
        sim_disk_fail(p->profile->disk, false);
    for (unsigned i = 0; i < st->count; i++) {
        struct sim_store_job *job = &st->jobs[(st->first + i) % st->max];

        if (job->at > latest)
            job->at = latest;
    }
    if (p->state == SIM_RUNNING)
        sim_store_arm(p);
}

void sim_store_fini(struct sim_store *st)
{
    while (st->count > 0) {
        free_job(&st->jobs[st->first]);
        st->first = (st->first + 1) % st->max;
        st->count--;
    }
    free(st->jobs);
    *st = (struct sim_store){0};
}
