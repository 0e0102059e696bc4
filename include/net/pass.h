/*
 * net/pass.h - the token that opens what is for operators only (--b_auth).
 *
 * It is read from a file, because everybody on a machine can see arguments.
 * What is kept of it is a hash, and comparing takes the same time whatever is
 * offered.
 *
 * Layer:  net (loud).
 * Thread: any.
 */
#ifndef MOOT_NET_PASS_H
#define MOOT_NET_PASS_H

#include <stdbool.h>
#include <stdint.h>

#define MOOT_PASS_LEN_MIN 16 /* what can be guessed is no protection */
#define MOOT_PASS_LEN_MAX 512
#define MOOT_PASS_WHY_MAX 160

/* A zeroed struct is no pass: everything is open. */
struct moot_pass {
    bool set;
    uint8_t hash[32];
};

/*
 * The file holds one line of letters, digits and -._~+/= (RFC 6750), is the
 * user's own or root's, and nobody else may read it.  MOOT_EINVAL: why is a
 * phrase that says what is wrong with it.
 */
int moot_pass_read(const char *path, struct moot_pass *ret_pass,
                   char why[MOOT_PASS_WHY_MAX]);

/* Does the value of an Authorization header (may be NULL) hold it? */
bool moot_pass_fits(const struct moot_pass *p, const char *header);

#endif
