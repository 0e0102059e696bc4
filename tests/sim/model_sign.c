/*
 * tests/sim/model_sign.c - signatures for the simulator: a hash keyed by the
 * identity, in the place of Ed25519.
 *
 * Anybody could forge one, and nobody in the simulator does; what matters there
 * is that exactly the signed bytes verify, and nothing else.  It replaces
 * ident/sign.c in moot-sim, which is many times faster for it.
 *
 * Layer:  tests.
 * Thread: any.
 */
#include <string.h>

#include "model_sign.h"

bool sim_sign_really;

void moot_key_init(struct moot_key *k, const uint8_t seed[32])
{
    real_key_init(k, seed); /* secrets are sealed for it */
}

void moot_key_fini(struct moot_key *k)
{
    real_key_fini(k);
}

static struct moot_sig make(const struct moot_id *id, const char *domain,
                            struct moot_bytes message)
{
    struct moot_hasher hasher;
    struct moot_sig sig;

    moot_hasher_init(&hasher);
    moot_hasher_add(&hasher, id->b, sizeof id->b);
    moot_hasher_add(&hasher, domain, strlen(domain) + 1);
    moot_hasher_add(&hasher, message.data, message.len);

    struct moot_hash hash = moot_hasher_final(&hasher);

    memcpy(sig.b, hash.b, 32);
    memcpy(sig.b + 32, id->b, 32);
    return sig;
}

struct moot_sig moot_sign(const struct moot_key *k, const char *domain,
                          struct moot_bytes message)
{
    return sim_sign_really ? real_sign(k, domain, message)
                           : make(&k->id, domain, message);
}

bool moot_verify(const struct moot_id *id, const char *domain,
                 struct moot_bytes message, const struct moot_sig *sig)
{
    struct moot_sig want;

    if (sim_sign_really)
        return real_verify(id, domain, message, sig);
    want = make(id, domain, message);
    return memcmp(want.b, sig->b, sizeof want.b) == 0;
}
