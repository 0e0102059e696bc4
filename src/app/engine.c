/*
 * app/engine.c - events in, effects out, until it ends.
 *
 * One event is carried through at a time: those that occur while effects are
 * carried out wait in a queue, with their bytes copied.
 *
 * Layer:  app (loud).
 * Thread: the loop's.
 */
#include "app/engine.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/engine_internal.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "loop/clock.h"
#include "loop/metrics.h"
#include "net/listen.h"

/* --- one event after the other --- */

/* Points view to a copy of what it points to. */
static void *keep(struct moot_bytes *view)
{
    void *copy = moot_copy(view->data, view->len);

    view->data = copy;
    return copy;
}

static struct moot_metric waiting = {
    .name = "moot_events_waiting",
    .help = "Events that occurred while others were carried out.",
    .kind = MOOT_GAUGE};

/* What net delivers from inside a call has no views; what the user says has. */
static void put_off(struct moot_engine *e, const struct moot_event *ev)
{
    struct moot_later *l = moot_alloc(sizeof *l);

    moot_assert(ev->kind != MOOT_EV_FETCHED && ev->kind != MOOT_EV_ANSWER &&
                ev->kind != MOOT_EV_POSTED && ev->kind != MOOT_EV_LIST &&
                ev->kind != MOOT_EV_FOUND && ev->kind != MOOT_EV_VERIFIED);
    l->ev = *ev;
    if (ev->kind == MOOT_EV_SAY)
        l->bytes = keep(&l->ev.say.text);
    else if (ev->kind == MOOT_EV_FRAME)
        l->bytes = keep(&l->ev.frame);
    else if (ev->kind == MOOT_EV_LEAVE)
        l->bytes = keep(&l->ev.reason);
    else if (ev->kind == MOOT_EV_REKEY)
        l->bytes = keep(&l->ev.without);
    *e->later_end = l;
    e->later_end = &l->next;
    moot_metric_add(&waiting, 1);
}

static void step(struct moot_engine *e, const struct moot_event *ev)
{
    struct moot_event stamped = *ev;
    moot_ms now = moot_clock_ms();

    if (now > e->now)
        e->now = now;
    stamped.now = e->now;
    stamped.wall = moot_clock_wall();
    moot_effects_clear(&e->fx);
    moot_node_step(e->node, &stamped, &e->fx);
    for (unsigned i = 0; i < e->fx.count; i++)
        moot_engine_carry_out(e, &e->fx.at[i]);
}

static void step_later(struct moot_engine *e)
{
    while (e->later) {
        struct moot_later *l = e->later;

        e->later = l->next;
        if (!e->later)
            e->later_end = &e->later;
        moot_metric_add(&waiting, -1);
        step(e, &l->ev);
        free(l->bytes);
        free(l);
    }
}

static void deliver(void *ctx, const struct moot_event *ev)
{
    struct moot_engine *e = ctx;

    if (e->closed)
        return;
    if (ev->kind == MOOT_EV_LEAVE) {
        if (e->leaving)
            return;
        e->leaving = true;
        if (moot_ui_interrupted(e->ui) && !moot_node_joined(e->node))
            e->interrupted = true;
    }
    if (e->stepping) {
        put_off(e, ev);
        return;
    }
    e->stepping = true;
    step(e, ev);
    step_later(e);
    e->stepping = false;
    moot_ui_look(e->ui);
}

/* --- time --- */

static void on_deadline(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct moot_engine *e = w->data;
    struct moot_event ev = {.kind = MOOT_EV_TIMER};

    (void)loop;
    (void)revents;
    e->armed = MOOT_NEVER;
    deliver(e, &ev);
}

static void arm(struct moot_engine *e)
{
    moot_ms when = moot_node_deadline(e->node);

    if (when == e->armed)
        return;
    e->armed = when;
    ev_timer_stop(e->loop, &e->deadline);
    if (when == MOOT_NEVER)
        return;

    moot_ms left = when - moot_clock_ms();

    /* Half a millisecond more, so that it is not woken a moment early. */
    ev_timer_set(&e->deadline, (double)(left > 0 ? left : 0) / 1000. + 0.0005,
                 0.);
    ev_timer_start(e->loop, &e->deadline);
}

/* Comes after everybody else's, because they may still say something. */
static void on_turn(struct ev_loop *loop, ev_prepare *w, int revents)
{
    struct moot_engine *e = w->data;

    (void)revents;
    arm(e);
    if (e->ending && moot_links_count(e->links) == 0)
        ev_break(loop, EVBREAK_ALL);
}

/* --- the end --- */

void moot_engine_leave(struct moot_engine *e, const char *reason)
{
    struct moot_event ev = {.kind = MOOT_EV_LEAVE,
                            .reason = moot_bytes_text(reason)};

    deliver(e, &ev);
}

static void on_end(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)w;
    (void)revents;
    ev_break(loop, EVBREAK_ALL);
}

/* A second signal is impatience. */
static void on_signal(struct ev_loop *loop, ev_signal *w, int revents)
{
    struct moot_engine *e = w->data;

    (void)revents;
    if (e->leaving) {
        ev_break(loop, EVBREAK_ALL);
        return;
    }
    if (w->signum == SIGINT && !moot_node_joined(e->node))
        e->interrupted = true;
    moot_engine_leave(e, w->signum == SIGHUP ? "the terminal was closed" : "");
}

static void start_watchers(struct moot_engine *e)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

    for (unsigned i = 0; i < 3; i++) {
        ev_signal_init(&e->signals[i], on_signal, numbers[i]);
        e->signals[i].data = e;
        ev_signal_start(e->loop, &e->signals[i]);
    }
    e->armed = MOOT_NEVER;
    ev_timer_init(&e->deadline, on_deadline, 0., 0.);
    e->deadline.data = e;
    ev_timer_init(&e->end, on_end, MOOT_ENGINE_END_MS / 1000., 0.);
    ev_prepare_init(&e->turn, on_turn);
    ev_set_priority(&e->turn, EV_MINPRI);
    e->turn.data = e;
    ev_prepare_start(e->loop, &e->turn);
}

static void stop_watchers(struct moot_engine *e)
{
    for (unsigned i = 0; i < 3; i++)
        ev_signal_stop(e->loop, &e->signals[i]);
    ev_timer_stop(e->loop, &e->deadline);
    ev_timer_stop(e->loop, &e->idle);
    ev_timer_stop(e->loop, &e->end);
    ev_prepare_stop(e->loop, &e->turn);
}

/* --- from the first to the last --- */

static void trace_line(void *ctx, const char *text)
{
    (void)ctx;
    moot_log(MOOT_LOG_TRACE, "trace", "what", text, NULL);
}

/* Who names no group and nobody to ask goes on where this profile was last. */
static const char *group_of(const struct moot_start *s,
                            const struct moot_options *o)
{
    if (o->group_asked || o->invited || o->endpoint_count > 0)
        return o->group;
    for (unsigned i = 0; i < s->pasts.count; i++)
        if (s->pasts.at[i].name[0] != '\0' &&
            (!o->closed || s->pasts.at[i].back.secret_count > 0))
            return s->pasts.at[i].name;
    return o->group;
}

static void create_node(struct moot_engine *e, const struct moot_start *s)
{
    const struct moot_options *o = e->options;
    struct moot_addr endpoints[MOOT_ENDPOINTS_MAX];
    struct moot_pins pins[MOOT_ENDPOINTS_MAX];
    struct moot_node_config c = {.key = s->key,
                                 .wall = moot_clock_wall(),
                                 .name = o->username,
                                 .group = group_of(s, o),
                                 .group_asked = o->group_asked,
                                 .closed = o->closed,
                                 .mode = o->mode,
                                 .strict = o->strict,
                                 .join_timeout = o->timeout,
                                 .port = s->w_port,
                                 .addrs = s->addrs,
                                 .addr_count = s->addr_count,
                                 .addrs_forced = o->advertised_count > 0,
                                 .pasts = s->pasts.at,
                                 .past_count = s->pasts.count,
                                 .peers = s->book.peers,
                                 .peer_count = s->book.peer_count,
                                 .tripped = s->book.tripped,
                                 .tripped_count = s->book.tripped_count,
                                 .fleeting = o->temp,
                                 .earlier_max = MOOT_EARLIER_MAX,
                                 .history_bounded = o->history_bounded,
                                 .history_max = o->history_max,
                                 .endpoints = endpoints,
                                 .pins = pins};

    const char *urls[MOOT_URLS_MAX];

    for (unsigned i = 0; i < o->url_count; i++)
        urls[i] = o->urls[i];
    c.urls = urls;
    c.url_count = o->url_count;
    c.breaker = o->breaker;
    c.host_groups = o->host_groups;
    c.group_timeout = o->group_timeout;
    c.members_max = o->members_max;
    c.endpoint_count = moot_options_endpoints(o, endpoints, pins);
    if (o->invited && o->invite.closed)
        c.secret = &o->invite.secret;
    memcpy(c.seed, s->seed, sizeof c.seed);
    c.peers_stale = moot_book_stale(&s->book, c.wall);
    c.boot.port = s->b_fd >= 0 ? s->b_port : 0;
    e->tracer.line = trace_line;
    if (moot_log_wants(MOOT_LOG_TRACE))
        c.tracer = &e->tracer;
    e->node = moot_node_create(&c);
    e->self = c.key.id;
    moot_key_fini(&c.key);
}

static void open_store(struct moot_engine *e, const struct moot_start *s)
{
    struct moot_store_config c = {.loop = e->loop,
                                  .sink = &e->sink,
                                  .path = moot_profile_history(s->profile),
                                  .own = s->key.id,
                                  .bytes_max = e->options->history_limit};

    e->store = moot_store_open(&c);
}

static void open_lan(struct moot_engine *e, const struct moot_start *s)
{
    struct moot_lan_config c = {.loop = e->loop,
                                .sink = &e->sink,
                                .node = e->node,
                                .where = e->options->lan,
                                .listener = s->w_fd};

    e->lan = moot_lan_open(&c);
}

static void say(void *ctx, const char *text)
{
    struct moot_engine *e = ctx;

    moot_ui_notice(e->ui, false, text);
}

static void open_contacts(struct moot_engine *e, const struct moot_start *s)
{
    struct moot_contacts_config c = {.loop = e->loop,
                                     .jobs = e->jobs,
                                     .path = s->cache,
                                     .say = say,
                                     .ctx = e};

    if (s->cache_why[0] != '\0')
        say(e, s->cache_why);
    if (s->cache != NULL)
        e->contacts = moot_contacts_open(&c);
}

static int open_net(struct moot_engine *e, struct moot_start *s)
{
    struct moot_links_config c;

    e->jobs = moot_jobs_open(e->loop, MOOT_WORKERS_MAX, MOOT_JOBS_WAITING_MAX);
    e->monitor = moot_monitor_open(e->loop, &e->sink);
    moot_links_defaults(&c);
    c.loop = e->loop;
    c.sink = &e->sink;
    c.tls = &e->tls;
    c.monitor = e->monitor;
    e->links = moot_links_open(&c);
    open_lan(e, s);
    moot_links_listen(e->links, s->w_fd);
    s->w_fd = -1;
    e->dials = moot_dials_open(e->loop, &e->sink, e->jobs, e->links, &e->tls);
    e->fetches = moot_fetches_open(&e->sink, e->jobs);
    e->dns = moot_dns_open(&e->sink, e->jobs, &e->options->dns_server);
    e->verifier = moot_verifier_open(e->loop, &e->sink, 0);
    open_store(e, s);
    open_contacts(e, s);
    if (s->b_fd < 0)
        return MOOT_OK;

    int error = moot_http_open(e->loop, s->b_fd, e->node,
                               e->options->b_connections, &e->http);

    if (error != MOOT_OK)
        return error;
    s->b_fd = -1;
    moot_http_guard(e->http, &s->pass);
    return MOOT_OK;
}

/* What was said last is waited for; what is on no disk after that is told. */
static void close_store(struct moot_engine *e)
{
    unsigned lost = moot_store_close(e->store, MOOT_ENGINE_STORE_MS);

    if (lost == 0 || e->options->temp)
        return;
    if (e->code == MOOT_EXIT_LEFT)
        e->code = MOOT_EXIT_FAILED;
    moot_buf_printf(&e->last_words,
                    "%sentries that could not be stored in time: %u; what "
                    "others have of them comes back from there",
                    e->last_words.len > 0 ? "\nmoot: " : "", lost);
}

/* The pool first: its jobs use all the others.  Returns what the ui does. */
static int close_all(struct moot_engine *e)
{
    int error;

    e->closed = true;
    moot_jobs_close(e->jobs, 2000);
    moot_dials_close(e->dials);
    moot_fetches_close(e->fetches);
    moot_dns_close(e->dns);
    moot_verifier_close(e->verifier);
    moot_http_close(e->http);
    moot_lan_close(e->lan);
    moot_links_close(e->links);
    moot_monitor_close(e->monitor);
    close_store(e);
    moot_contacts_close(e->contacts);
    error = moot_ui_close(e->ui);
    moot_node_destroy(e->node);
    moot_effects_fini(&e->fx);
    moot_tls_close(&e->tls);
    while (e->later) {
        struct moot_later *l = e->later;

        e->later = l->next;
        free(l->bytes);
        free(l);
    }
    return error;
}

/* Does the profile know a group of this name, or the address book, when it is
 * asked for?  Then it is looked for. */
static bool knows_group(const struct moot_start *s,
                        const struct moot_options *o)
{
    for (unsigned i = 0; i < s->pasts.count; i++)
        if (strcmp(s->pasts.at[i].name, group_of(s, o)) == 0)
            return true;
    for (unsigned i = 0; o->group_asked && i < s->book.peer_count; i++)
        if (strcmp(s->book.peers[i].group_name, o->group) == 0)
            return true;
    return false;
}

static void open_ui(struct moot_engine *e, const struct moot_start *s,
                    bool terminal)
{
    struct moot_ui_config c = {.loop = e->loop,
                               .sink = &e->sink,
                               .node = e->node,
                               .terminal = terminal};

    e->ui = moot_ui_open(&c);
    if (e->options->mode == MOOT_STANDARD && e->options->endpoint_count == 0 &&
        e->options->url_count == 0 && !e->options->invited &&
        !knows_group(s, e->options))
        moot_ui_notice(e->ui, false,
                       "this peer founds a group of its own, and nobody can "
                       "find it through a bootstrap peer (see --mode and "
                       "--remote_endpoint)");
}

static void settle_code(struct moot_engine *e)
{
    if (e->interrupted)
        e->code = MOOT_EXIT_INTERRUPTED;
    else if (e->code == MOOT_EXIT_LEFT && e->drained && moot_ui_refused(e->ui))
        e->code = MOOT_EXIT_FAILED;
}

static void live(struct moot_engine *e)
{
    struct moot_event start = {.kind = MOOT_EV_START};

    moot_idle_start(e);
    start_watchers(e);
    deliver(e, &start);
    ev_run(e->loop, 0);
    stop_watchers(e);
    settle_code(e);
}

int moot_engine_run(struct ev_loop *loop, const struct moot_options *o,
                    struct moot_start *start, bool terminal)
{
    struct moot_engine e = {.loop = loop, .options = o};
    int error;

    e.sink = (struct moot_sink){deliver, &e};
    e.later_end = &e.later;
    if (moot_tls_open(&start->key, &e.tls) != MOOT_OK) {
        fprintf(stderr, "moot: the TLS library cannot be used\n");
        return MOOT_EXIT_FAILED;
    }
    moot_metric_list(&waiting);
    moot_events_begin(o, start);
    create_node(&e, start);
    open_ui(&e, start, terminal);
    if (open_net(&e, start) == MOOT_OK)
        live(&e);
    else
        e.code = MOOT_EXIT_FAILED;
    error = close_all(&e);
    if (error)
        fprintf(stderr, "moot: standard output: %s\n", strerror(error));
    if (error && e.code == MOOT_EXIT_LEFT)
        e.code = MOOT_EXIT_FAILED;
    if (e.last_words.len > 0)
        fprintf(stderr, "moot: %s\n", moot_buf_text(&e.last_words));
    moot_buf_fini(&e.last_words);
    moot_events_end(e.code);
    return e.code;
}
