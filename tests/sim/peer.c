/*
 * tests/sim/peer.c - one life of one process: hands events to its node and
 * carries out what the node asks for.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_internal.h"

#define WALL_AT_START 1767225600000 /* 2026-01-01 */
#define SPIN_MAX 20000 /* steps at one instant: no honest work needs them */
#define EXIT_MAX_MS 3000
#define WELCOME_PORT 8081
#define TORN_MAX 16 /* entries on their way to the disk when it ends */
#define TIMEOUT_MS 10000
#define GROUP_TIMEOUT_MS 15000

/* --- effects --- */

static bool own_end(struct sim_peer *p, moot_link link, uint32_t *ret_end)
{
    uint32_t end = (uint32_t)(link - 1);
    bool known = link >= 1 && link <= 2 * (uint64_t)p->sim->conn_count &&
                 sim_end_of(p->sim, end)->peer == p->number;

    if (!known)
        sim_blame(p->sim, "%s names link %llu, which it never had", p->label,
                  (unsigned long long)link);
    *ret_end = end;
    return known;
}

static void call_up(struct sim_peer *p, uint32_t end)
{
    struct sim_end *e = sim_end_of(p->sim, end);

    if (e->told || e->draining)
        return;
    if (e->up)
        sim_blame(p->sim, "%s calls a link up twice", p->label);
    e->up = true;
    sim_known_up(p, end);
    e->heard = p->sim->now;
    e->pulse = (struct moot_pulse){0};
}

static void exit_with(struct sim_peer *p, const struct moot_fx_exit *ex)
{
    if (p->exiting) {
        sim_blame(p->sim, "%s ends twice", p->label);
        return;
    }
    sim_tell(p->sim, p->label, "* ends with %d: %s", ex->code, ex->text);
    p->exiting = true;
    p->left_at = p->sim->now;
    p->exit_code = ex->code;
    free(p->exit_text);
    p->exit_text = moot_copy(ex->text, strlen(ex->text));
    sim_check_exit(p);
}

static void carry_out_link(struct sim_peer *p, const struct moot_effect *fx)
{
    uint32_t end;

    if (!own_end(p, fx->link, &end))
        return;
    if (fx->kind == MOOT_FX_SEND) {
        sim_check_ack(p, end, moot_fx_bytes(&p->fx, fx));
        if (p->evil != NULL)
            sim_evil_send(p, end, moot_fx_bytes(&p->fx, fx));
        else
            sim_conn_send(p->sim, end, moot_fx_bytes(&p->fx, fx));
    } else if (fx->kind == MOOT_FX_UP)
        call_up(p, end);
    else if (fx->kind == MOOT_FX_CLOSE)
        sim_conn_close(p->sim, end);
    else if (fx->kind == MOOT_FX_PAUSE)
        sim_conn_pause(p->sim, end, fx->pause_ms);
    else
        sim_conn_cut(p->sim, end, fx->why);
}

/* The file is written at once: the store's tests are about its troubles. */
static void note(struct sim_peer *p, const struct moot_effect *fx)
{
    struct moot_peers news = {0};

    if (fx->kind == MOOT_FX_PEER)
        moot_book_note(&news, fx->contact);
    else
        moot_book_trip(&news, fx->tripped);
    moot_book_merge(&p->profile->book, &news,
                    WALL_AT_START + p->sim->now + p->wall_skew);
    moot_peers_fini(&news);
}

static void carry_out(struct sim_peer *p, const struct moot_effect *fx)
{
    switch (fx->kind) {
    case MOOT_FX_SEND:
    case MOOT_FX_UP:
    case MOOT_FX_CLOSE:
    case MOOT_FX_CUT:
    case MOOT_FX_PAUSE:
        carry_out_link(p, fx);
        return;
    case MOOT_FX_DIAL:
        sim_dial(p, fx->dial);
        return;
    case MOOT_FX_ASK:
        sim_ask(p, &fx->ask);
        return;
    case MOOT_FX_POST:
        sim_post(p, fx->post);
        return;
    case MOOT_FX_STORE:
        sim_check_store(p, fx->entry);
        sim_store_keep(p, fx->entry, fx->token);
        return;
    case MOOT_FX_FETCH:
        sim_store_fetch(p, &fx->fetch);
        return;
    case MOOT_FX_SHOW:
        sim_view_show(p, &fx->show);
        sim_check_show(p, &fx->show);
        return;
    case MOOT_FX_SPEAK:
        p->may_speak = true;
        p->spoke_at = p->sim->now;
        sim_check_speak(p);
        return;
    case MOOT_FX_VERIFY:
        sim_verify_begin(p, fx->verify);
        return;
    case MOOT_FX_END_RUN:
        if (!sim_chain_forked(p->sim, &fx->end->group, &fx->end->in))
            sim_blame(p->sim, "%s ends a run that has one history", p->label);
        p->sim->figures.ended++;
        sim_store_end(p, fx->end, fx->token);
        return;
    case MOOT_FX_REMEMBER:
        sim_store_remember(p, fx->remember);
        return;
    case MOOT_FX_PEER:
    case MOOT_FX_TRIPPED:
        note(p, fx);
        return;
    case MOOT_FX_READ:
    case MOOT_FX_LOOKUP:
    case MOOT_FX_SILENCE:
        return;
    case MOOT_FX_DRAINED:
        p->drained = true;
        return;
    case MOOT_FX_EXIT:
        exit_with(p, &fx->exit);
        return;
    }
    moot_assert(!"every effect is carried out");
}

/* --- steps --- */

static void note_event(struct sim_peer *p, const struct moot_event *ev)
{
    struct sim *s = p->sim;

    sim_note(s, (uint64_t)s->now);
    sim_note(s, (uint64_t)p->number << 32 | (uint64_t)ev->kind);
    sim_note(s, ev->link);
    if (ev->kind == MOOT_EV_FRAME)
        sim_note_bytes(s, ev->frame);
}

static void note_effect(struct sim_peer *p, const struct moot_effect *fx)
{
    sim_note(p->sim, (uint64_t)fx->kind << 48 ^ fx->link);
    if (fx->kind == MOOT_FX_SEND)
        sim_note(p->sim, fx->len); /* the bytes are noted when they arrive */
}

/* A node that asks to be woken again and again would hang a real process. */
static void count_spin(struct sim_peer *p)
{
    if (p->spun_at != p->sim->now) {
        p->spun_at = p->sim->now;
        p->spun = 0;
    }
    if (++p->spun == SPIN_MAX)
        sim_blame(p->sim, "%s spins", p->label);
}

static void arm_timer(struct sim_peer *p)
{
    struct sim *s = p->sim;
    moot_ms deadline = moot_node_deadline(p->node);

    if (deadline == MOOT_NEVER)
        return;
    if (deadline < s->now)
        deadline = s->now;
    if (p->timer_at <= deadline)
        return; /* it fires before, and looks again */
    p->timer_at = deadline + sim_between(s, 0, s->world.late_max);
    sim_due_at(s, p->timer_at, SIM_TIMER, p->number, ++p->timer, 0);
}

static void kill_process(struct sim_peer *p)
{
    p->state = SIM_KILLED;
    p->ended_at = p->sim->now;
    sim_tell(p->sim, p->label, "* is killed");
    sim_peer_bury(p);
}

moot_wall_ms sim_peer_wall(const struct sim_peer *p)
{
    return WALL_AT_START + p->sim->now + p->wall_skew +
           (p->sim->now - p->wall_since) * p->wall_rate / 100;
}

void sim_peer_step(struct sim_peer *p, struct moot_event *ev)
{
    struct sim *s = p->sim;
    bool died = false;

    moot_assert(!p->stepping);
    moot_assert(p->state == SIM_RUNNING);
    p->stepping = true;
    ev->now = s->now;
    ev->wall = sim_peer_wall(p);
    note_event(p, ev);
    count_spin(p);
    s->figures.steps++;
    moot_effects_clear(&p->fx);
    moot_node_step(p->node, ev, &p->fx);
    sim_check_group(p);
    for (unsigned i = 0; i < p->fx.count && !died; i++) {
        died = p->dying && p->effects_left-- == 0;
        if (!died) {
            note_effect(p, &p->fx.at[i]);
            sim_stranger_does(p, &p->fx.at[i]);
            carry_out(p, &p->fx.at[i]);
        }
    }
    p->stepping = false;
    for (unsigned i = 0; i < p->end_count; i++)
        sim_conn_pump(s, p->ends[i]);
    moot_effects_clear(&p->fx);
    if (died)
        kill_process(p);
    else
        arm_timer(p);
    sim_peer_maybe_end(p);
}

/* --- what is due --- */

static void timer_due(struct sim_peer *p, uint32_t generation)
{
    if (generation != p->timer)
        return;
    p->timer_at = MOOT_NEVER;
    if (moot_node_deadline(p->node) > p->sim->now) {
        arm_timer(p);
        return;
    }

    struct moot_event ev = {.kind = MOOT_EV_TIMER};

    sim_peer_step(p, &ev);
}

static void closed_due(struct sim_peer *p, uint32_t end, int why)
{
    struct sim_end *e = sim_end_of(p->sim, end);

    if (e->gone)
        return;
    sim_conn_gone(p->sim, end);
    sim_peer_drop_end(p, end);
    if (!e->opened) {
        sim_peer_maybe_end(p);
        return;
    }

    struct moot_event ev = {
        .kind = MOOT_EV_LINK_CLOSED, .link = sim_link_of(end), .why = why};

    sim_peer_step(p, &ev);
}

static void flow_due(struct sim_peer *p, uint32_t end, bool full)
{
    if (sim_end_of(p->sim, end)->told)
        return;

    struct moot_event ev = {.kind =
                                full ? MOOT_EV_LINK_FULL : MOOT_EV_LINK_CLEAR,
                            .link = sim_link_of(end)};

    sim_peer_step(p, &ev);
}

void sim_peer_defer(struct sim_peer *p, const struct sim_due *due)
{
    if (p->deferred_count == p->deferred_max) {
        p->deferred_max = p->deferred_max == 0 ? 16 : 2 * p->deferred_max;
        p->deferred =
            moot_realloc(p->deferred, p->deferred_max * sizeof *p->deferred);
    }
    p->deferred[p->deferred_count++] = *due;
}

void sim_peer_due(struct sim_peer *p, const struct sim_due *due)
{
    if (p->state == SIM_PAUSED) {
        sim_peer_defer(p, due);
        return;
    }
    if (p->state != SIM_RUNNING)
        return;
    if (due->what == SIM_TIMER)
        timer_due(p, due->a);
    else if (due->what == SIM_TICK)
        sim_monitor_due(p, due->a);
    else if (due->what == SIM_STORE)
        sim_store_due(p, due->a);
    else if (due->what == SIM_SCAN)
        sim_profile_scan(p);
    else if (due->what == SIM_VERIFIED)
        sim_verify_due(p, due->a);
    else if (due->what == SIM_READ)
        sim_conn_read(p->sim, due->a);
    else if (due->what == SIM_CLOSED)
        closed_due(p, due->a, -(int)due->b);
    else
        flow_due(p, due->a, due->b != 0);
}

/* --- ends --- */

void sim_peer_add_end(struct sim_peer *p, uint32_t end)
{
    if (p->end_count == p->end_max) {
        p->end_max = p->end_max == 0 ? 16 : 2 * p->end_max;
        p->ends = moot_realloc(p->ends, p->end_max * sizeof *p->ends);
    }
    p->ends[p->end_count++] = end;
}

void sim_peer_drop_end(struct sim_peer *p, uint32_t end)
{
    for (unsigned i = 0; i < p->end_count; i++)
        if (p->ends[i] == end) {
            p->end_count--;
            memmove(p->ends + i, p->ends + i + 1,
                    (p->end_count - i) * sizeof *p->ends);
            return;
        }
}

/* --- life --- */

static void note_spec(struct sim_peer *p, const struct sim_spec *spec)
{
    p->host = spec->host;
    p->port = spec->port == 0 ? WELCOME_PORT : spec->port;
    p->boot_port = spec->boot_port;
    p->partial = spec->partial;
    p->stranger = spec->stranger;
    p->hosts = spec->host_groups != 0;
    if (spec->name != NULL)
        snprintf(p->name, sizeof p->name, "%s", spec->name);
    else
        snprintf(p->name, sizeof p->name, "p%u", p->number);
    if (p->sim->plain_labels)
        snprintf(p->label, sizeof p->label, "p%u", p->number);
    else
        snprintf(p->label, sizeof p->label, "%s", p->name);
}

static void create_node(struct sim_peer *p, const struct sim_spec *spec)
{
    struct sim *s = p->sim;
    struct moot_addr endpoints[SIM_ENDPOINTS_MAX], self = {.port = p->port};
    struct moot_node_config config = {
        .wall = WALL_AT_START + s->now + p->wall_skew,
        .name = p->name,
        .group = spec->group == NULL ? "lobby" : spec->group,
        .group_asked = spec->group != NULL,
        .mode = p->boot_port != 0 ? MOOT_BOOTSTRAP : MOOT_STANDARD,
        .strict = !p->partial,
        .join_timeout = spec->timeout == 0 ? TIMEOUT_MS : spec->timeout,
        .port = p->port,
        .addrs = &self,
        .addr_count = 1,
        .boot = {.port = p->boot_port},
        .endpoints = endpoints,
        .host_groups = spec->host_groups,
        .group_timeout = GROUP_TIMEOUT_MS,
        .closed = spec->closed,
        .secret = spec->secret,
        .tracer = &p->tracer};

    sim_host_name(p->host, self.host);
    sim_profile_take(p, !spec->profile);
    sim_profile_read(p);
    config.key = p->profile->key;
    config.pasts = p->pasts;
    config.past_count = p->past_count;
    config.peers = p->profile->book.peers;
    config.peer_count = p->profile->book.peer_count;
    config.tripped = p->profile->book.tripped;
    config.tripped_count = p->profile->book.tripped_count;
    moot_rng_bytes(&s->rng, config.seed, sizeof config.seed);
    while (config.endpoint_count < SIM_ENDPOINTS_MAX &&
           spec->endpoints[config.endpoint_count] != NULL) {
        unsigned i = config.endpoint_count++;
        int rc =
            moot_addr_parse(moot_bytes_text(spec->endpoints[i]), &endpoints[i]);

        moot_assert(rc == MOOT_OK);
        p->named |= 1u << sim_host_of(endpoints[i].host, p->host);
    }
    p->node = moot_node_create(&config);
}

static void tell_line(void *ctx, const char *text)
{
    struct sim_peer *p = ctx;

    sim_tell(p->sim, p->label, "> %s", text);
}

static bool port_taken(const struct sim *s, const struct sim_spec *spec)
{
    uint16_t port = spec->port == 0 ? WELCOME_PORT : spec->port;

    for (uint32_t i = 0; i < s->peer_count; i++)
        if (s->peers[i]->host == spec->host && s->peers[i]->port == port &&
            sim_peer_alive(s->peers[i]))
            return true;
    return false;
}

unsigned sim_start(struct sim *s, const struct sim_spec *spec)
{
    moot_assert(s->peer_count < SIM_PEERS_MAX);
    moot_assert(spec->host >= 1);
    moot_assert(spec->host <= SIM_HOSTS_MAX);
    moot_assert(!port_taken(s, spec));

    struct sim_peer *p = moot_alloc(sizeof *p);

    p->sim = s;
    p->number = s->peer_count;
    p->exit_code = -1;
    p->timer_at = MOOT_NEVER;
    p->own_chain = SIM_NOBODY;
    p->started = s->now;
    p->wall_skew = sim_between(s, -2000, 2000);
    p->tracer = (struct moot_tracer){tell_line, p};
    note_spec(p, spec);
    s->vanished[p->host] = false;
    s->peers[s->peer_count++] = p;
    if (!s->narrating)
        p->tracer.line = NULL;
    create_node(p, spec);
    sim_tell(s, p->label, "* starts");
    sim_monitor_start(p);

    struct moot_event ev = {.kind = MOOT_EV_START};

    sim_peer_step(p, &ev);
    sim_closed_note(p);
    return p->number;
}

bool sim_peer_alive(const struct sim_peer *p)
{
    return p->state == SIM_RUNNING || p->state == SIM_PAUSED;
}

/* An end by itself: the links are closed, so the process may go. */
void sim_peer_maybe_end(struct sim_peer *p)
{
    if (!p->exiting || p->state != SIM_RUNNING || p->stepping)
        return;
    for (unsigned i = 0; i < p->end_count; i++)
        if (sim_end_of(p->sim, p->ends[i])->opened) {
            if (p->sim->now > p->left_at + EXIT_MAX_MS)
                sim_blame(p->sim, "%s wants to end but keeps a link", p->label);
            return;
        }
    p->state = SIM_ENDED;
    p->ended_at = p->sim->now;
    sim_tell(p->sim, p->label, "* is gone");
    sim_peer_bury(p);
}

void sim_peer_bury(struct sim_peer *p)
{
    struct moot_entry *torn[TORN_MAX];

    while (p->end_count > 0) {
        uint32_t end = p->ends[p->end_count - 1];

        p->end_count--;
        sim_conn_crash(p->sim, end);
    }
    sim_verify_fini(p);
    moot_node_destroy(p->node);
    p->node = NULL;
    sim_profile_close(p, torn, sim_store_waiting(&p->store, torn, TORN_MAX));
    sim_store_fini(&p->store);
    p->deferred_count = 0;
}

void sim_peer_fini(struct sim_peer *p)
{
    sim_store_fini(&p->store);
    sim_verify_fini(p);
    moot_node_destroy(p->node);
    moot_effects_fini(&p->fx);
    sim_profile_give(p);
    sim_evil_fini(p);
    free(p->deferred);
    free(p->ends);
    free(p->exit_text);
    moot_buf_fini(&p->lines);
    moot_buf_fini(&p->screen);
}

/* --- what can be done to it --- */

static struct sim_peer *peer_at(const struct sim *s, unsigned peer)
{
    moot_assert(peer < s->peer_count);
    return s->peers[peer];
}

void sim_crash(struct sim *s, unsigned peer)
{
    struct sim_peer *p = peer_at(s, peer);

    if (sim_peer_alive(p))
        kill_process(p);
}

void sim_crash_after(struct sim *s, unsigned peer, unsigned effects)
{
    struct sim_peer *p = peer_at(s, peer);

    p->dying = true;
    p->effects_left = effects;
}

void sim_pause(struct sim *s, unsigned peer)
{
    struct sim_peer *p = peer_at(s, peer);

    if (p->state != SIM_RUNNING)
        return;
    sim_tell(s, p->label, "* is stopped");
    p->state = SIM_PAUSED;
    s->disturbed = s->now;
}

/* The monitor and the loop race for the processor: either may be first. */
void sim_resume(struct sim *s, unsigned peer)
{
    struct sim_peer *p = peer_at(s, peer);

    if (p->state != SIM_PAUSED)
        return;
    sim_tell(s, p->label, "* goes on");
    p->state = SIM_RUNNING;
    p->resumed = s->now;
    s->disturbed = s->now;
    for (unsigned i = 0; i < SIM_CHAINS_MAX; i++)
        if (p->views[i].waiting != 0)
            p->views[i].waiting = s->now;

    moot_ms first = sim_between(s, 0, 1);

    for (unsigned i = 0; i < p->deferred_count; i++) {
        const struct sim_due *due = &p->deferred[i];

        sim_due_at(s, s->now + first, due->what, due->peer, due->a, due->b);
    }
    p->deferred_count = 0;
    for (unsigned i = 0; i < p->end_count; i++)
        sim_due_at(s, s->now + 1 - first, SIM_READ, p->number, p->ends[i], 0);
}

/* As p's user sees it; false: he does not know that one. */
static bool name_seen(const struct sim_peer *p, const struct sim_peer *whom,
                      char out[MOOT_NAME_LEN_MAX + 8])
{
    struct moot_who_line lines[SIM_PEERS_MAX];
    unsigned count = moot_node_who(p->node, p->sim->now, lines, SIM_PEERS_MAX);

    for (unsigned i = 0; i < count && i < SIM_PEERS_MAX; i++)
        if (moot_id_eq(&lines[i].id, &whom->profile->key.id)) {
            memcpy(out, lines[i].name, sizeof lines[i].name);
            return true;
        }
    return false;
}

static void change_secret(struct sim_peer *p, unsigned without,
                          const char *name)
{
    struct moot_event ev = {.kind = MOOT_EV_REKEY,
                            .without = moot_bytes_text(name)};
    uint32_t owed = sim_closed_owed(p, without);
    struct moot_secret before, after;

    sim_tell(p->sim, p->label, "* changes the secret%s%s",
             name[0] == '\0' ? "" : " without ", name);
    if (!moot_node_secret(p->node, &before))
        return;
    sim_peer_step(p, &ev);
    if (p->node != NULL && moot_node_secret(p->node, &after) &&
        memcmp(before.b, after.b, sizeof before.b) != 0)
        sim_closed_changed(p, owed);
}

void sim_rekey(struct sim *s, unsigned peer)
{
    struct sim_peer *p = peer_at(s, peer);

    if (p->state == SIM_RUNNING && !p->leaving && !p->exiting)
        change_secret(p, SIM_NOBODY, "");
}

void sim_rekey_without(struct sim *s, unsigned peer, unsigned whom)
{
    struct sim_peer *p = peer_at(s, peer);
    char name[MOOT_NAME_LEN_MAX + 8];

    if (p->state == SIM_RUNNING && !p->leaving && !p->exiting &&
        name_seen(p, peer_at(s, whom), name))
        change_secret(p, whom, name);
}

void sim_leave(struct sim *s, unsigned peer, const char *reason)
{
    struct sim_peer *p = peer_at(s, peer);

    if (p->state != SIM_RUNNING || p->leaving || p->exiting)
        return;
    sim_tell(s, p->label, "* leaves");
    p->leaving = true;
    p->left_at = s->now;
    snprintf(p->reason, sizeof p->reason, "%s", reason);

    struct moot_event ev = {.kind = MOOT_EV_LEAVE,
                            .reason = moot_bytes_text(reason)};

    sim_peer_step(p, &ev);
}

void sim_input_end(struct sim *s, unsigned peer)
{
    struct sim_peer *p = peer_at(s, peer);
    struct moot_event ev = {.kind = MOOT_EV_INPUT_END};

    if (p->state == SIM_RUNNING)
        sim_peer_step(p, &ev);
}

void sim_wall_jump(struct sim *s, unsigned peer, moot_ms by)
{
    peer_at(s, peer)->wall_skew += by;
}

void sim_wall_rate(struct sim *s, unsigned peer, int percent)
{
    struct sim_peer *p = peer_at(s, peer);

    p->wall_skew = sim_peer_wall(p) - WALL_AT_START - s->now;
    p->wall_since = s->now;
    p->wall_rate = percent;
}

void sim_store_fail(struct sim *s, unsigned peer, bool failing)
{
    struct sim_peer *p = peer_at(s, peer);

    if (!sim_peer_alive(p))
        return;
    sim_tell(s, p->label, failing ? "* cannot write" : "* can write again");
    p->store.failing = failing;
    if (p->profile->disk != NULL)
        sim_disk_fail(p->profile->disk, failing);
    sim_store_arm(p);
}

void sim_store_delay(struct sim *s, unsigned peer, moot_ms by)
{
    peer_at(s, peer)->store.extra = by;
}

bool sim_say_kind(struct sim *s, unsigned peer, enum moot_line_kind kind,
                  const char *text)
{
    struct sim_peer *p = peer_at(s, peer);

    if (p->state != SIM_RUNNING || !p->may_speak || p->leaving || p->exiting ||
        !moot_node_can_say(p->node))
        return false;
    sim_check_said(p, kind, text);
    s->figures.lines++;

    struct moot_event ev = {.kind = MOOT_EV_SAY,
                            .say = {kind, moot_bytes_text(text)}};

    sim_peer_step(p, &ev);
    return true;
}

bool sim_say(struct sim *s, unsigned peer, const char *text)
{
    return sim_say_kind(s, peer, MOOT_LINE_TEXT, text);
}
