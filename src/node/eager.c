/*
 * node/eager.c - to whom does a new entry go at once?
 *
 * A full mesh: to every link but those that do not keep up, which anti-entropy
 * serves later.  A larger group would choose a few here, and nowhere else.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include "node_internal.h"

bool moot_eager(const struct moot_node *n, const struct node_link *l)
{
    (void)n;
    return l->state == LINK_UP && l->main && !l->lagging;
}
