/*
 * tests/node/test_silence.c - a store that is away: own lines are refused and
 * nothing is lost, those of others go on (P2, P11, P12).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "node_words.h"

Suite *suite_node_silence(void);

static struct stage st;

static void setup(void)
{
    stage_begin(&st);
    link_in(&st, 2, 'B');
}

static void setup_asking(void)
{
    stage_begin_asking(&st, 1);
}

static void teardown(void)
{
    stage_end(&st);
}

static void lose_store(const char *why)
{
    struct moot_event ev = {.kind = MOOT_EV_STORE_FAILED};

    ev.store_failed.why = why;
    stage_step(&st, &ev);
}

static void recover(void)
{
    stage_event(&st, MOOT_EV_STORE_BACK, 0);
}

#define FAILED                                                                 \
    "silence: the disk is full\n"                                              \
    "error: the disk is full: until that is over you cannot say anything; "    \
    "what others say is still shown\n"
#define BACK "notice: what is said can be stored again\nspeak\n"

static void expect_closed(const char *want)
{
    const char *why = "";

    expect(!moot_node_may_speak(st.n, &why));
    expect(!moot_node_may_speak(st.n, NULL));
    expect(!moot_node_can_say(st.n));
    expect_text(why, want);
}

START_TEST(the_user_hears_why_nothing_can_be_said)
{
    expect(moot_node_may_speak(st.n, NULL));
    lose_store("the disk is full");
    expect_done(&st, FAILED);
    expect_closed("the disk is full");
    expect(moot_node_joined(st.n));
}
END_TEST

START_TEST(the_user_hears_it_once)
{
    lose_store("the disk is full");
    forget_done(&st);
    lose_store("the disk is full");
    lose_store("no such device");
    expect_done_of(&st, "error", "");
    expect_closed("no such device");
}
END_TEST

START_TEST(a_failure_without_a_reason_has_one_too)
{
    lose_store("");
    expect_closed("nothing can be stored");
}
END_TEST

START_TEST(own_lines_are_refused_meanwhile)
{
    lose_store("the disk is full");
    forget_done(&st);
    stage_say(&st, "hello?");
    expect_done(&st, "error: not said: the disk is full\n");
    recover();
    expect_done(&st, BACK);
    expect(moot_node_can_say(st.n));
    stage_say(&st, "hello!");
    expect_done_of(&st, "send", "send 2 ENTRIES M:1\n");
}
END_TEST

START_TEST(a_store_that_was_never_away_does_not_come_back)
{
    recover();
    expect_done(&st, "");
}
END_TEST

/* The line is out already; its mark goes when the store has it. */
START_TEST(what_was_sent_keeps_its_mark_until_it_is_stored)
{
    stage_say(&st, "one");
    forget_done(&st);
    lose_store("the disk is full");
    stage_run_ms(&st, 60000);
    expect_done_of(&st, "sent", "");
    recover();
    stage_store_all(&st);
    expect_done_of(&st, "sent", "sent 1\n");
}
END_TEST

/* Said behind one that is on its way, and so not sent yet. */
START_TEST(what_waited_to_be_said_is_said_afterwards)
{
    stage_say(&st, "one");
    stage_say(&st, "two");
    lose_store("the disk is full");
    forget_done(&st);
    recover();
    stage_store_all(&st);
    expect_done_of(&st, "send sent", "sent 1\nsend 2 ENTRIES M:2\n");
}
END_TEST

START_TEST(lines_of_others_go_on_being_shown)
{
    lose_store("the disk is full");
    forget_done(&st);
    hand_in_entry(&st, 2, cast_writes('B', "hi"), false);
    expect_done_of(&st, "show store send", "store B:1\nshow b: hi\n");
    stage_run_ms(&st, 1000);
    expect_done_of(&st, "ack", "");
    recover();
    stage_store_all(&st);
    expect_done_of(&st, "send", "send 2 ACK 1\n");
}
END_TEST

/* MOOT_STORING_BYTES_MAX; it is asked for when there is room again. */
START_TEST(lines_of_others_do_not_pile_up_for_ever)
{
    static char text[MOOT_LINE_LEN_MAX + 1];
    struct moot_group_stats before, after;

    memset(text, 'x', MOOT_LINE_LEN_MAX);
    lose_store("the disk is full");
    for (unsigned i = 0; i < 9000; i++)
        hand_in_entry(&st, 2, cast_writes('B', text), false);
    moot_group_stats(st.n->group, &before);
    expect(before.entries < 9000);
    forget_done(&st);
    hand_in_entry(&st, 2, cast_writes('B', "over"), false);
    moot_group_stats(st.n->group, &after);
    expect_uint(after.entries, before.entries);
    expect_done_of(&st, "send", ""); /* nor asked for: there is no room */
    recover();
    stage_store_all(&st);
    expect_within("send 2 PING sync\n", moot_buf_text(&st.text));
    forget_done(&st);
    hand_in_entry(&st, 2, cast_writes('B', "now?"), false);
    stage_run_ms(&st, 5000);
    expect_within("WANT B:", moot_buf_text(&st.text));
}
END_TEST

START_TEST(who_is_not_in_the_group_yet_may_not_speak_either)
{
    expect_closed("joining");
    lose_store("the disk is full");
    expect_closed("joining");
    forget_done(&st);
    recover();
    expect_done(&st, "notice: what is said can be stored again\n");
}
END_TEST

START_TEST(who_comes_into_the_group_meanwhile_may_speak_afterwards)
{
    stage_event(&st, MOOT_EV_START, 0);
    lose_store("the disk is full");
    stage_answer(&st, "B", MOOT_GROWN);
    link_out(&st, 2, 'B');
    stage_run_ms(&st, 5000);
    expect(moot_node_joined(st.n));
    expect_done_of(&st, "speak", "");
    expect_closed("the disk is full");
    recover();
    expect_done_of(&st, "notice speak", BACK);
}
END_TEST

Suite *suite_node_silence(void)
{
    Suite *s = suite_create("node/silence");
    TCase *t = tcase_create("joined");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_user_hears_why_nothing_can_be_said);
    tcase_add_test(t, the_user_hears_it_once);
    tcase_add_test(t, a_failure_without_a_reason_has_one_too);
    tcase_add_test(t, own_lines_are_refused_meanwhile);
    tcase_add_test(t, a_store_that_was_never_away_does_not_come_back);
    tcase_add_test(t, what_was_sent_keeps_its_mark_until_it_is_stored);
    tcase_add_test(t, what_waited_to_be_said_is_said_afterwards);
    tcase_add_test(t, lines_of_others_go_on_being_shown);
    tcase_add_test(t, lines_of_others_do_not_pile_up_for_ever);
    suite_add_tcase(s, t);

    t = tcase_create("joining");
    tcase_add_checked_fixture(t, setup_asking, teardown);
    tcase_add_test(t, who_is_not_in_the_group_yet_may_not_speak_either);
    tcase_add_test(t, who_comes_into_the_group_meanwhile_may_speak_afterwards);
    suite_add_tcase(s, t);
    return s;
}
