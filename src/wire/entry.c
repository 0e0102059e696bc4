/*
 * wire/entry.c - making, opening and sharing entries.
 *
 * The envelope around header, signature and body is not signed, so it is
 * always written anew, in one form: what travels holds nothing its author did
 * not sign.  header.c and body.c judge what is inside.
 *
 * Layer:  wire (quiet).
 * Thread: the count belongs to one thread (the loop); the bytes to all.
 */
#include "wire/entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/error.h"
#include "wire/entry_internal.h"
#include "wire/pb_internal.h"

enum envelope_field {
    FIELD_HEADER = 1,
    FIELD_SIG = 2,
    FIELD_BODY = 3
};

#define KEY_LEN 1 /* of every field in the envelope */

int moot_run_cmp(const struct moot_run *a, const struct moot_run *b)
{
    int order = moot_id_cmp(&a->author, &b->author);

    if (order != 0)
        return order;
    return a->run < b->run ? -1 : a->run > b->run;
}

static size_t field_len(size_t len)
{
    return KEY_LEN + moot_pb_varint_len(len) + len;
}

/* Writes a field of bytes at *at; returns the place of its copy there. */
static struct moot_bytes put_field(uint8_t **at, unsigned number,
                                   const void *data, size_t len)
{
    *(*at)++ = (uint8_t)(number << 3 | MOOT_PB_BYTES);
    *at = moot_pb_varint(*at, len);
    memcpy(*at, data, len);
    *at += len;
    return moot_bytes_of(*at - len, len);
}

/* One block: the struct, the cites, the envelope.  Copies all it is given. */
static struct moot_entry *assemble(const struct moot_header *h,
                                   struct moot_bytes header,
                                   const struct moot_sig *sig,
                                   struct moot_bytes body)
{
    size_t cites_len = h->cite_count * sizeof *h->cites;
    size_t raw_len = field_len(header.len) + field_len(sizeof sig->b) +
                     (body.len > 0 ? field_len(body.len) : 0);
    struct moot_entry *e = moot_realloc(NULL, sizeof *e + cites_len + raw_len);
    uint8_t *at = (uint8_t *)(e + 1) + cites_len;

    e->refs = 1;
    e->hash = moot_hash_of(header);
    e->group = h->group;
    e->in = h->in;
    e->seq = h->seq;
    e->prev = h->prev;
    e->lamport = h->lamport;
    e->wall = h->wall;
    e->cite_count = h->cite_count;
    e->cites = (struct moot_cite *)(e + 1);
    memcpy(e->cites, h->cites, cites_len);
    e->body_hash = h->body_hash;
    e->body_len = h->body_len;
    e->sig = *sig;
    e->raw = moot_bytes_of(at, raw_len);
    e->header = put_field(&at, FIELD_HEADER, header.data, header.len);
    put_field(&at, FIELD_SIG, sig->b, sizeof sig->b);
    e->body = moot_bytes_of(NULL, 0);
    if (body.len > 0)
        e->body = put_field(&at, FIELD_BODY, body.data, body.len);
    return e;
}

_Static_assert(sizeof(struct moot_entry) % _Alignof(struct moot_cite) == 0,
               "cites may stand behind the entry");

struct moot_entry *moot_entry_create(const struct moot_draft *d,
                                     const struct moot_key *k)
{
    struct moot_buf body = {0};
    struct moot_buf header = {0};
    struct moot_header h = {0};

    moot_assert(moot_id_eq(&d->in.author, &k->id));
    moot_body_encode(d, &body);
    moot_header_encode(d, moot_buf_view(&body), &header);

    /* What we refuse from others we must not say ourselves. */
    struct moot_bytes raw = moot_buf_view(&header);
    int error = moot_header_decode(raw, &h);

    moot_assert(error == MOOT_OK);

    struct moot_hash hash = moot_hash_of(raw);
    struct moot_sig sig =
        moot_sign(k, MOOT_DOMAIN_ENTRY, moot_bytes_of(hash.b, sizeof hash.b));
    struct moot_entry *e = assemble(&h, raw, &sig, moot_buf_view(&body));

    moot_buf_fini(&header);
    moot_buf_fini(&body);
    return e;
}

/* A body must be the one its header names, and well-formed; none is fine. */
static bool valid_body(const struct moot_header *h, struct moot_bytes raw)
{
    struct moot_body body;

    if (raw.len == 0)
        return true;
    if (raw.len != h->body_len)
        return false;

    struct moot_hash hash = moot_hash_of(raw);

    return moot_hash_eq(&hash, &h->body_hash) && moot_body_decode(raw, &body);
}

int moot_entry_open(struct moot_bytes raw, struct moot_entry **ret_entry)
{
    struct moot_bytes header = {0};
    struct moot_bytes body = {0};
    struct moot_header h;
    struct moot_sig sig;
    struct moot_pb p = moot_pb_read(raw);

    while (moot_pb_next(&p)) {
        if (p.number == FIELD_HEADER)
            moot_pb_take_bytes(&p, MOOT_HEADER_LEN_MAX, &header);
        else if (p.number == FIELD_SIG)
            moot_pb_take_raw(&p, sig.b, sizeof sig.b);
        else if (p.number == FIELD_BODY)
            moot_pb_take_bytes(&p, MOOT_BODY_LEN_MAX, &body);
        else
            p.bad = true; /* nothing unsigned rides along */
    }
    if (!moot_pb_took(&p,
                      MOOT_PB_FIELD(FIELD_HEADER) | MOOT_PB_FIELD(FIELD_SIG)))
        return MOOT_EPROTO;

    int error = moot_header_decode(header, &h);

    if (error != MOOT_OK)
        return error;
    if (!valid_body(&h, body))
        return MOOT_EPROTO;
    *ret_entry = assemble(&h, header, &sig, body);
    return MOOT_OK;
}

bool moot_entry_verify(const struct moot_entry *e)
{
    return moot_verify(&e->in.author, MOOT_DOMAIN_ENTRY,
                       moot_bytes_of(e->hash.b, sizeof e->hash.b), &e->sig);
}

struct moot_entry *moot_entry_pruned(const struct moot_entry *e)
{
    struct moot_header h = {.group = e->group,
                            .in = e->in,
                            .seq = e->seq,
                            .prev = e->prev,
                            .lamport = e->lamport,
                            .wall = e->wall,
                            .cite_count = e->cite_count,
                            .body_len = e->body_len,
                            .body_hash = e->body_hash};

    memcpy(h.cites, e->cites, e->cite_count * sizeof *e->cites);
    return assemble(&h, e->header, &e->sig, moot_bytes_of(NULL, 0));
}

struct moot_entry *moot_entry_ref(struct moot_entry *e)
{
    e->refs++;
    return e;
}

void moot_entry_unref(struct moot_entry *e)
{
    if (!e)
        return;
    moot_assert(e->refs > 0);
    if (--e->refs == 0)
        free(e);
}

bool moot_entry_body(const struct moot_entry *e, struct moot_body *ret_body)
{
    if (e->body.len == 0)
        return false;

    moot_body_again(e->body, ret_body);
    return true;
}

struct moot_bytes moot_entry_name(const struct moot_entry *e)
{
    return moot_body_name(e->body);
}

int moot_entry_cmp(const struct moot_entry *a, const struct moot_entry *b)
{
    if (a->lamport != b->lamport)
        return a->lamport < b->lamport ? -1 : 1;

    int order = moot_run_cmp(&a->in, &b->in);

    if (order != 0)
        return order;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}
