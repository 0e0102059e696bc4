/*
 * node/link.c - a link's way from TLS to up: HELLO, WELCOME, and refusals.
 *
 * Everything before both proofs is unauthenticated: nothing that arrives then
 * reaches a mind, and no name or address is told.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/slots.h"
#include "base/sorted.h"
#include "node_internal.h"

/* --- the table --- */

static int link_order(const void *item, const void *key)
{
    const struct node_link *const *l = item;
    const moot_link *handle = key;

    return ((*l)->handle > *handle) - ((*l)->handle < *handle);
}

static unsigned link_index(const struct moot_node *n, moot_link handle)
{
    return moot_sorted_find(n->links, sizeof(struct node_link *), n->link_count,
                            link_order, &handle, NULL);
}

struct node_link *moot_link_find(const struct moot_node *n, moot_link handle)
{
    unsigned at = link_index(n, handle);

    if (at == n->link_count || n->links[at]->handle != handle)
        return NULL;
    return n->links[at];
}

struct node_link *moot_link_main(const struct moot_node *n,
                                 const struct moot_id *id)
{
    const struct moot_member *m = moot_group_member(n->group, id);

    return m == NULL || m->link == 0 ? NULL : moot_link_find(n, m->link);
}

/* Is there room for one more?  Whoever has proven himself will be up, and one
 * that we ended is in all lists until it is closed.  We are a member, too. */
static unsigned count_taken(const struct moot_node *n)
{
    unsigned taken = 0;

    for (unsigned i = 0; i < n->link_count; i++) {
        const struct node_link *l = n->links[i];

        taken += l->main || l->state == LINK_UP || l->state == LINK_WELCOME;
    }
    return taken;
}

static bool full(const struct moot_node *n)
{
    unsigned taken = count_taken(n);

    return taken >= MOOT_LINKS_MAX || taken >= MOOT_MEMBERS_MAX - 1;
}

/* The user wants no more members than that.  Who comes back while his old link
 * is not known to be dead has his place. */
static bool crowded(const struct moot_node *n, const struct moot_id *id)
{
    if (n->members_max == 0 || count_taken(n) + 1 < n->members_max)
        return false;
    for (unsigned i = 0; i < n->link_count; i++)
        if (n->links[i]->main && moot_id_eq(&n->links[i]->id, id))
            return false;
    return true;
}

/* --- sending and ending --- */

void moot_link_post(struct moot_node *n, const struct node_link *l,
                    const struct moot_message *m, struct moot_effects *fx)
{
    struct moot_effect *e = moot_node_ask(fx, MOOT_FX_SEND);

    (void)n;
    e->link = l->handle;
    e->at = fx->bytes.len;
    moot_message_encode(m, &fx->bytes);
    e->len = fx->bytes.len - e->at;
}

static void end(struct node_link *l, enum moot_effect_kind how, int why,
                struct moot_effects *fx)
{
    struct moot_effect *e = moot_node_ask(fx, how);

    e->link = l->handle;
    e->why = why;
    l->why = why;
    l->state = LINK_ENDING;
}

void moot_link_cut(struct moot_node *n, struct node_link *l, int why,
                   struct moot_effects *fx)
{
    moot_trace(n->tracer, "cut link %llu: %s", (unsigned long long)l->handle,
               moot_error_text(why));
    end(l, MOOT_FX_CUT, why, fx);
}

void moot_link_bye(struct moot_node *n, struct node_link *l,
                   enum moot_bye_kind kind, const char *reason, int why,
                   struct moot_effects *fx)
{
    struct moot_message *m = &n->out;

    m->kind = MOOT_MSG_BYE;
    m->bye.kind = kind;
    m->bye.reason = moot_bytes_text(reason);
    moot_link_post(n, l, m, fx);
    end(l, MOOT_FX_CLOSE, why, fx);
}

static void refuse(struct moot_node *n, struct node_link *l,
                   enum moot_refusal why, int error, struct moot_effects *fx)
{
    struct moot_message *m = &n->out;

    m->kind = MOOT_MSG_REFUSE;
    m->refuse = (struct moot_refuse){.why = why, .major = MOOT_PROTOCOL_MAJOR};
    if (why == MOOT_REFUSE_OTHER) {
        m->refuse.group = n->group_id;
        m->refuse.weight = moot_boot_weight(n->boot);
    }
    moot_trace(n->tracer, "refuse link %llu: %s", (unsigned long long)l->handle,
               moot_error_text(error));
    moot_link_post(n, l, m, fx);
    if (why != MOOT_REFUSE_OTHER)
        end(l, MOOT_FX_CLOSE, error, fx);
}

void moot_link_ping(struct moot_node *n, struct node_link *l, bool sync,
                    struct moot_effects *fx)
{
    struct moot_message *m = &n->out;

    m->kind = MOOT_MSG_PING;
    m->ping = (struct moot_ping){.nonce = ++n->nonces, .sync = sync};
    if (sync)
        moot_group_fill_ping(n->group, &m->ping);
    l->ping_nonce = m->ping.nonce;
    l->ping_at = n->now;
    moot_link_post(n, l, m, fx);
}

/* --- HELLO --- */

static void fill_hello(struct moot_node *n, const struct node_link *l,
                       struct moot_hello *h)
{
    h->major = MOOT_PROTOCOL_MAJOR;
    h->minor = MOOT_PROTOCOL_MINOR;
    h->group_tag = moot_group_tag(&n->group_id, &l->exporter);
    h->name_tag = moot_name_tag(moot_bytes_text(n->group_name), &l->exporter);
    h->run = n->self.run;
    moot_closed_prove(n, l, h);
}

static void post_hello(struct moot_node *n, struct node_link *l,
                       struct moot_effects *fx)
{
    n->out.kind = MOOT_MSG_HELLO;
    fill_hello(n, l, &n->out.hello);
    moot_link_post(n, l, &n->out, fx);
}

static void post_welcome(struct moot_node *n, struct node_link *l,
                         struct moot_effects *fx)
{
    struct moot_message *m = &n->out;

    m->kind = MOOT_MSG_WELCOME;
    m->welcome.record = moot_group_member(n->group, &n->key.id)->record;
    memcpy(m->welcome.seen, l->remote.host, sizeof m->welcome.seen);
    m->welcome.generation = moot_closed_generation(n, l);
    moot_link_post(n, l, m, fx);
    l->state = LINK_WELCOME;
}

/* Whoever does not prove the secret is told the same, whatever was wrong. */
static bool judge_closed(struct moot_node *n, struct node_link *l,
                         const struct moot_hello *h, bool ours,
                         struct moot_effects *fx)
{
    bool proven = moot_closed_check(n, l, h);

    if (!ours || !proven)
        refuse(n, l, MOOT_REFUSE_GROUP, MOOT_EPROOF, fx);
    return ours && proven;
}

static bool judge_open(struct moot_node *n, struct node_link *l,
                       const struct moot_hello *h, bool ours,
                       struct moot_effects *fx)
{
    struct moot_hash name =
        moot_name_tag(moot_bytes_text(n->group_name), &l->exporter);
    bool named = moot_proof_eq(&h->name_tag, &name) && !l->moved;

    if (!ours) {
        l->moved = true;
        refuse(n, l, named ? MOOT_REFUSE_OTHER : MOOT_REFUSE_GROUP, MOOT_EGROUP,
               fx);
        return false;
    }
    if (!moot_closed_check(n, l, h)) {
        refuse(n, l, MOOT_REFUSE_GROUP, MOOT_EPROOF, fx);
        return false;
    }
    return true;
}

/* The acceptor's side. */
static void accept_hello(struct moot_node *n, struct node_link *l,
                         const struct moot_hello *h, struct moot_effects *fx)
{
    struct moot_hash tag = moot_group_tag(&n->group_id, &l->exporter);
    bool ours = moot_proof_eq(&h->group_tag, &tag);

    if (h->major != MOOT_PROTOCOL_MAJOR) {
        refuse(n, l, MOOT_REFUSE_VERSION, MOOT_EVERSION, fx);
        return;
    }
    if (moot_node_closed(n) ? !judge_closed(n, l, h, ours, fx)
                            : !judge_open(n, l, h, ours, fx))
        return;
    if (full(n) || crowded(n, &l->id)) {
        refuse(n, l, MOOT_REFUSE_FULL, MOOT_EFULL, fx);
        return;
    }
    l->run = h->run;
    post_hello(n, l, fx);
    post_welcome(n, l, fx);
}

/* The dialler's side. */
static void check_hello(struct moot_node *n, struct node_link *l,
                        const struct moot_hello *h, struct moot_effects *fx)
{
    struct moot_hash tag = moot_group_tag(&n->group_id, &l->exporter);

    if (h->major != MOOT_PROTOCOL_MAJOR) {
        moot_link_cut(n, l, MOOT_EVERSION, fx);
    } else if (!moot_proof_eq(&h->group_tag, &tag) ||
               !moot_closed_check(n, l, h)) {
        bool out = moot_ring_place(&n->ring, &l->id) == MOOT_RING_OUT;

        moot_link_cut(n, l, out ? MOOT_EOUTSIDE : MOOT_EPROOF, fx);
    } else if (full(n)) {
        moot_link_cut(n, l, MOOT_EFULL, fx);
    } else {
        l->run = h->run;
        post_welcome(n, l, fx);
    }
}

/* --- refusals --- */

static void post_move(struct moot_node *n, struct node_link *l,
                      struct moot_effects *fx)
{
    n->out.kind = MOOT_MSG_MOVE;
    n->out.move = (struct moot_move){.group = n->group_id,
                                     .weight = moot_boot_weight(n->boot)};
    moot_link_post(n, l, &n->out, fx);
}

static void say_mixed(struct moot_node *n, struct moot_effects *fx)
{
    if (n->mixed_said || !moot_boot_joined(n->boot))
        return; /* while we join, it is only one of those that may be ours */
    n->mixed_said = true;
    moot_node_show(fx, MOOT_SHOW_NOTICE, "",
                   "met another group of the same name; both have a history, "
                   "so they stay apart");
}

/* There is an open group of our name: one of the two gives way. */
static void meet_other(struct moot_node *n, struct node_link *l,
                       const struct moot_refuse *r, struct moot_effects *fx)
{
    if (l->moved || moot_node_closed(n) || moot_closed_knows(n, &r->group)) {
        moot_link_cut(n, l, MOOT_EGROUP, fx);
        return;
    }
    l->moved = true;
    if (moot_hash_eq(&r->group, &n->group_id)) {
        /* We came over while our HELLO for the old group was on its way. */
        post_hello(n, l, fx);
        return;
    }
    if (moot_boot_gives_way(n->boot, &r->group, r->weight)) {
        struct moot_boot_event ev = {
            .kind = MOOT_BOOT_ADOPTED, .group = r->group, .weight = r->weight};

        moot_minds_boot(n, &ev, fx);
        moot_adopt(n, &r->group, fx);
    } else if (r->weight != MOOT_GROWN) {
        post_move(n, l, fx);
    } else {
        say_mixed(n, fx);
        post_move(n, l, fx); /* so that it can say so as well */
        end(l, MOOT_FX_CLOSE, MOOT_EGROUP, fx);
        return;
    }
    post_hello(n, l, fx);
}

static void on_refuse(struct moot_node *n, struct node_link *l,
                      const struct moot_refuse *r, struct moot_effects *fx)
{
    switch (r->why) {
    case MOOT_REFUSE_GROUP:
        moot_link_cut(n, l, moot_node_closed(n) ? MOOT_ESECRET : MOOT_EGROUP,
                      fx);
        return;
    case MOOT_REFUSE_VERSION:
        moot_link_cut(n, l, MOOT_EVERSION, fx);
        return;
    case MOOT_REFUSE_FULL:
        moot_link_cut(n, l, MOOT_EFULL, fx);
        return;
    case MOOT_REFUSE_OTHER:
        meet_other(n, l, r, fx);
        return;
    }
}

/* We refused it with REFUSE_OTHER, and it asks us to come over. */
static void on_move(struct moot_node *n, struct node_link *l,
                    const struct moot_move *m, struct moot_effects *fx)
{
    struct moot_boot_event ev = {
        .kind = MOOT_BOOT_ADOPTED, .group = m->group, .weight = m->weight};

    if (l->dialled || !l->moved || l->led) {
        moot_link_cut(n, l, MOOT_EPROTO, fx);
        return;
    }
    l->led = true;
    if (!moot_boot_gives_way(n->boot, &m->group, m->weight) ||
        moot_closed_knows(n, &m->group)) {
        if (m->weight == MOOT_GROWN && !moot_hash_eq(&m->group, &n->group_id))
            say_mixed(n, fx);
        return; /* its HELLO will be refused */
    }
    moot_minds_boot(n, &ev, fx);
    moot_adopt(n, &m->group, fx);
}

/* --- WELCOME --- */

static void come_up(struct moot_node *n, struct node_link *l,
                    const struct moot_record *record, struct moot_effects *fx)
{
    struct moot_group_event known = {.kind = MOOT_GROUP_RECORD};
    struct node_link *other = moot_link_main(n, &l->id);
    struct moot_boot_event up = {
        .kind = MOOT_BOOT_LINK_UP, .id = l->id, .token = l->token};

    l->state = LINK_UP;
    l->led = false; /* now it is in our group, and may move again */
    moot_node_ask(fx, MOOT_FX_UP)->link = l->handle;
    n->ring_stirred = n->ring_stirred || moot_node_closed(n);
    moot_trace(n->tracer, "link %llu to %02x%02x is up",
               (unsigned long long)l->handle, l->id.b[0], l->id.b[1]);
    moot_contact_up(n, l, record, fx);
    if (other == NULL) {
        moot_duel_enthrone(n, l, record, fx);
        return;
    }
    moot_minds_boot(n, &up, fx); /* its dial is over, whoever wins */
    moot_duel_begin(n, other, l, fx);
    known.learned.record = record;
    moot_minds_group(n, &known, fx);
}

static void on_welcome(struct moot_node *n, struct node_link *l,
                       const struct moot_welcome *w, struct moot_effects *fx)
{
    const struct moot_record *r = &w->record;

    if (!moot_id_eq(&r->id, &l->id) || r->run != l->run ||
        !moot_hash_eq(&r->group, &n->group_id) || !moot_record_verify(r)) {
        moot_link_cut(n, l, MOOT_EPROTO, fx);
        return;
    }
    moot_closed_told(n, l, w->generation);
    l->run_ms = r->run_ms;
    l->port = r->port;
    come_up(n, l, r, fx);
    if (l->state == LINK_UP)
        moot_observe(n, l, w->seen, fx);
}

void moot_link_early(struct moot_node *n, struct node_link *l,
                     const struct moot_message *m, struct moot_effects *fx)
{
    bool hello = l->state == LINK_HELLO;

    if (hello && m->kind == MOOT_MSG_HELLO && l->dialled)
        check_hello(n, l, &m->hello, fx);
    else if (hello && m->kind == MOOT_MSG_HELLO)
        accept_hello(n, l, &m->hello, fx);
    else if (hello && m->kind == MOOT_MSG_REFUSE && l->dialled)
        on_refuse(n, l, &m->refuse, fx);
    else if (hello && m->kind == MOOT_MSG_MOVE)
        on_move(n, l, &m->move, fx);
    else if (!hello && m->kind == MOOT_MSG_WELCOME)
        on_welcome(n, l, &m->welcome, fx);
    else if (m->kind != MOOT_MSG_UNKNOWN)
        moot_link_cut(n, l, MOOT_EPROTO, fx);
}

/* --- opening and closing --- */

void moot_link_open(struct moot_node *n, const struct moot_event *ev,
                    struct moot_effects *fx)
{
    unsigned at = link_index(n, ev->link);
    struct node_link *l = moot_alloc(sizeof *l);

    l->handle = ev->link;
    l->token = ev->open.dial;
    l->dialled = l->token != 0;
    l->id = ev->open.id;
    l->exporter = ev->open.exporter;
    l->remote = ev->open.remote;
    l->heard = l->opened = n->now;
    l->rtt = -1;
    moot_budget_init(&l->budget, n->now);
    n->links = moot_slot_open(n->links, sizeof(void *), &n->link_count,
                              &n->link_max, at);
    n->links[at] = l;
    if (moot_id_eq(&l->id, &n->key.id))
        moot_link_cut(n, l, MOOT_ESELF, fx);
    else if (n->leaving)
        moot_link_cut(n, l, MOOT_ECLOSED, fx);
    else if (l->dialled)
        post_hello(n, l, fx);
}

/* A dial is not over when TLS is: who does not greet us has not answered. */
static bool still_greeting(const struct node_link *l)
{
    return l->dialled && (l->state == LINK_HELLO || l->state == LINK_WELCOME);
}

void moot_link_timer(struct moot_node *n, struct moot_effects *fx)
{
    for (unsigned i = 0; i < n->link_count; i++) {
        struct node_link *l = n->links[i];

        if (still_greeting(l) && n->now >= l->opened + MOOT_GREET_MS)
            moot_link_cut(n, l, MOOT_ETIMEOUT, fx);
    }
}

moot_ms moot_link_deadline(const struct moot_node *n)
{
    moot_ms due = MOOT_NEVER;

    for (unsigned i = 0; i < n->link_count; i++)
        if (still_greeting(n->links[i]))
            due = moot_ms_min(due, n->links[i]->opened + MOOT_GREET_MS);
    return due;
}

/* What the minds hear when the link of an identity is gone. */
static void dethrone(struct moot_node *n, struct node_link *l, int why,
                     struct moot_effects *fx)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_LINK_DOWN,
                                  .link = l->handle};
    struct moot_boot_event down = {.kind = MOOT_BOOT_LINK_DOWN, .id = l->id};

    moot_contact_still(n, l, fx);
    ev.down.why = why;
    ev.down.left = l->goodbye;
    ev.down.reason = moot_bytes_text(l->reason);
    moot_minds_group(n, &ev, fx);
    moot_beat_lost(n, &l->id);
    if (!l->goodbye)
        moot_minds_boot(n, &down, fx);
}

/* Another link to the same identity that may take its place. */
static struct node_link *heir(const struct moot_node *n,
                              const struct node_link *l)
{
    for (unsigned i = 0; i < n->link_count; i++) {
        struct node_link *x = n->links[i];

        if (x != l && x->state == LINK_UP && !x->main &&
            moot_id_eq(&x->id, &l->id))
            return x;
    }
    return NULL;
}

void moot_link_closed(struct moot_node *n, const struct moot_event *ev,
                      struct moot_effects *fx)
{
    struct node_link *l = moot_link_find(n, ev->link);
    int why;

    if (l == NULL)
        return;
    why = l->why != 0 ? l->why : ev->why;
    moot_slot_close(n->links, sizeof(void *), &n->link_count,
                    link_index(n, l->handle));
    if (n->leaving) {
        free(l); /* the minds do not care any more */
        return;
    }
    if (l->main) {
        struct node_link *next = heir(n, l);

        if (next != NULL)
            moot_duel_take_over(n, l, next, fx);
        else
            dethrone(n, l, why, fx);
    } else if (l->token != 0 && l->run_ms == 0) {
        struct moot_boot_event failed = {
            .kind = MOOT_BOOT_DIAL_FAILED, .token = l->token, .why = why};

        moot_contact_failed(n, l->token, why, fx);
        moot_minds_boot(n, &failed, fx);
    }
    free(l);
}
