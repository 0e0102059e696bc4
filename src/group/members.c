/*
 * group/members.c - the table of members, and what they are called.
 *
 * Whom to keep in it is the business of the roster.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/slots.h"
#include "base/sorted.h"
#include "group_internal.h"

bool moot_member_live(const struct moot_member *m)
{
    return m->self || m->link != 0 || (m->via > 0 && !m->left);
}

static int member_order(const void *item, const void *key)
{
    const struct moot_member *const *m = item;

    return moot_id_cmp(&(*m)->id, key);
}

static unsigned member_index(const struct moot_group *g,
                             const struct moot_id *id, bool *found)
{
    return moot_sorted_find(g->members, sizeof(struct moot_member *),
                            g->member_count, member_order, id, found);
}

struct moot_member *moot_member_find(const struct moot_group *g,
                                     const struct moot_id *id)
{
    bool found;
    unsigned at = member_index(g, id, &found);

    return found ? g->members[at] : NULL;
}

/* Nobody claims it, nobody is linked to it: it is only remembered. */
static bool is_memory(const struct moot_member *m)
{
    return !moot_member_live(m) && m->via == 0 && m->broke == 0;
}

/* Makes room by forgetting one who is gone; false: all are alive. */
static bool forget_one(struct moot_group *g)
{
    for (unsigned i = 0; i < g->member_count; i++) {
        if (!is_memory(g->members[i]))
            continue;
        free(g->members[i]);
        moot_slot_close(g->members, sizeof(void *), &g->member_count, i);
        return true;
    }
    return false;
}

/* One who is only claimed makes room for one who is here: nobody can fill the
 * table with names.  Those without a record go first. */
static bool forget_claimed(struct moot_group *g)
{
    unsigned at = g->member_count;

    for (unsigned i = 0; i < g->member_count; i++) {
        const struct moot_member *m = g->members[i];

        if (m->self || m->link != 0)
            continue;
        at = i;
        if (!m->known)
            break;
    }
    if (at == g->member_count)
        return false;
    moot_claims_forget(g, &g->members[at]->id);
    free(g->members[at]);
    moot_slot_close(g->members, sizeof(void *), &g->member_count, at);
    return true;
}

/* Finds or makes it; NULL when MOOT_MEMBERS_MAX are alive, or, for one who is
 * here, when all of them are linked. */
struct moot_member *moot_member_get(struct moot_group *g,
                                    const struct moot_id *id, bool here)
{
    bool found;
    unsigned at = member_index(g, id, &found);

    if (found)
        return g->members[at];
    if (g->member_count >= MOOT_MEMBERS_MAX) {
        if (!forget_one(g) && !(here && forget_claimed(g)))
            return NULL;
        at = member_index(g, id, &found);
    }
    g->members = moot_slot_open(g->members, sizeof(void *), &g->member_count,
                                &g->member_max, at);
    g->members[at] = moot_alloc(sizeof *g->members[at]);
    g->members[at]->id = *id;
    return g->members[at];
}

const struct moot_member *moot_group_member(const struct moot_group *g,
                                            const struct moot_id *id)
{
    return moot_member_find(g, id);
}

unsigned moot_group_live_count(const struct moot_group *g)
{
    unsigned n = 0;

    for (unsigned i = 0; i < g->member_count; i++)
        n += moot_member_live(g->members[i]);
    return n;
}

const struct moot_member *moot_group_live_at(const struct moot_group *g,
                                             unsigned index)
{
    for (unsigned i = 0; i < g->member_count; i++)
        if (moot_member_live(g->members[i]) && index-- == 0)
            return g->members[i];
    return NULL;
}

const struct moot_member *moot_group_live_next(const struct moot_group *g,
                                               unsigned *at)
{
    while (*at < g->member_count) {
        const struct moot_member *m = g->members[(*at)++];

        if (moot_member_live(m))
            return m;
    }
    return NULL;
}

struct moot_hash moot_roster_digest(const struct moot_group *g)
{
    struct moot_hasher h;

    moot_hasher_init(&h);
    for (unsigned i = 0; i < g->member_count; i++) {
        const struct moot_member *m = g->members[i];

        if (!moot_member_live(m))
            continue;
        moot_hasher_add(&h, m->id.b, sizeof m->id.b);
        moot_hasher_add_u64(&h, m->known ? m->record.run : 0);
        moot_hasher_add_u64(&h, m->known ? m->record.serial : 0);
    }
    return moot_hasher_final(&h);
}

/* --- names --- */

static bool same_name(const struct moot_member *m, struct moot_bytes name)
{
    return m->known && moot_bytes_eq(moot_bytes_text(m->record.name), name);
}

void moot_group_display_name(const struct moot_group *g,
                             const struct moot_id *id, struct moot_bytes name,
                             char out[MOOT_NAME_LEN_MAX + 8])
{
    const struct moot_member *own = moot_member_find(g, id);
    char suffix[5];
    size_t len;

    if (name.len == 0 && own != NULL && own->known)
        name = moot_bytes_text(own->record.name);
    if (name.len == 0)
        name = moot_bytes_text("someone");
    len = name.len < MOOT_NAME_LEN_MAX ? name.len : MOOT_NAME_LEN_MAX;
    memcpy(out, name.data, len);
    out[len] = '\0';
    for (unsigned i = 0; i < g->member_count; i++) {
        const struct moot_member *m = g->members[i];

        if (moot_id_eq(&m->id, id) || !moot_member_live(m) ||
            !same_name(m, name))
            continue;
        moot_id_suffix(id, suffix);
        out[len] = '.';
        memcpy(out + len + 1, suffix, sizeof suffix);
        return;
    }
}

unsigned moot_group_member_count(const struct moot_group *g)
{
    return g->member_count;
}

const struct moot_member *moot_group_member_at(const struct moot_group *g,
                                               unsigned index)
{
    moot_assert(index < g->member_count);
    return g->members[index];
}
