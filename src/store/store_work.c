/*
 * store/store_work.c - what the two threads do: one transaction for a batch,
 * and reads.
 *
 * Layer:  store (loud).
 * Thread: the writer's and the reader's.
 */
#include <stdio.h>

#include "base/limits.h"
#include "store/db_internal.h"
#include "store/store_internal.h"

#define PRUNE_ROWS 512 /* a slice: some 10 ms */
#define REOPEN_AFTER 5 /* failures in a row */

/* --- writing --- */

static int apply(struct moot_db *db, const struct store_request *r)
{
    switch (r->kind) {
    case STORE_PUT:
        return moot_db_put(db, r->entry);
    case STORE_END:
        return moot_db_end_run(db, r->end);
    case STORE_REMEMBER:
        return moot_db_remember(db, r->group);
    case STORE_DROP:
        return moot_db_drop_damaged(db, &r->place.group, &r->place.in,
                                    r->place.seq);
    }
    return MOOT_EINVAL;
}

/* MOOT_ENONE: what it is about has left the history meanwhile. */
static int transact(struct moot_db *db, struct store_batch *b)
{
    int error = moot_db_begin(db);

    b->refused = 0;
    for (unsigned i = 0; i < b->count && error != MOOT_ESYS; i++) {
        struct store_request *r = &b->requests[i];

        error = apply(db, r);
        r->refused =
            error != MOOT_OK && error != MOOT_ESYS && error != MOOT_ENONE;
        b->refused += r->refused;
    }
    if (error != MOOT_ESYS) /* here it needs no look at the file of its own */
        error = moot_db_usage(db, &b->usage);
    return error == MOOT_ESYS ? error : moot_db_commit(db);
}

/* What was just said is not shown as sent as long as it is not kept. */
static bool refuses_own(const struct store_batch *b)
{
    for (unsigned i = 0; i < b->count && b->refused > 0; i++)
        if (b->requests[i].refused && b->requests[i].own)
            return true;
    return false;
}

/* *over: is there anything left to drop? */
static int drop_some(struct store_writer *w, uint64_t bytes, bool *over)
{
    uint64_t freed;
    int error = moot_db_begin(w->db);

    if (error == MOOT_OK)
        error = moot_db_prune(w->db, PRUNE_ROWS, bytes, &freed);
    if (error == MOOT_ENONE) {
        *over = false;
        error = MOOT_OK;
    }
    return error == MOOT_OK ? moot_db_commit(w->db) : error;
}

static int tend(struct store_writer *w, struct store_batch *b)
{
    int error = MOOT_OK;

    if (b->count == 0)
        error = moot_db_usage(w->db, &b->usage);
    b->over = b->usage > w->bytes_max && (b->count > 0 || w->over);
    if (error == MOOT_OK && b->over)
        error = drop_some(w, b->usage - w->bytes_max, &b->over);
    w->over = b->over;
    return error;
}

/*
 * Nothing of the transaction is believed, and it is never committed again: the
 * next try writes all of it anew.  It does so through the same connection,
 * which knows how far the log was safe; one that is opened anew has only the
 * log itself to go by, with all that the failed flush left in it.  But a file
 * that is not what it was, or fails again and again, is looked for anew.
 */
static void give_up(struct store_writer *w, enum moot_db_trouble trouble)
{
    bool kept = trouble == MOOT_DB_FULL || trouble == MOOT_DB_IO ||
                trouble == MOOT_DB_BUSY;

    if (w->db == NULL)
        return;
    moot_db_rollback(w->db);
    if (kept && w->opened && ++w->failures < REOPEN_AFTER)
        return;
    moot_db_close(w->db);
    w->db = NULL;
}

static int need_db(struct store_writer *w)
{
    int error;

    if (w->db != NULL)
        return MOOT_OK;
    w->failures = 0;
    error = db_try_open(&w->config, &w->db);
    w->opened = error == MOOT_OK;
    return error;
}

void store_write(struct store_writer *w, struct store_batch *b)
{
    int error = need_db(w);

    b->trouble = MOOT_DB_FINE;
    b->usage = 0;
    b->over = false;
    if (error == MOOT_OK && b->reindex)
        error = moot_db_reindex(w->db);
    if (error == MOOT_OK && b->count > 0)
        error = transact(w->db, b);
    if (error == MOOT_OK)
        error = tend(w, b);
    if (error == MOOT_OK && !refuses_own(b)) {
        w->failures = 0;
        return;
    }
    b->trouble = error == MOOT_OK ? MOOT_DB_DAMAGED : moot_db_trouble(w->db);
    if (b->trouble == MOOT_DB_FINE)
        b->trouble = MOOT_DB_OTHER;
    snprintf(b->words, sizeof b->words, "%s", moot_db_words(w->db));
    give_up(w, b->trouble);
}

/* --- reading --- */

static int read_all(struct moot_db *db, struct store_reads *r)
{
    int error = MOOT_OK;

    for (unsigned i = 0; i < r->count && error == MOOT_OK; i++) {
        struct store_fetch *f = &r->fetches[i];

        error = moot_db_read(db, &f->what.group, &f->what.range,
                             f->what.bytes_max, &f->page);
    }
    return error;
}

void store_read(struct store_reader *r, struct store_reads *reads)
{
    int error = MOOT_OK;

    reads->trouble = MOOT_DB_FINE;
    if (r->db == NULL)
        error = db_try_open(&r->config, &r->db);
    if (error == MOOT_OK)
        error = read_all(r->db, reads);
    if (error == MOOT_OK && reads->scan) {
        reads->scanned.at = r->scan_at;
        error = moot_db_scan(r->db, MOOT_STORE_SCAN_ROWS, &reads->scanned);
        r->scan_at = reads->scanned.at;
    }
    if (error == MOOT_OK)
        return;
    reads->trouble = moot_db_trouble(r->db);
    if (reads->trouble == MOOT_DB_FINE)
        reads->trouble = MOOT_DB_OTHER;
    snprintf(reads->words, sizeof reads->words, "%s", moot_db_words(r->db));
    moot_db_close(r->db);
    r->db = NULL;
}
