/*
 * tests/app/test_start.c - what is there before the first event.
 *
 * What is said when something cannot be had is for tests/system/.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <sys/resource.h>

#include "app/start.h"
#include "base/limits.h"
#include "words.h"

Suite *suite_app_start(void);

static struct rlimit before;
static struct moot_start start;

static void setup(void)
{
    getrlimit(RLIMIT_NOFILE, &before);
}

static void teardown(void)
{
    moot_start_fini(&start);
    setrlimit(RLIMIT_NOFILE, &before);
}

/* How many files may be open after a start at which it were so many. */
static rlim_t files_from(rlim_t at_first, unsigned guests)
{
    const struct moot_options o = {
        .group = "lobby", .temp = true, .b_connections = guests};
    struct rlimit limit = before;

    limit.rlim_cur = at_first;
    expect_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
    expect_int(moot_start_init(&start, &o), MOOT_EXIT_LEFT);
    getrlimit(RLIMIT_NOFILE, &limit);
    expect(limit.rlim_max == before.rlim_max);
    moot_start_fini(&start);
    return limit.rlim_cur;
}

/* MOOT_FDS_WANTED: every link, every stranger and every dial has a socket. */
START_TEST(as_many_files_may_be_open_as_the_links_need)
{
    expect(before.rlim_max > MOOT_FDS_WANTED); /* or this cannot be tested */
    expect_uint(files_from(64, MOOT_EARLY_MAX), MOOT_FDS_WANTED);
    expect_uint(files_from(MOOT_FDS_WANTED - 1, MOOT_EARLY_MAX),
                MOOT_FDS_WANTED);
    expect_uint(files_from(MOOT_FDS_WANTED + 1, MOOT_EARLY_MAX),
                MOOT_FDS_WANTED + 1);
    expect_uint(files_from(64, MOOT_EARLY_MAX + 1000), MOOT_FDS_WANTED + 1000);
    expect(MOOT_FDS_WANTED >=
           2 * MOOT_LINKS_MAX + 2 * MOOT_EARLY_MAX + MOOT_WORKERS_MAX);
}
END_TEST

Suite *suite_app_start(void)
{
    Suite *s = suite_create("app/start");
    TCase *t = tcase_create("start");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, as_many_files_may_be_open_as_the_links_need);
    suite_add_tcase(s, t);
    return s;
}
