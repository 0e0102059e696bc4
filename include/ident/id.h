/*
 * ident/id.h - the names of things: identities, hashes, signatures.
 *
 * An identity is the raw Ed25519 public key (RFC 8032).  A hash is BLAKE2b-256
 * (RFC 7693).  A group is named by 32 random bytes held in a moot_hash.
 *
 * Layer:  ident (quiet).
 * Thread: any.
 */
#ifndef MOOT_IDENT_ID_H
#define MOOT_IDENT_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct moot_id {
    uint8_t b[32];
};

struct moot_hash {
    uint8_t b[32];
};

struct moot_sig {
    uint8_t b[64];
};

#define MOOT_HEX_LEN 64 /* hex digits of an id or a hash, without the zero */

bool moot_id_eq(const struct moot_id *a, const struct moot_id *b);
int moot_id_cmp(const struct moot_id *a, const struct moot_id *b);
bool moot_hash_eq(const struct moot_hash *a, const struct moot_hash *b);
int moot_hash_cmp(const struct moot_hash *a, const struct moot_hash *b);
bool moot_hash_zero(const struct moot_hash *h);

/* 64 lower-case hex digits and a zero byte. */
void moot_hex(const uint8_t raw[32], char out[MOOT_HEX_LEN + 1]);

/* Accepts exactly 64 hex digits; out is written on success only. */
bool moot_unhex(const char *text, uint8_t out[32]);

/* The first four hex digits: what tells two members of one name apart. */
void moot_id_suffix(const struct moot_id *id, char out[5]);

/* For people to compare: "ab12 cd34 ef56 7890" (the first eight bytes). */
void moot_id_fingerprint(const struct moot_id *id, char out[20]);

struct moot_hash moot_hash_of(struct moot_bytes bytes);

/* A hash that is built in pieces. */
struct moot_hasher {
    _Alignas(64) uint8_t state[384];
};
void moot_hasher_init(struct moot_hasher *h);
void moot_hasher_add(struct moot_hasher *h, const void *data, size_t len);
void moot_hasher_add_u64(struct moot_hasher *h, uint64_t value); /* BE */
struct moot_hash moot_hasher_final(struct moot_hasher *h);

#endif
