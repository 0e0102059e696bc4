/*
 * group/roster.c - who is here: linked to us, or to one of our links.
 *
 * Nothing else keeps a member listed, so there are no ghosts.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "group_internal.h"

/* --- in messages --- */

static void hint(const struct moot_member *m, struct moot_member_hint *h)
{
    h->record = moot_bytes_of(m->record.raw, m->record.raw_len);
    h->sig = m->record.sig;
    h->seen = m->seen;
}

/* An earlier run of his is taken for the newer one: he can mend that.  By a
 * link of that earlier run, which may be dead, he does not hear of it. */
static void tell_rival(struct moot_group *g, struct moot_member *m,
                       struct moot_group_effects *fx)
{
    struct moot_message *out;

    if (!m->rivalled || m->link == 0)
        return;
    m->rivalled = m->linked_run == m->record.run;
    out = moot_group_message(g, MOOT_MSG_MEMBERS);
    hint(m, &out->members.at[0]);
    out->members.count = 1;
    moot_group_post(fx, MOOT_GROUP_SEND, m->link, out);
}

/* --- links --- */

/* What he has he says by his link, perhaps before we hear of his record.  The
 * store of another run of his may be another one. */
static void forget_held(struct moot_member *m, uint64_t run)
{
    if (m->linked_run != run)
        m->held_seq = 0;
}

void moot_roster_link_up(struct moot_group *g, struct group_link *l,
                         uint64_t run, const struct moot_addr *seen,
                         struct moot_group_effects *fx)
{
    struct moot_member *m = moot_member_get(g, &l->id, true);

    moot_claims_tell_all(g, l, fx);
    moot_claims_note(g, &l->id, true);
    if (m == NULL)
        return;
    moot_claims_inherit(g, m, l);
    m->link = l->handle;
    forget_held(m, run);
    m->linked_run = run;
    m->seen = *seen;
    m->broke = 0;
    m->left = false;
    m->unreached = false;
    m->ending = (struct moot_ending){0};
    /* One who was started again joins, in a run of his own. */
    if (m->lost && (!m->known || m->record.run == run))
        moot_presence_say(g, m, MOOT_PRESENCE_BACK, "", fx);
    m->lost = false;
    moot_presence_met(m, fx);
    moot_acks_owe(g, m);
    tell_rival(g, m, fx);
}

void moot_roster_link_down(struct moot_group *g, struct group_link *l,
                           const struct moot_ending *how,
                           struct moot_group_effects *fx)
{
    struct moot_member *m = moot_member_find(g, &l->id);

    moot_claims_end(g, l);
    if (m != NULL && m->link != l->handle)
        return; /* another link took over */
    moot_claims_note(g, &l->id, false);
    if (m == NULL)
        return;
    m->link = 0;
    if (how->left) {
        moot_presence_depart(g, m, how, fx);
        return;
    }
    m->broke = g->now;
    m->ending.why = how->why;
}

/* --- records --- */

bool moot_group_is_news(const struct moot_group *g, const struct moot_record *r)
{
    const struct moot_member *m = moot_member_find(g, &r->id);

    if (m == NULL || (m->self && r->run == m->record.run))
        return false;
    return !m->known || moot_record_newer(r, &m->record);
}

static void tell_self(struct moot_group *g, struct moot_group_effects *fx)
{
    struct moot_message *m = moot_group_message(g, MOOT_MSG_MEMBERS);

    g->self->record.serial++;
    moot_record_seal(&g->self->record, g->key);
    hint(g->self, &m->members.at[0]);
    m->members.count = 1;
    moot_group_post(fx, MOOT_GROUP_TELL, 0, m);
}

/*
 * An earlier run of ours began later by a clock that was wrong, then or now.
 * Ours has to be the newer one.  Each time is one too many when two processes
 * share the identity, so there is an end to it.
 */
static void outlive(struct moot_group *g, const struct moot_record *r,
                    struct moot_group_effects *fx)
{
    struct moot_record *own = &g->self->record;

    if (r->run == own->run || !moot_record_newer(r, own) ||
        r->run_ms == INT64_MAX || g->outlived == MOOT_OUTLIVE_MAX)
        return;
    moot_trace(g->tracer, "an earlier run of mine claims to be newer -> later");
    g->outlived++;
    own->run_ms = r->run_ms + 1;
    tell_self(g, fx);
}

void moot_roster_record(struct moot_group *g, const struct moot_record *r,
                        const struct moot_addr *seen,
                        struct moot_group_effects *fx)
{
    struct moot_member *m = moot_member_find(g, &r->id);

    if (m == NULL)
        return;
    if (m->self) {
        outlive(g, r, fx);
        return;
    }
    if (seen->port != 0 && m->seen.port == 0)
        m->seen = *seen;
    if (m->known && !moot_record_newer(r, &m->record)) {
        m->rivalled |= r->run != m->record.run;
        tell_rival(g, m, fx);
        moot_presence_arrival(g, m,
                              fx); /* known, but not here when we joined */
        return;
    }
    if (m->known && m->record.run != r->run) {
        m->left = false;
        m->announced = false;
        m->rivalled = false;
        forget_held(m, r->run);
    }
    m->known = true;
    m->record = *r;
    moot_presence_arrival(g, m, fx);
    if (moot_member_live(m))
        moot_presence_met(m, fx);
    moot_acks_owe(g, m);
}

void moot_roster_who(struct moot_group *g, struct group_link *l,
                     const struct moot_who *w, struct moot_group_effects *fx)
{
    struct moot_message *m;

    if (!moot_group_may_answer(g, l))
        return;

    if (w->count == 0)
        moot_claims_tell_all(g, l, fx); /* the lists are compared as a whole */
    m = moot_group_message(g, MOOT_MSG_MEMBERS);

    unsigned total = w->count == 0 ? g->member_count : w->count;

    for (unsigned i = 0; i < total; i++) {
        const struct moot_member *x =
            w->count == 0 ? g->members[i] : moot_member_find(g, &w->at[i]);

        if (x != NULL && x->known && moot_member_live(x) &&
            !moot_id_eq(&x->id, &l->id))
            hint(x, &m->members.at[m->members.count++]);
        if (m->members.count < MOOT_MEMBERS_PAGE_MAX &&
            (i + 1 < total || m->members.count == 0))
            continue;
        moot_group_post(fx, MOOT_GROUP_SEND, l->handle, m);
        m->members.count = 0;
    }
}

void moot_roster_ask_all(struct moot_group *g, struct group_link *l,
                         struct moot_group_effects *fx)
{
    struct moot_message *m;

    if (l->who_at != 0 && g->now < l->who_at + MOOT_SYNC_EVERY_MS)
        return;
    l->who_at = g->now;
    moot_claims_tell_all(g, l, fx);
    m = moot_group_message(g, MOOT_MSG_WHO);
    moot_group_post(fx, MOOT_GROUP_SEND, l->handle, m);
}

/* --- ourselves --- */

void moot_roster_init(struct moot_group *g, const struct moot_record *self)
{
    g->self = moot_member_get(g, &self->id, true);
    g->self->self = true;
    g->self->known = true;
    g->self->announced = true;
    g->self->record = *self;
    moot_record_seal(&g->self->record, g->key);
}

void moot_roster_fini(struct moot_group *g)
{
    for (unsigned i = 0; i < g->member_count; i++)
        free(g->members[i]);
    free(g->members);
    free(g->told_up);
    free(g->told_down);
}

void moot_roster_standing(struct moot_group *g, enum moot_standing standing,
                          struct moot_group_effects *fx)
{
    bool first =
        standing == MOOT_JOINED && g->self->record.standing != MOOT_JOINED;

    g->self->record.standing = standing;
    tell_self(g, fx);
    for (unsigned i = 0; first && i < g->member_count; i++) {
        struct moot_member *m = g->members[i];

        if (!m->known || m->record.standing != MOOT_JOINED)
            continue;
        m->announced = moot_member_live(m); /* it was here before us */
        if (moot_member_live(m))
            moot_presence_met(m, fx);
    }
}

void moot_roster_addrs(struct moot_group *g, const struct moot_addr *addrs,
                       unsigned count, struct moot_group_effects *fx)
{
    moot_assert(count <= MOOT_RECORD_ADDRS_MAX);
    for (unsigned i = 0; i < count; i++)
        g->self->record.addrs[i] = addrs[i];
    g->self->record.addr_count = count;
    tell_self(g, fx);
}

void moot_roster_rename(struct moot_group *g, struct moot_bytes name,
                        struct moot_group_effects *fx)
{
    moot_assert(name.len <= MOOT_NAME_LEN_MAX);
    memcpy(g->self->record.name, name.data, name.len);
    g->self->record.name[name.len] = '\0';
    tell_self(g, fx);
}

/* Those who are linked later learn it, too. */
void moot_roster_next_run(struct moot_group *g, struct moot_group_effects *fx)
{
    g->me.run = moot_rng_u64(g->rng);
    g->self->record.speaks = g->me.run;
    tell_self(g, fx);
}

/* --- time --- */

void moot_roster_timer(struct moot_group *g, struct moot_group_effects *fx)
{
    for (unsigned i = 0; i < g->member_count; i++) {
        struct moot_member *m = g->members[i];

        if (m->broke != 0 && g->now >= m->broke + MOOT_BROKE_WAIT_MS)
            moot_presence_settle(g, m, fx);
    }
    if (g->told_due != 0 && g->now >= g->told_due)
        moot_claims_tell(g, fx);
}

moot_ms moot_roster_deadline(const struct moot_group *g)
{
    moot_ms due = g->told_due == 0 ? MOOT_NEVER : g->told_due;

    for (unsigned i = 0; i < g->member_count; i++)
        if (g->members[i]->broke != 0)
            due = moot_ms_min(due, g->members[i]->broke + MOOT_BROKE_WAIT_MS);
    return due;
}
