/*
 * tests/preload/slowflush.c - a disk that takes five seconds for a flush as
 * long as a file of the name in $SLOW_FLUSH is there: to be put before the C
 * library (LD_PRELOAD).
 *
 * A tracer would do the same, but it stops every thread at every system call,
 * and so it is no help where stalls are measured.
 *
 * Layer:  tests.
 * Thread: any.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SLOW_S 5

static void wait_if_slow(void)
{
    const char *name = getenv("SLOW_FLUSH");
    struct timespec slow = {.tv_sec = SLOW_S};

    if (name != NULL && access(name, F_OK) == 0)
        nanosleep(&slow, NULL);
}

int fsync(int fd)
{
    wait_if_slow();
    return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    wait_if_slow();
    return (int)syscall(SYS_fdatasync, fd);
}
