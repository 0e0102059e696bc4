/*
 * ui/ui.h - between the node and a face: what happens becomes lines, what is
 * typed becomes events.
 *
 * Decides nothing about the group.  Own lines are shown at once; those that
 * take long to be stored carry a mark and are called stored when they are.
 *
 * Layer:  ui (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_UI_UI_H
#define MOOT_UI_UI_H

#include <ev.h>

#include "loop/sink.h"
#include "node/node.h"
#include "ui/face.h"

struct moot_ui;

/* An own line that is not stored by then is shown with a mark. */
#define MOOT_UI_UNSTORED_MS 25

/* What is held back for that at most; above it, it is shown with marks. */
#define MOOT_UI_HELD_MAX (256 * 1024)

struct moot_ui_config {
    struct ev_loop *loop;
    const struct moot_sink *sink; /* SAY, INPUT_END, LEAVE; for the lifetime */
    const struct moot_node *node; /* asked, never changed; likewise */
    bool terminal;                /* else plain, on descriptors 0, 1 and 2 */
};

struct moot_ui *moot_ui_open(const struct moot_ui_config *c);

/*
 * Shows what is left and puts the terminal back.  Returns the errno with which
 * standard output failed, 0 when it did not.  NULL does nothing.
 */
int moot_ui_close(struct moot_ui *ui);

/* MOOT_FX_SHOW. */
void moot_ui_show(struct moot_ui *ui, const struct moot_show *s);

/* Something of the program's own: "-- TEXT" or "=!= TEXT". */
void moot_ui_notice(struct moot_ui *ui, bool error, const char *text);

/* After every step: may lines be said now?  Cheap. */
void moot_ui_look(struct moot_ui *ui);

/* When something was last typed, on the clock of loop/clock.h. */
moot_ms moot_ui_touched(const struct moot_ui *ui);

/* Did Ctrl-C make it leave?  Was a piped line refused? */
bool moot_ui_interrupted(const struct moot_ui *ui);
bool moot_ui_refused(const struct moot_ui *ui);

#endif
