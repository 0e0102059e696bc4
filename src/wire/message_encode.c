/*
 * wire/message_encode.c - from plain form to bytes.
 *
 * Only ENTRIES is on the way of every line said; the others are rare.
 *
 * Layer:  wire (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "base/assert.h"
#include "base/utf8.h"
#include "wire/frame.h"
#include "wire/message.h"
#include "wire/message_internal.h"
#include "wire/pb_internal.h"

static void put_id(struct moot_buf *b, uint32_t number,
                   const struct moot_id *id)
{
    moot_pb_put_raw(b, number, id->b, sizeof id->b);
}

static void put_hash(struct moot_buf *b, uint32_t number,
                     const struct moot_hash *h)
{
    moot_pb_put_raw(b, number, h->b, sizeof h->b);
}

static void put_hello(struct moot_buf *b, const struct moot_hello *m)
{
    moot_pb_put_u64(b, MOOT_HELLO_MAJOR, m->major);
    moot_pb_put_u64(b, MOOT_HELLO_MINOR, m->minor);
    put_hash(b, MOOT_HELLO_GROUP_TAG, &m->group_tag);
    put_hash(b, MOOT_HELLO_NAME_TAG, &m->name_tag);
    moot_pb_put_fixed64(b, MOOT_HELLO_RUN, m->run);
    put_hash(b, MOOT_HELLO_PROOF, &m->proof);
    for (unsigned i = 0; i < m->older_count; i++)
        put_hash(b, MOOT_HELLO_OLDER, &m->older[i]);
}

static void put_welcome(struct moot_buf *b, const struct moot_welcome *m)
{
    moot_pb_put_raw(b, MOOT_WELCOME_RECORD, m->record.raw, m->record.raw_len);
    moot_pb_put_raw(b, MOOT_WELCOME_SIG, m->record.sig.b,
                    sizeof m->record.sig.b);
    moot_pb_put_bytes(b, MOOT_WELCOME_SEEN, moot_bytes_text(m->seen));
    moot_pb_put_u64(b, MOOT_WELCOME_GENERATION, m->generation);
}

static void put_refuse(struct moot_buf *b, const struct moot_refuse *m)
{
    moot_pb_put_u64(b, MOOT_REFUSE_F_WHY, m->why);
    moot_pb_put_u64(b, MOOT_REFUSE_F_MAJOR, m->major);
    if (m->why != MOOT_REFUSE_OTHER)
        return;
    put_hash(b, MOOT_REFUSE_F_GROUP, &m->group);
    moot_pb_put_u64(b, MOOT_REFUSE_F_WEIGHT, m->weight);
}

static void put_bye(struct moot_buf *b, const struct moot_bye *m)
{
    moot_assert(m->reason.len <= MOOT_REASON_LEN_MAX);
    moot_assert(m->reason.len == 0 || moot_line_fault(m->reason) == NULL);
    moot_pb_put_u64(b, MOOT_BYE_F_KIND, m->kind);
    moot_pb_put_bytes(b, MOOT_BYE_F_REASON, m->reason);
}

static void put_ping(struct moot_buf *b, const struct moot_ping *m)
{
    moot_pb_put_fixed64(b, MOOT_PING_NONCE, m->nonce);
    if (m->sync || !moot_hash_zero(&m->log)) {
        put_hash(b, MOOT_PING_LOG, &m->log);
        put_hash(b, MOOT_PING_ROSTER, &m->roster);
    }
    moot_pb_put_bool(b, MOOT_PING_SYNC, m->sync);
    if (m->sync || !moot_hash_zero(&m->log))
        moot_pb_put_u64(b, MOOT_PING_ENTRIES, m->entries);
}

static void put_entries(struct moot_buf *b, const struct moot_entries *m)
{
    moot_assert(m->count <= MOOT_PAGE_MAX);
    moot_pb_put_bool(b, MOOT_ENTRIES_ASKED, m->asked);
    for (unsigned i = 0; i < m->count; i++)
        moot_pb_put_raw(b, MOOT_ENTRIES_AT, m->raw[i].data, m->raw[i].len);
}

static void put_authors(struct moot_buf *b, const struct moot_authors *m)
{
    moot_assert(m->count <= MOOT_PAGE_MAX);
    put_id(b, MOOT_AUTHORS_AFTER, &m->after);
    moot_pb_put_bool(b, MOOT_AUTHORS_LAST, m->last);
    for (unsigned i = 0; i < m->count; i++) {
        size_t mark = moot_pb_open(b, MOOT_AUTHORS_AT);

        put_id(b, MOOT_AUTHOR_DIGEST_AUTHOR, &m->at[i].author);
        put_hash(b, MOOT_AUTHOR_DIGEST_DIGEST, &m->at[i].digest);
        moot_pb_close(b, mark);
    }
}

static void put_chains(struct moot_buf *b, const struct moot_chains *m)
{
    moot_assert(m->count <= MOOT_PAGE_MAX);
    put_id(b, MOOT_CHAINS_F_AUTHOR, &m->author);
    moot_pb_put_fixed64(b, MOOT_CHAINS_F_AFTER_RUN, m->after_run);
    moot_pb_put_bool(b, MOOT_CHAINS_F_FIRST, m->first);
    moot_pb_put_bool(b, MOOT_CHAINS_F_LAST, m->last);
    moot_pb_put_bool(b, MOOT_CHAINS_F_ASK, m->ask);
    for (unsigned i = 0; i < m->count; i++) {
        size_t mark = moot_pb_open(b, MOOT_CHAINS_F_AT);

        moot_pb_put_fixed64(b, MOOT_CHAIN_HEAD_RUN, m->at[i].run);
        moot_pb_put_u64(b, MOOT_CHAIN_HEAD_LEN, m->at[i].len);
        put_hash(b, MOOT_CHAIN_HEAD_HEAD, &m->at[i].head);
        if (m->at[i].fork_seq != 0) {
            moot_pb_put_u64(b, MOOT_CHAIN_HEAD_FORK_SEQ, m->at[i].fork_seq);
            put_hash(b, MOOT_CHAIN_HEAD_FORK_HASH, &m->at[i].fork_hash);
        }
        moot_pb_close(b, mark);
    }
}

static void put_range(struct moot_buf *b, const struct moot_range *r)
{
    size_t mark = moot_pb_open(b, MOOT_LIST_AT);

    put_id(b, MOOT_RANGE_AUTHOR, &r->in.author);
    moot_pb_put_fixed64(b, MOOT_RANGE_RUN, r->in.run);
    moot_pb_put_u64(b, MOOT_RANGE_FROM, r->from);
    moot_pb_put_u64(b, MOOT_RANGE_TO, r->to);
    moot_pb_close(b, mark);
}

static void put_want(struct moot_buf *b, const struct moot_want *m)
{
    moot_assert(m->count <= MOOT_PAGE_MAX);
    for (unsigned i = 0; i < m->count; i++)
        put_range(b, &m->at[i]);
}

static void put_members(struct moot_buf *b, const struct moot_members *m)
{
    moot_assert(m->count <= MOOT_MEMBERS_PAGE_MAX);
    for (unsigned i = 0; i < m->count; i++) {
        const struct moot_member_hint *hint = &m->at[i];
        size_t mark = moot_pb_open(b, MOOT_LIST_AT);
        char seen[MOOT_ADDR_TEXT_MAX];

        moot_pb_put_bytes(b, MOOT_HINT_RECORD, hint->record);
        moot_pb_put_raw(b, MOOT_HINT_SIG, hint->sig.b, sizeof hint->sig.b);
        if (hint->seen.port != 0) {
            moot_addr_format(&hint->seen, seen);
            moot_pb_put_bytes(b, MOOT_HINT_SEEN, moot_bytes_text(seen));
        }
        moot_pb_close(b, mark);
    }
}

static void put_linked(struct moot_buf *b, const struct moot_linked *m)
{
    moot_assert(m->up_count <= MOOT_LINKS_MAX);
    moot_assert(m->down_count <= MOOT_LINKS_MAX - m->up_count);
    moot_pb_put_bool(b, MOOT_LINKED_FULL, m->full);
    for (unsigned i = 0; i < m->up_count; i++)
        put_id(b, MOOT_LINKED_UP, &m->up[i]);
    for (unsigned i = 0; i < m->down_count; i++)
        put_id(b, MOOT_LINKED_DOWN, &m->down[i]);
}

static void put_who(struct moot_buf *b, const struct moot_who *m)
{
    moot_assert(m->count <= MOOT_PAGE_MAX);
    for (unsigned i = 0; i < m->count; i++)
        put_id(b, MOOT_LIST_AT, &m->at[i]);
}

static void put_probe(struct moot_buf *b, const struct moot_probe *m)
{
    put_id(b, MOOT_PROBE_ID, &m->id);
    moot_pb_put_bool(b, MOOT_PROBE_ALIVE, m->alive);
}

static void put_body(struct moot_buf *b, const struct moot_message *m)
{
    switch (m->kind) {
    case MOOT_MSG_HELLO:
        put_hello(b, &m->hello);
        return;
    case MOOT_MSG_WELCOME:
        put_welcome(b, &m->welcome);
        return;
    case MOOT_MSG_REFUSE:
        put_refuse(b, &m->refuse);
        return;
    case MOOT_MSG_BYE:
        put_bye(b, &m->bye);
        return;
    case MOOT_MSG_PING:
    case MOOT_MSG_PONG:
        put_ping(b, &m->ping);
        return;
    case MOOT_MSG_ENTRIES:
        put_entries(b, &m->entries);
        return;
    case MOOT_MSG_AUTHORS:
        put_authors(b, &m->authors);
        return;
    case MOOT_MSG_CHAINS:
        put_chains(b, &m->chains);
        return;
    case MOOT_MSG_WANT:
        put_want(b, &m->want);
        return;
    case MOOT_MSG_LACK:
        put_range(b, &m->lack.at);
        moot_pb_put_u64(b, MOOT_LACK_BEGIN, m->lack.base);
        return;
    case MOOT_MSG_MEMBERS:
        put_members(b, &m->members);
        return;
    case MOOT_MSG_LINKED:
        put_linked(b, &m->linked);
        return;
    case MOOT_MSG_WHO:
        put_who(b, &m->who);
        return;
    case MOOT_MSG_PROBE:
    case MOOT_MSG_VERDICT:
        put_probe(b, &m->probe);
        return;
    case MOOT_MSG_MOVE:
        put_hash(b, MOOT_MOVE_GROUP, &m->move.group);
        moot_pb_put_u64(b, MOOT_MOVE_WEIGHT, m->move.weight);
        return;
    case MOOT_MSG_FORK:
        moot_buf_append(b, m->fork.raw.data, m->fork.raw.len);
        return;
    case MOOT_MSG_ACK:
        moot_pb_put_fixed64(b, MOOT_ACK_RUN, m->ack.run);
        moot_pb_put_u64(b, MOOT_ACK_SEQ, m->ack.seq);
        return;
    case MOOT_MSG_UNKNOWN:
        break;
    }
    moot_assert(m->kind != MOOT_MSG_UNKNOWN);
}

static uint8_t *put_prefix(uint8_t *at, size_t len)
{
    *at++ = (uint8_t)(len >> 24);
    *at++ = (uint8_t)(len >> 16);
    *at++ = (uint8_t)(len >> 8);
    *at++ = (uint8_t)len;
    return at;
}

void moot_message_encode(const struct moot_message *m, struct moot_buf *out)
{
    size_t start = out->len;

    moot_buf_reserve(out, MOOT_FRAME_PREFIX);
    moot_buf_commit(out, MOOT_FRAME_PREFIX);

    size_t mark = moot_pb_open(out, m->kind);

    put_body(out, m);
    moot_pb_close(out, mark);

    size_t len = out->len - start - MOOT_FRAME_PREFIX;

    moot_assert(len <= MOOT_FRAME_LEN_MAX);
    put_prefix(out->data + out->start + start, len);
}

static uint8_t *put_key(uint8_t *at, uint32_t number, enum moot_pb_type type)
{
    return moot_pb_varint(at, (uint64_t)number << 3 | type);
}

/* Every line said goes through here: the lengths, then one pass of copying. */
void moot_message_encode_entries(struct moot_entry *const *entries,
                                 unsigned count, bool asked,
                                 struct moot_buf *out)
{
    size_t inner = asked ? 2 : 0;

    moot_assert(count <= MOOT_PAGE_MAX);
    for (unsigned i = 0; i < count; i++) {
        size_t len = entries[i]->raw.len;

        inner += 1 + moot_pb_varint_len(len) + len;
    }

    size_t len = 1 + moot_pb_varint_len(inner) + inner;

    moot_assert(len <= MOOT_FRAME_LEN_MAX);

    uint8_t *at = moot_buf_reserve(out, MOOT_FRAME_PREFIX + len);

    at = put_prefix(at, len);
    at = put_key(at, MOOT_MSG_ENTRIES, MOOT_PB_BYTES);
    at = moot_pb_varint(at, inner);
    if (asked) {
        at = put_key(at, MOOT_ENTRIES_ASKED, MOOT_PB_VARINT);
        at = moot_pb_varint(at, 1);
    }
    for (unsigned i = 0; i < count; i++) {
        struct moot_bytes raw = entries[i]->raw;

        at = put_key(at, MOOT_ENTRIES_AT, MOOT_PB_BYTES);
        at = moot_pb_varint(at, raw.len);
        memcpy(at, raw.data, raw.len);
        at += raw.len;
    }
    moot_buf_commit(out, MOOT_FRAME_PREFIX + len);
}
