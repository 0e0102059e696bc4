/*
 * tests/node/test_closed.c - a closed group: who has the secret comes in, and
 * nobody else learns anything (P7).
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdlib.h>
#include <string.h>

#include "node_words.h"

Suite *suite_node_closed(void);

static struct stage st;
static struct moot_secret other;

static void setup(void)
{
    memset(other.b, 0x0f, sizeof other.b);
    stage_begin_closed(&st, NULL);
}

static void teardown(void)
{
    stage_end(&st);
}

/* --- founding --- */

START_TEST(a_founder_makes_a_secret_and_has_it_remembered)
{
    expect(moot_node_closed(st.n));
    expect_uint(st.remember.back.secret_count, 1);
    expect_uint(st.remember.back.secrets[0].generation, 1);
    expect(memcmp(st.remember.back.secrets[0].b, st.secret.b, 32) == 0);
}
END_TEST

START_TEST(a_closed_group_of_the_profile_is_gone_on_with)
{
    static struct moot_past pasts[2];

    pasts[0] = (struct moot_past){.name = "lobby", .grown = true};
    pasts[1] = pasts[0];
    pasts[0].group = hash_of(0x21);
    pasts[1].group = hash_of(0x22);
    pasts[1].back.secrets[0].generation = 3;
    memset(pasts[1].back.secrets[0].b, 0x5e, 32);
    pasts[1].back.secret_count = 1;
    stage_end(&st);
    stage_begin_knowing(&st, 0, pasts, 2); /* the one used last is open */
    expect(!moot_node_closed(st.n));
    stage_end(&st);
    stage_begin_knowing(&st, 0, pasts + 1, 1);
    expect(moot_node_closed(st.n));
    expect_uint(moot_ring_newest(&st.n->ring)->generation, 3);
    expect_hash(moot_node_group(st.n), &pasts[1].group);
}
END_TEST

/* Nobody told of what generation it is: it may be older, or made up. */
START_TEST(an_invitation_that_came_to_nothing_is_forgotten_in_the_next_run)
{
    static struct moot_past past;
    struct moot_ring *r = &st.n->ring;
    struct moot_id b = *cast_id('B');
    struct moot_short_id brief = moot_id_short(&b);
    struct moot_hash hash = r->hash;

    moot_ring_name(r, &hash, &brief, true);
    moot_ring_invited(r, &other);
    past = (struct moot_past){.name = "lobby", .group = cast_group()};
    moot_closed_keep(st.n, &past.back);
    stage_end(&st);
    stage_begin_knowing(&st, 0, &past, 1);
    r = &st.n->ring;
    expect_uint(r->count, 1);
    expect_hash(&moot_ring_newest(r)->hash, &hash);
    expect_int(moot_ring_place(r, &b), MOOT_RING_OUT);
}
END_TEST

/* He knows nothing else. */
START_TEST(who_has_nothing_but_an_invitation_goes_on_with_it)
{
    static struct moot_past past;

    past = (struct moot_past){.name = "lobby", .group = cast_group()};
    past.back.secret_count = 1;
    stage_end(&st);
    stage_begin_knowing(&st, 0, &past, 1);
    expect_uint(st.n->ring.count, 1);
    expect(moot_ring_newest(&st.n->ring)->guessed);
}
END_TEST

/* --- proofs --- */

START_TEST(who_proves_the_secret_comes_in)
{
    open_link(&st, 2, 'B', 0);
    say_hello(&st, 2);
    say_welcome(&st, 2);
    expect_done_of(&st, "up joined", "up 2\njoined b, 2 here\n");
}
END_TEST

static void expect_refused_alike(moot_link link)
{
    hand_in(&st, link);
    expect_done(&st, "send 2 REFUSE group\nclose 2: it refused us: wrong group "
                     "or secret\n");
    expect_int(st.refuse.why, MOOT_REFUSE_GROUP);
    expect(moot_hash_zero(&st.refuse.group));
    close_link(&st, link, MOOT_EPROOF);
    forget_done(&st);
}

/* Whatever is wrong, what is heard is the same. */
START_TEST(who_does_not_is_told_the_same_whatever_is_wrong)
{
    struct moot_hash group = cast_group();
    const struct actor *a;

    open_link(&st, 2, 'B', 0);
    draft_hello(&st, 2)->proof = hash_of(1);
    expect_refused_alike(2);

    a = open_link(&st, 2, 'B', 0);
    draft_hello(&st, 2)->proof = moot_proof(
        &group, NULL, MOOT_DIALLER, &a->exporter, cast_id('B'), cast_id('M'));
    expect_refused_alike(2);

    open_link(&st, 2, 'B', 0);
    draft_hello(&st, 2)->group_tag = hash_of(2);
    expect_refused_alike(2);

    /* It knows the name, and an open group would say more. */
    open_link(&st, 2, 'B', 0);
    draft_hello(&st, 2)->group_tag = hash_of(2);
    st.message.hello.name_tag =
        moot_name_tag(moot_bytes_text("lobby"), &actor_of(&st, 2)->exporter);
    expect_refused_alike(2);

    st.proves = &other;
    open_link(&st, 2, 'B', 0);
    draft_hello(&st, 2);
    expect_refused_alike(2);
}
END_TEST

START_TEST(a_recorded_hello_is_worth_nothing_on_another_connection)
{
    struct moot_hello recorded;

    open_link(&st, 2, 'B', 0);
    recorded = *draft_hello(&st, 2);
    hand_in(&st, 2);
    expect_done_of(&st, "send", "send 2 HELLO\nsend 2 WELCOME\n");
    close_link(&st, 2, MOOT_ERESET);
    forget_done(&st);
    open_link(&st, 2, 'B', 0)->exporter.b[0] ^= 1;
    draft_hello(&st, 2);
    st.message.hello = recorded;
    st.n->links[0]->exporter.b[0] ^= 1; /* as that of another connection */
    expect_refused_alike(2);
}
END_TEST

START_TEST(what_we_say_first_tells_no_name)
{
    const struct actor *a = open_link(&st, 2, 'B', 77);
    struct moot_hash name =
        moot_name_tag(moot_bytes_text("lobby"), &a->exporter);

    expect(!moot_hash_eq(&st.hello.name_tag, &name));
    expect_uint(st.hello.older_count, MOOT_HELLO_OLDER_MAX);
}
END_TEST

START_TEST(one_whom_we_dial_has_to_prove_it_too)
{
    struct moot_hash group = cast_group();
    const struct actor *a = open_link(&st, 2, 'B', 77);

    draft_hello(&st, 2)->proof =
        moot_proof(&group, &other, MOOT_ACCEPTOR, &a->exporter, cast_id('M'),
                   cast_id('B'));
    forget_done(&st);
    hand_in(&st, 2);
    expect_done(&st, "cut 2: it refused us: wrong group or secret\n");
}
END_TEST

START_TEST(it_is_led_nowhere)
{
    struct moot_move *m;

    open_link(&st, 2, 'B', 77);
    forget_done(&st);
    stage_draft(&st, MOOT_MSG_REFUSE)->refuse =
        (struct moot_refuse){.why = MOOT_REFUSE_OTHER,
                             .major = MOOT_PROTOCOL_MAJOR,
                             .group = hash_of(1),
                             .weight = MOOT_GROWN};
    hand_in(&st, 2);
    expect_done(&st, "cut 2: it is in another group\n");
    link_in(&st, 3, 'C');
    m = &stage_draft(&st, MOOT_MSG_MOVE)->move;
    m->group = hash_of(1);
    m->weight = MOOT_GROWN;
    hand_in(&st, 3);
    expect_done(&st, "");
    expect(moot_node_closed(st.n));
}
END_TEST

/* --- older secrets --- */

static void expect_in(moot_link link, char who, bool in)
{
    open_link(&st, link, who, 0);
    forget_done(&st);
    say_hello(&st, link);
    expect_int(st.n->links[0]->state, in ? LINK_WELCOME : LINK_ENDING);
    close_link(&st, link, MOOT_ERESET);
    forget_done(&st);
}

START_TEST(an_older_secret_lets_in_whom_the_newest_was_given_to)
{
    struct moot_ring *r = &st.n->ring;
    struct moot_short_id b = moot_id_short(cast_id('B'));
    struct moot_short_id d = moot_id_short(cast_id('D'));

    moot_ring_learn(r, 2, &other);
    moot_ring_name(r, &r->hash, &b, false);
    moot_ring_name(r, &r->hash, &d, true);
    expect_in(2, 'B', true);
    expect_in(3, 'C', false);
    expect_in(4, 'D', false);
    st.proves = &other;
    expect_in(5, 'C', true);
    expect_in(6, 'D', true); /* he was invited back */
}
END_TEST

/* Those whom a newer one names are in by all that we know, and may bring us one
 * that is for us again; what the one before it says of others is over. */
START_TEST(who_is_left_out_lets_in_whom_that_change_names)
{
    static const struct moot_hash unknown = {{9, 9}};
    struct moot_ring *r = &st.n->ring;
    struct moot_short_id m = moot_id_short(cast_id('M'));
    struct moot_short_id b = moot_id_short(cast_id('B'));
    struct moot_short_id c = moot_id_short(cast_id('C'));

    moot_ring_learn(r, 2, &other);
    moot_ring_name(r, &r->hash, &c, false);
    moot_ring_heard(r, 3, &unknown);
    moot_ring_name(r, &unknown, &m, true);
    moot_ring_name(r, &unknown, &b, false);
    expect_in(2, 'B', true);
    expect_in(3, 'C', false);
}
END_TEST

/* Whoever made the invitation may have made its secret up, and is told all that
 * those say whom we let in. */
START_TEST(while_nobody_names_an_invitation_it_alone_lets_in)
{
    struct moot_ring *r = &st.n->ring;
    struct moot_short_id b = moot_id_short(cast_id('B'));
    struct moot_hash hash = moot_secret_hash(&other);

    moot_ring_name(r, &r->hash, &b, false);
    moot_ring_invited(r, &other);
    expect_in(2, 'B', false);
    st.proves = &other;
    expect_in(3, 'C', true);
    moot_ring_learn(r, 2, &st.secret);
    moot_ring_told(r, 1, &hash);
    expect_in(4, 'B', true);
    expect_in(5, 'C', false);
}
END_TEST

START_TEST(we_prove_what_the_dialler_has_proven)
{
    struct moot_ring *r = &st.n->ring;
    struct moot_short_id b = moot_id_short(cast_id('B'));
    struct moot_hash group = cast_group(), want;
    const struct actor *a;

    moot_ring_learn(r, 2, &other);
    moot_ring_name(r, &r->hash, &b, false);
    a = open_link(&st, 2, 'B', 0);
    say_hello(&st, 2);
    want = moot_proof(&group, &st.secret, MOOT_ACCEPTOR, &a->exporter,
                      cast_id('B'), cast_id('M'));
    expect_hash(&st.hello.proof, &want);
}
END_TEST

/* --- sealed answers --- */

static struct moot_buf json;
static char signature[MOOT_HEX_LEN + 1 + 128 + 1];

static void ask(const char *marks)
{
    struct moot_addr here = cast_addr('M'), there = cast_addr('B');

    moot_buf_clear(&json);
    moot_node_answer(st.n, "00ff", marks, &here, &there, &json, signature);
}

static unsigned members_for(const struct moot_ring *r, const char **ret_name)
{
    static struct moot_answer a;
    struct moot_buf text = {0};
    unsigned count;
    size_t at;

    expect_ok(moot_sealed_open(moot_buf_view(&json), r, &text, &at, NULL));
    moot_answer_fini(&a); /* of the call before */
    expect_ok(moot_answer_decode(
        moot_bytes_of(moot_buf_view(&text).data + at, text.len - at), &a));
    count = a.member_count;
    *ret_name = count > 0 ? a.members[0].name : "";
    moot_buf_fini(&text);
    return count;
}

START_TEST(its_answer_is_sealed_and_says_nothing_outside)
{
    const char *name;

    ask(NULL);
    expect_text(signature, "");
    expect(moot_sealed_is(moot_buf_view(&json)));
    expect(strstr(moot_buf_text(&json), "lobby") == NULL);
    expect_uint(members_for(&st.n->ring, &name), 1);
    expect_text(name, "m");
    moot_buf_fini(&json);
}
END_TEST

/* But for what is another for each asker. */
START_TEST(it_is_kept_until_somebody_comes)
{
    const char *name;
    uint64_t print;

    ask(NULL);
    print = st.n->answered[0].print;
    ask(NULL);
    expect_uint(members_for(&st.n->ring, &name), 1);
    expect(st.n->answered[0].head.len > 0);
    expect(st.n->answered[0].print == print);
    link_in(&st, 2, 'B');
    ask(NULL);
    expect_uint(members_for(&st.n->ring, &name), 2);
    expect(st.n->answered[0].print != print);
    moot_buf_fini(&json);
}
END_TEST

START_TEST(however_many_there_are_its_length_is_the_same)
{
    size_t len;

    ask(NULL);
    len = json.len;
    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    ask(NULL);
    expect_uint(json.len, len);
    moot_buf_fini(&json);
}
END_TEST

START_TEST(under_an_older_secret_it_lists_nobody_else)
{
    struct moot_ring old = st.n->ring;
    uint8_t pad[8 * MOOT_MARKS_MAX] = {0};
    char marks[MOOT_MARKS_TEXT_LEN + 1];
    struct moot_answer a;
    struct moot_buf text = {0};
    size_t at;

    link_in(&st, 2, 'B');
    moot_ring_learn(&st.n->ring, 2, &other);
    moot_marks_make(&old, "00ff", pad, marks);
    ask(marks);
    expect_ok(moot_sealed_open(moot_buf_view(&json), &old, &text, &at, NULL));
    expect_ok(moot_answer_decode(
        moot_bytes_of(moot_buf_view(&text).data + at, text.len - at), &a));
    expect_uint(a.member_count, 1);
    expect_id(&a.members[0].id, cast_id('M'));
    expect_uint(strlen(a.members[0].name), 4);
    moot_answer_fini(&a);
    ask(NULL);
    moot_buf_clear(&text);
    expect_error(moot_sealed_open(moot_buf_view(&json), &old, &text, &at, NULL),
                 MOOT_ESECRET);
    moot_buf_fini(&text);
    moot_buf_fini(&json);
}
END_TEST

/* --- joining --- */

START_TEST(with_an_invitation_the_first_answer_says_which_group_it_is)
{
    struct moot_hash group = hash_of(0x77);

    stage_end(&st);
    stage_begin_closed(&st, &other);
    cast_end();
    cast_begin(&group);
    stage_event(&st, MOOT_EV_START, 0);
    expect_uint(strlen(st.last_ask.ask.marks), MOOT_MARKS_TEXT_LEN);
    stage_answer(&st, "B", MOOT_TENTATIVE);
    expect_hash(moot_node_group(st.n), &group);
    group = hash_of(0x76);
    cast_end();
    cast_begin(&group);
    stage_run_ms(&st, 2000);
    stage_answer(&st, "B", MOOT_GROWN);
    group = hash_of(0x77);
    expect_hash(moot_node_group(st.n), &group);
}
END_TEST

START_TEST(a_wrong_secret_ends_it_at_once)
{
    static struct moot_secret wrong;

    stage_end(&st);
    stage_begin_closed(&st, &other);
    st.seals = &wrong;
    stage_event(&st, MOOT_EV_START, 0);
    stage_answer(&st, "B", MOOT_GROWN);
    expect_done_of(&st, "exit",
                   "exit 6: not let in: h0:8080 (the secret does not fit: ask "
                   "a member for a new invitation)\n");
}
END_TEST

START_TEST(without_a_secret_it_ends_at_once)
{
    stage_end(&st);
    stage_begin_asking(&st, 1);
    st.seals = &other;
    stage_event(&st, MOOT_EV_START, 0);
    stage_answer(&st, "B", MOOT_GROWN);
    expect_done_of(&st, "exit",
                   "exit 6: not let in: h0:8080 (this group is closed: an "
                   "invitation is needed)\n");
}
END_TEST

/* Whoever answers in place of the real one must not lead us into the open. */
START_TEST(an_answer_in_the_open_is_not_believed_by_who_has_a_secret)
{
    stage_end(&st);
    stage_begin_closed(&st, &other);
    st.seals = NULL;
    stage_event(&st, MOOT_EV_START, 0);
    stage_answer(&st, "B", MOOT_GROWN);
    expect_done_of(&st, "exit",
                   "exit 6: not let in: h0:8080 (it is in an open group, and "
                   "yours is closed)\n");
}
END_TEST

START_TEST(a_group_known_as_closed_is_not_believed_to_be_open)
{
    static struct moot_past past;

    past = (struct moot_past){.name = "den", .grown = true};
    past.group = hash_of(0x33);
    past.back.secret_count = 1;
    stage_end(&st);
    stage_begin_knowing(&st, 1, &past, 1);
    cast_end();
    cast_begin(&past.group);
    stage_event(&st, MOOT_EV_START, 0);
    stage_answer(&st, "B", MOOT_GROWN);
    expect(!moot_hash_eq(moot_node_group(st.n), &past.group));
}
END_TEST

/* M was in the group when the secret was changed without B; where B is the user
 * has it ask all the same. */
static void ask_one_left_out(const struct moot_secret *seals)
{
    static struct moot_past past;

    past = (struct moot_past){.name = "lobby", .grown = true};
    past.group = hash_of(0x33);
    past.back.secrets[0].generation = 1;
    past.back.secrets[1].generation = 2;
    memcpy(past.back.secrets[0].b, st.secret.b, 32);
    memcpy(past.back.secrets[1].b, other.b, 32);
    past.back.secret_count = 2;
    past.back.named[0].id = moot_id_short(cast_id('B'));
    past.back.named[0].out = true;
    past.back.named_count = 1;
    stage_end(&st);
    stage_begin_knowing(&st, 1, &past, 1);
    cast_end();
    cast_begin(&past.group);
    st.seals = seals;
    stage_event(&st, MOOT_EV_START, 0);
    stage_answer(&st, "BC", MOOT_GROWN);
    stage_run_ms(&st, 500);
}

/* His roster is of the time before: were it good enough, we would speak to
 * those alone who are in it.  But who was there then may be there now. */
START_TEST(who_was_left_out_does_not_say_who_must_be_reached)
{
    struct moot_secret older = st.secret;

    ask_one_left_out(&older);
    expect_done_of(&st, "progress dial",
                   "dial B pinned\ndial C pinned\nprogress: asking h0:8080 "
                   "(the group has a new secret, which is not for it)\n");
}
END_TEST

/* He is refused by us, and is not taken for one who refuses us. */
START_TEST(who_finds_nobody_but_one_left_out_ends_and_says_so)
{
    struct moot_secret older = st.secret;

    ask_one_left_out(&older);
    open_link(&st, 2, 'B', st.last_dial.token);
    st.proves = &older;
    forget_done(&st);
    say_hello(&st, 2);
    expect_done(&st,
                "cut 2: the group has a new secret, which is not for it\n");
    close_link(&st, 2, MOOT_EOUTSIDE);
    stage_run_ms(&st, 10000);
    expect_done_of(&st, "exit",
                   "exit 4: nobody who is still in the group answered: h0:8080 "
                   "(the group has a new secret, which is not for it)\n");
}
END_TEST

START_TEST(who_has_the_newest_secret_all_the_same_does)
{
    ask_one_left_out(&other);
    expect_done_of(&st, "progress",
                   "progress: reached 0 of 2, waiting for b at 10.0.0.2:8081, "
                   "c at 10.0.0.3:8081\n");
}
END_TEST

START_TEST(who_is_refused_by_all_of_them_gives_up_at_once)
{
    stage_end(&st);
    stage_begin_closed(&st, &other);
    stage_event(&st, MOOT_EV_START, 0);
    stage_answer(&st, "B", MOOT_GROWN);
    stage_run_ms(&st, 1000);
    stage_follow(&st);
    open_link(&st, 2, 'B', st.last_dial.token);
    forget_done(&st);
    stage_draft(&st, MOOT_MSG_REFUSE)->refuse = (struct moot_refuse){
        .why = MOOT_REFUSE_GROUP, .major = MOOT_PROTOCOL_MAJOR};
    hand_in(&st, 2);
    close_link(&st, 2, MOOT_ECLOSED);
    expect_done_of(&st, "exit",
                   "exit 6: not let in by b at 10.0.0.2:8081 (the secret does "
                   "not fit: ask a member for a new invitation)\n");
}
END_TEST

Suite *suite_node_closed(void)
{
    Suite *s = suite_create("node/closed");
    TCase *t = tcase_create("closed");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_founder_makes_a_secret_and_has_it_remembered);
    tcase_add_test(t, a_closed_group_of_the_profile_is_gone_on_with);
    tcase_add_test(
        t, an_invitation_that_came_to_nothing_is_forgotten_in_the_next_run);
    tcase_add_test(t, who_has_nothing_but_an_invitation_goes_on_with_it);
    tcase_add_test(t, who_proves_the_secret_comes_in);
    tcase_add_test(t, who_does_not_is_told_the_same_whatever_is_wrong);
    tcase_add_test(t, a_recorded_hello_is_worth_nothing_on_another_connection);
    tcase_add_test(t, what_we_say_first_tells_no_name);
    tcase_add_test(t, one_whom_we_dial_has_to_prove_it_too);
    tcase_add_test(t, it_is_led_nowhere);
    tcase_add_test(t, an_older_secret_lets_in_whom_the_newest_was_given_to);
    tcase_add_test(t, who_is_left_out_lets_in_whom_that_change_names);
    tcase_add_test(t, while_nobody_names_an_invitation_it_alone_lets_in);
    tcase_add_test(t, we_prove_what_the_dialler_has_proven);
    tcase_add_test(t, its_answer_is_sealed_and_says_nothing_outside);
    tcase_add_test(t, it_is_kept_until_somebody_comes);
    tcase_add_test(t, however_many_there_are_its_length_is_the_same);
    tcase_add_test(t, under_an_older_secret_it_lists_nobody_else);
    tcase_add_test(t,
                   with_an_invitation_the_first_answer_says_which_group_it_is);
    tcase_add_test(t, a_wrong_secret_ends_it_at_once);
    tcase_add_test(t, without_a_secret_it_ends_at_once);
    tcase_add_test(t,
                   an_answer_in_the_open_is_not_believed_by_who_has_a_secret);
    tcase_add_test(t, a_group_known_as_closed_is_not_believed_to_be_open);
    tcase_add_test(t, who_was_left_out_does_not_say_who_must_be_reached);
    tcase_add_test(t, who_finds_nobody_but_one_left_out_ends_and_says_so);
    tcase_add_test(t, who_has_the_newest_secret_all_the_same_does);
    tcase_add_test(t, who_is_refused_by_all_of_them_gives_up_at_once);
    suite_add_tcase(s, t);
    return s;
}
