/*
 * tests/net/test_http.c - the bootstrap socket: what it answers to whom.
 *
 * Strangers write raw requests; our own fetch asks as it does in earnest.
 *
 * Layer:  tests.
 * Thread: main is the loop's.
 */
#include "net/http_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "net/fetch.h"
#include "net/listen.h"
#include "net/world.h"

Suite *suite_net_http(void);

static struct moot_node *node;
static struct moot_http *http;
static uint16_t port;

static void set_up(void)
{
    struct moot_node_config c;
    struct moot_addr addr;
    uint8_t seed[32];
    int fd;

    world_open();
    memset(&c, 0, sizeof c);
    memset(seed, 1, sizeof seed);
    moot_key_init(&c.key, seed);
    moot_addr_set(&addr, "127.0.0.1", 4711);
    c.wall = 1700000000000;
    c.name = "alice";
    c.group = "lobby";
    c.mode = MOOT_BOOTSTRAP;
    c.port = 4711;
    c.addrs = &addr;
    c.addr_count = 1;
    node = moot_node_create(&c);
    expect_ok(moot_listen("127.0.0.1", 0, &fd, &port));
    expect_ok(moot_http_open(world_loop, fd, node, MOOT_EARLY_MAX, &http));
}

static void tear_down(void)
{
    moot_http_close(http);
    moot_node_destroy(node);
    world_close();
}

static const char *answer_to(const char *request)
{
    return stranger_asks(port, moot_bytes_text(request));
}

#define GET(path)                                                              \
    "GET " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

START_TEST(health_is_ok)
{
    const char *a = answer_to(GET("/health"));

    expect_within("HTTP/1.1 200 OK\r\n", a);
    expect_within("\r\n\r\nok\n", a);
}
END_TEST

START_TEST(bootstrap_repeats_the_nonce_and_is_signed)
{
    const char *a = answer_to(GET("/bootstrap?nonce=00ff"));

    expect_within("HTTP/1.1 200 OK\r\n", a);
    expect_within("Content-Type: application/json\r\n", a);
    expect_within("Cache-Control: no-store\r\n", a);
    expect_within("Moot-Signature: ", a);
    expect_within("00ff", strstr(a, "\r\n\r\n"));
    expect_within("127.0.0.1", strstr(a, "\r\n\r\n"));
    expect_uint(world_logged("event=refused"), 0);
}
END_TEST

START_TEST(who_only_looks_needs_no_nonce)
{
    expect_within("200 OK", answer_to(GET("/bootstrap")));
}
END_TEST

START_TEST(a_bad_nonce_is_refused)
{
    char request[512], nonce[2 * MOOT_NONCE_LEN_MAX + 3];

    expect_within(" 400 ", answer_to(GET("/bootstrap?nonce=xy")));
    expect_within(" 400 ", answer_to(GET("/bootstrap?nonce=abc")));
    expect_within(" 400 ", answer_to(GET("/bootstrap?nonce=%22%0a")));
    memset(nonce, 'a', sizeof nonce);
    nonce[sizeof nonce - 1] = '\0';
    snprintf(request, sizeof request, GET("/bootstrap?nonce=%s"), nonce);
    expect_within(" 400 ", answer_to(request));
    nonce[sizeof nonce - 3] = '\0'; /* MOOT_NONCE_LEN_MAX bytes fit */
    snprintf(request, sizeof request, GET("/bootstrap?nonce=%s"), nonce);
    expect_within(" 200 ", answer_to(request));
    expect_uint(world_logged("event=refused"), 4);
}
END_TEST

START_TEST(what_there_is_not_is_not_found)
{
    expect_within("\r\n\r\ntry /, /bootstrap, /health, /peers, /workers or "
                  "/metrics\n",
                  answer_to(GET("/boot")));
    expect_within(" 404 ", answer_to(GET("/boot")));
    expect_within(" 404 ", answer_to(GET("/bootstrap/")));
    expect_within("why=\"404 /bootstrap/\"", world_log());
}
END_TEST

START_TEST(only_get_is_allowed)
{
    const char *a = answer_to("POST /bootstrap HTTP/1.1\r\nHost: x\r\n"
                              "Content-Length: 3\r\nConnection: close\r\n\r\n"
                              "abc");

    expect_within(" 405 ", a);
    expect_within("Allow: GET, HEAD\r\n", a);
    expect_within(" 405 ", answer_to("DELETE /health HTTP/1.1\r\nHost: x\r\n"
                                     "Connection: close\r\n\r\n"));
}
END_TEST

START_TEST(head_says_the_same_without_the_body)
{
    const char *a = answer_to("HEAD /health HTTP/1.1\r\nHost: x\r\n"
                              "Connection: close\r\n\r\n");

    expect_within(" 200 ", a);
    expect(strstr(a, "ok\n") == NULL);
}
END_TEST

/* The library answers these by itself, or not at all. */
START_TEST(whom_nobody_answers_is_in_the_log_too)
{
    char request[20000];

    memset(request, 'a', sizeof request);
    memcpy(request, "GET /", 5);
    memcpy(request + sizeof request - 20, " HTTP/1.1\r\n\r\n\0\0\0\0\0", 19);
    expect_within(" 414 ", answer_to(request));
    answer_to("\x16\x03 garbage\r\n\r\n");
    world_until_logged(2, "no valid request");
    expect_uint(world_logged("event=refused"), 2);
}
END_TEST

/* A page of our own words in somebody's browser must not become a script. */
START_TEST(a_path_is_escaped_in_the_log)
{
    answer_to(GET("/%0aevent=forged"));
    expect_uint(world_logged("\nevent=forged"), 0);
    expect_uint(world_logged("event=refused"), 1);
}
END_TEST

START_TEST(garbage_does_no_harm)
{
    int fd = stranger_dial(port, 1);

    expect_int(write(fd, "\x16\x03\x01\x02\0\1\r\n\r\n", 10), 10);
    stranger_until_closed(fd);
    expect_within("ok\n", answer_to(GET("/health")));
}
END_TEST

START_TEST(an_endless_header_is_cut)
{
    int fd = stranger_dial(port, 1);
    char pad[1024];
    const char *begin = "GET /health HTTP/1.1\r\nX: ";

    memset(pad, 'x', sizeof pad);
    expect(write(fd, begin, strlen(begin)) > 0);
    for (int i = 0; i < 64; i++) {
        (void)!send(fd, pad, sizeof pad, MSG_NOSIGNAL);
        world_turn(1);
    }
    stranger_until_closed(fd);
    expect_within("ok\n", answer_to(GET("/health")));
}
END_TEST

/* MOOT_EARLY_MAX, MOOT_EARLY_SHARE_FROM and MOOT_EARLY_PER_ADDRESS hold for
 * this socket as well: the silent take half of the places, then make room. */
START_TEST(the_silent_keep_nobody_from_asking)
{
    static int fds[3 * MOOT_EARLY_MAX];

    for (int i = 0; i < MOOT_EARLY_MAX; i++)
        fds[i] = stranger_dial(port, 10);
    world_until_logged(MOOT_EARLY_MAX - MOOT_EARLY_SHARE_FROM,
                       "it gave way to a newer one");
    expect_within("ok\n", answer_to(GET("/health")));
    expect_uint(world_logged("event=refused"),
                MOOT_EARLY_MAX - MOOT_EARLY_SHARE_FROM);

    for (int i = MOOT_EARLY_MAX; i < 3 * MOOT_EARLY_MAX; i++) {
        fds[i] = stranger_dial(port, (uint8_t)(i % 200 + 11));
        if (i % 8 == 0)
            world_turn(1);
    }
    expect_within("ok\n", answer_to(GET("/health")));
    for (int i = 0; i < 3 * MOOT_EARLY_MAX; i++)
        close(fds[i]);
    world_turn(50);
    expect_within("ok\n", answer_to(GET("/health")));
    expect_uint(world_logged("too many connections"), 0);
}
END_TEST

static bool dripped_out(void *ctx)
{
    (void)!send(*(int *)ctx, "x", 1, MSG_NOSIGNAL);
    return world_logged("no request in time") > 0;
}

/* MOOT_HTTP_TIMEOUT_S, shortened: absolute, whatever trickles in. */
START_TEST(a_drip_does_not_prolong_the_deadline)
{
    int fd;

    moot_http_set_limit(http, 100);
    fd = stranger_dial(port, 1);
    world_until(dripped_out, &fd);
    expect_uint(world_logged("event=refused"), 1);
    stranger_until_closed(fd);
}
END_TEST

START_TEST(our_own_fetch_gets_the_answer)
{
    struct peer *alice = peer_create(1, NULL);
    struct moot_jobs *pool = moot_jobs_open(world_loop, 2, 8);
    struct moot_fetches *fetches = moot_fetches_open(&alice->sink, pool);
    struct moot_fx_ask what;

    memset(&what, 0, sizeof what);
    what.token = 7;
    moot_addr_set(&what.addr, "127.0.0.1", port);
    memcpy(what.nonce, "aabb", 5);
    what.within = 20000;
    moot_fetches_start(fetches, &what);
    expect_uint(peer_until(alice, MOOT_EV_ANSWER, 1)->token, 7);
    expect(strcmp(alice->seen[0].text, "unsigned") != 0);
    expect(moot_jobs_close(pool, 5000));
    moot_fetches_close(fetches);
    peer_destroy(alice);
}
END_TEST

START_TEST(closing_with_connections_open_leaves_nothing)
{
    int idle = stranger_dial(port, 1), half = stranger_dial(port, 1);

    expect(write(half, "GET /he", 7) == 7);
    world_turn(5);
    moot_http_close(http);
    moot_http_close(NULL);
    http = NULL;
    close(idle);
    close(half);
}
END_TEST

Suite *suite_net_http(void)
{
    Suite *s = suite_create("net/http");
    TCase *t = tcase_create("requests");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, health_is_ok);
    tcase_add_test(t, bootstrap_repeats_the_nonce_and_is_signed);
    tcase_add_test(t, who_only_looks_needs_no_nonce);
    tcase_add_test(t, a_bad_nonce_is_refused);
    tcase_add_test(t, what_there_is_not_is_not_found);
    tcase_add_test(t, only_get_is_allowed);
    tcase_add_test(t, head_says_the_same_without_the_body);
    tcase_add_test(t, whom_nobody_answers_is_in_the_log_too);
    tcase_add_test(t, a_path_is_escaped_in_the_log);
    tcase_add_test(t, garbage_does_no_harm);
    tcase_add_test(t, an_endless_header_is_cut);
    tcase_add_test(t, the_silent_keep_nobody_from_asking);
    tcase_add_test(t, a_drip_does_not_prolong_the_deadline);
    tcase_add_test(t, our_own_fetch_gets_the_answer);
    tcase_add_test(t, closing_with_connections_open_leaves_nothing);
    suite_add_tcase(s, t);
    return s;
}
