/*
 * group/search.c - where two histories of one run part.
 *
 * What was found first is some entry that differs; all before it may differ,
 * too.  The link that showed it is asked for single entries below, each of
 * which is compared with ours, until the first that differs is known: with it
 * everybody cuts the run to what all histories share.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include "base/slots.h"
#include "group_internal.h"

static struct search *find(const struct moot_group *g,
                           const struct moot_run *in)
{
    for (unsigned i = 0; i < g->search_count; i++)
        if (moot_run_cmp(&g->searches[i].in, in) == 0)
            return &g->searches[i];
    return NULL;
}

static void close_search(struct moot_group *g, struct moot_chain *c,
                         struct search *s)
{
    c->probe = 0;
    moot_slot_close(g->searches, sizeof *g->searches, &g->search_count,
                    (unsigned)(s - g->searches));
}

static void forget(struct moot_group *g, struct moot_chain *c)
{
    struct search *s = find(g, &c->in);

    if (s == NULL)
        return;
    moot_fork_fini(&s->best);
    close_search(g, c, s);
}

void moot_search_end(struct moot_group *g, struct moot_chain *c,
                     struct moot_group_effects *fx)
{
    struct search *s = find(g, &c->in);
    struct moot_fork best;

    if (s == NULL)
        return;
    best = s->best;
    close_search(g, c, s);
    if (best.first != NULL)
        moot_forks_believe(g, c, &best, fx);
}

/* Both name the same one before them: nothing below differs. */
static bool is_first(const struct moot_fork *f)
{
    return f->first->seq == f->second->seq &&
           moot_hash_eq(&f->first->prev, &f->second->prev);
}

static void look_at(struct moot_group *g, struct search *s,
                    struct moot_chain *c, uint64_t seq,
                    struct moot_group_effects *fx)
{
    struct moot_range r = {.in = c->in, .from = seq, .to = seq};

    c->probe = seq;
    s->again = 0;
    s->due = g->now + MOOT_WANT_WAIT_MS;
    moot_sync_want(g, s->link, &r, fx);
}

static void go_on(struct moot_group *g, struct search *s, struct moot_chain *c,
                  struct moot_group_effects *fx)
{
    s->lacks = 0;
    if (s->other - s->same <= 1)
        moot_search_end(g, c, fx);
    else
        look_at(g, s, c, s->same + (s->other - s->same) / 2, fx);
}

/* Most clones were not alone for long: the one just below is looked at first,
 * and then the middle of what is left. */
void moot_search_begin(struct moot_group *g, uint64_t link,
                       const struct moot_fork *f, struct moot_group_effects *fx)
{
    struct moot_chain *c = moot_history_find(&g->log, &f->first->in);
    unsigned at = g->search_count;
    uint64_t same = c->base > 0 ? c->base - 1 : 0;

    if (is_first(f) || f->seq - 1 <= same || moot_chain_empty(c) ||
        at == MOOT_SEARCHES_MAX || find(g, &c->in) != NULL ||
        moot_group_link_find(g, link) == NULL)
        return;
    g->searches = moot_slot_open(g->searches, sizeof *g->searches,
                                 &g->search_count, &g->search_max, at);
    g->searches[at] = (struct search){
        .in = c->in, .link = link, .same = same, .other = f->seq};
    look_at(g, &g->searches[at], c, f->seq - 1, fx);
}

/* A proof came by another way: what is looked for lies below it. */
void moot_search_narrow(struct moot_group *g, struct moot_chain *c,
                        const struct moot_fork *f,
                        struct moot_group_effects *fx)
{
    struct search *s = find(g, &c->in);

    if (s == NULL || f->seq > s->other)
        return;
    if (is_first(f) || f->seq - 1 <= s->same) {
        forget(g, c);
        return;
    }
    moot_fork_fini(&s->best);
    s->other = f->seq;
    if (c->probe >= f->seq)
        go_on(g, s, c, fx);
}

void moot_search_same(struct moot_group *g, struct moot_chain *c,
                      struct moot_group_effects *fx)
{
    struct search *s = find(g, &c->in);

    if (s == NULL)
        return;
    s->same = c->probe;
    go_on(g, s, c, fx);
}

void moot_search_other(struct moot_group *g, struct moot_chain *c,
                       struct moot_fork *f, struct moot_group_effects *fx)
{
    struct search *s = find(g, &c->in);

    if (s == NULL) {
        moot_fork_fini(f);
        return;
    }
    moot_fork_fini(&s->best);
    s->best = *f;
    s->other = f->seq;
    if (is_first(f))
        moot_search_end(g, c, fx);
    else
        go_on(g, s, c, fx);
}

/* --- when nothing comes --- */

static void end_at(struct moot_group *g, unsigned i,
                   struct moot_group_effects *fx)
{
    moot_search_end(g, moot_history_find(&g->log, &g->searches[i].in), fx);
}

/* Who has just ended the run there gives nothing of it until he has read what
 * is left: he is asked again. */
void moot_search_lack(struct moot_group *g, uint64_t link,
                      const struct moot_range *r, struct moot_group_effects *fx)
{
    struct search *s = find(g, &r->in);
    struct moot_chain *c = moot_history_find(&g->log, &r->in);

    if (s == NULL || s->link != link || c->probe < r->from || c->probe > r->to)
        return;
    if (s->lacks++ < MOOT_SEARCH_AGAIN_MAX)
        s->again = g->now + MOOT_SEARCH_AGAIN_MS;
    else
        moot_search_end(g, c, fx);
}

void moot_search_link_down(struct moot_group *g, uint64_t link,
                           struct moot_group_effects *fx)
{
    for (unsigned i = g->search_count; i > 0; i--)
        if (g->searches[i - 1].link == link)
            end_at(g, i - 1, fx);
}

static void ask_again(struct moot_group *g, struct search *s,
                      struct moot_group_effects *fx)
{
    struct moot_chain *c = moot_history_find(&g->log, &s->in);

    look_at(g, s, c, c->probe, fx);
}

void moot_search_timer(struct moot_group *g, struct moot_group_effects *fx)
{
    for (unsigned i = g->search_count; i > 0; i--) {
        struct search *s = &g->searches[i - 1];

        if (s->due <= g->now)
            end_at(g, i - 1, fx);
        else if (s->again != 0 && s->again <= g->now)
            ask_again(g, s, fx);
    }
}

moot_ms moot_search_deadline(const struct moot_group *g)
{
    moot_ms due = MOOT_NEVER;

    for (unsigned i = 0; i < g->search_count; i++) {
        const struct search *s = &g->searches[i];

        due = moot_ms_min(due, s->due);
        if (s->again != 0)
            due = moot_ms_min(due, s->again);
    }
    return due;
}
