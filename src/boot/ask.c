/*
 * boot/ask.c - asking the sources: whom, how many at once, and when again.
 *
 * Those the user named are all asked at once; of the others a few at a time,
 * those first that worked.  While our join is not done they are asked again
 * after an answer, too.  Later only those that have not led to a link yet, and
 * all of them when nobody is linked any more.  A breaker sees to it that none
 * is asked too often.
 *
 * What an answer is worth is judged in answer.c.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "base/error.h"
#include "boot_internal.h"

static bool joining(const struct moot_boot *b)
{
    return b->phase == PHASE_ASKING || b->phase == PHASE_REACHING;
}

/* --- whom --- */

/* Has it led to all that can be expected of it? */
static bool settled(const struct moot_boot *b, const struct source *e)
{
    if (moot_source_leads(e))
        return e->said == SAID_LEADS;
    return e->said == SAID_GOOD && e->why == 0 && moot_source_proven(b, e);
}

/* Is the member linked whose bootstrap socket that is? */
static bool linked(const struct moot_boot *b, const struct source *e)
{
    const struct target *t = e->has_id ? moot_dial_find(b, &e->id) : NULL;

    return t != NULL && t->linked;
}

static bool wanted(const struct moot_boot *b, const struct source *e)
{
    if (e->token != 0 || b->phase == PHASE_FAILED)
        return false;
    if (joining(b))
        return b->now < b->give_up || b->named_count == 0;
    if (e->said == SAID_SELF || linked(b, e))
        return false;
    return !settled(b, e) || moot_dial_alone(b);
}

struct crowd {
    unsigned others, cached; /* being asked */
};

static struct crowd count_asked(const struct moot_boot *b)
{
    struct crowd c = {0, 0};

    for (unsigned i = 0; i < b->source_count; i++) {
        const struct source *e = &b->sources[i];

        if (e->token == 0 || moot_source_named(e))
            continue;
        c.others++;
        c.cached += e->kind == MOOT_WAY_CACHED;
    }
    return c;
}

/* Is there room for one more beside those that are being asked? */
static bool has_room(const struct source *e, const struct crowd *c)
{
    if (moot_source_named(e))
        return true;
    if (e->kind == MOOT_WAY_CACHED && c->cached >= MOOT_ASK_CACHED_MAX)
        return false;
    return c->others < MOOT_ASK_OTHERS_MAX;
}

/* Is a to be asked before b?  What worked goes first, then what failed less
 * often, then by kind. */
static bool goes_before(const struct source *a, const struct source *b)
{
    if (moot_source_named(a) != moot_source_named(b))
        return moot_source_named(a);
    if ((a->successes > 0) != (b->successes > 0))
        return a->successes > 0;
    if (a->breaker.failures != b->breaker.failures)
        return a->breaker.failures < b->breaker.failures;
    return a->kind < b->kind;
}

static moot_ms due_of(const struct moot_boot *b, const struct source *e)
{
    moot_ms open = moot_breaker_due(&e->breaker, b->now);

    return e->due > open ? e->due : open;
}

static struct source *next(struct moot_boot *b)
{
    struct crowd c = count_asked(b);
    struct source *best = NULL;

    for (unsigned i = 0; i < b->source_count; i++) {
        struct source *e = &b->sources[i];

        if (wanted(b, e) && due_of(b, e) <= b->now && has_room(e, &c) &&
            (best == NULL || goes_before(e, best)))
            best = e;
    }
    return best;
}

/* --- asking --- */

static enum moot_boot_effect_kind way_of(const struct source *e)
{
    if (e->url != NULL)
        return MOOT_BOOT_READ;
    return e->addr.port == 0 ? MOOT_BOOT_LOOKUP : MOOT_BOOT_ASK;
}

static void ask(struct moot_boot *b, struct source *e,
                struct moot_boot_effects *fx)
{
    static const char digits[] = "0123456789abcdef";
    struct moot_boot_effect *f = moot_boot_effect(fx, way_of(e));

    for (unsigned i = 0; i < sizeof e->nonce - 1; i++)
        e->nonce[i] = digits[moot_rng_below(b->rng, 16)];
    f->token = e->token = ++b->tokens;
    e->asked = b->now;
    f->addrs[0] = e->addr;
    f->addr_count = 1;
    f->within = MOOT_ASK_WITHIN_MS;
    if (joining(b) && b->named_count > 0)
        f->within = moot_ms_min(f->within, b->give_up - b->now);
    memcpy(f->nonce, e->nonce, sizeof f->nonce);
    if (e->url != NULL)
        memcpy(f->text, e->url, strlen(e->url) + 1);
}

void moot_ask_timer(struct moot_boot *b, struct moot_boot_effects *fx)
{
    struct source *e;

    while ((e = next(b)) != NULL) {
        if (moot_breaker_ask(&e->breaker, &b->breaker, b->now))
            ask(b, e, fx);
        else
            e->due = b->now + MOOT_ASK_AGAIN_MS;
    }
}

moot_ms moot_ask_deadline(const struct moot_boot *b)
{
    struct crowd c = count_asked(b);
    moot_ms due = MOOT_NEVER;

    for (unsigned i = 0; i < b->source_count; i++) {
        const struct source *e = &b->sources[i];

        if (wanted(b, e) && has_room(e, &c))
            due = moot_ms_min(due, due_of(b, e));
    }
    return due;
}

/* --- what came of it --- */

struct source *moot_ask_find(struct moot_boot *b, uint64_t token)
{
    for (unsigned i = 0; i < b->source_count; i++)
        if (token != 0 && b->sources[i].token == token)
            return &b->sources[i];
    return NULL;
}

static void remember(const struct source *e, struct moot_boot_effects *fx)
{
    struct moot_boot_effect *f = moot_boot_effect(fx, MOOT_BOOT_TRIPPED);
    char text[MOOT_SOURCE_LEN_MAX + 1];

    moot_source_text(e, text);
    memcpy(f->text, text, sizeof text);
    f->failures = e->breaker.failures;
    f->pause = e->breaker.pause;
}

/* Only sockets: a page and a name are no addresses of anybody. */
static void note(const struct source *e, int why, struct moot_boot_effects *fx)
{
    struct moot_boot_effect *f;

    if (e->url != NULL || e->addr.port == 0)
        return;
    f = moot_boot_effect(fx, MOOT_BOOT_NOTED);
    f->addrs[0] = e->addr;
    f->addr_count = 1;
    f->code = why;
}

void moot_ask_note_good(const struct moot_boot *b, struct moot_boot_effects *fx)
{
    for (unsigned i = 0; i < b->source_count; i++)
        if (b->sources[i].said == SAID_GOOD &&
            moot_hash_eq(&b->sources[i].group, &b->group) &&
            moot_source_proven(b, &b->sources[i]))
            note(&b->sources[i], 0, fx);
}

void moot_ask_succeed(struct moot_boot *b, struct source *e, moot_ms again,
                      struct moot_boot_effects *fx)
{
    bool was_open = e->breaker.pause > 0;

    e->token = 0;
    e->why = 0;
    e->successes++;
    e->due = b->now + moot_boot_jitter(b, again);
    moot_breaker_succeed(&e->breaker);
    if (was_open)
        remember(e, fx);
}

void moot_ask_fail(struct moot_boot *b, struct source *e, int why,
                   struct moot_boot_effects *fx)
{
    struct moot_breaker_config c = b->breaker;
    moot_ms pause = MOOT_ASK_BACKOFF_MS;

    e->token = 0;
    e->why = why;
    e->said = SAID_NOTHING;
    for (unsigned i = 0;
         i < e->breaker.failures && pause < MOOT_ASK_BACKOFF_MAX_MS; i++)
        pause += pause / 2;
    e->due = b->now + moot_boot_jitter(b, pause);
    if (joining(b) && moot_source_named(e)) {
        /* Somebody waits for it, and looks on. */
        c.pause_max = moot_ms_min(c.pause_max, MOOT_ASK_PATIENCE_MS);
        c.pause_min = moot_ms_min(c.pause_min, c.pause_max);
    }
    moot_breaker_fail(&e->breaker, &c, b->now, b->rng);
    if (moot_breaker_state(&e->breaker, &c, b->now) == MOOT_BREAKER_OPEN)
        remember(e, fx);
    note(e, why, fx);
}

void moot_ask_failed(struct moot_boot *b, uint64_t token, int why,
                     struct moot_boot_effects *fx)
{
    struct source *e = moot_ask_find(b, token);

    if (e != NULL)
        moot_ask_fail(b, e, why, fx);
}

/* The best are first, and get a head start: whom the owner of a name wants to
 * be asked only when those do not answer is asked a moment later. */
static void add_found(struct moot_boot *b, const struct moot_way *w,
                      unsigned place)
{
    struct source *e = moot_source_add(b, w);

    if (e != NULL)
        e->due = b->now + (moot_ms)place * MOOT_ASK_FOUND_MS;
}

void moot_ask_found(struct moot_boot *b, uint64_t token,
                    const struct moot_way *ways, unsigned count,
                    struct moot_boot_effects *fx)
{
    struct source *e = moot_ask_find(b, token);

    if (e == NULL)
        return;
    if (count == 0) {
        moot_ask_fail(b, e, MOOT_ENONE, fx);
        return;
    }
    moot_ask_succeed(b, e, MOOT_ASK_ALONE_MS, fx);
    e->said = SAID_LEADS;
    for (unsigned i = 0; i < count; i++) {
        const struct moot_way *w = &ways[i];

        if (!w->seed)
            add_found(b, w, i);
        else if (w->has_id)
            moot_dial_recall(b, w, i);
        else
            moot_seed_told(b, &w->addr);
    }
}
