/*
 * tests/group/test_resume.c - the next run goes on where the last one ended:
 * it holds what was held, and cites what was seen (P2, P3).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "group_words.h"

Suite *suite_group_resume(void);

#define LAST_RUN 9

static struct mind m;
static struct moot_past past;
static struct moot_past_chain chains[2];
static struct moot_entry *b[4], *own[3]; /* [0] is unused */
static struct moot_entry *tail[3];
static struct moot_buf proof;

static void add_chain(char who, uint64_t len, const struct moot_entry *head)
{
    struct moot_past_chain *c = &chains[past.chain_count++];

    *c = (struct moot_past_chain){
        .in = cast_run(who), .base = 1, .len = len, .head = head->hash};
}

/* B said three lines; we answered the first in run 9, and then said more. */
static void setup(void)
{
    mind_begin(&m);
    past = (struct moot_past){.name = "lobby", .grown = true};
    past.group = cast_group();
    cast_set_run('M', LAST_RUN);
    b[1] = cast_writes('B', "one");
    own[1] = cast_replies('M', "yes", b[1], NULL);
    b[2] = cast_writes('B', "two");
    b[3] = cast_writes('B', "three");
    own[2] = cast_writes('M', "more");
    past.lamport = 30;
    past.chains = chains;
    add_chain('B', 3, b[3]);
    add_chain('M', 2, own[2]);
    tail[0] = b[2];
    tail[1] = b[3];
    tail[2] = own[2];
    past.tail = tail;
    past.tail_count = 3;
}

static void teardown(void)
{
    moot_buf_fini(&proof);
    mind_end(&m);
}

static void resume(void)
{
    mind_resume(&m, 10, &past);
}

START_TEST(what_was_held_is_held)
{
    struct moot_run in = {.author = *cast_id('M'), .run = LAST_RUN};
    const struct moot_chain *c;

    resume();
    c = chain_of(&m, 'B');
    expect_uint(c->len, 3);
    expect_uint(c->kept_len, 3);
    expect_hash(&c->kept_head, &b[3]->hash);
    expect_uint(moot_history_find(&m.g->log, &in)->kept_len, 2);
    expect_uint(m.g->log.entry_count, 5);
    link_up(&m, 2, 'B');
    forget_asked(&m);
    post_want(&m, 2, 'B', 1, 3);
    expect_asked(&m, "fetch B:1..3 #1\n");
}
END_TEST

/* A run is a chain like any other when it is over. */
START_TEST(our_earlier_runs_are_served)
{
    struct moot_want *w;

    resume();
    link_up(&m, 2, 'B');
    forget_asked(&m);
    w = &draft_message(&m, MOOT_MSG_WANT)->want;
    w->count = 1;
    w->at[0] = (struct moot_range){
        .in = {.author = *cast_id('M'), .run = LAST_RUN}, .from = 1, .to = 9};
    post(&m, 2);
    expect_asked(&m, "fetch M/9:1..2 #1\n");
}
END_TEST

START_TEST(the_digest_is_the_one_of_the_last_run)
{
    struct moot_ping before, after;

    cast_set_run('B', 1);
    mind_resume(&m, LAST_RUN, NULL);
    standing(&m, MOOT_JOINED);
    let_in(&m, 'B');
    for (unsigned i = 1; i <= 3; i++)
        hear(&m, 2, b[i]);
    hear(&m, 2, own[1]);
    hear(&m, 2, own[2]);
    store_all(&m);
    moot_group_fill_ping(m.g, &before);
    resume();
    moot_group_fill_ping(m.g, &after);
    expect_hash(&before.log, &after.log);
    expect_uint(before.entries, after.entries);
}
END_TEST

START_TEST(the_last_lines_are_shown_when_we_are_in)
{
    resume();
    mind_run_ms(&m, 1000);
    expect_asked_of(&m, "show", "");
    standing(&m, MOOT_JOINED);
    expect_asked_of(&m, "show",
                    "show b: two (earlier)\nshow b: three (earlier)\n"
                    "show m: more (earlier)\n");
    mind_run_ms(&m, 1000);
    expect_asked_of(&m, "show", "");
}
END_TEST

START_TEST(what_comes_while_we_join_is_shown_behind_them)
{
    resume();
    let_in(&m, 'B');
    hear(&m, 2, cast_writes('B', "four"));
    expect_asked_of(&m, "show",
                    "show b: two (earlier)\nshow b: three (earlier)\n"
                    "show m: more (earlier)\nshow b: four\n");
}
END_TEST

START_TEST(the_first_line_cites_what_was_seen_last)
{
    struct moot_run in = {.author = *cast_id('M'), .run = LAST_RUN};

    resume();
    standing(&m, MOOT_JOINED);
    say_line(&m, MOOT_LINE_TEXT, "here again");
    expect_uint(m.stored->in.run, 10);
    expect_uint(m.stored->seq, 1);
    expect_uint(m.stored->cite_count, 2);
    expect_hash(&m.stored->cites[0].hash, &own[2]->hash);
    expect_hash(&m.stored->cites[1].hash, &b[3]->hash);
    expect(moot_run_cmp(&m.stored->cites[0].in, &in) == 0);
    expect_uint(m.stored->lamport, 31);
}
END_TEST

START_TEST(what_was_shown_is_not_shown_again)
{
    resume();
    standing(&m, MOOT_JOINED);
    let_in(&m, 'B');
    hear(&m, 2, b[3]);
    hear(&m, 2, cast_replies('B', "five", b[1], NULL));
    expect_asked_of(&m, "show store", "store B:4 #1\nshow b: five\n");
}
END_TEST

/* --- gaps, bases, forks --- */

START_TEST(a_gap_is_a_hole_from_the_start)
{
    static uint64_t gaps[] = {2};

    chains[0].gaps = gaps;
    chains[0].gap_count = 1;
    resume();
    expect_uint(chain_of(&m, 'B')->kept_len, 0);
    link_up(&m, 2, 'B');
    expect(strstr(moot_buf_text(&m.text), "send 2 WANT B:2..2") != NULL);
    mind_run_ms(&m, MOOT_WANT_WAIT_MS);
    expect_asked_of(&m, "fetch", "fetch B:1..1 #1\n");
    fetched(&m, m.fetch, &b[1], 1);
    expect_uint(chain_of(&m, 'B')->kept_len, 1);
    deliver(&m, 2, b[2], true);
    fetched(&m, m.fetch, &b[3], 1);
    store_all(&m);
    expect_uint(chain_of(&m, 'B')->kept_len, 3);
}
END_TEST

/* What lies between two holes is here, and is not asked for. */
START_TEST(each_gap_is_a_hole_of_its_own)
{
    static uint64_t gaps[] = {1, 3};

    chains[0].gaps = gaps;
    chains[0].gap_count = 2;
    resume();
    expect_uint(chain_of(&m, 'B')->holes->count, 2);
    link_up(&m, 2, 'B');
    expect(strstr(moot_buf_text(&m.text), "send 2 WANT B:1..1") != NULL);
}
END_TEST

START_TEST(what_is_below_the_base_is_lacked)
{
    chains[0].base = 3;
    resume();
    expect_uint(chain_of(&m, 'B')->kept_len, 3);
    expect_uint(m.g->log.entry_count, 3);
    link_up(&m, 2, 'B');
    forget_asked(&m);
    post_want(&m, 2, 'B', 1, 3);
    fetched(&m, m.fetch, NULL, 0);
    expect_asked_of(&m, "send", "send 2 LACK B:1..3, has from 3 on\n");
}
END_TEST

START_TEST(a_run_that_had_two_histories_stays_ended)
{
    struct moot_draft d = cast_draft('B', "another four");
    struct moot_entry *another = cast_drafts('B', &d);
    struct moot_entry *four = cast_writes('B', "four");
    struct moot_ping with, without;
    struct moot_fork f;

    resume();
    moot_group_fill_ping(m.g, &without);
    ck_assert(moot_fork_make(four, another, &f));
    moot_fork_encode(&f, &proof);
    chains[0].fork = moot_buf_view(&proof);
    resume();
    moot_group_fill_ping(m.g, &with);
    expect(!moot_hash_eq(&with.log, &without.log));
    expect(!moot_group_is_better(m.g, &f));
    let_in(&m, 'B');
    hear(&m, 2, four);
    expect_asked_of(&m, "store notice", "");
    moot_fork_fini(&f);
}
END_TEST

START_TEST(a_damaged_proof_is_left_alone)
{
    chains[0].fork = moot_bytes_text("nonsense");
    resume();
    expect(chain_of(&m, 'B')->fork == NULL);
}
END_TEST

/* --- what nobody else has seen --- */

START_TEST(lines_that_nobody_saw_may_be_said_again)
{
    const struct moot_line *lines;

    past.grown = false;
    past.chains = &chains[1];
    past.chain_count = 1;
    past.tail = &tail[2];
    past.tail_count = 1;
    resume();
    standing(&m, MOOT_JOINED);
    expect(!m.g->met);
    ck_assert_uint_eq(moot_group_own_lines(m.g, &lines), 1);
    expect_bytes(lines[0].text, moot_bytes_text("more"));
    say_line(&m, MOOT_LINE_TEXT, "still alone");
    expect(!m.g->met);
    link_up(&m, 2, 'B');
    expect(m.g->met);
}
END_TEST

START_TEST(a_grown_group_stays_grown)
{
    const struct moot_line *lines;

    resume();
    standing(&m, MOOT_JOINED);
    expect(m.g->met);
    ck_assert_uint_eq(moot_group_own_lines(m.g, &lines), 0);
}
END_TEST

Suite *suite_group_resume(void)
{
    Suite *s = suite_create("group/resume");
    TCase *t = tcase_create("resume");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, what_was_held_is_held);
    tcase_add_test(t, our_earlier_runs_are_served);
    tcase_add_test(t, the_digest_is_the_one_of_the_last_run);
    tcase_add_test(t, the_last_lines_are_shown_when_we_are_in);
    tcase_add_test(t, what_comes_while_we_join_is_shown_behind_them);
    tcase_add_test(t, the_first_line_cites_what_was_seen_last);
    tcase_add_test(t, what_was_shown_is_not_shown_again);
    suite_add_tcase(s, t);

    t = tcase_create("holes and ends");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_gap_is_a_hole_from_the_start);
    tcase_add_test(t, each_gap_is_a_hole_of_its_own);
    tcase_add_test(t, what_is_below_the_base_is_lacked);
    tcase_add_test(t, a_run_that_had_two_histories_stays_ended);
    tcase_add_test(t, a_damaged_proof_is_left_alone);
    tcase_add_test(t, lines_that_nobody_saw_may_be_said_again);
    tcase_add_test(t, a_grown_group_stays_grown);
    suite_add_tcase(s, t);
    return s;
}
