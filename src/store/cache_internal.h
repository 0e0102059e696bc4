/*
 * store/cache_internal.h - the cache file's parts: its lock, what is in it, and
 * how another one takes its place.
 *
 * The calls that change anything go through a table, so that tests can refuse
 * them and cut the power between them.
 *
 * Layer:  store (loud).
 * Thread: any.
 */
#ifndef MOOT_STORE_CACHE_INTERNAL_H
#define MOOT_STORE_CACHE_INTERNAL_H

#include <sys/types.h>

#include "store/cache.h"

/* As the system calls of these names. */
struct cache_calls {
    int (*open)(const char *path, int flags, mode_t mode);
    ssize_t (*write)(int fd, const void *data, size_t len);
    int (*fsync)(int fd);
    int (*rename)(const char *from, const char *to);
    int (*unlink)(const char *path);
};

extern const struct cache_calls cache_calls_real;

/* One look at the file, or one change of it. */
struct cache_visit {
    const struct cache_calls *calls;
    char *path; /* of the file itself: links are followed */
    char *dir;
    int lock;    /* -1: not held */
    mode_t mode; /* what the file is to have */
    char *why;   /* the caller's, of MOOT_WHY_MAX bytes */
};

/* --- cache_file.c: each returns MOOT_OK, or an error and says why --- */

/* To be ended in any case. */
int cache_begin(struct cache_visit *v, const struct cache_calls *calls,
                const char *path, char *why);
void cache_end(struct cache_visit *v); /* gives the lock back */

/* MOOT_EBUSY when it was not to be had within so many ms. */
int cache_lock(struct cache_visit *v, moot_ms within);

/* MOOT_EINVAL when what is there makes no sense. */
int cache_load(struct cache_visit *v, struct moot_peers *ret_book);

/* Keeps the file aside, and says so.  The lock is held. */
int cache_set_aside(struct cache_visit *v, moot_wall_ms now);

/* Puts a file with this text in its place.  The lock is held. */
int cache_replace(struct cache_visit *v, struct moot_bytes text);

/* --- cache.c: the calls of store/cache.h, with a table of calls --- */

int cache_read(const struct cache_calls *calls, const char *path,
               moot_wall_ms now, struct moot_peers *ret_book,
               char why[MOOT_WHY_MAX]);
int cache_merge(const struct cache_calls *calls, const char *path,
                const struct moot_peers *news, moot_wall_ms now, moot_ms within,
                struct moot_peers *ret_book, char why[MOOT_WHY_MAX]);

#endif
