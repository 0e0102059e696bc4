/*
 * tests/net/test_pages.c - the pages of the bootstrap socket for operators:
 * what they hold, and who may see them.
 *
 * Layer:  tests.
 * Thread: main is the loop's.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "net/http_internal.h"
#include "net/listen.h"
#include "net/world.h"

Suite *suite_net_pages(void);

static struct moot_node *node;
static struct moot_http *http;
static uint16_t port;

static void begin(bool closed)
{
    struct moot_node_config c;
    struct moot_addr addrs[2];
    uint8_t seed[32];
    int fd;

    world_open();
    memset(&c, 0, sizeof c);
    memset(seed, 1, sizeof seed);
    moot_key_init(&c.key, seed);
    moot_addr_set(&addrs[0], "192.0.2.7", 4711);
    moot_addr_set(&addrs[1], "0.0.0.0", 4711);
    c.wall = 1700000000000;
    c.name = "al\"ice";
    c.group = "lobby";
    c.mode = MOOT_BOOTSTRAP;
    c.closed = closed;
    c.port = 4711;
    c.addrs = addrs;
    c.addr_count = 2;
    moot_addr_set(&c.boot, "", 4712);
    node = moot_node_create(&c);
    expect_ok(moot_listen("127.0.0.1", 0, &fd, &port));
    expect_ok(moot_http_open(world_loop, fd, node, MOOT_EARLY_MAX, &http));
}

static void set_up(void)
{
    begin(false);
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

static const char *body_of(const char *answer)
{
    const char *body = strstr(answer, "\r\n\r\n");

    expect(body != NULL);
    return body + 4;
}

#define ASK(path, header) "GET " path " HTTP/1.1\r\nHost: x\r\n" header "\r\n"
#define GET(path) ASK(path, "")

START_TEST(the_first_page_says_what_this_is_and_runs_nothing)
{
    const char *a = answer_to(GET("/"));

    expect_within(" 200 OK\r\n", a);
    expect_within("Content-Type: text/html; charset=utf-8\r\n", a);
    expect_within("Content-Security-Policy: default-src 'none'\r\n", a);
    expect_within("X-Content-Type-Options: nosniff\r\n", a);
    expect_within("<title>moot</title>", a);
    expect_within("href=\"/metrics\"", a);
}
END_TEST

START_TEST(peers_are_listed_in_the_form_of_the_address_book)
{
    const char *a = answer_to(GET("/peers"));
    json_t *all = json_loads(body_of(a), JSON_REJECT_DUPLICATES, NULL);
    json_t *peer = json_array_get(json_object_get(all, "peers"), 0);

    expect_within("Content-Type: application/json\r\n", a);
    expect(json_is_string(json_object_get(all, "last_updated")));
    expect_uint(json_array_size(json_object_get(all, "peers")), 1);
    expect_text(json_string_value(json_object_get(peer, "username")),
                "al\"ice");
    expect_int(json_integer_value(json_object_get(peer, "port")), 4711);
    expect_text(json_string_value(json_object_get(peer, "ip")), "127.0.0.1");
    expect_text(json_string_value(json_object_get(peer, "mode")), "bootstrap");
    expect_text(json_string_value(json_object_get(peer, "bootstrap")),
                "127.0.0.1:4712");
    expect(json_is_true(json_object_get(peer, "self")));
    expect(json_is_null(json_object_get(peer, "rtt_ms")));
    expect(strstr(a, "0.0.0.0") == NULL);
    json_decref(all);
}
END_TEST

START_TEST(a_closed_group_shows_its_members_and_figures_to_no_stranger)
{
    tear_down();
    begin(true);
    expect_within(" 403 ", answer_to(GET("/peers")));
    expect_within(" 403 ", answer_to(GET("/workers")));
    expect_within(" 403 ", answer_to(GET("/metrics")));
    expect_within(" 200 ", answer_to(GET("/health")));
    expect_within("\"sealed\":", answer_to(GET("/bootstrap")));
}
END_TEST

START_TEST(workers_is_another_name_for_it)
{
    expect_within("\"peers\":[{\"ip\":", answer_to(GET("/workers")));
}
END_TEST

START_TEST(metrics_are_text_for_prometheus)
{
    const char *a;

    answer_to(GET("/nothing"));
    a = answer_to(GET("/metrics"));
    expect_within("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n",
                  a);
    expect_within("\n# TYPE moot_members gauge\nmoot_members 1\n", a);
    expect_within("\nmoot_links{state=\"up\"} 0\n", a);
    expect_within("\nmoot_breakers{state=\"open\"} 0\n", a);
    expect_within("\nmoot_hosted_groups 0\n", a);
    expect_within("\nmoot_http_connections 1\n", a);
    expect_within("\nmoot_http_requests_total{page=\"other\",status=\"404\"} ",
                  a);
    expect_within(
        "\nmoot_refused_total{socket=\"bootstrap\",reason=\"not_found\"} ", a);
    expect_within("\n# TYPE process_resident_memory_bytes gauge\n", a);
    expect_within("\n# TYPE process_cpu_seconds_total counter\n", a);
}
END_TEST

START_TEST(what_follows_the_question_mark_is_ignored_where_it_means_nothing)
{
    expect_within(" 200 ", answer_to(GET("/health?x=1&y&&=%zz")));
    expect_within(" 200 ", answer_to(GET("/bootstrap?nonce=00&nonce2=x")));
    expect_within("ok\n", answer_to(GET("/%68ealth")));
    expect_within(" 404 ", answer_to(GET("/health%2fx")));
    expect_within(" 404 ", answer_to(GET("//health")));
    expect_within(" 404 ", answer_to(GET("/../health")));
}
END_TEST

/* One answer a connection: the second request is not read. */
START_TEST(a_pipeline_gets_its_first_answer)
{
    const char *a = answer_to(GET("/health") GET("/metrics"));

    expect_within("Connection: close\r\n", a);
    expect_text(body_of(a), "ok\n");
}
END_TEST

/* --- the pass --- */

#define TOKEN "correct-horse-battery-staple"

static char path[] = "/tmp/moot-pass-XXXXXX";

static void write_token(const char *text, mode_t mode)
{
    int fd;

    memcpy(strstr(path, "pass-") + 5, "XXXXXX", 6);
    fd = mkstemp(path);
    expect(fd >= 0);
    expect_int(write(fd, text, strlen(text)), strlen(text));
    expect_int(fchmod(fd, mode), 0);
    close(fd);
}

static int read_token(const char *text, mode_t mode, struct moot_pass *ret_pass,
                      char why[MOOT_PASS_WHY_MAX])
{
    int rc;

    write_token(text, mode);
    rc = moot_pass_read(path, ret_pass, why);
    unlink(path);
    return rc;
}

static void guard(void)
{
    struct moot_pass pass;
    char why[MOOT_PASS_WHY_MAX];

    expect_ok(read_token(TOKEN "\n", 0600, &pass, why));
    moot_http_guard(http, &pass);
}

START_TEST(without_the_pass_guarded_pages_are_shut)
{
    const char *a;

    guard();
    a = answer_to(GET("/metrics"));
    expect_within(" 401 ", a);
    expect_within("WWW-Authenticate: Bearer realm=\"moot\"\r\n", a);
    expect(strstr(a, "moot_members") == NULL);
    expect_within(" 401 ", answer_to(GET("/peers")));
    expect_within(" 401 ", answer_to(GET("/workers")));
    expect_within("reason=token why=\"401 /workers\"", world_log());
    expect_within(" 200 ", answer_to(GET("/")));
    expect_within(" 200 ", answer_to(GET("/health")));
    expect_within(" 200 ", answer_to(GET("/bootstrap")));
}
END_TEST

START_TEST(the_pass_opens_them)
{
    guard();
    expect_within(
        " 200 ",
        answer_to(ASK("/metrics", "Authorization: Bearer " TOKEN "\r\n")));
    expect_within(
        " 200 ",
        answer_to(ASK("/peers", "authorization: bearer  " TOKEN "\r\n")));
}
END_TEST

START_TEST(a_wrong_pass_does_not)
{
    const char *a;

    guard();
    a = answer_to(ASK("/metrics", "Authorization: Bearer x" TOKEN "\r\n"));
    expect_within(" 401 ", a);
    expect_within("error=\"invalid_token\"", a);
    expect_within(
        " 401 ",
        answer_to(ASK("/metrics", "Authorization: Basic " TOKEN "\r\n")));
    expect_within(" 401 ",
                  answer_to(ASK("/metrics", "Authorization: Bearer\r\n")));
    expect_within(" 401 ",
                  answer_to(ASK("/metrics", "Authorization: " TOKEN "\r\n")));
}
END_TEST

START_TEST(a_pass_that_others_can_read_is_none)
{
    struct moot_pass pass = {false, {0}};
    char why[MOOT_PASS_WHY_MAX];

    expect_error(read_token(TOKEN, 0640, &pass, why), MOOT_EINVAL);
    expect_within("can be read by others", why);
    expect_error(read_token(TOKEN, 0604, &pass, why), MOOT_EINVAL);
    expect(!pass.set);
    expect_ok(read_token(TOKEN, 0400, &pass, why));
    expect(pass.set);
}
END_TEST

START_TEST(a_pass_is_one_long_line_of_plain_letters)
{
    struct moot_pass pass = {false, {0}};
    char why[MOOT_PASS_WHY_MAX], text[MOOT_PASS_LEN_MAX + 3];

    expect_error(read_token("", 0600, &pass, why), MOOT_EINVAL);
    expect_error(read_token("short\n", 0600, &pass, why), MOOT_EINVAL);
    expect_within("openssl rand -hex 32", why);
    expect_error(read_token(TOKEN "\n" TOKEN "\n", 0600, &pass, why),
                 MOOT_EINVAL);
    expect_error(read_token(TOKEN " x", 0600, &pass, why), MOOT_EINVAL);
    memset(text, 'a', sizeof text);
    text[MOOT_PASS_LEN_MAX + 1] = '\0';
    expect_error(read_token(text, 0600, &pass, why), MOOT_EINVAL);
    text[MOOT_PASS_LEN_MAX] = '\0';
    expect_ok(read_token(text, 0600, &pass, why));
    text[MOOT_PASS_LEN_MIN - 1] = '\0';
    expect_error(read_token(text, 0600, &pass, why), MOOT_EINVAL);
    expect_error(moot_pass_read("/", &pass, why), MOOT_EINVAL);
    expect_within("no plain file", why);
    expect_error(moot_pass_read("/nowhere/token", &pass, why), MOOT_EINVAL);
    expect_within("No such file", why);
}
END_TEST

Suite *suite_net_pages(void)
{
    Suite *s = suite_create("net/pages");
    TCase *t = tcase_create("pages");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, the_first_page_says_what_this_is_and_runs_nothing);
    tcase_add_test(t, peers_are_listed_in_the_form_of_the_address_book);
    tcase_add_test(t,
                   a_closed_group_shows_its_members_and_figures_to_no_stranger);
    tcase_add_test(t, workers_is_another_name_for_it);
    tcase_add_test(t, metrics_are_text_for_prometheus);
    tcase_add_test(
        t, what_follows_the_question_mark_is_ignored_where_it_means_nothing);
    tcase_add_test(t, a_pipeline_gets_its_first_answer);
    tcase_add_test(t, without_the_pass_guarded_pages_are_shut);
    tcase_add_test(t, the_pass_opens_them);
    tcase_add_test(t, a_wrong_pass_does_not);
    tcase_add_test(t, a_pass_that_others_can_read_is_none);
    tcase_add_test(t, a_pass_is_one_long_line_of_plain_letters);
    suite_add_tcase(s, t);
    return s;
}
