/*
 * tests/group/test_chain.c - the four verdicts of a chain, and the digests by
 * which two peers find out that they hold the same.
 *
 * The digests were computed with another implementation of BLAKE2b.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "base/alloc.h"
#include "dies.h"
#include "group/chain.h"
#include "words.h"

Suite *suite_group_chain(void);

static struct moot_history log_;
static struct moot_run in;

static void setup(void)
{
    log_ = (struct moot_history){0};
    in = (struct moot_run){.author = id_of(5), .run = 7};
}

static void teardown(void)
{
    moot_history_fini(&log_);
}

/* The n-th of a chain whose hashes are n n n ..., for whom first is 0. */
static struct moot_entry entry(uint64_t seq, uint8_t prev, uint8_t hash)
{
    return (struct moot_entry){
        .in = in, .seq = seq, .prev = hash_of(prev), .hash = hash_of(hash)};
}

static enum moot_verdict judge(uint64_t seq, uint8_t prev, uint8_t hash)
{
    struct moot_entry e = entry(seq, prev, hash);

    return moot_chain_judge(moot_history_find(&log_, &in), &e);
}

static void admit(uint64_t seq, uint8_t prev, uint8_t hash)
{
    struct moot_entry e = entry(seq, prev, hash);

    moot_chain_admit(&log_, moot_history_get(&log_, &in), &e);
}

static void keep(uint8_t author, uint64_t run, uint64_t len, uint8_t head)
{
    struct moot_run other = {.author = id_of(author), .run = run};
    struct moot_chain *c = moot_history_get(&log_, &other);
    struct moot_hash h = hash_of(head);

    if (c->len < len)
        c->len = len;
    moot_chain_keep(&log_, c, len, &h);
}

/* --- verdicts --- */

START_TEST(of_an_unknown_run_the_first_entry_is_next)
{
    expect_int(judge(1, 0, 1), MOOT_CHAIN_NEXT);
    expect_int(judge(2, 1, 2), MOOT_CHAIN_GAP);
}
END_TEST

START_TEST(each_entry_extends_the_chain_by_one)
{
    for (uint8_t i = 1; i <= 20; i++) {
        expect_int(judge(i, (uint8_t)(i - 1), i), MOOT_CHAIN_NEXT);
        admit(i, (uint8_t)(i - 1), i);
        expect_uint(moot_history_find(&log_, &in)->len, i);
    }
    expect_uint(log_.entry_count, 20);
    expect_uint(log_.chain_count, 1);
}
END_TEST

START_TEST(what_is_at_or_below_the_head_is_known)
{
    for (uint8_t i = 1; i <= 3; i++)
        admit(i, (uint8_t)(i - 1), i);
    for (uint8_t i = 1; i <= 3; i++)
        expect_int(judge(i, (uint8_t)(i - 1), i), MOOT_CHAIN_KNOWN);
}
END_TEST

START_TEST(what_is_ahead_leaves_a_gap)
{
    admit(1, 0, 1);
    expect_int(judge(3, 2, 3), MOOT_CHAIN_GAP);
    expect_int(judge(UINT64_MAX, 1, 2), MOOT_CHAIN_GAP);
}
END_TEST

START_TEST(another_entry_in_the_place_of_the_head_is_a_fork)
{
    admit(1, 0, 1);
    expect_int(judge(1, 0, 9), MOOT_CHAIN_FORK);
}
END_TEST

START_TEST(a_next_one_that_names_another_head_is_a_fork)
{
    admit(1, 0, 1);
    expect_int(judge(2, 9, 2), MOOT_CHAIN_FORK);
}
END_TEST

static struct moot_chain *end_at(uint64_t seq, const struct moot_hash *head)
{
    struct moot_fork *f = moot_alloc(sizeof *f);
    struct moot_chain *c = moot_history_find(&log_, &in);

    f->seq = seq;
    f->hash = hash_of(0xf0);
    moot_chain_end(&log_, c, f, head);
    return c;
}

/* Nothing is admitted there any more, not even what would have fitted; what
 * lies before still is. */
START_TEST(a_run_ends_before_its_fork)
{
    admit(1, 0, 1);
    end_at(3, NULL);
    expect_int(judge(2, 1, 2), MOOT_CHAIN_NEXT);
    expect_int(judge(1, 0, 9), MOOT_CHAIN_FORK);
    expect_int(judge(3, 2, 3), MOOT_CHAIN_KNOWN);
    expect_int(judge(5, 4, 5), MOOT_CHAIN_KNOWN);
    admit(2, 1, 2);
    expect_int(judge(3, 2, 3), MOOT_CHAIN_KNOWN);
}
END_TEST

START_TEST(a_run_that_went_on_is_cut)
{
    struct moot_hash head = hash_of(1);
    struct moot_chain *c;

    for (uint8_t i = 1; i <= 4; i++)
        admit(i, (uint8_t)(i - 1), i);
    c = end_at(2, &head);
    expect_uint(c->len, 1);
    expect_uint(log_.entry_count, 1);
    expect_int(judge(1, 0, 1), MOOT_CHAIN_KNOWN);
    expect_int(judge(2, 1, 2), MOOT_CHAIN_KNOWN);
    end_at(1, NULL);
    expect_uint(c->len, 0);
    expect_uint(log_.entry_count, 0);
    expect(!c->headless);
    expect_int(judge(1, 0, 1), MOOT_CHAIN_KNOWN);
}
END_TEST

static void admit_a_gap(void)
{
    admit(2, 1, 2);
}

START_TEST(only_the_next_one_is_ever_admitted)
{
    expect(dies(admit_a_gap));
}
END_TEST

/* --- the table --- */

START_TEST(runs_and_authors_are_sorted_whatever_the_order_of_arrival)
{
    static const uint8_t order[] = {5, 2, 9, 1, 7};

    for (unsigned i = 0; i < 5; i++)
        for (unsigned k = 0; k < 5; k++)
            keep(order[i], order[k], 1, 1);
    expect_uint(log_.count, 5);
    expect_uint(log_.chain_count, 25);
    for (unsigned i = 0; i < 5; i++) {
        expect(i == 0 ||
               moot_id_cmp(&log_.authors[i - 1]->id, &log_.authors[i]->id) < 0);
        expect_uint(log_.authors[i]->count, 5);
        for (unsigned k = 1; k < 5; k++)
            expect(log_.authors[i]->chains[k - 1]->in.run <
                   log_.authors[i]->chains[k]->in.run);
    }
}
END_TEST

START_TEST(a_run_is_made_once_and_found_again)
{
    struct moot_chain *c = moot_history_get(&log_, &in);
    struct moot_run other = {.author = in.author, .run = in.run + 1};

    expect(moot_history_get(&log_, &in) == c);
    expect(moot_history_find(&log_, &in) == c);
    expect(moot_history_find(&log_, &other) == NULL);
    other.author = id_of(6);
    expect(moot_history_find(&log_, &other) == NULL);
    expect(moot_history_author(&log_, &other.author) == NULL);
}
END_TEST

START_TEST(an_author_without_runs_is_dropped_with_the_last_one)
{
    struct moot_run second = {.author = in.author, .run = in.run + 1};

    moot_history_get(&log_, &in);
    moot_history_get(&log_, &second);
    moot_history_drop(&log_, moot_history_find(&log_, &in));
    expect_uint(log_.chain_count, 1);
    expect(moot_history_author(&log_, &in.author) != NULL);
    moot_history_drop(&log_, moot_history_find(&log_, &second));
    expect_uint(log_.chain_count, 0);
    expect_uint(log_.count, 0);
}
END_TEST

static void drop_one_that_holds_something(void)
{
    admit(1, 0, 1);
    moot_history_drop(&log_, moot_history_find(&log_, &in));
}

START_TEST(a_chain_that_holds_something_is_never_dropped)
{
    expect(dies(drop_one_that_holds_something));
}
END_TEST

/* MOOT_CHAINS_MAX (P12): the table is full, and says so. */
START_TEST(a_group_has_at_most_65536_chains)
{
    struct moot_run run = {.author = id_of(1)};

    for (run.run = 0; run.run < MOOT_CHAINS_MAX; run.run++)
        expect(moot_history_get(&log_, &run) != NULL);
    expect(moot_history_get(&log_, &run) == NULL);
    expect(moot_history_get(&log_, &in) == NULL);
    expect_uint(log_.chain_count, MOOT_CHAINS_MAX);
    expect_uint(log_.count, 1);
    run.run = 5;
    expect(moot_history_get(&log_, &run) != NULL);
    moot_history_drop(&log_, moot_history_find(&log_, &run));
    expect(moot_history_get(&log_, &in) != NULL);
}
END_TEST

/* --- digests --- */

START_TEST(the_digest_of_an_author_covers_run_length_and_head_of_each_chain)
{
    struct moot_id five = id_of(5);

    keep(5, 258, 3, 0x22);
    keep(5, 1, 2, 0x11);
    expect_hex(
        moot_bytes_of(moot_author_digest(moot_history_author(&log_, &five))->b,
                      32),
        "b32b1dbdc3fd9419235614992f07d3db93a5ea55c6b6847a0d4d093198c36462");
}
END_TEST

START_TEST(the_digest_of_the_log_covers_its_authors_in_order)
{
    keep(9, 7, 1, 0x33);
    keep(5, 258, 3, 0x22);
    keep(5, 1, 2, 0x11);
    expect_hex(
        moot_bytes_of(moot_history_digest(&log_)->b, 32),
        "7bc5a55a6ce83c15b778062033294df3409b8d83d1b868517da9328309052de5");
}
END_TEST

/* What was only admitted may be lost with the power: it is not told. */
START_TEST(only_what_is_stored_counts_in_a_digest)
{
    struct moot_hash before = *moot_history_digest(&log_);
    struct moot_hash head = hash_of(1);

    expect_hex(
        moot_bytes_of(before.b, 32),
        "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    admit(1, 0, 1);
    admit(2, 1, 2);
    expect_hash(moot_history_digest(&log_), &before);
    moot_chain_keep(&log_, moot_history_find(&log_, &in), 1, &head);
    expect(!moot_hash_eq(moot_history_digest(&log_), &before));
}
END_TEST

START_TEST(a_digest_follows_every_change)
{
    struct moot_hash last = *moot_history_digest(&log_);

    for (uint8_t i = 1; i <= 5; i++) {
        keep(5, 1, i, i);
        expect(!moot_hash_eq(moot_history_digest(&log_), &last));
        last = *moot_history_digest(&log_);
    }
    keep(4, 1, 1, 1);
    expect(!moot_hash_eq(moot_history_digest(&log_), &last));
}
END_TEST

START_TEST(an_old_completion_changes_nothing)
{
    struct moot_hash older = hash_of(1), digest;

    keep(5, 7, 3, 3);
    digest = *moot_history_digest(&log_);
    moot_chain_keep(&log_, moot_history_find(&log_, &in), 1, &older);
    expect_hash(moot_history_digest(&log_), &digest);
    expect_uint(moot_history_find(&log_, &in)->kept_len, 3);
}
END_TEST

static void keep_what_is_not_there(void)
{
    struct moot_hash head = hash_of(1);

    moot_chain_keep(&log_, moot_history_get(&log_, &in), 1, &head);
}

START_TEST(the_store_cannot_have_what_was_not_admitted)
{
    expect(dies(keep_what_is_not_there));
}
END_TEST

/* P3: the digest says what is held, not when or from whom it came. */
START_TEST(the_digest_does_not_depend_on_the_order_of_arrival)
{
    struct moot_hash first;

    for (uint8_t i = 1; i <= 9; i++)
        keep(i, (uint64_t)i * 3 % 10, i, i);
    first = *moot_history_digest(&log_);
    moot_history_fini(&log_);
    for (uint8_t i = 9; i >= 1; i--)
        keep(i, (uint64_t)i * 3 % 10, i, i);
    expect_hash(moot_history_digest(&log_), &first);
}
END_TEST

Suite *suite_group_chain(void)
{
    Suite *s = suite_create("group/chain");
    TCase *t = tcase_create("verdicts");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, of_an_unknown_run_the_first_entry_is_next);
    tcase_add_test(t, each_entry_extends_the_chain_by_one);
    tcase_add_test(t, what_is_at_or_below_the_head_is_known);
    tcase_add_test(t, what_is_ahead_leaves_a_gap);
    tcase_add_test(t, another_entry_in_the_place_of_the_head_is_a_fork);
    tcase_add_test(t, a_next_one_that_names_another_head_is_a_fork);
    tcase_add_test(t, a_run_ends_before_its_fork);
    tcase_add_test(t, a_run_that_went_on_is_cut);
    tcase_add_test(t, only_the_next_one_is_ever_admitted);
    suite_add_tcase(s, t);

    t = tcase_create("table");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t,
                   runs_and_authors_are_sorted_whatever_the_order_of_arrival);
    tcase_add_test(t, a_run_is_made_once_and_found_again);
    tcase_add_test(t, an_author_without_runs_is_dropped_with_the_last_one);
    tcase_add_test(t, a_chain_that_holds_something_is_never_dropped);
    tcase_add_test(t, a_group_has_at_most_65536_chains);
    suite_add_tcase(s, t);

    t = tcase_create("digests");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(
        t, the_digest_of_an_author_covers_run_length_and_head_of_each_chain);
    tcase_add_test(t, the_digest_of_the_log_covers_its_authors_in_order);
    tcase_add_test(t, only_what_is_stored_counts_in_a_digest);
    tcase_add_test(t, a_digest_follows_every_change);
    tcase_add_test(t, an_old_completion_changes_nothing);
    tcase_add_test(t, the_store_cannot_have_what_was_not_admitted);
    tcase_add_test(t, the_digest_does_not_depend_on_the_order_of_arrival);
    suite_add_tcase(s, t);
    return s;
}
