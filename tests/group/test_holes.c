/*
 * tests/group/test_holes.c - what the store lost is neither told of nor served,
 * and comes back from others, who cannot slip in anything else (P3, P9).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "group_words.h"

Suite *suite_group_holes(void);

static struct mind m;

#define LEN 40

static struct moot_entry *all[LEN + 1]; /* of B's; [0] is unused */

static void setup(void)
{
    mind_begin_joined(&m);
    let_in(&m, 'B');
    let_in(&m, 'C');
    for (unsigned i = 1; i <= LEN; i++) {
        all[i] = cast_writes('B', "x");
        hear(&m, 2, all[i]);
    }
    store_all(&m);
    mind_run_ms(&m, MOOT_ACK_EVERY_MS);
    forget_asked(&m);
}

static void teardown(void)
{
    mind_end(&m);
}

static const struct moot_chain *run(void)
{
    return chain_of(&m, 'B');
}

static void expect_kept(uint64_t len)
{
    expect_uint(run()->kept_len, len);
    if (len > 0)
        expect_hash(&run()->kept_head, &all[len]->hash);
    else
        expect(moot_hash_zero(&run()->kept_head));
}

/* Lost, and the one below it was read. */
static void lose(uint64_t seq)
{
    uint64_t before = m.fetch;

    damaged(&m, 'B', seq);
    if (m.fetch != before)
        fetched(&m, m.fetch, &all[seq - 1], 1);
    forget_asked(&m);
}

/* It comes again; what is above is read to see whether it fits. */
static void give(uint64_t seq)
{
    deliver(&m, 2, all[seq], true);
    if (m.g->reading_count > 0)
        fetched(&m, m.fetch, &all[seq + 1], 1);
}

START_TEST(what_is_kept_ends_below_the_hole)
{
    damaged(&m, 'B', 7);
    expect_kept(0); /* until the one below it has been read */
    fetched(&m, m.fetch, &all[6], 1);
    expect_kept(6);
    expect_uint(run()->len, LEN);
    post_want(&m, 3, 'B', 7, 9);
    expect_asked_of(&m, "send fetch",
                    "fetch B:6..6 #41\nsend 2 WANT B:7..7\n"
                    "send 3 LACK B:7..9\n");
}
END_TEST

START_TEST(it_is_asked_for_again_and_stored_again)
{
    struct moot_ping before, after;

    moot_group_fill_ping(m.g, &before);
    lose(7);
    moot_group_fill_ping(m.g, &after);
    expect(!moot_hash_eq(&before.log, &after.log));
    deliver(&m, 2, all[7], true);
    expect_asked(&m, "fetch B:8..8 #42\n");
    fetched(&m, m.fetch, &all[8], 1);
    expect_asked(&m, "store B:7 #43\n");
    expect_kept(6);
    store_all(&m);
    expect_kept(LEN);
    expect(run()->holes == NULL);
    moot_group_fill_ping(m.g, &after);
    expect_hash(&before.log, &after.log);
    settle(&m);
    expect_asked_of(&m, "show", "");
}
END_TEST

START_TEST(the_first_and_the_last_can_be_lost)
{
    lose(1);
    expect_kept(0);
    give(1);
    store_all(&m);
    expect_kept(LEN);
    lose(LEN);
    expect_kept(LEN - 1);
    deliver(&m, 2, all[LEN], true);
    store_all(&m);
    expect_kept(LEN);
}
END_TEST

START_TEST(neighbours_are_one_hole)
{
    lose(7);
    damaged(&m, 'B', 9);
    damaged(&m, 'B', 8);
    expect_uint(run()->holes->count, 2);
    expect_uint(run()->holes->at[0].from, 7);
    expect_uint(run()->holes->at[0].to, 8);
    damaged(&m, 'B', 6);
    expect_kept(0);
    fetched(&m, m.fetch, &all[5], 1);
    expect_kept(5);
    forget_asked(&m);
    mind_run_ms(&m, MOOT_WANT_WAIT_MS);
    expect_asked_of(&m, "send", "send 3 WANT B:6..8\n");
    for (unsigned i = 6; i <= 8; i++)
        deliver(&m, 3, all[i], true);
    fetched(&m, m.fetch, &all[9], 0); /* the one behind it is lost, too */
    store_all(&m);
    expect_kept(8);
    deliver(&m, 3, all[9], true);
    fetched(&m, m.fetch, &all[10], 1);
    store_all(&m);
    expect_kept(LEN);
}
END_TEST

/* As many holes as there may be, and more: the closest become one. */
START_TEST(a_chain_full_of_holes_is_healed_all_the_same)
{
    for (unsigned i = 2; i < LEN; i += 2)
        lose(i);
    expect_uint(run()->holes->count, MOOT_HOLES_MAX);
    for (unsigned i = 2; i < LEN; i++)
        give(i);
    store_all(&m);
    expect(run()->holes == NULL);
    expect_kept(LEN);
}
END_TEST

START_TEST(who_does_not_deliver_is_replaced)
{
    char first[64];

    damaged(&m, 'B', 7);
    fetched(&m, m.fetch, &all[6], 1);
    snprintf(first, sizeof first, "%s", moot_buf_text(&m.text));
    forget_asked(&m);
    mind_run_ms(&m, MOOT_WANT_WAIT_MS);
    expect_asked_of(&m, "send",
                    strstr(first, "send 2") != NULL ? "send 3 WANT B:7..7\n"
                                                    : "send 2 WANT B:7..7\n");
    mind_run_ms(&m, MOOT_HEAL_REST_MS + 3 * MOOT_WANT_WAIT_MS);
    expect(strstr(moot_buf_text(&m.text), "WANT B:7..7") != NULL);
}
END_TEST

START_TEST(without_anybody_it_waits_for_a_link)
{
    link_down(&m, 2, MOOT_ECLOSED);
    link_down(&m, 3, MOOT_ECLOSED);
    lose(7);
    mind_run_ms(&m, 60000);
    forget_asked(&m);
    link_up(&m, 4, 'B');
    expect(strstr(moot_buf_text(&m.text), "send 4 WANT B:7..7") != NULL);
}
END_TEST

/* The one who was asked goes, and nobody else is there. */
START_TEST(a_link_that_comes_up_is_asked_at_once)
{
    lose(7);
    link_down(&m, 2, MOOT_ECLOSED);
    link_down(&m, 3, MOOT_ECLOSED);
    mind_run_ms(&m, 10);
    forget_asked(&m);
    link_up(&m, 4, 'B');
    expect(strstr(moot_buf_text(&m.text), "send 4 WANT B:7..7") != NULL);
}
END_TEST

START_TEST(when_all_have_said_no_the_next_to_come_is_not_waited_with)
{
    lose(7);
    for (unsigned i = 0; i < 4; i++) {
        post_lack(&m, 2, 'B', 7, 7);
        post_lack(&m, 3, 'B', 7, 7);
    }
    forget_asked(&m);
    link_up(&m, 4, 'D');
    expect(strstr(moot_buf_text(&m.text), "WANT B:7..7") != NULL);
}
END_TEST

/* Nobody could take in what we say behind it. */
START_TEST(when_nobody_has_what_we_said_we_go_on_in_another_run)
{
    for (unsigned i = 0; i < 3; i++) {
        say_line(&m, MOOT_LINE_TEXT, "said");
        store_all(&m);
    }
    damaged(&m, 'M', 2);
    say_line(&m, MOOT_LINE_TEXT, "still of that run");
    store_all(&m);
    expect_uint(m.stored->seq, 4);
    for (unsigned i = 0; i < 6; i++) {
        post_lack(&m, 2, 'M', 2, 2);
        post_lack(&m, 3, 'M', 2, 2);
    }
    say_line(&m, MOOT_LINE_TEXT, "of the next one");
    expect(m.stored->in.run != CAST_RUN);
    expect_uint(m.stored->seq, 1);
    expect(m.g->self->record.speaks == m.stored->in.run);
}
END_TEST

/* --- what does not fit --- */

static struct moot_entry *rival(uint64_t seq, const struct moot_entry *before)
{
    struct moot_draft d = cast_draft('B', "something else");

    d.seq = seq;
    d.lamport = seq;
    d.prev = before->hash;
    return cast_drafts('B', &d);
}

START_TEST(one_that_does_not_fit_below_is_a_second_history)
{
    lose(7);
    deliver(&m, 2, rival(7, all[5]), true);
    expect_asked(&m, "fetch B:6..6 #42\n");
    fetched(&m, m.fetch, &all[6], 1);
    expect_uint(run()->fork->seq, 7);
    expect_uint(run()->len, 6);
    expect(run()->holes == NULL);
    store_all(&m);
    expect_kept(6);
}
END_TEST

START_TEST(one_that_does_not_fit_is_not_taken_when_the_other_is_lost_too)
{
    lose(7);
    deliver(&m, 2, rival(7, all[5]), true);
    fetched(&m, m.fetch, NULL, 0);
    expect_asked_of(&m, "store", "");
    expect(run()->fork == NULL);
    expect_uint(run()->holes->at[0].from, 7);
    deliver(&m, 2, all[7], true);
    fetched(&m, m.fetch, &all[8], 1);
    store_all(&m);
    expect_kept(LEN);
}
END_TEST

START_TEST(one_that_does_not_fit_above_is_a_second_history)
{
    lose(7);
    deliver(&m, 2, rival(7, all[6]), true);
    expect_asked(&m, "fetch B:8..8 #42\n");
    fetched(&m, m.fetch, &all[8], 1);
    expect_uint(run()->fork->seq, 8);
    expect_asked_of(&m, "store", "");
}
END_TEST

START_TEST(in_the_place_of_the_head_only_the_head_is_taken)
{
    lose(LEN);
    deliver(&m, 2, rival(LEN, all[LEN - 1]), true);
    expect_asked(&m, "");
    expect_kept(LEN - 1);
}
END_TEST

START_TEST(one_without_its_body_is_taken_when_nobody_has_it)
{
    struct moot_entry *bare = moot_entry_pruned(all[LEN]);

    lose(LEN);
    deliver(&m, 2, bare, true);
    expect_asked_of(&m, "store", "");
    deliver(&m, 3, bare, true);
    expect_asked_of(&m, "store", "");
    deliver(&m, 2, bare, true);
    expect_asked_of(&m, "store", "store B:40 #42\n");
    moot_entry_unref(bare);
}
END_TEST

START_TEST(what_is_not_here_cannot_be_lost)
{
    damaged(&m, 'B', LEN + 1);
    damaged(&m, 'B', 0);
    damaged(&m, 'C', 1);
    expect_asked(&m, "");
    expect_kept(LEN);
}
END_TEST

/* What is lost again on its way is asked for again. */
START_TEST(it_can_be_lost_again)
{
    lose(7);
    give(7);
    lose(7);
    mind_run_ms(&m, MOOT_WANT_WAIT_MS);
    expect(strstr(moot_buf_text(&m.text), "WANT B:7..7") != NULL);
}
END_TEST

Suite *suite_group_holes(void)
{
    Suite *s = suite_create("group/holes");
    TCase *t = tcase_create("holes");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, what_is_kept_ends_below_the_hole);
    tcase_add_test(t, it_is_asked_for_again_and_stored_again);
    tcase_add_test(t, the_first_and_the_last_can_be_lost);
    tcase_add_test(t, neighbours_are_one_hole);
    tcase_add_test(t, a_chain_full_of_holes_is_healed_all_the_same);
    tcase_add_test(t, who_does_not_deliver_is_replaced);
    tcase_add_test(t, without_anybody_it_waits_for_a_link);
    tcase_add_test(t, a_link_that_comes_up_is_asked_at_once);
    tcase_add_test(t,
                   when_all_have_said_no_the_next_to_come_is_not_waited_with);
    tcase_add_test(t, it_can_be_lost_again);
    suite_add_tcase(s, t);

    t = tcase_create("what does not fit");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, when_nobody_has_what_we_said_we_go_on_in_another_run);
    tcase_add_test(t, one_that_does_not_fit_below_is_a_second_history);
    tcase_add_test(
        t, one_that_does_not_fit_is_not_taken_when_the_other_is_lost_too);
    tcase_add_test(t, one_that_does_not_fit_above_is_a_second_history);
    tcase_add_test(t, in_the_place_of_the_head_only_the_head_is_taken);
    tcase_add_test(t, one_without_its_body_is_taken_when_nobody_has_it);
    tcase_add_test(t, what_is_not_here_cannot_be_lost);
    suite_add_tcase(s, t);
    return s;
}
