/*
 * tests/wire/test_record.c - what a member says about itself.
 *
 * Bad records are the good one with one thing put in, left out or replaced:
 * bytes that no honest peer signs.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <string.h>

#include "dies.h"
#include "samples.h"
#include "wire/pb_internal.h"
#include "words.h"

Suite *suite_wire_record(void);

static struct moot_key alice;
static struct moot_record good;

static void set_up(void)
{
    alice = sample_key(1);
    sample_record(&good, &alice);
}

/* Opens bytes that end at a page that must not be read. */
static int open_bytes(struct moot_bytes raw, struct moot_record *r)
{
    struct guarded g;

    guarded_init(&g, raw);

    int error = moot_record_open(guarded_view(&g), &good.sig, r);

    guarded_fini(&g);
    return error;
}

START_TEST(what_was_sealed_opens_and_verifies)
{
    struct moot_record r;

    expect_ok(
        moot_record_open(moot_bytes_of(good.raw, good.raw_len), &good.sig, &r));
    expect(moot_record_verify(&r));
    expect_id(&r.id, &good.id);
    expect_hash(&r.group, &good.group);
    expect_uint(r.run, good.run);
    expect_int(r.run_ms, good.run_ms);
    expect_uint(r.serial, good.serial);
    expect_text(r.name, good.name);
    expect_int(r.mode, good.mode);
    expect_int(r.standing, good.standing);
    expect_uint(r.addr_count, 2);
    expect(moot_addr_eq(&r.addrs[0], &good.addrs[0]));
    expect(moot_addr_eq(&r.addrs[1], &good.addrs[1]));
    expect_uint(r.port, good.port);
    expect(moot_addr_eq(&r.boot, &good.boot));
    expect_bytes(moot_bytes_of(r.raw, r.raw_len),
                 moot_bytes_of(good.raw, good.raw_len));
}
END_TEST

START_TEST(the_least_record_has_no_addresses)
{
    struct moot_record least = {.id = alice.id,
                                .mode = MOOT_STANDARD,
                                .standing = MOOT_JOINING,
                                .name = "a",
                                .run_ms = -1};
    struct moot_record r;

    moot_record_seal(&least, &alice);
    expect_ok(open_bytes(moot_bytes_of(least.raw, least.raw_len), &r));
    expect_uint(r.addr_count, 0);
    expect_uint(r.port, 0);
    expect_uint(r.boot.port, 0);
    expect_int(r.run_ms, -1);
}
END_TEST

START_TEST(the_run_one_speaks_in_may_be_another_one)
{
    struct moot_record other = good;
    struct moot_record r;

    other.speaks = 0x1122334455667788;
    moot_record_seal(&other, &alice);
    expect_uint(other.raw_len, good.raw_len + 9);
    expect_ok(open_bytes(moot_bytes_of(other.raw, other.raw_len), &r));
    expect(r.speaks == other.speaks && r.run == good.run);
    expect_ok(open_bytes(moot_bytes_of(good.raw, good.raw_len), &r));
    expect_uint(r.speaks, 0);
}
END_TEST

/* Everything as long as it may be still fits MOOT_RECORD_LEN_MAX. */
START_TEST(the_greatest_record_fits)
{
    struct moot_record most = good;
    struct moot_record r;
    char host[MOOT_HOST_LEN_MAX + 1];

    for (unsigned i = 0; i < MOOT_HOST_LEN_MAX; i++)
        host[i] = i % 51 == 50 ? '.' : 'a';
    host[MOOT_HOST_LEN_MAX] = 0;
    most.run_ms = INT64_MIN;
    most.run = most.serial = most.speaks = UINT64_MAX;
    memset(most.name, 'n', MOOT_NAME_LEN_MAX);
    most.name[MOOT_NAME_LEN_MAX] = 0;
    most.addr_count = MOOT_RECORD_ADDRS_MAX;
    for (unsigned i = 0; i < MOOT_RECORD_ADDRS_MAX; i++)
        moot_addr_set(&most.addrs[i], host, UINT16_MAX);
    moot_addr_set(&most.boot, host, UINT16_MAX);
    most.port = UINT16_MAX;
    moot_record_seal(&most, &alice);
    expect(most.raw_len <= MOOT_RECORD_LEN_MAX);
    expect_ok(open_bytes(moot_bytes_of(most.raw, most.raw_len), &r));
    expect_text(r.addrs[3].host, host);
    expect_text(r.boot.host, host);
}
END_TEST

START_TEST(a_bent_record_does_not_verify)
{
    struct moot_record r = good;

    r.sig.b[0] ^= 1;
    expect(!moot_record_verify(&r));
    r = good;
    r.raw[r.raw_len - 1] ^= 1;
    expect(!moot_record_verify(&r));
    r = good;
    r.id = sample_key(2).id;
    expect(!moot_record_verify(&r));
}
END_TEST

START_TEST(cut_off_anywhere_it_never_verifies)
{
    for (size_t len = 0; len < good.raw_len; len++) {
        struct moot_record r;

        if (open_bytes(moot_bytes_of(good.raw, len), &r) == MOOT_OK)
            expect(!moot_record_verify(&r));
    }
}
END_TEST

START_TEST(fields_of_a_later_version_are_kept_and_passed_over)
{
    struct moot_buf b = {0};
    struct moot_record r;

    moot_buf_append(&b, good.raw, good.raw_len);
    moot_pb_put_u64(&b, 14, 7);
    moot_pb_put_raw(&b, 1000, "new", 3);
    expect_ok(open_bytes(moot_buf_view(&b), &r));
    expect_bytes(moot_bytes_of(r.raw, r.raw_len), moot_buf_view(&b));
    moot_buf_fini(&b);
}
END_TEST

/* --- refused --- */

/* The fields of the good record but for one, and something in its place. */
static int open_without(uint32_t number, struct moot_bytes instead)
{
    struct moot_bytes raw = moot_bytes_of(good.raw, good.raw_len);
    struct moot_buf b = {0};
    struct moot_pb p = moot_pb_read(raw);
    const uint8_t *from = p.at;
    struct moot_record r;

    while (moot_pb_next(&p)) {
        if (p.number != number)
            moot_buf_append(&b, from, (size_t)(p.at - from));
        from = p.at;
    }
    moot_buf_append(&b, instead.data, instead.len);

    int error = open_bytes(moot_buf_view(&b), &r);

    moot_buf_fini(&b);
    return error;
}

/* The number is of one digit in hex; so is the type. */
static int open_with(uint32_t number, const char *hex)
{
    struct moot_buf b = {0};

    unhex(hex, &b);

    int error = open_without(number, moot_buf_view(&b));

    moot_buf_fini(&b);
    return error;
}

START_TEST(what_must_be_there_must_be_there)
{
    static const uint32_t needed[] = {1, 2, 3, 7, 8, 9};
    static const uint32_t optional[] = {4, 5, 6, 10, 11, 12};

    for (unsigned i = 0; i < 6; i++) {
        expect_error(open_with(needed[i], ""), MOOT_EPROTO);
        expect_ok(open_with(optional[i], ""));
    }
}
END_TEST

START_TEST(nothing_may_be_there_twice_but_addresses)
{
    struct moot_pb p = moot_pb_read(moot_bytes_of(good.raw, good.raw_len));
    const uint8_t *from = p.at;

    while (moot_pb_next(&p)) {
        struct moot_bytes again = moot_bytes_of(from, (size_t)(p.at - from));

        expect_error(open_without(0, again),
                     p.number == 10 ? MOOT_OK : MOOT_EPROTO);
        from = p.at;
    }
}
END_TEST

START_TEST(values_out_of_bounds_are_refused)
{
    expect_ok(open_with(1, "08 01"));
    expect_error(open_with(1, "08 00"), MOOT_EPROTO);
    expect_error(open_with(1, "08 02"), MOOT_EPROTO);
    expect_error(open_with(2, "12 03 010203"), MOOT_EPROTO);
    expect_error(open_with(3, "1a 00"), MOOT_EPROTO);
    expect_error(open_with(4, "20 01"), MOOT_EPROTO);
    expect_error(open_with(7, "3a 00"), MOOT_EPROTO);
    expect_error(open_with(7, "3a 01 ff"), MOOT_EPROTO);
    expect_error(open_with(7, "3a 03 612061"), MOOT_OK);
    expect_error(open_with(7, "3a 03 61610a"), MOOT_EPROTO);
    expect_error(open_with(8, "40 00"), MOOT_EPROTO);
    expect_error(open_with(8, "40 03"), MOOT_EPROTO);
    expect_error(open_with(9, "48 00"), MOOT_EPROTO);
    expect_error(open_with(9, "48 04"), MOOT_EPROTO);
    expect_ok(open_with(10, "52 03 613a31"));
    expect_error(open_with(10, "52 03 613a30"), MOOT_EPROTO);
    expect_error(open_with(10, "52 00"), MOOT_EPROTO);
    expect_error(open_with(10, "50 01"), MOOT_EPROTO);
    expect_ok(open_with(11, "58 ffff03"));
    expect_error(open_with(11, "58 808004"), MOOT_EPROTO);
    expect_error(open_with(13, "68 01"), MOOT_EPROTO);
    expect_ok(open_with(12, "62 00"));
    expect_error(open_with(12, "62 01 61"), MOOT_EPROTO);
}
END_TEST

START_TEST(at_most_4_addresses)
{
    struct moot_buf b = {0};

    for (unsigned i = 0; i < MOOT_RECORD_ADDRS_MAX; i++)
        moot_pb_put_raw(&b, 10, "a:1", 3);
    expect_ok(open_without(10, moot_buf_view(&b)));
    moot_pb_put_raw(&b, 10, "a:1", 3);
    expect_error(open_without(10, moot_buf_view(&b)), MOOT_EPROTO);
    moot_buf_fini(&b);
}
END_TEST

START_TEST(at_most_1536_bytes)
{
    static uint8_t filler[MOOT_RECORD_LEN_MAX];
    struct moot_buf b = {0};
    size_t room = MOOT_RECORD_LEN_MAX - good.raw_len - 4;

    moot_pb_put_raw(&b, 20, filler, room);
    expect_ok(open_without(0, moot_buf_view(&b)));
    moot_buf_clear(&b);
    moot_pb_put_raw(&b, 20, filler, room + 1);
    expect_error(open_without(0, moot_buf_view(&b)), MOOT_EPROTO);
    moot_buf_fini(&b);
}
END_TEST

START_TEST(a_refused_record_changes_nothing)
{
    struct moot_record r = good;

    expect_error(moot_record_open(moot_bytes_text("x"), &good.sig, &r),
                 MOOT_EPROTO);
    expect(memcmp(&r, &good, sizeof r) == 0);
}
END_TEST

/* --- order, promises --- */

START_TEST(newer_is_the_later_run_then_the_higher_serial)
{
    struct moot_record a = good;
    struct moot_record b = good;

    expect(!moot_record_newer(&a, &b));
    b.serial++;
    expect(moot_record_newer(&b, &a) && !moot_record_newer(&a, &b));
    a.run++;
    expect(moot_record_newer(&a, &b) && !moot_record_newer(&b, &a));
    b.run_ms++;
    expect(moot_record_newer(&b, &a) && !moot_record_newer(&a, &b));
}
END_TEST

static void compare_strangers(void)
{
    struct moot_record a = good;

    a.id = sample_key(2).id;
    moot_record_newer(&a, &good);
}

static void seal_for_another(void)
{
    struct moot_key bob = sample_key(2);
    struct moot_record r = good;

    moot_record_seal(&r, &bob);
}

static void seal_without_a_name(void)
{
    struct moot_record r = good;

    r.name[0] = 0;
    moot_record_seal(&r, &alice);
}

START_TEST(nonsense_of_our_own_breaks_a_promise)
{
    expect(dies(compare_strangers));
    expect(dies(seal_for_another));
    expect(dies(seal_without_a_name));
}
END_TEST

Suite *suite_wire_record(void)
{
    Suite *s = suite_create("wire/record");
    TCase *t = tcase_create("record");

    tcase_add_checked_fixture(t, set_up, NULL);
    tcase_add_test(t, what_was_sealed_opens_and_verifies);
    tcase_add_test(t, the_least_record_has_no_addresses);
    tcase_add_test(t, the_run_one_speaks_in_may_be_another_one);
    tcase_add_test(t, the_greatest_record_fits);
    tcase_add_test(t, a_bent_record_does_not_verify);
    tcase_add_test(t, cut_off_anywhere_it_never_verifies);
    tcase_add_test(t, fields_of_a_later_version_are_kept_and_passed_over);
    tcase_add_test(t, what_must_be_there_must_be_there);
    tcase_add_test(t, nothing_may_be_there_twice_but_addresses);
    tcase_add_test(t, values_out_of_bounds_are_refused);
    tcase_add_test(t, at_most_4_addresses);
    tcase_add_test(t, at_most_1536_bytes);
    tcase_add_test(t, a_refused_record_changes_nothing);
    tcase_add_test(t, newer_is_the_later_run_then_the_higher_serial);
    tcase_add_test(t, nonsense_of_our_own_breaks_a_promise);
    suite_add_tcase(s, t);
    return s;
}
