/*
 * ident/sign.c - Ed25519 by libsodium.
 *
 * Holds these four functions and nothing else, so that another signer can be
 * linked in its place.  libsodium refuses small-order keys and signatures that
 * are not in canonical form; docs/PROTOCOL.md says so for others.
 *
 * Layer:  ident (quiet).
 * Thread: any.
 */
#include "ident/sign.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define SHORT_MAX 256 /* an entry's hash and its label; on the stack */

_Static_assert(crypto_sign_SEEDBYTES == 32, "the seed is an RFC 8032 key");
_Static_assert(crypto_sign_SECRETKEYBYTES == 64, "seed and public key");

void moot_key_init(struct moot_key *k, const uint8_t seed[32])
{
    memcpy(k->seed, seed, sizeof k->seed);
    crypto_sign_seed_keypair(k->id.b, k->secret, seed);
}

void moot_key_fini(struct moot_key *k)
{
    sodium_memzero(k, sizeof *k);
}

/*
 * What is really signed: label, zero byte, message.  Lies in brief when it
 * fits there, else in memory of its own.
 */
static uint8_t *label(const char *domain, struct moot_bytes message,
                      uint8_t brief[SHORT_MAX], size_t *ret_len)
{
    size_t domain_len = strlen(domain) + 1;
    size_t len = domain_len + message.len;
    uint8_t *whole = len <= SHORT_MAX ? brief : moot_alloc(len);

    memcpy(whole, domain, domain_len);
    if (message.len > 0)
        memcpy(whole + domain_len, message.data, message.len);
    *ret_len = len;
    return whole;
}

struct moot_sig moot_sign(const struct moot_key *k, const char *domain,
                          struct moot_bytes message)
{
    uint8_t brief[SHORT_MAX];
    size_t len;
    uint8_t *whole = label(domain, message, brief, &len);
    struct moot_sig sig;

    crypto_sign_detached(sig.b, NULL, whole, len, k->secret);
    if (whole != brief)
        free(whole);
    return sig;
}

bool moot_verify(const struct moot_id *id, const char *domain,
                 struct moot_bytes message, const struct moot_sig *sig)
{
    uint8_t brief[SHORT_MAX];
    size_t len;
    uint8_t *whole = label(domain, message, brief, &len);
    bool valid = crypto_sign_verify_detached(sig->b, whole, len, id->b) == 0;

    if (whole != brief)
        free(whole);
    return valid;
}
