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

void moot_sync_want(struct moot_group *g, uint64_t link,
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
    c->silent = false;
    c->base_told = 0;
    c->bare = 0;
    c->source = 0;
    c->known = c->len;
}

static void drop_if_empty(struct moot_group *g, struct moot_chain *c)
{
    if (moot_chain_empty(c) && c->fork == NULL)
        moot_history_drop(&g->log, c);
}

/* Of seq entries, how many are of the run. */
static uint64_t end_of(const struct moot_chain *c, uint64_t seq)
{
    return c->fork != NULL && seq >= c->fork->seq ? c->fork->seq - 1 : seq;
}

void moot_sync_ended(struct moot_group *g, struct moot_chain *c)
{
    if (c->due == 0)
        return;
    c->known = end_of(c, c->known);
    if (c->len >= c->known)
        stop_asking(g, c);
}

void moot_sync_grown(struct moot_group *g, struct moot_chain *own)
{
    if (own->due != 0 && own->len >= own->known)
        stop_asking(g, own);
}

/* Enough links were asked for its body in vain. */
static bool known_bare(const struct moot_group *g, const struct moot_chain *c)
{
    return c->bare > g->link_count;
}

/* How many entries may be on their way: what is live comes behind them. */
static uint64_t window(const struct moot_chain *c)
{
    if (c->size == 0)
        return MOOT_WANT_FEW;
    return MOOT_WANT_BYTES_MAX / c->size + 1;
}

static uint64_t end_of_window(const struct moot_chain *c)
{
    uint64_t end = c->len + window(c);

    return end < c->known ? end : c->known;
}

static void ask(struct moot_group *g, struct moot_chain *c, uint64_t source,
                struct moot_group_effects *fx)
{
    if (c->due == 0)
        g->asking = moot_slot_open(g->asking, sizeof(void *), &g->asking_count,
                                   &g->asking_max, g->asking_count);
    if (c->due == 0)
        g->asking[g->asking_count - 1] = c;
    struct moot_range r = {
        .in = c->in, .from = c->len + 1, .to = end_of_window(c)};

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
    moot_sync_want(g, source, &r, fx);
}

/* Asks for more of what is coming before all that was asked for is here.  The
 * last few can wait: some of them may have come by themselves. */
static void ask_on(struct moot_group *g, struct moot_chain *c,
                   struct moot_group_effects *fx)
{
    struct moot_range r = {
        .in = c->in, .from = c->wanted + 1, .to = end_of_window(c)};

    if (c->bare > 0 || c->known - c->len <= MOOT_WANT_FEW || r.to < r.from ||
        c->wanted - c->len > window(c) / 2 || moot_say_busy(g))
        return;
    c->wanted = r.to;
    moot_sync_want(g, c->source, &r, fx);
}

void moot_sync_go_on(struct moot_group *g, struct moot_group_effects *fx)
{
    for (unsigned i = 0; i < g->asking_count; i++) {
        struct moot_chain *c = g->asking[i];

        if (c->wanted > c->len)
            ask_on(g, c, fx);
        else
            ask(g, c, c->source, fx);
    }
}

/* Nobody who is here has its beginning, and they have all said so: better the
 * rest than nothing. */
static bool begin_later(struct moot_chain *c)
{
    uint64_t base = c->base_told;

    if (!moot_chain_empty(c) || c->silent || base <= c->len + 1 ||
        base > c->known)
        return false;
    moot_chain_skip(c, base);
    c->base_told = 0;
    c->tries = 0;
    return true;
}

/* The one asked did not deliver: ask another, or give up for now. */
static void ask_elsewhere(struct moot_group *g, struct moot_chain *c,
                          struct moot_group_effects *fx)
{
    struct group_link *l = c->tries == 0 && c->bare == 0
                               ? moot_group_link_at_random(g, c->source)
                               : moot_group_link_next(g, c->source);

    if (c->len >= c->known) { /* our own: more was said here meanwhile */
        stop_asking(g, c);
        return;
    }
    c->tries++;
    if (c->bare > 0)
        c->bare++;
    if (known_bare(g, c))
        l = moot_group_link_find(g, c->bare_from);
    if (l == NULL)
        l = moot_group_link_find(g, c->source);
    if (l != NULL && (c->tries <= g->link_count + 1 || begin_later(c))) {
        ask(g, c, l->handle, fx);
        return;
    }
    moot_trace(
        g->tracer, "nobody gives %02x%02x:%llu -> wait for the next round",
        c->in.author.b[0], c->in.author.b[1], (unsigned long long)c->len + 1);
    moot_ahead_give_up(g, &c->in);
    stop_asking(g, c);
    drop_if_empty(g, c);
}

/* Link l has entries of c up to seq.  false: c is not asked for now, and gone
 * if nothing of it is here. */
static bool learn(struct moot_group *g, struct moot_chain *c,
                  struct group_link *l, uint64_t seq,
                  struct moot_group_effects *fx)
{
    bool more;

    seq = end_of(c, seq);
    if (moot_chain_empty(c) && moot_enter_skips(g, c, seq))
        moot_chain_skip(c, seq - g->enter.history_max + 1);
    more = seq > c->len;
    if (more && c->due == 0 && g->asking_count < MOOT_ASKING_MAX &&
        !moot_say_full(g)) {
        c->known = seq;
        ask(g, c, l->handle, fx);
    } else if (more && c->due != 0 && seq > c->known) {
        c->known = seq;
    }
    if (c->due != 0)
        return true;
    drop_if_empty(g, c);
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
    if (l->new_chains == 0) {
        moot_enter_missed(g);
        return false;
    }
    l->new_chains--;
    return true;
}

/* Who comes in gets all of the past: a run of which something came does not
 * count, only those that are no more than claimed. */
static void pay_back(struct moot_group *g, const struct moot_chain *c)
{
    struct group_link *l = moot_group_link_find(g, c->source);

    if (moot_enter_fetches(g) && l != NULL &&
        l->new_chains < MOOT_NEW_CHAINS_BURST)
        l->new_chains++;
}

/* The chain, made if need be; NULL: not now (it will be heard of again). */
struct moot_chain *moot_sync_chain(struct moot_group *g, struct group_link *l,
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
    bool first = c->len == 0;

    moot_chain_admit(&g->log, c, e);
    moot_say_raise_clock(g, e->lamport);
    moot_say_store(g, e, false, fx);
    if (asked)
        moot_enter_came(g);
    if (asked && first)
        pay_back(g, c);
    if (!shown)
        moot_screen_add(g, e, asked && caught_up_late(g));
}

/* The entries that came before this one. */
static void admit_ahead(struct moot_group *g, struct moot_chain *c,
                        uint64_t link, struct moot_group_effects *fx)
{
    struct ahead a;

    while (moot_ahead_take(g, &c->in, c->len + 1, &a)) {
        if (moot_chain_judge(c, a.entry) == MOOT_CHAIN_NEXT)
            admit_one(g, c, a.entry, false, a.shown, fx);
        else
            moot_forks_suspect(g, link, a.entry, c->len, fx);
        moot_entry_unref(a.entry);
    }
}

static void admit(struct moot_group *g, struct moot_chain *c,
                  const struct group_link *l, struct moot_entry *e, bool asked,
                  struct moot_group_effects *fx)
{
    admit_one(g, c, e, asked, false, fx);
    admit_ahead(g, c, l->handle, fx);
    if (c->due == 0)
        return;
    c->tries = 0;
    c->got += e->raw.len;
    c->size = c->size == 0 ? e->raw.len : (3 * c->size + e->raw.len) / 4;
    c->due = wait_for(g, c);
    if (c->len >= c->known)
        stop_asking(g, c);
    else if (c->len < c->wanted)
        ask_on(g, c, fx);
    else if (!moot_say_busy(g)) /* else moot_sync_go_on() does */
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
    c = moot_sync_chain(g, l, &e->in, fx);
    if (c == NULL)
        return;
    if (!asked && moot_chain_empty(c) && e->seq < c->base)
        moot_chain_skip(c, e->seq); /* nobody can claim it to be over */
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
        admit(g, c, l, e, asked, fx);
        return;
    case MOOT_CHAIN_GAP:
        moot_trace(g->tracer, "entry %02x%02x:%llu leaves a gap after %llu",
                   e->in.author.b[0], e->in.author.b[1],
                   (unsigned long long)e->seq, (unsigned long long)c->len);
        keep_ahead(g, c, l, e, asked, fx);
        return;
    case MOOT_CHAIN_HOLE:
        moot_heal_entry(g, l, c, e, fx);
        return;
    case MOOT_CHAIN_PROBE:
        moot_forks_suspect(g, l->handle, e, e->seq, fx);
        return;
    case MOOT_CHAIN_FORK:
        moot_forks_suspect(g, l->handle, e, c->len, fx);
        return;
    case MOOT_CHAIN_KNOWN:
        return;
    }
}

void moot_sync_lack(struct moot_group *g, struct group_link *l,
                    const struct moot_lack *m, struct moot_group_effects *fx)
{
    const struct moot_range *r = &m->at;
    struct moot_chain *c = moot_history_find(&g->log, &r->in);

    moot_search_lack(g, l->handle, r, fx);
    moot_heal_lack(g, l->handle, r, fx);
    if (c == NULL || c->due == 0 || c->source != l->handle || r->to <= c->len)
        return;
    if (m->base > 0 && (c->base_told == 0 || m->base < c->base_told))
        c->base_told = m->base;
    ask_elsewhere(g, c, fx);
}

/* --- what others have --- */

/* As long as ours, yet another head: worth looking at the entry itself. */
static bool looks_forked(const struct moot_chain *c,
                         const struct moot_chain_head *h)
{
    return c->len > 0 && c->len == h->len && !c->headless && c->probe == 0 &&
           !moot_hash_eq(&c->head, &h->head);
}

/* false: it is one more than this link may bring now. */
static bool take_head(struct moot_group *g, struct group_link *l,
                      const struct moot_run *in,
                      const struct moot_chain_head *h,
                      struct moot_group_effects *fx)
{
    struct moot_chain *c = moot_history_find(&g->log, in);
    uint64_t len = c == NULL ? h->len : end_of(c, h->len);

    if (c != NULL && looks_forked(c, h)) {
        struct moot_range r = {.in = *in, .from = c->len, .to = c->len};

        moot_sync_want(g, l->handle, &r, fx);
    }
    if (len == 0 || (c != NULL && c->len >= len))
        return true;
    c = moot_sync_chain(g, l, in, fx);
    if (c != NULL)
        learn(g, c, l, len, fx);
    return c != NULL;
}

void moot_sync_chains(struct moot_group *g, struct group_link *l,
                      const struct moot_chains *m,
                      struct moot_group_effects *fx)
{
    unsigned taken = 0;

    for (unsigned i = 0; i < m->count; i++) {
        struct moot_run in = {.author = m->author, .run = m->at[i].run};

        if (take_head(g, l, &in, &m->at[i], fx) && taken == i)
            taken++;
    }
    moot_enter_page(g, l, m, taken);
    moot_compare_chains(g, l, m, fx);
}

/* --- time and links --- */

static void plan_next_round(struct moot_group *g)
{
    g->sync_due = g->now + MOOT_SYNC_EVERY_MS - MOOT_SYNC_JITTER_MS +
                  (moot_ms)moot_rng_below(g->rng, 2 * MOOT_SYNC_JITTER_MS + 1);
}

uint64_t moot_sync_missing(const struct moot_group *g)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < g->asking_count; i++) {
        uint64_t more = g->asking[i]->known - g->asking[i]->len;

        sum = sum + more < sum ? UINT64_MAX : sum + more;
    }
    return sum;
}

void moot_sync_soon(struct moot_group *g)
{
    if (g->sync_due > g->now + MOOT_SYNC_SOON_MS)
        g->sync_due = g->now + MOOT_SYNC_SOON_MS;
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
    moot_heal_link_up(g, fx);
}

void moot_sync_link_down(struct moot_group *g, uint64_t handle,
                         struct moot_group_effects *fx)
{
    for (unsigned i = g->asking_count; i > 0; i--)
        if (i <= g->asking_count && g->asking[i - 1]->source == handle)
            ask_elsewhere(g, g->asking[i - 1], fx);
    moot_search_link_down(g, handle, fx);
    moot_heal_link_down(g, handle, fx);
    if (g->link_count == 0)
        g->sync_due = 0;
}

/* While our own store is behind nobody else is to blame. */
static void late(struct moot_group *g, struct moot_chain *c,
                 struct moot_group_effects *fx)
{
    if (c->len >= c->wanted && moot_say_busy(g)) {
        c->due = g->now + MOOT_WANT_WAIT_MS;
        return;
    }
    c->silent = true;
    ask_elsewhere(g, c, fx);
}

void moot_sync_timer(struct moot_group *g, struct moot_group_effects *fx)
{
    for (unsigned i = g->asking_count; i > 0; i--)
        if (i <= g->asking_count && g->asking[i - 1]->due <= g->now)
            late(g, g->asking[i - 1], fx);
    moot_search_timer(g, fx);
    moot_heal_timer(g, fx);
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
    due = moot_ms_min(due, moot_search_deadline(g));
    due = moot_ms_min(due, moot_heal_deadline(g));
    return due;
}
