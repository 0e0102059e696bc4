/*
 * tests/wire/test_beacon.c - who may recognise a beacon, and what is none.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "wire/beacon.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ident/proof.h"
#include "words.h"

Suite *suite_wire_beacon(void);

static struct moot_hash key_of(uint8_t group)
{
    struct moot_hash id = hash_of(group);

    return moot_group_key(&id);
}

static void make(uint8_t group, uint8_t nonce, uint16_t port,
                 uint8_t out[MOOT_BEACON_LEN])
{
    struct moot_beacon b = {.port = port};
    struct moot_hash key = key_of(group);

    memset(b.nonce, nonce, sizeof b.nonce);
    moot_beacon_encode(&b, &key, out);
}

static int judge(uint8_t group, const uint8_t *bytes, size_t len,
                 struct moot_beacon *b)
{
    struct moot_hash key = key_of(group);

    return moot_beacon_decode(moot_bytes_of(bytes, len), &key, b);
}

START_TEST(who_knows_the_group_reads_the_port)
{
    uint8_t bytes[MOOT_BEACON_LEN];
    struct moot_beacon b;

    make(7, 0xaa, 65535, bytes);
    expect_ok(judge(7, bytes, sizeof bytes, &b));
    expect_uint(b.port, 65535);
    expect_uint(b.nonce[0], 0xaa);
    expect_uint(b.nonce[MOOT_BEACON_NONCE_LEN - 1], 0xaa);
}
END_TEST

START_TEST(who_knows_another_group_does_not)
{
    uint8_t bytes[MOOT_BEACON_LEN];
    struct moot_beacon b = {.port = 5};

    make(7, 1, 8081, bytes);
    expect_error(judge(8, bytes, sizeof bytes, &b), MOOT_EPROOF);
    expect_uint(b.port, 5);
}
END_TEST

START_TEST(a_changed_bit_anywhere_is_noticed)
{
    uint8_t bytes[MOOT_BEACON_LEN];
    struct moot_beacon b;

    for (unsigned bit = 0; bit < 8 * sizeof bytes; bit++) {
        make(7, 1, 8081, bytes);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        expect(judge(7, bytes, sizeof bytes, &b) != MOOT_OK);
    }
}
END_TEST

START_TEST(another_length_or_version_is_none)
{
    uint8_t bytes[MOOT_BEACON_LEN + 1] = {0};
    struct moot_beacon b;

    make(7, 1, 8081, bytes);
    for (size_t len = 0; len < MOOT_BEACON_LEN; len++)
        expect_error(judge(7, bytes, len, &b), MOOT_EPROTO);
    expect_error(judge(7, bytes, sizeof bytes, &b), MOOT_EPROTO);
    bytes[0] = 2;
    expect_error(judge(7, bytes, MOOT_BEACON_LEN, &b), MOOT_EPROTO);
}
END_TEST

START_TEST(nobody_listens_on_port_0)
{
    uint8_t bytes[MOOT_BEACON_LEN];
    struct moot_beacon b;

    make(7, 1, 8081, bytes);
    bytes[17] = bytes[18] = 0;
    expect_error(judge(7, bytes, sizeof bytes, &b), MOOT_EPROTO);
}
END_TEST

/* Else a listener could tell who belongs together. */
START_TEST(two_of_one_group_share_nothing_but_version_and_port)
{
    uint8_t one[MOOT_BEACON_LEN], two[MOOT_BEACON_LEN];
    unsigned same = 0;

    make(7, 1, 8081, one);
    make(7, 2, 8081, two);
    for (unsigned i = 0; i < sizeof one; i++)
        same += one[i] == two[i];
    expect(same <= 3 + 2); /* and chance */
}
END_TEST

START_TEST(neither_group_nor_key_is_in_it)
{
    uint8_t bytes[MOOT_BEACON_LEN];
    struct moot_hash id = hash_of(7), key = key_of(7);

    make(7, 1, 8081, bytes);
    expect(memmem(bytes, sizeof bytes, id.b, 4) == NULL);
    expect(memmem(bytes, sizeof bytes, key.b, 4) == NULL);
}
END_TEST

START_TEST(it_ends_at_a_page_that_must_not_be_read)
{
    uint8_t bytes[MOOT_BEACON_LEN];
    struct moot_beacon b;

    make(7, 1, 8081, bytes);
    for (size_t len = 1; len <= sizeof bytes; len++) {
        struct guarded g;

        guarded_init(&g, moot_bytes_of(bytes, len));
        judge(7, g.data, len, &b);
        guarded_fini(&g);
    }
}
END_TEST

Suite *suite_wire_beacon(void)
{
    Suite *s = suite_create("wire/beacon");
    TCase *t = tcase_create("beacons");

    tcase_add_test(t, who_knows_the_group_reads_the_port);
    tcase_add_test(t, who_knows_another_group_does_not);
    tcase_add_test(t, a_changed_bit_anywhere_is_noticed);
    tcase_add_test(t, another_length_or_version_is_none);
    tcase_add_test(t, nobody_listens_on_port_0);
    tcase_add_test(t, two_of_one_group_share_nothing_but_version_and_port);
    tcase_add_test(t, neither_group_nor_key_is_in_it);
    tcase_add_test(t, it_ends_at_a_page_that_must_not_be_read);
    suite_add_tcase(s, t);
    return s;
}
