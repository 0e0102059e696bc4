/*
 * node/drain.c - leaving in order: what was said is confirmed, then goodbye.
 *
 * A PONG says that the other side has read everything sent before the PING.
 * One who did not keep up, or came later, was not sent everything: he has it
 * when his digest says so, and is asked again until then.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "base/utf8.h"
#include "node_internal.h"

void moot_drain_begin(struct moot_node *n, struct moot_effects *fx)
{
    n->draining = true;
    n->drain_until = n->now + MOOT_DRAIN_MAX_MS;
    moot_drain_review(n, fx);
}

static bool all_said(struct moot_node *n)
{
    struct moot_group_stats s;

    moot_group_stats(n->group, &s);
    return !s.unstored;
}

void moot_drain_compare(struct moot_node *n, struct node_link *l,
                        const struct moot_ping *its)
{
    struct moot_ping ours;

    if (!l->behind || moot_hash_zero(&its->log))
        return;
    moot_group_fill_ping(n->group, &ours);
    l->behind = !moot_hash_eq(&its->log, &ours.log);
}

void moot_drain_pong(struct moot_node *n, struct node_link *l,
                     const struct moot_ping *its)
{
    if (l->drain_nonce == 0 || its->nonce < l->drain_nonce)
        return;
    if (!l->behind)
        l->drain_nonce = 0;
    else if (n->drain_again == 0)
        n->drain_again = n->now + MOOT_DRAIN_AGAIN_MS;
}

/* Those who have not confirmed yet; at first all. */
static void ask_all(struct moot_node *n, struct moot_effects *fx)
{
    for (unsigned i = 0; i < n->link_count; i++) {
        struct node_link *l = n->links[i];

        if (l->state != LINK_UP || !l->main ||
            (n->pinged && l->drain_nonce == 0))
            continue;
        moot_link_ping(n, l, l->behind, fx);
        l->drain_nonce = l->ping_nonce;
    }
    n->pinged = true;
    n->drain_again = 0;
}

static bool all_confirmed(const struct moot_node *n)
{
    for (unsigned i = 0; i < n->link_count; i++)
        if (n->links[i]->state == LINK_UP && n->links[i]->drain_nonce != 0)
            return false;
    return true;
}

void moot_drain_review(struct moot_node *n, struct moot_effects *fx)
{
    if (!n->draining || n->drained)
        return;
    if (n->now < n->drain_until) {
        if (!all_said(n))
            return;
        if (!n->pinged || (n->drain_again != 0 && n->now >= n->drain_again))
            ask_all(n, fx);
        if (!all_confirmed(n))
            return;
    }
    n->drained = true;
    moot_node_ask(fx, MOOT_FX_DRAINED);
}

void moot_drain_leave(struct moot_node *n, struct moot_bytes reason, int code,
                      const char *text, struct moot_effects *fx)
{
    struct moot_group_event last = {.kind = MOOT_GROUP_LEAVE};
    char words[MOOT_REASON_LEN_MAX + 1];
    size_t len =
        reason.len < MOOT_REASON_LEN_MAX ? reason.len : MOOT_REASON_LEN_MAX;

    if (n->leaving)
        return;
    n->leaving = true;
    moot_minds_group(n, &last, fx);
    if (len > 0)
        memcpy(words, reason.data, len);
    while (len > 0 && !moot_utf8_valid(moot_bytes_of(words, len)))
        len--;
    words[len] = '\0';
    for (unsigned i = 0; i < n->link_count; i++) {
        struct node_link *l = n->links[i];

        if (l->state == LINK_UP)
            moot_link_bye(n, l, MOOT_BYE_QUIT, words, MOOT_OK, fx);
        else if (l->state != LINK_ENDING)
            moot_link_cut(n, l, MOOT_ECLOSED, fx);
    }
    moot_node_exit(fx, code, text);
}
