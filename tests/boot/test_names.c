/*
 * tests/boot/test_names.c - a name without a port is looked up, and what it
 * leads to is asked in its order.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <string.h>

#include "boot_words.h"

Suite *suite_boot_names(void);

static struct seeker s;
static struct moot_rng rng;

/* Started with one name and nothing else. */
static void setup(void)
{
    static const uint8_t seed[32] = {9};
    const struct moot_hash group = hash_of(SEEKER_GROUP);
    struct moot_addr name = {.host = "chat.example"};
    struct moot_boot_config config = {.group = group,
                                      .group_name = "lobby",
                                      .strict = true,
                                      .timeout = 10000,
                                      .endpoints = &name,
                                      .endpoint_count = 1,
                                      .rng = &rng};

    memset(&s, 0, sizeof s);
    cast_begin(&group);
    moot_rng_init(&rng, seed);
    s.now = 100000;
    s.group = OTHER_GROUP;
    s.name = "lobby";
    s.weight = MOOT_PROVISIONAL;
    config.self = *cast_id('M');
    s.b = moot_boot_create(&config);
    start(&s);
}

static void teardown(void)
{
    seeker_end(&s);
}

/* The name leads to h0:8080 and so on. */
static void found(unsigned count)
{
    struct moot_way ways[4];
    struct moot_boot_event ev = {.kind = MOOT_BOOT_FOUND,
                                 .token = s.lookup.token,
                                 .ways = ways,
                                 .way_count = count};

    memset(ways, 0, sizeof ways);
    for (unsigned i = 0; i < count; i++) {
        char host[] = {'h', (char)('0' + i), '\0'};

        ways[i].kind = MOOT_WAY_FOUND;
        moot_addr_set(&ways[i].addr, host, 8080);
    }
    seeker_step(&s, &ev);
}

START_TEST(a_name_is_looked_up_and_not_asked)
{
    expect_sought_of(&s, "ask look", "look up chat.example\n");
}
END_TEST

START_TEST(the_best_is_asked_at_once_and_the_next_a_moment_later)
{
    forget_sought(&s);
    found(3);
    expect_sought_of(&s, "ask", "ask h0:8080\n");
    run_ms(&s, MOOT_ASK_FOUND_MS - 1);
    expect_sought_of(&s, "ask", "");
    run_ms(&s, 1);
    expect_sought_of(&s, "ask", "ask h1:8080\n");
    run_ms(&s, MOOT_ASK_FOUND_MS);
    expect_sought_of(&s, "ask", "ask h2:8080\n");
}
END_TEST

/* An answer that leads into another group has all others asked again; those
 * that had not been asked at all keep their places. */
START_TEST(an_answer_of_the_best_does_not_hurry_the_others)
{
    found(2);
    forget_sought(&s);
    answers(&s, 0, "B");
    run_ms(&s, MOOT_ASK_FOUND_MS - 1);
    expect(strstr(moot_buf_text(&s.text), "ask h1") == NULL);
}
END_TEST

START_TEST(a_name_that_leads_nowhere_is_told_so)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_ASK_FAILED,
                                 .token = s.lookup.token,
                                 .why = MOOT_ENONE};
    char text[MOOT_BOOT_TEXT_MAX] = "";

    seeker_step(&s, &ev);
    moot_source_describe(s.b, false, text, sizeof text);
    expect_text(text, "chat.example (has no SRV or TXT record of a group; add "
                      "a port to ask that host itself)");
}
END_TEST

START_TEST(it_is_looked_up_again_when_it_failed)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_ASK_FAILED,
                                 .token = s.lookup.token,
                                 .why = MOOT_ETIMEOUT};

    forget_sought(&s);
    seeker_step(&s, &ev);
    expect(ms_until(&s, "look up chat.example", 5000) > 0);
}
END_TEST

Suite *suite_boot_names(void)
{
    Suite *suite = suite_create("boot/names");
    TCase *t = tcase_create("names");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_name_is_looked_up_and_not_asked);
    tcase_add_test(t, the_best_is_asked_at_once_and_the_next_a_moment_later);
    tcase_add_test(t, an_answer_of_the_best_does_not_hurry_the_others);
    tcase_add_test(t, a_name_that_leads_nowhere_is_told_so);
    tcase_add_test(t, it_is_looked_up_again_when_it_failed);
    suite_add_tcase(suite, t);
    return suite;
}
