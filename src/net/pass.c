/*
 * net/pass.c - reads the token, and compares what is offered with it.
 *
 * Layer:  net (loud).
 * Thread: any.
 */
#include "net/pass.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* Why it cannot be used; NULL: it can. */
static const char *fault_of(const struct stat *s)
{
    if (!S_ISREG(s->st_mode))
        return "is no plain file";
    if (s->st_uid != geteuid() && s->st_uid != 0)
        return "belongs to somebody else";
    if ((s->st_mode & 077) != 0)
        return "can be read by others (see chmod 600)";
    return NULL;
}

static bool token_valid(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!isalnum((unsigned char)text[i]) &&
            (text[i] == '\0' || strchr("-._~+/=", text[i]) == NULL))
            return false;
    }
    return len >= MOOT_PASS_LEN_MIN && len <= MOOT_PASS_LEN_MAX;
}

static void hash(const char *token, size_t len, uint8_t out[32])
{
    crypto_generichash(out, 32, (const uint8_t *)token, len, NULL, 0);
}

static int read_token(int fd, struct moot_pass *ret_pass,
                      char why[MOOT_PASS_WHY_MAX])
{
    char text[MOOT_PASS_LEN_MAX + 3];
    ssize_t n = read(fd, text, sizeof text);
    size_t len = n > 0 ? (size_t)n : 0;

    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    if (!token_valid(text, len)) {
        snprintf(why, MOOT_PASS_WHY_MAX,
                 "holds no token: one line of %d to %d letters, digits and "
                 "-._~+/= (see openssl rand -hex 32)",
                 MOOT_PASS_LEN_MIN, MOOT_PASS_LEN_MAX);
        return MOOT_EINVAL;
    }
    ret_pass->set = true;
    hash(text, len, ret_pass->hash);
    sodium_memzero(text, sizeof text);
    return MOOT_OK;
}

int moot_pass_read(const char *path, struct moot_pass *ret_pass,
                   char why[MOOT_PASS_WHY_MAX])
{
    /* One that waits for a writer is no plain file, and must not hang us. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const char *fault = NULL;
    struct stat s;
    int rc = MOOT_EINVAL;

    if (fd < 0 || fstat(fd, &s) != 0)
        fault = strerror(errno);
    else
        fault = fault_of(&s);
    if (fault == NULL)
        rc = read_token(fd, ret_pass, why);
    else
        snprintf(why, MOOT_PASS_WHY_MAX, "%s", fault);
    if (fd >= 0)
        close(fd);
    return rc;
}

bool moot_pass_fits(const struct moot_pass *p, const char *header)
{
    static const char scheme[] = "Bearer ";
    uint8_t offered[32];
    const char *token;
    size_t len;

    if (!p->set)
        return true;
    if (header == NULL || strncasecmp(header, scheme, sizeof scheme - 1) != 0)
        return false;
    token = header + sizeof scheme - 1;
    token += strspn(token, " ");
    len = strlen(token);
    hash(token, len, offered);
    return sodium_memcmp(offered, p->hash, sizeof offered) == 0;
}
