/*
 * net/doubt.c - a bucket for each address, and the one that is fullest makes
 * room for another.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include "net/doubt_internal.h"

#include <stddef.h>

#define ONE 1000 /* a wrong proof */

static bool is_member(const struct moot_doubted *p, moot_ms now)
{
    return p->member != 0 && now < p->member + MOOT_WRONG_MEMBER_MS;
}

/* Fills up again what was spent. */
static void settle(struct moot_doubted *p, moot_ms now)
{
    int64_t factor = is_member(p, now) ? MOOT_WRONG_MEMBER_FACTOR : 1;
    int64_t back = (now - p->at) * MOOT_WRONG_PER_S * factor;

    p->spent = p->spent > back ? p->spent - back : 0;
    p->at = now;
}

static struct moot_doubted *find(struct moot_doubts *d,
                                 const union moot_sockaddr *from)
{
    struct moot_origin origin = moot_sockaddr_origin(from);

    for (unsigned i = 0; i < d->count; i++)
        if (moot_origin_eq(&d->at[i].origin, &origin))
            return &d->at[i];
    return NULL;
}

/* Whom forgetting costs least: a stranger before a member, and of these the
 * one that spent least. */
static bool goes_before(const struct moot_doubted *a,
                        const struct moot_doubted *b, moot_ms now)
{
    if (is_member(a, now) != is_member(b, now))
        return !is_member(a, now);
    return a->spent < b->spent;
}

static struct moot_doubted *get(struct moot_doubts *d,
                                const union moot_sockaddr *from, moot_ms now)
{
    struct moot_doubted *p = find(d, from);

    if (p != NULL) {
        settle(p, now);
        return p;
    }
    if (d->count < MOOT_DOUBTED_MAX) {
        p = &d->at[d->count++];
    } else {
        p = &d->at[0];
        settle(p, now);
        for (unsigned i = 1; i < d->count; i++) {
            settle(&d->at[i], now);
            if (goes_before(&d->at[i], p, now))
                p = &d->at[i];
        }
    }
    *p = (struct moot_doubted){.origin = moot_sockaddr_origin(from), .at = now};
    return p;
}

void moot_doubt_wrong(struct moot_doubts *d, const union moot_sockaddr *from,
                      moot_ms now)
{
    struct moot_doubted *p = get(d, from, now);
    int64_t max = (int64_t)(MOOT_WRONG_BURST + 1) * ONE;

    if (is_member(p, now))
        max *= MOOT_WRONG_MEMBER_FACTOR;
    p->spent = p->spent + ONE < max ? p->spent + ONE : max;
}

void moot_doubt_proven(struct moot_doubts *d, const union moot_sockaddr *from,
                       moot_ms now)
{
    get(d, from, now)->member = now;
}

bool moot_doubt_refuses(struct moot_doubts *d, const union moot_sockaddr *from,
                        moot_ms now)
{
    struct moot_doubted *p = find(d, from);
    int64_t max = (int64_t)MOOT_WRONG_BURST * ONE;

    if (p == NULL)
        return false;
    settle(p, now);
    if (is_member(p, now))
        max *= MOOT_WRONG_MEMBER_FACTOR;
    return p->spent >= max;
}
