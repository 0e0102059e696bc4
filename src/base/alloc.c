/*
 * base/alloc.c - the C library's memory, without its NULL.
 *
 * Counts and limits nothing: that is the business of base/limits.h.
 *
 * Layer:  base (quiet).
 * Thread: any.
 */
#include "base/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

static void *or_die(void *memory, size_t len)
{
    if (memory)
        return memory;
    fprintf(stderr, "moot: out of memory (%zu bytes wanted)\n", len);
    abort();
}

void *moot_alloc(size_t len)
{
    moot_assert(len >= 1);
    return or_die(calloc(1, len), len);
}

void *moot_realloc(void *old, size_t len)
{
    moot_assert(len >= 1);
    return or_die(realloc(old, len), len);
}

void *moot_copy(const void *from, size_t len)
{
    moot_assert(len < SIZE_MAX);

    uint8_t *copy = or_die(malloc(len + 1), len + 1);

    if (len > 0)
        memcpy(copy, from, len);
    copy[len] = 0;
    return copy;
}
