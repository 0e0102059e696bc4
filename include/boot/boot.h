/*
 * boot/boot.h - the second mind: who might be out there and whom to ask.
 *
 * ask    the sources: bootstrap peers, asked side by side and again
 * join   who must be reached before we may speak, and when to give up
 * dial   every member we know of and are not linked to
 * seed   addresses where somebody may be whom we do not know yet
 *
 * It does not know what is said, and no bytes: answers come decoded, their
 * signature checked.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_BOOT_BOOT_H
#define MOOT_BOOT_BOOT_H

#include "base/rng.h"
#include "base/time.h"
#include "base/trace.h"
#include "boot/breaker.h"
#include "boot/way.h"
#include "wire/answer.h"
#include "wire/peers.h"

/* --- what it is told --- */

enum moot_boot_event_kind {
    MOOT_BOOT_START,
    MOOT_BOOT_TIMER,
    MOOT_BOOT_ANSWER,     /* .answer to the request .token */
    MOOT_BOOT_FOUND,      /* .ways: where the page or name .token leads */
    MOOT_BOOT_ASK_FAILED, /* ASK, READ or LOOKUP .token came to nothing: .why */
    MOOT_BOOT_DIAL_FAILED, /* .why */
    MOOT_BOOT_MET,         /* a live member, new or changed: .met */
    MOOT_BOOT_LINK_UP,     /* .id; .token of its dial or 0 */
    MOOT_BOOT_LINK_DOWN,   /* .id is not linked any more, and did not leave */
    MOOT_BOOT_GONE,        /* .id is not live any more, or left: .left */
    MOOT_BOOT_VERDICT,     /* .from says whether .id answers it: .alive */
    MOOT_BOOT_LISTED,      /* a directory lists others in .answer */
    MOOT_BOOT_WOKE,        /* we were asleep, or a network is back */
    MOOT_BOOT_SEED,        /* .ways: somebody of our group may be there */
    MOOT_BOOT_ADOPTED      /* we are in another group now: start over */
};

struct moot_boot_met {
    struct moot_id id;
    const char *name;
    const struct moot_addr *addrs; /* best first */
    unsigned addr_count;
    enum moot_standing standing;
    bool linked;
    bool seen;                 /* we see it ourselves at the first of these */
    bool bootstrap;            /* others come in through it: */
    struct moot_addr boot;     /* ... there; port 0: it does not say */
    struct moot_id introducer; /* who told of it first; zero: itself */
};

struct moot_boot_event {
    enum moot_boot_event_kind kind;
    moot_ms now;
    uint64_t token;
    struct moot_id id;
    struct moot_id from; /* VERDICT: whose link it came by */
    int why;
    bool left, alive;
    bool outside; /* ANSWER: our newest secret is not for who signed it */
    struct moot_hash group;  /* ADOPTED */
    enum moot_weight weight; /* ADOPTED */
    const struct moot_answer *answer;
    const struct moot_way *ways; /* FOUND, SEED */
    unsigned way_count;
    struct moot_boot_met met;
};

/* --- what it asks for --- */

enum moot_boot_effect_kind {
    MOOT_BOOT_ASK,      /* .addrs[0], .nonce, .within; report .token */
    MOOT_BOOT_READ,     /* the page .text, .within; report .token */
    MOOT_BOOT_LOOKUP,   /* the name .addrs[0].host, .within; report .token */
    MOOT_BOOT_DIAL,     /* .addrs, .id if .pinned, .within; report .token */
    MOOT_BOOT_PROBE,    /* ask all links about .id; report each VERDICT */
    MOOT_BOOT_TRIPPED,  /* remember the breaker of .text: .failures, .pause */
    MOOT_BOOT_NOTED,    /* the bootstrap socket .addrs[0] was good; or, if .code
                           is not 0, it failed */
    MOOT_BOOT_ADOPT,    /* be in .group, called .text, instead */
    MOOT_BOOT_STANDING, /* tell everybody how far we came: .standing */
    MOOT_BOOT_PROGRESS, /* .text for the user */
    MOOT_BOOT_NOTICE,   /* likewise */
    MOOT_BOOT_READY,    /* the join is done */
    MOOT_BOOT_FAIL      /* give up: exit with .code and .text */
};

#define MOOT_BOOT_ADDRS_MAX (MOOT_RECORD_ADDRS_MAX + 2)
#define MOOT_BOOT_TEXT_MAX 1400 /* a reason for each of 16 endpoints */

struct moot_boot_effect {
    enum moot_boot_effect_kind kind;
    uint64_t token;
    struct moot_addr addrs[MOOT_BOOT_ADDRS_MAX];
    unsigned addr_count;
    bool pinned;
    struct moot_id id;
    moot_ms within;
    char nonce[33];
    struct moot_hash group;
    enum moot_standing standing;
    int code;
    unsigned failures;
    moot_ms pause;
    char text[MOOT_BOOT_TEXT_MAX];
};

/* A zeroed struct is an empty list. */
struct moot_boot_effects {
    struct moot_boot_effect *at;
    unsigned count, max;
};

void moot_boot_effects_clear(struct moot_boot_effects *fx);
void moot_boot_effects_fini(struct moot_boot_effects *fx);

/* --- the mind --- */

struct moot_boot;

struct moot_boot_config {
    struct moot_id self;
    struct moot_hash group; /* the one we found unless we adopt another */
    const char *group_name; /* copied */
    bool group_asked;       /* no other name will do */
    bool closed;            /* it has a secret: it never gives way */
    bool homeless;    /* ... and is found by that secret: the first answer says
                      which it is */
    bool group_known; /* we were in it before */
    bool strict;
    moot_ms timeout;
    const struct moot_addr *endpoints; /* given by the user; copied */
    unsigned endpoint_count;
    const struct moot_pins *pins; /* one for each endpoint, or NULL; copied */
    const struct moot_way *ways;  /* all others, the best first; copied */
    unsigned way_count;
    const struct moot_tripped *tripped; /* for the call of create */
    unsigned tripped_count;
    moot_wall_ms wall;                  /* now, as .tripped counts */
    struct moot_breaker_config breaker; /* zeroed: MOOT_BREAKER_DEFAULT */
    struct moot_rng *rng; /* borrowed for the lifetime of the mind */
    const struct moot_tracer *tracer; /* likewise; may be NULL */
};

struct moot_boot *moot_boot_create(const struct moot_boot_config *config);
void moot_boot_destroy(struct moot_boot *b);

void moot_boot_step(struct moot_boot *b, const struct moot_boot_event *ev,
                    struct moot_boot_effects *fx);
moot_ms moot_boot_deadline(const struct moot_boot *b);

bool moot_boot_joined(const struct moot_boot *b);

/* How many of the sources have a breaker in which state. */
void moot_boot_breakers(const struct moot_boot *b, moot_ms now,
                        unsigned ret_counts[MOOT_BREAKER_STATES]);

/* How much our group weighs when it meets another of its name. */
enum moot_weight moot_boot_weight(const struct moot_boot *b);

/* Others have seen a line of it: from now on the group does not give way. */
void moot_boot_set_grown(struct moot_boot *b);

/* Would we move from our group to that one?  Both open and of one name. */
bool moot_boot_gives_way(const struct moot_boot *b,
                         const struct moot_hash *other,
                         enum moot_weight weight);

#endif
