/*
 * tests/fuzz/answer.c - any bytes as a bootstrap answer and its signature.
 *
 * An input that begins with 's' is a signature header, a line feed and the
 * body.  What is accepted says the same when it is written and read again.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/error.h"
#include "wire/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_signature(struct moot_bytes input)
{
    const uint8_t *end = memchr(input.data, '\n', input.len);

    if (!end)
        return;

    size_t header_len = (size_t)(end - input.data);
    char *header = moot_copy(input.data, header_len);
    struct moot_bytes json = moot_bytes_of(end + 1, input.len - header_len - 1);
    struct moot_id id;

    if (moot_answer_signed(json, header, &id)) {
        char hex[MOOT_HEX_LEN + 1];

        moot_hex(id.b, hex);
        moot_assert(strncasecmp(hex, header, MOOT_HEX_LEN) == 0);
    }
    free(header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct moot_answer a;
    struct moot_answer again;
    struct moot_buf first = {0};
    struct moot_buf second = {0};

    if (len > 0 && data[0] == 's') {
        check_signature(moot_bytes_of(data + 1, len - 1));
        return 0;
    }

    int verdict = moot_answer_decode(moot_bytes_of(data, len), &a);

    if (verdict != MOOT_OK) {
        moot_assert(verdict == MOOT_EANSWER || verdict == MOOT_ELIMIT);
        return 0;
    }
    moot_assert(a.member_count <= MOOT_MEMBERS_MAX);
    moot_answer_encode(&a, &first);
    moot_assert(moot_answer_decode(moot_buf_view(&first), &again) == MOOT_OK);
    moot_assert(again.member_count == a.member_count);
    moot_answer_encode(&again, &second);
    moot_assert(moot_bytes_eq(moot_buf_view(&first), moot_buf_view(&second)));
    moot_buf_fini(&first);
    moot_buf_fini(&second);
    moot_answer_fini(&a);
    moot_answer_fini(&again);
    return 0;
}
