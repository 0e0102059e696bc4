/*
 * tests/wire/test_fork.c - what proves two histories and what does not, and
 * which of two proofs is the better one (P9).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "base/error.h"
#include "samples.h"
#include "wire/pb_internal.h"
#include "words.h"

Suite *suite_wire_fork(void);

static struct moot_key alice;
static struct moot_line line;
static struct moot_draft draft;

static void setup(void)
{
    alice = sample_key(1);
    draft = sample_draft(&alice, &line);
}

static struct moot_entry *entry(uint64_t seq, const struct moot_hash *prev,
                                const char *text)
{
    draft.seq = seq;
    draft.prev = *prev;
    line.text = moot_bytes_text(text);
    return moot_entry_create(&draft, &alice);
}

static struct moot_hash nothing(void)
{
    return (struct moot_hash){{0}};
}

static void drop(struct moot_entry *a, struct moot_entry *b)
{
    moot_entry_unref(a);
    moot_entry_unref(b);
}

START_TEST(two_of_one_seq_part_there)
{
    struct moot_hash prev = sample_hash(9);
    struct moot_entry *a = entry(5, &prev, "nine");
    struct moot_entry *b = entry(5, &prev, "ten");
    struct moot_fork f, g;

    expect(moot_fork_make(a, b, &f));
    expect(moot_fork_make(b, a, &g));
    expect_uint(f.seq, 5);
    expect(moot_hash_cmp(&f.first->hash, &f.second->hash) < 0);
    expect_hash(&f.hash, &g.hash);
    expect_int(moot_fork_cmp(&f, &g), 0);
    expect(f.first->body.data == NULL && f.second->body.data == NULL);
    expect(moot_fork_verify(&f));
    moot_fork_fini(&f);
    moot_fork_fini(&g);
    drop(a, b);
}
END_TEST

START_TEST(one_that_does_not_name_the_one_before_parts_there)
{
    struct moot_hash prev = nothing();
    struct moot_hash other = sample_hash(9);
    struct moot_entry *a = entry(1, &prev, "nine");
    struct moot_entry *b = entry(2, &other, "ten");
    struct moot_fork f;

    expect(moot_fork_make(b, a, &f));
    expect_uint(f.seq, 2);
    expect_uint(f.first->seq, 1);
    moot_fork_fini(&f);
    drop(a, b);
}
END_TEST

START_TEST(what_fits_together_proves_nothing)
{
    struct moot_hash prev = nothing();
    struct moot_hash other = sample_hash(9);
    struct moot_entry *a = entry(1, &prev, "nine");
    struct moot_entry *next = entry(2, &a->hash, "ten");
    struct moot_entry *later = entry(3, &other, "eleven");
    struct moot_fork f;

    expect(!moot_fork_make(a, a, &f));
    expect(!moot_fork_make(a, next, &f));
    expect(!moot_fork_make(a, later, &f));
    drop(a, next);
    moot_entry_unref(later);
}
END_TEST

START_TEST(other_runs_groups_and_authors_have_histories_of_their_own)
{
    struct moot_hash prev = nothing();
    struct moot_entry *a = entry(1, &prev, "nine");
    struct moot_key bob = sample_key(2);
    struct moot_fork f;

    draft.in.run++;
    struct moot_entry *run = entry(1, &prev, "ten");
    draft.in.run--;
    draft.group = sample_hash(1);
    struct moot_entry *group = entry(1, &prev, "ten");
    struct moot_draft d = sample_draft(&bob, &line);
    struct moot_entry *author = moot_entry_create(&d, &bob);

    expect(!moot_fork_make(a, run, &f));
    expect(!moot_fork_make(a, group, &f));
    expect(!moot_fork_make(a, author, &f));
    drop(a, run);
    drop(group, author);
}
END_TEST

/* --- as it travels --- */

static int open_two(struct moot_bytes a, struct moot_bytes b)
{
    struct moot_buf buf = {0};
    struct moot_fork f;
    int status;

    moot_pb_put_bytes(&buf, 1, a);
    moot_pb_put_bytes(&buf, 2, b);
    status = moot_fork_open(moot_buf_view(&buf), &f);
    if (status == MOOT_OK)
        moot_fork_fini(&f);
    moot_buf_fini(&buf);
    return status;
}

START_TEST(it_goes_and_comes_back)
{
    struct moot_buf b = {0};
    struct moot_fork f, g;

    sample_fork(&f, &alice);
    moot_fork_encode(&f, &b);
    expect_ok(moot_fork_open(moot_buf_view(&b), &g));
    expect_int(moot_fork_cmp(&f, &g), 0);
    expect_hash(&f.hash, &g.hash);
    expect_uint(g.seq, 1);
    expect(moot_fork_verify(&g));
    moot_fork_fini(&f);
    moot_fork_fini(&g);
    moot_buf_fini(&b);
}
END_TEST

START_TEST(there_is_one_way_to_write_it)
{
    struct moot_hash prev = nothing();
    struct moot_entry *whole = entry(1, &prev, "hello");
    struct moot_fork f;

    sample_fork(&f, &alice);
    expect_ok(open_two(f.first->raw, f.second->raw));
    expect_int(open_two(f.second->raw, f.first->raw), MOOT_EPROTO);
    expect_int(open_two(f.first->raw, f.first->raw), MOOT_EPROTO);
    expect_int(open_two(f.first->raw, moot_bytes_of(NULL, 0)), MOOT_EPROTO);
    if (moot_hash_eq(&whole->hash, &f.first->hash))
        expect_int(open_two(whole->raw, f.second->raw), MOOT_EPROTO);
    else
        expect_int(open_two(f.first->raw, whole->raw), MOOT_EPROTO);
    moot_fork_fini(&f);
    expect_int(moot_fork_open(moot_bytes_of("", 0), &f), MOOT_EPROTO);
    moot_entry_unref(whole);
}
END_TEST

START_TEST(a_signature_that_is_not_the_authors_verifies_nothing)
{
    struct moot_fork f;

    sample_fork(&f, &alice);
    f.second->sig.b[3] ^= 1;
    expect(!moot_fork_verify(&f));
    f.second->sig.b[3] ^= 1;
    f.first->sig.b[3] ^= 1;
    expect(!moot_fork_verify(&f));
    moot_fork_fini(&f);
}
END_TEST

/* --- which one is better --- */

START_TEST(the_lowest_seq_wins_then_the_smaller_hashes)
{
    struct moot_hash prev = sample_hash(9);
    struct moot_entry *low = entry(4, &prev, "a");
    struct moot_entry *low2 = entry(4, &prev, "b");
    struct moot_entry *low3 = entry(4, &prev, "c");
    struct moot_entry *high = entry(5, &prev, "d");
    struct moot_fork at4, other4, at5;

    expect(moot_fork_make(low, low2, &at4));
    expect(moot_fork_make(low, low3, &other4));
    expect(moot_fork_make(low, high, &at5));
    expect(moot_fork_cmp(&at4, &at5) < 0);
    expect(moot_fork_cmp(&at5, &other4) > 0);
    expect(moot_fork_cmp(&at4, &other4) == -moot_fork_cmp(&other4, &at4));
    expect(moot_fork_cmp(&at4, &other4) != 0);
    moot_fork_fini(&at4);
    moot_fork_fini(&other4);
    moot_fork_fini(&at5);
    drop(low, low2);
    drop(low3, high);
}
END_TEST

Suite *suite_wire_fork(void)
{
    Suite *s = suite_create("wire/fork");
    TCase *t = tcase_create("proofs");

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, two_of_one_seq_part_there);
    tcase_add_test(t, one_that_does_not_name_the_one_before_parts_there);
    tcase_add_test(t, what_fits_together_proves_nothing);
    tcase_add_test(t,
                   other_runs_groups_and_authors_have_histories_of_their_own);
    suite_add_tcase(s, t);

    t = tcase_create("bytes");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, it_goes_and_comes_back);
    tcase_add_test(t, there_is_one_way_to_write_it);
    tcase_add_test(t, a_signature_that_is_not_the_authors_verifies_nothing);
    tcase_add_test(t, the_lowest_seq_wins_then_the_smaller_hashes);
    suite_add_tcase(s, t);
    return s;
}
