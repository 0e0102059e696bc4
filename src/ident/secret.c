/*
 * ident/secret.c - keys from secrets, sealing and opening, by libsodium.
 *
 * Asks for no randomness: nonces and seeds are arguments.
 *
 * Layer:  ident (quiet).
 * Thread: any.
 */
#include "ident/secret.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define LENGTH_LEN 4

_Static_assert(MOOT_BOX_LEN == crypto_box_SEALBYTES + 32, "a secret fits");
_Static_assert(MOOT_SEAL_NONCE_LEN ==
                   crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
               "the nonce is random, so it has to be long");
_Static_assert(MOOT_SEAL_TAG_LEN == crypto_aead_xchacha20poly1305_ietf_ABYTES,
               "the tag is told in the header");

static struct moot_hash derive(const char *label, struct moot_bytes between,
                               const uint8_t raw[32])
{
    struct moot_hasher h;

    moot_hasher_init(&h);
    moot_hasher_add(&h, label, strlen(label) + 1);
    moot_hasher_add(&h, between.data, between.len);
    moot_hasher_add(&h, raw, 32);
    return moot_hasher_final(&h);
}

struct moot_hash moot_secret_hash(const struct moot_secret *s)
{
    return derive("moot/1 secret", moot_bytes_of(NULL, 0), s->b);
}

uint64_t moot_secret_mark(const struct moot_secret *s, struct moot_bytes nonce)
{
    struct moot_hash h = derive("moot/1 mark", nonce, s->b);
    uint64_t mark = 0;

    for (unsigned i = 0; i < 8; i++)
        mark = mark << 8 | h.b[i];
    return mark;
}

/* --- sealing --- */

static struct moot_hash seal_key(const struct moot_secret *s)
{
    return derive("moot/1 seal", moot_bytes_of(NULL, 0), s->b);
}

static size_t padded(size_t len)
{
    return (len + MOOT_SEAL_STEP - 1) / MOOT_SEAL_STEP * MOOT_SEAL_STEP;
}

void moot_seal(const struct moot_secret *s,
               const uint8_t nonce[MOOT_SEAL_NONCE_LEN], struct moot_bytes text,
               struct moot_buf *out)
{
    struct moot_hash key = seal_key(s);
    size_t len = padded(LENGTH_LEN + text.len);
    uint8_t *plain = moot_alloc(len);
    uint8_t *sealed = moot_alloc(len + MOOT_SEAL_TAG_LEN);

    for (unsigned i = 0; i < LENGTH_LEN; i++)
        plain[i] = (uint8_t)(text.len >> (8 * (LENGTH_LEN - 1 - i)));
    memcpy(plain + LENGTH_LEN, text.data, text.len);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, plain, len, NULL,
                                               0, NULL, nonce, key.b);
    moot_buf_append(out, nonce, MOOT_SEAL_NONCE_LEN);
    moot_buf_append(out, sealed, len + MOOT_SEAL_TAG_LEN);
    sodium_memzero(&key, sizeof key);
    free(plain);
    free(sealed);
}

/* What was sealed by somebody who has the secret may still be nonsense. */
static bool take_text(const uint8_t *plain, size_t len, struct moot_buf *out)
{
    size_t text_len = 0;

    for (unsigned i = 0; i < LENGTH_LEN; i++)
        text_len = text_len << 8 | plain[i];
    if (text_len > len - LENGTH_LEN)
        return false;
    moot_buf_append(out, plain + LENGTH_LEN, text_len);
    return true;
}

bool moot_unseal(const struct moot_secret *s, struct moot_bytes sealed,
                 struct moot_buf *out)
{
    struct moot_hash key;
    size_t front = MOOT_SEAL_NONCE_LEN + MOOT_SEAL_TAG_LEN;
    size_t len = sealed.len - front;
    uint8_t *plain;
    bool whole;

    if (sealed.len <= front || len % MOOT_SEAL_STEP != 0)
        return false;
    key = seal_key(s);
    plain = moot_alloc(len);
    whole = crypto_aead_xchacha20poly1305_ietf_decrypt(
                plain, NULL, NULL, sealed.data + MOOT_SEAL_NONCE_LEN,
                len + MOOT_SEAL_TAG_LEN, NULL, 0, sealed.data, key.b) == 0 &&
            take_text(plain, len, out);
    sodium_memzero(&key, sizeof key);
    free(plain);
    return whole;
}

/* --- boxes --- */

/* crypto_box_seal() with the one-time key from a seed, so that whoever repeats
 * a run gets the same bytes. */
bool moot_box(const struct moot_secret *s, const struct moot_id *to,
              const uint8_t seed[32], uint8_t out[MOOT_BOX_LEN])
{
    uint8_t key[crypto_box_PUBLICKEYBYTES], own[crypto_box_SECRETKEYBYTES];
    uint8_t nonce[crypto_box_NONCEBYTES];
    crypto_generichash_state hash;
    bool made;

    if (crypto_sign_ed25519_pk_to_curve25519(key, to->b) != 0)
        return false;
    crypto_box_seed_keypair(out, own, seed);
    crypto_generichash_init(&hash, NULL, 0, sizeof nonce);
    crypto_generichash_update(&hash, out, crypto_box_PUBLICKEYBYTES);
    crypto_generichash_update(&hash, key, sizeof key);
    crypto_generichash_final(&hash, nonce, sizeof nonce);
    made = crypto_box_easy(out + crypto_box_PUBLICKEYBYTES, s->b, sizeof s->b,
                           nonce, key, own) == 0;
    sodium_memzero(own, sizeof own);
    return made;
}

bool moot_unbox(const struct moot_key *k, const uint8_t box[MOOT_BOX_LEN],
                struct moot_secret *ret_secret)
{
    uint8_t key[crypto_box_PUBLICKEYBYTES], own[crypto_box_SECRETKEYBYTES];
    struct moot_secret s;
    bool opened;

    if (crypto_sign_ed25519_pk_to_curve25519(key, k->id.b) != 0 ||
        crypto_sign_ed25519_sk_to_curve25519(own, k->secret) != 0)
        return false;
    opened = crypto_box_seal_open(s.b, box, MOOT_BOX_LEN, key, own) == 0;
    sodium_memzero(own, sizeof own);
    if (opened)
        *ret_secret = s;
    sodium_memzero(&s, sizeof s);
    return opened;
}
