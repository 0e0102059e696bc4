/*
 * tests/group/test_acks.c - who has what: authors hear what of theirs is safe
 * here, and we hear what of ours is safe with others (P2).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "group_words.h"

Suite *suite_group_acks(void);

static struct mind m;

static void setup(void)
{
    mind_begin_joined(&m);
    let_in(&m, 'B');
    let_in(&m, 'C');
    /* Both say that they hold nothing, which is what we hold. */
    mind_run_ms(&m, 1);
    forget_asked(&m);
}

static void teardown(void)
{
    mind_end(&m);
}

static void say(const char *text)
{
    say_line(&m, MOOT_LINE_TEXT, text);
}

static void post_ack(uint64_t link, uint64_t run, uint64_t seq)
{
    struct moot_ack *a = &draft_message(&m, MOOT_MSG_ACK)->ack;

    a->run = run;
    a->seq = seq;
    post(&m, link);
}

static bool holds(char who, uint64_t seq)
{
    const struct moot_member *x = moot_group_member(m.g, cast_id(who));
    struct moot_recent r = {.run = m.g->me.run, .seq = seq};

    return x != NULL && moot_group_holds(m.g, x, &r);
}

static uint64_t my_run(void)
{
    return m.g->me.run;
}

#define expect_acks(text) expect_asked_of(&m, "send", text)

/* --- what we tell --- */

START_TEST(an_author_hears_of_an_entry_when_the_store_has_it)
{
    hear(&m, 2, cast_writes('B', "one"));
    expect_acks("");
    store_all(&m);
    expect_acks("send 2 ACK 1\n");
    mind_run_ms(&m, 1000);
    expect_acks("");
}
END_TEST

START_TEST(what_the_store_has_not_is_not_told)
{
    hear(&m, 2, cast_writes('B', "one"));
    hear(&m, 2, cast_writes('B', "two"));
    stored_up_to(&m, 1);
    expect_acks("send 2 ACK 1\n");
    mind_run_ms(&m, 1000);
    expect_acks("");
    stored_up_to(&m, 2);
    expect_acks("send 2 ACK 2\n");
}
END_TEST

/* Whoever passes it on does not wait for word of it. */
START_TEST(nobody_but_the_author_hears_of_it)
{
    hear(&m, 3, cast_writes('B', "one"));
    store_all(&m);
    expect_acks("send 2 ACK 1\n");
    hear(&m, 2, cast_writes('D', "of one who is not linked"));
    store_all(&m);
    expect_acks("");
}
END_TEST

/* MOOT_ACK_EVERY_MS. */
START_TEST(an_author_hears_at_most_once_in_200_ms)
{
    for (int i = 0; i < 19; i++) {
        hear(&m, 2, cast_writes('B', "and"));
        store_all(&m);
        mind_run_ms(&m, 10);
    }
    expect_acks("send 2 ACK 1\n");
    mind_run_ms(&m, 9);
    expect_acks("");
    mind_run_ms(&m, 1);
    expect_acks("send 2 ACK 19\n");
    mind_run_ms(&m, 1000);
    expect_acks("");
}
END_TEST

START_TEST(what_is_stored_at_once_is_told_at_once)
{
    hear(&m, 2, cast_writes('B', "one"));
    hear(&m, 2, cast_writes('B', "two"));
    hear(&m, 3, cast_writes('C', "three"));
    store_all(&m);
    expect_acks("send 2 ACK 2\nsend 3 ACK 1\n");
}
END_TEST

START_TEST(one_who_comes_back_hears_what_is_safe_of_his_run)
{
    hear(&m, 2, cast_writes('B', "one"));
    hear(&m, 2, cast_writes('B', "two"));
    store_all(&m);
    link_down(&m, 2, MOOT_ERESET);
    forget_asked(&m);
    link_up(&m, 12, 'B');
    expect_asked_of(&m, "send", "send 12 LINKED full +C\nsend 12 ACK 2\n");
}
END_TEST

START_TEST(of_a_run_that_is_over_nobody_waits_for_word)
{
    struct moot_record r = cast_record('B', CAST_RUN + 1, 1);

    hear(&m, 2, cast_writes('B', "one"));
    store_all(&m);
    link_down(&m, 2, MOOT_ERESET);
    r.run_ms++;
    moot_record_seal(&r, cast_key('B'));
    learn_record(&m, &r);
    forget_asked(&m);
    link_up(&m, 12, 'B');
    expect_asked_of(&m, "send", "send 12 LINKED full +C\n");
}
END_TEST

/* Its link was still open when he had come again, as others told. */
START_TEST(a_late_line_of_an_earlier_life_is_not_of_the_run_he_is_in)
{
    struct moot_record again = cast_record('B', 7, 1);

    hear(&m, 2, cast_writes('B', "one"));
    learn_record(&m, &again);
    hear(&m, 2, cast_writes('B', "late"));
    store_all(&m);
    cast_set_run('B', 7);
    link_up(&m, 6, 'B');
    mind_run_ms(&m, 1000);
    forget_asked(&m);
    deliver(&m, 3, cast_writes('B', "by way of C"), true);
    store_all(&m);
    mind_run_ms(&m, MOOT_ACK_EVERY_MS);
    expect_acks("send 6 ACK 1\n");
}
END_TEST

/* His record says so, also to who was not there when he began it. */
START_TEST(one_who_goes_on_in_another_run_hears_of_that_one)
{
    struct moot_record r = cast_record('B', CAST_RUN, 2);

    r.speaks = 9;
    moot_record_seal(&r, cast_key('B'));
    cast_set_run('B', 9);
    deliver(&m, 3, cast_writes('B', "by way of C"), true);
    store_all(&m);
    mind_run_ms(&m, 1000);
    expect_acks("");
    learn_record(&m, &r);
    expect_acks("send 2 ACK 1\n");
    deliver(&m, 3, cast_writes('B', "this too"), true);
    store_all(&m);
    mind_run_ms(&m, MOOT_ACK_EVERY_MS);
    expect_acks("send 2 ACK 2\n");
}
END_TEST

START_TEST(one_who_does_not_keep_up_hears_later)
{
    link_event(&m, 2, MOOT_GROUP_LINK_SLOW);
    hear(&m, 3, cast_writes('B', "one"));
    store_all(&m);
    mind_run_ms(&m, 500);
    expect_acks("");
    link_event(&m, 2, MOOT_GROUP_LINK_CLEAR);
    expect_acks("send 2 ACK 1\n");
}
END_TEST

/* --- what we hear --- */

START_TEST(an_entry_is_held_by_those_who_say_so)
{
    say("one");
    store_all(&m);
    expect(!holds('B', 1));
    post_ack(2, my_run(), 1);
    expect(holds('B', 1));
    expect(!holds('B', 2));
    expect(!holds('C', 1));
}
END_TEST

START_TEST(one_who_says_too_much_is_believed_what_there_is)
{
    say("one");
    store_all(&m);
    post_ack(2, my_run(), UINT64_MAX);
    expect(holds('B', 1));
    say("two");
    expect(!holds('B', 2));
}
END_TEST

START_TEST(an_ack_of_another_run_says_nothing)
{
    say("one");
    post_ack(2, my_run() + 1, 1);
    expect(!holds('B', 1));
    post_ack(2, my_run(), 1);
    expect(holds('B', 1));
}
END_TEST

START_TEST(an_older_ack_takes_nothing_back)
{
    say("one");
    store_all(&m);
    say("two");
    post_ack(2, my_run(), 2);
    post_ack(2, my_run(), 1);
    expect(holds('B', 2));
}
END_TEST

START_TEST(before_anything_is_said_an_ack_says_nothing)
{
    post_ack(2, my_run(), 1);
    say("one");
    expect(!holds('B', 1));
}
END_TEST

START_TEST(the_same_digest_is_as_good_as_an_ack)
{
    struct moot_ping *p;

    say("one");
    store_all(&m);
    p = &draft_message(&m, MOOT_MSG_PONG)->ping;
    moot_group_fill_ping(m.g, p);
    post(&m, 2);
    expect(holds('B', 1));
    say("two");
    p = &draft_message(&m, MOOT_MSG_PONG)->ping;
    moot_group_fill_ping(m.g, p);
    post(&m, 3);
    expect(holds('C', 1));
    expect(!holds('C', 2)); /* not in our digest yet */
}
END_TEST

START_TEST(one_who_is_not_linked_is_not_known_to_hold_anything)
{
    say("one");
    post_ack(2, my_run(), 1);
    post_linked(&m, 3, true, "B", "");
    link_down(&m, 2, MOOT_ERESET);
    expect(!holds('B', 1));
    link_up(&m, 12, 'B');
    expect(holds('B', 1));
}
END_TEST

/* Perhaps with an empty store. */
START_TEST(one_who_starts_anew_says_anew_what_he_holds)
{
    struct moot_record r = cast_record('B', CAST_RUN + 1, 1);

    say("one");
    post_ack(2, my_run(), 1);
    r.run_ms++;
    moot_record_seal(&r, cast_key('B'));
    learn_record(&m, &r);
    expect(!holds('B', 1));
}
END_TEST

/* His clock was wrong in the life before: that life's record seems newer. */
START_TEST(what_he_says_he_holds_stays_when_his_record_comes_later)
{
    struct moot_record r = cast_record('B', 7, 2);

    say("one");
    store_all(&m);
    link_down(&m, 2, MOOT_ERESET);
    cast_set_run('B', 7);
    link_up(&m, 12, 'B');
    post_ack(12, my_run(), 1);
    expect(holds('B', 1));
    learn_record(&m, &r);
    expect(holds('B', 1));
}
END_TEST

START_TEST(who_comes_in_another_life_says_anew_what_he_holds)
{
    say("one");
    store_all(&m);
    post_ack(2, my_run(), 1);
    link_down(&m, 2, MOOT_ERESET);
    cast_set_run('B', 7);
    link_up(&m, 12, 'B');
    expect(!holds('B', 1));
}
END_TEST

/* By the link of the life before, which was still open. */
START_TEST(a_late_word_of_an_earlier_life_says_nothing_of_this_one)
{
    struct moot_record r = cast_record('B', 7, 1);

    say("one");
    store_all(&m);
    learn_record(&m, &r);
    post_ack(2, my_run(), 1);
    cast_set_run('B', 7);
    link_up(&m, 12, 'B');
    expect(!holds('B', 1));
}
END_TEST

START_TEST(another_link_to_the_same_one_changes_nothing)
{
    say("one");
    post_ack(2, my_run(), 1);
    link_up(&m, 12, 'B');
    link_down(&m, 2, MOOT_OK);
    expect(holds('B', 1));
}
END_TEST

/* --- what nobody else has --- */

START_TEST(lines_that_somebody_has_are_safe_whoever_leaves)
{
    expect_uint(moot_group_unheld(m.g), 0);
    say("one");
    say("two");
    say("three");
    store_all(&m);
    store_all(&m);
    expect_uint(moot_group_unheld(m.g), 3);
    post_ack(2, my_run(), 1);
    expect_uint(moot_group_unheld(m.g), 2);
    link_leaves(&m, 2, "");
    expect_uint(moot_group_unheld(m.g), 2);
    post_ack(3, my_run(), 2);
    expect_uint(moot_group_unheld(m.g), 0);
}
END_TEST

/* MOOT_OWN_MARKS_MAX: then fewer are taken for held, never more. */
START_TEST(many_lines_that_nobody_has_are_counted_in_little_memory)
{
    const unsigned many = 5 * MOOT_OWN_MARKS_MAX;
    uint64_t left;

    for (unsigned i = 0; i < many; i++) {
        say("alone");
        store_all(&m);
    }
    expect_uint(moot_group_unheld(m.g), many);
    post_ack(2, my_run(), many / 2);
    left = moot_group_unheld(m.g);
    expect(left >= many / 2);
    expect(left < many / 2 + many / 8);
    post_ack(2, my_run(), many);
    expect_uint(moot_group_unheld(m.g), 0);
}
END_TEST

/* --- the last entries --- */

/* MOOT_RECENT_MAX. */
START_TEST(the_last_32_entries_are_remembered)
{
    const struct moot_recent *r;
    char text[16];

    for (unsigned i = 1; i <= MOOT_RECENT_MAX + 5; i++) {
        snprintf(text, sizeof text, "line %u", i);
        say(text);
        if (i < MOOT_RECENT_MAX + 5)
            store_all(&m);
    }
    expect_uint(moot_group_recent(m.g, &r), MOOT_RECENT_MAX);
    expect_uint(r[0].seq, 6);
    expect_text(r[0].text, "line 6");
    expect(moot_group_durable(m.g, &r[0]));
    expect_text(r[MOOT_RECENT_MAX - 1].text, "line 37");
    expect(!moot_group_durable(m.g, &r[MOOT_RECENT_MAX - 1]));
}
END_TEST

/* MOOT_RECENT_TEXT_MAX; U+20AC has three bytes. */
START_TEST(a_long_line_is_remembered_by_its_beginning)
{
    const struct moot_recent *r;
    char text[3 * 100 + 2] = "x";

    for (size_t at = 1; at + 3 < sizeof text; at += 3)
        memcpy(text + at, "\xe2\x82\xac", 4);
    say(text);
    expect_uint(moot_group_recent(m.g, &r), 1);
    expect(r[0].cut);
    expect_uint(strlen(r[0].text), 1 + 3 * 39);
    store_all(&m);
    say("short");
    moot_group_recent(m.g, &r);
    expect(!r[1].cut);
}
END_TEST

Suite *suite_group_acks(void)
{
    Suite *s = suite_create("group/acks");
    TCase *t = tcase_create("told");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, an_author_hears_of_an_entry_when_the_store_has_it);
    tcase_add_test(t, what_the_store_has_not_is_not_told);
    tcase_add_test(t, nobody_but_the_author_hears_of_it);
    tcase_add_test(t, an_author_hears_at_most_once_in_200_ms);
    tcase_add_test(t, what_is_stored_at_once_is_told_at_once);
    tcase_add_test(t, one_who_comes_back_hears_what_is_safe_of_his_run);
    tcase_add_test(t, of_a_run_that_is_over_nobody_waits_for_word);
    tcase_add_test(t,
                   a_late_line_of_an_earlier_life_is_not_of_the_run_he_is_in);
    tcase_add_test(t, one_who_goes_on_in_another_run_hears_of_that_one);
    tcase_add_test(t, one_who_does_not_keep_up_hears_later);
    suite_add_tcase(s, t);

    t = tcase_create("heard");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, an_entry_is_held_by_those_who_say_so);
    tcase_add_test(t, one_who_says_too_much_is_believed_what_there_is);
    tcase_add_test(t, an_ack_of_another_run_says_nothing);
    tcase_add_test(t, an_older_ack_takes_nothing_back);
    tcase_add_test(t, before_anything_is_said_an_ack_says_nothing);
    tcase_add_test(t, the_same_digest_is_as_good_as_an_ack);
    tcase_add_test(t, one_who_is_not_linked_is_not_known_to_hold_anything);
    tcase_add_test(t, one_who_starts_anew_says_anew_what_he_holds);
    tcase_add_test(t, what_he_says_he_holds_stays_when_his_record_comes_later);
    tcase_add_test(t, who_comes_in_another_life_says_anew_what_he_holds);
    tcase_add_test(t, a_late_word_of_an_earlier_life_says_nothing_of_this_one);
    tcase_add_test(t, another_link_to_the_same_one_changes_nothing);
    suite_add_tcase(s, t);

    t = tcase_create("own");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, lines_that_somebody_has_are_safe_whoever_leaves);
    tcase_add_test(t, many_lines_that_nobody_has_are_counted_in_little_memory);
    tcase_add_test(t, the_last_32_entries_are_remembered);
    tcase_add_test(t, a_long_line_is_remembered_by_its_beginning);
    suite_add_tcase(s, t);
    return s;
}
