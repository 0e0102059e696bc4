/*
 * tests/group/test_group.c - the mind as a whole: a function of what it is
 * told, deaf to what is not its business.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdlib.h>
#include <string.h>

#include "dies.h"
#include "group_words.h"

Suite *suite_group_group(void);

static struct mind m;

static void setup(void)
{
    mind_begin_joined(&m);
    let_in(&m, 'B');
}

static void teardown(void)
{
    mind_end(&m);
}

static const enum moot_message_kind others[] = {
    MOOT_MSG_UNKNOWN, MOOT_MSG_HELLO,   MOOT_MSG_WELCOME, MOOT_MSG_REFUSE,
    MOOT_MSG_BYE,     MOOT_MSG_PONG,    MOOT_MSG_ENTRIES, MOOT_MSG_MEMBERS,
    MOOT_MSG_PROBE,   MOOT_MSG_VERDICT, MOOT_MSG_MOVE};

#define OTHERS ((int)(sizeof others / sizeof others[0]))

START_TEST(what_is_the_business_of_others_is_not_heard)
{
    draft_message(&m, others[_i]);
    post(&m, 2);
    expect_asked(&m, "");
}
END_TEST

START_TEST(live_members_are_told_in_the_order_of_their_ids)
{
    static const char order[] = "ABMZ";

    let_in(&m, 'Z');
    let_in(&m, 'A');
    expect_uint(moot_group_live_count(m.g), 4);
    for (unsigned i = 0; i < 4; i++)
        expect_id(&moot_group_live_at(m.g, i)->id, cast_id(order[i]));
    expect(moot_group_live_at(m.g, 4) == NULL);
}
END_TEST

START_TEST(waking_early_is_harmless)
{
    hear(&m, 2, cast_writes('B', "x"));
    store_all(&m);
    forget_asked(&m);
    for (unsigned i = 0; i < 100; i++) {
        link_event(&m, 0, MOOT_GROUP_TIMER);
        link_event(&m, 0, MOOT_GROUP_SETTLE);
    }
    expect_asked(&m, "");
}
END_TEST

static void live_a_while(struct moot_buf *out)
{
    struct moot_entry *cause = cast_writes('C', "the cause");

    let_in(&m, 'C');
    let_in(&m, 'D');
    hear(&m, 2, cast_replies('B', "the effect", cause, NULL));
    cast_writes('D', "lost");
    hear(&m, 4, cast_writes('D', "ahead"));
    mind_run_ms(&m, 30000);
    link_down(&m, 3, MOOT_ERESET);
    say_line(&m, MOOT_LINE_TEXT, "hello");
    mind_run_ms(&m, 30000);
    moot_buf_append(out, moot_buf_text(&m.text), m.text.len);
}

/* Nothing of the outside is in it: no clock, no chance, no memory of another
 * life. */
START_TEST(the_same_events_have_the_same_effects)
{
    struct moot_buf first = {0}, second = {0};

    live_a_while(&first);
    teardown();
    setup();
    live_a_while(&second);
    expect(first.len > 200);
    expect_text(moot_buf_text(&second), moot_buf_text(&first));
    moot_buf_fini(&first);
    moot_buf_fini(&second);
}
END_TEST

static void go_back_in_time(void)
{
    m.now--;
    settle(&m);
}

static void hear_an_entry_of_another_group(void)
{
    struct moot_draft d = cast_draft('B', "x");

    d.group = hash_of(1);
    deliver(&m, 2, cast_drafts('B', &d), false);
}

/* Node keeps these promises. */
START_TEST(broken_promises_end_the_process)
{
    expect(dies(go_back_in_time));
    expect(dies(hear_an_entry_of_another_group));
}
END_TEST

START_TEST(nothing_can_be_destroyed)
{
    struct moot_group_effects none = {0};

    moot_group_destroy(NULL);
    moot_group_effects_fini(&none);
}
END_TEST

Suite *suite_group_group(void)
{
    Suite *s = suite_create("group/group");
    TCase *t = tcase_create("group");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, what_is_the_business_of_others_is_not_heard, 0,
                        OTHERS);
    tcase_add_test(t, live_members_are_told_in_the_order_of_their_ids);
    tcase_add_test(t, waking_early_is_harmless);
    tcase_add_test(t, the_same_events_have_the_same_effects);
    tcase_add_test(t, broken_promises_end_the_process);
    tcase_add_test(t, nothing_can_be_destroyed);
    suite_add_tcase(s, t);
    return s;
}
