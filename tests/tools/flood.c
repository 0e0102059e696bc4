/*
 * tests/tools/flood.c - offers registrations to a group directory, as many a
 * second as it is told, each of another group by another identity.
 *
 *     flood PORT PER_SECOND SECONDS [FROM]
 *
 * All come from one address (FROM, 127.0.0.2 unless told).  Everything is
 * genuine: keys, records, signatures, the challenge.  The requests are made
 * beforehand, so that one costs no more than its connection.  Up to 1,024 are
 * under way at once; the last line tells how many were to be made, how many
 * there was time for, what came of them, and how many were cut off unanswered:
 *
 *     offered 10000 made 9990 200=1200 429=7990 503=0 other=0 failed=800
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "wire/register.h"

#define IDENTITIES 256
#define AT_ONCE 1024
#define BEGUN_AT_ONCE 64 /* before those under way are looked after again */
#define ASK_AGAIN_S 9    /* a challenge is good for 10 s at least */

struct shot {
    int fd; /* -1: free */
    unsigned next_free;
    size_t sent;
    size_t got;
    const struct moot_buf *request;
    char head[32];
};

static struct sockaddr_in host, from;
static struct moot_buf requests[IDENTITIES];
static struct shot shots[AT_ONCE];
static unsigned first_free;
static int events;
static unsigned long made, ok, many, full, other, failed;

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int dial(void)
{
    static const int yes = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    if (bind(fd, (const struct sockaddr *)&from, sizeof from) != 0 ||
        (connect(fd, (const struct sockaddr *)&host, sizeof host) != 0 &&
         errno != EINPROGRESS)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Asks for a challenge, waiting for it. */
static bool ask_challenge(char out[MOOT_CHALLENGE_LEN + 1])
{
    static const char get[] =
        "GET /bootstrap?group=nobody%20has%20this HTTP/1.1\r\nHost: x\r\n\r\n";
    static const char header[] = "Moot-Challenge: ";
    char text[4096];
    size_t len = 0;
    ssize_t n;
    const char *at;
    int fd = dial();

    if (fd < 0)
        return false;
    fcntl(fd, F_SETFL, 0);
    if (write(fd, get, sizeof get - 1) != (ssize_t)sizeof get - 1) {
        close(fd);
        return false;
    }
    while (len < sizeof text - 1 &&
           (n = read(fd, text + len, sizeof text - 1 - len)) > 0)
        len += (size_t)n;
    close(fd);
    text[len] = '\0';
    at = strstr(text, header);
    if (at == NULL || strlen(at) < sizeof header + MOOT_CHALLENGE_LEN)
        return false;
    memcpy(out, at + sizeof header - 1, MOOT_CHALLENGE_LEN);
    out[MOOT_CHALLENGE_LEN] = '\0';
    return true;
}

static void prepare(unsigned i, const char *challenge)
{
    struct moot_register r = {.weight = MOOT_TENTATIVE, .record_count = 1};
    char signature[MOOT_HEX_LEN + 1 + 128 + 1];
    uint8_t seed[32] = {(uint8_t)i, (uint8_t)(i >> 8), 0xf1};
    struct moot_record *record = moot_alloc(sizeof *record);
    struct moot_buf body = {0};
    struct moot_key key;

    moot_key_init(&key, seed);
    memcpy(r.group.b, key.id.b, sizeof r.group.b);
    snprintf(r.group_name, sizeof r.group_name, "flood%u", i);
    memcpy(r.challenge, challenge, MOOT_CHALLENGE_LEN);
    record->group = r.group;
    record->id = key.id;
    record->run = record->serial = 1;
    memcpy(record->name, "flood", 6);
    record->mode = MOOT_STANDARD;
    record->standing = MOOT_JOINED;
    record->port = 9;
    moot_record_seal(record, &key);
    r.records = record;
    moot_register_encode(&r, &body);
    moot_register_sign(moot_buf_view(&body), &key, signature);
    moot_register_fini(&r);
    moot_buf_clear(&requests[i]);
    moot_buf_printf(&requests[i],
                    "POST /bootstrap HTTP/1.1\r\nHost: x\r\n"
                    "Moot-Signature: %s\r\nContent-Length: %zu\r\n\r\n%s",
                    signature, body.len, moot_buf_text(&body));
    moot_buf_fini(&body);
}

static void end(struct shot *s)
{
    close(s->fd);
    s->fd = -1;
    s->next_free = first_free;
    first_free = (unsigned)(s - shots);
    s->head[s->got < sizeof s->head ? s->got : sizeof s->head - 1] = '\0';
    if (strncmp(s->head, "HTTP/1.1 ", 9) != 0)
        failed++;
    else if (strncmp(s->head + 9, "200", 3) == 0)
        ok++;
    else if (strncmp(s->head + 9, "429", 3) == 0)
        many++;
    else if (strncmp(s->head + 9, "503", 3) == 0)
        full++;
    else
        other++;
}

/* False: it has ended. */
static bool put(struct shot *s)
{
    struct moot_bytes all = moot_buf_view(s->request);
    ssize_t n =
        send(s->fd, all.data + s->sent, all.len - s->sent, MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN && errno != ENOTCONN) {
        end(s);
        return false;
    }
    s->sent += n > 0 ? (size_t)n : 0;
    return true;
}

/* False: there is no room for one more. */
static bool begin(void)
{
    struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
    struct shot *s = &shots[first_free];

    if (first_free == AT_ONCE)
        return false;
    s->request = &requests[made++ % IDENTITIES];
    s->fd = dial();
    s->sent = s->got = 0;
    if (s->fd < 0) {
        failed++;
        return true;
    }
    first_free = s->next_free;
    ev.data.ptr = s;
    epoll_ctl(events, EPOLL_CTL_ADD, s->fd, &ev);
    return true;
}

/* Until there is no more to do for now. */
static void go_on(struct shot *s)
{
    char scratch[4096];
    ssize_t n;

    if (s->sent < s->request->len && !put(s))
        return;
    while ((n = read(s->fd, scratch, sizeof scratch)) > 0)
        for (ssize_t i = 0; i < n && s->got < sizeof s->head; i++)
            s->head[s->got++] = scratch[i];
    if (n == 0 || errno != EAGAIN)
        end(s);
}

static void turn(double allowed)
{
    struct epoll_event ready[AT_ONCE];
    int count;

    for (unsigned i = 0; i < BEGUN_AT_ONCE && (double)made < allowed; i++)
        if (!begin())
            break;
    count = epoll_wait(events, ready, AT_ONCE, (double)made < allowed ? 0 : 1);
    for (int i = 0; i < count; i++)
        go_on(ready[i].data.ptr);
}

static void refresh(void)
{
    char challenge[MOOT_CHALLENGE_LEN + 1];

    if (!ask_challenge(challenge))
        return;
    for (unsigned i = 0; i < IDENTITIES; i++)
        prepare(i, challenge);
}

int main(int argc, char *argv[])
{
    double began, asked = 0, length, rate;

    if (argc < 4 || sodium_init() < 0) {
        fprintf(stderr, "flood PORT PER_SECOND SECONDS [FROM]\n");
        return 2;
    }
    host.sin_family = from.sin_family = AF_INET;
    host.sin_port = htons((uint16_t)atoi(argv[1]));
    inet_pton(AF_INET, "127.0.0.1", &host.sin_addr);
    inet_pton(AF_INET, argc > 4 ? argv[4] : "127.0.0.2", &from.sin_addr);
    rate = atof(argv[2]);
    length = atof(argv[3]);
    for (unsigned i = 0; i < AT_ONCE; i++)
        shots[i] = (struct shot){.fd = -1, .next_free = i + 1};
    events = epoll_create1(EPOLL_CLOEXEC);
    began = now_s();
    while (now_s() - began < length) {
        if (asked == 0 || now_s() - asked > ASK_AGAIN_S) {
            refresh();
            asked = now_s();
        }
        turn((now_s() - began) * rate);
    }
    printf("offered %.0f made %lu 200=%lu 429=%lu 503=%lu other=%lu "
           "failed=%lu\n",
           rate * length, made, ok, many, full, other, failed);
    return 0;
}
