/*
 * ident/id.c - comparing, printing and hashing.
 *
 * Makes no keys and checks no signatures: see ident/sign.h.
 *
 * Layer:  ident (quiet).
 * Thread: any.
 */
#include "ident/id.h"

#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(crypto_generichash_state) <= sizeof(struct moot_hasher),
               "the library's state fits ours");
_Static_assert(_Alignof(crypto_generichash_state) <=
                   _Alignof(struct moot_hasher),
               "and may stand where ours stands");

bool moot_id_eq(const struct moot_id *a, const struct moot_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

int moot_id_cmp(const struct moot_id *a, const struct moot_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b);
}

bool moot_hash_eq(const struct moot_hash *a, const struct moot_hash *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

int moot_hash_cmp(const struct moot_hash *a, const struct moot_hash *b)
{
    return memcmp(a->b, b->b, sizeof a->b);
}

bool moot_hash_zero(const struct moot_hash *h)
{
    static const struct moot_hash zero;

    return moot_hash_eq(h, &zero);
}

/* Writes 2 * len digits, no zero byte. */
static void put_hex(const uint8_t *raw, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[raw[i] >> 4];
        out[2 * i + 1] = digits[raw[i] & 15];
    }
}

void moot_hex(const uint8_t raw[32], char out[MOOT_HEX_LEN + 1])
{
    put_hex(raw, 32, out);
    out[MOOT_HEX_LEN] = 0;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool moot_unhex(const char *text, uint8_t out[32])
{
    uint8_t raw[32];

    if (strnlen(text, MOOT_HEX_LEN + 1) != MOOT_HEX_LEN)
        return false;
    for (size_t i = 0; i < sizeof raw; i++) {
        int high = digit_value(text[2 * i]);
        int low = digit_value(text[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        raw[i] = (uint8_t)(high << 4 | low);
    }
    memcpy(out, raw, sizeof raw);
    return true;
}

void moot_id_suffix(const struct moot_id *id, char out[5])
{
    put_hex(id->b, 2, out);
    out[4] = 0;
}

void moot_id_fingerprint(const struct moot_id *id, char out[20])
{
    for (size_t i = 0; i < 4; i++) {
        put_hex(id->b + 2 * i, 2, out + 5 * i);
        out[5 * i + 4] = i < 3 ? ' ' : 0;
    }
}

struct moot_hash moot_hash_of(struct moot_bytes bytes)
{
    struct moot_hash hash;

    crypto_generichash(hash.b, sizeof hash.b, bytes.data, bytes.len, NULL, 0);
    return hash;
}

static crypto_generichash_state *state_of(struct moot_hasher *h)
{
    return (void *)h; /* its only member */
}

void moot_hasher_init(struct moot_hasher *h)
{
    crypto_generichash_init(state_of(h), NULL, 0, sizeof(struct moot_hash));
}

void moot_hasher_add(struct moot_hasher *h, const void *data, size_t len)
{
    crypto_generichash_update(state_of(h), data, len);
}

void moot_hasher_add_u64(struct moot_hasher *h, uint64_t value)
{
    uint8_t raw[8];

    for (unsigned i = 0; i < sizeof raw; i++)
        raw[i] = (uint8_t)(value >> (56 - 8 * i));
    moot_hasher_add(h, raw, sizeof raw);
}

struct moot_hash moot_hasher_final(struct moot_hasher *h)
{
    struct moot_hash hash;

    crypto_generichash_final(state_of(h), hash.b, sizeof hash.b);
    return hash;
}
