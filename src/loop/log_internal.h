/*
 * loop/log_internal.h - one line of log while it is put together.
 *
 * Layer:  loop (loud).
 * Thread: the caller's.
 */
#ifndef MOOT_LOOP_LOG_INTERNAL_H
#define MOOT_LOOP_LOG_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#define MOOT_LOG_LINE_MAX 1536

struct moot_log_line {
    bool json;
    char text[MOOT_LOG_LINE_MAX];
    size_t len;
};

/* A key that begins with '#' has a number for its value.  What does not fit is
 * cut, and a pair of which nothing would be left is not there. */
void moot_log_line_pair(struct moot_log_line *l, const char *key,
                        const char *value);

/* How many lines of its kind were not written, if any, and the end. */
void moot_log_line_end(struct moot_log_line *l, const char *suppressed);

#endif
