/*
 * store/db_row.c - an entry as a row, and the checksums of rows.
 *
 * The head is the entry as it travels up to its body, the body the rest: put
 * side by side they are the entry again.  The checksum is over what a row
 * means, so that a row that was moved to another place is damaged too.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include <string.h>

#include "base/assert.h"
#include "store/db_internal.h"

#define SIG_FIELD_LEN (2 + 64) /* its key, its length, itself */

static size_t head_len(const struct moot_entry *e)
{
    size_t before = (size_t)(e->header.data - e->raw.data);

    return before + e->header.len + SIG_FIELD_LEN;
}

struct moot_bytes db_head_of(const struct moot_entry *e)
{
    moot_assert(head_len(e) <= e->raw.len);
    return moot_bytes_of(e->raw.data, head_len(e));
}

struct moot_bytes db_body_of(const struct moot_entry *e)
{
    size_t head = head_len(e);

    if (e->body.data == NULL)
        return moot_bytes_of(NULL, 0);
    return moot_bytes_of(e->raw.data + head, e->raw.len - head);
}

static struct db_sum sum_of(struct moot_hasher *h)
{
    struct moot_hash hash = moot_hasher_final(h);
    struct db_sum sum;

    memcpy(sum.b, hash.b, sizeof sum.b);
    return sum;
}

static void add_text(struct moot_hasher *h, const char *label)
{
    moot_hasher_add(h, label, strlen(label) + 1);
}

static void add_bytes(struct moot_hasher *h, struct moot_bytes b)
{
    moot_hasher_add_u64(h, b.len);
    moot_hasher_add(h, b.data, b.len);
}

static struct db_sum row_sum(const struct moot_hash *group,
                             const struct moot_run *in, uint64_t seq,
                             uint64_t lamport, struct moot_bytes head,
                             struct moot_bytes body)
{
    struct moot_hasher h;

    moot_hasher_init(&h);
    add_text(&h, "moot entry row");
    moot_hasher_add(&h, group->b, sizeof group->b);
    moot_hasher_add(&h, in->author.b, sizeof in->author.b);
    moot_hasher_add_u64(&h, in->run);
    moot_hasher_add_u64(&h, seq);
    moot_hasher_add_u64(&h, lamport);
    add_bytes(&h, head);
    add_bytes(&h, body);
    return sum_of(&h);
}

struct db_sum db_entry_sum(const struct moot_entry *e, bool with_body)
{
    struct moot_bytes none = {NULL, 0};

    return row_sum(&e->group, &e->in, e->seq, e->lamport, db_head_of(e),
                   with_body ? db_body_of(e) : none);
}

struct db_sum db_chain_sum(const struct db_chain *c)
{
    struct moot_hasher h;

    moot_hasher_init(&h);
    add_text(&h, "moot chain row");
    moot_hasher_add_u64(&h, (uint64_t)c->no);
    moot_hasher_add_u64(&h, (uint64_t)c->key.group);
    moot_hasher_add(&h, c->key.in.author.b, sizeof c->key.in.author.b);
    moot_hasher_add_u64(&h, c->key.in.run);
    moot_hasher_add_u64(&h, c->base);
    moot_hasher_add_u64(&h, c->len);
    moot_hasher_add_u64(&h, c->lamport);
    moot_hasher_add_u64(&h, c->ended);
    moot_hasher_add(&h, c->head.b, sizeof c->head.b);
    add_bytes(&h, moot_bytes_of(c->fork, c->fork_len));
    return sum_of(&h);
}

bool db_sum_at(sqlite3_stmt *s, int column, const struct db_sum *sum)
{
    return moot_bytes_eq(db_bytes_at(s, column),
                         moot_bytes_of(sum->b, sizeof sum->b));
}

static bool same_place(const struct moot_entry *e,
                       const struct moot_hash *group, const struct moot_run *in)
{
    return (group == NULL || moot_hash_eq(&e->group, group)) &&
           (in == NULL || moot_run_cmp(&e->in, in) == 0);
}

struct moot_entry *db_row_open(struct moot_db *db, sqlite3_stmt *s, int at,
                               const struct moot_hash *group,
                               const struct moot_run *in)
{
    struct moot_bytes head = db_bytes_at(s, at + 2);
    struct moot_bytes body = db_bytes_at(s, at + 3);
    uint64_t seq = (uint64_t)sqlite3_column_int64(s, at);
    uint64_t lamport = (uint64_t)sqlite3_column_int64(s, at + 1);
    struct moot_entry *e = NULL;

    moot_buf_clear(&db->raw);
    if (head.len > 0)
        moot_buf_append(&db->raw, head.data, head.len);
    if (body.len > 0)
        moot_buf_append(&db->raw, body.data, body.len);
    if (moot_entry_open(moot_buf_view(&db->raw), &e) != MOOT_OK)
        return NULL;

    struct db_sum sum = row_sum(&e->group, &e->in, seq, lamport, head, body);

    if (db_sum_at(s, at + 4, &sum) && same_place(e, group, in) &&
        e->seq == seq && e->lamport == lamport)
        return e;
    moot_entry_unref(e);
    return NULL;
}
