/*
 * ui/held.h - own lines that wait a moment to be stored before they are shown,
 * and whatever comes behind them.
 *
 * What an inline terminal has shown cannot be changed any more.  So an own line
 * is held back until it is stored, 100 ms at most; after that it is shown with
 * a mark, and one dim line says when the marked ones are stored.  The order of
 * lines never changes.
 *
 * Layer:  ui (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_UI_HELD_H
#define MOOT_UI_HELD_H

#include <ev.h>
#include <stdint.h>

#include "ui/face.h"
#include "ui/format.h"

struct moot_held;

/* face and format: borrowed for the lifetime. */
struct moot_held *moot_held_open(struct ev_loop *loop, struct moot_face *face,
                                 const struct moot_format *format);

/* Shows what is left.  NULL does nothing. */
void moot_held_close(struct moot_held *h);

/* Lines to be shown; own_seq: of the own entry they are, 0: of none. */
void moot_held_add(struct moot_held *h, enum moot_channel channel,
                   struct moot_bytes lines, uint64_t own_seq);

/* Own entries up to seq are stored. */
void moot_held_stored(struct moot_held *h, uint64_t seq);

#endif
