/*
 * tests/node/test_back.c - the profile learns how the group is come back to:
 * where its bootstrap sockets are, and where members were met.
 *
 * Lists are written as "10.0.0.2:8081=B ", one after the other.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "node_words.h"

Suite *suite_node_back(void);

static struct stage st;
static struct moot_past pasts[1];
static char text[2048];

static void setup(void)
{
    stage_begin(&st);
}

static void teardown(void)
{
    stage_end(&st);
}

static const char *list_of(const struct moot_kept_addr *at, unsigned count)
{
    size_t len = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < count; i++) {
        char addr[MOOT_ADDR_TEXT_MAX];

        moot_addr_format(&at[i].addr, addr);
        len += (size_t)snprintf(text + len, sizeof text - len, "%s=%c ", addr,
                                cast_letter(&at[i].id));
    }
    return text;
}

static const char *doors(void)
{
    return list_of(st.remember.back.doors, st.remember.back.door_count);
}

static const char *seeds(void)
{
    return list_of(st.remember.back.seeds, st.remember.back.seed_count);
}

static struct moot_kept_addr contact(const char *addr, char who)
{
    struct moot_kept_addr c;

    expect_ok(moot_addr_parse(moot_bytes_text(addr), &c.addr));
    c.id = *cast_id(who);
    return c;
}

/* Somebody with a bootstrap socket: "" is none. */
static void link_boot(moot_link link, char who, const char *boot)
{
    struct moot_record *r;

    open_link(&st, link, who, 0);
    say_hello(&st, link);
    r = &draft_welcome(&st, link)->record;
    if (boot[0] != '\0') {
        r->mode = MOOT_BOOTSTRAP;
        expect_ok(moot_addr_parse(moot_bytes_text(boot), &r->boot));
    }
    moot_record_seal(r, cast_key(who));
    hand_in(&st, link);
}

START_TEST(who_is_met_is_remembered_a_moment_later)
{
    expect_uint(st.remember_count, 1);
    link_boot(2, 'B', "0.0.0.0:8080");
    link_boot(3, 'C', "");
    expect_uint(st.remember_count, 1);
    stage_run_ms(&st, 250);
    expect_uint(st.remember_count, 2);
    expect_text(doors(), "10.0.0.2:8080=B ");
    expect_text(seeds(), "10.0.0.2:8081=B 10.0.0.3:8081=C ");
}
END_TEST

START_TEST(changes_are_told_at_most_every_five_seconds)
{
    link_boot(2, 'B', "");
    stage_run_ms(&st, 250);
    expect_uint(st.remember_count, 2);
    link_boot(3, 'C', "");
    stage_run_ms(&st, 4900);
    expect_uint(st.remember_count, 2);
    stage_run_ms(&st, 100);
    expect_uint(st.remember_count, 3);
    expect_text(seeds(), "10.0.0.2:8081=B 10.0.0.3:8081=C ");
}
END_TEST

START_TEST(what_is_as_it_was_is_not_told_again)
{
    link_boot(2, 'B', "");
    stage_run_ms(&st, 250);
    close_link(&st, 2, MOOT_OK);
    stage_run_ms(&st, 1000);
    link_boot(3, 'B', "");
    stage_run_ms(&st, 20000);
    expect_uint(st.remember_count, 2);
}
END_TEST

START_TEST(who_is_gone_comes_behind_who_is_here)
{
    link_boot(2, 'B', "b.example:80");
    stage_run_ms(&st, 250);
    close_link(&st, 2, MOOT_OK);
    link_boot(3, 'C', "0.0.0.0:8080");
    stage_run_ms(&st, 5000);
    expect_text(doors(), "10.0.0.3:8080=C b.example:80=B ");
    expect_text(seeds(), "10.0.0.3:8081=C 10.0.0.2:8081=B ");
}
END_TEST

START_TEST(the_lists_are_bounded_and_do_not_turn)
{
    for (unsigned i = 0; i < 25; i++)
        if (i != 'M' - 'A')
            link_boot(2 + i, (char)('A' + i), "0.0.0.0:8080");
    stage_run_ms(&st, 60000);
    expect_uint(st.remember_count, 2);
    expect_text(doors(), "10.0.0.1:8080=A 10.0.0.2:8080=B 10.0.0.3:8080=C ");
    expect_uint(st.remember.back.seed_count, MOOT_KEPT_SEEDS_MAX);
    link_boot(27, 'Z', "0.0.0.0:8080");
    stage_run_ms(&st, 60000);
    expect_uint(st.remember_count, 2);
}
END_TEST

START_TEST(a_socket_that_nobody_else_can_reach_is_no_door)
{
    link_boot(2, 'B', "127.0.0.1:8080");
    stage_run_ms(&st, 250);
    expect_text(doors(), "");
    expect_text(seeds(), "10.0.0.2:8081=B ");
}
END_TEST

START_TEST(what_was_not_told_yet_is_told_on_leaving)
{
    link_boot(2, 'B', "b.example:80");
    stage_leave(&st, "bye");
    close_link(&st, 2, MOOT_OK);
    expect_uint(st.remember_count, 2);
    expect_text(doors(), "b.example:80=B ");
}
END_TEST

/* A secret that a profile has is not lost because the lists change. */
START_TEST(what_earlier_runs_knew_is_kept)
{
    struct moot_back *w = &pasts[0].back;

    stage_end(&st);
    pasts[0] = (struct moot_past){.name = "lobby", .grown = true};
    pasts[0].group = hash_of(0x22);
    cast_begin(&pasts[0].group);
    w->doors[w->door_count++] = contact("d.example:80", 'D');
    w->seeds[w->seed_count++] = contact("10.0.0.4:8081", 'D');
    w->secrets[w->secret_count++].generation = 7;
    cast_end();
    stage_begin_knowing(&st, 0, pasts, 1);
    st.proves = &st.secret; /* all zero, as that one */
    stage_event(&st, MOOT_EV_START, 0);
    expect_uint(st.remember_count, 1);
    expect_text(doors(), "d.example:80=D ");
    link_boot(2, 'B', "b.example:80");
    stage_run_ms(&st, 250);
    expect_text(doors(), "b.example:80=B d.example:80=D ");
    expect_text(seeds(), "10.0.0.2:8081=B 10.0.0.4:8081=D ");
    expect_uint(st.remember.back.secret_count, 1);
    expect_uint(st.remember.back.secrets[0].generation, 7);
}
END_TEST

/* --- inviting --- */

static const char *invitation(bool *now)
{
    struct moot_invite i;

    *now = false;
    text[0] = '\0';
    if (!moot_node_invite(st.n, &i, now))
        return "none";
    for (unsigned k = 0; k < i.door_count; k++) {
        char addr[MOOT_ADDR_TEXT_MAX];

        moot_addr_format(&i.doors[k], addr);
        strcat(strcat(text, addr), " ");
    }
    for (unsigned k = 0; k < i.pin_count; k++)
        for (char who = 'A'; who <= 'Z'; who++)
            if (memcmp(cast_id(who)->b, i.pins[k], sizeof i.pins[k]) == 0)
                strncat(text, &who, 1);
    expect(memcmp(i.group, st.n->group_id.b, sizeof i.group) == 0);
    if (i.closed)
        strcat(text, " closed");
    return text;
}

START_TEST(without_a_bootstrap_socket_nobody_can_be_invited)
{
    bool now;

    link_boot(2, 'B', "");
    expect_text(invitation(&now), "none");
}
END_TEST

START_TEST(an_invitation_names_who_is_here_and_who_invites)
{
    bool now;

    link_boot(2, 'B', "b.example:80");
    link_boot(3, 'C', "");
    link_boot(4, 'D', "0.0.0.0:8080");
    expect_text(invitation(&now), "b.example:80 10.0.0.4:8080 MBD");
    expect(now);
    close_link(&st, 2, MOOT_OK);
    expect_text(invitation(&now), "10.0.0.4:8080 MD");
    expect(now);
}
END_TEST

START_TEST(when_nobody_is_here_it_leads_to_where_somebody_was)
{
    bool now;

    link_boot(2, 'B', "b.example:80");
    stage_run_ms(&st, 250);
    close_link(&st, 2, MOOT_OK);
    stage_run_ms(&st, 10000);
    expect_text(invitation(&now), "b.example:80 MB");
    expect(!now);
}
END_TEST

START_TEST(an_invitation_into_a_closed_group_holds_the_newest_secret)
{
    struct moot_back back = {.secret_count = 2, .door_count = 2};
    struct moot_hash group = hash_of(7);
    struct moot_invite i;

    back.secrets[1].generation = 1;
    memset(back.secrets[1].b, 0x99, sizeof back.secrets[1].b);
    back.doors[0].addr = contact("a.example:80", 'A').addr; /* whose it is */
    back.doors[1] = contact("b.example:80", 'B');           /* is not known */
    expect(moot_back_invite(&back, &group, cast_id('M'), &i));
    expect(i.closed);
    expect_uint(i.secret.b[0], 0x99);
    expect_uint(i.door_count, 1);
    expect_text(i.doors[0].host, "b.example");
    expect_uint(i.pin_count, 2);
    back.door_count = 1;
    expect(!moot_back_invite(&back, &group, cast_id('M'), &i));
}
END_TEST

/* --- invited --- */

/* The profile knows 0x11 and 0x22, both called lobby, and 0x33, called den;
 * which of them is it in, and what is that called? */
static void begin_invited(uint8_t group, const char *name)
{
    static struct moot_past known[3];
    struct moot_addr at = cast_addr('B');
    struct moot_pins pins = {.has_group = true};
    struct moot_node_config c = {.name = "m",
                                 .group = "lobby",
                                 .mode = MOOT_STANDARD,
                                 .join_timeout = 10000,
                                 .endpoints = &at,
                                 .endpoint_count = 1,
                                 .pins = &pins,
                                 .pasts = known,
                                 .past_count = 3};
    struct moot_hash want = hash_of(group);
    struct moot_node *n;

    for (unsigned i = 0; i < 3; i++) {
        known[i] = (struct moot_past){.grown = true};
        known[i].group = hash_of((uint8_t)(0x11 * (i + 1)));
        strcpy(known[i].name, i == 2 ? "den" : "lobby");
    }
    c.key = *cast_key('M');
    memcpy(pins.group, want.b, sizeof pins.group);
    n = moot_node_create(&c);
    for (unsigned i = 0; i < 3; i++)
        expect(moot_hash_eq(&n->group_id, &known[i].group) ==
               moot_hash_eq(&want, &known[i].group));
    expect_text(n->group_name, name);
    moot_node_destroy(n);
}

START_TEST(who_is_invited_goes_on_in_that_group_and_in_no_other)
{
    begin_invited(0x11, "lobby");
    begin_invited(0x22, "lobby");
    begin_invited(0x33, "den");
    begin_invited(0x44, "lobby"); /* a new one: nobody we know is there */
}
END_TEST

Suite *suite_node_back(void)
{
    Suite *s = suite_create("node/back");
    TCase *t = tcase_create("back");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, who_is_met_is_remembered_a_moment_later);
    tcase_add_test(t, changes_are_told_at_most_every_five_seconds);
    tcase_add_test(t, what_is_as_it_was_is_not_told_again);
    tcase_add_test(t, who_is_gone_comes_behind_who_is_here);
    tcase_add_test(t, the_lists_are_bounded_and_do_not_turn);
    tcase_add_test(t, a_socket_that_nobody_else_can_reach_is_no_door);
    tcase_add_test(t, what_was_not_told_yet_is_told_on_leaving);
    tcase_add_test(t, what_earlier_runs_knew_is_kept);
    tcase_add_test(t, without_a_bootstrap_socket_nobody_can_be_invited);
    tcase_add_test(t, who_is_invited_goes_on_in_that_group_and_in_no_other);
    tcase_add_test(t, an_invitation_names_who_is_here_and_who_invites);
    tcase_add_test(t, when_nobody_is_here_it_leads_to_where_somebody_was);
    tcase_add_test(t,
                   an_invitation_into_a_closed_group_holds_the_newest_secret);
    suite_add_tcase(s, t);
    return s;
}
