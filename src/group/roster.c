/*
 * group/roster.c - who is here: linked to us, or to one of our links.
 *
 * Nothing else keeps a member listed, so there are no ghosts.  A broken link is
 * not spoken of at once: it may be a duplicate or be back in a moment, and what
 * the others say of that member arrives a little later.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/error.h"
#include "base/slots.h"
#include "group_internal.h"

/* --- the table --- */

bool moot_member_live(const struct moot_member *m)
{
    return m->self || m->link != 0 || (m->via > 0 && !m->left);
}

static unsigned member_index(const struct moot_group *g,
                             const struct moot_id *id, bool *found)
{
    unsigned low = 0, high = g->member_count;

    *found = false;
    while (low < high) {
        unsigned mid = low + (high - low) / 2;
        int order = moot_id_cmp(&g->members[mid]->id, id);

        if (order == 0) {
            *found = true;
            return mid;
        }
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct moot_member *find_member(const struct moot_group *g,
                                       const struct moot_id *id)
{
    bool found;
    unsigned at = member_index(g, id, &found);

    return found ? g->members[at] : NULL;
}

/* Nobody claims it, nobody is linked to it: it is only remembered. */
static bool is_memory(const struct moot_member *m)
{
    return !moot_member_live(m) && m->via == 0 && m->broke == 0;
}

/* Makes room by forgetting one who is gone; false: all are alive. */
static bool forget_one(struct moot_group *g)
{
    for (unsigned i = 0; i < g->member_count; i++) {
        if (!is_memory(g->members[i]))
            continue;
        free(g->members[i]);
        moot_slot_close(g->members, sizeof(void *), &g->member_count, i);
        return true;
    }
    return false;
}

static void list_remove(struct moot_id *list, unsigned *count,
                        const struct moot_id *id)
{
    for (unsigned i = 0; i < *count; i++)
        if (moot_id_eq(&list[i], id)) {
            moot_slot_close(list, sizeof *list, count, i);
            return;
        }
}

/* One who is only claimed makes room for one who is here: nobody can fill the
 * table with names.  Those without a record go first. */
static bool forget_claimed(struct moot_group *g)
{
    unsigned at = g->member_count;

    for (unsigned i = 0; i < g->member_count; i++) {
        const struct moot_member *m = g->members[i];

        if (m->self || m->link != 0)
            continue;
        at = i;
        if (!m->known)
            break;
    }
    if (at == g->member_count)
        return false;
    for (unsigned i = 0; i < g->link_count; i++)
        list_remove(g->links[i]->claims, &g->links[i]->claim_count,
                    &g->members[at]->id);
    free(g->members[at]);
    moot_slot_close(g->members, sizeof(void *), &g->member_count, at);
    return true;
}

/* Finds or makes it; NULL when MOOT_MEMBERS_MAX are alive, or, for one who is
 * here, when all of them are linked. */
static struct moot_member *get_member(struct moot_group *g,
                                      const struct moot_id *id, bool here)
{
    bool found;
    unsigned at = member_index(g, id, &found);

    if (found)
        return g->members[at];
    if (g->member_count >= MOOT_MEMBERS_MAX) {
        if (!forget_one(g) && !(here && forget_claimed(g)))
            return NULL;
        at = member_index(g, id, &found);
    }
    g->members = moot_slot_open(g->members, sizeof(void *), &g->member_count,
                                &g->member_max, at);
    g->members[at] = moot_alloc(sizeof *g->members[at]);
    g->members[at]->id = *id;
    return g->members[at];
}

const struct moot_member *moot_group_member(const struct moot_group *g,
                                            const struct moot_id *id)
{
    return find_member(g, id);
}

unsigned moot_group_live_count(const struct moot_group *g)
{
    unsigned n = 0;

    for (unsigned i = 0; i < g->member_count; i++)
        n += moot_member_live(g->members[i]);
    return n;
}

const struct moot_member *moot_group_live_at(const struct moot_group *g,
                                             unsigned index)
{
    for (unsigned i = 0; i < g->member_count; i++)
        if (moot_member_live(g->members[i]) && index-- == 0)
            return g->members[i];
    return NULL;
}

struct moot_hash moot_roster_digest(const struct moot_group *g)
{
    struct moot_hasher h;

    moot_hasher_init(&h);
    for (unsigned i = 0; i < g->member_count; i++) {
        const struct moot_member *m = g->members[i];

        if (!moot_member_live(m))
            continue;
        moot_hasher_add(&h, m->id.b, sizeof m->id.b);
        moot_hasher_add_u64(&h, m->known ? m->record.run : 0);
        moot_hasher_add_u64(&h, m->known ? m->record.serial : 0);
    }
    return moot_hasher_final(&h);
}

/* --- names --- */

static bool same_name(const struct moot_member *m, struct moot_bytes name)
{
    return m->known && moot_bytes_eq(moot_bytes_text(m->record.name), name);
}

void moot_group_display_name(const struct moot_group *g,
                             const struct moot_id *id, struct moot_bytes name,
                             char out[MOOT_NAME_LEN_MAX + 8])
{
    const struct moot_member *own = find_member(g, id);
    char suffix[5];
    size_t len;

    if (name.len == 0 && own != NULL && own->known)
        name = moot_bytes_text(own->record.name);
    if (name.len == 0)
        name = moot_bytes_text("someone");
    len = name.len < MOOT_NAME_LEN_MAX ? name.len : MOOT_NAME_LEN_MAX;
    memcpy(out, name.data, len);
    out[len] = '\0';
    for (unsigned i = 0; i < g->member_count; i++) {
        const struct moot_member *m = g->members[i];

        if (moot_id_eq(&m->id, id) || !moot_member_live(m) ||
            !same_name(m, name))
            continue;
        moot_id_suffix(id, suffix);
        out[len] = '.';
        memcpy(out + len + 1, suffix, sizeof suffix);
        return;
    }
}

/* --- what the screen hears --- */

static void present(struct moot_group *g, const struct moot_member *m,
                    enum moot_presence what, const char *text,
                    struct moot_group_effects *fx)
{
    struct moot_group_effect *f = moot_group_ask(fx, MOOT_GROUP_PRESENCE);
    size_t len = strlen(text);

    f->presence = what;
    f->id = m->id;
    f->count = moot_group_live_count(g);
    moot_group_display_name(g, &m->id, moot_bytes_text(""), f->name);
    if (len > MOOT_REASON_LEN_MAX)
        len = MOOT_REASON_LEN_MAX;
    memcpy(f->text, text, len);
}

static void announce_arrival(struct moot_group *g, struct moot_member *m,
                             struct moot_group_effects *fx)
{
    if (m->announced || m->self || !m->known || !moot_member_live(m) ||
        m->record.standing != MOOT_JOINED ||
        g->self->record.standing != MOOT_JOINED)
        return;
    m->announced = true;
    m->lost = false;
    present(g, m, MOOT_PRESENCE_JOINED, "", fx);
}

static void met(const struct moot_member *m, struct moot_group_effects *fx)
{
    if (m->self)
        return;
    moot_group_ask(fx, MOOT_GROUP_MET)->id = m->id;
}

/* Nobody is linked to it any more. */
static void say_lost(struct moot_group *g, struct moot_member *m,
                     struct moot_group_effects *fx)
{
    const char *how = m->ending.why != 0 ? moot_error_text(m->ending.why)
                                         : "nobody is linked to it any more";

    m->unreached = false;
    moot_trace(g->tracer, "%02x%02x is lost: %s", m->id.b[0], m->id.b[1], how);
    if (m->announced && !m->lost) /* not again before it is back */
        present(g, m, MOOT_PRESENCE_LOST, how, fx);
    m->lost = m->announced;
    m->ending = (struct moot_ending){0};
    moot_group_ask(fx, MOOT_GROUP_GONE)->id = m->id;
}

/* It broke a while ago: speak of it as it now looks. */
static void settle_break(struct moot_group *g, struct moot_member *m,
                         struct moot_group_effects *fx)
{
    m->broke = 0;
    if (m->link != 0 || m->left)
        return;
    if (!moot_member_live(m)) {
        say_lost(g, m, fx);
        return;
    }
    if (m->ending.why != 0 && m->announced && !m->unreached) {
        m->unreached = true;
        present(g, m, MOOT_PRESENCE_INDIRECT, moot_error_text(m->ending.why),
                fx);
    }
}

/* --- telling others whom we are linked to --- */

static void list_add(struct moot_id **list, unsigned *count, unsigned *max,
                     const struct moot_id *id)
{
    *list = moot_slot_open(*list, sizeof **list, count, max, *count);
    (*list)[*count - 1] = *id;
}

static void note_change(struct moot_group *g, const struct moot_id *id, bool up)
{
    list_remove(g->told_up, &g->told_up_count, id);
    list_remove(g->told_down, &g->told_down_count, id);
    if (up)
        list_add(&g->told_up, &g->told_up_count, &g->told_up_max, id);
    else
        list_add(&g->told_down, &g->told_down_count, &g->told_down_max, id);
    if (g->told_due == 0)
        g->told_due = g->now + MOOT_LINKED_WAIT_MS;
}

/* Moves up to max from the end of the list. */
static unsigned take_ids(struct moot_id *list, unsigned *count,
                         struct moot_id *out, unsigned max)
{
    unsigned n = *count < max ? *count : max;

    *count -= n;
    if (n > 0)
        memcpy(out, list + *count, n * sizeof *list);
    return n;
}

static void tell_changes(struct moot_group *g, struct moot_group_effects *fx)
{
    struct moot_message *m = moot_group_message(g, MOOT_MSG_LINKED);

    while (g->told_up_count + g->told_down_count > 0) {
        m->linked.up_count = take_ids(g->told_up, &g->told_up_count,
                                      m->linked.up, MOOT_LINKS_MAX);
        m->linked.down_count =
            take_ids(g->told_down, &g->told_down_count, m->linked.down,
                     MOOT_LINKS_MAX - m->linked.up_count);
        moot_group_post(fx, MOOT_GROUP_TELL, 0, m);
    }
    g->told_due = 0;
}

static void tell_all(struct moot_group *g, struct group_link *l,
                     struct moot_group_effects *fx)
{
    struct moot_message *m = moot_group_message(g, MOOT_MSG_LINKED);

    m->linked.full = true;
    for (unsigned i = 0; i < g->link_count; i++)
        if (g->links[i] != l)
            m->linked.up[m->linked.up_count++] = g->links[i]->id;
    moot_group_post(fx, MOOT_GROUP_SEND, l->handle, m);
}

/* --- links --- */

/* l takes over from another link to the same member: what he said there of his
 * links still holds, and he need not say it again. */
static void inherit(struct moot_group *g, const struct moot_member *m,
                    struct group_link *l)
{
    struct group_link *old = moot_group_link_find(g, m->link);

    if (old == NULL || old == l)
        return;
    l->claims = old->claims;
    l->claim_count = old->claim_count;
    l->claim_max = old->claim_max;
    old->claims = NULL;
    old->claim_count = old->claim_max = 0;
}

void moot_roster_link_up(struct moot_group *g, struct group_link *l,
                         const struct moot_addr *seen,
                         struct moot_group_effects *fx)
{
    struct moot_member *m = get_member(g, &l->id, true);

    tell_all(g, l, fx);
    note_change(g, &l->id, true);
    if (m == NULL)
        return;
    inherit(g, m, l);
    m->link = l->handle;
    m->seen = *seen;
    m->broke = 0;
    m->left = false;
    m->unreached = false;
    m->ending = (struct moot_ending){0};
    if (m->lost)
        present(g, m, MOOT_PRESENCE_BACK, "", fx);
    m->lost = false;
    met(m, fx);
}

static void drop_claim(struct moot_group *g, const struct moot_id *id)
{
    struct moot_member *m = find_member(g, id);

    if (m == NULL || m->self)
        return;
    moot_assert(m->via > 0);
    m->via--;
    if (!moot_member_live(m) && m->broke == 0 && !m->left)
        m->broke = g->now;
}

static void depart(struct moot_group *g, struct moot_member *m,
                   const struct moot_ending *how, struct moot_group_effects *fx)
{
    size_t len = how->reason.len < MOOT_REASON_LEN_MAX ? how->reason.len
                                                       : MOOT_REASON_LEN_MAX;

    m->left = true;
    m->lost = false;
    m->unreached = false;
    memcpy(m->words,
           how->reason.data == NULL ? (const uint8_t *)"" : how->reason.data,
           len);
    m->words[len] = '\0';
    if (m->announced)
        present(g, m, MOOT_PRESENCE_LEFT, m->words, fx);
    m->announced = false;
    moot_group_ask(fx, MOOT_GROUP_GONE)->id = m->id;
}

void moot_roster_link_down(struct moot_group *g, struct group_link *l,
                           const struct moot_ending *how,
                           struct moot_group_effects *fx)
{
    struct moot_member *m = find_member(g, &l->id);

    for (unsigned i = 0; i < l->claim_count; i++)
        drop_claim(g, &l->claims[i]);
    free(l->claims);
    l->claims = NULL;
    l->claim_count = l->claim_max = 0;
    if (m != NULL && m->link != l->handle)
        return; /* another link took over */
    note_change(g, &l->id, false);
    if (m == NULL)
        return;
    m->link = 0;
    if (how->left) {
        depart(g, m, how, fx);
        return;
    }
    m->broke = g->now;
    m->ending.why = how->why;
}

/* --- records --- */

bool moot_group_is_news(const struct moot_group *g, const struct moot_record *r)
{
    const struct moot_member *m = find_member(g, &r->id);

    if (m == NULL || m->self)
        return false;
    return !m->known || moot_record_newer(r, &m->record);
}

void moot_roster_record(struct moot_group *g, const struct moot_record *r,
                        const struct moot_addr *seen,
                        struct moot_group_effects *fx)
{
    struct moot_member *m = find_member(g, &r->id);

    if (m == NULL || m->self)
        return;
    if (seen->port != 0 && m->seen.port == 0)
        m->seen = *seen;
    if (m->known && !moot_record_newer(r, &m->record)) {
        announce_arrival(g, m, fx); /* known, but not here when we joined */
        return;
    }
    if (m->known && m->record.run != r->run) {
        m->left = false;
        m->announced = false;
    }
    m->known = true;
    m->record = *r;
    announce_arrival(g, m, fx);
    if (moot_member_live(m))
        met(m, fx);
}

static void hint(const struct moot_member *m, struct moot_member_hint *h)
{
    h->record = moot_bytes_of(m->record.raw, m->record.raw_len);
    h->sig = m->record.sig;
    h->seen = m->seen;
}

void moot_roster_who(struct moot_group *g, struct group_link *l,
                     const struct moot_who *w, struct moot_group_effects *fx)
{
    struct moot_message *m;

    if (!moot_group_may_answer(g, l))
        return;

    if (w->count == 0)
        tell_all(g, l, fx); /* the lists are compared as a whole */
    m = moot_group_message(g, MOOT_MSG_MEMBERS);

    unsigned total = w->count == 0 ? g->member_count : w->count;

    for (unsigned i = 0; i < total; i++) {
        const struct moot_member *x =
            w->count == 0 ? g->members[i] : find_member(g, &w->at[i]);

        if (x != NULL && x->known && moot_member_live(x) &&
            !moot_id_eq(&x->id, &l->id))
            hint(x, &m->members.at[m->members.count++]);
        if (m->members.count < MOOT_MEMBERS_PAGE_MAX &&
            (i + 1 < total || m->members.count == 0))
            continue;
        moot_group_post(fx, MOOT_GROUP_SEND, l->handle, m);
        m->members.count = 0;
    }
}

void moot_roster_ask_all(struct moot_group *g, struct group_link *l,
                         struct moot_group_effects *fx)
{
    struct moot_message *m;

    if (l->who_at != 0 && g->now < l->who_at + MOOT_SYNC_EVERY_MS)
        return;
    l->who_at = g->now;
    tell_all(g, l, fx);
    m = moot_group_message(g, MOOT_MSG_WHO);
    moot_group_post(fx, MOOT_GROUP_SEND, l->handle, m);
}

/* --- claims --- */

static int compare_ids(const void *a, const void *b)
{
    return moot_id_cmp(a, b);
}

/* Where the claim is, or would have to be. */
static unsigned claim_index(const struct group_link *l,
                            const struct moot_id *id, bool *found)
{
    unsigned low = 0, high = l->claim_count;

    *found = false;
    while (low < high) {
        unsigned mid = low + (high - low) / 2;
        int order = moot_id_cmp(&l->claims[mid], id);

        if (order == 0) {
            *found = true;
            return mid;
        }
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static void add_claim(struct moot_group *g, struct group_link *l,
                      const struct moot_id *id, struct moot_group_effects *fx)
{
    struct moot_member *m;
    bool found;
    unsigned at = claim_index(l, id, &found);

    if (found || l->claim_count == MOOT_LINKS_MAX)
        return;
    m = get_member(g, id, false);
    if (m == NULL || m->self)
        return;
    l->claims = moot_slot_open(l->claims, sizeof *l->claims, &l->claim_count,
                               &l->claim_max, at);
    l->claims[at] = *id;
    m->via++;
    if (!m->known || m->left)
        return;
    announce_arrival(g, m, fx);
    if (m->via == 1)
        met(m, fx);
}

static void remove_claim(struct moot_group *g, struct group_link *l,
                         const struct moot_id *id)
{
    bool found;
    unsigned at = claim_index(l, id, &found);

    if (!found)
        return;
    moot_slot_close(l->claims, sizeof *l->claims, &l->claim_count, at);
    drop_claim(g, id);
}

/* What it claimed before and does not repeat now. */
static void remove_unrepeated(struct moot_group *g, struct group_link *l,
                              const struct moot_linked *m)
{
    struct moot_id *up = moot_group_message(g, MOOT_MSG_LINKED)->linked.up;

    memcpy(up, m->up, m->up_count * sizeof *up);
    qsort(up, m->up_count, sizeof *up, compare_ids);
    for (unsigned i = l->claim_count; i > 0; i--) {
        struct moot_id id = l->claims[i - 1];

        if (bsearch(&id, up, m->up_count, sizeof *up, compare_ids) == NULL)
            remove_claim(g, l, &id);
    }
}

static void ask_for_unknown(struct moot_group *g, struct group_link *l,
                            struct moot_group_effects *fx)
{
    struct moot_message *m = moot_group_message(g, MOOT_MSG_WHO);

    for (unsigned i = 0; i < l->claim_count && m->who.count < MOOT_PAGE_MAX;
         i++) {
        struct moot_member *x = find_member(g, &l->claims[i]);

        if (x == NULL || x->known ||
            (x->asked != 0 && g->now < x->asked + MOOT_WHO_WAIT_MS))
            continue;
        x->asked = g->now;
        m->who.at[m->who.count++] = x->id;
    }
    if (m->who.count > 0)
        moot_group_post(fx, MOOT_GROUP_SEND, l->handle, m);
}

void moot_roster_linked(struct moot_group *g, struct group_link *l,
                        const struct moot_linked *m,
                        struct moot_group_effects *fx)
{
    if (m->full)
        remove_unrepeated(g, l, m);
    for (unsigned i = 0; i < m->down_count; i++)
        remove_claim(g, l, &m->down[i]);
    for (unsigned i = 0; i < m->up_count; i++)
        add_claim(g, l, &m->up[i], fx);
    ask_for_unknown(g, l, fx);
}

/* --- ourselves --- */

static void tell_self(struct moot_group *g, struct moot_group_effects *fx)
{
    struct moot_message *m = moot_group_message(g, MOOT_MSG_MEMBERS);

    g->self->record.serial++;
    moot_record_seal(&g->self->record, g->key);
    hint(g->self, &m->members.at[0]);
    m->members.count = 1;
    moot_group_post(fx, MOOT_GROUP_TELL, 0, m);
}

void moot_roster_init(struct moot_group *g, const struct moot_record *self)
{
    g->self = get_member(g, &self->id, true);
    g->self->self = true;
    g->self->known = true;
    g->self->announced = true;
    g->self->record = *self;
    moot_record_seal(&g->self->record, g->key);
}

void moot_roster_fini(struct moot_group *g)
{
    for (unsigned i = 0; i < g->member_count; i++)
        free(g->members[i]);
    free(g->members);
    free(g->told_up);
    free(g->told_down);
}

void moot_roster_standing(struct moot_group *g, enum moot_standing standing,
                          struct moot_group_effects *fx)
{
    bool first =
        standing == MOOT_JOINED && g->self->record.standing != MOOT_JOINED;

    g->self->record.standing = standing;
    tell_self(g, fx);
    for (unsigned i = 0; first && i < g->member_count; i++) {
        struct moot_member *m = g->members[i];

        if (!m->known || m->record.standing != MOOT_JOINED)
            continue;
        m->announced = moot_member_live(m); /* it was here before us */
        if (moot_member_live(m))
            met(m, fx);
    }
}

void moot_roster_rename(struct moot_group *g, struct moot_bytes name,
                        struct moot_group_effects *fx)
{
    moot_assert(name.len <= MOOT_NAME_LEN_MAX);
    memcpy(g->self->record.name, name.data, name.len);
    g->self->record.name[name.len] = '\0';
    tell_self(g, fx);
}

/* --- time --- */

void moot_roster_timer(struct moot_group *g, struct moot_group_effects *fx)
{
    for (unsigned i = 0; i < g->member_count; i++) {
        struct moot_member *m = g->members[i];

        if (m->broke != 0 && g->now >= m->broke + MOOT_BROKE_WAIT_MS)
            settle_break(g, m, fx);
    }
    if (g->told_due != 0 && g->now >= g->told_due)
        tell_changes(g, fx);
}

moot_ms moot_roster_deadline(const struct moot_group *g)
{
    moot_ms due = g->told_due == 0 ? MOOT_NEVER : g->told_due;

    for (unsigned i = 0; i < g->member_count; i++)
        if (g->members[i]->broke != 0)
            due = moot_ms_min(due, g->members[i]->broke + MOOT_BROKE_WAIT_MS);
    return due;
}
