/*
 * tests/tools/twofaced.c - a member who tells each of the others something else
 * and signs it all.
 *
 *     twofaced B_PORT W_PORT...
 *
 * Joins the group behind the bootstrap socket with one link to each welcoming
 * socket, all on this machine.  The first entry of its run is the same for all,
 * "before the fork"; the second says "another thing 1" to the first, "another
 * thing 2" to the second, and so on.  Then it prints "told" and answers pings
 * and nothing else.  A line on standard input makes it come back in a new run:
 * it says "after the fork" to all and prints that line.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "ident/proof.h"
#include "net/tls.h"
#include "wire/answer.h"
#include "wire/frame.h"
#include "wire/message.h"

#define LINKS_MAX 16
#define READ_LEN 65536
#define PATIENCE_MS 10000

struct link {
    uint16_t port;
    int fd;
    SSL *ssl;
    struct moot_exporter exporter;
    struct moot_buf got;
    bool up; /* the other's WELCOME is here */
};

static struct link links[LINKS_MAX];
static unsigned count;
static struct moot_key key;
static struct moot_tls tls;
static struct moot_hash group;
static char group_name[MOOT_NAME_LEN_MAX + 1];
static struct moot_run run;
static struct moot_message in, out; /* large */

static noreturn void fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(EXIT_FAILURE);
}

static int64_t wall_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void random_bytes(void *bytes, size_t len)
{
    if (getrandom(bytes, len, 0) != (ssize_t)len)
        fail("no random bytes");
}

static int dial(uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        fail("port %u: %s", port, strerror(errno));
    return fd;
}

/* --- which group --- */

static void ask_group(uint16_t port)
{
    static const char ask[] = "GET /bootstrap?nonce=00 HTTP/1.1\r\n"
                              "Host: localhost\r\nConnection: close\r\n\r\n";
    int fd = dial(port);
    struct moot_buf b = {0};
    struct moot_answer a;
    const char *body;
    ssize_t n;

    if (write(fd, ask, sizeof ask - 1) < 0)
        fail("the bootstrap socket: %s", strerror(errno));
    while ((n = read(fd, moot_buf_reserve(&b, READ_LEN), READ_LEN)) > 0)
        moot_buf_commit(&b, (size_t)n);
    close(fd);
    body = strstr(moot_buf_text(&b), "\r\n\r\n");
    if (body == NULL ||
        moot_answer_decode(moot_bytes_text(body + 4), &a) != MOOT_OK)
        fail("no bootstrap answer");
    group = a.group;
    memcpy(group_name, a.group_name, sizeof group_name);
    moot_answer_fini(&a);
    moot_buf_fini(&b);
}

/* --- what it says --- */

static void post(struct link *l, struct moot_bytes bytes)
{
    size_t n;

    if (!SSL_write_ex(l->ssl, bytes.data, bytes.len, &n) || n != bytes.len)
        fail("port %u does not take a message", l->port);
}

static void post_message(struct link *l)
{
    struct moot_buf b = {0};

    moot_message_encode(&out, &b);
    post(l, moot_buf_view(&b));
    moot_buf_fini(&b);
}

static void say_hello(struct link *l)
{
    struct moot_hello *h = &out.hello;
    struct moot_id other;

    if (moot_tls_peer(l->ssl, &other) != MOOT_OK)
        fail("port %u wears no certificate", l->port);
    memset(h, 0, sizeof *h);
    out.kind = MOOT_MSG_HELLO;
    h->major = MOOT_PROTOCOL_MAJOR;
    h->minor = MOOT_PROTOCOL_MINOR;
    h->group_tag = moot_group_tag(&group, &l->exporter);
    h->name_tag = moot_name_tag(moot_bytes_text(group_name), &l->exporter);
    h->run = run.run;
    h->proof =
        moot_proof(&group, NULL, MOOT_DIALLER, &l->exporter, &key.id, &other);
    post_message(l);
}

static void say_welcome(struct link *l, int64_t began)
{
    struct moot_record *r = &out.welcome.record;

    memset(&out.welcome, 0, sizeof out.welcome);
    out.kind = MOOT_MSG_WELCOME;
    r->group = group;
    r->id = key.id;
    r->run = run.run;
    r->run_ms = began;
    r->serial = 1;
    r->mode = MOOT_STANDARD;
    r->standing = MOOT_JOINED;
    r->port = 9;
    snprintf(r->name, sizeof r->name, "mallory");
    moot_record_seal(r, &key);
    snprintf(out.welcome.seen, sizeof out.welcome.seen, "127.0.0.1");
    post_message(l);
}

static struct moot_entry *entry(uint64_t seq, const struct moot_hash *prev,
                                const char *text)
{
    struct moot_line line = {.kind = MOOT_LINE_TEXT,
                             .text = moot_bytes_text(text)};
    struct moot_draft d = {.group = group,
                           .in = run,
                           .seq = seq,
                           .lamport = (uint64_t)wall_ms() + seq,
                           .wall = wall_ms(),
                           .name = moot_bytes_text("mallory"),
                           .lines = &line,
                           .line_count = 1};

    if (prev != NULL)
        d.prev = *prev;
    return moot_entry_create(&d, &key);
}

static void post_entry(struct link *l, struct moot_entry *e)
{
    struct moot_buf b = {0};

    moot_message_encode_entries(&e, 1, false, &b);
    post(l, moot_buf_view(&b));
    moot_buf_fini(&b);
}

/* --- what it hears --- */

static void hear(struct link *l, int64_t began)
{
    if (in.kind == MOOT_MSG_HELLO) {
        say_welcome(l, began);
    } else if (in.kind == MOOT_MSG_WELCOME) {
        l->up = true;
    } else if (in.kind == MOOT_MSG_PING) {
        memset(&out.ping, 0, sizeof out.ping);
        out.kind = MOOT_MSG_PONG;
        out.ping.nonce = in.ping.nonce;
        post_message(l);
    } else if (in.kind == MOOT_MSG_REFUSE || in.kind == MOOT_MSG_BYE) {
        fail("port %u does not want us", l->port);
    }
}

static void hear_all(struct link *l, int64_t began)
{
    struct moot_bytes frame;
    size_t n;

    while (
        SSL_read_ex(l->ssl, moot_buf_reserve(&l->got, READ_LEN), READ_LEN, &n))
        moot_buf_commit(&l->got, n);
    if (SSL_get_error(l->ssl, 0) != SSL_ERROR_WANT_READ)
        fail("port %u has closed the link", l->port);
    while (moot_frame_first(moot_buf_view(&l->got), MOOT_FRAME_LEN_MAX,
                            &frame) == MOOT_OK) {
        if (moot_message_decode(frame, &in) != MOOT_OK)
            fail("port %u says what cannot be read", l->port);
        hear(l, began);
        moot_buf_consume(&l->got, MOOT_FRAME_PREFIX + frame.len);
    }
}

static bool all_up(void)
{
    unsigned up = 0;

    for (unsigned i = 0; i < count; i++)
        up += links[i].up;
    return up == count;
}

/* Until all are up, or else until somebody types; false: nobody will. */
static bool live(int64_t began, bool until_up)
{
    struct pollfd fds[LINKS_MAX + 1];

    for (;;) {
        for (unsigned i = 0; i < count; i++)
            fds[i] = (struct pollfd){.fd = links[i].fd, .events = POLLIN};
        fds[count] = (struct pollfd){.fd = until_up ? -1 : STDIN_FILENO,
                                     .events = POLLIN};
        if (poll(fds, count + 1, PATIENCE_MS) < 0)
            fail("poll: %s", strerror(errno));
        for (unsigned i = 0; i < count; i++) {
            if (fds[i].revents != 0)
                hear_all(&links[i], began);
        }
        if (until_up && all_up())
            return true;
        if (until_up && wall_ms() - began > PATIENCE_MS)
            fail("not all have let us in");
        if (fds[count].revents != 0) {
            char typed[64];

            return read(STDIN_FILENO, typed, sizeof typed) > 0;
        }
    }
}

/* --- a run --- */

static void open_link(struct link *l)
{
    l->fd = dial(l->port);
    l->ssl = SSL_new(tls.dial);
    l->up = false;
    if (l->ssl == NULL || SSL_set_fd(l->ssl, l->fd) != 1 ||
        SSL_connect(l->ssl) != 1)
        fail("port %u: the TLS handshake failed", l->port);
    if (SSL_export_keying_material(
            l->ssl, l->exporter.b, sizeof l->exporter.b, MOOT_TLS_EXPORTER,
            sizeof MOOT_TLS_EXPORTER - 1, NULL, 0, 0) != 1)
        fail("no exporter");
    if (fcntl(l->fd, F_SETFL, O_NONBLOCK) != 0)
        fail("fcntl: %s", strerror(errno));
    say_hello(l);
}

static void close_links(void)
{
    for (unsigned i = 0; i < count; i++) {
        SSL_free(links[i].ssl);
        close(links[i].fd);
        moot_buf_clear(&links[i].got);
    }
}

static int64_t begin_run(void)
{
    int64_t began = wall_ms();

    run.author = key.id;
    random_bytes(&run.run, sizeof run.run);
    for (unsigned i = 0; i < count; i++)
        open_link(&links[i]);
    live(began, true);
    return began;
}

static void tell_each_another_thing(void)
{
    struct moot_entry *first = entry(1, NULL, "before the fork");

    for (unsigned i = 0; i < count; i++) {
        char text[32];
        struct moot_entry *second;

        snprintf(text, sizeof text, "another thing %u", i + 1);
        second = entry(2, &first->hash, text);
        post_entry(&links[i], first);
        post_entry(&links[i], second);
        moot_entry_unref(second);
    }
    moot_entry_unref(first);
}

static void tell_all(const char *text)
{
    struct moot_entry *e = entry(1, NULL, text);

    for (unsigned i = 0; i < count; i++)
        post_entry(&links[i], e);
    moot_entry_unref(e);
}

int main(int argc, char **argv)
{
    uint8_t seed[32];
    int64_t began;

    if (argc < 3 || argc > 2 + LINKS_MAX) {
        fprintf(stderr, "usage: twofaced B_PORT W_PORT...\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    random_bytes(seed, sizeof seed);
    moot_key_init(&key, seed);
    if (moot_tls_open(&key, &tls) != MOOT_OK)
        fail("no TLS settings");
    ask_group((uint16_t)strtoul(argv[1], NULL, 10));
    for (int i = 2; i < argc; i++)
        links[count++].port = (uint16_t)strtoul(argv[i], NULL, 10);

    began = begin_run();
    tell_each_another_thing();
    puts("told");
    if (!live(began, false))
        return EXIT_SUCCESS;
    close_links();
    began = begin_run();
    tell_all("after the fork");
    puts("again");
    live(began, false);
    close_links();
    return EXIT_SUCCESS;
}
