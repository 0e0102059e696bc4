/*
 * loop/stall.c - the longest turn since the start, and of the last minute.
 *
 * Layer:  loop (loud).
 * Thread: the caller's.
 */
#include "loop/stall.h"

#include <string.h>

/* Forgets the parts that are a minute old. */
static void move_on(struct moot_stall *s, int64_t now)
{
    int64_t part = now / MOOT_STALL_PART_US;

    if (part - s->part >= MOOT_STALL_PARTS) {
        memset(s->parts, 0, sizeof s->parts);
        s->part = part;
    }
    while (s->part < part)
        s->parts[++s->part % MOOT_STALL_PARTS] = 0;
}

void moot_stall_note(struct moot_stall *s, int64_t took, int64_t now)
{
    int64_t *part;

    move_on(s, now);
    part = &s->parts[s->part % MOOT_STALL_PARTS];
    if (took > *part)
        *part = took;
    if (took > s->longest)
        s->longest = took;
}

int64_t moot_stall_minute(struct moot_stall *s, int64_t now)
{
    int64_t longest = 0;

    move_on(s, now);
    for (unsigned i = 0; i < MOOT_STALL_PARTS; i++) {
        if (s->parts[i] > longest)
            longest = s->parts[i];
    }
    return longest;
}
