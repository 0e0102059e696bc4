/*
 * tests/net/test_dns_records.c - what records of the DNS mean, and in which
 * order they are used.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/dns_internal.h"
#include "wire/invite.h"
#include "words.h"

Suite *suite_net_dns_records(void);

static struct dns_doors doors;
static struct moot_rng rng;

static void set_up(void)
{
    const uint8_t seed[32] = {7};

    memset(&doors, 0, sizeof doors);
    moot_rng_init(&rng, seed);
}

static void txt(const char *text)
{
    moot_dns_add_txt(&doors, moot_bytes_text(text));
}

static const char *listed(void)
{
    static char text[2048];
    char addr[MOOT_ADDR_TEXT_MAX];

    text[0] = '\0';
    for (unsigned i = 0; i < doors.count; i++) {
        moot_addr_format(&doors.at[i].addr, addr);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s",
                 i > 0 ? " " : "", addr);
    }
    return text;
}

START_TEST(the_lowest_priority_goes_first)
{
    moot_dns_add_srv(&doors, "c.example", 3, 30, 0);
    moot_dns_add_srv(&doors, "a.example", 1, 10, 0);
    txt("moot=t.example:9");
    moot_dns_add_srv(&doors, "b.example", 2, 20, 65535);
    moot_dns_sort(&doors, &rng);
    expect_text(listed(), "a.example:1 b.example:2 c.example:3 t.example:9");
}
END_TEST

/* How often of 1000 times the first of two is a? */
static unsigned first_of(uint16_t weight_a, uint16_t weight_b)
{
    unsigned n = 0;

    for (unsigned i = 0; i < 1000; i++) {
        memset(&doors, 0, sizeof doors);
        moot_dns_add_srv(&doors, "b", 1, 5, weight_b);
        moot_dns_add_srv(&doors, "a", 1, 5, weight_a);
        moot_dns_sort(&doors, &rng);
        n += strcmp(doors.at[0].addr.host, "a") == 0;
    }
    return n;
}

START_TEST(within_a_priority_weight_is_chance)
{
    unsigned n = first_of(30, 10);

    ck_assert_msg(n > 650 && n < 850, "%u of 1000", n);
    n = first_of(1, 65535);
    expect(n < 20);
    /* None at all is little chance, but some (RFC 2782). */
    n = first_of(0, 9);
    ck_assert_msg(n > 20 && n < 250, "%u of 1000", n);
}
END_TEST

START_TEST(nobody_is_lost_or_doubled_by_the_order)
{
    for (unsigned turn = 0; turn < 50; turn++) {
        uint32_t seen = 0;

        memset(&doors, 0, sizeof doors);
        for (uint16_t i = 0; i < MOOT_DNS_DOORS_MAX; i++)
            moot_dns_add_srv(&doors, "x", (uint16_t)(i + 1), i % 3,
                             (uint16_t)(i * 7 % 5));
        moot_dns_sort(&doors, &rng);
        for (unsigned i = 0; i < doors.count; i++) {
            seen |= UINT32_C(1) << doors.at[i].addr.port;
            expect(i == 0 || doors.at[i - 1].priority <= doors.at[i].priority);
        }
        expect_uint(seen, (UINT32_C(1) << (MOOT_DNS_DOORS_MAX + 1)) - 2);
    }
}
END_TEST

START_TEST(a_service_that_is_not_there_says_so_with_a_dot)
{
    moot_dns_add_srv(&doors, ".", 0, 0, 0);
    moot_dns_add_srv(&doors, "", 0, 0, 0);
    expect_uint(doors.count, 0);
    moot_dns_add_srv(&doors, "A.Example.", 8080, 0, 0);
    expect_text(listed(), "a.example:8080");
}
END_TEST

START_TEST(what_is_no_address_is_left_out)
{
    moot_dns_add_srv(&doors, "a.example", 0, 0, 0);
    moot_dns_add_srv(&doors, "-a.example", 1, 0, 0);
    moot_dns_add_srv(&doors, "a b", 1, 0, 0);
    moot_dns_add_srv(&doors, "127.1", 1, 0, 0);
    moot_dns_add_srv(&doors, "0.0.0.0", 1, 0, 0);
    txt("moot=");
    txt("moot=a.example");
    txt("moot=a.example:0");
    txt("moot=[::]:80");
    txt("moot=a.example:80 and more");
    txt("Moot=a.example:80");
    txt("v=spf1 -all");
    txt("");
    expect_uint(doors.count, 0);
}
END_TEST

START_TEST(a_text_names_an_address)
{
    txt("moot=chat.example.org:8080");
    txt("moot=[2001:db8::7]:1");
    txt("moot=chat.example.org:8080");
    expect_text(listed(), "chat.example.org:8080 [2001:db8::7]:1");
}
END_TEST

static void make_invite(bool closed, char out[MOOT_INVITE_TEXT_MAX])
{
    struct moot_invite i = {.closed = closed};
    struct moot_id inviter = id_of(5);
    struct moot_addr a;

    moot_addr_set(&a, "one.example", 1);
    moot_invite_add_door(&i, &a);
    moot_addr_set(&a, "two.example", 2);
    moot_invite_add_door(&i, &a);
    moot_invite_add_pin(&i, &inviter);
    memset(i.group, 6, sizeof i.group);
    moot_invite_encode(&i, out);
}

START_TEST(an_invitation_pins_who_may_answer)
{
    char text[MOOT_INVITE_TEXT_MAX];

    make_invite(false, text);
    txt(text);
    expect_text(listed(), "one.example:1 two.example:2");
    expect_uint(doors.at[1].pins.count, 1);
    expect_uint(doors.at[1].pins.id[0][15], 5);
    expect(doors.at[1].pins.has_group);
    expect_uint(doors.at[1].pins.group[0], 6);
}
END_TEST

START_TEST(a_secret_for_all_the_world_is_not_used)
{
    char text[MOOT_INVITE_TEXT_MAX];

    make_invite(true, text);
    txt(text);
    expect_uint(doors.count, 0);
}
END_TEST

START_TEST(the_best_stay_when_there_are_too_many)
{
    for (uint16_t i = 0; i < 3 * MOOT_DNS_DOORS_MAX; i++)
        moot_dns_add_srv(&doors, "x", (uint16_t)(i + 1), (uint16_t)(100 - i),
                         0);
    moot_dns_sort(&doors, &rng);
    expect_uint(doors.count, MOOT_DNS_DOORS_MAX);
    expect_uint(doors.at[0].addr.port, 3 * MOOT_DNS_DOORS_MAX);
    expect_uint(doors.at[MOOT_DNS_DOORS_MAX - 1].addr.port,
                2 * MOOT_DNS_DOORS_MAX + 1);
}
END_TEST

Suite *suite_net_dns_records(void)
{
    Suite *s = suite_create("net/dns_records");
    TCase *t = tcase_create("records");

    tcase_add_checked_fixture(t, set_up, NULL);
    tcase_add_test(t, the_lowest_priority_goes_first);
    tcase_add_test(t, within_a_priority_weight_is_chance);
    tcase_add_test(t, nobody_is_lost_or_doubled_by_the_order);
    tcase_add_test(t, a_service_that_is_not_there_says_so_with_a_dot);
    tcase_add_test(t, what_is_no_address_is_left_out);
    tcase_add_test(t, a_text_names_an_address);
    tcase_add_test(t, an_invitation_pins_who_may_answer);
    tcase_add_test(t, a_secret_for_all_the_world_is_not_used);
    tcase_add_test(t, the_best_stay_when_there_are_too_many);
    suite_add_tcase(s, t);
    return s;
}
