/*
 * tests/fuzz/peers.c - any bytes as a cache file and as a stranger's list.
 *
 * What is accepted says the same when it is written and read again.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "wire/peers.h"
#include "base/assert.h"
#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(struct moot_peers *p)
{
    struct moot_buf first = {0};
    struct moot_buf second = {0};
    struct moot_peers again;

    moot_assert(p->peer_count <= MOOT_PEERS_MAX);
    moot_assert(p->tripped_count <= MOOT_TRIPPED_MAX);
    moot_peers_encode(p, &first);
    moot_assert(moot_peers_decode(moot_buf_view(&first), &again) == MOOT_OK);
    moot_assert(again.peer_count == p->peer_count);
    moot_assert(again.tripped_count == p->tripped_count);
    moot_peers_encode(&again, &second);
    moot_assert(moot_bytes_eq(moot_buf_view(&first), moot_buf_view(&second)));
    moot_buf_fini(&first);
    moot_buf_fini(&second);
    moot_peers_fini(&again);
    moot_peers_fini(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct moot_bytes input = moot_bytes_of(data, len);
    struct moot_peers p;
    int verdict = moot_peers_decode(input, &p);

    if (verdict == MOOT_OK)
        check(&p);
    else
        moot_assert(verdict == MOOT_EPROTO || verdict == MOOT_ELIMIT);
    verdict = moot_peers_decode_list(input, &p);
    if (verdict == MOOT_OK) {
        moot_assert(p.peer_count > 0 && p.tripped_count == 0);
        check(&p);
    } else {
        moot_assert(verdict == MOOT_EPROTO || verdict == MOOT_ELIMIT);
    }
    return 0;
}
