/*
 * base/assert.h - promises we made to ourselves; checked in every build.
 *
 * Layer:  base (quiet).
 * Thread: any.
 */
#ifndef MOOT_BASE_ASSERT_H
#define MOOT_BASE_ASSERT_H

/* Ends the process with one line when a promise of ours is broken. */
#define moot_assert(condition)                                                 \
    ((condition) ? (void)0 : moot_assert_failed(__FILE__, __LINE__, #condition))

_Noreturn void moot_assert_failed(const char *file, int line,
                                  const char *condition);

#endif
