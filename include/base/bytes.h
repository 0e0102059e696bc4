/*
 * base/bytes.h - a view of bytes, and a buffer that grows.
 *
 * Layer:  base (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_BASE_BYTES_H
#define MOOT_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A view; who owns the bytes is said where a view is handed out. */
struct moot_bytes {
    const uint8_t *data; /* may be NULL when len is 0 */
    size_t len;
};

/* Bytes that grow at the end and are consumed at the front. */
struct moot_buf {
    uint8_t *data; /* the first byte not yet consumed is data[start] */
    size_t start;
    size_t len; /* bytes held, counted from start */
    size_t max; /* capacity of data */
};

static inline struct moot_bytes moot_bytes_of(const void *data, size_t len)
{
    return (struct moot_bytes){(const uint8_t *)data, len};
}

struct moot_bytes moot_bytes_text(const char *text); /* without the zero */
bool moot_bytes_eq(struct moot_bytes a, struct moot_bytes b);

/* A number that changes with what is mixed into it, from MOOT_MIX on.  No hash:
 * who chooses the bytes can find others of the same number. */
#define MOOT_MIX UINT64_C(0xcbf29ce484222325)
uint64_t moot_mix(uint64_t print, const void *data, size_t len);

/* A zeroed struct is an empty buffer; fini of one does nothing. */
void moot_buf_fini(struct moot_buf *b);
void moot_buf_clear(struct moot_buf *b); /* empties, keeps the memory */

/* Room for len more bytes at the end: borrowed until the next call. */
uint8_t *moot_buf_reserve(struct moot_buf *b, size_t len);
void moot_buf_commit(struct moot_buf *b, size_t len);

void moot_buf_append(struct moot_buf *b, const void *data, size_t len);
void moot_buf_printf(struct moot_buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void moot_buf_consume(struct moot_buf *b, size_t len);

/* What is held: borrowed until the next change of b. */
static inline struct moot_bytes moot_buf_view(const struct moot_buf *b)
{
    return moot_bytes_of(b->len > 0 ? b->data + b->start : NULL, b->len);
}

/* What is held as a C string: borrowed until the next change of b. */
const char *moot_buf_text(struct moot_buf *b);

#endif
