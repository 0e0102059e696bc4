/*
 * tests/store/test_ends.c - runs that end because they have two histories: what
 * is before the fork is kept, and the proof; wherever they began.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdio.h>

#include "store_words.h"

Suite *suite_store_ends(void);

static char *dir, path[300];
static struct moot_db *db;
static struct speaker alice, bob;
static struct moot_db_page page;
static struct moot_pasts pasts;

static void set_up(void)
{
    dir = temp_dir_create();
    snprintf(path, sizeof path, "%s/history.db", dir);
    speaker_init(&alice, 1, 7);
    speaker_init(&bob, 2, 8);
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

static void end_at(uint64_t seq, struct moot_hash head, const char *proof)
{
    struct moot_fx_end_run end = {.group = bob.group,
                                  .in = run_of(&bob),
                                  .seq = seq,
                                  .head = head,
                                  .proof = moot_bytes_text(proof)};

    expect_ok(moot_db_begin(db));
    expect_ok(moot_db_end_run(db, &end));
    expect_ok(moot_db_commit(db));
}

START_TEST(a_run_that_ended_keeps_what_was_before_and_the_proof)
{
    struct moot_entry *one = say(&bob, "one"), *two = say(&bob, "two");
    struct moot_hash head = one->hash;

    keep(db, one);
    keep(db, moot_entry_ref(two));
    end_at(2, head, "proof");
    reopen();
    expect_text(read_all(&bob), "one|");
    expect_uint(past()->chains[0].len, 1);
    expect_hash(&past()->chains[0].head, &head);
    expect_bytes(past()->chains[0].fork, moot_bytes_text("proof"));
    expect_ok(moot_db_begin(db));
    expect_error(moot_db_put(db, two), MOOT_ENONE);
    expect_ok(moot_db_commit(db));
    moot_entry_unref(two);
}
END_TEST

START_TEST(a_run_ends_at_the_lowest_place_that_was_told)
{
    struct moot_hash zero = {{0}};

    keep(db, say(&bob, "one"));
    end_at(2, bob.head, "late");
    end_at(1, zero, "early");
    end_at(2, bob.head, "late");
    expect_bytes(past()->chains[0].fork, moot_bytes_text("early"));
    expect_uint(past()->chains[0].len, 0);
    expect_uint(first_gap(past()), 0);
    expect_text(read_all(&bob), "");
}
END_TEST

START_TEST(a_run_of_which_nothing_is_kept_may_end)
{
    struct moot_hash zero = {{0}};

    end_at(3, zero, "proof");
    expect_uint(past()->chain_count, 1);
    expect_uint(past()->chains[0].len, 0);
    keep(db, say(&bob, "one"));
    keep(db, say(&bob, "two"));
    expect_uint(past()->chains[0].len, 2);
    expect_bytes(past()->chains[0].fork, moot_bytes_text("proof"));
}
END_TEST

/* Of one whose beginning was left out the end may lie below all that is kept:
 * then the entry before it comes, and starts it anew. */
START_TEST(a_run_may_end_below_all_that_is_kept_of_it)
{
    struct moot_hash zero = {{0}};
    struct moot_entry *e[6];

    for (unsigned i = 0; i < 6; i++)
        e[i] = say(&bob, i % 2 ? "odd" : "even");
    expect_ok(moot_db_begin(db));
    put(db, e[4]);
    put(db, e[5]);
    expect_ok(moot_db_commit(db));
    for (uint64_t seq = 5; seq >= 3; seq -= 2) {
        end_at(seq, zero, "proof");
        expect_ok(moot_db_begin(db));
        put(db, e[seq - 2]);
        expect_ok(moot_db_commit(db));
        reopen();
        expect_uint(past()->chains[0].base, seq - 1);
        expect_uint(past()->chains[0].len, seq - 1);
        expect_uint(first_gap(past()), 0);
        expect_hash(&past()->chains[0].head, &e[seq - 2]->hash);
    }
    end_at(2, zero, "proof");
    expect_ok(moot_db_begin(db));
    put(db, e[0]);
    expect_ok(moot_db_commit(db));
    expect_text(read_all(&bob), "even|");
    for (unsigned i = 0; i < 6; i++)
        moot_entry_unref(e[i]);
}
END_TEST

/* The proof of one of which only the newest are wanted may come first. */
START_TEST(a_run_that_ended_may_begin_late)
{
    struct moot_hash zero = {{0}};
    struct moot_entry *e[3];

    for (unsigned i = 0; i < 3; i++)
        e[i] = say(&bob, "x");
    end_at(4, zero, "proof");
    expect_ok(moot_db_begin(db));
    put(db, e[1]);
    put(db, e[2]);
    expect_ok(moot_db_commit(db));
    expect_uint(past()->chains[0].base, 2);
    expect_uint(past()->chains[0].len, 3);
    expect_hash(&past()->chains[0].head, &e[2]->hash);
    for (unsigned i = 0; i < 3; i++)
        moot_entry_unref(e[i]);
}
END_TEST

Suite *suite_store_ends(void)
{
    Suite *s = suite_create("store/ends");
    TCase *t = tcase_create("ends");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_run_that_ended_keeps_what_was_before_and_the_proof);
    tcase_add_test(t, a_run_ends_at_the_lowest_place_that_was_told);
    tcase_add_test(t, a_run_of_which_nothing_is_kept_may_end);
    tcase_add_test(t, a_run_may_end_below_all_that_is_kept_of_it);
    tcase_add_test(t, a_run_that_ended_may_begin_late);
    suite_add_tcase(s, t);
    return s;
}
