/*
 * loop/monitor.h - the thread that watches: who has fallen silent, and is our
 * own loop alive?
 *
 * It reads atomics and gives verdicts as MOOT_EV_PING_DUE, MOOT_EV_LINK_DEAD
 * and MOOT_EV_WOKE.  It never frees and never closes.  A link is reported dead
 * only after everything that had arrived from it was read.  Nobody is blamed
 * for a stopped process or a blocked loop: then silence is counted anew.
 *
 * Layer:  loop (loud).
 * Thread: the loop's; the thread inside is its own business.
 */
#ifndef MOOT_LOOP_MONITOR_H
#define MOOT_LOOP_MONITOR_H

#include <ev.h>

#include "loop/sink.h"

struct moot_monitor;

/* Starts the thread.  sink: borrowed for the lifetime of the monitor. */
struct moot_monitor *moot_monitor_open(struct ev_loop *loop,
                                       const struct moot_sink *sink);

/* Joins the thread; nothing is delivered afterwards.  NULL does nothing. */
void moot_monitor_close(struct moot_monitor *m);

/* Watches a link from now on, as heard of now (net/link does all three). */
void moot_monitor_watch(struct moot_monitor *m, moot_link link);
void moot_monitor_heard(struct moot_monitor *m, moot_link link);
void moot_monitor_forget(struct moot_monitor *m, moot_link link);

#endif
