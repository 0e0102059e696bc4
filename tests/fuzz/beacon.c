/*
 * tests/fuzz/beacon.c - any bytes as a beacon.
 *
 * No fuzzer finds a proof, so where only that is wrong the right one is put in
 * its place: the rest must then be read as it stands there.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdlib.h>
#include <string.h>

#include "../wire/samples.h"
#include "base/assert.h"
#include "base/error.h"
#include "wire/beacon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct moot_hash key = sample_hash(0x67);
    struct moot_beacon b, again;
    uint8_t bytes[MOOT_BEACON_LEN];
    int verdict = moot_beacon_decode(moot_bytes_of(data, len), &key, &b);

    if (verdict == MOOT_EPROTO)
        return 0;
    moot_assert(len == sizeof bytes);
    memcpy(again.nonce, data + 1, sizeof again.nonce);
    again.port = (uint16_t)(data[17] << 8 | data[18]);
    moot_beacon_encode(&again, &key, bytes);
    moot_assert(memcmp(bytes, data, 19) == 0);
    moot_assert((verdict == MOOT_OK) == (memcmp(bytes, data, len) == 0));
    moot_assert(moot_beacon_decode(moot_bytes_of(bytes, sizeof bytes), &key,
                                   &b) == MOOT_OK);
    moot_assert(b.port == again.port);
    return 0;
}
