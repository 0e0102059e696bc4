/*
 * app/engine.h - a whole peer: one node, and the world it acts in.
 *
 * Carries out what the node asks for and tells it what came of that.  Decides
 * nothing but how to end.
 *
 * Layer:  app (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_APP_ENGINE_H
#define MOOT_APP_ENGINE_H

#include <ev.h>

#include "app/options.h"
#include "app/start.h"

/*
 * Takes part in the group until the user or the group ends it; returns the
 * exit code.  start: its sockets are taken.  terminal: talk to a person.
 */
int moot_engine_run(struct ev_loop *loop, const struct moot_options *o,
                    struct moot_start *start, bool terminal);

#endif
