/*
 * base/trace.h - the one voice of the quiet half: it narrates its decisions.
 *
 * The stories under tests/ compare this narration word for word; a real
 * process prints it at --log_level trace.
 *
 * Layer:  base (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_BASE_TRACE_H
#define MOOT_BASE_TRACE_H

struct moot_tracer {
    void (*line)(void *ctx, const char *text); /* text: borrowed for the call */
    void *ctx;
};

/* Does nothing when t is NULL or has no line function. */
void moot_trace(const struct moot_tracer *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
