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
    moot_ask_note_good(b, fx);
    moot_trace(b->tracer, "everybody I must reach is linked -> joined");
}

static void give_up(struct moot_boot *b, int code, const char *what,
                    struct moot_boot_effects *fx)
{
    struct moot_boot_effect *f = moot_boot_effect(fx, MOOT_BOOT_FAIL);

    f->code = code;
    moot_join_explain(b, what, f->text);
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

/* It knows no such group, and is no place to begin one; another may be. */
static bool leads_elsewhere(const struct source *e)
{
    return e->said == SAID_NOTHING &&
           (e->why == MOOT_EDIRECTORY || e->other[0] != '\0');
}

/* A directory takes our group, and nobody has joined there. */
static bool has_place(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->source_count; i++)
        if (b->sources[i].hosted && b->sources[i].said == SAID_JOINING)
            return true;
    return false;
}

/* It was tried in vain, and the group can begin elsewhere.  If it keeps one of
 * that name, the two become one when it is back.  An invitation names a group
 * that is there: who has one begins no other. */
static bool may_be_absent(const struct moot_boot *b, const struct source *e)
{
    return e->said == SAID_NOTHING && e->why != 0 && !e->pins.has_group &&
           has_place(b);
}

/* Of those the user named. */
static bool all_named_heard(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->source_count; i++)
        if (moot_source_named(&b->sources[i]) &&
            b->sources[i].said == SAID_NOTHING &&
            !leads_elsewhere(&b->sources[i]) &&
            !may_be_absent(b, &b->sources[i]))
            return false;
    return true;
}

/* Something came of each, or it failed at least once. */
static bool all_tried(const struct moot_boot *b, bool named_only)
{
    for (unsigned i = 0; i < b->source_count; i++) {
        const struct source *e = &b->sources[i];

        if ((named_only && !moot_source_named(e)) || e->kind == MOOT_WAY_TOLD)
            continue;
        if (e->said == SAID_NOTHING && e->breaker.failures == 0)
            return false;
    }
    return true;
}

static bool all_recalled_tried(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->target_count; i++) {
        const struct target *t = b->targets[i];

        if (t->recalled && !t->linked && t->failures == 0)
            return false;
    }
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
    if (!all_named_heard(b))
        return false;
    for (unsigned i = 0; i < b->source_count; i++)
        if (moot_source_named(&b->sources[i]) &&
            b->sources[i].why == MOOT_EGROUP &&
            !leads_elsewhere(&b->sources[i]))
            return false; /* it has to come over to our group first */
    for (unsigned i = 0; i < b->target_count; i++) {
        const struct target *t = b->targets[i];

        if (t->named_by == 0 && !t->live && !t->proven)
            continue; /* of an earlier run */
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
    for (unsigned i = 0; i < b->source_count; i++) {
        const struct source *e = &b->sources[i];

        if (moot_source_named(e) && !moot_source_leads(e) &&
            !leads_elsewhere(e) && !may_be_absent(b, e) &&
            e->said != SAID_SELF && e->fresh < since)
            return false;
    }
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

static bool any_good(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->source_count; i++)
        if (b->sources[i].said == SAID_GOOD)
            return true;
    return false;
}

/* Whoever is asked under an older secret of a closed group answers that he is
 * joining.  On a link he gives us the newest, and then says better whom to
 * reach than links do, which have not told of everybody yet. */
static bool answers_better_soon(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->source_count; i++)
        if (b->closed && b->sources[i].said == SAID_JOINING &&
            moot_source_named(&b->sources[i]))
            return true;
    return false;
}

/* Those who know us from before have found us, or we them.  Whom the user
 * named goes first: perhaps he is to bring us to another group. */
static bool links_decide(struct moot_boot *b)
{
    if (!b->group_known || any_good(b) || !met_joined(b))
        return false;
    if (b->named_count > 0 && !all_tried(b, true) &&
        b->now < b->started + MOOT_NAMED_FIRST_MS)
        return false;
    if (!answers_better_soon(b))
        return true;
    if (b->better_by == 0)
        b->better_by = b->now + MOOT_MET_WAIT_MS;
    return b->now >= b->better_by;
}

/* Is one there who would have to let us in, and does not? */
static bool is_sent_away(const struct moot_boot *b)
{
    bool said = false;

    for (unsigned i = 0; i < b->target_count; i++)
        said = said || b->targets[i]->why == MOOT_ESECRET;
    return b->closed && said;
}

/* Nobody was named who decides, and those of earlier runs are not there. */
static void consider_going_alone(struct moot_boot *b,
                                 struct moot_boot_effects *fx)
{
    if (b->now < b->started + MOOT_ALONE_MS &&
        (!all_tried(b, false) || !all_recalled_tried(b) ||
         !moot_dial_alone(b))) /* who is linked is about to say how far he is */
        return;
    moot_source_complain(b, fx);
    moot_join_put(
        moot_boot_effect(fx, MOOT_BOOT_NOTICE)->text,
        is_sent_away(b)
            ? "a member is there and lets nobody in with this secret: ask for "
              "a new invitation; until then what you say stays here"
            : "nobody of the group was found yet; looking for them goes on");
    finish(b, fx);
}

static void consider_founding(struct moot_boot *b, struct moot_boot_effects *fx)
{
    if (any_good(b) || !all_named_heard(b)) {
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
    if (met) {
        fix_required(b);
        return;
    }
    moot_source_complain(b, fx);
    finish(b, fx);
}

/* To ask again would be answered the same. */
static bool is_no_way_in(const struct source *e)
{
    return e->other[0] != '\0' || e->why == MOOT_EINVITE ||
           e->why == MOOT_ESECRET || e->why == MOOT_EOPEN ||
           e->why == MOOT_EFULL || e->why == MOOT_EDIRECTORY;
}

static bool no_way_in(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->source_count; i++)
        if (moot_source_named(&b->sources[i]) && !is_no_way_in(&b->sources[i]))
            return false;
    return b->named_count > 0;
}

/* Are the first good answers in, or what the first links told? */
static bool may_fix(const struct moot_boot *b)
{
    if (b->fix_at == 0)
        return false;
    return b->now >= b->fix_at || (!b->by_links && all_named_heard(b));
}

/* The secret was changed without us: somebody said so, and nobody lets us in.
 * Who is to be given the new one is let in, and then a better answer comes.
 * Others may be known from earlier; while there is time they are tried. */
static bool is_shut_out(const struct moot_boot *b)
{
    bool untried = false;

    for (unsigned i = 0; i < b->target_count; i++) {
        const struct target *t = b->targets[i];

        if (t->linked)
            return false;
        untried = untried || t->why == 0;
    }
    return is_sent_away(b) && (!untried || b->now >= b->give_up);
}

static void be_shut_out(struct moot_boot *b, struct moot_boot_effects *fx)
{
    struct moot_boot_effect *f = moot_boot_effect(fx, MOOT_BOOT_FAIL);

    f->code = EXIT_REFUSED;
    moot_join_put(f->text, "not let in: ");
    moot_join_put(f->text, moot_error_text(MOOT_ESECRET));
    b->phase = PHASE_FAILED;
}

/* Some answered, but were left out of the group. */
static const char *who_is_missed(const struct moot_boot *b)
{
    for (unsigned i = 0; i < b->source_count; i++)
        if (moot_source_named(&b->sources[i]) &&
            b->sources[i].why == MOOT_EOUTSIDE)
            return "nobody who is still in the group answered: ";
    return "no bootstrap peer answered: ";
}

static void review_asking(struct moot_boot *b, struct moot_boot_effects *fx)
{
    if (b->fix_at == 0 && links_decide(b)) {
        b->fix_at = b->now + MOOT_LINKS_WAIT_MS;
        b->by_links = true;
    }
    if (may_fix(b)) {
        fix_required(b);
        return;
    }
    if (b->fix_at == 0 && b->named_count > 0)
        consider_founding(b, fx);
    else if (b->fix_at == 0)
        consider_going_alone(b, fx);
    if (b->phase != PHASE_ASKING)
        return;
    if (no_way_in(b))
        give_up(b, EXIT_REFUSED, moot_source_refusal(b), fx);
    else if (b->named_count > 0 && is_shut_out(b))
        be_shut_out(b, fx);
    else if (b->named_count > 0 && b->now >= b->give_up)
        give_up(b, EXIT_NO_BOOTSTRAP, who_is_missed(b), fx);
    else
        moot_join_say_progress(b, fx);
}

static bool refused(int why)
{
    return why == MOOT_EGROUP || why == MOOT_EPROOF || why == MOOT_EVERSION ||
           why == MOOT_EFULL || why == MOOT_ESECRET || why == MOOT_EOUTSIDE;
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

    moot_join_put(f->text, "not reached yet, still trying: ");
    moot_join_put_missing(b, f->text);
    finish(b, fx);
}

static void review_reaching(struct moot_boot *b, struct moot_boot_effects *fx)
{
    unsigned all, reached;

    moot_join_count(b, &all, &reached);
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
        moot_join_say_progress(b, fx);
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

/* Its dial takes longer than it should, and nobody was asked about it. */
static bool is_doubtful(const struct target *t)
{
    return t->required && !t->linked && t->token != 0 && t->probe_until == 0 &&
           t->asked_about != t->token;
}

static void begin_probes(struct moot_boot *b, struct moot_boot_effects *fx)
{
    for (unsigned i = 0; i < b->target_count; i++) {
        struct target *t = b->targets[i];

        if (!is_doubtful(t) || b->now < t->tried + MOOT_PROBE_AFTER_MS)
            continue;
        t->asked_about = t->token; /* also when there is nobody to ask */
        moot_join_missed(b, t, fx);
    }
}

void moot_join_review(struct moot_boot *b, struct moot_boot_effects *fx)
{
    end_probes(b);
    begin_probes(b, fx);
    moot_doubt_review(b, fx);
    if (b->phase == PHASE_ASKING)
        review_asking(b, fx);
    if (b->phase == PHASE_REACHING)
        review_reaching(b, fx);
}

/* When those of earlier runs, or links without those who were named, decide. */
static moot_ms first_try_ends(const struct moot_boot *b)
{
    moot_ms due = b->started +
                  (b->named_count == 0 ? MOOT_ALONE_MS : MOOT_NAMED_FIRST_MS);

    return due > b->now ? due : MOOT_NEVER;
}

moot_ms moot_join_deadline(const struct moot_boot *b)
{
    moot_ms due = MOOT_NEVER;

    if (b->phase != PHASE_ASKING && b->phase != PHASE_REACHING)
        return due;
    due = moot_doubt_deadline(b);
    if (b->give_up > b->now)
        due = moot_ms_min(due, b->give_up);
    if (b->phase == PHASE_ASKING)
        due = moot_ms_min(due, first_try_ends(b));
    if (b->progress_at > b->now)
        due = moot_ms_min(due, b->progress_at);
    if (b->phase == PHASE_ASKING && b->fix_at != 0)
        due = moot_ms_min(due, b->fix_at);
    if (b->phase == PHASE_ASKING && b->fix_at == 0 && b->found_at != 0)
        due = moot_ms_min(due, b->found_at);
    if (b->phase == PHASE_ASKING && b->better_by > b->now)
        due = moot_ms_min(due, b->better_by);
    for (unsigned i = 0; i < b->target_count; i++) {
        const struct target *t = b->targets[i];

        if (t->probe_until != 0)
            due = moot_ms_min(due, t->probe_until);
        if (is_doubtful(t))
            due = moot_ms_min(due, t->tried + MOOT_PROBE_AFTER_MS);
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

void moot_join_unlist(struct moot_boot *b, const struct source *e)
{
    uint64_t bit = moot_source_bit(b, e);

    for (unsigned i = 0; i < b->target_count; i++) {
        struct target *t = b->targets[i];

        if ((t->named_by & bit) == 0)
            continue;
        t->named_by &= ~bit;
        t->listed_by &= ~bit;
        if (t->named_by == 0 && !t->live)
            t->required = false;
    }
}

/* A newer answer does not know them any more: they left or died, unless another
 * endpoint still has them.  Who is still joining itself does not know everybody
 * yet, and releases nobody. */
static void release_unlisted(struct moot_boot *b, const struct moot_answer *a,
                             uint64_t bit)
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

/* Is it said to be where we have not looked yet? */
static bool is_elsewhere(const struct target *t, const struct moot_listed *m)
{
    for (unsigned i = 0; i < m->addr_count; i++) {
        bool known = false;

        for (unsigned k = 0; k < t->addr_count && !known; k++)
            known = moot_addr_eq(&t->addrs[k], &m->addrs[i]);
        if (!known)
            return true;
    }
    return false;
}

static void list_one(struct moot_boot *b, const struct source *from,
                     const struct moot_listed *m, enum listing how)
{
    struct target *t = moot_dial_get(b, &m->id);
    bool news;

    if (t == NULL)
        return;
    news = is_elsewhere(t, m);
    if (t->addr_count > 0 && !moot_source_proven(b, from))
        moot_dial_addrs_among(t, m->name, m->addrs, m->addr_count);
    else
        moot_dial_addrs(t, m->name, m->addrs, m->addr_count);
    if (t->standing != MOOT_JOINED)
        t->standing = m->standing;
    if (how > LISTED_ELSEWHERE && b->phase == PHASE_ASKING &&
        m->standing == MOOT_JOINED)
        t->required = true;
    t->named_by |= moot_source_bit(b, from);
    if (how == LISTED_WELL)
        t->listed_by |= moot_source_bit(b, from);
    t->bootstrap = m->mode == MOOT_BOOTSTRAP;
    if (t->linked || t->token != 0)
        return;
    if (t->due == 0)
        t->due = b->now + moot_dial_pause(b, t);
    else if (news)
        t->due = moot_ms_min(t->due, b->now + moot_dial_pause(b, t));
}

/* A few of them, in case the others come to nothing. */
static void hear_of_sources(struct moot_boot *b, const struct moot_answer *a)
{
    unsigned told = 0;

    for (unsigned i = 0; i < a->member_count && told < MOOT_TOLD_MAX; i++) {
        const struct moot_listed *m = &a->members[i];

        if (m->boot.port == 0)
            continue;
        moot_source_told(b, &m->id, &m->boot);
        told++;
    }
}

/* Does it show whether the answer is true, when that one is met?  A directory
 * is no member: the first of those it lists stand for it. */
static bool vouches(const struct moot_answer *a, unsigned at)
{
    return a->hosted ? at < MOOT_TOLD_MAX
                     : moot_id_eq(&a->members[at].id, &a->id);
}

void moot_join_listed(struct moot_boot *b, const struct source *from,
                      const struct moot_answer *a, enum listing how,
                      struct moot_boot_effects *fx)
{
    for (unsigned i = 0; i < a->member_count; i++)
        if (how != LISTED_SIGNER || vouches(a, i))
            list_one(b, from, &a->members[i], how);
    if (how > LISTED_ELSEWHERE)
        hear_of_sources(b, a);
    if (b->phase == PHASE_REACHING && how == LISTED_WELL)
        release_unlisted(b, a, moot_source_bit(b, from));
    if (b->phase == PHASE_ASKING && b->fix_at == 0 && b->adopted)
        b->fix_at = b->now + MOOT_MERGE_WAIT_MS;
    moot_dial_timer(b, fx);
}

void moot_join_adopt(struct moot_boot *b, const struct source *e,
                     struct moot_boot_effects *fx)
{
    struct moot_boot_effect *f = moot_boot_effect(fx, MOOT_BOOT_ADOPT);
    size_t len = strlen(e->group_name);

    moot_join_start_over(b);
    b->group = e->group;
    b->weight = e->weight;
    b->adopted_at = b->now;
    b->group_known = false;
    memcpy(b->group_name, e->group_name, len + 1);
    f->group = e->group;
    memcpy(f->text, e->group_name, len + 1);
}

void moot_join_start_over(struct moot_boot *b)
{
    if ((b->phase != PHASE_ASKING && b->phase != PHASE_REACHING) ||
        b->source_count == 0)
        return;
    b->phase = PHASE_ASKING;
    b->fix_at = 0;
    b->by_links = false;
    b->better_by = 0;
    b->adopted = false;
    for (unsigned i = 0; i < b->target_count; i++) {
        b->targets[i]->required = false;
        b->targets[i]->listed_by = 0;
        b->targets[i]->named_by = 0;
    }
    for (unsigned i = 0; i < b->source_count; i++) {
        b->sources[i].said = SAID_NOTHING;
        if (b->sources[i].asked != 0) /* else it has a place in an order */
            b->sources[i].due = b->now;
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
    t->asked_about = t->token;
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
