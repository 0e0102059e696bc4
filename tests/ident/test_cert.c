/*
 * tests/ident/test_cert.c - the certificate of an identity names that identity
 * and nothing else does.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <string.h>

#include "ident/cert.h"
#include "words.h"

Suite *suite_ident_cert(void);

static struct moot_key key_of(uint8_t n)
{
    uint8_t seed[32];
    struct moot_key k;

    memset(seed, n, sizeof seed);
    moot_key_init(&k, seed);
    return k;
}

START_TEST(a_certificate_names_its_key)
{
    struct moot_key k = key_of(1);
    struct moot_id id;
    X509 *cert = moot_cert_create(&k);
    EVP_PKEY *key = moot_cert_key(&k);

    expect_ok(moot_cert_id(cert, &id));
    expect_id(&id, &k.id);
    expect_int(X509_check_private_key(cert, key), 1);
    expect_int(X509_get_version(cert), X509_VERSION_3);
    EVP_PKEY_free(key);
    X509_free(cert);
}
END_TEST

/* No clock, no randomness: two processes with one key wear the same. */
START_TEST(one_key_has_one_certificate)
{
    struct moot_key k = key_of(2);
    X509 *a = moot_cert_create(&k);
    X509 *b = moot_cert_create(&k);

    expect_int(X509_cmp(a, b), 0);
    X509_free(a);
    X509_free(b);
}
END_TEST

static X509 *sign_with(EVP_PKEY *in_cert, EVP_PKEY *signer, const EVP_MD *hash)
{
    X509 *cert = X509_new();

    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 1000);
    X509_set_pubkey(cert, in_cert);
    X509_sign(cert, signer, hash);
    return cert;
}

/* That the other side holds the key in it is what the handshake proves. */
START_TEST(who_signed_a_certificate_means_nothing)
{
    struct moot_key k = key_of(3);
    struct moot_key other = key_of(4);
    struct moot_id id;
    EVP_PKEY *mine = moot_cert_key(&k);
    EVP_PKEY *theirs = moot_cert_key(&other);
    X509 *cert = sign_with(theirs, mine, NULL);

    expect_ok(moot_cert_id(cert, &id));
    expect_id(&id, &other.id);
    X509_free(cert);
    EVP_PKEY_free(mine);
    EVP_PKEY_free(theirs);
}
END_TEST

START_TEST(a_key_of_another_kind_names_nobody)
{
    struct moot_id id = id_of(9);
    struct moot_id before = id;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = sign_with(key, key, EVP_sha256());

    expect_error(moot_cert_id(cert, &id), MOOT_EKEY);
    expect_id(&id, &before);
    expect_uint(ERR_peek_error(), 0);
    X509_free(cert);
    EVP_PKEY_free(key);
}
END_TEST

START_TEST(a_certificate_without_a_key_names_nobody)
{
    struct moot_id id;
    X509 *cert = X509_new();

    expect_error(moot_cert_id(cert, &id), MOOT_EKEY);
    expect_uint(ERR_peek_error(), 0);
    X509_free(cert);
}
END_TEST

Suite *suite_ident_cert(void)
{
    Suite *s = suite_create("ident/cert");
    TCase *t = tcase_create("cert");

    tcase_add_test(t, a_certificate_names_its_key);
    tcase_add_test(t, one_key_has_one_certificate);
    tcase_add_test(t, who_signed_a_certificate_means_nothing);
    tcase_add_test(t, a_key_of_another_kind_names_nobody);
    tcase_add_test(t, a_certificate_without_a_key_names_nobody);
    suite_add_tcase(s, t);
    return s;
}
