/*
 * tests/base/test_iso.c - moments as text, both ways.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "base/iso.h"

#include <string.h>

#include "words.h"

Suite *suite_base_iso(void);

static const struct {
    const char *text;
    moot_wall_ms when;
} known[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"1999-12-31T23:59:59Z", INT64_C(946684799000)},
    {"2000-02-29T12:00:00Z", INT64_C(951825600000)},
    {"2024-02-20T15:30:00Z", INT64_C(1708443000000)},
    {"2038-01-19T03:14:08Z", INT64_C(2147483648000)},
    {"2100-03-01T00:00:00Z", INT64_C(4107542400000)},
    {"9999-12-31T23:59:59Z", INT64_C(253402300799000)},
};

START_TEST(writes_and_reads_what_is_known)
{
    char text[MOOT_ISO_LEN + 1];
    moot_wall_ms when = -1;

    moot_iso_format(known[_i].when, text);
    expect_text(text, known[_i].text);
    expect(moot_iso_parse(moot_bytes_text(known[_i].text), &when));
    expect_int(when, known[_i].when);
}
END_TEST

/* Every day of 400 years follows the one before it. */
START_TEST(no_day_is_left_out)
{
    char text[MOOT_ISO_LEN + 1], last[MOOT_ISO_LEN + 1] = "";

    for (moot_wall_ms day = 0; day < 400 * 366; day++) {
        moot_wall_ms when = -1;

        moot_iso_format(day * 86400000, text);
        expect_turn(strcmp(last, text) < 0, "%s after %s", text, last);
        expect_turn(moot_iso_parse(moot_bytes_text(text), &when) &&
                        when == day * 86400000,
                    "%s", text);
        memcpy(last, text, sizeof last);
    }
}
END_TEST

START_TEST(what_cannot_be_written_is_the_nearest)
{
    char text[MOOT_ISO_LEN + 1];

    moot_iso_format(-1, text);
    expect_text(text, "1970-01-01T00:00:00Z");
    moot_iso_format(INT64_MAX, text);
    expect_text(text, "9999-12-31T23:59:59Z");
}
END_TEST

static const struct {
    const char *text;
    moot_wall_ms when;
} taken[] = {
    {"2024-02-20T15:30:00.5Z", INT64_C(1708443000500)},
    {"2024-02-20T15:30:00.123456789Z", INT64_C(1708443000123)},
    {"2024-02-20T16:30:00+01:00", INT64_C(1708443000000)},
    {"2024-02-20t10:00:00-05:30", INT64_C(1708443000000)},
    {"2024-02-20 15:30:00z", INT64_C(1708443000000)},
    {"2016-12-31T23:59:60Z", INT64_C(1483228800000)},
};

START_TEST(other_spellings_are_taken)
{
    moot_wall_ms when = -1;

    expect(moot_iso_parse(moot_bytes_text(taken[_i].text), &when));
    expect_int(when, taken[_i].when);
}
END_TEST

static const char *const wrong[] = {
    "",
    "2024",
    "2024-02-20",
    "2024-02-20T15:30:00",
    "2024-02-20T15:30Z",
    "2024-2-20T15:30:00Z",
    "2023-02-29T00:00:00Z",
    "2024-13-01T00:00:00Z",
    "2024-00-01T00:00:00Z",
    "2024-04-31T00:00:00Z",
    "2024-02-20T24:00:00Z",
    "2024-02-20T15:60:00Z",
    "2024-02-20T15:30:00.Z",
    "2024-02-20T15:30:00ZZ",
    "2024-02-20T15:30:00+01",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "+024-02-20T15:30:00Z",
};

START_TEST(what_is_no_moment_is_refused)
{
    moot_wall_ms when = 42;
    struct guarded g;

    guarded_init(&g, moot_bytes_text(wrong[_i]));
    expect(!moot_iso_parse(guarded_view(&g), &when));
    expect_int(when, 42);
    guarded_fini(&g);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

Suite *suite_base_iso(void)
{
    Suite *s = suite_create("base/iso");
    TCase *t = tcase_create("iso");

    tcase_add_loop_test(t, writes_and_reads_what_is_known, 0, COUNT(known));
    tcase_add_test(t, no_day_is_left_out);
    tcase_add_test(t, what_cannot_be_written_is_the_nearest);
    tcase_add_loop_test(t, other_spellings_are_taken, 0, COUNT(taken));
    tcase_add_loop_test(t, what_is_no_moment_is_refused, 0, COUNT(wrong));
    suite_add_tcase(s, t);
    return s;
}
