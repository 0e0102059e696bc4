/*
 * node/contact.c - what the address book is told: whom we met, and where.
 *
 * Where a link was made that we dialled, somebody was met.  Of one that came to
 * us we know where it was seen, and of both what the member says of itself;
 * nobody has tried these yet.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/slots.h"
#include "node_internal.h"

/* --- dials under way --- */

static struct node_dial *find_dial(const struct moot_node *n, moot_token token)
{
    for (unsigned i = 0; i < n->dial_count; i++)
        if (n->dials[i].token == token)
            return &n->dials[i];
    return NULL;
}

static void forget_dial(struct moot_node *n, moot_token token)
{
    struct node_dial *d = token == 0 ? NULL : find_dial(n, token);

    if (d == NULL)
        return;
    free(d->addrs);
    moot_slot_close(n->dials, sizeof *n->dials, &n->dial_count,
                    (unsigned)(d - n->dials));
}

void moot_contact_dialled(struct moot_node *n, const struct moot_fx_dial *dial)
{
    struct node_dial *d;

    if (dial->addr_count == 0)
        return;
    n->dials = moot_slot_open(n->dials, sizeof *n->dials, &n->dial_count,
                              &n->dial_max, n->dial_count);
    d = &n->dials[n->dial_count - 1];
    d->token = dial->token;
    d->addr_count = dial->addr_count;
    d->addrs = moot_copy(dial->addrs, dial->addr_count * sizeof *dial->addrs);
}

void moot_contact_fini(struct moot_node *n)
{
    while (n->dial_count > 0)
        forget_dial(n, n->dials[0].token);
    free(n->dials);
}

/* --- what is told --- */

static struct moot_contact *note(struct moot_node *n,
                                 enum moot_contact_kind kind,
                                 const struct moot_addr *addr, bool here,
                                 struct moot_effects *fx)
{
    struct moot_effect *e;

    if (!moot_book_admits(addr, here))
        return NULL;
    e = moot_node_ask(fx, MOOT_FX_PEER);
    e->contact = moot_alloc(sizeof *e->contact);
    e->contact->kind = kind;
    e->contact->at = n->wall;
    e->contact->here = here;
    e->contact->peer.addr = *addr;
    return e->contact;
}

/* Its bootstrap socket is on the same host, unless it names another. */
static void set_boot(struct moot_peer *p, const struct moot_record *r)
{
    if (r->boot.port == 0)
        return;
    p->boot = r->boot;
    if (moot_addr_wildcard(&r->boot))
        moot_addr_set(&p->boot, p->addr.host, r->boot.port);
}

/* It was there when the link was last heard. */
static void note_member(struct moot_node *n, enum moot_contact_kind kind,
                        const struct moot_addr *addr, const struct node_link *l,
                        const struct moot_record *r, struct moot_effects *fx)
{
    bool here = moot_addr_loopback(&l->remote);
    struct moot_contact *c = note(n, kind, addr, here, fx);

    if (c == NULL)
        return;
    c->at -= n->now - l->heard;
    c->peer.has_id = c->peer.has_group = true;
    c->peer.id = l->id;
    c->peer.group = n->group_id;
    if (!moot_node_closed(n))
        memcpy(c->peer.group_name, n->group_name, sizeof c->peer.group_name);
    memcpy(c->peer.name, r->name, sizeof c->peer.name);
    set_boot(&c->peer, r);
}

/* Where the member of this link can be dialled; port 0: that is not known. */
static struct moot_addr seen_at(const struct node_link *l)
{
    struct moot_addr addr = l->remote;

    if (!l->dialled)
        addr.port = l->port;
    return addr;
}

void moot_contact_up(struct moot_node *n, const struct node_link *l,
                     const struct moot_record *r, struct moot_effects *fx)
{
    struct moot_addr seen = seen_at(l);

    forget_dial(n, l->token);
    note_member(n, l->dialled ? MOOT_CONTACT_MET : MOOT_CONTACT_HEARD, &seen, l,
                r, fx);
    for (unsigned i = 0; i < r->addr_count; i++)
        if (!moot_addr_eq(&r->addrs[i], &seen))
            note_member(n, MOOT_CONTACT_HEARD, &r->addrs[i], l, r, fx);
}

void moot_contact_still(struct moot_node *n, const struct node_link *l,
                        struct moot_effects *fx)
{
    const struct moot_member *m = moot_group_member(n->group, &l->id);
    struct moot_addr seen = seen_at(l);

    if (m != NULL && m->known)
        note_member(n, MOOT_CONTACT_HEARD, &seen, l, &m->record, fx);
}

void moot_contact_all_still(struct moot_node *n, struct moot_effects *fx)
{
    n->contacts_due = n->now + MOOT_CONTACT_AGAIN_MS;
    for (unsigned i = 0; i < n->link_count; i++)
        if (n->links[i]->state == LINK_UP && n->links[i]->main)
            moot_contact_still(n, n->links[i], fx);
}

/* That it was ourselves says nothing against the address. */
void moot_contact_failed(struct moot_node *n, moot_token token, int why,
                         struct moot_effects *fx)
{
    const struct node_dial *d = find_dial(n, token);

    for (unsigned i = 0; d != NULL && why != MOOT_ESELF && i < d->addr_count;
         i++)
        note(n, MOOT_CONTACT_FAILED, &d->addrs[i], true, fx);
    forget_dial(n, token);
}

void moot_contact_asked(struct moot_node *n, const struct moot_addr *addr,
                        int why, struct moot_effects *fx)
{
    struct moot_contact *c = note(
        n, why == 0 ? MOOT_CONTACT_MET : MOOT_CONTACT_FAILED, addr, true, fx);

    if (c == NULL || why != 0)
        return;
    c->peer.has_group = true;
    c->peer.group = n->group_id;
    if (!moot_node_closed(n))
        memcpy(c->peer.group_name, n->group_name, sizeof c->peer.group_name);
}
