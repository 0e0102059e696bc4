/*
 * tests/node/test_contact.c - what the address book is told: whom we met and
 * where, who was only seen, and where nobody was.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "node_words.h"

Suite *suite_node_contact(void);

static struct stage st;

static void setup(void)
{
    stage_begin(&st);
}

static void teardown(void)
{
    stage_end(&st);
}

START_TEST(a_link_we_made_is_a_meeting_where_it_was_made)
{
    link_out(&st, 2, 'B');
    expect_contacts(&st, "met 10.0.0.2:40000 b\n"
                         "heard 10.0.0.2:8081 b\n");
}
END_TEST

START_TEST(one_that_came_to_us_was_seen_and_not_met)
{
    link_in(&st, 2, 'B');
    expect_contacts(&st, "heard 10.0.0.2:8081 b\n");
}
END_TEST

/* The group, and who it is, are known from then on. */
START_TEST(who_it_was_is_told_as_well)
{
    const struct moot_contact *c = NULL;
    struct moot_event ev = {.kind = MOOT_EV_LINK_CLOSED, .link = 2};

    link_in(&st, 2, 'B');
    ev.now = st.now;
    ev.wall = st.wall;
    moot_node_step(st.n, &ev, &st.fx);
    for (unsigned i = 0; i < st.fx.count; i++)
        if (st.fx.at[i].kind == MOOT_FX_PEER)
            c = st.fx.at[i].contact;
    ck_assert_ptr_nonnull(c);
    expect(c->peer.has_id && c->peer.has_group);
    expect_id(&c->peer.id, cast_id('B'));
    expect_hash(&c->peer.group, moot_node_group(st.n));
    expect_text(c->peer.group_name, "lobby");
    expect_text(c->peer.name, "b");
    expect(!c->here);
    moot_effects_clear(&st.fx);
}
END_TEST

/* Else somebody who knows but the name would look for it in vain. */
START_TEST(what_a_closed_group_is_called_stands_in_no_book)
{
    const struct moot_contact *c = NULL;
    struct moot_event ev = {.kind = MOOT_EV_LINK_CLOSED, .link = 2};

    stage_end(&st);
    stage_begin_closed(&st, NULL);
    link_in(&st, 2, 'B');
    ev.now = st.now;
    ev.wall = st.wall;
    moot_node_step(st.n, &ev, &st.fx);
    for (unsigned i = 0; i < st.fx.count; i++)
        if (st.fx.at[i].kind == MOOT_FX_PEER)
            c = st.fx.at[i].contact;
    ck_assert_ptr_nonnull(c);
    expect_hash(&c->peer.group, moot_node_group(st.n));
    expect_text(c->peer.group_name, "");
    moot_effects_clear(&st.fx);
}
END_TEST

/* A record as the member might have made it; then its link comes up. */
static void come_with(char who, void (*change)(struct moot_record *r))
{
    struct moot_welcome *w;

    open_link(&st, 2, who, 0);
    say_hello(&st, 2);
    w = draft_welcome(&st, 2);
    change(&w->record);
    moot_record_seal(&w->record, cast_key(who));
    hand_in(&st, 2);
}

static void claim_loopback(struct moot_record *r)
{
    moot_addr_set(&r->addrs[0], "127.0.0.1", 8081);
    moot_addr_set(&r->addrs[1], "0.0.0.0", 8081);
    moot_addr_set(&r->addrs[2], "b.example.org", 8081);
    r->addr_count = 3;
}

START_TEST(what_others_call_loopback_is_not_ours)
{
    come_with('B', claim_loopback);
    expect_contacts(&st, "heard 10.0.0.2:8081 b\n"
                         "heard b.example.org:8081 b\n");
}
END_TEST

static void open_bootstrap(struct moot_record *r)
{
    r->mode = MOOT_BOOTSTRAP;
    moot_addr_set(&r->boot, "0.0.0.0", 8080);
}

START_TEST(its_bootstrap_socket_is_where_it_was_seen)
{
    come_with('B', open_bootstrap);
    expect_contacts(&st, "heard 10.0.0.2:8081 b, boot 10.0.0.2:8080\n");
}
END_TEST

static void hide(struct moot_record *r)
{
    r->port = 0;
    moot_addr_set(&r->addrs[0], "b.example.org", 443);
    r->addr_count = 1;
}

/* Its user said where it can be reached, and nowhere else. */
START_TEST(who_names_no_port_is_not_looked_for_where_it_was_seen)
{
    come_with('B', hide);
    expect_contacts(&st, "heard b.example.org:443 b\n");
}
END_TEST

START_TEST(a_lost_one_was_there_until_it_fell_silent)
{
    link_in(&st, 2, 'B');
    stage_run_ms(&st, 1000);
    forget_done(&st);
    moot_buf_clear(&st.contacts);
    st.now += 30000;
    st.wall += 30000;
    close_link(&st, 2, MOOT_ESILENT);
    expect_contacts(&st, "heard 10.0.0.2:8081 b, -31 s\n");
}
END_TEST

START_TEST(on_leaving_all_who_are_there_are_told_of)
{
    link_in(&st, 2, 'B');
    link_out(&st, 3, 'C');
    moot_buf_clear(&st.contacts);
    stage_leave(&st, "");
    expect_contacts(&st, "heard 10.0.0.2:8081 b\n"
                         "heard 10.0.0.3:40000 c\n");
}
END_TEST

START_TEST(a_link_of_hours_is_told_of_every_hour)
{
    link_in(&st, 2, 'B');
    moot_buf_clear(&st.contacts);
    st.now = st.n->contacts_due - 1;
    stage_event(&st, MOOT_EV_TIMER, 0);
    expect_contacts(&st, "");
    st.now++;
    stage_event(&st, MOOT_EV_TIMER, 0);
    expect_within("heard 10.0.0.2:8081 b", moot_buf_text(&st.contacts));
    moot_buf_clear(&st.contacts);
    stage_event(&st, MOOT_EV_TIMER, 0);
    expect_contacts(&st, "");
}
END_TEST

/* Whom we lost is dialled again. */
static moot_token dial_again(void)
{
    link_out(&st, 2, 'B');
    close_link(&st, 2, MOOT_ERESET);
    moot_buf_clear(&st.contacts);
    while (st.last_dial.token == 0)
        stage_run_ms(&st, 100);
    return st.last_dial.token;
}

static void dial_fails(moot_token token, int why)
{
    struct moot_event ev = {.kind = MOOT_EV_DIAL_FAILED};

    ev.failed.token = token;
    ev.failed.why = why;
    stage_step(&st, &ev);
}

START_TEST(where_nobody_was_is_told)
{
    moot_token token = dial_again();

    expect_contacts(&st, "");
    dial_fails(token, MOOT_EREFUSED);
    expect_contacts(&st, "failed 10.0.0.2:8081\n");
    dial_fails(token, MOOT_EREFUSED); /* it is over */
    expect_contacts(&st, "");
}
END_TEST

START_TEST(a_stranger_at_its_address_is_a_failure)
{
    moot_token token = dial_again();

    open_link(&st, 9, 'B', token);
    close_link(&st, 9, MOOT_ERESET);
    expect_contacts(&st, "failed 10.0.0.2:8081\n");
}
END_TEST

START_TEST(that_it_was_ourselves_is_no_failure)
{
    dial_fails(dial_again(), MOOT_ESELF);
    expect_contacts(&st, "");
}
END_TEST

Suite *suite_node_contact(void)
{
    Suite *s = suite_create("node/contact");
    TCase *t = tcase_create("contact");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_link_we_made_is_a_meeting_where_it_was_made);
    tcase_add_test(t, one_that_came_to_us_was_seen_and_not_met);
    tcase_add_test(t, who_it_was_is_told_as_well);
    tcase_add_test(t, what_a_closed_group_is_called_stands_in_no_book);
    tcase_add_test(t, what_others_call_loopback_is_not_ours);
    tcase_add_test(t, its_bootstrap_socket_is_where_it_was_seen);
    tcase_add_test(t, who_names_no_port_is_not_looked_for_where_it_was_seen);
    tcase_add_test(t, a_lost_one_was_there_until_it_fell_silent);
    tcase_add_test(t, on_leaving_all_who_are_there_are_told_of);
    tcase_add_test(t, a_link_of_hours_is_told_of_every_hour);
    tcase_add_test(t, where_nobody_was_is_told);
    tcase_add_test(t, a_stranger_at_its_address_is_a_failure);
    tcase_add_test(t, that_it_was_ourselves_is_no_failure);
    suite_add_tcase(s, t);
    return s;
}
