/*
 * base/time.h - units of time.
 *
 * Below the waterline time is an argument: nobody there reads a clock.
 *
 * Layer:  base (quiet).
 * Thread: any.
 */
#ifndef MOOT_BASE_TIME_H
#define MOOT_BASE_TIME_H

#include <stdint.h>

/* Milliseconds of a monotonic clock whose zero means nothing. */
typedef int64_t moot_ms;

/* Milliseconds since 1970 in UTC: for display only, never for order. */
typedef int64_t moot_wall_ms;

#define MOOT_NEVER INT64_MAX

static inline moot_ms moot_ms_min(moot_ms a, moot_ms b)
{
    return a < b ? a : b;
}

#endif
