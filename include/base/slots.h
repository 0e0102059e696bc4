/*
 * base/slots.h - growing arrays: making and closing a slot at an index.
 *
 * Layer:  base (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_BASE_SLOTS_H
#define MOOT_BASE_SLOTS_H

#include <stddef.h>

/*
 * Makes room for one item of size bytes at index at (0..*count) and counts it.
 * Returns the array, perhaps moved; the new slot is zeroed.
 */
void *moot_slot_open(void *array, size_t size, unsigned *count, unsigned *max,
                     unsigned at);

/* Takes the item at index at out of the array. */
void moot_slot_close(void *array, size_t size, unsigned *count, unsigned at);

#endif
