/*
 * tests/trace/story.c - how the words of the stories are carried out.
 *
 * Layer:  tests.
 * Thread: the main thread of a test.
 */
#include "story.h"

#include <stdlib.h>
#include <string.h>

#define JOIN_MS 5000

struct sim *story_begin(void)
{
    return story_begin_with(1);
}

struct sim *story_begin_with(uint64_t seed)
{
    static const struct sim_world world = {
        .latency_min = 5, .latency_max = 5, .store_min = 3, .store_max = 3};
    struct sim *s = sim_create(seed, &world);

    sim_narrate(s, false);
    return s;
}

void story_end(struct sim *s)
{
    const char *fault = sim_fault(s);

    ck_assert_msg(fault == NULL, "%s", fault);
    sim_destroy(s);
}

/* --- starting --- */

static unsigned start(struct sim *s, struct sim_spec spec, const char *one,
                      const char *other)
{
    spec.endpoints[0] = one;
    spec.endpoints[1] = one == NULL ? NULL : other;
    return sim_start(s, &spec);
}

unsigned start_bootstrap(struct sim *s, const char *name, unsigned host,
                         const char *endpoint, const char *other_endpoint)
{
    return start(
        s, (struct sim_spec){.name = name, .host = host, .boot_port = 8080},
        endpoint, other_endpoint);
}

unsigned start_standard(struct sim *s, const char *name, unsigned host,
                        const char *endpoint, const char *other_endpoint)
{
    return start(s, (struct sim_spec){.name = name, .host = host}, endpoint,
                 other_endpoint);
}

unsigned join_bootstrap(struct sim *s, const char *name, unsigned host,
                        const char *endpoint)
{
    unsigned peer = start_bootstrap(s, name, host, endpoint, NULL);

    expect_may_speak_within(s, peer, JOIN_MS);
    return peer;
}

unsigned join_standard(struct sim *s, const char *name, unsigned host,
                       const char *endpoint)
{
    unsigned peer = start_standard(s, name, host, endpoint, NULL);

    expect_may_speak_within(s, peer, JOIN_MS);
    return peer;
}

void say(struct sim *s, unsigned peer, const char *text)
{
    ck_assert_msg(sim_say(s, peer, text), "%s may not say \"%s\"",
                  sim_name(s, peer), text);
}

/* --- waiting --- */

static void check_fault(struct sim *s)
{
    const char *fault = sim_fault(s);

    ck_assert_msg(fault == NULL, "%s", fault);
}

static bool is_mute(struct sim *s, void *ctx)
{
    return !sim_may_speak(s, *(unsigned *)ctx);
}

void expect_may_speak_within(struct sim *s, unsigned peer, moot_ms ms)
{
    bool done = sim_run_while(s, ms, is_mute, &peer);

    check_fault(s);
    ck_assert_msg(done, "%s may not speak after %lld ms\n%s", sim_name(s, peer),
                  (long long)ms, sim_screen(s, peer));
}

static bool is_torn(struct sim *s, void *ctx)
{
    (void)ctx;
    return !sim_meshed(s);
}

void expect_mesh_within(struct sim *s, moot_ms ms)
{
    bool done = sim_run_while(s, ms, is_torn, NULL);

    check_fault(s);
    ck_assert_msg(done, "no mesh after %lld ms: %s", (long long)ms,
                  sim_complaint(s));
}

static bool still_there(struct sim *s, void *ctx)
{
    return sim_state(s, *(unsigned *)ctx) != SIM_ENDED;
}

void expect_end_within(struct sim *s, unsigned peer, int code, moot_ms ms)
{
    bool done = sim_run_while(s, ms, still_there, &peer);

    check_fault(s);
    ck_assert_msg(done, "%s still runs after %lld ms\n%s", sim_name(s, peer),
                  (long long)ms, sim_screen(s, peer));
    ck_assert_msg(sim_exit_code(s, peer) == code, "%s ends with %d, not %d: %s",
                  sim_name(s, peer), sim_exit_code(s, peer), code,
                  sim_exit_text(s, peer));
}

static bool to_complain_of(struct sim *s, void *ctx)
{
    (void)ctx;
    return sim_complaint(s) != NULL;
}

void expect_all_well_within(struct sim *s, moot_ms ms)
{
    bool done = sim_run_while(s, ms, to_complain_of, NULL);

    check_fault(s);
    ck_assert_msg(done, "after %lld ms: %s", (long long)ms, sim_complaint(s));
}

/* --- screens --- */

void expect_lines(struct sim *s, unsigned peer, const char *lines)
{
    check_fault(s);
    ck_assert_msg(strcmp(sim_lines(s, peer), lines) == 0,
                  "%s shows\n%s\nand not\n%s\n%s", sim_name(s, peer),
                  sim_lines(s, peer), lines, sim_screen(s, peer));
}

struct waited {
    unsigned peer;
    const char *lines;
};

static bool shows_else(struct sim *s, void *ctx)
{
    const struct waited *w = ctx;

    return strcmp(sim_lines(s, w->peer), w->lines) != 0;
}

void expect_lines_within(struct sim *s, unsigned peer, const char *lines,
                         moot_ms ms)
{
    struct waited w = {peer, lines};

    sim_run_while(s, ms, shows_else, &w);
    expect_lines(s, peer, lines);
}

void expect_on_screen(struct sim *s, unsigned peer, const char *part)
{
    ck_assert_msg(strstr(sim_screen(s, peer), part) != NULL,
                  "\"%s\" is not on the screen of %s:\n%s", part,
                  sim_name(s, peer), sim_screen(s, peer));
}

void expect_not_on_screen(struct sim *s, unsigned peer, const char *part)
{
    ck_assert_msg(strstr(sim_screen(s, peer), part) == NULL,
                  "\"%s\" is on the screen of %s:\n%s", part, sim_name(s, peer),
                  sim_screen(s, peer));
}

void expect_nobody_buried(struct sim *s)
{
    struct sim_figures figures;

    sim_figures(s, &figures);
    ck_assert_uint_eq(figures.dead, 0);
}

moot_ms shown_at(struct sim *s, unsigned peer, const char *part)
{
    const char *screen = sim_screen(s, peer);
    const char *found = strstr(screen, part);

    expect_on_screen(s, peer, part);
    while (found > screen && found[-1] != '\n')
        found--;
    return strtoll(found + 1, NULL, 10);
}

void expect_story(struct sim *s, const char *story)
{
    const char *told = sim_story(s);

    check_fault(s);
    ck_assert_msg(strcmp(told, story) == 0, "the story is\n%s\nand not\n%s",
                  told, story);
}
