/*
 * tests/trace/test_silence.c - going, crashing and falling silent (P4).
 *
 * The three read differently, a crash is noticed at once and silence within
 * 35 s, and who answers within 30 s is never declared dead.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "story.h"

static struct sim *s;
static unsigned alice, bob, carol;

static void gather(void)
{
    alice = join_bootstrap(s, "alice", 1, NULL);
    bob = join_standard(s, "bob", 2, "10.0.0.1:8080");
    carol = join_standard(s, "carol", 3, "10.0.0.1:8080");
    sim_run_ms(s, 3000);
}

static void setup(void)
{
    s = story_begin();
    gather();
}

static void teardown(void)
{
    story_end(s);
}

START_TEST(a_member_who_quits_is_shown_with_the_reason)
{
    sim_leave(s, carol, "off to bed");
    expect_end_within(s, carol, 0, 1500);
    expect_on_screen(s, alice, "left carol");
    expect_on_screen(s, alice, "off to bed");
    expect_on_screen(s, bob, "left carol");
    sim_run_ms(s, 60000);
    expect_not_on_screen(s, alice, "lost carol");
    expect_not_on_screen(s, bob, "lost carol");
    expect_all_well_within(s, 0);
}
END_TEST

START_TEST(a_last_line_is_not_eaten_by_leaving)
{
    say(s, carol, "goodbye");
    sim_leave(s, carol, "done");
    expect_end_within(s, carol, 0, 1500);
    expect_lines_within(s, alice, "carol: goodbye|", 10);
    expect_lines_within(s, bob, "carol: goodbye|", 10);
}
END_TEST

/* A script that ends may go when what it said is safe with all, who store it
 * within 50 ms and say so at most every 200 ms. */
START_TEST(the_end_of_input_waits_until_all_have_confirmed)
{
    say(s, carol, "one");
    say(s, carol, "two");
    sim_input_end(s, carol);
    ck_assert(!sim_drained(s, carol));
    sim_run_ms(s, 300);
    ck_assert(sim_drained(s, carol));
    expect_lines(s, alice, "carol: one|carol: two|");
    expect_lines(s, bob, "carol: one|carol: two|");
}
END_TEST

START_TEST(the_end_of_input_does_not_wait_for_ever)
{
    sim_pause(s, alice);
    say(s, carol, "anybody?");
    sim_input_end(s, carol);
    sim_run_ms(s, 4900);
    ck_assert(!sim_drained(s, carol));
    sim_run_ms(s, 200);
    ck_assert(sim_drained(s, carol));
    expect_lines(s, bob, "carol: anybody?|");
    sim_resume(s, alice);
    expect_all_well_within(s, 3000);
}
END_TEST

START_TEST(a_crash_is_noticed_at_once_and_reads_as_a_loss)
{
    moot_ms crashed = sim_now(s);

    sim_crash(s, carol);
    sim_run_ms(s, 1000);
    ck_assert_int_le(shown_at(s, alice, "lost carol"), crashed + 1000);
    ck_assert_int_le(shown_at(s, bob, "lost carol"), crashed + 1000);
    expect_not_on_screen(s, alice, "left carol");
    expect_all_well_within(s, 0);
}
END_TEST

START_TEST(silence_is_noticed_between_30_and_35_seconds)
{
    moot_ms gone = sim_now(s);

    sim_vanish(s, 3);
    sim_run_ms(s, 29900);
    expect_not_on_screen(s, alice, "lost carol");
    sim_run_ms(s, 6000);
    ck_assert_int_ge(shown_at(s, alice, "lost carol"), gone + 30000);
    ck_assert_int_le(shown_at(s, alice, "lost carol"), gone + 35500);
    expect_on_screen(s, bob, "lost carol");
    expect_not_on_screen(s, alice, "left carol");
    expect_all_well_within(s, 500);
}
END_TEST

START_TEST(nobody_drops_one_who_was_stopped_for_20_seconds)
{
    sim_pause(s, carol);
    sim_run_ms(s, 10000);
    say(s, alice, "carol?");
    sim_run_ms(s, 10000);
    sim_resume(s, carol);
    expect_lines_within(s, carol, "alice: carol?|", 100);
    sim_run_ms(s, 40000);
    for (unsigned peer = alice; peer <= carol; peer++) {
        expect_not_on_screen(s, peer, "lost");
        expect_not_on_screen(s, peer, "indirect");
    }
    expect_nobody_buried(s);
    expect_all_well_within(s, 0);
}
END_TEST

START_TEST(one_who_was_stopped_for_40_seconds_is_dropped_and_comes_back)
{
    moot_ms stopped = sim_now(s);

    sim_pause(s, carol);
    sim_run_ms(s, 20000);
    say(s, alice, "where is carol?");
    sim_run_ms(s, 20000);
    say(s, bob, "gone, it seems");
    ck_assert_int_ge(shown_at(s, alice, "lost carol"), stopped + 30000);
    ck_assert_int_le(shown_at(s, alice, "lost carol"), stopped + 35500);
    sim_resume(s, carol);
    expect_all_well_within(s, 5000);
    expect_on_screen(s, alice, "back carol");
    expect_on_screen(s, bob, "back carol");
    ck_assert_ptr_nonnull(strstr(sim_lines(s, carol), "where is carol?"));
    ck_assert_ptr_nonnull(strstr(sim_lines(s, carol), "gone, it seems"));
}
END_TEST

/* It was us who slept: nobody else is blamed. */
START_TEST(one_who_slept_declares_nobody_dead)
{
    sim_pause(s, carol);
    sim_run_ms(s, 25000);
    sim_resume(s, carol);
    sim_run_ms(s, 20000);
    expect_not_on_screen(s, carol, "lost");
    expect_all_well_within(s, 0);
}
END_TEST

/* It waited for an answer when it fell asleep, and the answer came meanwhile.
 * Whether the monitor or the loop is first to wake is up to the seed. */
START_TEST(one_who_slept_over_an_answer_blames_nobody)
{
    story_end(s);
    s = story_begin_with((uint64_t)_i);
    gather();
    sim_pause(s, alice);
    sim_run_ms(s, 8000);
    sim_pause(s, carol);
    sim_run_ms(s, 8000);
    sim_resume(s, alice);
    sim_run_ms(s, 20000);
    sim_resume(s, carol);
    sim_run_ms(s, 2000);
    expect_not_on_screen(s, carol, "lost");
    expect_not_on_screen(s, carol, "indirect");
    expect_nobody_buried(s);
    expect_all_well_within(s, 0);
}
END_TEST

START_TEST(a_cable_that_is_in_again_brings_everybody_back)
{
    sim_cut_sets(s, 1u << 3, 1u << 1 | 1u << 2, true);
    sim_run_ms(s, 60000);
    expect_on_screen(s, alice, "lost carol");
    expect_on_screen(s, carol, "lost alice");
    say(s, carol, "alone in here");
    say(s, alice, "two out here");
    sim_cut_sets(s, 1u << 3, 1u << 1 | 1u << 2, false);
    expect_all_well_within(s, 5000);
}
END_TEST

/* P11: one who takes nothing costs the others nothing. */
START_TEST(a_stopped_member_does_not_hold_up_the_others)
{
    sim_pause(s, carol);
    for (unsigned i = 0; i < 50; i++) {
        moot_ms said = sim_now(s);

        say(s, alice, "still talking");
        sim_run_ms(s, 20);
        ck_assert_int_le(shown_at(s, bob, "still talking"), said + 5);
    }
    sim_resume(s, carol);
    expect_all_well_within(s, 5000);
}
END_TEST

Suite *suite_trace_silence(void);
Suite *suite_trace_silence(void)
{
    Suite *suite = suite_create("trace/silence");
    TCase *t = tcase_create("silence");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_member_who_quits_is_shown_with_the_reason);
    tcase_add_test(t, a_last_line_is_not_eaten_by_leaving);
    tcase_add_test(t, the_end_of_input_waits_until_all_have_confirmed);
    tcase_add_test(t, the_end_of_input_does_not_wait_for_ever);
    tcase_add_test(t, a_crash_is_noticed_at_once_and_reads_as_a_loss);
    tcase_add_test(t, silence_is_noticed_between_30_and_35_seconds);
    tcase_add_test(t, nobody_drops_one_who_was_stopped_for_20_seconds);
    tcase_add_test(
        t, one_who_was_stopped_for_40_seconds_is_dropped_and_comes_back);
    tcase_add_test(t, one_who_slept_declares_nobody_dead);
    tcase_add_loop_test(t, one_who_slept_over_an_answer_blames_nobody, 0, 12);
    tcase_add_test(t, a_cable_that_is_in_again_brings_everybody_back);
    tcase_add_test(t, a_stopped_member_does_not_hold_up_the_others);
    suite_add_tcase(suite, t);
    return suite;
}
