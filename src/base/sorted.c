/*
 * base/sorted.c - binary search.
 *
 * Layer:  base (quiet).
 * Thread: the caller's.
 */
#include "base/sorted.h"

#include <stdint.h>

unsigned moot_sorted_find(const void *array, size_t size, unsigned count,
                          int (*order)(const void *item, const void *key),
                          const void *key, bool *ret_found)
{
    const uint8_t *items = array;
    unsigned low = 0, high = count;
    bool found = false;

    while (low < high) {
        unsigned mid = low + (high - low) / 2;
        int side = order(items + mid * size, key);

        found = found || side == 0;
        if (side < 0)
            low = mid + 1;
        else
            high = mid;
    }
    if (ret_found != NULL)
        *ret_found = found;
    return low;
}
