/*
 * tests/trace/test_together.c - a group stays together, and finds together
 * again (P3, P6).
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

/* The survivors redial the old address; who is there founded a group of its
 * own meanwhile, which gives way. */
START_TEST(a_bootstrap_peer_that_starts_again_is_adopted_by_the_survivors)
{
    unsigned alice = join_bootstrap(s, "alice", 1, NULL);
    unsigned bob = join_standard(s, "bob", 2, "10.0.0.1:8080");
    unsigned carol = join_standard(s, "carol", 3, "10.0.0.1:8080");

    say(s, bob, "before");
    sim_run_ms(s, 3000);
    sim_crash(s, alice);
    sim_run_ms(s, 5000);
    alice = start_bootstrap(s, "alice", 1, NULL, NULL);
    expect_mesh_within(s, 6000);
    expect_all_well_within(s, 4000);
    say(s, alice, "here again");
    sim_run_ms(s, 50);
    expect_lines(s, carol, "bob: before|alice: here again|");
    ck_assert_ptr_nonnull(strstr(sim_lines(s, alice), "(earlier) before"));
}
END_TEST

/* Of what was said in a group that gave way nothing is lost. */
START_TEST(a_provisional_group_gives_way_and_its_lines_are_said_again)
{
    unsigned alice = join_bootstrap(s, "alice", 1, NULL);
    unsigned bob = join_standard(s, "bob", 2, "10.0.0.1:8080");

    say(s, bob, "grown");
    sim_run_ms(s, 3000);
    sim_crash(s, alice);
    sim_cut(s, 1, 2, true);
    alice = join_bootstrap(s, "alice", 1, NULL);
    say(s, alice, "is anybody there?");
    sim_run_ms(s, 3000);
    sim_cut(s, 1, 2, false);
    expect_mesh_within(s, 6000);
    expect_all_well_within(s, 4000);
    expect_lines(s, bob, "bob: grown|alice: (earlier) is anybody there?|");
}
END_TEST

/* Two of one name that name each other found a group each; one stays. */
START_TEST(of_two_provisional_groups_one_stays)
{
    unsigned alice = join_bootstrap(s, "alice", 1, NULL);
    unsigned bob = join_bootstrap(s, "bob", 2, NULL);

    say(s, alice, "mine");
    say(s, bob, "mine too");
    sim_run_ms(s, 1000);

    unsigned carol =
        start_standard(s, "carol", 3, "10.0.0.1:8080", "10.0.0.2:8080");

    expect_may_speak_within(s, carol, 9000);
    expect_all_well_within(s, 9000);
}
END_TEST

/* P3: a blocked pair converges through a third. */
START_TEST(lines_reach_a_blocked_member_through_a_third)
{
    unsigned alice = join_bootstrap(s, "alice", 1, NULL);
    unsigned bob = join_standard(s, "bob", 2, "10.0.0.1:8080");
    unsigned carol = join_standard(s, "carol", 3, "10.0.0.1:8080");

    sim_run_ms(s, 3000);
    sim_cut(s, 2, 3, true);
    sim_run_ms(s, 45000);
    expect_on_screen(s, bob, "indirect carol");
    expect_not_on_screen(s, bob, "lost carol");
    say(s, bob, "round the corner");
    expect_lines_within(s, alice, "bob: round the corner|", 20);
    expect_lines_within(s, carol, "bob: round the corner|", 5000);
    sim_cut(s, 2, 3, false);
    expect_all_well_within(s, 10000);
}
END_TEST

/* A cut that heals before the links break must not cost a line either. */
START_TEST(a_link_that_is_reset_in_the_middle_of_talk_loses_nothing)
{
    unsigned alice = join_bootstrap(s, "alice", 1, NULL);
    unsigned bob = join_standard(s, "bob", 2, "10.0.0.1:8080");

    sim_run_ms(s, 1000);
    for (unsigned i = 0; i < 20; i++) {
        say(s, alice, "tick");
        say(s, bob, "tock");
        sim_run_ms(s, 2);
        if (i % 5 == 2)
            sim_reset(s, 1, 2);
    }
    expect_all_well_within(s, 10000);
}
END_TEST

/* A line that got lost with a link is missed as soon as the next one comes,
 * without waiting for anybody to compare: its author's store is slow, so that
 * the new link begins before the line can be told of. */
START_TEST(a_line_that_overtakes_brings_the_lost_one)
{
    unsigned alice = join_bootstrap(s, "alice", 1, NULL);
    unsigned bob = join_standard(s, "bob", 2, "10.0.0.1:8080");
    moot_ms said;

    say(s, alice, "one");
    sim_run_ms(s, 1000);
    said = sim_now(s);
    sim_store_delay(s, alice, 1000);
    say(s, alice, "two");
    sim_store_delay(s, alice, 0);
    sim_reset(s, 1, 2);
    sim_run_ms(s, 900);
    expect_mesh_within(s, 0);
    expect_lines(s, bob, "alice: one|");
    say(s, alice, "three");
    sim_run_until(s, said + 1050);
    ck_assert_int_le(shown_at(s, bob, "two"), said + 1050);
    ck_assert_int_le(shown_at(s, bob, "three"), said + 1050);
}
END_TEST

/* P6, second half. */
START_TEST(islands_merge_by_themselves)
{
    join_bootstrap(s, "alice", 1, NULL);
    join_bootstrap(s, "bob", 2, "10.0.0.1:8080");
    join_standard(s, "carol", 3, "10.0.0.1:8080");
    join_standard(s, "dave", 4, "10.0.0.2:8080");
    sim_run_ms(s, 3000);
    sim_cut_sets(s, 1u << 1 | 1u << 3, 1u << 2 | 1u << 4, true);
    sim_run_ms(s, 60000);
    say(s, 0, "here we are two");
    say(s, 1, "here as well");
    sim_run_ms(s, 1000);

    unsigned erin = join_standard(s, "erin", 5, "10.0.0.2:8080");

    say(s, erin, "and I came while you were gone");
    sim_run_ms(s, 1000);
    sim_cut_sets(s, 1u << 1 | 1u << 3, 1u << 2 | 1u << 4, false);
    expect_all_well_within(s, 10000);
}
END_TEST

/* P6: the only bootstrap peer is gone, the others go on. */
START_TEST(the_others_go_on_without_their_bootstrap_peer)
{
    unsigned alice = join_bootstrap(s, "alice", 1, NULL);
    unsigned bob = join_standard(s, "bob", 2, "10.0.0.1:8080");
    unsigned carol = join_standard(s, "carol", 3, "10.0.0.1:8080");

    sim_run_ms(s, 1000);
    sim_crash(s, alice);
    sim_run_ms(s, 1000);
    expect_on_screen(s, bob, "lost alice");
    say(s, bob, "still here");
    expect_lines_within(s, carol, "bob: still here|", 10);

    unsigned dave = start_standard(s, "dave", 4, "10.0.0.1:8080", NULL);

    expect_end_within(s, dave, 4, 12000);
    expect_all_well_within(s, 0);
}
END_TEST

/* P10 */
START_TEST(wrong_clocks_change_nothing)
{
    unsigned alice = join_bootstrap(s, "alice", 1, NULL);
    unsigned bob = join_standard(s, "bob", 2, "10.0.0.1:8080");

    sim_wall_jump(s, alice, -157680000000);
    sim_wall_jump(s, bob, 157680000000);
    sim_run_ms(s, 1000);
    say(s, alice, "one");
    sim_run_ms(s, 50);
    say(s, bob, "two");
    sim_run_ms(s, 50);
    say(s, alice, "three");
    sim_run_ms(s, 50);
    expect_lines(s, alice, "alice: one|bob: two|alice: three|");
    expect_lines(s, bob, "alice: one|bob: two|alice: three|");

    unsigned carol = join_standard(s, "carol", 3, "10.0.0.1:8080");

    expect_all_well_within(s, 3000);
    expect_lines(
        s, carol,
        "alice: (earlier) one|bob: (earlier) two|alice: (earlier) three|");
}
END_TEST

Suite *suite_trace_together(void);
Suite *suite_trace_together(void)
{
    Suite *suite = suite_create("trace/together");
    TCase *t = tcase_create("together");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(
        t, a_bootstrap_peer_that_starts_again_is_adopted_by_the_survivors);
    tcase_add_test(t,
                   a_provisional_group_gives_way_and_its_lines_are_said_again);
    tcase_add_test(t, of_two_provisional_groups_one_stays);
    tcase_add_test(t, lines_reach_a_blocked_member_through_a_third);
    tcase_add_test(t, a_link_that_is_reset_in_the_middle_of_talk_loses_nothing);
    tcase_add_test(t, a_line_that_overtakes_brings_the_lost_one);
    tcase_add_test(t, islands_merge_by_themselves);
    tcase_add_test(t, the_others_go_on_without_their_bootstrap_peer);
    tcase_add_test(t, wrong_clocks_change_nothing);
    suite_add_tcase(suite, t);
    return suite;
}
