/*
 * app/start.h - what has to be there before the first event: the profile with
 * its identity and its past, the address book, the sockets, and where they can
 * be reached.
 *
 * Layer:  app (loud).
 * Thread: the loop's, before the loop runs.
 */
#ifndef MOOT_APP_START_H
#define MOOT_APP_START_H

#include "app/options.h"
#include "net/pass.h"
#include "store/cache.h"
#include "store/profile.h"

/* A zeroed struct with both descriptors -1 is fine for fini. */
struct moot_start {
    int w_fd, b_fd;          /* listening; b_fd -1: no bootstrap socket */
    uint16_t w_port, b_port; /* as they became */
    struct moot_profile *profile;
    struct moot_pasts pasts; /* as the database was at the start */
    struct moot_key key;     /* the profile's */
    uint8_t seed[32];
    char *cache;            /* path of the address book; NULL: keep none */
    struct moot_peers book; /* as it was at the start */
    char cache_why[MOOT_WHY_MAX]; /* what was wrong with it, or "" */
    struct moot_pass pass;        /* --b_auth */
    struct moot_addr addrs[MOOT_RECORD_ADDRS_MAX];
    unsigned addr_count;
};

/*
 * Opens what the options ask for; the username is known by now.  An exit code
 * other than 0: it could not, and standard error says why; then nothing is
 * left open.
 */
int moot_start_init(struct moot_start *s, const struct moot_options *o);

/* Closes the sockets that were not taken (set them to -1), wipes the key, and
 * gives the profile free: the store must be closed by then. */
void moot_start_fini(struct moot_start *s);

/* Tells the ports, the addresses and the key: lines for standard error. */
void moot_start_describe(const struct moot_start *s,
                         const struct moot_options *o, struct moot_buf *out);

#endif
