/*
 * store/db_put.c - transactions, and what changes a history.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "store/db_internal.h"

/* --- transactions --- */

int moot_db_begin(struct moot_db *db)
{
    sqlite3_stmt *s = db_stmt(db, DB_BEGIN);

    moot_assert(!db->open);
    moot_assert(!db->reader);
    if (s == NULL)
        return MOOT_ESYS;

    int error = db_run(db, s);

    db->open = error == MOOT_OK;
    return error;
}

int moot_db_commit(struct moot_db *db)
{
    int error = db_chains_flush(db);
    sqlite3_stmt *s;

    moot_assert(db->open);
    if (error != MOOT_OK)
        return error;
    s = db_stmt(db, DB_COMMIT);
    if (s == NULL)
        return MOOT_ESYS;
    error = db_run(db, s);
    if (error != MOOT_OK)
        return error;
    db->open = false;
    if (HASH_COUNT(db->chains) > DB_CHAINS_CACHED)
        db_chains_forget(db);
    return MOOT_OK;
}

void moot_db_rollback(struct moot_db *db)
{
    if (!db->open)
        return;
    db->open = false;
    db_chains_forget(db);
    /* Some errors have rolled back already. */
    if (sqlite3_get_autocommit(db->sqlite) == 0)
        sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
}

/* --- groups --- */

/* What is empty adds nothing: so it was before there were such columns. */
static struct db_sum group_sum(const struct moot_fx_remember *g, int64_t used,
                               const struct moot_bytes ways[DB_BACK_COLUMNS])
{
    struct moot_hasher h;
    struct moot_hash hash;
    struct db_sum sum;

    moot_hasher_init(&h);
    moot_hasher_add(&h, "moot group row", sizeof "moot group row");
    moot_hasher_add(&h, g->group.b, sizeof g->group.b);
    moot_hasher_add_u64(&h, g->grown);
    moot_hasher_add_u64(&h, (uint64_t)used);
    moot_hasher_add(&h, g->name, strlen(g->name));
    for (unsigned i = 0; i < DB_BACK_COLUMNS; i++) {
        if (ways[i].len == 0)
            continue;
        moot_hasher_add_u64(&h, (uint64_t)i << 32 | ways[i].len);
        moot_hasher_add(&h, ways[i].data, ways[i].len);
    }
    hash = moot_hasher_final(&h);
    memcpy(sum.b, hash.b, sizeof sum.b);
    return sum;
}

/* That a group is closed stands in two places: one that lost its secrets must
 * not be gone on with as an open one. */
#define FLAG_GROWN 1
#define FLAG_CLOSED 2

static int flags_of(const struct moot_fx_remember *g)
{
    return (g->grown ? FLAG_GROWN : 0) |
           (g->back.secret_count > 0 ? FLAG_CLOSED : 0);
}

/* no 0: a new one. */
int db_group_write(struct moot_db *db, int64_t no,
                   const struct moot_fx_remember *g, int64_t used)
{
    sqlite3_stmt *s = db_stmt(db, no == 0 ? DB_GROUP_ADD : DB_GROUP_SET);
    struct moot_buf packed[DB_BACK_COLUMNS] = {{0}};
    struct moot_bytes ways[DB_BACK_COLUMNS];
    struct db_sum sum;
    int error;

    if (s == NULL)
        return MOOT_ESYS;
    db_back_pack(&g->back, packed);
    for (unsigned i = 0; i < DB_BACK_COLUMNS; i++)
        ways[i] = moot_buf_view(&packed[i]);
    sum = group_sum(g, used, ways);
    db_bind_blob(s, 1, g->group.b, sizeof g->group.b);
    db_bind_blob(s, 2, g->name, strlen(g->name));
    sqlite3_bind_int(s, 3, flags_of(g));
    sqlite3_bind_int64(s, 4, used);
    db_bind_blob(s, 5, sum.b, sizeof sum.b);
    for (int i = 0; i < DB_BACK_COLUMNS; i++)
        if (ways[i].len > 0)
            db_bind_blob(s, 6 + i, ways[i].data, ways[i].len);
    if (no != 0)
        sqlite3_bind_int64(s, 6 + DB_BACK_COLUMNS, no);
    error = db_run(db, s);
    db_back_fini(packed);
    return error;
}

bool db_group_row(sqlite3_stmt *s, struct moot_fx_remember *out,
                  int64_t *ret_used)
{
    struct moot_bytes name = db_bytes_at(s, 2), ways[DB_BACK_COLUMNS];
    struct db_sum sum;
    bool whole;
    int flags;

    memset(out, 0, sizeof *out);
    whole = db_raw32_at(s, 1, out->group.b) && name.len < sizeof out->name;
    if (name.len > 0 && name.len < sizeof out->name)
        memcpy(out->name, name.data, name.len);
    flags = sqlite3_column_int(s, 3);
    out->grown = (flags & FLAG_GROWN) != 0;
    *ret_used = sqlite3_column_int64(s, 4);
    for (int i = 0; i < DB_BACK_COLUMNS; i++)
        ways[i] = db_bytes_at(s, 6 + i);
    whole = db_back_unpack(ways, &out->back) && whole;
    sum = group_sum(out, *ret_used, ways);
    whole = db_sum_at(s, 5, &sum) && flags == flags_of(out) && whole;
    if ((flags & FLAG_CLOSED) != 0 && out->back.secret_count == 0)
        out->name[0] = '\0'; /* nobody goes on with it by its name */
    return whole;
}

int moot_db_remember(struct moot_db *db, const struct moot_fx_remember *group)
{
    sqlite3_stmt *s = db_stmt(db, DB_GROUP_LATEST);
    int64_t no = 0, latest = 0;
    int error;

    moot_assert(db->open);
    if (s == NULL)
        return MOOT_ESYS;
    error = db_step(db, s);
    if (error == MOOT_OK)
        latest = sqlite3_column_int64(s, 0);
    db_done(s);
    if (error == MOOT_OK)
        error = db_group_find(db, &group->group, &no);
    if (error != MOOT_OK && error != MOOT_ENONE)
        return error;
    if (latest < 0 || latest == INT64_MAX)
        latest = 0; /* damaged: the order is lost, no more than that */
    return db_group_write(db, no, group, latest + 1);
}

/* --- entries --- */

int db_entry_find(struct moot_db *db, int64_t chain, uint64_t seq,
                  sqlite3_stmt **ret_stmt)
{
    sqlite3_stmt *s = db_stmt(db, DB_ENTRY_FIND);

    if (s == NULL)
        return MOOT_ESYS;
    sqlite3_bind_int64(s, 1, chain);
    db_bind_u64(s, 2, seq);
    *ret_stmt = s;

    int error = db_step(db, s);

    if (error != MOOT_OK)
        db_done(s);
    return error;
}

static int run_on(struct moot_db *db, enum db_stmt which, int64_t chain,
                  uint64_t seq)
{
    sqlite3_stmt *s = db_stmt(db, which);

    if (s == NULL)
        return MOOT_ESYS;
    sqlite3_bind_int64(s, 1, chain);
    db_bind_u64(s, 2, seq);
    return db_run(db, s);
}

int db_hole_add(struct moot_db *db, int64_t chain, uint64_t seq)
{
    return run_on(db, DB_HOLE_ADD, chain, seq);
}

static int add_row(struct moot_db *db, const struct db_chain *c,
                   const struct moot_entry *e)
{
    sqlite3_stmt *s = db_stmt(db, DB_ENTRY_ADD);
    struct moot_bytes head = db_head_of(e), body = db_body_of(e);
    struct db_sum sum = db_entry_sum(e, true);

    if (s == NULL)
        return MOOT_ESYS;
    sqlite3_bind_int64(s, 1, c->no);
    db_bind_u64(s, 2, e->seq);
    sqlite3_bind_int64(s, 3, c->key.group);
    db_bind_u64(s, 4, e->lamport);
    db_bind_blob(s, 5, head.data, head.len);
    if (body.data != NULL)
        db_bind_blob(s, 6, body.data, body.len);
    db_bind_blob(s, 7, sum.b, sizeof sum.b);
    return db_run(db, s);
}

static void grow(struct moot_db *db, struct db_chain *c,
                 const struct moot_entry *e)
{
    db_chain_changed(db, c);
    if (e->lamport > c->lamport)
        c->lamport = e->lamport;
    if (e->seq < c->base)
        c->base = e->seq;
    if (e->seq <= c->len)
        return;
    c->len = e->seq;
    c->head = e->hash;
}

static int add_body(struct moot_db *db, int64_t no, const struct moot_entry *e)
{
    sqlite3_stmt *s = db_stmt(db, DB_ENTRY_BODY);
    struct moot_bytes body = db_body_of(e);
    struct db_sum sum = db_entry_sum(e, true);

    if (s == NULL)
        return MOOT_ESYS;
    db_bind_blob(s, 1, body.data, body.len);
    db_bind_blob(s, 2, sum.b, sizeof sum.b);
    sqlite3_bind_int64(s, 3, no);
    return db_run(db, s);
}

/* A place that should be taken: by the same entry, or else it is mended. */
static int put_again(struct moot_db *db, struct db_chain *c,
                     const struct moot_entry *e)
{
    struct moot_entry *kept = NULL;
    sqlite3_stmt *s;
    int64_t no = 0;
    int error = db_entry_find(db, c->no, e->seq, &s);

    if (error == MOOT_OK) {
        kept = db_row_open(db, s, 0, &e->group, &e->in);
        no = sqlite3_column_int64(s, DB_ROW_COLUMNS);
        db_done(s);
    } else if (error != MOOT_ENONE) {
        return error;
    }
    if (kept != NULL) {
        bool same = moot_hash_eq(&kept->hash, &e->hash);
        bool richer = kept->body.data == NULL && e->body.data != NULL;

        moot_entry_unref(kept);
        if (!same)
            return MOOT_EPROTO;
        error = richer ? add_body(db, no, e) : MOOT_OK;
        return error == MOOT_OK ? run_on(db, DB_HOLE_FILL, c->no, e->seq)
                                : error;
    }
    if (e->seq == c->len && !moot_hash_eq(&e->hash, &c->head))
        return MOOT_EPROTO;
    error = run_on(db, DB_ENTRY_DELETE, c->no, e->seq);
    if (error == MOOT_OK)
        error = add_row(db, c, e);
    return error == MOOT_OK ? run_on(db, DB_HOLE_FILL, c->no, e->seq) : error;
}

/* In front of the oldest, or behind the newest. */
static int put_new(struct moot_db *db, struct db_chain *c,
                   const struct moot_entry *e)
{
    int error;

    if (e->seq > c->len && c->len >= c->base &&
        !moot_hash_eq(&e->prev, &c->head))
        return MOOT_EPROTO;
    error = add_row(db, c, e);
    if (error == MOOT_OK)
        grow(db, c, e);
    return error;
}

/* Nothing of c is kept: it begins with e, wherever that is. */
static void begin_with(struct moot_db *db, struct db_chain *c,
                       const struct moot_entry *e)
{
    c->base = e->seq;
    c->len = e->seq - 1;
    db_chain_changed(db, c);
}

int moot_db_put(struct moot_db *db, const struct moot_entry *e)
{
    struct db_chain *c;
    int64_t group;
    int error;

    moot_assert(db->open);
    if (e->seq >= DB_SEQ_MAX)
        return MOOT_EINVAL;
    error = db_group_need(db, &e->group, &group);
    if (error != MOOT_OK)
        return error;
    error = db_chain_find(db, group, &e->in, &c);
    if (error == MOOT_ENONE)
        error = db_chain_create(db, group, &e->in, &c);
    if (error != MOOT_OK)
        return error;
    if (c->ended != 0 && e->seq >= c->ended)
        return MOOT_ENONE;
    if (c->len < c->base)
        begin_with(db, c, e);
    if (e->seq >= c->base && e->seq <= c->len)
        return put_again(db, c, e);
    if (e->seq == c->len + 1 || e->seq + 1 == c->base)
        return put_new(db, c, e);
    return MOOT_EINVAL;
}

/* --- the end of a run --- */

static int shorten(struct moot_db *db, struct db_chain *c,
                   const struct moot_fx_end_run *end)
{
    int error = run_on(db, DB_ENTRY_END, c->no, end->seq);

    if (error == MOOT_OK)
        error = run_on(db, DB_HOLE_END, c->no, end->seq);
    if (error != MOOT_OK)
        return error;
    free(c->fork);
    c->fork = moot_copy(end->proof.data, end->proof.len);
    c->fork_len = end->proof.len;
    c->ended = end->seq;
    db_chain_changed(db, c);
    if (c->len < end->seq)
        return MOOT_OK;
    c->len = end->seq - 1;
    c->head = end->head;
    if (c->base > end->seq)
        c->base = end->seq; /* nothing is kept, and nothing comes */
    return MOOT_OK;
}

int moot_db_end_run(struct moot_db *db, const struct moot_fx_end_run *end)
{
    struct db_chain *c;
    int64_t group;
    int error = db_group_need(db, &end->group, &group);

    moot_assert(db->open);
    moot_assert(end->seq >= 1);
    if (end->seq >= DB_SEQ_MAX)
        return MOOT_EINVAL;
    if (error != MOOT_OK)
        return error;
    error = db_chain_find(db, group, &end->in, &c);
    if (error == MOOT_ENONE)
        error = db_chain_create(db, group, &end->in, &c);
    if (error != MOOT_OK)
        return error;
    if (c->ended != 0 && end->seq > c->ended)
        return MOOT_OK;
    return shorten(db, c, end);
}

/* --- damage --- */

int moot_db_drop_damaged(struct moot_db *db, const struct moot_hash *group,
                         const struct moot_run *in, uint64_t seq)
{
    struct moot_entry *kept = NULL;
    struct db_chain *c;
    sqlite3_stmt *s;
    int64_t no;
    int error = db_group_find(db, group, &no);

    moot_assert(db->open);
    if (error == MOOT_OK)
        error = db_chain_find(db, no, in, &c);
    if (error != MOOT_OK)
        return error == MOOT_ENONE ? MOOT_OK : error;
    if (seq < c->base || seq > c->len) { /* a row that strayed there */
        error = run_on(db, DB_ENTRY_DELETE, c->no, seq);
        return error == MOOT_ENONE ? MOOT_OK : error;
    }
    error = db_entry_find(db, c->no, seq, &s);
    if (error == MOOT_OK) {
        kept = db_row_open(db, s, 0, group, in);
        db_done(s);
    }
    if (kept != NULL) {
        moot_entry_unref(kept);
        return MOOT_OK;
    }
    if (error == MOOT_OK)
        error = run_on(db, DB_ENTRY_DELETE, c->no, seq);
    if (error != MOOT_OK && error != MOOT_ENONE)
        return error;
    return db_hole_add(db, c->no, seq);
}
