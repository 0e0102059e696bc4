/*
 * base/assert.c - the end of a process that broke its own promise.
 *
 * Tries to mend nothing: state that contradicts itself must not be sent,
 * stored or shown.
 *
 * Layer:  base (quiet).
 * Thread: any.
 */
#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

void moot_assert_failed(const char *file, int line, const char *condition)
{
    fprintf(stderr, "moot: broken promise at %s:%d: %s\n", file, line,
            condition);
    abort();
}
