/*
 * base/slots.c - arrays that double.
 *
 * Layer:  base (quiet).
 * Thread: the caller's.
 */
#include "base/slots.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"

#define FIRST_MAX 8

void *moot_slot_open(void *array, size_t size, unsigned *count, unsigned *max,
                     unsigned at)
{
    moot_assert(at <= *count);
    if (*count == *max) {
        *max = *max == 0 ? FIRST_MAX : 2 * *max;
        array = moot_realloc(array, *max * size);
    }

    uint8_t *slot = (uint8_t *)array + at * size;

    memmove(slot + size, slot, (*count - at) * size);
    memset(slot, 0, size);
    (*count)++;
    return array;
}

void moot_slot_close(void *array, size_t size, unsigned *count, unsigned at)
{
    moot_assert(at < *count);

    uint8_t *slot = (uint8_t *)array + at * size;

    (*count)--;
    memmove(slot, slot + size, (*count - at) * size);
}
