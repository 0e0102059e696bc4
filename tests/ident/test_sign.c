/*
 * tests/ident/test_sign.c - signatures: RFC 8032, and the domain label before
 * every message.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "ident/sign.h"
#include "words.h"

Suite *suite_ident_sign(void);

static struct moot_key key_of(uint8_t n)
{
    uint8_t seed[32];
    struct moot_key k;

    memset(seed, n, sizeof seed);
    moot_key_init(&k, seed);
    return k;
}

/* RFC 8032 7.1, test 1: the key pair. */
START_TEST(the_key_of_a_seed_is_that_of_rfc_8032)
{
    struct moot_buf seed = {0};
    struct moot_key k;

    unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
          &seed);
    moot_key_init(&k, moot_buf_view(&seed).data);
    expect_hex(
        moot_bytes_of(k.id.b, 32),
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    moot_buf_fini(&seed);
}
END_TEST

START_TEST(what_is_signed_is_label_zero_message)
{
    struct moot_key k = key_of(1);
    struct moot_sig sig = moot_sign(&k, "label", moot_bytes_text("message"));

    expect_int(crypto_sign_verify_detached(
                   sig.b, (const uint8_t *)"label\0message", 13, k.id.b),
               0);
}
END_TEST

START_TEST(verifies_what_it_signed_at_every_length)
{
    struct moot_key k = key_of(2);
    uint8_t *message = calloc(1, 2000);

    for (size_t len = 0; len < 2000; len += len < 300 ? 1 : 97) {
        struct moot_bytes view = moot_bytes_of(message, len);
        struct moot_sig sig = moot_sign(&k, MOOT_DOMAIN_ENTRY, view);

        expect(moot_verify(&k.id, MOOT_DOMAIN_ENTRY, view, &sig));
    }
    free(message);
}
END_TEST

START_TEST(nothing_else_verifies)
{
    struct moot_key k = key_of(3);
    struct moot_key other = key_of(4);
    struct moot_bytes message = moot_bytes_text("meet at nine");
    struct moot_sig sig = moot_sign(&k, MOOT_DOMAIN_ENTRY, message);

    expect(!moot_verify(&other.id, MOOT_DOMAIN_ENTRY, message, &sig));
    expect(!moot_verify(&k.id, MOOT_DOMAIN_RECORD, message, &sig));
    expect(!moot_verify(&k.id, MOOT_DOMAIN_ENTRY,
                        moot_bytes_text("meet at ten"), &sig));
    for (unsigned bit = 0; bit < 8 * sizeof sig.b; bit++) {
        struct moot_sig bent = sig;

        bent.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        expect(!moot_verify(&k.id, MOOT_DOMAIN_ENTRY, message, &bent));
    }
}
END_TEST

/* The zero byte keeps "a" + "bc" and "ab" + "c" apart. */
START_TEST(a_label_cannot_run_into_the_message)
{
    struct moot_key k = key_of(5);
    struct moot_sig sig = moot_sign(&k, "moot/1 e", moot_bytes_text("ntry"));

    expect(!moot_verify(&k.id, "moot/1 en", moot_bytes_text("try"), &sig));
}
END_TEST

/* S + L verifies in a lax verifier; here it must not. */
START_TEST(a_signature_has_one_form)
{
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a,       0x63,
                                      0x12, 0x58, 0xd6, 0x9c, 0xf7,       0xa2,
                                      0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
    struct moot_key k = key_of(6);
    struct moot_bytes message = moot_bytes_text("m");
    struct moot_sig sig = moot_sign(&k, "d", message);
    unsigned carry = 0;

    for (unsigned i = 0; i < 32; i++) {
        carry += (unsigned)sig.b[32 + i] + order[i];
        sig.b[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    expect_uint(carry, 0);
    expect(!moot_verify(&k.id, "d", message, &sig));
}
END_TEST

/* Under a key of small order anybody could sign anything. */
START_TEST(keys_of_small_order_sign_nothing)
{
    struct moot_id neutral = {{1}};
    struct moot_sig sig = {{1}};

    expect(!moot_verify(&neutral, "d", moot_bytes_text("m"), &sig));
}
END_TEST

START_TEST(a_key_can_be_wiped)
{
    static const struct moot_key wiped;
    struct moot_key k = key_of(7);

    moot_key_fini(&k);
    expect(memcmp(&k, &wiped, sizeof k) == 0);
}
END_TEST

Suite *suite_ident_sign(void)
{
    Suite *s = suite_create("ident/sign");
    TCase *t = tcase_create("sign");

    tcase_add_test(t, the_key_of_a_seed_is_that_of_rfc_8032);
    tcase_add_test(t, what_is_signed_is_label_zero_message);
    tcase_add_test(t, verifies_what_it_signed_at_every_length);
    tcase_add_test(t, nothing_else_verifies);
    tcase_add_test(t, a_label_cannot_run_into_the_message);
    tcase_add_test(t, a_signature_has_one_form);
    tcase_add_test(t, keys_of_small_order_sign_nothing);
    tcase_add_test(t, a_key_can_be_wiped);
    suite_add_tcase(s, t);
    return s;
}
