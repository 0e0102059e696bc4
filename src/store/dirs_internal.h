/*
 * store/dirs_internal.h - making directories.
 *
 * Layer:  store (loud).
 * Thread: any.
 */
#ifndef MOOT_STORE_DIRS_INTERNAL_H
#define MOOT_STORE_DIRS_INTERNAL_H

#include <stdbool.h>

/* Makes the directory, and those it is in, for their owner alone.  When one
 * cannot be made, path is cut off behind it, and errno says why. */
bool store_make_dirs(char *path);

#endif
