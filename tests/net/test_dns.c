/*
 * tests/net/test_dns.c - lookups of a server that is played by the test.
 *
 * Layer:  tests.
 * Thread: main is the loop's; the lookups run in workers.
 */
#include "net/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "net/world.h"

Suite *suite_net_dns(void);

/* How the server behaves. */
enum manner {
    ANSWERS,
    IS_SILENT,
    TALKS_GARBAGE,
    IS_ILL /* SERVFAIL */
};

static struct moot_jobs *pool;
static struct moot_dns *dns;
static struct moot_sink sink;
static int server;
static struct moot_addr server_addr;
static enum manner manner;
static ev_io readable;
static unsigned asked;

/* What was delivered. */
static unsigned events;
static int why;
static moot_token token;
static struct moot_way ways[MOOT_DNS_WAYS_MAX];
static unsigned way_count;

static void on_event(void *ctx, const struct moot_event *ev)
{
    (void)ctx;
    events++;
    if (ev->kind == MOOT_EV_FOUND) {
        token = ev->found.token;
        way_count = ev->found.count;
        memcpy(ways, ev->found.ways, way_count * sizeof *ways);
        why = MOOT_OK;
        return;
    }
    expect_int(ev->kind, MOOT_EV_ASK_FAILED);
    token = ev->failed.token;
    why = ev->failed.why;
}

/* --- the server --- */

static void put16(struct moot_buf *b, unsigned value)
{
    uint8_t raw[2] = {(uint8_t)(value >> 8), (uint8_t)value};

    moot_buf_append(b, raw, 2);
}

static void put_name(struct moot_buf *b, const char *name)
{
    while (*name != '\0') {
        uint8_t len = (uint8_t)strcspn(name, ".");

        moot_buf_append(b, &len, 1);
        moot_buf_append(b, name, len);
        name += len + (name[len] == '.');
    }
    moot_buf_append(b, "", 1);
}

/* A record about the name that was asked for, with these contents. */
static void put_record(struct moot_buf *b, unsigned type,
                       const struct moot_buf *data)
{
    put16(b, 0xc00c);
    put16(b, type);
    put16(b, ns_c_in);
    put16(b, 0);
    put16(b, 60);
    put16(b, (unsigned)data->len);
    moot_buf_append(b, moot_buf_view(data).data, data->len);
}

static void put_srv(struct moot_buf *b, unsigned priority, unsigned port,
                    const char *target)
{
    struct moot_buf data = {0};

    put16(&data, priority);
    put16(&data, 0);
    put16(&data, port);
    put_name(&data, target);
    put_record(b, ns_t_srv, &data);
    moot_buf_fini(&data);
}

/* As two strings, the way long texts are kept. */
static void put_txt(struct moot_buf *b, const char *text)
{
    uint8_t half = (uint8_t)(strlen(text) / 2);
    uint8_t rest = (uint8_t)(strlen(text) - half);
    struct moot_buf data = {0};

    moot_buf_append(&data, &half, 1);
    moot_buf_append(&data, text, half);
    moot_buf_append(&data, &rest, 1);
    moot_buf_append(&data, text + half, rest);
    put_record(b, ns_t_txt, &data);
    moot_buf_fini(&data);
}

static void put_a(struct moot_buf *b, const char *ip)
{
    struct moot_buf data = {0};
    struct in_addr a;

    inet_pton(AF_INET, ip, &a);
    moot_buf_append(&data, &a, sizeof a);
    put_record(b, ns_t_a, &data);
    moot_buf_fini(&data);
}

/* Returns how many records. */
static unsigned put_answer(struct moot_buf *b, const char *name, unsigned type)
{
    if (strcmp(name, "_moot._tcp.two.example") == 0 && type == ns_t_srv) {
        put_srv(b, 20, 2, "b.example");
        put_srv(b, 10, 1, "a.example");
        return 2;
    }
    if (strcmp(name, "text.example") == 0 && type == ns_t_txt) {
        put_txt(b, "v=spf1 -all");
        put_txt(b, "moot=192.0.2.9:8080");
        return 2;
    }
    if (strcmp(name, "a.example") == 0 && type == ns_t_a) {
        put_a(b, "192.0.2.1");
        return 1;
    }
    return 0;
}

static void reply(const uint8_t *q, size_t len, struct moot_buf *b)
{
    char name[256] = "";
    size_t at = 12;
    unsigned type, n;

    while (at < len && q[at] != 0) {
        snprintf(name + strlen(name), sizeof name - strlen(name), "%s%.*s",
                 *name ? "." : "", q[at], (const char *)q + at + 1);
        at += 1u + q[at];
    }
    type = (unsigned)(q[at + 1] << 8 | q[at + 2]);
    moot_buf_append(b, q, 12);
    moot_buf_append(b, q + 12, at + 5 - 12);
    n = manner == ANSWERS ? put_answer(b, name, type) : 0;
    b->data[2] = 0x85; /* an answer, authoritative */
    b->data[3] = manner == IS_ILL ? ns_r_servfail
                 : n > 0          ? ns_r_noerror
                                  : ns_r_nxdomain;
    b->data[7] = (uint8_t)n;
    b->data[8] = b->data[9] = b->data[10] = b->data[11] = 0;
}

static void on_readable(struct ev_loop *loop, ev_io *w, int revents)
{
    uint8_t question[512];
    struct sockaddr_in from;
    socklen_t len = sizeof from;
    struct moot_buf b = {0};
    ssize_t n = recvfrom(w->fd, question, sizeof question, 0,
                         (struct sockaddr *)&from, &len);

    (void)loop;
    (void)revents;
    expect(n > 16);
    asked++;
    if (manner == IS_SILENT)
        return;
    if (manner == TALKS_GARBAGE) {
        moot_buf_append(&b, question, 2); /* the right number, at least */
        moot_buf_append(&b, "\x85\x80\xff\xff\xff\xff\xff\xff\xff\xff....", 14);
    } else {
        reply(question, (size_t)n, &b);
    }
    sendto(w->fd, b.data, b.len, 0, (struct sockaddr *)&from, len);
    moot_buf_fini(&b);
}

static void set_up(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;

    world_open();
    server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    expect_int(bind(server, (struct sockaddr *)&a, sizeof a), 0);
    expect_int(getsockname(server, (struct sockaddr *)&a, &len), 0);
    moot_addr_set(&server_addr, "127.0.0.1", ntohs(a.sin_port));
    ev_io_init(&readable, on_readable, server, EV_READ);
    ev_io_start(world_loop, &readable);
    manner = ANSWERS;
    sink = (struct moot_sink){on_event, NULL};
    pool = moot_jobs_open(world_loop, 2, 8);
    dns = moot_dns_open(&sink, pool, &server_addr);
    events = asked = way_count = 0;
}

static void tear_down(void)
{
    expect(moot_jobs_close(pool, 20000));
    moot_dns_close(dns);
    ev_io_stop(world_loop, &readable);
    close(server);
    world_close();
}

static bool delivered(void *ctx)
{
    (void)ctx;
    return events > 0;
}

static void start(const char *name, moot_ms within)
{
    struct moot_fx_lookup what = {.token = 77, .within = within};

    snprintf(what.name, sizeof what.name, "%s", name);
    moot_dns_start(dns, &what);
    expect_uint(events, 0);
}

static int look_up(const char *name, moot_ms within)
{
    start(name, within);
    world_until(delivered, NULL);
    expect_uint(events, 1);
    expect_uint(token, 77);
    return why;
}

START_TEST(srv_records_lead_to_addresses_in_their_order)
{
    expect_ok(look_up("two.example", 10000));
    expect_uint(way_count, 2);
    expect_text(ways[0].addr.host, "192.0.2.1");
    expect_uint(ways[0].addr.port, 1);
    expect_text(ways[1].addr.host, "b.example"); /* it does not resolve */
    expect_uint(ways[1].addr.port, 2);
    expect_int(ways[0].kind, MOOT_WAY_FOUND);
    expect(!ways[0].seed);
}
END_TEST

START_TEST(a_text_among_those_of_others_is_found)
{
    expect_ok(look_up("text.example", 10000));
    expect_uint(way_count, 1);
    expect_text(ways[0].addr.host, "192.0.2.9");
    expect_uint(ways[0].addr.port, 8080);
}
END_TEST

START_TEST(a_name_without_records_is_told_apart_from_a_failure)
{
    expect_error(look_up("nothing.example", 10000), MOOT_ENONE);
}
END_TEST

START_TEST(a_silent_server_is_a_timeout)
{
    int64_t began = clock_ms();

    manner = IS_SILENT;
    expect_error(look_up("two.example", 300), MOOT_ETIMEOUT);
    expect(clock_ms() - began >= 300);
    expect(asked >= 2);
}
END_TEST

START_TEST(a_server_that_is_ill_or_mad_makes_no_sense)
{
    manner = IS_ILL;
    expect_error(look_up("two.example", 10000), MOOT_EANSWER);
    events = 0;
    manner = TALKS_GARBAGE;
    expect(look_up("two.example", 1000) != MOOT_OK);
}
END_TEST

START_TEST(where_no_server_is_the_reason_is_told)
{
    ev_io_stop(world_loop, &readable);
    close(server);
    server = -1;
    expect_error(look_up("two.example", 10000), MOOT_EREFUSED);
}
END_TEST

START_TEST(closing_does_not_wait_for_a_silent_server)
{
    int64_t began = clock_ms();

    manner = IS_SILENT;
    start("two.example", 60000);
    world_turn(3);
    expect(moot_jobs_close(pool, 20000));
    expect(clock_ms() - began < 10000);
    expect_uint(events, 0);
    pool = moot_jobs_open(world_loop, 1, 1);
}
END_TEST

START_TEST(the_longest_name_is_asked_for)
{
    char name[MOOT_HOST_LEN_MAX + 1] = "";

    /* With _moot._tcp. before it, it is none any more. */
    while (strlen(name) + 50 < sizeof name)
        strcat(name, "a234567890123456789012345678901234567890123456789.");
    name[strlen(name) - 1] = '\0';
    expect(look_up(name, 10000) != MOOT_OK);
}
END_TEST

Suite *suite_net_dns(void)
{
    Suite *s = suite_create("net/dns");
    TCase *t = tcase_create("lookups");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, srv_records_lead_to_addresses_in_their_order);
    tcase_add_test(t, a_text_among_those_of_others_is_found);
    tcase_add_test(t, a_name_without_records_is_told_apart_from_a_failure);
    tcase_add_test(t, a_silent_server_is_a_timeout);
    tcase_add_test(t, a_server_that_is_ill_or_mad_makes_no_sense);
    tcase_add_test(t, where_no_server_is_the_reason_is_told);
    tcase_add_test(t, closing_does_not_wait_for_a_silent_server);
    tcase_add_test(t, the_longest_name_is_asked_for);
    suite_add_tcase(s, t);
    return s;
}
