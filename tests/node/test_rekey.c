/*
 * tests/node/test_rekey.c - a new secret: for whom it is, who is let in with an
 * old one, and who is passed on what he missed.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdlib.h>
#include <string.h>

#include "node_words.h"
#include "wire/fork.h"

Suite *suite_node_rekey(void);

static struct stage st;

static void setup(void)
{
    stage_begin_closed(&st, NULL);
}

static void teardown(void)
{
    stage_end(&st);
}

static void rekey(const char *without)
{
    struct moot_event ev = {.kind = MOOT_EV_REKEY,
                            .without = moot_bytes_text(without)};

    stage_step(&st, &ev);
}

/* The change in the newest entry that M stored. */
static struct moot_rekey told(void)
{
    struct moot_body body;
    struct moot_rekey k;

    expect(moot_entry_body(st.stored, &body));
    expect_int(body.lines[0].kind, MOOT_LINE_REKEY);
    expect(moot_rekey_decode(body.lines[0].text, &k));
    return k;
}

static bool is_for(const struct moot_rekey *k, char who)
{
    struct moot_short_id id = moot_id_short(cast_id(who));
    struct moot_secret s;

    for (unsigned i = 0; i < k->box_count; i++)
        if (memcmp(k->boxes[i].to.b, id.b, sizeof id.b) == 0)
            return moot_unbox(cast_key(who), k->boxes[i].box, &s);
    return false;
}

static struct moot_secret secret_of(uint8_t fill)
{
    struct moot_secret s;

    memset(s.b, fill, sizeof s.b);
    return s;
}

/* A line by who: a change to that secret for these, and without those. */
static struct moot_entry *change_by(char who, uint64_t generation, uint8_t fill,
                                    const char *for_whom, const char *without)
{
    struct moot_secret s = secret_of(fill);
    struct moot_rekey k = {.generation = generation,
                           .hash = moot_secret_hash(&s)};
    struct moot_buf text = {0};
    struct moot_line line = {.kind = MOOT_LINE_REKEY};
    uint8_t seed[32] = {fill};
    struct moot_draft d;
    struct moot_entry *e;

    for (; *without; without++)
        k.outs[k.out_count++] = moot_id_short(cast_id(*without));
    for (; *for_whom; for_whom++) {
        struct moot_rekey_box *b = &k.boxes[k.box_count++];

        b->to = moot_id_short(cast_id(*for_whom));
        expect(moot_box(&s, cast_id(*for_whom), seed, b->box));
    }
    moot_rekey_encode(&k, &text);
    line.text = moot_buf_view(&text);
    d = cast_draft(who, "");
    d.lines = &line;
    e = cast_drafts(who, &d);
    moot_buf_fini(&text);
    return e;
}

static void hear_change(moot_link link, char who, uint64_t generation,
                        uint8_t fill, const char *for_whom, const char *without)
{
    struct moot_entry *e = change_by(who, generation, fill, for_whom, without);

    hand_in_entry(&st, link, e, false);
}

static bool newest_is(uint8_t fill)
{
    struct moot_secret s = secret_of(fill);
    struct moot_hash h = moot_secret_hash(&s);

    return moot_hash_eq(&moot_ring_newest(&st.n->ring)->hash, &h);
}

/* --- making one --- */

START_TEST(it_is_sealed_for_all_who_are_here_and_the_lost)
{
    struct moot_rekey k;

    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    close_link(&st, 3, MOOT_ERESET);
    rekey("");
    k = told();
    expect_uint(k.generation, 2);
    expect_uint(k.box_count, 3);
    expect(is_for(&k, 'M'));
    expect(is_for(&k, 'B'));
    expect(is_for(&k, 'C'));
    expect(moot_hash_eq(&k.hash, &moot_ring_newest(&st.n->ring)->hash));
    expect_uint(st.remember.back.secret_count, 2);
    expect_uint(st.remember.back.named_count, 3);
}
END_TEST

/* Who died between the two had a secret that nobody was ever told of. */
START_TEST(it_is_told_before_it_is_remembered)
{
    struct moot_rekey k;

    link_in(&st, 2, 'B');
    rekey("");
    rekey(""); /* while the entry of the first is on its way to the store */
    k = told();
    expect_uint(k.generation, 3);
    expect(moot_hash_eq(&k.hash, &moot_ring_newest(&st.n->ring)->hash));
    expect_uint(st.remember.back.secret_count, 3);
}
END_TEST

START_TEST(it_is_not_for_who_has_left)
{
    struct moot_rekey k;

    link_in(&st, 2, 'B');
    stage_draft(&st, MOOT_MSG_BYE)->bye.kind = MOOT_BYE_QUIT;
    hand_in(&st, 2);
    close_link(&st, 2, MOOT_ECLOSED);
    rekey("");
    k = told();
    expect(!is_for(&k, 'B'));
    expect_uint(k.box_count, 1);
}
END_TEST

START_TEST(who_is_left_out_is_named_and_sent_away)
{
    struct moot_rekey k;

    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    rekey("b");
    k = told();
    expect_uint(k.out_count, 1);
    expect(!is_for(&k, 'B'));
    expect(is_for(&k, 'C'));
    expect_done_of(&st, "close",
                   "close 2: the group has a new secret, which is not for "
                   "it\n");
    close_link(&st, 2, MOOT_ECLOSED);
    stage_store_all(&st);
    forget_done(&st);
    rekey("");
    k = told();
    expect_uint(k.generation, 3);
    expect(!is_for(&k, 'B'));
    expect(is_for(&k, 'C'));
}
END_TEST

START_TEST(who_is_left_out_once_is_left_out_of_all_later_changes)
{
    struct moot_rekey k;

    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    rekey("b");
    close_link(&st, 2, MOOT_ECLOSED);
    for (unsigned i = 3; i <= 5; i++) {
        stage_store_all(&st);
        rekey("");
        k = told();
        expect_uint(k.generation, i);
        expect_uint(k.out_count, 1);
        expect_turn(!is_for(&k, 'B') && is_for(&k, 'C'), "change %u", i);
        expect_int(moot_ring_place(&st.n->ring, cast_id('B')), MOOT_RING_OUT);
    }
}
END_TEST

/* Others left them out, more than a line has room for. */
START_TEST(all_who_were_left_out_are_named_however_many)
{
    struct moot_ring *r = &st.n->ring;
    struct moot_short_id nobody = {{0}};
    struct moot_body body;
    struct moot_rekey k;

    for (unsigned i = 0; i < MOOT_REKEY_OUTS_MAX + 3; i++) {
        nobody.b[0] = (uint8_t)(i + 1);
        expect(moot_ring_name(r, &moot_ring_newest(r)->hash, &nobody, true));
    }
    rekey("");
    expect(moot_entry_body(st.stored, &body));
    expect_uint(body.line_count, 2);
    expect(moot_rekey_decode(body.lines[0].text, &k));
    expect_uint(k.out_count, MOOT_REKEY_OUTS_MAX);
    expect(moot_rekey_decode(body.lines[1].text, &k));
    expect(k.more);
    expect_uint(k.out_count, 3);
    expect_uint(st.n->ring.name_count, MOOT_REKEY_OUTS_MAX + 3 + 1);
}
END_TEST

START_TEST(what_cannot_be_is_said_and_nothing_changes)
{
    rekey("nobody");
    expect_done(&st, "error: nobody here has that name; see /who.  Nothing was "
                     "changed\n");
    rekey("m");
    expect_done(&st, "error: that is you: nothing was changed\n");
    expect_uint(st.n->ring.count, 1);
    stage_end(&st);
    stage_begin(&st);
    rekey("");
    expect_done(&st, "error: this group is open: it has no secret (a closed "
                     "one is founded with --private)\n");
}
END_TEST

/* --- after a start --- */

/* As M's profile knows the group: B and C were met there, and D is out. */
static void start_again(void)
{
    static struct moot_past past;
    struct moot_back *b = &past.back;

    past = (struct moot_past){.name = "lobby", .grown = true};
    past.group = st.n->group_id;
    b->secrets[0].generation = 1;
    memcpy(b->secrets[0].b, st.secret.b, 32);
    b->secret_count = 1;
    for (unsigned i = 0; i < 3; i++)
        b->seeds[i] =
            (struct moot_kept_addr){cast_addr("BCD"[i]), *cast_id("BCD"[i])};
    b->seed_count = 3;
    b->named[0].id = moot_id_short(cast_id('B'));
    b->named[1] = (struct moot_ring_name){moot_id_short(cast_id('D')), true};
    b->named_count = 2;
    stage_end(&st);
    stage_begin_knowing(&st, 0, &past, 1);
    stage_event(&st, MOOT_EV_START, 0);
    stage_run_ms(&st, 5000);
    expect(moot_node_joined(st.n));
    stage_follow(&st);
    st.secret = moot_ring_newest(&st.n->ring)->secret;
    st.proves = &st.secret;
    forget_done(&st);
}

START_TEST(who_has_met_nobody_yet_changes_nothing)
{
    start_again();
    rekey("");
    expect_done(&st, "error: nobody else of the group has been met since the "
                     "start: a new secret would be for you alone.  Nothing was "
                     "changed; say it again when somebody is here\n");
    expect_uint(st.n->ring.count, 1);
}
END_TEST

START_TEST(who_has_met_some_is_told_whom_it_is_not_for)
{
    struct moot_rekey k;

    start_again();
    link_in(&st, 2, 'B');
    rekey("");
    k = told();
    expect_uint(k.box_count, 2);
    expect(is_for(&k, 'B'));
    expect_done_of(&st, "notice",
                   "notice: the group has a new secret: from now on only those "
                   "it was sealed for come in and hear what is said, and "
                   "invitations made before are void.  What was said before "
                   "stays readable to everybody who has it\n"
                   "notice: 1 known from before was not met since the start: "
                   "the new secret is not for him; who is not here needs an "
                   "invitation\n");
}
END_TEST

/* He was met, and is to go, whoever else is away. */
START_TEST(the_only_one_who_was_met_can_be_left_out)
{
    struct moot_rekey k;

    start_again();
    link_in(&st, 2, 'B');
    rekey("b");
    k = told();
    expect_uint(k.box_count, 1);
    expect_uint(k.out_count, 2);
    expect_done_of(&st, "error", "");
}
END_TEST

/* Whoever of them said so since the start has no part in it. */
START_TEST(when_all_others_have_left_it_is_for_one_alone)
{
    start_again();
    for (moot_link link = 2; link <= 3; link++) {
        link_in(&st, link, link == 2 ? 'B' : 'C');
        stage_draft(&st, MOOT_MSG_BYE)->bye.kind = MOOT_BYE_QUIT;
        hand_in(&st, link);
        close_link(&st, link, MOOT_ECLOSED);
    }
    rekey("");
    expect_uint(told().box_count, 1);
}
END_TEST

/* --- hearing of one --- */

START_TEST(who_is_named_has_the_new_secret)
{
    link_in(&st, 2, 'B');
    hear_change(2, 'B', 2, 9, "BM", "");
    expect(newest_is(9));
    expect_uint(st.n->ring.count, 2);
    expect_uint(st.remember.back.secret_count, 2);
}
END_TEST

START_TEST(who_is_not_named_keeps_the_old_one)
{
    link_in(&st, 2, 'B');
    hear_change(2, 'B', 2, 9, "B", "");
    expect(!newest_is(9));
    expect_uint(st.n->ring.count, 1);
}
END_TEST

/* Its hash names another secret than the one in the box. */
START_TEST(a_box_that_holds_something_else_is_not_believed)
{
    struct moot_secret s = secret_of(9), other = secret_of(8);
    struct moot_rekey k = {.generation = 2, .hash = moot_secret_hash(&other)};
    struct moot_buf text = {0};
    struct moot_line line = {.kind = MOOT_LINE_REKEY};
    uint8_t seed[32] = {1};
    struct moot_draft d;
    struct moot_entry *e;

    link_in(&st, 2, 'B');
    k.box_count = 1;
    k.boxes[0].to = moot_id_short(cast_id('M'));
    moot_box(&s, cast_id('M'), seed, k.boxes[0].box);
    moot_rekey_encode(&k, &text);
    line.text = moot_buf_view(&text);
    d = cast_draft('B', "");
    d.lines = &line;
    e = cast_drafts('B', &d);
    hand_in_entry(&st, 2, e, false);
    moot_buf_fini(&text);
    expect_uint(st.n->ring.count, 1);
}
END_TEST

START_TEST(of_two_at_once_all_choose_the_same)
{
    struct moot_secret a = secret_of(8), b = secret_of(9);
    struct moot_hash ha = moot_secret_hash(&a), hb = moot_secret_hash(&b);
    uint8_t winner = moot_hash_cmp(&ha, &hb) > 0 ? 8 : 9;

    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    hear_change(2, 'B', 2, 8, "BCM", "");
    hear_change(3, 'C', 2, 9, "BCM", "");
    expect(newest_is(winner));
    expect_uint(st.n->ring.count, 3);
}
END_TEST

/* The other change is of the same moment, and of a greater hash or a higher
 * generation. */
START_TEST(who_is_not_left_out_after_all_is_named)
{
    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    link_in(&st, 4, 'D');
    rekey("c");
    forget_done(&st);
    hear_change(2, 'B', 3, 9, "BCDM", "");
    expect_done_of(&st, "notice",
                   "notice: somebody changed the secret at the same time, and "
                   "that change holds: c is still in; say /rekey without c "
                   "again\n");
    forget_done(&st);
    hear_change(4, 'D', 4, 8, "BCDM", "");
    expect_done_of(&st, "notice", ""); /* once */
}
END_TEST

START_TEST(nobody_is_told_of_one_who_stays_left_out)
{
    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    rekey("c");
    forget_done(&st);
    hear_change(2, 'B', 3, 9, "BM", "C");
    expect_done_of(&st, "notice", "");
}
END_TEST

START_TEST(it_is_passed_on_to_one_on_a_link_whom_it_does_not_name)
{
    struct moot_rekey k;

    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    hear_change(2, 'B', 2, 9, "BM", "");
    k = told();
    expect(k.more);
    expect_uint(k.generation, 2);
    expect_uint(k.box_count, 1);
    expect(is_for(&k, 'C'));
    expect_done_of(&st, "close cut", "");
}
END_TEST

/* Whoever made the invitation may have made its secret up, and his name too. */
static void come_in_by_invitation(uint64_t generation)
{
    struct moot_secret made = secret_of(7);

    moot_ring_learn(&st.n->ring, 3, &st.secret);
    moot_ring_invited(&st.n->ring, &made);
    st.proves = &made;
    open_link(&st, 2, 'C', 0);
    say_hello(&st, 2);
    draft_welcome(&st, 2)->generation = generation;
    forget_done(&st);
    hand_in(&st, 2);
    stage_run_ms(&st, 100);
    st.proves = &st.secret;
}

START_TEST(it_is_not_passed_on_to_one_who_came_by_an_older_invitation)
{
    come_in_by_invitation(1);
    expect(st.stored == NULL);
    expect_done_of(&st, "close",
                   "close 2: the group has a new secret, which is not for "
                   "it\n");
}
END_TEST

/* It turned out to be the newest then, and he is like others. */
START_TEST(it_is_passed_on_to_one_who_came_by_a_newer_invitation)
{
    struct moot_rekey k;

    come_in_by_invitation(4);
    expect(newest_is(7));
    hear_change(2, 'C', 5, 9, "M", "");
    k = told();
    expect(is_for(&k, 'C'));
}
END_TEST

/* A member fills the list with names of nobody: then it is never seen there
 * that somebody was passed it on. */
START_TEST(it_is_passed_on_once_though_the_names_are_full)
{
    struct moot_ring *r;
    struct moot_short_id nobody = {{0}};
    const struct moot_entry *first;

    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    hear_change(2, 'B', 2, 9, "BMC", "");
    r = &st.n->ring;
    r->name_count = 0;
    for (unsigned i = 0; i < MOOT_RING_NAMES_MAX; i++) {
        nobody.b[0] = (uint8_t)i;
        nobody.b[1] = (uint8_t)(i >> 8);
        moot_ring_name(r, &r->hash, &nobody, false);
    }
    st.n->ring_stirred = true;
    stage_say(&st, "hi");
    stage_store_all(&st);
    first = st.stored;
    expect_uint(told().box_count, 2);
    for (unsigned i = 0; i < 3; i++) {
        stage_store_all(&st);
        stage_run_ms(&st, 1000);
    }
    expect(st.stored == first);
}
END_TEST

static void lose_own(uint64_t seq)
{
    struct moot_event ev = {.kind = MOOT_EV_DAMAGED};

    ev.damaged.group = st.n->group_id;
    ev.damaged.in = st.stored->in;
    ev.damaged.seq = seq;
    stage_step(&st, &ev);
    for (unsigned i = 0; i < 4; i++) {
        struct moot_lack *lack = &stage_draft(&st, MOOT_MSG_LACK)->lack;

        lack->at.in = ev.damaged.in;
        lack->at.from = lack->at.to = seq;
        hand_in(&st, 2);
    }
}

/* Nobody takes in what is behind a hole that nobody can fill, nor the change
 * that was said there. */
START_TEST(in_another_run_it_is_told_again)
{
    uint64_t run;
    struct moot_rekey k;

    link_in(&st, 2, 'B');
    stage_say(&st, "one");
    stage_store_all(&st);
    stage_say(&st, "two");
    stage_store_all(&st);
    rekey("");
    stage_store_all(&st);
    run = st.stored->in.run;
    lose_own(2);
    stage_run_ms(&st, 100);
    expect(st.stored->in.run != run);
    k = told();
    expect(is_for(&k, 'B'));
    expect(moot_hash_eq(&k.hash, &moot_ring_newest(&st.n->ring)->hash));
}
END_TEST

static void hand_in_fork(const struct moot_entry *a, const struct moot_entry *b)
{
    struct moot_fork f = {0};
    struct moot_buf proof = {0};

    expect(moot_fork_make(a, b, &f));
    moot_fork_encode(&f, &proof);
    stage_draft(&st, MOOT_MSG_FORK)->fork.raw = moot_buf_view(&proof);
    hand_in(&st, 2);
    moot_buf_fini(&proof);
    moot_fork_fini(&f);
}

static struct moot_entry *first_of(char who)
{
    struct moot_draft d = cast_draft(who, "something else");

    return cast_drafts(who, &d);
}

START_TEST(who_comes_after_that_is_told_as_well)
{
    struct moot_rekey k;

    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    close_link(&st, 3, MOOT_ERESET);
    stage_say(&st, "one");
    stage_store_all(&st);
    stage_say(&st, "two");
    stage_store_all(&st);
    rekey("");
    stage_store_all(&st);
    lose_own(2);
    stage_run_ms(&st, 100);
    stage_store_all(&st);
    link_in(&st, 4, 'C');
    stage_run_ms(&st, 100);
    k = told();
    expect_uint(k.box_count, 1);
    expect(is_for(&k, 'C'));
}
END_TEST

/* Whoever has not got the line in which he was told never gets it then. */
START_TEST(when_a_run_ends_in_which_it_may_have_been_told_it_is_told_again)
{
    struct moot_entry *other = first_of('D');
    const struct moot_entry *last;
    struct moot_rekey k;

    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    hear_change(2, 'D', 2, 9, "BCM", "");
    expect_int(st.stored->in.author.b[0], cast_id('D')->b[0]);
    hand_in_fork(st.stored, other);
    k = told();
    expect_int(st.stored->in.author.b[0], cast_id('M')->b[0]);
    expect_uint(k.box_count, 2);
    expect(is_for(&k, 'C'));
    stage_store_all(&st);
    last = st.stored;
    other = first_of('E'); /* but once */
    hand_in_fork(cast_writes('E', "one"), other);
    stage_store_all(&st);
    expect(st.stored == last);
}
END_TEST

START_TEST(it_is_not_passed_on_to_one_who_is_left_out)
{
    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    hear_change(2, 'B', 2, 9, "BM", "C");
    expect_done_of(&st, "close",
                   "close 3: the group has a new secret, which is not for "
                   "it\n");
    expect_int(st.stored->in.author.b[0], cast_id('B')->b[0]);
}
END_TEST

static void fill_disk(void)
{
    struct moot_event ev = {.kind = MOOT_EV_STORE_FAILED};

    ev.store_failed.why = "the disk is full";
    stage_step(&st, &ev);
}

/* Else he would go on hearing what is said; passing it on is saying it. */
START_TEST(who_is_left_out_is_sent_away_while_nothing_can_be_stored)
{
    struct moot_rekey k;

    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
    link_in(&st, 4, 'D');
    fill_disk();
    forget_done(&st);
    hear_change(2, 'B', 2, 9, "BM", "C");
    expect_done_of(&st, "close",
                   "close 3: the group has a new secret, which is not for "
                   "it\n");
    expect_int(st.stored->in.author.b[0], cast_id('B')->b[0]);
    stage_event(&st, MOOT_EV_STORE_BACK, 0);
    k = told();
    expect_uint(k.box_count, 1);
    expect(is_for(&k, 'D'));
}
END_TEST

/* His change may not be the one that holds, or a later one may be for us. */
START_TEST(who_sends_us_away_has_not_left)
{
    struct moot_rekey k;

    link_in(&st, 2, 'B');
    forget_done(&st);
    stage_draft(&st, MOOT_MSG_BYE)->bye.kind = MOOT_BYE_GROUP;
    hand_in(&st, 2);
    close_link(&st, 2, MOOT_ECLOSED);
    stage_run_ms(&st, 3000);
    expect_done_of(&st, "lost left dial",
                   "lost b (the secret does not fit: ask a member for a new "
                   "invitation), 1 here\n"
                   "dial B\n");
    rekey("");
    k = told();
    expect(is_for(&k, 'B'));
}
END_TEST

START_TEST(in_an_open_group_it_is_a_line_like_others)
{
    stage_end(&st);
    stage_begin(&st);
    link_in(&st, 2, 'B');
    hear_change(2, 'B', 2, 9, "BM", "");
    expect(!moot_node_closed(st.n));
}
END_TEST

/* What was heard of last may not have been remembered, but it was kept. */
START_TEST(a_change_in_the_history_is_known_after_a_restart)
{
    static struct moot_past past;
    static struct moot_entry *tail[1];

    tail[0] = moot_entry_ref(change_by('B', 2, 9, "BM", ""));
    past = (struct moot_past){.name = "lobby", .grown = true};
    past.group = st.n->group_id;
    past.back.secrets[0].generation = 1;
    memcpy(past.back.secrets[0].b, st.secret.b, 32);
    past.back.secret_count = 1;
    past.tail = tail;
    past.tail_count = 1;
    stage_end(&st);
    stage_begin_knowing(&st, 0, &past, 1);
    expect(newest_is(9));
    expect_int(moot_ring_place(&st.n->ring, cast_id('B')), MOOT_RING_IN);
    moot_entry_unref(tail[0]);
}
END_TEST

Suite *suite_node_rekey(void)
{
    Suite *s = suite_create("node/rekey");
    TCase *t = tcase_create("rekey");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, it_is_sealed_for_all_who_are_here_and_the_lost);
    tcase_add_test(t, it_is_told_before_it_is_remembered);
    tcase_add_test(t, it_is_not_for_who_has_left);
    tcase_add_test(t, who_is_left_out_is_named_and_sent_away);
    tcase_add_test(t, who_is_left_out_once_is_left_out_of_all_later_changes);
    tcase_add_test(t, all_who_were_left_out_are_named_however_many);
    tcase_add_test(t, what_cannot_be_is_said_and_nothing_changes);
    tcase_add_test(t, who_has_met_nobody_yet_changes_nothing);
    tcase_add_test(t, who_has_met_some_is_told_whom_it_is_not_for);
    tcase_add_test(t, the_only_one_who_was_met_can_be_left_out);
    tcase_add_test(t, when_all_others_have_left_it_is_for_one_alone);
    tcase_add_test(t, who_is_named_has_the_new_secret);
    tcase_add_test(t, who_is_not_named_keeps_the_old_one);
    tcase_add_test(t, a_box_that_holds_something_else_is_not_believed);
    tcase_add_test(t, of_two_at_once_all_choose_the_same);
    tcase_add_test(t, who_is_not_left_out_after_all_is_named);
    tcase_add_test(t, nobody_is_told_of_one_who_stays_left_out);
    tcase_add_test(t, it_is_passed_on_to_one_on_a_link_whom_it_does_not_name);
    tcase_add_test(t,
                   it_is_not_passed_on_to_one_who_came_by_an_older_invitation);
    tcase_add_test(t, it_is_passed_on_to_one_who_came_by_a_newer_invitation);
    tcase_add_test(t, it_is_passed_on_once_though_the_names_are_full);
    tcase_add_test(t, in_another_run_it_is_told_again);
    tcase_add_test(t, who_comes_after_that_is_told_as_well);
    tcase_add_test(
        t, when_a_run_ends_in_which_it_may_have_been_told_it_is_told_again);
    tcase_add_test(t, it_is_not_passed_on_to_one_who_is_left_out);
    tcase_add_test(t, who_is_left_out_is_sent_away_while_nothing_can_be_stored);
    tcase_add_test(t, who_sends_us_away_has_not_left);
    tcase_add_test(t, in_an_open_group_it_is_a_line_like_others);
    tcase_add_test(t, a_change_in_the_history_is_known_after_a_restart);
    suite_add_tcase(s, t);
    return s;
}
