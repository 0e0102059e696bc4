/*
 * tests/node/test_talk.c - what is said on links that are up: signatures are
 * checked before anything believes in what they cover (P9), and whoever breaks
 * the protocol is told so and let go (P7).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdlib.h>
#include <string.h>

#include "node_words.h"

Suite *suite_node_talk(void);

static struct stage st;

static void setup(void)
{
    stage_begin(&st);
    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
}

static void teardown(void)
{
    stage_end(&st);
}

static void hand_in_bytes(struct moot_bytes raw)
{
    struct moot_message *m = stage_draft(&st, MOOT_MSG_ENTRIES);

    m->entries.count = 1;
    m->entries.raw[0] = raw;
    hand_in(&st, 2);
}

/* --- entries --- */

START_TEST(a_line_is_stored_and_shown_and_not_passed_on)
{
    hand_in_entry(&st, 2, cast_writes('B', "hi"), false);
    expect_done(&st, "store B:1\nshow b: hi\n");
}
END_TEST

START_TEST(a_line_may_come_from_anybody)
{
    hand_in_entry(&st, 3, cast_writes('B', "hi"), false);
    expect_done(&st, "store B:1\nshow b: hi\n");
    hand_in_entry(&st, 2, cast_writes('Q', "I am not even here"), false);
    expect_done(&st, "store Q:1\nshow q: I am not even here\n");
}
END_TEST

static struct moot_entry *forged(struct moot_entry *e)
{
    struct moot_entry *copy = NULL;

    /* The signature comes behind the header; its last byte is before the
     * body's tag and length. */
    e->sig.b[5] ^= 1;
    for (size_t i = 0; i + 64 <= e->raw.len; i++) {
        uint8_t *at = (uint8_t *)(uintptr_t)e->raw.data + i;

        if (memcmp(at, e->sig.b, 5) == 0) {
            at[5] ^= 1;
            break;
        }
    }
    expect_ok(moot_entry_open(e->raw, &copy));
    expect(!moot_entry_verify(copy));
    return copy;
}

START_TEST(a_line_that_its_author_did_not_sign_goes_nowhere)
{
    struct moot_entry *e = forged(cast_writes('B', "I owe you money"));

    hand_in_entry(&st, 2, e, false);
    expect_done(&st, "");
    hand_in_entry(&st, 3, e, true);
    expect_done(&st, "");
    moot_entry_unref(e);
}
END_TEST

START_TEST(a_forged_line_ahead_of_a_gap_is_no_reason_to_ask)
{
    struct moot_entry *e;

    cast_writes('B', "one");
    e = forged(cast_writes('B', "two"));
    hand_in_entry(&st, 3, e, false);
    expect_done(&st, "");
    moot_entry_unref(e);
}
END_TEST

/* No honest peer is ever called a liar. */
START_TEST(a_forged_contradiction_accuses_nobody)
{
    struct moot_draft d = cast_draft('B', "meet at ten");
    struct moot_entry *other = forged(cast_drafts('B', &d));

    hand_in_entry(&st, 2, cast_writes('B', "meet at nine"), false);
    forget_done(&st);
    hand_in_entry(&st, 3, other, false);
    expect_done(&st, "");
    hand_in_entry(&st, 2, cast_writes('B', "bring cake"), false);
    expect_done_of(&st, "show notice", "show b: bring cake\n");
    moot_entry_unref(other);
}
END_TEST

START_TEST(a_signed_contradiction_does)
{
    struct moot_draft d = cast_draft('B', "meet at ten");
    struct moot_entry *other = cast_drafts('B', &d);

    hand_in_entry(&st, 2, cast_writes('B', "meet at nine"), false);
    forget_done(&st);
    hand_in_entry(&st, 3, other, false);
    expect_done_of(&st, "show notice",
                   "notice: b has two histories (a cloned machine?): what was "
                   "said in them after they part is left out\n");
}
END_TEST

START_TEST(a_line_of_another_group_goes_nowhere)
{
    struct moot_draft d = cast_draft('B', "wrong door");

    d.group = hash_of(1);
    hand_in_entry(&st, 2, cast_drafts('B', &d), false);
    expect_done(&st, "");
}
END_TEST

START_TEST(what_is_no_entry_ends_the_link_with_a_reason)
{
    hand_in_bytes(moot_bytes_text("not an entry"));
    expect_done(&st, "send 2 BYE protocol \"not a valid entry\"\n"
                     "close 2: the protocol was broken\n");
}
END_TEST

/* Those before it in the frame were in order. */
START_TEST(what_came_before_a_violation_is_kept)
{
    struct moot_message *m = stage_draft(&st, MOOT_MSG_ENTRIES);

    m->entries.count = 3;
    m->entries.raw[0] = cast_writes('B', "fine")->raw;
    m->entries.raw[1] = moot_bytes_text("not an entry");
    m->entries.raw[2] = cast_writes('B', "not looked at")->raw;
    hand_in(&st, 2);
    expect_done(&st, "store B:1\n"
                     "show b: fine\n"
                     "send 2 BYE protocol \"not a valid entry\"\n"
                     "close 2: the protocol was broken\n");
}
END_TEST

/* Its version is the first field of the header, in front of all others. */
START_TEST(an_entry_of_a_later_version_is_passed_over)
{
    const struct moot_entry *e = cast_writes('B', "from the future");
    struct moot_buf raw = {0};

    moot_buf_append(&raw, e->raw.data, e->raw.len);
    for (size_t i = 0; i + 2 < raw.len; i++) {
        uint8_t *at = raw.data + i;

        if (memcmp(at, e->header.data, 8) == 0) {
            expect_uint(at[0], 0x08);
            at[1] = 2;
            break;
        }
    }
    hand_in_bytes(moot_buf_view(&raw));
    expect_done(&st, "");
    moot_buf_fini(&raw);
}
END_TEST

/* What was said is marked as earlier only when we asked for it after we came
 * in; both kinds of frames are understood. */
START_TEST(an_answer_is_taken_like_news)
{
    hand_in_entry(&st, 2, cast_writes('B', "hi"), true);
    expect_done_of(&st, "store", "store B:1\n");
}
END_TEST

/* --- members --- */

static void hand_in_record(moot_link link, const struct moot_record *r,
                           const char *seen)
{
    struct moot_members *m = &stage_draft(&st, MOOT_MSG_MEMBERS)->members;

    m->count = 1;
    m->at[0].record = moot_bytes_of(r->raw, r->raw_len);
    m->at[0].sig = r->sig;
    if (seen != NULL)
        moot_addr_set(&m->at[0].seen, seen, 8081);
    hand_in(&st, link);
}

static void hand_in_linked(moot_link link, char who)
{
    struct moot_linked *l = &stage_draft(&st, MOOT_MSG_LINKED)->linked;

    l->full = true;
    l->up_count = 1;
    l->up[0] = *cast_id(who);
    hand_in(&st, link);
}

static const struct moot_member *member(char who)
{
    return moot_group_member(st.n->group, cast_id(who));
}

START_TEST(one_who_is_told_of_and_signed_has_joined_and_is_dialled)
{
    struct moot_record r = cast_record('Z', CAST_RUN, 1);

    hand_in_linked(2, 'Z');
    expect_done(&st, "send 2 WHO Z\n");
    hand_in_record(2, &r, "192.0.2.1");
    expect_done(&st, "joined z, 4 here\ndial Z pinned\n");
    expect_text(st.last_dial.addrs[0].host, "192.0.2.1");
    expect_text(st.last_dial.addrs[1].host, "10.0.0.26");
}
END_TEST

START_TEST(a_record_that_its_owner_did_not_sign_ends_the_link)
{
    struct moot_record r = cast_record('Z', CAST_RUN, 1);

    r.sig.b[0] ^= 1;
    hand_in_linked(2, 'Z');
    forget_done(&st);
    hand_in_record(2, &r, NULL);
    expect_done(&st, "send 2 BYE protocol \"not a valid member record\"\n"
                     "close 2: the protocol was broken\n");
    expect(!member('Z')->known);
}
END_TEST

START_TEST(a_record_of_nobody_here_is_not_looked_at)
{
    struct moot_record r = cast_record('Z', CAST_RUN, 1);

    r.sig.b[0] ^= 1;
    hand_in_record(2, &r, NULL);
    expect_done(&st, "");
    expect(member('Z') == NULL);
}
END_TEST

START_TEST(a_record_of_another_group_is_not_looked_at)
{
    struct moot_record r = cast_record('Z', CAST_RUN, 1);

    r.group = hash_of(1);
    moot_record_seal(&r, cast_key('Z'));
    hand_in_linked(2, 'Z');
    forget_done(&st);
    hand_in_record(2, &r, NULL);
    expect_done(&st, "");
    expect(!member('Z')->known);
}
END_TEST

START_TEST(bytes_that_are_no_record_end_the_link)
{
    struct moot_members *m = &stage_draft(&st, MOOT_MSG_MEMBERS)->members;

    m->count = 1;
    m->at[0].record = moot_bytes_text("not a record");
    hand_in(&st, 2);
    expect_done_of(&st, "send close",
                   "send 2 BYE protocol \"not a valid member record\"\n"
                   "close 2: the protocol was broken\n");
}
END_TEST

/* Over there it means something else. */
START_TEST(an_address_that_means_nothing_here_is_not_taken)
{
    struct moot_record r = cast_record('Z', CAST_RUN, 1);

    hand_in_linked(2, 'Z');
    hand_in_record(2, &r, "127.0.0.1");
    expect_uint(member('Z')->seen.port, 0);
    r = cast_record('Z', CAST_RUN, 2);
    hand_in_record(2, &r, "0.0.0.0");
    expect_uint(member('Z')->seen.port, 0);
    r = cast_record('Z', CAST_RUN, 3);
    hand_in_record(2, &r, "192.0.2.1");
    expect_text(member('Z')->seen.host, "192.0.2.1");
}
END_TEST

/* --- the others --- */

START_TEST(a_ping_is_answered_with_its_nonce)
{
    struct moot_ping *p = &stage_draft(&st, MOOT_MSG_PING)->ping;

    moot_group_fill_ping(st.n->group, p);
    p->nonce = 4711;
    hand_in(&st, 2);
    expect_done(&st, "send 2 PONG\n");
    expect_uint(st.heard.ping.nonce, 4711);
}
END_TEST

/* What we hold is said where it is compared, and only there. */
START_TEST(the_answer_to_a_comparison_says_what_we_hold)
{
    struct moot_ping held = {.nonce = 1};

    moot_group_fill_ping(st.n->group, &held);
    stage_draft(&st, MOOT_MSG_PING)->ping = held;
    st.message.ping.sync = true;
    hand_in(&st, 2);
    expect_done(&st, "send 2 PONG\n");
    expect_hash(&st.heard.ping.log, &held.log);
    expect_hash(&st.heard.ping.roster, &held.roster);
}
END_TEST

START_TEST(a_ping_may_ask_to_compare)
{
    struct moot_ping *p = &stage_draft(&st, MOOT_MSG_PING)->ping;

    p->sync = true;
    hand_in(&st, 2);
    expect_done(&st, "send 2 PONG\n"
                     "send 2 LINKED full +C\nsend 2 WHO all\n"
                     "send 2 AUTHORS last\n");
}
END_TEST

START_TEST(a_pong_says_how_long_the_way_is)
{
    struct moot_who_line lines[8];

    stage_event(&st, MOOT_EV_PING_DUE, 2);
    expect_done(&st, "send 2 PING\n");
    st.now += 42;
    stage_draft(&st, MOOT_MSG_PONG)->ping.nonce = st.nonce + 1;
    hand_in(&st, 2);
    expect_int(moot_link_find(st.n, 2)->rtt, -1);
    stage_draft(&st, MOOT_MSG_PING)->ping.nonce = st.nonce;
    hand_in(&st, 2); /* their own question is no answer */
    expect_int(moot_link_find(st.n, 2)->rtt, -1);
    stage_draft(&st, MOOT_MSG_PONG)->ping.nonce = st.nonce;
    hand_in(&st, 2);
    expect_int(moot_link_find(st.n, 2)->rtt, 42);
    st.now += 100;
    hand_in(&st, 2); /* the same one again */
    expect_int(moot_link_find(st.n, 2)->rtt, 42);
    expect_uint(moot_node_who(st.n, st.now, lines, 8), 3);
}
END_TEST

START_TEST(what_is_wanted_is_read_and_sent)
{
    struct moot_event ev = {.kind = MOOT_EV_FETCHED};
    struct moot_want *w;

    stage_say(&st, "hello");
    stage_store_all(&st);
    forget_done(&st);
    w = &stage_draft(&st, MOOT_MSG_WANT)->want;
    w->count = 1;
    w->at[0] = (struct moot_range){.in = cast_run('M'), .from = 1, .to = 1};
    hand_in(&st, 2);
    expect_done(&st, "fetch M:1..1\n");
    expect(st.last_fetch.fetch.bytes_max > MOOT_BODY_LEN_MAX);
    ev.fetched.token = st.last_fetch.fetch.token;
    ev.fetched.entries = &st.stored;
    ev.fetched.count = 1;
    stage_step(&st, &ev);
    expect_done(&st, "send 2 ENTRIES asked M:1\n");
}
END_TEST

START_TEST(what_the_group_is_asked_it_answers)
{
    struct moot_range r = {.in = cast_run('Q'), .from = 1, .to = 2};

    stage_draft(&st, MOOT_MSG_WANT)->want.count = 1;
    st.message.want.at[0] = r;
    hand_in(&st, 2);
    expect_done(&st, "send 2 LACK Q:1..2\n");
    stage_draft(&st, MOOT_MSG_WHO);
    hand_in(&st, 2);
    expect_done(&st, "send 2 LINKED full +C\n"
                     "send 2 MEMBERS c@10.0.0.3:8081 m\n");
    stage_draft(&st, MOOT_MSG_AUTHORS)->authors.last = true;
    hand_in(&st, 2);
    stage_draft(&st, MOOT_MSG_CHAINS)->chains.author = *cast_id('Q');
    hand_in(&st, 2);
    stage_draft(&st, MOOT_MSG_LACK)->lack.at = r;
    hand_in(&st, 2);
    expect_done(&st, "");
}
END_TEST

/* What none of the minds is waiting for changes nothing. */
START_TEST(a_verdict_nobody_asked_for_changes_nothing)
{
    stage_draft(&st, MOOT_MSG_VERDICT)->probe.id = *cast_id('B');
    hand_in(&st, 2);
    expect_done(&st, "");
}
END_TEST

static const enum moot_message_kind greetings[] = {
    MOOT_MSG_HELLO, MOOT_MSG_WELCOME, MOOT_MSG_REFUSE};

START_TEST(a_greeting_in_the_middle_of_the_conversation_ends_it)
{
    if (greetings[_i] == MOOT_MSG_HELLO)
        draft_hello(&st, 2);
    else if (greetings[_i] == MOOT_MSG_WELCOME)
        draft_welcome(&st, 2);
    else
        stage_draft(&st, MOOT_MSG_REFUSE)->refuse.why = MOOT_REFUSE_GROUP;
    hand_in(&st, 2);
    expect_done(&st, "send 2 BYE protocol \"a greeting in the middle of the "
                     "conversation\"\n"
                     "close 2: the protocol was broken\n");
}
END_TEST

START_TEST(bytes_that_are_no_message_end_the_link)
{
    hand_in_raw(&st, 2, moot_bytes_text("\xff\xff\xff\xff"));
    expect_done(&st, "send 2 BYE protocol \"not a valid message\"\n"
                     "close 2: the protocol was broken\n");
}
END_TEST

/* One goodbye is enough, whatever is still on its way. */
START_TEST(on_a_link_that_we_ended_nothing_is_said_any_more)
{
    hand_in_bytes(moot_bytes_text("not an entry"));
    forget_done(&st);
    hand_in_bytes(moot_bytes_text("not an entry"));
    draft_hello(&st, 2);
    hand_in(&st, 2);
    hand_in_raw(&st, 2, moot_bytes_text("\xff\xff"));
    expect_done(&st, "");
}
END_TEST

/* --- goodbyes --- */

static void bye(enum moot_bye_kind kind, const char *reason)
{
    struct moot_bye *b = &stage_draft(&st, MOOT_MSG_BYE)->bye;

    b->kind = kind;
    b->reason = moot_bytes_text(reason);
    hand_in(&st, 2);
    expect_done(&st, "");
    close_link(&st, 2, MOOT_ECLOSED);
}

START_TEST(one_who_quits_left_with_its_reason)
{
    bye(MOOT_BYE_QUIT, "off to bed");
    expect_done(&st, "left b (off to bed), 2 here\n");
    stage_run_ms(&st, 60000);
    expect_done_of(&st, "dial lost", "");
}
END_TEST

START_TEST(one_who_moves_to_another_group_left)
{
    bye(MOOT_BYE_GROUP, "moved to another group");
    expect_done(&st, "left b (moved to another group), 2 here\n");
}
END_TEST

/* It may be started again, and newcomers would gather around it. */
START_TEST(a_bootstrap_peer_that_quits_is_looked_for)
{
    struct moot_record r = cast_record('B', CAST_RUN, 2);

    r.mode = MOOT_BOOTSTRAP;
    moot_record_seal(&r, cast_key('B'));
    hand_in_record(2, &r, NULL);
    forget_done(&st);
    bye(MOOT_BYE_QUIT, "");
    stage_run_ms(&st, 5000);
    expect_done_of(&st, "dial", "dial B\n");
}
END_TEST

struct ending {
    enum moot_bye_kind kind;
    const char *text;
};

static const struct ending endings[] = {
    {MOOT_BYE_PROTOCOL, "lost b (the protocol was broken), 2 here\n"},
    {MOOT_BYE_SLOW, "lost b (it was too slow in taking what was sent), "
                    "2 here\n"},
    {MOOT_BYE_DUPLICATE, "lost b (connection closed), 2 here\n"},
};

START_TEST(other_goodbyes_are_losses)
{
    bye(endings[_i].kind, "not his words");
    stage_run_ms(&st, 1000);
    expect_done_of(&st, "left lost", endings[_i].text);
}
END_TEST

/* MOOT_REASON_LEN_MAX. */
START_TEST(a_reason_may_have_256_bytes)
{
    char reason[MOOT_REASON_LEN_MAX + 1] = {0};

    memset(reason, 'r', MOOT_REASON_LEN_MAX);
    bye(MOOT_BYE_QUIT, reason);
    expect_within(reason, moot_buf_text(&st.text));
}
END_TEST

START_TEST(a_goodbye_to_our_goodbye_is_no_leave)
{
    hand_in_raw(&st, 2, moot_bytes_text("\xff\xff"));
    forget_done(&st);
    bye(MOOT_BYE_QUIT, "so long");
    stage_run_ms(&st, 1000);
    expect_done_of(&st, "left lost",
                   "lost b (the protocol was broken), 2 here\n");
}
END_TEST

/* --- what the monitor and the net say --- */

START_TEST(one_that_the_monitor_calls_dead_is_cut_and_lost)
{
    stage_event(&st, MOOT_EV_LINK_DEAD, 2);
    expect_done(&st, "cut 2: it stopped answering\n");
    close_link(&st, 2, MOOT_OK);
    stage_run_ms(&st, 1000);
    expect_done_of(&st, "lost", "lost b (it stopped answering), 2 here\n");
}
END_TEST

START_TEST(verdicts_about_links_that_are_not_up_are_too_late)
{
    stage_event(&st, MOOT_EV_LINK_DEAD, 2);
    forget_done(&st);
    stage_event(&st, MOOT_EV_LINK_DEAD, 2);
    stage_event(&st, MOOT_EV_PING_DUE, 2);
    stage_event(&st, MOOT_EV_LINK_DEAD, 77);
    stage_event(&st, MOOT_EV_LINK_FULL, 77);
    expect_done(&st, "");
}
END_TEST

START_TEST(waking_asks_everybody_who_is_still_there)
{
    stage_event(&st, MOOT_EV_WOKE, 0);
    expect_done(&st, "send 2 PING sync\nsend 3 PING sync\n");
}
END_TEST

/* P11: it is caught up with later. */
START_TEST(a_link_that_does_not_keep_up_gets_no_live_lines)
{
    stage_event(&st, MOOT_EV_LINK_FULL, 2);
    stage_event(&st, MOOT_EV_LINK_FULL, 2);
    stage_say(&st, "hello");
    expect_done_of(&st, "send", "send 3 ENTRIES M:1\n");
    stage_event(&st, MOOT_EV_LINK_CLEAR, 2);
    expect_done_of(&st, "send", "send 2 PING sync\n");
    stage_event(&st, MOOT_EV_LINK_CLEAR, 2);
    expect_done(&st, "");
}
END_TEST

START_TEST(what_is_said_goes_to_every_link_that_is_up)
{
    open_link(&st, 4, 'D', 0);
    say_hello(&st, 4); /* proven and not up */
    forget_done(&st);
    stage_say(&st, "hello");
    expect_done_of(&st, "send", "send 2 ENTRIES M:1\nsend 3 ENTRIES M:1\n");
}
END_TEST

Suite *suite_node_talk(void)
{
    Suite *s = suite_create("node/talk");
    TCase *t = tcase_create("entries");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_line_is_stored_and_shown_and_not_passed_on);
    tcase_add_test(t, a_line_may_come_from_anybody);
    tcase_add_test(t, a_line_that_its_author_did_not_sign_goes_nowhere);
    tcase_add_test(t, a_forged_line_ahead_of_a_gap_is_no_reason_to_ask);
    tcase_add_test(t, a_forged_contradiction_accuses_nobody);
    tcase_add_test(t, a_signed_contradiction_does);
    tcase_add_test(t, a_line_of_another_group_goes_nowhere);
    tcase_add_test(t, what_is_no_entry_ends_the_link_with_a_reason);
    tcase_add_test(t, what_came_before_a_violation_is_kept);
    tcase_add_test(t, an_entry_of_a_later_version_is_passed_over);
    tcase_add_test(t, an_answer_is_taken_like_news);
    suite_add_tcase(s, t);

    t = tcase_create("members");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, one_who_is_told_of_and_signed_has_joined_and_is_dialled);
    tcase_add_test(t, a_record_that_its_owner_did_not_sign_ends_the_link);
    tcase_add_test(t, a_record_of_nobody_here_is_not_looked_at);
    tcase_add_test(t, a_record_of_another_group_is_not_looked_at);
    tcase_add_test(t, bytes_that_are_no_record_end_the_link);
    tcase_add_test(t, an_address_that_means_nothing_here_is_not_taken);
    suite_add_tcase(s, t);

    t = tcase_create("others");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_ping_is_answered_with_its_nonce);
    tcase_add_test(t, the_answer_to_a_comparison_says_what_we_hold);
    tcase_add_test(t, a_ping_may_ask_to_compare);
    tcase_add_test(t, a_pong_says_how_long_the_way_is);
    tcase_add_test(t, what_is_wanted_is_read_and_sent);
    tcase_add_test(t, what_the_group_is_asked_it_answers);
    tcase_add_test(t, a_verdict_nobody_asked_for_changes_nothing);
    tcase_add_loop_test(t, a_greeting_in_the_middle_of_the_conversation_ends_it,
                        0, 3);
    tcase_add_test(t, bytes_that_are_no_message_end_the_link);
    tcase_add_test(t, on_a_link_that_we_ended_nothing_is_said_any_more);
    suite_add_tcase(s, t);

    t = tcase_create("goodbyes");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, one_who_quits_left_with_its_reason);
    tcase_add_test(t, one_who_moves_to_another_group_left);
    tcase_add_test(t, a_bootstrap_peer_that_quits_is_looked_for);
    tcase_add_loop_test(t, other_goodbyes_are_losses, 0, 3);
    tcase_add_test(t, a_reason_may_have_256_bytes);
    tcase_add_test(t, a_goodbye_to_our_goodbye_is_no_leave);
    suite_add_tcase(s, t);

    t = tcase_create("links");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, one_that_the_monitor_calls_dead_is_cut_and_lost);
    tcase_add_test(t, verdicts_about_links_that_are_not_up_are_too_late);
    tcase_add_test(t, waking_asks_everybody_who_is_still_there);
    tcase_add_test(t, a_link_that_does_not_keep_up_gets_no_live_lines);
    tcase_add_test(t, what_is_said_goes_to_every_link_that_is_up);
    suite_add_tcase(s, t);
    return s;
}
