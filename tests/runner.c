/*
 * tests/runner.c - runs every suite there is and counts the tests that passed.
 *
 * Arguments choose suites by the beginning of their names: `unit group/` or
 * `unit trace/swarm base/rng`.  The environment of check does the rest:
 * CK_FORK=no runs all in one process, CK_RUN_CASE names one case,
 * CK_VERBOSITY=verbose names the tests that pass.  The last line of the output
 * is "N passed, N failed".
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner.h"

static bool chosen(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strncmp(name, argv[i], strlen(argv[i])) == 0)
            return true;
    return argc == 1;
}

int main(int argc, char **argv)
{
    SRunner *runner = srunner_create(NULL);
    int suites = 0;

    /* A limit against tests that hang, not a judgement of the machine's load:
     * check's own four seconds are one. */
    setenv("CK_DEFAULT_TIMEOUT", "120", 0);
    /* As in the program: a broken pipe is an error code, not an end. */
    signal(SIGPIPE, SIG_IGN);
    for (const struct moot_suite *s = moot_suites; s->name != NULL; s++) {
        if (!chosen(s->name, argc, argv))
            continue;
        srunner_add_suite(runner, s->create());
        suites++;
    }
    if (suites == 0) {
        printf("no such suite\n0 passed, 0 failed\n");
        srunner_free(runner);
        return argc == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
    }

    srunner_run_all(runner, CK_ENV);

    int run = srunner_ntests_run(runner);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    printf("%d passed, %d failed\n", run - failed, failed);
    if (run == 0) /* a CK_RUN_SUITE or CK_RUN_CASE that names nothing */
        return EXIT_FAILURE;
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
