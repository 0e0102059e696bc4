/*
 * tests/wire/test_peers.c - a list of peers as JSON, and as a stranger serves
 * it.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "wire/peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "samples.h"
#include "words.h"

Suite *suite_wire_peers(void);

static struct moot_peers got;
static struct moot_buf text;

static void tear_down(void)
{
    moot_peers_fini(&got);
    moot_buf_fini(&text);
}

static int read_as(const char *json,
                   int (*decode)(struct moot_bytes, struct moot_peers *))
{
    struct guarded g;
    int error;

    guarded_init(&g, moot_bytes_text(json));
    error = decode(guarded_view(&g), &got);
    guarded_fini(&g);
    return error;
}

static int read_json(const char *json)
{
    return read_as(json, moot_peers_decode);
}

static int read_list(const char *json)
{
    return read_as(json, moot_peers_decode_list);
}

/* "host:port host:port": the addresses that were read. */
static const char *addresses(void)
{
    moot_buf_clear(&text);
    for (unsigned i = 0; i < got.peer_count; i++) {
        char addr[MOOT_ADDR_TEXT_MAX];

        moot_addr_format(&got.peers[i].addr, addr);
        moot_buf_printf(&text, i > 0 ? " %s" : "%s", addr);
    }
    return moot_buf_text(&text);
}

#define ID "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"
#define GROUP "6767676767676767676767676767676767676767676767676767676767676767"

START_TEST(the_text_is_this)
{
    struct moot_peers p;

    sample_peers(&p);
    moot_peers_encode(&p, &text);
    expect_text(moot_buf_text(&text),
                "{\n\"last_updated\": \"2023-11-14T22:13:20Z\",\n"
                "\"peers\": [\n"
                "{\"ip\": \"192.0.2.7\", \"port\": 8081, "
                "\"last_seen\": \"2023-11-14T22:13:20Z\", "
                "\"success_count\": 10, \"failure_count\": 4, "
                "\"failures_in_row\": 2, "
                "\"last_failed\": \"2023-11-14T22:14:20Z\", "
                "\"identity\": \"" ID "\", \"group\": \"" GROUP "\", "
                "\"group_name\": \"lobby\", \"username\": \"b\\\"o\\\\b\", "
                "\"bootstrap\": \"[2001:db8::7]:8080\"},\n"
                "{\"ip\": \"chat.example.org\", \"port\": 8080, "
                "\"last_seen\": \"1970-01-01T00:00:00Z\", "
                "\"success_count\": 0, \"failure_count\": 0}\n"
                "],\n\"breakers\": [\n"
                "{\"source\": \"https://example.org/peers.json\", "
                "\"failures\": 5, \"opened\": \"2023-11-14T22:13:20Z\", "
                "\"wait\": 16000}\n]\n}\n");
    moot_peers_fini(&p);
}
END_TEST

START_TEST(goes_and_comes_back)
{
    struct moot_peers p;
    struct moot_buf again = {0};

    sample_peers(&p);
    moot_peers_encode(&p, &text);
    expect_ok(read_json(moot_buf_text(&text)));
    expect_uint(got.peer_count, 2);
    expect_uint(got.tripped_count, 1);
    expect_int(got.updated, SAMPLE_WALL);
    expect_int(got.tripped[0].wait, 16000);
    moot_peers_encode(&got, &again);
    expect_text(moot_buf_text(&again), moot_buf_text(&text));
    moot_buf_fini(&again);
    moot_peers_fini(&p);
}
END_TEST

START_TEST(an_empty_list_is_one)
{
    moot_peers_encode(&got, &text);
    expect_ok(read_json(moot_buf_text(&text)));
    expect_uint(got.peer_count, 0);
    expect_int(got.updated, 0);
    expect_ok(read_json("{\"peers\":[]}"));
}
END_TEST

/* As its documentation shows it, and nothing else. */
START_TEST(the_documented_file_is_read)
{
    expect_ok(read_json("{\n"
                        "    \"last_updated\": \"2024-02-20T15:30:00Z\",\n"
                        "    \"peers\": [\n"
                        "        {\n"
                        "            \"ip\": \"192.168.1.1\",\n"
                        "            \"port\": 8080,\n"
                        "            \"last_seen\": \"2024-02-20T15:30:00Z\",\n"
                        "            \"success_count\": 10,\n"
                        "            \"failure_count\": 0\n"
                        "        }\n"
                        "    ]\n"
                        "}\n"));
    expect_int(got.updated, INT64_C(1708443000000));
    expect_text(addresses(), "192.168.1.1:8080");
    expect_uint(got.peers[0].success_count, 10);
    expect_int(got.peers[0].last_seen, INT64_C(1708443000000));
    expect(!got.peers[0].has_id);
}
END_TEST

/* Each stands between two good ones, which are read whatever it is. */
static const char *const bad_peers[] = {
    "null",
    "17",
    "[]",
    "\"no address\"",
    "{}",
    "{\"ip\":\"192.0.2.1\"}",
    "{\"port\":80}",
    "{\"ip\":\"192.0.2.1\",\"port\":0}",
    "{\"ip\":\"192.0.2.1\",\"port\":65536}",
    "{\"ip\":\"192.0.2.1\",\"port\":-1}",
    "{\"ip\":\"192.0.2.1\",\"port\":\"80\"}",
    "{\"ip\":\"192.0.2.1\",\"port\":80.5}",
    "{\"ip\":\"127.1\",\"port\":80}",
    "{\"ip\":\"\",\"port\":80}",
    "{\"ip\":\"a b\",\"port\":80}",
    "{\"ip\":17,\"port\":80}",
    "{\"ip\":\"h\",\"port\":80,\"last_seen\":\"yesterday\"}",
    "{\"ip\":\"h\",\"port\":80,\"last_seen\":17}",
    "{\"ip\":\"h\",\"port\":80,\"success_count\":-1}",
    "{\"ip\":\"h\",\"port\":80,\"failure_count\":\"1\"}",
    "{\"ip\":\"h\",\"port\":80,\"identity\":\"8a88\"}",
    "{\"ip\":\"h\",\"port\":80,\"group\":\"lobby\"}",
    "{\"ip\":\"h\",\"port\":80,\"group_name\":\"\"}",
    "{\"ip\":\"h\",\"port\":80,\"username\":\"\\u0007\"}",
    "{\"ip\":\"h\",\"port\":80,\"bootstrap\":\"8080\"}",
};

START_TEST(a_peer_that_makes_no_sense_is_left_out)
{
    struct moot_buf json = {0};

    moot_buf_printf(&json,
                    "{\"peers\":[{\"ip\":\"a\",\"port\":1},%s,"
                    "{\"ip\":\"B.\\u006frg\",\"port\":2}]}",
                    bad_peers[_i]);
    expect_ok(read_json(moot_buf_text(&json)));
    expect_text(addresses(), "a:1 b.org:2");
    moot_buf_fini(&json);
}
END_TEST

START_TEST(null_is_not_known)
{
    expect_ok(read_json("{\"last_updated\":null,\"peers\":[{\"ip\":\"a\","
                        "\"port\":1,\"last_seen\":null,\"identity\":null,"
                        "\"group\":null,\"group_name\":null,\"username\":null,"
                        "\"bootstrap\":null,\"later\":{\"x\":[1]}}],"
                        "\"breakers\":null}"));
    expect_text(addresses(), "a:1");
    expect(!got.peers[0].has_id && !got.peers[0].has_group);
}
END_TEST

START_TEST(hosts_are_written_in_one_way)
{
    expect_ok(read_json("{\"peers\":[{\"ip\":\"2001:DB8:0::7\",\"port\":1},"
                        "{\"ip\":\"::ffff:192.0.2.1\",\"port\":2},"
                        "\"[::1]:3\"]}"));
    expect_text(addresses(), "[2001:db8::7]:1 192.0.2.1:2 [::1]:3");
}
END_TEST

START_TEST(counters_stay_within_what_can_be_written)
{
    expect_ok(read_json("{\"peers\":[{\"ip\":\"a\",\"port\":1,"
                        "\"success_count\":9223372036854775807}]}"));
    expect(got.peers[0].success_count == MOOT_COUNT_MAX);
    moot_peers_encode(&got, &text);
}
END_TEST

static const char *const no_lists[] = {
    "",
    " ",
    "{}",
    "[]",
    "null",
    "{\"peers\":{}}",
    "{\"peers\":[]",
    "{\"peers\":[]}x",
    "{\"peers\":[],\"peers\":[]}",
    "{\"last_updated\":17,\"peers\":[]}",
    "{\"last_updated\":\"now\",\"peers\":[]}",
    "192.0.2.1:80",
};

START_TEST(what_is_no_list_is_refused)
{
    expect_error(read_json(no_lists[_i]), MOOT_EPROTO);
    expect(got.peers == NULL);
}
END_TEST

START_TEST(breakers_that_make_no_sense_are_left_out)
{
    expect_ok(read_json(
        "{\"peers\":[],\"breakers\":["
        "{\"source\":\"a:1\",\"failures\":5,\"wait\":99999999999},"
        "{\"source\":\"a b\",\"failures\":5},{\"source\":\"\",\"failures\":5},"
        "{\"source\":\"\\\"\",\"failures\":1},{\"source\":\"c:1\"},17,"
        "{\"source\":\"d:1\",\"failures\":1,\"opened\":\"x\"}]}"));
    expect_uint(got.tripped_count, 1);
    expect_text(got.tripped[0].source, "a:1");
    expect_int(got.tripped[0].wait, MOOT_TRIPPED_WAIT_MAX);
}
END_TEST

/* --- bounds --- */

START_TEST(no_more_peers_are_read_than_a_book_holds)
{
    struct moot_buf json = {0};

    moot_buf_printf(&json, "{\"peers\":[");
    for (unsigned i = 1; i <= MOOT_PEERS_MAX + 2; i++)
        moot_buf_printf(&json, "%s\"a:%u\"", i > 1 ? "," : "", i);
    moot_buf_printf(&json, "]}");
    expect_ok(read_json(moot_buf_text(&json)));
    expect_uint(got.peer_count, MOOT_PEERS_MAX);
    expect_uint(got.peers[MOOT_PEERS_MAX - 1].addr.port, MOOT_PEERS_MAX);
    moot_peers_fini(&got);
    expect_ok(moot_peers_decode_list(moot_buf_view(&json), &got));
    expect_uint(got.peer_count, MOOT_PEERS_MAX);
    moot_buf_fini(&json);
}
END_TEST

START_TEST(a_million_values_are_refused_before_they_are_built)
{
    struct moot_buf json = {0};

    moot_buf_printf(&json, "{\"peers\":[0");
    for (unsigned i = 1; i < 1000000; i++)
        moot_buf_printf(&json, ",0");
    moot_buf_printf(&json, "]}");
    expect_error(moot_peers_decode(moot_buf_view(&json), &got), MOOT_ELIMIT);
    expect_error(moot_peers_decode_list(moot_buf_view(&json), &got),
                 MOOT_ELIMIT);
    moot_buf_fini(&json);
}
END_TEST

START_TEST(what_is_too_large_is_refused)
{
    uint8_t *zeros = moot_alloc(MOOT_PEERS_LEN_MAX + 1);

    memset(zeros, ' ', MOOT_PEERS_LEN_MAX + 1);
    expect_error(
        moot_peers_decode(moot_bytes_of(zeros, MOOT_PEERS_LEN_MAX + 1), &got),
        MOOT_ELIMIT);
    expect_error(moot_peers_decode_list(
                     moot_bytes_of(zeros, MOOT_PEERS_LEN_MAX + 1), &got),
                 MOOT_ELIMIT);
    expect_error(
        moot_peers_decode_list(moot_bytes_of(zeros, MOOT_PEERS_LEN_MAX), &got),
        MOOT_EPROTO);
    free(zeros);
}
END_TEST

/* Whatever a book holds can be read again. */
START_TEST(the_longest_list_fits)
{
    struct moot_peers p = {0};
    struct moot_peer longest = {.has_id = true,
                                .has_group = true,
                                .last_seen = INT64_MAX,
                                .last_failed = INT64_MAX,
                                .success_count = MOOT_COUNT_MAX,
                                .failure_count = MOOT_COUNT_MAX,
                                .failures_in_row = MOOT_COUNT_MAX};
    struct moot_tripped t = {.failures = MOOT_COUNT_MAX,
                             .opened = INT64_MAX,
                             .wait = MOOT_TRIPPED_WAIT_MAX};

    memset(longest.addr.host, 'h', MOOT_HOST_LEN_MAX);
    for (unsigned i = 50; i < MOOT_HOST_LEN_MAX; i += 50)
        longest.addr.host[i] = '.';
    longest.addr.port = UINT16_MAX;
    longest.boot = longest.addr;
    memset(longest.name, '"', MOOT_NAME_LEN_MAX);
    memset(longest.group_name, '\\', MOOT_NAME_LEN_MAX);
    memset(t.source, 's', MOOT_SOURCE_LEN_MAX);
    while (p.peer_count < MOOT_PEERS_MAX)
        moot_peers_add(&p, &longest);
    while (p.tripped_count < MOOT_TRIPPED_MAX)
        moot_peers_add_tripped(&p, &t);
    moot_peers_encode(&p, &text);
    expect_ok(moot_peers_decode(moot_buf_view(&text), &got));
    expect_uint(got.peer_count, MOOT_PEERS_MAX);
    expect_uint(got.tripped_count, MOOT_TRIPPED_MAX);
    moot_peers_fini(&p);
}
END_TEST

/* --- what a stranger serves --- */

START_TEST(a_plain_list_is_one_address_a_line)
{
    expect_ok(read_list("# our bootstrap peers\n"
                        "\n"
                        "  192.0.2.1:8080  # the old one\r\n"
                        "[2001:db8::7]:8080\n"
                        "what is this\n"
                        "chat.example.org:8080"));
    expect_text(addresses(), "192.0.2.1:8080 [2001:db8::7]:8080 "
                             "chat.example.org:8080");
    expect(!got.peers[0].has_id);
}
END_TEST

START_TEST(a_plain_list_may_begin_with_a_bracket)
{
    expect_ok(read_list("[2001:db8::7]:8080\n192.0.2.1:1\n"));
    expect_text(addresses(), "[2001:db8::7]:8080 192.0.2.1:1");
}
END_TEST

START_TEST(a_bare_list_will_do)
{
    expect_ok(read_list("\n[\"192.0.2.1:1\", {\"ip\":\"b\",\"port\":2}]"));
    expect_text(addresses(), "192.0.2.1:1 b:2");
}
END_TEST

START_TEST(what_a_stranger_counted_says_nothing)
{
    struct moot_peers p;

    sample_peers(&p);
    moot_peers_encode(&p, &text);
    expect_ok(read_list(moot_buf_text(&text)));
    expect_uint(got.peer_count, 2);
    expect_uint(got.tripped_count, 0);
    expect_int(got.updated, 0);
    expect_uint(got.peers[0].success_count, 0);
    expect_uint(got.peers[0].failure_count, 0);
    expect_uint(got.peers[0].failures_in_row, 0);
    expect_int(got.peers[0].last_seen, 0);
    expect_int(got.peers[0].last_failed, 0);
    expect_id(&got.peers[0].id, &p.peers[0].id);
    expect_uint(got.peers[0].boot.port, 8080);
    moot_peers_fini(&p);
}
END_TEST

static const char *const no_peers[] = {
    "",         "\n\n",
    "{}",       "[]",
    "[17]",     "{\"peers\":[]}",
    "# all:1",  "<!DOCTYPE html>\n<html><body>404</body></html>\n",
    "Not Found"};

START_TEST(a_page_without_an_address_is_no_list)
{
    expect_error(read_list(no_peers[_i]), MOOT_EPROTO);
    expect(got.peers == NULL);
}
END_TEST

START_TEST(the_published_file_is_read_and_written)
{
    struct vectors v;
    struct moot_buf want = {0};

    vectors_open(&v, "peers.txt");
    vectors_hex(&v, "file", 0, &want);
    expect_ok(moot_peers_decode(moot_buf_view(&want), &got));
    moot_peers_encode(&got, &text);
    expect_bytes(moot_buf_view(&text), moot_buf_view(&want));
    moot_buf_fini(&want);
    vectors_close(&v);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static TCase *json_case(void)
{
    TCase *t = tcase_create("json");

    tcase_add_checked_fixture(t, NULL, tear_down);
    tcase_add_test(t, the_text_is_this);
    tcase_add_test(t, goes_and_comes_back);
    tcase_add_test(t, an_empty_list_is_one);
    tcase_add_test(t, the_documented_file_is_read);
    tcase_add_loop_test(t, a_peer_that_makes_no_sense_is_left_out, 0,
                        COUNT(bad_peers));
    tcase_add_test(t, null_is_not_known);
    tcase_add_test(t, hosts_are_written_in_one_way);
    tcase_add_test(t, counters_stay_within_what_can_be_written);
    tcase_add_loop_test(t, what_is_no_list_is_refused, 0, COUNT(no_lists));
    tcase_add_test(t, breakers_that_make_no_sense_are_left_out);
    tcase_add_test(t, the_published_file_is_read_and_written);
    return t;
}

Suite *suite_wire_peers(void)
{
    Suite *s = suite_create("wire/peers");
    TCase *bounds = tcase_create("bounds");
    TCase *list = tcase_create("list");

    suite_add_tcase(s, json_case());
    tcase_add_checked_fixture(bounds, NULL, tear_down);
    tcase_add_test(bounds, no_more_peers_are_read_than_a_book_holds);
    tcase_add_test(bounds, a_million_values_are_refused_before_they_are_built);
    tcase_add_test(bounds, what_is_too_large_is_refused);
    tcase_add_test(bounds, the_longest_list_fits);
    suite_add_tcase(s, bounds);
    tcase_add_checked_fixture(list, NULL, tear_down);
    tcase_add_test(list, a_plain_list_is_one_address_a_line);
    tcase_add_test(list, a_plain_list_may_begin_with_a_bracket);
    tcase_add_test(list, a_bare_list_will_do);
    tcase_add_test(list, what_a_stranger_counted_says_nothing);
    tcase_add_loop_test(list, a_page_without_an_address_is_no_list, 0,
                        COUNT(no_peers));
    suite_add_tcase(s, list);
    return s;
}
