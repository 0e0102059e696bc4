/*
 * ui/ask.h - asking for an invitation and a name before the chat begins.
 *
 * Layer:  ui (loud).
 * Thread: the loop's, before the loop runs: it waits.
 */
#ifndef MOOT_UI_ASK_H
#define MOOT_UI_ASK_H

#include "base/limits.h"
#include "wire/invite.h"

/*
 * Writes the question to descriptor out and reads one line from in: not one
 * byte more, because what comes behind it is said in the chat.  On a terminal
 * an unfit name is asked for again.  MOOT_EINVAL: the line is no name;
 * MOOT_ENONE: the input ended; each was explained on standard error.
 */
int moot_ask_name(int in, int out, char ret_name[MOOT_NAME_LEN_MAX + 1]);

/*
 * The same for an invitation.  The question is asked on a terminal only: what
 * comes through a pipe was meant for it.
 */
int moot_ask_invite(int in, int out, struct moot_invite *ret_invite);

#endif
