/*
 * tests/sim/swarm.c - a random life: its plan, its days, its end.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include "swarm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "swarm_internal.h"

#define FIRST_FAULT_MS 3000
#define RESCUE_MS 15000 /* two that named each other never met */
#define TEXT_MAX 4096
#define FLOODS 4
#define FLOOD_LINES 250
#define CLOSED_ONE_OF 16 /* lives */
#define HOSTED_ONE_OF 24
#define STEP_MS 50

/* --- chance --- */

unsigned swarm_below(struct swarm *w, unsigned bound)
{
    return (unsigned)moot_rng_below(&w->rng, bound);
}

moot_ms swarm_between(struct swarm *w, moot_ms min, moot_ms max)
{
    return min + (moot_ms)moot_rng_below(&w->rng, (uint64_t)(max - min + 1));
}

/* --- plan --- */

void swarm_plan(struct swarm *w, moot_ms at, enum swarm_what what, uint32_t a,
                uint32_t b)
{
    unsigned i = w->planned;

    if (w->planned == SWARM_ACTIONS_MAX)
        return;
    for (; i > 0 && w->plan[i - 1].at <= at; i--)
        w->plan[i] = w->plan[i - 1];
    w->plan[i] = (struct swarm_action){at, what, a, b};
    w->planned++;
}

static void plan_arrivals(struct swarm *w)
{
    moot_ms spread = swarm_below(w, 3) == 0 ? 20 : swarm_between(w, 100, 20000);

    w->mutual =
        w->boots >= 2 && swarm_below(w, 5) == 0 && !w->closed && !w->hosted;
    swarm_plan(w, 0, SWARM_DO_START, 1, w->mutual ? 2 : 1);
    if (w->mutual) {
        swarm_plan(w, swarm_between(w, 0, 5000), SWARM_DO_START, 2, 2);
        for (moot_ms at = RESCUE_MS; at < w->life - 2000; at += RESCUE_MS)
            swarm_plan(w, at, SWARM_DO_FOUND, 0, 0);
    }
    for (unsigned host = w->mutual ? 3 : 2; host <= w->hosts; host++)
        if (host <= 3 || swarm_below(w, 4) != 0)
            swarm_plan(w, swarm_between(w, 1, spread), SWARM_DO_START, host, 0);
}

static void plan_lines(struct swarm *w)
{
    unsigned lines = SWARM_LINES_MIN + swarm_below(w, 60);
    unsigned floods = w->flood ? FLOODS : 0;

    while (lines > 0) {
        unsigned burst = swarm_below(w, 8) == 0 ? 1 + swarm_below(w, 20) : 1;
        unsigned more = floods > 0 ? FLOOD_LINES : 0;

        burst = burst < lines ? burst : lines;
        lines -= burst;
        floods -= floods > 0;
        swarm_plan(w, swarm_between(w, 1000, w->life), SWARM_DO_SAY,
                   burst + more, 0);
    }
}

static void choose_kinds(struct swarm *w, uint32_t without)
{
    unsigned want = SWARM_KINDS_MIN + swarm_below(w, 6), have = 0;

    for (unsigned tries = 0; have < want && tries < 400; tries++) {
        uint32_t bit = 1u << swarm_below(w, SWARM_FAULTS);

        if ((w->kinds & bit) != 0 || (without & bit) != 0)
            continue;
        w->kinds |= bit;
        have++;
    }
}

static unsigned any_kind(struct swarm *w)
{
    unsigned kind = swarm_below(w, SWARM_FAULTS);

    while (w->kinds != 0 && (w->kinds >> kind & 1) == 0)
        kind = (kind + 1) % SWARM_FAULTS;
    return kind;
}

static void plan_faults(struct swarm *w)
{
    unsigned count = SWARM_FAULTS_MIN + swarm_below(w, 8);

    for (unsigned kind = 0; kind < SWARM_FAULTS; kind++)
        if ((w->kinds >> kind & 1) != 0)
            swarm_plan(w, swarm_between(w, FIRST_FAULT_MS, w->life - 1000),
                       SWARM_DO_FAULT, kind, 0);
    while (count-- > 0 && w->kinds != 0)
        swarm_plan(w, swarm_between(w, FIRST_FAULT_MS, w->life - 1000),
                   SWARM_DO_FAULT, any_kind(w), 0);
}

static struct sim_world any_world(struct swarm *w)
{
    static const moot_ms latency[][3] = {
        {0, 1, 0}, {1, 30, 5}, {20, 120, 20}, {5, 60, 40}};
    static const moot_ms store[][2] = {{0, 2}, {2, 50}, {20, 300}};
    static const size_t window[] = {16 * 1024, 64 * 1024, 256 * 1024};
    const moot_ms *l = latency[w->flood ? 1 : swarm_below(w, 4)];
    const moot_ms *st = store[swarm_below(w, w->flood ? 2 : 3)];

    return (struct sim_world){.latency_min = l[0],
                              .latency_max = l[1],
                              .jitter_max = l[2],
                              .store_min = st[0],
                              .store_max = st[1],
                              .late_max = (moot_ms)swarm_below(w, 6),
                              .window =
                                  window[w->flood ? 2 : swarm_below(w, 3)]};
}

/* --- who is there --- */

int swarm_peer_on(const struct swarm *w, unsigned host)
{
    for (unsigned i = sim_peer_count(w->sim); i > 0; i--) {
        enum sim_state state = sim_state(w->sim, i - 1);

        if (sim_host(w->sim, i - 1) == host &&
            (state == SIM_RUNNING || state == SIM_PAUSED))
            return (int)i - 1;
    }
    return -1;
}

unsigned swarm_alive(const struct swarm *w)
{
    unsigned n = 0;

    for (unsigned i = 0; i < sim_peer_count(w->sim); i++)
        n += sim_host(w->sim, i) <= w->hosts && sim_may_speak(w->sim, i) &&
             !sim_doomed(w->sim, i) && !sim_is_evil(w->sim, i);
    return n;
}

/* --- actions --- */

static unsigned name_endpoints(struct swarm *w, unsigned host, bool blindly,
                               char text[SIM_ENDPOINTS_MAX][32],
                               struct sim_spec *spec)
{
    unsigned count = 0, start = swarm_below(w, w->boots);
    unsigned max = blindly ? w->boots : 1 + swarm_below(w, 2);

    for (unsigned i = 0; i < w->boots && count < max; i++) {
        unsigned boot = 1 + (start + i) % w->boots;

        if (boot == host || (!blindly && swarm_peer_on(w, boot) < 0))
            continue;
        snprintf(text[count], 32, "10.0.0.%u:8080", boot);
        spec->endpoints[count] = text[count];
        count++;
    }
    return count;
}

static void start(struct swarm *w, unsigned host, unsigned whom)
{
    char text[SIM_ENDPOINTS_MAX][32], name[32];
    struct sim_spec spec = {.host = host, .profile = true};
    struct moot_secret secret;
    bool alone = whom == 1 || whom == 3;

    if (swarm_peer_on(w, host) >= 0 || sim_peer_count(w->sim) == SIM_PEERS_MAX)
        return;
    if (!alone && name_endpoints(w, host, whom == 2, text, &spec) == 0) {
        if (host > w->boots && !w->hosted)
            return; /* nobody could be asked */
        alone = true;
    }
    if (host <= w->boots)
        spec.boot_port = 8080;
    spec.partial = swarm_below(w, 5) == 0;
    if (w->same_names && swarm_below(w, 2) == 0) {
        snprintf(name, sizeof name, "%ssam", w->closed ? SIM_CLOSED_NAME : "");
        spec.name = name;
    } else if (w->closed) {
        snprintf(name, sizeof name, SIM_CLOSED_NAME "%u", host);
        spec.name = name;
    }
    if (w->hosted && whom != 3 && !swarm_hosted_spec(w, &spec))
        return;
    if (w->closed && !swarm_closed_spec(w, &spec, &secret))
        return;
    sim_start(w->sim, &spec);
}

/* On how many hosts did somebody live? */
static unsigned hosts_lived_on(const struct swarm *w)
{
    uint32_t hosts = 0;
    unsigned n = 0;

    for (unsigned i = 0; i < sim_peer_count(w->sim); i++)
        if (sim_host(w->sim, i) <= w->hosts)
            hosts |= 1u << sim_host(w->sim, i);
    for (; hosts != 0; hosts &= hosts - 1)
        n++;
    return n;
}

static bool nobody_runs(const struct swarm *w)
{
    for (unsigned host = 1; host <= w->hosts; host++)
        if (swarm_peer_on(w, host) >= 0)
            return false;
    return true;
}

static void make_text(struct swarm *w, char *text, size_t size)
{
    bool is_long = w->flood || (w->long_lines && swarm_below(w, 3) == 0);
    size_t len = is_long ? 1000 + swarm_below(w, 3000) : 1 + swarm_below(w, 60);
    size_t n = (size_t)snprintf(text, size, "line %u ", w->said);

    for (; n < len; n++)
        text[n] = (char)('a' + n % 26);
    text[n] = '\0';
}

/* Mostly text; now and then an action, a topic, a new name. */
static bool say_one(struct swarm *w, unsigned peer)
{
    char text[TEXT_MAX + 1];
    unsigned dice = swarm_below(w, 60);

    if (dice == 0) {
        snprintf(text, sizeof text, "%snick%u",
                 w->closed ? SIM_CLOSED_NAME : "", swarm_below(w, 5));
        return sim_say_kind(w->sim, peer, MOOT_LINE_NICK, text);
    }
    make_text(w, text, sizeof text);
    if (dice == 1)
        return sim_say_kind(w->sim, peer, MOOT_LINE_TOPIC, text);
    if (dice <= 4)
        return sim_say_kind(w->sim, peer, MOOT_LINE_ACTION, text);
    return sim_say(w->sim, peer, text);
}

/* Somebody who may, says so many lines; false: nobody may. */
static bool say(struct swarm *w, unsigned lines)
{
    unsigned begin = swarm_below(w, w->hosts);

    for (unsigned i = 0; i < w->hosts; i++) {
        int peer = swarm_peer_on(w, 1 + (begin + i) % w->hosts);

        if (peer < 0 || !sim_may_speak(w->sim, (unsigned)peer))
            continue;
        for (; lines > 0 && sim_fault(w->sim) == NULL; lines--) {
            if (!say_one(w, (unsigned)peer))
                return false;
            w->said++;
        }
        return true;
    }
    return false;
}

/* Of the kind that was planned, or else of another one of this life. */
static void suffer(struct swarm *w, unsigned kind)
{
    for (unsigned tries = 0; tries < SWARM_FAULTS; tries++) {
        if (swarm_fault(w, (enum swarm_fault)kind)) {
            w->result->faults[kind]++;
            return;
        }
        kind = any_kind(w);
    }
}

static void open_way(struct swarm *w, unsigned from, unsigned to)
{
    sim_cut_way(w->sim, from, to, false);
    sim_slow(w->sim, from, to, 0);
    sim_flaky(w->sim, from, to, 0);
}

static void act(struct swarm *w, const struct swarm_action *a)
{
    switch (a->what) {
    case SWARM_DO_START:
        start(w, a->a, a->b);
        return;
    case SWARM_DO_FOUND:
        if (nobody_runs(w))
            start(w, 1, 1);
        return;
    case SWARM_DO_SAY:
        if (!say(w, a->a) && sim_now(w->sim) + 1000 < w->life)
            swarm_plan(w, sim_now(w->sim) + swarm_between(w, 300, 1000),
                       SWARM_DO_SAY, a->a, 0);
        return;
    case SWARM_DO_FAULT:
        suffer(w, a->a);
        return;
    case SWARM_DO_RESUME:
        sim_resume(w->sim, a->a);
        return;
    case SWARM_DO_JOIN_CUT:
        sim_cut_sets(w->sim, a->a, a->b, false);
        return;
    case SWARM_DO_OPEN_WAY:
        open_way(w, a->a, a->b);
        return;
    case SWARM_DO_STORE:
        sim_store_delay(w->sim, a->a, 0);
        sim_store_fail(w->sim, a->a, false);
        return;
    case SWARM_DO_REKEY:
        swarm_rekey(w, a->a, a->b != 0);
        return;
    case SWARM_DO_STRANGER:
        swarm_stranger(w, (enum swarm_stranger)a->a);
        return;
    case SWARM_DO_HOST:
        swarm_host(w);
        return;
    case SWARM_DO_UNHOST:
        swarm_unhost(w);
        return;
    case SWARM_DO_LIE:
        swarm_lie(w);
        return;
    case SWARM_DO_RESTORE:
        swarm_restore(w, a->a);
        return;
    }
}

/* --- life --- */

/* Somebody must be there in the end, if only one who begins anew. */
static void rescue(struct swarm *w)
{
    int peer = swarm_peer_on(w, 1);

    if (swarm_alive(w) > 0)
        return;
    if (peer >= 0)
        sim_crash(w->sim, (unsigned)peer);
    start(w, 1, 3); /* a directory may still list the dead */
}

/* Those who found nobody to ask when it was their turn come late. */
static void complete(struct swarm *w)
{
    for (unsigned host = 1; host <= w->hosts; host++)
        if (hosts_lived_on(w) < SWARM_PEERS_MIN)
            start(w, host, 0);
}

static void live(struct swarm *w)
{
    while (w->planned > 0 && w->plan[w->planned - 1].at <= w->life) {
        struct swarm_action a = w->plan[--w->planned];

        sim_run_until(w->sim, a.at);
        if (sim_fault(w->sim) != NULL)
            return;
        act(w, &a);
    }
    swarm_end_evil(w);
    rescue(w);
    complete(w);
    for (unsigned n = 0; n < 200 && w->said < SWARM_LINES_MIN; n++) {
        say(w, SWARM_LINES_MIN - w->said);
        sim_run_ms(w->sim, 100);
    }
    sim_run_until(w->sim, w->life);
}

static unsigned kinds_seen(const struct swarm_result *r, unsigned *ret_count)
{
    unsigned kinds = 0;

    *ret_count = 0;
    for (unsigned i = 0; i < SWARM_FAULTS; i++) {
        kinds += r->faults[i] > 0;
        *ret_count += r->faults[i];
    }
    return kinds;
}

/* A life without enough trouble proves little: some that always hit. */
static void top_up(struct swarm *w)
{
    static const enum swarm_fault sure[] = {SWARM_RESET, SWARM_CLOG, SWARM_WALL,
                                            SWARM_STORE};
    unsigned count;

    for (unsigned i = 0; i < 40; i++) {
        if (kinds_seen(w->result, &count) >= SWARM_KINDS_MIN &&
            count >= SWARM_FAULTS_MIN)
            return;
        if (swarm_fault(w, sure[i % 4]))
            w->result->faults[sure[i % 4]]++;
        sim_run_ms(w->sim, 200);
    }
}

/* Waits until there is nothing to complain of. */
static moot_ms settle(struct swarm *w, moot_ms within, const char *when)
{
    moot_ms since = sim_now(w->sim);
    const char *wrong;

    while ((wrong = sim_complaint(w->sim)) != NULL) {
        if (sim_fault(w->sim) != NULL)
            return 0;
        if (sim_now(w->sim) - since >= within) {
            char text[600];

            snprintf(text, sizeof text, "%s: %s", when, wrong);
            w->result->fault = moot_copy(text, strlen(text));
            return within;
        }
        sim_run_ms(w->sim, STEP_MS);
    }
    return sim_now(w->sim) - since;
}

static void end(struct swarm *w)
{
    char text[64];

    for (unsigned host = 1; host <= w->hosts; host++)
        sim_return(w->sim, host);
    sim_heal(w->sim);
    sim_expect_all(w->sim);
    w->result->healed_ms =
        settle(w, w->liars ? SWARM_LIED_MS : SWARM_HEALED_MS, "healed");
    if (w->result->fault != NULL || sim_fault(w->sim) != NULL)
        return;
    sim_run_ms(w->sim, SWARM_CALM_MS);
    settle(w, SWARM_FRESH_MS, "still healed");
    if (w->result->fault != NULL || sim_fault(w->sim) != NULL)
        return;
    if (w->said < SWARM_LINES_MIN) /* nobody could for a long while */
        say(w, SWARM_LINES_MIN - w->said);
    for (unsigned i = 0; i < sim_peer_count(w->sim); i++) {
        snprintf(text, sizeof text, "the last line of %u", i);
        w->said += sim_say(w->sim, i, text);
    }
    w->result->fresh_ms = settle(w, SWARM_FRESH_MS, "a fresh line");
}

/* Was it one that proves something? */
static void judge(struct swarm *w)
{
    struct swarm_result *r = w->result;
    unsigned faults, kinds = kinds_seen(r, &faults);
    char text[128];

    if (r->peers >= SWARM_PEERS_MIN && w->said >= SWARM_LINES_MIN &&
        faults >= SWARM_FAULTS_MIN && kinds >= SWARM_KINDS_MIN &&
        r->virtual_ms >= SWARM_LIFE_MS)
        return;
    snprintf(text, sizeof text,
             "a poor life: %u peers, %u lines, %u faults of %u kinds", r->peers,
             w->said, faults, kinds);
    r->fault = moot_copy(text, strlen(text));
}

static void count_lives(struct swarm *w)
{
    struct swarm_result *r = w->result;

    r->lives = sim_peer_count(w->sim);
    for (unsigned i = 0; i < r->lives; i++) {
        int code = sim_exit_code(w->sim, i);

        r->left += code == 0;
        r->unheard += code == 4;
        r->unreached += code == 5;
        r->refused += code == 6;
        r->joined += code < 0 && sim_may_speak(w->sim, i);
        r->died += sim_state(w->sim, i) == SIM_KILLED;
    }
}

void swarm_live(uint64_t seed, const struct swarm_options *options,
                struct swarm_result *ret_result)
{
    struct swarm *w = moot_alloc(sizeof *w);
    uint8_t bytes[32] = "a life in the swarm";

    *ret_result = (struct swarm_result){0};
    for (unsigned i = 0; i < 8; i++)
        bytes[24 + i] = (uint8_t)(seed >> (8 * i));
    moot_rng_init(&w->rng, bytes);
    bytes[23] = 1;
    moot_rng_init(&w->more, bytes);
    w->closed = moot_rng_below(&w->more, CLOSED_ONE_OF) == 0;
    w->hosted = moot_rng_below(&w->more, HOSTED_ONE_OF) == 0 && !w->closed;
    ret_result->closed = w->closed;
    ret_result->hosted = w->hosted;
    w->result = ret_result;
    w->hosts =
        SWARM_PEERS_MIN + swarm_below(w, SWARM_PEERS_MAX - SWARM_PEERS_MIN + 1);
    if (options->peers != 0)
        w->hosts = options->peers;
    w->boots = 1 + swarm_below(w, w->hosts < 3 ? w->hosts : 3);
    w->life = SWARM_LIFE_MS + swarm_between(w, 0, 15000);
    w->long_lines = swarm_below(w, 4) == 0;
    w->same_names = swarm_below(w, 4) == 0;
    w->flood = swarm_below(w, 20) == 0;

    struct sim_world world = any_world(w);

    world.sqlite = w->sqlite = options->sqlite;
    w->sim = sim_create(seed, &world);
    sim_number_peers(w->sim);
    if (options->narrate)
        sim_narrate(w->sim, true);
    if (options->frames)
        sim_narrate_frames(w->sim);
    choose_kinds(w, options->without);
    plan_arrivals(w);
    plan_lines(w);
    plan_faults(w);
    if (w->closed)
        swarm_closed_plan(w);
    if (w->hosted)
        swarm_hosted_plan(w);
    live(w);
    top_up(w);
    if (sim_fault(w->sim) == NULL)
        end(w);
    count_lives(w);
    ret_result->peers = hosts_lived_on(w);
    ret_result->virtual_ms = sim_now(w->sim);
    ret_result->digest = sim_digest(w->sim);
    sim_figures(w->sim, &ret_result->figures);
    if (sim_fault(w->sim) != NULL) {
        free(ret_result->fault);
        ret_result->fault =
            moot_copy(sim_fault(w->sim), strlen(sim_fault(w->sim)));
    }
    if (ret_result->fault == NULL && options->without == 0)
        judge(w);
    sim_destroy(w->sim);
    free(w);
}
