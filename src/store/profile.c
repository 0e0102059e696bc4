/*
 * store/profile.c - finding, making and holding the directory of an identity.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include "store/profile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "store/dirs_internal.h"
#include "store/profile_internal.h"

struct moot_profile {
    char *dir, *history;
    int fd, lock; /* -1: none */
    bool temp, fresh;
    struct moot_key key;
};

/* --- where it is --- */

/* A name may hold a slash, or be "..": what is not plain is written as %XX. */
static void encode(struct moot_buf *out, const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

    for (const char *c = name; *c != '\0'; c++) {
        bool dot = *c == '.' && c != name;

        if (dot || strchr(plain, *c) != NULL)
            moot_buf_append(out, c, 1);
        else
            moot_buf_printf(out, "%%%02X", (unsigned)(uint8_t)*c);
    }
}

char *moot_profile_dir_of(const char *username)
{
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    struct moot_buf path = {0};
    char *dir;

    /* What is not absolute does not count, says the XDG specification. */
    if (data != NULL && data[0] == '/')
        moot_buf_printf(&path, "%s", data);
    else if (home != NULL && home[0] == '/')
        moot_buf_printf(&path, "%s/.local/share", home);
    else
        return NULL;
    moot_buf_printf(&path, "/moot/");
    encode(&path, username);
    dir = moot_copy(moot_buf_text(&path), path.len);
    moot_buf_fini(&path);
    return dir;
}

static char *temp_dir(char why[MOOT_WHY_MAX])
{
    const char *tmp = getenv("TMPDIR");
    struct moot_buf path = {0};
    char *dir;

    if (tmp == NULL || tmp[0] != '/')
        tmp = "/tmp";
    moot_buf_printf(&path, "%s/moot.XXXXXX", tmp);
    dir = moot_copy(moot_buf_text(&path), path.len);
    moot_buf_fini(&path);
    if (mkdtemp(dir) != NULL)
        return dir;
    snprintf(why, MOOT_WHY_MAX,
             "%s: cannot make a temporary profile: %s; set TMPDIR to a "
             "directory that can be written",
             tmp, strerror(errno));
    free(dir);
    return NULL;
}

/* --- the directory --- */

static int cannot(char why[MOOT_WHY_MAX], const char *path, const char *what)
{
    int error = errno;

    snprintf(why, MOOT_WHY_MAX,
             "%s: %s: %s; see who may write there, or choose another place "
             "with --data_dir",
             path, what, strerror(error));
    return error == ENOENT ? MOOT_ENONE : MOOT_ESYS;
}

static int make_dirs(const char *dir, char why[MOOT_WHY_MAX])
{
    char *path = moot_copy(dir, strlen(dir));
    int error = store_make_dirs(path)
                    ? MOOT_OK
                    : cannot(why, path, "cannot make the directory");

    free(path);
    return error == MOOT_ENONE ? MOOT_ESYS : error;
}

static int open_dir(struct moot_profile *p, char why[MOOT_WHY_MAX])
{
    struct stat st;

    p->fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->fd < 0)
        return cannot(why, p->dir, "cannot open the profile");
    if (fstat(p->fd, &st) != 0)
        return cannot(why, p->dir, "cannot open the profile");
    if (st.st_uid == geteuid() && (st.st_mode & 022) == 0)
        return MOOT_OK;
    if (st.st_uid == geteuid())
        snprintf(why, MOOT_WHY_MAX,
                 "%s: others may write into the profile (mode %03o); nothing "
                 "was changed; chmod 700 this directory",
                 p->dir, (unsigned)(st.st_mode & 0777));
    else
        snprintf(why, MOOT_WHY_MAX,
                 "%s: the profile belongs to another user; start moot as that "
                 "user, or choose another place with --data_dir",
                 p->dir);
    return MOOT_EINVAL;
}

/* --- the identity --- */

/* A key that is gone while its history is there was lost, and a new one would
 * make the user somebody else without a word. */
static int check_lost(const struct moot_profile *p, char why[MOOT_WHY_MAX])
{
    struct moot_id own;
    int error = moot_db_owner(p->history, NULL, &own);
    char fingerprint[20];

    if (error == MOOT_ENONE)
        return MOOT_OK;
    if (error != MOOT_OK) {
        snprintf(why, MOOT_WHY_MAX,
                 "%s/" PROFILE_KEY ": the identity is not there, and "
                 "history.db beside it cannot be read; nothing was changed; "
                 "put the key back, or move history.db away to begin as "
                 "somebody new",
                 p->dir);
        return MOOT_EINVAL;
    }
    moot_id_fingerprint(&own, fingerprint);
    snprintf(why, MOOT_WHY_MAX,
             "%s/" PROFILE_KEY ": the identity is not there, but history.db "
             "holds what %s said; nothing was changed; put the key back, or "
             "move history.db away to begin as somebody new",
             p->dir, fingerprint);
    return MOOT_EINVAL;
}

static int make_key(struct moot_profile *p, uint8_t ret_seed[32],
                    char why[MOOT_WHY_MAX])
{
    int error = check_lost(p, why);

    if (error != MOOT_OK)
        return error;
    if (getrandom(ret_seed, 32, 0) != 32) {
        snprintf(why, MOOT_WHY_MAX, "the kernel gives no random bytes: %s",
                 strerror(errno));
        return MOOT_ESYS;
    }
    p->fresh = true;
    return profile_key_write(p->fd, p->dir, ret_seed, why);
}

static int find_key(struct moot_profile *p, bool look, char why[MOOT_WHY_MAX])
{
    uint8_t seed[32];
    int error = profile_key_read(p->fd, p->dir, seed, why);

    if (error == MOOT_ENONE && look)
        snprintf(why, MOOT_WHY_MAX, "%s: there is no identity", p->dir);
    else if (error == MOOT_ENONE)
        error = make_key(p, seed, why);
    if (error == MOOT_OK)
        moot_key_init(&p->key, seed);
    sodium_memzero(seed, sizeof seed);
    return error;
}

/* --- the history --- */

/* SQLite would make it readable to all; what it puts beside it later has the
 * mode of the file itself. */
static int make_history(struct moot_profile *p, char why[MOOT_WHY_MAX])
{
    int fd =
        openat(p->fd, PROFILE_HISTORY,
               O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);

    if (fd < 0 && errno == ELOOP) {
        snprintf(why, MOOT_WHY_MAX,
                 "%s: the history is a symbolic link; nothing was changed; "
                 "put the file itself there",
                 p->history);
        return MOOT_EINVAL;
    }
    if (fd < 0)
        return cannot(why, p->history, "cannot open the history");
    close(fd);
    return fsync(p->fd) == 0 ? MOOT_OK
                             : cannot(why, p->dir, "cannot keep the directory");
}

/* --- opening and closing --- */

static int find_dir(struct moot_profile *p,
                    const struct moot_profile_config *config,
                    char why[MOOT_WHY_MAX])
{
    if (config->temp)
        p->dir = temp_dir(why);
    else if (config->data_dir != NULL)
        p->dir = moot_copy(config->data_dir, strlen(config->data_dir));
    else
        p->dir = moot_profile_dir_of(config->username);
    if (p->dir == NULL && !config->temp)
        snprintf(why, MOOT_WHY_MAX,
                 "neither XDG_DATA_HOME nor HOME says where profiles are; "
                 "name a directory with --data_dir");
    if (p->dir == NULL)
        return MOOT_ESYS;
    p->temp = config->temp;
    if (config->look || config->temp)
        return MOOT_OK;
    return make_dirs(p->dir, why);
}

static int open_profile(struct moot_profile *p,
                        const struct moot_profile_config *config,
                        char why[MOOT_WHY_MAX])
{
    struct moot_buf path = {0};
    int error = find_dir(p, config, why);

    if (error != MOOT_OK)
        return error;
    moot_buf_printf(&path, "%s/" PROFILE_HISTORY, p->dir);
    p->history = moot_copy(moot_buf_text(&path), path.len);
    moot_buf_fini(&path);
    error = open_dir(p, why);
    if (error == MOOT_OK && !config->look)
        error = profile_lock(p->fd, p->dir, &p->lock, why);
    if (error == MOOT_OK)
        error = find_key(p, config->look, why);
    if (error == MOOT_OK && !config->look)
        error = make_history(p, why);
    return error;
}

int moot_profile_open(const struct moot_profile_config *config,
                      struct moot_profile **ret_profile, char why[MOOT_WHY_MAX])
{
    struct moot_profile *p = moot_alloc(sizeof *p);
    int error;

    p->fd = p->lock = -1;
    error = open_profile(p, config, why);
    if (error != MOOT_OK) {
        moot_profile_close(p);
        return error;
    }
    *ret_profile = p;
    return MOOT_OK;
}

/* It holds files only: nobody else makes anything in there. */
static void remove_all(int fd, const char *dir)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    DIR *d = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *f;

    if (d == NULL)
        return;
    while ((f = readdir(d)) != NULL)
        if (strcmp(f->d_name, ".") != 0 && strcmp(f->d_name, "..") != 0)
            unlinkat(fd, f->d_name, 0);
    closedir(d);
    rmdir(dir);
}

void moot_profile_close(struct moot_profile *p)
{
    if (p == NULL)
        return;
    if (p->temp && p->fd >= 0)
        remove_all(p->fd, p->dir);
    if (p->lock >= 0)
        close(p->lock);
    if (p->fd >= 0)
        close(p->fd);
    moot_key_fini(&p->key);
    free(p->dir);
    free(p->history);
    free(p);
}

const struct moot_key *moot_profile_key(const struct moot_profile *p)
{
    return &p->key;
}

const char *moot_profile_dir(const struct moot_profile *p)
{
    return p->dir;
}

const char *moot_profile_history(const struct moot_profile *p)
{
    return p->history;
}

bool moot_profile_fresh(const struct moot_profile *p)
{
    return p->fresh;
}
