/*
 * tests/ui/test_keys.c - a paste is one text, however the terminal cuts it.
 *
 * Each stream is given whole, then cut at every place, then byte by byte; what
 * comes out must be the same.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ui/keys.h"
#include "words.h"

Suite *suite_ui_keys(void);

/* Typed bytes as they are, a paste in {}, one that is too long as {!}. */
static void drain(struct moot_keys *k, bool late, struct moot_buf *out)
{
    for (;;) {
        struct moot_bytes part;

        switch (moot_keys_next(k, late, &part)) {
        case MOOT_KEYS_NONE:
        case MOOT_KEYS_WAITING:
            return;
        case MOOT_KEYS_TYPED:
            moot_buf_append(out, part.data, part.len);
            break;
        case MOOT_KEYS_PASTED:
            moot_buf_printf(out, "{");
            moot_buf_append(out, part.data, part.len);
            moot_buf_printf(out, "}");
            break;
        case MOOT_KEYS_TOO_LONG:
            moot_buf_printf(out, "{!}");
            break;
        }
    }
}

static const struct {
    const char *in, *out;
} streams[] = {
    {"hello\r", "hello\r"},
    {"\x1b[A\x1b[200~one\rtwo\x1b[201~\r", "\x1b[A{one\ntwo}\r"},
    {"\x1b[200~\x1b[201~", "{}"},
    {"\x1b[200~a\r\nb\nc\x1b[201~", "{a\nb\nc}"},
    {"\x1b[200~a\r\r\nb\r\x1b[201~", "{a\n\nb\n}"},
    {"a\x1b[200~1\x1b[201~b\x1b[200~2\x1b[201~c", "a{1}b{2}c"},
    /* What is in a paste is text, whatever it looks like. */
    {"\x1b[200~\x03\x04/quit\r\x1b[200~\x1b[20x\x1b[201~",
     "{\x03\x04/quit\n\x1b[200~\x1b[20x}"},
    {"\x1b[20\x1b[200~x\x1b[201~", "\x1b[20{x}"},
    {"\x1b\x1b[201~", "\x1b\x1b[201~"},
};

START_TEST(a_paste_comes_out_whole_wherever_it_is_cut)
{
    size_t len = strlen(streams[_i].in);

    for (size_t cut = 0; cut <= len + 1; cut++) {
        struct moot_keys k = {0};
        struct moot_buf out = {0};

        if (cut <= len) {
            moot_keys_add(&k, moot_bytes_of(streams[_i].in, cut));
            drain(&k, false, &out);
            moot_keys_add(&k, moot_bytes_of(streams[_i].in + cut, len - cut));
            drain(&k, false, &out);
        }
        for (size_t i = 0; cut > len && i < len; i++) {
            moot_keys_add(&k, moot_bytes_of(streams[_i].in + i, 1));
            drain(&k, false, &out);
        }
        drain(&k, true, &out);
        expect_text(moot_buf_text(&out), streams[_i].out);
        moot_buf_fini(&out);
        moot_keys_fini(&k);
    }
}
END_TEST

START_TEST(a_bare_escape_is_a_key_after_a_moment)
{
    struct moot_keys k = {0};
    struct moot_bytes part;

    moot_keys_add(&k, moot_bytes_text("\x1b"));
    expect_int(moot_keys_next(&k, false, &part), MOOT_KEYS_WAITING);
    expect_int(moot_keys_next(&k, true, &part), MOOT_KEYS_TYPED);
    expect_bytes(part, moot_bytes_text("\x1b"));
    expect_int(moot_keys_next(&k, true, &part), MOOT_KEYS_NONE);
    moot_keys_fini(&k);
}
END_TEST

START_TEST(a_paste_above_the_bound_is_dropped_as_a_whole)
{
    for (int over = 0; over <= 1; over++) {
        struct moot_keys k = {0};
        struct moot_bytes part;

        moot_keys_add(&k, moot_bytes_text("\x1b[200~"));
        for (int i = 0; i < MOOT_PASTE_LEN_MAX + over; i++) {
            moot_keys_add(&k, moot_bytes_text("x"));
            expect_turn(moot_keys_next(&k, false, &part) == MOOT_KEYS_NONE,
                        "at %d", i);
        }
        expect(k.in.len + k.out.len <= MOOT_PASTE_LEN_MAX + 6);
        moot_keys_add(&k, moot_bytes_text("\x1b[201~k"));
        expect_int(moot_keys_next(&k, false, &part),
                   over ? MOOT_KEYS_TOO_LONG : MOOT_KEYS_PASTED);
        expect_int(moot_keys_next(&k, false, &part), MOOT_KEYS_TYPED);
        expect_bytes(part, moot_bytes_text("k"));
        moot_keys_fini(&k);
    }
}
END_TEST

Suite *suite_ui_keys(void)
{
    Suite *s = suite_create("ui/keys");
    TCase *t = tcase_create("keys");

    tcase_add_loop_test(t, a_paste_comes_out_whole_wherever_it_is_cut, 0,
                        sizeof streams / sizeof streams[0]);
    tcase_add_test(t, a_bare_escape_is_a_key_after_a_moment);
    tcase_add_test(t, a_paste_above_the_bound_is_dropped_as_a_whole);
    suite_add_tcase(s, t);
    return s;
}
