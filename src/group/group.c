/*
 * group/group.c - the mind's step: one switch, no logic.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include "group/group.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/slots.h"
#include "base/sorted.h"
#include "group_internal.h"

/* --- effects --- */

struct moot_group_effect *moot_group_ask(struct moot_group_effects *fx,
                                         enum moot_group_effect_kind kind)
{
    fx->at =
        moot_slot_open(fx->at, sizeof *fx->at, &fx->count, &fx->max, fx->count);
    fx->at[fx->count - 1].kind = kind;
    return &fx->at[fx->count - 1];
}

void moot_group_post(struct moot_group_effects *fx,
                     enum moot_group_effect_kind kind, uint64_t link,
                     const struct moot_message *m)
{
    struct moot_group_effect *f = moot_group_ask(fx, kind);

    f->link = link;
    f->at = fx->bytes.len;
    moot_message_encode(m, &fx->bytes);
    f->len = fx->bytes.len - f->at;
}

void moot_group_notice(struct moot_group_effects *fx, const char *format, ...)
{
    struct moot_group_effect *f = moot_group_ask(fx, MOOT_GROUP_NOTICE);
    va_list args;

    va_start(args, format);
    vsnprintf(f->text, sizeof f->text, format, args);
    va_end(args);
}

void moot_group_effects_clear(struct moot_group_effects *fx)
{
    for (unsigned i = 0; i < fx->count; i++)
        moot_entry_unref(fx->at[i].entry);
    fx->count = 0;
    moot_buf_clear(&fx->bytes);
}

void moot_group_effects_fini(struct moot_group_effects *fx)
{
    moot_group_effects_clear(fx);
    free(fx->at);
    moot_buf_fini(&fx->bytes);
    *fx = (struct moot_group_effects){0};
}

/* How much of a message is not the items of its lists. */
static size_t head_size(enum moot_message_kind kind)
{
    size_t base = offsetof(struct moot_message, hello);

    if (kind == MOOT_MSG_AUTHORS)
        return base + offsetof(struct moot_authors, at);
    if (kind == MOOT_MSG_CHAINS)
        return base + offsetof(struct moot_chains, at);
    if (kind == MOOT_MSG_WANT)
        return base + offsetof(struct moot_want, at);
    if (kind == MOOT_MSG_MEMBERS)
        return base + offsetof(struct moot_members, at);
    if (kind == MOOT_MSG_LINKED)
        return base + offsetof(struct moot_linked, up);
    if (kind == MOOT_MSG_WHO)
        return base + offsetof(struct moot_who, at);
    if (kind == MOOT_MSG_FORK)
        return base + sizeof(struct moot_fork_message);
    if (kind == MOOT_MSG_ACK)
        return base + sizeof(struct moot_ack);
    moot_assert(kind == MOOT_MSG_LACK);
    return base + sizeof(struct moot_lack);
}

struct moot_message *moot_group_message(struct moot_group *g,
                                        enum moot_message_kind kind)
{
    memset(&g->out, 0, head_size(kind));
    g->out.kind = kind;
    return &g->out;
}

/* --- links --- */

static int link_order(const void *item, const void *key)
{
    const struct group_link *const *l = item;
    const uint64_t *handle = key;

    return ((*l)->handle > *handle) - ((*l)->handle < *handle);
}

static unsigned link_index(const struct moot_group *g, uint64_t handle)
{
    return moot_sorted_find(g->links, sizeof(struct group_link *),
                            g->link_count, link_order, &handle, NULL);
}

struct group_link *moot_group_link_find(const struct moot_group *g,
                                        uint64_t handle)
{
    unsigned at = link_index(g, handle);

    if (at == g->link_count || g->links[at]->handle != handle)
        return NULL;
    return g->links[at];
}

struct group_link *moot_group_link_at_random(struct moot_group *g, uint64_t but)
{
    unsigned start, n = g->link_count;

    if (n == 0)
        return NULL;
    start = (unsigned)moot_rng_below(g->rng, n);
    for (unsigned i = 0; i < n; i++) {
        struct group_link *l = g->links[(start + i) % n];

        if (l->handle != but && !l->slow)
            return l;
    }
    return NULL;
}

struct group_link *moot_group_link_next(const struct moot_group *g,
                                        uint64_t after)
{
    unsigned start = link_index(g, after), n = g->link_count;

    for (unsigned i = 0; i < n; i++) {
        struct group_link *l = g->links[(start + i) % n];

        if (l->handle != after && !l->slow)
            return l;
    }
    return NULL;
}

static void on_link_up(struct moot_group *g, const struct moot_group_event *ev,
                       struct moot_group_effects *fx)
{
    unsigned at = link_index(g, ev->link);
    struct group_link *l = moot_alloc(sizeof *l);

    l->handle = ev->link;
    l->id = ev->up.id;
    l->answers = MOOT_ANSWERS_BURST;
    l->answers_at = g->now;
    g->links = moot_slot_open(g->links, sizeof(void *), &g->link_count,
                              &g->link_max, at);
    g->links[at] = l;
    moot_roster_link_up(g, l, ev->up.run, &ev->up.seen, fx);
    moot_sync_link_up(g, l, fx);
    moot_enter_linked(g);
}

static void free_link(struct group_link *l)
{
    free(l->claims);
    free(l->servings);
    free(l);
}

static void on_link_down(struct moot_group *g,
                         const struct moot_group_event *ev,
                         struct moot_group_effects *fx)
{
    struct group_link *l = moot_group_link_find(g, ev->link);

    if (l == NULL)
        return;
    moot_slot_close(g->links, sizeof(void *), &g->link_count,
                    link_index(g, ev->link));
    moot_sync_link_down(g, l->handle, fx);
    moot_roster_link_down(g, l, &ev->down, fx);
    free_link(l);
}

static void on_link_clear(struct moot_group *g, struct group_link *l,
                          struct moot_group_effects *fx)
{
    l->slow = false;
    if (l->ack_due != 0)
        g->acks_due = g->now;
    moot_group_ask(fx, MOOT_GROUP_PING)->link = l->handle;
    moot_serve_next(g, l, fx);
}

void moot_group_review_met(struct moot_group *g)
{
    const struct moot_chain *own;
    uint64_t alone;

    if (g->met || g->log.entry_count == 0)
        return;
    own = moot_history_find(&g->log, &g->me);
    alone = g->past_count + (own == NULL ? 0 : own->len);
    if (alone == g->log.entry_count && g->link_count == 0)
        return;
    g->met = true;
    moot_say_forget_own(g);
}

/* --- answers --- */

/* A question of a few bytes may have an answer of many: they are counted, so
 * that nobody can have us talk to him all the time. */
bool moot_group_may_answer(struct moot_group *g, struct group_link *l)
{
    moot_ms since = g->now - l->answers_at;

    l->answers_at = g->now;
    l->answers += since < MOOT_ANSWERS_BURST
                      ? since * MOOT_ANSWERS_PER_MS
                      : (int64_t)MOOT_ANSWERS_BURST * MOOT_ANSWERS_PER_MS;
    if (l->answers > MOOT_ANSWERS_BURST)
        l->answers = MOOT_ANSWERS_BURST;
    return l->answers > 0 && !l->slow;
}

/* --- messages --- */

static void take_message(struct moot_group *g, struct group_link *l,
                         const struct moot_message *m,
                         struct moot_group_effects *fx)
{
    switch (m->kind) {
    case MOOT_MSG_PONG:
        moot_acks_told(g, l, &m->ping);
        return;
    case MOOT_MSG_ACK:
        moot_acks_heard(g, l, &m->ack);
        return;
    case MOOT_MSG_PING:
        moot_acks_told(g, l, &m->ping);
        moot_compare_ping(g, l, &m->ping, fx);
        return;
    case MOOT_MSG_AUTHORS:
        moot_compare_authors(g, l, &m->authors, fx);
        return;
    case MOOT_MSG_CHAINS:
        moot_sync_chains(g, l, &m->chains, fx);
        return;
    case MOOT_MSG_WANT:
        moot_serve_want(g, l, &m->want, fx);
        return;
    case MOOT_MSG_LACK:
        moot_sync_lack(g, l, &m->lack, fx);
        return;
    case MOOT_MSG_LINKED:
        moot_claims_linked(g, l, &m->linked, fx);
        return;
    case MOOT_MSG_WHO:
        moot_roster_who(g, l, &m->who, fx);
        return;
    case MOOT_MSG_UNKNOWN:
    case MOOT_MSG_HELLO:
    case MOOT_MSG_WELCOME:
    case MOOT_MSG_REFUSE:
    case MOOT_MSG_BYE:
    case MOOT_MSG_ENTRIES:
    case MOOT_MSG_MEMBERS:
    case MOOT_MSG_PROBE:
    case MOOT_MSG_VERDICT:
    case MOOT_MSG_MOVE:
    case MOOT_MSG_FORK:
        return; /* not this mind's business */
    }
}

static void on_message(struct moot_group *g, struct group_link *l,
                       const struct moot_message *m,
                       struct moot_group_effects *fx)
{
    size_t before = fx->bytes.len;

    take_message(g, l, m, fx);
    l->answers -= (int64_t)(fx->bytes.len - before);
}

static void on_timer(struct moot_group *g, struct moot_group_effects *fx)
{
    moot_say_flush(g, fx);
    moot_sync_timer(g, fx);
    moot_roster_timer(g, fx);
    moot_enter_review(g, fx);
    moot_screen_flush(g, fx);
}

/* Events of one link that may be gone already. */
static void step_link(struct moot_group *g, const struct moot_group_event *ev,
                      struct moot_group_effects *fx)
{
    struct group_link *l = moot_group_link_find(g, ev->link);

    if (l == NULL)
        return;
    if (ev->kind == MOOT_GROUP_LINK_SLOW)
        l->slow = true;
    else if (ev->kind == MOOT_GROUP_LINK_CLEAR)
        on_link_clear(g, l, fx);
    else if (ev->kind == MOOT_GROUP_MESSAGE)
        on_message(g, l, ev->message, fx);
    else if (ev->kind == MOOT_GROUP_FORK)
        moot_forks_heard(g, l, ev->fork, fx);
    else
        moot_sync_entry(g, l, ev->arrived.entry, ev->arrived.asked, fx);
}

static void on_fetched(struct moot_group *g, const struct moot_group_event *ev,
                       struct moot_group_effects *fx)
{
    if (!moot_forks_fetched(g, ev->fetched.token, ev->fetched.entries,
                            ev->fetched.count, fx))
        moot_serve_fetched(g, ev->fetched.token, ev->fetched.entries,
                           ev->fetched.count, fx);
}

/* Who is in sees first what was said last. */
static void resume(struct moot_group *g, struct moot_group_effects *fx)
{
    if (g->past != NULL && g->self->record.standing == MOOT_JOINED)
        moot_resume_show(g, fx);
}

static void step(struct moot_group *g, const struct moot_group_event *ev,
                 struct moot_group_effects *fx)
{
    switch (ev->kind) {
    case MOOT_GROUP_LINK_UP:
        on_link_up(g, ev, fx);
        return;
    case MOOT_GROUP_LINK_DOWN:
        on_link_down(g, ev, fx);
        return;
    case MOOT_GROUP_LINK_SLOW:
    case MOOT_GROUP_LINK_CLEAR:
    case MOOT_GROUP_MESSAGE:
    case MOOT_GROUP_ENTRY:
    case MOOT_GROUP_FORK:
        step_link(g, ev, fx);
        return;
    case MOOT_GROUP_SETTLE:
        moot_enter_review(g, fx);
        moot_screen_flush(g, fx);
        return;
    case MOOT_GROUP_RECORD:
        moot_roster_record(g, ev->learned.record, &ev->learned.seen, fx);
        return;
    case MOOT_GROUP_SAY:
        moot_say_add(g, ev->say.kind, ev->say.text, ev->say.more, fx);
        return;
    case MOOT_GROUP_LEAVE:
        moot_say_rest(g, fx);
        return;
    case MOOT_GROUP_STORED:
        moot_say_stored(g, ev->token, fx);
        return;
    case MOOT_GROUP_FETCHED:
        on_fetched(g, ev, fx);
        return;
    case MOOT_GROUP_DAMAGED:
        moot_heal_damaged(g, &ev->damaged.in, ev->damaged.seq, fx);
        return;
    case MOOT_GROUP_STANDING:
        moot_roster_standing(g, ev->standing, fx);
        return;
    case MOOT_GROUP_ADDRS:
        moot_roster_addrs(g, ev->addrs.at, ev->addrs.count, fx);
        return;
    case MOOT_GROUP_TIMER:
        on_timer(g, fx);
        return;
    }
}

void moot_group_step(struct moot_group *g, const struct moot_group_event *ev,
                     struct moot_group_effects *fx)
{
    moot_assert(ev->now >= g->now);
    g->now = ev->now;
    g->wall = ev->wall;
    resume(g, fx);
    step(g, ev, fx);
    resume(g, fx);
    moot_group_review_met(g);
    moot_sync_post_wants(g, fx);
    moot_acks_flush(g, fx);
}

moot_ms moot_group_deadline(const struct moot_group *g)
{
    moot_ms due = moot_sync_deadline(g);

    due = moot_ms_min(due, moot_say_deadline(g));
    due = moot_ms_min(due, moot_roster_deadline(g));
    if (g->acks_due != 0)
        due = moot_ms_min(due, g->acks_due);
    due = moot_ms_min(due, moot_enter_deadline(g));
    return moot_ms_min(due, g->screen_due);
}

/* --- questions --- */

enum moot_verdict moot_group_judge(const struct moot_group *g,
                                   const struct moot_entry *e)
{
    return moot_chain_judge(moot_history_find(&g->log, &e->in), e);
}

void moot_group_fill_ping(struct moot_group *g, struct moot_ping *ping)
{
    ping->log = *moot_history_digest(&g->log);
    ping->roster = moot_roster_digest(g);
    ping->entries = g->log.kept;
}

void moot_group_stats(const struct moot_group *g, struct moot_group_stats *out)
{
    *out = (struct moot_group_stats){.chains = g->log.chain_count,
                                     .links = g->link_count,
                                     .entries = g->log.entry_count,
                                     .screen_held = g->held_count,
                                     .say_waiting = g->said_count,
                                     .unstored = g->own_unstored > 0 ||
                                                 g->said_count > 0,
                                     .met = g->met};
}

unsigned moot_group_own_lines(const struct moot_group *g,
                              const struct moot_line **ret_lines)
{
    *ret_lines = g->own_lines;
    return g->own_line_count;
}

/* --- life --- */

struct moot_group *moot_group_create(const struct moot_group_config *config)
{
    struct moot_group *g = moot_alloc(sizeof *g);

    g->key = config->key;
    g->rng = config->rng;
    g->tracer = config->tracer;
    g->id = config->self.group;
    g->me =
        (struct moot_run){.author = config->self.id, .run = config->self.run};
    g->want.kind = MOOT_MSG_WANT;
    moot_enter_bound(g, config);
    g->screen_due = MOOT_NEVER;
    memcpy(g->say_name, config->self.name, sizeof g->say_name);
    moot_roster_init(g, &config->self);
    if (config->past != NULL)
        moot_resume_load(g, config->past);
    return g;
}

void moot_group_destroy(struct moot_group *g)
{
    if (g == NULL)
        return;
    for (unsigned i = 0; i < g->link_count; i++)
        free_link(g->links[i]);
    free(g->links);
    for (unsigned i = 0; i < g->held_count; i++)
        moot_entry_unref(g->held[i].entry);
    free(g->held);
    free(g->tips);
    free(g->said);
    moot_buf_fini(&g->say_text);
    for (unsigned i = 0; i < g->storing_count; i++)
        moot_entry_unref(g->storing[i].entry);
    free(g->storing);
    free(g->asking);
    moot_ahead_fini(g);
    free(g->healing);
    moot_forks_fini(g);
    moot_say_forget_own(g);
    moot_roster_fini(g);
    moot_history_fini(&g->log);
    free(g);
}
