/*
 * tests/net/test_dial_order.c - a family that leads nowhere costs one pause.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "net/dial_internal.h"
#include "words.h"

Suite *suite_net_dial_order(void);

/* "4646" becomes addresses, numbered by their ports; which family began each
 * and their numbers come back as "6:1 4:0 ...". */
static const char *order_of(const char *families, sa_family_t last)
{
    static char text[128];
    union moot_sockaddr at[16];
    unsigned n = (unsigned)strlen(families);

    memset(at, 0, sizeof at);
    for (unsigned i = 0; i < n; i++) {
        at[i].any.sa_family = families[i] == '6' ? AF_INET6 : AF_INET;
        at[i].v4.sin_port = htons((uint16_t)i);
    }
    moot_dial_interleave(at, n, last);
    text[0] = '\0';
    for (unsigned i = 0; i < n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%c:%u",
                 i > 0 ? " " : "", at[i].any.sa_family == AF_INET6 ? '6' : '4',
                 ntohs(at[i].v4.sin_port));
    return text;
}

START_TEST(the_families_take_turns_and_ipv6_begins)
{
    expect_text(order_of("446", AF_UNSPEC), "6:2 4:0 4:1");
    expect_text(order_of("4466", AF_UNSPEC), "6:2 4:0 6:3 4:1");
    expect_text(order_of("666644", AF_UNSPEC), "6:0 4:4 6:1 4:5 6:2 6:3");
}
END_TEST

START_TEST(within_a_family_the_best_stays_first)
{
    expect_text(order_of("464646", AF_UNSPEC), "6:1 4:0 6:3 4:2 6:5 4:4");
}
END_TEST

START_TEST(one_family_stays_as_it_is)
{
    expect_text(order_of("444", AF_UNSPEC), "4:0 4:1 4:2");
    expect_text(order_of("66", AF_UNSPEC), "6:0 6:1");
    expect_text(order_of("", AF_UNSPEC), "");
}
END_TEST

START_TEST(what_was_tried_last_is_not_tried_next)
{
    expect_text(order_of("66", AF_INET6), "6:0 6:1");
    expect_text(order_of("664", AF_INET6), "4:2 6:0 6:1");
    expect_text(order_of("46", AF_INET), "6:1 4:0");
}
END_TEST

Suite *suite_net_dial_order(void)
{
    Suite *s = suite_create("net/dial_order");
    TCase *t = tcase_create("order");

    tcase_add_test(t, the_families_take_turns_and_ipv6_begins);
    tcase_add_test(t, within_a_family_the_best_stays_first);
    tcase_add_test(t, one_family_stays_as_it_is);
    tcase_add_test(t, what_was_tried_last_is_not_tried_next);
    suite_add_tcase(s, t);
    return s;
}
