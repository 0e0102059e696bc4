/*
 * tests/trace/test_commands.c - how a group comes together and talks.
 *
 * The three commands of the manual, on one machine and on three; and starts
 * that happen at the same moment.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "story.h"

static struct sim *s;

static void setup(void)
{
    s = story_begin();
}

static void teardown(void)
{
    story_end(s);
}

/* P1: a line typed at one is shown at every other, once. */
START_TEST(three_commands_make_a_group_that_talks)
{
    unsigned alice = join_bootstrap(s, "alice", 1, NULL);
    unsigned bob = join_bootstrap(s, "bob", 2, "10.0.0.1:8080");
    unsigned carol = join_standard(s, "carol", 3, "10.0.0.1:8080");

    expect_mesh_within(s, 0);
    say(s, alice, "hello from alice");
    sim_run_ms(s, 50);
    say(s, bob, "hello from bob");
    sim_run_ms(s, 50);
    say(s, carol, "hello from carol");
    sim_run_ms(s, 50);
    for (unsigned peer = alice; peer <= carol; peer++)
        expect_lines(s, peer,
                     "alice: hello from alice|bob: hello from bob|"
                     "carol: hello from carol|");
    expect_all_well_within(s, 2500);
}
END_TEST

START_TEST(the_same_three_on_one_machine)
{
    struct sim_spec first = {
        .name = "alice", .host = 1, .port = 8081, .boot_port = 8080};
    struct sim_spec second = {.name = "bob",
                              .host = 1,
                              .port = 8083,
                              .boot_port = 8082,
                              .endpoints = {"localhost:8080"}};
    struct sim_spec third = {.name = "carol",
                             .host = 1,
                             .port = 8085,
                             .endpoints = {"localhost:8080"}};
    unsigned alice = sim_start(s, &first);

    sim_run_ms(s, 500);

    unsigned bob = sim_start(s, &second);

    sim_run_ms(s, 500);

    unsigned carol = sim_start(s, &third);

    expect_may_speak_within(s, carol, 1000);
    expect_mesh_within(s, 0);
    say(s, carol, "one machine");
    sim_run_ms(s, 20);
    expect_lines(s, alice, "carol: one machine|");
    expect_lines(s, bob, "carol: one machine|");
    expect_all_well_within(s, 2500);
}
END_TEST

/* A line that goes straight to every link needs one hop and nothing else. */
START_TEST(a_line_needs_one_hop)
{
    unsigned alice = join_bootstrap(s, "alice", 1, NULL);
    unsigned bob = join_standard(s, "bob", 2, "10.0.0.1:8080");
    moot_ms said;

    sim_run_ms(s, 1000);
    said = sim_now(s);
    say(s, alice, "quick");
    sim_run_ms(s, 100);
    ck_assert_int_eq(shown_at(s, bob, "quick"), said + 5);
    ck_assert_int_eq(shown_at(s, alice, "quick"), said);
    ck_assert_int_eq(shown_at(s, alice, "sent #1"), said + 3);
}
END_TEST

/* The consistency rule: first everybody is reached, then one may speak. */
START_TEST(a_newcomer_cannot_speak_before_it_has_joined)
{
    join_bootstrap(s, "alice", 1, NULL);

    unsigned bob = start_standard(s, "bob", 2, "10.0.0.1:8080", NULL);

    ck_assert(!sim_may_speak(s, bob));
    ck_assert(!sim_say(s, bob, "too early"));
    sim_run_ms(s, 10);
    ck_assert(!sim_may_speak(s, bob));
    expect_may_speak_within(s, bob, 1000);
    say(s, bob, "now");
    expect_all_well_within(s, 2500);
}
END_TEST

START_TEST(two_that_name_each_other_meet_whoever_is_first)
{
    moot_ms between = (moot_ms[]){0, 1, 20, 3000, 9000}[_i];
    unsigned alice = start_bootstrap(s, "alice", 1, "10.0.0.2:8080", NULL);

    sim_run_ms(s, between);

    unsigned bob = start_bootstrap(s, "bob", 2, "10.0.0.1:8080", NULL);

    expect_may_speak_within(s, alice, 3000);
    expect_may_speak_within(s, bob, 3000);
    expect_all_well_within(s, 3000);
}
END_TEST

/* P6, first half. */
START_TEST(two_newcomers_through_different_bootstrap_peers_meet)
{
    join_bootstrap(s, "alice", 1, NULL);
    join_bootstrap(s, "bob", 2, "10.0.0.1:8080");
    sim_run_ms(s, 500);

    unsigned carol = start_standard(s, "carol", 3, "10.0.0.1:8080", NULL);
    unsigned dave = start_standard(s, "dave", 4, "10.0.0.2:8080", NULL);

    expect_may_speak_within(s, carol, 2000);
    expect_may_speak_within(s, dave, 2000);
    expect_mesh_within(s, 3000);
    expect_all_well_within(s, 3000);
}
END_TEST

START_TEST(five_that_start_at_once_make_a_mesh)
{
    start_bootstrap(s, "alice", 1, NULL, NULL);
    start_bootstrap(s, "bob", 2, "10.0.0.1:8080", NULL);
    start_standard(s, "carol", 3, "10.0.0.1:8080", "10.0.0.2:8080");
    start_standard(s, "dave", 4, "10.0.0.2:8080", NULL);
    start_standard(s, "erin", 5, "10.0.0.1:8080", NULL);
    expect_all_well_within(s, 5000);
}
END_TEST

START_TEST(eight_that_start_at_once_through_two_make_a_mesh)
{
    story_end(s);
    s = story_begin_with((uint64_t)_i);
    start_bootstrap(s, "p1", 1, NULL, NULL);
    start_bootstrap(s, "p2", 2, "10.0.0.1:8080", NULL);
    for (unsigned host = 3; host <= 8; host++)
        start_standard(s, "p", host,
                       host % 2 == 0 ? "10.0.0.1:8080" : "10.0.0.2:8080", NULL);
    expect_mesh_within(s, 5000);
    expect_all_well_within(s, 3000);
}
END_TEST

START_TEST(a_dead_end_is_not_the_end_when_another_endpoint_answers)
{
    join_bootstrap(s, "alice", 1, NULL);

    unsigned bob =
        start_standard(s, "bob", 2, "10.0.0.9:8080", "10.0.0.1:8080");

    expect_may_speak_within(s, bob, 3000);
    expect_all_well_within(s, 3000);
}
END_TEST

Suite *suite_trace_commands(void);
Suite *suite_trace_commands(void)
{
    Suite *suite = suite_create("trace/commands");
    TCase *t = tcase_create("commands");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, three_commands_make_a_group_that_talks);
    tcase_add_test(t, the_same_three_on_one_machine);
    tcase_add_test(t, a_line_needs_one_hop);
    tcase_add_test(t, a_newcomer_cannot_speak_before_it_has_joined);
    tcase_add_loop_test(t, two_that_name_each_other_meet_whoever_is_first, 0,
                        5);
    tcase_add_test(t, two_newcomers_through_different_bootstrap_peers_meet);
    tcase_add_test(t, five_that_start_at_once_make_a_mesh);
    tcase_add_loop_test(t, eight_that_start_at_once_through_two_make_a_mesh, 0,
                        50);
    tcase_add_test(t, a_dead_end_is_not_the_end_when_another_endpoint_answers);
    suite_add_tcase(suite, t);
    return suite;
}
