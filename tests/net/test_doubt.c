/*
 * tests/net/test_doubt.c - wrong proofs are counted by address: some are put up
 * with, and then nobody there costs anything any more, for a while.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <arpa/inet.h>
#include <check.h>
#include <string.h>

#include "net/doubt_internal.h"
#include "words.h"

Suite *suite_net_doubt(void);

static struct moot_doubts doubts;

static void set_up(void)
{
    memset(&doubts, 0, sizeof doubts);
}

static union moot_sockaddr from(uint32_t host)
{
    union moot_sockaddr a;

    memset(&a, 0, sizeof a);
    a.v4.sin_family = AF_INET;
    a.v4.sin_addr.s_addr = htonl(0x0a000000 + host);
    return a;
}

static void wrong(uint32_t host, unsigned times, moot_ms now)
{
    union moot_sockaddr a = from(host);

    for (unsigned i = 0; i < times; i++)
        moot_doubt_wrong(&doubts, &a, now);
}

static void proven(uint32_t host, moot_ms now)
{
    union moot_sockaddr a = from(host);

    moot_doubt_proven(&doubts, &a, now);
}

static bool refuses(uint32_t host, moot_ms now)
{
    union moot_sockaddr a = from(host);

    return moot_doubt_refuses(&doubts, &a, now);
}

START_TEST(some_wrong_proofs_are_free_and_no_more)
{
    expect(!refuses(1, 1000));
    wrong(1, MOOT_WRONG_BURST - 1, 1000);
    expect(!refuses(1, 1000));
    wrong(1, 1, 1000);
    expect(refuses(1, 1000));
    expect(!refuses(2, 1000));
}
END_TEST

START_TEST(with_time_they_come_back_one_by_one)
{
    wrong(1, 1000, 1000);
    expect(refuses(1, 1999));
    expect(!refuses(1, 1000 + 2 * 1000 / MOOT_WRONG_PER_S));
    wrong(1, 1, 3000);
    expect(refuses(1, 3000));
    expect(!refuses(1, 4001));
}
END_TEST

START_TEST(where_a_member_is_more_is_put_up_with)
{
    proven(1, 1000);
    wrong(1, MOOT_WRONG_BURST * MOOT_WRONG_MEMBER_FACTOR - 1, 1000);
    expect(!refuses(1, 1000));
    wrong(1, 1, 1000);
    expect(refuses(1, 1000));
    expect(!refuses(1, 1100));
}
END_TEST

START_TEST(a_member_of_long_ago_counts_no_more)
{
    proven(1, 1000);
    wrong(1, MOOT_WRONG_BURST, 1000 + MOOT_WRONG_MEMBER_MS);
    expect(refuses(1, 1000 + MOOT_WRONG_MEMBER_MS));
}
END_TEST

START_TEST(a_full_table_forgets_whoever_spent_least_and_members_last)
{
    wrong(1, 10, 1000);
    proven(2, 1000);
    for (uint32_t i = 3; i <= MOOT_DOUBTED_MAX; i++)
        wrong(i, i == 7 ? 3 : MOOT_WRONG_BURST, 1000);
    expect_uint(doubts.count, MOOT_DOUBTED_MAX);
    wrong(5000, 1, 1000);
    expect_uint(doubts.count, MOOT_DOUBTED_MAX);
    wrong(7, MOOT_WRONG_BURST - 3, 1000);
    expect(!refuses(7, 1000)); /* it was the one that went */
    wrong(1, MOOT_WRONG_BURST - 10, 1000);
    expect(refuses(1, 1000));
    wrong(2, MOOT_WRONG_BURST, 1000);
    expect(!refuses(2, 1000));
}
END_TEST

Suite *suite_net_doubt(void)
{
    Suite *s = suite_create("net/doubt");
    TCase *t = tcase_create("doubt");

    tcase_add_checked_fixture(t, set_up, NULL);
    tcase_add_test(t, some_wrong_proofs_are_free_and_no_more);
    tcase_add_test(t, with_time_they_come_back_one_by_one);
    tcase_add_test(t, where_a_member_is_more_is_put_up_with);
    tcase_add_test(t, a_member_of_long_ago_counts_no_more);
    tcase_add_test(t,
                   a_full_table_forgets_whoever_spent_least_and_members_last);
    suite_add_tcase(s, t);
    return s;
}
