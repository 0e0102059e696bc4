/*
 * tests/wire/schema.h - a second opinion on bytes: protobuf-c and moot.proto.
 *
 * The product reads protobuf by hand.  What it accepts, a generated reader must
 * accept too, and must read the same out of it.  (The other way round does not
 * hold: the product is stricter on purpose.)
 *
 * Layer:  tests.
 * Thread: main.
 */
#ifndef MOOT_TESTS_WIRE_SCHEMA_H
#define MOOT_TESTS_WIRE_SCHEMA_H

#include <string.h>

#include "base/error.h"
#include "wire/message.h"
#include "wire/moot.pb-c.h"

static inline bool same_raw(ProtobufCBinaryData a, const void *b, size_t len)
{
    return a.len == len && (len == 0 || memcmp(a.data, b, len) == 0);
}

static inline bool same_bytes(ProtobufCBinaryData a, struct moot_bytes b)
{
    return a.len == b.len && (b.len == 0 || memcmp(a.data, b.data, b.len) == 0);
}

static inline bool same_text(const char *a, struct moot_bytes b)
{
    return strlen(a) == b.len && (b.len == 0 || memcmp(a, b.data, b.len) == 0);
}

/* An address may be written in many ways; ours is the canonical one. */
static inline bool same_addr(const char *a, const struct moot_addr *b)
{
    struct moot_addr read = {0};

    if (*a == 0)
        return b->port == 0;
    return moot_addr_parse(moot_bytes_text(a), &read) == MOOT_OK &&
           moot_addr_eq(&read, b);
}

#define SAME32(read, ours) same_raw((read), (ours).b, 32)

/* --- entries --- */

static inline bool same_header(const Moot__Header *h,
                               const struct moot_entry *e)
{
    bool same = h->version == 1 && SAME32(h->group, e->group) &&
                SAME32(h->author, e->in.author) && h->run == e->in.run &&
                h->seq == e->seq && h->lamport == e->lamport &&
                h->wall_ms == e->wall && h->body_len == e->body_len &&
                SAME32(h->body_hash, e->body_hash) &&
                h->n_cites == e->cite_count;

    same = same && (h->prev.len == 0 ? moot_hash_zero(&e->prev)
                                     : SAME32(h->prev, e->prev));
    for (unsigned i = 0; same && i < e->cite_count; i++) {
        const Moot__Cite *c = h->cites[i];

        same = SAME32(c->author, e->cites[i].in.author) &&
               c->run == e->cites[i].in.run && c->seq == e->cites[i].seq &&
               SAME32(c->hash, e->cites[i].hash);
    }
    return same;
}

static inline bool same_body(const Moot__Body *b, const struct moot_body *body)
{
    unsigned known = 0;

    for (size_t i = 0; i < b->n_lines; i++) {
        const Moot__Line *l = b->lines[i];

        if (l->kind > MOOT_LINE_REKEY)
            continue;
        if (known == body->line_count ||
            l->kind != (uint32_t)body->lines[known].kind ||
            !same_bytes(l->text, body->lines[known].text))
            return false;
        known++;
    }
    return known == body->line_count && same_text(b->name, body->name);
}

/* Does the schema read the same out of an entry that was opened? */
static inline bool schema_agrees_entry(const struct moot_entry *e)
{
    Moot__Entry *outer = moot__entry__unpack(NULL, e->raw.len, e->raw.data);
    Moot__Header *header =
        moot__header__unpack(NULL, e->header.len, e->header.data);
    bool same = outer && header && same_bytes(outer->header, e->header) &&
                same_raw(outer->sig, e->sig.b, sizeof e->sig.b) &&
                same_bytes(outer->body, e->body) && same_header(header, e);

    if (same && e->body.len > 0) {
        static struct moot_body body;
        Moot__Body *b = moot__body__unpack(NULL, e->body.len, e->body.data);

        same = b && moot_entry_body(e, &body) && same_body(b, &body);
        if (b)
            moot__body__free_unpacked(b, NULL);
    }
    if (outer)
        moot__entry__free_unpacked(outer, NULL);
    if (header)
        moot__header__free_unpacked(header, NULL);
    return same;
}

/* --- records --- */

static inline bool schema_agrees_record(const struct moot_record *r)
{
    Moot__Record *p = moot__record__unpack(NULL, r->raw_len, r->raw);
    bool same = p && p->version == 1 && SAME32(p->group, r->group) &&
                SAME32(p->id, r->id) && p->run == r->run &&
                p->run_ms == r->run_ms && p->serial == r->serial &&
                same_text(p->name, moot_bytes_text(r->name)) &&
                p->mode == (uint32_t)r->mode &&
                p->standing == (uint32_t)r->standing && p->port == r->port &&
                same_addr(p->boot, &r->boot) && p->speaks == r->speaks &&
                p->n_addrs == r->addr_count;

    for (unsigned i = 0; same && i < r->addr_count; i++)
        same = same_addr(p->addrs[i], &r->addrs[i]);
    if (p)
        moot__record__free_unpacked(p, NULL);
    return same;
}

/* --- messages --- */

static inline bool same_hello(const Moot__Hello *p, const struct moot_hello *m)
{
    if (m->major != MOOT_PROTOCOL_MAJOR)
        return true; /* the first of perhaps several; no more is read */
    return p->major == m->major && p->minor == m->minor && p->run == m->run &&
           SAME32(p->group_tag, m->group_tag) &&
           SAME32(p->name_tag, m->name_tag) && SAME32(p->proof, m->proof);
}

static inline bool same_welcome(const Moot__Welcome *p,
                                const struct moot_welcome *m)
{
    const struct moot_record *r = &m->record;

    return same_raw(p->record, r->raw, r->raw_len) &&
           same_raw(p->sig, r->sig.b, sizeof r->sig.b) &&
           (*p->seen == 0) == (*m->seen == 0) && schema_agrees_record(r);
}

static inline bool same_refuse(const Moot__Refuse *p,
                               const struct moot_refuse *m)
{
    return p->why == (uint32_t)m->why && p->major == m->major &&
           p->weight == (uint32_t)m->weight &&
           (p->group.len == 0 ? moot_hash_zero(&m->group)
                              : SAME32(p->group, m->group));
}

static inline bool same_ping(const Moot__Ping *p, const struct moot_ping *m)
{
    bool same = p->log.len == 0
                    ? p->roster.len == 0 && moot_hash_zero(&m->log)
                    : SAME32(p->log, m->log) && SAME32(p->roster, m->roster);

    return same && p->nonce == m->nonce && p->sync == m->sync;
}

static inline bool same_authors(const Moot__Authors *p,
                                const struct moot_authors *m)
{
    bool same =
        SAME32(p->after, m->after) && p->last == m->last && p->n_at == m->count;

    for (unsigned i = 0; same && i < m->count; i++)
        same = SAME32(p->at[i]->author, m->at[i].author) &&
               SAME32(p->at[i]->digest, m->at[i].digest);
    return same;
}

static inline bool same_chains(const Moot__Chains *p,
                               const struct moot_chains *m)
{
    bool same = SAME32(p->author, m->author) && p->after_run == m->after_run &&
                p->first == m->first && p->last == m->last &&
                p->ask == m->ask && p->n_at == m->count;

    for (unsigned i = 0; same && i < m->count; i++)
        same = p->at[i]->run == m->at[i].run && p->at[i]->len == m->at[i].len &&
               SAME32(p->at[i]->head, m->at[i].head) &&
               p->at[i]->fork_seq == m->at[i].fork_seq &&
               (p->at[i]->fork_hash.len == 0
                    ? m->at[i].fork_seq == 0
                    : SAME32(p->at[i]->fork_hash, m->at[i].fork_hash));
    return same;
}

static inline bool same_range(const Moot__Range *p, const struct moot_range *r)
{
    return SAME32(p->author, r->in.author) && p->run == r->in.run &&
           p->from == r->from && p->to == r->to;
}

static inline bool same_want(const Moot__Want *p, const struct moot_want *m)
{
    bool same = p->n_at == m->count;

    for (unsigned i = 0; same && i < m->count; i++)
        same = same_range(p->at[i], &m->at[i]);
    return same;
}

static inline bool same_members(const Moot__Members *p,
                                const struct moot_members *m)
{
    bool same = p->n_at == m->count;

    for (unsigned i = 0; same && i < m->count; i++)
        same = same_bytes(p->at[i]->record, m->at[i].record) &&
               same_raw(p->at[i]->sig, m->at[i].sig.b, 64) &&
               same_addr(p->at[i]->seen, &m->at[i].seen);
    return same;
}

static inline bool same_ids(size_t n, const ProtobufCBinaryData *p,
                            unsigned count, const struct moot_id *ids)
{
    bool same = n == count;

    for (unsigned i = 0; same && i < count; i++)
        same = SAME32(p[i], ids[i]);
    return same;
}

/* Entries are compared as the library writes them again: field by field. */
static inline bool same_entries(const Moot__Entries *p,
                                const struct moot_entries *m)
{
    bool same = p->asked == m->asked && p->n_entries == m->count;

    for (unsigned i = 0; same && i < m->count; i++) {
        Moot__Entry *e =
            moot__entry__unpack(NULL, m->raw[i].len, m->raw[i].data);

        same = e && e->header.len == p->entries[i]->header.len &&
               same_raw(e->body, p->entries[i]->body.data,
                        p->entries[i]->body.len);
        if (e)
            moot__entry__free_unpacked(e, NULL);
    }
    return same;
}

static inline bool same_entry(const Moot__Entry *a, const Moot__Entry *b)
{
    return same_raw(a->header, b->header.data, b->header.len) &&
           same_raw(a->sig, b->sig.data, b->sig.len) &&
           same_raw(a->body, b->body.data, b->body.len);
}

static inline bool same_fork(const Moot__Fork *p,
                             const struct moot_fork_message *m)
{
    Moot__Fork *f = moot__fork__unpack(NULL, m->raw.len, m->raw.data);
    bool same =
        f && same_entry(p->first, f->first) && same_entry(p->second, f->second);

    if (f)
        moot__fork__free_unpacked(f, NULL);
    return same;
}

static inline bool same_message(const Moot__Message *p,
                                const struct moot_message *m)
{
    switch (m->kind) {
    case MOOT_MSG_UNKNOWN:
        return true;
    case MOOT_MSG_HELLO:
        return same_hello(p->hello, &m->hello);
    case MOOT_MSG_WELCOME:
        return same_welcome(p->welcome, &m->welcome);
    case MOOT_MSG_REFUSE:
        return same_refuse(p->refuse, &m->refuse);
    case MOOT_MSG_BYE:
        return p->bye->kind == (uint32_t)m->bye.kind &&
               same_text(p->bye->reason, m->bye.reason);
    case MOOT_MSG_PING:
        return same_ping(p->ping, &m->ping);
    case MOOT_MSG_PONG:
        return same_ping(p->pong, &m->ping);
    case MOOT_MSG_ENTRIES:
        return same_entries(p->entries, &m->entries);
    case MOOT_MSG_AUTHORS:
        return same_authors(p->authors, &m->authors);
    case MOOT_MSG_CHAINS:
        return same_chains(p->chains, &m->chains);
    case MOOT_MSG_WANT:
        return same_want(p->want, &m->want);
    case MOOT_MSG_LACK:
        return same_range(p->lack->at, &m->lack.at) &&
               p->lack->begin == m->lack.base;
    case MOOT_MSG_MEMBERS:
        return same_members(p->members, &m->members);
    case MOOT_MSG_LINKED:
        return p->linked->full == m->linked.full &&
               same_ids(p->linked->n_up, p->linked->up, m->linked.up_count,
                        m->linked.up) &&
               same_ids(p->linked->n_down, p->linked->down,
                        m->linked.down_count, m->linked.down);
    case MOOT_MSG_WHO:
        return same_ids(p->who->n_at, p->who->at, m->who.count, m->who.at);
    case MOOT_MSG_PROBE:
        return SAME32(p->probe->id, m->probe.id) &&
               p->probe->alive == m->probe.alive;
    case MOOT_MSG_VERDICT:
        return SAME32(p->verdict->id, m->probe.id) &&
               p->verdict->alive == m->probe.alive;
    case MOOT_MSG_MOVE:
        return SAME32(p->move->group, m->move.group) &&
               p->move->weight == (uint32_t)m->move.weight;
    case MOOT_MSG_FORK:
        return same_fork(p->fork, &m->fork);
    case MOOT_MSG_ACK:
        return p->ack->run == m->ack.run && p->ack->seq == m->ack.seq;
    }
    return false;
}

/*
 * Does the schema read the same out of a frame that was decoded into m?  Three
 * kinds hold inner bytes that the product judges later or not at all, so the
 * library may refuse what we pass on: entries, also in a proof, and a HELLO of
 * another major.
 */
static inline bool schema_agrees_message(struct moot_bytes frame,
                                         const struct moot_message *m)
{
    Moot__Message *p = moot__message__unpack(NULL, frame.len, frame.data);
    bool same;

    if (!p)
        return m->kind == MOOT_MSG_ENTRIES || m->kind == MOOT_MSG_FORK ||
               (m->kind == MOOT_MSG_HELLO &&
                m->hello.major != MOOT_PROTOCOL_MAJOR);
    same = (int)p->kind_case == (int)m->kind && same_message(p, m);
    moot__message__free_unpacked(p, NULL);
    return same;
}

#endif
