/*
 * tests/net/test_pause.c - a link that is not read for a while: nothing of it
 * is delivered meanwhile, nothing is lost, and it can still be written to and
 * ended (P11).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "net/world.h"

Suite *suite_net_pause(void);

#define FOR_EVER_MS (1000 * 1000)

static struct peer *alice, *bob;

/* Bob pauses at every frame whose number is a multiple of this. */
static unsigned every;
static moot_ms pause_ms;
static int64_t paused_at; /* 0: he did not */

static void on_event(struct peer *p, const struct moot_event *ev)
{
    if (paused_at != 0) {
        /* Nothing comes early; a timer may be off by less than that. */
        expect(clock_ms() - paused_at >= pause_ms - 1);
        paused_at = 0;
    }
    if (ev->kind == MOOT_EV_FRAME &&
        peer_count(p, MOOT_EV_FRAME) % every == 0) {
        paused_at = clock_ms();
        moot_links_pause(p->links, ev->link, pause_ms);
    }
}

static void set_up(void)
{
    struct moot_links_config c;

    moot_links_defaults(&c);
    c.drain_ms = 30;
    world_open();
    alice = peer_create(1, NULL);
    bob = peer_create(2, &c);
    bob->hook = on_event;
    every = 1;
    pause_ms = FOR_EVER_MS;
    paused_at = 0;
}

static void tear_down(void)
{
    peer_destroy(alice);
    peer_destroy(bob);
    world_close();
}

/* Bob's. */
static moot_link the_link(void)
{
    return peer_saw(bob, MOOT_EV_LINK_OPEN)->link;
}

static void say_numbers(moot_link link, unsigned count)
{
    char text[32];

    for (unsigned i = 0; i < count; i++) {
        snprintf(text, sizeof text, "line %u", i);
        peer_say(alice, link, text);
    }
}

static void expect_numbers(unsigned count)
{
    char text[32];
    unsigned n = 0;

    for (unsigned i = 0; i < bob->count; i++) {
        if (bob->seen[i].kind != MOOT_EV_FRAME)
            continue;
        snprintf(text, sizeof text, "line %u", n++);
        expect_text(bob->seen[i].text, text);
    }
    expect_uint(n, count);
}

/* The hook sees to it that none comes too early. */
START_TEST(what_came_together_with_the_last_frame_waits_and_then_comes)
{
    moot_link link = peer_link(alice, bob);

    every = 7;
    pause_ms = 20;
    say_numbers(link, 100);
    peer_until(bob, MOOT_EV_FRAME, 100);
    expect_numbers(100);
}
END_TEST

START_TEST(what_comes_during_a_pause_waits_as_well)
{
    moot_link link = peer_link(alice, bob);

    say_numbers(link, 1);
    peer_until(bob, MOOT_EV_FRAME, 1);
    for (int i = 0; i < 20; i++) {
        peer_say(alice, link, "hello?");
        world_turn(2);
    }
    expect_uint(peer_count(bob, MOOT_EV_FRAME), 1);
    every = 1000;
    paused_at = 0;
    moot_links_pause(bob->links, the_link(), 1); /* replaces the first */
    peer_until(bob, MOOT_EV_FRAME, 21);
}
END_TEST

static void say_much(moot_link link, unsigned count, size_t len)
{
    static uint8_t frame[4 + 60000];

    frame[2] = (uint8_t)(len >> 8);
    frame[3] = (uint8_t)len;
    for (unsigned i = 0; i < count; i++)
        moot_links_send(alice->links, link, moot_bytes_of(frame, 4 + len));
}

/* Frames that end within records, within shares and within other frames. */
START_TEST(a_pause_after_every_frame_loses_nothing_of_a_flood)
{
    moot_link link = peer_link(alice, bob);

    pause_ms = 1;
    say_much(link, 10, 60000);
    say_much(link, 60, 100);
    say_much(link, 40, 7777);
    peer_until(bob, MOOT_EV_FRAME, 110);
    expect_uint(peer_saw(bob, MOOT_EV_FRAME)->len, 7777);
    expect_uint(peer_count(bob, MOOT_EV_LINK_CLOSED), 0);
}
END_TEST

START_TEST(the_end_comes_after_the_last_frame)
{
    moot_link link = peer_link(alice, bob);

    pause_ms = 1;
    say_numbers(link, 20);
    moot_links_shut(alice->links, link, MOOT_OK);
    expect_int(peer_until(bob, MOOT_EV_LINK_CLOSED, 1)->why, MOOT_ECLOSED);
    expect_numbers(20);
}
END_TEST

START_TEST(a_paused_link_is_written_to)
{
    moot_link link = peer_link(alice, bob);

    say_numbers(link, 2);
    peer_until(bob, MOOT_EV_FRAME, 1);
    peer_say(bob, the_link(), "I am busy");
    expect_text(peer_until(alice, MOOT_EV_FRAME, 1)->text, "I am busy");
    expect_uint(peer_count(bob, MOOT_EV_FRAME), 1);
}
END_TEST

START_TEST(a_paused_link_is_cut_at_once)
{
    moot_link link = peer_link(alice, bob);

    say_numbers(link, 2);
    peer_until(bob, MOOT_EV_FRAME, 1);
    paused_at = 0;
    moot_links_cut(bob->links, the_link(), MOOT_ESLOW);
    world_turn(1);
    expect_int(peer_saw(bob, MOOT_EV_LINK_CLOSED)->why, MOOT_ESLOW);
    peer_until(alice, MOOT_EV_LINK_CLOSED, 1);
    expect_uint(moot_links_count(bob->links), 0);
}
END_TEST

/* The other side hears of it at once; we wait for its answer no longer than
 * for anybody's. */
START_TEST(a_paused_link_drains_no_longer_than_any_other)
{
    moot_link link = peer_link(alice, bob);

    say_numbers(link, 2);
    peer_until(bob, MOOT_EV_FRAME, 1);
    paused_at = 0;
    peer_say(bob, the_link(), "farewell");
    moot_links_shut(bob->links, the_link(), MOOT_EPROTO);
    peer_until(alice, MOOT_EV_LINK_CLOSED, 1);
    expect_text(peer_saw(alice, MOOT_EV_FRAME)->text, "farewell");
    expect_int(peer_until(bob, MOOT_EV_LINK_CLOSED, 1)->why, MOOT_EPROTO);
    expect_uint(peer_count(bob, MOOT_EV_FRAME), 1);
}
END_TEST

/* One that shuts and one that is cut from inside the very frame. */
static void on_last_event(struct peer *p, const struct moot_event *ev)
{
    if (ev->kind != MOOT_EV_FRAME)
        return;
    moot_links_pause(p->links, ev->link, FOR_EVER_MS);
    if (peer_count(p, MOOT_EV_FRAME) == 1)
        moot_links_shut(p->links, ev->link, MOOT_OK);
    else
        moot_links_cut(p->links, ev->link, MOOT_ESILENT);
    moot_links_pause(p->links, ev->link, FOR_EVER_MS);
}

START_TEST(pausing_and_ending_go_together)
{
    moot_link one = peer_link(alice, bob), other = peer_link(alice, bob);

    bob->hook = on_last_event;
    say_numbers(one, 3);
    peer_until(bob, MOOT_EV_LINK_CLOSED, 1);
    say_numbers(other, 3);
    expect_int(peer_until(bob, MOOT_EV_LINK_CLOSED, 2)->why, MOOT_ESILENT);
    expect_uint(peer_count(bob, MOOT_EV_FRAME), 2);
    moot_links_pause(bob->links, the_link(), 1); /* nobody */
}
END_TEST

Suite *suite_net_pause(void)
{
    Suite *s = suite_create("net/pause");
    TCase *t = tcase_create("pause");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t,
                   what_came_together_with_the_last_frame_waits_and_then_comes);
    tcase_add_test(t, what_comes_during_a_pause_waits_as_well);
    tcase_add_test(t, a_pause_after_every_frame_loses_nothing_of_a_flood);
    tcase_add_test(t, the_end_comes_after_the_last_frame);
    tcase_add_test(t, a_paused_link_is_written_to);
    tcase_add_test(t, a_paused_link_is_cut_at_once);
    tcase_add_test(t, a_paused_link_drains_no_longer_than_any_other);
    tcase_add_test(t, pausing_and_ending_go_together);
    suite_add_tcase(s, t);
    return s;
}
