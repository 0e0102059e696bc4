/*
 * ui/table.c - the tables of /who and /seen (declared in ui/format.h).
 *
 * Layer:  ui (loud).
 * Thread: any; a format is never shared.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ui/format.h"
#include "ui/grid_internal.h"
#include "ui/harmless.h"

/* --- /who --- */

static const char *link_of(const struct moot_who_line *l)
{
    if (l->self)
        return "you";
    if (!l->linked)
        return "through others";
    if (l->lagging)
        return "linked, slow";
    return l->standing == MOOT_JOINED ? "linked" : "linked, joining";
}

static void put_rtt(const struct moot_who_line *l, struct moot_buf *out)
{
    if (l->self || l->rtt < 0)
        return;
    if (l->rtt == 0)
        moot_buf_printf(out, "< 1 ms");
    else
        moot_buf_printf(out, "%lld ms", (long long)l->rtt);
}

static void add_member(struct moot_grid *g, const struct moot_who_line *l)
{
    char text[MOOT_ADDR_TEXT_MAX];

    moot_harmless_name(moot_bytes_text(l->name), moot_grid_cell(g));
    moot_grid_end(g);
    if (l->addr.port != 0) {
        moot_addr_format(&l->addr, text);
        moot_harmless(moot_bytes_text(text), moot_grid_cell(g));
    }
    moot_grid_end(g);
    moot_id_fingerprint(&l->id, text);
    moot_grid_put(g, text);
    moot_buf_printf(moot_grid_cell(g), "%s%s", link_of(l),
                    l->mode == MOOT_BOOTSTRAP ? ", bootstrap" : "");
    moot_grid_end(g);
    put_rtt(l, moot_grid_cell(g));
    moot_grid_end(g);
}

void moot_format_who(const struct moot_format *f,
                     const struct moot_who_line *lines, unsigned count,
                     struct moot_buf *out)
{
    static const char *const heads[] = {"name", "address", "key", "link",
                                        "round trip"};
    struct moot_grid g = {.columns = 5};

    for (unsigned i = 0; i < g.columns; i++)
        moot_grid_put(&g, heads[i]);
    for (unsigned i = 0; i < count; i++)
        add_member(&g, &lines[i]);
    moot_buf_printf(out, "-- %u here:\n", count);
    moot_grid_finish(&g, f->colour, out);
}

/* --- /seen --- */

static void put_holders(const struct moot_seen_line *l, struct moot_buf *out)
{
    if (l->over)
        moot_buf_printf(out, "not known any more");
    else if (l->live == 0)
        moot_buf_printf(out, "nobody else is here");
    else
        moot_buf_printf(out, "%u/%u", l->holders, l->live);
    if (!l->durable)
        moot_buf_printf(out, ", not stored yet");
}

static void put_lacking(const struct moot_seen_line *l, struct moot_buf *out)
{
    unsigned lacking = l->live > l->holders ? l->live - l->holders : 0;

    for (unsigned i = 0; i < l->name_count; i++) {
        moot_buf_printf(out, "%s", i > 0 ? ", " : "");
        moot_harmless_name(moot_bytes_text(l->names[i]), out);
    }
    if (lacking > l->name_count)
        moot_buf_printf(out, "%s%u %s", l->name_count > 0 ? " and " : "",
                        lacking - l->name_count,
                        l->name_count > 0 ? "more" : "members");
}

static void put_clock(moot_wall_ms wall, struct moot_buf *out)
{
    time_t seconds = (time_t)(wall / 1000);
    struct tm tm;

    if (wall < 0 || !localtime_r(&seconds, &tm))
        memset(&tm, 0, sizeof tm);
    moot_buf_printf(out, "%02d:%02d", tm.tm_hour, tm.tm_min);
}

static void add_said(struct moot_grid *g, const struct moot_seen_line *l)
{
    put_clock(l->wall, moot_grid_cell(g));
    moot_grid_end(g);
    put_holders(l, moot_grid_cell(g));
    moot_grid_end(g);
    put_lacking(l, moot_grid_cell(g));
    moot_grid_end(g);
    moot_harmless(moot_bytes_text(l->text), moot_grid_cell(g));
    moot_buf_printf(moot_grid_cell(g), "%s", l->cut ? "..." : "");
    if (l->line_count > 1)
        moot_buf_printf(moot_grid_cell(g), " (and %u more)", l->line_count - 1);
    moot_grid_end(g);
}

void moot_format_seen(const struct moot_format *f,
                      const struct moot_seen_line *lines, unsigned count,
                      struct moot_buf *out)
{
    static const char *const heads[] = {"time", "held by", "lacked by",
                                        "you said"};
    struct moot_grid g = {.columns = 4};

    if (count == 0) {
        moot_buf_printf(out, "-- you have said nothing since you came\n");
        return;
    }
    for (unsigned i = 0; i < g.columns; i++)
        moot_grid_put(&g, heads[i]);
    for (unsigned i = 0; i < count; i++)
        add_said(&g, &lines[i]);
    moot_buf_printf(out, "-- who else has what you said last:\n");
    moot_grid_finish(&g, f->colour, out);
}
