/*
 * group/enter.c - coming in: what was said before fills the history, and only
 * its end the screen.
 *
 * Coming in is over when a link was there, nothing is asked for, and a round
 * of comparing has brought nothing more.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include "group_internal.h"

/* At least the newest of each run: what is said next stands on it. */
void moot_enter_bound(struct moot_group *g,
                      const struct moot_group_config *config)
{
    g->enter.lines_max = config->earlier_max;
    if (!config->history_bounded || config->past != NULL)
        return;
    g->enter.history_bounded = true;
    g->enter.history_max = config->history_max > 0 ? config->history_max : 1;
    g->enter.hidden = config->history_max == 0;
}

void moot_enter_linked(struct moot_group *g)
{
    if (!g->enter.linked)
        g->enter.since = g->now;
    g->enter.linked = true;
    g->enter.last = g->now;
}

void moot_enter_came(struct moot_group *g)
{
    g->enter.last = g->now;
}

bool moot_enter_fetches(const struct moot_group *g)
{
    return g->enter.linked && g->now < g->enter.since + MOOT_ENTER_FETCH_MS;
}

void moot_enter_missed(struct moot_group *g)
{
    g->enter.missed = moot_enter_fetches(g);
}

/* Does it go on where the page before it ended? */
static bool follows(const struct enter *e, const struct group_link *l,
                    const struct moot_chains *page)
{
    return page->first || e->more_link == 0 ||
           (e->more_link == l->handle && e->more_after == page->after_run &&
            moot_id_eq(&e->more_of, &page->author));
}

void moot_enter_page(struct moot_group *g, const struct group_link *l,
                     const struct moot_chains *page, unsigned taken)
{
    struct enter *e = &g->enter;

    if (!moot_enter_fetches(g) || !follows(e, l, page))
        return;
    if (page->last && taken == page->count) {
        e->more = false;
        e->more_link = 0;
    } else if (taken > 0) {
        e->more = e->missed = true;
        e->more_of = page->author;
        e->more_after = page->at[taken - 1].run;
        e->more_link = l->handle;
    }
}

static void ask_for_more(struct moot_group *g, uint64_t link,
                         struct moot_group_effects *fx)
{
    struct moot_message *m = moot_group_message(g, MOOT_MSG_CHAINS);

    m->chains.author = g->enter.more_of;
    m->chains.after_run = g->enter.more_after;
    m->chains.last = m->chains.ask = true;
    moot_group_post(fx, MOOT_GROUP_SEND, link, m);
}

/* There is room for more runs: somebody tells at once which. */
static void compare_again(struct moot_group *g, struct moot_group_effects *fx)
{
    bool more = g->enter.more;
    struct group_link *l = moot_group_link_find(g, g->enter.more_link);

    g->enter.missed = g->enter.more = false;
    if (more && l != NULL) {
        ask_for_more(g, l->handle, fx);
        return;
    }
    g->enter.more_link = 0;
    l = moot_group_link_at_random(g, 0);
    if (l != NULL)
        moot_group_ask(fx, MOOT_GROUP_PING)->link = l->handle;
}

bool moot_enter_bounded(const struct moot_group *g)
{
    return !g->enter.done && (g->enter.lines_max > 0 || g->enter.hidden);
}

bool moot_enter_skips(const struct moot_group *g, const struct moot_chain *c,
                      uint64_t seq)
{
    return g->enter.history_bounded && !g->enter.done &&
           !moot_id_eq(&c->in.author, &g->me.author) &&
           seq > g->enter.history_max && c->len + g->enter.history_max < seq;
}

unsigned moot_enter_room(const struct moot_group *g)
{
    if (g->enter.hidden || g->enter.lines_shown > g->enter.lines_max)
        return 0;
    return g->enter.lines_max - g->enter.lines_shown;
}

/* Much is on its way, and it does come. */
static void review_deep(struct moot_group *g, struct moot_group_effects *fx)
{
    uint64_t missing = moot_sync_missing(g);
    bool deep = missing > MOOT_DEEP_ENTRIES &&
                g->now <= g->enter.last + MOOT_DEEP_WAIT_MS;

    if (deep != g->enter.deep)
        g->screen_due = g->now; /* others wait from now on */
    if (deep && !g->enter.deep)
        g->enter.tell_at = g->now + MOOT_DEEP_TELL_MS;
    g->enter.deep = deep;
    if (!deep || g->now < g->enter.tell_at)
        return;
    g->enter.tell_at = g->now + MOOT_DEEP_TELL_MS;
    moot_group_notice(fx,
                      "fetching what was said before: %llu entries are here, "
                      "%llu are to come",
                      (unsigned long long)g->log.entry_count,
                      (unsigned long long)missing);
}

static moot_ms over_at(const struct moot_group *g)
{
    if (g->enter.done || !g->enter.linked || g->asking_count > 0 ||
        g->self->record.standing != MOOT_JOINED)
        return MOOT_NEVER;
    return g->enter.last + MOOT_ENTER_QUIET_MS;
}

void moot_enter_review(struct moot_group *g, struct moot_group_effects *fx)
{
    if (g->asking_count > 0 || g->enter.deep)
        review_deep(g, fx);
    if (g->enter.missed && g->asking_count == 0)
        compare_again(g, fx);
    if (g->now < over_at(g))
        return;
    g->enter.done = true;
    g->screen_due = g->now;
    if (g->enter.skipped == 0 || g->enter.hidden)
        return;
    moot_group_notice(fx,
                      "%llu lines that were said before are not shown here: "
                      "see moot history",
                      (unsigned long long)g->enter.skipped);
}

moot_ms moot_enter_deadline(const struct moot_group *g)
{
    moot_ms due = over_at(g);

    if (g->enter.missed && g->asking_count == 0)
        return g->now;
    if (g->enter.deep)
        due = moot_ms_min(due,
                          moot_ms_min(g->enter.tell_at,
                                      g->enter.last + MOOT_DEEP_WAIT_MS + 1));
    return due;
}
