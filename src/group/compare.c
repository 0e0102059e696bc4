/*
 * group/compare.c - finding out who has what: digests of all, of an author, and
 * then chain by chain.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include "group_internal.h"

static unsigned chain_behind(const struct moot_author *a, uint64_t run)
{
    unsigned i = 0;

    while (i < a->count && a->chains[i]->in.run <= run)
        i++;
    return i;
}

/* Who asks with an empty page for what is behind a run gets that.  Else, where
 * to begin with so many chains: nobody sends more than a few pages at
 * once.  What follows on the last ones, if they were of the same author; else
 * chance gets to all of them in time. */
static unsigned first_chain(struct moot_group *g, const struct group_link *l,
                            const struct moot_author *a,
                            const struct moot_chains *asked)
{
    const unsigned most = MOOT_CHAINS_PAGES_MAX * MOOT_PAGE_MAX;

    if (a != NULL && asked != NULL && asked->count == 0 && !asked->first)
        return chain_behind(a, asked->after_run);
    if (a == NULL || a->count <= most)
        return 0;
    if (moot_id_eq(&l->chains_of, &a->id))
        return l->chains_next < a->count ? l->chains_next : 0;
    return most *
           (unsigned)moot_rng_below(g->rng, (a->count + most - 1) / most);
}

/* The next page of a's chains from the i-th on; where the one after begins. */
static unsigned fill_chains(const struct moot_author *a, unsigned i,
                            struct moot_chains *page)
{
    page->count = 0;
    for (; a != NULL && i < a->count && page->count < MOOT_PAGE_MAX; i++) {
        const struct moot_chain *c = a->chains[i];

        if (c->kept_len == 0 && !c->fork_kept)
            continue;
        page->at[page->count++] = (struct moot_chain_head){
            .run = c->in.run, .len = c->kept_len, .head = c->kept_head};
        if (!c->fork_kept)
            continue;
        page->at[page->count - 1].fork_seq = c->fork->seq;
        page->at[page->count - 1].fork_hash = c->fork->hash;
    }
    page->last = a == NULL || i == a->count;
    return i;
}

static void post_chains(struct moot_group *g, struct group_link *l,
                        const struct moot_id *author,
                        const struct moot_chains *asked,
                        struct moot_group_effects *fx)
{
    const struct moot_author *a = moot_history_author(&g->log, author);
    struct moot_message *m = moot_group_message(g, MOOT_MSG_CHAINS);
    struct moot_chains *page = &m->chains;
    unsigned i = first_chain(g, l, a, asked);

    page->author = *author;
    page->first = i == 0;
    page->ask = asked == NULL;
    if (i > 0)
        page->after_run = a->chains[i - 1]->in.run;
    for (unsigned n = 0; n < MOOT_CHAINS_PAGES_MAX; n++) {
        i = fill_chains(a, i, page);
        moot_group_post(fx, MOOT_GROUP_SEND, l->handle, m);
        if (page->last)
            break;
        page->after_run = a->chains[i - 1]->in.run;
        page->first = false;
    }
    if (page->first && page->last)
        return; /* that was all */
    l->chains_of = *author;
    l->chains_next = page->last ? 0 : i;
}

/* One page of our authors a round, and on from there in the next. */
static void post_authors(struct moot_group *g, struct group_link *l,
                         struct moot_group_effects *fx)
{
    struct moot_message *m = moot_group_message(g, MOOT_MSG_AUTHORS);
    struct moot_authors *page = &m->authors;
    unsigned i = moot_history_after(&g->log, &l->authors_after);

    page->after = l->authors_after;
    for (; i < g->log.count && page->count < MOOT_PAGE_MAX; i++) {
        struct moot_author *a = g->log.authors[i];
        struct moot_author_digest *d = &page->at[page->count++];

        d->author = a->id;
        d->digest = *moot_author_digest(a);
    }
    page->last = i == g->log.count;
    l->authors_after = (struct moot_id){{0}};
    if (!page->last)
        l->authors_after = page->at[page->count - 1].author;
    moot_group_post(fx, MOOT_GROUP_SEND, l->handle, m);
}

void moot_compare_ping(struct moot_group *g, struct group_link *l,
                       const struct moot_ping *p, struct moot_group_effects *fx)
{
    struct moot_hash roster;

    if (!moot_group_may_answer(g, l))
        return;
    roster = moot_roster_digest(g);
    if (!moot_hash_eq(&p->roster, &roster))
        moot_roster_ask_all(g, l, fx);
    if (moot_hash_eq(&p->log, moot_history_digest(&g->log)))
        return;
    moot_trace(g->tracer, "link %llu holds something else -> say what I hold",
               (unsigned long long)l->handle);
    post_authors(g, l, fx);
}

/* Our authors and theirs are both sorted: walk them side by side. */
void moot_compare_authors(struct moot_group *g, struct group_link *l,
                          const struct moot_authors *m,
                          struct moot_group_effects *fx)
{
    unsigned mine = 0, theirs = 0;
    size_t before = fx->bytes.len;

    if (!moot_group_may_answer(g, l))
        return;
    mine = moot_history_after(&g->log, &m->after);
    while (fx->bytes.len - before < MOOT_COMPARE_BYTES_MAX) {
        struct moot_author *a =
            mine < g->log.count ? g->log.authors[mine] : NULL;
        const struct moot_author_digest *d =
            theirs < m->count ? &m->at[theirs] : NULL;

        if (d == NULL && (a == NULL || !m->last))
            return;

        int order = a == NULL   ? 1
                    : d == NULL ? -1
                                : moot_id_cmp(&a->id, &d->author);

        mine += order <= 0;
        theirs += order >= 0;
        if (order == 0 && moot_hash_eq(moot_author_digest(a), &d->digest))
            continue;
        post_chains(g, l, order <= 0 ? &a->id : &d->author, NULL, fx);
    }
}

/* --- proofs of two histories --- */

enum better {
    SAME,
    OURS,
    THEIRS,
    UNCLEAR
};

/* Who has the better proof?  h may be NULL: they told of none. */
static enum better better_fork(const struct moot_chain *c,
                               const struct moot_chain_head *h)
{
    const struct moot_fork *f = c == NULL ? NULL : c->fork;
    uint64_t theirs = h == NULL ? 0 : h->fork_seq;

    if (f == NULL)
        return theirs == 0 ? SAME : THEIRS;
    if (theirs == 0 || f->seq < theirs)
        return OURS;
    if (f->seq > theirs)
        return THEIRS;
    return moot_hash_eq(&f->hash, &h->fork_hash) ? SAME : UNCLEAR;
}

/* Of our chain, in the page they sent; *at moves on in it. */
static const struct moot_chain_head *told_of(const struct moot_chains *m,
                                             uint64_t run, unsigned *at)
{
    while (*at < m->count && m->at[*at].run < run)
        (*at)++;
    return *at < m->count && m->at[*at].run == run ? &m->at[*at] : NULL;
}

static bool in_page(const struct moot_chains *m, uint64_t run)
{
    if (!m->first && run <= m->after_run)
        return false;
    return m->last || (m->count > 0 && run <= m->at[m->count - 1].run);
}

/* The proofs that they lack. */
static void post_forks(struct moot_group *g, struct group_link *l,
                       const struct moot_chains *m,
                       struct moot_group_effects *fx)
{
    const struct moot_author *a = moot_history_author(&g->log, &m->author);
    size_t before = fx->bytes.len;
    unsigned theirs = 0;

    for (unsigned i = 0; a != NULL && i < a->count; i++) {
        const struct moot_chain *c = a->chains[i];
        enum better who;

        if (c->fork == NULL || !in_page(m, c->in.run))
            continue;
        who = better_fork(c, told_of(m, c->in.run, &theirs));
        if (who != OURS && who != UNCLEAR)
            continue;
        if (fx->bytes.len - before > MOOT_COMPARE_BYTES_MAX)
            return;
        moot_forks_post(g, l->handle, MOOT_GROUP_SEND, c->fork, fx);
    }
}

/* They told of one that is better than ours. */
static bool lack_fork(const struct moot_group *g, const struct moot_chains *m)
{
    for (unsigned i = 0; i < m->count; i++) {
        struct moot_run in = {.author = m->author, .run = m->at[i].run};
        enum better who;

        if (m->at[i].fork_seq == 0)
            continue;
        who = better_fork(moot_history_find(&g->log, &in), &m->at[i]);
        if (who == THEIRS || who == UNCLEAR)
            return true;
    }
    return false;
}

/* Does our page of this author hold anything that theirs does not? */
static bool have_more(const struct moot_group *g, const struct moot_chains *m)
{
    const struct moot_author *a = moot_history_author(&g->log, &m->author);
    unsigned theirs = 0;

    for (unsigned i = 0; a != NULL && i < a->count; i++) {
        const struct moot_chain *c = a->chains[i];

        if (c->kept_len == 0 || (!m->first && c->in.run <= m->after_run))
            continue;
        while (theirs < m->count && m->at[theirs].run < c->in.run)
            theirs++;
        if (theirs == m->count)
            return m->last;
        if (m->at[theirs].run != c->in.run || m->at[theirs].len < c->kept_len)
            return true;
    }
    return false;
}

void moot_compare_chains(struct moot_group *g, struct group_link *l,
                         const struct moot_chains *m,
                         struct moot_group_effects *fx)
{
    if (!moot_group_may_answer(g, l))
        return;
    post_forks(g, l, m, fx);
    if (m->ask && (have_more(g, m) || lack_fork(g, m)))
        post_chains(g, l, &m->author, m, fx);
}
