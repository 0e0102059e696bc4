/*
 * tests/net/world.c - see tests/net/world.h.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "net/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "loop/log.h"
#include "net/listen.h"
#include "wire/frame.h"

#define PATIENCE_MS 50000
#define TAIL_LEN 1000 /* what a failure shows of the log */

struct ev_loop *world_loop;
static int log_fd;
static struct moot_buf log_text;

void world_open(void)
{
    struct rlimit files;

    /* Both ends of every connection are ours. */
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    world_loop = ev_loop_new(EVFLAG_AUTO);
    log_fd = memfd_create("log", MFD_CLOEXEC);
    expect(log_fd >= 0);
    moot_log_set_fd(log_fd);
    moot_log_set_level(MOOT_LOG_INFO);
}

void world_close(void)
{
    moot_log_set_fd(STDERR_FILENO);
    moot_log_set_level(MOOT_LOG_WARN);
    close(log_fd);
    moot_buf_fini(&log_text);
    ev_loop_destroy(world_loop);
}

const char *world_log(void)
{
    size_t len = (size_t)lseek(log_fd, 0, SEEK_END);

    moot_buf_clear(&log_text);
    expect_int(pread(log_fd, moot_buf_reserve(&log_text, len + 1), len, 0),
               len);
    moot_buf_commit(&log_text, len);
    return moot_buf_text(&log_text);
}

unsigned world_logged(const char *text)
{
    unsigned n = 0;

    for (const char *at = world_log(); (at = strstr(at, text)) != NULL; n++)
        at = strchrnul(at, '\n');
    return n;
}

static const char *log_tail(void)
{
    const char *all = world_log();
    size_t len = strlen(all);

    return len > TAIL_LEN ? all + len - TAIL_LEN : all;
}

static void on_guard(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)w;
    (void)revents;
    ev_break(loop, EVBREAK_ONE);
}

void world_until_at(const char *file, int line, const char *what,
                    bool (*condition)(void *ctx), void *ctx)
{
    int64_t end = clock_ms() + patience_ms(PATIENCE_MS);
    ev_timer guard;

    /* So that a turn always ends. */
    ev_timer_init(&guard, on_guard, 0.01, 0.01);
    ev_timer_start(world_loop, &guard);
    while (!condition(ctx)) {
        if (clock_ms() > end)
            ck_abort_msg("%s:%d: never: %s\n%s", file, line, what, log_tail());
        ev_run(world_loop, EVRUN_ONCE);
    }
    ev_timer_stop(world_loop, &guard);
}

struct logged {
    unsigned count;
    const char *text;
};

static bool logged(void *ctx)
{
    const struct logged *l = ctx;

    return world_logged(l->text) >= l->count;
}

void world_until_logged(unsigned count, const char *text)
{
    world_until_at(__FILE__, __LINE__, text, logged,
                   &(struct logged){count, text});
}

void world_turn(unsigned n)
{
    while (n-- > 0)
        ev_run(world_loop, EVRUN_NOWAIT);
}

static void keep_text(struct seen *s, struct moot_bytes b)
{
    s->len = b.len;
    memcpy(s->text, b.data,
           b.len < sizeof s->text - 1 ? b.len : sizeof s->text - 1);
}

static void on_event(void *ctx, const struct moot_event *ev)
{
    struct peer *p = ctx;
    struct seen *s = &p->seen[p->count];

    expect_int(p->depth, 0);
    expect(p->count < SEEN_MAX);
    p->count++;
    memset(s, 0, sizeof *s);
    s->kind = ev->kind;
    s->link = ev->link;
    if (ev->kind == MOOT_EV_LINK_OPEN) {
        s->token = ev->open.dial;
        s->id = ev->open.id;
        s->exporter = ev->open.exporter;
        s->remote = ev->open.remote;
        expect_uint(ev->open.link, ev->link);
        if (p->trusting)
            moot_links_up(p->links, ev->link);
    } else if (ev->kind == MOOT_EV_FRAME) {
        keep_text(s, ev->frame);
    } else if (ev->kind == MOOT_EV_LINK_CLOSED) {
        s->why = ev->why;
    } else if (ev->kind == MOOT_EV_DIAL_FAILED ||
               ev->kind == MOOT_EV_ASK_FAILED) {
        s->token = ev->failed.token;
        s->why = ev->failed.why;
        if (ev->kind == MOOT_EV_ASK_FAILED && ev->failed.challenge != NULL)
            keep_text(s, moot_bytes_text(ev->failed.challenge));
    } else if (ev->kind == MOOT_EV_POSTED) {
        s->token = ev->posted.token;
        s->why = ev->posted.why;
        s->status = ev->posted.status;
        if (ev->posted.challenge != NULL)
            keep_text(s, moot_bytes_text(ev->posted.challenge));
    } else if (ev->kind == MOOT_EV_ANSWER) {
        s->token = ev->answer.token;
        keep_text(s, moot_bytes_text(ev->answer.signature != NULL
                                         ? ev->answer.signature
                                         : "unsigned"));
        s->len = ev->answer.json.len;
    }
    if (ev->kind == MOOT_EV_LIST) {
        s->token = ev->list.token;
        keep_text(s, ev->list.text);
    }
    if (p->hook != NULL)
        p->hook(p, ev);
}

struct peer *peer_create(uint8_t n, const struct moot_links_config *config)
{
    struct peer *p = moot_alloc(sizeof *p);
    struct moot_links_config c;
    uint8_t seed[32];
    int fd;

    memset(seed, n, sizeof seed);
    moot_key_init(&p->key, seed);
    expect_ok(moot_tls_open(&p->key, &p->tls));
    p->sink = (struct moot_sink){on_event, p};
    p->trusting = true;
    moot_links_defaults(&c);
    if (config != NULL)
        c = *config;
    c.loop = world_loop;
    c.sink = &p->sink;
    c.tls = &p->tls;
    p->links = moot_links_open(&c);
    expect_ok(moot_listen("127.0.0.1", 0, &fd, &p->port));
    moot_links_listen(p->links, fd);
    return p;
}

void peer_destroy(struct peer *p)
{
    moot_links_close(p->links);
    moot_tls_close(&p->tls);
    moot_key_fini(&p->key);
    free(p);
}

const struct seen *peer_saw(const struct peer *p, enum moot_event_kind kind)
{
    for (unsigned i = p->count; i > 0; i--) {
        if (p->seen[i - 1].kind == kind)
            return &p->seen[i - 1];
    }
    return NULL;
}

unsigned peer_count(const struct peer *p, enum moot_event_kind kind)
{
    unsigned n = 0;

    for (unsigned i = 0; i < p->count; i++)
        n += p->seen[i].kind == kind;
    return n;
}

struct wanted {
    struct peer *p;
    enum moot_event_kind kind;
    unsigned count;
};

static bool enough(void *ctx)
{
    const struct wanted *w = ctx;

    return peer_count(w->p, w->kind) >= w->count;
}

const struct seen *peer_until(struct peer *p, enum moot_event_kind kind,
                              unsigned count)
{
    world_until(enough, (&(struct wanted){p, kind, count}));
    return peer_saw(p, kind);
}

moot_link peer_link(struct peer *a, struct peer *b)
{
    int fd = stranger_dial(b->port, 1);
    unsigned opened = peer_count(b, MOOT_EV_LINK_OPEN) + 1;
    SSL *ssl = SSL_new(a->tls.dial);

    SSL_set_fd(ssl, fd);
    expect(stranger_shake(ssl));
    expect_ok(moot_links_give(a->links, ssl, 77));
    peer_until(b, MOOT_EV_LINK_OPEN, opened);
    return peer_saw(a, MOOT_EV_LINK_OPEN)->link;
}

void peer_say(struct peer *p, moot_link link, const char *text)
{
    size_t len = strlen(text);
    uint8_t prefix[MOOT_FRAME_PREFIX] = {0, 0, (uint8_t)(len >> 8),
                                         (uint8_t)len};

    p->depth++;
    moot_links_send(p->links, link, moot_bytes_of(prefix, sizeof prefix));
    moot_links_send(p->links, link, moot_bytes_text(text));
    p->depth--;
}

int stranger_dial(uint16_t port, uint8_t from)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    expect(fd >= 0);
    /* The port is found when both ends are known, so there are enough. */
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + from);
    expect_int(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    a.sin_port = htons(port);
    /* The kernel answers for who only listens. */
    expect_int(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

struct reading {
    int fd;
    size_t len;
    char text[65536];
};

static bool read_all(void *ctx)
{
    struct reading *r = ctx;
    ssize_t n;

    while ((n = read(r->fd, r->text + r->len, sizeof r->text - 1 - r->len)) > 0)
        r->len += (size_t)n;
    return n == 0;
}

const char *stranger_asks(uint16_t port, struct moot_bytes request)
{
    static struct reading r;
    size_t sent = 0;

    memset(&r, 0, sizeof r);
    r.fd = stranger_dial(port, 1);
    while (sent < request.len) {
        ssize_t n = write(r.fd, request.data + sent, request.len - sent);

        if (n > 0)
            sent += (size_t)n;
        if (sent < request.len)
            world_turn(1);
    }
    world_until(read_all, &r);
    close(r.fd);
    return r.text;
}

static bool closed(void *ctx)
{
    char sink[4096];
    ssize_t n;

    do {
        n = read(*(int *)ctx, sink, sizeof sink);
    } while (n > 0);
    return n == 0 || errno != EAGAIN;
}

void stranger_until_closed(int fd)
{
    world_until(closed, &fd);
    close(fd);
}

struct shake {
    SSL *ssl;
    int rc;
};

static bool shaken(void *ctx)
{
    struct shake *s = ctx;
    int error;

    s->rc = SSL_do_handshake(s->ssl);
    error = SSL_get_error(s->ssl, s->rc);
    return error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
}

bool stranger_shake(SSL *ssl)
{
    struct shake s = {ssl, 0};

    SSL_set_connect_state(ssl);
    world_until(shaken, &s);
    return s.rc == 1;
}
