/*
 * ui/ui.c - lines up, lines down.
 *
 * A pasted text is checked as a whole before any of it is said; when the node
 * takes only a part of it now, the rest waits here and nothing else is taken
 * before it.
 *
 * Layer:  ui (loud).
 * Thread: the loop's.
 */
#include "ui/ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "loop/clock.h"
#include "ui/command.h"
#include "ui/format.h"
#include "ui/held.h"
#include "ui/plain.h"
#include "ui/terminal.h"

struct moot_ui {
    struct moot_ui_config config;
    struct moot_face_owner owner;
    struct moot_face *face;
    struct moot_format format;
    struct moot_held *held;
    struct moot_buf scratch;
    struct moot_buf unsaid; /* lines of a paste, each ended by a line feed */
    moot_ms touched;
    bool more; /* the next line is there already */
    bool interrupted, refused, left;
};

static void print(struct moot_ui *ui, enum moot_channel channel)
{
    if (ui->scratch.len > 0)
        ui->face->ops->print(ui->face, channel, moot_buf_view(&ui->scratch));
    moot_buf_clear(&ui->scratch);
}

void moot_ui_notice(struct moot_ui *ui, bool error, const char *text)
{
    moot_format_notice(&ui->format, error, text, moot_clock_wall(),
                       &ui->scratch);
    print(ui, MOOT_CHANNEL_NOTE);
}

/* --- what is typed --- */

/* Why nothing can be said now, in a phrase; NULL: it can. */
static const char *closed_because(const struct moot_ui *ui)
{
    const char *why;

    if (!moot_node_may_speak(ui->config.node, &why))
        return why;
    if (!moot_node_can_say(ui->config.node) || ui->unsaid.len > 0)
        return "waiting";
    return NULL;
}

static void deliver(struct moot_ui *ui, const struct moot_event *ev)
{
    moot_sink_deliver(ui->config.sink, ev);
}

static void say(struct moot_ui *ui, enum moot_line_kind kind,
                struct moot_bytes text)
{
    struct moot_event ev = {
        .kind = MOOT_EV_SAY,
        .say = {.kind = kind, .text = text, .more = ui->more}};

    deliver(ui, &ev);
}

static void leave(struct moot_ui *ui, struct moot_bytes reason)
{
    struct moot_event ev = {.kind = MOOT_EV_LEAVE, .reason = reason};

    ui->left = true;
    deliver(ui, &ev);
}

static void show_who(struct moot_ui *ui)
{
    struct moot_who_line *lines = moot_alloc(MOOT_MEMBERS_MAX * sizeof *lines);
    unsigned count = moot_node_who(ui->config.node, moot_clock_ms(), lines,
                                   MOOT_MEMBERS_MAX);

    if (count > MOOT_MEMBERS_MAX)
        count = MOOT_MEMBERS_MAX;
    moot_format_who(&ui->format, lines, count, &ui->scratch);
    print(ui, MOOT_CHANNEL_CHAT);
    free(lines);
}

static void show_seen(struct moot_ui *ui, unsigned count)
{
    struct moot_seen_line *lines = moot_alloc(MOOT_SEEN_MAX * sizeof *lines);

    count = moot_node_seen(ui->config.node, lines, count);
    moot_format_seen(&ui->format, lines, count, &ui->scratch);
    print(ui, MOOT_CHANNEL_CHAT);
    free(lines);
}

/* The node asks all links, and shows what they answer. */
static void compare(struct moot_ui *ui)
{
    struct moot_event ev = {.kind = MOOT_EV_COMPARE};

    deliver(ui, &ev);
}

static void rekey(struct moot_ui *ui, struct moot_bytes without)
{
    struct moot_event ev = {.kind = MOOT_EV_REKEY, .without = without};

    deliver(ui, &ev);
}

static void show_invite(struct moot_ui *ui)
{
    struct moot_invite invite;
    bool now;

    if (!moot_node_joined(ui->config.node)) {
        moot_ui_notice(ui, true, "you are not in the group yet");
    } else if (!moot_node_invite(ui->config.node, &invite, &now)) {
        moot_ui_notice(ui, true,
                       "nobody here has a bootstrap socket, so nobody can be "
                       "invited: start a peer with --mode bootstrap");
    } else {
        if (!now)
            moot_ui_notice(ui, true,
                           "nobody with a bootstrap socket is here now; this "
                           "leads to where one was");
        moot_format_invite(&invite, &ui->scratch);
        print(ui, MOOT_CHANNEL_CHAT);
        moot_invite_fini(&invite);
    }
}

static void show_help(struct moot_ui *ui, struct moot_bytes about)
{
    if (moot_command_help(about, &ui->scratch))
        print(ui, MOOT_CHANNEL_CHAT);
    else
        moot_ui_notice(ui, true, "there is no such command; see /help");
}

static bool refuse(struct moot_ui *ui, const char *why)
{
    ui->refused = true;
    moot_ui_notice(ui, true, why);
    return false;
}

/* What is said has to wait for the join, and for what is on its way. */
static bool say_or_keep(struct moot_ui *ui, enum moot_line_kind kind,
                        struct moot_bytes text)
{
    char refusal[256];
    const char *why;

    if (!moot_node_joined(ui->config.node))
        return refuse(ui, "not sent: you are not in the group yet; the line "
                          "is kept, press Enter again when you are");
    if (!moot_node_may_speak(ui->config.node, &why)) {
        snprintf(refusal, sizeof refusal,
                 "not sent: %s; the line is kept, press Enter again when that "
                 "is over",
                 why);
        return refuse(ui, refusal);
    }
    if (closed_because(ui))
        return refuse(ui, "not sent: what you said before is still on its "
                          "way; the line is kept, press Enter again");
    say(ui, kind, text);
    return true;
}

static bool obey(struct moot_ui *ui, const struct moot_command *c)
{
    switch (c->kind) {
    case MOOT_COMMAND_NONE:
        return true;
    case MOOT_COMMAND_SAY:
        return say_or_keep(ui, MOOT_LINE_TEXT, c->text);
    case MOOT_COMMAND_ME:
        return say_or_keep(ui, MOOT_LINE_ACTION, c->text);
    case MOOT_COMMAND_NICK:
        return say_or_keep(ui, MOOT_LINE_NICK, c->text);
    case MOOT_COMMAND_WHO:
        show_who(ui);
        return true;
    case MOOT_COMMAND_SEEN:
        show_seen(ui, c->count);
        return true;
    case MOOT_COMMAND_DIGEST:
        compare(ui);
        return true;
    case MOOT_COMMAND_REKEY:
        rekey(ui, c->text);
        return true;
    case MOOT_COMMAND_INVITE:
        show_invite(ui);
        return true;
    case MOOT_COMMAND_HELP:
        show_help(ui, c->text);
        return true;
    case MOOT_COMMAND_QUIT:
        leave(ui, c->text);
        return true;
    case MOOT_COMMAND_WRONG:
        return refuse(ui, c->error);
    }
    moot_assert(!"every command is obeyed");
    return false;
}

/* The first line of text, without its end; text is moved behind it. */
static struct moot_bytes take_line(struct moot_bytes *text)
{
    const uint8_t *feed = memchr(text->data, '\n', text->len);
    struct moot_bytes line = *text;

    if (feed)
        line.len = (size_t)(feed - text->data);

    size_t skip = line.len + (feed ? 1 : 0);

    *text = moot_bytes_of(text->data + skip, text->len - skip);
    return line;
}

static void say_unsaid(struct moot_ui *ui)
{
    while (ui->unsaid.len > 0 && moot_node_can_say(ui->config.node)) {
        struct moot_bytes rest = moot_buf_view(&ui->unsaid);
        struct moot_bytes line = take_line(&rest);
        char copy[MOOT_LINE_LEN_MAX];
        size_t len = line.len;

        /* Saying it may come back here. */
        moot_assert(len <= sizeof copy);
        memcpy(copy, line.data, len);
        moot_buf_consume(&ui->unsaid, len + 1);
        ui->more = ui->unsaid.len > 0;
        say(ui, MOOT_LINE_TEXT, moot_bytes_of(copy, len));
    }
}

/* A text of several lines: all of it, or nothing and the reason why. */
static bool say_pasted(struct moot_ui *ui, struct moot_bytes text)
{
    struct moot_bytes rest = text;
    char why[sizeof((struct moot_command *)0)->error + 32];

    if (closed_because(ui))
        return refuse(ui, "not sent: nothing can be said right now; the text "
                          "is kept, press Enter again in a moment");
    for (unsigned n = 1; rest.len > 0; n++) {
        struct moot_command c;

        moot_command_literal(take_line(&rest), &c);
        if (c.kind == MOOT_COMMAND_WRONG) {
            snprintf(why, sizeof why, "line %u of the text: %s", n, c.error);
            return refuse(ui, why);
        }
    }
    while (text.len > 0) {
        struct moot_bytes line = take_line(&text);

        if (line.len == 0)
            continue;
        moot_buf_append(&ui->unsaid, line.data, line.len);
        moot_buf_append(&ui->unsaid, "\n", 1);
    }
    say_unsaid(ui);
    return true;
}

static bool on_typed(void *ctx, struct moot_bytes text, bool more)
{
    struct moot_ui *ui = ctx;
    struct moot_command c;

    if (ui->left)
        return true;
    if (text.len > 0 && memchr(text.data, '\n', text.len))
        return say_pasted(ui, text);
    moot_command_parse(text, &c);
    ui->more = more;
    return obey(ui, &c);
}

static void on_ended(void *ctx, enum moot_face_end why)
{
    struct moot_ui *ui = ctx;
    struct moot_event ended = {.kind = MOOT_EV_INPUT_END};

    switch (why) {
    case MOOT_FACE_INTERRUPTED:
        ui->interrupted = true;
        leave(ui, moot_bytes_text(""));
        break;
    case MOOT_FACE_LEFT:
        leave(ui, moot_bytes_text(""));
        break;
    case MOOT_FACE_HUNG_UP:
        leave(ui, moot_bytes_text("the terminal was closed"));
        break;
    case MOOT_FACE_FAILED:
        leave(ui, moot_bytes_text("the output failed"));
        break;
    case MOOT_FACE_INPUT_ENDED:
        deliver(ui, &ended);
        break;
    }
}

static void on_touched(void *ctx)
{
    ((struct moot_ui *)ctx)->touched = moot_clock_ms();
}

void moot_ui_look(struct moot_ui *ui)
{
    say_unsaid(ui);
    ui->face->ops->gate(ui->face, closed_because(ui));
}

/* --- what is shown --- */

static enum moot_channel channel_of(const struct moot_show *s)
{
    switch (s->kind) {
    case MOOT_SHOW_ENTRY:
    case MOOT_SHOW_SENT:
    case MOOT_SHOW_MEMBER_JOINED:
    case MOOT_SHOW_MEMBER_LEFT:
    case MOOT_SHOW_MEMBER_LOST:
    case MOOT_SHOW_MEMBER_BACK:
    case MOOT_SHOW_INDIRECT:
    case MOOT_SHOW_ANSWER:
        return MOOT_CHANNEL_CHAT;
    case MOOT_SHOW_PROGRESS:
    case MOOT_SHOW_READY:
    case MOOT_SHOW_NOTICE:
    case MOOT_SHOW_ERROR:
        return MOOT_CHANNEL_NOTE;
    }
    moot_assert(!"every kind has a channel");
    return MOOT_CHANNEL_NOTE;
}

void moot_ui_show(struct moot_ui *ui, const struct moot_show *s)
{
    if (s->kind == MOOT_SHOW_SENT) {
        moot_held_stored(ui->held, s->seq);
        return;
    }
    moot_format_show(&ui->format, s, moot_clock_wall(), &ui->scratch);
    if (s->kind != MOOT_SHOW_ENTRY)
        moot_held_add(ui->held, channel_of(s), moot_buf_view(&ui->scratch));
    else if (s->own)
        moot_held_add_own(ui->held, moot_buf_view(&ui->scratch), s->seq);
    else
        moot_held_add_other(ui->held, moot_buf_view(&ui->scratch), s->after);
    moot_buf_clear(&ui->scratch);
}

moot_ms moot_ui_touched(const struct moot_ui *ui)
{
    return ui->touched;
}

bool moot_ui_interrupted(const struct moot_ui *ui)
{
    return ui->interrupted;
}

bool moot_ui_refused(const struct moot_ui *ui)
{
    return ui->refused;
}

struct moot_ui *moot_ui_open(const struct moot_ui_config *c)
{
    struct moot_ui *ui = moot_alloc(sizeof *ui);

    ui->config = *c;
    ui->touched = moot_clock_ms();
    ui->format.colour = c->terminal && moot_format_colour_wanted();
    ui->owner = (struct moot_face_owner){on_typed, on_ended, on_touched, ui};
    ui->face = c->terminal
                   ? moot_terminal_open(c->loop, &ui->owner)
                   : moot_plain_open(c->loop, STDIN_FILENO, STDOUT_FILENO,
                                     STDERR_FILENO, &ui->owner);
    ui->held = moot_held_open(c->loop, ui->face, &ui->format);
    ui->face->ops->gate(ui->face, "joining");
    return ui;
}

int moot_ui_close(struct moot_ui *ui)
{
    int error;

    if (!ui)
        return 0;
    moot_held_close(ui->held);
    error = ui->face->ops->close(ui->face);
    moot_buf_fini(&ui->scratch);
    moot_buf_fini(&ui->unsaid);
    free(ui);
    return error;
}
