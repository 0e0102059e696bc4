/*
 * wire/host_internal.h - what may be called a host.
 *
 * Resolves nothing.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_HOST_INTERNAL_H
#define MOOT_WIRE_HOST_INTERNAL_H

#include <stdbool.h>

#include "base/bytes.h"

/*
 * Writes the canonical form of a host (MOOT_HOST_LEN_MAX + 1 bytes at most,
 * zero-terminated) when text is an IP literal or a host name.
 */
bool moot_host_canonical(struct moot_bytes text, char out[]);

#endif
