/*
 * tests/net/test_post.c - registering a group by POST: the server, and our own
 * way of asking it.
 *
 * Layer:  tests.
 * Thread: main is the loop's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "cast.h"
#include "net/fetch.h"
#include "net/http.h"
#include "net/listen.h"
#include "net/world.h"
#include "wire/register.h"

Suite *suite_net_post(void);

static struct moot_node *node;
static struct moot_http *http;
static uint16_t port;

static void open_host(unsigned groups)
{
    struct moot_hash group = hash_of(0x40);
    struct moot_node_config c;
    uint8_t seed[32] = {1};
    int fd;

    world_open();
    cast_begin(&group);
    memset(&c, 0, sizeof c);
    moot_key_init(&c.key, seed);
    c.wall = 1700000000000;
    c.name = "host";
    c.group = "house";
    c.mode = MOOT_BOOTSTRAP;
    c.host_groups = groups;
    c.group_timeout = 15000;
    node = moot_node_create(&c);
    expect_ok(moot_listen("127.0.0.1", 0, &fd, &port));
    expect_ok(moot_http_open(world_loop, fd, node, MOOT_EARLY_MAX, &http));
}

static void tear_down(void)
{
    moot_http_close(http);
    moot_node_destroy(node);
    cast_end();
    world_close();
}

static const char *answer_to(struct moot_bytes request)
{
    return stranger_asks(port, request);
}

static const char *post_text(const char *body)
{
    static struct moot_buf b;

    moot_buf_clear(&b);
    moot_buf_printf(&b,
                    "POST /bootstrap HTTP/1.1\r\nHost: x\r\n"
                    "Content-Length: %zu\r\n\r\n%s",
                    strlen(body), body);
    return answer_to(moot_buf_view(&b));
}

START_TEST(without_a_directory_nothing_is_taken)
{
    const char *a;

    open_host(0);
    a = post_text("{}");
    expect_within("HTTP/1.1 405 ", a);
    expect_within("Allow: GET, HEAD\r\n", a);
}
END_TEST

START_TEST(a_body_that_is_no_request_is_refused)
{
    open_host(3);
    expect_within("HTTP/1.1 400 ", post_text("{}"));
    expect_within("HTTP/1.1 400 ", post_text(""));
}
END_TEST

START_TEST(a_body_of_any_length_is_read_and_none_of_it_kept)
{
    char *body = moot_alloc(1024 * 1024 + 1);

    open_host(3);
    memset(body, ' ', 1024 * 1024);
    expect_within("HTTP/1.1 413 ", post_text(body));
    free(body);
}
END_TEST

START_TEST(every_answer_of_a_directory_brings_a_challenge)
{
    static const char get[] =
        "GET /bootstrap?group=den HTTP/1.1\r\nHost: x\r\n\r\n";
    const char *a;

    open_host(3);
    a = answer_to(moot_bytes_text(get));
    expect_within("HTTP/1.1 404 ", a);
    expect_within("\r\nMoot-Challenge: ", a);
    expect_within("only GET and POST",
                  answer_to(moot_bytes_text("PUT /bootstrap HTTP/1.1\r\n"
                                            "Host: x\r\n"
                                            "Content-Length: 0\r\n\r\n")));
}
END_TEST

/* --- our own way of asking --- */

static struct moot_jobs *jobs;
static struct moot_fetches *fetches;
static struct peer *alice;

static void open_asker(void)
{
    alice = peer_create(1, NULL);
    jobs = moot_jobs_open(world_loop, 2, 8);
    fetches = moot_fetches_open(&alice->sink, jobs);
}

static void close_asker(void)
{
    moot_jobs_close(jobs, 2000);
    moot_fetches_close(fetches);
    peer_destroy(alice);
}

static void post(const char *challenge)
{
    struct moot_register r = {.group = cast_group(),
                              .weight = MOOT_PROVISIONAL};
    struct moot_fx_post what;

    memset(&what, 0, sizeof what);
    what.token = 7;
    what.within = 3000;
    moot_addr_set(&what.addr, "127.0.0.1", port);
    memcpy(r.group_name, "d\xc3\xa9n &?", 8);
    memcpy(r.challenge, challenge, strlen(challenge) + 1);
    r.records = moot_alloc(sizeof *r.records);
    r.records[r.record_count++] = cast_record('A', CAST_RUN, 1);
    moot_register_encode(&r, &what.body);
    moot_register_sign(moot_buf_view(&what.body), cast_key('A'),
                       what.signature);
    moot_fetches_post(fetches, &what);
    moot_buf_fini(&what.body);
    moot_register_fini(&r);
}

static void ask(void)
{
    struct moot_fx_ask what;

    memset(&what, 0, sizeof what);
    what.token = 8;
    what.within = 3000;
    memcpy(what.nonce, "00ff", 5);
    memcpy(what.group, "d\xc3\xa9n &?", 8);
    moot_addr_set(&what.addr, "127.0.0.1", port);
    moot_fetches_start(fetches, &what);
}

START_TEST(a_group_of_any_name_is_registered_and_found)
{
    char challenge[65];
    const struct seen *s;
    const char *a;

    open_host(3);
    open_asker();
    ask();
    s = peer_until(alice, MOOT_EV_ASK_FAILED, 1);
    expect_error(s->why, MOOT_ENONE);
    memcpy(challenge, s->text, sizeof challenge);
    post("");
    s = peer_until(alice, MOOT_EV_POSTED, 1);
    expect_uint(s->token, 7);
    expect_uint(s->status, 401);
    post(challenge);
    s = peer_until(alice, MOOT_EV_POSTED, 2);
    expect_uint(s->status, 200);
    ask();
    expect_uint(peer_until(alice, MOOT_EV_ANSWER, 1)->token, 8);
    a = answer_to(moot_bytes_text("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"));
    expect_within("\nmoot_hosted_groups 1\n", a);
    expect_within("\nmoot_hosted_members 1\n", a);
    close_asker();
}
END_TEST

START_TEST(nobody_there_is_told_as_well)
{
    int fd;

    open_host(3);
    open_asker();
    moot_http_close(http);
    http = NULL;
    fd = socket_refusing(&port);
    post("");
    expect_error(peer_until(alice, MOOT_EV_POSTED, 1)->why, MOOT_EREFUSED);
    close(fd);
    close_asker();
}
END_TEST

Suite *suite_net_post(void)
{
    Suite *s = suite_create("net/post");
    TCase *t = tcase_create("post");

    tcase_add_checked_fixture(t, NULL, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, without_a_directory_nothing_is_taken);
    tcase_add_test(t, a_body_that_is_no_request_is_refused);
    tcase_add_test(t, a_body_of_any_length_is_read_and_none_of_it_kept);
    tcase_add_test(t, every_answer_of_a_directory_brings_a_challenge);
    tcase_add_test(t, a_group_of_any_name_is_registered_and_found);
    tcase_add_test(t, nobody_there_is_told_as_well);
    suite_add_tcase(s, t);
    return s;
}
