/*
 * wire/record.h - what a member says about itself, signed by it alone.
 *
 * The newer of two records of one identity wins: the higher (run_ms, run,
 * serial).
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_RECORD_H
#define MOOT_WIRE_RECORD_H

#include "base/limits.h"
#include "base/time.h"
#include "ident/sign.h"
#include "wire/addr.h"

enum moot_mode {
    MOOT_STANDARD = 1,
    MOOT_BOOTSTRAP = 2
};

/* How far a member has come in. */
enum moot_standing {
    MOOT_JOINING = 1, /* still looking for the others */
    MOOT_WAITING = 2, /* joining; everybody it asked is joining too */
    MOOT_JOINED = 3   /* it reached everybody it must */
};

/*
 * How much a group weighs when it meets another of its name: the lighter one
 * gives way, and of two equal ones that has the smaller id; grown ones stay
 * apart.
 */
enum moot_weight {
    MOOT_TENTATIVE = 1,   /* only joiners were ever in it */
    MOOT_PROVISIONAL = 2, /* nothing was said in it that others have seen */
    MOOT_GROWN = 3
};

struct moot_record {
    struct moot_hash group;
    struct moot_id id;
    uint64_t run;
    moot_wall_ms run_ms; /* when the run began: tells runs of one id apart */
    uint64_t serial;     /* grows with every change within the run */
    char name[MOOT_NAME_LEN_MAX + 1];
    enum moot_mode mode;
    enum moot_standing standing;
    struct moot_addr addrs[MOOT_RECORD_ADDRS_MAX]; /* claimed, best first */
    unsigned addr_count;
    uint16_t port; /* of the welcoming socket, at the host where it is seen;
                      0: only the claimed addresses are good */
    struct moot_addr boot; /* port 0: has no bootstrap socket */
    uint64_t speaks;       /* in which run, if in another than that; else 0 */

    uint8_t raw[MOOT_RECORD_LEN_MAX]; /* the exact bytes that were signed */
    size_t raw_len;
    struct moot_sig sig;
};

/* Encodes and signs: fills raw and sig from the fields.  id must be k's. */
void moot_record_seal(struct moot_record *r, const struct moot_key *k);

/*
 * Fills all fields from raw bytes and a signature.  Checks form and bounds;
 * the signature is checked by moot_record_verify.  MOOT_EPROTO otherwise.
 */
int moot_record_open(struct moot_bytes raw, const struct moot_sig *sig,
                     struct moot_record *ret_record);
bool moot_record_verify(const struct moot_record *r);

/* Is a newer than b?  Both of one identity. */
bool moot_record_newer(const struct moot_record *a,
                       const struct moot_record *b);

#endif
