/*
 * tests/fuzz/text.c - any bytes as text, as a name, as a line, as hex digits.
 *
 * utf8proc decides again what is UTF-8; names and lines are text within their
 * bounds.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "ident/id.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool valid_to_utf8proc(const uint8_t *data, size_t len)
{
    while (len > 0) {
        utf8proc_int32_t point;
        utf8proc_ssize_t n =
            utf8proc_iterate(data, (utf8proc_ssize_t)len, &point);

        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static bool line_by_the_book(const uint8_t *data, size_t len)
{
    return len >= 1 && len <= MOOT_LINE_LEN_MAX && !memchr(data, 0, len) &&
           !memchr(data, '\n', len) && !memchr(data, '\r', len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct moot_bytes text = moot_bytes_of(data, len);
    bool valid = moot_utf8_valid(text);
    char *as_string = moot_copy(data, len);
    struct moot_id id;
    char hex[MOOT_HEX_LEN + 1];

    moot_assert(valid == valid_to_utf8proc(data, len));
    moot_assert((moot_line_fault(text) == NULL) ==
                (valid && line_by_the_book(data, len)));
    if (moot_name_fault(text) == NULL) {
        moot_assert(valid && len >= 1 && len <= MOOT_NAME_LEN_MAX);
        moot_assert(moot_line_fault(text) == NULL);
    }
    if (moot_unhex(as_string, id.b)) {
        moot_hex(id.b, hex);
        moot_assert(strlen(as_string) == MOOT_HEX_LEN);
        moot_assert(strncasecmp(hex, as_string, MOOT_HEX_LEN) == 0);
    }
    free(as_string);
    return 0;
}
