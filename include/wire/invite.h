/*
 * wire/invite.h - an invitation to a group, as one string that can be pasted.
 *
 *     moot://host:port[,host:port[,host:port]]/#<payload>
 *
 * The payload, in base64url without padding (RFC 4648):
 *
 *     1   version (4 bits, 1 for now), 0 (1 bit), pins - 1 (2 bits), closed?
 *         (1 bit)
 *     16  how the group's id begins
 *     16  how an identity begins that may sign the answer: for each pin
 *     32  the secret, when the group is closed
 *     4   BLAKE2b-256("moot/1 invite" 0 and all text up to the '#' with it and
 *         all bytes of the payload before these), its beginning
 *
 * There is one text for each invitation, so whoever mistypes one has none.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_INVITE_H
#define MOOT_WIRE_INVITE_H

#include "ident/id.h"
#include "ident/secret.h"
#include "wire/addr.h"

#define MOOT_INVITE_PREFIX_LEN 16 /* of an id; a second takes 2^128 tries */
#define MOOT_INVITE_DOORS_MAX 3
#define MOOT_INVITE_PINS_MAX 4 /* who invites, and who is at the doors */
#define MOOT_INVITE_TEXT_MAX                                                   \
    (sizeof "moot:///#" + MOOT_INVITE_DOORS_MAX * MOOT_ADDR_TEXT_MAX + 156)

struct moot_invite {
    struct moot_addr doors[MOOT_INVITE_DOORS_MAX]; /* bootstrap sockets */
    unsigned door_count;                           /* 1 or more; no two alike */
    uint8_t group[MOOT_INVITE_PREFIX_LEN];
    uint8_t pins[MOOT_INVITE_PINS_MAX][MOOT_INVITE_PREFIX_LEN];
    unsigned pin_count; /* 1 or more; no two alike */
    bool closed;        /* it needs the secret */
    struct moot_secret secret;
};

/* Adds one unless it is there already, or there is no room. */
void moot_invite_add_door(struct moot_invite *i, const struct moot_addr *a);
void moot_invite_add_pin(struct moot_invite *i, const struct moot_id *id);

void moot_invite_encode(const struct moot_invite *i,
                        char out[MOOT_INVITE_TEXT_MAX]);

/*
 * MOOT_EINVAL: that is something else.  MOOT_EPROTO: it is an invitation, but
 * mistyped or cut short.  MOOT_EVERSION: a later version of it.  ret_invite is
 * written on success only.
 */
int moot_invite_decode(struct moot_bytes text, struct moot_invite *ret_invite);

/* Does it begin as one?  Whatever is wrong with the rest. */
bool moot_invite_looks_like_one(struct moot_bytes text);

/* The same, but says what is wrong with it in words that follow its name
 * ("is no invitation: ..."); NULL: nothing. */
const char *moot_invite_fault(struct moot_bytes text,
                              struct moot_invite *ret_invite);

/* Wipes the secret. */
void moot_invite_fini(struct moot_invite *i);

#endif
