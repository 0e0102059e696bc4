/*
 * tests/net/test_early.c - strangers on the welcoming socket: whatever they do,
 * they are gone in bounded time, one line of log says why, and nobody above has
 * heard of them.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "loop/clock.h"
#include "net/link_internal.h"
#include "net/world.h"

Suite *suite_net_early(void);

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

/* A bob who waits only so long. */
static void make_impatient_bob(moot_ms early_ms)
{
    struct moot_links_config c;

    moot_links_defaults(&c);
    c.early_ms = early_ms;
    c.pause_ms = 20;
    peer_destroy(bob);
    bob = peer_create(2, &c);
}

static void make_bob(unsigned early_max, unsigned share_from, unsigned share)
{
    struct moot_links_config c;

    moot_links_defaults(&c);
    c.early_max = early_max;
    c.share_from = share_from;
    c.share = share;
    peer_destroy(bob);
    bob = peer_create(2, &c);
}

/* One line, with that reason and who it was; and no trace but it. */
static void expect_refused(const char *why)
{
    world_until_logged(1, why);
    expect_uint(world_logged("event=refused"), 1);
    expect_within("level=info", world_log());
    expect_within("remote=127.0.0.1:", world_log());
    expect_uint(moot_links_count(bob->links), 0);
    expect_uint(bob->count, 0);
}

static void say(int fd, const void *bytes, size_t len)
{
    expect_int(write(fd, bytes, len), (ssize_t)len);
}

START_TEST(garbage_is_refused)
{
    int fd = stranger_dial(bob->port, 1);
    uint8_t garbage[512];

    for (size_t i = 0; i < sizeof garbage; i++)
        garbage[i] = (uint8_t)(i * 97 + 200);
    say(fd, garbage, sizeof garbage);
    expect_refused("it does not speak TLS");
    stranger_until_closed(fd);
}
END_TEST

START_TEST(http_is_refused)
{
    int fd = stranger_dial(bob->port, 1);

    say(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27);
    expect_refused("it speaks HTTP, not TLS");
    stranger_until_closed(fd);
}
END_TEST

START_TEST(a_port_scan_is_noticed)
{
    close(stranger_dial(bob->port, 1));
    expect_refused("it left without a word");
}
END_TEST

START_TEST(a_reset_is_noticed)
{
    int fd = stranger_dial(bob->port, 1);
    struct linger now = {1, 0};

    world_turn(3);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
    expect_refused("Connection reset by peer");
}
END_TEST

/* MOOT_EARLY_MS, shortened: absolute, whatever trickles in. */
START_TEST(the_silent_are_gone_in_time)
{
    int64_t before = clock_ms();
    int fd;

    make_impatient_bob(150);
    fd = stranger_dial(bob->port, 1);
    expect_refused("no handshake in time");
    expect(clock_ms() - before >= 140);
    stranger_until_closed(fd);
}
END_TEST

struct drip {
    int fd;
    unsigned sent;
};

static bool dripped_out(void *ctx)
{
    struct drip *d = ctx;
    /* The beginning of a ClientHello of 512 bytes. */
    static const uint8_t hello[] = {22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3};
    uint8_t byte = d->sent < sizeof hello ? hello[d->sent] : 0;

    if (d->sent < 400 && send(d->fd, &byte, 1, MSG_NOSIGNAL) == 1)
        d->sent++;
    return world_logged("event=refused") > 0;
}

START_TEST(a_drip_does_not_prolong_the_deadline)
{
    struct drip d = {0, 0};
    int64_t before = clock_ms();

    make_impatient_bob(150);
    d.fd = stranger_dial(bob->port, 1);
    world_until(dripped_out, &d);
    expect(clock_ms() - before >= 140);
    expect(d.sent > 3);
    expect_refused("no handshake in time");
    stranger_until_closed(d.fd);
}
END_TEST

/* Shakes hands like somebody else; the TLS settings were made by the caller. */
static void shake_in_vain(SSL_CTX *ctx, const char *why)
{
    int fd = stranger_dial(bob->port, 1);
    SSL *ssl = SSL_new(ctx);

    SSL_set_fd(ssl, fd);
    (void)stranger_shake(ssl);
    expect_refused(why);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    stranger_until_closed(fd);
}

START_TEST(no_certificate_is_refused)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    SSL_CTX_set_alpn_protos(ctx, (const uint8_t *)"\6moot/1", 7);
    shake_in_vain(ctx, "it has no certificate");
}
END_TEST

START_TEST(another_protocol_is_refused)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    SSL_CTX_set_alpn_protos(ctx, (const uint8_t *)"\2h2\6moot/2", 10);
    shake_in_vain(ctx, "it speaks another protocol (ALPN)");
}
END_TEST

START_TEST(no_protocol_is_refused)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    SSL_CTX_use_certificate(ctx, SSL_CTX_get0_certificate(alice->tls.dial));
    SSL_CTX_use_PrivateKey(ctx, SSL_CTX_get0_privatekey(alice->tls.dial));
    shake_in_vain(ctx, "it asked for no protocol (ALPN)");
}
END_TEST

START_TEST(an_older_tls_is_refused)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
    shake_in_vain(ctx, "it does not speak TLS 1.3");
}
END_TEST

/* The key must be ours in kind: a P-256 certificate is nobody's name. */
START_TEST(another_kind_of_key_is_refused)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();

    X509_set_pubkey(cert, key);
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    expect(X509_sign(cert, key, EVP_sha256()) > 0);
    SSL_CTX_use_certificate(ctx, cert);
    SSL_CTX_use_PrivateKey(ctx, key);
    SSL_CTX_set_alpn_protos(ctx, (const uint8_t *)"\6moot/1", 7);
    X509_free(cert);
    EVP_PKEY_free(key);
    /* It has nothing to sign with that we asked for, so it sends none. */
    shake_in_vain(ctx, "it has no certificate");
}
END_TEST

START_TEST(our_own_identity_is_refused)
{
    int fd = stranger_dial(bob->port, 1);
    SSL *ssl = SSL_new(bob->tls.dial);

    SSL_set_fd(ssl, fd);
    expect(stranger_shake(ssl));
    expect_refused("it is ourselves");
    SSL_free(ssl);
    stranger_until_closed(fd);
}
END_TEST

/* --- strangers with an identity: the node hears of them --- */

/* As alice, but nobody calls up() for her. */
static SSL *early_alice(int *ret_fd)
{
    SSL *ssl = SSL_new(alice->tls.dial);

    bob->trusting = false;
    *ret_fd = stranger_dial(bob->port, 1);
    SSL_set_fd(ssl, *ret_fd);
    expect(stranger_shake(ssl));
    peer_until(bob, MOOT_EV_LINK_OPEN, 1);
    return ssl;
}

static void expect_closed(SSL *ssl, int fd, int why, const char *text)
{
    expect_int(peer_until(bob, MOOT_EV_LINK_CLOSED, 1)->why, why);
    expect_uint(world_logged("event=refused"), 1);
    expect_within(text, world_log());
    expect_uint(moot_links_count(bob->links), 0);
    SSL_free(ssl);
    stranger_until_closed(fd);
}

START_TEST(a_giant_prefix_is_refused)
{
    int fd;
    SSL *ssl = early_alice(&fd);

    expect_int(SSL_write(ssl, "\x80\0\0\0", 4), 4);
    expect_closed(ssl, fd, MOOT_EPROTO, "a frame of a forbidden length");
}
END_TEST

/* MOOT_FRAME_EARLY_LEN_MAX. */
START_TEST(a_large_frame_before_the_proof_is_refused)
{
    int fd;
    SSL *ssl = early_alice(&fd);

    expect_int(SSL_write(ssl, "\0\0\x10\x01", 4), 4);
    expect_closed(ssl, fd, MOOT_EPROTO, "a frame of a forbidden length");
}
END_TEST

START_TEST(who_never_proves_itself_is_gone_in_time)
{
    int fd;
    SSL *ssl;

    make_impatient_bob(500); /* long enough for a handshake anywhere */
    ssl = early_alice(&fd);
    expect_int(SSL_write(ssl, "\0\0\x10\0x", 5), 5);
    expect_closed(ssl, fd, MOOT_ETIMEOUT, "it did not prove itself in time");
}
END_TEST

static void refuse(struct peer *p, const struct moot_event *ev)
{
    if (ev->kind == MOOT_EV_FRAME) {
        peer_say(p, ev->link, "no");
        moot_links_shut(p->links, ev->link, MOOT_EGROUP);
    }
}

START_TEST(whom_the_node_refuses_has_its_reason_in_the_log)
{
    int fd;
    SSL *ssl = early_alice(&fd);

    bob->hook = refuse;
    expect_int(SSL_write(ssl, "\0\0\0\1x", 5), 5);
    peer_until(bob, MOOT_EV_FRAME, 1);
    SSL_shutdown(ssl);
    shutdown(fd, SHUT_WR);
    expect_closed(ssl, fd, MOOT_EGROUP, moot_error_text(MOOT_EGROUP));
}
END_TEST

/* --- floods --- */

/* MOOT_EARLY_MAX: all places are taken by the silent, and still a member gets
 * in, for the oldest who made no progress goes. */
START_TEST(the_silent_give_way_when_all_places_are_taken)
{
    int fds[8];

    make_bob(8, 8, 8);
    for (uint8_t i = 0; i < 8; i++)
        fds[i] = stranger_dial(bob->port, (uint8_t)(i + 10));
    world_turn(5);
    expect_uint(moot_links_count(bob->links), 8);
    peer_link(alice, bob);
    expect_uint(moot_links_count(bob->links), 8);
    world_until_logged(1, "it gave way to a newer one");
    stranger_until_closed(fds[0]);
    for (int i = 1; i < 8; i++)
        close(fds[i]);
}
END_TEST

/* MOOT_EARLY_SHARE_FROM and MOOT_EARLY_PER_ADDRESS: one address floods; it
 * makes room among its own, and another address finds places. */
START_TEST(one_address_does_not_take_the_second_half)
{
    int flood[12], other[2];

    make_bob(8, 4, 2);
    for (int i = 0; i < 12; i++)
        flood[i] = stranger_dial(bob->port, 10);
    world_turn(9);
    expect_uint(moot_links_count(bob->links), 4);
    expect_uint(world_logged("it gave way to a newer one"), 8);
    for (int i = 0; i < 2; i++)
        other[i] = stranger_dial(bob->port, 11);
    world_turn(9);
    expect_uint(moot_links_count(bob->links), 6);
    expect_uint(world_logged("it gave way to a newer one"), 8);
    for (int i = 0; i < 2; i++)
        close(other[i]);
    for (int i = 0; i < 12; i++)
        close(flood[i]);
}
END_TEST

/* The default numbers: 300 silent ones never hold more than their bound, and
 * each has its line. */
START_TEST(three_hundred_silent_ones_stay_within_the_bound)
{
    int fds[300];

    make_bob(MOOT_EARLY_MAX, MOOT_EARLY_SHARE_FROM, MOOT_EARLY_PER_ADDRESS);
    for (int i = 0; i < 300; i++) {
        fds[i] = stranger_dial(bob->port, (uint8_t)(i % 40 + 1));
        if (i % 8 == 0)
            world_turn(1);
        expect(moot_links_count(bob->links) <= MOOT_EARLY_MAX);
    }
    world_turn(20);
    expect(moot_links_count(bob->links) <= MOOT_EARLY_MAX);
    for (int i = 0; i < 300; i++)
        close(fds[i]);
    world_until_logged(300, "event=refused");
    expect_uint(world_logged("event=refused"), 300);
    expect_uint(moot_links_count(bob->links), 0);
    peer_link(alice, bob);
}
END_TEST

/* MOOT_ACCEPTS_PER_TURN. */
START_TEST(a_flood_is_accepted_a_few_at_a_turn)
{
    int fds[30];

    for (int i = 0; i < 30; i++)
        fds[i] = stranger_dial(bob->port, 1);
    world_turn(1);
    expect_uint(moot_links_count(bob->links), MOOT_ACCEPTS_PER_TURN);
    world_turn(3);
    expect_uint(moot_links_count(bob->links), 30);
    for (int i = 0; i < 30; i++)
        close(fds[i]);
}
END_TEST

static unsigned turns;

static void count_turn(struct ev_loop *loop, ev_check *w, int revents)
{
    (void)loop;
    (void)w;
    (void)revents;
    turns++;
}

/* Out of files: who waits is let in and out at once, the loop does not spin,
 * and when there are files again all is as before.  (Four of them, because
 * valgrind swallows one whenever there are no files.) */
START_TEST(without_files_the_loop_does_not_spin)
{
    struct rlimit before, none;
    ev_check counter;
    int fds[4];

    make_impatient_bob(MOOT_EARLY_MS);
    for (int i = 0; i < 4; i++)
        fds[i] = stranger_dial(bob->port, 1);
    turns = 0;
    ev_check_init(&counter, count_turn);
    ev_check_start(world_loop, &counter);
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = (rlim_t)dup(0);
    close((int)none.rlim_cur);
    setrlimit(RLIMIT_NOFILE, &none);
    world_until_logged(2, "event=refused");
    world_until_logged(2, "event=accept_paused");
    setrlimit(RLIMIT_NOFILE, &before);
    expect(turns < 50);
    ev_check_stop(world_loop, &counter);
    expect_uint(world_logged("Too many open files"), 4);
    expect_uint(moot_links_count(bob->links), 0);
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    peer_link(alice, bob);
}
END_TEST

/* MOOT_LINK_SLOTS: one more finds no place, and those who have one keep it. */
START_TEST(a_full_table_takes_nobody)
{
    static int fds[MOOT_LINK_SLOTS + 1];
    struct rlimit files;

    getrlimit(RLIMIT_NOFILE, &files);
    expect(files.rlim_cur > 3 * MOOT_LINK_SLOTS);
    make_bob(2 * MOOT_LINK_SLOTS, 2 * MOOT_LINK_SLOTS, 1);
    for (int i = 0; i <= MOOT_LINK_SLOTS; i++) {
        fds[i] = stranger_dial(bob->port, 1);
        if (i % 8 == 0)
            world_turn(1);
    }
    world_until_logged(1, "no slot is free");
    expect_uint(moot_links_count(bob->links), MOOT_LINK_SLOTS);
    for (int i = 0; i <= MOOT_LINK_SLOTS; i++)
        close(fds[i]);
}
END_TEST

/* --- wrong proofs --- */

static void cut_as_wrong(struct peer *p, const struct moot_event *ev)
{
    if (ev->kind == MOOT_EV_LINK_OPEN)
        moot_links_cut(p->links, ev->open.link, MOOT_EPROOF);
}

/* The members that are linked go on: only who comes is turned away. */
START_TEST(too_many_wrong_proofs_turn_away_whoever_comes_from_there)
{
    struct moot_doubts *doubts = &bob->links->doubts;
    union moot_sockaddr here;
    moot_link link;
    int fd;

    bob->trusting = false; /* for a member more would be put up with */
    link = peer_link(alice, bob);
    memset(&here, 0, sizeof here);
    here.v4.sin_family = AF_INET;
    here.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bob->hook = cut_as_wrong;
    peer_link(alice, bob);
    peer_until(bob, MOOT_EV_LINK_CLOSED, 1);
    expect_uint(doubts->count, 1);
    expect(doubts->at[0].spent > 0);
    expect(!moot_doubt_refuses(doubts, &here, moot_clock_ms()));
    for (unsigned i = 0; i < MOOT_WRONG_BURST + 2; i++)
        moot_doubt_wrong(doubts, &here, moot_clock_ms());
    fd = stranger_dial(bob->port, 1);
    stranger_until_closed(fd);
    world_until_logged(1, "reason=wrong_proofs");
    peer_say(alice, link, "still here");
    peer_until(bob, MOOT_EV_FRAME, 1);
}
END_TEST

Suite *suite_net_early(void)
{
    Suite *s = suite_create("net/early");
    TCase *t = tcase_create("strangers");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, garbage_is_refused);
    tcase_add_test(t, http_is_refused);
    tcase_add_test(t, a_port_scan_is_noticed);
    tcase_add_test(t, a_reset_is_noticed);
    tcase_add_test(t, the_silent_are_gone_in_time);
    tcase_add_test(t, a_drip_does_not_prolong_the_deadline);
    tcase_add_test(t, no_certificate_is_refused);
    tcase_add_test(t, another_protocol_is_refused);
    tcase_add_test(t, no_protocol_is_refused);
    tcase_add_test(t, an_older_tls_is_refused);
    tcase_add_test(t, another_kind_of_key_is_refused);
    tcase_add_test(t, our_own_identity_is_refused);
    tcase_add_test(t, a_giant_prefix_is_refused);
    tcase_add_test(t, a_large_frame_before_the_proof_is_refused);
    tcase_add_test(t, who_never_proves_itself_is_gone_in_time);
    tcase_add_test(t, whom_the_node_refuses_has_its_reason_in_the_log);
    tcase_add_test(t, the_silent_give_way_when_all_places_are_taken);
    tcase_add_test(t, one_address_does_not_take_the_second_half);
    tcase_add_test(t, three_hundred_silent_ones_stay_within_the_bound);
    tcase_add_test(t, a_flood_is_accepted_a_few_at_a_turn);
    tcase_add_test(t, a_full_table_takes_nobody);
    tcase_add_test(t, without_files_the_loop_does_not_spin);
    tcase_add_test(t, too_many_wrong_proofs_turn_away_whoever_comes_from_there);
    suite_add_tcase(s, t);
    return s;
}
