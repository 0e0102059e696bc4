/*
 * tests/store/test_db.c - what is put is read again, in one chain and in the
 * transcript; what is damaged is found; what was written by others is refused.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include "store/db.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "group/chain.h"
#include "store_words.h"

Suite *suite_store_db(void);

static char *dir, path[300];
static unsigned blamed;
static struct moot_db *db;
static struct speaker alice, bob;
static struct moot_db_page page;
static struct moot_pasts pasts;
static struct moot_db_walk_config all;

static void set_up(void)
{
    blamed = 0;
    dir = temp_dir_create();
    snprintf(path, sizeof path, "%s/history.db", dir);
    speaker_init(&alice, 1, 7);
    speaker_init(&bob, 2, UINT64_MAX - 3);
    all =
        (struct moot_db_walk_config){.group = alice.group, .since = INT64_MIN};
    db = open_db(path, NULL, &alice);
}

static void tear_down(void)
{
    moot_db_page_fini(&page);
    moot_pasts_fini(&pasts);
    moot_db_close(db);
    temp_dir_destroy(dir);
}

static void reopen(void)
{
    moot_db_close(db);
    db = open_db(path, NULL, &alice);
}

static void meddle(const char *sql)
{
    moot_db_close(db);
    db = NULL;
    run_sql(path, sql);
}

static void meddle_and_reopen(const char *sql)
{
    meddle(sql);
    db = open_db(path, NULL, &alice);
}

static const char *read_all(struct speaker *s)
{
    struct moot_range r = range_of(s, 1, s->seq);

    expect_ok(moot_db_read(db, &s->group, &r, 1 << 20, &page));
    return texts_of(&page);
}

static const struct moot_past *past(void)
{
    moot_pasts_fini(&pasts);
    expect_ok(moot_db_pasts(db, 2, &pasts));
    expect(pasts.count > 0);
    return &pasts.at[0];
}

/* --- keeping --- */

START_TEST(what_was_put_is_read_again_after_reopening)
{
    keep(db, say(&alice, "one"));
    keep(db, say(&alice, "two"));
    keep(db, say(&bob, "three"));
    reopen();
    expect_text(read_all(&alice), "one|two|");
    expect_text(read_all(&bob), "three|");
    expect_uint(page.damaged, 0);
}
END_TEST

START_TEST(an_entry_reads_byte_for_byte_as_it_was)
{
    struct moot_entry *e = say(&alice, "word");

    moot_entry_ref(e);
    keep(db, e);
    read_all(&alice);
    expect_bytes(page.at[0]->raw, e->raw);
    moot_entry_unref(e);
}
END_TEST

START_TEST(what_was_rolled_back_is_not_there)
{
    struct moot_entry *e = say(&alice, "one");

    expect_ok(moot_db_begin(db));
    put(db, e);
    moot_db_rollback(db);
    expect_text(read_all(&alice), "");
    keep(db, e);
    expect_text(read_all(&alice), "one|");
}
END_TEST

START_TEST(putting_again_is_fine_and_something_else_is_not)
{
    struct moot_entry *one = say(&alice, "one");
    struct speaker liar;

    speaker_init(&liar, 1, 7);
    struct moot_entry *other = say(&liar, "another");

    expect_ok(moot_db_begin(db));
    put(db, one);
    put(db, one);
    expect_error(moot_db_put(db, other), MOOT_EPROTO);
    expect_ok(moot_db_commit(db));
    reopen();
    expect_ok(moot_db_begin(db));
    put(db, one);
    expect_error(moot_db_put(db, other), MOOT_EPROTO);
    expect_ok(moot_db_commit(db));
    expect_text(read_all(&alice), "one|");
    moot_entry_unref(one);
    moot_entry_unref(other);
}
END_TEST

START_TEST(a_gap_is_refused)
{
    struct moot_entry *one = say(&alice, "one"), *two = say(&alice, "two");
    struct moot_entry *three = say(&alice, "three");

    expect_ok(moot_db_begin(db));
    put(db, one);
    expect_error(moot_db_put(db, three), MOOT_EINVAL);
    put(db, two);
    put(db, three);
    expect_ok(moot_db_commit(db));
    expect_text(read_all(&alice), "one|two|three|");
    moot_entry_unref(one);
    moot_entry_unref(two);
    moot_entry_unref(three);
}
END_TEST

START_TEST(a_chain_may_begin_late_and_grow_at_both_ends)
{
    struct moot_entry *e[4];

    for (unsigned i = 0; i < 4; i++)
        e[i] = say(&alice, i % 2 ? "odd" : "even");
    expect_ok(moot_db_begin(db));
    put(db, e[2]);
    put(db, e[3]);
    put(db, e[1]);
    expect_ok(moot_db_commit(db));
    expect_uint(past()->chains[0].base, 2);
    expect_uint(past()->chains[0].len, 4);
    expect_text(read_all(&alice), "");

    struct moot_range r = range_of(&alice, 2, 9);

    expect_ok(moot_db_read(db, &alice.group, &r, 1 << 20, &page));
    expect_text(texts_of(&page), "odd|even|odd|");
    expect_uint(page.damaged, 0);
    for (unsigned i = 0; i < 4; i++)
        moot_entry_unref(e[i]);
}
END_TEST

START_TEST(a_body_comes_to_an_entry_that_had_none)
{
    struct moot_entry *e = say(&bob, "word");

    keep(db, moot_entry_pruned(e));
    expect_text(read_all(&bob), "(pruned)|");
    keep(db, e);
    expect_text(read_all(&bob), "word|");
}
END_TEST

START_TEST(reading_stops_behind_the_entry_that_passes_the_bound)
{
    struct moot_range r;

    for (unsigned i = 0; i < 5; i++)
        keep(db, say_long(&alice, 1000));
    r = range_of(&alice, 1, 5);
    expect_ok(moot_db_read(db, &alice.group, &r, 1500, &page));
    expect_uint(page.count, 2);
    expect_uint(page.damaged, 0);
    r = range_of(&alice, UINT64_MAX - 1, UINT64_MAX);
    expect_ok(moot_db_read(db, &alice.group, &r, 1500, &page));
    expect_uint(page.count, 0);
}
END_TEST

/* --- the past --- */

START_TEST(the_past_has_the_group_used_last_first)
{
    struct moot_fx_remember g = {.name = "lobby"};

    keep(db, say(&alice, "one"));
    expect_ok(moot_db_begin(db));
    g.group = alice.group;
    expect_ok(moot_db_remember(db, &g));
    g.group = hash_of(9);
    g.grown = true;
    strcpy(g.name, "cellar");
    expect_ok(moot_db_remember(db, &g));
    expect_ok(moot_db_commit(db));
    past();
    expect_uint(pasts.count, 2);
    expect_text(pasts.at[0].name, "cellar");
    expect(pasts.at[0].grown);
    expect_text(pasts.at[1].name, "lobby");
    expect_uint(pasts.at[1].chain_count, 1);
    g.group = alice.group;
    strcpy(g.name, "lobby");
    expect_ok(moot_db_begin(db));
    expect_ok(moot_db_remember(db, &g));
    expect_ok(moot_db_commit(db));
    reopen();
    expect_text(past()->name, "lobby");
}
END_TEST

START_TEST(the_past_tells_heads_and_the_newest_entries)
{
    keep(db, say(&alice, "one"));
    bob.lamport = 100;
    keep(db, say(&bob, "three"));
    keep(db, say(&alice, "two"));
    reopen();

    const struct moot_past *p = past();

    expect_uint(p->lamport, 101);
    expect_uint(p->chain_count, 2);
    expect(moot_run_cmp(&p->chains[0].in, &p->chains[1].in) < 0);
    expect_uint(p->tail_count, 2);
    expect_text(text_of(p->tail[0]), "two");
    expect_text(text_of(p->tail[1]), "three");
    expect_uint(first_gap(p), 0);
}
END_TEST

START_TEST(runs_of_an_author_are_sorted_as_unsigned_numbers)
{
    static const uint64_t runs[] = {UINT64_MAX, 1, (uint64_t)1 << 63, 0};
    struct speaker s;

    for (unsigned i = 0; i < 4; i++) {
        speaker_init(&s, 2, runs[i]);
        keep(db, say(&s, i == 3 ? "lowest" : "x"));
    }
    past();
    expect_uint(pasts.at[0].chains[0].in.run, 0);
    expect_uint(pasts.at[0].chains[1].in.run, 1);
    expect_uint(pasts.at[0].chains[2].in.run, (uint64_t)1 << 63);
    expect_uint(pasts.at[0].chains[3].in.run, UINT64_MAX);
    all.last = 4;
    expect_text(transcript(db, &all), "lowest|x|x|x|");
}
END_TEST

/* --- the transcript --- */

static bool is_long(void *ctx, const struct moot_entry *e)
{
    unsigned *asked = ctx;

    (*asked)++;
    return strlen(text_of(e)) > 2;
}

/* Nobody walks past what is before the last of those that are wanted. */
START_TEST(the_last_of_what_is_wanted_is_found_from_the_end)
{
    struct moot_db_walk_config c = all;
    unsigned asked = 0;

    for (unsigned i = 0; i < 20; i++)
        keep(db, say(&alice, i % 5 == 0 ? "long" : "x"));
    c.wanted = is_long;
    c.ctx = &asked;
    expect_text(transcript(db, &c), "long|long|long|long|");
    expect_uint(asked, 20);
    asked = 0;
    c.last = 2;
    expect_text(transcript(db, &c), "long|long|");
    expect_uint(asked, 10 + 10);
    c.last = 9;
    expect_text(transcript(db, &c), "long|long|long|long|");
}
END_TEST

START_TEST(the_transcript_is_in_order_and_can_be_cut)
{
    struct moot_db_walk_config c = all;

    alice.wall = 1000;
    keep(db, say(&alice, "a1"));
    bob.wall = 5000;
    keep(db, say(&bob, "b1"));
    keep(db, say(&bob, "b2"));
    alice.wall = 2000;
    keep(db, say(&alice, "a2"));
    alice.wall = 3000;
    keep(db, say(&alice, "a3"));
    if (moot_id_cmp(&alice.key.id, &bob.key.id) < 0)
        expect_text(transcript(db, &all), "a1|b1|a2|b2|a3|");
    else
        expect_text(transcript(db, &all), "b1|a1|b2|a2|a3|");
    c.author = &alice.key.id;
    expect_text(transcript(db, &c), "a1|a2|a3|");
    c.last = 2;
    expect_text(transcript(db, &c), "a2|a3|");
    c.until = 3000;
    expect_text(transcript(db, &c), "a1|a2|");
    c.since = 2000;
    expect_text(transcript(db, &c), "a2|");
    c = (struct moot_db_walk_config){.group = hash_of(8)};
    expect_text(transcript(db, &c), "");
}
END_TEST

/* --- damage --- */

START_TEST(a_transcript_that_leaves_something_out_says_so)
{
    struct moot_db_walk *w;
    struct moot_entry *e;

    for (unsigned i = 0; i < 3; i++)
        keep(db, say(&alice, "word"));
    meddle_and_reopen("DELETE FROM entries WHERE seq = 2");
    expect_ok(moot_db_walk_open(db, &all, &w));
    while (moot_db_walk_next(w, &e) == MOOT_OK)
        moot_entry_unref(e);
    expect_uint(moot_db_walk_damaged(w), 1);
    moot_db_walk_close(w);
}
END_TEST

/* An index that did not lead to an entry has let it in a second time. */
START_TEST(an_index_is_mended_also_when_something_is_there_twice)
{
    struct moot_db_verdict v;

    for (unsigned i = 0; i < 3; i++)
        keep(db, say(&alice, "word"));
    meddle_and_reopen(
        "DROP INDEX entry_at;"
        "INSERT INTO entries(chain, seq, grp, lamport, head, body, sum)"
        " SELECT chain, seq, grp, lamport, head, body, sum FROM entries"
        " WHERE seq = 2;"
        "CREATE INDEX entry_at ON entries(chain, seq);"
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = replace(sql, 'CREATE INDEX',"
        " 'CREATE UNIQUE INDEX') WHERE name = 'entry_at'");
    expect_ok(moot_db_reindex(db));
    expect_ok(moot_db_verify(db, &alice.group, NULL, &v));
    expect_uint(v.entries, 3);
    expect_uint(v.flaws + v.damaged + v.forged + v.missing, 0);
}
END_TEST

START_TEST(a_damaged_row_is_not_served_but_reported)
{
    keep(db, say(&alice, "one"));
    keep(db, say(&alice, "two"));
    keep(db, say(&alice, "three"));
    meddle_and_reopen("UPDATE entries SET body = body || x'00' WHERE seq = 2");
    expect_text(read_all(&alice), "one|");
    expect_uint(page.damaged, 2);
    expect_text(transcript(db, &all), "one|three|");
}
END_TEST

START_TEST(a_row_in_another_place_is_damaged)
{
    keep(db, say(&alice, "one"));
    keep(db, say(&alice, "two"));
    meddle_and_reopen("UPDATE entries SET seq = 3 WHERE seq = 1;"
                      "UPDATE entries SET seq = 1 WHERE seq = 2;"
                      "UPDATE entries SET seq = 2 WHERE seq = 3");
    expect_text(read_all(&alice), "");
    expect_uint(page.damaged, 1);
}
END_TEST

START_TEST(a_dropped_entry_leaves_a_hole_until_it_is_put_again)
{
    struct moot_run in = run_of(&alice);
    struct moot_entry *one = say(&alice, "one");

    keep(db, moot_entry_ref(one));
    keep(db, say(&alice, "two"));
    meddle_and_reopen("UPDATE entries SET lamport = 77 WHERE seq = 1");
    expect_ok(moot_db_begin(db));
    expect_ok(moot_db_drop_damaged(db, &alice.group, &in, 1));
    expect_ok(moot_db_drop_damaged(db, &alice.group, &in, 2));
    expect_ok(moot_db_commit(db));
    reopen();
    expect_uint(first_gap(past()), 1);
    expect_uint(past()->chains[0].len, 2);
    keep(db, one);
    expect_uint(first_gap(past()), 0);
    expect_text(read_all(&alice), "one|two|");
}
END_TEST

START_TEST(a_damaged_head_is_told_at_the_start)
{
    keep(db, say(&alice, "one"));
    keep(db, say(&alice, "two"));
    meddle_and_reopen("UPDATE entries SET sum = x'00' WHERE seq = 2");
    expect_uint(first_gap(past()), 2);
    expect_uint(past()->chains[0].len, 2);
    expect_hash(&past()->chains[0].head, &alice.head);
}
END_TEST

START_TEST(rows_of_chains_and_groups_are_mended_from_the_entries)
{
    static const char *const faults[] = {
        "UPDATE chains SET len = 1",
        "UPDATE chains SET author = x'00'",
        "UPDATE chains SET run = run + 1",
        "UPDATE chains SET base = -5",
        "UPDATE chains SET head = zeroblob(32)",
        "UPDATE chains SET ended = 1",
        "DELETE FROM chains",
        "UPDATE groups SET id = zeroblob(32)"};
    struct moot_fx_remember g = {.group = alice.group, .name = "lobby"};

    expect_ok(moot_db_begin(db));
    expect_ok(moot_db_remember(db, &g));
    expect_ok(moot_db_commit(db));
    keep(db, say(&alice, "one"));
    keep(db, say(&alice, "two"));
    for (unsigned i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        meddle_and_reopen(faults[i]);
        const struct moot_past *p = past();

        ck_assert_msg(p->chain_count == 1, "%s", faults[i]);
        expect_hash(&p->group, &alice.group);
        expect_text(p->name, "lobby");
        expect_uint(p->chains[0].base, 1);
        expect_uint(p->chains[0].len, 2);
        expect_hash(&p->chains[0].head, &alice.head);
        expect_text(read_all(&alice), "one|two|");
    }
}
END_TEST

/* The row says that it is of another place. */
START_TEST(the_scan_finds_what_is_missing)
{
    struct moot_db_scan scan = {0};

    for (unsigned i = 0; i < 4; i++)
        keep(db, say(&alice, "word"));
    keep(db, say(&bob, "word"));
    meddle_and_reopen("UPDATE entries SET seq = 65 WHERE seq = 2");
    expect_ok(moot_db_scan(db, 100, &scan));
    expect_uint(scan.bad_count, 1);
    expect_uint(scan.bad[0].seq, 65);
    expect_ok(moot_db_scan(db, 100, &scan));
    expect_uint(scan.checked, 0);
    expect_uint(scan.bad_count, 1);
    expect_uint(scan.bad[0].seq, 2);
    expect_id(&scan.bad[0].in.author, &alice.key.id);
    expect_ok(moot_db_begin(db));
    expect_ok(moot_db_drop_damaged(db, &alice.group, &scan.bad[0].in, 65));
    expect_ok(moot_db_drop_damaged(db, &alice.group, &scan.bad[0].in, 2));
    expect_ok(moot_db_commit(db));
    expect_ok(moot_db_scan(db, 100, &scan));
    expect_uint(scan.bad_count, 0);
    expect_ok(moot_db_scan(db, 100, &scan));
    expect_uint(scan.bad_count, 0);
}
END_TEST

START_TEST(the_scan_finds_what_is_damaged)
{
    struct moot_db_scan scan = {0};
    unsigned bad = 0, checked = 0;

    for (unsigned i = 0; i < 10; i++)
        keep(db, say(&alice, "word"));
    meddle_and_reopen(
        "UPDATE entries SET head = substr(head, 2) WHERE seq = 7");
    for (;;) {
        expect_ok(moot_db_scan(db, 3, &scan));
        if (scan.checked == 0)
            break;
        checked += scan.checked;
        bad += scan.bad_count;
        if (scan.bad_count > 0)
            expect_uint(scan.bad[0].seq, 7);
    }
    expect_uint(checked, 10);
    expect_uint(bad, 1);
    expect_int(scan.at, 0);
}
END_TEST

/* --- verifying --- */

static struct moot_buf blames;

static void take_blame(void *ctx, const struct moot_db_place *place,
                       const char *what)
{
    (void)ctx;
    (void)place;
    blamed++;
    moot_buf_printf(&blames, "%s|", what);
}

static const struct moot_db_blame blame = {take_blame, NULL};

START_TEST(verifying_tells_the_digest_that_the_group_computes)
{
    struct moot_db_verdict v;
    struct moot_history h = {0};
    struct speaker *both[] = {&alice, &bob};

    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < 3; k++) {
            struct moot_entry *e = say(both[i], "word");
            struct moot_run in = run_of(both[i]);
            struct moot_chain *c = moot_history_get(&h, &in);

            moot_chain_admit(&h, c, e);
            moot_chain_keep(&h, c, e->seq, &e->hash);
            keep(db, e);
        }
    }
    expect_ok(moot_db_verify(db, &alice.group, &blame, &v));
    expect_hash(&v.digest, moot_history_digest(&h));
    expect_uint(v.entries, 6);
    expect_uint(v.chains, 2);
    expect_uint(v.damaged + v.forged + v.missing, 0);
    expect_uint(blamed, 0);
    moot_history_fini(&h);
}
END_TEST

START_TEST(verifying_finds_each_kind_of_fault)
{
    struct moot_db_verdict v;
    struct moot_entry *e;

    for (unsigned i = 0; i < 5; i++)
        keep(db, say(&alice, "word"));
    meddle_and_reopen("DELETE FROM entries WHERE seq = 2;"
                      "UPDATE entries SET body = NULL WHERE seq = 4");
    expect_ok(moot_db_verify(db, &alice.group, &blame, &v));
    expect_uint(v.missing, 1);
    expect_uint(v.damaged, 1);
    expect_uint(v.forged, 0);
    expect_uint(blamed, 2);
    bob.head = hash_of(5);
    bob.seq = 1;
    e = say(&bob, "base");
    e->sig.b[3] ^= 1;
    keep(db, moot_entry_pruned(e));
    moot_entry_unref(e);
    expect_ok(moot_db_verify(db, &alice.group, &blame, &v));
    expect_uint(v.forged, 1);
    expect_within("is not signed by its author", moot_buf_text(&blames));
    moot_buf_fini(&blames);
}
END_TEST

/* --- whose it is, and of which format --- */

static int try_open(const struct speaker *own, char why[MOOT_WHY_MAX])
{
    struct moot_db_config c = {.path = path, .own = &own->key.id};
    int error = moot_db_open(&c, &db, why);

    if (error != MOOT_OK)
        db = NULL;
    return error;
}

static void flip_byte(long at, uint8_t bits)
{
    FILE *f = fopen(path, "r+b");
    int byte;

    expect(f != NULL);
    expect_int(fseek(f, at, SEEK_SET), 0);
    byte = fgetc(f);
    expect_int(fseek(f, at, SEEK_SET), 0);
    expect_int(fputc(byte ^ bits, f), byte ^ bits);
    expect_int(fclose(f), 0);
}

/* The largest root page, in the header of the file: SQLite would from now on
 * take every so manieth page for one of pointers. */
START_TEST(a_header_that_was_changed_is_refused)
{
    char why[MOOT_WHY_MAX];

    keep(db, say(&alice, "one"));
    moot_db_close(db);
    flip_byte(55, 1);
    expect_error(try_open(&alice, why), MOOT_ESYS);
    expect_within("its header was changed", why);
    flip_byte(55, 1);
    expect_ok(try_open(&alice, why));
}
END_TEST

/* Bytes that a page counts as lost between its cells. */
START_TEST(a_flaw_of_the_file_is_no_damage_of_what_was_said)
{
    struct moot_db_verdict v;
    sqlite3 *other;
    sqlite3_stmt *q;
    long page_at;
    char why[MOOT_WHY_MAX];

    keep(db, say(&alice, "one"));
    moot_db_close(db);
    expect_int(sqlite3_open(path, &other), SQLITE_OK);
    expect_int(sqlite3_prepare_v2(other,
                                  "SELECT rootpage FROM sqlite_schema"
                                  " WHERE name = 'entries'",
                                  -1, &q, NULL),
               SQLITE_OK);
    expect_int(sqlite3_step(q), SQLITE_ROW);
    page_at = (sqlite3_column_int(q, 0) - 1) * 4096L;
    sqlite3_finalize(q);
    sqlite3_close(other);
    flip_byte(page_at + 7, 2);
    expect_ok(try_open(&alice, why));
    expect_ok(moot_db_verify(db, &alice.group, NULL, &v));
    expect_uint(v.flaws, 1);
    expect_uint(v.damaged + v.forged + v.missing, 0);
}
END_TEST

START_TEST(what_another_program_made_is_refused)
{
    char why[MOOT_WHY_MAX];

    meddle("PRAGMA application_id = 5");
    expect_error(try_open(&alice, why), MOOT_ESYS);
    expect_within("no history of moot", why);
    write_file(path, moot_bytes_text("a letter to my aunt, which is long "
                                     "enough to be taken for something\n"));
    expect_error(try_open(&alice, why), MOOT_ESYS);
    expect_within("no history of moot", why);
    expect_within("move the file away", why);
}
END_TEST

START_TEST(a_history_belongs_to_who_spoke_in_it)
{
    struct moot_id own;
    char why[MOOT_WHY_MAX];

    expect_error(moot_db_owner(path, NULL, &own), MOOT_ENONE);
    moot_db_close(db);
    expect_ok(try_open(&bob, why));
    moot_db_close(db);
    expect_ok(try_open(&alice, why));
    keep(db, say(&bob, "one"));
    expect_error(moot_db_owner(path, NULL, &own), MOOT_ENONE);
    keep(db, say(&alice, "two"));
    expect_ok(moot_db_owner(path, NULL, &own));
    expect_id(&own, &alice.key.id);
    moot_db_close(db);
    expect_error(try_open(&bob, why), MOOT_ESYS);
    expect_within("another identity", why);
}
END_TEST

START_TEST(a_reader_sees_what_was_committed_and_changes_nothing)
{
    struct moot_db_config c = {.path = path, .reader = true};
    struct moot_range r = range_of(&alice, 1, 9);
    struct moot_db *reader;
    char why[MOOT_WHY_MAX];

    keep(db, say(&alice, "one"));
    expect_ok(moot_db_open(&c, &reader, why));
    expect_ok(moot_db_read(reader, &alice.group, &r, 1 << 20, &page));
    expect_text(texts_of(&page), "one|");
    keep(db, say(&alice, "two"));
    expect_ok(moot_db_read(reader, &alice.group, &r, 1 << 20, &page));
    expect_text(texts_of(&page), "one|two|");
    moot_db_close(reader);
}
END_TEST

Suite *suite_store_db(void)
{
    Suite *s = suite_create("store/db");
    TCase *t = tcase_create("db");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, what_was_put_is_read_again_after_reopening);
    tcase_add_test(t, an_entry_reads_byte_for_byte_as_it_was);
    tcase_add_test(t, what_was_rolled_back_is_not_there);
    tcase_add_test(t, putting_again_is_fine_and_something_else_is_not);
    tcase_add_test(t, a_gap_is_refused);
    tcase_add_test(t, a_chain_may_begin_late_and_grow_at_both_ends);
    tcase_add_test(t, a_body_comes_to_an_entry_that_had_none);
    tcase_add_test(t, reading_stops_behind_the_entry_that_passes_the_bound);
    tcase_add_test(t, the_past_has_the_group_used_last_first);
    tcase_add_test(t, the_past_tells_heads_and_the_newest_entries);
    tcase_add_test(t, runs_of_an_author_are_sorted_as_unsigned_numbers);
    tcase_add_test(t, the_last_of_what_is_wanted_is_found_from_the_end);
    tcase_add_test(t, the_transcript_is_in_order_and_can_be_cut);
    tcase_add_test(t, a_damaged_row_is_not_served_but_reported);
    tcase_add_test(t, a_row_in_another_place_is_damaged);
    tcase_add_test(t, a_dropped_entry_leaves_a_hole_until_it_is_put_again);
    tcase_add_test(t, a_damaged_head_is_told_at_the_start);
    tcase_add_test(t, rows_of_chains_and_groups_are_mended_from_the_entries);
    tcase_add_test(t, a_transcript_that_leaves_something_out_says_so);
    tcase_add_test(t, an_index_is_mended_also_when_something_is_there_twice);
    tcase_add_test(t, the_scan_finds_what_is_missing);
    tcase_add_test(t, the_scan_finds_what_is_damaged);
    tcase_add_test(t, verifying_tells_the_digest_that_the_group_computes);
    tcase_add_test(t, verifying_finds_each_kind_of_fault);
    tcase_add_test(t, a_header_that_was_changed_is_refused);
    tcase_add_test(t, a_flaw_of_the_file_is_no_damage_of_what_was_said);
    tcase_add_test(t, what_another_program_made_is_refused);
    tcase_add_test(t, a_history_belongs_to_who_spoke_in_it);
    tcase_add_test(t, a_reader_sees_what_was_committed_and_changes_nothing);
    suite_add_tcase(s, t);
    return s;
}
