/*
 * tests/sim/evil.c - a member that does not keep to the protocol: what its
 * honest node wants to say is changed, left out or added to on the way.
 *
 * Its key is its own, so it can sign two histories; of others it has no key,
 * so it can only claim.  Each entry that it signed is noted: whatever else
 * anybody shows or keeps in its name is a forgery.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "sim_internal.h"
#include "wire/fork.h"
#include "wire/frame.h"
#include "wire/message.h"

#define OLD_MAX 24 /* frames that may come again */
#define OLD_LEN_MAX 2048

/* After each its node goes on in another run, and in a closed group tells at
 * once of the secret again: that would never end. */
#define FORKED_RUNS_MAX 16

struct sim_evil {
    unsigned lies;
    struct moot_buf old[OLD_MAX]; /* frames heard or said, of all kinds */
    unsigned old_count;
    struct moot_entry *heard; /* the last of somebody else */
    struct moot_hash branch;  /* hash of the newest entry of the other one */
    struct moot_run in;       /* of which run */
    uint64_t parted;          /* its first seq; 0: there is only one yet */
    unsigned forked;          /* runs that have two */
    struct moot_buf out;
};

void sim_evil_begin(struct sim *s, unsigned peer, unsigned lies)
{
    struct sim_peer *p = s->peers[peer];

    sim_tell(s, p->label, "* is evil from now on: %u", lies);
    s->evil = true;
    p->evil = moot_alloc(sizeof *p->evil);
    p->evil->lies = lies;
}

bool sim_is_evil(const struct sim *s, unsigned peer)
{
    return s->peers[peer]->evil != NULL;
}

void sim_evil_fini(struct sim_peer *p)
{
    struct sim_evil *v = p->evil;

    if (v == NULL)
        return;
    for (unsigned i = 0; i < v->old_count; i++)
        moot_buf_fini(&v->old[i]);
    moot_entry_unref(v->heard);
    moot_buf_fini(&v->out);
    free(v);
    p->evil = NULL;
}

static bool dice(struct sim *s, unsigned of)
{
    return sim_between(s, 1, of) == 1;
}

static bool lies(const struct sim_peer *p, enum sim_lie lie)
{
    return (p->evil->lies >> lie & 1) != 0;
}

/* --- two histories --- */

/* Every other link hears the other one. */
static bool on_other_branch(const struct sim_peer *p, uint32_t end)
{
    return p->sim->peers[sim_other_end(p->sim, end)->peer]->host % 2 == 0;
}

/* What stands in the other history in the place of e. */
static struct moot_entry *other_of(struct sim_peer *p,
                                   const struct moot_entry *e)
{
    struct sim_evil *v = p->evil;
    struct moot_line line = {.kind = MOOT_LINE_TEXT,
                             .text = moot_bytes_text("something else")};
    struct moot_draft d = {.group = e->group,
                           .in = e->in,
                           .seq = e->seq,
                           .prev = e->seq == v->parted ? e->prev : v->branch,
                           .lamport = e->lamport,
                           .wall = e->wall,
                           .cites = e->cites,
                           .cite_count = e->cite_count,
                           .name = moot_entry_name(e),
                           .lines = &line,
                           .line_count = 1};
    struct moot_entry *other = moot_entry_create(&d, &p->profile->key);

    sim_chain_other(p->sim, other);
    return other;
}

static bool has_parted(const struct sim_evil *v, const struct moot_entry *e)
{
    return v->parted != 0 && moot_run_cmp(&v->in, &e->in) == 0;
}

/* An own entry on its way to the other half; NULL: it is the same there. */
static struct moot_entry *branch_off(struct sim_peer *p,
                                     const struct moot_entry *e)
{
    struct sim_evil *v = p->evil;
    struct moot_entry *other;

    if (!has_parted(v, e)) {
        if (v->forked == FORKED_RUNS_MAX)
            return NULL;
        v->forked++;
        v->parted = e->seq;
        v->in = e->in;
        sim_tell(p->sim, p->label, "* begins another history at %llu",
                 (unsigned long long)e->seq);
    }
    other = other_of(p, e);
    v->branch = other->hash;
    return other;
}

/* --- single lies --- */

static struct moot_entry *in_another_group(struct sim_peer *p,
                                           const struct moot_entry *e)
{
    struct moot_line line = {.kind = MOOT_LINE_TEXT,
                             .text = moot_bytes_text("from elsewhere")};
    struct moot_draft d = {.group = e->hash,
                           .in = e->in,
                           .seq = e->seq,
                           .prev = e->prev,
                           .lamport = e->lamport,
                           .wall = e->wall,
                           .name = moot_entry_name(e),
                           .lines = &line,
                           .line_count = 1};

    return moot_entry_create(&d, &p->profile->key);
}

static void spoil(struct sim_peer *p, struct moot_buf *raw,
                  const struct moot_sig *sig)
{
    struct moot_bytes all = moot_buf_view(raw);
    uint8_t *at = memmem(all.data, all.len, sig->b, sizeof sig->b);

    if (at != NULL)
        at[sim_between(p->sim, 0, 63)] ^= 1;
}

/* Of an entry somebody else made, with a second one nobody signed. */
static void forge_proof(struct sim_peer *p, struct moot_buf *out)
{
    const struct moot_entry *e = p->evil->heard;
    struct moot_key wrong;
    struct moot_draft d;
    struct moot_message *m;
    struct moot_fork fork;
    struct moot_buf raw = {0};
    struct moot_entry *second;

    if (e == NULL)
        return;
    moot_key_init(&wrong, e->hash.b);
    wrong.id = e->in.author;
    d = (struct moot_draft){
        .group = e->group,
        .in = e->in,
        .seq = e->seq,
        .prev = e->prev,
        .lamport = e->lamport + 1,
        .wall = e->wall,
        .name = moot_bytes_text("x"),
        .lines = &(struct moot_line){.kind = MOOT_LINE_TEXT,
                                     .text = moot_bytes_text("never said")},
        .line_count = 1};
    second = moot_entry_create(&d, &wrong);
    if (moot_fork_make(e, second, &fork)) {
        m = moot_alloc(sizeof *m);
        moot_fork_encode(&fork, &raw);
        spoil(p, &raw, &second->sig);
        m->kind = MOOT_MSG_FORK;
        m->fork.raw = moot_buf_view(&raw);
        moot_message_encode(m, out);
        free(m);
        moot_fork_fini(&fork);
    }
    moot_buf_fini(&raw);
    moot_entry_unref(second);
    moot_key_fini(&wrong);
}

static void change_heads(struct sim_peer *p, struct moot_chains *m)
{
    for (unsigned i = 0; i < m->count; i++) {
        if (!dice(p->sim, 3) || m->at[i].fork_seq != 0 || m->at[i].len == 0)
            continue;
        m->at[i].len += (uint64_t)sim_between(p->sim, 0, 5);
        moot_rng_bytes(&p->sim->rng, m->at[i].head.b, sizeof m->at[i].head.b);
    }
}

/* --- entries --- */

/* The page owns a copy of its bytes. */
static void put_one(struct sim_peer *p, const struct moot_entry *e,
                    struct moot_entries *page, bool spoilt)
{
    uint8_t *copy = moot_copy(e->raw.data, e->raw.len);
    uint8_t *sig = memmem(copy, e->raw.len, e->sig.b, sizeof e->sig.b);

    if (spoilt && sig != NULL)
        sig[sim_between(p->sim, 0, 63)] ^= 1;
    page->raw[page->count++] = moot_bytes_of(copy, e->raw.len);
}

static void change_entry(struct sim_peer *p, uint32_t end, struct moot_entry *e,
                         struct moot_entries *page)
{
    struct sim *s = p->sim;
    bool asked = page->asked;
    bool own = moot_id_eq(&e->in.author, &p->profile->key.id);
    struct moot_entry *said = NULL;

    if ((asked && lies(p, SIM_LIE_WITHHOLD)) ||
        (!asked && lies(p, SIM_LIE_GAP) && dice(s, 3)))
        return;
    if (own && lies(p, SIM_LIE_FORK) && on_other_branch(p, end) && !asked)
        said = branch_off(p, e);
    else if (own && lies(p, SIM_LIE_GROUP) && dice(s, 4))
        said = in_another_group(p, e);
    put_one(p, said == NULL ? e : said, page,
            lies(p, SIM_LIE_SIGNATURE) && dice(s, 6));
    moot_entry_unref(said);
}

static void change_entries(struct sim_peer *p, uint32_t end,
                           const struct moot_entries *m)
{
    struct moot_message *page = moot_alloc(sizeof *page);

    page->kind = MOOT_MSG_ENTRIES;
    page->entries.asked = m->asked;
    for (unsigned i = 0; i < m->count; i++) {
        struct moot_entry *e;

        if (moot_entry_open(m->raw[i], &e) != MOOT_OK)
            continue;
        change_entry(p, end, e, &page->entries);
        moot_entry_unref(e);
    }
    if (page->entries.count > 0)
        moot_message_encode(page, &p->evil->out);
    for (unsigned i = 0; i < page->entries.count; i++)
        free((void *)(uintptr_t)page->entries.raw[i].data);
    free(page);
}

/* --- frames --- */

static void keep_old(struct sim_peer *p, struct moot_bytes frame)
{
    struct sim_evil *v = p->evil;
    unsigned at = v->old_count;

    if (frame.len > OLD_LEN_MAX)
        return;
    if (at == OLD_MAX)
        at = (unsigned)sim_between(p->sim, 0, OLD_MAX - 1);
    else
        v->old_count++;
    moot_buf_clear(&v->old[at]);
    moot_buf_append(&v->old[at], frame.data, frame.len);
}

static void keep_heard(struct sim_peer *p, const struct moot_entries *m)
{
    struct moot_entry *e;

    if (m->count == 0 || moot_entry_open(m->raw[0], &e) != MOOT_OK)
        return;
    if (moot_id_eq(&e->in.author, &p->profile->key.id)) {
        moot_entry_unref(e);
        return;
    }
    moot_entry_unref(p->evil->heard);
    p->evil->heard = e;
}

/* whole: with its prefix. */
static void change_frame(struct sim_peer *p, uint32_t end,
                         struct moot_bytes whole, struct moot_bytes frame)
{
    struct moot_message *m = moot_alloc(sizeof *m);

    if (moot_message_decode(frame, m) != MOOT_OK) {
        free(m);
        return;
    }
    keep_old(p, whole);
    if (m->kind == MOOT_MSG_ENTRIES) {
        change_entries(p, end, &m->entries);
    } else if (m->kind == MOOT_MSG_CHAINS && lies(p, SIM_LIE_FRONTIER)) {
        change_heads(p, &m->chains);
        moot_message_encode(m, &p->evil->out);
    } else {
        moot_buf_append(&p->evil->out, whole.data, whole.len);
    }
    free(m);
}

/* Something old, of any kind, in any state. */
static void add_noise(struct sim_peer *p, uint32_t end)
{
    struct sim_evil *v = p->evil;
    struct sim *s = p->sim;

    if (lies(p, SIM_LIE_PROOF) && sim_end_of(s, end)->up && dice(s, 8))
        forge_proof(p, &v->out);
    if (lies(p, SIM_LIE_REPLAY) && v->old_count > 0 && dice(s, 6)) {
        struct moot_bytes old =
            moot_buf_view(&v->old[sim_between(s, 0, v->old_count - 1)]);

        moot_buf_append(&v->out, old.data, old.len);
    }
}

void sim_evil_send(struct sim_peer *p, uint32_t end, struct moot_bytes bytes)
{
    struct sim_evil *v = p->evil;
    struct moot_bytes frame;

    moot_buf_clear(&v->out);
    while (moot_frame_first(bytes, MOOT_FRAME_LEN_MAX, &frame) == MOOT_OK) {
        size_t len = MOOT_FRAME_PREFIX + frame.len;

        change_frame(p, end, moot_bytes_of(bytes.data, len), frame);
        bytes = moot_bytes_of(bytes.data + len, bytes.len - len);
    }
    add_noise(p, end);
    sim_conn_send(p->sim, end, moot_buf_view(&v->out));
}

void sim_evil_hear(struct sim_peer *p, struct moot_bytes whole,
                   struct moot_bytes frame)
{
    struct moot_message *m = moot_alloc(sizeof *m);

    if (moot_message_decode(frame, m) == MOOT_OK) {
        keep_old(p, whole);
        if (m->kind == MOOT_MSG_ENTRIES)
            keep_heard(p, &m->entries);
    }
    free(m);
}
