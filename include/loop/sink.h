/*
 * loop/sink.h - the one way up: what happens outside becomes a node event.
 *
 * net, store and the monitor hand every event to a sink and know nothing of
 * who stands behind it.  The receiver stamps .now and .wall.
 *
 * Layer:  loop (loud).
 * Thread: the loop's, always.
 */
#ifndef MOOT_LOOP_SINK_H
#define MOOT_LOOP_SINK_H

#include "node/event.h"

/*
 * The event and what it points to are borrowed for the call.  Whatever deliver
 * does in return (send, close, cut, dial, put, fetch) is allowed inside it.
 */
struct moot_sink {
    void (*deliver)(void *ctx, const struct moot_event *ev);
    void *ctx;
};

static inline void moot_sink_deliver(const struct moot_sink *s,
                                     const struct moot_event *ev)
{
    s->deliver(s->ctx, ev);
}

#endif
