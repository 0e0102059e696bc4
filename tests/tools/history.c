/*
 * tests/tools/history.c - writes a profile with a long history.
 *
 *     history DIR AUTHORS ENTRIES LINES RUNS
 *
 * DIR becomes a profile (store/profile.h) whose owner has said nothing, in the
 * group "lobby".  AUTHORS others have said ENTRIES entries of LINES lines each,
 * one after the other, in RUNS runs each.  Every entry is signed, and cites the
 * one before it if that is somebody else's, or of an earlier run.  A line is 99
 * letters and its line feed.
 *
 * Prints how many entries there are, their bytes, and the bytes of their lines.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/profile.h"

#define PER_COMMIT 8192
#define LINE_LEN 100

struct author {
    struct moot_key key;
    char name[32];
    uint64_t run;
    uint64_t seq;
    struct moot_hash head;
};

static struct author *authors;
static unsigned author_count;
static uint64_t entries, runs;
static struct moot_line lines[MOOT_ENTRY_LINES_MAX];
static char texts[MOOT_ENTRY_LINES_MAX][LINE_LEN];
static struct moot_hash group;
static struct moot_cite last; /* the entry before; seq 0: none */
static uint64_t bytes;

static void fail(const char *what)
{
    fprintf(stderr, "history: %s\n", what);
    exit(EXIT_FAILURE);
}

/* The same every time: who, and in which run. */
static void begin_run(struct author *a, unsigned index, uint64_t session)
{
    struct moot_hasher h;
    struct moot_hash hash;

    moot_hasher_init(&h);
    moot_hasher_add_u64(&h, index);
    moot_hasher_add_u64(&h, session + 1);
    hash = moot_hasher_final(&h);
    memcpy(&a->run, hash.b, sizeof a->run);
    a->seq = 0;
    memset(&a->head, 0, sizeof a->head);
}

static void make_authors(void)
{
    authors = moot_alloc(author_count * sizeof *authors);
    for (unsigned i = 0; i < author_count; i++) {
        uint8_t seed[32] = {(uint8_t)i, (uint8_t)(i >> 8), 'm'};

        moot_key_init(&authors[i].key, seed);
        snprintf(authors[i].name, sizeof authors[i].name, "author%u", i);
    }
    memset(group.b, 'g', sizeof group.b);
}

static void write_lines(uint64_t entry, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        int len = snprintf(texts[i], LINE_LEN, "line %u of entry %" PRIu64 " ",
                           i, entry);

        memset(texts[i] + len, 'x', LINE_LEN - (size_t)len);
        lines[i].kind = MOOT_LINE_TEXT;
        lines[i].text = moot_bytes_of(texts[i], LINE_LEN - 1);
    }
}

static struct moot_entry *say(struct author *a, uint64_t entry, unsigned count)
{
    struct moot_draft d = {.group = group,
                           .in = {.author = a->key.id, .run = a->run},
                           .seq = a->seq + 1,
                           .prev = a->head,
                           .lamport = entry + 1,
                           .wall = 1700000000000 + (moot_wall_ms)entry,
                           .cites = &last,
                           .lines = lines,
                           .line_count = count};
    struct moot_entry *e;

    if (last.seq > 0 && moot_run_cmp(&last.in, &d.in) != 0)
        d.cite_count = 1;
    d.name = moot_bytes_text(a->name);
    write_lines(entry, count);
    e = moot_entry_create(&d, &a->key);
    a->seq++;
    a->head = e->hash;
    last = (struct moot_cite){.in = e->in, .seq = e->seq, .hash = e->hash};
    return e;
}

static void must(int error)
{
    if (error != MOOT_OK)
        fail("the history cannot be written");
}

static void write_all(struct moot_db *db, unsigned per_entry)
{
    struct moot_fx_remember known = {
        .group = group, .name = "lobby", .grown = true};
    uint64_t session = UINT64_MAX;

    must(moot_db_begin(db));
    must(moot_db_remember(db, &known));
    for (uint64_t i = 0; i < entries; i++) {
        unsigned who = (unsigned)(i % author_count);
        struct moot_entry *e;

        if (who == 0 && i * runs / entries != session) {
            session = i * runs / entries;
            for (unsigned k = 0; k < author_count; k++)
                begin_run(&authors[k], k, session);
        }
        e = say(&authors[who], i, per_entry);
        must(moot_db_put(db, e));
        bytes += e->raw.len;
        moot_entry_unref(e);
        if (i % PER_COMMIT == PER_COMMIT - 1) {
            must(moot_db_commit(db));
            must(moot_db_begin(db));
        }
    }
    must(moot_db_commit(db));
}

static uint64_t number(const char *text, uint64_t max)
{
    unsigned long long n = strtoull(text, NULL, 10);

    if (n < 1 || n > max)
        fail("a number is too small or too large");
    return n;
}

int main(int argc, char **argv)
{
    struct moot_profile_config config = {.username = "history"};
    struct moot_profile *profile;
    struct moot_db_config where = {.vfs = NULL};
    struct moot_db *db;
    char why[MOOT_WHY_MAX];
    unsigned per_entry;

    if (argc != 6)
        fail("usage: history DIR AUTHORS ENTRIES LINES RUNS");
    config.data_dir = argv[1];
    author_count = (unsigned)number(argv[2], 65536);
    entries = number(argv[3], 1000000000);
    per_entry = (unsigned)number(argv[4], MOOT_ENTRY_LINES_MAX);
    runs = number(argv[5], entries);
    if (moot_profile_open(&config, &profile, why) != MOOT_OK)
        fail(why);
    where.path = moot_profile_history(profile);
    where.own = &moot_profile_key(profile)->id;
    if (moot_db_open(&where, &db, why) != MOOT_OK)
        fail(why);
    make_authors();
    write_all(db, per_entry);
    moot_db_close(db);
    moot_profile_close(profile);
    free(authors);
    printf("entries %" PRIu64 "\nraw_bytes %" PRIu64 "\ntext_bytes %" PRIu64
           "\n",
           entries, bytes, entries * per_entry * LINE_LEN);
    return EXIT_SUCCESS;
}
