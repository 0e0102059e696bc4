/*
 * tests/loop/test_log.c - log lines: what they look like, and how many.
 *
 * Lines go to a file in memory instead of standard error.
 *
 * Layer:  tests.
 * Thread: main; one test starts others.
 */
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "loop/log.h"
#include "loop/log_internal.h"
#include "words.h"

Suite *suite_loop_log(void);

static int fd;
static struct moot_buf text;

static void open_log(void)
{
    fd = memfd_create("log", MFD_CLOEXEC);
    expect(fd >= 0);
    moot_log_set_fd(fd);
    moot_log_set_level(MOOT_LOG_INFO);
}

static void close_log(void)
{
    moot_log_set_fd(STDERR_FILENO);
    moot_log_set_level(MOOT_LOG_WARN);
    close(fd);
    moot_buf_fini(&text);
}

/* Everything written so far. */
static const char *written(void)
{
    off_t len = lseek(fd, 0, SEEK_END);

    moot_buf_clear(&text);
    expect_int(
        pread(fd, moot_buf_reserve(&text, (size_t)len + 1), (size_t)len, 0),
        len);
    moot_buf_commit(&text, (size_t)len);
    return moot_buf_text(&text);
}

static unsigned lines(const char *all)
{
    unsigned n = 0;

    for (; *all != '\0'; all++)
        n += *all == '\n';
    return n;
}

START_TEST(a_line_names_level_time_event_and_pairs)
{
    const char *line;

    moot_log(MOOT_LOG_WARN, "stalled", "#ms", moot_log_int(-251).text, "left",
             NULL, "who", "bob@10.0.0.1:80", NULL);
    line = written();
    expect_within("level=warn ts=20", line);
    expect_within("Z event=stalled ms=-251 who=bob@10.0.0.1:80\n", line);
    expect(strstr(line, "left") == NULL);
}
END_TEST

START_TEST(a_strangers_bytes_stay_inside_their_quotes)
{
    moot_log(MOOT_LOG_INFO, "odd", "a", "x\" b=\"y\n\x1b[2J\xff\\", "e", "",
             NULL);
    expect_within(" a=\"x\\\" b=\\\"y\\x0a\\x1b[2J\\xff\\\\\" e=\"\"\n",
                  written());
    expect_uint(lines(written()), 1);
}
END_TEST

START_TEST(an_endless_value_makes_no_endless_line)
{
    char endless[5000];

    memset(endless, '\n', sizeof endless);
    endless[sizeof endless - 1] = '\0';
    moot_log(MOOT_LOG_INFO, "long", "a", endless, "b", endless, "c", "d", NULL);
    expect_uint(lines(written()), 1);
    expect(strlen(written()) <= 2048);
}
END_TEST

static void log_pairs_of_all_kinds(const char *odd)
{
    moot_log_set_json(true);
    moot_log(MOOT_LOG_INFO, "json", "#ms", moot_log_int(-251).text, "name", "7",
             "odd", odd, "left", NULL, "#no", "1e5", "#long", "01", NULL);
    moot_log_set_json(false);
}

START_TEST(json_says_the_same_and_knows_numbers)
{
    log_pairs_of_all_kinds("x\" \n\x1b\\\x7f\xc3\xa4\xf0\x9f\x98\x80\xff!");
    expect_within("{\"level\":\"info\",\"ts\":\"20", written());
    expect_within(
        "Z\",\"event\":\"json\",\"ms\":-251,\"name\":\"7\","
        "\"odd\":\"x\\\" \\u000a\\u001b\\\\\\u007f\\u00e4\\ud83d\\ude00"
        "\\ufffd!\","
        "\"no\":\"1e5\",\"long\":\"01\"}\n",
        written());
}
END_TEST

/* Wherever the line is full, it is cut so that it still reads. */
START_TEST(a_full_line_is_still_json)
{
    static char endless[MOOT_LOG_LINE_MAX + 1];

    moot_log_set_level(MOOT_LOG_TRACE);
    for (size_t len = MOOT_LOG_LINE_MAX - 300; len < MOOT_LOG_LINE_MAX; len++) {
        size_t before = strlen(written());
        json_t *line;

        memset(endless, len % 2 ? 'a' : '\xff', len);
        endless[len] = '\0';
        moot_log_set_json(true);
        moot_log(MOOT_LOG_DEBUG, "long", "a", endless, "#b",
                 moot_log_int(INT64_MIN).text, "c", "d", NULL);
        moot_log_set_json(false);
        line = json_loads(written() + before, JSON_REJECT_DUPLICATES, NULL);
        expect_turn(line != NULL, "a value of %zu bytes", len);
        json_decref(line);
    }
}
END_TEST

START_TEST(there_are_two_formats)
{
    bool json = false;

    expect(moot_log_format_parse("json", &json));
    expect(json);
    expect(!moot_log_format_parse("JSON", &json));
    expect(json);
    expect(moot_log_format_parse("logfmt", &json));
    expect(!json);
}
END_TEST

START_TEST(what_is_below_the_level_is_not_written)
{
    enum moot_log_level level = MOOT_LOG_ERROR;

    moot_log(MOOT_LOG_DEBUG, "quiet", NULL);
    expect_uint(lines(written()), 0);
    expect(moot_log_level_parse("trace", &level));
    expect_int(level, MOOT_LOG_TRACE);
    expect(!moot_log_level_parse("loud", &level));
    expect_int(level, MOOT_LOG_TRACE);
    moot_log_set_level(level);
    moot_log(MOOT_LOG_DEBUG, "quiet", NULL);
    expect_uint(lines(written()), 1);
}
END_TEST

/* MOOT_LOG_BURST at once, then MOOT_LOG_PER_SECOND; the rest is counted. */
START_TEST(a_flood_is_counted_and_other_events_are_not_lost_in_it)
{
    for (int i = 0; i < 3 * MOOT_LOG_BURST; i++)
        moot_log(MOOT_LOG_INFO, "flood", NULL);
    expect(lines(written()) >= MOOT_LOG_BURST);
    expect(lines(written()) <= MOOT_LOG_BURST + 2 * MOOT_LOG_PER_SECOND);
    moot_log(MOOT_LOG_INFO, "other", NULL);
    expect_within("event=other\n", written());

    /* The next one that may be written says how many were not. */
    int64_t end = clock_ms() + 5000;

    while (strstr(written(), "suppressed=") == NULL && clock_ms() < end)
        moot_log(MOOT_LOG_INFO, "flood", NULL);
    expect_within("event=flood suppressed=", written());
}
END_TEST

START_TEST(who_asks_for_debugging_gets_all_of_it)
{
    moot_log_set_level(MOOT_LOG_TRACE);
    for (int i = 0; i < 2 * MOOT_LOG_BURST; i++)
        moot_log(MOOT_LOG_TRACE, "step", NULL);
    expect_uint(lines(written()), 2 * MOOT_LOG_BURST);
}
END_TEST

START_TEST(more_kinds_of_events_than_classes_do_no_harm)
{
    static char names[2 * MOOT_LOG_CLASSES_MAX][32];

    for (int i = 0; i < 2 * MOOT_LOG_CLASSES_MAX; i++) {
        snprintf(names[i], sizeof names[i], "kind_%d", i);
        moot_log(MOOT_LOG_INFO, names[i], NULL);
    }
    expect_uint(lines(written()), 2 * MOOT_LOG_CLASSES_MAX);
}
END_TEST

static void *write_many(void *arg)
{
    for (int i = 0; i < 200; i++)
        moot_log(MOOT_LOG_TRACE, "many", "who", arg, NULL);
    return NULL;
}

START_TEST(threads_do_not_tear_each_others_lines)
{
    static char alice[] = "alice", bob[] = "bob";
    pthread_t a, b;
    unsigned whole = 0;

    moot_log_set_level(MOOT_LOG_TRACE);
    expect_int(pthread_create(&a, NULL, write_many, alice), 0);
    expect_int(pthread_create(&b, NULL, write_many, bob), 0);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    for (const char *l = written(); *l != '\0'; l = strchr(l, '\n') + 1) {
        const char *end = strchr(l, '\n');

        whole += strncmp(l, "level=trace", 11) == 0 &&
                 (strncmp(end - 9, "who=alice", 9) == 0 ||
                  strncmp(end - 7, "who=bob", 7) == 0);
    }
    expect_uint(whole, 400);
}
END_TEST

Suite *suite_loop_log(void)
{
    Suite *s = suite_create("loop/log");
    TCase *t = tcase_create("lines");

    tcase_add_checked_fixture(t, open_log, close_log);
    tcase_add_test(t, a_line_names_level_time_event_and_pairs);
    tcase_add_test(t, a_strangers_bytes_stay_inside_their_quotes);
    tcase_add_test(t, an_endless_value_makes_no_endless_line);
    tcase_add_test(t, json_says_the_same_and_knows_numbers);
    tcase_add_test(t, a_full_line_is_still_json);
    tcase_add_test(t, there_are_two_formats);
    tcase_add_test(t, what_is_below_the_level_is_not_written);
    tcase_add_test(t, a_flood_is_counted_and_other_events_are_not_lost_in_it);
    tcase_add_test(t, who_asks_for_debugging_gets_all_of_it);
    tcase_add_test(t, more_kinds_of_events_than_classes_do_no_harm);
    tcase_add_test(t, threads_do_not_tear_each_others_lines);
    suite_add_tcase(s, t);
    return s;
}
