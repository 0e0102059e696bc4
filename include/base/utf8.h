/*
 * base/utf8.h - is this text, may it be a name, may it be a line?
 *
 * Judges only.  What is ugly but valid is dealt with where it is shown.
 *
 * Layer:  base (quiet).
 * Thread: any.
 */
#ifndef MOOT_BASE_UTF8_H
#define MOOT_BASE_UTF8_H

#include <stdbool.h>

#include "base/bytes.h"

/* Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates. */
bool moot_utf8_valid(struct moot_bytes text);

/*
 * A user or group name: 1 to MOOT_NAME_LEN_MAX bytes of UTF-8 without control
 * characters, invisible characters (default ignorable, format, non-characters,
 * separators other than the plain space) and without spaces at either end.
 * Which characters these are is frozen with version 1 of the protocol, for the
 * verdict must be the same on every peer whatever Unicode its libraries know.
 * Returns NULL, or a phrase saying what is wrong with it.
 */
const char *moot_name_fault(struct moot_bytes name);

/*
 * A line: 1 to MOOT_LINE_LEN_MAX bytes of UTF-8 without CR, LF and NUL.
 * Returns NULL, or a phrase saying what is wrong with it.
 */
const char *moot_line_fault(struct moot_bytes line);

#endif
