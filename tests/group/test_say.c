/*
 * tests/group/test_say.c - own lines: in an entry, which is stored and sent at
 * once, and shown as sent when the store has it.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "group_words.h"

Suite *suite_group_say(void);

static struct mind m;

static void setup(void)
{
    mind_begin_joined(&m);
}

static void teardown(void)
{
    mind_end(&m);
}

static void say(const char *text)
{
    say_line(&m, MOOT_LINE_TEXT, text);
}

static unsigned lines_stored(void)
{
    struct moot_body body;

    expect(moot_entry_body(m.stored, &body));
    return body.line_count;
}

static struct moot_group_stats stats(void)
{
    struct moot_group_stats s;

    moot_group_stats(m.g, &s);
    return s;
}

/* --- flushing --- */

START_TEST(a_line_goes_to_the_store_and_to_everybody_at_once)
{
    say("hello");
    expect_asked(&m, "store M:1 #1\n"
                     "spread ENTRIES M:1\n"
                     "show m: hello (own)\n");
    expect(moot_entry_verify(m.stored));
}
END_TEST

/* P2: not a moment before. */
START_TEST(a_line_is_sent_when_the_store_has_it)
{
    say("hello");
    expect(stats().unstored);
    forget_asked(&m);
    mind_run_ms(&m, 60000);
    expect_asked(&m, "");
    stored_up_to(&m, 1);
    expect_asked(&m, "sent 1\n");
    expect(!stats().unstored);
}
END_TEST

START_TEST(lines_of_one_moment_form_the_next_entry)
{
    say("one");
    forget_asked(&m);
    say("two");
    say("three");
    say_line(&m, MOOT_LINE_ACTION, "waves");
    expect_asked(&m, "");
    expect_uint(stats().say_waiting, 3);
    mind_run_ms(&m, MOOT_SAY_PACE_MS);
    expect_asked(&m, "store M:2 #2\n"
                     "spread ENTRIES M:2\n"
                     "show m: two three waves (own)\n");
    expect_uint(lines_stored(), 3);
    expect_uint(stats().say_waiting, 0);
}
END_TEST

START_TEST(they_wait_no_longer_than_the_entry_before_them)
{
    say("one");
    forget_asked(&m);
    say("two");
    store_all(&m);
    expect_asked(&m, "sent 1\n"
                     "store M:2 #2\n"
                     "spread ENTRIES M:2\n"
                     "show m: two (own)\n");
}
END_TEST

START_TEST(a_slow_disk_keeps_no_line_from_the_others)
{
    say("one");
    mind_run_ms(&m, MOOT_SAY_PACE_MS);
    forget_asked(&m);
    say("two");
    expect_asked(&m, "store M:2 #2\n"
                     "spread ENTRIES M:2\n"
                     "show m: two (own)\n");
}
END_TEST

static void say_until_far_ahead(void)
{
    for (unsigned i = 0; i < MOOT_SAY_AHEAD_MAX; i++) {
        say("x");
        mind_run_ms(&m, MOOT_SAY_PACE_MS);
    }
    expect_uint(m.stored->seq, MOOT_SAY_AHEAD_MAX);
}

/* MOOT_SAY_AHEAD_MAX. */
START_TEST(a_disk_that_is_far_behind_gets_larger_entries)
{
    say_until_far_ahead();
    for (unsigned i = MOOT_SAY_PACE_MS; i < MOOT_SAY_WAIT_MS; i++) {
        say("y");
        expect_uint(stats().say_waiting, i);
        mind_run_ms(&m, 1);
    }
    expect_uint(m.stored->seq, MOOT_SAY_AHEAD_MAX + 1);
    expect_uint(lines_stored(), MOOT_SAY_WAIT_MS - MOOT_SAY_PACE_MS);
}
END_TEST

static void say_before_another(const char *text)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_SAY};

    ev.say.kind = MOOT_LINE_TEXT;
    ev.say.text = moot_bytes_text(text);
    ev.say.more = true;
    mind_step(&m, &ev);
}

START_TEST(a_line_waits_for_the_next_when_that_is_there_already)
{
    say_before_another("one");
    say_before_another("two");
    expect_asked(&m, "");
    expect(stats().unstored);
    say("three");
    expect_asked_of(&m, "show", "show m: one two three (own)\n");
}
END_TEST

START_TEST(it_waits_no_longer_than_until_the_timer)
{
    say_before_another("one");
    mind_run_ms(&m, 0);
    expect_asked_of(&m, "show", "show m: one (own)\n");
}
END_TEST

START_TEST(a_full_entry_waits_for_nothing)
{
    say("first");
    forget_asked(&m);
    for (unsigned i = 0; i < MOOT_ENTRY_LINES_MAX; i++)
        say_before_another("x");
    expect_asked_of(&m, "show", "show m: (256 lines) (own)\n");
}
END_TEST

/* The store need not have the one before: nothing more will be said. */
START_TEST(who_leaves_says_what_still_waits)
{
    say("one");
    say("two");
    say_line(&m, MOOT_LINE_NICK, "max");
    say("three");
    forget_asked(&m);
    link_event(&m, 0, MOOT_GROUP_LEAVE);
    expect_asked(&m, "store M:2 #2\n"
                     "spread ENTRIES M:2\n"
                     "show m: two max (own)\n"
                     "store M:3 #3\n"
                     "spread ENTRIES M:3\n"
                     "show max: three (own)\n");
}
END_TEST

/* A completion names what it completed: that of another entry says nothing of
 * ours, and that of our first nothing of our second. */
START_TEST(a_token_vouches_only_for_what_it_names)
{
    let_in(&m, 'B');
    deliver(&m, 2, cast_writes('B', "hi"), false);
    say("hello");
    expect_asked_of(&m, "store", "store B:1 #1\nstore M:1 #2\n");
    stored_up_to(&m, 1);
    expect_asked_of(&m, "sent store", "");
    stored_up_to(&m, 2);
    expect_asked_of(&m, "sent store", "sent 1\n");
    say("again");
    forget_asked(&m);
    stored_up_to(&m, 2);
    expect_asked(&m, "");
    stored_up_to(&m, 3);
    expect_asked(&m, "sent 2\n");
}
END_TEST

START_TEST(a_later_token_vouches_for_all_before_it)
{
    let_in(&m, 'B');
    say("hello");
    deliver(&m, 2, cast_writes('B', "hi"), false);
    forget_asked(&m);
    stored_up_to(&m, 2);
    expect_asked(&m, "sent 1\nsend 2 ACK 1\n");
    expect_uint(chain_of(&m, 'B')->kept_len, 1);
}
END_TEST

START_TEST(a_chain_links_its_entries_by_their_hashes)
{
    struct moot_hash first;

    say("one");
    expect(moot_hash_zero(&m.stored->prev));
    first = m.stored->hash;
    store_all(&m);
    say("two");
    expect_uint(m.stored->seq, 2);
    expect_hash(&m.stored->prev, &first);
}
END_TEST

/* --- bounds --- */

/* MOOT_ENTRY_LINES_MAX. */
START_TEST(an_entry_has_at_most_256_lines)
{
    say("first");
    for (unsigned i = 0; i < MOOT_ENTRY_LINES_MAX + 10; i++)
        say("x");
    expect_uint(lines_stored(), MOOT_ENTRY_LINES_MAX);
    expect_uint(stats().say_waiting, 10);
    store_all(&m);
    expect_uint(lines_stored(), 10);
}
END_TEST

/* MOOT_BODY_LEN_MAX, with lines of MOOT_LINE_LEN_MAX. */
START_TEST(an_entry_has_at_most_32_kib)
{
    static char line[MOOT_LINE_LEN_MAX + 1];
    unsigned lines = 0;

    memset(line, 'x', MOOT_LINE_LEN_MAX);
    say_until_far_ahead();
    for (unsigned i = 0; i < 20; i++)
        say(line);
    store_all(&m);
    for (; stats().unstored; store_all(&m)) {
        lines += lines_stored();
        expect(m.stored->body_len <= MOOT_BODY_LEN_MAX);
        expect(stats().say_waiting == 0 ||
               m.stored->body_len + MOOT_LINE_LEN_MAX > MOOT_BODY_LEN_MAX);
    }
    expect_uint(lines, 20);
}
END_TEST

/* MOOT_SAY_WAITING_MAX is kept by who asks moot_node_can_say; what waits is
 * said in order and whole. */
START_TEST(four_thousand_lines_wait_and_none_is_lost)
{
    unsigned lines = 0;

    say_until_far_ahead();
    for (unsigned i = 0; i < MOOT_SAY_WAITING_MAX; i++)
        say("x");
    expect_uint(stats().say_waiting, MOOT_SAY_WAITING_MAX);
    store_all(&m);
    for (; stats().unstored; store_all(&m))
        lines += lines_stored();
    expect_uint(lines, MOOT_SAY_WAITING_MAX);
}
END_TEST

/* MOOT_CHAINS_MAX. */
START_TEST(in_a_full_group_nothing_can_be_said)
{
    struct moot_run run = {.author = id_of(1)};

    for (; run.run < MOOT_CHAINS_MAX; run.run++)
        moot_history_get(&m.g->log, &run);
    say("hello");
    expect_asked(&m, "notice: the group is full: nothing can be said\n");
    expect(!stats().unstored);
}
END_TEST

/* --- names --- */

START_TEST(a_new_name_ends_an_entry_and_begins_with_the_next)
{
    struct moot_body body;

    say("one");
    say("two");
    say_line(&m, MOOT_LINE_NICK, "max");
    say("three");
    forget_asked(&m);
    store_all(&m);
    expect(moot_entry_body(m.stored, &body));
    expect_bytes(body.name, moot_bytes_text("m"));
    expect_uint(body.line_count, 2);
    store_all(&m);
    expect(moot_entry_body(m.stored, &body));
    expect_bytes(body.name, moot_bytes_text("max"));
    expect_uint(body.line_count, 1);
}
END_TEST

START_TEST(a_new_name_is_told_to_all_in_a_new_record)
{
    uint64_t serial = moot_group_member(m.g, cast_id('M'))->record.serial;

    say_line(&m, MOOT_LINE_NICK, "max");
    expect_asked(&m, "store M:1 #1\n"
                     "spread ENTRIES M:1\n"
                     "show m: max (own)\n"
                     "tell MEMBERS max\n");
    expect_uint(moot_group_member(m.g, cast_id('M'))->record.serial,
                serial + 1);
    expect(moot_record_verify(&moot_group_member(m.g, cast_id('M'))->record));
}
END_TEST

START_TEST(a_name_may_have_64_bytes)
{
    static char name[MOOT_NAME_LEN_MAX + 1];

    memset(name, 'n', MOOT_NAME_LEN_MAX);
    say_line(&m, MOOT_LINE_NICK, name);
    expect_text(moot_group_member(m.g, cast_id('M'))->record.name, name);
    store_all(&m);
    forget_asked(&m);
    say("x");
    store_all(&m);
    expect_within(name, moot_buf_text(&m.text));
}
END_TEST

/* --- causes --- */

static void expect_cites(const char *want)
{
    struct moot_buf got = {0};

    for (unsigned i = 0; i < m.stored->cite_count; i++) {
        const struct moot_cite *c = &m.stored->cites[i];

        moot_buf_printf(&got, i == 0 ? "" : " ");
        cast_put_run(&got, &c->in);
        moot_buf_printf(&got, ":%llu", (unsigned long long)c->seq);
    }
    expect_text(moot_buf_text(&got), want);
    moot_buf_fini(&got);
}

START_TEST(a_line_cites_what_was_seen_since_the_last_one)
{
    let_in(&m, 'B');
    let_in(&m, 'C');
    hear(&m, 2, cast_writes('B', "one"));
    hear(&m, 2, cast_writes('B', "two"));
    hear(&m, 3, cast_writes('C', "hi"));
    say("hello");
    expect_cites("C:1 B:2");
    store_all(&m);
    say("again");
    expect_cites("");
    store_all(&m);
    hear(&m, 3, cast_writes('C', "what?"));
    say("yes");
    expect_cites("C:2");
}
END_TEST

START_TEST(what_another_cite_covers_is_not_cited)
{
    struct moot_entry *b = cast_writes('B', "one");

    let_in(&m, 'B');
    let_in(&m, 'C');
    hear(&m, 2, b);
    hear(&m, 3, cast_replies('C', "indeed", b, NULL));
    say("hello");
    expect_cites("C:1");
}
END_TEST

START_TEST(what_came_but_is_not_on_the_screen_is_not_cited)
{
    struct moot_entry *b = cast_writes('B', "the cause");

    let_in(&m, 'C');
    hear(&m, 3, cast_replies('C', "the effect", b, NULL));
    say("hello");
    expect_cites("");
}
END_TEST

/* MOOT_CITES_MAX. */
START_TEST(at_most_64_are_cited_and_the_newest_first)
{
    let_in(&m, 'B');
    for (uint64_t run = 100; run < 100 + MOOT_CITES_MAX + 6; run++) {
        cast_set_run('B', run);
        hear(&m, 2, cast_writes('B', "x"));
    }
    say("hello");
    expect_uint(m.stored->cite_count, MOOT_CITES_MAX);
    expect_uint(m.stored->cites[0].in.run, 100 + MOOT_CITES_MAX + 5);
    store_all(&m);
    say("the rest");
    expect_uint(m.stored->cite_count, 6);
}
END_TEST

/* MOOT_TIPS_MAX: the oldest are forgotten; causes behind them are lost, lines
 * are not. */
START_TEST(at_most_256_heads_wait_to_be_cited)
{
    let_in(&m, 'B');
    for (uint64_t run = 100; run < 100 + MOOT_TIPS_MAX + 10; run++) {
        cast_set_run('B', run);
        hear(&m, 2, cast_writes('B', "x"));
    }
    expect_uint(m.g->tip_count, MOOT_TIPS_MAX);
    expect_uint(m.g->tips[0].cite.in.run, 110);
}
END_TEST

/* --- the logical clock --- */

static struct moot_entry *at_lamport(char who, uint64_t lamport)
{
    struct moot_draft d = cast_draft(who, "x");

    d.lamport = lamport;
    return cast_drafts(who, &d);
}

START_TEST(a_line_sorts_behind_everything_that_came_before_it)
{
    let_in(&m, 'B');
    say("hello");
    expect_uint(m.stored->lamport, 1);
    hear(&m, 2, at_lamport('B', 700));
    store_all(&m);
    say("again");
    expect_uint(m.stored->lamport, 701);
}
END_TEST

/* MOOT_LAMPORT_STEP_MAX: only the liar's own line sorts wrongly, so it is not
 * cited either. */
START_TEST(a_clock_that_jumps_takes_us_along_for_2_to_the_32_at_most)
{
    let_in(&m, 'B');
    hear(&m, 2, at_lamport('B', UINT64_C(1) << 61));
    say("hello");
    expect_uint(m.stored->lamport, MOOT_LAMPORT_STEP_MAX + 1);
    expect_cites("");
}
END_TEST

/* MOOT_LAMPORT_MAX: whatever came before, an own line is valid. */
START_TEST(the_clock_never_reaches_its_end)
{
    let_in(&m, 'B');
    m.g->lamport = MOOT_LAMPORT_MAX - 10;
    hear(&m, 2, at_lamport('B', MOOT_LAMPORT_MAX - 1));
    expect_uint(m.g->lamport, MOOT_LAMPORT_MAX - 10);
    say("hello");
    expect(m.stored->lamport < MOOT_LAMPORT_MAX);
}
END_TEST

/* P10. */
START_TEST(the_wall_clock_is_written_down_and_decides_nothing)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_SAY, .now = m.now};

    ev.say.kind = MOOT_LINE_TEXT;
    ev.say.text = moot_bytes_text("x");
    for (moot_wall_ms wall = 3000; wall >= 1000; wall -= 1000) {
        struct moot_group_effects fx = {0};

        ev.wall = wall;
        moot_group_step(m.g, &ev, &fx);
        expect_uint(fx.at[0].entry->wall, wall);
        expect_uint(fx.at[0].entry->lamport, 1 + (3000 - wall) / 1000);
        m.token = fx.at[0].token;
        moot_group_effects_fini(&fx);
        store_all(&m);
    }
}
END_TEST

/* --- what may have to be said again --- */

static void expect_remembered(const char *want)
{
    const struct moot_line *lines;
    unsigned count = moot_group_own_lines(m.g, &lines);
    struct moot_buf got = {0};

    for (unsigned i = 0; i < count; i++)
        moot_buf_printf(&got, "%d %.*s|", lines[i].kind, (int)lines[i].text.len,
                        (const char *)lines[i].text.data);
    expect_text(moot_buf_text(&got), want);
    moot_buf_fini(&got);
}

START_TEST(what_nobody_has_heard_is_remembered_in_order)
{
    say("one");
    say_line(&m, MOOT_LINE_ACTION, "waves");
    say_line(&m, MOOT_LINE_NICK, "max");
    expect_remembered("1 one|2 waves|3 max|");
    expect(!stats().met);
}
END_TEST

START_TEST(it_is_forgotten_when_somebody_has_heard_it)
{
    say("one");
    store_all(&m);
    link_up(&m, 2, 'B');
    expect(stats().met);
    expect_remembered("");
    say("two");
    expect_remembered("");
}
END_TEST

START_TEST(a_link_alone_is_no_meeting_before_something_is_said)
{
    let_in(&m, 'B');
    expect(!stats().met);
    link_down(&m, 2, MOOT_ECLOSED);
    say("one");
    expect(!stats().met);
    expect_remembered("1 one|");
}
END_TEST

START_TEST(a_line_of_another_is_a_meeting)
{
    let_in(&m, 'B');
    hear(&m, 2, cast_writes('B', "hi"));
    expect(stats().met);
}
END_TEST

/* MOOT_OWN_LINES_MAX. */
START_TEST(at_most_4096_lines_are_remembered_and_the_newest_stay)
{
    const struct moot_line *lines;
    char text[16];

    for (unsigned i = 0; i < MOOT_OWN_LINES_MAX + 3; i++) {
        snprintf(text, sizeof text, "%u", i);
        say(text);
        if (i % 1000 == 0)
            store_all(&m);
    }
    expect_uint(moot_group_own_lines(m.g, &lines), MOOT_OWN_LINES_MAX);
    expect_bytes(lines[0].text, moot_bytes_text("3"));
}
END_TEST

/* --- our own run from outside: a machine that was cloned while we ran --- */

START_TEST(an_entry_of_our_run_that_we_did_not_write_joins_our_chain)
{
    let_in(&m, 'B');
    hear(&m, 2, cast_writes('M', "said by a clone"));
    expect_asked_of(&m, "store show notice",
                    "store M:1 #1\n"
                    "show m: said by a clone\n");
    store_all(&m);
    expect_asked(&m, "");
    say("said here");
    expect_asked_of(&m, "store", "store M:2 #2\n");
    store_all(&m);
    expect_asked(&m, "sent 2\n");
}
END_TEST

Suite *suite_group_say(void)
{
    Suite *s = suite_create("group/say");
    TCase *t = tcase_create("flush");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_line_goes_to_the_store_and_to_everybody_at_once);
    tcase_add_test(t, a_line_is_sent_when_the_store_has_it);
    tcase_add_test(t, lines_of_one_moment_form_the_next_entry);
    tcase_add_test(t, they_wait_no_longer_than_the_entry_before_them);
    tcase_add_test(t, a_slow_disk_keeps_no_line_from_the_others);
    tcase_add_test(t, a_disk_that_is_far_behind_gets_larger_entries);
    tcase_add_test(t, a_line_waits_for_the_next_when_that_is_there_already);
    tcase_add_test(t, it_waits_no_longer_than_until_the_timer);
    tcase_add_test(t, a_full_entry_waits_for_nothing);
    tcase_add_test(t, who_leaves_says_what_still_waits);
    tcase_add_test(t, a_token_vouches_only_for_what_it_names);
    tcase_add_test(t, a_later_token_vouches_for_all_before_it);
    tcase_add_test(t, a_chain_links_its_entries_by_their_hashes);
    tcase_add_test(t, an_entry_has_at_most_256_lines);
    tcase_add_test(t, an_entry_has_at_most_32_kib);
    tcase_add_test(t, four_thousand_lines_wait_and_none_is_lost);
    tcase_add_test(t, in_a_full_group_nothing_can_be_said);
    suite_add_tcase(s, t);

    t = tcase_create("names");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_new_name_ends_an_entry_and_begins_with_the_next);
    tcase_add_test(t, a_new_name_is_told_to_all_in_a_new_record);
    tcase_add_test(t, a_name_may_have_64_bytes);
    suite_add_tcase(s, t);

    t = tcase_create("causes");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_line_cites_what_was_seen_since_the_last_one);
    tcase_add_test(t, what_another_cite_covers_is_not_cited);
    tcase_add_test(t, what_came_but_is_not_on_the_screen_is_not_cited);
    tcase_add_test(t, at_most_64_are_cited_and_the_newest_first);
    tcase_add_test(t, at_most_256_heads_wait_to_be_cited);
    tcase_add_test(t, a_line_sorts_behind_everything_that_came_before_it);
    tcase_add_test(t,
                   a_clock_that_jumps_takes_us_along_for_2_to_the_32_at_most);
    tcase_add_test(t, the_clock_never_reaches_its_end);
    tcase_add_test(t, the_wall_clock_is_written_down_and_decides_nothing);
    suite_add_tcase(s, t);

    t = tcase_create("again");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, what_nobody_has_heard_is_remembered_in_order);
    tcase_add_test(t, it_is_forgotten_when_somebody_has_heard_it);
    tcase_add_test(t, a_link_alone_is_no_meeting_before_something_is_said);
    tcase_add_test(t, a_line_of_another_is_a_meeting);
    tcase_add_test(t, at_most_4096_lines_are_remembered_and_the_newest_stay);
    tcase_add_test(t,
                   an_entry_of_our_run_that_we_did_not_write_joins_our_chain);
    suite_add_tcase(s, t);
    return s;
}
