/*
 * node/drain.c - leaving in order: what was said is confirmed, then goodbye.
 *
 * Confirmed is what is safe with every link, by its own word: one who did not
 * keep up, or came later, gets the rest by comparing, and says so like all.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <inttypes.h>
#include <stdio.h>
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

static bool all_confirmed(const struct moot_node *n)
{
    for (unsigned i = 0; i < n->link_count; i++) {
        const struct node_link *l = n->links[i];

        if (l->state == LINK_UP && l->main &&
            !moot_group_holds_all(n->group, &l->id))
            return false;
    }
    return true;
}

void moot_drain_review(struct moot_node *n, struct moot_effects *fx)
{
    if (!n->draining || n->drained)
        return;
    if (n->now < n->drain_until && (!all_said(n) || !all_confirmed(n)))
        return;
    n->drained = true;
    moot_node_ask(fx, MOOT_FX_DRAINED);
}

/* Nobody is left in doubt about what nobody else has. */
static void tell_unheld(const struct moot_node *n, struct moot_effects *fx)
{
    uint64_t lines = moot_group_unheld(n->group);
    bool one = lines == 1;
    const char *fate;
    char text[256];

    if (lines == 0)
        return;
    if (n->fleeting || n->silent)
        fate = one ? "it is lost unless somebody got it"
                   : "they are lost unless somebody got them";
    else
        fate = one ? "it is kept in your profile, and goes out when you meet "
                     "the group again"
                   : "they are kept in your profile, and go out when you meet "
                     "the group again";
    snprintf(text, sizeof text,
             "%" PRIu64 " line%s of yours %s not known to be safe with anybody "
             "else; %s",
             lines, one ? "" : "s", one ? "is" : "are", fate);
    moot_node_show(fx, MOOT_SHOW_NOTICE, "", text);
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
    moot_contact_all_still(n, fx);
    moot_minds_group(n, &last, fx);
    tell_unheld(n, fx);
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
