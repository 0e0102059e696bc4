/*
 * tests/wire/test_pb.c - the protobuf reader and writer.
 *
 * What it refuses is as important as what it reads: everything that other
 * readers might take differently.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <string.h>

#include "dies.h"
#include "wire/pb_internal.h"
#include "words.h"

Suite *suite_wire_pb(void);

/* How many fields can be read from these hex digits; -1: something is bad. */
static int fields_in(const char *hex)
{
    struct moot_buf b = {0};
    struct guarded g;
    int count = 0;

    unhex(hex, &b);
    guarded_init(&g, moot_buf_view(&b));

    struct moot_pb r = moot_pb_read(guarded_view(&g));

    while (moot_pb_next(&r))
        count++;
    expect(!moot_pb_next(&r));
    guarded_fini(&g);
    moot_buf_fini(&b);
    return r.bad ? -1 : count;
}

START_TEST(reads_fields_of_every_type)
{
    expect_int(fields_in(""), 0);
    expect_int(fields_in("08 00"), 1);
    expect_int(fields_in("08 ffffffffffffffffff01"), 1);
    expect_int(fields_in("09 0102030405060708"), 1);
    expect_int(fields_in("0a 00 12 03 010203"), 2);
    expect_int(fields_in("0d 01020304 08 01"), 2);
    expect_int(fields_in("f8ffffff0f 01"), 1); /* the highest number */
}
END_TEST

START_TEST(refuses_what_is_cut_off)
{
    expect_int(fields_in("08"), -1);
    expect_int(fields_in("80"), -1);
    expect_int(fields_in("08 80"), -1);
    expect_int(fields_in("09 01020304050607"), -1);
    expect_int(fields_in("0a"), -1);
    expect_int(fields_in("0a 02 01"), -1);
    expect_int(fields_in("0d 010203"), -1);
}
END_TEST

START_TEST(refuses_what_no_encoder_writes)
{
    expect_int(fields_in("00 00"), -1);                      /* field 0 */
    expect_int(fields_in("0b 0c"), -1);                      /* a group */
    expect_int(fields_in("0e 00"), -1);                      /* type 6 */
    expect_int(fields_in("0f 00"), -1);                      /* type 7 */
    expect_int(fields_in("8880808000"), -1);                 /* no value */
    expect_int(fields_in("888080808000 00"), -1);            /* a long key */
    expect_int(fields_in("f8ffffff1f 00"), -1);              /* a high number */
    expect_int(fields_in("08 ffffffffffffffffff02"), -1);    /* 65 bits */
    expect_int(fields_in("08 8080808080808080808001"), -1);  /* 11 bytes */
    expect_int(fields_in("0a ffffffffffffffffff01 00"), -1); /* 2^64 - 1 */
    expect_int(fields_in("0a 8080808008 00"), -1);           /* 2^31 */
    expect_int(fields_in("0a 8080808000"), 1);
    expect_int(fields_in("0a 808080808000"), -1); /* a long length */
}
END_TEST

START_TEST(values_are_what_was_written)
{
    static const uint64_t values[] = {
        1,     127,        128,        300,        16383,
        16384, UINT32_MAX, UINT64_MAX, 1ull << 63, (1ull << 35) - 1};

    for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct moot_buf b = {0};
        uint64_t got = 0;

        moot_pb_put_u64(&b, 1, values[i]);
        expect_uint(b.len, 1 + moot_pb_varint_len(values[i]));
        moot_pb_put_fixed64(&b, 2, values[i]);

        struct moot_pb r = moot_pb_read(moot_buf_view(&b));

        expect(moot_pb_next(&r));
        moot_pb_take_u64(&r, &got);
        expect_uint(got, values[i]);
        expect(moot_pb_next(&r));
        moot_pb_take_fixed64(&r, &got);
        expect_uint(got, values[i]);
        expect(moot_pb_took(&r, MOOT_PB_FIELD(1) | MOOT_PB_FIELD(2)));
        expect(!moot_pb_took(&r, MOOT_PB_FIELD(3)));
        expect_uint(moot_pb_peek(moot_buf_view(&b), 1), values[i]);
        expect_uint(moot_pb_peek(moot_buf_view(&b), 2), 0);
        moot_buf_fini(&b);
    }
}
END_TEST

START_TEST(what_is_zero_is_not_written)
{
    struct moot_buf b = {0};

    moot_pb_put_u64(&b, 1, 0);
    moot_pb_put_fixed64(&b, 2, 0);
    moot_pb_put_bool(&b, 3, false);
    moot_pb_put_bytes(&b, 4, moot_bytes_of(NULL, 0));
    expect_uint(b.len, 0);
    moot_pb_put_raw(&b, 5, NULL, 0);
    expect_hex(moot_buf_view(&b), "2a00");
    moot_buf_fini(&b);
}
END_TEST

/* The length of a sub-message takes 1, 2 or 3 bytes. */
START_TEST(sub_messages_of_any_length_nest)
{
    static uint8_t block[20000];

    for (size_t len = 0; len < sizeof block; len += len < 200 ? 1 : 613) {
        struct moot_buf b = {0};
        struct moot_bytes outer = {0};
        struct moot_bytes inner = {0};

        moot_buf_append(&b, "##", 2);

        size_t first = moot_pb_open(&b, 1);
        size_t second = moot_pb_open(&b, 2);

        moot_buf_append(&b, block, len);
        moot_pb_close(&b, second);
        moot_pb_close(&b, first);
        moot_buf_consume(&b, 2);

        struct moot_pb r = moot_pb_read(moot_buf_view(&b));

        expect(moot_pb_next(&r));
        moot_pb_take_bytes(&r, sizeof block + 8, &outer);
        expect(!moot_pb_next(&r) && !r.bad);
        r = moot_pb_read(outer);
        expect(moot_pb_next(&r));
        moot_pb_take_bytes(&r, sizeof block, &inner);
        expect_bytes(inner, moot_bytes_of(block, len));
        expect(!moot_pb_next(&r) && !r.bad);
        moot_buf_fini(&b);
    }
}
END_TEST

/* Reads field 1 of these hex digits with each taker; says which are content. */
static const char *takers_of(const char *hex)
{
    static char content[8];
    struct moot_buf b = {0};
    uint64_t u64;
    uint32_t u32;
    bool flag;
    uint8_t raw[2];
    struct moot_bytes bytes;
    unsigned at = 0;

    unhex(hex, &b);
    for (unsigned i = 0; i < 6; i++) {
        struct moot_pb r = moot_pb_read(moot_buf_view(&b));

        expect(moot_pb_next(&r));
        if (i == 0)
            moot_pb_take_u64(&r, &u64);
        else if (i == 1)
            moot_pb_take_u32(&r, &u32);
        else if (i == 2)
            moot_pb_take_fixed64(&r, &u64);
        else if (i == 3)
            moot_pb_take_bool(&r, &flag);
        else if (i == 4)
            moot_pb_take_raw(&r, raw, sizeof raw);
        else
            moot_pb_take_bytes(&r, 3, &bytes);
        if (!r.bad)
            content[at++] = "uvfbrB"[i];
    }
    content[at] = 0;
    moot_buf_fini(&b);
    return content;
}

START_TEST(each_taker_wants_its_type_and_size)
{
    expect_text(takers_of("08 01"), "uvb");
    expect_text(takers_of("08 02"), "uv");
    expect_text(takers_of("08 8080808010"), "u"); /* 2^32 */
    expect_text(takers_of("09 0000000000000000"), "f");
    expect_text(takers_of("0d 00000000"), "");
    expect_text(takers_of("0a 02 0102"), "rB");
    expect_text(takers_of("0a 00"), "B");
    expect_text(takers_of("0a 03 010203"), "B");
    expect_text(takers_of("0a 04 01020304"), "");
}
END_TEST

START_TEST(a_field_comes_once_and_an_item_often)
{
    struct moot_bytes twice = moot_bytes_of("\x0a\x01x\x0a\x01y", 6);
    struct moot_bytes bytes = {0};
    uint8_t raw = 0;
    struct moot_pb r = moot_pb_read(twice);

    expect(moot_pb_next(&r));
    moot_pb_take_raw(&r, &raw, 1);
    expect(moot_pb_next(&r));
    moot_pb_take_bytes(&r, 1, &bytes);
    expect(r.bad);
    expect_uint(bytes.len, 0);

    r = moot_pb_read(twice);
    expect(moot_pb_next(&r));
    moot_pb_each_bytes(&r, 1, &bytes);
    expect(moot_pb_next(&r));
    moot_pb_each_raw(&r, &raw, 1);
    expect(!moot_pb_next(&r) && !r.bad);
    expect_uint(raw, 'y');
}
END_TEST

START_TEST(a_fault_is_for_good)
{
    struct moot_pb r = moot_pb_read(moot_bytes_of("\x08\x01\x10\x01", 4));
    bool flag;
    uint8_t raw;

    expect(moot_pb_next(&r));
    moot_pb_take_raw(&r, &raw, 1);
    expect(r.bad);
    expect(!moot_pb_next(&r));
    moot_pb_take_bool(&r, &flag);
    expect(r.bad && !moot_pb_took(&r, 0));
}
END_TEST

/* The set of fields seen has 32 places. */
static void take_a_field_beyond_31(void)
{
    struct moot_pb r = moot_pb_read(moot_bytes_of("\x80\x02\x01", 3));
    uint64_t value;

    if (moot_pb_next(&r))
        moot_pb_take_u64(&r, &value);
}

START_TEST(fields_beyond_31_are_passed_over_never_taken)
{
    expect(dies(take_a_field_beyond_31));
}
END_TEST

Suite *suite_wire_pb(void)
{
    Suite *s = suite_create("wire/pb");
    TCase *t = tcase_create("pb");

    tcase_add_test(t, reads_fields_of_every_type);
    tcase_add_test(t, refuses_what_is_cut_off);
    tcase_add_test(t, refuses_what_no_encoder_writes);
    tcase_add_test(t, values_are_what_was_written);
    tcase_add_test(t, what_is_zero_is_not_written);
    tcase_add_test(t, sub_messages_of_any_length_nest);
    tcase_add_test(t, each_taker_wants_its_type_and_size);
    tcase_add_test(t, a_field_comes_once_and_an_item_often);
    tcase_add_test(t, a_fault_is_for_good);
    tcase_add_test(t, fields_beyond_31_are_passed_over_never_taken);
    suite_add_tcase(s, t);
    return s;
}
