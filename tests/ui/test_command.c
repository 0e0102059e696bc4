/*
 * tests/ui/test_command.c - what a typed line asks for, as tables.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/rng.h"
#include "ui/command.h"
#include "ui/nearest.h"
#include "words.h"

Suite *suite_ui_command(void);

#define NONE MOOT_COMMAND_NONE
#define SAY MOOT_COMMAND_SAY
#define ME MOOT_COMMAND_ME
#define NICK MOOT_COMMAND_NICK
#define WHO MOOT_COMMAND_WHO
#define HELP MOOT_COMMAND_HELP
#define QUIT MOOT_COMMAND_QUIT

static const struct {
    const char *line;
    enum moot_command_kind kind;
    const char *text;
} understood[] = {
    {"", NONE, ""},
    {"hello there", SAY, "hello there"},
    {" /quit", SAY, " /quit"}, /* only the first column counts */
    {"  ", SAY, "  "},
    {"//x", SAY, "/x"},
    {"//quit now", SAY, "/quit now"},
    {"///", SAY, "//"},
    {"/me waves", ME, "waves"},
    {"/ME   waves  ", ME, "waves"},
    {"/nick rob", NICK, "rob"},
    {"/Nick  rob the great ", NICK, "rob the great"},
    {"/who", WHO, ""},
    {"/names", WHO, ""},
    {"/list", WHO, ""},
    {"/seen", MOOT_COMMAND_SEEN, ""},
    {"/seen 32", MOOT_COMMAND_SEEN, ""},
    {"/digest", MOOT_COMMAND_DIGEST, ""},
    {"/invite", MOOT_COMMAND_INVITE, ""},
    {"/help", HELP, ""},
    {"/help nick", HELP, "nick"},
    {"/quit", QUIT, ""},
    {"/quit see you", QUIT, "see you"},
    {"/exit", QUIT, ""},
};

START_TEST(is_understood)
{
    struct moot_command c;

    moot_command_parse(moot_bytes_text(understood[_i].line), &c);
    expect_int(c.kind, understood[_i].kind);
    expect_bytes(c.text, moot_bytes_text(understood[_i].text));
}
END_TEST

static const struct {
    const char *line;
    const char *error;
} refused[] = {
    {"/wo", "there is no command /wo; did you mean /who?"},
    {"/qiut", "there is no command /qiut; did you mean /quit?"},
    {"/quti bye", "there is no command /quti; did you mean /quit?"},
    {"/frobnicate", "there is no command /frobnicate; see /help, or type // to "
                    "say a line that begins with /"},
    {"/etc/passwd", "there is no command /etc/passwd; see /help, or type // to "
                    "say a line that begins with /"},
    {"/", "a slash alone is no command; see /help, or type // to say a line "
          "that begins with one"},
    {"/ hi", "a slash alone is no command; see /help, or type // to say a line "
             "that begins with one"},
    {"/\x1b]0;x\x07", "there is no command /\\x1b]0;x\\x07; see /help, or type "
                      "// to say a line that begins with /"},
    {"/seen 0", "how many? Type /seen N, with N from 1 to 32"},
    {"/seen 33", "how many? Type /seen N, with N from 1 to 32"},
    {"/seen 4294967297", "how many? Type /seen N, with N from 1 to 32"},
    {"/seen all", "how many? Type /seen N, with N from 1 to 32"},
    {"/sen", "there is no command /sen; did you mean /seen?"},
    {"/me", "do what? Type /me TEXT"},
    {"/me  ", "do what? Type /me TEXT"},
    {"/nick", "which name? Type /nick NAME"},
    {"/nick a\u200b", "that name holds a character that cannot be seen; choose "
                      "another"},
    {"bad \xff", "not said: the line is not UTF-8"},
    {"a\rb", "not said: the line is more than one line"},
};

START_TEST(is_refused_with_the_reason)
{
    struct moot_command c;

    moot_command_parse(moot_bytes_text(refused[_i].line), &c);
    expect_int(c.kind, MOOT_COMMAND_WRONG);
    expect_text(c.error, refused[_i].error);
}
END_TEST

START_TEST(seen_is_told_how_many)
{
    struct moot_command c;

    moot_command_parse(moot_bytes_text("/seen"), &c);
    expect_uint(c.count, MOOT_COMMAND_SEEN_COUNT);
    moot_command_parse(moot_bytes_text("/seen 32"), &c);
    expect_uint(c.count, 32);
}
END_TEST

START_TEST(a_line_may_have_4096_bytes_and_no_more)
{
    char line[MOOT_LINE_LEN_MAX + 2];
    struct moot_command c;

    memset(line, 'x', sizeof line);
    moot_command_parse(moot_bytes_of(line, MOOT_LINE_LEN_MAX), &c);
    expect_int(c.kind, SAY);
    moot_command_parse(moot_bytes_of(line, MOOT_LINE_LEN_MAX + 1), &c);
    expect_int(c.kind, MOOT_COMMAND_WRONG);
    expect_text(c.error,
                "not said: the line is longer than 4096 bytes; shorten it");

    /* The second slash is not part of what is said. */
    line[0] = line[1] = '/';
    moot_command_parse(moot_bytes_of(line, MOOT_LINE_LEN_MAX + 1), &c);
    expect_int(c.kind, SAY);
    expect_uint(c.text.len, MOOT_LINE_LEN_MAX);
}
END_TEST

/* A reader that cut an endless line must not see its front said. */
START_TEST(a_command_cannot_be_longer_than_what_can_be_typed)
{
    char line[MOOT_TYPED_LEN_MAX + 1];
    struct moot_command c;

    memset(line, ' ', sizeof line);
    memcpy(line, "/me", 3);
    line[sizeof line - 2] = 'x';
    line[sizeof line - 1] = 'y';
    moot_command_parse(moot_bytes_of(line, sizeof line - 1), &c);
    expect_int(c.kind, ME);
    moot_command_parse(moot_bytes_of(line, sizeof line), &c);
    expect_int(c.kind, MOOT_COMMAND_WRONG);
}
END_TEST

START_TEST(a_reason_may_have_256_bytes_and_no_more)
{
    char line[6 + MOOT_REASON_LEN_MAX + 1];
    struct moot_command c;

    memset(line, 'x', sizeof line);
    memcpy(line, "/quit ", 6);
    moot_command_parse(moot_bytes_of(line, sizeof line - 1), &c);
    expect_int(c.kind, QUIT);
    moot_command_parse(moot_bytes_of(line, sizeof line), &c);
    expect_int(c.kind, MOOT_COMMAND_WRONG);
}
END_TEST

START_TEST(in_a_pasted_text_a_slash_is_only_a_slash)
{
    struct moot_command c;

    moot_command_literal(moot_bytes_text("/quit"), &c);
    expect_int(c.kind, SAY);
    expect_bytes(c.text, moot_bytes_text("/quit"));
    moot_command_literal(moot_bytes_text("//x"), &c);
    expect_bytes(c.text, moot_bytes_text("//x"));
    moot_command_literal(moot_bytes_text(""), &c);
    expect_int(c.kind, NONE);
}
END_TEST

START_TEST(help_knows_every_command)
{
    struct moot_buf b = {0};

    expect(moot_command_help(moot_bytes_text(""), &b));
    expect_within("/me TEXT", moot_buf_text(&b));
    expect_within("/quit [REASON]", moot_buf_text(&b));
    expect_within("//TEXT", moot_buf_text(&b));
    for (unsigned n = 0; moot_command_spelling(n); n++) {
        moot_buf_clear(&b);
        expect(
            moot_command_help(moot_bytes_text(moot_command_spelling(n)), &b));
        expect(b.len > 0);
    }
    moot_buf_clear(&b);
    expect(moot_command_help(moot_bytes_text("/exit"), &b));
    expect_text(moot_buf_text(&b),
                "/quit [REASON]         leaves; so does Ctrl-D\n");
    expect(!moot_command_help(moot_bytes_text("frobnicate"), &b));
    moot_buf_fini(&b);
}
END_TEST

START_TEST(any_bytes_come_back_as_something)
{
    struct moot_rng r;
    uint8_t seed[32] = {9};

    moot_rng_init(&r, seed);
    for (unsigned turn = 0; turn < 20000; turn++) {
        uint8_t line[40];
        size_t len = moot_rng_below(&r, sizeof line);
        struct moot_command c;

        moot_rng_bytes(&r, line, len);
        if (len > 0)
            line[0] = '/';
        moot_command_parse(moot_bytes_of(line, len), &c);
        if (c.kind == MOOT_COMMAND_WRONG && strlen(c.error) == 0)
            ck_abort_msg("refused without a word");
        if (strpbrk(c.error, "\x1b\x07\n\r"))
            ck_abort_msg("an error that is not harmless");
    }
}
END_TEST

static const struct {
    const char *a, *b;
    unsigned distance;
} spellings[] = {
    {"", "", 0},         {"a", "", 1},         {"", "abc", 3},
    {"who", "WHO", 0},   {"who", "wo", 1},     {"who", "hwo", 1},
    {"quit", "qiut", 1}, {"quit", "qutii", 2}, {"kitten", "sitting", 3},
};

START_TEST(counts_slips_of_the_finger)
{
    struct moot_bytes a = moot_bytes_text(spellings[_i].a);
    struct moot_bytes b = moot_bytes_text(spellings[_i].b);

    expect_uint(moot_spelling_distance(a, b), spellings[_i].distance);
    expect_uint(moot_spelling_distance(b, a), spellings[_i].distance);
}
END_TEST

START_TEST(a_word_that_is_too_long_is_near_to_nothing)
{
    char word[MOOT_NEAREST_LEN_MAX + 1] = "";
    struct moot_bytes longest = moot_bytes_of(word, MOOT_NEAREST_LEN_MAX);
    struct moot_bytes too_long = moot_bytes_of(word, sizeof word);

    memset(word, 'x', sizeof word);
    expect(moot_spelling_near(longest, longest));
    expect(!moot_spelling_near(too_long, too_long));
}
END_TEST

Suite *suite_ui_command(void)
{
    Suite *s = suite_create("ui/command");
    TCase *t = tcase_create("command");

    tcase_add_loop_test(t, is_understood, 0,
                        sizeof understood / sizeof understood[0]);
    tcase_add_loop_test(t, is_refused_with_the_reason, 0,
                        sizeof refused / sizeof refused[0]);
    tcase_add_test(t, seen_is_told_how_many);
    tcase_add_test(t, a_line_may_have_4096_bytes_and_no_more);
    tcase_add_test(t, a_command_cannot_be_longer_than_what_can_be_typed);
    tcase_add_test(t, a_reason_may_have_256_bytes_and_no_more);
    tcase_add_test(t, in_a_pasted_text_a_slash_is_only_a_slash);
    tcase_add_test(t, help_knows_every_command);
    tcase_add_test(t, any_bytes_come_back_as_something);
    tcase_add_loop_test(t, counts_slips_of_the_finger, 0,
                        sizeof spellings / sizeof spellings[0]);
    tcase_add_test(t, a_word_that_is_too_long_is_near_to_nothing);
    suite_add_tcase(s, t);
    return s;
}
