/*
 * store/cache_file.c - the cache file: locking, reading and replacing it.
 *
 * Knows nothing of what makes a good peer.
 *
 * Layer:  store (loud).
 * Thread: any.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/iso.h"
#include "loop/clock.h"
#include "store/cache_internal.h"
#include "store/dirs_internal.h"

#define LOCK_LOOK_NS 3000000 /* how often a lock that is held is tried */
#define ASIDE_MAX 100        /* of one second */
#define LINKS_MAX 40         /* as in the kernel */

/* --- the calls --- */

static int call_open(const char *path, int flags, mode_t mode)
{
    return open(path, flags, mode);
}

const struct cache_calls cache_calls_real = {call_open, write, fsync, rename,
                                             unlink};

/* --- words --- */

static int cannot(struct cache_visit *v, const char *path, const char *what)
{
    snprintf(v->why, MOOT_WHY_MAX, "%s: %s: %s", path, what, strerror(errno));
    return MOOT_ESYS;
}

/* free() gives it back. */
static char *path_with(const struct cache_visit *v, const char *suffix)
{
    struct moot_buf b = {0};
    char *path;

    moot_buf_printf(&b, "%s%s", v->path, suffix);
    path = moot_copy(moot_buf_text(&b), b.len);
    moot_buf_fini(&b);
    return path;
}

/* --- begin, lock, end --- */

/* free() gives it back. */
static char *dir_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return moot_copy(".", 1);
    return moot_copy(path, slash == path ? 1 : (size_t)(slash - path));
}

/* In a directory like /tmp anybody may put a link to a file of ours; there it
 * has to be ours, or the directory's owner's.  (Linux has the same rule, for
 * who opens a path.) */
static bool may_follow(const char *dir, const struct stat *link)
{
    struct stat st;

    if (stat(dir, &st) != 0)
        return false;
    return (st.st_mode & S_ISVTX) == 0 || (st.st_mode & 0002) == 0 ||
           link->st_uid == geteuid() || link->st_uid == st.st_uid;
}

/* One step: v->path is where the link there leads to. */
static int follow(struct cache_visit *v, const struct stat *link)
{
    char target[PATH_MAX], *dir = dir_of(v->path);
    ssize_t len = readlink(v->path, target, sizeof target);
    struct moot_buf path = {0};

    if (len <= 0 || (size_t)len == sizeof target || !may_follow(dir, link)) {
        free(dir);
        snprintf(v->why, MOOT_WHY_MAX, "%s: that link is not followed",
                 v->path);
        return MOOT_ESYS;
    }
    if (target[0] != '/')
        moot_buf_printf(&path, "%s/", dir);
    moot_buf_append(&path, target, (size_t)len);
    free(dir);
    free(v->path);
    v->path = moot_copy(moot_buf_text(&path), path.len);
    moot_buf_fini(&path);
    return MOOT_OK;
}

/* Who put a link there wants the file where it leads, now and later. */
static int follow_links(struct cache_visit *v)
{
    struct stat st;
    int error;

    for (unsigned i = 0; i < LINKS_MAX; i++) {
        if (lstat(v->path, &st) != 0 || !S_ISLNK(st.st_mode))
            return MOOT_OK;
        error = follow(v, &st);
        if (error != MOOT_OK)
            return error;
    }
    errno = ELOOP;
    return cannot(v, v->path, "cannot read it");
}

int cache_begin(struct cache_visit *v, const struct cache_calls *calls,
                const char *path, char *why)
{
    int error;

    *v = (struct cache_visit){
        .calls = calls, .lock = -1, .mode = 0600, .why = why};
    why[0] = '\0';
    v->path = moot_copy(path, strlen(path));
    error = follow_links(v);
    v->dir = dir_of(v->path);
    return error;
}

void cache_end(struct cache_visit *v)
{
    if (v->lock >= 0)
        close(v->lock);
    free(v->path);
    free(v->dir);
}

/* Who may write into the directory may change what is in it anyhow, but for a
 * sticky one like /tmp: there everybody's files are his own. */
static mode_t mode_by_dir(const char *dir)
{
    struct stat st;

    if (stat(dir, &st) != 0 || (st.st_mode & S_ISVTX) != 0)
        return 0600;
    return 0600 | ((st.st_mode & 0020) != 0 ? 0060 : 0) |
           ((st.st_mode & 0002) != 0 ? 0066 : 0);
}

static int wait_for_lock(struct cache_visit *v, moot_ms within)
{
    static const struct timespec pause = {0, LOCK_LOOK_NS};
    moot_ms until = moot_clock_ms() + within;

    while (flock(v->lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return cannot(v, v->path, "cannot lock it");
        if (moot_clock_ms() < until) {
            nanosleep(&pause, NULL);
            continue;
        }
        snprintf(v->why, MOOT_WHY_MAX,
                 "%s: another process has held the lock for %lld s", v->path,
                 (long long)within / 1000);
        return MOOT_EBUSY;
    }
    return MOOT_OK;
}

/* The lock has a file of its own: the other one is a new file each time, and
 * who waited for the old one would hold nothing. */
int cache_lock(struct cache_visit *v, moot_ms within)
{
    char *path = path_with(v, ".lock");
    int error = MOOT_OK;

    if (!store_make_dirs(v->dir)) {
        error = cannot(v, v->dir, "cannot make the directory");
    } else {
        v->mode = mode_by_dir(v->dir);
        v->lock = v->calls->open(
            path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (v->lock < 0)
            error = cannot(v, path, "cannot open it");
        else
            fchmod(v->lock, v->mode); /* another owner's has it already */
    }
    free(path);
    return error == MOOT_OK ? wait_for_lock(v, within) : error;
}

/* --- reading --- */

static int read_all(struct cache_visit *v, int fd, struct moot_buf *out)
{
    for (;;) {
        ssize_t got = read(fd, moot_buf_reserve(out, 65536), 65536);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cannot(v, v->path, "cannot read it");
        if (got == 0)
            return MOOT_OK;
        moot_buf_commit(out, (size_t)got);
        if (out->len > MOOT_PEERS_LEN_MAX)
            return MOOT_EINVAL;
    }
}

static int load_from(struct cache_visit *v, int fd, struct moot_peers *ret_book)
{
    struct moot_buf text = {0};
    struct stat st;
    int error;

    if (fstat(fd, &st) != 0)
        return cannot(v, v->path, "cannot read it");
    if (!S_ISREG(st.st_mode)) {
        snprintf(v->why, MOOT_WHY_MAX, "%s: that is no plain file", v->path);
        return MOOT_ESYS;
    }
    v->mode = st.st_mode & 0666;
    error = read_all(v, fd, &text);
    /* One that was made by hand, for its owner and mode, holds nothing yet. */
    if (error == MOOT_OK && text.len > 0 &&
        moot_peers_decode(moot_buf_view(&text), ret_book) != MOOT_OK)
        error = MOOT_EINVAL;
    moot_buf_fini(&text);
    return error;
}

int cache_load(struct cache_visit *v, struct moot_peers *ret_book)
{
    int fd = open(v->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int error;

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return MOOT_OK;
    if (fd < 0)
        return cannot(v, v->path, "cannot read it");
    error = load_from(v, fd, ret_book);
    close(fd);
    return error;
}

/* --- changing --- */

/* "peers.json.corrupt-20260220T153000Z", and a number if that is there. */
static void name_aside(const struct cache_visit *v, moot_wall_ms now,
                       unsigned number, struct moot_buf *out)
{
    char date[MOOT_ISO_LEN + 1];

    moot_iso_format(now, date);
    moot_buf_clear(out);
    moot_buf_printf(out, "%s.corrupt-", v->path);
    for (const char *c = date; *c != '\0'; c++)
        if (*c != '-' && *c != ':')
            moot_buf_append(out, c, 1);
    if (number > 0)
        moot_buf_printf(out, ".%u", number);
}

int cache_set_aside(struct cache_visit *v, moot_wall_ms now)
{
    struct moot_buf aside = {0};
    unsigned number = 0;
    int error = MOOT_OK;

    moot_assert(v->lock >= 0);
    do
        name_aside(v, now, number, &aside);
    while (access(moot_buf_text(&aside), F_OK) == 0 && number++ < ASIDE_MAX);
    if (v->calls->rename(v->path, moot_buf_text(&aside)) != 0)
        error =
            cannot(v, v->path, "it makes no sense, and cannot be kept aside");
    else
        snprintf(v->why, MOOT_WHY_MAX,
                 "%s: it made no sense and is kept as %s; a new one is begun",
                 v->path, moot_buf_text(&aside));
    moot_buf_fini(&aside);
    return error;
}

static bool write_all(const struct cache_calls *calls, int fd,
                      struct moot_bytes text)
{
    size_t done = 0;

    while (done < text.len) {
        ssize_t n = calls->write(fd, text.data + done, text.len - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

/* What a process left behind that was killed while it wrote is nothing. */
static int write_new(struct cache_visit *v, const char *path,
                     struct moot_bytes text)
{
    int fd, error = MOOT_OK;

    v->calls->unlink(path);
    fd = v->calls->open(
        path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return cannot(v, path, "cannot make it");
    if (fchmod(fd, v->mode) != 0 || !write_all(v->calls, fd, text) ||
        v->calls->fsync(fd) != 0)
        error = cannot(v, path, "cannot write it");
    close(fd);
    if (error != MOOT_OK)
        v->calls->unlink(path);
    return error;
}

/* Until then a power cut may bring the old name back: it is whole as well, so
 * a file system that cannot do it is no reason to say that nothing was done. */
static void keep_dir(const struct cache_visit *v)
{
    int fd = v->calls->open(v->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

    if (fd < 0)
        return;
    v->calls->fsync(fd);
    close(fd);
}

int cache_replace(struct cache_visit *v, struct moot_bytes text)
{
    char *path = path_with(v, ".new");
    int error;

    moot_assert(v->lock >= 0);
    error = write_new(v, path, text);
    if (error == MOOT_OK && v->calls->rename(path, v->path) != 0) {
        error = cannot(v, v->path, "cannot replace it");
        v->calls->unlink(path);
    }
    if (error == MOOT_OK)
        keep_dir(v);
    free(path);
    return error;
}
