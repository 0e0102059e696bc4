/*
 * group/acks.c - who has what: telling authors what is safe with us, and
 * hearing what of ours is safe with others.
 *
 * Only what the store has is acknowledged, only to authors we are linked to,
 * and only of the run they are in: nobody waits for word of an older one.  An
 * ACK that was lost with a link is made up for by the next one, and by every
 * digest that is the same as ours.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "group_internal.h"

/* --- what we tell --- */

/* The run in which m speaks now: one who came in a run that has forked, say,
 * goes on in another one. */
static uint64_t run_of(const struct moot_member *m)
{
    if (!m->known)
        return 0;
    return m->record.speaks != 0 ? m->record.speaks : m->record.run;
}

static void owe(struct moot_group *g, struct group_link *l)
{
    if (l->ack_due == 0)
        l->ack_due =
            l->acked_at == 0 || l->acked_at + MOOT_ACK_EVERY_MS < g->now
                ? g->now
                : l->acked_at + MOOT_ACK_EVERY_MS;
    if (g->acks_due == 0 || l->ack_due < g->acks_due)
        g->acks_due = l->ack_due;
}

void moot_acks_owe(struct moot_group *g, const struct moot_member *m)
{
    struct group_link *l =
        m->link == 0 ? NULL : moot_group_link_find(g, m->link);

    if (l != NULL)
        owe(g, l);
}

void moot_acks_kept(struct moot_group *g, const struct moot_run *in)
{
    const struct moot_member *m = moot_member_find(g, &in->author);

    if (m != NULL && run_of(m) == in->run)
        moot_acks_owe(g, m);
}

static void post_ack(struct moot_group *g, struct group_link *l,
                     struct moot_group_effects *fx)
{
    const struct moot_member *m = moot_member_find(g, &l->id);
    struct moot_run in = {.author = l->id};
    const struct moot_chain *c;
    struct moot_message *out;

    l->ack_due = 0;
    if (m == NULL || m->link != l->handle)
        return;
    in.run = run_of(m);
    c = moot_history_find(&g->log, &in);
    if (c == NULL || c->kept_len == 0 ||
        (l->acked_run == in.run && l->acked_seq >= c->kept_len))
        return;
    out = moot_group_message(g, MOOT_MSG_ACK);
    out->ack = (struct moot_ack){.run = in.run, .seq = c->kept_len};
    moot_group_post(fx, MOOT_GROUP_SEND, l->handle, out);
    l->acked_run = in.run;
    l->acked_seq = c->kept_len;
    l->acked_at = g->now;
}

void moot_acks_flush(struct moot_group *g, struct moot_group_effects *fx)
{
    if (g->acks_due == 0 || g->now < g->acks_due)
        return;
    g->acks_due = 0;
    for (unsigned i = 0; i < g->link_count; i++) {
        struct group_link *l = g->links[i];

        if (l->slow || l->ack_due == 0)
            continue;
        if (g->now >= l->ack_due)
            post_ack(g, l, fx);
        else
            owe(g, l);
    }
}

/* --- what we hear --- */

static void heard(struct moot_group *g, const struct group_link *l,
                  uint64_t seq)
{
    struct moot_member *m = moot_member_find(g, &l->id);

    if (m == NULL || seq == 0)
        return;
    if (m->held_run != g->me.run)
        m->held_seq = 0;
    m->held_run = g->me.run;
    if (seq > m->held_seq)
        m->held_seq = seq;
    moot_own_held(g, seq);
}

void moot_acks_heard(struct moot_group *g, struct group_link *l,
                     const struct moot_ack *a)
{
    const struct moot_chain *own = moot_history_find(&g->log, &g->me);

    if (own != NULL && a->run == g->me.run)
        heard(g, l, a->seq < own->len ? a->seq : own->len);
}

void moot_acks_told(struct moot_group *g, struct group_link *l,
                    const struct moot_ping *p)
{
    const struct moot_chain *own = moot_history_find(&g->log, &g->me);

    if (moot_hash_zero(&p->log))
        return;
    l->told = true;
    l->told_entries = p->entries;
    l->told_same = moot_hash_eq(&p->log, moot_history_digest(&g->log));
    if (l->told_same && own != NULL)
        heard(g, l, own->kept_len);
}

/* --- questions --- */

/* Is our run up to seq safe with m? */
static bool holds(const struct moot_group *g, const struct moot_member *m,
                  uint64_t seq)
{
    return m->link != 0 && m->held_run == g->me.run && m->held_seq >= seq;
}

/* Of a run that ended while we were in it nobody says more. */
bool moot_group_holds(const struct moot_group *g, const struct moot_member *m,
                      const struct moot_recent *r)
{
    return r->run == g->me.run && holds(g, m, r->seq);
}

bool moot_group_holds_all(const struct moot_group *g, const struct moot_id *id)
{
    const struct moot_chain *own = moot_history_find(&g->log, &g->me);
    const struct moot_member *m = moot_member_find(g, id);

    return own == NULL || own->len == 0 || (m != NULL && holds(g, m, own->len));
}

bool moot_group_told(const struct moot_group *g, const struct moot_member *m,
                     bool *ret_same, uint64_t *ret_entries)
{
    const struct group_link *l =
        m->link == 0 ? NULL : moot_group_link_find(g, m->link);

    if (l == NULL || !l->told)
        return false;
    *ret_same = l->told_same;
    *ret_entries = l->told_entries;
    return true;
}
