/*
 * ui/held.h - own lines that wait a moment to be stored before they are shown,
 * and what must not come before them.
 *
 * What an inline terminal has shown cannot be changed any more.  So an own line
 * is held back until it is stored, MOOT_UI_UNSTORED_MS at most; after that it
 * is shown with a mark, and one dim line says when the marked ones are stored.
 * What others say without having seen it does not wait for it; an answer does,
 * unless there are many, and then the own line is shown with a mark in front.
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

/* An own entry. */
void moot_held_add_own(struct moot_held *h, struct moot_bytes lines,
                       uint64_t seq);

/* An entry of another, who may have seen our own entries up to `after`. */
void moot_held_add_other(struct moot_held *h, struct moot_bytes lines,
                         uint64_t after);

/* Something else: behind all that was added, and before all that will be. */
void moot_held_add(struct moot_held *h, enum moot_channel channel,
                   struct moot_bytes lines);

/* Own entries up to seq are stored. */
void moot_held_stored(struct moot_held *h, uint64_t seq);

#endif
