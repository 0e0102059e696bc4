/*
 * tests/group/test_roster.c - who is here, and how their coming and going reads
 * on the screen (P4).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "group_words.h"

Suite *suite_group_roster(void);

#define PRESENCE "joined left lost back indirect gone"

static struct mind m;

static void setup(void)
{
    mind_begin_joined(&m);
}

static void teardown(void)
{
    mind_end(&m);
}

static void setup_joining(void)
{
    mind_begin(&m);
}

#define expect_presence(text) expect_asked_of(&m, PRESENCE, text)

static void learn(char who, uint64_t run, uint64_t serial)
{
    struct moot_record r = cast_record(who, run, serial);

    learn_record(&m, &r);
}

static void learn_standing(char who, uint64_t serial, enum moot_standing s)
{
    struct moot_record r = cast_record(who, CAST_RUN, serial);

    r.standing = s;
    moot_record_seal(&r, cast_key(who));
    learn_record(&m, &r);
}

static void learn_name(char who, uint64_t serial, const char *name)
{
    struct moot_record r = cast_record(who, CAST_RUN, serial);

    snprintf(r.name, sizeof r.name, "%s", name);
    moot_record_seal(&r, cast_key(who));
    learn_record(&m, &r);
}

static const struct moot_member *member(char who)
{
    return moot_group_member(m.g, cast_id(who));
}

/* --- arrivals --- */

START_TEST(a_link_that_comes_up_is_told_of_the_others_and_compared_with)
{
    let_in(&m, 'C');
    link_up(&m, 2, 'B');
    expect_asked(&m, "send 2 LINKED full +C\nmet B\nping 2\n");
}
END_TEST

START_TEST(a_member_has_joined_when_its_record_says_so)
{
    link_up(&m, 2, 'B');
    forget_asked(&m);
    learn_standing('B', 1, MOOT_JOINING);
    expect_asked(&m, "met B\n");
    learn_standing('B', 2, MOOT_WAITING);
    expect_asked(&m, "met B\n");
    learn_standing('B', 3, MOOT_JOINED);
    expect_asked(&m, "joined b, 2 here\nmet B\n");
    learn_standing('B', 4, MOOT_JOINED);
    expect_asked(&m, "met B\n");
}
END_TEST

START_TEST(who_was_here_before_us_does_not_arrive)
{
    link_up(&m, 2, 'B');
    learn('B', CAST_RUN, 1);
    expect_presence("");
    standing(&m, MOOT_JOINED);
    expect_asked_of(&m, PRESENCE " met tell", "tell MEMBERS m\nmet B\n");
    learn('B', CAST_RUN, 2);
    expect_presence("");
    link_leaves(&m, 2, "bye");
    expect_presence("left b (bye), 1 here\ngone B\n");
}
END_TEST

START_TEST(who_joins_after_us_arrives)
{
    link_up(&m, 2, 'B');
    learn_standing('B', 1, MOOT_JOINING);
    standing(&m, MOOT_JOINED);
    expect_presence("");
    learn_standing('B', 2, MOOT_JOINED);
    expect_presence("joined b, 2 here\n");
}
END_TEST

/* It was gone when our join was done, and comes back as what it was. */
START_TEST(who_broke_away_during_our_join_arrives_when_it_is_back)
{
    link_up(&m, 2, 'B');
    learn('B', CAST_RUN, 1);
    link_down(&m, 2, MOOT_ERESET);
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS);
    standing(&m, MOOT_JOINED);
    expect_presence("gone B\n");
    link_up(&m, 5, 'B');
    learn('B', CAST_RUN, 1);
    expect_presence("joined b, 2 here\n");
    link_down(&m, 5, MOOT_ERESET);
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS);
    expect_presence("lost b (connection reset), 1 here\n"
                    "gone B\n");
}
END_TEST

START_TEST(how_far_we_came_is_told_to_all)
{
    uint64_t serial = member('M')->record.serial;

    standing(&m, MOOT_WAITING);
    expect_asked(&m, "tell MEMBERS m\n");
    expect_int(member('M')->record.standing, MOOT_WAITING);
    expect_uint(member('M')->record.serial, serial + 1);
    expect(moot_record_verify(&member('M')->record));
}
END_TEST

/* --- records --- */

START_TEST(the_newer_record_wins)
{
    let_in(&m, 'B');
    learn_name('B', 5, "five");
    learn_name('B', 4, "four");
    expect_text(member('B')->record.name, "five");
    learn_name('B', 6, "six");
    expect_text(member('B')->record.name, "six");
}
END_TEST

START_TEST(a_new_run_arrives_anew)
{
    let_in(&m, 'B');
    learn('B', 2, 1);
    expect_presence("joined b, 2 here\n");
}
END_TEST

START_TEST(only_news_about_members_is_worth_a_signature)
{
    struct moot_record b = cast_record('B', CAST_RUN, 1);
    struct moot_record c = cast_record('C', CAST_RUN, 1);
    struct moot_record self = cast_record('M', CAST_RUN, 99);

    expect(!moot_group_is_news(m.g, &b));
    link_up(&m, 2, 'B');
    expect(moot_group_is_news(m.g, &b));
    learn_record(&m, &b);
    expect(!moot_group_is_news(m.g, &b));
    b.serial++;
    expect(moot_group_is_news(m.g, &b));
    expect(!moot_group_is_news(m.g, &c));
    expect(!moot_group_is_news(m.g, &self));
    self.run_ms++;
    self.run++;
    expect(moot_group_is_news(m.g, &self));
}
END_TEST

START_TEST(nobody_but_us_says_who_we_are)
{
    forget_asked(&m);
    learn('M', CAST_RUN, 99);
    learn('C', CAST_RUN, 1);
    expect_asked(&m, "");
    expect_uint(member('M')->record.run, CAST_RUN);
    expect(member('C') == NULL);
}
END_TEST

/* Its clock was ahead; nobody would believe us any more. */
START_TEST(an_earlier_run_of_ours_does_not_outlive_us)
{
    struct moot_record earlier = cast_record('M', CAST_RUN + 1, 1);

    earlier.run_ms += 288000;
    forget_asked(&m);
    learn_record(&m, &earlier);
    expect_asked(&m, "tell MEMBERS m\n");
    expect_uint(member('M')->record.run, CAST_RUN);
    expect(moot_record_newer(&member('M')->record, &earlier));
    expect(moot_record_verify(&member('M')->record));
    learn_record(&m, &earlier);
    expect_asked(&m, "");
}
END_TEST

/* Each would have the last word for ever. */
START_TEST(two_of_one_identity_do_not_shout_at_each_other_for_ever)
{
    struct moot_record twin = cast_record('M', CAST_RUN + 1, 1);

    for (unsigned i = 0; i < 100; i++) {
        twin.run_ms = member('M')->record.run_ms + 1;
        learn_record(&m, &twin);
    }
    expect(moot_record_newer(&twin, &member('M')->record));
}
END_TEST

/* Else it would never know. */
START_TEST(who_seems_older_than_an_earlier_run_of_his_is_told_so)
{
    struct moot_record later = cast_record('B', CAST_RUN, 1);

    later.run_ms = cast_record('B', CAST_RUN + 1, 1).run_ms + 1;
    let_in(&m, 'B');
    learn_record(&m, &later);
    forget_asked(&m);
    learn('B', CAST_RUN + 1, 1);
    expect_asked(&m, "send 2 MEMBERS b@10.0.0.2:8081\n");
    expect_uint(member('B')->record.run, CAST_RUN);
}
END_TEST

/* The link of the earlier run is dead, and nobody has noticed yet. */
START_TEST(who_comes_beside_an_earlier_run_that_seems_newer_is_told_so)
{
    struct moot_record later = cast_record('B', CAST_RUN, 1);

    later.run_ms = cast_record('B', CAST_RUN + 1, 1).run_ms + 1;
    let_in(&m, 'B');
    learn_record(&m, &later);
    learn('B', CAST_RUN + 1, 1);
    cast_set_run('B', CAST_RUN + 1);
    forget_asked(&m);
    link_up(&m, 12, 'B');
    link_down(&m, 2, MOOT_ESILENT);
    expect_asked_of(&m, "send",
                    "send 12 LINKED full +B\n"
                    "send 12 MEMBERS b@10.0.0.2:8081\n");
    link_up(&m, 22, 'B');
    expect_asked_of(&m, "send", "send 22 LINKED full +B\n");
}
END_TEST

START_TEST(where_we_saw_it_ourselves_counts_more_than_hearsay)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_RECORD};
    struct moot_record r = cast_record('B', CAST_RUN, 1);
    struct moot_addr own = cast_addr('B');

    link_up(&m, 2, 'B');
    ev.learned.record = &r;
    moot_addr_set(&ev.learned.seen, "192.0.2.1", 8081);
    mind_step(&m, &ev);
    expect(moot_addr_eq(&member('B')->seen, &own));
    post_linked(&m, 2, true, "C", "");
    r = cast_record('C', CAST_RUN, 1);
    mind_step(&m, &ev);
    expect(moot_addr_eq(&member('C')->seen, &ev.learned.seen));
}
END_TEST

/* --- losses --- */

/* MOOT_BROKE_WAIT_MS: it may be a duplicate, or back in a moment. */
START_TEST(a_broken_link_is_spoken_of_after_300_ms)
{
    let_in(&m, 'B');
    link_down(&m, 2, MOOT_ERESET);
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS - 1);
    expect_presence("");
    expect_uint(moot_group_live_count(m.g), 1);
    mind_run_ms(&m, 1);
    expect_presence("lost b (connection reset), 1 here\n"
                    "gone B\n");
    mind_run_ms(&m, 60000);
    expect_presence("");
}
END_TEST

START_TEST(a_silent_one_is_lost_in_other_words)
{
    let_in(&m, 'B');
    link_down(&m, 2, MOOT_ESILENT);
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS);
    expect_presence("lost b (it stopped answering), 1 here\n"
                    "gone B\n");
}
END_TEST

START_TEST(a_link_that_is_back_in_time_was_never_gone)
{
    let_in(&m, 'B');
    link_down(&m, 2, MOOT_ERESET);
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS - 1);
    link_up(&m, 5, 'B');
    mind_run_ms(&m, 60000);
    expect_presence("");
}
END_TEST

START_TEST(a_lost_one_comes_back)
{
    let_in(&m, 'B');
    link_down(&m, 2, MOOT_ERESET);
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS);
    forget_asked(&m);
    link_up(&m, 5, 'B');
    expect_presence("back b, 2 here\n");
    link_down(&m, 5, MOOT_ERESET);
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS);
    expect_presence("lost b (connection reset), 1 here\n"
                    "gone B\n");
}
END_TEST

/* Its process was started again. */
START_TEST(a_lost_one_that_comes_in_a_new_run_joins_anew)
{
    struct moot_record r;

    let_in(&m, 'B');
    link_down(&m, 2, MOOT_ERESET);
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS);
    forget_asked(&m);
    cast_set_run('B', 7);
    link_up(&m, 5, 'B');
    expect_presence("");
    r = cast_record('B', 7, 1);
    learn_record(&m, &r);
    expect_presence("joined b, 2 here\n");
}
END_TEST

START_TEST(who_never_joined_is_not_lost_either)
{
    link_up(&m, 2, 'B');
    learn_standing('B', 1, MOOT_JOINING);
    link_down(&m, 2, MOOT_ERESET);
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS);
    expect_presence("gone B\n");
}
END_TEST

START_TEST(a_link_that_takes_over_loses_nobody)
{
    let_in(&m, 'B');
    link_up(&m, 5, 'B');
    link_down(&m, 2, MOOT_ECLOSED);
    mind_run_ms(&m, 60000);
    expect_presence("");
    expect_uint(member('B')->link, 5);
}
END_TEST

/* --- leaving --- */

START_TEST(who_says_goodbye_left_at_once_with_its_reason)
{
    let_in(&m, 'B');
    link_leaves(&m, 2, "off to bed");
    expect_presence("left b (off to bed), 1 here\ngone B\n");
    mind_run_ms(&m, 60000);
    expect_presence("");
}
END_TEST

START_TEST(a_reason_may_be_missing)
{
    let_in(&m, 'B');
    link_leaves(&m, 2, "");
    expect_presence("left b, 1 here\ngone B\n");
}
END_TEST

/* MOOT_REASON_LEN_MAX; node/talk refuses longer ones, so this is a belt. */
START_TEST(a_reason_has_at_most_256_bytes)
{
    char reason[MOOT_REASON_LEN_MAX + 50], want[400];

    memset(reason, 'r', sizeof reason);
    reason[sizeof reason - 1] = '\0';
    let_in(&m, 'B');
    link_leaves(&m, 2, reason);
    snprintf(want, sizeof want, "left b (%.*s), 1 here\ngone B\n",
             MOOT_REASON_LEN_MAX, reason);
    expect_presence(want);
}
END_TEST

START_TEST(who_left_before_it_had_joined_goes_quietly)
{
    link_up(&m, 2, 'B');
    learn_standing('B', 1, MOOT_JOINING);
    link_leaves(&m, 2, "never mind");
    expect_presence("gone B\n");
}
END_TEST

/* The others' word that they are linked to it is on its way still. */
START_TEST(who_left_stays_gone_whatever_others_say)
{
    let_in(&m, 'B');
    let_in(&m, 'C');
    post_linked(&m, 3, true, "B", "");
    link_leaves(&m, 2, "bye");
    expect_presence("left b (bye), 2 here\ngone B\n");
    mind_run_ms(&m, 1000);
    post_linked(&m, 3, false, "B", "");
    learn('B', CAST_RUN, 9);
    post_linked(&m, 3, false, "", "B");
    mind_run_ms(&m, 60000);
    expect_presence("");
    expect_uint(moot_group_live_count(m.g), 2);
}
END_TEST

START_TEST(who_left_may_come_again)
{
    let_in(&m, 'B');
    link_leaves(&m, 2, "bye");
    forget_asked(&m);
    link_up(&m, 5, 'B');
    learn('B', 2, 1);
    expect_presence("joined b, 2 here\n");
}
END_TEST

START_TEST(even_in_the_same_run)
{
    let_in(&m, 'B');
    link_leaves(&m, 2, "bye");
    forget_asked(&m);
    link_up(&m, 5, 'B');
    learn('B', CAST_RUN, 1);
    expect_presence("joined b, 2 here\n");
}
END_TEST

/* --- names --- */

static void expect_name(char who, const char *name, bool suffix)
{
    char got[MOOT_NAME_LEN_MAX + 8], want[MOOT_NAME_LEN_MAX + 8], end[5];

    moot_id_suffix(cast_id(who), end);
    snprintf(want, sizeof want, suffix ? "%s.%s" : "%s", name, end);
    moot_group_display_name(m.g, cast_id(who), moot_bytes_text(""), got);
    expect_text(got, want);
}

START_TEST(two_of_one_name_are_told_apart_by_their_keys)
{
    let_in(&m, 'B');
    let_in(&m, 'C');
    expect_name('B', "b", false);
    learn_name('C', 2, "b");
    expect_name('B', "b", true);
    expect_name('C', "b", true);
    expect_name('M', "m", false);
    learn_name('C', 3, "m");
    expect_name('B', "b", false);
    expect_name('M', "m", true);
}
END_TEST

START_TEST(who_is_gone_takes_no_name_away)
{
    let_in(&m, 'B');
    let_in(&m, 'C');
    learn_name('C', 2, "b");
    link_leaves(&m, 3, "");
    expect_name('B', "b", false);
}
END_TEST

START_TEST(a_name_of_64_bytes_has_room_for_its_suffix)
{
    char name[MOOT_NAME_LEN_MAX + 1] = {0};

    memset(name, 'n', MOOT_NAME_LEN_MAX);
    let_in(&m, 'B');
    let_in(&m, 'C');
    learn_name('B', 2, name);
    learn_name('C', 2, name);
    expect_name('B', name, true);
}
END_TEST

START_TEST(who_has_not_said_its_name_is_someone)
{
    link_up(&m, 2, 'B');
    expect_name('B', "someone", false);
    expect_name('Z', "someone", false);
}
END_TEST

/* --- the digest --- */

static struct moot_hash digest(void)
{
    struct moot_ping p;

    moot_group_fill_ping(m.g, &p);
    return p.roster;
}

/* P6: two who list the same members in the same state need not talk. */
START_TEST(the_digest_says_who_is_here_and_not_how_we_know)
{
    struct moot_hash linked, claimed, gone;

    let_in(&m, 'C');
    let_in(&m, 'B');
    linked = digest();
    post_linked(&m, 3, true, "B", "");
    link_down(&m, 2, MOOT_ERESET);
    claimed = digest();
    expect_hash(&claimed, &linked);
    post_linked(&m, 3, true, "", "");
    gone = digest();
    expect(!moot_hash_eq(&gone, &linked));
}
END_TEST

START_TEST(the_digest_follows_every_record)
{
    struct moot_hash before, after;

    let_in(&m, 'B');
    before = digest();
    learn('B', CAST_RUN, 2);
    after = digest();
    expect(!moot_hash_eq(&before, &after));
    before = after;
    learn('B', CAST_RUN + 1, 1);
    after = digest();
    expect(!moot_hash_eq(&before, &after));
}
END_TEST

/* BLAKE2b over id, run and serial of each, in order of id. */
START_TEST(the_digest_is_the_documented_one)
{
    struct moot_buf all = {0};
    struct moot_hash want, got;

    let_in(&m, 'B');
    let_in(&m, 'Z');
    for (const char *who = "BMZ"; *who != '\0'; who++) {
        uint64_t serial = member(*who)->record.serial;
        uint8_t run[8] = {0, 0, 0, 0, 0, 0, 0, CAST_RUN};
        uint8_t number[8] = {0, 0, 0, 0, 0, 0, 0, (uint8_t)serial};

        moot_buf_append(&all, cast_id(*who)->b, 32);
        moot_buf_append(&all, run, 8);
        moot_buf_append(&all, number, 8);
    }
    want = moot_hash_of(moot_buf_view(&all));
    got = digest();
    expect_hash(&got, &want);
    moot_buf_fini(&all);
}
END_TEST

Suite *suite_group_roster(void)
{
    Suite *s = suite_create("group/roster");
    TCase *t = tcase_create("joining");

    tcase_add_checked_fixture(t, setup_joining, teardown);
    tcase_add_test(t, who_was_here_before_us_does_not_arrive);
    tcase_add_test(t, who_joins_after_us_arrives);
    tcase_add_test(t, who_broke_away_during_our_join_arrives_when_it_is_back);
    tcase_add_test(t, how_far_we_came_is_told_to_all);
    suite_add_tcase(s, t);

    t = tcase_create("records");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(
        t, a_link_that_comes_up_is_told_of_the_others_and_compared_with);
    tcase_add_test(t, a_member_has_joined_when_its_record_says_so);
    tcase_add_test(t, the_newer_record_wins);
    tcase_add_test(t, a_new_run_arrives_anew);
    tcase_add_test(t, only_news_about_members_is_worth_a_signature);
    tcase_add_test(t, nobody_but_us_says_who_we_are);
    tcase_add_test(t, an_earlier_run_of_ours_does_not_outlive_us);
    tcase_add_test(t, two_of_one_identity_do_not_shout_at_each_other_for_ever);
    tcase_add_test(t, who_seems_older_than_an_earlier_run_of_his_is_told_so);
    tcase_add_test(t,
                   who_comes_beside_an_earlier_run_that_seems_newer_is_told_so);
    tcase_add_test(t, where_we_saw_it_ourselves_counts_more_than_hearsay);
    suite_add_tcase(s, t);

    t = tcase_create("losses");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_broken_link_is_spoken_of_after_300_ms);
    tcase_add_test(t, a_silent_one_is_lost_in_other_words);
    tcase_add_test(t, a_link_that_is_back_in_time_was_never_gone);
    tcase_add_test(t, a_lost_one_comes_back);
    tcase_add_test(t, a_lost_one_that_comes_in_a_new_run_joins_anew);
    tcase_add_test(t, who_never_joined_is_not_lost_either);
    tcase_add_test(t, a_link_that_takes_over_loses_nobody);
    suite_add_tcase(s, t);

    t = tcase_create("leaving");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, who_says_goodbye_left_at_once_with_its_reason);
    tcase_add_test(t, a_reason_may_be_missing);
    tcase_add_test(t, a_reason_has_at_most_256_bytes);
    tcase_add_test(t, who_left_before_it_had_joined_goes_quietly);
    tcase_add_test(t, who_left_stays_gone_whatever_others_say);
    tcase_add_test(t, who_left_may_come_again);
    tcase_add_test(t, even_in_the_same_run);
    suite_add_tcase(s, t);

    t = tcase_create("names");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, two_of_one_name_are_told_apart_by_their_keys);
    tcase_add_test(t, who_is_gone_takes_no_name_away);
    tcase_add_test(t, a_name_of_64_bytes_has_room_for_its_suffix);
    tcase_add_test(t, who_has_not_said_its_name_is_someone);
    suite_add_tcase(s, t);

    t = tcase_create("digest");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_digest_says_who_is_here_and_not_how_we_know);
    tcase_add_test(t, the_digest_follows_every_record);
    tcase_add_test(t, the_digest_is_the_documented_one);
    suite_add_tcase(s, t);
    return s;
}
