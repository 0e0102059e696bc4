/*
 * group/back.c - what it takes to come back to a group: comparing it, and
 * passing it on.
 *
 * Layer:  group (quiet).
 * Thread: any.
 */
#include <string.h>

#include "group/past.h"

static bool same_contacts(const struct moot_kept_addr *a,
                          const struct moot_kept_addr *b, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (!moot_addr_eq(&a[i].addr, &b[i].addr) ||
            !moot_id_eq(&a[i].id, &b[i].id))
            return false;
    return true;
}

static bool same_secrets(const struct moot_back *a, const struct moot_back *b)
{
    for (unsigned i = 0; i < a->secret_count; i++)
        if (a->secrets[i].generation != b->secrets[i].generation ||
            memcmp(a->secrets[i].b, b->secrets[i].b, 32) != 0)
            return false;
    return true;
}

static bool same_named(const struct moot_back *a, const struct moot_back *b)
{
    for (unsigned i = 0; i < a->named_count; i++)
        if (a->named[i].out != b->named[i].out ||
            memcmp(a->named[i].id.b, b->named[i].id.b,
                   sizeof a->named[i].id.b) != 0)
            return false;
    return true;
}

bool moot_back_eq(const struct moot_back *a, const struct moot_back *b)
{
    return a->secret_count == b->secret_count &&
           a->door_count == b->door_count && a->seed_count == b->seed_count &&
           a->named_count == b->named_count && same_secrets(a, b) &&
           same_named(a, b) &&
           same_contacts(a->doors, b->doors, a->door_count) &&
           same_contacts(a->seeds, b->seeds, a->seed_count);
}

static bool is_known(const struct moot_id *id)
{
    static const struct moot_id zero;

    return !moot_id_eq(id, &zero);
}

bool moot_back_invite(const struct moot_back *back,
                      const struct moot_hash *group, const struct moot_id *self,
                      struct moot_invite *ret_invite)
{
    struct moot_invite i = {.closed = back->secret_count > 0};

    moot_invite_add_pin(&i, self);
    for (unsigned k = 0; k < back->door_count; k++) {
        if (!is_known(&back->doors[k].id))
            continue; /* nobody could be held to it */
        moot_invite_add_door(&i, &back->doors[k].addr);
        moot_invite_add_pin(&i, &back->doors[k].id);
    }
    if (i.door_count == 0)
        return false;
    memcpy(i.group, group->b, sizeof i.group);
    if (i.closed)
        memcpy(i.secret.b, back->secrets[back->secret_count - 1].b,
               sizeof i.secret.b);
    *ret_invite = i;
    moot_invite_fini(&i);
    return true;
}
