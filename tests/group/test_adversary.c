/*
 * tests/group/test_adversary.c - what a hostile member can make the mind do.
 *
 * Work is measured in time, and the bounds are far from what is needed.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "group_words.h"

Suite *suite_group_adversary(void);

static struct mind m;

static void setup(void)
{
    mind_begin_joined(&m);
    let_in(&m, 'B');
    let_in(&m, 'C');
    forget_asked(&m);
}

static void teardown(void)
{
    mind_end(&m);
}

/* --- the screen ------------------------------------------------------------- */

/* Entries that wait for something nobody has, with as many other causes as
 * there may be. */
static void fill_screen(void)
{
    struct moot_cite cites[MOOT_CITES_MAX] = {0};
    struct moot_hash prev;
    struct moot_draft d;

    for (unsigned i = 0; i + 1 < MOOT_CITES_MAX; i++) {
        struct moot_entry *e;

        cast_set_run('B', 100 + i);
        e = cast_writes('B', "seen");
        hear(&m, 2, e);
        cites[i] = (struct moot_cite){.in = e->in, .seq = 1, .hash = e->hash};
    }
    cites[MOOT_CITES_MAX - 1] = (struct moot_cite){.seq = 1};
    for (unsigned i = 0; i < 2800; i++) {
        struct moot_entry *e;

        if (i < 400)
            cast_set_run('B', 1000 + i);
        d = cast_draft('B', "x");
        d.cites = cites;
        d.cite_count = MOOT_CITES_MAX;
        d.lamport = 1000 + i;
        d.seq = i < 400 ? 1 : i - 398;
        if (i >= 400)
            d.prev = prev;
        e = cast_drafts('B', &d);
        prev = e->hash;
        deliver(&m, 2, e, false);
    }
    settle(&m);
    expect(m.g->held_count > 2500); /* more would be too many bytes */
    forget_asked(&m);
}

START_TEST(a_frame_without_news_looks_at_nothing_that_waits)
{
    int64_t begun;

    fill_screen();
    begun = clock_ms();
    for (unsigned i = 0; i < 20000; i++)
        settle(&m);
    expect(clock_ms() - begun < 500);
}
END_TEST

Suite *suite_group_adversary(void)
{
    Suite *s = suite_create("group/adversary");
    TCase *screen = tcase_create("the screen");

    tcase_add_checked_fixture(screen, setup, teardown);
    tcase_set_timeout(screen, 60);
    tcase_add_test(screen, a_frame_without_news_looks_at_nothing_that_waits);
    suite_add_tcase(s, screen);
    return s;
}
