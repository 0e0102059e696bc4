/*
 * node/back.c - how the group we are in is come back to: the bootstrap sockets
 * and the members met here, as the profile is to remember them.
 *
 * Who is here stands before who was; within each the order stays, so that a
 * group in which nothing happens is not written anew.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "node_internal.h"

#define GATHER_MS 200 /* several who come at once are one change */
#define REST_MS 5000  /* the store has better things to do */

/* --- lists --- */

struct list {
    struct moot_kept_addr *at;
    unsigned count, max;
};

/* Does nothing when it is full, or somebody is known at that address, or that
 * identity has a place. */
static void add(struct list *l, const struct moot_kept_addr *c)
{
    if (l->count == l->max || c->addr.port == 0)
        return;
    for (unsigned i = 0; i < l->count; i++)
        if (moot_addr_eq(&l->at[i].addr, &c->addr) ||
            moot_id_eq(&l->at[i].id, &c->id))
            return;
    l->at[l->count++] = *c;
}

/* --- where somebody is found --- */

static bool is_elsewhere(const struct moot_addr *a)
{
    return a->host[0] != '\0' && !moot_addr_loopback(a) &&
           !moot_addr_wildcard(a);
}

/* The host of a member: where it is seen, but what it claims when it is seen
 * on this very machine, so that others find it too. */
static const char *host_of(const struct moot_member *m)
{
    if (is_elsewhere(&m->seen))
        return m->seen.host;
    for (unsigned i = 0; i < m->record.addr_count; i++)
        if (is_elsewhere(&m->record.addrs[i]))
            return m->record.addrs[i].host;
    if (m->seen.host[0] != '\0' || m->record.addr_count == 0)
        return m->seen.host;
    return m->record.addrs[0].host;
}

/* Its bootstrap socket; port 0: none that could be reached from elsewhere. */
static struct moot_addr boot_of(const struct moot_member *m)
{
    struct moot_addr none = {.port = 0}, boot = m->record.boot;

    if (!m->known || boot.port == 0)
        return none;
    if (moot_addr_wildcard(&boot)) {
        const char *host = host_of(m);

        if (host[0] == '\0')
            return none;
        moot_addr_set(&boot, host, boot.port);
    }
    if (moot_addr_loopback(&boot) && !m->self && is_elsewhere(&m->seen))
        return none;
    return boot;
}

static struct moot_addr welcome_of(const struct moot_member *m)
{
    struct moot_addr none = {.port = 0};

    if (m->seen.port != 0)
        return m->seen;
    return m->known && m->record.addr_count > 0 ? m->record.addrs[0] : none;
}

/* --- the two lists --- */

static bool is_live(const struct moot_node *n, const struct moot_id *id)
{
    const struct moot_member *m = moot_group_member(n->group, id);

    return m != NULL && (m->self || m->link != 0 || (m->via > 0 && !m->left));
}

static void add_door(const struct moot_member *m, struct list *doors)
{
    struct moot_kept_addr c = {.addr = boot_of(m), .id = m->id};

    add(doors, &c);
}

static void add_seed(const struct moot_member *m, struct list *seeds)
{
    struct moot_kept_addr c = {.addr = welcome_of(m), .id = m->id};

    if (m->link != 0)
        add(seeds, &c);
}

/* Our own, those known that are still here, others that are here, the rest. */
static void list_doors(const struct moot_node *n, const struct moot_back *old,
                       struct moot_back *out)
{
    struct list doors = {out->doors, 0, MOOT_KEPT_DOORS_MAX};
    unsigned live = moot_group_live_count(n->group);

    add_door(moot_group_member(n->group, &n->key.id), &doors);
    for (unsigned i = 0; i < old->door_count; i++)
        if (is_live(n, &old->doors[i].id))
            add_door(moot_group_member(n->group, &old->doors[i].id), &doors);
    for (unsigned i = 0; i < live && doors.count < doors.max; i++)
        add_door(moot_group_live_at(n->group, i), &doors);
    for (unsigned i = 0; i < old->door_count; i++)
        if (!moot_id_eq(&old->doors[i].id, &n->key.id))
            add(&doors, &old->doors[i]);
    out->door_count = doors.count;
}

/* Likewise, but we are none of them. */
static void list_seeds(const struct moot_node *n, const struct moot_back *old,
                       struct moot_back *out)
{
    struct list seeds = {out->seeds, 0, MOOT_KEPT_SEEDS_MAX};
    unsigned live = moot_group_live_count(n->group);

    for (unsigned i = 0; i < old->seed_count; i++) {
        const struct moot_member *m =
            moot_group_member(n->group, &old->seeds[i].id);

        if (m != NULL)
            add_seed(m, &seeds);
    }
    for (unsigned i = 0; i < live && seeds.count < seeds.max; i++)
        add_seed(moot_group_live_at(n->group, i), &seeds);
    for (unsigned i = 0; i < old->seed_count; i++)
        add(&seeds, &old->seeds[i]);
    out->seed_count = seeds.count;
}

/* --- saying so --- */

void moot_back_begin(struct moot_node *n, const struct moot_past *past)
{
    memset(&n->back, 0, sizeof n->back);
    if (past != NULL)
        n->back = past->back;
    n->back_due = 0;
}

void moot_back_stir(struct moot_node *n)
{
    moot_ms soon = n->now + GATHER_MS, rested = n->back_told + REST_MS;

    if (n->back_due != 0 || n->leaving)
        return;
    n->back_due = n->back_told != 0 && rested > soon ? rested : soon;
}

bool moot_back_due(const struct moot_node *n)
{
    return n->back_due != 0 && (n->now >= n->back_due || n->leaving);
}

/* As it would be remembered now. */
static struct moot_back *look_around(const struct moot_node *n)
{
    struct moot_back *b = moot_copy(&n->back, sizeof *b);

    memset(b->doors, 0, sizeof b->doors);
    memset(b->seeds, 0, sizeof b->seeds);
    list_doors(n, &n->back, b);
    list_seeds(n, &n->back, b);
    moot_closed_keep(n, b);
    return b;
}

/* There are secrets in it. */
static void drop(struct moot_back *b)
{
    sodium_memzero(b, sizeof *b);
    free(b);
}

bool moot_back_renew(struct moot_node *n)
{
    struct moot_back *b = look_around(n);
    bool changed = !moot_back_eq(b, &n->back);

    if (moot_back_due(n))
        n->back_told = n->now;
    n->back = *b;
    n->back_due = 0;
    drop(b);
    return changed;
}

bool moot_node_invite(const struct moot_node *n, struct moot_invite *ret_invite,
                      bool *ret_now)
{
    struct moot_back *b = look_around(n);
    unsigned here = 0;
    bool found;

    while (here < b->door_count && is_live(n, &b->doors[here].id))
        here++; /* they stand in front */
    if (here > 0)
        b->door_count = here;
    *ret_now = here > 0;
    found = moot_back_invite(b, &n->group_id, &n->key.id, ret_invite);
    drop(b);
    return found;
}

moot_ms moot_back_deadline(const struct moot_node *n)
{
    return n->back_due == 0 || !n->remembered ? MOOT_NEVER : n->back_due;
}
