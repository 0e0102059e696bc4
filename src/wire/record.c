/*
 * wire/record.c - member records as bytes.
 *
 * Decides nothing about who is a member: that is the group's business.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include "wire/record.h"

#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/utf8.h"
#include "wire/pb_internal.h"

#define RECORD_VERSION 1

enum record_field {
    FIELD_VERSION = 1,
    FIELD_GROUP = 2,
    FIELD_ID = 3,
    FIELD_RUN = 4,
    FIELD_RUN_MS = 5,
    FIELD_SERIAL = 6,
    FIELD_NAME = 7,
    FIELD_MODE = 8,
    FIELD_STANDING = 9,
    FIELD_ADDR = 10,
    FIELD_PORT = 11,
    FIELD_BOOT = 12,
    FIELD_SPEAKS = 13
};

static void put_addr(struct moot_buf *b, uint32_t number,
                     const struct moot_addr *a)
{
    char text[MOOT_ADDR_TEXT_MAX];

    moot_addr_format(a, text);
    moot_pb_put_bytes(b, number, moot_bytes_text(text));
}

void moot_record_seal(struct moot_record *r, const struct moot_key *k)
{
    struct moot_buf b = {0};

    moot_assert(moot_id_eq(&r->id, &k->id));
    moot_assert(moot_name_fault(moot_bytes_text(r->name)) == NULL);
    moot_assert(r->addr_count <= MOOT_RECORD_ADDRS_MAX);

    moot_pb_put_u64(&b, FIELD_VERSION, RECORD_VERSION);
    moot_pb_put_raw(&b, FIELD_GROUP, r->group.b, sizeof r->group.b);
    moot_pb_put_raw(&b, FIELD_ID, r->id.b, sizeof r->id.b);
    moot_pb_put_fixed64(&b, FIELD_RUN, r->run);
    moot_pb_put_u64(&b, FIELD_RUN_MS, (uint64_t)r->run_ms);
    moot_pb_put_u64(&b, FIELD_SERIAL, r->serial);
    moot_pb_put_bytes(&b, FIELD_NAME, moot_bytes_text(r->name));
    moot_pb_put_u64(&b, FIELD_MODE, r->mode);
    moot_pb_put_u64(&b, FIELD_STANDING, r->standing);
    for (unsigned i = 0; i < r->addr_count; i++)
        put_addr(&b, FIELD_ADDR, &r->addrs[i]);
    moot_pb_put_u64(&b, FIELD_PORT, r->port);
    if (r->boot.port != 0)
        put_addr(&b, FIELD_BOOT, &r->boot);
    moot_pb_put_fixed64(&b, FIELD_SPEAKS, r->speaks);

    struct moot_bytes raw = moot_buf_view(&b);

    moot_assert(raw.len <= sizeof r->raw);
    memcpy(r->raw, raw.data, raw.len);
    r->raw_len = raw.len;
    r->sig = moot_sign(k, MOOT_DOMAIN_RECORD, raw);
    moot_buf_fini(&b);
}

static void take_name(struct moot_pb *p, struct moot_record *r)
{
    struct moot_bytes name = {0};

    moot_pb_take_bytes(p, MOOT_NAME_LEN_MAX, &name);
    if (p->bad || moot_name_fault(name)) {
        p->bad = true;
        return;
    }
    memcpy(r->name, name.data, name.len);
    r->name[name.len] = 0;
}

static void take_addr(struct moot_pb *p, struct moot_record *r)
{
    struct moot_bytes text = {0};

    if (r->addr_count == MOOT_RECORD_ADDRS_MAX) {
        p->bad = true;
        return;
    }
    moot_pb_each_bytes(p, MOOT_ADDR_TEXT_MAX, &text);
    if (moot_addr_parse(text, &r->addrs[r->addr_count]) != MOOT_OK)
        p->bad = true;
    else
        r->addr_count++;
}

static void take_boot(struct moot_pb *p, struct moot_record *r)
{
    struct moot_bytes text = {0};

    moot_pb_take_bytes(p, MOOT_ADDR_TEXT_MAX, &text);
    if (text.len > 0 && moot_addr_parse(text, &r->boot) != MOOT_OK)
        p->bad = true;
}

/* An integer from 1 to last. */
static unsigned take_choice(struct moot_pb *p, unsigned last)
{
    uint32_t value = 0;

    moot_pb_take_u32(p, &value);
    if (value < 1 || value > last)
        p->bad = true;
    return value;
}

static void take_port(struct moot_pb *p, struct moot_record *r)
{
    uint32_t port = 0;

    moot_pb_take_u32(p, &port);
    if (port > UINT16_MAX)
        p->bad = true;
    else
        r->port = (uint16_t)port;
}

static void take_run_ms(struct moot_pb *p, struct moot_record *r)
{
    uint64_t value = 0;

    moot_pb_take_u64(p, &value);
    r->run_ms = (moot_wall_ms)value;
}

static void take_field(struct moot_pb *p, struct moot_record *r)
{
    switch (p->number) {
    case FIELD_VERSION:
        take_choice(p, RECORD_VERSION);
        break;
    case FIELD_GROUP:
        moot_pb_take_raw(p, r->group.b, sizeof r->group.b);
        break;
    case FIELD_ID:
        moot_pb_take_raw(p, r->id.b, sizeof r->id.b);
        break;
    case FIELD_RUN:
        moot_pb_take_fixed64(p, &r->run);
        break;
    case FIELD_RUN_MS:
        take_run_ms(p, r);
        break;
    case FIELD_SERIAL:
        moot_pb_take_u64(p, &r->serial);
        break;
    case FIELD_NAME:
        take_name(p, r);
        break;
    case FIELD_MODE:
        r->mode = (enum moot_mode)take_choice(p, MOOT_BOOTSTRAP);
        break;
    case FIELD_STANDING:
        r->standing = (enum moot_standing)take_choice(p, MOOT_JOINED);
        break;
    case FIELD_ADDR:
        take_addr(p, r);
        break;
    case FIELD_PORT:
        take_port(p, r);
        break;
    case FIELD_BOOT:
        take_boot(p, r);
        break;
    case FIELD_SPEAKS:
        moot_pb_take_fixed64(p, &r->speaks);
        break;
    default: /* of a later minor version */
        break;
    }
}

int moot_record_open(struct moot_bytes raw, const struct moot_sig *sig,
                     struct moot_record *ret_record)
{
    const uint32_t wanted =
        MOOT_PB_FIELD(FIELD_VERSION) | MOOT_PB_FIELD(FIELD_GROUP) |
        MOOT_PB_FIELD(FIELD_ID) | MOOT_PB_FIELD(FIELD_NAME) |
        MOOT_PB_FIELD(FIELD_MODE) | MOOT_PB_FIELD(FIELD_STANDING);
    struct moot_record r = {0};
    struct moot_pb p = moot_pb_read(raw);

    if (raw.len > sizeof r.raw)
        return MOOT_EPROTO;
    while (moot_pb_next(&p))
        take_field(&p, &r);
    if (!moot_pb_took(&p, wanted))
        return MOOT_EPROTO;

    memcpy(r.raw, raw.data, raw.len);
    r.raw_len = raw.len;
    r.sig = *sig;
    *ret_record = r;
    return MOOT_OK;
}

bool moot_record_verify(const struct moot_record *r)
{
    return moot_verify(&r->id, MOOT_DOMAIN_RECORD,
                       moot_bytes_of(r->raw, r->raw_len), &r->sig);
}

bool moot_record_newer(const struct moot_record *a, const struct moot_record *b)
{
    moot_assert(moot_id_eq(&a->id, &b->id));
    if (a->run_ms != b->run_ms)
        return a->run_ms > b->run_ms;
    if (a->run != b->run)
        return a->run > b->run;
    return a->serial > b->serial;
}
