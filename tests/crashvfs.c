/*
 * tests/crashvfs.c - a disk in memory that forgets what was not flushed.
 *
 * Layer:  tests.
 * Thread: any; one lock around all of a disk.
 */
#include "crashvfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/rng.h"

#define SECTOR 512
#define FILES_MAX 16
#define SHM_REGIONS_MAX 64
#define PATH_LEN_MAX 256

/* Bytes as they are seen, or as they are on the disk. */
struct content {
    uint8_t *data;
    size_t len, max;
};

struct file {
    char path[PATH_LEN_MAX]; /* "": not there */
    struct content seen, safe;
    bool *dirty; /* by sector of what is seen */
    size_t dirty_max;
    bool unsafe_len; /* the length was changed since the last flush */
    bool unlinked;   /* deleted, which a power cut may take back */

    /* Locks, as SQLite knows them. */
    unsigned shared;
    bool reserved, pending, exclusive;
    uint8_t *shm[SHM_REGIONS_MAX];
    unsigned shm_shared[SQLITE_SHM_NLOCK];
    bool shm_exclusive[SQLITE_SHM_NLOCK];
    unsigned shm_users;
};

struct crash_disk {
    sqlite3_vfs vfs;
    pthread_mutex_t lock;
    struct file files[FILES_MAX];
    struct moot_rng rng;
    uint64_t changes;
    uint64_t countdown; /* 0: nothing is planned */
    bool flushes_only;
    enum crash_fault fault;
    bool struck, dead, full;
    unsigned again; /* failures still to come */
    sqlite3_int64 now;
};

struct handle {
    sqlite3_file base; /* first: a file is its handle */
    struct crash_disk *disk;
    struct file *file;
    int level; /* SQLITE_LOCK_* */
    bool delete_on_close;
    bool mapped;
    unsigned shm_shared, shm_exclusive; /* masks of what it holds */
};

/* --- bytes --- */

static void resize(struct content *c, size_t len)
{
    if (len > c->max) {
        c->max = len * 2;
        c->data = moot_realloc(c->data, c->max);
    }
    if (len > c->len)
        memset(c->data + c->len, 0, len - c->len);
    c->len = len;
}

static void set_dirty(struct file *f, size_t from, size_t to)
{
    size_t last = (to + SECTOR - 1) / SECTOR;

    if (last > f->dirty_max) {
        size_t max = last * 2;

        f->dirty = moot_realloc(f->dirty, max * sizeof *f->dirty);
        memset(f->dirty + f->dirty_max, 0,
               (max - f->dirty_max) * sizeof *f->dirty);
        f->dirty_max = max;
    }
    for (size_t i = from / SECTOR; i < last; i++)
        f->dirty[i] = true;
}

static void keep_sector(struct file *f, size_t sector)
{
    size_t from = sector * SECTOR, to = from + SECTOR;

    if (from >= f->seen.len)
        return;
    if (to > f->seen.len)
        to = f->seen.len;
    if (to > f->safe.len)
        resize(&f->safe, to);
    memcpy(f->safe.data + from, f->seen.data + from, to - from);
}

static void forget_dirty(struct file *f)
{
    if (f->dirty_max > 0)
        memset(f->dirty, 0, f->dirty_max * sizeof *f->dirty);
    f->unsafe_len = false;
}

static void flush(struct file *f)
{
    for (size_t i = 0; i < f->dirty_max; i++)
        if (f->dirty[i])
            keep_sector(f, i);
    resize(&f->safe, f->seen.len);
    forget_dirty(f);
}

static void write_at(struct file *f, const void *data, size_t len, size_t at)
{
    if (at + len > f->seen.len) {
        resize(&f->seen, at + len);
        f->unsafe_len = true;
    }
    memcpy(f->seen.data + at, data, len);
    set_dirty(f, at, at + len);
}

static void file_fini(struct file *f)
{
    free(f->seen.data);
    free(f->safe.data);
    free(f->dirty);
    for (unsigned i = 0; i < SHM_REGIONS_MAX; i++)
        free(f->shm[i]);
    memset(f, 0, sizeof *f);
}

static struct file *find(struct crash_disk *d, const char *path)
{
    for (unsigned i = 0; i < FILES_MAX; i++)
        if (strcmp(d->files[i].path, path) == 0)
            return &d->files[i];
    return NULL;
}

static struct file *find_seen(struct crash_disk *d, const char *path)
{
    struct file *f = *path == '\0' ? NULL : find(d, path);

    return f == NULL || f->unlinked ? NULL : f;
}

static struct file *create(struct crash_disk *d, const char *path)
{
    struct file *f = find(d, path);

    if (f != NULL)
        file_fini(f); /* it was deleted, and that is safe now */
    f = find(d, "");
    moot_assert(f != NULL);
    moot_assert(strlen(path) < sizeof f->path);
    memcpy(f->path, path, strlen(path) + 1);
    return f;
}

/* --- faults --- */

/* Counts a change: which fault it has.  Under the lock. */
static enum crash_fault strike(struct crash_disk *d, bool flushes, bool writes)
{
    d->changes++;
    if (d->dead)
        return CRASH_POWER;
    if (d->countdown > 0 && (flushes || !d->flushes_only) &&
        --d->countdown == 0) {
        d->struck = true;
        d->dead = d->fault == CRASH_POWER;
        d->full = d->fault == CRASH_FULL;
        d->again = d->fault == CRASH_EIOS ? 2 : 0;
        return d->fault == CRASH_EIOS ? CRASH_EIO : d->fault;
    }
    if (d->again > 0 && (flushes || !d->flushes_only)) {
        d->again--;
        return CRASH_EIO;
    }
    return d->full && writes ? CRASH_FULL : CRASH_NONE;
}

static int refusal(enum crash_fault fault, int io_error)
{
    return fault == CRASH_FULL ? SQLITE_FULL : io_error;
}

/* --- a file, as SQLite sees it --- */

static struct handle *handle_of(sqlite3_file *file)
{
    return (struct handle *)file;
}

static void enter(struct handle *h)
{
    pthread_mutex_lock(&h->disk->lock);
}

static int leave(struct handle *h, int rc)
{
    pthread_mutex_unlock(&h->disk->lock);
    return rc;
}

static int on_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
    struct handle *h = handle_of(file);
    const struct content *c = &h->file->seen;
    size_t from = (size_t)at, wanted = (size_t)len, there = 0;

    enter(h);
    if (h->disk->dead)
        return leave(h, SQLITE_IOERR_READ);
    if (from < c->len)
        there = c->len - from < wanted ? c->len - from : wanted;
    if (there > 0)
        memcpy(out, c->data + from, there);
    memset((uint8_t *)out + there, 0, wanted - there);
    return leave(h, there < wanted ? SQLITE_IOERR_SHORT_READ : SQLITE_OK);
}

static int on_write(sqlite3_file *file, const void *data, int len,
                    sqlite3_int64 at)
{
    struct handle *h = handle_of(file);
    size_t from = (size_t)at, all = (size_t)len;
    enum crash_fault fault;

    enter(h);
    fault = strike(h->disk, false, true);
    if (fault == CRASH_NONE || fault == CRASH_EIO)
        write_at(h->file, data, fault == CRASH_EIO ? all / 2 : all, from);
    return leave(h, fault == CRASH_NONE ? SQLITE_OK
                                        : refusal(fault, SQLITE_IOERR_WRITE));
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 len)
{
    struct handle *h = handle_of(file);
    enum crash_fault fault;

    enter(h);
    fault = strike(h->disk, false, false);
    if (fault != CRASH_NONE)
        return leave(h, refusal(fault, SQLITE_IOERR_TRUNCATE));
    resize(&h->file->seen, (size_t)len);
    h->file->unsafe_len = true;
    return leave(h, SQLITE_OK);
}

static int on_sync(sqlite3_file *file, int flags)
{
    struct handle *h = handle_of(file);
    enum crash_fault fault;

    (void)flags;
    enter(h);
    fault = strike(h->disk, true, false);
    if (fault == CRASH_NONE)
        flush(h->file);
    else if (fault != CRASH_POWER)
        forget_dirty(h->file);
    return leave(h, fault == CRASH_NONE ? SQLITE_OK
                                        : refusal(fault, SQLITE_IOERR_FSYNC));
}

static int on_size(sqlite3_file *file, sqlite3_int64 *ret_len)
{
    struct handle *h = handle_of(file);

    enter(h);
    *ret_len = (sqlite3_int64)h->file->seen.len;
    return leave(h, SQLITE_OK);
}

/* --- locks of the file --- */

static int on_lock(sqlite3_file *file, int level)
{
    struct handle *h = handle_of(file);
    struct file *f = h->file;
    bool ok = true;

    enter(h);
    if (h->level >= level)
        return leave(h, SQLITE_OK);
    if (level == SQLITE_LOCK_SHARED) {
        ok = !f->pending && !f->exclusive;
        f->shared += ok;
    } else if (level == SQLITE_LOCK_RESERVED) {
        ok = !f->reserved;
        f->reserved = true;
    } else {
        if (h->level < SQLITE_LOCK_RESERVED) {
            ok = !f->reserved;
            f->reserved = f->reserved || ok;
            if (ok)
                h->level = SQLITE_LOCK_RESERVED;
        }
        ok = ok && (!f->pending || h->level == SQLITE_LOCK_PENDING);
        if (ok) {
            f->pending = true;
            h->level = SQLITE_LOCK_PENDING;
        }
        ok = ok && f->shared == 1;
        f->exclusive = f->exclusive || ok;
    }
    if (ok)
        h->level = level;
    return leave(h, ok ? SQLITE_OK : SQLITE_BUSY);
}

static int on_unlock(sqlite3_file *file, int level)
{
    struct handle *h = handle_of(file);
    struct file *f = h->file;

    enter(h);
    if (h->level > SQLITE_LOCK_SHARED && level <= SQLITE_LOCK_SHARED) {
        f->reserved = false;
        if (h->level >= SQLITE_LOCK_PENDING)
            f->pending = false;
        if (h->level == SQLITE_LOCK_EXCLUSIVE)
            f->exclusive = false;
    }
    if (h->level >= SQLITE_LOCK_SHARED && level == SQLITE_LOCK_NONE)
        f->shared--;
    if (h->level > level)
        h->level = level;
    return leave(h, SQLITE_OK);
}

static int on_check_reserved(sqlite3_file *file, int *ret_reserved)
{
    struct handle *h = handle_of(file);

    enter(h);
    *ret_reserved = h->file->reserved;
    return leave(h, SQLITE_OK);
}

static int on_control(sqlite3_file *file, int op, void *arg)
{
    (void)file;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int on_sector_size(sqlite3_file *file)
{
    (void)file;
    return SECTOR;
}

static int on_characteristics(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* --- the index of the log, which all connections share --- */

static int on_shm_map(sqlite3_file *file, int region, int size, int extend,
                      void volatile **ret_data)
{
    struct handle *h = handle_of(file);
    struct file *f = h->file;

    enter(h);
    moot_assert(region < SHM_REGIONS_MAX);
    if (!h->mapped)
        f->shm_users++;
    h->mapped = true;
    if (f->shm[region] == NULL && extend)
        f->shm[region] = moot_alloc((size_t)size);
    *ret_data = f->shm[region];
    return leave(h, SQLITE_OK);
}

static bool can_lock(const struct handle *h, unsigned slot, bool exclusive)
{
    const struct file *f = h->file;
    unsigned mine = (h->shm_shared >> slot) & 1;

    if (f->shm_exclusive[slot])
        return ((h->shm_exclusive >> slot) & 1) != 0;
    return !exclusive || f->shm_shared[slot] == mine;
}

static void shm_lock_one(struct handle *h, unsigned slot, bool exclusive)
{
    unsigned bit = 1u << slot;

    if (exclusive) {
        h->file->shm_exclusive[slot] = true;
        h->shm_exclusive |= bit;
    } else if ((h->shm_shared & bit) == 0) {
        h->file->shm_shared[slot]++;
        h->shm_shared |= bit;
    }
}

static void shm_unlock_one(struct handle *h, unsigned slot)
{
    unsigned bit = 1u << slot;

    if ((h->shm_exclusive & bit) != 0)
        h->file->shm_exclusive[slot] = false;
    if ((h->shm_shared & bit) != 0)
        h->file->shm_shared[slot]--;
    h->shm_exclusive &= ~bit;
    h->shm_shared &= ~bit;
}

static int on_shm_lock(sqlite3_file *file, int from, int count, int flags)
{
    struct handle *h = handle_of(file);
    bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    unsigned first = (unsigned)from, last = (unsigned)(from + count);

    enter(h);
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        for (unsigned i = first; i < last; i++)
            shm_unlock_one(h, i);
        return leave(h, SQLITE_OK);
    }
    for (unsigned i = first; i < last; i++)
        if (!can_lock(h, i, exclusive))
            return leave(h, SQLITE_BUSY);
    for (unsigned i = first; i < last; i++)
        shm_lock_one(h, i, exclusive);
    return leave(h, SQLITE_OK);
}

static void on_shm_barrier(sqlite3_file *file)
{
    struct handle *h = handle_of(file);

    enter(h);
    leave(h, SQLITE_OK);
}

static int on_shm_unmap(sqlite3_file *file, int delete)
{
    struct handle *h = handle_of(file);
    struct file *f = h->file;

    (void)delete;
    enter(h);
    for (unsigned i = 0; i < SQLITE_SHM_NLOCK; i++)
        shm_unlock_one(h, i);
    if (h->mapped)
        f->shm_users--;
    h->mapped = false;
    /* The last one takes it along, as when a process ends. */
    for (unsigned i = 0; f->shm_users == 0 && i < SHM_REGIONS_MAX; i++) {
        free(f->shm[i]);
        f->shm[i] = NULL;
    }
    return leave(h, SQLITE_OK);
}

/* --- names --- */

static void unlink_file(struct file *f)
{
    f->unlinked = true;
}

static int on_close(sqlite3_file *file)
{
    struct handle *h = handle_of(file);

    on_shm_unmap(file, 0);
    on_unlock(file, SQLITE_LOCK_NONE);
    enter(h);
    if (h->delete_on_close)
        unlink_file(h->file);
    return leave(h, SQLITE_OK);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_check_reserved,
    .xFileControl = on_control,
    .xSectorSize = on_sector_size,
    .xDeviceCharacteristics = on_characteristics,
    .xShmMap = on_shm_map,
    .xShmLock = on_shm_lock,
    .xShmBarrier = on_shm_barrier,
    .xShmUnmap = on_shm_unmap};

static int on_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file,
                   int flags, int *ret_flags)
{
    struct crash_disk *d = vfs->pAppData;
    struct handle *h = handle_of(file);
    struct file *f;

    memset(h, 0, sizeof *h);
    pthread_mutex_lock(&d->lock);
    f = find_seen(d, path == NULL ? "temporary" : path);
    if (f == NULL && (flags & SQLITE_OPEN_CREATE) != 0 && !d->dead)
        f = create(d, path == NULL ? "temporary" : path);
    pthread_mutex_unlock(&d->lock);
    if (f == NULL || d->dead)
        return SQLITE_CANTOPEN;
    h->base.pMethods = &methods;
    h->disk = d;
    h->file = f;
    h->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    if (ret_flags != NULL)
        *ret_flags = flags;
    return SQLITE_OK;
}

static int on_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
    struct crash_disk *d = vfs->pAppData;
    enum crash_fault fault;
    struct file *f;
    int rc = SQLITE_OK;

    pthread_mutex_lock(&d->lock);
    f = find_seen(d, path);
    fault = strike(d, false, false);
    if (f == NULL)
        rc = SQLITE_IOERR_DELETE_NOENT;
    else if (fault != CRASH_NONE)
        rc = refusal(fault, SQLITE_IOERR_DELETE);
    else if (sync)
        file_fini(f);
    else
        unlink_file(f);
    pthread_mutex_unlock(&d->lock);
    return rc;
}

static int on_access(sqlite3_vfs *vfs, const char *path, int flags,
                     int *ret_there)
{
    struct crash_disk *d = vfs->pAppData;

    (void)flags;
    pthread_mutex_lock(&d->lock);
    *ret_there = find_seen(d, path) != NULL;
    pthread_mutex_unlock(&d->lock);
    return SQLITE_OK;
}

static int on_full_path(sqlite3_vfs *vfs, const char *path, int max, char *out)
{
    (void)vfs;
    sqlite3_snprintf(max, out, "%s", path);
    return SQLITE_OK;
}

static int on_random(sqlite3_vfs *vfs, int len, char *out)
{
    struct crash_disk *d = vfs->pAppData;

    moot_rng_bytes(&d->rng, out, (size_t)len);
    return len;
}

static int on_sleep(sqlite3_vfs *vfs, int us)
{
    const struct timespec pause = {us / 1000000, us % 1000000 * 1000L};

    (void)vfs;
    nanosleep(&pause, NULL); /* another thread may hold what is waited for */
    return us;
}

static int on_time(sqlite3_vfs *vfs, sqlite3_int64 *ret_now)
{
    struct crash_disk *d = vfs->pAppData;

    *ret_now = ++d->now;
    return SQLITE_OK;
}

static int on_last_error(sqlite3_vfs *vfs, int len, char *out)
{
    (void)vfs;
    (void)len;
    (void)out;
    return 0;
}

/* --- the disk --- */

struct crash_disk *crash_disk_create(const char *name, uint64_t seed)
{
    struct crash_disk *d = moot_alloc(sizeof *d);
    uint8_t bytes[32] = {0};

    memcpy(bytes, &seed, sizeof seed);
    moot_rng_init(&d->rng, bytes);
    pthread_mutex_init(&d->lock, NULL);
    d->vfs = (sqlite3_vfs){.iVersion = 2,
                           .szOsFile = sizeof(struct handle),
                           .mxPathname = PATH_LEN_MAX,
                           .zName = name,
                           .pAppData = d,
                           .xOpen = on_open,
                           .xDelete = on_delete,
                           .xAccess = on_access,
                           .xFullPathname = on_full_path,
                           .xRandomness = on_random,
                           .xSleep = on_sleep,
                           .xGetLastError = on_last_error,
                           .xCurrentTimeInt64 = on_time};
    moot_assert(sqlite3_vfs_register(&d->vfs, 0) == SQLITE_OK);
    return d;
}

void crash_disk_destroy(struct crash_disk *d)
{
    sqlite3_vfs_unregister(&d->vfs);
    for (unsigned i = 0; i < FILES_MAX; i++)
        file_fini(&d->files[i]);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

void crash_plan(struct crash_disk *d, uint64_t n, enum crash_fault fault,
                bool flushes_only)
{
    pthread_mutex_lock(&d->lock);
    d->countdown = fault == CRASH_NONE ? 0 : n;
    d->fault = fault;
    d->flushes_only = flushes_only;
    d->struck = d->full = false;
    d->again = 0;
    pthread_mutex_unlock(&d->lock);
}

uint64_t crash_changes(const struct crash_disk *d)
{
    return d->changes;
}

bool crash_struck(const struct crash_disk *d)
{
    return d->struck;
}

void crash_power_cut(struct crash_disk *d)
{
    pthread_mutex_lock(&d->lock);
    d->dead = true;
    pthread_mutex_unlock(&d->lock);
}

static bool coin(struct crash_disk *d)
{
    return moot_rng_below(&d->rng, 2) == 0;
}

/* Of what was not flushed each sector is kept or not, by itself. */
static void settle(struct crash_disk *d, struct file *f)
{
    for (size_t i = 0; i < f->dirty_max; i++)
        if (f->dirty[i] && coin(d))
            keep_sector(f, i);
    if (f->unsafe_len && f->seen.len < f->safe.len && coin(d))
        resize(&f->safe, f->seen.len);
    forget_dirty(f);
    f->unlinked = f->unlinked && coin(d);
    resize(&f->seen, f->safe.len);
    if (f->safe.len > 0)
        memcpy(f->seen.data, f->safe.data, f->safe.len);
    if (f->unlinked)
        file_fini(f);
}

void crash_process_back(struct crash_disk *d)
{
    d->dead = d->full = false;
    d->countdown = d->again = 0;
}

void crash_power_back(struct crash_disk *d)
{
    for (unsigned i = 0; i < FILES_MAX; i++)
        if (d->files[i].path[0] != '\0')
            settle(d, &d->files[i]);
    crash_process_back(d);
}

uint8_t *crash_file(struct crash_disk *d, const char *path, size_t *ret_len)
{
    struct file *f = find_seen(d, path);

    if (f == NULL)
        return NULL;
    *ret_len = f->seen.len;
    return f->seen.data;
}

void crash_truncate(struct crash_disk *d, const char *path, size_t len)
{
    struct file *f = find_seen(d, path);

    moot_assert(f != NULL);
    resize(&f->seen, len);
}

void crash_copy(struct crash_disk *d, const char *from, const char *to)
{
    struct file *f = find_seen(d, from), *copy = create(d, to);

    moot_assert(f != NULL);
    resize(&copy->seen, f->seen.len);
    memcpy(copy->seen.data, f->seen.data, f->seen.len);
    set_dirty(copy, 0, copy->seen.len);
    flush(copy);
}
