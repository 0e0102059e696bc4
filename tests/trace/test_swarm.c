/*
 * tests/trace/test_swarm.c - random lives of whole groups, with real
 * signatures.
 *
 * A few here, so that every change meets them; `make sim` lives thousands.
 * The loop index is the seed; SEED in the environment replays one.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdlib.h>

#include "../sim/swarm.h"
#include "words.h"

#define SEEDS 24

START_TEST(all_agree_once_the_world_heals)
{
    struct swarm_options options = {0};
    struct swarm_result r;
    uint64_t seed = seed_of(_i);

    swarm_live(seed, &options, &r);
    ck_assert_msg(r.fault == NULL, "seed %llu: %s", (unsigned long long)seed,
                  r.fault);
    ck_assert_uint_ge(r.figures.lines, SWARM_LINES_MIN);
    ck_assert_int_ge(r.virtual_ms, SWARM_LIFE_MS);
}
END_TEST

START_TEST(the_same_seed_lives_the_same_life)
{
    struct swarm_options options = {0};
    struct swarm_result one, again, other;

    swarm_live(7, &options, &one);
    swarm_live(7, &options, &again);
    swarm_live(8, &options, &other);
    ck_assert_uint_eq(one.digest, again.digest);
    ck_assert_uint_ne(one.digest, other.digest);
    free(one.fault);
    free(again.fault);
    free(other.fault);
}
END_TEST

Suite *suite_trace_swarm(void);
Suite *suite_trace_swarm(void)
{
    Suite *suite = suite_create("trace/swarm");
    TCase *t = tcase_create("swarm");

    tcase_add_loop_test(t, all_agree_once_the_world_heals, 0, SEEDS);
    tcase_add_test(t, the_same_seed_lives_the_same_life);
    suite_add_tcase(suite, t);
    return suite;
}
