/*
 * net/tls.h - the TLS settings of all links: 1.3 only, mutual, pinned, ALPN.
 *
 * Layer:  net (loud).
 * Thread: opened and closed on the loop; SSL objects are made on any.
 */
#ifndef MOOT_NET_TLS_H
#define MOOT_NET_TLS_H

#include <openssl/ssl.h>

#include "ident/sign.h"

#define MOOT_TLS_EXPORTER "EXPORTER-moot/1"

struct moot_tls {
    SSL_CTX *accept, *dial;
    struct moot_id self;
};

/*
 * Makes the settings for this identity, and ignores SIGPIPE in the process.
 * MOOT_ETLS when the library refuses; what it said is in the log.
 */
int moot_tls_open(const struct moot_key *k, struct moot_tls *ret_tls);

/* A zeroed struct is fine.  SSL objects made from it may live on. */
void moot_tls_close(struct moot_tls *t);

/* Whose certificate did the other side of a finished handshake wear? */
int moot_tls_peer(const SSL *ssl, struct moot_id *ret_id);

/* Empties the thread's error queue; returns a constant phrase for the log. */
const char *moot_tls_why(void);

#endif
