/*
 * tests/store/store_words.h - entries for the tests of the store.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#ifndef MOOT_TESTS_STORE_WORDS_H
#define MOOT_TESTS_STORE_WORDS_H

#include "store/db.h"
#include "words.h"

/* One run of one author, that goes on with each entry made. */
struct speaker {
    struct moot_key key;
    struct moot_hash group;
    uint64_t run, seq, lamport;
    struct moot_hash head;
    moot_wall_ms wall;
};

/* n: which author; the group is hash_of(1). */
void speaker_init(struct speaker *s, uint8_t n, uint64_t run);

/* The next entry, of one line.  One reference is the caller's. */
struct moot_entry *say(struct speaker *s, const char *text);
struct moot_entry *say_long(struct speaker *s, size_t len);

struct moot_run run_of(const struct speaker *s);
/* The first seq of its first chain that is missing; 0: none. */
uint64_t first_gap(const struct moot_past *p);

struct moot_range range_of(const struct speaker *s, uint64_t from, uint64_t to);

/* --- a database that must do what it is asked --- */

struct moot_db *open_db(const char *path, const char *vfs,
                        const struct speaker *own);
void put(struct moot_db *db, const struct moot_entry *e); /* in a transaction */
void keep(struct moot_db *db,
          struct moot_entry *e); /* one of its own; drops e */

/* On a file that nobody has open, as another program would. */
void run_sql(const char *path, const char *sql);
/* The texts of a page or of a transcript, each with a bar behind it. */
const char *texts_of(const struct moot_db_page *page);
const char *transcript(struct moot_db *db,
                       const struct moot_db_walk_config *config);
const char *text_of(const struct moot_entry *e);

#endif
