/*
 * ui/table.c - the table of /who (declared in ui/format.h).
 *
 * Columns are as wide as what stands in them, counted in cells of the screen.
 *
 * Layer:  ui (loud).
 * Thread: any; a format is never shared.
 */
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "ui/format.h"
#include "ui/harmless.h"

enum column {
    COLUMN_NAME,
    COLUMN_ADDR,
    COLUMN_KEY,
    COLUMN_LINK,
    COLUMN_RTT,
    COLUMNS
};

static const char *const heads[COLUMNS] = {"name", "address", "key", "link",
                                           "round trip"};

static unsigned width_of(const char *text)
{
    struct moot_bytes rest = moot_bytes_text(text);
    unsigned width = 0;

    while (rest.len > 0) {
        utf8proc_int32_t point;
        utf8proc_ssize_t len =
            utf8proc_iterate(rest.data, (utf8proc_ssize_t)rest.len, &point);

        if (len <= 0)
            break;
        width += (unsigned)utf8proc_charwidth(point);
        rest = moot_bytes_of(rest.data + len, rest.len - (size_t)len);
    }
    return width;
}

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

/* The cell as text; borrowed until b changes. */
static const char *cell(const struct moot_who_line *l, enum column c,
                        struct moot_buf *b)
{
    char text[MOOT_ADDR_TEXT_MAX];

    moot_buf_clear(b);
    switch (c) {
    case COLUMN_NAME:
        moot_harmless_name(moot_bytes_text(l->name), b);
        break;
    case COLUMN_ADDR:
        if (l->addr.port != 0) {
            moot_addr_format(&l->addr, text);
            moot_harmless(moot_bytes_text(text), b);
        }
        break;
    case COLUMN_KEY:
        moot_id_fingerprint(&l->id, text);
        moot_buf_printf(b, "%s", text);
        break;
    case COLUMN_LINK:
        moot_buf_printf(b, "%s%s", link_of(l),
                        l->mode == MOOT_BOOTSTRAP ? ", bootstrap" : "");
        break;
    case COLUMN_RTT:
        put_rtt(l, b);
        break;
    case COLUMNS:
        break;
    }
    return moot_buf_text(b);
}

static void put_padded(const char *text, unsigned width, struct moot_buf *out)
{
    unsigned own = width_of(text);

    moot_buf_printf(out, "%s%*s", text, (int)(width > own ? width - own : 0),
                    "");
}

static void put_row(const struct moot_who_line *l, const unsigned *width,
                    struct moot_buf *out)
{
    struct moot_buf b = {0};

    moot_buf_printf(out, "  ");
    for (int c = 0; c < COLUMNS; c++) {
        const char *text = l ? cell(l, (enum column)c, &b) : heads[c];

        if (c > 0)
            moot_buf_printf(out, "  ");
        if (c == COLUMNS - 1)
            moot_buf_printf(out, "%s", text);
        else
            put_padded(text, width[c], out);
    }
    while (out->len > 0 && out->data[out->start + out->len - 1] == ' ')
        out->len--;
    moot_buf_printf(out, "\n");
    moot_buf_fini(&b);
}

void moot_format_who(const struct moot_format *f,
                     const struct moot_who_line *lines, unsigned count,
                     struct moot_buf *out)
{
    unsigned width[COLUMNS];
    struct moot_buf b = {0};

    for (int c = 0; c < COLUMNS; c++) {
        width[c] = width_of(heads[c]);
        for (unsigned i = 0; i < count; i++) {
            unsigned w = width_of(cell(&lines[i], (enum column)c, &b));

            if (w > width[c])
                width[c] = w;
        }
    }
    moot_buf_fini(&b);

    moot_buf_printf(out, "-- %u here:\n", count);
    if (f->colour)
        moot_buf_printf(out, "\x1b[2m");
    put_row(NULL, width, out);
    if (f->colour)
        moot_buf_printf(out, "\x1b[0m");
    for (unsigned i = 0; i < count; i++)
        put_row(&lines[i], width, out);
}
