/*
 * tests/net/test_dial.c - reaching a peer, and saying why it could not be.
 *
 * Layer:  tests.
 * Thread: main is the loop's; the dials run in workers.
 */
#include "net/dial.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "net/world.h"

Suite *suite_net_dial(void);

static struct peer *alice, *bob;
static struct moot_jobs *pool;
static struct moot_dials *dials;
static moot_token token;

static void set_up(void)
{
    world_open();
    alice = peer_create(1, NULL);
    bob = peer_create(2, NULL);
    pool = moot_jobs_open(world_loop, MOOT_WORKERS_MAX, MOOT_JOBS_WAITING_MAX);
    dials = moot_dials_open(world_loop, &alice->sink, pool, alice->links,
                            &alice->tls);
}

static void tear_down(void)
{
    expect(moot_jobs_close(pool, 20000)); /* a resolver takes its time */
    moot_dials_close(dials);
    peer_destroy(alice);
    peer_destroy(bob);
    world_close();
}

static struct moot_fx_dial to(const char *host, uint16_t port)
{
    struct moot_fx_dial what;

    memset(&what, 0, sizeof what);
    what.token = ++token;
    what.within = 30000;
    moot_addr_set(&what.addrs[0], host, port);
    what.addr_count = 1;
    return what;
}

static void also(struct moot_fx_dial *what, const char *host, uint16_t port)
{
    moot_addr_set(&what->addrs[what->addr_count++], host, port);
}

/* Starts it, and returns why it failed. */
static int failure_of(const struct moot_fx_dial *what)
{
    const struct seen *s;
    unsigned before = peer_count(alice, MOOT_EV_DIAL_FAILED);

    alice->depth++;
    moot_dials_start(dials, what);
    alice->depth--;
    s = peer_until(alice, MOOT_EV_DIAL_FAILED, before + 1);
    expect_uint(s->token, what->token);
    expect_uint(peer_count(alice, MOOT_EV_LINK_OPEN), 0);
    return s->why;
}

START_TEST(a_dialled_link_opens_with_its_token)
{
    struct moot_fx_dial what = to("127.0.0.1", bob->port);

    what.pinned = true;
    what.id = bob->key.id;
    moot_dials_start(dials, &what);
    expect_uint(peer_until(alice, MOOT_EV_LINK_OPEN, 1)->token, what.token);
    peer_until(bob, MOOT_EV_LINK_OPEN, 1);
    expect_id(&peer_saw(bob, MOOT_EV_LINK_OPEN)->id, &alice->key.id);
    peer_say(alice, peer_saw(alice, MOOT_EV_LINK_OPEN)->link, "hello");
    expect_text(peer_until(bob, MOOT_EV_FRAME, 1)->text, "hello");
    expect_uint(peer_count(alice, MOOT_EV_DIAL_FAILED), 0);
}
END_TEST

START_TEST(a_name_is_resolved)
{
    struct moot_fx_dial what = to("localhost", bob->port);

    moot_dials_start(dials, &what);
    peer_until(alice, MOOT_EV_LINK_OPEN, 1);
}
END_TEST

/* What the acceptor says first may come with the end of the handshake. */
static void greet(struct peer *p, const struct moot_event *ev)
{
    if (ev->kind == MOOT_EV_LINK_OPEN)
        peer_say(p, ev->link, "welcome");
}

START_TEST(what_came_with_the_handshake_is_not_lost)
{
    struct moot_fx_dial what = to("127.0.0.1", bob->port);

    bob->hook = greet;
    moot_dials_start(dials, &what);
    expect_text(peer_until(alice, MOOT_EV_FRAME, 1)->text, "welcome");
}
END_TEST

START_TEST(nobody_there_is_refused)
{
    uint16_t port;
    int fd = socket_refusing(&port);
    struct moot_fx_dial what = to("127.0.0.1", port);

    expect_int(failure_of(&what), MOOT_EREFUSED);
    close(fd);
}
END_TEST

START_TEST(another_identity_is_a_wrong_key)
{
    struct moot_fx_dial what = to("127.0.0.1", bob->port);

    what.pinned = true;
    what.id = id_of(9);
    expect_int(failure_of(&what), MOOT_EKEY);
    peer_until(bob, MOOT_EV_LINK_CLOSED, 1);
}
END_TEST

START_TEST(we_do_not_link_to_ourselves)
{
    struct moot_fx_dial what = to("127.0.0.1", alice->port);

    expect_int(failure_of(&what), MOOT_ESELF);
}
END_TEST

/* Somebody listens but never answers. */
START_TEST(silence_is_a_timeout)
{
    uint16_t port;
    int fd = socket_listening(&port);
    struct moot_fx_dial what = to("127.0.0.1", port);
    int64_t before = clock_ms();

    what.within = 100;
    expect_int(failure_of(&what), MOOT_ETIMEOUT);
    expect(clock_ms() - before >= 95);
    close(fd);
}
END_TEST

/* RFC 6761: this one does not exist; or asking takes longer than there is
 * time. */
START_TEST(a_name_that_does_not_resolve_is_reported)
{
    struct moot_fx_dial what = to("nobody.invalid", bob->port);

    what.within = 300;
    expect_int(failure_of(&what), MOOT_ENAME);
}
END_TEST

START_TEST(the_next_address_is_tried_when_one_fails)
{
    uint16_t refusing;
    int fd = socket_refusing(&refusing);
    struct moot_fx_dial what = to("127.0.0.1", refusing);

    /* In the way: nobody, ourselves, somebody else; a name comes last. */
    also(&what, "127.0.0.1", alice->port);
    also(&what, "::1", refusing);
    also(&what, "127.0.0.1", bob->port);
    what.pinned = true;
    what.id = bob->key.id;
    moot_dials_start(dials, &what);
    expect_uint(peer_until(alice, MOOT_EV_LINK_OPEN, 1)->token, what.token);
    close(fd);
}
END_TEST

START_TEST(an_address_that_is_silent_does_not_use_up_the_time)
{
    uint16_t silent;
    int fd = socket_listening(&silent);
    struct moot_fx_dial what = to("127.0.0.1", silent);

    also(&what, "localhost", bob->port);
    what.within = 2000;
    moot_dials_start(dials, &what);
    peer_until(alice, MOOT_EV_LINK_OPEN, 1);
    close(fd);
}
END_TEST

START_TEST(the_most_telling_failure_is_reported)
{
    uint16_t refusing, silent;
    int a = socket_refusing(&refusing), b = socket_listening(&silent);
    struct moot_fx_dial what = to("127.0.0.1", silent);

    what.within = 1000;
    also(&what, "127.0.0.1", refusing);
    expect_int(failure_of(&what), MOOT_EREFUSED);

    what = to("127.0.0.1", refusing);
    also(&what, "127.0.0.1", bob->port);
    what.pinned = true;
    what.id = id_of(9);
    expect_int(failure_of(&what), MOOT_EKEY);
    close(a);
    close(b);
}
END_TEST

/* MOOT_WORKERS_MAX and beyond, all at once. */
START_TEST(many_dials_run_side_by_side)
{
    const unsigned n = 2 * MOOT_WORKERS_MAX;

    for (unsigned i = 0; i < n; i++) {
        struct moot_fx_dial what = to("127.0.0.1", bob->port);

        moot_dials_start(dials, &what);
    }
    peer_until(alice, MOOT_EV_LINK_OPEN, n);
    peer_until(bob, MOOT_EV_LINK_OPEN, n);
    expect_uint(peer_count(alice, MOOT_EV_DIAL_FAILED), 0);
}
END_TEST

START_TEST(a_full_pool_is_told_and_never_at_once)
{
    struct moot_jobs *small = moot_jobs_open(world_loop, 1, 1);
    struct moot_dials *few = moot_dials_open(world_loop, &alice->sink, small,
                                             alice->links, &alice->tls);
    uint16_t port;
    int fd = socket_listening(&port);

    alice->depth++;
    for (int i = 0; i < 8; i++) {
        struct moot_fx_dial what = to("127.0.0.1", port);

        moot_dials_start(few, &what);
    }
    alice->depth--;
    expect_int(peer_until(alice, MOOT_EV_DIAL_FAILED, 6)->why, MOOT_ELIMIT);
    expect(moot_jobs_close(small, 5000));
    moot_dials_close(few);
    close(fd);
}
END_TEST

START_TEST(closing_does_not_wait_for_dials_under_way)
{
    uint16_t port;
    int fd = socket_listening(&port);

    for (int i = 0; i < 40; i++) {
        struct moot_fx_dial what = to("127.0.0.1", port);

        what.within = 60000;
        moot_dials_start(dials, &what);
    }
    world_turn(3);
    expect(moot_jobs_close(pool, 20000));
    moot_dials_close(dials);
    expect_uint(alice->count, 0);
    pool = moot_jobs_open(world_loop, 1, 1);
    dials = NULL;
    close(fd);
}
END_TEST

Suite *suite_net_dial(void)
{
    Suite *s = suite_create("net/dial");
    TCase *t = tcase_create("dials");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_dialled_link_opens_with_its_token);
    tcase_add_test(t, a_name_is_resolved);
    tcase_add_test(t, what_came_with_the_handshake_is_not_lost);
    tcase_add_test(t, nobody_there_is_refused);
    tcase_add_test(t, another_identity_is_a_wrong_key);
    tcase_add_test(t, we_do_not_link_to_ourselves);
    tcase_add_test(t, silence_is_a_timeout);
    tcase_add_test(t, a_name_that_does_not_resolve_is_reported);
    tcase_add_test(t, the_next_address_is_tried_when_one_fails);
    tcase_add_test(t, an_address_that_is_silent_does_not_use_up_the_time);
    tcase_add_test(t, the_most_telling_failure_is_reported);
    tcase_add_test(t, many_dials_run_side_by_side);
    tcase_add_test(t, a_full_pool_is_told_and_never_at_once);
    tcase_add_test(t, closing_does_not_wait_for_dials_under_way);
    suite_add_tcase(s, t);
    return s;
}
