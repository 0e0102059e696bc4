/*
 * node/node.c - the peer's step: one switch, no logic.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include "node/node.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "node_internal.h"

/* --- events --- */

static void on_timer(struct moot_node *n, struct moot_effects *fx)
{
    struct moot_boot_event boot = {.kind = MOOT_BOOT_TIMER};
    struct moot_group_event group = {.kind = MOOT_GROUP_TIMER};

    moot_minds_boot(n, &boot, fx);
    moot_minds_group(n, &group, fx);
    moot_link_timer(n, fx);
    moot_duel_timer(n, fx);
    moot_probe_timer(n, fx);
    if (n->now >= n->contacts_due)
        moot_contact_all_still(n, fx);
}

static void on_start(struct moot_node *n, struct moot_effects *fx)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_START};

    n->contacts_due = n->now + MOOT_CONTACT_AGAIN_MS;
    moot_minds_boot(n, &ev, fx);
}

static void take_frame(struct moot_node *n, struct node_link *l,
                       struct moot_bytes frame, struct moot_effects *fx)
{
    l->heard = n->now;
    moot_duel_heard(n, l, fx);
    moot_probe_heard(n, l, fx);
    if (moot_message_decode(frame, &n->in) != MOOT_OK) {
        if (l->state == LINK_UP)
            moot_link_bye(n, l, MOOT_BYE_PROTOCOL, "not a valid message",
                          MOOT_EPROTO, fx);
        else if (l->state != LINK_ENDING)
            moot_link_cut(n, l, MOOT_EPROTO, fx);
        return;
    }
    if (l->state == LINK_HELLO || l->state == LINK_WELCOME)
        moot_link_early(n, l, &n->in, fx);
    else if (!n->leaving && (l->state == LINK_UP || l->run_ms != 0))
        moot_talk(n, l, &n->in, fx);
}

static void pause_link(const struct node_link *l, moot_ms ms,
                       struct moot_effects *fx)
{
    struct moot_effect *e = moot_node_ask(fx, MOOT_FX_PAUSE);

    e->link = l->handle;
    e->pause_ms = ms;
}

/* Who makes more work than his share waits, and costs the others nothing; what
 * he sends meanwhile is not lost.  That holds for one we are parting from,
 * too: he may go on sending for a while. */
static void on_frame(struct moot_node *n, const struct moot_event *ev,
                     struct moot_effects *fx)
{
    struct node_link *l = moot_link_find(n, ev->link);
    moot_ms debt;

    if (l == NULL)
        return;
    moot_budget_frame(&l->budget, n->now, ev->frame.len);
    take_frame(n, l, ev->frame, fx);
    debt = moot_budget_debt_ms(&l->budget);
    if (moot_verify_full(n, l)) {
        l->verify_paused = true;
        pause_link(l, MOOT_PAUSE_MAX_MS, fx);
        return;
    }
    if (debt == 0)
        return;
    moot_trace(n->tracer, "link %llu makes too much work -> pause for %lld ms",
               (unsigned long long)l->handle, (long long)debt);
    pause_link(l, debt, fx);
}

static void on_pressure(struct moot_node *n, const struct moot_event *ev,
                        struct moot_effects *fx)
{
    struct node_link *l = moot_link_find(n, ev->link);
    bool full = ev->kind == MOOT_EV_LINK_FULL;
    struct moot_group_event told = {.kind = full ? MOOT_GROUP_LINK_SLOW
                                                 : MOOT_GROUP_LINK_CLEAR,
                                    .link = ev->link};

    if (l == NULL || l->lagging == full)
        return;
    l->lagging = full;
    moot_trace(n->tracer, "link %llu %s", (unsigned long long)l->handle,
               full ? "does not keep up -> later" : "has caught up");
    moot_minds_group(n, &told, fx);
}

void moot_node_take_answer(struct moot_node *n, const struct moot_event *ev,
                           struct moot_effects *fx)
{
    struct moot_boot_event told = {.kind = MOOT_BOOT_ANSWER,
                                   .token = ev->answer.token};
    struct moot_buf text = {0};
    struct moot_answer a = {0};
    const struct moot_ring_secret *by;
    const char *signature;
    struct moot_bytes json;
    struct moot_id signer;

    told.why = moot_closed_open(n, &ev->answer, &text, &json, &signature, &by);
    if (told.why == MOOT_OK)
        told.why = moot_answer_decode(json, &a);
    if (told.why == MOOT_OK && (!moot_answer_signed(json, signature, &signer) ||
                                !moot_id_eq(&signer, &a.id)))
        told.why = MOOT_ESIGNED;
    if (told.why == MOOT_OK && !moot_node_closed(n) &&
        moot_closed_knows(n, &a.group))
        told.why = MOOT_EANSWER; /* it was closed, and now it is open? */
    if (told.why != MOOT_OK)
        told.kind = MOOT_BOOT_ASK_FAILED;
    else
        told.outside = moot_closed_outside(n, &a.id, by);
    told.answer = &a;
    moot_minds_boot(n, &told, fx);
    if (told.kind == MOOT_BOOT_ANSWER)
        moot_beat_answered(n, &ev->answer, &a);
    moot_answer_fini(&a);
    moot_buf_fini(&text);
}

static void on_answer(struct moot_node *n, const struct moot_event *ev,
                      struct moot_effects *fx)
{
    if (ev->kind == MOOT_EV_ANSWER)
        moot_node_take_answer(n, ev, fx);
    else
        moot_beat_posted(n, ev, fx);
}

void moot_node_take_failure(struct moot_node *n, const struct moot_event *ev,
                            struct moot_effects *fx)
{
    struct moot_boot_event told = {.kind = ev->kind == MOOT_EV_DIAL_FAILED
                                               ? MOOT_BOOT_DIAL_FAILED
                                               : MOOT_BOOT_ASK_FAILED,
                                   .token = ev->failed.token,
                                   .why = ev->failed.why};

    if (ev->kind == MOOT_EV_DIAL_FAILED)
        moot_contact_failed(n, ev->failed.token, ev->failed.why, fx);
    if (ev->kind == MOOT_EV_ASK_FAILED && moot_beat_refused(n, &ev->failed, fx))
        return;
    moot_minds_boot(n, &told, fx);
}

static void on_pulse(struct moot_node *n, const struct moot_event *ev,
                     struct moot_effects *fx)
{
    struct node_link *l = moot_link_find(n, ev->link);

    if (l == NULL || l->state != LINK_UP)
        return;
    if (ev->kind == MOOT_EV_PING_DUE)
        moot_link_ping(n, l, false, fx);
    else
        moot_link_cut(n, l, MOOT_ESILENT, fx);
}

static void on_woke(struct moot_node *n, struct moot_effects *fx)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_WOKE};

    for (unsigned i = 0; i < n->link_count; i++)
        if (n->links[i]->state == LINK_UP)
            moot_link_ping(n, n->links[i], true, fx);
    moot_minds_boot(n, &ev, fx);
}

static void on_say(struct moot_node *n, const struct moot_event *ev,
                   struct moot_effects *fx)
{
    struct moot_group_event told = {.kind = MOOT_GROUP_SAY};

    if (!moot_boot_joined(n->boot)) {
        moot_node_show(fx, MOOT_SHOW_ERROR, "",
                       "not in the group yet: nothing was said");
        return;
    }
    if (n->silent) {
        char text[sizeof n->silent_because + 32];

        snprintf(text, sizeof text, "not said: %s", n->silent_because);
        moot_node_show(fx, MOOT_SHOW_ERROR, "", text);
        return;
    }
    told.say.kind = ev->say.kind;
    told.say.text = ev->say.text;
    told.say.more = ev->say.more;
    moot_minds_group(n, &told, fx);
}

/* Of a group we are not in any more, nobody wants to know. */
static bool of_this_group(const struct moot_node *n, moot_token token)
{
    return token >> 48 == (n->epoch & 0xffff);
}

static void on_stored(struct moot_node *n, moot_token token,
                      struct moot_effects *fx)
{
    struct moot_group_event told = {.kind = MOOT_GROUP_STORED,
                                    .token = token & 0xffffffffffff};

    if (of_this_group(n, token))
        moot_minds_group(n, &told, fx);
}

static void on_fetched(struct moot_node *n, const struct moot_ev_fetched *f,
                       struct moot_effects *fx)
{
    struct moot_group_event told = {.kind = MOOT_GROUP_FETCHED};

    told.fetched.token = f->token & 0xffffffffffff;
    told.fetched.entries = f->entries;
    told.fetched.count = f->count;
    if (of_this_group(n, f->token))
        moot_minds_group(n, &told, fx);
}

static void on_nearly_full(const struct moot_ev_nearly_full *full,
                           struct moot_effects *fx)
{
    char text[160];

    snprintf(text, sizeof text,
             "the history takes %llu of %llu MiB: soon the oldest words of "
             "others are dropped (see --history_limit)",
             (unsigned long long)(full->used >> 20),
             (unsigned long long)(full->max >> 20));
    moot_node_show(fx, MOOT_SHOW_NOTICE, "", text);
}

static void on_store_ill(struct moot_node *n, const struct moot_event *ev,
                         struct moot_effects *fx)
{
    if (ev->kind == MOOT_EV_DAMAGED)
        moot_adopt_damaged(n, &ev->damaged, fx);
    else if (ev->kind == MOOT_EV_STORE_FAILED)
        moot_silence_begin(n, ev->store_failed.why, fx);
    else if (ev->kind == MOOT_EV_STORE_BACK)
        moot_silence_end(n, fx);
    else
        on_nearly_full(&ev->nearly_full, fx);
}

/* What the user asks for. */
static void on_user(struct moot_node *n, const struct moot_event *ev,
                    struct moot_effects *fx)
{
    if (ev->kind == MOOT_EV_SAY)
        on_say(n, ev, fx);
    else if (ev->kind == MOOT_EV_COMPARE)
        moot_compare_begin(n, fx);
    else if (ev->kind == MOOT_EV_REKEY)
        moot_rekey_asked(n, ev->without, fx);
    else if (ev->kind == MOOT_EV_INPUT_END)
        moot_drain_begin(n, fx);
    else
        moot_drain_leave(n, ev->reason, 0, "", fx);
}

static void step(struct moot_node *n, const struct moot_event *ev,
                 struct moot_effects *fx)
{
    switch (ev->kind) {
    case MOOT_EV_START:
        on_start(n, fx);
        return;
    case MOOT_EV_TIMER:
        on_timer(n, fx);
        return;
    case MOOT_EV_LINK_OPEN:
        moot_link_open(n, ev, fx);
        return;
    case MOOT_EV_FRAME:
        on_frame(n, ev, fx);
        return;
    case MOOT_EV_LINK_CLOSED:
        moot_link_closed(n, ev, fx);
        return;
    case MOOT_EV_LINK_FULL:
    case MOOT_EV_LINK_CLEAR:
        on_pressure(n, ev, fx);
        return;
    case MOOT_EV_DIAL_FAILED:
    case MOOT_EV_ASK_FAILED:
        moot_node_take_failure(n, ev, fx);
        return;
    case MOOT_EV_ANSWER:
    case MOOT_EV_POSTED:
        on_answer(n, ev, fx);
        return;
    case MOOT_EV_LIST:
    case MOOT_EV_FOUND:
        moot_ways_told(n, ev, fx);
        return;
    case MOOT_EV_BEACON:
        moot_beacon_heard(n, &ev->beacon, fx);
        return;
    case MOOT_EV_PING_DUE:
    case MOOT_EV_LINK_DEAD:
        on_pulse(n, ev, fx);
        return;
    case MOOT_EV_WOKE:
        on_woke(n, fx);
        return;
    case MOOT_EV_STORED:
        on_stored(n, ev->stored.token, fx);
        return;
    case MOOT_EV_FETCHED:
        on_fetched(n, &ev->fetched, fx);
        return;
    case MOOT_EV_VERIFIED:
        moot_verify_done(n, &ev->verified, fx);
        return;
    case MOOT_EV_DAMAGED:
    case MOOT_EV_STORE_FAILED:
    case MOOT_EV_STORE_BACK:
    case MOOT_EV_STORE_NEARLY_FULL:
        on_store_ill(n, ev, fx);
        return;
    case MOOT_EV_SAY:
    case MOOT_EV_COMPARE:
    case MOOT_EV_REKEY:
    case MOOT_EV_INPUT_END:
    case MOOT_EV_LEAVE:
        on_user(n, ev, fx);
        return;
    }
}

void moot_node_step(struct moot_node *n, const struct moot_event *ev,
                    struct moot_effects *fx)
{
    moot_assert(ev->now >= n->now);
    n->now = ev->now;
    n->wall = ev->wall;
    if (n->leaving && ev->kind != MOOT_EV_LINK_CLOSED &&
        ev->kind != MOOT_EV_LINK_OPEN)
        return;
    step(n, ev, fx);
    moot_rekey_review(n, fx);
    moot_adopt_remember(n, fx);
    moot_beat_timer(n, fx);
    moot_drain_review(n, fx);
    moot_compare_review(n, fx);
}

moot_ms moot_node_deadline(const struct moot_node *n)
{
    moot_ms due = moot_boot_deadline(n->boot);

    if (n->leaving)
        return MOOT_NEVER;
    due = moot_ms_min(due, moot_group_deadline(n->group));
    due = moot_ms_min(due, moot_link_deadline(n));
    due = moot_ms_min(due, moot_duel_deadline(n));
    due = moot_ms_min(due, moot_probe_deadline(n));
    due = moot_ms_min(due, moot_compare_deadline(n));
    due = moot_ms_min(due, n->contacts_due);
    due = moot_ms_min(due, moot_back_deadline(n));
    due = moot_ms_min(due, moot_beat_deadline(n));
    if (n->draining && !n->drained)
        due = moot_ms_min(due, n->drain_until);
    return due;
}

/* --- life --- */

static void set_name(char out[MOOT_NAME_LEN_MAX + 1], const char *name)
{
    size_t len = strlen(name);

    moot_assert(len <= MOOT_NAME_LEN_MAX);
    memcpy(out, name, len + 1);
}

static void fill_self(struct moot_node *n, const struct moot_node_config *c)
{
    struct moot_record *r = &n->self;

    r->id = c->key.id;
    set_name(r->name, c->name);
    r->mode = c->mode;
    r->standing = MOOT_JOINING;
    r->port = c->addrs_forced ? 0 : c->port;
    for (unsigned i = 0;
         i < c->addr_count && r->addr_count < MOOT_RECORD_ADDRS_MAX; i++)
        r->addrs[r->addr_count++] = c->addrs[i];
    memcpy(n->addrs, r->addrs, sizeof n->addrs);
    n->addr_count = r->addr_count;
    if (c->boot.port == 0)
        return;
    r->boot = c->boot;
    if (r->boot.host[0] == '\0')
        moot_addr_set(&r->boot, "0.0.0.0", c->boot.port);
}

/* known: we were in the group before.  Who has the secret of a group that he
 * was never in does not know which that is. */
static void make_boot(struct moot_node *n, const struct moot_node_config *c,
                      bool known)
{
    unsigned way_count;
    struct moot_way *ways = moot_ways_gather(c, &n->group_id, &way_count);
    struct moot_boot_config config = {.self = c->key.id,
                                      .group = n->group_id,
                                      .group_name = n->group_name,
                                      .group_asked = c->group_asked,
                                      .closed = moot_node_closed(n),
                                      .homeless = c->secret != NULL && !known,
                                      .group_known = known,
                                      .strict = c->strict,
                                      .timeout = c->join_timeout,
                                      .endpoints = c->endpoints,
                                      .endpoint_count = c->endpoint_count,
                                      .pins = c->pins,
                                      .ways = ways,
                                      .way_count = way_count,
                                      .tripped = c->tripped,
                                      .tripped_count = c->tripped_count,
                                      .wall = c->wall,
                                      .breaker = c->breaker,
                                      .rng = &n->rng,
                                      .tracer = c->tracer};

    n->boot = moot_boot_create(&config);
    free(ways);
}

/* The group of that name where we were last is gone on with; while there is
 * somebody to ask, it gives way to any that is there.  Who is invited means
 * that group, and whom he met in another is no way to it. */
static const struct moot_past *newest_past(const struct moot_node_config *c)
{
    const struct moot_pins *pins = c->endpoint_count > 0 ? c->pins : NULL;
    bool invited = pins != NULL && pins->has_group;

    for (unsigned i = 0; i < c->past_count; i++) {
        const struct moot_past *p = &c->pasts[i];

        if (invited ? memcmp(pins->group, p->group.b, MOOT_PIN_LEN) == 0
                    : strcmp(p->name, c->group) == 0 && moot_closed_fits(p, c))
            return p;
    }
    return NULL;
}

/* Who asks for a group by its name and for nobody, and was never in it, may
 * still know somebody who was: closed groups are in no book by their names. */
static const struct moot_peer *booked(const struct moot_node_config *c)
{
    if (!c->group_asked || c->closed || c->secret != NULL ||
        c->endpoint_count > 0)
        return NULL;
    for (unsigned i = 0; i < c->peer_count; i++)
        if (c->peers[i].has_group && c->peers[i].has_id &&
            strcmp(c->peers[i].group_name, c->group) == 0)
            return &c->peers[i];
    return NULL;
}

/* Nobody who was invited has to know what the group is called. */
static const char *name_of(const struct moot_node_config *c,
                           const struct moot_past *past)
{
    bool known = past != NULL && past->name[0] != '\0';

    return known && !c->group_asked ? past->name : c->group;
}

struct moot_node *moot_node_create(const struct moot_node_config *config)
{
    struct moot_node *n = moot_alloc(sizeof *n);
    const struct moot_past *past = newest_past(config);
    const struct moot_peer *peer = past != NULL ? NULL : booked(config);
    struct moot_hash group;

    n->key = config->key;
    n->port = config->port;
    n->tracer = config->tracer;
    n->wall = config->wall;
    n->fleeting = config->fleeting;
    n->contacts_due = MOOT_NEVER;
    moot_rng_init(&n->rng, config->seed);
    set_name(n->group_name, name_of(config, past));
    n->earlier_max = config->earlier_max;
    n->history_bounded = config->history_bounded;
    n->history_max = config->history_max;
    n->members_max = config->members_max;
    n->beats.asked = config->group_asked;
    fill_self(n, config);
    n->pasts = config->pasts;
    n->past_count = config->past_count;
    moot_rng_bytes(&n->rng, group.b, sizeof group.b);
    if (past != NULL)
        group = past->group;
    else if (peer != NULL)
        group = peer->group;
    moot_closed_begin(n, config, past);
    moot_adopt_found(n, &group);
    make_boot(n, config, past != NULL || peer != NULL);
    if (past != NULL && past->grown && config->endpoint_count == 0)
        moot_boot_set_grown(n->boot);
    moot_host_open(n, config);
    return n;
}

void moot_node_destroy(struct moot_node *n)
{
    if (n == NULL)
        return;
    for (unsigned i = 0; i < n->link_count; i++)
        free(n->links[i]);
    free(n->links);
    free(n->lost);
    moot_verify_fini(n);
    moot_contact_fini(n);
    moot_boot_destroy(n->boot);
    moot_answered_fini(n);
    moot_directory_destroy(n->directory);
    moot_group_destroy(n->group);
    moot_group_effects_fini(&n->group_fx);
    moot_boot_effects_fini(&n->boot_fx);
    moot_key_fini(&n->key);
    sodium_memzero(&n->ring, sizeof n->ring);
    sodium_memzero(&n->back, sizeof n->back);
    free(n);
}
