/*
 * ui/outlet.h - bytes on their way to a terminal, a pipe or a file that may not
 * take them now.
 *
 * Never blocks the loop, and never makes a descriptor that others share
 * non-blocking.  What is above the bound is counted, not kept.
 *
 * Layer:  ui (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_UI_OUTLET_H
#define MOOT_UI_OUTLET_H

#include <ev.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "base/time.h"

struct moot_outlet;

/* Some thousand lines: more than anybody reads when the pipe moves again. */
#define MOOT_OUTLET_MAX (1024 * 1024)

/* Told from inside the loop, never from inside a call below. */
struct moot_outlet_owner {
    void (*drained)(void *ctx); /* everything was taken */
    void (*broken)(void *ctx);  /* nothing can be written; once */
    void *ctx;
};

/* fd and owner are borrowed for the lifetime of the outlet. */
struct moot_outlet *moot_outlet_open(struct ev_loop *loop, int fd,
                                     const struct moot_outlet_owner *owner);

/*
 * Tries to write what is left for at most `within` ms; returns what
 * moot_outlet_error() says after that.  NULL does nothing.
 */
int moot_outlet_close(struct moot_outlet *o, moot_ms within);

/* Queues bytes; written with moot_outlet_flush(). */
void moot_outlet_put(struct moot_outlet *o, struct moot_bytes bytes);

/*
 * Queues whole lines unless that would pass the bound; then they are counted
 * and false comes back.
 */
bool moot_outlet_put_lines(struct moot_outlet *o, struct moot_bytes lines);

/* Writes as much as is taken now; the rest goes when the descriptor can. */
void moot_outlet_flush(struct moot_outlet *o);

/*
 * The errno with which a write failed, such as that of a full disk.  0: none
 * did, or there is only nobody who reads any more.
 */
int moot_outlet_error(const struct moot_outlet *o);

size_t moot_outlet_waiting(const struct moot_outlet *o);

/* Lines that were not kept since this was last asked. */
unsigned long moot_outlet_take_lost(struct moot_outlet *o);

#endif
