/*
 * tests/boot/test_ask.c - asking the bootstrap peers: in parallel, again, and
 * what their answers are worth.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "boot_words.h"

Suite *suite_boot_ask(void);

static struct seeker s;

static void teardown(void)
{
    seeker_end(&s);
}

static void create(unsigned endpoints)
{
    const struct seeker_options o = {.endpoints = endpoints};

    seeker_create(&s, &o);
}

/* --- asking --- */

/* MOOT_ENDPOINTS_MAX. */
START_TEST(all_endpoints_are_asked_at_once)
{
    create(MOOT_ENDPOINTS_MAX);
    start(&s);
    expect_sought(&s, "ask h0:8080\nask h1:8080\nask h2:8080\nask h3:8080\n"
                      "ask h4:8080\nask h5:8080\nask h6:8080\nask h7:8080\n"
                      "ask h8:8080\nask h9:8080\nask h10:8080\nask h11:8080\n"
                      "ask h12:8080\nask h13:8080\nask h14:8080\n"
                      "ask h15:8080\n");
    for (unsigned i = 1; i < MOOT_ENDPOINTS_MAX; i++) {
        expect(s.asks[i] != s.asks[i - 1]);
        expect(strcmp(s.nonces[i], s.nonces[i - 1]) != 0);
        expect_uint(strlen(s.nonces[i]), 32);
    }
}
END_TEST

START_TEST(a_request_has_3_s_and_never_more_than_the_join)
{
    const struct seeker_options o = {.endpoints = 1, .timeout = 4000};

    seeker_create(&s, &o);
    start(&s);
    expect_int(s.ask.within, MOOT_ASK_WITHIN_MS);
    run_ms(&s, 3000);
    forget_sought(&s);
    ask_fails(&s, 0, MOOT_ETIMEOUT);
    expect(ms_until(&s, "ask", 1000) > 0);
    expect(s.ask.within <= 1000);
}
END_TEST

START_TEST(while_a_request_is_under_way_there_is_no_second)
{
    seeker_begin(&s, 1);
    run_ms(&s, 9999);
    expect_sought_of(&s, "ask", "");
}
END_TEST

/* MOOT_ASK_BACKOFF_MS and a fifth either way, while its breaker is closed; then
 * the breaker's pauses and a fifth more, up to MOOT_ASK_PATIENCE_MS. */
START_TEST(after_a_failure_it_is_asked_again_ever_more_slowly)
{
    const struct seeker_options o = {.endpoints = 1, .timeout = 100000};
    static const moot_ms pauses[] = {200, 300, 450, 675, 1012, 2000, 2000};

    seeker_create(&s, &o);
    start(&s);
    for (unsigned i = 0; i < 7; i++) {
        moot_ms pause;

        forget_sought(&s);
        ask_fails(&s, 0, MOOT_EREFUSED);
        pause = ms_until(&s, "ask", 5000);
        ck_assert_msg(pause >= pauses[i] * 4 / 5 - 1 &&
                          pause <= pauses[i] * 6 / 5 + 1,
                      "failure %u: %lld ms", i, (long long)pause);
    }
}
END_TEST

START_TEST(an_answer_ends_the_row_of_failures)
{
    seeker_begin(&s, 1);
    for (unsigned i = 0; i < 4; i++) {
        ask_fails(&s, 0, MOOT_EREFUSED);
        expect(ms_until(&s, "ask", 3000) >= 0);
        forget_sought(&s);
    }
    answers(&s, 0, "b");
    expect(ms_until(&s, "ask", 5000) <= MOOT_ASK_AGAIN_MS * 6 / 5);
    forget_sought(&s);
    ask_fails(&s, 0, MOOT_EREFUSED);
    expect(ms_until(&s, "ask", 5000) <= MOOT_ASK_BACKOFF_MS * 6 / 5);
}
END_TEST

/* MOOT_ASK_AGAIN_MS, MOOT_ASK_REFRESH_MS. */
START_TEST(one_that_is_joining_is_asked_again_sooner_than_a_good_one)
{
    moot_ms pause;

    seeker_begin(&s, 2);
    answers(&s, 0, "b");
    pause = ms_until(&s, "ask h0", 5000);
    expect(pause >= MOOT_ASK_AGAIN_MS * 4 / 5);
    expect(pause <= MOOT_ASK_AGAIN_MS * 6 / 5);
    forget_sought(&s);
    answers(&s, 1, "CD");
    pause = ms_until(&s, "ask h1", 5000);
    expect(pause >= MOOT_ASK_REFRESH_MS * 4 / 5);
    expect(pause <= MOOT_ASK_REFRESH_MS * 6 / 5);
}
END_TEST

START_TEST(who_has_joined_asks_nobody_any_more)
{
    seeker_begin(&s, 1);
    answers(&s, 0, "B");
    dial_links(&s, 'B');
    expect(moot_boot_joined(s.b));
    forget_sought(&s);
    run_ms(&s, 600000);
    expect_sought(&s, "");
}
END_TEST

/* --- what an answer is worth --- */

START_TEST(another_nonce_is_no_answer)
{
    seeker_begin(&s, 1);
    answers_to(&s, s.asks[0], "0123456789abcdef0123456789abcdef", "B");
    expect_sought_of(&s, "dial adopt", "");
    expect(ms_until(&s, "ask", 1000) >= 0);
    forget_sought(&s);
    run_ms(&s, 9999);
    expect_sought_of(&s, "fail",
                     "fail 4: no bootstrap peer answered: h0:8080 "
                     "(its answer is to another question)\n");
}
END_TEST

START_TEST(an_answer_to_no_question_is_not_heard)
{
    uint64_t old;

    seeker_begin(&s, 1);
    old = s.asks[0];
    answers_to(&s, old + 1, s.nonces[0], "B");
    answers_to(&s, 0, s.nonces[0], "B");
    expect_sought(&s, "");
    ask_fails(&s, 0, MOOT_ETIMEOUT);
    answers_to(&s, old, s.nonces[0], "B");
    expect_sought_of(&s, "dial adopt", "");
}
END_TEST

START_TEST(a_failure_of_no_question_is_not_heard)
{
    struct moot_boot_event ev = {
        .kind = MOOT_BOOT_ASK_FAILED, .token = 77, .why = MOOT_EREFUSED};

    seeker_begin(&s, 1);
    seeker_step(&s, &ev);
    ev.token = 0;
    seeker_step(&s, &ev);
    run_ms(&s, 5000);
    expect_sought_of(&s, "ask", "");
}
END_TEST

START_TEST(the_first_group_told_of_is_adopted_and_its_members_dialled)
{
    seeker_begin(&s, 1);
    answers(&s, 0, "BC");
    expect_sought_of(&s, "adopt dial",
                     "adopt 22 lobby\ndial B pinned\ndial C pinned\n");
    expect_int(moot_boot_weight(s.b), MOOT_PROVISIONAL);
}
END_TEST

START_TEST(a_dial_goes_to_the_addresses_listed_and_expects_that_identity)
{
    struct moot_addr addr;

    seeker_begin(&s, 1);
    answers(&s, 0, "B");
    addr = cast_addr('B');
    expect(moot_addr_eq(&s.dial.addrs[0], &addr));
    expect_uint(s.dial.addr_count, 1);
    expect(s.dial.pinned);
    expect_int(s.dial.within, MOOT_DIAL_JOIN_WITHIN_MS);
}
END_TEST

START_TEST(ourselves_we_do_not_dial)
{
    seeker_begin(&s, 1);
    answers(&s, 0, "BM");
    expect_sought_of(&s, "dial", "dial B pinned\n");
}
END_TEST

/* --- other groups --- */

START_TEST(a_group_of_another_name_is_joined_unless_one_was_asked_for)
{
    seeker_begin(&s, 1);
    s.name = "kitchen";
    answers(&s, 0, "B");
    expect_sought_of(&s, "adopt", "adopt 22 kitchen\n");
}
END_TEST

/* Exit 6, naming what is there. */
START_TEST(the_group_asked_for_is_not_there)
{
    const struct seeker_options o = {.endpoints = 2, .group_asked = true};

    seeker_create(&s, &o);
    start(&s);
    s.name = "kitchen";
    answers(&s, 0, "B");
    expect_sought_of(&s, "adopt dial fail", "");
    s.name = "cellar";
    answers(&s, 1, "C");
    expect_sought_of(&s, "adopt dial fail",
                     "fail 6: no such group there: h0:8080 (is in the group "
                     "\"kitchen\"), h1:8080 (is in the group \"cellar\")\n");
    expect_int(moot_boot_deadline(s.b), MOOT_NEVER);
}
END_TEST

START_TEST(the_group_asked_for_is_there_after_all)
{
    const struct seeker_options o = {.endpoints = 2, .group_asked = true};

    seeker_create(&s, &o);
    start(&s);
    s.name = "kitchen";
    answers(&s, 0, "B");
    s.name = "lobby";
    answers(&s, 1, "C");
    expect_sought_of(&s, "adopt dial fail", "adopt 22 lobby\ndial C pinned\n");
}
END_TEST

/* Of two grown groups the first one told of is joined, and they stay apart; who
 * told of the other is dialled only to see which of them is there at all. */
START_TEST(a_second_grown_group_stays_apart)
{
    seeker_begin(&s, 2);
    s.weight = MOOT_GROWN;
    answers(&s, 0, "B");
    forget_sought(&s);
    s.group = 0x11;
    answers(&s, 1, "CD");
    expect_sought_of(&s, "adopt dial", "dial C pinned\n");
    dial_links(&s, 'B');
    expect(moot_boot_joined(s.b));
}
END_TEST

/* In a lighter one there may be somebody who has yet to come over. */
START_TEST(those_in_a_lighter_group_are_met)
{
    seeker_begin(&s, 2);
    s.weight = MOOT_GROWN;
    answers(&s, 0, "B");
    forget_sought(&s);
    s.group = 0x11;
    s.weight = MOOT_PROVISIONAL;
    answers(&s, 1, "C");
    expect_sought_of(&s, "adopt dial", "dial C pinned\n");
    dial_links(&s, 'B');
    expect(moot_boot_joined(s.b));
}
END_TEST

START_TEST(the_heavier_group_is_adopted_whoever_answers_first)
{
    seeker_begin(&s, 2);
    answers(&s, 0, "B");
    expect_sought_of(&s, "adopt", "adopt 22 lobby\n");
    s.group = 0x77;
    s.weight = MOOT_GROWN;
    answers(&s, 1, "C");
    expect_sought_of(&s, "adopt", "adopt 77 lobby\n");
}
END_TEST

Suite *suite_boot_ask(void)
{
    Suite *suite = suite_create("boot/ask");
    TCase *t = tcase_create("asking");

    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_test(t, all_endpoints_are_asked_at_once);
    tcase_add_test(t, a_request_has_3_s_and_never_more_than_the_join);
    tcase_add_test(t, while_a_request_is_under_way_there_is_no_second);
    tcase_add_test(t, after_a_failure_it_is_asked_again_ever_more_slowly);
    tcase_add_test(t, an_answer_ends_the_row_of_failures);
    tcase_add_test(t,
                   one_that_is_joining_is_asked_again_sooner_than_a_good_one);
    tcase_add_test(t, who_has_joined_asks_nobody_any_more);
    suite_add_tcase(suite, t);

    t = tcase_create("answers");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_test(t, another_nonce_is_no_answer);
    tcase_add_test(t, an_answer_to_no_question_is_not_heard);
    tcase_add_test(t, a_failure_of_no_question_is_not_heard);
    tcase_add_test(t,
                   the_first_group_told_of_is_adopted_and_its_members_dialled);
    tcase_add_test(
        t, a_dial_goes_to_the_addresses_listed_and_expects_that_identity);
    tcase_add_test(t, ourselves_we_do_not_dial);
    suite_add_tcase(suite, t);

    t = tcase_create("groups");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_test(t,
                   a_group_of_another_name_is_joined_unless_one_was_asked_for);
    tcase_add_test(t, the_group_asked_for_is_not_there);
    tcase_add_test(t, the_group_asked_for_is_there_after_all);
    tcase_add_test(t, a_second_grown_group_stays_apart);
    tcase_add_test(t, those_in_a_lighter_group_are_met);
    tcase_add_test(t, the_heavier_group_is_adopted_whoever_answers_first);
    suite_add_tcase(suite, t);
    return suite;
}
