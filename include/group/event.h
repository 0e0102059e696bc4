/*
 * group/event.h - what the group's mind is told and what it asks for.
 *
 * It hears only of links that are up, of entries and records whose signature
 * was verified, and of messages whose form was checked.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_GROUP_EVENT_H
#define MOOT_GROUP_EVENT_H

#include "base/time.h"
#include "wire/fork.h"
#include "wire/message.h"

enum moot_group_event_kind {
    MOOT_GROUP_LINK_UP,   /* the only link to .id is up, or another took over */
    MOOT_GROUP_LINK_DOWN, /* that link is gone */
    MOOT_GROUP_LINK_SLOW, /* it takes no live entries for now */
    MOOT_GROUP_LINK_CLEAR, /* it takes them again */
    MOOT_GROUP_MESSAGE,    /* AUTHORS, CHAINS, WANT, LACK, LINKED, WHO, PING */
    MOOT_GROUP_ENTRY,      /* a verified one, or asked for and ahead of a gap */
    MOOT_GROUP_SETTLE,     /* the entries of one frame are all in */
    MOOT_GROUP_RECORD,     /* a verified record, by whatever way */
    MOOT_GROUP_SAY,        /* the user said a line */
    MOOT_GROUP_LEAVE,      /* say now what was said and still waits */
    MOOT_GROUP_FORK,       /* a verified proof of two histories */
    MOOT_GROUP_STORED,     /* STORE and END_RUN up to .token are done */
    MOOT_GROUP_DAMAGED,    /* the store lost an entry */
    MOOT_GROUP_FETCHED,    /* FETCH .token is done */
    MOOT_GROUP_STANDING,   /* we came further in: .standing */
    MOOT_GROUP_ADDRS,      /* where we can be dialled from now on: .addrs */
    MOOT_GROUP_TIMER
};

/* How a link ended, for the screen. */
struct moot_ending {
    int why;                  /* a moot_error */
    bool left;                /* it said BYE: the member quit */
    struct moot_bytes reason; /* its words, when it left */
};

struct moot_group_event {
    enum moot_group_event_kind kind;
    moot_ms now;
    moot_wall_ms wall;
    uint64_t link; /* LINK_*, MESSAGE, ENTRY, FORK */
    union {
        struct {
            struct moot_id id;
            uint64_t run;
            struct moot_addr seen; /* its host as we see it, its own port */
        } up;
        struct moot_ending down;
        const struct moot_message *message;
        struct {
            struct moot_entry *entry;
            bool asked; /* it came as an answer to a WANT */
        } arrived;
        struct {
            const struct moot_record *record;
            struct moot_addr seen; /* port 0: not told */
        } learned;
        struct {
            enum moot_line_kind kind;
            struct moot_bytes text;
            bool more; /* the next one comes at once */
        } say;
        struct {
            const struct moot_addr *at; /* best first */
            unsigned count;             /* MOOT_RECORD_ADDRS_MAX at most */
        } addrs;
        const struct moot_fork *fork;
        struct {
            struct moot_run in;
            uint64_t seq;
        } damaged;
        uint64_t token; /* STORED */
        struct {
            uint64_t token;
            struct moot_entry *const *entries;
            unsigned count;
        } fetched;
        enum moot_standing standing;
    };
};

enum moot_group_effect_kind {
    MOOT_GROUP_SEND,     /* .bytes to .link */
    MOOT_GROUP_SPREAD,   /* .bytes to every link that takes live entries */
    MOOT_GROUP_TELL,     /* .bytes to every link */
    MOOT_GROUP_PING,     /* PING .link, asking it to compare */
    MOOT_GROUP_STORE,    /* keep .entry; tell STORED with .token */
    MOOT_GROUP_END_RUN,  /* forget .range.in from .range.from on, of which
                            .head is before it; keep the proof in .bytes */
    MOOT_GROUP_FETCH,    /* read .range; tell FETCHED with .token */
    MOOT_GROUP_SHOW,     /* .entry by .name */
    MOOT_GROUP_SENT,     /* own entry .seq is stored */
    MOOT_GROUP_PRESENCE, /* .presence of member .id */
    MOOT_GROUP_MET,   /* a live member, new or changed: .id; ask the roster */
    MOOT_GROUP_GONE,  /* .id is no longer live */
    MOOT_GROUP_NOTICE /* .text */
};

enum moot_presence {
    MOOT_PRESENCE_JOINED,
    MOOT_PRESENCE_LEFT,
    MOOT_PRESENCE_LOST,
    MOOT_PRESENCE_BACK,
    MOOT_PRESENCE_INDIRECT
};

struct moot_group_effect {
    enum moot_group_effect_kind kind;
    uint64_t link;
    uint64_t token;
    size_t at, len; /* SEND, SPREAD, TELL, END_RUN: in the list's bytes */
    struct moot_entry *entry; /* STORE, SHOW: the effect holds a reference */
    struct moot_range range;
    struct moot_hash head; /* END_RUN; all zero when it is lost */
    struct moot_id id;
    uint64_t seq;
    uint64_t after; /* SHOW: own entries up to it are shown before */
    enum moot_presence presence;
    unsigned count; /* PRESENCE: live members now */
    bool own;       /* STORE: it was said just now; SHOW: by ourselves */
    bool earlier, late;
    char name[MOOT_NAME_LEN_MAX + 8]; /* display name */
    char text[MOOT_REASON_LEN_MAX + 1];
};

/* A zeroed struct is an empty list. */
struct moot_group_effects {
    struct moot_group_effect *at;
    unsigned count, max;
    struct moot_buf bytes;
};

void moot_group_effects_clear(struct moot_group_effects *fx);
void moot_group_effects_fini(struct moot_group_effects *fx);

#endif
