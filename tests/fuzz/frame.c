/*
 * tests/fuzz/frame.c - any bytes as a stream, cut into frames.
 *
 * Whatever the stream, a frame lies within it, is not empty, is not above the
 * bound, and is the same however much of the stream has come.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/limits.h"
#include "wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The verdict may change from "more" to another one, once and for good. */
static void grow(struct moot_bytes stream, size_t len_max, int verdict,
                 struct moot_bytes frame)
{
    size_t step = stream.len / 16 + 1;

    for (size_t len = 0; len < stream.len; len += step) {
        struct moot_bytes part;
        int early =
            moot_frame_first(moot_bytes_of(stream.data, len), len_max, &part);

        moot_assert(early == MOOT_EAGAIN || early == verdict);
        if (early == MOOT_OK)
            moot_assert(part.data == frame.data && part.len == frame.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct moot_bytes stream = moot_bytes_of(data, len);
    size_t len_max = len % 2 == 0 ? MOOT_FRAME_LEN_MAX : 16;

    for (;;) {
        struct moot_bytes frame = {0};
        int verdict = moot_frame_first(stream, len_max, &frame);

        grow(stream, len_max, verdict, frame);
        if (verdict != MOOT_OK) {
            moot_assert(verdict == MOOT_EAGAIN || verdict == MOOT_EPROTO);
            return 0;
        }
        moot_assert(frame.len >= 1 && frame.len <= len_max);
        moot_assert(frame.data == stream.data + MOOT_FRAME_PREFIX);
        moot_assert(frame.len <= stream.len - MOOT_FRAME_PREFIX);
        stream.data = frame.data + frame.len;
        stream.len -= MOOT_FRAME_PREFIX + frame.len;
    }
}
