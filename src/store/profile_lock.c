/*
 * store/profile_lock.c - one process at a time, and who it is.
 *
 * The system's lock decides, and ends with the process however that ends; the
 * number in the file is only for telling.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/profile_internal.h"

static long holder_of(int fd)
{
    char text[32];
    ssize_t len = pread(fd, text, sizeof text - 1, 0);

    if (len <= 0)
        return 0;
    text[len] = '\0';
    return strtol(text, NULL, 10);
}

static int refuse(int fd, const char *dir_path, char why[MOOT_WHY_MAX])
{
    long pid = holder_of(fd);
    char who[48] = "another process";

    if (pid > 0)
        snprintf(who, sizeof who, "process %ld", pid);
    snprintf(why, MOOT_WHY_MAX,
             "%s: the profile is held by %s; leave the chat there, or use "
             "another --username or --data_dir",
             dir_path, who);
    return MOOT_EBUSY;
}

int profile_lock(int dir, const char *dir_path, int *ret_fd,
                 char why[MOOT_WHY_MAX])
{
    char text[32];
    int len, error;
    int fd =
        openat(dir, PROFILE_LOCK,
               O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);

    if (fd < 0) {
        snprintf(why, MOOT_WHY_MAX,
                 "%s/" PROFILE_LOCK ": %s; see who owns the directory and who "
                 "may write there, or choose another with --data_dir",
                 dir_path, strerror(errno));
        return MOOT_ESYS;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            error = refuse(fd, dir_path, why);
        } else {
            snprintf(why, MOOT_WHY_MAX,
                     "%s/" PROFILE_LOCK ": %s; choose a place that can be "
                     "locked with --data_dir",
                     dir_path, strerror(errno));
            error = MOOT_ESYS;
        }
        close(fd);
        return error;
    }
    len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    /* A full disk is no reason to refuse: the lock holds without a number. */
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)len, 0) != len)
        errno = 0;
    *ret_fd = fd;
    return MOOT_OK;
}
