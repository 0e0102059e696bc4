/*
 * tests/node/test_observe.c - a peer learns from two others where the world
 * sees it, and says so in its record.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "node_words.h"

Suite *suite_node_observe(void);

static struct stage st;

static void setup(void)
{
    stage_begin(&st);
}

static void teardown(void)
{
    stage_end(&st);
}

/* who links, and sees us at that host. */
static void sees_us(moot_link link, char who, const char *host)
{
    struct moot_welcome *w;

    open_link(&st, link, who, 0);
    say_hello(&st, link);
    w = draft_welcome(&st, link);
    snprintf(w->seen, sizeof w->seen, "%s", host);
    hand_in(&st, link);
}

static const struct moot_record *own(void)
{
    return &moot_group_member(st.n->group, cast_id('M'))->record;
}

static bool advertised(const char *host)
{
    for (unsigned i = 0; i < own()->addr_count; i++)
        if (strcmp(own()->addrs[i].host, host) == 0)
            return own()->addrs[i].port == st.n->port;
    return false;
}

START_TEST(what_two_members_see_is_advertised)
{
    uint64_t serial = own()->serial;

    sees_us(2, 'B', "198.51.100.7");
    expect(!advertised("198.51.100.7"));
    forget_done(&st);
    sees_us(3, 'C', "198.51.100.7");
    expect(advertised("198.51.100.7"));
    expect(moot_record_verify(own()));
    expect(own()->serial > serial);
}
END_TEST

START_TEST(what_one_member_sees_twice_is_not)
{
    sees_us(2, 'B', "198.51.100.7");
    close_link(&st, 2, MOOT_ECLOSED);
    sees_us(3, 'B', "198.51.100.7");
    sees_us(4, 'B', "198.51.100.7");
    expect(!advertised("198.51.100.7"));
}
END_TEST

START_TEST(what_two_members_see_differently_is_not)
{
    sees_us(2, 'B', "198.51.100.7");
    sees_us(3, 'C', "198.51.100.8");
    expect(!advertised("198.51.100.7"));
    expect(!advertised("198.51.100.8"));
}
END_TEST

/* Everybody behind the same router sees such a one. */
START_TEST(a_private_address_is_not)
{
    static const char *const hosts[] = {
        "10.1.1.1",    "172.20.1.1", "192.168.1.1", "127.0.0.1",
        "169.254.1.1", "100.64.1.1", "fd00::1",     "fe80::1",
        "::1",         "0.0.0.0",    "224.0.0.1",   "ff02::1"};

    for (unsigned i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        sees_us(2, 'B', hosts[i]);
        sees_us(3, 'C', hosts[i]);
        expect(!advertised(hosts[i]));
        close_link(&st, 2, MOOT_ECLOSED);
        close_link(&st, 3, MOOT_ECLOSED);
    }
}
END_TEST

START_TEST(the_newest_of_each_family_is_kept)
{
    sees_us(2, 'B', "198.51.100.7");
    sees_us(3, 'C', "198.51.100.7");
    sees_us(4, 'D', "2001:db8::7");
    sees_us(5, 'E', "2001:db8::7");
    sees_us(6, 'F', "198.51.100.9");
    expect(advertised("198.51.100.7"));
    sees_us(7, 'G', "198.51.100.9");
    expect(!advertised("198.51.100.7"));
    expect(advertised("198.51.100.9"));
    expect(advertised("2001:db8::7"));
    expect(own()->addr_count <= MOOT_RECORD_ADDRS_MAX);
}
END_TEST

START_TEST(what_was_known_is_not_said_again)
{
    uint64_t serial;

    sees_us(2, 'B', "198.51.100.7");
    sees_us(3, 'C', "198.51.100.7");
    serial = own()->serial;
    sees_us(4, 'D', "198.51.100.7");
    expect_uint(own()->serial, serial);
}
END_TEST

/* --advertise: then the record has no port of its own. */
START_TEST(where_the_user_says_we_are_nothing_is_added)
{
    st.n->self.port = 0;
    sees_us(2, 'B', "198.51.100.7");
    sees_us(3, 'C', "198.51.100.7");
    expect(!advertised("198.51.100.7"));
}
END_TEST

Suite *suite_node_observe(void)
{
    Suite *s = suite_create("node/observe");
    TCase *t = tcase_create("observed");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, what_two_members_see_is_advertised);
    tcase_add_test(t, what_one_member_sees_twice_is_not);
    tcase_add_test(t, what_two_members_see_differently_is_not);
    tcase_add_test(t, a_private_address_is_not);
    tcase_add_test(t, the_newest_of_each_family_is_kept);
    tcase_add_test(t, what_was_known_is_not_said_again);
    tcase_add_test(t, where_the_user_says_we_are_nothing_is_added);
    suite_add_tcase(s, t);
    return s;
}
