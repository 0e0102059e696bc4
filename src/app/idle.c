/*
 * app/idle.c - who has typed nothing for --afk_timeout is warned, then leaves.
 *
 * Layer:  app (loud).
 * Thread: the loop's.
 */
#include <stdio.h>

#include "app/engine_internal.h"
#include "loop/clock.h"

/* How long before the end the warning comes: 10 s, or half of a short time. */
static moot_ms warning_of(const struct moot_engine *e)
{
    moot_ms all = e->options->afk_timeout;

    return all >= 20 * 1000 ? 10 * 1000 : all / 2;
}

static void wait_until(struct moot_engine *e, moot_ms when)
{
    moot_ms left = when - moot_clock_ms();

    ev_timer_set(&e->idle, left > 0 ? (double)left / 1000. : 0., 0.);
    ev_timer_start(e->loop, &e->idle);
}

static void on_idle(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct moot_engine *e = w->data;
    moot_ms end = moot_ui_touched(e->ui) + e->options->afk_timeout;
    moot_ms now = moot_clock_ms();
    char text[128];

    (void)loop;
    (void)revents;
    if (now >= end) {
        moot_engine_leave(e, "idle");
        return;
    }
    if (now < end - warning_of(e)) {
        e->idle_warned = false;
        wait_until(e, end - warning_of(e));
        return;
    }
    if (!e->idle_warned) {
        e->idle_warned = true;
        snprintf(text, sizeof text,
                 "you have typed nothing for a while: in %lld s you leave; "
                 "any key stops that",
                 (long long)(end - now + 500) / 1000);
        moot_ui_notice(e->ui, false, text);
    }
    wait_until(e, end);
}

void moot_idle_start(struct moot_engine *e)
{
    ev_timer_init(&e->idle, on_idle, 0., 0.);
    e->idle.data = e;
    if (e->options->afk_timeout > 0)
        wait_until(e, moot_ui_touched(e->ui) + e->options->afk_timeout -
                          warning_of(e));
}
