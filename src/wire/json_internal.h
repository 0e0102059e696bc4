/*
 * wire/json_internal.h - what all decoders of strangers' JSON need: bounds
 * before a tree is built, and getters that believe nothing.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_JSON_INTERNAL_H
#define MOOT_WIRE_JSON_INTERNAL_H

#include <jansson.h>

#include "base/bytes.h"
#include "base/limits.h"

/*
 * Has the text more braces and brackets, or more values, than that?  A tree of
 * values takes up to a hundred times the memory of its text, so they are
 * counted before one is built.
 */
bool moot_json_rich(struct moot_bytes json, size_t nests_max,
                    size_t values_max);

/* NULL when it is no JSON, or has a key twice.  json_decref() gives it back. */
json_t *moot_json_read(struct moot_bytes json);

/* A string's bytes, borrowed of it; data NULL when value is no string. */
struct moot_bytes moot_json_text(const json_t *value);

/* 64 hex digits. */
bool moot_json_hex(const json_t *from, const char *key, uint8_t out[32]);

/* A valid name: of a user or a group. */
bool moot_json_name(const json_t *value, char out[MOOT_NAME_LEN_MAX + 1]);

/* Up to MOOT_NONCE_LEN_MAX bytes as hex digits. */
bool moot_json_nonce(const json_t *from, char out[2 * MOOT_NONCE_LEN_MAX + 1]);

/* The index of a word in a list whose place 0 is empty; 0 when it is not. */
unsigned moot_json_choice(const json_t *from, const char *key,
                          const char *const *words, unsigned last);

/* A valid name in quotes, appended. */
void moot_json_put_name(struct moot_buf *out, const char *name);

/* "tentative", "provisional", "grown": by enum moot_weight. */
extern const char *const moot_json_weights[4];

#endif
