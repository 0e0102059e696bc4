/*
 * ident/proof.c - tags and proofs, byte by byte.
 *
 * Knows no connection: the exporter is an argument.
 *
 * Layer:  ident (quiet).
 * Thread: any.
 */
#include "ident/proof.h"

#include <sodium.h>
#include <string.h>

static void add(struct moot_hasher *h, const char *label,
                struct moot_bytes bytes)
{
    moot_hasher_add(h, label, strlen(label) + 1);
    moot_hasher_add(h, bytes.data, bytes.len);
}

static struct moot_hash tag(const char *label, struct moot_bytes bytes,
                            const struct moot_exporter *ex)
{
    struct moot_hasher h;

    moot_hasher_init(&h);
    add(&h, label, bytes);
    moot_hasher_add(&h, ex->b, sizeof ex->b);
    return moot_hasher_final(&h);
}

struct moot_hash moot_group_tag(const struct moot_hash *group,
                                const struct moot_exporter *ex)
{
    return tag("moot/1 group", moot_bytes_of(group->b, sizeof group->b), ex);
}

struct moot_hash moot_name_tag(struct moot_bytes name,
                               const struct moot_exporter *ex)
{
    return tag("moot/1 name", name, ex);
}

struct moot_hash moot_group_key(const struct moot_hash *secret)
{
    struct moot_hasher h;

    moot_hasher_init(&h);
    add(&h, "moot/1 key", moot_bytes_of(secret->b, sizeof secret->b));
    return moot_hasher_final(&h);
}

struct moot_hash moot_secret_key(const struct moot_hash *group,
                                 const struct moot_secret *secret)
{
    struct moot_hash s = *group;

    if (secret != NULL)
        memcpy(s.b, secret->b, sizeof s.b);
    return moot_group_key(&s);
}

struct moot_hash moot_proof(const struct moot_hash *group,
                            const struct moot_secret *secret,
                            enum moot_role role, const struct moot_exporter *ex,
                            const struct moot_id *dialler,
                            const struct moot_id *acceptor)
{
    const char *label = role == MOOT_DIALLER ? "dial" : "accept";
    struct moot_hash key = moot_secret_key(group, secret);
    struct moot_hash proof;
    crypto_auth_hmacsha256_state hmac;

    crypto_auth_hmacsha256_init(&hmac, key.b, sizeof key.b);
    crypto_auth_hmacsha256_update(&hmac, (const uint8_t *)label, strlen(label));
    crypto_auth_hmacsha256_update(&hmac, ex->b, sizeof ex->b);
    crypto_auth_hmacsha256_update(&hmac, dialler->b, sizeof dialler->b);
    crypto_auth_hmacsha256_update(&hmac, acceptor->b, sizeof acceptor->b);
    crypto_auth_hmacsha256_update(&hmac, group->b, sizeof group->b);
    crypto_auth_hmacsha256_final(&hmac, proof.b);
    return proof;
}

bool moot_proof_eq(const struct moot_hash *a, const struct moot_hash *b)
{
    return sodium_memcmp(a->b, b->b, sizeof a->b) == 0;
}
