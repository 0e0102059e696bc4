/*
 * store/dirs.c - making directories.
 *
 * Layer:  store (loud).
 * Thread: any.
 */
#include "store/dirs_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool store_make_dirs(char *path)
{
    for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash != NULL)
            *slash = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST && errno != EISDIR &&
            access(path, F_OK) != 0)
            return false;
        if (slash == NULL)
            return true;
        *slash = '/';
    }
}
