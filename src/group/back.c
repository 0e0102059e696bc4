/*
 * group/back.c - are two lists of ways back to a group the same?
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
