/*
 * tests/net/test_lan.c - which interfaces are a local network, who is listened
 * to there, and beacons on a real one: the loopback.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "net/lan.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/lan_internal.h"
#include "net/listen.h"
#include "net/world.h"

Suite *suite_net_lan(void);

/* --- which interfaces --- */

/* A list of interfaces, from "eth0 192.168.1.2", "lo 127.0.0.1", "tun0 ...":
 * lo is the loopback, tun cannot do multicast, what begins with "no" is
 * down. */
static struct interfaces {
    struct ifaddrs at[16];
    char names[16][16];
    union moot_sockaddr addrs[16];
    unsigned count;
} list;

static union moot_sockaddr sockaddr_of(const char *text)
{
    union moot_sockaddr a;

    memset(&a, 0, sizeof a);
    if (inet_pton(AF_INET, text, &a.v4.sin_addr) == 1) {
        a.any.sa_family = AF_INET;
        return a;
    }
    expect_int(inet_pton(AF_INET6, text, &a.v6.sin6_addr), 1);
    a.any.sa_family = AF_INET6;
    return a;
}

static void add(const char *text)
{
    unsigned i = list.count++;
    struct ifaddrs *one = &list.at[i];
    char host[64];

    memset(one, 0, sizeof *one);
    expect_int(sscanf(text, "%15s %63s", list.names[i], host), 2);
    list.addrs[i] = sockaddr_of(host);
    one->ifa_name = list.names[i];
    one->ifa_addr = &list.addrs[i].any;
    one->ifa_flags = IFF_UP | IFF_MULTICAST;
    if (strncmp(text, "lo", 2) == 0)
        one->ifa_flags = IFF_UP | IFF_LOOPBACK;
    else if (strncmp(text, "tun", 3) == 0)
        one->ifa_flags = IFF_UP;
    else if (strncmp(text, "no", 2) == 0)
        one->ifa_flags = IFF_MULTICAST;
    if (i > 0)
        list.at[i - 1].ifa_next = one;
}

static void put_net(const struct lan_net *n, struct moot_buf *out)
{
    char text[INET6_ADDRSTRLEN];

    moot_buf_printf(out, "%s", n->name);
    if (n->v4)
        moot_buf_printf(out, " %s",
                        inet_ntop(AF_INET, &n->from4, text, sizeof text));
    if (n->v6)
        moot_buf_printf(out, " %s",
                        inet_ntop(AF_INET6, &n->from6, text, sizeof text));
    moot_buf_printf(out, "\n");
}

/* What is chosen of the list; forgets it. */
static void expect_chosen(enum moot_lan_where where, const char *bound,
                          const char *want)
{
    struct lan_rules rules = {.where = where, .bound = sockaddr_of(bound)};
    struct lan_net nets[8];
    struct moot_buf text = {0};
    unsigned n =
        moot_lan_choose(list.count > 0 ? list.at : NULL, &rules, nets, 8);

    moot_buf_printf(&text, "%s", "");
    for (unsigned i = 0; i < n; i++)
        put_net(&nets[i], &text);
    expect_text(moot_buf_text(&text), want);
    moot_buf_fini(&text);
}

static void set_up_list(void)
{
    memset(&list, 0, sizeof list);
}

START_TEST(a_private_address_makes_an_interface_local)
{
    static const char *const hosts[] = {"10.1.2.3",    "172.16.0.1",
                                        "172.31.9.9",  "192.168.7.7",
                                        "169.254.3.4", "fd00::5"};

    for (unsigned i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        char line[64], want[64];

        set_up_list();
        snprintf(line, sizeof line, "eth0 %s", hosts[i]);
        snprintf(want, sizeof want, "eth0 %s\n", hosts[i]);
        add(line);
        expect_chosen(MOOT_LAN_PRIVATE, "::", want);
    }
}
END_TEST

START_TEST(a_public_address_does_not)
{
    add("eth0 192.0.2.7");
    add("eth1 172.32.0.1");
    add("eth2 100.64.0.1");
    add("eth3 2001:db8::7");
    expect_chosen(MOOT_LAN_PRIVATE, "::", "");
    expect_chosen(MOOT_LAN_ALL, "::",
                  "eth0 192.0.2.7\neth1 172.32.0.1\neth2 100.64.0.1\n"
                  "eth3 2001:db8::7\n");
}
END_TEST

/* Every interface has a link-local one, also those that face the Internet. */
START_TEST(a_link_local_address_counts_when_it_is_alone)
{
    add("eth0 192.0.2.7");
    add("eth0 fe80::1");
    add("eth1 fe80::2");
    add("eth2 10.0.0.2");
    add("eth2 fe80::3");
    expect_chosen(MOOT_LAN_PRIVATE,
                  "::", "eth1 fe80::2\neth2 10.0.0.2 fe80::3\n");
}
END_TEST

START_TEST(beacons_come_from_what_can_be_dialled_from_everywhere_there)
{
    add("eth0 fe80::1");
    add("eth0 2001:db8::1");
    add("eth0 fd00::1");
    add("eth0 192.0.2.1");
    add("eth0 10.0.0.1");
    add("eth0 10.0.0.2");
    expect_chosen(MOOT_LAN_PRIVATE, "::", "eth0 10.0.0.1 fd00::1\n");
}
END_TEST

START_TEST(loopback_tunnels_and_what_is_down_are_left_out)
{
    add("lo 127.0.0.1");
    add("lo ::1");
    add("tun0 10.8.0.1");
    add("no0 10.0.0.1");
    expect_chosen(MOOT_LAN_PRIVATE, "::", "");
    expect_chosen(MOOT_LAN_ALL, "::", "");
}
END_TEST

START_TEST(who_is_bound_to_one_address_beacons_from_that)
{
    add("eth0 10.0.0.1");
    add("eth0 fd00::1");
    add("eth1 192.168.0.1");
    expect_chosen(MOOT_LAN_PRIVATE, "192.168.0.1", "eth1 192.168.0.1\n");
    expect_chosen(MOOT_LAN_PRIVATE, "fd00::1", "eth0 fd00::1\n");
    expect_chosen(MOOT_LAN_PRIVATE, "::ffff:10.0.0.1", "eth0 10.0.0.1\n");
    expect_chosen(MOOT_LAN_PRIVATE, "10.9.9.9", "");
}
END_TEST

static bool possible(enum moot_lan_where where, const char *bound)
{
    struct lan_rules rules = {.where = where, .bound = sockaddr_of(bound)};

    return moot_lan_possible(&rules);
}

START_TEST(who_is_bound_to_loopback_or_a_public_address_is_silent)
{
    expect(possible(MOOT_LAN_PRIVATE, "0.0.0.0"));
    expect(possible(MOOT_LAN_PRIVATE, "::"));
    expect(possible(MOOT_LAN_PRIVATE, "10.0.0.1"));
    expect(possible(MOOT_LAN_PRIVATE, "fe80::1"));
    expect(!possible(MOOT_LAN_PRIVATE, "127.0.0.1"));
    expect(!possible(MOOT_LAN_PRIVATE, "::1"));
    expect(!possible(MOOT_LAN_PRIVATE, "192.0.2.7"));
    expect(!possible(MOOT_LAN_PRIVATE, "2001:db8::7"));
    expect(!possible(MOOT_LAN_ALL, "127.0.0.1"));
    expect(possible(MOOT_LAN_ALL, "192.0.2.7"));
}
END_TEST

START_TEST(as_many_interfaces_as_there_is_room)
{
    struct lan_rules rules = {.bound = sockaddr_of("::")};
    struct lan_net nets[2];

    add("eth0 10.0.0.1");
    add("eth1 10.0.1.1");
    add("eth2 10.0.2.1");
    expect_uint(moot_lan_choose(list.at, &rules, nets, 2), 2);
}
END_TEST

/* --- who is listened to --- */

static struct moot_origin origin_of(unsigned n)
{
    return (struct moot_origin){{(uint8_t)(n >> 8), (uint8_t)n}};
}

START_TEST(one_sender_is_heard_so_often_and_costs_the_others_nothing)
{
    static struct lan_shares s;
    struct moot_origin loud = origin_of(1), other = origin_of(2);
    unsigned n = 0;

    memset(&s, 0, sizeof s);
    for (unsigned i = 0; i < 10000; i++)
        n += moot_lan_hear(&s, &loud, 1000);
    expect_uint(n, MOOT_LAN_SENDER_BURST);
    expect(moot_lan_hear(&s, &other, 1000));
    expect(!moot_lan_hear(&s, &loud, 1000 + MOOT_LAN_SENDER_MS - 1));
    expect(moot_lan_hear(&s, &loud, 1000 + MOOT_LAN_SENDER_MS));
    expect(!moot_lan_hear(&s, &loud, 1000 + MOOT_LAN_SENDER_MS));
}
END_TEST

START_TEST(more_senders_than_a_network_holds_are_bounded)
{
    static struct lan_shares s;
    unsigned n = 0;

    memset(&s, 0, sizeof s);
    for (unsigned i = 0; i < 4 * MOOT_LAN_SENDERS_MAX; i++) {
        struct moot_origin who = origin_of(i);

        n += moot_lan_hear(&s, &who, 1000);
    }
    expect_uint(n, MOOT_LAN_SENDERS_MAX);
    struct moot_origin late = origin_of(9999);

    expect(moot_lan_hear(&s, &late, 1000 + MOOT_LAN_SENDER_MS));
}
END_TEST

/* --- on the loopback, which has no multicast by IPv6: see lan.sh --- */

static struct moot_node *node;
static struct moot_lan *lan;
static struct moot_sink sink;
static int listener, held;
static uint16_t udp_port, tcp_port;
static unsigned beacons, genuine;
static struct moot_addr beacon_from;

static void on_event(void *ctx, const struct moot_event *ev)
{
    struct moot_hash key = moot_group_key(moot_node_group(node));
    struct moot_beacon b;

    (void)ctx;
    expect_int(ev->kind, MOOT_EV_BEACON);
    beacons++;
    if (moot_beacon_decode(ev->beacon.bytes, &key, &b) != MOOT_OK)
        return;
    genuine++;
    expect_uint(b.port, tcp_port);
    beacon_from = ev->beacon.from;
}

/* Kept open, so that nobody else takes the port. */
static int hold_udp(uint16_t *ret_port)
{
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 a = {.sin6_family = AF_INET6};
    socklen_t len = sizeof a;
    const int on = 1;

    expect(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    expect_int(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    expect_int(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    *ret_port = ntohs(a.sin6_port);
    return fd;
}

static void set_up(void)
{
    struct moot_node_config c = {
        .name = "alice", .group = "lobby", .join_timeout = 1000};

    world_open();
    beacons = genuine = 0;
    sink = (struct moot_sink){on_event, NULL};
    held = hold_udp(&udp_port);
    expect_ok(moot_listen(NULL, 0, &listener, &tcp_port));
    moot_key_init(&c.key, c.seed);
    c.port = tcp_port;
    node = moot_node_create(&c);
    lan = moot_lan_open(&(struct moot_lan_config){.loop = world_loop,
                                                  .sink = &sink,
                                                  .node = node,
                                                  .listener = listener,
                                                  .port = udp_port,
                                                  .only = "lo"});
    expect(lan != NULL);
}

static void tear_down(void)
{
    moot_lan_close(lan);
    moot_node_destroy(node);
    close(listener);
    close(held);
    world_close();
}

static bool three_came(void *ctx)
{
    (void)ctx;
    return genuine >= 3;
}

START_TEST(three_beacons_are_heard_soon)
{
    int64_t began = clock_ms();

    world_until(three_came, NULL);
    expect(clock_ms() - began < 3000);
    expect(beacon_from.host[0] != '\0');
}
END_TEST

/* From the outside, but not to the group: perhaps from far away. */
static void send_to(const char *host, const void *bytes, size_t len)
{
    union moot_sockaddr to = sockaddr_of(host);
    int fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ip_mreqn lo = {.imr_ifindex = (int)if_nametoindex("lo")};

    to.v4.sin_port = htons(udp_port);
    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &lo, sizeof lo);
    expect_int(sendto(fd, bytes, len, 0, &to.any, moot_sockaddr_len(&to)), len);
    close(fd);
}

START_TEST(what_is_not_sent_to_all_is_not_heard)
{
    uint8_t bytes[MOOT_BEACON_LEN] = {1};

    close(held); /* it would take some of them */
    held = -1;
    for (unsigned i = 0; i < 20; i++) {
        send_to("127.0.0.1", bytes, sizeof bytes);
        send_to("::1", bytes, sizeof bytes);
    }
    world_until(three_came, NULL);
    expect_uint(beacons, genuine);
}
END_TEST

START_TEST(another_length_is_not_looked_at)
{
    uint8_t bytes[MOOT_BEACON_LEN + 100] = {1};

    for (size_t len = 0; len < sizeof bytes; len += 5)
        if (len != MOOT_BEACON_LEN)
            send_to(MOOT_LAN_GROUP_V4, bytes, len);
    world_until(three_came, NULL);
    expect_uint(beacons, genuine);
}
END_TEST

START_TEST(a_flood_of_one_sender_is_cut_off)
{
    uint8_t bytes[MOOT_BEACON_LEN] = {1};

    world_until(three_came, NULL);
    for (unsigned i = 0; i < 100; i++) {
        for (unsigned k = 0; k < 20; k++)
            send_to(MOOT_LAN_GROUP_V4, bytes, sizeof bytes);
        world_turn(1);
    }
    expect(beacons - genuine >= MOOT_LAN_SENDER_BURST / 2);
    expect(beacons - genuine <= 3 * MOOT_LAN_SENDER_BURST);
}
END_TEST

START_TEST(bound_to_loopback_there_is_nothing_to_be_done)
{
    struct moot_lan_config c = {
        .loop = world_loop, .sink = &sink, .node = node, .port = udp_port};
    uint16_t port;

    expect_ok(moot_listen("127.0.0.1", 0, &c.listener, &port));
    expect(moot_lan_open(&c) == NULL);
    c.where = MOOT_LAN_OFF;
    expect(moot_lan_open(&c) == NULL);
    close(c.listener);
}
END_TEST

Suite *suite_net_lan(void)
{
    Suite *s = suite_create("net/lan");
    TCase *t = tcase_create("interfaces");

    tcase_add_checked_fixture(t, set_up_list, NULL);
    tcase_add_test(t, a_private_address_makes_an_interface_local);
    tcase_add_test(t, a_public_address_does_not);
    tcase_add_test(t, a_link_local_address_counts_when_it_is_alone);
    tcase_add_test(t,
                   beacons_come_from_what_can_be_dialled_from_everywhere_there);
    tcase_add_test(t, loopback_tunnels_and_what_is_down_are_left_out);
    tcase_add_test(t, who_is_bound_to_one_address_beacons_from_that);
    tcase_add_test(t, who_is_bound_to_loopback_or_a_public_address_is_silent);
    tcase_add_test(t, as_many_interfaces_as_there_is_room);
    tcase_add_test(t,
                   one_sender_is_heard_so_often_and_costs_the_others_nothing);
    tcase_add_test(t, more_senders_than_a_network_holds_are_bounded);
    suite_add_tcase(s, t);
    t = tcase_create("beacons");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, three_beacons_are_heard_soon);
    tcase_add_test(t, what_is_not_sent_to_all_is_not_heard);
    tcase_add_test(t, another_length_is_not_looked_at);
    tcase_add_test(t, a_flood_of_one_sender_is_cut_off);
    tcase_add_test(t, bound_to_loopback_there_is_nothing_to_be_done);
    suite_add_tcase(s, t);
    return s;
}
