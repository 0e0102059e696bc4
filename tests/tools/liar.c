/*
 * tests/tools/liar.c - bootstrap peers that lie, each in a way of its own.
 *
 *     liar PORT
 *
 * Asks the honest one at 127.0.0.1:PORT once, to know the group and to have an
 * old answer; then listens on a port for each way, prints "WAY PORT" for each,
 * and serves until it is killed.  Each connection is a process.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "wire/answer.h"

enum way {
    UNSIGNED, /* no signature */
    FORGED,   /* somebody else's */
    CHANGED,  /* altered after it was signed */
    REPLAYED, /* an honest answer, to another question */
    NOWHERE,  /* a group of its own, where nobody listens */
    TARPIT,   /* likewise, where somebody listens and says nothing */
    CROWD,    /* a thousand members there */
    INTRUDER, /* the honest group, with members that are not there */
    STRANGER, /* a group of another name */
    MILLION,  /* entries without end */
    TRICKLE,  /* a byte a second */
    SILENT,   /* nothing */
    REDIRECT, /* somewhere else */
    BOMB,     /* a gigabyte of zeros in a megabyte */
    HTML,     /* a page for people */
    NOT_HTTP, /* another protocol */
    CLOSED,   /* the connection is closed */
    FAILING,  /* 500 */
    HEADERS,  /* without end */
    NESTED,   /* arrays in arrays in arrays */
    WAYS
};

static const char *const names[WAYS] = {
    "unsigned", "forged", "changed",  "replayed", "nowhere",
    "tarpit",   "crowd",  "intruder", "stranger", "million",
    "trickle",  "silent", "redirect", "bomb",     "html",
    "not_http", "closed", "failing",  "headers",  "nested"};

static int listening[WAYS];
static uint16_t ports[WAYS];
static struct moot_answer honest;
static char old_answer[65536], old_signature[256];
static uint16_t honest_port;
static struct moot_key key, other;

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static int open_socket(uint16_t *ret_port)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
        listen(fd, 64) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        die("listen");
    *ret_port = ntohs(at.sin_port);
    return fd;
}

static void put(int fd, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t n = write(fd, at, len);

        if (n <= 0)
            exit(EXIT_SUCCESS); /* they have heard enough */
        at += n;
        len -= (size_t)n;
    }
}

static void say(int fd, const char *text)
{
    put(fd, text, strlen(text));
}

/* Up to the empty line; the nonce in it. */
static void read_request(int fd, char nonce[129])
{
    char text[8192];
    size_t len = 0;
    const char *at;

    nonce[0] = '\0';
    while (len < sizeof text - 1) {
        ssize_t n = read(fd, text + len, sizeof text - 1 - len);

        if (n <= 0)
            exit(EXIT_SUCCESS);
        len += (size_t)n;
        text[len] = '\0';
        if (strstr(text, "\r\n\r\n") != NULL)
            break;
    }
    at = strstr(text, "nonce=");
    if (at != NULL)
        sscanf(at, "nonce=%128[0-9a-f]", nonce);
}

static void reply(int fd, struct moot_bytes body, const char *signature)
{
    struct moot_buf head = {0};

    moot_buf_printf(&head,
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    "Content-Length: %zu\r\n",
                    body.len);
    if (signature != NULL)
        moot_buf_printf(&head, "Moot-Signature: %s\r\n", signature);
    moot_buf_printf(&head, "\r\n");
    say(fd, moot_buf_text(&head));
    put(fd, body.data, body.len);
}

/* --- answers that look well --- */

static void add_member(struct moot_answer *a, const struct moot_id *id,
                       uint16_t port)
{
    struct moot_listed *m = &a->members[a->member_count++];

    memset(m, 0, sizeof *m);
    m->id = *id;
    snprintf(m->name, sizeof m->name, "mallory%u", a->member_count);
    moot_addr_set(&m->addrs[m->addr_count++], "127.0.0.1", port);
    m->mode = MOOT_BOOTSTRAP;
    m->standing = MOOT_JOINED;
}

static void fill(struct moot_answer *a, enum way way, const char *nonce)
{
    uint16_t port = way == NOWHERE || way == STRANGER ? 1 : ports[SILENT];
    unsigned count = way == CROWD ? 1000 : 5;

    a->id = key.id;
    a->weight = MOOT_GROWN;
    memset(a->group.b, 0x11 + (int)way, sizeof a->group.b);
    snprintf(a->group_name, sizeof a->group_name, "%s",
             way == STRANGER ? "elsewhere" : honest.group_name);
    snprintf(a->nonce, sizeof a->nonce, "%s", nonce);
    if (way == INTRUDER)
        a->group = honest.group;
    a->members = moot_alloc((count + 1) * sizeof *a->members);
    add_member(a, &key.id, port);
    for (unsigned i = 1; i < count; i++) {
        struct moot_id id = {{0xbb, (uint8_t)way, (uint8_t)(i >> 8)}};

        id.b[3] = (uint8_t)i;
        add_member(a, &id, port);
    }
}

static void answer(int fd, enum way way, const char *nonce)
{
    char signature[MOOT_HEX_LEN + 1 + 128 + 1];
    struct moot_answer a = {0};
    struct moot_buf json = {0};

    fill(&a, way, nonce);
    moot_answer_encode(&a, &json);
    moot_answer_sign(moot_buf_view(&json), way == FORGED ? &other : &key,
                     signature);
    if (way == CHANGED)
        json.data[json.len / 2] ^= 1;
    reply(fd, moot_buf_view(&json), way == UNSIGNED ? NULL : signature);
}

/* --- others --- */

static void send_million(int fd)
{
    say(fd, "HTTP/1.1 200 OK\r\n\r\n{\"members\":[");
    for (unsigned i = 0; i < 1000000; i++)
        say(fd, "{\"username\":\"m\",\"addresses\":[\"192.0.2.1:1\"]},");
}

static void send_trickle(int fd)
{
    say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    for (;;) {
        say(fd, " ");
        poll(NULL, 0, 1000);
    }
}

/* One literal, then matches of 258 at distance 1: 13 bits each, in the fixed
 * code of RFC 1951. */
static void send_bomb(int fd)
{
    static uint8_t data[1000 * 1000];
    static const uint8_t head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    static const char match[] = "1100010100000";
    static const char start[] = "110" /* last block, fixed */
                                "00110000" /* the literal 0 */;
    size_t bit = 8 * sizeof head;

    memcpy(data, head, sizeof head);
    for (const char *c = start; *c != '\0'; c++, bit++)
        data[bit / 8] |= (uint8_t)((*c - '0') << bit % 8);
    while (bit + 32 < 8 * sizeof data)
        for (const char *c = match; *c != '\0'; c++, bit++)
            data[bit / 8] |= (uint8_t)((*c - '0') << bit % 8);
    say(fd, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
            "Content-Length: 1000000\r\n\r\n");
    put(fd, data, sizeof data);
}

static void send_nested(int fd)
{
    static char text[500000];

    memset(text, '[', sizeof text);
    reply(fd, moot_bytes_of(text, sizeof text), NULL);
}

static void send_headers(int fd)
{
    say(fd, "HTTP/1.1 200 OK\r\n");
    for (;;)
        say(fd, "X-More: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
}

static void send_redirect(int fd)
{
    char text[256];

    snprintf(text, sizeof text,
             "HTTP/1.1 302 Found\r\nLocation: "
             "http://127.0.0.1:%u/bootstrap\r\nContent-Length: 0\r\n\r\n",
             (unsigned)honest_port);
    say(fd, text);
}

static void lie(int fd, enum way way)
{
    char nonce[129];

    if (way == CLOSED)
        return;
    if (way == NOT_HTTP)
        say(fd, "SSH-2.0-OpenSSH_9.2\r\n");
    read_request(fd, nonce);
    if (way <= STRANGER && way != REPLAYED)
        answer(fd, way, nonce);
    else if (way == REPLAYED)
        reply(fd, moot_bytes_text(old_answer), old_signature);
    else if (way == MILLION)
        send_million(fd);
    else if (way == TRICKLE)
        send_trickle(fd);
    else if (way == SILENT)
        pause();
    else if (way == REDIRECT)
        send_redirect(fd);
    else if (way == BOMB)
        send_bomb(fd);
    else if (way == HTML)
        reply(fd, moot_bytes_text("<html><body>Welcome!</body></html>"), NULL);
    else if (way == FAILING)
        say(fd, "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
    else if (way == HEADERS)
        send_headers(fd);
    else if (way == NESTED)
        send_nested(fd);
}

/* --- the honest one --- */

static void ask_honest(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(honest_port)};
    static char text[70000];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    size_t len = 0;
    ssize_t n;
    const char *body, *at;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("connect");
    say(fd, "GET /bootstrap?nonce=00ff HTTP/1.1\r\nHost: localhost\r\n"
            "Connection: close\r\n\r\n");
    while (len < sizeof text - 1 &&
           (n = read(fd, text + len, sizeof text - 1 - len)) > 0)
        len += (size_t)n;
    close(fd);
    body = strstr(text, "\r\n\r\n");
    at = strstr(text, "Moot-Signature: ");
    if (body == NULL || at == NULL ||
        sscanf(at, "Moot-Signature: %255s", old_signature) != 1 ||
        moot_answer_decode(moot_bytes_text(body + 4), &honest) != MOOT_OK) {
        fprintf(stderr, "liar: the honest one does not answer\n");
        exit(EXIT_FAILURE);
    }
    snprintf(old_answer, sizeof old_answer, "%s", body + 4);
}

static void serve(enum way way)
{
    int fd = accept(listening[way], NULL, NULL);

    if (fd < 0)
        return;
    if (fork() == 0) {
        lie(fd, way);
        exit(EXIT_SUCCESS);
    }
    close(fd);
}

int main(int argc, char *argv[])
{
    static const uint8_t seeds[2][32] = {{1}, {2}};
    struct pollfd fds[WAYS];

    if (argc != 2) {
        fprintf(stderr, "usage: liar PORT\n");
        return EXIT_FAILURE;
    }
    honest_port = (uint16_t)strtoul(argv[1], NULL, 10);
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    moot_key_init(&key, seeds[0]);
    moot_key_init(&other, seeds[1]);
    ask_honest();
    for (unsigned i = 0; i < WAYS; i++) {
        listening[i] = open_socket(&ports[i]);
        fds[i] = (struct pollfd){listening[i], POLLIN, 0};
        printf("%s %u\n", names[i], (unsigned)ports[i]);
    }
    fflush(stdout);
    for (;;) {
        if (poll(fds, WAYS, -1) < 0)
            continue;
        for (unsigned i = 0; i < WAYS; i++)
            if (fds[i].revents != 0)
                serve((enum way)i);
    }
}
