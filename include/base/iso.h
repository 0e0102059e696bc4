/*
 * base/iso.h - moments as RFC 3339 writes them, in UTC: 2026-02-20T15:30:00Z.
 *
 * For files and pages that programs read; what people see is in their own time
 * zone and made elsewhere.
 *
 * Layer:  base (quiet).
 * Thread: any.
 */
#ifndef MOOT_BASE_ISO_H
#define MOOT_BASE_ISO_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/time.h"

#define MOOT_ISO_LEN 20 /* without the zero */

/* Whole seconds; what is before 1970 or after 9999 becomes the nearest moment
 * that is not. */
void moot_iso_format(moot_wall_ms when, char out[MOOT_ISO_LEN + 1]);

/*
 * Takes fractions of a second (milliseconds are kept) and other offsets than Z
 * as well.  False when it is no moment from 1970 to 9999; then *ret_when is
 * unchanged.
 */
bool moot_iso_parse(struct moot_bytes text, moot_wall_ms *ret_when);

#endif
