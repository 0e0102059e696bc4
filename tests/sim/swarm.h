/*
 * tests/sim/swarm.h - one random life of a whole group, made from a seed.
 *
 * Three to eight peers join, talk, and suffer faults for a minute; then the
 * world heals, and everything that was promised must be there in time.  A life
 * with fewer peers, lines or faults than are stated here counts as failed.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#ifndef MOOT_TESTS_SIM_SWARM_H
#define MOOT_TESTS_SIM_SWARM_H

#include "sim.h"

#define SWARM_PEERS_MIN 3
#define SWARM_PEERS_MAX 8
#define SWARM_LINES_MIN 100
#define SWARM_FAULTS_MIN 5
#define SWARM_KINDS_MIN 3
#define SWARM_LIFE_MS 60000   /* at least, before the world heals */
#define SWARM_HEALED_MS 10000 /* within this all is as promised */
/* What a liar told each of the others another part of comes together by one
 * entry a round. */
#define SWARM_LIED_MS 60000
#define SWARM_CALM_MS 5000  /* old links that were half open are gone by then */
#define SWARM_FRESH_MS 1500 /* within this a line reaches everybody */

enum swarm_fault {
    SWARM_CRASH,     /* kill -9 */
    SWARM_CRASH_MID, /* between two effects of one step */
    SWARM_VANISH,    /* power off */
    SWARM_RESTART,   /* kill -9, and again under the same address */
    SWARM_ALONE,     /* a bootstrap peer restarted that names nobody */
    SWARM_LEAVE,
    SWARM_JOIN,       /* one to three at once */
    SWARM_PAUSE,      /* stopped for up to 28 s */
    SWARM_PAUSE_LONG, /* stopped for more than 35 s */
    SWARM_HALVES,     /* a cut through the middle */
    SWARM_ISOLATE,    /* one cut off */
    SWARM_ONE_WAY,
    SWARM_BRIDGE, /* two halves that share one */
    SWARM_RING,   /* each reaches its two neighbours only */
    SWARM_CLOG,   /* seconds of delay */
    SWARM_SLOW,   /* few bytes per second */
    SWARM_RESET,  /* connections reset */
    SWARM_FLAKY,  /* attempts to connect fail */
    SWARM_STORE,  /* slow stores */
    SWARM_WALL,   /* the wall clock jumps */
    SWARM_RATE,   /* ... or goes too fast, too slowly, or backwards */
    SWARM_FULL,   /* nothing can be written for a while */
    SWARM_WIPE,   /* kill -9, and again without its history */
    SWARM_BACKUP, /* ... or with an old one */
    SWARM_POWER,  /* power off for several at once, and on again */
    SWARM_DAMAGE, /* entries that do not read any more */
    SWARM_EVIL,   /* somebody lies from now on */
    SWARM_FAULTS  /* how many kinds there are; keep it last */
};

const char *swarm_fault_name(enum swarm_fault kind);

struct swarm_options {
    unsigned peers;   /* 0: as the seed says */
    uint32_t without; /* kinds of faults to leave out, as bits */
    bool narrate;     /* to standard output */
    bool frames;      /* every message, too */
    bool sqlite;      /* real databases */
};

struct swarm_result {
    char *fault; /* what went wrong; NULL: nothing.  free() gives it back */
    uint64_t digest;
    unsigned peers; /* hosts on which somebody lived */
    unsigned lives;
    moot_ms virtual_ms;
    moot_ms healed_ms; /* how long it took after the world healed */
    moot_ms fresh_ms;  /* how long a line took at the end */
    unsigned faults[SWARM_FAULTS];
    bool closed;        /* its group had a secret */
    bool hosted;        /* it met at a directory */
    unsigned strangers; /* ... and so many wanted in */
    unsigned joined, left, unheard, unreached, refused, died;
    struct sim_figures figures;
};

void swarm_live(uint64_t seed, const struct swarm_options *options,
                struct swarm_result *ret_result);

#endif
