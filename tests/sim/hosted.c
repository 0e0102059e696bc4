/*
 * tests/sim/hosted.c - what a bootstrap socket answers, and whether a group
 * directory keeps its promises.
 *
 * A member is listed while somebody has heard of it in the last 30 s, which the
 * simulator knows from its links and its own requests; a group, while one of
 * its lowest members that got to know the directory can reach it.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdio.h>
#include <string.h>

#include "sim_internal.h"
#include "wire/answer.h"
#include "wire/register.h"

#define DEAD_MS 35000 /* so long the dead may be listed */
#define LIVE_MS 10000 /* a group that can beat is there again within */
#define BEATERS 3     /* the lowest, who beat all the time */
#define LOOK_MS 1000  /* how often all is looked at */
#define JSON_NONCE "00ff"

enum status {
    STATUS_OK = 200,
    STATUS_NONE = 404,
    STATUS_CONFLICT = 409,
    STATUS_FULL = 503
};

/* --- questions and requests --- */

static struct moot_visit visit(struct sim *s, const struct sim_job *job)
{
    const struct moot_fx_ask *q = &job->question;
    struct moot_visit v = {.now = s->now, .local = q->addr};

    if (moot_addr_loopback(&v.local))
        moot_addr_set(&v.asker, "127.0.0.1", 40000);
    else
        sim_host_name(s->peers[job->peer]->host, v.asker.host);
    v.asker.port = 40000;
    return v;
}

static void serve_post(struct sim *s, struct sim_job *job, struct sim_peer *q)
{
    struct moot_visit v = visit(s, job);
    struct sim_peer *from = s->peers[job->peer];

    v.body = moot_buf_view(&job->body);
    v.signature = job->body_signature;
    if (!moot_node_keeps(q->node)) {
        job->got.status = 405;
        job->got.text = "no directory here\n";
        return;
    }
    moot_node_register(q->node, &v, &job->got);
    s->figures.posts++;
    if (s->frames)
        sim_tell(s, from->label, "> posts: %u", job->got.status);
    if (job->got.status == STATUS_CONFLICT)
        from->registered = 0; /* the name is another group's for now */
    if (job->got.status != STATUS_OK)
        return;
    from->evidence = s->now;
    if (from->registered == 0)
        from->registered = s->now;
}

void sim_http_serve(struct sim *s, struct sim_job *job)
{
    struct sim_peer *q = s->peers[job->target];
    const struct moot_fx_ask *ask = &job->question;
    struct moot_visit v = visit(s, job);
    char id[MOOT_HEX_LEN + 1];

    moot_reception_fini(&job->got);
    if (job->post) {
        serve_post(s, job, q);
    } else {
        v.nonce = ask->nonce;
        v.marks = ask->marks;
        v.group = ask->group[0] != '\0' ? ask->group : NULL;
        moot_hex(ask->id.b, id);
        v.identity = v.group != NULL ? id : NULL;
        moot_node_visit(q->node, &v, &job->got);
    }
    sim_note(s, job->got.status);
    sim_note_bytes(s, moot_buf_view(&job->got.json));
}

static struct moot_bytes body_of(const struct moot_reception *r)
{
    return r->text != NULL ? moot_bytes_text(r->text) : moot_buf_view(&r->json);
}

static const char *header(const char *value)
{
    return value[0] != '\0' ? value : NULL;
}

static void tell_posted(struct sim_peer *p, const struct sim_job *job,
                        const struct moot_reception *r)
{
    struct moot_event ev = {.kind = MOOT_EV_POSTED,
                            .posted = {.token = job->question.token,
                                       .status = r->status,
                                       .retry_s = r->retry_s,
                                       .body = body_of(r),
                                       .signature = header(r->signature),
                                       .challenge = header(r->challenge)}};

    sim_peer_step(p, &ev);
}

static int error_of(const struct moot_reception *r)
{
    if (r->status == STATUS_NONE && r->challenge[0] != '\0')
        return MOOT_ENONE;
    if (r->status == STATUS_FULL && r->challenge[0] != '\0')
        return MOOT_EFULL;
    return MOOT_ESTATUS;
}

void sim_http_tell(struct sim_peer *p, const struct sim_job *job,
                   const struct moot_reception *r)
{
    struct moot_event ev = {.kind = MOOT_EV_ANSWER};

    if (job->post) {
        tell_posted(p, job, r);
        return;
    }
    if (r->status == STATUS_OK) {
        ev.answer.token = job->question.token;
        ev.answer.json = body_of(r);
        ev.answer.signature = header(r->signature);
        ev.answer.challenge = header(r->challenge);
        sim_stranger_reads(p, ev.answer.json);
    } else {
        ev.kind = MOOT_EV_ASK_FAILED;
        ev.failed.token = job->question.token;
        ev.failed.why = error_of(r);
        ev.failed.challenge = header(r->challenge);
    }
    sim_peer_step(p, &ev);
}

/* --- a liar's request --- */

/* A member that never was, in a record nobody signed; the liar has heard it. */
static void invent(struct moot_register *r)
{
    struct moot_record *forged;
    struct moot_heard *h;
    unsigned at = r->record_count;

    r->records =
        moot_realloc(r->records, (r->record_count + 1) * sizeof *r->records);
    r->heard = moot_realloc(r->heard, (r->heard_count + 1) * sizeof *r->heard);
    r->records[at] = r->records[0];
    forged = &r->records[at];
    for (size_t i = 0; i + sizeof forged->id.b <= forged->raw_len; i++)
        if (memcmp(forged->raw + i, forged->id.b, sizeof forged->id.b) == 0)
            forged->raw[i] ^= 0x55;
    forged->id.b[0] ^= 0x55;
    r->record_count++;
    h = &r->heard[r->heard_count++];
    *h = (struct moot_heard){.id = forged->id};
}

void sim_hosted_lie(struct sim_peer *p, struct sim_job *job)
{
    struct moot_register r;

    if (moot_register_decode(moot_buf_view(&job->body), &r) != MOOT_OK)
        return;
    if (r.record_count < MOOT_REGISTER_RECORDS_MAX &&
        r.heard_count < MOOT_REGISTER_HEARD_MAX)
        invent(&r);
    moot_buf_clear(&job->body);
    moot_register_encode(&r, &job->body);
    moot_register_sign(moot_buf_view(&job->body), &p->profile->key,
                       job->body_signature);
    moot_register_fini(&r);
}

/* --- what it lists --- */

/* When anybody last heard of this host, on a link or by its own request. */
static moot_ms heard_of(const struct sim *s, unsigned host)
{
    moot_ms last = -1;

    for (uint32_t i = 0; i < s->peer_count; i++)
        if (s->peers[i]->host == host && s->peers[i]->evidence > last)
            last = s->peers[i]->evidence;
    for (uint32_t i = 0; i < s->conn_count; i++)
        for (unsigned k = 0; k < 2; k++) {
            const struct sim_conn *c = s->conns[i];

            if (s->peers[c->end[1 - k].peer]->host == host &&
                c->end[k].heard > last)
                last = c->end[k].heard;
        }
    return last;
}

static void check_listed(struct sim_peer *q, const struct moot_answer *a,
                         const struct moot_listed *l)
{
    struct sim *s = q->sim;
    uint32_t peer = sim_peer_of(s, &l->id);
    struct moot_record r;
    struct moot_bytes raw = moot_bytes_of(
        moot_buf_view(&a->records).data + l->record_at, l->record_len);

    if (peer == SIM_NOBODY || moot_record_open(raw, &l->sig, &r) != MOOT_OK ||
        !moot_record_verify(&r) || strcmp(r.name, l->name) != 0) {
        sim_blame(s, "the directory lists \"%s\", who did not say so", l->name);
        return;
    }
    if (s->peers[peer]->evil == NULL &&
        s->now - heard_of(s, s->peers[peer]->host) > DEAD_MS)
        sim_blame(s, "the directory lists %s, of whom nobody heard for %lld ms",
                  s->peers[peer]->label,
                  (long long)(s->now - heard_of(s, s->peers[peer]->host)));
}

/* Does p beat, whatever the others do? */
static bool beats(const struct sim_peer *p, moot_ms since)
{
    const struct sim *s = p->sim;
    uint64_t linked = sim_linked(s, p->number);
    unsigned lower = 0;

    if (p->state != SIM_RUNNING || p->evil != NULL || p->leaving ||
        p->exiting || !p->may_speak || p->spoke_at > since ||
        p->resumed > since || p->registered == 0 || p->registered > since ||
        p->group_since > since)
        return false;
    for (uint32_t i = 0; i < s->peer_count; i++)
        lower +=
            (linked >> i & 1) != 0 &&
            moot_id_cmp(&s->peers[i]->profile->key.id, &p->profile->key.id) < 0;
    return lower < BEATERS;
}

static void check_forgotten(struct sim_peer *q)
{
    struct sim *s = q->sim;
    moot_ms since = s->now - LIVE_MS;

    if (q->started > since || q->resumed > since)
        return;
    for (uint32_t i = 0; i < s->peer_count; i++)
        if (beats(s->peers[i], since) &&
            sim_clean_since(s, s->peers[i]->host, q->host, since))
            sim_blame(s, "the directory does not list the group of %s",
                      s->peers[i]->label);
}

void sim_hosted_check(struct sim_peer *q)
{
    struct sim *s = q->sim;
    struct moot_visit v = {.now = s->now, .nonce = JSON_NONCE};
    struct moot_reception r = {0};
    struct moot_answer a = {0};

    if (!q->hosts || q->node == NULL || s->now < q->looked + LOOK_MS)
        return;
    q->looked = s->now;
    moot_addr_set(&v.asker, "10.0.0.99", 40000);
    sim_host_name(q->host, v.local.host);
    v.group = "lobby";
    moot_node_visit(q->node, &v, &r);
    if (r.status == STATUS_NONE)
        check_forgotten(q);
    else if (r.status != STATUS_OK ||
             moot_answer_decode(moot_buf_view(&r.json), &a) != MOOT_OK)
        sim_blame(s, "the answer (%u) of the directory does not count",
                  r.status);
    for (unsigned i = 0; i < a.member_count; i++)
        check_listed(q, &a, &a.members[i]);
    s->figures.listed += a.member_count;
    moot_answer_fini(&a);
    moot_reception_fini(&r);
}

bool sim_hosted_knew(const struct sim *s, const struct sim_peer *asker,
                     const struct sim_peer *q)
{
    moot_ms since = asker->started - LIVE_MS;

    if (!q->hosts)
        return true;
    for (uint32_t i = 0; i < s->peer_count; i++)
        if (s->peers[i] != asker && q->started < since &&
            beats(s->peers[i], since))
            return true;
    return false;
}
