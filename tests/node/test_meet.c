/*
 * tests/node/test_meet.c - two open groups of one name meet: one gives way, and
 * what was said there is said again; two that are grown stay apart.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "node_words.h"

Suite *suite_node_meet(void);

static struct stage st;

static void setup(void)
{
    stage_begin(&st);
}

static void teardown(void)
{
    stage_end(&st);
}

#define SMALLER 0x00 /* as a group's id: below any that is drawn */
#define GREATER 0xff

static struct moot_hash group_of(uint8_t n)
{
    struct moot_hash h = hash_of(n);

    h.b[31] = 1; /* none is zero */
    return h;
}

static moot_link dialled(moot_link link)
{
    open_link(&st, link, 'B', 1000 + link);
    forget_done(&st);
    return link;
}

static void refuse_other(moot_link link, uint8_t group, enum moot_weight weight)
{
    struct moot_refuse *r = &stage_draft(&st, MOOT_MSG_REFUSE)->refuse;

    r->why = MOOT_REFUSE_OTHER;
    r->group = group_of(group);
    r->weight = weight;
    hand_in(&st, link);
}

static void move(moot_link link, uint8_t group, enum moot_weight weight)
{
    stage_draft(&st, MOOT_MSG_MOVE)->move =
        (struct moot_move){.group = group_of(group), .weight = weight};
    hand_in(&st, link);
}

/* Says HELLO for a group of our name that is not ours. */
static void hello_from(moot_link link, uint8_t group)
{
    struct moot_hash other = group_of(group);
    struct moot_hello *h = draft_hello(&st, link);

    h->group_tag = moot_group_tag(&other, &actor_of(&st, link)->exporter);
    hand_in(&st, link);
}

static void expect_group(uint8_t group)
{
    struct moot_hash want = group_of(group);

    expect_hash(&st.n->group_id, &want);
}

static void expect_own_group(void)
{
    struct moot_hash own = cast_group();

    expect_hash(&st.n->group_id, &own);
}

/* Somebody heard us: from now on the group does not give way. */
static void grow(void)
{
    link_in(&st, 9, 'Z');
    stage_say(&st, "x");
    stage_store_all(&st);
    forget_done(&st);
    expect_int(moot_boot_weight(st.n->boot), MOOT_GROWN);
}

/* --- we dialled --- */

START_TEST(we_come_over_to_a_heavier_group)
{
    dialled(2);
    refuse_other(2, GREATER, MOOT_GROWN);
    expect_group(GREATER);
    expect_done_of(&st, "send close cut", "send 2 HELLO\n");
    stage_follow(&st);
    say_hello(&st, 2);
    say_welcome(&st, 2);
    expect_done_of(&st, "up", "up 2\n");
    expect_int(moot_boot_weight(st.n->boot), MOOT_GROWN);
}
END_TEST

START_TEST(of_two_provisional_ones_the_smaller_id_stays)
{
    dialled(2);
    refuse_other(2, SMALLER, MOOT_PROVISIONAL);
    expect_group(SMALLER);
}
END_TEST

START_TEST(a_lighter_group_is_asked_to_come_over)
{
    dialled(2);
    refuse_other(2, GREATER, MOOT_PROVISIONAL);
    expect_own_group();
    expect_done(&st, "send 2 MOVE\nsend 2 HELLO\n");
    expect_hash(&st.move.group, &st.n->group_id);
    expect_int(st.move.weight, MOOT_PROVISIONAL);
    say_hello(&st, 2);
    say_welcome(&st, 2);
    expect_done_of(&st, "up", "up 2\n");
}
END_TEST

START_TEST(who_does_not_come_over_is_left_alone)
{
    dialled(2);
    refuse_other(2, GREATER, MOOT_PROVISIONAL);
    forget_done(&st);
    refuse_other(2, GREATER, MOOT_PROVISIONAL);
    expect_done(&st, "cut 2: it is in another group\n");
}
END_TEST

/* Whoever answers is believed once: it leads nobody about. */
START_TEST(we_come_over_once_a_link)
{
    dialled(2);
    refuse_other(2, GREATER, MOOT_PROVISIONAL);
    refuse_other(2, SMALLER, MOOT_GROWN);
    expect_own_group();
}
END_TEST

/* Both sides say so: the MOVE tells the other one. */
START_TEST(two_grown_groups_stay_apart_and_say_so_once)
{
    grow();
    dialled(2);
    refuse_other(2, SMALLER, MOOT_GROWN);
    expect_own_group();
    expect_done(&st, "notice: met another group of the same name; both have a "
                     "history, so they stay apart\n"
                     "send 2 MOVE\n"
                     "close 2: it is in another group\n");
    dialled(3);
    refuse_other(3, SMALLER, MOOT_GROWN);
    expect_done_of(&st, "notice", "");
}
END_TEST

/* Our HELLO was on its way while we came over to that very group by another
 * way: what it is refused for is old news. */
START_TEST(a_refusal_that_names_our_own_group_is_no_meeting)
{
    dialled(2);
    dialled(3);
    refuse_other(2, GREATER, MOOT_GROWN);
    stage_follow(&st);
    forget_done(&st);
    refuse_other(3, GREATER, MOOT_GROWN);
    expect_done(&st, "send 3 HELLO\n");
    say_hello(&st, 3);
    say_welcome(&st, 3);
    expect_done_of(&st, "up notice cut", "up 3\n");
}
END_TEST

START_TEST(one_that_was_dialled_does_not_say_move)
{
    dialled(2);
    move(2, SMALLER, MOOT_GROWN);
    expect_own_group();
    expect_done(&st, "cut 2: the protocol was broken\n");
}
END_TEST

/* --- we were dialled --- */

START_TEST(another_group_of_our_name_is_told_of_ours)
{
    open_link(&st, 2, 'B', 0);
    hello_from(2, GREATER);
    expect_done(&st, "send 2 REFUSE other\n");
    expect_hash(&st.refuse.group, &st.n->group_id);
    expect_int(st.refuse.weight, MOOT_PROVISIONAL);
}
END_TEST

START_TEST(who_comes_over_to_us_says_hello_again)
{
    open_link(&st, 2, 'B', 0);
    hello_from(2, GREATER);
    forget_done(&st);
    say_hello(&st, 2);
    say_welcome(&st, 2);
    expect_done_of(&st, "up", "up 2\n");
    expect_own_group();
}
END_TEST

START_TEST(we_come_over_when_we_are_asked_to_and_are_lighter)
{
    open_link(&st, 2, 'B', 0);
    hello_from(2, GREATER);
    move(2, GREATER, MOOT_GROWN);
    expect_group(GREATER);
    stage_follow(&st);
    forget_done(&st);
    say_hello(&st, 2);
    say_welcome(&st, 2);
    expect_done_of(&st, "up", "up 2\n");
}
END_TEST

START_TEST(a_second_hello_from_elsewhere_is_refused_without_our_group)
{
    open_link(&st, 2, 'B', 0);
    hello_from(2, GREATER);
    forget_done(&st);
    hello_from(2, GREATER);
    expect_done(&st, "send 2 REFUSE group\n"
                     "close 2: it is in another group\n");
}
END_TEST

START_TEST(we_do_not_come_over_when_we_are_heavier)
{
    grow();
    open_link(&st, 2, 'B', 0);
    hello_from(2, SMALLER);
    forget_done(&st);
    move(2, SMALLER, MOOT_PROVISIONAL);
    expect_own_group();
    expect_done(&st, "");
    move(2, SMALLER, MOOT_PROVISIONAL);
    expect_done(&st, "cut 2: the protocol was broken\n");
}
END_TEST

START_TEST(the_dialled_one_of_two_grown_groups_says_so_too)
{
    grow();
    open_link(&st, 2, 'B', 0);
    hello_from(2, SMALLER);
    forget_done(&st);
    move(2, SMALLER, MOOT_GROWN);
    expect_done(&st, "notice: met another group of the same name; both have a "
                     "history, so they stay apart\n");
}
END_TEST

START_TEST(a_move_that_nobody_asked_for_ends_the_link)
{
    open_link(&st, 2, 'B', 0);
    move(2, SMALLER, MOOT_GROWN);
    expect_own_group();
    expect_done(&st, "cut 2: the protocol was broken\n");
}
END_TEST

/* --- a member moves --- */

START_TEST(we_follow_a_member_into_a_heavier_group)
{
    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    move(2, GREATER, MOOT_GROWN);
    expect_group(GREATER);
    expect_int(moot_boot_weight(st.n->boot), MOOT_GROWN);
    expect_done_of(&st, "send close",
                   "send 2 MOVE\nsend 2 BYE group \"moved to another group\"\n"
                   "close 2: it is in another group\n"
                   "send 3 MOVE\nsend 3 BYE group \"moved to another group\"\n"
                   "close 3: it is in another group\n");
    expect_hash(&st.move.group, &st.n->group_id);
}
END_TEST

START_TEST(a_member_that_moves_elsewhere_is_let_go)
{
    link_in(&st, 2, 'B');
    move(2, GREATER, MOOT_PROVISIONAL);
    expect_own_group();
    expect_done(&st, "");
}
END_TEST

START_TEST(links_that_greet_while_we_move_are_cut_or_greet_anew)
{
    open_link(&st, 2, 'B', 0);
    say_hello(&st, 2); /* its proof was for the group we leave */
    dialled(3);
    forget_done(&st);
    dialled(4);
    refuse_other(4, GREATER, MOOT_GROWN);
    expect_done_of(&st, "send close cut",
                   "cut 2: it is in another group\nsend 4 HELLO\n");
}
END_TEST

/* --- what we said --- */

START_TEST(what_we_said_is_said_again_in_the_new_group)
{
    struct moot_event ev = {.kind = MOOT_EV_SAY};

    stage_say(&st, "hello?");
    stage_store_all(&st);
    ev.say.kind = MOOT_LINE_ACTION;
    ev.say.text = moot_bytes_text("waits");
    stage_step(&st, &ev);
    stage_store_all(&st);
    dialled(2);
    refuse_other(2, GREATER, MOOT_GROWN);
    expect_done_of(&st, "show notice",
                   "show m: hello? (own)\n"
                   "notice: joined a group of this name that was already "
                   "there; what you said is said again\n");
    stage_store_all(&st);
    expect_done_of(&st, "sent show", "sent 1\nshow m: waits (own)\n");
}
END_TEST

START_TEST(a_completion_from_the_old_group_says_nothing_in_the_new_one)
{
    moot_token old;

    stage_say(&st, "hello?");
    old = st.last_store.token;
    dialled(2);
    refuse_other(2, GREATER, MOOT_GROWN);
    expect(st.last_store.token != old);
    forget_done(&st);
    stage_stored(&st, old);
    expect_done(&st, "");
    stage_store_all(&st);
    expect_done(&st, "sent 1\n");
}
END_TEST

START_TEST(what_was_read_in_the_old_group_is_not_sent_in_the_new_one)
{
    struct moot_event ev = {.kind = MOOT_EV_FETCHED};
    struct moot_want *w;

    link_in(&st, 2, 'B');
    stage_say(&st, "x");
    stage_store_all(&st);
    w = &stage_draft(&st, MOOT_MSG_WANT)->want;
    w->count = 1;
    w->at[0] = (struct moot_range){.in = cast_run('M'), .from = 1, .to = 1};
    hand_in(&st, 2);
    ev.fetched.token = st.last_fetch.fetch.token + (UINT64_C(1) << 48);
    ev.fetched.entries = &st.stored;
    ev.fetched.count = 1;
    forget_done(&st);
    stage_step(&st, &ev);
    expect_done(&st, "");
    ev.fetched.token = st.last_fetch.fetch.token;
    stage_step(&st, &ev);
    expect_done(&st, "send 2 ENTRIES asked M:1\n");
}
END_TEST

START_TEST(in_the_new_group_we_are_in_another_run)
{
    uint64_t run = st.n->self.run;

    dialled(2);
    refuse_other(2, GREATER, MOOT_GROWN);
    expect(st.n->self.run != run);
    expect_text(moot_group_member(st.n->group, cast_id('M'))->record.name, "m");
    expect_int(moot_group_member(st.n->group, cast_id('M'))->record.standing,
               MOOT_JOINED);
}
END_TEST

Suite *suite_node_meet(void)
{
    Suite *s = suite_create("node/meet");
    TCase *t = tcase_create("dialler");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, we_come_over_to_a_heavier_group);
    tcase_add_test(t, of_two_provisional_ones_the_smaller_id_stays);
    tcase_add_test(t, a_lighter_group_is_asked_to_come_over);
    tcase_add_test(t, who_does_not_come_over_is_left_alone);
    tcase_add_test(t, we_come_over_once_a_link);
    tcase_add_test(t, two_grown_groups_stay_apart_and_say_so_once);
    tcase_add_test(t, a_refusal_that_names_our_own_group_is_no_meeting);
    tcase_add_test(t, one_that_was_dialled_does_not_say_move);
    suite_add_tcase(s, t);

    t = tcase_create("acceptor");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, another_group_of_our_name_is_told_of_ours);
    tcase_add_test(t, who_comes_over_to_us_says_hello_again);
    tcase_add_test(t, we_come_over_when_we_are_asked_to_and_are_lighter);
    tcase_add_test(t,
                   a_second_hello_from_elsewhere_is_refused_without_our_group);
    tcase_add_test(t, we_do_not_come_over_when_we_are_heavier);
    tcase_add_test(t, the_dialled_one_of_two_grown_groups_says_so_too);
    tcase_add_test(t, a_move_that_nobody_asked_for_ends_the_link);
    suite_add_tcase(s, t);

    t = tcase_create("moving");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, we_follow_a_member_into_a_heavier_group);
    tcase_add_test(t, a_member_that_moves_elsewhere_is_let_go);
    tcase_add_test(t, links_that_greet_while_we_move_are_cut_or_greet_anew);
    tcase_add_test(t, what_we_said_is_said_again_in_the_new_group);
    tcase_add_test(t,
                   a_completion_from_the_old_group_says_nothing_in_the_new_one);
    tcase_add_test(t,
                   what_was_read_in_the_old_group_is_not_sent_in_the_new_one);
    tcase_add_test(t, in_the_new_group_we_are_in_another_run);
    suite_add_tcase(s, t);
    return s;
}
