/*
 * store/db_open.c - opening a history: whose it is, of which format, and how
 * SQLite is to treat it.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/db_internal.h"

/* --- saying what is wrong --- */

static const char *advice(enum moot_db_trouble trouble)
{
    switch (trouble) {
    case MOOT_DB_FULL:
        return "make room on that disk and start again";
    case MOOT_DB_READ_ONLY:
        return "see who owns it and who may write there, or choose another "
               "place with --data_dir";
    case MOOT_DB_IO:
        return "see the log of the system about this disk; a copy of the file "
               "made now may save what is left";
    case MOOT_DB_DAMAGED:
    case MOOT_DB_FOREIGN:
        return "nothing was changed; move the file away and moot begins a new "
               "one, and gets back from the others what they have";
    case MOOT_DB_BUSY:
        return "end that process and start again";
    case MOOT_DB_NEWER:
        return "nothing was changed; use that version, or another profile "
               "with --data_dir";
    case MOOT_DB_STRANGER:
        return "nothing was changed; put the identity.key that belongs to it "
               "back, or move the history away";
    case MOOT_DB_FINE:
    case MOOT_DB_OTHER:
    default:
        return "nothing was changed";
    }
}

static int explain(const struct moot_db *db, const char *path,
                   char why[MOOT_WHY_MAX])
{
    snprintf(why, MOOT_WHY_MAX, "%s: %s (%s); %s", path,
             moot_db_trouble_text(db->trouble), db->words, advice(db->trouble));
    return db->trouble == MOOT_DB_NEWER ? MOOT_EVERSION : MOOT_ESYS;
}

static int refuse(struct moot_db *db, enum moot_db_trouble trouble,
                  const char *words)
{
    db->trouble = trouble;
    snprintf(db->words, sizeof db->words, "%s", words);
    return MOOT_ESYS;
}

/* --- what is in the file --- */

/* ret_version 0: an empty file. */
static int find_version(struct moot_db *db, int64_t *ret_version)
{
    int64_t application = 0, tables = 0, vacuums = 0;
    int error = db_number(db, "PRAGMA user_version", ret_version);

    if (error == MOOT_OK)
        error = db_number(db, "PRAGMA application_id", &application);
    if (error == MOOT_OK)
        error = db_number(db, "SELECT count(*) FROM sqlite_schema", &tables);
    if (error == MOOT_OK)
        error = db_number(db, "PRAGMA auto_vacuum", &vacuums);
    if (error != MOOT_OK)
        return error;
    if (application == 0 && *ret_version == 0 && tables == 0)
        return MOOT_OK;
    if (application != DB_APPLICATION)
        return refuse(db, MOOT_DB_FOREIGN, "another program made it");
    if (*ret_version > DB_VERSION)
        return refuse(db, MOOT_DB_NEWER, "its format is not known yet");
    if (*ret_version < 1)
        return refuse(db, MOOT_DB_DAMAGED, "it has no format");
    if (vacuums != 0) /* pages would be taken for what they are not */
        return refuse(db, MOOT_DB_DAMAGED, "its header was changed");
    return MOOT_OK;
}

static int take_steps(struct moot_db *db, int64_t version)
{
    char sql[96];
    int error = MOOT_OK;

    for (int64_t i = version; i < DB_VERSION && error == MOOT_OK; i++)
        error = db_exec(db, db_steps[i]);
    snprintf(sql, sizeof sql,
             "PRAGMA application_id = %d; PRAGMA user_version = %d",
             DB_APPLICATION, DB_VERSION);
    return error == MOOT_OK ? db_exec(db, sql) : error;
}

static int migrate(struct moot_db *db)
{
    int64_t version;
    int error = find_version(db, &version);

    if (error != MOOT_OK || version == DB_VERSION)
        return error;
    if (db->reader)
        return refuse(db, MOOT_DB_OTHER,
                      "it is of an older format: start a chat with it once");
    error = moot_db_begin(db);
    if (error == MOOT_OK)
        error = find_version(db, &version); /* now nobody else can */
    if (error == MOOT_OK)
        error = take_steps(db, version);
    if (error == MOOT_OK)
        error = moot_db_commit(db);
    moot_db_rollback(db);
    return error;
}

/* Has the owner said anything that is kept here? */
static int said_here(struct moot_db *db, const struct moot_id *own,
                     bool *ret_said)
{
    static const char sql[] =
        "SELECT 1 FROM chains WHERE author = ?1 AND len > 0 LIMIT 1";
    sqlite3_stmt *s;
    int rc = sqlite3_prepare_v2(db->sqlite, sql, -1, &s, NULL);

    if (rc != SQLITE_OK)
        return db_fail(db, rc);
    db_bind_blob(s, 1, own->b, sizeof own->b);

    int error = db_step(db, s);

    sqlite3_finalize(s);
    *ret_said = error == MOOT_OK;
    return error == MOOT_ENONE ? MOOT_OK : error;
}

/* MOOT_ENONE: nobody's yet. */
static int read_owner(struct moot_db *db, struct moot_id *ret_own)
{
    static const char sql[] = "SELECT own FROM profile WHERE no = 1";
    sqlite3_stmt *s;
    int rc = sqlite3_prepare_v2(db->sqlite, sql, -1, &s, NULL);

    if (rc != SQLITE_OK)
        return db_fail(db, rc);

    int error = db_step(db, s);

    if (error == MOOT_OK && !db_raw32_at(s, 0, ret_own->b))
        error = db_damaged(db, "it does not say whose it is");
    sqlite3_finalize(s);
    return error;
}

static int write_owner(struct moot_db *db, const struct moot_id *own)
{
    static const char sql[] =
        "INSERT OR REPLACE INTO profile(no, own) VALUES(1, ?1)";
    sqlite3_stmt *s;
    int rc = sqlite3_prepare_v2(db->sqlite, sql, -1, &s, NULL);

    if (rc != SQLITE_OK)
        return db_fail(db, rc);
    db_bind_blob(s, 1, own->b, sizeof own->b);

    int error = db_step(db, s);

    sqlite3_finalize(s);
    return error == MOOT_ENONE ? MOOT_OK : error;
}

/* A history in which its owner has said nothing may get another owner. */
static int claim(struct moot_db *db)
{
    struct moot_id was;
    bool said = false;
    int error = read_owner(db, &was);

    if (error == MOOT_OK && moot_id_eq(&was, &db->own))
        return MOOT_OK;
    if (error == MOOT_OK)
        error = said_here(db, &was, &said);
    if (error != MOOT_OK && error != MOOT_ENONE)
        return error;
    if (said)
        return refuse(db, MOOT_DB_STRANGER,
                      "identity.key is not the one that wrote it");
    return write_owner(db, &db->own);
}

/* --- opening --- */

/* EXTRA is FULL, and flushes the directory too when a rollback journal goes:
 * there is one only until the write-ahead log is turned on, but should a power
 * cut bring that one back, the log with all that is in it would be lost. */
static int configure(struct moot_db *db)
{
    static const char safe[] = "PRAGMA synchronous = EXTRA;"
                               "PRAGMA foreign_keys = ON;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA cell_size_check = ON;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA cache_size = -8192;"
                               "PRAGMA journal_size_limit = 4194304;";
    int64_t wal = 0;
    int error = db_exec(db, safe);

    if (error == MOOT_OK && !db->reader)
        error = db_exec(db, "PRAGMA journal_mode = WAL");
    if (error == MOOT_OK && !db->reader)
        error = db_number(db,
                          "SELECT journal_mode = 'wal'"
                          " FROM pragma_journal_mode",
                          &wal);
    if (error == MOOT_OK && !db->reader && wal != 1)
        return refuse(db, MOOT_DB_OTHER,
                      "this file system cannot hold a write-ahead log");
    if (error == MOOT_OK && db->reader)
        error = db_exec(db, "PRAGMA query_only = ON");
    return error;
}

/* Until the file is known to be ours nothing in it is changed, not even by
 * closing it. */
static void hands_off(struct moot_db *db, bool off)
{
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, off, NULL);
}

static int open_sqlite(struct moot_db *db, const char *path, const char *vfs)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                SQLITE_OPEN_EXRESCODE | (db->reader ? 0 : SQLITE_OPEN_CREATE);
    int rc = sqlite3_open_v2(path, &db->sqlite, flags, vfs);

    if (rc != SQLITE_OK)
        return db_fail(db, rc);
    hands_off(db, true);
    sqlite3_busy_timeout(db->sqlite, DB_BUSY_MS);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    return MOOT_OK;
}

/*
 * A process that died, or one whose flush failed, may have left in the log what
 * the system shows but the disk does not have; after a failed flush even to
 * flush it again proves nothing.  A checkpoint writes all of it anew, into the
 * file itself.  Should a power cut bring back a shorter log, its pages would
 * hide the newer ones, so one more change begins the log anew.
 */
static int settle(struct moot_db *db)
{
    char sql[48];
    int logged = 0, copied = 0;
    int rc = sqlite3_wal_checkpoint_v2(
        db->sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE, &logged, &copied);

    if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_BUSY)
        return db_fail(db, rc);
    if (logged <= 0)
        return MOOT_OK;
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", DB_VERSION);
    return db_exec(db, sql);
}

static int open_db(struct moot_db *db, const struct moot_db_config *config)
{
    int64_t version = 0;
    int error = open_sqlite(db, config->path, config->vfs);

    if (error == MOOT_OK)
        error = find_version(db, &version);
    if (error == MOOT_OK)
        error = configure(db);
    if (error == MOOT_OK)
        error = migrate(db);
    if (error == MOOT_OK)
        error = db_check_schema(db);
    if (error == MOOT_OK && config->own != NULL && !db->reader)
        error = claim(db);
    if (error == MOOT_OK)
        hands_off(db, false);
    if (error == MOOT_OK && !db->reader)
        error = settle(db);
    return error;
}

int db_try_open(const struct moot_db_config *config, struct moot_db **ret_db)
{
    struct moot_db *db = moot_alloc(sizeof *db);

    db->reader = config->reader;
    if (config->own != NULL)
        db->own = *config->own;
    *ret_db = db;
    return open_db(db, config);
}

int moot_db_open(const struct moot_db_config *config, struct moot_db **ret_db,
                 char why[MOOT_WHY_MAX])
{
    struct moot_db *db;
    int error = db_try_open(config, &db);

    if (error != MOOT_OK) {
        error = explain(db, config->path, why);
        moot_db_close(db);
        return error;
    }
    *ret_db = db;
    return MOOT_OK;
}

void moot_db_close(struct moot_db *db)
{
    if (db == NULL)
        return;
    moot_db_rollback(db);
    db_chains_forget(db);
    for (unsigned i = 0; i < DB_STMTS; i++)
        sqlite3_finalize(db->stmts[i]);
    sqlite3_close_v2(db->sqlite);
    moot_buf_fini(&db->raw);
    free(db);
}

static bool is_there(const char *path, const char *vfs)
{
    sqlite3_vfs *v = sqlite3_vfs_find(vfs);
    int there = 0;

    return v->xAccess(v, path, SQLITE_ACCESS_EXISTS, &there) == SQLITE_OK &&
           there != 0;
}

int moot_db_owner(const char *path, const char *vfs, struct moot_id *ret_own)
{
    struct moot_db *db;
    struct moot_id own;
    int64_t version = 0;
    bool said = false;
    int error;

    if (!is_there(path, vfs))
        return MOOT_ENONE;
    db = moot_alloc(sizeof *db);
    db->reader = true;
    error = open_sqlite(db, path, vfs);
    if (error == MOOT_OK)
        error = find_version(db, &version);
    if (error == MOOT_OK && version == 0)
        error = MOOT_ENONE;
    if (error == MOOT_OK)
        error = read_owner(db, &own);
    if (error == MOOT_OK)
        error = said_here(db, &own, &said);
    if (error == MOOT_OK && !said)
        error = MOOT_ENONE;
    if (error == MOOT_OK)
        *ret_own = own;
    moot_db_close(db);
    return error;
}
