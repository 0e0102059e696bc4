/*
 * node/ask.c - questions to a node: /who, /peers, figures.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "node_internal.h"

/* --- /who --- */

static void fill_who(const struct moot_node *n, const struct moot_member *m,
                     moot_ms now, struct moot_who_line *w)
{
    const struct node_link *l =
        m->link == 0 ? NULL : moot_link_find(n, m->link);

    *w = (struct moot_who_line){.id = m->id,
                                .mode = m->record.mode,
                                .standing = m->record.standing,
                                .self = m->self,
                                .linked = l != NULL,
                                .rtt = -1,
                                .heard = -1};
    moot_group_display_name(n->group, &m->id, moot_bytes_text(""), w->name);
    if (m->seen.port != 0)
        w->addr = m->seen;
    else if (m->record.addr_count > 0)
        w->addr = m->record.addrs[0];
    if (l == NULL)
        return;
    w->lagging = l->lagging;
    w->rtt = l->rtt;
    w->heard = now - l->heard;
}

unsigned moot_node_who(const struct moot_node *n, moot_ms now,
                       struct moot_who_line *out, unsigned max)
{
    const struct moot_member *m;
    unsigned at = 0, count = 0;

    while ((m = moot_group_live_next(n->group, &at)) != NULL) {
        if (!m->known)
            continue;
        if (count < max)
            fill_who(n, m, now, &out[count]);
        count++;
    }
    return count;
}

unsigned moot_node_peers(const struct moot_node *n, moot_ms now,
                         const struct moot_addr *local,
                         const struct moot_addr *asker,
                         struct moot_peer_line *out, unsigned max)
{
    const struct moot_member *m;
    unsigned at = 0, count = 0;

    while (count < max && (m = moot_group_live_next(n->group, &at)) != NULL) {
        struct moot_peer_line *p = &out[count];
        struct moot_who_line who;

        if (!m->known)
            continue;
        fill_who(n, m, now, &who);
        moot_answer_list(m, local, asker, &p->listed);
        p->self = who.self;
        p->linked = who.linked;
        p->lagging = who.lagging;
        p->rtt = who.rtt;
        p->heard = who.heard;
        count++;
    }
    return count;
}

/* --- figures --- */

void moot_node_stats(const struct moot_node *n, struct moot_node_stats *out)
{
    struct moot_group_stats s;
    struct moot_ping held;

    moot_group_stats(n->group, &s);
    moot_group_fill_ping(n->group, &held);
    *out = (struct moot_node_stats){.group = n->group_id,
                                    .log = held.log,
                                    .roster = held.roster,
                                    .members = moot_group_live_count(n->group),
                                    .chains = s.chains,
                                    .screen_held = s.screen_held,
                                    .say_waiting = s.say_waiting,
                                    .entries = s.entries,
                                    .kept = held.entries,
                                    .provisional = moot_boot_weight(n->boot) !=
                                                   MOOT_GROWN};
    memcpy(out->group_name, n->group_name, sizeof out->group_name);
    moot_boot_breakers(n->boot, n->now, out->breakers);
    for (unsigned i = 0; i < n->link_count; i++) {
        out->links_up += n->links[i]->state == LINK_UP && n->links[i]->main;
        out->links_early += n->links[i]->state == LINK_HELLO ||
                            n->links[i]->state == LINK_WELCOME;
    }
}

const struct moot_hash *moot_node_group(const struct moot_node *n)
{
    return &n->group_id;
}

bool moot_node_joined(const struct moot_node *n)
{
    return moot_boot_joined(n->boot);
}
