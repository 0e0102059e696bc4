/*
 * ui/face.h - what every face of the program can do: show lines, and hand over
 * what is typed.
 *
 * Two faces exist: ui/terminal.h and ui/plain.h.  A face knows nothing of the
 * group; ui/ui.h does.
 *
 * Layer:  ui (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_UI_FACE_H
#define MOOT_UI_FACE_H

#include <ev.h>

#include "base/bytes.h"
#include "base/time.h"

enum moot_channel {
    MOOT_CHANNEL_CHAT, /* what is said, who comes and goes, answers */
    MOOT_CHANNEL_NOTE  /* progress, notices, errors */
};

enum moot_face_end {
    MOOT_FACE_LEFT,        /* the user wants to leave: Ctrl-D */
    MOOT_FACE_INTERRUPTED, /* Ctrl-C on an empty line */
    MOOT_FACE_INPUT_ENDED, /* a file or a pipe was read to its end */
    MOOT_FACE_HUNG_UP,     /* nobody is there any more */
    MOOT_FACE_FAILED       /* the chat cannot be written: a full disk */
};

/* Whom a face tells.  Never called from inside a call to the face. */
struct moot_face_owner {
    /*
     * A line was typed, or a text of several (line feeds in it) was pasted.
     * False: not now, or not like this (the reason was shown); the face keeps
     * it for the user to mend.  text: borrowed for the call.  more: the next
     * line is there already and comes at once.
     */
    bool (*typed)(void *ctx, struct moot_bytes text, bool more);
    void (*ended)(void *ctx, enum moot_face_end why); /* once */
    void (*touched)(void *ctx); /* a key was pressed, a line was read */
    void *ctx;
};

struct moot_face;

struct moot_face_ops {
    /* Shows whole lines, each ended by a line feed. */
    void (*print)(struct moot_face *f, enum moot_channel channel,
                  struct moot_bytes lines);
    /* Lines can be said from now on (NULL), or why not yet ("joining"): plain
     * words, borrowed for the call. */
    void (*gate)(struct moot_face *f, const char *closed);
    /*
     * Writes what is left, puts everything back as it was, and frees f.
     * Returns the errno with which writing the chat failed, 0 when it did not.
     */
    int (*close)(struct moot_face *f);
};

struct moot_face {
    const struct moot_face_ops *ops;
};

/* How long a close may wait for a terminal or pipe that takes nothing. */
#define MOOT_FACE_CLOSE_MS 1000

#endif
