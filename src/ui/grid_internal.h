/*
 * ui/grid_internal.h - columns that line up, for the tables of ui/table.c.
 *
 * Layer:  ui (loud).
 * Thread: any.
 */
#ifndef MOOT_UI_GRID_INTERNAL_H
#define MOOT_UI_GRID_INTERNAL_H

#include "base/bytes.h"

#define MOOT_GRID_COLUMNS_MAX 8

/*
 * Cells of harmless text, row after row; the first row holds the heads.  A
 * zeroed struct with .columns set is empty.
 */
struct moot_grid {
    unsigned columns; /* MOOT_GRID_COLUMNS_MAX at most */
    unsigned count;   /* cells so far */
    struct moot_buf text;
};

/* Where the next cell is written; moot_grid_end ends it. */
struct moot_buf *moot_grid_cell(struct moot_grid *g);
void moot_grid_end(struct moot_grid *g);

void moot_grid_put(struct moot_grid *g, const char *cell);

/* Appends the rows, two columns in and each as wide as its widest cell on the
 * screen; the heads dim with .colour.  Frees what the grid holds. */
void moot_grid_finish(struct moot_grid *g, bool colour, struct moot_buf *out);

#endif
