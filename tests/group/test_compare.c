/*
 * tests/group/test_compare.c - anti-entropy: two peers find out what the other
 * one lacks, from one digest down to single chains, in both directions (P3).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "group_words.h"

Suite *suite_group_compare(void);

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

/* len entries of who's are stored here; the head's hash is that of head. */
static struct moot_chain *hold(struct moot_run in, uint64_t len, uint8_t head)
{
    struct moot_chain *c = moot_history_get(&m.g->log, &in);
    struct moot_hash hash = hash_of(head);

    c->len = c->known = len;
    c->head = hash;
    moot_chain_keep(&m.g->log, c, len, &hash);
    return c;
}

static void hold_of(char who, uint64_t len, uint8_t head)
{
    hold(cast_run(who), len, head);
}

/* Strangers whose identities sort below all of the cast but none is zero. */
static struct moot_id stranger(unsigned n)
{
    return (struct moot_id){{0, 0, (uint8_t)((n + 1) >> 8), (uint8_t)(n + 1)}};
}

static struct moot_ping *draft_ping(void)
{
    struct moot_ping *p = &draft_message(&m, MOOT_MSG_PING)->ping;

    moot_group_fill_ping(m.g, p);
    p->sync = true;
    return p;
}

static struct moot_authors *draft_authors(void)
{
    struct moot_authors *a = &draft_message(&m, MOOT_MSG_AUTHORS)->authors;

    a->last = true;
    return a;
}

static void add_author(const struct moot_id *id, const struct moot_hash *digest)
{
    struct moot_authors *a = &m.message.authors;

    a->at[a->count++] =
        (struct moot_author_digest){.author = *id, .digest = *digest};
}

static void add_same(char who)
{
    add_author(cast_id(who), moot_author_digest(
                                 moot_history_author(&m.g->log, cast_id(who))));
}

static void add_other(char who)
{
    struct moot_hash other = hash_of(0xee);

    add_author(cast_id(who), &other);
}

static struct moot_chains *draft_chains(char who)
{
    struct moot_chains *c = &draft_message(&m, MOOT_MSG_CHAINS)->chains;

    c->author = *cast_id(who);
    c->first = c->last = true;
    return c;
}

static void add_chain(uint64_t run, uint64_t len, uint8_t head)
{
    struct moot_chains *c = &m.message.chains;

    c->at[c->count++] =
        (struct moot_chain_head){.run = run, .len = len, .head = hash_of(head)};
}

/* --- the digest --- */

START_TEST(equal_digests_need_no_words)
{
    hold_of('C', 3, 1);
    draft_ping();
    post(&m, 2);
    expect_asked(&m, "");
}
END_TEST

START_TEST(another_log_is_answered_with_the_authors_held)
{
    hold_of('C', 3, 1);
    hold_of('A', 1, 1);
    draft_ping()->log = hash_of(0xee);
    post(&m, 2);
    expect_asked(&m, "send 2 AUTHORS A C last\n");
}
END_TEST

START_TEST(another_roster_is_answered_with_links_and_a_question)
{
    let_in(&m, 'C');
    draft_ping()->roster = hash_of(0xee);
    post(&m, 2);
    expect_asked(&m, "send 2 LINKED full +C\nsend 2 WHO all\n");
}
END_TEST

/* MOOT_SYNC_EVERY_MS. */
START_TEST(all_members_are_asked_for_once_in_2_s_at_most)
{
    draft_ping()->roster = hash_of(0xee);
    post(&m, 2);
    forget_asked(&m);
    m.now += MOOT_SYNC_EVERY_MS - 1;
    post(&m, 2);
    expect_asked(&m, "");
    m.now += 1;
    post(&m, 2);
    expect_asked(&m, "send 2 LINKED full\nsend 2 WHO all\n");
}
END_TEST

START_TEST(a_random_neighbour_is_compared_with_every_2_s_or_so)
{
    unsigned pings[2] = {0, 0};

    let_in(&m, 'C');
    mind_run_ms(&m, 100 * MOOT_SYNC_EVERY_MS);
    for (const char *at = moot_buf_text(&m.text); *at != '\0';
         at = strchr(at, '\n') + 1) {
        expect(strncmp(at, "ping ", 5) == 0);
        pings[at[5] - '2']++;
    }
    expect(pings[0] + pings[1] >= 90 && pings[0] + pings[1] <= 110);
    expect(pings[0] >= 25 && pings[1] >= 25);
}
END_TEST

START_TEST(no_two_rounds_are_closer_than_1600_or_further_than_2400_ms)
{
    mind_run_ms(&m, MOOT_ENTER_QUIET_MS + 1);
    forget_asked(&m);
    for (unsigned i = 0; i < 50; i++) {
        moot_ms due = moot_group_deadline(m.g);

        mind_run_ms(&m, due - m.now);
        expect_asked(&m, "ping 2\n");
        due = moot_group_deadline(m.g);
        expect(due - m.now >= MOOT_SYNC_EVERY_MS - MOOT_SYNC_JITTER_MS);
        expect(due - m.now <= MOOT_SYNC_EVERY_MS + MOOT_SYNC_JITTER_MS);
    }
}
END_TEST

START_TEST(a_slow_link_is_compared_with_when_it_has_caught_up)
{
    link_event(&m, 2, MOOT_GROUP_LINK_SLOW);
    mind_run_ms(&m, 30000);
    expect_asked(&m, "");
    link_event(&m, 2, MOOT_GROUP_LINK_CLEAR);
    expect_asked(&m, "ping 2\n");
}
END_TEST

START_TEST(a_link_that_comes_up_is_compared_with_at_once)
{
    link_up(&m, 3, 'C');
    expect_asked_of(&m, "ping", "ping 3\n");
}
END_TEST

/* --- authors --- */

START_TEST(of_equal_authors_nothing_is_said)
{
    hold_of('A', 1, 1);
    hold_of('C', 3, 1);
    draft_authors();
    add_same('A');
    add_same('C');
    post(&m, 2);
    expect_asked(&m, "");
}
END_TEST

START_TEST(of_those_that_differ_the_chains_are_compared)
{
    hold_of('A', 1, 1);
    hold_of('C', 3, 1);
    cast_set_run('C', 9);
    hold_of('C', 2, 2);
    draft_authors();
    add_same('A');
    add_other('C');
    post(&m, 2);
    expect_asked(&m, "send 2 CHAINS of C 1:3 9:2 last ask\n");
}
END_TEST

START_TEST(authors_that_one_of_us_lacks_are_compared_too)
{
    hold_of('A', 1, 1);
    hold_of('D', 1, 1);
    draft_authors();
    add_other('C');
    post(&m, 2);
    expect_asked(&m, "send 2 CHAINS of A 1:1 last ask\n"
                     "send 2 CHAINS of C last ask\n"
                     "send 2 CHAINS of D 1:1 last ask\n");
}
END_TEST

START_TEST(what_lies_beyond_their_page_is_left_to_the_next_one)
{
    hold_of('A', 1, 1);
    hold_of('C', 1, 1);
    hold_of('E', 1, 1);
    hold_of('G', 1, 1);
    draft_authors()->last = false;
    m.message.authors.after = *cast_id('B');
    add_other('C');
    add_other('D');
    post(&m, 2);
    expect_asked(&m, "send 2 CHAINS of C 1:1 last ask\n"
                     "send 2 CHAINS of D last ask\n");
}
END_TEST

/* MOOT_PAGE_MAX. */
START_TEST(more_than_512_authors_are_told_a_page_a_round)
{
    for (unsigned n = 0; n < MOOT_PAGE_MAX + 3; n++)
        hold((struct moot_run){.author = stranger(n), .run = 1}, 1, 1);
    hold_of('C', 1, 1);
    draft_ping()->log = hash_of(0xee);
    post(&m, 2);
    expect_asked(&m, "send 2 AUTHORS (512)\n");
    post(&m, 2);
    expect_asked(&m, "send 2 AUTHORS after ?0000 ?0000 ?0000 ?0000 C last\n");
    post(&m, 2);
    expect_asked(&m, "send 2 AUTHORS (512)\n");
}
END_TEST

START_TEST(each_link_has_its_own_place_among_the_pages)
{
    let_in(&m, 'C');
    for (unsigned n = 0; n < MOOT_PAGE_MAX + 1; n++)
        hold((struct moot_run){.author = stranger(n), .run = 1}, 1, 1);
    draft_ping()->log = hash_of(0xee);
    post(&m, 2);
    post(&m, 3);
    expect_asked(&m, "send 2 AUTHORS (512)\nsend 3 AUTHORS (512)\n");
}
END_TEST

/* MOOT_COMPARE_BYTES_MAX: the rest is for the next round. */
START_TEST(one_question_is_not_answered_with_megabytes)
{
    size_t len = 0;

    for (unsigned n = 0; n < MOOT_PAGE_MAX; n++)
        for (uint64_t run = 0; run < 20; run++)
            hold((struct moot_run){.author = stranger(n), .run = run}, 1, 1);
    draft_authors();
    for (unsigned n = 0; n < MOOT_PAGE_MAX; n++) {
        struct moot_id id = stranger(n);
        struct moot_hash other = hash_of(0xee);

        add_author(&id, &other);
    }
    struct moot_group_event ev = {.kind = MOOT_GROUP_MESSAGE, .link = 2};

    ev.now = m.now;
    ev.message = &m.message;
    moot_group_step(m.g, &ev, &m.fx);
    len = m.fx.bytes.len;
    moot_group_effects_clear(&m.fx);
    expect(len >= MOOT_COMPARE_BYTES_MAX);
    expect(len < MOOT_COMPARE_BYTES_MAX + MOOT_FRAME_LEN_MAX);
}
END_TEST

/* --- chains --- */

START_TEST(longer_chains_are_asked_for_in_one_message)
{
    hold_of('C', 3, 1);
    draft_chains('C');
    add_chain(1, 5, 9);
    add_chain(7, 2, 9);
    post(&m, 2);
    expect_asked(&m, "send 2 WANT C:4..5 C/7:1..2\n");
}
END_TEST

START_TEST(shorter_ones_are_answered_with_ours_when_that_is_asked)
{
    hold_of('C', 3, 1);
    draft_chains('C');
    add_chain(1, 2, 9);
    post(&m, 2);
    expect_asked(&m, "");
    m.message.chains.ask = true;
    post(&m, 2);
    expect_asked(&m, "send 2 CHAINS of C 1:3 last\n");
}
END_TEST

START_TEST(an_unknown_run_of_ours_is_told_when_that_is_asked)
{
    hold_of('C', 3, 1);
    cast_set_run('C', 9);
    hold_of('C', 1, 1);
    draft_chains('C')->ask = true;
    add_chain(1, 3, 1);
    post(&m, 2);
    expect_asked(&m, "send 2 CHAINS of C 1:3 9:1 last\n");
}
END_TEST

START_TEST(equal_chains_end_the_conversation)
{
    hold_of('C', 3, 1);
    draft_chains('C')->ask = true;
    add_chain(1, 3, 1);
    post(&m, 2);
    expect_asked(&m, "");
}
END_TEST

START_TEST(an_author_they_hold_and_we_do_not_is_asked_for)
{
    draft_chains('C')->ask = true;
    add_chain(1, 3, 1);
    post(&m, 2);
    expect_asked(&m, "send 2 WANT C:1..3\n");
}
END_TEST

START_TEST(what_is_not_stored_yet_is_not_told)
{
    hear(&m, 2, cast_writes('C', "x"));
    forget_asked(&m);
    draft_chains('C')->ask = true;
    post(&m, 2);
    expect_asked(&m, "");
    store_all(&m);
    post(&m, 2);
    expect_asked(&m, "send 2 CHAINS of C 1:1 last\n");
}
END_TEST

START_TEST(an_empty_chain_is_no_news)
{
    draft_chains('C');
    add_chain(1, 0, 0);
    post(&m, 2);
    expect_asked(&m, "");
    expect_uint(m.g->log.chain_count, 0);
}
END_TEST

/* MOOT_PAGE_MAX. */
START_TEST(more_than_512_chains_are_told_in_pages)
{
    struct moot_run in = cast_run('C');

    for (in.run = 1; in.run <= 2 * MOOT_PAGE_MAX + 2; in.run++)
        hold(in, 1, 1);
    draft_authors();
    add_other('C');
    post(&m, 2);
    expect_asked(&m, "send 2 CHAINS of C (512) ask\n"
                     "send 2 CHAINS of C after 200 (512) ask\n"
                     "send 2 CHAINS of C after 400 401:1 402:1 last ask\n");
}
END_TEST

/* Exactly a page: the second one would be empty. */
START_TEST(a_full_page_may_be_the_last)
{
    struct moot_run in = cast_run('C');

    for (in.run = 1; in.run <= MOOT_PAGE_MAX; in.run++)
        hold(in, 1, 1);
    draft_authors();
    add_other('C');
    post(&m, 2);
    expect_asked(&m, "send 2 CHAINS of C (512) last ask\n");
}
END_TEST

/* Chains in front of their page and, unless it is the last, behind it are not
 * missing there. */
START_TEST(a_page_is_compared_with_the_same_range_of_ours)
{
    struct moot_run in = cast_run('C');

    for (in.run = 10; in.run <= 50; in.run += 10)
        hold(in, 1, 1);
    draft_chains('C')->ask = true;
    m.message.chains.first = m.message.chains.last = false;
    m.message.chains.after_run = 20;
    add_chain(30, 1, 1);
    add_chain(40, 1, 1);
    post(&m, 2);
    expect_asked(&m, "");
    m.message.chains.last = true;
    post(&m, 2);
    expect_asked(&m, "send 2 CHAINS of C a:1 14:1 1e:1 28:1 32:1 last\n");
    m.message.chains.last = false;
    m.message.chains.at[0].run = 25;
    post(&m, 2);
    expect_asked_of(&m, "send",
                    "send 2 CHAINS of C a:1 14:1 1e:1 28:1 32:1 "
                    "last\nsend 2 WANT C/19:1..1\n");
}
END_TEST

START_TEST(who_asks_for_what_is_behind_a_run_gets_that)
{
    struct moot_run in = cast_run('C');

    for (in.run = 1; in.run <= 8 * MOOT_PAGE_MAX; in.run++)
        hold(in, 1, 1);
    draft_chains('C')->ask = true;
    m.message.chains.first = false;
    m.message.chains.after_run = 8 * MOOT_PAGE_MAX - 2;
    post(&m, 2);
    expect_asked(&m, "send 2 CHAINS of C after ffe fff:1 1000:1 last\n");
    m.message.chains.after_run = 8 * MOOT_PAGE_MAX;
    post(&m, 2);
    expect_asked(&m, "");
}
END_TEST

/* --- forks --- */

START_TEST(heads_at_different_lengths_say_nothing_about_a_fork)
{
    struct moot_hash other = hash_of(0xee);

    hold_of('C', 3, 1);
    post_chain(&m, 2, 'C', 2, &other, false);
    expect_asked(&m, "");
}
END_TEST

Suite *suite_group_compare(void)
{
    Suite *s = suite_create("group/compare");
    TCase *t = tcase_create("digest");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, equal_digests_need_no_words);
    tcase_add_test(t, another_log_is_answered_with_the_authors_held);
    tcase_add_test(t, another_roster_is_answered_with_links_and_a_question);
    tcase_add_test(t, all_members_are_asked_for_once_in_2_s_at_most);
    tcase_add_test(t, a_random_neighbour_is_compared_with_every_2_s_or_so);
    tcase_add_test(t,
                   no_two_rounds_are_closer_than_1600_or_further_than_2400_ms);
    tcase_add_test(t, a_slow_link_is_compared_with_when_it_has_caught_up);
    tcase_add_test(t, a_link_that_comes_up_is_compared_with_at_once);
    suite_add_tcase(s, t);

    t = tcase_create("authors");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, of_equal_authors_nothing_is_said);
    tcase_add_test(t, of_those_that_differ_the_chains_are_compared);
    tcase_add_test(t, authors_that_one_of_us_lacks_are_compared_too);
    tcase_add_test(t, what_lies_beyond_their_page_is_left_to_the_next_one);
    tcase_add_test(t, more_than_512_authors_are_told_a_page_a_round);
    tcase_add_test(t, each_link_has_its_own_place_among_the_pages);
    tcase_add_test(t, one_question_is_not_answered_with_megabytes);
    suite_add_tcase(s, t);

    t = tcase_create("chains");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, longer_chains_are_asked_for_in_one_message);
    tcase_add_test(t, shorter_ones_are_answered_with_ours_when_that_is_asked);
    tcase_add_test(t, an_unknown_run_of_ours_is_told_when_that_is_asked);
    tcase_add_test(t, equal_chains_end_the_conversation);
    tcase_add_test(t, an_author_they_hold_and_we_do_not_is_asked_for);
    tcase_add_test(t, what_is_not_stored_yet_is_not_told);
    tcase_add_test(t, an_empty_chain_is_no_news);
    tcase_add_test(t, more_than_512_chains_are_told_in_pages);
    tcase_add_test(t, a_full_page_may_be_the_last);
    tcase_add_test(t, a_page_is_compared_with_the_same_range_of_ours);
    tcase_add_test(t, who_asks_for_what_is_behind_a_run_gets_that);
    suite_add_tcase(s, t);

    t = tcase_create("forks");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, heads_at_different_lengths_say_nothing_about_a_fork);
    suite_add_tcase(s, t);
    return s;
}
