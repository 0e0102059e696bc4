/*
 * boot/breaker.c - closed, open, half-open.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#include "boot/breaker.h"

#include "base/assert.h"

/* The last failure says nothing any more about how things are now. */
static bool is_old(const struct moot_breaker *b,
                   const struct moot_breaker_config *c, moot_ms now)
{
    return !b->probing && now - b->failed >= c->reset &&
           (!b->tripped || now >= b->until);
}

enum moot_breaker_state moot_breaker_state(const struct moot_breaker *b,
                                           const struct moot_breaker_config *c,
                                           moot_ms now)
{
    if (!b->tripped || is_old(b, c, now))
        return MOOT_BREAKER_CLOSED;
    return now < b->until ? MOOT_BREAKER_OPEN : MOOT_BREAKER_HALF_OPEN;
}

bool moot_breaker_ask(struct moot_breaker *b,
                      const struct moot_breaker_config *c, moot_ms now)
{
    if (b->failures > 0 && is_old(b, c, now))
        *b = (struct moot_breaker){0};
    switch (moot_breaker_state(b, c, now)) {
    case MOOT_BREAKER_CLOSED:
        return true;
    case MOOT_BREAKER_OPEN:
        return false;
    case MOOT_BREAKER_HALF_OPEN:
        if (b->probing)
            return false;
        b->probing = true;
        return true;
    }
    moot_assert(!"every state is handled");
    return false;
}

moot_ms moot_breaker_due(const struct moot_breaker *b, moot_ms now)
{
    if (b->probing)
        return MOOT_NEVER;
    return b->tripped && b->until > now ? b->until : now;
}

void moot_breaker_succeed(struct moot_breaker *b)
{
    *b = (struct moot_breaker){0};
}

/* Between the pause and a fifth more, so that many who failed together do not
 * come back together; never outside of the bounds. */
static moot_ms jitter(moot_ms pause, moot_ms max, struct moot_rng *rng)
{
    pause += (moot_ms)moot_rng_below(rng, (uint64_t)(pause / 5) + 1);
    return pause < max ? pause : max;
}

void moot_breaker_fail(struct moot_breaker *b,
                       const struct moot_breaker_config *c, moot_ms now,
                       struct moot_rng *rng)
{
    if (b->failures > 0 && is_old(b, c, now))
        *b = (struct moot_breaker){0};
    b->failures++;
    b->failed = now;
    if (b->tripped && !b->probing)
        return; /* of a request that began before it was opened */
    if (b->failures < c->failures_max && !b->probing)
        return;
    b->probing = false;
    b->tripped = true;
    b->pause =
        b->pause == 0 ? c->pause_min : moot_ms_min(2 * b->pause, c->pause_max);
    b->until = now + jitter(b->pause, c->pause_max, rng);
}

void moot_breaker_restore(struct moot_breaker *b,
                          const struct moot_breaker_config *c, moot_ms now,
                          unsigned failures, moot_ms ago, moot_ms pause)
{
    *b = (struct moot_breaker){0};
    if (ago < 0)
        ago = 0;
    if (failures == 0 || ago >= c->reset)
        return;
    b->failures = failures;
    b->failed = now - ago;
    if (pause <= 0)
        return;
    b->tripped = true;
    b->pause = moot_ms_min(pause, c->pause_max);
    b->until = b->failed + b->pause;
}

void moot_breaker_shift(struct moot_breaker *b, moot_ms by)
{
    b->failed += by;
    b->until += by;
}
