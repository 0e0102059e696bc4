/*
 * boot/way.h - the ways in: where somebody of the group may be found.
 *
 * A source is asked over HTTP who is there: a bootstrap socket, or a web page
 * that lists some.  A seed is where a member was linked once: it is dialled.
 *
 * Layer:  boot (quiet).
 * Thread: any.
 */
#ifndef MOOT_BOOT_WAY_H
#define MOOT_BOOT_WAY_H

#include "ident/id.h"
#include "wire/addr.h"

#define MOOT_PIN_LEN 16 /* of an identity, from its beginning */
#define MOOT_PINS_MAX 4 /* an inviter, and three bootstrap peers */

/* In the order in which they are tried when nothing else is known. */
enum moot_way_kind {
    MOOT_WAY_GIVEN,      /* the user named it, or was invited there */
    MOOT_WAY_TOLD,       /* a bootstrap peer told of it, or a beacon */
    MOOT_WAY_REMEMBERED, /* in the history */
    MOOT_WAY_CACHED,     /* in the address book */
    MOOT_WAY_FOUND,      /* in the DNS, under a name that was given */
    MOOT_WAY_LISTED,     /* on a page that was given */
    MOOT_WAY_KINDS
};

/* Who may sign an answer, and for which group.  Zeroed: anybody, and any. */
struct moot_pins {
    unsigned count;
    uint8_t id[MOOT_PINS_MAX][MOOT_PIN_LEN];
    bool has_group;
    uint8_t group[MOOT_PIN_LEN]; /* how its id begins */
};

struct moot_way {
    enum moot_way_kind kind;
    bool seed;             /* dialled rather than asked */
    struct moot_addr addr; /* port 0: a name that is to be looked up */
    const char *url;       /* a page to be read instead; else NULL */
    bool has_id;           /* seed: who was met there */
    struct moot_id id;
    struct moot_pins pins;
};

#endif
