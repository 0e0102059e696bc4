/*
 * store/cache.h - the address book (boot/book.h) as a file that all processes
 * of a user, or of a machine, share.
 *
 *     $XDG_CACHE_HOME/moot/peers.json          unless --cache_file says else
 *         peers.json.lock       held by whoever changes the file
 *         peers.json.new        the next one, while it is being written
 *         peers.json.corrupt-*  one that made no sense, with its date
 *
 * A change reads the file, merges the news into it and puts a new file in its
 * place, all under one exclusive lock; so no process loses what another one
 * noted.  The new file is on the disk before it gets the name, and the name
 * before the lock is given back; so whatever happens to the power, one of the
 * two is there, whole.  For the same reason readers need no lock.
 *
 * Where there is a link, all of these lie beside the file that it leads to.
 *
 * Files and the lock are their owner's alone, and in a directory that a group
 * or everybody may write to, theirs as well.
 *
 * Layer:  store (loud).
 * Thread: any; these calls block.
 */
#ifndef MOOT_STORE_CACHE_H
#define MOOT_STORE_CACHE_H

#include "boot/book.h"
#include "store/db.h"

/* Where it is unless the user says else: free() gives it back.  NULL when
 * neither XDG_CACHE_HOME nor HOME says where. */
char *moot_cache_path(void);

/*
 * Reads the book; when there is no file it is empty.  A file that makes no
 * sense is kept aside under another name, `why` says so, and the book is empty.
 * MOOT_ESYS when it cannot be read, and `why` says why; the book is empty then,
 * too.  `why` is "" when there is nothing to say.  moot_peers_fini() gives back
 * what it took, in any case.
 */
int moot_cache_read(const char *path, moot_wall_ms now,
                    struct moot_peers *ret_book, char why[MOOT_WHY_MAX]);

/*
 * Merges the news into the file, and fills ret_book (may be NULL) with what is
 * there now.  Otherwise nothing has changed, and `why` says why: MOOT_EBUSY
 * when others held the lock for `within` ms, MOOT_ESYS when the system refused.
 */
int moot_cache_merge(const char *path, const struct moot_peers *news,
                     moot_wall_ms now, moot_ms within,
                     struct moot_peers *ret_book, char why[MOOT_WHY_MAX]);

#endif
