/*
 * store/cache.c - the address book on disk: read, or read, merged and written.
 *
 * Layer:  store (loud).
 * Thread: any.
 */
#include "store/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/cache_internal.h"

#define ASIDE_LOCK_MS 1000 /* nobody is kept from starting by a damaged file */

char *moot_cache_path(void)
{
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    struct moot_buf path = {0};
    char *copy;

    /* What is not absolute does not count, says the XDG specification. */
    if (cache != NULL && cache[0] == '/')
        moot_buf_printf(&path, "%s", cache);
    else if (home != NULL && home[0] == '/')
        moot_buf_printf(&path, "%s/.cache", home);
    else
        return NULL;
    moot_buf_printf(&path, "/moot/peers.json");
    copy = moot_copy(moot_buf_text(&path), path.len);
    moot_buf_fini(&path);
    return copy;
}

/* Somebody else may have seen to it before we held the lock. */
static int load_under_lock(struct cache_visit *v, moot_wall_ms now,
                           struct moot_peers *book)
{
    int error = cache_load(v, book);

    return error == MOOT_EINVAL ? cache_set_aside(v, now) : error;
}

int cache_read(const struct cache_calls *calls, const char *path,
               moot_wall_ms now, struct moot_peers *ret_book,
               char why[MOOT_WHY_MAX])
{
    struct moot_peers book = {0};
    struct cache_visit v;
    int error;

    error = cache_begin(&v, calls, path, why);
    if (error == MOOT_OK)
        error = cache_load(&v, &book);
    if (error == MOOT_EINVAL) {
        error = cache_lock(&v, ASIDE_LOCK_MS);
        if (error == MOOT_OK)
            error = load_under_lock(&v, now, &book);
    }
    cache_end(&v);
    moot_book_merge(&book, NULL, now);
    *ret_book = book;
    return error == MOOT_EBUSY ? MOOT_ESYS : error;
}

static int change(struct cache_visit *v, const struct moot_peers *news,
                  moot_wall_ms now, struct moot_peers *book)
{
    struct moot_buf text = {0};
    int error = load_under_lock(v, now, book);

    if (error != MOOT_OK)
        return error;
    moot_book_merge(book, news, now);
    moot_peers_encode(book, &text);
    error = cache_replace(v, moot_buf_view(&text));
    moot_buf_fini(&text);
    return error;
}

int cache_merge(const struct cache_calls *calls, const char *path,
                const struct moot_peers *news, moot_wall_ms now, moot_ms within,
                struct moot_peers *ret_book, char why[MOOT_WHY_MAX])
{
    struct moot_peers book = {0};
    struct cache_visit v;
    int error;

    error = cache_begin(&v, calls, path, why);
    if (error == MOOT_OK)
        error = cache_lock(&v, within);
    if (error == MOOT_OK)
        error = change(&v, news, now, &book);
    cache_end(&v);
    if (error == MOOT_OK && ret_book != NULL)
        *ret_book = book;
    else
        moot_peers_fini(&book);
    return error;
}

int moot_cache_read(const char *path, moot_wall_ms now,
                    struct moot_peers *ret_book, char why[MOOT_WHY_MAX])
{
    return cache_read(&cache_calls_real, path, now, ret_book, why);
}

int moot_cache_merge(const char *path, const struct moot_peers *news,
                     moot_wall_ms now, moot_ms within,
                     struct moot_peers *ret_book, char why[MOOT_WHY_MAX])
{
    return cache_merge(&cache_calls_real, path, news, now, within, ret_book,
                       why);
}
