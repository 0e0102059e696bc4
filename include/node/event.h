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
#include "ident/proof.h"
#include "wire/addr.h"
#include "wire/message.h"

/* A link's handle; 0 is none. */
typedef uint64_t moot_link;

/* Names one dial or one request to a bootstrap peer; 0 is none. */
typedef uint64_t moot_token;

#define MOOT_DIAL_ADDRS_MAX (MOOT_RECORD_ADDRS_MAX + 2)

enum moot_event_kind {
    MOOT_EV_START,     /* once, first: look for the group */
    MOOT_EV_TIMER,     /* moot_node_deadline() has passed; early is harmless */
    MOOT_EV_LINK_OPEN, /* TLS is done with an authenticated identity */
    MOOT_EV_FRAME,     /* one whole frame arrived on a link */
    MOOT_EV_LINK_CLOSED, /* it is gone, by whoever's doing; always the last */
    MOOT_EV_LINK_FULL,   /* its queue passed the soft bound */
    MOOT_EV_LINK_CLEAR,  /* its queue is empty again */
    MOOT_EV_DIAL_FAILED, /* nobody there; a success is LINK_OPEN */
    MOOT_EV_ANSWER,      /* a bootstrap peer answered */
    MOOT_EV_ASK_FAILED,  /* it did not */
    MOOT_EV_PING_DUE,    /* the monitor: this link is silent, ping it */
    MOOT_EV_LINK_DEAD,   /* the monitor: this link has not answered */
    MOOT_EV_WOKE,        /* the monitor: this very process was asleep */
    MOOT_EV_SAY,         /* the user said a line */
    MOOT_EV_STORED,      /* the store has these entries (named, not "all") */
    MOOT_EV_FETCHED,     /* the store read what FX_FETCH asked for */
    MOOT_EV_INPUT_END,   /* standard input ended: confirm, then say DRAINED */
    MOOT_EV_LEAVE        /* say goodbye to everybody with this reason */
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
    int why; /* a moot_error */
};

struct moot_ev_answer {
    moot_token token;
    struct moot_bytes json;
    const char *signature; /* the Moot-Signature header, or NULL */
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
        struct moot_ev_say say;
        struct moot_ev_stored stored;
        struct moot_ev_fetched fetched;
        struct moot_bytes reason; /* LEAVE */
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
    MOOT_FX_STORE,   /* keep .entry; STORED with .token (or a later one) */
    MOOT_FX_FETCH,   /* read .fetch; FETCHED with .token */
    MOOT_FX_SHOW,    /* show .show to the user */
    MOOT_FX_SPEAK,   /* the user may speak from now on */
    MOOT_FX_DRAINED, /* after INPUT_END: everything is said and confirmed, or
                        5 s have passed */
    MOOT_FX_EXIT     /* end with .exit.code after the links are closed */
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
    char nonce[33]; /* hex, to go into the query */
    moot_ms within;
};

struct moot_fx_fetch {
    moot_token token;
    struct moot_range range;
    size_t bytes_max; /* stop after the entry that passes it */
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
    moot_token token; /* STORE */
    moot_ms pause_ms; /* PAUSE: 1 to MOOT_PAUSE_MAX_MS, from now */
    size_t at, len;   /* SEND: where in the list's bytes; see moot_fx_bytes */
    struct moot_entry *entry; /* STORE: the effect holds a reference */
    bool hurry; /* STORE: the user waits for it; else it may gather a moment */
    int why;    /* CUT, CLOSE: a moot_error for the log; 0: in order */
    union {
        struct moot_fx_dial *dial; /* the list's: it is large, and rare */
        struct moot_fx_ask ask;
        struct moot_fx_fetch fetch;
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
