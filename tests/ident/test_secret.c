/*
 * tests/ident/test_secret.c - what is sealed opens for those it is for, and for
 * nobody else; by hand, as docs/PROTOCOL.md says.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <sodium.h>
#include <string.h>

#include "cast.h"
#include "ident/proof.h"
#include "words.h"

Suite *suite_ident_secret(void);

static struct moot_secret secret, other;
static const uint8_t nonce[MOOT_SEAL_NONCE_LEN] = {7, 7, 7};
static struct moot_buf sealed, text;

static void set_up(void)
{
    memset(secret.b, 1, sizeof secret.b);
    memset(other.b, 2, sizeof other.b);
}

static void tear_down(void)
{
    moot_buf_fini(&sealed);
    moot_buf_fini(&text);
}

static struct moot_hash derived(const char *label, size_t len)
{
    struct moot_buf b = {0};

    moot_buf_append(&b, label, len);
    moot_buf_append(&b, secret.b, sizeof secret.b);

    struct moot_hash h = moot_hash_of(moot_buf_view(&b));

    moot_buf_fini(&b);
    return h;
}

START_TEST(keys_and_names_of_a_secret_are_told_apart_by_their_labels)
{
    struct moot_hash group = hash_of(9), h = moot_secret_hash(&secret), want;

    want = derived("moot/1 secret", 14);
    expect_hash(&h, &want);
    h = moot_secret_key(&group, &secret);
    want = derived("moot/1 key", 11);
    expect_hash(&h, &want);
    h = moot_secret_key(&group, NULL);
    want = moot_group_key(&group);
    expect_hash(&h, &want);
}
END_TEST

START_TEST(what_is_sealed_opens_with_the_secret_and_with_no_other)
{
    moot_seal(&secret, nonce, moot_bytes_text("hello"), &sealed);
    expect(!moot_unseal(&other, moot_buf_view(&sealed), &text));
    expect_uint(text.len, 0);
    expect(moot_unseal(&secret, moot_buf_view(&sealed), &text));
    expect_text(moot_buf_text(&text), "hello");
}
END_TEST

START_TEST(a_seal_is_xchacha20_poly1305_of_length_text_and_zeros)
{
    struct moot_hash key = derived("moot/1 seal", 12);
    uint8_t plain[MOOT_SEAL_STEP];

    moot_seal(&secret, nonce, moot_bytes_text("hello"), &sealed);
    expect_uint(sealed.len,
                MOOT_SEAL_NONCE_LEN + MOOT_SEAL_STEP + MOOT_SEAL_TAG_LEN);

    const uint8_t *at = moot_buf_view(&sealed).data;

    expect(memcmp(at, nonce, sizeof nonce) == 0);
    expect_int(crypto_aead_xchacha20poly1305_ietf_decrypt(
                   plain, NULL, NULL, at + sizeof nonce,
                   sealed.len - sizeof nonce, NULL, 0, nonce, key.b),
               0);
    expect(memcmp(plain, "\0\0\0\5hello", 9) == 0);
    for (size_t i = 9; i < sizeof plain; i++)
        expect_turn(plain[i] == 0, "at %zu", i);
}
END_TEST

START_TEST(lengths_are_told_apart_no_finer_than_a_step)
{
    static uint8_t many[2 * MOOT_SEAL_STEP];
    size_t front = MOOT_SEAL_NONCE_LEN + MOOT_SEAL_TAG_LEN;

    moot_seal(&secret, nonce, moot_bytes_of(many, 1), &sealed);
    expect_uint(sealed.len, front + MOOT_SEAL_STEP);
    moot_buf_clear(&sealed);
    moot_seal(&secret, nonce, moot_bytes_of(many, MOOT_SEAL_STEP - 4), &sealed);
    expect_uint(sealed.len, front + MOOT_SEAL_STEP);
    moot_buf_clear(&sealed);
    moot_seal(&secret, nonce, moot_bytes_of(many, MOOT_SEAL_STEP - 3), &sealed);
    expect_uint(sealed.len, front + 2 * MOOT_SEAL_STEP);
    expect(moot_unseal(&secret, moot_buf_view(&sealed), &text));
    expect_uint(text.len, MOOT_SEAL_STEP - 3);
}
END_TEST

START_TEST(nothing_that_was_touched_opens)
{
    struct moot_bytes all;
    uint8_t *raw;

    moot_seal(&secret, nonce, moot_bytes_text("hello"), &sealed);
    all = moot_buf_view(&sealed);
    raw = (uint8_t *)(uintptr_t)all.data;
    for (size_t i = 0; i < all.len; i += 37) {
        raw[i] ^= 1;
        expect_turn(!moot_unseal(&secret, all, &text), "byte %zu", i);
        raw[i] ^= 1;
    }
    for (size_t len = 0; len < all.len; len += 101)
        expect_turn(!moot_unseal(&secret, moot_bytes_of(raw, len), &text),
                    "length %zu", len);
    expect(moot_unseal(&secret, all, &text));
}
END_TEST

START_TEST(a_length_that_lies_opens_to_nothing)
{
    struct moot_hash key = derived("moot/1 seal", 12);
    uint8_t plain[MOOT_SEAL_STEP] = {0, 0, 16, 0};
    uint8_t raw[MOOT_SEAL_NONCE_LEN + MOOT_SEAL_STEP + MOOT_SEAL_TAG_LEN];

    memcpy(raw, nonce, sizeof nonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(raw + sizeof nonce, NULL, plain,
                                               sizeof plain, NULL, 0, NULL,
                                               nonce, key.b);
    expect(!moot_unseal(&secret, moot_bytes_of(raw, sizeof raw), &text));
    expect_uint(text.len, 0);
}
END_TEST

/* --- boxes --- */

START_TEST(a_box_opens_for_whom_it_was_made)
{
    uint8_t box[MOOT_BOX_LEN], seed[32] = {5};
    struct moot_hash group = hash_of(3);
    struct moot_secret got;

    cast_begin(&group);
    expect(moot_box(&secret, cast_id('B'), seed, box));
    expect(!moot_unbox(cast_key('C'), box, &got));
    expect(moot_unbox(cast_key('B'), box, &got));
    expect(memcmp(got.b, secret.b, sizeof got.b) == 0);
    for (unsigned i = 0; i < sizeof box; i++) {
        box[i] ^= 1;
        expect_turn(!moot_unbox(cast_key('B'), box, &got), "byte %u", i);
        box[i] ^= 1;
    }
    cast_end();
}
END_TEST

START_TEST(no_box_is_made_for_what_is_no_key)
{
    uint8_t box[MOOT_BOX_LEN], seed[32] = {5};
    struct moot_id none = {{0}}, small = {{1}};

    expect(!moot_box(&secret, &none, seed, box));
    expect(!moot_box(&secret, &small, seed, box));
}
END_TEST

/* --- marks and proofs --- */

START_TEST(a_mark_is_of_one_secret_and_one_nonce)
{
    uint64_t mark = moot_secret_mark(&secret, moot_bytes_text("abcd"));

    expect(mark == moot_secret_mark(&secret, moot_bytes_text("abcd")));
    expect(mark != moot_secret_mark(&secret, moot_bytes_text("abce")));
    expect(mark != moot_secret_mark(&other, moot_bytes_text("abcd")));
}
END_TEST

START_TEST(a_proof_is_of_one_secret)
{
    struct moot_hash group = hash_of(9), p[3];
    struct moot_exporter ex = {{4}};
    struct moot_id a = id_of(1), b = id_of(2);

    p[0] = moot_proof(&group, NULL, MOOT_DIALLER, &ex, &a, &b);
    p[1] = moot_proof(&group, &secret, MOOT_DIALLER, &ex, &a, &b);
    p[2] = moot_proof(&group, &other, MOOT_DIALLER, &ex, &a, &b);
    expect(!moot_proof_eq(&p[0], &p[1]));
    expect(!moot_proof_eq(&p[1], &p[2]));
    expect(!moot_proof_eq(&p[0], &p[2]));
}
END_TEST

Suite *suite_ident_secret(void)
{
    Suite *s = suite_create("ident/secret");
    TCase *t = tcase_create("secret");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t,
                   keys_and_names_of_a_secret_are_told_apart_by_their_labels);
    tcase_add_test(t, what_is_sealed_opens_with_the_secret_and_with_no_other);
    tcase_add_test(t, a_seal_is_xchacha20_poly1305_of_length_text_and_zeros);
    tcase_add_test(t, lengths_are_told_apart_no_finer_than_a_step);
    tcase_add_test(t, nothing_that_was_touched_opens);
    tcase_add_test(t, a_length_that_lies_opens_to_nothing);
    tcase_add_test(t, a_box_opens_for_whom_it_was_made);
    tcase_add_test(t, no_box_is_made_for_what_is_no_key);
    tcase_add_test(t, a_mark_is_of_one_secret_and_one_nonce);
    tcase_add_test(t, a_proof_is_of_one_secret);
    suite_add_tcase(s, t);
    return s;
}
