/*
 * store/db.h - the history of all groups of a profile, in one SQLite file.
 *
 * WAL and synchronous=FULL: what was committed survives a power cut.  Each row
 * carries a checksum over all that is in it, and is checked whenever it is
 * read, so a damaged one is found rather than served.  Calls are synchronous;
 * nothing here knows of threads or of the loop (store/store.h does).
 *
 * Functions that return int say MOOT_OK; MOOT_ESYS when SQLite refused (then
 * moot_db_trouble says how, and inside a transaction nothing but rollback and
 * close is allowed); or what stands beside them.
 *
 * Layer:  store (loud).
 * Thread: a connection belongs to one thread at a time.
 */
#ifndef MOOT_STORE_DB_H
#define MOOT_STORE_DB_H

#include "group/past.h"
#include "node/event.h"

struct moot_db;

enum moot_db_trouble {
    MOOT_DB_FINE,
    MOOT_DB_FULL,      /* no space, or no quota */
    MOOT_DB_READ_ONLY, /* may not be written */
    MOOT_DB_IO,        /* the disk failed */
    MOOT_DB_DAMAGED,   /* the file is not what was written */
    MOOT_DB_BUSY,      /* another process has it */
    MOOT_DB_FOREIGN,   /* not ours, or no database at all */
    MOOT_DB_NEWER,     /* written by a newer version of moot */
    MOOT_DB_STRANGER,  /* of another identity */
    MOOT_DB_OTHER
};

/* A phrase: "the disk is full".  Never NULL. */
const char *moot_db_trouble_text(enum moot_db_trouble trouble);

#define MOOT_WHY_MAX 1024 /* one line of explanation, with paths in it */

struct moot_db_config {
    const char *path;
    const char *vfs;           /* of SQLite; NULL: the system's */
    bool reader;               /* changes nothing; the file must be there */
    const struct moot_id *own; /* whose profile it is; NULL: a reader's */
};

/*
 * Opens it, or makes it, or brings it to today's format in one transaction;
 * makes safe what a process that was cut short left in the system's memory
 * only.  Costs nothing that grows with the number of entries.  On failure
 * `why` says in one line what is wrong, what was tried and what can be done,
 * and the file is as it was.
 */
int moot_db_open(const struct moot_db_config *config, struct moot_db **ret_db,
                 char why[MOOT_WHY_MAX]);
void moot_db_close(struct moot_db *db); /* NULL does nothing */

/* Of the last call that returned MOOT_ESYS. */
enum moot_db_trouble moot_db_trouble(const struct moot_db *db);

/* SQLite's own words for it.  Borrowed until the next call. */
const char *moot_db_words(const struct moot_db *db);

/*
 * Whose history is in the file, without changing it: MOOT_ENONE when there is
 * no file, or nothing in it that its owner said.
 */
int moot_db_owner(const char *path, const char *vfs, struct moot_id *ret_own);

/* --- writing: inside a transaction --- */

int moot_db_begin(struct moot_db *db);
int moot_db_commit(struct moot_db *db);
void moot_db_rollback(struct moot_db *db); /* without one: does nothing */

/*
 * Keeps an entry; again and again is fine, and one with a body takes the place
 * of one without.  MOOT_EINVAL when it leaves a gap behind the newest of its
 * chain, MOOT_EPROTO when something else is kept in its place, MOOT_ENONE when
 * the run has been ended before it; then nothing is changed.
 */
int moot_db_put(struct moot_db *db, const struct moot_entry *e);

/* The same again, or one with a lower seq, is fine. */
int moot_db_end_run(struct moot_db *db, const struct moot_fx_end_run *end);

int moot_db_remember(struct moot_db *db, const struct moot_fx_remember *group);

/* Deletes an entry that does not read as it was written, if it still does
 * not; the chain remembers the hole until the entry is put again. */
int moot_db_drop_damaged(struct moot_db *db, const struct moot_hash *group,
                         const struct moot_run *in, uint64_t seq);

/* --- reading --- */

/* Entries of one chain, one reference each: moot_db_page_fini drops them. */
struct moot_db_page {
    struct moot_entry **at;
    unsigned count, max;
    uint64_t damaged; /* the seq that should have come next; 0: none */
};

/*
 * Reads on from range.from up to the entry that passes bytes_max, and stops at
 * the first that is missing or damaged.  page: zeroed, or used before.
 */
int moot_db_read(struct moot_db *db, const struct moot_hash *group,
                 const struct moot_range *range, size_t bytes_max,
                 struct moot_db_page *page);
void moot_db_page_fini(struct moot_db_page *page);

/* All groups, the one last used first. */
struct moot_pasts {
    struct moot_past *at;
    unsigned count;
};

/*
 * What is known of all groups, each with its newest tail_max entries.  Costs
 * what there is of chains, not of entries.  A head that does not read as it
 * was written is told as a gap.  Rows that hold chains are mended from the
 * entries, unless it is a reader that asks.
 */
int moot_db_pasts(struct moot_db *db, unsigned tail_max,
                  struct moot_pasts *ret_pasts);
void moot_pasts_fini(struct moot_pasts *p);

/* --- the transcript, in order --- */

struct moot_db_walk;

struct moot_db_walk_config {
    struct moot_hash group;
    unsigned last;                /* of those that fit; 0: all */
    moot_wall_ms since, until;    /* by their authors' clocks; until 0: open */
    const struct moot_id *author; /* NULL: all */
    /* Is it asked for?  NULL: all are.  Called for those that fit so far. */
    bool (*wanted)(void *ctx, const struct moot_entry *e);
    void *ctx;
};

/* Holds a snapshot until it is closed; the connection may do nothing else
 * meanwhile but read. */
int moot_db_walk_open(struct moot_db *db, const struct moot_db_walk_config *c,
                      struct moot_db_walk **ret_walk);

/* One reference is the caller's.  MOOT_ENONE behind the last.  Damaged entries
 * are left out and counted. */
int moot_db_walk_next(struct moot_db_walk *w, struct moot_entry **ret_entry);
unsigned moot_db_walk_damaged(const struct moot_db_walk *w);
void moot_db_walk_close(struct moot_db_walk *w); /* NULL does nothing */

/* --- looking after it --- */

/* An entry that does not read as it was written. */
struct moot_db_place {
    struct moot_hash group;
    struct moot_run in;
    uint64_t seq;
};

#define MOOT_DB_SCAN_BAD_MAX 64

struct moot_db_scan {
    int64_t at;       /* where to go on; 0: from the start */
    unsigned checked; /* rows of this slice; 0: the end, at is 0 again */
    unsigned bad_count;
    struct moot_db_place bad[MOOT_DB_SCAN_BAD_MAX];
};

/* Checks the next rows_max rows, fewer when many are bad. */
int moot_db_scan(struct moot_db *db, unsigned rows_max,
                 struct moot_db_scan *scan);

/* Writes the indexes anew from their tables: after MOOT_DB_DAMAGED from
 * moot_db_scan.  Outside a transaction. */
int moot_db_reindex(struct moot_db *db);

/* Bytes in use: of pages that are not free. */
int moot_db_usage(struct moot_db *db, uint64_t *ret_bytes);

/*
 * Inside a transaction: looks at the next rows_max rows, oldest first and the
 * group used longest ago first, and drops the bodies of all others' entries,
 * never the owner's, until `bytes` are freed.  MOOT_ENONE when all were looked
 * at; then it begins anew.
 */
int moot_db_prune(struct moot_db *db, unsigned rows_max, uint64_t bytes,
                  uint64_t *ret_freed);

/* What moot_db_verify found in one group. */
struct moot_db_verdict {
    struct moot_hash digest; /* as group/chain.h computes it */
    uint64_t entries;
    unsigned chains;
    unsigned forked;  /* runs that were ended by a proof */
    uint64_t pruned;  /* entries without a body */
    uint64_t missing; /* holes in a chain */
    uint64_t flaws;   /* of the file, seen by SQLite in no row of ours */
    uint64_t damaged; /* rows that do not read as they were written */
    uint64_t forged;  /* ... or whose signature or link is wrong */
};

/* Told each thing that is wrong, in words; seq 0: it is about no entry. */
struct moot_db_blame {
    void (*tell)(void *ctx, const struct moot_db_place *place,
                 const char *what);
    void *ctx;
};

/*
 * Checks every hash, link and signature of a group, and the file's structure.
 * Changes nothing.  blame may be NULL.  Takes some 70 us an entry.
 */
int moot_db_verify(struct moot_db *db, const struct moot_hash *group,
                   const struct moot_db_blame *blame,
                   struct moot_db_verdict *ret_verdict);

#endif
