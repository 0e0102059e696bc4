/*
 * tests/trace/test_share.c - much work at once is spread over time, not lost
 * (P1, P11).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "base/limits.h"
#include "story.h"
#include "words.h"

Suite *suite_trace_share(void);

#define LINES 600

/* MOOT_WORK_BURST, MOOT_WORK_PER_MS: each line is an entry of its own, with a
 * signature to be checked. */
START_TEST(a_long_history_from_one_link_comes_with_pauses_and_whole)
{
    struct sim *s = story_begin();
    unsigned ann = join_bootstrap(s, "ann", 1, NULL);
    struct sim_figures f;
    unsigned bob;

    for (int i = 0; i < LINES; i++) {
        say(s, ann, "one of many");
        sim_run_ms(s, 50);
    }
    sim_figures(s, &f);
    expect_uint(f.pauses, 0);
    bob = join_standard(s, "bob", 2, "10.0.0.1:8080");
    expect_all_well_within(s, 2000);
    sim_figures(s, &f);
    expect(f.pauses > 0);
    expect_uint(f.dead, 0);
    say(s, ann, "are you there?");
    say(s, bob, "yes");
    expect_all_well_within(s, 1000);
    story_end(s);
}
END_TEST

Suite *suite_trace_share(void)
{
    Suite *s = suite_create("trace/share");
    TCase *t = tcase_create("share");

    tcase_add_test(t, a_long_history_from_one_link_comes_with_pauses_and_whole);
    suite_add_tcase(s, t);
    return s;
}
