/*
 * ui/nearest.h - "did you mean ...?"
 *
 * Judges spelling only.
 *
 * Layer:  ui (loud).
 * Thread: any.
 */
#ifndef MOOT_UI_NEAREST_H
#define MOOT_UI_NEAREST_H

#include "base/bytes.h"

#define MOOT_NEAREST_LEN_MAX 32 /* longer words have no neighbours */

/*
 * How many letters were added, left out, changed or swapped with the next one
 * (restricted Damerau-Levenshtein); upper and lower case are one.  Words above
 * MOOT_NEAREST_LEN_MAX are further away than any bound.
 */
unsigned moot_spelling_distance(struct moot_bytes a, struct moot_bytes b);

/* Is b near enough to a to be what was meant? */
bool moot_spelling_near(struct moot_bytes a, struct moot_bytes b);

#endif
