/*
 * ui/harmless.h - text from others, made safe to show.
 *
 * What can be seen passes as it is.  What a terminal would obey or hide (C0,
 * DEL, C1, broken UTF-8, bidi controls, zero-width and other format
 * characters, line separators) becomes a mark that can be seen: "\x1b",
 * "<U+202E>".  Judges text, not names: see base/utf8.h for those.
 *
 * Layer:  ui (loud).
 * Thread: any.
 */
#ifndef MOOT_UI_HARMLESS_H
#define MOOT_UI_HARMLESS_H

#include "base/bytes.h"

/*
 * How many combining marks one character keeps, and how many joiners one emoji.
 * Vietnamese needs 2, Hebrew with cantillation 3 or 4; more than that is meant
 * to climb over the lines of others.  The rest becomes "<+96 marks>".
 */
#define MOOT_COMBINING_MAX 4

/* The longest mark of one byte or character, in bytes: "<U+10FFFF>". */
#define MOOT_HARMLESS_MARK_MAX 10

/* Appends the harmless form of any bytes: one line of valid UTF-8. */
void moot_harmless(struct moot_bytes text, struct moot_buf *out);

/*
 * As above for a name that will stand between angle brackets: it cannot close
 * them, so "bob> hi <alice" does not look like a line of bob's.
 */
void moot_harmless_name(struct moot_bytes name, struct moot_buf *out);

#endif
