/*
 * tests/base/test_ground.c - the small things all others stand on: errors,
 * memory, broken promises, the tracer, slots in arrays and the search in them,
 * time.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/slots.h"
#include "base/sorted.h"
#include "base/time.h"
#include "base/trace.h"
#include "dies.h"
#include "words.h"

Suite *suite_base_ground(void);

/* --- errors --- */

START_TEST(every_error_has_a_phrase_of_its_own)
{
    for (int i = 0; i < MOOT_ERRORS; i++) {
        expect(strlen(moot_error_text(-i)) > 0);
        for (int j = 0; j < i; j++)
            expect(strcmp(moot_error_text(-i), moot_error_text(-j)) != 0);
    }
    expect_text(moot_error_text(MOOT_EREFUSED), "connection refused");
    expect_text(moot_error_text(MOOT_ESELF), "that is this peer itself");
}
END_TEST

START_TEST(numbers_that_are_no_errors_are_called_unknown)
{
    expect_text(moot_error_text(1), "unknown error");
    expect_text(moot_error_text(-MOOT_ERRORS), "unknown error");
    expect_text(moot_error_text(INT32_MIN), "unknown error");
}
END_TEST

/* --- memory and promises --- */

START_TEST(memory_is_zeroed_and_copies_end_in_zero)
{
    uint8_t *zeroed = moot_alloc(100);
    char *copy = moot_copy("abc", 3);
    char *nothing = moot_copy(NULL, 0);

    for (unsigned i = 0; i < 100; i++)
        expect_uint(zeroed[i], 0);
    expect_text(copy, "abc");
    expect_text(nothing, "");
    copy = moot_realloc(copy, 1000);
    expect_text(copy, "abc");
    free(zeroed);
    free(copy);
    free(nothing);
}
END_TEST

static void ask_for_nothing(void)
{
    free(moot_alloc(0));
}

static void shrink_to_nothing(void)
{
    free(moot_realloc(NULL, 0));
}

/* More than any address space has, hidden from the compiler's arithmetic. */
static void ask_for_everything(void)
{
    volatile size_t everything = SIZE_MAX / 2;

    free(moot_alloc(everything));
}

static void break_a_promise(void)
{
    moot_assert(1 + 1 == 3);
}

START_TEST(what_cannot_go_on_ends_the_process)
{
    expect(dies(ask_for_nothing));
    expect(dies(shrink_to_nothing));
    expect(dies(ask_for_everything));
    expect(dies(break_a_promise));
    moot_assert(1 + 1 == 2);
}
END_TEST

/* --- the tracer --- */

static void keep_line(void *ctx, const char *text)
{
    moot_buf_printf(ctx, "%s\n", text);
}

START_TEST(narrates_lines_of_any_length)
{
    struct moot_buf heard = {0};
    struct moot_tracer t = {keep_line, &heard};
    char long_text[2000];

    memset(long_text, 'y', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = 0;
    moot_trace(&t, "%d peers", 3);
    expect_text(moot_buf_text(&heard), "3 peers\n");
    moot_buf_clear(&heard);
    moot_trace(&t, "%s", long_text);
    expect_uint(heard.len, sizeof long_text);
    expect_within(long_text, moot_buf_text(&heard));
    moot_buf_fini(&heard);
}
END_TEST

START_TEST(says_nothing_when_nobody_listens)
{
    struct moot_tracer deaf = {NULL, NULL};

    moot_trace(NULL, "%d", 1);
    moot_trace(&deaf, "%d", 1);
}
END_TEST

/* --- slots --- */

START_TEST(slots_open_and_close_anywhere)
{
    unsigned count = 0;
    unsigned max = 0;
    int *array = NULL;

    for (int i = 0; i < 100; i++) {
        unsigned at = (unsigned)i / 2;

        array = moot_slot_open(array, sizeof *array, &count, &max, at);
        expect_int(array[at], 0);
        array[at] = i + 1;
    }
    expect_uint(count, 100);
    expect_int(array[0], 2);
    expect_int(array[99], 1);
    moot_slot_close(array, sizeof *array, &count, 99);
    moot_slot_close(array, sizeof *array, &count, 0);
    expect_uint(count, 98);
    expect_int(array[0], 4);
    expect_int(array[97], 3);
    free(array);
}
END_TEST

static void open_behind_the_end(void)
{
    unsigned count = 0;
    unsigned max = 0;

    free(moot_slot_open(NULL, 1, &count, &max, 1));
}

static void close_what_is_not_there(void)
{
    unsigned count = 0;
    char nothing;

    moot_slot_close(&nothing, 1, &count, 0);
}

START_TEST(slots_outside_the_array_break_a_promise)
{
    expect(dies(open_behind_the_end));
    expect(dies(close_what_is_not_there));
}
END_TEST

/* --- what is sorted --- */

static int int_order(const void *item, const void *key)
{
    const int *a = item, *b = key;

    return (*a > *b) - (*a < *b);
}

/* Arrays of every length up to 40, of 0, 10, 20, ...: what is there, and what
 * is before, between and behind. */
START_TEST(what_is_sorted_is_found_or_its_place_is)
{
    int array[40];

    for (int i = 0; i < 40; i++)
        array[i] = 10 * i;
    for (unsigned count = 0; count <= 40; count++) {
        for (int key = -5; key <= 10 * (int)count; key += 5) {
            unsigned want = key < 0 ? 0 : ((unsigned)key + 9) / 10;
            bool there = key >= 0 && key % 10 == 0 && key < 10 * (int)count;
            bool found = !there;

            expect_uint(moot_sorted_find(array, sizeof array[0], count,
                                         int_order, &key, &found),
                        want);
            expect_int(found, there);
        }
    }
}
END_TEST

START_TEST(of_those_that_are_alike_the_first_is_found)
{
    static const int array[] = {1, 3, 3, 3, 3, 7};
    int key = 3;
    bool found;

    expect_uint(
        moot_sorted_find(array, sizeof array[0], 6, int_order, &key, &found),
        1);
    expect(found);
    key = 4;
    expect_uint(
        moot_sorted_find(array, sizeof array[0], 6, int_order, &key, NULL), 5);
    expect_uint(moot_sorted_find(NULL, sizeof key, 0, int_order, &key, NULL),
                0);
}
END_TEST

/* --- time --- */

START_TEST(never_comes_after_everything)
{
    expect_int(moot_ms_min(5, MOOT_NEVER), 5);
    expect_int(moot_ms_min(MOOT_NEVER, 5), 5);
    expect_int(moot_ms_min(-1, 0), -1);
}
END_TEST

Suite *suite_base_ground(void)
{
    Suite *s = suite_create("base/ground");
    TCase *t = tcase_create("ground");

    tcase_add_test(t, every_error_has_a_phrase_of_its_own);
    tcase_add_test(t, numbers_that_are_no_errors_are_called_unknown);
    tcase_add_test(t, memory_is_zeroed_and_copies_end_in_zero);
    tcase_add_test(t, what_cannot_go_on_ends_the_process);
    tcase_add_test(t, narrates_lines_of_any_length);
    tcase_add_test(t, says_nothing_when_nobody_listens);
    tcase_add_test(t, slots_open_and_close_anywhere);
    tcase_add_test(t, slots_outside_the_array_break_a_promise);
    tcase_add_test(t, what_is_sorted_is_found_or_its_place_is);
    tcase_add_test(t, of_those_that_are_alike_the_first_is_found);
    tcase_add_test(t, never_comes_after_everything);
    suite_add_tcase(s, t);
    return s;
}
