/*
 * ui/format.c - one small function per kind of line.
 *
 * Colour is put around pieces that are whole already, so a line without colour
 * is the same line.
 *
 * Layer:  ui (loud).
 * Thread: any; a format is never shared.
 */
#include "ui/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/assert.h"
#include "ui/harmless.h"
#include "wire/rekey.h"

#define DIM "2"
#define OWN "1" /* bold */
#define RED "31"
#define GREEN "32"
#define CYAN "36"

/* Legible on black and on white, and easy to tell apart. */
static const char *const name_colours[] = {"31", "32", "33", "34", "35", "36",
                                           "91", "92", "94", "95", "96"};

bool moot_format_colour_wanted(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    return !(no_color && *no_color) && term && *term &&
           strcmp(term, "dumb") != 0;
}

static void begin(const struct moot_format *f, const char *colour,
                  struct moot_buf *out)
{
    if (f->colour)
        moot_buf_printf(out, "\x1b[%sm", colour);
}

static void end(const struct moot_format *f, struct moot_buf *out)
{
    if (f->colour)
        moot_buf_append(out, "\x1b[0m", 4);
}

static void put(const struct moot_format *f, const char *colour,
                const char *text, struct moot_buf *out)
{
    begin(f, colour, out);
    moot_buf_printf(out, "%s", text);
    end(f, out);
}

/* --- time --- */

/* A wall clock may say anything; the year 1970 stands for the impossible. */
static struct tm local_time(moot_wall_ms wall)
{
    time_t seconds = (time_t)(wall / 1000);
    struct tm tm;

    if (wall < 0 || !localtime_r(&seconds, &tm) || tm.tm_year > 9999 - 1900)
        memset(&tm, 0, sizeof tm);
    return tm;
}

static int day_of(const struct tm *tm)
{
    return tm->tm_year * 366 + tm->tm_yday;
}

static void put_date(const struct tm *tm, struct moot_buf *out)
{
    char text[32];

    moot_buf_append(out, text, strftime(text, sizeof text, "%Y-%m-%d", tm));
}

/* "14:02 ", with the date in front where it is not today's. */
static void put_time(const struct moot_format *f, moot_wall_ms wall,
                     moot_wall_ms now, struct moot_buf *out)
{
    struct tm tm = local_time(wall);
    struct tm today = local_time(now);

    begin(f, DIM, out);
    if (day_of(&tm) != day_of(&today)) {
        put_date(&tm, out);
        moot_buf_append(out, " ", 1);
    }
    moot_buf_printf(out, "%02d:%02d", tm.tm_hour, tm.tm_min);
    end(f, out);
    moot_buf_append(out, " ", 1);
}

/* Midnight goes by unseen otherwise. */
static void put_new_day(struct moot_format *f, moot_wall_ms now,
                        struct moot_buf *out)
{
    struct tm today = local_time(now);
    int day = day_of(&today);

    if (f->dated && f->day != day) {
        put_time(f, now, now, out);
        put(f, DIM, "--", out);
        moot_buf_printf(out, " the day is now ");
        put_date(&today, out);
        moot_buf_append(out, "\n", 1);
    }
    f->dated = true;
    f->day = day;
}

/* --- what is said --- */

/* By the key, not by the name: an impostor looks different. */
static const char *colour_of(const struct moot_show *s)
{
    size_t count = sizeof name_colours / sizeof name_colours[0];

    if (s->own)
        return OWN;
    return name_colours[(s->id.b[0] << 8 | s->id.b[1]) % count];
}

static void put_name(const struct moot_format *f, const struct moot_show *s,
                     struct moot_buf *out)
{
    begin(f, colour_of(s), out);
    moot_harmless_name(moot_bytes_text(s->name), out);
    end(f, out);
}

static void put_bytes(struct moot_bytes bytes, struct moot_buf *out)
{
    moot_buf_append(out, bytes.data, bytes.len);
}

/* Never a secret, nor whom it is for: that there is one, and for how many. */
static void put_rekey(struct moot_bytes text, struct moot_buf *out)
{
    struct moot_rekey r;

    if (!moot_rekey_decode(text, &r)) {
        moot_buf_printf(out, " changed the secret in a way not known here");
        return;
    }
    moot_buf_printf(out,
                    r.more ? " gave the group's secret to %u more"
                           : " changed the group's secret: %u can come in",
                    r.box_count);
    if (r.out_count > 0)
        moot_buf_printf(out, ", %u left out", r.out_count);
}

/* name: coloured and harmless already. */
static void put_line(const struct moot_format *f, struct moot_bytes name,
                     const struct moot_line *line, struct moot_buf *out)
{
    switch (line->kind) {
    case MOOT_LINE_TEXT:
        moot_buf_append(out, "<", 1);
        put_bytes(name, out);
        moot_buf_append(out, "> ", 2);
        moot_harmless(line->text, out);
        break;
    case MOOT_LINE_ACTION:
        moot_buf_append(out, " * ", 3);
        put_bytes(name, out);
        moot_buf_append(out, " ", 1);
        moot_harmless(line->text, out);
        break;
    case MOOT_LINE_NICK:
        put(f, DIM, "--", out);
        moot_buf_append(out, " ", 1);
        put_bytes(name, out);
        moot_buf_printf(out, " is now known as ");
        moot_harmless_name(line->text, out);
        break;
    case MOOT_LINE_TOPIC:
        put(f, DIM, "--", out);
        moot_buf_append(out, " ", 1);
        put_bytes(name, out);
        moot_buf_printf(out, " set the topic: ");
        moot_harmless(line->text, out);
        break;
    case MOOT_LINE_REKEY:
        put(f, DIM, "--", out);
        moot_buf_append(out, " ", 1);
        put_bytes(name, out);
        put_rekey(line->text, out);
        break;
    }
    moot_buf_append(out, "\n", 1);
}

static void put_marks(const struct moot_format *f, const struct moot_show *s,
                      struct moot_buf *out)
{
    if (s->earlier)
        put(f, DIM, "earlier ", out);
    if (s->late)
        put(f, DIM, "late ", out);
}

/* What stands in front of the lines is made once for all of them. */
static void put_lines(const struct moot_format *f, const struct moot_show *s,
                      const struct moot_body *body, moot_wall_ms now,
                      struct moot_buf *out)
{
    struct moot_buf front = {0};
    struct moot_buf name = {0};

    put_marks(f, s, &front);
    put_time(f, s->entry->wall, now, &front);
    put_name(f, s, &name);
    for (unsigned i = 0; i < body->line_count; i++) {
        put_bytes(moot_buf_view(&front), out);
        put_line(f, moot_buf_view(&name), &body->lines[i], out);
    }
    moot_buf_fini(&front);
    moot_buf_fini(&name);
}

static void put_entry(const struct moot_format *f, const struct moot_show *s,
                      moot_wall_ms now, struct moot_buf *out)
{
    struct moot_body body;

    if (moot_entry_body(s->entry, &body)) {
        put_lines(f, s, &body, now, out);
        return;
    }
    put_marks(f, s, out);
    put_time(f, s->entry->wall, now, out);
    put(f, DIM, "--", out);
    moot_buf_printf(out, " what ");
    put_name(f, s, out);
    moot_buf_printf(out, " said here is no longer kept\n");
}

/* --- who comes and goes --- */

/* "14:02 --> bob joined": the arrow, the name, what happened. */
static void put_event(const struct moot_format *f, const struct moot_show *s,
                      const char *colour, const char *arrow, const char *what,
                      struct moot_buf *out)
{
    put(f, colour, arrow, out);
    moot_buf_append(out, " ", 1);
    put_name(f, s, out);
    moot_buf_printf(out, " %s", what);
}

static void put_reason(const struct moot_show *s, struct moot_buf *out)
{
    if (*s->text == '\0')
        return;
    moot_buf_printf(out, ": ");
    moot_harmless(moot_bytes_text(s->text), out);
}

static void put_text(const struct moot_format *f, const struct moot_show *s,
                     const char *colour, const char *mark, struct moot_buf *out)
{
    put(f, colour, mark, out);
    moot_buf_append(out, " ", 1);
    moot_harmless(moot_bytes_text(s->text), out);
}

static void put_happening(const struct moot_format *f,
                          const struct moot_show *s, struct moot_buf *out)
{
    switch (s->kind) {
    case MOOT_SHOW_MEMBER_JOINED:
        put_event(f, s, GREEN, "-->", "joined", out);
        moot_buf_printf(out, " (%u here)", s->count);
        break;
    case MOOT_SHOW_MEMBER_LEFT:
        put_event(f, s, CYAN, "<--", "left", out);
        put_reason(s, out);
        break;
    case MOOT_SHOW_MEMBER_LOST:
        put_event(f, s, RED, "x--", "lost", out);
        put_reason(s, out);
        break;
    case MOOT_SHOW_MEMBER_BACK:
        put_event(f, s, GREEN, "-->", "is back", out);
        put_reason(s, out);
        break;
    case MOOT_SHOW_INDIRECT:
        put_event(f, s, DIM, "--", "is reached only through others", out);
        put_reason(s, out);
        break;
    case MOOT_SHOW_PROGRESS:
    case MOOT_SHOW_ANSWER:
    case MOOT_SHOW_NOTICE:
        put_text(f, s, DIM, "--", out);
        break;
    case MOOT_SHOW_READY:
        put(f, GREEN, "--", out);
        moot_buf_printf(out, " you are in ");
        moot_harmless_name(moot_bytes_text(s->text), out);
        moot_buf_printf(out, " (%u here)", s->count);
        break;
    case MOOT_SHOW_ERROR:
        put_text(f, s, RED, "=!=", out);
        break;
    case MOOT_SHOW_ENTRY:
    case MOOT_SHOW_SENT:
        moot_assert(!"is not a happening");
    }
    moot_buf_append(out, "\n", 1);
}

void moot_format_show(struct moot_format *f, const struct moot_show *s,
                      moot_wall_ms now, struct moot_buf *out)
{
    if (s->kind == MOOT_SHOW_SENT)
        return;
    put_new_day(f, now, out);
    if (s->kind == MOOT_SHOW_ENTRY) {
        put_entry(f, s, now, out);
        return;
    }
    put_time(f, s->wall > 0 ? s->wall : now, now, out);
    put_happening(f, s, out);
}

void moot_format_unstored(const struct moot_format *f, struct moot_bytes lines,
                          struct moot_buf *out)
{
    while (lines.len > 0) {
        const uint8_t *feed = memchr(lines.data, '\n', lines.len);
        size_t len = feed ? (size_t)(feed - lines.data) + 1 : lines.len;

        put(f, DIM, "\u00b7 ", out);
        moot_buf_append(out, lines.data, len);
        lines = moot_bytes_of(lines.data + len, lines.len - len);
    }
}

void moot_format_notice(const struct moot_format *f, bool error,
                        const char *text, moot_wall_ms now,
                        struct moot_buf *out)
{
    put_time(f, now, now, out);
    put(f, error ? RED : DIM, error ? "=!=" : "--", out);
    moot_buf_printf(out, " %s\n", text);
}

static bool leads_away(const struct moot_invite *invite)
{
    for (unsigned i = 0; i < invite->door_count; i++)
        if (!moot_addr_loopback(&invite->doors[i]))
            return true;
    return false;
}

void moot_format_invite(const struct moot_invite *invite, struct moot_buf *out)
{
    char text[MOOT_INVITE_TEXT_MAX];

    moot_invite_encode(invite, text);
    moot_buf_printf(out, "Whoever has this line can join%s:\n%s\n",
                    invite->closed ? ", so pass it on like a password" : "",
                    text);
    if (!leads_away(invite))
        moot_buf_printf(out, "It leads to this machine only.\n");
}
