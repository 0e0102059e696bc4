/*
 * tests/sim/swarm_closed.c - a random life whose group is closed: invitations,
 * changes of the secret, and strangers who want in.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdio.h>

#include "swarm_internal.h"

#define EXIT_REFUSED 6
#define STRANGERS_FIRST 9 /* their hosts; no cut and no fault hits them */
#define STRANGERS_HOSTS 3
#define WITHOUT_ALIVE_MIN 4 /* nobody of fewer is left out */

static unsigned below(struct swarm *w, unsigned bound)
{
    return (unsigned)moot_rng_below(&w->more, bound);
}

static moot_ms between(struct swarm *w, moot_ms min, moot_ms max)
{
    return min + (moot_ms)moot_rng_below(&w->more, (uint64_t)(max - min + 1));
}

/* --- plan --- */

void swarm_closed_plan(struct swarm *w)
{
    for (unsigned n = 2 + below(w, 5); n > 0; n--)
        swarm_plan(w, between(w, 3000, w->life - 500), SWARM_DO_REKEY,
                   1 + (below(w, 3) == 0 ? below(w, 3) : 0), below(w, 6) == 0);
    for (unsigned n = 2 + below(w, 3); n > 0; n--)
        swarm_plan(w, between(w, 3000, w->life - 500), SWARM_DO_STRANGER,
                   below(w, 3), 0);
    swarm_plan(w, w->life - 500, SWARM_DO_STRANGER, SWARM_STRANGER_OLD, 0);
}

/* --- members --- */

static int end_of_last(const struct swarm *w, unsigned host)
{
    for (unsigned i = sim_peer_count(w->sim); i > 0; i--)
        if (sim_host(w->sim, i - 1) == host)
            return sim_exit_code(w->sim, i - 1);
    return -1;
}

static bool secret_of(const struct swarm *w, unsigned host,
                      struct moot_secret *ret_secret)
{
    int peer = swarm_peer_on(w, host);

    return peer >= 0 && !sim_is_evil(w->sim, (unsigned)peer) &&
           !sim_excused(w->sim, (unsigned)peer) &&
           moot_node_secret(sim_node(w->sim, (unsigned)peer), ret_secret);
}

/* Whoever he names invites him, or else anybody who is there. */
static bool invited(struct swarm *w, const struct sim_spec *spec,
                    struct moot_secret *ret_secret)
{
    unsigned named = 0;

    if (spec->endpoints[0] != NULL &&
        sscanf(spec->endpoints[0], "10.0.0.%u:", &named) == 1 &&
        secret_of(w, named, ret_secret))
        return true;
    for (unsigned host = 1; host <= w->hosts; host++)
        if (secret_of(w, host, ret_secret))
            return true;
    return false;
}

static bool nobody_else_runs(const struct swarm *w)
{
    for (unsigned host = 1; host <= w->hosts; host++)
        if (swarm_peer_on(w, host) >= 0)
            return false;
    return true;
}

bool swarm_closed_spec(struct swarm *w, struct sim_spec *spec,
                       struct moot_secret *secret)
{
    bool knows = sim_knows_secret(w->sim, spec->host);

    if (spec->endpoints[0] == NULL) {
        spec->closed = true;
        return knows || nobody_else_runs(w);
    }
    if (knows && end_of_last(w, spec->host) != EXIT_REFUSED && below(w, 4) != 0)
        return true;
    if (invited(w, spec, secret))
        spec->secret = secret;
    return knows || spec->secret != NULL;
}

/* --- changes --- */

/* An honest member that may change the secret; -1: none.  Who is shut out would
 * begin a group of his own. */
static int any_member(struct swarm *w)
{
    unsigned start = below(w, w->hosts);

    for (unsigned i = 0; i < w->hosts; i++) {
        int peer = swarm_peer_on(w, 1 + (start + i) % w->hosts);

        if (peer >= 0 && sim_may_speak(w->sim, (unsigned)peer) &&
            sim_state(w->sim, (unsigned)peer) == SIM_RUNNING &&
            !sim_is_evil(w->sim, (unsigned)peer) &&
            !sim_excused(w->sim, (unsigned)peer))
            return peer;
    }
    return -1;
}

/* One is left out; and perhaps who did it has to start again. */
static void leave_out(struct swarm *w, unsigned peer)
{
    int whom = any_member(w);

    if (whom < 0 || (unsigned)whom == peer ||
        swarm_alive(w) < WITHOUT_ALIVE_MIN) {
        sim_rekey(w->sim, peer);
        return;
    }
    sim_rekey_without(w->sim, peer, (unsigned)whom);
    if (below(w, 2) != 0)
        return;
    sim_crash_after(w->sim, peer, below(w, 40));
    swarm_plan(w, sim_now(w->sim) + between(w, 200, 5000), SWARM_DO_START,
               sim_host(w->sim, peer), 0);
}

void swarm_rekey(struct swarm *w, unsigned count, bool without)
{
    for (; count > 0; count--) {
        int peer = any_member(w);

        if (peer >= 0 && without)
            leave_out(w, (unsigned)peer);
        else if (peer >= 0)
            sim_rekey(w->sim, (unsigned)peer);
    }
}

/* --- strangers --- */

static bool find_free(const struct swarm *w, unsigned *ret_host)
{
    for (unsigned i = 0; i < STRANGERS_HOSTS; i++)
        if (swarm_peer_on(w, STRANGERS_FIRST + i) < 0) {
            *ret_host = STRANGERS_FIRST + i;
            return true;
        }
    return false;
}

/* With a wrong secret, an old one, or none; some know where members are. */
void swarm_stranger(struct swarm *w, enum swarm_stranger kind)
{
    struct moot_secret secret;
    struct sim_spec spec = {.profile = true, .stranger = true};
    char text[32];
    int member = any_member(w);

    if (!find_free(w, &spec.host) || member < 0)
        return;
    for (unsigned i = 0; i < sizeof secret.b; i++)
        secret.b[i] = (uint8_t)below(w, 256);
    if (kind == SWARM_STRANGER_OLD && !sim_stale_secret(w->sim, &secret))
        return;
    if (kind != SWARM_STRANGER_NONE)
        spec.secret = &secret;
    snprintf(text, sizeof text, "10.0.0.%u:8080", 1 + below(w, w->boots));
    spec.endpoints[0] = text;
    if (below(w, 2) == 0)
        sim_overhear(w->sim, spec.host, (unsigned)member);
    if (sim_peer_count(w->sim) < SIM_PEERS_MAX) {
        sim_start(w->sim, &spec);
        w->result->strangers++;
    }
}
