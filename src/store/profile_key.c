/*
 * store/profile_key.c - the file of the identity.
 *
 *     moot identity 1
 *     seed 64 hex digits
 *     sum  32 hex digits, BLAKE2b of the seed
 *
 * Whoever has the seed is the identity, so the file is its owner's alone.  A
 * key is never guessed at, mended or replaced: to lose one is bad, to become
 * somebody else without a word is worse.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "store/profile_internal.h"

#define FIRST_LINE "moot identity 1\n"
#define SUM_HEX_LEN 32
#define TEXT_LEN                                                               \
    (sizeof FIRST_LINE - 1 + 5 + MOOT_HEX_LEN + 1 + 4 + SUM_HEX_LEN + 1)

static void sum_of(const uint8_t seed[32], char out[MOOT_HEX_LEN + 1])
{
    struct moot_hasher h;
    struct moot_hash hash;

    moot_hasher_init(&h);
    moot_hasher_add(&h, "moot identity", sizeof "moot identity");
    moot_hasher_add(&h, seed, 32);
    hash = moot_hasher_final(&h);
    moot_hex(hash.b, out);
    out[SUM_HEX_LEN] = '\0';
    sodium_memzero(&h, sizeof h);
}

static void text_of(const uint8_t seed[32], char out[TEXT_LEN + 1])
{
    char hex[MOOT_HEX_LEN + 1], sum[MOOT_HEX_LEN + 1];

    moot_hex(seed, hex);
    sum_of(seed, sum);
    snprintf(out, TEXT_LEN + 1, FIRST_LINE "seed %.64s\nsum %.32s\n", hex, sum);
    sodium_memzero(hex, sizeof hex);
}

/* --- reading --- */

static int refuse(char why[MOOT_WHY_MAX], const char *dir, const char *what,
                  const char *remedy)
{
    snprintf(why, MOOT_WHY_MAX,
             "%s/" PROFILE_KEY ": %s; nothing was changed; %s", dir, what,
             remedy);
    return MOOT_EINVAL;
}

static int refuse_damaged(char why[MOOT_WHY_MAX], const char *dir,
                          const char *what)
{
    return refuse(why, dir, what,
                  "put a copy of it back, or move it away together with "
                  "history.db to begin as somebody new");
}

static int check_file(int fd, const char *dir, char why[MOOT_WHY_MAX])
{
    struct stat st;
    char text[200];

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return refuse(why, dir, "the identity is no ordinary file",
                      "put the file itself there");
    if (st.st_uid != geteuid())
        return refuse(why, dir, "the identity belongs to another user",
                      "start moot as that user, or choose another profile "
                      "with --data_dir");
    if ((st.st_mode & 077) != 0) {
        snprintf(text, sizeof text,
                 "the identity can be read by others (mode %03o)",
                 (unsigned)(st.st_mode & 0777));
        return refuse(why, dir, text,
                      "if nobody has copied it: chmod 600 this file");
    }
    if (st.st_size != (off_t)TEXT_LEN)
        return refuse_damaged(why, dir, "the identity has not the right size");
    return MOOT_OK;
}

static int parse(const char text[TEXT_LEN + 1], uint8_t ret_seed[32])
{
    const char *hex = text + sizeof FIRST_LINE - 1 + 5;
    char digits[MOOT_HEX_LEN + 1], again[TEXT_LEN + 1];
    uint8_t seed[32];
    bool same;

    memcpy(digits, hex, MOOT_HEX_LEN);
    digits[MOOT_HEX_LEN] = '\0';
    if (!moot_unhex(digits, seed))
        return MOOT_EINVAL;
    text_of(seed, again);
    same = memcmp(text, again, TEXT_LEN) == 0;
    if (same)
        memcpy(ret_seed, seed, sizeof seed);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(digits, sizeof digits);
    sodium_memzero(again, sizeof again);
    return same ? MOOT_OK : MOOT_EINVAL;
}

static int read_text(int fd, const char *dir, uint8_t ret_seed[32],
                     char why[MOOT_WHY_MAX])
{
    char text[TEXT_LEN + 1];
    ssize_t len = pread(fd, text, TEXT_LEN, 0);
    int error;

    if (len < 0)
        return refuse(why, dir, strerror(errno),
                      "see the log of the system about this disk");
    if ((size_t)len != TEXT_LEN)
        return refuse_damaged(why, dir, "the identity has not the right size");
    text[TEXT_LEN] = '\0';
    error = parse(text, ret_seed);
    sodium_memzero(text, sizeof text);
    return error == MOOT_OK
               ? MOOT_OK
               : refuse_damaged(why, dir, "the identity is damaged");
}

int profile_key_read(int dir, const char *dir_path, uint8_t ret_seed[32],
                     char why[MOOT_WHY_MAX])
{
    int fd = openat(dir, PROFILE_KEY,
                    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    int error;

    if (fd < 0 && errno == ENOENT)
        return MOOT_ENONE;
    if (fd < 0 && errno == ELOOP)
        return refuse(why, dir_path, "the identity is a symbolic link",
                      "put the file itself there");
    if (fd < 0)
        return refuse(why, dir_path, strerror(errno),
                      "see who owns it and who may read it");
    error = check_file(fd, dir_path, why);
    if (error == MOOT_OK)
        error = read_text(fd, dir_path, ret_seed, why);
    close(fd);
    return error;
}

/* --- writing --- */

static int cannot(char why[MOOT_WHY_MAX], const char *dir, const char *what)
{
    snprintf(why, MOOT_WHY_MAX,
             "%s/" PROFILE_KEY ": cannot %s the identity: %s; make room or "
             "see who may write there, and start again",
             dir, what, strerror(errno));
    return MOOT_ESYS;
}

static bool write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

int profile_key_write(int dir, const char *dir_path, const uint8_t seed[32],
                      char why[MOOT_WHY_MAX])
{
    static const char draft[] = PROFILE_KEY ".new";
    char text[TEXT_LEN + 1];
    bool written;
    int fd;

    /* A draft is what a start that was cut short left behind. */
    unlinkat(dir, draft, 0);
    fd = openat(dir, draft,
                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return cannot(why, dir_path, "create");
    text_of(seed, text);
    written = fchmod(fd, 0600) == 0 && write_all(fd, text, TEXT_LEN) &&
              fsync(fd) == 0;
    sodium_memzero(text, sizeof text);
    if (close(fd) != 0 || !written) {
        cannot(why, dir_path, "write");
        unlinkat(dir, draft, 0);
        return MOOT_ESYS;
    }
    /* Unlike rename, link never takes the place of what is there. */
    if (linkat(dir, draft, dir, PROFILE_KEY, 0) != 0) {
        cannot(why, dir_path, "put in place");
        unlinkat(dir, draft, 0);
        return MOOT_ESYS;
    }
    unlinkat(dir, draft, 0);
    return fsync(dir) == 0 ? MOOT_OK : cannot(why, dir_path, "keep");
}
