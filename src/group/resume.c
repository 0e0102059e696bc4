/*
 * group/resume.c - going on where earlier runs ended.
 *
 * Chains come back by their heads, our own of earlier runs like all others.
 * Of the entries only the newest are here: they are shown as earlier ones, and
 * what is said next cites them, as if they had just been read.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include "group_internal.h"

#include "base/alloc.h"
#include "base/error.h"

/* Its form is checked and not its signatures: they were when it was kept. */
static void restore_fork(struct moot_group *g, struct moot_chain *c,
                         struct moot_bytes proof)
{
    struct moot_fork f;
    struct moot_fork *kept;

    if (proof.len == 0 || moot_fork_open(proof, &f) != MOOT_OK)
        return;
    if (moot_run_cmp(&f.first->in, &c->in) != 0 || f.seq <= c->len) {
        moot_fork_fini(&f);
        return;
    }
    kept = moot_alloc(sizeof *kept);
    *kept = f;
    g->fork_bytes += f.first->raw.len + f.second->raw.len + sizeof f;
    moot_chain_end(&g->log, c, kept, NULL);
    moot_chain_fork_kept(&g->log, c);
}

static void restore_chain(struct moot_group *g,
                          const struct moot_past_chain *past)
{
    struct moot_chain *c;
    bool empty = past->len == 0 || moot_hash_zero(&past->head);

    if (empty && past->fork.len == 0)
        return;
    c = moot_history_get(&g->log, &past->in);
    if (c == NULL)
        return; /* the group is full */
    if (!empty)
        moot_chain_restore(&g->log, c, past);
    restore_fork(g, c, past->fork);
    if (c->holes != NULL)
        moot_heal_add(g, c);
    if (moot_chain_empty(c) && c->fork == NULL)
        moot_history_drop(&g->log, c);
}

/* Nobody has seen a line of it: should it give way, they are said again. */
static void remember_lines(struct moot_group *g, const struct moot_entry *e)
{
    struct moot_body body;

    if (!moot_id_eq(&e->in.author, &g->me.author) || !moot_entry_body(e, &body))
        return;
    for (unsigned i = 0; i < body.line_count; i++)
        if (body.lines[i].kind != MOOT_LINE_NICK)
            moot_say_remember(g, body.lines[i].kind, body.lines[i].text);
}

void moot_resume_load(struct moot_group *g, const struct moot_past *past)
{
    for (unsigned i = 0; i < past->chain_count; i++)
        restore_chain(g, &past->chains[i]);
    g->met = past->grown;
    g->past = past;
    g->past_count = g->log.entry_count;
    moot_say_raise_clock(g, past->lamport);
    for (unsigned i = 0; i < past->tail_count; i++) {
        moot_say_raise_clock(g, past->tail[i]->lamport);
        remember_lines(g, past->tail[i]);
    }
}

/* Is it still of its chain? */
static bool is_held(const struct moot_group *g, const struct moot_entry *e)
{
    const struct moot_chain *c = moot_history_find(&g->log, &e->in);

    return c != NULL && e->seq <= c->len;
}

static unsigned lines_of(const struct moot_entry *e)
{
    struct moot_body body;

    return moot_entry_body(e, &body) ? body.line_count : 0;
}

/* Where the tail begins that is not longer than may be shown of what was said
 * before. */
static unsigned first_shown(const struct moot_group *g,
                            const struct moot_past *past)
{
    unsigned i = past->tail_count, lines = 0;

    while (i > 0 && g->enter.lines_max > 0 && lines < g->enter.lines_max)
        lines += lines_of(past->tail[--i]);
    return g->enter.lines_max == 0 ? 0 : i;
}

void moot_resume_show(struct moot_group *g, struct moot_group_effects *fx)
{
    const struct moot_past *past = g->past;
    unsigned first;

    if (past == NULL)
        return;
    g->past = NULL;
    first = first_shown(g, past);
    for (unsigned i = 0; i < past->tail_count; i++) {
        if (!is_held(g, past->tail[i]))
            continue;
        if (i < first)
            moot_screen_seen(g, past->tail[i]);
        else
            moot_screen_show(g, past->tail[i], false, true,
                             !moot_screen_follows(g, past->tail[i]), fx);
    }
}
