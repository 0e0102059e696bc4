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

/* --- which group --- */

static bool begins_with(const struct moot_hash *group, const char *text)
{
    char hex[MOOT_HEX_LEN + 1];
    size_t len = strlen(text);

    moot_hex(group->b, hex);
    return len >= 8 && len <= MOOT_HEX_LEN && strncmp(hex, text, len) == 0;
}

/* "lobby (0123456789abcdef), ..." */
static void list_groups(const struct moot_look *l, struct moot_buf *out)
{
    for (unsigned i = 0; i < l->pasts.count; i++) {
        char hex[MOOT_HEX_LEN + 1];

        moot_hex(l->pasts.at[i].group.b, hex);
        moot_buf_printf(out, "%s", i > 0 ? ", " : "");
        moot_harmless_name(moot_bytes_text(l->pasts.at[i].name), out);
        moot_buf_printf(out, " (%.16s)", hex);
    }
}

static void tell_groups(const struct moot_look *l, const char *name,
                        const char *what)
{
    struct moot_buf text = {0};

    moot_buf_printf(&text, "moot: --group \"");
    moot_harmless_name(moot_bytes_text(name), &text);
    moot_buf_printf(&text, "\" %s", what);
    list_groups(l, &text);
    fprintf(stderr, "%s\n", moot_buf_text(&text));
    moot_buf_fini(&text);
}

/* Names are no keys: of two groups of one name the one used last is meant, and
 * the other can be named by how its id begins. */
const struct moot_past *moot_look_group(const struct moot_look *l,
                                        const struct moot_options *o)
{
    const struct moot_past *found = NULL;
    unsigned count = 0;

    if (!o->group_asked)
        return &l->pasts.at[0];
    for (unsigned i = 0; i < l->pasts.count; i++) {
        const struct moot_past *past = &l->pasts.at[i];

        if (begins_with(&past->group, o->group))
            return past;
        if (strcmp(past->name, o->group) != 0)
            continue;
        if (!found)
            found = past;
        count++;
    }
    if (!found)
        tell_groups(l, o->group, "is no group of this profile; there are ");
    else if (count > 1)
        tell_groups(l, o->group,
                    "is the name of several groups, and this is the one used "
                    "last; name another by how its id begins: ");
    return found;
}

/* --- what is written --- */

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
