/*
 * tests/node/test_verify.c - what was asked for is checked by workers: in
 * order, none of it unchecked, and no more at once than a bound.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "node_words.h"

Suite *suite_node_verify(void);

#define MANY (MOOT_VERIFY_INLINE_MAX + 1)

static struct stage st;

static void set_up(void)
{
    stage_begin(&st);
    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
}

static void tear_down(void)
{
    stage_end(&st);
}

/* A frame with the next so many entries of who, in answer to a question. */
static void hand_in_next(moot_link link, char who, unsigned count)
{
    struct moot_entry *entries[MOOT_PAGE_MAX];
    struct moot_message *m;

    for (unsigned i = 0; i < count; i++)
        entries[i] = cast_writes(who, "line");
    m = stage_draft(&st, MOOT_MSG_ENTRIES);
    m->entries.asked = true;
    for (unsigned i = 0; i < count; i++)
        m->entries.raw[m->entries.count++] = entries[i]->raw;
    hand_in(&st, link);
}

/* The batch of this index is done; the one at forged (or none) was not what it
 * seemed. */
static void done(unsigned batch, unsigned forged)
{
    struct moot_event ev = {.kind = MOOT_EV_VERIFIED};
    bool genuine[MOOT_PAGE_MAX];

    for (unsigned i = 0; i < st.verify_sizes[batch]; i++)
        genuine[i] = i != forged;
    ev.verified.token = st.verify_tokens[batch];
    ev.verified.genuine = genuine;
    ev.verified.count = st.verify_sizes[batch];
    stage_step(&st, &ev);
}

#define ALL MOOT_PAGE_MAX

START_TEST(few_are_checked_at_once_and_many_by_workers)
{
    hand_in_next(2, 'D', MOOT_VERIFY_INLINE_MAX);
    expect_done_of(&st, "verify store",
                   "store D:1\nstore D:2\nstore D:3\nstore D:4\n");
    hand_in_next(2, 'D', MANY);
    expect_done(&st, "verify 5\n");
    done(0, ALL);
    expect_done_of(&st, "store",
                   "store D:5\nstore D:6\nstore D:7\nstore D:8\nstore D:9\n");
}
END_TEST

START_TEST(frames_of_one_link_are_taken_in_the_order_in_which_they_came)
{
    hand_in_next(2, 'D', MANY);
    hand_in_next(2, 'D', 1);
    expect_done(&st, "verify 5\nverify 1\n");
    done(1, ALL);
    expect_done(&st, "");
    done(0, ALL);
    expect_done_of(&st, "store",
                   "store D:1\nstore D:2\nstore D:3\nstore D:4\nstore D:5\n"
                   "store D:6\n");
}
END_TEST

START_TEST(links_do_not_wait_for_each_other)
{
    hand_in_next(2, 'D', MANY);
    hand_in_next(3, 'E', MANY);
    forget_done(&st);
    done(1, ALL);
    expect_done_of(&st, "store",
                   "store E:1\nstore E:2\nstore E:3\nstore E:4\nstore E:5\n");
}
END_TEST

/* P9 */
START_TEST(what_is_forged_is_not_taken_nor_what_stands_on_it)
{
    hand_in_next(2, 'D', MANY);
    forget_done(&st);
    done(0, 2);
    expect_done_of(&st, "store send",
                   "store D:1\nstore D:2\nsend 2 WANT D:3..4\n");
}
END_TEST

/* MOOT_VERIFY_EACH_MAX */
START_TEST(a_link_with_too_many_waits_until_some_come_back)
{
    for (unsigned i = 1; i < MOOT_VERIFY_EACH_MAX; i++)
        hand_in_next(2, 'D', MANY);
    expect_done(&st, "verify 5\nverify 5\nverify 5\n");
    hand_in_next(2, 'D', MANY);
    expect_done(&st, "verify 5\npause 2: 1000 ms\n");
    done(0, ALL);
    expect_done_of(&st, "pause", "pause 2: 0 ms\n");
}
END_TEST

/* MOOT_VERIFY_MAX */
START_TEST(all_links_together_have_a_bound_and_each_may_always_have_one)
{
    const unsigned links = MOOT_VERIFY_MAX / MOOT_VERIFY_EACH_MAX;
    unsigned at = 0;

    for (unsigned i = 0; i < links; i++) {
        char who = (char)('E' + i);

        link_in(&st, 10 + i, who);
        for (unsigned k = 0; k < MOOT_VERIFY_EACH_MAX; k++, at++)
            hand_in_next(10 + i, who, MANY);
    }
    forget_done(&st);
    hand_in_next(2, 'B', MANY);
    expect_done(&st, "verify 5\npause 2: 1000 ms\n");
    hand_in_next(3, 'C', MANY);
    expect_done(&st, "verify 5\npause 3: 1000 ms\n");
    done(at, ALL);
    expect_done_of(&st, "pause", "pause 2: 0 ms\n");
}
END_TEST

START_TEST(of_a_link_that_is_gone_nothing_is_taken)
{
    hand_in_next(2, 'D', MANY);
    close_link(&st, 2, MOOT_ERESET);
    forget_done(&st);
    done(0, ALL);
    expect_done(&st, "");
}
END_TEST

START_TEST(an_answer_to_nothing_is_no_news)
{
    hand_in_next(2, 'D', MANY);
    forget_done(&st);
    st.verify_tokens[1] = 77;
    st.verify_sizes[1] = 3;
    done(1, ALL);
    expect_done(&st, "");
}
END_TEST

Suite *suite_node_verify(void)
{
    Suite *s = suite_create("node/verify");
    TCase *t = tcase_create("verify");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, few_are_checked_at_once_and_many_by_workers);
    tcase_add_test(
        t, frames_of_one_link_are_taken_in_the_order_in_which_they_came);
    tcase_add_test(t, links_do_not_wait_for_each_other);
    tcase_add_test(t, what_is_forged_is_not_taken_nor_what_stands_on_it);
    tcase_add_test(t, a_link_with_too_many_waits_until_some_come_back);
    tcase_add_test(
        t, all_links_together_have_a_bound_and_each_may_always_have_one);
    tcase_add_test(t, of_a_link_that_is_gone_nothing_is_taken);
    tcase_add_test(t, an_answer_to_nothing_is_no_news);
    suite_add_tcase(s, t);
    return s;
}
