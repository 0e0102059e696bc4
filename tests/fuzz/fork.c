/*
 * tests/fuzz/fork.c - any bytes as the proof of two histories.
 *
 * What is accepted is one proof, whichever way its entries are handed over,
 * and goes and comes back.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "wire/fork.h"
#include "base/assert.h"
#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct moot_fork *f)
{
    struct moot_fork again;
    struct moot_buf b = {0};

    moot_assert(f->seq == f->second->seq && f->first->seq <= f->seq);
    moot_assert(moot_fork_make(f->second, f->first, &again));
    moot_assert(moot_fork_cmp(f, &again) == 0);
    moot_assert(moot_hash_eq(&f->hash, &again.hash));
    moot_fork_fini(&again);
    moot_fork_encode(f, &b);
    moot_assert(moot_fork_open(moot_buf_view(&b), &again) == MOOT_OK);
    moot_assert(moot_fork_cmp(f, &again) == 0);
    moot_fork_fini(&again);
    moot_buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct moot_fork f;
    int verdict = moot_fork_open(moot_bytes_of(data, len), &f);

    if (verdict != MOOT_OK) {
        moot_assert(verdict == MOOT_EPROTO || verdict == MOOT_EVERSION);
        return 0;
    }
    check(&f);
    moot_fork_fini(&f);
    return 0;
}
