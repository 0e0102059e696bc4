/*
 * node/budget.c - a token bucket of work.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include "node/budget_internal.h"

#include "base/assert.h"
#include "base/limits.h"

/* What is deeper in debt is forgiven, so that no pause is longer. */
#define DEBT_MAX ((moot_work)MOOT_PAUSE_MAX_MS * MOOT_WORK_PER_MS)

void moot_budget_init(struct moot_budget *b, moot_ms now)
{
    b->left = MOOT_WORK_BURST;
    b->at = now;
}

static void refill(struct moot_budget *b, moot_ms now)
{
    moot_assert(now >= b->at);
    b->left += (now - b->at) * MOOT_WORK_PER_MS;
    if (b->left > MOOT_WORK_BURST)
        b->left = MOOT_WORK_BURST;
    b->at = now;
}

static void spend(struct moot_budget *b, moot_ms now, moot_work work)
{
    refill(b, now);
    b->left -= work;
    if (b->left < -DEBT_MAX)
        b->left = -DEBT_MAX;
}

void moot_budget_frame(struct moot_budget *b, moot_ms now, size_t len)
{
    spend(b, now, MOOT_WORK_FRAME + (moot_work)len * MOOT_WORK_KIB / 1024);
}

void moot_budget_check(struct moot_budget *b, moot_ms now, bool genuine)
{
    spend(b, now, genuine ? MOOT_WORK_CHECK : MOOT_WORK_FORGED);
}

moot_ms moot_budget_debt_ms(const struct moot_budget *b)
{
    if (b->left >= 0)
        return 0;
    return (-b->left + MOOT_WORK_PER_MS - 1) / MOOT_WORK_PER_MS;
}
