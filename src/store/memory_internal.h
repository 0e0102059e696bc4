/*
 * store/memory_internal.h - the index behind the memory store.
 *
 * Layer:  store (loud).
 * Thread: the store's; it never touches a reference count.
 */
#ifndef MOOT_STORE_MEMORY_INTERNAL_H
#define MOOT_STORE_MEMORY_INTERNAL_H

#include <stdbool.h>
#include <uthash.h>

#include "node/event.h"

/* One chain, sorted by seq; what is missing is simply not there. */
struct store_chain {
    struct moot_run in;
    struct moot_entry **at;
    unsigned count, max;
    UT_hash_handle hh;
};

/* A body that can go, in the order in which they came. */
struct store_body {
    struct moot_run in;
    uint64_t seq;
};

struct store_index {
    struct store_chain *chains;
    struct store_body *bodies; /* a ring */
    unsigned body_first, body_count, body_max;
    size_t bytes, bytes_max;
};

/* Entries to be handed on; grows at the end. */
struct store_list {
    struct moot_entry **at;
    unsigned count, max;
};

void store_list_add(struct store_list *l, struct moot_entry *e);

/* Keeps e, whose reference is the index's from now on.  Entries whose
 * references the index gives up are added to dropped, e itself perhaps. */
void store_index_put(struct store_index *x, struct moot_entry *e,
                     struct store_list *dropped);

/* Adds to found what lies in range, in chain order without a hole, up to the
 * entry that passes bytes_max.  The references stay the index's. */
void store_index_read(const struct store_index *x,
                      const struct moot_range *range, size_t bytes_max,
                      struct store_list *found);

/* Everything it holds goes to dropped. */
void store_index_fini(struct store_index *x, struct store_list *dropped);

#endif
