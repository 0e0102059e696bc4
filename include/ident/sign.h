/*
 * ident/sign.h - signing and verifying (Ed25519, RFC 8032).
 *
 * Every signature is made over a domain label, a zero byte and the message, so
 * that what was signed as one thing can never pass as another.
 *
 * Layer:  ident (quiet).
 * Thread: any.
 */
#ifndef MOOT_IDENT_SIGN_H
#define MOOT_IDENT_SIGN_H

#include "ident/id.h"

/* A key pair.  Secret: wipe with moot_key_fini when done. */
struct moot_key {
    struct moot_id id;
    uint8_t seed[32];   /* RFC 8032 private key */
    uint8_t secret[64]; /* libsodium's form: seed and public key */
};

#define MOOT_DOMAIN_ENTRY "moot/1 entry"
#define MOOT_DOMAIN_RECORD "moot/1 member"
#define MOOT_DOMAIN_ANSWER "moot/1 bootstrap"
#define MOOT_DOMAIN_REGISTER "moot/1 register"

void moot_key_init(struct moot_key *k, const uint8_t seed[32]);
void moot_key_fini(struct moot_key *k);

struct moot_sig moot_sign(const struct moot_key *k, const char *domain,
                          struct moot_bytes message);
bool moot_verify(const struct moot_id *id, const char *domain,
                 struct moot_bytes message, const struct moot_sig *sig);

#endif
