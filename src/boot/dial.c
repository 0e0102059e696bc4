/*
 * boot/dial.c - dialling everybody we know of and are not linked to.
 *
 * A new member is dialled by the smaller identity at once and by the other
 * after a moment; a lost one by both, every 2 s for 10 minutes and then more
 * rarely, for ever.  A lost one's address may have a new tenant, so it is
 * dialled without expecting a certain identity; who answers there proves his
 * own.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/error.h"
#include "base/slots.h"
#include "base/sorted.h"
#include "boot_internal.h"

/* --- the table --- */

static int target_order(const void *item, const void *key)
{
    const struct target *const *t = item;

    return moot_id_cmp(&(*t)->id, key);
}

static unsigned target_index(const struct moot_boot *b,
                             const struct moot_id *id, bool *found)
{
    return moot_sorted_find(b->targets, sizeof(struct target *),
                            b->target_count, target_order, id, found);
}

struct target *moot_dial_find(const struct moot_boot *b,
                              const struct moot_id *id)
{
    bool found;
    unsigned at = target_index(b, id, &found);

    return found ? b->targets[at] : NULL;
}

void moot_dial_free(struct target *t)
{
    free(t->silent_to);
    free(t);
}

static void forget(struct moot_boot *b, unsigned at)
{
    b->recalled_count -= b->targets[at]->recalled;
    moot_dial_free(b->targets[at]);
    moot_slot_close(b->targets, sizeof(void *), &b->target_count, at);
}

void moot_dial_forget(struct moot_boot *b, const struct moot_id *id)
{
    bool found;
    unsigned at = target_index(b, id, &found);

    if (found)
        forget(b, at);
}

/* Hearsay goes before those who were linked once, older before newer. */
static bool goes_before(const struct target *a, const struct target *b)
{
    if (a->proven != b->proven)
        return !a->proven;
    return a->since < b->since;
}

static bool make_room(struct moot_boot *b)
{
    unsigned at = b->target_count;

    for (unsigned i = 0; i < b->target_count; i++) {
        const struct target *t = b->targets[i];

        if (t->linked || t->required)
            continue;
        if (at == b->target_count || goes_before(t, b->targets[at]))
            at = i;
    }
    if (at == b->target_count)
        return false;
    forget(b, at);
    return true;
}

/* NULL: no room, or it is ourselves. */
struct target *moot_dial_get(struct moot_boot *b, const struct moot_id *id)
{
    bool found;
    unsigned at = target_index(b, id, &found);

    if (found)
        return b->targets[at];
    if (moot_id_eq(id, &b->self))
        return NULL;
    if (b->target_count >= MOOT_MEMBERS_MAX) {
        if (!make_room(b))
            return NULL;
        at = target_index(b, id, &found);
    }
    b->targets = moot_slot_open(b->targets, sizeof(void *), &b->target_count,
                                &b->target_max, at);
    b->targets[at] = moot_alloc(sizeof *b->targets[at]);
    b->targets[at]->id = *id;
    b->targets[at]->standing = MOOT_JOINING;
    return b->targets[at];
}

/* The first ones first, then those of the second that still fit. */
static void merge_addrs(struct target *t, const struct moot_addr *first,
                        unsigned first_count, const struct moot_addr *second,
                        unsigned second_count)
{
    unsigned count = 0;

    for (unsigned i = 0; i < first_count + second_count; i++) {
        const struct moot_addr *a =
            i < first_count ? &first[i] : &second[i - first_count];
        bool there = a->port == 0;

        for (unsigned k = 0; k < count && !there; k++)
            there = moot_addr_eq(&t->addrs[k], a);
        if (!there && count < MOOT_BOOT_ADDRS_MAX)
            t->addrs[count++] = *a;
    }
    t->addr_count = count;
}

static void set_name(struct target *t, const char *name)
{
    size_t len = strlen(name);

    moot_assert(len <= MOOT_NAME_LEN_MAX);
    if (len > 0)
        memcpy(t->name, name, len + 1);
}

void moot_dial_addrs(struct target *t, const char *name,
                     const struct moot_addr *addrs, unsigned count)
{
    struct moot_addr old[MOOT_BOOT_ADDRS_MAX];

    memcpy(old, t->addrs, sizeof old);
    set_name(t, name);
    merge_addrs(t, addrs, count, old, t->addr_count);
}

void moot_dial_addrs_behind(struct target *t, const char *name,
                            const struct moot_addr *addrs, unsigned count)
{
    struct moot_addr old[MOOT_BOOT_ADDRS_MAX];

    memcpy(old, t->addrs, sizeof old);
    if (t->name[0] == '\0')
        set_name(t, name);
    merge_addrs(t, old, t->addr_count, addrs, count);
}

void moot_dial_addrs_among(struct target *t, const char *name,
                           const struct moot_addr *addrs, unsigned count)
{
    struct moot_addr old[MOOT_BOOT_ADDRS_MAX], best[MOOT_BOOT_ADDRS_MAX];
    unsigned old_count = t->addr_count, best_count;
    unsigned half = old_count < MOOT_BOOT_ADDRS_MAX / 2
                        ? old_count
                        : MOOT_BOOT_ADDRS_MAX / 2;

    memcpy(old, t->addrs, sizeof old);
    if (t->name[0] == '\0')
        set_name(t, name);
    merge_addrs(t, old, half, addrs, count);
    best_count = t->addr_count;
    memcpy(best, t->addrs, sizeof best);
    merge_addrs(t, best, best_count, old + half, old_count - half);
}

/* --- those of earlier runs --- */

void moot_dial_recall(struct moot_boot *b, const struct moot_way *w,
                      unsigned rank)
{
    struct target *t = moot_dial_find(b, &w->id);
    bool fresh = t == NULL;

    if (fresh && (b->recalled_count == MOOT_RECALLED_MAX ||
                  b->target_count == MOOT_MEMBERS_MAX))
        return;
    t = moot_dial_get(b, &w->id);
    if (t == NULL)
        return;
    moot_dial_addrs_behind(t, "", &w->addr, 1);
    if (!fresh)
        return;
    b->recalled_count++;
    t->recalled = true;
    t->due = b->now + 1; /* 0 is not planned */
    if (rank >= MOOT_RECALLED_AT_ONCE)
        t->due += MOOT_RECALL_STAGGER_MS *
                  (moot_ms)(rank - MOOT_RECALLED_AT_ONCE + 1);
}

bool moot_dial_alone(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->target_count; i++)
        if (b->targets[i]->linked)
            return false;
    return true;
}

/* --- planning --- */

static bool we_are_smaller(const struct moot_boot *b, const struct target *t)
{
    return moot_id_cmp(&b->self, &t->id) < 0;
}

moot_ms moot_dial_pause(const struct moot_boot *b, const struct target *t)
{
    bool joining = b->phase != PHASE_JOINED;

    if (joining && t->standing == MOOT_JOINED)
        return 0; /* it does not know of us yet */
    if (!joining && t->standing != MOOT_JOINED)
        return we_are_smaller(b, t) ? MOOT_DIAL_YIELD_MS
                                    : 2 * MOOT_DIAL_YIELD_MS;
    return we_are_smaller(b, t) ? 0 : MOOT_DIAL_YIELD_MS;
}

void moot_dial_met(struct moot_boot *b, const struct moot_boot_met *m)
{
    struct target *t = moot_dial_get(b, &m->id);
    bool news = t != NULL && !t->live;

    if (t == NULL)
        return;
    moot_dial_addrs(t, m->name, m->addrs, m->addr_count);
    if (m->seen)
        t->home = m->addrs[0];
    t->standing = m->standing;
    t->bootstrap = m->bootstrap;
    t->live = t->met = true;
    moot_source_told(b, &m->id, &m->boot);
    if (t->linked || m->linked || t->token != 0)
        return;
    if (t->due == 0) {
        t->introducer = m->introducer;
        t->due = b->now + moot_dial_pause(b, t);
    } else if (t->since == 0) {
        /* Not dialled yet, and perhaps nobody needs to wait any more. */
        t->due = moot_ms_min(t->due, b->now + moot_dial_pause(b, t));
    } else if (news) {
        /* Dialled in vain, ever more rarely; now others have met it. */
        t->due = moot_ms_min(t->due,
                             b->now + moot_boot_jitter(b, MOOT_DIAL_AGAIN_MS));
    }
}

/* One of an earlier run who was not there: perhaps it moved, or is gone. */
static moot_ms recall_pause(struct moot_boot *b, const struct target *t)
{
    moot_ms max =
        moot_dial_alone(b) ? MOOT_RECALL_PAUSE_MAX_MS : MOOT_RECALL_IDLE_MAX_MS;
    moot_ms pause = MOOT_RECALL_PAUSE_MS;

    for (unsigned i = 1; i < t->failures && pause < max; i++)
        pause *= 2;
    return moot_boot_jitter(b, moot_ms_min(pause, max));
}

static bool is_recalled(const struct target *t)
{
    return t->recalled && !t->live && !t->proven && !t->required;
}

static moot_ms next_pause(struct moot_boot *b, const struct target *t)
{
    moot_ms pause = MOOT_DIAL_AGAIN_MS;
    moot_ms over = b->now - t->since - MOOT_DIAL_EAGER_MS;

    if (b->phase != PHASE_JOINED && t->required)
        return moot_boot_jitter(b, MOOT_DIAL_AGAIN_JOIN_MS);
    if (is_recalled(t))
        return recall_pause(b, t);
    while (over > 0 && pause < MOOT_DIAL_PAUSE_MAX_MS) {
        over -= pause;
        pause *= 2;
    }
    if (pause > MOOT_DIAL_PAUSE_MAX_MS)
        pause = MOOT_DIAL_PAUSE_MAX_MS;
    return moot_boot_jitter(b, pause);
}

/* Nobody was there, or not this one. */
static void plan_again(struct moot_boot *b, struct target *t, int why)
{
    t->why = why;
    t->failures++;
    if (t->since == 0)
        t->since = b->now;
    t->due = b->now + next_pause(b, t);
}

/* Somebody else came up where t was dialled.  It is looked for no more unless
 * it lives elsewhere. */
static void lose_address(struct moot_boot *b, unsigned at)
{
    struct target *t = b->targets[at];

    t->token = 0;
    if (t->linked)
        return;
    if (t->live || t->required) {
        plan_again(b, t, MOOT_EKEY);
        return;
    }
    moot_trace(b->tracer, "%02x%02x has a new tenant -> forget it", t->id.b[0],
               t->id.b[1]);
    forget(b, at);
}

void moot_dial_up(struct moot_boot *b, const struct moot_id *id, uint64_t token)
{
    struct target *t = moot_dial_get(b, id);
    bool news = t != NULL && !t->linked;

    for (unsigned i = 0; token != 0 && i < b->target_count; i++) {
        if (b->targets[i]->token != token || b->targets[i] == t)
            continue;
        lose_address(b, i);
        break;
    }
    if (t == NULL)
        return;
    if (t->token == token)
        t->token = 0;
    t->linked = t->proven = t->met = t->live = true;
    t->due = 0;
    t->since = 0;
    t->failures = 0;
    t->why = 0;
    t->elsewhere = false;
    t->probe_until = 0;
    if (news) /* a duplicate says nothing about the network */
        moot_dial_hurry(b);
}

void moot_dial_down(struct moot_boot *b, const struct moot_id *id)
{
    struct target *t = moot_dial_find(b, id);

    if (t == NULL)
        return;
    t->linked = false;
    t->since = b->now;
    t->failures = 0;
    if (t->token == 0)
        t->due = b->now + moot_boot_jitter(b, we_are_smaller(b, t) ? 50 : 350);
}

void moot_dial_gone(struct moot_boot *b, const struct moot_id *id, bool left)
{
    struct target *t = moot_dial_find(b, id);

    if (t == NULL)
        return;
    t->live = false;
    if (left) {
        t->linked = false; /* a goodbye is the end of the link, too */
        t->required = false;
    }
    if (t->required && b->phase != PHASE_JOINED) {
        /* Perhaps only who told us of it is gone: the dial will show. */
        if (t->due == 0 && t->token == 0)
            t->due = b->now + moot_boot_jitter(b, MOOT_DIAL_AGAIN_JOIN_MS);
        return;
    }
    if ((left && !t->bootstrap) || (!t->met && !t->recalled && t->token == 0)) {
        moot_dial_forget(b, id);
        return;
    }
    /* It may be the only way back to the others; and a bootstrap peer that
     * left may be started again, when newcomers would gather around it. */
    if (t->since == 0)
        t->since = b->now;
    if (t->due == 0 && t->token == 0)
        t->due = b->now + moot_boot_jitter(b, MOOT_DIAL_AGAIN_MS);
}

void moot_dial_hurry(struct moot_boot *b)
{
    for (unsigned i = 0; i < b->target_count; i++) {
        struct target *t = b->targets[i];

        if (t->linked || t->token != 0 || t->since == 0)
            continue;
        t->due = moot_ms_min(t->due == 0 ? MOOT_NEVER : t->due,
                             t->tried + MOOT_DIAL_REST_MS > b->now
                                 ? t->tried + MOOT_DIAL_REST_MS
                                 : b->now);
    }
}

/* Listed once, never met; or met only through others, and now somebody else
 * answers at its address. */
static bool is_hearsay(const struct target *t, int why)
{
    if (t->live || t->proven)
        return false;
    return (!t->met && !t->recalled) || why == MOOT_EKEY || why == MOOT_ESELF;
}

/* What a source says hangs on whether it can be met. */
static bool is_signer(const struct moot_boot *b, const struct target *t)
{
    for (unsigned i = 0; i < b->source_count; i++)
        if (b->sources[i].heard != 0 && !b->sources[i].doubted &&
            moot_id_eq(&b->sources[i].signer, &t->id))
            return b->phase == PHASE_ASKING || b->phase == PHASE_REACHING;
    return false;
}

void moot_dial_failed(struct moot_boot *b, uint64_t token, int why,
                      struct moot_boot_effects *fx)
{
    struct target *t = NULL;

    for (unsigned i = 0; i < b->target_count && t == NULL; i++)
        if (b->targets[i]->token == token)
            t = b->targets[i];
    if (t == NULL)
        return;
    t->token = 0;
    if (t->linked)
        return;
    t->elsewhere = why == MOOT_EGROUP && !t->proven;
    if (!t->required && !is_signer(b, t) && is_hearsay(t, why)) {
        moot_dial_forget(b, &t->id);
        return;
    }
    plan_again(b, t, why);
    if (t->required)
        moot_join_missed(b, t, fx);
}

/* --- the budget of unproven addresses --- */

static struct budget *get_budget(struct moot_boot *b, const struct moot_id *id)
{
    for (unsigned i = 0; i < b->budget_count; i++)
        if (moot_id_eq(&b->budgets[i].introducer, id))
            return &b->budgets[i];
    if (b->budget_count == MOOT_MEMBERS_MAX)
        moot_slot_close(b->budgets, sizeof *b->budgets, &b->budget_count, 0);
    b->budgets =
        moot_slot_open(b->budgets, sizeof *b->budgets, &b->budget_count,
                       &b->budget_max, b->budget_count);

    struct budget *made = &b->budgets[b->budget_count - 1];

    made->introducer = *id;
    made->left = MOOT_DIAL_UNPROVEN_BURST;
    made->at = b->now;
    return made;
}

static bool spend(const struct moot_boot *b, struct budget *u)
{
    const moot_ms each = 60000 / MOOT_DIAL_UNPROVEN_MINUTE;
    moot_ms earned = (b->now - u->at) / each;

    if (earned > 0) {
        u->at += earned * each;
        u->left = u->left + (uint64_t)earned > MOOT_DIAL_UNPROVEN_BURST
                      ? MOOT_DIAL_UNPROVEN_BURST
                      : u->left + (unsigned)earned;
    }
    if (u->left == 0)
        return false;
    u->left--;
    return true;
}

static bool may_dial(struct moot_boot *b, const struct target *t)
{
    static const struct moot_id nobody;

    if (t->proven || t->required || moot_id_eq(&t->introducer, &nobody))
        return true;
    return spend(b, get_budget(b, &t->introducer));
}

/* Is all that is known of it where it was seen? */
static bool lives_at_home(const struct target *t)
{
    for (unsigned i = 0; i < t->addr_count; i++)
        if (strcmp(t->addrs[i].host, t->home.host) != 0)
            return false;
    return true;
}

/* All addresses; but one who was here may have claimed those of others, and
 * gone away: only where we saw it ourselves is dialled as often as we like. */
static unsigned choose_addrs(struct moot_boot *b, struct target *t,
                             struct moot_addr *out)
{
    if (t->claims.at == 0) {
        t->claims.at = b->now;
        t->claims.left = MOOT_DIAL_UNPROVEN_BURST;
    }
    if (t->proven && t->home.port != 0 && !lives_at_home(t) &&
        !spend(b, &t->claims)) {
        *out = t->home;
        return 1;
    }
    memcpy(out, t->addrs, sizeof t->addrs);
    return t->addr_count;
}

/* --- dialling --- */

static void dial(struct moot_boot *b, struct target *t,
                 struct moot_boot_effects *fx)
{
    struct moot_boot_effect *f;

    if (t->addr_count == 0 || !may_dial(b, t)) {
        t->due = b->now + moot_boot_jitter(b, MOOT_DIAL_AGAIN_MS);
        return;
    }
    f = moot_boot_effect(fx, MOOT_BOOT_DIAL);
    f->token = t->token = ++b->tokens;
    f->addr_count = choose_addrs(b, t, f->addrs);
    f->id = t->id;
    f->pinned = !t->proven;
    f->within = b->phase == PHASE_JOINED ? MOOT_DIAL_WITHIN_MS
                                         : MOOT_DIAL_JOIN_WITHIN_MS;
    t->due = 0;
    t->tried = b->now;
    moot_trace(b->tracer, "dial %02x%02x (%s)", t->id.b[0], t->id.b[1],
               t->name);
}

/* Dials under way to those who may all be out of reach: they must not keep a
 * worker from the others. */
struct crowd {
    unsigned strangers, recalled;
};

static struct crowd count_dialled(const struct moot_boot *b)
{
    struct crowd c = {0, 0};

    for (unsigned i = 0; i < b->target_count; i++) {
        const struct target *t = b->targets[i];

        if (t->token == 0)
            continue;
        c.strangers += moot_doubt_stranger(b, t);
        c.recalled += is_recalled(t);
    }
    return c;
}

static bool has_room(const struct moot_boot *b, const struct target *t,
                     const struct crowd *c)
{
    if (is_recalled(t) && c->recalled >= MOOT_RECALLED_AT_ONCE)
        return false;
    return c->strangers < MOOT_STRANGERS_MAX || !moot_doubt_stranger(b, t);
}

static bool is_planned(const struct target *t)
{
    return t->due != 0 && !t->linked && t->token == 0;
}

void moot_dial_timer(struct moot_boot *b, struct moot_boot_effects *fx)
{
    struct crowd c = {0, 0};
    bool counted = false;

    for (unsigned i = 0; i < b->target_count; i++) {
        struct target *t = b->targets[i];

        if (!is_planned(t) || t->due > b->now)
            continue;
        if (!counted)
            c = count_dialled(b);
        counted = true;
        if (!has_room(b, t, &c))
            continue;
        dial(b, t, fx);
        c.strangers += t->token != 0 && moot_doubt_stranger(b, t);
        c.recalled += t->token != 0 && is_recalled(t);
    }
}

moot_ms moot_dial_deadline(const struct moot_boot *b)
{
    struct crowd c = {0, 0};
    moot_ms due = MOOT_NEVER;
    bool counted = false;

    for (unsigned i = 0; i < b->target_count; i++) {
        const struct target *t = b->targets[i];

        if (!is_planned(t) || t->due >= due)
            continue;
        if (t->due <= b->now && !counted) {
            c = count_dialled(b);
            counted = true;
        }
        if (t->due > b->now || has_room(b, t, &c))
            due = t->due;
    }
    return due;
}
