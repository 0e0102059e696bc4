/*
 * loop/log.h - one line per happening, on standard error: logfmt, or JSON.
 *
 *     level=info ts=2025-01-31T12:00:00.123Z event=refused remote=... why="..."
 *     {"level":"info","ts":"2025-01-31T12:00:00.123Z","event":"refused",...}
 *
 * All events are listed in docs/OPERATING.md.
 *
 * Values are escaped, so a stranger's bytes stay inside their quotes.  Each
 * event name is a class: MOOT_LOG_PER_SECOND lines a second on average and
 * MOOT_LOG_BURST at once; what is above that is counted and the next line of
 * the class says so.  No line is ever torn.
 *
 * Layer:  loop (loud).
 * Thread: any.
 */
#ifndef MOOT_LOOP_LOG_H
#define MOOT_LOOP_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum moot_log_level {
    MOOT_LOG_ERROR,
    MOOT_LOG_WARN, /* the default */
    MOOT_LOG_INFO,
    MOOT_LOG_DEBUG,
    MOOT_LOG_TRACE
};

/* "error", "warn", "info", "debug" or "trace"; false on anything else. */
bool moot_log_level_parse(const char *text, enum moot_log_level *ret_level);

void moot_log_set_level(enum moot_log_level level);
bool moot_log_wants(enum moot_log_level level);

/* "logfmt" or "json"; false on anything else. */
bool moot_log_format_parse(const char *text, bool *ret_json);
void moot_log_set_json(bool json); /* at first: logfmt */

/* Where lines go from now on, counted anew; fd is borrowed.  At first: 2. */
void moot_log_set_fd(int fd);

/*
 * moot_log(MOOT_LOG_WARN, "stalled", "#ms", moot_log_int(ms).text, NULL);
 *
 * event: a constant of [a-z_].  Then pairs of key and value up to a NULL key; a
 * pair whose value is NULL is left out.  A key that begins with '#' says that
 * its value is a number; it is written without the '#'.
 */
void moot_log(enum moot_log_level level, const char *event, ...)
    __attribute__((sentinel));

/* A number as a value; lives to the end of the full expression. */
struct moot_log_number {
    char text[24];
};
struct moot_log_number moot_log_int(int64_t value);

#endif
