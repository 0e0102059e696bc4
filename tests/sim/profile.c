/*
 * tests/sim/profile.c - what a host keeps from one life of a process to the
 * next: a key, and entries that were made durable.
 *
 * A process that is started again is the same identity, with what its store
 * had finished.  What was still queued is lost.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "sim_internal.h"

#define SCAN_MS 4000 /* a whole store is looked at within */

/* --- taking and giving --- */

/* The bytes are drawn in any case: a throw-away profile changes no other. */
void sim_profile_take(struct sim_peer *p, bool fleeting)
{
    uint8_t seed[32];

    moot_rng_bytes(&p->sim->rng, seed, sizeof seed);
    p->fleeting = fleeting;
    p->profile =
        fleeting ? moot_alloc(sizeof *p->profile) : &p->sim->profiles[p->host];
    if (p->sim->world.sqlite && !fleeting && p->profile->disk == NULL)
        p->profile->disk = sim_disk_create(p->sim, p->host);
    if (p->profile->keyed)
        return;
    moot_key_init(&p->profile->key, seed);
    p->profile->keyed = true;
}

static void forget_past(struct moot_past *past)
{
    for (unsigned k = 0; k < past->tail_count; k++)
        moot_entry_unref(past->tail[k]);
    for (unsigned k = 0; k < past->chain_count; k++) {
        free((void *)(uintptr_t)past->chains[k].fork.data);
        free(past->chains[k].gaps);
    }
    free(past->tail);
    free(past->chains);
}

/* Those of a database are its own. */
static void forget_pasts(struct sim_peer *p)
{
    for (unsigned i = 0; i < p->past_count && p->profile->disk == NULL; i++)
        forget_past(&p->pasts[i]);
    free(p->pasts);
    p->pasts = NULL;
    p->past_count = 0;
}

void sim_profile_close(struct sim_peer *p, struct moot_entry *const *torn,
                       unsigned count)
{
    forget_pasts(p);
    if (p->profile->disk == NULL)
        return;
    if (p->state == SIM_ENDED)
        sim_disk_close(p->profile->disk);
    else
        sim_disk_kill(p, torn, count);
}

void sim_profile_give(struct sim_peer *p)
{
    forget_pasts(p);
    if (!p->fleeting || p->profile == NULL)
        return;
    sim_profile_fini(p->profile);
    free(p->profile);
    p->profile = NULL;
}

static void drop_kept(struct sim_kept *k)
{
    for (unsigned i = 0; i < k->count; i++)
        moot_entry_unref(k->entries[i]);
    free(k->entries);
    moot_buf_fini(&k->fork);
    *k = (struct sim_kept){0};
}

void sim_profile_wipe(struct sim_profile *f)
{
    for (unsigned i = 0; i < SIM_CHAINS_MAX; i++)
        drop_kept(&f->kept[i]);
    f->known_count = f->brought_count = 0;
    f->lossy = true;
}

/* --- backups --- */

static void copy_profile(struct sim_profile *to, const struct sim_profile *from)
{
    for (unsigned i = 0; i < SIM_CHAINS_MAX; i++) {
        const struct sim_kept *k = &from->kept[i];

        moot_buf_append(&to->kept[i].fork, moot_buf_view(&k->fork).data,
                        k->fork.len);
        if (k->count == 0)
            continue;
        to->kept[i].entries = moot_alloc(k->count * sizeof *k->entries);
        to->kept[i].count = to->kept[i].max = k->count;
        for (unsigned n = 0; n < k->count; n++)
            if (k->entries[n] != NULL)
                to->kept[i].entries[n] = moot_entry_ref(k->entries[n]);
    }
    memcpy(to->known, from->known, sizeof to->known);
    to->known_count = from->known_count;
    memcpy(to->brought, from->brought, sizeof to->brought);
    to->brought_count = from->brought_count;
}

static void drop_backup(struct sim_profile *f)
{
    if (f->backup == NULL)
        return;
    sim_profile_wipe(f->backup);
    free(f->backup);
    f->backup = NULL;
}

void sim_backup(struct sim *s, unsigned host)
{
    struct sim_profile *f = &s->profiles[host];

    sim_tell(s, "world", "* makes a backup of host %u", host);
    drop_backup(f);
    f->backup = moot_alloc(sizeof *f->backup);
    copy_profile(f->backup, f);
    if (f->disk != NULL)
        sim_disk_backup(f->disk);
}

void sim_restore(struct sim *s, unsigned host)
{
    struct sim_profile *f = &s->profiles[host];

    if (f->backup == NULL)
        return;
    sim_tell(s, "world", "* puts the backup of host %u back", host);
    sim_profile_wipe(f);
    copy_profile(f, f->backup);
    if (f->disk != NULL)
        sim_disk_restore(f->disk);
}

void sim_wipe(struct sim *s, unsigned host)
{
    sim_tell(s, "world", "* wipes the disk of host %u", host);
    sim_profile_wipe(&s->profiles[host]);
    drop_backup(&s->profiles[host]);
    sim_disk_destroy(s->profiles[host].disk);
    s->profiles[host].disk = NULL;
}

void sim_profile_fini(struct sim_profile *f)
{
    drop_backup(f);
    sim_profile_wipe(f);
    sim_disk_destroy(f->disk);
    f->disk = NULL;
    moot_peers_fini(&f->book);
    moot_key_fini(&f->key);
}

/* --- damage --- */

static struct sim_peer *process_of(struct sim *s, const struct sim_profile *f)
{
    for (uint32_t i = s->peer_count; i > 0; i--)
        if (s->peers[i - 1]->profile == f && sim_peer_alive(s->peers[i - 1]))
            return s->peers[i - 1];
    return NULL;
}

static void plan_scan(struct sim_peer *p)
{
    sim_due_at(p->sim, p->sim->now + sim_between(p->sim, 0, SCAN_MS), SIM_SCAN,
               p->number, 0, 0);
}

void sim_damage(struct sim *s, unsigned host, unsigned count)
{
    struct sim_profile *f = &s->profiles[host];
    struct sim_peer *p = process_of(s, f);

    for (uint32_t i = 0; i < s->chain_count && count > 0; i++) {
        struct sim_kept *k = &f->kept[i];
        uint64_t seq;

        if (k->count == 0 || k->bad != 0 || sim_between(s, 0, 2) != 0)
            continue;
        /* The only proof that somebody lied may be what is damaged. */
        if (s->peers[s->chains[i].author]->evil != NULL)
            continue;
        seq = (uint64_t)sim_between(s, 1, k->count);
        if (k->entries[seq - 1] == NULL)
            continue;
        sim_tell(s, "world", "* damages an entry on host %u", host);
        k->bad = seq;
        s->damaged = f->lossy = true;
        count--;
    }
    if (p != NULL)
        plan_scan(p);
}

static void drop_bad(struct sim_kept *k)
{
    moot_entry_unref(k->entries[k->bad - 1]);
    k->entries[k->bad - 1] = NULL;
    k->bad = 0;
}

void sim_profile_lose(struct sim_peer *p, uint32_t chain)
{
    struct sim_kept *k = &p->profile->kept[chain];
    struct moot_event ev = {.kind = MOOT_EV_DAMAGED};

    ev.damaged.group = p->sim->chains[chain].group;
    ev.damaged.in = p->sim->chains[chain].in;
    ev.damaged.seq = k->bad;
    if (p->views[chain].held >= k->bad)
        p->views[chain].held = k->bad - 1;
    drop_bad(k);
    p->sim->figures.lost++;
    sim_peer_step(p, &ev);
}

bool sim_profile_lacks(const struct sim_profile *f, uint32_t chain,
                       uint64_t seq)
{
    const struct sim_kept *k = &f->kept[chain];

    return seq > k->count || k->entries[seq - 1] == NULL;
}

void sim_profile_scan(struct sim_peer *p)
{
    for (uint32_t i = 0; i < p->sim->chain_count; i++) {
        if (p->state == SIM_RUNNING && p->profile->kept[i].bad != 0)
            sim_profile_lose(p, i);
    }
}

/* --- reading --- */

static int compare_chains(const void *a, const void *b)
{
    const struct moot_past_chain *one = a, *two = b;

    return moot_run_cmp(&one->in, &two->in);
}

static int compare_entries(const void *a, const void *b)
{
    return moot_entry_cmp(*(struct moot_entry *const *)a,
                          *(struct moot_entry *const *)b);
}

/* Newest last; more than are wanted only for a moment. */
static void add_tail(struct moot_past *past, const struct sim_kept *k)
{
    unsigned first = k->count > SIM_TAIL_MAX ? k->count - SIM_TAIL_MAX : 0;

    past->tail = moot_realloc(past->tail, (past->tail_count + SIM_TAIL_MAX) *
                                              sizeof(struct moot_entry *));
    for (unsigned i = first; i < k->count; i++)
        if (k->entries[i] != NULL)
            past->tail[past->tail_count++] = moot_entry_ref(k->entries[i]);
}

static void cut_tail(struct moot_past *past)
{
    unsigned extra =
        past->tail_count > SIM_TAIL_MAX ? past->tail_count - SIM_TAIL_MAX : 0;

    if (past->tail_count == 0)
        return;
    qsort(past->tail, past->tail_count, sizeof *past->tail, compare_entries);
    for (unsigned i = 0; i < extra; i++)
        moot_entry_unref(past->tail[i]);
    past->tail_count -= extra;
    memmove(past->tail, past->tail + extra,
            past->tail_count * sizeof *past->tail);
}

static void add_gaps(struct moot_past_chain *c, const struct sim_kept *k)
{
    c->gaps = moot_alloc((k->count + 1) * sizeof *c->gaps);
    for (unsigned i = 0; i < k->count; i++)
        if (k->entries[i] == NULL)
            c->gaps[c->gap_count++] = i + 1;
}

static void read_chain(struct sim_peer *p, uint32_t chain,
                       struct moot_past *past)
{
    const struct sim_chain *c = &p->sim->chains[chain];
    struct sim_kept *k = &p->profile->kept[chain];

    if (k->bad != 0 && k->bad == k->count)
        drop_bad(k); /* heads are looked at */

    past->chains[past->chain_count++] =
        (struct moot_past_chain){.in = c->in, .base = 1, .len = k->count};
    add_gaps(&past->chains[past->chain_count - 1], k);
    if (k->fork.len > 0)
        past->chains[past->chain_count - 1].fork = moot_bytes_of(
            moot_copy(moot_buf_view(&k->fork).data, k->fork.len), k->fork.len);
    if (k->count > 0)
        past->chains[past->chain_count - 1].head =
            k->entries[k->count - 1] != NULL ? k->entries[k->count - 1]->hash
                                             : c->hashes[k->count - 1];
    for (unsigned i = 0; i < k->count; i++)
        if (k->entries[i] != NULL && k->entries[i]->lamport > past->lamport)
            past->lamport = k->entries[i]->lamport;
    add_tail(past, k);
}

/* Of its chains p knows this, and has shown what is before the tail. */
static void begin_views(struct sim_peer *p, const struct moot_past *past)
{
    for (unsigned i = 0; i < past->chain_count; i++) {
        const struct moot_past_chain *c = &past->chains[i];
        uint32_t chain = sim_chain_find(p->sim, &past->group, &c->in);

        p->views[chain] = (struct sim_view){
            .shown = c->len,
            .asked = c->len,
            .stored = c->len,
            .holed = c->gap_count != 0 ? c->len : 0,
            .held = c->gap_count == 0 ? c->len : c->gaps[0] - 1};
    }
    for (unsigned i = 0; i < past->tail_count; i++) {
        const struct moot_entry *e = past->tail[i];
        struct sim_view *v =
            &p->views[sim_chain_find(p->sim, &e->group, &e->in)];

        if (v->shown >= e->seq)
            v->shown = e->seq - 1;
    }
}

static void read_group(struct sim_peer *p, const struct sim_known *known,
                       struct moot_past *past)
{
    struct sim *s = p->sim;

    past->group = known->group;
    past->grown = known->grown;
    past->back = known->back;
    memcpy(past->name, known->name, sizeof past->name);
    past->chains = moot_alloc((s->chain_count + 1) * sizeof *past->chains);
    for (uint32_t i = 0; i < s->chain_count; i++)
        if (moot_hash_eq(&s->chains[i].group, &known->group) &&
            (p->profile->kept[i].count > 0 || p->profile->kept[i].fork.len > 0))
            read_chain(p, i, past);
    qsort(past->chains, past->chain_count, sizeof *past->chains,
          compare_chains);
    cut_tail(past);
}

static bool same_tail(const struct moot_past *a, const struct moot_past *b)
{
    bool same = a->tail_count == b->tail_count;

    for (unsigned i = 0; i < a->tail_count && same; i++)
        same = moot_hash_eq(&a->tail[i]->hash, &b->tail[i]->hash);
    return same;
}

/* What the database says takes the place of what the model does. */
static void take_real(struct sim_peer *p, struct moot_past *past)
{
    const struct moot_past *real =
        sim_disk_past(p->profile->disk, &past->group);

    if (real == NULL || !same_tail(past, real) ||
        past->chain_count != real->chain_count ||
        past->lamport > real->lamport || past->grown != real->grown ||
        !moot_back_eq(&past->back, &real->back))
        sim_blame(p->sim,
                  "%s is told another past than was kept: %u chains for %u, "
                  "%u newest for %u, clock %llu for %llu, grown %d for %d",
                  p->label, real == NULL ? 0 : real->chain_count,
                  past->chain_count, real == NULL ? 0 : real->tail_count,
                  past->tail_count,
                  real == NULL ? 0 : (unsigned long long)real->lamport,
                  (unsigned long long)past->lamport,
                  real == NULL ? 0 : real->grown, past->grown);
    forget_past(past);
    *past = real == NULL ? (struct moot_past){.group = past->group} : *real;
}

void sim_profile_read(struct sim_peer *p)
{
    const struct sim_profile *f = p->profile;

    if (f->disk != NULL)
        sim_disk_open(p);

    if (f->known_count == 0)
        return;
    p->pasts = moot_alloc(f->known_count * sizeof *p->pasts);
    plan_scan(p);
    for (unsigned i = 0; i < f->known_count; i++)
        read_group(p, &f->known[i], &p->pasts[i]);
    for (unsigned i = 0; i < f->known_count && f->disk != NULL; i++)
        take_real(p, &p->pasts[i]);
    p->past_count = f->known_count;
    p->sim->figures.resumed++;
}

/* What was lost since the start was told of. */
static void lower_held(struct sim_peer *p, uint32_t chain)
{
    struct sim_view *v = &p->views[chain];
    uint64_t seq = 1;

    while (seq <= v->held && !sim_profile_lacks(p->profile, chain, seq))
        seq++;
    if (seq <= v->held)
        v->held = seq - 1;
}

/* One that is entered again is as it was at the start. */
void sim_profile_enter(struct sim_peer *p, const struct moot_hash *group)
{
    for (uint32_t i = 0; i < p->sim->chain_count; i++)
        if (moot_hash_eq(&p->sim->chains[i].group, group))
            p->views[i] = (struct sim_view){0};
    for (unsigned i = 0; i < p->past_count; i++)
        if (moot_hash_eq(&p->pasts[i].group, group))
            begin_views(p, &p->pasts[i]);
    for (uint32_t i = 0; i < p->sim->chain_count; i++)
        if (moot_hash_eq(&p->sim->chains[i].group, group))
            lower_held(p, i);
}

/* --- writing --- */

static void put(struct sim_peer *p, struct sim_kept *k, struct moot_entry *e)
{
    if (k->count == k->max) {
        k->max = k->max == 0 ? 8 : 2 * k->max;
        k->entries = moot_realloc(k->entries, k->max * sizeof *k->entries);
    }
    if (e->seq > k->count + 1u)
        sim_blame(p->sim, "%s stores seq %llu after %u", p->label,
                  (unsigned long long)e->seq, k->count);
    else if (e->seq == k->count + 1u)
        k->entries[k->count++] = moot_entry_ref(e);
    else if (k->entries[e->seq - 1] == NULL)
        k->entries[e->seq - 1] = moot_entry_ref(e);
    else if (!moot_hash_eq(&k->entries[e->seq - 1]->hash, &e->hash))
        sim_blame(p->sim, "%s stores a second entry %llu of one run", p->label,
                  (unsigned long long)e->seq);
}

/* It is there; no process was told. */
void sim_profile_put(struct sim_peer *p, struct moot_entry *e)
{
    uint32_t chain = sim_chain_find(p->sim, &e->group, &e->in);

    if (chain != SIM_NOBODY)
        put(p, &p->profile->kept[chain], e);
}

void sim_profile_keep(struct sim_peer *p, struct moot_entry *e)
{
    uint32_t chain = sim_chain_find(p->sim, &e->group, &e->in);
    struct sim_view *v;
    struct sim_kept *k;

    if (chain == SIM_NOBODY)
        return; /* was blamed when it was asked for */
    k = &p->profile->kept[chain];
    v = &p->views[chain];
    put(p, k, e);
    p->sim->figures.stored++;
    if (e->seq > v->stored)
        v->stored = e->seq;
    while (v->held < v->stored && v->held < k->count &&
           k->entries[v->held] != NULL)
        v->held++;
}

void sim_profile_end(struct sim_peer *p, const struct moot_fx_end_run *end)
{
    uint32_t chain = sim_chain_find(p->sim, &end->group, &end->in);
    struct sim_view *v;
    struct sim_kept *k;

    if (chain == SIM_NOBODY)
        return; /* was blamed when it was asked for */
    k = &p->profile->kept[chain];
    v = &p->views[chain];
    if (k->bad >= end->seq)
        k->bad = 0;
    while (k->count >= end->seq)
        moot_entry_unref(k->entries[--k->count]);
    moot_buf_clear(&k->fork);
    moot_buf_append(&k->fork, end->proof.data, end->proof.len);
    if (v->stored >= end->seq)
        v->stored = end->seq - 1;
    if (v->held > v->stored)
        v->held = v->stored;
}

static unsigned find_known(const struct sim_profile *f,
                           const struct moot_hash *group)
{
    unsigned i = 0;

    while (i < f->known_count && !moot_hash_eq(&f->known[i].group, group))
        i++;
    return i;
}

bool sim_profile_knows(const struct sim_profile *f,
                       const struct moot_hash *group)
{
    return find_known(f, group) < f->known_count;
}

void sim_profile_remember(struct sim_peer *p,
                          const struct moot_fx_remember *what)
{
    struct sim_profile *f = p->profile;
    unsigned at = find_known(f, &what->group);

    if (at == SIM_KNOWN_MAX)
        at--; /* the one used longest ago goes */
    else if (at == f->known_count)
        f->known_count++;
    memmove(f->known + 1, f->known, at * sizeof *f->known);
    f->known[0].group = what->group;
    f->known[0].grown = what->grown;
    f->known[0].back = what->back;
    memcpy(f->known[0].name, what->name, sizeof f->known[0].name);
}
