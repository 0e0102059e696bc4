/*
 * tests/fuzz/record.c - any bytes as a member record.
 *
 * What is accepted reads alike by the schema, and sealing the same fields anew
 * makes a record of the same fields.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdlib.h>

#include "../wire/samples.h"
#include "../wire/schema.h"
#include "base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Equal but for raw bytes and signature. */
static bool same_fields(const struct moot_record *a,
                        const struct moot_record *b)
{
    bool same =
        moot_hash_eq(&a->group, &b->group) && moot_id_eq(&a->id, &b->id) &&
        a->run == b->run && a->run_ms == b->run_ms && a->serial == b->serial &&
        strcmp(a->name, b->name) == 0 && a->mode == b->mode &&
        a->standing == b->standing && a->port == b->port &&
        a->addr_count == b->addr_count && moot_addr_eq(&a->boot, &b->boot);

    for (unsigned i = 0; same && i < a->addr_count; i++)
        same = moot_addr_eq(&a->addrs[i], &b->addrs[i]);
    return same;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct moot_sig sig = {{0}};
    struct moot_record r;
    struct moot_record again;
    int verdict = moot_record_open(moot_bytes_of(data, len), &sig, &r);

    if (verdict != MOOT_OK) {
        moot_assert(verdict == MOOT_EPROTO);
        return 0;
    }
    moot_assert(len <= MOOT_RECORD_LEN_MAX && r.raw_len == len);
    moot_assert(schema_agrees_record(&r));
    moot_assert(!moot_record_newer(&r, &r));

    struct moot_key alice = sample_key(1);

    r.id = alice.id;
    moot_record_seal(&r, &alice);
    moot_assert(moot_record_open(moot_bytes_of(r.raw, r.raw_len), &r.sig,
                                 &again) == MOOT_OK);
    moot_assert(same_fields(&r, &again));
    moot_assert(moot_record_verify(&again));
    return 0;
}
