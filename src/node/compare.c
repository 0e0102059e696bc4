/*
 * node/compare.c - /digest: every link is asked what it holds, and the user
 * told who has the same as we and who has not.
 *
 * While people talk two logs differ for moments: who differs is asked again
 * until the time is up.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "node_internal.h"

/* --- showing --- */

static void show(struct moot_effects *fx, struct moot_buf *b)
{
    moot_node_show(fx, MOOT_SHOW_ANSWER, "", moot_buf_text(b));
}

static void put_count(struct moot_buf *b, uint64_t n, const char *what)
{
    moot_buf_printf(b, "%" PRIu64 " entr%s %s", n, n == 1 ? "y" : "ies", what);
}

static void put_difference(struct moot_buf *b, uint64_t his, uint64_t ours)
{
    if (his == 0)
        moot_buf_printf(b, "has something else");
    else if (his == ours)
        moot_buf_printf(b, "has as many entries, but other ones");
    else if (his < ours)
        put_count(b, ours - his, "fewer");
    else
        put_count(b, his - ours, "more");
}

static void show_other(const struct moot_digest_line *l, uint64_t ours,
                       struct moot_effects *fx)
{
    struct moot_buf b = {0};

    moot_buf_printf(&b, "%s: ", l->name);
    switch (l->is) {
    case MOOT_COMPARE_UNKNOWN:
        moot_buf_printf(&b, "has not answered yet");
        break;
    case MOOT_COMPARE_UNLINKED:
        moot_buf_printf(&b, "is linked to others only, not to you");
        break;
    case MOOT_COMPARE_SAME:
        moot_buf_printf(&b, "has the same");
        break;
    case MOOT_COMPARE_DIFFERS:
        put_difference(&b, l->entries, ours);
        break;
    }
    show(fx, &b);
    moot_buf_fini(&b);
}

static void show_own(const struct moot_node_stats *s, unsigned same,
                     unsigned linked, struct moot_effects *fx)
{
    struct moot_buf b = {0};
    char hex[MOOT_HEX_LEN + 1];

    moot_hex(s->log.b, hex);
    moot_buf_printf(&b, "you have ");
    put_count(&b, s->kept, "");
    moot_buf_printf(&b, "with the digest %s", hex);
    show(fx, &b);
    moot_buf_clear(&b);
    if (linked == 0)
        moot_buf_printf(&b, "nobody is linked to you");
    else if (linked == 1 && same == 1)
        moot_buf_printf(&b, "the one linked member has the same");
    else if (same == linked)
        moot_buf_printf(&b, "all %u linked members have the same", linked);
    else
        moot_buf_printf(&b, "%u of %u linked members have the same", same,
                        linked);
    show(fx, &b);
    moot_buf_fini(&b);
}

static void show_rest(unsigned rest, struct moot_effects *fx)
{
    struct moot_buf b = {0};

    if (rest == 0)
        return;
    moot_buf_printf(&b, "and %u more who have not", rest);
    show(fx, &b);
    moot_buf_fini(&b);
}

static void show_all(struct moot_node *n, struct moot_effects *fx)
{
    struct moot_digest_line *lines =
        moot_alloc(MOOT_MEMBERS_MAX * sizeof *lines);
    unsigned count = moot_node_digests(n, lines, MOOT_MEMBERS_MAX);
    unsigned same = 0, linked = 0, shown = 0;
    struct moot_node_stats s;

    moot_node_stats(n, &s);
    for (unsigned i = 0; i < count; i++) {
        same += lines[i].is == MOOT_COMPARE_SAME;
        linked += lines[i].is != MOOT_COMPARE_UNLINKED;
    }
    show_own(&s, same, linked, fx);
    for (unsigned i = 0; i < count && shown < MOOT_COMPARE_SHOWN_MAX; i++) {
        if (lines[i].is == MOOT_COMPARE_SAME)
            continue;
        show_other(&lines[i], s.kept, fx);
        shown++;
    }
    show_rest(count - same - shown, fx);
    free(lines);
}

/* --- asking --- */

static void ask(struct moot_node *n, struct node_link *l,
                struct moot_effects *fx)
{
    moot_link_ping(n, l, true, fx);
    l->compare_nonce = l->ping_nonce;
}

void moot_compare_begin(struct moot_node *n, struct moot_effects *fx)
{
    if (n->compare_until != 0)
        return; /* the answer is on its way */
    n->compare_until = n->now + MOOT_COMPARE_MS;
    n->compare_again = n->compare_until;
    for (unsigned i = 0; i < n->link_count; i++) {
        struct node_link *l = n->links[i];

        l->comparing = l->state == LINK_UP && l->main;
        if (l->comparing)
            ask(n, l, fx);
    }
    moot_compare_review(n, fx);
}

void moot_compare_pong(struct moot_node *n, struct node_link *l,
                       const struct moot_ping *p)
{
    const struct moot_member *m = moot_group_member(n->group, &l->id);
    uint64_t entries;
    bool same;

    if (!l->comparing || p->nonce != l->compare_nonce || m == NULL)
        return;
    if (moot_group_told(n->group, m, &same, &entries) && same)
        l->comparing = false;
    else
        n->compare_again =
            moot_ms_min(n->compare_again, n->now + MOOT_COMPARE_AGAIN_MS);
}

static bool all_compared(const struct moot_node *n)
{
    for (unsigned i = 0; i < n->link_count; i++)
        if (n->links[i]->comparing && n->links[i]->state == LINK_UP)
            return false;
    return true;
}

void moot_compare_review(struct moot_node *n, struct moot_effects *fx)
{
    if (n->compare_until == 0)
        return;
    if (n->now >= n->compare_until || all_compared(n)) {
        n->compare_until = 0;
        show_all(n, fx);
        return;
    }
    if (n->now < n->compare_again)
        return;
    n->compare_again = n->compare_until;
    for (unsigned i = 0; i < n->link_count; i++)
        if (n->links[i]->comparing && n->links[i]->state == LINK_UP)
            ask(n, n->links[i], fx);
}

moot_ms moot_compare_deadline(const struct moot_node *n)
{
    if (n->compare_until == 0)
        return MOOT_NEVER;
    return moot_ms_min(n->compare_until, n->compare_again);
}
