/*
 * tests/node/test_questions.c - what a node says when it is asked: the
 * bootstrap answer, /who, figures, and whether more may be said.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node_words.h"

Suite *suite_node_questions(void);

static struct stage st;
static struct moot_answer answer;
static struct moot_buf json;

static void setup(void)
{
    stage_begin(&st);
    answer = (struct moot_answer){0};
}

static void teardown(void)
{
    moot_answer_fini(&answer);
    moot_buf_fini(&json);
    stage_end(&st);
}

static struct moot_addr addr_of(const char *host)
{
    struct moot_addr a = {{0}, 0};

    moot_addr_set(&a, host, 8080);
    return a;
}

/* Asked from asker at local; what comes back is signed and well-formed. */
static void ask(const char *nonce, const char *local, const char *asker)
{
    struct moot_addr here = addr_of(local), there = addr_of(asker);
    char signature[MOOT_HEX_LEN + 1 + 128 + 1];
    struct moot_id signer;

    moot_answer_fini(&answer);
    moot_buf_clear(&json);
    moot_node_answer(st.n, nonce, NULL, &here, &there, &json, signature);
    expect_ok(moot_answer_decode(moot_buf_view(&json), &answer));
    expect(moot_answer_signed(moot_buf_view(&json), signature, &signer));
    expect_id(&signer, cast_id('M'));
}

static void expect_members(const char *want)
{
    struct moot_buf got = {0};

    for (unsigned i = 0; i < answer.member_count; i++) {
        const struct moot_listed *l = &answer.members[i];

        moot_buf_printf(&got, i == 0 ? "%s" : " | %s", l->name);
        for (unsigned k = 0; k < l->addr_count; k++)
            moot_buf_printf(&got, " %s", l->addrs[k].host);
    }
    expect_text(moot_buf_text(&got), want);
    moot_buf_fini(&got);
}

/* --- the bootstrap answer --- */

START_TEST(the_answer_says_who_we_are_and_repeats_the_nonce)
{
    ask("00ff", "192.0.2.13", "198.51.100.1");
    expect_text(answer.nonce, "00ff");
    expect_text(answer.group_name, "lobby");
    expect_hash(&answer.group, &st.n->group_id);
    expect_id(&answer.id, cast_id('M'));
    expect_int(answer.weight, MOOT_PROVISIONAL);
    expect_members("m 192.0.2.13 10.0.0.13");
}
END_TEST

START_TEST(all_live_members_are_listed_where_they_are_seen)
{
    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    close_link(&st, 3, MOOT_ERESET);
    ask("", "192.0.2.13", "198.51.100.1");
    expect_members("b 10.0.0.2 | m 192.0.2.13 10.0.0.13");
    expect_int(answer.members[0].standing, MOOT_JOINED);
}
END_TEST

/* What is kept of the last answer is that of the moment, for each who asks. */
START_TEST(the_answer_follows_every_change)
{
    ask("01", "192.0.2.13", "198.51.100.1");
    ask("02", "127.0.0.1", "127.0.0.1");
    link_in(&st, 2, 'B');
    ask("03", "192.0.2.13", "198.51.100.1");
    expect_text(answer.nonce, "03");
    expect_members("b 10.0.0.2 | m 192.0.2.13 10.0.0.13");
    ask("04", "127.0.0.1", "127.0.0.1");
    expect_members("b 10.0.0.2 | m 127.0.0.1 10.0.0.13");
    ask("05", "192.0.2.14", "198.51.100.1");
    expect_members("b 10.0.0.2 | m 192.0.2.14 10.0.0.13");
    close_link(&st, 2, MOOT_ERESET);
    ask("06", "192.0.2.14", "198.51.100.1");
    expect_text(answer.nonce, "06");
    expect_members("m 192.0.2.14 10.0.0.13");
}
END_TEST

/* One whose name we have not heard yet is nobody to be reached. */
START_TEST(who_is_only_heard_of_is_not_listed)
{
    struct moot_linked *l;

    link_in(&st, 2, 'B');
    l = &stage_draft(&st, MOOT_MSG_LINKED)->linked;
    l->full = true;
    l->up_count = 1;
    l->up[0] = *cast_id('Z');
    hand_in(&st, 2);
    ask("", "192.0.2.13", "198.51.100.1");
    expect_uint(answer.member_count, 2);
    expect_uint(moot_group_live_count(st.n->group), 3);
}
END_TEST

/* Nobody is sent to himself: loopback is told to those on loopback only. */
START_TEST(loopback_is_told_to_loopback_only)
{
    ask("", "127.0.0.1", "198.51.100.1");
    expect_members("m 10.0.0.13");
    ask("", "127.0.0.1", "127.0.0.1");
    expect_members("m 127.0.0.1 10.0.0.13");
    ask("", "0.0.0.0", "127.0.0.1");
    expect_members("m 10.0.0.13");
}
END_TEST

/* MOOT_NONCE_LEN_MAX. */
START_TEST(a_nonce_may_have_64_bytes)
{
    char nonce[2 * MOOT_NONCE_LEN_MAX + 1 + 10];

    memset(nonce, 'a', sizeof nonce);
    nonce[2 * MOOT_NONCE_LEN_MAX] = '\0';
    ask(nonce, "192.0.2.13", "198.51.100.1");
    expect_text(answer.nonce, nonce);
    nonce[2 * MOOT_NONCE_LEN_MAX] = 'a'; /* more is cut off */
    nonce[2 * MOOT_NONCE_LEN_MAX + 1] = '\0';
    ask(nonce, "192.0.2.13", "198.51.100.1");
    expect_uint(strlen(answer.nonce), 2 * MOOT_NONCE_LEN_MAX);
}
END_TEST

/* B says of itself, in its serial-th record, that others come in there. */
static void boots_at(const char *host, uint64_t serial)
{
    struct moot_record r = cast_record('B', CAST_RUN, serial);

    r.mode = MOOT_BOOTSTRAP;
    r.boot = addr_of(host);
    moot_record_seal(&r, cast_key('B'));
    stage_draft(&st, MOOT_MSG_MEMBERS)->members.count = 1;
    st.message.members.at[0].record = moot_bytes_of(r.raw, r.raw_len);
    st.message.members.at[0].sig = r.sig;
    hand_in(&st, 2);
}

START_TEST(a_bootstrap_socket_is_where_its_owner_says)
{
    link_in(&st, 2, 'B');
    boots_at("chat.example.org", 2);
    ask("", "192.0.2.13", "198.51.100.1");
    expect_id(&answer.members[0].id, cast_id('B'));
    expect_int(answer.members[0].mode, MOOT_BOOTSTRAP);
    expect_text(answer.members[0].boot.host, "chat.example.org");
}
END_TEST

START_TEST(or_else_where_he_is_seen)
{
    link_in(&st, 2, 'B');
    boots_at("0.0.0.0", 2);
    ask("", "192.0.2.13", "198.51.100.1");
    expect_text(answer.members[0].boot.host, "10.0.0.2");
    expect_uint(answer.members[0].boot.port, 8080);
    expect_uint(answer.members[1].boot.port, 0);
}
END_TEST

/* MOOT_ARRIVE_MS: whoever is sent to it would find nobody else there yet. */
START_TEST(one_that_has_just_moved_is_joining_until_it_is_linked)
{
    link_in(&st, 2, 'B');
    stage_draft(&st, MOOT_MSG_MOVE)->move =
        (struct moot_move){.group = hash_of(0xfe), .weight = MOOT_GROWN};
    hand_in(&st, 2);
    stage_follow(&st);
    ask("", "192.0.2.13", "198.51.100.1");
    expect_int(answer.members[0].standing, MOOT_JOINING);
    link_in(&st, 3, 'C');
    ask("", "192.0.2.13", "198.51.100.1");
    expect_members("c 10.0.0.3 | m 192.0.2.13 10.0.0.13");
    expect_int(answer.members[1].standing, MOOT_JOINED);
}
END_TEST

static struct moot_record own_record(const char *boot, uint16_t port)
{
    struct moot_node_config config = {.seed = {3},
                                      .wall = CAST_WALL,
                                      .name = "m",
                                      .group = "lobby",
                                      .mode = MOOT_BOOTSTRAP,
                                      .port = 8081};
    struct moot_addr addrs[MOOT_RECORD_ADDRS_MAX + 2];
    struct moot_record r;
    struct moot_node *n;

    for (unsigned i = 0; i < MOOT_RECORD_ADDRS_MAX + 2; i++)
        addrs[i] = cast_addr((char)('A' + i));
    config.key = *cast_key('M');
    config.addrs = addrs;
    config.addr_count = MOOT_RECORD_ADDRS_MAX + 2;
    moot_addr_set(&config.boot, boot, port);
    n = moot_node_create(&config);
    r = moot_group_member(n->group, cast_id('M'))->record;
    moot_node_destroy(n);
    return r;
}

/* MOOT_RECORD_ADDRS_MAX. */
START_TEST(a_peer_with_a_bootstrap_socket_says_where)
{
    struct moot_record r = own_record("", 8080);

    expect_text(r.boot.host, "0.0.0.0");
    expect_uint(r.boot.port, 8080);
    expect_uint(r.addr_count, MOOT_RECORD_ADDRS_MAX);
    expect_text(r.addrs[0].host, "10.0.0.1");
    expect(moot_record_verify(&r));
    r = own_record("192.0.2.1", 8080);
    expect_text(r.boot.host, "192.0.2.1");
}
END_TEST

START_TEST(a_peer_without_one_says_nothing_of_it)
{
    struct moot_record r = own_record("", 0);

    expect_uint(r.boot.port, 0);
    expect_text(r.boot.host, "");
}
END_TEST

START_TEST(a_grown_group_says_so)
{
    link_in(&st, 2, 'B');
    stage_say(&st, "hello");
    ask("", "192.0.2.13", "198.51.100.1");
    expect_int(answer.weight, MOOT_GROWN);
}
END_TEST

/* --- who --- */

START_TEST(who_is_here_is_told_with_all_that_is_known)
{
    struct moot_who_line lines[4];

    link_in(&st, 2, 'B');
    stage_event(&st, MOOT_EV_LINK_FULL, 2);
    st.now += 1000;
    expect_uint(moot_node_who(st.n, st.now, lines, 4), 2);
    expect_text(lines[0].name, "b");
    expect_id(&lines[0].id, cast_id('B'));
    expect_text(lines[0].addr.host, "10.0.0.2");
    expect_uint(lines[0].addr.port, 8081);
    expect(lines[0].linked && lines[0].lagging && !lines[0].self);
    expect_int(lines[0].rtt, -1);
    expect_int(lines[0].heard, 1100);
    expect_text(lines[1].name, "m");
    expect(lines[1].self && !lines[1].linked);
    expect_int(lines[1].heard, -1);
    expect_text(lines[1].addr.host, "10.0.0.13");
}
END_TEST

START_TEST(one_who_is_linked_to_others_only_is_here_too)
{
    struct moot_record r = cast_record('Z', CAST_RUN, 1);
    struct moot_who_line lines[4];
    struct moot_linked *l;

    link_in(&st, 2, 'B');
    l = &stage_draft(&st, MOOT_MSG_LINKED)->linked;
    l->full = true;
    l->up_count = 1;
    l->up[0] = *cast_id('Z');
    hand_in(&st, 2);
    expect_uint(moot_node_who(st.n, st.now, lines, 4), 2);
    stage_draft(&st, MOOT_MSG_MEMBERS)->members.count = 1;
    st.message.members.at[0].record = moot_bytes_of(r.raw, r.raw_len);
    st.message.members.at[0].sig = r.sig;
    hand_in(&st, 2);
    expect_uint(moot_node_who(st.n, st.now, lines, 4), 3);
    expect_text(lines[2].name, "z");
    expect(!lines[2].linked);
    expect_text(lines[2].addr.host, "10.0.0.26");
}
END_TEST

START_TEST(there_may_be_more_than_there_is_room_for)
{
    struct moot_who_line line;

    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    expect_uint(moot_node_who(st.n, st.now, &line, 1), 3);
    expect_text(line.name, "b");
    expect_uint(moot_node_who(st.n, st.now, NULL, 0), 3);
}
END_TEST

/* --- figures --- */

START_TEST(the_figures_follow_what_happens)
{
    struct moot_node_stats s;

    moot_node_stats(st.n, &s);
    expect_text(s.group_name, "lobby");
    expect_hash(&s.group, &st.n->group_id);
    expect(s.provisional);
    expect_uint(s.members, 1);
    link_in(&st, 2, 'B');
    open_link(&st, 3, 'C', 0);
    open_link(&st, 4, 'D', 0);
    say_hello(&st, 4);
    hand_in_entry(&st, 2, cast_writes('B', "hi"), false);
    stage_say(&st, "one");
    stage_say(&st, "two");
    moot_node_stats(st.n, &s);
    expect_uint(s.links_up, 1);
    expect_uint(s.links_early, 2);
    expect_uint(s.members, 2);
    expect_uint(s.chains, 2);
    expect_uint(s.entries, 2);
    expect_uint(s.say_waiting, 1);
    expect_uint(s.screen_held, 0);
    expect(!s.provisional);
}
END_TEST

/* MOOT_SAY_WAITING_MAX (P12): then no more input is read. */
START_TEST(more_may_be_said_until_4096_lines_wait)
{
    for (unsigned i = 0; i < MOOT_SAY_AHEAD_MAX; i++) {
        stage_say(&st, "x");
        stage_run_ms(&st, MOOT_SAY_PACE_MS);
    }
    for (unsigned i = 0; i < MOOT_SAY_WAITING_MAX - 1; i++)
        stage_say(&st, "x");
    expect(moot_node_can_say(st.n));
    stage_say(&st, "x");
    expect(!moot_node_can_say(st.n));
    stage_store_all(&st);
    expect(moot_node_can_say(st.n));
}
END_TEST

Suite *suite_node_questions(void)
{
    Suite *s = suite_create("node/questions");
    TCase *t = tcase_create("answer");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_answer_says_who_we_are_and_repeats_the_nonce);
    tcase_add_test(t, all_live_members_are_listed_where_they_are_seen);
    tcase_add_test(t, the_answer_follows_every_change);
    tcase_add_test(t, who_is_only_heard_of_is_not_listed);
    tcase_add_test(t, loopback_is_told_to_loopback_only);
    tcase_add_test(t, a_nonce_may_have_64_bytes);
    tcase_add_test(t, a_bootstrap_socket_is_where_its_owner_says);
    tcase_add_test(t, or_else_where_he_is_seen);
    tcase_add_test(t, one_that_has_just_moved_is_joining_until_it_is_linked);
    tcase_add_test(t, a_peer_with_a_bootstrap_socket_says_where);
    tcase_add_test(t, a_peer_without_one_says_nothing_of_it);
    tcase_add_test(t, a_grown_group_says_so);
    suite_add_tcase(s, t);

    t = tcase_create("who");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, who_is_here_is_told_with_all_that_is_known);
    tcase_add_test(t, one_who_is_linked_to_others_only_is_here_too);
    tcase_add_test(t, there_may_be_more_than_there_is_room_for);
    tcase_add_test(t, the_figures_follow_what_happens);
    tcase_add_test(t, more_may_be_said_until_4096_lines_wait);
    suite_add_tcase(s, t);
    return s;
}
