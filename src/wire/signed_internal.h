/*
 * wire/signed_internal.h - signatures in HTTP headers, and signed records in
 * JSON.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_SIGNED_INTERNAL_H
#define MOOT_WIRE_SIGNED_INTERNAL_H

#include <jansson.h>

#include "wire/record.h"

#define MOOT_SIGNED_LEN (MOOT_HEX_LEN + 1 + 2 * MOOT_HEX_LEN)

/* "<id hex>:<signature hex>" over body under domain. */
void moot_signed_header(struct moot_bytes body, const char *domain,
                        const struct moot_key *k,
                        char out[MOOT_SIGNED_LEN + 1]);

/* Was body signed, by the id that header names?  header may be NULL. */
bool moot_signed_by(struct moot_bytes body, const char *domain,
                    const char *header, struct moot_id *ret_id);

/* Two members of an object, base64url: "record":"...","signature":"...". */
void moot_signed_put(struct moot_buf *out, struct moot_bytes record,
                     const struct moot_sig *sig);

/* The record of such an object: its form, not its signature.  MOOT_EPROTO. */
int moot_signed_get(const json_t *from, struct moot_record *ret_record);

#endif
