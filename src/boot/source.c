/*
 * boot/source.c - the table of those who can be asked, and of the pages and
 * names that lead to them.
 *
 * Whom the user named is always there; others come and go.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/error.h"
#include "boot_internal.h"

bool moot_source_named(const struct source *e)
{
    return e->kind == MOOT_WAY_GIVEN || e->kind == MOOT_WAY_FOUND;
}

bool moot_source_leads(const struct source *e)
{
    return e->url != NULL || e->addr.port == 0;
}

uint64_t moot_source_bit(const struct moot_boot *b, const struct source *e)
{
    return UINT64_C(1) << (e - b->sources);
}

bool moot_source_vouched(const struct moot_boot *b, const struct source *e,
                         const struct target *t)
{
    if (e->heard == 0)
        return false;
    return e->hosted ? (t->named_by & moot_source_bit(b, e)) != 0
                     : moot_id_eq(&e->signer, &t->id);
}

bool moot_source_proven(const struct moot_boot *b, const struct source *e)
{
    const struct target *t;

    if (e->heard == 0)
        return false;
    if (!e->hosted) {
        t = moot_dial_find(b, &e->signer);
        return t != NULL && t->proven;
    }
    for (unsigned i = 0; i < b->target_count; i++)
        if (b->targets[i]->proven && moot_source_vouched(b, e, b->targets[i]))
            return true;
    return false;
}

void moot_source_text(const struct source *e, char out[MOOT_SOURCE_LEN_MAX + 1])
{
    char addr[MOOT_ADDR_TEXT_MAX];

    if (e->url != NULL) {
        snprintf(out, MOOT_SOURCE_LEN_MAX + 1, "%s", e->url);
        return;
    }
    moot_addr_format(&e->addr, addr);
    snprintf(out, MOOT_SOURCE_LEN_MAX + 1, "%s",
             e->addr.port == 0 ? e->addr.host : addr);
}

/* --- adding --- */

static struct source *find(struct moot_boot *b, const struct moot_way *w)
{
    for (unsigned i = 0; i < b->source_count; i++) {
        struct source *e = &b->sources[i];

        if (w->url != NULL ? e->url != NULL && strcmp(e->url, w->url) == 0
                           : e->url == NULL && moot_addr_eq(&e->addr, &w->addr))
            return e;
    }
    return NULL;
}

/* One of those nobody named, that fails and is not being asked. */
static struct source *worst(struct moot_boot *b)
{
    struct source *found = NULL;

    for (unsigned i = 0; i < b->source_count; i++) {
        struct source *e = &b->sources[i];

        if (moot_source_named(e) || moot_source_leads(e) || e->token != 0 ||
            e->breaker.failures == 0)
            continue;
        if (found == NULL || e->breaker.failures > found->breaker.failures)
            found = e;
    }
    return found;
}

static struct source *make_room(struct moot_boot *b)
{
    struct source *e;

    if (b->source_count < MOOT_SOURCES_MAX)
        return &b->sources[b->source_count++];
    e = worst(b);
    if (e == NULL)
        return NULL;
    moot_join_unlist(b, e);
    *e = (struct source){0};
    return e;
}

/* An address told of twice is the better for it. */
static void improve(struct source *e, const struct moot_way *w)
{
    if (w->kind < e->kind && !moot_source_named(e))
        e->kind = w->kind;
    if (w->has_id) {
        e->has_id = true;
        e->id = w->id;
    }
}

struct source *moot_source_add(struct moot_boot *b, const struct moot_way *w)
{
    struct source *e = find(b, w);

    moot_assert(!w->seed);
    if (e != NULL) {
        improve(e, w);
        return NULL;
    }
    e = make_room(b);
    if (e == NULL)
        return NULL;
    e->kind = w->kind;
    e->addr = w->addr;
    e->has_id = w->has_id;
    e->id = w->id;
    e->pins = w->pins;
    e->due = b->now;
    if (w->url != NULL)
        e->url = moot_copy(w->url, strlen(w->url));
    b->named_count += moot_source_named(e);
    return e;
}

void moot_source_told(struct moot_boot *b, const struct moot_id *id,
                      const struct moot_addr *addr)
{
    struct moot_way w = {
        .kind = MOOT_WAY_TOLD, .addr = *addr, .has_id = true, .id = *id};
    struct source *e;

    if (addr->port == 0 || moot_addr_wildcard(addr) || moot_id_eq(id, &b->self))
        return;
    e = moot_source_add(b, &w);
    if (e != NULL)
        e->due = b->now + MOOT_ASK_HEARSAY_MS;
}

/* --- the start --- */

/* Nobody knows the time before START: what is restored counts from zero. */

/* Whom the user names is tried at once, whatever happened the last time. */
static void recall_breaker(struct moot_boot *b, struct source *e,
                           const struct moot_boot_config *c)
{
    char text[MOOT_SOURCE_LEN_MAX + 1];

    moot_source_text(e, text);
    for (unsigned i = 0; i < c->tripped_count; i++) {
        const struct moot_tripped *t = &c->tripped[i];

        if (strcmp(t->source, text) == 0)
            moot_breaker_restore(&e->breaker, &b->breaker, 0,
                                 (unsigned)t->failures, c->wall - t->opened,
                                 t->wait);
    }
    if (moot_source_named(e) && e->breaker.until > 0)
        e->breaker.until = 0;
}

void moot_source_create(struct moot_boot *b,
                        const struct moot_boot_config *config)
{
    unsigned recalled = 0;

    b->breaker = config->breaker;
    if (b->breaker.failures_max == 0)
        b->breaker = MOOT_BREAKER_DEFAULT;
    for (unsigned i = 0; i < config->endpoint_count; i++) {
        struct moot_way w = {.kind = MOOT_WAY_GIVEN,
                             .addr = config->endpoints[i]};

        if (config->pins != NULL)
            w.pins = config->pins[i];
        moot_source_add(b, &w);
    }
    for (unsigned i = 0; i < config->way_count; i++) {
        const struct moot_way *w = &config->ways[i];

        if (!w->seed)
            moot_source_add(b, w);
        else if (w->has_id)
            moot_dial_recall(b, w, recalled++);
    }
    for (unsigned i = 0; i < b->source_count; i++)
        recall_breaker(b, &b->sources[i], config);
}

void moot_source_start(struct moot_boot *b)
{
    for (unsigned i = 0; i < b->source_count; i++)
        moot_breaker_shift(&b->sources[i].breaker, b->now);
    for (unsigned i = 0; i < b->target_count; i++)
        b->targets[i]->due += b->now;
}

void moot_source_fini(struct moot_boot *b)
{
    for (unsigned i = 0; i < b->source_count; i++)
        free(b->sources[i].url);
}

/* --- in words --- */

static const char *describe(const struct source *e, char *scratch, size_t max)
{
    if (e->other[0] != '\0') {
        snprintf(scratch, max, "is in the group \"%s\"", e->other);
        return scratch;
    }
    if (e->why == MOOT_ENONE && e->addr.port == 0 && e->url == NULL)
        return "has no SRV or TXT record of a group; add a port to ask that "
               "host itself";
    if (e->why != 0)
        return moot_error_text(e->why);
    if (e->said == SAID_SELF)
        return "is this very peer";
    if (e->said == SAID_JOINING && e->hosted)
        return "is a directory, where nobody has joined the group yet";
    if (e->said == SAID_JOINING)
        return "is still joining itself";
    if (e->said == SAID_GOOD)
        return "answered";
    if (e->said == SAID_LEADS)
        return "led to others";
    return "no answer yet";
}

static size_t append(char *text, size_t len, size_t max, const char *more)
{
    int n = snprintf(text + len, max - len, "%s", more);

    return n < 0 || (size_t)n >= max - len ? max - 1 : len + (size_t)n;
}

void moot_source_describe(const struct moot_boot *b, bool named_only,
                          char *text, size_t max)
{
    size_t len = strlen(text);
    bool first = true;

    for (unsigned i = 0; i < b->source_count && len + 1 < max; i++) {
        const struct source *e = &b->sources[i];
        char name[MOOT_SOURCE_LEN_MAX + 1], scratch[MOOT_NAME_LEN_MAX + 32];

        if (!moot_source_named(e) &&
            (named_only || (e->why == 0 && e->said == SAID_NOTHING)))
            continue; /* nobody asked it, or it does not matter */
        moot_source_text(e, name);
        len = append(text, len, max, first ? "" : ", ");
        len = append(text, len, max, name);
        len = append(text, len, max, " (");
        len = append(text, len, max, describe(e, scratch, sizeof scratch));
        len = append(text, len, max, ")");
        first = false;
    }
}

const char *moot_source_refusal(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->source_count; i++)
        if (moot_source_named(&b->sources[i]) && b->sources[i].other[0] == '\0')
            return "not let in: ";
    return "no such group there: ";
}

void moot_source_complain(const struct moot_boot *b,
                          struct moot_boot_effects *fx)
{
    for (unsigned i = 0; i < b->source_count; i++) {
        const struct source *e = &b->sources[i];

        char name[MOOT_SOURCE_LEN_MAX + 1];

        if ((e->url == NULL && !moot_source_named(e)) || e->why == 0)
            continue;
        moot_source_text(e, name);
        snprintf(moot_boot_effect(fx, MOOT_BOOT_NOTICE)->text,
                 MOOT_BOOT_TEXT_MAX, "nothing came of %s: %s", name,
                 moot_error_text(e->why));
    }
}

void moot_boot_breakers(const struct moot_boot *b, moot_ms now,
                        unsigned ret_counts[MOOT_BREAKER_STATES])
{
    memset(ret_counts, 0, MOOT_BREAKER_STATES * sizeof ret_counts[0]);
    for (unsigned i = 0; i < b->source_count; i++)
        ret_counts[moot_breaker_state(&b->sources[i].breaker, &b->breaker,
                                      now)]++;
}
