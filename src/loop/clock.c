/*
 * loop/clock.c - reads the system's clocks.
 *
 * Layer:  loop (loud).
 * Thread: any.
 */
#include "loop/clock.h"

#include <time.h>

#include "base/assert.h"

static int64_t read_ms(clockid_t clock)
{
    struct timespec now;

    moot_assert(clock_gettime(clock, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

moot_ms moot_clock_ms(void)
{
    /* One more, because 0 means "never" to those who keep stamps. */
    return read_ms(CLOCK_BOOTTIME) + 1;
}

int64_t moot_clock_us(void)
{
    struct timespec now;

    moot_assert(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 + 1;
}

moot_wall_ms moot_clock_wall(void)
{
    return read_ms(CLOCK_REALTIME);
}
