/*
 * tests/group/test_serve.c - what others want is read for them: one read at a
 * time per link, none for a link that does not keep up, and all make progress.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "group_words.h"

Suite *suite_group_serve(void);

static struct mind m;
static struct moot_entry *b[64], *c[64];

/* B has said 40 things and C 10, all of which are stored here. */
static void setup(void)
{
    mind_begin_joined(&m);
    let_in(&m, 'B');
    let_in(&m, 'D');
    for (unsigned i = 1; i <= 40; i++) {
        b[i] = cast_writes('B', "x");
        hear(&m, 2, b[i]);
    }
    for (unsigned i = 1; i <= 10; i++) {
        c[i] = cast_writes('C', "x");
        hear(&m, 2, c[i]);
    }
    store_all(&m);
    m.g->tokens = 100;
    forget_asked(&m);
}

static void teardown(void)
{
    mind_end(&m);
}

START_TEST(what_is_wanted_is_read_and_sent)
{
    post_want(&m, 4, 'B', 3, 5);
    expect_asked(&m, "fetch B:3..5 #101\n");
    fetched(&m, 101, &b[3], 3);
    expect_asked(&m, "send 4 ENTRIES asked B:3 B:4 B:5\n");
}
END_TEST

START_TEST(a_link_has_one_read_at_a_time)
{
    post_want(&m, 4, 'B', 1, 2);
    post_want(&m, 4, 'C', 1, 2);
    expect_asked(&m, "fetch B:1..2 #101\n");
    fetched(&m, 101, &b[1], 2);
    expect_asked(&m, "send 4 ENTRIES asked B:1 B:2\n"
                     "fetch C:1..2 #102\n");
    fetched(&m, 102, &c[1], 2);
    expect_asked(&m, "send 4 ENTRIES asked C:1 C:2\n");
}
END_TEST

START_TEST(links_do_not_wait_for_each_other)
{
    post_want(&m, 4, 'B', 1, 2);
    post_want(&m, 2, 'C', 1, 1);
    expect_asked(&m, "fetch B:1..2 #101\nfetch C:1..1 #102\n");
    fetched(&m, 102, &c[1], 1);
    expect_asked(&m, "send 2 ENTRIES asked C:1\n");
    fetched(&m, 101, &b[1], 2);
    expect_asked(&m, "send 4 ENTRIES asked B:1 B:2\n");
}
END_TEST

/* A long range does not keep a short one waiting. */
START_TEST(after_each_read_it_is_the_turn_of_the_next_range)
{
    post_want(&m, 4, 'B', 1, 10);
    post_want(&m, 4, 'C', 1, 2);
    forget_asked(&m);
    fetched(&m, 101, &b[1], 6);
    expect_asked(&m, "send 4 ENTRIES asked B:1 B:2 B:3 B:4 B:5 B:6\n"
                     "fetch C:1..2 #102\n");
    fetched(&m, 102, &c[1], 2);
    expect_asked(&m, "send 4 ENTRIES asked C:1 C:2\n"
                     "fetch B:7..10 #103\n");
    fetched(&m, 103, &b[7], 4);
    expect_asked(&m, "send 4 ENTRIES asked B:7 B:8 B:9 B:10\n");
}
END_TEST

/* Asked for in parts, it still comes in the order of the chain. */
START_TEST(what_goes_on_where_a_range_ends_belongs_to_it)
{
    post_want(&m, 4, 'B', 1, 4);
    post_want(&m, 4, 'C', 1, 2);
    post_want(&m, 4, 'B', 5, 10);
    forget_asked(&m);
    fetched(&m, 101, &b[1], 3);
    expect_asked(&m, "send 4 ENTRIES asked B:1 B:2 B:3\n"
                     "fetch C:1..2 #102\n");
    fetched(&m, 102, &c[1], 2);
    expect_asked(&m, "send 4 ENTRIES asked C:1 C:2\n"
                     "fetch B:4..10 #103\n");
}
END_TEST

START_TEST(what_a_read_brings_travels_in_as_few_frames_as_can_be)
{
    static char text[MOOT_LINE_LEN_MAX + 1];
    struct moot_line lines[7];
    struct moot_entry *big[5];

    memset(text, 'x', MOOT_LINE_LEN_MAX);
    for (unsigned i = 0; i < 7; i++)
        lines[i] = (struct moot_line){MOOT_LINE_TEXT, moot_bytes_text(text)};
    for (unsigned i = 0; i < 5; i++) {
        struct moot_draft d = cast_draft('B', "x");

        d.seq = 6 + i;
        d.prev = hash_of(1);
        d.lines = lines;
        d.line_count = 7;
        big[i] = cast_drafts('B', &d);
    }
    post_want(&m, 4, 'B', 6, 10);
    forget_asked(&m);
    fetched(&m, 101, big, 5);
    expect_asked(&m, "send 4 ENTRIES asked B:6 B:7\n"
                     "send 4 ENTRIES asked B:8 B:9\n"
                     "send 4 ENTRIES asked B:10\n");
}
END_TEST

/* --- lacking --- */

START_TEST(what_is_not_here_is_said_to_be_lacking)
{
    post_want(&m, 4, 'E', 1, 7);
    expect_asked(&m, "send 4 LACK E:1..7\n");
    post_want(&m, 4, 'C', 11, 12);
    expect_asked(&m, "send 4 LACK C:11..12\n");
}
END_TEST

START_TEST(of_a_range_that_is_here_in_part_the_rest_is_lacking)
{
    post_want(&m, 4, 'C', 9, 20);
    expect_asked(&m, "fetch C:9..10 #101\n");
    fetched(&m, 101, &c[9], 2);
    expect_asked(&m, "send 4 ENTRIES asked C:9 C:10\n"
                     "send 4 LACK C:11..20\n");
}
END_TEST

START_TEST(what_is_not_stored_yet_is_lacking)
{
    hear(&m, 2, cast_writes('C', "new"));
    forget_asked(&m);
    post_want(&m, 4, 'C', 11, 11);
    expect_asked(&m, "send 4 LACK C:11..11\n");
}
END_TEST

START_TEST(what_the_store_does_not_find_is_lacking)
{
    post_want(&m, 4, 'B', 1, 4);
    post_want(&m, 4, 'C', 1, 1);
    forget_asked(&m);
    fetched(&m, 101, NULL, 0);
    expect_asked(&m, "send 4 LACK B:1..4\n"
                     "fetch C:1..1 #102\n");
}
END_TEST

START_TEST(a_range_without_an_end_means_all_that_is_there)
{
    post_want(&m, 4, 'C', 2, MOOT_SEQ_MAX - 1);
    expect_asked(&m, "fetch C:2..10 #101\n");
    fetched(&m, 101, &c[2], 9);
    expect_asked_of(&m, "fetch", "");
}
END_TEST

/* --- slow links (P11) --- */

START_TEST(for_a_slow_link_nothing_is_read)
{
    link_event(&m, 4, MOOT_GROUP_LINK_SLOW);
    post_want(&m, 4, 'B', 1, 2);
    expect_asked(&m, "");
    link_event(&m, 4, MOOT_GROUP_LINK_CLEAR);
    expect_asked(&m, "ping 4\nfetch B:1..2 #101\n");
}
END_TEST

START_TEST(what_was_being_read_is_sent_and_then_it_pauses)
{
    post_want(&m, 4, 'B', 1, 4);
    link_event(&m, 4, MOOT_GROUP_LINK_SLOW);
    forget_asked(&m);
    fetched(&m, 101, &b[1], 2);
    expect_asked(&m, "send 4 ENTRIES asked B:1 B:2\n");
    link_event(&m, 4, MOOT_GROUP_LINK_CLEAR);
    expect_asked(&m, "ping 4\nfetch B:3..4 #102\n");
}
END_TEST

/* --- ends and bounds --- */

START_TEST(what_was_read_for_a_link_that_is_gone_goes_nowhere)
{
    post_want(&m, 4, 'B', 1, 2);
    link_down(&m, 4, MOOT_ERESET);
    forget_asked(&m);
    fetched(&m, 101, &b[1], 2);
    expect_asked(&m, "");
}
END_TEST

START_TEST(nobody_is_sent_what_nobody_asked_for)
{
    fetched(&m, 77, &b[1], 2);
    expect_asked(&m, "");
    post_want(&m, 4, 'B', 1, 2);
    fetched(&m, 101, &b[1], 2);
    forget_asked(&m);
    fetched(&m, 101, &b[1], 2);
    expect_asked(&m, "");
}
END_TEST

/* MOOT_SERVINGS_MAX (P12): what does not fit is asked for again in time. */
START_TEST(at_most_1024_ranges_wait_per_link)
{
    struct moot_want *w = &draft_message(&m, MOOT_MSG_WANT)->want;

    w->count = MOOT_PAGE_MAX;
    for (unsigned i = 0; i < MOOT_PAGE_MAX; i++)
        w->at[i] = (struct moot_range){
            .in = cast_run('B'), .from = 1, .to = 1 + i % 3};
    for (unsigned i = 0; i <= MOOT_SERVINGS_MAX / MOOT_PAGE_MAX; i++)
        post(&m, 4);
    expect_uint(moot_group_link_find(m.g, 4)->serving_count, MOOT_SERVINGS_MAX);
    expect_asked(&m, "fetch B:1..1 #101\n");
}
END_TEST

Suite *suite_group_serve(void)
{
    Suite *s = suite_create("group/serve");
    TCase *t = tcase_create("reads");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, what_is_wanted_is_read_and_sent);
    tcase_add_test(t, a_link_has_one_read_at_a_time);
    tcase_add_test(t, links_do_not_wait_for_each_other);
    tcase_add_test(t, after_each_read_it_is_the_turn_of_the_next_range);
    tcase_add_test(t, what_goes_on_where_a_range_ends_belongs_to_it);
    tcase_add_test(t, what_a_read_brings_travels_in_as_few_frames_as_can_be);
    suite_add_tcase(s, t);

    t = tcase_create("lacking");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, what_is_not_here_is_said_to_be_lacking);
    tcase_add_test(t, of_a_range_that_is_here_in_part_the_rest_is_lacking);
    tcase_add_test(t, what_is_not_stored_yet_is_lacking);
    tcase_add_test(t, what_the_store_does_not_find_is_lacking);
    tcase_add_test(t, a_range_without_an_end_means_all_that_is_there);
    suite_add_tcase(s, t);

    t = tcase_create("ends");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, for_a_slow_link_nothing_is_read);
    tcase_add_test(t, what_was_being_read_is_sent_and_then_it_pauses);
    tcase_add_test(t, what_was_read_for_a_link_that_is_gone_goes_nowhere);
    tcase_add_test(t, nobody_is_sent_what_nobody_asked_for);
    tcase_add_test(t, at_most_1024_ranges_wait_per_link);
    suite_add_tcase(s, t);
    return s;
}
