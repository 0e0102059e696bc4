/*
 * tests/dies.h - does this end the process, as a broken promise should?
 *
 * The deed is done in a child, so the verdict is the same whether check forks
 * for each test or not.
 *
 * Layer:  tests.
 * Thread: main.
 */
#ifndef MOOT_TESTS_DIES_H
#define MOOT_TESTS_DIES_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static inline bool dies(void (*deed)(void))
{
    const struct rlimit no_core = {0, 0};
    int status = 0;

    fflush(NULL);

    pid_t child = fork();

    if (child == 0) {
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGABRT, SIG_DFL);
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        deed();
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child &&
           WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
