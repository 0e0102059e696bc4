/*
 * tests/ui/test_format.c - how what happens reads on the screen.
 *
 * The clock is an argument and the time zone is set, so every line is compared
 * word for word.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ui/format.h"
#include "words.h"

Suite *suite_ui_format(void);

/* Monday, 2 March 2026, 14:02:07 in UTC. */
#define NOW INT64_C(1772460127000)
#define DAY INT64_C(86400000)

static struct moot_buf out;

static void setup(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
}

static void teardown(void)
{
    moot_buf_fini(&out);
}

static const char *shown(struct moot_format *f, const struct moot_show *s)
{
    moot_buf_clear(&out);
    moot_format_show(f, s, NOW, &out);
    return moot_buf_text(&out);
}

static struct moot_entry *entry_of(const struct moot_line *lines,
                                   unsigned count, moot_wall_ms wall)
{
    struct moot_key key;
    uint8_t seed[32] = {7};
    struct moot_draft d = {.seq = 1,
                           .lamport = 1,
                           .wall = wall,
                           .name = moot_bytes_text("bob"),
                           .lines = lines,
                           .line_count = count};

    moot_key_init(&key, seed);
    d.in.author = key.id;
    d.in.run = 1;
    return moot_entry_create(&d, &key);
}

static struct moot_line line_of(enum moot_line_kind kind, const char *text)
{
    return (struct moot_line){.kind = kind, .text = moot_bytes_text(text)};
}

static const struct {
    struct moot_show show;
    const char *line;
} happenings[] = {
    {{.kind = MOOT_SHOW_MEMBER_JOINED, .name = "bob", .text = "", .count = 3},
     "14:02 --> bob joined (3 here)\n"},
    {{.kind = MOOT_SHOW_MEMBER_LEFT, .name = "bob", .text = ""},
     "14:02 <-- bob left\n"},
    {{.kind = MOOT_SHOW_MEMBER_LEFT, .name = "bob", .text = "tea"},
     "14:02 <-- bob left: tea\n"},
    {{.kind = MOOT_SHOW_MEMBER_LOST, .name = "bob", .text = "no answer"},
     "14:02 x-- bob lost: no answer\n"},
    {{.kind = MOOT_SHOW_MEMBER_BACK, .name = "bob", .text = ""},
     "14:02 --> bob is back\n"},
    {{.kind = MOOT_SHOW_INDIRECT, .name = "bob", .text = "timed out"},
     "14:02 -- bob is reached only through others: timed out\n"},
    {{.kind = MOOT_SHOW_PROGRESS, .name = "", .text = "reached 3 of 5"},
     "14:02 -- reached 3 of 5\n"},
    {{.kind = MOOT_SHOW_READY, .name = "", .text = "lobby", .count = 2},
     "14:02 -- you are in lobby (2 here)\n"},
    {{.kind = MOOT_SHOW_NOTICE, .name = "", .text = "a word"},
     "14:02 -- a word\n"},
    {{.kind = MOOT_SHOW_ERROR, .name = "", .text = "no way"},
     "14:02 =!= no way\n"},
    {{.kind = MOOT_SHOW_SENT, .name = "", .text = "", .seq = 4}, ""},
    /* Nothing of others is obeyed, wherever it stands. */
    {{.kind = MOOT_SHOW_MEMBER_LEFT, .name = "b\x1b[2Job", .text = "\x1b]0;x"},
     "14:02 <-- b\\x1b[2Job left: \\x1b]0;x\n"},
    {{.kind = MOOT_SHOW_NOTICE, .name = "", .text = "two\nlines \u202e"},
     "14:02 -- two\\x0alines <U+202E>\n"},
};

START_TEST(a_happening_is_one_line)
{
    struct moot_format f = {0};
    struct moot_show s = happenings[_i].show;

    s.wall = NOW;
    expect_text(shown(&f, &s), happenings[_i].line);
}
END_TEST

START_TEST(an_entry_is_one_line_for_each_that_was_said)
{
    const struct moot_line lines[] = {
        line_of(MOOT_LINE_TEXT, "hello\x07 there"),
        line_of(MOOT_LINE_ACTION, "waves"),
        line_of(MOOT_LINE_TOPIC, "tea"),
        line_of(MOOT_LINE_NICK, "rob"),
    };
    struct moot_format f = {0};
    struct moot_entry *e = entry_of(lines, 4, NOW);
    struct moot_show s = {
        .kind = MOOT_SHOW_ENTRY, .name = "bob.b33f", .text = "", .entry = e};

    expect_text(shown(&f, &s), "14:02 <bob.b33f> hello\\x07 there\n"
                               "14:02  * bob.b33f waves\n"
                               "14:02 -- bob.b33f set the topic: tea\n"
                               "14:02 -- bob.b33f is now known as rob\n");
    moot_entry_unref(e);
}
END_TEST

START_TEST(earlier_and_late_lines_carry_their_marks_in_front)
{
    const struct moot_line lines[] = {line_of(MOOT_LINE_TEXT, "one"),
                                      line_of(MOOT_LINE_TEXT, "two")};
    struct moot_format f = {0};
    struct moot_entry *e = entry_of(lines, 2, NOW - 3 * DAY);
    struct moot_show s = {.kind = MOOT_SHOW_ENTRY,
                          .name = "bob",
                          .text = "",
                          .entry = e,
                          .earlier = true};

    expect_text(shown(&f, &s), "earlier 2026-02-27 14:02 <bob> one\n"
                               "earlier 2026-02-27 14:02 <bob> two\n");
    s.earlier = false;
    s.late = true;
    expect_text(shown(&f, &s), "late 2026-02-27 14:02 <bob> one\n"
                               "late 2026-02-27 14:02 <bob> two\n");
    moot_entry_unref(e);
}
END_TEST

START_TEST(an_entry_without_its_body_says_so)
{
    const struct moot_line lines[] = {line_of(MOOT_LINE_TEXT, "one")};
    struct moot_format f = {0};
    struct moot_entry *e = entry_of(lines, 1, NOW);
    struct moot_entry *pruned = moot_entry_pruned(e);
    struct moot_show s = {.kind = MOOT_SHOW_ENTRY,
                          .name = "bob",
                          .text = "",
                          .entry = pruned,
                          .earlier = true};

    expect_text(shown(&f, &s),
                "earlier 14:02 -- what bob said here is no longer kept\n");
    moot_entry_unref(pruned);
    moot_entry_unref(e);
}
END_TEST

START_TEST(a_name_cannot_pass_for_somebody_elses_line)
{
    const struct moot_line lines[] = {line_of(MOOT_LINE_TEXT, "x")};
    struct moot_format f = {0};
    struct moot_entry *e = entry_of(lines, 1, NOW);
    struct moot_show s = {.kind = MOOT_SHOW_ENTRY,
                          .name = "eve> yes <bob",
                          .text = "",
                          .entry = e};

    expect_text(shown(&f, &s), "14:02 <eve\u203a yes \u2039bob> x\n");
    moot_entry_unref(e);
}
END_TEST

START_TEST(a_wrong_clock_changes_nothing_but_the_time_shown)
{
    static const moot_wall_ms clocks[] = {INT64_MIN, -1, INT64_MAX,
                                          INT64_C(1) << 62};
    const struct moot_line lines[] = {line_of(MOOT_LINE_TEXT, "x")};
    struct moot_format f = {0};
    struct moot_entry *e = entry_of(lines, 1, NOW);
    struct moot_show s = {
        .kind = MOOT_SHOW_ENTRY, .name = "bob", .text = "", .entry = e};

    e->wall = clocks[_i];
    expect_within(":", shown(&f, &s));
    expect_within(" <bob> x\n", moot_buf_text(&out));
    moot_entry_unref(e);
}
END_TEST

START_TEST(midnight_does_not_go_by_unseen)
{
    struct moot_format f = {0};
    struct moot_show s = {
        .kind = MOOT_SHOW_NOTICE, .wall = NOW, .name = "", .text = "x"};

    moot_format_show(&f, &s, NOW, &out);
    s.wall = NOW + DAY;
    moot_format_show(&f, &s, NOW + DAY, &out);
    moot_format_show(&f, &s, NOW + DAY, &out);
    expect_text(moot_buf_text(&out), "14:02 -- x\n"
                                     "14:02 -- the day is now 2026-03-03\n"
                                     "14:02 -- x\n"
                                     "14:02 -- x\n");
}
END_TEST

/* The text between the escapes must be the line without colour. */
START_TEST(a_coloured_line_is_the_same_line)
{
    struct moot_format plain = {0}, coloured = {.colour = true};
    struct moot_buf bare = {0};

    for (size_t i = 0; i < sizeof happenings / sizeof happenings[0]; i++) {
        struct moot_show s = happenings[i].show;
        const char *c;

        s.wall = NOW;
        moot_buf_clear(&bare);
        for (c = shown(&coloured, &s); *c; c++) {
            if (*c == '\x1b')
                c += strcspn(c, "m");
            else
                moot_buf_append(&bare, c, 1);
        }
        expect_text(shown(&plain, &s), moot_buf_text(&bare));
    }
    moot_buf_fini(&bare);
}
END_TEST

START_TEST(a_name_is_coloured_by_its_key_and_the_own_one_apart)
{
    struct moot_format f = {.colour = true};
    struct moot_show s = {.kind = MOOT_SHOW_MEMBER_LEFT,
                          .name = "bob",
                          .text = "",
                          .id = {{0, 1}}};
    char first[128];

    snprintf(first, sizeof first, "%s", shown(&f, &s));
    expect_text(shown(&f, &s), first);
    s.id.b[1] = 2; /* an impostor of the same name */
    expect(strcmp(shown(&f, &s), first) != 0);
    s.own = true;
    expect_within("\x1b[1mbob\x1b[0m", shown(&f, &s));
}
END_TEST

START_TEST(colour_is_for_terminals_that_want_it)
{
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm", 1);
    expect(moot_format_colour_wanted());
    setenv("NO_COLOR", "", 1);
    expect(moot_format_colour_wanted());
    setenv("NO_COLOR", "1", 1);
    expect(!moot_format_colour_wanted());
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    expect(!moot_format_colour_wanted());
    unsetenv("TERM");
    expect(!moot_format_colour_wanted());
}
END_TEST

START_TEST(own_lines_not_yet_stored_are_marked_each)
{
    struct moot_format f = {0};

    moot_format_unstored(&f, moot_bytes_text("one\ntwo\n"), &out);
    expect_text(moot_buf_text(&out), "\u00b7 one\n\u00b7 two\n");
}
END_TEST

START_TEST(the_table_of_who_is_there_lines_up)
{
    struct moot_format f = {0};
    struct moot_who_line lines[4] = {
        {.name = "alice",
         .mode = MOOT_BOOTSTRAP,
         .standing = MOOT_JOINED,
         .self = true,
         .rtt = -1},
        {.name = "\u4e2d\u6587",
         .mode = MOOT_STANDARD,
         .standing = MOOT_JOINED,
         .linked = true,
         .rtt = 12},
        {.name = "eve> <\x1b",
         .mode = MOOT_STANDARD,
         .standing = MOOT_JOINING,
         .linked = true,
         .rtt = 0},
        {.name = "dave",
         .mode = MOOT_STANDARD,
         .standing = MOOT_JOINED,
         .rtt = -1},
    };

    moot_addr_set(&lines[0].addr, "127.0.0.1", 8081);
    moot_addr_set(&lines[1].addr, "::1", 9);
    moot_format_who(&f, lines, 4, &out);
    expect_text(
        moot_buf_text(&out),
        "-- 4 here:\n"
        "  name        address         key                  link"
        "             round trip\n"
        "  alice       127.0.0.1:8081  0000 0000 0000 0000  you, bootstrap\n"
        "  \u4e2d\u6587        [::1]:9         0000 0000 0000 0000  linked"
        "           12 ms\n"
        "  eve\u203a \u2039\\x1b                  0000 0000 0000 0000  linked, "
        "joining  < 1 ms\n"
        "  dave                        0000 0000 0000 0000  through others\n");
}
END_TEST

START_TEST(the_table_of_who_has_what_names_who_lacks_it)
{
    struct moot_format f = {0};
    struct moot_seen_line lines[5] = {
        {.text = "hello",
         .line_count = 1,
         .durable = true,
         .holders = 2,
         .live = 2},
        {.text = "\x1b[2J",
         .line_count = 3,
         .cut = true,
         .durable = true,
         .holders = 1,
         .live = 4,
         .name_count = 2,
         .names = {"bob", "eve> <"}},
        {.text = "x", .line_count = 1, .holders = 0, .live = 3},
        {.text = "y", .line_count = 1, .durable = true},
        {.text = "z", .line_count = 1, .durable = true, .over = true},
    };

    setenv("TZ", "UTC", 1);
    tzset();
    lines[1].wall = 61 * 60 * 1000;
    moot_format_seen(&f, lines, 5, &out);
    expect_text(
        moot_buf_text(&out),
        "-- who else has what you said last:\n"
        "  time   held by              lacked by               you said\n"
        "  00:00  2/2                                          hello\n"
        "  01:01  1/4                  bob, eve\u203a \u2039 and 1 more  "
        "\\x1b[2J... (and 2 more)\n"
        "  00:00  0/3, not stored yet  3 members               x\n"
        "  00:00  nobody else is here                          y\n"
        "  00:00  not known any more                           z\n");

    moot_buf_clear(&out);
    moot_format_seen(&f, lines, 0, &out);
    expect_text(moot_buf_text(&out), "-- you have said nothing since you "
                                     "came\n");
}
END_TEST

Suite *suite_ui_format(void)
{
    Suite *s = suite_create("ui/format");
    TCase *t = tcase_create("format");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, a_happening_is_one_line, 0,
                        sizeof happenings / sizeof happenings[0]);
    tcase_add_test(t, an_entry_is_one_line_for_each_that_was_said);
    tcase_add_test(t, earlier_and_late_lines_carry_their_marks_in_front);
    tcase_add_test(t, an_entry_without_its_body_says_so);
    tcase_add_test(t, a_name_cannot_pass_for_somebody_elses_line);
    tcase_add_loop_test(t, a_wrong_clock_changes_nothing_but_the_time_shown, 0,
                        4);
    tcase_add_test(t, midnight_does_not_go_by_unseen);
    tcase_add_test(t, a_coloured_line_is_the_same_line);
    tcase_add_test(t, a_name_is_coloured_by_its_key_and_the_own_one_apart);
    tcase_add_test(t, colour_is_for_terminals_that_want_it);
    tcase_add_test(t, own_lines_not_yet_stored_are_marked_each);
    tcase_add_test(t, the_table_of_who_is_there_lines_up);
    tcase_add_test(t, the_table_of_who_has_what_names_who_lacks_it);
    suite_add_tcase(s, t);
    return s;
}
