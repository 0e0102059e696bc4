/*
 * tests/fuzz/sealed.c - any bytes as a sealed answer, and any bytes sealed as
 * one.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "wire/sealed.h"
#include "base/assert.h"
#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct moot_secret secret = {{1}};
static const uint8_t nonce[MOOT_SEAL_NONCE_LEN];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct moot_bytes in = moot_bytes_of(data, len);
    static struct moot_ring ring;
    struct moot_buf text = {0}, json = {0};
    size_t at = 0;
    int rc;

    moot_ring_learn(&ring, 1, &secret);
    rc = moot_sealed_open(in, &ring, &text, &at, NULL);
    moot_assert(rc == MOOT_OK || rc == MOOT_EANSWER || rc == MOOT_ESECRET);
    moot_assert((rc == MOOT_EANSWER) || moot_sealed_is(in));
    moot_buf_clear(&text);
    moot_sealed_encode(&secret, nonce, in, "s", &json);
    if (json.len <= MOOT_ANSWER_LEN_MAX) {
        rc = moot_sealed_open(moot_buf_view(&json), &ring, &text, &at, NULL);
        moot_assert(rc == MOOT_OK && at == 2 && text.len == len + 2);
    }
    moot_buf_fini(&text);
    moot_buf_fini(&json);
    return 0;
}
