/*
 * store/db_verify.c - checking everything: that rows read as they were written,
 * that each entry names the one before it and was signed by its author, and
 * that the file is sound.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "group/chain.h"
#include "store/db_internal.h"

struct verifier {
    struct moot_db *db;
    const struct moot_db_blame *blame;
    struct moot_db_verdict *verdict;
    struct moot_history history;
    struct moot_db_place place;
};

static void tell(struct verifier *v, const char *what)
{
    if (v->blame != NULL)
        v->blame->tell(v->blame->ctx, &v->place, what);
}

/* Holes in a row are one complaint. */
static void tell_missing(struct verifier *v, uint64_t from, uint64_t to)
{
    char text[80];

    v->verdict->missing += to - from + 1;
    v->place.seq = from;
    snprintf(text, sizeof text, "is missing, and those up to %llu",
             (unsigned long long)to);
    tell(v, from == to ? "is missing" : text);
}

static void check_entry(struct verifier *v, struct moot_chain *c,
                        const struct moot_entry *e)
{
    bool linked =
        c->len + 1 != e->seq || c->len == 0 || moot_hash_eq(&e->prev, &c->head);

    v->verdict->entries++;
    if (e->body.data == NULL)
        v->verdict->pruned++;
    if (!linked || !moot_entry_verify(e)) {
        v->verdict->forged++;
        tell(v, linked ? "is not signed by its author"
                       : "does not name the one before it");
    }
    c->len = e->seq;
    c->head = e->hash;
}

static int check_rows(struct verifier *v, const struct db_chain *row,
                      struct moot_chain *c)
{
    sqlite3_stmt *s = db_stmt(v->db, DB_ENTRY_RANGE);
    uint64_t next = row->base;
    int error;

    if (s == NULL)
        return MOOT_ESYS;
    sqlite3_bind_int64(s, 1, row->no);
    sqlite3_bind_int64(s, 2, INT64_MIN);
    sqlite3_bind_int64(s, 3, INT64_MAX);
    while ((error = db_step(v->db, s)) == MOOT_OK) {
        uint64_t seq = (uint64_t)sqlite3_column_int64(s, 0);
        struct moot_entry *e =
            db_row_open(v->db, s, 0, &v->place.group, &v->place.in);

        bool in_place = seq >= row->base && seq <= row->len;

        if (in_place && seq > next)
            tell_missing(v, next, seq - 1);
        v->place.seq = seq;
        if (e != NULL && in_place) {
            check_entry(v, c, e);
        } else {
            v->verdict->damaged++;
            tell(v, "does not read as it was written");
        }
        if (in_place)
            next = seq + 1;
        moot_entry_unref(e);
    }
    db_done(s);
    if (error == MOOT_ENONE && next <= row->len)
        tell_missing(v, next, row->len);
    return error == MOOT_ENONE ? MOOT_OK : error;
}

/* The end of the run is part of the digest. */
static int check_fork(struct verifier *v, const struct db_chain *row,
                      struct moot_chain *c)
{
    struct moot_fork *f = moot_alloc(sizeof *f);

    if (moot_fork_open(moot_bytes_of(row->fork, row->fork_len), f) != MOOT_OK ||
        moot_run_cmp(&f->first->in, &row->key.in) != 0 ||
        !moot_fork_verify(f)) {
        moot_fork_fini(f);
        free(f);
        v->verdict->forged++;
        tell(v, "was ended by what is no proof");
        return MOOT_OK;
    }
    moot_chain_end(&v->history, c, f, &row->head);
    moot_chain_fork_kept(&v->history, c);
    return MOOT_OK;
}

/* What the digest is made of is what the chain's row says, as long as the
 * entries bear it out. */
static int check_chain(struct verifier *v, const struct db_chain *row)
{
    struct moot_chain *c = moot_history_get(&v->history, &row->key.in);
    int error;

    v->place.in = row->key.in;
    v->place.seq = 0;
    v->verdict->chains++;
    v->verdict->forked += row->fork_len > 0;
    if (c == NULL) {
        tell(v, "is one run too many");
        return MOOT_OK;
    }
    error = check_rows(v, row, c);
    if (error != MOOT_OK)
        return error;
    v->place.seq = row->len;
    if (row->len >= row->base && c->len == row->len &&
        !moot_hash_eq(&c->head, &row->head)) {
        v->verdict->forged++;
        tell(v, "is not the newest that was written");
    }
    if (row->len > 0) {
        c->len = row->len;
        moot_chain_keep(&v->history, c, row->len, &row->head);
    }
    return row->fork_len > 0 ? check_fork(v, row, c) : MOOT_OK;
}

static int check_chains(struct verifier *v, int64_t group)
{
    static const char sql[] = "SELECT no, grp, author, run, base, len, head,"
                              " lamport, ended, fork, sum FROM chains"
                              " WHERE grp = ?1 ORDER BY author, run";
    struct db_chain row;
    sqlite3_stmt *s;
    int rc = sqlite3_prepare_v2(v->db->sqlite, sql, -1, &s, NULL);
    int error;

    if (rc != SQLITE_OK)
        return db_fail(v->db, rc);
    sqlite3_bind_int64(s, 1, group);
    while ((error = db_step(v->db, s)) == MOOT_OK) {
        if (db_chain_row(s, &row)) {
            error = check_chain(v, &row);
        } else {
            v->verdict->damaged++;
            v->place.in = row.key.in;
            v->place.seq = 0;
            tell(v, "has a row that does not read as it was written");
        }
        free(row.fork);
        if (error != MOOT_OK)
            break;
    }
    sqlite3_finalize(s);
    return error == MOOT_ENONE ? MOOT_OK : error;
}

/* SQLite's own check: pages, and whether the indexes fit their tables. */
static int check_structure(struct verifier *v)
{
    sqlite3_stmt *s;
    int rc = sqlite3_prepare_v2(v->db->sqlite, "PRAGMA integrity_check(20)", -1,
                                &s, NULL);
    int error;

    if (rc != SQLITE_OK)
        return db_fail(v->db, rc);
    memset(&v->place.in, 0, sizeof v->place.in);
    v->place.seq = 0;
    while ((error = db_step(v->db, s)) == MOOT_OK) {
        const char *text = (const char *)sqlite3_column_text(s, 0);

        if (text == NULL || strcmp(text, "ok") == 0)
            continue;
        v->verdict->flaws++;
        tell(v, text);
    }
    sqlite3_finalize(s);
    return error == MOOT_ENONE ? MOOT_OK : error;
}

int moot_db_verify(struct moot_db *db, const struct moot_hash *group,
                   const struct moot_db_blame *blame,
                   struct moot_db_verdict *ret_verdict)
{
    struct moot_db_verdict verdict;
    struct verifier v = {.db = db, .blame = blame, .verdict = &verdict};
    int64_t no = 0;
    int error;

    memset(&verdict, 0, sizeof verdict);
    v.place.group = *group;
    error = check_structure(&v);
    if (error == MOOT_OK)
        error = db_group_find(db, group, &no);
    if (error == MOOT_OK)
        error = check_chains(&v, no);
    if (error == MOOT_OK) {
        verdict.digest = *moot_history_digest(&v.history);
        *ret_verdict = verdict;
    }
    moot_history_fini(&v.history);
    return error;
}
