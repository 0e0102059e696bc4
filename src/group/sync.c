/*
 * group/sync.c - anti-entropy: finding out what others have and asking for it.
 *
 *     PING(sync) --differs--> AUTHORS --differs--> CHAINS(ask)
 *                <--WANT-- CHAINS --WANT--> ENTRIES
 *
 * Whoever has an entry may serve it.  What is asked for is remembered per
 * chain, with a deadline; then somebody else is asked, so nobody can keep an
 * entry from us by promising it.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "base/assert.h"
#include "base/slots.h"
#include "group_internal.h"

/* --- asking --- */

void moot_sync_post_wants(struct moot_group *g, struct moot_group_effects *fx)
{
    if (g->want.want.count == 0)
        return;
    moot_group_post(fx, MOOT_GROUP_SEND, g->want_link, &g->want);
    g->want.want.count = 0;
}

static void post_want(struct moot_group *g, uint64_t link,
                      const struct moot_range *r, struct moot_group_effects *fx)
{
    struct moot_want *w = &g->want.want;

    if (g->want_link != link || w->count == MOOT_PAGE_MAX)
        moot_sync_post_wants(g, fx);
    g->want_link = link;
    w->at[w->count++] = *r;
}

static void stop_asking(struct moot_group *g, struct moot_chain *c)
{
    for (unsigned i = 0; i < g->asking_count; i++) {
        if (g->asking[i] != c)
            continue;
        moot_slot_close(g->asking, sizeof(void *), &g->asking_count, i);
        break;
    }
    if (g->asking_count == 0 && g->held_count > 0)
        g->screen_due = g->now; /* nothing more comes to be sorted in */
    c->due = 0;
    c->tries = 0;
    c->bare = 0;
    c->source = 0;
    c->known = c->len;
}

/* Enough links were asked for its body in vain. */
static bool known_bare(const struct moot_group *g, const struct moot_chain *c)
{
    return c->bare > g->link_count;
}

static void ask(struct moot_group *g, struct moot_chain *c, uint64_t source,
                struct moot_group_effects *fx)
{
    if (c->due == 0)
        g->asking = moot_slot_open(g->asking, sizeof(void *), &g->asking_count,
                                   &g->asking_max, g->asking_count);
    if (c->due == 0)
        g->asking[g->asking_count - 1] = c;
    struct moot_range r = {.in = c->in, .from = c->len + 1, .to = c->known};

    if (c->bare > 0 && !known_bare(g, c))
        r.to = r.from; /* only its body is looked for */
    c->source = source;
    c->wanted = r.to;
    c->due = g->now + MOOT_WANT_WAIT_MS;
    c->asked = g->now;
    c->got = 0;
    moot_trace(g->tracer, "want %02x%02x:%llu..%llu", c->in.author.b[0],
               c->in.author.b[1], (unsigned long long)c->len + 1,
               (unsigned long long)r.to);
    post_want(g, source, &r, fx);
}

/* The one asked did not deliver: ask another, or give up for now. */
static void ask_elsewhere(struct moot_group *g, struct moot_chain *c,
                          struct moot_group_effects *fx)
{
    struct group_link *l = moot_group_link_at_random(g, c->source);

    c->tries++;
    if (c->bare > 0)
        c->bare++;
    if (known_bare(g, c))
        l = moot_group_link_find(g, c->bare_from);
    if (l == NULL)
        l = moot_group_link_find(g, c->source);
    if (l != NULL && c->tries <= g->link_count + 1) {
        ask(g, c, l->handle, fx);
        return;
    }
    moot_trace(
        g->tracer, "nobody gives %02x%02x:%llu -> wait for the next round",
        c->in.author.b[0], c->in.author.b[1], (unsigned long long)c->len + 1);
    stop_asking(g, c);
    if (c->len == 0)
        moot_history_drop(&g->log, c);
}

/* Link l has entries of c up to seq.  false: c is not asked for now, and gone
 * if nothing of it is here. */
static bool learn(struct moot_group *g, struct moot_chain *c,
                  struct group_link *l, uint64_t seq,
                  struct moot_group_effects *fx)
{
    bool more = !c->forked && seq > c->len;

    if (more && c->due == 0 && g->asking_count < MOOT_ASKING_MAX &&
        !moot_say_full(g)) {
        c->known = seq;
        ask(g, c, l->handle, fx);
    } else if (more && c->due != 0 && seq > c->known) {
        c->known = seq;
    }
    if (c->due != 0)
        return true;
    if (c->len == 0)
        moot_history_drop(&g->log, c);
    return false;
}

/* --- new chains, at a bounded rate per link --- */

static bool may_bring_chain(struct moot_group *g, struct group_link *l)
{
    moot_ms each = 60000 / MOOT_CHAINS_PER_LINK_MINUTE;
    moot_ms since = g->now - l->new_chains_at;

    if (since >= each) {
        uint64_t more = (uint64_t)(since / each) + l->new_chains;

        l->new_chains = more > MOOT_NEW_CHAINS_BURST ? MOOT_NEW_CHAINS_BURST
                                                     : (unsigned)more;
        l->new_chains_at = g->now - since % each;
    }
    if (l->new_chains == 0)
        return false;
    l->new_chains--;
    return true;
}

/* The chain, made if need be; NULL: not now (it will be heard of again). */
static struct moot_chain *get_chain(struct moot_group *g, struct group_link *l,
                                    const struct moot_run *in,
                                    struct moot_group_effects *fx)
{
    struct moot_chain *c = moot_history_find(&g->log, in);

    if (c != NULL)
        return c;
    if (!may_bring_chain(g, l))
        return NULL;
    c = moot_history_get(&g->log, in);
    if (c == NULL && !g->full_said) {
        g->full_said = true;
        moot_group_notice(fx,
                          "the group is full: %u chains; lines of further "
                          "ones are not taken in",
                          MOOT_CHAINS_MAX);
    }
    return c;
}

/* --- entries that arrive --- */

static void on_fork(struct moot_group *g, struct moot_chain *c,
                    struct moot_group_effects *fx)
{
    char name[MOOT_NAME_LEN_MAX + 8];

    stop_asking(g, c);
    c->forked = true;
    moot_ahead_drop(g, &c->in);
    moot_group_display_name(g, &c->in.author, moot_bytes_text(""), name);
    moot_group_notice(fx,
                      "%s has two histories (a cloned machine?): nothing "
                      "more of that run is shown",
                      name);
}

/* What is asked for soon after a link came up was said before we came, or while
 * we were away; later it is a live line that took a detour. */
static bool caught_up_late(struct moot_group *g)
{
    if (g->now > g->catching_up)
        return false;
    if (g->catching_up < g->now + MOOT_CATCH_ON_MS)
        g->catching_up = g->now + MOOT_CATCH_ON_MS;
    return true;
}

/* One who gives a little now and then must not keep the rest from us. */
static moot_ms wait_for(const struct moot_group *g, const struct moot_chain *c)
{
    moot_ms enough = c->asked + MOOT_WANT_SLOW_MS +
                     (moot_ms)(c->got / MOOT_WANT_BYTES_PER_MS);

    return moot_ms_min(g->now + MOOT_WANT_WAIT_MS, enough);
}

/* shown: the screen has it already. */
static void admit_one(struct moot_group *g, struct moot_chain *c,
                      struct moot_entry *e, bool asked, bool shown,
                      struct moot_group_effects *fx)
{
    moot_chain_admit(&g->log, c, e);
    moot_say_raise_clock(g, e->lamport);
    moot_say_store(g, e, false, fx);
    if (asked)
        moot_enter_came(g);
    if (!shown)
        moot_screen_add(g, e, asked && caught_up_late(g));
}

/* The entries that came before this one. */
static void admit_ahead(struct moot_group *g, struct moot_chain *c,
                        struct moot_group_effects *fx)
{
    struct ahead a;

    while (moot_ahead_take(g, &c->in, c->len + 1, &a)) {
        if (moot_chain_judge(c, a.entry) == MOOT_CHAIN_NEXT)
            admit_one(g, c, a.entry, false, a.shown, fx);
        else
            on_fork(g, c, fx);
        moot_entry_unref(a.entry);
    }
}

static void admit(struct moot_group *g, struct moot_chain *c,
                  struct moot_entry *e, bool asked,
                  struct moot_group_effects *fx)
{
    admit_one(g, c, e, asked, false, fx);
    admit_ahead(g, c, fx);
    if (c->due == 0)
        return;
    c->tries = 0;
    c->got += e->raw.len;
    c->due = wait_for(g, c);
    if (c->len >= c->known)
        stop_asking(g, c);
    else if (c->len >= c->wanted) /* more was said meanwhile */
        ask(g, c, c->source, fx);
}

/*
 * An entry without its body says nothing, and would be all we ever have of it.
 * Old bodies are dropped when there are too many, so it may be all there is;
 * but whoever gives it so may also want to silence its author: the others are
 * asked first.
 */
static bool take_bare(struct moot_group *g, struct moot_chain *c,
                      struct group_link *l, const struct moot_entry *e,
                      struct moot_group_effects *fx)
{
    if (c->due == 0 && !learn(g, c, l, e->seq, fx))
        return false;
    if (c->source != l->handle)
        return false;
    if (known_bare(g, c))
        return true;
    if (c->bare == 0) {
        c->bare = 1;
        c->bare_from = l->handle;
        c->tries = 0;
    }
    ask_elsewhere(g, c, fx);
    return false;
}

/*
 * What came live is kept until those below it are here; in the middle of a
 * long back-fill it is even shown.  Of what was asked for the rest is on its
 * way.
 */
static void keep_ahead(struct moot_group *g, struct moot_chain *c,
                       struct group_link *l, struct moot_entry *e, bool asked,
                       struct moot_group_effects *fx)
{
    struct ahead *a = NULL;

    if (!asked && e->body.data != NULL)
        a = moot_ahead_add(g, e);
    if (a != NULL && g->enter.deep) {
        a->shown = true;
        moot_screen_show(g, e, false, false, !moot_enter_bounded(g), fx);
    }
    learn(g, c, l, a != NULL ? e->seq - 1 : e->seq, fx);
}

void moot_sync_entry(struct moot_group *g, struct group_link *l,
                     struct moot_entry *e, bool asked,
                     struct moot_group_effects *fx)
{
    struct moot_chain *c;

    moot_assert(moot_hash_eq(&e->group, &g->id));
    if (!asked && moot_id_eq(&l->id, &e->in.author))
        moot_acks_spoken(g, &e->in);
    c = get_chain(g, l, &e->in, fx);
    if (c == NULL)
        return;
    switch (moot_chain_judge(c, e)) {
    case MOOT_CHAIN_NEXT:
        if (moot_say_full(g)) {
            learn(g, c, l, e->seq, fx); /* it is heard of again */
            return;
        }
        if (e->body.data == NULL && !take_bare(g, c, l, e, fx))
            return;
        if (e->body.data != NULL)
            c->bare = 0;
        admit(g, c, e, asked, fx);
        return;
    case MOOT_CHAIN_GAP:
        moot_trace(g->tracer, "entry %02x%02x:%llu leaves a gap after %llu",
                   e->in.author.b[0], e->in.author.b[1],
                   (unsigned long long)e->seq, (unsigned long long)c->len);
        keep_ahead(g, c, l, e, asked, fx);
        return;
    case MOOT_CHAIN_FORK:
        on_fork(g, c, fx);
        return;
    case MOOT_CHAIN_KNOWN:
        return;
    }
}

void moot_sync_lack(struct moot_group *g, struct group_link *l,
                    const struct moot_range *r, struct moot_group_effects *fx)
{
    struct moot_chain *c = moot_history_find(&g->log, &r->in);

    if (c != NULL && c->due != 0 && c->source == l->handle)
        ask_elsewhere(g, c, fx);
}

/* --- comparing --- */

/* Where to begin with so many chains: nobody sends more than a few pages at
 * once, and where it matters chance gets to all of them in time. */
static unsigned first_chain(struct moot_group *g, unsigned count)
{
    const unsigned most = MOOT_CHAINS_PAGES_MAX * MOOT_PAGE_MAX;

    if (count <= most)
        return 0;
    return most * (unsigned)moot_rng_below(g->rng, (count + most - 1) / most);
}

/* The next page of a's chains from the i-th on; where the one after begins. */
static unsigned fill_chains(const struct moot_author *a, unsigned i,
                            struct moot_chains *page)
{
    page->count = 0;
    for (; a != NULL && i < a->count && page->count < MOOT_PAGE_MAX; i++) {
        const struct moot_chain *c = a->chains[i];

        if (c->kept_len == 0)
            continue;
        page->at[page->count++] = (struct moot_chain_head){
            .run = c->in.run, .len = c->kept_len, .head = c->kept_head};
    }
    page->last = a == NULL || i == a->count;
    return i;
}

static void post_chains(struct moot_group *g, uint64_t link,
                        const struct moot_id *author, bool want_answer,
                        struct moot_group_effects *fx)
{
    const struct moot_author *a = moot_history_author(&g->log, author);
    struct moot_message *m = moot_group_message(g, MOOT_MSG_CHAINS);
    struct moot_chains *page = &m->chains;
    unsigned i = a == NULL ? 0 : first_chain(g, a->count);

    page->author = *author;
    page->first = i == 0;
    page->ask = want_answer;
    if (i > 0)
        page->after_run = a->chains[i - 1]->in.run;
    for (unsigned n = 0; n < MOOT_CHAINS_PAGES_MAX; n++) {
        i = fill_chains(a, i, page);
        moot_group_post(fx, MOOT_GROUP_SEND, link, m);
        if (page->last)
            return;
        page->after_run = a->chains[i - 1]->in.run;
        page->first = false;
    }
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

void moot_sync_ping(struct moot_group *g, struct group_link *l,
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
void moot_sync_authors(struct moot_group *g, struct group_link *l,
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
        post_chains(g, l->handle, order <= 0 ? &a->id : &d->author, true, fx);
    }
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

/* As long as ours, yet another head: worth looking at the entry itself. */
static bool looks_forked(const struct moot_chain *c,
                         const struct moot_chain_head *h)
{
    return !c->forked && c->len > 0 && c->len == h->len &&
           !moot_hash_eq(&c->head, &h->head);
}

void moot_sync_chains(struct moot_group *g, struct group_link *l,
                      const struct moot_chains *m,
                      struct moot_group_effects *fx)
{
    for (unsigned i = 0; i < m->count; i++) {
        struct moot_run in = {.author = m->author, .run = m->at[i].run};
        struct moot_chain *c = moot_history_find(&g->log, &in);

        if (c != NULL && looks_forked(c, &m->at[i])) {
            struct moot_range r = {.in = in, .from = c->len, .to = c->len};

            post_want(g, l->handle, &r, fx);
        }
        if (m->at[i].len == 0 || (c != NULL && c->len >= m->at[i].len))
            continue;
        c = get_chain(g, l, &in, fx);
        if (c != NULL)
            learn(g, c, l, m->at[i].len, fx);
    }
    if (m->ask && have_more(g, m) && moot_group_may_answer(g, l))
        post_chains(g, l->handle, &m->author, false, fx);
}

/* --- time and links --- */

static void plan_next_round(struct moot_group *g)
{
    g->sync_due = g->now + MOOT_SYNC_EVERY_MS - MOOT_SYNC_JITTER_MS +
                  (moot_ms)moot_rng_below(g->rng, 2 * MOOT_SYNC_JITTER_MS + 1);
}

void moot_sync_link_up(struct moot_group *g, struct group_link *l,
                       struct moot_group_effects *fx)
{
    g->catching_up = g->now + MOOT_CATCH_UP_MS;
    l->behind = g->own_unstored > 0;
    l->new_chains = MOOT_NEW_CHAINS_BURST;
    l->new_chains_at = g->now;
    if (g->sync_due == 0)
        plan_next_round(g);
    moot_group_ask(fx, MOOT_GROUP_PING)->link = l->handle;
}

void moot_sync_link_down(struct moot_group *g, uint64_t handle,
                         struct moot_group_effects *fx)
{
    for (unsigned i = g->asking_count; i > 0; i--)
        if (i <= g->asking_count && g->asking[i - 1]->source == handle)
            ask_elsewhere(g, g->asking[i - 1], fx);
    if (g->link_count == 0)
        g->sync_due = 0;
}

void moot_sync_timer(struct moot_group *g, struct moot_group_effects *fx)
{
    for (unsigned i = g->asking_count; i > 0; i--)
        if (i <= g->asking_count && g->asking[i - 1]->due <= g->now)
            ask_elsewhere(g, g->asking[i - 1], fx);
    if (g->sync_due == 0 || g->now < g->sync_due)
        return;
    plan_next_round(g);

    struct group_link *l = moot_group_link_at_random(g, 0);

    if (l != NULL)
        moot_group_ask(fx, MOOT_GROUP_PING)->link = l->handle;
}

moot_ms moot_sync_deadline(const struct moot_group *g)
{
    moot_ms due = g->sync_due == 0 ? MOOT_NEVER : g->sync_due;

    for (unsigned i = 0; i < g->asking_count; i++)
        due = moot_ms_min(due, g->asking[i]->due);
    return due;
}
