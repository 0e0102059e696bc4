/*
 * tests/boot/test_found.c - who begins when everybody waits for everybody, and
 * which of two groups gives way (P6).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "boot_words.h"

Suite *suite_boot_found(void);

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

#define expect_end(text) expect_sought_of(&s, "ready fail standing", text)

/* The others wait as we do: our endpoint, which says so again and again, and
 * who is linked. */
static void all_wait(const char *others)
{
    static char members[3];

    members[0] = '?';
    members[1] = (char)(others[0] - 'A' + 'a');
    s.always = members;
    answers(&s, 0, members);
    s.answered[0] = s.asks[0];
    for (const char *who = others; *who != '\0'; who++) {
        links_itself(&s, *who, 0);
        meets(&s, *who, MOOT_WAITING, true, 0);
    }
}

/* We begin when all have waited, and said so once more. */
static void expect_we_begin(void)
{
    moot_ms took = ms_until(&s, "ready", 5000);

    ck_assert_msg(took >= MOOT_FOUND_WAIT_MS &&
                      took <= MOOT_FOUND_WAIT_MS + MOOT_CONFIRM_WAIT_MS +
                                  MOOT_ASK_AGAIN_MS * 6 / 5,
                  "after %lld ms", (long long)took);
    expect(moot_boot_joined(s.b));
}

/* --- alone --- */

START_TEST(without_anybody_to_ask_we_begin_at_once)
{
    const struct seeker_options o = {.endpoints = 0};

    seeker_create(&s, &o);
    expect_int(moot_boot_weight(s.b), MOOT_TENTATIVE);
    start(&s);
    expect_sought(&s, "standing joined\nready\n");
    expect(moot_boot_joined(s.b));
    expect_int(moot_boot_weight(s.b), MOOT_PROVISIONAL);
    expect_int(moot_boot_deadline(s.b), MOOT_NEVER);
}
END_TEST

/* MOOT_FOUND_WAIT_MS: the only endpoint named was ourselves. */
START_TEST(who_finds_only_itself_begins_after_a_moment)
{
    answers(&s, 0, "m");
    expect_end("standing waiting\n");
    run_ms(&s, MOOT_FOUND_WAIT_MS - 1);
    expect_end("");
    run_ms(&s, 1);
    expect_end("standing joined\nready\n");
}
END_TEST

START_TEST(as_long_as_somebody_has_not_answered_nobody_begins)
{
    answers(&s, 0, "m");
    ask_fails(&s, 1, MOOT_EREFUSED);
    run_ms(&s, 9000);
    expect_end("");
    answers(&s, 1, "m");
    expect_end("standing waiting\n");
}
END_TEST

/* --- at a directory, which takes our group --- */

static void directory_takes_it(void)
{
    s.hosted = true;
    s.group = SEEKER_GROUP;
    s.always = "";
    answers(&s, 0, "");
    s.answered[0] = s.asks[0];
}

static void dies(int why)
{
    s.dead[1] = why;
    ask_fails(&s, 1, why);
    s.answered[1] = s.asks[1];
}

START_TEST(a_dead_endpoint_does_not_keep_the_group_from_beginning_there)
{
    directory_takes_it();
    expect_end("");
    dies(MOOT_EREFUSED);
    expect_end("standing waiting\n");
    expect_we_begin();
    expect_sought_of(&s, "notice",
                     "notice: nothing came of h1:8080: connection refused\n");
}
END_TEST

START_TEST(a_silent_endpoint_does_so_until_it_was_tried_once)
{
    directory_takes_it();
    s.dead[1] = MOOT_EAGAIN;
    run_ms(&s, MOOT_ASK_WITHIN_MS);
    expect_end("");
    dies(MOOT_ETIMEOUT);
    expect_end("standing waiting\n");
    expect_we_begin();
}
END_TEST

START_TEST(a_group_that_is_there_by_then_is_not_begun_anew)
{
    directory_takes_it();
    dies(MOOT_EREFUSED);
    run_ms(&s, MOOT_FOUND_WAIT_MS / 2);
    s.hosted = false;
    s.always = NULL;
    s.group = OTHER_GROUP;
    forget_sought(&s);
    expect(ms_until(&s, "ask h1", 1000) >= 0);
    answers(&s, 1, "B");
    expect_sought_of(&s, "adopt", "adopt 22 lobby\n");
    run_ms(&s, 5000);
    expect(!moot_boot_joined(s.b));
}
END_TEST

/* It said where it is, and with it alone nobody has to begin. */
START_TEST(who_was_invited_begins_no_group_of_his_own)
{
    const struct moot_pins pins[2] = {{.count = 0}, {.has_group = true}};
    const struct seeker_options o = {.endpoints = 2, .pins = pins};

    seeker_end(&s);
    seeker_create(&s, &o);
    start(&s);
    directory_takes_it();
    dies(MOOT_EREFUSED);
    run_ms(&s, 9000);
    expect_end("");
    expect(ms_until(&s, "fail 4", 2000) >= 0);
    expect_sought_of(&s, "fail",
                     "fail 4: no bootstrap peer answered: h0:8080 (is a "
                     "directory, where nobody has joined the group yet), "
                     "h1:8080 (connection refused)\n");
}
END_TEST

/* --- together --- */

START_TEST(the_smallest_of_those_who_wait_begins)
{
    all_wait("QZ");
    expect_end("standing waiting\n");
    expect_we_begin();
}
END_TEST

/* "Treats as: try another": it knows no such group, and takes none. */
START_TEST(a_full_directory_is_not_waited_for)
{
    ask_fails(&s, 1, MOOT_EDIRECTORY);
    all_wait("QZ");
    expect_end("standing waiting\n");
    expect_we_begin();
}
END_TEST

/* Nor one who is in a group of another name: he is no way to ours. */
START_TEST(who_is_in_another_group_is_not_waited_for)
{
    const struct seeker_options o = {.endpoints = 2, .group_asked = true};

    seeker_end(&s);
    seeker_create(&s, &o);
    start(&s);
    s.name = "other";
    answers(&s, 1, "B");
    s.name = "lobby";
    all_wait("QZ");
    expect_end("standing waiting\n");
    expect_we_begin();
}
END_TEST

/* What was said before all of us waited may be old by now. */
START_TEST(nobody_begins_on_old_word)
{
    run_ms(&s, 50);
    all_wait("QZ");
    s.always = NULL;
    run_ms(&s, 9000);
    expect_sought_of(&s, "ready", "");
    s.always = "?q";
    expect(ms_until(&s, "ready", 500) >= 0);
}
END_TEST

START_TEST(one_that_has_to_come_over_first_keeps_us_waiting)
{
    all_wait("QZ");
    s.weight = MOOT_GROWN;
    run_ms(&s, 300);
    moot_boot_set_grown(s.b);
    s.group = 0x33;
    run_ms(&s, 5000);
    expect_sought_of(&s, "ready", "");
}
END_TEST

START_TEST(the_others_wait_for_it)
{
    all_wait("BZ");
    run_ms(&s, 9000);
    expect_sought_of(&s, "ready", "");
}
END_TEST

START_TEST(when_it_has_begun_the_others_join_it)
{
    all_wait("BZ");
    meets(&s, 'B', MOOT_JOINED, true, 0);
    forget_sought(&s);
    s.always = "B";
    expect(ms_until(&s, "ready", 1000) >= 0);
    expect_end("standing joined\nready\n");
}
END_TEST

/* MOOT_MET_WAIT_MS: those whom we asked wait for one who has no bootstrap
 * socket, so no answer ever says that somebody has joined. */
START_TEST(a_linked_one_that_has_joined_is_as_good_as_an_answer)
{
    all_wait("C");
    links_itself(&s, 'B', 0);
    meets(&s, 'B', MOOT_JOINED, true, 0);
    forget_sought(&s);
    expect(ms_until(&s, "ready", 5000) >= MOOT_MET_WAIT_MS);
}
END_TEST

START_TEST(one_who_is_still_joining_keeps_us_waiting)
{
    all_wait("QZ");
    meets(&s, 'Z', MOOT_JOINING, true, 0);
    run_ms(&s, 5000);
    expect_sought_of(&s, "ready", "");
    meets(&s, 'Z', MOOT_WAITING, true, 0);
    expect_we_begin();
}
END_TEST

START_TEST(one_who_is_not_linked_yet_keeps_us_waiting)
{
    all_wait("Q");
    meets(&s, 'Z', MOOT_WAITING, false, 'Q');
    run_ms(&s, 5000);
    expect_sought_of(&s, "ready", "");
    links_itself(&s, 'Z', 0);
    expect_we_begin();
}
END_TEST

START_TEST(one_who_is_listed_and_not_met_keeps_us_waiting)
{
    all_wait("Q");
    s.always = "?q?z";
    run_ms(&s, 9000);
    expect_sought_of(&s, "ready", "");
}
END_TEST

/* MOOT_PROBE_WAIT_MS. */
START_TEST(one_whose_link_broke_is_waited_for_a_while)
{
    all_wait("QZ");
    link_breaks(&s, 'Z');
    goes(&s, 'Z', false);
    run_ms(&s, MOOT_DIAL_JOIN_WITHIN_MS);
    dial_fails(&s, 'Z', MOOT_ETIMEOUT);
    run_ms(&s, MOOT_PROBE_WAIT_MS - MOOT_DIAL_JOIN_WITHIN_MS);
    expect_sought_of(&s, "ready", "");
    expect(ms_until(&s, "ready", 5000) >= MOOT_FOUND_WAIT_MS);
}
END_TEST

/* No other deadline is needed for that: nobody else is there to be asked. */
START_TEST(one_whose_link_broke_is_waited_for_no_longer)
{
    answers(&s, 0, "m");
    links_itself(&s, 'Z', 0);
    meets(&s, 'Z', MOOT_WAITING, true, 0);
    link_breaks(&s, 'Z');
    goes(&s, 'Z', false);
    expect_int(ms_until(&s, "ready", 9000),
               MOOT_PROBE_WAIT_MS + MOOT_FOUND_WAIT_MS);
}
END_TEST

START_TEST(a_good_answer_ends_the_waiting)
{
    answers(&s, 0, "m");
    answers(&s, 1, "m");
    expect_end("standing waiting\n");
    run_ms(&s, 300);
    answers(&s, 1, "B");
    expect_sought_of(&s, "ready", "");
    dial_links(&s, 'B');
    run_ms(&s, MOOT_MERGE_WAIT_MS);
    expect_end("standing joined\nready\n");
}
END_TEST

/* --- weights --- */

struct meeting {
    enum moot_weight ours, theirs;
    bool theirs_is_smaller, gives_way;
};

static const struct meeting meetings[] = {
    {MOOT_TENTATIVE, MOOT_TENTATIVE, true, true},
    {MOOT_TENTATIVE, MOOT_TENTATIVE, false, false},
    {MOOT_TENTATIVE, MOOT_PROVISIONAL, false, true},
    {MOOT_TENTATIVE, MOOT_GROWN, false, true},
    {MOOT_PROVISIONAL, MOOT_TENTATIVE, true, false},
    {MOOT_PROVISIONAL, MOOT_PROVISIONAL, true, true},
    {MOOT_PROVISIONAL, MOOT_PROVISIONAL, false, false},
    {MOOT_PROVISIONAL, MOOT_GROWN, false, true},
    {MOOT_GROWN, MOOT_TENTATIVE, true, false},
    {MOOT_GROWN, MOOT_PROVISIONAL, true, false},
    {MOOT_GROWN, MOOT_GROWN, true, false},
    {MOOT_GROWN, MOOT_GROWN, false, false},
};

#define MEETINGS ((int)(sizeof meetings / sizeof meetings[0]))

START_TEST(the_lighter_group_gives_way_and_of_equal_ones_the_greater_id)
{
    const struct meeting *x = &meetings[_i];
    struct moot_boot_event ev = {
        .kind = MOOT_BOOT_ADOPTED, .group = hash_of(0x50), .weight = x->ours};
    struct moot_hash other = hash_of(x->theirs_is_smaller ? 0x4f : 0x51);

    seeker_step(&s, &ev);
    expect_int(moot_boot_weight(s.b), x->ours);
    expect(moot_boot_gives_way(s.b, &other, x->theirs) == x->gives_way);
}
END_TEST

/* Of two that meet, exactly one gives way, unless both are grown: then none. */
START_TEST(both_sides_come_to_the_same_verdict)
{
    const struct meeting *x = &meetings[_i];
    struct moot_hash smaller = hash_of(0x4f), greater = hash_of(0x51);
    struct moot_boot_event ev = {.kind = MOOT_BOOT_ADOPTED};
    bool first, second;

    ev.group = smaller;
    ev.weight = x->ours;
    seeker_step(&s, &ev);
    first = moot_boot_gives_way(s.b, &greater, x->theirs);
    ev.group = greater;
    ev.weight = x->theirs;
    seeker_step(&s, &ev);
    second = moot_boot_gives_way(s.b, &smaller, x->ours);
    if (x->ours == MOOT_GROWN && x->theirs == MOOT_GROWN)
        expect(!first && !second);
    else
        expect(first != second);
}
END_TEST

START_TEST(our_own_group_never_gives_way_to_itself)
{
    struct moot_hash own = hash_of(SEEKER_GROUP);

    expect(!moot_boot_gives_way(s.b, &own, MOOT_TENTATIVE));
}
END_TEST

START_TEST(a_grown_group_stays_grown)
{
    struct moot_hash other = hash_of(1);

    moot_boot_set_grown(s.b);
    expect_int(moot_boot_weight(s.b), MOOT_GROWN);
    expect(!moot_boot_gives_way(s.b, &other, MOOT_GROWN));
}
END_TEST

Suite *suite_boot_found(void)
{
    Suite *suite = suite_create("boot/found");
    TCase *t = tcase_create("alone");

    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_test(t, without_anybody_to_ask_we_begin_at_once);
    suite_add_tcase(suite, t);

    t = tcase_create("together");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, who_finds_only_itself_begins_after_a_moment);
    tcase_add_test(t, the_smallest_of_those_who_wait_begins);
    tcase_add_test(t, nobody_begins_on_old_word);
    tcase_add_test(t, one_that_has_to_come_over_first_keeps_us_waiting);
    tcase_add_test(t, the_others_wait_for_it);
    tcase_add_test(t, when_it_has_begun_the_others_join_it);
    tcase_add_test(t, a_linked_one_that_has_joined_is_as_good_as_an_answer);
    tcase_add_test(t, one_who_is_still_joining_keeps_us_waiting);
    tcase_add_test(t, one_who_is_not_linked_yet_keeps_us_waiting);
    tcase_add_test(t, one_who_is_listed_and_not_met_keeps_us_waiting);
    tcase_add_test(t, one_whose_link_broke_is_waited_for_a_while);
    tcase_add_test(t, one_whose_link_broke_is_waited_for_no_longer);
    suite_add_tcase(suite, t);

    t = tcase_create("two endpoints");
    tcase_add_checked_fixture(t, setup_two, teardown);
    tcase_add_test(t, as_long_as_somebody_has_not_answered_nobody_begins);
    tcase_add_test(t, a_full_directory_is_not_waited_for);
    tcase_add_test(t, who_is_in_another_group_is_not_waited_for);
    tcase_add_test(t, a_good_answer_ends_the_waiting);
    tcase_add_test(
        t, a_dead_endpoint_does_not_keep_the_group_from_beginning_there);
    tcase_add_test(t, a_silent_endpoint_does_so_until_it_was_tried_once);
    tcase_add_test(t, a_group_that_is_there_by_then_is_not_begun_anew);
    tcase_add_test(t, who_was_invited_begins_no_group_of_his_own);
    suite_add_tcase(suite, t);

    t = tcase_create("weights");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(
        t, the_lighter_group_gives_way_and_of_equal_ones_the_greater_id, 0,
        MEETINGS);
    tcase_add_loop_test(t, both_sides_come_to_the_same_verdict, 0, MEETINGS);
    tcase_add_test(t, our_own_group_never_gives_way_to_itself);
    tcase_add_test(t, a_grown_group_stays_grown);
    suite_add_tcase(suite, t);
    return suite;
}
