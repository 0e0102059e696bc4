/*
 * tests/tools/record.c - somebody on the way who keeps what one side sends.
 *
 *     record FILE
 *
 * Prints the port on which it listens, reads from standard input to which port
 * of 127.0.0.1 it is to lead, and passes on whatever comes, both ways; what the
 * first who dials sends is kept in FILE as it was on the wire.  Ends with its
 * standard input.
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
#include <unistd.h>

#define PAIRS_MAX 64

struct pair {
    int from, to;
};

static struct pair pairs[PAIRS_MAX];
static unsigned pair_count;
static FILE *kept;

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static struct sockaddr_in local(uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

static int listen_here(void)
{
    struct sockaddr_in a = local(0);
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 ||
        listen(fd, 64) != 0 || getsockname(fd, (void *)&a, &len) != 0)
        die("listen");
    printf("%u\n", ntohs(a.sin_port));
    fflush(stdout);
    return fd;
}

static void accept_one(int listener, uint16_t port)
{
    struct sockaddr_in a = local(port);
    int from = accept(listener, NULL, NULL);
    int to = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (from < 0 || to < 0)
        die("accept");
    if (pair_count == PAIRS_MAX ||
        connect(to, (struct sockaddr *)&a, sizeof a) != 0) {
        close(from);
        close(to);
        return;
    }
    pairs[pair_count++] = (struct pair){from, to};
}

/* False: that direction is over. */
static bool pass_on(int from, int to, FILE *keep)
{
    char bytes[65536];
    ssize_t n = read(from, bytes, sizeof bytes);

    if (n <= 0)
        return false;
    if (keep != NULL) {
        fwrite(bytes, 1, (size_t)n, keep);
        fflush(keep);
    }
    for (ssize_t at = 0; at < n;) {
        ssize_t sent = send(to, bytes + at, (size_t)(n - at), MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        at += sent;
    }
    return true;
}

static void end(struct pair *p)
{
    close(p->from);
    close(p->to);
    p->from = p->to = -1;
}

static void turn(struct pollfd *fds, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct pair *p = &pairs[i];
        bool goes_on = true;

        if (p->from < 0)
            continue;
        if (fds[2 * i].revents != 0)
            goes_on = pass_on(p->from, p->to, i == 0 ? kept : NULL);
        if (goes_on && fds[2 * i + 1].revents != 0)
            goes_on = pass_on(p->to, p->from, NULL);
        if (!goes_on)
            end(p);
    }
}

int main(int argc, char **argv)
{
    struct pollfd fds[2 * PAIRS_MAX + 2];
    unsigned port;
    int listener;

    if (argc != 2) {
        fprintf(stderr, "usage: record FILE\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    kept = fopen(argv[1], "wb");
    if (kept == NULL)
        die(argv[1]);
    listener = listen_here();
    if (scanf("%u", &port) != 1 || getchar() != '\n')
        return EXIT_FAILURE;
    for (;;) {
        unsigned count = pair_count;

        for (unsigned i = 0; i < count; i++) {
            fds[2 * i] = (struct pollfd){pairs[i].from, POLLIN, 0};
            fds[2 * i + 1] = (struct pollfd){pairs[i].to, POLLIN, 0};
        }
        fds[2 * count] = (struct pollfd){listener, POLLIN, 0};
        fds[2 * count + 1] = (struct pollfd){STDIN_FILENO, POLLIN, 0};
        if (poll(fds, 2 * count + 2, -1) < 0 && errno != EINTR)
            die("poll");
        if (fds[2 * count + 1].revents != 0)
            return EXIT_SUCCESS;
        turn(fds, count);
        if (fds[2 * count].revents != 0)
            accept_one(listener, (uint16_t)port);
    }
}
