/*
 * node/beat.c - telling directories that our group lives, and who is in it.
 *
 * Every member that has got to know a directory registers there once.  After
 * that the three lowest of those that are linked tell it every few seconds, and
 * the others as rarely as it asks them to.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "node_internal.h"

#define BEATERS 3
#define TOKEN_MARK ((moot_token)1 << 63) /* the boot mind's tokens lack it */

enum status {
    STATUS_OK = 200,
    STATUS_CHALLENGE = 401,
    STATUS_CLASH = 409,
    STATUS_MANY = 429,
    STATUS_FULL = 503
};

/* --- what is said --- */

static const struct moot_record *own_record(const struct moot_node *n)
{
    return &moot_group_member(n->group, &n->key.id)->record;
}

static void add_records(const struct moot_node *n, const struct moot_id *lack,
                        unsigned lack_count, struct moot_register *r)
{
    r->records[r->record_count++] = *own_record(n);
    for (unsigned i = 0; i < lack_count; i++) {
        const struct moot_member *m = moot_group_member(n->group, &lack[i]);

        if (m != NULL && m->known && !m->self &&
            r->record_count < MOOT_REGISTER_RECORDS_MAX)
            r->records[r->record_count++] = m->record;
    }
}

static void add_one_heard(const struct moot_node *n, const struct node_link *l,
                          struct moot_register *r)
{
    struct moot_heard *h = &r->heard[r->heard_count++];
    moot_ms ago = n->now - l->heard;

    h->id = l->id;
    h->ago_ms = ago < MOOT_HEARD_MS_MAX ? (uint32_t)ago : MOOT_HEARD_MS_MAX;
    if (strlen(l->remote.host) < sizeof h->seen)
        memcpy(h->seen, l->remote.host, strlen(l->remote.host) + 1);
}

/* All links, or so many of them that each has its turn before what was said of
 * it the last time is old. */
static void add_heard(const struct moot_node *n, unsigned turn,
                      struct moot_register *r)
{
    for (unsigned i = 0; i < n->link_count; i++) {
        const struct node_link *l = n->links[(turn + i) % n->link_count];

        if (l->state == LINK_UP && l->main &&
            r->heard_count < MOOT_REGISTER_HEARD_MAX)
            add_one_heard(n, l, r);
    }
}

static void make_nonce(struct moot_node *n, char nonce[33])
{
    static const char digits[] = "0123456789abcdef";

    for (unsigned i = 0; i < 32; i++)
        nonce[i] = digits[moot_rng_below(&n->rng, 16)];
    nonce[32] = '\0';
}

/* Fills in all but who answers to what. */
static struct moot_fx_post *
post(struct moot_node *n, const struct beat_host *host, struct moot_effects *fx)
{
    struct moot_effect *e = moot_node_ask(fx, MOOT_FX_POST);
    struct moot_register r = {.group = n->group_id,
                              .weight = moot_boot_weight(n->boot)};

    e->post = moot_alloc(sizeof *e->post);
    e->post->addr = host->addr;
    e->post->within = MOOT_POST_WITHIN_MS;
    e->post->token = host->token;
    memcpy(r.group_name, n->group_name, sizeof r.group_name);
    memcpy(r.nonce, host->nonce, sizeof host->nonce);
    memcpy(r.challenge, host->challenge, sizeof r.challenge);
    r.records = moot_alloc(MOOT_REGISTER_RECORDS_MAX * sizeof *r.records);
    r.heard = moot_alloc(MOOT_REGISTER_HEARD_MAX * sizeof *r.heard);
    add_records(n, host->lack, host->lack_count, &r);
    add_heard(n, host->turn, &r);
    moot_register_encode(&r, &e->post->body);
    moot_register_sign(moot_buf_view(&e->post->body), &n->key,
                       e->post->signature);
    moot_register_fini(&r);
    return e->post;
}

/* --- joining where nobody has heard of our group --- */

void moot_beat_ask(struct moot_node *n, struct moot_fx_ask *ask)
{
    struct moot_beats *b = &n->beats;
    struct beat_asking *a = &b->asking[b->asking_turn++ % MOOT_ASKING_MAX];

    *a = (struct beat_asking){.token = ask->token, .addr = ask->addr};
    memcpy(a->nonce, ask->nonce, sizeof a->nonce);
    if (b->asked && !moot_node_closed(n)) /* no directory hears of that one */
        memcpy(ask->group, n->group_name, sizeof ask->group);
    ask->id = n->key.id;
}

static struct beat_asking *find_asking(struct moot_node *n, moot_token token)
{
    for (unsigned i = 0; i < MOOT_ASKING_MAX; i++)
        if (token != 0 && n->beats.asking[i].token == token)
            return &n->beats.asking[i];
    return NULL;
}

static void set_challenge(char out[MOOT_CHALLENGE_LEN + 1], const char *text)
{
    out[0] = '\0';
    if (text != NULL && strlen(text) == MOOT_CHALLENGE_LEN &&
        strspn(text, "0123456789abcdef") == MOOT_CHALLENGE_LEN)
        memcpy(out, text, MOOT_CHALLENGE_LEN + 1);
}

static void post_join(struct moot_node *n, struct beat_asking *a,
                      const char *challenge, struct moot_effects *fx)
{
    struct beat_host scratch = {.addr = a->addr, .token = a->token};

    memcpy(scratch.nonce, a->nonce, sizeof scratch.nonce);
    set_challenge(scratch.challenge, challenge);
    a->posted = true;
    moot_trace(n->tracer, "%s does not know my group -> register it",
               a->addr.host);
    post(n, &scratch, fx);
}

bool moot_beat_refused(struct moot_node *n, const struct moot_ev_failed *why,
                       struct moot_effects *fx)
{
    struct beat_asking *a = find_asking(n, why->token);

    if (a == NULL || why->why != MOOT_ENONE || why->challenge == NULL ||
        a->posted || moot_node_closed(n))
        return false;
    post_join(n, a, why->challenge, fx);
    return true;
}

/* --- directories we know --- */

static struct beat_host *host_at(struct moot_node *n,
                                 const struct moot_addr *addr)
{
    for (unsigned i = 0; i < n->beats.host_count; i++)
        if (moot_addr_eq(&n->beats.hosts[i].addr, addr))
            return &n->beats.hosts[i];
    return NULL;
}

void moot_beat_answered(struct moot_node *n, const struct moot_ev_answer *ev,
                        const struct moot_answer *a)
{
    const struct beat_asking *asking = find_asking(n, ev->token);
    struct beat_host *h;

    if (asking == NULL || !a->hosted || moot_node_closed(n) ||
        strcmp(a->nonce, asking->nonce) != 0)
        return;
    h = host_at(n, &asking->addr);
    if (h == NULL) {
        if (n->beats.host_count == MOOT_HOSTS_MAX)
            return;
        h = &n->beats.hosts[n->beats.host_count++];
        *h = (struct beat_host){.addr = asking->addr, .due = n->now};
    }
    set_challenge(h->challenge, ev->challenge);
}

/* How many of those we are linked to come before us? */
static unsigned rank(const struct moot_node *n)
{
    unsigned before = 0;

    for (unsigned i = 0; i < n->link_count; i++) {
        const struct node_link *l = n->links[i];

        before += l->state == LINK_UP && l->main &&
                  moot_id_cmp(&l->id, &n->key.id) < 0;
    }
    return before;
}

/* A little sooner or later, so that not all come at once. */
static moot_ms around(struct moot_node *n, moot_ms ms)
{
    return ms - ms / 10 +
           (moot_ms)moot_rng_below(&n->rng, (uint64_t)(ms / 5 + 1));
}

static void plan(struct moot_node *n, struct beat_host *h)
{
    moot_ms pause = MOOT_BEAT_MS;

    if (rank(n) >= BEATERS && h->again > pause)
        pause = moot_ms_min(h->again, MOOT_BEAT_REST_MS);
    for (unsigned i = MOOT_BEAT_TRIES; i < h->failures; i++)
        pause = moot_ms_min(2 * pause, MOOT_BEAT_REST_MS);
    h->due = n->now + around(n, pause);
}

static void beat(struct moot_node *n, struct beat_host *h,
                 struct moot_effects *fx)
{
    h->token = TOKEN_MARK | ++n->beats.tokens;
    make_nonce(n, h->nonce);
    post(n, h, fx);
    h->due = MOOT_NEVER;
    h->turn += MOOT_REGISTER_HEARD_MAX;
    h->lack_count = 0;
}

void moot_beat_timer(struct moot_node *n, struct moot_effects *fx)
{
    for (unsigned i = 0; i < n->beats.host_count; i++) {
        struct beat_host *h = &n->beats.hosts[i];

        if (h->token == 0 && h->due <= n->now && !n->leaving)
            beat(n, h, fx);
    }
}

moot_ms moot_beat_deadline(const struct moot_node *n)
{
    moot_ms due = MOOT_NEVER;

    for (unsigned i = 0; i < n->beats.host_count; i++)
        if (n->beats.hosts[i].token == 0)
            due = moot_ms_min(due, n->beats.hosts[i].due);
    return due;
}

void moot_beat_hurry(struct moot_node *n)
{
    for (unsigned i = 0; i < n->beats.host_count; i++)
        n->beats.hosts[i].due = n->now;
}

void moot_beat_lost(struct moot_node *n, const struct moot_id *id)
{
    if (moot_id_cmp(id, &n->key.id) > 0)
        return;
    for (unsigned i = 0; i < n->beats.host_count; i++) {
        struct beat_host *h = &n->beats.hosts[i];

        h->due =
            moot_ms_min(h->due, n->now + around(n, MOOT_BEAT_TAKE_OVER_MS));
    }
}

/* --- what comes back --- */

static int error_of(const struct moot_ev_posted *p)
{
    static const char directory[] = "group directory full";

    if (p->why != MOOT_OK)
        return p->why;
    if (p->status == STATUS_MANY)
        return MOOT_EMANY;
    if (p->status != STATUS_FULL)
        return MOOT_EANSWER;
    return p->body.len >= sizeof directory - 1 &&
                   memcmp(p->body.data, directory, sizeof directory - 1) == 0
               ? MOOT_EDIRECTORY
               : MOOT_EFULL;
}

/* The answer to a join is that to the question it came from. */
static void join_posted(struct moot_node *n, struct beat_asking *a,
                        const struct moot_event *ev, struct moot_effects *fx)
{
    const struct moot_ev_posted *p = &ev->posted;
    struct moot_event told = *ev;

    if (p->why == MOOT_OK && p->status == STATUS_CHALLENGE && !a->again) {
        a->again = true;
        post_join(n, a, p->challenge, fx);
        return;
    }
    if (p->why == MOOT_OK &&
        (p->status == STATUS_OK || p->status == STATUS_CLASH)) {
        told.kind = MOOT_EV_ANSWER;
        told.answer = (struct moot_ev_answer){.token = p->token,
                                              .json = p->body,
                                              .signature = p->signature,
                                              .challenge = p->challenge};
        moot_node_take_answer(n, &told, fx);
        return;
    }
    told.kind = MOOT_EV_ASK_FAILED;
    told.failed =
        (struct moot_ev_failed){.token = p->token, .why = error_of(p)};
    moot_node_take_failure(n, &told, fx);
}

static struct beat_host *find_host(struct moot_node *n, moot_token token)
{
    for (unsigned i = 0; i < n->beats.host_count; i++)
        if (n->beats.hosts[i].token == token)
            return &n->beats.hosts[i];
    return NULL;
}

/* Once for each trouble: it is tried again for ever. */
static void say_trouble(struct beat_host *h, int why, struct moot_effects *fx)
{
    char addr[MOOT_ADDR_TEXT_MAX];
    char text[MOOT_ADDR_TEXT_MAX + 128];

    if (h->told == why || (why != MOOT_EDIRECTORY && why != MOOT_EFULL))
        return;
    h->told = why;
    moot_addr_format(&h->addr, addr);
    snprintf(text, sizeof text,
             "%s does not list us for now: %s; others cannot find the group "
             "there",
             addr, moot_error_text(why));
    moot_node_show(fx, MOOT_SHOW_NOTICE, "", text);
}

/* Whom it lists and we are not linked to is dialled: so parts of a group that
 * lost each other meet again, and two groups of one name. */
static void take_answer(struct moot_node *n, struct beat_host *h,
                        const struct moot_ev_posted *p, struct moot_effects *fx)
{
    struct moot_boot_event told = {.kind = MOOT_BOOT_LISTED};
    struct moot_answer a = {0};
    struct moot_id signer;

    if (moot_answer_decode(p->body, &a) != MOOT_OK ||
        !moot_answer_signed(p->body, p->signature, &signer) ||
        !moot_id_eq(&signer, &a.id) || strcmp(a.nonce, h->nonce) != 0) {
        h->failures++;
        moot_answer_fini(&a);
        return;
    }
    h->failures = 0;
    h->told = 0;
    h->again = a.again_ms;
    h->lack_count = a.lack_count;
    memcpy(h->lack, a.lack, sizeof h->lack);
    told.answer = &a;
    moot_minds_boot(n, &told, fx);
    moot_answer_fini(&a);
}

void moot_beat_posted(struct moot_node *n, const struct moot_event *ev,
                      struct moot_effects *fx)
{
    const struct moot_ev_posted *p = &ev->posted;
    struct beat_asking *a = find_asking(n, p->token);
    struct beat_host *h = find_host(n, p->token);
    moot_ms wanted;
    bool stale;

    if (a != NULL && a->posted)
        join_posted(n, a, ev, fx);
    if (h == NULL || p->token == 0)
        return;
    h->token = 0;
    set_challenge(h->challenge, p->challenge);
    /* It has started again, or we were away: a challenge is good for so short a
     * time that the new one has to be used at once. */
    stale = p->why == MOOT_OK && p->status == STATUS_CHALLENGE && !h->renewed;
    h->renewed = stale;
    if (p->why == MOOT_OK &&
        (p->status == STATUS_OK || p->status == STATUS_CLASH))
        take_answer(n, h, p, fx);
    else if (!stale)
        h->failures++;
    wanted = h->due; /* something has changed meanwhile */
    plan(n, h);
    h->due = moot_ms_min(h->due, wanted);
    if (h->lack_count > 0 || stale)
        h->due = moot_ms_min(h->due, n->now + MOOT_BEAT_TAKE_OVER_MS);
    if (p->retry_s > 0)
        h->due = n->now + around(n, moot_ms_min((moot_ms)p->retry_s * 1000,
                                                MOOT_BEAT_REST_MS));
    if (p->status == STATUS_FULL)
        say_trouble(h, error_of(p), fx);
}
