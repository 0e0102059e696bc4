/*
 * boot/ask.c - asking the bootstrap peers that the user named.
 *
 * All are asked in parallel, and again: after a failure with backoff and
 * jitter, after an answer as long as our own join is not done.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "boot_internal.h"

void moot_ask_start(struct moot_boot *b, const struct moot_boot_config *config)
{
    b->endpoint_count = config->endpoint_count;
    b->endpoints = moot_alloc((b->endpoint_count + 1) * sizeof *b->endpoints);
    for (unsigned i = 0; i < b->endpoint_count; i++)
        b->endpoints[i].addr = config->endpoints[i];
}

static void ask(struct moot_boot *b, struct endpoint *e,
                struct moot_boot_effects *fx)
{
    static const char digits[] = "0123456789abcdef";
    struct moot_boot_effect *f = moot_boot_effect(fx, MOOT_BOOT_ASK);

    for (unsigned i = 0; i < sizeof e->nonce - 1; i++)
        e->nonce[i] = digits[moot_rng_below(b->rng, 16)];
    f->token = e->token = ++b->tokens;
    e->asked = b->now;
    f->addrs[0] = e->addr;
    f->addr_count = 1;
    f->within = moot_ms_min(MOOT_ASK_WITHIN_MS, b->give_up - b->now);
    memcpy(f->nonce, e->nonce, sizeof f->nonce);
}

void moot_ask_timer(struct moot_boot *b, struct moot_boot_effects *fx)
{
    if (b->phase == PHASE_JOINED || b->phase == PHASE_FAILED)
        return;
    for (unsigned i = 0; i < b->endpoint_count; i++) {
        struct endpoint *e = &b->endpoints[i];

        if (e->token == 0 && e->due <= b->now && b->now < b->give_up)
            ask(b, e, fx);
    }
}

moot_ms moot_ask_deadline(const struct moot_boot *b)
{
    moot_ms due = MOOT_NEVER;

    if (b->phase == PHASE_JOINED || b->phase == PHASE_FAILED)
        return due;
    for (unsigned i = 0; i < b->endpoint_count; i++)
        if (b->endpoints[i].token == 0 && b->endpoints[i].due < b->give_up)
            due = moot_ms_min(due, b->endpoints[i].due);
    return due;
}

static struct endpoint *endpoint_asked(struct moot_boot *b, uint64_t token)
{
    for (unsigned i = 0; i < b->endpoint_count; i++)
        if (token != 0 && b->endpoints[i].token == token)
            return &b->endpoints[i];
    return NULL;
}

static void fail(struct moot_boot *b, struct endpoint *e, int why)
{
    moot_ms pause = MOOT_ASK_BACKOFF_MS;

    e->token = 0;
    e->why = why;
    e->said = SAID_NOTHING;
    for (unsigned i = 0; i < e->failures && pause < MOOT_ASK_BACKOFF_MAX_MS;
         i++)
        pause += pause / 2;
    e->failures++;
    e->due = b->now + moot_boot_jitter(b, pause);
}

void moot_ask_failed(struct moot_boot *b, uint64_t token, int why)
{
    struct endpoint *e = endpoint_asked(b, token);

    if (e != NULL)
        fail(b, e, why);
}

static enum moot_standing standing_of(const struct moot_answer *a)
{
    for (unsigned i = 0; i < a->member_count; i++)
        if (moot_id_eq(&a->members[i].id, &a->id))
            return a->members[i].standing;
    return MOOT_JOINING;
}

static void adopt(struct moot_boot *b, const struct moot_answer *a, bool good,
                  struct moot_boot_effects *fx)
{
    struct moot_boot_effect *f = moot_boot_effect(fx, MOOT_BOOT_ADOPT);
    size_t len = strlen(a->group_name);

    moot_join_start_over(b);
    b->group = a->group;
    b->weight = a->weight;
    b->adopted = good;
    memcpy(b->group_name, a->group_name, len + 1);
    f->group = a->group;
    memcpy(f->text, a->group_name, len + 1);
}

/* Is what this answer says of our group, perhaps because we now adopt it? */
static bool takes(struct moot_boot *b, const struct moot_answer *a, bool good,
                  struct moot_boot_effects *fx)
{
    if (moot_hash_eq(&a->group, &b->group)) {
        b->adopted = b->adopted || good;
        if (a->weight > b->weight)
            b->weight = a->weight; /* we came with its name from before */
        return true;
    }
    if (!b->homeless && !moot_boot_gives_way(b, &a->group, a->weight))
        return false;
    b->homeless = false;
    adopt(b, a, good, fx);
    return true;
}

static void note_said(struct moot_boot *b, struct endpoint *e,
                      enum endpoint_said said)
{
    e->said = said;
    e->due =
        b->now + moot_boot_jitter(b, said == SAID_GOOD ? MOOT_ASK_REFRESH_MS
                                                       : MOOT_ASK_AGAIN_MS);
}

void moot_ask_answer(struct moot_boot *b, uint64_t token,
                     const struct moot_answer *a, struct moot_boot_effects *fx)
{
    struct endpoint *e = endpoint_asked(b, token);
    bool good =
        a->hosted ? moot_hosted_good(b, a) : standing_of(a) == MOOT_JOINED;

    if (e == NULL)
        return;
    if (strcmp(a->nonce, e->nonce) != 0) {
        fail(b, e, MOOT_EANSWER);
        return;
    }
    e->token = 0;
    e->failures = 0;
    e->why = 0;
    e->fresh = e->asked;
    if (moot_id_eq(&a->id, &b->self)) {
        note_said(b, e, SAID_SELF);
        return;
    }
    if (b->group_asked && strcmp(a->group_name, b->group_name) != 0) {
        fail(b, e, MOOT_EGROUP);
        memcpy(e->other, a->group_name, sizeof e->other);
        return;
    }
    e->other[0] = '\0';

    bool ours = takes(b, a, good, fx); /* may forget what all others said */

    note_said(b, e, good ? SAID_GOOD : SAID_JOINING);
    if (ours)
        moot_join_listed(b, e, a, good ? LISTED_WELL : LISTED_BY_JOINER, fx);
    else if (!b->closed && (a->weight != MOOT_GROWN || b->weight != MOOT_GROWN))
        moot_join_listed(b, e, a, LISTED_ELSEWHERE, fx);
    else
        e->why = MOOT_EGROUP;
    if (ours && a->hosted)
        moot_hosted_listed(b, a);
}

/* To ask again would be answered the same. */
static bool is_no_way_in(const struct endpoint *e)
{
    return e->other[0] != '\0' || e->why == MOOT_EINVITE ||
           e->why == MOOT_ESECRET || e->why == MOOT_EOPEN ||
           e->why == MOOT_EFULL || e->why == MOOT_EDIRECTORY;
}

bool moot_ask_all_other(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->endpoint_count; i++)
        if (!is_no_way_in(&b->endpoints[i]))
            return false;
    return b->endpoint_count > 0;
}

const char *moot_ask_refusal(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->endpoint_count; i++)
        if (b->endpoints[i].other[0] == '\0')
            return "not let in: ";
    return "no such group there: ";
}

static const char *describe(const struct endpoint *e, char *scratch, size_t max)
{
    if (e->other[0] != '\0') {
        snprintf(scratch, max, "is in the group \"%s\"", e->other);
        return scratch;
    }
    if (e->why != 0)
        return moot_error_text(e->why);
    if (e->said == SAID_SELF)
        return "is this very peer";
    if (e->said == SAID_JOINING)
        return "is still joining itself";
    if (e->said == SAID_GOOD)
        return "answered";
    return "no answer yet";
}

void moot_ask_describe(const struct moot_boot *b, char *text, size_t max)
{
    size_t len = strlen(text);

    for (unsigned i = 0; i < b->endpoint_count && len + 1 < max; i++) {
        const struct endpoint *e = &b->endpoints[i];
        char addr[MOOT_ADDR_TEXT_MAX], scratch[MOOT_NAME_LEN_MAX + 32];
        int n;

        moot_addr_format(&e->addr, addr);
        n = snprintf(text + len, max - len, "%s%s (%s)", i == 0 ? "" : ", ",
                     addr, describe(e, scratch, sizeof scratch));
        len = n < 0 || (size_t)n >= max - len ? max - 1 : len + (size_t)n;
    }
}
