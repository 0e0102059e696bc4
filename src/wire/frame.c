/*
 * wire/frame.c - where one message ends and the next begins.
 *
 * Looks at no byte behind the prefix.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include "wire/frame.h"

#include "base/error.h"

int moot_frame_first(struct moot_bytes stream, size_t len_max,
                     struct moot_bytes *ret_frame)
{
    if (stream.len < MOOT_FRAME_PREFIX)
        return MOOT_EAGAIN;

    const uint8_t *p = stream.data;
    size_t len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 |
                 (size_t)p[3];

    if (len == 0 || len > len_max)
        return MOOT_EPROTO;
    if (stream.len - MOOT_FRAME_PREFIX < len)
        return MOOT_EAGAIN;
    *ret_frame = moot_bytes_of(p + MOOT_FRAME_PREFIX, len);
    return MOOT_OK;
}
