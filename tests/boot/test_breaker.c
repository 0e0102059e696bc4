/*
 * tests/boot/test_breaker.c - a circuit breaker, state by state, and what is
 * left of it over a restart.
 *
 * Its clock is an argument, so each test is a table of what happens when.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "boot/breaker.h"
#include "words.h"

Suite *suite_boot_breaker(void);

static struct moot_breaker b;
static struct moot_breaker_config c;
static struct moot_rng rng;
static moot_ms now;

static void setup(void)
{
    uint8_t seed[32] = {3};

    b = (struct moot_breaker){0};
    c = MOOT_BREAKER_DEFAULT;
    moot_rng_init(&rng, seed);
    now = 1000000;
}

static bool may_ask(void)
{
    return moot_breaker_ask(&b, &c, now);
}

static enum moot_breaker_state state(void)
{
    return moot_breaker_state(&b, &c, now);
}

static void fails(void)
{
    moot_breaker_fail(&b, &c, now, &rng);
}

static void fails_in_a_row(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        expect(may_ask());
        fails();
    }
}

/* How long it rests; then the pause is over. */
static moot_ms rests(void)
{
    moot_ms pause = moot_breaker_due(&b, now) - now;

    now += pause - 1;
    expect_int(state(), MOOT_BREAKER_OPEN);
    expect(!may_ask());
    now++;
    expect_int(state(), MOOT_BREAKER_HALF_OPEN);
    return pause;
}

/* --- closed --- */

START_TEST(a_new_one_is_closed)
{
    expect_int(state(), MOOT_BREAKER_CLOSED);
    expect(may_ask());
    expect(may_ask());
    expect_int(moot_breaker_due(&b, now), now);
}
END_TEST

START_TEST(four_failures_are_bad_luck)
{
    fails_in_a_row(4);
    expect_int(state(), MOOT_BREAKER_CLOSED);
    expect(may_ask());
}
END_TEST

START_TEST(five_in_a_row_open_it)
{
    fails_in_a_row(5);
    expect_int(state(), MOOT_BREAKER_OPEN);
    expect(!may_ask());
}
END_TEST

START_TEST(a_success_ends_the_row)
{
    fails_in_a_row(4);
    moot_breaker_succeed(&b);
    fails_in_a_row(4);
    expect_int(state(), MOOT_BREAKER_CLOSED);
}
END_TEST

START_TEST(after_300_s_the_row_is_forgotten)
{
    fails_in_a_row(4);
    now += 299999;
    expect_int(state(), MOOT_BREAKER_CLOSED);
    now++;
    fails_in_a_row(4);
    expect_int(state(), MOOT_BREAKER_CLOSED);
    fails();
    expect_int(state(), MOOT_BREAKER_OPEN);
}
END_TEST

/* --- open --- */

START_TEST(it_rests_a_second_at_first_and_a_fifth_more_at_most)
{
    moot_ms pause;

    fails_in_a_row(5);
    pause = rests();
    expect(pause >= 1000 && pause <= 1200);
}
END_TEST

/* Two peers that failed together do not come back together. */
START_TEST(pauses_differ)
{
    moot_ms first;

    fails_in_a_row(5);
    first = rests();
    for (unsigned i = 0; i < 20; i++) {
        b = (struct moot_breaker){0};
        fails_in_a_row(5);
        if (rests() != first)
            return;
    }
    ck_abort_msg("always %lld ms", (long long)first);
}
END_TEST

/* Of requests that began before it was opened. */
START_TEST(more_failures_do_not_lengthen_a_pause)
{
    moot_ms due;

    fails_in_a_row(5);
    due = moot_breaker_due(&b, now);
    fails();
    fails();
    expect_int(moot_breaker_due(&b, now), due);
}
END_TEST

/* --- half-open --- */

START_TEST(there_is_one_probe_and_only_one)
{
    fails_in_a_row(5);
    rests();
    expect(may_ask());
    expect(!may_ask());
    expect(moot_breaker_due(&b, now) == MOOT_NEVER);
    now += 1000000;
    expect(!may_ask());
}
END_TEST

START_TEST(a_probe_that_succeeds_closes_it)
{
    fails_in_a_row(5);
    rests();
    expect(may_ask());
    moot_breaker_succeed(&b);
    expect_int(state(), MOOT_BREAKER_CLOSED);
    fails_in_a_row(4);
    expect_int(state(), MOOT_BREAKER_CLOSED);
}
END_TEST

START_TEST(a_probe_that_fails_opens_it_for_twice_as_long)
{
    static const moot_ms pauses[] = {2000, 4000, 8000, 16000, 32000, 60000};

    fails_in_a_row(5);
    rests();
    for (unsigned i = 0; i < 6; i++) {
        moot_ms pause;

        expect(may_ask());
        fails();
        expect_int(state(), MOOT_BREAKER_OPEN);
        pause = rests();
        ck_assert_msg(pause >= pauses[i] && pause <= pauses[i] * 6 / 5,
                      "pause %u: %lld ms", i, (long long)pause);
    }
}
END_TEST

START_TEST(no_pause_is_longer_than_60_s)
{
    fails_in_a_row(5);
    for (unsigned i = 0; i < 50; i++) {
        expect(rests() <= 60000);
        expect(may_ask());
        fails();
    }
}
END_TEST

START_TEST(one_that_nobody_used_for_300_s_is_closed)
{
    fails_in_a_row(5);
    now += 300000;
    expect_int(state(), MOOT_BREAKER_CLOSED);
    fails_in_a_row(4);
    expect_int(state(), MOOT_BREAKER_CLOSED);
}
END_TEST

START_TEST(all_of_it_can_be_configured)
{
    c = (struct moot_breaker_config){.failures_max = 2,
                                     .reset = 50000,
                                     .pause_min = 3000,
                                     .pause_max = 5000};
    fails_in_a_row(2);
    expect(rests() >= 3000);
    expect(may_ask());
    fails();
    expect_int(rests(), 5000);
    now += 50000;
    expect_int(state(), MOOT_BREAKER_CLOSED);
}
END_TEST

/* --- over a restart --- */

START_TEST(an_open_one_is_open_for_what_was_left)
{
    moot_breaker_restore(&b, &c, now, 7, 3000, 8000);
    expect_int(state(), MOOT_BREAKER_OPEN);
    expect_int(rests(), 5000);
    expect(may_ask());
    expect(!may_ask());
    fails();
    expect(rests() >= 16000);
}
END_TEST

START_TEST(one_whose_pause_is_over_is_half_open)
{
    moot_breaker_restore(&b, &c, now, 7, 9000, 8000);
    expect_int(state(), MOOT_BREAKER_HALF_OPEN);
    expect(may_ask());
    expect(!may_ask());
}
END_TEST

START_TEST(failures_are_remembered)
{
    moot_breaker_restore(&b, &c, now, 4, 1000, 0);
    expect_int(state(), MOOT_BREAKER_CLOSED);
    fails();
    expect_int(state(), MOOT_BREAKER_OPEN);
}
END_TEST

START_TEST(what_is_300_s_old_is_not)
{
    moot_breaker_restore(&b, &c, now, 9, 300000, 60000);
    fails_in_a_row(4);
    expect_int(state(), MOOT_BREAKER_CLOSED);
}
END_TEST

/* The wall clock may have jumped, and the file may have been written by
 * anybody. */
START_TEST(what_cannot_be_is_not_believed)
{
    moot_breaker_restore(&b, &c, now, 9, -1000000, 1000000000);
    expect(moot_breaker_due(&b, now) - now <= 60000);
    moot_breaker_restore(&b, &c, now, 0, 0, 60000);
    expect_int(state(), MOOT_BREAKER_CLOSED);
}
END_TEST

START_TEST(one_that_was_restored_before_the_clock_was_known_counts_from_there)
{
    moot_breaker_restore(&b, &c, 0, 7, 3000, 8000);
    moot_breaker_shift(&b, now);
    expect_int(rests(), 5000);
}
END_TEST

static TCase *closed(void)
{
    TCase *t = tcase_create("closed");

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, a_new_one_is_closed);
    tcase_add_test(t, four_failures_are_bad_luck);
    tcase_add_test(t, five_in_a_row_open_it);
    tcase_add_test(t, a_success_ends_the_row);
    tcase_add_test(t, after_300_s_the_row_is_forgotten);
    return t;
}

static TCase *open_(void)
{
    TCase *t = tcase_create("open");

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, it_rests_a_second_at_first_and_a_fifth_more_at_most);
    tcase_add_test(t, pauses_differ);
    tcase_add_test(t, more_failures_do_not_lengthen_a_pause);
    return t;
}

static TCase *half_open(void)
{
    TCase *t = tcase_create("half-open");

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, there_is_one_probe_and_only_one);
    tcase_add_test(t, a_probe_that_succeeds_closes_it);
    tcase_add_test(t, a_probe_that_fails_opens_it_for_twice_as_long);
    tcase_add_test(t, no_pause_is_longer_than_60_s);
    tcase_add_test(t, one_that_nobody_used_for_300_s_is_closed);
    tcase_add_test(t, all_of_it_can_be_configured);
    return t;
}

static TCase *restarts(void)
{
    TCase *t = tcase_create("restarts");

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, an_open_one_is_open_for_what_was_left);
    tcase_add_test(t, one_whose_pause_is_over_is_half_open);
    tcase_add_test(t, failures_are_remembered);
    tcase_add_test(t, what_is_300_s_old_is_not);
    tcase_add_test(t, what_cannot_be_is_not_believed);
    tcase_add_test(
        t, one_that_was_restored_before_the_clock_was_known_counts_from_there);
    return t;
}

Suite *suite_boot_breaker(void)
{
    Suite *suite = suite_create("boot/breaker");

    suite_add_tcase(suite, closed());
    suite_add_tcase(suite, open_());
    suite_add_tcase(suite, half_open());
    suite_add_tcase(suite, restarts());
    return suite;
}
