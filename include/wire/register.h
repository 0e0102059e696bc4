/*
 * wire/register.h - a request to a group directory: "here is my group, and
 * these of it I am linked to".  (JSON, RFC 8259, the body of a POST.)
 *
 * The first of its records is the sender's own.  The JSON text is the signed
 * thing: the signature travels beside it, in the HTTP header "Moot-Signature",
 * made under MOOT_DOMAIN_REGISTER over the exact body.  The challenge in it is
 * the directory's, so that nobody can say it again for the sender.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_REGISTER_H
#define MOOT_WIRE_REGISTER_H

#include "base/limits.h"
#include "wire/record.h"

#define MOOT_CHALLENGE_LEN 32    /* hex digits */
#define MOOT_LITERAL_LEN_MAX 45  /* an IPv6 address in its longest form */
#define MOOT_HEARD_MS_MAX 600000 /* longer ago is no evidence of anything */

/* A member that the sender is linked to. */
struct moot_heard {
    struct moot_id id;
    uint32_t ago_ms;                     /* since the sender heard it last */
    char seen[MOOT_LITERAL_LEN_MAX + 1]; /* the sender sees it there; "": it
                                            does not say */
};

struct moot_register {
    struct moot_hash group;
    char group_name[MOOT_NAME_LEN_MAX + 1];
    enum moot_weight weight;                /* of the group */
    char nonce[2 * MOOT_NONCE_LEN_MAX + 1]; /* hex; the answer repeats it */
    char challenge[MOOT_CHALLENGE_LEN + 1]; /* "": it has none yet */
    unsigned record_count;                  /* 1 to MOOT_REGISTER_RECORDS_MAX */
    struct moot_record *records; /* the sender's first; all of this group */
    unsigned heard_count;        /* up to MOOT_REGISTER_HEARD_MAX */
    struct moot_heard *heard;
};

/* Gives back what decode took. */
void moot_register_fini(struct moot_register *r);

/* Appends the JSON text. */
void moot_register_encode(const struct moot_register *r, struct moot_buf *out);

/*
 * Checks form and bounds; signatures (of the request, of the records) are the
 * caller's to check.  MOOT_EPROTO when it is no such request, MOOT_ELIMIT when
 * it is too large.  On failure nothing was taken.
 */
int moot_register_decode(struct moot_bytes json,
                         struct moot_register *ret_register);

/* The header's value, and back; header may be NULL. */
void moot_register_sign(struct moot_bytes json, const struct moot_key *k,
                        char out[MOOT_HEX_LEN + 1 + 128 + 1]);
bool moot_register_signed(struct moot_bytes json, const char *header,
                          struct moot_id *ret_id);

#endif
