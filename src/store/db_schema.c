/*
 * store/db_schema.c - the tables of a history, and the steps that led to them.
 *
 * The format of the file is the number of steps that were taken.  Each step is
 * SQL; all that are missing are taken in one transaction.  A step is never
 * changed once it has been released.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include "store/db_internal.h"

const char *const db_steps[DB_VERSION] = {
    /* 1: a row for each entry, each chain, each group. */
    "CREATE TABLE profile(no INTEGER PRIMARY KEY CHECK(no = 1),"
    " own BLOB NOT NULL);"
    "CREATE TABLE groups(no INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,"
    " name BLOB NOT NULL, grown INTEGER NOT NULL, used INTEGER NOT NULL,"
    " sum BLOB NOT NULL);"
    "CREATE TABLE chains(no INTEGER PRIMARY KEY,"
    " grp INTEGER NOT NULL REFERENCES groups(no), author BLOB NOT NULL,"
    " run INTEGER NOT NULL, base INTEGER NOT NULL, len INTEGER NOT NULL,"
    " head BLOB NOT NULL, lamport INTEGER NOT NULL, ended INTEGER NOT NULL,"
    " fork BLOB, sum BLOB NOT NULL);"
    "CREATE UNIQUE INDEX chain_of ON chains(grp, author, run);"
    "CREATE TABLE entries(no INTEGER PRIMARY KEY,"
    " chain INTEGER NOT NULL REFERENCES chains(no), seq INTEGER NOT NULL,"
    " grp INTEGER NOT NULL, lamport INTEGER NOT NULL, head BLOB NOT NULL,"
    " body BLOB, sum BLOB NOT NULL);" DB_ENTRY_AT ";" DB_TRANSCRIPT ";",

    /* 2: which entries were lost, so that they are asked for again. */
    "CREATE TABLE holes(chain INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " PRIMARY KEY(chain, seq)) WITHOUT ROWID;",

    /* 3: what it takes to come back to a group.  The checksums of rows that
     * have nothing of it are as they were. */
    "ALTER TABLE groups ADD COLUMN secrets BLOB;"
    "ALTER TABLE groups ADD COLUMN doors BLOB;"
    "ALTER TABLE groups ADD COLUMN seeds BLOB;"
    "ALTER TABLE groups ADD COLUMN named BLOB;"};

/* --- is it as it was made --- */

static const char listing[] =
    "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name, type";

/* Both at a row, or both at the end. */
static bool same_row(sqlite3_stmt *a, sqlite3_stmt *b)
{
    for (int i = 0; i < 4; i++)
        if (!moot_bytes_eq(db_bytes_at(a, i), db_bytes_at(b, i)))
            return false;
    return true;
}

static bool same_rows(sqlite3_stmt *a, sqlite3_stmt *b, int *ret_rc)
{
    for (;;) {
        int rc = sqlite3_step(a);

        if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
            *ret_rc = rc;
            return false;
        }
        if (sqlite3_step(b) != rc)
            return false;
        if (rc == SQLITE_DONE)
            return true;
        if (!same_row(a, b))
            return false;
    }
}

static int compare(struct moot_db *db, sqlite3 *model)
{
    sqlite3_stmt *a = NULL, *b = NULL;
    int rc = sqlite3_prepare_v2(db->sqlite, listing, -1, &a, NULL);
    bool same;

    if (rc != SQLITE_OK)
        return db_fail(db, rc);
    rc = sqlite3_prepare_v2(model, listing, -1, &b, NULL);
    same = rc == SQLITE_OK && same_rows(a, b, &rc);
    sqlite3_finalize(a);
    sqlite3_finalize(b);
    if (same)
        return MOOT_OK;
    return rc == SQLITE_OK ? db_damaged(db, "its tables are not as they were")
                           : db_fail(db, rc);
}

int db_check_schema(struct moot_db *db)
{
    sqlite3 *model;
    int rc = sqlite3_open_v2(":memory:", &model,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    int error;

    for (unsigned i = 0; i < DB_VERSION && rc == SQLITE_OK; i++)
        rc = sqlite3_exec(model, db_steps[i], NULL, NULL, NULL);
    error = rc == SQLITE_OK ? compare(db, model) : db_fail(db, rc);
    sqlite3_close(model);
    return error;
}
