/*
 * node/seen.c - who has what: the answers to /seen and /digest.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "node_internal.h"

static void note_member(const struct moot_node *n, const struct moot_member *m,
                        const struct moot_recent *r,
                        struct moot_seen_line *line)
{
    if (m->self)
        return;
    line->live++;
    if (moot_group_holds(n->group, m, r)) {
        line->holders++;
        return;
    }
    if (line->name_count < MOOT_SEEN_NAMES_MAX)
        moot_group_display_name(n->group, &m->id, moot_bytes_text(""),
                                line->names[line->name_count++]);
}

static void fill_seen(const struct moot_node *n, const struct moot_recent *r,
                      struct moot_seen_line *line)
{
    unsigned live = moot_group_live_count(n->group);

    memset(line, 0, sizeof *line);
    line->over = moot_group_over(n->group, r);
    line->seq = r->seq;
    line->wall = r->wall;
    line->line_count = r->line_count;
    memcpy(line->text, r->text, sizeof line->text);
    line->cut = r->cut;
    line->durable = moot_group_durable(n->group, r);
    if (line->over)
        return;
    for (unsigned i = 0; i < live; i++)
        note_member(n, moot_group_live_at(n->group, i), r, line);
}

unsigned moot_node_seen(const struct moot_node *n, struct moot_seen_line *out,
                        unsigned max)
{
    const struct moot_recent *recent;
    unsigned count = moot_group_recent(n->group, &recent);
    unsigned skip = count > max ? count - max : 0;

    for (unsigned i = skip; i < count; i++)
        fill_seen(n, &recent[i], &out[i - skip]);
    return count - skip;
}

static void fill_digest(const struct moot_node *n, const struct moot_member *m,
                        struct moot_digest_line *line)
{
    bool same;

    *line = (struct moot_digest_line){.id = m->id};
    moot_group_display_name(n->group, &m->id, moot_bytes_text(""), line->name);
    if (m->link == 0)
        line->is = MOOT_COMPARE_UNLINKED;
    else if (!moot_group_told(n->group, m, &same, &line->entries))
        line->is = MOOT_COMPARE_UNKNOWN;
    else
        line->is = same ? MOOT_COMPARE_SAME : MOOT_COMPARE_DIFFERS;
}

unsigned moot_node_digests(const struct moot_node *n,
                           struct moot_digest_line *out, unsigned max)
{
    unsigned live = moot_group_live_count(n->group), count = 0;

    for (unsigned i = 0; i < live; i++) {
        const struct moot_member *m = moot_group_live_at(n->group, i);

        if (m->self)
            continue;
        if (count < max)
            fill_digest(n, m, &out[count]);
        count++;
    }
    return count;
}
