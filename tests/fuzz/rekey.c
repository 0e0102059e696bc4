/*
 * tests/fuzz/rekey.c - any bytes as a change of a secret: what is read is
 * written as it was.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "wire/rekey.h"
#include "base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct moot_bytes text = moot_bytes_of(data, len);
    struct moot_buf again = {0};
    struct moot_rekey r;

    if (moot_rekey_decode(text, &r)) {
        moot_rekey_encode(&r, &again);
        moot_assert(moot_bytes_eq(moot_buf_view(&again), text));
    }
    moot_buf_fini(&again);
    return 0;
}
