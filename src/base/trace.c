/*
 * base/trace.c - formats a line of narration for whoever listens.
 *
 * Costs nothing when nobody does.
 *
 * Layer:  base (quiet).
 * Thread: the caller's.
 */
#include "base/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"

#define SHORT_MAX 512 /* a line on the stack; longer ones are rare */

void moot_trace(const struct moot_tracer *t, const char *format, ...)
{
    char brief[SHORT_MAX];
    va_list args;

    if (!t || !t->line)
        return;

    va_start(args, format);
    int len = vsnprintf(brief, sizeof brief, format, args);
    va_end(args);
    moot_assert(len >= 0);
    if ((size_t)len < sizeof brief) {
        t->line(t->ctx, brief);
        return;
    }

    char *whole = moot_alloc((size_t)len + 1);

    va_start(args, format);
    vsnprintf(whole, (size_t)len + 1, format, args);
    va_end(args);
    t->line(t->ctx, whole);
    free(whole);
}
