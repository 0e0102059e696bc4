/*
 * tests/sim/disk.c - the real database of a profile, on a disk that forgets
 * what was not flushed.
 *
 * The model beside it (profile.c) says what was acknowledged, and is compared
 * with what a process that starts reads back.  A kill does to the disk what a
 * power cut does: what counts is what was committed.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crashvfs.h"
#include "sim_internal.h"
#include "store/db.h"

#define PATH "history.db"
#define LOG PATH "-wal"
#define BACKUP "backup.db"
#define BACKUP_LOG BACKUP "-wal"
#define EMPTY "empty"
#define READ_MAX (1 << 20)
#define TORN_MAX 14 /* changes of the disk that a batch may take */

struct sim_disk {
    struct crash_disk *disk;
    char vfs[24];
    struct moot_db *db; /* NULL: no process has it */
    struct moot_pasts pasts;
    struct moot_db_page page;
    bool full;
    bool cut; /* it lost power, and nobody has looked since */
};

struct sim_disk *sim_disk_create(struct sim *s, unsigned host)
{
    struct sim_disk *d = moot_alloc(sizeof *d);

    snprintf(d->vfs, sizeof d->vfs, "sim-%u", host);
    d->disk = crash_disk_create(d->vfs, s->seed * SIM_HOSTS_MAX + host);
    return d;
}

static void shut(struct sim_disk *d)
{
    moot_pasts_fini(&d->pasts);
    d->pasts = (struct moot_pasts){0};
    moot_db_close(d->db);
    d->db = NULL;
}

void sim_disk_destroy(struct sim_disk *d)
{
    if (d == NULL)
        return;
    shut(d);
    moot_db_page_fini(&d->page);
    crash_disk_destroy(d->disk);
    free(d);
}

static bool failed(struct sim_peer *p, int rc, const char *what)
{
    if (rc != MOOT_OK)
        sim_blame(p->sim, "%s: the database does not %s: %d, %s", p->label,
                  what, rc, moot_db_words(p->profile->disk->db));
    return rc != MOOT_OK;
}

/* --- opening --- */

static bool open_db(struct sim_peer *p)
{
    struct sim_disk *d = p->profile->disk;
    char why[MOOT_WHY_MAX] = "";
    struct moot_db_config config = {
        .path = PATH, .vfs = d->vfs, .own = &p->profile->key.id};

    if (moot_db_open(&config, &d->db, why) == MOOT_OK)
        return true;
    sim_blame(p->sim, "%s cannot open its database: %s", p->label, why);
    return false;
}

/* A batch may have been committed right before the end: then it is there, and
 * nobody was told. */
static void take_in(struct sim_peer *p, const struct moot_hash *group,
                    const struct moot_past_chain *c, uint32_t chain)
{
    struct sim_disk *d = p->profile->disk;
    struct moot_range range = {
        .in = c->in, .from = p->profile->kept[chain].count + 1, .to = c->len};

    if (failed(p, moot_db_read(d->db, group, &range, READ_MAX, &d->page),
               "read"))
        return;
    for (unsigned i = 0; i < d->page.count; i++)
        sim_profile_put(p, d->page.at[i]);
}

static void compare_chain(struct sim_peer *p, const struct moot_hash *group,
                          const struct moot_past_chain *c)
{
    uint32_t chain = sim_chain_find(p->sim, group, &c->in);
    const struct sim_kept *k;

    if (chain == SIM_NOBODY) {
        sim_blame(p->sim, "%s reads a run that nobody began", p->label);
        return;
    }
    k = &p->profile->kept[chain];
    if (c->len > k->count)
        take_in(p, group, c, chain);
    if (c->len != k->count ||
        (c->len > 0 && !moot_hash_eq(&c->head, &k->entries[c->len - 1]->hash)))
        sim_blame(p->sim,
                  "%s reads a run of %llu entries, of which %u were "
                  "kept",
                  p->label, (unsigned long long)c->len, k->count);
}

static const struct moot_past *past_of(const struct sim_disk *d,
                                       const struct moot_hash *group)
{
    for (unsigned i = 0; i < d->pasts.count; i++)
        if (moot_hash_eq(&d->pasts.at[i].group, group))
            return &d->pasts.at[i];
    return NULL;
}

static bool has_chain(const struct moot_past *past, const struct moot_run *in)
{
    for (unsigned i = 0; past != NULL && i < past->chain_count; i++)
        if (moot_run_cmp(&past->chains[i].in, in) == 0)
            return true;
    return false;
}

/* Nothing that was acknowledged is missing, and nothing is there that nobody
 * made. */
static void compare(struct sim_peer *p)
{
    const struct sim_disk *d = p->profile->disk;
    struct sim *s = p->sim;

    for (unsigned i = 0; i < d->pasts.count; i++)
        for (unsigned k = 0; k < d->pasts.at[i].chain_count; k++)
            compare_chain(p, &d->pasts.at[i].group, &d->pasts.at[i].chains[k]);
    for (uint32_t c = 0; c < s->chain_count; c++)
        if (p->profile->kept[c].count > 0 &&
            !has_chain(past_of(d, &s->chains[c].group), &s->chains[c].in))
            sim_blame(s, "%s does not read a run of %u entries that were kept",
                      p->label, p->profile->kept[c].count);
}

void sim_disk_open(struct sim_peer *p)
{
    struct sim_disk *d = p->profile->disk;

    if (!open_db(p) ||
        failed(p, moot_db_pasts(d->db, SIM_TAIL_MAX, &d->pasts), "tell"))
        return;
    compare(p);
    p->sim->figures.cuts += d->cut;
    d->cut = false;
}

/* --- ending --- */

void sim_disk_close(struct sim_disk *d)
{
    shut(d);
    crash_plan(d->disk, 0, CRASH_NONE, false);
    d->full = false;
}

/* With a batch, perhaps, that is only half on the disk. */
void sim_disk_kill(struct sim_peer *p, struct moot_entry *const *torn,
                   unsigned count)
{
    struct sim_disk *d = p->profile->disk;

    if (d->db == NULL)
        return;
    if (count > 0 && !d->full && sim_between(p->sim, 0, 1) == 0) {
        uint64_t n = (uint64_t)sim_between(p->sim, 1, TORN_MAX);
        int rc = moot_db_begin(d->db);

        crash_plan(d->disk, n, CRASH_POWER, false);
        for (unsigned i = 0; i < count && rc == MOOT_OK; i++)
            rc = moot_db_put(d->db, torn[i]);
        if (rc == MOOT_OK)
            moot_db_commit(d->db);
    }
    crash_power_cut(d->disk);
    shut(d);
    crash_power_back(d->disk);
    crash_plan(d->disk, 0, CRASH_NONE, false);
    d->full = false;
    d->cut = true;
}

/* A file that is not there is as good as an empty one. */
static void copy(struct sim_disk *d, const char *from, const char *to)
{
    size_t len;

    if (crash_file(d->disk, from, &len) != NULL) {
        crash_copy(d->disk, from, to);
    } else if (crash_file(d->disk, to, &len) != NULL) {
        crash_truncate(d->disk, to, 0);
        crash_copy(d->disk, to, EMPTY);
        crash_copy(d->disk, EMPTY, to); /* which flushes it */
    }
}

void sim_disk_backup(struct sim_disk *d)
{
    copy(d, PATH, BACKUP);
    copy(d, LOG, BACKUP_LOG);
}

void sim_disk_restore(struct sim_disk *d)
{
    moot_assert(d->db == NULL);
    d->cut = false; /* what it left is not there any more */
    copy(d, BACKUP, PATH);
    copy(d, BACKUP_LOG, LOG);
}

/* --- writing and reading --- */

void sim_disk_fail(struct sim_disk *d, bool full)
{
    d->full = full;
    crash_plan(d->disk, 1, full ? CRASH_FULL : CRASH_NONE, false);
}

static int write_one(struct moot_db *db, const struct sim_store_job *job)
{
    if (job->end != NULL)
        return moot_db_end_run(db, job->end);
    if (job->remember != NULL)
        return moot_db_remember(db, job->remember);
    return moot_db_put(db, job->entry);
}

/* One transaction; false: it failed, and is to be tried again. */
bool sim_disk_write(struct sim_peer *p, const struct sim_store_job *const *jobs,
                    unsigned count)
{
    struct sim_disk *d = p->profile->disk;
    int rc = moot_db_begin(d->db);

    for (unsigned i = 0; i < count && rc == MOOT_OK; i++)
        rc = write_one(d->db, jobs[i]);
    if (rc == MOOT_OK)
        rc = moot_db_commit(d->db);
    if (rc == MOOT_OK)
        return true;
    if (!d->full)
        failed(p, rc, "write");
    moot_db_rollback(d->db);
    return false;
}

struct moot_entry *const *sim_disk_read(struct sim_peer *p,
                                        const struct moot_fx_fetch *f,
                                        unsigned *ret_count)
{
    struct sim_disk *d = p->profile->disk;

    *ret_count = 0;
    if (failed(
            p,
            moot_db_read(d->db, &f->group, &f->range, f->bytes_max, &d->page),
            "read"))
        return NULL;
    *ret_count = d->page.count;
    return d->page.at;
}

const struct moot_past *sim_disk_past(const struct sim_disk *d,
                                      const struct moot_hash *group)
{
    return past_of(d, group);
}
