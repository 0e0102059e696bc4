/*
 * tests/group/test_screen.c - a line is shown after what its author had seen,
 * in one order everywhere, and nothing waits for ever (P1).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "group_words.h"

Suite *suite_group_screen(void);

static struct mind m;

static void setup(void)
{
    mind_begin_joined(&m);
    let_in(&m, 'B');
    let_in(&m, 'C');
    let_in(&m, 'D');
}

static void teardown(void)
{
    mind_end(&m);
}

#define expect_shown(text) expect_asked_of(&m, "show", text)

static unsigned held(void)
{
    struct moot_group_stats s;

    moot_group_stats(m.g, &s);
    return s.screen_held;
}

/* --- causes --- */

START_TEST(what_needs_nothing_is_shown_at_once)
{
    hear(&m, 2, cast_writes('B', "hi"));
    expect_asked(&m, "store B:1 #1\nshow b: hi\n");
}
END_TEST

START_TEST(an_effect_waits_for_its_cause)
{
    struct moot_entry *b = cast_writes('B', "the cause");
    struct moot_entry *c = cast_replies('C', "the effect", b, NULL);

    hear(&m, 3, c);
    expect_asked(&m, "store C:1 #1\n");
    expect_uint(held(), 1);
    hear(&m, 2, b);
    expect_asked(&m, "store B:1 #2\n"
                     "show b: the cause\n"
                     "show c: the effect\n");
    expect_uint(held(), 0);
}
END_TEST

START_TEST(all_causes_are_waited_for)
{
    struct moot_entry *b = cast_writes('B', "one");
    struct moot_entry *d = cast_writes('D', "two");

    hear(&m, 3, cast_replies('C', "both", b, d));
    hear(&m, 2, b);
    expect_shown("show b: one\n");
    hear(&m, 4, d);
    expect_shown("show d: two\nshow c: both\n");
}
END_TEST

START_TEST(a_line_of_ours_is_a_cause_like_any_other)
{
    say_line(&m, MOOT_LINE_TEXT, "hello?");
    forget_asked(&m);
    hear(&m, 2, cast_replies('B', "hello!", m.stored, NULL));
    expect_shown("show b: hello! (after our #1)\n");
}
END_TEST

/* Ours is not on the screen as long as the store does not have it. */
START_TEST(an_answer_tells_which_line_of_ours_comes_before_it)
{
    struct moot_entry *b, *c;

    say_line(&m, MOOT_LINE_TEXT, "hello?");
    b = cast_replies('B', "hello!", m.stored, NULL);
    c = cast_replies('C', "hello to both!", b, NULL);
    forget_asked(&m);
    hear(&m, 4, cast_writes('D', "something else"));
    hear(&m, 2, b);
    hear(&m, 3, c);
    hear(&m, 3, cast_writes('C', "more"));
    expect_shown("show d: something else\n"
                 "show b: hello! (after our #1)\n"
                 "show c: hello to both! (after our #1)\n"
                 "show c: more (after our #1)\n");
    store_all(&m);
    hear(&m, 2, cast_writes('B', "and more"));
    expect_shown("show b: and more\n");
}
END_TEST

START_TEST(lines_of_one_author_wait_for_the_first_of_them)
{
    struct moot_entry *b = cast_writes('B', "the cause");
    struct moot_entry *c = cast_replies('C', "the effect", b, NULL);

    hear(&m, 3, c);
    hear(&m, 3, cast_writes('C', "more"));
    hear(&m, 3, cast_writes('C', "and more"));
    expect_shown("");
    hear(&m, 2, b);
    expect_shown("show b: the cause\n"
                 "show c: the effect\n"
                 "show c: more\n"
                 "show c: and more\n");
}
END_TEST

/* MOOT_CAUSE_WAIT_MS. */
START_TEST(after_5_s_a_line_is_shown_with_a_mark)
{
    struct moot_entry *b = cast_writes('B', "the cause");

    hear(&m, 3, cast_replies('C', "the effect", b, NULL));
    hear(&m, 3, cast_writes('C', "more"));
    mind_run_ms(&m, MOOT_CAUSE_WAIT_MS - 1);
    expect_shown("");
    mind_run_ms(&m, 1);
    expect_shown("show c: the effect (late)\nshow c: more\n");
    hear(&m, 2, b);
    expect_shown("show b: the cause\n");
}
END_TEST

START_TEST(who_waits_does_not_hold_up_the_others)
{
    struct moot_entry *b = cast_writes('B', "the cause");

    hear(&m, 3, cast_replies('C', "the effect", b, NULL));
    hear(&m, 4, cast_writes('D', "something else"));
    expect_shown("show d: something else\n");
}
END_TEST

/* Whoever writes with a clock that runs backwards spoils his own lines only:
 * they come late, and none of them takes back what was shown. */
START_TEST(what_was_shown_stays_shown)
{
    struct moot_entry *missing = cast_writes('D', "the cause");
    struct moot_entry *first = cast_replies('C', "first", missing, NULL);
    struct moot_draft d = cast_draft('C', "second, with a smaller clock");
    struct moot_entry *second;

    d.lamport = 1;
    second = cast_drafts('C', &d);
    deliver(&m, 3, first, false);
    deliver(&m, 3, second, false);
    settle(&m);
    mind_run_ms(&m, MOOT_CAUSE_WAIT_MS);
    expect_shown("show c: second, with a smaller clock (late)\n"
                 "show c: first (late)\n");
    hear(&m, 2, cast_replies('B', "I saw both", second, NULL));
    expect_shown("show b: I saw both\n");
}
END_TEST

/* --- order --- */

START_TEST(lines_of_one_frame_are_sorted_by_clock_and_author)
{
    struct moot_entry *late =
        cast_replies('B', "3", cast_writes('B', "1"), cast_writes('D', "2"));

    deliver(&m, 4, cast_writes('C', "between"), false);
    cast_set_run('D', 9);
    deliver(&m, 4, cast_writes('D', "last of the first"), false);
    (void)late;
    cast_set_run('B', 9);
    deliver(&m, 2, cast_writes('B', "first"), false);
    expect_shown("");
    settle(&m);
    expect_shown("show b: first\n"
                 "show c: between\n"
                 "show d: last of the first\n");
}
END_TEST

/* The transcript's order contradicts no causes. */
START_TEST(causes_come_first_in_one_frame)
{
    struct moot_entry *d = cast_writes('D', "1");
    struct moot_entry *c = cast_replies('C', "2", d, NULL);
    struct moot_entry *b = cast_replies('B', "3", c, NULL);

    deliver(&m, 2, b, false);
    deliver(&m, 2, c, false);
    deliver(&m, 2, d, false);
    settle(&m);
    expect_shown("show d: 1\nshow c: 2\nshow b: 3\n");
}
END_TEST

/* --- what was said before we came --- */

static void ask_for(char who, uint64_t len)
{
    struct moot_hash head = hash_of(1);

    post_chain(&m, 2, who, len, &head, false);
}

START_TEST(earlier_lines_come_sorted_and_marked)
{
    struct moot_entry *c = cast_writes('C', "1");
    struct moot_entry *d = cast_replies('D', "2", c, NULL);
    struct moot_entry *c2 = cast_replies('C', "3", d, NULL);

    ask_for('C', 2);
    ask_for('D', 1);
    forget_asked(&m);
    deliver(&m, 2, c, true);
    deliver(&m, 2, c2, true);
    settle(&m);
    expect_shown("");
    deliver(&m, 2, d, true);
    settle(&m);
    expect_shown("show c: 1 (earlier)\n"
                 "show d: 2 (earlier)\n"
                 "show c: 3 (earlier)\n");
}
END_TEST

/* MOOT_SORT_WAIT_MS. */
START_TEST(earlier_lines_wait_a_second_for_others_to_be_sorted_among)
{
    ask_for('D', 1);
    deliver(&m, 2, cast_writes('C', "1"), true);
    settle(&m);
    expect_shown("");
    mind_run_ms(&m, MOOT_SORT_WAIT_MS - 1);
    expect_shown("");
    mind_run_ms(&m, 1);
    expect_shown("show c: 1 (earlier)\n");
}
END_TEST

START_TEST(what_is_said_now_does_not_wait_for_what_was_said_earlier)
{
    ask_for('D', 1);
    hear(&m, 3, cast_writes('C', "now"));
    expect_shown("show c: now\n");
}
END_TEST

/* --- bounds (P12) --- */

static struct moot_entry *lonely(uint64_t n, const struct moot_entry *missing)
{
    struct moot_draft d = cast_draft('C', "x");
    struct moot_cite cite = {
        .in = missing->in, .seq = missing->seq, .hash = missing->hash};

    d.in.run = 1000 + n;
    d.lamport = 2 + n;
    d.cites = &cite;
    d.cite_count = 1;
    return cast_drafts('C', &d);
}

/* MOOT_SCREEN_HELD_MAX: the first in the transcript is shown with a mark. */
START_TEST(at_most_4096_lines_wait)
{
    struct moot_entry *missing = cast_writes('B', "the cause");

    moot_group_link_find(m.g, 3)->new_chains = 2 * MOOT_SCREEN_HELD_MAX;
    for (uint64_t n = 0; n < MOOT_SCREEN_HELD_MAX; n++)
        deliver(&m, 3, lonely(n, missing), false);
    settle(&m);
    expect_shown("");
    expect_uint(held(), MOOT_SCREEN_HELD_MAX);
    hear(&m, 3, lonely(MOOT_SCREEN_HELD_MAX, missing));
    expect_uint(held(), MOOT_SCREEN_HELD_MAX);
    expect_shown("show c: x (late)\n");
    expect(m.g->held[0].entry->in.run == 1001);
}
END_TEST

/* MOOT_SCREEN_BYTES_MAX. */
START_TEST(lines_of_at_most_16_mib_wait)
{
    struct moot_entry *missing = cast_writes('B', "the cause");
    static char text[MOOT_LINE_LEN_MAX + 1];
    struct moot_line lines[7];
    unsigned n = 0;
    size_t each = 0;

    memset(text, 'x', MOOT_LINE_LEN_MAX);
    for (unsigned i = 0; i < 7; i++)
        lines[i] = (struct moot_line){MOOT_LINE_TEXT, moot_bytes_text(text)};
    moot_group_link_find(m.g, 3)->new_chains = 1000;
    while (held() == n) {
        struct moot_draft d = cast_draft('C', "x");
        struct moot_cite cite = {
            .in = missing->in, .seq = missing->seq, .hash = missing->hash};

        expect(m.g->held_bytes <= MOOT_SCREEN_BYTES_MAX);
        d.in.run = 1000 + n++;
        d.cites = &cite;
        d.cite_count = 1;
        d.lines = lines;
        d.line_count = 7;
        hear(&m, 3, cast_drafts('C', &d));
        each = m.stored->raw.len + sizeof *m.stored;
    }
    expect_uint(n, MOOT_SCREEN_BYTES_MAX / each + 1);
    expect(m.g->held_bytes <= MOOT_SCREEN_BYTES_MAX);
}
END_TEST

/* --- names --- */

START_TEST(a_line_goes_under_the_name_its_author_had)
{
    struct moot_draft d = cast_draft('B', "hi");

    d.name = moot_bytes_text("robert");
    hear(&m, 2, cast_drafts('B', &d));
    expect_shown("show robert: hi\n");
}
END_TEST

START_TEST(two_of_one_name_are_told_apart_by_a_suffix)
{
    struct moot_draft d = cast_draft('B', "hi");
    char suffix[5], want[32];

    d.name = moot_bytes_text("c");
    hear(&m, 2, cast_drafts('B', &d));
    moot_id_suffix(cast_id('B'), suffix);
    snprintf(want, sizeof want, "show c.%s: hi\n", suffix);
    expect_shown(want);
}
END_TEST

START_TEST(a_pruned_line_is_shown_as_a_place_without_words)
{
    struct moot_entry *whole = cast_writes('B', "hi");
    struct moot_entry *pruned = moot_entry_pruned(whole);

    for (unsigned i = 0; i < 4; i++) /* nobody has more of it */
        for (uint64_t link = 2; link <= 4; link++)
            hear(&m, link, pruned);
    expect_shown("show :\n");
    moot_entry_unref(pruned);
}
END_TEST

Suite *suite_group_screen(void)
{
    Suite *s = suite_create("group/screen");
    TCase *t = tcase_create("causes");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, what_needs_nothing_is_shown_at_once);
    tcase_add_test(t, an_effect_waits_for_its_cause);
    tcase_add_test(t, all_causes_are_waited_for);
    tcase_add_test(t, a_line_of_ours_is_a_cause_like_any_other);
    tcase_add_test(t, an_answer_tells_which_line_of_ours_comes_before_it);
    tcase_add_test(t, lines_of_one_author_wait_for_the_first_of_them);
    tcase_add_test(t, after_5_s_a_line_is_shown_with_a_mark);
    tcase_add_test(t, who_waits_does_not_hold_up_the_others);
    tcase_add_test(t, what_was_shown_stays_shown);
    suite_add_tcase(s, t);

    t = tcase_create("order");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, lines_of_one_frame_are_sorted_by_clock_and_author);
    tcase_add_test(t, causes_come_first_in_one_frame);
    tcase_add_test(t, earlier_lines_come_sorted_and_marked);
    tcase_add_test(t,
                   earlier_lines_wait_a_second_for_others_to_be_sorted_among);
    tcase_add_test(t, what_is_said_now_does_not_wait_for_what_was_said_earlier);
    suite_add_tcase(s, t);

    t = tcase_create("bounds");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, at_most_4096_lines_wait);
    tcase_add_test(t, lines_of_at_most_16_mib_wait);
    suite_add_tcase(s, t);

    t = tcase_create("names");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_line_goes_under_the_name_its_author_had);
    tcase_add_test(t, two_of_one_name_are_told_apart_by_a_suffix);
    tcase_add_test(t, a_pruned_line_is_shown_as_a_place_without_words);
    suite_add_tcase(s, t);
    return s;
}
