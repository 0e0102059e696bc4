/*
 * tests/sim/path.c - hosts, and how long or whether anything gets from one to
 * another.
 *
 * Two processes of one host reach each other whatever happens to the network.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_internal.h"

#define LOCAL_LATENCY_MS 0
#define HURRY_MS 500 /* a slow store's, when the world heals */

void sim_paths_init(struct sim *s)
{
    for (unsigned a = 1; a <= SIM_HOSTS_MAX; a++)
        for (unsigned b = 1; b < a; b++) {
            moot_ms latency =
                sim_between(s, s->world.latency_min, s->world.latency_max);

            s->path[a][b].latency = latency;
            s->path[b][a].latency = latency;
        }
}

bool sim_open_way(const struct sim *s, unsigned from, unsigned to)
{
    if (from == to)
        return !s->vanished[from];
    return !s->path[from][to].cut && !s->vanished[from] && !s->vanished[to];
}

static bool way_clean(const struct sim_path *path, moot_ms at)
{
    return !path->cut && path->rate == 0 && path->flaky == 0 &&
           path->clog_until < at && path->touched < at;
}

bool sim_clean_since(const struct sim *s, unsigned a, unsigned b, moot_ms at)
{
    return way_clean(&s->path[a][b], at) && way_clean(&s->path[b][a], at) &&
           !s->vanished[a] && !s->vanished[b];
}

moot_ms sim_latency(struct sim *s, unsigned from, unsigned to)
{
    if (from == to)
        return LOCAL_LATENCY_MS;

    const struct sim_path *path = &s->path[from][to];
    moot_ms latency = path->latency + sim_between(s, 0, s->world.jitter_max);

    if (path->clog_until > s->now + latency)
        latency = path->clog_until - s->now + sim_between(s, 0, 20);
    return latency;
}

unsigned sim_host_of(const char *host, unsigned self)
{
    static const char net[] = "10.0.0.";

    if (strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0)
        return self;
    if (strncmp(host, net, sizeof net - 1) != 0)
        return 0;

    unsigned long number = strtoul(host + sizeof net - 1, NULL, 10);

    return number <= SIM_HOSTS_MAX ? (unsigned)number : 0;
}

void sim_host_name(unsigned host, char out[MOOT_HOST_LEN_MAX + 1])
{
    snprintf(out, MOOT_HOST_LEN_MAX + 1, "10.0.0.%u", host);
}

/* --- faults --- */

static void check_host(unsigned host)
{
    moot_assert(host >= 1);
    moot_assert(host <= SIM_HOSTS_MAX);
}

void sim_cut_way(struct sim *s, unsigned from, unsigned to, bool cut)
{
    check_host(from);
    check_host(to);
    s->path[from][to].cut = cut;
    s->path[from][to].touched = s->now;
    s->disturbed = s->now;
    if (!cut)
        sim_conns_kick(s);
}

void sim_cut(struct sim *s, unsigned a, unsigned b, bool cut)
{
    sim_cut_way(s, a, b, cut);
    sim_cut_way(s, b, a, cut);
}

void sim_cut_sets(struct sim *s, uint32_t one, uint32_t other, bool cut)
{
    for (unsigned a = 1; a <= SIM_HOSTS_MAX; a++)
        for (unsigned b = 1; b <= SIM_HOSTS_MAX; b++)
            if ((one >> a & 1) != 0 && (other >> b & 1) != 0 && a != b)
                sim_cut(s, a, b, cut);
}

void sim_clog(struct sim *s, unsigned from, unsigned to, moot_ms by)
{
    check_host(from);
    check_host(to);
    s->path[from][to].clog_until = s->now + by;
    s->disturbed = s->now + by;
}

void sim_slow(struct sim *s, unsigned from, unsigned to, size_t rate)
{
    check_host(from);
    check_host(to);
    s->path[from][to].rate = rate;
    s->path[from][to].touched = s->now;
    s->disturbed = s->now;
}

void sim_flaky(struct sim *s, unsigned from, unsigned to, unsigned percent)
{
    check_host(from);
    check_host(to);
    s->path[from][to].flaky = percent;
    s->path[from][to].touched = s->now;
    s->disturbed = s->now;
}

void sim_vanish(struct sim *s, unsigned host)
{
    check_host(host);
    s->vanished[host] = true;
    s->disturbed = s->now;
    for (uint32_t i = 0; i < s->peer_count; i++) {
        struct sim_peer *p = s->peers[i];

        if (p->host == host && sim_peer_alive(p)) {
            sim_tell(s, p->label, "* loses power");
            p->state = SIM_KILLED;
            p->ended_at = s->now;
            sim_peer_bury(p);
        }
    }
}

void sim_return(struct sim *s, unsigned host)
{
    check_host(host);
    s->vanished[host] = false;
    sim_conns_kick(s);
}

void sim_heal(struct sim *s)
{
    sim_tell(s, "world", "* heals");
    for (unsigned a = 1; a <= SIM_HOSTS_MAX; a++)
        for (unsigned b = 1; b <= SIM_HOSTS_MAX; b++) {
            s->path[a][b].cut = false;
            s->path[a][b].clog_until = 0;
            s->path[a][b].rate = 0;
            s->path[a][b].flaky = 0;
        }
    for (uint32_t i = 0; i < s->peer_count; i++) {
        s->peers[i]->dying = false;
        if (s->peers[i]->state == SIM_PAUSED)
            sim_resume(s, i);
        sim_store_hurry(s->peers[i], s->now + HURRY_MS);
    }
    s->disturbed = s->now;
    sim_conns_heal(s);
}
