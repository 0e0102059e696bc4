/*
 * tests/base/test_rng.c - the injected stream of randomness.
 *
 * It must be a function of its seed (a simulator replays lives by it), and
 * fair.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <string.h>

#include "base/rng.h"
#include "dies.h"
#include "words.h"

Suite *suite_base_rng(void);

static struct moot_rng seeded(uint8_t n)
{
    uint8_t seed[32];
    struct moot_rng r;

    memset(seed, n, sizeof seed);
    moot_rng_init(&r, seed);
    return r;
}

/* The first 64 bytes of ChaCha20 with 8 bytes of nonce, key and nonce zero. */
START_TEST(is_chacha20)
{
    struct moot_rng r = seeded(0);
    uint8_t out[64];

    moot_rng_bytes(&r, out, sizeof out);
    expect_hex(
        moot_bytes_of(out, sizeof out),
        "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
        "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586");
}
END_TEST

START_TEST(one_seed_is_one_stream_however_it_is_drawn)
{
    struct moot_rng whole = seeded(9);
    struct moot_rng parts = seeded(9);
    uint8_t a[4096];
    uint8_t b[4096];
    size_t at = 0;

    moot_rng_bytes(&whole, a, sizeof a);
    for (size_t len = 0; at < sizeof b; len = (len + 7) % 301) {
        size_t n = len < sizeof b - at ? len : sizeof b - at;

        moot_rng_bytes(&parts, b + at, n);
        at += n;
    }
    expect(memcmp(a, b, sizeof a) == 0);
}
END_TEST

START_TEST(other_seeds_are_other_streams)
{
    struct moot_rng a = seeded(1);
    struct moot_rng b = seeded(2);

    expect(moot_rng_u64(&a) != moot_rng_u64(&b));
    expect(moot_rng_u64(&a) != moot_rng_u64(&a));
}
END_TEST

START_TEST(below_a_bound_every_number_comes_as_often)
{
    struct moot_rng r = seeded(3);
    unsigned seen[6] = {0};

    for (unsigned i = 0; i < 60000; i++)
        seen[moot_rng_below(&r, 6)]++;
    for (unsigned i = 0; i < 6; i++)
        ck_assert_msg(seen[i] > 9600 && seen[i] < 10400, "%u: %u", i, seen[i]);
    expect_uint(moot_rng_below(&r, 1), 0);
}
END_TEST

/* Just above half of the range, every other draw has to be thrown away. */
START_TEST(bounds_near_the_top_are_kept)
{
    struct moot_rng r = seeded(4);
    uint64_t bound = (UINT64_C(1) << 63) + 1;

    for (unsigned i = 0; i < 1000; i++)
        expect(moot_rng_below(&r, bound) < bound);
}
END_TEST

static void draw_below_nothing(void)
{
    struct moot_rng r = seeded(5);

    moot_rng_below(&r, 0);
}

START_TEST(nothing_is_below_zero)
{
    expect(dies(draw_below_nothing));
}
END_TEST

Suite *suite_base_rng(void)
{
    Suite *s = suite_create("base/rng");
    TCase *t = tcase_create("rng");

    tcase_add_test(t, is_chacha20);
    tcase_add_test(t, one_seed_is_one_stream_however_it_is_drawn);
    tcase_add_test(t, other_seeds_are_other_streams);
    tcase_add_test(t, below_a_bound_every_number_comes_as_often);
    tcase_add_test(t, bounds_near_the_top_are_kept);
    tcase_add_test(t, nothing_is_below_zero);
    suite_add_tcase(s, t);
    return s;
}
