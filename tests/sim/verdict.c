/*
 * tests/sim/verdict.c - is everything there in the end?
 *
 * Everybody who runs is linked to everybody else, all logs, rosters and screens
 * are equal, and no line is missing that somebody alive said or held.  Equal
 * but empty is not enough.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_internal.h"

#define ROSTER_MS 15000    /* rosters are compared with one at random */
#define CAUSE_WAIT_MS 5100 /* so long a line waits for what nobody has */

/* One group of peers that run. */
struct circle {
    struct moot_hash group;
    struct sim_peer *peers[SIM_PEERS_MAX];
    struct moot_node_stats stats[SIM_PEERS_MAX];
    unsigned count;
};

static bool stays(const struct sim_peer *p)
{
    return p->state == SIM_RUNNING && !p->exiting && !p->leaving &&
           p->evil == NULL && !p->stranger;
}

/* What it holds and can read. */
static uint64_t sure(const struct sim_peer *p, uint32_t chain)
{
    const struct sim_kept *k = &p->profile->kept[chain];
    uint64_t held = p->views[chain].held;

    return k->bad != 0 && k->bad <= held ? k->bad - 1 : held;
}

void sim_expect_all(struct sim *s)
{
    for (uint32_t i = 0; i < s->peer_count; i++)
        for (uint32_t c = 0; c < s->chain_count; c++)
            s->peers[i]->must[c] = sure(s->peers[i], c);
}

/* --- complaints --- */

static const char *complain(struct sim *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *complain(struct sim *s, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    free(s->complaint);
    s->complaint = moot_copy(text, strlen(text));
    return s->complaint;
}

/* --- links --- */

static bool is_up(const struct sim_end *e)
{
    return e->up && !e->told && !e->draining && !e->gone;
}

static unsigned links_between(struct sim *s, const struct sim_peer *p,
                              uint32_t other)
{
    unsigned n = 0;

    for (unsigned i = 0; i < p->end_count; i++)
        if (is_up(sim_end_of(s, p->ends[i])) &&
            is_up(sim_other_end(s, p->ends[i])) &&
            sim_other_end(s, p->ends[i])->peer == other)
            n++;
    return n;
}

uint64_t sim_linked(const struct sim *s, unsigned peer)
{
    const struct sim_peer *p = s->peers[peer];
    uint64_t bits = 0;

    for (unsigned i = 0; i < p->end_count; i++) {
        const struct sim_conn *c = s->conns[p->ends[i] / 2];

        if (is_up(&c->end[0]) && is_up(&c->end[1]))
            bits |= (uint64_t)1 << c->end[1 - p->ends[i] % 2].peer;
    }
    return bits;
}

static const char *check_mesh(struct sim *s, const struct circle *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        struct sim_peer *p = c->peers[i];
        const struct moot_node_stats *st = &c->stats[i];

        for (unsigned k = 0; k < c->count; k++) {
            unsigned n = links_between(s, p, c->peers[k]->number);

            if (k != i && n != 1)
                return complain(s, "%s has %u links with %s", p->label, n,
                                c->peers[k]->label);
        }
        if (st->links_up != c->count - 1 || st->members != c->count)
            return complain(s, "%s counts %u links and %u members, not %u",
                            p->label, st->links_up, st->members, c->count);
    }
    return NULL;
}

/* --- what is held and shown --- */

static const char *check_digests(struct sim *s, const struct circle *c)
{
    for (unsigned i = 1; i < c->count; i++) {
        if (!moot_hash_eq(&c->stats[0].log, &c->stats[i].log))
            return complain(s, "the logs of %s and %s differ",
                            c->peers[0]->label, c->peers[i]->label);
        if (s->now > s->disturbed + ROSTER_MS &&
            !moot_hash_eq(&c->stats[0].roster, &c->stats[i].roster))
            return complain(s, "the rosters of %s and %s differ",
                            c->peers[0]->label, c->peers[i]->label);
    }
    return NULL;
}

/* Is a life that shares the profile of this one among them? */
static bool is_back(const struct circle *c, const struct sim_peer *p)
{
    for (unsigned i = 0; i < c->count; i++)
        if (c->peers[i]->profile == p->profile)
            return true;
    return false;
}

/* What must be there: what somebody held, and what an author who is back was
 * told to be sent. */
static uint64_t must_hold(struct sim *s, const struct circle *c, uint32_t chain)
{
    const struct sim_peer *author = s->peers[s->chains[chain].author];
    uint64_t must = 0;

    for (unsigned i = 0; i < c->count; i++)
        if (c->peers[i]->must[chain] > must)
            must = c->peers[i]->must[chain];
    if (s->chains[chain].sent > must && !author->profile->lossy &&
        sim_profile_knows(author->profile, &c->group) && is_back(c, author))
        must = s->chains[chain].sent;
    return must;
}

static const char *check_chain(struct sim *s, const struct circle *c,
                               uint32_t chain)
{
    const char *author = s->peers[s->chains[chain].author]->label;
    bool forked = s->peers[s->chains[chain].author]->evil != NULL;
    uint64_t must = must_hold(s, c, chain);

    if (forked)
        must = 0; /* it ends where its histories part */
    for (unsigned i = 0; i < c->count; i++) {
        const struct sim_peer *p = c->peers[i];
        const struct sim_view *v = &p->views[chain];

        if (v->held < must)
            return complain(s, "%s holds %llu entries of %s, not %llu",
                            p->label, (unsigned long long)v->held, author,
                            (unsigned long long)must);
        if (v->waiting != 0 && s->now < v->waiting + CAUSE_WAIT_MS)
            continue; /* for what only those had who are gone */
        if (s->damaged || forked ? sim_past_view(v) < v->held
                                 : v->shown != v->held)
            return complain(s, "%s shows %llu entries of %s and holds %llu",
                            p->label, (unsigned long long)v->shown, author,
                            (unsigned long long)v->held);
    }
    return NULL;
}

/* Everything that those who are here said is in an entry that all hold. */
static const char *check_lines(struct sim *s, const struct circle *c)
{
    for (unsigned k = 0; k < c->count; k++) {
        const struct sim_peer *p = c->peers[k];
        unsigned said = s->said[p->number].count, made = 0;
        const struct sim_chain *own = NULL;

        if (p->own_chain != SIM_NOBODY)
            own = &s->chains[p->own_chain];
        if (own != NULL && moot_hash_eq(&own->group, &c->group))
            made = own->lines;
        if (made != said)
            return complain(s, "%s made entries of %u lines, not %u", p->label,
                            made, said);
        for (unsigned i = 0; i < c->count && said > 0 && !s->damaged; i++)
            if (c->peers[i]->views[p->own_chain].held != own->count)
                return complain(
                    s, "%s holds %llu entries of %s, not all %u",
                    c->peers[i]->label,
                    (unsigned long long)c->peers[i]->views[p->own_chain].held,
                    p->label, own->count);
    }
    return NULL;
}

static int compare_entries(const void *a, const void *b)
{
    return moot_entry_cmp(*(struct moot_entry *const *)a,
                          *(struct moot_entry *const *)b);
}

/* All entries of the group that p holds, in the order of the transcript. */
static struct moot_entry **transcript(struct sim *s, const struct sim_peer *p,
                                      const struct moot_hash *group,
                                      unsigned *ret_count)
{
    unsigned count = 0;
    struct moot_entry **all;

    for (uint32_t c = 0; c < s->chain_count; c++)
        if (moot_hash_eq(&s->chains[c].group, group))
            count += (unsigned)p->views[c].held;
    all = moot_alloc((count + 1) * sizeof(struct moot_entry *));
    *ret_count = 0;
    for (uint32_t c = 0; c < s->chain_count; c++) {
        const struct sim_kept *k = &p->profile->kept[c];
        unsigned held = (unsigned)p->views[c].held;

        if (!moot_hash_eq(&s->chains[c].group, group) || held == 0)
            continue;
        for (unsigned i = 0; i < held; i++)
            if (k->entries[i] != NULL) /* lost since it was counted */
                all[(*ret_count)++] = k->entries[i];
    }
    qsort(all, *ret_count, sizeof *all, compare_entries);
    return all;
}

static bool same_transcripts(struct sim *s, const struct circle *c)
{
    unsigned first_count, count;
    struct moot_entry **first =
        transcript(s, c->peers[0], &c->group, &first_count);
    bool same = true;

    for (unsigned i = 1; i < c->count && same; i++) {
        struct moot_entry **all = transcript(s, c->peers[i], &c->group, &count);

        same = count == first_count;
        for (unsigned k = 0; k < count && same; k++)
            same = moot_bytes_eq(all[k]->raw, first[k]->raw);
        free(all);
    }
    s->figures.entries += first_count;
    free(first);
    return same;
}

/* --- circles --- */

static bool strangers(const struct circle *a, const struct circle *b)
{
    for (unsigned i = 0; i < a->count; i++)
        for (unsigned k = 0; k < b->count; k++)
            if (sim_known_between(a->peers[i], b->peers[k]))
                return false;
    return true;
}

static void pour(struct circle *into, struct circle *from)
{
    for (unsigned i = 0; i < from->count; i++) {
        into->stats[into->count] = from->stats[i];
        into->peers[into->count++] = from->peers[i];
    }
    from->count = 0;
}

/* One circle more for p, which takes in every one that p is acquainted with:
 * islands of one group that know no address of each other stay apart. */
static void join_circle(struct circle *circles, unsigned *count,
                        struct sim_peer *p, const struct moot_node_stats *st)
{
    struct circle *own = &circles[(*count)++];

    *own = (struct circle){.group = st->group};
    own->stats[0] = *st;
    own->peers[own->count++] = p;
    for (unsigned i = 0; i + 1 < *count; i++)
        if (moot_hash_eq(&circles[i].group, &st->group) &&
            !strangers(&circles[i], own))
            pour(own, &circles[i]);

    unsigned kept = 0;

    for (unsigned i = 0; i < *count; i++)
        if (circles[i].count > 0)
            circles[kept++] = circles[i];
    *count = kept;
}

static unsigned count_groups(const struct circle *circles, unsigned count)
{
    unsigned groups = 0;

    for (unsigned i = 0; i < count; i++) {
        bool first = true;

        for (unsigned k = 0; k < i; k++)
            first =
                first && !moot_hash_eq(&circles[k].group, &circles[i].group);
        groups += first;
    }
    return groups;
}

static const char *find_circles(struct sim *s, struct circle *circles,
                                unsigned *ret_count)
{
    *ret_count = 0;
    for (uint32_t i = 0; i < s->peer_count; i++) {
        struct sim_peer *p = s->peers[i];
        struct moot_node_stats st;

        if (!stays(p) || sim_closed_excused(p))
            continue;
        if (!moot_node_joined(p->node) || !p->may_speak)
            return complain(s, "%s has not joined", p->label);
        moot_node_stats(p->node, &st);

        join_circle(circles, ret_count, p, &st);
    }
    s->figures.groups = *ret_count;
    if (count_groups(circles, *ret_count) > s->groups_max)
        return complain(s, "there are %u groups", *ret_count);
    return NULL;
}

/* Two groups may stay apart only when both are grown, or when nobody in one
 * knows an address of the other. */
static const char *check_apart(struct sim *s, const struct circle *circles,
                               unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        for (unsigned k = 0; k < count; k++)
            if (circles[i].stats[0].provisional && !s->closed &&
                !moot_hash_eq(&circles[i].group, &circles[k].group) &&
                !strangers(&circles[i], &circles[k]))
                return complain(s, "%s is in a provisional group, beside %s",
                                circles[i].peers[0]->label,
                                circles[k].peers[0]->label);
    return NULL;
}

static const char *check_seen(struct sim *s, const struct circle *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        const struct sim_peer *p = c->peers[i];
        const struct moot_seen_line *line = sim_unseen(p);

        /* What he himself has lost nobody can have from him. */
        if (line != NULL && p->views[p->own_chain].held >= line->seq)
            return complain(s, "%s knows only of %u of %u that they have :%llu",
                            c->peers[i]->label, line->holders, line->live,
                            (unsigned long long)line->seq);
    }
    return NULL;
}

/* All have the newest that any of them has. */
static const char *check_secrets(struct sim *s, const struct circle *c)
{
    const struct sim_change *newest;
    uint64_t among = 0;

    for (unsigned i = 0; i < c->count; i++)
        among |= (uint64_t)1 << c->peers[i]->number;
    newest = s->closed ? sim_closed_newest(s, &c->group, among) : NULL;
    for (unsigned i = 0; i < c->count && newest != NULL; i++)
        if (!sim_closed_has(c->peers[i], newest))
            return complain(s, "%s has not got the newest secret",
                            c->peers[i]->label);
    return NULL;
}

static const char *check_circle(struct sim *s, const struct circle *c)
{
    const char *wrong = check_mesh(s, c);

    for (uint32_t chain = 0; chain < s->chain_count && wrong == NULL; chain++)
        if (moot_hash_eq(&s->chains[chain].group, &c->group))
            wrong = check_chain(s, c, chain);
    if (wrong == NULL)
        wrong = check_lines(s, c);
    if (wrong == NULL)
        wrong = check_digests(s, c);
    if (wrong == NULL)
        wrong = check_seen(s, c);
    if (wrong == NULL)
        wrong = check_secrets(s, c);
    if (wrong == NULL && !same_transcripts(s, c))
        wrong = complain(s, "the transcripts differ");
    return wrong;
}

const char *sim_complaint(struct sim *s)
{
    struct circle *circles = moot_alloc((SIM_HOSTS_MAX + 1) * sizeof *circles);
    unsigned count;
    const char *wrong = find_circles(s, circles, &count);

    if (wrong == NULL)
        wrong = check_apart(s, circles, count);
    s->figures.entries = 0;
    for (unsigned i = 0; i < count && wrong == NULL; i++)
        wrong = check_circle(s, &circles[i]);
    free(circles);
    if (wrong == NULL && count == 0)
        return complain(s, "nobody is left");
    return wrong;
}

bool sim_meshed(const struct sim *s)
{
    uint64_t all = 0;

    for (uint32_t i = 0; i < s->peer_count; i++)
        if (stays(s->peers[i]))
            all |= (uint64_t)1 << i;
    for (uint32_t i = 0; i < s->peer_count; i++)
        if (stays(s->peers[i]) &&
            sim_linked(s, i) != (all & ~((uint64_t)1 << i)))
            return false;
    return true;
}
