/*
 * tests/sim/sim_internal.h - the parts of a simulated world, for the files
 * under tests/sim alone.
 *
 *     queue    what is due, and when
 *     sim      the clock and the door between the parts
 *     peer     one life of a process: steps its node, carries out its effects
 *     path     hosts and what lies between them
 *     conn     connections: bytes under way, windows, ends
 *     dial     attempts to connect, and questions to bootstrap sockets
 *     hosted   what those answer, and group directories
 *     profile  what a host keeps from one life of a process to the next
 *     disk     the same in a real database
 *     store    how long it takes to get there
 *     monitor  the failure detector's clock
 *     check    is every step allowed?
 *     known    who knows an address of whom
 *     closed   who must have which secret, and who must learn nothing
 *     verdict  is everything there in the end?
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#ifndef MOOT_TESTS_SIM_SIM_INTERNAL_H
#define MOOT_TESTS_SIM_SIM_INTERNAL_H

#include "base/alloc.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "node/pulse.h"
#include "sim.h"

#define SIM_WINDOW (256 * 1024)     /* unless the world says otherwise */
#define SIM_SEGMENT_MAX (16 * 1024) /* a TLS record */
#define SIM_RTO_MS 200              /* first retransmission; doubles */
#define SIM_RTO_MAX_MS 120000
#define SIM_DRAIN_MS 1000  /* see MOOT_FX_CLOSE */
#define SIM_STUCK_MS 30000 /* a queue without progress */
#define SIM_NOBODY UINT32_MAX

/* --- queue --- */

enum sim_what {
    SIM_TIMER,   /* a: generation */
    SIM_TICK,    /* of the monitor; a: generation */
    SIM_SERVE,   /* the head of a connection's stream; a: end, b: generation */
    SIM_READ,    /* a process or a pause has ended: read on; a: end */
    SIM_DRAINED, /* a draining end gives up; a: end */
    SIM_CLOSED,  /* tell the node; a: end, b: minus the error */
    SIM_FLOW,    /* tell the node FULL or CLEAR; a: end, b: which */
    SIM_RST,     /* a reset arrives; a: end */
    SIM_JOB,     /* a dial or a question goes on; a: slot */
    SIM_STORE,   /* a store's queue goes on; a: generation */
    SIM_SCAN,    /* a store has looked at all it has */
    SIM_VERIFIED /* signatures are checked; a: number */
};

struct sim_due {
    moot_ms at;
    uint64_t order; /* of what is due at one time, the first asked goes first */
    enum sim_what what;
    uint32_t peer; /* whose; SIM_NOBODY: the network's */
    uint32_t a, b;
};

struct sim_queue {
    struct sim_due *at; /* a binary heap */
    size_t count, max;
    uint64_t order;
};

void sim_queue_push(struct sim_queue *q, struct sim_due due);
bool sim_queue_pop(struct sim_queue *q, moot_ms until, struct sim_due *ret_due);

/* --- connections --- */

enum sim_mark {
    SIM_MARK_NONE, /* bytes */
    SIM_MARK_OPEN, /* the acceptor's handshake is done */
    SIM_MARK_FIN,
    SIM_MARK_RST
};

struct sim_segment {
    moot_ms at; /* when it arrives at the earliest */
    uint32_t len;
    enum sim_mark mark;
};

/* One end of a connection, and the stream that begins there. */
struct sim_end {
    uint32_t peer;
    moot_token dial; /* 0: accepted */
    bool opened;     /* the node heard of it */
    bool up;         /* the node called it proven */
    bool draining;   /* the node asked to close it */
    bool told;       /* the end is on its way to the node, or was heard */
    bool gone;       /* no process holds it any more */
    bool full;
    bool loopback; /* dialled by such an address */

    struct moot_buf waiting;      /* not yet taken by the kernel */
    struct moot_buf wire;         /* the bytes of the segments */
    struct sim_segment *segments; /* a ring */
    uint32_t first, count, max;
    size_t held;     /* bytes of the window in use */
    size_t unacked;  /* arrived and read, but the way back is cut */
    moot_ms last_at; /* of the newest segment */
    moot_ms rate_at; /* the path is busy until then */
    moot_ms rto;
    uint32_t serving; /* generation of the due SIM_SERVE */
    bool stuck;       /* its head met a cut path */
    bool finished;    /* FIN or RST is in the ring */
    moot_ms progress; /* when the window last took or gave something */

    struct moot_buf in; /* arrived, not yet given to the node */
    size_t unread;      /* the part of it that was not yet read either */
    bool in_open, in_eof, in_reset;
    moot_ms paused_until; /* the node wants nothing of it before */
    moot_ms opened_at;
    moot_ms arrived; /* the last time anything came */
    moot_ms heard;   /* the last time anything was read */
    struct moot_pulse pulse;
};

struct sim_conn {
    struct sim_end end[2]; /* the dialler's, the acceptor's */
    struct moot_exporter exporter;
    struct moot_addr dialled;
    uint16_t from_port;
    bool buried; /* both ends are gone and nothing is under way */
};

/* --- jobs --- */

enum sim_stage {
    SIM_STAGE_FREE,
    SIM_STAGE_CONNECT, /* to addrs[next] */
    SIM_STAGE_SHAKE,   /* connected; TLS, or the question, is under way */
    SIM_STAGE_REPLY    /* the answer is under way */
};

struct sim_job {
    enum sim_stage stage;
    bool ask;
    uint32_t peer;
    uint32_t target; /* the peer that listens there */
    struct moot_fx_dial dial;
    struct moot_fx_ask question;
    unsigned next;        /* address */
    moot_ms until;        /* the deadline of all */
    moot_ms slice;        /* the deadline of this address */
    moot_ms since;        /* first SYN to this address */
    int why;              /* what went wrong last */
    bool post;            /* a request, not a question: */
    struct moot_buf body; /* what is posted */
    char body_signature[MOOT_HEX_LEN + 1 + 128 + 1];
    struct moot_reception got; /* the answer */
};

/* --- profiles --- */

#define SIM_KNOWN_MAX 8 /* groups of one profile */
#define SIM_TAIL_MAX 64 /* of the newest entries, read at the start */

struct sim_disk;

/* What a profile has of one chain. */
struct sim_kept {
    struct moot_entry **entries; /* entries[i] is seq i + 1; NULL: lost */
    unsigned count, max;
    struct moot_buf fork; /* the proof that ended it; empty: none */
    uint64_t bad; /* one that does not read, nobody knows it yet; 0: none */
};

struct sim_known {
    struct moot_hash group;
    char name[MOOT_NAME_LEN_MAX + 1];
    bool grown;
    struct moot_back back;
};

#define SIM_BROUGHT_MAX 16

/* A key and a disk.  They outlive the processes that use them. */
struct sim_profile {
    bool keyed; /* .key is made */
    struct moot_key key;
    struct sim_kept kept[SIM_CHAINS_MAX];
    struct sim_known known[SIM_KNOWN_MAX]; /* the one used last is first */
    unsigned known_count;
    struct moot_hash brought[SIM_BROUGHT_MAX]; /* secrets of its starts */
    unsigned brought_count;
    bool lossy; /* something that was kept there was taken away */
    struct sim_profile *backup; /* NULL: none was made */
    struct sim_disk *disk;      /* NULL: the model is all there is */
    struct moot_peers book;     /* the cache of its user: no backup has it */
};

/* --- peers --- */

/* A job of the store: an entry to keep, a run to end, or a range to read. */
struct sim_store_job {
    struct moot_entry *entry;
    moot_token token;
    struct moot_fx_fetch fetch;
    struct moot_fx_end_run *end;       /* to carry out; NULL: it is none */
    struct moot_fx_remember *remember; /* likewise */
    moot_ms at;
};

struct sim_store {
    struct sim_store_job *jobs; /* first asked first */
    unsigned first, count, max;
    uint32_t generation;
    moot_ms extra;
    bool due;
    bool failing; /* nothing can be written */
    bool told;    /* ... and the node knows */
};

/* What one peer has of one chain. */
struct sim_view {
    uint64_t shown; /* newest seq on the screen, or before what it began with */
    uint64_t asked; /* newest seq that was given to the store */
    uint64_t stored; /* ... that came there, in this life or an earlier one */
    uint64_t held;   /* the same, below the first that was lost */
    uint64_t holed;  /* something up to here was lost before it was shown */
    moot_ms waiting; /* since when something of it is not shown; 0: all is */
};

struct sim_peer {
    struct sim *sim;
    uint32_t number;
    unsigned host;
    uint16_t port, boot_port;
    char name[MOOT_NAME_LEN_MAX + 1];
    char label[MOOT_NAME_LEN_MAX + 16]; /* who it is in narration and blame */
    bool partial;
    enum sim_state state;
    bool stranger;
    bool hosts;                  /* keeps a directory */
    moot_ms looked;              /* when that was last looked at */
    moot_ms registered;          /* since when one has its group, */
    moot_ms evidence;            /* when one last took its request; 0: never */
    struct moot_node *node;      /* NULL: no longer */
    struct sim_evil *evil;       /* NULL: it is honest */
    struct sim_profile *profile; /* its host's, or a throw-away one */
    bool fleeting;               /* ... which is this */
    struct moot_past *pasts;     /* what it was told of earlier lives */
    unsigned past_count;
    struct moot_tracer tracer;
    struct moot_effects fx;
    bool stepping;
    bool dying; /* crashes after so many effects of its next steps: */
    unsigned effects_left;

    moot_wall_ms wall_skew;
    int wall_rate;      /* percent it is wrong by, */
    moot_ms wall_since; /* ... since then */
    moot_ms timer_at;   /* when the due SIM_TIMER fires; MOOT_NEVER: none */
    uint32_t timer;     /* its generation */
    moot_ms spun_at;    /* how many steps there were at one instant */
    unsigned spun;
    uint32_t tick; /* generation of the monitor's clock */
    moot_ms tick_at, woke, resumed;
    struct sim_due *deferred; /* what became due while it was paused */
    unsigned deferred_count, deferred_max;

    uint32_t *ends; /* its open ends: conn * 2 + side */
    unsigned end_count, end_max;

    struct sim_store store;
    struct sim_verify *verifying; /* the newest first */
    uint32_t verify_number;
    struct sim_view views[SIM_CHAINS_MAX];
    uint64_t must[SIM_CHAINS_MAX]; /* see sim_expect_all */
    uint32_t own_chain;            /* the one it speaks in */

    struct moot_hash group; /* which it was in when last looked at */
    moot_ms group_since;
    uint32_t named; /* hosts it was told to ask, bits */
    uint32_t knows; /* hosts it was linked to and has no goodbye from, bits */
    uint64_t met;   /* lives it was linked to, bits */
    moot_ms started, spoke_at, left_at, ended_at;
    bool may_speak, drained, leaving;
    char reason[MOOT_REASON_LEN_MAX + 1];
    bool exiting;
    int exit_code;
    char *exit_text;

    struct moot_buf lines, screen;
};

/* A line somebody said. */
struct sim_line {
    enum moot_line_kind kind;
    char *text;
    moot_ms at;
};

struct sim_said {
    struct sim_line *lines;
    unsigned count, max;
};

/* A chain somebody began. */
struct sim_chain {
    struct moot_hash group;
    struct moot_run in;
    bool second;     /* its author began another one in the same life */
    uint32_t author; /* the life that began it */
    struct moot_hash *hashes; /* of its entries, as their author made them */
    unsigned count, max;
    unsigned lines;      /* of its author, up to here, are in it */
    uint32_t again_life; /* where it says again what earlier lives said */
    unsigned again_line;
    uint64_t sent;            /* its newest entry that was shown as sent */
    struct moot_hash *others; /* entries of its other history */
    unsigned other_count, other_max;
};

/* --- secrets --- */

#define SIM_CHANGES_MAX 64
#define SIM_TELLS_MAX 32

/* A line that tells of a change; hosts are bits. */
struct sim_tell {
    uint32_t chain;
    uint64_t seq;
    bool more;
    uint32_t boxed, out;
};

/* A secret that somebody made. */
struct sim_change {
    struct moot_hash group, hash;
    uint64_t generation;       /* 0: no line of it was made yet */
    struct moot_secret secret; /* all zero: not known here */
    uint32_t owed;             /* hosts of those who must get it, bits */
    struct sim_tell tells[SIM_TELLS_MAX];
    unsigned tell_count;
};

/* --- paths --- */

struct sim_path {
    moot_ms latency;
    bool cut;
    moot_ms clog_until;
    size_t rate;
    unsigned flaky;
    moot_ms touched; /* the last time something happened to it */
};

struct sim {
    uint64_t seed;
    struct moot_rng rng;
    struct sim_world world;
    moot_ms now;
    struct sim_queue queue;
    uint64_t digest;

    struct sim_path path[SIM_HOSTS_MAX + 1][SIM_HOSTS_MAX + 1];
    bool vanished[SIM_HOSTS_MAX + 1];
    moot_ms disturbed; /* the last time the network was not itself */

    struct sim_peer *peers[SIM_PEERS_MAX];
    uint32_t peer_count;
    struct sim_conn **conns;
    uint32_t conn_count, conn_max;
    struct sim_job **jobs;
    uint32_t job_count, job_max;

    struct sim_said said[SIM_PEERS_MAX];
    struct sim_chain chains[SIM_CHAINS_MAX];
    uint32_t chain_count;
    struct sim_profile profiles[SIM_HOSTS_MAX + 1];
    struct moot_hash groups[SIM_PEERS_MAX]; /* that somebody spoke in */
    unsigned group_count;
    unsigned groups_max; /* of these, how many had to be */
    bool damaged;        /* entries may be lost for good */
    bool evil;           /* somebody lies, or did */
    bool closed;         /* somebody has a secret */
    struct sim_change changes[SIM_CHANGES_MAX];
    unsigned change_count;

    bool narrating, to_stdout;
    bool frames;                 /* see sim_narrate_frames */
    bool plain_labels;           /* see sim_number_peers */
    struct moot_buf story, told; /* told: what sim_story gave last */
    char *fault;
    char *complaint;
    struct moot_message scratch; /* large; what is decoded in passing */
    struct sim_figures figures;
};

/* --- sim.c --- */

/* Remembers the first thing that went wrong. */
void sim_blame(struct sim *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void sim_note(struct sim *s, uint64_t value); /* into the digest */
void sim_note_bytes(struct sim *s, struct moot_bytes bytes);
void sim_tell(struct sim *s, const char *who, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
moot_ms sim_between(struct sim *s, moot_ms min, moot_ms max);
void sim_due_at(struct sim *s, moot_ms at, enum sim_what what, uint32_t peer,
                uint32_t a, uint32_t b);

/* --- view.c --- */

/* Remembers what was shown, for stories and people. */
void sim_view_show(struct sim_peer *p, const struct moot_show *show);

/* --- peer.c --- */

/* Fills in the time and hands the event to the node. */
void sim_peer_step(struct sim_peer *p, struct moot_event *ev);
void sim_peer_due(struct sim_peer *p, const struct sim_due *due);
void sim_peer_defer(struct sim_peer *p, const struct sim_due *due);
void sim_peer_add_end(struct sim_peer *p, uint32_t end);
void sim_peer_drop_end(struct sim_peer *p, uint32_t end);
moot_wall_ms sim_peer_wall(const struct sim_peer *p);
bool sim_peer_alive(const struct sim_peer *p); /* running or paused */
void sim_peer_bury(struct sim_peer *p);        /* its process is no more */
void sim_peer_fini(struct sim_peer *p);
void sim_peer_maybe_end(struct sim_peer *p); /* if it is leaving, and may */

/* --- path.c --- */

void sim_paths_init(struct sim *s);
bool sim_open_way(const struct sim *s, unsigned from, unsigned to);
/* Both ways, as they were at first. */
bool sim_clean_since(const struct sim *s, unsigned a, unsigned b, moot_ms at);
moot_ms sim_latency(struct sim *s, unsigned from, unsigned to);
unsigned sim_host_of(const char *host, unsigned self); /* 0: no such */
void sim_host_name(unsigned host, char out[MOOT_HOST_LEN_MAX + 1]);

/* --- conn.c --- */

moot_link sim_link_of(uint32_t end); /* and back: */
struct sim_end *sim_end_of(struct sim *s, uint32_t end);
struct sim_end *sim_other_end(struct sim *s, uint32_t end);
void sim_conn_create(struct sim *s, const struct sim_job *job,
                     const struct moot_addr *dialled, bool loopback);
void sim_conn_send(struct sim *s, uint32_t end, struct moot_bytes bytes);
void sim_conn_pump(struct sim *s, uint32_t end);
void sim_conn_read(struct sim *s, uint32_t end); /* by its process */
void sim_conn_close(struct sim *s, uint32_t end);
void sim_conn_cut(struct sim *s, uint32_t end, int why);
void sim_conn_pause(struct sim *s, uint32_t end, moot_ms ms);
void sim_conn_slow(struct sim *s, uint32_t end);
void sim_conn_crash(struct sim *s, uint32_t end);
void sim_conn_gone(struct sim *s, uint32_t end); /* the node knows */
void sim_conn_due(struct sim *s, const struct sim_due *due);
void sim_conns_kick(struct sim *s); /* a path changed */
void sim_conns_heal(struct sim *s);
void sim_conn_destroy(struct sim_conn *c);

/* --- frames.c --- */

/* Says what this frame is that arrives at an end. */
void sim_tell_frame(struct sim *s, uint32_t end, struct moot_bytes frame);

/* --- dial.c --- */

void sim_dial(struct sim_peer *p, const struct moot_fx_dial *dial);
void sim_ask(struct sim_peer *p, const struct moot_fx_ask *ask);
void sim_post(struct sim_peer *p, const struct moot_fx_post *post);
void sim_job_due(struct sim *s, const struct sim_due *due);
void sim_job_destroy(struct sim_job *job);

/* --- profile.c --- */

/* Those of the host of p, or one of its own; makes the key if need be. */
void sim_profile_take(struct sim_peer *p, bool fleeting);
void sim_profile_give(struct sim_peer *p);
/* Its process is no more, and neither is its node. */
void sim_profile_close(struct sim_peer *p, struct moot_entry *const *torn,
                       unsigned count);
/* Into p->pasts, and what p knows of each chain. */
void sim_profile_read(struct sim_peer *p);
/* What did not read is found out: one, or (seq 0) all. */
void sim_profile_lose(struct sim_peer *p, uint32_t chain);
bool sim_profile_lacks(const struct sim_profile *f, uint32_t chain,
                       uint64_t seq);
void sim_profile_scan(struct sim_peer *p);
void sim_profile_enter(struct sim_peer *p, const struct moot_hash *group);
void sim_profile_keep(struct sim_peer *p, struct moot_entry *e);
void sim_profile_put(struct sim_peer *p, struct moot_entry *e);
void sim_profile_end(struct sim_peer *p, const struct moot_fx_end_run *end);
void sim_profile_remember(struct sim_peer *p,
                          const struct moot_fx_remember *what);
bool sim_profile_knows(const struct sim_profile *f,
                       const struct moot_hash *group);
void sim_profile_wipe(struct sim_profile *f); /* all but the key */
void sim_profile_fini(struct sim_profile *f);

/* --- evil.c --- */

struct sim_evil;
void sim_evil_fini(struct sim_peer *p);
void sim_evil_send(struct sim_peer *p, uint32_t end, struct moot_bytes bytes);
void sim_evil_hear(struct sim_peer *p, struct moot_bytes whole,
                   struct moot_bytes frame);

/* --- disk.c --- */

struct sim_disk *sim_disk_create(struct sim *s, unsigned host);
void sim_disk_destroy(struct sim_disk *d);
/* Compares what is there with what p was told to be there. */
void sim_disk_open(struct sim_peer *p);
void sim_disk_close(struct sim_disk *d);
void sim_disk_kill(struct sim_peer *p, struct moot_entry *const *torn,
                   unsigned count);
void sim_disk_backup(struct sim_disk *d);
void sim_disk_restore(struct sim_disk *d);
void sim_disk_fail(struct sim_disk *d, bool full);
bool sim_disk_write(struct sim_peer *p, const struct sim_store_job *const *jobs,
                    unsigned count);
/* Borrowed until the next call. */
struct moot_entry *const *sim_disk_read(struct sim_peer *p,
                                        const struct moot_fx_fetch *f,
                                        unsigned *ret_count);
/* NULL: none; borrowed until the process ends. */
const struct moot_past *sim_disk_past(const struct sim_disk *d,
                                      const struct moot_hash *group);

/* --- store.c --- */

void sim_store_keep(struct sim_peer *p, struct moot_entry *e, moot_token token);
/* How many entries of this run are safe with p. */
uint64_t sim_store_kept(struct sim_peer *p, const struct moot_run *in);
void sim_store_fetch(struct sim_peer *p, const struct moot_fx_fetch *fetch);
void sim_store_end(struct sim_peer *p, const struct moot_fx_end_run *end,
                   moot_token token);
void sim_store_remember(struct sim_peer *p,
                        const struct moot_fx_remember *what);
/* Sees to it that what can be done next is done in time. */
void sim_store_arm(struct sim_peer *p);
void sim_store_due(struct sim_peer *p, uint32_t generation);
void sim_store_hurry(struct sim_peer *p, moot_ms latest);
/* What waits to be written: borrowed; returns how many. */
unsigned sim_store_waiting(const struct sim_store *st,
                           struct moot_entry **ret_entries, unsigned max);
void sim_store_fini(struct sim_store *st);

/* --- known.c --- */

void sim_known_up(struct sim_peer *p, uint32_t end);
/* p is about to read this frame. */
void sim_known_heard(struct sim_peer *p, uint32_t end, struct moot_bytes frame);
/* Does one of the two know where the other can be dialled? */
bool sim_known_between(const struct sim_peer *a, const struct sim_peer *b);

/* --- hosted.c --- */

/* The target answers. */
void sim_http_serve(struct sim *s, struct sim_job *job);
/* p gets the answer r to what it asked by job. */
void sim_http_tell(struct sim_peer *p, const struct sim_job *job,
                   const struct moot_reception *r);
/* p, a liar, changes what it posts. */
void sim_hosted_lie(struct sim_peer *p, struct sim_job *job);
/* Of a directory: does it list whom it must, and nobody else? */
void sim_hosted_check(struct sim_peer *q);
/* Is q a member, or a directory that knew a group when this one began? */
bool sim_hosted_knew(const struct sim *s, const struct sim_peer *asker,
                     const struct sim_peer *q);

/* --- closed.c --- */

/* p keeps e: does it tell of a change? */
void sim_closed_store(struct sim_peer *p, uint32_t chain,
                      const struct moot_entry *e);
/* p may have a secret that nobody had before. */
void sim_closed_note(struct sim_peer *p);
/* To whom p owes the next one: hosts, as bits; without: SIM_NOBODY or a peer.
 * Then p has made it. */
uint32_t sim_closed_owed(const struct sim_peer *p, unsigned without);
void sim_closed_changed(struct sim_peer *p, uint32_t owed);
bool sim_closed_excused(const struct sim_peer *p);
bool sim_closed_hidden(const struct sim_peer *p, const struct sim_peer *q);
/* The newest that one of these peers (bits) has; NULL: none. */
const struct sim_change *sim_closed_newest(const struct sim *s,
                                           const struct moot_hash *group,
                                           uint64_t among);
bool sim_closed_has(const struct sim_peer *p, const struct sim_change *c);
/* Blame who tells a stranger anything. */
void sim_stranger_hears(struct sim_peer *p, struct moot_bytes bytes);
void sim_stranger_reads(struct sim_peer *p, struct moot_bytes json);
void sim_stranger_does(struct sim_peer *p, const struct moot_effect *fx);

/* --- verify.c --- */

void sim_verify_begin(struct sim_peer *p, const struct moot_fx_verify *work);
void sim_verify_due(struct sim_peer *p, uint32_t number);
void sim_verify_fini(struct sim_peer *p);

/* --- monitor.c --- */

void sim_monitor_start(struct sim_peer *p);
void sim_monitor_due(struct sim_peer *p, uint32_t generation);

/* --- check.c --- */

void sim_check_said(struct sim_peer *p, enum moot_line_kind kind,
                    const char *text);
void sim_check_store(struct sim_peer *p, const struct moot_entry *e);
void sim_check_show(struct sim_peer *p, const struct moot_show *show);
void sim_check_speak(struct sim_peer *p);
/* It was signed by the author of its chain, who has two histories. */
void sim_chain_other(struct sim *s, const struct moot_entry *e);
bool sim_chain_forked(const struct sim *s, const struct moot_hash *group,
                      const struct moot_run *in);
void sim_check_group(struct sim_peer *p); /* after each step */
/* Up to here everything was shown, or never will be. */
uint64_t sim_past_view(const struct sim_view *v);
void sim_check_dead(struct sim_peer *p, const struct sim_end *e);
void sim_check_tick(struct sim_peer *p);
void sim_check_exit(struct sim_peer *p);
uint32_t sim_chain_find(struct sim *s, const struct moot_hash *group,
                        const struct moot_run *in);
/* The newest life of this identity. */
uint32_t sim_peer_of(const struct sim *s, const struct moot_id *id);

/* --- acks.c --- */

/* p sends this: is it true? */
void sim_check_ack(struct sim_peer *p, uint32_t end, struct moot_bytes bytes);
/* An own line that p does not know to be safe with all; NULL: none.  Borrowed
 * until the next call. */
const struct moot_seen_line *sim_unseen(const struct sim_peer *p);

#endif
