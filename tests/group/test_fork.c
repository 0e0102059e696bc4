/*
 * tests/group/test_fork.c - runs with two histories: nobody is accused by a
 * hash, everybody cuts them at the same place, and the identity goes on (P9).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "group_words.h"

Suite *suite_group_fork(void);

static struct mind m;

#define DEPTH 24

/* Two histories of B's run, the same up to .same; [0] is unused. */
static struct moot_entry *mine[DEPTH + 1], *other[DEPTH + 1];

static struct moot_entry *follow(const struct moot_entry *before, uint64_t seq,
                                 const char *text)
{
    struct moot_draft d = cast_draft('B', text);

    d.seq = seq;
    d.lamport = seq;
    d.prev = before == NULL ? (struct moot_hash){{0}} : before->hash;
    return cast_drafts('B', &d);
}

static void write_two(unsigned same)
{
    for (unsigned i = 1; i <= DEPTH; i++) {
        mine[i] = follow(mine[i - 1], i, "mine");
        other[i] = i <= same ? mine[i] : follow(other[i - 1], i, "other");
    }
}

static void setup(void)
{
    mine[0] = other[0] = NULL;
    mind_begin_joined(&m);
    let_in(&m, 'B');
    let_in(&m, 'C');
}

static void teardown(void)
{
    mind_end(&m);
}

/* Mind holds mine up to len, safely, and nothing is left to be looked at. */
static void hold(unsigned len)
{
    for (unsigned i = 1; i <= len; i++)
        hear(&m, 2, mine[i]);
    store_all(&m);
    mind_run_ms(&m, MOOT_ACK_EVERY_MS);
    forget_asked(&m);
}

/* The store answers the newest question with entry seq of mine. */
static void store_reads(uint64_t seq)
{
    fetched(&m, m.fetch, &mine[seq], 1);
}

static struct moot_fork proof_of(const struct moot_entry *a,
                                 const struct moot_entry *b)
{
    struct moot_fork f = {0};

    expect(moot_fork_make(a, b, &f));
    return f;
}

/* A proof arrives that node has verified. */
static void accuse(struct mind *who, uint64_t link, const struct moot_entry *a,
                   const struct moot_entry *b)
{
    struct moot_fork f = proof_of(a, b);
    struct moot_group_event ev = {.kind = MOOT_GROUP_FORK, .link = link};

    ev.fork = &f;
    mind_step(who, &ev);
    moot_fork_fini(&f);
}

static const struct moot_chain *run(void)
{
    return chain_of(&m, 'B');
}

#define NOTICE                                                                 \
    "notice: b has two histories (a cloned machine?): what was said in them "  \
    "after they part is left out\n"

/* --- finding --- */

START_TEST(another_in_the_place_of_the_head_is_compared_with_ours)
{
    write_two(0);
    hold(1);
    hear(&m, 2, other[1]);
    expect_asked(&m, "fetch B:1..1 #2\n");
    expect(run()->fork == NULL);
    store_reads(1);
    expect_asked(&m, "end B:1 #3\ntell FORK B:1\n" NOTICE);
    expect_uint(run()->len, 0);
    expect(!run()->fork_kept);
    store_all(&m);
    expect(run()->fork_kept);
    hear(&m, 2, mine[1]);
    hear(&m, 2, other[1]);
    hear(&m, 2, other[2]);
    expect_asked(&m, "");
}
END_TEST

START_TEST(one_that_names_another_head_is_compared_with_ours)
{
    write_two(2);
    hold(3);
    hear(&m, 2, other[4]);
    expect_asked(&m, "fetch B:3..3 #4\n");
    store_reads(3);
    expect_asked_of(&m, "end tell send",
                    "end B:4 #5\ntell FORK B:4\n"
                    "send 2 WANT B:3..3\n");
    expect_uint(run()->len, 3);
}
END_TEST

START_TEST(ours_may_still_be_on_its_way_to_the_store)
{
    write_two(0);
    hear(&m, 2, mine[1]);
    forget_asked(&m);
    hear(&m, 2, other[1]);
    expect_asked(&m, "end B:1 #2\ntell FORK B:1\n" NOTICE);
    store_all(&m);
    expect_uint(run()->kept_len, 0);
    expect(run()->fork_kept);
}
END_TEST

START_TEST(a_store_that_lost_ours_accuses_nobody)
{
    write_two(0);
    hold(1);
    hear(&m, 2, other[1]);
    fetched(&m, m.fetch, NULL, 0);
    expect(run()->fork == NULL);
    expect_uint(run()->len, 1);
}
END_TEST

START_TEST(ours_is_verified_again)
{
    struct moot_entry *bent;

    write_two(0);
    hold(1);
    hear(&m, 2, other[1]);
    ck_assert_int_eq(moot_entry_open(mine[1]->raw, &bent), 0);
    bent->sig.b[5] ^= 1;
    fetched(&m, m.fetch, &bent, 1);
    moot_entry_unref(bent);
    expect(run()->fork == NULL);
}
END_TEST

START_TEST(an_equal_length_with_another_head_is_worth_a_look)
{
    write_two(0);
    hold(2);
    post_chain(&m, 2, 'B', 2, &other[2]->hash, false);
    expect_asked(&m, "send 2 WANT B:2..2\n");
    expect(run()->fork == NULL);
}
END_TEST

/* --- where they part --- */

/* The other side has the other history and serves what it is asked for. */
static unsigned serve_the_search(void)
{
    unsigned asked = 0;

    while (run()->probe != 0 && asked < 2 * DEPTH) {
        uint64_t seq = run()->probe;

        deliver(&m, 2, other[seq], true);
        store_reads(seq);
        asked++;
    }
    return asked;
}

START_TEST(the_first_entry_that_differs_is_looked_for)
{
    unsigned asked;

    write_two((unsigned)_i);
    hold(DEPTH);
    hear(&m, 2, other[DEPTH]);
    store_reads(DEPTH);
    asked = serve_the_search();
    ck_assert_msg(asked <= 7, "%u questions", asked);
    expect_uint(run()->fork->seq, (unsigned)_i + 1);
    expect_uint(run()->len, (unsigned)_i);
    if (_i > 0 && run()->headless)
        store_reads(run()->len);
    store_all(&m);
    expect_uint(run()->kept_len, (unsigned)_i);
    if (_i > 0)
        expect_hash(&run()->kept_head, &mine[_i]->hash);
}
END_TEST

START_TEST(a_search_that_ends_early_keeps_what_it_found)
{
    write_two(2);
    hold(8);
    hear(&m, 2, other[8]);
    store_reads(8);
    deliver(&m, 2, other[7], true);
    store_reads(7);
    expect_uint(run()->fork->seq, 8);
    link_down(&m, 2, MOOT_ECLOSED);
    expect_uint(run()->fork->seq, 7);
    expect_uint(run()->probe, 0);
}
END_TEST

START_TEST(who_does_not_answer_ends_the_search)
{
    write_two(2);
    hold(8);
    hear(&m, 2, other[8]);
    store_reads(8);
    expect_uint(run()->probe, 7);
    mind_run_ms(&m, MOOT_WANT_WAIT_MS);
    expect_uint(run()->probe, 0);
    expect_uint(run()->fork->seq, 8);
}
END_TEST

/* Somebody else has found out more; what is looked for lies below that. */
START_TEST(a_better_proof_narrows_the_search)
{
    write_two(2);
    hold(8);
    hear(&m, 2, other[8]);
    store_reads(8);
    expect_uint(run()->probe, 7);
    accuse(&m, 3, mine[6], other[6]);
    expect_uint(run()->fork->seq, 6);
    expect(run()->probe > 0 && run()->probe < 6);
    expect(m.g->sync_due <= m.now + MOOT_SYNC_SOON_MS);
    serve_the_search();
    expect_uint(run()->fork->seq, 3);
}
END_TEST

/* He may just be reading what is left of his. */
START_TEST(who_lacks_it_time_and_again_ends_the_search)
{
    write_two(2);
    hold(8);
    hear(&m, 2, other[8]);
    store_reads(8);
    for (unsigned i = 0; i < MOOT_SEARCH_AGAIN_MAX; i++) {
        forget_asked(&m);
        post_lack(&m, 2, 'B', 7, 7);
        mind_run_ms(&m, MOOT_SEARCH_AGAIN_MS);
        expect_asked_of(&m, "send", "send 2 WANT B:7..7\n");
    }
    post_lack(&m, 2, 'B', 7, 7);
    expect_uint(run()->probe, 0);
}
END_TEST

/* --- proofs that arrive --- */

START_TEST(a_proof_cuts_the_run_and_is_passed_on)
{
    write_two(3);
    hold(6);
    accuse(&m, 3, mine[4], other[4]);
    expect_asked(&m, "fetch B:3..3 #7\ntell FORK B:4\n" NOTICE);
    expect_uint(run()->len, 3);
    expect_uint(run()->kept_len, 0);
    fetched(&m, 7, &mine[3], 1);
    expect_asked(&m, "end B:4 #8\n");
    expect_uint(run()->kept_len, 3);
    expect_hash(&run()->kept_head, &mine[3]->hash);
    accuse(&m, 2, mine[4], other[4]);
    expect_asked(&m, "");
}
END_TEST

START_TEST(a_worse_proof_is_no_news)
{
    struct moot_fork f;

    write_two(3);
    hold(6);
    accuse(&m, 3, mine[4], other[4]);
    forget_asked(&m);
    f = proof_of(mine[6], other[6]);
    expect(!moot_group_is_better(m.g, &f));
    moot_fork_fini(&f);
    accuse(&m, 3, mine[6], other[6]);
    expect_asked(&m, "");
    expect_uint(run()->fork->seq, 4);
}
END_TEST

START_TEST(a_proof_of_an_unknown_run_is_kept)
{
    write_two(0);
    accuse(&m, 3, mine[2], other[2]);
    expect_asked(&m, "end B:2 ? #1\ntell FORK B:2\n" NOTICE);
    hear(&m, 2, mine[2]);
    expect_asked(&m, "");
    hear(&m, 2, mine[1]);
    expect_asked_of(&m, "store", "store B:1 #2\n");
    store_all(&m);
    expect_uint(run()->kept_len, 1);
    expect(run()->fork_kept);
}
END_TEST

/* Whatever comes first, the best one is kept, and the same is left. */
START_TEST(three_proofs_in_any_order_come_to_the_same)
{
    static const unsigned orders[6][3] = {{3, 5, 8}, {3, 8, 5}, {5, 3, 8},
                                          {5, 8, 3}, {8, 3, 5}, {8, 5, 3}};

    write_two(2);
    hold(10);
    for (unsigned i = 0; i < 3; i++)
        accuse(&m, 3, mine[orders[_i][i]], other[orders[_i][i]]);
    if (run()->headless)
        fetched(&m, m.fetch, &mine[2], 1);
    store_all(&m);
    expect_uint(run()->len, 2);
    expect_uint(run()->fork->seq, 3);
    expect_uint(run()->kept_len, 2);
    expect_hash(&run()->kept_head, &mine[2]->hash);
    expect(run()->fork_kept);
    expect_uint(m.g->log.entry_count, 2);
}
END_TEST

/* Who signs two histories of a thousand runs does not fill our memory. */
START_TEST(proofs_take_16_mib_at_most)
{
    struct moot_fork f;

    write_two(2);
    hold(6);
    m.g->fork_bytes = MOOT_FORKS_BYTES_MAX;
    accuse(&m, 3, mine[6], other[6]);
    expect_asked(&m, "");
    expect(run()->fork == NULL);
    m.g->fork_bytes = 0;
    accuse(&m, 3, mine[6], other[6]);
    expect(run()->fork != NULL);
    m.g->fork_bytes = MOOT_FORKS_BYTES_MAX;
    f = proof_of(mine[4], other[4]);
    expect(moot_group_is_better(m.g, &f)); /* it takes the other's place */
    moot_fork_fini(&f);
}
END_TEST

/* --history: of twelve entries there are the newest three. */
static void hold_newest_three(void)
{
    m.g->enter.history_bounded = true;
    m.g->enter.history_max = 3;
    write_two(0);
    post_chain(&m, 2, 'B', 12, &mine[12]->hash, false);
    for (unsigned i = 10; i <= 12; i++)
        deliver(&m, 2, mine[i], true);
    settle(&m);
    store_all(&m);
    forget_asked(&m);
}

/* B tells of the run that it ends before seq, and of the same proof. */
static void tell_end(uint64_t seq)
{
    struct moot_chains *c = &draft_message(&m, MOOT_MSG_CHAINS)->chains;

    c->author = *cast_id('B');
    c->first = c->last = true;
    c->count = 1;
    c->at[0] = (struct moot_chain_head){.run = cast_run('B').run,
                                        .len = seq - 1,
                                        .head = mine[seq - 1]->hash,
                                        .fork_seq = seq,
                                        .fork_hash = run()->fork->hash};
    post(&m, 2);
}

/* What ends the run may lie below all that is here; what is told of the run
 * must be the same as with those who have all of it. */
static void expect_the_end_at(uint64_t seq)
{
    char want[40];

    snprintf(want, sizeof want, "send 2 WANT B:%u..%u\n", (unsigned)seq - 1,
             (unsigned)seq - 1);
    store_all(&m);
    forget_asked(&m);
    tell_end(seq);
    expect_asked_of(&m, "send", want);
    deliver(&m, 2, mine[seq - 1], true);
    settle(&m);
    store_all(&m);
    expect_uint(run()->kept_len, seq - 1);
    expect_uint(run()->base, seq - 1);
    expect_hash(&run()->kept_head, &mine[seq - 1]->hash);
    expect(run()->fork_kept);
    expect_int(run()->due, 0);
    forget_asked(&m);
    tell_end(seq);
    expect_asked(&m, "");
}

START_TEST(a_run_may_end_below_all_of_it_that_is_here)
{
    static const uint64_t at[] = {10, 9, 5, 2};

    hold_newest_three();
    accuse(&m, 2, mine[at[_i]], other[at[_i]]);
    expect_asked_of(&m, "fetch", "");
    expect_the_end_at(at[_i]);
    expect_uint(m.g->log.entry_count, 1);
}
END_TEST

START_TEST(it_may_end_lower_and_lower)
{
    hold_newest_three();
    accuse(&m, 2, mine[10], other[10]);
    accuse(&m, 2, mine[9], other[9]); /* of 9 nothing has come yet */
    expect_the_end_at(9);
    accuse(&m, 2, mine[5], other[5]);
    expect_the_end_at(5);
    accuse(&m, 2, mine[1], other[1]);
    store_all(&m);
    expect_uint(run()->len, 0);
    expect_uint(run()->kept_len, 0);
    expect_uint(m.g->log.entry_count, 0);
    forget_asked(&m);
    hear(&m, 2, mine[1]);
    expect_asked(&m, "");
}
END_TEST

START_TEST(a_head_that_the_store_lost_is_a_hole)
{
    write_two(3);
    hold(6);
    accuse(&m, 3, mine[4], other[4]);
    fetched(&m, 7, NULL, 0);
    expect_asked_of(&m, "end", "end B:4 ? #9\n");
    store_all(&m);
    expect_uint(run()->kept_len, 0);
    expect(run()->holes != NULL);
    deliver(&m, 2, mine[3], true);
    store_all(&m);
    expect(!run()->headless && run()->holes == NULL);
    expect_uint(run()->kept_len, 3);
    expect_hash(&run()->kept_head, &mine[3]->hash);
}
END_TEST

START_TEST(nothing_at_or_behind_the_fork_is_asked_for)
{
    write_two(3);
    hold(2);
    accuse(&m, 3, mine[4], other[4]);
    forget_asked(&m);
    hear(&m, 2, mine[6]);
    expect_asked(&m, "");
    post_chain(&m, 2, 'B', 9, &mine[9]->hash, false);
    expect_asked_of(&m, "send", "send 2 FORK B:4\nsend 2 WANT B:3..3\n");
}
END_TEST

START_TEST(what_waits_to_be_shown_is_not_shown)
{
    struct moot_entry *c = cast_writes('C', "first");
    struct moot_draft d;

    mine[1] = follow(NULL, 1, "mine");
    other[1] = follow(NULL, 1, "other");
    d = cast_draft('B', "second");
    d.seq = 2;
    d.lamport = 9;
    d.prev = mine[1]->hash;
    d.cites = &(struct moot_cite){.in = c->in, .seq = c->seq, .hash = c->hash};
    d.cite_count = 1;
    mine[2] = cast_drafts('B', &d);
    hear(&m, 2, mine[1]);
    hear(&m, 2, mine[2]);
    expect_uint(m.g->held_count, 1);
    accuse(&m, 3, mine[1], other[1]);
    expect_uint(m.g->held_count, 0);
    expect_uint(m.g->tip_count, 0);
    forget_asked(&m);
    hear(&m, 3, c);
    expect_asked_of(&m, "show", "show c: first\n");
}
END_TEST

START_TEST(nobody_waits_for_what_left_the_transcript)
{
    struct moot_entry *e;

    write_two(0);
    e = cast_replies('C', "hear, hear", mine[1], NULL);
    accuse(&m, 3, mine[1], other[1]);
    forget_asked(&m);
    hear(&m, 3, e);
    expect_asked_of(&m, "show", "show c: hear, hear\n");
}
END_TEST

START_TEST(the_identity_goes_on_in_its_next_run)
{
    write_two(0);
    hold(1);
    accuse(&m, 3, mine[1], other[1]);
    forget_asked(&m);
    cast_set_run('B', 2);
    hear(&m, 2, cast_writes('B', "that was the other machine"));
    expect_asked_of(&m, "show", "show b: that was the other machine\n");
}
END_TEST

/* --- telling --- */

static void post_fork_head(bool forked, uint64_t seq, uint8_t hash, bool ask)
{
    struct moot_chains *c = &draft_message(&m, MOOT_MSG_CHAINS)->chains;

    c->author = *cast_id('B');
    c->first = c->last = true;
    c->ask = ask;
    c->count = 1;
    c->at[0].run = cast_run('B').run;
    c->at[0].len = 1;
    c->at[0].head = mine[1]->hash;
    if (forked) {
        c->at[0].fork_seq = seq;
        c->at[0].fork_hash = hash_of(hash);
    }
    post(&m, 2);
}

START_TEST(who_has_the_better_proof_sends_it)
{
    write_two(1);
    hold(1);
    accuse(&m, 3, mine[2], other[2]);
    store_all(&m);
    forget_asked(&m);
    post_fork_head(false, 0, 0, false);
    expect_asked(&m, "send 2 FORK B:2\n");
    post_fork_head(true, 3, 1, false);
    expect_asked(&m, "send 2 FORK B:2\n");
    post_fork_head(true, 2, 1, false); /* another one, of the same seq */
    expect_asked(&m, "send 2 FORK B:2\n");
}
END_TEST

START_TEST(who_lacks_the_better_proof_shows_it)
{
    write_two(3);
    hold(1);
    post_fork_head(true, 3, 1, true);
    expect_asked(&m, "send 2 CHAINS of B 1:1 last\n");
    post_fork_head(true, 3, 1, false);
    expect_asked(&m, "");
}
END_TEST

START_TEST(a_proof_is_advertised_when_it_is_kept)
{
    struct moot_ping before, after;

    write_two(1);
    hold(1);
    moot_group_fill_ping(m.g, &before);
    accuse(&m, 3, mine[2], other[2]);
    moot_group_fill_ping(m.g, &after);
    expect_hash(&after.log, &before.log);
    store_all(&m);
    moot_group_fill_ping(m.g, &after);
    expect(!moot_hash_eq(&after.log, &before.log));
    forget_asked(&m);
    draft_message(&m, MOOT_MSG_AUTHORS)->authors.last = true;
    post(&m, 2);
    expect_asked_of(&m, "send", "send 2 CHAINS of B 1:1! last ask\n");
}
END_TEST

/* --- our own run --- */

START_TEST(when_our_run_forks_we_go_on_in_another)
{
    struct moot_entry *clone = cast_writes('M', "said by a clone");

    say_line(&m, MOOT_LINE_TEXT, "said here");
    forget_asked(&m);
    hear(&m, 2, clone);
    expect_asked_of(&m, "notice sent",
                    "sent 1\nnotice: your identity speaks from two places at "
                    "once (a cloned machine?): the last lines said here may be "
                    "missing; you go on in a new run\n");
    say_line(&m, MOOT_LINE_TEXT, "still here");
    expect(m.stored->in.run != CAST_RUN);
    expect_id(&m.stored->in.author, cast_id('M'));
    expect_uint(m.stored->seq, 1);
    expect_asked_of(&m, "show", "show m: still here (own)\n");
    store_all(&m);
    expect_asked_of(&m, "sent", "sent 1\n");
}
END_TEST

START_TEST(everybody_is_told_in_which_run_we_go_on)
{
    const struct moot_record *r = &m.g->self->record;
    uint64_t serial = r->serial;

    say_line(&m, MOOT_LINE_TEXT, "said here");
    expect_uint(r->speaks, 0);
    hear(&m, 2, cast_writes('M', "said by a clone"));
    expect(r->speaks == m.g->me.run && r->speaks != r->run);
    expect_uint(r->run, CAST_RUN);
    expect(r->serial > serial);
    expect(moot_record_verify(r));
    expect(strstr(moot_buf_text(&m.text), "tell MEMBERS") != NULL);
}
END_TEST

/* What B says to have of the new run is nothing about the lines before. */
START_TEST(lines_that_left_the_transcript_are_held_by_nobody)
{
    struct moot_entry *clone = cast_writes('M', "said by a clone");
    const struct moot_member *b = moot_group_member(m.g, cast_id('B'));
    const struct moot_recent *said;
    struct moot_ack *a;

    say_line(&m, MOOT_LINE_TEXT, "said here");
    hear(&m, 2, clone);
    say_line(&m, MOOT_LINE_TEXT, "still here");
    a = &draft_message(&m, MOOT_MSG_ACK)->ack;
    a->run = m.stored->in.run;
    a->seq = 1;
    post(&m, 2);
    ck_assert_uint_eq(moot_group_recent(m.g, &said), 2);
    expect(!moot_group_holds(m.g, b, &said[0]));
    expect(moot_group_holds(m.g, b, &said[1]));
}
END_TEST

/* --- two peers --- */

/* Each holds another history up to the same length.  What one asks the other
 * does not matter: each is given what it asked for, out of the other's. */
START_TEST(peers_with_different_histories_come_to_the_same_digest)
{
    struct moot_ping first, second;

    write_two(5);
    for (unsigned side = 0; side < 2; side++) {
        struct moot_entry **held = side == 0 ? mine : other;
        struct moot_entry **theirs = side == 0 ? other : mine;

        if (side == 1) {
            mind_end(&m);
            setup();
            write_two(5);
        }
        for (unsigned i = 1; i <= 12; i++)
            hear(&m, 2, held[i]);
        store_all(&m);
        hear(&m, 2, theirs[12]);
        fetched(&m, m.fetch, &held[12], 1);
        while (run()->probe != 0) {
            uint64_t seq = run()->probe;

            deliver(&m, 2, theirs[seq], true);
            fetched(&m, m.fetch, &held[seq], 1);
        }
        if (run()->headless)
            fetched(&m, m.fetch, &held[5], 1);
        store_all(&m);
        moot_group_fill_ping(m.g, side == 0 ? &first : &second);
        expect_uint(run()->fork->seq, 6);
    }
    expect_hash(&first.log, &second.log);
}
END_TEST

Suite *suite_group_fork(void)
{
    Suite *s = suite_create("group/fork");
    TCase *t = tcase_create("finding");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, another_in_the_place_of_the_head_is_compared_with_ours);
    tcase_add_test(t, one_that_names_another_head_is_compared_with_ours);
    tcase_add_test(t, ours_may_still_be_on_its_way_to_the_store);
    tcase_add_test(t, a_store_that_lost_ours_accuses_nobody);
    tcase_add_test(t, ours_is_verified_again);
    tcase_add_test(t, an_equal_length_with_another_head_is_worth_a_look);
    suite_add_tcase(s, t);

    t = tcase_create("searching");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, the_first_entry_that_differs_is_looked_for, 0,
                        DEPTH - 1);
    tcase_add_test(t, a_search_that_ends_early_keeps_what_it_found);
    tcase_add_test(t, who_does_not_answer_ends_the_search);
    tcase_add_test(t, a_better_proof_narrows_the_search);
    tcase_add_test(t, who_lacks_it_time_and_again_ends_the_search);
    suite_add_tcase(s, t);

    t = tcase_create("proofs");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_proof_cuts_the_run_and_is_passed_on);
    tcase_add_test(t, a_worse_proof_is_no_news);
    tcase_add_test(t, a_proof_of_an_unknown_run_is_kept);
    tcase_add_loop_test(t, three_proofs_in_any_order_come_to_the_same, 0, 6);
    tcase_add_test(t, proofs_take_16_mib_at_most);
    tcase_add_loop_test(t, a_run_may_end_below_all_of_it_that_is_here, 0, 4);
    tcase_add_test(t, it_may_end_lower_and_lower);
    tcase_add_test(t, a_head_that_the_store_lost_is_a_hole);
    tcase_add_test(t, nothing_at_or_behind_the_fork_is_asked_for);
    tcase_add_test(t, what_waits_to_be_shown_is_not_shown);
    tcase_add_test(t, nobody_waits_for_what_left_the_transcript);
    tcase_add_test(t, the_identity_goes_on_in_its_next_run);
    suite_add_tcase(s, t);

    t = tcase_create("telling");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, who_has_the_better_proof_sends_it);
    tcase_add_test(t, who_lacks_the_better_proof_shows_it);
    tcase_add_test(t, a_proof_is_advertised_when_it_is_kept);
    tcase_add_test(t, when_our_run_forks_we_go_on_in_another);
    tcase_add_test(t, everybody_is_told_in_which_run_we_go_on);
    tcase_add_test(t, lines_that_left_the_transcript_are_held_by_nobody);
    tcase_add_test(t, peers_with_different_histories_come_to_the_same_digest);
    suite_add_tcase(s, t);
    return s;
}
