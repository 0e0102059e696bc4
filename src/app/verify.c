/*
 * app/verify.c - moot verify: is everything that is kept as it was said?
 *
 * Layer:  app (loud).
 * Thread: main.
 */
#include <inttypes.h>
#include <stdio.h>

#include "app/look_internal.h"
#include "ui/harmless.h"

/* More than this of one group says nothing new. */
#define BLAMES_MAX 100

struct blames {
    struct moot_buf text;
    unsigned count;
};

static void blame(void *ctx, const struct moot_db_place *place,
                  const char *what)
{
    struct blames *b = ctx;
    char author[20];

    b->count++;
    if (b->count > BLAMES_MAX)
        return;
    moot_buf_printf(&b->text, "  ");
    if (place->seq > 0) {
        moot_id_fingerprint(&place->in.author, author);
        moot_buf_printf(&b->text,
                        "entry %" PRIu64 " of run %016" PRIx64 " of %s: ",
                        place->seq, place->in.run, author);
    }
    moot_harmless(moot_bytes_text(what), &b->text);
    moot_buf_printf(&b->text, "\n");
}

static void put_count(uint64_t count, const char *what, const char *remark,
                      struct moot_buf *out)
{
    if (count > 0)
        moot_buf_printf(out, "  %s: %" PRIu64 " (%s)\n", what, count, remark);
}

static void put_verdict(const struct moot_past *past,
                        const struct moot_db_verdict *v, struct moot_buf *out)
{
    char hex[MOOT_HEX_LEN + 1];

    moot_harmless_name(moot_bytes_text(past->name), out);
    moot_hex(past->group.b, hex);
    moot_buf_printf(out, " (group %.16s)\n", hex);
    moot_hex(v->digest.b, hex);
    moot_buf_printf(out, "  digest %s\n", hex);
    moot_buf_printf(out, "  entries checked: %" PRIu64 ", in runs: %u\n",
                    v->entries, v->chains);
    put_count(v->forked, "runs with two histories",
              "a cloned machine?  They end where the two part", out);
    put_count(v->pruned, "without their words",
              "the oldest of others go when the database is full", out);
    put_count(v->missing, "missing", "they come back from others", out);
    put_count(v->damaged, "damaged", "they are fetched anew from others", out);
    put_count(v->flaws, "flaws of the file",
              "in nothing that was said; a copy made by SQLite has none", out);
    put_count(v->forged, "not signed or linked as they should be",
              "they are fetched anew from others", out);
}

/* Does it hold? */
static bool verify_group(struct moot_look *l, const struct moot_past *past,
                         struct moot_buf *out)
{
    struct moot_db_verdict verdict;
    struct blames b = {0};
    struct moot_db_blame teller = {blame, &b};
    bool good;

    if (moot_db_verify(l->db, &past->group, &teller, &verdict) != MOOT_OK) {
        moot_look_complain(l);
        moot_buf_fini(&b.text);
        return false;
    }
    put_verdict(past, &verdict, out);
    moot_buf_append(out, moot_buf_view(&b.text).data, b.text.len);
    if (b.count > BLAMES_MAX)
        moot_buf_printf(out, "  ... and %u more\n", b.count - BLAMES_MAX);
    good = verdict.missing + verdict.damaged + verdict.forged == 0 &&
           b.count <= verdict.flaws;
    moot_buf_fini(&b.text);
    return good;
}

int moot_look_verify(const struct moot_options *o)
{
    struct moot_look l;
    struct moot_buf text = {0};
    int code = MOOT_EXIT_LEFT;

    if (moot_look_open(&l, o) != MOOT_OK)
        return MOOT_EXIT_FAILED;
    for (unsigned i = 0; i < l.pasts.count; i++) {
        if (!verify_group(&l, &l.pasts.at[i], &text))
            code = MOOT_EXIT_FAILED;
        if (!moot_look_put(&text))
            break;
    }
    if (l.pasts.count == 0)
        moot_buf_printf(&text, "nothing was said in this profile yet\n");
    else if (code == MOOT_EXIT_LEFT)
        moot_buf_printf(&text, "all is as it was said\n");
    else
        moot_buf_printf(&text, "something is wrong: start moot with this "
                               "profile, and what is damaged is fetched from "
                               "others\n");
    moot_look_put(&text);
    moot_buf_fini(&text);
    moot_look_close(&l);
    return moot_look_end(code);
}
