/*
 * app/history.c - moot history: the transcript as everybody sees it.
 *
 * With --last the end of the transcript is walked twice, first to count lines,
 * so that nothing has to be kept in memory however many are asked for.
 *
 * Layer:  app (loud).
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/look_internal.h"
#include "app/transcript_internal.h"
#include "ui/harmless.h"

struct history {
    struct moot_query query;
    struct moot_look look;
    struct moot_transcript transcript;
    struct moot_hash group;
    unsigned damaged;
};

/* --- walking --- */

static bool is_wanted(void *ctx, const struct moot_entry *e)
{
    const struct moot_query *query = ctx;

    return moot_transcript_is_by(e, query->author);
}

/* Each entry has a line, so no more than N of them are needed. */
static int open_walk(struct history *h, struct moot_db_walk **ret_walk)
{
    const struct moot_query *query = &h->query;
    struct moot_db_walk_config c = {.group = h->group,
                                    .last = (unsigned)query->last,
                                    .since = query->since,
                                    .until = query->until,
                                    .ctx = &h->query};
    int rc;

    if (*query->author != '\0')
        c.wanted = is_wanted;
    rc = moot_db_walk_open(h->look.db, &c, ret_walk);
    if (rc != MOOT_OK)
        moot_look_complain(&h->look);
    return rc;
}

/* The next entry that was asked for. */
static int next(struct history *h, struct moot_db_walk *walk,
                struct moot_entry **ret_entry)
{
    int rc = moot_db_walk_next(walk, ret_entry);

    if (rc != MOOT_OK && rc != MOOT_ENONE)
        moot_look_complain(&h->look);
    return rc;
}

/* How many lines are before the last N. */
static int count_before(struct history *h, uint64_t *ret_lines)
{
    struct moot_db_walk *walk;
    struct moot_entry *e;
    uint64_t lines = 0;
    int rc = open_walk(h, &walk);

    *ret_lines = 0;
    if (rc != MOOT_OK)
        return rc;
    while ((rc = next(h, walk, &e)) == MOOT_OK) {
        lines += moot_transcript_lines(e);
        moot_entry_unref(e);
    }
    moot_db_walk_close(walk);
    if (lines > h->query.last)
        *ret_lines = lines - h->query.last;
    return rc == MOOT_ENONE ? MOOT_OK : rc;
}

/* One entry; those of its lines that are not shown are taken from skip. */
static bool put(struct history *h, struct moot_entry *e, uint64_t *skip)
{
    struct moot_buf text = {0};
    unsigned lines = moot_transcript_lines(e);
    unsigned without = *skip < lines ? (unsigned)*skip : lines;
    bool good = true;

    *skip -= without;
    if (without < lines) {
        moot_transcript_put(&h->transcript, e, without, &text);
        good = moot_look_put(&text);
    }
    moot_buf_fini(&text);
    return good;
}

static int print(struct history *h, uint64_t skip)
{
    struct moot_db_walk *walk;
    struct moot_entry *e;
    bool good = true;
    int rc = open_walk(h, &walk);

    if (rc != MOOT_OK)
        return rc;
    while (good && (rc = next(h, walk, &e)) == MOOT_OK) {
        good = put(h, e, &skip);
        moot_entry_unref(e);
    }
    h->damaged = moot_db_walk_damaged(walk);
    moot_db_walk_close(walk);
    return rc == MOOT_ENONE ? MOOT_OK : rc;
}

static int show(struct history *h)
{
    uint64_t skip = 0;
    int rc = MOOT_OK;

    if (h->query.last > 0)
        rc = count_before(h, &skip);
    if (rc == MOOT_OK)
        rc = print(h, skip);
    if (h->damaged > 0)
        fprintf(stderr,
                "moot: damaged entries left out: %u; they come back from "
                "others when moot runs (see moot verify)\n",
                h->damaged);
    return rc == MOOT_OK && h->damaged == 0 ? MOOT_EXIT_LEFT : MOOT_EXIT_FAILED;
}

int moot_look_history(const struct moot_options *o)
{
    struct history h = {.query = o->query};
    const struct moot_past *past = NULL;
    int code = MOOT_EXIT_FAILED;

    if (moot_look_open(&h.look, o) != MOOT_OK)
        return code;
    h.transcript.json = o->query.json;
    h.transcript.format.colour =
        isatty(STDOUT_FILENO) && moot_format_colour_wanted();
    if (h.look.pasts.count == 0) {
        fprintf(stderr, "moot: nothing was said in this profile yet\n");
        code = MOOT_EXIT_LEFT;
    } else {
        past = moot_look_group(&h.look, o);
    }
    if (past) {
        h.group = past->group;
        code = show(&h);
    }
    moot_transcript_fini(&h.transcript);
    moot_look_close(&h.look);
    return moot_look_end(code);
}
