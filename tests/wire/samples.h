/*
 * tests/wire/samples.h - one good thing of every kind, to be bent by the tests.
 *
 * All of it is a function of fixed seeds, so the tools that write the corpus
 * and the vectors make the same bytes every time.
 *
 * Layer:  tests.
 * Thread: main.
 */
#ifndef MOOT_TESTS_WIRE_SAMPLES_H
#define MOOT_TESTS_WIRE_SAMPLES_H

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "wire/answer.h"
#include "wire/fork.h"
#include "wire/frame.h"
#include "wire/invite.h"
#include "wire/message.h"
#include "wire/peers.h"
#include "wire/register.h"

#define SAMPLE_WALL INT64_C(1700000000000)

static inline struct moot_key sample_key(uint8_t n)
{
    uint8_t seed[32];
    struct moot_key k;

    memset(seed, n, sizeof seed);
    moot_key_init(&k, seed);
    return k;
}

static inline struct moot_hash sample_hash(uint8_t n)
{
    struct moot_hash h;

    memset(h.b, n, sizeof h.b);
    return h;
}

/* Into a group of two: one with a bootstrap socket invites. */
static inline struct moot_invite sample_invite(bool closed)
{
    struct moot_invite i = {.closed = closed};
    struct moot_key k = sample_key(0x61);
    struct moot_addr a;

    moot_addr_set(&a, "chat.example.org", 8080);
    moot_invite_add_door(&i, &a);
    memset(i.group, 0x67, sizeof i.group);
    moot_invite_add_pin(&i, &k.id);
    moot_key_fini(&k);
    if (!closed)
        return i;
    moot_addr_set(&a, "192.0.2.7", 8082);
    moot_invite_add_door(&i, &a);
    moot_addr_set(&a, "2001:db8::1", 80);
    moot_invite_add_door(&i, &a);
    k = sample_key(0x62);
    moot_invite_add_pin(&i, &k.id);
    moot_key_fini(&k);
    memset(i.secret.b, 0x73, sizeof i.secret.b);
    return i;
}

/* The first entry of a run: one line, no cites.  Borrows *line. */
static inline struct moot_draft sample_draft(const struct moot_key *k,
                                             struct moot_line *line)
{
    struct moot_draft d = {.group = sample_hash(0x67),
                           .in = {k->id, UINT64_C(0x1122334455667788)},
                           .seq = 1,
                           .lamport = 1,
                           .wall = SAMPLE_WALL,
                           .name = moot_bytes_text("alice"),
                           .lines = line,
                           .line_count = 1};

    line->kind = MOOT_LINE_TEXT;
    line->text = moot_bytes_text("hello");
    return d;
}

static inline struct moot_entry *sample_entry(const struct moot_key *k)
{
    struct moot_line line;
    struct moot_draft d = sample_draft(k, &line);

    return moot_entry_create(&d, k);
}

/* A later one: several lines of every kind, cites, Unicode. */
static inline struct moot_entry *sample_rich_entry(const struct moot_key *k)
{
    struct moot_line line[5];
    struct moot_cite cites[3];
    struct moot_draft d = sample_draft(k, line);

    for (unsigned i = 0; i < 3; i++) {
        struct moot_key other = sample_key((uint8_t)(0x40 + i));

        cites[i].in.author = other.id;
        cites[i].in.run = i == 0 ? 0 : UINT64_C(1) << (20 * i);
        cites[i].seq = 1 + 1000 * i;
        cites[i].hash = sample_hash((uint8_t)(0x50 + i));
    }
    line[1].kind = MOOT_LINE_ACTION;
    line[1].text = moot_bytes_text("waves \xf0\x9f\x91\x8b");
    line[2].kind = MOOT_LINE_NICK;
    line[2].text = moot_bytes_text("alice b.");
    line[3].kind = MOOT_LINE_TOPIC;
    line[3].text = moot_bytes_text("th\xc3\xa9");
    line[4] = line[0];
    d.seq = 42;
    d.prev = sample_hash(0x70);
    d.lamport = 4711;
    d.cites = cites;
    d.cite_count = 3;
    d.lines = line;
    d.line_count = 5;
    return moot_entry_create(&d, k);
}

/* Two first entries of one run. */
static inline void sample_fork(struct moot_fork *f, const struct moot_key *k)
{
    struct moot_line line;
    struct moot_draft d = sample_draft(k, &line);
    struct moot_entry *a = moot_entry_create(&d, k);

    line.text = moot_bytes_text("hello from a clone");

    struct moot_entry *b = moot_entry_create(&d, k);

    moot_fork_make(a, b, f);
    moot_entry_unref(a);
    moot_entry_unref(b);
}

/* The same as it travels; good for the whole test. */
static inline struct moot_bytes sample_proof(void)
{
    static uint8_t bytes[1024];
    struct moot_key alice = sample_key(1);
    struct moot_buf b = {0};
    struct moot_fork f;
    size_t len;

    sample_fork(&f, &alice);
    moot_fork_encode(&f, &b);
    len = b.len;
    memcpy(bytes, moot_buf_view(&b).data, len);
    moot_buf_fini(&b);
    moot_fork_fini(&f);
    return moot_bytes_of(bytes, len);
}

static inline void sample_record(struct moot_record *r,
                                 const struct moot_key *k)
{
    memset(r, 0, sizeof *r);
    r->group = sample_hash(0x67);
    r->id = k->id;
    r->run = UINT64_C(0x1122334455667788);
    r->run_ms = SAMPLE_WALL;
    r->serial = 3;
    memcpy(r->name, "alice", 6);
    r->mode = MOOT_BOOTSTRAP;
    r->standing = MOOT_JOINED;
    moot_addr_set(&r->addrs[0], "192.0.2.7", 8081);
    moot_addr_set(&r->addrs[1], "2001:db8::7", 8081);
    r->addr_count = 2;
    r->port = 8081;
    moot_addr_set(&r->boot, "chat.example.org", 8080);
    moot_record_seal(r, k);
}

static inline void sample_hint(struct moot_member_hint *h,
                               const struct moot_record *r)
{
    h->record = moot_bytes_of(r->raw, r->raw_len);
    h->sig = r->sig;
    moot_addr_set(&h->seen, "198.51.100.9", 40000);
}

static inline void sample_lists(struct moot_message *m, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct moot_id id = {{0x10, (uint8_t)(i >> 8), (uint8_t)i}};

        if (m->kind == MOOT_MSG_AUTHORS) {
            m->authors.at[i].author = id;
            m->authors.at[i].digest = sample_hash((uint8_t)i);
        } else if (m->kind == MOOT_MSG_CHAINS) {
            m->chains.at[i].run = 100 + i;
            m->chains.at[i].len = 1 + i;
            m->chains.at[i].head = sample_hash((uint8_t)i);
            m->chains.at[i].fork_seq = i % 2 == 0 ? 0 : 2 + i;
            if (i % 2 != 0)
                m->chains.at[i].fork_hash = sample_hash((uint8_t)(i + 1));
        } else if (m->kind == MOOT_MSG_WANT) {
            m->want.at[i].in.author = id;
            m->want.at[i].in.run = i;
            m->want.at[i].from = 1 + i;
            m->want.at[i].to = 1 + 2 * i;
        } else if (m->kind == MOOT_MSG_WHO) {
            m->who.at[i] = id;
        } else {
            m->linked.up[i] = id;
            m->linked.down[i] = id;
        }
    }
}

/*
 * A message of this kind with count items in its list if it is one.  Borrows
 * the entry and the record.
 */
static inline void sample_message(struct moot_message *m,
                                  enum moot_message_kind kind, unsigned count,
                                  const struct moot_entry *e,
                                  const struct moot_record *r)
{
    memset(m, 0, sizeof *m);
    m->kind = kind;
    if (kind == MOOT_MSG_HELLO) {
        m->hello.major = MOOT_PROTOCOL_MAJOR;
        m->hello.minor = MOOT_PROTOCOL_MINOR;
        m->hello.group_tag = sample_hash(1);
        m->hello.name_tag = sample_hash(2);
        m->hello.run = r->run;
        m->hello.proof = sample_hash(3);
    } else if (kind == MOOT_MSG_WELCOME) {
        m->welcome.record = *r;
        memcpy(m->welcome.seen, "203.0.113.5", 12);
    } else if (kind == MOOT_MSG_REFUSE) {
        m->refuse.why = MOOT_REFUSE_OTHER;
        m->refuse.major = MOOT_PROTOCOL_MAJOR;
        m->refuse.group = sample_hash(4);
        m->refuse.weight = MOOT_PROVISIONAL;
    } else if (kind == MOOT_MSG_BYE) {
        m->bye.kind = MOOT_BYE_QUIT;
        m->bye.reason = moot_bytes_text("good night");
    } else if (kind == MOOT_MSG_PING || kind == MOOT_MSG_PONG) {
        m->ping.nonce = 77;
        m->ping.log = sample_hash(5);
        m->ping.roster = sample_hash(6);
        m->ping.sync = kind == MOOT_MSG_PING;
        m->ping.entries = 300;
    } else if (kind == MOOT_MSG_ENTRIES) {
        m->entries.asked = true;
        m->entries.count = count;
        for (unsigned i = 0; i < count; i++)
            m->entries.raw[i] = e->raw;
    } else if (kind == MOOT_MSG_AUTHORS) {
        m->authors.last = true;
        m->authors.count = count;
    } else if (kind == MOOT_MSG_CHAINS) {
        m->chains.author = r->id;
        m->chains.after_run = 99;
        m->chains.last = m->chains.ask = true;
        m->chains.count = count;
    } else if (kind == MOOT_MSG_WANT) {
        m->want.count = count;
    } else if (kind == MOOT_MSG_LACK) {
        m->lack.at = (struct moot_range){{r->id, r->run}, 3, 9};
        m->lack.base = 7;
    } else if (kind == MOOT_MSG_MEMBERS) {
        m->members.count = count;
        for (unsigned i = 0; i < count; i++)
            sample_hint(&m->members.at[i], r);
    } else if (kind == MOOT_MSG_LINKED) {
        m->linked.full = true;
        m->linked.up_count = m->linked.down_count = count;
    } else if (kind == MOOT_MSG_WHO) {
        m->who.count = count;
    } else if (kind == MOOT_MSG_PROBE || kind == MOOT_MSG_VERDICT) {
        m->probe.id = r->id;
        m->probe.alive = kind == MOOT_MSG_VERDICT;
    } else if (kind == MOOT_MSG_MOVE) {
        m->move = (struct moot_move){sample_hash(7), MOOT_GROWN};
    } else if (kind == MOOT_MSG_FORK) {
        m->fork.raw = sample_proof();
    } else if (kind == MOOT_MSG_ACK) {
        m->ack.run = r->run;
        m->ack.seq = 300;
    }
    if (kind == MOOT_MSG_AUTHORS || kind == MOOT_MSG_CHAINS ||
        kind == MOOT_MSG_WANT || kind == MOOT_MSG_WHO ||
        kind == MOOT_MSG_LINKED)
        sample_lists(m, count);
}

/* A message as its frame without the prefix. */
static inline struct moot_bytes sample_frame(const struct moot_message *m,
                                             struct moot_buf *b)
{
    moot_buf_clear(b);
    moot_message_encode(m, b);

    struct moot_bytes frame = moot_buf_view(b);

    return moot_bytes_of(frame.data + MOOT_FRAME_PREFIX,
                         frame.len - MOOT_FRAME_PREFIX);
}

/* Two members.  moot_answer_fini gives back. */
static inline void sample_answer(struct moot_answer *a)
{
    struct moot_key alice = sample_key(1);
    struct moot_key bob = sample_key(2);

    memset(a, 0, sizeof *a);
    a->group = sample_hash(0x67);
    memcpy(a->group_name, "lobby", 6);
    a->weight = MOOT_GROWN;
    memcpy(a->nonce, "00ff", 5);
    a->id = alice.id;
    a->member_count = 2;
    a->members = moot_alloc(2 * sizeof *a->members);
    a->members[0].id = alice.id;
    memcpy(a->members[0].name, "alice", 6);
    a->members[0].mode = MOOT_BOOTSTRAP;
    a->members[0].standing = MOOT_JOINED;
    moot_addr_set(&a->members[0].addrs[0], "192.0.2.7", 8081);
    moot_addr_set(&a->members[0].addrs[1], "2001:db8::7", 8081);
    a->members[0].addr_count = 2;
    moot_addr_set(&a->members[0].boot, "192.0.2.7", 8080);
    a->members[1].id = bob.id;
    memcpy(a->members[1].name, "b\"o\\b", 6);
    a->members[1].mode = MOOT_STANDARD;
    a->members[1].standing = MOOT_WAITING;
}

/* Somebody who was met, an address that was told, and a breaker. */
static inline void sample_peers(struct moot_peers *p)
{
    struct moot_key alice = sample_key(1);
    struct moot_peer met = {.last_seen = SAMPLE_WALL,
                            .last_failed = SAMPLE_WALL + 60000,
                            .success_count = 10,
                            .failure_count = 4,
                            .failures_in_row = 2,
                            .has_id = true,
                            .id = alice.id,
                            .has_group = true,
                            .group = sample_hash(0x67),
                            .group_name = "lobby",
                            .name = "b\"o\\b"};
    struct moot_peer told = {0};
    struct moot_tripped t = {.source = "https://example.org/peers.json",
                             .failures = 5,
                             .opened = SAMPLE_WALL,
                             .wait = 16000};

    memset(p, 0, sizeof *p);
    p->updated = SAMPLE_WALL;
    moot_addr_set(&met.addr, "192.0.2.7", 8081);
    moot_addr_set(&met.boot, "2001:db8::7", 8080);
    moot_addr_set(&told.addr, "chat.example.org", 8080);
    moot_peers_add(p, &met);
    moot_peers_add(p, &told);
    moot_peers_add_tripped(p, &t);
}

static inline void sample_register(struct moot_register *r)
{
    struct moot_key alice = sample_key(1);
    struct moot_key bob = sample_key(2);

    memset(r, 0, sizeof *r);
    r->group = sample_hash(0x67);
    memcpy(r->group_name, "lobby", 6);
    r->weight = MOOT_GROWN;
    memcpy(r->nonce, "00ff", 5);
    memcpy(r->challenge, "0123456789abcdef0123456789abcdef", 33);
    r->records = moot_alloc(sizeof *r->records);
    r->record_count = 1;
    sample_record(&r->records[0], &alice);
    r->heard = moot_alloc(2 * sizeof *r->heard);
    r->heard_count = 2;
    r->heard[0].id = bob.id;
    r->heard[0].ago_ms = 250;
    memcpy(r->heard[0].seen, "2001:db8::7", 12);
    r->heard[1].id = sample_key(3).id;
}

/* By a directory that is no member: alice's record, and it lacks bob's. */
static inline void sample_hosted(struct moot_answer *a)
{
    struct moot_key alice = sample_key(1);
    struct moot_record r;

    sample_answer(a);
    sample_record(&r, &alice);
    a->id = sample_key(3).id;
    a->hosted = true;
    a->again_ms = 3000;
    a->lack_count = 1;
    a->lack[0] = sample_key(2).id;
    a->member_count = 1;
    a->members[0].record_len = r.raw_len;
    a->members[0].sig = r.sig;
    moot_buf_append(&a->records, r.raw, r.raw_len);
}

#endif
