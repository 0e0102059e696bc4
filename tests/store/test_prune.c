/*
 * tests/store/test_prune.c - how much is kept is known, and the oldest bodies
 * of others can be dropped, and nothing else (P12).
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdio.h>

#include "store_words.h"

Suite *suite_store_prune(void);

static char *dir;
static struct moot_db *db;
static struct speaker alice, bob;
static struct moot_db_page page;

static void set_up(void)
{
    char path[300];

    dir = temp_dir_create();
    snprintf(path, sizeof path, "%s/history.db", dir);
    speaker_init(&alice, 1, 7);
    speaker_init(&bob, 2, 8);
    db = open_db(path, NULL, &alice);
}

static void tear_down(void)
{
    moot_db_page_fini(&page);
    moot_db_close(db);
    temp_dir_destroy(dir);
}

static const char *read_all(struct speaker *s)
{
    struct moot_range r = range_of(s, 1, s->seq);

    expect_ok(moot_db_read(db, &s->group, &r, 1 << 20, &page));
    return texts_of(&page);
}

START_TEST(pruning_drops_the_oldest_bodies_of_others)
{
    uint64_t freed, total = 0;
    struct moot_db_verdict v;

    for (unsigned i = 0; i < 6; i++) {
        keep(db, say(&alice, "mine"));
        keep(db, say_long(&bob, 1000));
    }
    expect_ok(moot_db_begin(db));
    while (total < 2500) {
        int error = moot_db_prune(db, 3, 2500 - total, &freed);

        if (error != MOOT_ENONE)
            expect_ok(error);
        total += freed;
    }
    expect_ok(moot_db_commit(db));
    read_all(&bob);
    expect_uint(page.count, 6);
    for (unsigned i = 0; i < 6; i++)
        expect_int(page.at[i]->body.data == NULL, i < 3);
    expect_text(read_all(&alice), "mine|mine|mine|mine|mine|mine|");
    expect_ok(moot_db_verify(db, &alice.group, NULL, &v));
    expect_uint(v.pruned, 3);
    expect_uint(v.damaged + v.forged + v.missing, 0);
}
END_TEST

START_TEST(pruning_ends_when_there_is_nothing_left_to_drop)
{
    uint64_t freed, total = 0;
    unsigned turns = 0;
    int error;

    for (unsigned i = 0; i < 4; i++)
        keep(db, say_long(&bob, 1000));
    expect_ok(moot_db_begin(db));
    while ((error = moot_db_prune(db, 3, UINT64_MAX, &freed)) == MOOT_OK) {
        total += freed;
        expect(++turns < 10);
    }
    expect_error(error, MOOT_ENONE);
    expect(total > 4000);
    expect_ok(moot_db_commit(db));
    expect_text(read_all(&bob), "(pruned)|(pruned)|(pruned)|(pruned)|");
}
END_TEST

START_TEST(usage_grows_with_what_is_kept)
{
    uint64_t before, after;

    expect_ok(moot_db_usage(db, &before));
    for (unsigned i = 0; i < 100; i++)
        keep(db, say_long(&alice, 4000));
    expect_ok(moot_db_usage(db, &after));
    expect(after > before + 400000);
}
END_TEST

Suite *suite_store_prune(void)
{
    Suite *s = suite_create("store/prune");
    TCase *t = tcase_create("prune");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, pruning_drops_the_oldest_bodies_of_others);
    tcase_add_test(t, pruning_ends_when_there_is_nothing_left_to_drop);
    tcase_add_test(t, usage_grows_with_what_is_kept);
    suite_add_tcase(s, t);
    return s;
}
