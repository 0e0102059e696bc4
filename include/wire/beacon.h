/*
 * wire/beacon.h - "a member of a group you may know listens on this port":
 * a datagram for everybody on the local network.
 *
 *     beacon = version nonce port mac     ; 1 + 16 + 2 + 16 bytes
 *     mac    = HMAC-SHA-256(K, "moot/1 beacon" 0 version nonce port), 16 bytes
 *
 * Only who has K recognises it, and to all others no two of them are alike but
 * for the port.  It says no name, no identity and no group.  A recorded one is
 * as good as a fresh one: it leads to an address, and who is there has to prove
 * on a link that he knows the group.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_BEACON_H
#define MOOT_WIRE_BEACON_H

#include "ident/id.h"

#define MOOT_BEACON_LEN 35
#define MOOT_BEACON_NONCE_LEN 16

struct moot_beacon {
    uint8_t nonce[MOOT_BEACON_NONCE_LEN]; /* drawn anew for each */
    uint16_t port;                        /* of the welcoming socket; never 0 */
};

/* key: K of the group, see moot_group_key(). */
void moot_beacon_encode(const struct moot_beacon *b,
                        const struct moot_hash *key,
                        uint8_t out[MOOT_BEACON_LEN]);

/*
 * MOOT_EPROTO: these bytes are no beacon of this version.  MOOT_EPROOF: they
 * may be one, but not of the group that key is of.  ret_beacon is written on
 * success only.
 */
int moot_beacon_decode(struct moot_bytes bytes, const struct moot_hash *key,
                       struct moot_beacon *ret_beacon);

#endif
