/*
 * loop/clock.h - what time is it?
 *
 * The monotonic clock goes on while the machine sleeps, so that a closed lid
 * is seen as a pause of ours.
 *
 * Layer:  loop (loud).
 * Thread: any.
 */
#ifndef MOOT_LOOP_CLOCK_H
#define MOOT_LOOP_CLOCK_H

#include "base/time.h"

moot_ms moot_clock_ms(void);        /* never goes back, never 0 */
int64_t moot_clock_us(void);        /* likewise; to measure what is short */
moot_wall_ms moot_clock_wall(void); /* may jump */

#endif
