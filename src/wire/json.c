/*
 * wire/json.c - bounds and getters for the JSON of strangers.
 *
 * Knows no message: those are in the files that use it.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include <string.h>

#include "base/assert.h"
#include "base/utf8.h"
#include "json_internal.h"
#include "wire/record.h"

const char *const moot_json_weights[4] = {[MOOT_TENTATIVE] = "tentative",
                                          [MOOT_PROVISIONAL] = "provisional",
                                          [MOOT_GROWN] = "grown"};

bool moot_json_rich(struct moot_bytes json, size_t nests_max, size_t values_max)
{
    size_t nests = 0;
    size_t values = 0;
    bool quoted = false;

    for (size_t i = 0; i < json.len; i++) {
        uint8_t c = json.data[i];

        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '['))
            nests++;
        else if (!quoted && c == ',')
            values++;
    }
    return nests > nests_max || values > values_max;
}

json_t *moot_json_read(struct moot_bytes json)
{
    if (json.len == 0)
        return NULL;
    return json_loadb((const char *)json.data, json.len, JSON_REJECT_DUPLICATES,
                      NULL);
}

struct moot_bytes moot_json_text(const json_t *value)
{
    if (!json_is_string(value))
        return moot_bytes_of(NULL, 0);
    return moot_bytes_of(json_string_value(value), json_string_length(value));
}

bool moot_json_hex(const json_t *from, const char *key, uint8_t out[32])
{
    const json_t *value = json_object_get(from, key);

    /* jansson refuses a zero inside a string, so the text ends where it ends */
    return json_is_string(value) && moot_unhex(json_string_value(value), out);
}

bool moot_json_name(const json_t *value, char out[MOOT_NAME_LEN_MAX + 1])
{
    struct moot_bytes name = moot_json_text(value);

    if (moot_name_fault(name))
        return false;
    memcpy(out, name.data, name.len);
    out[name.len] = 0;
    return true;
}

bool moot_json_nonce(const json_t *from, char out[2 * MOOT_NONCE_LEN_MAX + 1])
{
    const json_t *value = json_object_get(from, "nonce");
    struct moot_bytes nonce = moot_json_text(value);

    if (!json_is_string(value) || nonce.len > 2 * MOOT_NONCE_LEN_MAX)
        return false;
    memcpy(out, nonce.data, nonce.len);
    out[nonce.len] = 0;
    return strspn(out, "0123456789abcdefABCDEF") == nonce.len;
}

unsigned moot_json_choice(const json_t *from, const char *key,
                          const char *const *words, unsigned last)
{
    struct moot_bytes word = moot_json_text(json_object_get(from, key));

    for (unsigned i = last; i >= 1; i--) {
        if (moot_bytes_eq(word, moot_bytes_text(words[i])))
            return i;
    }
    return 0;
}

/* Names hold no controls, so only these two need a mark. */
void moot_json_put_name(struct moot_buf *out, const char *name)
{
    moot_assert(moot_name_fault(moot_bytes_text(name)) == NULL);
    moot_buf_append(out, "\"", 1);
    for (const char *c = name; *c; c++) {
        if (*c == '"' || *c == '\\')
            moot_buf_append(out, "\\", 1);
        moot_buf_append(out, c, 1);
    }
    moot_buf_append(out, "\"", 1);
}
