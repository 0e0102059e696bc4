/*
 * tests/ui/test_ask.c - one line for the name, and not one byte more.
 *
 * Input and output are pipes; what is wrong is said on standard error, which
 * the test lends to a pipe as well.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../wire/samples.h"
#include "ui/ask.h"
#include "words.h"

Suite *suite_ui_ask(void);

static int in[2], out[2], err[2];
static int own_stderr;
static char name[MOOT_NAME_LEN_MAX + 1];

static void setup(void)
{
    ck_assert_int_eq(pipe(in), 0);
    ck_assert_int_eq(pipe(out), 0);
    ck_assert_int_eq(pipe2(err, O_NONBLOCK), 0);
    own_stderr = dup(STDERR_FILENO);
    ck_assert_int_eq(dup2(err[1], STDERR_FILENO), STDERR_FILENO);
    memset(name, 0, sizeof name);
}

static void teardown(void)
{
    int ends[] = {in[0], out[0], out[1], err[0], err[1], own_stderr};

    dup2(own_stderr, STDERR_FILENO);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        close(ends[i]);
}

static int ask(const char *input)
{
    ck_assert_int_eq(write(in[1], input, strlen(input)), (int)strlen(input));
    close(in[1]);
    return moot_ask_name(in[0], out[1], name);
}

static const char *read_all(int fd)
{
    static char text[4096];
    ssize_t n = read(fd, text, sizeof text - 1);

    text[n > 0 ? n : 0] = '\0';
    return text;
}

START_TEST(asks_as_the_original_does)
{
    expect_ok(ask("bob\n"));
    expect_text(name, "bob");
    expect_text(read_all(out[0]), "Enter your username to start the chat: \n");
    expect_text(read_all(err[0]), "");
}
END_TEST

START_TEST(takes_one_line_and_not_one_byte_more)
{
    expect_ok(ask("  Bob B. \r\nfirst\nsecond"));
    expect_text(name, "Bob B.");
    expect_text(read_all(in[0]), "first\nsecond");
}
END_TEST

START_TEST(a_last_line_needs_no_line_feed)
{
    expect_ok(ask("bob"));
    expect_text(name, "bob");
}
END_TEST

static const struct {
    const char *input;
    int error;
    const char *message;
} unfit[] = {
    {"\nbob\n", MOOT_EINVAL, "moot: that username is empty"},
    {"b\to\n", MOOT_EINVAL, "holds a character that cannot be seen"},
    {"\xff\n", MOOT_EINVAL, "is not UTF-8"},
    {"", MOOT_ENONE, "give one with --username NAME"},
};

START_TEST(an_unfit_name_is_refused_with_the_reason)
{
    expect_error(ask(unfit[_i].input), unfit[_i].error);
    expect_within(unfit[_i].message, read_all(err[0]));
    expect_text(name, "");
}
END_TEST

START_TEST(an_endless_name_is_refused_and_read_to_its_end)
{
    char line[3000];

    memset(line, 'x', sizeof line);
    memcpy(line + sizeof line - 6, "\nrest", 6);
    expect_error(ask(line), MOOT_EINVAL);
    expect_within("is longer than 64 bytes", read_all(err[0]));
    expect_text(read_all(in[0]), "rest");
}
END_TEST

/* --- invitations --- */

static struct moot_invite invite;

static int ask_invite(const char *input)
{
    ck_assert_int_eq(write(in[1], input, strlen(input)), (int)strlen(input));
    close(in[1]);
    return moot_ask_invite(in[0], out[1], &invite);
}

static const char *invitation(void)
{
    static char text[MOOT_INVITE_TEXT_MAX + 8];
    struct moot_invite i = sample_invite(true);

    moot_invite_encode(&i, text);
    return text;
}

START_TEST(an_invitation_is_the_first_line_and_the_name_the_second)
{
    char input[2048];

    snprintf(input, sizeof input, " %s \r\nbob\nfirst\n", invitation());
    expect_ok(ask_invite(input));
    expect(invite.closed);
    expect_uint(invite.secret.b[31], 0x73);
    expect_text(read_all(err[0]), "");
    expect_ok(moot_ask_name(in[0], out[1], name));
    expect_text(name, "bob");
    expect_text(read_all(out[0]), "Enter your username to start the chat: \n");
    expect_text(read_all(in[0]), "first\n");
}
END_TEST

/* What was mistyped may hold most of a secret. */
START_TEST(a_mistyped_invitation_is_not_repeated)
{
    char input[2048];

    snprintf(input, sizeof input, "%sx\nbob\n", invitation());
    expect_error(ask_invite(input), MOOT_EINVAL);

    const char *said = read_all(err[0]);

    expect_within("moot: that is mistyped or cut short", said);
    expect(strstr(said, "#") == NULL);
    expect_text(read_all(in[0]), "bob\n");
}
END_TEST

START_TEST(without_an_invitation_it_says_so)
{
    expect_error(ask_invite(""), MOOT_ENONE);
    expect_within("the input ended before an invitation came",
                  read_all(err[0]));
}
END_TEST

Suite *suite_ui_ask(void)
{
    Suite *s = suite_create("ui/ask");
    TCase *t = tcase_create("ask");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, asks_as_the_original_does);
    tcase_add_test(t, takes_one_line_and_not_one_byte_more);
    tcase_add_test(t, a_last_line_needs_no_line_feed);
    tcase_add_loop_test(t, an_unfit_name_is_refused_with_the_reason, 0,
                        sizeof unfit / sizeof unfit[0]);
    tcase_add_test(t, an_endless_name_is_refused_and_read_to_its_end);
    tcase_add_test(t, an_invitation_is_the_first_line_and_the_name_the_second);
    tcase_add_test(t, a_mistyped_invitation_is_not_repeated);
    tcase_add_test(t, without_an_invitation_it_says_so);
    suite_add_tcase(s, t);
    return s;
}
