/*
 * tests/app/test_invited.c - an invitation among the options: where it may come
 * from, what it replaces, and what is never taken or shown.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../wire/samples.h"
#include "app/options.h"
#include "words.h"

Suite *suite_app_invited(void);

static char *dir;
static struct moot_options o;
static struct moot_buf text;
static char open_text[MOOT_INVITE_TEXT_MAX];
static char closed_text[MOOT_INVITE_TEXT_MAX];
static char other_text[MOOT_INVITE_TEXT_MAX];

static void setup(void)
{
    struct moot_invite i = sample_invite(false);

    dir = temp_dir_create();
    clearenv();
    setenv("XDG_CONFIG_HOME", dir, 1);
    memset(&o, 0, sizeof o);
    moot_invite_encode(&i, open_text);
    i.group[0] ^= 1;
    moot_invite_encode(&i, other_text);
    i = sample_invite(true);
    moot_invite_encode(&i, closed_text);
}

static void teardown(void)
{
    moot_buf_fini(&text);
    temp_dir_destroy(dir);
}

/* Up to five words; NULL ends them. */
static int options_of(const char *a, const char *b, const char *c,
                      const char *d, const char *e)
{
    const char *words[] = {"moot", a, b, c, d, e, NULL};
    char *argv[8];
    int argc = 0;

    for (; words[argc]; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc];
    argv[argc] = NULL;
    moot_buf_clear(&text);
    return moot_options_read(argc, argv, &o, &text);
}

static void config(const char *key, const char *value)
{
    char path[512];
    struct moot_buf line = {0};

    snprintf(path, sizeof path, "%s/moot", dir);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/moot/config", dir);
    moot_buf_printf(&line, "%s = %s\n", key, value);
    write_file(path, moot_buf_view(&line));
    moot_buf_fini(&line);
}

/* The endpoints in a line: "host:port" with " pinned" or " group" behind it. */
static const char *endpoints(void)
{
    static char out[1024];
    struct moot_addr addrs[MOOT_ENDPOINTS_MAX];
    struct moot_pins pins[MOOT_ENDPOINTS_MAX];
    unsigned count = moot_options_endpoints(&o, addrs, pins);

    out[0] = '\0';
    for (unsigned i = 0; i < count; i++) {
        char addr[MOOT_ADDR_TEXT_MAX];

        moot_addr_format(&addrs[i], addr);
        strcat(strcat(out, i > 0 ? ", " : ""), addr);
        if (pins[i].count > 0)
            strcat(out, " pinned");
        else if (pins[i].has_group)
            strcat(out, " group");
    }
    return out;
}

#define AT "chat.example.org:8080 pinned"

START_TEST(each_way_to_give_one_is_understood)
{
    expect_ok(options_of("join", open_text, NULL, NULL, NULL));
    expect_text(endpoints(), AT);
    expect_ok(options_of("join", open_text, "--username", "bob", NULL));
    expect_text(o.username, "bob");
    expect_text(endpoints(), AT);
    expect_ok(options_of("join", "--username", "bob", open_text, NULL));
    expect_text(o.username, "bob");
    expect_text(endpoints(), AT);
    expect_ok(options_of("--invite", open_text, NULL, NULL, NULL));
    expect_text(endpoints(), AT);
    expect_ok(options_of("--remote_endpoint", open_text, NULL, NULL, NULL));
    expect_text(endpoints(), AT);
    expect(!o.invite_asked);
    setenv("MOOT_INVITE", open_text, 1);
    expect_ok(options_of(NULL, NULL, NULL, NULL, NULL));
    expect_text(endpoints(), AT);
    expect_ok(options_of("join", NULL, NULL, NULL, NULL));
    expect_text(endpoints(), AT);
    expect(!o.invite_asked);
    unsetenv("MOOT_INVITE");
    config("invite", open_text);
    expect_ok(options_of(NULL, NULL, NULL, NULL, NULL));
    expect_text(endpoints(), AT);
}
END_TEST

START_TEST(one_that_is_not_given_is_asked_for)
{
    expect_ok(options_of("join", NULL, NULL, NULL, NULL));
    expect(o.invite_asked);
    expect_ok(options_of("join", "-", NULL, NULL, NULL));
    expect(o.invite_asked);
    expect_ok(options_of("join", "--username", "bob", NULL, NULL));
    expect(o.invite_asked);
    expect_ok(options_of("--invite", "-", NULL, NULL, NULL));
    expect(o.invite_asked);
    expect_uint(o.endpoint_count, 0);
    expect(!o.invited);
}
END_TEST

START_TEST(what_an_answer_has_to_be_is_said)
{
    struct moot_addr addrs[MOOT_ENDPOINTS_MAX];
    struct moot_pins pins[MOOT_ENDPOINTS_MAX];
    struct moot_invite want = sample_invite(true);

    setenv("MOOT_INVITE", closed_text, 1);
    expect_ok(options_of(NULL, NULL, NULL, NULL, NULL));
    expect_uint(moot_options_endpoints(&o, addrs, pins), 3);
    for (unsigned i = 0; i < 3; i++) {
        expect(moot_addr_eq(&addrs[i], &want.doors[i]));
        expect_uint(pins[i].count, 2);
        expect(memcmp(pins[i].id, want.pins, sizeof want.pins) == 0);
        expect(pins[i].has_group);
        expect(memcmp(pins[i].group, want.group, sizeof want.group) == 0);
    }
    expect(o.invite.closed);
    expect_uint(o.invite.secret.b[7], 0x73);
}
END_TEST

/* Who names an address beside it wants that group, and no other there. */
START_TEST(other_endpoints_are_held_to_its_group)
{
    expect_ok(options_of("--invite", open_text, "--remote_endpoint",
                         "other.example:1", NULL));
    expect_text(endpoints(), AT ", other.example:1 group");
    expect_ok(options_of("--remote_endpoint", "chat.example.org:8080",
                         "--invite", open_text, NULL));
    expect_text(endpoints(), AT);
    expect_ok(options_of("--remote_endpoint", "h:1", NULL, NULL, NULL));
    expect_text(endpoints(), "h:1");
}
END_TEST

START_TEST(the_stronger_source_says_where_to_go)
{
    setenv("MOOT_INVITE", other_text, 1);
    expect_ok(options_of("join", open_text, NULL, NULL, NULL));
    expect(o.invite.group[0] == 0x67);
    expect_ok(options_of("--remote_endpoint", "h:1", NULL, NULL, NULL));
    expect_text(endpoints(), "h:1");
    expect(!o.invited);
    expect_ok(options_of("join", "-", NULL, NULL, NULL));
    expect(o.invite_asked);
    expect(!o.invited);
    unsetenv("MOOT_INVITE");
    setenv("MOOT_REMOTE_ENDPOINT", "h:1, i:2", 1);
    expect_ok(options_of("join", open_text, NULL, NULL, NULL));
    expect_text(endpoints(), AT);
}
END_TEST

START_TEST(there_are_commas_in_an_invitation_and_between_endpoints)
{
    char list[1024];

    snprintf(list, sizeof list, "h:1,%s i:2, j:3", closed_text);
    setenv("MOOT_REMOTE_ENDPOINT", list, 1);
    expect_ok(options_of(NULL, NULL, NULL, NULL, NULL));
    expect_text(endpoints(),
                "chat.example.org:8080 pinned, 192.0.2.7:8082 pinned, "
                "[2001:db8::1]:80 pinned, h:1 group, i:2 group, j:3 group");
}
END_TEST

static void expect_refused(int error, const char *words)
{
    const char *said = moot_buf_text(&text);

    expect_error(error, MOOT_EINVAL);
    expect_within(words, said);
    expect(strstr(said, "#") == NULL);
    expect(strchr(said, '\n') == said + strlen(said) - 1);
}

START_TEST(a_secret_is_not_taken_from_the_command_line)
{
    static const char words[] = "others on this machine can read the command "
                                "line: run moot join and paste it";

    expect_refused(options_of("join", closed_text, NULL, NULL, NULL), words);
    expect_refused(options_of("join", "--join", "strict", closed_text, NULL),
                   words);
    expect_refused(options_of("--invite", closed_text, NULL, NULL, NULL),
                   words);
    expect_refused(
        options_of("--remote_endpoint", closed_text, NULL, NULL, NULL), words);
    expect_within("MOOT_INVITE", moot_buf_text(&text));
}
END_TEST

START_TEST(a_secret_is_not_taken_from_the_configuration_file)
{
    config("invite", closed_text);
    expect_refused(options_of(NULL, NULL, NULL, NULL, NULL),
                   "holds a secret, which has no place in this file");
    config("remote_endpoint", closed_text);
    expect_refused(options_of(NULL, NULL, NULL, NULL, NULL), "config:1: ");
}
END_TEST

START_TEST(what_is_wrong_with_it_is_said_without_showing_it)
{
    char typed[MOOT_INVITE_TEXT_MAX + 8];

    snprintf(typed, sizeof typed, "%sx", closed_text);
    expect_refused(options_of("join", typed, NULL, NULL, NULL),
                   ":80/\" is mistyped or cut short: copy all");
    expect_refused(options_of("--remote_endpoint", typed, NULL, NULL, NULL),
                   "moot: --remote_endpoint \"moot://chat.example");
    expect_refused(
        options_of("join", "localhost:8080", NULL, NULL, NULL),
        "moot: join \"localhost:8080\" is no invitation: one begins");
    expect_refused(options_of("--invite", "", NULL, NULL, NULL),
                   "is no invitation");
    setenv("MOOT_INVITE", typed, 1);
    expect_refused(options_of(NULL, NULL, NULL, NULL, NULL), "MOOT_INVITE");
}
END_TEST

START_TEST(two_are_one_too_many)
{
    expect_refused(options_of("--remote_endpoint", open_text,
                              "--remote_endpoint", other_text, NULL),
                   "is another invitation: one at a time");
    expect_refused(options_of("join", open_text, "--invite", open_text, NULL),
                   "is given twice");
    expect_refused(options_of("join", open_text, other_text, NULL, NULL),
                   "means nothing here");
    expect_ok(options_of("--remote_endpoint", open_text, "--remote_endpoint",
                         open_text, NULL));
}
END_TEST

START_TEST(printing_one_takes_a_profile)
{
    expect_ok(options_of("invite", "--username", "bob", "--group", "tea"));
    expect_int(o.task, MOOT_TASK_INVITE);
    expect_ok(options_of("invite", "--data_dir", "/x", NULL, NULL));
    expect_refused(options_of("invite", NULL, NULL, NULL, NULL),
                   "invite needs to know whose: give --username NAME");
    expect_refused(options_of("invite", "--w_port", "1", NULL, NULL),
                   "is not for moot invite");
}
END_TEST

Suite *suite_app_invited(void)
{
    Suite *s = suite_create("app/invited");
    TCase *t = tcase_create("invited");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, each_way_to_give_one_is_understood);
    tcase_add_test(t, one_that_is_not_given_is_asked_for);
    tcase_add_test(t, what_an_answer_has_to_be_is_said);
    tcase_add_test(t, other_endpoints_are_held_to_its_group);
    tcase_add_test(t, the_stronger_source_says_where_to_go);
    tcase_add_test(t, there_are_commas_in_an_invitation_and_between_endpoints);
    tcase_add_test(t, a_secret_is_not_taken_from_the_command_line);
    tcase_add_test(t, a_secret_is_not_taken_from_the_configuration_file);
    tcase_add_test(t, what_is_wrong_with_it_is_said_without_showing_it);
    tcase_add_test(t, two_are_one_too_many);
    tcase_add_test(t, printing_one_takes_a_profile);
    suite_add_tcase(s, t);
    return s;
}
