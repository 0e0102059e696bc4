/*
 * tests/bench/bench.h - what the measurements share: time, the price of a
 * process, lines that carry a number and a stamp, processes driven by pipes,
 * sockets, and ways of waiting.
 *
 * Every measurement prints "name value" lines, which scripts/bench collects,
 * takes medians of, and makes a table of.
 *
 * Layer:  tests.
 * Thread: main.
 */
#ifndef MOOT_TESTS_BENCH_H
#define MOOT_TESTS_BENCH_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/error.h"
#include "net/tls.h"

#define MEMBERS_MAX 1024
#define WINDOW_MAX 256 /* lines on the way at most */

/* --- world.c: time, prices, results --- */

noreturn void die(const char *what);
noreturn void fail(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

int64_t now_us(void);

/* User and system time of all its threads so far, in microseconds. */
int64_t cpu_us(pid_t pid);

/* A figure of /proc/PID/NAME in KiB: "Pss" of smaps_rollup, "VmRSS" of
 * status. */
unsigned long proc_kib(pid_t pid, const char *name, const char *field);

/* Runs the command in MOOT_BENCH_DURING, if any, beside what is measured: a
 * profiler, for instance. */
void begin_measuring(void);

/* What went over the loopback so far, headers included. */
void read_loopback(double *bytes, double *packets);

/* "name value" on standard output. */
void result(const char *name, double value);

/* Prints NAME_p50, NAME_p99 and NAME_p999; sorts what it is given. */
void result_percentiles(const char *name, uint32_t *samples, size_t count);

/* --- lines --- */

/* What is said: 99 characters, and a line feed. */
#define LINE_LEN 100

/* 'B', who speaks, a number, when it was due, and letters up to the length. */
void line_make(char out[LINE_LEN], unsigned author, uint32_t number,
               int64_t due);

/* Finds one at the end of whatever is shown (without its line feed); NULL: it
 * is no such line. */
const uint8_t *line_find(struct moot_bytes shown, unsigned *author,
                         uint32_t *number);
int64_t line_due(const uint8_t *line);

/* --- sockets --- */

/* On 127.0.0.1, at a port of the kernel's choice. */
int listen_here(uint16_t *ret_port);
int dial_here(uint16_t port);
int accept_here(int fd);
void make_nonblocking(int fd);

/* An identity, and TLS settings as the program makes them. */
void make_tls(struct moot_key *key, struct moot_tls *tls);

/* Both ends block; NULL never: it dies. */
SSL *shake(SSL_CTX *ctx, int fd, bool accepting);

/* --- peers.c: processes driven by pipes --- */

struct peer {
    pid_t pid;
    int in, out, err;
    uint16_t w_port, b_port;
    struct moot_buf said;  /* on standard output, not yet read as lines */
    struct moot_buf noted; /* on standard error, everything */
    bool inside;           /* it said that it is in the group */
    int64_t started, joined;
};

/* Starts the program; argv ends with NULL and lacks its name. */
void peer_start(struct peer *p, const char *const argv[]);

/* Starts a function as a peer: 0 and 1 are its pipes. */
void peer_fork(struct peer *p, void (*live)(unsigned index), unsigned index);

/* Ends it without ceremony, all of them at once. */
void peers_end(struct peer *peers, unsigned count);

/* Types bytes; blocks while the pipe is full. */
void peer_type(struct peer *p, const void *bytes, size_t len);

/* Reads what is there of its standard error; waits for nothing. */
void peer_note(struct peer *p);

/* Reads standard error until all have said that they are in; dies after 60
 * s. */
void peers_until_inside(struct peer *peers, unsigned count);

/* Starts a group: the first is its bootstrap peer, the others come at once.
 * All are in when it returns. */
void group_start(struct peer *peers, unsigned count);

/* One more peer, by way of the first one. */
void group_add(struct peer *peers, unsigned index);

/* Waits until it shows links to all others of a group of so many. */
void peer_until_linked(struct peer *p, unsigned count);

/* Waits until all have links to all, and a moment longer. */
void group_settle(struct peer *peers, unsigned count);

/* Reads what is there; calls back for every line.  false: nothing was there. */
bool peer_lines(struct peer *p, void *ctx,
                void (*line)(void *ctx, struct moot_bytes line));

int64_t cpu_us_of(const struct peer *peers, unsigned count);

/* Reads and forgets for so long. */
void peers_idle(struct peer *peers, unsigned count, int64_t us);

/* --- sink.c: many members in one process --- */

struct sink;

/* Joins the group of the peer with count identities, and says HELLO for all. */
struct sink *sink_open(struct peer *host, unsigned count);
void sink_close(struct sink *s);

/* An epoll descriptor that is readable when there is work. */
int sink_fd(const struct sink *s);

/* Reads what is there, and answers pings. */
void sink_work(struct sink *s);

/* How many lines every member has read in order. */
uint32_t sink_done(const struct sink *s);

/* --- the measurements --- */

void floor_fan(unsigned receivers, bool tls, unsigned processes,
               double seconds);
void floor_shake(unsigned count);
void fan(unsigned receivers, double seconds);
void talk(unsigned members, unsigned rate, double seconds, bool bare);
void join(unsigned members);
void idle(unsigned members, double seconds);
void memory(unsigned few, unsigned many);
void floor_memory(unsigned few, unsigned many);
void start(void);
void fill(const char *past, uint64_t entries);
void floor_fill(const char *past);
void meet(const char *past);
void own(const char *past, double seconds);
void serve(unsigned members, double seconds);
void door(unsigned few, unsigned many);
void crowd(unsigned few, unsigned many);
void first(void);

/* mesh.c: a chat of bare sockets, to be driven like the program. */
void mesh_start(struct peer *peers, unsigned count);

extern const char *program; /* what is measured */

#endif
