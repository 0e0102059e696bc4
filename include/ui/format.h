/*
 * ui/format.h - what can be shown, as lines of text.
 *
 *     14:02 <bob> hello                    earlier 14:02 <bob> said before
 *     14:02  * bob waves                   late 14:02 <bob> what was before
 *     14:02 --> carol joined (3 here)              this one is missing
 *     14:02 <-- carol left: see you
 *     14:02 x-- carol lost: no answer for 30 s
 *     14:02 -- bob is now known as rob
 *     14:02 =!= there is no command /wo; did you mean /who?
 *
 * Marks stand in front, where nobody else can write.  Local time; the date
 * only where it is not today's.  Everything of others is made harmless.
 *
 * Layer:  ui (loud).
 * Thread: any; a format is never shared.
 */
#ifndef MOOT_UI_FORMAT_H
#define MOOT_UI_FORMAT_H

#include "node/node.h"

struct moot_format {
    bool colour;
    bool dated; /* a line was shown: .day is its day */
    int day;    /* local, as year * 366 + day of the year */
};

/* May the terminal be asked for colours?  By NO_COLOR and TERM. */
bool moot_format_colour_wanted(void);

/*
 * Appends the lines of one show, each ended by a line feed; none for
 * MOOT_SHOW_SENT.  now: what "today" is.
 */
void moot_format_show(struct moot_format *f, const struct moot_show *s,
                      moot_wall_ms now, struct moot_buf *out);

/* The mark of own lines that are not stored yet, put in front of each. */
void moot_format_unstored(const struct moot_format *f, struct moot_bytes lines,
                          struct moot_buf *out);

/* A line of ours: "-- TEXT", or "=!= TEXT" with .error.  text is harmless. */
void moot_format_notice(const struct moot_format *f, bool error,
                        const char *text, moot_wall_ms now,
                        struct moot_buf *out);

/* The table of /who. */
void moot_format_who(const struct moot_format *f,
                     const struct moot_who_line *lines, unsigned count,
                     struct moot_buf *out);

/* The table of /seen. */
void moot_format_seen(const struct moot_format *f,
                      const struct moot_seen_line *lines, unsigned count,
                      struct moot_buf *out);

/* An invitation on a line of its own, and what there is to say of it. */
void moot_format_invite(const struct moot_invite *invite, struct moot_buf *out);

#endif
