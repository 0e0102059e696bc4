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
    MOOT_OPTION_PRIVATE,
    MOOT_OPTION_DATA_DIR,
    MOOT_OPTION_TEMP,
    MOOT_OPTION_CACHE_FILE,
    MOOT_OPTION_HISTORY,
    MOOT_OPTION_HISTORY_LIMIT,
    MOOT_OPTION_MODE,
    MOOT_OPTION_W_PORT,
    MOOT_OPTION_B_PORT,
    MOOT_OPTION_REMOTE_ENDPOINT,
    MOOT_OPTION_INVITE,
    MOOT_OPTION_PEERS_URL,
    MOOT_OPTION_BREAKER_FAILURES,
    MOOT_OPTION_BREAKER_RESET,
    MOOT_OPTION_BREAKER_BACKOFF_MIN,
    MOOT_OPTION_BREAKER_BACKOFF_MAX,
    MOOT_OPTION_HOST_GROUPS,
    MOOT_OPTION_GROUP_TIMEOUT,
    MOOT_OPTION_MAX_MEMBERS,
    MOOT_OPTION_JOIN,
    MOOT_OPTION_TIMEOUT,
    MOOT_OPTION_BIND,
    MOOT_OPTION_ADVERTISE,
    MOOT_OPTION_LAN,
    MOOT_OPTION_DNS_SERVER,
    MOOT_OPTION_AFK_TIMEOUT,
    MOOT_OPTION_B_AUTH,
    MOOT_OPTION_B_CONNECTIONS,
    MOOT_OPTION_LOG_LEVEL,
    MOOT_OPTION_LOG_FORMAT,
    MOOT_OPTION_HELP,
    MOOT_OPTION_VERSION,
    MOOT_OPTION_LAST,
    MOOT_OPTION_SINCE,
    MOOT_OPTION_UNTIL,
    MOOT_OPTION_AUTHOR,
    MOOT_OPTION_JSON,
    MOOT_OPTIONS
};

/* Which tasks an option is for. */
#define MOOT_FOR_CHAT (1u << MOOT_TASK_CHAT)
#define MOOT_FOR_HISTORY (1u << MOOT_TASK_HISTORY)
#define MOOT_FOR_VERIFY (1u << MOOT_TASK_VERIFY)
#define MOOT_FOR_INVITE (1u << MOOT_TASK_INVITE)
#define MOOT_FOR_ALL                                                           \
    (MOOT_FOR_CHAT | MOOT_FOR_HISTORY | MOOT_FOR_VERIFY | MOOT_FOR_INVITE)

struct moot_option {
    const char *name;  /* as on the command line, without the dashes */
    const char *value; /* "PORT"; NULL: takes none */
    const char *what;  /* sentences, without the last full stop */
    bool list;         /* may be given several times */
    /* Takes one value, "yes" or "no" where .value is NULL.  NULL, or what is
     * wrong with it. */
    const char *(*set)(struct moot_options *o, const char *value);
    unsigned tasks; /* a set of MOOT_FOR_; what is for history alone stands on
                       the command line only */
};

/* --- options_invite.c --- */

/* Takes an invitation, or "-": it is to be asked for. */
const char *moot_options_invite(struct moot_options *o, const char *value);
void moot_options_uninvite(struct moot_options *o);

/* "history", "verify", "invite"; NULL for the chat. */
const char *moot_task_word(enum moot_task task);

/* What --help shows. */
void moot_options_help(struct moot_buf *out);

extern const struct moot_option moot_option_table[MOOT_OPTIONS];

#endif
