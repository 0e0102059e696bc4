/*
 * boot/join_text.c - how a join goes, and why it failed, in words.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "boot_internal.h"

void moot_join_put(char *text, const char *more)
{
    size_t len = strlen(text), n = strlen(more);

    if (len + n >= MOOT_BOOT_TEXT_MAX)
        n = MOOT_BOOT_TEXT_MAX - 1 - len;
    memcpy(text + len, more, n);
    text[len + n] = '\0';
}

static void put_target(char *text, const struct target *t)
{
    char addr[MOOT_ADDR_TEXT_MAX] = "an unknown address";

    if (t->addr_count > 0)
        moot_addr_format(&t->addrs[0], addr);
    moot_join_put(text, t->name);
    moot_join_put(text, " at ");
    moot_join_put(text, addr);
    if (t->why == 0)
        return;
    moot_join_put(text, " (");
    moot_join_put(text, moot_error_text(t->why));
    moot_join_put(text, ")");
}

void moot_join_put_missing(const struct moot_boot *b, char *text)
{
    bool first = true;

    for (unsigned i = 0; i < b->target_count; i++) {
        const struct target *t = b->targets[i];

        if (!t->required || t->linked)
            continue;
        if (!first)
            moot_join_put(text, ", ");
        put_target(text, t);
        first = false;
    }
}

void moot_join_count(const struct moot_boot *b, unsigned *all,
                     unsigned *reached)
{
    *all = *reached = 0;
    for (unsigned i = 0; i < b->target_count; i++) {
        *all += b->targets[i]->required;
        *reached += b->targets[i]->required && b->targets[i]->linked;
    }
}

void moot_join_say_progress(struct moot_boot *b, struct moot_boot_effects *fx)
{
    char text[MOOT_BOOT_TEXT_MAX];
    unsigned all, reached;

    if (b->now < b->progress_at)
        return;
    moot_join_count(b, &all, &reached);
    if (b->phase == PHASE_ASKING) {
        snprintf(text, sizeof text, "asking ");
        moot_source_describe(b, false, text, sizeof text);
        if (b->named_count == 0)
            snprintf(text, sizeof text, "looking for those who were met in %s",
                     b->group_name);
    } else {
        snprintf(text, sizeof text, "reached %u of %u, waiting for ", reached,
                 all);
        moot_join_put_missing(b, text);
    }
    if (strcmp(text, b->progress) == 0)
        return;
    b->progress_at = b->now + MOOT_PROGRESS_MS;
    memcpy(b->progress, text, sizeof text);
    memcpy(moot_boot_effect(fx, MOOT_BOOT_PROGRESS)->text, text, sizeof text);
}

/* Of those the user named. */
static bool any_source_failed(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->source_count; i++)
        if (moot_source_named(&b->sources[i]) && b->sources[i].why != 0)
            return true;
    return false;
}

/* The last one who was tried of those from earlier runs. */
static void put_recalled(const struct moot_boot *b, char *text)
{
    char more[96];
    int why = 0;
    unsigned n = 0;

    for (unsigned i = 0; i < b->target_count; i++) {
        const struct target *t = b->targets[i];

        if (!t->recalled || t->linked || t->failures == 0)
            continue;
        why = t->why;
        n++;
    }
    if (n == 0)
        return;
    snprintf(more, sizeof more, "; %u known from before: %s", n,
             moot_error_text(why));
    moot_join_put(text, more);
}

void moot_join_explain(const struct moot_boot *b, const char *what,
                       char text[MOOT_BOOT_TEXT_MAX])
{
    bool reaching = b->phase == PHASE_REACHING;

    moot_join_put(text, what);
    if (reaching)
        moot_join_put_missing(b, text);
    if (reaching && any_source_failed(b)) {
        text[MOOT_BOOT_TEXT_MAX / 2] = '\0'; /* room for the reasons */
        moot_join_put(text, "; asked: ");
    }
    if (!reaching || any_source_failed(b))
        moot_source_describe(b, reaching, text, MOOT_BOOT_TEXT_MAX);
    if (!reaching)
        put_recalled(b, text);
}
