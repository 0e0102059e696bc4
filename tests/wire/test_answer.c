/*
 * tests/wire/test_answer.c - the bootstrap answer as JSON, and its signature.
 *
 * Bad answers are the good one with a piece of text replaced.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "samples.h"
#include "words.h"

Suite *suite_wire_answer(void);

static struct moot_answer good;
static struct moot_buf json;

static void set_up(void)
{
    sample_answer(&good);
    memset(&json, 0, sizeof json);
    moot_answer_encode(&good, &json);
}

static void tear_down(void)
{
    moot_answer_fini(&good);
    moot_buf_fini(&json);
}

#define ID_ALICE                                                               \
    "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"
#define ID_BOB                                                                 \
    "8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394"
#define GROUP "6767676767676767676767676767676767676767676767676767676767676767"

START_TEST(the_text_is_this)
{
    expect_text(
        moot_buf_text(&json),
        "{\"node_id\":4874257380049214,\"p2p_node_id\":\"" ID_ALICE
        "\",\"p2p_addresses\":[\"192.0.2.7:8081\",\"[2001:db8::7]:8081\"],"
        "\"p2p_relay_url\":null,\"version\":1,\"group\":{\"id\":\"" GROUP
        "\",\"name\":\"lobby\","
        "\"weight\":\"grown\"},\"identity\":\"" ID_ALICE "\",\"members\":["
        "{\"username\":\"alice\",\"addresses\":[\"192.0.2.7:8081\","
        "\"[2001:db8::7]:8081\"],\"identity\":\"" ID_ALICE "\","
        "\"mode\":\"bootstrap\",\"standing\":\"joined\","
        "\"bootstrap\":\"192.0.2.7:8080\"},"
        "{\"username\":\"b\\\"o\\\\b\",\"addresses\":[],\"identity\":\"" ID_BOB
        "\",\"mode\":\"standard\",\"standing\":\"waiting\",\"bootstrap\":null}"
        "],\"nonce\":\"00ff\"}\n");
}
END_TEST

/* Its first keys are for nodes that parse socket addresses. */
START_TEST(names_and_wildcards_stay_out_of_the_plain_addresses)
{
    struct moot_listed *alice = &good.members[0];

    moot_addr_set(&alice->addrs[0], "0.0.0.0", 8081);
    moot_addr_set(&alice->addrs[1], "::", 8081);
    moot_addr_set(&alice->addrs[2], "alice.example", 8081);
    moot_addr_set(&alice->addrs[3], "::1", 8081);
    alice->addr_count = 4;
    moot_buf_clear(&json);
    moot_answer_encode(&good, &json);
    expect_within(",\"p2p_addresses\":[\"[::1]:8081\"],\"p2p_relay_url\":null,",
                  moot_buf_text(&json));
    memset(&good.id, 0, sizeof good.id);
    moot_buf_clear(&json);
    moot_answer_encode(&good, &json);
    expect_within("{\"node_id\":0,", moot_buf_text(&json));
    expect_within(",\"p2p_addresses\":[],", moot_buf_text(&json));
}
END_TEST

static void expect_same(const struct moot_answer *a,
                        const struct moot_answer *b)
{
    struct moot_buf text_a = {0};
    struct moot_buf text_b = {0};

    moot_answer_encode(a, &text_a);
    moot_answer_encode(b, &text_b);
    expect_text(moot_buf_text(&text_a), moot_buf_text(&text_b));
    moot_buf_fini(&text_a);
    moot_buf_fini(&text_b);
}

START_TEST(goes_and_comes_back)
{
    struct moot_answer a;
    struct guarded g;

    good.weight = MOOT_PROVISIONAL;
    moot_buf_clear(&json);
    moot_answer_encode(&good, &json);
    guarded_init(&g, moot_buf_view(&json));
    expect_ok(moot_answer_decode(guarded_view(&g), &a));
    guarded_fini(&g);
    expect_same(&a, &good);
    expect_uint(a.member_count, 2);
    expect_text(a.members[1].name, "b\"o\\b");
    expect_uint(a.members[1].boot.port, 0);
    expect_int(a.members[0].standing, MOOT_JOINED);
    expect(a.weight == MOOT_PROVISIONAL);
    moot_answer_fini(&a);
    expect(a.members == NULL);
    moot_answer_fini(&a);
}
END_TEST

START_TEST(another_json_writer_is_understood)
{
    json_t *tree = json_loads(moot_buf_text(&json), 0, NULL);
    char *text = json_dumps(tree, JSON_INDENT(4) | JSON_ENSURE_ASCII |
                                      JSON_SORT_KEYS | JSON_ESCAPE_SLASH);
    struct moot_answer a;

    expect_ok(moot_answer_decode(moot_bytes_text(text), &a));
    expect_same(&a, &good);
    moot_answer_fini(&a);
    free(text);
    json_decref(tree);
}
END_TEST

START_TEST(nobody_may_be_in)
{
    struct moot_answer a;

    good.member_count = 0;
    good.nonce[0] = 0;
    moot_buf_clear(&json);
    moot_answer_encode(&good, &json);
    expect_ok(moot_answer_decode(moot_buf_view(&json), &a));
    expect_uint(a.member_count, 0);
    expect(a.members == NULL);
    moot_answer_fini(&a);
}
END_TEST

/* --- refused --- */

/* Decodes the good text with the first of these replaced. */
static int replaced(const char *from, const char *to)
{
    const char *text = moot_buf_text(&json);
    const char *at = strstr(text, from);
    struct moot_buf b = {0};
    struct moot_answer a = good;
    struct guarded g;

    expect(at != NULL);
    moot_buf_append(&b, text, (size_t)(at - text));
    moot_buf_append(&b, to, strlen(to));
    moot_buf_append(&b, at + strlen(from), strlen(at + strlen(from)));
    guarded_init(&g, moot_buf_view(&b));

    int error = moot_answer_decode(guarded_view(&g), &a);

    if (error == MOOT_OK)
        moot_answer_fini(&a);
    else
        expect(memcmp(&a, &good, sizeof a) == 0);
    guarded_fini(&g);
    moot_buf_fini(&b);
    return error;
}

START_TEST(unknown_keys_are_ignored)
{
    expect_ok(replaced("\"version\":1", "\"version\":1,\"new\":[{},7]"));
    expect_ok(replaced("\"weight\"", "\"size\":1.5,\"weight\""));
    expect_ok(replaced("\"mode\"", "\"mood\":\"good\",\"mode\""));
    expect_ok(replaced(",\"bootstrap\":null", ""));
}
END_TEST

static const char *const bad[][2] = {
    {"\"version\":1", "\"version\":2"},
    {"\"version\":1", "\"version\":\"1\""},
    {"\"version\":1", "\"version\":1.0"},
    {"\"version\":1,", ""},
    {"\"version\":1", "\"version\":1,\"version\":1"},
    {"\"id\":\"67", "\"id\":\"6g"},
    {"\"id\":\"67", "\"id\":\"7"},
    {"\"id\":\"67", "\"id\":67,\"x\":\""},
    {"\"id\"", "\"no\""},
    {"\"group\":{", "\"group\":[{"},
    {"\"name\":\"lobby\"", "\"name\":\"\""},
    {"\"name\":\"lobby\"", "\"name\":\"lob\\u200bby\""},
    {"\"name\":\"lobby\"", "\"name\":\"lob\\u0000by\""},
    {"\"name\":\"lobby\"", "\"name\":null"},
    {"\"weight\":\"grown\"", "\"weight\":3"},
    {"\"weight\":\"grown\"", "\"weight\":\"heavy\""},
    {",\"weight\":\"grown\"", ""},
    {"\"nonce\":\"00ff\"", "\"nonce\":\"00fg\""},
    {"\"nonce\":\"00ff\"", "\"nonce\":5"},
    {",\"nonce\":\"00ff\"", ""},
    {"\"identity\":\"8a", "\"identity\":\"8"},
    {"\"members\":[", "\"members\":{},\"x\":["},
    {"\"members\":[", "\"members\":[null,"},
    {"\"members\":[", "\"members\":[[],"},
    {"\"username\":\"alice\"", "\"username\":\" alice\""},
    {"\"username\":\"alice\"", "\"username\":\"al\xff"
                               "ce\""},
    {"\"username\":\"alice\"", "\"username\":[]"},
    {"\"username\":\"alice\",", ""},
    {"\"addresses\":[\"192.0.2.7:8081\"", "\"addresses\":[\"192.0.2.7\""},
    {"\"addresses\":[", "\"addresses\":[7,"},
    {"\"addresses\":[", "\"addresses\":\"a:1\",\"x\":["},
    {"\"addresses\":[", "\"addresses\":[\"a:1\",\"a:1\",\"a:1\",\"a:1\","},
    {"\"mode\":\"bootstrap\"", "\"mode\":\"boot\""},
    {"\"mode\":\"bootstrap\"", "\"mode\":\"\""},
    {"\"mode\":\"bootstrap\"", "\"mode\":2"},
    {"\"mode\":\"bootstrap\",", ""},
    {"\"standing\":\"joined\"", "\"standing\":\"Joined\""},
    {"\"standing\":\"joined\",", ""},
    {"\"bootstrap\":\"192.0.2.7:8080\"", "\"bootstrap\":\"192.0.2.7\""},
    {"\"bootstrap\":\"192.0.2.7:8080\"", "\"bootstrap\":8080"},
    {"\"bootstrap\":null", "\"bootstrap\":false"},
    {"}\n", ""},
    {"}\n", "}}"},
    {"}\n", "} {}"},
    {"{\"node_id\"", "[{\"node_id\""},
    {"{\"node_id\"", "<html>{\"node_id\""},
};

START_TEST(what_is_no_such_answer_is_refused)
{
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(replaced(bad[i][0], bad[i][1]) == MOOT_EANSWER,
                      "number %u: %s -> %s", i, bad[i][0], bad[i][1]);
}
END_TEST

START_TEST(other_texts_are_refused)
{
    static const char *const texts[] = {
        "", " ", "null", "[]", "{}", "7", "\"", "\\", "\xff", "{\"version\":1"};

    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct moot_answer a;

        expect_error(moot_answer_decode(moot_bytes_text(texts[i]), &a),
                     MOOT_EANSWER);
    }
}
END_TEST

START_TEST(a_nonce_has_at_most_64_bytes)
{
    char nonce[200] = "\"nonce\":\"";
    size_t start = strlen(nonce);

    memset(nonce + start, 'F', 2 * MOOT_NONCE_LEN_MAX);
    memcpy(nonce + start + 2 * MOOT_NONCE_LEN_MAX, "\"", 2);
    expect_ok(replaced("\"nonce\":\"00ff\"", nonce));
    memcpy(nonce + start + 2 * MOOT_NONCE_LEN_MAX, "F\"", 3);
    expect_error(replaced("\"nonce\":\"00ff\"", nonce), MOOT_EANSWER);
}
END_TEST

/* --- bounds --- */

/* An answer of so many members; the first stays the speaker. */
static void grow(unsigned count)
{
    good.members = moot_realloc(good.members, count * sizeof *good.members);
    for (unsigned i = good.member_count; i < count; i++)
        good.members[i] = good.members[0];
    good.member_count = count;
    moot_buf_clear(&json);
    moot_answer_encode(&good, &json);
}

START_TEST(a_full_group_fits)
{
    struct moot_answer a;

    grow(MOOT_MEMBERS_MAX);
    expect(json.len < MOOT_ANSWER_LEN_MAX);
    expect_ok(moot_answer_decode(moot_buf_view(&json), &a));
    expect_uint(a.member_count, MOOT_MEMBERS_MAX);
    moot_answer_fini(&a);
}
END_TEST

START_TEST(one_member_more_is_too_many)
{
    grow(MOOT_MEMBERS_MAX);
    expect_error(
        replaced("\"members\":[", "\"members\":[{\"username\":\"one more\"},"),
        MOOT_ELIMIT);
}
END_TEST

/* Whoever asked would refuse a longer answer as a whole. */
START_TEST(members_that_do_not_fit_are_left_out)
{
    struct moot_answer a;
    char host[MOOT_HOST_LEN_MAX + 1];
    struct moot_listed *l = &good.members[0];

    for (unsigned i = 0; i < MOOT_HOST_LEN_MAX; i++)
        host[i] = i % 51 == 50 ? '.' : 'a';
    host[MOOT_HOST_LEN_MAX] = 0;
    l->addr_count = MOOT_LISTED_ADDRS_MAX;
    for (unsigned i = 0; i < MOOT_LISTED_ADDRS_MAX; i++)
        moot_addr_set(&l->addrs[i], host, UINT16_MAX);
    moot_addr_set(&l->boot, host, UINT16_MAX);
    memset(l->name, '"', MOOT_NAME_LEN_MAX);
    good.member_count = 1;
    grow(MOOT_MEMBERS_MAX);
    expect(json.len <= MOOT_ANSWER_LEN_MAX);
    expect(json.len > MOOT_ANSWER_LEN_MAX - 3000);
    expect_ok(moot_answer_decode(moot_buf_view(&json), &a));
    expect(a.member_count > 500 && a.member_count < MOOT_MEMBERS_MAX);
    moot_answer_fini(&a);
}
END_TEST

START_TEST(an_answer_has_at_most_1_mib)
{
    struct moot_answer a;
    size_t len = json.len;

    memset(moot_buf_reserve(&json, MOOT_ANSWER_LEN_MAX), ' ',
           MOOT_ANSWER_LEN_MAX);
    expect_ok(moot_answer_decode(
        moot_bytes_of(moot_buf_view(&json).data, MOOT_ANSWER_LEN_MAX), &a));
    moot_answer_fini(&a);
    moot_buf_commit(&json, MOOT_ANSWER_LEN_MAX + 1 - len);
    expect_error(moot_answer_decode(moot_buf_view(&json), &a), MOOT_ELIMIT);
}
END_TEST

/* A megabyte of these, repeated; quoted the same bytes are harmless. */
static int stuffed(const char *piece, bool quoted)
{
    struct moot_buf b = {0};
    struct moot_answer a;

    moot_buf_printf(&b, quoted ? "[\"\\\"" : "[");
    while (b.len < MOOT_ANSWER_LEN_MAX - 20)
        moot_buf_append(&b, piece, strlen(piece));

    int error = moot_answer_decode(moot_buf_view(&b), &a);

    moot_buf_fini(&b);
    return error;
}

/* A tree of them would take a hundred megabytes. */
START_TEST(a_thicket_of_values_is_refused_before_it_is_built)
{
    expect_error(stuffed("{},", false), MOOT_ELIMIT);
    expect_error(stuffed("[],", false), MOOT_ELIMIT);
    expect_error(stuffed("[", false), MOOT_ELIMIT);
    expect_error(stuffed("1,", false), MOOT_ELIMIT);
    expect_error(stuffed("{\"a\":1},", false), MOOT_ELIMIT);
    expect_error(stuffed("[],", true), MOOT_EANSWER);
    expect_error(stuffed("\\\"[", true), MOOT_EANSWER);
    expect_error(stuffed("\\\\", true), MOOT_EANSWER);
}
END_TEST

/* --- the signature --- */

START_TEST(a_signed_answer_names_its_signer)
{
    struct moot_key bob = sample_key(2);
    struct moot_id id;
    char header[MOOT_HEX_LEN + 1 + 128 + 1];

    moot_answer_sign(moot_buf_view(&json), &bob, header);
    expect_uint(strlen(header), MOOT_HEX_LEN + 1 + 128);
    expect(moot_answer_signed(moot_buf_view(&json), header, &id));
    expect_id(&id, &bob.id);
    header[3] = header[3] == 'A' ? 'B' : 'A';
    expect(!moot_answer_signed(moot_buf_view(&json), header, &id));
}
END_TEST

START_TEST(other_bytes_are_not_signed)
{
    struct moot_key bob = sample_key(2);
    struct moot_id id = id_of(9);
    struct moot_id before = id;
    char header[MOOT_HEX_LEN + 1 + 128 + 2];

    moot_answer_sign(moot_buf_view(&json), &bob, header);
    json.data[5] ^= 1;
    expect(!moot_answer_signed(moot_buf_view(&json), header, &id));
    json.data[5] ^= 1;
    for (unsigned i = 0; i < MOOT_HEX_LEN + 1 + 128; i++) {
        char was = header[i];

        header[i] = was == '0' ? '1' : '0';
        expect(!moot_answer_signed(moot_buf_view(&json), header, &id));
        header[i] = 'x';
        expect(!moot_answer_signed(moot_buf_view(&json), header, &id));
        header[i] = 0;
        expect(!moot_answer_signed(moot_buf_view(&json), header, &id));
        header[i] = was;
    }
    memcpy(header + MOOT_HEX_LEN + 1 + 128, "0", 2);
    expect(!moot_answer_signed(moot_buf_view(&json), header, &id));
    expect(!moot_answer_signed(moot_buf_view(&json), NULL, &id));
    expect(!moot_answer_signed(moot_buf_view(&json), "", &id));
    expect_id(&id, &before);
}
END_TEST

Suite *suite_wire_answer(void)
{
    Suite *s = suite_create("wire/answer");
    TCase *t = tcase_create("answer");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, the_text_is_this);
    tcase_add_test(t, names_and_wildcards_stay_out_of_the_plain_addresses);
    tcase_add_test(t, goes_and_comes_back);
    tcase_add_test(t, another_json_writer_is_understood);
    tcase_add_test(t, nobody_may_be_in);
    tcase_add_test(t, unknown_keys_are_ignored);
    tcase_add_test(t, what_is_no_such_answer_is_refused);
    tcase_add_test(t, other_texts_are_refused);
    tcase_add_test(t, a_nonce_has_at_most_64_bytes);
    tcase_add_test(t, a_full_group_fits);
    tcase_add_test(t, one_member_more_is_too_many);
    tcase_add_test(t, members_that_do_not_fit_are_left_out);
    tcase_add_test(t, an_answer_has_at_most_1_mib);
    tcase_add_test(t, a_thicket_of_values_is_refused_before_it_is_built);
    tcase_add_test(t, a_signed_answer_names_its_signer);
    tcase_add_test(t, other_bytes_are_not_signed);
    suite_add_tcase(s, t);
    return s;
}
