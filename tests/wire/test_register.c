/*
 * tests/wire/test_register.c - requests to a group directory, and the answers
 * of one, as JSON.
 *
 * Bad requests are the good one with a piece of text replaced.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "wire/register.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "samples.h"
#include "words.h"

Suite *suite_wire_register(void);

static struct moot_register good;
static struct moot_buf json;

static void set_up(void)
{
    sample_register(&good);
    memset(&json, 0, sizeof json);
    moot_register_encode(&good, &json);
}

static void tear_down(void)
{
    moot_register_fini(&good);
    moot_buf_fini(&json);
}

START_TEST(goes_and_comes_back)
{
    struct moot_register r;
    struct moot_buf again = {0};
    struct guarded g;

    guarded_init(&g, moot_buf_view(&json));
    expect_ok(moot_register_decode(guarded_view(&g), &r));
    guarded_fini(&g);
    moot_register_encode(&r, &again);
    expect_text(moot_buf_text(&again), moot_buf_text(&json));
    expect_uint(r.record_count, 1);
    expect(moot_record_verify(&r.records[0]));
    expect_uint(r.heard_count, 2);
    expect_uint(r.heard[0].ago_ms, 250);
    expect_text(r.heard[0].seen, "2001:db8::7");
    expect_text(r.heard[1].seen, "");
    moot_buf_fini(&again);
    moot_register_fini(&r);
    expect(r.records == NULL);
}
END_TEST

static int decode_with(const char *old, const char *new)
{
    struct moot_buf changed = {0};
    struct moot_register r;
    const char *text = moot_buf_text(&json);
    const char *at = strstr(text, old);
    int rc;

    ck_assert_msg(at != NULL, "there is no %s", old);
    moot_buf_append(&changed, text, (size_t)(at - text));
    moot_buf_printf(&changed, "%s%s", new, at + strlen(old));
    rc = moot_register_decode(moot_buf_view(&changed), &r);
    if (rc == MOOT_OK)
        moot_register_fini(&r);
    moot_buf_fini(&changed);
    return rc;
}

static const char *const bad[][2] = {
    {"{\"version\":1", "[\"version\",1"},
    {"\"version\":1", "\"version\":2"},
    {"\"version\":1", "\"version\":\"1\""},
    {"\"name\":\"lobby\"", "\"name\":\"lob\\u0007by\""},
    {"\"weight\":\"grown\"", "\"weight\":\"heavy\""},
    {"\"nonce\":\"00ff\"", "\"nonce\":\"xyz\""},
    {"\"challenge\":\"0123", "\"challenge\":\"012"},
    {"\"challenge\":\"0123", "\"challenge\":\"012X"},
    {"\"records\":[{", "\"records\":[],\"x\":[{"},
    {"\"record\":\"", "\"record\":\"*"},
    {"\"record\":\"", "\"record\":\"AAAA"},
    {"\"signature\":\"", "\"signature\":\"AAAA"},
    {"\"signature\":\"", "\"signature\":\"\",\"x\":\""},
    {"\"id\":\"67", "\"id\":\"68"}, /* the record is of another group */
    {"\"ago\":250", "\"ago\":-1"},
    {"\"ago\":250", "\"ago\":600001"},
    {"\"ago\":250", "\"ago\":2.5"},
    {"\"seen\":\"2001:db8::7\"", "\"seen\":\"\""},
    {"\"seen\":\"2001:db8::7\"", "\"seen\":7"},
    {"\"seen\":\"2001:db8::7\"", "\"seen\":\"a b\""},
    {"\"heard\":[", "\"heard\":[7,"},
    {"\"heard\":[", "\"nonce\":\"00\",\"heard\":["},
};

START_TEST(what_is_not_right_is_refused)
{
    expect_error(decode_with(bad[_i][0], bad[_i][1]), MOOT_EPROTO);
}
END_TEST

START_TEST(keys_that_are_not_known_are_ignored)
{
    expect_ok(
        decode_with("\"version\":1", "\"version\":1,\"later\":{\"x\":1}"));
}
END_TEST

START_TEST(no_prefix_is_a_request)
{
    struct moot_bytes all = moot_buf_view(&json);
    struct moot_register r;

    for (size_t len = 0; len + 1 < all.len; len++)
        expect_turn(moot_register_decode(moot_bytes_of(all.data, len), &r) !=
                        MOOT_OK,
                    "%zu bytes", len);
}
END_TEST

/* 253 bytes of a host name. */
static const char *long_host(void)
{
    static char host[MOOT_HOST_LEN_MAX + 1];

    memset(host, 'a', MOOT_HOST_LEN_MAX);
    for (unsigned i = 60; i < 250; i += 60)
        host[i] = '.';
    return host;
}

START_TEST(the_largest_one_fits)
{
    struct moot_register r;

    good.records = moot_realloc(good.records, MOOT_REGISTER_RECORDS_MAX *
                                                  sizeof *good.records);
    while (good.record_count < MOOT_REGISTER_RECORDS_MAX) {
        struct moot_record *one = &good.records[good.record_count++];

        *one = good.records[0];
        memset(one->name, 'x', MOOT_NAME_LEN_MAX);
        one->name[MOOT_NAME_LEN_MAX] = '\0';
        moot_addr_set(&one->boot, long_host(), 65535);
        one->addr_count = MOOT_RECORD_ADDRS_MAX;
        for (unsigned i = 0; i < MOOT_RECORD_ADDRS_MAX; i++)
            moot_addr_set(&one->addrs[i], long_host(), 65535);
        struct moot_key alice = sample_key(1);

        moot_record_seal(one, &alice);
    }
    good.heard =
        moot_realloc(good.heard, MOOT_REGISTER_HEARD_MAX * sizeof *good.heard);
    while (good.heard_count < MOOT_REGISTER_HEARD_MAX) {
        good.heard[good.heard_count] = good.heard[0];
        good.heard[good.heard_count].ago_ms = MOOT_HEARD_MS_MAX;
        memcpy(good.heard[good.heard_count++].seen,
               "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", 39);
    }
    moot_buf_clear(&json);
    moot_register_encode(&good, &json);
    expect(json.len <= MOOT_REGISTER_LEN_MAX);
    expect_ok(moot_register_decode(moot_buf_view(&json), &r));
    moot_register_fini(&r);
}
END_TEST

START_TEST(too_much_of_anything_is_refused)
{
    struct moot_register r;
    struct moot_buf large = {0};

    for (unsigned i = 0; i <= MOOT_REGISTER_HEARD_MAX; i++)
        moot_buf_printf(&large, "%s{\"identity\":\"%064x\",\"ago\":1}",
                        i > 0 ? "," : "\"heard\":[", i);
    moot_buf_printf(&large, "],\"x\":[");
    expect_error(decode_with("\"heard\":[", moot_buf_text(&large)),
                 MOOT_ELIMIT);
    moot_buf_clear(&large);
    for (unsigned i = 0; i < 4000; i++)
        moot_buf_append(&large, "[", 1);
    expect_error(moot_register_decode(moot_buf_view(&large), &r), MOOT_ELIMIT);
    moot_buf_clear(&large);
    memset(moot_buf_reserve(&large, MOOT_REGISTER_LEN_MAX + 1), ' ',
           MOOT_REGISTER_LEN_MAX + 1);
    moot_buf_commit(&large, MOOT_REGISTER_LEN_MAX + 1);
    expect_error(moot_register_decode(moot_buf_view(&large), &r), MOOT_ELIMIT);
    moot_buf_fini(&large);
}
END_TEST

START_TEST(the_signature_is_for_this_purpose_alone)
{
    struct moot_key alice = sample_key(1);
    char header[MOOT_HEX_LEN + 1 + 128 + 1];
    struct moot_id id;

    moot_register_sign(moot_buf_view(&json), &alice, header);
    expect(moot_register_signed(moot_buf_view(&json), header, &id));
    expect_id(&id, &alice.id);
    moot_answer_sign(moot_buf_view(&json), &alice, header);
    expect(!moot_register_signed(moot_buf_view(&json), header, &id));
    expect(!moot_register_signed(moot_buf_view(&json), NULL, &id));
}
END_TEST

/* --- what a directory answers --- */

START_TEST(a_hosted_answer_goes_and_comes_back)
{
    struct moot_answer a, b;
    struct moot_buf text = {0}, again = {0};

    sample_hosted(&a);
    moot_answer_encode(&a, &text);
    expect_ok(moot_answer_decode(moot_buf_view(&text), &b));
    expect(b.hosted);
    expect_uint(b.again_ms, 3000);
    expect_uint(b.lack_count, 1);
    expect_uint(b.member_count, 1);
    expect_text(b.members[0].name, "alice");
    moot_answer_encode(&b, &again);
    expect_text(moot_buf_text(&again), moot_buf_text(&text));
    moot_answer_fini(&a);
    moot_answer_fini(&b);
    moot_buf_fini(&text);
    moot_buf_fini(&again);
}
END_TEST

static int decode_hosted_with(const char *old, const char *new)
{
    struct moot_answer a;
    int rc;

    sample_hosted(&a);
    moot_buf_clear(&json);
    moot_answer_encode(&a, &json);
    moot_answer_fini(&a);

    struct moot_buf changed = {0};
    const char *text = moot_buf_text(&json), *at = strstr(text, old);

    ck_assert_msg(at != NULL, "there is no %s", old);
    moot_buf_append(&changed, text, (size_t)(at - text));
    moot_buf_printf(&changed, "%s%s", new, at + strlen(old));
    rc = moot_answer_decode(moot_buf_view(&changed), &a);
    if (rc == MOOT_OK) {
        expect_text(a.members[0].name, "alice");
        expect_int(a.members[0].standing, MOOT_JOINED);
        moot_answer_fini(&a);
    }
    moot_buf_fini(&changed);
    return rc;
}

START_TEST(a_directory_cannot_invent_what_members_say)
{
    /* Of itself only the member speaks. */
    expect_ok(decode_hosted_with("\"username\":\"alice\"",
                                 "\"username\":\"mallory\""));
    expect_ok(decode_hosted_with("\"standing\":\"joined\"",
                                 "\"standing\":\"waiting\""));
    /* And what it did not sign is no record. */
    expect_error(decode_hosted_with("\"signature\":\"", "\"signature\":\"A"),
                 MOOT_EANSWER);
    expect_error(decode_hosted_with("\"record\":\"", "\"later\":\""),
                 MOOT_EANSWER);
    expect_error(decode_hosted_with("\"identity\":\"8a88e3dd7409f195fd52db2d"
                                    "3cba5d72ca6709bf1d94121bf3748801b40f6f5c"
                                    "\",\"mode\"",
                                    "\"identity\":\"6767676767676767676767676"
                                    "7676767676767676767676767676767676767676"
                                    "\",\"mode\""),
                 MOOT_EANSWER);
    expect_error(decode_hosted_with("\"again\":3000", "\"again\":-1"),
                 MOOT_EANSWER);
    expect_error(decode_hosted_with("\"lack\":[", "\"lack\":[7,"),
                 MOOT_EANSWER);
}
END_TEST

Suite *suite_wire_register(void)
{
    Suite *s = suite_create("wire/register");
    TCase *t = tcase_create("register");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, goes_and_comes_back);
    tcase_add_loop_test(t, what_is_not_right_is_refused, 0,
                        sizeof bad / sizeof bad[0]);
    tcase_add_test(t, keys_that_are_not_known_are_ignored);
    tcase_add_test(t, no_prefix_is_a_request);
    tcase_add_test(t, the_largest_one_fits);
    tcase_add_test(t, too_much_of_anything_is_refused);
    tcase_add_test(t, the_signature_is_for_this_purpose_alone);
    tcase_add_test(t, a_hosted_answer_goes_and_comes_back);
    tcase_add_test(t, a_directory_cannot_invent_what_members_say);
    suite_add_tcase(s, t);
    return s;
}
