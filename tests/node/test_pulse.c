/*
 * tests/node/test_pulse.c - the failure detector's judgement, as tables of what
 * happens when (P4).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "node/pulse.h"
#include "words.h"

Suite *suite_node_pulse(void);

/* What happens at a time: something is heard, the judge wakes, or he looks and
 * must come to this verdict. */
enum what {
    HEARD,
    WOKE,
    FINE = 10 + MOOT_PULSE_FINE,
    PING = 10 + MOOT_PULSE_PING,
    DEAD = 10 + MOOT_PULSE_DEAD
};

struct moment {
    moot_ms at;
    enum what what;
};

static void live(const struct moment *moments, unsigned count)
{
    struct moot_pulse p = {0};
    moot_ms heard = moments[0].at, woke = 0;

    for (unsigned i = 0; i < count; i++) {
        const struct moment *x = &moments[i];

        if (x->what == HEARD)
            heard = x->at;
        else if (x->what == WOKE)
            woke = x->at;
        else
            ck_assert_msg((int)moot_pulse_judge(&p, heard, woke, x->at) ==
                              (int)x->what - 10,
                          "moment %u, at %lld ms", i, (long long)x->at);
    }
}

#define live_all(moments) live(moments, sizeof moments / sizeof moments[0])

#define Q MOOT_PULSE_QUIET_MS
#define D MOOT_PULSE_DEAD_MS

/* MOOT_PULSE_QUIET_MS, MOOT_PULSE_DEAD_MS. */
START_TEST(silence_is_asked_after_a_while_and_is_death_30_s_later)
{
    static const struct moment moments[] = {
        {1000, HEARD},
        {1000, FINE},
        {1000 + Q - 1, FINE},
        {1000 + Q, PING},
        {1000 + Q + 1, FINE},
        {1000 + Q + 30000, FINE},
        {1000 + Q + D - 1, FINE},
        {1000 + Q + D, DEAD},
        {1000 + Q + 2 * D, DEAD},
    };

    live_all(moments);
}
END_TEST

START_TEST(who_is_heard_of_is_asked_anew)
{
    static const struct moment moments[] = {
        {1000, HEARD},
        {1000 + Q, PING},
        {31000 + Q, HEARD},
        {31000 + Q, FINE},
        {31000 + 2 * Q - 1, FINE},
        {31000 + 2 * Q, PING},
        {31000 + 2 * Q + D - 1, FINE},
        {31000 + 2 * Q + D, DEAD},
    };

    live_all(moments);
}
END_TEST

/* Never declared dead when it answers within 30 s, however the ticks fall. */
START_TEST(an_answer_within_30_s_is_in_time)
{
    for (moot_ms tick = 0; tick < MOOT_PULSE_TICK_MS; tick++) {
        const struct moment moments[] = {
            {1000, HEARD},
            {1000 + Q + tick, PING},
            {31000 + Q + tick, FINE},
            {31000 + Q + tick, HEARD},
            {31000 + Q + tick + MOOT_PULSE_TICK_MS, FINE},
        };

        live_all(moments);
    }
}
END_TEST

/* And never later than 35 s after it fell silent. */
START_TEST(silence_is_noticed_within_35_s)
{
    moot_ms worst = MOOT_PULSE_QUIET_MS + MOOT_PULSE_TICK_MS +
                    MOOT_PULSE_DEAD_MS + MOOT_PULSE_TICK_MS;

    expect(worst <= 35000);
    expect(MOOT_PULSE_DEAD_MS >= 30000);
}
END_TEST

START_TEST(one_that_talks_is_left_in_peace)
{
    for (moot_ms at = 1000; at < 100000; at += Q - 1) {
        const struct moment moments[] = {{at, HEARD}, {at + Q - 1, FINE}};

        live_all(moments);
    }
}
END_TEST

/* Nobody is blamed for our own pause. */
START_TEST(what_was_asked_before_our_sleep_is_void)
{
    static const struct moment moments[] = {
        {1000, HEARD},  {1000 + Q, PING},       {500000, WOKE},
        {500250, PING}, {500250 + D - 1, FINE}, {500250 + D, DEAD},
    };

    live_all(moments);
}
END_TEST

START_TEST(an_answer_in_the_very_moment_of_the_question_counts)
{
    static const struct moment moments[] = {
        {1000, HEARD},    {1000 + Q, PING},         {1000 + Q, HEARD},
        {1250 + Q, FINE}, {1000 + 2 * Q - 1, FINE}, {1000 + 2 * Q, PING},
    };

    live_all(moments);
}
END_TEST

Suite *suite_node_pulse(void)
{
    Suite *s = suite_create("node/pulse");
    TCase *t = tcase_create("pulse");

    tcase_add_test(t, silence_is_asked_after_a_while_and_is_death_30_s_later);
    tcase_add_test(t, who_is_heard_of_is_asked_anew);
    tcase_add_test(t, an_answer_within_30_s_is_in_time);
    tcase_add_test(t, silence_is_noticed_within_35_s);
    tcase_add_test(t, one_that_talks_is_left_in_peace);
    tcase_add_test(t, what_was_asked_before_our_sleep_is_void);
    tcase_add_test(t, an_answer_in_the_very_moment_of_the_question_counts);
    suite_add_tcase(s, t);
    return s;
}
