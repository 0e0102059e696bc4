/*
 * tests/sim/real_sign.c - ident/sign.c under other names, so that model_sign.c
 * can take its place and still call it.
 *
 * Layer:  tests.
 * Thread: any.
 */
#include "model_sign.h"

#define moot_key_init real_key_init
#define moot_key_fini real_key_fini
#define moot_sign real_sign
#define moot_verify real_verify
#include "../../src/ident/sign.c"
