/*
 * tests/sim/monitor.c - the failure detector's clock: looks at every up link
 * four times a second and tells the node what node/pulse.h makes of it.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include "sim_internal.h"

void sim_monitor_start(struct sim_peer *p)
{
    p->tick_at = p->sim->now + MOOT_PULSE_TICK_MS;
    sim_due_at(p->sim, p->tick_at, SIM_TICK, p->number, ++p->tick, 0);
}

/* Nothing was sent for too long although something waits: the net layer's
 * business, as is the time until a link is proven; done here because both are
 * a matter of looking now and then. */
static bool stuck(const struct sim_peer *p, const struct sim_end *e)
{
    return e->waiting.len > 0 && p->sim->now - e->progress > SIM_STUCK_MS &&
           p->sim->now - p->woke > SIM_STUCK_MS;
}

static void look_at(struct sim_peer *p, uint32_t end)
{
    struct sim *s = p->sim;
    struct sim_end *e = sim_end_of(s, end);
    struct moot_event ev = {.link = sim_link_of(end)};

    if (e->told || !e->opened)
        return;
    if (stuck(p, e)) {
        sim_conn_slow(s, end);
        return;
    }
    if (!e->up && s->now - e->opened_at > MOOT_EARLY_MS)
        sim_conn_cut(s, end, MOOT_ETIMEOUT);
    if (!e->up || e->draining)
        return;
    switch (moot_pulse_judge(&e->pulse, e->heard, p->woke, s->now)) {
    case MOOT_PULSE_FINE:
        return;
    case MOOT_PULSE_PING:
        ev.kind = MOOT_EV_PING_DUE;
        break;
    case MOOT_PULSE_DEAD:
        ev.kind = MOOT_EV_LINK_DEAD;
        s->figures.dead++;
        sim_check_dead(p, e);
        break;
    }
    sim_peer_step(p, &ev);
}

void sim_monitor_due(struct sim_peer *p, uint32_t generation)
{
    struct sim *s = p->sim;

    if (generation != p->tick)
        return;
    if (s->now - p->tick_at > MOOT_PULSE_ASLEEP_MS) {
        struct moot_event ev = {.kind = MOOT_EV_WOKE};

        p->woke = s->now;
        sim_tell(s, p->label, "* wakes up");
        sim_peer_step(p, &ev);
    }

    /* A step may open or close ends: look from the back. */
    for (unsigned i = p->end_count; i > 0 && p->state == SIM_RUNNING; i--)
        if (i <= p->end_count)
            look_at(p, p->ends[i - 1]);
    if (p->state != SIM_RUNNING)
        return;
    sim_check_tick(p);
    sim_peer_maybe_end(p);
    if (p->state == SIM_RUNNING)
        sim_monitor_start(p);
}
