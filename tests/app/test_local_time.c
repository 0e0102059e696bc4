/*
 * tests/app/test_local_time.c - what is a time, and what it names.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "app/local_time.h"
#include "words.h"

Suite *suite_app_local_time(void);

static const struct {
    const char *zone, *text;
    moot_wall_ms begin, end;
} good[] = {
    {"UTC", "1970-01-02", 86400000, 2 * 86400000LL},
    {"UTC", "1970-01-01 00:01", 60000, 120000},
    {"UTC", "1970-01-01 00:01:02", 62000, 63000},
    {"UTC", "2024-02-29", 1709164800000, 1709251200000},
    /* Two hours east of it, midnight comes two hours earlier. */
    {"EET-2", "1970-01-02", 86400000 - 7200000, 2 * 86400000LL - 7200000},
    /* A day on which the clock goes forward has 23 hours. */
    {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29", 1774738800000,
     1774738800000 + 23 * 3600000LL},
};

START_TEST(a_time_names_a_day_a_minute_or_a_second)
{
    moot_wall_ms begin, end;

    setenv("TZ", good[_i].zone, 1);
    tzset();
    expect(moot_time_parse(good[_i].text, &begin, &end));
    expect_int(begin, good[_i].begin);
    expect_int(end, good[_i].end);
}
END_TEST

static const char *const bad[] = {"",
                                  "2026",
                                  "2026-11",
                                  "2026-11-2",
                                  "2026-11-20 ",
                                  "2026-11-20 18",
                                  "2026-11-20 24:00",
                                  "2026-11-20 18:60",
                                  "2026-11-20 18:00:60",
                                  "2026-11-20 18:00:00Z",
                                  "2026-02-29",
                                  "2026-13-01",
                                  "2026-00-10",
                                  "2026-01-00",
                                  "20261120",
                                  "1969-12-30",
                                  "now"};

START_TEST(what_names_no_time_is_refused)
{
    moot_wall_ms begin, end;

    expect(!moot_time_parse(bad[_i], &begin, &end));
}
END_TEST

Suite *suite_app_local_time(void)
{
    Suite *s = suite_create("app/local_time");
    TCase *t = tcase_create("local_time");

    tcase_add_loop_test(t, a_time_names_a_day_a_minute_or_a_second, 0,
                        sizeof good / sizeof good[0]);
    tcase_add_loop_test(t, what_names_no_time_is_refused, 0,
                        sizeof bad / sizeof bad[0]);
    suite_add_tcase(s, t);
    return s;
}
