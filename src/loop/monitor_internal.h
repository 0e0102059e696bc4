/*
 * loop/monitor_internal.h - what the loop and the monitor thread share.
 *
 * Layer:  loop (loud).
 * Thread: said at each field.
 */
#ifndef MOOT_LOOP_MONITOR_INTERNAL_H
#define MOOT_LOOP_MONITOR_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/limits.h"
#include "loop/monitor.h"
#include "loop/stall.h"
#include "node/pulse.h"

/* One link as both threads see it.  Every field is written by one side only,
 * but for the verdicts, which the loop takes by exchanging them for 0. */
struct monitor_slot {
    _Atomic uint64_t link;      /* the loop's; 0: not watched */
    _Atomic int64_t heard;      /* the loop's */
    _Atomic int64_t asked;      /* the loop's: when its ping was on the way */
    _Atomic uint64_t ping;      /* verdict: this link is to be pinged */
    _Atomic uint64_t dead;      /* verdict: this link has not answered */
    _Atomic int64_t dead_heard; /* what .heard was for that verdict */
};

/* What the loop alone remembers of a slot. */
struct monitor_doubt {
    uint64_t asking; /* pinged in this turn; not flushed yet */
    uint64_t dying;  /* declared dead; sockets are being read once more */
    int64_t heard;   /* as the verdict saw it */
};

/* What the thread alone remembers of a slot. */
struct monitor_view {
    uint64_t link;
    struct moot_pulse pulse;
};

struct moot_monitor {
    struct ev_loop *loop;
    const struct moot_sink *sink;
    moot_ms (*clock)(void); /* a test has its own */

    /* both */
    struct monitor_slot slots[MOOT_LINK_SLOTS];
    atomic_uint slot_count; /* slots ever used; the others are untouched */
    _Atomic int64_t turn;   /* when the loop's turn began; 0: it waits */
    atomic_bool woke_now;   /* verdict: we were asleep */
    ev_async verdicts;

    /* the loop */
    struct monitor_doubt doubts[MOOT_LINK_SLOTS];
    bool asking;
    int64_t began_us; /* the turn; 0: the loop waits */
    struct moot_stall turns;
    ev_check begin;
    ev_prepare end;
    ev_timer second_look;

    /* the thread */
    struct monitor_view views[MOOT_LINK_SLOTS];
    moot_ms ticked;    /* the last tick */
    moot_ms woke;      /* when we last woke; 0: never */
    moot_ms woke_told; /* which of these the loop was told of */
    moot_ms stall;     /* the turn reported as stalled; 0: none */
    moot_ms stall_ms;  /* how long it was seen to last */
    pthread_t thread;
    pthread_mutex_t lock; /* around .stopping */
    pthread_cond_t stop;
    bool stopping;
};

/* Everything but the thread. */
struct moot_monitor *moot_monitor_create(struct ev_loop *loop,
                                         const struct moot_sink *sink,
                                         moot_ms (*clock)(void));
void moot_monitor_destroy(struct moot_monitor *m);

/* moot_monitor_open() with another clock. */
struct moot_monitor *moot_monitor_start(struct ev_loop *loop,
                                        const struct moot_sink *sink,
                                        moot_ms (*clock)(void));

/* What the thread does every MOOT_PULSE_TICK_MS. */
void moot_monitor_tick(struct moot_monitor *m, moot_ms now);

#endif
