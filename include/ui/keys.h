/*
 * ui/keys.h - telling typed keys from pasted text.
 *
 * A terminal in bracketed paste mode wraps what is pasted in ESC [ 200 ~ and
 * ESC [ 201 ~.  What is between them is text, whatever it holds.
 *
 * Layer:  ui (loud).
 * Thread: the caller's; no clock, no descriptor.
 */
#ifndef MOOT_UI_KEYS_H
#define MOOT_UI_KEYS_H

#include "base/bytes.h"

#define MOOT_PASTE_ON "\x1b[?2004h"
#define MOOT_PASTE_OFF "\x1b[?2004l"

/* More than this is a mistake of the hand, not something to say. */
#define MOOT_PASTE_LEN_MAX (64 * 1024)

/* How long the front of ESC [ 200 ~ may stand alone before it is a key. */
#define MOOT_KEYS_WAIT_MS 50

enum moot_keys_part {
    MOOT_KEYS_NONE,    /* nothing more to hand out */
    MOOT_KEYS_WAITING, /* a few bytes that may yet become a paste */
    MOOT_KEYS_TYPED,   /* bytes as the keys made them */
    MOOT_KEYS_PASTED,  /* a whole pasted text; CR and CR LF are LF now */
    MOOT_KEYS_TOO_LONG /* a paste above MOOT_PASTE_LEN_MAX: dropped */
};

/* A zeroed struct has seen nothing. */
struct moot_keys {
    struct moot_buf in;
    struct moot_buf out; /* what was handed out last */
    bool pasting, too_long;
};

void moot_keys_fini(struct moot_keys *k);

void moot_keys_add(struct moot_keys *k, struct moot_bytes bytes);

/*
 * The next part of what was added; *ret_part is borrowed until the next call.
 * late: MOOT_KEYS_WAIT_MS have passed, so nothing is waited for.
 */
enum moot_keys_part moot_keys_next(struct moot_keys *k, bool late,
                                   struct moot_bytes *ret_part);

#endif
