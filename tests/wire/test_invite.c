/*
 * tests/wire/test_invite.c - an invitation reads as it was written, and one
 * that was mistyped anywhere is none.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "wire/invite.h"

#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "dies.h"
#include "samples.h"
#include "words.h"

Suite *suite_wire_invite(void);

static char text[MOOT_INVITE_TEXT_MAX];

/* Bytes from a heap block of their exact length, so that reading on is seen. */
static int decode_bytes(const char *bytes, size_t len, struct moot_invite *i)
{
    struct guarded g;
    int error;

    guarded_init(&g, moot_bytes_of(bytes, len));
    error = moot_invite_decode(guarded_view(&g), i);
    guarded_fini(&g);
    return error;
}

static int decode(const char *string, struct moot_invite *i)
{
    return decode_bytes(string, strlen(string), i);
}

static void expect_same(const struct moot_invite *is,
                        const struct moot_invite *want)
{
    expect_uint(is->door_count, want->door_count);
    for (unsigned k = 0; k < is->door_count; k++)
        expect(moot_addr_eq(&is->doors[k], &want->doors[k]));
    expect_uint(is->pin_count, want->pin_count);
    expect_bytes(moot_bytes_of(is->pins, sizeof is->pins),
                 moot_bytes_of(want->pins, sizeof want->pins));
    expect_bytes(moot_bytes_of(is->group, sizeof is->group),
                 moot_bytes_of(want->group, sizeof want->group));
    expect(is->closed == want->closed);
    expect_bytes(moot_bytes_of(is->secret.b, sizeof is->secret.b),
                 moot_bytes_of(want->secret.b, sizeof want->secret.b));
}

static struct moot_addr addr(const char *string)
{
    struct moot_addr a;

    expect_ok(moot_addr_parse(moot_bytes_text(string), &a));
    return a;
}

START_TEST(what_was_written_is_read)
{
    for (unsigned n = 0; n < 24; n++) {
        struct moot_invite i = sample_invite(false), is;

        i.closed = n & 1;
        if (i.closed)
            memset(i.secret.b, 0xff, sizeof i.secret.b);
        for (uint8_t pin = 0; pin < n / 2 % 4; pin++) {
            struct moot_hash h = hash_of(pin);
            struct moot_id id;

            memcpy(id.b, h.b, sizeof id.b);
            moot_invite_add_pin(&i, &id);
        }
        for (unsigned door = 0; door < n / 8; door++) {
            struct moot_addr a = addr(door ? "[2001:db8::1]:1" : "h:65535");

            moot_invite_add_door(&i, &a);
        }
        moot_invite_encode(&i, text);
        expect_ok(decode(text, &is));
        expect_same(&is, &i);
    }
}
END_TEST

/* One address of an IPv4 host and one pin: it has to be pasted by people. */
START_TEST(it_is_short)
{
    struct moot_invite i = sample_invite(false);

    i.doors[0] = addr("192.0.2.7:8080");
    moot_invite_encode(&i, text);
    expect_uint(strlen(text), 7 + 14 + 2 + 50);
    i.closed = true;
    moot_invite_encode(&i, text);
    expect_uint(strlen(text), 7 + 14 + 2 + 92);
}
END_TEST

START_TEST(the_longest_fits)
{
    struct moot_invite i = sample_invite(true), is;

    i.door_count = 0;
    for (char c = 'a'; c < 'd'; c++) {
        char host[MOOT_HOST_LEN_MAX + 8];
        struct moot_addr a;

        memset(host, c, sizeof host);
        for (size_t k = 50; k < MOOT_HOST_LEN_MAX; k += 51)
            host[k] = '.';
        strcpy(host + MOOT_HOST_LEN_MAX, ":65535");
        a = addr(host);
        moot_invite_add_door(&i, &a);
    }
    for (uint8_t pin = 0; pin < 9; pin++) {
        struct moot_id id;

        memset(id.b, pin, sizeof id.b);
        moot_invite_add_pin(&i, &id);
    }
    moot_invite_encode(&i, text);
    expect_ok(decode(text, &is));
    expect_same(&is, &i);
    expect_uint(is.pin_count, MOOT_INVITE_PINS_MAX);
    expect_uint(is.door_count, MOOT_INVITE_DOORS_MAX);
}
END_TEST

/* --- typing errors --- */

static void expect_none(const char *typed, size_t len)
{
    struct moot_invite i = {.door_count = 77};
    int error = decode_bytes(typed, len, &i);

    ck_assert_msg(error == MOOT_EPROTO || error == MOOT_EINVAL, "\"%.*s\": %d",
                  (int)len, typed, error);
    expect_uint(i.door_count, 77);
}

/* Every other byte in every place. */
START_TEST(any_wrong_character_is_noticed)
{
    struct moot_invite i = sample_invite(_i);
    size_t len;

    moot_invite_encode(&i, text);
    len = strlen(text);
    for (size_t at = 0; at < len; at++) {
        char right = text[at];

        for (int c = 0; c < 256; c++) {
            text[at] = (char)c;
            if (text[at] != right)
                expect_none(text, len);
        }
        text[at] = right;
    }
}
END_TEST

START_TEST(one_left_out_doubled_or_swapped_is_noticed)
{
    char typed[MOOT_INVITE_TEXT_MAX + 1];
    struct moot_invite i = sample_invite(_i);
    size_t len;

    moot_invite_encode(&i, text);
    len = strlen(text);
    for (size_t at = 0; at < len; at++) {
        memcpy(typed, text, at);
        memcpy(typed + at, text + at + 1, len - at);
        expect_none(typed, len - 1);
        memcpy(typed, text, at + 1);
        memcpy(typed + at + 1, text + at, len - at);
        expect_none(typed, len + 1);
        memcpy(typed, text, len);
        if (at + 1 < len && text[at] != text[at + 1]) {
            typed[at] = text[at + 1];
            typed[at + 1] = text[at];
            expect_none(typed, len);
        }
    }
}
END_TEST

START_TEST(one_that_was_cut_short_or_goes_on_is_noticed)
{
    char typed[MOOT_INVITE_TEXT_MAX + 8];
    struct moot_invite i = sample_invite(_i);
    size_t len;

    moot_invite_encode(&i, text);
    len = strlen(text);
    for (size_t at = 0; at < len; at++)
        expect_none(text, at);
    strcpy(typed, text);
    strcat(typed, "==");
    expect_none(typed, len + 2);
    expect_none(text, len + 1); /* a zero byte */
}
END_TEST

/* --- what somebody meant to be wrong --- */

/* As an invitation would be written, whatever its parts are. */
static void forge(const char *doors, uint8_t first, size_t len,
                  const uint8_t *rest)
{
    uint8_t payload[200];
    struct moot_hasher h;
    struct moot_hash sum;
    size_t at;

    payload[0] = first;
    memcpy(payload + 1, rest, len);
    at = (size_t)snprintf(text, sizeof text, "moot://%s/#", doors);
    moot_hasher_init(&h);
    moot_hasher_add(&h, "moot/1 invite", sizeof "moot/1 invite");
    moot_hasher_add(&h, text, at);
    moot_hasher_add(&h, payload, 1 + len);
    sum = moot_hasher_final(&h);
    memcpy(payload + 1 + len, sum.b, 4);
    sodium_bin2base64(text + at, sizeof text - at, payload, 1 + len + 4,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

START_TEST(only_one_text_is_right_for_each)
{
    static const struct {
        const char *doors;
        uint8_t first;
        size_t len;
        int is;
    } cases[] = {
        {"h:1", 0x10, 32, MOOT_OK},
        {"h:1,h:2,h:3", 0x10, 32, MOOT_OK},
        {"h:1", 0x11, 64, MOOT_OK},
        {"h:1", 0x20, 32, MOOT_EVERSION},
        {"h:1", 0xf7, 3 * 16 + 100, MOOT_EPROTO}, /* longer than any */
        {"h:1", 0x00, 32, MOOT_EPROTO},
        {"h:1", 0x18, 32, MOOT_EPROTO}, /* a bit that means nothing */
        {"h:1", 0x10, 48, MOOT_EPROTO},
        {"h:1", 0x11, 32, MOOT_EPROTO},
        {"h:1", 0x12, 48, MOOT_EPROTO}, /* one pin twice */
        {"H:1", 0x10, 32, MOOT_EPROTO},
        {"h:1,h:1", 0x10, 32, MOOT_EPROTO},
        {"h:1,h:2,h:3,h:4", 0x10, 32, MOOT_EPROTO},
        {"h:1,", 0x10, 32, MOOT_EPROTO},
        {"h:0", 0x10, 32, MOOT_EPROTO},
        {"h", 0x10, 32, MOOT_EPROTO},
        {"", 0x10, 32, MOOT_EPROTO},
        {"[::ffff:1.2.3.4]:1", 0x10, 32, MOOT_EPROTO},
    };
    static const uint8_t zeros[200];
    struct moot_invite i;

    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        forge(cases[k].doors, cases[k].first, cases[k].len, zeros);
        ck_assert_msg(decode(text, &i) == cases[k].is, "case %zu: %s", k, text);
    }
}
END_TEST

START_TEST(what_is_none_is_said_to_be_something_else)
{
    static const char *const none[] = {"",
                                       "m",
                                       "moot:/",
                                       "http://h:1/#aaaa",
                                       "localhost:8080",
                                       "Moot://h:1/#"};
    struct moot_invite i;

    for (size_t k = 0; k < sizeof none / sizeof none[0]; k++)
        expect_error(decode(none[k], &i), MOOT_EINVAL);
    expect_error(decode("moot://", &i), MOOT_EPROTO);
    expect_error(decode("moot://#", &i), MOOT_EPROTO);
    expect_error(decode("moot:///#", &i), MOOT_EPROTO);
    expect_error(decode("moot://h:1/#", &i), MOOT_EPROTO);
}
END_TEST

static void encode_without_doors(void)
{
    struct moot_invite i = sample_invite(false);

    i.door_count = 0;
    moot_invite_encode(&i, text);
}

START_TEST(one_without_an_address_is_never_written)
{
    expect(dies(encode_without_doors));
}
END_TEST

START_TEST(the_secret_is_wiped)
{
    struct moot_invite i = sample_invite(true);

    moot_invite_fini(&i);
    expect(sodium_is_zero(i.secret.b, sizeof i.secret.b));
}
END_TEST

START_TEST(the_vectors_are_kept_to)
{
    struct vectors v;

    vectors_open(&v, "invite.txt");
    for (unsigned n = 0; n < 2; n++) {
        struct moot_invite i = sample_invite(n == 1), is;
        char *want = vectors_text(&v, "invite", n);

        moot_invite_encode(&i, text);
        expect_text(text, want);
        expect_ok(decode(want, &is));
        expect_same(&is, &i);
        free(want);
    }
    vectors_close(&v);
}
END_TEST

Suite *suite_wire_invite(void)
{
    Suite *s = suite_create("wire/invite");
    TCase *t = tcase_create("invite");

    tcase_add_test(t, what_was_written_is_read);
    tcase_add_test(t, it_is_short);
    tcase_add_test(t, the_longest_fits);
    tcase_add_loop_test(t, any_wrong_character_is_noticed, 0, 2);
    tcase_add_loop_test(t, one_left_out_doubled_or_swapped_is_noticed, 0, 2);
    tcase_add_loop_test(t, one_that_was_cut_short_or_goes_on_is_noticed, 0, 2);
    tcase_add_test(t, only_one_text_is_right_for_each);
    tcase_add_test(t, what_is_none_is_said_to_be_something_else);
    tcase_add_test(t, one_without_an_address_is_never_written);
    tcase_add_test(t, the_secret_is_wiped);
    tcase_add_test(t, the_vectors_are_kept_to);
    suite_add_tcase(s, t);
    return s;
}
