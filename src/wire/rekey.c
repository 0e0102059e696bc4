/*
 * wire/rekey.c - the bytes of a change, both ways.
 *
 * Opens no box: whom it is for is the business of who has the key.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include "wire/rekey.h"

#include <sodium.h>
#include <string.h>

#include "base/assert.h"

#define REKEY_VERSION 1
#define FLAG_MORE 1
#define FRONT_LEN 43
#define OUT_LEN 16
#define BOX_LEN (OUT_LEN + MOOT_BOX_LEN)
#define RAW_LEN_MAX                                                            \
    (FRONT_LEN + MOOT_REKEY_OUTS_MAX * OUT_LEN + MOOT_REKEY_BOXES_MAX * BOX_LEN)
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

_Static_assert((RAW_LEN_MAX + 2) / 3 * 4 <= MOOT_LINE_LEN_MAX,
               "a change fits into a line");

static void format(const struct moot_rekey *r, char text[MOOT_LINE_LEN_MAX + 1])
{
    uint8_t raw[RAW_LEN_MAX] = {REKEY_VERSION, r->more ? FLAG_MORE : 0};
    uint8_t *at = raw + 2;

    moot_assert(r->out_count <= MOOT_REKEY_OUTS_MAX);
    moot_assert(r->box_count <= MOOT_REKEY_BOXES_MAX);
    for (unsigned i = 0; i < 8; i++)
        *at++ = (uint8_t)(r->generation >> (8 * (7 - i)));
    memcpy(at, r->hash.b, sizeof r->hash.b);
    at += sizeof r->hash.b;
    *at++ = (uint8_t)r->out_count;
    memcpy(at, r->outs, r->out_count * sizeof r->outs[0]);
    at += r->out_count * sizeof r->outs[0];
    memcpy(at, r->boxes, r->box_count * sizeof r->boxes[0]);
    at += r->box_count * sizeof r->boxes[0];
    sodium_bin2base64(text, MOOT_LINE_LEN_MAX + 1, raw, (size_t)(at - raw),
                      VARIANT);
}

void moot_rekey_encode(const struct moot_rekey *r, struct moot_buf *out)
{
    char text[MOOT_LINE_LEN_MAX + 1];

    format(r, text);
    moot_buf_append(out, text, strlen(text));
}

_Static_assert(sizeof(struct moot_rekey_box) == BOX_LEN, "no holes in it");
_Static_assert(sizeof(struct moot_short_id) == OUT_LEN, "nor in it");

static bool take_lists(struct moot_rekey *r, const uint8_t *at, size_t len)
{
    size_t outs = (size_t)r->out_count * OUT_LEN;

    if (r->out_count > MOOT_REKEY_OUTS_MAX || len < outs)
        return false;
    memcpy(r->outs, at, outs);
    len -= outs;
    if (len % BOX_LEN != 0 || len / BOX_LEN > MOOT_REKEY_BOXES_MAX)
        return false;
    r->box_count = (unsigned)(len / BOX_LEN);
    memcpy(r->boxes, at + outs, len);
    return true;
}

/* The decoder of base64 takes some bytes above ASCII for digits; a change has
 * one spelling. */
static bool is_spelling_of(struct moot_bytes text, const struct moot_rekey *r)
{
    char again[MOOT_LINE_LEN_MAX + 1];

    format(r, again);
    return moot_bytes_eq(text, moot_bytes_text(again));
}

bool moot_rekey_decode(struct moot_bytes text, struct moot_rekey *ret_rekey)
{
    struct moot_rekey *r = ret_rekey;
    uint8_t raw[RAW_LEN_MAX];
    size_t len = 0;

    if (text.len == 0 ||
        sodium_base642bin(raw, sizeof raw, (const char *)text.data, text.len,
                          NULL, &len, NULL, VARIANT) != 0 ||
        len < FRONT_LEN || raw[0] != REKEY_VERSION || raw[1] > FLAG_MORE)
        return false;
    r->more = raw[1] == FLAG_MORE;
    r->generation = 0;
    for (unsigned i = 0; i < 8; i++)
        r->generation = r->generation << 8 | raw[2 + i];
    memcpy(r->hash.b, raw + 10, sizeof r->hash.b);
    r->out_count = raw[42];
    return r->generation >= 1 && r->generation < MOOT_GENERATION_MAX &&
           take_lists(r, raw + FRONT_LEN, len - FRONT_LEN) &&
           is_spelling_of(text, r);
}
