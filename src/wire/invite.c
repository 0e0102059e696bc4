/*
 * wire/invite.c - an invitation to a group, as one string that can be pasted.
 *
 * What was decoded is encoded again and has to be the same text: so there is no
 * second spelling of it, whatever the decoders of its parts would let pass.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include "wire/invite.h"

#include <sodium.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define VERSION 1
#define SUM_LEN 4
#define SECRET_LEN 32
#define PAYLOAD_LEN_MIN (1 + 2 * MOOT_INVITE_PREFIX_LEN + SUM_LEN)
#define PAYLOAD_LEN_MAX                                                        \
    (1 + (1 + MOOT_INVITE_PINS_MAX) * MOOT_INVITE_PREFIX_LEN + SECRET_LEN +    \
     SUM_LEN)

static const char scheme[] = "moot://";
static const char separator[] = "/#";

#define SCHEME_LEN (sizeof scheme - 1)
#define SEPARATOR_LEN (sizeof separator - 1)

void moot_invite_add_door(struct moot_invite *i, const struct moot_addr *a)
{
    for (unsigned k = 0; k < i->door_count; k++)
        if (moot_addr_eq(&i->doors[k], a))
            return;
    if (i->door_count < MOOT_INVITE_DOORS_MAX)
        i->doors[i->door_count++] = *a;
}

static void add_pin(struct moot_invite *i, const uint8_t *pin)
{
    for (unsigned k = 0; k < i->pin_count; k++)
        if (memcmp(i->pins[k], pin, MOOT_INVITE_PREFIX_LEN) == 0)
            return;
    if (i->pin_count < MOOT_INVITE_PINS_MAX)
        memcpy(i->pins[i->pin_count++], pin, MOOT_INVITE_PREFIX_LEN);
}

void moot_invite_add_pin(struct moot_invite *i, const struct moot_id *id)
{
    add_pin(i, id->b);
}

void moot_invite_fini(struct moot_invite *i)
{
    sodium_memzero(&i->secret, sizeof i->secret);
}

static void sum_of(struct moot_bytes head, const uint8_t *payload, size_t len,
                   uint8_t out[SUM_LEN])
{
    struct moot_hasher h;
    struct moot_hash sum;

    moot_hasher_init(&h);
    moot_hasher_add(&h, "moot/1 invite", sizeof "moot/1 invite");
    moot_hasher_add(&h, head.data, head.len);
    moot_hasher_add(&h, payload, len);
    sum = moot_hasher_final(&h);
    memcpy(out, sum.b, SUM_LEN);
}

/* --- there --- */

static char *put_doors(const struct moot_invite *i, char *at)
{
    memcpy(at, scheme, SCHEME_LEN);
    at += SCHEME_LEN;
    for (unsigned k = 0; k < i->door_count; k++) {
        if (k > 0)
            *at++ = ',';
        moot_addr_format(&i->doors[k], at);
        at += strlen(at);
    }
    memcpy(at, separator, SEPARATOR_LEN);
    return at + SEPARATOR_LEN;
}

static size_t put_payload(const struct moot_invite *i,
                          uint8_t out[PAYLOAD_LEN_MAX])
{
    uint8_t *at = out;

    *at++ = (uint8_t)(VERSION << 4 | (i->pin_count - 1) << 1 | i->closed);
    memcpy(at, i->group, sizeof i->group);
    at += sizeof i->group;
    memcpy(at, i->pins, i->pin_count * MOOT_INVITE_PREFIX_LEN);
    at += i->pin_count * MOOT_INVITE_PREFIX_LEN;
    if (i->closed) {
        memcpy(at, i->secret.b, SECRET_LEN);
        at += SECRET_LEN;
    }
    return (size_t)(at - out);
}

void moot_invite_encode(const struct moot_invite *i,
                        char out[MOOT_INVITE_TEXT_MAX])
{
    uint8_t payload[PAYLOAD_LEN_MAX];
    char *end;
    size_t len;

    moot_assert(i->door_count >= 1 && i->door_count <= MOOT_INVITE_DOORS_MAX);
    moot_assert(i->pin_count >= 1 && i->pin_count <= MOOT_INVITE_PINS_MAX);
    end = put_doors(i, out);
    len = put_payload(i, payload);
    sum_of(moot_bytes_of(out, (size_t)(end - out)), payload, len,
           payload + len);
    sodium_bin2base64(end, MOOT_INVITE_TEXT_MAX - (size_t)(end - out), payload,
                      len + SUM_LEN, VARIANT);
    sodium_memzero(payload, sizeof payload);
}

/* --- and back --- */

bool moot_invite_looks_like_one(struct moot_bytes text)
{
    return text.len >= SCHEME_LEN && memcmp(text.data, scheme, SCHEME_LEN) == 0;
}

static bool take_doors(struct moot_bytes text, struct moot_invite *i)
{
    while (i->door_count < MOOT_INVITE_DOORS_MAX) {
        const uint8_t *comma =
            text.len > 0 ? memchr(text.data, ',', text.len) : NULL;
        size_t len = comma ? (size_t)(comma - text.data) : text.len;
        unsigned before = i->door_count;
        struct moot_addr a;

        if (moot_addr_parse(moot_bytes_of(text.data, len), &a) != MOOT_OK)
            return false;
        moot_invite_add_door(i, &a);
        if (i->door_count == before)
            return false;
        if (!comma)
            return true;
        text = moot_bytes_of(comma + 1, text.len - len - 1);
    }
    return false;
}

/* The checksum was right: what is wrong now was meant so by somebody. */
static int take_payload(const uint8_t *at, size_t len, struct moot_invite *i)
{
    unsigned pins = (unsigned)(at[0] >> 1 & 3) + 1;
    bool closed = at[0] & 1;
    size_t want = 1 + (1 + pins) * (size_t)MOOT_INVITE_PREFIX_LEN +
                  (closed ? SECRET_LEN : 0);

    if (at[0] >> 4 != VERSION)
        return at[0] >> 4 > VERSION ? MOOT_EVERSION : MOOT_EPROTO;
    if (len != want)
        return MOOT_EPROTO;
    memcpy(i->group, at + 1, sizeof i->group);
    at += 1 + MOOT_INVITE_PREFIX_LEN;
    for (unsigned k = 0; k < pins; k++, at += MOOT_INVITE_PREFIX_LEN)
        add_pin(i, at);
    i->closed = closed;
    if (closed)
        memcpy(i->secret.b, at, SECRET_LEN);
    return MOOT_OK;
}

static int take(struct moot_bytes head, struct moot_bytes payload,
                struct moot_invite *i)
{
    uint8_t raw[PAYLOAD_LEN_MAX], sum[SUM_LEN];
    size_t len = 0;
    int error = MOOT_EPROTO;

    if (sodium_base642bin(raw, sizeof raw, (const char *)payload.data,
                          payload.len, NULL, &len, NULL, VARIANT) == 0 &&
        len >= PAYLOAD_LEN_MIN) {
        len -= SUM_LEN;
        sum_of(head, raw, len, sum);
        if (memcmp(sum, raw + len, SUM_LEN) == 0)
            error = take_payload(raw, len, i);
    }
    sodium_memzero(raw, sizeof raw);
    return error;
}

/* Is that the text it would be written as? */
static bool is_canonical(struct moot_bytes text, const struct moot_invite *i)
{
    char again[MOOT_INVITE_TEXT_MAX];
    bool same;

    moot_invite_encode(i, again);
    same = moot_bytes_eq(text, moot_bytes_text(again));
    sodium_memzero(again, sizeof again);
    return same;
}

int moot_invite_decode(struct moot_bytes text, struct moot_invite *ret_invite)
{
    struct moot_invite i = {.door_count = 0};
    const uint8_t *payload;
    size_t head;
    int error;

    if (!moot_invite_looks_like_one(text))
        return MOOT_EINVAL;
    payload = memmem(text.data + SCHEME_LEN, text.len - SCHEME_LEN, separator,
                     SEPARATOR_LEN);
    if (payload == NULL || text.len >= MOOT_INVITE_TEXT_MAX)
        return MOOT_EPROTO;
    head = (size_t)(payload - text.data);
    if (!take_doors(moot_bytes_of(text.data + SCHEME_LEN, head - SCHEME_LEN),
                    &i))
        return MOOT_EPROTO;
    head += SEPARATOR_LEN;
    error = take(moot_bytes_of(text.data, head),
                 moot_bytes_of(text.data + head, text.len - head), &i);
    if (error == MOOT_OK && !is_canonical(text, &i))
        error = MOOT_EPROTO;
    if (error == MOOT_OK)
        *ret_invite = i;
    moot_invite_fini(&i);
    return error;
}

const char *moot_invite_fault(struct moot_bytes text,
                              struct moot_invite *ret_invite)
{
    switch (moot_invite_decode(text, ret_invite)) {
    case MOOT_OK:
        return NULL;
    case MOOT_EINVAL:
        return "is no invitation: one begins with moot:// and is printed by "
               "moot invite";
    case MOOT_EVERSION:
        return "is an invitation that only a newer moot understands";
    default:
        return "is mistyped or cut short: copy all of it, from moot:// to its "
               "end";
    }
}
