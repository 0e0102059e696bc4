/*
 * tests/node/test_fork.c - who accuses somebody must show what he signed twice,
 * or parts; and a run that did have two histories ends (P9).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "node_words.h"
#include "wire/fork.h"

Suite *suite_node_fork(void);

static struct stage st;
static struct moot_entry *nine, *ten; /* of B's run, both its first */

static void setup(void)
{
    struct moot_draft d;

    stage_begin(&st);
    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    d = cast_draft('B', "meet at ten");
    ten = cast_drafts('B', &d);
    nine = cast_writes('B', "meet at nine");
}

static void teardown(void)
{
    stage_end(&st);
}

static void hand_in_proof(const struct moot_fork *f)
{
    struct moot_buf proof = {0};

    moot_fork_encode(f, &proof);
    stage_draft(&st, MOOT_MSG_FORK)->fork.raw = moot_buf_view(&proof);
    hand_in(&st, 3);
    moot_buf_fini(&proof);
}

static struct moot_fork proof_of(const struct moot_entry *a,
                                 const struct moot_entry *b)
{
    struct moot_fork f = {0};

    expect(moot_fork_make(a, b, &f));
    return f;
}

#define PARTED                                                                 \
    "send 3 BYE protocol \"not a proof of two histories\"\n"                   \
    "close 3: the protocol was broken\n"

START_TEST(a_proof_is_believed_and_passed_on)
{
    struct moot_fork f = proof_of(nine, ten);

    hand_in_proof(&f);
    expect_done(&st, "end B:1\nsend 2 FORK B:1\nsend 3 FORK B:1\n"
                     "notice: b has two histories (a cloned machine?): what "
                     "was said in them after they part is left out\n");
    stage_stored(&st, st.last_end);
    forget_done(&st);
    hand_in_proof(&f);
    hand_in_entry(&st, 2, nine, false);
    expect_done(&st, "");
    moot_fork_fini(&f);
}
END_TEST

/* Found here: both branches came by, and ours is read again. */
START_TEST(two_branches_that_come_by_are_a_proof)
{
    struct moot_event ev = {.kind = MOOT_EV_FETCHED};

    hand_in_entry(&st, 2, nine, false);
    stage_store_all(&st);
    forget_done(&st);
    hand_in_entry(&st, 3, ten, false);
    expect_done_of(&st, "fetch end", "fetch B:1..1\n");
    expect_hash(&st.last_fetch.fetch.group, &st.n->group_id);
    ev.fetched.token = st.last_fetch.fetch.token;
    ev.fetched.entries = &nine;
    ev.fetched.count = 1;
    stage_step(&st, &ev);
    expect_done_of(&st, "end", "end B:1\n");
}
END_TEST

/* --- forged ones --- */

static void expect_refused(const struct moot_fork *f)
{
    hand_in_proof(f);
    expect_done(&st, PARTED);
    hand_in_entry(&st, 2, nine, false);
    expect_done_of(&st, "show notice", "show b: meet at nine\n");
}

START_TEST(a_forged_signature_proves_nothing)
{
    struct moot_fork f = proof_of(nine, ten);
    struct moot_entry *e = _i == 0 ? f.first : f.second;
    uint8_t *sig = (uint8_t *)(uintptr_t)e->raw.data + e->raw.len - 1;

    *sig ^= 1; /* the signature is the last field of a bare entry */
    expect_refused(&f);
    moot_fork_fini(&f);
}
END_TEST

START_TEST(one_entry_twice_proves_nothing)
{
    struct moot_fork f = {.first = moot_entry_pruned(nine),
                          .second = moot_entry_pruned(nine)};

    expect_refused(&f);
    moot_fork_fini(&f);
}
END_TEST

START_TEST(entries_that_fit_together_prove_nothing)
{
    struct moot_entry *next = cast_writes('B', "bring cake");
    struct moot_fork f = {.first = moot_entry_pruned(nine),
                          .second = moot_entry_pruned(next)};

    expect_refused(&f);
    moot_fork_fini(&f);
}
END_TEST

START_TEST(two_authors_are_not_one_run)
{
    struct moot_fork f = {
        .first = moot_entry_pruned(nine),
        .second = moot_entry_pruned(cast_writes('C', "meet at ten"))};

    expect_refused(&f);
    moot_fork_fini(&f);
}
END_TEST

START_TEST(another_group_is_no_business_of_ours)
{
    struct moot_draft d = cast_draft('B', "over there");
    struct moot_entry *a, *b;
    struct moot_fork f;

    d.group = hash_of(1);
    d.seq = 1;
    d.prev = (struct moot_hash){{0}};
    a = cast_drafts('B', &d);
    d.lamport++;
    b = cast_drafts('B', &d);
    f = proof_of(a, b);
    expect_refused(&f);
    moot_fork_fini(&f);
}
END_TEST

START_TEST(nonsense_is_no_proof)
{
    stage_draft(&st, MOOT_MSG_FORK)->fork.raw =
        moot_bytes_of("\x0a\x00\x12\x00", 4);
    hand_in(&st, 3);
    expect_done(&st, PARTED);
}
END_TEST

/* What is worse than the proof held is not even looked at. */
START_TEST(a_worse_proof_costs_nothing)
{
    struct moot_fork f = proof_of(nine, ten);
    struct moot_draft d = cast_draft('B', "later");
    struct moot_entry *later = cast_drafts('B', &d);
    struct moot_fork worse = proof_of(later, cast_writes('B', "another one"));
    uint8_t *sig =
        (uint8_t *)(uintptr_t)worse.first->raw.data + worse.first->raw.len - 1;

    hand_in_proof(&f);
    forget_done(&st);
    *sig ^= 1;
    hand_in_proof(&worse);
    expect_done(&st, "");
    moot_fork_fini(&f);
    moot_fork_fini(&worse);
}
END_TEST

/* --- what the store lost --- */

START_TEST(what_the_store_lost_is_asked_for_again)
{
    struct moot_event ev = {.kind = MOOT_EV_DAMAGED};

    hand_in_entry(&st, 2, nine, false);
    stage_store_all(&st);
    forget_done(&st);
    ev.damaged.group = hash_of(1);
    ev.damaged.in = nine->in;
    ev.damaged.seq = 1;
    stage_step(&st, &ev);
    expect_done(&st, "");
    ev.damaged.group = st.n->group_id;
    stage_step(&st, &ev);
    expect(strstr(moot_buf_text(&st.text), "WANT B:1..1") != NULL);
    forget_done(&st);
    hand_in_entry(&st, 2, nine, true);
    expect_done_of(&st, "store show", "store B:1\n");
}
END_TEST

Suite *suite_node_fork(void)
{
    Suite *s = suite_create("node/fork");
    TCase *t = tcase_create("proofs");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_proof_is_believed_and_passed_on);
    tcase_add_test(t, two_branches_that_come_by_are_a_proof);
    tcase_add_test(t, what_the_store_lost_is_asked_for_again);
    suite_add_tcase(s, t);

    t = tcase_create("forged");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, a_forged_signature_proves_nothing, 0, 2);
    tcase_add_test(t, one_entry_twice_proves_nothing);
    tcase_add_test(t, entries_that_fit_together_prove_nothing);
    tcase_add_test(t, two_authors_are_not_one_run);
    tcase_add_test(t, another_group_is_no_business_of_ours);
    tcase_add_test(t, nonsense_is_no_proof);
    tcase_add_test(t, a_worse_proof_costs_nothing);
    suite_add_tcase(s, t);
    return s;
}
