/*
 * boot/hosted.c - what to make of a directory's list: it is no member, and
 * knows of those it lists only that they lived half a minute ago.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#include "boot_internal.h"

bool moot_hosted_good(const struct moot_boot *b, const struct moot_answer *a)
{
    for (unsigned i = 0; i < a->member_count; i++)
        if (a->members[i].standing == MOOT_JOINED &&
            !moot_id_eq(&a->members[i].id, &b->self))
            return true;
    return false;
}

static bool lists(const struct moot_answer *a, const struct moot_id *id)
{
    for (unsigned i = 0; i < a->member_count; i++)
        if (moot_id_eq(&a->members[i].id, id))
            return true;
    return false;
}

/* The directory has given them up, and nobody but it ever spoke of them.  Those
 * that another one lists are not its own to give up. */
static void forget_unlisted(struct moot_boot *b, const struct moot_answer *a)
{
    for (unsigned i = b->target_count; i-- > 0;) {
        const struct target *t = b->targets[i];

        if (t->hosted && !t->linked && !t->live && !t->proven &&
            t->token == 0 && moot_id_eq(&t->lister, &a->id) &&
            !lists(a, &t->id)) {
            struct moot_id id = t->id;

            moot_trace(b->tracer, "%02x%02x is not listed any more -> forget",
                       id.b[0], id.b[1]);
            moot_dial_forget(b, &id);
        }
    }
}

void moot_hosted_listed(struct moot_boot *b, const struct moot_answer *a)
{
    if (!moot_hash_eq(&a->group, &b->group) && a->weight == MOOT_GROWN &&
        b->weight == MOOT_GROWN)
        return; /* they stay apart */
    forget_unlisted(b, a);
    for (unsigned i = 0; i < a->member_count; i++) {
        const struct moot_listed *m = &a->members[i];
        struct target *t = moot_dial_get(b, &m->id);

        if (t == NULL)
            continue;
        if (!t->live && !t->proven)
            t->hosted = true;
        t->lister = a->id;
        if (t->linked || t->token != 0 || t->due != 0)
            continue;
        moot_dial_addrs(t, m->name, m->addrs, m->addr_count);
        t->due = b->now + moot_dial_pause(b, t);
    }
}
