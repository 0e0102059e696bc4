/*
 * node/ask.c - questions to a node: the bootstrap answer, /who, figures.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "node_internal.h"

/* --- the bootstrap answer --- */

static void list_addr(struct moot_listed *l, const struct moot_addr *a,
                      bool loopback_too)
{
    if (a->port == 0 || a->host[0] == '\0' || moot_addr_wildcard(a) ||
        (moot_addr_loopback(a) && !loopback_too) ||
        l->addr_count == MOOT_LISTED_ADDRS_MAX)
        return;
    for (unsigned i = 0; i < l->addr_count; i++)
        if (moot_addr_eq(&l->addrs[i], a))
            return;
    l->addrs[l->addr_count++] = *a;
}

/* Its bootstrap socket is on the host where it was seen. */
static void list_boot(struct moot_listed *l, const struct moot_record *r)
{
    if (r->boot.port == 0)
        return;
    l->boot = r->boot;
    if (moot_addr_wildcard(&r->boot) && l->addr_count > 0)
        moot_addr_set(&l->boot, l->addrs[0].host, r->boot.port);
}

static void list_member(const struct moot_member *m,
                        const struct moot_addr *local,
                        const struct moot_addr *asker, struct moot_listed *l)
{
    bool near = moot_addr_loopback(asker);
    struct moot_addr seen = m->seen;

    memset(l, 0, sizeof *l);
    if (m->self)
        moot_addr_set(&seen, local->host, m->record.port);
    l->id = m->id;
    memcpy(l->name, m->record.name, sizeof l->name);
    l->mode = m->record.mode;
    l->standing = m->record.standing;
    list_addr(l, &seen, near);
    for (unsigned i = 0; i < m->record.addr_count; i++)
        list_addr(l, &m->record.addrs[i], near);
    list_boot(l, &m->record);
}

/* In the group by its id, but not yet linked to anybody there. */
static bool arriving(const struct moot_node *n)
{
    return n->moved != 0 && n->now < n->moved + MOOT_ARRIVE_MS;
}

static void list_members(const struct moot_node *n, bool old,
                         const struct moot_addr *local,
                         const struct moot_addr *asker, struct moot_answer *a)
{
    unsigned live = moot_group_live_count(n->group);

    a->members = moot_alloc(live * sizeof *a->members);
    for (unsigned i = 0; i < live; i++) {
        const struct moot_member *m = moot_group_live_at(n->group, i);
        struct moot_listed *l = &a->members[a->member_count];

        if (!m->known || (old && !m->self))
            continue;
        list_member(m, local, asker, l);
        if (m->self && arriving(n))
            l->standing = MOOT_JOINING;
        if (old)
            snprintf(l->name, sizeof l->name, "%02x%02x", m->id.b[0],
                     m->id.b[1]);
        a->member_count++;
    }
}

/* Sealing makes it longer, and whoever fetches refuses what is too long. */
static void encode(const struct moot_node *n, struct moot_answer *a,
                   struct moot_buf *json)
{
    moot_answer_encode(a, json);
    while (moot_node_closed(n) && json->len > MOOT_SEALED_TEXT_MAX) {
        a->member_count -= a->member_count / 4;
        moot_buf_clear(json);
        moot_answer_encode(a, json);
    }
}

void moot_node_answer(struct moot_node *n, const char *nonce, const char *marks,
                      const struct moot_addr *local,
                      const struct moot_addr *asker, struct moot_buf *json,
                      char signature[MOOT_HEX_LEN + 1 + 128 + 1])
{
    struct moot_answer a = {.group = n->group_id, .id = n->key.id};
    bool old = moot_closed_is_old(n, nonce, marks);
    size_t nonce_len = strlen(nonce);

    if (nonce_len >= sizeof a.nonce)
        nonce_len = sizeof a.nonce - 1;
    memcpy(a.nonce, nonce, nonce_len);
    memcpy(a.group_name, n->group_name, sizeof a.group_name);
    a.weight = moot_boot_weight(n->boot);
    list_members(n, old, local, asker, &a);
    encode(n, &a, json);
    moot_answer_sign(moot_buf_view(json), &n->key, signature);
    free(a.members);
    if (!moot_node_closed(n))
        return;
    moot_closed_seal(n, nonce, marks, signature, json);
    signature[0] = '\0';
}

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
    unsigned live = moot_group_live_count(n->group), count = 0;

    for (unsigned i = 0; i < live; i++) {
        const struct moot_member *m = moot_group_live_at(n->group, i);

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
    unsigned live = moot_group_live_count(n->group), count = 0;

    for (unsigned i = 0; i < live && count < max; i++) {
        const struct moot_member *m = moot_group_live_at(n->group, i);
        struct moot_peer_line *p = &out[count];
        struct moot_who_line who;

        if (!m->known)
            continue;
        fill_who(n, m, now, &who);
        list_member(m, local, asker, &p->listed);
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
