/*
 * tests/wire/forge.h - entries that no honest peer makes.
 *
 * A forger writes header and body by hand and signs them like anybody; what is
 * wrong with them is chosen by a struct of overrides.
 *
 * Layer:  tests.
 * Thread: main.
 */
#ifndef MOOT_TESTS_WIRE_FORGE_H
#define MOOT_TESTS_WIRE_FORGE_H

#include "samples.h"
#include "wire/pb_internal.h"

struct forge {
    uint64_t version;
    size_t group_len, author_len, prev_len, body_hash_len; /* 0: left out */
    uint64_t seq, lamport;
    unsigned cite_count;
    uint64_t cite_seq;
    size_t cite_hash_len;
    bool cites_repeat;
    uint64_t body_len; /* 0: the true one */
    bool other_body_hash;
    struct moot_buf body;
    struct moot_buf header_tail; /* put behind the header's fields */
    struct moot_buf tail;        /* put behind the envelope's fields */
    size_t sig_len;
    bool without_body, without_header;
};

static inline void forge_line(struct moot_buf *b, uint32_t kind,
                              struct moot_bytes text)
{
    size_t mark = moot_pb_open(b, 2);

    moot_pb_put_u64(b, 1, kind);
    moot_pb_put_bytes(b, 2, text);
    moot_pb_close(b, mark);
}

/* All that is right: the second entry of a run, one line. */
static inline void forge_init(struct forge *f)
{
    memset(f, 0, sizeof *f);
    f->version = 1;
    f->group_len = f->author_len = f->prev_len = f->body_hash_len = 32;
    f->seq = f->lamport = 2;
    f->cite_seq = 1;
    f->cite_hash_len = 32;
    f->sig_len = 64;
    moot_pb_put_raw(&f->body, 1, "mallory", 7);
    forge_line(&f->body, MOOT_LINE_TEXT, moot_bytes_text("hi"));
}

static inline void forge_fini(struct forge *f)
{
    moot_buf_fini(&f->body);
    moot_buf_fini(&f->header_tail);
    moot_buf_fini(&f->tail);
}

static inline void forge_cites(const struct forge *f, struct moot_buf *b)
{
    for (unsigned i = 0; i < f->cite_count; i++) {
        struct moot_id author = {{1, (uint8_t)(f->cites_repeat ? 0 : i)}};
        struct moot_hash hash = sample_hash(9);
        size_t mark = moot_pb_open(b, 9);

        moot_pb_put_raw(b, 1, author.b, sizeof author.b);
        moot_pb_put_fixed64(b, 2, 5);
        moot_pb_put_u64(b, 3, f->cite_seq + (f->cites_repeat ? i : 0));
        moot_pb_put_raw(b, 4, hash.b, f->cite_hash_len);
        moot_pb_close(b, mark);
    }
}

static inline void forge_header(const struct forge *f, const struct moot_key *k,
                                struct moot_buf *b)
{
    uint8_t id[40] = {0};
    struct moot_hash body_hash = moot_hash_of(moot_buf_view(&f->body));
    struct moot_hash fill = sample_hash(0x11);

    memcpy(id, k->id.b, 32);
    body_hash.b[0] ^= f->other_body_hash ? 1 : 0;
    moot_pb_put_u64(b, 1, f->version);
    moot_pb_put_bytes(b, 2, moot_bytes_of(fill.b, f->group_len));
    moot_pb_put_bytes(b, 3, moot_bytes_of(id, f->author_len));
    moot_pb_put_fixed64(b, 4, 77);
    moot_pb_put_u64(b, 5, f->seq);
    moot_pb_put_bytes(b, 6, moot_bytes_of(fill.b, f->prev_len));
    moot_pb_put_u64(b, 7, f->lamport);
    moot_pb_put_u64(b, 8, 1000);
    forge_cites(f, b);
    moot_pb_put_u64(b, 10, f->body_len ? f->body_len : f->body.len);
    moot_pb_put_bytes(b, 11, moot_bytes_of(body_hash.b, f->body_hash_len));
    moot_buf_append(b, f->header_tail.data, f->header_tail.len);
}

/* The whole entry, appended to out. */
static inline void forge_entry(const struct forge *f, const struct moot_key *k,
                               struct moot_buf *out)
{
    struct moot_buf header = {0};

    forge_header(f, k, &header);

    struct moot_hash hash = moot_hash_of(moot_buf_view(&header));
    struct moot_sig sig =
        moot_sign(k, MOOT_DOMAIN_ENTRY, moot_bytes_of(hash.b, sizeof hash.b));

    if (!f->without_header)
        moot_pb_put_bytes(out, 1, moot_buf_view(&header));
    moot_pb_put_bytes(out, 2, moot_bytes_of(sig.b, f->sig_len));
    if (!f->without_body)
        moot_pb_put_bytes(out, 3, moot_buf_view(&f->body));
    moot_buf_append(out, f->tail.data, f->tail.len);
    moot_buf_fini(&header);
}

#endif
