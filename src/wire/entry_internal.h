/*
 * wire/entry_internal.h - the two halves of an entry: header and body.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_ENTRY_INTERNAL_H
#define MOOT_WIRE_ENTRY_INTERNAL_H

#include "wire/entry.h"

#define MOOT_ENTRY_VERSION 1

/* All that a header says, in plain form. */
struct moot_header {
    struct moot_hash group;
    struct moot_run in;
    uint64_t seq;
    struct moot_hash prev;
    uint64_t lamport;
    moot_wall_ms wall;
    uint32_t body_len;
    struct moot_hash body_hash;
    unsigned cite_count;
    struct moot_cite cites[MOOT_CITES_MAX];
};

/* Appends the header of a draft whose encoded body is given. */
void moot_header_encode(const struct moot_draft *d, struct moot_bytes body,
                        struct moot_buf *out);

/* MOOT_EPROTO, or MOOT_EVERSION; *ret_header is scratch on failure. */
int moot_header_decode(struct moot_bytes raw, struct moot_header *ret_header);

/* Appends the body of a draft; its texts and bounds are asserted. */
void moot_body_encode(const struct moot_draft *d, struct moot_buf *out);

/* False when it is not valid; *ret_body is scratch then. */
bool moot_body_decode(struct moot_bytes raw, struct moot_body *ret_body);

/* The same for a body that was found valid before. */
void moot_body_again(struct moot_bytes raw, struct moot_body *ret_body);

/* The name in a valid body; borrowed from it. */
struct moot_bytes moot_body_name(struct moot_bytes raw);

#endif
