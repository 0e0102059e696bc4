/*
 * tests/sim/check.c - is every step of a peer allowed?
 *
 * What is judged here is known to the simulator alone: who said what, what was
 * under way, who could reach whom.  The first thing that is not allowed ends
 * the simulation.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <string.h>

#include "sim_internal.h"

#define SCREEN_WAIT_MAX_MS 6500 /* 5 s for causes, and some to notice */
#define SILENT_MAX_MS 35250     /* 35 s, and one tick */
#define ANSWER_MS 30000         /* who answers within this lives */
#define SETTLED_MS 15000        /* so long the network must have been itself */
#define KNOWN_MS 5000           /* so long everybody knows who has joined */
#define STATS_EVERY_MS 1000

/* --- who and what --- */

uint64_t sim_past_view(const struct sim_view *v)
{
    return v->shown > v->holed ? v->shown : v->holed;
}

uint32_t sim_peer_of(const struct sim *s, const struct moot_id *id)
{
    for (uint32_t i = s->peer_count; i > 0; i--)
        if (moot_id_eq(&s->peers[i - 1]->profile->key.id, id))
            return i - 1;
    return SIM_NOBODY;
}

uint32_t sim_chain_find(struct sim *s, const struct moot_hash *group,
                        const struct moot_run *in)
{
    for (uint32_t i = s->chain_count; i > 0; i--) {
        const struct sim_chain *c = &s->chains[i - 1];

        if (moot_run_cmp(&c->in, in) == 0 && moot_hash_eq(&c->group, group))
            return i - 1;
    }
    return SIM_NOBODY;
}

/* The one this entry belongs to; p begins it if it is nobody's yet. */
static uint32_t chain_of(struct sim_peer *p, const struct moot_entry *e)
{
    struct sim *s = p->sim;
    uint32_t chain = sim_chain_find(s, &e->group, &e->in);

    if (chain != SIM_NOBODY || s->chain_count == SIM_CHAINS_MAX ||
        !moot_id_eq(&e->in.author, &p->profile->key.id))
        return chain;
    chain = s->chain_count++;
    s->chains[chain].group = e->group;
    s->chains[chain].in = e->in;
    s->chains[chain].author = p->number;
    if (p->own_chain != SIM_NOBODY &&
        moot_hash_eq(&s->chains[p->own_chain].group, &e->group)) {
        s->chains[chain].lines = s->chains[p->own_chain].lines;
        s->chains[chain].second = true;
    }
    p->own_chain = chain;
    return chain;
}

static void add_hash(struct sim_chain *c, const struct moot_hash *hash)
{
    if (c->count == c->max) {
        c->max = c->max == 0 ? 8 : 2 * c->max;
        c->hashes = moot_realloc(c->hashes, c->max * sizeof *c->hashes);
    }
    c->hashes[c->count++] = *hash;
}

/* --- said and stored --- */

void sim_check_said(struct sim_peer *p, enum moot_line_kind kind,
                    const char *text)
{
    struct sim_said *said = &p->sim->said[p->number];

    if (said->count == said->max) {
        said->max = said->max == 0 ? 16 : 2 * said->max;
        said->lines =
            moot_realloc(said->lines, said->max * sizeof *said->lines);
    }
    said->lines[said->count++] =
        (struct sim_line){kind, moot_copy(text, strlen(text)), p->sim->now};
}

static bool same_line(const struct sim_line *said, const struct moot_line *line)
{
    return said->kind == line->kind &&
           moot_bytes_eq(moot_bytes_text(said->text), line->text);
}

/* Who moved to another group says again there what was said in the first one,
 * by this life or one before it. */
static bool said_before(const struct sim_peer *p, struct sim_chain *c,
                        const struct moot_line *line)
{
    const struct sim *s = p->sim;

    for (; c->again_life < p->number; c->again_life++, c->again_line = 0) {
        const struct sim_said *said = &s->said[c->again_life];

        if (s->peers[c->again_life]->profile != p->profile)
            continue;
        for (; c->again_line < said->count; c->again_line++)
            if (same_line(&said->lines[c->again_line], line)) {
                c->again_line++;
                return true;
            }
    }
    return false;
}

/* It goes on where its chain stopped. */
static void check_made(struct sim_peer *p, struct sim_chain *c,
                       const struct moot_entry *e)
{
    const struct sim_said *said = &p->sim->said[p->number];
    struct moot_body body;

    if (!moot_entry_body(e, &body)) {
        sim_blame(p->sim, "%s makes an entry without lines", p->label);
        return;
    }
    for (unsigned i = 0; i < body.line_count; i++) {
        if (body.lines[i].kind == MOOT_LINE_REKEY)
            continue; /* the node's own words */
        if (c->lines < said->count &&
            same_line(&said->lines[c->lines], &body.lines[i]))
            c->lines++;
        else if (c->lines > 0 || !said_before(p, c, &body.lines[i]))
            sim_blame(p->sim, "%s makes an entry of what was not said then",
                      p->label);
    }
}

void sim_chain_other(struct sim *s, const struct moot_entry *e)
{
    uint32_t chain = sim_chain_find(s, &e->group, &e->in);
    struct sim_chain *c;

    if (chain == SIM_NOBODY)
        return;
    c = &s->chains[chain];
    if (c->other_count == c->other_max) {
        c->other_max = c->other_max == 0 ? 8 : 2 * c->other_max;
        c->others = moot_realloc(c->others, c->other_max * sizeof *c->others);
    }
    c->others[c->other_count++] = e->hash;
}

bool sim_chain_forked(const struct sim *s, const struct moot_hash *group,
                      const struct moot_run *in)
{
    for (uint32_t i = 0; i < s->chain_count; i++)
        if (moot_run_cmp(&s->chains[i].in, in) == 0 &&
            moot_hash_eq(&s->chains[i].group, group))
            return s->chains[i].other_count > 0;
    return false;
}

static bool authentic(const struct sim_chain *c, const struct moot_entry *e)
{
    for (unsigned i = 0; i < c->other_count; i++)
        if (moot_hash_eq(&c->others[i], &e->hash))
            return true;
    return e->seq >= 1 && e->seq <= c->count &&
           moot_hash_eq(&c->hashes[e->seq - 1], &e->hash);
}

void sim_check_store(struct sim_peer *p, const struct moot_entry *e)
{
    struct sim *s = p->sim;
    uint32_t chain = chain_of(p, e);

    if (chain == SIM_NOBODY) {
        sim_blame(s, "%s stores an entry of a chain nobody began", p->label);
        return;
    }

    struct sim_chain *c = &s->chains[chain];
    struct sim_view *v = &p->views[chain];

    if (c->author == p->number && e->seq == c->count + 1u) {
        add_hash(c, &e->hash);
        if (p->evil == NULL)
            check_made(p, c, e);
    }
    if (!authentic(c, e))
        sim_blame(s, "%s stores an entry %s did not make", p->label,
                  s->peers[c->author]->label);
    if (s->evil && !moot_entry_verify(e))
        sim_blame(s, "%s stores an entry that %s did not sign", p->label,
                  s->peers[c->author]->label);
    if (e->seq <= v->asked &&
        (e->seq <= v->holed || sim_profile_lacks(p->profile, chain, e->seq)))
        return; /* it, or one close by, was lost, and came again */
    if (e->seq != v->asked + 1)
        sim_blame(s, "%s stores %s:%llu after %llu", p->label,
                  s->peers[c->author]->label, (unsigned long long)e->seq,
                  (unsigned long long)v->asked);
    v->asked = e->seq;
    sim_closed_store(p, chain, e);
    if (v->asked > sim_past_view(v) && v->waiting == 0)
        v->waiting = s->now;
}

/* --- shown --- */

/* Is every cause on this screen? */
static bool causes_shown(struct sim_peer *p, const struct moot_entry *e)
{
    for (unsigned i = 0; i < e->cite_count; i++) {
        uint32_t chain = sim_chain_find(p->sim, &e->group, &e->cites[i].in);

        if (chain == SIM_NOBODY ||
            sim_past_view(&p->views[chain]) < e->cites[i].seq)
            return false;
    }
    return true;
}

/* What was beyond the end of a forked run will never be shown. */
static bool cites_forked(struct sim_peer *p, const struct moot_entry *e)
{
    for (unsigned i = 0; i < e->cite_count; i++)
        if (sim_chain_forked(p->sim, &e->group, &e->cites[i].in))
            return true;
    return false;
}

static void check_order(struct sim_peer *p, const struct moot_show *show,
                        uint32_t chain)
{
    struct sim *s = p->sim;
    const struct moot_entry *e = show->entry;
    struct sim_view *v = &p->views[chain];
    const char *author = s->peers[s->chains[chain].author]->label;

    if (s->peers[s->chains[chain].author]->evil != NULL)
        ; /* what a liar leaves out comes later, or never */
    else if (e->seq <= v->shown)
        sim_blame(s, "%s shows %s:%llu twice", p->label, author,
                  (unsigned long long)e->seq);
    else if (e->seq > sim_past_view(v) + 1)
        sim_blame(s, "%s shows %s:%llu after %llu", p->label, author,
                  (unsigned long long)e->seq, (unsigned long long)v->shown);
    else if (show->late == causes_shown(p, e) && !cites_forked(p, e))
        sim_blame(s, "%s shows %s:%llu %s", p->label, author,
                  (unsigned long long)e->seq,
                  show->late ? "as late, though nothing is missing"
                             : "before what its author had seen");
    v->shown = e->seq > v->shown ? e->seq : v->shown;
    v->waiting = v->asked > sim_past_view(v) ? s->now : 0;
}

static void check_entry(struct sim_peer *p, const struct moot_show *show)
{
    struct sim *s = p->sim;
    const struct moot_entry *e = show->entry;
    uint32_t chain = sim_chain_find(s, &e->group, &e->in);

    s->figures.shown++;
    s->figures.late += show->late;
    if (chain == SIM_NOBODY || !authentic(&s->chains[chain], e)) {
        sim_blame(s, "%s shows an entry that nobody made", p->label);
        return;
    }

    uint32_t author = s->chains[chain].author;

    if (show->own != (author == p->number))
        sim_blame(s, "%s mistakes whose entry it shows", p->label);
    check_order(p, show, chain);
}

static void check_sent(struct sim_peer *p, uint64_t seq)
{
    if (p->own_chain == SIM_NOBODY || p->views[p->own_chain].stored < seq)
        sim_blame(p->sim, "%s shows #%llu as sent before it is stored",
                  p->label, (unsigned long long)seq);
    else if (seq > p->sim->chains[p->own_chain].sent)
        p->sim->chains[p->own_chain].sent = seq;
}

static void check_left(struct sim_peer *p, const struct moot_show *show)
{
    struct sim *s = p->sim;
    bool left = false;

    if (strcmp(show->text, "moved to another group") == 0)
        return; /* who does so goes on elsewhere */
    for (uint32_t i = 0; i < s->peer_count; i++)
        left |= moot_id_eq(&s->peers[i]->profile->key.id, &show->id) &&
                (s->peers[i]->left_at != 0 || s->peers[i]->evil != NULL);
    if (!left)
        sim_blame(s, "%s says that %s left, who did not", p->label, show->name);
}

void sim_check_show(struct sim_peer *p, const struct moot_show *show)
{
    switch (show->kind) {
    case MOOT_SHOW_ENTRY:
        check_entry(p, show);
        return;
    case MOOT_SHOW_SENT:
        if (p->evil == NULL)
            check_sent(p, show->seq);
        return;
    case MOOT_SHOW_MEMBER_LEFT:
        check_left(p, show);
        return;
    case MOOT_SHOW_NOTICE:
        if (strstr(show->text, "two histories") != NULL && !p->sim->evil)
            sim_blame(p->sim, "%s: %s", p->label, show->text);
        return;
    case MOOT_SHOW_MEMBER_JOINED:
    case MOOT_SHOW_MEMBER_LOST:
    case MOOT_SHOW_MEMBER_BACK:
    case MOOT_SHOW_INDIRECT:
    case MOOT_SHOW_ANSWER:
    case MOOT_SHOW_PROGRESS:
    case MOOT_SHOW_READY:
    case MOOT_SHOW_ERROR:
        return;
    }
    sim_blame(p->sim, "%s shows what does not exist", p->label);
}

/* --- joining --- */

static bool disturbed_now(const struct sim *s)
{
    for (unsigned a = 1; a <= SIM_HOSTS_MAX; a++)
        for (unsigned b = 1; b <= SIM_HOSTS_MAX; b++) {
            const struct sim_path *path = &s->path[a][b];

            if (path->cut || path->rate > 0 || path->flaky > 0)
                return true;
        }
    for (uint32_t i = 0; i < s->peer_count; i++)
        if (s->peers[i]->state == SIM_PAUSED)
            return true;
    return false;
}

static bool calm_since(const struct sim *s, moot_ms since)
{
    return s->disturbed < since && !disturbed_now(s);
}

/* Did it move to another group? */
void sim_check_group(struct sim_peer *p)
{
    const struct moot_hash *group = moot_node_group(p->node);

    if (moot_hash_eq(group, &p->group))
        return;
    p->group = *group;
    p->group_since = p->sim->now;
    sim_profile_enter(p, group);
}

/* Must p have reached q before it may speak? */
static bool required(struct sim_peer *p, struct sim_peer *q)
{
    if (q == p || q->evil != NULL || q->state != SIM_RUNNING || !q->may_speak ||
        q->leaving || q->exiting || q->spoke_at + KNOWN_MS >= p->started)
        return false;
    return moot_hash_eq(&p->group, &q->group) &&
           q->group_since + KNOWN_MS < p->started;
}

/* Whom p itself holds a proven link with; they may not know yet. */
static uint64_t reached(const struct sim_peer *p)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < p->end_count; i++)
        if (sim_end_of(p->sim, p->ends[i])->up)
            bits |= (uint64_t)1 << sim_other_end(p->sim, p->ends[i])->peer;
    return bits;
}

/* Nobody who may speak moved to another group lately. */
static bool all_settled(struct sim *s, moot_ms since)
{
    for (uint32_t i = 0; i < s->peer_count; i++) {
        struct sim_peer *q = s->peers[i];

        if (!sim_peer_alive(q) || !q->may_speak)
            continue;
        if (q->group_since >= since && q->group_since > q->spoke_at)
            return false;
    }
    return true;
}

/* Could q, whom p was told to ask, have answered ever since p began? */
static bool could_answer(struct sim_peer *p, struct sim_peer *q)
{
    const struct sim *s = p->sim;

    return q != p && q->evil == NULL && (p->named >> q->host & 1) != 0 &&
           q->state == SIM_RUNNING && q->may_speak && !q->leaving &&
           !q->exiting && q->spoke_at + KNOWN_MS < p->started &&
           q->resumed < p->started && sim_hosted_knew(s, p, q) &&
           sim_clean_since(s, p->host, q->host, p->started);
}

/* A group is begun by one who could ask nobody; grown ones never mix. */
static void note_group(struct sim_peer *p)
{
    struct sim *s = p->sim;

    for (unsigned i = 0; i < s->group_count; i++)
        if (moot_hash_eq(&s->groups[i], &p->group))
            return;
    s->groups[s->group_count++] = p->group;
    for (uint32_t i = 0; i < s->peer_count; i++)
        if (could_answer(p, s->peers[i]))
            return;
    s->groups_max++;
}

/* Who has just gone on with a group alone does not know yet who else did, and
 * cannot tell it to those who ask.  That it died since helps nobody. */
static bool told_by_newcomer(const struct sim_peer *p)
{
    const struct sim *s = p->sim;

    for (uint32_t i = 0; i < s->peer_count; i++) {
        const struct sim_peer *q = s->peers[i];

        if (q != p && (p->named >> q->host & 1) != 0 &&
            (sim_peer_alive(q) || q->ended_at >= p->started) && q->may_speak &&
            q->spoke_at + KNOWN_MS >= p->started)
            return true;
    }
    return false;
}

/* Who asked a liar has the roster from it. */
static bool told_by_liar(const struct sim_peer *p)
{
    const struct sim *s = p->sim;

    for (uint32_t i = 0; i < s->peer_count; i++)
        if (s->peers[i]->evil != NULL &&
            (p->named >> s->peers[i]->host & 1) != 0)
            return true;
    return false;
}

void sim_check_speak(struct sim_peer *p)
{
    struct sim *s = p->sim;
    uint64_t linked = reached(p);

    note_group(p);
    if (p->evil != NULL || p->partial || p->named == 0 || told_by_newcomer(p) ||
        told_by_liar(p) || !calm_since(s, p->started - SETTLED_MS) ||
        !all_settled(s, p->started - KNOWN_MS))
        return;
    for (uint32_t i = 0; i < s->peer_count; i++)
        if (required(p, s->peers[i]) && (linked >> i & 1) == 0 &&
            (sim_linked(s, i) & linked) != 0 && /* they know of it */
            !sim_closed_hidden(p, s->peers[i]))
            sim_blame(s, "%s may speak without a link to %s", p->label,
                      s->peers[i]->label);
}

/* Was anybody whom p was told to ask in the group long enough ago to be joined
 * in time, and is there still? */
static bool could_be_joined(const struct sim_peer *p)
{
    const struct sim *s = p->sim;

    for (uint32_t i = 0; i < s->peer_count; i++)
        if (s->peers[i] != p && s->peers[i]->may_speak &&
            sim_peer_alive(s->peers[i]) &&
            (p->named >> s->peers[i]->host & 1) != 0 &&
            s->peers[i]->spoke_at + KNOWN_MS < s->now)
            return true;
    return false;
}

/* A newcomer may fail only for a reason. */
void sim_check_exit(struct sim_peer *p)
{
    struct sim *s = p->sim;

    if (p->leaving || p->exit_code != 5 || s->evil)
        return;
    if (strlen(p->exit_text) == 0)
        sim_blame(s, "%s does not say why it could not join", p->label);
    if (calm_since(s, p->started - SETTLED_MS) && could_be_joined(p))
        sim_blame(s, "%s cannot join a calm group: %s", p->label, p->exit_text);
}

/* --- the failure detector --- */

void sim_check_dead(struct sim_peer *p, const struct sim_end *e)
{
    /* A pause too short to be seen as one may cost a link. */
    if (p->sim->now - p->resumed < MOOT_PULSE_ASLEEP_MS)
        return;
    if (p->sim->now - e->arrived < ANSWER_MS)
        sim_blame(p->sim, "%s buries a link heard of %lld ms ago", p->label,
                  (long long)(p->sim->now - e->arrived));
}

static void check_silence(struct sim_peer *p)
{
    struct sim *s = p->sim;

    for (unsigned i = 0; i < p->end_count; i++) {
        const struct sim_end *e = sim_end_of(s, p->ends[i]);
        moot_ms since = e->heard > p->resumed ? e->heard : p->resumed;

        if (e->up && !e->told && !e->draining && s->now - since > SILENT_MAX_MS)
            sim_blame(s, "%s keeps a link that is silent for %lld ms", p->label,
                      (long long)(s->now - since));
    }
}

/* --- now and then --- */

static void check_screen(struct sim_peer *p)
{
    for (uint32_t i = 0; i < p->sim->chain_count; i++) {
        const struct sim_view *v = &p->views[i];

        if (v->waiting != 0 && p->sim->chains[i].other_count == 0 &&
            p->sim->now - v->waiting > SCREEN_WAIT_MAX_MS)
            sim_blame(p->sim, "%s does not show %s:%llu", p->label,
                      p->sim->peers[p->sim->chains[i].author]->label,
                      (unsigned long long)v->shown + 1);
    }
}

static void check_bounds(struct sim_peer *p)
{
    struct moot_node_stats st;

    moot_node_stats(p->node, &st);
    if (st.links_up > p->sim->peer_count || st.links_up > p->end_count ||
        st.links_early > p->end_count)
        sim_blame(p->sim, "%s counts %u links up and %u early of %u", p->label,
                  st.links_up, st.links_early, p->end_count);
    if (st.screen_held > MOOT_SCREEN_HELD_MAX ||
        st.say_waiting > MOOT_SAY_WAITING_MAX ||
        st.members > p->sim->peer_count ||
        (st.chains > p->sim->chain_count && !p->sim->evil))
        sim_blame(p->sim, "%s grows past its bounds", p->label);
}

void sim_check_tick(struct sim_peer *p)
{
    sim_hosted_check(p);
    check_silence(p);
    check_screen(p);
    if (p->sim->now % STATS_EVERY_MS < MOOT_PULSE_TICK_MS)
        check_bounds(p);
}
