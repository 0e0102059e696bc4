/*
 * group/heal.c - what the store lost is asked for again.
 *
 * Others have it, also what we said ourselves.  It comes back in the order of
 * the chain, and only what fits on both sides is taken: what does not is not
 * what was lost, but a second history.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include "base/assert.h"
#include "base/slots.h"
#include "group_internal.h"

static bool is_listed(const struct moot_group *g, const struct moot_chain *c)
{
    for (unsigned i = 0; i < g->healing_count; i++)
        if (g->healing[i] == c)
            return true;
    return false;
}

void moot_heal_add(struct moot_group *g, struct moot_chain *c)
{
    unsigned at = g->healing_count;

    moot_assert(c->holes != NULL);
    if (is_listed(g, c))
        return;
    g->healing = moot_slot_open(g->healing, sizeof(void *), &g->healing_count,
                                &g->healing_max, at);
    g->healing[at] = c;
}

/* The first hole of which something did not come yet. */
static const struct moot_hole *first_open(const struct moot_chain *c)
{
    for (unsigned i = 0; c->holes != NULL && i < c->holes->count; i++)
        if (c->holes->at[i].got < c->holes->at[i].to)
            return &c->holes->at[i];
    return NULL;
}

/* Until a link comes up, or one that was slow may be asked again. */
static void rest(const struct moot_group *g, struct moot_holes *x)
{
    x->tries = 0;
    x->resting = true;
    x->due = g->link_count > 0 ? g->now + MOOT_HEAL_REST_MS : 0;
}

static void ask(struct moot_group *g, struct moot_chain *c,
                struct moot_group_effects *fx)
{
    const struct moot_hole *h = first_open(c);
    struct moot_holes *x = c->holes;
    struct group_link *l = x->tries == 0
                               ? moot_group_link_at_random(g, x->source)
                               : moot_group_link_next(g, x->source);
    struct moot_range r = {.in = c->in};

    if (l == NULL)
        l = moot_group_link_find(g, x->source);
    x->due = 0;
    x->resting = false;
    if (h == NULL)
        return;
    if (l == NULL) {
        rest(g, x);
        return;
    }
    r.from = h->got + 1;
    r.to = h->to;
    x->source = l->handle;
    x->due = g->now + MOOT_WANT_WAIT_MS;
    moot_trace(g->tracer, "the store lost %02x%02x:%llu..%llu -> want it again",
               c->in.author.b[0], c->in.author.b[1], (unsigned long long)r.from,
               (unsigned long long)r.to);
    moot_sync_want(g, l->handle, &r, fx);
}

/* Of a run that nobody has up to the hole nobody takes in what is behind it,
 * nor what we said in it next.  Marks on lines go by seq, so there is one run
 * of them at a time. */
static void leave_run(struct moot_group *g, const struct moot_chain *c,
                      struct moot_group_effects *fx)
{
    if (g->link_count == 0 || g->own_unstored > 0 ||
        moot_run_cmp(&c->in, &g->me) != 0)
        return;
    moot_trace(g->tracer, "nobody has what I said -> go on in another run");
    moot_roster_next_run(g, fx);
}

static void ask_elsewhere(struct moot_group *g, struct moot_chain *c,
                          struct moot_group_effects *fx)
{
    struct moot_holes *x = c->holes;

    if (x->tries++ < g->link_count) {
        ask(g, c, fx);
        return;
    }
    leave_run(g, c, fx);
    rest(g, x);
}

void moot_heal_look_below(struct moot_group *g, const struct moot_chain *c,
                          struct moot_group_effects *fx)
{
    const struct moot_hole *h = c->holes == NULL ? NULL : &c->holes->at[0];

    if (h != NULL && !h->prev_known && h->from > 1 && h->from > c->base)
        moot_forks_read_below(g, c, h->from, fx);
}

void moot_heal_damaged(struct moot_group *g, const struct moot_run *in,
                       uint64_t seq, struct moot_group_effects *fx)
{
    struct moot_chain *c = moot_history_find(&g->log, in);

    if (c == NULL || seq < 1 || seq < c->base || seq > c->len)
        return;
    moot_chain_lose(&g->log, c, seq);
    moot_heal_add(g, c);
    moot_heal_look_below(g, c, fx);
    if (c->holes != NULL && c->holes->due == 0)
        ask(g, c, fx);
}

/* --- what comes --- */

/* Does it name the one below?  If that is not here, nobody knows. */
static bool fits_below(const struct moot_hole *h, const struct moot_entry *e)
{
    if (h->got >= h->from)
        return moot_hash_eq(&e->prev, &h->got_hash);
    return !h->prev_known || moot_hash_eq(&e->prev, &h->prev);
}

void moot_heal_fill(struct moot_group *g, struct moot_chain *c,
                    struct moot_entry *e, struct moot_group_effects *fx)
{
    struct moot_holes *x = c->holes;

    if (!fits_below(moot_chain_hole(c, e->seq), e))
        return; /* the one it contradicts cannot be read */
    moot_chain_refill(c, e);
    moot_say_store(g, e, false, fx);
    x->tries = 0;
    if (moot_chain_hole(c, e->seq + 1) == NULL)
        ask(g, c, fx); /* the next one, if there is one */
    else
        x->due = g->now + MOOT_WANT_WAIT_MS;
}

/* Someone may want to silence its author: the others are asked first. */
static bool may_be_bare(const struct moot_group *g, const struct moot_chain *c)
{
    return c->holes->tries >= g->link_count;
}

void moot_heal_entry(struct moot_group *g, struct group_link *l,
                     struct moot_chain *c, struct moot_entry *e,
                     struct moot_group_effects *fx)
{
    const struct moot_hole *h = moot_chain_hole(c, e->seq);

    if (moot_say_full(g))
        return; /* it is asked for again */
    if (e->body.data == NULL && !may_be_bare(g, c)) {
        ask_elsewhere(g, c, fx);
        return;
    }
    if (!fits_below(h, e)) {
        moot_forks_suspect(g, l->handle, e, e->seq - 1, fx);
    } else if (e->seq < h->to) {
        moot_heal_fill(g, c, e, fx);
    } else if (e->seq < c->len) {
        moot_forks_suspect(g, l->handle, e, e->seq + 1, fx);
    } else if (c->headless || moot_hash_eq(&e->hash, &c->head)) {
        moot_heal_fill(g, c, e, fx);
    }
}

/* --- time and links --- */

void moot_heal_lack(struct moot_group *g, uint64_t link,
                    const struct moot_range *r, struct moot_group_effects *fx)
{
    struct moot_chain *c = moot_history_find(&g->log, &r->in);

    if (c != NULL && first_open(c) != NULL && c->holes->source == link &&
        c->holes->due != 0 && moot_chain_hole(c, r->from) != NULL)
        ask_elsewhere(g, c, fx);
}

void moot_heal_link_up(struct moot_group *g, struct moot_group_effects *fx)
{
    for (unsigned i = 0; i < g->healing_count; i++) {
        struct moot_chain *c = g->healing[i];

        moot_heal_look_below(g, c, fx); /* what we have may be told then */
        if (first_open(c) != NULL && (c->holes->due == 0 || c->holes->resting))
            ask(g, c, fx);
    }
}

void moot_heal_link_down(struct moot_group *g, uint64_t link,
                         struct moot_group_effects *fx)
{
    for (unsigned i = 0; i < g->healing_count; i++) {
        struct moot_chain *c = g->healing[i];

        if (c->holes != NULL && c->holes->source == link && c->holes->due != 0)
            ask_elsewhere(g, c, fx);
    }
}

void moot_heal_timer(struct moot_group *g, struct moot_group_effects *fx)
{
    for (unsigned i = g->healing_count; i > 0; i--) {
        struct moot_chain *c = g->healing[i - 1];

        if (c->holes == NULL) {
            moot_slot_close(g->healing, sizeof(void *), &g->healing_count,
                            i - 1);
            continue;
        }
        if (c->holes->due == 0 || c->holes->due > g->now)
            continue;
        moot_heal_look_below(g, c, fx);
        ask_elsewhere(g, c, fx);
    }
}

moot_ms moot_heal_deadline(const struct moot_group *g)
{
    moot_ms due = MOOT_NEVER;

    for (unsigned i = 0; i < g->healing_count; i++)
        if (g->healing[i]->holes != NULL && g->healing[i]->holes->due != 0)
            due = moot_ms_min(due, g->healing[i]->holes->due);
    return due;
}
