/*
 * tests/fuzz/invite.c - any bytes as an invitation.
 *
 * No fuzzer finds a checksum, so bytes that begin with a number of doors, one
 * of pins and so on are made into an invitation that is right; what is read
 * from it has to say the same.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "wire/invite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_text(struct moot_bytes text)
{
    char again[MOOT_INVITE_TEXT_MAX];
    struct moot_invite i;
    int verdict = moot_invite_decode(text, &i);

    if (verdict == MOOT_EINVAL)
        moot_assert(!moot_invite_looks_like_one(text));
    if (verdict != MOOT_OK) {
        moot_assert(verdict == MOOT_EINVAL || verdict == MOOT_EPROTO ||
                    verdict == MOOT_EVERSION);
        return;
    }
    moot_invite_encode(&i, again);
    moot_assert(moot_bytes_eq(text, moot_bytes_text(again)));
}

/* The next byte, or 0 behind the last. */
static uint8_t next(struct moot_bytes *in)
{
    if (in->len == 0)
        return 0;
    in->len--;
    return *in->data++;
}

static void take_door(struct moot_bytes *in, struct moot_invite *i)
{
    size_t len = next(in);
    struct moot_addr a;

    if (len > in->len)
        len = in->len;
    if (moot_addr_parse(moot_bytes_of(in->data, len), &a) == MOOT_OK)
        moot_invite_add_door(i, &a);
    *in = moot_bytes_of(in->data + len, in->len - len);
}

static void check_made(struct moot_bytes in)
{
    unsigned doors = next(&in) % 5, pins = next(&in) % 6;
    struct moot_invite i = {.closed = next(&in) & 1}, again;
    char text[MOOT_INVITE_TEXT_MAX];

    for (unsigned k = 0; k < doors; k++)
        take_door(&in, &i);
    for (unsigned k = 0; k < pins; k++) {
        struct moot_id id;

        memset(id.b, next(&in), sizeof id.b);
        moot_invite_add_pin(&i, &id);
    }
    for (size_t k = 0; k < sizeof i.group; k++)
        i.group[k] = next(&in);
    for (size_t k = 0; i.closed && k < sizeof i.secret.b; k++)
        i.secret.b[k] = next(&in);
    if (i.door_count == 0 || i.pin_count == 0)
        return;
    moot_invite_encode(&i, text);
    moot_assert(moot_invite_decode(moot_bytes_text(text), &again) == MOOT_OK);
    moot_assert(again.door_count == i.door_count);
    moot_assert(again.pin_count == i.pin_count);
    moot_assert(memcmp(again.group, i.group, sizeof i.group) == 0);
    moot_assert(again.closed == i.closed);
    moot_assert(memcmp(again.secret.b, i.secret.b, sizeof i.secret.b) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    check_text(moot_bytes_of(data, len));
    check_made(moot_bytes_of(data, len));
    return 0;
}
