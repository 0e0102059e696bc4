/*
 * store/db_error.c - asking SQLite, and what its refusals mean.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "store/db_internal.h"

#define RUN_SIGN                                                               \
    ((uint64_t)1 << 63) /* so that signed order is unsigned order */

static const char *const troubles[] = {
    [MOOT_DB_FINE] = "nothing is wrong",
    [MOOT_DB_FULL] = "the disk is full",
    [MOOT_DB_READ_ONLY] = "the history may not be written",
    [MOOT_DB_IO] = "the disk reports an error",
    [MOOT_DB_DAMAGED] = "the history is damaged",
    [MOOT_DB_BUSY] = "another process uses the history",
    [MOOT_DB_FOREIGN] = "it is no history of moot",
    [MOOT_DB_NEWER] = "a newer version of moot wrote it",
    [MOOT_DB_STRANGER] = "it is the history of another identity",
    [MOOT_DB_OTHER] = "the history cannot be used"};

const char *moot_db_trouble_text(enum moot_db_trouble trouble)
{
    moot_assert((size_t)trouble < sizeof troubles / sizeof troubles[0]);
    return troubles[trouble];
}

enum moot_db_trouble moot_db_trouble(const struct moot_db *db)
{
    return db->trouble;
}

const char *moot_db_words(const struct moot_db *db)
{
    return db->words;
}

static enum moot_db_trouble trouble_of_errno(int error,
                                             enum moot_db_trouble otherwise)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return MOOT_DB_FULL;
    case EROFS:
    case EACCES:
    case EPERM:
        return MOOT_DB_READ_ONLY;
    case EIO:
        return MOOT_DB_IO;
    default:
        return otherwise;
    }
}

static enum moot_db_trouble trouble_of(int rc, int error)
{
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return MOOT_DB_FULL;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return MOOT_DB_READ_ONLY;
    case SQLITE_IOERR:
        return trouble_of_errno(error, MOOT_DB_IO);
    case SQLITE_CANTOPEN:
        return trouble_of_errno(error, MOOT_DB_OTHER);
    case SQLITE_CORRUPT:
    case SQLITE_CONSTRAINT: /* what we know does not fit what is there */
        return MOOT_DB_DAMAGED;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return MOOT_DB_BUSY;
    case SQLITE_NOTADB:
        return MOOT_DB_FOREIGN;
    default:
        return MOOT_DB_OTHER;
    }
}

int db_fail(struct moot_db *db, int rc)
{
    int error = sqlite3_system_errno(db->sqlite);
    bool system = (rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN;

    moot_assert((rc & 0xff) != SQLITE_NOMEM);
    moot_assert((rc & 0xff) != SQLITE_MISUSE);
    db->trouble = trouble_of(rc, error);
    snprintf(db->words, sizeof db->words, "%s",
             system && error != 0 ? strerror(error)
                                  : sqlite3_errmsg(db->sqlite));
    return MOOT_ESYS;
}

int db_damaged(struct moot_db *db, const char *words)
{
    db->trouble = MOOT_DB_DAMAGED;
    snprintf(db->words, sizeof db->words, "%s", words);
    return MOOT_ESYS;
}

int db_exec(struct moot_db *db, const char *sql)
{
    int rc = sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? MOOT_OK : db_fail(db, rc);
}

int db_number(struct moot_db *db, const char *sql, int64_t *ret_number)
{
    sqlite3_stmt *s;
    int rc = sqlite3_prepare_v2(db->sqlite, sql, -1, &s, NULL);

    if (rc != SQLITE_OK)
        return db_fail(db, rc);

    int error = db_step(db, s);

    if (error == MOOT_OK)
        *ret_number = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return error == MOOT_ENONE ? db_damaged(db, "a number is missing") : error;
}

/* The columns of a chain that db_chain_row reads. */
#define CHAIN_ROW                                                              \
    "no, grp, author, run, base, len, head, lamport, ended, fork, sum"

static const char *const texts[DB_STMTS] = {
    [DB_BEGIN] = "BEGIN IMMEDIATE",
    [DB_COMMIT] = "COMMIT",
    [DB_ROLLBACK] = "ROLLBACK",
    [DB_GROUP_FIND] = "SELECT no FROM groups WHERE id = ?1",
    [DB_GROUP_ADD] = "INSERT INTO groups(id, name, grown, used, sum, secrets,"
                     " doors, seeds, named)"
                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [DB_GROUP_SET] = "UPDATE groups SET id = ?1, name = ?2, grown = ?3,"
                     " used = ?4, sum = ?5, secrets = ?6, doors = ?7,"
                     " seeds = ?8, named = ?9 WHERE no = ?10",
    [DB_GROUP_LATEST] = "SELECT max(used) FROM groups",
    [DB_GROUP_ALL] = "SELECT no, id, name, grown, used, sum, secrets, doors,"
                     " seeds, named FROM groups"
                     " ORDER BY used DESC, id",
    [DB_CHAIN_FIND] = "SELECT " CHAIN_ROW " FROM chains"
                      " WHERE grp = ?1 AND author = ?2 AND run = ?3",
    [DB_CHAIN_ADD] = "INSERT INTO chains(grp, author, run, base, len, head,"
                     " lamport, ended, fork, sum, no)"
                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    [DB_CHAIN_SET] = "UPDATE chains SET grp = ?1, author = ?2, run = ?3,"
                     " base = ?4, len = ?5, head = ?6, lamport = ?7,"
                     " ended = ?8, fork = ?9, sum = ?10 WHERE no = ?11",
    [DB_CHAIN_GROW] = "UPDATE chains SET base = ?1, len = ?2, head = ?3,"
                      " lamport = ?4, ended = ?5, fork = ?6, sum = ?7"
                      " WHERE no = ?8",
    [DB_CHAIN_ALL] = "SELECT " CHAIN_ROW " FROM chains WHERE grp = ?1"
                     " ORDER BY author, run",
    [DB_ENTRY_ADD] = "INSERT INTO entries(chain, seq, grp, lamport, head, body,"
                     " sum) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [DB_ENTRY_FIND] = "SELECT " DB_ROW ", e.no FROM entries e"
                      " WHERE chain = ?1 AND seq = ?2",
    [DB_ENTRY_DELETE] = "DELETE FROM entries WHERE chain = ?1 AND seq = ?2",
    [DB_ENTRY_BODY] = "UPDATE entries SET body = ?1, sum = ?2 WHERE no = ?3",
    [DB_ENTRY_END] = "DELETE FROM entries WHERE chain = ?1 AND seq >= ?2",
    [DB_ENTRY_RANGE] = "SELECT " DB_ROW " FROM entries e WHERE chain = ?1"
                       " AND seq >= ?2 AND seq <= ?3 ORDER BY seq",
    [DB_ENTRY_LAST] = "SELECT " DB_ROW " FROM entries e WHERE chain = ?1"
                      " ORDER BY seq DESC",
    [DB_ENTRY_FIRST] = "SELECT min(seq) FROM entries WHERE chain = ?1",
    [DB_CHAIN_AFTER] = "SELECT min(chain) FROM entries WHERE chain > ?1",
    [DB_HOLE_ADD] = "INSERT OR IGNORE INTO holes(chain, seq) VALUES(?1, ?2)",
    [DB_HOLE_FILL] = "DELETE FROM holes WHERE chain = ?1 AND seq = ?2",
    [DB_HOLE_END] = "DELETE FROM holes WHERE chain = ?1 AND seq >= ?2",
    [DB_HOLE_ALL] = "SELECT chain, seq FROM holes ORDER BY chain, seq",
    [DB_SCAN] = "SELECT " DB_ROW ", e.no, e.chain, e.grp, c.author, c.run, g.id"
                " FROM entries e LEFT JOIN chains c ON c.no = e.chain"
                " LEFT JOIN groups g ON g.no = c.grp"
                " WHERE e.no > ?1 ORDER BY e.no LIMIT ?2",
    [DB_IN_TRANSCRIPT] = "SELECT 1 FROM entries INDEXED BY transcript"
                         " WHERE grp = ?1 AND lamport = ?2 AND no = ?3",
    [DB_IN_CHAIN] = "SELECT no FROM entries INDEXED BY entry_at"
                    " WHERE chain = ?1 AND seq = ?2",
    [DB_PAGES] = "PRAGMA page_count",
    [DB_PAGES_FREE] = "PRAGMA freelist_count",
    [DB_PRUNE] = "SELECT " DB_ROW ", e.no FROM entries e INDEXED BY transcript"
                 " WHERE grp = ?1 AND (lamport, no) > (?2, ?3)"
                 " ORDER BY lamport, no LIMIT ?4"};

sqlite3_stmt *db_stmt(struct moot_db *db, enum db_stmt which)
{
    sqlite3_stmt **s = &db->stmts[which];
    int rc;

    if (*s != NULL)
        return *s;
    rc = sqlite3_prepare_v3(db->sqlite, texts[which], -1,
                            SQLITE_PREPARE_PERSISTENT, s, NULL);
    if (rc == SQLITE_OK)
        return *s;
    db_fail(db, rc);
    return NULL;
}

int db_step(struct moot_db *db, sqlite3_stmt *s)
{
    int rc = sqlite3_step(s);

    if (rc == SQLITE_ROW)
        return MOOT_OK;
    return rc == SQLITE_DONE ? MOOT_ENONE : db_fail(db, rc);
}

void db_done(sqlite3_stmt *s)
{
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
}

int db_run(struct moot_db *db, sqlite3_stmt *s)
{
    int error = db_step(db, s);

    db_done(s);
    return error == MOOT_ENONE ? MOOT_OK : error;
}

void db_bind_u64(sqlite3_stmt *s, int at, uint64_t value)
{
    moot_assert(value <= INT64_MAX);
    sqlite3_bind_int64(s, at, (int64_t)value);
}

void db_bind_run(sqlite3_stmt *s, int at, uint64_t run)
{
    uint64_t turned = run ^ RUN_SIGN;
    int64_t stored;

    memcpy(&stored, &turned, sizeof stored);
    sqlite3_bind_int64(s, at, stored);
}

uint64_t db_run_at(sqlite3_stmt *s, int column)
{
    return (uint64_t)sqlite3_column_int64(s, column) ^ RUN_SIGN;
}

void db_bind_blob(sqlite3_stmt *s, int at, const void *data, size_t len)
{
    sqlite3_bind_blob64(s, at, data, len, SQLITE_STATIC);
}

struct moot_bytes db_bytes_at(sqlite3_stmt *s, int column)
{
    const void *data = sqlite3_column_blob(s, column);

    return moot_bytes_of(data, (size_t)sqlite3_column_bytes(s, column));
}

bool db_raw32_at(sqlite3_stmt *s, int column, uint8_t out[32])
{
    struct moot_bytes b = db_bytes_at(s, column);

    if (b.len != 32)
        return false;
    memcpy(out, b.data, 32);
    return true;
}
