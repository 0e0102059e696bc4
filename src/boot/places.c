/*
 * boot/places.c - the members of a hosted group: records, and evidence that
 * their owners live.
 *
 * A record is checked when it is news; what stays here is its bytes.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/slots.h"
#include "base/sorted.h"
#include "directory_internal.h"

static int place_order(const void *item, const void *key)
{
    return moot_id_cmp(&((const struct place *)item)->id, key);
}

static unsigned index_of(const struct hosted *g, const struct moot_id *id,
                         bool *ret_found)
{
    return moot_sorted_find(g->places, sizeof *g->places, g->place_count,
                            place_order, id, ret_found);
}

struct place *moot_place_find(const struct hosted *g, const struct moot_id *id)
{
    bool found;
    unsigned at = index_of(g, id, &found);

    return found ? &g->places[at] : NULL;
}

bool moot_place_alive(const struct place *p, moot_ms now)
{
    return now - p->seen < MOOT_EVIDENCE_MS;
}

static void drop(struct moot_directory *d, struct hosted *g, unsigned at)
{
    free(g->places[at].raw);
    moot_slot_close(g->places, sizeof *g->places, &g->place_count, at);
    d->place_count--;
}

void moot_place_purge(struct moot_directory *d, struct hosted *g, moot_ms now)
{
    for (unsigned i = g->place_count; i-- > 0;)
        if (!moot_place_alive(&g->places[i], now))
            drop(d, g, i);
}

void moot_place_drop_all(struct moot_directory *d, struct hosted *g)
{
    while (g->place_count > 0)
        drop(d, g, g->place_count - 1);
    free(g->places);
    g->places = NULL;
    g->place_max = 0;
}

static bool newer(const struct moot_record *r, const struct place *p)
{
    if (r->run_ms != p->run_ms)
        return r->run_ms > p->run_ms;
    if (r->run != p->run)
        return r->run > p->run;
    return r->serial > p->serial;
}

static void keep_record(struct place *p, const struct moot_record *r)
{
    free(p->raw);
    p->raw = moot_copy(r->raw, r->raw_len);
    p->raw_len = r->raw_len;
    p->sig = r->sig;
    p->run_ms = r->run_ms;
    p->run = r->run;
    p->serial = r->serial;
    p->standing = r->standing;
}

enum moot_directory_verdict moot_place_take(struct moot_directory *d,
                                            struct hosted *g,
                                            const struct moot_record *r,
                                            moot_ms seen)
{
    bool found;
    unsigned at = index_of(g, &r->id, &found);
    struct place *p;

    if (found && !newer(r, &g->places[at])) {
        p = &g->places[at];
        p->seen = seen > p->seen ? seen : p->seen;
        return MOOT_DIRECTORY_TAKEN;
    }
    if (!moot_record_verify(r))
        return MOOT_DIRECTORY_FORGED;
    if (!found) {
        if (g->place_count >= d->config.members_max ||
            d->place_count >= MOOT_HOSTED_MEMBERS_MAX)
            return MOOT_DIRECTORY_CROWDED;
        g->places = moot_slot_open(g->places, sizeof *g->places,
                                   &g->place_count, &g->place_max, at);
        g->places[at] = (struct place){.id = r->id, .seen = seen, .beat = -1};
        d->place_count++;
    }
    p = &g->places[at];
    p->seen = seen > p->seen ? seen : p->seen;
    keep_record(p, r);
    return MOOT_DIRECTORY_TAKEN;
}
