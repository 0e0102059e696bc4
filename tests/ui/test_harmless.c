/*
 * tests/ui/test_harmless.c - nothing a member writes reaches the terminal as
 * anything but something to look at.
 *
 * Single characters are given as a table; then every pair of bytes and many
 * random strings are held against a judge that knows nothing of the code: the
 * outcome is valid UTF-8 without any character a terminal obeys or hides, and
 * no character carries more marks than allowed.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/rng.h"
#include "ui/harmless.h"

Suite *suite_ui_harmless(void);

static const struct {
    const char *in, *out;
} cases[] = {
    {"plain words, 100 % of them", "plain words, 100 % of them"},
    {"", ""},
    {"caf\u00e9 \u4e2d\u6587 \U0001f600", "caf\u00e9 \u4e2d\u6587 \U0001f600"},
    {"a\tb", "a b"},
    {"a\nb\rc", "a\\x0ab\\x0dc"},
    {"\x1b]0;owned\x07", "\\x1b]0;owned\\x07"},
    {"\x1b[2J\x1b[6n", "\\x1b[2J\\x1b[6n"},
    {"\x7f\b", "\\x7f\\x08"},
    /* C1 comes as two bytes of UTF-8 or as one broken one. */
    {"\xc2\x9b"
     "2J",
     "<U+009B>2J"},
    {"\x9b"
     "2J",
     "\\x9b"
     "2J"},
    {"\xc0\x9b", "\\xc0\\x9b"}, /* overlong ESC */
    {"\xe0\x80\x9b", "\\xe0\\x80\\x9b"},
    {"\xed\xa0\x80", "\\xed\\xa0\\x80"}, /* a surrogate */
    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
    {"\xe2\x82", "\\xe2\\x82"}, /* cut off */
    {"\u202emoc.live", "<U+202E>moc.live"},
    {"\u2066x\u2069\u200e\u061c", "<U+2066>x<U+2069><U+200E><U+061C>"},
    {"a\u200bb\ufeff\u2060\u00ad", "a<U+200B>b<U+FEFF><U+2060><U+00AD>"},
    {"a\u2028b\u2029c", "a<U+2028>b<U+2029>c"},
    {"\u3164\u115f\uffa0", "<U+3164><U+115F><U+FFA0>"},
    {"\ue000\U000e0041", "<U+E000><U+E0041>"},
    {"\U0010ffff\ufdd0", "<U+10FFFF><U+FDD0>"},
    /* Combining marks: what languages need stays. */
    {"e\u0301\u0323", "e\u0301\u0323"},
    {"o\u0300\u0301\u0302\u0303\u0304\u0305!",
     "o\u0300\u0301\u0302\u0303<+2 marks>!"},
    {"\u0301x", "\u25cc\u0301x"},
    {"\x01\u0301", "\\x01\u25cc\u0301"},
    /* Joiners and variants: inside emoji and where scripts spell with them. */
    {"\U0001f468\u200d\U0001f469\u200d\U0001f467",
     "\U0001f468\u200d\U0001f469\u200d\U0001f467"},
    {"\u2764\ufe0f\u200d\U0001f525", "\u2764\ufe0f\u200d\U0001f525"},
    {"1\ufe0f\u20e3", "1\ufe0f\u20e3"},
    {"a\ufe0f", "a<U+FE0F>"},
    {"a\u200db", "a<U+200D>b"},
    {"\U0001f468\u200d", "\U0001f468<U+200D>"},
    {"\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
     "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"},
    {"\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"},
    {"\u0645\u200c\u200c\u0645", "\u0645<U+200C><U+200C>\u0645"},
};

static const char *of(struct moot_buf *b, const char *in)
{
    moot_buf_clear(b);
    moot_harmless(moot_bytes_text(in), b);
    return moot_buf_text(b);
}

START_TEST(shows_what_can_be_seen_and_marks_the_rest)
{
    struct moot_buf b = {0};

    ck_assert_str_eq(of(&b, cases[_i].in), cases[_i].out);
    moot_buf_fini(&b);
}
END_TEST

START_TEST(a_zero_byte_is_marked_too)
{
    struct moot_buf b = {0};

    moot_harmless(moot_bytes_of("a\0b", 3), &b);
    ck_assert_str_eq(moot_buf_text(&b), "a\\x00b");
    moot_buf_fini(&b);
}
END_TEST

START_TEST(a_name_cannot_close_its_brackets)
{
    struct moot_buf b = {0};

    moot_harmless_name(moot_bytes_text("bob> hi <al\x1b"), &b);
    ck_assert_str_eq(moot_buf_text(&b), "bob\u203a hi \u2039al\\x1b");
    moot_buf_fini(&b);
}
END_TEST

/* The judge: forbids by code point, not by the tables of the code. */
static bool forbidden(int32_t p)
{
    return p < 0x20 || (p >= 0x7f && p < 0xa0) || p == 0xad || p == 0x61c ||
           p == 0x200b || p == 0x200e || p == 0x200f ||
           (p >= 0x2028 && p <= 0x202e) || (p >= 0x2060 && p <= 0x206f) ||
           p == 0xfeff || (p >= 0xfff9 && p <= 0xfffb) ||
           (p >= 0xe0000 && p <= 0xe0fff) || p == 0x180e || p == 0x3164;
}

/* What is wrong with out as the harmless form of in; NULL: nothing. */
static const char *fault(struct moot_bytes in, struct moot_bytes out)
{
    unsigned marks = 0;

    if (out.len > in.len * MOOT_HARMLESS_MARK_MAX)
        return "it is too long";
    for (size_t at = 0; at < out.len;) {
        utf8proc_int32_t p;
        utf8proc_ssize_t len = utf8proc_iterate(
            out.data + at, (utf8proc_ssize_t)(out.len - at), &p);

        if (len <= 0)
            return "it is not UTF-8";
        if (forbidden(p))
            return "it holds what must not be shown";

        utf8proc_category_t c = utf8proc_category(p);

        if (c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_ME)
            marks++;
        else
            marks = 0;
        if (marks > MOOT_COMBINING_MAX)
            return "it holds a tower of marks";
        at += (size_t)len;
    }
    return NULL;
}

/* Every assertion of check costs a system call, so there is one per failure. */
static void judge(struct moot_bytes in, struct moot_bytes out)
{
    const char *wrong = fault(in, out);

    if (wrong)
        ck_abort_msg("%s: %.*s", wrong, (int)out.len, (const char *)out.data);
}

/* One test for sixteen first bytes; within it each second one, alone and
 * between letters, behind ESC and behind the first bytes of longer characters.
 */
START_TEST(every_pair_of_bytes_comes_out_harmless)
{
    static const char *const before[] = {"", "a", "\x1b", "\xe2", "\xf0\x9f"};
    struct moot_buf b = {0};

    for (unsigned pair = 0; pair < 16 * 256; pair++) {
        for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
            uint8_t in[8];
            size_t len = strlen(before[i]);

            memcpy(in, before[i], len);
            in[len++] = (uint8_t)(16 * _i + (int)(pair / 256));
            in[len++] = (uint8_t)pair;
            in[len++] = 'z';
            moot_buf_clear(&b);
            moot_harmless(moot_bytes_of(in, len), &b);
            judge(moot_bytes_of(in, len), moot_buf_view(&b));
            if (moot_buf_text(&b)[b.len - 1] != 'z')
                ck_abort_msg("what came after a pair is lost");
        }
    }
    moot_buf_fini(&b);
}
END_TEST

START_TEST(every_character_comes_out_harmless)
{
    struct moot_buf b = {0};

    for (int32_t p = 0x80; p <= 0x10ffff; p++) {
        uint8_t in[16] = "a";

        if (!utf8proc_codepoint_valid(p))
            continue;

        size_t len = 1 + (size_t)utf8proc_encode_char(p, in + 1);

        in[len++] = 'b';
        moot_buf_clear(&b);
        moot_harmless(moot_bytes_of(in, len), &b);
        judge(moot_bytes_of(in, len), moot_buf_view(&b));
    }
    moot_buf_fini(&b);
}
END_TEST

START_TEST(random_strings_come_out_harmless)
{
    /* Characters that matter to each other, so that they often meet. */
    static const int32_t some[] = {
        'a',   '<',   0x1b,  0x301, 0x200d, 0x200c, 0xfe0f, 0x1f468, 0x1f3fd,
        0x94d, 0x915, 0x645, '1',   0x20e3, 0x1161, 0x2764, 0x202e};
    struct moot_buf b = {0};
    struct moot_rng r;
    uint8_t seed[32] = {(uint8_t)_i, 1};

    moot_rng_init(&r, seed);
    for (unsigned turn = 0; turn < 300; turn++) {
        uint8_t in[256];
        size_t len = 0;
        size_t count = moot_rng_below(&r, 60);

        for (size_t i = 0; i < count; i++) {
            if (moot_rng_below(&r, 8) == 0)
                in[len++] = (uint8_t)moot_rng_below(&r, 256);
            else
                len += (size_t)utf8proc_encode_char(
                    some[moot_rng_below(&r, sizeof some / sizeof some[0])],
                    in + len);
        }
        moot_buf_clear(&b);
        moot_harmless(moot_bytes_of(in, len), &b);
        judge(moot_bytes_of(in, len), moot_buf_view(&b));
    }
    moot_buf_fini(&b);
}
END_TEST

/* A tower of 10,000 marks takes no more room than its base and a number. */
START_TEST(a_tower_of_marks_is_cut_down)
{
    struct moot_buf in = {0}, b = {0};

    moot_buf_append(&in, "h", 1);
    for (int i = 0; i < 10000; i++)
        moot_buf_append(&in, "\u0336", 2);
    moot_buf_append(&in, "i", 1);
    moot_harmless(moot_buf_view(&in), &b);
    ck_assert_str_eq(moot_buf_text(&b),
                     "h\u0336\u0336\u0336\u0336<+9996 marks>i");
    moot_buf_fini(&in);
    moot_buf_fini(&b);
}
END_TEST

START_TEST(a_chain_of_emoji_does_not_grow_without_end)
{
    struct moot_buf in = {0}, b = {0};

    for (int i = 0; i < 100; i++)
        moot_buf_append(&in, "\U0001f468\u200d", 7);
    moot_harmless(moot_buf_view(&in), &b);
    ck_assert_ptr_nonnull(strstr(moot_buf_text(&b), "\U0001f468<U+200D>"));

    /* Two families side by side are two emoji, not a long one. */
    moot_buf_clear(&b);
    moot_buf_clear(&in);
    for (int i = 0; i < 2; i++)
        moot_buf_append(&in,
                        "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d"
                        "\U0001f466",
                        25);
    moot_harmless(moot_buf_view(&in), &b);
    ck_assert(moot_bytes_eq(moot_buf_view(&in), moot_buf_view(&b)));
    moot_buf_fini(&in);
    moot_buf_fini(&b);
}
END_TEST

Suite *suite_ui_harmless(void)
{
    Suite *s = suite_create("ui/harmless");
    TCase *t = tcase_create("harmless");

    tcase_add_loop_test(t, shows_what_can_be_seen_and_marks_the_rest, 0,
                        sizeof cases / sizeof cases[0]);
    tcase_add_test(t, a_zero_byte_is_marked_too);
    tcase_add_test(t, a_name_cannot_close_its_brackets);
    tcase_add_loop_test(t, every_pair_of_bytes_comes_out_harmless, 0, 16);
    tcase_add_test(t, every_character_comes_out_harmless);
    tcase_add_loop_test(t, random_strings_come_out_harmless, 0, 20);
    tcase_add_test(t, a_tower_of_marks_is_cut_down);
    tcase_add_test(t, a_chain_of_emoji_does_not_grow_without_end);
    suite_add_tcase(s, t);
    return s;
}
