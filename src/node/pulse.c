/*
 * node/pulse.c - the judgement of the failure detector.
 *
 * Layer:  node (quiet).
 * Thread: any.
 */
#include "node/pulse.h"

enum moot_pulse_verdict moot_pulse_judge(struct moot_pulse *p, moot_ms heard,
                                         moot_ms woke, moot_ms now)
{
    /* What was asked before our own sleep, or answered since, is void. */
    if (p->pinged != 0 && (heard >= p->pinged || woke >= p->pinged))
        p->pinged = 0;
    if (p->pinged != 0)
        return now - p->pinged >= MOOT_PULSE_DEAD_MS ? MOOT_PULSE_DEAD
                                                     : MOOT_PULSE_FINE;
    if (now - heard < MOOT_PULSE_QUIET_MS)
        return MOOT_PULSE_FINE;
    p->pinged = now;
    return MOOT_PULSE_PING;
}
