/*
 * wire/signed.c - signatures as text: in headers as hex digits, in JSON as
 * base64url without padding.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include <sodium.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "json_internal.h"
#include "signed_internal.h"

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define BASE64_MAX(len) (((len) + 2) / 3 * 4 + 1)

void moot_signed_header(struct moot_bytes body, const char *domain,
                        const struct moot_key *k, char out[MOOT_SIGNED_LEN + 1])
{
    struct moot_sig sig = moot_sign(k, domain, body);

    moot_hex(k->id.b, out);
    out[MOOT_HEX_LEN] = ':';
    moot_hex(sig.b, out + MOOT_HEX_LEN + 1);
    moot_hex(sig.b + 32, out + MOOT_HEX_LEN + 1 + MOOT_HEX_LEN);
}

static bool unhex_part(const char *text, uint8_t out[32])
{
    char part[MOOT_HEX_LEN + 1];

    memcpy(part, text, MOOT_HEX_LEN);
    part[MOOT_HEX_LEN] = 0;
    return moot_unhex(part, out);
}

bool moot_signed_by(struct moot_bytes body, const char *domain,
                    const char *header, struct moot_id *ret_id)
{
    struct moot_id id;
    struct moot_sig sig;

    if (!header || strnlen(header, MOOT_SIGNED_LEN + 1) != MOOT_SIGNED_LEN ||
        header[MOOT_HEX_LEN] != ':')
        return false;
    if (!unhex_part(header, id.b) ||
        !unhex_part(header + MOOT_HEX_LEN + 1, sig.b) ||
        !unhex_part(header + 2 * MOOT_HEX_LEN + 1, sig.b + 32) ||
        !moot_verify(&id, domain, body, &sig))
        return false;
    *ret_id = id;
    return true;
}

static void put_base64(struct moot_buf *out, const uint8_t *data, size_t len)
{
    char text[BASE64_MAX(MOOT_RECORD_LEN_MAX)];

    moot_assert(len <= MOOT_RECORD_LEN_MAX);
    sodium_bin2base64(text, sizeof text, data, len, VARIANT);
    moot_buf_printf(out, "%s", text);
}

void moot_signed_put(struct moot_buf *out, struct moot_bytes record,
                     const struct moot_sig *sig)
{
    moot_buf_printf(out, "\"record\":\"");
    put_base64(out, record.data, record.len);
    moot_buf_printf(out, "\",\"signature\":\"");
    put_base64(out, sig->b, sizeof sig->b);
    moot_buf_printf(out, "\"");
}

static bool get_base64(const json_t *from, const char *key, uint8_t *out,
                       size_t max, size_t *ret_len)
{
    struct moot_bytes text = moot_json_text(json_object_get(from, key));

    return text.len > 0 &&
           sodium_base642bin(out, max, (const char *)text.data, text.len, NULL,
                             ret_len, NULL, VARIANT) == 0;
}

int moot_signed_get(const json_t *from, struct moot_record *ret_record)
{
    uint8_t raw[MOOT_RECORD_LEN_MAX];
    struct moot_sig sig;
    size_t raw_len, sig_len;

    if (!get_base64(from, "record", raw, sizeof raw, &raw_len) ||
        !get_base64(from, "signature", sig.b, sizeof sig.b, &sig_len) ||
        sig_len != sizeof sig.b)
        return MOOT_EPROTO;
    return moot_record_open(moot_bytes_of(raw, raw_len), &sig, ret_record);
}
