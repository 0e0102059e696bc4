/*
 * app/events.c - what a peer goes through, as figures and lines of log.
 *
 * The user reads of it on the screen; this is for those who watch many.
 *
 * Layer:  app (loud).
 * Thread: the loop's.
 */
#include "app/engine_internal.h"
#include "loop/clock.h"
#include "loop/log.h"
#include "loop/metrics.h"

static struct moot_metric info = {.name = "moot_info",
                                  .help = "Always 1.",
                                  .kind = MOOT_GAUGE,
                                  .labels = {"version", "mode"}};
static struct moot_metric started = {
    .name = "process_start_time_seconds",
    .help = "When the process started, in seconds since 1970.",
    .kind = MOOT_GAUGE,
    .unit = 1000};
static struct moot_metric lines = {
    .name = "moot_lines_total",
    .help = "Lines said here (out) and by others (in), as they are stored.",
    .labels = {"direction"}};
static struct moot_metric entries = {
    .name = "moot_stored_entries_total",
    .help = "Entries given to the store: own (out) and of others (in).",
    .labels = {"direction"}};
static struct moot_metric joins = {.name = "moot_joins_total",
                                   .help =
                                       "How attempts to join a group ended.",
                                   .labels = {"outcome"}};
static struct moot_metric members = {
    .name = "moot_member_events_total",
    .help = "Members who came, left, were lost and came back.",
    .labels = {"event"}};
static struct moot_metric breakers = {
    .name = "moot_breaker_changes_total",
    .help = "Circuit breakers of bootstrap sources that opened or closed.",
    .labels = {"state"}};

void moot_events_begin(const struct moot_options *o, const struct moot_start *s)
{
    const char *mode = o->mode == MOOT_BOOTSTRAP ? "bootstrap" : "standard";
    static const char *const directions[] = {"in", "out"};

    moot_metric_set_for(&info, MOOT_VERSION, mode, 1);
    moot_metric_set(&started, moot_clock_wall());
    for (unsigned i = 0; i < 2; i++) {
        moot_metric_add_for(&lines, directions[i], NULL, 0);
        moot_metric_add_for(&entries, directions[i], NULL, 0);
    }
    moot_metric_add_for(&joins, "joined", NULL, 0);
    moot_metric_list(&members);
    moot_metric_list(&breakers);
    moot_log(MOOT_LOG_INFO, "started", "version", MOOT_VERSION, "mode", mode,
             "username", o->username, "#w_port", moot_log_int(s->w_port).text,
             "#b_port", s->b_fd >= 0 ? moot_log_int(s->b_port).text : NULL,
             NULL);
}

void moot_events_end(int code)
{
    moot_log(MOOT_LOG_INFO, "ended", "#code", moot_log_int(code).text, NULL);
}

static void on_store(const struct moot_engine *e,
                     const struct moot_entry *entry)
{
    const char *direction =
        moot_id_eq(&entry->in.author, &e->self) ? "out" : "in";
    struct moot_body body;

    moot_metric_add_for(&entries, direction, NULL, 1);
    if (moot_entry_body(entry, &body))
        moot_metric_add_for(&lines, direction, NULL, body.line_count);
}

static void tell_member(const struct moot_show *s, const char *event,
                        const char *word)
{
    char hex[MOOT_HEX_LEN + 1];

    moot_metric_add_for(&members, word, NULL, 1);
    if (!moot_log_wants(MOOT_LOG_INFO))
        return;
    moot_hex(s->id.b, hex);
    moot_log(MOOT_LOG_INFO, event, "username", s->name, "identity", hex, "why",
             *s->text != '\0' ? s->text : NULL, NULL);
}

static void on_show(const struct moot_show *s)
{
    switch (s->kind) {
    case MOOT_SHOW_MEMBER_JOINED:
        tell_member(s, "member_joined", "joined");
        return;
    case MOOT_SHOW_MEMBER_LEFT:
        tell_member(s, "member_left", "left");
        return;
    case MOOT_SHOW_MEMBER_LOST:
        tell_member(s, "member_lost", "lost");
        return;
    case MOOT_SHOW_MEMBER_BACK:
        tell_member(s, "member_back", "back");
        return;
    case MOOT_SHOW_INDIRECT:
        tell_member(s, "member_indirect", "indirect");
        return;
    case MOOT_SHOW_PROGRESS:
        moot_log(MOOT_LOG_INFO, "join_progress", "what", s->text, NULL);
        return;
    case MOOT_SHOW_READY:
        moot_metric_add_for(&joins, "joined", NULL, 1);
        moot_log(MOOT_LOG_INFO, "joined", "group", s->text, "#members",
                 moot_log_int(s->count).text, NULL);
        return;
    case MOOT_SHOW_ENTRY:
    case MOOT_SHOW_SENT:
    case MOOT_SHOW_ANSWER:
    case MOOT_SHOW_NOTICE:
    case MOOT_SHOW_ERROR:
        return; /* between the users */
    }
}

static const char *outcome_of(const struct moot_engine *e, int code)
{
    switch (code) {
    case MOOT_EXIT_LEFT:
        return e->interrupted ? "interrupted" : "left";
    case MOOT_EXIT_NO_ANSWER:
        return "no_answer";
    case MOOT_EXIT_UNREACHED:
        return "unreached";
    case MOOT_EXIT_REFUSED:
        return "refused";
    default:
        return "failed";
    }
}

static void on_exit_asked(const struct moot_engine *e,
                          const struct moot_fx_exit *exit)
{
    const char *outcome = outcome_of(e, exit->code);

    if (e->ending || moot_node_joined(e->node))
        return;
    moot_metric_add_for(&joins, outcome, NULL, 1);
    moot_log(MOOT_LOG_INFO, "join_ended", "outcome", outcome, "#code",
             moot_log_int(exit->code).text, "why",
             *exit->text != '\0' ? exit->text : NULL, NULL);
}

static void on_tripped(const struct moot_tripped *t)
{
    const char *state = t->wait > 0 ? "open" : "closed";

    moot_metric_add_for(&breakers, state, NULL, 1);
    moot_log(MOOT_LOG_INFO, "breaker", "source", t->source, "state", state,
             "#failures", moot_log_int((int64_t)t->failures).text, "#wait_ms",
             moot_log_int(t->wait).text, NULL);
}

void moot_events_tell(const struct moot_engine *e, const struct moot_effect *fx)
{
    if (fx->kind == MOOT_FX_STORE)
        on_store(e, fx->entry);
    else if (fx->kind == MOOT_FX_SHOW)
        on_show(&fx->show);
    else if (fx->kind == MOOT_FX_TRIPPED)
        on_tripped(fx->tripped);
    else if (fx->kind == MOOT_FX_EXIT)
        on_exit_asked(e, &fx->exit);
}
