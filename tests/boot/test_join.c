/*
 * tests/boot/test_join.c - who must be reached before we may speak, how that
 * set shrinks and never grows, and when to give up (P5).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "boot_words.h"

Suite *suite_boot_join(void);

static struct seeker s;

static void teardown(void)
{
    seeker_end(&s);
}

static void setup(void)
{
    seeker_begin(&s, 1);
}

static void setup_two(void)
{
    seeker_begin(&s, 2);
}

static void setup_partial(void)
{
    const struct seeker_options o = {.endpoints = 1, .partial = true};

    seeker_create(&s, &o);
    start(&s);
    forget_sought(&s);
}

static void answers_again(const char *members)
{
    forget_sought(&s);
    expect(ms_until(&s, "ask h0", 3000) >= 0);
    answers(&s, 0, members);
    forget_sought(&s);
}

#define expect_end(text) expect_sought_of(&s, "ready fail standing", text)

/* --- the set --- */

START_TEST(all_who_have_joined_must_be_reached)
{
    answers(&s, 0, "BCD");
    dial_links(&s, 'B');
    dial_links(&s, 'D');
    expect_end("");
    expect(!moot_boot_joined(s.b));
    dial_links(&s, 'C');
    expect_end("standing joined\nready\n");
    expect(moot_boot_joined(s.b));
}
END_TEST

START_TEST(those_who_are_joining_themselves_bind_nobody)
{
    answers(&s, 0, "Bcz");
    expect_sought_of(&s, "dial", "dial B pinned\ndial Z pinned\n");
    dial_links(&s, 'B');
    expect_end("standing joined\nready\n");
}
END_TEST

START_TEST(a_member_alone_is_enough)
{
    answers(&s, 0, "B");
    dial_links(&s, 'B');
    expect_end("standing joined\nready\n");
}
END_TEST

#define expect_noted(text)                                                     \
    expect_lines_at(__FILE__, __LINE__, "what was noted", &s.noted, NULL, text)

/* Only when somebody was met where it led, and it is of our group. */
START_TEST(a_socket_that_told_the_truth_is_remembered)
{
    answers(&s, 0, "B");
    expect_noted("");
    dial_links(&s, 'B');
    expect_noted("good h0:8080\n");
}
END_TEST

START_TEST(a_socket_that_fails_is_remembered_as_such)
{
    ask_fails(&s, 0, MOOT_EREFUSED);
    expect_noted("failed h0:8080\n");
}
END_TEST

START_TEST(each_socket_that_told_the_truth_is_remembered)
{
    answers(&s, 0, "BC");
    answers(&s, 1, "CB");
    dial_links(&s, 'B');
    expect_noted("");
    dial_links(&s, 'C');
    expect_noted("good h0:8080\ngood h1:8080\n");
}
END_TEST

/* It accepts whoever dials it first, us or itself. */
START_TEST(who_links_to_us_is_reached)
{
    answers(&s, 0, "BC");
    links_itself(&s, 'C', 0);
    links_itself(&s, 'B', 0);
    expect_end("standing joined\nready\n");
}
END_TEST

START_TEST(the_set_never_grows)
{
    answers(&s, 0, "BC");
    dial_links(&s, 'B');
    meets(&s, 'D', MOOT_JOINED, false, 'B');
    answers_again("BCE");
    dial_links(&s, 'C');
    expect_end("standing joined\nready\n");
}
END_TEST

START_TEST(who_left_need_not_be_reached)
{
    answers(&s, 0, "BCD");
    dial_links(&s, 'B');
    goes(&s, 'C', true);
    expect_end("");
    links_itself(&s, 'D', 0);
    expect_end("standing joined\nready\n");
}
END_TEST

START_TEST(whom_a_newer_answer_does_not_list_need_not_be_reached)
{
    answers(&s, 0, "BCD");
    dial_links(&s, 'B');
    dial_links(&s, 'D');
    answers_again("BCD");
    expect(!moot_boot_joined(s.b));
    answers_again("BD");
    expect(moot_boot_joined(s.b));
}
END_TEST

/* It may not know everybody yet. */
START_TEST(who_is_joining_itself_releases_nobody)
{
    answers(&s, 0, "BC");
    dial_links(&s, 'B');
    answers_again("b");
    expect(!moot_boot_joined(s.b));
    answers_again("B");
    expect(moot_boot_joined(s.b));
}
END_TEST

START_TEST(who_was_linked_and_is_lost_must_be_reached_still)
{
    answers(&s, 0, "BC");
    dial_links(&s, 'B');
    link_breaks(&s, 'B');
    dial_links(&s, 'C');
    expect_end("");
    expect(ms_until(&s, "dial B", 1000) >= 0);
    dial_links(&s, 'B');
    expect_end("standing joined\nready\n");
}
END_TEST

/* Perhaps only the one who told us of it is gone. */
START_TEST(who_is_gone_for_the_others_is_dialled_still)
{
    answers(&s, 0, "BC");
    dial_links(&s, 'B');
    dial_fails(&s, 'C', MOOT_ETIMEOUT);
    goes(&s, 'C', false);
    expect_end("");
    expect(ms_until(&s, "dial C", 1000) >= 0);
    dial_links(&s, 'C');
    expect_end("standing joined\nready\n");
}
END_TEST

/* --- several bootstrap peers --- */

/* MOOT_MERGE_WAIT_MS. */
START_TEST(answers_that_come_together_are_merged)
{
    answers(&s, 0, "B");
    dial_links(&s, 'B');
    expect_end("");
    run_ms(&s, MOOT_MERGE_WAIT_MS - 1);
    expect_end("");
    answers(&s, 1, "BC");
    expect_end("");
    dial_links(&s, 'C');
    expect_end("standing joined\nready\n");
}
END_TEST

START_TEST(the_first_good_answer_is_enough)
{
    answers(&s, 0, "B");
    dial_links(&s, 'B');
    run_ms(&s, MOOT_MERGE_WAIT_MS);
    expect_end("standing joined\nready\n");
}
END_TEST

START_TEST(one_that_does_not_answer_does_no_harm)
{
    ask_fails(&s, 1, MOOT_EREFUSED);
    answers(&s, 0, "B");
    dial_links(&s, 'B');
    run_ms(&s, MOOT_MERGE_WAIT_MS);
    expect_end("standing joined\nready\n");
}
END_TEST

START_TEST(a_joiner_is_no_good_answer)
{
    answers(&s, 0, "b");
    links_itself(&s, 'B', 0);
    meets(&s, 'B', MOOT_JOINING, true, 0);
    run_ms(&s, 2000);
    expect_end("");
}
END_TEST

/* --- probes --- */

START_TEST(our_links_are_asked_about_one_we_cannot_reach)
{
    answers(&s, 0, "BCD");
    dial_links(&s, 'B');
    dial_links(&s, 'C');
    forget_sought(&s);
    dial_fails(&s, 'D', MOOT_ETIMEOUT);
    expect_sought_of(&s, "probe", "probe D\n");
    expect_id(&s.probe.id, cast_id('D'));
}
END_TEST

START_TEST(without_links_there_is_nobody_to_ask)
{
    answers(&s, 0, "BCD");
    dial_fails(&s, 'D', MOOT_ETIMEOUT);
    expect_sought_of(&s, "probe", "");
}
END_TEST

START_TEST(one_who_answers_nobody_is_suspect_and_not_required)
{
    answers(&s, 0, "BCD");
    dial_links(&s, 'B');
    dial_links(&s, 'C');
    dial_fails(&s, 'D', MOOT_ETIMEOUT);
    verdict(&s, 'B', 'D', false);
    expect_end("");
    verdict(&s, 'C', 'D', false);
    expect_end("standing joined\nready\n");
}
END_TEST

/* The way to it may be open again in a while. */
START_TEST(a_suspect_is_still_looked_for)
{
    answers(&s, 0, "BD");
    dial_links(&s, 'B');
    dial_fails(&s, 'D', MOOT_ETIMEOUT);
    verdict(&s, 'B', 'D', false);
    expect(moot_boot_joined(s.b));
    for (unsigned i = 0; i < 5; i++) {
        forget_sought(&s);
        expect(ms_until(&s, "dial D", 5000) >= 0);
        dial_fails(&s, 'D', MOOT_ETIMEOUT);
    }
}
END_TEST

START_TEST(one_who_answers_anybody_must_be_reached)
{
    answers(&s, 0, "BCD");
    dial_links(&s, 'B');
    dial_links(&s, 'C');
    dial_fails(&s, 'D', MOOT_ETIMEOUT);
    verdict(&s, 'B', 'D', false);
    verdict(&s, 'C', 'D', true);
    verdict(&s, 'B', 'D', false);
    run_ms(&s, MOOT_PROBE_WAIT_MS);
    expect_end("");
    expect(!moot_boot_joined(s.b));
}
END_TEST

/* MOOT_PROBE_WAIT_MS: of two links one never says anything. */
START_TEST(after_4_s_those_who_answered_decide)
{
    answers(&s, 0, "BCD");
    dial_links(&s, 'B');
    dial_links(&s, 'C');
    dial_fails(&s, 'D', MOOT_ETIMEOUT);
    verdict(&s, 'B', 'D', false);
    run_ms(&s, MOOT_PROBE_WAIT_MS - 1);
    expect_end("");
    run_ms(&s, 1);
    expect_end("standing joined\nready\n");
}
END_TEST

START_TEST(silence_of_all_links_says_nothing)
{
    answers(&s, 0, "BCD");
    dial_links(&s, 'B');
    dial_links(&s, 'C');
    dial_fails(&s, 'D', MOOT_ETIMEOUT);
    run_ms(&s, MOOT_PROBE_WAIT_MS);
    expect_end("");
}
END_TEST

START_TEST(one_probe_at_a_time)
{
    answers(&s, 0, "BD");
    dial_links(&s, 'B');
    for (unsigned i = 0; i < 5; i++) {
        dial_fails(&s, 'D', MOOT_ETIMEOUT);
        expect(ms_until(&s, "dial D", 3000) >= 0);
    }
    expect_sought_of(&s, "probe", "probe D\n");
}
END_TEST

START_TEST(a_verdict_that_nobody_asked_for_releases_nobody)
{
    answers(&s, 0, "BD");
    dial_links(&s, 'B');
    verdict(&s, 'B', 'D', false);
    verdict(&s, 'C', 'B', false);
    verdict(&s, 'B', 'Z', false);
    expect_end("");
    expect(!moot_boot_joined(s.b));
}
END_TEST

START_TEST(one_that_is_linked_meanwhile_is_no_suspect)
{
    answers(&s, 0, "BCD");
    dial_links(&s, 'B');
    dial_fails(&s, 'D', MOOT_ETIMEOUT);
    links_itself(&s, 'D', 0);
    verdict(&s, 'B', 'D', false);
    run_ms(&s, MOOT_PROBE_WAIT_MS);
    link_breaks(&s, 'D');
    dial_links(&s, 'C');
    expect_end("");
}
END_TEST

/* --- giving up --- */

/* Exit 4, each one with its reason. */
START_TEST(no_bootstrap_peer_answers)
{
    run_ms(&s, 10);
    ask_fails(&s, 0, MOOT_EREFUSED);
    ask_fails(&s, 1, MOOT_ENAME);
    run_ms(&s, 9989);
    expect_end("");
    run_ms(&s, 1);
    expect_end("fail 4: no bootstrap peer answered: h0:8080 (connection "
               "refused), h1:8080 (the name does not resolve)\n");
    expect_int(moot_boot_deadline(s.b), MOOT_NEVER);
}
END_TEST

START_TEST(one_that_never_answers_has_no_reason)
{
    run_ms(&s, 10000);
    expect_end("fail 4: no bootstrap peer answered: h0:8080 (no answer yet), "
               "h1:8080 (no answer yet)\n");
}
END_TEST

START_TEST(one_that_keeps_joining_is_no_help)
{
    for (unsigned i = 0; i < 40 && !moot_boot_joined(s.b); i++) {
        answers(&s, 0, "b");
        if (ms_until(&s, "fail", 400) >= 0)
            break;
    }
    expect_end("fail 4: no bootstrap peer answered: h0:8080 (is still joining "
               "itself), h1:8080 (no answer yet)\n");
}
END_TEST

static void begin_with_an_old_secret(void)
{
    const struct seeker_options closed = {.endpoints = 1, .closed = true};

    seeker_end(&s);
    seeker_create(&s, &closed);
    start(&s);
    s.group = SEEKER_GROUP;
    answers(&s, 0, "bc");
    run_ms(&s, 100);
    dial_fails(&s, 'B', MOOT_ESECRET);
    expect_sought_of(&s, "fail", "");
}

/* Exit 6: one says so, and all the others were tried. */
START_TEST(the_secret_was_changed_without_us)
{
    begin_with_an_old_secret();
    run_ms(&s, 3000); /* it might have dialled us itself */
    dial_fails(&s, 'C', MOOT_EREFUSED);
    expect_sought_of(
        &s, "fail",
        "fail 6: not let in: the secret does not fit: ask a member for "
        "a new invitation\n");
}
END_TEST

START_TEST(one_who_says_nothing_does_not_make_a_secret_fit)
{
    begin_with_an_old_secret();
    expect(ms_until(&s, "fail", 20000) <= 10000);
    expect_sought_of(
        &s, "fail",
        "fail 6: not let in: the secret does not fit: ask a member for "
        "a new invitation\n");
}
END_TEST

/* Exit 5, naming whom and why. */
START_TEST(somebody_cannot_be_reached)
{
    answers(&s, 0, "BCDE");
    dial_links(&s, 'B');
    dial_fails(&s, 'C', MOOT_EREFUSED);
    dial_fails(&s, 'D', MOOT_EKEY);
    verdict(&s, 'B', 'C', true);
    verdict(&s, 'C', 'D', true);
    expect(ms_until(&s, "fail", 20000) == 10000);
    expect_end("fail 5: could not reach c at 10.0.0.3:8081 (connection "
               "refused), d at 10.0.0.4:8081 (it has another key than "
               "expected), e at 10.0.0.5:8081\n");
}
END_TEST

/* Exit 6. */
START_TEST(all_who_are_missing_refused_us)
{
    answers(&s, 0, "BC");
    dial_fails(&s, 'B', MOOT_EPROOF);
    dial_fails(&s, 'C', MOOT_EFULL);
    run_ms(&s, 10000);
    expect_end("fail 6: could not reach b at 10.0.0.2:8081 (it refused "
               "us: wrong group or secret), c at 10.0.0.3:8081 (it has no "
               "room for one more)\n");
}
END_TEST

START_TEST(a_refusal_of_some_is_exit_5)
{
    answers(&s, 0, "BC");
    dial_fails(&s, 'B', MOOT_EVERSION);
    dial_fails(&s, 'C', MOOT_EREFUSED);
    run_ms(&s, 10000);
    expect_sought_of(&s, "ready", "");
    expect_int(moot_boot_deadline(s.b), MOOT_NEVER);
}
END_TEST

START_TEST(who_has_given_up_does_nothing_any_more)
{
    run_ms(&s, 10000);
    forget_sought(&s);
    links_itself(&s, 'B', 0);
    meets(&s, 'C', MOOT_JOINED, false, 'B');
    answers(&s, 0, "B");
    event(&s, MOOT_BOOT_WOKE);
    event(&s, MOOT_BOOT_TIMER);
    expect_sought(&s, "");
}
END_TEST

/* Before giving up it retries (P5). */
START_TEST(a_required_one_is_dialled_again_and_again)
{
    answers(&s, 0, "BC");
    for (unsigned i = 0; i < 20; i++) {
        moot_ms pause;

        forget_sought(&s);
        dial_fails(&s, 'C', MOOT_EREFUSED);
        pause = ms_until(&s, "dial C", 5000);
        expect(pause >= MOOT_DIAL_AGAIN_JOIN_MS * 4 / 5);
        expect(pause <= MOOT_DIAL_AGAIN_JOIN_MS * 6 / 5);
    }
}
END_TEST

/* MOOT_BOOT_TEXT_MAX: many names do not fit, and nothing breaks. */
START_TEST(a_long_list_of_the_missing_is_cut)
{
    answers(&s, 0, "BCDEFGHIJKLNOPQRSTUVWXYZ");
    for (const char *who = "BCDEFGHIJKLNOPQRSTUVWXYZ"; *who != '\0'; who++)
        dial_fails(&s, *who, MOOT_EPROOF);
    run_ms(&s, 9999);
    forget_sought(&s);
    run_ms(&s, 1);
    expect_uint(s.text.len, strlen("fail 6: ") + MOOT_BOOT_TEXT_MAX);
    expect_within("fail 6: could not reach b at 10.0.0.2:8081 (it refused us: "
                  "wrong group or secret), c at",
                  moot_buf_text(&s.text));
}
END_TEST

/* --- partial --- */

START_TEST(partial_goes_in_when_everybody_was_tried)
{
    answers(&s, 0, "BCD");
    dial_links(&s, 'B');
    dial_fails(&s, 'C', MOOT_EREFUSED);
    expect_end("");
    dial_fails(&s, 'D', MOOT_ETIMEOUT);
    expect_sought_of(
        &s, "notice ready",
        "notice: not reached yet, still trying: c at 10.0.0.3:8081 "
        "(connection refused), d at 10.0.0.4:8081 (timed "
        "out)\nready\n");
    forget_sought(&s);
    expect(ms_until(&s, "dial C", 5000) >= 0);
}
END_TEST

START_TEST(partial_needs_somebody)
{
    answers(&s, 0, "BC");
    dial_fails(&s, 'B', MOOT_EREFUSED);
    dial_fails(&s, 'C', MOOT_EREFUSED);
    expect_end("");
    expect(ms_until(&s, "ready", 20000) > 9000);
}
END_TEST

START_TEST(partial_too_needs_an_answer)
{
    ask_fails(&s, 0, MOOT_EREFUSED);
    run_ms(&s, 10000);
    expect_end("fail 4: no bootstrap peer answered: h0:8080 (connection "
               "refused)\n");
}
END_TEST

/* --- progress --- */

/* MOOT_PROGRESS_MS: a join that is quicker needs no words. */
START_TEST(a_slow_join_says_how_it_goes)
{
    run_ms(&s, MOOT_PROGRESS_MS - 1);
    expect_sought_of(&s, "progress", "");
    run_ms(&s, 1);
    expect_sought_of(&s, "progress",
                     "progress: asking h0:8080 (no answer "
                     "yet)\n");
    answers(&s, 0, "BC");
    dial_links(&s, 'B');
    run_ms(&s, MOOT_PROGRESS_MS);
    expect_sought_of(&s, "progress",
                     "progress: reached 1 of 2, waiting for c "
                     "at 10.0.0.3:8081\n");
    run_ms(&s, 2000);
    expect_sought_of(&s, "progress", "");
}
END_TEST

/* --- the group changes under a join --- */

START_TEST(in_another_group_others_must_be_reached)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_ADOPTED,
                                 .group = hash_of(0x77),
                                 .weight = MOOT_GROWN};

    answers(&s, 0, "BC");
    dial_links(&s, 'B');
    forget_sought(&s);
    seeker_step(&s, &ev);
    expect_int(moot_boot_weight(s.b), MOOT_GROWN);
    expect_sought_of(&s, "ready ask", "ask h0:8080\n");
    s.group = 0x77;
    s.weight = MOOT_GROWN;
    answers(&s, 0, "D");
    dial_links(&s, 'D');
    run_ms(&s, MOOT_MERGE_WAIT_MS);
    expect_end("standing joined\nready\n");
}
END_TEST

Suite *suite_boot_join(void)
{
    Suite *suite = suite_create("boot/join");
    TCase *t = tcase_create("set");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, all_who_have_joined_must_be_reached);
    tcase_add_test(t, those_who_are_joining_themselves_bind_nobody);
    tcase_add_test(t, a_member_alone_is_enough);
    tcase_add_test(t, a_socket_that_told_the_truth_is_remembered);
    tcase_add_test(t, a_socket_that_fails_is_remembered_as_such);
    tcase_add_test(t, who_links_to_us_is_reached);
    tcase_add_test(t, the_set_never_grows);
    tcase_add_test(t, who_left_need_not_be_reached);
    tcase_add_test(t, whom_a_newer_answer_does_not_list_need_not_be_reached);
    tcase_add_test(t, who_is_joining_itself_releases_nobody);
    tcase_add_test(t, who_was_linked_and_is_lost_must_be_reached_still);
    tcase_add_test(t, who_is_gone_for_the_others_is_dialled_still);
    tcase_add_test(t, a_slow_join_says_how_it_goes);
    tcase_add_test(t, in_another_group_others_must_be_reached);
    suite_add_tcase(suite, t);

    t = tcase_create("probes");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, our_links_are_asked_about_one_we_cannot_reach);
    tcase_add_test(t, without_links_there_is_nobody_to_ask);
    tcase_add_test(t, one_who_answers_nobody_is_suspect_and_not_required);
    tcase_add_test(t, a_suspect_is_still_looked_for);
    tcase_add_test(t, one_who_answers_anybody_must_be_reached);
    tcase_add_test(t, after_4_s_those_who_answered_decide);
    tcase_add_test(t, silence_of_all_links_says_nothing);
    tcase_add_test(t, one_probe_at_a_time);
    tcase_add_test(t, a_verdict_that_nobody_asked_for_releases_nobody);
    tcase_add_test(t, one_that_is_linked_meanwhile_is_no_suspect);
    suite_add_tcase(suite, t);

    t = tcase_create("merging");
    tcase_add_checked_fixture(t, setup_two, teardown);
    tcase_add_test(t, each_socket_that_told_the_truth_is_remembered);
    tcase_add_test(t, answers_that_come_together_are_merged);
    tcase_add_test(t, the_first_good_answer_is_enough);
    tcase_add_test(t, one_that_does_not_answer_does_no_harm);
    tcase_add_test(t, a_joiner_is_no_good_answer);
    tcase_add_test(t, no_bootstrap_peer_answers);
    tcase_add_test(t, one_that_never_answers_has_no_reason);
    tcase_add_test(t, one_that_keeps_joining_is_no_help);
    suite_add_tcase(suite, t);

    t = tcase_create("failing");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_secret_was_changed_without_us);
    tcase_add_test(t, one_who_says_nothing_does_not_make_a_secret_fit);
    tcase_add_test(t, somebody_cannot_be_reached);
    tcase_add_test(t, all_who_are_missing_refused_us);
    tcase_add_test(t, a_refusal_of_some_is_exit_5);
    tcase_add_test(t, who_has_given_up_does_nothing_any_more);
    tcase_add_test(t, a_required_one_is_dialled_again_and_again);
    tcase_add_test(t, a_long_list_of_the_missing_is_cut);
    suite_add_tcase(suite, t);

    t = tcase_create("partial");
    tcase_add_checked_fixture(t, setup_partial, teardown);
    tcase_add_test(t, partial_goes_in_when_everybody_was_tried);
    tcase_add_test(t, partial_needs_somebody);
    tcase_add_test(t, partial_too_needs_an_answer);
    suite_add_tcase(suite, t);
    return suite;
}
