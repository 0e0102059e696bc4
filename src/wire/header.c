/*
 * wire/header.c - what an entry's author signs.
 *
 * Validity here is a pure function of the bytes: no clock, no configuration,
 * no local state, so that every peer comes to the same verdict for ever.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "wire/entry_internal.h"
#include "wire/pb_internal.h"

enum header_field {
    FIELD_VERSION = 1,
    FIELD_GROUP = 2,
    FIELD_AUTHOR = 3,
    FIELD_RUN = 4,
    FIELD_SEQ = 5,
    FIELD_PREV = 6,
    FIELD_LAMPORT = 7,
    FIELD_WALL = 8,
    FIELD_CITES = 9,
    FIELD_BODY_LEN = 10,
    FIELD_BODY_HASH = 11
};

enum cite_field {
    CITE_AUTHOR = 1,
    CITE_RUN = 2,
    CITE_SEQ = 3,
    CITE_HASH = 4
};

static void put_cite(struct moot_buf *out, const struct moot_cite *c)
{
    size_t mark = moot_pb_open(out, FIELD_CITES);

    moot_pb_put_raw(out, CITE_AUTHOR, c->in.author.b, sizeof c->in.author.b);
    moot_pb_put_fixed64(out, CITE_RUN, c->in.run);
    moot_pb_put_u64(out, CITE_SEQ, c->seq);
    moot_pb_put_raw(out, CITE_HASH, c->hash.b, sizeof c->hash.b);
    moot_pb_close(out, mark);
}

void moot_header_encode(const struct moot_draft *d, struct moot_bytes body,
                        struct moot_buf *out)
{
    struct moot_hash body_hash = moot_hash_of(body);

    moot_pb_put_u64(out, FIELD_VERSION, MOOT_ENTRY_VERSION);
    moot_pb_put_raw(out, FIELD_GROUP, d->group.b, sizeof d->group.b);
    moot_pb_put_raw(out, FIELD_AUTHOR, d->in.author.b, sizeof d->in.author.b);
    moot_pb_put_fixed64(out, FIELD_RUN, d->in.run);
    moot_pb_put_u64(out, FIELD_SEQ, d->seq);
    if (!moot_hash_zero(&d->prev))
        moot_pb_put_raw(out, FIELD_PREV, d->prev.b, sizeof d->prev.b);
    moot_pb_put_u64(out, FIELD_LAMPORT, d->lamport);
    moot_pb_put_u64(out, FIELD_WALL, (uint64_t)d->wall);
    for (unsigned i = 0; i < d->cite_count; i++)
        put_cite(out, &d->cites[i]);
    moot_pb_put_u64(out, FIELD_BODY_LEN, body.len);
    moot_pb_put_raw(out, FIELD_BODY_HASH, body_hash.b, sizeof body_hash.b);
}

static bool decode_cite(struct moot_bytes raw, struct moot_cite *c)
{
    const uint32_t wanted = MOOT_PB_FIELD(CITE_AUTHOR) |
                            MOOT_PB_FIELD(CITE_SEQ) | MOOT_PB_FIELD(CITE_HASH);
    struct moot_pb p = moot_pb_read(raw);

    c->in.run = 0;
    c->seq = 0;
    while (moot_pb_next(&p)) {
        if (p.number == CITE_AUTHOR)
            moot_pb_take_raw(&p, c->in.author.b, sizeof c->in.author.b);
        else if (p.number == CITE_RUN)
            moot_pb_take_fixed64(&p, &c->in.run);
        else if (p.number == CITE_SEQ)
            moot_pb_take_u64(&p, &c->seq);
        else if (p.number == CITE_HASH)
            moot_pb_take_raw(&p, c->hash.b, sizeof c->hash.b);
    }
    return moot_pb_took(&p, wanted) && c->seq >= 1;
}

static void take_cite(struct moot_pb *p, struct moot_header *h)
{
    struct moot_bytes raw = {0};

    moot_pb_each_bytes(p, MOOT_HEADER_LEN_MAX, &raw);
    if (h->cite_count == MOOT_CITES_MAX ||
        !decode_cite(raw, &h->cites[h->cite_count]))
        p->bad = true;
    else
        h->cite_count++;
}

static void take_field(struct moot_pb *p, struct moot_header *h)
{
    uint64_t value = 0;

    switch (p->number) {
    case FIELD_VERSION: /* judged before all others */
        moot_pb_take_u64(p, &value);
        break;
    case FIELD_GROUP:
        moot_pb_take_raw(p, h->group.b, sizeof h->group.b);
        break;
    case FIELD_AUTHOR:
        moot_pb_take_raw(p, h->in.author.b, sizeof h->in.author.b);
        break;
    case FIELD_RUN:
        moot_pb_take_fixed64(p, &h->in.run);
        break;
    case FIELD_SEQ:
        moot_pb_take_u64(p, &h->seq);
        break;
    case FIELD_PREV:
        moot_pb_take_raw(p, h->prev.b, sizeof h->prev.b);
        break;
    case FIELD_LAMPORT:
        moot_pb_take_u64(p, &h->lamport);
        break;
    case FIELD_WALL:
        moot_pb_take_u64(p, &value);
        h->wall = (moot_wall_ms)value;
        break;
    case FIELD_CITES:
        take_cite(p, h);
        break;
    case FIELD_BODY_LEN:
        moot_pb_take_u32(p, &h->body_len);
        break;
    case FIELD_BODY_HASH:
        moot_pb_take_raw(p, h->body_hash.b, sizeof h->body_hash.b);
        break;
    default: /* of a later minor version */
        break;
    }
}

/* One cite per chain: the newest covers those below it. */
static bool cites_one_chain_twice(const struct moot_header *h)
{
    for (unsigned i = 1; i < h->cite_count; i++) {
        for (unsigned j = 0; j < i; j++) {
            if (h->cites[i].in.run == h->cites[j].in.run &&
                moot_id_eq(&h->cites[i].in.author, &h->cites[j].in.author))
                return true;
        }
    }
    return false;
}

static bool valid(const struct moot_header *h)
{
    if (h->seq < 1 || h->seq >= MOOT_SEQ_MAX)
        return false;
    if ((h->seq == 1) != moot_hash_zero(&h->prev))
        return false;
    if (h->lamport < 1 || h->lamport >= MOOT_LAMPORT_MAX)
        return false;
    if (h->body_len < 1 || h->body_len > MOOT_BODY_LEN_MAX)
        return false;
    return !cites_one_chain_twice(h);
}

int moot_header_decode(struct moot_bytes raw, struct moot_header *ret_header)
{
    const uint32_t wanted = MOOT_PB_FIELD(FIELD_GROUP) |
                            MOOT_PB_FIELD(FIELD_AUTHOR) |
                            MOOT_PB_FIELD(FIELD_BODY_HASH);
    struct moot_pb p = moot_pb_read(raw);
    uint64_t version = moot_pb_peek(raw, FIELD_VERSION);

    moot_assert(raw.len <= MOOT_HEADER_LEN_MAX);

    /* Another version has other rules: they are not ours to judge. */
    if (version > MOOT_ENTRY_VERSION)
        return MOOT_EVERSION;
    if (version != MOOT_ENTRY_VERSION)
        return MOOT_EPROTO;

    memset(ret_header, 0, offsetof(struct moot_header, cites));
    while (moot_pb_next(&p))
        take_field(&p, ret_header);
    if (!moot_pb_took(&p, wanted) || !valid(ret_header))
        return MOOT_EPROTO;
    return MOOT_OK;
}
