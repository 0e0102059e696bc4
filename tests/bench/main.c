/*
 * tests/bench/main.c - one measurement per call; see usage.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bench.h"

const char *program;

static const char usage[] =
    "usage: moot-bench PROGRAM MEASUREMENT ...\n"
    "  floor-fan RECEIVERS bare|tls PROCESSES SECONDS\n"
    "  floor-shake COUNT\n"
    "  floor-memory FEW MANY         links\n"
    "  floor-talk MEMBERS LINES_PER_SECOND SECONDS\n"
    "  fan RECEIVERS SECONDS         above 63 they are a sink\n"
    "  talk MEMBERS LINES_PER_SECOND SECONDS\n"
    "  join MEMBERS\n"
    "  idle MEMBERS SECONDS\n"
    "  memory FEW MANY               links\n"
    "  start\n"
    "  fill PAST ENTRIES             a directory of tools/history\n"
    "  floor-fill PAST\n"
    "  meet PAST\n"
    "  own PAST SECONDS\n"
    "  serve MEMBERS SECONDS         wrk asks who they are\n"
    "  door FEW MANY                 connections on the bootstrap socket\n"
    "  crowd FEW MANY                the same where all may stay\n"
    "  first                         line of a newcomer\n";

static unsigned number(const char *text)
{
    unsigned long n = strtoul(text, NULL, 10);

    if (n < 1 || n > 1000000)
        fail("%s is no sensible number", text);
    return (unsigned)n;
}

static bool is(const char *name, int count, int argc, char **argv)
{
    return strcmp(argv[2], name) == 0 && argc == 3 + count;
}

int main(int argc, char **argv)
{
    struct rlimit files = {65536, 65536};

    if (argc < 3)
        fail("%s", usage);
    signal(SIGPIPE, SIG_IGN);
    if (setrlimit(RLIMIT_NOFILE, &files) != 0) {
        getrlimit(RLIMIT_NOFILE, &files);
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    program = argv[1];
    if (is("floor-fan", 4, argc, argv))
        floor_fan(number(argv[3]), strcmp(argv[4], "tls") == 0, number(argv[5]),
                  atof(argv[6]));
    else if (is("floor-shake", 1, argc, argv))
        floor_shake(number(argv[3]));
    else if (is("floor-talk", 3, argc, argv))
        talk(number(argv[3]), number(argv[4]), atof(argv[5]), true);
    else if (is("fan", 2, argc, argv))
        fan(number(argv[3]), atof(argv[4]));
    else if (is("talk", 3, argc, argv))
        talk(number(argv[3]), number(argv[4]), atof(argv[5]), false);
    else if (is("join", 1, argc, argv))
        join(number(argv[3]));
    else if (is("idle", 2, argc, argv))
        idle(number(argv[3]), atof(argv[4]));
    else if (is("memory", 2, argc, argv))
        memory(number(argv[3]), number(argv[4]));
    else if (is("floor-memory", 2, argc, argv))
        floor_memory(number(argv[3]), number(argv[4]));
    else if (is("start", 0, argc, argv))
        start();
    else if (is("fill", 2, argc, argv))
        fill(argv[3], number(argv[4]));
    else if (is("floor-fill", 1, argc, argv))
        floor_fill(argv[3]);
    else if (is("meet", 1, argc, argv))
        meet(argv[3]);
    else if (is("own", 2, argc, argv))
        own(argv[3], atof(argv[4]));
    else if (is("serve", 2, argc, argv))
        serve(number(argv[3]), atof(argv[4]));
    else if (is("door", 2, argc, argv))
        door(number(argv[3]), number(argv[4]));
    else if (is("crowd", 2, argc, argv))
        crowd(number(argv[3]), number(argv[4]));
    else if (is("first", 0, argc, argv))
        first();
    else
        fail("%s", usage);
    return EXIT_SUCCESS;
}
