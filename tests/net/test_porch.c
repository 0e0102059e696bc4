/*
 * tests/net/test_porch.c - who makes room for whom, and what counts as one
 * address.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "net/porch_internal.h"
#include "words.h"

Suite *suite_net_porch(void);

static struct moot_porch porch;
static struct moot_visitor visitors[16];

static void set_up(void)
{
    memset(&porch, 0, sizeof porch);
    memset(visitors, 0, sizeof visitors);
    porch.max = 6;
    porch.share_from = 3;
    porch.share = 2;
}

static void tear_down(void)
{
    for (unsigned i = 0; i < sizeof visitors / sizeof visitors[0]; i++)
        moot_porch_leave(&porch, &visitors[i]);
    expect(porch.kins == NULL);
    expect(porch.all.oldest == NULL && porch.all.newest == NULL);
}

static union moot_sockaddr from(const char *host)
{
    union moot_sockaddr a;

    memset(&a, 0, sizeof a);
    if (inet_pton(AF_INET, host, &a.v4.sin_addr) == 1) {
        a.v4.sin_family = AF_INET;
    } else {
        expect_int(inet_pton(AF_INET6, host, &a.v6.sin6_addr), 1);
        a.v6.sin6_family = AF_INET6;
    }
    return a;
}

static void join(unsigned n, const char *host)
{
    union moot_sockaddr a = from(host);

    moot_porch_join(&porch, &visitors[n], &a);
}

/* Whose turn it is to go when one comes from there; -1: nobody's. */
static int victim(const char *host)
{
    union moot_sockaddr a = from(host);
    const struct moot_visitor *v = moot_porch_victim(&porch, &a);

    return v == NULL ? -1 : (int)(v - visitors);
}

START_TEST(nobody_is_counted_while_there_is_room)
{
    join(0, "10.0.0.1");
    join(1, "10.0.0.1");
    expect_int(victim("10.0.0.1"), -1);
    join(2, "10.0.0.1");
    expect_int(victim("10.0.0.2"), -1);
    expect_int(victim("10.0.0.1"), 0);
}
END_TEST

START_TEST(progress_saves_and_the_oldest_without_it_goes)
{
    for (unsigned i = 0; i < 4; i++)
        join(i, "10.0.0.1");
    moot_porch_touch(&porch, &visitors[0]);
    expect_int(victim("10.0.0.1"), 1);
    moot_porch_leave(&porch, &visitors[1]);
    moot_porch_leave(&porch, &visitors[1]);
    expect_uint(porch.all.count, 3);
    expect_int(victim("10.0.0.1"), 2);
    moot_porch_touch(&porch, &visitors[1]); /* has left: stays away */
    expect_uint(porch.all.count, 3);
}
END_TEST

START_TEST(when_all_places_are_taken_the_oldest_of_all_goes)
{
    join(0, "10.0.0.1");
    join(1, "10.0.0.2");
    join(2, "10.0.0.3");
    join(3, "10.0.0.4");
    join(4, "10.0.0.5");
    expect_int(victim("10.0.0.9"), -1);
    join(5, "10.0.0.6");
    expect_int(victim("10.0.0.9"), 0);
    join(6, "10.0.0.6");
    expect_int(victim("10.0.0.6"), 5); /* it has its share: one of its own */
}
END_TEST

START_TEST(progress_counts_among_those_of_one_address_as_well)
{
    for (unsigned i = 0; i < 3; i++)
        join(i, "10.0.0.1");
    join(3, "10.0.0.2");
    moot_porch_touch(&porch, &visitors[0]);
    moot_porch_touch(&porch, &visitors[1]);
    expect_int(victim("10.0.0.1"), 2);
    moot_porch_leave(&porch, &visitors[2]);
    expect_int(victim("10.0.0.1"), 0);
    moot_porch_leave(&porch, &visitors[1]);
    moot_porch_leave(&porch, &visitors[0]);
    join(4, "10.0.0.3");
    join(5, "10.0.0.4");
    expect_int(victim("10.0.0.1"), -1);
}
END_TEST

/* Whoever has one IPv6 address has a network of them. */
START_TEST(an_ipv6_network_is_one_address)
{
    join(0, "2001:db8:1:2::1");
    join(1, "2001:db8:1:2:ffff::2");
    join(2, "2001:db8:1:3::1");
    expect_int(victim("2001:db8:1:2::77"), 0);
    expect_int(victim("2001:db8:1:3::1"), -1);
}
END_TEST

START_TEST(ipv4_is_one_address_in_either_clothes)
{
    join(0, "::ffff:10.0.0.1");
    join(1, "10.0.0.1");
    join(2, "::ffff:10.0.0.2");
    expect_int(victim("10.0.0.1"), 0);
    expect_int(victim("10.0.0.2"), -1);
}
END_TEST

START_TEST(addresses_are_shown_as_people_write_them)
{
    static const char *const pairs[][2] = {{"10.0.0.1", "10.0.0.1"},
                                           {"::ffff:10.0.0.1", "10.0.0.1"},
                                           {"2001:db8:0::1", "2001:db8::1"}};

    for (unsigned i = 0; i < 3; i++) {
        union moot_sockaddr a = from(pairs[i][0]);
        struct moot_addr addr;

        a.v4.sin_port = htons(4711);
        moot_sockaddr_addr(&a, &addr);
        expect_text(addr.host, pairs[i][1]);
        expect_uint(addr.port, 4711);
    }
}
END_TEST

START_TEST(the_systems_errors_have_our_names)
{
    static const int pairs[][2] = {
        {ECONNREFUSED, MOOT_EREFUSED}, {ECONNRESET, MOOT_ERESET},
        {EPIPE, MOOT_ERESET},          {ETIMEDOUT, MOOT_ETIMEOUT},
        {EHOSTUNREACH, MOOT_EUNREACH}, {ENETUNREACH, MOOT_EUNREACH},
        {EADDRINUSE, MOOT_EBUSY},      {EMFILE, MOOT_ESYS}};

    for (unsigned i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        expect_int(moot_socket_error(pairs[i][0]), pairs[i][1]);
}
END_TEST

Suite *suite_net_porch(void)
{
    Suite *s = suite_create("net/porch");
    TCase *t = tcase_create("visitors");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, nobody_is_counted_while_there_is_room);
    tcase_add_test(t, progress_saves_and_the_oldest_without_it_goes);
    tcase_add_test(t, when_all_places_are_taken_the_oldest_of_all_goes);
    tcase_add_test(t, progress_counts_among_those_of_one_address_as_well);
    tcase_add_test(t, an_ipv6_network_is_one_address);
    tcase_add_test(t, ipv4_is_one_address_in_either_clothes);
    tcase_add_test(t, addresses_are_shown_as_people_write_them);
    tcase_add_test(t, the_systems_errors_have_our_names);
    suite_add_tcase(s, t);
    return s;
}
