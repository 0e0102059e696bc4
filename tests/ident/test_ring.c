/*
 * tests/ident/test_ring.c - whatever comes first, the newest secret is the same
 * in the end, and so is who is named for it.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <string.h>

#include "ident/ring.h"
#include "words.h"

Suite *suite_ident_ring(void);

static struct moot_ring ring;

static struct moot_secret secret_of(uint8_t fill)
{
    struct moot_secret s;

    memset(s.b, fill, sizeof s.b);
    return s;
}

static bool learn(uint64_t generation, uint8_t fill)
{
    struct moot_secret s = secret_of(fill);

    return moot_ring_learn(&ring, generation, &s);
}

static struct moot_hash hash_of_secret(uint8_t fill)
{
    struct moot_secret s = secret_of(fill);

    return moot_secret_hash(&s);
}

static void expect_newest(uint64_t generation, uint8_t fill)
{
    struct moot_hash h = hash_of_secret(fill);

    expect_uint(moot_ring_newest(&ring)->generation, generation);
    expect_hash(&moot_ring_newest(&ring)->hash, &h);
}

static bool name(uint8_t fill, uint8_t who, bool out)
{
    struct moot_hash h = hash_of_secret(fill);
    struct moot_id id = id_of(who);
    struct moot_short_id s = moot_id_short(&id);

    return moot_ring_name(&ring, &h, &s, out);
}

static enum moot_ring_place place(uint8_t who)
{
    struct moot_id id = id_of(who);

    return moot_ring_place(&ring, &id);
}

static void set_up(void)
{
    memset(&ring, 0, sizeof ring);
}

START_TEST(an_empty_ring_is_an_open_group)
{
    expect(!moot_ring_closed(&ring));
    expect(moot_ring_newest(&ring) == NULL);
    expect_int(place(1), MOOT_RING_UNNAMED);
    expect_uint(moot_ring_next(&ring), 1);
}
END_TEST

START_TEST(the_highest_generation_wins_in_any_order)
{
    expect(learn(2, 22));
    expect(!learn(1, 11));
    expect_newest(2, 22);
    expect(learn(3, 33));
    expect(!learn(3, 33));
    expect_newest(3, 33);
    expect_uint(ring.count, 3);
    expect_uint(moot_ring_next(&ring), 4);
}
END_TEST

START_TEST(of_one_generation_the_greater_hash_wins_in_any_order)
{
    struct moot_hash a = hash_of_secret(1), b = hash_of_secret(2);
    uint8_t high = moot_hash_cmp(&a, &b) > 0 ? 1 : 2;

    learn(5, 1);
    learn(5, 2);
    expect_newest(5, high);
    set_up();
    learn(5, 2);
    learn(5, 1);
    expect_newest(5, high);
}
END_TEST

START_TEST(an_invitation_counts_as_newest_until_it_is_named)
{
    struct moot_secret s = secret_of(9);
    struct moot_hash h = hash_of_secret(9);

    learn(4, 4);
    moot_ring_invited(&ring, &s);
    expect_newest(5, 9);
    moot_ring_heard(&ring, 8, &h);
    expect_newest(8, 9);
    moot_ring_invited(&ring, &s);
    expect_uint(ring.count, 2);
}
END_TEST

START_TEST(nobody_lowers_the_generation_of_a_secret)
{
    struct moot_hash h = hash_of_secret(2);

    learn(1, 1);
    learn(3, 2);
    name(2, 7, true);
    moot_ring_heard(&ring, 1, &h);
    expect_newest(3, 2);
    moot_ring_heard(&ring, 0, &h);
    expect_newest(3, 2);
    expect_int(place(7), MOOT_RING_OUT);
    moot_ring_heard(&ring, 4, &h);
    expect_newest(4, 2);
}
END_TEST

/* Whoever is met says it; only who cannot know it listens, and only once. */
START_TEST(what_is_told_of_a_generation_counts_for_invitations_alone)
{
    struct moot_secret s = secret_of(9);
    struct moot_hash h = hash_of_secret(9), old = hash_of_secret(1);

    learn(1, 1);
    expect(!moot_ring_told(&ring, 99, &old));
    expect(!moot_ring_told(&ring, 99, &h));
    moot_ring_invited(&ring, &s);
    expect(!moot_ring_told(&ring, 0, &h));
    expect(moot_ring_told(&ring, 8, &h));
    expect(!moot_ring_told(&ring, 99, &h));
    expect_newest(8, 9);
    expect_uint(ring.at[0].generation, 1);
}
END_TEST

START_TEST(what_was_guessed_may_turn_out_to_be_lower)
{
    struct moot_secret s = secret_of(9);
    struct moot_hash h = hash_of_secret(9);

    learn(4, 4);
    moot_ring_invited(&ring, &s);
    expect_newest(5, 9);
    moot_ring_heard(&ring, 3, &h);
    expect_newest(4, 4);
}
END_TEST

START_TEST(names_of_an_older_change_count_no_more)
{
    learn(1, 1);
    learn(2, 2);
    expect(name(2, 7, false));
    expect(!name(2, 7, false));
    expect(!name(1, 8, false));
    expect_int(place(7), MOOT_RING_IN);
    expect_int(place(8), MOOT_RING_UNNAMED);
    learn(3, 3);
    expect_int(place(7), MOOT_RING_UNNAMED);
}
END_TEST

START_TEST(names_of_a_change_that_is_not_ours_let_nobody_in)
{
    struct moot_hash h = hash_of_secret(2);

    learn(1, 1);
    moot_ring_heard(&ring, 2, &h);
    expect(name(2, 7, false));
    expect_int(place(7), MOOT_RING_UNNAMED);
    learn(2, 2);
    expect_int(place(7), MOOT_RING_IN);
}
END_TEST

/* It may be older than what we have from before. */
START_TEST(what_we_knew_before_an_invitation_holds_once_it_is_named)
{
    struct moot_secret s = secret_of(1);
    struct moot_hash h = hash_of_secret(1);

    learn(3, 3);
    expect(name(3, 7, true));
    moot_ring_invited(&ring, &s);
    expect_int(place(7), MOOT_RING_UNNAMED);
    expect(moot_ring_told(&ring, 2, &h));
    expect_int(place(7), MOOT_RING_OUT);
}
END_TEST

START_TEST(who_is_left_out_stays_out_whatever_comes_first)
{
    learn(2, 2);
    name(2, 7, false);
    expect(name(2, 7, true));
    expect_int(place(7), MOOT_RING_OUT);
    expect(!name(2, 7, false));
    expect_int(place(7), MOOT_RING_OUT);
}
END_TEST

START_TEST(at_the_bound_the_oldest_goes)
{
    for (unsigned i = 0; i < MOOT_KEPT_SECRETS_MAX + 3; i++)
        learn(i + 1, (uint8_t)(i + 1));
    expect_uint(ring.count, MOOT_KEPT_SECRETS_MAX);
    expect_uint(ring.at[0].generation, 4);
    expect_newest(MOOT_KEPT_SECRETS_MAX + 3, MOOT_KEPT_SECRETS_MAX + 3);
}
END_TEST

START_TEST(no_more_names_than_there_is_room_for)
{
    struct moot_hash h = hash_of_secret(2);
    struct moot_short_id s = {{0}};

    learn(2, 2);
    for (unsigned i = 0; i < MOOT_RING_NAMES_MAX; i++) {
        s.b[0] = (uint8_t)i;
        s.b[1] = (uint8_t)(i >> 8);
        expect_turn(moot_ring_name(&ring, &h, &s, false), "name %u", i);
    }
    s.b[2] = 1;
    expect(!moot_ring_name(&ring, &h, &s, false));
    expect_uint(ring.name_count, MOOT_RING_NAMES_MAX);
}
END_TEST

Suite *suite_ident_ring(void)
{
    Suite *s = suite_create("ident/ring");
    TCase *t = tcase_create("ring");

    tcase_add_checked_fixture(t, set_up, NULL);
    tcase_add_test(t, an_empty_ring_is_an_open_group);
    tcase_add_test(t, the_highest_generation_wins_in_any_order);
    tcase_add_test(t, of_one_generation_the_greater_hash_wins_in_any_order);
    tcase_add_test(t, an_invitation_counts_as_newest_until_it_is_named);
    tcase_add_test(t, nobody_lowers_the_generation_of_a_secret);
    tcase_add_test(t,
                   what_is_told_of_a_generation_counts_for_invitations_alone);
    tcase_add_test(t, what_was_guessed_may_turn_out_to_be_lower);
    tcase_add_test(t, names_of_an_older_change_count_no_more);
    tcase_add_test(t, names_of_a_change_that_is_not_ours_let_nobody_in);
    tcase_add_test(t, what_we_knew_before_an_invitation_holds_once_it_is_named);
    tcase_add_test(t, who_is_left_out_stays_out_whatever_comes_first);
    tcase_add_test(t, at_the_bound_the_oldest_goes);
    tcase_add_test(t, no_more_names_than_there_is_room_for);
    suite_add_tcase(s, t);
    return s;
}
