/*
 * boot/seed.c - addresses where somebody of our group may be whom we do not
 * know yet, as a beacon tells of them.
 *
 * Each is dialled without expecting a certain identity.  Who told of it may
 * have lied or repeated what he once heard, so one that fails rests for a
 * while, and only so many are kept.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "base/assert.h"
#include "boot_internal.h"

static bool is_nobody(const struct moot_id *id)
{
    static const struct moot_id nobody;

    return moot_id_eq(id, &nobody);
}

/* Is somebody linked who is known to live there? */
static bool is_linked(const struct moot_boot *b, const struct moot_addr *a)
{
    for (unsigned i = 0; i < b->target_count; i++) {
        const struct target *t = b->targets[i];

        if (!t->linked)
            continue;
        if (moot_addr_eq(&t->home, a))
            return true;
        for (unsigned k = 0; k < t->addr_count; k++)
            if (moot_addr_eq(&t->addrs[k], a))
                return true;
    }
    return false;
}

/* The same, or it was there when we dialled it. */
static bool is_reached(const struct moot_boot *b, const struct seed *s)
{
    const struct target *t =
        is_nobody(&s->id) ? NULL : moot_dial_find(b, &s->id);

    return moot_id_eq(&s->id, &b->self) || (t != NULL && t->linked) ||
           is_linked(b, &s->addr);
}

/* Those that wait for nothing go first, the longest untold before. */
static struct seed *make_room(struct moot_boot *b)
{
    struct seed *oldest = NULL;

    if (b->seed_count < MOOT_SEEDS_MAX)
        return &b->seeds[b->seed_count++];
    for (unsigned i = 0; i < b->seed_count; i++) {
        struct seed *s = &b->seeds[i];

        if (s->token != 0 || s->due != 0 || b->now < s->rest)
            continue;
        if (oldest == NULL || s->told < oldest->told)
            oldest = s;
    }
    return oldest;
}

/* NULL: no room. */
static struct seed *get_seed(struct moot_boot *b, const struct moot_addr *a)
{
    struct seed *s;

    for (unsigned i = 0; i < b->seed_count; i++)
        if (moot_addr_eq(&b->seeds[i].addr, a))
            return &b->seeds[i];
    s = make_room(b);
    if (s != NULL)
        *s = (struct seed){.addr = *a};
    return s;
}

void moot_seed_told(struct moot_boot *b, const struct moot_addr *a)
{
    struct seed *s;

    moot_assert(a->port != 0);
    if (is_linked(b, a))
        return;
    s = get_seed(b, a);
    if (s == NULL)
        return;
    s->told = b->now;
    if (s->token != 0 || s->due != 0 || b->now < s->rest || is_reached(b, s))
        return;
    s->due = b->now + (moot_ms)moot_rng_below(b->rng, MOOT_SEED_SPREAD_MS);
}

static struct seed *seed_dialled(struct moot_boot *b, uint64_t token)
{
    for (unsigned i = 0; i < b->seed_count; i++)
        if (token != 0 && b->seeds[i].token == token)
            return &b->seeds[i];
    return NULL;
}

void moot_seed_up(struct moot_boot *b, const struct moot_id *id, uint64_t token)
{
    struct seed *s = seed_dialled(b, token);

    if (s == NULL)
        return;
    s->token = 0;
    s->id = *id;
    s->failures = 0;
}

void moot_seed_failed(struct moot_boot *b, uint64_t token)
{
    struct seed *s = seed_dialled(b, token);
    moot_ms rest = MOOT_SEED_REST_MS;

    if (s == NULL)
        return;
    for (unsigned i = 0; i < s->failures && rest < MOOT_SEED_REST_MAX_MS; i++)
        rest *= 2;
    s->token = 0;
    s->failures++;
    s->rest =
        b->now + moot_boot_jitter(b, moot_ms_min(rest, MOOT_SEED_REST_MAX_MS));
}

static void dial(struct moot_boot *b, struct seed *s,
                 struct moot_boot_effects *fx)
{
    struct moot_boot_effect *f = moot_boot_effect(fx, MOOT_BOOT_DIAL);

    f->token = s->token = ++b->tokens;
    f->addrs[0] = s->addr;
    f->addr_count = 1;
    f->id = s->id;
    f->pinned = false;
    f->within = MOOT_DIAL_WITHIN_MS;
    moot_trace(b->tracer, "somebody may be at %s:%u -> dial", s->addr.host,
               (unsigned)s->addr.port);
}

void moot_seed_timer(struct moot_boot *b, struct moot_boot_effects *fx)
{
    for (unsigned i = 0; i < b->seed_count; i++) {
        struct seed *s = &b->seeds[i];

        if (s->due == 0 || s->due > b->now)
            continue;
        s->due = 0;
        if (!is_reached(b, s)) /* it may have dialled us meanwhile */
            dial(b, s, fx);
    }
}

moot_ms moot_seed_deadline(const struct moot_boot *b)
{
    moot_ms due = MOOT_NEVER;

    for (unsigned i = 0; i < b->seed_count; i++)
        if (b->seeds[i].due != 0)
            due = moot_ms_min(due, b->seeds[i].due);
    return due;
}
