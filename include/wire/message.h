/*
 * wire/message.h - everything two linked peers can say to each other.
 *
 * The bytes are protobuf (src/wire/moot.proto); this is their plain form.  A
 * decoded message is checked for form and bounds: lengths, UTF-8, enum values.
 * Signatures in it are not checked yet.
 *
 * Layer:  wire (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_WIRE_MESSAGE_H
#define MOOT_WIRE_MESSAGE_H

#include "ident/proof.h"
#include "wire/addr.h"
#include "wire/entry.h"
#include "wire/record.h"

#define MOOT_PROTOCOL_MAJOR 1
#define MOOT_PROTOCOL_MINOR 0

enum moot_message_kind {
    MOOT_MSG_UNKNOWN = 0, /* a kind of a later version: skipped */
    MOOT_MSG_HELLO = 1,
    MOOT_MSG_WELCOME = 2,
    MOOT_MSG_REFUSE = 3,
    MOOT_MSG_BYE = 4,
    MOOT_MSG_PING = 5,
    MOOT_MSG_PONG = 6,
    MOOT_MSG_ENTRIES = 7,
    MOOT_MSG_AUTHORS = 8,
    MOOT_MSG_CHAINS = 9,
    MOOT_MSG_WANT = 10,
    MOOT_MSG_LACK = 11,
    MOOT_MSG_MEMBERS = 12,
    MOOT_MSG_LINKED = 13,
    MOOT_MSG_WHO = 14,
    MOOT_MSG_PROBE = 15,
    MOOT_MSG_VERDICT = 16,
    MOOT_MSG_MOVE = 17,
    MOOT_MSG_FORK = 18,
    MOOT_MSG_ACK = 19,
    MOOT_MSG_LAST = MOOT_MSG_ACK
};

/* First words, both ways; the acceptor speaks after it checked the dialler. */
struct moot_hello {
    uint32_t major, minor;
    struct moot_hash group_tag;
    struct moot_hash name_tag;
    uint64_t run;
    struct moot_hash proof;
    unsigned older_count; /* a dialler's: by older secrets of the group */
    struct moot_hash older[MOOT_HELLO_OLDER_MAX];
};

/* Behind the own HELLO (acceptor) or behind the other's (dialler). */
struct moot_welcome {
    struct moot_record record;        /* the speaker's own */
    char seen[MOOT_HOST_LEN_MAX + 1]; /* the host it sees the other come from */
    uint64_t generation; /* of the secret that was proven; 0: open */
};

enum moot_refusal {
    MOOT_REFUSE_GROUP = 1,   /* the constant one: not ours, or not proven */
    MOOT_REFUSE_VERSION = 2, /* another major version */
    MOOT_REFUSE_FULL = 3,    /* no room for one more link */
    MOOT_REFUSE_OTHER = 4    /* an open group of the same name: see .group */
};

struct moot_refuse {
    enum moot_refusal why;
    uint32_t major;
    struct moot_hash group;  /* MOOT_REFUSE_OTHER only */
    enum moot_weight weight; /* MOOT_REFUSE_OTHER only */
};

enum moot_bye_kind {
    MOOT_BYE_QUIT = 1,      /* the user left; reason is his */
    MOOT_BYE_DUPLICATE = 2, /* another link to you stays */
    MOOT_BYE_PROTOCOL = 3,  /* you broke the protocol; reason says how */
    MOOT_BYE_SLOW = 4,      /* you did not take what was sent */
    MOOT_BYE_GROUP = 5      /* I am in another group now */
};

struct moot_bye {
    enum moot_bye_kind kind;
    struct moot_bytes reason; /* none, or a line of MOOT_REASON_LEN_MAX bytes */
};

/*
 * PING is answered with PONG of the same nonce.  Both carry what I hold where
 * it is compared, which is with .sync; elsewhere both digests may be zero,
 * which is not to say.
 */
struct moot_ping {
    uint64_t nonce;
    struct moot_hash log;    /* digest of all chains; see group/digest */
    struct moot_hash roster; /* digest of all members listed */
    bool sync; /* please compare now: answer with AUTHORS on a mismatch */
    uint64_t entries; /* how many the log digest is over; 0: not told */
};

struct moot_entries {
    bool asked; /* an answer to a WANT */
    unsigned count;
    struct moot_bytes raw[MOOT_PAGE_MAX]; /* each one encoded entry */
};

struct moot_author_digest {
    struct moot_id author;
    struct moot_hash digest;
};

/*
 * The digests of all authors above .after up to the last one here; up to the
 * end when .last.  Sorted by author.
 */
struct moot_authors {
    struct moot_id after; /* all zero: from the first */
    bool last;
    unsigned count;
    struct moot_author_digest at[MOOT_PAGE_MAX];
};

/* Of a run with two histories the end is told, too: it may be all there is. */
struct moot_chain_head {
    uint64_t run;
    uint64_t len;               /* 0 only with .fork_seq */
    struct moot_hash head;      /* all zero when .len is 0 */
    uint64_t fork_seq;          /* above .len; 0: no proof is there */
    struct moot_hash fork_hash; /* names the proof; see wire/fork.h */
};

/* Chains of one author above .after_run; sorted by run.  Paged likewise. */
struct moot_chains {
    struct moot_id author;
    uint64_t after_run; /* with .first: from the first */
    bool first, last;
    bool ask; /* please answer with yours of the same range */
    unsigned count;
    struct moot_chain_head at[MOOT_PAGE_MAX];
};

struct moot_range {
    struct moot_run in;
    uint64_t from, to; /* both included; from >= 1 */
};

struct moot_want {
    unsigned count;
    struct moot_range at[MOOT_PAGE_MAX];
};

/* A WANT that cannot be served: these entries are not here. */
struct moot_lack {
    struct moot_range at;
    uint64_t base; /* but those from this one on are; 0: not said */
};

/* A member as the speaker knows it. */
struct moot_member_hint {
    struct moot_bytes record; /* signed bytes */
    struct moot_sig sig;
    struct moot_addr seen; /* where it was seen; port 0: nowhere */
};

#define MOOT_MEMBERS_PAGE_MAX 32 /* at most 58 KiB */

struct moot_members {
    unsigned count;
    struct moot_member_hint at[MOOT_MEMBERS_PAGE_MAX];
};

/*
 * Whom the speaker is linked to: all of them (.full), or what changed.  Both
 * lists together hold at most MOOT_LINKS_MAX, or they would not fit a frame.
 */
struct moot_linked {
    bool full; /* forget what was said before */
    unsigned up_count, down_count;
    struct moot_id up[MOOT_LINKS_MAX];
    struct moot_id down[MOOT_LINKS_MAX];
};

/* Please send MEMBERS for these; count 0 asks for all. */
struct moot_who {
    unsigned count;
    struct moot_id at[MOOT_PAGE_MAX];
};

/* PROBE: I cannot reach this one; can you?  VERDICT answers. */
struct moot_probe {
    struct moot_id id;
    bool alive; /* VERDICT only: it answered me within 3 s */
};

/* I am in this open group of our name; come along if yours is lighter. */
struct moot_move {
    struct moot_hash group;
    enum moot_weight weight;
};

/* A run has two histories; see wire/fork.h. */
struct moot_fork_message {
    struct moot_bytes raw; /* what moot_fork_open reads */
};

/* Of the receiver's own run: all up to .seq is safe with the speaker. */
struct moot_ack {
    uint64_t run;
    uint64_t seq; /* from 1 */
};

struct moot_message {
    enum moot_message_kind kind;
    union {
        struct moot_hello hello;
        struct moot_welcome welcome;
        struct moot_refuse refuse;
        struct moot_bye bye;
        struct moot_ping ping; /* PING and PONG */
        struct moot_entries entries;
        struct moot_authors authors;
        struct moot_chains chains;
        struct moot_want want;
        struct moot_lack lack;
        struct moot_members members;
        struct moot_linked linked;
        struct moot_who who;
        struct moot_probe probe; /* PROBE and VERDICT */
        struct moot_move move;
        struct moot_fork_message fork;
        struct moot_ack ack;
    };
};

/* Appends prefix and message to out.  A message within its bounds fits. */
void moot_message_encode(const struct moot_message *m, struct moot_buf *out);

/*
 * Appends a whole ENTRIES frame holding the count entries given; together they
 * fit a frame (the caller counts raw.len + 8 for each).
 */
void moot_message_encode_entries(struct moot_entry *const *entries,
                                 unsigned count, bool asked,
                                 struct moot_buf *out);

/*
 * Decodes one frame (without prefix) into m; views in m are borrowed from
 * frame.  MOOT_EPROTO when it breaks form or bounds.  An unknown kind is
 * MOOT_OK with MOOT_MSG_UNKNOWN.  m is large (72 KiB): keep one, not on stack.
 */
int moot_message_decode(struct moot_bytes frame, struct moot_message *m);

/* Is there a message of this number? */
bool moot_message_known(uint32_t kind);

/* "HELLO", "WANT", ...: for narration and logs. */
const char *moot_message_name(enum moot_message_kind kind);

#endif
