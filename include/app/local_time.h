/*
 * app/local_time.h - a time as people write it: "2026-11-20", "2026-11-20
 * 18:30", "2026-11-20 18:30:05".
 *
 * Layer:  app (loud).
 * Thread: any.
 */
#ifndef MOOT_APP_LOCAL_TIME_H
#define MOOT_APP_LOCAL_TIME_H

#include <stdbool.h>

#include "base/time.h"

/*
 * The local day, minute or second that the text names: from *ret_begin on, and
 * *ret_end is the first moment behind it.  False when it names none, such as
 * the 30th of February; then nothing is written.
 */
bool moot_time_parse(const char *text, moot_wall_ms *ret_begin,
                     moot_wall_ms *ret_end);

#endif
