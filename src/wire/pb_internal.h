/*
 * wire/pb_internal.h - protobuf, as much of it as moot speaks.
 *
 * Reads without copying and without memory of its own, so nothing a stranger
 * sends can make it grow; refuses what no encoder produces (groups, field 0,
 * endless varints).  Which fields there are is the caller's business.
 *
 * Layer:  wire (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_WIRE_PB_INTERNAL_H
#define MOOT_WIRE_PB_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "ident/id.h"

enum moot_pb_type {
    MOOT_PB_VARINT = 0,
    MOOT_PB_FIXED64 = 1,
    MOOT_PB_BYTES = 2,
    MOOT_PB_FIXED32 = 5
};

/* --- reading --- */

/* Walks the fields of one message.  One fault makes it bad for good. */
struct moot_pb {
    const uint8_t *at, *end;
    bool bad;
    uint32_t seen; /* bit n: field n was taken by moot_pb_once */

    /* the field under the cursor */
    uint32_t number;
    enum moot_pb_type type;
    uint64_t value;          /* VARINT, FIXED64, FIXED32 */
    struct moot_bytes bytes; /* BYTES: borrowed from what is read */
};

struct moot_pb moot_pb_read(struct moot_bytes message);

/* On to the next field; false at the end, and when something is malformed. */
bool moot_pb_next(struct moot_pb *r);

/*
 * Each takes the field under the cursor into *out when it is of the right type
 * and size (and, but for the last two, the first of its number), else turns r
 * bad.
 */
void moot_pb_take_u64(struct moot_pb *r, uint64_t *out);
void moot_pb_take_u32(struct moot_pb *r, uint32_t *out);
void moot_pb_take_fixed64(struct moot_pb *r, uint64_t *out);
void moot_pb_take_bool(struct moot_pb *r, bool *out);
void moot_pb_take_raw(struct moot_pb *r, void *out, size_t len);
void moot_pb_take_bytes(struct moot_pb *r, size_t len_max,
                        struct moot_bytes *out);
void moot_pb_each_raw(struct moot_pb *r, void *out, size_t len);
void moot_pb_each_bytes(struct moot_pb *r, size_t len_max,
                        struct moot_bytes *out);

/* Has every field 1..31 whose bit is set in wanted been taken? */
bool moot_pb_took(const struct moot_pb *r, uint32_t wanted);

#define MOOT_PB_FIELD(number) (UINT32_C(1) << (number))

/*
 * The first occurrence of an integer field, wherever it stands; 0 when there
 * is none before the end or the first fault.
 */
uint64_t moot_pb_peek(struct moot_bytes message, uint32_t number);

/* --- writing --- */

/* proto3: a field of value 0, false or no bytes is not written. */
void moot_pb_put_u64(struct moot_buf *b, uint32_t number, uint64_t value);
void moot_pb_put_fixed64(struct moot_buf *b, uint32_t number, uint64_t value);
void moot_pb_put_bool(struct moot_buf *b, uint32_t number, bool value);
void moot_pb_put_bytes(struct moot_buf *b, uint32_t number,
                       struct moot_bytes bytes);

/* Writes all of them, zero or not: the items of a list. */
void moot_pb_put_raw(struct moot_buf *b, uint32_t number, const void *data,
                     size_t len);

/* All that is put between the two is one sub-message. */
size_t moot_pb_open(struct moot_buf *b, uint32_t number);
void moot_pb_close(struct moot_buf *b, size_t mark);

/* How long the varint of value is, and writing it; returns the byte behind. */
size_t moot_pb_varint_len(uint64_t value);
uint8_t *moot_pb_varint(uint8_t *at, uint64_t value);

#endif
