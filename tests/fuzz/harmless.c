/*
 * tests/fuzz/harmless.c - any bytes, made harmless, hold nothing that a
 * terminal obeys; and any bytes, typed or pasted, are answered.
 *
 * The judge knows characters, not the code: valid UTF-8, nothing below space,
 * no C1, no bidi control, at most so many marks on one character.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/assert.h"
#include "ui/command.h"
#include "ui/harmless.h"
#include "ui/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool obeyed(utf8proc_int32_t p)
{
    return p < 0x20 || (p >= 0x7f && p < 0xa0) || p == 0x61c || p == 0x200e ||
           p == 0x200f || (p >= 0x2028 && p <= 0x202e) ||
           (p >= 0x2066 && p <= 0x2069) || p == 0xfeff;
}

static void judge(struct moot_bytes out)
{
    unsigned marks = 0;

    while (out.len > 0) {
        utf8proc_int32_t p;
        utf8proc_ssize_t n =
            utf8proc_iterate(out.data, (utf8proc_ssize_t)out.len, &p);

        moot_assert(n > 0);
        moot_assert(!obeyed(p));
        marks = utf8proc_category(p) == UTF8PROC_CATEGORY_MN ? marks + 1 : 0;
        moot_assert(marks <= MOOT_COMBINING_MAX);
        out = moot_bytes_of(out.data + n, out.len - (size_t)n);
    }
}

static void type_in(struct moot_bytes in)
{
    struct moot_command c;

    if (in.len > 0 && memchr(in.data, '\n', in.len))
        return;
    moot_command_parse(in, &c);
    moot_assert(c.kind != MOOT_COMMAND_WRONG || *c.error);
    judge(moot_bytes_text(c.error));
}

/* The first byte says where the stream is cut. */
static void press_keys(struct moot_bytes in)
{
    struct moot_keys k = {0};
    struct moot_bytes part;
    size_t cut = in.len > 0 ? in.data[0] % in.len : 0;
    enum moot_keys_part kind;

    moot_keys_add(&k, moot_bytes_of(in.data, cut));
    do
        kind = moot_keys_next(&k, false, &part);
    while (kind != MOOT_KEYS_NONE && kind != MOOT_KEYS_WAITING);
    moot_keys_add(&k, moot_bytes_of(in.data + cut, in.len - cut));
    do
        kind = moot_keys_next(&k, true, &part);
    while (kind != MOOT_KEYS_NONE);
    moot_assert(k.pasting || k.in.len == 0);
    moot_keys_fini(&k);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct moot_buf out = {0};
    struct moot_bytes in = moot_bytes_of(data, len);

    moot_harmless(in, &out);
    moot_assert(out.len <= len * MOOT_HARMLESS_MARK_MAX);
    judge(moot_buf_view(&out));
    moot_buf_clear(&out);
    moot_harmless_name(in, &out);
    judge(moot_buf_view(&out));
    moot_assert(out.len == 0 ||
                !memchr(moot_buf_view(&out).data, '\n', out.len));
    moot_buf_fini(&out);
    type_in(in);
    press_keys(in);
    return 0;
}
