/*
 * tests/sim/model_sign.h - which signatures moot-sim makes.
 *
 * Layer:  tests.
 * Thread: set before the first one is made.
 */
#ifndef MOOT_TESTS_SIM_MODEL_SIGN_H
#define MOOT_TESTS_SIM_MODEL_SIGN_H

#include <stdbool.h>

#include "ident/sign.h"

extern bool sim_sign_really; /* Ed25519; else a keyed hash */

/* ident/sign.c under other names; see real_sign.c. */
void real_key_init(struct moot_key *k, const uint8_t seed[32]);
void real_key_fini(struct moot_key *k);
struct moot_sig real_sign(const struct moot_key *k, const char *domain,
                          struct moot_bytes message);
bool real_verify(const struct moot_id *id, const char *domain,
                 struct moot_bytes message, const struct moot_sig *sig);

#endif
