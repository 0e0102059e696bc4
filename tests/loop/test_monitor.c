/*
 * tests/loop/test_monitor.c - who is silent, who is dead, whose fault it is.
 *
 * All but the last test drive the monitor by hand with a clock of their own:
 * its thread is not started, and the loop turns when the test says so.
 *
 * Layer:  tests.
 * Thread: main, for both sides.
 */
#include <string.h>

#include "loop/clock.h"
#include "loop/handle.h"
#include "loop/monitor_internal.h"
#include "words.h"

Suite *suite_loop_monitor(void);

static struct ev_loop *loop;
static struct moot_monitor *monitor;
static moot_ms now;
static unsigned pings, deaths, wakes;
static moot_link last;
static const moot_link bob = (moot_link)1 << 16 | 3;

static moot_ms fake_clock(void)
{
    return now;
}

static void take(void *ctx, const struct moot_event *ev)
{
    (void)ctx;
    if (ev->kind == MOOT_EV_PING_DUE)
        pings++;
    else if (ev->kind == MOOT_EV_LINK_DEAD)
        deaths++;
    else if (ev->kind == MOOT_EV_WOKE)
        wakes++;
    last = ev->link;
}

static const struct moot_sink sink = {take, NULL};

static void set_up(void)
{
    now = 1000;
    pings = deaths = wakes = 0;
    last = 0;
    loop = ev_loop_new(EVFLAG_AUTO);
    monitor = moot_monitor_create(loop, &sink, fake_clock);
}

static void tear_down(void)
{
    moot_monitor_destroy(monitor);
    ev_loop_destroy(loop);
}

/* One turn of a loop that waits again afterwards. */
static void turn_once(void)
{
    ev_run(loop, EVRUN_NOWAIT);
    atomic_store(&monitor->turn, 0);
}

/* Enough for a verdict and its second look. */
static void turn(void)
{
    for (int i = 0; i < 3; i++)
        turn_once();
}

/* Lets ms pass as it should: the monitor ticks, the loop turns. */
static void pass(moot_ms ms)
{
    moot_ms end = now + ms;

    while (now < end) {
        now += MOOT_PULSE_TICK_MS;
        moot_monitor_tick(monitor, now);
        turn();
    }
}

START_TEST(a_silent_link_is_pinged_once_and_dead_between_30_and_35_s)
{
    moot_ms began = now;

    moot_monitor_watch(monitor, bob);
    pass(3000);
    expect_uint(pings, 0);
    pass(1000);
    expect_uint(pings, 1);
    expect_uint(last, bob);
    while (deaths == 0 && now - began < 60000)
        pass(MOOT_PULSE_TICK_MS);
    expect_uint(deaths, 1);
    expect_uint(last, bob);
    expect(now - began > 30000 && now - began <= 35000);
    expect_uint(pings, 1);
}
END_TEST

START_TEST(a_link_that_is_heard_of_is_never_dead)
{
    moot_monitor_watch(monitor, bob);
    for (int i = 0; i < 4; i++) {
        pass(30000);
        moot_monitor_heard(monitor, bob);
    }
    expect_uint(deaths, 0);
    expect(pings >= 4);
}
END_TEST

START_TEST(nobody_is_judged_who_is_not_watched)
{
    moot_monitor_watch(monitor, bob);
    moot_monitor_forget(monitor, bob);
    moot_monitor_heard(monitor, bob);
    pass(60000);
    expect_uint(pings + deaths, 0);
}
END_TEST

/* Its slot is used again before the loop takes the verdict. */
START_TEST(a_verdict_about_a_link_that_is_gone_hits_nobody_else)
{
    const moot_link carol = (moot_link)2 << 16 | 3;

    moot_monitor_watch(monitor, bob);
    pass(33000);
    expect_uint(deaths, 0);
    pings = 0;
    while (atomic_load(&monitor->slots[3].dead) == 0) {
        now += MOOT_PULSE_TICK_MS;
        moot_monitor_tick(monitor, now);
    }
    moot_monitor_forget(monitor, bob);
    moot_monitor_watch(monitor, carol);
    turn();
    expect_uint(deaths + pings, 0);
    pass(30000);
    expect_uint(deaths, 0);
    expect_uint(pings, 1);
    expect_uint(last, carol);
}
END_TEST

/* What it said lies in the kernel while the verdict is given: the loop reads
 * before it believes. */
START_TEST(a_link_whose_answer_was_waiting_is_not_dead)
{
    moot_monitor_watch(monitor, bob);
    pass(4500);
    expect_uint(pings, 1);
    while (atomic_load(&monitor->slots[3].dead) == 0) {
        now += MOOT_PULSE_TICK_MS;
        moot_monitor_tick(monitor, now);
    }
    turn_once(); /* takes the verdict, looks again */
    moot_monitor_heard(monitor, bob);
    turn();
    expect_uint(deaths, 0);
}
END_TEST

/* SIGSTOP, a closed lid: the monitor itself was late. */
START_TEST(nobody_dies_of_our_own_sleep)
{
    moot_monitor_watch(monitor, bob);
    pass(4500);
    expect_uint(pings, 1);
    now += 600000;
    moot_monitor_tick(monitor, now);
    turn();
    expect_uint(wakes, 1);
    pass(29000);
    expect_uint(deaths, 0);
    expect_uint(wakes, 1);
    pass(6000);
    expect(deaths > 0);
}
END_TEST

/* Only the loop's thread was blocked: the monitor ticked all the time. */
START_TEST(nobody_dies_of_a_blocked_loop)
{
    moot_monitor_watch(monitor, bob);
    pass(3000);
    atomic_store(&monitor->turn, now); /* a turn begins and does not end */
    for (int i = 0; i < 400; i++) {
        now += MOOT_PULSE_TICK_MS;
        moot_monitor_tick(monitor, now);
    }
    expect_uint(atomic_load(&monitor->slots[3].dead), 0);
    turn();
    pass(30000);
    expect_uint(deaths, 0);
    expect_uint(wakes, 1);
    pass(6000);
    expect(deaths > 0);
}
END_TEST

/* The ping was asked for, but our turn took 1.9 s before it left. */
START_TEST(the_answer_time_counts_from_when_the_ping_left)
{
    moot_ms left;

    moot_monitor_watch(monitor, bob);
    while (atomic_load(&monitor->slots[3].ping) == 0) {
        now += MOOT_PULSE_TICK_MS;
        moot_monitor_tick(monitor, now);
    }
    now += 1900;
    turn();
    expect_uint(pings, 1);
    left = now;
    while (deaths == 0 && now - left < 60000) {
        now += MOOT_PULSE_TICK_MS;
        moot_monitor_tick(monitor, now);
        turn();
    }
    expect(now - left > 30000);
}
END_TEST

START_TEST(every_slot_can_be_watched)
{
    for (unsigned i = 0; i < MOOT_LINK_SLOTS; i++)
        moot_monitor_watch(monitor, moot_link_make(i, 1));
    pass(4500);
    expect_uint(pings, MOOT_LINK_SLOTS);
}
END_TEST

static bool woke(void *ctx)
{
    (void)ctx;
    ev_run(loop, EVRUN_NOWAIT);
    return wakes > 0;
}

static atomic_llong shifted;

static moot_ms shifted_clock(void)
{
    return moot_clock_ms() + atomic_load(&shifted);
}

/* The thread itself, which shares everything with the loop; here for the
 * sanitizers.  Its clock jumps, as after a sleep. */
START_TEST(the_thread_ticks_and_ends)
{
    struct moot_monitor *m = moot_monitor_open(loop, &sink);

    moot_monitor_watch(m, bob);
    for (int i = 0; i < 100; i++) {
        moot_monitor_heard(m, bob);
        ev_run(loop, EVRUN_NOWAIT);
    }
    moot_monitor_close(m);
    moot_monitor_close(NULL);
    expect_uint(deaths, 0);

    m = moot_monitor_start(loop, &sink, shifted_clock);
    moot_monitor_watch(m, bob);
    atomic_store(&shifted, 3600000);
    expect_until(woke, NULL, 5000);
    moot_monitor_close(m);
}
END_TEST

Suite *suite_loop_monitor(void)
{
    Suite *s = suite_create("loop/monitor");
    TCase *t = tcase_create("verdicts");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t,
                   a_silent_link_is_pinged_once_and_dead_between_30_and_35_s);
    tcase_add_test(t, a_link_that_is_heard_of_is_never_dead);
    tcase_add_test(t, nobody_is_judged_who_is_not_watched);
    tcase_add_test(t, a_verdict_about_a_link_that_is_gone_hits_nobody_else);
    tcase_add_test(t, a_link_whose_answer_was_waiting_is_not_dead);
    tcase_add_test(t, nobody_dies_of_our_own_sleep);
    tcase_add_test(t, nobody_dies_of_a_blocked_loop);
    tcase_add_test(t, the_answer_time_counts_from_when_the_ping_left);
    tcase_add_test(t, every_slot_can_be_watched);
    tcase_add_test(t, the_thread_ticks_and_ends);
    suite_add_tcase(s, t);
    return s;
}
