/*
 * ident/cert.c - dressing a key as X.509 by OpenSSL.
 *
 * Asks no clock and no randomness: the certificate is a function of the key.
 *
 * Layer:  ident (quiet).
 * Thread: any; the objects are the caller's.
 */
#include "ident/cert.h"

#include <openssl/err.h>

#include "base/assert.h"
#include "base/error.h"

EVP_PKEY *moot_cert_key(const struct moot_key *k)
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
                                                 k->seed, sizeof k->seed);

    moot_assert(key);
    return key;
}

X509 *moot_cert_create(const struct moot_key *k)
{
    EVP_PKEY *key = moot_cert_key(k);
    X509 *cert = X509_new();

    moot_assert(cert);

    /* RFC 5280 4.1.2.5: this end date says "no end". */
    X509_NAME *name = X509_get_subject_name(cert);
    bool done =
        X509_set_version(cert, X509_VERSION_3) == 1 &&
        ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) == 1 &&
        ASN1_TIME_set_string(X509_getm_notBefore(cert), "700101000000Z") == 1 &&
        ASN1_TIME_set_string(X509_getm_notAfter(cert), "99991231235959Z") ==
            1 &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   (const unsigned char *)"moot", -1, -1,
                                   0) == 1 &&
        X509_set_issuer_name(cert, name) == 1 &&
        X509_set_pubkey(cert, key) == 1 && X509_sign(cert, key, NULL) > 0;

    moot_assert(done);
    EVP_PKEY_free(key);
    return cert;
}

int moot_cert_id(X509 *cert, struct moot_id *ret_id)
{
    EVP_PKEY *key = X509_get0_pubkey(cert);
    struct moot_id id;
    size_t len = sizeof id.b;

    if (key && EVP_PKEY_is_a(key, "ED25519") &&
        EVP_PKEY_get_raw_public_key(key, id.b, &len) == 1 &&
        len == sizeof id.b) {
        *ret_id = id;
        return MOOT_OK;
    }

    /* The caller's next SSL_get_error must not find our doubts. */
    ERR_clear_error();
    return MOOT_EKEY;
}
