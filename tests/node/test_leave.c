/*
 * tests/node/test_leave.c - leaving in order: what was said is stored and
 * confirmed, everybody hears goodbye, and then nothing happens any more (P2).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "node_words.h"

Suite *suite_node_leave(void);

static struct stage st;

static void setup(void)
{
    stage_begin(&st);
    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
}

static void setup_alone(void)
{
    stage_begin(&st);
}

static void teardown(void)
{
    stage_end(&st);
}

static void ack(moot_link link, uint64_t seq)
{
    stage_draft(&st, MOOT_MSG_ACK)->ack =
        (struct moot_ack){.run = st.n->self.run, .seq = seq};
    hand_in(&st, link);
}

#define expect_drain(text) expect_done_of(&st, "send drained", text)

/* --- the end of the input --- */

START_TEST(at_the_end_everybody_has_to_confirm)
{
    stage_say(&st, "one");
    stage_store_all(&st);
    forget_done(&st);
    stage_event(&st, MOOT_EV_INPUT_END, 0);
    expect_drain("");
    ack(2, 1);
    expect_drain("");
    ack(3, 1);
    expect_drain("drained\n");
    ack(3, 1);
    stage_run_ms(&st, 60000);
    expect_done_of(&st, "drained", "");
}
END_TEST

START_TEST(what_was_confirmed_before_the_end_is_confirmed)
{
    stage_say(&st, "one");
    stage_store_all(&st);
    ack(2, 1);
    ack(3, 1);
    forget_done(&st);
    stage_event(&st, MOOT_EV_INPUT_END, 0);
    expect_drain("drained\n");
}
END_TEST

START_TEST(where_nothing_was_said_there_is_nothing_to_confirm)
{
    stage_event(&st, MOOT_EV_INPUT_END, 0);
    expect_drain("drained\n");
}
END_TEST

START_TEST(all_that_was_said_has_to_be_confirmed)
{
    stage_say(&st, "one");
    stage_say(&st, "two");
    forget_done(&st);
    stage_event(&st, MOOT_EV_INPUT_END, 0);
    stage_store_all(&st);
    expect_drain("send 2 ENTRIES M:2\nsend 3 ENTRIES M:2\n");
    ack(2, 1);
    ack(3, 1);
    expect_drain("");
    ack(2, 2);
    ack(3, 2);
    expect_drain(""); /* not stored here */
    stage_store_all(&st);
    expect_drain("drained\n");
}
END_TEST

START_TEST(alone_there_is_nobody_to_confirm)
{
    stage_say(&st, "hello?");
    stage_event(&st, MOOT_EV_INPUT_END, 0);
    expect_drain("");
    stage_store_all(&st);
    expect_drain("drained\n");
}
END_TEST

START_TEST(a_link_that_goes_down_need_not_confirm)
{
    stage_say(&st, "one");
    stage_store_all(&st);
    stage_event(&st, MOOT_EV_INPUT_END, 0);
    ack(2, 1);
    forget_done(&st);
    close_link(&st, 3, MOOT_ERESET);
    expect_drain("drained\n");
}
END_TEST

/* MOOT_DRAIN_MAX_MS. */
START_TEST(nobody_is_waited_for_longer_than_5_s)
{
    stage_say(&st, "one");
    stage_store_all(&st);
    stage_event(&st, MOOT_EV_INPUT_END, 0);
    ack(2, 1);
    stage_run_ms(&st, MOOT_DRAIN_MAX_MS - 1);
    expect_done_of(&st, "drained", "");
    stage_run_ms(&st, 1);
    expect_done_of(&st, "drained", "drained\n");
}
END_TEST

START_TEST(a_store_that_never_answers_is_waited_for_5_s_too)
{
    stage_say(&st, "hello?");
    stage_event(&st, MOOT_EV_INPUT_END, 0);
    stage_run_ms(&st, MOOT_DRAIN_MAX_MS);
    expect_done_of(&st, "drained", "drained\n");
}
END_TEST

/* What it did not get at once it gets by comparing. */
START_TEST(one_that_did_not_keep_up_confirms_when_it_holds_what_we_hold)
{
    struct moot_ping *p;

    stage_event(&st, MOOT_EV_LINK_FULL, 2);
    stage_say(&st, "hello");
    stage_store_all(&st);
    stage_event(&st, MOOT_EV_INPUT_END, 0);
    expect_done_of(&st, "send", "send 3 ENTRIES M:1\n");
    ack(3, 1);
    expect_done_of(&st, "drained", "");
    p = &stage_draft(&st, MOOT_MSG_PONG)->ping;
    moot_group_fill_ping(st.n->group, p);
    hand_in(&st, 2);
    expect_done_of(&st, "drained", "drained\n");
}
END_TEST

/* --- what nobody else has --- */

START_TEST(who_said_nothing_hears_of_nothing)
{
    stage_leave(&st, "");
    expect_done_of(&st, "notice", "");
}
END_TEST

START_TEST(who_leaves_hears_what_nobody_else_has)
{
    stage_say(&st, "one");
    stage_store_all(&st);
    forget_done(&st);
    stage_leave(&st, "");
    expect_done_of(&st, "notice send",
                   "notice: 1 line of yours is not known to be safe with "
                   "anybody else; it is kept in your profile, and goes out "
                   "when you meet the group again\n"
                   "send 2 BYE quit\nsend 3 BYE quit\n");
}
END_TEST

START_TEST(what_only_a_part_of_is_safe_elsewhere_is_told_too)
{
    for (int i = 0; i < 3; i++) {
        stage_say(&st, "again");
        stage_store_all(&st);
    }
    ack(2, 1);
    forget_done(&st);
    stage_leave(&st, "");
    expect_done_of(&st, "notice",
                   "notice: 2 lines of yours are not known to be safe with "
                   "anybody else; they are kept in your profile, and go out "
                   "when you meet the group again\n");
}
END_TEST

START_TEST(what_cannot_be_stored_is_not_said_to_be_kept)
{
    struct moot_event ev = {.kind = MOOT_EV_STORE_FAILED};

    stage_say(&st, "one");
    ev.store_failed.why = "the disk is full";
    stage_step(&st, &ev);
    forget_done(&st);
    stage_leave(&st, "");
    expect_done_of(&st, "notice",
                   "notice: 1 line of yours is not known to be safe with "
                   "anybody else; it is lost unless somebody got it\n");
}
END_TEST

START_TEST(what_one_of_them_has_need_not_be_told)
{
    stage_say(&st, "one");
    stage_store_all(&st);
    ack(3, 1);
    forget_done(&st);
    stage_leave(&st, "");
    expect_done_of(&st, "notice", "");
}
END_TEST

/* --- goodbye --- */

START_TEST(who_leaves_says_goodbye_to_everybody_and_exits)
{
    stage_leave(&st, "off to bed");
    expect_done(&st, "send 2 BYE quit \"off to bed\"\nclose 2\n"
                     "send 3 BYE quit \"off to bed\"\nclose 3\n"
                     "exit 0: \n");
    expect_int(moot_node_deadline(st.n), MOOT_NEVER);
}
END_TEST

START_TEST(a_reason_may_be_missing)
{
    stage_leave(&st, "");
    expect_done_of(&st, "send", "send 2 BYE quit\nsend 3 BYE quit\n");
}
END_TEST

START_TEST(links_that_are_not_up_yet_are_cut)
{
    open_link(&st, 4, 'D', 0);
    say_hello(&st, 4);
    open_link(&st, 5, 'E', 0);
    forget_done(&st);
    stage_leave(&st, "");
    expect_done_of(&st, "cut",
                   "cut 4: connection closed\ncut 5: connection closed\n");
}
END_TEST

START_TEST(a_link_that_was_ended_already_is_left_to_end)
{
    hand_in_raw(&st, 2, moot_bytes_text("\xff\xff"));
    forget_done(&st);
    stage_leave(&st, "");
    expect_done_of(&st, "send close cut", "send 3 BYE quit\nclose 3\n");
}
END_TEST

START_TEST(what_still_waits_to_be_said_is_said_before)
{
    stage_say(&st, "one");
    stage_say(&st, "two");
    forget_done(&st);
    stage_leave(&st, "");
    expect_done_of(&st, "store send",
                   "store M:2\nsend 2 ENTRIES M:2\nsend 3 ENTRIES M:2\n"
                   "send 2 BYE quit\nsend 3 BYE quit\n");
}
END_TEST

START_TEST(one_leaves_once)
{
    stage_leave(&st, "");
    forget_done(&st);
    stage_leave(&st, "again");
    expect_done(&st, "");
}
END_TEST

START_TEST(after_that_nothing_happens_any_more)
{
    stage_leave(&st, "");
    forget_done(&st);
    hand_in_entry(&st, 2, cast_writes('B', "wait!"), false);
    stage_say(&st, "too late");
    stage_event(&st, MOOT_EV_TIMER, 0);
    stage_event(&st, MOOT_EV_WOKE, 0);
    stage_event(&st, MOOT_EV_INPUT_END, 0);
    stage_event(&st, MOOT_EV_LINK_DEAD, 2);
    close_link(&st, 2, MOOT_ERESET);
    close_link(&st, 3, MOOT_OK);
    expect_done(&st, "");
}
END_TEST

START_TEST(a_link_that_opens_now_is_cut)
{
    stage_leave(&st, "");
    forget_done(&st);
    open_link(&st, 4, 'D', 0);
    open_link(&st, 5, 'E', 77);
    expect_done(&st, "cut 4: connection closed\ncut 5: connection closed\n");
    close_link(&st, 4, MOOT_OK);
    close_link(&st, 5, MOOT_OK);
    expect_done(&st, "");
}
END_TEST

/* MOOT_REASON_LEN_MAX; no letter is cut in two. */
START_TEST(an_oversized_reason_is_cut_between_letters)
{
    char reason[2 * MOOT_REASON_LEN_MAX + 1], want[MOOT_REASON_LEN_MAX + 40];
    size_t len = 0;

    /* U+20AC has three bytes; 256 is no multiple of 3. */
    for (; len + 3 < sizeof reason; len += 3)
        memcpy(reason + len, "\xe2\x82\xac", 4);
    stage_leave(&st, reason);
    snprintf(want, sizeof want, "send 2 BYE quit \"%.255s\"\n", reason);
    expect_within(want, moot_buf_text(&st.text));
}
END_TEST

START_TEST(a_reason_that_is_no_text_is_cut_where_it_ceases_to_be)
{
    stage_leave(&st, "ok \xff\xfe no");
    expect_within("BYE quit \"ok \"\n", moot_buf_text(&st.text));
}
END_TEST

Suite *suite_node_leave(void)
{
    Suite *s = suite_create("node/leave");
    TCase *t = tcase_create("drain");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, at_the_end_everybody_has_to_confirm);
    tcase_add_test(t, what_was_confirmed_before_the_end_is_confirmed);
    tcase_add_test(t, where_nothing_was_said_there_is_nothing_to_confirm);
    tcase_add_test(t, all_that_was_said_has_to_be_confirmed);
    tcase_add_test(t, a_link_that_goes_down_need_not_confirm);
    tcase_add_test(t, nobody_is_waited_for_longer_than_5_s);
    tcase_add_test(t, a_store_that_never_answers_is_waited_for_5_s_too);
    tcase_add_test(
        t, one_that_did_not_keep_up_confirms_when_it_holds_what_we_hold);
    suite_add_tcase(s, t);

    t = tcase_create("alone");
    tcase_add_checked_fixture(t, setup_alone, teardown);
    tcase_add_test(t, alone_there_is_nobody_to_confirm);
    suite_add_tcase(s, t);

    t = tcase_create("unheld");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, who_said_nothing_hears_of_nothing);
    tcase_add_test(t, who_leaves_hears_what_nobody_else_has);
    tcase_add_test(t, what_only_a_part_of_is_safe_elsewhere_is_told_too);
    tcase_add_test(t, what_cannot_be_stored_is_not_said_to_be_kept);
    tcase_add_test(t, what_one_of_them_has_need_not_be_told);
    suite_add_tcase(s, t);

    t = tcase_create("goodbye");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, who_leaves_says_goodbye_to_everybody_and_exits);
    tcase_add_test(t, a_reason_may_be_missing);
    tcase_add_test(t, links_that_are_not_up_yet_are_cut);
    tcase_add_test(t, a_link_that_was_ended_already_is_left_to_end);
    tcase_add_test(t, what_still_waits_to_be_said_is_said_before);
    tcase_add_test(t, one_leaves_once);
    tcase_add_test(t, after_that_nothing_happens_any_more);
    tcase_add_test(t, a_link_that_opens_now_is_cut);
    tcase_add_test(t, an_oversized_reason_is_cut_between_letters);
    tcase_add_test(t, a_reason_that_is_no_text_is_cut_where_it_ceases_to_be);
    suite_add_tcase(s, t);
    return s;
}
