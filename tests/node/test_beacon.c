/*
 * tests/node/test_beacon.c - two on one network find each other by a datagram
 * that only they recognise.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "node_words.h"

Suite *suite_node_beacon(void);

static struct stage st;

static void setup(void)
{
    stage_begin(&st);
}

static void teardown(void)
{
    stage_end(&st);
}

static void hears(const uint8_t *bytes, size_t len, const char *from)
{
    struct moot_event ev = {.kind = MOOT_EV_BEACON};

    ev.beacon.bytes = moot_bytes_of(bytes, len);
    moot_addr_set(&ev.beacon.from, from, 0);
    stage_step(&st, &ev);
    stage_run_ms(&st, 200);
}

/* Somebody's of that group, at port 4711. */
static void make(const struct moot_hash *group, uint8_t nonce,
                 uint8_t out[MOOT_BEACON_LEN])
{
    struct moot_hash key = moot_group_key(group);
    struct moot_beacon b = {.port = 4711};

    memset(b.nonce, nonce, sizeof b.nonce);
    moot_beacon_encode(&b, &key, out);
}

static void hears_of_group(const struct moot_hash *group)
{
    uint8_t bytes[MOOT_BEACON_LEN];

    make(group, 1, bytes);
    hears(bytes, sizeof bytes, "192.168.1.7");
}

START_TEST(a_beacon_of_our_group_is_followed)
{
    struct moot_hash ours = cast_group();

    hears_of_group(&ours);
    expect_done(&st, "dial ?0000\n");
    expect_text(st.last_dial.addrs[0].host, "192.168.1.7");
    expect_uint(st.last_dial.addrs[0].port, 4711);
}
END_TEST

START_TEST(who_sent_it_becomes_a_member_like_any_other)
{
    struct moot_hash ours = cast_group();

    hears_of_group(&ours);
    open_link(&st, 2, 'B', st.last_dial.token);
    say_hello(&st, 2);
    say_welcome(&st, 2);
    expect_done_of(&st, "up joined", "up 2\njoined b, 2 here\n");
    hears_of_group(&ours);
    expect_done_of(&st, "dial", "");
}
END_TEST

START_TEST(a_beacon_of_another_group_is_noise)
{
    struct moot_hash other = hash_of(0x77);

    hears_of_group(&other);
    expect_done(&st, "");
}
END_TEST

START_TEST(a_beacon_of_a_closed_group_needs_its_secret)
{
    struct moot_hash ours = cast_group();
    struct moot_secret old = {{1}}, newest = {{2}}, wrong = {{3}};
    const struct moot_secret *const all[] = {&wrong, &old, &newest};

    moot_ring_learn(&st.n->ring, 1, &old);
    moot_ring_learn(&st.n->ring, 2, &newest);
    hears_of_group(&ours); /* as if it were open */
    expect_done(&st, "");
    for (unsigned i = 0; i < 3; i++) {
        struct moot_hash key = moot_secret_key(&ours, all[i]);
        struct moot_beacon b = {.nonce = {9}, .port = (uint16_t)(4711 + i)};
        uint8_t bytes[MOOT_BEACON_LEN];

        moot_beacon_encode(&b, &key, bytes);
        hears(bytes, sizeof bytes, "192.168.1.7");
        expect_done(&st, i == 0 ? "" : "dial ?0000\n");
    }
    uint8_t own[MOOT_BEACON_LEN];
    struct moot_hash key = moot_secret_key(&ours, &newest);
    struct moot_beacon b;

    expect(moot_node_beacon(st.n, own));
    expect_ok(moot_beacon_decode(moot_bytes_of(own, sizeof own), &key, &b));
}
END_TEST

START_TEST(what_is_no_beacon_is_noise)
{
    uint8_t bytes[2 * MOOT_BEACON_LEN] = {1};

    for (size_t len = 0; len < sizeof bytes; len++)
        hears(bytes, len, "192.168.1.7");
    expect_done(&st, "");
}
END_TEST

START_TEST(our_own_beacon_comes_back_and_is_known)
{
    uint8_t bytes[MOOT_BEACON_LEN];

    expect(moot_node_beacon(st.n, bytes));
    hears(bytes, sizeof bytes, "192.168.1.7");
    expect_done(&st, "");
}
END_TEST

START_TEST(no_two_of_our_beacons_are_alike)
{
    uint8_t one[MOOT_BEACON_LEN], two[MOOT_BEACON_LEN];

    expect(moot_node_beacon(st.n, one));
    expect(moot_node_beacon(st.n, two));
    expect(memcmp(one + 1, two + 1, MOOT_BEACON_NONCE_LEN) != 0);
    expect(memcmp(one + 19, two + 19, 16) != 0);
}
END_TEST

START_TEST(whoever_knows_our_group_reads_our_port)
{
    struct moot_hash group = *moot_node_group(st.n);
    struct moot_hash key = moot_group_key(&group);
    uint8_t bytes[MOOT_BEACON_LEN];
    struct moot_beacon b;

    expect(moot_node_beacon(st.n, bytes));
    expect_ok(moot_beacon_decode(moot_bytes_of(bytes, sizeof bytes), &key, &b));
    expect_uint(b.port, st.n->port);
}
END_TEST

/* A recording is as good as the original, and as harmless: who is dialled has
 * to prove that he knows the group. */
START_TEST(a_replayed_beacon_leads_to_one_dial)
{
    struct moot_hash ours = cast_group();

    for (unsigned i = 0; i < 100; i++)
        hears_of_group(&ours);
    expect_done(&st, "dial ?0000\n");
}
END_TEST

START_TEST(who_leaves_sends_none)
{
    uint8_t bytes[MOOT_BEACON_LEN];

    stage_leave(&st, "");
    expect(!moot_node_beacon(st.n, bytes));
}
END_TEST

Suite *suite_node_beacon(void)
{
    Suite *s = suite_create("node/beacon");
    TCase *t = tcase_create("beacons");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_beacon_of_our_group_is_followed);
    tcase_add_test(t, who_sent_it_becomes_a_member_like_any_other);
    tcase_add_test(t, a_beacon_of_another_group_is_noise);
    tcase_add_test(t, a_beacon_of_a_closed_group_needs_its_secret);
    tcase_add_test(t, what_is_no_beacon_is_noise);
    tcase_add_test(t, our_own_beacon_comes_back_and_is_known);
    tcase_add_test(t, no_two_of_our_beacons_are_alike);
    tcase_add_test(t, whoever_knows_our_group_reads_our_port);
    tcase_add_test(t, a_replayed_beacon_leads_to_one_dial);
    tcase_add_test(t, who_leaves_sends_none);
    suite_add_tcase(s, t);
    return s;
}
