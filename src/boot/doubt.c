/*
 * boot/doubt.c - sources whose word cannot be checked.
 *
 * An answer is signed, but by a key that anybody can make.  So who signs it has
 * to be met on a link of that group.  Until then we believe him, because he may
 * be all we have; but not against another source whose signer was met: then his
 * word counts no more, whom he lists need not be reached, and the group he told
 * of is left for the other one.
 *
 *     heard --its signer is linked--> proven
 *        \--he is not, and somebody else is--> doubted
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#include "base/error.h"
#include "boot_internal.h"

static bool joining(const struct moot_boot *b)
{
    return b->phase == PHASE_ASKING || b->phase == PHASE_REACHING;
}

/* Did it tell of a group, and may be believed? */
static bool speaks(const struct source *e)
{
    return !e->doubted && (e->said == SAID_GOOD || e->said == SAID_JOINING);
}

static bool is_of_ours(const struct moot_boot *b, const struct source *e)
{
    return speaks(e) && moot_hash_eq(&e->group, &b->group);
}

static bool is_on_trial(const struct moot_boot *b, const struct source *e)
{
    return is_of_ours(b, e) && !moot_source_proven(b, e);
}

/* When it is over at the latest; sooner, if who signed was tried in vain. */
static moot_ms trial_ends(const struct moot_boot *b, const struct source *e)
{
    const struct target *t = moot_dial_find(b, &e->signer);
    bool tried = !e->hosted && (t == NULL || t->failures > 0);

    return e->heard + (tried ? MOOT_DOUBT_SOON_MS : MOOT_DOUBT_MS);
}

static bool any_proven(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->source_count; i++)
        if (is_of_ours(b, &b->sources[i]) && b->sources[i].said == SAID_GOOD &&
            moot_source_proven(b, &b->sources[i]))
            return true;
    return false;
}

static void doubt(struct moot_boot *b, struct source *e,
                  struct moot_boot_effects *fx)
{
    moot_trace(b->tracer, "nobody met who signs what source %u says -> doubt",
               (unsigned)(e - b->sources));
    e->doubted = true;
    moot_join_unlist(b, e);
    moot_ask_fail(b, e, MOOT_EUNMET, fx);
}

/* Who stands for it was there, in a group of another id. */
static bool is_reached(const struct moot_boot *b, const struct source *e)
{
    for (unsigned i = 0; i < b->target_count; i++)
        if (b->targets[i]->elsewhere &&
            moot_source_vouched(b, e, b->targets[i]))
            return true;
    return false;
}

/* A source of another group whose signer we reached; NULL: none. */
static struct source *find_rival(struct moot_boot *b)
{
    for (unsigned i = 0; i < b->source_count; i++) {
        struct source *e = &b->sources[i];

        if (speaks(e) && e->said == SAID_GOOD && !is_of_ours(b, e) &&
            is_reached(b, e))
            return e;
    }
    return NULL;
}

/* An answer told of our group, and nobody of it was met. */
static bool may_leave(const struct moot_boot *b)
{
    return b->adopted_at != 0 && !b->closed && moot_dial_alone(b) &&
           b->now >= b->adopted_at + MOOT_DOUBT_SOON_MS;
}

static void leave(struct moot_boot *b, const struct source *rival,
                  struct moot_boot_effects *fx)
{
    for (unsigned i = 0; i < b->source_count; i++)
        if (is_on_trial(b, &b->sources[i]))
            doubt(b, &b->sources[i], fx);
    moot_join_adopt(b, rival, fx);
}

void moot_doubt_review(struct moot_boot *b, struct moot_boot_effects *fx)
{
    const struct source *rival;

    if (!joining(b))
        return;
    rival = may_leave(b) ? find_rival(b) : NULL;
    if (rival != NULL) {
        leave(b, rival, fx);
        return;
    }
    if (!any_proven(b))
        return;
    for (unsigned i = 0; i < b->source_count; i++)
        if (is_on_trial(b, &b->sources[i]) &&
            b->now >= trial_ends(b, &b->sources[i]))
            doubt(b, &b->sources[i], fx);
}

moot_ms moot_doubt_deadline(const struct moot_boot *b)
{
    moot_ms due = MOOT_NEVER;

    if (!joining(b))
        return due;
    if (b->adopted_at != 0 && b->now < b->adopted_at + MOOT_DOUBT_SOON_MS)
        due = b->adopted_at + MOOT_DOUBT_SOON_MS;
    if (!any_proven(b))
        return due;
    for (unsigned i = 0; i < b->source_count; i++)
        if (is_on_trial(b, &b->sources[i]))
            due = moot_ms_min(due, trial_ends(b, &b->sources[i]));
    return due;
}

bool moot_doubt_stranger(const struct moot_boot *b, const struct target *t)
{
    if (t->named_by == 0 || t->live || t->proven)
        return false;
    for (unsigned i = 0; i < b->source_count; i++) {
        const struct source *e = &b->sources[i];

        if ((!e->hosted && moot_source_vouched(b, e, t)) ||
            ((t->named_by & moot_source_bit(b, e)) != 0 &&
             moot_source_proven(b, e)))
            return false;
    }
    return true;
}
