/*
 * loop/handle.h - what a link's handle is made of: a slot and a generation.
 *
 * Slots are used again, generations never are, so a handle names one link for
 * ever.  Only those who keep tables by slot look inside.
 *
 * Layer:  loop (loud).
 * Thread: any.
 */
#ifndef MOOT_LOOP_HANDLE_H
#define MOOT_LOOP_HANDLE_H

#include "node/event.h"

/* The slot is below MOOT_LINK_SLOTS; the generation starts at 1 and has 48
 * bits: a million connections a second would take nine years to use it up. */
static inline moot_link moot_link_make(unsigned slot, uint64_t generation)
{
    return generation << 16 | slot;
}

static inline unsigned moot_link_slot(moot_link link)
{
    return (unsigned)(link & 0xffff);
}

#endif
