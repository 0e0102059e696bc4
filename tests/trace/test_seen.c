/*
 * tests/trace/test_seen.c - who said something knows who has it (P1, P2).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "story.h"

Suite *suite_trace_seen(void);

static struct sim *s;
static unsigned alice, bob, carol;

static void setup(void)
{
    s = story_begin();
    alice = join_bootstrap(s, "alice", 1, NULL);
    bob = join_standard(s, "bob", 2, "10.0.0.1:8080");
    carol = join_standard(s, "carol", 3, "10.0.0.1:8080");
}

static void teardown(void)
{
    story_end(s);
}

/* "2/2" of the newest own line, and the first of those who lack it. */
static const char *seen(unsigned peer)
{
    static char text[128];
    struct moot_seen_line line;

    if (moot_node_seen(sim_node(s, peer), &line, 1) == 0)
        return "nothing";
    snprintf(text, sizeof text, "%u/%u%s%s", line.holders, line.live,
             line.name_count > 0 ? " " : "",
             line.name_count > 0 ? line.names[0] : "");
    return text;
}

START_TEST(a_line_is_known_to_be_safe_with_all_in_a_moment)
{
    ck_assert_str_eq(seen(bob), "nothing");
    say(s, bob, "who has this?");
    ck_assert_str_eq(seen(bob), "0/2 alice");
    sim_run_ms(s, 300);
    ck_assert_str_eq(seen(bob), "2/2");
}
END_TEST

START_TEST(a_disk_that_is_slow_has_it_later)
{
    sim_store_delay(s, carol, 3000);
    say(s, bob, "who has this?");
    sim_run_ms(s, 1000);
    ck_assert_str_eq(seen(bob), "1/2 carol");
    sim_run_ms(s, 3000);
    ck_assert_str_eq(seen(bob), "2/2");
}
END_TEST

/* A link that is cut counts as lacking it, until it is there again. */
START_TEST(one_who_is_cut_off_is_known_to_have_it_when_he_is_back)
{
    sim_cut(s, 2, 3, true);
    sim_run_ms(s, 60000);
    say(s, bob, "carol?");
    sim_run_ms(s, 3000);
    ck_assert_str_eq(seen(bob), "1/2 carol");
    sim_cut(s, 2, 3, false);
    expect_mesh_within(s, 6000);
    sim_run_ms(s, 500);
    ck_assert_str_eq(seen(bob), "2/2");
}
END_TEST

Suite *suite_trace_seen(void)
{
    Suite *suite = suite_create("trace/seen");
    TCase *t = tcase_create("seen");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_line_is_known_to_be_safe_with_all_in_a_moment);
    tcase_add_test(t, a_disk_that_is_slow_has_it_later);
    tcase_add_test(t, one_who_is_cut_off_is_known_to_have_it_when_he_is_back);
    suite_add_tcase(suite, t);
    return suite;
}
