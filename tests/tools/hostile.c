/*
 * tests/tools/hostile.c - connections that mean no good, from one process.
 *
 *     hostile PORT MODE COUNT SECONDS
 *
 *     scan     connects and closes at once
 *     silent   connects and says nothing
 *     garbage  sends bytes that mean nothing
 *     http     asks for a page
 *     trickle  begins a TLS handshake, one byte a second
 *
 * Waits until the other side has closed them all, SECONDS at most, and prints
 * "COUNT opened, N closed by the other side after M ms".  Exit 0 when all were
 * closed.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 4096
#define STEP_MS 1000

/* The first bytes of an honest ClientHello: never finished. */
static const uint8_t hello[] = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01,
                                0x00, 0x01, 0xfc, 0x03, 0x03};

static struct pollfd fds[COUNT_MAX];
static unsigned count;

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
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

/* What is refused may be cut already: that is not our trouble. */
static void send_to(int fd, const void *bytes, size_t len)
{
    if (send(fd, bytes, len, MSG_NOSIGNAL) < 0 && errno != EPIPE &&
        errno != ECONNRESET)
        die("send");
}

static void begin(int fd, const char *mode)
{
    uint8_t noise[512];

    if (strcmp(mode, "garbage") == 0) {
        for (size_t i = 0; i < sizeof noise; i++)
            noise[i] = (uint8_t)(random() >> 8);
        send_to(fd, noise, sizeof noise);
    } else if (strcmp(mode, "http") == 0) {
        const char *get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

        send_to(fd, get, strlen(get));
    }
}

/* Reads what is there; true when the other side has closed. */
static bool closed_by_other(int fd)
{
    uint8_t bytes[4096];
    ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);

    if (n > 0)
        return false;
    return n == 0 || (errno != EAGAIN && errno != EINTR);
}

static unsigned reap(void)
{
    unsigned closed = 0;

    for (unsigned i = 0; i < count; i++) {
        if (fds[i].fd < 0 || fds[i].revents == 0)
            continue;
        if (!closed_by_other(fds[i].fd))
            continue;
        close(fds[i].fd);
        fds[i].fd = -1;
        closed++;
    }
    return closed;
}

static void trickle(unsigned turn)
{
    if (turn >= sizeof hello)
        return;
    for (unsigned i = 0; i < count; i++)
        if (fds[i].fd >= 0)
            send_to(fds[i].fd, hello + turn, 1);
}

static unsigned watch(const char *mode, int64_t until)
{
    int64_t next = now_ms();
    unsigned closed = 0;
    unsigned turn = 0;

    while (closed < count && now_ms() < until) {
        if (strcmp(mode, "trickle") == 0 && now_ms() >= next) {
            trickle(turn++);
            next += STEP_MS;
        }
        if (poll(fds, count, 100) < 0 && errno != EINTR)
            die("poll");
        closed += reap();
    }
    return closed;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: hostile PORT MODE COUNT SECONDS\n");
        return 2;
    }

    uint16_t port = (uint16_t)strtoul(argv[1], NULL, 10);
    const char *mode = argv[2];
    unsigned wanted = (unsigned)strtoul(argv[3], NULL, 10);
    int64_t began = now_ms();
    int64_t until = began + strtol(argv[4], NULL, 10) * 1000;

    signal(SIGPIPE, SIG_IGN);
    for (count = 0; count < wanted && count < COUNT_MAX; count++) {
        fds[count].fd = dial(port);
        fds[count].events = POLLIN;
        begin(fds[count].fd, mode);
        if (strcmp(mode, "scan") == 0)
            close(fds[count].fd);
    }
    if (strcmp(mode, "scan") == 0)
        return EXIT_SUCCESS;

    unsigned closed = watch(mode, until);

    printf("%u opened, %u closed by the other side after %lld ms\n", count,
           closed, (long long)(now_ms() - began));
    return closed == count ? EXIT_SUCCESS : EXIT_FAILURE;
}
