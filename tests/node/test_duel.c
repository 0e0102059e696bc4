/*
 * tests/node/test_duel.c - one link per identity: which of two stays, the same
 * at both ends, and that the loser is drained and not cut.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "node_words.h"

Suite *suite_node_duel(void);

/* The peer is M's: B is smaller than it, Z is greater. */
static struct stage st;

static void setup(void)
{
    stage_begin(&st);
}

static void teardown(void)
{
    stage_end(&st);
}

/* One more link to who comes up, in no time at all. */
static void second_in(moot_link link, char who)
{
    open_link(&st, link, who, 0);
    say_hello(&st, link);
    forget_done(&st);
    say_welcome(&st, link);
}

static void second_out(moot_link link, char who)
{
    open_link(&st, link, who, 1000 + link);
    say_hello(&st, link);
    forget_done(&st);
    say_welcome(&st, link);
}

static moot_link main_link(char who)
{
    const struct node_link *l = moot_link_main(st.n, cast_id(who));

    return l == NULL ? 0 : l->handle;
}

static void pong(moot_link link)
{
    stage_draft(&st, MOOT_MSG_PONG)->ping.nonce = st.nonce;
    hand_in(&st, link);
}

#define expect_ends(text) expect_done_of(&st, "close cut", text)

/* --- who stays --- */

START_TEST(of_two_links_the_one_that_the_smaller_opened_stays)
{
    link_out(&st, 2, 'B');
    second_in(3, 'B');
    expect_done_of(&st, "close cut send",
                   "send 3 LINKED full +B\nsend 3 PING sync\n"
                   "send 2 BYE duplicate\nclose 2\n");
    expect_uint(main_link('B'), 3);
}
END_TEST

START_TEST(whichever_came_first)
{
    link_in(&st, 2, 'B');
    second_out(3, 'B');
    expect_done_of(&st, "close cut send", "send 3 BYE duplicate\nclose 3\n");
    expect_uint(main_link('B'), 2);
}
END_TEST

START_TEST(we_may_be_the_smaller_one)
{
    link_in(&st, 2, 'Z');
    second_out(3, 'Z');
    expect_ends("close 2\n");
    expect_uint(main_link('Z'), 3);
}
END_TEST

/* Exporters are 2 2 2 ... and 3 3 3 ... here, and the same at both ends. */
START_TEST(of_two_that_one_side_opened_the_smaller_exporter_stays)
{
    link_in(&st, 2, 'B');
    second_in(3, 'B');
    expect_ends("close 3\n");
    link_out(&st, 5, 'Z');
    second_out(4, 'Z');
    expect_ends("close 5\n");
}
END_TEST

START_TEST(a_newer_run_beats_an_older_one)
{
    link_in(&st, 2, 'B');
    open_link(&st, 3, 'B', 77)->run = CAST_RUN + 1;
    say_hello(&st, 3);
    forget_done(&st);
    say_welcome(&st, 3);
    expect_ends("close 2\n");
    expect_uint(main_link('B'), 3);
}
END_TEST

START_TEST(an_older_run_that_comes_late_goes)
{
    open_link(&st, 2, 'B', 0)->run = CAST_RUN + 1;
    say_hello(&st, 2);
    say_welcome(&st, 2);
    second_in(3, 'B');
    expect_ends("close 3\n");
    expect_uint(main_link('B'), 2);
}
END_TEST

START_TEST(an_attempt_under_way_refuses_nobody)
{
    open_link(&st, 2, 'B', 77);
    link_in(&st, 3, 'B');
    expect_uint(main_link('B'), 3);
}
END_TEST

/* --- nobody notices --- */

START_TEST(a_duplicate_is_no_coming_and_no_going)
{
    link_out(&st, 2, 'B');
    second_in(3, 'B');
    expect_done_of(&st, "joined left lost back indirect", "");
    close_link(&st, 2, MOOT_OK);
    stage_run_ms(&st, 60000);
    expect_done_of(&st, "joined left lost back indirect dial", "");
    expect_uint(main_link('B'), 3);
}
END_TEST

START_TEST(what_the_loser_still_says_is_heard)
{
    link_out(&st, 2, 'B');
    second_in(3, 'B');
    forget_done(&st);
    hand_in_entry(&st, 2, cast_writes('B', "the last word"), false);
    expect_done_of(&st, "show", "show b: the last word\n");
}
END_TEST

/* What it asks for goes to the link that stays. */
START_TEST(what_the_loser_asks_for_is_answered_on_the_winner)
{
    struct moot_want *w;

    link_out(&st, 2, 'B');
    second_in(3, 'B');
    forget_done(&st);
    w = &stage_draft(&st, MOOT_MSG_WANT)->want;
    w->count = 1;
    w->at[0] = (struct moot_range){.in = cast_run('C'), .from = 1, .to = 1};
    hand_in(&st, 2);
    expect_done(&st, "send 3 LACK C:1..1\n");
}
END_TEST

/* Whom it is linked to may be old news by now. */
START_TEST(the_loser_does_not_say_who_is_here)
{
    struct moot_linked *l;

    link_out(&st, 2, 'B');
    second_in(3, 'B');
    forget_done(&st);
    l = &stage_draft(&st, MOOT_MSG_LINKED)->linked;
    l->full = true;
    l->up_count = 1;
    l->up[0] = *cast_id('C');
    hand_in(&st, 2);
    expect_done(&st, "");
    expect(moot_group_member(st.n->group, cast_id('C')) == NULL);
}
END_TEST

START_TEST(a_dial_that_found_a_duplicate_is_over)
{
    link_in(&st, 2, 'B');
    second_out(3, 'B');
    close_link(&st, 3, MOOT_OK);
    forget_done(&st);
    close_link(&st, 2, MOOT_ERESET);
    stage_run_ms(&st, 1000);
    expect_done_of(&st, "dial", "dial B\n");
}
END_TEST

/* --- a winner that has been silent --- */

/* MOOT_DUEL_SILENT_MS. */
START_TEST(a_winner_heard_of_within_a_second_needs_no_test)
{
    link_in(&st, 2, 'B');
    st.now = moot_link_find(st.n, 2)->heard + MOOT_DUEL_SILENT_MS;
    second_out(3, 'B');
    expect_ends("close 3\n");
}
END_TEST

START_TEST(a_silent_winner_must_answer)
{
    link_in(&st, 2, 'B');
    stage_run_ms(&st, MOOT_DUEL_SILENT_MS + 1);
    second_out(3, 'B');
    expect_done_of(&st, "close cut send", "send 2 PING\n");
    pong(2);
    expect_done(&st, "send 3 BYE duplicate\nclose 3\n");
    stage_run_ms(&st, 10000);
    expect_ends("");
}
END_TEST

START_TEST(any_word_is_an_answer)
{
    link_in(&st, 2, 'B');
    stage_run_ms(&st, MOOT_DUEL_SILENT_MS + 1);
    second_out(3, 'B');
    forget_done(&st);
    hand_in_entry(&st, 2, cast_writes('B', "here I am"), false);
    expect_ends("close 3\n");
}
END_TEST

/* MOOT_DUEL_WAIT_MS. */
START_TEST(one_that_does_not_answer_in_2_s_is_replaced)
{
    link_in(&st, 2, 'B');
    stage_run_ms(&st, MOOT_DUEL_SILENT_MS + 1);
    second_out(3, 'B');
    stage_run_ms(&st, MOOT_DUEL_WAIT_MS - 1);
    expect_ends("");
    stage_run_ms(&st, 1);
    expect_ends("cut 2: it stopped answering\n");
    expect_uint(main_link('B'), 3);
    close_link(&st, 2, MOOT_OK);
    stage_run_ms(&st, 1000);
    expect_done_of(&st, "lost back indirect", "");
}
END_TEST

START_TEST(of_two_challengers_the_better_one_waits)
{
    link_in(&st, 2, 'B');
    stage_run_ms(&st, MOOT_DUEL_SILENT_MS + 1);
    second_out(5, 'B');
    expect_ends("");
    second_out(4, 'B');
    expect_ends("close 5\n");
    second_out(6, 'B');
    expect_ends("close 6\n");
    stage_run_ms(&st, MOOT_DUEL_WAIT_MS);
    expect_ends("cut 2: it stopped answering\n");
    expect_uint(main_link('B'), 4);
}
END_TEST

START_TEST(a_challenger_that_is_gone_makes_room_for_the_next)
{
    link_in(&st, 2, 'B');
    stage_run_ms(&st, MOOT_DUEL_SILENT_MS + 1);
    second_out(4, 'B');
    close_link(&st, 4, MOOT_ERESET);
    second_out(5, 'B');
    stage_run_ms(&st, MOOT_DUEL_WAIT_MS);
    expect_ends("cut 2: it stopped answering\n");
    expect_uint(main_link('B'), 5);
}
END_TEST

START_TEST(when_all_challengers_are_gone_the_test_means_nothing)
{
    link_in(&st, 2, 'B');
    stage_run_ms(&st, MOOT_DUEL_SILENT_MS + 1);
    second_out(4, 'B');
    close_link(&st, 4, MOOT_ERESET);
    forget_done(&st);
    stage_run_ms(&st, MOOT_DUEL_WAIT_MS);
    expect_ends("");
    expect_uint(main_link('B'), 2);
}
END_TEST

START_TEST(a_silent_winner_that_closes_has_an_heir)
{
    link_in(&st, 2, 'B');
    stage_run_ms(&st, MOOT_DUEL_SILENT_MS + 1);
    second_out(3, 'B');
    forget_done(&st);
    close_link(&st, 2, MOOT_ERESET);
    expect_uint(main_link('B'), 3);
    stage_run_ms(&st, 10000);
    expect_done_of(&st, "close cut lost", "");
}
END_TEST

/* The other side says that ours is the loser: then another one stays. */
START_TEST(a_main_link_that_is_ending_gives_way_to_any)
{
    link_in(&st, 2, 'B');
    hand_in_raw(&st, 2, moot_bytes_text("\xff\xff"));
    expect_ends("close 2: the protocol was broken\n");
    second_out(3, 'B');
    expect_ends("");
    expect_uint(main_link('B'), 3);
}
END_TEST

Suite *suite_node_duel(void)
{
    Suite *s = suite_create("node/duel");
    TCase *t = tcase_create("verdict");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, of_two_links_the_one_that_the_smaller_opened_stays);
    tcase_add_test(t, whichever_came_first);
    tcase_add_test(t, we_may_be_the_smaller_one);
    tcase_add_test(t, of_two_that_one_side_opened_the_smaller_exporter_stays);
    tcase_add_test(t, a_newer_run_beats_an_older_one);
    tcase_add_test(t, an_older_run_that_comes_late_goes);
    tcase_add_test(t, an_attempt_under_way_refuses_nobody);
    suite_add_tcase(s, t);

    t = tcase_create("quiet");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_duplicate_is_no_coming_and_no_going);
    tcase_add_test(t, what_the_loser_still_says_is_heard);
    tcase_add_test(t, what_the_loser_asks_for_is_answered_on_the_winner);
    tcase_add_test(t, the_loser_does_not_say_who_is_here);
    tcase_add_test(t, a_dial_that_found_a_duplicate_is_over);
    suite_add_tcase(s, t);

    t = tcase_create("silent");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_winner_heard_of_within_a_second_needs_no_test);
    tcase_add_test(t, a_silent_winner_must_answer);
    tcase_add_test(t, any_word_is_an_answer);
    tcase_add_test(t, one_that_does_not_answer_in_2_s_is_replaced);
    tcase_add_test(t, of_two_challengers_the_better_one_waits);
    tcase_add_test(t, a_challenger_that_is_gone_makes_room_for_the_next);
    tcase_add_test(t, when_all_challengers_are_gone_the_test_means_nothing);
    tcase_add_test(t, a_silent_winner_that_closes_has_an_heir);
    tcase_add_test(t, a_main_link_that_is_ending_gives_way_to_any);
    suite_add_tcase(s, t);
    return s;
}
