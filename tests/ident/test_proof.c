/*
 * tests/ident/test_proof.c - tags and proofs are what docs/PROTOCOL.md says,
 * and are bound to everything they must be bound to.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <sodium.h>
#include <string.h>

#include "ident/proof.h"
#include "words.h"

Suite *suite_ident_proof(void);

static struct moot_hash group;
static struct moot_exporter ex;
static struct moot_id dialler;
static struct moot_id acceptor;

static void set_up(void)
{
    group = hash_of(1);
    memset(ex.b, 2, sizeof ex.b);
    dialler = id_of(3);
    acceptor = id_of(4);
}

START_TEST(a_tag_hashes_label_zero_name_exporter)
{
    struct moot_buf b = {0};
    struct moot_hash tag = moot_group_tag(&group, &ex);

    moot_buf_append(&b, "moot/1 group", 13);
    moot_buf_append(&b, group.b, sizeof group.b);
    moot_buf_append(&b, ex.b, sizeof ex.b);

    struct moot_hash by_hand = moot_hash_of(moot_buf_view(&b));

    expect_hash(&tag, &by_hand);
    moot_buf_clear(&b);
    moot_buf_append(&b, "moot/1 name", 12);
    moot_buf_append(&b, "lobby", 5);
    moot_buf_append(&b, ex.b, sizeof ex.b);
    by_hand = moot_hash_of(moot_buf_view(&b));
    tag = moot_name_tag(moot_bytes_text("lobby"), &ex);
    expect_hash(&tag, &by_hand);
    moot_buf_fini(&b);
}
END_TEST

START_TEST(a_proof_is_an_hmac_over_label_exporter_keys_group)
{
    struct moot_buf b = {0};
    struct moot_hash by_hand;
    struct moot_hash proof =
        moot_proof(&group, NULL, MOOT_DIALLER, &ex, &dialler, &acceptor);

    moot_buf_append(&b, "moot/1 key", 11);
    moot_buf_append(&b, group.b, sizeof group.b);

    struct moot_hash key = moot_hash_of(moot_buf_view(&b));

    moot_buf_clear(&b);
    moot_buf_append(&b, "dial", 4);
    moot_buf_append(&b, ex.b, sizeof ex.b);
    moot_buf_append(&b, dialler.b, sizeof dialler.b);
    moot_buf_append(&b, acceptor.b, sizeof acceptor.b);
    moot_buf_append(&b, group.b, sizeof group.b);
    crypto_auth_hmacsha256(by_hand.b, b.data, b.len, key.b);
    expect_hash(&proof, &by_hand);
    expect(moot_proof_eq(&proof, &by_hand));
    moot_buf_fini(&b);
}
END_TEST

/* Each argument alone makes another proof: nothing can be replayed. */
START_TEST(a_proof_is_bound_to_all_it_names)
{
    struct moot_hash proof[6];
    struct moot_hash other_group = hash_of(9);
    struct moot_exporter other_ex = {{9}};
    struct moot_id other = id_of(9);

    proof[0] = moot_proof(&group, NULL, MOOT_DIALLER, &ex, &dialler, &acceptor);
    proof[1] =
        moot_proof(&group, NULL, MOOT_ACCEPTOR, &ex, &dialler, &acceptor);
    proof[2] =
        moot_proof(&other_group, NULL, MOOT_DIALLER, &ex, &dialler, &acceptor);
    proof[3] =
        moot_proof(&group, NULL, MOOT_DIALLER, &other_ex, &dialler, &acceptor);
    proof[4] = moot_proof(&group, NULL, MOOT_DIALLER, &ex, &other, &acceptor);
    proof[5] = moot_proof(&group, NULL, MOOT_DIALLER, &ex, &dialler, &other);
    for (unsigned i = 0; i < 6; i++) {
        for (unsigned j = 0; j < i; j++)
            expect(!moot_proof_eq(&proof[i], &proof[j]));
    }
}
END_TEST

START_TEST(tags_of_one_group_differ_from_link_to_link)
{
    struct moot_exporter other = {{9}};
    struct moot_hash a = moot_group_tag(&group, &ex);
    struct moot_hash b = moot_group_tag(&group, &other);

    expect(!moot_hash_eq(&a, &b));
    a = moot_name_tag(moot_bytes_text("lobby"), &ex);
    b = moot_name_tag(moot_bytes_text("lobby"), &other);
    expect(!moot_hash_eq(&a, &b));
}
END_TEST

Suite *suite_ident_proof(void)
{
    Suite *s = suite_create("ident/proof");
    TCase *t = tcase_create("proof");

    tcase_add_checked_fixture(t, set_up, NULL);
    tcase_add_test(t, a_tag_hashes_label_zero_name_exporter);
    tcase_add_test(t, a_proof_is_an_hmac_over_label_exporter_keys_group);
    tcase_add_test(t, a_proof_is_bound_to_all_it_names);
    tcase_add_test(t, tags_of_one_group_differ_from_link_to_link);
    suite_add_tcase(s, t);
    return s;
}
