/*
 * tests/cast.c - identities in the order of their letters, and their pens.
 *
 * Layer:  tests.
 * Thread: the main thread of a test.
 */
#include "cast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/error.h"
#include "wire/fork.h"
#include "wire/frame.h"

#define CAST_MAX 26
#define PENS_MAX 512
#define LISTED_MAX 8 /* items of a list that are spelt out */

/* One chain being written. */
struct pen {
    struct moot_run in;
    uint64_t seq, lamport;
    struct moot_hash head;
};

static struct {
    struct moot_hash group;
    struct moot_key keys[CAST_MAX];
    uint64_t runs[CAST_MAX];
    struct pen pens[PENS_MAX];
    unsigned pen_count;
    struct moot_entry **written;
    unsigned written_count;
    struct moot_line line;
    struct moot_message message;
} cast;

/* --- who --- */

static int compare_keys(const void *a, const void *b)
{
    return moot_id_cmp(&((const struct moot_key *)a)->id,
                       &((const struct moot_key *)b)->id);
}

void cast_begin(const struct moot_hash *group)
{
    memset(&cast, 0, sizeof cast);
    cast.group = *group;
    for (unsigned i = 0; i < CAST_MAX; i++) {
        uint8_t seed[32];

        memset(seed, (int)i + 1, sizeof seed);
        moot_key_init(&cast.keys[i], seed);
        cast.runs[i] = CAST_RUN;
    }
    qsort(cast.keys, CAST_MAX, sizeof cast.keys[0], compare_keys);
}

void cast_end(void)
{
    for (unsigned i = 0; i < cast.written_count; i++)
        moot_entry_unref(cast.written[i]);
    free(cast.written);
    memset(&cast, 0, sizeof cast);
}

struct moot_hash cast_group(void)
{
    return cast.group;
}

const struct moot_key *cast_key(char who)
{
    moot_assert(who >= 'A' && who <= 'Z');
    return &cast.keys[who - 'A'];
}

const struct moot_id *cast_id(char who)
{
    return &cast_key(who)->id;
}

struct moot_run cast_run(char who)
{
    return (struct moot_run){.author = *cast_id(who),
                             .run = cast.runs[who - 'A']};
}

void cast_set_run(char who, uint64_t run)
{
    moot_assert(who >= 'A' && who <= 'Z');
    cast.runs[who - 'A'] = run;
}

char cast_letter(const struct moot_id *id)
{
    for (unsigned i = 0; i < CAST_MAX; i++)
        if (moot_id_eq(&cast.keys[i].id, id))
            return (char)('A' + i);
    return '?';
}

/* --- what they write --- */

static struct pen *pen_of(const struct moot_run *in)
{
    struct pen *made;

    for (unsigned i = 0; i < cast.pen_count; i++)
        if (moot_run_cmp(&cast.pens[i].in, in) == 0)
            return &cast.pens[i];
    moot_assert(cast.pen_count < PENS_MAX);
    made = &cast.pens[cast.pen_count++];
    made->in = *in;
    return made;
}

struct moot_draft cast_draft(char who, const char *text)
{
    static char names[CAST_MAX][2];
    struct moot_run in = cast_run(who);
    const struct pen *p = pen_of(&in);
    char *name = names[who - 'A'];

    name[0] = (char)(who - 'A' + 'a');
    cast.line.kind = MOOT_LINE_TEXT;
    cast.line.text = moot_bytes_text(text);
    return (struct moot_draft){.group = cast.group,
                               .in = in,
                               .seq = p->seq + 1,
                               .prev = p->head,
                               .lamport = p->lamport + 1,
                               .wall = CAST_WALL,
                               .name = moot_bytes_text(name),
                               .lines = &cast.line,
                               .line_count = 1};
}

struct moot_entry *cast_drafts(char who, struct moot_draft *d)
{
    struct moot_entry *e = moot_entry_create(d, cast_key(who));

    cast.written = moot_realloc(cast.written, (cast.written_count + 1) *
                                                  sizeof(struct moot_entry *));
    cast.written[cast.written_count++] = e;
    return e;
}

static struct moot_entry *write_next(char who, struct moot_draft *d)
{
    struct moot_entry *e = cast_drafts(who, d);
    struct pen *p = pen_of(&e->in);

    p->seq = e->seq;
    p->lamport = e->lamport;
    p->head = e->hash;
    return e;
}

struct moot_entry *cast_writes(char who, const char *text)
{
    struct moot_draft d = cast_draft(who, text);

    return write_next(who, &d);
}

static void cite(struct moot_draft *d, struct moot_cite *cites,
                 const struct moot_entry *cause)
{
    if (cause == NULL)
        return;
    cites[d->cite_count++] = (struct moot_cite){
        .in = cause->in, .seq = cause->seq, .hash = cause->hash};
    if (d->lamport <= cause->lamport)
        d->lamport = cause->lamport + 1;
}

struct moot_entry *cast_replies(char who, const char *text,
                                const struct moot_entry *cause,
                                const struct moot_entry *other)
{
    struct moot_draft d = cast_draft(who, text);
    struct moot_cite cites[2];

    d.cites = cites;
    cite(&d, cites, cause);
    cite(&d, cites, other);
    return write_next(who, &d);
}

struct moot_addr cast_addr(char who)
{
    struct moot_addr a = {{0}, 0};
    char host[16];

    snprintf(host, sizeof host, "10.0.0.%u", (unsigned)(who - 'A' + 1) & 255);
    moot_addr_set(&a, host, 8081);
    return a;
}

struct moot_record cast_record(char who, uint64_t run, uint64_t serial)
{
    struct moot_record r = {.group = cast.group,
                            .id = *cast_id(who),
                            .run = run,
                            .run_ms = CAST_WALL + (moot_wall_ms)run,
                            .serial = serial,
                            .mode = MOOT_STANDARD,
                            .standing = MOOT_JOINED,
                            .addr_count = 1,
                            .port = 8081};

    r.name[0] = (char)(who - 'A' + 'a');
    r.addrs[0] = cast_addr(who);
    moot_record_seal(&r, cast_key(who));
    return r;
}

/* --- in words --- */

void cast_put_id(struct moot_buf *out, const struct moot_id *id)
{
    char letter = cast_letter(id);

    if (letter != '?')
        moot_buf_printf(out, "%c", letter);
    else
        moot_buf_printf(out, "?%02x%02x", id->b[0], id->b[1]);
}

void cast_put_run(struct moot_buf *out, const struct moot_run *in)
{
    char letter = cast_letter(&in->author);

    cast_put_id(out, &in->author);
    if (letter == '?' || cast.runs[letter - 'A'] != in->run)
        moot_buf_printf(out, "/%llx", (unsigned long long)in->run);
}

void cast_put_range(struct moot_buf *out, const struct moot_range *r)
{
    cast_put_run(out, &r->in);
    moot_buf_printf(out, ":%llu..%llu", (unsigned long long)r->from,
                    (unsigned long long)r->to);
}

static void put_ids(struct moot_buf *out, const char *before,
                    const struct moot_id *ids, unsigned count)
{
    if (count > LISTED_MAX) {
        moot_buf_printf(out, " %s(%u)", before, count);
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        moot_buf_printf(out, " %s", before);
        cast_put_id(out, &ids[i]);
    }
}

static void put_entries(struct moot_buf *out, const struct moot_entries *m)
{
    moot_buf_printf(out, "%s", m->asked ? " asked" : "");
    if (m->count > LISTED_MAX)
        moot_buf_printf(out, " (%u)", m->count);
    for (unsigned i = 0; m->count <= LISTED_MAX && i < m->count; i++) {
        struct moot_entry *e;

        if (moot_entry_open(m->raw[i], &e) != MOOT_OK) {
            moot_buf_printf(out, " ???");
            continue;
        }
        moot_buf_printf(out, " ");
        cast_put_run(out, &e->in);
        moot_buf_printf(out, ":%llu", (unsigned long long)e->seq);
        moot_entry_unref(e);
    }
}

static void put_authors(struct moot_buf *out, const struct moot_authors *m)
{
    static const struct moot_id none;
    struct moot_id ids[LISTED_MAX];

    if (!moot_id_eq(&m->after, &none)) {
        moot_buf_printf(out, " after ");
        cast_put_id(out, &m->after);
    }
    for (unsigned i = 0; i < m->count && i < LISTED_MAX; i++)
        ids[i] = m->at[i].author;
    put_ids(out, "", ids, m->count);
    moot_buf_printf(out, "%s", m->last ? " last" : "");
}

static void put_chains(struct moot_buf *out, const struct moot_chains *m)
{
    moot_buf_printf(out, " of ");
    cast_put_id(out, &m->author);
    if (!m->first)
        moot_buf_printf(out, " after %llx", (unsigned long long)m->after_run);
    if (m->count > LISTED_MAX)
        moot_buf_printf(out, " (%u)", m->count);
    for (unsigned i = 0; m->count <= LISTED_MAX && i < m->count; i++)
        moot_buf_printf(out, " %llx:%llu%s", (unsigned long long)m->at[i].run,
                        (unsigned long long)m->at[i].len,
                        m->at[i].fork_seq == 0 ? "" : "!");
    moot_buf_printf(out, "%s%s", m->last ? " last" : "", m->ask ? " ask" : "");
}

static void put_want(struct moot_buf *out, const struct moot_want *m)
{
    if (m->count > LISTED_MAX) {
        moot_buf_printf(out, " (%u)", m->count);
        return;
    }
    for (unsigned i = 0; i < m->count; i++) {
        moot_buf_printf(out, " ");
        cast_put_range(out, &m->at[i]);
    }
}

static void put_members(struct moot_buf *out, const struct moot_members *m)
{
    if (m->count > LISTED_MAX)
        moot_buf_printf(out, " (%u)", m->count);
    for (unsigned i = 0; m->count <= LISTED_MAX && i < m->count; i++) {
        struct moot_record r;
        char seen[MOOT_ADDR_TEXT_MAX];

        if (moot_record_open(m->at[i].record, &m->at[i].sig, &r) != MOOT_OK) {
            moot_buf_printf(out, " ???");
            continue;
        }
        moot_buf_printf(out, " %s", r.name);
        if (m->at[i].seen.port == 0)
            continue;
        moot_addr_format(&m->at[i].seen, seen);
        moot_buf_printf(out, "@%s", seen);
    }
}

static void put_linked(struct moot_buf *out, const struct moot_linked *m)
{
    moot_buf_printf(out, "%s", m->full ? " full" : "");
    put_ids(out, "+", m->up, m->up_count);
    put_ids(out, "-", m->down, m->down_count);
}

static void put_bye(struct moot_buf *out, const struct moot_bye *m)
{
    static const char *const kinds[] = {[MOOT_BYE_QUIT] = "quit",
                                        [MOOT_BYE_DUPLICATE] = "duplicate",
                                        [MOOT_BYE_PROTOCOL] = "protocol",
                                        [MOOT_BYE_SLOW] = "slow",
                                        [MOOT_BYE_GROUP] = "group"};

    moot_buf_printf(out, " %s", kinds[m->kind]);
    if (m->reason.len > 0)
        moot_buf_printf(out, " \"%.*s\"", (int)m->reason.len,
                        (const char *)m->reason.data);
}

static void put_refuse(struct moot_buf *out, const struct moot_refuse *m)
{
    static const char *const whys[] = {[MOOT_REFUSE_GROUP] = "group",
                                       [MOOT_REFUSE_VERSION] = "version",
                                       [MOOT_REFUSE_FULL] = "full",
                                       [MOOT_REFUSE_OTHER] = "other"};

    moot_buf_printf(out, " %s", whys[m->why]);
}

static void put_probe(struct moot_buf *out, const struct moot_message *m)
{
    moot_buf_printf(out, " ");
    cast_put_id(out, &m->probe.id);
    if (m->kind == MOOT_MSG_VERDICT)
        moot_buf_printf(out, m->probe.alive ? " alive" : " silent");
}

static void put_fork(struct moot_buf *out, const struct moot_fork_message *m)
{
    struct moot_fork f;

    if (moot_fork_open(m->raw, &f) != MOOT_OK) {
        moot_buf_printf(out, " ???");
        return;
    }
    moot_buf_printf(out, " ");
    cast_put_run(out, &f.first->in);
    moot_buf_printf(out, ":%llu", (unsigned long long)f.seq);
    moot_fork_fini(&f);
}

/* The lists; false: it is none. */
static bool put_list(struct moot_buf *out, const struct moot_message *m)
{
    if (m->kind == MOOT_MSG_ENTRIES)
        put_entries(out, &m->entries);
    else if (m->kind == MOOT_MSG_AUTHORS)
        put_authors(out, &m->authors);
    else if (m->kind == MOOT_MSG_CHAINS)
        put_chains(out, &m->chains);
    else if (m->kind == MOOT_MSG_WANT)
        put_want(out, &m->want);
    else if (m->kind == MOOT_MSG_MEMBERS)
        put_members(out, &m->members);
    else if (m->kind == MOOT_MSG_LINKED)
        put_linked(out, &m->linked);
    else if (m->kind == MOOT_MSG_WHO && m->who.count > 0)
        put_ids(out, "", m->who.at, m->who.count);
    else
        return false;
    return true;
}

void cast_put_message(struct moot_buf *out, const struct moot_message *m)
{
    moot_buf_printf(out, "%s", moot_message_name(m->kind));
    if (put_list(out, m))
        return;
    if (m->kind == MOOT_MSG_LACK) {
        moot_buf_printf(out, " ");
        cast_put_range(out, &m->lack.at);
        if (m->lack.base > 0)
            moot_buf_printf(out, ", has from %llu on",
                            (unsigned long long)m->lack.base);
    } else if (m->kind == MOOT_MSG_FORK) {
        put_fork(out, &m->fork);
    } else if (m->kind == MOOT_MSG_BYE) {
        put_bye(out, &m->bye);
    } else if (m->kind == MOOT_MSG_REFUSE) {
        put_refuse(out, &m->refuse);
    } else if (m->kind == MOOT_MSG_PROBE || m->kind == MOOT_MSG_VERDICT) {
        put_probe(out, m);
    } else if (m->kind == MOOT_MSG_PING && m->ping.sync) {
        moot_buf_printf(out, " sync");
    } else if (m->kind == MOOT_MSG_ACK) {
        moot_buf_printf(out, " %llu", (unsigned long long)m->ack.seq);
    } else if (m->kind == MOOT_MSG_WHO) {
        moot_buf_printf(out, " all");
    }
}

void cast_put_frames(struct moot_buf *out, struct moot_bytes bytes)
{
    const char *between = "";

    while (bytes.len > 0) {
        struct moot_bytes frame;
        int status = moot_frame_first(bytes, MOOT_FRAME_LEN_MAX, &frame);

        moot_assert(status == MOOT_OK);
        status = moot_message_decode(frame, &cast.message);
        moot_assert(status == MOOT_OK);
        moot_buf_printf(out, "%s", between);
        cast_put_message(out, &cast.message);
        bytes.data += MOOT_FRAME_PREFIX + frame.len;
        bytes.len -= MOOT_FRAME_PREFIX + frame.len;
        between = " + ";
    }
}
