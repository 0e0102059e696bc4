/*
 * node/duel.c - one link per identity.
 *
 * Only links that are both up are compared, and both ends come to the same
 * verdict: a newer run wins; within one run the link that the smaller identity
 * opened, and of two opened by the same side the one with the smaller exporter.
 * A winner that has been silent must first answer a ping, for it may be dead
 * without anybody having noticed.  The loser is drained, not cut.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "node_internal.h"

void moot_duel_enthrone(struct moot_node *n, struct node_link *l,
                        const struct moot_record *record,
                        struct moot_effects *fx)
{
    struct moot_group_event up = {.kind = MOOT_GROUP_LINK_UP,
                                  .link = l->handle};
    struct moot_boot_event boot = {
        .kind = MOOT_BOOT_LINK_UP, .id = l->id, .token = l->token};

    l->main = true;
    n->moved = 0;
    moot_addr_set(&up.up.seen, l->remote.host, l->port);
    up.up.id = l->id;
    up.up.run = l->run;
    moot_minds_group(n, &up, fx);
    if (record != NULL) {
        struct moot_group_event known = {.kind = MOOT_GROUP_RECORD};

        known.learned.record = record;
        moot_minds_group(n, &known, fx);
    }
    moot_minds_boot(n, &boot, fx);
}

static void drain(struct moot_node *n, struct node_link *loser,
                  struct moot_effects *fx)
{
    moot_trace(n->tracer, "link %llu is a duplicate -> drain it",
               (unsigned long long)loser->handle);
    moot_link_bye(n, loser, MOOT_BYE_DUPLICATE, "", MOOT_OK, fx);
}

void moot_duel_take_over(struct moot_node *n, struct node_link *main,
                         struct node_link *l, struct moot_effects *fx)
{
    struct moot_group_event down = {.kind = MOOT_GROUP_LINK_DOWN,
                                    .link = main->handle};

    main->main = false;
    main->duel_until = 0;
    moot_duel_enthrone(n, l, NULL, fx);
    moot_minds_group(n, &down, fx);
}

static bool opened_by_smaller(const struct moot_node *n,
                              const struct node_link *l)
{
    bool we_are_smaller = moot_id_cmp(&n->key.id, &l->id) < 0;

    return l->dialled == we_are_smaller;
}

/* The same at both ends. */
static bool wins(const struct moot_node *n, const struct node_link *a,
                 const struct node_link *b)
{
    if (a->run != b->run)
        return a->run_ms != b->run_ms ? a->run_ms > b->run_ms : a->run > b->run;
    if (a->dialled != b->dialled)
        return opened_by_smaller(n, a);
    return memcmp(a->exporter.b, b->exporter.b, sizeof a->exporter.b) < 0;
}

/* Who waits for main's test to fail; NULL: nobody. */
static struct node_link *challenger(const struct moot_node *n,
                                    const struct node_link *main)
{
    struct node_link *l =
        main->duel_until == 0 ? NULL : moot_link_find(n, main->duel_other);

    return l != NULL && l->state == LINK_UP ? l : NULL;
}

/* l is better than main, and takes its place; but it may not be the best. */
static void dethrone(struct moot_node *n, struct node_link *main,
                     struct node_link *l, struct moot_effects *fx)
{
    struct node_link *other = challenger(n, main);

    moot_duel_take_over(n, main, l, fx);
    if (main->state == LINK_UP)
        drain(n, main, fx);
    if (other == NULL)
        return;
    if (wins(n, other, l)) {
        moot_duel_take_over(n, l, other, fx);
        other = l;
    }
    drain(n, other, fx);
}

/* The main link is being tested already; only one can be its heir. */
static void challenge_again(struct moot_node *n, struct node_link *main,
                            struct node_link *l, struct moot_effects *fx)
{
    struct node_link *other = challenger(n, main);

    if (other == NULL) {
        main->duel_other = l->handle;
        return;
    }
    if (wins(n, l, other)) {
        main->duel_other = l->handle;
        l = other;
    }
    drain(n, l, fx);
}

void moot_duel_begin(struct moot_node *n, struct node_link *main,
                     struct node_link *l, struct moot_effects *fx)
{
    if (main->state != LINK_UP || wins(n, l, main)) {
        dethrone(n, main, l, fx);
        return;
    }
    if (n->now - main->heard <= MOOT_DUEL_SILENT_MS) {
        drain(n, l, fx);
        return;
    }
    if (main->duel_until != 0) {
        challenge_again(n, main, l, fx);
        return;
    }
    moot_trace(n->tracer, "link %llu has been silent -> test it",
               (unsigned long long)main->handle);
    main->duel_until = n->now + MOOT_DUEL_WAIT_MS;
    main->duel_other = l->handle;
    moot_link_ping(n, main, false, fx);
}

void moot_duel_heard(struct moot_node *n, struct node_link *main,
                     struct moot_effects *fx)
{
    struct node_link *other;

    if (main->duel_until == 0)
        return;
    main->duel_until = 0;
    other = moot_link_find(n, main->duel_other);
    if (other != NULL && other->state == LINK_UP)
        drain(n, other, fx);
}

static void end_test(struct moot_node *n, struct node_link *main,
                     struct moot_effects *fx)
{
    struct node_link *other = moot_link_find(n, main->duel_other);

    main->duel_until = 0;
    if (other == NULL || other->state != LINK_UP)
        return;
    moot_duel_take_over(n, main, other, fx);
    moot_link_cut(n, main, MOOT_ESILENT, fx);
}

void moot_duel_timer(struct moot_node *n, struct moot_effects *fx)
{
    for (unsigned i = 0; i < n->link_count; i++) {
        struct node_link *l = n->links[i];

        if (l->duel_until != 0 && n->now >= l->duel_until)
            end_test(n, l, fx);
    }
}

moot_ms moot_duel_deadline(const struct moot_node *n)
{
    moot_ms due = MOOT_NEVER;

    for (unsigned i = 0; i < n->link_count; i++)
        if (n->links[i]->duel_until != 0)
            due = moot_ms_min(due, n->links[i]->duel_until);
    return due;
}
