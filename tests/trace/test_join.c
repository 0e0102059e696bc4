/*
 * tests/trace/test_join.c - joins that meet trouble.
 *
 * The fault scenario of the specification: a member is listed that cannot be
 * reached.  If it is dead the newcomer gets in; if it is alive, it does not,
 * and says so.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "story.h"

static struct sim *s;
static unsigned alice, bob, carol;

/* alice and bob listen at bootstrap sockets, carol does not. */
static void setup(void)
{
    s = story_begin();
    alice = join_bootstrap(s, "alice", 1, NULL);
    bob = join_bootstrap(s, "bob", 2, "10.0.0.1:8080");
    carol = join_standard(s, "carol", 3, "10.0.0.1:8080");
    sim_run_ms(s, 3000);
}

static void teardown(void)
{
    story_end(s);
}

/* P5 */
START_TEST(gets_in_when_one_who_is_listed_just_died)
{
    sim_crash(s, carol);

    unsigned dave = start_standard(s, "dave", 4, "10.0.0.1:8080", NULL);

    expect_may_speak_within(s, dave, 5000);
    expect_all_well_within(s, 5000);
}
END_TEST

START_TEST(gets_in_when_one_who_is_listed_lost_power)
{
    sim_vanish(s, 3);

    unsigned dave = start_standard(s, "dave", 4, "10.0.0.1:8080", NULL);

    expect_may_speak_within(s, dave, 9000);
    expect_lines(s, dave, "");
    sim_run_ms(s, 36000);
    expect_all_well_within(s, 3000);
}
END_TEST

START_TEST(leaves_and_says_whom_it_could_not_reach)
{
    sim_cut(s, 4, 3, true);

    unsigned dave = start_standard(s, "dave", 4, "10.0.0.1:8080", NULL);

    expect_end_within(s, dave, 5, 12000);
    ck_assert_ptr_nonnull(strstr(sim_exit_text(s, dave), "carol"));
    expect_all_well_within(s, 3000);
}
END_TEST

/* P5: lines reach it through others. */
START_TEST(a_partial_join_hears_everybody_through_others)
{
    sim_cut(s, 4, 3, true);

    unsigned dave =
        sim_start(s, &(struct sim_spec){.name = "dave",
                                        .host = 4,
                                        .endpoints = {"10.0.0.1:8080"},
                                        .partial = true});

    expect_may_speak_within(s, dave, 11000);
    say(s, carol, "can dave hear me?");
    expect_lines_within(s, dave, "carol: (earlier) can dave hear me?|", 5000);
    say(s, dave, "yes");
    expect_lines_within(s, carol, "carol: can dave hear me?|dave: yes|", 5000);
    sim_cut(s, 4, 3, false);
    expect_all_well_within(s, 10000);
}
END_TEST

START_TEST(leaves_when_no_bootstrap_peer_answers)
{
    unsigned dave = start_standard(s, "dave", 4, "10.0.0.7:8080", NULL);

    expect_end_within(s, dave, 4, 12000);
    ck_assert_ptr_nonnull(strstr(sim_exit_text(s, dave), "10.0.0.7:8080"));
}
END_TEST

START_TEST(the_other_bootstrap_peer_is_as_good)
{
    sim_crash(s, alice);

    unsigned dave = start_standard(s, "dave", 4, "10.0.0.2:8080", NULL);

    expect_may_speak_within(s, dave, 5000);
    expect_all_well_within(s, 5000);
}
END_TEST

/* A stopped process is alive for its kernel; the links find out. */
START_TEST(gets_in_when_one_who_is_listed_is_stopped)
{
    sim_pause(s, carol);

    unsigned dave = start_standard(s, "dave", 4, "10.0.0.1:8080", NULL);

    expect_may_speak_within(s, dave, 9000);
    sim_resume(s, carol);
    expect_all_well_within(s, 10000);
}
END_TEST

START_TEST(a_late_joiner_gets_what_was_said_marked_as_earlier)
{
    say(s, alice, "one");
    sim_run_ms(s, 50);
    say(s, carol, "two");
    sim_run_ms(s, 50);
    sim_crash(s, carol);
    sim_run_ms(s, 1000);

    unsigned dave = join_standard(s, "dave", 4, "10.0.0.2:8080");

    expect_lines_within(s, dave, "alice: (earlier) one|carol: (earlier) two|",
                        3000);
    say(s, bob, "three");
    expect_lines_within(
        s, dave, "alice: (earlier) one|carol: (earlier) two|bob: three|", 50);
    expect_all_well_within(s, 3000);
}
END_TEST

START_TEST(members_of_one_name_are_told_apart)
{
    unsigned other = join_standard(s, "bob", 4, "10.0.0.1:8080");

    sim_run_ms(s, 1000);
    say(s, other, "which bob?");
    sim_run_ms(s, 50);
    ck_assert_ptr_null(strstr(sim_lines(s, alice), "bob: which bob?"));
    ck_assert_ptr_nonnull(strstr(sim_lines(s, alice), "bob."));
    expect_all_well_within(s, 3000);
}
END_TEST

Suite *suite_trace_join(void);
Suite *suite_trace_join(void)
{
    Suite *suite = suite_create("trace/join");
    TCase *t = tcase_create("join");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, gets_in_when_one_who_is_listed_just_died);
    tcase_add_test(t, gets_in_when_one_who_is_listed_lost_power);
    tcase_add_test(t, gets_in_when_one_who_is_listed_is_stopped);
    tcase_add_test(t, leaves_and_says_whom_it_could_not_reach);
    tcase_add_test(t, a_partial_join_hears_everybody_through_others);
    tcase_add_test(t, leaves_when_no_bootstrap_peer_answers);
    tcase_add_test(t, the_other_bootstrap_peer_is_as_good);
    tcase_add_test(t, a_late_joiner_gets_what_was_said_marked_as_earlier);
    tcase_add_test(t, members_of_one_name_are_told_apart);
    suite_add_tcase(suite, t);
    return suite;
}
