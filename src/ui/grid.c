/*
 * ui/grid.c - cells stand behind each other, each ended by a zero byte.
 *
 * Layer:  ui (loud).
 * Thread: any.
 */
#include <string.h>
#include <utf8proc.h>

#include "base/assert.h"
#include "ui/grid_internal.h"

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

struct moot_buf *moot_grid_cell(struct moot_grid *g)
{
    return &g->text;
}

void moot_grid_end(struct moot_grid *g)
{
    moot_buf_append(&g->text, "", 1);
    g->count++;
}

void moot_grid_put(struct moot_grid *g, const char *cell)
{
    moot_buf_printf(&g->text, "%s", cell);
    moot_grid_end(g);
}

static void measure(const struct moot_grid *g, unsigned *width)
{
    const char *cell = (const char *)moot_buf_view(&g->text).data;

    for (unsigned i = 0; i < g->count; i++, cell += strlen(cell) + 1) {
        unsigned w = width_of(cell);

        if (w > width[i % g->columns])
            width[i % g->columns] = w;
    }
}

/* Nothing is put behind the last cell that is not empty. */
static void end_row(struct moot_buf *out)
{
    while (out->len > 0 && out->data[out->start + out->len - 1] == ' ')
        out->len--;
    moot_buf_append(out, "\n", 1);
}

void moot_grid_finish(struct moot_grid *g, bool colour, struct moot_buf *out)
{
    unsigned width[MOOT_GRID_COLUMNS_MAX] = {0};
    const char *cell = (const char *)moot_buf_view(&g->text).data;

    moot_assert(g->columns > 0 && g->columns <= MOOT_GRID_COLUMNS_MAX);
    moot_assert(g->count % g->columns == 0);
    measure(g, width);
    if (colour)
        moot_buf_printf(out, "\x1b[2m");
    for (unsigned i = 0; i < g->count; i++, cell += strlen(cell) + 1) {
        unsigned column = i % g->columns;
        unsigned room = width[column] - width_of(cell);

        moot_buf_printf(out, "  %s", cell);
        if (column < g->columns - 1)
            moot_buf_printf(out, "%*s", (int)room, "");
        else
            end_row(out);
        if (colour && i == g->columns - 1)
            moot_buf_printf(out, "\x1b[0m");
    }
    moot_buf_fini(&g->text);
    g->count = 0;
}
