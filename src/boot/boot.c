/*
 * boot/boot.c - the mind's step: one switch, no logic.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#include "boot/boot.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/slots.h"
#include "boot_internal.h"

struct moot_boot_effect *moot_boot_effect(struct moot_boot_effects *fx,
                                          enum moot_boot_effect_kind kind)
{
    fx->at =
        moot_slot_open(fx->at, sizeof *fx->at, &fx->count, &fx->max, fx->count);
    fx->at[fx->count - 1].kind = kind;
    return &fx->at[fx->count - 1];
}

void moot_boot_effects_clear(struct moot_boot_effects *fx)
{
    fx->count = 0;
}

void moot_boot_effects_fini(struct moot_boot_effects *fx)
{
    free(fx->at);
    *fx = (struct moot_boot_effects){0};
}

/* Between 80 % and 120 % of it. */
moot_ms moot_boot_jitter(struct moot_boot *b, moot_ms around)
{
    moot_ms fifth = around / 5;

    return around - fifth +
           (moot_ms)moot_rng_below(b->rng, (uint64_t)(2 * fifth + 1));
}

static void on_start(struct moot_boot *b, struct moot_boot_effects *fx)
{
    b->give_up = b->now + b->timeout;
    b->started = b->now;
    b->progress_at = b->now + MOOT_PROGRESS_MS;
    moot_source_start(b);
    if (b->source_count > 0 || b->recalled_count > 0)
        return;
    b->phase = PHASE_REACHING; /* a founder: nobody has to be reached */
    moot_trace(b->tracer, "nobody to ask -> found the group");
    moot_join_review(b, fx);
}

static void on_adopted(struct moot_boot *b, const struct moot_boot_event *ev)
{
    b->group = ev->group;
    b->weight = ev->weight;
    moot_join_start_over(b);
}

static void step(struct moot_boot *b, const struct moot_boot_event *ev,
                 struct moot_boot_effects *fx)
{
    switch (ev->kind) {
    case MOOT_BOOT_START:
        on_start(b, fx);
        return;
    case MOOT_BOOT_TIMER:
        return;
    case MOOT_BOOT_ANSWER:
        moot_answer_heard(b, ev, fx);
        return;
    case MOOT_BOOT_FOUND:
        moot_ask_found(b, ev->token, ev->ways, ev->way_count, fx);
        return;
    case MOOT_BOOT_ASK_FAILED:
        moot_ask_failed(b, ev->token, ev->why, fx);
        return;
    case MOOT_BOOT_DIAL_FAILED:
        moot_dial_failed(b, ev->token, ev->why, fx);
        moot_seed_failed(b, ev->token);
        return;
    case MOOT_BOOT_MET:
        moot_dial_met(b, &ev->met);
        return;
    case MOOT_BOOT_LINK_UP:
        moot_dial_up(b, &ev->id, ev->token);
        moot_seed_up(b, &ev->id, ev->token);
        return;
    case MOOT_BOOT_SEED:
        for (unsigned i = 0; i < ev->way_count; i++)
            moot_seed_told(b, &ev->ways[i].addr);
        return;
    case MOOT_BOOT_LINK_DOWN:
        moot_dial_down(b, &ev->id);
        return;
    case MOOT_BOOT_GONE:
        moot_dial_gone(b, &ev->id, ev->left);
        return;
    case MOOT_BOOT_VERDICT:
        moot_join_verdict(b, &ev->id, &ev->from, ev->alive);
        return;
    case MOOT_BOOT_LISTED:
        moot_hosted_listed(b, ev->answer);
        return;
    case MOOT_BOOT_WOKE:
        moot_dial_hurry(b);
        return;
    case MOOT_BOOT_ADOPTED:
        on_adopted(b, ev);
        return;
    }
}

void moot_boot_step(struct moot_boot *b, const struct moot_boot_event *ev,
                    struct moot_boot_effects *fx)
{
    moot_assert(ev->now >= b->now);
    b->now = ev->now;
    if (b->phase == PHASE_FAILED)
        return;
    step(b, ev, fx);
    moot_join_review(b, fx);
    moot_ask_timer(b, fx);
    moot_dial_timer(b, fx);
    moot_seed_timer(b, fx);
}

moot_ms moot_boot_deadline(const struct moot_boot *b)
{
    moot_ms due = moot_ask_deadline(b);

    if (b->phase == PHASE_FAILED)
        return MOOT_NEVER;
    due = moot_ms_min(due, moot_dial_deadline(b));
    due = moot_ms_min(due, moot_seed_deadline(b));
    return moot_ms_min(due, moot_join_deadline(b));
}

bool moot_boot_joined(const struct moot_boot *b)
{
    return b->phase == PHASE_JOINED;
}

enum moot_weight moot_boot_weight(const struct moot_boot *b)
{
    return b->weight;
}

void moot_boot_set_grown(struct moot_boot *b)
{
    b->weight = MOOT_GROWN;
}

bool moot_boot_gives_way(const struct moot_boot *b,
                         const struct moot_hash *other, enum moot_weight weight)
{
    if (b->weight == MOOT_GROWN || b->closed)
        return false;
    if (weight != b->weight)
        return weight > b->weight;
    return moot_hash_cmp(other, &b->group) < 0;
}

struct moot_boot *moot_boot_create(const struct moot_boot_config *config)
{
    struct moot_boot *b = moot_alloc(sizeof *b);
    size_t len = strlen(config->group_name);

    moot_assert(len <= MOOT_NAME_LEN_MAX);
    b->self = config->self;
    b->group = config->group;
    b->closed = config->closed;
    b->homeless = config->homeless;
    memcpy(b->group_name, config->group_name, len + 1);
    b->group_asked = config->group_asked;
    b->group_known = config->group_known;
    b->strict = config->strict;
    b->timeout = config->timeout;
    b->rng = config->rng;
    b->tracer = config->tracer;
    b->standing = MOOT_JOINING;
    b->weight = MOOT_TENTATIVE;
    moot_source_create(b, config);
    return b;
}

void moot_boot_destroy(struct moot_boot *b)
{
    if (b == NULL)
        return;
    for (unsigned i = 0; i < b->target_count; i++)
        moot_dial_free(b->targets[i]);
    free(b->targets);
    free(b->budgets);
    moot_source_fini(b);
    free(b);
}
