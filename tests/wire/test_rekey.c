/*
 * tests/wire/test_rekey.c - a change of the secret goes into a line and comes
 * back; anything else is no change.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <string.h>

#include "wire/rekey.h"
#include "words.h"

Suite *suite_wire_rekey(void);

static struct moot_rekey k, back;
static struct moot_buf text;

static void fill(unsigned outs, unsigned boxes)
{
    memset(&k, 0, sizeof k);
    moot_buf_clear(&text);
    k.generation = 0x0102030405060708;
    k.hash = hash_of(3);
    k.out_count = outs;
    k.box_count = boxes;
    for (unsigned i = 0; i < outs; i++)
        memset(k.outs[i].b, (int)i, sizeof k.outs[i].b);
    for (unsigned i = 0; i < boxes; i++) {
        memset(k.boxes[i].to.b, (int)i, sizeof k.boxes[i].to.b);
        memset(k.boxes[i].box, (int)i + 100, sizeof k.boxes[i].box);
    }
}

static void tear_down(void)
{
    moot_buf_fini(&text);
}

static void expect_goes_and_comes(void)
{
    moot_rekey_encode(&k, &text);
    expect(text.len <= MOOT_LINE_LEN_MAX);
    expect(moot_rekey_decode(moot_buf_view(&text), &back));
    expect_int(back.more, k.more);
    expect_uint(back.generation, k.generation);
    expect_hash(&back.hash, &k.hash);
    expect_uint(back.out_count, k.out_count);
    expect_uint(back.box_count, k.box_count);
    expect(memcmp(back.outs, k.outs, k.out_count * sizeof k.outs[0]) == 0);
    expect(memcmp(back.boxes, k.boxes, k.box_count * sizeof k.boxes[0]) == 0);
}

START_TEST(a_change_goes_and_comes_back)
{
    fill(0, 0);
    expect_goes_and_comes();
    fill(1, 2);
    k.more = true;
    expect_goes_and_comes();
    fill(MOOT_REKEY_OUTS_MAX, MOOT_REKEY_BOXES_MAX);
    expect_goes_and_comes();
}
END_TEST

START_TEST(nothing_shorter_or_longer_is_a_change)
{
    fill(1, 1);
    moot_rekey_encode(&k, &text);
    for (size_t len = 0; len < text.len; len++) {
        bool is = moot_rekey_decode(
            moot_bytes_of(moot_buf_view(&text).data, len), &back);

        expect_turn(is == (len == 79), "length %zu", len); /* without a box */
    }
    moot_buf_append(&text, "A", 1);
    expect(!moot_rekey_decode(moot_buf_view(&text), &back));
    moot_buf_append(&text, "AAA", 3);
    expect(!moot_rekey_decode(moot_buf_view(&text), &back));
}
END_TEST

static bool decodes_with(size_t at, char digit)
{
    moot_buf_clear(&text);
    moot_rekey_encode(&k, &text);
    ((char *)(uintptr_t)moot_buf_view(&text).data)[at] = digit;
    return moot_rekey_decode(moot_buf_view(&text), &back);
}

START_TEST(later_versions_and_unknown_flags_are_passed_over)
{
    fill(0, 1);
    expect(decodes_with(0, 'A')); /* as it is: version 1 is "AQ" */
    expect(!decodes_with(0, 'B'));
    expect(!decodes_with(1, 'g'));
    expect(!decodes_with(2, 'I'));
    expect(!decodes_with(0, '+'));
    expect(!decodes_with(0, '='));
    expect(!decodes_with(0, ' '));
}
END_TEST

/* Else one change had many spellings. */
START_TEST(bytes_above_ascii_are_no_digits)
{
    fill(0, 1);
    expect(decodes_with(20, 'B'));
    for (unsigned byte = 0x80; byte <= 0xff; byte++)
        expect(!decodes_with(20, (char)byte));
}
END_TEST

START_TEST(generations_have_bounds)
{
    fill(0, 0);
    k.generation = MOOT_GENERATION_MAX - 1;
    expect_goes_and_comes();
    moot_buf_clear(&text);
    k.generation = MOOT_GENERATION_MAX;
    moot_rekey_encode(&k, &text);
    expect(!moot_rekey_decode(moot_buf_view(&text), &back));
    moot_buf_clear(&text);
    k.generation = 0;
    moot_rekey_encode(&k, &text);
    expect(!moot_rekey_decode(moot_buf_view(&text), &back));
}
END_TEST

Suite *suite_wire_rekey(void)
{
    Suite *s = suite_create("wire/rekey");
    TCase *t = tcase_create("rekey");

    tcase_add_checked_fixture(t, NULL, tear_down);
    tcase_add_test(t, a_change_goes_and_comes_back);
    tcase_add_test(t, nothing_shorter_or_longer_is_a_change);
    tcase_add_test(t, later_versions_and_unknown_flags_are_passed_over);
    tcase_add_test(t, bytes_above_ascii_are_no_digits);
    tcase_add_test(t, generations_have_bounds);
    suite_add_tcase(s, t);
    return s;
}
