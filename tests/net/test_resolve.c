/*
 * tests/net/test_resolve.c - names and numbers become addresses.
 *
 * Only names that need no server are asked for.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <arpa/inet.h>
#include <string.h>

#include "net/resolve_internal.h"
#include "words.h"

static unsigned resolved(const char *host, union moot_sockaddr *out)
{
    struct moot_addr a = {.port = 4711};

    strncpy(a.host, host, sizeof a.host - 1);
    return moot_resolve(&a, out, MOOT_RESOLVED_MAX);
}

static bool is_loopback(const union moot_sockaddr *addr)
{
    if (addr->any.sa_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&addr->v6.sin6_addr) &&
               addr->v6.sin6_port == htons(4711);
    return addr->v4.sin_addr.s_addr == htonl(INADDR_LOOPBACK) &&
           addr->v4.sin_port == htons(4711);
}

static void expect_loopback(const char *host)
{
    union moot_sockaddr found[MOOT_RESOLVED_MAX];
    unsigned count = resolved(host, found);

    ck_assert_msg(count >= 1, "%s does not resolve", host);
    for (unsigned i = 0; i < count; i++)
        ck_assert_msg(is_loopback(&found[i]), "%s is more than that", host);
}

START_TEST(localhost_is_the_loopback_however_it_is_written)
{
    expect_loopback("localhost");
    expect_loopback("LocalHost");
    expect_loopback("localhost.");
}
END_TEST

START_TEST(a_number_stands_for_itself)
{
    union moot_sockaddr found[MOOT_RESOLVED_MAX];

    expect_loopback("127.0.0.1");
    expect_loopback("::1");
    expect_uint(resolved("192.0.2.7", found), 1);
}
END_TEST

/* Whose link it is on is not known: each has a number. */
START_TEST(a_link_local_address_may_be_on_every_link)
{
    union moot_sockaddr found[MOOT_RESOLVED_MAX];
    unsigned count = resolved("fe80::1234", found);

    for (unsigned i = 0; i < count; i++) {
        expect_int(found[i].any.sa_family, AF_INET6);
        expect(found[i].v6.sin6_scope_id != 0);
        expect_uint(ntohs(found[i].v6.sin6_port), 4711);
        for (unsigned k = 0; k < i; k++)
            expect(found[i].v6.sin6_scope_id != found[k].v6.sin6_scope_id);
    }
}
END_TEST

Suite *suite_net_resolve(void);

Suite *suite_net_resolve(void)
{
    Suite *s = suite_create("net/resolve");
    TCase *t = tcase_create("resolve");

    tcase_add_test(t, localhost_is_the_loopback_however_it_is_written);
    tcase_add_test(t, a_number_stands_for_itself);
    tcase_add_test(t, a_link_local_address_may_be_on_every_link);
    suite_add_tcase(s, t);
    return s;
}
