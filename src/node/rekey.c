/*
 * node/rekey.c - a new secret for a closed group: made, heard of, passed on.
 *
 * It is sealed for all members we know that have not left, the lost ones too:
 * they may be behind a cut.  Who learns of a change and has somebody on a link
 * whom it does not name passes it on to him, unless it leaves him out: he was a
 * member when the change had not come here yet.  Who was named in a line that
 * he cannot have, because its run ended before it, is told again.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "node_internal.h"

/* --- hearing of a change --- */

static void take_names(struct moot_ring *r, const struct moot_rekey *k)
{
    for (unsigned i = 0; i < k->out_count; i++)
        moot_ring_name(r, &k->hash, &k->outs[i], true);
    for (unsigned i = 0; i < k->box_count; i++)
        moot_ring_name(r, &k->hash, &k->boxes[i].to, false);
}

/* False: there is no secret for us in it, or not the one it names. */
static bool open_own(const struct moot_node *n, const struct moot_rekey *k,
                     struct moot_secret *ret_secret)
{
    struct moot_short_id own = moot_id_short(&n->key.id);
    struct moot_hash hash;

    for (unsigned i = 0; i < k->box_count; i++) {
        if (memcmp(k->boxes[i].to.b, own.b, sizeof own.b) != 0 ||
            !moot_unbox(&n->key, k->boxes[i].box, ret_secret))
            continue;
        hash = moot_secret_hash(ret_secret);
        if (moot_hash_eq(&hash, &k->hash))
            return true;
    }
    return false;
}

static void take(struct moot_node *n, const struct moot_rekey *k)
{
    struct moot_secret s;

    if (moot_ring_find(&n->ring, &k->hash) == NULL && open_own(n, k, &s)) {
        moot_trace(n->tracer, "secret of generation %llu",
                   (unsigned long long)k->generation);
        moot_ring_learn(&n->ring, k->generation, &s);
        sodium_memzero(&s, sizeof s);
    }
    moot_ring_heard(&n->ring, k->generation, &k->hash);
    take_names(&n->ring, k);
}

void moot_rekey_note(struct moot_node *n, const struct moot_entry *e)
{
    struct moot_body body;
    struct moot_rekey k;

    if (!moot_node_closed(n) || !moot_entry_body(e, &body))
        return;
    for (unsigned i = 0; i < body.line_count; i++) {
        if (body.lines[i].kind != MOOT_LINE_REKEY ||
            !moot_rekey_decode(body.lines[i].text, &k))
            continue;
        take(n, &k);
        n->ring_stirred = true;
    }
}

void moot_rekey_doubt(struct moot_node *n)
{
    if (!moot_node_closed(n))
        return;
    n->doubted = n->ring.hash;
    n->ring_stirred = true;
}

/* --- telling of one --- */

static void say(struct moot_node *n, const struct moot_rekey *k, bool more,
                struct moot_effects *fx)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_SAY};
    struct moot_buf text = {0};

    moot_rekey_encode(k, &text);
    ev.say.kind = MOOT_LINE_REKEY;
    ev.say.text = moot_buf_view(&text);
    ev.say.more = more;
    moot_minds_group(n, &ev, fx);
    moot_buf_fini(&text);
}

/* Adds a box to what is said next, and says it when it is full. */
static void add_box(struct moot_node *n, struct moot_rekey *k,
                    const struct moot_id *to, struct moot_effects *fx)
{
    const struct moot_ring_secret *s = moot_ring_find(&n->ring, &k->hash);
    struct moot_rekey_box *box;
    uint8_t seed[32];

    if (k->box_count == MOOT_REKEY_BOXES_MAX) {
        say(n, k, true, fx);
        k->more = true;
        k->box_count = k->out_count = 0;
    }
    box = &k->boxes[k->box_count];
    box->to = moot_id_short(to);
    moot_rng_bytes(&n->rng, seed, sizeof seed);
    if (moot_box(&s->secret, to, seed, box->box))
        k->box_count++;
}

/* The same for one who is left out. */
static void add_out(struct moot_node *n, struct moot_rekey *k,
                    const struct moot_short_id *id, struct moot_effects *fx)
{
    if (k->out_count == MOOT_REKEY_OUTS_MAX) {
        say(n, k, true, fx);
        k->more = true;
        k->box_count = k->out_count = 0;
    }
    k->outs[k->out_count++] = *id;
}

static bool has_newest(const struct moot_node *n, const struct node_link *l)
{
    return moot_hash_eq(&l->proved, &moot_ring_newest(&n->ring)->hash);
}

/* Who has left has no part in it, nor who was left out and did not come back
 * by an invitation. */
static bool is_for(const struct moot_node *n, const struct moot_member *m,
                   const struct moot_id *without)
{
    const struct node_link *l =
        m->link == 0 ? NULL : moot_link_find(n, m->link);

    if (m->self)
        return true;
    if (!m->known || m->left || moot_id_eq(&m->id, without))
        return false;
    return moot_ring_place(&n->ring, &m->id) != MOOT_RING_OUT ||
           (l != NULL && has_newest(n, l));
}

static bool is_among(const struct moot_short_id *id, const struct moot_id *ids,
                     unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (memcmp(id->b, ids[i].b, sizeof id->b) == 0)
            return true;
    return false;
}

static bool is_member(const struct moot_node *n, const struct moot_short_id *id)
{
    unsigned count = moot_group_member_count(n->group);

    for (unsigned i = 0; i < count; i++)
        if (is_among(id, &moot_group_member_at(n->group, i)->id, 1))
            return true;
    return false;
}

/* As many as there is room for beside all members. */
#define OUTS_MAX (MOOT_RING_NAMES_MAX - MOOT_MEMBERS_MAX)

/* Whom the change before left out, and `without`, unless it is for them now.
 * Were they not named again, the change after it would be for them.  Members
 * go first, because anybody may have named whom nobody ever met. */
static unsigned gather_outs(const struct moot_node *n,
                            const struct moot_id *without,
                            const struct moot_id *ids, unsigned for_count,
                            struct moot_short_id outs[OUTS_MAX])
{
    const struct moot_ring *r = &n->ring;
    unsigned count = 0;

    if (!moot_id_eq(without, &n->key.id))
        outs[count++] = moot_id_short(without);
    for (unsigned turn = 0; turn < 2; turn++) {
        for (unsigned i = 0; i < r->name_count && count < OUTS_MAX; i++) {
            const struct moot_ring_name *name = &r->names[i];

            if (name->out && is_member(n, &name->id) == (turn == 0) &&
                !is_among(&name->id, ids, for_count) &&
                !is_among(&name->id, without, 1))
                outs[count++] = name->id;
        }
    }
    return count;
}

/* For whom the next one is; ids has room for all members. */
static unsigned gather_ins(const struct moot_node *n,
                           const struct moot_id *without, struct moot_id *ids)
{
    unsigned all = moot_group_member_count(n->group), count = 0;

    for (unsigned i = 0; i < all; i++) {
        const struct moot_member *m = moot_group_member_at(n->group, i);

        if (is_for(n, m, without))
            ids[count++] = m->id;
    }
    return count;
}

/* What is said shows members, and may change their table: ids are a copy. */
static void change(struct moot_node *n, const struct moot_id *without,
                   const struct moot_id *ids, unsigned for_count,
                   struct moot_effects *fx)
{
    struct moot_rekey *k = moot_alloc(sizeof *k);
    struct moot_short_id *outs = moot_alloc(OUTS_MAX * sizeof *outs);
    struct moot_secret fresh;
    unsigned out_count = gather_outs(n, without, ids, for_count, outs);

    moot_rng_bytes(&n->rng, fresh.b, sizeof fresh.b);
    k->generation = moot_ring_next(&n->ring);
    k->hash = moot_secret_hash(&fresh);
    moot_ring_learn(&n->ring, k->generation, &fresh);
    sodium_memzero(&fresh, sizeof fresh);
    for (unsigned i = 0; i < out_count; i++) {
        moot_ring_name(&n->ring, &k->hash, &outs[i], true);
        add_out(n, k, &outs[i], fx);
    }
    for (unsigned i = 0; i < for_count; i++)
        add_box(n, k, &ids[i], fx);
    say(n, k, false, fx);
    free(outs);
    free(k);
}

/* --- those of earlier runs who were not met in this one --- */

/* They cannot be told from those who said goodbye then, so that nothing is
 * sealed for them; but who would be alone with it has changed nothing. */
struct missed {
    struct moot_short_id
        at[MOOT_RING_NAMES_MAX + MOOT_KEPT_DOORS_MAX + MOOT_KEPT_SEEDS_MAX];
    unsigned count;
};

static bool has_left(const struct moot_node *n, const struct moot_short_id *id)
{
    unsigned count = moot_group_member_count(n->group);

    for (unsigned i = 0; i < count; i++) {
        const struct moot_member *m = moot_group_member_at(n->group, i);

        if (is_among(id, &m->id, 1))
            return m->left;
    }
    return false;
}

static bool is_out(const struct moot_ring *r, const struct moot_short_id *id)
{
    for (unsigned i = 0; i < r->name_count; i++)
        if (memcmp(r->names[i].id.b, id->b, sizeof id->b) == 0)
            return r->names[i].out;
    return false;
}

static void miss(const struct moot_node *n, struct moot_short_id id,
                 const struct moot_id *ids, unsigned for_count,
                 struct missed *missed)
{
    if (is_among(&id, ids, for_count) || is_among(&id, &n->key.id, 1) ||
        is_out(&n->ring, &id) || has_left(n, &id))
        return;
    for (unsigned i = 0; i < missed->count; i++)
        if (memcmp(missed->at[i].b, id.b, sizeof id.b) == 0)
            return;
    missed->at[missed->count++] = id;
}

static unsigned count_missed(const struct moot_node *n,
                             const struct moot_id *without,
                             const struct moot_id *ids, unsigned for_count)
{
    struct missed *missed = moot_alloc(sizeof *missed);
    const struct moot_back *b = &n->back;
    unsigned count;

    for (unsigned i = 0; i < n->ring.name_count; i++)
        miss(n, n->ring.names[i].id, ids, for_count, missed);
    for (unsigned i = 0; i < b->door_count; i++)
        miss(n, moot_id_short(&b->doors[i].id), ids, for_count, missed);
    for (unsigned i = 0; i < b->seed_count; i++)
        miss(n, moot_id_short(&b->seeds[i].id), ids, for_count, missed);
    count = missed->count;
    for (unsigned i = 0; i < missed->count; i++)
        count -= is_among(&missed->at[i], without, 1) &&
                 !moot_id_eq(without, &n->key.id);
    free(missed);
    return count;
}

/* --- one who is left out, and perhaps is not --- */

static void remember_out(struct moot_node *n, struct moot_bytes name,
                         const struct moot_id *id)
{
    struct shut_out *o = &n->shut_out;
    size_t len = name.len < sizeof o->name ? name.len : sizeof o->name - 1;

    *o = (struct shut_out){.id = *id, .hash = n->ring.hash};
    memcpy(o->name, name.data, len);
}

/* Of two changes at once one holds, and whoever made it had not heard of the
 * other: then he whom that one left out is still in. */
static void review_out(struct moot_node *n, struct moot_effects *fx)
{
    struct shut_out *o = &n->shut_out;
    char text[2 * sizeof o->name + 128];

    if (o->name[0] == '\0' || moot_hash_eq(&o->hash, &n->ring.hash))
        return;
    if (moot_ring_place(&n->ring, &o->id) != MOOT_RING_OUT) {
        snprintf(text, sizeof text,
                 "somebody changed the secret at the same time, and that "
                 "change holds: %s is still in; say /rekey without %s again",
                 o->name, o->name);
        moot_node_show(fx, MOOT_SHOW_NOTICE, "", text);
    }
    o->name[0] = '\0';
}

/* --- the user asks for it --- */

static const char what_it_does[] =
    "the group has a new secret: from now on only those it was sealed for come "
    "in and hear what is said, and invitations made before are void.  What was "
    "said before stays readable to everybody who has it";

/* Whom the user means by a display name; false: nobody, and it is said. */
static bool find_named(const struct moot_node *n, struct moot_bytes name,
                       struct moot_id *ret_id)
{
    unsigned count = moot_group_member_count(n->group);

    for (unsigned i = 0; i < count; i++) {
        const struct moot_member *m = moot_group_member_at(n->group, i);
        char shown[MOOT_NAME_LEN_MAX + 8];

        moot_group_display_name(n->group, &m->id, moot_bytes_text(""), shown);
        if (m->known && moot_bytes_eq(moot_bytes_text(shown), name)) {
            *ret_id = m->id;
            return true;
        }
    }
    return false;
}

static const char *why_not(const struct moot_node *n)
{
    if (!moot_node_closed(n))
        return "this group is open: it has no secret (a closed one is founded "
               "with --private)";
    if (!moot_boot_joined(n->boot))
        return "not in the group yet: nothing was changed";
    if (n->silent)
        return "nothing can be stored now: nothing was changed";
    if (moot_ring_next(&n->ring) >= MOOT_GENERATION_MAX)
        return "the secret was changed as often as it can be";
    return NULL;
}

static bool has_met_anybody(const struct moot_node *n)
{
    unsigned count = moot_group_member_count(n->group);

    for (unsigned i = 0; i < count; i++) {
        const struct moot_member *m = moot_group_member_at(n->group, i);

        if (m->known && !m->self)
            return true;
    }
    return false;
}

static void say_missed(unsigned count, struct moot_effects *fx)
{
    char text[160];

    if (count == 0)
        return;
    snprintf(text, sizeof text,
             "%u known from before %s not met since the start: the new secret "
             "is not for %s; who is not here needs an invitation",
             count, count == 1 ? "was" : "were", count == 1 ? "him" : "them");
    moot_node_show(fx, MOOT_SHOW_NOTICE, "", text);
}

/* NULL: it was done. */
static const char *change_unless_alone(struct moot_node *n,
                                       struct moot_bytes name,
                                       const struct moot_id *without,
                                       struct moot_effects *fx)
{
    struct moot_id *ids =
        moot_alloc(moot_group_member_count(n->group) * sizeof *ids);
    unsigned for_count = gather_ins(n, without, ids);
    unsigned missed = count_missed(n, without, ids, for_count);
    bool alone = missed > 0 && !has_met_anybody(n);

    if (!alone) {
        change(n, without, ids, for_count, fx);
        remember_out(n, name, without);
        n->ring_stirred = true;
        moot_node_show(fx, MOOT_SHOW_NOTICE, "", what_it_does);
        say_missed(missed, fx);
    }
    free(ids);
    return alone ? "nobody else of the group has been met since the start: a "
                   "new secret would be for you alone.  Nothing was changed; "
                   "say it again when somebody is here"
                 : NULL;
}

void moot_rekey_asked(struct moot_node *n, struct moot_bytes without,
                      struct moot_effects *fx)
{
    struct moot_id out = n->key.id; /* nobody */
    const char *fault = why_not(n);

    if (fault == NULL && without.len > 0 && !find_named(n, without, &out))
        fault = "nobody here has that name; see /who.  Nothing was changed";
    if (fault == NULL && without.len > 0 && moot_id_eq(&out, &n->key.id))
        fault = "that is you: nothing was changed";
    if (fault == NULL)
        fault = change_unless_alone(n, without, &out, fx);
    if (fault != NULL)
        moot_node_show(fx, MOOT_SHOW_ERROR, "", fault);
}

/* --- those on our links --- */

static void shut_out(struct moot_node *n, struct node_link *l,
                     struct moot_effects *fx)
{
    moot_trace(n->tracer, "link %llu is left out -> goodbye",
               (unsigned long long)l->handle);
    moot_link_bye(n, l, MOOT_BYE_GROUP, "the group has a new secret",
                  MOOT_EOUTSIDE, fx);
}

/* Do we go on in another run?  Then what we said of a change may lie behind a
 * hole in the one before, where nobody takes it in. */
static bool begins_another_run(struct moot_node *n)
{
    const struct moot_member *self = moot_group_member(n->group, &n->key.id);

    if (self->record.speaks == n->secret_told_in)
        return false;
    n->secret_told_in = self->record.speaks;
    if (n->secret_told_in != 0)
        n->doubted = n->ring.hash; /* also for those who are not here now */
    return n->secret_told_in != 0;
}

/* By an invitation that turned out to be older anybody may have come in who had
 * made its secret up: he was no member before, as far as we know. */
static bool is_to_go(const struct moot_node *n, const struct node_link *l)
{
    enum moot_ring_place place = moot_ring_place(&n->ring, &l->id);

    return place == MOOT_RING_OUT ||
           (l->on_trust && place == MOOT_RING_UNNAMED);
}

/* At once, also while nothing can be stored: they hear every line meanwhile. */
static void shut_out_all(struct moot_node *n, struct moot_effects *fx)
{
    for (unsigned i = 0; i < n->link_count; i++) {
        struct node_link *l = n->links[i];

        if (l->state == LINK_UP && !has_newest(n, l) && is_to_go(n, l))
            shut_out(n, l, fx);
    }
}

/* An invitation turned out to be the newest: who came in by it is like others
 * from now on. */
static void trust_all(struct moot_node *n)
{
    if (moot_ring_newest(&n->ring)->guessed)
        return;
    for (unsigned i = 0; i < n->link_count; i++)
        if (has_newest(n, n->links[i]))
            n->links[i]->on_trust = false;
}

/* Once to each: there may be no room for his name, and a liar may end as many
 * runs as he likes. */
static bool is_owed(const struct moot_node *n, const struct node_link *l,
                    const struct moot_hash *change, bool again)
{
    if (l->state != LINK_UP || has_newest(n, l))
        return false;
    if (again)
        return true;
    if (moot_ring_place(&n->ring, &l->id) == MOOT_RING_IN)
        return moot_hash_eq(&n->doubted, change) &&
               !moot_hash_eq(&l->retold, change);
    return !moot_hash_eq(&l->passed, change);
}

static void pass_on(struct moot_node *n, bool again, struct moot_effects *fx)
{
    const struct moot_ring_secret *newest = moot_ring_newest(&n->ring);
    struct moot_rekey *k = moot_alloc(sizeof *k);

    k->more = true;
    k->generation = newest->generation;
    k->hash = newest->hash;
    for (unsigned i = 0; i < n->link_count; i++) {
        struct node_link *l = n->links[i];

        if (!is_owed(n, l, &k->hash, again))
            continue;
        if (moot_hash_eq(&n->doubted, &k->hash))
            l->retold = k->hash;
        l->passed = k->hash;
        add_box(n, k, &l->id, fx);
    }
    if (k->box_count > 0)
        say(n, k, false, fx);
    free(k);
}

void moot_rekey_review(struct moot_node *n, struct moot_effects *fx)
{
    bool again, told;

    if (!moot_node_closed(n))
        return;
    if (n->ring_stirred)
        trust_all(n);
    if (!moot_boot_joined(n->boot) || n->leaving)
        return;
    again = !n->silent && begins_another_run(n);
    if (!n->ring_stirred && !again)
        return;
    /* Else we are left out ourselves, or not told yet. */
    told = moot_hash_eq(&moot_ring_newest(&n->ring)->hash, &n->ring.hash);
    if (told)
        shut_out_all(n, fx);
    if (n->silent)
        return;
    n->ring_stirred = false;
    n->remembered = false; /* it is to be told anew */
    review_out(n, fx);
    if (told)
        pass_on(n, again, fx);
}
