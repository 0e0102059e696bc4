/*
 * wire/pb.c - protobuf by hand.
 *
 * A generated decoder copies every field and allocates for it; here a link can
 * carry hundreds of thousands of lines a second, and views into the frame are
 * all that is needed.
 *
 * Layer:  wire (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "base/assert.h"
#include "wire/pb_internal.h"

#define VARINT_MAX 10
#define SHORT_VARINT_MAX 5 /* keys and lengths, as other readers have it */
#define NUMBER_MAX ((UINT32_C(1) << 29) - 1)

/* --- reading --- */

struct moot_pb moot_pb_read(struct moot_bytes message)
{
    static const uint8_t nothing;
    struct moot_pb r = {0};

    r.at = message.len > 0 ? message.data : &nothing;
    r.end = r.at + message.len;
    return r;
}

static bool take_varint(struct moot_pb *r, uint64_t *ret_value)
{
    uint64_t value = 0;

    /* Keys, and most lengths. */
    if (r->at < r->end && *r->at < 0x80) {
        *ret_value = *r->at++;
        return true;
    }
    for (unsigned shift = 0; r->at < r->end && shift < 64; shift += 7) {
        uint8_t byte = *r->at++;

        if (shift == 63 && byte > 1)
            return false;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

static bool take_fixed(struct moot_pb *r, unsigned len)
{
    if ((size_t)(r->end - r->at) < len)
        return false;
    r->value = 0;
    for (unsigned i = 0; i < len; i++)
        r->value |= (uint64_t)r->at[i] << (8 * i);
    r->at += len;
    return true;
}

static bool take_delimited(struct moot_pb *r)
{
    const uint8_t *start = r->at;
    uint64_t len;

    if (!take_varint(r, &len) || r->at - start > SHORT_VARINT_MAX ||
        len > (size_t)(r->end - r->at))
        return false;
    r->bytes = moot_bytes_of(r->at, (size_t)len);
    r->at += len;
    return true;
}

static bool take_field(struct moot_pb *r)
{
    const uint8_t *start = r->at;
    uint64_t key;

    if (!take_varint(r, &key) || r->at - start > SHORT_VARINT_MAX ||
        key >> 3 == 0 || key >> 3 > NUMBER_MAX)
        return false;

    r->number = (uint32_t)(key >> 3);
    switch (key & 7) {
    case MOOT_PB_VARINT:
        r->type = MOOT_PB_VARINT;
        return take_varint(r, &r->value);
    case MOOT_PB_FIXED64:
        r->type = MOOT_PB_FIXED64;
        return take_fixed(r, 8);
    case MOOT_PB_BYTES:
        r->type = MOOT_PB_BYTES;
        return take_delimited(r);
    case MOOT_PB_FIXED32:
        r->type = MOOT_PB_FIXED32;
        return take_fixed(r, 4);
    default:
        return false;
    }
}

bool moot_pb_next(struct moot_pb *r)
{
    if (r->bad || r->at == r->end)
        return false;
    if (take_field(r))
        return true;
    r->bad = true;
    return false;
}

/* Is the field under the cursor of this type, and its number's first? */
static bool once(struct moot_pb *r, enum moot_pb_type type)
{
    moot_assert(r->number < 32);

    uint32_t bit = MOOT_PB_FIELD(r->number);

    if (r->type != type || (r->seen & bit) != 0)
        r->bad = true;
    r->seen |= bit;
    return !r->bad;
}

void moot_pb_take_u64(struct moot_pb *r, uint64_t *out)
{
    if (once(r, MOOT_PB_VARINT))
        *out = r->value;
}

void moot_pb_take_u32(struct moot_pb *r, uint32_t *out)
{
    if (!once(r, MOOT_PB_VARINT))
        return;
    if (r->value > UINT32_MAX)
        r->bad = true;
    else
        *out = (uint32_t)r->value;
}

void moot_pb_take_fixed64(struct moot_pb *r, uint64_t *out)
{
    if (once(r, MOOT_PB_FIXED64))
        *out = r->value;
}

void moot_pb_take_bool(struct moot_pb *r, bool *out)
{
    if (!once(r, MOOT_PB_VARINT))
        return;
    if (r->value > 1)
        r->bad = true;
    else
        *out = r->value == 1;
}

void moot_pb_take_raw(struct moot_pb *r, void *out, size_t len)
{
    if (once(r, MOOT_PB_BYTES))
        moot_pb_each_raw(r, out, len);
}

void moot_pb_take_bytes(struct moot_pb *r, size_t len_max,
                        struct moot_bytes *out)
{
    if (once(r, MOOT_PB_BYTES))
        moot_pb_each_bytes(r, len_max, out);
}

void moot_pb_each_raw(struct moot_pb *r, void *out, size_t len)
{
    if (r->type != MOOT_PB_BYTES || r->bytes.len != len)
        r->bad = true;
    else
        memcpy(out, r->bytes.data, len);
}

void moot_pb_each_bytes(struct moot_pb *r, size_t len_max,
                        struct moot_bytes *out)
{
    if (r->type != MOOT_PB_BYTES || r->bytes.len > len_max)
        r->bad = true;
    else
        *out = r->bytes;
}

bool moot_pb_took(const struct moot_pb *r, uint32_t wanted)
{
    return !r->bad && (r->seen & wanted) == wanted;
}

uint64_t moot_pb_peek(struct moot_bytes message, uint32_t number)
{
    struct moot_pb r = moot_pb_read(message);

    while (moot_pb_next(&r)) {
        if (r.number == number && r.type == MOOT_PB_VARINT)
            return r.value;
    }
    return 0;
}

/* --- writing --- */

size_t moot_pb_varint_len(uint64_t value)
{
    size_t len = 1;

    while (value >= 0x80) {
        value >>= 7;
        len++;
    }
    return len;
}

uint8_t *moot_pb_varint(uint8_t *at, uint64_t value)
{
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}

static void put_varint(struct moot_buf *b, uint64_t value)
{
    uint8_t *at = moot_buf_reserve(b, VARINT_MAX);

    moot_buf_commit(b, (size_t)(moot_pb_varint(at, value) - at));
}

static void put_key(struct moot_buf *b, uint32_t number, enum moot_pb_type type)
{
    put_varint(b, (uint64_t)number << 3 | type);
}

void moot_pb_put_u64(struct moot_buf *b, uint32_t number, uint64_t value)
{
    if (value == 0)
        return;
    put_key(b, number, MOOT_PB_VARINT);
    put_varint(b, value);
}

void moot_pb_put_fixed64(struct moot_buf *b, uint32_t number, uint64_t value)
{
    uint8_t raw[8];

    if (value == 0)
        return;
    put_key(b, number, MOOT_PB_FIXED64);
    for (unsigned i = 0; i < sizeof raw; i++)
        raw[i] = (uint8_t)(value >> (8 * i));
    moot_buf_append(b, raw, sizeof raw);
}

void moot_pb_put_bool(struct moot_buf *b, uint32_t number, bool value)
{
    moot_pb_put_u64(b, number, value ? 1 : 0);
}

void moot_pb_put_bytes(struct moot_buf *b, uint32_t number,
                       struct moot_bytes bytes)
{
    if (bytes.len > 0)
        moot_pb_put_raw(b, number, bytes.data, bytes.len);
}

void moot_pb_put_raw(struct moot_buf *b, uint32_t number, const void *data,
                     size_t len)
{
    put_key(b, number, MOOT_PB_BYTES);
    put_varint(b, len);
    moot_buf_append(b, data, len);
}

/* Leaves one byte for the length: most sub-messages are short. */
size_t moot_pb_open(struct moot_buf *b, uint32_t number)
{
    put_key(b, number, MOOT_PB_BYTES);
    moot_buf_reserve(b, 1);
    moot_buf_commit(b, 1);
    return b->len;
}

void moot_pb_close(struct moot_buf *b, size_t mark)
{
    size_t len = b->len - mark;
    size_t more = moot_pb_varint_len(len) - 1;

    if (more > 0) {
        moot_buf_reserve(b, more);
        moot_buf_commit(b, more);
    }

    uint8_t *inner = b->data + b->start + mark;

    if (more > 0)
        memmove(inner + more, inner, len);
    moot_pb_varint(inner - 1, len);
}
