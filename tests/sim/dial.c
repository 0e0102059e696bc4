/*
 * tests/sim/dial.c - attempts to connect, and questions to bootstrap sockets.
 *
 * A worker's job: one address after the other, each with its share of the time
 * that is left.  A cut path swallows the SYN, which is sent again after 1, 3, 7
 * and 15 s; a stopped process is connected to, but does not shake hands.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "sim_internal.h"

#define SYN_FIRST_MS 1000
#define STOPPED_LOOK_MS 200

/* --- jobs --- */

static uint32_t take_job(struct sim *s)
{
    for (uint32_t i = 0; i < s->job_count; i++)
        if (s->jobs[i]->stage == SIM_STAGE_FREE)
            return i;
    if (s->job_count == s->job_max) {
        s->job_max = s->job_max == 0 ? 16 : 2 * s->job_max;
        s->jobs = moot_realloc(s->jobs, s->job_max * sizeof *s->jobs);
    }
    s->jobs[s->job_count] = moot_alloc(sizeof *s->jobs[0]);
    return s->job_count++;
}

static void give_job(struct sim_job *job)
{
    job->stage = SIM_STAGE_FREE;
    moot_buf_fini(&job->body);
    moot_reception_fini(&job->got);
}

void sim_job_destroy(struct sim_job *job)
{
    give_job(job);
    free(job);
}

static void go_on_at(struct sim *s, uint32_t slot, moot_ms at)
{
    struct sim_job *job = s->jobs[slot];

    sim_due_at(s, at < job->slice ? at : job->slice, SIM_JOB, job->peer, slot,
               0);
}

static unsigned address_count(const struct sim_job *job)
{
    return job->ask ? 1 : job->dial.addr_count;
}

static const struct moot_addr *address(const struct sim_job *job)
{
    return job->ask ? &job->question.addr : &job->dial.addrs[job->next];
}

static void begin_address(struct sim *s, uint32_t slot)
{
    struct sim_job *job = s->jobs[slot];
    unsigned left = address_count(job) - job->next;

    job->stage = SIM_STAGE_CONNECT;
    job->since = s->now;
    job->slice = s->now + (job->until - s->now) / (moot_ms)left;
    go_on_at(s, slot, s->now);
}

/* The job is over without success. */
static void fail(struct sim *s, struct sim_job *job)
{
    struct sim_peer *p = s->peers[job->peer];
    struct moot_event posted = {
        .kind = MOOT_EV_POSTED,
        .posted = {.token = job->question.token, .why = job->why}};
    struct moot_event ev = {
        .kind = job->ask ? MOOT_EV_ASK_FAILED : MOOT_EV_DIAL_FAILED,
        .failed = {job->ask ? job->question.token : job->dial.token, job->why}};

    s->figures.dials_failed += job->ask ? 0 : 1;
    if (job->post) {
        ev = posted;
        if (s->frames)
            sim_tell(s, p->label, "> posts in vain: %s",
                     moot_error_text(job->why));
    }
    give_job(job);
    sim_peer_step(p, &ev);
}

static void next_address(struct sim *s, uint32_t slot, int why)
{
    struct sim_job *job = s->jobs[slot];

    job->why = why;
    if (++job->next < address_count(job) && s->now < job->until)
        begin_address(s, slot);
    else
        fail(s, job);
}

/* --- who is there --- */

static bool listens(const struct sim_peer *p, unsigned host, uint16_t port,
                    bool ask)
{
    uint16_t own = ask ? p->boot_port : p->port;

    return sim_peer_alive(p) && !p->exiting && p->host == host && own == port;
}

static uint32_t listener(const struct sim *s, unsigned host, uint16_t port,
                         bool ask)
{
    for (uint32_t i = 0; i < s->peer_count; i++)
        if (listens(s->peers[i], host, port, ask))
            return i;
    return SIM_NOBODY;
}

static bool both_ways(const struct sim *s, unsigned a, unsigned b)
{
    return sim_open_way(s, a, b) && sim_open_way(s, b, a);
}

/* --- stages --- */

static void swallow_syn(struct sim *s, uint32_t slot)
{
    struct sim_job *job = s->jobs[slot];
    moot_ms wait = SYN_FIRST_MS;

    while (job->since + wait <= s->now)
        wait = 2 * wait + SYN_FIRST_MS;
    go_on_at(s, slot, job->since + wait);
}

static void connect_job(struct sim *s, uint32_t slot)
{
    struct sim_job *job = s->jobs[slot];
    const struct moot_addr *addr = address(job);
    unsigned from = s->peers[job->peer]->host;
    unsigned to = sim_host_of(addr->host, from);

    if (to == 0) {
        next_address(s, slot,
                     moot_addr_literal(addr) ? MOOT_EUNREACH : MOOT_ENAME);
        return;
    }
    if (s->now >= job->slice && s->now > job->since) {
        next_address(s, slot, MOOT_ETIMEOUT);
        return;
    }
    if (!both_ways(s, from, to)) {
        swallow_syn(s, slot);
        return;
    }
    job->target = listener(s, to, addr->port, job->ask);
    if (from != to && moot_rng_below(&s->rng, 100) < s->path[from][to].flaky) {
        next_address(s, slot,
                     sim_between(s, 0, 1) == 0 ? MOOT_EREFUSED : MOOT_ERESET);
        return;
    }
    job->stage = SIM_STAGE_SHAKE;
    go_on_at(s, slot,
             s->now +
                 2 * (sim_latency(s, from, to) + sim_latency(s, to, from)));
}

static void answer_question(struct sim *s, uint32_t slot)
{
    struct sim_job *job = s->jobs[slot];
    unsigned from = s->peers[job->peer]->host;

    sim_http_serve(s, job);
    job->stage = SIM_STAGE_REPLY;
    go_on_at(s, slot,
             s->now + sim_latency(s, s->peers[job->target]->host, from));
}

static void shake_hands(struct sim *s, uint32_t slot)
{
    struct sim_job *job = s->jobs[slot];
    struct sim_peer *p = s->peers[job->peer];
    struct sim_peer *q = s->peers[job->target];
    const struct moot_addr *addr = address(job);

    if (q == p) {
        next_address(s, slot, MOOT_ESELF);
        return;
    }
    if (job->dial.pinned && !moot_id_eq(&job->dial.id, &q->profile->key.id)) {
        next_address(s, slot, MOOT_EKEY);
        return;
    }

    struct sim_job done = *job;

    done.dial.addr_count = 0;
    give_job(job);
    sim_conn_create(s, &done, addr, moot_addr_loopback(addr));
}

static void shake_job(struct sim *s, uint32_t slot)
{
    struct sim_job *job = s->jobs[slot];
    unsigned from = s->peers[job->peer]->host;

    if (job->target == SIM_NOBODY) {
        next_address(s, slot, MOOT_EREFUSED);
        return;
    }

    struct sim_peer *q = s->peers[job->target];

    if (s->now >= job->slice) {
        next_address(s, slot, MOOT_ETIMEOUT);
    } else if (!listens(q, q->host, address(job)->port, job->ask)) {
        next_address(s, slot, MOOT_ERESET);
    } else if (q->state == SIM_PAUSED || !both_ways(s, from, q->host)) {
        go_on_at(s, slot, s->now + STOPPED_LOOK_MS);
    } else if (job->ask) {
        answer_question(s, slot);
    } else {
        shake_hands(s, slot);
    }
}

static void reply_job(struct sim *s, uint32_t slot)
{
    struct sim_job *job = s->jobs[slot];
    struct sim_peer *p = s->peers[job->peer];

    if (s->now >= job->slice) {
        next_address(s, slot, MOOT_ETIMEOUT);
        return;
    }
    if (!both_ways(s, s->peers[job->target]->host, p->host)) {
        go_on_at(s, slot, s->now + STOPPED_LOOK_MS);
        return;
    }

    struct sim_job done = *job;

    job->got = (struct moot_reception){0};
    job->body = (struct moot_buf){0};
    give_job(job);
    sim_http_tell(p, &done, &done.got);
    moot_reception_fini(&done.got);
    moot_buf_fini(&done.body);
}

void sim_job_due(struct sim *s, const struct sim_due *due)
{
    struct sim_job *job = s->jobs[due->a];
    struct sim_peer *p = s->peers[job->peer];

    if (job->stage == SIM_STAGE_FREE)
        return;
    if (!sim_peer_alive(p)) {
        give_job(job);
        return;
    }
    if (p->state == SIM_PAUSED) {
        sim_peer_defer(p, due);
        return;
    }
    switch (job->stage) {
    case SIM_STAGE_CONNECT:
        connect_job(s, due->a);
        return;
    case SIM_STAGE_SHAKE:
        shake_job(s, due->a);
        return;
    case SIM_STAGE_REPLY:
        reply_job(s, due->a);
        return;
    case SIM_STAGE_FREE:
        break;
    }
    moot_assert(!"every stage goes on");
}

/* --- beginning --- */

static void begin(struct sim_peer *p, uint32_t slot, moot_ms within)
{
    struct sim *s = p->sim;
    struct sim_job *job = s->jobs[slot];

    job->peer = p->number;
    job->target = SIM_NOBODY;
    job->next = 0;
    job->why = MOOT_EUNREACH;
    job->until = s->now + within;
    begin_address(s, slot);
}

void sim_dial(struct sim_peer *p, const struct moot_fx_dial *dial)
{
    uint32_t slot = take_job(p->sim);
    struct sim_job *job = p->sim->jobs[slot];

    if (dial->addr_count == 0 || dial->within <= 0) {
        sim_blame(p->sim, "%s dials nowhere", p->label);
        return;
    }
    p->sim->figures.dials++;
    job->ask = job->post = false;
    job->dial = *dial;
    begin(p, slot, dial->within);
}

void sim_ask(struct sim_peer *p, const struct moot_fx_ask *ask)
{
    uint32_t slot = take_job(p->sim);
    struct sim_job *job = p->sim->jobs[slot];

    if (ask->addr.port == 0 || ask->within <= 0) {
        sim_blame(p->sim, "%s asks nobody", p->label);
        return;
    }
    job->ask = true;
    job->post = false;
    job->question = *ask;
    begin(p, slot, ask->within);
}

void sim_post(struct sim_peer *p, const struct moot_fx_post *post)
{
    uint32_t slot = take_job(p->sim);
    struct sim_job *job = p->sim->jobs[slot];
    struct moot_bytes body = moot_buf_view(&post->body);

    job->ask = job->post = true;
    job->question = (struct moot_fx_ask){
        .token = post->token, .addr = post->addr, .within = post->within};
    moot_buf_append(&job->body, body.data, body.len);
    memcpy(job->body_signature, post->signature, sizeof job->body_signature);
    if (p->evil != NULL)
        sim_hosted_lie(p, job);
    begin(p, slot, post->within);
}
