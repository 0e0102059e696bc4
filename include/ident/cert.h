/*
 * ident/cert.h - the X.509 clothes of an identity.
 *
 * TLS wants a certificate, so each identity wears a self-signed one.  The key
 * in it is the name of the peer; dates, names and chains in it mean nothing.
 *
 * Layer:  ident (quiet).
 * Thread: any; the objects are the caller's.
 */
#ifndef MOOT_IDENT_CERT_H
#define MOOT_IDENT_CERT_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "ident/sign.h"

/* The private key for OpenSSL.  EVP_PKEY_free() gives it back. */
EVP_PKEY *moot_cert_key(const struct moot_key *k);

/* A self-signed certificate (X.509 v3, Ed25519).  X509_free() gives it back. */
X509 *moot_cert_create(const struct moot_key *k);

/*
 * Whose certificate is this?  MOOT_EKEY when its key is not Ed25519.  Who
 * signed it means nothing either: that the other side holds the key is what
 * every TLS handshake proves.
 */
int moot_cert_id(X509 *cert, struct moot_id *ret_id);

#endif
