/*
 * tests/base/test_utf8.c - what is text, what may be a name, what a line.
 *
 * Both verdicts are held against utf8proc for every code point there is: the
 * table in the product is frozen, the library is of Unicode 15.0 as the table
 * is.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <string.h>
#include <utf8proc.h>

#include "base/limits.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "words.h"

Suite *suite_base_utf8(void);

static bool valid(const char *text)
{
    return moot_utf8_valid(moot_bytes_text(text));
}

/* NULL becomes a text, so that failures can be read. */
static const char *name_fault(const char *text)
{
    const char *fault = moot_name_fault(moot_bytes_text(text));

    return fault ? fault : "none";
}

static const char *line_fault(const char *text)
{
    const char *fault = moot_line_fault(moot_bytes_text(text));

    return fault ? fault : "none";
}

START_TEST(text_is_well_formed_utf8)
{
    expect(valid(""));
    expect(valid("plain"));
    expect(valid("\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80"));
    expect(valid("\xf4\x8f\xbf\xbf"));
    expect(moot_utf8_valid(moot_bytes_of("a\0b", 3)));
}
END_TEST

START_TEST(broken_sequences_are_not_text)
{
    static const char *const broken[] = {
        "\x80",             /* begins in the middle */
        "\xbf",             /* the same */
        "\xc3",             /* cut off */
        "\xe4\xb8",         /* cut off */
        "\xf0\x9f\x98",     /* cut off */
        "\xc3(",            /* not continued */
        "\xe4(\xad",        /* not continued */
        "\xe4\xb8(",        /* not continued */
        "\xc0\x80",         /* overlong zero */
        "\xc1\xbf",         /* overlong */
        "\xe0\x9f\xbf",     /* overlong */
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xed\xa0\x80",     /* a surrogate */
        "\xed\xbf\xbf",     /* a surrogate */
        "\xf4\x90\x80\x80", /* above the last code point */
        "\xf8\x88\x80\x80\x80",
        "\xfe",
        "\xff",
        "eight bytes, then \xff"};

    for (unsigned i = 0; i < sizeof broken / sizeof broken[0]; i++)
        ck_assert_msg(!valid(broken[i]), "number %u", i);
}
END_TEST

/* Every sequence of three bytes after a lead byte, and random ones. */
START_TEST(agrees_with_utf8proc_about_bytes)
{
    struct moot_rng r;
    uint8_t seed[32] = {1};

    moot_rng_init(&r, seed);
    for (unsigned i = 0; i < 400000; i++) {
        uint8_t text[12];
        size_t len = 1 + (size_t)moot_rng_below(&r, sizeof text - 1);

        moot_rng_bytes(&r, text, len);
        for (size_t k = 0; k < len; k++) {
            if (moot_rng_below(&r, 2) == 0)
                text[k] = k % 4 == 0 ? text[k] | 0xc0 : (text[k] & 0x3f) | 0x80;
        }

        bool expected = true;

        for (size_t at = 0; at < len;) {
            utf8proc_int32_t point;
            utf8proc_ssize_t n = utf8proc_iterate(
                text + at, (utf8proc_ssize_t)(len - at), &point);

            expected = expected && n > 0;
            at += n > 0 ? (size_t)n : len;
        }
        expect_turn(moot_utf8_valid(moot_bytes_of(text, len)) == expected,
                    "turn %u", i);
    }
}
END_TEST

static bool visible_to_utf8proc(utf8proc_int32_t point)
{
    const utf8proc_property_t *p = utf8proc_get_property(point);

    if (p->ignorable || (point & 0xfffe) == 0xfffe ||
        (point >= 0xfdd0 && point <= 0xfdef))
        return false;
    switch (p->category) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return false;
    case UTF8PROC_CATEGORY_ZS:
        return point == ' ';
    default:
        return true;
    }
}

/* Places reserved for more of what cannot be seen, and a blank symbol. */
static bool ours_alone(utf8proc_int32_t point)
{
    return point == 0x2800 || point == 0x2065 ||
           (point >= 0xfff0 && point <= 0xfff8) ||
           (point >= 0xe0000 && point <= 0xe0fff);
}

START_TEST(a_name_holds_only_what_can_be_seen)
{
    for (utf8proc_int32_t point = 0; point <= 0x10ffff; point++) {
        uint8_t name[6] = {'a'};

        if (point >= 0xd800 && point <= 0xdfff)
            continue;

        size_t len = (size_t)utf8proc_encode_char(point, name + 1);

        name[1 + len] = 'b';

        bool fine = moot_name_fault(moot_bytes_of(name, len + 2)) == NULL;
        bool expected = visible_to_utf8proc(point) && !ours_alone(point);

        expect_turn(fine == expected, "U+%04X", (unsigned)point);
    }
}
END_TEST

START_TEST(names_of_people_are_names)
{
    expect_text(name_fault("alice"), "none");
    expect_text(name_fault("Ren\xc3\xa9 M."), "none");
    expect_text(name_fault("\xe6\x9d\x8e\xe9\x9b\xb7"), "none");
    expect_text(name_fault("\xf0\x9f\x98\x80"), "none");
    expect_text(name_fault("e\xcc\x81"), "none");
}
END_TEST

START_TEST(a_name_has_1_to_64_bytes)
{
    char name[MOOT_NAME_LEN_MAX + 2] = {0};

    memset(name, 'n', MOOT_NAME_LEN_MAX);
    expect_text(name_fault(name), "none");
    name[MOOT_NAME_LEN_MAX] = 'n';
    expect_text(name_fault(name), "is longer than 64 bytes");
    expect_text(name_fault(""), "is empty");
}
END_TEST

START_TEST(faults_of_names_are_named)
{
    expect_text(name_fault("bo\xff"), "is not UTF-8");
    expect_text(name_fault("bo\xe2\x82"), "is not UTF-8");
    expect_text(name_fault("bo\tb"), "holds a character that cannot be seen");
    expect_text(name_fault("bo\xe2\x80\x8b"),
                "holds a character that cannot be seen");
    expect_text(name_fault(" bob"), "begins or ends with a space");
    expect_text(name_fault("bob "), "begins or ends with a space");
    expect_text(name_fault(" "), "begins or ends with a space");
    expect(moot_name_fault(moot_bytes_of("a\0b", 3)) != NULL);
}
END_TEST

START_TEST(a_line_has_1_to_4096_bytes)
{
    char line[MOOT_LINE_LEN_MAX + 2] = {0};

    memset(line, 'l', MOOT_LINE_LEN_MAX);
    expect_text(line_fault(line), "none");
    line[MOOT_LINE_LEN_MAX] = 'l';
    expect_text(line_fault(line), "is longer than 4096 bytes");
    expect_text(line_fault(""), "is empty");
}
END_TEST

START_TEST(faults_of_lines_are_named)
{
    expect_text(line_fault("a\nb"), "is more than one line");
    expect_text(line_fault("a\r"), "is more than one line");
    expect_text(line_fault("a\xff"), "is not UTF-8");
    expect_text(moot_line_fault(moot_bytes_of("a\0b", 3)), "holds a zero byte");
}
END_TEST

/* What is ugly but valid is dealt with where it is shown. */
START_TEST(a_line_may_be_ugly)
{
    expect_text(line_fault(" \t\x1b[2J\x7f \xe2\x80\xae"), "none");
}
END_TEST

START_TEST(no_byte_behind_the_text_is_read)
{
    static const char *const texts[] = {"a",         "12345678",    "1234567",
                                        "\xc3\xa9",  "\xc3",        "\xe4\xb8",
                                        "123456789", "\xf0\x9f\x98"};

    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct guarded g;

        guarded_init(&g, moot_bytes_text(texts[i]));
        bool fine = moot_utf8_valid(guarded_view(&g));

        expect(fine == (moot_line_fault(guarded_view(&g)) == NULL));
        expect(fine == (moot_name_fault(guarded_view(&g)) == NULL));
        guarded_fini(&g);
    }
}
END_TEST

Suite *suite_base_utf8(void)
{
    Suite *s = suite_create("base/utf8");
    TCase *t = tcase_create("utf8");

    tcase_add_test(t, text_is_well_formed_utf8);
    tcase_add_test(t, broken_sequences_are_not_text);
    tcase_add_test(t, agrees_with_utf8proc_about_bytes);
    tcase_add_test(t, a_name_holds_only_what_can_be_seen);
    tcase_add_test(t, names_of_people_are_names);
    tcase_add_test(t, a_name_has_1_to_64_bytes);
    tcase_add_test(t, faults_of_names_are_named);
    tcase_add_test(t, a_line_has_1_to_4096_bytes);
    tcase_add_test(t, faults_of_lines_are_named);
    tcase_add_test(t, a_line_may_be_ugly);
    tcase_add_test(t, no_byte_behind_the_text_is_read);
    suite_add_tcase(s, t);
    return s;
}
