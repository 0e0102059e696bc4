/*
 * node/verify.c - signatures of what was asked for, checked by workers.
 *
 * A frame of a back-fill holds hundreds of entries, and the loop has others to
 * serve.  Frames of one link are taken in the order in which they came; while
 * too many wait, their link is paused.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/slots.h"
#include "node_internal.h"

struct verifying {
    moot_token token;
    moot_link link;
    bool done;
    unsigned count;
    struct moot_entry **entries; /* a reference each */
    bool *genuine;
};

static void destroy(struct verifying *v)
{
    for (unsigned i = 0; i < v->count; i++)
        moot_entry_unref(v->entries[i]);
    free(v->entries);
    free(v->genuine);
    free(v);
}

static void drop(struct moot_node *n, unsigned at)
{
    destroy(n->verifying[at]);
    moot_slot_close(n->verifying, sizeof(void *), &n->verifying_count, at);
}

bool moot_verify_full(const struct moot_node *n, const struct node_link *l)
{
    return l->verifying >= MOOT_VERIFY_EACH_MAX ||
           (l->verifying > 0 && n->verifying_count >= MOOT_VERIFY_MAX);
}

void moot_verify_begin(struct moot_node *n, struct node_link *l,
                       struct moot_entry *const *entries, unsigned count,
                       struct moot_effects *fx)
{
    struct verifying *v = moot_alloc(sizeof *v);
    struct moot_fx_verify *ask = moot_alloc(sizeof *ask);

    v->token = ask->token = ++n->verify_tokens;
    v->link = l->handle;
    v->count = ask->count = count;
    v->entries = moot_alloc(count * sizeof(void *));
    v->genuine = moot_alloc(count * sizeof *v->genuine);
    for (unsigned i = 0; i < count; i++) {
        v->entries[i] = moot_entry_ref(entries[i]);
        ask->entries[i] = moot_entry_ref(entries[i]);
    }
    n->verifying =
        moot_slot_open(n->verifying, sizeof(void *), &n->verifying_count,
                       &n->verifying_max, n->verifying_count);
    n->verifying[n->verifying_count - 1] = v;
    l->verifying++;
    moot_node_ask(fx, MOOT_FX_VERIFY)->verify = ask;
}

static void take(struct moot_node *n, struct node_link *l,
                 const struct verifying *v, struct moot_effects *fx)
{
    struct moot_group_event settle = {.kind = MOOT_GROUP_SETTLE};

    for (unsigned i = 0; i < v->count; i++) {
        struct moot_entry *e = v->entries[i];

        if (!v->genuine[i])
            moot_budget_check(&l->budget, n->now, false);
        else if (moot_hash_eq(&e->group, &n->group_id))
            moot_talk_entry(n, l, e, true, fx);
    }
    moot_minds_group(n, &settle, fx);
}

/* It may be read again, unless it has made too much work. */
static void resume(struct moot_node *n, struct node_link *l,
                   struct moot_effects *fx)
{
    struct moot_effect *e;

    l->verify_paused = false;
    moot_budget_frame(&l->budget, n->now, 0);
    e = moot_node_ask(fx, MOOT_FX_PAUSE);
    e->link = l->handle;
    e->pause_ms = moot_budget_debt_ms(&l->budget);
}

static bool first_of_its_link(const struct moot_node *n, unsigned at)
{
    for (unsigned i = 0; i < at; i++)
        if (n->verifying[i]->link == n->verifying[at]->link)
            return false;
    return true;
}

/* Takes what is done and has no other frame of its link before it. */
static void take_all(struct moot_node *n, struct moot_effects *fx)
{
    unsigned i = 0;

    while (i < n->verifying_count) {
        struct verifying *v = n->verifying[i];
        struct node_link *l = moot_link_find(n, v->link);

        if (!v->done || !first_of_its_link(n, i)) {
            i++;
            continue;
        }
        if (l != NULL) {
            l->verifying--;
            if (l->state == LINK_UP)
                take(n, l, v, fx);
        }
        drop(n, i);
    }
}

void moot_verify_done(struct moot_node *n, const struct moot_ev_verified *ev,
                      struct moot_effects *fx)
{
    for (unsigned i = 0; i < n->verifying_count; i++) {
        struct verifying *v = n->verifying[i];

        if (v->token != ev->token)
            continue;
        moot_assert(v->count == ev->count);
        memcpy(v->genuine, ev->genuine, v->count * sizeof *v->genuine);
        v->done = true;
        break;
    }
    take_all(n, fx);
    for (unsigned i = 0; i < n->link_count; i++) {
        struct node_link *l = n->links[i];

        if (l->verify_paused && !moot_verify_full(n, l))
            resume(n, l, fx);
    }
}

void moot_verify_fini(struct moot_node *n)
{
    while (n->verifying_count > 0)
        drop(n, n->verifying_count - 1);
    free(n->verifying);
}
