/*
 * store/db_scan.c - looking after a history: damaged rows, its size, and what
 * can be dropped when it gets too large.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/slots.h"
#include "store/db_internal.h"

/* --- the slow scan --- */

/* Columns behind DB_ROW in DB_SCAN. */
enum scan_column {
    SCAN_NO = DB_ROW_COLUMNS,
    SCAN_CHAIN,
    SCAN_GROUP,
    SCAN_AUTHOR,
    SCAN_RUN,
    SCAN_GROUP_ID
};

static int is_indexed(struct moot_db *db, enum db_stmt which, int64_t a,
                      int64_t b, int64_t no, bool *ret_there)
{
    sqlite3_stmt *s = db_stmt(db, which);
    int error;

    if (s == NULL)
        return MOOT_ESYS;
    sqlite3_bind_int64(s, 1, a);
    sqlite3_bind_int64(s, 2, b);
    if (which == DB_IN_TRANSCRIPT)
        sqlite3_bind_int64(s, 3, no);
    error = db_step(db, s);
    *ret_there = error == MOOT_OK && (which == DB_IN_TRANSCRIPT ||
                                      sqlite3_column_int64(s, 0) == no);
    db_done(s);
    return error == MOOT_ENONE ? MOOT_OK : error;
}

/* A row that its indexes do not lead to is as good as lost. */
static int check_indexes(struct moot_db *db, sqlite3_stmt *s)
{
    int64_t no = sqlite3_column_int64(s, SCAN_NO);
    bool in_chain = false, in_transcript = false;
    int error = is_indexed(db, DB_IN_CHAIN, sqlite3_column_int64(s, SCAN_CHAIN),
                           sqlite3_column_int64(s, 0), no, &in_chain);

    if (error == MOOT_OK)
        error = is_indexed(db, DB_IN_TRANSCRIPT,
                           sqlite3_column_int64(s, SCAN_GROUP),
                           sqlite3_column_int64(s, 1), no, &in_transcript);
    if (error == MOOT_OK && !(in_chain && in_transcript))
        return db_damaged(db, "an index does not fit its table");
    return error;
}

static int check_row(struct moot_db *db, sqlite3_stmt *s,
                     struct moot_db_scan *scan)
{
    struct moot_db_place place;
    struct moot_entry *e;

    memset(&place, 0, sizeof place);
    if (!db_raw32_at(s, SCAN_GROUP_ID, place.group.b) ||
        !db_raw32_at(s, SCAN_AUTHOR, place.in.author.b))
        return MOOT_OK; /* its chain is damaged: mended at the next start */
    place.in.run = db_run_at(s, SCAN_RUN);
    place.seq = (uint64_t)sqlite3_column_int64(s, 0);
    e = db_row_open(db, s, 0, &place.group, &place.in);
    if (e == NULL) {
        scan->bad[scan->bad_count++] = place;
        return MOOT_OK;
    }
    moot_entry_unref(e);
    return check_indexes(db, s);
}

int moot_db_scan(struct moot_db *db, unsigned rows_max,
                 struct moot_db_scan *scan)
{
    sqlite3_stmt *s = db_stmt(db, DB_SCAN);
    int error;

    scan->checked = scan->bad_count = 0;
    if (s == NULL)
        return MOOT_ESYS;
    sqlite3_bind_int64(s, 1, scan->at);
    sqlite3_bind_int64(s, 2, rows_max);
    while ((error = db_step(db, s)) == MOOT_OK) {
        scan->at = sqlite3_column_int64(s, SCAN_NO);
        scan->checked++;
        error = check_row(db, s, scan);
        if (error != MOOT_OK || scan->bad_count == MOOT_DB_SCAN_BAD_MAX)
            break;
    }
    db_done(s);
    if (error == MOOT_ENONE && scan->checked == 0) {
        scan->at = 0;
        return db_find_missing(db, scan);
    }
    return error == MOOT_ENONE ? MOOT_OK : error;
}

/* An index that did not lead to an entry may have let it in twice. */
static int rebuild(struct moot_db *db)
{
    static const char anew[] =
        "DROP INDEX entry_at; DROP INDEX transcript;"
        "DELETE FROM entries WHERE no NOT IN"
        " (SELECT max(no) FROM entries GROUP BY chain, seq);" DB_ENTRY_AT
        "; " DB_TRANSCRIPT ";";
    int error = moot_db_begin(db);

    if (error == MOOT_OK)
        error = db_exec(db, anew);
    if (error == MOOT_OK)
        error = moot_db_commit(db);
    else
        moot_db_rollback(db);
    return error;
}

int moot_db_reindex(struct moot_db *db)
{
    int error = rebuild(db);

    return error == MOOT_OK ? db_exec(db, "REINDEX") : error;
}

/* --- how much there is --- */

static int number_of(struct moot_db *db, enum db_stmt which,
                     int64_t *ret_number)
{
    sqlite3_stmt *s = db_stmt(db, which);

    if (s == NULL)
        return MOOT_ESYS;

    int error = db_step(db, s);

    if (error == MOOT_OK)
        *ret_number = sqlite3_column_int64(s, 0);
    db_done(s);
    return error == MOOT_ENONE ? db_damaged(db, "a number is missing") : error;
}

int moot_db_usage(struct moot_db *db, uint64_t *ret_bytes)
{
    int64_t pages = 0, unused = 0;
    int error = MOOT_OK;

    if (db->page_size == 0)
        error = db_number(db, "PRAGMA page_size", &db->page_size);
    if (error == MOOT_OK)
        error = number_of(db, DB_PAGES, &pages);
    if (error == MOOT_OK)
        error = number_of(db, DB_PAGES_FREE, &unused);
    if (error == MOOT_OK)
        *ret_bytes = (uint64_t)(pages - unused) * (uint64_t)db->page_size;
    return error;
}

/* --- dropping the oldest bodies --- */

struct victims {
    struct moot_entry **at;
    int64_t *nos;
    unsigned count;
};

/* The group used longest ago, of those behind where pruning is. */
static int next_group(struct moot_db *db)
{
    static const char sql[] =
        "SELECT no, used FROM groups WHERE (used, no) > (?1, ?2)"
        " ORDER BY used, no LIMIT 1";
    sqlite3_stmt *s;
    int rc = sqlite3_prepare_v2(db->sqlite, sql, -1, &s, NULL);
    int error;

    if (rc != SQLITE_OK)
        return db_fail(db, rc);
    sqlite3_bind_int64(s, 1, db->prune_used);
    sqlite3_bind_int64(s, 2, db->prune_group);
    error = db_step(db, s);
    if (error == MOOT_OK) {
        db->prune_group = sqlite3_column_int64(s, 0);
        db->prune_used = sqlite3_column_int64(s, 1);
        db->prune_lamport = -1;
        db->prune_no = 0;
    }
    sqlite3_finalize(s);
    return error;
}

static bool may_go(const struct moot_db *db, const struct moot_entry *e)
{
    return e != NULL && e->body.data != NULL &&
           !moot_id_eq(&e->in.author, &db->own);
}

/* ret_seen: how many rows were looked at. */
static int choose(struct moot_db *db, unsigned rows_max, uint64_t bytes,
                  struct victims *v, unsigned *ret_seen)
{
    sqlite3_stmt *s = db_stmt(db, DB_PRUNE);
    uint64_t found = 0;
    unsigned max = 0, no_max = 0, no_count = 0;
    int error = MOOT_OK;

    if (s == NULL)
        return MOOT_ESYS;
    sqlite3_bind_int64(s, 1, db->prune_group);
    sqlite3_bind_int64(s, 2, db->prune_lamport);
    sqlite3_bind_int64(s, 3, db->prune_no);
    sqlite3_bind_int64(s, 4, rows_max);
    while (found < bytes && (error = db_step(db, s)) == MOOT_OK) {
        struct moot_entry *e = db_row_open(db, s, 0, NULL, NULL);

        (*ret_seen)++;
        db->prune_lamport = sqlite3_column_int64(s, 1);
        db->prune_no = sqlite3_column_int64(s, DB_ROW_COLUMNS);
        if (!may_go(db, e)) {
            moot_entry_unref(e);
            continue;
        }
        found += db_body_of(e).len;
        v->at =
            moot_slot_open(v->at, sizeof(void *), &v->count, &max, v->count);
        v->nos = moot_slot_open(v->nos, sizeof *v->nos, &no_count, &no_max,
                                no_count);
        v->at[v->count - 1] = e;
        v->nos[v->count - 1] = db->prune_no;
    }
    db_done(s);
    return error == MOOT_ENONE ? MOOT_OK : error;
}

static int drop_body(struct moot_db *db, int64_t no, const struct moot_entry *e)
{
    sqlite3_stmt *s = db_stmt(db, DB_ENTRY_BODY);
    struct db_sum sum = db_entry_sum(e, false);

    if (s == NULL)
        return MOOT_ESYS;
    db_bind_blob(s, 2, sum.b, sizeof sum.b);
    sqlite3_bind_int64(s, 3, no);
    return db_run(db, s);
}

static void victims_fini(struct victims *v)
{
    for (unsigned i = 0; i < v->count; i++)
        moot_entry_unref(v->at[i]);
    free(v->at);
    free(v->nos);
}

int moot_db_prune(struct moot_db *db, unsigned rows_max, uint64_t bytes,
                  uint64_t *ret_freed)
{
    struct victims v = {NULL, NULL, 0};
    unsigned seen = 0;
    int error;

    moot_assert(db->open);
    *ret_freed = 0;
    error = choose(db, rows_max, bytes, &v, &seen);
    for (unsigned i = 0; i < v.count && error == MOOT_OK; i++) {
        error = drop_body(db, v.nos[i], v.at[i]);
        *ret_freed += db_body_of(v.at[i]).len;
    }
    victims_fini(&v);
    if (error == MOOT_OK && seen == 0)
        error = next_group(db);
    if (error == MOOT_ENONE)
        db->prune_group = db->prune_used = 0;
    return error;
}
