/*
 * tests/bench/sink.c - many members in one process, who speak the protocol as
 * far as a listener has to: they prove themselves, answer pings, and read what
 * is said.  They check no signature and keep nothing.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/alloc.h"
#include "bench.h"
#include "ident/proof.h"
#include "wire/answer.h"
#include "wire/frame.h"
#include "wire/message.h"

#define READ_LEN 65536

struct member {
    struct moot_key key;
    struct moot_tls tls;
    SSL *ssl;
    int fd;
    struct moot_exporter exporter;
    uint64_t run;
    struct moot_buf got;
    uint32_t next; /* line */
    bool welcome;  /* the host's WELCOME is here */
};

struct sink {
    int epoll;
    unsigned count;
    struct moot_hash group;
    char group_name[MOOT_NAME_LEN_MAX + 1];
    struct moot_id host;
    uint32_t least;
    struct member members[];
};

static struct moot_message message; /* scratch: it is large */

/* --- which group --- */

static void ask_group(struct sink *s, uint16_t port)
{
    static const char ask[] = "GET /bootstrap?nonce=00 HTTP/1.1\r\n"
                              "Host: localhost\r\nConnection: close\r\n\r\n";
    int fd = dial_here(port);
    struct moot_buf b = {0};
    struct moot_answer a;
    const char *body;
    ssize_t n;

    if (write(fd, ask, sizeof ask - 1) < 0)
        die("write");
    while ((n = read(fd, moot_buf_reserve(&b, READ_LEN), READ_LEN)) > 0)
        moot_buf_commit(&b, (size_t)n);
    close(fd);
    body = strstr(moot_buf_text(&b), "\r\n\r\n");
    if (body == NULL || moot_answer_decode(moot_bytes_text(body + 4), &a) != 0)
        fail("no bootstrap answer: %s", moot_buf_text(&b));
    s->group = a.group;
    s->host = a.id;
    memcpy(s->group_name, a.group_name, sizeof s->group_name);
    moot_answer_fini(&a);
    moot_buf_fini(&b);
}

/* --- what a member says --- */

static void post(struct member *m, const struct moot_message *what)
{
    struct moot_buf b = {0};
    size_t n;

    moot_message_encode(what, &b);
    if (!SSL_write_ex(m->ssl, moot_buf_view(&b).data, b.len, &n) || n != b.len)
        fail("a link to the host does not take a message");
    moot_buf_fini(&b);
}

static void say_hello(struct sink *s, struct member *m)
{
    static struct moot_message out;
    struct moot_hello *h = &out.hello;

    memset(h, 0, sizeof *h);
    out.kind = MOOT_MSG_HELLO;
    h->major = MOOT_PROTOCOL_MAJOR;
    h->minor = MOOT_PROTOCOL_MINOR;
    h->group_tag = moot_group_tag(&s->group, &m->exporter);
    h->name_tag = moot_name_tag(moot_bytes_text(s->group_name), &m->exporter);
    h->run = m->run;
    h->proof = moot_proof(&s->group, NULL, MOOT_DIALLER, &m->exporter,
                          &m->key.id, &s->host);
    post(m, &out);
}

static void say_welcome(struct sink *s, struct member *m)
{
    static struct moot_message out;
    struct moot_record *r = &out.welcome.record;

    memset(&out.welcome, 0, sizeof out.welcome);
    out.kind = MOOT_MSG_WELCOME;
    r->group = s->group;
    r->id = m->key.id;
    r->run = m->run;
    r->run_ms = 1;
    r->serial = 1;
    r->mode = MOOT_STANDARD;
    r->standing = MOOT_JOINED;
    r->port = 9;
    snprintf(r->name, sizeof r->name, "s%u", (unsigned)(m - s->members));
    moot_record_seal(r, &m->key);
    snprintf(out.welcome.seen, sizeof out.welcome.seen, "127.0.0.1");
    post(m, &out);
}

/* --- what it hears --- */

static void take_entry(struct member *m, struct moot_bytes raw)
{
    struct moot_entry *e;
    struct moot_body body;

    if (moot_entry_open(raw, &e) != MOOT_OK || !moot_entry_body(e, &body))
        fail("an entry cannot be read");
    for (unsigned i = 0; i < body.line_count; i++) {
        unsigned author;
        uint32_t number;

        if (line_find(body.lines[i].text, &author, &number) == NULL)
            continue;
        if (number != m->next)
            fail("line %u came where %u should", number, m->next);
        m->next++;
    }
    moot_entry_unref(e);
}

static void take_message(struct sink *s, struct member *m)
{
    if (message.kind == MOOT_MSG_HELLO) {
        say_welcome(s, m);
    } else if (message.kind == MOOT_MSG_WELCOME) {
        m->welcome = true;
    } else if (message.kind == MOOT_MSG_PING) {
        message.kind = MOOT_MSG_PONG;
        post(m, &message);
    } else if (message.kind == MOOT_MSG_ENTRIES) {
        for (unsigned i = 0; i < message.entries.count; i++)
            take_entry(m, message.entries.raw[i]);
    } else if (message.kind == MOOT_MSG_REFUSE ||
               message.kind == MOOT_MSG_BYE) {
        fail("the host does not want a member of the sink");
    }
}

static void take_frames(struct sink *s, struct member *m)
{
    struct moot_bytes frame;

    while (moot_frame_first(moot_buf_view(&m->got), MOOT_FRAME_LEN_MAX,
                            &frame) == MOOT_OK) {
        if (moot_message_decode(frame, &message) != MOOT_OK)
            fail("a message cannot be read");
        take_message(s, m);
        moot_buf_consume(&m->got, MOOT_FRAME_PREFIX + frame.len);
    }
}

static void member_read(struct sink *s, struct member *m)
{
    size_t n;

    while (SSL_read_ex(m->ssl, moot_buf_reserve(&m->got, READ_LEN), READ_LEN,
                       &n)) {
        moot_buf_commit(&m->got, n);
        take_frames(s, m);
    }
    if (SSL_get_error(m->ssl, 0) != SSL_ERROR_WANT_READ)
        fail("the host has closed a link");
}

/* --- the whole --- */

static void member_open(struct sink *s, struct member *m, uint16_t port)
{
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = m};

    make_tls(&m->key, &m->tls);
    if (getrandom(&m->run, sizeof m->run, 0) != (ssize_t)sizeof m->run)
        die("getrandom");
    m->fd = dial_here(port);
    m->ssl = shake(m->tls.dial, m->fd, false);
    if (SSL_export_keying_material(
            m->ssl, m->exporter.b, sizeof m->exporter.b, MOOT_TLS_EXPORTER,
            sizeof MOOT_TLS_EXPORTER - 1, NULL, 0, 0) != 1)
        fail("no exporter");
    make_nonblocking(m->fd);
    epoll_ctl(s->epoll, EPOLL_CTL_ADD, m->fd, &ev);
    say_hello(s, m);
    while (!m->welcome) {
        sink_work(s);
        usleep(100);
    }
}

struct sink *sink_open(struct peer *host, unsigned count)
{
    struct sink *s = moot_alloc(sizeof *s + count * sizeof s->members[0]);

    s->epoll = epoll_create1(0);
    ask_group(s, host->b_port);
    for (unsigned i = 0; i < count; i++) {
        s->count = i + 1;
        member_open(s, &s->members[i], host->w_port);
    }
    return s;
}

void sink_close(struct sink *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        SSL_free(s->members[i].ssl);
        close(s->members[i].fd);
        moot_buf_fini(&s->members[i].got);
        moot_tls_close(&s->members[i].tls);
    }
    close(s->epoll);
    free(s);
}

int sink_fd(const struct sink *s)
{
    return s->epoll;
}

void sink_work(struct sink *s)
{
    struct epoll_event ready[MEMBERS_MAX];
    int n = epoll_wait(s->epoll, ready, MEMBERS_MAX, 0);
    uint32_t least = UINT32_MAX;

    if (n <= 0)
        return;
    for (int i = 0; i < n; i++)
        member_read(s, ready[i].data.ptr);
    for (unsigned i = 0; i < s->count; i++) {
        uint32_t next = s->members[i].next;

        least = next < least ? next : least;
    }
    s->least = least;
}

uint32_t sink_done(const struct sink *s)
{
    return s->least;
}
