/*
 * tests/words.h - the words in which the tests are written.
 *
 * Expectations that say what was expected, and the few things of the outside
 * world that tests need: a directory, a port, a page that must not be read, a
 * file of test vectors.  Not for the product.
 *
 * Layer:  tests.
 * Thread: the main thread of a test; check's assertions need it.
 */
#ifndef MOOT_TESTS_WORDS_H
#define MOOT_TESTS_WORDS_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "ident/id.h"

/* --- expectations --- */

/* A failure shows the texts of both sides and the line of the test. */
#define expect(condition) ck_assert(condition)
#define expect_ok(rc) expect_error_at(__FILE__, __LINE__, #rc, (rc), MOOT_OK)
#define expect_error(rc, want)                                                 \
    expect_error_at(__FILE__, __LINE__, #rc, (rc), (want))
#define expect_int(got, want) ck_assert_int_eq((got), (want))
#define expect_uint(got, want) ck_assert_uint_eq((got), (want))
#define expect_text(got, want)                                                 \
    expect_text_at(__FILE__, __LINE__, #got, (got), (want))
#define expect_bytes(got, want)                                                \
    expect_bytes_at(__FILE__, __LINE__, #got, (got), (want))
#define expect_hex(got, want)                                                  \
    expect_hex_at(__FILE__, __LINE__, #got, (got), (want))
#define expect_id(got, want)                                                   \
    expect_raw32_at(__FILE__, __LINE__, #got, (got)->b, (want)->b)
#define expect_hash(got, want) expect_id(got, want)

/* For loops of very many turns: check writes down every assertion that holds,
 * which takes longer than most of what is tested; of this one it hears only
 * when it does not hold. */
#define expect_turn(condition, ...)                                            \
    ((condition) ? (void)0 : ck_abort_msg(__VA_ARGS__))

/* Is the text within the other text? */
#define expect_within(part, whole)                                             \
    expect_within_at(__FILE__, __LINE__, (part), (whole))

/* What was gathered as text, a line for each thing that was done: it is
 * compared, and forgotten.  With kinds, only the lines that begin with one of
 * these words count, which blanks separate; what names it all otherwise. */
void expect_lines_at(const char *file, int line, const char *what,
                     struct moot_buf *got, const char *kinds, const char *want);

void expect_error_at(const char *file, int line, const char *what, int got,
                     int want);
void expect_text_at(const char *file, int line, const char *what,
                    const char *got, const char *want);
void expect_bytes_at(const char *file, int line, const char *what,
                     struct moot_bytes got, struct moot_bytes want);
void expect_hex_at(const char *file, int line, const char *what,
                   struct moot_bytes got, const char *want);
void expect_raw32_at(const char *file, int line, const char *what,
                     const uint8_t got[32], const uint8_t want[32]);
void expect_within_at(const char *file, int line, const char *part,
                      const char *whole);

/* --- bytes --- */

/* From hex digits, spaces ignored: appended to out.  Fails the test when the
 * text is anything else. */
void unhex(const char *hex, struct moot_buf *out);

/* An identity or a hash that is easy to tell from others: 32 times n. */
struct moot_id id_of(uint8_t n);
struct moot_hash hash_of(uint8_t n);

/* The whole file, appended to out.  Fails the test when it cannot be read.
 * Paths are taken from the root of the source tree. */
void read_file(const char *path, struct moot_buf *out);
void write_file(const char *path, struct moot_bytes bytes);

/*
 * Bytes that end where the next page begins, and that page must not be
 * touched: reading or writing one byte too far ends the test with a signal.
 */
struct guarded {
    uint8_t *data;
    size_t len;
    void *map; /* guarded_fini's business */
    size_t map_len;
};
void guarded_init(struct guarded *g, struct moot_bytes bytes); /* copies */
void guarded_fini(struct guarded *g);
struct moot_bytes guarded_view(const struct guarded *g);

/* --- vectors --- */

/*
 * A file of test vectors under tests/vectors/: lines of "key = value", where
 * empty lines and lines that begin with # mean nothing.  A key may come again:
 * then each use is one more record, asked for by its number.
 */
struct vectors {
    struct moot_buf text;
};
void vectors_open(struct vectors *v, const char *name);
void vectors_close(struct vectors *v);

/* How often the key is there. */
unsigned vectors_count(const struct vectors *v, const char *key);

/* The value of the n-th (from 0) line of this key: free() gives it back.
 * Fails the test when there is no such line. */
char *vectors_text(const struct vectors *v, const char *key, unsigned n);

/* The same, read as hex digits and appended to out. */
void vectors_hex(const struct vectors *v, const char *key, unsigned n,
                 struct moot_buf *out);

/* --- the outside --- */

/* A fresh directory, empty and ours alone; destroy removes all in it. */
char *temp_dir_create(void);
void temp_dir_destroy(char *dir);

/* A listening TCP socket on 127.0.0.1 at a port of the kernel's choice. */
int socket_listening(uint16_t *ret_port);

/* A bound socket that does not listen: who dials it is refused, and nobody
 * else can take the port until the socket is closed. */
int socket_refusing(uint16_t *ret_port);

/* A monotonic clock in milliseconds. */
int64_t clock_ms(void);

/* So long may be waited for what is to come: as long as wanted, or what the
 * environment allows at most, where a planted bug is waited for in vain. */
int64_t patience_ms(int64_t ms);

/* Asks again and again until the answer is true; fails the test when the
 * deadline has passed.  The only way in which a test waits. */
#define expect_until(condition_fn, ctx, ms)                                    \
    expect_until_at(__FILE__, __LINE__, #condition_fn, (condition_fn), (ctx),  \
                    (ms))
void expect_until_at(const char *file, int line, const char *what,
                     bool (*condition)(void *ctx), void *ctx, int64_t ms);

/* The seed of a turn of a loop test: its index, or SEED of the environment. */
uint64_t seed_of(int i);

#endif
