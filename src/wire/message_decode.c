/*
 * wire/message_decode.c - from bytes that a stranger sent to plain form.
 *
 * Each take_* below reads one kind: it walks the fields, lets the pb reader
 * judge type and size, and adds what only this kind knows.  Fields of a later
 * minor version are passed over.  Nothing is allocated.
 *
 * Layer:  wire (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "wire/host_internal.h"
#include "wire/message.h"
#include "wire/message_internal.h"
#include "wire/pb_internal.h"

#define BIT(number) MOOT_PB_FIELD(number)

static void take_older(struct moot_pb *p, struct moot_hello *m)
{
    if (m->older_count == MOOT_HELLO_OLDER_MAX) {
        p->bad = true;
        return;
    }
    moot_pb_each_raw(p, m->older[m->older_count].b, sizeof m->older[0].b);
    m->older_count++;
}

static bool take_hello(struct moot_bytes raw, struct moot_hello *m)
{
    const uint32_t wanted = BIT(MOOT_HELLO_MAJOR) | BIT(MOOT_HELLO_GROUP_TAG) |
                            BIT(MOOT_HELLO_NAME_TAG) | BIT(MOOT_HELLO_PROOF);
    struct moot_pb p = moot_pb_read(raw);
    uint64_t major = moot_pb_peek(raw, MOOT_HELLO_MAJOR);

    memset(m, 0, sizeof *m);

    /* Another major may have other fields: enough to refuse it by number. */
    if (major != 0 && major != MOOT_PROTOCOL_MAJOR && major <= UINT32_MAX) {
        m->major = (uint32_t)major;
        return true;
    }
    while (moot_pb_next(&p)) {
        if (p.number == MOOT_HELLO_MAJOR)
            moot_pb_take_u32(&p, &m->major);
        else if (p.number == MOOT_HELLO_MINOR)
            moot_pb_take_u32(&p, &m->minor);
        else if (p.number == MOOT_HELLO_GROUP_TAG)
            moot_pb_take_raw(&p, m->group_tag.b, sizeof m->group_tag.b);
        else if (p.number == MOOT_HELLO_NAME_TAG)
            moot_pb_take_raw(&p, m->name_tag.b, sizeof m->name_tag.b);
        else if (p.number == MOOT_HELLO_RUN)
            moot_pb_take_fixed64(&p, &m->run);
        else if (p.number == MOOT_HELLO_PROOF)
            moot_pb_take_raw(&p, m->proof.b, sizeof m->proof.b);
        else if (p.number == MOOT_HELLO_OLDER)
            take_older(&p, m);
    }
    return moot_pb_took(&p, wanted);
}

static bool take_welcome(struct moot_bytes raw, struct moot_welcome *m)
{
    const uint32_t wanted = BIT(MOOT_WELCOME_RECORD) | BIT(MOOT_WELCOME_SIG);
    struct moot_bytes record = {0};
    struct moot_bytes seen = {0};
    struct moot_sig sig;
    struct moot_pb p = moot_pb_read(raw);

    m->generation = 0;
    while (moot_pb_next(&p)) {
        if (p.number == MOOT_WELCOME_RECORD)
            moot_pb_take_bytes(&p, MOOT_RECORD_LEN_MAX, &record);
        else if (p.number == MOOT_WELCOME_SIG)
            moot_pb_take_raw(&p, sig.b, sizeof sig.b);
        else if (p.number == MOOT_WELCOME_SEEN)
            moot_pb_take_bytes(&p, MOOT_HOST_LEN_MAX, &seen);
        else if (p.number == MOOT_WELCOME_GENERATION)
            moot_pb_take_u64(&p, &m->generation);
    }
    memset(m->seen, 0, sizeof m->seen);
    if (seen.len > 0 && !moot_host_canonical(seen, m->seen))
        return false;
    return moot_pb_took(&p, wanted) &&
           moot_record_open(record, &sig, &m->record) == MOOT_OK;
}

static void take_weight(struct moot_pb *p, enum moot_weight *ret_weight)
{
    uint32_t weight = 0;

    moot_pb_take_u32(p, &weight);
    if (weight < MOOT_TENTATIVE || weight > MOOT_GROWN)
        p->bad = true;
    else
        *ret_weight = (enum moot_weight)weight;
}

static bool take_refuse(struct moot_bytes raw, struct moot_refuse *m)
{
    uint32_t why = 0;
    struct moot_pb p = moot_pb_read(raw);

    memset(m, 0, sizeof *m);
    while (moot_pb_next(&p)) {
        if (p.number == MOOT_REFUSE_F_WHY)
            moot_pb_take_u32(&p, &why);
        else if (p.number == MOOT_REFUSE_F_MAJOR)
            moot_pb_take_u32(&p, &m->major);
        else if (p.number == MOOT_REFUSE_F_GROUP)
            moot_pb_take_raw(&p, m->group.b, sizeof m->group.b);
        else if (p.number == MOOT_REFUSE_F_WEIGHT)
            take_weight(&p, &m->weight);
    }
    if (p.bad || why < MOOT_REFUSE_GROUP || why > MOOT_REFUSE_OTHER)
        return false;
    m->why = (enum moot_refusal)why;

    /* The group is named exactly when there is another one to name. */
    bool other = m->why == MOOT_REFUSE_OTHER;

    return moot_pb_took(&p, BIT(MOOT_REFUSE_F_GROUP)) == other &&
           (m->weight != 0) == other;
}

static bool take_bye(struct moot_bytes raw, struct moot_bye *m)
{
    uint32_t kind = 0;
    struct moot_pb p = moot_pb_read(raw);

    memset(m, 0, sizeof *m);
    while (moot_pb_next(&p)) {
        if (p.number == MOOT_BYE_F_KIND)
            moot_pb_take_u32(&p, &kind);
        else if (p.number == MOOT_BYE_F_REASON)
            moot_pb_take_bytes(&p, MOOT_REASON_LEN_MAX, &m->reason);
    }
    m->kind = (enum moot_bye_kind)kind;
    return !p.bad && kind >= MOOT_BYE_QUIT && kind <= MOOT_BYE_GROUP &&
           (m->reason.len == 0 || moot_line_fault(m->reason) == NULL);
}

static bool take_ping(struct moot_bytes raw, struct moot_ping *m)
{
    const uint32_t both = BIT(MOOT_PING_LOG) | BIT(MOOT_PING_ROSTER);
    struct moot_pb p = moot_pb_read(raw);

    memset(m, 0, sizeof *m);
    while (moot_pb_next(&p)) {
        if (p.number == MOOT_PING_NONCE)
            moot_pb_take_fixed64(&p, &m->nonce);
        else if (p.number == MOOT_PING_LOG)
            moot_pb_take_raw(&p, m->log.b, sizeof m->log.b);
        else if (p.number == MOOT_PING_ROSTER)
            moot_pb_take_raw(&p, m->roster.b, sizeof m->roster.b);
        else if (p.number == MOOT_PING_SYNC)
            moot_pb_take_bool(&p, &m->sync);
        else if (p.number == MOOT_PING_ENTRIES)
            moot_pb_take_u64(&p, &m->entries);
    }
    /* Both or neither; who wants to compare says what he has. */
    if (p.bad || moot_pb_took(&p, both))
        return !p.bad;
    return !m->sync && m->entries == 0 && (p.seen & both) == 0;
}

static bool take_entries(struct moot_bytes raw, struct moot_entries *m)
{
    struct moot_pb p = moot_pb_read(raw);

    m->asked = false;
    m->count = 0;
    while (moot_pb_next(&p)) {
        if (p.number == MOOT_ENTRIES_ASKED) {
            moot_pb_take_bool(&p, &m->asked);
        } else if (p.number == MOOT_ENTRIES_AT) {
            if (m->count == MOOT_PAGE_MAX)
                return false;
            moot_pb_each_bytes(&p, MOOT_FRAME_LEN_MAX, &m->raw[m->count++]);
        }
    }
    return !p.bad;
}

static bool take_author_digest(struct moot_bytes raw,
                               struct moot_author_digest *d)
{
    struct moot_pb p = moot_pb_read(raw);

    while (moot_pb_next(&p)) {
        if (p.number == MOOT_AUTHOR_DIGEST_AUTHOR)
            moot_pb_take_raw(&p, d->author.b, sizeof d->author.b);
        else if (p.number == MOOT_AUTHOR_DIGEST_DIGEST)
            moot_pb_take_raw(&p, d->digest.b, sizeof d->digest.b);
    }
    return moot_pb_took(&p, BIT(MOOT_AUTHOR_DIGEST_AUTHOR) |
                                BIT(MOOT_AUTHOR_DIGEST_DIGEST));
}

/* Strictly rising, and all of them above .after unless that is zero. */
static bool authors_sorted(const struct moot_authors *m)
{
    static const struct moot_id none;
    const struct moot_id *last =
        moot_id_eq(&m->after, &none) ? NULL : &m->after;

    for (unsigned i = 0; i < m->count; i++) {
        if (last && moot_id_cmp(last, &m->at[i].author) >= 0)
            return false;
        last = &m->at[i].author;
    }
    return true;
}

static bool take_authors(struct moot_bytes raw, struct moot_authors *m)
{
    struct moot_pb p = moot_pb_read(raw);

    memset(&m->after, 0, sizeof m->after);
    m->last = false;
    m->count = 0;
    while (moot_pb_next(&p)) {
        struct moot_bytes item = {0};

        if (p.number == MOOT_AUTHORS_AFTER)
            moot_pb_take_raw(&p, m->after.b, sizeof m->after.b);
        else if (p.number == MOOT_AUTHORS_LAST)
            moot_pb_take_bool(&p, &m->last);
        if (p.number != MOOT_AUTHORS_AT)
            continue;
        moot_pb_each_bytes(&p, MOOT_FRAME_LEN_MAX, &item);
        if (m->count == MOOT_PAGE_MAX ||
            !take_author_digest(item, &m->at[m->count]))
            return false;
        m->count++;
    }
    return moot_pb_took(&p, BIT(MOOT_AUTHORS_AFTER)) && authors_sorted(m);
}

static bool take_chain_head(struct moot_bytes raw, struct moot_chain_head *c)
{
    struct moot_pb p = moot_pb_read(raw);

    memset(c, 0, sizeof *c);
    while (moot_pb_next(&p)) {
        if (p.number == MOOT_CHAIN_HEAD_RUN)
            moot_pb_take_fixed64(&p, &c->run);
        else if (p.number == MOOT_CHAIN_HEAD_LEN)
            moot_pb_take_u64(&p, &c->len);
        else if (p.number == MOOT_CHAIN_HEAD_HEAD)
            moot_pb_take_raw(&p, c->head.b, sizeof c->head.b);
        else if (p.number == MOOT_CHAIN_HEAD_FORK_SEQ)
            moot_pb_take_u64(&p, &c->fork_seq);
        else if (p.number == MOOT_CHAIN_HEAD_FORK_HASH)
            moot_pb_take_raw(&p, c->fork_hash.b, sizeof c->fork_hash.b);
    }
    if (!moot_pb_took(&p, BIT(MOOT_CHAIN_HEAD_HEAD)))
        return false;
    if (c->len >= MOOT_SEQ_MAX || c->fork_seq >= MOOT_SEQ_MAX)
        return false;
    if (moot_pb_took(&p, BIT(MOOT_CHAIN_HEAD_FORK_HASH)) != (c->fork_seq != 0))
        return false;
    if (c->len == 0)
        return c->fork_seq != 0 && moot_hash_zero(&c->head);
    return c->fork_seq == 0 || c->fork_seq > c->len;
}

static bool chains_sorted(const struct moot_chains *m)
{
    if (m->count > 0 && !m->first && m->at[0].run <= m->after_run)
        return false;
    for (unsigned i = 1; i < m->count; i++) {
        if (m->at[i - 1].run >= m->at[i].run)
            return false;
    }
    return true;
}

static bool take_chains(struct moot_bytes raw, struct moot_chains *m)
{
    struct moot_pb p = moot_pb_read(raw);

    memset(m, 0, offsetof(struct moot_chains, at));
    while (moot_pb_next(&p)) {
        struct moot_bytes item = {0};

        if (p.number == MOOT_CHAINS_F_AUTHOR)
            moot_pb_take_raw(&p, m->author.b, sizeof m->author.b);
        else if (p.number == MOOT_CHAINS_F_AFTER_RUN)
            moot_pb_take_fixed64(&p, &m->after_run);
        else if (p.number == MOOT_CHAINS_F_FIRST)
            moot_pb_take_bool(&p, &m->first);
        else if (p.number == MOOT_CHAINS_F_LAST)
            moot_pb_take_bool(&p, &m->last);
        else if (p.number == MOOT_CHAINS_F_ASK)
            moot_pb_take_bool(&p, &m->ask);
        if (p.number != MOOT_CHAINS_F_AT)
            continue;
        moot_pb_each_bytes(&p, MOOT_FRAME_LEN_MAX, &item);
        if (m->count == MOOT_PAGE_MAX ||
            !take_chain_head(item, &m->at[m->count]))
            return false;
        m->count++;
    }
    return moot_pb_took(&p, BIT(MOOT_CHAINS_F_AUTHOR)) && chains_sorted(m);
}

static bool take_range(struct moot_bytes raw, struct moot_range *r)
{
    struct moot_pb p = moot_pb_read(raw);

    memset(r, 0, sizeof *r);
    while (moot_pb_next(&p)) {
        if (p.number == MOOT_RANGE_AUTHOR)
            moot_pb_take_raw(&p, r->in.author.b, sizeof r->in.author.b);
        else if (p.number == MOOT_RANGE_RUN)
            moot_pb_take_fixed64(&p, &r->in.run);
        else if (p.number == MOOT_RANGE_FROM)
            moot_pb_take_u64(&p, &r->from);
        else if (p.number == MOOT_RANGE_TO)
            moot_pb_take_u64(&p, &r->to);
    }
    return moot_pb_took(&p, BIT(MOOT_RANGE_AUTHOR)) && r->from >= 1 &&
           r->to >= r->from && r->to < MOOT_SEQ_MAX;
}

static bool take_want(struct moot_bytes raw, struct moot_want *m)
{
    struct moot_pb p = moot_pb_read(raw);

    m->count = 0;
    while (moot_pb_next(&p)) {
        struct moot_bytes item = {0};

        if (p.number != MOOT_LIST_AT)
            continue;
        moot_pb_each_bytes(&p, MOOT_FRAME_LEN_MAX, &item);
        if (m->count == MOOT_PAGE_MAX || !take_range(item, &m->at[m->count]))
            return false;
        m->count++;
    }
    return !p.bad;
}

static bool take_lack(struct moot_bytes raw, struct moot_lack *m)
{
    struct moot_bytes item = {0};
    struct moot_pb p = moot_pb_read(raw);

    m->base = 0;
    while (moot_pb_next(&p)) {
        if (p.number == MOOT_LIST_AT)
            moot_pb_take_bytes(&p, MOOT_FRAME_LEN_MAX, &item);
        else if (p.number == MOOT_LACK_BEGIN)
            moot_pb_take_u64(&p, &m->base);
    }
    return !p.bad && take_range(item, &m->at) &&
           (m->base == 0 || m->base > m->at.from) && m->base < MOOT_SEQ_MAX;
}

static bool take_hint(struct moot_bytes raw, struct moot_member_hint *h)
{
    const uint32_t wanted = BIT(MOOT_HINT_RECORD) | BIT(MOOT_HINT_SIG);
    struct moot_bytes seen = {0};
    struct moot_pb p = moot_pb_read(raw);

    memset(h, 0, sizeof *h);
    while (moot_pb_next(&p)) {
        if (p.number == MOOT_HINT_RECORD)
            moot_pb_take_bytes(&p, MOOT_RECORD_LEN_MAX, &h->record);
        else if (p.number == MOOT_HINT_SIG)
            moot_pb_take_raw(&p, h->sig.b, sizeof h->sig.b);
        else if (p.number == MOOT_HINT_SEEN)
            moot_pb_take_bytes(&p, MOOT_ADDR_TEXT_MAX, &seen);
    }
    if (seen.len > 0 && moot_addr_parse(seen, &h->seen) != MOOT_OK)
        return false;
    return moot_pb_took(&p, wanted) && h->record.len > 0;
}

static bool take_members(struct moot_bytes raw, struct moot_members *m)
{
    struct moot_pb p = moot_pb_read(raw);

    m->count = 0;
    while (moot_pb_next(&p)) {
        struct moot_bytes item = {0};

        if (p.number != MOOT_LIST_AT)
            continue;
        moot_pb_each_bytes(&p, MOOT_FRAME_LEN_MAX, &item);
        if (m->count == MOOT_MEMBERS_PAGE_MAX ||
            !take_hint(item, &m->at[m->count]))
            return false;
        m->count++;
    }
    return !p.bad;
}

/* One more identity at the end of a list that holds at most max. */
static void each_id(struct moot_pb *p, struct moot_id *at, unsigned *count,
                    unsigned max)
{
    if (*count == max)
        p->bad = true;
    else
        moot_pb_each_raw(p, at[(*count)++].b, sizeof at->b);
}

static bool take_linked(struct moot_bytes raw, struct moot_linked *m)
{
    struct moot_pb p = moot_pb_read(raw);

    m->full = false;
    m->up_count = 0;
    m->down_count = 0;
    while (moot_pb_next(&p)) {
        if (p.number == MOOT_LINKED_FULL)
            moot_pb_take_bool(&p, &m->full);
        else if (p.number == MOOT_LINKED_UP)
            each_id(&p, m->up, &m->up_count, MOOT_LINKS_MAX);
        else if (p.number == MOOT_LINKED_DOWN)
            each_id(&p, m->down, &m->down_count, MOOT_LINKS_MAX);
    }
    return !p.bad && m->up_count + m->down_count <= MOOT_LINKS_MAX;
}

static bool take_who(struct moot_bytes raw, struct moot_who *m)
{
    struct moot_pb p = moot_pb_read(raw);

    m->count = 0;
    while (moot_pb_next(&p)) {
        if (p.number == MOOT_LIST_AT)
            each_id(&p, m->at, &m->count, MOOT_PAGE_MAX);
    }
    return !p.bad;
}

static bool take_probe(struct moot_bytes raw, struct moot_probe *m)
{
    struct moot_pb p = moot_pb_read(raw);

    m->alive = false;
    while (moot_pb_next(&p)) {
        if (p.number == MOOT_PROBE_ID)
            moot_pb_take_raw(&p, m->id.b, sizeof m->id.b);
        else if (p.number == MOOT_PROBE_ALIVE)
            moot_pb_take_bool(&p, &m->alive);
    }
    return moot_pb_took(&p, BIT(MOOT_PROBE_ID));
}

static bool take_move(struct moot_bytes raw, struct moot_move *m)
{
    struct moot_pb p = moot_pb_read(raw);

    while (moot_pb_next(&p)) {
        if (p.number == MOOT_MOVE_GROUP)
            moot_pb_take_raw(&p, m->group.b, sizeof m->group.b);
        else if (p.number == MOOT_MOVE_WEIGHT)
            take_weight(&p, &m->weight);
    }
    return moot_pb_took(&p, BIT(MOOT_MOVE_GROUP) | BIT(MOOT_MOVE_WEIGHT));
}

/* Whether it is a proof is seen when it is opened. */
static bool take_fork(struct moot_bytes raw, struct moot_fork_message *m)
{
    struct moot_bytes entry;
    struct moot_pb p = moot_pb_read(raw);

    while (moot_pb_next(&p)) {
        if (p.number == MOOT_FORK_FIRST || p.number == MOOT_FORK_SECOND)
            moot_pb_take_bytes(&p, MOOT_FRAME_LEN_MAX, &entry);
    }
    m->raw = raw;
    return moot_pb_took(&p, BIT(MOOT_FORK_FIRST) | BIT(MOOT_FORK_SECOND));
}

static bool take_ack(struct moot_bytes raw, struct moot_ack *m)
{
    struct moot_pb p = moot_pb_read(raw);

    memset(m, 0, sizeof *m);
    while (moot_pb_next(&p)) {
        if (p.number == MOOT_ACK_RUN)
            moot_pb_take_fixed64(&p, &m->run);
        else if (p.number == MOOT_ACK_SEQ)
            moot_pb_take_u64(&p, &m->seq);
    }
    return !p.bad && m->seq >= 1;
}

static bool take_body(struct moot_bytes raw, struct moot_message *m)
{
    switch (m->kind) {
    case MOOT_MSG_HELLO:
        return take_hello(raw, &m->hello);
    case MOOT_MSG_WELCOME:
        return take_welcome(raw, &m->welcome);
    case MOOT_MSG_REFUSE:
        return take_refuse(raw, &m->refuse);
    case MOOT_MSG_BYE:
        return take_bye(raw, &m->bye);
    case MOOT_MSG_PING:
    case MOOT_MSG_PONG:
        return take_ping(raw, &m->ping);
    case MOOT_MSG_ENTRIES:
        return take_entries(raw, &m->entries);
    case MOOT_MSG_AUTHORS:
        return take_authors(raw, &m->authors);
    case MOOT_MSG_CHAINS:
        return take_chains(raw, &m->chains);
    case MOOT_MSG_WANT:
        return take_want(raw, &m->want);
    case MOOT_MSG_LACK:
        return take_lack(raw, &m->lack);
    case MOOT_MSG_MEMBERS:
        return take_members(raw, &m->members);
    case MOOT_MSG_LINKED:
        return take_linked(raw, &m->linked);
    case MOOT_MSG_WHO:
        return take_who(raw, &m->who);
    case MOOT_MSG_PROBE:
    case MOOT_MSG_VERDICT:
        return take_probe(raw, &m->probe);
    case MOOT_MSG_MOVE:
        return take_move(raw, &m->move);
    case MOOT_MSG_FORK:
        return take_fork(raw, &m->fork);
    case MOOT_MSG_ACK:
        return take_ack(raw, &m->ack);
    case MOOT_MSG_UNKNOWN:
        break;
    }
    return true;
}

static const char *const names[MOOT_MSG_LAST + 1] = {
    [MOOT_MSG_HELLO] = "HELLO",     [MOOT_MSG_WELCOME] = "WELCOME",
    [MOOT_MSG_REFUSE] = "REFUSE",   [MOOT_MSG_BYE] = "BYE",
    [MOOT_MSG_PING] = "PING",       [MOOT_MSG_PONG] = "PONG",
    [MOOT_MSG_ENTRIES] = "ENTRIES", [MOOT_MSG_AUTHORS] = "AUTHORS",
    [MOOT_MSG_CHAINS] = "CHAINS",   [MOOT_MSG_WANT] = "WANT",
    [MOOT_MSG_LACK] = "LACK",       [MOOT_MSG_MEMBERS] = "MEMBERS",
    [MOOT_MSG_LINKED] = "LINKED",   [MOOT_MSG_WHO] = "WHO",
    [MOOT_MSG_PROBE] = "PROBE",     [MOOT_MSG_VERDICT] = "VERDICT",
    [MOOT_MSG_MOVE] = "MOVE",       [MOOT_MSG_FORK] = "FORK",
    [MOOT_MSG_ACK] = "ACK"};

bool moot_message_known(uint32_t kind)
{
    return kind <= MOOT_MSG_LAST && names[kind] != NULL;
}

const char *moot_message_name(enum moot_message_kind kind)
{
    return moot_message_known(kind) ? names[kind] : "UNKNOWN";
}

int moot_message_decode(struct moot_bytes frame, struct moot_message *m)
{
    struct moot_bytes body = {0};
    struct moot_pb p = moot_pb_read(frame);

    m->kind = MOOT_MSG_UNKNOWN;
    while (moot_pb_next(&p)) {
        if (!moot_message_known(p.number))
            continue;
        if (m->kind != MOOT_MSG_UNKNOWN)
            return MOOT_EPROTO; /* a message is of one kind */
        moot_pb_take_bytes(&p, MOOT_FRAME_LEN_MAX, &body);
        m->kind = (enum moot_message_kind)p.number;
    }
    return !p.bad && take_body(body, m) ? MOOT_OK : MOOT_EPROTO;
}
