/*
 * tests/node/test_start.c - a start: asking, believing only what is signed,
 * joining, being asked about others, and giving up (P5).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "node_words.h"

Suite *suite_node_start(void);

static struct stage st;

static void setup(void)
{
    stage_begin_asking(&st, 1);
    stage_event(&st, MOOT_EV_START, 0);
}

static void teardown(void)
{
    stage_end(&st);
}

/* The bootstrap peer B and whoever else is told of are in the group of ones. */
static void answered(const char *members, enum moot_weight weight)
{
    struct moot_hash group = hash_of(1);

    cast_end();
    cast_begin(&group);
    stage_answer(&st, members, weight);
    stage_follow(&st);
}

/* The newest dial came up. */
static void dial_comes_up(moot_link link, char who)
{
    open_link(&st, link, who, st.last_dial.token);
    say_hello(&st, link);
    say_welcome(&st, link);
}

/* --- alone --- */

START_TEST(without_anybody_to_ask_a_group_is_founded)
{
    stage_end(&st);
    stage_begin_asking(&st, 0);
    stage_event(&st, MOOT_EV_START, 0);
    expect_done(&st, "ready lobby, 1 here\nspeak\n");
    expect(moot_node_joined(st.n));
}
END_TEST

/* Somebody who is in a group of that name stands in the address book. */
static void begin_booked(bool asked)
{
    static struct moot_peer peer;

    peer = (struct moot_peer){.has_id = true, .has_group = true};
    peer.id = *cast_id('B');
    peer.addr = cast_addr('B');
    peer.group = hash_of(1);
    memcpy(peer.group_name, "lobby", sizeof "lobby");
    stage_end(&st);
    stage_begin_booked(&st, asked, &peer, 1);
    stage_event(&st, MOOT_EV_START, 0);
    stage_run_ms(&st, 500);
}

START_TEST(a_group_asked_for_by_name_is_looked_for_where_others_met_it)
{
    struct moot_hash group = hash_of(1);

    begin_booked(true);
    expect_done(&st, "dial B pinned\n"
                     "progress: looking for those who were met in lobby\n");
    expect_hash(moot_node_group(st.n), &group);
    expect(!moot_node_joined(st.n));
}
END_TEST

START_TEST(who_asks_for_no_group_looks_for_nobody_he_never_met)
{
    begin_booked(false);
    expect_done(&st, "ready lobby, 1 here\nspeak\n");
}
END_TEST

/* --- joining --- */

START_TEST(one_that_is_named_is_asked)
{
    expect_done(&st, "ask h0:8080\n");
    expect_uint(strlen(st.last_ask.ask.nonce), 32);
    expect(!moot_node_joined(st.n));
}
END_TEST

START_TEST(its_group_is_adopted_and_its_members_are_reached)
{
    struct moot_hash group = hash_of(1);

    forget_done(&st);
    answered("B", MOOT_PROVISIONAL);
    expect_done(&st, "dial B pinned\n");
    expect_hash(&st.n->group_id, &group);
    expect_id(&st.last_dial.id, cast_id('B'));
    dial_comes_up(2, 'B');
    expect_done_of(&st, "up ready speak joined",
                   "up 2\nready lobby, 2 here\nspeak\n");
    expect(moot_node_joined(st.n));
}
END_TEST

/* P5: all of them. */
START_TEST(nobody_speaks_before_all_are_reached)
{
    struct moot_event ev = {.kind = MOOT_EV_DIAL_FAILED};

    answered("BC", MOOT_PROVISIONAL);
    ev.failed.token = st.last_dial.token;
    ev.failed.why = MOOT_EREFUSED;
    stage_step(&st, &ev);
    forget_done(&st);
    stage_say(&st, "hello?");
    expect_done(&st, "error: not in the group yet: nothing was said\n");
    stage_run_ms(&st, 2000);
    expect_done_of(&st, "ready speak", "");
}
END_TEST

START_TEST(when_nobody_answers_the_exit_code_is_4)
{
    struct moot_event ev = {.kind = MOOT_EV_ASK_FAILED};

    ev.failed.token = st.last_ask.ask.token;
    ev.failed.why = MOOT_EREFUSED;
    stage_step(&st, &ev);
    forget_done(&st);
    stage_run_ms(&st, 10000);
    expect_done_of(&st, "exit",
                   "exit 4: no bootstrap peer answered: h0:8080 "
                   "(connection refused)\n");
    expect_int(moot_node_deadline(st.n), MOOT_NEVER);
}
END_TEST

/* Those who are linked hear goodbye; why is our own business. */
START_TEST(when_somebody_cannot_be_reached_the_exit_code_is_5)
{
    answered("BC", MOOT_PROVISIONAL);
    open_link(&st, 3, 'C', 0);
    say_hello(&st, 3);
    say_welcome(&st, 3);
    forget_done(&st);
    stage_run_ms(&st, 10000);
    expect_done_of(&st, "exit close",
                   "close 3\nexit 5: could not reach b at 10.0.0.2:8081\n");
}
END_TEST

START_TEST(who_is_dialled_and_does_not_greet_was_not_reached)
{
    answered("B", MOOT_PROVISIONAL);
    open_link(&st, 2, 'B', st.last_dial.token);
    forget_done(&st);
    stage_run_ms(&st, MOOT_GREET_MS);
    expect_done_of(&st, "cut", "cut 2: timed out\n");
    close_link(&st, 2, MOOT_OK);
    stage_run_ms(&st, 1000);
    expect_done_of(&st, "dial", "dial B pinned\n");
}
END_TEST

START_TEST(one_who_refuses_us_was_not_reached)
{
    answered("B", MOOT_PROVISIONAL);
    open_link(&st, 2, 'B', st.last_dial.token);
    stage_draft(&st, MOOT_MSG_REFUSE)->refuse.why = MOOT_REFUSE_FULL;
    hand_in(&st, 2);
    close_link(&st, 2, MOOT_ECLOSED);
    forget_done(&st);
    stage_run_ms(&st, 10000);
    expect_done_of(&st, "exit",
                   "exit 6: could not reach b at 10.0.0.2:8081 "
                   "(it has no room for one more)\n");
}
END_TEST

/* --- what is not signed --- */

static void hand_in_answer(const char *json, const char *signature,
                           const char *fault)
{
    char want[160];

    struct moot_event ev = {.kind = MOOT_EV_ANSWER};

    ev.answer.token = st.last_ask.ask.token;
    ev.answer.json = moot_bytes_text(json);
    ev.answer.signature = signature;
    forget_done(&st);
    stage_step(&st, &ev);
    expect_done_of(&st, "dial ready", "");
    stage_run_ms(&st, 10000);
    snprintf(want, sizeof want,
             "exit 4: no bootstrap peer answered: h0:8080 (%s)\n", fault);
    expect_done_of(&st, "exit", want);
}

static const char unsigned_[] = "its answer is not signed by who it says it is";

static void make_answer(char id, struct moot_buf *json)
{
    struct moot_listed listed = {
        .mode = MOOT_STANDARD, .standing = MOOT_JOINED, .addr_count = 1};
    struct moot_answer a = {.group = hash_of(1),
                            .group_name = "lobby",
                            .weight = MOOT_PROVISIONAL,
                            .id = *cast_id(id),
                            .member_count = 1,
                            .members = &listed};

    memcpy(a.nonce, st.last_ask.ask.nonce, sizeof st.last_ask.ask.nonce);
    listed.id = a.id;
    listed.name[0] = 'b';
    listed.addrs[0] = cast_addr('B');
    moot_answer_encode(&a, json);
}

START_TEST(an_answer_that_is_none_is_not_believed)
{
    hand_in_answer("{\"hello\":1}", NULL, "its answer makes no sense");
}
END_TEST

START_TEST(an_answer_without_a_signature_is_not_believed)
{
    struct moot_buf json = {0};

    make_answer('B', &json);
    hand_in_answer(moot_buf_text(&json), NULL, unsigned_);
    moot_buf_fini(&json);
}
END_TEST

START_TEST(an_answer_that_another_one_signed_is_not_believed)
{
    char signature[MOOT_HEX_LEN + 1 + 128 + 1];
    struct moot_buf json = {0};

    make_answer('B', &json);
    moot_answer_sign(moot_buf_view(&json), cast_key('C'), signature);
    hand_in_answer(moot_buf_text(&json), signature, unsigned_);
    moot_buf_fini(&json);
}
END_TEST

START_TEST(an_answer_that_was_changed_is_not_believed)
{
    char signature[MOOT_HEX_LEN + 1 + 128 + 1];
    struct moot_buf json = {0};

    make_answer('B', &json);
    moot_answer_sign(moot_buf_view(&json), cast_key('B'), signature);
    *strstr((char *)(uintptr_t)moot_buf_text(&json), "10.0.0.2") = '9';
    hand_in_answer(moot_buf_text(&json), signature, unsigned_);
    moot_buf_fini(&json);
}
END_TEST

/* --- probes --- */

START_TEST(all_links_are_asked_about_one_who_does_not_answer)
{
    struct moot_event ev = {.kind = MOOT_EV_DIAL_FAILED};

    answered("BCD", MOOT_PROVISIONAL);
    ev.failed.token = st.last_dial.token;
    ev.failed.why = MOOT_ETIMEOUT;
    expect_int(cast_letter(&st.last_dial.id), 'D');
    open_link(&st, 2, 'B', 0);
    say_hello(&st, 2);
    say_welcome(&st, 2);
    open_link(&st, 3, 'C', 0);
    say_hello(&st, 3);
    say_welcome(&st, 3);
    forget_done(&st);
    stage_step(&st, &ev);
    expect_done_of(&st, "send", "send 2 PROBE D\nsend 3 PROBE D\n");
    stage_draft(&st, MOOT_MSG_VERDICT)->probe.id = *cast_id('D');
    hand_in(&st, 2);
    hand_in(&st, 2); /* one vote each */
    expect_done_of(&st, "ready", "");
    hand_in(&st, 3);
    expect_done_of(&st, "ready", "ready lobby, 3 here\n");
}
END_TEST

static void probe(moot_link link, char about)
{
    stage_draft(&st, MOOT_MSG_PROBE)->probe.id = *cast_id(about);
    hand_in(&st, link);
}

static void setup_asked(void)
{
    stage_begin(&st);
    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
}

START_TEST(one_who_is_asked_about_is_pinged_at_once)
{
    probe(2, 'C');
    expect_done(&st, "send 3 PING\n");
    stage_draft(&st, MOOT_MSG_PONG)->ping.nonce = st.nonce;
    hand_in(&st, 3);
    expect_done(&st, "send 2 VERDICT C alive\n");
    stage_run_ms(&st, 10000);
    expect(strstr(moot_buf_text(&st.text), "VERDICT") == NULL);
}
END_TEST

/* MOOT_PROBE_ANSWER_MS. */
START_TEST(three_seconds_of_silence_make_it_suspect)
{
    probe(2, 'C');
    forget_done(&st);
    stage_run_ms(&st, MOOT_PROBE_ANSWER_MS - 1);
    expect(strstr(moot_buf_text(&st.text), "VERDICT") == NULL);
    stage_run_ms(&st, 1);
    expect_within("send 2 VERDICT C silent\n", moot_buf_text(&st.text));
}
END_TEST

START_TEST(one_who_is_not_linked_to_us_is_silent)
{
    probe(2, 'Z');
    expect_done(&st, "send 2 VERDICT Z silent\n");
}
END_TEST

START_TEST(any_word_of_it_answers_all_who_asked)
{
    link_in(&st, 4, 'D');
    probe(2, 'C');
    probe(4, 'C');
    forget_done(&st);
    hand_in_entry(&st, 3, cast_writes('C', "here"), false);
    expect_done_of(&st, "send",
                   "send 4 VERDICT C alive\nsend 2 VERDICT C alive\n");
}
END_TEST

START_TEST(an_asker_who_is_gone_gets_no_answer)
{
    probe(2, 'C');
    close_link(&st, 2, MOOT_ERESET);
    forget_done(&st);
    stage_run_ms(&st, MOOT_PROBE_ANSWER_MS);
    expect(strstr(moot_buf_text(&st.text), "VERDICT") == NULL);
}
END_TEST

/* MOOT_PROBES_MAX (P12): the asker's patience ends by itself. */
START_TEST(at_most_64_probes_are_under_way)
{
    for (char who = 'D'; who <= 'Z'; who++)
        if (who != 'M')
            link_in(&st, (moot_link)(who - 'A' + 1), who);
    for (moot_link asker = 2; asker <= 7; asker++)
        for (char who = 'H'; who <= 'Z'; who++)
            if (who != 'M')
                probe(asker, who);
    expect_uint(st.n->probe_count, MOOT_PROBES_MAX);
}
END_TEST

Suite *suite_node_start(void)
{
    Suite *s = suite_create("node/start");
    TCase *t = tcase_create("joining");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, without_anybody_to_ask_a_group_is_founded);
    tcase_add_test(t,
                   a_group_asked_for_by_name_is_looked_for_where_others_met_it);
    tcase_add_test(t, who_asks_for_no_group_looks_for_nobody_he_never_met);
    tcase_add_test(t, one_that_is_named_is_asked);
    tcase_add_test(t, its_group_is_adopted_and_its_members_are_reached);
    tcase_add_test(t, nobody_speaks_before_all_are_reached);
    tcase_add_test(t, when_nobody_answers_the_exit_code_is_4);
    tcase_add_test(t, when_somebody_cannot_be_reached_the_exit_code_is_5);
    tcase_add_test(t, who_is_dialled_and_does_not_greet_was_not_reached);
    tcase_add_test(t, one_who_refuses_us_was_not_reached);
    suite_add_tcase(s, t);

    t = tcase_create("answers");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, an_answer_that_is_none_is_not_believed);
    tcase_add_test(t, an_answer_without_a_signature_is_not_believed);
    tcase_add_test(t, an_answer_that_another_one_signed_is_not_believed);
    tcase_add_test(t, an_answer_that_was_changed_is_not_believed);
    tcase_add_test(t, all_links_are_asked_about_one_who_does_not_answer);
    suite_add_tcase(s, t);

    t = tcase_create("probes");
    tcase_add_checked_fixture(t, setup_asked, teardown);
    tcase_add_test(t, one_who_is_asked_about_is_pinged_at_once);
    tcase_add_test(t, three_seconds_of_silence_make_it_suspect);
    tcase_add_test(t, one_who_is_not_linked_to_us_is_silent);
    tcase_add_test(t, any_word_of_it_answers_all_who_asked);
    tcase_add_test(t, an_asker_who_is_gone_gets_no_answer);
    tcase_add_test(t, at_most_64_probes_are_under_way);
    suite_add_tcase(s, t);
    return s;
}
