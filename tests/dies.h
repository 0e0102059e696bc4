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

/* The address sanitizer ends a process that asks for too much by itself. */
static inline bool died(int status)
{
#ifdef __SANITIZE_ADDRESS__
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        return true;
#endif
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

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
    return child > 0 && waitpid(child, &status, 0) == child && died(status);
}

#endif
