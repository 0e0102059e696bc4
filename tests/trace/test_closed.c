/*
 * tests/trace/test_closed.c - a closed group changes its secret while its
 * members are cut off from each other, at once, or away; in the end all have
 * the same one, and everything that was said.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "../sim/sim.h"
#include "base/rng.h"
#include "story.h"
#include "words.h"

Suite *suite_trace_closed(void);

#define SEEDS 60
#define PEERS 5
#define BOOT "10.0.0.1:8080"

static struct sim *s;
static struct moot_secret invited;

static unsigned found(void)
{
    struct sim_spec spec = {
        .host = 1, .boot_port = 8080, .closed = true, .profile = true};
    unsigned peer = sim_start(s, &spec);

    sim_run_ms(s, 100);
    expect(moot_node_secret(sim_node(s, peer), &invited));
    return peer;
}

/* By an invitation, or, NULL, by what its profile knows. */
static unsigned join(unsigned host, const struct moot_secret *secret)
{
    struct sim_spec spec = {
        .host = host, .profile = true, .secret = secret, .endpoints = {BOOT}};

    return sim_start(s, &spec);
}

static void gather(unsigned count)
{
    found();
    for (unsigned host = 2; host <= count; host++)
        join(host, &invited);
    expect_mesh_within(s, 5000);
}

static bool same_secret(void)
{
    struct moot_secret first, other;
    bool any = false;

    for (unsigned i = 0; i < sim_peer_count(s); i++) {
        if (sim_state(s, i) != SIM_RUNNING)
            continue;
        expect(moot_node_secret(sim_node(s, i), any ? &other : &first));
        if (any && memcmp(first.b, other.b, sizeof first.b) != 0)
            return false;
        any = true;
    }
    return true;
}

static struct moot_secret secret_of(unsigned peer)
{
    struct moot_secret secret;

    expect(moot_node_secret(sim_node(s, peer), &secret));
    return secret;
}

/* --- stories --- */

static void setup(void)
{
    s = story_begin();
}

static void teardown(void)
{
    story_end(s);
}

START_TEST(a_new_secret_reaches_everybody)
{
    struct moot_secret before;

    gather(4);
    before = secret_of(0);
    sim_rekey(s, 2);
    sim_run_ms(s, 1000);
    expect(same_secret());
    expect(memcmp(secret_of(0).b, before.b, sizeof before.b) != 0);
    expect_all_well_within(s, 2000);
}
END_TEST

START_TEST(of_several_at_once_all_choose_the_same)
{
    gather(4);
    for (unsigned i = 0; i < 4; i++)
        sim_rekey(s, i);
    sim_run_ms(s, 1000);
    expect(same_secret());
    expect_all_well_within(s, 2000);
}
END_TEST

/* Restarted behind a cut he knows only that there were others. */
START_TEST(who_has_met_nobody_since_his_start_does_not_part_from_his_group)
{
    gather(3);
    sim_cut_sets(s, 1u << 1, 1u << 2 | 1u << 3, true);
    sim_crash(s, 0);
    found();
    sim_run_ms(s, 20000);
    sim_rekey(s, 3);
    sim_run_ms(s, 1000);
    expect(same_secret());
    sim_heal(s);
    sim_run_ms(s, 15000);
    expect_mesh_within(s, 1000);
    sim_rekey(s, 3);
    sim_run_ms(s, 1000);
    expect(same_secret());
    expect_all_well_within(s, 1000);
}
END_TEST

/* Neither side has what the other proves, but for an older one. */
START_TEST(two_halves_that_both_changed_it_find_each_other)
{
    gather(4);
    sim_cut_sets(s, 1u << 1 | 1u << 2, 1u << 3 | 1u << 4, true);
    sim_run_ms(s, 60000);
    sim_rekey(s, 0);
    sim_rekey(s, 3);
    sim_rekey(s, 3);
    say(s, 1, "here");
    say(s, 2, "there");
    sim_run_ms(s, 5000);
    expect(!same_secret());
    sim_heal(s);
    sim_run_ms(s, 10000);
    expect(same_secret());
    expect_all_well_within(s, 1000);
}
END_TEST

START_TEST(who_crashed_before_it_and_comes_back_is_given_it)
{
    gather(3);
    sim_crash(s, 2);
    sim_run_ms(s, 1000);
    sim_rekey(s, 0);
    sim_rekey(s, 1);
    sim_run_ms(s, 5000);
    join(3, NULL);
    sim_run_ms(s, 5000);
    expect_mesh_within(s, 5000);
    expect(same_secret());
    expect_all_well_within(s, 5000);
}
END_TEST

START_TEST(who_left_before_it_is_refused_until_he_is_invited)
{
    unsigned carol;

    gather(3);
    sim_leave(s, 2, "bye");
    sim_run_ms(s, 3000);
    sim_rekey(s, 0);
    sim_run_ms(s, 3000);
    carol = join(3, NULL);
    expect_end_within(s, carol, 6, 12000);
    expect_not_on_screen(s, 0, "back carol");
    invited = secret_of(0);
    join(3, &invited);
    expect_mesh_within(s, 5000);
    expect(same_secret());
    expect_all_well_within(s, 5000);
}
END_TEST

/* The change is made where nobody knows of him. */
START_TEST(who_came_in_behind_a_cut_is_passed_the_new_one)
{
    gather(3);
    sim_cut_sets(s, 1u << 3, 1u << 1 | 1u << 2 | 1u << 4, true);
    sim_run_ms(s, 60000);
    sim_rekey(s, 2);
    sim_run_ms(s, 1000);
    join(4, &invited);
    sim_run_ms(s, 5000);
    sim_heal(s);
    sim_run_ms(s, 10000);
    expect(same_secret());
    expect_all_well_within(s, 1000);
}
END_TEST

START_TEST(a_stranger_learns_nothing_and_ends)
{
    static const struct moot_secret wrong = {{1, 2, 3}};
    struct sim_spec open = {.host = 4, .endpoints = {BOOT}};
    unsigned eve;

    gather(3);
    eve = sim_start(s, &open);
    expect_end_within(s, eve, 6, 2000);
    eve = join(5, &wrong);
    expect_end_within(s, eve, 6, 2000);
    expect_not_on_screen(s, 0, "joined p3");
    expect_all_well_within(s, 2000);
}
END_TEST

/* What they have is too many changes newer than what he has: none that they
 * prove when they dial him says anything to him, so he has to dial them. */
START_TEST(who_was_left_out_is_given_one_that_is_for_him_again)
{
    gather(4);
    sim_crash(s, 0); /* a bootstrap peer is dialled whatever it says */
    sim_cut_sets(s, 1u << 4, 1u << 2 | 1u << 3, true);
    sim_rekey_without(s, 1, 2);
    for (unsigned i = 0; i < 8; i++)
        sim_rekey(s, 3);
    sim_run_ms(s, 40000);
    sim_cut(s, 2, 4, false);
    sim_run_ms(s, 10000);
    sim_crash(s, 3);
    sim_run_ms(s, 40000);
    expect(same_secret());
    expect_all_well_within(s, 5000);
}
END_TEST

/* In each run his node tells of the secret at once, and he forks it there. */
START_TEST(who_forks_every_run_ends_nothing_but_his_own)
{
    gather(3);
    sim_evil_begin(s, 2, 1u << SIM_LIE_FORK);
    sim_rekey(s, 2);
    sim_run_ms(s, 60000);
    ck_assert_msg(sim_fault(s) == NULL, "%s", sim_fault(s));
    sim_crash(s, 2);
    sim_run_ms(s, 40000);
    expect_all_well_within(s, 5000);
}
END_TEST

/* --- who is excused --- */

START_TEST(who_is_left_out_is_excused_and_nobody_else)
{
    gather(4);
    sim_cut_sets(s, 1u << 1 | 1u << 2, 1u << 3 | 1u << 4, true);
    sim_rekey_without(s, 0, 2);
    sim_run_ms(s, 1000);
    sim_crash(s, 0);
    join(1, NULL);
    sim_run_ms(s, 40000);
    sim_heal(s);
    sim_run_ms(s, 15000);
    expect(sim_excused(s, 2));
    expect(!sim_excused(s, 1));
    expect(!sim_excused(s, 3));
    expect(!sim_excused(s, 4));
    expect_all_well_within(s, 5000);
}
END_TEST

START_TEST(who_is_cut_off_while_it_is_changed_is_not_excused)
{
    gather(3);
    sim_cut_sets(s, 1u << 3, 1u << 1 | 1u << 2, true);
    sim_rekey(s, 0);
    sim_run_ms(s, 1000);
    expect(!sim_excused(s, 2));
    expect(sim_complaint(s) != NULL);
}
END_TEST

START_TEST(who_said_goodbye_and_comes_back_by_himself_is_excused)
{
    struct sim_spec again = {
        .host = 3, .boot_port = 8080, .closed = true, .profile = true};

    gather(3);
    sim_leave(s, 2, "bye");
    sim_run_ms(s, 1000);
    sim_rekey(s, 0);
    sim_run_ms(s, 1000);
    expect(sim_excused(s, sim_start(s, &again)));
    expect(!sim_excused(s, 0));
    expect_all_well_within(s, 5000);
}
END_TEST

/* Whoever might have passed it on is gone. */
START_TEST(who_came_in_where_the_author_could_not_know_is_excused)
{
    gather(3);
    sim_cut_sets(s, 1u << 3, 1u << 1 | 1u << 2 | 1u << 4, true);
    sim_run_ms(s, 60000);
    join(4, &invited);
    sim_run_ms(s, 5000);
    sim_rekey(s, 2);
    sim_crash(s, 0);
    sim_crash(s, 1);
    sim_heal(s);
    sim_run_ms(s, 15000);
    expect(sim_excused(s, 3));
    expect(!sim_excused(s, 2));
    expect_all_well_within(s, 5000);
}
END_TEST

START_TEST(who_changed_it_where_he_knew_nobody_is_excused)
{
    gather(3);
    sim_cut_sets(s, 1u << 1 | 1u << 4, 1u << 2 | 1u << 3, true);
    sim_crash(s, 0);
    found();
    join(4, &invited);
    sim_run_ms(s, 20000);
    sim_rekey(s, 3);
    sim_rekey(s, 1);
    sim_rekey(s, 1);
    sim_run_ms(s, 1000);
    sim_heal(s);
    sim_run_ms(s, 15000);
    expect(sim_excused(s, 3));
    expect(!sim_excused(s, 1));
    expect(!sim_excused(s, 2));
    expect_all_well_within(s, 1000);
}
END_TEST

/* What it was before he has lost with his disk, and those who have the newest
 * were never told of the one he came back with. */
START_TEST(who_lost_all_secrets_that_the_others_have_had_is_excused)
{
    struct moot_secret second;

    gather(3);
    sim_cut_sets(s, 1u << 3, 1u << 1 | 1u << 2, true);
    sim_rekey(s, 0);
    sim_run_ms(s, 1000);
    second = secret_of(0);
    sim_crash(s, 1);
    sim_wipe(s, 2);
    join(2, &second);
    sim_run_ms(s, 15000);
    sim_crash(s, 0);
    sim_rekey(s, 2);
    sim_rekey(s, 2);
    sim_run_ms(s, 1000);
    sim_heal(s);
    sim_run_ms(s, 15000);
    expect(sim_excused(s, 3));
    expect(!sim_excused(s, 2));
    expect_all_well_within(s, 1000);
}
END_TEST

/* The same, but for the disk. */
START_TEST(who_kept_a_secret_that_the_others_have_had_is_not_excused)
{
    gather(3);
    sim_cut_sets(s, 1u << 3, 1u << 1 | 1u << 2, true);
    sim_rekey(s, 0);
    sim_run_ms(s, 1000);
    sim_crash(s, 0);
    sim_rekey(s, 2);
    sim_rekey(s, 2);
    sim_run_ms(s, 1000);
    expect(!sim_excused(s, 1));
    sim_heal(s);
    sim_run_ms(s, 15000);
    expect(same_secret());
    expect_all_well_within(s, 1000);
}
END_TEST

/* He is invited by those who have not heard of it, and brings it. */
START_TEST(who_comes_back_by_an_older_invitation_leaves_out_whom_he_left_out)
{
    struct moot_secret older;

    gather(4);
    sim_cut_sets(s, 1u << 4, 1u << 1 | 1u << 2 | 1u << 3, true);
    sim_rekey_without(s, 3, 0);
    sim_rekey(s, 3);
    sim_rekey(s, 1);
    sim_run_ms(s, 40000);
    sim_crash(s, 3);
    sim_heal(s);
    older = secret_of(1);
    join(4, &older);
    sim_run_ms(s, 15000);
    expect(sim_excused(s, 0));
    expect(!sim_excused(s, 1));
    expect(!sim_excused(s, 4));
    expect(memcmp(secret_of(4).b, older.b, sizeof older.b) != 0);
    expect_all_well_within(s, 5000);
}
END_TEST

/* Who made the one that leaves him out is gone, and a later one is for him. */
START_TEST(who_is_left_out_by_one_of_two_is_given_the_one_that_holds)
{
    gather(5);
    sim_cut_sets(s, 1u << 1 | 1u << 5, 1u << 2 | 1u << 3 | 1u << 4, true);
    sim_rekey(s, 0);
    sim_run_ms(s, 1000);
    sim_rekey_without(s, 4, 0);
    sim_run_ms(s, 1000);
    sim_crash(s, 4);
    for (unsigned i = 0; i < 3; i++)
        sim_rekey(s, 1);
    sim_run_ms(s, 40000);
    sim_heal(s);
    sim_run_ms(s, 10000);
    for (unsigned i = 0; i < 4; i++)
        expect(!sim_excused(s, i));
    expect(same_secret());
    expect_all_well_within(s, 5000);
}
END_TEST

/* He lets in whom the change names that leaves him out, and so it arrives. */
START_TEST(who_finds_only_one_who_was_left_out_gets_it_from_him)
{
    gather(4);
    sim_cut_sets(s, 1u << 4, 1u << 1 | 1u << 2 | 1u << 3, true);
    sim_rekey(s, 0);
    sim_run_ms(s, 1000);
    sim_rekey_without(s, 1, 0);
    sim_run_ms(s, 1000);
    sim_crash(s, 1);
    sim_crash(s, 2);
    sim_run_ms(s, 40000);
    sim_heal(s);
    sim_run_ms(s, 15000);
    expect(memcmp(secret_of(3).b, secret_of(0).b, sizeof secret_of(0).b) != 0);
    expect(!sim_excused(s, 3));
    expect(sim_excused(s, 0));
    expect_all_well_within(s, 1000);
}
END_TEST

START_TEST(who_is_left_out_while_he_changes_it_is_excused)
{
    gather(3);
    sim_cut_sets(s, 1u << 3, 1u << 1 | 1u << 2, true);
    sim_rekey_without(s, 0, 2);
    sim_rekey(s, 2);
    sim_run_ms(s, 1000);
    sim_heal(s);
    sim_run_ms(s, 10000);
    expect(sim_excused(s, 2));
    expect(!sim_excused(s, 0));
    expect_all_well_within(s, 1000);
}
END_TEST

/* Neither side lets the other in: there he is left out, and whom he invited is
 * not known; but both have the newest, and have to be linked. */
START_TEST(who_is_left_out_by_an_older_one_is_not_excused_from_his_own)
{
    gather(4);
    sim_crash(s, 1);
    sim_run_ms(s, 40000);
    sim_cut_sets(s, 1u << 1 | 1u << 5, 1u << 3 | 1u << 4, true);
    sim_rekey_without(s, 2, 0);
    sim_run_ms(s, 40000);
    join(5, &invited);
    sim_run_ms(s, 5000);
    sim_rekey(s, 0);
    sim_rekey(s, 0);
    sim_run_ms(s, 1000);
    sim_heal(s);
    sim_run_ms(s, 10000);
    expect(!sim_excused(s, 0));
    expect(sim_excused(s, 2));
    expect(sim_excused(s, 3));
    expect(!sim_excused(s, 4));
    expect_all_well_within(s, 5000);
    sim_cut(s, 1, 5, true);
    sim_run_ms(s, 40000);
    expect(sim_complaint(s) != NULL);
}
END_TEST

/* The same, but he is known there, and brings the newest. */
START_TEST(nobody_is_excused_where_one_is_let_in_on_both_sides)
{
    gather(4);
    sim_cut_sets(s, 1u << 1 | 1u << 2, 1u << 3 | 1u << 4, true);
    sim_rekey_without(s, 2, 0);
    sim_rekey(s, 0);
    sim_rekey(s, 0);
    sim_run_ms(s, 40000);
    sim_heal(s);
    sim_run_ms(s, 10000);
    for (unsigned i = 0; i < 4; i++)
        expect(!sim_excused(s, i));
    expect(same_secret());
    expect_all_well_within(s, 5000);
}
END_TEST

/* He comes back to one who was left out meanwhile, and cannot know it. */
START_TEST(of_whom_nothing_can_be_told_nothing_need_be_heard)
{
    struct sim_spec second = {.host = 2,
                              .boot_port = 8080,
                              .profile = true,
                              .secret = &invited,
                              .endpoints = {BOOT}};
    struct sim_spec fourth = {
        .host = 4, .profile = true, .endpoints = {BOOT, "10.0.0.2:8080"}};
    struct sim_spec fifth = {
        .host = 5, .profile = true, .endpoints = {"10.0.0.2:8080"}};
    struct moot_secret newest;
    unsigned dora, eve, late;

    found();
    sim_start(s, &second);
    join(3, &invited);
    join(4, &invited);
    expect_mesh_within(s, 5000);
    sim_crash(s, 3);
    sim_rekey_without(s, 1, 0);
    sim_run_ms(s, 3000);
    expect(sim_hidden(s, 0, 1)); /* it keeps him out */
    expect(sim_hidden(s, 1, 0));
    sim_cut_sets(s, 1u << 4, 1u << 2 | 1u << 3, true);
    dora = join(4, NULL);
    newest = secret_of(1);
    fifth.secret = &newest;
    eve = sim_start(s, &fifth);
    expect_may_speak_within(s, dora, 10000);
    expect_may_speak_within(s, eve, 10000);
    expect(sim_hidden(s, dora, 1));
    expect(sim_hidden(s, dora, 2));
    expect(!sim_hidden(s, dora, 0));
    expect(!sim_hidden(s, eve, 2));
    sim_heal(s);
    sim_run_ms(s, 10000);
    expect(sim_hidden(s, dora, 1)); /* it keeps out all whom it asked */
    expect_all_well_within(s, 5000);
    sim_crash(s, dora);
    sim_run_ms(s, 10000);
    late = sim_start(s, &fourth);
    expect_may_speak_within(s, late, 10000);
    expect(!sim_hidden(s, late, 1)); /* it has heard of it, and asked others */
    expect(!sim_hidden(s, eve, 1));
}
END_TEST

START_TEST(a_secret_is_stale_once_nobody_can_prove_it_any_more)
{
    struct moot_secret stale;

    gather(3);
    expect(!sim_stale_secret(s, &stale));
    sim_cut_sets(s, 1u << 3, 1u << 1 | 1u << 2, true);
    sim_rekey(s, 0);
    sim_run_ms(s, 1000);
    expect(!sim_stale_secret(s, &stale));
    sim_heal(s);
    sim_run_ms(s, 10000);
    expect(sim_stale_secret(s, &stale));
    expect(memcmp(stale.b, invited.b, sizeof stale.b) == 0);
}
END_TEST

/* --- lives --- */

static void live(struct moot_rng *r, moot_ms until)
{
    uint32_t all = (1u << (PEERS + 1)) - 2;

    while (sim_now(s) < until) {
        unsigned peer = (unsigned)moot_rng_below(r, PEERS);
        uint32_t one = (uint32_t)moot_rng_below(r, all) & all;

        switch (moot_rng_below(r, 5)) {
        case 0:
            sim_cut_sets(s, one, all & ~one, true);
            break;
        case 1:
            sim_heal(s);
            break;
        case 2:
            sim_rekey(s, peer);
            sim_rekey(s, (unsigned)moot_rng_below(r, PEERS));
            break;
        default:
            sim_say(s, peer, "a line");
        }
        sim_run_ms(s, (moot_ms)moot_rng_below(r, 20000));
    }
}

START_TEST(whatever_is_cut_and_changed_all_have_the_same_in_the_end)
{
    uint8_t seed[32] = {(uint8_t)_i, (uint8_t)(_i >> 8), 3};
    struct moot_rng r;

    moot_rng_init(&r, seed);
    s = story_begin_with((uint64_t)_i);
    gather(PEERS);
    live(&r, 300000);
    sim_heal(s);
    sim_expect_all(s);
    sim_run_ms(s, 10000);
    ck_assert_msg(sim_fault(s) == NULL, "seed %d: %s", _i, sim_fault(s));
    ck_assert_msg(sim_complaint(s) == NULL, "seed %d: %s", _i,
                  sim_complaint(s));
    ck_assert_msg(same_secret(), "seed %d", _i);
    sim_destroy(s);
}
END_TEST

Suite *suite_trace_closed(void)
{
    Suite *suite = suite_create("trace/closed");
    TCase *t = tcase_create("stories");
    TCase *lives = tcase_create("lives");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_new_secret_reaches_everybody);
    tcase_add_test(t, of_several_at_once_all_choose_the_same);
    tcase_add_test(
        t, who_has_met_nobody_since_his_start_does_not_part_from_his_group);
    tcase_add_test(t, two_halves_that_both_changed_it_find_each_other);
    tcase_add_test(t, who_crashed_before_it_and_comes_back_is_given_it);
    tcase_add_test(t, who_left_before_it_is_refused_until_he_is_invited);
    tcase_add_test(t, who_came_in_behind_a_cut_is_passed_the_new_one);
    tcase_add_test(t, a_stranger_learns_nothing_and_ends);
    tcase_add_test(t, who_was_left_out_is_given_one_that_is_for_him_again);
    tcase_add_test(t, who_forks_every_run_ends_nothing_but_his_own);
    tcase_add_test(t, who_is_left_out_is_excused_and_nobody_else);
    tcase_add_test(t, who_is_cut_off_while_it_is_changed_is_not_excused);
    tcase_add_test(t, who_said_goodbye_and_comes_back_by_himself_is_excused);
    tcase_add_test(t, who_came_in_where_the_author_could_not_know_is_excused);
    tcase_add_test(t, who_changed_it_where_he_knew_nobody_is_excused);
    tcase_add_test(t, who_lost_all_secrets_that_the_others_have_had_is_excused);
    tcase_add_test(t,
                   who_kept_a_secret_that_the_others_have_had_is_not_excused);
    tcase_add_test(
        t, who_comes_back_by_an_older_invitation_leaves_out_whom_he_left_out);
    tcase_add_test(t,
                   who_is_left_out_by_one_of_two_is_given_the_one_that_holds);
    tcase_add_test(t, who_finds_only_one_who_was_left_out_gets_it_from_him);
    tcase_add_test(t, who_is_left_out_while_he_changes_it_is_excused);
    tcase_add_test(t,
                   who_is_left_out_by_an_older_one_is_not_excused_from_his_own);
    tcase_add_test(t, nobody_is_excused_where_one_is_let_in_on_both_sides);
    tcase_add_test(t, of_whom_nothing_can_be_told_nothing_need_be_heard);
    tcase_add_test(t, a_secret_is_stale_once_nobody_can_prove_it_any_more);
    suite_add_tcase(suite, t);
    tcase_add_loop_test(
        lives, whatever_is_cut_and_changed_all_have_the_same_in_the_end, 0,
        SEEDS);
    suite_add_tcase(suite, lives);
    return suite;
}
