/*
 * store/db_past.c - what is told of all groups at the start.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/slots.h"
#include "base/sorted.h"
#include "store/db_internal.h"

/* Sorted by chain, then seq. */
struct hole {
    int64_t chain;
    uint64_t seq;
};

struct holes {
    struct hole *at;
    unsigned count, max;
};

/* A chain, and where its rows are. */
struct found_chain {
    struct moot_past_chain past;
    int64_t no;
    uint64_t lamport;
};

static int read_holes(struct moot_db *db, struct holes *out)
{
    sqlite3_stmt *s = db_stmt(db, DB_HOLE_ALL);
    int error;

    if (s == NULL)
        return MOOT_ESYS;
    while ((error = db_step(db, s)) == MOOT_OK) {
        out->at = moot_slot_open(out->at, sizeof out->at[0], &out->count,
                                 &out->max, out->count);
        out->at[out->count - 1] = (struct hole){
            sqlite3_column_int64(s, 0), (uint64_t)sqlite3_column_int64(s, 1)};
    }
    db_done(s);
    return error == MOOT_ENONE ? MOOT_OK : error;
}

static int hole_order(const void *item, const void *key)
{
    const struct hole *h = item;
    const int64_t *chain = key;

    return h->chain < *chain ? -1 : 1; /* the first of several */
}

static void add_gap(struct moot_past_chain *c, unsigned *max, uint64_t seq)
{
    if (seq < c->base || seq > c->len ||
        (c->gap_count > 0 && c->gaps[c->gap_count - 1] == seq))
        return;
    c->gaps = moot_slot_open(c->gaps, sizeof *c->gaps, &c->gap_count, max,
                             c->gap_count);
    c->gaps[c->gap_count - 1] = seq;
}

/* --- one group --- */

static int read_chains(struct moot_db *db, int64_t group,
                       struct found_chain **ret_found, unsigned *ret_count)
{
    sqlite3_stmt *s = db_stmt(db, DB_CHAIN_ALL);
    struct found_chain *found = NULL;
    unsigned count = 0, max = 0;
    struct db_chain row;
    int error;

    if (s == NULL)
        return MOOT_ESYS;
    sqlite3_bind_int64(s, 1, group);
    while ((error = db_step(db, s)) == MOOT_OK) {
        if (!db_chain_row(s, &row)) {
            free(row.fork); /* a reader does without it */
            continue;
        }
        found = moot_slot_open(found, sizeof *found, &count, &max, count);
        found[count - 1] =
            (struct found_chain){.past = {.in = row.key.in,
                                          .base = row.base,
                                          .len = row.len,
                                          .head = row.head,
                                          .fork = {row.fork, row.fork_len}},
                                 .no = row.no,
                                 .lamport = row.lamport};
    }
    db_done(s);
    *ret_found = found;
    *ret_count = count;
    return error == MOOT_ENONE ? MOOT_OK : error;
}

static int check_head(struct moot_db *db, const struct moot_hash *group,
                      struct found_chain *c, bool *ret_whole)
{
    struct moot_entry *e;
    sqlite3_stmt *s;
    int error = db_entry_find(db, c->no, c->past.len, &s);

    *ret_whole = false;
    if (error != MOOT_OK)
        return error == MOOT_ENONE ? MOOT_OK : error;
    e = db_row_open(db, s, 0, group, &c->past.in);
    db_done(s);
    *ret_whole = e != NULL && moot_hash_eq(&e->hash, &c->past.head);
    moot_entry_unref(e);
    return MOOT_OK;
}

static int find_gaps(struct moot_db *db, const struct moot_hash *group,
                     const struct holes *holes, struct found_chain *c)
{
    unsigned max = 0, i;
    bool whole;
    int error;

    if (c->past.len < c->past.base)
        return MOOT_OK;
    i = moot_sorted_find(holes->at, sizeof holes->at[0], holes->count,
                         hole_order, &c->no, NULL);
    for (; i < holes->count && holes->at[i].chain == c->no; i++)
        add_gap(&c->past, &max, holes->at[i].seq);
    error = check_head(db, group, c, &whole);
    if (error == MOOT_OK && !whole)
        add_gap(&c->past, &max, c->past.len);
    return error;
}

static int fill_chains(struct moot_db *db, int64_t group,
                       const struct holes *holes, struct moot_past *out)
{
    struct found_chain *found = NULL;
    unsigned count = 0;
    int error = read_chains(db, group, &found, &count);

    out->chains = moot_alloc((count + 1) * sizeof *out->chains);
    out->chain_count = count;
    for (unsigned i = 0; i < count; i++) {
        if (found[i].lamport > out->lamport)
            out->lamport = found[i].lamport;
        if (error == MOOT_OK)
            error = find_gaps(db, &out->group, holes, &found[i]);
        out->chains[i] = found[i].past;
    }
    free(found);
    return error;
}

static int fill_tail(struct moot_db *db, unsigned tail_max,
                     struct moot_past *out)
{
    struct moot_db_walk_config c = {.group = out->group, .last = tail_max};
    struct moot_db_walk *w;
    struct moot_entry *e;
    unsigned max = 0;
    int error;

    c.since = INT64_MIN;
    if (tail_max == 0)
        return MOOT_OK;
    error = moot_db_walk_open(db, &c, &w);
    if (error != MOOT_OK)
        return error;
    while ((error = moot_db_walk_next(w, &e)) == MOOT_OK) {
        out->tail = moot_slot_open(out->tail, sizeof(void *), &out->tail_count,
                                   &max, out->tail_count);
        out->tail[out->tail_count - 1] = e;
    }
    moot_db_walk_close(w);
    return error == MOOT_ENONE ? MOOT_OK : error;
}

/* --- all of them --- */

static int read_groups(struct moot_db *db, int64_t **ret_nos,
                       struct moot_pasts *out)
{
    sqlite3_stmt *s = db_stmt(db, DB_GROUP_ALL);
    struct moot_fx_remember group;
    int64_t *nos = NULL, used;
    unsigned max = 0, no_count = 0, no_max = 0;
    int error;

    if (s == NULL)
        return MOOT_ESYS;
    while ((error = db_step(db, s)) == MOOT_OK) {
        struct moot_past *p;

        db_group_row(s, &group, &used);
        out->at =
            moot_slot_open(out->at, sizeof *p, &out->count, &max, out->count);
        p = &out->at[out->count - 1];
        p->group = group.group;
        p->grown = group.grown;
        p->back = group.back;
        memcpy(p->name, group.name, sizeof p->name);
        nos = moot_slot_open(nos, sizeof *nos, &no_count, &no_max, no_count);
        nos[no_count - 1] = sqlite3_column_int64(s, 0);
    }
    db_done(s);
    *ret_nos = nos;
    return error == MOOT_ENONE ? MOOT_OK : error;
}

int moot_db_pasts(struct moot_db *db, unsigned tail_max,
                  struct moot_pasts *ret_pasts)
{
    struct moot_pasts p = {NULL, 0};
    struct holes holes = {NULL, 0, 0};
    int64_t *nos = NULL;
    int error = db->reader ? MOOT_OK : db_mend(db);

    if (error == MOOT_OK)
        error = read_holes(db, &holes);
    if (error == MOOT_OK)
        error = read_groups(db, &nos, &p);
    for (unsigned i = 0; i < p.count && error == MOOT_OK; i++) {
        error = fill_chains(db, nos[i], &holes, &p.at[i]);
        if (error == MOOT_OK)
            error = fill_tail(db, tail_max, &p.at[i]);
    }
    free(nos);
    free(holes.at);
    if (error == MOOT_OK)
        *ret_pasts = p;
    else
        moot_pasts_fini(&p);
    return error;
}

void moot_pasts_fini(struct moot_pasts *p)
{
    for (unsigned i = 0; i < p->count; i++) {
        struct moot_past *past = &p->at[i];

        for (unsigned k = 0; k < past->chain_count; k++) {
            free((uint8_t *)(uintptr_t)past->chains[k].fork.data);
            free(past->chains[k].gaps);
        }
        for (unsigned k = 0; k < past->tail_count; k++)
            moot_entry_unref(past->tail[k]);
        free(past->chains);
        free(past->tail);
        sodium_memzero(&past->back, sizeof past->back);
    }
    free(p->at);
    memset(p, 0, sizeof *p);
}
