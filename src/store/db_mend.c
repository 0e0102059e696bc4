/*
 * store/db_mend.c - rows of groups and chains that do not read as they were
 * written are made anew from the entries, which say where they belong.
 *
 * What a row alone knew is lost: the proof that ended a run comes back from
 * neighbours, as everything does.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/slots.h"
#include "base/utf8.h"
#include "store/db_internal.h"

struct list {
    int64_t *at;
    unsigned count, max;
};

static void add(struct list *l, int64_t no)
{
    l->at =
        moot_slot_open(l->at, sizeof l->at[0], &l->count, &l->max, l->count);
    l->at[l->count - 1] = no;
}

/* --- which are damaged --- */

static int damaged_groups(struct moot_db *db, struct list *out)
{
    sqlite3_stmt *s = db_stmt(db, DB_GROUP_ALL);
    struct moot_fx_remember group;
    int64_t used;
    int error;

    if (s == NULL)
        return MOOT_ESYS;
    while ((error = db_step(db, s)) == MOOT_OK)
        if (!db_group_row(s, &group, &used))
            add(out, sqlite3_column_int64(s, 0));
    db_done(s);
    return error == MOOT_ENONE ? MOOT_OK : error;
}

/* ret_whole: the numbers of those that are as they were, sorted. */
static int judge_chains(struct moot_db *db, struct list *ret_whole,
                        struct list *ret_damaged)
{
    static const char sql[] = "SELECT no, grp, author, run, base, len, head,"
                              " lamport, ended, fork, sum FROM chains"
                              " ORDER BY no";
    sqlite3_stmt *s;
    int rc = sqlite3_prepare_v2(db->sqlite, sql, -1, &s, NULL);
    struct db_chain row;
    int error;

    if (rc != SQLITE_OK)
        return db_fail(db, rc);
    while ((error = db_step(db, s)) == MOOT_OK) {
        struct list *l = db_chain_row(s, &row) ? ret_whole : ret_damaged;

        add(l, row.no);
        free(row.fork);
    }
    sqlite3_finalize(s);
    return error == MOOT_ENONE ? MOOT_OK : error;
}

static int no_order(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static bool holds(const struct list *l, int64_t no)
{
    return l->count > 0 &&
           bsearch(&no, l->at, l->count, sizeof no, no_order) != NULL;
}

/* Chains that have entries but no row of their own.  One seek for each chain:
 * it is not asked how many entries there are. */
static int find_orphans(struct moot_db *db, const struct list *whole,
                        struct list *damaged)
{
    sqlite3_stmt *s = db_stmt(db, DB_CHAIN_AFTER);
    int64_t no = INT64_MIN;
    unsigned known = damaged->count;
    int error;

    if (s == NULL)
        return MOOT_ESYS;
    for (;;) {
        bool found = false;

        sqlite3_bind_int64(s, 1, no);
        error = db_step(db, s);
        if (error == MOOT_OK && sqlite3_column_type(s, 0) != SQLITE_NULL) {
            found = true;
            no = sqlite3_column_int64(s, 0);
        }
        db_done(s);
        if (!found)
            return error == MOOT_ENONE ? MOOT_OK : error;
        for (unsigned i = 0; i < known && found; i++)
            found = damaged->at[i] != no;
        if (found && !holds(whole, no))
            add(damaged, no);
    }
}

/* --- making them anew --- */

/* The newest entry of a chain that reads as it was written; NULL: none. */
static int newest_whole(struct moot_db *db, int64_t chain,
                        struct moot_entry **ret_entry)
{
    sqlite3_stmt *s = db_stmt(db, DB_ENTRY_LAST);
    struct moot_entry *e = NULL;
    int error = MOOT_OK;

    if (s == NULL)
        return MOOT_ESYS;
    sqlite3_bind_int64(s, 1, chain);
    while (e == NULL && (error = db_step(db, s)) == MOOT_OK)
        e = db_row_open(db, s, 0, NULL, NULL);
    db_done(s);
    *ret_entry = e;
    return error == MOOT_ENONE ? MOOT_OK : error;
}

static int run_with(struct moot_db *db, const char *sql, int64_t no)
{
    sqlite3_stmt *s;
    int rc = sqlite3_prepare_v2(db->sqlite, sql, -1, &s, NULL);
    int error;

    if (rc != SQLITE_OK)
        return db_fail(db, rc);
    sqlite3_bind_int64(s, 1, no);
    error = db_run(db, s);
    sqlite3_finalize(s);
    return error;
}

static int forget_chain(struct moot_db *db, int64_t no)
{
    static const char *const sql[] = {"DELETE FROM holes WHERE chain = ?1",
                                      "DELETE FROM entries WHERE chain = ?1",
                                      "DELETE FROM chains WHERE no = ?1"};
    int error = MOOT_OK;

    for (unsigned i = 0; i < 3 && error == MOOT_OK; i++)
        error = run_with(db, sql[i], no);
    return error;
}

static int first_seq(struct moot_db *db, int64_t chain, uint64_t *ret_seq)
{
    sqlite3_stmt *s = db_stmt(db, DB_ENTRY_FIRST);
    int error;

    if (s == NULL)
        return MOOT_ESYS;
    sqlite3_bind_int64(s, 1, chain);
    error = db_step(db, s);
    if (error == MOOT_OK)
        *ret_seq = (uint64_t)sqlite3_column_int64(s, 0);
    db_done(s);
    return error;
}

/* Is there another row for this run? */
static int is_taken(struct moot_db *db, const struct db_chain *c,
                    bool *ret_taken)
{
    sqlite3_stmt *s = db_stmt(db, DB_CHAIN_FIND);
    int error;

    if (s == NULL)
        return MOOT_ESYS;
    sqlite3_bind_int64(s, 1, c->key.group);
    db_bind_blob(s, 2, c->key.in.author.b, sizeof c->key.in.author.b);
    db_bind_run(s, 3, c->key.in.run);
    error = db_step(db, s);
    *ret_taken = error == MOOT_OK && sqlite3_column_int64(s, 0) != c->no;
    db_done(s);
    return error == MOOT_ENONE ? MOOT_OK : error;
}

static int write_chain(struct moot_db *db, int64_t no,
                       const struct moot_entry *newest)
{
    struct db_chain c = {.no = no,
                         .len = newest->seq,
                         .head = newest->hash,
                         .lamport = newest->lamport};
    bool taken = false;
    int error = db_group_need(db, &newest->group, &c.key.group);

    c.key.in = newest->in;
    if (error == MOOT_OK)
        error = first_seq(db, no, &c.base);
    if (c.base < 1 || c.base > c.len)
        c.base = c.len;
    if (error == MOOT_OK)
        error = is_taken(db, &c, &taken);
    if (error != MOOT_OK)
        return error;
    if (taken)
        return forget_chain(db, no);
    error = run_with(db,
                     "INSERT OR IGNORE INTO chains(no, grp, author, run, base,"
                     " len, head, lamport, ended, sum)"
                     " SELECT ?1, no, x'', ?1, 0, 0, x'', 0, 0, x''"
                     " FROM groups LIMIT 1",
                     no);
    return error == MOOT_OK ? db_chain_write(db, &c) : error;
}

static int mend_chain(struct moot_db *db, int64_t no)
{
    struct moot_entry *newest;
    int error = newest_whole(db, no, &newest);

    if (error != MOOT_OK)
        return error;
    if (newest == NULL)
        return forget_chain(db, no);
    error = write_chain(db, no, newest);
    moot_entry_unref(newest);
    return error;
}

/* What a group is called cannot be told from its entries. */
static int write_group(struct moot_db *db, int64_t no,
                       const struct moot_entry *e)
{
    sqlite3_stmt *s = db_stmt(db, DB_GROUP_ALL);
    struct moot_fx_remember group = {.grown = true};
    int64_t used = 0;
    int error;

    if (s == NULL)
        return MOOT_ESYS;
    while ((error = db_step(db, s)) == MOOT_OK) {
        if (sqlite3_column_int64(s, 0) != no)
            continue;
        db_group_row(s, &group, &used);
        break;
    }
    db_done(s);
    if (error != MOOT_OK)
        return error;
    if (e != NULL)
        group.group = e->group;
    if (moot_name_fault(moot_bytes_text(group.name)) != NULL)
        group.name[0] = '\0';
    if (used < 0 || used == INT64_MAX)
        used = 0;
    db->group_no = 0;
    return db_group_write(db, no, &group, used);
}

static int mend_group(struct moot_db *db, int64_t no)
{
    static const char sql[] = "SELECT " DB_ROW " FROM entries e"
                              " INDEXED BY transcript WHERE grp = ?1";
    struct moot_entry *e = NULL;
    sqlite3_stmt *s;
    int rc = sqlite3_prepare_v2(db->sqlite, sql, -1, &s, NULL);
    int error = MOOT_OK;

    if (rc != SQLITE_OK)
        return db_fail(db, rc);
    sqlite3_bind_int64(s, 1, no);
    while (e == NULL && (error = db_step(db, s)) == MOOT_OK)
        e = db_row_open(db, s, 0, NULL, NULL);
    sqlite3_finalize(s);
    if (error == MOOT_OK || error == MOOT_ENONE)
        error = write_group(db, no, e);
    moot_entry_unref(e);
    return error;
}

static int mend_all(struct moot_db *db, const struct list *groups,
                    const struct list *chains)
{
    bool own = !db->open;
    int error = own ? moot_db_begin(db) : MOOT_OK;

    for (unsigned i = 0; i < groups->count && error == MOOT_OK; i++)
        error = mend_group(db, groups->at[i]);
    for (unsigned i = 0; i < chains->count && error == MOOT_OK; i++)
        error = mend_chain(db, chains->at[i]);
    if (own && error == MOOT_OK)
        error = moot_db_commit(db);
    if (own)
        moot_db_rollback(db);
    return error;
}

int db_mend(struct moot_db *db)
{
    struct list groups = {NULL, 0, 0}, whole = {NULL, 0, 0};
    struct list damaged = {NULL, 0, 0};
    int error = damaged_groups(db, &groups);

    if (error == MOOT_OK)
        error = judge_chains(db, &whole, &damaged);
    if (error == MOOT_OK)
        error = find_orphans(db, &whole, &damaged);
    if (error == MOOT_OK && groups.count + damaged.count > 0)
        error = mend_all(db, &groups, &damaged);
    free(groups.at);
    free(whole.at);
    free(damaged.at);
    return error;
}
