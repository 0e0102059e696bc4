/*
 * app/look.h - moot history, verify and invite: looking into a profile without
 * taking part in a group.
 *
 * Changes nothing, and works while a peer uses the profile.
 *
 * Layer:  app (loud).
 * Thread: main; there is no loop.
 */
#ifndef MOOT_APP_LOOK_H
#define MOOT_APP_LOOK_H

#include "app/options.h"

/* Each writes to standard output and returns the exit code of the process. */
int moot_look_history(const struct moot_options *o);
int moot_look_verify(const struct moot_options *o);
int moot_look_invite(const struct moot_options *o);

#endif
