/*
 * wire/register.c - requests to a group directory as JSON, both ways.
 *
 * Keeps no groups: that is the business of boot/directory.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include "wire/register.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/error.h"
#include "host_internal.h"
#include "json_internal.h"
#include "signed_internal.h"

#define REGISTER_VERSION 1

/* What a full request can need, with room for keys we do not know. */
#define NESTS_MAX (MOOT_REGISTER_RECORDS_MAX + MOOT_REGISTER_HEARD_MAX + 64)
#define VALUES_MAX (4 * NESTS_MAX)

void moot_register_fini(struct moot_register *r)
{
    free(r->records);
    free(r->heard);
    memset(r, 0, sizeof *r);
}

/* --- encoding --- */

static void put_heard(struct moot_buf *out, const struct moot_heard *h)
{
    char hex[MOOT_HEX_LEN + 1];

    moot_hex(h->id.b, hex);
    moot_buf_printf(out, "{\"identity\":\"%s\",\"ago\":%u", hex,
                    (unsigned)h->ago_ms);
    if (h->seen[0] != '\0')
        moot_buf_printf(out, ",\"seen\":\"%s\"", h->seen);
    moot_buf_printf(out, "}");
}

void moot_register_encode(const struct moot_register *r, struct moot_buf *out)
{
    char hex[MOOT_HEX_LEN + 1];

    moot_assert(r->record_count >= 1 &&
                r->record_count <= MOOT_REGISTER_RECORDS_MAX);
    moot_assert(r->heard_count <= MOOT_REGISTER_HEARD_MAX);
    moot_hex(r->group.b, hex);
    moot_buf_printf(out, "{\"version\":%d,\"group\":{\"id\":\"%s\",\"name\":",
                    REGISTER_VERSION, hex);
    moot_json_put_name(out, r->group_name);
    moot_buf_printf(out,
                    ",\"weight\":\"%s\"},\"nonce\":\"%s\",\"challenge\":\"%s\","
                    "\"records\":[",
                    moot_json_weights[r->weight], r->nonce, r->challenge);
    for (unsigned i = 0; i < r->record_count; i++) {
        moot_buf_printf(out, "%s{", i > 0 ? "," : "");
        moot_signed_put(out,
                        moot_bytes_of(r->records[i].raw, r->records[i].raw_len),
                        &r->records[i].sig);
        moot_buf_printf(out, "}");
    }
    moot_buf_printf(out, "],\"heard\":[");
    for (unsigned i = 0; i < r->heard_count; i++) {
        moot_buf_printf(out, "%s", i > 0 ? "," : "");
        put_heard(out, &r->heard[i]);
    }
    moot_buf_printf(out, "]}\n");
}

/* --- decoding --- */

static bool get_challenge(const json_t *root, char out[MOOT_CHALLENGE_LEN + 1])
{
    struct moot_bytes text = moot_json_text(json_object_get(root, "challenge"));

    if (text.len != 0 && text.len != MOOT_CHALLENGE_LEN)
        return false;
    if (text.len > 0)
        memcpy(out, text.data, text.len);
    out[text.len] = '\0';
    return strspn(out, "0123456789abcdef") == text.len;
}

static bool get_head(const json_t *root, struct moot_register *r)
{
    const json_t *version = json_object_get(root, "version");
    const json_t *group = json_object_get(root, "group");

    r->weight = (enum moot_weight)moot_json_choice(
        group, "weight", moot_json_weights, MOOT_GROWN);
    return json_is_integer(version) &&
           json_integer_value(version) == REGISTER_VERSION && r->weight != 0 &&
           moot_json_hex(group, "id", r->group.b) &&
           moot_json_name(json_object_get(group, "name"), r->group_name) &&
           moot_json_nonce(root, r->nonce) && get_challenge(root, r->challenge);
}

static int get_records(const json_t *root, struct moot_register *r)
{
    const json_t *list = json_object_get(root, "records");
    size_t count = json_array_size(list);

    if (!json_is_array(list) || count == 0)
        return MOOT_EPROTO;
    if (count > MOOT_REGISTER_RECORDS_MAX)
        return MOOT_ELIMIT;
    r->records = moot_alloc(count * sizeof *r->records);
    for (size_t i = 0; i < count; i++) {
        struct moot_record *one = &r->records[i];

        if (moot_signed_get(json_array_get(list, i), one) != MOOT_OK ||
            !moot_hash_eq(&one->group, &r->group))
            return MOOT_EPROTO;
    }
    r->record_count = (unsigned)count;
    return MOOT_OK;
}

static bool get_one_heard(const json_t *from, struct moot_heard *h)
{
    const json_t *ago = json_object_get(from, "ago");
    const json_t *seen = json_object_get(from, "seen");
    struct moot_bytes text = moot_json_text(seen);
    char canonical[MOOT_HOST_LEN_MAX + 1];

    if (!moot_json_hex(from, "identity", h->id.b) || !json_is_integer(ago) ||
        json_integer_value(ago) < 0 ||
        json_integer_value(ago) > MOOT_HEARD_MS_MAX)
        return false;
    h->ago_ms = (uint32_t)json_integer_value(ago);
    if (seen == NULL)
        return true;
    if (!moot_host_canonical(text, canonical) ||
        strlen(canonical) > MOOT_LITERAL_LEN_MAX)
        return false;
    memcpy(h->seen, canonical, strlen(canonical) + 1);
    return true;
}

static int get_heard(const json_t *root, struct moot_register *r)
{
    const json_t *list = json_object_get(root, "heard");
    size_t count = json_array_size(list);

    if (!json_is_array(list))
        return MOOT_EPROTO;
    if (count > MOOT_REGISTER_HEARD_MAX)
        return MOOT_ELIMIT;
    r->heard = moot_alloc((count + 1) * sizeof *r->heard);
    for (size_t i = 0; i < count; i++) {
        if (!get_one_heard(json_array_get(list, i), &r->heard[i]))
            return MOOT_EPROTO;
    }
    r->heard_count = (unsigned)count;
    return MOOT_OK;
}

int moot_register_decode(struct moot_bytes json,
                         struct moot_register *ret_register)
{
    struct moot_register r = {0};
    json_t *root;
    int error = MOOT_EPROTO;

    if (json.len > MOOT_REGISTER_LEN_MAX ||
        moot_json_rich(json, NESTS_MAX, VALUES_MAX))
        return MOOT_ELIMIT;
    root = moot_json_read(json);
    if (get_head(root, &r))
        error = get_records(root, &r);
    if (error == MOOT_OK)
        error = get_heard(root, &r);
    json_decref(root);
    if (error == MOOT_OK)
        *ret_register = r;
    else
        moot_register_fini(&r);
    return error;
}

/* --- the signature --- */

void moot_register_sign(struct moot_bytes json, const struct moot_key *k,
                        char out[MOOT_HEX_LEN + 1 + 128 + 1])
{
    moot_signed_header(json, MOOT_DOMAIN_REGISTER, k, out);
}

bool moot_register_signed(struct moot_bytes json, const char *header,
                          struct moot_id *ret_id)
{
    return moot_signed_by(json, MOOT_DOMAIN_REGISTER, header, ret_id);
}
