/*
 * app/options_internal.h - what the table of options and its reader share.
 *
 * Layer:  app (loud).
 * Thread: the loop's, before the loop runs.
 */
#ifndef MOOT_APP_OPTIONS_INTERNAL_H
#define MOOT_APP_OPTIONS_INTERNAL_H

#include "app/options.h"

enum moot_option_id {
    MOOT_OPTION_USERNAME,
    MOOT_OPTION_GROUP,
    MOOT_OPTION_MODE,
    MOOT_OPTION_W_PORT,
    MOOT_OPTION_B_PORT,
    MOOT_OPTION_REMOTE_ENDPOINT,
    MOOT_OPTION_JOIN,
    MOOT_OPTION_TIMEOUT,
    MOOT_OPTION_BIND,
    MOOT_OPTION_ADVERTISE,
    MOOT_OPTION_AFK_TIMEOUT,
    MOOT_OPTION_LOG_LEVEL,
    MOOT_OPTION_HELP,
    MOOT_OPTION_VERSION,
    MOOT_OPTIONS
};

struct moot_option {
    const char *name;  /* as on the command line, without the dashes */
    const char *value; /* "PORT"; NULL: takes none */
    const char *what;  /* sentences, without the last full stop */
    bool list;         /* may be given several times */
    /* Takes one value.  NULL, or what is wrong with it. */
    const char *(*set)(struct moot_options *o, const char *value);
};

/* What --help shows. */
void moot_options_help(struct moot_buf *out);

extern const struct moot_option moot_option_table[MOOT_OPTIONS];

#endif
