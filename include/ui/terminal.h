/*
 * ui/terminal.h - the face for a person at a terminal: one line to edit at the
 * bottom, everything that is shown above it.
 *
 * It does not take over the screen, so scrolling, copying and the mouse work as
 * in any shell.  All of GNU readline is inside; there is one such face at most.
 *
 * Layer:  ui (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_UI_TERMINAL_H
#define MOOT_UI_TERMINAL_H

#include "ui/face.h"

/*
 * Uses the terminal on descriptors 0 and 1.  Before any thread is started,
 * because it may have to choose another character set for the process.  While
 * it is open, the log and whatever is written to MOOT_CHANNEL_NOTE appear above
 * the line as well.
 */
struct moot_face *moot_terminal_open(struct ev_loop *loop,
                                     const struct moot_face_owner *owner);

/* Are both descriptors a terminal? */
bool moot_terminal_present(void);

#endif
