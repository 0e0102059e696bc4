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

/* When too many wait, some are shown whatever the bound is. */
START_TEST(what_was_shown_beyond_the_bound_makes_no_room)
{
    m.g->enter.lines_shown = BOUND + 1;
    fetch_many('C', 100, 100);
    expect_uint(count_of("show"), 0);
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

/* --- less than all of it: --history --- */

static void want_newest(uint64_t count)
{
    m.g->enter.history_bounded = true;
    m.g->enter.history_max = count > 0 ? count : 1;
    m.g->enter.hidden = count == 0;
}

/* who's run up to seq; somebody has all of it. */
static struct moot_entry *written[64];

static void write_run(char who, unsigned count)
{
    struct moot_hash head = hash_of(1);

    for (unsigned i = 1; i <= count; i++)
        written[i] = cast_writes(who, "x");
    post_chain(&m, 2, who, count, &head, false);
}

START_TEST(of_each_run_only_the_newest_are_fetched)
{
    want_newest(3);
    write_run('C', 20);
    expect_asked_of(&m, "send", "send 2 WANT C:18..20\n");
    for (unsigned i = 18; i <= 20; i++)
        deliver(&m, 2, written[i], true);
    settle(&m);
    store_all(&m);
    expect_uint(chain_of(&m, 'C')->kept_len, 20);
    expect_asked_of(&m, "show send",
                    "show c: x (earlier)\nshow c: x (earlier)\n"
                    "show c: x (earlier)\n");
    hear(&m, 2, cast_writes('C', "on we go"));
    expect_asked_of(&m, "show", "show c: on we go\n");
}
END_TEST

START_TEST(a_run_that_is_shorter_is_fetched_whole)
{
    want_newest(30);
    write_run('C', 20);
    expect_asked_of(&m, "send", "send 2 WANT C:1..20\n");
}
END_TEST

START_TEST(with_none_there_is_only_what_the_next_lines_stand_on)
{
    want_newest(0);
    write_run('C', 20);
    expect_asked_of(&m, "send", "send 2 WANT C:20..20\n");
    deliver(&m, 2, written[20], true);
    settle(&m);
    expect_asked_of(&m, "show", "");
    hear(&m, 2, cast_replies('C', "now", written[20], NULL));
    expect_asked_of(&m, "show", "show c: now\n");
    forget_asked(&m);
    mind_run_ms(&m, MOOT_ENTER_QUIET_MS);
    expect_asked_of(&m, "notice", "");
}
END_TEST

START_TEST(what_nobody_gives_leaves_no_run_behind)
{
    want_newest(3);
    write_run('C', 20);
    for (unsigned i = 0; i < 3; i++)
        post_lack(&m, 2, 'C', 18, 20);
    expect(chain_of(&m, 'C') == NULL);
}
END_TEST

/* A liar would have us wait for the end of a run that nobody knows of. */
START_TEST(a_claim_keeps_no_live_line_off_the_screen)
{
    want_newest(3);
    write_run('C', 20);
    let_in(&m, 'D');
    post_chain(&m, 4, 'C', 1000, &(struct moot_hash){{1}}, false);
    forget_asked(&m);
    hear(&m, 2, cast_writes('C', "here"));
    hear(&m, 2, cast_writes('C', "I am"));
    expect_asked_of(&m, "store show",
                    "store C:21 #1\nshow c: here\n"
                    "store C:22 #2\nshow c: I am\n");
    store_all(&m);
    expect_uint(chain_of(&m, 'C')->kept_len, 22);
}
END_TEST

START_TEST(what_was_left_out_is_not_served)
{
    want_newest(3);
    write_run('C', 20);
    for (unsigned i = 18; i <= 20; i++)
        deliver(&m, 2, written[i], true);
    settle(&m);
    store_all(&m);
    forget_asked(&m);
    post_want(&m, 2, 'C', 1, 20);
    expect_asked_of(&m, "fetch", "fetch C:1..20 #4\n");
    fetched(&m, 4, NULL, 0);
    expect_asked_of(&m, "send", "send 2 LACK C:1..20, has from 18 on\n");
}
END_TEST

START_TEST(once_we_are_in_all_of_a_new_run_is_fetched)
{
    want_newest(3);
    mind_run_ms(&m, MOOT_ENTER_QUIET_MS);
    forget_asked(&m);
    write_run('C', 20);
    expect_asked_of(&m, "send", "send 2 WANT C:1..20\n");
}
END_TEST

START_TEST(of_our_own_earlier_runs_all_is_fetched)
{
    want_newest(3);
    cast_set_run('M', 7);
    write_run('M', 20);
    expect_asked_of(&m, "send", "send 2 WANT M:1..20\n");
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

static struct moot_entry *at_seq(char who, uint64_t seq, const char *text)
{
    struct moot_draft d = cast_draft(who, text);

    d.seq = seq;
    d.prev = hash_of(1);
    return cast_drafts(who, &d);
}

/* Also when its run is proven to end, somewhere behind it, meanwhile. */
START_TEST(it_is_shown_once_when_the_run_has_two_histories)
{
    struct moot_entry *between[2], *now;
    struct moot_fork f;
    struct moot_group_event ev = {.kind = MOOT_GROUP_FORK, .link = 2};

    fetch_many('C', MOOT_DEEP_ENTRIES + 3, 1);
    for (unsigned i = 0; i < 2; i++)
        between[i] = cast_writes('C', "between");
    now = cast_writes('C', "now");
    forget_asked(&m);
    hear(&m, 2, now);
    expect(moot_fork_make(at_seq('C', 9, "a"), at_seq('C', 9, "b"), &f));
    ev.fork = &f;
    mind_step(&m, &ev);
    moot_fork_fini(&f);
    for (unsigned i = 0; i < 2; i++)
        deliver(&m, 2, between[i], true);
    deliver(&m, 2, now, true);
    mind_run_ms(&m, MOOT_ENTER_QUIET_MS);
    expect_uint(chain_of(&m, 'C')->len, 4);
    expect_asked_of(&m, "show",
                    "show c: now\nshow c: 1 (earlier)\n"
                    "show c: between (earlier)\nshow c: between (earlier)\n");
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
    tcase_add_test(t, what_was_shown_beyond_the_bound_makes_no_room);
    tcase_add_test(t, alone_we_are_not_in_yet);
    suite_add_tcase(s, t);

    t = tcase_create("history");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, of_each_run_only_the_newest_are_fetched);
    tcase_add_test(t, a_run_that_is_shorter_is_fetched_whole);
    tcase_add_test(t, with_none_there_is_only_what_the_next_lines_stand_on);
    tcase_add_test(t, what_nobody_gives_leaves_no_run_behind);
    tcase_add_test(t, a_claim_keeps_no_live_line_off_the_screen);
    tcase_add_test(t, what_was_left_out_is_not_served);
    tcase_add_test(t, once_we_are_in_all_of_a_new_run_is_fetched);
    tcase_add_test(t, of_our_own_earlier_runs_all_is_fetched);
    suite_add_tcase(s, t);

    t = tcase_create("long");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, in_a_long_back_fill_live_lines_do_not_wait_for_it);
    tcase_add_test(t, in_a_short_one_they_do);
    tcase_add_test(t, a_live_line_of_the_very_run_is_shown_once);
    tcase_add_test(t, it_is_shown_once_when_the_run_has_two_histories);
    tcase_add_test(t, what_never_comes_is_no_long_past);
    tcase_add_test(t, a_long_one_says_how_far_it_is);
    suite_add_tcase(s, t);
    return s;
}
