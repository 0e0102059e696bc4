/*
 * boot/answer.c - what the answer of a bootstrap peer is worth.
 *
 * It has to be to our question, and by who may give it.  It may tell of the
 * group we are to be in, and of who is there.  That somebody signed it shows
 * only that he knows his own key: what he says weighs less than the word of one
 * whom we met on a link (doubt.c).
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "base/error.h"
#include "boot_internal.h"

static bool joining(const struct moot_boot *b)
{
    return b->phase == PHASE_ASKING || b->phase == PHASE_REACHING;
}

static enum moot_standing standing_of(const struct moot_answer *a)
{
    for (unsigned i = 0; i < a->member_count; i++)
        if (moot_id_eq(&a->members[i].id, &a->id))
            return a->members[i].standing;
    return MOOT_JOINING;
}

static bool pinned(const struct moot_pins *pins, const struct moot_id *id)
{
    for (unsigned i = 0; i < pins->count; i++)
        if (memcmp(pins->id[i], id->b, MOOT_PIN_LEN) == 0)
            return true;
    return pins->count == 0;
}

/* Is it of the group that is meant?  What was remembered, or listed by a page,
 * only finds addresses for the group we know, or for one of its name. */
static bool is_meant(const struct moot_boot *b, const struct source *e,
                     const struct moot_answer *a)
{
    if (e->pins.has_group &&
        memcmp(e->pins.group, a->group.b, MOOT_PIN_LEN) != 0)
        return false;
    if (moot_hash_eq(&a->group, &b->group) || b->homeless)
        return true;
    if (e->kind == MOOT_WAY_CACHED || e->kind == MOOT_WAY_REMEMBERED)
        return false;
    return (moot_source_named(e) && !b->group_asked) ||
           strcmp(a->group_name, b->group_name) == 0;
}

/* What is wrong with it; 0: nothing. */
static int fault_of(const struct moot_boot *b, const struct source *e,
                    const struct moot_answer *a)
{
    if (strcmp(a->nonce, e->nonce) != 0)
        return MOOT_ESTALE;
    if (!pinned(&e->pins, &a->id))
        return MOOT_EKEY;
    if (!moot_id_eq(&a->id, &b->self) && !is_meant(b, e, a))
        return MOOT_EGROUP;
    return 0;
}

/* Who signed it, and for which group. */
static void note_signer(struct moot_boot *b, struct source *e,
                        const struct moot_answer *a)
{
    if (e->heard == 0 || !moot_id_eq(&e->signer, &a->id)) {
        e->heard = b->now;
        e->doubted = false;
    }
    e->signer = a->id;
    e->group = a->group;
    e->weight = a->weight;
    e->hosted = a->hosted;
    memcpy(e->group_name, a->group_name, sizeof e->group_name);
    if (moot_source_proven(b, e))
        e->doubted = false;
}

/* Is what this answer says of our group, perhaps because we now adopt it?
 * Once we are in the group only links tell us of another one. */
static bool takes(struct moot_boot *b, struct source *e, bool good,
                  struct moot_boot_effects *fx)
{
    if (moot_hash_eq(&e->group, &b->group)) {
        b->adopted = b->adopted || good;
        if (e->weight > b->weight && joining(b))
            b->weight = e->weight; /* we came with its name from before */
        return true;
    }
    if (!joining(b) ||
        (!b->homeless && !moot_boot_gives_way(b, &e->group, e->weight)))
        return false;
    b->homeless = false;
    moot_join_adopt(b, e, fx);
    b->adopted = good;
    return true;
}

/* It is not of our group: are its members met all the same? */
static void take_other(struct moot_boot *b, struct source *e,
                       const struct moot_answer *a,
                       struct moot_boot_effects *fx)
{
    if (!b->closed && (a->weight != MOOT_GROWN || b->weight != MOOT_GROWN)) {
        moot_join_listed(b, e, a, LISTED_ELSEWHERE, fx);
        return;
    }
    e->why = MOOT_EGROUP;
    if (!b->closed &&
        moot_dial_alone(b)) /* which of the two groups is there at all? */
        moot_join_listed(b, e, a, LISTED_SIGNER, fx);
}

static void take(struct moot_boot *b, struct source *e,
                 const struct moot_answer *a, struct moot_boot_effects *fx)
{
    bool good =
        a->hosted ? moot_hosted_good(b, a) : standing_of(a) == MOOT_JOINED;
    moot_ms again = !joining(b) ? MOOT_ASK_ALONE_MS
                    : good      ? MOOT_ASK_REFRESH_MS
                                : MOOT_ASK_AGAIN_MS;
    bool ours = takes(b, e, good, fx); /* may forget what all others said */

    moot_ask_succeed(b, e, again, fx);
    e->said = good ? SAID_GOOD : SAID_JOINING;
    if (ours)
        moot_join_listed(b, e, a, good ? LISTED_WELL : LISTED_BY_JOINER, fx);
    else
        take_other(b, e, a, fx);
    if (ours && a->hosted)
        moot_hosted_listed(b, a);
}

/* Who was shut out does not know who is in the group since then, and decides
 * nothing.  Some of those he lists may still be there. */
static void hear_outside(struct moot_boot *b, struct source *e,
                         const struct moot_answer *a,
                         struct moot_boot_effects *fx)
{
    moot_ask_fail(b, e, MOOT_EOUTSIDE, fx);
    moot_join_listed(b, e, a, LISTED_ELSEWHERE, fx);
}

void moot_answer_heard(struct moot_boot *b, const struct moot_boot_event *ev,
                       struct moot_boot_effects *fx)
{
    struct source *e = moot_ask_find(b, ev->token);
    const struct moot_answer *a = ev->answer;
    int fault;

    if (e == NULL)
        return;
    fault = fault_of(b, e, a);
    e->other[0] = '\0';
    if (fault != 0) {
        moot_ask_fail(b, e, fault, fx);
        if (fault == MOOT_EGROUP)
            memcpy(e->other, a->group_name, sizeof e->other);
        return;
    }
    e->fresh = e->asked;
    if (moot_id_eq(&a->id, &b->self)) {
        moot_ask_succeed(b, e, MOOT_ASK_AGAIN_MS, fx);
        e->said = SAID_SELF;
        return;
    }
    if (ev->outside) {
        hear_outside(b, e, a, fx);
        return;
    }
    note_signer(b, e, a);
    if (e->doubted) {
        moot_ask_fail(b, e, MOOT_EUNMET, fx);
        moot_join_listed(b, e, a, LISTED_SIGNER, fx);
        return;
    }
    take(b, e, a, fx);
}
