/*
 * node/pulse.h - the failure detector's judgement, without clock or thread.
 *
 * A link that was silent for 3.5 s is pinged; one that stays silent for 30 s
 * after that is dead: so between 30 and 35 s after it fell silent, and never
 * when it answers within 30 s.  If the judge itself was asleep, all of that
 * begins anew: nobody is blamed for our own pause.
 *
 * Layer:  node (quiet).
 * Thread: any; used by the monitor thread and by the simulator.
 */
#ifndef MOOT_NODE_PULSE_H
#define MOOT_NODE_PULSE_H

#include "base/time.h"

#define MOOT_PULSE_TICK_MS 250    /* how often the monitor looks */
#define MOOT_PULSE_QUIET_MS 3500  /* silence after which it asks for a ping */
#define MOOT_PULSE_DEAD_MS 30200  /* silence after the ping */
#define MOOT_PULSE_ASLEEP_MS 2000 /* a tick this late: we were asleep */
#define MOOT_PULSE_STALL_MS 250   /* a loop turn this long is reported */

/* What the monitor remembers of one link; zero at first. */
struct moot_pulse {
    moot_ms pinged; /* when it asked for the ping now unanswered; 0: none */
};

enum moot_pulse_verdict {
    MOOT_PULSE_FINE,
    MOOT_PULSE_PING, /* ask for a ping now; remembered in p */
    MOOT_PULSE_DEAD
};

/* heard: when the link was last heard of.  woke: when the judge last woke from
 * a sleep (0: never); nothing before counts. */
enum moot_pulse_verdict moot_pulse_judge(struct moot_pulse *p, moot_ms heard,
                                         moot_ms woke, moot_ms now);

#endif
