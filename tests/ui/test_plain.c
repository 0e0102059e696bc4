/*
 * tests/ui/test_plain.c - plain lines in and out: exact bytes, nothing lost
 * that can be kept, and never a loop that waits.
 *
 * The face runs on real pipes and a real loop; the test holds the other ends.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/command.h"
#include "ui/outlet.h"
#include "ui/plain.h"
#include "words.h"

Suite *suite_ui_plain(void);

static struct ev_loop *loop;
static struct moot_face *face;
static struct moot_face_owner owner;
static int in[2], out[2], err[2]; /* [0] is read from */
static struct moot_buf typed;     /* lines handed over, in brackets */
static unsigned close_after;      /* the gate closes after so many lines */
static int ended;                 /* a moot_face_end, or -1 */

static bool on_typed(void *ctx, struct moot_bytes text, bool more)
{
    (void)ctx;
    (void)more;
    moot_buf_printf(&typed, "[");
    moot_buf_append(&typed, text.data, text.len);
    moot_buf_printf(&typed, "]");
    if (close_after > 0 && --close_after == 0)
        face->ops->gate(face, "waiting");
    return true;
}

static void on_ended(void *ctx, enum moot_face_end why)
{
    (void)ctx;
    ended = (int)why;
}

static void on_touched(void *ctx)
{
    (void)ctx;
}

static void open_pipe(int ends[2])
{
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
}

static void setup(void)
{
    signal(SIGPIPE, SIG_IGN);
    open_pipe(in);
    open_pipe(out);
    open_pipe(err);
    loop = ev_loop_new(EVFLAG_AUTO);
    owner = (struct moot_face_owner){on_typed, on_ended, on_touched, NULL};
    face = moot_plain_open(loop, in[0], out[1], err[1], &owner);
    close_after = 0;
    ended = -1;
}

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void teardown(void)
{
    close_end(&out[0]); /* or closing would wait for a reader */
    close_end(&err[0]);
    face->ops->close(face);
    ev_loop_destroy(loop);
    for (int i = 0; i < 2; i++) {
        close_end(&in[i]);
        close_end(&out[i]);
        close_end(&err[i]);
    }
    moot_buf_fini(&typed);
}

/* Runs the loop until nothing is left to do now. */
static void settle(void)
{
    for (int i = 0; i < 20; i++)
        ev_run(loop, EVRUN_NOWAIT);
}

static void feed(const char *text)
{
    ck_assert_int_eq(write(in[1], text, strlen(text)), (int)strlen(text));
    settle();
}

static void print(enum moot_channel channel, const char *lines)
{
    face->ops->print(face, channel, moot_bytes_text(lines));
    settle();
}

/* What has arrived at the other end, as text in a buffer of the test. */
static const char *taken(int fd)
{
    static char text[1 << 17];
    ssize_t n;

    fcntl(fd, F_SETFL, O_NONBLOCK);
    n = read(fd, text, sizeof text - 1);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

START_TEST(nothing_is_read_before_the_gate_opens)
{
    feed("one\ntwo\n");
    expect_text(moot_buf_text(&typed), "");
    face->ops->gate(face, NULL);
    settle();
    expect_text(moot_buf_text(&typed), "[one][two]");
}
END_TEST

START_TEST(lines_are_handed_over_byte_for_byte)
{
    face->ops->gate(face, NULL);
    feed("  blanks kept  \n\ttab\ncr lf\r\n\n\xff\x01 any bytes\nhalf a");
    expect_text(moot_buf_text(&typed),
                "[  blanks kept  ][\ttab][cr lf][][\xff\x01 any bytes]");
    feed(" line\n");
    expect_within("[half a line]", moot_buf_text(&typed));
}
END_TEST

START_TEST(a_gate_that_closes_keeps_the_rest_for_later)
{
    face->ops->gate(face, NULL);
    close_after = 2;
    feed("1\n2\n3\n4\n");
    expect_text(moot_buf_text(&typed), "[1][2]");
    face->ops->gate(face, NULL);
    settle();
    expect_text(moot_buf_text(&typed), "[1][2][3][4]");
}
END_TEST

START_TEST(the_end_of_input_is_told_after_the_last_line)
{
    face->ops->gate(face, NULL);
    close_after = 1;
    feed("1\nlast, without a line feed");
    close_end(&in[1]);
    settle();
    expect_text(moot_buf_text(&typed), "[1]");
    expect_int(ended, -1);
    face->ops->gate(face, NULL);
    settle();
    expect_text(moot_buf_text(&typed), "[1][last, without a line feed]");
    expect_int(ended, MOOT_FACE_INPUT_ENDED);
}
END_TEST

START_TEST(an_endless_line_is_handed_over_once_and_cut)
{
    struct moot_buf line = {0};

    face->ops->gate(face, NULL);
    for (int i = 0; i < 40000; i++)
        moot_buf_append(&line, "x", 1);
    feed(moot_buf_text(&line));
    feed("xx\nnext\n");
    expect_uint(typed.len, MOOT_TYPED_LEN_MAX + 1 + 2 + 6);
    expect_within("x][next]", moot_buf_text(&typed));
    moot_buf_fini(&line);
}
END_TEST

START_TEST(the_chat_and_the_notices_go_their_own_ways)
{
    print(MOOT_CHANNEL_CHAT, "said\n");
    print(MOOT_CHANNEL_NOTE, "noted\n");
    expect_text(taken(out[0]), "said\n");
    expect_text(taken(err[0]), "noted\n");
}
END_TEST

/* A reader that takes nothing: the loop goes on, input stops, lines above the
 * bound are counted and the count is told once it takes again. */
START_TEST(a_reader_that_takes_nothing_holds_up_nobody_but_the_input)
{
    unsigned lines = 0;
    unsigned long got = 0;
    const char *text, *lost;

    face->ops->gate(face, NULL);
    for (; lines < 2 * MOOT_OUTLET_MAX / 64; lines++)
        face->ops->print(face, MOOT_CHANNEL_CHAT,
                         moot_bytes_text("a line of sixty-four bytes, with its "
                                         "line feed at the very end\n"));
    settle();
    feed("mine\n");
    expect_text(moot_buf_text(&typed), "");

    while (*(text = taken(out[0]))) {
        for (const char *c = text; *c; c++)
            got += *c == '\n';
        lost = strstr(text, "=!= ");
        if (lost)
            expect_uint(got - 1 + strtoul(lost + 4, NULL, 10), lines);
        settle();
    }
    expect(got < lines);
    expect(got > MOOT_OUTLET_MAX / 64 - 2);
    expect_text(moot_buf_text(&typed), "[mine]");
}
END_TEST

START_TEST(a_reader_that_is_gone_ends_the_face)
{
    close_end(&out[0]);
    print(MOOT_CHANNEL_CHAT, "anybody?\n");
    expect_int(ended, MOOT_FACE_HUNG_UP);
}
END_TEST

/* Once seen by the loop, once only when the face is closed. */
START_TEST(a_full_disk_ends_the_face_and_is_no_hanging_up)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct moot_face *f = moot_plain_open(loop, in[0], full, err[1], &owner);

    expect(full >= 0);
    f->ops->print(f, MOOT_CHANNEL_CHAT, moot_bytes_text("no room\n"));
    if (_i == 0) {
        settle();
        expect_int(ended, MOOT_FACE_FAILED);
    }
    expect_int(f->ops->close(f), ENOSPC);
    close_end(&full);
}
END_TEST

START_TEST(without_a_place_for_notices_the_chat_goes_on)
{
    close_end(&err[0]);
    print(MOOT_CHANNEL_NOTE, "anybody?\n");
    expect_int(ended, -1);
    print(MOOT_CHANNEL_CHAT, "said\n");
    expect_text(taken(out[0]), "said\n");
}
END_TEST

Suite *suite_ui_plain(void)
{
    Suite *s = suite_create("ui/plain");
    TCase *t = tcase_create("plain");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, nothing_is_read_before_the_gate_opens);
    tcase_add_test(t, lines_are_handed_over_byte_for_byte);
    tcase_add_test(t, a_gate_that_closes_keeps_the_rest_for_later);
    tcase_add_test(t, the_end_of_input_is_told_after_the_last_line);
    tcase_add_test(t, an_endless_line_is_handed_over_once_and_cut);
    tcase_add_test(t, the_chat_and_the_notices_go_their_own_ways);
    tcase_add_test(t,
                   a_reader_that_takes_nothing_holds_up_nobody_but_the_input);
    tcase_add_test(t, a_reader_that_is_gone_ends_the_face);
    tcase_add_loop_test(t, a_full_disk_ends_the_face_and_is_no_hanging_up, 0,
                        2);
    tcase_add_test(t, without_a_place_for_notices_the_chat_goes_on);
    suite_add_tcase(s, t);
    return s;
}
