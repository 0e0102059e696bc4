/*
 * tests/fuzz/entry.c - any bytes as an entry, as a header, or as a body.
 *
 * The first byte says which.  A header or a body gets the rest of an entry
 * built around it, for no fuzzer guesses a hash.  What is accepted reads alike
 * by the schema, opens again as the same, and can be pruned, sent and said.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdlib.h>

#include "../wire/forge.h"
#include "../wire/schema.h"
#include "base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_pruned(const struct moot_entry *e)
{
    struct moot_entry *pruned = moot_entry_pruned(e);
    struct moot_entry *again = NULL;
    static struct moot_body body;

    moot_assert(moot_entry_open(pruned->raw, &again) == MOOT_OK);
    moot_assert(moot_hash_eq(&again->hash, &e->hash));
    moot_assert(moot_entry_cmp(again, e) == 0);
    moot_assert(!moot_entry_body(again, &body));
    moot_entry_unref(again);
    moot_entry_unref(pruned);
}

static void check(const struct moot_entry *e)
{
    struct moot_entry *again = NULL;
    static struct moot_body body;

    moot_assert(e->seq >= 1 && (e->seq == 1) == moot_hash_zero(&e->prev));
    moot_assert(e->lamport >= 1 && e->lamport < MOOT_LAMPORT_MAX);
    moot_assert(e->cite_count <= MOOT_CITES_MAX);
    moot_assert(e->body_len >= 1 && e->body_len <= MOOT_BODY_LEN_MAX);
    moot_assert(schema_agrees_entry(e));
    moot_assert(moot_entry_open(e->raw, &again) == MOOT_OK);
    moot_assert(moot_bytes_eq(again->raw, e->raw));
    moot_assert(moot_entry_body(e, &body) == (e->body.len > 0));
    moot_entry_unref(again);
    check_pruned(e);
}

static void check_sent(struct moot_entry *e)
{
    static struct moot_message m;
    struct moot_buf b = {0};
    struct moot_bytes frame;

    moot_message_encode_entries(&e, 1, true, &b);
    moot_assert(moot_frame_first(moot_buf_view(&b), MOOT_FRAME_LEN_MAX,
                                 &frame) == MOOT_OK);
    moot_assert(moot_message_decode(frame, &m) == MOOT_OK);
    moot_assert(m.entries.count == 1 &&
                moot_bytes_eq(m.entries.raw[0], e->raw));
    moot_buf_fini(&b);
}

static void open_and_check(struct moot_bytes raw)
{
    struct moot_entry *e = NULL;
    int verdict = moot_entry_open(raw, &e);

    if (verdict == MOOT_OK) {
        check(e);
        check_sent(e);
        moot_entry_unref(e);
    } else {
        moot_assert(verdict == MOOT_EPROTO || verdict == MOOT_EVERSION);
        moot_assert(!e);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const uint8_t sig[64];
    struct moot_buf b = {0};
    struct moot_key author = {.id = {{1}}};
    struct forge f;

    if (len < 1 || len > MOOT_FRAME_LEN_MAX)
        return 0;

    struct moot_bytes rest = moot_bytes_of(data + 1, len - 1);

    if (data[0] == 'h') {
        moot_pb_put_bytes(&b, 1, rest);
        moot_pb_put_raw(&b, 2, sig, sizeof sig);
        open_and_check(moot_buf_view(&b));
    } else if (data[0] == 'b') {
        struct moot_buf header = {0};

        forge_init(&f);
        moot_buf_clear(&f.body);
        moot_buf_append(&f.body, rest.data, rest.len);
        forge_header(&f, &author, &header);
        moot_pb_put_bytes(&b, 1, moot_buf_view(&header));
        moot_pb_put_raw(&b, 2, sig, sizeof sig);
        moot_pb_put_bytes(&b, 3, rest);
        open_and_check(moot_buf_view(&b));
        moot_buf_fini(&header);
        forge_fini(&f);
    } else {
        open_and_check(rest);
    }
    moot_buf_fini(&b);
    return 0;
}
