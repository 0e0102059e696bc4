/*
 * base/rng.c - pools of ChaCha20 key stream, one nonce each.
 *
 * Never reseeds itself: the whole stream is a function of the seed.
 *
 * Layer:  base (quiet).
 * Thread: the caller's.
 */
#include "base/rng.h"

#include <sodium.h>
#include <string.h>

#include "base/assert.h"

_Static_assert(crypto_stream_chacha20_KEYBYTES == 32, "the seed is the key");
_Static_assert(crypto_stream_chacha20_NONCEBYTES == 8, "the counter fits");

void moot_rng_init(struct moot_rng *r, const uint8_t seed[32])
{
    memset(r, 0, sizeof *r);
    memcpy(r->seed, seed, sizeof r->seed);
}

static void refill(struct moot_rng *r)
{
    uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];

    for (unsigned i = 0; i < sizeof nonce; i++)
        nonce[i] = (uint8_t)(r->block >> (8 * i));
    crypto_stream_chacha20(r->pool, sizeof r->pool, nonce, r->seed);
    r->block++;
    r->left = sizeof r->pool;
}

void moot_rng_bytes(struct moot_rng *r, void *out, size_t len)
{
    uint8_t *at = out;

    while (len > 0) {
        if (r->left == 0)
            refill(r);

        size_t n = len < r->left ? len : r->left;

        memcpy(at, r->pool + sizeof r->pool - r->left, n);
        r->left -= n;
        at += n;
        len -= n;
    }
}

uint64_t moot_rng_u64(struct moot_rng *r)
{
    uint8_t raw[8];
    uint64_t value = 0;

    moot_rng_bytes(r, raw, sizeof raw);
    for (unsigned i = 0; i < sizeof raw; i++)
        value |= (uint64_t)raw[i] << (8 * i);
    return value;
}

uint64_t moot_rng_below(struct moot_rng *r, uint64_t bound)
{
    moot_assert(bound >= 1);

    /* The lowest 2^64 mod bound values would make small results likelier. */
    uint64_t unfair = (0 - bound) % bound;
    uint64_t value = moot_rng_u64(r);

    while (value < unfair)
        value = moot_rng_u64(r);
    return value % bound;
}
