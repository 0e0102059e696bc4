/*
 * store/db_read.c - reading on in one chain.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/slots.h"
#include "store/db_internal.h"

static void clear(struct moot_db_page *page)
{
    for (unsigned i = 0; i < page->count; i++)
        moot_entry_unref(page->at[i]);
    page->count = 0;
    page->damaged = 0;
}

void moot_db_page_fini(struct moot_db_page *page)
{
    clear(page);
    free(page->at);
    memset(page, 0, sizeof *page);
}

static void add(struct moot_db_page *page, struct moot_entry *e)
{
    page->at = moot_slot_open(page->at, sizeof page->at[0], &page->count,
                              &page->max, page->count);
    page->at[page->count - 1] = e;
}

/* seq is the one that comes next; *ret_next the one at which it stopped. */
static int read_rows(struct moot_db *db, sqlite3_stmt *s,
                     const struct moot_hash *group, const struct moot_run *in,
                     size_t bytes_max, struct moot_db_page *page, uint64_t *seq)
{
    size_t bytes = 0;

    while (bytes < bytes_max) {
        int error = db_step(db, s);
        struct moot_entry *e;

        if (error != MOOT_OK)
            return error == MOOT_ENONE ? MOOT_OK : error;
        if ((uint64_t)sqlite3_column_int64(s, 0) != *seq)
            return MOOT_OK;
        e = db_row_open(db, s, 0, group, in);
        if (e == NULL)
            return MOOT_OK;
        add(page, e);
        bytes += e->raw.len;
        (*seq)++;
    }
    return MOOT_EAGAIN;
}

static int find_chain(struct moot_db *db, const struct moot_hash *group,
                      const struct moot_run *in, struct db_chain **ret_chain)
{
    int64_t no;
    int error = db_group_find(db, group, &no);

    return error == MOOT_OK ? db_chain_find(db, no, in, ret_chain) : error;
}

int moot_db_read(struct moot_db *db, const struct moot_hash *group,
                 const struct moot_range *range, size_t bytes_max,
                 struct moot_db_page *page)
{
    sqlite3_stmt *s = db_stmt(db, DB_ENTRY_RANGE);
    struct db_chain *c;
    uint64_t to, seq = range->from;
    int error;

    clear(page);
    if (s == NULL)
        return MOOT_ESYS;
    error = find_chain(db, group, &range->in, &c);
    if (error != MOOT_OK)
        return error == MOOT_ENONE ? MOOT_OK : error;
    to = range->to < c->len ? range->to : c->len;
    if (seq < c->base || seq > to)
        return MOOT_OK;
    sqlite3_bind_int64(s, 1, c->no);
    db_bind_u64(s, 2, seq);
    db_bind_u64(s, 3, to);
    error = read_rows(db, s, group, &range->in, bytes_max, page, &seq);
    db_done(s);
    if (error == MOOT_EAGAIN)
        return MOOT_OK;
    if (error == MOOT_OK && seq <= to)
        page->damaged = seq;
    return error;
}
