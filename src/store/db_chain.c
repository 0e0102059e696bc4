/*
 * store/db_chain.c - the rows of groups and chains, and those met of late.
 *
 * A chain that is written to changes with every entry; its row is written once,
 * at the end of the transaction.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/db_internal.h"

/* --- groups --- */

int db_group_find(struct moot_db *db, const struct moot_hash *group,
                  int64_t *ret_no)
{
    if (db->group_no != 0 && moot_hash_eq(&db->group, group)) {
        *ret_no = db->group_no;
        return MOOT_OK;
    }

    sqlite3_stmt *s = db_stmt(db, DB_GROUP_FIND);

    if (s == NULL)
        return MOOT_ESYS;
    db_bind_blob(s, 1, group->b, sizeof group->b);

    int error = db_step(db, s);

    if (error == MOOT_OK) {
        db->group = *group;
        db->group_no = *ret_no = sqlite3_column_int64(s, 0);
    }
    db_done(s);
    return error;
}

int db_group_need(struct moot_db *db, const struct moot_hash *group,
                  int64_t *ret_no)
{
    struct moot_fx_remember unknown = {.group = *group};
    int error = db_group_find(db, group, ret_no);

    if (error != MOOT_ENONE)
        return error;
    error = moot_db_remember(db, &unknown);
    return error == MOOT_OK ? db_group_find(db, group, ret_no) : error;
}

/* --- chains --- */

bool db_chain_row(sqlite3_stmt *s, struct db_chain *out)
{
    struct moot_bytes fork = db_bytes_at(s, 9);
    struct db_sum sum;
    bool whole;

    memset(out, 0, sizeof *out);
    out->no = sqlite3_column_int64(s, 0);
    out->key.group = sqlite3_column_int64(s, 1);
    whole = db_raw32_at(s, 2, out->key.in.author.b);
    out->key.in.run = db_run_at(s, 3);
    out->base = (uint64_t)sqlite3_column_int64(s, 4);
    out->len = (uint64_t)sqlite3_column_int64(s, 5);
    whole = db_raw32_at(s, 6, out->head.b) && whole;
    out->lamport = (uint64_t)sqlite3_column_int64(s, 7);
    out->ended = (uint64_t)sqlite3_column_int64(s, 8);
    if (fork.len > 0) {
        out->fork = moot_copy(fork.data, fork.len);
        out->fork_len = fork.len;
    }
    sum = db_chain_sum(out);
    return whole && db_sum_at(s, 10, &sum);
}

/* What changes as a chain grows, and then its number. */
static void bind_growth(sqlite3_stmt *s, int at, const struct db_chain *c,
                        const struct db_sum *sum)
{
    db_bind_u64(s, at, c->base);
    db_bind_u64(s, at + 1, c->len);
    db_bind_blob(s, at + 2, c->head.b, sizeof c->head.b);
    db_bind_u64(s, at + 3, c->lamport);
    db_bind_u64(s, at + 4, c->ended);
    if (c->fork_len > 0)
        db_bind_blob(s, at + 5, c->fork, c->fork_len);
    db_bind_blob(s, at + 6, sum->b, sizeof sum->b);
    sqlite3_bind_int64(s, at + 7, c->no);
}

static void bind_chain(sqlite3_stmt *s, const struct db_chain *c,
                       const struct db_sum *sum)
{
    sqlite3_bind_int64(s, 1, c->key.group);
    db_bind_blob(s, 2, c->key.in.author.b, sizeof c->key.in.author.b);
    db_bind_run(s, 3, c->key.in.run);
    bind_growth(s, 4, c, sum);
}

int db_chain_write(struct moot_db *db, const struct db_chain *c)
{
    sqlite3_stmt *s = db_stmt(db, DB_CHAIN_SET);
    struct db_sum sum = db_chain_sum(c);

    if (s == NULL)
        return MOOT_ESYS;
    bind_chain(s, c, &sum);
    return db_run(db, s);
}

/* The key stays, so the index of it is left alone. */
static int write_growth(struct moot_db *db, const struct db_chain *c)
{
    sqlite3_stmt *s = db_stmt(db, DB_CHAIN_GROW);
    struct db_sum sum = db_chain_sum(c);

    if (s == NULL)
        return MOOT_ESYS;
    bind_growth(s, 1, c, &sum);
    return db_run(db, s);
}

static struct db_chain *remember(struct moot_db *db, const struct db_chain *c)
{
    struct db_chain *kept = moot_copy(c, sizeof *c);

    HASH_ADD(hh, db->chains, key, sizeof kept->key, kept);
    return kept;
}

/* A key is compared as bytes, those between its fields too. */
static struct db_chain_key key_of(int64_t group, const struct moot_run *in)
{
    struct db_chain_key key;

    memset(&key, 0, sizeof key);
    key.group = group;
    key.in.author = in->author;
    key.in.run = in->run;
    return key;
}

static int find_row(struct moot_db *db, const struct db_chain_key *key,
                    struct db_chain *out, bool *ret_whole)
{
    sqlite3_stmt *s = db_stmt(db, DB_CHAIN_FIND);

    if (s == NULL)
        return MOOT_ESYS;
    sqlite3_bind_int64(s, 1, key->group);
    db_bind_blob(s, 2, key->in.author.b, sizeof key->in.author.b);
    db_bind_run(s, 3, key->in.run);

    int error = db_step(db, s);

    if (error == MOOT_OK) {
        *ret_whole = db_chain_row(s, out);
        out->key = *key;
    }
    db_done(s);
    return error;
}

/* A row that does not read as it was written is mended first, by whoever may
 * write; a reader sees no chain there. */
static int find_whole(struct moot_db *db, const struct db_chain_key *key,
                      struct db_chain *out)
{
    bool whole = false;
    int error = find_row(db, key, out, &whole);

    if (error != MOOT_OK || whole)
        return error;
    free(out->fork);
    if (db->reader)
        return MOOT_ENONE;
    error = db_mend(db);
    if (error == MOOT_OK)
        error = find_row(db, key, out, &whole);
    if (error != MOOT_OK || whole)
        return error;
    free(out->fork);
    return db_damaged(db, "a chain cannot be mended");
}

int db_chain_find(struct moot_db *db, int64_t group, const struct moot_run *in,
                  struct db_chain **ret_chain)
{
    struct db_chain_key key = key_of(group, in);
    struct db_chain *c, row;

    HASH_FIND(hh, db->chains, &key, sizeof key, c);
    if (c != NULL && !db->reader) {
        *ret_chain = c;
        return MOOT_OK;
    }
    /* A reader's is out of date as soon as somebody writes. */
    if (c != NULL)
        db_chains_forget(db);

    int error = find_whole(db, &key, &row);

    if (error == MOOT_OK)
        *ret_chain = remember(db, &row);
    return error;
}

int db_chain_create(struct moot_db *db, int64_t group,
                    const struct moot_run *in, struct db_chain **ret_chain)
{
    struct db_chain c = {.key = key_of(group, in), .base = 1};
    sqlite3_stmt *s = db_stmt(db, DB_CHAIN_ADD);
    int error;

    if (s == NULL)
        return MOOT_ESYS;
    error = db_number(db, "SELECT coalesce(max(no), 0) + 1 FROM chains", &c.no);
    if (error != MOOT_OK)
        return error;

    struct db_sum sum = db_chain_sum(&c);

    bind_chain(s, &c, &sum);
    error = db_run(db, s);
    if (error == MOOT_OK)
        *ret_chain = remember(db, &c);
    return error;
}

void db_chain_changed(struct moot_db *db, struct db_chain *c)
{
    if (c->changed)
        return;
    c->changed = true;
    c->next = db->changed;
    db->changed = c;
}

int db_chains_flush(struct moot_db *db)
{
    while (db->changed != NULL) {
        struct db_chain *c = db->changed;
        int error = write_growth(db, c);

        if (error != MOOT_OK)
            return error;
        c->changed = false;
        db->changed = c->next;
    }
    return MOOT_OK;
}

void db_chains_forget(struct moot_db *db)
{
    struct db_chain *c, *next;

    HASH_ITER (hh, db->chains, c, next) {
        HASH_DEL(db->chains, c);
        free(c->fork);
        free(c);
    }
    db->changed = NULL;
    db->group_no = 0;
}
