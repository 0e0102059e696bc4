/*
 * app/look.c - opening a profile to look into it, and writing what is found.
 *
 * Layer:  app (loud).
 * Thread: main.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/look_internal.h"
#include "ui/harmless.h"

void moot_look_complain(const struct moot_look *l)
{
    fprintf(stderr, "moot: %s: %s (%s)\n", moot_profile_history(l->profile),
            moot_db_trouble_text(moot_db_trouble(l->db)), moot_db_words(l->db));
}

/* Nobody has chatted with that name or in that directory yet. */
static void tell_absent(const struct moot_options *o)
{
    char *dir = *o->data_dir ? NULL : moot_profile_dir_of(o->username);
    struct moot_buf text = {0};

    moot_harmless(moot_bytes_text(dir ? dir : o->data_dir), &text);
    fprintf(stderr,
            "moot: %s: there is no profile; give the --username or --data_dir "
            "of a chat\n",
            moot_buf_text(&text));
    moot_buf_fini(&text);
    free(dir);
}

static int open_history(struct moot_look *l)
{
    struct moot_db_config config = {.path = moot_profile_history(l->profile),
                                    .reader = true};
    char why[MOOT_WHY_MAX];
    int rc = moot_db_open(&config, &l->db, why);

    if (rc != MOOT_OK) {
        fprintf(stderr, "moot: %s\n", why);
        return rc;
    }
    rc = moot_db_pasts(l->db, 0, &l->pasts);
    if (rc != MOOT_OK)
        moot_look_complain(l);
    return rc;
}

int moot_look_open(struct moot_look *l, const struct moot_options *o)
{
    struct moot_profile_config config = {.username = o->username,
                                         .data_dir =
                                             *o->data_dir ? o->data_dir : NULL,
                                         .look = true};
    char why[MOOT_WHY_MAX];
    int rc;

    memset(l, 0, sizeof *l);
    rc = moot_profile_open(&config, &l->profile, why);
    if (rc == MOOT_OK)
        rc = open_history(l);
    else if (rc == MOOT_ENONE)
        tell_absent(o);
    else
        fprintf(stderr, "moot: %s\n", why);
    if (rc != MOOT_OK)
        moot_look_close(l);
    return rc;
}

void moot_look_close(struct moot_look *l)
{
    moot_pasts_fini(&l->pasts);
    moot_db_close(l->db);
    moot_profile_close(l->profile);
    memset(l, 0, sizeof *l);
}

bool moot_look_put(struct moot_buf *text)
{
    size_t len = text->len;
    bool good = fwrite(moot_buf_view(text).data, 1, len, stdout) == len;

    moot_buf_clear(text);
    return good;
}

int moot_look_end(int code)
{
    if ((!ferror(stdout) && fflush(stdout) == 0) || errno == EPIPE)
        return code;
    fprintf(stderr, "moot: standard output: %s\n", strerror(errno));
    return MOOT_EXIT_FAILED;
}
