/*
 * node/seen.c - questions about who has what: /seen and /digest.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include "node_internal.h"

unsigned moot_node_seen(const struct moot_node *n, struct moot_seen_line *out,
                        unsigned max)
{
    (void)n;
    (void)out;
    (void)max;
    return 0;
}

unsigned moot_node_digests(const struct moot_node *n,
                           struct moot_digest_line *out, unsigned max)
{
    (void)n;
    (void)out;
    (void)max;
    return 0;
}
