/*
 * app/look_internal.h - what moot history, verify and invite share.
 *
 * Layer:  app (loud).
 * Thread: main.
 */
#ifndef MOOT_APP_LOOK_INTERNAL_H
#define MOOT_APP_LOOK_INTERNAL_H

#include "app/look.h"
#include "store/profile.h"

/* A profile that is only looked at.  A zeroed struct is closed. */
struct moot_look {
    struct moot_profile *profile;
    struct moot_db *db;
    struct moot_pasts pasts; /* the group used last comes first */
};

/* MOOT_OK; else standard error says what is wrong, and nothing is left open. */
int moot_look_open(struct moot_look *l, const struct moot_options *o);
void moot_look_close(struct moot_look *l);

/* Says what the database's last MOOT_ESYS was about. */
void moot_look_complain(const struct moot_look *l);

/* The group that the options mean, of one or more; NULL: there is none of that
 * name, and standard error says so. */
const struct moot_past *moot_look_group(const struct moot_look *l,
                                        const struct moot_options *o);

/* Writes the text and empties it; false when it cannot be written. */
bool moot_look_put(struct moot_buf *text);

/* The exit code after the last byte: 1, and why, when a write failed.  A reader
 * who has gone has seen what he wanted. */
int moot_look_end(int code);

#endif
