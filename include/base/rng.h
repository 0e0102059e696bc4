/*
 * base/rng.h - an injected stream of randomness (ChaCha20, RFC 8439).
 *
 * The stream is a function of its 32-byte seed: a real process seeds it from
 * the kernel, the simulator from its seed number.  Good enough for identifiers
 * and nonces; secret keys are not made from it.
 *
 * Layer:  base (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_BASE_RNG_H
#define MOOT_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct moot_rng {
    uint8_t seed[32];
    uint64_t block; /* blocks drawn so far */
    uint8_t pool[256];
    size_t left; /* bytes of the pool not yet handed out */
};

void moot_rng_init(struct moot_rng *r, const uint8_t seed[32]);
void moot_rng_bytes(struct moot_rng *r, void *out, size_t len);
uint64_t moot_rng_u64(struct moot_rng *r);

/* Uniform in [0, bound); bound is at least 1. */
uint64_t moot_rng_below(struct moot_rng *r, uint64_t bound);

#endif
