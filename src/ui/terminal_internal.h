/*
 * ui/terminal_internal.h - what the terminal stands on: its settings, put back
 * on every way out, its width, the commands behind Tab, a pipe for the log.
 *
 * Layer:  ui (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_UI_TERMINAL_INTERNAL_H
#define MOOT_UI_TERMINAL_INTERNAL_H

#include <ev.h>
#include <stdio.h>

#include "base/bytes.h"

struct moot_tty {
    bool prepared;
};

/*
 * Lets readline prepare the terminal, takes Ctrl-C as a key, and has pasted
 * text wrapped.  From then on the settings of before are put back even when
 * the process ends by a fatal signal or exit().  Both are idempotent.
 */
void moot_tty_prepare(struct moot_tty *t, int meta);
void moot_tty_restore(struct moot_tty *t);

/*
 * The terminal has another width, or may have: the edited line is drawn anew
 * for it through drawn, readline's stream.  look() is cheap when it has not.
 */
void moot_size_follow(FILE *drawn);
void moot_size_look(FILE *drawn);

/* To be called when the edited line is another: it may be too high now. */
void moot_size_fit(FILE *drawn);

/* For rl_attempted_completion_function. */
char **moot_completion(const char *text, int start, int end);

/* What the log writes while the terminal has the screen. */
struct moot_log_pipe {
    struct ev_loop *loop;
    void (*print)(void *ctx, struct moot_bytes lines);
    void *ctx;
    int ends[2];
    ev_io readable;
    struct moot_buf got; /* a line that is not whole yet */
    bool open;
};

/* Does nothing when standard error goes somewhere else than the terminal. */
void moot_log_pipe_open(struct moot_log_pipe *p, struct ev_loop *loop,
                        void (*print)(void *ctx, struct moot_bytes lines),
                        void *ctx);

/* Prints what is left in it; the log goes to standard error again. */
void moot_log_pipe_close(struct moot_log_pipe *p);

#endif
