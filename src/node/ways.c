/*
 * node/ways.c - where others may be: from what we were started with, what a
 * page lists, and what the DNS has.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/slots.h"
#include "node_internal.h"

/* One with an identity was met there on a link, and may be again; without one
 * it is a bootstrap socket. */
static unsigned ways_of(const struct moot_peer *p, enum moot_way_kind kind,
                        struct moot_way out[2])
{
    unsigned count = 0;

    memset(out, 0, 2 * sizeof *out);
    if (p->has_id) {
        out[count].kind = kind;
        out[count].seed = true;
        out[count].addr = p->addr;
        out[count].has_id = true;
        out[count++].id = p->id;
    }
    if (p->has_id && p->boot.port == 0)
        return count;
    out[count].kind = kind;
    out[count].addr = p->has_id ? p->boot : p->addr;
    out[count].has_id = p->has_id;
    out[count++].id = p->id;
    return count;
}

/* Is it, as far as is known, of our group? */
static bool is_ours(const struct moot_peer *p, const struct moot_hash *group)
{
    return p->has_group && moot_hash_eq(&p->group, group);
}

static struct moot_way *open_way(struct moot_way **ways, unsigned *count,
                                 unsigned *max)
{
    *ways = moot_slot_open(*ways, sizeof **ways, count, max, *count);
    return &(*ways)[*count - 1];
}

/* What the profile remembers of the way back. */
static const struct moot_back *back_of(const struct moot_node_config *config,
                                       const struct moot_hash *group)
{
    for (unsigned i = 0; i < config->past_count; i++)
        if (moot_hash_eq(&config->pasts[i].group, group))
            return &config->pasts[i].back;
    return NULL;
}

static struct moot_way kept_way(const struct moot_kept_addr *k, bool seed)
{
    static const struct moot_id nobody;
    struct moot_way w = {.kind = MOOT_WAY_REMEMBERED,
                         .seed = seed,
                         .addr = k->addr,
                         .has_id = !moot_id_eq(&k->id, &nobody),
                         .id = k->id};

    return w;
}

struct moot_way *moot_ways_gather(const struct moot_node_config *config,
                                  const struct moot_hash *group,
                                  unsigned *ret_count)
{
    struct moot_way *ways = NULL, two[2];
    const struct moot_back *back = back_of(config, group);
    unsigned count = 0, max = 0;

    for (unsigned i = 0; back != NULL && i < back->door_count; i++)
        *open_way(&ways, &count, &max) = kept_way(&back->doors[i], false);
    for (unsigned i = 0; back != NULL && i < back->seed_count; i++)
        *open_way(&ways, &count, &max) = kept_way(&back->seeds[i], true);
    for (unsigned i = 0; i < config->peer_count; i++) {
        unsigned n = ways_of(&config->peers[i], MOOT_WAY_CACHED, two);

        if (!is_ours(&config->peers[i], group))
            continue;
        for (unsigned k = 0; k < n; k++)
            *open_way(&ways, &count, &max) = two[k];
    }
    for (unsigned i = 0; i < config->url_count; i++)
        *open_way(&ways, &count, &max) =
            (struct moot_way){.kind = MOOT_WAY_LISTED, .url = config->urls[i]};
    *ret_count = count;
    return ways;
}

/* What a page lists counts when it may be of our group, and can be dialled
 * from here. */
static bool may_be_ours(const struct moot_node *n, const struct moot_peer *p)
{
    if (p->group_name[0] != '\0' && strcmp(p->group_name, n->group_name) != 0)
        return false;
    return !p->has_group || is_ours(p, &n->group_id) ||
           moot_boot_weight(n->boot) == MOOT_TENTATIVE;
}

static void on_list(struct moot_node *n, const struct moot_ev_list *ev,
                    struct moot_effects *fx)
{
    struct moot_boot_event told = {.kind = MOOT_BOOT_FOUND, .token = ev->token};
    struct moot_peers list = {0};
    struct moot_way *ways = NULL, two[2];
    unsigned max = 0;

    told.why = moot_peers_decode_list(ev->text, &list);
    if (told.why != MOOT_OK) {
        told.kind = MOOT_BOOT_ASK_FAILED;
        told.why = MOOT_EANSWER;
    }
    for (unsigned i = 0; i < list.peer_count; i++) {
        unsigned count = ways_of(&list.peers[i], MOOT_WAY_LISTED, two);

        for (unsigned k = 0; k < count; k++)
            if (may_be_ours(n, &list.peers[i]) &&
                moot_book_admits(&two[k].addr, ev->here))
                *open_way(&ways, &told.way_count, &max) = two[k];
    }
    told.ways = ways;
    moot_minds_boot(n, &told, fx);
    moot_peers_fini(&list);
    free(ways);
}

static void on_found(struct moot_node *n, const struct moot_ev_found *ev,
                     struct moot_effects *fx)
{
    struct moot_boot_event told = {.kind = MOOT_BOOT_FOUND,
                                   .token = ev->token,
                                   .ways = ev->ways,
                                   .way_count = ev->count};

    moot_minds_boot(n, &told, fx);
}

void moot_ways_told(struct moot_node *n, const struct moot_event *ev,
                    struct moot_effects *fx)
{
    if (ev->kind == MOOT_EV_LIST)
        on_list(n, &ev->list, fx);
    else
        on_found(n, &ev->found, fx);
}
