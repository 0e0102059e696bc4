/*
 * loop/monitor.c - the loop's side: stamps, verdicts taken, events delivered.
 *
 * Layer:  loop (loud).
 * Thread: the loop's.
 */
#include "loop/monitor.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "loop/clock.h"
#include "loop/handle.h"
#include "loop/log.h"
#include "loop/metrics.h"
#include "loop/monitor_internal.h"

static void tell(struct moot_monitor *m, enum moot_event_kind kind,
                 moot_link link)
{
    struct moot_event ev;

    memset(&ev, 0, sizeof ev);
    ev.kind = kind;
    ev.link = link;
    moot_sink_deliver(m->sink, &ev);
}

/* Takes the verdict if it is about the link that is watched there now. */
static moot_link take_verdict(_Atomic uint64_t *verdict,
                              const struct monitor_slot *s)
{
    moot_link link = atomic_load(verdict);

    if (link == 0 || atomic_exchange(verdict, 0) == 0)
        return 0;
    return link == atomic_load(&s->link) ? link : 0;
}

/*
 * A dead verdict is not believed at once: what had arrived before it may still
 * lie in the kernel, for instance because the loop was blocked.  So the loop
 * goes round once more and reads what is there.
 */
static void on_verdicts(struct ev_loop *loop, ev_async *w, int revents)
{
    struct moot_monitor *m = w->data;
    unsigned count = atomic_load(&m->slot_count);

    (void)revents;
    if (atomic_exchange(&m->woke_now, false))
        tell(m, MOOT_EV_WOKE, 0);
    for (unsigned i = 0; i < count; i++) {
        struct monitor_slot *s = &m->slots[i];
        moot_link ping = take_verdict(&s->ping, s);
        moot_link dead = take_verdict(&s->dead, s);

        if (dead != 0) {
            m->doubts[i].dying = dead;
            m->doubts[i].heard = atomic_load(&s->dead_heard);
            ev_timer_start(loop, &m->second_look);
        }
        if (ping != 0) {
            m->doubts[i].asking = ping;
            m->asking = true;
            tell(m, MOOT_EV_PING_DUE, ping);
        }
    }
}

static void on_second_look(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct moot_monitor *m = w->data;
    unsigned count = atomic_load(&m->slot_count);

    (void)loop;
    (void)revents;
    for (unsigned i = 0; i < count; i++) {
        moot_link link = m->doubts[i].dying;

        m->doubts[i].dying = 0;
        if (link != 0 && atomic_load(&m->slots[i].link) == link &&
            atomic_load(&m->slots[i].heard) == m->doubts[i].heard)
            tell(m, MOOT_EV_LINK_DEAD, link);
    }
}

static struct moot_metric stall = {
    .name = "moot_loop_stall_seconds",
    .help = "The longest turn of the event loop since the start.",
    .kind = MOOT_GAUGE,
    .unit = 1000000};
static struct moot_metric stall_minute = {
    .name = "moot_loop_stall_last_minute_seconds",
    .help = "The longest turn of the event loop in the last minute.",
    .kind = MOOT_GAUGE,
    .unit = 1000000};

static void show_stall(struct moot_monitor *m, int64_t now)
{
    moot_metric_set(&stall, m->turns.longest);
    moot_metric_set(&stall_minute, moot_stall_minute(&m->turns, now));
}

static void on_begin(struct ev_loop *loop, ev_check *w, int revents)
{
    struct moot_monitor *m = w->data;

    (void)loop;
    (void)revents;
    atomic_store(&m->turn, m->clock());
    m->began_us = moot_clock_us();
    if (m->began_us / MOOT_STALL_PART_US != m->turns.part)
        show_stall(m, m->began_us); /* the loop slept: what was, is older */
}

/* The clock is the real one: this is no verdict about anybody. */
static void measure(struct moot_monitor *m)
{
    int64_t now = moot_clock_us();
    int64_t took = now - m->began_us;
    bool news = took > m->turns.parts[m->turns.part % MOOT_STALL_PARTS] ||
                now / MOOT_STALL_PART_US != m->turns.part;

    if (m->began_us == 0)
        return;
    m->began_us = 0;
    if (!news)
        return;
    moot_stall_note(&m->turns, took, now);
    show_stall(m, now);
}

/* After the links have flushed: now the pings of this turn are on the way. */
static void on_end(struct ev_loop *loop, ev_prepare *w, int revents)
{
    struct moot_monitor *m = w->data;
    moot_ms now = m->clock();
    moot_ms began = atomic_load(&m->turn);
    unsigned count = m->asking ? atomic_load(&m->slot_count) : 0;

    (void)loop;
    (void)revents;
    for (unsigned i = 0; i < count; i++) {
        if (m->doubts[i].asking != 0 &&
            m->doubts[i].asking == atomic_load(&m->slots[i].link))
            atomic_store(&m->slots[i].asked, now);
        m->doubts[i].asking = 0;
    }
    m->asking = false;
    atomic_store(&m->turn, 0);
    measure(m);
    if (began != 0 && now - began > MOOT_PULSE_STALL_MS)
        moot_log(MOOT_LOG_INFO, "loop_stall_over", "#ms",
                 moot_log_int(now - began).text, NULL);
}

struct moot_monitor *moot_monitor_create(struct ev_loop *loop,
                                         const struct moot_sink *sink,
                                         moot_ms (*clock)(void))
{
    struct moot_monitor *m = moot_alloc(sizeof *m);

    m->loop = loop;
    m->sink = sink;
    m->clock = clock;
    m->ticked = clock();
    ev_async_init(&m->verdicts, on_verdicts);
    ev_timer_init(&m->second_look, on_second_look, 0., 0.);
    ev_check_init(&m->begin, on_begin);
    ev_prepare_init(&m->end, on_end);
    m->verdicts.data = m->second_look.data = m->begin.data = m->end.data = m;
    /* Sockets that are ready in the same turn are read first. */
    ev_set_priority(&m->verdicts, EV_MINPRI);
    ev_set_priority(&m->second_look, EV_MINPRI);
    ev_set_priority(&m->begin, EV_MAXPRI);
    ev_set_priority(&m->end, EV_MINPRI);
    ev_async_start(loop, &m->verdicts);
    ev_check_start(loop, &m->begin);
    ev_prepare_start(loop, &m->end);
    return m;
}

void moot_monitor_destroy(struct moot_monitor *m)
{
    ev_async_stop(m->loop, &m->verdicts);
    ev_timer_stop(m->loop, &m->second_look);
    ev_check_stop(m->loop, &m->begin);
    ev_prepare_stop(m->loop, &m->end);
    free(m);
}

void moot_monitor_watch(struct moot_monitor *m, moot_link link)
{
    unsigned slot = moot_link_slot(link);

    moot_assert(slot < MOOT_LINK_SLOTS);
    atomic_store(&m->slots[slot].heard, m->clock());
    atomic_store(&m->slots[slot].asked, 0);
    atomic_store(&m->slots[slot].link, link);
    if (atomic_load(&m->slot_count) <= slot)
        atomic_store(&m->slot_count, slot + 1);
}

void moot_monitor_heard(struct moot_monitor *m, moot_link link)
{
    struct monitor_slot *s = &m->slots[moot_link_slot(link)];

    if (atomic_load_explicit(&s->link, memory_order_relaxed) == link)
        atomic_store_explicit(&s->heard, m->clock(), memory_order_relaxed);
}

void moot_monitor_forget(struct moot_monitor *m, moot_link link)
{
    struct monitor_slot *s = &m->slots[moot_link_slot(link)];

    if (atomic_load(&s->link) == link)
        atomic_store(&s->link, 0);
}
