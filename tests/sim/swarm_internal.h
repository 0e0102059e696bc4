/*
 * tests/sim/swarm_internal.h - a life that is being lived.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#ifndef MOOT_TESTS_SIM_SWARM_INTERNAL_H
#define MOOT_TESTS_SIM_SWARM_INTERNAL_H

#include "swarm.h"

#define SWARM_ACTIONS_MAX 1024

enum swarm_what {
    SWARM_DO_START,    /* a: host, b: whom to name: 0 some, 1 nobody but a
                          directory, 2 all, 3 nobody at all */
    SWARM_DO_FOUND,    /* if nobody runs, the first begins alone */
    SWARM_DO_SAY,      /* a: lines */
    SWARM_DO_FAULT,    /* a: kind */
    SWARM_DO_RESUME,   /* a: peer */
    SWARM_DO_JOIN_CUT, /* a, b: sets of hosts that find each other again */
    SWARM_DO_OPEN_WAY, /* a, b: from, to: no cut, not slow, not flaky */
    SWARM_DO_STORE,    /* a: peer: its store is fast and whole again */
    SWARM_DO_REKEY,    /* a: how many at once, b: is one left out? */
    SWARM_DO_STRANGER, /* a: kind */
    SWARM_DO_HOST,     /* a directory is started, if it does not run */
    SWARM_DO_UNHOST,   /* it is killed */
    SWARM_DO_LIE,      /* somebody lies to it from now on */
    SWARM_DO_RESTORE   /* a: host: an old backup takes the place of its disk */
};

enum swarm_stranger {
    SWARM_STRANGER_NONE, /* without a secret */
    SWARM_STRANGER_WRONG,
    SWARM_STRANGER_OLD /* with one that opens nothing any more */
};

struct swarm_action {
    moot_ms at;
    enum swarm_what what;
    uint32_t a, b;
};

struct swarm {
    struct sim *sim;
    struct moot_rng rng;   /* its own, so that peers do not change the plan */
    struct moot_rng more;  /* ... and what came later does not change that */
    unsigned hosts, boots; /* hosts 1..boots have a bootstrap socket */
    uint32_t kinds;        /* of faults, as bits */
    moot_ms life;
    bool closed; /* the group has a secret */
    bool hosted; /* it meets at a directory */
    bool mutual; /* the first two name each other; nobody founds */
    unsigned said;
    bool sqlite;
    bool liars; /* who tell each of the others another part */
    bool long_lines, same_names;
    bool flood; /* long lines by the hundred: queues fill */
    struct swarm_action plan[SWARM_ACTIONS_MAX]; /* soonest last */
    unsigned planned;
    struct swarm_result *result;
};

unsigned swarm_below(struct swarm *w, unsigned bound);
moot_ms swarm_between(struct swarm *w, moot_ms min, moot_ms max);
void swarm_plan(struct swarm *w, moot_ms at, enum swarm_what what, uint32_t a,
                uint32_t b);

/* The peer that runs (or is stopped) on this host; -1: none. */
int swarm_peer_on(const struct swarm *w, unsigned host);
unsigned swarm_alive(const struct swarm *w); /* running, not leaving */

/* Carries out a fault of this kind if there is whom it can hit. */
bool swarm_fault(struct swarm *w, enum swarm_fault kind);

void swarm_end_evil(struct swarm *w);

/* Of a life whose group is closed. */
void swarm_closed_plan(struct swarm *w);
/* Adds who has to know a secret to what a member begins with; false: he cannot
 * begin now. */
bool swarm_closed_spec(struct swarm *w, struct sim_spec *spec,
                       struct moot_secret *secret);
void swarm_rekey(struct swarm *w, unsigned count, bool without);
void swarm_stranger(struct swarm *w, enum swarm_stranger kind);

/* Of a life whose group meets at a directory. */
void swarm_hosted_plan(struct swarm *w);
/* Adds the directory to whom a member asks; false: nobody can be asked now. */
bool swarm_hosted_spec(struct swarm *w, struct sim_spec *spec);
void swarm_host(struct swarm *w);
void swarm_unhost(struct swarm *w);
void swarm_lie(struct swarm *w);

/* Kills what runs on this host, and starts it again with the disk that it had
 * when the backup was made. */
void swarm_restore(struct swarm *w, unsigned host);

#endif
