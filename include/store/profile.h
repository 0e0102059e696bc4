/*
 * store/profile.h - the directory in which one identity lives.
 *
 *     $XDG_DATA_HOME/moot/<username, percent-encoded>/     0700
 *         identity.key    the Ed25519 seed, 0600; made once, never replaced
 *         history.db      what was said (store/db.h)
 *         lock            held by the process that uses the profile
 *
 * Nothing that is there is ever replaced: what is damaged, unreadable or open
 * to others is refused with one line that says what is wrong, what was tried
 * and what can be done.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#ifndef MOOT_STORE_PROFILE_H
#define MOOT_STORE_PROFILE_H

#include "store/db.h"

struct moot_profile;

struct moot_profile_config {
    const char *username; /* names the directory, unless data_dir does */
    const char *data_dir; /* --data_dir: this very directory; NULL: none */
    bool temp;            /* --temp: a fresh one, gone when it is closed */
    bool look;            /* only look: hold nothing, make nothing, and put
                             up with another process that holds it */
};

/*
 * MOOT_EBUSY when another process holds it; MOOT_ENONE when one is only to be
 * looked at and is not there; MOOT_EVERSION when a newer moot wrote it;
 * MOOT_EINVAL when something in it is damaged or not to be trusted; MOOT_ESYS
 * when the system refused.  Then `why` says it all in one line.
 */
int moot_profile_open(const struct moot_profile_config *config,
                      struct moot_profile **ret_profile,
                      char why[MOOT_WHY_MAX]);

/* Gives it free; a temporary one is removed with all it holds.  NULL does
 * nothing.  The database must be closed before. */
void moot_profile_close(struct moot_profile *p);

/* Borrowed for the lifetime of the profile. */
const struct moot_key *moot_profile_key(const struct moot_profile *p);
const char *moot_profile_dir(const struct moot_profile *p);
const char *moot_profile_history(const struct moot_profile *p); /* a path */

/* Was the identity made just now? */
bool moot_profile_fresh(const struct moot_profile *p);

/* The directory of a username, whether it is there or not: free() gives it
 * back.  NULL when neither XDG_DATA_HOME nor HOME says where. */
char *moot_profile_dir_of(const char *username);

#endif
