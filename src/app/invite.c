/*
 * app/invite.c - moot invite: what lets somebody else join a group.
 *
 * The line alone goes to standard output, so that a script can pass it on; what
 * there is to say of it goes to standard error.
 *
 * Layer:  app (loud).
 * Thread: main.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "app/look_internal.h"
#include "ui/harmless.h"

static int put_invite(const struct moot_invite *i)
{
    char text[MOOT_INVITE_TEXT_MAX];
    struct moot_buf line = {0};

    moot_invite_encode(i, text);
    moot_buf_printf(&line, "%s\n", text);
    moot_look_put(&line);
    moot_buf_fini(&line);
    sodium_memzero(text, sizeof text);
    if (i->closed)
        fprintf(stderr, "moot: it holds the secret of the group: pass it on "
                        "like a password\n");
    return MOOT_EXIT_LEFT;
}

static int invite_into(const struct moot_look *l, const struct moot_past *past)
{
    struct moot_invite i;
    struct moot_buf name = {0};
    int code = MOOT_EXIT_FAILED;

    if (moot_back_invite(&past->back, &past->group,
                         &moot_profile_key(l->profile)->id, &i)) {
        code = put_invite(&i);
        moot_invite_fini(&i);
        return code;
    }
    moot_harmless_name(moot_bytes_text(past->name), &name);
    fprintf(stderr,
            "moot: nobody in %s with a bootstrap socket was met so far, so "
            "nobody can be invited: take part in it with --mode bootstrap\n",
            moot_buf_text(&name));
    moot_buf_fini(&name);
    return code;
}

int moot_look_invite(const struct moot_options *o)
{
    const struct moot_past *past = NULL;
    struct moot_look look;
    int code = MOOT_EXIT_FAILED;

    if (moot_look_open(&look, o) != MOOT_OK)
        return code;
    if (look.pasts.count == 0)
        fprintf(stderr, "moot: this profile was in no group yet\n");
    else
        past = moot_look_group(&look, o);
    if (past)
        code = invite_into(&look, past);
    moot_look_close(&look);
    return moot_look_end(code);
}
