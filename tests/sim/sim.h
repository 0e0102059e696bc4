/*
 * tests/sim/sim.h - a whole group of peers with its network, stores and clocks
 * as a function of one seed.
 *
 * The peers are real (node/node.h); everything around them is made here, in
 * virtual time: what a peer asks for is carried out, what happens to it is
 * handed in, and every step is judged against the promises of the protocol.
 * Nothing of the operating system is used, so the same seed gives the same
 * life, event by event.
 *
 * A host is a machine with one address ("10.0.0.<number>"); a peer is one life
 * of one process on it.  A process that is started again is another peer; with
 * the profile of its host it is the same identity, and has what was durable.
 *
 * Layer:  tests.
 * Thread: the caller's; a simulation is never shared.
 */
#ifndef MOOT_TESTS_SIM_SIM_H
#define MOOT_TESTS_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "base/time.h"
#include "node/node.h"

#define SIM_HOSTS_MAX 12  /* machines; their numbers begin with 1 */
#define SIM_PEERS_MAX 64  /* lives of processes */
#define SIM_CHAINS_MAX 96 /* some lives move to another group */
#define SIM_ENDPOINTS_MAX 4

/* Members of closed groups are called so, that strangers may look for it. */
#define SIM_CLOSED_NAME "closed-"

struct sim;

/* How the world is; zero is a world without any delay. */
struct sim_world {
    moot_ms latency_min, latency_max; /* one way, drawn once a pair of hosts */
    moot_ms jitter_max;               /* added to each segment */
    moot_ms store_min, store_max;     /* until an entry is stored or read */
    moot_ms late_max;                 /* how late a timer may fire */
    size_t window; /* bytes a connection takes before it is read */
    bool sqlite;   /* profiles of hosts are in real databases */
};

struct sim_spec {
    const char *name;  /* NULL: "p<number>" */
    const char *group; /* NULL: "lobby" */
    unsigned host;
    uint16_t port;      /* of the welcoming socket; 0: 8081 */
    uint16_t boot_port; /* 0: standard mode */
    const char *endpoints[SIM_ENDPOINTS_MAX]; /* up to the first NULL */
    bool partial;                             /* --join partial */
    bool profile;    /* its host's; else one of its own, thrown away */
    moot_ms timeout; /* --timeout; 0: 10 s */
    bool closed;     /* --private */
    const struct moot_secret *secret; /* of an invitation; NULL: none */
    unsigned host_groups;             /* --host_groups: it keeps a directory */
    bool stranger; /* must never be let in, nor learn anything */
};

enum sim_state {
    SIM_RUNNING,
    SIM_PAUSED, /* stopped: nothing is processed, the kernel still listens */
    SIM_KILLED, /* crashed; what was in the kernel still goes out */
    SIM_ENDED   /* left by itself, with an exit code */
};

/* --- the whole --- */

struct sim *sim_create(uint64_t seed, const struct sim_world *world);
void sim_destroy(struct sim *s);

/* Narrates every decision, into the text of sim_story() or to stdout. */
void sim_narrate(struct sim *s, bool to_stdout);

/* Narrates every message that arrives, too. */
void sim_narrate_frames(struct sim *s);

/* Narration and faults call a peer by its number, as names may be alike. */
void sim_number_peers(struct sim *s);

moot_ms sim_now(const struct sim *s);
void sim_run_until(struct sim *s, moot_ms at);
void sim_run_ms(struct sim *s, moot_ms ms);

/* Runs until the condition holds; false when it does not within ms. */
bool sim_run_while(struct sim *s, moot_ms ms,
                   bool (*not_yet)(struct sim *s, void *ctx), void *ctx);

/* What went wrong first; NULL: nothing yet. */
const char *sim_fault(const struct sim *s);

/* A digest of everything that happened. */
uint64_t sim_digest(const struct sim *s);

/* --- processes --- */

/* The number of the new peer; numbers begin with 0. */
unsigned sim_start(struct sim *s, const struct sim_spec *spec);
void sim_crash(struct sim *s, unsigned peer); /* kill -9 */
/* The same, in the middle of a step: after so many effects from now on. */
void sim_crash_after(struct sim *s, unsigned peer, unsigned effects);
bool sim_doomed(const struct sim *s, unsigned peer); /* it will, soon */
void sim_vanish(struct sim *s, unsigned host); /* power off: no last word */
void sim_return(struct sim *s, unsigned host); /* power on, no process */
void sim_pause(struct sim *s, unsigned peer);  /* SIGSTOP */
void sim_resume(struct sim *s, unsigned peer); /* SIGCONT */
void sim_leave(struct sim *s, unsigned peer, const char *reason);
void sim_input_end(struct sim *s, unsigned peer);
void sim_wall_jump(struct sim *s, unsigned peer, moot_ms by);
/* The wall clock goes wrong by so many percent, from now on. */
void sim_wall_rate(struct sim *s, unsigned peer, int percent);

/* Says a line; false when the peer may not speak (now). */
bool sim_say(struct sim *s, unsigned peer, const char *text);
bool sim_say_kind(struct sim *s, unsigned peer, enum moot_line_kind kind,
                  const char *text);

/* /rekey; what it leads to is narrated. */
void sim_rekey(struct sim *s, unsigned peer);
/* The same, but for one of the others. */
void sim_rekey_without(struct sim *s, unsigned peer, unsigned whom);

/* A secret that was changed since everywhere, in the backups too; false: there
 * is none. */
bool sim_stale_secret(const struct sim *s, struct moot_secret *ret_secret);

/* Does its profile know a secret? */
bool sim_knows_secret(const struct sim *s, unsigned host);

/* The address book of host gets to know who and where peer is. */
void sim_overhear(struct sim *s, unsigned host, unsigned peer);

/* Was the newest secret of its group kept from it by rights?  See closed.c. */
bool sim_excused(const struct sim *s, unsigned peer);

/* May it speak without having met `of`, because one keeps the other out, or
 * those whom it asked were told nothing of him, or it keeps them out?  See
 * closed.c. */
bool sim_hidden(const struct sim *s, unsigned peer, unsigned of);

/* --- network --- */

/* Nothing gets from one host to the other (one way). */
void sim_cut_way(struct sim *s, unsigned from, unsigned to, bool cut);
void sim_cut(struct sim *s, unsigned a, unsigned b, bool cut); /* both ways */

/* Between the hosts of two sets, both ways; bit n is host n. */
void sim_cut_sets(struct sim *s, uint32_t one, uint32_t other, bool cut);

/* What is under way and what follows arrives late by so much. */
void sim_clog(struct sim *s, unsigned from, unsigned to, moot_ms by);

/* Bytes per second; 0: as many as there are. */
void sim_slow(struct sim *s, unsigned from, unsigned to, size_t rate);

/* In percent: how many attempts to connect fail. */
void sim_flaky(struct sim *s, unsigned from, unsigned to, unsigned percent);

/* Resets every connection between two hosts. */
void sim_reset(struct sim *s, unsigned a, unsigned b);

/* --- disks --- */

/* Stores of this peer take so much longer. */
void sim_store_delay(struct sim *s, unsigned peer, moot_ms by);

/* Nothing can be written there; reading goes on. */
void sim_store_fail(struct sim *s, unsigned peer, bool failing);

/* Of the profile of a host, while no process runs there: all but the key is
 * lost, or is as it was when the backup was made (the last one counts). */
void sim_wipe(struct sim *s, unsigned host);
/* Some entries do not read any more; whoever runs there finds out. */
void sim_damage(struct sim *s, unsigned host, unsigned count);
void sim_backup(struct sim *s, unsigned host);
void sim_restore(struct sim *s, unsigned host);

/* Every path is as at first, every process goes on, what was held back
 * arrives within a second. */
void sim_heal(struct sim *s);

/* --- liars --- */

enum sim_lie {
    SIM_LIE_SIGNATURE, /* signatures that do not verify */
    SIM_LIE_GAP,       /* some entries are left out */
    SIM_LIE_WITHHOLD,  /* nobody is given what he wants */
    SIM_LIE_FORK,      /* one history for these, another one for those */
    SIM_LIE_PROOF,     /* others are said to have done so */
    SIM_LIE_FRONTIER,  /* chains are longer than they are, and other ones */
    SIM_LIE_GROUP,     /* entries of another group */
    SIM_LIE_REPLAY,    /* old messages again, of any kind, in any state */
    SIM_LIES           /* how many there are; keep it last */
};

/* What this peer says is not what its node wants to say, from now on; lies are
 * bits.  Nobody is held to promises about it. */
void sim_evil_begin(struct sim *s, unsigned peer, unsigned lies);
bool sim_is_evil(const struct sim *s, unsigned peer);

/* --- what one sees --- */

unsigned sim_peer_count(const struct sim *s);
enum sim_state sim_state(const struct sim *s, unsigned peer);
unsigned sim_host(const struct sim *s, unsigned peer);
const char *sim_name(const struct sim *s, unsigned peer);
bool sim_may_speak(const struct sim *s, unsigned peer);
bool sim_joined(const struct sim *s, unsigned peer);

/* The other peers it has an up link with, as bits. */
uint64_t sim_linked(const struct sim *s, unsigned peer);
bool sim_meshed(const struct sim *s); /* all that run are linked to all */

int sim_exit_code(const struct sim *s, unsigned peer); /* -1: not ended */
const char *sim_exit_text(const struct sim *s, unsigned peer);
bool sim_drained(const struct sim *s, unsigned peer);
const struct moot_node *sim_node(const struct sim *s, unsigned peer);

/* Lines of others and own ones: "bob: hello|carol: (earlier) hi|". */
const char *sim_lines(struct sim *s, unsigned peer);

/* Everything shown, one line each, with the time. */
const char *sim_screen(struct sim *s, unsigned peer);

/* The narration so far; the next call gives what came since. */
const char *sim_story(struct sim *s);

/* --- the verdict --- */

/* From now on the world is healed: notes what must be there in the end. */
void sim_expect_all(struct sim *s);

/*
 * Is everything as promised: all who run linked, all logs, rosters and screens
 * equal, no line lost?  NULL, or what is missing.  Borrowed until the next
 * call.
 */
const char *sim_complaint(struct sim *s);

/* Figures for the distributions that the swarm prints. */
struct sim_figures {
    uint64_t events; /* all events carried out */
    uint64_t steps;  /* of nodes */
    uint64_t lines;  /* said */
    uint64_t shown;  /* entries shown, all peers */
    uint64_t late;   /* of these, marked late */
    uint64_t bytes;  /* on links */
    uint64_t dials, dials_failed;
    uint64_t links;   /* connections made */
    uint64_t dead;    /* links the monitor declared dead */
    uint64_t full;    /* queues that passed the soft bound */
    uint64_t slow;    /* links closed for not taking what was sent */
    uint64_t pauses;  /* of links that made too much work */
    uint64_t ended;   /* runs with two histories that somebody ended */
    uint64_t resumed; /* processes that were told of earlier lives */
    uint64_t lost;    /* entries that a store lost and told of */
    uint64_t cuts;    /* of the power of a database that was opened again */
    uint64_t stored;  /* entries, all peers */
    uint64_t posts;   /* requests to directories */
    uint64_t listed;  /* members in them, each time one was looked at */
    uint64_t rekeys;  /* changes of a secret */
    unsigned groups;  /* of the peers that run */
    unsigned entries; /* in the transcript at the end */
};
void sim_figures(struct sim *s, struct sim_figures *out);

#endif
