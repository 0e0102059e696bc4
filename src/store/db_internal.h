/*
 * store/db_internal.h - the parts of the database, for the files it is made of.
 *
 *     db_open.c    opening, pragmas, whose it is
 *     db_schema.c  the tables, and the steps that led to them
 *     db_error.c   what SQLite's refusals mean
 *     db_row.c     rows and their checksums
 *     db_chain.c   groups and chains, and what is remembered of them
 *     db_put.c     transactions and changes
 *     db_read.c    one chain
 *     db_past.c    what is told at the start
 *     db_back.c    how a group is come back to, as the columns of its row
 *     db_mend.c    rows of groups and chains, made anew from the entries
 *     db_walk.c    the transcript
 *     db_scan.c    the slow scan, usage, pruning
 *     db_verify.c  everything
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#ifndef MOOT_STORE_DB_INTERNAL_H
#define MOOT_STORE_DB_INTERNAL_H

#include <sqlite3.h>
#include <uthash.h>

#include "store/db.h"

#define DB_APPLICATION 0x6d6f6f74 /* "moot" */
#define DB_VERSION 3
#define DB_SUM_LEN 16
#define DB_SEQ_MAX ((uint64_t)1 << 62) /* SQLite's integers are signed */
#define DB_CHAINS_CACHED 4096
#define DB_BUSY_MS 5000 /* another process reads a moment */

/* The columns of an entry that row_open reads, in this order. */
#define DB_ROW "e.seq, e.lamport, e.head, e.body, e.sum"
#define DB_ROW_COLUMNS 5

enum db_stmt {
    DB_BEGIN,
    DB_COMMIT,
    DB_ROLLBACK,
    DB_GROUP_FIND,
    DB_GROUP_ADD,
    DB_GROUP_SET,
    DB_GROUP_LATEST,
    DB_GROUP_ALL,
    DB_CHAIN_FIND,
    DB_CHAIN_ADD,
    DB_CHAIN_SET,
    DB_CHAIN_GROW,
    DB_CHAIN_ALL,
    DB_ENTRY_ADD,
    DB_ENTRY_FIND,
    DB_ENTRY_DELETE,
    DB_ENTRY_BODY,
    DB_ENTRY_END,
    DB_ENTRY_RANGE,
    DB_ENTRY_LAST,
    DB_ENTRY_FIRST,
    DB_CHAIN_AFTER,
    DB_HOLE_ADD,
    DB_HOLE_FILL,
    DB_HOLE_END,
    DB_HOLE_ALL,
    DB_SCAN,
    DB_IN_TRANSCRIPT,
    DB_IN_CHAIN,
    DB_PAGES,
    DB_PAGES_FREE,
    DB_PRUNE,
    DB_STMTS
};

/* As they stand in the schema, so that they can be made anew. */
#define DB_ENTRY_AT "CREATE UNIQUE INDEX entry_at ON entries(chain, seq)"
#define DB_TRANSCRIPT "CREATE INDEX transcript ON entries(grp, lamport)"

struct db_chain_key {
    int64_t group; /* the number of its row */
    struct moot_run in;
};

/* A row of chains. */
struct db_chain {
    struct db_chain_key key;
    int64_t no;
    uint64_t base, len, lamport;
    uint64_t ended; /* the first seq that a proof took away; 0: none */
    struct moot_hash head;
    uint8_t *fork; /* the proof */
    size_t fork_len;
    bool changed; /* since it was written; then next is one more of them */
    struct db_chain *next;
    UT_hash_handle hh;
};

struct moot_db {
    sqlite3 *sqlite;
    sqlite3_stmt *stmts[DB_STMTS];
    struct moot_id own;
    bool reader;
    bool open; /* in a transaction */
    enum moot_db_trouble trouble;
    char words[256];
    struct db_chain *chains;  /* those met of late, by key */
    struct db_chain *changed; /* of these, those to be written */
    struct moot_hash group;   /* the one met last ... */
    int64_t group_no;         /* ... and its row; 0: none */
    struct moot_buf raw;      /* a row being put together */
    int64_t page_size;        /* 0: was not asked */
    int64_t prune_lamport;    /* where pruning goes on: group, lamport, */
    int64_t prune_group;      /* row */
    int64_t prune_no;
    int64_t prune_used;
};

/* --- db_error.c --- */

/* Writes down what SQLite said; MOOT_ESYS. */
int db_fail(struct moot_db *db, int rc);

/* MOOT_ESYS: the file contradicts itself. */
int db_damaged(struct moot_db *db, const char *words);

/* One statement without results. */
int db_exec(struct moot_db *db, const char *sql);

/* A whole number that a statement gives. */
int db_number(struct moot_db *db, const char *sql, int64_t *ret_number);

/* Ready to be bound; NULL when it cannot be prepared. */
sqlite3_stmt *db_stmt(struct moot_db *db, enum db_stmt which);

/* Steps once.  MOOT_OK: a row is there; MOOT_ENONE: no more. */
int db_step(struct moot_db *db, sqlite3_stmt *s);

/* Steps a statement without results, and resets it. */
int db_run(struct moot_db *db, sqlite3_stmt *s);

/* Lets it go, and what was bound to it. */
void db_done(sqlite3_stmt *s);

void db_bind_u64(sqlite3_stmt *s, int at, uint64_t value);
void db_bind_run(sqlite3_stmt *s, int at, uint64_t run);
void db_bind_blob(sqlite3_stmt *s, int at, const void *data, size_t len);
uint64_t db_run_at(sqlite3_stmt *s, int column);
struct moot_bytes db_bytes_at(sqlite3_stmt *s, int column);

/* False when the column does not hold 32 bytes. */
bool db_raw32_at(sqlite3_stmt *s, int column, uint8_t out[32]);

/* --- db_row.c --- */

struct db_sum {
    uint8_t b[DB_SUM_LEN];
};

/* The entry as it travels, without its body. */
struct moot_bytes db_head_of(const struct moot_entry *e);
struct moot_bytes db_body_of(const struct moot_entry *e);
struct db_sum db_entry_sum(const struct moot_entry *e, bool with_body);
struct db_sum db_chain_sum(const struct db_chain *c);
bool db_sum_at(sqlite3_stmt *s, int column, const struct db_sum *sum);

/*
 * The entry in a row of DB_ROW from column `at` on, or NULL when it does not
 * read as it was written.  group, in: where it has to be of; NULL: what it says
 * of itself has to agree with its checksum.
 */
struct moot_entry *db_row_open(struct moot_db *db, sqlite3_stmt *s, int at,
                               const struct moot_hash *group,
                               const struct moot_run *in);

/* --- db_chain.c --- */

/* MOOT_ENONE: there is none. */
int db_group_find(struct moot_db *db, const struct moot_hash *group,
                  int64_t *ret_no);
int db_group_need(struct moot_db *db, const struct moot_hash *group,
                  int64_t *ret_no);
int db_chain_find(struct moot_db *db, int64_t group, const struct moot_run *in,
                  struct db_chain **ret_chain);
int db_chain_create(struct moot_db *db, int64_t group,
                    const struct moot_run *in, struct db_chain **ret_chain);

/* Columns no, grp, author, run, base, len, head, lamport, ended, fork, sum.
 * False when it does not read as it was written; then out holds what there is.
 * out->fork: free() gives it back. */
bool db_chain_row(sqlite3_stmt *s, struct db_chain *out);

/* The whole row, whatever stands there. */
int db_chain_write(struct moot_db *db, const struct db_chain *c);

/* Its row is written before the transaction is over. */
void db_chain_changed(struct moot_db *db, struct db_chain *c);
int db_chains_flush(struct moot_db *db);
void db_chains_forget(struct moot_db *db);

/* --- db_put.c --- */

/* Columns no, id, name, grown, used, sum, secrets, doors, seeds,
 * named.  False as
 * db_chain_row. */
bool db_group_row(sqlite3_stmt *s, struct moot_fx_remember *out,
                  int64_t *ret_used);

/* no 0: a new one. */
int db_group_write(struct moot_db *db, int64_t no,
                   const struct moot_fx_remember *g, int64_t used);

int db_hole_add(struct moot_db *db, int64_t chain, uint64_t seq);

/* Asks for the row at seq, its number behind DB_ROW: MOOT_OK, MOOT_ENONE.  The
 * statement is the caller's to be done with. */
int db_entry_find(struct moot_db *db, int64_t chain, uint64_t seq,
                  sqlite3_stmt **ret_stmt);

/* --- db_back.c --- */

/* The columns of a group that say how to come back to it: secrets, doors,
 * seeds, named; empty ones where there is nothing. */
#define DB_BACK_COLUMNS 4

void db_back_pack(const struct moot_back *ways,
                  struct moot_buf out[DB_BACK_COLUMNS]);
void db_back_fini(struct moot_buf packed[DB_BACK_COLUMNS]);

/* Of a column that is not as it was packed, what can be read; then false. */
bool db_back_unpack(const struct moot_bytes packed[DB_BACK_COLUMNS],
                    struct moot_back *out);

/* --- db_mend.c --- */

/* Writes rows of groups and chains anew that do not read as they were written,
 * from the entries themselves. */
int db_mend(struct moot_db *db);

/* --- db_missing.c --- */

/* Adds what should be there and is not to scan->bad. */
int db_find_missing(struct moot_db *db, struct moot_db_scan *scan);

/* --- db_schema.c --- */

extern const char *const db_steps[DB_VERSION];

/* Is what the file says of its own tables what the steps made of them? */
int db_check_schema(struct moot_db *db);

/* --- db_open.c --- */

/* As moot_db_open, but what could not be opened is handed out too, to be asked
 * for its trouble and closed. */
int db_try_open(const struct moot_db_config *config, struct moot_db **ret_db);

#endif
