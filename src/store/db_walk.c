/*
 * store/db_walk.c - the transcript of a group, in its order.
 *
 * The index gives the order by Lamport time; SQLite sorts what shares one.  To
 * give the last N it is walked backwards first, to find where they begin.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "store/db_internal.h"

#define COLUMNS                                                                \
    "SELECT " DB_ROW ", c.author, c.run"                                       \
    " FROM entries e INDEXED BY transcript CROSS JOIN chains c"                \
    " ON c.no = e.chain WHERE e.grp = ?1 AND e.lamport >= ?2"                  \
    " AND (?3 IS NULL OR c.author = ?3)"

static const char forwards[] =
    COLUMNS " ORDER BY e.lamport, c.author, c.run, e.seq";
static const char backwards[] =
    COLUMNS " ORDER BY e.lamport DESC, c.author DESC, c.run DESC, e.seq DESC";

struct moot_db_walk {
    struct moot_db *db;
    struct moot_db_walk_config config;
    struct moot_id author;   /* the copy that config points to */
    sqlite3_stmt *s;         /* NULL: nothing is there */
    struct moot_entry *from; /* the first one that is wanted; NULL: all are */
    struct moot_entry *last; /* that was given out; NULL: none was */
    unsigned damaged;
    int64_t group; /* its row */
    uint64_t seen; /* rows that the index led to */
};

static int prepare(struct moot_db_walk *w, const char *sql, int64_t group,
                   uint64_t lamport, sqlite3_stmt **ret_stmt)
{
    sqlite3_stmt *s;
    int rc = sqlite3_prepare_v2(w->db->sqlite, sql, -1, &s, NULL);

    if (rc != SQLITE_OK)
        return db_fail(w->db, rc);
    sqlite3_bind_int64(s, 1, group);
    db_bind_u64(s, 2, lamport);
    if (w->config.author != NULL)
        db_bind_blob(s, 3, w->author.b, sizeof w->author.b);
    *ret_stmt = s;
    return MOOT_OK;
}

static bool fits(const struct moot_db_walk *w, const struct moot_entry *e)
{
    const struct moot_db_walk_config *c = &w->config;

    return e->wall >= c->since && (c->until == 0 || e->wall < c->until) &&
           (c->wanted == NULL || c->wanted(c->ctx, e));
}

/* The next one that is whole and fits. */
static int next_fitting(struct moot_db_walk *w, sqlite3_stmt *s,
                        struct moot_entry **ret_entry, unsigned *damaged)
{
    struct moot_run in = {.run = 0};
    struct moot_entry *e;

    for (;;) {
        int error = db_step(w->db, s);

        if (error != MOOT_OK)
            return error;
        w->seen++;
        in.run = db_run_at(s, DB_ROW_COLUMNS + 1);
        e = NULL;
        if (db_raw32_at(s, DB_ROW_COLUMNS, in.author.b))
            e = db_row_open(w->db, s, 0, &w->config.group, &in);
        if (e == NULL) {
            (*damaged)++;
            continue;
        }
        if (fits(w, e)) {
            *ret_entry = e;
            return MOOT_OK;
        }
        moot_entry_unref(e);
    }
}

static int find_last(struct moot_db_walk *w, int64_t group)
{
    struct moot_entry *e;
    unsigned damaged = 0;
    sqlite3_stmt *s;
    int error = prepare(w, backwards, group, 0, &s);

    if (error != MOOT_OK)
        return error;
    for (unsigned i = 0; i < w->config.last; i++) {
        error = next_fitting(w, s, &e, &damaged);
        if (error != MOOT_OK)
            break;
        moot_entry_unref(w->from);
        w->from = e;
    }
    sqlite3_finalize(s);
    return error == MOOT_ENONE ? MOOT_OK : error;
}

/* Where all was walked past, did an index that is damaged leave out some? */
static int count_missed(struct moot_db_walk *w)
{
    static const char sql[] = "SELECT coalesce(sum(len - base + 1), 0) -"
                              " (SELECT count(*) FROM holes, chains k"
                              "  WHERE k.no = holes.chain AND k.grp = ?1)"
                              " FROM chains WHERE grp = ?1 AND len >= base";
    sqlite3_stmt *s;
    uint64_t there = 0;
    int error;

    if (w->config.last > 0 || w->config.author != NULL)
        return MOOT_OK;
    error = prepare(w, sql, w->group, 0, &s);
    if (error != MOOT_OK)
        return error;
    error = db_step(w->db, s);
    if (error == MOOT_OK)
        there = (uint64_t)sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    if (error == MOOT_OK && there > w->seen)
        w->damaged += (unsigned)(there - w->seen);
    w->seen = there;
    return error;
}

static int start(struct moot_db_walk *w)
{
    int64_t group;
    int error = db_group_find(w->db, &w->config.group, &group);

    w->group = error == MOOT_OK ? group : 0;

    if (error != MOOT_OK)
        return error == MOOT_ENONE ? MOOT_OK : error;
    if (w->config.last > 0)
        error = find_last(w, group);
    if (error != MOOT_OK)
        return error;
    return prepare(w, forwards, group, w->from != NULL ? w->from->lamport : 0,
                   &w->s);
}

int moot_db_walk_open(struct moot_db *db, const struct moot_db_walk_config *c,
                      struct moot_db_walk **ret_walk)
{
    struct moot_db_walk *w = moot_alloc(sizeof *w);

    w->db = db;
    w->config = *c;
    if (c->author != NULL) {
        w->author = *c->author;
        w->config.author = &w->author;
    }

    int error = start(w);

    if (error != MOOT_OK) {
        moot_db_walk_close(w);
        return error;
    }
    *ret_walk = w;
    return MOOT_OK;
}

/* An index that is damaged may lead to a row twice, or out of order. */
static bool is_next(const struct moot_db_walk *w, const struct moot_entry *e)
{
    return w->last == NULL || moot_entry_cmp(e, w->last) > 0;
}

int moot_db_walk_next(struct moot_db_walk *w, struct moot_entry **ret_entry)
{
    struct moot_entry *e;

    if (w->s == NULL)
        return MOOT_ENONE;
    for (;;) {
        int error = next_fitting(w, w->s, &e, &w->damaged);

        if (error == MOOT_ENONE && count_missed(w) != MOOT_OK)
            return MOOT_ESYS;
        if (error != MOOT_OK)
            return error;
        if (is_next(w, e) &&
            (w->from == NULL || moot_entry_cmp(e, w->from) >= 0)) {
            moot_entry_unref(w->last);
            w->last = moot_entry_ref(e);
            *ret_entry = e;
            return MOOT_OK;
        }
        w->damaged += !is_next(w, e);
        moot_entry_unref(e);
    }
}

unsigned moot_db_walk_damaged(const struct moot_db_walk *w)
{
    return w->damaged;
}

void moot_db_walk_close(struct moot_db_walk *w)
{
    if (w == NULL)
        return;
    sqlite3_finalize(w->s);
    moot_entry_unref(w->from);
    moot_entry_unref(w->last);
    free(w);
}
