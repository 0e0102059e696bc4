/*
 * app/options.h - what the user wants: the command line, the environment, the
 * configuration file, and defaults, in this order.
 *
 * One table says which options there are; the parser, --help and the man page
 * are read from it.  Opens nothing but the configuration file.
 *
 * Layer:  app (loud).
 * Thread: the loop's, before the loop runs.
 */
#ifndef MOOT_APP_OPTIONS_H
#define MOOT_APP_OPTIONS_H

#include "loop/log.h"
#include "net/lan.h"
#include "node/node.h"
#include "wire/invite.h"

#define MOOT_VERSION "0.1.0"
#define MOOT_CONFIG_LEN_MAX (64 * 1024)  /* of the configuration file */
#define MOOT_SECONDS_MAX (7 * 24 * 3600) /* of --timeout and --afk_timeout */
#define MOOT_DATA_DIR_LEN_MAX 1024       /* far below what a system takes */
#define MOOT_HISTORY_LIMIT_MIN ((uint64_t)16 << 20) /* some chats of a day */
#define MOOT_HISTORY_LIMIT ((uint64_t)1 << 30)      /* by default */

/* What the program is started for. */
enum moot_task {
    MOOT_TASK_CHAT,
    MOOT_TASK_HISTORY, /* moot history */
    MOOT_TASK_VERIFY,  /* moot verify */
    MOOT_TASK_INVITE,  /* moot invite */
    MOOT_TASKS
};

/* Which lines moot history prints. */
struct moot_query {
    uint64_t last;                      /* lines; 0: all of them */
    moot_wall_ms since, until;          /* until: not any more; 0: no bound */
    char author[MOOT_NAME_LEN_MAX + 1]; /* a name, or how a key begins */
    bool json;
};

struct moot_options {
    enum moot_task task;
    struct moot_query query;
    enum moot_mode mode;
    uint16_t w_port, b_port;
    struct moot_addr endpoints[MOOT_ENDPOINTS_MAX];
    unsigned endpoint_count;
    struct moot_invite invite; /* .invited: with its endpoints beside these */
    bool invited;
    bool invite_asked; /* it is to be read from standard input */
    char urls[MOOT_URLS_MAX][MOOT_SOURCE_LEN_MAX + 1]; /* --peers_url */
    unsigned url_count;
    struct moot_breaker_config breaker;
    char username[MOOT_NAME_LEN_MAX + 1]; /* "": to be asked for */
    char group[MOOT_NAME_LEN_MAX + 1];
    bool group_asked; /* the user named it: no other group will do */
    bool closed;      /* --private */
    char data_dir[MOOT_DATA_DIR_LEN_MAX + 1];   /* "": by the username */
    char cache_file[MOOT_DATA_DIR_LEN_MAX + 1]; /* "": by the environment */
    bool temp;              /* a profile for this run only */
    bool history_bounded;   /* a newcomer does not fetch everything, but */
    uint64_t history_max;   /* ... this many earlier entries of each run */
    uint64_t history_limit; /* bytes of the database */
    bool strict;
    moot_ms timeout;
    moot_ms afk_timeout;                                /* 0: never */
    struct moot_addr advertised[MOOT_RECORD_ADDRS_MAX]; /* port 0: as w_port */
    unsigned advertised_count;
    char bind[MOOT_HOST_LEN_MAX + 1]; /* "": every address */
    enum moot_lan_where lan;
    struct moot_addr dns_server; /* port 0: those of the system */
    unsigned host_groups;        /* 0: no directory */
    moot_ms group_timeout;
    unsigned members_max; /* 0: the most there can be */
    enum moot_log_level log_level;
    bool log_json;
    char b_auth[MOOT_DATA_DIR_LEN_MAX + 1]; /* a file; "": none */
    unsigned b_connections;                 /* MOOT_GUESTS_MIN .. _MAX */
};

/*
 * MOOT_OK: *ret_options is filled.  MOOT_ENONE: the text (of --help, --version)
 * is for standard output, and that is all.  MOOT_EINVAL: the text is one line
 * for standard error that says what is wrong and how to mend it.
 */
int moot_options_read(int argc, char *const argv[],
                      struct moot_options *ret_options, struct moot_buf *text);

/*
 * The endpoints of the invitation and those named one by one, at most
 * MOOT_ENDPOINTS_MAX, with what an answer from there has to be.  Returns how
 * many.
 */
unsigned moot_options_endpoints(const struct moot_options *o,
                                struct moot_addr *out_addrs,
                                struct moot_pins *out_pins);

/* The options as they stand in the man page (roff), appended to out. */
void moot_options_man(struct moot_buf *out);

/* Those that only moot history takes, likewise. */
void moot_options_man_history(struct moot_buf *out);

/* The exit codes, likewise. */
void moot_options_man_codes(struct moot_buf *out);

/* Exit codes of the process. */
enum moot_exit {
    MOOT_EXIT_LEFT = 0,         /* as asked */
    MOOT_EXIT_FAILED = 1,       /* something went wrong at run time */
    MOOT_EXIT_USAGE = 2,        /* wrong options */
    MOOT_EXIT_BIND = 3,         /* a port is taken */
    MOOT_EXIT_NO_ANSWER = 4,    /* no bootstrap peer answered */
    MOOT_EXIT_UNREACHED = 5,    /* somebody who must be reached was not */
    MOOT_EXIT_REFUSED = 6,      /* the group did not take us */
    MOOT_EXIT_INTERRUPTED = 130 /* during the join */
};

#endif
