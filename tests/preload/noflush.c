/*
 * tests/preload/noflush.c - a disk that takes no time to flush: to be put
 * before the C library (LD_PRELOAD), to see what flushing costs.
 *
 * Layer:  tests.
 * Thread: any.
 */
#include <unistd.h>

int fsync(int fd)
{
    (void)fd;
    return 0;
}

int fdatasync(int fd)
{
    (void)fd;
    return 0;
}
