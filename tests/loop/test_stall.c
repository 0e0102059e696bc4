/*
 * tests/loop/test_stall.c - the longest turn, ever and of the last minute.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "loop/stall.h"

#include "words.h"

Suite *suite_loop_stall(void);

#define SECOND 1000000

START_TEST(the_longest_turn_is_remembered_for_good)
{
    struct moot_stall s = {0};

    moot_stall_note(&s, 300, 5 * SECOND);
    moot_stall_note(&s, 7000, 6 * SECOND);
    moot_stall_note(&s, 20, 7 * SECOND);
    expect_int(s.longest, 7000);
    expect_int(moot_stall_minute(&s, 7 * SECOND), 7000);
    moot_stall_note(&s, 20, (int64_t)9000 * SECOND);
    expect_int(s.longest, 7000);
}
END_TEST

START_TEST(after_a_minute_another_one_is_the_longest_of_the_last)
{
    struct moot_stall s = {0};

    moot_stall_note(&s, 9000, 100 * SECOND);
    moot_stall_note(&s, 4000, 130 * SECOND);
    moot_stall_note(&s, 50, 149 * SECOND);
    expect_int(moot_stall_minute(&s, 149 * SECOND), 9000);
    expect_int(moot_stall_minute(&s, 162 * SECOND), 4000);
    expect_int(moot_stall_minute(&s, 191 * SECOND), 50);
    expect_int(moot_stall_minute(&s, 210 * SECOND), 0);
}
END_TEST

START_TEST(a_long_sleep_forgets_the_minute)
{
    struct moot_stall s = {0};

    moot_stall_note(&s, 9000, 100 * SECOND);
    expect_int(moot_stall_minute(&s, (int64_t)100000 * SECOND), 0);
    moot_stall_note(&s, 1, (int64_t)100000 * SECOND);
    expect_int(moot_stall_minute(&s, (int64_t)100001 * SECOND), 1);
}
END_TEST

Suite *suite_loop_stall(void)
{
    Suite *s = suite_create("loop/stall");
    TCase *t = tcase_create("stall");

    tcase_add_test(t, the_longest_turn_is_remembered_for_good);
    tcase_add_test(t, after_a_minute_another_one_is_the_longest_of_the_last);
    tcase_add_test(t, a_long_sleep_forgets_the_minute);
    suite_add_tcase(s, t);
    return s;
}
