/*
 * ui/plain.h - the face for pipes and files: plain lines in, plain lines out,
 * no escape codes.
 *
 * The chat goes to one descriptor, notices and errors to another.  Input is
 * read only while its lines can be said and while what they lead to is taken:
 * so it is the writer of the input who waits, and nothing is lost.  A reader of
 * the output who takes nothing for long does lose lines of others; he is told
 * how many.
 *
 * Layer:  ui (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_UI_PLAIN_H
#define MOOT_UI_PLAIN_H

#include "ui/face.h"

/* The descriptors and owner are borrowed for the lifetime of the face. */
struct moot_face *moot_plain_open(struct ev_loop *loop, int in, int out,
                                  int err, const struct moot_face_owner *owner);

#endif
