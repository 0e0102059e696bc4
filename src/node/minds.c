/*
 * node/minds.c - one mind's effects are the other's events, or the world's
 * work.
 *
 * A step of one mind may cause steps of the other; what they ask for is taken
 * out of their lists in order, so each list is used by one step at a time.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "node_internal.h"

#define TOKEN_BITS 48

static moot_token token_of(const struct moot_node *n, uint64_t token)
{
    return n->epoch << TOKEN_BITS | token;
}

/* --- the group's mind --- */

/* Bytes are copied once however many links they go to. */
static void send_to(const struct node_link *l, size_t at, size_t len,
                    struct moot_effects *fx)
{
    struct moot_effect *e = moot_node_ask(fx, MOOT_FX_SEND);

    e->link = l->handle;
    e->at = at;
    e->len = len;
}

static void do_send(struct moot_node *n, const struct moot_group_effects *list,
                    const struct moot_group_effect *f, struct moot_effects *fx)
{
    size_t at = fx->bytes.len;

    moot_buf_append(&fx->bytes, moot_buf_view(&list->bytes).data + f->at,
                    f->len);
    if (f->kind == MOOT_GROUP_SEND) {
        const struct node_link *l = moot_link_find(n, f->link);

        if (l != NULL && l->state == LINK_UP)
            send_to(l, at, f->len, fx);
        return;
    }
    for (unsigned i = 0; i < n->link_count; i++) {
        struct node_link *l = n->links[i];

        if (f->kind == MOOT_GROUP_SPREAD ? moot_eager(n, l)
                                         : l->state == LINK_UP && l->main)
            send_to(l, at, f->len, fx);
    }
}

static void do_fetch(struct moot_node *n, const struct moot_group_effect *f,
                     struct moot_effects *fx)
{
    struct moot_effect *e = moot_node_ask(fx, MOOT_FX_FETCH);

    e->fetch.token = token_of(n, f->token);
    e->fetch.range = f->range;
    e->fetch.group = n->group_id;
    e->fetch.bytes_max = (size_t)256 * 1024;
    e->fetch.group = n->group_id;
}

static void do_store(struct moot_node *n, struct moot_group_effect *f,
                     struct moot_effects *fx)
{
    struct moot_effect *e = moot_node_ask(fx, MOOT_FX_STORE);

    e->token = token_of(n, f->token);
    e->entry = moot_entry_ref(f->entry);
    moot_rekey_note(n, f->entry);
    e->hurry = f->own;
}

static void do_end_run(struct moot_node *n,
                       const struct moot_group_effects *list,
                       const struct moot_group_effect *f,
                       struct moot_effects *fx)
{
    struct moot_effect *e = moot_node_ask(fx, MOOT_FX_END_RUN);
    struct moot_bytes proof = moot_buf_view(&list->bytes);

    e->token = token_of(n, f->token);
    e->end = moot_alloc(sizeof *e->end);
    e->end->group = n->group_id;
    e->end->in = f->range.in;
    e->end->seq = f->range.from;
    e->end->head = f->head;
    e->end->proof =
        moot_bytes_of(moot_copy(proof.data + f->at, f->len), f->len);
    moot_rekey_doubt(n);
}

static void do_show(struct moot_node *n, struct moot_group_effect *f,
                    struct moot_effects *fx)
{
    struct moot_show *s = moot_node_show(fx, MOOT_SHOW_ENTRY, f->name, "");

    s->entry = moot_entry_ref(f->entry);
    s->wall = f->own ? n->wall : f->entry->wall;
    s->id = f->id;
    s->seq = f->seq;
    s->after = f->after;
    s->own = f->own;
    s->earlier = f->earlier;
    s->late = f->late;
}

static void do_sent(struct moot_node *n, const struct moot_group_effect *f,
                    struct moot_effects *fx)
{
    struct moot_show *s = moot_node_show(fx, MOOT_SHOW_SENT, "", "");

    s->wall = n->wall;
    s->seq = f->seq;
    s->own = true;
}

static enum moot_show_kind presence_kind(enum moot_presence p)
{
    switch (p) {
    case MOOT_PRESENCE_JOINED:
        return MOOT_SHOW_MEMBER_JOINED;
    case MOOT_PRESENCE_LEFT:
        return MOOT_SHOW_MEMBER_LEFT;
    case MOOT_PRESENCE_LOST:
        return MOOT_SHOW_MEMBER_LOST;
    case MOOT_PRESENCE_BACK:
        return MOOT_SHOW_MEMBER_BACK;
    case MOOT_PRESENCE_INDIRECT:
        return MOOT_SHOW_INDIRECT;
    }
    return MOOT_SHOW_NOTICE;
}

static void do_presence(struct moot_node *n, const struct moot_group_effect *f,
                        struct moot_effects *fx)
{
    struct moot_show *s =
        moot_node_show(fx, presence_kind(f->presence), f->name, f->text);

    s->wall = n->wall;
    s->id = f->id;
    s->count = f->count;
}

/* Means the address that to us?  Who is seen elsewhere and claims to live on
 * loopback would have us dial ourselves. */
static bool is_address_here(const struct moot_member *m,
                            const struct moot_addr *a)
{
    if (moot_addr_wildcard(a))
        return false;
    return !moot_addr_loopback(a) || moot_addr_loopback(&m->seen);
}

/* Addresses somebody else can be dialled at, best first: where it was seen,
 * then what it claims. */
static unsigned gather_addrs(const struct moot_member *m,
                             struct moot_addr out[MOOT_BOOT_ADDRS_MAX])
{
    unsigned count = 0;

    if (m->seen.port != 0)
        out[count++] = m->seen;
    for (unsigned i = 0; m->known && i < m->record.addr_count; i++)
        if (count < MOOT_BOOT_ADDRS_MAX &&
            is_address_here(m, &m->record.addrs[i]))
            out[count++] = m->record.addrs[i];
    return count;
}

static void do_met(struct moot_node *n, const struct moot_id *id,
                   struct moot_effects *fx)
{
    const struct moot_member *m = moot_group_member(n->group, id);
    struct moot_addr addrs[MOOT_BOOT_ADDRS_MAX];
    struct moot_boot_event ev = {.kind = MOOT_BOOT_MET};

    if (m == NULL)
        return;
    moot_back_stir(n);
    ev.met.id = *id;
    ev.met.name = m->known ? m->record.name : "";
    ev.met.addrs = addrs;
    ev.met.addr_count = gather_addrs(m, addrs);
    ev.met.standing = m->known ? m->record.standing : MOOT_JOINING;
    ev.met.linked = m->link != 0;
    ev.met.seen = m->link != 0 && m->seen.port != 0;
    ev.met.bootstrap = m->known && m->record.mode == MOOT_BOOTSTRAP;
    if (m->known && m->record.mode == MOOT_BOOTSTRAP)
        ev.met.boot = m->record.boot;
    if (moot_addr_wildcard(&ev.met.boot) && ev.met.addr_count > 0)
        moot_addr_set(&ev.met.boot, addrs[0].host, ev.met.boot.port);
    ev.met.introducer = n->introducer;
    moot_minds_boot(n, &ev, fx);
}

static void do_gone(struct moot_node *n, const struct moot_id *id,
                    struct moot_effects *fx)
{
    const struct moot_member *m = moot_group_member(n->group, id);
    struct moot_boot_event ev = {
        .kind = MOOT_BOOT_GONE, .id = *id, .left = m != NULL && m->left};

    moot_back_stir(n);
    moot_minds_boot(n, &ev, fx);
}

static void do_group(struct moot_node *n, struct moot_group_effects *list,
                     struct moot_group_effect *f, struct moot_effects *fx)
{
    struct node_link *l;

    switch (f->kind) {
    case MOOT_GROUP_SEND:
    case MOOT_GROUP_SPREAD:
    case MOOT_GROUP_TELL:
        do_send(n, list, f, fx);
        return;
    case MOOT_GROUP_PING:
        l = moot_link_find(n, f->link);
        if (l != NULL && l->state == LINK_UP)
            moot_link_ping(n, l, true, fx);
        return;
    case MOOT_GROUP_STORE:
        do_store(n, f, fx);
        return;
    case MOOT_GROUP_END_RUN:
        do_end_run(n, list, f, fx);
        return;
    case MOOT_GROUP_FETCH:
        do_fetch(n, f, fx);
        return;
    case MOOT_GROUP_SHOW:
        do_show(n, f, fx);
        return;
    case MOOT_GROUP_SENT:
        do_sent(n, f, fx);
        return;
    case MOOT_GROUP_PRESENCE:
        do_presence(n, f, fx);
        return;
    case MOOT_GROUP_MET:
        do_met(n, &f->id, fx);
        return;
    case MOOT_GROUP_GONE:
        do_gone(n, &f->id, fx);
        return;
    case MOOT_GROUP_NOTICE:
        moot_node_show(fx, MOOT_SHOW_NOTICE, "", f->text);
        return;
    }
}

void moot_minds_group(struct moot_node *n, struct moot_group_event *ev,
                      struct moot_effects *fx)
{
    struct moot_group_effects list = n->group_fx;
    struct moot_group *group = n->group;
    struct moot_group_stats s;

    /* The list is ours for now: a nested step gets an empty one. */
    n->group_fx = (struct moot_group_effects){0};
    ev->now = n->now;
    ev->wall = n->wall;
    moot_group_step(group, ev, &list);
    for (unsigned i = 0; i < list.count && n->group == group; i++)
        do_group(n, &list, &list.at[i], fx);
    moot_group_effects_clear(&list);
    moot_group_effects_fini(&n->group_fx);
    n->group_fx = list;
    if (moot_boot_weight(n->boot) == MOOT_GROWN || n->group != group)
        return;
    moot_group_stats(group, &s);
    if (!s.met || (moot_boot_weight(n->boot) == MOOT_TENTATIVE && s.links == 0))
        return; /* it may be that only we remember it */
    moot_boot_set_grown(n->boot);
    moot_adopt_remember(n, fx);
}

/* --- the boot mind --- */

static void do_dial(struct moot_node *n, const struct moot_boot_effect *f,
                    struct moot_effects *fx)
{
    struct moot_effect *e = moot_node_ask(fx, MOOT_FX_DIAL);

    e->dial = moot_alloc(sizeof *e->dial);
    e->dial->token = f->token;
    memcpy(e->dial->addrs, f->addrs, sizeof e->dial->addrs);
    e->dial->addr_count = f->addr_count;
    e->dial->pinned = f->pinned;
    e->dial->id = f->id;
    e->dial->within = f->within;
    moot_contact_dialled(n, e->dial);
}

static void do_ask(struct moot_node *n, const struct moot_boot_effect *f,
                   struct moot_effects *fx)
{
    struct moot_effect *e = moot_node_ask(fx, MOOT_FX_ASK);

    e->ask.token = f->token;
    e->ask.addr = f->addrs[0];
    memcpy(e->ask.nonce, f->nonce, sizeof e->ask.nonce);
    moot_closed_marks(n, f->nonce, e->ask.marks);
    e->ask.within = f->within;
    e->ask.group[0] = '\0';
    moot_beat_ask(n, &e->ask);
}

static void do_read(const struct moot_boot_effect *f, struct moot_effects *fx)
{
    struct moot_effect *e = moot_node_ask(fx, MOOT_FX_READ);

    e->read = moot_alloc(sizeof *e->read);
    e->read->token = f->token;
    e->read->within = f->within;
    memcpy(e->read->url, f->text, strlen(f->text) + 1);
}

static void do_lookup(const struct moot_boot_effect *f, struct moot_effects *fx)
{
    struct moot_effect *e = moot_node_ask(fx, MOOT_FX_LOOKUP);

    e->lookup.token = f->token;
    e->lookup.within = f->within;
    memcpy(e->lookup.name, f->addrs[0].host, sizeof e->lookup.name);
}

static void do_tripped(const struct moot_node *n,
                       const struct moot_boot_effect *f,
                       struct moot_effects *fx)
{
    struct moot_effect *e = moot_node_ask(fx, MOOT_FX_TRIPPED);

    e->tripped = moot_alloc(sizeof *e->tripped);
    memcpy(e->tripped->source, f->text, strlen(f->text) + 1);
    e->tripped->failures = f->failures;
    e->tripped->opened = n->wall;
    e->tripped->wait = f->pause;
}

static void do_probe(struct moot_node *n, const struct moot_id *id,
                     struct moot_effects *fx)
{
    for (unsigned i = 0; i < n->link_count; i++) {
        if (n->links[i]->state != LINK_UP || !n->links[i]->main)
            continue;
        n->out.kind = MOOT_MSG_PROBE;
        n->out.probe = (struct moot_probe){.id = *id};
        moot_link_post(n, n->links[i], &n->out, fx);
    }
}

static void do_standing(struct moot_node *n, enum moot_standing standing,
                        struct moot_effects *fx)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_STANDING,
                                  .standing = standing};

    moot_minds_group(n, &ev, fx);
    moot_beat_hurry(n);
}

static void do_ready(struct moot_node *n, struct moot_effects *fx)
{
    struct moot_show *s =
        moot_node_show(fx, MOOT_SHOW_READY, "", n->group_name);

    s->wall = n->wall;
    s->count = moot_group_live_count(n->group);
    if (moot_node_closed(n))
        moot_node_show(fx, MOOT_SHOW_NOTICE, "",
                       "this group is closed: only those who have its secret "
                       "come in");
    if (!n->silent)
        moot_node_ask(fx, MOOT_FX_SPEAK);
}

static void do_boot(struct moot_node *n, const struct moot_boot_effect *f,
                    struct moot_effects *fx)
{
    switch (f->kind) {
    case MOOT_BOOT_ASK:
        do_ask(n, f, fx);
        return;
    case MOOT_BOOT_READ:
        do_read(f, fx);
        return;
    case MOOT_BOOT_LOOKUP:
        do_lookup(f, fx);
        return;
    case MOOT_BOOT_NOTED:
        moot_contact_asked(n, &f->addrs[0], f->code, fx);
        return;
    case MOOT_BOOT_TRIPPED:
        do_tripped(n, f, fx);
        return;
    case MOOT_BOOT_DIAL:
        do_dial(n, f, fx);
        return;
    case MOOT_BOOT_PROBE:
        do_probe(n, &f->id, fx);
        return;
    case MOOT_BOOT_ADOPT:
        memcpy(n->group_name, f->text, sizeof n->group_name);
        moot_adopt(n, &f->group, fx);
        return;
    case MOOT_BOOT_STANDING:
        do_standing(n, f->standing, fx);
        return;
    case MOOT_BOOT_PROGRESS:
        moot_node_show(fx, MOOT_SHOW_PROGRESS, "", f->text);
        return;
    case MOOT_BOOT_NOTICE:
        moot_node_show(fx, MOOT_SHOW_NOTICE, "", f->text);
        return;
    case MOOT_BOOT_READY:
        do_ready(n, fx);
        return;
    case MOOT_BOOT_FAIL:
        moot_drain_leave(n, moot_bytes_text(f->text), f->code, f->text, fx);
        return;
    }
}

void moot_minds_boot(struct moot_node *n, struct moot_boot_event *ev,
                     struct moot_effects *fx)
{
    struct moot_boot_effects list = n->boot_fx;

    n->boot_fx = (struct moot_boot_effects){0};
    ev->now = n->now;
    moot_boot_step(n->boot, ev, &list);
    for (unsigned i = 0; i < list.count; i++)
        do_boot(n, &list.at[i], fx);
    moot_boot_effects_clear(&list);
    moot_boot_effects_fini(&n->boot_fx);
    n->boot_fx = list;
}
