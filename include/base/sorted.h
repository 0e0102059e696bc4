/*
 * base/sorted.h - where something is in a sorted array, or would have to be.
 *
 * Putting it there is the business of base/slots.h.
 *
 * Layer:  base (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_BASE_SORTED_H
#define MOOT_BASE_SORTED_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The index of the first of count items of size bytes that does not come before
 * the key; count when all do.  order is below zero for an item that comes
 * before the key, and zero for the key itself: *ret_found says whether it was
 * there.  ret_found may be NULL.
 */
unsigned moot_sorted_find(const void *array, size_t size, unsigned count,
                          int (*order)(const void *item, const void *key),
                          const void *key, bool *ret_found);

#endif
