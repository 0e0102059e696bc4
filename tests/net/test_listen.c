/*
 * tests/net/test_listen.c - listening sockets and our own addresses.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "net/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "words.h"

Suite *suite_net_listen(void);

static bool reaches(int family, const char *host, uint16_t port)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                              .sin6_port = htons(port)};
    int rc;

    inet_pton(AF_INET, host, &v4.sin_addr);
    inet_pton(AF_INET6, host, &v6.sin6_addr);
    rc = family == AF_INET ? connect(fd, (struct sockaddr *)&v4, sizeof v4)
                           : connect(fd, (struct sockaddr *)&v6, sizeof v6);
    close(fd);
    return rc == 0;
}

START_TEST(a_socket_of_all_addresses_is_reached_by_both_families)
{
    uint16_t port = 0;
    int fd;

    expect_ok(moot_listen(NULL, 0, &fd, &port));
    expect(port != 0);
    expect(reaches(AF_INET, "127.0.0.1", port));
    expect(reaches(AF_INET6, "::1", port));
    close(fd);
}
END_TEST

START_TEST(a_socket_of_one_address_is_reached_there_only)
{
    uint16_t port = 0;
    int fd;

    expect_ok(moot_listen("127.0.0.2", 0, &fd, &port));
    expect(reaches(AF_INET, "127.0.0.2", port));
    expect(!reaches(AF_INET, "127.0.0.1", port));
    close(fd);
    expect_ok(moot_listen("localhost", 0, &fd, &port));
    close(fd);
}
END_TEST

START_TEST(a_port_in_use_is_busy_and_its_holder_is_named)
{
    char holder[128], pid[32];
    uint16_t port = 0, got = 7;
    int fd, second = 7;

    expect_ok(moot_listen(NULL, 0, &fd, &port));
    expect_error(moot_listen(NULL, port, &second, &got), MOOT_EBUSY);
    expect_error(moot_listen("127.0.0.1", port, &second, &got), MOOT_EBUSY);
    expect_int(second, 7);
    expect_uint(got, 7);
    moot_listen_holder(port, holder, sizeof holder);
    snprintf(pid, sizeof pid, "(pid %d)", (int)getpid());
    expect_within(pid, holder);
    close(fd);

    /* Nobody holds it any more. */
    moot_listen_holder(port, holder, sizeof holder);
    expect_text(holder, "");
    expect_ok(moot_listen(NULL, port, &fd, &port));
    close(fd);
}
END_TEST

START_TEST(what_is_not_ours_cannot_be_listened_on)
{
    uint16_t port;
    int fd;
    char label[80];

    expect_error(moot_listen("192.0.2.1", 0, &fd, &port), MOOT_EUNREACH);
    /* No name has a part as long as this, so nobody has to be asked. */
    memset(label, 'a', sizeof label);
    label[sizeof label - 1] = '\0';
    expect_error(moot_listen(label, 0, &fd, &port), MOOT_ENAME);
}
END_TEST

START_TEST(addresses_are_ones_that_others_can_dial)
{
    struct moot_addr addrs[16];
    unsigned count = moot_listen_addrs(4711, addrs, 16);

    expect(count <= 16);
    for (unsigned i = 0; i < count; i++) {
        expect_uint(addrs[i].port, 4711);
        expect(moot_addr_literal(&addrs[i]));
        expect(!moot_addr_loopback(&addrs[i]));
        expect(!moot_addr_wildcard(&addrs[i]));
        expect(strncmp(addrs[i].host, "fe80", 4) != 0);
    }
    expect_uint(moot_listen_addrs(1, addrs, 0), 0);
}
END_TEST

Suite *suite_net_listen(void)
{
    Suite *s = suite_create("net/listen");
    TCase *t = tcase_create("sockets");

    tcase_add_test(t, a_socket_of_all_addresses_is_reached_by_both_families);
    tcase_add_test(t, a_socket_of_one_address_is_reached_there_only);
    tcase_add_test(t, a_port_in_use_is_busy_and_its_holder_is_named);
    tcase_add_test(t, what_is_not_ours_cannot_be_listened_on);
    tcase_add_test(t, addresses_are_ones_that_others_can_dial);
    suite_add_tcase(s, t);
    return s;
}
