/*
 * boot/join.c - who must be reached before we may speak, and when to give up.
 *
 * The first good answers fix the set: the members that have finished their own
 * join.  It shrinks when they leave, die, or do not answer our links either; it
 * never grows.  When all whom we asked are joining like us, the smallest
 * identity among them begins.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/slots.h"
#include "boot_internal.h"

#define EXIT_NO_BOOTSTRAP 4
#define EXIT_NOT_REACHED 5
#define EXIT_REFUSED 6

/* --- text --- */

static void put(char *text, const char *more)
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
    put(text, t->name);
    put(text, " at ");
    put(text, addr);
    if (t->why == 0)
        return;
    put(text, " (");
    put(text, moot_error_text(t->why));
    put(text, ")");
}

static void put_missing(const struct moot_boot *b, char *text)
{
    bool first = true;

    for (unsigned i = 0; i < b->target_count; i++) {
        const struct target *t = b->targets[i];

        if (!t->required || t->linked)
            continue;
        if (!first)
            put(text, ", ");
        put_target(text, t);
        first = false;
    }
}

static void count_required(const struct moot_boot *b, unsigned *all,
                           unsigned *reached)
{
    *all = *reached = 0;
    for (unsigned i = 0; i < b->target_count; i++) {
        *all += b->targets[i]->required;
        *reached += b->targets[i]->required && b->targets[i]->linked;
    }
}

static void say_progress(struct moot_boot *b, struct moot_boot_effects *fx)
{
    char text[MOOT_BOOT_TEXT_MAX];
    unsigned all, reached;

    if (b->now < b->progress_at)
        return;
    count_required(b, &all, &reached);
    if (b->phase == PHASE_ASKING) {
        snprintf(text, sizeof text, "asking ");
        moot_ask_describe(b, text, sizeof text);
    } else {
        snprintf(text, sizeof text, "reached %u of %u, waiting for ", reached,
                 all);
        put_missing(b, text);
    }
    if (strcmp(text, b->progress) == 0)
        return;
    b->progress_at = b->now + MOOT_PROGRESS_MS;
    memcpy(b->progress, text, sizeof text);
    memcpy(moot_boot_effect(fx, MOOT_BOOT_PROGRESS)->text, text, sizeof text);
}

/* --- going on --- */

static void stand(struct moot_boot *b, enum moot_standing standing,
                  struct moot_boot_effects *fx)
{
    if (b->standing == standing)
        return;
    b->standing = standing;
    moot_boot_effect(fx, MOOT_BOOT_STANDING)->standing = standing;
}

static void finish(struct moot_boot *b, struct moot_boot_effects *fx)
{
    b->phase = PHASE_JOINED;
    for (unsigned i = 0; i < b->target_count; i++)
        b->targets[i]->required = false; /* from now on nobody has to be */
    if (b->weight == MOOT_TENTATIVE)
        b->weight = MOOT_PROVISIONAL;
    stand(b, MOOT_JOINED, fx);
    moot_boot_effect(fx, MOOT_BOOT_READY);
    moot_trace(b->tracer, "everybody I must reach is linked -> joined");
}

static void give_up(struct moot_boot *b, int code, const char *what,
                    struct moot_boot_effects *fx)
{
    struct moot_boot_effect *f = moot_boot_effect(fx, MOOT_BOOT_FAIL);

    f->code = code;
    put(f->text, what);
    if (b->phase == PHASE_REACHING)
        put_missing(b, f->text);
    else
        moot_ask_describe(b, f->text, sizeof f->text);
    b->phase = PHASE_FAILED;
}

/* The first good answers are in: these must be reached. */
static void fix_required(struct moot_boot *b)
{
    unsigned n = 0;

    for (unsigned i = 0; i < b->target_count; i++) {
        struct target *t = b->targets[i];

        t->required = t->standing == MOOT_JOINED && (t->live || t->required);
        t->met = t->met || t->required;
        n += t->required;
    }
    b->phase = PHASE_REACHING;
    moot_trace(b->tracer, "must reach %u", n);
}

static bool all_endpoints_heard(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->endpoint_count; i++)
        if (b->endpoints[i].said == SAID_NOTHING)
            return false;
    return true;
}

/* Its link just broke; until then it may be back. */
static moot_ms back_by(const struct target *t)
{
    return t->since + MOOT_PROBE_WAIT_MS;
}

/* Everybody we asked, and everybody we know, waits as we do. */
static bool all_wait(const struct moot_boot *b)
{
    if (!all_endpoints_heard(b))
        return false;
    for (unsigned i = 0; i < b->endpoint_count; i++)
        if (b->endpoints[i].why == MOOT_EGROUP)
            return false; /* it has to come over to our group first */
    for (unsigned i = 0; i < b->target_count; i++) {
        const struct target *t = b->targets[i];

        if (!t->live && !t->proven)
            return false; /* listed, and not met yet */
        if (!t->live && b->now < back_by(t))
            return false;
        if (t->live && (t->standing != MOOT_WAITING || !t->linked))
            return false;
    }
    return true;
}

/* Did all whom we asked say so again since then? */
static bool all_confirm(const struct moot_boot *b, moot_ms since)
{
    for (unsigned i = 0; i < b->endpoint_count; i++)
        if (b->endpoints[i].said != SAID_SELF && b->endpoints[i].fresh < since)
            return false;
    return true;
}

static bool smallest(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->target_count; i++)
        if (b->targets[i]->live &&
            moot_id_cmp(&b->targets[i]->id, &b->self) < 0)
            return false;
    return true;
}

/* Somebody we are linked to has joined, and in a while no answer says so:
 * those whom we asked may all wait for one who has no bootstrap socket. */
static bool met_joined(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->target_count; i++)
        if (b->targets[i]->linked && b->targets[i]->live &&
            b->targets[i]->standing == MOOT_JOINED)
            return true;
    return false;
}

static void consider_founding(struct moot_boot *b, struct moot_boot_effects *fx)
{
    bool any_good = false;

    for (unsigned i = 0; i < b->endpoint_count; i++)
        any_good = any_good || b->endpoints[i].said == SAID_GOOD;
    if (any_good || !all_endpoints_heard(b)) {
        stand(b, MOOT_JOINING, fx);
        b->found_at = 0;
        return;
    }
    bool met = met_joined(b);

    stand(b, MOOT_WAITING, fx);
    if (!met && (!all_wait(b) || !smallest(b))) {
        b->found_at = 0;
        return;
    }
    if (b->found_at == 0) {
        b->found_at = b->now + (met ? MOOT_MET_WAIT_MS : MOOT_FOUND_WAIT_MS);
        b->waiting_since = b->now;
    }
    if (b->now < b->found_at)
        return;
    if (!all_confirm(b, b->waiting_since)) {
        b->found_at = b->now + MOOT_CONFIRM_WAIT_MS;
        return;
    }
    if (met)
        fix_required(b);
    else
        finish(b, fx);
}

static void review_asking(struct moot_boot *b, struct moot_boot_effects *fx)
{
    if (b->fix_at != 0 && (b->now >= b->fix_at || all_endpoints_heard(b))) {
        fix_required(b);
        return;
    }
    if (b->fix_at == 0)
        consider_founding(b, fx);
    if (b->phase != PHASE_ASKING)
        return;
    if (moot_ask_all_other(b))
        give_up(b, EXIT_REFUSED, moot_ask_refusal(b), fx);
    else if (b->now >= b->give_up)
        give_up(b, EXIT_NO_BOOTSTRAP, "no bootstrap peer answered: ", fx);
    else
        say_progress(b, fx);
}

static bool refused(int why)
{
    return why == MOOT_EGROUP || why == MOOT_EPROOF || why == MOOT_EVERSION ||
           why == MOOT_EFULL || why == MOOT_ESECRET;
}

/* Those who are missing answered, and did not want us. */
static bool all_refused(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->target_count; i++) {
        const struct target *t = b->targets[i];

        if (t->required && !t->linked && !refused(t->why))
            return false;
    }
    return true;
}

/* --join partial: everybody is linked or was tried, and somebody is linked. */
static bool good_enough(const struct moot_boot *b)
{
    bool any = false;

    for (unsigned i = 0; i < b->target_count; i++) {
        const struct target *t = b->targets[i];

        if (t->required && !t->linked && t->failures == 0)
            return false;
        any = any || t->linked;
    }
    return any;
}

static void enter_partially(struct moot_boot *b, struct moot_boot_effects *fx)
{
    struct moot_boot_effect *f = moot_boot_effect(fx, MOOT_BOOT_NOTICE);

    put(f->text, "not reached yet, still trying: ");
    put_missing(b, f->text);
    finish(b, fx);
}

static void review_reaching(struct moot_boot *b, struct moot_boot_effects *fx)
{
    unsigned all, reached;

    count_required(b, &all, &reached);
    if (all == reached)
        finish(b, fx);
    else if (b->closed && reached == 0 && all_refused(b))
        give_up(b, EXIT_REFUSED, "not let in by ", fx); /* they mean it */
    else if (!b->strict && (good_enough(b) || b->now >= b->give_up))
        enter_partially(b, fx);
    else if (b->now >= b->give_up)
        give_up(b, all_refused(b) ? EXIT_REFUSED : EXIT_NOT_REACHED,
                "could not reach ", fx);
    else
        say_progress(b, fx);
}

/* Those who have joined know who is here; joiners may not have met it yet. */
static unsigned count_witnesses(const struct moot_boot *b)
{
    unsigned n = 0;

    for (unsigned i = 0; i < b->target_count; i++)
        n += b->targets[i]->linked && b->targets[i]->standing == MOOT_JOINED;
    return n;
}

/* Is the last word said?  Without witnesses time has to show whether there is
 * one who can be asked the next time. */
static bool probe_is_over(const struct moot_boot *b, const struct target *t)
{
    if (b->now >= t->probe_until)
        return true;
    return t->probe_asked > 0 && t->silent_count >= t->probe_asked;
}

/* Probes that nobody answered in time: no link could reach that one either. */
static void end_probes(struct moot_boot *b)
{
    for (unsigned i = 0; i < b->target_count; i++) {
        struct target *t = b->targets[i];

        if (t->probe_until == 0 || !probe_is_over(b, t))
            continue;
        t->probe_until = 0;
        if (t->silent_count == 0 || !t->required || t->linked ||
            (t->probe_asked == 0 && count_witnesses(b) > 0))
            continue;
        moot_trace(b->tracer, "%02x%02x answers none of my links -> suspect",
                   t->id.b[0], t->id.b[1]);
        t->required = false;
    }
}

void moot_join_review(struct moot_boot *b, struct moot_boot_effects *fx)
{
    end_probes(b);
    if (b->phase == PHASE_ASKING)
        review_asking(b, fx);
    if (b->phase == PHASE_REACHING)
        review_reaching(b, fx);
}

moot_ms moot_join_deadline(const struct moot_boot *b)
{
    moot_ms due = MOOT_NEVER;

    if (b->phase != PHASE_ASKING && b->phase != PHASE_REACHING)
        return due;
    due = b->give_up;
    if (b->progress_at > b->now)
        due = moot_ms_min(due, b->progress_at);
    if (b->phase == PHASE_ASKING && b->fix_at != 0)
        due = moot_ms_min(due, b->fix_at);
    if (b->phase == PHASE_ASKING && b->found_at != 0)
        due = moot_ms_min(due, b->found_at);
    for (unsigned i = 0; i < b->target_count; i++) {
        const struct target *t = b->targets[i];

        if (t->probe_until != 0)
            due = moot_ms_min(due, t->probe_until);
        if (b->phase == PHASE_ASKING && !t->live && b->now < back_by(t))
            due = moot_ms_min(due, back_by(t));
    }
    return due;
}

/* --- what answers and links say --- */

static bool lists(const struct moot_answer *a, const struct moot_id *id)
{
    for (unsigned i = 0; i < a->member_count; i++)
        if (moot_id_eq(&a->members[i].id, id))
            return true;
    return false;
}

/* A newer answer does not know them any more: they left or died, unless another
 * endpoint still has them.  Who is still joining itself does not know everybody
 * yet, and releases nobody. */
static void release_unlisted(struct moot_boot *b, const struct moot_answer *a,
                             uint32_t bit)
{
    for (unsigned i = 0; i < b->target_count; i++) {
        struct target *t = b->targets[i];

        if (!t->required || t->linked || lists(a, &t->id))
            continue;
        t->listed_by &= ~bit;
        if (t->listed_by == 0)
            t->required = false;
    }
}

void moot_join_listed(struct moot_boot *b, const struct endpoint *from,
                      const struct moot_answer *a, enum listing how,
                      struct moot_boot_effects *fx)
{
    uint32_t bit = UINT32_C(1) << (from - b->endpoints) % 32;

    for (unsigned i = 0; i < a->member_count; i++) {
        const struct moot_listed *m = &a->members[i];
        struct target *t = moot_dial_get(b, &m->id);

        if (t == NULL)
            continue;
        moot_dial_addrs(t, m->name, m->addrs, m->addr_count);
        if (t->standing != MOOT_JOINED)
            t->standing = m->standing;
        if (how != LISTED_ELSEWHERE && b->phase == PHASE_ASKING &&
            m->standing == MOOT_JOINED)
            t->required = true;
        if (how == LISTED_WELL)
            t->listed_by |= bit;
        t->bootstrap = m->mode == MOOT_BOOTSTRAP;
        if (!t->linked && t->token == 0 && t->due == 0)
            t->due = b->now + moot_dial_pause(b, t);
    }
    if (b->phase == PHASE_REACHING && how == LISTED_WELL)
        release_unlisted(b, a, bit);
    if (b->phase == PHASE_ASKING && b->fix_at == 0 && b->adopted)
        b->fix_at = b->now + MOOT_MERGE_WAIT_MS;
    moot_dial_timer(b, fx);
}

void moot_join_start_over(struct moot_boot *b)
{
    if ((b->phase != PHASE_ASKING && b->phase != PHASE_REACHING) ||
        b->endpoint_count == 0)
        return;
    b->phase = PHASE_ASKING;
    b->fix_at = 0;
    b->adopted = false;
    for (unsigned i = 0; i < b->target_count; i++) {
        b->targets[i]->required = false;
        b->targets[i]->listed_by = 0;
    }
    for (unsigned i = 0; i < b->endpoint_count; i++) {
        b->endpoints[i].said = SAID_NOTHING;
        b->endpoints[i].due = b->now;
    }
}

void moot_join_missed(struct moot_boot *b, struct target *t,
                      struct moot_boot_effects *fx)
{
    unsigned links = 0;

    if (t->probe_until != 0 || b->phase == PHASE_JOINED)
        return;
    for (unsigned i = 0; i < b->target_count; i++)
        links += b->targets[i]->linked;
    if (links == 0)
        return;
    t->probe_until = b->now + MOOT_PROBE_WAIT_MS;
    t->probe_asked = count_witnesses(b);
    t->silent_count = 0;
    moot_boot_effect(fx, MOOT_BOOT_PROBE)->id = t->id;
}

/* Each has one vote, or one of them could speak for all. */
static void add_silence(struct target *t, const struct moot_id *from)
{
    for (unsigned i = 0; i < t->silent_count; i++)
        if (moot_id_eq(&t->silent_to[i], from))
            return;
    t->silent_to =
        moot_slot_open(t->silent_to, sizeof *t->silent_to, &t->silent_count,
                       &t->silent_max, t->silent_count);
    t->silent_to[t->silent_count - 1] = *from;
}

void moot_join_verdict(struct moot_boot *b, const struct moot_id *id,
                       const struct moot_id *from, bool alive)
{
    struct target *t = moot_dial_find(b, id);
    const struct target *witness = moot_dial_find(b, from);

    if (t == NULL || t->probe_until == 0 || witness == NULL || !witness->linked)
        return;
    if (alive)
        t->probe_until = 0; /* it lives: it must be reached */
    else if (t->probe_asked == 0 || witness->standing == MOOT_JOINED)
        add_silence(t, from);
}
