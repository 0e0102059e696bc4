/*
 * tests/boot/test_adversary.c - what one who lies can make of a join.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "boot_words.h"

Suite *suite_boot_adversary(void);

static struct seeker s;

static void setup(void)
{
    seeker_begin(&s, 1);
}

static void teardown(void)
{
    seeker_end(&s);
}

/* --- verdicts --- */

START_TEST(nobody_has_more_than_one_vote)
{
    answers(&s, 0, "BCD");
    dial_links(&s, 'B');
    dial_links(&s, 'C');
    dial_fails(&s, 'D', MOOT_ETIMEOUT);
    for (unsigned i = 0; i < 10; i++)
        verdict(&s, 'B', 'D', false);
    expect(!moot_boot_joined(s.b));
    verdict(&s, 'C', 'D', true);
    run_ms(&s, 5000);
    expect(!moot_boot_joined(s.b));
}
END_TEST

START_TEST(who_is_not_linked_has_no_vote)
{
    answers(&s, 0, "BCD");
    dial_links(&s, 'B');
    dial_fails(&s, 'C', MOOT_ETIMEOUT);
    dial_fails(&s, 'D', MOOT_ETIMEOUT);
    verdict(&s, 'C', 'D', false);
    run_ms(&s, 5000);
    expect(!moot_boot_joined(s.b));
}
END_TEST

/* A joiner that is not linked to D yet says that it does not answer; who is in
 * the group knows better. */
START_TEST(the_word_of_a_joiner_is_not_enough)
{
    answers(&s, 0, "BDz");
    dial_links(&s, 'Z');
    dial_fails(&s, 'D', MOOT_EREFUSED);
    verdict(&s, 'Z', 'D', false);
    dial_links(&s, 'B');
    expect(!moot_boot_joined(s.b));
    run_ms(&s, 5000);
    expect(!moot_boot_joined(s.b));
}
END_TEST

START_TEST(among_joiners_alone_their_word_counts_after_4_s)
{
    answers(&s, 0, "Dz");
    dial_links(&s, 'Z');
    dial_fails(&s, 'D', MOOT_EREFUSED);
    verdict(&s, 'Z', 'D', false);
    run_ms(&s, MOOT_PROBE_WAIT_MS - 1);
    expect(!moot_boot_joined(s.b));
    run_ms(&s, 1);
    expect(moot_boot_joined(s.b));
}
END_TEST

/* --- lists --- */

static void setup_two(void)
{
    seeker_begin(&s, 2);
}

/* Two islands of one group: the one does not know those of the other. */
START_TEST(one_list_does_not_release_whom_another_one_has)
{
    answers(&s, 0, "BC");
    answers(&s, 1, "DE");
    dial_links(&s, 'B');
    dial_links(&s, 'C');
    dial_links(&s, 'D');
    forget_sought(&s);
    expect(ms_until(&s, "ask h0", 3000) >= 0);
    answers(&s, 0, "BC");
    expect(!moot_boot_joined(s.b));
    expect(ms_until(&s, "ask h1", 3000) >= 0);
    answers(&s, 1, "DE");
    expect(!moot_boot_joined(s.b));
    forget_sought(&s);
    expect(ms_until(&s, "ask h1", 3000) >= 0);
    answers(&s, 1, "D");
    expect(moot_boot_joined(s.b));
}
END_TEST

/* --- addresses of others --- */

static void setup_joined(void)
{
    seeker_begin_joined(&s);
}

/* B was here, said that it lives at our victim's, too, and vanished: how often
 * is the victim dialled within this time? */
static unsigned dials_to_victim(moot_ms ms)
{
    unsigned n = 0;
    moot_ms until = s.now + ms;

    while (s.now < until) {
        moot_ms took = ms_until(&s, "dial B", until - s.now);

        if (took < 0)
            break;
        forget_sought(&s);
        for (unsigned i = 0; i < s.dial.addr_count; i++)
            n += strcmp(s.dial.addrs[i].host, "192.0.2.1") == 0;
        run_ms(&s, 10);
        dial_fails(&s, 'B', MOOT_EREFUSED);
    }
    return n;
}

START_TEST(one_who_vanishes_leaves_few_dials_to_the_addresses_it_claimed)
{
    struct moot_addr addrs[2] = {cast_addr('B'), {"192.0.2.1", 80}};
    struct moot_boot_event ev = {.kind = MOOT_BOOT_MET};

    links_itself(&s, 'B', 0);
    ev.met.id = *cast_id('B');
    ev.met.name = "b";
    ev.met.addrs = addrs;
    ev.met.addr_count = 2;
    ev.met.standing = MOOT_JOINED;
    ev.met.linked = ev.met.seen = true;
    seeker_step(&s, &ev);
    link_breaks(&s, 'B');
    goes(&s, 'B', false);
    expect(dials_to_victim(600000) <=
           MOOT_DIAL_UNPROVEN_BURST + 10 * MOOT_DIAL_UNPROVEN_MINUTE);
    expect_int(s.dial.addr_count, 1);
    expect_text(s.dial.addrs[0].host, cast_addr('B').host);
}
END_TEST

Suite *suite_boot_adversary(void)
{
    Suite *suite = suite_create("boot/adversary");
    TCase *t = tcase_create("verdicts");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, nobody_has_more_than_one_vote);
    tcase_add_test(t, who_is_not_linked_has_no_vote);
    tcase_add_test(t, the_word_of_a_joiner_is_not_enough);
    tcase_add_test(t, among_joiners_alone_their_word_counts_after_4_s);
    suite_add_tcase(suite, t);
    t = tcase_create("lists");
    tcase_add_checked_fixture(t, setup_two, teardown);
    tcase_add_test(t, one_list_does_not_release_whom_another_one_has);
    suite_add_tcase(suite, t);
    t = tcase_create("addresses of others");
    tcase_add_checked_fixture(t, setup_joined, teardown);
    tcase_add_test(
        t, one_who_vanishes_leaves_few_dials_to_the_addresses_it_claimed);
    suite_add_tcase(suite, t);
    return suite;
}
