/*
 * group/chain.h - the hash-chained runs of all authors, seen from their heads.
 *
 * A chain holds the entries of one run of one author; each names the hash of
 * the one before it.  Only heads are remembered here; entries live in the
 * store.  What is admitted and what the store has are told apart: only the
 * latter is advertised to others.
 *
 * Digests (anti-entropy, Demers et al. 1987): of an author, over its chains
 * sorted by run; of the log, over its authors sorted by identity.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_GROUP_CHAIN_H
#define MOOT_GROUP_CHAIN_H

#include "group/past.h"
#include "wire/fork.h"

/* Entries that the store lost: from..to, both included. */
struct moot_hole {
    uint64_t from, to;
    uint64_t got; /* up to here they came again, and are on their way to the
                     store; from - 1: nothing did */
    struct moot_hash got_hash;
    bool prev_known;
    struct moot_hash prev; /* hash of from - 1, when known */
};

#define MOOT_HOLES_MAX 16 /* of one chain; those close by become one */

struct moot_holes {
    unsigned count;
    struct moot_hole at[MOOT_HOLES_MAX]; /* sorted */

    /* Fetching them anew; the business of heal. */
    uint64_t source; /* the link that was asked last */
    int64_t due;     /* when it must have made progress; 0: nobody to ask */
    unsigned tries;  /* links asked in vain in a row */
    bool resting;    /* nobody gave it: due says when to ask again */
};

struct moot_chain {
    struct moot_run in;
    uint64_t base;         /* the first that is kept; 0 and 1: all are */
    uint64_t len;          /* entries admitted; also the newest seq */
    struct moot_hash head; /* hash of the newest; all zero when empty */
    bool headless;         /* it was cut, and head must be read first */
    uint64_t stored_len;   /* the newest that the store has */
    struct moot_hash stored_head;
    uint64_t kept_len; /* the same, but below the first hole: what we tell */
    struct moot_hash kept_head;
    uint64_t shown;           /* the newest seq that the screen has */
    uint64_t after;           /* what the screen has of it was said by one who
                                 may have seen ours up to here ... */
    uint64_t after_run;       /* ... in this run of ours */
    struct moot_holes *holes; /* NULL: none */
    struct moot_fork *fork;   /* why it ends where it ends; NULL: nothing */
    bool fork_kept;           /* the store has that */
    uint64_t probe;           /* looked for, to find where histories part */

    /* What others have and we want; the business of sync. */
    uint64_t known;     /* the newest seq anybody claims to have */
    uint64_t wanted;    /* the newest seq asked for */
    uint64_t size;      /* bytes of an entry, of late; 0: none came */
    uint64_t source;    /* the link that is asked now, or should be; 0: none */
    int64_t due;        /* when it must have made progress; 0: nothing asked */
    unsigned tries;     /* links asked in vain in a row */
    bool silent;        /* one of them did not even answer */
    uint64_t base_told; /* lowest place where one of them begins; 0: none */
    int64_t asked;      /* when the one asked now was asked */
    uint64_t got;       /* bytes that came since */
    unsigned bare;      /* links asked for the body of the next one, which came
                      without; 0: it did not */
    uint64_t bare_from; /* the link by which it came */
};

struct moot_author {
    struct moot_id id;
    struct moot_chain **chains; /* sorted by run */
    unsigned count, max;
    struct moot_hash digest; /* of what is kept */
    uint64_t kept;           /* and how many entries that are */
    bool stale;              /* both must be computed anew */
};

/* A zeroed struct is an empty set. */
struct moot_history {
    struct moot_author **authors; /* sorted by id */
    unsigned count, max;
    unsigned chain_count;
    uint64_t entry_count; /* admitted */
    struct moot_hash digest;
    uint64_t kept; /* entries the digest is over */
    bool fresh;    /* both are up to date */
};

/* What a chain says about an entry offered to it. */
enum moot_verdict {
    MOOT_CHAIN_NEXT,  /* extends the chain by exactly one */
    MOOT_CHAIN_KNOWN, /* at or below the head, or behind a fork */
    MOOT_CHAIN_GAP,   /* ahead of us: what lies in between is missing; or below
                         where it is to begin, while nothing of it is here */
    MOOT_CHAIN_HOLE,  /* the next one of those that the store lost */
    MOOT_CHAIN_PROBE, /* wanted, to find where two histories part */
    MOOT_CHAIN_FORK   /* contradicts what this run signed before */
};

void moot_history_fini(struct moot_history *s);

/* NULL when there is none; borrowed until it is dropped. */
struct moot_author *moot_history_author(const struct moot_history *s,
                                        const struct moot_id *id);
struct moot_chain *moot_history_find(const struct moot_history *s,
                                     const struct moot_run *in);

/* The index of the first author above id. */
unsigned moot_history_after(const struct moot_history *s,
                            const struct moot_id *id);

/* Finds or makes it; NULL when MOOT_CHAINS_MAX are there. */
struct moot_chain *moot_history_get(struct moot_history *s,
                                    const struct moot_run *in);

/* Removes a chain that holds nothing: no entry, and no fork. */
void moot_history_drop(struct moot_history *s, struct moot_chain *c);

/* Judges only; changes nothing, so it may be asked before the signature is
 * verified.  c may be NULL: an unknown run. */
enum moot_verdict moot_chain_judge(const struct moot_chain *c,
                                   const struct moot_entry *e);

/* Is no entry of it here? */
bool moot_chain_empty(const struct moot_chain *c);

/* It is to begin with the entry base, whatever came before: --history. */
void moot_chain_skip(struct moot_chain *c, uint64_t base);

/* Admits an entry whose verdict is NEXT and whose signature is verified. */
void moot_chain_admit(struct moot_history *s, struct moot_chain *c,
                      const struct moot_entry *e);

/* The store has everything up to seq, whose hash is given. */
void moot_chain_keep(struct moot_history *s, struct moot_chain *c, uint64_t seq,
                     const struct moot_hash *hash);

/* As the store has it from earlier runs; nothing else is known of it yet. */
void moot_chain_restore(struct moot_history *s, struct moot_chain *c,
                        const struct moot_past_chain *past);

/* --- what the store lost --- */

/* seq is of what was admitted, and kept at least in part. */
void moot_chain_lose(struct moot_history *s, struct moot_chain *c,
                     uint64_t seq);

/* The hole in which seq is the next one to come; NULL: none. */
struct moot_hole *moot_chain_hole(const struct moot_chain *c, uint64_t seq);

/* e, whose verdict is HOLE, is on its way to the store. */
void moot_chain_refill(struct moot_chain *c, const struct moot_entry *e);

/* The hash of the entry before the hole that begins at from. */
void moot_chain_below_hole(struct moot_history *s, struct moot_chain *c,
                           uint64_t from, const struct moot_hash *prev);

/* --- two histories --- */

/*
 * The run ends before f->seq.  Takes f.  head is that of what is left; NULL
 * when it is not known: then the chain is headless until it is told.
 */
void moot_chain_end(struct moot_history *s, struct moot_chain *c,
                    struct moot_fork *f, const struct moot_hash *head);
void moot_chain_set_head(struct moot_history *s, struct moot_chain *c,
                         const struct moot_hash *head);
void moot_chain_fork_kept(struct moot_history *s, struct moot_chain *c);

/* Digests of what is kept; computed when stale. */
const struct moot_hash *moot_author_digest(struct moot_author *a);
const struct moot_hash *moot_history_digest(struct moot_history *s);

#endif
