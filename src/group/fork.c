/*
 * group/fork.c - runs with two histories: finding them, proving them, and
 * ending them at the same place as everybody else.
 *
 * A hash accuses nobody: of two entries that contradict each other both
 * signatures are checked before anything is believed.  Of many proofs the best
 * one is kept and told, so that all come to hold the same one and cut the run
 * before the same entry.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/slots.h"
#include "group_internal.h"

/* --- believing --- */

static size_t size_of(const struct moot_fork *f)
{
    return f->first->raw.len + f->second->raw.len + sizeof *f;
}

bool moot_group_is_better(const struct moot_group *g, const struct moot_fork *f)
{
    const struct moot_chain *c = moot_history_find(&g->log, &f->first->in);

    if (c != NULL && c->fork != NULL)
        return moot_fork_cmp(f, c->fork) < 0;
    return g->fork_bytes + size_of(f) <= MOOT_FORKS_BYTES_MAX;
}

void moot_forks_post(struct moot_group *g, uint64_t link,
                     enum moot_group_effect_kind kind,
                     const struct moot_fork *f, struct moot_group_effects *fx)
{
    struct moot_message *m = moot_group_message(g, MOOT_MSG_FORK);
    struct moot_buf proof = {0};

    moot_fork_encode(f, &proof);
    m->fork.raw = moot_buf_view(&proof);
    moot_group_post(fx, kind, link, m);
    moot_buf_fini(&proof);
}

static void tell_user(struct moot_group *g, const struct moot_run *in,
                      struct moot_group_effects *fx)
{
    char name[MOOT_NAME_LEN_MAX + 8];

    if (moot_id_eq(&in->author, &g->me.author)) {
        moot_group_notice(fx, "your identity speaks from two places at once (a "
                              "cloned machine?): the last lines said here may "
                              "be missing; you go on in a new run");
        return;
    }
    moot_group_display_name(g, &in->author, moot_bytes_text(""), name);
    moot_group_notice(fx,
                      "%s has two histories (a cloned machine?): what was said "
                      "in them after they part is left out",
                      name);
}

static void read_one(struct moot_group *g, enum reading_kind kind,
                     const struct moot_run *in, uint64_t seq,
                     struct moot_group_effects *fx)
{
    struct moot_group_effect *f = moot_group_ask(fx, MOOT_GROUP_FETCH);
    unsigned at = g->reading_count;

    f->token = ++g->tokens;
    f->range = (struct moot_range){.in = *in, .from = seq, .to = seq};
    g->readings = moot_slot_open(g->readings, sizeof *g->readings,
                                 &g->reading_count, &g->reading_max, at);
    g->readings[at] = (struct reading){
        .token = f->token, .kind = kind, .in = *in, .seq = seq};
}

/* What is left ends with the entry before the fork: its hash, if it is known
 * without reading it. */
static bool head_before(const struct moot_group *g, const struct moot_chain *c,
                        uint64_t seq, struct moot_hash *ret_head)
{
    const struct moot_entry *e;

    *ret_head = c->head;
    if (c->len < seq)
        return !c->headless;
    *ret_head = c->kept_head;
    if (seq == 1 || c->kept_len == seq - 1)
        return seq > 1;
    e = moot_say_storing(g, &c->in, seq - 1);
    if (e == NULL)
        return false;
    *ret_head = e->hash;
    return true;
}

bool moot_forks_believe(struct moot_group *g, struct moot_chain *c,
                        struct moot_fork *f, struct moot_group_effects *fx)
{
    struct moot_fork *kept;
    bool news = c->fork == NULL;
    struct moot_hash head;
    bool known = head_before(g, c, f->seq, &head);

    if (!moot_group_is_better(g, f)) {
        moot_fork_fini(f);
        return false;
    }
    moot_trace(g->tracer, "%02x%02x has two histories from %llu on -> end it",
               c->in.author.b[0], c->in.author.b[1],
               (unsigned long long)f->seq);
    if (c->fork != NULL)
        g->fork_bytes -= size_of(c->fork);
    g->fork_bytes += size_of(f);
    kept = moot_alloc(sizeof *kept);
    *kept = *f;
    moot_search_narrow(g, c, kept, fx);
    moot_ahead_drop(g, &c->in, kept->seq);
    moot_screen_forget(g, &c->in, kept->seq);
    moot_say_void(g, &c->in, kept->seq, fx);
    moot_chain_end(&g->log, c, kept, known ? &head : NULL);
    moot_sync_ended(g, c);
    if (c->headless)
        read_one(g, READ_HEAD, &c->in, c->len, fx); /* then the store is told */
    else
        moot_say_end_run(g, c, fx);
    moot_forks_post(g, 0, MOOT_GROUP_TELL, kept, fx);
    moot_sync_soon(g); /* what is left may differ again */
    if (news)
        tell_user(g, &c->in, fx);
    if (moot_run_cmp(&c->in, &g->me) == 0)
        moot_roster_next_run(g, fx);
    return true;
}

void moot_forks_heard(struct moot_group *g, struct group_link *l,
                      const struct moot_fork *f, struct moot_group_effects *fx)
{
    struct moot_chain *c;
    struct moot_fork copy = *f;

    if (!moot_group_is_better(g, f))
        return;
    c = moot_sync_chain(g, l, &f->first->in, fx);
    if (c == NULL)
        return;
    moot_entry_ref(copy.first);
    moot_entry_ref(copy.second);
    moot_forks_believe(g, c, &copy, fx);
}

/* --- looking for our own --- */

/* Ours may be damaged, so it is verified again; theirs was when it came. */
static void weigh(struct moot_group *g, uint64_t link,
                  const struct moot_entry *ours, struct moot_entry *theirs,
                  struct moot_group_effects *fx)
{
    struct moot_chain *c = moot_history_find(&g->log, &theirs->in);
    struct moot_fork f;
    enum moot_verdict verdict = moot_chain_judge(c, theirs);

    if (c == NULL)
        return;
    if (ours != NULL && moot_fork_make(ours, theirs, &f)) {
        if (!moot_entry_verify(ours))
            moot_fork_fini(&f);
        else if (verdict == MOOT_CHAIN_PROBE)
            moot_search_other(g, c, &f, fx);
        else if (moot_forks_believe(g, c, &f, fx))
            moot_search_begin(g, link, c->fork, fx);
    } else if (verdict == MOOT_CHAIN_PROBE && ours == NULL) {
        moot_search_end(g, c, fx);
    } else if (verdict == MOOT_CHAIN_PROBE) {
        moot_search_same(g, c, fx);
    } else if (verdict == MOOT_CHAIN_HOLE) {
        moot_heal_fill(g, c, theirs, fx);
    }
}

static bool under_suspicion(const struct moot_group *g,
                            const struct moot_entry *theirs)
{
    for (unsigned i = 0; i < g->reading_count; i++)
        if (g->readings[i].theirs != NULL &&
            moot_hash_eq(&g->readings[i].theirs->hash, &theirs->hash))
            return true;
    return false;
}

void moot_forks_suspect(struct moot_group *g, uint64_t link,
                        struct moot_entry *theirs, uint64_t seq,
                        struct moot_group_effects *fx)
{
    const struct moot_entry *ours = moot_say_storing(g, &theirs->in, seq);
    struct reading *r;

    if (ours != NULL) {
        weigh(g, link, ours, theirs, fx);
        return;
    }
    if (g->reading_count >= MOOT_READINGS_MAX || under_suspicion(g, theirs))
        return; /* it will be heard of again */
    read_one(g, READ_RIVAL, &theirs->in, seq, fx);
    r = &g->readings[g->reading_count - 1];
    r->link = link;
    r->theirs = moot_entry_ref(theirs);
}

void moot_forks_read_below(struct moot_group *g, const struct moot_chain *c,
                           uint64_t from, struct moot_group_effects *fx)
{
    const struct moot_entry *e = moot_say_storing(g, &c->in, from - 1);

    for (unsigned i = 0; i < g->reading_count; i++)
        if (g->readings[i].kind == READ_BELOW &&
            g->readings[i].seq == from - 1 &&
            moot_run_cmp(&g->readings[i].in, &c->in) == 0)
            return;
    if (e != NULL)
        moot_chain_below_hole(&g->log, moot_history_find(&g->log, &c->in), from,
                              &e->hash);
    else if (g->reading_count < MOOT_READINGS_MAX)
        read_one(g, READ_BELOW, &c->in, from - 1, fx);
}

/* --- what was read --- */

/* The head itself is lost: it is a hole at the end. */
static void take_head(struct moot_group *g, const struct reading *r,
                      const struct moot_entry *e, struct moot_group_effects *fx)
{
    struct moot_chain *c = moot_history_find(&g->log, &r->in);

    if (c == NULL || !c->headless || c->len != r->seq)
        return;
    if (e != NULL)
        moot_chain_set_head(&g->log, c, &e->hash);
    else
        moot_heal_damaged(g, &r->in, r->seq, fx);
    moot_say_end_run(g, c, fx);
}

static void take_reading(struct moot_group *g, const struct reading *r,
                         const struct moot_entry *e,
                         struct moot_group_effects *fx)
{
    struct moot_chain *c;

    switch (r->kind) {
    case READ_RIVAL:
        weigh(g, r->link, e, r->theirs, fx);
        return;
    case READ_HEAD:
        take_head(g, r, e, fx);
        return;
    case READ_BELOW:
        c = moot_history_find(&g->log, &r->in);
        if (c != NULL && e != NULL)
            moot_chain_below_hole(&g->log, c, r->seq + 1, &e->hash);
        return;
    }
}

bool moot_forks_fetched(struct moot_group *g, uint64_t token,
                        struct moot_entry *const *entries, unsigned count,
                        struct moot_group_effects *fx)
{
    struct reading r;
    unsigned i = 0;

    while (i < g->reading_count && g->readings[i].token != token)
        i++;
    if (i == g->reading_count)
        return false;
    r = g->readings[i];
    moot_slot_close(g->readings, sizeof *g->readings, &g->reading_count, i);
    take_reading(g, &r, count > 0 ? entries[0] : NULL, fx);
    moot_entry_unref(r.theirs);
    return true;
}

void moot_forks_fini(struct moot_group *g)
{
    for (unsigned i = 0; i < g->reading_count; i++)
        moot_entry_unref(g->readings[i].theirs);
    free(g->readings);
    for (unsigned i = 0; i < g->search_count; i++)
        moot_fork_fini(&g->searches[i].best);
    free(g->searches);
}
