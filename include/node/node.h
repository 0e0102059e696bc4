/*
 * node/node.h - one peer: it owns the two minds (group and boot), its links,
 * and turns the effects of one into the events of another.
 *
 * Signatures and identities are checked here before a mind hears of anything.
 *
 * Layer:  node (quiet).
 * Thread: the caller's; a node is never shared.
 */
#ifndef MOOT_NODE_NODE_H
#define MOOT_NODE_NODE_H

#include "base/rng.h"
#include "base/trace.h"
#include "boot/book.h"
#include "boot/breaker.h"
#include "group/past.h"
#include "node/event.h"
#include "wire/answer.h"
#include "wire/beacon.h"

struct moot_node;

struct moot_node_config {
    struct moot_key key;
    uint8_t seed[32];  /* of the peer's random stream */
    moot_wall_ms wall; /* now */
    const char *name;  /* the username; valid per moot_name_fault */
    const char *group; /* the group's name; likewise */
    bool group_asked;  /* the user asked for that very group: --group */
    bool closed;       /* go on with a closed one, or found one: --private */
    const struct moot_secret *secret; /* of an invitation; NULL: none */
    enum moot_mode mode;
    bool strict;                   /* --join strict */
    moot_ms join_timeout;          /* --timeout */
    uint16_t port;                 /* of the welcoming socket */
    const struct moot_addr *addrs; /* where we can be dialled; no loopback
                                      unless there is nothing else */
    unsigned addr_count;
    bool addrs_forced;     /* --advertise: nothing seen is added to them */
    struct moot_addr boot; /* own bootstrap socket; port 0: none.
                                      host "" : the hosts of addrs */
    const struct moot_addr *endpoints; /* --remote_endpoint */
    unsigned endpoint_count;
    const struct moot_pins *pins; /* who may answer there: one for each of
                                     them, or NULL for anybody */
    const char *const *urls;      /* --peers_url */
    unsigned url_count;
    struct moot_breaker_config breaker; /* zeroed: MOOT_BREAKER_DEFAULT */
    bool history_bounded; /* --history: what was said before we came is not all
                             fetched, but */
    uint64_t history_max; /* ... the newest entries of each run, so many */
    /* What the profile knows of groups, used last first; borrowed for the
     * lifetime of the node. */
    const struct moot_past *pasts;
    unsigned past_count;
    /* What the address book held when we started, best first; with it the
     * breakers as they were.  Borrowed for the call of create. */
    const struct moot_peer *peers;
    unsigned peer_count;
    const struct moot_tripped *tripped;
    unsigned tripped_count;
    bool peers_stale;      /* nobody in it was seen for a day */
    unsigned earlier_max;  /* lines said before us that are shown; 0: all */
    bool fleeting;         /* nothing is kept when it ends: --temp */
    unsigned host_groups;  /* --host_groups: 0 for no directory */
    moot_ms group_timeout; /* --group_timeout: of a hosted group */
    unsigned members_max;  /* --max_members, of our own group too; 0: the most
                              there can be */
    const struct moot_tracer *tracer; /* may be NULL; for the node's lifetime */
};

/* Copies what config points to, but for the tracer and the pasts. */
struct moot_node *moot_node_create(const struct moot_node_config *config);
void moot_node_destroy(struct moot_node *n);

/*
 * Takes one event and appends what it asks for to fx, which the caller has
 * cleared.  Total: whatever strangers send, it comes back with effects.
 */
void moot_node_step(struct moot_node *n, const struct moot_event *ev,
                    struct moot_effects *fx);

/* When to send MOOT_EV_TIMER at the latest; MOOT_NEVER: no need. */
moot_ms moot_node_deadline(const struct moot_node *n);

/* May another line be said now?  Else stop reading input until it may: we are
 * not in the group yet, the store is away, or too many lines wait for it. */
bool moot_node_can_say(const struct moot_node *n);

bool moot_node_joined(const struct moot_node *n);

/* Has it a secret? */
bool moot_node_closed(const struct moot_node *n);

/* The newest one; false: it is open. */
bool moot_node_secret(const struct moot_node *n,
                      struct moot_secret *ret_secret);

/* K of the group as it is now: see moot_group_key(). */
struct moot_hash moot_node_key(const struct moot_node *n);

/* The group it is in.  Borrowed until the next step. */
const struct moot_hash *moot_node_group(const struct moot_node *n);

/*
 * May lines be said at all?  If not, ret_why (may be NULL) is the reason in a
 * phrase ("joining", "the disk is full"), borrowed until the next step.
 */
bool moot_node_may_speak(const struct moot_node *n, const char **ret_why);

/*
 * Appends the signed bootstrap answer (JSON) and its signature header.  local
 * is the address the asker reached (as it knows us), asker where it asks from.
 * That of a closed group is sealed, and signature is empty then; marks: what
 * the asker says of the secrets it has, or NULL.
 */
void moot_node_answer(struct moot_node *n, const char *nonce, const char *marks,
                      const struct moot_addr *local,
                      const struct moot_addr *asker, struct moot_buf *json,
                      char signature[MOOT_HEX_LEN + 1 + 128 + 1]);

/*
 * A datagram for everybody on the local network, which members of our group
 * recognise and nobody else; each time another one.  False: nothing is to be
 * sent.  See MOOT_EV_BEACON.
 */
bool moot_node_beacon(struct moot_node *n, uint8_t out[MOOT_BEACON_LEN]);

/* Somebody at the bootstrap socket. */
struct moot_visit {
    moot_ms now;
    const char *nonce;             /* GET */
    const char *marks;             /* GET: as for moot_node_answer */
    const char *group;             /* GET: by its name; NULL: any */
    const char *identity;          /* GET: who wants in, in hex; NULL: nobody */
    struct moot_addr local, asker; /* as for moot_node_answer */
    struct moot_bytes body;        /* POST */
    const char *signature; /* POST: the Moot-Signature header, or NULL */
};

/* What he is told.  Zeroed at first; moot_reception_fini() at last. */
struct moot_reception {
    unsigned status;  /* of HTTP */
    const char *text; /* a refusal in words; NULL: .json is the answer */
    struct moot_buf json;
    char signature[MOOT_HEX_LEN + 1 + 128 + 1];
    char challenge[MOOT_HEX_LEN + 1]; /* to be repeated by a POST; "": none */
    unsigned retry_s;                 /* when to come again; 0: not said */
};

/* GET: who is in our group, or in one that is hosted here. */
void moot_node_visit(struct moot_node *n, const struct moot_visit *v,
                     struct moot_reception *r);

/* Is there a directory?  Without one nobody may register anything. */
bool moot_node_keeps(const struct moot_node *n);

/* POST: a group wants to be hosted, or is heard of again. */
void moot_node_register(struct moot_node *n, const struct moot_visit *v,
                        struct moot_reception *r);

void moot_reception_fini(struct moot_reception *r);

/* Groups hosted here, and their members. */
void moot_node_hosts(struct moot_node *n, moot_ms now, unsigned *ret_groups,
                     unsigned *ret_members);

/* One line of /who. */
struct moot_who_line {
    struct moot_id id;
    char name[MOOT_NAME_LEN_MAX + 8]; /* display name, perhaps with a suffix */
    struct moot_addr addr;            /* port 0: unknown */
    enum moot_mode mode;
    enum moot_standing standing;
    bool self;
    bool linked;   /* directly; else through somebody else's link */
    bool lagging;  /* its queue is above the soft bound */
    moot_ms rtt;   /* -1: not measured */
    moot_ms heard; /* since it was last heard; -1: never */
};

/* Writes up to max lines in display order; returns how many there are. */
unsigned moot_node_who(const struct moot_node *n, moot_ms now,
                       struct moot_who_line *out, unsigned max);

/* A live member as others find it, and what we know of it. */
struct moot_peer_line {
    struct moot_listed listed;
    bool self;
    bool linked;   /* directly; else through somebody else's link */
    bool lagging;  /* its queue is above the soft bound */
    moot_ms rtt;   /* -1: not measured */
    moot_ms heard; /* since it was last heard; -1: never */
};

/* Writes up to max; returns how many it wrote.  local and asker: as above. */
unsigned moot_node_peers(const struct moot_node *n, moot_ms now,
                         const struct moot_addr *local,
                         const struct moot_addr *asker,
                         struct moot_peer_line *out, unsigned max);

/* --- who has what --- */

#define MOOT_SEEN_MAX 32       /* own entries that are remembered */
#define MOOT_SEEN_NAMES_MAX 8  /* of those who lack one */
#define MOOT_SEEN_TEXT_MAX 120 /* of what was said in it, bytes */

/* One line of /seen: an own entry of this run. */
struct moot_seen_line {
    bool over; /* its run ended while we were in it: nobody says more of it */
    uint64_t seq;
    moot_wall_ms wall;
    unsigned line_count;
    char text[MOOT_SEEN_TEXT_MAX + 1]; /* of its first line */
    bool cut;                          /* there is more of that line */
    bool durable;                      /* it is safe here */
    unsigned holders; /* live others who said that it is safe with them */
    unsigned live;    /* live others; one we are not linked to holds nothing */
    unsigned name_count; /* of names: some of those who lack it */
    char names[MOOT_SEEN_NAMES_MAX][MOOT_NAME_LEN_MAX + 8];
};

/* Writes the newest, at most max, oldest first; returns how many it wrote. */
unsigned moot_node_seen(const struct moot_node *n, struct moot_seen_line *out,
                        unsigned max);

enum moot_comparison {
    MOOT_COMPARE_UNKNOWN,  /* he has not said yet */
    MOOT_COMPARE_UNLINKED, /* he is live, but through others only */
    MOOT_COMPARE_SAME,
    MOOT_COMPARE_DIFFERS
};

/* What a live member said last of what is safe with him. */
struct moot_digest_line {
    struct moot_id id;
    char name[MOOT_NAME_LEN_MAX + 8];
    enum moot_comparison is;
    uint64_t entries; /* SAME and DIFFERS: how many he keeps; 0: not told */
};

/* Writes up to max lines in display order, ourselves not among them; returns
 * how many there are.  MOOT_EV_COMPARE asks all of them anew. */
unsigned moot_node_digests(const struct moot_node *n,
                           struct moot_digest_line *out, unsigned max);

/* --- inviting --- */

/*
 * An invitation to where others can come in now, or to where they could when
 * nobody with a bootstrap socket is here: *ret_now says which.  False: nobody
 * with one was ever here.
 */
bool moot_node_invite(const struct moot_node *n, struct moot_invite *ret_invite,
                      bool *ret_now);

/* --- figures --- */

/* Plain figures for /health, tests and the simulator. */
struct moot_node_stats {
    struct moot_hash group;
    char group_name[MOOT_NAME_LEN_MAX + 1];
    struct moot_hash log;    /* digest of what is held (stored) */
    struct moot_hash roster; /* digest of the members listed */
    unsigned links_up;
    unsigned links_early; /* opened, not proven yet */
    unsigned members;     /* listed, including ourselves */
    unsigned chains;
    unsigned screen_held; /* entries waiting for their causes */
    unsigned say_waiting; /* own lines not in an entry yet */
    uint64_t entries;     /* admitted, all chains */
    uint64_t kept;        /* of these, in the store: what .log is over */
    unsigned breakers[MOOT_BREAKER_STATES]; /* of sources, in each state */
    bool provisional;
};

void moot_node_stats(const struct moot_node *n, struct moot_node_stats *out);

#endif
