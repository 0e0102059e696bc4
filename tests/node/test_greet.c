/*
 * tests/node/test_greet.c - from TLS to up: HELLO and WELCOME in order, and
 * everything else refused (P7).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "node_words.h"

Suite *suite_node_greet(void);

static struct stage st;

static void setup(void)
{
    stage_begin(&st);
}

static void teardown(void)
{
    stage_end(&st);
}

/* How a link that is not up yet looks, by name. */
static void open_early(moot_link link, const char *state)
{
    if (strcmp(state, "accepted") == 0) {
        open_link(&st, link, 'B', 0);
    } else if (strcmp(state, "dialled") == 0) {
        open_link(&st, link, 'B', 77);
    } else {
        open_link(&st, link, 'B', 0);
        say_hello(&st, link);
    }
    forget_done(&st);
}

/* --- in order --- */

START_TEST(one_who_dials_us_speaks_first)
{
    open_link(&st, 2, 'B', 0);
    expect_done(&st, "");
    say_hello(&st, 2);
    expect_done(&st, "send 2 HELLO\nsend 2 WELCOME\n");
    say_welcome(&st, 2);
    expect_done(&st, "up 2\n"
                     "send 2 LINKED full\n"
                     "send 2 PING sync\n"
                     "joined b, 2 here\n");
}
END_TEST

START_TEST(one_whom_we_dial_is_spoken_to_first)
{
    open_link(&st, 2, 'B', 77);
    expect_done(&st, "send 2 HELLO\n");
    say_hello(&st, 2);
    expect_done(&st, "send 2 WELCOME\n");
    say_welcome(&st, 2);
    expect_done_of(&st, "up joined", "up 2\njoined b, 2 here\n");
}
END_TEST

/* Two peers of the real thing would understand each other: what we send is
 * what we would accept from the other side. */
START_TEST(our_hello_proves_what_we_ask_others_to_prove)
{
    struct moot_hash group = cast_group(), want;
    const struct actor *a;

    a = open_link(&st, 2, 'B', 77);
    want = moot_proof(&group, NULL, MOOT_DIALLER, &a->exporter, cast_id('M'),
                      cast_id('B'));
    expect_hash(&st.hello.proof, &want);
    a = open_link(&st, 3, 'C', 0);
    say_hello(&st, 3);
    want = moot_proof(&group, NULL, MOOT_ACCEPTOR, &a->exporter, cast_id('C'),
                      cast_id('M'));
    expect_hash(&st.hello.proof, &want);
    want = moot_group_tag(&group, &a->exporter);
    expect_hash(&st.hello.group_tag, &want);
    expect_uint(st.hello.run, st.n->self.run);
    expect_uint(st.hello.major, MOOT_PROTOCOL_MAJOR);
}
END_TEST

/* The group's id itself is never said. */
START_TEST(nothing_is_told_before_the_other_side_has_proven_itself)
{
    struct moot_hash group = cast_group();

    open_link(&st, 2, 'B', 77);
    expect(!moot_hash_eq(&st.hello.group_tag, &group));
    expect(!moot_hash_eq(&st.hello.name_tag, &group));
    forget_done(&st);
    open_link(&st, 3, 'C', 0);
    draft_hello(&st, 3)->proof = hash_of(1);
    hand_in(&st, 3);
    expect_done_of(&st, "send", "send 3 REFUSE group\n");
}
END_TEST

/* --- every wrong word at every step --- */

struct wrong {
    const char *state;
    enum moot_message_kind kind;
};

/* What may not be said in this state; each ends the link. */
static const struct wrong wrongs[] = {
    {"accepted", MOOT_MSG_WELCOME}, {"accepted", MOOT_MSG_REFUSE},
    {"accepted", MOOT_MSG_BYE},     {"accepted", MOOT_MSG_PING},
    {"accepted", MOOT_MSG_PONG},    {"accepted", MOOT_MSG_ENTRIES},
    {"accepted", MOOT_MSG_AUTHORS}, {"accepted", MOOT_MSG_CHAINS},
    {"accepted", MOOT_MSG_WANT},    {"accepted", MOOT_MSG_LACK},
    {"accepted", MOOT_MSG_MEMBERS}, {"accepted", MOOT_MSG_LINKED},
    {"accepted", MOOT_MSG_WHO},     {"accepted", MOOT_MSG_PROBE},
    {"accepted", MOOT_MSG_VERDICT}, {"accepted", MOOT_MSG_MOVE},
    {"dialled", MOOT_MSG_WELCOME},  {"dialled", MOOT_MSG_BYE},
    {"dialled", MOOT_MSG_PING},     {"dialled", MOOT_MSG_PONG},
    {"dialled", MOOT_MSG_ENTRIES},  {"dialled", MOOT_MSG_AUTHORS},
    {"dialled", MOOT_MSG_CHAINS},   {"dialled", MOOT_MSG_WANT},
    {"dialled", MOOT_MSG_LACK},     {"dialled", MOOT_MSG_MEMBERS},
    {"dialled", MOOT_MSG_LINKED},   {"dialled", MOOT_MSG_WHO},
    {"dialled", MOOT_MSG_PROBE},    {"dialled", MOOT_MSG_VERDICT},
    {"dialled", MOOT_MSG_MOVE},     {"proven", MOOT_MSG_HELLO},
    {"proven", MOOT_MSG_REFUSE},    {"proven", MOOT_MSG_BYE},
    {"proven", MOOT_MSG_PING},      {"proven", MOOT_MSG_PONG},
    {"proven", MOOT_MSG_ENTRIES},   {"proven", MOOT_MSG_AUTHORS},
    {"proven", MOOT_MSG_CHAINS},    {"proven", MOOT_MSG_WANT},
    {"proven", MOOT_MSG_LACK},      {"proven", MOOT_MSG_MEMBERS},
    {"proven", MOOT_MSG_LINKED},    {"proven", MOOT_MSG_WHO},
    {"proven", MOOT_MSG_PROBE},     {"proven", MOOT_MSG_VERDICT},
    {"proven", MOOT_MSG_MOVE},
};

#define WRONGS ((int)(sizeof wrongs / sizeof wrongs[0]))

/* A message of the kind that is valid in form. */
static void draft_any(enum moot_message_kind kind)
{
    struct moot_message *m = stage_draft(&st, kind);

    if (kind == MOOT_MSG_HELLO)
        draft_hello(&st, 2);
    else if (kind == MOOT_MSG_WELCOME)
        draft_welcome(&st, 2);
    else if (kind == MOOT_MSG_REFUSE)
        m->refuse.why = MOOT_REFUSE_GROUP;
    else if (kind == MOOT_MSG_BYE)
        m->bye.kind = MOOT_BYE_QUIT;
    else if (kind == MOOT_MSG_LACK)
        m->lack.at =
            (struct moot_range){.in = cast_run('B'), .from = 1, .to = 1};
    else if (kind == MOOT_MSG_MOVE)
        m->move = (struct moot_move){.group = hash_of(1), .weight = MOOT_GROWN};
    else if (kind == MOOT_MSG_PROBE || kind == MOOT_MSG_VERDICT)
        m->probe.id = *cast_id('C');
    else if (kind == MOOT_MSG_CHAINS)
        m->chains.author = *cast_id('B');
}

START_TEST(whatever_else_is_said_before_the_link_is_up_ends_it)
{
    const struct wrong *w = &wrongs[_i];

    open_early(2, w->state);
    draft_any(w->kind);
    hand_in(&st, 2);
    ck_assert_msg(st.text.len > 0, "%s %s", w->state,
                  moot_message_name(w->kind));
    expect_done(&st, "cut 2: the protocol was broken\n");
    close_link(&st, 2, MOOT_OK);
    expect_done_of(&st, "send show joined left lost", "");
}
END_TEST

/* A kind of a later version is passed over, at any time. */
START_TEST(an_unknown_kind_is_passed_over)
{
    static const uint8_t unknown[] = {0xca, 0x3e, 0x00}; /* field 1001 */
    static const char *const states[] = {"accepted", "dialled", "proven"};

    open_early(2, states[_i]);
    hand_in_raw(&st, 2, moot_bytes_of(unknown, sizeof unknown));
    expect_done(&st, "");
    if (_i < 2)
        say_hello(&st, 2);
    say_welcome(&st, 2);
    expect_done_of(&st, "up", "up 2\n");
    hand_in_raw(&st, 2, moot_bytes_of(unknown, sizeof unknown));
    expect_done(&st, "");
}
END_TEST

START_TEST(bytes_that_are_no_message_end_the_link)
{
    static const char *const states[] = {"accepted", "dialled", "proven"};

    open_early(2, states[_i]);
    hand_in_raw(&st, 2, moot_bytes_text("\xff\xff\xff\xff"));
    expect_done(&st, "cut 2: the protocol was broken\n");
    hand_in_raw(&st, 2, moot_bytes_text("\xff\xff\xff\xff"));
    expect_done(&st, "");
}
END_TEST

START_TEST(a_frame_on_a_link_that_is_gone_finds_nobody)
{
    open_early(2, "accepted");
    draft_hello(&st, 2);
    close_link(&st, 2, MOOT_ECLOSED);
    hand_in(&st, 2);
    close_link(&st, 2, MOOT_ECLOSED);
    expect_done(&st, "");
}
END_TEST

/* --- wrong proofs --- */

/* One constant refusal: whoever cannot prove the group learns only that there
 * is a peer. */
START_TEST(a_wrong_proof_is_refused)
{
    open_link(&st, 2, 'B', 0);
    draft_hello(&st, 2)->proof.b[31] ^= 1;
    hand_in(&st, 2);
    expect_done(&st, "send 2 REFUSE group\n"
                     "close 2: it refused us: wrong group or secret\n");
    say_hello(&st, 2);
    expect_done(&st, "");
}
END_TEST

START_TEST(another_group_is_refused_in_the_same_words)
{
    open_link(&st, 2, 'B', 0);
    draft_hello(&st, 2)->group_tag = hash_of(1);
    st.message.hello.name_tag = hash_of(2);
    hand_in(&st, 2);
    expect_done(&st, "send 2 REFUSE group\n"
                     "close 2: it is in another group\n");
    expect(moot_hash_zero(&st.refuse.group));
}
END_TEST

START_TEST(what_was_said_on_another_connection_proves_nothing)
{
    open_link(&st, 2, 'B', 0);
    open_link(&st, 3, 'B', 0);
    draft_hello(&st, 2);
    hand_in(&st, 3);
    expect_done_of(&st, "send", "send 3 REFUSE group\n");
}
END_TEST

START_TEST(our_own_words_sent_back_prove_nothing)
{
    open_link(&st, 2, 'B', 77);
    stage_draft(&st, MOOT_MSG_HELLO)->hello = st.hello;
    forget_done(&st);
    hand_in(&st, 2);
    expect_done(&st, "cut 2: it refused us: wrong group or secret\n");
}
END_TEST

START_TEST(one_whom_we_dialled_must_prove_it_too)
{
    open_early(2, "dialled");
    draft_hello(&st, 2)->proof.b[0] ^= 1;
    hand_in(&st, 2);
    expect_done(&st, "cut 2: it refused us: wrong group or secret\n");
    open_early(3, "dialled");
    draft_hello(&st, 3)->group_tag.b[0] ^= 1;
    hand_in(&st, 3);
    expect_done(&st, "cut 3: it refused us: wrong group or secret\n");
}
END_TEST

START_TEST(another_major_version_is_refused_with_a_reason)
{
    open_link(&st, 2, 'B', 0);
    draft_hello(&st, 2)->major = 2;
    hand_in(&st, 2);
    expect_done(&st, "send 2 REFUSE version\n"
                     "close 2: it speaks another version of the protocol\n");
    expect_uint(st.refuse.major, MOOT_PROTOCOL_MAJOR);
    open_early(3, "dialled");
    draft_hello(&st, 3)->major = 2;
    hand_in(&st, 3);
    expect_done(&st, "cut 3: it speaks another version of the protocol\n");
}
END_TEST

/* --- wrong welcomes --- */

static void expect_welcome_refused(void)
{
    hand_in(&st, 2);
    expect_done(&st, "cut 2: the protocol was broken\n");
    close_link(&st, 2, MOOT_OK);
    expect_done(&st, "");
    expect(moot_group_member(st.n->group, cast_id('B')) == NULL);
}

START_TEST(a_welcome_is_about_the_one_who_says_it)
{
    open_early(2, "proven");
    draft_welcome(&st, 2)->record = cast_record('C', CAST_RUN, 1);
    expect_welcome_refused();
}
END_TEST

START_TEST(a_welcome_is_of_the_run_that_said_hello)
{
    open_early(2, "proven");
    draft_welcome(&st, 2)->record = cast_record('B', CAST_RUN + 1, 1);
    expect_welcome_refused();
}
END_TEST

START_TEST(a_welcome_is_of_our_group)
{
    struct moot_record r = cast_record('B', CAST_RUN, 1);

    r.group = hash_of(1);
    moot_record_seal(&r, cast_key('B'));
    open_early(2, "proven");
    draft_welcome(&st, 2)->record = r;
    expect_welcome_refused();
}
END_TEST

/* P9. */
START_TEST(a_welcome_is_signed)
{
    open_early(2, "proven");
    draft_welcome(&st, 2)->record.sig.b[0] ^= 1;
    expect_welcome_refused();
}
END_TEST

/* --- refused by the other side --- */

struct refused {
    enum moot_refusal why;
    const char *text;
};

static const struct refused refusals[] = {
    {MOOT_REFUSE_GROUP, "cut 2: it is in another group\n"},
    {MOOT_REFUSE_VERSION, "cut 2: it speaks another version of the protocol\n"},
    {MOOT_REFUSE_FULL, "cut 2: it has no room for one more\n"},
};

START_TEST(a_refusal_ends_the_link_with_its_reason)
{
    open_early(2, "dialled");
    stage_draft(&st, MOOT_MSG_REFUSE)->refuse.why = refusals[_i].why;
    hand_in(&st, 2);
    expect_done(&st, refusals[_i].text);
}
END_TEST

/* --- ourselves, and time --- */

START_TEST(we_do_not_talk_to_ourselves)
{
    open_link(&st, 2, 'M', 0);
    expect_done(&st, "cut 2: that is this peer itself\n");
    open_link(&st, 3, 'M', 77);
    expect_done(&st, "cut 3: that is this peer itself\n");
    close_link(&st, 2, MOOT_OK);
    close_link(&st, 3, MOOT_OK);
    expect_done(&st, "");
}
END_TEST

/* MOOT_GREET_MS; MOOT_EARLY_MS of those who dialled us is the net's. */
START_TEST(one_whom_we_dialled_greets_us_within_3_s)
{
    open_early(2, "dialled");
    open_early(3, "accepted");
    stage_run_ms(&st, MOOT_GREET_MS - 1);
    expect_done(&st, "");
    stage_run_ms(&st, 1);
    expect_done(&st, "cut 2: timed out\n");
    stage_run_ms(&st, 60000);
    expect_done(&st, "");
}
END_TEST

START_TEST(a_hello_without_a_welcome_is_no_greeting)
{
    open_early(2, "dialled");
    say_hello(&st, 2);
    expect_done(&st, "send 2 WELCOME\n");
    stage_run_ms(&st, MOOT_GREET_MS);
    expect_done(&st, "cut 2: timed out\n");
}
END_TEST

START_TEST(who_is_up_has_greeted)
{
    open_early(2, "dialled");
    say_hello(&st, 2);
    say_welcome(&st, 2);
    stage_run_ms(&st, 2 * MOOT_GREET_MS);
    expect_done_of(&st, "cut", "");
}
END_TEST

Suite *suite_node_greet(void)
{
    Suite *s = suite_create("node/greet");
    TCase *t = tcase_create("order");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, one_who_dials_us_speaks_first);
    tcase_add_test(t, one_whom_we_dial_is_spoken_to_first);
    tcase_add_test(t, our_hello_proves_what_we_ask_others_to_prove);
    tcase_add_test(t, nothing_is_told_before_the_other_side_has_proven_itself);
    tcase_add_loop_test(t, whatever_else_is_said_before_the_link_is_up_ends_it,
                        0, WRONGS);
    tcase_add_loop_test(t, an_unknown_kind_is_passed_over, 0, 3);
    tcase_add_loop_test(t, bytes_that_are_no_message_end_the_link, 0, 3);
    tcase_add_test(t, a_frame_on_a_link_that_is_gone_finds_nobody);
    suite_add_tcase(s, t);

    t = tcase_create("proofs");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_wrong_proof_is_refused);
    tcase_add_test(t, another_group_is_refused_in_the_same_words);
    tcase_add_test(t, what_was_said_on_another_connection_proves_nothing);
    tcase_add_test(t, our_own_words_sent_back_prove_nothing);
    tcase_add_test(t, one_whom_we_dialled_must_prove_it_too);
    tcase_add_test(t, another_major_version_is_refused_with_a_reason);
    tcase_add_test(t, a_welcome_is_about_the_one_who_says_it);
    tcase_add_test(t, a_welcome_is_of_the_run_that_said_hello);
    tcase_add_test(t, a_welcome_is_of_our_group);
    tcase_add_test(t, a_welcome_is_signed);
    tcase_add_loop_test(t, a_refusal_ends_the_link_with_its_reason, 0, 3);
    suite_add_tcase(s, t);

    t = tcase_create("ends");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, we_do_not_talk_to_ourselves);
    tcase_add_test(t, one_whom_we_dialled_greets_us_within_3_s);
    tcase_add_test(t, a_hello_without_a_welcome_is_no_greeting);
    tcase_add_test(t, who_is_up_has_greeted);
    suite_add_tcase(s, t);
    return s;
}
