/*
 * tests/sim/view.c - what a peer's screen shows, as text, and other questions
 * about a peer.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <string.h>

#include "sim_internal.h"

/* --- recording --- */

static void show_line(struct sim_peer *p, const struct moot_show *show,
                      const struct moot_line *line)
{
    const char *mark = show->late      ? "(late) "
                       : show->earlier ? "(earlier) "
                                       : "";
    const char *form = line->kind == MOOT_LINE_ACTION ? "* " : "";

    if (line->kind == MOOT_LINE_NICK)
        form = "is now ";
    else if (line->kind == MOOT_LINE_TOPIC)
        form = "topic ";
    moot_buf_printf(&p->lines, "%s: %s%s%.*s|", show->name, mark, form,
                    (int)line->text.len, (const char *)line->text.data);
    moot_buf_printf(&p->screen, "[%5lld] %s: %s%s%.*s\n",
                    (long long)p->sim->now, show->name, mark, form,
                    (int)line->text.len, (const char *)line->text.data);
}

static void show_entry(struct sim_peer *p, const struct moot_show *show)
{
    struct moot_body body;

    if (!moot_entry_body(show->entry, &body))
        return;
    for (unsigned i = 0; i < body.line_count; i++)
        show_line(p, show, &body.lines[i]);
}

static const char *kind_name(enum moot_show_kind kind)
{
    static const char *const names[] = {
        [MOOT_SHOW_ENTRY] = "entry",          [MOOT_SHOW_SENT] = "sent",
        [MOOT_SHOW_MEMBER_JOINED] = "joined", [MOOT_SHOW_MEMBER_LEFT] = "left",
        [MOOT_SHOW_MEMBER_LOST] = "lost",     [MOOT_SHOW_MEMBER_BACK] = "back",
        [MOOT_SHOW_INDIRECT] = "indirect",    [MOOT_SHOW_PROGRESS] = "progress",
        [MOOT_SHOW_READY] = "ready",          [MOOT_SHOW_NOTICE] = "notice",
        [MOOT_SHOW_ANSWER] = "answer",        [MOOT_SHOW_ERROR] = "error"};

    return names[kind];
}

static void show_other(struct sim_peer *p, const struct moot_show *show)
{
    const char *name = show->name == NULL ? "" : show->name;
    const char *text = show->text == NULL ? "" : show->text;

    moot_buf_printf(&p->screen, "[%5lld] -- %s", (long long)p->sim->now,
                    kind_name(show->kind));
    if (show->kind == MOOT_SHOW_SENT)
        moot_buf_printf(&p->screen, " #%llu", (unsigned long long)show->seq);
    if (name[0] != '\0')
        moot_buf_printf(&p->screen, " %s", name);
    if (show->count != 0)
        moot_buf_printf(&p->screen, " (%u)", show->count);
    if (text[0] != '\0')
        moot_buf_printf(&p->screen, ": %s", text);
    moot_buf_printf(&p->screen, "\n");
}

void sim_view_show(struct sim_peer *p, const struct moot_show *show)
{
    struct sim *s = p->sim;
    size_t from = p->screen.len;

    if (!s->narrating)
        return;
    if (show->kind == MOOT_SHOW_ENTRY)
        show_entry(p, show);
    else
        show_other(p, show);
    if (!s->to_stdout)
        return;

    size_t len = p->screen.len - from - 9;

    sim_tell(s, p->label, "= %.*s", (int)(len < 70 ? len : 70),
             moot_buf_text(&p->screen) + from + 8);
    moot_buf_clear(&p->screen);
}

/* --- questions --- */

const char *sim_lines(struct sim *s, unsigned peer)
{
    return moot_buf_text(&s->peers[peer]->lines);
}

const char *sim_screen(struct sim *s, unsigned peer)
{
    return moot_buf_text(&s->peers[peer]->screen);
}

unsigned sim_peer_count(const struct sim *s)
{
    return s->peer_count;
}

enum sim_state sim_state(const struct sim *s, unsigned peer)
{
    return s->peers[peer]->state;
}

unsigned sim_host(const struct sim *s, unsigned peer)
{
    return s->peers[peer]->host;
}

const char *sim_name(const struct sim *s, unsigned peer)
{
    return s->peers[peer]->name;
}

bool sim_may_speak(const struct sim *s, unsigned peer)
{
    const struct sim_peer *p = s->peers[peer];

    return p->may_speak && p->state == SIM_RUNNING && !p->exiting;
}

bool sim_doomed(const struct sim *s, unsigned peer)
{
    return s->peers[peer]->dying;
}

bool sim_joined(const struct sim *s, unsigned peer)
{
    const struct sim_peer *p = s->peers[peer];

    return p->node != NULL && moot_node_joined(p->node);
}

int sim_exit_code(const struct sim *s, unsigned peer)
{
    return s->peers[peer]->exit_code;
}

const char *sim_exit_text(const struct sim *s, unsigned peer)
{
    const char *text = s->peers[peer]->exit_text;

    return text == NULL ? "" : text;
}

bool sim_drained(const struct sim *s, unsigned peer)
{
    return s->peers[peer]->drained;
}

const struct moot_node *sim_node(const struct sim *s, unsigned peer)
{
    return s->peers[peer]->node;
}
