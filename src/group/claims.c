/*
 * group/claims.c - who is linked to whom: told to others, and told by them.
 *
 * A claim keeps a member listed; what becomes of it is said by the roster.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/slots.h"
#include "base/sorted.h"
#include "group_internal.h"

/* --- telling others whom we are linked to --- */

static void list_remove(struct moot_id *list, unsigned *count,
                        const struct moot_id *id)
{
    for (unsigned i = 0; i < *count; i++)
        if (moot_id_eq(&list[i], id)) {
            moot_slot_close(list, sizeof *list, count, i);
            return;
        }
}

static void list_add(struct moot_id **list, unsigned *count, unsigned *max,
                     const struct moot_id *id)
{
    *list = moot_slot_open(*list, sizeof **list, count, max, *count);
    (*list)[*count - 1] = *id;
}

void moot_claims_note(struct moot_group *g, const struct moot_id *id, bool up)
{
    list_remove(g->told_up, &g->told_up_count, id);
    list_remove(g->told_down, &g->told_down_count, id);
    if (up)
        list_add(&g->told_up, &g->told_up_count, &g->told_up_max, id);
    else
        list_add(&g->told_down, &g->told_down_count, &g->told_down_max, id);
    if (g->told_due == 0)
        g->told_due = g->now + MOOT_LINKED_WAIT_MS;
}

/* Moves up to max from the end of the list. */
static unsigned take_ids(struct moot_id *list, unsigned *count,
                         struct moot_id *out, unsigned max)
{
    unsigned n = *count < max ? *count : max;

    *count -= n;
    if (n > 0)
        memcpy(out, list + *count, n * sizeof *list);
    return n;
}

void moot_claims_tell(struct moot_group *g, struct moot_group_effects *fx)
{
    struct moot_message *m = moot_group_message(g, MOOT_MSG_LINKED);

    while (g->told_up_count + g->told_down_count > 0) {
        m->linked.up_count = take_ids(g->told_up, &g->told_up_count,
                                      m->linked.up, MOOT_LINKS_MAX);
        m->linked.down_count =
            take_ids(g->told_down, &g->told_down_count, m->linked.down,
                     MOOT_LINKS_MAX - m->linked.up_count);
        moot_group_post(fx, MOOT_GROUP_TELL, 0, m);
    }
    g->told_due = 0;
}

void moot_claims_tell_all(struct moot_group *g, struct group_link *l,
                          struct moot_group_effects *fx)
{
    struct moot_message *m = moot_group_message(g, MOOT_MSG_LINKED);

    m->linked.full = true;
    for (unsigned i = 0; i < g->link_count; i++)
        if (g->links[i] != l)
            m->linked.up[m->linked.up_count++] = g->links[i]->id;
    moot_group_post(fx, MOOT_GROUP_SEND, l->handle, m);
}

/* --- what others tell us --- */

/* l takes over from another link to the same member: what he said there of his
 * links still holds, and he need not say it again. */
void moot_claims_inherit(struct moot_group *g, const struct moot_member *m,
                         struct group_link *l)
{
    struct group_link *old = moot_group_link_find(g, m->link);

    if (old == NULL || old == l)
        return;
    l->claims = old->claims;
    l->claim_count = old->claim_count;
    l->claim_max = old->claim_max;
    old->claims = NULL;
    old->claim_count = old->claim_max = 0;
}

static void drop_claim(struct moot_group *g, const struct moot_id *id)
{
    struct moot_member *m = moot_member_find(g, id);

    if (m == NULL || m->self)
        return;
    moot_assert(m->via > 0);
    m->via--;
    if (!moot_member_live(m) && m->broke == 0 && !m->left)
        m->broke = g->now;
}

void moot_claims_end(struct moot_group *g, struct group_link *l)
{
    for (unsigned i = 0; i < l->claim_count; i++)
        drop_claim(g, &l->claims[i]);
    free(l->claims);
    l->claims = NULL;
    l->claim_count = l->claim_max = 0;
}

void moot_claims_forget(struct moot_group *g, const struct moot_id *id)
{
    for (unsigned i = 0; i < g->link_count; i++)
        list_remove(g->links[i]->claims, &g->links[i]->claim_count, id);
}

static int compare_ids(const void *a, const void *b)
{
    return moot_id_cmp(a, b);
}

static unsigned claim_index(const struct group_link *l,
                            const struct moot_id *id, bool *found)
{
    return moot_sorted_find(l->claims, sizeof(struct moot_id), l->claim_count,
                            compare_ids, id, found);
}

static void add_claim(struct moot_group *g, struct group_link *l,
                      const struct moot_id *id, struct moot_group_effects *fx)
{
    struct moot_member *m;
    bool found;
    unsigned at = claim_index(l, id, &found);

    if (found || l->claim_count == MOOT_LINKS_MAX)
        return;
    m = moot_member_get(g, id, false);
    if (m == NULL || m->self)
        return;
    l->claims = moot_slot_open(l->claims, sizeof *l->claims, &l->claim_count,
                               &l->claim_max, at);
    l->claims[at] = *id;
    m->via++;
    if (!m->known || m->left)
        return;
    moot_presence_arrival(g, m, fx);
    if (m->via == 1)
        moot_presence_met(m, fx);
}

static void remove_claim(struct moot_group *g, struct group_link *l,
                         const struct moot_id *id)
{
    bool found;
    unsigned at = claim_index(l, id, &found);

    if (!found)
        return;
    moot_slot_close(l->claims, sizeof *l->claims, &l->claim_count, at);
    drop_claim(g, id);
}

/* What it claimed before and does not repeat now. */
static void remove_unrepeated(struct moot_group *g, struct group_link *l,
                              const struct moot_linked *m)
{
    struct moot_id *up = moot_group_message(g, MOOT_MSG_LINKED)->linked.up;

    memcpy(up, m->up, m->up_count * sizeof *up);
    qsort(up, m->up_count, sizeof *up, compare_ids);
    for (unsigned i = l->claim_count; i > 0; i--) {
        struct moot_id id = l->claims[i - 1];
        bool repeated;

        moot_sorted_find(up, sizeof *up, m->up_count, compare_ids, &id,
                         &repeated);
        if (!repeated)
            remove_claim(g, l, &id);
    }
}

static void ask_for_unknown(struct moot_group *g, struct group_link *l,
                            struct moot_group_effects *fx)
{
    struct moot_message *m = moot_group_message(g, MOOT_MSG_WHO);

    for (unsigned i = 0; i < l->claim_count && m->who.count < MOOT_PAGE_MAX;
         i++) {
        struct moot_member *x = moot_member_find(g, &l->claims[i]);

        if (x == NULL || x->known ||
            (x->asked != 0 && g->now < x->asked + MOOT_WHO_WAIT_MS))
            continue;
        x->asked = g->now;
        m->who.at[m->who.count++] = x->id;
    }
    if (m->who.count > 0)
        moot_group_post(fx, MOOT_GROUP_SEND, l->handle, m);
}

void moot_claims_linked(struct moot_group *g, struct group_link *l,
                        const struct moot_linked *m,
                        struct moot_group_effects *fx)
{
    if (m->full)
        remove_unrepeated(g, l, m);
    for (unsigned i = 0; i < m->down_count; i++)
        remove_claim(g, l, &m->down[i]);
    for (unsigned i = 0; i < m->up_count; i++)
        add_claim(g, l, &m->up[i], fx);
    ask_for_unknown(g, l, fx);
}
