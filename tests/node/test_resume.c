/*
 * tests/node/test_resume.c - a profile knows groups: which one is gone on with,
 * and what the profile is told to remember (P2).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "node_words.h"

Suite *suite_node_resume(void);

static struct stage st;
static struct moot_past pasts[3];
static struct moot_past_chain chain;
static struct moot_entry *line;

/* "other" was used last, then two of the name "lobby"; B spoke in each. */
static void setup(void)
{
    struct moot_hash group = hash_of(0x22);

    cast_begin(&group);
    line = moot_entry_ref(cast_writes('B', "yesterday"));
    cast_end();
    chain = (struct moot_past_chain){
        .in = line->in, .base = 1, .len = 1, .head = line->hash};
    for (unsigned i = 0; i < 3; i++) {
        pasts[i] = (struct moot_past){.grown = true, .lamport = 1};
        pasts[i].group = hash_of((uint8_t)(0x11 * (i + 1)));
        strcpy(pasts[i].name, i == 0 ? "other" : "lobby");
    }
    pasts[1].chains = &chain;
    pasts[1].chain_count = 1;
    pasts[1].tail = &line;
    pasts[1].tail_count = 1;
}

static void teardown(void)
{
    stage_end(&st);
    moot_entry_unref(line);
}

static void start(unsigned endpoints)
{
    stage_begin_knowing(&st, endpoints, pasts, 3);
    stage_event(&st, MOOT_EV_START, 0);
}

static void lose(const struct moot_past *past, uint64_t seq)
{
    struct moot_event ev = {.kind = MOOT_EV_DAMAGED};

    ev.damaged.group = past->group;
    ev.damaged.in = chain.in;
    ev.damaged.seq = seq;
    stage_step(&st, &ev);
}

START_TEST(the_newest_group_of_the_name_is_gone_on_with)
{
    start(0);
    expect_done(&st, "show b: yesterday (earlier)\nready lobby, 1 here\n"
                     "speak\n");
    expect_hash(&st.n->group_id, &pasts[1].group);
    expect_int(moot_boot_weight(st.n->boot), MOOT_GROWN);
    expect_uint(st.remember_count, 1);
    expect_hash(&st.remember.group, &pasts[1].group);
    expect_text(st.remember.name, "lobby");
    expect(st.remember.grown);
}
END_TEST

START_TEST(one_that_nobody_else_saw_may_still_give_way)
{
    pasts[1].grown = false;
    start(0);
    expect_hash(&st.n->group_id, &pasts[1].group);
    expect_int(moot_boot_weight(st.n->boot), MOOT_PROVISIONAL);
    expect(!st.remember.grown);
}
END_TEST

START_TEST(it_is_remembered_again_when_it_has_grown)
{
    stage_begin_knowing(&st, 0, pasts, 1);
    stage_event(&st, MOOT_EV_START, 0);
    expect_uint(st.remember_count, 1);
    expect(!st.remember.grown);
    link_in(&st, 2, 'B');
    hand_in_entry(&st, 2, cast_writes('B', "hello"), false);
    expect_uint(st.remember_count, 2);
    expect(st.remember.grown);
    expect_hash(&st.remember.group, &st.n->group_id);
}
END_TEST

static void answered(uint8_t group_of, enum moot_weight weight)
{
    struct moot_hash group = hash_of(group_of);

    cast_end();
    cast_begin(&group);
    stage_answer(&st, "B", weight);
    stage_follow(&st);
}

START_TEST(the_group_that_is_found_may_be_one_we_know)
{
    start(1);
    answered(0x33, MOOT_GROWN);
    expect_hash(&st.n->group_id, &pasts[2].group);
    expect_uint(st.remember_count, 1);
    expect_hash(&st.remember.group, &pasts[2].group);
    expect(st.remember.grown);
}
END_TEST

/* The store looks through the file while we still ask which group is ours. */
START_TEST(what_the_store_lost_before_a_group_was_entered_is_asked_for_there)
{
    const struct moot_past unknown = {.group = hash_of(0x77)};

    pasts[2].chains = &chain;
    pasts[2].chain_count = 1;
    start(1);
    lose(&pasts[2], 1);
    lose(&unknown, 1);
    answered(0x33, MOOT_GROWN);
    expect_hash(&st.n->group_id, &pasts[2].group);
    forget_done(&st);
    link_in(&st, 2, 'C');
    stage_run_ms(&st, 10000);
    expect(strstr(moot_buf_text(&st.text), "WANT B:1..1") != NULL);
}
END_TEST

/* MOOT_LOST_MAX: the store knows of what is beyond it at the next start. */
START_TEST(of_what_it_lost_there_so_much_is_remembered)
{
    unsigned before = MOOT_LOST_MAX - 1 + (unsigned)_i;

    pasts[2].chains = &chain;
    pasts[2].chain_count = 1;
    start(1);
    for (unsigned i = 0; i < before; i++)
        lose(&pasts[0], i + 1);
    lose(&pasts[2], 1);
    expect_uint(st.n->lost_count, MOOT_LOST_MAX);
    answered(0x33, MOOT_GROWN);
    forget_done(&st);
    link_in(&st, 2, 'C');
    stage_run_ms(&st, 10000);
    expect((strstr(moot_buf_text(&st.text), "WANT B:1..1") == NULL) == _i);
}
END_TEST

/* Nothing is said of a group that only this process knows of. */
START_TEST(while_somebody_is_asked_nothing_is_shown_or_remembered)
{
    start(1);
    expect_done_of(&st, "show ready", "");
    expect_uint(st.remember_count, 0);
    expect_int(moot_boot_weight(st.n->boot), MOOT_TENTATIVE);
    answered(0x77, MOOT_PROVISIONAL);
    expect_uint(st.remember_count, 1);
    expect(!st.remember.grown);
    expect_done_of(&st, "show", "");
}
END_TEST

START_TEST(every_start_is_a_new_run)
{
    uint64_t run;

    start(0);
    run = st.n->self.run;
    expect(run != chain.in.run);
    moot_adopt(st.n, &pasts[2].group, &st.fx);
    expect(st.n->self.run != run);
    moot_effects_clear(&st.fx);
    moot_adopt(st.n, &pasts[1].group, &st.fx);
    expect(st.n->self.run != run);
    moot_effects_clear(&st.fx);
}
END_TEST

Suite *suite_node_resume(void)
{
    Suite *s = suite_create("node/resume");
    TCase *t = tcase_create("resume");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_newest_group_of_the_name_is_gone_on_with);
    tcase_add_test(t, one_that_nobody_else_saw_may_still_give_way);
    tcase_add_test(t, it_is_remembered_again_when_it_has_grown);
    tcase_add_test(t, the_group_that_is_found_may_be_one_we_know);
    tcase_add_test(
        t, what_the_store_lost_before_a_group_was_entered_is_asked_for_there);
    tcase_add_loop_test(t, of_what_it_lost_there_so_much_is_remembered, 0, 2);
    tcase_add_test(t, while_somebody_is_asked_nothing_is_shown_or_remembered);
    tcase_add_test(t, every_start_is_a_new_run);
    suite_add_tcase(s, t);
    return s;
}
