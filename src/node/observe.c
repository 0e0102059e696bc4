/*
 * node/observe.c - where others see us come from.
 *
 * Behind a router that passes everything on, a machine does not know the
 * address under which the world reaches it.  When two members see us at the
 * same public host, our record says that we can be dialled there; one alone may
 * be wrong, or lie.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "node_internal.h"

static bool is_v6(const struct moot_addr *a)
{
    return strchr(a->host, ':') != NULL;
}

static bool is_among(const struct moot_addr *a, const struct moot_addr *list,
                     unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (moot_addr_eq(&list[i], a))
            return true;
    return false;
}

/* Does anybody else see us there? */
static bool is_confirmed(const struct moot_node *n, const struct node_link *l)
{
    for (unsigned i = 0; i < n->link_count; i++) {
        const struct node_link *x = n->links[i];

        if (x->state == LINK_UP && !moot_id_eq(&x->id, &l->id) &&
            strcmp(x->seen, l->seen) == 0)
            return true;
    }
    return false;
}

/* What we know of ourselves comes first, but an address of each family that
 * others confirmed always has a place. */
static void advertise(struct moot_node *n, struct moot_effects *fx)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_ADDRS};
    struct moot_addr all[MOOT_RECORD_ADDRS_MAX];
    unsigned found = 0, count = 0;

    for (unsigned i = 0; i < 2; i++)
        found += n->observed[i].port != 0;
    for (unsigned i = 0; i < n->addr_count; i++)
        if (count < MOOT_RECORD_ADDRS_MAX - found)
            all[count++] = n->addrs[i];
    for (unsigned i = 0; i < 2; i++)
        if (n->observed[i].port != 0)
            all[count++] = n->observed[i];
    ev.addrs.at = all;
    ev.addrs.count = count;
    moot_minds_group(n, &ev, fx);
}

void moot_observe(struct moot_node *n, struct node_link *l, const char *host,
                  struct moot_effects *fx)
{
    struct moot_addr a;
    struct moot_addr *known;

    if (host[0] == '\0' || n->self.port == 0)
        return; /* not told, or the user says where we are */
    memcpy(l->seen, host, strlen(host) + 1);
    moot_addr_set(&a, host, n->self.port);
    known = &n->observed[is_v6(&a)];
    if (!moot_addr_public(&a) || is_among(&a, n->addrs, n->addr_count) ||
        moot_addr_eq(&a, known) || !is_confirmed(n, l))
        return;
    moot_trace(n->tracer, "others see me at %s -> say so", a.host);
    *known = a;
    advertise(n, fx);
}
