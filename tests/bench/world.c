/*
 * tests/bench/world.c - time, prices, results, lines, sockets.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

void fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(EXIT_FAILURE);
}

/* --- time and prices --- */

static int64_t read_clock(clockid_t clock)
{
    struct timespec t;

    if (clock_gettime(clock, &t) != 0)
        die("clock_gettime");
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t now_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t cpu_us(pid_t pid)
{
    clockid_t clock;
    int rc = clock_getcpuclockid(pid, &clock);

    if (rc != 0)
        fail("process %d is gone: %s", (int)pid, strerror(rc));
    return read_clock(clock);
}

unsigned long proc_kib(pid_t pid, const char *name, const char *field)
{
    char path[64], text[256];
    unsigned long kib = 0;
    size_t len = strlen(field);
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    f = fopen(path, "r");
    if (f == NULL)
        die(path);
    while (fgets(text, sizeof text, f) != NULL) {
        if (strncmp(text, field, len) == 0 && text[len] == ':')
            kib = strtoul(text + len + 1, NULL, 10);
    }
    fclose(f);
    return kib;
}

void read_loopback(double *bytes, double *packets)
{
    char text[512];
    FILE *f = fopen("/proc/net/dev", "r");

    if (f == NULL)
        die("/proc/net/dev");
    while (fgets(text, sizeof text, f) != NULL) {
        char *at = strstr(text, "lo:");

        if (at == NULL)
            continue;
        *bytes = strtod(at + 3, &at);
        *packets = strtod(at, NULL);
    }
    fclose(f);
}

void begin_measuring(void)
{
    const char *command = getenv("MOOT_BENCH_DURING");
    char shell[1024];

    if (command == NULL)
        return;
    snprintf(shell, sizeof shell, "(%s) >&2 &", command);
    if (system(shell) != 0)
        fail("cannot run %s", command);
    usleep(500000); /* it has to start, too */
}

/* --- results --- */

void result(const char *name, double value)
{
    printf("%s %.6g\n", name, value);
    fflush(stdout);
}

static int compare(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

void result_percentiles(const char *name, uint32_t *samples, size_t count)
{
    static const struct {
        const char *name;
        unsigned permille;
    } at[] = {{"p50", 500}, {"p99", 990}, {"p999", 999}};
    char full[128];

    if (count == 0)
        fail("%s: nothing was measured", name);
    qsort(samples, count, sizeof *samples, compare);
    for (unsigned i = 0; i < 3; i++) {
        snprintf(full, sizeof full, "%s_%s", name, at[i].name);
        result(full, samples[count * at[i].permille / 1000]);
    }
}

/* --- lines --- */

static void put_digits(char *at, unsigned count, uint64_t value)
{
    while (count-- > 0) {
        at[count] = (char)('0' + value % 10);
        value /= 10;
    }
}

static uint64_t digits(const uint8_t *at, unsigned count)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < count; i++)
        value = value * 10 + (uint64_t)(at[i] - '0');
    return value;
}

/* "B 007 0000000042 0000000000000000 xxx...": where what begins. */
enum {
    AT_AUTHOR = 2,
    AT_NUMBER = 6,
    AT_DUE = 17,
    AT_FILLING = 33
};

void line_make(char out[LINE_LEN], unsigned author, uint32_t number,
               int64_t due)
{
    memcpy(out, "B 000 0000000000 0000000000000000 ", AT_FILLING + 1);
    memset(out + AT_FILLING + 1, 'x', LINE_LEN - AT_FILLING - 2);
    put_digits(out + AT_AUTHOR, 3, author);
    put_digits(out + AT_NUMBER, 10, number);
    if (due != 0)
        put_digits(out + AT_DUE, 16, (uint64_t)due);
    out[LINE_LEN - 1] = '\n';
}

const uint8_t *line_find(struct moot_bytes shown, unsigned *author,
                         uint32_t *number)
{
    const uint8_t *at = shown.data + shown.len - (LINE_LEN - 1);

    if (shown.len < LINE_LEN - 1 || at[0] != 'B' || at[1] != ' ' ||
        at[AT_DUE - 1] != ' ' || at[LINE_LEN - 2] != 'x')
        return NULL;
    *author = (unsigned)digits(at + AT_AUTHOR, 3);
    *number = (uint32_t)digits(at + AT_NUMBER, 10);
    return at;
}

int64_t line_due(const uint8_t *at)
{
    return (int64_t)digits(at + AT_DUE, 16);
}

/* --- sockets --- */

static struct sockaddr_in here(uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

static int tuned(int fd, const char *what)
{
    int on = 1;

    if (fd < 0)
        die(what);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

int listen_here(uint16_t *ret_port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = here(0);
    socklen_t len = sizeof a;

    if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 ||
        listen(fd, 1024) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) != 0)
        die("listen");
    *ret_port = ntohs(a.sin_port);
    return fd;
}

int dial_here(uint16_t port)
{
    struct sockaddr_in to = here(port);
    int fd = tuned(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("connect");
    return fd;
}

int accept_here(int fd)
{
    return tuned(accept4(fd, NULL, NULL, SOCK_CLOEXEC), "accept");
}

void make_nonblocking(int fd)
{
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0)
        die("fcntl");
}

void make_tls(struct moot_key *key, struct moot_tls *tls)
{
    uint8_t seed[32];

    if (getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        die("getrandom");
    moot_key_init(key, seed);
    if (moot_tls_open(key, tls) != MOOT_OK)
        fail("no TLS settings");
}

SSL *shake(SSL_CTX *ctx, int fd, bool accepting)
{
    SSL *ssl = SSL_new(ctx);

    if (ssl == NULL || SSL_set_fd(ssl, fd) != 1 ||
        (accepting ? SSL_accept(ssl) : SSL_connect(ssl)) != 1)
        fail("the TLS handshake failed");
    return ssl;
}
