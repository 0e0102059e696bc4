/*
 * wire/sealed.c - sealed answers as JSON, both ways, and marks.
 *
 * Judges nothing inside: what comes out is to be decoded as any other answer.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include "wire/sealed.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

#define SEALED_VERSION 1
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

/* Nothing we would build a tree of: braces, colons and two values. */
#define NESTS_MAX 1

void moot_sealed_encode(const struct moot_secret *s,
                        const uint8_t nonce[MOOT_SEAL_NONCE_LEN],
                        struct moot_bytes answer, const char *signature,
                        struct moot_buf *out)
{
    struct moot_buf text = {0}, sealed = {0};
    size_t max;
    char *encoded;

    moot_buf_printf(&text, "%s\n", signature);
    moot_buf_append(&text, answer.data, answer.len);
    moot_seal(s, nonce, moot_buf_view(&text), &sealed);
    max = sodium_base64_encoded_len(sealed.len, VARIANT);
    encoded = moot_alloc(max);
    sodium_bin2base64(encoded, max, moot_buf_view(&sealed).data, sealed.len,
                      VARIANT);
    moot_buf_printf(out, "{\"moot\":%d,\"sealed\":\"%s\"}\n", SEALED_VERSION,
                    encoded);
    free(encoded);
    moot_buf_fini(&sealed);
    moot_buf_fini(&text);
}

/* --- reading --- */

/* Our kind holds two values, and a tree of many is dear. */
static bool too_rich(struct moot_bytes json)
{
    unsigned nests = 0;

    for (size_t i = 0; i < json.len; i++)
        nests += json.data[i] == '{' || json.data[i] == '[';
    return nests > NESTS_MAX;
}

/* The object, or NULL; json_decref() gives it back. */
static json_t *read_object(struct moot_bytes json)
{
    json_t *root;

    if (json.len == 0 || json.len > MOOT_ANSWER_LEN_MAX || too_rich(json))
        return NULL;
    root = json_loadb((const char *)json.data, json.len, JSON_REJECT_DUPLICATES,
                      NULL);
    if (json_integer_value(json_object_get(root, "moot")) == SEALED_VERSION &&
        json_is_string(json_object_get(root, "sealed")))
        return root;
    json_decref(root);
    return NULL;
}

bool moot_sealed_is(struct moot_bytes json)
{
    json_t *root = read_object(json);
    bool is = root != NULL;

    json_decref(root);
    return is;
}

static bool decode(const json_t *text, struct moot_buf *out)
{
    size_t max = json_string_length(text), len = 0;
    uint8_t *raw = moot_alloc(max + 1);
    bool valid = sodium_base642bin(raw, max + 1, json_string_value(text), max,
                                   NULL, &len, NULL, VARIANT) == 0;

    if (valid)
        moot_buf_append(out, raw, len);
    free(raw);
    return valid;
}

/* NULL: no secret fits. */
static const struct moot_ring_secret *unseal(struct moot_bytes sealed,
                                             const struct moot_ring *r,
                                             struct moot_buf *text)
{
    for (unsigned i = r->count; i > 0; i--)
        if (moot_unseal(&r->at[i - 1].secret, sealed, text))
            return &r->at[i - 1];
    return NULL;
}

/* The first line becomes a text of its own. */
static int split(struct moot_buf *text, size_t *ret_at)
{
    struct moot_bytes all = moot_buf_view(text);
    uint8_t *feed = all.len == 0
                        ? NULL
                        : memchr((void *)(uintptr_t)all.data, '\n', all.len);

    if (feed == NULL)
        return MOOT_EANSWER;
    *feed = '\0';
    *ret_at = (size_t)(feed - all.data) + 1;
    return MOOT_OK;
}

int moot_sealed_open(struct moot_bytes json, const struct moot_ring *r,
                     struct moot_buf *text, size_t *ret_at,
                     const struct moot_ring_secret **ret_by)
{
    json_t *root = read_object(json);
    const struct moot_ring_secret *by = NULL;
    struct moot_buf sealed = {0};
    int error = MOOT_EANSWER;

    if (root != NULL && decode(json_object_get(root, "sealed"), &sealed)) {
        by = unseal(moot_buf_view(&sealed), r, text);
        error = by != NULL ? split(text, ret_at) : MOOT_ESECRET;
    }
    if (error == MOOT_OK && ret_by != NULL)
        *ret_by = by;
    moot_buf_fini(&sealed);
    json_decref(root);
    return error;
}

/* --- marks --- */

static void put_mark(uint64_t mark, char out[17])
{
    snprintf(out, 17, "%016llx", (unsigned long long)mark);
}

void moot_marks_make(const struct moot_ring *r, const char *nonce,
                     const uint8_t pad[8 * MOOT_MARKS_MAX],
                     char out[MOOT_MARKS_TEXT_LEN + 1])
{
    for (unsigned i = 0; i < MOOT_MARKS_MAX; i++) {
        uint64_t mark = 0;

        for (unsigned k = 0; k < 8; k++)
            mark = mark << 8 | pad[8 * i + k];
        if (i < r->count)
            mark = moot_secret_mark(&r->at[r->count - 1 - i].secret,
                                    moot_bytes_text(nonce));
        put_mark(mark, out + (size_t)16 * i);
    }
}

static bool is_meant(const struct moot_ring_secret *s, const char *nonce,
                     const char *marks)
{
    char mark[17];

    put_mark(moot_secret_mark(&s->secret, moot_bytes_text(nonce)), mark);
    for (unsigned i = 0; i < MOOT_MARKS_MAX; i++)
        if (sodium_memcmp(mark, marks + (size_t)16 * i, 16) == 0)
            return true;
    return false;
}

const struct moot_ring_secret *
moot_marks_find(const struct moot_ring *r, const char *nonce, const char *marks)
{
    if (marks == NULL || strlen(marks) != MOOT_MARKS_TEXT_LEN)
        return NULL;
    for (unsigned i = r->count; i > 0; i--)
        if (is_meant(&r->at[i - 1], nonce, marks))
            return &r->at[i - 1];
    return NULL;
}
