/*
 * wire/entry.h - what an author said at once.
 *
 *     entry  = header + signature + body
 *     hash   = BLAKE2b-256(header), signed under MOOT_DOMAIN_ENTRY
 *     header = version, group, author, run, seq, hash of the header before,
 *              lamport, wall time, cites, length and hash of the body
 *     body   = the author's name at the time, and 1 to 256 lines
 *
 * An entry never changes after it is made; it is shared by reference count.
 *
 * Layer:  wire (quiet).
 * Thread: the count belongs to one thread (the loop); the bytes to all.
 */
#ifndef MOOT_WIRE_ENTRY_H
#define MOOT_WIRE_ENTRY_H

#include "base/limits.h"
#include "base/time.h"
#include "ident/sign.h"

/* One life of one author in the group: where a chain lives. */
struct moot_run {
    struct moot_id author;
    uint64_t run;
};

/* Author, then run. */
int moot_run_cmp(const struct moot_run *a, const struct moot_run *b);

/* "I had seen this when I wrote": a place in another chain. */
struct moot_cite {
    struct moot_run in;
    uint64_t seq;
    struct moot_hash hash;
};

enum moot_line_kind {
    MOOT_LINE_TEXT = 1,
    MOOT_LINE_ACTION = 2, /* /me */
    MOOT_LINE_NICK = 3,   /* the text is the author's new name */
    MOOT_LINE_TOPIC = 4,
    MOOT_LINE_REKEY = 5 /* a new secret of a closed group: wire/rekey.h */
};

struct moot_line {
    enum moot_line_kind kind; /* unknown kinds are kept out of lines[] */
    struct moot_bytes text;
};

/* What a body says; texts are borrowed from the body's bytes. */
struct moot_body {
    struct moot_bytes name;
    unsigned line_count;
    struct moot_line lines[MOOT_ENTRY_LINES_MAX];
};

struct moot_entry {
    unsigned refs;
    struct moot_hash hash; /* of the header */
    struct moot_hash group;
    struct moot_run in;
    uint64_t seq;          /* from 1 */
    struct moot_hash prev; /* hash of seq - 1; all zero when seq is 1 */
    uint64_t lamport;
    moot_wall_ms wall;
    unsigned cite_count;
    struct moot_cite *cites; /* newest first */
    struct moot_hash body_hash;
    uint32_t body_len;
    struct moot_sig sig;
    struct moot_bytes header; /* these three point into the entry itself */
    struct moot_bytes body;   /* data is NULL when the body was pruned */
    struct moot_bytes raw;    /* the whole as it travels */
};

/*
 * A line of n bytes takes at most n + MOOT_LINE_COST bytes of a body, a name
 * likewise; whoever drafts keeps the sum within MOOT_BODY_LEN_MAX.
 */
#define MOOT_LINE_COST 10

/*
 * What the author puts in; the rest is computed.  All of it must be valid:
 * what is refused from others is a broken promise here.
 */
struct moot_draft {
    struct moot_hash group;
    struct moot_run in;
    uint64_t seq;
    struct moot_hash prev;
    uint64_t lamport;
    moot_wall_ms wall;
    const struct moot_cite *cites;
    unsigned cite_count;
    struct moot_bytes name;
    const struct moot_line *lines;
    unsigned line_count;
};

/* Encodes, hashes and signs.  One reference is the caller's. */
struct moot_entry *moot_entry_create(const struct moot_draft *d,
                                     const struct moot_key *k);

/*
 * Decodes an entry that arrived and judges its form: a pure function of the
 * bytes, the same on every peer and for ever within version 1.  The signature
 * is not checked here.  One reference is the caller's.  MOOT_EPROTO when it is
 * not a valid entry, MOOT_EVERSION when it is of another version.
 */
int moot_entry_open(struct moot_bytes raw, struct moot_entry **ret_entry);

/* Is it signed by its author? */
bool moot_entry_verify(const struct moot_entry *e);

/* The same entry without its body.  One reference is the caller's. */
struct moot_entry *moot_entry_pruned(const struct moot_entry *e);

struct moot_entry *moot_entry_ref(struct moot_entry *e); /* returns e */
void moot_entry_unref(struct moot_entry *e);             /* NULL does nothing */

/* Cannot fail on the body of an entry that was opened; false when pruned. */
bool moot_entry_body(const struct moot_entry *e, struct moot_body *ret_body);

/* Under which name it was said; empty when the body was pruned. */
struct moot_bytes moot_entry_name(const struct moot_entry *e);

/* The order of the transcript: lamport, author, run, seq. */
int moot_entry_cmp(const struct moot_entry *a, const struct moot_entry *b);

#endif
