/*
 * net/porch.c - lists by progress, and the rule of who makes room.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include "net/porch_internal.h"

#include <stdlib.h>
#include <uthash.h>

#include "base/alloc.h"

/* Those who come from one place; there while there are any. */
struct moot_kin {
    struct moot_origin origin;
    struct moot_row row;
    UT_hash_handle hh;
};

static void append(struct moot_row *row, struct moot_visitor *v,
                   enum moot_row_kind which)
{
    v->in[which].older = row->newest;
    v->in[which].newer = NULL;
    if (row->newest != NULL)
        row->newest->in[which].newer = v;
    else
        row->oldest = v;
    row->newest = v;
    row->count++;
}

static void drop(struct moot_row *row, struct moot_visitor *v,
                 enum moot_row_kind which)
{
    struct moot_visitor *older = v->in[which].older,
                        *newer = v->in[which].newer;

    if (older != NULL)
        older->in[which].newer = newer;
    else
        row->oldest = newer;
    if (newer != NULL)
        newer->in[which].older = older;
    else
        row->newest = older;
    row->count--;
}

static struct moot_kin *find_kin(const struct moot_porch *p,
                                 const union moot_sockaddr *from)
{
    struct moot_origin origin = moot_sockaddr_origin(from);
    struct moot_kin *kin;

    HASH_FIND(hh, p->kins, origin.b, sizeof origin.b, kin);
    return kin;
}

static struct moot_kin *add_kin(struct moot_porch *p,
                                const union moot_sockaddr *from)
{
    struct moot_kin *kin = moot_alloc(sizeof *kin);

    kin->origin = moot_sockaddr_origin(from);
    HASH_ADD(hh, p->kins, origin, sizeof kin->origin, kin);
    return kin;
}

void moot_porch_join(struct moot_porch *p, struct moot_visitor *v,
                     const union moot_sockaddr *from)
{
    v->kin = find_kin(p, from);
    if (v->kin == NULL)
        v->kin = add_kin(p, from);
    append(&p->all, v, MOOT_ROW_ALL);
    append(&v->kin->row, v, MOOT_ROW_KIN);
}

void moot_porch_leave(struct moot_porch *p, struct moot_visitor *v)
{
    struct moot_kin *kin = v->kin;

    if (kin == NULL)
        return;
    v->kin = NULL;
    drop(&p->all, v, MOOT_ROW_ALL);
    drop(&kin->row, v, MOOT_ROW_KIN);
    if (kin->row.count > 0)
        return;
    HASH_DEL(p->kins, kin);
    free(kin);
}

void moot_porch_touch(struct moot_porch *p, struct moot_visitor *v)
{
    if (v->kin == NULL || p->all.newest == v)
        return;
    drop(&p->all, v, MOOT_ROW_ALL);
    append(&p->all, v, MOOT_ROW_ALL);
    drop(&v->kin->row, v, MOOT_ROW_KIN);
    append(&v->kin->row, v, MOOT_ROW_KIN);
}

struct moot_visitor *moot_porch_victim(const struct moot_porch *p,
                                       const union moot_sockaddr *from)
{
    const struct moot_kin *kin;

    if (p->all.count < p->share_from)
        return NULL;
    kin = find_kin(p, from);
    if (kin != NULL && kin->row.count >= p->share)
        return kin->row.oldest;
    return p->all.count >= p->max ? p->all.oldest : NULL;
}
