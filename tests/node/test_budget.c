/*
 * tests/node/test_budget.c - how much work a link may make, and what becomes of
 * one that makes more: it waits, the others do not, and nothing is lost (P11).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "node_words.h"

Suite *suite_node_budget(void);

/* --- the bucket --- */

static struct moot_budget budget;

static void fill(void)
{
    moot_budget_init(&budget, 1000);
}

/* How many checks until it is in debt? */
static unsigned checks_until_debt(moot_ms now, bool genuine)
{
    unsigned n = 0;

    do {
        moot_budget_check(&budget, now, genuine);
        n++;
    } while (moot_budget_debt_ms(&budget) == 0);
    return n;
}

/* MOOT_WORK_BURST */
START_TEST(it_is_full_at_first_and_never_more_than_full)
{
    const unsigned burst = MOOT_WORK_BURST / MOOT_WORK_CHECK + 1;

    expect_uint(checks_until_debt(1000, true), burst);
    expect_uint(checks_until_debt(1000 * 1000 * 1000, true), burst);
}
END_TEST

/* MOOT_WORK_FORGED */
START_TEST(a_forged_signature_costs_as_much_as_sixteen_true_ones)
{
    expect_uint(checks_until_debt(1000, false),
                MOOT_WORK_BURST / (16 * MOOT_WORK_CHECK) + 1);
}
END_TEST

/* MOOT_WORK_PER_MS */
START_TEST(it_fills_with_time)
{
    unsigned n;

    checks_until_debt(1000, true);
    n = checks_until_debt(1011, true);
    expect(n >= 10 * MOOT_WORK_PER_MS / MOOT_WORK_CHECK);
    expect(n <= 11 * MOOT_WORK_PER_MS / MOOT_WORK_CHECK + 1);
}
END_TEST

START_TEST(a_debt_is_paid_after_just_that_long)
{
    moot_ms debt;

    for (int i = 0; i < 100; i++)
        moot_budget_check(&budget, 1000, false);
    debt = moot_budget_debt_ms(&budget);
    expect_int(debt,
               (100 * MOOT_WORK_FORGED - MOOT_WORK_BURST) / MOOT_WORK_PER_MS +
                   1);
    moot_budget_frame(&budget, 1000 + debt - 1, 0);
    expect(moot_budget_debt_ms(&budget) > 0);
    moot_budget_frame(&budget, 1000 + debt + 1, 0);
    expect_int(moot_budget_debt_ms(&budget), 0);
}
END_TEST

/* MOOT_PAUSE_MAX_MS */
START_TEST(no_debt_is_deeper_than_the_longest_pause)
{
    for (int i = 0; i < 10000; i++)
        moot_budget_check(&budget, 1000, false);
    expect_int(moot_budget_debt_ms(&budget), MOOT_PAUSE_MAX_MS);
}
END_TEST

/* MOOT_WORK_FRAME, MOOT_WORK_KIB */
START_TEST(small_frames_and_large_ones_cost_something_too)
{
    unsigned small = 0, large = 0;

    for (; moot_budget_debt_ms(&budget) == 0; small++)
        moot_budget_frame(&budget, 1000, 10);
    expect_uint(small, MOOT_WORK_BURST / MOOT_WORK_FRAME + 1);
    fill();
    for (; moot_budget_debt_ms(&budget) == 0; large++)
        moot_budget_frame(&budget, 1000, MOOT_FRAME_LEN_MAX);
    expect_uint(large,
                MOOT_WORK_BURST / (64 * MOOT_WORK_KIB + MOOT_WORK_FRAME) + 1);
}
END_TEST

/* --- a link --- */

#define FORGERIES 100 /* in one frame */
#define HISTORY 600

static struct stage st;
static struct moot_entry *forgery;

static void set_up(void)
{
    const struct moot_entry *e;
    struct moot_buf raw = {0};

    stage_begin(&st);
    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    e = cast_writes('D', "I owe you money");
    moot_buf_append(&raw, e->raw.data, e->raw.len);
    for (size_t i = 0; i + sizeof e->sig <= raw.len; i++) {
        uint8_t *at = raw.data + raw.start + i;

        if (memcmp(at, e->sig.b, sizeof e->sig) == 0) {
            at[5] ^= 1;
            break;
        }
    }
    expect_ok(moot_entry_open(moot_buf_view(&raw), &forgery));
    expect(!moot_entry_verify(forgery));
    moot_buf_fini(&raw);
}

static void tear_down(void)
{
    moot_entry_unref(forgery);
    stage_end(&st);
}

static void hand_in_forgeries(moot_link link)
{
    struct moot_message *m = stage_draft(&st, MOOT_MSG_ENTRIES);

    for (m->entries.count = 0; m->entries.count < FORGERIES; m->entries.count++)
        m->entries.raw[m->entries.count] = forgery->raw;
    hand_in(&st, link);
}

START_TEST(who_pours_out_forgeries_waits_and_the_others_do_not)
{
    hand_in_forgeries(2);
    expect_done(&st, "pause 2: 173 ms\n");
    hand_in_entry(&st, 3, cast_writes('C', "hi"), false);
    expect_done(&st, "store C:1\nshow c: hi\n");
}
END_TEST

START_TEST(after_its_pause_a_link_is_as_any_other)
{
    hand_in_forgeries(2);
    forget_done(&st);
    stage_run_ms(&st, 174);
    hand_in_entry(&st, 2, cast_writes('B', "sorry"), false);
    expect_done_of(&st, "store show pause", "store B:1\nshow b: sorry\n");
}
END_TEST

/* A newcomer learns a history from one link alone: the first ones come at
 * once, the others at half the speed of a core. */
START_TEST(an_honest_history_is_slowed_down_and_nothing_of_it_is_lost)
{
    const struct moot_budget *b = &st.n->links[0]->budget;
    moot_ms began = st.now, floor_ms;
    char want[32];

    for (int i = 0; i < HISTORY; i++) {
        moot_ms debt;

        hand_in_entry(&st, 2, cast_writes('B', "one of many"), true);
        snprintf(want, sizeof want, "store B:%d\n", i + 1);
        expect_done_of(&st, "store", want);
        debt = moot_budget_debt_ms(b);
        expect(i >= 200 || debt == 0);
        stage_run_ms(&st, debt);
    }
    floor_ms = (HISTORY * MOOT_WORK_CHECK - MOOT_WORK_BURST) / MOOT_WORK_PER_MS;
    expect(st.now - began >= floor_ms);
    expect(st.now - began <= 2 * floor_ms);
}
END_TEST

START_TEST(a_pause_is_never_longer_than_its_bound)
{
    for (int i = 0; i < 20; i++)
        hand_in_forgeries(2);
    forget_done(&st);
    hand_in_forgeries(2);
    expect_done(&st, "pause 2: 1000 ms\n");
}
END_TEST

/* We have told it goodbye, but it may still send for a while. */
START_TEST(one_that_we_part_from_is_held_to_it_as_well)
{
    hand_in_raw(&st, 2, moot_bytes_text("\xff"));
    expect_done_of(&st, "close pause", "close 2: the protocol was broken\n");
    hand_in_forgeries(2);
    expect_done_of(&st, "show store pause", "pause 2: 173 ms\n");
}
END_TEST

/* A question is cheap, but many of them are not. */
START_TEST(a_flood_of_small_frames_is_work_too)
{
    struct moot_message *m = stage_draft(&st, MOOT_MSG_PING);
    unsigned n = 0;

    m->ping.nonce = 1;
    for (; moot_budget_debt_ms(&st.n->links[0]->budget) == 0; n++)
        hand_in(&st, 2);
    expect(n <= MOOT_WORK_BURST / MOOT_WORK_FRAME + 1);
    expect_done_of(&st, "pause", "pause 2: 1 ms\n");
}
END_TEST

Suite *suite_node_budget(void)
{
    Suite *s = suite_create("node/budget");
    TCase *t = tcase_create("bucket");

    tcase_add_checked_fixture(t, fill, NULL);
    tcase_add_test(t, it_is_full_at_first_and_never_more_than_full);
    tcase_add_test(t, a_forged_signature_costs_as_much_as_sixteen_true_ones);
    tcase_add_test(t, it_fills_with_time);
    tcase_add_test(t, a_debt_is_paid_after_just_that_long);
    tcase_add_test(t, no_debt_is_deeper_than_the_longest_pause);
    tcase_add_test(t, small_frames_and_large_ones_cost_something_too);
    suite_add_tcase(s, t);

    t = tcase_create("link");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, who_pours_out_forgeries_waits_and_the_others_do_not);
    tcase_add_test(t, after_its_pause_a_link_is_as_any_other);
    tcase_add_test(t,
                   an_honest_history_is_slowed_down_and_nothing_of_it_is_lost);
    tcase_add_test(t, a_pause_is_never_longer_than_its_bound);
    tcase_add_test(t, one_that_we_part_from_is_held_to_it_as_well);
    tcase_add_test(t, a_flood_of_small_frames_is_work_too);
    suite_add_tcase(s, t);
    return s;
}
