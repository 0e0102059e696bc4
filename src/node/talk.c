/*
 * node/talk.c - messages on links that are up.
 *
 * Signatures are checked here, before a mind hears of what they cover, and only
 * for what is news.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "node_internal.h"

static void violate(struct moot_node *n, struct node_link *l, const char *how,
                    struct moot_effects *fx)
{
    if (l->state == LINK_ENDING)
        return; /* it has been told goodbye */
    moot_trace(n->tracer, "link %llu breaks the protocol: %s",
               (unsigned long long)l->handle, how);
    moot_link_bye(n, l, MOOT_BYE_PROTOCOL, how, MOOT_EPROTO, fx);
}

/* The handle under which the minds know this identity. */
static moot_link handle_for(const struct moot_node *n,
                            const struct node_link *l)
{
    const struct node_link *main = l->main ? l : moot_link_main(n, &l->id);

    return main == NULL ? l->handle : main->handle;
}

/* --- entries --- */

static bool verified(struct moot_node *n, struct node_link *l,
                     const struct moot_entry *e, bool asked)
{
    bool genuine;

    switch (moot_group_judge(n->group, e)) {
    case MOOT_CHAIN_KNOWN:
        return false; /* nothing to do, so nothing to pay for */
    case MOOT_CHAIN_GAP:
        if (asked)
            return true; /* only its place is looked at, and asked for */
        genuine = moot_entry_verify(e);
        moot_budget_check(&l->budget, n->now, genuine);
        return genuine;
    case MOOT_CHAIN_NEXT:
    case MOOT_CHAIN_HOLE:
    case MOOT_CHAIN_PROBE:
    case MOOT_CHAIN_FORK:
        genuine = moot_entry_verify(e);
        moot_budget_check(&l->budget, n->now, genuine);
        return genuine;
    }
    return false;
}

void moot_talk_entry(struct moot_node *n, const struct node_link *l,
                     struct moot_entry *e, bool asked, struct moot_effects *fx)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_ENTRY};

    ev.link = handle_for(n, l);
    ev.arrived.entry = e;
    ev.arrived.asked = asked;
    moot_minds_group(n, &ev, fx);
}

/* Opens what is of this group; fair: all of it was valid. */
static unsigned open_entries(const struct moot_node *n,
                             const struct moot_entries *m,
                             struct moot_entry **entries, bool *fair)
{
    unsigned count = 0;

    *fair = true;
    for (unsigned i = 0; i < m->count; i++) {
        struct moot_entry *e;
        int status = moot_entry_open(m->raw[i], &e);

        if (status == MOOT_EVERSION)
            continue; /* not for us */
        *fair = status == MOOT_OK;
        if (!*fair)
            break;
        if (moot_hash_eq(&e->group, &n->group_id))
            entries[count++] = e;
        else
            moot_entry_unref(e);
    }
    return count;
}

/* What was asked for comes in masses: workers check it. */
static void take_asked(struct moot_node *n, struct node_link *l,
                       struct moot_entry *const *entries, unsigned count,
                       struct moot_effects *fx)
{
    struct moot_entry *news[MOOT_PAGE_MAX];
    unsigned k = 0;

    for (unsigned i = 0; i < count; i++)
        if (moot_group_judge(n->group, entries[i]) != MOOT_CHAIN_KNOWN)
            news[k++] = entries[i];
    if (k > 0)
        moot_verify_begin(n, l, news, k, fx);
}

static void on_entries(struct moot_node *n, struct node_link *l,
                       const struct moot_entries *m, struct moot_effects *fx)
{
    struct moot_group_event settle = {.kind = MOOT_GROUP_SETTLE};
    struct moot_entry *entries[MOOT_PAGE_MAX];
    bool fair;
    unsigned count = open_entries(n, m, entries, &fair);

    if (m->asked && (count > MOOT_VERIFY_INLINE_MAX || l->verifying > 0)) {
        take_asked(n, l, entries, count, fx);
    } else {
        for (unsigned i = 0; i < count; i++)
            if (verified(n, l, entries[i], m->asked))
                moot_talk_entry(n, l, entries[i], m->asked, fx);
        moot_minds_group(n, &settle, fx);
    }
    for (unsigned i = 0; i < count; i++)
        moot_entry_unref(entries[i]);
    if (!fair)
        violate(n, l, "not a valid entry", fx);
}

/* --- two histories --- */

/* Whoever accuses somebody shows what he signed, twice; false: he did not. */
static bool take_fork(struct moot_node *n, struct node_link *l,
                      const struct moot_fork *f, struct moot_effects *fx)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_FORK};
    bool genuine;

    if (!moot_hash_eq(&f->first->group, &n->group_id))
        return false;
    if (!moot_group_is_better(n->group, f))
        return true; /* nothing to do, so nothing to pay for */
    genuine = moot_fork_verify(f);
    moot_budget_check(&l->budget, n->now, genuine);
    moot_budget_check(&l->budget, n->now, genuine);
    if (!genuine)
        return false;
    ev.link = handle_for(n, l);
    ev.fork = f;
    moot_minds_group(n, &ev, fx);
    return true;
}

static void on_fork(struct moot_node *n, struct node_link *l,
                    const struct moot_fork_message *m, struct moot_effects *fx)
{
    struct moot_fork f;
    int status = moot_fork_open(m->raw, &f);
    bool fair = status != MOOT_EPROTO;

    if (status == MOOT_OK) {
        fair = take_fork(n, l, &f, fx);
        moot_fork_fini(&f);
    }
    if (!fair)
        violate(n, l, "not a proof of two histories", fx);
}

/* --- members --- */

static bool take_hint(struct moot_node *n, struct node_link *l,
                      const struct moot_member_hint *h, struct moot_effects *fx)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_RECORD};
    struct moot_record r;
    bool genuine;

    if (moot_record_open(h->record, &h->sig, &r) != MOOT_OK)
        return false;
    if (!moot_hash_eq(&r.group, &n->group_id) ||
        !moot_group_is_news(n->group, &r))
        return true;
    genuine = moot_record_verify(&r);
    moot_budget_check(&l->budget, n->now, genuine);
    if (!genuine)
        return false;
    ev.learned.record = &r;
    ev.learned.seen = h->seen;
    if (moot_addr_wildcard(&h->seen) ||
        (moot_addr_loopback(&h->seen) && !moot_addr_loopback(&l->remote)))
        ev.learned.seen.port = 0; /* means something else over there */
    moot_minds_group(n, &ev, fx);
    return true;
}

static void on_members(struct moot_node *n, struct node_link *l,
                       const struct moot_members *m, struct moot_effects *fx)
{
    bool fair = true;

    n->introducer = l->id;
    for (unsigned i = 0; i < m->count && fair; i++)
        fair = take_hint(n, l, &m->at[i], fx);
    n->introducer = (struct moot_id){{0}};
    if (!fair)
        violate(n, l, "not a valid member record", fx);
}

/* --- the rest --- */

static void to_group(struct moot_node *n, struct node_link *l,
                     const struct moot_message *m, struct moot_effects *fx)
{
    struct moot_group_event ev = {
        .kind = MOOT_GROUP_MESSAGE, .link = handle_for(n, l), .message = m};

    n->introducer = l->id;
    moot_minds_group(n, &ev, fx);
    n->introducer = (struct moot_id){{0}};
}

static void on_ping(struct moot_node *n, struct node_link *l,
                    const struct moot_message *m, struct moot_effects *fx)
{
    n->out.kind = MOOT_MSG_PONG;
    n->out.ping = (struct moot_ping){.nonce = m->ping.nonce};
    if (m->ping.sync)
        moot_group_fill_ping(n->group, &n->out.ping);
    moot_link_post(n, l, &n->out, fx);
    if (m->ping.sync)
        to_group(n, l, m, fx);
}

static void on_pong(struct moot_node *n, struct node_link *l,
                    const struct moot_message *m, struct moot_effects *fx)
{
    const struct moot_ping *p = &m->ping;

    if (p->nonce == l->ping_nonce && l->ping_nonce != 0) {
        l->rtt = n->now - l->ping_at;
        l->ping_nonce = 0;
    }
    to_group(n, l, m, fx);
    moot_compare_pong(n, l, p);
}

/* Of a closed group nobody moves: who says so leaves us out.  He has not left,
 * and of two changes at once the other may hold, or the next may be for us. */
static void on_bye(const struct moot_node *n, struct node_link *l,
                   const struct moot_bye *b)
{
    size_t len = b->reason.len < MOOT_REASON_LEN_MAX ? b->reason.len
                                                     : MOOT_REASON_LEN_MAX;

    if (len > 0)
        memcpy(l->reason, b->reason.data, len);
    l->reason[len] = '\0';
    switch (b->kind) {
    case MOOT_BYE_QUIT:
    case MOOT_BYE_GROUP:
        if (b->kind == MOOT_BYE_GROUP && moot_node_closed(n))
            l->why = MOOT_ESECRET;
        else
            l->goodbye = l->state == LINK_UP; /* else we parted first */
        return;
    case MOOT_BYE_PROTOCOL:
        l->why = MOOT_EPROTO;
        return;
    case MOOT_BYE_SLOW:
        l->why = MOOT_ESLOW;
        return;
    case MOOT_BYE_DUPLICATE:
        return;
    }
}

/* A linked member moved; we come along if our group gives way to that one.  It
 * says so once and then parts: more would lead us about. */
static void on_move(struct moot_node *n, struct node_link *l,
                    const struct moot_move *m, struct moot_effects *fx)
{
    struct moot_boot_event ev = {
        .kind = MOOT_BOOT_ADOPTED, .group = m->group, .weight = m->weight};

    if (l->led || !moot_boot_gives_way(n->boot, &m->group, m->weight) ||
        moot_closed_knows(n, &m->group))
        return;
    l->led = true;
    moot_minds_boot(n, &ev, fx);
    moot_adopt(n, &m->group, fx);
}

static void on_verdict(struct moot_node *n, const struct node_link *l,
                       const struct moot_probe *p, struct moot_effects *fx)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_VERDICT,
                                 .id = p->id,
                                 .from = l->id,
                                 .alive = p->alive};

    moot_minds_boot(n, &ev, fx);
}

void moot_talk(struct moot_node *n, struct node_link *l,
               const struct moot_message *m, struct moot_effects *fx)
{
    switch (m->kind) {
    case MOOT_MSG_PING:
        on_ping(n, l, m, fx);
        return;
    case MOOT_MSG_PONG:
        on_pong(n, l, m, fx);
        return;
    case MOOT_MSG_ENTRIES:
        on_entries(n, l, &m->entries, fx);
        return;
    case MOOT_MSG_MEMBERS:
        on_members(n, l, &m->members, fx);
        return;
    case MOOT_MSG_AUTHORS:
    case MOOT_MSG_CHAINS:
    case MOOT_MSG_WANT:
    case MOOT_MSG_LACK:
    case MOOT_MSG_WHO:
    case MOOT_MSG_ACK:
        to_group(n, l, m, fx);
        return;
    case MOOT_MSG_LINKED:
        /* On one that is being drained it may be older than what another link
         * said; one that is only being compared may be the main one there. */
        if (l->main || l->state == LINK_UP)
            to_group(n, l, m, fx);
        return;
    case MOOT_MSG_PROBE:
        moot_probe_asked(n, l, &m->probe.id, fx);
        return;
    case MOOT_MSG_VERDICT:
        on_verdict(n, l, &m->probe, fx);
        return;
    case MOOT_MSG_BYE:
        on_bye(n, l, &m->bye);
        return;
    case MOOT_MSG_MOVE:
        on_move(n, l, &m->move, fx);
        return;
    case MOOT_MSG_FORK:
        on_fork(n, l, &m->fork, fx);
        return;
    case MOOT_MSG_UNKNOWN:
        return;
    case MOOT_MSG_HELLO:
    case MOOT_MSG_WELCOME:
    case MOOT_MSG_REFUSE:
        violate(n, l, "a greeting in the middle of the conversation", fx);
        return;
    }
}
