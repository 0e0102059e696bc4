/*
 * store/db_missing.c - entries that should be there and are not: their rows
 * cannot be reached any more, or say that they are of another place.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include <string.h>

#include "store/db_internal.h"

/* Chains that have fewer rows than they should, holes counted. */
static const char short_ones[] =
    "SELECT c.no, g.id, c.author, c.run, c.base, c.len FROM chains c"
    " JOIN groups g ON g.no = c.grp"
    " LEFT JOIN (SELECT r.chain, count(DISTINCT r.seq) AS rows"
    "  FROM entries r NOT INDEXED JOIN chains k ON k.no = r.chain"
    "  WHERE r.seq BETWEEN k.base AND k.len GROUP BY r.chain) e"
    "  ON e.chain = c.no"
    " LEFT JOIN (SELECT chain, count(*) AS lost FROM holes GROUP BY chain) h"
    "  ON h.chain = c.no"
    " WHERE c.len >= c.base AND"
    "  coalesce(e.rows, 0) + coalesce(h.lost, 0) < c.len - c.base + 1"
    " ORDER BY c.no";

static const char places_of[] =
    "SELECT seq FROM entries NOT INDEXED WHERE chain = ?1"
    " UNION SELECT seq FROM holes WHERE chain = ?1 ORDER BY seq";

static void add(struct moot_db_scan *scan, struct moot_db_place *place,
                uint64_t seq)
{
    place->seq = seq;
    if (scan->bad_count < MOOT_DB_SCAN_BAD_MAX)
        scan->bad[scan->bad_count++] = *place;
}

static int find_in(struct moot_db *db, int64_t chain, uint64_t base,
                   uint64_t len, struct moot_db_place *place,
                   struct moot_db_scan *scan)
{
    sqlite3_stmt *s;
    uint64_t next = base;
    int error;
    int rc = sqlite3_prepare_v2(db->sqlite, places_of, -1, &s, NULL);

    if (rc != SQLITE_OK)
        return db_fail(db, rc);
    sqlite3_bind_int64(s, 1, chain);
    while ((error = db_step(db, s)) == MOOT_OK &&
           scan->bad_count < MOOT_DB_SCAN_BAD_MAX) {
        uint64_t seq = (uint64_t)sqlite3_column_int64(s, 0);

        for (; next < seq && next <= len &&
               scan->bad_count < MOOT_DB_SCAN_BAD_MAX;
             next++)
            add(scan, place, next);
        if (next == seq)
            next++;
    }
    sqlite3_finalize(s);
    for (; error == MOOT_ENONE && next <= len &&
           scan->bad_count < MOOT_DB_SCAN_BAD_MAX;
         next++)
        add(scan, place, next);
    return error == MOOT_ENONE ? MOOT_OK : error;
}

int db_find_missing(struct moot_db *db, struct moot_db_scan *scan)
{
    sqlite3_stmt *s;
    int error;
    int rc = sqlite3_prepare_v2(db->sqlite, short_ones, -1, &s, NULL);

    if (rc != SQLITE_OK)
        return db_fail(db, rc);
    while ((error = db_step(db, s)) == MOOT_OK) {
        struct moot_db_place place;

        memset(&place, 0, sizeof place);
        if (!db_raw32_at(s, 1, place.group.b) ||
            !db_raw32_at(s, 2, place.in.author.b))
            continue;
        place.in.run = db_run_at(s, 3);
        error = find_in(db, sqlite3_column_int64(s, 0),
                        (uint64_t)sqlite3_column_int64(s, 4),
                        (uint64_t)sqlite3_column_int64(s, 5), &place, scan);
        if (error != MOOT_OK)
            break;
    }
    sqlite3_finalize(s);
    return error == MOOT_ENONE ? MOOT_OK : error;
}
