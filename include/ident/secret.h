/*
 * ident/secret.h - what the members of a closed group share, and what is sealed
 * with it.
 *
 * A secret is 32 random bytes.  Whoever has it can prove it (ident/proof.h),
 * open what is sealed for the group, and recognise marks; nobody else can tell
 * a sealed thing from noise.
 *
 * Layer:  ident (quiet).
 * Thread: any.
 */
#ifndef MOOT_IDENT_SECRET_H
#define MOOT_IDENT_SECRET_H

#include "ident/sign.h"

struct moot_secret {
    uint8_t b[32];
};

/* BLAKE2b-256("moot/1 secret" 0 secret): names a secret, and tells nothing. */
struct moot_hash moot_secret_hash(const struct moot_secret *s);

/* The first 8 bytes of BLAKE2b-256("moot/1 mark" 0 nonce secret): says which
 * secret is meant to whoever has it. */
uint64_t moot_secret_mark(const struct moot_secret *s, struct moot_bytes nonce);

/* --- for all who have the secret --- */

#define MOOT_SEAL_NONCE_LEN 24
#define MOOT_SEAL_STEP 4096 /* lengths are told apart no finer than that */
#define MOOT_SEAL_TAG_LEN 16

/*
 * Appends nonce and XChaCha20-Poly1305 of (length of text, 4 bytes big-endian;
 * text; zeros up to a multiple of MOOT_SEAL_STEP) under the key
 * BLAKE2b-256("moot/1 seal" 0 secret).  The nonce is random and never used
 * again.
 */
void moot_seal(const struct moot_secret *s,
               const uint8_t nonce[MOOT_SEAL_NONCE_LEN], struct moot_bytes text,
               struct moot_buf *out);

/* Appends the text; false, and nothing appended, when it was not sealed with
 * this secret. */
bool moot_unseal(const struct moot_secret *s, struct moot_bytes sealed,
                 struct moot_buf *out);

/* --- for one who is named by his identity --- */

#define MOOT_BOX_LEN 80

/*
 * A sealed box as libsodium makes it (crypto_box_seal), to the X25519 form of
 * the identity; seed is random and never used again.  False when that is no
 * key: nobody has it then.
 */
bool moot_box(const struct moot_secret *s, const struct moot_id *to,
              const uint8_t seed[32], uint8_t out[MOOT_BOX_LEN]);
bool moot_unbox(const struct moot_key *k, const uint8_t box[MOOT_BOX_LEN],
                struct moot_secret *ret_secret);

#endif
