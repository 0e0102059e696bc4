/*
 * tests/trace/test_verdict.c - whom the simulator expects to meet: all but
 * those of whom neither side knows where the other lives (P6).
 *
 * A rule that lets too many stay apart would find nothing, so both sides of it
 * are held to account.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "story.h"

Suite *suite_trace_verdict(void);

static struct sim *s;
static unsigned alice, bob;

/* Bob has a profile: whoever starts at his address is he. */
static unsigned start_bob(const char *endpoint)
{
    struct sim_spec spec = {
        .name = "bob", .host = 2, .endpoints = {endpoint}, .profile = true};

    return sim_start(s, &spec);
}

static void setup(void)
{
    s = story_begin();
    alice = join_bootstrap(s, "alice", 1, NULL);
    join_standard(s, "carol", 3, "10.0.0.1:8080");
}

static void teardown(void)
{
    story_end(s);
}

static void join_bob(void)
{
    bob = start_bob("10.0.0.1:8080");
    expect_may_speak_within(s, bob, 5000);
    sim_run_ms(s, 3000);
}

static void expect_together(void)
{
    struct sim_figures f;

    sim_expect_all(s);
    ck_assert_msg(sim_complaint(s) == NULL, "%s", sim_complaint(s));
    sim_figures(s, &f);
    ck_assert_uint_eq(f.groups, 1);
}

static void expect_a_complaint(const char *part)
{
    sim_expect_all(s);
    ck_assert_ptr_nonnull(sim_complaint(s));
    ck_assert_ptr_nonnull(strstr(sim_complaint(s), part));
}

START_TEST(those_who_were_cut_off_must_meet)
{
    join_bob();
    sim_cut(s, 1, 2, true);
    sim_cut(s, 2, 3, true);
    sim_run_ms(s, 60000);
    expect_a_complaint("has 0 links with");
}
END_TEST

START_TEST(who_was_killed_must_be_met_when_he_is_back)
{
    join_bob();
    sim_crash(s, bob);
    sim_run_ms(s, 1000);
    sim_cut(s, 1, 2, true);
    sim_cut(s, 2, 3, true);
    bob = start_bob(NULL);
    sim_run_ms(s, 15000);
    expect_a_complaint("has 0 links with");
    sim_cut(s, 1, 2, false);
    sim_cut(s, 2, 3, false);
    expect_all_well_within(s, 10000);
}
END_TEST

START_TEST(who_said_goodbye_finds_back_by_his_profile)
{
    join_bob();
    sim_leave(s, bob, "");
    sim_run_ms(s, 3000);
    bob = start_bob(NULL);
    sim_run_ms(s, 15000);
    expect_together();
}
END_TEST

START_TEST(so_does_one_who_never_came_in)
{
    sim_vanish(s, 3); /* he waits for carol */
    bob = start_bob("10.0.0.1:8080");
    sim_run_ms(s, 2000);
    ck_assert(!sim_may_speak(s, bob));
    ck_assert_uint_eq(sim_linked(s, alice) >> bob & 1, 1);
    sim_leave(s, bob, "");
    sim_run_ms(s, 3000);
    bob = start_bob(NULL);
    sim_run_ms(s, 45000); /* until carol is found dead */
    expect_together();
}
END_TEST

START_TEST(a_bootstrap_peer_that_said_goodbye_must_be_met)
{
    join_bob();
    sim_leave(s, alice, "");
    sim_run_ms(s, 3000);
    sim_cut(s, 1, 2, true);
    sim_cut(s, 1, 3, true);
    alice = start_bootstrap(s, "alice", 1, NULL, NULL);
    sim_run_ms(s, 15000);
    sim_expect_all(s);
    ck_assert_ptr_nonnull(sim_complaint(s));
    sim_cut(s, 1, 2, false);
    sim_cut(s, 1, 3, false);
    expect_all_well_within(s, 10000);
}
END_TEST

Suite *suite_trace_verdict(void)
{
    Suite *suite = suite_create("trace/verdict");
    TCase *t = tcase_create("verdict");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, those_who_were_cut_off_must_meet);
    tcase_add_test(t, who_was_killed_must_be_met_when_he_is_back);
    tcase_add_test(t, who_said_goodbye_finds_back_by_his_profile);
    tcase_add_test(t, so_does_one_who_never_came_in);
    tcase_add_test(t, a_bootstrap_peer_that_said_goodbye_must_be_met);
    suite_add_tcase(suite, t);
    return suite;
}
