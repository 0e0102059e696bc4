/*
 * node/adopt.c - being in a group, and moving to another.
 *
 * Only a provisional group gives way.  Our links learn where we go; those that
 * are provisional too come along.  What we said is said again there.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/slots.h"
#include "node_internal.h"

/* What earlier runs knew of it.  One that is entered again meanwhile is older
 * than it could be, which does no harm: what it lacks is fetched. */
static const struct moot_past *past_of(const struct moot_node *n,
                                       const struct moot_hash *group)
{
    for (unsigned i = 0; i < n->past_count; i++)
        if (moot_hash_eq(&n->pasts[i].group, group))
            return &n->pasts[i];
    return NULL;
}

/* Is there something the profile does not know? */
static bool is_news(struct moot_node *n, bool grown)
{
    bool first = !n->remembered || n->remembered_grown != grown;
    bool other = (first || moot_back_due(n)) && moot_back_renew(n);

    return first || other;
}

void moot_adopt_remember(struct moot_node *n, struct moot_effects *fx)
{
    bool grown = moot_boot_weight(n->boot) == MOOT_GROWN;
    struct moot_effect *e;

    if (moot_boot_weight(n->boot) == MOOT_TENTATIVE || !is_news(n, grown))
        return;
    n->remembered = true;
    n->remembered_grown = grown;
    e = moot_node_ask(fx, MOOT_FX_REMEMBER);
    e->remember = moot_alloc(sizeof *e->remember);
    e->remember->group = n->group_id;
    memcpy(e->remember->name, n->group_name, sizeof e->remember->name);
    e->remember->grown = grown;
    moot_closed_keep(n, &n->back);
    e->remember->back = n->back;
}

void moot_adopt_found(struct moot_node *n, const struct moot_hash *group)
{
    struct moot_group_config config = {.key = &n->key,
                                       .rng = &n->rng,
                                       .earlier_max = n->earlier_max,
                                       .history_bounded = n->history_bounded,
                                       .history_max = n->history_max,
                                       .tracer = n->tracer};

    n->group_id = *group;
    n->self.group = *group;
    n->self.run = moot_rng_u64(&n->rng);
    n->self.run_ms = n->wall;
    n->self.serial = 1;
    n->self.speaks = 0;
    config.self = n->self;
    config.past = past_of(n, group);
    moot_back_begin(n, config.past);
    moot_closed_enter(n, config.past);
    n->remembered = false;
    n->epoch++;
    n->group = moot_group_create(&config);
}

/* --- what the store lost --- */

static void tell_damaged(struct moot_node *n, const struct moot_ev_damaged *d,
                         struct moot_effects *fx)
{
    struct moot_group_event told = {.kind = MOOT_GROUP_DAMAGED};

    told.damaged.in = d->in;
    told.damaged.seq = d->seq;
    moot_minds_group(n, &told, fx);
}

/* The store looks through all groups while we may still be asking which one
 * is ours: the past of one that is entered later does not tell of it.  What is
 * lost beyond the bound the store remembers, and the next start is told. */
void moot_adopt_damaged(struct moot_node *n, const struct moot_ev_damaged *d,
                        struct moot_effects *fx)
{
    if (moot_hash_eq(&d->group, &n->group_id)) {
        tell_damaged(n, d, fx);
    } else if (past_of(n, &d->group) != NULL && n->lost_count < MOOT_LOST_MAX) {
        n->lost = moot_slot_open(n->lost, sizeof *n->lost, &n->lost_count,
                                 &n->lost_max, n->lost_count);
        n->lost[n->lost_count - 1] = *d;
    }
}

static void tell_lost(struct moot_node *n, struct moot_effects *fx)
{
    for (unsigned i = 0; i < n->lost_count; i++)
        if (moot_hash_eq(&n->lost[i].group, &n->group_id))
            tell_damaged(n, &n->lost[i], fx);
}

/* --- moving --- */

static void part(struct moot_node *n, struct node_link *l,
                 const struct moot_hash *group, struct moot_effects *fx)
{
    if (l->state == LINK_WELCOME) {
        moot_link_cut(n, l, MOOT_EGROUP, fx);
        return;
    }
    if (l->state != LINK_UP)
        return;
    n->out.kind = MOOT_MSG_MOVE;
    n->out.move = (struct moot_move){.group = *group,
                                     .weight = moot_boot_weight(n->boot)};
    moot_link_post(n, l, &n->out, fx);
    moot_link_bye(n, l, MOOT_BYE_GROUP, "moved to another group", MOOT_EGROUP,
                  fx);
}

static void say_again(struct moot_node *n, struct moot_group *old,
                      struct moot_effects *fx)
{
    const struct moot_line *lines;
    unsigned count = moot_group_own_lines(old, &lines);

    for (unsigned i = 0; i < count; i++) {
        struct moot_group_event ev = {.kind = MOOT_GROUP_SAY};

        ev.say.kind = lines[i].kind;
        ev.say.text = lines[i].text;
        moot_minds_group(n, &ev, fx);
    }
    if (count > 0)
        moot_node_show(fx, MOOT_SHOW_NOTICE, "",
                       "joined a group of this name that was already there; "
                       "what you said is said again");
}

/* The links of the group we left end later, when there may be new ones to the
 * same members already: they count no more from now on. */
static void disown(struct moot_node *n, struct moot_effects *fx)
{
    for (unsigned i = 0; i < n->link_count; i++) {
        struct node_link *l = n->links[i];
        struct moot_boot_event down = {.kind = MOOT_BOOT_LINK_DOWN,
                                       .id = l->id};

        if (!l->main)
            continue;
        l->main = false;
        moot_minds_boot(n, &down, fx);
    }
}

void moot_adopt(struct moot_node *n, const struct moot_hash *group,
                struct moot_effects *fx)
{
    struct moot_group *old = n->group;

    if (moot_hash_eq(group, &n->group_id))
        return;
    moot_trace(n->tracer, "move to group %02x%02x", group->b[0], group->b[1]);
    n->self = moot_group_member(old, &n->key.id)->record;
    for (unsigned i = 0; i < n->link_count; i++)
        part(n, n->links[i], group, fx);
    moot_adopt_found(n, group);
    tell_lost(n, fx);
    moot_adopt_remember(n, fx);
    n->moved = n->now;
    disown(n, fx);
    moot_beat_hurry(n);
    say_again(n, old, fx);
    moot_group_destroy(old);
}
