/*
 * tests/app/test_transcript.c - entries as lines, for people and for programs.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/transcript_internal.h"
#include "cast.h"
#include "words.h"

Suite *suite_app_transcript(void);

static struct moot_transcript t;
static struct moot_buf out;

static void begin(void)
{
    struct moot_hash group = hash_of(9);

    setenv("TZ", "UTC", 1);
    tzset();
    cast_begin(&group);
    memset(&t, 0, sizeof t);
}

static void end(void)
{
    moot_transcript_fini(&t);
    moot_buf_fini(&out);
    cast_end();
}

/* An entry under a name and with these lines. */
static struct moot_entry *says(char who, const char *name,
                               const struct moot_line *lines, unsigned count)
{
    struct moot_draft d = cast_draft(who, "x");

    d.name = moot_bytes_text(name);
    d.lines = lines;
    d.line_count = count;
    d.wall = 1763661600000; /* 2025-11-20 18:00 */
    return cast_drafts(who, &d);
}

static struct moot_entry *says_text(char who, const char *name,
                                    const char *text)
{
    struct moot_line line = {MOOT_LINE_TEXT, moot_bytes_text(text)};

    return says(who, name, &line, 1);
}

START_TEST(every_line_carries_its_date_and_does_nothing)
{
    struct moot_line lines[] = {
        {MOOT_LINE_TEXT, moot_bytes_text("hi \xe2\x80\xae there")},
        {MOOT_LINE_ACTION, moot_bytes_text("waves")},
        {MOOT_LINE_NICK, moot_bytes_text("rob")},
        {MOOT_LINE_TOPIC, moot_bytes_text("tea")}};
    struct moot_entry *e = says('B', "bob", lines, 4);

    expect_uint(moot_transcript_lines(e), 4);
    moot_transcript_put(&t, e, 0, &out);
    expect_text(moot_buf_text(&out),
                "2025-11-20 18:00 <bob> hi <U+202E> there\n"
                "2025-11-20 18:00  * bob waves\n"
                "2025-11-20 18:00 -- bob is now known as rob\n"
                "2025-11-20 18:00 -- bob set the topic: tea\n");
    moot_buf_clear(&out);
    moot_transcript_put(&t, e, 3, &out);
    expect_text(moot_buf_text(&out),
                "2025-11-20 18:00 -- bob set the topic: tea\n");
}
END_TEST

START_TEST(two_of_one_name_are_told_apart)
{
    char want[256], suffix[5];

    moot_id_suffix(cast_id('C'), suffix);
    snprintf(want, sizeof want,
             "2025-11-20 18:00 <bob> I am bob\n"
             "2025-11-20 18:00 <bob.%s> so am I\n"
             "2025-11-20 18:00 <bob> no\n",
             suffix);
    moot_transcript_put(&t, says_text('B', "bob", "I am bob"), 0, &out);
    moot_transcript_put(&t, says_text('C', "bob", "so am I"), 0, &out);
    moot_transcript_put(&t, says_text('B', "bob", "no"), 0, &out);
    expect_text(moot_buf_text(&out), want);
}
END_TEST

START_TEST(an_entry_whose_words_are_gone_is_one_line_of_its_key)
{
    struct moot_entry *e = moot_entry_pruned(says_text('B', "bob", "I am bob"));
    char suffix[5];

    moot_id_suffix(cast_id('B'), suffix);
    expect_uint(moot_transcript_lines(e), 1);
    moot_transcript_put(&t, e, 0, &out);
    expect_within("no longer kept\n", moot_buf_text(&out));
    expect_within(suffix, moot_buf_text(&out));

    moot_buf_clear(&out);
    t.json = true;
    moot_transcript_put(&t, e, 0, &out);
    expect_within("\"kind\":\"pruned\"", moot_buf_text(&out));
    moot_entry_unref(e);
}
END_TEST

/* What a program reads is exactly what was said; what a terminal would obey is
 * not in it. */
START_TEST(json_holds_what_was_said_in_harmless_letters)
{
    static const char text[] = "a\"b\\ \x7f \xc2\x9b \xe2\x80\xae \xe4\xb8\xad";
    struct moot_entry *e = says_text('B',
                                     "b\xc3\xb6"
                                     "b",
                                     text);
    struct moot_bytes all;
    json_t *object;
    char hex[MOOT_HEX_LEN + 1];

    t.json = true;
    moot_transcript_put(&t, e, 0, &out);
    all = moot_buf_view(&out);
    for (size_t i = 0; i + 1 < all.len; i++)
        expect_turn(all.data[i] >= 0x20 && all.data[i] < 0x7f, "byte %zu", i);
    expect_uint(all.data[all.len - 1], '\n');

    object = json_loadb((const char *)all.data, all.len, 0, NULL);
    expect(object != NULL);
    expect_text(json_string_value(json_object_get(object, "text")), text);
    expect_text(json_string_value(json_object_get(object, "name")), "b\xc3\xb6"
                                                                    "b");
    expect_text(json_string_value(json_object_get(object, "kind")), "text");
    moot_hex(e->hash.b, hex);
    expect_text(json_string_value(json_object_get(object, "hash")), hex);
    moot_hex(e->in.author.b, hex);
    expect_text(json_string_value(json_object_get(object, "author")), hex);
    moot_hex(e->group.b, hex);
    expect_text(json_string_value(json_object_get(object, "group")), hex);
    expect_text(json_string_value(json_object_get(object, "run")),
                "0000000000000001");
    expect_int(json_integer_value(json_object_get(object, "seq")),
               (int64_t)e->seq);
    expect_int(json_integer_value(json_object_get(object, "lamport")),
               (int64_t)e->lamport);
    expect_int(json_integer_value(json_object_get(object, "wall")),
               1763661600000);
    expect_int(json_integer_value(json_object_get(object, "line")), 1);
    json_decref(object);
}
END_TEST

START_TEST(json_has_one_object_a_line)
{
    struct moot_line lines[] = {{MOOT_LINE_TEXT, moot_bytes_text("one")},
                                {MOOT_LINE_ACTION, moot_bytes_text("two")}};
    struct moot_entry *e = says('B', "bob", lines, 2);
    const char *feed;

    t.json = true;
    moot_transcript_put(&t, e, 0, &out);
    expect_within("\"line\":1,\"kind\":\"text\",\"text\":\"one\"}\n{",
                  moot_buf_text(&out));
    expect_within("\"line\":2,\"kind\":\"action\",\"text\":\"two\"}\n",
                  moot_buf_text(&out));
    moot_buf_clear(&out);
    moot_transcript_put(&t, e, 1, &out);
    feed = strchr(moot_buf_text(&out), '\n');
    expect(feed && feed[1] == '\0');
}
END_TEST

START_TEST(an_author_is_asked_for_by_name_or_key)
{
    struct moot_entry *e = says_text('B', "bob", "hi");
    char hex[MOOT_HEX_LEN + 1], who[128];

    expect(moot_transcript_is_by(e, "bob"));
    expect(!moot_transcript_is_by(e, "bo"));
    expect(!moot_transcript_is_by(e, "bobby"));
    moot_hex(cast_id('B')->b, hex);
    expect(moot_transcript_is_by(e, hex));
    snprintf(who, sizeof who, "%.4s", hex);
    expect(moot_transcript_is_by(e, who));
    snprintf(who, sizeof who, "%.3s", hex); /* too few to mean anybody */
    expect(!moot_transcript_is_by(e, who));
    snprintf(who, sizeof who, "%.4s %.4s", hex, hex + 4);
    expect(moot_transcript_is_by(e, who));
    snprintf(who, sizeof who, "bob.%.4s", hex);
    expect(moot_transcript_is_by(e, who));
    snprintf(who, sizeof who, "rob.%.4s", hex);
    expect(!moot_transcript_is_by(e, who));
    moot_hex(cast_id('C')->b, hex);
    expect(!moot_transcript_is_by(e, hex));
    snprintf(who, sizeof who, "bob.%.4s", hex);
    expect(!moot_transcript_is_by(e, who));
}
END_TEST

Suite *suite_app_transcript(void)
{
    Suite *s = suite_create("app/transcript");
    TCase *c = tcase_create("transcript");

    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, every_line_carries_its_date_and_does_nothing);
    tcase_add_test(c, two_of_one_name_are_told_apart);
    tcase_add_test(c, an_entry_whose_words_are_gone_is_one_line_of_its_key);
    tcase_add_test(c, json_holds_what_was_said_in_harmless_letters);
    tcase_add_test(c, json_has_one_object_a_line);
    tcase_add_test(c, an_author_is_asked_for_by_name_or_key);
    suite_add_tcase(s, c);
    return s;
}
