/*
 * wire/answer.h - the bootstrap answer: who is in the group?  (JSON, RFC 8259)
 *
 * The JSON text is the signed thing: the signature travels beside it, in the
 * HTTP header "Moot-Signature" as "<id hex>:<128 hex digits>", made under
 * MOOT_DOMAIN_ANSWER over the exact body.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_ANSWER_H
#define MOOT_WIRE_ANSWER_H

#include "base/limits.h"
#include "wire/record.h"

#define MOOT_LISTED_ADDRS_MAX (MOOT_RECORD_ADDRS_MAX + 1)

struct moot_listed {
    struct moot_id id;
    char name[MOOT_NAME_LEN_MAX + 1];
    struct moot_addr addrs[MOOT_LISTED_ADDRS_MAX]; /* best first */
    unsigned addr_count;
    enum moot_mode mode;
    enum moot_standing standing;
    struct moot_addr boot;        /* port 0: none */
    size_t record_at, record_len; /* hosted: in the answer's records */
    struct moot_sig sig;          /* hosted: of that record */
};

struct moot_answer {
    struct moot_hash group;
    char group_name[MOOT_NAME_LEN_MAX + 1];
    enum moot_weight weight;                /* of the group */
    char nonce[2 * MOOT_NONCE_LEN_MAX + 1]; /* hex, as it was asked with */
    struct moot_id id; /* who answers; its own entry is among the members */
    unsigned member_count;
    struct moot_listed *members;

    /* By a group directory, which is no member itself: each member comes with
     * its signed record, and is what it says there. */
    bool hosted;
    uint32_t again_ms; /* hosted: when the directory wants to hear from us */
    unsigned lack_count;
    struct moot_id lack[MOOT_LACK_MAX]; /* hosted: whose records it lacks */
    struct moot_buf records;            /* hosted: all of them */
};

/*
 * What a list says of the member who signed r and was seen there (port 0:
 * nowhere): each address once, none that nobody can dial, and those on loopback
 * only for whoever is near.
 */
void moot_listed_fill(struct moot_listed *l, const struct moot_record *r,
                      const struct moot_addr *seen, bool near);

/* Gives back what decode took. */
void moot_answer_fini(struct moot_answer *a);

/* Appends the JSON text. */
void moot_answer_encode(const struct moot_answer *a, struct moot_buf *out);

/*
 * MOOT_EANSWER when it is not such an answer, MOOT_ELIMIT when it is too
 * large.  On failure nothing was taken.
 */
int moot_answer_decode(struct moot_bytes json, struct moot_answer *ret_answer);

/*
 * The same in two parts: the nonce, which is another each time, comes last, so
 * that the rest is made and hashed once.  nonce: at most 64 bytes in hex.
 */
void moot_answer_encode_head(const struct moot_answer *a, struct moot_buf *out);
#define MOOT_ANSWER_END_MAX (16 + 2 * MOOT_NONCE_LEN_MAX)
void moot_answer_encode_end(const char *nonce, struct moot_buf *out);

/* The header's value, and back. */
void moot_answer_sign(struct moot_bytes json, const struct moot_key *k,
                      char out[MOOT_HEX_LEN + 1 + 128 + 1]);

/* The same, for who has the hash of the JSON text already. */
void moot_answer_sign_hash(const struct moot_hash *hash,
                           const struct moot_key *k,
                           char out[MOOT_HEX_LEN + 1 + 128 + 1]);

/* Was json signed, by the id that header names?  header may be NULL. */
bool moot_answer_signed(struct moot_bytes json, const char *header,
                        struct moot_id *ret_id);

#endif
