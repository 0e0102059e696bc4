/*
 * tests/node/test_adversary.c - one node among members who mean no good: real
 * proofs, real signatures, and messages that no honest peer would send.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "group/group.h"
#include "node/node_internal.h"
#include "wire/frame.h"
#include "words.h"

Suite *suite_node_adversary(void);

static struct moot_node *node;
static struct moot_effects fx;
static moot_ms now;
static struct moot_key me;
static struct moot_message message;
static unsigned shown, stored, drained, dialled, dialled_here;
static moot_token last_store;
static bool cut[4096];             /* by link: the node ended it */
static struct moot_buf sent_to[8]; /* the frames to the first links */

static struct moot_key key_of(unsigned number)
{
    uint8_t seed[32] = {0};
    struct moot_key key;

    seed[0] = (uint8_t)number;
    seed[1] = (uint8_t)(number >> 8);
    seed[2] = 1;
    moot_key_init(&key, seed);
    return key;
}

static struct moot_exporter exporter_of(moot_link link)
{
    struct moot_exporter ex = {{0}};

    memcpy(ex.b, &link, sizeof link);
    return ex;
}

/* --- steps --- */

static void gather(const struct moot_effect *e)
{
    bool ended = e->kind == MOOT_FX_CUT || e->kind == MOOT_FX_CLOSE;
    struct moot_bytes bytes;

    shown += e->kind == MOOT_FX_SHOW && e->show.kind == MOOT_SHOW_ENTRY;
    stored += e->kind == MOOT_FX_STORE;
    dialled += e->kind == MOOT_FX_DIAL;
    for (unsigned i = 0; e->kind == MOOT_FX_DIAL && i < e->dial->addr_count;
         i++)
        dialled_here += moot_addr_loopback(&e->dial->addrs[i]);
    drained += e->kind == MOOT_FX_DRAINED;
    if (e->kind == MOOT_FX_STORE)
        last_store = e->token;
    if (ended && e->link < 4096)
        cut[e->link] = true;
    if (e->kind != MOOT_FX_SEND || e->link >= 8)
        return;
    bytes = moot_fx_bytes(&fx, e);
    moot_buf_append(&sent_to[e->link], bytes.data, bytes.len);
}

static void step(struct moot_event *ev)
{
    ev->now = now;
    ev->wall = 1000000 + now;
    moot_effects_clear(&fx);
    moot_node_step(node, ev, &fx);
    for (unsigned i = 0; i < fx.count; i++)
        gather(&fx.at[i]);
}

static void simple(enum moot_event_kind kind, moot_link link)
{
    struct moot_event ev = {.kind = kind, .link = link};

    step(&ev);
}

static void run_ms(moot_ms ms)
{
    moot_ms until = now + ms, due;

    while ((due = moot_node_deadline(node)) <= until) {
        now = due > now ? due : now;
        simple(MOOT_EV_TIMER, 0);
    }
    now = until;
}

static void closed(moot_link link, int why)
{
    struct moot_event ev = {.kind = MOOT_EV_LINK_CLOSED, .link = link};

    ev.why = why;
    step(&ev);
}

static void say(const char *text)
{
    struct moot_event ev = {.kind = MOOT_EV_SAY};

    ev.say.kind = MOOT_LINE_TEXT;
    ev.say.text = moot_bytes_text(text);
    step(&ev);
}

static void store_all(void)
{
    struct moot_event ev = {.kind = MOOT_EV_STORED};

    ev.stored.token = last_store;
    step(&ev);
}

static struct moot_message *draft(enum moot_message_kind kind)
{
    memset(&message, 0, sizeof message);
    message.kind = kind;
    return &message;
}

/* One frame that arrives; several of the same. */
static void post_times(moot_link link, unsigned times)
{
    struct moot_event ev = {.kind = MOOT_EV_FRAME, .link = link};
    struct moot_buf b = {0};
    struct moot_bytes all;

    moot_message_encode(&message, &b);
    all = moot_buf_view(&b);
    ev.frame = moot_bytes_of(all.data + MOOT_FRAME_PREFIX,
                             all.len - MOOT_FRAME_PREFIX);
    for (unsigned i = 0; i < times; i++)
        step(&ev);
    moot_buf_fini(&b);
}

static void post(moot_link link)
{
    post_times(link, 1);
}

/* --- links --- */

static struct moot_hash group_id(void)
{
    struct moot_node_stats s;

    moot_node_stats(node, &s);
    return s.group;
}

static struct moot_record record_of(const struct moot_key *k)
{
    struct moot_record r = {.group = group_id(),
                            .id = k->id,
                            .run = 1,
                            .run_ms = 500000,
                            .serial = 1,
                            .name = "eve",
                            .mode = MOOT_STANDARD,
                            .standing = MOOT_JOINED,
                            .port = 8081};

    moot_record_seal(&r, k);
    return r;
}

static void open_link(moot_link link, const struct moot_key *k)
{
    struct moot_event ev = {.kind = MOOT_EV_LINK_OPEN, .link = link};

    ev.open.link = link;
    ev.open.id = k->id;
    ev.open.exporter = exporter_of(link);
    moot_addr_set(&ev.open.remote, "10.0.0.9", 4000);
    step(&ev);
}

static void post_hello(moot_link link, const struct moot_key *k,
                       const struct moot_hash *group)
{
    struct moot_exporter ex = exporter_of(link);
    struct moot_hello *h = &draft(MOOT_MSG_HELLO)->hello;

    h->major = MOOT_PROTOCOL_MAJOR;
    h->group_tag = moot_group_tag(group, &ex);
    h->name_tag = moot_name_tag(moot_bytes_text("lobby"), &ex);
    h->run = 1;
    h->proof = moot_proof(group, NULL, MOOT_DIALLER, &ex, &k->id, &me.id);
    post(link);
}

static void post_welcome(moot_link link, const struct moot_key *k)
{
    struct moot_record r = record_of(k);

    draft(MOOT_MSG_WELCOME)->welcome.record = r;
    post(link);
}

static void come_up(moot_link link, const struct moot_key *k)
{
    struct moot_hash group = group_id();

    open_link(link, k);
    post_hello(link, k, &group);
    if (!cut[link])
        post_welcome(link, k);
}

/* --- life --- */

static void setup(void)
{
    struct moot_node_config c = {.key = key_of(0),
                                 .name = "me",
                                 .group = "lobby",
                                 .mode = MOOT_BOOTSTRAP,
                                 .strict = true,
                                 .join_timeout = 10000,
                                 .port = 8081};

    me = c.key;
    now = 1000;
    c.wall = 1000000 + now;
    node = moot_node_create(&c);
    simple(MOOT_EV_START, 0);
    ck_assert(moot_node_joined(node));
}

static void teardown(void)
{
    moot_node_destroy(node);
    moot_effects_fini(&fx);
    memset(cut, 0, sizeof cut);
    shown = stored = drained = dialled = dialled_here = 0;
    for (unsigned i = 0; i < 8; i++)
        moot_buf_fini(&sent_to[i]);
}

/* --- too many --- */

/* All prove themselves first and come up afterwards, so that no count of links
 * that are up can have stopped them. */
START_TEST(more_links_than_there_may_be_are_refused)
{
    struct moot_hash group = group_id();
    struct moot_node_stats s;

    for (moot_link i = 1; i <= MOOT_LINKS_MAX + 200; i++) {
        struct moot_key k = key_of((unsigned)i);

        open_link(i, &k);
        post_hello(i, &k, &group);
    }
    for (moot_link i = 1; i <= MOOT_LINKS_MAX + 200; i++) {
        struct moot_key k = key_of((unsigned)i);

        if (!cut[i])
            post_welcome(i, &k);
    }
    run_ms(1000);
    moot_node_stats(node, &s);
    expect_uint(s.links_up, MOOT_MEMBERS_MAX - 1); /* we are one, too */
    expect_uint(s.members, MOOT_MEMBERS_MAX);
}
END_TEST

/* Those we have ended and who are not closed yet still are in the lists. */
START_TEST(links_that_are_ending_still_count)
{
    for (moot_link i = 1; i < MOOT_MEMBERS_MAX; i++) {
        struct moot_key k = key_of((unsigned)i);

        come_up(i, &k);
    }
    draft(MOOT_MSG_REFUSE)->refuse.why = MOOT_REFUSE_GROUP;
    for (moot_link i = 1; i < MOOT_MEMBERS_MAX; i++)
        post(i); /* breaks the protocol */
    for (moot_link i = 2000; i < 2100; i++) {
        struct moot_key k = key_of((unsigned)i);

        come_up(i, &k);
        expect(cut[i]);
    }
    closed(1, MOOT_EPROTO);
    struct moot_key k = key_of(3000);

    come_up(3000, &k);
    expect(!cut[3000]);
}
END_TEST

/* --- being led --- */

/* MOVE to ever smaller groups. */
static void lead_on(moot_link link)
{
    for (uint8_t i = 100; i > 0; i--) {
        struct moot_move *m = &draft(MOOT_MSG_MOVE)->move;

        m->group.b[31] = i;
        m->weight = MOOT_PROVISIONAL;
        post(link);
    }
}

/* Each smaller id would lead us further, and what we said is said again each
 * time: to the screen, to the store, with a signature. */
START_TEST(a_stranger_leads_us_to_another_group_once)
{
    struct moot_key k = key_of(1);
    struct moot_hash other = hash_of(0);

    other.b[31] = 200;
    say("hello");
    shown = stored = 0;
    open_link(1, &k);
    post_hello(1, &k, &other);
    expect(!cut[1]);
    lead_on(1);
    expect_uint(shown, 1);
    expect_uint(stored, 1);
}
END_TEST

START_TEST(a_member_leads_us_to_another_group_once)
{
    struct moot_key k = key_of(1);

    come_up(1, &k);
    lead_on(1);
    struct moot_hash here = group_id();

    expect_int(here.b[31], 100);
}
END_TEST

/* It comes along and is linked again before the old link has ended. */
START_TEST(the_end_of_a_link_we_left_does_not_touch_the_new_one)
{
    struct moot_key k = key_of(1);

    come_up(1, &k);
    lead_on(1);
    come_up(2, &k);
    run_ms(200);
    dialled = 0;
    closed(1, MOOT_EGROUP);
    run_ms(1000);
    expect_uint(dialled, 0);
}
END_TEST

/* It would have us knock at our own doors. */
START_TEST(a_member_elsewhere_does_not_live_on_our_loopback)
{
    struct moot_key k = key_of(1);
    struct moot_hash group = group_id();
    struct moot_record r = record_of(&k);

    moot_addr_set(&r.addrs[0], "127.0.0.1", 22);
    moot_addr_set(&r.addrs[1], "localhost", 25);
    r.addr_count = 2;
    moot_record_seal(&r, &k);
    open_link(1, &k);
    post_hello(1, &k, &group);
    draft(MOOT_MSG_WELCOME)->welcome.record = r;
    post(1);
    closed(1, MOOT_ERESET);
    run_ms(1000);
    expect(dialled > 0);
    expect_uint(dialled_here, 0);
}
END_TEST

/* However often we moved, what we say is stored: the tokens of the store have
 * 16 bits for the count of the moves. */
START_TEST(many_thousand_moves_later_the_store_is_still_believed)
{
    struct moot_node_stats s;

    node->epoch = 0xfffd;
    for (uint8_t i = 1; i <= 6; i++) {
        struct moot_hash id = {{i}};
        struct moot_effects none = {0};

        moot_adopt(node, &id, &none);
        moot_effects_fini(&none);
    }
    expect(node->epoch > 0x10000);
    say("hello");
    store_all();
    moot_node_stats(node, &s);
    expect_uint(s.say_waiting, 0);
    say("again");
    store_all();
    expect_uint(stored, 2);
}
END_TEST

/* --- probes --- */

/* What was sent to the link since the last time: how many PINGs. */
static unsigned pings_to(moot_link link)
{
    struct moot_bytes rest = moot_buf_view(&sent_to[link]), frame;
    unsigned count = 0;

    while (moot_frame_first(rest, MOOT_FRAME_LEN_MAX, &frame) == MOOT_OK) {
        size_t len = MOOT_FRAME_PREFIX + frame.len;

        expect_ok(moot_message_decode(frame, &message));
        count += message.kind == MOOT_MSG_PING;
        rest = moot_bytes_of(rest.data + len, rest.len - len);
    }
    moot_buf_clear(&sent_to[link]);
    return count;
}

START_TEST(a_flood_of_probes_does_not_flood_the_one_they_are_about)
{
    struct moot_key k = key_of(1), victim = key_of(2);

    come_up(1, &k);
    come_up(2, &victim);
    moot_buf_clear(&sent_to[2]);
    draft(MOOT_MSG_PROBE)->probe.id = victim.id;
    post_times(1, 1000);
    expect_uint(pings_to(2), 1);
}
END_TEST

START_TEST(one_who_asks_much_leaves_room_for_others)
{
    struct moot_key k = key_of(1), other = key_of(2);

    come_up(1, &k);
    come_up(2, &other);
    for (moot_link i = 3; i < 100; i++) {
        struct moot_key about = key_of((unsigned)i);

        come_up(i, &about);
        draft(MOOT_MSG_PROBE)->probe.id = about.id;
        post(1);
    }
    expect_uint(node->probe_count, MOOT_PROBES_EACH_MAX);
    draft(MOOT_MSG_PROBE)->probe.id = key_of(50).id;
    post(2);
    expect_uint(node->probe_count, MOOT_PROBES_EACH_MAX + 1);
}
END_TEST

/* --- the last lines --- */

static void post_ack(moot_link link, uint64_t seq)
{
    draft(MOOT_MSG_ACK)->ack =
        (struct moot_ack){.run = node->self.run, .seq = seq};
    post(link);
}

/* Whoever it comes from: it is believed of his own store only. */
START_TEST(nobody_confirms_for_another)
{
    struct moot_key k = key_of(1), other = key_of(2);

    come_up(1, &k);
    come_up(2, &other);
    say("hello");
    store_all();
    simple(MOOT_EV_INPUT_END, 0);
    post_ack(1, UINT64_MAX);
    post_ack(1, 1);
    expect_uint(drained, 0);
    post_ack(2, 1);
    expect_uint(drained, 1);
}
END_TEST

START_TEST(who_never_catches_up_is_waited_for_5_s)
{
    struct moot_key k = key_of(1);

    say("before anybody came");
    store_all();
    come_up(1, &k);
    simple(MOOT_EV_INPUT_END, 0);
    for (unsigned i = 0; i < 100 && drained == 0; i++) {
        simple(MOOT_EV_PING_DUE, 1);
        run_ms(100);
    }
    expect_uint(drained, 1);
    expect_int(now, 1000 + MOOT_DRAIN_MAX_MS);
}
END_TEST

Suite *suite_node_adversary(void)
{
    TCase *probes = tcase_create("probes");
    TCase *last = tcase_create("the last lines");
    TCase *led = tcase_create("being led");
    Suite *s = suite_create("node/adversary");
    TCase *many = tcase_create("too many");

    tcase_add_checked_fixture(many, setup, teardown);
    tcase_set_timeout(many, 60);
    tcase_add_test(many, more_links_than_there_may_be_are_refused);
    tcase_add_test(many, links_that_are_ending_still_count);
    suite_add_tcase(s, many);
    tcase_add_checked_fixture(led, setup, teardown);
    tcase_set_timeout(led, 60);
    tcase_add_test(led, a_stranger_leads_us_to_another_group_once);
    tcase_add_test(led, a_member_leads_us_to_another_group_once);
    tcase_add_test(led, the_end_of_a_link_we_left_does_not_touch_the_new_one);
    tcase_add_test(led, a_member_elsewhere_does_not_live_on_our_loopback);
    tcase_add_test(led, many_thousand_moves_later_the_store_is_still_believed);
    suite_add_tcase(s, led);
    tcase_add_checked_fixture(probes, setup, teardown);
    tcase_add_test(probes,
                   a_flood_of_probes_does_not_flood_the_one_they_are_about);
    tcase_add_test(probes, one_who_asks_much_leaves_room_for_others);
    suite_add_tcase(s, probes);
    tcase_add_checked_fixture(last, setup, teardown);
    tcase_add_test(last, nobody_confirms_for_another);
    tcase_add_test(last, who_never_catches_up_is_waited_for_5_s);
    suite_add_tcase(s, last);
    return s;
}
