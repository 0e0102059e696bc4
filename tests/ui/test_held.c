/*
 * tests/ui/test_held.c - own lines wait a moment to be stored, and no answer
 * overtakes them.
 *
 * The face is a pretended one that collects what it is given; the loop is real,
 * and the only thing waited for is the timer under test.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ui/held.h"
#include "ui/ui.h"
#include "words.h"

Suite *suite_ui_held(void);

static struct moot_buf seen;
static struct ev_loop *loop;
static struct moot_format format;
static struct moot_held *held;

static void collect(struct moot_face *f, enum moot_channel channel,
                    struct moot_bytes lines)
{
    (void)f;
    (void)channel;
    moot_buf_append(&seen, lines.data, lines.len);
}

static const struct moot_face_ops ops = {collect, NULL, NULL};
static struct moot_face face = {&ops};

static void setup(void)
{
    loop = ev_loop_new(EVFLAG_AUTO);
    held = moot_held_open(loop, &face, &format);
}

static void teardown(void)
{
    moot_held_close(held);
    ev_loop_destroy(loop);
    moot_buf_fini(&seen);
}

static void say(const char *lines, uint64_t seq)
{
    moot_held_add_own(held, moot_bytes_text(lines), seq);
}

static void hear(const char *lines, uint64_t after)
{
    moot_held_add_other(held, moot_bytes_text(lines), after);
}

static void tell(const char *lines)
{
    moot_held_add(held, MOOT_CHANNEL_CHAT, moot_bytes_text(lines));
}

static bool marked(void *ctx)
{
    (void)ctx;
    ev_run(loop, EVRUN_NOWAIT);
    return strstr(moot_buf_text(&seen), "\u00b7") != NULL;
}

START_TEST(lines_of_others_pass_at_once)
{
    hear("one\n", 0);
    expect_text(moot_buf_text(&seen), "one\n");
}
END_TEST

START_TEST(an_own_line_is_shown_when_it_is_stored)
{
    say("mine\n", 1);
    expect_text(moot_buf_text(&seen), "");
    moot_held_stored(held, 1);
    expect_text(moot_buf_text(&seen), "mine\n");
}
END_TEST

START_TEST(who_has_not_seen_an_own_line_does_not_wait_for_it)
{
    say("mine\n", 1);
    hear("yours\n", 0);
    expect_text(moot_buf_text(&seen), "yours\n");
    moot_held_stored(held, 1);
    say("mine too\n", 2);
    hear("and yours\n", 1);
    expect_text(moot_buf_text(&seen), "yours\nmine\nand yours\n");
}
END_TEST

START_TEST(an_answer_waits_for_the_line_it_answers)
{
    say("mine\n", 1);
    say("mine too\n", 2);
    hear("yours\n", 1);
    expect_text(moot_buf_text(&seen), "");
    moot_held_stored(held, 2);
    expect_text(moot_buf_text(&seen), "mine\nmine too\nyours\n");
    hear("next\n", 2);
    expect_text(moot_buf_text(&seen), "mine\nmine too\nyours\nnext\n");
}
END_TEST

/* The first answer stands behind both own lines, though only one of them is
 * before it; the second must not find the way free meanwhile. */
START_TEST(answers_stay_in_their_order)
{
    say("mine\n", 1);
    say("mine too\n", 2);
    hear("first\n", 1);
    moot_held_stored(held, 1);
    hear("second\n", 1);
    moot_held_stored(held, 2);
    expect_text(moot_buf_text(&seen), "mine\nmine too\nfirst\nsecond\n");
}
END_TEST

/* What has waited so far is made up for after a minute. */
static void use_up_the_patience(void)
{
    say("mine\n", 1);
    for (unsigned i = 0; i < 1500; i++)
        hear("yours\n", 1);
    moot_held_stored(held, 1);
    moot_buf_clear(&seen);
}

START_TEST(answers_stay_in_their_order_when_they_may_wait_no_more)
{
    say("mine\n", 1);
    for (unsigned i = 0; i < 1500; i++)
        hear("yours\n", 1);
    say("mine too\n", 2);
    hear("first\n", 2);
    moot_held_stored(held, 1);
    moot_buf_clear(&seen);
    hear("second\n", 1);
    expect_text(moot_buf_text(&seen), "\u00b7 mine too\nfirst\nsecond\n");
}
END_TEST

START_TEST(in_a_lively_group_no_answer_waits)
{
    use_up_the_patience();
    say("again\n", 2);
    say("later\n", 3);
    hear("at once\n", 2);
    expect_text(moot_buf_text(&seen), "\u00b7 again\nat once\n");
    moot_buf_clear(&seen);
    moot_held_stored(held, 3);
    expect_within("later\n", moot_buf_text(&seen));
    expect_within("stored now: the 1 line marked", moot_buf_text(&seen));
}
END_TEST

START_TEST(an_answer_does_not_wait_for_ever)
{
    say("mine\n", 1);
    hear("yours\n", 1);
    expect_until(marked, NULL, 5000);
    expect_text(moot_buf_text(&seen), "\u00b7 mine\nyours\n");
}
END_TEST

START_TEST(what_is_no_entry_keeps_its_place)
{
    say("mine\n", 1);
    tell("somebody came\n");
    hear("his line\n", 0);
    tell("somebody left\n");
    expect_text(moot_buf_text(&seen), "");
    moot_held_stored(held, 1);
    expect_text(moot_buf_text(&seen),
                "mine\nsomebody came\nhis line\nsomebody left\n");
}
END_TEST

START_TEST(a_stored_entry_does_not_vouch_for_the_next)
{
    say("one\n", 1);
    say("two\n", 2);
    moot_held_stored(held, 1);
    expect_text(moot_buf_text(&seen), "one\n");
}
END_TEST

START_TEST(what_takes_long_is_shown_with_a_mark_and_called_stored_later)
{
    say("mine\nmine\n", 1);
    tell("yours\n");
    expect_until(marked, NULL, 5000);
    expect_text(moot_buf_text(&seen), "\u00b7 mine\n\u00b7 mine\nyours\n");
    moot_buf_clear(&seen);
    moot_held_stored(held, 1);
    expect_within(" -- stored now: the 2 lines marked \u00b7\n",
                  moot_buf_text(&seen));
    moot_buf_clear(&seen);
    say("quick\n", 2);
    moot_held_stored(held, 2);
    expect_text(moot_buf_text(&seen), "quick\n");
}
END_TEST

START_TEST(what_is_held_is_bounded)
{
    struct moot_buf big = {0};

    while (big.len < MOOT_UI_HELD_MAX)
        moot_buf_append(&big, "12345678901234567890\n", 21);
    say("mine\n", 1);
    moot_held_add_other(held, moot_buf_view(&big), 1);
    expect(strncmp(moot_buf_text(&seen), "\u00b7 mine\n", 8) == 0);
    expect_uint(seen.len, big.len + 8);
    moot_buf_fini(&big);
}
END_TEST

START_TEST(another_group_counts_from_one_again)
{
    say("one\n", 1);
    moot_held_stored(held, 1);
    say("one again\n", 1);
    expect_text(moot_buf_text(&seen), "one\n");
    moot_held_stored(held, 1);
    expect_text(moot_buf_text(&seen), "one\none again\n");
}
END_TEST

START_TEST(the_end_shows_what_is_left)
{
    say("mine\n", 1);
    hear("yours\n", 1);
    moot_held_close(held);
    held = NULL;
    expect_text(moot_buf_text(&seen), "\u00b7 mine\nyours\n");
}
END_TEST

Suite *suite_ui_held(void)
{
    Suite *s = suite_create("ui/held");
    TCase *t = tcase_create("held");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, lines_of_others_pass_at_once);
    tcase_add_test(t, an_own_line_is_shown_when_it_is_stored);
    tcase_add_test(t, who_has_not_seen_an_own_line_does_not_wait_for_it);
    tcase_add_test(t, an_answer_waits_for_the_line_it_answers);
    tcase_add_test(t, answers_stay_in_their_order);
    tcase_add_test(t, answers_stay_in_their_order_when_they_may_wait_no_more);
    tcase_add_test(t, in_a_lively_group_no_answer_waits);
    tcase_add_test(t, an_answer_does_not_wait_for_ever);
    tcase_add_test(t, what_is_no_entry_keeps_its_place);
    tcase_add_test(t, a_stored_entry_does_not_vouch_for_the_next);
    tcase_add_test(
        t, what_takes_long_is_shown_with_a_mark_and_called_stored_later);
    tcase_add_test(t, what_is_held_is_bounded);
    tcase_add_test(t, another_group_counts_from_one_again);
    tcase_add_test(t, the_end_shows_what_is_left);
    suite_add_tcase(s, t);
    return s;
}
