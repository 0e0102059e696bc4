/*
 * tests/node/test_seen.c - /seen and /digest: who has what, by his own word.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "node_words.h"

Suite *suite_node_seen(void);

static struct stage st;

static void setup(void)
{
    stage_begin(&st);
    link_in(&st, 2, 'B');
    link_in(&st, 3, 'C');
}

static void setup_alone(void)
{
    stage_begin(&st);
}

static void teardown(void)
{
    stage_end(&st);
}

static void ack(moot_link link, uint64_t seq)
{
    stage_draft(&st, MOOT_MSG_ACK)->ack =
        (struct moot_ack){.run = st.n->self.run, .seq = seq};
    hand_in(&st, link);
}

/* "1+ 1/2 one (c)": seq, + durable, holders of live, text, who lacks it. */
static void expect_seen(unsigned max, const char *want)
{
    struct moot_seen_line lines[MOOT_SEEN_MAX];
    unsigned count = moot_node_seen(st.n, lines, max);
    struct moot_buf b = {0};

    for (unsigned i = 0; i < count; i++) {
        moot_buf_printf(&b, "%llu%s %u/%u %s", (unsigned long long)lines[i].seq,
                        lines[i].durable ? "+" : "-", lines[i].holders,
                        lines[i].live, lines[i].text);
        for (unsigned k = 0; k < lines[i].name_count; k++)
            moot_buf_printf(&b, " %s", lines[i].names[k]);
        moot_buf_append(&b, "\n", 1);
    }
    expect_text(moot_buf_text(&b), want);
    moot_buf_fini(&b);
}

/* --- /seen --- */

START_TEST(own_lines_tell_who_has_them)
{
    stage_say(&st, "one");
    expect_seen(32, "1- 0/2 one b c\n");
    stage_store_all(&st);
    expect_seen(32, "1+ 0/2 one b c\n");
    ack(2, 1);
    expect_seen(32, "1+ 1/2 one c\n");
    ack(3, 1);
    expect_seen(32, "1+ 2/2 one\n");
    stage_say(&st, "two");
    expect_seen(32, "1+ 2/2 one\n2- 0/2 two b c\n");
    expect_seen(1, "2- 0/2 two b c\n");
    expect_seen(0, "");
}
END_TEST

START_TEST(one_who_is_reached_through_others_is_not_known_to_have_it)
{
    struct moot_linked *l = &stage_draft(&st, MOOT_MSG_LINKED)->linked;
    struct moot_seen_line line;

    l->full = true;
    l->up[l->up_count++] = *cast_id('D');
    hand_in(&st, 2);
    stage_say(&st, "one");
    stage_store_all(&st);
    ack(2, 1);
    ack(3, 1);
    expect_uint(moot_node_seen(st.n, &line, 1), 1);
    expect_uint(line.holders, 2);
    expect_uint(line.live, 3);
    expect_uint(line.name_count, 1);
}
END_TEST

START_TEST(one_who_leaves_does_not_count_any_more)
{
    stage_say(&st, "one");
    stage_store_all(&st);
    stage_draft(&st, MOOT_MSG_BYE)->bye.kind = MOOT_BYE_QUIT;
    hand_in(&st, 2);
    close_link(&st, 2, MOOT_OK);
    expect_seen(32, "1+ 0/1 one c\n");
}
END_TEST

START_TEST(alone_there_is_nobody_to_have_it)
{
    expect_seen(32, "");
    stage_say(&st, "hello?");
    expect_seen(32, "1- 0/0 hello?\n");
}
END_TEST

/* MOOT_SEEN_NAMES_MAX. */
START_TEST(not_all_who_lack_it_are_named)
{
    struct moot_seen_line line;

    for (char who = 'B'; who < 'M'; who++)
        link_in(&st, (moot_link)(2 + who - 'B'), who);
    stage_say(&st, "one");
    expect_uint(moot_node_seen(st.n, &line, 1), 1);
    expect_uint(line.live, 11);
    expect_uint(line.name_count, MOOT_SEEN_NAMES_MAX);
}
END_TEST

/* --- /digest --- */

/* The answer of one who holds so many entries more than we; same: what we. */
static void pong(moot_link link, uint64_t nonce, bool same, int more)
{
    struct moot_ping *p = &stage_draft(&st, MOOT_MSG_PONG)->ping;

    moot_group_fill_ping(st.n->group, p);
    if (!same)
        p->log.b[0] ^= 1;
    p->entries = (uint64_t)((int64_t)p->entries + more);
    p->nonce = nonce;
    hand_in(&st, link);
}

static void expect_answer(const char *first, const char *rest)
{
    const char *at = strstr(moot_buf_text(&st.text), "answer: ");
    char want[256];

    expect(at != NULL);
    snprintf(want, sizeof want, "answer: you have %s with the digest ", first);
    expect(strncmp(at, want, strlen(want)) == 0);
    at = strchr(at, '\n') + 1;
    expect_text(at, rest);
    forget_done(&st);
}

START_TEST(all_links_are_asked_and_the_answer_is_shown)
{
    stage_say(&st, "one");
    stage_store_all(&st);
    forget_done(&st);
    stage_event(&st, MOOT_EV_COMPARE, 0);
    expect_done(&st, "send 2 PING sync\nsend 3 PING sync\n");
    pong(2, st.nonce - 1, true, 0);
    expect_done_of(&st, "answer", "");
    pong(3, st.nonce, true, 0);
    expect_answer("1 entry", "answer: all 2 linked members have the same\n");
    stage_run_ms(&st, 5000);
    expect_done_of(&st, "answer", "");
}
END_TEST

/* MOOT_COMPARE_MS; who talks just now differs for a moment. */
START_TEST(who_differs_is_asked_again_until_a_second_is_over)
{
    stage_event(&st, MOOT_EV_COMPARE, 0);
    forget_done(&st);
    pong(2, st.nonce - 1, false, 2);
    pong(3, st.nonce, false, 1);
    stage_run_ms(&st, MOOT_COMPARE_AGAIN_MS);
    expect_done_of(&st, "answer", "");
    pong(3, st.nonce, true, 0);
    stage_run_ms(&st, MOOT_COMPARE_MS - MOOT_COMPARE_AGAIN_MS - 1);
    expect_done_of(&st, "answer", "");
    stage_run_ms(&st, 1);
    expect_done_of(
        &st, "answer send",
        "answer: you have 0 entries with the digest "
        "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12f"
        "e3a8\n"
        "answer: 1 of 2 linked members have the same\n"
        "answer: b: 2 entries more\n");
}
END_TEST

START_TEST(the_differences_are_told)
{
    stage_say(&st, "one");
    stage_store_all(&st);
    stage_say(&st, "two");
    stage_store_all(&st);
    link_in(&st, 4, 'D');
    link_in(&st, 5, 'E');
    stage_event(&st, MOOT_EV_COMPARE, 0);
    pong(2, st.nonce - 3, false, -1);
    pong(3, st.nonce - 2, false, 0);
    pong(4, st.nonce - 1, false, -2);
    forget_done(&st);
    stage_run_ms(&st, MOOT_COMPARE_MS);
    expect_answer("2 entries",
                  "answer: 0 of 4 linked members have the same\n"
                  "answer: b: 1 entry fewer\n"
                  "answer: c: has as many entries, but other ones\n"
                  "answer: d: has something else\n"
                  "answer: e: has not answered yet\n");
}
END_TEST

START_TEST(one_answer_is_enough_for_who_asks_twice)
{
    stage_event(&st, MOOT_EV_COMPARE, 0);
    forget_done(&st);
    stage_event(&st, MOOT_EV_COMPARE, 0);
    expect_done(&st, "");
}
END_TEST

START_TEST(one_who_goes_away_is_not_waited_for)
{
    stage_event(&st, MOOT_EV_COMPARE, 0);
    pong(2, st.nonce - 1, true, 0);
    forget_done(&st);
    close_link(&st, 3, MOOT_ERESET);
    expect_within("answer: the one linked member has the same\n",
                  moot_buf_text(&st.text));
}
END_TEST

START_TEST(alone_the_answer_comes_at_once)
{
    stage_event(&st, MOOT_EV_COMPARE, 0);
    expect_answer("0 entries", "answer: nobody is linked to you\n");
}
END_TEST

/* MOOT_COMPARE_SHOWN_MAX. */
START_TEST(not_all_who_differ_are_shown)
{
    const char *text;
    unsigned lines = 0;

    for (char who = 'B'; who <= 'U'; who++)
        if (who != 'M') /* that is us */
            link_in(&st, (moot_link)(2 + who - 'B'), who);
    stage_event(&st, MOOT_EV_COMPARE, 0);
    forget_done(&st);
    stage_run_ms(&st, MOOT_COMPARE_MS);
    text = moot_buf_text(&st.text);
    for (; (text = strstr(text, "answered yet\n")) != NULL; text++)
        lines++;
    expect_uint(lines, MOOT_COMPARE_SHOWN_MAX);
    expect_within("answer: and 3 more who have not\n", moot_buf_text(&st.text));
}
END_TEST

Suite *suite_node_seen(void)
{
    Suite *s = suite_create("node/seen");
    TCase *t = tcase_create("seen");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, own_lines_tell_who_has_them);
    tcase_add_test(t,
                   one_who_is_reached_through_others_is_not_known_to_have_it);
    tcase_add_test(t, one_who_leaves_does_not_count_any_more);
    suite_add_tcase(s, t);

    t = tcase_create("digest");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, all_links_are_asked_and_the_answer_is_shown);
    tcase_add_test(t, who_differs_is_asked_again_until_a_second_is_over);
    tcase_add_test(t, the_differences_are_told);
    tcase_add_test(t, one_answer_is_enough_for_who_asks_twice);
    tcase_add_test(t, one_who_goes_away_is_not_waited_for);
    suite_add_tcase(s, t);

    t = tcase_create("alone");
    tcase_add_checked_fixture(t, setup_alone, teardown);
    tcase_add_test(t, alone_there_is_nobody_to_have_it);
    tcase_add_test(t, not_all_who_lack_it_are_named);
    tcase_add_test(t, alone_the_answer_comes_at_once);
    tcase_add_test(t, not_all_who_differ_are_shown);
    suite_add_tcase(s, t);
    return s;
}
