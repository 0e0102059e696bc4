/*
 * wire/peers.h - a list of peers that somebody knows of, as JSON (RFC 8259):
 * the cache file, and what a web endpoint serves.
 *
 *     {"last_updated": "2026-02-20T15:30:00Z",
 *      "peers": [{"ip": "192.0.2.1", "port": 8080,
 *                 "last_seen": "2026-02-20T15:30:00Z",
 *                 "success_count": 10, "failure_count": 0, ...}]}
 *
 * A peer is its ip (a host name is taken as well) and port.  All other keys
 * may be missing, and unknown ones are skipped; ours are "failures_in_row",
 * "last_failed", "identity", "group", "group_name", "username", "bootstrap"
 * and, beside the peers, "breakers".  Which addresses are good, and for how
 * long, is judged in boot/book.h.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_PEERS_H
#define MOOT_WIRE_PEERS_H

#include "base/limits.h"
#include "base/time.h"
#include "ident/id.h"
#include "wire/addr.h"

#define MOOT_COUNT_MAX ((uint64_t)1 << 53) /* what a double can count */

struct moot_peer {
    /* With an identity: where links are made to it.  Without one nobody has
     * met anyone there on a link: it is the address of a bootstrap socket. */
    struct moot_addr addr;
    moot_wall_ms last_seen;   /* 0: never */
    moot_wall_ms last_failed; /* likewise */
    uint64_t success_count;   /* contacts made */
    uint64_t failure_count;   /* ... and those that failed */
    uint64_t failures_in_row; /* since the last success */
    bool has_id;              /* who was met there: */
    struct moot_id id;        /* ... all zero when nobody was */
    bool has_group;           /* in which group: */
    struct moot_hash group;   /* ... all zero when it is not known */
    char group_name[MOOT_NAME_LEN_MAX + 1]; /* "": not known */
    char name[MOOT_NAME_LEN_MAX + 1];       /* the username; likewise */
    struct moot_addr boot; /* its bootstrap socket; port 0: has none */
};

/* A source's circuit breaker that is not closed, or has failures to its name,
 * as it is remembered over a restart. */
struct moot_tripped {
    char source[MOOT_SOURCE_LEN_MAX + 1]; /* "host:port" or a URL */
    uint64_t failures;                    /* in a row; 0: forget it */
    moot_wall_ms opened;                  /* when the last one happened */
    moot_ms wait;                         /* the pause after it */
};

#define MOOT_TRIPPED_WAIT_MAX INT64_C(86400000) /* longer is no breaker */

/* Visible ASCII that needs no mark between quotes: a URL, an address. */
bool moot_source_valid(struct moot_bytes text);

/* A zeroed struct is an empty list. */
struct moot_peers {
    moot_wall_ms updated; /* 0: never */
    struct moot_peer *peers;
    unsigned peer_count, peer_max;
    struct moot_tripped *tripped;
    unsigned tripped_count, tripped_max;
};

void moot_peers_fini(struct moot_peers *p);

/* Appends a copy; the caller keeps within MOOT_PEERS_MAX. */
struct moot_peer *moot_peers_add(struct moot_peers *p,
                                 const struct moot_peer *peer);

/* Likewise, within MOOT_TRIPPED_MAX. */
void moot_peers_add_tripped(struct moot_peers *p, const struct moot_tripped *t);

/* Appends the JSON text, one peer a line. */
void moot_peers_encode(const struct moot_peers *p, struct moot_buf *out);

/*
 * Reads the JSON.  A peer that makes no sense is left out, and so is what
 * follows the first MOOT_PEERS_MAX.  MOOT_EPROTO when it is no such list,
 * MOOT_ELIMIT when it is too large; on failure nothing was taken.
 */
int moot_peers_decode(struct moot_bytes json, struct moot_peers *ret_peers);

/*
 * Reads what a stranger serves: the JSON, also a bare list of such peers or of
 * addresses in quotes, or plain text with one address a line.  There a line
 * that makes no sense, one that is empty, and what follows '#' are skipped.
 * What he counted and saw, and his breakers, are left out: they say nothing to
 * us.
 * MOOT_EPROTO also when there is not one address.
 */
int moot_peers_decode_list(struct moot_bytes text,
                           struct moot_peers *ret_peers);

#endif
