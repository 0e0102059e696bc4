/*
 * tests/store/store_words.c - entries for the tests of the store.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include "store_words.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void speaker_init(struct speaker *s, uint8_t n, uint64_t run)
{
    const uint8_t seed[32] = {n};

    memset(s, 0, sizeof *s);
    moot_key_init(&s->key, seed);
    s->group = hash_of(1);
    s->run = run;
}

struct moot_entry *say(struct speaker *s, const char *text)
{
    struct moot_line line = {MOOT_LINE_TEXT, moot_bytes_text(text)};
    struct moot_draft d;
    struct moot_entry *e;

    memset(&d, 0, sizeof d);
    d.group = s->group;
    d.in = run_of(s);
    d.seq = ++s->seq;
    d.prev = s->head;
    d.lamport = ++s->lamport;
    d.wall = s->wall;
    d.name = moot_bytes_text("somebody");
    d.lines = &line;
    d.line_count = 1;
    e = moot_entry_create(&d, &s->key);
    s->head = e->hash;
    return e;
}

struct moot_entry *say_long(struct speaker *s, size_t len)
{
    char *text = malloc(len + 1);
    struct moot_entry *e;

    memset(text, 'x', len);
    text[len] = '\0';
    e = say(s, text);
    free(text);
    return e;
}

struct moot_run run_of(const struct speaker *s)
{
    struct moot_run in;

    memset(&in, 0, sizeof in);
    in.author = s->key.id;
    in.run = s->run;
    return in;
}

struct moot_range range_of(const struct speaker *s, uint64_t from, uint64_t to)
{
    return (struct moot_range){run_of(s), from, to};
}

struct moot_db *open_db(const char *path, const char *vfs,
                        const struct speaker *own)
{
    struct moot_db_config c = {.path = path, .vfs = vfs, .own = &own->key.id};
    char why[MOOT_WHY_MAX] = "";
    struct moot_db *db = NULL;
    int error = moot_db_open(&c, &db, why);

    ck_assert_msg(error == MOOT_OK, "%s", why);
    return db;
}

void put(struct moot_db *db, const struct moot_entry *e)
{
    expect_ok(moot_db_put(db, e));
}

void keep(struct moot_db *db, struct moot_entry *e)
{
    expect_ok(moot_db_begin(db));
    put(db, e);
    expect_ok(moot_db_commit(db));
    moot_entry_unref(e);
}

static struct moot_buf shown;

static void show(const struct moot_entry *e)
{
    moot_buf_printf(&shown, "%s|", text_of(e));
}

const char *text_of(const struct moot_entry *e)
{
    static char text[64];
    struct moot_body body;

    if (!moot_entry_body(e, &body))
        return "(pruned)";
    snprintf(text, sizeof text, "%.*s", (int)body.lines[0].text.len,
             (const char *)body.lines[0].text.data);
    return text;
}

void run_sql(const char *path, const char *sql)
{
    sqlite3 *other;
    char *words = NULL;

    expect_int(sqlite3_open(path, &other), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(other, sql, NULL, NULL, &words) == SQLITE_OK,
                  "%s", words);
    expect_int(sqlite3_close(other), SQLITE_OK);
}

const char *texts_of(const struct moot_db_page *page)
{
    moot_buf_clear(&shown);
    for (unsigned i = 0; i < page->count; i++)
        show(page->at[i]);
    return moot_buf_text(&shown);
}

const char *transcript(struct moot_db *db,
                       const struct moot_db_walk_config *config)
{
    struct moot_db_walk *w = NULL;
    struct moot_entry *e;

    moot_buf_clear(&shown);
    expect_ok(moot_db_walk_open(db, config, &w));
    while (moot_db_walk_next(w, &e) == MOOT_OK) {
        show(e);
        moot_entry_unref(e);
    }
    moot_db_walk_close(w);
    return moot_buf_text(&shown);
}

uint64_t first_gap(const struct moot_past *p)
{
    const struct moot_past_chain *c = &p->chains[0];

    return c->gap_count > 0 ? c->gaps[0] : 0;
}
