/*
 * net/dial_order.c - in which order a peer's addresses are tried.
 *
 * Layer:  net (loud).
 * Thread: a worker's.
 */
#include <string.h>

#include "net/dial_internal.h"

/* Takes the one at from out and puts it in again at to, which is not behind. */
static void move_up(union moot_sockaddr *targets, unsigned from, unsigned to)
{
    union moot_sockaddr moved = targets[from];

    memmove(&targets[to + 1], &targets[to], (from - to) * sizeof moved);
    targets[to] = moved;
}

void moot_dial_interleave(union moot_sockaddr *targets, unsigned count,
                          sa_family_t last)
{
    sa_family_t wanted = last == AF_INET6 ? AF_INET : AF_INET6;

    for (unsigned i = 0; i < count; i++) {
        unsigned k = i;

        while (k < count && targets[k].any.sa_family != wanted)
            k++;
        if (k == count)
            return; /* all that are left are of one family */
        move_up(targets, k, i);
        wanted = wanted == AF_INET6 ? AF_INET : AF_INET6;
    }
}
