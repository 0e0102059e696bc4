/*
 * net/porch.c - a list by progress, and the rule of who makes room.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include "net/porch_internal.h"

#include <stddef.h>

static void append(struct moot_porch *p, struct moot_visitor *v)
{
    v->there = true;
    v->older = p->newest;
    v->newer = NULL;
    if (p->newest != NULL)
        p->newest->newer = v;
    else
        p->oldest = v;
    p->newest = v;
    p->count++;
}

void moot_porch_join(struct moot_porch *p, struct moot_visitor *v,
                     const union moot_sockaddr *from)
{
    v->origin = moot_sockaddr_origin(from);
    append(p, v);
}

void moot_porch_leave(struct moot_porch *p, struct moot_visitor *v)
{
    if (!v->there)
        return;
    if (v->older != NULL)
        v->older->newer = v->newer;
    else
        p->oldest = v->newer;
    if (v->newer != NULL)
        v->newer->older = v->older;
    else
        p->newest = v->older;
    v->there = false;
    p->count--;
}

void moot_porch_touch(struct moot_porch *p, struct moot_visitor *v)
{
    if (v->there && p->newest != v) {
        moot_porch_leave(p, v);
        append(p, v);
    }
}

struct moot_visitor *moot_porch_victim(const struct moot_porch *p,
                                       const union moot_sockaddr *from)
{
    struct moot_origin origin = moot_sockaddr_origin(from);
    struct moot_visitor *oldest = NULL;
    unsigned count = 0;

    if (p->count < p->share_from)
        return NULL;
    for (struct moot_visitor *v = p->newest; v != NULL; v = v->older) {
        if (moot_origin_eq(&v->origin, &origin)) {
            oldest = v;
            count++;
        }
    }
    if (count >= p->share)
        return oldest;
    return p->count >= p->max ? p->oldest : NULL;
}
