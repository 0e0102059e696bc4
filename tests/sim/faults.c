/*
 * tests/sim/faults.c - what can go wrong in a random life, one function each.
 *
 * A fault that lasts plans its own end.  At least two peers stay alive.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include "base/assert.h"
#include "swarm_internal.h"

#define ALIVE_MIN 2
#define VANISH_LAST_MS 26000 /* so long before the end at the latest */

const char *swarm_fault_name(enum swarm_fault kind)
{
    static const char *const names[SWARM_FAULTS] = {
        [SWARM_CRASH] = "crash",
        [SWARM_CRASH_MID] = "crash within a step",
        [SWARM_VANISH] = "power off",
        [SWARM_RESTART] = "restart",
        [SWARM_ALONE] = "restart alone",
        [SWARM_LEAVE] = "leave",
        [SWARM_JOIN] = "join",
        [SWARM_PAUSE] = "pause",
        [SWARM_PAUSE_LONG] = "long pause",
        [SWARM_HALVES] = "cut in halves",
        [SWARM_ISOLATE] = "isolate one",
        [SWARM_ONE_WAY] = "one-way cut",
        [SWARM_BRIDGE] = "bridge",
        [SWARM_RING] = "ring",
        [SWARM_CLOG] = "clog",
        [SWARM_SLOW] = "slow path",
        [SWARM_RESET] = "reset",
        [SWARM_FLAKY] = "failing dials",
        [SWARM_STORE] = "slow store",
        [SWARM_WALL] = "wall clock jump",
        [SWARM_RATE] = "wrong clock rate",
        [SWARM_FULL] = "full disk",
        [SWARM_WIPE] = "wiped history",
        [SWARM_BACKUP] = "old backup",
        [SWARM_POWER] = "power cut of several",
        [SWARM_DAMAGE] = "damaged entries",
        [SWARM_EVIL] = "liar"};

    return names[kind];
}

/* --- victims --- */

static bool is_whole(const struct swarm *w, int peer)
{
    return peer >= 0 && sim_state(w->sim, (unsigned)peer) == SIM_RUNNING &&
           sim_exit_code(w->sim, (unsigned)peer) < 0 &&
           !sim_doomed(w->sim, (unsigned)peer);
}

/* A running peer at random; -1: none. */
static int any_peer(struct swarm *w)
{
    unsigned start = swarm_below(w, w->hosts);

    for (unsigned i = 0; i < w->hosts; i++) {
        int peer = swarm_peer_on(w, 1 + (start + i) % w->hosts);

        if (is_whole(w, peer))
            return peer;
    }
    return -1;
}

/* One that the others can do without. */
static int spare_peer(struct swarm *w)
{
    return swarm_alive(w) > ALIVE_MIN ? any_peer(w) : -1;
}

static unsigned any_host(struct swarm *w)
{
    return 1 + swarm_below(w, w->hosts);
}

static unsigned other_host(struct swarm *w, unsigned host)
{
    return 1 + (host - 1 + 1 + swarm_below(w, w->hosts - 1)) % w->hosts;
}

static uint32_t all_hosts(const struct swarm *w)
{
    return ((1u << w->hosts) - 1) << 1;
}

/* --- processes --- */

static bool crash(struct swarm *w)
{
    int peer = spare_peer(w);

    if (peer >= 0)
        sim_crash(w->sim, (unsigned)peer);
    return peer >= 0;
}

static bool crash_mid(struct swarm *w)
{
    int peer = spare_peer(w);

    if (peer >= 0)
        sim_crash_after(w->sim, (unsigned)peer, swarm_below(w, 12));
    return peer >= 0;
}

static bool vanish(struct swarm *w)
{
    int peer = spare_peer(w);

    if (peer < 0 || sim_now(w->sim) > w->life - VANISH_LAST_MS)
        return false;
    sim_vanish(w->sim, sim_host(w->sim, (unsigned)peer));
    return true;
}

static bool restart(struct swarm *w)
{
    int peer = spare_peer(w);
    moot_ms at = sim_now(w->sim) + swarm_between(w, 0, 12000);

    if (peer < 0 || at > w->life - 3000)
        return false;
    sim_crash(w->sim, (unsigned)peer);
    swarm_plan(w, at, SWARM_DO_START, sim_host(w->sim, (unsigned)peer), 0);
    return true;
}

/* The survivors must find it again: it does not know of them. */
static bool restart_alone(struct swarm *w)
{
    unsigned host = 1 + swarm_below(w, w->boots);
    int peer = swarm_peer_on(w, host);

    if (!is_whole(w, peer) || swarm_alive(w) <= ALIVE_MIN)
        return false;
    sim_crash(w->sim, (unsigned)peer);
    swarm_plan(w, sim_now(w->sim) + swarm_between(w, 0, 4000), SWARM_DO_START,
               host, 1);
    return true;
}

static bool leave(struct swarm *w)
{
    int peer = spare_peer(w);

    if (peer >= 0)
        sim_leave(w->sim, (unsigned)peer, "enough for today");
    return peer >= 0;
}

/* Some who are not there come in, at the same moment. */
static bool join(struct swarm *w)
{
    unsigned wanted = 1 + swarm_below(w, 3), found = 0;
    unsigned start = swarm_below(w, w->hosts);

    if (sim_now(w->sim) > w->life - 3000)
        return false;
    for (unsigned i = 0; i < w->hosts && found < wanted; i++) {
        unsigned host = 1 + (start + i) % w->hosts;

        if (swarm_peer_on(w, host) >= 0)
            continue;
        swarm_plan(w, sim_now(w->sim) + swarm_between(w, 0, 30), SWARM_DO_START,
                   host, 0);
        found++;
    }
    return found > 0;
}

static bool pause_for(struct swarm *w, moot_ms min, moot_ms max)
{
    int peer = any_peer(w);

    if (peer < 0)
        return false;
    sim_pause(w->sim, (unsigned)peer);
    swarm_plan(w, sim_now(w->sim) + swarm_between(w, min, max), SWARM_DO_RESUME,
               (uint32_t)peer, 0);
    return true;
}

/* --- network --- */

static void part(struct swarm *w, uint32_t one, uint32_t other)
{
    sim_cut_sets(w->sim, one, other, true);
    swarm_plan(w, sim_now(w->sim) + swarm_between(w, 500, 40000),
               SWARM_DO_JOIN_CUT, one, other);
}

static uint32_t half(struct swarm *w)
{
    uint32_t set = 0;

    for (unsigned host = 1; host <= w->hosts; host++)
        if (swarm_below(w, 2) == 0)
            set |= 1u << host;
    return set;
}

static bool halves(struct swarm *w)
{
    uint32_t one = half(w), other = all_hosts(w) & ~one;

    if (one == 0 || other == 0)
        return false;
    part(w, one, other);
    return true;
}

static bool isolate(struct swarm *w)
{
    uint32_t one = 1u << any_host(w);

    part(w, one, all_hosts(w) & ~one);
    return true;
}

static bool bridge(struct swarm *w)
{
    uint32_t both = 1u << any_host(w), one = half(w) & ~both;
    uint32_t other = all_hosts(w) & ~one & ~both;

    if (one == 0 || other == 0)
        return false;
    part(w, one, other);
    return true;
}

static bool ring(struct swarm *w)
{
    if (w->hosts < 4)
        return false;
    for (unsigned a = 1; a <= w->hosts; a++) {
        uint32_t far = all_hosts(w) & ~(1u << a) & ~(1u << (a % w->hosts + 1)) &
                       ~(1u << ((a + w->hosts - 2) % w->hosts + 1));

        sim_cut_sets(w->sim, 1u << a, far, true);
    }
    swarm_plan(w, sim_now(w->sim) + swarm_between(w, 500, 40000),
               SWARM_DO_JOIN_CUT, all_hosts(w), all_hosts(w));
    return true;
}

static void plan_open(struct swarm *w, unsigned from, unsigned to)
{
    swarm_plan(w, sim_now(w->sim) + swarm_between(w, 500, 40000),
               SWARM_DO_OPEN_WAY, from, to);
}

static bool one_way(struct swarm *w)
{
    unsigned from = any_host(w), to = other_host(w, from);

    sim_cut_way(w->sim, from, to, true);
    plan_open(w, from, to);
    return true;
}

static bool clog_paths(struct swarm *w)
{
    unsigned from = any_host(w);

    for (unsigned n = 1 + swarm_below(w, 4); n > 0; n--)
        sim_clog(w->sim, from, other_host(w, from),
                 swarm_between(w, 200, 6000));
    return true;
}

static bool slow(struct swarm *w)
{
    unsigned from = any_host(w), to = other_host(w, from);

    sim_slow(w->sim, from, to, 500 + swarm_below(w, 20000));
    plan_open(w, from, to);
    return true;
}

static bool reset_links(struct swarm *w)
{
    unsigned from = any_host(w);

    for (unsigned n = 1 + swarm_below(w, 4); n > 0; n--)
        sim_reset(w->sim, from, other_host(w, from));
    return true;
}

static bool flaky(struct swarm *w)
{
    unsigned from = any_host(w), to = other_host(w, from);

    sim_flaky(w->sim, from, to, 10 + swarm_below(w, 91));
    plan_open(w, from, to);
    return true;
}

/* --- the rest --- */

static bool slow_store(struct swarm *w)
{
    int peer = any_peer(w);

    if (peer < 0)
        return false;
    sim_store_delay(w->sim, (unsigned)peer, swarm_between(w, 100, 3000));
    swarm_plan(w, sim_now(w->sim) + swarm_between(w, 500, 20000),
               SWARM_DO_STORE, (uint32_t)peer, 0);
    return true;
}

static bool wall_jump(struct swarm *w)
{
    static const moot_ms jumps[] = {3600000, -3600000, 157680000000,
                                    -157680000000, 288000};
    int peer = any_peer(w);

    if (peer < 0)
        return false;
    sim_wall_jump(w->sim, (unsigned)peer, jumps[swarm_below(w, 5)]);
    return true;
}

static bool wall_rate(struct swarm *w)
{
    static const int rates[] = {-200, -100, -10, 10, 300};
    int peer = any_peer(w);

    if (peer < 0)
        return false;
    sim_wall_rate(w->sim, (unsigned)peer, rates[swarm_below(w, 5)]);
    return true;
}

/* --- disks --- */

static bool full_disk(struct swarm *w)
{
    int peer = any_peer(w);

    if (peer < 0)
        return false;
    sim_store_fail(w->sim, (unsigned)peer, true);
    swarm_plan(w, sim_now(w->sim) + swarm_between(w, 500, 20000),
               SWARM_DO_STORE, (uint32_t)peer, 0);
    return true;
}

static void plan_start(struct swarm *w, unsigned host, moot_ms within)
{
    swarm_plan(w, sim_now(w->sim) + swarm_between(w, 0, within), SWARM_DO_START,
               host, 0);
}

static bool wipe(struct swarm *w)
{
    int peer = spare_peer(w);

    if (peer < 0 || sim_now(w->sim) > w->life - 8000)
        return false;
    sim_crash(w->sim, (unsigned)peer);
    sim_wipe(w->sim, sim_host(w->sim, (unsigned)peer));
    plan_start(w, sim_host(w->sim, (unsigned)peer), 5000);
    return true;
}

static bool backup(struct swarm *w)
{
    int peer = any_peer(w);

    if (peer < 0 || sim_now(w->sim) > w->life - 30000)
        return false;
    sim_backup(w->sim, sim_host(w->sim, (unsigned)peer));
    swarm_plan(w, sim_now(w->sim) + swarm_between(w, 1000, 20000),
               SWARM_DO_RESTORE, sim_host(w->sim, (unsigned)peer), 0);
    return true;
}

void swarm_restore(struct swarm *w, unsigned host)
{
    int peer = swarm_peer_on(w, host);

    if (peer >= 0 && swarm_alive(w) <= ALIVE_MIN)
        return;
    if (peer >= 0)
        sim_crash(w->sim, (unsigned)peer);
    sim_restore(w->sim, host);
    plan_start(w, host, 5000);
}

static bool power_cut(struct swarm *w)
{
    bool all = swarm_below(w, 4) == 0;
    unsigned hit = 0;

    if (sim_now(w->sim) > w->life - VANISH_LAST_MS)
        return false;
    for (unsigned host = 1; host <= w->hosts; host++) {
        int peer = swarm_peer_on(w, host);

        if (peer < 0 || (!all && swarm_below(w, 2) == 0))
            continue;
        sim_vanish(w->sim, host);
        plan_start(w, host, 12000);
        hit++;
    }
    return hit > 0;
}

/* Bits of a real database are turned over by the tests of the store. */
static bool damage(struct swarm *w)
{
    if (w->sqlite || sim_now(w->sim) > w->life - 6000)
        return false;
    sim_damage(w->sim, any_host(w), 1 + swarm_below(w, 4));
    return true;
}

/* --- liars --- */

static bool corrupt(struct swarm *w)
{
    int peer = spare_peer(w);
    unsigned lies = 1u << swarm_below(w, SIM_LIES);

    if (peer < 0 || sim_is_evil(w->sim, (unsigned)peer))
        return false;
    while (swarm_below(w, 2) == 0)
        lies |= 1u << swarm_below(w, SIM_LIES);
    sim_evil_begin(w->sim, (unsigned)peer, lies);
    w->liars |= (lies & (1u << SIM_LIE_SIGNATURE | 1u << SIM_LIE_GAP |
                         1u << SIM_LIE_GROUP)) != 0;
    return true;
}

/* The world heals without them. */
void swarm_end_evil(struct swarm *w)
{
    for (unsigned i = 0; i < sim_peer_count(w->sim); i++)
        if (sim_is_evil(w->sim, i))
            sim_crash(w->sim, i);
}

bool swarm_fault(struct swarm *w, enum swarm_fault kind)
{
    switch (kind) {
    case SWARM_CRASH:
        return crash(w);
    case SWARM_CRASH_MID:
        return crash_mid(w);
    case SWARM_VANISH:
        return vanish(w);
    case SWARM_RESTART:
        return restart(w);
    case SWARM_ALONE:
        return restart_alone(w);
    case SWARM_LEAVE:
        return leave(w);
    case SWARM_JOIN:
        return join(w);
    case SWARM_PAUSE:
        return pause_for(w, 300, 28000);
    case SWARM_PAUSE_LONG:
        return pause_for(w, 36000, 50000);
    case SWARM_HALVES:
        return halves(w);
    case SWARM_ISOLATE:
        return isolate(w);
    case SWARM_ONE_WAY:
        return one_way(w);
    case SWARM_BRIDGE:
        return bridge(w);
    case SWARM_RING:
        return ring(w);
    case SWARM_CLOG:
        return clog_paths(w);
    case SWARM_SLOW:
        return slow(w);
    case SWARM_RESET:
        return reset_links(w);
    case SWARM_FLAKY:
        return flaky(w);
    case SWARM_STORE:
        return slow_store(w);
    case SWARM_WALL:
        return wall_jump(w);
    case SWARM_RATE:
        return wall_rate(w);
    case SWARM_FULL:
        return full_disk(w);
    case SWARM_WIPE:
        return wipe(w);
    case SWARM_BACKUP:
        return backup(w);
    case SWARM_POWER:
        return power_cut(w);
    case SWARM_DAMAGE:
        return damage(w);
    case SWARM_EVIL:
        return corrupt(w);
    case SWARM_FAULTS:
        break;
    }
    moot_assert(!"every kind of fault is known");
    return false;
}
