/*
 * net/porch_internal.h - who has come to a socket and has not yet shown who he
 * is: how many there may be, and who makes room for whom.
 *
 * While less than share_from stand there nobody is counted.  From then on an
 * address that has its share makes room among its own; when all max places are
 * taken the one who made no progress for longest goes.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_NET_PORCH_INTERNAL_H
#define MOOT_NET_PORCH_INTERNAL_H

#include "net/socket_internal.h"

/* Each visitor stands in two rows, both by the last progress: that of all, and
 * that of those who come from the same place. */
enum moot_row_kind {
    MOOT_ROW_ALL,
    MOOT_ROW_KIN,
    MOOT_ROWS
};

struct moot_row {
    unsigned count;
    struct moot_visitor *oldest, *newest;
};

/* Part of whatever waits; zero when it does not stand on a porch. */
struct moot_visitor {
    struct moot_kin *kin; /* NULL: has left */
    struct {
        struct moot_visitor *older, *newer;
    } in[MOOT_ROWS];
};

struct moot_porch {
    unsigned max, share_from, share;
    struct moot_row all;
    struct moot_kin *kins; /* by origin; empty when nobody stands here */
};

void moot_porch_join(struct moot_porch *p, struct moot_visitor *v,
                     const union moot_sockaddr *from);
void moot_porch_leave(struct moot_porch *p, struct moot_visitor *v);
void moot_porch_touch(struct moot_porch *p, struct moot_visitor *v);

/* Who has to leave before one more comes from there; NULL: nobody.  As fast for
 * thousands as for one. */
struct moot_visitor *moot_porch_victim(const struct moot_porch *p,
                                       const union moot_sockaddr *from);

#endif
