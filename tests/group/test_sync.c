/*
 * tests/group/test_sync.c - what is missing is asked for, with a deadline, then
 * of somebody else; so nobody can keep an entry from us by promising it (P3).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "group_words.h"

Suite *suite_group_sync(void);

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

/* The newest of n entries of B's; the others are in all. */
static struct moot_entry *all[32];

static struct moot_entry *write_many(char who, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        all[i] = cast_writes(who, "x");
    return all[n - 1];
}

#define expect_wants(text) expect_asked_of(&m, "send", text)

/* --- gaps --- */

START_TEST(a_line_that_overtakes_makes_us_ask_at_once)
{
    hear(&m, 2, write_many('B', 3));
    expect_asked(&m, "send 2 WANT B:1..2\n");
    for (unsigned i = 0; i < 3; i++)
        deliver(&m, 2, all[i], true);
    settle(&m);
    expect_asked_of(&m, "store show send",
                    "store B:1 #1\nstore B:2 #2\nstore B:3 #3\n"
                    "show b: x (earlier)\nshow b: x (earlier)\n"
                    "show b: x\n");
    expect_int(chain_of(&m, 'B')->due, 0);
}
END_TEST

START_TEST(a_gap_is_asked_for_once)
{
    struct moot_entry *last = write_many('B', 5);

    hear(&m, 2, all[2]);
    hear(&m, 2, all[3]);
    hear(&m, 2, last);
    expect_wants("send 2 WANT B:1..2\n");
}
END_TEST

/* MOOT_WANT_FEW, MOOT_WANT_BYTES_MAX: a long history is asked for in parts,
 * each when half of the one before is here. */
START_TEST(a_long_history_is_asked_for_in_parts)
{
    struct moot_hash prev = {{0}};
    unsigned to, end = MOOT_WANT_FEW;

    post_chain(&m, 2, 'B', 100000, &prev, false);
    expect_within("send 2 WANT B:1..32\n", moot_buf_text(&m.text));
    for (unsigned i = 1; i <= 2000; i++) {
        struct moot_draft d = cast_draft('B', "x");
        struct moot_entry *e;
        const char *more;
        unsigned from;

        d.seq = d.lamport = i;
        d.prev = prev;
        e = cast_drafts('B', &d);
        prev = e->hash;
        forget_asked(&m);
        deliver(&m, 2, e, true);
        more = strstr(moot_buf_text(&m.text), "WANT B:");
        if (more == NULL)
            continue;
        expect_int(sscanf(more, "WANT B:%u..%u", &from, &to), 2);
        expect_uint(from, end + 1);
        expect(end >= i && end - i <= (i == 1 ? MOOT_WANT_FEW : to - i));
        expect((to - i) * e->raw.len <= MOOT_WANT_BYTES_MAX * 11 / 10);
        end = to;
    }
    expect(end > 2000);
}
END_TEST

/* What came to be known while we asked is asked for as soon as the first
 * answer is complete, not when its deadline has passed. */
START_TEST(what_was_said_meanwhile_is_asked_for_next)
{
    write_many('B', 5);
    hear(&m, 2, all[2]);
    hear(&m, 2, all[4]);
    forget_asked(&m);
    deliver(&m, 2, all[0], true);
    expect_wants("");
    deliver(&m, 2, all[1], true);
    expect_wants("send 2 WANT B:4..4\n");
    deliver(&m, 2, all[3], true);
    expect_wants("");
    expect_uint(chain_of(&m, 'B')->len, 5);
}
END_TEST

START_TEST(what_arrives_by_another_way_ends_the_asking)
{
    let_in(&m, 'C');
    hear(&m, 2, write_many('B', 2));
    forget_asked(&m);
    hear(&m, 3, all[0]);
    hear(&m, 3, all[1]);
    expect_wants("");
    mind_run_ms(&m, 10 * MOOT_WANT_WAIT_MS);
    expect_wants("");
}
END_TEST

/* --- deadlines --- */

/* MOOT_WANT_WAIT_MS. */
START_TEST(who_does_not_deliver_within_2_s_is_not_asked_again_first)
{
    let_in(&m, 'C');
    hear(&m, 2, write_many('B', 2));
    forget_asked(&m);
    mind_run_ms(&m, MOOT_WANT_WAIT_MS - 1);
    expect_wants("");
    mind_run_ms(&m, 1);
    expect_wants("send 3 WANT B:1..1\n");
}
END_TEST

START_TEST(progress_earns_another_2_s)
{
    let_in(&m, 'C');
    write_many('B', 3);
    hear(&m, 2, all[2]);
    mind_run_ms(&m, MOOT_WANT_WAIT_MS - 10);
    deliver(&m, 2, all[0], true);
    forget_asked(&m);
    mind_run_ms(&m, MOOT_WANT_WAIT_MS - 1);
    expect_wants("");
    mind_run_ms(&m, 1);
    expect_wants("send 3 WANT B:2..2\n");
}
END_TEST

/* A liar claims more of our own run than there is; what we say goes beyond. */
START_TEST(nobody_is_asked_for_what_we_have_said_ourselves_meanwhile)
{
    struct moot_hash head = hash_of(1);

    let_in(&m, 'C');
    say_line(&m, MOOT_LINE_TEXT, "one");
    store_all(&m);
    forget_asked(&m);
    post_chain(&m, 2, 'M', 2, &head, false);
    expect_wants("send 2 WANT M:2..2\n");
    for (unsigned i = 0; i < 3; i++) {
        say_line(&m, MOOT_LINE_TEXT, "more");
        store_all(&m);
    }
    expect_int(chain_of(&m, 'M')->due, 0);
    expect_uint(moot_sync_missing(m.g), 0);
    mind_run_ms(&m, 2 * MOOT_WANT_WAIT_MS);
    expect_wants("");
}
END_TEST

/* Of many links one has the body, whatever chance says. */
START_TEST(all_links_are_asked_before_one_goes_without_a_body)
{
    struct moot_entry *e = cast_writes('B', "x");
    struct moot_entry *bare = moot_entry_pruned(e);

    for (const char *who = "CDEFGH"; *who != '\0'; who++)
        let_in(&m, *who);
    for (int i = 0; i < _i; i++)
        moot_rng_u64(&m.rng);
    deliver(&m, 2, bare, true);
    for (unsigned i = 0;
         i < 20 && chain_of(&m, 'B') != NULL && chain_of(&m, 'B')->len == 0;
         i++) {
        uint64_t link = chain_of(&m, 'B')->source;

        deliver(&m, link, link == 5 ? e : bare, true);
    }
    expect_uint(chain_of(&m, 'B')->len, 1);
    expect(m.stored->body.data != NULL);
    moot_entry_unref(bare);
}
END_TEST

START_TEST(who_lacks_it_is_replaced_at_once)
{
    let_in(&m, 'C');
    hear(&m, 2, write_many('B', 2));
    forget_asked(&m);
    post_lack(&m, 2, 'B', 1, 2);
    expect_wants("send 3 WANT B:1..1\n");
}
END_TEST

/* link has who's run from base on, and nothing before. */
static void post_lack_but(uint64_t link, char who, uint64_t from, uint64_t to,
                          uint64_t base)
{
    struct moot_lack *l = &draft_message(&m, MOOT_MSG_LACK)->lack;

    l->at = (struct moot_range){cast_run(who), from, to};
    l->base = base;
    post(&m, link);
}

static void learn_of_a_run_without_beginning(void)
{
    struct moot_hash head = hash_of(1);

    let_in(&m, 'C');
    write_many('D', 9);
    post_chain(&m, 2, 'D', 9, &head, false);
    expect_wants("send 2 WANT D:1..9\n");
    post_lack_but(2, 'D', 1, 9, 7);
    expect_wants("send 3 WANT D:1..9\n");
}

START_TEST(a_run_whose_beginning_nobody_has_begins_where_they_have_it)
{
    learn_of_a_run_without_beginning();
    post_lack_but(3, 'D', 1, 9, 5);
    expect_wants("send 2 WANT D:1..9\n");
    post_lack_but(2, 'D', 1, 9, 7);
    expect_wants("send 3 WANT D:1..9\n");
    post_lack_but(3, 'D', 1, 9, 5);
    expect_wants("send 2 WANT D:5..9\n");
    post_lack_but(2, 'D', 5, 9, 7);
    expect_wants("send 3 WANT D:5..9\n");
    for (unsigned i = 4; i < 9; i++)
        deliver(&m, 3, all[i], true);
    store_all(&m);
    expect_uint(chain_of(&m, 'D')->kept_len, 9);
}
END_TEST

/* He may have the beginning. */
START_TEST(as_long_as_one_says_nothing_it_is_waited_for)
{
    learn_of_a_run_without_beginning();
    mind_run_ms(&m, MOOT_WANT_WAIT_MS);
    for (int i = 0; i < 5; i++) {
        post_lack_but(2, 'D', 1, 9, 7);
        post_lack_but(3, 'D', 1, 9, 7);
    }
    expect(chain_of(&m, 'D') == NULL);
}
END_TEST

START_TEST(a_run_that_is_here_in_part_does_not_lose_its_middle)
{
    struct moot_hash head = hash_of(1);

    let_in(&m, 'C');
    write_many('D', 9);
    deliver(&m, 2, all[0], true);
    post_chain(&m, 2, 'D', 9, &head, false);
    for (int i = 0; i < 5; i++) {
        post_lack_but(2, 'D', 2, 9, 7);
        post_lack_but(3, 'D', 2, 9, 7);
    }
    expect_uint(chain_of(&m, 'D')->len, 1);
    expect_int(chain_of(&m, 'D')->due, 0);
}
END_TEST

START_TEST(only_who_was_asked_can_lack_it)
{
    let_in(&m, 'C');
    hear(&m, 2, write_many('B', 2));
    forget_asked(&m);
    post_lack(&m, 3, 'B', 1, 2);
    post_lack(&m, 3, 'D', 1, 2);
    expect_wants("");
}
END_TEST

START_TEST(the_only_one_there_is_asked_twice_and_no_more)
{
    hear(&m, 2, write_many('B', 2));
    post_lack(&m, 2, 'B', 1, 2);
    post_lack(&m, 2, 'B', 1, 2);
    expect_wants("send 2 WANT B:1..1\n"
                 "send 2 WANT B:1..1\n"
                 "send 2 WANT B:1..1\n");
    post_lack(&m, 2, 'B', 1, 2);
    expect_wants("");
    expect(chain_of(&m, 'B') == NULL);
}
END_TEST

/* What nobody gives is forgotten and asked for when it is heard of again. */
START_TEST(when_nobody_delivers_we_give_up_until_the_next_round)
{
    let_in(&m, 'C');
    let_in(&m, 'D');
    hear(&m, 2, write_many('B', 2));
    mind_run_ms(&m, 5 * MOOT_WANT_WAIT_MS);
    expect(chain_of(&m, 'B') == NULL);
    forget_asked(&m);
    mind_run_ms(&m, 5 * MOOT_WANT_WAIT_MS);
    expect_wants("");
    hear(&m, 2, all[1]);
    expect_wants("send 2 WANT B:1..1\n");
}
END_TEST

START_TEST(giving_up_keeps_what_is_there)
{
    write_many('B', 4);
    hear(&m, 2, all[0]);
    hear(&m, 2, all[3]);
    mind_run_ms(&m, 5 * MOOT_WANT_WAIT_MS);
    expect_uint(chain_of(&m, 'B')->len, 1);
    expect_int(chain_of(&m, 'B')->due, 0);
}
END_TEST

/* As long as something comes the one asked is asked again. */
START_TEST(progress_makes_up_for_earlier_failures)
{
    write_many('B', 8);
    hear(&m, 2, all[0]);
    hear(&m, 2, all[7]);
    for (unsigned i = 1; i < 7; i++) {
        forget_asked(&m);
        mind_run_ms(&m, MOOT_WANT_WAIT_MS);
        expect(m.text.len > 0);
        expect(chain_of(&m, 'B')->due != 0);
        deliver(&m, 2, all[i], true);
    }
}
END_TEST

/* Somebody claimed what nobody has; what there is comes all the same. */
START_TEST(a_claim_that_nobody_kept_is_forgotten)
{
    struct moot_hash head = hash_of(1);

    write_many('B', 3);
    hear(&m, 2, all[0]);
    post_chain(&m, 2, 'B', 1000, &head, false);
    for (unsigned i = 0; i < 3; i++)
        post_lack(&m, 2, 'B', 2, 1000);
    expect_int(chain_of(&m, 'B')->due, 0);
    forget_asked(&m);
    hear(&m, 2, all[2]);
    expect_wants("send 2 WANT B:2..2\n");
}
END_TEST

/* --- earlier or late --- */

/* MOOT_CATCH_UP_MS: what we ask for then is a live line that took a detour. */
START_TEST(what_is_asked_for_long_after_we_came_is_not_from_earlier)
{
    write_many('B', 2);
    mind_run_ms(&m, MOOT_CATCH_UP_MS - MOOT_LINKED_WAIT_MS);
    deliver(&m, 2, all[0], true);
    settle(&m);
    expect_asked_of(&m, "show", "show b: x (earlier)\n");
    mind_run_ms(&m, MOOT_CATCH_UP_MS);
    deliver(&m, 2, all[1], true);
    settle(&m);
    expect_asked_of(&m, "show", "show b: x\n");
}
END_TEST

/* MOOT_CATCH_ON_MS: a long history takes longer than that. */
START_TEST(while_answers_keep_coming_they_are_from_earlier)
{
    write_many('B', 20);
    for (unsigned i = 0; i < 20; i++) {
        mind_run_ms(&m, MOOT_CATCH_ON_MS - 10);
        forget_asked(&m);
        deliver(&m, 2, all[i], true);
        settle(&m);
        expect_asked_of(&m, "show", "show b: x (earlier)\n");
    }
    mind_run_ms(&m, MOOT_CATCH_ON_MS + 10);
    deliver(&m, 2, cast_writes('B', "y"), true);
    settle(&m);
    expect_asked_of(&m, "show", "show b: y\n");
}
END_TEST

/* --- links --- */

START_TEST(a_link_that_goes_down_is_replaced_at_once)
{
    let_in(&m, 'C');
    hear(&m, 2, write_many('B', 2));
    forget_asked(&m);
    link_down(&m, 2, MOOT_ERESET);
    expect_wants("send 3 WANT B:1..1\n");
}
END_TEST

START_TEST(without_links_nothing_is_asked_for)
{
    hear(&m, 2, write_many('B', 2));
    forget_asked(&m);
    link_down(&m, 2, MOOT_ERESET);
    expect_wants("");
    expect(chain_of(&m, 'B') == NULL);
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS);
    forget_asked(&m);
    mind_run_ms(&m, 60000);
    expect_asked(&m, "");
}
END_TEST

START_TEST(all_that_one_link_owed_is_asked_for_elsewhere)
{
    struct moot_hash head = hash_of(1);

    let_in(&m, 'C');
    for (char who = 'D'; who <= 'G'; who++)
        post_chain(&m, 2, who, 3, &head, false);
    forget_asked(&m);
    link_down(&m, 2, MOOT_ERESET);
    expect_wants("send 3 WANT G:1..3 F:1..3 E:1..3 D:1..3\n");
}
END_TEST

/* P11: who does not take what is sent need not answer for others. */
START_TEST(a_slow_link_is_not_asked_while_there_is_another)
{
    let_in(&m, 'C');
    let_in(&m, 'D');
    link_event(&m, 3, MOOT_GROUP_LINK_SLOW);
    hear(&m, 2, write_many('B', 2));
    forget_asked(&m);
    mind_run_ms(&m, MOOT_WANT_WAIT_MS);
    expect_wants("send 4 WANT B:1..1\n");
    mind_run_ms(&m, MOOT_WANT_WAIT_MS);
    expect_wants("send 2 WANT B:1..1\n");
}
END_TEST

START_TEST(events_of_a_link_that_is_gone_find_nobody)
{
    struct moot_entry *e = cast_writes('B', "x");

    link_down(&m, 2, MOOT_ECLOSED);
    forget_asked(&m);
    hear(&m, 2, e);
    post_lack(&m, 2, 'B', 1, 1);
    link_event(&m, 2, MOOT_GROUP_LINK_SLOW);
    link_event(&m, 2, MOOT_GROUP_LINK_CLEAR);
    link_down(&m, 2, MOOT_ECLOSED);
    expect_asked(&m, "");
}
END_TEST

/* --- bounds (P12) --- */

static struct moot_entry *of_new_run(uint64_t run)
{
    struct moot_draft d = cast_draft('C', "x");

    d.in.run = run;
    return cast_drafts('C', &d);
}

/* Runs of C of one entry each, of which nothing is here. */
static void post_runs(uint64_t from, uint64_t to, bool last)
{
    struct moot_chains *c = &draft_message(&m, MOOT_MSG_CHAINS)->chains;

    c->author = *cast_id('C');
    c->first = from == 1;
    c->after_run = from - 1;
    c->last = last;
    for (uint64_t run = from; run <= to; run++)
        c->at[c->count++] =
            (struct moot_chain_head){.run = run, .len = 1, .head = hash_of(1)};
    post(&m, 2);
}

static void give_runs(uint64_t from, uint64_t to)
{
    for (uint64_t run = from; run <= to; run++)
        deliver(&m, 2, of_new_run(run), true);
    settle(&m);
}

START_TEST(a_newcomer_asks_on_behind_the_last_run_of_a_page)
{
    post_runs(1, 3, false);
    give_runs(1, 2);
    expect_asked_of(&m, "send", "send 2 WANT C:1..1 C/2:1..1 C/3:1..1\n");
    give_runs(3, 3);
    expect_asked_of(&m, "send", "send 2 CHAINS of C after 3 last ask\n");
    mind_run_ms(&m, 100);
    expect_asked_of(&m, "send", "");
    post_runs(4, 5, true);
    forget_asked(&m);
    give_runs(4, 5);
    expect_asked_of(&m, "send", "");
}
END_TEST

START_TEST(he_asks_on_behind_the_last_run_that_was_taken_in)
{
    moot_group_link_find(m.g, 2)->new_chains = 2;
    moot_group_link_find(m.g, 2)->new_chains_at = m.now;
    post_runs(1, 3, false);
    post_runs(4, 5, true);
    forget_asked(&m);
    give_runs(1, 2);
    expect_asked_of(&m, "send", "send 2 CHAINS of C after 2 last ask\n");
}
END_TEST

START_TEST(a_page_that_brings_nothing_is_not_followed)
{
    post_runs(1, 3, false);
    give_runs(1, 3);
    forget_asked(&m);
    post_runs(4, 3, false); /* empty, and not the last */
    settle(&m);
    expect_asked_of(&m, "send", "");
}
END_TEST

/* MOOT_NEW_CHAINS_BURST and MOOT_CHAINS_PER_LINK_MINUTE. */
START_TEST(a_link_brings_1024_new_chains_and_then_64_a_minute)
{
    const moot_ms each = 60000 / MOOT_CHAINS_PER_LINK_MINUTE;
    uint64_t run = 2;

    moot_group_link_find(m.g, 2)->new_chains_at = m.now;
    for (; run < 2 + MOOT_NEW_CHAINS_BURST + 5; run++)
        deliver(&m, 2, of_new_run(run), false);
    expect_uint(m.g->log.chain_count, MOOT_NEW_CHAINS_BURST);
    m.now += each - 1;
    deliver(&m, 2, of_new_run(run++), false);
    expect_uint(m.g->log.chain_count, MOOT_NEW_CHAINS_BURST);
    m.now += 1;
    deliver(&m, 2, of_new_run(run++), false);
    deliver(&m, 2, of_new_run(run++), false);
    expect_uint(m.g->log.chain_count, MOOT_NEW_CHAINS_BURST + 1);
    m.now += 60000 + each / 2;
    for (unsigned i = 0; i < 2 * MOOT_CHAINS_PER_LINK_MINUTE; i++)
        deliver(&m, 2, of_new_run(run++), false);
    expect_uint(m.g->log.chain_count,
                MOOT_NEW_CHAINS_BURST + 1 + MOOT_CHAINS_PER_LINK_MINUTE);
}
END_TEST

/* Link 2 tells of a new run of C with one entry. */
static void tell_of_run(uint64_t run)
{
    struct moot_chains *c = &draft_message(&m, MOOT_MSG_CHAINS)->chains;
    struct moot_entry *e = of_new_run(run);

    c->author = e->in.author;
    c->first = c->last = true;
    c->count = 1;
    c->at[0] = (struct moot_chain_head){.run = run, .len = 1, .head = e->hash};
    post(&m, 2);
}

/* What is only claimed does count, what has come does not, and when all of it
 * has come we compare again at once. */
START_TEST(a_newcomer_gets_all_runs_that_are_there)
{
    const unsigned half = MOOT_NEW_CHAINS_BURST / 2;
    uint64_t run = 2;

    moot_group_link_find(m.g, 2)->new_chains_at = m.now;
    for (; run < 2 + half; run++) {
        tell_of_run(run);
        deliver(&m, 2, of_new_run(run), true);
    }
    expect_uint(m.g->log.chain_count, half);
    for (; run < 2 + half + MOOT_NEW_CHAINS_BURST + 5; run++)
        tell_of_run(run);
    expect_uint(m.g->log.chain_count, half + MOOT_NEW_CHAINS_BURST);
    for (run = 2 + half; run < 2 + half + MOOT_NEW_CHAINS_BURST; run++)
        deliver(&m, 2, of_new_run(run), true);
    forget_asked(&m);
    settle(&m);
    expect_within("ping 2", moot_buf_text(&m.text));
    m.now += MOOT_ENTER_FETCH_MS;
    moot_group_link_find(m.g, 2)->new_chains = 1;
    moot_group_link_find(m.g, 2)->new_chains_at = m.now;
    tell_of_run(run);
    deliver(&m, 2, of_new_run(run), true);
    expect_uint(moot_group_link_find(m.g, 2)->new_chains, 0);
}
END_TEST

/* Delayed, never refused: and what one link may not bring, another may. */
START_TEST(an_idle_link_earns_no_more_than_the_burst)
{
    let_in(&m, 'C');
    moot_group_link_find(m.g, 2)->new_chains = 0;
    deliver(&m, 2, of_new_run(2), false);
    expect_uint(m.g->log.chain_count, 0);
    deliver(&m, 3, of_new_run(2), false);
    expect_uint(m.g->log.chain_count, 1);
    m.now += 24 * 3600 * 1000;
    deliver(&m, 2, of_new_run(3), false);
    expect_uint(moot_group_link_find(m.g, 2)->new_chains,
                MOOT_NEW_CHAINS_BURST - 1);
}
END_TEST

/* MOOT_CHAINS_MAX. */
START_TEST(a_full_group_says_so_once_and_keeps_what_it_has)
{
    struct moot_run run = {.author = id_of(1)};

    hear(&m, 2, cast_writes('B', "x"));
    forget_asked(&m);
    for (; m.g->log.chain_count < MOOT_CHAINS_MAX; run.run++)
        moot_history_get(&m.g->log, &run);
    deliver(&m, 2, of_new_run(2), false);
    expect_asked(&m, "notice: the group is full: 65536 chains; lines of "
                     "further ones are not taken in\n");
    deliver(&m, 2, of_new_run(3), false);
    expect_asked(&m, "");
    hear(&m, 2, cast_writes('B', "still here"));
    expect_asked_of(&m, "show", "show b: still here\n");
}
END_TEST

/* MOOT_PAGE_MAX ranges go into one WANT. */
START_TEST(a_thousand_gaps_are_asked_for_in_pages)
{
    for (unsigned page = 0; page < 2; page++) {
        struct moot_chains *c = &draft_message(&m, MOOT_MSG_CHAINS)->chains;

        c->author = *cast_id('C');
        c->first = page == 0;
        c->last = page == 1;
        c->count = MOOT_PAGE_MAX;
        for (unsigned i = 0; i < MOOT_PAGE_MAX; i++)
            c->at[i] = (struct moot_chain_head){
                .run = 100 + page * MOOT_PAGE_MAX + i, .len = 1};
        post(&m, 2);
        expect_wants("send 2 WANT (512)\n");
    }
    let_in(&m, 'D');
    link_event(&m, 2, MOOT_GROUP_LINK_SLOW);
    forget_asked(&m);
    mind_run_ms(&m, MOOT_WANT_WAIT_MS);
    expect_wants("send 4 WANT (512)\nsend 4 WANT (512)\n");
}
END_TEST

Suite *suite_group_sync(void)
{
    Suite *s = suite_create("group/sync");
    TCase *t = tcase_create("gaps");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_line_that_overtakes_makes_us_ask_at_once);
    tcase_add_test(t, a_gap_is_asked_for_once);
    tcase_add_test(t, a_long_history_is_asked_for_in_parts);
    tcase_add_test(t, what_was_said_meanwhile_is_asked_for_next);
    tcase_add_test(t, what_arrives_by_another_way_ends_the_asking);
    suite_add_tcase(s, t);

    t = tcase_create("deadlines");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, who_does_not_deliver_within_2_s_is_not_asked_again_first);
    tcase_add_test(t, progress_earns_another_2_s);
    tcase_add_test(t,
                   nobody_is_asked_for_what_we_have_said_ourselves_meanwhile);
    tcase_add_loop_test(t, all_links_are_asked_before_one_goes_without_a_body,
                        0, 20);
    tcase_add_test(t, who_lacks_it_is_replaced_at_once);
    tcase_add_test(t,
                   a_run_whose_beginning_nobody_has_begins_where_they_have_it);
    tcase_add_test(t, as_long_as_one_says_nothing_it_is_waited_for);
    tcase_add_test(t, a_run_that_is_here_in_part_does_not_lose_its_middle);
    tcase_add_test(t, only_who_was_asked_can_lack_it);
    tcase_add_test(t, the_only_one_there_is_asked_twice_and_no_more);
    tcase_add_test(t, when_nobody_delivers_we_give_up_until_the_next_round);
    tcase_add_test(t, giving_up_keeps_what_is_there);
    tcase_add_test(t, progress_makes_up_for_earlier_failures);
    tcase_add_test(t, a_claim_that_nobody_kept_is_forgotten);
    tcase_add_test(t, what_is_asked_for_long_after_we_came_is_not_from_earlier);
    tcase_add_test(t, while_answers_keep_coming_they_are_from_earlier);
    suite_add_tcase(s, t);

    t = tcase_create("links");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_link_that_goes_down_is_replaced_at_once);
    tcase_add_test(t, without_links_nothing_is_asked_for);
    tcase_add_test(t, all_that_one_link_owed_is_asked_for_elsewhere);
    tcase_add_test(t, a_slow_link_is_not_asked_while_there_is_another);
    tcase_add_test(t, events_of_a_link_that_is_gone_find_nobody);
    suite_add_tcase(s, t);

    t = tcase_create("bounds");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_newcomer_asks_on_behind_the_last_run_of_a_page);
    tcase_add_test(t, he_asks_on_behind_the_last_run_that_was_taken_in);
    tcase_add_test(t, a_page_that_brings_nothing_is_not_followed);
    tcase_add_test(t, a_link_brings_1024_new_chains_and_then_64_a_minute);
    tcase_add_test(t, a_newcomer_gets_all_runs_that_are_there);
    tcase_add_test(t, an_idle_link_earns_no_more_than_the_burst);
    tcase_add_test(t, a_full_group_says_so_once_and_keeps_what_it_has);
    tcase_add_test(t, a_thousand_gaps_are_asked_for_in_pages);
    suite_add_tcase(s, t);
    return s;
}
