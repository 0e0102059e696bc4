/*
 * tests/net/test_link.c - links between peers who mean well: frames, queues,
 * and how a link ends.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "net/world.h"

Suite *suite_net_link(void);

static struct peer *alice, *bob;

static void set_up(void)
{
    world_open();
    alice = peer_create(1, NULL);
    bob = peer_create(2, NULL);
}

static void tear_down(void)
{
    peer_destroy(alice);
    peer_destroy(bob);
    world_close();
}

/* Another bob, with his own ideas of limits. */
static void make_bob(const struct moot_links_config *c)
{
    peer_destroy(bob);
    bob = peer_create(2, c);
}

START_TEST(a_link_opens_with_both_identities_and_one_exporter)
{
    const struct seen *at_bob, *at_alice;

    peer_link(alice, bob);
    at_bob = peer_saw(bob, MOOT_EV_LINK_OPEN);
    at_alice = peer_saw(alice, MOOT_EV_LINK_OPEN);
    expect_id(&at_bob->id, &alice->key.id);
    expect_id(&at_alice->id, &bob->key.id);
    expect(memcmp(&at_bob->exporter, &at_alice->exporter,
                  sizeof at_bob->exporter) == 0);
    expect_uint(at_alice->token, 77);
    expect_uint(at_bob->token, 0);
    expect_text(at_bob->remote.host, "127.0.0.1");
    expect_uint(at_alice->remote.port, bob->port);
}
END_TEST

START_TEST(frames_arrive_whole_and_in_order)
{
    moot_link link = peer_link(alice, bob);
    char text[32];

    for (int i = 0; i < 200; i++) {
        snprintf(text, sizeof text, "line %d", i);
        peer_say(alice, link, text);
        if (i % 7 == 0)
            world_turn(1);
    }
    peer_until(bob, MOOT_EV_FRAME, 200);
    for (unsigned i = 0, n = 0; i < bob->count; i++) {
        if (bob->seen[i].kind != MOOT_EV_FRAME)
            continue;
        snprintf(text, sizeof text, "line %u", n++);
        expect_text(bob->seen[i].text, text);
    }
}
END_TEST

static void send_frame(struct peer *p, moot_link link, size_t len)
{
    uint8_t *frame = moot_alloc(4 + len);
    uint32_t prefix = htonl((uint32_t)len);

    memcpy(frame, &prefix, 4);
    memset(frame + 4, 'x', len);
    moot_links_send(p->links, link, moot_bytes_of(frame, 4 + len));
    free(frame);
}

/* MOOT_FRAME_LEN_MAX: the largest fits, one byte more ends the link. */
START_TEST(the_largest_frame_fits_and_a_larger_one_ends_the_link)
{
    moot_link link = peer_link(alice, bob);

    for (int i = 0; i < 3; i++)
        send_frame(alice, link, MOOT_FRAME_LEN_MAX);
    expect_uint(peer_until(bob, MOOT_EV_FRAME, 3)->len, MOOT_FRAME_LEN_MAX);
    send_frame(alice, link, MOOT_FRAME_LEN_MAX + 1);
    expect_int(peer_until(bob, MOOT_EV_LINK_CLOSED, 1)->why, MOOT_EPROTO);
    expect_uint(peer_count(bob, MOOT_EV_FRAME), 3);
    /* It was a member: he is told of it, the log is not. */
    expect_uint(world_logged("event=refused"), 0);
}
END_TEST

START_TEST(an_empty_frame_ends_the_link)
{
    moot_link link = peer_link(alice, bob);

    send_frame(alice, link, 0);
    expect_int(peer_until(bob, MOOT_EV_LINK_CLOSED, 1)->why, MOOT_EPROTO);
}
END_TEST

/* MOOT_FRAME_EARLY_LEN_MAX, and what comes in one go with the proof. */
START_TEST(a_proof_and_a_large_frame_may_come_together)
{
    moot_link link;

    bob->trusting = false;
    link = peer_link(alice, bob);
    send_frame(alice, link, MOOT_FRAME_EARLY_LEN_MAX);
    peer_until(bob, MOOT_EV_FRAME, 1);
    moot_links_up(bob->links, peer_saw(bob, MOOT_EV_LINK_OPEN)->link);
    send_frame(alice, link, MOOT_FRAME_EARLY_LEN_MAX + 1);
    peer_until(bob, MOOT_EV_FRAME, 2);
    expect_uint(peer_count(bob, MOOT_EV_LINK_CLOSED), 0);
}
END_TEST

/* One flush a turn: many frames are few TLS records. */
START_TEST(what_is_said_in_one_turn_leaves_as_one)
{
    int fd = stranger_dial(bob->port, 1);
    SSL *ssl = SSL_new(alice->tls.dial);
    char got[4096];
    int n = -1;

    SSL_set_fd(ssl, fd);
    expect(stranger_shake(ssl));
    peer_until(bob, MOOT_EV_LINK_OPEN, 1);
    for (int i = 0; i < 100; i++)
        peer_say(bob, bob->seen[0].link, "hello");
    for (int64_t end = clock_ms() + 5000; n <= 0 && clock_ms() < end;) {
        world_turn(1);
        n = SSL_read(ssl, got, sizeof got); /* one record at most */
    }
    expect_int(n, 100 * 9);
    SSL_free(ssl);
    close(fd);
}
END_TEST

/* TLS answers by itself while it reads: its answer goes where it belongs, and
 * the same buffer serves all links. */
START_TEST(a_change_of_keys_disturbs_nobody)
{
    int fd = stranger_dial(bob->port, 1);
    SSL *ssl = SSL_new(alice->tls.dial);
    char got[64];
    int n = -1;

    SSL_set_fd(ssl, fd);
    expect(stranger_shake(ssl));
    peer_until(bob, MOOT_EV_LINK_OPEN, 1);
    for (unsigned i = 1; i <= 3; i++) {
        expect_int(SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED), 1);
        expect_int(SSL_write(ssl, "\0\0\0\5hello", 9), 9);
        expect_text(peer_until(bob, MOOT_EV_FRAME, i)->text, "hello");
    }
    peer_say(bob, bob->seen[0].link, "well met");
    for (int64_t end = clock_ms() + 5000; n <= 0 && clock_ms() < end;) {
        world_turn(1);
        n = SSL_read(ssl, got, sizeof got);
    }
    expect_int(n, 12);
    expect_int(memcmp(got, "\0\0\0\10well met", 12), 0);
    SSL_free(ssl);
    close(fd);
}
END_TEST

START_TEST(shutting_flushes_first_and_both_are_told_once)
{
    moot_link link = peer_link(alice, bob);

    send_frame(alice, link, 60000);
    peer_say(alice, link, "bye");
    alice->depth++;
    moot_links_shut(alice->links, link, MOOT_ESLOW);
    moot_links_shut(alice->links, link, MOOT_OK);
    moot_links_send(alice->links, link, moot_bytes_text("too late"));
    alice->depth--;
    expect_int(peer_until(alice, MOOT_EV_LINK_CLOSED, 1)->why, MOOT_ESLOW);
    expect_int(peer_until(bob, MOOT_EV_LINK_CLOSED, 1)->why, MOOT_ECLOSED);
    expect_text(peer_saw(bob, MOOT_EV_FRAME)->text, "bye");
    expect_uint(peer_count(bob, MOOT_EV_FRAME), 2);
    world_turn(5);
    expect_uint(peer_count(alice, MOOT_EV_LINK_CLOSED), 1);
    expect_uint(peer_count(bob, MOOT_EV_LINK_CLOSED), 1);
    expect_uint(moot_links_count(alice->links), 0);
    expect_uint(moot_links_count(bob->links), 0);
}
END_TEST

/* The other side's last words before it has noticed are still heard. */
START_TEST(frames_that_arrive_while_draining_are_delivered)
{
    moot_link link = peer_link(alice, bob);

    peer_say(bob, bob->seen[0].link, "one more thing");
    moot_links_shut(alice->links, link, MOOT_OK);
    peer_until(alice, MOOT_EV_LINK_CLOSED, 1);
    expect_text(peer_saw(alice, MOOT_EV_FRAME)->text, "one more thing");
    expect_int(alice->seen[alice->count - 1].kind, MOOT_EV_LINK_CLOSED);
}
END_TEST

START_TEST(a_cut_is_noticed_as_one)
{
    moot_link link = peer_link(alice, bob);

    alice->depth++;
    moot_links_cut(alice->links, link, MOOT_ESILENT);
    alice->depth--;
    expect_uint(peer_count(alice, MOOT_EV_LINK_CLOSED), 0);
    expect_int(peer_until(bob, MOOT_EV_LINK_CLOSED, 1)->why, MOOT_ERESET);
    expect_int(peer_until(alice, MOOT_EV_LINK_CLOSED, 1)->why, MOOT_ESILENT);
}
END_TEST

/* MOOT_DRAIN_MS: who does not answer our last word is not waited for. */
START_TEST(draining_ends_when_the_other_side_does_not)
{
    struct moot_links_config c;
    int fd;
    SSL *ssl;

    moot_links_defaults(&c);
    c.drain_ms = 50;
    make_bob(&c);
    fd = stranger_dial(bob->port, 1);
    ssl = SSL_new(alice->tls.dial);
    SSL_set_fd(ssl, fd);
    expect(stranger_shake(ssl));
    peer_until(bob, MOOT_EV_LINK_OPEN, 1);
    moot_links_shut(bob->links, bob->seen[0].link, MOOT_OK);
    expect_int(peer_until(bob, MOOT_EV_LINK_CLOSED, 1)->why, MOOT_OK);
    SSL_free(ssl);
    close(fd);
}
END_TEST

/* A handle is of one link for ever, though its slot is used again. */
START_TEST(a_late_handle_finds_nobody)
{
    moot_link first = peer_link(alice, bob);
    moot_link second;

    moot_links_cut(alice->links, first, MOOT_OK);
    peer_until(alice, MOOT_EV_LINK_CLOSED, 1);
    second = peer_link(alice, bob);
    expect(first != second);
    peer_say(alice, first, "to nobody");
    moot_links_up(alice->links, first);
    moot_links_shut(alice->links, first, MOOT_OK);
    moot_links_cut(alice->links, first, MOOT_OK);
    moot_links_cut(alice->links, 0, MOOT_OK);
    moot_links_cut(alice->links, UINT64_MAX, MOOT_OK);
    peer_say(alice, second, "to bob");
    expect_text(peer_until(bob, MOOT_EV_FRAME, 1)->text, "to bob");
    expect_uint(peer_count(bob, MOOT_EV_FRAME), 1);
}
END_TEST

static void cut_everybody(struct peer *p, const struct moot_event *ev)
{
    if (ev->kind != MOOT_EV_FRAME)
        return;
    p->depth++;
    for (unsigned i = 0; i < p->count; i++) {
        if (p->seen[i].kind == MOOT_EV_LINK_OPEN)
            moot_links_cut(p->links, p->seen[i].link, MOOT_OK);
    }
    p->depth--;
}

/* Inside an event any link may be cut, this very one and those whose events are
 * yet to come; nothing about them follows but LINK_CLOSED. */
START_TEST(every_link_may_be_cut_from_inside_an_event)
{
    moot_link links[8];

    for (int i = 0; i < 8; i++)
        links[i] = peer_link(alice, bob);
    bob->hook = cut_everybody;
    for (int i = 0; i < 8; i++) {
        peer_say(alice, links[i], "one");
        peer_say(alice, links[i], "two");
    }
    peer_until(bob, MOOT_EV_LINK_CLOSED, 8);
    expect_uint(peer_count(bob, MOOT_EV_FRAME), 1);
    peer_until(alice, MOOT_EV_LINK_CLOSED, 8);
}
END_TEST

static void echo(struct peer *p, const struct moot_event *ev)
{
    if (ev->kind == MOOT_EV_LINK_CLOSED) {
        for (unsigned i = 0; i < p->count; i++) {
            if (p->seen[i].kind == MOOT_EV_LINK_OPEN)
                peer_say(p, p->seen[i].link, "somebody left");
        }
    }
}

/* What an ending makes others say leaves in the same turn. */
START_TEST(what_is_said_about_an_ending_is_flushed_at_once)
{
    moot_link first = peer_link(alice, bob);

    peer_link(alice, bob);
    bob->hook = echo;
    moot_links_cut(bob->links, bob->seen[0].link, MOOT_OK);
    world_turn(1);
    expect_uint(peer_count(bob, MOOT_EV_LINK_CLOSED), 1);
    expect_text(peer_until(alice, MOOT_EV_FRAME, 1)->text, "somebody left");
    expect(peer_saw(alice, MOOT_EV_FRAME)->link != first);
}
END_TEST

/* --- queues --- */

/* One who shakes hands and then does not read. */
static SSL *sleeper(int *ret_fd)
{
    SSL *ssl = SSL_new(alice->tls.dial);

    *ret_fd = stranger_dial(bob->port, 1);
    SSL_set_fd(ssl, *ret_fd);
    expect(stranger_shake(ssl));
    peer_until(bob, MOOT_EV_LINK_OPEN, 1);
    return ssl;
}

static void wake(SSL *ssl, int fd)
{
    SSL_free(ssl);
    close(fd);
}

/* MOOT_QUEUE_SOFT: told once when passed, and once when all is gone. */
START_TEST(a_full_queue_is_told_and_an_empty_one_too)
{
    int fd;
    SSL *ssl = sleeper(&fd);
    char sink[16384];
    unsigned sent = 0;

    while (peer_count(bob, MOOT_EV_LINK_FULL) == 0) {
        expect(sent < 600);
        send_frame(bob, bob->seen[0].link, 8192);
        sent++;
        world_turn(1);
    }
    send_frame(bob, bob->seen[0].link, 8192);
    world_turn(3);
    expect_uint(peer_count(bob, MOOT_EV_LINK_FULL), 1);
    expect_uint(peer_count(bob, MOOT_EV_LINK_CLEAR), 0);
    for (int64_t end = clock_ms() + 9000;
         peer_count(bob, MOOT_EV_LINK_CLEAR) == 0 && clock_ms() < end;) {
        while (SSL_read(ssl, sink, sizeof sink) > 0)
            ;
        world_turn(1);
    }
    expect_uint(peer_count(bob, MOOT_EV_LINK_CLEAR), 1);
    expect_uint(peer_count(bob, MOOT_EV_LINK_CLOSED), 0);
    wake(ssl, fd);
}
END_TEST

/* MOOT_QUEUE_HARD. */
START_TEST(a_queue_that_grows_on_ends_the_link)
{
    int fd;
    SSL *ssl = sleeper(&fd);

    for (unsigned sent = 0; peer_count(bob, MOOT_EV_LINK_CLOSED) == 0; sent++) {
        expect(sent < 1200);
        bob->depth++;
        send_frame(bob, bob->seen[0].link, 8192);
        bob->depth--;
        if (sent % 64 == 0)
            world_turn(1);
    }
    expect_int(peer_saw(bob, MOOT_EV_LINK_CLOSED)->why, MOOT_ESLOW);
    wake(ssl, fd);
}
END_TEST

/* MOOT_STUCK_MS, shortened. */
START_TEST(a_queue_that_stands_still_ends_the_link)
{
    struct moot_links_config c;
    int fd;
    SSL *ssl;

    moot_links_defaults(&c);
    c.stuck_ms = 100;
    make_bob(&c);
    ssl = sleeper(&fd);
    for (int i = 0; i < 500 && peer_count(bob, MOOT_EV_LINK_FULL) == 0; i++) {
        send_frame(bob, bob->seen[0].link, 8192);
        world_turn(1);
    }
    expect_int(peer_until(bob, MOOT_EV_LINK_CLOSED, 1)->why, MOOT_ESLOW);
    wake(ssl, fd);
}
END_TEST

/* A burst that the other side reads as fast as it comes is not slowness, even
 * if it is more than the hard bound within one turn. */
START_TEST(much_at_once_to_a_fast_reader_is_only_a_queue)
{
    moot_link link = peer_link(alice, bob);

    for (int i = 0; i < 100; i++)
        send_frame(alice, link, 8192);
    peer_until(bob, MOOT_EV_FRAME, 100);
    expect_uint(peer_count(alice, MOOT_EV_LINK_CLOSED), 0);
}
END_TEST

/* MOOT_READ_PER_TURN: all else has its turn while one link pours. */
START_TEST(one_link_is_read_a_bounded_share_a_turn)
{
    moot_link link = peer_link(alice, bob);
    const unsigned share = MOOT_READ_PER_TURN / 8192;

    for (int i = 0; i < 80; i++)
        send_frame(alice, link, 8192);
    for (unsigned before = 0; before < 80;) {
        unsigned now;

        world_turn(1);
        now = peer_count(bob, MOOT_EV_FRAME);
        expect(now - before <= share);
        before = now;
    }
}
END_TEST

START_TEST(draining_all_closes_every_link_and_listens_no_more)
{
    int fd;

    peer_link(alice, bob);
    peer_link(alice, bob);
    fd = stranger_dial(bob->port, 1);
    world_turn(3);
    expect_uint(moot_links_count(bob->links), 3);
    moot_links_drain(bob->links);
    peer_until(bob, MOOT_EV_LINK_CLOSED, 2);
    stranger_until_closed(fd);
    expect_uint(moot_links_count(bob->links), 0);
    expect_uint(world_logged("event=refused"), 0);
    peer_until(alice, MOOT_EV_LINK_CLOSED, 2);
}
END_TEST

START_TEST(closing_with_links_in_every_state_leaves_nothing)
{
    moot_link link = peer_link(alice, bob);
    int fd = stranger_dial(bob->port, 1);

    peer_link(alice, bob);
    world_turn(2);
    moot_links_shut(bob->links, bob->seen[0].link, MOOT_OK);
    moot_links_cut(bob->links, bob->seen[1].link, MOOT_OK);
    peer_say(alice, link, "unflushed");
    peer_destroy(bob);
    bob = peer_create(2, NULL);
    close(fd);
}
END_TEST

Suite *suite_net_link(void)
{
    Suite *s = suite_create("net/link");
    TCase *t = tcase_create("links");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_link_opens_with_both_identities_and_one_exporter);
    tcase_add_test(t, frames_arrive_whole_and_in_order);
    tcase_add_test(t, the_largest_frame_fits_and_a_larger_one_ends_the_link);
    tcase_add_test(t, an_empty_frame_ends_the_link);
    tcase_add_test(t, a_proof_and_a_large_frame_may_come_together);
    tcase_add_test(t, what_is_said_in_one_turn_leaves_as_one);
    tcase_add_test(t, a_change_of_keys_disturbs_nobody);
    tcase_add_test(t, shutting_flushes_first_and_both_are_told_once);
    tcase_add_test(t, frames_that_arrive_while_draining_are_delivered);
    tcase_add_test(t, a_cut_is_noticed_as_one);
    tcase_add_test(t, draining_ends_when_the_other_side_does_not);
    tcase_add_test(t, a_late_handle_finds_nobody);
    tcase_add_test(t, every_link_may_be_cut_from_inside_an_event);
    tcase_add_test(t, what_is_said_about_an_ending_is_flushed_at_once);
    tcase_add_test(t, a_full_queue_is_told_and_an_empty_one_too);
    tcase_add_test(t, a_queue_that_grows_on_ends_the_link);
    tcase_add_test(t, a_queue_that_stands_still_ends_the_link);
    tcase_add_test(t, much_at_once_to_a_fast_reader_is_only_a_queue);
    tcase_add_test(t, one_link_is_read_a_bounded_share_a_turn);
    tcase_add_test(t, draining_all_closes_every_link_and_listens_no_more);
    tcase_add_test(t, closing_with_links_in_every_state_leaves_nothing);
    suite_add_tcase(s, t);
    return s;
}
