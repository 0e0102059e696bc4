/*
 * net/tls.c - one pair of SSL_CTX for the process.
 *
 * Layer:  net (loud).
 * Thread: see net/tls.h.
 */
#include "net/tls.h"

#include <openssl/err.h>
#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "ident/cert.h"
#include "loop/log.h"

#define CERT_LIST_MAX 4096
/* All that TLS 1.3 has; the one that costs least comes first. */
#define CIPHERS                                                                \
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"                           \
    "TLS_CHACHA20_POLY1305_SHA256"

static const uint8_t alpn[] = "\6moot/1";
#define ALPN_LEN (sizeof alpn - 1)

/*
 * Any certificate whose key is Ed25519 will do, for the key is the name; who
 * that is, and whether he is welcome, is asked after the handshake.  That the
 * other side holds the key, TLS itself proves.  It stands in for the whole of
 * X.509: one certificate, no chain, no dates.
 */
static int accept_cert(X509_STORE_CTX *store, void *arg)
{
    STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(store);
    struct moot_id id;

    (void)arg;
    if (sk_X509_num(sent) == 1 &&
        moot_cert_id(X509_STORE_CTX_get0_cert(store), &id) == MOOT_OK) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
}

static int choose_alpn(SSL *ssl, const unsigned char **out,
                       unsigned char *out_len, const unsigned char *in,
                       unsigned int in_len, void *arg)
{
    (void)ssl;
    (void)arg;
    for (unsigned i = 0; i < in_len; i += in[i] + 1u) {
        if (in[i] == ALPN_LEN - 1 && i + ALPN_LEN <= in_len &&
            memcmp(in + i, alpn, ALPN_LEN) == 0) {
            *out = in + i + 1;
            *out_len = (unsigned char)(ALPN_LEN - 1);
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void set_common(SSL_CTX *ctx)
{
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_num_tickets(ctx, 0);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS |
                              SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    /* One read(2) takes all the records it finds. */
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_max_cert_list(ctx, CERT_LIST_MAX);
    SSL_CTX_set_verify_depth(ctx, 0);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       NULL);
    SSL_CTX_set_cert_verify_callback(ctx, accept_cert, NULL);
}

static SSL_CTX *make(const SSL_METHOD *method, X509 *cert, EVP_PKEY *key)
{
    SSL_CTX *ctx = SSL_CTX_new(method);

    if (ctx == NULL)
        return NULL;
    set_common(ctx);
    SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, NULL);
    if (SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_alpn_protos(ctx, alpn, ALPN_LEN) != 0 ||
        SSL_CTX_set_ciphersuites(ctx, CIPHERS) != 1 ||
        SSL_CTX_set1_sigalgs_list(ctx, "ed25519") != 1 ||
        SSL_CTX_use_certificate(ctx, cert) != 1 ||
        SSL_CTX_use_PrivateKey(ctx, key) != 1) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

int moot_tls_open(const struct moot_key *k, struct moot_tls *ret_tls)
{
    EVP_PKEY *key = moot_cert_key(k);
    X509 *cert = moot_cert_create(k);
    struct moot_tls t = {make(TLS_server_method(), cert, key),
                         make(TLS_client_method(), cert, key), k->id};

    X509_free(cert);
    EVP_PKEY_free(key);
    if (t.accept == NULL || t.dial == NULL) {
        moot_log(MOOT_LOG_ERROR, "tls_settings", "why", moot_tls_why(), NULL);
        moot_tls_close(&t);
        return MOOT_ETLS;
    }
    signal(SIGPIPE, SIG_IGN);
    *ret_tls = t;
    return MOOT_OK;
}

void moot_tls_close(struct moot_tls *t)
{
    SSL_CTX_free(t->accept);
    SSL_CTX_free(t->dial);
    t->accept = t->dial = NULL;
}

int moot_tls_peer(const SSL *ssl, struct moot_id *ret_id)
{
    X509 *cert = SSL_get0_peer_certificate(ssl);
    const unsigned char *chosen;
    unsigned chosen_len;

    /* Who does not ask for a protocol gets through the handshake. */
    SSL_get0_alpn_selected(ssl, &chosen, &chosen_len);
    if (chosen_len != ALPN_LEN - 1 || memcmp(chosen, alpn + 1, chosen_len) != 0)
        return MOOT_EVERSION;
    return cert == NULL ? MOOT_EKEY : moot_cert_id(cert, ret_id);
}

static const char *phrase_of(int reason)
{
    switch (reason) {
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
        return "it speaks HTTP, not TLS";
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_UNEXPECTED_MESSAGE:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_RECORD_LENGTH_MISMATCH:
    case SSL_R_RECORD_TOO_SMALL:
    case SSL_R_BAD_RECORD_TYPE:
        return "it does not speak TLS";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
        return "it does not speak TLS 1.3";
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
        return "it has no certificate";
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
    case SSL_R_EXCESSIVE_MESSAGE_SIZE:
        return "its certificate is not one of ours";
    case SSL_R_NO_APPLICATION_PROTOCOL:
    case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
        return "it speaks another protocol (ALPN)";
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
        return "it went away during the handshake";
    default:
        return NULL;
    }
}

const char *moot_tls_why(void)
{
    unsigned long error = ERR_peek_error();
    const char *phrase = phrase_of(ERR_GET_REASON(error));

    if (ERR_GET_LIB(error) != ERR_LIB_SSL)
        phrase = NULL;
    if (phrase == NULL)
        phrase = ERR_reason_error_string(error);
    ERR_clear_error();
    return phrase != NULL ? phrase : "the TLS handshake failed";
}
