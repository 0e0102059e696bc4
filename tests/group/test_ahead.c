/*
 * tests/group/test_ahead.c - what overtakes is kept until those below it are
 * here, and a flood of it is bounded (P12).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "group_words.h"

Suite *suite_group_ahead(void);

static struct mind m;

static void setup(void)
{
    mind_begin_joined(&m);
    let_in(&m, 'B');
}

static void teardown(void)
{
    mind_end(&m);
}

START_TEST(what_overtook_is_not_sent_twice)
{
    struct moot_entry *first = cast_writes('B', "1");
    struct moot_entry *second = cast_writes('B', "2");

    hear(&m, 2, cast_writes('B', "3"));
    expect_asked_of(&m, "send show", "send 2 WANT B:1..2\n");
    deliver(&m, 2, first, true);
    hear(&m, 2, second);
    expect_uint(chain_of(&m, 'B')->len, 3);
    expect_uint(m.g->ahead_count, 0);
    expect_uint(m.g->ahead_bytes, 0);
    expect_asked_of(&m, "show", "show b: 1 (earlier)\nshow b: 2\nshow b: 3\n");
}
END_TEST

START_TEST(the_same_one_is_kept_once)
{
    struct moot_entry *e;

    cast_writes('B', "1");
    e = cast_writes('B', "2");
    hear(&m, 2, e);
    hear(&m, 2, e);
    expect_uint(m.g->ahead_count, 1);
}
END_TEST

/* MOOT_AHEAD_EACH_MAX */
START_TEST(of_one_run_only_so_many_are_kept)
{
    cast_writes('B', "missing");
    for (unsigned i = 0; i < MOOT_AHEAD_EACH_MAX + 5; i++)
        hear(&m, 2, cast_writes('B', "x"));
    expect_uint(m.g->ahead_count, MOOT_AHEAD_EACH_MAX);
}
END_TEST

/* MOOT_AHEAD_MAX */
START_TEST(of_all_runs_only_so_many_are_kept)
{
    for (uint64_t run = 1; run <= MOOT_AHEAD_MAX / 16 + 2; run++) {
        cast_set_run('B', 100 + run);
        cast_writes('B', "missing");
        for (unsigned i = 0; i < 16; i++)
            hear(&m, 2, cast_writes('B', "x"));
    }
    expect_uint(m.g->ahead_count, MOOT_AHEAD_MAX);
}
END_TEST

/* MOOT_AHEAD_BYTES_MAX */
START_TEST(of_large_ones_fewer_are_kept)
{
    static char text[MOOT_LINE_LEN_MAX];
    struct moot_line lines[7];

    memset(text, 'x', sizeof text);
    for (unsigned i = 0; i < 7; i++)
        lines[i] = (struct moot_line){MOOT_LINE_TEXT,
                                      moot_bytes_of(text, sizeof text)};
    for (uint64_t run = 1; run <= 160; run++) {
        struct moot_draft d;

        cast_set_run('B', 100 + run);
        cast_writes('B', "missing");
        d = cast_draft('B', "");
        d.lines = lines;
        d.line_count = 7;
        hear(&m, 2, cast_drafts('B', &d));
    }
    expect(m.g->ahead_bytes <= MOOT_AHEAD_BYTES_MAX);
    expect(m.g->ahead_bytes > MOOT_AHEAD_BYTES_MAX - 32 * 1024);
    expect(m.g->ahead_count < 160);
}
END_TEST

/* Nobody fills the room for good with what has no beginning. */
START_TEST(what_nobody_gives_the_beginning_of_is_not_kept)
{
    for (uint64_t run = 1; run <= 5; run++) {
        cast_set_run('B', 100 + run);
        cast_writes('B', "missing");
        hear(&m, 2, cast_writes('B', "x"));
    }
    cast_set_run('B', 200);
    hear(&m, 2, cast_writes('B', "there"));
    cast_writes('B', "missing");
    hear(&m, 2, cast_writes('B', "x"));
    expect_uint(m.g->ahead_count, 6);
    mind_run_ms(&m, 5 * MOOT_WANT_WAIT_MS);
    expect_uint(m.g->asking_count, 0);
    expect_uint(m.g->ahead_count, 0);
    expect_uint(m.g->ahead_bytes, 0);
}
END_TEST

Suite *suite_group_ahead(void)
{
    Suite *s = suite_create("group/ahead");
    TCase *t = tcase_create("ahead");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, what_overtook_is_not_sent_twice);
    tcase_add_test(t, the_same_one_is_kept_once);
    tcase_add_test(t, of_one_run_only_so_many_are_kept);
    tcase_add_test(t, of_all_runs_only_so_many_are_kept);
    tcase_add_test(t, of_large_ones_fewer_are_kept);
    tcase_add_test(t, what_nobody_gives_the_beginning_of_is_not_kept);
    suite_add_tcase(s, t);
    return s;
}
