/*
 * tests/wire/test_sealed.c - a sealed answer opens with one of the secrets of a
 * ring, and what is no sealed answer is refused, whatever it is.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "wire/sealed.h"
#include "words.h"

Suite *suite_wire_sealed(void);

static struct moot_ring ring;
static struct moot_buf json, text;
static const uint8_t nonce[MOOT_SEAL_NONCE_LEN] = {1};

static struct moot_secret secret_of(uint8_t fill)
{
    struct moot_secret s;

    memset(s.b, fill, sizeof s.b);
    return s;
}

static void learn(uint8_t generation)
{
    struct moot_secret s = secret_of(generation);

    moot_ring_learn(&ring, generation, &s);
}

static void seal(uint8_t generation)
{
    struct moot_secret s = secret_of(generation);

    moot_buf_clear(&json);
    moot_buf_clear(&text);
    moot_sealed_encode(&s, nonce, moot_bytes_text("{\"x\":1}\n"), "ab:cd",
                       &json);
}

static int open(const char *what)
{
    size_t at;

    return moot_sealed_open(moot_bytes_text(what), &ring, &text, &at, NULL);
}

static void set_up(void)
{
    memset(&ring, 0, sizeof ring);
    learn(1);
    learn(2);
}

static void tear_down(void)
{
    moot_buf_fini(&json);
    moot_buf_fini(&text);
}

START_TEST(an_answer_and_its_signature_come_out_as_they_went_in)
{
    size_t at;

    for (uint8_t i = 1; i <= 2; i++) {
        seal(i);
        expect(moot_sealed_is(moot_buf_view(&json)));
        expect_ok(
            moot_sealed_open(moot_buf_view(&json), &ring, &text, &at, NULL));
        expect_text((const char *)moot_buf_view(&text).data, "ab:cd");
        expect_text(moot_buf_text(&text) + at, "{\"x\":1}\n");
    }
}
END_TEST

START_TEST(nothing_of_it_can_be_read_on_the_way)
{
    seal(1);
    expect(strstr(moot_buf_text(&json), "ab:cd") == NULL);
    expect(strstr(moot_buf_text(&json), "\"x\"") == NULL);
}
END_TEST

START_TEST(no_secret_fits)
{
    size_t at;

    seal(3);
    expect_error(
        moot_sealed_open(moot_buf_view(&json), &ring, &text, &at, NULL),
        MOOT_ESECRET);
    expect_uint(text.len, 0);
}
END_TEST

START_TEST(what_is_no_sealed_answer_is_refused)
{
    static const char *const none[] = {
        "",
        "{}",
        "[]",
        "null",
        "{\"moot\":1}",
        "{\"moot\":2,\"sealed\":\"\"}",
        "{\"moot\":\"1\",\"sealed\":\"\"}",
        "{\"moot\":1,\"sealed\":1}",
        "{\"moot\":1,\"sealed\":[\"\"]}",
        "{\"moot\":1,\"moot\":1,\"sealed\":\"\"}",
        "{\"sealed\":\"AAAA\"}",
        "{\"version\":1,\"group\":{}}",
        "{\"moot\":1,\"sealed\":\"AA",
    };

    for (unsigned i = 0; i < sizeof none / sizeof none[0]; i++) {
        expect_turn(!moot_sealed_is(moot_bytes_text(none[i])), "%s", none[i]);
        expect_turn(open(none[i]) == MOOT_EANSWER, "%s", none[i]);
    }
}
END_TEST

START_TEST(what_is_sealed_badly_is_refused)
{
    expect_error(open("{\"moot\":1,\"sealed\":\"\"}"), MOOT_ESECRET);
    expect_error(open("{\"moot\":1,\"sealed\":\"A\"}"), MOOT_EANSWER);
    expect_error(open("{\"moot\":1,\"sealed\":\"AA==\"}"), MOOT_EANSWER);
    expect_error(open("{\"moot\":1,\"sealed\":\"A+\\/A\"}"), MOOT_EANSWER);
    expect_error(open("{\"moot\":1,\"sealed\":\"AAAA\"}"), MOOT_ESECRET);
}
END_TEST

/* Somebody in the group may still seal nonsense. */
START_TEST(without_a_line_feed_there_is_no_answer)
{
    struct moot_secret s = secret_of(1);
    struct moot_buf raw = {0};
    size_t at;
    char b64[8192], all[8300];

    moot_seal(&s, nonce, moot_bytes_text("no end"), &raw);
    sodium_bin2base64(b64, sizeof b64, moot_buf_view(&raw).data, raw.len,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(all, sizeof all, "{\"moot\":1,\"sealed\":\"%s\"}", b64);
    expect_error(
        moot_sealed_open(moot_bytes_text(all), &ring, &text, &at, NULL),
        MOOT_EANSWER);
    moot_buf_fini(&raw);
}
END_TEST

/* --- marks --- */

static const uint8_t pad[8 * MOOT_MARKS_MAX] = {9};

START_TEST(marks_name_the_newest_secret_that_both_have)
{
    char marks[MOOT_MARKS_TEXT_LEN + 1];
    struct moot_ring asker = ring;

    moot_marks_make(&asker, "00ff", pad, marks);
    expect_uint(strlen(marks), MOOT_MARKS_TEXT_LEN);
    expect_uint(moot_marks_find(&ring, "00ff", marks)->generation, 2);
    learn(3);
    expect_uint(moot_marks_find(&ring, "00ff", marks)->generation, 2);
    expect(moot_marks_find(&ring, "00fe", marks) == NULL);
}
END_TEST

START_TEST(marks_of_others_name_nothing)
{
    char marks[MOOT_MARKS_TEXT_LEN + 1];
    struct moot_ring none = {0};

    moot_marks_make(&none, "00ff", pad, marks);
    expect(moot_marks_find(&ring, "00ff", marks) == NULL);
    expect(moot_marks_find(&ring, "00ff", NULL) == NULL);
    expect(moot_marks_find(&ring, "00ff", "") == NULL);
    expect(moot_marks_find(&ring, "00ff", "0123456789abcdef") == NULL);
    expect(moot_marks_find(&none, "00ff", marks) == NULL);
}
END_TEST

Suite *suite_wire_sealed(void)
{
    Suite *s = suite_create("wire/sealed");
    TCase *t = tcase_create("sealed");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, an_answer_and_its_signature_come_out_as_they_went_in);
    tcase_add_test(t, nothing_of_it_can_be_read_on_the_way);
    tcase_add_test(t, no_secret_fits);
    tcase_add_test(t, what_is_no_sealed_answer_is_refused);
    tcase_add_test(t, what_is_sealed_badly_is_refused);
    tcase_add_test(t, without_a_line_feed_there_is_no_answer);
    tcase_add_test(t, marks_name_the_newest_secret_that_both_have);
    tcase_add_test(t, marks_of_others_name_nothing);
    suite_add_tcase(s, t);
    return s;
}
