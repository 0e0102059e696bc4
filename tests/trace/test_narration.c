/*
 * tests/trace/test_narration.c - what peers decide, word for word.
 *
 * The narration names identities by their first four digits; a failure shows
 * what was told instead.  Whoever changes a decision changes its story here.
 *
 * Layer:  tests.
 * Thread: main.
 */
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

START_TEST(the_first_one_founds_the_group)
{
    start_bootstrap(s, "alice", 1, NULL, NULL);
    sim_run_ms(s, 1000);
    expect_story(
        s, "[    0] alice * starts\n"
           "[    0] alice > nobody to ask -> found the group\n"
           "[    0] alice > everybody I must reach is linked -> joined\n");
}
END_TEST

START_TEST(a_newcomer_asks_dials_and_joins)
{
    start_bootstrap(s, "alice", 1, NULL, NULL);
    sim_run_ms(s, 1000);
    sim_story(s);
    start_standard(s, "bob", 2, "10.0.0.1:8080", NULL);
    sim_run_ms(s, 300);
    expect_story(s, "[ 1000] bob * starts\n"
                    "[ 1025] bob > dial 592b (alice)\n"
                    "[ 1025] bob > must reach 1\n"
                    "[ 1025] bob > move to group 6093\n"
                    "[ 1055] bob > link 1 to 592b is up\n"
                    "[ 1055] bob > everybody I must reach is linked -> joined\n"
                    "[ 1060] alice > link 2 to bfcc is up\n");
}
END_TEST

START_TEST(a_line_is_stored_and_sent_at_once)
{
    join_bootstrap(s, "alice", 1, NULL);
    join_standard(s, "bob", 2, "10.0.0.1:8080");
    sim_run_ms(s, 500);
    sim_story(s);
    say(s, 0, "hello");
    sim_run_ms(s, 300);
    expect_story(s, "[  560] alice > say #1, 1 line -> store, send to 1\n");
}
END_TEST

START_TEST(a_link_that_was_reset_is_dialled_again)
{
    join_bootstrap(s, "alice", 1, NULL);
    join_standard(s, "bob", 2, "10.0.0.1:8080");
    sim_run_ms(s, 1000);
    sim_story(s);
    sim_reset(s, 1, 2);
    sim_run_ms(s, 800);
    expect_story(s, "[ 1114] alice > dial bfcc (bob)\n"
                    "[ 1144] alice > link 3 to bfcc is up\n"
                    "[ 1149] bob > link 4 to 592b is up\n");
}
END_TEST

/* The cable is out for 40 s. */
START_TEST(who_was_lost_is_dialled_again_and_again)
{
    join_bootstrap(s, "alice", 1, NULL);
    join_standard(s, "bob", 2, "10.0.0.1:8080");
    sim_cut(s, 1, 2, true);
    sim_run_ms(s, 40000);
    sim_story(s);
    sim_cut(s, 1, 2, false);
    sim_run_ms(s, 4000);
    expect_story(s, "[41856] bob > dial 592b (alice)\n"
                    "[41886] bob > link 3 to 592b is up\n"
                    "[41891] alice > link 4 to bfcc is up\n");
}
END_TEST

START_TEST(a_crash_is_mourned_and_the_place_is_looked_at_again)
{
    join_bootstrap(s, "alice", 1, NULL);
    join_standard(s, "bob", 2, "10.0.0.1:8080");
    sim_run_ms(s, 1000);
    sim_story(s);
    sim_crash(s, 1);
    sim_run_ms(s, 3000);
    expect_story(s, "[ 1060] bob * is killed\n"
                    "[ 1119] alice > dial bfcc (bob)\n"
                    "[ 1365] alice > bfcc is lost: connection closed\n"
                    "[ 3156] alice > dial bfcc (bob)\n");
}
END_TEST

START_TEST(a_late_joiner_asks_for_what_was_said)
{
    join_bootstrap(s, "alice", 1, NULL);
    say(s, 0, "one");
    sim_run_ms(s, 100);
    say(s, 0, "two");
    sim_run_ms(s, 1000);
    sim_story(s);
    join_standard(s, "bob", 2, "10.0.0.1:8080");
    sim_run_ms(s, 200);
    expect_story(
        s, "[ 1100] bob * starts\n"
           "[ 1125] bob > dial 592b (alice)\n"
           "[ 1125] bob > must reach 1\n"
           "[ 1125] bob > move to group 6093\n"
           "[ 1155] bob > link 1 to 592b is up\n"
           "[ 1155] bob > everybody I must reach is linked -> joined\n"
           "[ 1160] alice > link 2 to bfcc is up\n"
           "[ 1160] alice > link 2 holds something else -> say what I hold\n"
           "[ 1165] bob > link 1 holds something else -> say what I hold\n"
           "[ 1175] bob > want 592b:1..2\n");
}
END_TEST

/* The one who is listed lost power a moment ago: its links do not know yet. */
START_TEST(a_newcomer_learns_that_a_listed_member_is_dead)
{
    join_bootstrap(s, "alice", 1, NULL);
    join_standard(s, "bob", 2, "10.0.0.1:8080");
    sim_run_ms(s, 1000);
    sim_vanish(s, 2);
    sim_story(s);
    start_standard(s, "carol", 3, "10.0.0.1:8080", NULL);
    sim_run_ms(s, 8000);
    expect_story(s,
                 "[ 1060] carol * starts\n"
                 "[ 1085] carol > dial 592b (alice)\n"
                 "[ 1085] carol > dial bfcc (bob)\n"
                 "[ 1085] carol > must reach 2\n"
                 "[ 1085] carol > move to group 6093\n"
                 "[ 1115] carol > link 3 to 592b is up\n"
                 "[ 1120] alice > link 4 to b09f is up\n"
                 "[ 4417] carol > dial bfcc (bob)\n"
                 "[ 5095] carol > bfcc answers none of my links -> suspect\n"
                 "[ 5095] carol > everybody I must reach is linked -> joined\n"
                 "[ 9058] carol > dial bfcc (bob)\n");
}
END_TEST

/* alice is started again where bob, who is alone now, asks and dials. */
START_TEST(a_group_of_one_gives_way)
{
    join_bootstrap(s, "alice", 1, NULL);
    join_standard(s, "bob", 2, "10.0.0.1:8080");
    say(s, 1, "we were two");
    sim_run_ms(s, 1000);
    sim_crash(s, 0);
    sim_run_ms(s, 1000);
    sim_story(s);
    start_bootstrap(s, "alice", 1, NULL, NULL);
    sim_run_ms(s, 3000);
    expect_story(
        s, "[ 2060] alice * starts\n"
           "[ 2060] alice > nobody to ask -> found the group\n"
           "[ 2060] alice > everybody I must reach is linked -> joined\n"
           "[ 2090] bob > dial ff0e (alice)\n"
           "[ 2115] alice > refuse link 4: it is in another group\n"
           "[ 2125] alice > move to group 6093\n"
           "[ 2130] bob > link 3 to ff0e is up\n"
           "[ 2130] bob > dial 592b (alice)\n"
           "[ 2135] alice > link 4 to bfcc is up\n"
           "[ 2135] alice > link 4 holds something else -> say what I hold\n"
           "[ 2140] bob > link 3 holds something else -> say what I hold\n"
           "[ 2145] alice > want bfcc:1..1\n"
           "[ 2160] bob > link 5 to ff0e is up\n"
           "[ 2160] bob > 592b has a new tenant -> forget it\n"
           "[ 2160] bob > link 5 is a duplicate -> drain it\n"
           "[ 2165] alice > link 6 to bfcc is up\n"
           "[ 2165] alice > link 6 is a duplicate -> drain it\n");
}
END_TEST

Suite *suite_trace_narration(void);
Suite *suite_trace_narration(void)
{
    Suite *suite = suite_create("trace/narration");
    TCase *t = tcase_create("narration");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_first_one_founds_the_group);
    tcase_add_test(t, a_newcomer_asks_dials_and_joins);
    tcase_add_test(t, a_line_is_stored_and_sent_at_once);
    tcase_add_test(t, a_link_that_was_reset_is_dialled_again);
    tcase_add_test(t, who_was_lost_is_dialled_again_and_again);
    tcase_add_test(t, a_crash_is_mourned_and_the_place_is_looked_at_again);
    tcase_add_test(t, a_late_joiner_asks_for_what_was_said);
    tcase_add_test(t, a_newcomer_learns_that_a_listed_member_is_dead);
    tcase_add_test(t, a_group_of_one_gives_way);
    suite_add_tcase(suite, t);
    return suite;
}
