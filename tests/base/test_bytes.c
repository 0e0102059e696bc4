/*
 * tests/base/test_bytes.c - views, and the buffer that grows at one end and is
 * consumed at the other.
 *
 * The last test holds the buffer against a plain array under random use.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "dies.h"
#include "words.h"

Suite *suite_base_bytes(void);

START_TEST(views_compare_by_what_they_show)
{
    struct moot_bytes nothing = {0};

    expect(moot_bytes_eq(moot_bytes_text("abc"), moot_bytes_of("abcd", 3)));
    expect(!moot_bytes_eq(moot_bytes_text("abc"), moot_bytes_text("abd")));
    expect(!moot_bytes_eq(moot_bytes_text("abc"), moot_bytes_text("ab")));
    expect(moot_bytes_eq(nothing, moot_bytes_text("")));
    expect_uint(moot_bytes_text("").len, 0);
}
END_TEST

START_TEST(a_zeroed_struct_is_an_empty_buffer)
{
    struct moot_buf b = {0};

    expect_uint(moot_buf_view(&b).len, 0);
    expect(moot_buf_view(&b).data == NULL);
    expect_text(moot_buf_text(&b), "");
    moot_buf_append(&b, NULL, 0);
    moot_buf_consume(&b, 0);
    expect_uint(b.len, 0);
    moot_buf_fini(&b);
    moot_buf_fini(&b);
    expect(b.data == NULL);
}
END_TEST

START_TEST(prints_short_and_long)
{
    struct moot_buf b = {0};
    char long_text[1000];

    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = 0;
    moot_buf_printf(&b, "%d-%s", 7, "seven");
    expect_text(moot_buf_text(&b), "7-seven");
    moot_buf_printf(&b, "%s", long_text);
    expect_uint(b.len, 7 + 999);
    moot_buf_consume(&b, 7);
    expect_text(moot_buf_text(&b), long_text);
    moot_buf_clear(&b);
    expect_text(moot_buf_text(&b), "");
    moot_buf_fini(&b);
}
END_TEST

START_TEST(moves_to_the_front_instead_of_growing)
{
    struct moot_buf b = {0};
    uint8_t block[100] = {0};

    for (unsigned i = 0; i < 1000; i++) {
        moot_buf_append(&b, block, sizeof block);
        moot_buf_append(&b, block, 1);
        moot_buf_consume(&b, sizeof block);
        moot_buf_consume(&b, 1);
    }
    moot_buf_append(&b, block, sizeof block);
    for (unsigned i = 0; i < 1000; i++) {
        moot_buf_append(&b, block, sizeof block);
        moot_buf_consume(&b, sizeof block);
    }
    expect_uint(b.len, sizeof block);
    expect(b.max <= 512);
    moot_buf_fini(&b);
}
END_TEST

START_TEST(room_that_was_reserved_may_be_committed_in_part)
{
    struct moot_buf b = {0};

    memcpy(moot_buf_reserve(&b, 300), "abc", 3);
    moot_buf_commit(&b, 3);
    expect_bytes(moot_buf_view(&b), moot_bytes_text("abc"));
    moot_buf_fini(&b);
}
END_TEST

static void consume_too_much(void)
{
    struct moot_buf b = {0};

    moot_buf_append(&b, "ab", 2);
    moot_buf_consume(&b, 3);
}

static void commit_too_much(void)
{
    struct moot_buf b = {0};

    moot_buf_reserve(&b, 10);
    moot_buf_commit(&b, b.max + 1);
}

START_TEST(taking_or_giving_too_much_breaks_a_promise)
{
    expect(dies(consume_too_much));
    expect(dies(commit_too_much));
}
END_TEST

/* Any order of appending and consuming leaves what a queue would hold. */
START_TEST(behaves_like_a_queue_of_bytes)
{
    static uint8_t model[1 << 20];
    uint8_t seed[32] = {(uint8_t)_i};
    size_t first = 0;
    size_t last = 0;
    struct moot_buf b = {0};
    struct moot_rng r;

    moot_rng_init(&r, seed);
    while (last + 2000 < sizeof model) {
        size_t len = (size_t)moot_rng_below(&r, 2000);

        moot_rng_bytes(&r, model + last, len);
        if (moot_rng_below(&r, 2) == 0) {
            moot_buf_append(&b, model + last, len);
        } else {
            memcpy(moot_buf_reserve(&b, len), model + last, len);
            moot_buf_commit(&b, len);
        }
        last += len;

        size_t gone = (size_t)moot_rng_below(&r, last - first + 1);

        moot_buf_consume(&b, gone);
        first += gone;
        expect_bytes(moot_buf_view(&b),
                     moot_bytes_of(model + first, last - first));
    }
    moot_buf_fini(&b);
}
END_TEST

Suite *suite_base_bytes(void)
{
    Suite *s = suite_create("base/bytes");
    TCase *t = tcase_create("bytes");

    tcase_add_test(t, views_compare_by_what_they_show);
    tcase_add_test(t, a_zeroed_struct_is_an_empty_buffer);
    tcase_add_test(t, prints_short_and_long);
    tcase_add_test(t, moves_to_the_front_instead_of_growing);
    tcase_add_test(t, room_that_was_reserved_may_be_committed_in_part);
    tcase_add_test(t, taking_or_giving_too_much_breaks_a_promise);
    tcase_add_loop_test(t, behaves_like_a_queue_of_bytes, 0, 5);
    suite_add_tcase(s, t);
    return s;
}
