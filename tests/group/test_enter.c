/*
 * tests/group/test_enter.c - what was said before fills the history, and only
 * its end the screen; a long past keeps nobody from what is said now.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "group_words.h"

Suite *suite_group_enter(void);

#define BOUND 10

static struct mind m;

static void setup(void)
{
    mind_begin_joined(&m);
    m.g->enter.lines_max = BOUND;
    let_in(&m, 'B');
}

static void teardown(void)
{
    mind_end(&m);
}

/* Somebody has so much of who's run; now the first of it is here. */
static void fetch_many(char who, unsigned there, unsigned here)
{
    struct moot_hash head = hash_of(1);

    post_chain(&m, 2, who, there, &head, false);
    for (unsigned i = 0; i < here; i++) {
        char text[16];

        snprintf(text, sizeof text, "%u", i + 1);
        deliver(&m, 2, cast_writes(who, text), true);
        store_all(&m);
    }
    settle(&m);
}

static unsigned count_of(const char *begin)
{
    unsigned n = 0;

    for (const char *at = moot_buf_text(&m.text); *at != '\0';
         at = strchr(at, '\n') + 1)
        n += strncmp(at, begin, strlen(begin)) == 0;
    return n;
}

/* --- how much is shown --- */

START_TEST(of_what_was_said_before_only_the_end_is_shown)
{
    fetch_many('C', 1000, 1000);
    expect_uint(count_of("show"), BOUND);
    expect(strstr(moot_buf_text(&m.text), "show c: 991 (earlier)") != NULL);
    expect(strstr(moot_buf_text(&m.text), "show c: 1000 (earlier)") != NULL);
    forget_asked(&m);
    mind_run_ms(&m, MOOT_ENTER_QUIET_MS);
    expect_asked_of(&m, "notice",
                    "notice: 990 lines that were said before are not shown "
                    "here: see moot history\n");
}
END_TEST

START_TEST(all_of_it_is_stored)
{
    fetch_many('C', 1000, 1000);
    expect_uint(chain_of(&m, 'C')->kept_len, 1000);
}
END_TEST

START_TEST(what_fits_is_shown_and_not_spoken_of)
{
    fetch_many('C', BOUND, BOUND);
    expect_uint(count_of("show"), BOUND);
    forget_asked(&m);
    mind_run_ms(&m, MOOT_ENTER_QUIET_MS);
    expect_asked_of(&m, "notice show", "");
}
END_TEST

START_TEST(several_runs_share_the_bound)
{
    fetch_many('C', BOUND, BOUND);
    fetch_many('D', BOUND, BOUND);
    expect_uint(count_of("show"), BOUND);
}
END_TEST

/* One who was cut off, and was not away, sees it all (P1). */
START_TEST(once_we_are_in_all_that_was_missed_is_shown)
{
    mind_run_ms(&m, MOOT_ENTER_QUIET_MS);
    fetch_many('C', 100, 100);
    expect_uint(count_of("show"), 100);
}
END_TEST

START_TEST(alone_we_are_not_in_yet)
{
    link_down(&m, 2, MOOT_ERESET);
    mind_end(&m);
    mind_begin_joined(&m);
    m.g->enter.lines_max = BOUND;
    mind_run_ms(&m, 100 * MOOT_ENTER_QUIET_MS);
    let_in(&m, 'B');
    fetch_many('C', 100, 100);
    expect_uint(count_of("show"), BOUND);
}
END_TEST

/* --- a long past --- */

/* MOOT_DEEP_ENTRIES */
START_TEST(in_a_long_back_fill_live_lines_do_not_wait_for_it)
{
    const struct moot_entry *last;

    fetch_many('C', MOOT_DEEP_ENTRIES + 10, 5);
    last = cast_writes('C', "not here yet");
    forget_asked(&m);
    hear(&m, 2, cast_replies('B', "hi", last, NULL));
    expect_asked_of(&m, "show", "show b: hi\n");
}
END_TEST

START_TEST(in_a_short_one_they_do)
{
    const struct moot_entry *last;

    fetch_many('C', MOOT_DEEP_ENTRIES, 5);
    last = cast_writes('C', "not here yet");
    forget_asked(&m);
    hear(&m, 2, cast_replies('B', "hi", last, NULL));
    expect_asked_of(&m, "show", "");
}
END_TEST

/* Of one who has just spoken there is a long run to be fetched. */
START_TEST(a_live_line_of_the_very_run_is_shown_once)
{
    fetch_many('C', MOOT_DEEP_ENTRIES + 3, 1);
    for (unsigned i = 2; i <= 3; i++)
        cast_writes('C', "between");
    forget_asked(&m);
    hear(&m, 2, cast_writes('C', "now"));
    expect_asked_of(&m, "show", "show c: now\n");
}
END_TEST

/* MOOT_DEEP_WAIT_MS: a claim that nobody keeps holds nothing up. */
START_TEST(what_never_comes_is_no_long_past)
{
    fetch_many('C', 1u << 30, 5);
    expect(m.g->enter.deep);
    mind_run_ms(&m, MOOT_DEEP_WAIT_MS + 1);
    expect(!m.g->enter.deep);
    expect_uint(count_of("show c"), 5);
}
END_TEST

/* MOOT_DEEP_TELL_MS */
START_TEST(a_long_one_says_how_far_it_is)
{
    fetch_many('C', 5000, 100);
    for (int i = 0; i < 4; i++) {
        mind_run_ms(&m, MOOT_DEEP_TELL_MS / 4);
        deliver(&m, 2, cast_writes('C', "more"), true);
        settle(&m);
    }
    expect_asked_of(&m, "notice",
                    "notice: fetching what was said before: 103 entries are "
                    "here, 4897 are to come\n");
}
END_TEST

Suite *suite_group_enter(void)
{
    Suite *s = suite_create("group/enter");
    TCase *t = tcase_create("shown");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, of_what_was_said_before_only_the_end_is_shown);
    tcase_add_test(t, all_of_it_is_stored);
    tcase_add_test(t, what_fits_is_shown_and_not_spoken_of);
    tcase_add_test(t, several_runs_share_the_bound);
    tcase_add_test(t, once_we_are_in_all_that_was_missed_is_shown);
    tcase_add_test(t, alone_we_are_not_in_yet);
    suite_add_tcase(s, t);

    t = tcase_create("long");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, in_a_long_back_fill_live_lines_do_not_wait_for_it);
    tcase_add_test(t, in_a_short_one_they_do);
    tcase_add_test(t, a_live_line_of_the_very_run_is_shown_once);
    tcase_add_test(t, what_never_comes_is_no_long_past);
    tcase_add_test(t, a_long_one_says_how_far_it_is);
    suite_add_tcase(s, t);
    return s;
}
