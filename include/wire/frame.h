/*
 * wire/frame.h - cutting a stream into frames: 4 bytes of length, big-endian,
 * then that many bytes of one encoded message.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_FRAME_H
#define MOOT_WIRE_FRAME_H

#include "base/bytes.h"

#define MOOT_FRAME_PREFIX 4

/*
 * The first frame in stream, prefix not included; borrowed from stream.
 * MOOT_EAGAIN: more bytes are needed.  MOOT_EPROTO: its length is 0 or above
 * len_max; judged as soon as the prefix is there.
 */
int moot_frame_first(struct moot_bytes stream, size_t len_max,
                     struct moot_bytes *ret_frame);

#endif
