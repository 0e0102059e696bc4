/*
 * node/event.h - what the world tells a peer, and what a peer asks of it.
 *
 * A peer is one function: step(event) -> effects.  Events carry views that are
 * borrowed for the call.  Effects are carried out first to last; what they
 * point to is owned by the effect list and lives until it is cleared.
 *
 * A link is named by a handle (slot and generation) that is never used again,
 * so a late event about a dead link finds nobody rather than the wrong one.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_NODE_EVENT_H
#define MOOT_NODE_EVENT_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "boot/book.h"
#include "boot/way.h"
#include "group/past.h"
#include "ident/proof.h"
#include "wire/addr.h"
#include "wire/message.h"
#include "wire/sealed.h"

/* A link's handle; 0 is none. */
typedef uint64_t moot_link;

/* Names one dial or one request to a bootstrap peer; 0 is none. */
typedef uint64_t moot_token;

/* What MOOT_EV_COMPARE found is shown by then. */
#define MOOT_COMPARE_MS 1000

#define MOOT_DIAL_ADDRS_MAX (MOOT_RECORD_ADDRS_MAX + 2)

enum moot_event_kind {
    MOOT_EV_START,     /* once, first: look for the group */
    MOOT_EV_TIMER,     /* moot_node_deadline() has passed; early is harmless */
    MOOT_EV_LINK_OPEN, /* TLS is done with an authenticated identity */
    MOOT_EV_FRAME,     /* one whole frame arrived on a link */
    MOOT_EV_LINK_CLOSED,  /* it is gone, by whoever's doing; always the last */
    MOOT_EV_LINK_FULL,    /* its queue passed the soft bound */
    MOOT_EV_LINK_CLEAR,   /* its queue is empty again */
    MOOT_EV_DIAL_FAILED,  /* nobody there; a success is LINK_OPEN */
    MOOT_EV_ANSWER,       /* a bootstrap peer answered */
    MOOT_EV_LIST,         /* a page of FX_READ was read */
    MOOT_EV_FOUND,        /* a name of FX_LOOKUP leads somewhere */
    MOOT_EV_ASK_FAILED,   /* nothing came of FX_ASK, FX_READ or FX_LOOKUP */
    MOOT_EV_BEACON,       /* a datagram on the local network that may be one */
    MOOT_EV_PING_DUE,     /* the monitor: this link is silent, ping it */
    MOOT_EV_LINK_DEAD,    /* the monitor: this link has not answered */
    MOOT_EV_WOKE,         /* the monitor: this very process was asleep */
    MOOT_EV_POSTED,       /* what came of a FX_POST */
    MOOT_EV_SAY,          /* the user said a line */
    MOOT_EV_STORED,       /* the store has these entries (named, not "all") */
    MOOT_EV_FETCHED,      /* the store read what FX_FETCH asked for */
    MOOT_EV_DAMAGED,      /* the store lost this entry: fetch it anew */
    MOOT_EV_STORE_FAILED, /* nothing can be made safe for now */
    MOOT_EV_STORE_BACK,   /* ... and now it can again */
    MOOT_EV_STORE_NEARLY_FULL, /* soon the oldest bodies will be dropped */
    MOOT_EV_VERIFIED,          /* a worker has done what FX_VERIFY asked for */
    MOOT_EV_COMPARE,   /* /digest: ask all links what they hold, and show it
                             within MOOT_COMPARE_MS */
    MOOT_EV_REKEY,     /* /rekey: a new secret for a closed group */
    MOOT_EV_INPUT_END, /* standard input ended: confirm, then say DRAINED */
    MOOT_EV_LEAVE      /* say goodbye to everybody with this reason */
};

struct moot_ev_link_open {
    moot_link link;
    moot_token dial;   /* of the FX_DIAL it came from; 0: it came to us */
    struct moot_id id; /* whose certificate it was */
    struct moot_exporter exporter;
    struct moot_addr remote; /* the socket's other end, numeric */
};

struct moot_ev_failed {
    moot_token token;
    int why;               /* a moot_error */
    const char *challenge; /* ASK_FAILED with MOOT_ENONE: the Moot-Challenge of
                              a directory that takes groups; else NULL */
};

struct moot_ev_answer {
    moot_token token;
    struct moot_bytes json;
    const char *signature; /* the Moot-Signature header, or NULL */
    const char *challenge; /* the Moot-Challenge header, or NULL */
};

struct moot_ev_posted {
    moot_token token;
    int why;                /* a moot_error: no answer; MOOT_OK: */
    unsigned status;        /* of HTTP */
    unsigned retry_s;       /* the Retry-After header, or 0 */
    struct moot_bytes body; /* an answer (200, 409), or words */
    const char *signature;  /* as in moot_ev_answer */
    const char *challenge;
};

struct moot_ev_list {
    moot_token token;
    struct moot_bytes text;
    bool here; /* who serves it is on this very host */
};

struct moot_ev_found {
    moot_token token;
    const struct moot_way *ways; /* borrowed; best first */
    unsigned count;
};

struct moot_ev_beacon {
    struct moot_bytes bytes;
    struct moot_addr from; /* numeric; the port means nothing */
};

struct moot_ev_say {
    enum moot_line_kind kind;
    struct moot_bytes text; /* valid per moot_line_fault / moot_name_fault */
    bool more; /* the next one comes at once: this one may wait for it */
};

/* Everything FX_STORE named up to this token is safe. */
struct moot_ev_stored {
    moot_token token;
};

struct moot_ev_fetched {
    moot_token token;                  /* of FX_FETCH */
    struct moot_entry *const *entries; /* borrowed; in chain order, no hole */
    unsigned count; /* 0: the store does not have the first one */
};

/* An entry that does not read as it was written; its row is gone. */
struct moot_ev_damaged {
    struct moot_hash group;
    struct moot_run in;
    uint64_t seq;
};

struct moot_ev_verified {
    moot_token token;    /* of FX_VERIFY */
    const bool *genuine; /* borrowed; one for each entry, in their order */
    unsigned count;
};

/* What was given to the store is kept there, and tried again. */
struct moot_ev_store_failed {
    const char *why; /* a phrase: "the disk is full" */
};

struct moot_ev_nearly_full {
    uint64_t used, max; /* bytes */
};

struct moot_event {
    enum moot_event_kind kind;
    moot_ms now;       /* never goes back */
    moot_wall_ms wall; /* for display only; may jump */
    moot_link link;    /* FRAME, LINK_*, PING_DUE */
    union {
        struct moot_ev_link_open open;
        struct moot_bytes frame;
        struct moot_ev_failed failed; /* DIAL_FAILED, ASK_FAILED */
        int why;                      /* LINK_CLOSED: a moot_error */
        struct moot_ev_answer answer;
        struct moot_ev_posted posted;
        struct moot_ev_list list;
        struct moot_ev_found found;
        struct moot_ev_beacon beacon;
        struct moot_ev_say say;
        struct moot_ev_stored stored;
        struct moot_ev_fetched fetched;
        struct moot_ev_damaged damaged;
        struct moot_ev_verified verified;
        struct moot_ev_store_failed store_failed;
        struct moot_ev_nearly_full nearly_full;
        struct moot_bytes reason;  /* LEAVE */
        struct moot_bytes without; /* REKEY: whom it is not for; or empty */
    };
};

enum moot_effect_kind {
    MOOT_FX_SEND,    /* append .bytes (whole frames) to the queue of .link */
    MOOT_FX_UP,      /* .link is proven: large frames, watched by the monitor */
    MOOT_FX_CLOSE,   /* flush .link's queue, shut down writing, read to EOF for
                        up to 1 s, close; LINK_CLOSED follows */
    MOOT_FX_CUT,     /* close .link at once; LINK_CLOSED follows */
    MOOT_FX_PAUSE,   /* no further FRAME of .link, nor its end, for .pause_ms:
                        what has arrived waits, what is sent still goes out */
    MOOT_FX_DIAL,    /* try .dial in a worker */
    MOOT_FX_ASK,     /* GET /bootstrap from .ask in a worker */
    MOOT_FX_POST,    /* POST .post to /bootstrap in a worker; POSTED */
    MOOT_FX_READ,    /* GET the page .read in a worker: LIST */
    MOOT_FX_LOOKUP,  /* look for the name .lookup in the DNS: FOUND */
    MOOT_FX_STORE,   /* keep .entry; STORED with .token (or a later one) */
    MOOT_FX_FETCH,   /* read .fetch; FETCHED with .token */
    MOOT_FX_END_RUN, /* forget .end of a run; STORED with .token */
    MOOT_FX_VERIFY,  /* check the signatures of .verify in a worker */
    MOOT_FX_REMEMBER, /* .remember: this is the group we are in */
    MOOT_FX_PEER,     /* note .contact in the address book, by and by */
    MOOT_FX_TRIPPED,  /* likewise the breaker .tripped */
    MOOT_FX_SHOW,     /* show .show to the user */
    MOOT_FX_SPEAK,    /* the user may speak from now on */
    MOOT_FX_SILENCE,  /* and from now on not: .silence says why */
    MOOT_FX_DRAINED,  /* after INPUT_END: everything is said and confirmed, or
                        5 s have passed */
    MOOT_FX_EXIT      /* end with .exit.code after the links are closed */
};

struct moot_fx_dial {
    moot_token token;
    struct moot_addr addrs[MOOT_DIAL_ADDRS_MAX]; /* best first */
    unsigned addr_count;
    bool pinned; /* any other identity than .id: MOOT_EKEY */
    struct moot_id id;
    moot_ms within; /* resolve, connect and handshake together, ms */
};

struct moot_fx_ask {
    moot_token token;
    struct moot_addr addr;
    char nonce[33];                      /* hex, to go into the query */
    char marks[MOOT_MARKS_TEXT_LEN + 1]; /* likewise; "": an open group */
    char group[MOOT_NAME_LEN_MAX + 1];   /* likewise; "": any */
    struct moot_id id;                   /* with a group: we, who want in */
    moot_ms within;
};

struct moot_fx_post {
    moot_token token;
    struct moot_addr addr;
    moot_ms within;
    char signature[MOOT_HEX_LEN + 1 + 128 + 1]; /* a header's value */
    struct moot_buf body;                       /* the effect's */
};

struct moot_fx_read {
    moot_token token;
    char url[MOOT_SOURCE_LEN_MAX + 1];
    moot_ms within;
};

struct moot_fx_lookup {
    moot_token token;
    char name[MOOT_HOST_LEN_MAX + 1];
    moot_ms within;
};

struct moot_fx_fetch {
    moot_token token;
    struct moot_range range;
    size_t bytes_max; /* stop after the entry that passes it */
    struct moot_hash group;
};

/*
 * A run that was proven to have two histories: everything from .seq on is to
 * be forgotten, and the proof to be kept in its place.
 */
struct moot_fx_end_run {
    struct moot_hash group;
    struct moot_run in;
    uint64_t seq;            /* the first that goes */
    struct moot_hash head;   /* of the one before; all zero when seq is 1, and
                                when that one is not here or lost */
    struct moot_bytes proof; /* the effect list's */
};

/* Whoever carries it out takes references of its own. */
struct moot_fx_verify {
    moot_token token;
    unsigned count;
    struct moot_entry *entries[MOOT_PAGE_MAX]; /* the effect holds them */
};

struct moot_fx_remember {
    struct moot_hash group;
    char name[MOOT_NAME_LEN_MAX + 1];
    bool grown;            /* others have seen a line of it */
    struct moot_back back; /* in place of those remembered before */
};

/* What can be shown.  Names are display names: unique in the group, if need be
 * with a key suffix ("bob.b33f"); still to be made harmless for the screen. */
enum moot_show_kind {
    MOOT_SHOW_ENTRY,         /* .entry by .name */
    MOOT_SHOW_SENT,          /* own entry .seq of this run is stored */
    MOOT_SHOW_MEMBER_JOINED, /* .name, .count live members */
    MOOT_SHOW_MEMBER_LEFT,   /* .name, .text is the reason */
    MOOT_SHOW_MEMBER_LOST,   /* .name, .text says how it was noticed */
    MOOT_SHOW_MEMBER_BACK,   /* .name: lost before, linked again */
    MOOT_SHOW_INDIRECT, /* the link to .name is lost, others still have it */
    MOOT_SHOW_PROGRESS, /* .text: how the join goes */
    MOOT_SHOW_READY,    /* the join is done; .count live members, .text group */
    MOOT_SHOW_ANSWER,   /* .text: to what the user asked for */
    MOOT_SHOW_NOTICE,   /* .text */
    MOOT_SHOW_ERROR     /* .text */
};

struct moot_show {
    enum moot_show_kind kind;
    moot_wall_ms wall;        /* when it happened */
    struct moot_id id;        /* of the member it is about; zero: nobody */
    char *name;               /* "" where it has none; never NULL */
    char *text;               /* likewise */
    struct moot_entry *entry; /* ENTRY only; the effect holds a reference */
    uint64_t seq;             /* SENT; ENTRY: own entries to be marked later */
    uint64_t after;           /* ENTRY: own entries up to it are shown before */
    unsigned count;
    bool own;     /* ENTRY: said here; stored when SENT says so */
    bool earlier; /* ENTRY: said before we came, or while we were away */
    bool late;    /* ENTRY: shown although something before it is missing */
};

struct moot_fx_exit {
    int code;   /* the process's exit code */
    char *text; /* one line for standard error; "" for none */
};

struct moot_effect {
    enum moot_effect_kind kind;
    moot_link link;   /* SEND, UP, CLOSE, CUT, PAUSE */
    moot_token token; /* STORE, END_RUN */
    moot_ms pause_ms; /* PAUSE: up to MOOT_PAUSE_MAX_MS, from now; 0:
                         the pause is over */
    size_t at, len;   /* SEND: where in the list's bytes; see moot_fx_bytes */
    struct moot_entry *entry; /* STORE: the effect holds a reference */
    bool hurry; /* STORE: the user waits for it; else it may gather a moment */
    int why;    /* CUT, CLOSE: a moot_error for the log; 0: in order */
    union {
        struct moot_fx_dial *dial; /* the list's: it is large, and rare */
        struct moot_fx_ask ask;
        struct moot_fx_post *post; /* the list's: it is large, and rare */
        struct moot_fx_read *read; /* the list's: it is large, and rare */
        struct moot_fx_lookup lookup;
        struct moot_fx_fetch fetch;
        struct moot_fx_end_run *end;   /* the list's: it is large, and rare */
        struct moot_fx_verify *verify; /* the list's */
        struct moot_fx_remember *remember; /* the list's */
        struct moot_contact *contact;      /* the list's: it is large */
        struct moot_tripped *tripped;      /* likewise */
        char *silence;                     /* the list's */
        struct moot_show show;
        struct moot_fx_exit exit;
    };
};

/* What one step asks for.  A zeroed struct is an empty list. */
struct moot_effects {
    struct moot_effect *at;
    unsigned count, max;
    struct moot_buf bytes; /* of all SENDs; several may share the same */
};

/* Drops all effects and their references; keeps the memory. */
void moot_effects_clear(struct moot_effects *fx);
void moot_effects_fini(struct moot_effects *fx);

/* The bytes of a SEND: borrowed until the list changes. */
struct moot_bytes moot_fx_bytes(const struct moot_effects *fx,
                                const struct moot_effect *e);

#endif
