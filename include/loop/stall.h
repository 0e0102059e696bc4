/*
 * loop/stall.h - how long the loop's turns last, at worst.
 *
 * The longest since the start, and the longest of the last minute, in tenths
 * of it.  It reads no clock.
 *
 * Layer:  loop (loud).
 * Thread: the caller's.
 */
#ifndef MOOT_LOOP_STALL_H
#define MOOT_LOOP_STALL_H

#include <stdint.h>

#define MOOT_STALL_PARTS 10
#define MOOT_STALL_PART_US 6000000

/* A zeroed struct has seen no turn. */
struct moot_stall {
    int64_t longest;                 /* us */
    int64_t parts[MOOT_STALL_PARTS]; /* us; the longest of each part */
    int64_t part;                    /* the newest: now / MOOT_STALL_PART_US */
};

/* A turn of took us ended at now us. */
void moot_stall_note(struct moot_stall *s, int64_t took, int64_t now);

/* The longest turn that ended in the last minute, or a little before. */
int64_t moot_stall_minute(struct moot_stall *s, int64_t now);

#endif
