/*
 * store/profile_internal.h - the two files of a profile that are not a
 * database.
 *
 * Both functions work on a directory that is open, follow no links, and say in
 * `why` what is wrong.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#ifndef MOOT_STORE_PROFILE_INTERNAL_H
#define MOOT_STORE_PROFILE_INTERNAL_H

#include "store/profile.h"

#define PROFILE_KEY "identity.key"
#define PROFILE_LOCK "lock"
#define PROFILE_HISTORY "history.db"

/* Reads the seed: MOOT_ENONE when there is no such file. */
int profile_key_read(int dir, const char *dir_path, uint8_t ret_seed[32],
                     char why[MOOT_WHY_MAX]);

/* Writes it where there was none, so that it is there whole or not at all. */
int profile_key_write(int dir, const char *dir_path, const uint8_t seed[32],
                      char why[MOOT_WHY_MAX]);

/* Takes the lock, or says in `why` who has it: MOOT_EBUSY.  The descriptor
 * holds it. */
int profile_lock(int dir, const char *dir_path, int *ret_fd,
                 char why[MOOT_WHY_MAX]);

#endif
