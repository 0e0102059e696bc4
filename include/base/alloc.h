/*
 * base/alloc.h - memory that is there, or the process ends with one line.
 *
 * Everything a peer can grow has a bound (base/limits.h), so a failed
 * allocation is not a case to handle.
 *
 * Layer:  base (quiet).
 * Thread: any.
 */
#ifndef MOOT_BASE_ALLOC_H
#define MOOT_BASE_ALLOC_H

#include <stddef.h>

/* Zeroed memory of len bytes (at least 1).  Never NULL; free() gives back. */
void *moot_alloc(size_t len);

/* As realloc(3), never NULL; the new part is not zeroed. */
void *moot_realloc(void *old, size_t len);

/* A copy of len bytes plus one zero byte.  Never NULL; free() gives back. */
void *moot_copy(const void *from, size_t len);

#endif
