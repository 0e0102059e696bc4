/*
 * tests/group/test_adversary.c - what a hostile member can make the mind do.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
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

/* --- the screen --- */

/* While what waits is out of reach, looking at it would end the test. */
START_TEST(a_frame_without_news_looks_at_nothing_that_waits)
{
    struct moot_entry *seen = cast_writes('B', "seen");
    struct moot_entry *missing = cast_writes('C', "missing");
    struct moot_entry *waits = cast_replies('B', "x", seen, missing);
    struct held *held;

    hear(&m, 2, seen);
    hear(&m, 2, waits);
    expect_uint(m.g->held_count, 1);
    held = m.g->held;
    m.g->held = NULL;
    for (unsigned i = 0; i < 3; i++) {
        settle(&m);
        hear(&m, 2, seen);
        hear(&m, 2, waits);
    }
    m.g->held = held;
    forget_asked(&m);
    mind_run_ms(&m, MOOT_CAUSE_WAIT_MS);
    expect_asked_of(&m, "show", "show b: x (late)\n");
}
END_TEST

/* --- silencing --- */

static struct moot_entry *pruned_of(struct moot_entry *e)
{
    static struct moot_entry *last;

    moot_entry_unref(last);
    last = e == NULL ? NULL : moot_entry_pruned(e);
    return last;
}

/* C tells what B said, without what B said, before B's own words arrive. */
START_TEST(a_line_without_its_words_does_not_take_the_place_of_the_line)
{
    struct moot_entry *e = cast_writes('B', "the truth");

    hear(&m, 3, pruned_of(e));
    expect_asked_of(&m, "store show", "");
    hear(&m, 2, e);
    expect_asked_of(&m, "show", "show b: the truth\n");
    pruned_of(NULL);
}
END_TEST

/* Late to the group, and C is asked first. */
START_TEST(the_words_are_looked_for_elsewhere)
{
    struct moot_entry *e = cast_writes('B', "the truth");

    post_chain(&m, 3, 'B', 5, &e->hash, false);
    expect_asked_of(&m, "send", "send 3 WANT B:1..5\n");
    deliver(&m, 3, pruned_of(e), true);
    expect_asked_of(&m, "send store", "send 2 WANT B:1..1\n");
    deliver(&m, 2, e, true);
    expect_asked_of(&m, "send store", "store B:1 #1\nsend 2 WANT B:2..5\n");
    pruned_of(NULL);
}
END_TEST

/* Old bodies are dropped where there are too many: then that is all. */
START_TEST(what_nobody_has_is_taken_without_words)
{
    struct moot_entry *e = cast_writes('B', "long ago");
    struct moot_entry *next = cast_writes('B', "a little later");

    post_chain(&m, 3, 'B', 2, &e->hash, false);
    forget_asked(&m);
    deliver(&m, 3, pruned_of(e), true);
    expect_asked_of(&m, "send store", "send 2 WANT B:1..1\n");
    deliver(&m, 2, pruned_of(e), true);
    expect_asked_of(&m, "send store", "send 3 WANT B:1..2\n");
    deliver(&m, 3, pruned_of(e), true);
    deliver(&m, 3, pruned_of(next), true);
    expect_asked_of(&m, "send store", "store B:1 #1\nstore B:2 #2\n");
    pruned_of(NULL);
}
END_TEST

/* Half of the others came too late to have it. */
START_TEST(those_who_lack_it_have_been_asked_too)
{
    struct moot_entry *e = cast_writes('B', "long ago");

    post_chain(&m, 3, 'B', 1, &e->hash, false);
    deliver(&m, 3, pruned_of(e), true);
    forget_asked(&m);
    post_lack(&m, 2, 'B', 1, 1);
    expect_asked_of(&m, "send store", "send 3 WANT B:1..1\n");
    deliver(&m, 3, pruned_of(e), true);
    expect_asked_of(&m, "send store", "store B:1 #1\n");
    pruned_of(NULL);
}
END_TEST

/* --- dripping --- */

/* C has all of it and gives it drop by drop, so that B's words come late. */
START_TEST(one_who_drips_does_not_keep_the_rest_from_us)
{
    struct moot_entry *e[10];

    for (unsigned i = 0; i < 10; i++)
        e[i] = cast_writes('B', "word");
    post_chain(&m, 3, 'B', 10, &e[9]->hash, false);
    forget_asked(&m);
    for (unsigned i = 0; i < 3; i++) {
        mind_run_ms(&m, 1900);
        deliver(&m, 3, e[i], true);
    }
    expect_within("send 2 WANT B:3..10\n", moot_buf_text(&m.text));
}
END_TEST

/* Does a WANT begin within one before it? */
static bool asked_twice(const char *text)
{
    unsigned from, to, end = 0;

    while ((text = strstr(text, "WANT B:")) != NULL) {
        expect_int(sscanf(text, "WANT B:%u..%u", &from, &to), 2);
        if (from <= end)
            return true;
        end = to;
        text++;
    }
    return end == 0;
}

/* A long history at a good speed is asked for once, part by part. */
START_TEST(one_who_is_quick_enough_is_asked_once)
{
    struct moot_line lines[7];
    struct moot_hash prev = {{0}};
    static char text[4001];

    memset(text, 'x', sizeof text - 1);
    for (unsigned i = 0; i < 7; i++)
        lines[i] = (struct moot_line){MOOT_LINE_TEXT, moot_bytes_text(text)};
    post_chain(&m, 3, 'B', 100, &prev, false);
    for (unsigned i = 1; i < 100; i++) {
        struct moot_draft d = cast_draft('B', "x");
        struct moot_entry *e;

        d.seq = d.lamport = i;
        d.prev = prev;
        d.lines = lines;
        d.line_count = 7;
        e = cast_drafts('B', &d);
        prev = e->hash;
        deliver(&m, 3, e, true);
        mind_run_ms(&m, 500);
    }
    expect(!asked_twice(moot_buf_text(&m.text)));
    expect(strstr(moot_buf_text(&m.text), "..100\n") != NULL);
}
END_TEST

/* --- answers --- */

/* The bytes that what was posted times times has us send. */
static size_t answered(unsigned times)
{
    size_t sent = 0;

    for (unsigned i = 0; i < times; i++) {
        struct moot_group_event ev = {.kind = MOOT_GROUP_MESSAGE, .link = 2};

        ev.now = m.now;
        ev.message = &m.message;
        moot_group_step(m.g, &ev, &m.fx);
        sent += m.fx.bytes.len;
        moot_group_effects_clear(&m.fx);
    }
    return sent;
}

/* C has started again and again, and said something each time. */
static void write_runs(unsigned runs)
{
    for (unsigned i = 0; i < runs; i++) {
        struct moot_run in = {.author = *cast_id('C'), .run = 1000 + i};
        struct moot_chain *c = moot_history_get(&m.g->log, &in);

        c->len = 1;
        moot_chain_keep(&m.g->log, c, 1, &(struct moot_hash){{1}});
    }
}

START_TEST(a_flood_of_questions_has_a_bounded_answer)
{
    size_t most = 2 * MOOT_ANSWERS_BURST;

    for (char who = 'D'; who <= 'Z'; who++)
        if (who != 'M')
            let_in(&m, who);
    write_runs(3000);
    draft_message(&m, MOOT_MSG_WHO);
    expect(answered(2000) < most);
    mind_run_ms(&m, 10000);
    draft_message(&m, MOOT_MSG_AUTHORS)->authors.last = true;
    expect(answered(2000) < most);
    mind_run_ms(&m, 10000);
    draft_message(&m, MOOT_MSG_PING)->ping.sync = true;
    expect(answered(20000) < most);
    mind_run_ms(&m, 10000);
    draft_message(&m, MOOT_MSG_CHAINS)->chains.author = *cast_id('C');
    m.message.chains.ask = m.message.chains.first = true;
    m.message.chains.last = true;
    expect(answered(2000) < most);
    mind_run_ms(&m, 10000);
    expect(answered(1) > 0); /* and then it goes on */
}
END_TEST

/* Else the queue of an honest link would be over its bound at once. */
START_TEST(one_answer_about_one_author_is_a_few_pages)
{
    write_runs(60000);
    draft_message(&m, MOOT_MSG_CHAINS)->chains.author = *cast_id('C');
    m.message.chains.ask = m.message.chains.first = true;
    m.message.chains.last = true;
    for (unsigned i = 0; i < 50; i++) {
        size_t len = answered(1);

        expect(len > 0);
        expect(len < 200 * 1024);
        mind_run_ms(&m, 2000);
        draft_message(&m, MOOT_MSG_CHAINS)->chains.author = *cast_id('C');
        m.message.chains.ask = m.message.chains.first = true;
        m.message.chains.last = true;
    }
}
END_TEST

/* --- the roster --- */

static void post_odd_ping(uint64_t link)
{
    struct moot_ping *p = &draft_message(&m, MOOT_MSG_PING)->ping;

    p->sync = true;
    p->roster = hash_of(9);
    p->log = *moot_history_digest(&m.g->log);
    post(&m, link);
}

/* Both ends may have come to one link in their own time: what C said of his
 * links came by the other one. */
START_TEST(another_link_to_a_member_inherits_what_he_said)
{
    struct moot_record d = cast_record('D', CAST_RUN, 1);

    post_linked(&m, 3, false, "D", "");
    learn_record(&m, &d);
    forget_asked(&m);
    link_up(&m, 30, 'C');
    link_down(&m, 3, MOOT_ECLOSED);
    mind_run_ms(&m, 1000);
    expect_asked_of(&m, "lost gone", "");
    expect_uint(moot_group_member(m.g, cast_id('D'))->via, 1);
    link_down(&m, 30, MOOT_ECLOSED);
    mind_run_ms(&m, 1000);
    expect_asked_of(&m, "gone", "gone C\ngone D\n");
}
END_TEST

/* C says that he is linked to D, and that he is not, and again. */
START_TEST(hearsay_makes_nobody_lost_twice)
{
    struct moot_record d = cast_record('D', CAST_RUN, 1);

    for (unsigned i = 0; i < 10; i++) {
        post_linked(&m, 3, false, "D", "");
        learn_record(&m, &d);
        mind_run_ms(&m, 500);
        post_linked(&m, 3, false, "", "D");
        mind_run_ms(&m, 500);
    }
    expect_asked_of(&m, "joined lost back",
                    "joined d, 4 here\n"
                    "lost d (nobody is linked to it any more), 3 here\n");
}
END_TEST

/* C says all the time that it knows other members than we do. */
START_TEST(nobody_keeps_us_from_asking_the_others_who_is_here)
{
    for (unsigned i = 0; i < 100; i++) {
        post_odd_ping(3);
        mind_run_ms(&m, 50);
    }
    forget_asked(&m);
    post_odd_ping(2);
    expect_asked_of(&m, "send", "send 2 LINKED full +C\nsend 2 WHO all\n");
}
END_TEST

/* --- what grows --- */

/* B says that he has more of all that C ever said. */
START_TEST(no_more_chains_are_asked_for_than_the_bound)
{
    struct moot_chains *page;

    write_runs(3 * MOOT_ASKING_MAX);
    page = &draft_message(&m, MOOT_MSG_CHAINS)->chains;
    page->author = *cast_id('C');
    page->count = MOOT_PAGE_MAX;
    for (unsigned i = 0; i < 3 * MOOT_ASKING_MAX; i += MOOT_PAGE_MAX) {
        for (unsigned k = 0; k < MOOT_PAGE_MAX; k++)
            page->at[k] =
                (struct moot_chain_head){.run = 1000 + i + k, .len = 9};
        answered(1);
    }
    expect_uint(m.g->asking_count, MOOT_ASKING_MAX);
}
END_TEST

/* Of what is not there and not asked for, nothing is kept. */
START_TEST(a_chain_that_is_not_asked_for_is_not_kept_empty)
{
    struct moot_chains *page;

    write_runs(MOOT_ASKING_MAX);
    page = &draft_message(&m, MOOT_MSG_CHAINS)->chains;
    page->author = *cast_id('C');
    page->count = MOOT_PAGE_MAX;
    for (unsigned i = 0; i < MOOT_ASKING_MAX + MOOT_PAGE_MAX;
         i += MOOT_PAGE_MAX) {
        for (unsigned k = 0; k < MOOT_PAGE_MAX; k++)
            page->at[k] =
                (struct moot_chain_head){.run = 1000 + i + k, .len = 9};
        answered(1);
    }
    expect_uint(m.g->asking_count, MOOT_ASKING_MAX);
    expect_uint(m.g->log.chain_count, MOOT_ASKING_MAX);
}
END_TEST

/* The store does not get on, and B goes on talking. */
START_TEST(what_is_on_its_way_to_the_store_is_bounded)
{
    struct moot_line lines[7];
    struct moot_draft d;
    struct moot_hash prev = {{0}};
    char text[4001];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (unsigned i = 0; i < 7; i++)
        lines[i] = (struct moot_line){MOOT_LINE_TEXT, moot_bytes_text(text)};
    for (unsigned i = 1; i <= 1500; i++) {
        struct moot_entry *e;

        d = cast_draft('B', "x");
        d.seq = i;
        d.lamport = i;
        d.prev = prev;
        d.lines = lines;
        d.line_count = 7;
        e = cast_drafts('B', &d);
        prev = e->hash;
        hear(&m, 2, e);
        forget_asked(&m);
    }
    expect(m.g->storing_bytes < MOOT_STORING_BYTES_MAX + MOOT_FRAME_LEN_MAX);
    expect(chain_of(&m, 'B')->len < 1300);
    forget_asked(&m);
    post_chain(&m, 2, 'B', 1500, &prev, false);
    expect_asked(&m, ""); /* there is no room for what would come */
    store_all(&m);
    expect_uint(m.g->storing_bytes, 0);
    expect_within("ping ", moot_buf_text(&m.text)); /* now it may come */
    post_chain(&m, 2, 'B', 1500, &prev, false);
    expect_within("WANT B:", moot_buf_text(&m.text));
}
END_TEST

Suite *suite_group_adversary(void)
{
    TCase *grow = tcase_create("what grows");
    TCase *roster = tcase_create("the roster");
    TCase *drip = tcase_create("dripping");
    TCase *answer = tcase_create("answers");
    TCase *silence = tcase_create("silencing");
    Suite *s = suite_create("group/adversary");
    TCase *screen = tcase_create("the screen");

    tcase_add_checked_fixture(screen, setup, teardown);
    tcase_set_timeout(screen, 60);
    tcase_add_test(screen, a_frame_without_news_looks_at_nothing_that_waits);
    suite_add_tcase(s, screen);
    tcase_add_checked_fixture(silence, setup, teardown);
    tcase_add_test(
        silence, a_line_without_its_words_does_not_take_the_place_of_the_line);
    tcase_add_test(silence, the_words_are_looked_for_elsewhere);
    tcase_add_test(silence, what_nobody_has_is_taken_without_words);
    tcase_add_test(silence, those_who_lack_it_have_been_asked_too);
    suite_add_tcase(s, silence);
    tcase_add_checked_fixture(drip, setup, teardown);
    tcase_add_test(drip, one_who_drips_does_not_keep_the_rest_from_us);
    tcase_add_test(drip, one_who_is_quick_enough_is_asked_once);
    suite_add_tcase(s, drip);
    tcase_add_checked_fixture(answer, setup, teardown);
    tcase_set_timeout(answer, 60);
    tcase_add_test(answer, a_flood_of_questions_has_a_bounded_answer);
    tcase_add_test(answer, one_answer_about_one_author_is_a_few_pages);
    suite_add_tcase(s, answer);
    tcase_add_checked_fixture(roster, setup, teardown);
    tcase_add_test(roster, hearsay_makes_nobody_lost_twice);
    tcase_add_test(roster, another_link_to_a_member_inherits_what_he_said);
    tcase_add_test(roster, nobody_keeps_us_from_asking_the_others_who_is_here);
    suite_add_tcase(s, roster);
    tcase_add_checked_fixture(grow, setup, teardown);
    tcase_set_timeout(grow, 60);
    tcase_add_test(grow, no_more_chains_are_asked_for_than_the_bound);
    tcase_add_test(grow, a_chain_that_is_not_asked_for_is_not_kept_empty);
    tcase_add_test(grow, what_is_on_its_way_to_the_store_is_bounded);
    suite_add_tcase(s, grow);
    return s;
}
