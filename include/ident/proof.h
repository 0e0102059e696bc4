/*
 * ident/proof.h - proving that one knows a group, without saying which.
 *
 * Everything is bound to one TLS connection by its exporter (RFC 8446 7.5,
 * RFC 9266), so nothing can be replayed on another.
 *
 * Layer:  ident (quiet).
 * Thread: any.
 */
#ifndef MOOT_IDENT_PROOF_H
#define MOOT_IDENT_PROOF_H

#include "ident/secret.h"

/* 32 bytes of TLS exporter under the label "EXPORTER-moot/1". */
struct moot_exporter {
    uint8_t b[32];
};

enum moot_role {
    MOOT_DIALLER,
    MOOT_ACCEPTOR
};

/* BLAKE2b-256("moot/1 group" 0 group exporter): recognised by who knows it. */
struct moot_hash moot_group_tag(const struct moot_hash *group,
                                const struct moot_exporter *ex);

/* BLAKE2b-256("moot/1 name" 0 name exporter): are we called the same? */
struct moot_hash moot_name_tag(struct moot_bytes name,
                               const struct moot_exporter *ex);

/* K: BLAKE2b-256("moot/1 key" 0 secret).  Who knows the group knows it. */
struct moot_hash moot_group_key(const struct moot_hash *secret);

/* The same for a group with this secret; NULL: an open one. */
struct moot_hash moot_secret_key(const struct moot_hash *group,
                                 const struct moot_secret *secret);

/*
 * HMAC-SHA-256(K, label exporter dialler acceptor group), label "dial" or
 * "accept".  K is that of moot_secret_key(); secret: NULL for an open group.
 */
struct moot_hash moot_proof(const struct moot_hash *group,
                            const struct moot_secret *secret,
                            enum moot_role role, const struct moot_exporter *ex,
                            const struct moot_id *dialler,
                            const struct moot_id *acceptor);

/* In constant time. */
bool moot_proof_eq(const struct moot_hash *a, const struct moot_hash *b);

#endif
