/*
 * loop/monitor_thread.c - the thread's side: looks every tick and judges.
 *
 * Layer:  loop (loud).
 * Thread: the monitor's, but for open and close.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/assert.h"
#include "loop/clock.h"
#include "loop/log.h"
#include "loop/monitor_internal.h"

/*
 * Is the loop in a turn that lasts too long?  Then nobody is judged: neither
 * were sockets read nor did our pings leave.  A pause that was long enough
 * counts as a sleep of ours.
 */
static bool loop_stalled(struct moot_monitor *m, moot_ms now)
{
    moot_ms turn = atomic_load(&m->turn);

    if (turn != 0 && now - turn > MOOT_PULSE_STALL_MS) {
        if (turn != m->stall)
            moot_log(now - turn > MOOT_PULSE_ASLEEP_MS ? MOOT_LOG_WARN
                                                       : MOOT_LOG_INFO,
                     "loop_stalled", "#ms", moot_log_int(now - turn).text,
                     NULL);
        m->stall = turn;
        m->stall_ms = now - turn;
        return true;
    }
    if (m->stall != 0 && m->stall_ms >= MOOT_PULSE_ASLEEP_MS)
        m->woke = now;
    m->stall = 0;
    return false;
}

/* Returns whether there is a verdict for the loop. */
static bool judge_slot(struct moot_monitor *m, unsigned i, moot_ms now)
{
    struct monitor_slot *s = &m->slots[i];
    struct monitor_view *v = &m->views[i];
    uint64_t link = atomic_load(&s->link);
    moot_ms heard = atomic_load(&s->heard);
    moot_ms asked = atomic_load(&s->asked);

    if (link != v->link) {
        memset(v, 0, sizeof *v);
        v->link = link;
    }
    if (link == 0)
        return false;
    /* What counts is when the ping left, not when it was asked for. */
    if (v->pulse.pinged != 0 && asked > v->pulse.pinged)
        v->pulse.pinged = asked;

    switch (moot_pulse_judge(&v->pulse, heard, m->woke, now)) {
    case MOOT_PULSE_FINE:
        return false;
    case MOOT_PULSE_PING:
        atomic_store(&s->ping, link);
        return true;
    case MOOT_PULSE_DEAD:
        atomic_store(&s->dead_heard, heard);
        atomic_store(&s->dead, link);
        return true;
    }
    moot_assert(!"every verdict is handled");
    return false;
}

void moot_monitor_tick(struct moot_monitor *m, moot_ms now)
{
    moot_ms late = now - m->ticked - MOOT_PULSE_TICK_MS;
    unsigned count = atomic_load(&m->slot_count);
    bool news = false;

    m->ticked = now;
    if (late >= MOOT_PULSE_ASLEEP_MS)
        m->woke = now;
    if (loop_stalled(m, now))
        return;
    if (m->woke != m->woke_told) {
        m->woke_told = m->woke;
        moot_log(MOOT_LOG_INFO, "woke", NULL);
        atomic_store(&m->woke_now, true);
        news = true;
    }
    for (unsigned i = 0; i < count; i++) {
        if (judge_slot(m, i, now))
            news = true;
    }
    if (news)
        ev_async_send(m->loop, &m->verdicts);
}

/* Returns whether to stop. */
static bool wait_tick(struct moot_monitor *m)
{
    struct timespec until;
    int rc = 0;
    bool stopping;

    moot_assert(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
    until.tv_nsec += MOOT_PULSE_TICK_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&m->lock);
    while (!m->stopping && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&m->stop, &m->lock, &until);
    stopping = m->stopping;
    pthread_mutex_unlock(&m->lock);
    return stopping;
}

static void *watch(void *arg)
{
    struct moot_monitor *m = arg;

    while (!wait_tick(m))
        moot_monitor_tick(m, m->clock());
    return NULL;
}

struct moot_monitor *moot_monitor_start(struct ev_loop *loop,
                                        const struct moot_sink *sink,
                                        moot_ms (*clock)(void))
{
    struct moot_monitor *m = moot_monitor_create(loop, sink, clock);
    pthread_condattr_t attr;
    sigset_t all, before;

    pthread_mutex_init(&m->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&m->stop, &attr);
    pthread_condattr_destroy(&attr);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    moot_assert(pthread_create(&m->thread, NULL, watch, m) == 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return m;
}

struct moot_monitor *moot_monitor_open(struct ev_loop *loop,
                                       const struct moot_sink *sink)
{
    return moot_monitor_start(loop, sink, moot_clock_ms);
}

void moot_monitor_close(struct moot_monitor *m)
{
    if (m == NULL)
        return;
    pthread_mutex_lock(&m->lock);
    m->stopping = true;
    pthread_cond_signal(&m->stop);
    pthread_mutex_unlock(&m->lock);
    pthread_join(m->thread, NULL);
    pthread_cond_destroy(&m->stop);
    pthread_mutex_destroy(&m->lock);
    moot_monitor_destroy(m);
}
