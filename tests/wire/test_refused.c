/*
 * tests/wire/test_refused.c - what a stranger may not send.
 *
 * Messages are given in hex, a table for each kind: the message as it should
 * be, then what is wrong with the others.  All are decoded from memory that
 * ends where the next page must not be read.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "samples.h"
#include "wire/pb_internal.h"
#include "words.h"

Suite *suite_wire_refused(void);

/* A hash or an identity of 32 zero bytes, and two others. */
#define Z32                                                                    \
    "20 0000000000000000 0000000000000000 0000000000000000 0000000000000000"
#define A32                                                                    \
    "20 aaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa"
#define B32                                                                    \
    "20 bbbbbbbbbbbbbbbb bbbbbbbbbbbbbbbb bbbbbbbbbbbbbbbb bbbbbbbbbbbbbbbb"
#define A31                                                                    \
    "1f aaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa aaaaaaaaaaaaaa"
#define RUN1 "0100000000000000"
#define RUN2 "0200000000000000"

static struct moot_message *m;

static void set_up(void)
{
    m = moot_alloc(sizeof *m);
}

static void tear_down(void)
{
    free(m);
}

static int decode_guarded(struct moot_bytes frame)
{
    struct guarded g;

    guarded_init(&g, frame);

    int error = moot_message_decode(guarded_view(&g), m);

    guarded_fini(&g);
    return error;
}

/* A message of this kind whose fields are these. */
static int with(enum moot_message_kind kind, const char *fields)
{
    struct moot_buf inner = {0};
    struct moot_buf b = {0};

    unhex(fields, &inner);
    moot_pb_put_raw(&b, kind, inner.data, inner.len);

    int error = decode_guarded(moot_buf_view(&b));

    moot_buf_fini(&inner);
    moot_buf_fini(&b);
    return error;
}

static void expect_refused(enum moot_message_kind kind,
                           const char *const *fields, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        ck_assert_msg(with(kind, fields[i]) == MOOT_EPROTO, "%s number %u: %s",
                      moot_message_name(kind), i, fields[i]);
}

#define EXPECT_REFUSED(kind, ...)                                              \
    expect_refused((kind), (const char *const[]){__VA_ARGS__},                 \
                   sizeof((const char *const[]){__VA_ARGS__}) /                \
                       sizeof(const char *))

START_TEST(hello)
{
    expect_ok(with(MOOT_MSG_HELLO, "08 01 1a" A32 "22" A32 "32" A32));
    EXPECT_REFUSED(MOOT_MSG_HELLO, "", "1a" A32 "22" A32 "32" A32,
                   "08 01 22" A32 "32" A32, "08 01 1a" A32 "32" A32,
                   "08 01 1a" A32 "22" A32, "08 01 1a" A31 "22" A32 "32" A32,
                   "08 01 1a" A32 "22" A32 "32" A31,
                   "08 01 08 01 1a" A32 "22" A32 "32" A32,
                   "08 01 1a" A32 "22" A32 "32" A32 "2801",
                   "08 01 10 8080808010 1a" A32 "22" A32 "32" A32,
                   "08 8080808010 1a" A32 "22" A32 "32" A32);
}
END_TEST

/* Enough of it is understood to refuse it by its number. */
START_TEST(hello_of_another_major_version_is_understood)
{
    expect_ok(with(MOOT_MSG_HELLO, "08 02"));
    expect_uint(m->hello.major, 2);
    expect_ok(with(MOOT_MSG_HELLO, "1a 01 ff 08 ffffffff0f 32 00"));
    expect_uint(m->hello.major, UINT32_MAX);
    expect(moot_hash_zero(&m->hello.proof));
    expect_error(with(MOOT_MSG_HELLO, "08 8080808010"), MOOT_EPROTO);
}
END_TEST

START_TEST(welcome)
{
    struct moot_key alice = sample_key(1);
    struct moot_record r;
    struct moot_buf b = {0};

    sample_record(&r, &alice);
    for (unsigned i = 0; i < 7; i++) {
        struct moot_bytes raw = moot_bytes_of(r.raw, r.raw_len);

        moot_buf_clear(&b);

        size_t mark = moot_pb_open(&b, MOOT_MSG_WELCOME);

        if (i != 1)
            moot_pb_put_raw(&b, 1, raw.data, i == 2 ? 1 : raw.len);
        if (i != 3)
            moot_pb_put_raw(&b, 2, r.sig.b, i == 4 ? 63 : 64);
        if (i >= 5)
            moot_pb_put_raw(&b, 3, "no host:1", i == 5 ? 9 : 2);
        moot_pb_close(&b, mark);
        expect_error(decode_guarded(moot_buf_view(&b)),
                     i == 0 || i == 6 ? MOOT_OK : MOOT_EPROTO);
    }
    moot_buf_fini(&b);
}
END_TEST

START_TEST(refuse)
{
    expect_ok(with(MOOT_MSG_REFUSE, "08 01"));
    expect_ok(with(MOOT_MSG_REFUSE, "08 02 10 07"));
    expect_ok(with(MOOT_MSG_REFUSE, "08 04 10 01 1a" A32 "20 01"));
    expect_ok(with(MOOT_MSG_REFUSE, "08 04 1a" A32 "20 03"));
    EXPECT_REFUSED(MOOT_MSG_REFUSE, "", "08 00", "08 05", "08 04",
                   "08 04 20 01", "08 04 1a" A32, "08 01 1a" A32, "08 01 20 01",
                   "08 04 1a" A31 "20 01", "08 04 1a" A32 "20 00",
                   "08 04 1a" A32 "20 04", "08 04 1a" A32 "20 01 20 01",
                   "08 01 08 01", "08 01 10 8080808010");
}
END_TEST

START_TEST(bye)
{
    struct moot_buf b = {0};
    uint8_t reason[MOOT_REASON_LEN_MAX + 1];

    expect_ok(with(MOOT_MSG_BYE, "08 01"));
    expect_ok(with(MOOT_MSG_BYE, "08 05 12 02 c3a9"));
    EXPECT_REFUSED(MOOT_MSG_BYE, "", "08 00", "08 06", "08 01 12 01 ff",
                   "08 01 12 01 c3", "08 01 12 01 0a", "08 01 12 01 00",
                   "12 01 61", "08 01 12 00 12 00");
    memset(reason, 'r', sizeof reason);
    for (size_t extra = 0; extra < 2; extra++) {
        moot_buf_clear(&b);

        size_t mark = moot_pb_open(&b, MOOT_MSG_BYE);

        moot_pb_put_u64(&b, 1, 1);
        moot_pb_put_raw(&b, 2, reason, MOOT_REASON_LEN_MAX + extra);
        moot_pb_close(&b, mark);
        expect_error(decode_guarded(moot_buf_view(&b)),
                     extra ? MOOT_EPROTO : MOOT_OK);
    }
    moot_buf_fini(&b);
}
END_TEST

START_TEST(ping_and_pong)
{
    for (int kind = MOOT_MSG_PING; kind <= MOOT_MSG_PONG; kind++) {
        enum moot_message_kind k = (enum moot_message_kind)kind;

        expect_ok(with(k, "09 0102030405060708 12" A32 "1a" A32 "20 01"));
        expect_ok(with(k, "12" A32 "1a" A32));
        expect_ok(with(k, "12" A32 "1a" A32 "28 07"));
        expect_ok(with(k, "09 0102030405060708"));
        EXPECT_REFUSED(k, "20 01", "28 07", "12" A32, "1a" A32,
                       "12" A31 "1a" A32, "08 01 12" A32 "1a" A32,
                       "12" A32 "1a" A32 "20 02", "12" A32 "1a" A32 "1a" A32);
    }
}
END_TEST

START_TEST(entries)
{
    expect_ok(with(MOOT_MSG_ENTRIES, ""));
    expect_ok(with(MOOT_MSG_ENTRIES, "08 01 12 01 ff 12 00"));
    EXPECT_REFUSED(MOOT_MSG_ENTRIES, "08 02", "08 01 08 01", "10 01", "12 01");
}
END_TEST

START_TEST(authors)
{
    expect_ok(with(MOOT_MSG_AUTHORS, "0a" Z32));
    expect_ok(with(MOOT_MSG_AUTHORS, "0a" Z32 "10 01 1a 44 0a" Z32 "12" A32
                                     "1a 44 0a" A32 "12" A32));
    expect_ok(with(MOOT_MSG_AUTHORS, "0a" A32 "1a 44 0a" B32 "12" A32));
    EXPECT_REFUSED(MOOT_MSG_AUTHORS, "", "10 01", "0a" A31, "0a" Z32 "0a" Z32,
                   "0a" Z32 "10 02", "0a" Z32 "18 01",
                   "0a" Z32 "1a 22 0a" A32, /* no digest */
                   "0a" Z32 "1a 22 12" A32, /* no author */
                   "0a" A32 "1a 44 0a" A32 "12" A32,
                   "0a" B32 "1a 44 0a" A32 "12" A32,
                   "0a" Z32 "1a 44 0a" A32 "12" A32 "1a 44 0a" A32 "12" A32,
                   "0a" Z32 "1a 44 0a" B32 "12" A32 "1a 44 0a" A32 "12" A32);
}
END_TEST

#define HEAD(run, len) "32 2d 09" run "10" len "1a" A32
#define FORKED(len, seq) "32 48 10" len "1a" A32 "20" seq "2a" A32

START_TEST(chains)
{
    expect_ok(with(MOOT_MSG_CHAINS, "0a" A32));
    expect_ok(with(MOOT_MSG_CHAINS, "0a" A32 "18 01 20 01 28 01" HEAD(
                                        RUN1, "01") HEAD(RUN2, "7f")));
    expect_ok(with(MOOT_MSG_CHAINS, "0a" A32 "11" RUN1 HEAD(RUN2, "01")));
    expect_ok(
        with(MOOT_MSG_CHAINS, "0a" A32 "11" RUN2 "18 01" HEAD(RUN1, "01")));
    expect_ok(with(MOOT_MSG_CHAINS, "0a" A32 "18 01" FORKED("01", "02")));
    expect_ok(with(MOOT_MSG_CHAINS, "0a" A32 "18 01" FORKED("05", "7f")));
    expect_ok(
        with(MOOT_MSG_CHAINS, "0a" A32 "18 01 32 46 1a" Z32 "20 01 2a" A32));
    EXPECT_REFUSED(MOOT_MSG_CHAINS, "0a" A32 "18 01" FORKED("02", "02"),
                   "0a" A32 "18 01" FORKED("01", "00"),
                   "0a" A32 "18 01" FORKED("00", "01"),
                   "0a" A32 "18 01 32 26 10 01 1a" A32 "20 02",
                   "0a" A32 "18 01 32 46 10 01 1a" A32 "2a" A32,
                   "0a" A32 "18 01 32 47 10 01 1a" A32 "20 02 2a" A31);
    EXPECT_REFUSED(MOOT_MSG_CHAINS, "", "0a" A31, "0a" A32 "18 02",
                   "0a" A32 "20 02", "0a" A32 "28 02", "0a" A32 "10 01",
                   "0a" A32 "30 01", "0a" A32 "18 01" HEAD(RUN1, "00"),
                   "0a" A32 "18 01 32 0b 09" RUN1 "10 01", /* no head */
                   "0a" A32 "18 01 32 24 10 01 1a" A31 "10",
                   "0a" A32 "11" RUN1 HEAD(RUN1, "01"),
                   "0a" A32 "11" RUN2 HEAD(RUN1, "01"),
                   "0a" A32 "18 01" HEAD(RUN1, "01") HEAD(RUN1, "01"),
                   "0a" A32 "18 01" HEAD(RUN2, "01") HEAD(RUN1, "01"));
}
END_TEST

/* 2^62 - 1 and 2^62, in nine bytes */
#define LAST_SEQ "ffffffffffffffff3f"
#define NO_SEQ "808080808080808040"

START_TEST(no_place_is_as_high_as_2_to_the_62)
{
    expect_ok(
        with(MOOT_MSG_CHAINS, "0a" A32 "18 01 32 2c 10" LAST_SEQ "1a" A32));
    expect_ok(with(MOOT_MSG_CHAINS,
                   "0a" A32 "18 01 32 50 10 01 1a" A32 "20" LAST_SEQ "2a" A32));
    expect_ok(with(MOOT_MSG_WANT, "0a 2e 0a" A32 "18 01 20" LAST_SEQ));
    EXPECT_REFUSED(MOOT_MSG_CHAINS, "0a" A32 "18 01 32 2c 10" NO_SEQ "1a" A32,
                   "0a" A32 "18 01 32 50 10 01 1a" A32 "20" NO_SEQ "2a" A32);
    EXPECT_REFUSED(MOOT_MSG_WANT, "0a 2e 0a" A32 "18 01 20" NO_SEQ);
    EXPECT_REFUSED(MOOT_MSG_LACK, "0a 2e 0a" A32 "18 01 20" NO_SEQ);
}
END_TEST

START_TEST(want)
{
    expect_ok(with(MOOT_MSG_WANT, ""));
    expect_ok(with(MOOT_MSG_WANT, "0a 26 0a" A32 "18 01 20 01"
                                  "0a 2f 0a" A32 "11" RUN1 "18 02 20 05"));
    EXPECT_REFUSED(MOOT_MSG_WANT, "0a 00", "08 01", "0a 04 18 01 20 01",
                   "0a 26 0a" A32 "18 00 20 01", "0a 24 0a" A32 "20 01",
                   "0a 24 0a" A32 "18 01", "0a 26 0a" A32 "18 02 20 01",
                   "0a 28 0a" A32 "18 01 18 01 20 01",
                   "0a 28 0a" A32 "18 01 20 01 10 01");
}
END_TEST

START_TEST(lack)
{
    expect_ok(with(MOOT_MSG_LACK, "0a 26 0a" A32 "18 01 20 01"));
    EXPECT_REFUSED(
        MOOT_MSG_LACK, "", "0a 00", "08 01", "0a 26 0a" A32 "18 02 20 01",
        "0a 26 0a" A32 "18 01 20 01 0a 26 0a" A32 "18 01 20 01",
        "0a 26 0a" A32 "18 02 20 02 10 01", "0a 26 0a" A32 "18 02 20 02 10 02");
    expect_ok(with(MOOT_MSG_LACK, "0a 26 0a" A32 "18 02 20 02 10 03"));
}
END_TEST

#define SIG64 "12 40" SIG32 SIG32
#define SIG32                                                                  \
    "cccccccccccccccc cccccccccccccccc cccccccccccccccc cccccccccccccccc"

START_TEST(members)
{
    expect_ok(with(MOOT_MSG_MEMBERS, ""));
    expect_ok(with(MOOT_MSG_MEMBERS, "0a 45 0a 01 ff" SIG64));
    expect_ok(with(MOOT_MSG_MEMBERS, "0a 4a 0a 01 ff" SIG64 "1a 03 613a31"));
    expect_uint(m->members.at[0].seen.port, 1);
    expect_ok(with(MOOT_MSG_MEMBERS, "0a 47 0a 01 ff" SIG64 "1a 00"));
    expect_uint(m->members.at[0].seen.port, 0);
    EXPECT_REFUSED(MOOT_MSG_MEMBERS, "0a 00", "08 01", "0a 42" SIG64,
                   "0a 03 0a 01 ff", "0a 4a 0a 01 ff" SIG64 "1a 03 613a30",
                   "0a 48 0a 01 ff" SIG64 "0a 01 ff",
                   "0a 25 0a 01 ff 12 20" SIG32, "0a 44 0a 00" SIG64);
}
END_TEST

START_TEST(linked)
{
    expect_ok(with(MOOT_MSG_LINKED, ""));
    expect_ok(with(MOOT_MSG_LINKED, "08 01 12" A32 "12" A32 "1a" B32));
    expect_uint(m->linked.up_count, 2);
    EXPECT_REFUSED(MOOT_MSG_LINKED, "08 02", "12" A31, "1a" A31, "10 01",
                   "08 01 08 01");
}
END_TEST

START_TEST(who)
{
    expect_ok(with(MOOT_MSG_WHO, ""));
    expect_ok(with(MOOT_MSG_WHO, "0a" A32 "0a" B32));
    EXPECT_REFUSED(MOOT_MSG_WHO, "0a 00", "0a" A31, "08 01");
}
END_TEST

START_TEST(probe_verdict_and_move)
{
    for (int kind = MOOT_MSG_PROBE; kind <= MOOT_MSG_VERDICT; kind++) {
        enum moot_message_kind k = (enum moot_message_kind)kind;

        expect_ok(with(k, "0a" A32 "10 01"));
        expect_ok(with(k, "0a" A32));
        EXPECT_REFUSED(k, "", "10 01", "0a" A31, "0a" A32 "10 02",
                       "0a" A32 "0a" A32);
    }
    expect_ok(with(MOOT_MSG_MOVE, "0a" A32 "10 03"));
    EXPECT_REFUSED(MOOT_MSG_MOVE, "", "0a" A32, "10 01", "0a" A31 "10 01",
                   "0a" A32 "10 00", "0a" A32 "10 04", "0a" A32 "10 01 0a" A32);
}
END_TEST

START_TEST(fork)
{
    expect_ok(with(MOOT_MSG_FORK, "0a 00 12 00"));
    expect_ok(with(MOOT_MSG_FORK, "0a 01 01 12 02 0203"));
    EXPECT_REFUSED(MOOT_MSG_FORK, "", "0a 00", "12 00", "08 01 12 00",
                   "0a 00 12 00 12 00", "0a 00 10 01");
}
END_TEST

START_TEST(ack)
{
    expect_ok(with(MOOT_MSG_ACK, "10 01"));
    expect_ok(with(MOOT_MSG_ACK, "09" RUN1 "10 7f"));
    EXPECT_REFUSED(MOOT_MSG_ACK, "", "09" RUN1, "10 00", "09" RUN1 "10 00",
                   "08 01 10 01", "10 01 10 01", "09" RUN1 "12 01 01");
}
END_TEST

START_TEST(fields_of_a_later_minor_version_are_passed_over)
{
    static const char tail[] = "f8 3e 01 fa 3e 02 0102";
    static const char *const least[] = {"",
                                        "08 01 1a" A32 "22" A32 "32" A32,
                                        "",
                                        "08 01",
                                        "08 01",
                                        "12" A32 "1a" A32,
                                        "12" A32 "1a" A32,
                                        "",
                                        "0a" Z32,
                                        "0a" A32,
                                        "",
                                        "0a 26 0a" A32 "18 01 20 01",
                                        "",
                                        "",
                                        "",
                                        "0a" A32,
                                        "0a" A32,
                                        "0a" A32 "10 01",
                                        "0a 00 12 00",
                                        "10 01"};

    for (int kind = MOOT_MSG_HELLO; kind <= MOOT_MSG_LAST; kind++) {
        if (!moot_message_known((uint32_t)kind))
            continue;
        char fields[512];

        if (kind == MOOT_MSG_WELCOME)
            continue;
        snprintf(fields, sizeof fields, "%s%s", least[kind], tail);
        expect_ok(with((enum moot_message_kind)kind, fields));
        expect_int(m->kind, kind);
    }
}
END_TEST

/* --- the message around them --- */

static int raw(const char *hex)
{
    struct moot_buf b = {0};

    unhex(hex, &b);

    int error = decode_guarded(moot_buf_view(&b));

    moot_buf_fini(&b);
    return error;
}

START_TEST(a_kind_of_a_later_version_is_skipped)
{
    expect_ok(raw("a201 03 010203")); /* kind 20 */
    expect_int(m->kind, MOOT_MSG_UNKNOWN);
    expect_ok(raw("8080808001 07"));
    expect_int(m->kind, MOOT_MSG_UNKNOWN);
    expect_ok(raw(""));
    expect_int(m->kind, MOOT_MSG_UNKNOWN);
}
END_TEST

START_TEST(a_message_is_of_one_kind)
{
    expect_ok(raw("72 00"));
    expect_int(m->kind, MOOT_MSG_WHO);
    expect_ok(raw("72 00 a201 00"));
    expect_int(m->kind, MOOT_MSG_WHO);
    expect_error(raw("72 00 72 00"), MOOT_EPROTO);
    expect_error(raw("72 00 3a 00"), MOOT_EPROTO);
    expect_error(raw("70 01"), MOOT_EPROTO);
    expect_error(raw("72 01"), MOOT_EPROTO);
    expect_error(raw("72 00 00"), MOOT_EPROTO);
}
END_TEST

/* --- bounds of lists --- */

/* Field 1 or 2 or 3 of a kind, holding the same item again and again. */
static int repeated(enum moot_message_kind kind, uint32_t number,
                    const char *item, unsigned count)
{
    struct moot_buf bytes = {0};
    struct moot_buf b = {0};

    unhex(item, &bytes);

    size_t mark = moot_pb_open(&b, kind);

    for (unsigned i = 0; i < count; i++)
        moot_pb_put_raw(&b, number, bytes.data, bytes.len);
    moot_pb_close(&b, mark);

    int error = moot_message_decode(moot_buf_view(&b), m);

    moot_buf_fini(&bytes);
    moot_buf_fini(&b);
    return error;
}

static void expect_bound(enum moot_message_kind kind, uint32_t number,
                         const char *item, unsigned max)
{
    expect_ok(repeated(kind, number, item, max));
    expect_error(repeated(kind, number, item, max + 1), MOOT_EPROTO);
}

#define ITEM32                                                                 \
    "aaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa"

START_TEST(lists_are_bounded)
{
    expect_bound(MOOT_MSG_ENTRIES, 2, "", MOOT_PAGE_MAX);
    expect_bound(MOOT_MSG_WANT, 1, "0a" A32 "18 01 20 01", MOOT_PAGE_MAX);
    expect_bound(MOOT_MSG_WHO, 1, ITEM32, MOOT_PAGE_MAX);
    expect_bound(MOOT_MSG_MEMBERS, 1, "0a 01 ff" SIG64, MOOT_MEMBERS_PAGE_MAX);
    expect_bound(MOOT_MSG_LINKED, 2, ITEM32, MOOT_LINKS_MAX);
    expect_bound(MOOT_MSG_LINKED, 3, ITEM32, MOOT_LINKS_MAX);
}
END_TEST

/* Those must rise, so they cannot be one item repeated. */
START_TEST(sorted_lists_are_bounded)
{
    static const enum moot_message_kind kinds[] = {MOOT_MSG_AUTHORS,
                                                   MOOT_MSG_CHAINS};
    static const char *const last[] = {"1a 44 0a" B32 "12" B32,
                                       HEAD("ffffffffffffffff", "01")};

    for (unsigned k = 0; k < 2; k++) {
        struct moot_key alice = sample_key(1);
        struct moot_record r;
        struct moot_buf b = {0};
        struct moot_buf more = {0};

        sample_record(&r, &alice);
        sample_message(m, kinds[k], MOOT_PAGE_MAX, NULL, &r);

        struct moot_bytes frame = sample_frame(m, &b);

        expect_ok(moot_message_decode(frame, m));

        struct moot_pb p = moot_pb_read(frame);
        size_t mark = moot_pb_open(&more, kinds[k]);

        expect(moot_pb_next(&p));
        moot_buf_append(&more, p.bytes.data, p.bytes.len);
        unhex(last[k], &more);
        moot_pb_close(&more, mark);
        expect_error(moot_message_decode(moot_buf_view(&more), m), MOOT_EPROTO);
        moot_buf_fini(&b);
        moot_buf_fini(&more);
    }
}
END_TEST

START_TEST(ups_and_downs_are_bounded_together)
{
    struct moot_buf b = {0};
    struct moot_id id = id_of(1);

    for (unsigned extra = 0; extra < 2; extra++) {
        moot_buf_clear(&b);

        size_t mark = moot_pb_open(&b, MOOT_MSG_LINKED);

        for (unsigned i = 0; i < MOOT_LINKS_MAX + extra; i++)
            moot_pb_put_raw(&b, 2 + i % 2, id.b, sizeof id.b);
        moot_pb_close(&b, mark);
        expect_error(moot_message_decode(moot_buf_view(&b), m),
                     extra ? MOOT_EPROTO : MOOT_OK);
    }
    moot_buf_fini(&b);
}
END_TEST

Suite *suite_wire_refused(void)
{
    Suite *s = suite_create("wire/refused");
    TCase *t = tcase_create("refused");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, hello);
    tcase_add_test(t, hello_of_another_major_version_is_understood);
    tcase_add_test(t, welcome);
    tcase_add_test(t, refuse);
    tcase_add_test(t, bye);
    tcase_add_test(t, ping_and_pong);
    tcase_add_test(t, entries);
    tcase_add_test(t, authors);
    tcase_add_test(t, chains);
    tcase_add_test(t, no_place_is_as_high_as_2_to_the_62);
    tcase_add_test(t, want);
    tcase_add_test(t, lack);
    tcase_add_test(t, members);
    tcase_add_test(t, linked);
    tcase_add_test(t, who);
    tcase_add_test(t, probe_verdict_and_move);
    tcase_add_test(t, fork);
    tcase_add_test(t, ack);
    tcase_add_test(t, fields_of_a_later_minor_version_are_passed_over);
    tcase_add_test(t, a_kind_of_a_later_version_is_skipped);
    tcase_add_test(t, a_message_is_of_one_kind);
    tcase_add_test(t, lists_are_bounded);
    tcase_add_test(t, sorted_lists_are_bounded);
    tcase_add_test(t, ups_and_downs_are_bounded_together);
    suite_add_tcase(s, t);
    return s;
}
