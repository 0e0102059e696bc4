/*
 * tests/runner.h - what the generated list of suites and the runner share.
 *
 * Layer:  tests.
 * Thread: main.
 */
#ifndef MOOT_TESTS_RUNNER_H
#define MOOT_TESTS_RUNNER_H

#include <check.h>

struct moot_suite {
    const char *name; /* "group/chain", from the name of the file */
    Suite *(*create)(void);
};

/* Every suite_<dir>_<x> there is; one without a name ends the list. */
extern const struct moot_suite moot_suites[];

#endif
