/*
 * tests/boot/test_directory.c - the group directory: who is listed, for how
 * long, and what it refuses.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "directory_words.h"

Suite *suite_boot_directory(void);

static void set_up(void)
{
    directory_open(3, 5);
}

static void tear_down(void)
{
    directory_close();
}

static void expect_listed(const char *name, const char *want)
{
    const char *got = listed_in(name);

    expect_text(got == NULL ? "no such group" : got,
                want == NULL ? "no such group" : want);
}

/* --- life --- */

START_TEST(a_group_that_is_not_heard_of_for_so_long_is_gone)
{
    tells("A", "den");
    directory_now += 14999;
    expect_listed("den", "A");
    directory_now += 1;
    expect_listed("den", NULL);
}
END_TEST

START_TEST(a_beat_keeps_the_group_for_as_long_again)
{
    tells("A", "den");
    directory_now += 14000;
    tells("A", "den");
    directory_now += 14999;
    expect_listed("den", "A");
}
END_TEST

START_TEST(a_forgotten_group_is_there_again_under_its_id)
{
    struct moot_hash group = cast_group();
    struct moot_answer a;

    tells("A", "den");
    directory_now += 60000;
    expect_listed("den", NULL);
    tells("BA", "den");
    expect_ok(
        moot_directory_list(directory, directory_now, "den", false, NULL, &a));
    expect_hash(&a.group, &group);
    moot_answer_fini(&a);
    expect_listed("den", "B");
}
END_TEST

START_TEST(a_member_is_listed_no_longer_than_there_is_evidence)
{
    tells("A", "den");
    tells("B", "den");
    for (unsigned i = 0; i < 9; i++) {
        directory_now += 3000;
        tells("A", "den");
    }
    directory_now += 2999;
    tells("A", "den");
    expect_listed("den", "AB");
    directory_now += 1;
    expect_listed("den", "A");
}
END_TEST

START_TEST(who_is_heard_by_another_member_stays_listed)
{
    tells("B", "den");
    for (unsigned i = 0; i < 20; i++) {
        directory_now += 3000;
        tells("AB", "den");
    }
    expect_listed("den", "AB");
}
END_TEST

START_TEST(what_was_heard_long_ago_is_no_evidence)
{
    struct moot_register r;

    tells("B", "den");
    directory_now += 14000;
    tells("A", "den");
    directory_now += 14000;
    r = request_of("AB", "den");
    r.heard[0].ago_ms = 28000;
    moot_directory_take(directory, directory_now, &r, "192.0.2.1",
                        directory_lack, &directory_lack_count);
    moot_register_fini(&r);
    directory_now += 2000;
    expect_listed("den", "A");
}
END_TEST

START_TEST(joiners_do_not_keep_a_group_whose_members_are_dead)
{
    struct moot_register r;

    tells("A", "den");
    directory_now += 10000;
    r = request_of("B", "den");
    r.records[0].standing = MOOT_JOINING;
    moot_record_seal(&r.records[0], cast_key('B'));
    expect(moot_directory_take(directory, directory_now, &r, "192.0.2.1",
                               directory_lack,
                               &directory_lack_count) == MOOT_DIRECTORY_TAKEN);
    moot_register_fini(&r);
    expect_listed("den", "AB");
    directory_now += 5000;
    expect_listed("den", NULL);
}
END_TEST

/* --- records --- */

START_TEST(it_asks_for_the_records_it_lacks_and_then_lists_their_owners)
{
    struct moot_register r;

    tells("ABC", "den");
    expect_uint(directory_lack_count, 2);
    expect_id(&directory_lack[0], cast_id('B'));
    expect_listed("den", "A");
    r = request_of("ABC", "den");
    r.records[r.record_count++] = cast_record('B', CAST_RUN, 1);
    r.records[r.record_count++] = cast_record('C', CAST_RUN, 1);
    moot_directory_take(directory, directory_now, &r, "192.0.2.1",
                        directory_lack, &directory_lack_count);
    moot_register_fini(&r);
    expect_uint(directory_lack_count, 0);
    expect_listed("den", "ABC");
}
END_TEST

START_TEST(a_record_without_evidence_lists_nobody)
{
    struct moot_register r = request_of("A", "den");

    r.records[r.record_count++] = cast_record('B', CAST_RUN, 1);
    moot_directory_take(directory, directory_now, &r, "192.0.2.1",
                        directory_lack, &directory_lack_count);
    moot_register_fini(&r);
    expect_listed("den", "A");
}
END_TEST

START_TEST(a_forged_record_lists_nobody)
{
    struct moot_register r = request_of("AB", "den");

    r.records[r.record_count++] = cast_record('B', CAST_RUN, 1);
    r.records[1].sig.b[3] ^= 1;
    moot_directory_take(directory, directory_now, &r, "192.0.2.1",
                        directory_lack, &directory_lack_count);
    expect_listed("den", "A");
    r.records[0] = cast_record('C', CAST_RUN, 1);
    r.records[0].sig.b[3] ^= 1;
    expect(moot_directory_take(directory, directory_now, &r, "192.0.2.1",
                               directory_lack,
                               &directory_lack_count) == MOOT_DIRECTORY_FORGED);
    memcpy(r.group_name, "other", 6);
    expect(moot_directory_take(directory, directory_now, &r, "192.0.2.1",
                               directory_lack,
                               &directory_lack_count) == MOOT_DIRECTORY_FORGED);
    moot_register_fini(&r);
    expect_listed("den", "A");
    expect_listed("other", NULL);
}
END_TEST

/* Which bytes does the list hold of the first member? */
static uint64_t serial_listed(void)
{
    struct moot_answer a;
    struct moot_record r;
    uint64_t serial;

    expect_ok(
        moot_directory_list(directory, directory_now, "den", false, NULL, &a));
    expect_ok(moot_record_open(
        moot_bytes_of(moot_buf_view(&a.records).data + a.members[0].record_at,
                      a.members[0].record_len),
        &a.members[0].sig, &r));
    serial = r.serial;
    moot_answer_fini(&a);
    return serial;
}

START_TEST(the_newer_record_of_a_member_takes_the_place_of_the_older)
{
    struct moot_register r = request_of("A", "den");

    r.records[0] = cast_record('A', CAST_RUN, 5);
    moot_directory_take(directory, directory_now, &r, "192.0.2.1",
                        directory_lack, &directory_lack_count);
    expect_uint(serial_listed(), 5);
    r.records[0] = cast_record('A', CAST_RUN, 4);
    moot_directory_take(directory, directory_now, &r, "192.0.2.1",
                        directory_lack, &directory_lack_count);
    expect_uint(serial_listed(), 5);
    r.records[0] = cast_record('A', CAST_RUN, 6);
    moot_directory_take(directory, directory_now, &r, "192.0.2.1",
                        directory_lack, &directory_lack_count);
    moot_register_fini(&r);
    expect_uint(serial_listed(), 6);
}
END_TEST

START_TEST(who_asks_is_told_of_those_he_does_not_know)
{
    struct moot_register r = request_of("AB", "den");
    struct moot_answer a;

    tells("B", "den");
    tells("C", "den");
    tells("A", "den");
    expect_ok(
        moot_directory_list(directory, directory_now, "den", false, &r, &a));
    expect_uint(a.member_count, 1);
    expect_id(&a.members[0].id, cast_id('C'));
    moot_answer_fini(&a);
    moot_register_fini(&r);
}
END_TEST

START_TEST(a_member_is_listed_where_it_was_seen_and_loopback_only_to_neighbours)
{
    struct moot_register r = request_of("A", "den");
    struct moot_answer a;

    moot_directory_take(directory, directory_now, &r, "127.0.0.1",
                        directory_lack, &directory_lack_count);
    moot_register_fini(&r);
    expect_ok(
        moot_directory_list(directory, directory_now, "den", true, NULL, &a));
    expect_text(a.members[0].addrs[0].host, "127.0.0.1");
    expect_uint(a.members[0].addrs[0].port, 8081);
    moot_answer_fini(&a);
    expect_ok(
        moot_directory_list(directory, directory_now, "den", false, NULL, &a));
    for (unsigned i = 0; i < a.members[0].addr_count; i++)
        expect(!moot_addr_loopback(&a.members[0].addrs[i]));
    moot_answer_fini(&a);
}
END_TEST

/* --- names --- */

static enum moot_directory_verdict other_group(uint8_t n,
                                               enum moot_weight weight)
{
    struct moot_register r = request_of("Z", "den");
    enum moot_directory_verdict v;

    r.group = r.records[0].group = hash_of(n);
    r.weight = weight;
    moot_record_seal(&r.records[0], cast_key('Z'));
    v = moot_directory_take(directory, directory_now, &r, "192.0.2.2",
                            directory_lack, &directory_lack_count);
    moot_register_fini(&r);
    return v;
}

START_TEST(of_two_groups_of_one_name_the_heavier_stays)
{
    tells("A", "den"); /* provisional, of id 40... */
    expect(other_group(0x30, MOOT_TENTATIVE) == MOOT_DIRECTORY_CLASH);
    expect_listed("den", "A");
    expect(other_group(0x50, MOOT_PROVISIONAL) == MOOT_DIRECTORY_CLASH);
    expect_listed("den", "A");
    expect(other_group(0x30, MOOT_PROVISIONAL) == MOOT_DIRECTORY_TAKEN);
    expect_listed("den", "Z");
    expect(other_group(0x50, MOOT_GROWN) == MOOT_DIRECTORY_TAKEN);
    expect(other_group(0x30, MOOT_GROWN) == MOOT_DIRECTORY_CLASH);
}
END_TEST

START_TEST(a_group_does_not_become_lighter)
{
    struct moot_register r = request_of("A", "den");

    r.weight = MOOT_GROWN;
    moot_directory_take(directory, directory_now, &r, "192.0.2.1",
                        directory_lack, &directory_lack_count);
    moot_register_fini(&r);
    tells("B", "den");
    expect(other_group(0x30, MOOT_PROVISIONAL) == MOOT_DIRECTORY_CLASH);
}
END_TEST

/* --- bounds --- */

START_TEST(there_is_room_for_so_many_groups_and_again_when_one_has_gone)
{
    unsigned groups, members;

    expect(tells("A", "one") == MOOT_DIRECTORY_TAKEN);
    directory_now += 5000;
    expect(tells("B", "two") == MOOT_DIRECTORY_TAKEN);
    expect(tells("C", "three") == MOOT_DIRECTORY_TAKEN);
    expect(tells("D", "four") == MOOT_DIRECTORY_FULL);
    expect(tells("D", "three") == MOOT_DIRECTORY_TAKEN);
    moot_directory_count(directory, directory_now, &groups, &members);
    expect_uint(groups, 3);
    expect_uint(members, 4);
    directory_now += 10000;
    expect(tells("D", "four") == MOOT_DIRECTORY_TAKEN);
    expect_listed("one", NULL);
}
END_TEST

START_TEST(there_is_room_for_so_many_members_and_again_when_one_has_died)
{
    expect(tells("A", "den") == MOOT_DIRECTORY_TAKEN);
    for (unsigned i = 0; i < 4; i++) {
        char who[2] = {(char)('B' + i), '\0'};

        directory_now += 1000;
        expect(tells(who, "den") == MOOT_DIRECTORY_TAKEN);
    }
    expect(tells("F", "den") == MOOT_DIRECTORY_CROWDED);
    expect_listed("den", "ABCDE");
    expect(tells("A", "den") == MOOT_DIRECTORY_TAKEN);
    for (unsigned i = 0; i < 9; i++) {
        directory_now += 3000;
        expect(tells("AC", "den") == MOOT_DIRECTORY_TAKEN);
    }
    expect(tells("F", "den") == MOOT_DIRECTORY_TAKEN);
    expect_listed("den", "ACDEF");
}
END_TEST

START_TEST(strangers_that_are_only_talked_of_take_no_place)
{
    tells("ABCDEFGHIJKLMNOPQR", "den");
    expect_uint(directory_lack_count, MOOT_LACK_MAX);
    expect_listed("den", "A");
    expect(tells("B", "den") == MOOT_DIRECTORY_TAKEN);
}
END_TEST

START_TEST(all_groups_together_have_room_for_so_many_members)
{
    struct moot_directory_config c = {.groups_max = MOOT_HOSTED_GROUPS_MAX,
                                      .members_max = MOOT_MEMBERS_MAX,
                                      .timeout = 15000};
    struct moot_directory *d = moot_directory_create(&c);
    struct moot_register r = request_of("A", "g");
    unsigned taken = 0, groups, members;
    enum moot_directory_verdict v = MOOT_DIRECTORY_TAKEN;

    for (unsigned i = 0; v == MOOT_DIRECTORY_TAKEN; i++) {
        uint8_t seed[32] = {(uint8_t)i, (uint8_t)(i >> 8), 9};
        struct moot_key key;

        snprintf(r.group_name, sizeof r.group_name, "g%u", i / 1024);
        moot_key_init(&key, seed);
        r.records[0].id = key.id;
        moot_record_seal(&r.records[0], &key);
        v = moot_directory_take(d, 1000, &r, "192.0.2.1", directory_lack,
                                &directory_lack_count);
        taken += v == MOOT_DIRECTORY_TAKEN;
    }
    expect(v == MOOT_DIRECTORY_CROWDED);
    expect_uint(taken, MOOT_HOSTED_MEMBERS_MAX);
    moot_directory_count(d, 60000, &groups, &members);
    expect_uint(groups, 0);
    expect_uint(members, 0);
    moot_register_fini(&r);
    moot_directory_destroy(d);
}
END_TEST

/* --- who may ask --- */

START_TEST(a_challenge_is_good_for_a_while_from_where_it_was_asked_for)
{
    char c[MOOT_CHALLENGE_LEN + 1];

    moot_directory_challenge(directory, 100000, "192.0.2.1", c);
    expect_uint(strlen(c), MOOT_CHALLENGE_LEN);
    expect(moot_directory_fresh(directory, 100000, "192.0.2.1", c));
    expect(moot_directory_fresh(directory, 119999, "192.0.2.1", c));
    expect(!moot_directory_fresh(directory, 120000, "192.0.2.1", c));
    expect(!moot_directory_fresh(directory, 100000, "192.0.2.2", c));
    expect(!moot_directory_fresh(directory, 100000, "192.0.2.1", ""));
    c[0] = c[0] == '0' ? '1' : '0';
    expect(!moot_directory_fresh(directory, 100000, "192.0.2.1", c));
}
END_TEST

START_TEST(one_address_may_ask_so_often_and_the_others_do_not_notice)
{
    moot_ms wait = 0;

    for (unsigned i = 0; i < MOOT_DIRECTORY_BURST; i++)
        expect_turn(
            moot_directory_admits(directory, directory_now, "192.0.2.1", &wait),
            "request %u", i);
    expect(
        !moot_directory_admits(directory, directory_now, "192.0.2.1", &wait));
    expect_int(wait, 1000);
    expect(
        moot_directory_admits(directory, directory_now, "198.51.100.7", &wait));
    directory_now += 1000;
    for (unsigned i = 0; i < MOOT_DIRECTORY_RATE; i++)
        expect_turn(
            moot_directory_admits(directory, directory_now, "192.0.2.1", &wait),
            "request %u", i);
    expect(
        !moot_directory_admits(directory, directory_now, "192.0.2.1", &wait));
}
END_TEST

START_TEST(all_addresses_of_an_ipv6_network_count_as_one)
{
    moot_ms wait;
    char host[64];

    for (unsigned i = 0; i < MOOT_DIRECTORY_BURST; i++) {
        snprintf(host, sizeof host, "2001:db8::%x", i + 1);
        expect_turn(
            moot_directory_admits(directory, directory_now, host, &wait),
            "request %u", i);
    }
    expect(!moot_directory_admits(directory, directory_now, "2001:db8::ffff:1",
                                  &wait));
    expect(moot_directory_admits(directory, directory_now, "2001:db8:0:1::1",
                                 &wait));
}
END_TEST

/* --- who beats --- */

START_TEST(the_three_lowest_of_those_who_beat_do_so_every_three_seconds)
{
    struct moot_directory_config c = {
        .groups_max = 1, .members_max = 100, .timeout = 15000};
    struct moot_directory *d = moot_directory_create(&c);
    struct moot_id ids[12];
    unsigned often = 0, sometimes = 0, rarely = 0;

    for (char who = 'A'; who < 'A' + 12; who++) {
        char name[2] = {who, '\0'};
        struct moot_register r = request_of(name, "den");

        ids[who - 'A'] = *cast_id(who);
        moot_directory_take(d, 1000, &r, "192.0.2.1", directory_lack,
                            &directory_lack_count);
        moot_register_fini(&r);
    }
    for (unsigned i = 0; i < 12; i++) {
        moot_ms again = moot_directory_again(d, 1000, "den", &ids[i]);

        often += again == MOOT_BEAT_MS;
        sometimes += again == MOOT_BEAT_DEPUTY_MS;
        rarely += again == MOOT_BEAT_REST_MS;
        expect_int(moot_directory_again(d, 12000, "den", &ids[i]),
                   MOOT_BEAT_MS);
    }
    expect_uint(often, 3);
    expect_uint(sometimes, 5);
    expect_uint(rarely, 4);
    moot_directory_destroy(d);
}
END_TEST

static TCase *life(void)
{
    TCase *t = tcase_create("life");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_group_that_is_not_heard_of_for_so_long_is_gone);
    tcase_add_test(t, a_beat_keeps_the_group_for_as_long_again);
    tcase_add_test(t, a_forgotten_group_is_there_again_under_its_id);
    tcase_add_test(t, a_member_is_listed_no_longer_than_there_is_evidence);
    tcase_add_test(t, who_is_heard_by_another_member_stays_listed);
    tcase_add_test(t, what_was_heard_long_ago_is_no_evidence);
    tcase_add_test(t, joiners_do_not_keep_a_group_whose_members_are_dead);
    return t;
}

static TCase *records(void)
{
    TCase *t = tcase_create("records");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(
        t, it_asks_for_the_records_it_lacks_and_then_lists_their_owners);
    tcase_add_test(t, a_record_without_evidence_lists_nobody);
    tcase_add_test(t, a_forged_record_lists_nobody);
    tcase_add_test(t,
                   the_newer_record_of_a_member_takes_the_place_of_the_older);
    tcase_add_test(t, who_asks_is_told_of_those_he_does_not_know);
    tcase_add_test(
        t,
        a_member_is_listed_where_it_was_seen_and_loopback_only_to_neighbours);
    return t;
}

Suite *suite_boot_directory(void)
{
    Suite *s = suite_create("boot/directory");
    TCase *t = tcase_create("bounds");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, of_two_groups_of_one_name_the_heavier_stays);
    tcase_add_test(t, a_group_does_not_become_lighter);
    tcase_add_test(
        t, there_is_room_for_so_many_groups_and_again_when_one_has_gone);
    tcase_add_test(
        t, there_is_room_for_so_many_members_and_again_when_one_has_died);
    tcase_add_test(t, strangers_that_are_only_talked_of_take_no_place);
    tcase_add_test(t, all_groups_together_have_room_for_so_many_members);
    tcase_add_test(t,
                   a_challenge_is_good_for_a_while_from_where_it_was_asked_for);
    tcase_add_test(t,
                   one_address_may_ask_so_often_and_the_others_do_not_notice);
    tcase_add_test(t, all_addresses_of_an_ipv6_network_count_as_one);
    tcase_add_test(
        t, the_three_lowest_of_those_who_beat_do_so_every_three_seconds);
    suite_add_tcase(s, life());
    suite_add_tcase(s, records());
    suite_add_tcase(s, t);
    return s;
}
