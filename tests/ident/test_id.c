/*
 * tests/ident/test_id.c - identities and hashes: order, text, and the hash
 * itself against its published vectors.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <string.h>

#include "words.h"

Suite *suite_ident_id(void);

START_TEST(compare_as_bytes_do)
{
    struct moot_id a = id_of(1);
    struct moot_id b = id_of(1);

    expect(moot_id_eq(&a, &b));
    expect_int(moot_id_cmp(&a, &b), 0);
    b.b[31] = 2;
    expect(!moot_id_eq(&a, &b));
    expect(moot_id_cmp(&a, &b) < 0);
    expect(moot_id_cmp(&b, &a) > 0);
    b.b[0] = 0xff;
    expect(moot_id_cmp(&a, &b) < 0);

    struct moot_hash g = hash_of(1);
    struct moot_hash h = hash_of(0);

    expect(!moot_hash_eq(&g, &h));
    expect(moot_hash_cmp(&g, &h) > 0);
    expect(moot_hash_zero(&h));
    expect(!moot_hash_zero(&g));
}
END_TEST

START_TEST(hex_goes_both_ways)
{
    struct moot_id id;
    struct moot_id back;
    char text[MOOT_HEX_LEN + 1];
    char upper[MOOT_HEX_LEN + 1] = {0};

    for (unsigned i = 0; i < sizeof id.b; i++)
        id.b[i] = (uint8_t)(0x0f + 7 * i);
    moot_hex(id.b, text);
    expect_uint(strlen(text), MOOT_HEX_LEN);
    expect(moot_unhex(text, back.b));
    expect_id(&back, &id);
    for (unsigned i = 0; i < MOOT_HEX_LEN; i++) {
        bool letter = text[i] >= 'a';

        upper[i] = letter ? (char)(text[i] - 'a' + 'A') : text[i];
    }
    memset(&back, 0, sizeof back);
    expect(moot_unhex(upper, back.b));
    expect_id(&back, &id);
}
END_TEST

START_TEST(what_is_not_64_hex_digits_is_refused_and_nothing_written)
{
    struct moot_id id = id_of(5);
    struct moot_id before = id;
    char text[MOOT_HEX_LEN + 2] = {0};

    memset(text, 'a', MOOT_HEX_LEN - 1);
    expect(!moot_unhex(text, id.b));
    memset(text, 'a', MOOT_HEX_LEN + 1);
    expect(!moot_unhex(text, id.b));
    text[MOOT_HEX_LEN] = 0;
    expect(moot_unhex(text, id.b));
    id = before;
    for (const char *c = "g/:@G`\xff "; *c; c++) {
        text[63] = *c;
        expect(!moot_unhex(text, id.b));
        text[63] = 'a';
        text[0] = *c;
        expect(!moot_unhex(text, id.b));
        text[0] = 'a';
    }
    expect(!moot_unhex("", id.b));
    expect_id(&id, &before);
}
END_TEST

START_TEST(people_get_short_forms)
{
    struct moot_id id;
    char suffix[5];
    char fingerprint[20];

    for (unsigned i = 0; i < sizeof id.b; i++)
        id.b[i] = (uint8_t)(0xa0 + i);
    moot_id_suffix(&id, suffix);
    moot_id_fingerprint(&id, fingerprint);
    expect_text(suffix, "a0a1");
    expect_text(fingerprint, "a0a1 a2a3 a4a5 a6a7");
}
END_TEST

/* BLAKE2b-256 of "" and "abc", as b2sum -l 256 gives them. */
START_TEST(the_hash_is_blake2b_256)
{
    struct moot_hash nothing = moot_hash_of(moot_bytes_of(NULL, 0));
    struct moot_hash abc = moot_hash_of(moot_bytes_text("abc"));

    expect_hex(
        moot_bytes_of(nothing.b, 32),
        "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    expect_hex(
        moot_bytes_of(abc.b, 32),
        "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}
END_TEST

START_TEST(a_hash_may_be_built_in_pieces)
{
    struct moot_hasher h;
    struct moot_hash abc = moot_hash_of(moot_bytes_text("abc"));

    moot_hasher_init(&h);
    moot_hasher_add(&h, "a", 1);
    moot_hasher_add(&h, NULL, 0);
    moot_hasher_add(&h, "bc", 2);

    struct moot_hash built = moot_hasher_final(&h);

    expect_hash(&built, &abc);
}
END_TEST

START_TEST(numbers_are_hashed_big_endian)
{
    struct moot_hasher h;
    struct moot_hash raw =
        moot_hash_of(moot_bytes_of("\x01\x02\x03\x04\x05\x06\x07\x08", 8));

    moot_hasher_init(&h);
    moot_hasher_add_u64(&h, UINT64_C(0x0102030405060708));

    struct moot_hash built = moot_hasher_final(&h);

    expect_hash(&built, &raw);
}
END_TEST

Suite *suite_ident_id(void)
{
    Suite *s = suite_create("ident/id");
    TCase *t = tcase_create("id");

    tcase_add_test(t, compare_as_bytes_do);
    tcase_add_test(t, hex_goes_both_ways);
    tcase_add_test(t, what_is_not_64_hex_digits_is_refused_and_nothing_written);
    tcase_add_test(t, people_get_short_forms);
    tcase_add_test(t, the_hash_is_blake2b_256);
    tcase_add_test(t, a_hash_may_be_built_in_pieces);
    tcase_add_test(t, numbers_are_hashed_big_endian);
    suite_add_tcase(s, t);
    return s;
}
