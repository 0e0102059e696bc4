/*
 * tests/boot/test_seed.c - addresses without a name to them: dialled, but not
 * for ever and not as often as somebody says.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>

#include "boot_words.h"

Suite *suite_boot_seed(void);

static struct seeker s;

static void setup(void)
{
    seeker_begin_joined(&s);
}

static void teardown(void)
{
    seeker_end(&s);
}

static void told(const char *host, uint16_t port)
{
    struct moot_way way = {.kind = MOOT_WAY_TOLD, .seed = true};
    struct moot_boot_event ev = {
        .kind = MOOT_BOOT_SEED, .ways = &way, .way_count = 1};

    moot_addr_set(&way.addr, host, port);
    seeker_step(&s, &ev);
}

static void fails(void)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_DIAL_FAILED,
                                 .token = s.dial.token,
                                 .why = MOOT_EREFUSED};

    seeker_step(&s, &ev);
}

START_TEST(who_may_be_there_is_dialled_whoever_he_is)
{
    told("10.0.0.7", 8081);
    run_ms(&s, MOOT_SEED_SPREAD_MS);
    expect_sought(&s, "dial ?0000\n");
    expect_text(s.dial.addrs[0].host, "10.0.0.7");
    expect_uint(s.dial.addrs[0].port, 8081);
    expect_uint(s.dial.addr_count, 1);
    expect(!s.dial.pinned);
}
END_TEST

START_TEST(he_is_dialled_once_however_often_he_is_told_of)
{
    told("10.0.0.7", 8081);
    told("10.0.0.7", 8081);
    run_ms(&s, 1000);
    told("10.0.0.7", 8081);
    run_ms(&s, 1000);
    expect_sought(&s, "dial ?0000\n");
}
END_TEST

START_TEST(who_is_linked_is_not_dialled)
{
    told("10.0.0.7", 8081);
    run_ms(&s, MOOT_SEED_SPREAD_MS);
    forget_sought(&s);
    links_itself(&s, 'B', s.dial.token);
    told("10.0.0.7", 8081);
    run_ms(&s, 5000);
    expect_sought(&s, "");
}
END_TEST

/* Both heard each other; the other side was quicker. */
START_TEST(who_links_himself_meanwhile_is_not_dialled)
{
    struct moot_addr b;

    meets(&s, 'B', MOOT_JOINED, false, 0);
    run_ms(&s, 3000);
    forget_sought(&s);
    b = cast_addr('B');
    told(b.host, b.port);
    links_itself(&s, 'B', 0);
    run_ms(&s, 3000);
    expect_sought(&s, "");
}
END_TEST

START_TEST(who_was_lost_is_dialled_again_when_he_is_told_of)
{
    told("10.0.0.7", 8081);
    run_ms(&s, MOOT_SEED_SPREAD_MS);
    links_itself(&s, 'B', s.dial.token);
    goes(&s, 'B', true);
    forget_sought(&s);
    told("10.0.0.7", 8081);
    run_ms(&s, MOOT_SEED_SPREAD_MS);
    expect_sought(&s, "dial B\n");
}
END_TEST

/* Somebody may repeat what he heard long ago, from anywhere. */
START_TEST(where_nobody_is_gets_a_rest_that_grows)
{
    moot_ms last = 0;

    for (unsigned i = 0; i < 3; i++) {
        moot_ms began = s.now;

        do {
            told("10.0.0.7", 8081);
            run_ms(&s, 200);
        } while (s.text.len == 0);
        expect_sought(&s, "dial ?0000\n");
        expect(s.now - began > last);
        last = s.now - began;
        fails();
    }
    expect(last >= MOOT_SEED_REST_MS);
}
END_TEST

START_TEST(it_is_not_looked_for_by_itself)
{
    told("10.0.0.7", 8081);
    run_ms(&s, MOOT_SEED_SPREAD_MS);
    forget_sought(&s);
    fails();
    run_ms(&s, 600000);
    expect_sought(&s, "");
}
END_TEST

START_TEST(only_so_many_are_dialled_at_once)
{
    unsigned dials = 0;

    for (unsigned i = 0; i < 2 * MOOT_SEEDS_MAX; i++)
        told("10.0.0.7", (uint16_t)(1 + i));
    run_ms(&s, 1000);
    for (const char *at = moot_buf_text(&s.text); *at != '\0'; at++)
        dials += *at == '\n';
    expect_uint(dials, MOOT_SEEDS_MAX);
}
END_TEST

START_TEST(the_longest_untold_makes_room)
{
    for (unsigned i = 0; i < MOOT_SEEDS_MAX; i++) {
        told("10.0.0.7", (uint16_t)(1 + i));
        run_ms(&s, MOOT_SEED_SPREAD_MS);
        links_itself(&s, 'B', s.dial.token);
        goes(&s, 'B', true);
    }
    forget_sought(&s);
    told("10.0.0.8", 1);
    run_ms(&s, MOOT_SEED_SPREAD_MS);
    expect_sought(&s, "dial ?0000\n");
    expect_text(s.b->seeds[0].addr.host, "10.0.0.8");
}
END_TEST

Suite *suite_boot_seed(void)
{
    Suite *suite = suite_create("boot/seed");
    TCase *t = tcase_create("seeds");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, who_may_be_there_is_dialled_whoever_he_is);
    tcase_add_test(t, he_is_dialled_once_however_often_he_is_told_of);
    tcase_add_test(t, who_is_linked_is_not_dialled);
    tcase_add_test(t, who_links_himself_meanwhile_is_not_dialled);
    tcase_add_test(t, who_was_lost_is_dialled_again_when_he_is_told_of);
    tcase_add_test(t, where_nobody_is_gets_a_rest_that_grows);
    tcase_add_test(t, it_is_not_looked_for_by_itself);
    tcase_add_test(t, only_so_many_are_dialled_at_once);
    tcase_add_test(t, the_longest_untold_makes_room);
    suite_add_tcase(suite, t);
    return suite;
}
