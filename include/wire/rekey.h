/*
 * wire/rekey.h - a change of a closed group's secret, as a line of an entry.
 *
 *     text   = base64url, no padding, of
 *     rekey  = version flags generation hash outs *out *box
 *              ; 1 + 1 + 8 + 32 + 1 bytes, then 16 each, then 16 + 80 each
 *
 * The hash names the new secret (moot_secret_hash); each box holds it for one
 * identity, named by its first 16 bytes.  Several lines, of several authors,
 * may tell of the same change: all of it holds.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_REKEY_H
#define MOOT_WIRE_REKEY_H

#include "ident/ring.h"

#define MOOT_REKEY_OUTS_MAX 8   /* named as left out, in one line */
#define MOOT_REKEY_BOXES_MAX 28 /* what a line holds beside them */
#define MOOT_GENERATION_MAX ((uint64_t)1 << 62)

struct moot_rekey_box {
    struct moot_short_id to;
    uint8_t box[MOOT_BOX_LEN];
};

struct moot_rekey {
    bool more;           /* goes on with a change that another line began */
    uint64_t generation; /* from 1, below MOOT_GENERATION_MAX */
    struct moot_hash hash;
    unsigned out_count;
    struct moot_short_id outs[MOOT_REKEY_OUTS_MAX];
    unsigned box_count;
    struct moot_rekey_box boxes[MOOT_REKEY_BOXES_MAX];
};

/* Appends the text of the line, MOOT_LINE_LEN_MAX at most. */
void moot_rekey_encode(const struct moot_rekey *r, struct moot_buf *out);

/* False: it is none, or one of a later version; *ret_rekey is scratch then. */
bool moot_rekey_decode(struct moot_bytes text, struct moot_rekey *ret_rekey);

#endif
