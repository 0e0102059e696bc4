/*
 * tests/fuzz/message.c - any bytes as a frame.
 *
 * What is accepted, the schema reads alike, and it survives being encoded and
 * decoded again.  Entries and records inside are opened too.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdlib.h>

#include "../wire/schema.h"
#include "base/assert.h"
#include "wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void open_inside(const struct moot_message *m)
{
    if (m->kind == MOOT_MSG_ENTRIES) {
        for (unsigned i = 0; i < m->entries.count; i++) {
            struct moot_entry *e = NULL;

            if (moot_entry_open(m->entries.raw[i], &e) == MOOT_OK)
                moot_assert(schema_agrees_entry(e));
            moot_entry_unref(e);
        }
    }
    if (m->kind == MOOT_MSG_MEMBERS) {
        for (unsigned i = 0; i < m->members.count; i++) {
            struct moot_record r;
            const struct moot_member_hint *hint = &m->members.at[i];

            if (moot_record_open(hint->record, &hint->sig, &r) == MOOT_OK)
                moot_assert(schema_agrees_record(&r));
        }
    }
}

static void go_and_come_back(const struct moot_message *m)
{
    static struct moot_message again;
    struct moot_buf first = {0};
    struct moot_buf second = {0};
    struct moot_bytes frame;

    moot_message_encode(m, &first);
    moot_assert(moot_frame_first(moot_buf_view(&first), MOOT_FRAME_LEN_MAX,
                                 &frame) == MOOT_OK);
    moot_assert(moot_message_decode(frame, &again) == MOOT_OK);
    moot_message_encode(&again, &second);
    moot_assert(moot_bytes_eq(moot_buf_view(&first), moot_buf_view(&second)));
    moot_buf_fini(&first);
    moot_buf_fini(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct moot_message m;
    struct moot_bytes frame = moot_bytes_of(data, len);

    if (len > MOOT_FRAME_LEN_MAX)
        return 0;

    int verdict = moot_message_decode(frame, &m);

    if (verdict != MOOT_OK) {
        moot_assert(verdict == MOOT_EPROTO);
        return 0;
    }
    moot_assert(schema_agrees_message(frame, &m));
    open_inside(&m);
    if (m.kind != MOOT_MSG_UNKNOWN)
        go_and_come_back(&m);
    return 0;
}
