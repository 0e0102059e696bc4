/*
 * tests/tools/wrong.c - one who has no secret, and tries again and again.
 *
 *     wrong PORT COUNT [RECORDED]
 *
 * Dials the welcoming socket on 127.0.0.1 so often, each time as somebody else,
 * with a HELLO whose proof is noise, or with the bytes of the file RECORDED in
 * its place.  Prints "COUNT tries, N refused, N turned away after M ms" and,
 * for whoever was refused, that nothing but the refusal was heard.  Exit 0 when
 * all of them got nothing else.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "ident/cert.h"
#include "wire/frame.h"
#include "wire/message.h"

enum outcome {
    REFUSED,
    TURNED_AWAY,
    HEARD_MORE
};

static struct moot_buf recorded;

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int dial(uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("connect");
    return fd;
}

static SSL_CTX *make_context(void)
{
    static const unsigned char alpn[] = "\x06moot/1";
    uint8_t seed[32];
    struct moot_key key;
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    EVP_PKEY *pkey;
    X509 *cert;

    randombytes_buf(seed, sizeof seed);
    moot_key_init(&key, seed);
    pkey = moot_cert_key(&key);
    cert = moot_cert_create(&key);
    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
    SSL_CTX_set1_sigalgs_list(ctx, "ed25519");
    SSL_CTX_use_certificate(ctx, cert);
    SSL_CTX_use_PrivateKey(ctx, pkey);
    SSL_CTX_set_alpn_protos(ctx, alpn, sizeof alpn - 1);
    X509_free(cert);
    EVP_PKEY_free(pkey);
    return ctx;
}

static void say_hello(SSL *ssl)
{
    static struct moot_message m;
    struct moot_buf out = {0};
    struct moot_bytes bytes;

    m.kind = MOOT_MSG_HELLO;
    m.hello.major = MOOT_PROTOCOL_MAJOR;
    randombytes_buf(m.hello.group_tag.b, sizeof m.hello.group_tag.b);
    randombytes_buf(m.hello.name_tag.b, sizeof m.hello.name_tag.b);
    randombytes_buf(m.hello.proof.b, sizeof m.hello.proof.b);
    moot_message_encode(&m, &out);
    bytes = recorded.len > 0 ? moot_buf_view(&recorded) : moot_buf_view(&out);
    SSL_write(ssl, bytes.data, (int)bytes.len);
    moot_buf_fini(&out);
}

/* All that is said to us: one refusal, and it tells no group. */
static enum outcome listen_to(SSL *ssl)
{
    static struct moot_message m;
    struct moot_buf heard = {0};
    struct moot_bytes frame;
    enum outcome is = HEARD_MORE;
    char bytes[4096];
    int n;

    while ((n = SSL_read(ssl, bytes, sizeof bytes)) > 0)
        moot_buf_append(&heard, bytes, (size_t)n);
    if (heard.len == 0)
        is = TURNED_AWAY;
    else if (moot_frame_first(moot_buf_view(&heard), MOOT_FRAME_LEN_MAX,
                              &frame) == MOOT_OK &&
             frame.len + 4 == heard.len &&
             moot_message_decode(frame, &m) == MOOT_OK &&
             m.kind == MOOT_MSG_REFUSE && m.refuse.why == MOOT_REFUSE_GROUP &&
             moot_hash_zero(&m.refuse.group))
        is = REFUSED;
    moot_buf_fini(&heard);
    return is;
}

static enum outcome try(SSL_CTX *ctx, uint16_t port)
{
    int fd = dial(port);
    SSL *ssl = SSL_new(ctx);
    enum outcome is = TURNED_AWAY;

    SSL_set_fd(ssl, fd);
    if (SSL_connect(ssl) == 1) {
        say_hello(ssl);
        is = listen_to(ssl);
    }
    SSL_free(ssl);
    close(fd);
    return is;
}

static void read_recorded(const char *path)
{
    FILE *f = fopen(path, "rb");
    char bytes[4096];
    size_t n;

    if (f == NULL)
        die(path);
    while ((n = fread(bytes, 1, sizeof bytes, f)) > 0)
        moot_buf_append(&recorded, bytes, n);
    fclose(f);
}

int main(int argc, char **argv)
{
    unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    unsigned long outcomes[3] = {0};
    long long began = now_ms();

    if (argc < 3 || argc > 4 || count == 0 || sodium_init() < 0) {
        fprintf(stderr, "usage: wrong PORT COUNT [RECORDED]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    if (argc == 4)
        read_recorded(argv[3]);
    for (unsigned long i = 0; i < count; i++) {
        SSL_CTX *ctx = make_context();

        outcomes[try(ctx, (uint16_t)strtoul(argv[1], NULL, 10))]++;
        SSL_CTX_free(ctx);
    }
    printf("%lu tries, %lu refused, %lu turned away after %lld ms\n", count,
           outcomes[REFUSED], outcomes[TURNED_AWAY], now_ms() - began);
    moot_buf_fini(&recorded);
    return outcomes[HEARD_MORE] == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
