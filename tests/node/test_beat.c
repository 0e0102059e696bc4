/*
 * tests/node/test_beat.c - what a member says to group directories, and when.
 *
 * The directory is played by hand.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "node_words.h"
#include "wire/register.h"

Suite *suite_node_beat(void);

#define CHALLENGE "0123456789abcdef0123456789abcdef"

static struct stage st;
static struct moot_register said; /* the newest request */

/* The question for our group is answered with "no such group". */
static void begin(void)
{
    stage_begin_asking(&st, 1);
    st.n->beats.asked = true;
    stage_event(&st, MOOT_EV_START, 0);
}

static void tear_down(void)
{
    moot_register_fini(&said);
    stage_end(&st);
}

static void refuse_question(void)
{
    struct moot_event ev = {.kind = MOOT_EV_ASK_FAILED};

    ev.failed = (struct moot_ev_failed){.token = st.last_ask.ask.token,
                                        .why = MOOT_ENONE,
                                        .challenge = CHALLENGE};
    stage_step(&st, &ev);
}

/* What was posted last, which must be signed by us. */
static const struct moot_register *request(void)
{
    struct moot_id id;

    moot_register_fini(&said);
    expect_ok(moot_register_decode(moot_buf_view(&st.post_body), &said));
    expect(moot_register_signed(moot_buf_view(&st.post_body), st.post_signature,
                                &id));
    expect_id(&id, cast_id('M'));
    return &said;
}

static void posted(unsigned status, const char *text)
{
    struct moot_event ev = {.kind = MOOT_EV_POSTED};

    ev.posted.token = st.last_post;
    ev.posted.status = status;
    ev.posted.body = moot_bytes_text(text);
    ev.posted.challenge = CHALLENGE;
    stage_step(&st, &ev);
}

static void answered(const char *who, unsigned again, char lack)
{
    const struct moot_register *r = request();
    struct moot_event ev = {.kind = MOOT_EV_POSTED};
    struct moot_answer a = {.hosted = true, .again_ms = again};
    char signature[MOOT_HEX_LEN + 1 + 128 + 1];
    struct moot_buf json = {0};

    a.id = *cast_id('H');
    a.group = r->group;
    a.weight = r->weight;
    memcpy(a.group_name, r->group_name, sizeof a.group_name);
    memcpy(a.nonce, r->nonce, sizeof a.nonce);
    a.members = moot_alloc(4 * sizeof *a.members);
    for (; *who; who++) {
        struct moot_record record = cast_record(*who, CAST_RUN, 1);
        struct moot_listed *l = &a.members[a.member_count++];

        record.group = r->group;
        moot_record_seal(&record, cast_key(*who));
        l->id = record.id;
        memcpy(l->name, record.name, sizeof l->name);
        l->mode = record.mode;
        l->standing = record.standing;
        l->addrs[l->addr_count++] = cast_addr(*who);
        l->record_at = a.records.len;
        l->record_len = record.raw_len;
        l->sig = record.sig;
        moot_buf_append(&a.records, record.raw, record.raw_len);
    }
    if (lack != 0)
        a.lack[a.lack_count++] = *cast_id(lack);
    moot_answer_encode(&a, &json);
    moot_answer_sign(moot_buf_view(&json), cast_key('H'), signature);
    ev.posted.token = st.last_post;
    ev.posted.status = 200;
    ev.posted.body = moot_buf_view(&json);
    ev.posted.signature = signature;
    ev.posted.challenge = CHALLENGE;
    stage_step(&st, &ev);
    moot_answer_fini(&a);
    moot_buf_fini(&json);
}

/* Registered and joined, alone; the next beat is due in a while. */
static void begin_joined(void)
{
    begin();
    refuse_question();
    answered("", 3000, 0);
    for (unsigned i = 0; i < 20 && !moot_node_joined(st.n); i++) {
        stage_run_ms(&st, 100);
        if (st.last_ask.ask.token != 0 && !moot_node_joined(st.n)) {
            refuse_question();
            answered("", 3000, 0);
        }
    }
    expect(moot_node_joined(st.n));
    stage_follow(&st);
    answered("", 3000, 0);
    stage_run_ms(&st, 10);
    forget_done(&st);
}

START_TEST(a_directory_that_lacks_our_group_is_given_it)
{
    begin();
    expect_done_of(&st, "ask post", "ask h0:8080\n");
    expect_text(st.last_ask.ask.group, "lobby");
    refuse_question();
    expect_done_of(&st, "ask post", "post h0:8080\n");
    expect_text(request()->challenge, CHALLENGE);
    expect_uint(said.record_count, 1);
    expect_text(said.nonce, st.last_ask.ask.nonce);
}
END_TEST

START_TEST(a_challenge_that_is_stale_is_repeated_once)
{
    begin();
    refuse_question();
    forget_done(&st);
    posted(401, "");
    expect_done_of(&st, "post", "post h0:8080\n");
    posted(401, "");
    expect_done_of(&st, "post", "");
}
END_TEST

START_TEST(a_full_directory_is_told_and_there_is_no_other)
{
    begin();
    refuse_question();
    forget_done(&st);
    posted(503, "group directory full\n");
    expect_done_of(&st, "exit",
                   "exit 6: not let in: h0:8080 (its group directory is "
                   "full)\n");
}
END_TEST

START_TEST(a_full_group_is_told_likewise)
{
    begin();
    refuse_question();
    forget_done(&st);
    posted(503, "group full\n");
    expect_done_of(&st, "exit",
                   "exit 6: not let in: h0:8080 (it has no room for one "
                   "more)\n");
}
END_TEST

START_TEST(who_did_not_ask_for_a_group_registers_none)
{
    stage_begin_asking(&st, 1);
    stage_event(&st, MOOT_EV_START, 0);
    expect_text(st.last_ask.ask.group, "");
}
END_TEST

START_TEST(alone_it_beats_every_three_seconds)
{
    begin_joined();
    for (unsigned i = 0; i < 5; i++) {
        stage_run_ms(&st, 3400);
        expect_done_of(&st, "post", "post h0:8080\n");
        answered("", 60000, 0); /* it is needed, whatever the directory says */
    }
}
END_TEST

START_TEST(the_first_three_beat_and_others_when_they_are_wanted)
{
    begin_joined();
    for (moot_link l = 2; l < 6; l++)
        link_in(&st, l, (char)('A' + l));
    unsigned before = 0;

    for (moot_link l = 2; l < 6; l++)
        before += moot_id_cmp(cast_id((char)('A' + l)), cast_id('M')) < 0;
    stage_run_ms(&st, 3400);
    answered("", 60000, 0);
    forget_done(&st);
    stage_run_ms(&st, 3400);
    expect_done_of(&st, "post", before < 3 ? "post h0:8080\n" : "");
}
END_TEST

START_TEST(it_tells_whom_it_is_linked_to_and_brings_the_records_that_are_lacked)
{
    begin_joined();
    link_in(&st, 2, 'B');
    stage_run_ms(&st, 3400);
    expect_uint(request()->heard_count, 1);
    expect_id(&said.heard[0].id, cast_id('B'));
    forget_done(&st);
    answered("", 3000, 'B');
    stage_run_ms(&st, 800); /* at once */
    expect_done_of(&st, "post", "post h0:8080\n");
    expect_uint(request()->record_count, 2);
    expect_id(&said.records[1].id, cast_id('B'));
}
END_TEST

START_TEST(whom_the_directory_lists_and_it_does_not_know_is_dialled)
{
    begin_joined();
    stage_run_ms(&st, 3400);
    forget_done(&st);
    answered("C", 3000, 0);
    stage_run_ms(&st, 6000);
    expect_within("dial C pinned", moot_buf_text(&st.text));
}
END_TEST

START_TEST(a_directory_that_is_away_is_tried_again_and_its_group_registered)
{
    struct moot_event ev = {.kind = MOOT_EV_POSTED};

    begin_joined();
    for (unsigned i = 0; i < 5; i++) {
        stage_run_ms(&st, 3400);
        expect_done_of(&st, "post", "post h0:8080\n");
        ev.posted.token = st.last_post;
        ev.posted.why = MOOT_EREFUSED;
        stage_step(&st, &ev);
    }
    stage_run_ms(&st, 3400);
    expect(request()->record_count == 1); /* all that a new one needs */
}
END_TEST

/* Its challenge from before is stale, and the next one is again if it is not
 * used at once. */
START_TEST(a_directory_that_was_away_for_long_is_told_at_once)
{
    struct moot_event ev = {.kind = MOOT_EV_POSTED};

    begin_joined();
    for (unsigned i = 0; i < 12; i++) {
        stage_run_ms(&st, i < 10 ? 3400 : 70000);
        ev.posted.token = st.last_post;
        ev.posted.why = MOOT_EREFUSED;
        stage_step(&st, &ev);
    }
    stage_run_ms(&st, 70000);
    forget_done(&st);
    posted(401, "");
    stage_run_ms(&st, 600);
    expect_done_of(&st, "post", "post h0:8080\n");
    posted(401, "");
    stage_run_ms(&st, 600);
    expect_done_of(&st, "post", "");
}
END_TEST

START_TEST(an_answer_to_something_else_does_not_count)
{
    begin_joined();
    stage_run_ms(&st, 3400);
    posted(200, "{}");
    expect_uint(st.n->beats.hosts[0].failures, 1);
}
END_TEST

Suite *suite_node_beat(void)
{
    Suite *s = suite_create("node/beat");
    TCase *t = tcase_create("beat");

    tcase_add_checked_fixture(t, NULL, tear_down);
    tcase_add_test(t, a_directory_that_lacks_our_group_is_given_it);
    tcase_add_test(t, a_challenge_that_is_stale_is_repeated_once);
    tcase_add_test(t, a_full_directory_is_told_and_there_is_no_other);
    tcase_add_test(t, a_full_group_is_told_likewise);
    tcase_add_test(t, who_did_not_ask_for_a_group_registers_none);
    tcase_add_test(t, alone_it_beats_every_three_seconds);
    tcase_add_test(t, the_first_three_beat_and_others_when_they_are_wanted);
    tcase_add_test(
        t,
        it_tells_whom_it_is_linked_to_and_brings_the_records_that_are_lacked);
    tcase_add_test(t, whom_the_directory_lists_and_it_does_not_know_is_dialled);
    tcase_add_test(
        t, a_directory_that_is_away_is_tried_again_and_its_group_registered);
    tcase_add_test(t, a_directory_that_was_away_for_long_is_told_at_once);
    tcase_add_test(t, an_answer_to_something_else_does_not_count);
    suite_add_tcase(s, t);
    return s;
}
