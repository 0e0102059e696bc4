/*
 * tests/boot/test_dial.c - everybody we know of and are not linked to is
 * dialled: at once, by turns, again and again, and never without a bound.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "boot_words.h"

Suite *suite_boot_dial(void);

static struct seeker s;

static void setup(void)
{
    seeker_begin_joined(&s);
}

static void teardown(void)
{
    seeker_end(&s);
}

/* who was linked, and its link broke just now. */
static void lose(char who)
{
    meets(&s, who, MOOT_JOINED, true, 0);
    links_itself(&s, who, 0);
    link_breaks(&s, who);
    goes(&s, who, false);
    forget_sought(&s);
}

/* How long until the next dial of who, whose last one fails now. */
static moot_ms redialled(char who, int why)
{
    char text[] = "dial ?";

    text[5] = who;
    forget_sought(&s);
    dial_fails(&s, who, why);
    return ms_until(&s, text, 200000);
}

static void expect_about(moot_ms got, moot_ms want)
{
    ck_assert_msg(got >= want * 4 / 5 - 1 && got <= want * 6 / 5 + 1,
                  "%lld ms, not about %lld", (long long)got, (long long)want);
}

/* --- whom directories list --- */

/* It is given time to dial, and meanwhile another one lists nobody. */
START_TEST(whom_one_directory_lists_another_does_not_make_forgotten)
{
    s.group = OTHER_GROUP;
    lists(&s, "H");
    expect_sought_of(&s, "dial", "");
    s.group = SEEKER_GROUP;
    s.by = 'E';
    lists(&s, "");
    run_ms(&s, 2 * MOOT_DIAL_YIELD_MS);
    expect_sought_of(&s, "dial", "dial H pinned\n");
}
END_TEST

START_TEST(whom_it_lists_no_more_is_forgotten)
{
    lists(&s, "H");
    lists(&s, "");
    run_ms(&s, 2 * MOOT_DIAL_YIELD_MS);
    expect_sought_of(&s, "dial", "");
}
END_TEST

/* --- new ones --- */

START_TEST(of_two_members_the_smaller_dials_at_once)
{
    meets(&s, 'Z', MOOT_JOINED, false, 'B');
    expect_sought(&s, "dial Z pinned\n");
    expect_int(s.dial.within, MOOT_DIAL_WITHIN_MS);
}
END_TEST

/* MOOT_DIAL_YIELD_MS. */
START_TEST(the_greater_one_waits_a_second_for_the_other)
{
    meets(&s, 'B', MOOT_JOINED, false, 'Z');
    expect_int(ms_until(&s, "dial B", 5000), MOOT_DIAL_YIELD_MS);
}
END_TEST

START_TEST(one_that_links_in_that_time_is_not_dialled)
{
    meets(&s, 'B', MOOT_JOINED, false, 'Z');
    links_itself(&s, 'B', 0);
    run_ms(&s, 60000);
    expect_sought(&s, "");
}
END_TEST

/* It dials all whom it must reach, and so also us. */
START_TEST(who_is_still_joining_is_given_time_to_dial)
{
    meets(&s, 'Z', MOOT_JOINING, false, 'B');
    expect_int(ms_until(&s, "dial Z", 5000), MOOT_DIAL_YIELD_MS);
    meets(&s, 'C', MOOT_WAITING, false, 'B');
    expect_int(ms_until(&s, "dial C", 5000), 2 * MOOT_DIAL_YIELD_MS);
}
END_TEST

START_TEST(who_is_linked_is_not_dialled)
{
    meets(&s, 'Z', MOOT_JOINED, true, 0);
    links_itself(&s, 'Z', 0);
    run_ms(&s, 60000);
    expect_sought(&s, "");
}
END_TEST

START_TEST(one_dial_at_a_time)
{
    meets(&s, 'Z', MOOT_JOINED, false, 'B');
    meets(&s, 'Z', MOOT_JOINED, false, 'C');
    event(&s, MOOT_BOOT_WOKE);
    expect_sought(&s, "dial Z pinned\n");
}
END_TEST

START_TEST(one_without_an_address_is_dialled_when_it_has_one)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_MET};

    ev.met = (struct moot_boot_met){
        .id = *cast_id('Z'), .name = "z", .standing = MOOT_JOINED};
    seeker_step(&s, &ev);
    run_ms(&s, 30000);
    expect_sought(&s, "");
    meets(&s, 'Z', MOOT_JOINED, false, 'B');
    expect(ms_until(&s, "dial Z", 3000) >= 0);
}
END_TEST

/* --- addresses --- */

static void put_addrs(const char *const *hosts, unsigned count,
                      struct moot_addr *out)
{
    for (unsigned i = 0; i < count; i++)
        moot_addr_set(&out[i], hosts[i], 8081);
}

static void expect_dialled(const char *want)
{
    struct moot_buf got = {0};

    for (unsigned i = 0; i < s.dial.addr_count; i++)
        moot_buf_printf(&got, "%s%s", i == 0 ? "" : " ", s.dial.addrs[i].host);
    expect_text(moot_buf_text(&got), want);
    moot_buf_fini(&got);
}

static void meet_at(const char *const *hosts, unsigned count)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_MET};
    struct moot_addr addrs[MOOT_BOOT_ADDRS_MAX];

    put_addrs(hosts, count, addrs);
    ev.met = (struct moot_boot_met){.id = *cast_id('Z'),
                                    .name = "z",
                                    .addrs = addrs,
                                    .addr_count = count,
                                    .standing = MOOT_JOINED};
    seeker_step(&s, &ev);
}

START_TEST(new_addresses_come_first_and_old_ones_stay)
{
    static const char *const old[] = {"a", "b"};
    static const char *const new[] = {"c", "a"};

    meet_at(old, 2);
    expect_dialled("a b");
    meet_at(new, 2);
    redialled('Z', MOOT_EREFUSED);
    expect_dialled("c a b");
}
END_TEST

/* MOOT_BOOT_ADDRS_MAX (P12). */
START_TEST(at_most_six_addresses_are_kept_and_the_newest_win)
{
    static const char *const old[] = {"a", "b", "c", "d", "e", "f"};
    static const char *const new[] = {"u", "v"};

    meet_at(old, 6);
    meet_at(new, 2);
    redialled('Z', MOOT_EREFUSED);
    expect_dialled("u v a b c d");
}
END_TEST

START_TEST(an_address_without_a_port_is_none)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_MET};
    struct moot_addr addr = {{0}, 0};

    ev.met = (struct moot_boot_met){.id = *cast_id('Z'),
                                    .name = "z",
                                    .addrs = &addr,
                                    .addr_count = 1,
                                    .standing = MOOT_JOINED};
    seeker_step(&s, &ev);
    run_ms(&s, 10000);
    expect_sought(&s, "");
}
END_TEST

/* --- lost ones --- */

START_TEST(a_lost_one_is_dialled_almost_at_once)
{
    lose('Z');
    expect(ms_until(&s, "dial Z", 1000) <= 60);
    lose('B');
    expect_about(ms_until(&s, "dial B", 1000), 350);
}
END_TEST

/* MOOT_DIAL_AGAIN_MS for MOOT_DIAL_EAGER_MS, then up to
 * MOOT_DIAL_PAUSE_MAX_MS. */
START_TEST(it_is_redialled_every_2_s_for_10_minutes_then_more_rarely)
{
    moot_ms lost, pause = 0;

    lose('Z');
    lost = s.now;
    expect(ms_until(&s, "dial Z", 1000) >= 0);
    while (s.now - lost < MOOT_DIAL_EAGER_MS) {
        pause = redialled('Z', MOOT_EREFUSED);
        expect_about(pause, MOOT_DIAL_AGAIN_MS);
    }
    for (unsigned i = 0; i < 8; i++) {
        moot_ms next = redialled('Z', MOOT_EREFUSED);

        expect(next > MOOT_DIAL_AGAIN_MS);
        expect(next >= pause * 4 / 6);
        expect(next <= pause * 4);
        pause = next;
    }
    for (unsigned i = 0; i < 100; i++)
        expect_about(redialled('Z', MOOT_EREFUSED), MOOT_DIAL_PAUSE_MAX_MS);
}
END_TEST

START_TEST(a_link_that_comes_up_redials_all_lost_ones_at_once)
{
    lose('Y');
    lose('Z');
    for (unsigned i = 0; i < 400; i++) {
        redialled('Y', MOOT_EREFUSED);
        redialled('Z', MOOT_EREFUSED);
    }
    forget_sought(&s);
    dial_fails(&s, 'Y', MOOT_EREFUSED);
    dial_fails(&s, 'Z', MOOT_EREFUSED);
    run_ms(&s, MOOT_DIAL_REST_MS);
    forget_sought(&s);
    links_itself(&s, 'B', 0);
    expect_sought(&s, "dial Y\ndial Z\n");
}
END_TEST

START_TEST(waking_redials_all_lost_ones_at_once)
{
    lose('Z');
    expect(ms_until(&s, "dial Z", 1000) >= 0);
    dial_fails(&s, 'Z', MOOT_EUNREACH);
    forget_sought(&s);
    run_ms(&s, MOOT_DIAL_REST_MS);
    event(&s, MOOT_BOOT_WOKE);
    expect_sought(&s, "dial Z\n");
}
END_TEST

/* MOOT_DIAL_REST_MS: a storm of news is no storm of dials. */
START_TEST(news_does_not_cause_a_dial_within_half_a_second)
{
    lose('Z');
    expect(ms_until(&s, "dial Z", 1000) >= 0);
    dial_fails(&s, 'Z', MOOT_EREFUSED);
    forget_sought(&s);
    for (unsigned i = 0; i < 10; i++)
        event(&s, MOOT_BOOT_WOKE);
    expect_sought(&s, "");
    expect_int(ms_until(&s, "dial Z", 5000), MOOT_DIAL_REST_MS);
}
END_TEST

START_TEST(a_lost_one_that_is_back_is_dialled_no_more)
{
    lose('Z');
    links_itself(&s, 'Z', 0);
    run_ms(&s, 60000);
    expect_sought(&s, "");
}
END_TEST

START_TEST(who_comes_back_by_itself_needs_no_dial_that_is_under_way)
{
    lose('Z');
    expect(ms_until(&s, "dial Z", 1000) >= 0);
    links_itself(&s, 'Z', 0);
    dial_fails(&s, 'Z', MOOT_ETIMEOUT);
    forget_sought(&s);
    run_ms(&s, 60000);
    expect_sought(&s, "");
}
END_TEST

START_TEST(who_left_is_not_looked_for)
{
    meets(&s, 'Z', MOOT_JOINED, true, 0);
    links_itself(&s, 'Z', 0);
    goes(&s, 'Z', true);
    run_ms(&s, 600000);
    expect_sought(&s, "");
    expect_uint(s.b->target_count, 0);
}
END_TEST

/* It may be started again under its address, and newcomers gather there. */
START_TEST(a_bootstrap_peer_that_left_is_looked_for)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_MET};
    struct moot_addr addr = cast_addr('Z');

    ev.met = (struct moot_boot_met){.id = *cast_id('Z'),
                                    .name = "z",
                                    .addrs = &addr,
                                    .addr_count = 1,
                                    .standing = MOOT_JOINED,
                                    .linked = true,
                                    .bootstrap = true};
    links_itself(&s, 'Z', 0);
    seeker_step(&s, &ev);
    goes(&s, 'Z', true);
    expect_about(ms_until(&s, "dial Z", 10000), MOOT_DIAL_AGAIN_MS);
    expect(!s.dial.pinned);
}
END_TEST

START_TEST(events_about_one_we_never_heard_of_do_nothing)
{
    link_breaks(&s, 'Z');
    goes(&s, 'Z', false);
    goes(&s, 'Z', true);
    dial_fails(&s, 'Z', MOOT_EREFUSED);
    verdict(&s, 'B', 'Z', true);
    run_ms(&s, 60000);
    expect_sought(&s, "");
}
END_TEST

/* --- new tenants --- */

/* A lost one's address may belong to somebody else by now: whoever answers
 * there proves his own identity. */
START_TEST(a_lost_one_is_dialled_without_expecting_its_key)
{
    lose('Z');
    expect(ms_until(&s, "dial Z", 1000) >= 0);
    expect(!s.dial.pinned);
}
END_TEST

START_TEST(one_whose_address_has_a_new_tenant_is_forgotten)
{
    lose('Z');
    expect(ms_until(&s, "dial Z", 1000) >= 0);
    links_itself(&s, 'B', s.dials['Z' - 'A']);
    forget_sought(&s);
    run_ms(&s, 600000);
    expect_sought(&s, "");
    expect(moot_dial_find(s.b, cast_id('Z')) == NULL);
}
END_TEST

/* It moved, and came back by itself while we asked for it at its old place. */
START_TEST(one_that_is_linked_is_not_forgotten_for_its_old_address)
{
    lose('Z');
    expect(ms_until(&s, "dial Z", 1000) >= 0);
    links_itself(&s, 'Z', 0);
    links_itself(&s, 'B', s.dials['Z' - 'A']);
    forget_sought(&s);
    link_breaks(&s, 'Z');
    expect(ms_until(&s, "dial Z", 1000) >= 0);
}
END_TEST

/* Others are linked to it, so it lives, and elsewhere. */
START_TEST(one_that_is_live_is_not_forgotten_either)
{
    lose('Z');
    meets(&s, 'Z', MOOT_JOINED, false, 'B');
    expect(ms_until(&s, "dial Z", 1000) >= 0);
    links_itself(&s, 'B', s.dials['Z' - 'A']);
    forget_sought(&s);
    expect(ms_until(&s, "dial Z", 5000) >= 0);
}
END_TEST

START_TEST(one_who_was_only_heard_of_is_forgotten_when_it_is_somebody_else)
{
    meets(&s, 'Z', MOOT_JOINED, false, 'B');
    goes(&s, 'Z', false);
    dial_fails(&s, 'Z', MOOT_EKEY);
    expect(moot_dial_find(s.b, cast_id('Z')) == NULL);
}
END_TEST

START_TEST(at_our_own_address_nobody_is_looked_for)
{
    meets(&s, 'Z', MOOT_JOINED, false, 'B');
    goes(&s, 'Z', false);
    dial_fails(&s, 'Z', MOOT_ESELF);
    expect(moot_dial_find(s.b, cast_id('Z')) == NULL);
}
END_TEST

START_TEST(one_who_was_heard_of_and_does_not_answer_is_tried_again)
{
    meets(&s, 'Z', MOOT_JOINED, false, 'B');
    goes(&s, 'Z', false);
    expect_about(redialled('Z', MOOT_EREFUSED), MOOT_DIAL_AGAIN_MS);
    expect(s.dial.pinned);
}
END_TEST

/* --- the budget of unproven addresses --- */

static unsigned dials_in(moot_ms ms)
{
    unsigned count = 0;

    forget_sought(&s);
    run_ms(&s, ms);
    for (const char *at = moot_buf_text(&s.text); *at != '\0';
         at = strchr(at, '\n') + 1)
        count++;
    forget_sought(&s);
    return count;
}

/* MOOT_DIAL_UNPROVEN_BURST, MOOT_DIAL_UNPROVEN_MINUTE (P7): nobody makes us
 * knock at a thousand doors. */
START_TEST(an_introducer_has_us_dial_64_and_then_8_a_minute)
{
    unsigned count = 0;

    for (unsigned n = 0; n < 200; n++)
        meets_stranger(&s, n, 'B');
    for (const char *at = moot_buf_text(&s.text); *at != '\0';
         at = strchr(at, '\n') + 1)
        count++;
    count += dials_in(MOOT_DIAL_YIELD_MS);
    expect_uint(count, MOOT_DIAL_UNPROVEN_BURST);
    count = dials_in(3 * 60000);
    expect(count >= 3 * MOOT_DIAL_UNPROVEN_MINUTE - 1);
    expect(count <= 3 * MOOT_DIAL_UNPROVEN_MINUTE + 1);
}
END_TEST

START_TEST(each_introducer_has_its_own_budget)
{
    for (unsigned n = 0; n < 100; n++)
        meets_stranger(&s, n, 'B');
    run_ms(&s, MOOT_DIAL_YIELD_MS);
    forget_sought(&s);
    meets_stranger(&s, 500, 'C');
    expect(ms_until(&s, "dial ?ff01", MOOT_DIAL_YIELD_MS) >= 0);
}
END_TEST

START_TEST(a_rested_budget_is_the_burst_and_no_more)
{
    unsigned count;

    meets_stranger(&s, 999, 'B');
    run_ms(&s, 24 * 3600 * 1000);
    forget_sought(&s);
    for (unsigned n = 0; n < 200; n++)
        meets_stranger(&s, n, 'B');
    count = 0;
    for (const char *at = moot_buf_text(&s.text); *at != '\0';
         at = strchr(at, '\n') + 1)
        count++;
    count += dials_in(MOOT_DIAL_YIELD_MS);
    expect(count <= MOOT_DIAL_UNPROVEN_BURST);
}
END_TEST

START_TEST(proven_addresses_cost_nothing)
{
    for (unsigned n = 0; n < 200; n++)
        meets_stranger(&s, n, 'B');
    run_ms(&s, MOOT_DIAL_YIELD_MS);
    links_itself(&s, 'Z', 0);
    meets(&s, 'Z', MOOT_JOINED, true, 'B');
    link_breaks(&s, 'Z');
    expect(ms_until(&s, "dial Z", 100) >= 0);
}
END_TEST

/* MOOT_MEMBERS_MAX introducers are remembered. */
START_TEST(budgets_are_bounded)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_MET};
    struct moot_addr addr = cast_addr('Z');

    for (unsigned n = 0; n < MOOT_MEMBERS_MAX + 20; n++) {
        struct moot_id id = {{0xfe, (uint8_t)(n >> 8), (uint8_t)n}};

        ev.met = (struct moot_boot_met){.id = id,
                                        .introducer = id,
                                        .name = "x",
                                        .addrs = &addr,
                                        .addr_count = 1,
                                        .standing = MOOT_JOINED};
        seeker_step(&s, &ev);
    }
    run_ms(&s, 2 * MOOT_DIAL_YIELD_MS);
    expect(s.b->budget_count <= MOOT_MEMBERS_MAX);
    expect(s.b->target_count <= MOOT_MEMBERS_MAX);
}
END_TEST

/* --- the table --- */

/* MOOT_MEMBERS_MAX (P12): hearsay goes before those who were linked once. */
START_TEST(at_most_1024_are_looked_for)
{
    lose('Z');
    for (unsigned n = 0; n < MOOT_MEMBERS_MAX + 50; n++)
        meets_stranger(&s, n, 'B');
    expect_uint(s.b->target_count, MOOT_MEMBERS_MAX);
    expect(moot_dial_find(s.b, cast_id('Z')) != NULL);
    for (unsigned i = 0; i < s.b->target_count; i++)
        if (!s.b->targets[i]->proven)
            s.b->targets[i]->since = s.now + 1; /* they were lost later */
    meets_stranger(&s, 5000, 'B');
    expect(moot_dial_find(s.b, cast_id('Z')) != NULL);
}
END_TEST

START_TEST(when_all_are_linked_there_is_no_room)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_LINK_UP};

    for (unsigned n = 0; n < MOOT_MEMBERS_MAX; n++) {
        ev.id = (struct moot_id){{0xfe, (uint8_t)(n >> 8), (uint8_t)n}};
        seeker_step(&s, &ev);
    }
    meets(&s, 'Z', MOOT_JOINED, false, 'B');
    links_itself(&s, 'Y', 0);
    expect(moot_dial_find(s.b, cast_id('Z')) == NULL);
    expect(moot_dial_find(s.b, cast_id('Y')) == NULL);
    expect_uint(s.b->target_count, MOOT_MEMBERS_MAX);
}
END_TEST

Suite *suite_boot_dial(void)
{
    Suite *suite = suite_create("boot/dial");
    TCase *t = tcase_create("new");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, of_two_members_the_smaller_dials_at_once);
    tcase_add_test(t, the_greater_one_waits_a_second_for_the_other);
    tcase_add_test(t, one_that_links_in_that_time_is_not_dialled);
    tcase_add_test(t, who_is_still_joining_is_given_time_to_dial);
    tcase_add_test(t, who_is_linked_is_not_dialled);
    tcase_add_test(t, one_dial_at_a_time);
    tcase_add_test(t, one_without_an_address_is_dialled_when_it_has_one);
    tcase_add_test(t, new_addresses_come_first_and_old_ones_stay);
    tcase_add_test(t, at_most_six_addresses_are_kept_and_the_newest_win);
    tcase_add_test(t, an_address_without_a_port_is_none);
    suite_add_tcase(suite, t);

    t = tcase_create("listed");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, whom_one_directory_lists_another_does_not_make_forgotten);
    tcase_add_test(t, whom_it_lists_no_more_is_forgotten);
    suite_add_tcase(suite, t);

    t = tcase_create("lost");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_lost_one_is_dialled_almost_at_once);
    tcase_add_test(t,
                   it_is_redialled_every_2_s_for_10_minutes_then_more_rarely);
    tcase_add_test(t, a_link_that_comes_up_redials_all_lost_ones_at_once);
    tcase_add_test(t, waking_redials_all_lost_ones_at_once);
    tcase_add_test(t, news_does_not_cause_a_dial_within_half_a_second);
    tcase_add_test(t, a_lost_one_that_is_back_is_dialled_no_more);
    tcase_add_test(t, who_comes_back_by_itself_needs_no_dial_that_is_under_way);
    tcase_add_test(t, who_left_is_not_looked_for);
    tcase_add_test(t, a_bootstrap_peer_that_left_is_looked_for);
    tcase_add_test(t, events_about_one_we_never_heard_of_do_nothing);
    suite_add_tcase(suite, t);

    t = tcase_create("tenants");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_lost_one_is_dialled_without_expecting_its_key);
    tcase_add_test(t, one_whose_address_has_a_new_tenant_is_forgotten);
    tcase_add_test(t, one_that_is_linked_is_not_forgotten_for_its_old_address);
    tcase_add_test(t, one_that_is_live_is_not_forgotten_either);
    tcase_add_test(
        t, one_who_was_only_heard_of_is_forgotten_when_it_is_somebody_else);
    tcase_add_test(t, at_our_own_address_nobody_is_looked_for);
    tcase_add_test(t, one_who_was_heard_of_and_does_not_answer_is_tried_again);
    suite_add_tcase(suite, t);

    t = tcase_create("bounds");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, an_introducer_has_us_dial_64_and_then_8_a_minute);
    tcase_add_test(t, each_introducer_has_its_own_budget);
    tcase_add_test(t, a_rested_budget_is_the_burst_and_no_more);
    tcase_add_test(t, proven_addresses_cost_nothing);
    tcase_add_test(t, budgets_are_bounded);
    tcase_add_test(t, at_most_1024_are_looked_for);
    tcase_add_test(t, when_all_are_linked_there_is_no_room);
    suite_add_tcase(suite, t);
    return suite;
}
