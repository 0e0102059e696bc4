/*
 * tests/trace/story.h - the words in which stories are told.
 *
 * A story has two to five peers, one to a host, and a network in which
 * everything takes 5 ms.  Bootstrap peers listen at ports 8081 and 8080.
 *
 * Layer:  tests.
 * Thread: the main thread of a test; check's assertions need it.
 */
#ifndef MOOT_TESTS_TRACE_STORY_H
#define MOOT_TESTS_TRACE_STORY_H

#include <check.h>

#include "../sim/sim.h"

struct sim *story_begin(void);
struct sim *story_begin_with(uint64_t seed);

/* Every story ends with this: nothing that happened in it was forbidden. */
void story_end(struct sim *s);

/* Endpoints are texts ("10.0.0.1:8080") or NULL.  The number of the peer. */
unsigned start_bootstrap(struct sim *s, const char *name, unsigned host,
                         const char *endpoint, const char *other_endpoint);
unsigned start_standard(struct sim *s, const char *name, unsigned host,
                        const char *endpoint, const char *other_endpoint);

/* One more of each, joined: runs until it may speak, at most 5 s. */
unsigned join_bootstrap(struct sim *s, const char *name, unsigned host,
                        const char *endpoint);
unsigned join_standard(struct sim *s, const char *name, unsigned host,
                       const char *endpoint);

void say(struct sim *s, unsigned peer, const char *text);

void expect_may_speak_within(struct sim *s, unsigned peer, moot_ms ms);
void expect_mesh_within(struct sim *s, moot_ms ms);
void expect_end_within(struct sim *s, unsigned peer, int code, moot_ms ms);

/* All logs, rosters and screens equal, nobody unlinked, no line lost. */
void expect_all_well_within(struct sim *s, moot_ms ms);

/* The lines on a screen, all of them: "bob: hello|carol: hi|". */
void expect_lines(struct sim *s, unsigned peer, const char *lines);
void expect_lines_within(struct sim *s, unsigned peer, const char *lines,
                         moot_ms ms);

/* Is this (not) somewhere on the screen? */
void expect_on_screen(struct sim *s, unsigned peer, const char *part);
void expect_not_on_screen(struct sim *s, unsigned peer, const char *part);

/* No link was declared dead; one that is back at once is not on the screen. */
void expect_nobody_buried(struct sim *s);

/* When the first line with this part was shown; fails when there is none. */
moot_ms shown_at(struct sim *s, unsigned peer, const char *part);

/* The narration since the last call, word for word. */
void expect_story(struct sim *s, const char *story);

#endif
