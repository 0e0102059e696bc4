/*
 * tests/group/test_linked.c - what links say of whom they are linked to: nobody
 * else keeps a member listed, so there are no ghosts.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "group_words.h"

Suite *suite_group_linked(void);

#define PRESENCE "joined left lost back indirect gone"

static struct mind m;

static void setup(void)
{
    mind_begin_joined(&m);
    let_in(&m, 'B');
    let_in(&m, 'C');
}

static void teardown(void)
{
    mind_end(&m);
}

#define expect_presence(text) expect_asked_of(&m, PRESENCE, text)

static void learn(char who)
{
    struct moot_record r = cast_record(who, CAST_RUN, 1);

    learn_record(&m, &r);
}

static const struct moot_member *member(char who)
{
    return moot_group_member(m.g, cast_id(who));
}

/* Its identity is (n), so nobody of the cast. */
static struct moot_id stranger(unsigned n)
{
    return (struct moot_id){{1, 2, (uint8_t)(n >> 8), (uint8_t)n}};
}

/* From link: it is linked to count strangers from first on. */
static void claim_strangers(uint64_t link, unsigned first, unsigned count)
{
    struct moot_linked *l = &draft_message(&m, MOOT_MSG_LINKED)->linked;

    for (unsigned i = 0; i < count; i++)
        l->up[l->up_count++] = stranger(first + i);
    post(&m, link);
}

/* --- whom others are linked to --- */

START_TEST(an_unknown_one_is_asked_about_and_then_it_has_joined)
{
    post_linked(&m, 2, true, "D", "");
    expect_asked(&m, "send 2 WHO D\n");
    learn('D');
    expect_asked(&m, "joined d, 4 here\nmet D\n");
}
END_TEST

/* MOOT_WHO_WAIT_MS: the first answer may be on its way. */
START_TEST(an_unknown_one_is_asked_about_once_a_second)
{
    post_linked(&m, 2, true, "D", "");
    forget_asked(&m);
    post_linked(&m, 3, true, "D", "");
    m.now += MOOT_WHO_WAIT_MS - 1;
    post_linked(&m, 3, true, "D", "");
    expect_asked(&m, "");
    m.now += 1;
    post_linked(&m, 3, true, "D", "");
    expect_asked(&m, "send 3 WHO D\n");
}
END_TEST

START_TEST(a_known_one_is_not_asked_about)
{
    post_linked(&m, 2, true, "C", "");
    expect_asked(&m, "met C\n");
}
END_TEST

START_TEST(ourselves_we_know_about)
{
    post_linked(&m, 2, true, "M", "");
    expect_asked(&m, "");
    expect_uint(member('M')->via, 0);
}
END_TEST

START_TEST(whom_nobody_is_linked_to_is_lost)
{
    post_linked(&m, 2, true, "D", "");
    learn('D');
    forget_asked(&m);
    post_linked(&m, 2, false, "", "D");
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS - 1);
    expect_presence("");
    mind_run_ms(&m, 1);
    expect_presence("lost d (nobody is linked to it any more), 3 here\n"
                    "gone D\n");
}
END_TEST

START_TEST(one_link_to_it_is_enough)
{
    post_linked(&m, 2, true, "D", "");
    post_linked(&m, 3, true, "D", "");
    learn('D');
    forget_asked(&m);
    post_linked(&m, 2, false, "", "D");
    mind_run_ms(&m, 10000);
    expect_presence("");
    post_linked(&m, 3, false, "", "D");
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS);
    expect_presence("lost d (nobody is linked to it any more), 3 here\n"
                    "gone D\n");
}
END_TEST

START_TEST(a_full_list_replaces_what_was_said_before)
{
    post_linked(&m, 2, true, "DE", "");
    learn('D');
    learn('E');
    forget_asked(&m);
    post_linked(&m, 2, true, "EF", "");
    expect_asked(&m, "send 2 WHO F\n");
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS);
    expect_presence("lost d (nobody is linked to it any more), 5 here\n"
                    "gone D\n");
}
END_TEST

START_TEST(saying_it_twice_counts_once)
{
    post_linked(&m, 2, true, "D", "");
    post_linked(&m, 2, false, "D", "");
    post_linked(&m, 2, false, "DD", "");
    expect_uint(member('D')->via, 1);
    post_linked(&m, 2, false, "", "DD");
    post_linked(&m, 2, false, "", "E");
    expect_uint(member('D')->via, 0);
}
END_TEST

START_TEST(with_a_link_goes_what_it_said)
{
    post_linked(&m, 2, true, "D", "");
    learn('D');
    forget_asked(&m);
    link_down(&m, 2, MOOT_ERESET);
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS);
    expect_presence("lost b (connection reset), 2 here\n"
                    "gone B\n"
                    "lost d (nobody is linked to it any more), 2 here\n"
                    "gone D\n");
}
END_TEST

START_TEST(a_link_that_takes_over_has_said_what_the_old_one_said)
{
    post_linked(&m, 2, true, "D", "");
    learn('D');
    link_up(&m, 5, 'B');
    link_down(&m, 2, MOOT_ECLOSED);
    forget_asked(&m);
    mind_run_ms(&m, 60000);
    expect_presence("");
    expect_uint(member('D')->via, 1);
    post_linked(&m, 5, true, "", "");
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS);
    expect_presence("lost d (nobody is linked to it any more), 3 here\n"
                    "gone D\n");
}
END_TEST

START_TEST(who_is_heard_of_again_in_time_was_never_gone)
{
    post_linked(&m, 2, true, "D", "");
    learn('D');
    forget_asked(&m);
    post_linked(&m, 2, false, "", "D");
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS - 1);
    post_linked(&m, 3, false, "D", "");
    mind_run_ms(&m, 10000);
    expect_presence("");
}
END_TEST

/* --- indirect --- */

START_TEST(a_broken_link_to_one_whom_others_have_is_no_loss)
{
    post_linked(&m, 3, true, "B", "");
    forget_asked(&m);
    link_down(&m, 2, MOOT_ERESET);
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS);
    expect_presence("indirect b (connection reset), 3 here\n");
    mind_run_ms(&m, 60000);
    expect_presence("");
    expect_uint(moot_group_live_count(m.g), 3);
}
END_TEST

START_TEST(it_is_one_when_the_others_lose_it_too)
{
    post_linked(&m, 3, true, "B", "");
    link_down(&m, 2, MOOT_ERESET);
    mind_run_ms(&m, 1000);
    forget_asked(&m);
    post_linked(&m, 3, false, "", "B");
    mind_run_ms(&m, MOOT_BROKE_WAIT_MS);
    expect_presence("lost b (connection reset), 2 here\n"
                    "gone B\n");
}
END_TEST

START_TEST(the_loss_of_one_link_is_told_once)
{
    let_in(&m, 'D');
    post_linked(&m, 3, true, "B", "");
    post_linked(&m, 4, true, "B", "");
    link_down(&m, 2, MOOT_ERESET);
    mind_run_ms(&m, 1000);
    forget_asked(&m);
    post_linked(&m, 3, false, "", "B");
    mind_run_ms(&m, 1000);
    post_linked(&m, 3, false, "B", "");
    mind_run_ms(&m, 1000);
    expect_presence("");
}
END_TEST

/* --- what we say of ourselves --- */

/* MOOT_LINKED_WAIT_MS. */
START_TEST(changes_are_told_together_after_100_ms)
{
    link_up(&m, 4, 'D');
    link_down(&m, 2, MOOT_ERESET);
    forget_asked(&m);
    mind_run_ms(&m, MOOT_LINKED_WAIT_MS - 1);
    expect_asked_of(&m, "tell", "");
    mind_run_ms(&m, 1);
    expect_asked_of(&m, "tell", "tell LINKED +D -B\n");
    mind_run_ms(&m, 10000);
    expect_asked_of(&m, "tell", "");
}
END_TEST

START_TEST(only_the_last_change_of_a_link_is_told)
{
    link_up(&m, 4, 'D');
    link_down(&m, 4, MOOT_ERESET);
    link_down(&m, 2, MOOT_ERESET);
    link_up(&m, 5, 'B');
    forget_asked(&m);
    mind_run_ms(&m, MOOT_LINKED_WAIT_MS);
    expect_asked_of(&m, "tell", "tell LINKED +B -D\n");
}
END_TEST

/* MOOT_LINKS_MAX identities fit into one message. */
START_TEST(a_thousand_changes_need_more_than_one_message)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_LINK_UP};

    for (unsigned i = 0; i < MOOT_LINKS_MAX + 6; i++) {
        ev.kind = MOOT_GROUP_LINK_UP;
        ev.link = 1000 + i;
        ev.up.id = stranger(i);
        mind_step(&m, &ev);
        if (i >= MOOT_LINKS_MAX / 2)
            continue;
        ev.kind = MOOT_GROUP_LINK_DOWN;
        ev.down = (struct moot_ending){.why = MOOT_ECLOSED};
        mind_step(&m, &ev);
    }
    forget_asked(&m);
    mind_run_ms(&m, MOOT_LINKED_WAIT_MS);
    expect_asked_of(&m, "tell",
                    "tell LINKED +(518) -(506)\n"
                    "tell LINKED -?0102 -?0102 -?0102 -?0102 -?0102 -?0102\n");
}
END_TEST

/* --- WHO --- */

START_TEST(who_is_asked_about_is_answered_with_its_record)
{
    struct moot_record r = cast_record('D', CAST_RUN, 1);
    struct moot_group_event ev = {.kind = MOOT_GROUP_RECORD};

    post_linked(&m, 3, true, "D", "");
    ev.learned.record = &r;
    mind_step(&m, &ev);
    forget_asked(&m);
    post_who(&m, 2, "CD");
    expect_asked(&m, "send 2 MEMBERS c@10.0.0.3:8081 d\n");
}
END_TEST

START_TEST(asked_about_all_we_tell_of_all_but_the_one_who_asks)
{
    let_in(&m, 'D');
    post_who(&m, 2, "");
    expect_asked(&m, "send 2 LINKED full +C +D\n"
                     "send 2 MEMBERS c@10.0.0.3:8081 d@10.0.0.4:8081 m\n");
}
END_TEST

START_TEST(of_the_unknown_and_the_gone_nothing_is_told)
{
    post_linked(&m, 3, true, "D", "");
    link_leaves(&m, 3, "bye");
    forget_asked(&m);
    post_who(&m, 2, "CDZ");
    expect_asked(&m, "");
    post_who(&m, 2, "BM");
    expect_asked(&m, "send 2 MEMBERS m\n");
}
END_TEST

/* MOOT_MEMBERS_PAGE_MAX. */
START_TEST(more_than_32_members_come_in_pages)
{
    unsigned seen = 0;

    for (char who = 'D'; who <= 'Z'; who++)
        if (who != 'M')
            let_in(&m, who);
    /* Without the asker: 25 of the cast, and each once more. */
    post_who(&m, 2, "ACDEFGHIJKLMNOPQRSTUVWXYZACDEFGHIJKLMNOPQRSTUVWXYZ");
    for (const char *at = moot_buf_text(&m.text); *at != '\0';
         at = strchr(at, '\n') + 1)
        seen++;
    expect_uint(seen, 2);
    expect_asked(&m, "send 2 MEMBERS (32)\nsend 2 MEMBERS (16)\n");
}
END_TEST

/* MOOT_PAGE_MAX: the rest is asked for when the answer is in. */
START_TEST(at_most_512_are_asked_about_at_once)
{
    claim_strangers(2, 0, MOOT_PAGE_MAX + 88);
    expect_asked(&m, "send 2 WHO (512)\n");
}
END_TEST

/* --- bounds (P12) --- */

/* MOOT_MEMBERS_MAX. */
START_TEST(at_most_1024_live_members_are_listed)
{
    claim_strangers(2, 0, MOOT_LINKS_MAX);
    expect_uint(moot_group_live_count(m.g), MOOT_MEMBERS_MAX);
    claim_strangers(3, 5000, 10);
    expect_uint(moot_group_live_count(m.g), MOOT_MEMBERS_MAX);
    expect_uint(m.g->member_count, MOOT_MEMBERS_MAX);
}
END_TEST

/* MOOT_LINKS_MAX: what a link says it is linked to. */
START_TEST(a_link_claims_at_most_1024)
{
    struct group_link *l = moot_group_link_find(m.g, 2);

    claim_strangers(2, 0, 600);
    post_linked(&m, 2, true, "", "");
    claim_strangers(2, 0, MOOT_LINKS_MAX);
    claim_strangers(2, MOOT_LINKS_MAX, MOOT_LINKS_MAX);
    expect(l->claim_count <= MOOT_LINKS_MAX);
    for (unsigned i = 1; i < l->claim_count; i++)
        expect(moot_id_cmp(&l->claims[i - 1], &l->claims[i]) < 0);
}
END_TEST

START_TEST(those_who_are_gone_make_room)
{
    link_leaves(&m, 3, "bye");
    claim_strangers(2, 0, MOOT_LINKS_MAX);
    expect(member('C') == NULL);
    expect_uint(moot_group_live_count(m.g), MOOT_MEMBERS_MAX);
}
END_TEST

/* P11: whoever claims to be linked to the whole world keeps nobody out. */
START_TEST(a_link_always_finds_room_among_the_claimed)
{
    claim_strangers(2, 0, MOOT_LINKS_MAX);
    forget_asked(&m);
    link_up(&m, 4, 'D');
    learn('D');
    expect_asked_of(&m, "joined met", "met D\njoined d, 1024 here\nmet D\n");
    expect_uint(member('D')->link, 4);
    expect_uint(moot_group_live_count(m.g), MOOT_MEMBERS_MAX);
}
END_TEST

/* Whoever has told of himself is worth more than a bare claim. */
START_TEST(the_claimed_who_are_unknown_make_room_first)
{
    post_linked(&m, 3, true, "ZA", "");
    learn('A');
    learn('Z');
    claim_strangers(2, 0, MOOT_LINKS_MAX);
    for (char who = 'D'; who <= 'L'; who++)
        link_up(&m, 100 + (uint64_t)who, who);
    expect(member('A') != NULL && member('Z') != NULL);
    for (char who = 'D'; who <= 'L'; who++)
        expect_uint(member(who)->link, 100 + (uint64_t)who);
    link_down(&m, 2, MOOT_ERESET);
    link_down(&m, 3, MOOT_ERESET);
    mind_run_ms(&m, 1000);
    expect_uint(moot_group_live_count(m.g), 1 + 'L' - 'D' + 1);
}
END_TEST

Suite *suite_group_linked(void)
{
    Suite *s = suite_create("group/linked");
    TCase *t = tcase_create("claims");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, an_unknown_one_is_asked_about_and_then_it_has_joined);
    tcase_add_test(t, an_unknown_one_is_asked_about_once_a_second);
    tcase_add_test(t, a_known_one_is_not_asked_about);
    tcase_add_test(t, ourselves_we_know_about);
    tcase_add_test(t, whom_nobody_is_linked_to_is_lost);
    tcase_add_test(t, one_link_to_it_is_enough);
    tcase_add_test(t, a_full_list_replaces_what_was_said_before);
    tcase_add_test(t, saying_it_twice_counts_once);
    tcase_add_test(t, with_a_link_goes_what_it_said);
    tcase_add_test(t, a_link_that_takes_over_has_said_what_the_old_one_said);
    tcase_add_test(t, who_is_heard_of_again_in_time_was_never_gone);
    suite_add_tcase(s, t);

    t = tcase_create("indirect");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_broken_link_to_one_whom_others_have_is_no_loss);
    tcase_add_test(t, it_is_one_when_the_others_lose_it_too);
    tcase_add_test(t, the_loss_of_one_link_is_told_once);
    suite_add_tcase(s, t);

    t = tcase_create("telling");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, changes_are_told_together_after_100_ms);
    tcase_add_test(t, only_the_last_change_of_a_link_is_told);
    tcase_add_test(t, a_thousand_changes_need_more_than_one_message);
    tcase_add_test(t, who_is_asked_about_is_answered_with_its_record);
    tcase_add_test(t, asked_about_all_we_tell_of_all_but_the_one_who_asks);
    tcase_add_test(t, of_the_unknown_and_the_gone_nothing_is_told);
    tcase_add_test(t, more_than_32_members_come_in_pages);
    tcase_add_test(t, at_most_512_are_asked_about_at_once);
    suite_add_tcase(s, t);

    t = tcase_create("bounds");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, at_most_1024_live_members_are_listed);
    tcase_add_test(t, a_link_claims_at_most_1024);
    tcase_add_test(t, those_who_are_gone_make_room);
    tcase_add_test(t, a_link_always_finds_room_among_the_claimed);
    tcase_add_test(t, the_claimed_who_are_unknown_make_room_first);
    suite_add_tcase(s, t);
    return s;
}
