/*
 * tests/node/test_olaf.c - the flow that Olaf's bootstrap server documents,
 * step by step, at our group directory.
 *
 *     Olaf                                    here
 *     room                                    hosted group
 *     JOIN_B without an id                    POST of one not seen before
 *     JOIN_B with an id                       POST of one who has his key still
 *     PEER_COLLECTOR of the lowest id         POST of a member that is linked
 *     BOOTSTRAP_R                             the answer, 200
 *     ROOM_FULL                               503
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cast.h"
#include "node/node_internal.h"
#include "wire/register.h"
#include "words.h"

Suite *suite_node_olaf(void);

static struct moot_node *host;
static struct moot_reception got;
static struct moot_answer answer;
static moot_ms now;
static enum moot_weight weight; /* as members say of their group */

static void open_host(unsigned groups_max)
{
    struct moot_node_config c;
    struct moot_hash group = hash_of(0x40);
    uint8_t seed[32] = {99};

    memset(&c, 0, sizeof c);
    cast_begin(&group);
    moot_key_init(&c.key, seed);
    c.wall = CAST_WALL;
    c.name = "host";
    c.group = "house";
    c.mode = MOOT_BOOTSTRAP;
    c.host_groups = groups_max;
    c.group_timeout = 15000;
    c.members_max = 3;
    now = 100000;
    weight = MOOT_PROVISIONAL;
    host = moot_node_create(&c);
    memset(&got, 0, sizeof got);
    memset(&answer, 0, sizeof answer);
}

static void set_up(void)
{
    open_host(2);
}

static void set_up_large(void)
{
    open_host(MOOT_HOSTED_KEPT_MAX + 1);
}

static void forget(void)
{
    moot_answer_fini(&answer);
    moot_reception_fini(&got);
}

static void tear_down(void)
{
    forget();
    moot_node_destroy(host);
    cast_end();
}

static struct moot_visit visit_from(const char *from)
{
    struct moot_visit v = {.now = now, .nonce = "00ff"};

    moot_addr_set(&v.local, "192.0.2.100", 8080);
    moot_addr_set(&v.asker, from, 40000);
    return v;
}

/* GET: looks at a room. */
static unsigned looks(const char *room)
{
    struct moot_visit v = visit_from("192.0.2.1");

    forget();
    v.group = room;
    moot_node_visit(host, &v, &got);
    if (got.text == NULL)
        expect_ok(moot_answer_decode(moot_buf_view(&got.json), &answer));
    return got.status;
}

static unsigned looks_as(char who, const char *room)
{
    struct moot_visit v = visit_from("192.0.2.1");
    char id[MOOT_HEX_LEN + 1];

    forget();
    moot_hex(cast_id(who)->b, id);
    v.group = room;
    v.identity = id;
    moot_node_visit(host, &v, &got);
    return got.status;
}

/* The request of the first of who, who has heard the others; signed by signer,
 * with the challenge he was just given from there. */
static unsigned posts(const char *who, const char *room, char signer,
                      const char *from, const char *challenge)
{
    struct moot_register r = {.group = cast_group(), .weight = weight};
    char signature[MOOT_HEX_LEN + 1 + 128 + 1];
    struct moot_visit v = visit_from(from);
    struct moot_buf body = {0};

    memcpy(r.group_name, room, strlen(room) + 1);
    memcpy(r.nonce, "aa55", 5);
    memcpy(r.challenge, challenge, strlen(challenge) + 1);
    r.records = moot_alloc(sizeof *r.records);
    r.records[r.record_count++] = cast_record(who[0], CAST_RUN, 1);
    r.heard = moot_alloc(8 * sizeof *r.heard);
    for (const char *w = who + 1; *w; w++)
        r.heard[r.heard_count++].id = *cast_id(*w);
    moot_register_encode(&r, &body);
    moot_register_sign(moot_buf_view(&body), cast_key(signer), signature);
    moot_register_fini(&r);
    forget();
    v.body = moot_buf_view(&body);
    v.signature = signature;
    moot_node_register(host, &v, &got);
    moot_buf_fini(&body);
    if (got.text == NULL)
        expect_ok(moot_answer_decode(moot_buf_view(&got.json), &answer));
    return got.status;
}

/* As an honest member does it: asks for a challenge, and repeats it. */
static unsigned joins(const char *who, const char *room, const char *from)
{
    char challenge[MOOT_HEX_LEN + 1];

    expect_uint(posts(who, room, who[0], from, ""), 401);
    memcpy(challenge, got.challenge, sizeof challenge);
    return posts(who, room, who[0], from, challenge);
}

static bool lists(char who)
{
    for (unsigned i = 0; i < answer.member_count; i++)
        if (moot_id_eq(&answer.members[i].id, cast_id(who)))
            return true;
    return false;
}

/* 1. First-Time Join: the room is created, the peers in it are answered. */
START_TEST(first_join)
{
    expect_uint(looks("game-room"), 404);
    expect_uint(strlen(got.challenge), MOOT_CHALLENGE_LEN);
    expect_uint(joins("A", "game-room", "192.0.2.1"), 200);
    expect(answer.hosted);
    expect_text(answer.nonce, "aa55");
    expect_uint(answer.member_count, 0); /* he knows of himself */
    expect_uint(joins("B", "game-room", "192.0.2.2"), 200);
    expect(lists('A'));
    expect_text(answer.members[0].addrs[0].host, "192.0.2.1");
    expect_uint(looks("game-room"), 200);
    expect(lists('A') && lists('B'));
}
END_TEST

/* 2. Reconnection: the same id, its place kept.  Olaf wants the same address,
 * we the same key, so a new address does no harm. */
START_TEST(reconnection_with_the_same_id)
{
    joins("A", "game-room", "192.0.2.1");
    joins("B", "game-room", "192.0.2.2");
    joins("C", "game-room", "192.0.2.3");
    expect_uint(joins("D", "game-room", "192.0.2.4"), 503);
    expect_uint(joins("B", "game-room", "198.51.100.9"), 200);
    looks("game-room");
    expect_uint(answer.member_count, 3);
    for (unsigned i = 0; i < 3; i++)
        if (moot_id_eq(&answer.members[i].id, cast_id('B')))
            expect_text(answer.members[i].addrs[0].host, "198.51.100.9");
}
END_TEST

/* "Prevents ID spoofing/hijacking", which Olaf's server does not: it accepts
 * any id that a client claims. */
START_TEST(spoofed_reconnection_refused)
{
    char challenge[MOOT_HEX_LEN + 1];

    joins("A", "game-room", "192.0.2.1");
    posts("A", "game-room", 'B', "192.0.2.2", "");
    memcpy(challenge, got.challenge, sizeof challenge);
    /* Signed by somebody else. */
    expect_uint(posts("A", "game-room", 'B', "192.0.2.2", challenge), 403);
    /* Heard on its way, and said again from elsewhere: also A's signature. */
    expect_uint(posts("A", "game-room", 'A', "192.0.2.7", challenge), 401);
    /* Said again later. */
    now += 20000;
    expect_uint(posts("A", "game-room", 'A', "192.0.2.2", challenge), 401);
    now -= 20000;
    looks("game-room");
    expect_uint(answer.member_count, 1);
    expect_text(answer.members[0].addrs[0].host, "192.0.2.1");
}
END_TEST

/* 3. Peer Collector: the lowest of them reports every three seconds, and that
 * keeps the room.  Olaf's server forgets it all the same. */
START_TEST(heartbeat)
{
    joins("A", "game-room", "192.0.2.1");
    joins("B", "game-room", "192.0.2.2");
    for (unsigned i = 0; i < 30; i++) {
        now += 3000;
        expect_uint(joins("AB", "game-room", "192.0.2.1"), 200);
        expect_uint(answer.again_ms, 3000);
    }
    expect_uint(looks("game-room"), 200);
    expect(lists('A') && lists('B'));
}
END_TEST

/* 4. Room Cleanup: no activity for longer than 15 s; peers must rejoin, and
 * are in the same room then. */
START_TEST(cleanup)
{
    struct moot_hash group = cast_group();

    joins("A", "game-room", "192.0.2.1");
    now += 14999;
    expect_uint(looks("game-room"), 200);
    now += 1;
    expect_uint(looks("game-room"), 404);
    expect_uint(joins("A", "game-room", "192.0.2.1"), 200);
    expect_hash(&answer.group, &group);
}
END_TEST

/* Error Handling, Room Full: so many rooms, and (which Olaf's name promises and
 * its code does not do) so many members of one. */
START_TEST(room_full)
{
    expect_uint(joins("A", "one", "192.0.2.1"), 200);
    expect_uint(joins("B", "two", "192.0.2.2"), 200);
    expect_uint(joins("C", "three", "192.0.2.3"), 503);
    expect_text(got.text, "group directory full\n");
    expect(got.retry_s > 0);
    joins("C", "one", "192.0.2.3");
    joins("D", "one", "192.0.2.4");
    expect_uint(joins("E", "one", "192.0.2.5"), 503);
    expect_text(got.text, "group full\n");
    /* Who only looks may do so; who wants in is told at once. */
    expect_uint(looks("one"), 200);
    expect_uint(looks_as('E', "one"), 503);
    expect_uint(looks_as('C', "one"), 200);
}
END_TEST

/* --- what it does not document --- */

/* What is kept begins like this from now on. */
static void spoil(char first)
{
    for (unsigned i = 0; i < MOOT_HOSTED_KEPT_MAX; i++) {
        struct moot_buf *head = &host->hosted_kept[i].answered.head;

        if (head->len > 0)
            head->data[head->start] = (uint8_t)first;
    }
}

/* Is it answered with what was kept? */
static bool is_kept(const char *from)
{
    struct moot_visit v = visit_from(from);
    bool kept;

    spoil('#');
    forget();
    v.group = "game-room";
    moot_node_visit(host, &v, &got);
    expect_uint(got.status, 200);
    kept = moot_buf_view(&got.json).data[0] == '#';
    spoil('{');
    return kept;
}

START_TEST(an_answer_is_kept_until_something_in_it_changes)
{
    joins("A", "game-room", "192.0.2.1");
    expect(!is_kept("192.0.2.1")); /* nobody asked before */
    expect(is_kept("192.0.2.1"));
    now += 3000;
    joins("A", "game-room", "192.0.2.1"); /* it lives, which is no news */
    expect(is_kept("192.0.2.1"));
    expect(!is_kept("127.0.0.1")); /* there, more can be dialled */
    expect(is_kept("127.0.0.1"));
    joins("B", "game-room", "192.0.2.2");
    expect(!is_kept("192.0.2.1"));
    looks("game-room");
    expect(lists('A') && lists('B'));
    joins("B", "game-room", "192.0.2.9");
    expect(!is_kept("192.0.2.1"));
    weight = MOOT_GROWN;
    joins("B", "game-room", "192.0.2.9");
    expect(!is_kept("192.0.2.1"));
    looks("game-room");
    expect_int(answer.weight, MOOT_GROWN);
}
END_TEST

START_TEST(who_has_died_is_not_in_what_was_kept)
{
    joins("A", "game-room", "192.0.2.1");
    joins("B", "game-room", "192.0.2.2");
    for (unsigned i = 0; i < 10; i++) {
        now += 2990;
        joins("A", "game-room", "192.0.2.1");
        looks("game-room");
        expect(lists('B'));
    }
    now += 200;
    looks("game-room");
    expect(lists('A') && !lists('B'));
}
END_TEST

/* Each as it was asked with, and signed. */
START_TEST(what_was_kept_has_the_nonce_of_who_asks)
{
    static const char *const nonces[] = {"00", "0123456789abcdef", ""};
    struct moot_visit v = visit_from("192.0.2.1");
    struct moot_id signer;

    joins("A", "game-room", "192.0.2.1");
    v.group = "game-room";
    for (unsigned i = 0; i < 3; i++) {
        forget();
        v.nonce = nonces[i];
        moot_node_visit(host, &v, &got);
        expect_ok(moot_answer_decode(moot_buf_view(&got.json), &answer));
        expect_text(answer.nonce, nonces[i]);
        expect(moot_answer_signed(moot_buf_view(&got.json), got.signature,
                                  &signer));
        expect_id(&signer, &answer.id);
    }
}
END_TEST

/* MOOT_HOSTED_KEPT_MAX: the one that was asked for longest ago gives way. */
START_TEST(so_many_answers_are_kept)
{
    char room[16];

    for (unsigned i = 0; i <= MOOT_HOSTED_KEPT_MAX; i++) {
        snprintf(room, sizeof room, "room%u", i);
        expect_uint(joins("A", room, "192.0.2.1"), 200);
        looks(room);
    }
    expect_text(host->hosted_kept[0].name, room);
    expect_text(host->hosted_kept[1].name, "room1");
}
END_TEST

START_TEST(our_own_group_is_answered_as_ever)
{
    struct moot_hash own = *moot_node_group(host);

    expect_uint(looks("house"), 200);
    expect(!answer.hosted);
    expect_hash(&answer.group, &own);
    expect_uint(looks(NULL), 200);
    expect_hash(&answer.group, &own);
    /* Nobody may register another one under its name. */
    expect_uint(joins("A", "house", "192.0.2.1"), 409);
    expect_hash(&answer.group, &own);
}
END_TEST

START_TEST(who_asks_too_often_is_told_when_to_come_again)
{
    unsigned status = 0;

    for (unsigned i = 0; i <= MOOT_DIRECTORY_BURST; i++) {
        struct moot_visit v = visit_from("192.0.2.66");

        forget();
        v.body = moot_bytes_text("{}");
        moot_node_register(host, &v, &got);
        status = got.status;
    }
    expect_uint(status, 429);
    expect_uint(got.retry_s, 1);
    expect_uint(joins("A", "game-room", "192.0.2.1"), 200);
}
END_TEST

START_TEST(bodies_that_are_no_request_are_refused)
{
    struct moot_visit v = visit_from("192.0.2.1");
    struct moot_buf large = {0};

    v.body = moot_bytes_text("hello");
    moot_node_register(host, &v, &got);
    expect_uint(got.status, 400);
    forget();
    memset(moot_buf_reserve(&large, MOOT_REGISTER_LEN_MAX + 1), ' ',
           MOOT_REGISTER_LEN_MAX + 1);
    moot_buf_commit(&large, MOOT_REGISTER_LEN_MAX + 1);
    v.body = moot_buf_view(&large);
    moot_node_register(host, &v, &got);
    expect_uint(got.status, 413);
    moot_buf_fini(&large);
}
END_TEST

Suite *suite_node_olaf(void)
{
    Suite *s = suite_create("node/olaf");
    TCase *t = tcase_create("olaf");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, first_join);
    tcase_add_test(t, reconnection_with_the_same_id);
    tcase_add_test(t, spoofed_reconnection_refused);
    tcase_add_test(t, heartbeat);
    tcase_add_test(t, cleanup);
    tcase_add_test(t, room_full);
    tcase_add_test(t, our_own_group_is_answered_as_ever);
    tcase_add_test(t, who_asks_too_often_is_told_when_to_come_again);
    tcase_add_test(t, bodies_that_are_no_request_are_refused);
    tcase_add_test(t, an_answer_is_kept_until_something_in_it_changes);
    tcase_add_test(t, who_has_died_is_not_in_what_was_kept);
    tcase_add_test(t, what_was_kept_has_the_nonce_of_who_asks);
    suite_add_tcase(s, t);

    t = tcase_create("many rooms");
    tcase_add_checked_fixture(t, set_up_large, tear_down);
    tcase_add_test(t, so_many_answers_are_kept);
    suite_add_tcase(s, t);
    return s;
}
