/*
 * base/bytes.c - views and the buffer that grows.
 *
 * The buffer moves what it holds to the front only when that saves it from
 * growing, so appending and consuming in turns costs one copy per doubling.
 *
 * Layer:  base (quiet).
 * Thread: the caller's.
 */
#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"

#define FIRST_MAX 256 /* of an empty buffer: most frames fit */

struct moot_bytes moot_bytes_text(const char *text)
{
    return moot_bytes_of(text, strlen(text));
}

bool moot_bytes_eq(struct moot_bytes a, struct moot_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

uint64_t moot_mix(uint64_t print, const void *data, size_t len)
{
    const uint8_t *byte = data;

    for (size_t i = 0; i < len; i++) /* FNV-1a */
        print = (print ^ byte[i]) * UINT64_C(0x100000001b3);
    return print;
}

void moot_buf_fini(struct moot_buf *b)
{
    free(b->data);
    memset(b, 0, sizeof *b);
}

void moot_buf_clear(struct moot_buf *b)
{
    b->start = 0;
    b->len = 0;
}

static void grow(struct moot_buf *b, size_t wanted)
{
    size_t max = b->max > 0 ? b->max : FIRST_MAX;

    while (max < wanted)
        max *= 2;

    uint8_t *data = moot_realloc(NULL, max);

    if (b->len > 0)
        memcpy(data, b->data + b->start, b->len);
    free(b->data);
    b->data = data;
    b->start = 0;
    b->max = max;
}

uint8_t *moot_buf_reserve(struct moot_buf *b, size_t len)
{
    moot_assert(len <= SIZE_MAX / 4 && b->len <= SIZE_MAX / 4);

    if (b->max - b->start - b->len < len || b->max == 0) {
        if (b->len + len <= b->max / 2) {
            memmove(b->data, b->data + b->start, b->len);
            b->start = 0;
        } else {
            grow(b, b->len + len);
        }
    }
    return b->data + b->start + b->len;
}

void moot_buf_commit(struct moot_buf *b, size_t len)
{
    moot_assert(len <= b->max - b->start - b->len);
    b->len += len;
}

void moot_buf_append(struct moot_buf *b, const void *data, size_t len)
{
    if (len == 0)
        return;
    memcpy(moot_buf_reserve(b, len), data, len);
    b->len += len;
}

void moot_buf_printf(struct moot_buf *b, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    moot_assert(len >= 0);

    size_t size = (size_t)len + 1;
    uint8_t *at = moot_buf_reserve(b, size);

    va_start(args, format);
    vsnprintf((char *)at, size, format, args);
    va_end(args);
    b->len += (size_t)len;
}

void moot_buf_consume(struct moot_buf *b, size_t len)
{
    moot_assert(len <= b->len);
    b->start += len;
    b->len -= len;
    if (b->len == 0)
        b->start = 0;
}

const char *moot_buf_text(struct moot_buf *b)
{
    uint8_t *end = moot_buf_reserve(b, 1);

    *end = 0;
    return (const char *)(end - b->len);
}
