/*
 * store/contacts.h - what a running peer learns of others, on its way into the
 * cache file (store/cache.h).
 *
 * News gathers here and is merged by a worker: soon after it came, for the run
 * may be a short one, less and less often while there is always something new,
 * and at the end.
 * A file that cannot be changed is told once; the news is kept in memory, and
 * tried again.
 *
 * Layer:  store (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_STORE_CONTACTS_H
#define MOOT_STORE_CONTACTS_H

#include <ev.h>

#include "boot/book.h"
#include "loop/jobs.h"

struct moot_contacts;

struct moot_contacts_config {
    struct ev_loop *loop;
    struct moot_jobs *jobs; /* borrowed until it is closed */
    const char *path;       /* of the file; copied */
    moot_ms soon;           /* after the first news; 0: as in limits.h */
    moot_ms every;          /* in the long run; likewise */
    /* A sentence for the user: what is wrong with the file.  Never from inside
     * a call but close(). */
    void (*say)(void *ctx, const char *text);
    void *ctx;
};

struct moot_contacts *
moot_contacts_open(const struct moot_contacts_config *config);

/*
 * Merges what is left, here and now.  The pool of jobs must be closed before.
 * NULL does nothing.
 */
void moot_contacts_close(struct moot_contacts *c);

/* MOOT_FX_PEER and MOOT_FX_TRIPPED.  NULL for c: nothing is kept. */
void moot_contacts_note(struct moot_contacts *c,
                        const struct moot_contact *contact);
void moot_contacts_trip(struct moot_contacts *c,
                        const struct moot_tripped *tripped);

#endif
