/*
 * group/serve.c - serving what others want: one read at a time per link, and
 * none while the link does not take what is sent.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include "base/slots.h"
#include "group_internal.h"

/* What one entry costs in a frame beyond its own bytes, at most. */
#define ENTRY_OVERHEAD 8
#define FRAME_FILL (MOOT_FRAME_LEN_MAX - 64)

static void post_lack(struct moot_group *g, uint64_t link,
                      const struct serving *s, struct moot_group_effects *fx)
{
    const struct moot_chain *c = moot_history_find(&g->log, &s->in);
    struct moot_message *m = moot_group_message(g, MOOT_MSG_LACK);

    m->lack.at = (struct moot_range){.in = s->in, .from = s->next, .to = s->to};
    if (c != NULL && c->base > s->next && c->kept_len >= c->base)
        m->lack.base = c->base;
    moot_group_post(fx, MOOT_GROUP_SEND, link, m);
}

static void drop_first(struct group_link *l)
{
    moot_slot_close(l->servings, sizeof *l->servings, &l->serving_count, 0);
}

static void add_serving(struct group_link *l, const struct serving *s)
{
    unsigned at = l->serving_count;

    l->servings = moot_slot_open(l->servings, sizeof *l->servings,
                                 &l->serving_count, &l->serving_max, at);
    l->servings[at] = *s;
}

void moot_serve_next(struct moot_group *g, struct group_link *l,
                     struct moot_group_effects *fx)
{
    while (l->serving_count > 0 && l->fetch == 0 && !l->slow) {
        const struct serving *s = &l->servings[0];
        const struct moot_chain *c = moot_history_find(&g->log, &s->in);

        if (c == NULL || c->kept_len < s->next) {
            post_lack(g, l->handle, s, fx);
            drop_first(l);
            continue;
        }

        struct moot_group_effect *f = moot_group_ask(fx, MOOT_GROUP_FETCH);

        f->token = l->fetch = ++g->tokens;
        l->fetch_next = s->next;
        f->range.in = s->in;
        f->range.from = s->next;
        f->range.to = s->to < c->kept_len ? s->to : c->kept_len;
    }
}

/* What follows on a range that is being served belongs to it: otherwise they
 * would take turns, and come in no order. */
static bool goes_on(struct group_link *l, const struct moot_range *r)
{
    for (unsigned i = 0; i < l->serving_count; i++) {
        struct serving *s = &l->servings[i];

        if (s->to + 1 != r->from || moot_run_cmp(&s->in, &r->in) != 0)
            continue;
        s->to = r->to;
        return true;
    }
    return false;
}

void moot_serve_want(struct moot_group *g, struct group_link *l,
                     const struct moot_want *m, struct moot_group_effects *fx)
{
    for (unsigned i = 0; i < m->count; i++) {
        const struct moot_range *r = &m->at[i];
        struct serving s = {.in = r->in, .next = r->from, .to = r->to};

        if (goes_on(l, r))
            continue;
        if (l->serving_count == MOOT_SERVINGS_MAX)
            break; /* asked again in time; what waits is bounded */
        add_serving(l, &s);
    }
    moot_serve_next(g, l, fx);
}

/* As few frames as they fit in. */
static void post_entries(uint64_t link, struct moot_entry *const *entries,
                         unsigned count, struct moot_group_effects *fx)
{
    unsigned first = 0;

    while (first < count) {
        struct moot_group_effect *f = moot_group_ask(fx, MOOT_GROUP_SEND);
        size_t size = 0;
        unsigned n = 0;

        while (first + n < count && n < MOOT_PAGE_MAX &&
               size + entries[first + n]->raw.len + ENTRY_OVERHEAD <=
                   FRAME_FILL) {
            size += entries[first + n]->raw.len + ENTRY_OVERHEAD;
            n++;
        }
        f->link = link;
        f->at = fx->bytes.len;
        moot_message_encode_entries(entries + first, n, true, &fx->bytes);
        f->len = fx->bytes.len - f->at;
        first += n;
    }
}

static struct group_link *link_fetching(const struct moot_group *g,
                                        uint64_t token)
{
    for (unsigned i = 0; i < g->link_count; i++)
        if (g->links[i]->fetch == token)
            return g->links[i];
    return NULL;
}

/* The rest of the range goes behind the others, so that all make progress. */
static void rotate(struct group_link *l, unsigned served)
{
    struct serving s = l->servings[0];

    drop_first(l);
    s.next += served;
    if (s.next <= s.to)
        add_serving(l, &s);
}

void moot_serve_fetched(struct moot_group *g, uint64_t token,
                        struct moot_entry *const *entries, unsigned count,
                        struct moot_group_effects *fx)
{
    struct group_link *l = link_fetching(g, token);

    if (l == NULL)
        return; /* the asker is gone */
    l->fetch = 0;
    if (count == 0) {
        post_lack(g, l->handle, &l->servings[0], fx);
        drop_first(l);
    } else {
        post_entries(l->handle, entries, count, fx);
        rotate(l, count);
    }
    moot_serve_next(g, l, fx);
}
