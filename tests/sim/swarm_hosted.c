/*
 * tests/sim/swarm_hosted.c - a random life whose group meets at a directory: a
 * peer that is no member of it, crashes and starts again.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include "swarm_internal.h"

#define DIRECTORY_HOST 12
#define DIRECTORY "10.0.0.12:8080"
#define AWAY_MAX_MS 20000
#define LIE_ALIVE_MIN 3

static unsigned below(struct swarm *w, unsigned bound)
{
    return (unsigned)moot_rng_below(&w->more, bound);
}

void swarm_hosted_plan(struct swarm *w)
{
    swarm_host(w); /* before anybody asks */
    for (unsigned n = below(w, 3); n > 0; n--) {
        moot_ms at = 3000 + below(w, (unsigned)w->life - 30000);

        swarm_plan(w, at, SWARM_DO_UNHOST, 0, 0);
        swarm_plan(w, at + 100 + below(w, AWAY_MAX_MS), SWARM_DO_HOST, 0, 0);
    }
    if (below(w, 3) == 0)
        swarm_plan(w, 3000 + below(w, (unsigned)w->life - 10000), SWARM_DO_LIE,
                   0, 0);
}

/* It stands first; some name nobody else. */
bool swarm_hosted_spec(struct swarm *w, struct sim_spec *spec)
{
    bool alone = spec->endpoints[0] == NULL || below(w, 2) == 0;

    if (alone && swarm_peer_on(w, DIRECTORY_HOST) < 0)
        return false;
    for (unsigned i = SIM_ENDPOINTS_MAX - 1; i > 0; i--)
        spec->endpoints[i] = alone ? NULL : spec->endpoints[i - 1];
    spec->endpoints[0] = DIRECTORY;
    spec->group = "lobby"; /* asked for by its name */
    return true;
}

void swarm_host(struct swarm *w)
{
    struct sim_spec spec = {.host = DIRECTORY_HOST,
                            .boot_port = 8080,
                            .group = "house",
                            .profile = true,
                            .host_groups = 4};

    if (swarm_peer_on(w, DIRECTORY_HOST) < 0 &&
        sim_peer_count(w->sim) < SIM_PEERS_MAX)
        sim_start(w->sim, &spec);
}

void swarm_unhost(struct swarm *w)
{
    int peer = swarm_peer_on(w, DIRECTORY_HOST);

    if (peer >= 0)
        sim_crash(w->sim, (unsigned)peer);
}

/* On links it says the truth. */
void swarm_lie(struct swarm *w)
{
    int peer = swarm_peer_on(w, 1 + below(w, w->hosts));

    if (peer >= 0 && swarm_alive(w) >= LIE_ALIVE_MIN &&
        sim_may_speak(w->sim, (unsigned)peer) &&
        !sim_is_evil(w->sim, (unsigned)peer))
        sim_evil_begin(w->sim, (unsigned)peer, 0);
}
