/*
 * tests/fuzz/register.c - any bytes as a request to a group directory.
 *
 * What is accepted says the same when it is written and read again, and a
 * directory survives it.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdlib.h>

#include "base/assert.h"
#include "base/error.h"
#include "boot/directory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void offer(const struct moot_register *r)
{
    struct moot_directory_config c = {
        .groups_max = 1, .members_max = 4, .timeout = 15000};
    struct moot_directory *d = moot_directory_create(&c);
    struct moot_id lack[MOOT_LACK_MAX];
    struct moot_answer a;
    unsigned lack_count;

    (void)moot_directory_take(d, 60000, r, "192.0.2.1", lack, &lack_count);
    moot_assert(lack_count <= MOOT_LACK_MAX);
    if (moot_directory_list(d, 60000, r->group_name, false, r, &a) == MOOT_OK)
        moot_answer_fini(&a);
    moot_directory_destroy(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct moot_register r, again;
    struct moot_buf first = {0};
    struct moot_buf second = {0};
    int verdict = moot_register_decode(moot_bytes_of(data, len), &r);

    if (verdict != MOOT_OK) {
        moot_assert(verdict == MOOT_EPROTO || verdict == MOOT_ELIMIT);
        return 0;
    }
    moot_register_encode(&r, &first);
    moot_assert(moot_register_decode(moot_buf_view(&first), &again) == MOOT_OK);
    moot_register_encode(&again, &second);
    moot_assert(moot_bytes_eq(moot_buf_view(&first), moot_buf_view(&second)));
    offer(&r);
    moot_buf_fini(&first);
    moot_buf_fini(&second);
    moot_register_fini(&r);
    moot_register_fini(&again);
    return 0;
}
