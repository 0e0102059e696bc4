/*
 * tests/net/test_fetch.c - asking bootstrap peers, good ones and others.
 *
 * The other side is a script: it accepts one connection, writes what the test
 * gave it, and closes or does not.
 *
 * Layer:  tests.
 * Thread: main is the loop's; the fetches run in workers.
 */
#include "net/fetch.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "ident/cert.h"
#include "net/world.h"

Suite *suite_net_fetch(void);

static struct peer *alice; /* only what she sees is used */
static struct moot_jobs *pool;
static struct moot_fetches *fetches;
static moot_token token;

/* The scripted server. */
static int listening, taken;
static uint16_t port;
static ev_io ready, readable;
static const char *script;
static bool hold;    /* does not close afterwards */
static size_t flood; /* so many bytes follow the script */
static char asked[2048];

static void on_readable(struct ev_loop *loop, ev_io *w, int revents)
{
    char sink[65536];
    size_t len = strlen(asked);
    ssize_t n = read(taken, asked + len, sizeof asked - 1 - len);

    (void)revents;
    if (n <= 0 || strstr(asked, "\r\n\r\n") == NULL) {
        if (n <= 0)
            ev_io_stop(loop, w);
        return;
    }
    ev_io_stop(loop, w);
    (void)!send(taken, script, strlen(script), MSG_NOSIGNAL);
    memset(sink, 'x', sizeof sink);
    while (flood > 0) {
        if (send(taken, sink, sizeof sink, MSG_NOSIGNAL) < 0)
            break;
        flood -= flood < sizeof sink ? flood : sizeof sink;
    }
    if (!hold) {
        close(taken);
        taken = -1;
    }
}

static void on_connect(struct ev_loop *loop, ev_io *w, int revents)
{
    (void)w;
    (void)revents;
    taken = accept(listening, NULL, NULL);
    ev_io_init(&readable, on_readable, taken, EV_READ);
    ev_io_start(loop, &readable);
}

static void set_up(void)
{
    world_open();
    alice = peer_create(1, NULL);
    pool = moot_jobs_open(world_loop, 4, 16);
    fetches = moot_fetches_open(&alice->sink, pool);
    listening = socket_listening(&port);
    taken = -1;
    hold = false;
    flood = 0;
    asked[0] = '\0';
    ev_io_init(&ready, on_connect, listening, EV_READ);
    ev_io_start(world_loop, &ready);
}

static void tear_down(void)
{
    ev_io_stop(world_loop, &ready);
    if (taken >= 0) {
        ev_io_stop(world_loop, &readable);
        close(taken);
    }
    close(listening);
    expect(moot_jobs_close(pool, 5000));
    moot_fetches_close(fetches);
    peer_destroy(alice);
    world_close();
}

static struct moot_fx_ask order(const char *host)
{
    struct moot_fx_ask what;

    memset(&what, 0, sizeof what);
    what.token = ++token;
    moot_addr_set(&what.addr, host, port);
    memcpy(what.nonce, "0123456789abcdef", 17);
    what.within = 30000;
    return what;
}

static const struct seen *ask(const char *answer, enum moot_event_kind kind)
{
    struct moot_fx_ask what = order("127.0.0.1");
    const struct seen *s;

    script = answer;
    alice->depth++;
    moot_fetches_start(fetches, &what);
    alice->depth--;
    s = peer_until(alice, kind, 1);
    expect_uint(s->token, what.token);
    expect_uint(alice->count, 1);
    return s;
}

START_TEST(an_answer_arrives_with_its_signature)
{
    const struct seen *s = ask("HTTP/1.1 200 OK\r\nmoot-signature:  ab:cd \r\n"
                               "Content-Length: 2\r\n\r\n{}",
                               MOOT_EV_ANSWER);

    expect_text(s->text, "ab:cd");
    expect_uint(s->len, 2);
    expect_within("GET /bootstrap?nonce=0123456789abcdef HTTP/1.1\r\n", asked);
}
END_TEST

START_TEST(an_answer_without_signature_is_delivered_as_such)
{
    expect_text(
        ask("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", MOOT_EV_ANSWER)
            ->text,
        "unsigned");
}
END_TEST

START_TEST(a_host_name_is_resolved_and_asked_for_by_name)
{
    struct moot_fx_ask what = order("localhost");

    script = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    moot_fetches_start(fetches, &what);
    peer_until(alice, MOOT_EV_ANSWER, 1);
    expect_within("Host: localhost:", asked);
}
END_TEST

/* The server moves to where only IPv6 leads. */
START_TEST(an_address_of_ipv6_is_asked_as_it_is)
{
    struct sockaddr_in6 at = {.sin6_family = AF_INET6,
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t len = sizeof at;
    struct moot_fx_ask what;

    ev_io_stop(world_loop, &ready);
    close(listening);
    listening = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    expect_int(bind(listening, (struct sockaddr *)&at, len), 0);
    expect_int(listen(listening, 1), 0);
    expect_int(getsockname(listening, (struct sockaddr *)&at, &len), 0);
    port = ntohs(at.sin6_port);
    ev_io_set(&ready, listening, EV_READ);
    ev_io_start(world_loop, &ready);

    what = order("::1");
    script = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    moot_fetches_start(fetches, &what);
    peer_until(alice, MOOT_EV_ANSWER, 1);
    expect_within("Host: [::1]:", asked);
}
END_TEST

START_TEST(an_error_page_is_no_answer)
{
    expect_int(ask("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
                   MOOT_EV_ASK_FAILED)
                   ->why,
               MOOT_ESTATUS);
}
END_TEST

START_TEST(a_redirect_is_not_followed)
{
    expect_int(ask("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                   "Content-Length: 0\r\n\r\n",
                   MOOT_EV_ASK_FAILED)
                   ->why,
               MOOT_EREDIRECT);
}
END_TEST

START_TEST(what_is_not_http_is_no_answer)
{
    int why = ask("SSH-2.0-OpenSSH_9.2\r\n", MOOT_EV_ASK_FAILED)->why;

    expect_int(why, MOOT_EANSWER);
}
END_TEST

START_TEST(a_closed_connection_is_a_reset)
{
    expect_int(ask("", MOOT_EV_ASK_FAILED)->why, MOOT_ERESET);
}
END_TEST

/* MOOT_ANSWER_LEN_MAX, announced or not. */
START_TEST(an_answer_that_is_announced_as_too_large_is_not_read)
{
    hold = true;
    expect_int(ask("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n",
                   MOOT_EV_ASK_FAILED)
                   ->why,
               MOOT_ELIMIT);
}
END_TEST

START_TEST(an_answer_that_grows_too_large_is_cut)
{
    flood = 64 * 1024 * 1024;
    expect_int(ask("HTTP/1.1 200 OK\r\n\r\n", MOOT_EV_ASK_FAILED)->why,
               MOOT_ELIMIT);
}
END_TEST

START_TEST(the_largest_answer_is_taken)
{
    flood = MOOT_ANSWER_LEN_MAX;
    expect_uint(ask("HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n",
                    MOOT_EV_ANSWER)
                    ->len,
                MOOT_ANSWER_LEN_MAX);
}
END_TEST

START_TEST(silence_is_a_timeout)
{
    struct moot_fx_ask what = order("127.0.0.1");

    what.within = 100;
    hold = true;
    script = "HTTP/1.1 200 OK\r\n";
    moot_fetches_start(fetches, &what);
    expect_int(peer_until(alice, MOOT_EV_ASK_FAILED, 1)->why, MOOT_ETIMEOUT);
}
END_TEST

START_TEST(nobody_there_is_refused)
{
    uint16_t refusing;
    int fd = socket_refusing(&refusing);
    struct moot_fx_ask what = order("127.0.0.1");

    what.addr.port = refusing;
    moot_fetches_start(fetches, &what);
    expect_int(peer_until(alice, MOOT_EV_ASK_FAILED, 1)->why, MOOT_EREFUSED);
    close(fd);
}
END_TEST

/* The environment names a proxy that is not there; we ask by ourselves. */
START_TEST(no_proxy_is_used)
{
    setenv("http_proxy", "http://127.0.0.1:1/", 1);
    setenv("all_proxy", "http://127.0.0.1:1/", 1);
    ask("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", MOOT_EV_ANSWER);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
}
END_TEST

static void read_page(const char *scheme, const char *path)
{
    struct moot_fx_read what = {.within = 30000};

    what.token = ++token;
    snprintf(what.url, sizeof what.url, "%s://127.0.0.1:%u%s", scheme,
             (unsigned)port, path);
    moot_fetches_read(fetches, &what);
}

START_TEST(a_page_is_read_as_it_is_named)
{
    const struct seen *s;

    script = "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n192.0.2.1:8080";
    read_page("http", "/a/peers.txt?x=1");
    s = peer_until(alice, MOOT_EV_LIST, 1);
    expect_uint(s->token, token);
    expect_within("GET /a/peers.txt?x=1 HTTP/1.1\r\n", asked);
}
END_TEST

START_TEST(a_page_elsewhere_is_not_followed)
{
    script = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
             "Content-Length: 0\r\n\r\n";
    read_page("http", "/");
    expect_int(peer_until(alice, MOOT_EV_ASK_FAILED, 1)->why, MOOT_EREDIRECT);
}
END_TEST

/* What answers there does not speak TLS. */
START_TEST(a_page_by_https_needs_tls)
{
    script = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    read_page("https", "/");
    expect(peer_until(alice, MOOT_EV_ASK_FAILED, 1)->why != MOOT_OK);
}
END_TEST

/* A server with a certificate that it signed itself. */
static SSL *shroud;

static void on_shake(struct ev_loop *loop, ev_io *w, int revents)
{
    int rc = SSL_accept(shroud);
    int why = SSL_get_error(shroud, rc);

    (void)revents;
    if (rc != 1 && why != SSL_ERROR_WANT_READ)
        ev_io_stop(loop, w);
    (void)moot_tls_why();
}

START_TEST(a_certificate_that_nobody_vouches_for_is_told_as_such)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = moot_cert_key(&alice->key);
    X509 *cert = moot_cert_create(&alice->key);

    expect_int(SSL_CTX_use_certificate(ctx, cert), 1);
    expect_int(SSL_CTX_use_PrivateKey(ctx, key), 1);
    shroud = SSL_new(ctx);
    ev_io_stop(world_loop, &ready);
    read_page("https", "/");
    while (taken < 0)
        taken = accept(listening, NULL, NULL);
    expect_ok(fcntl(taken, F_SETFL, O_NONBLOCK));
    SSL_set_fd(shroud, taken);
    ev_io_init(&readable, on_shake, taken, EV_READ);
    ev_io_start(world_loop, &readable);
    expect_int(peer_until(alice, MOOT_EV_ASK_FAILED, 1)->why, MOOT_ECERT);
    SSL_free(shroud);
    X509_free(cert);
    EVP_PKEY_free(key);
    SSL_CTX_free(ctx);
}
END_TEST

START_TEST(what_is_no_url_is_no_page)
{
    read_page("http", ":bad");
    expect_int(peer_until(alice, MOOT_EV_ASK_FAILED, 1)->why, MOOT_EINVAL);
}
END_TEST

START_TEST(closing_does_not_wait_for_answers)
{
    struct moot_fx_ask what = order("127.0.0.1");

    what.within = 60000;
    hold = true;
    script = "";
    moot_fetches_start(fetches, &what);
    world_turn(5);
    expect(moot_jobs_close(pool, 20000));
    expect_uint(alice->count, 0);
    pool = moot_jobs_open(world_loop, 1, 1);
}
END_TEST

START_TEST(a_full_pool_is_told_and_never_at_once)
{
    alice->depth++;
    hold = true;
    script = "";
    for (int i = 0; i < 32; i++) {
        struct moot_fx_ask what = order("127.0.0.1");

        moot_fetches_start(fetches, &what);
    }
    alice->depth--;
    expect_int(peer_until(alice, MOOT_EV_ASK_FAILED, 12)->why, MOOT_ELIMIT);
}
END_TEST

Suite *suite_net_fetch(void)
{
    Suite *s = suite_create("net/fetch");
    TCase *t = tcase_create("fetches");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, an_answer_arrives_with_its_signature);
    tcase_add_test(t, an_answer_without_signature_is_delivered_as_such);
    tcase_add_test(t, a_host_name_is_resolved_and_asked_for_by_name);
    tcase_add_test(t, an_address_of_ipv6_is_asked_as_it_is);
    tcase_add_test(t, an_error_page_is_no_answer);
    tcase_add_test(t, a_redirect_is_not_followed);
    tcase_add_test(t, what_is_not_http_is_no_answer);
    tcase_add_test(t, a_closed_connection_is_a_reset);
    tcase_add_test(t, an_answer_that_is_announced_as_too_large_is_not_read);
    tcase_add_test(t, an_answer_that_grows_too_large_is_cut);
    tcase_add_test(t, the_largest_answer_is_taken);
    tcase_add_test(t, silence_is_a_timeout);
    tcase_add_test(t, nobody_there_is_refused);
    tcase_add_test(t, no_proxy_is_used);
    tcase_add_test(t, a_page_is_read_as_it_is_named);
    tcase_add_test(t, a_page_elsewhere_is_not_followed);
    tcase_add_test(t, a_page_by_https_needs_tls);
    tcase_add_test(t, a_certificate_that_nobody_vouches_for_is_told_as_such);
    tcase_add_test(t, what_is_no_url_is_no_page);
    tcase_add_test(t, closing_does_not_wait_for_answers);
    tcase_add_test(t, a_full_pool_is_told_and_never_at_once);
    suite_add_tcase(s, t);
    return s;
}
