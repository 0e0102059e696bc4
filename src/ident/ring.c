/*
 * ident/ring.c - an ordered list of secrets, and the names of its newest.
 *
 * Believes nobody: whoever adds a secret has checked where it comes from.
 *
 * Layer:  ident (quiet).
 * Thread: any; a ring is never shared.
 */
#include "ident/ring.h"

#include <string.h>

struct moot_short_id moot_id_short(const struct moot_id *id)
{
    struct moot_short_id s;

    memcpy(s.b, id->b, sizeof s.b);
    return s;
}

static int compare(uint64_t generation, const struct moot_hash *hash,
                   uint64_t other_generation, const struct moot_hash *other)
{
    if (generation != other_generation)
        return generation < other_generation ? -1 : 1;
    return moot_hash_cmp(hash, other);
}

bool moot_ring_closed(const struct moot_ring *r)
{
    return r->count > 0;
}

const struct moot_ring_secret *moot_ring_newest(const struct moot_ring *r)
{
    return r->count == 0 ? NULL : &r->at[r->count - 1];
}

const struct moot_ring_secret *moot_ring_find(const struct moot_ring *r,
                                              const struct moot_hash *hash)
{
    for (unsigned i = r->count; i > 0; i--)
        if (moot_hash_eq(&r->at[i - 1].hash, hash))
            return &r->at[i - 1];
    return NULL;
}

static void remove_at(struct moot_ring *r, unsigned i)
{
    r->count--;
    memmove(&r->at[i], &r->at[i + 1], (r->count - i) * sizeof r->at[0]);
}

static void insert(struct moot_ring *r, const struct moot_ring_secret *s)
{
    unsigned at;

    if (r->count == MOOT_KEPT_SECRETS_MAX)
        remove_at(r, 0);
    at = r->count;
    while (at > 0 && compare(s->generation, &s->hash, r->at[at - 1].generation,
                             &r->at[at - 1].hash) < 0)
        at--;
    memmove(&r->at[at + 1], &r->at[at], (r->count - at) * sizeof r->at[0]);
    r->at[at] = *s;
    r->count++;
}

bool moot_ring_learn(struct moot_ring *r, uint64_t generation,
                     const struct moot_secret *s)
{
    struct moot_ring_secret one = {
        .generation = generation, .secret = *s, .hash = moot_secret_hash(s)};
    struct moot_hash was = {{0}};

    if (r->count > 0)
        was = moot_ring_newest(r)->hash;
    for (unsigned i = 0; i < r->count; i++) {
        if (moot_hash_eq(&r->at[i].hash, &one.hash)) {
            remove_at(r, i);
            break;
        }
    }
    insert(r, &one);
    moot_ring_heard(r, generation, &one.hash);
    return !moot_hash_eq(&was, &moot_ring_newest(r)->hash);
}

/* What was heard of stays: it may be newer than the guess turns out to be, and
 * says who is left out. */
void moot_ring_invited(struct moot_ring *r, const struct moot_secret *s)
{
    struct moot_ring_secret one = {
        .secret = *s, .hash = moot_secret_hash(s), .guessed = true};

    if (moot_ring_find(r, &one.hash) != NULL)
        return;
    if (r->count > 0)
        one.generation = moot_ring_newest(r)->generation + 1;
    else if (r->generation == 0)
        r->hash = one.hash;
    insert(r, &one);
}

/* A secret that came by an invitation learns its generation like this, and it
 * may be lower than was guessed. */
static void place_again(struct moot_ring *r, uint64_t generation,
                        const struct moot_hash *hash)
{
    struct moot_ring_secret one;

    for (unsigned i = 0; i < r->count; i++) {
        if (!moot_hash_eq(&r->at[i].hash, hash))
            continue;
        if (!r->at[i].guessed && r->at[i].generation >= generation)
            return;
        one = r->at[i];
        one.generation = generation;
        one.guessed = false;
        remove_at(r, i);
        insert(r, &one);
        return;
    }
}

void moot_ring_heard(struct moot_ring *r, uint64_t generation,
                     const struct moot_hash *hash)
{
    place_again(r, generation, hash);
    if (compare(generation, hash, r->generation, &r->hash) <= 0)
        return;
    if (!moot_hash_eq(hash, &r->hash))
        r->name_count = 0;
    r->generation = generation;
    r->hash = *hash;
}

bool moot_ring_told(struct moot_ring *r, uint64_t generation,
                    const struct moot_hash *hash)
{
    const struct moot_ring_secret *s = moot_ring_find(r, hash);
    struct moot_hash own = *hash; /* it may be in what is about to move */

    if (s == NULL || !s->guessed || generation == 0)
        return false;
    moot_ring_heard(r, generation, &own);
    return true;
}

static struct moot_ring_name *find_name(struct moot_ring *r,
                                        const struct moot_short_id *id)
{
    for (unsigned i = 0; i < r->name_count; i++)
        if (memcmp(r->names[i].id.b, id->b, sizeof id->b) == 0)
            return &r->names[i];
    return NULL;
}

/* Who is left out by anybody stays out, whatever comes first. */
bool moot_ring_name(struct moot_ring *r, const struct moot_hash *hash,
                    const struct moot_short_id *id, bool out)
{
    struct moot_ring_name *name = find_name(r, id);

    if (!moot_hash_eq(hash, &r->hash))
        return false;
    if (name != NULL) {
        bool news = out && !name->out;

        name->out = name->out || out;
        return news;
    }
    if (r->name_count == MOOT_RING_NAMES_MAX)
        return false;
    r->names[r->name_count++] = (struct moot_ring_name){*id, out};
    return true;
}

enum moot_ring_place moot_ring_word(const struct moot_ring *r,
                                    const struct moot_id *id)
{
    for (unsigned i = 0; i < r->name_count; i++)
        if (memcmp(r->names[i].id.b, id->b, sizeof r->names[i].id.b) == 0)
            return r->names[i].out ? MOOT_RING_OUT : MOOT_RING_IN;
    return MOOT_RING_UNNAMED;
}

enum moot_ring_place moot_ring_place(const struct moot_ring *r,
                                     const struct moot_id *id)
{
    const struct moot_ring_secret *newest = moot_ring_newest(r);

    if (newest == NULL || !moot_hash_eq(&newest->hash, &r->hash))
        return MOOT_RING_UNNAMED;
    return moot_ring_word(r, id);
}

uint64_t moot_ring_next(const struct moot_ring *r)
{
    const struct moot_ring_secret *newest = moot_ring_newest(r);
    uint64_t highest = r->generation;

    if (newest != NULL && newest->generation > highest)
        highest = newest->generation;
    return highest + 1;
}
