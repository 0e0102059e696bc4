/*
 * tests/sim/closed.c - the secrets of closed groups: who changed them, whom he
 * owed the new one, and what strangers must never get to see.
 *
 * Told from who was linked to whom when a secret was changed, and from the
 * entries that tell of the change: a node that forgets somebody is found out.
 *
 * A change is owed to everybody its author was linked to and has no goodbye
 * from, but for whom it leaves out.  Excused is who is left out by a change
 * that others have; to whom the newest change was not owed and nobody who knows
 * of it sealed it: he said goodbye, or came in where its author could not know
 * of him; who made one himself where he knew nobody who has the newest; and
 * who, having lost his disk, has never had a secret in common with those who
 * have the newest: they cannot prove anything to each other.  Of all others
 * nobody is: not he either who is left out by an older change than he shares
 * with one whom nobody leaves out.
 *
 * Who may speak need not have met one of whom he may not hear: whom he keeps
 * out, who keeps him out, and whom those he asked do not hear of, because they
 * are left out by a change that he does not know; or anybody, when he keeps out
 * all whom he asked.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <string.h>

#include "sim_internal.h"
#include "wire/rekey.h"
#include "wire/sealed.h"

static const char *const never_seen[] = {SIM_CLOSED_NAME, "line "};

/* --- changes --- */

static int compare_changes(const struct sim_change *a,
                           const struct sim_change *b)
{
    if (a->generation != b->generation)
        return a->generation < b->generation ? -1 : 1;
    return moot_hash_cmp(&a->hash, &b->hash);
}

static struct sim_change *change_of(struct sim *s,
                                    const struct moot_hash *group,
                                    const struct moot_hash *hash)
{
    struct sim_change *c = s->changes;

    for (unsigned i = 0; i < s->change_count; i++, c++)
        if (moot_hash_eq(&c->hash, hash) && moot_hash_eq(&c->group, group))
            return c;
    if (s->change_count == SIM_CHANGES_MAX)
        return NULL;
    s->change_count++;
    c->group = *group;
    c->hash = *hash;
    return c;
}

/* Hosts, as bits, whose identity is short for this one. */
static uint32_t hosts_of(const struct sim *s, const struct moot_short_id *id)
{
    uint32_t hosts = 0;

    for (uint32_t i = 0; i < s->peer_count; i++) {
        struct moot_short_id own = moot_id_short(&s->peers[i]->profile->key.id);

        if (memcmp(own.b, id->b, sizeof own.b) == 0)
            hosts |= 1u << s->peers[i]->host;
    }
    return hosts;
}

static void take_line(struct sim *s, uint32_t chain, const struct moot_entry *e,
                      const struct moot_rekey *k)
{
    struct sim_change *c = change_of(s, &e->group, &k->hash);
    struct sim_tell *t;

    if (c == NULL)
        return;
    c->generation = k->generation;
    for (unsigned i = 0; i < c->tell_count; i++)
        if (c->tells[i].chain == chain && c->tells[i].seq == e->seq &&
            c->tells[i].more == k->more)
            return;
    if (c->tell_count == SIM_TELLS_MAX)
        return;
    t = &c->tells[c->tell_count++];
    *t = (struct sim_tell){.chain = chain, .seq = e->seq, .more = k->more};
    for (unsigned i = 0; i < k->out_count; i++)
        t->out |= hosts_of(s, &k->outs[i]);
    for (unsigned i = 0; i < k->box_count; i++)
        t->boxed |= hosts_of(s, &k->boxes[i].to);
}

void sim_closed_store(struct sim_peer *p, uint32_t chain,
                      const struct moot_entry *e)
{
    struct moot_body body;
    struct moot_rekey k;

    if (!p->sim->closed || !moot_entry_body(e, &body))
        return;
    for (unsigned i = 0; i < body.line_count; i++)
        if (body.lines[i].kind == MOOT_LINE_REKEY &&
            moot_rekey_decode(body.lines[i].text, &k))
            take_line(p->sim, chain, e, &k);
}

/* Of one that its founder made no line tells. */
static uint64_t generation(const struct sim_change *c)
{
    return c->generation == 0 ? 1 : c->generation;
}

/* --- who is owed what --- */

/* The last life there that p has met, did. */
static bool said_goodbye(const struct sim_peer *p, unsigned host)
{
    const struct sim *s = p->sim;

    for (uint32_t i = s->peer_count; i > 0; i--)
        if ((p->met >> (i - 1) & 1) != 0 && s->peers[i - 1]->host == host)
            return s->peers[i - 1]->left_at != 0;
    return true;
}

static uint32_t linked_hosts(const struct sim_peer *p)
{
    uint64_t linked = sim_linked(p->sim, p->number);
    uint32_t hosts = 0;

    for (uint32_t i = 0; i < p->sim->peer_count; i++)
        if ((linked >> i & 1) != 0)
            hosts |= 1u << p->sim->peers[i]->host;
    return hosts;
}

/* Whom the changes that p has heard of leave out. */
static uint32_t left_out(const struct sim_peer *p, const struct moot_hash *g)
{
    uint32_t out = 0;

    for (unsigned i = 0; i < p->sim->change_count; i++) {
        const struct sim_change *c = &p->sim->changes[i];

        for (unsigned k = 0; k < c->tell_count; k++)
            if (moot_hash_eq(&c->group, g))
                out |= c->tells[k].out;
    }
    return out;
}

static uint32_t owed_by(const struct sim_peer *p)
{
    uint32_t linked = linked_hosts(p);
    uint32_t owed = (p->knows & ~left_out(p, &p->group)) | linked;

    for (unsigned host = 1; host <= SIM_HOSTS_MAX; host++)
        if (said_goodbye(p, host))
            owed &= ~(1u << host);
    return owed | 1u << p->host;
}

static bool is_brought(const struct sim_profile *f,
                       const struct moot_hash *hash)
{
    for (unsigned i = 0; i < f->brought_count; i++)
        if (moot_hash_eq(&f->brought[i], hash))
            return true;
    return false;
}

void sim_closed_note(struct sim_peer *p)
{
    struct moot_secret secret;
    struct moot_hash hash;
    struct sim_change *c;

    if (p->stranger || p->node == NULL || !moot_node_secret(p->node, &secret))
        return;
    p->sim->closed = true;
    hash = moot_secret_hash(&secret);
    if (!is_brought(p->profile, &hash) &&
        p->profile->brought_count < SIM_BROUGHT_MAX)
        p->profile->brought[p->profile->brought_count++] = hash;
    c = change_of(p->sim, &p->group, &hash);
    if (c != NULL)
        c->secret = secret;
}

/* Called right after the step: what it owes is what it knew before. */
void sim_closed_changed(struct sim_peer *p, uint32_t owed)
{
    struct moot_secret secret;
    struct moot_hash hash;
    struct sim_change *c;

    if (p->node == NULL || !moot_node_secret(p->node, &secret))
        return;
    hash = moot_secret_hash(&secret);
    c = change_of(p->sim, &p->group, &hash);
    if (c == NULL)
        return;
    c->secret = secret;
    c->owed |= owed;
    p->sim->figures.rekeys++;
}

uint32_t sim_closed_owed(const struct sim_peer *p, unsigned without)
{
    uint32_t owed = owed_by(p);

    if (without != SIM_NOBODY)
        owed &= ~(1u << p->sim->peers[without]->host);
    return owed;
}

/* --- who is excused --- */

static bool has(const struct sim_peer *p, const struct sim_change *c)
{
    struct moot_secret secret;
    struct moot_hash hash;

    if (!moot_node_secret(p->node, &secret))
        return false;
    hash = moot_secret_hash(&secret);
    return moot_hash_eq(&hash, &c->hash);
}

static bool counts(const struct sim_peer *p, const struct moot_hash *group)
{
    return sim_peer_alive(p) && !p->stranger && !p->exiting &&
           p->evil == NULL && moot_hash_eq(&p->group, group);
}

/* Does one of them have that secret?  Then *ret_all is whom it was sealed for
 * and whom it leaves out, as far as they know. */
static bool is_known(const struct sim *s, const struct sim_change *c,
                     uint64_t among, struct sim_tell *ret_all)
{
    bool known = false;

    *ret_all = (struct sim_tell){0};
    for (uint32_t n = 0; n < s->peer_count; n++) {
        const struct sim_peer *p = s->peers[n];

        if ((among >> n & 1) == 0 || !counts(p, &c->group))
            continue;
        known = known || has(p, c);
        for (unsigned k = 0; k < c->tell_count; k++)
            if (p->views[c->tells[k].chain].held >= c->tells[k].seq) {
                ret_all->boxed |= c->tells[k].boxed;
                ret_all->out |= c->tells[k].out;
            }
    }
    return known;
}

static const struct sim_change *newest_change(const struct sim *s,
                                              const struct moot_hash *group,
                                              uint64_t among,
                                              struct sim_tell *ret_all)
{
    const struct sim_change *newest = NULL;
    struct sim_tell all;

    for (unsigned i = 0; i < s->change_count; i++) {
        const struct sim_change *c = &s->changes[i];

        if (!moot_hash_eq(&c->group, group) ||
            (newest != NULL && compare_changes(c, newest) < 0) ||
            !is_known(s, c, among, &all))
            continue;
        newest = c;
        *ret_all = all;
    }
    return newest;
}

static const struct sim_change *own_change(const struct sim_peer *p)
{
    for (unsigned i = 0; i < p->sim->change_count; i++)
        if (moot_hash_eq(&p->sim->changes[i].group, &p->group) &&
            has(p, &p->sim->changes[i]))
            return &p->sim->changes[i];
    return NULL;
}

static uint32_t outs_of(const struct sim_change *c)
{
    uint32_t out = 0;

    for (unsigned k = 0; k < c->tell_count; k++)
        out |= c->tells[k].out;
    return out;
}

/* Has q a change that leaves p out, and p none that is newer and does the same
 * to q? */
static bool shuts_out(const struct sim_peer *q, const struct sim_peer *p)
{
    const struct sim_change *c = own_change(q), *own = own_change(p);

    if (c == NULL || c == own || (outs_of(c) >> p->host & 1) == 0)
        return false;
    return own == NULL || compare_changes(own, c) < 0 ||
           (outs_of(own) >> q->host & 1) == 0;
}

static bool is_shut_out(const struct sim_peer *p)
{
    const struct sim *s = p->sim;

    for (uint32_t n = 0; n < s->peer_count; n++)
        if (n != p->number && counts(s->peers[n], &p->group) &&
            shuts_out(s->peers[n], p))
            return true;
    return false;
}

/* Has p a newer secret than q, together with one whom nobody shuts out?  Then
 * that one, and not q, tells who is in. */
static bool upheld(const struct sim_peer *p, const struct sim_peer *q)
{
    const struct sim *s = p->sim;
    const struct sim_change *own = own_change(p), *c = own_change(q);

    if (own == NULL || c == NULL || compare_changes(own, c) < 0)
        return false;
    for (uint32_t n = 0; n < s->peer_count; n++)
        if (n != p->number && counts(s->peers[n], &p->group) &&
            own_change(s->peers[n]) == own && !is_shut_out(s->peers[n]))
            return true;
    return false;
}

static bool is_out(const struct sim_peer *p)
{
    const struct sim *s = p->sim;

    for (uint32_t n = 0; n < s->peer_count; n++)
        if (n != p->number && counts(s->peers[n], &p->group) &&
            shuts_out(s->peers[n], p) && !upheld(p, s->peers[n]))
            return true;
    return false;
}

static uint64_t all_in(const struct sim *s, const struct moot_hash *group)
{
    uint64_t in = 0;

    for (uint32_t n = 0; n < s->peer_count; n++)
        if (counts(s->peers[n], group) && !is_out(s->peers[n]))
            in |= (uint64_t)1 << n;
    return in;
}

/* Is what p has itself a secret that none of those who have the newest was
 * owed?  He changed it where he knew nobody. */
static bool parted(const struct sim_peer *p, const struct sim_change *newest,
                   uint64_t in)
{
    const struct sim *s = p->sim;
    const struct sim_change *own = own_change(p);
    uint32_t named = own == NULL ? 0 : own->owed;

    if (own == NULL || own->tell_count == 0)
        return false;
    for (unsigned k = 0; k < own->tell_count; k++)
        named |= own->tells[k].boxed;
    for (uint32_t n = 0; n < s->peer_count; n++)
        if ((in >> n & 1) != 0 && has(s->peers[n], newest) &&
            (named >> s->peers[n]->host & 1) != 0)
            return false;
    return true;
}

/* He came in with it, or founded the group with it, or it was sealed for him in
 * an entry that he holds. */
static bool has_had(const struct sim_peer *p, const struct sim_change *c)
{
    if (is_brought(p->profile, &c->hash))
        return true;
    for (unsigned k = 0; k < c->tell_count; k++)
        if (p->views[c->tells[k].chain].held >= c->tells[k].seq &&
            (c->tells[k].boxed >> p->host & 1) != 0)
            return true;
    return false;
}

/* Whoever starts may not have come to the group yet: any group will do. */
static bool share_one(const struct sim_peer *p, const struct sim_peer *q)
{
    for (unsigned i = 0; i < p->sim->change_count; i++)
        if (has_had(p, &p->sim->changes[i]) && has_had(q, &p->sim->changes[i]))
            return true;
    return false;
}

/* Nobody who has the newest can prove anything to p. */
static bool estranged(const struct sim_peer *p, const struct sim_change *newest,
                      uint64_t in)
{
    const struct sim *s = p->sim;

    for (uint32_t n = 0; n < s->peer_count; n++)
        if ((in >> n & 1) != 0 && has(s->peers[n], newest) &&
            share_one(p, s->peers[n]))
            return false;
    return true;
}

bool sim_closed_excused(const struct sim_peer *p)
{
    const struct sim_change *newest;
    struct sim_tell all;
    uint64_t in;

    if (!p->sim->closed || p->stranger)
        return false;
    if (is_out(p))
        return true;
    in = all_in(p->sim, &p->group);
    newest = newest_change(p->sim, &p->group, in, &all);
    if (newest == NULL || has(p, newest))
        return false;
    return ((newest->owed | all.boxed) >> p->host & 1) == 0 ||
           parted(p, newest, in) || estranged(p, newest, in);
}

const struct sim_change *sim_closed_newest(const struct sim *s,
                                           const struct moot_hash *group,
                                           uint64_t among)
{
    struct sim_tell all;

    return newest_change(s, group, among, &all);
}

bool sim_closed_has(const struct sim_peer *p, const struct sim_change *c)
{
    return has(p, c);
}

bool sim_excused(const struct sim *s, unsigned peer)
{
    return s->peers[peer]->state == SIM_RUNNING &&
           sim_closed_excused(s->peers[peer]);
}

/* Whom the change leaves out, unless p has heard it say so of one of them. */
static uint32_t outs_unheard(const struct sim_peer *p,
                             const struct sim_change *c)
{
    uint32_t heard = 0;

    for (unsigned k = 0; k < c->tell_count; k++)
        if (p->views[c->tells[k].chain].asked >= c->tells[k].seq)
            heard |= c->tells[k].out;
    return outs_of(c) & ~heard;
}

static bool has_link(const struct sim_peer *p, const struct sim_peer *to)
{
    for (unsigned i = 0; i < p->end_count; i++)
        if (sim_end_of(p->sim, p->ends[i])->up &&
            sim_other_end(p->sim, p->ends[i])->peer == to->number)
            return true;
    return false;
}

/* Could it have told p whom to reach?  That it died since helps nobody, and
 * whom p asked because it remembers it is on a link by then. */
static bool may_have_told(const struct sim_peer *told, const struct sim_peer *p)
{
    if (told == p || !told->may_speak)
        return false;
    return has_link(p, told) ||
           ((p->named >> told->host & 1) != 0 &&
            (sim_peer_alive(told) || told->ended_at >= p->started));
}

/* Then it has only those who find it, or are remembered, as one that was told
 * to ask nobody: it hears of the others when it is in. */
static bool keeps_out_all_it_asked(const struct sim_peer *p)
{
    const struct sim *s = p->sim;
    bool any = false;

    for (uint32_t n = 0; n < s->peer_count; n++) {
        const struct sim_peer *q = s->peers[n];

        if (q == p || (p->named >> q->host & 1) == 0 || !sim_peer_alive(q))
            continue;
        if (!shuts_out(p, q))
            return false;
        any = true;
    }
    return any;
}

/* Does one of them keep the other out?  Or is somebody whom p asked left out by
 * what q has, and told of nobody any more, while p has heard of no such change?
 */
bool sim_closed_hidden(const struct sim_peer *p, const struct sim_peer *q)
{
    const struct sim *s = p->sim;
    const struct sim_change *c = own_change(q), *own = own_change(p);
    uint32_t out;

    if (shuts_out(q, p) || shuts_out(p, q) || keeps_out_all_it_asked(p))
        return true;
    if (c == NULL || (own != NULL && compare_changes(own, c) > 0))
        return false;
    out = outs_unheard(p, c);
    for (uint32_t n = 0; n < s->peer_count; n++)
        if ((out >> s->peers[n]->host & 1) != 0 &&
            may_have_told(s->peers[n], p))
            return true;
    return false;
}

bool sim_hidden(const struct sim *s, unsigned peer, unsigned of)
{
    return sim_closed_hidden(s->peers[peer], s->peers[of]);
}

/* --- secrets that open nothing any more --- */

/* The generation of the newest that somebody may still prove. */
static void lower(uint64_t *lowest, uint64_t generation)
{
    if (generation < *lowest)
        *lowest = generation;
}

static void lower_kept(const struct sim_profile *f,
                       const struct moot_hash *group, uint64_t *lowest)
{
    for (unsigned i = 0; f != NULL && i < f->known_count; i++) {
        const struct moot_back *b = &f->known[i].back;

        if (moot_hash_eq(&f->known[i].group, group) && b->secret_count > 0)
            lower(lowest, b->secrets[b->secret_count - 1].generation);
    }
}

static uint64_t generation_of(const struct sim *s, const struct sim_peer *p)
{
    struct moot_secret secret;
    struct moot_hash hash;

    if (!moot_node_secret(p->node, &secret))
        return 0;
    hash = moot_secret_hash(&secret);
    for (unsigned i = 0; i < s->change_count; i++)
        if (moot_hash_eq(&s->changes[i].hash, &hash))
            return generation(&s->changes[i]);
    return 0;
}

bool sim_stale_secret(const struct sim *s, struct moot_secret *ret_secret)
{
    for (unsigned i = 0; i < s->change_count; i++) {
        const struct sim_change *c = &s->changes[i];
        struct moot_secret none = {{0}};
        uint64_t lowest = UINT64_MAX;

        for (unsigned h = 1; h <= SIM_HOSTS_MAX; h++) {
            lower_kept(&s->profiles[h], &c->group, &lowest);
            lower_kept(s->profiles[h].backup, &c->group, &lowest);
        }
        for (uint32_t n = 0; n < s->peer_count; n++) {
            const struct sim_peer *p = s->peers[n];

            if (sim_peer_alive(p) && !p->stranger)
                lower(&lowest, moot_hash_eq(&p->group, &c->group)
                                   ? generation_of(s, p)
                                   : 0);
        }
        if (lowest == UINT64_MAX || generation(c) >= lowest ||
            memcmp(c->secret.b, none.b, sizeof none.b) == 0)
            continue;
        *ret_secret = c->secret;
        return true;
    }
    return false;
}

bool sim_knows_secret(const struct sim *s, unsigned host)
{
    const struct sim_profile *f = &s->profiles[host];

    for (unsigned i = 0; i < f->known_count; i++)
        if (f->known[i].back.secret_count > 0)
            return true;
    return false;
}

/* --- strangers --- */

void sim_overhear(struct sim *s, unsigned host, unsigned peer)
{
    const struct sim_peer *p = s->peers[peer];
    struct moot_contact c = {.kind = MOOT_CONTACT_MET};
    struct moot_peers news = {0};

    c.peer.addr.port = p->port;
    sim_host_name(p->host, c.peer.addr.host);
    c.peer.has_id = c.peer.has_group = true;
    c.peer.id = p->profile->key.id;
    c.peer.group = p->group;
    memcpy(c.peer.group_name, "lobby", 6);
    c.at = sim_peer_wall(p);
    moot_book_note(&news, &c);
    moot_book_merge(&s->profiles[host].book, &news, c.at);
    moot_peers_fini(&news);
}

static void check_bytes(struct sim_peer *p, struct moot_bytes bytes)
{
    for (size_t i = 0; i < sizeof never_seen / sizeof never_seen[0]; i++)
        if (memmem(bytes.data, bytes.len, never_seen[i],
                   strlen(never_seen[i])) != NULL)
            sim_blame(p->sim, "%s, a stranger, is sent \"%s\"", p->label,
                      never_seen[i]);
}

void sim_stranger_hears(struct sim_peer *p, struct moot_bytes bytes)
{
    if (p->stranger)
        check_bytes(p, bytes);
}

/* Sealed by a secret that he has, he reads it. */
void sim_stranger_reads(struct sim_peer *p, struct moot_bytes json)
{
    struct moot_ring ring = {0};
    struct moot_buf text = {0};
    struct moot_secret secret;
    size_t at;

    if (!p->stranger)
        return;
    check_bytes(p, json);
    if (memmem(json.data, json.len, "10.0.0.", 7) != NULL)
        sim_blame(p->sim, "%s, a stranger, is told an address", p->label);
    if (!moot_node_secret(p->node, &secret))
        return;
    moot_ring_learn(&ring, 1, &secret);
    if (moot_sealed_open(json, &ring, &text, &at, NULL) == MOOT_OK)
        check_bytes(p, moot_buf_view(&text));
    moot_buf_fini(&text);
}

static bool tells(const struct moot_effect *fx)
{
    if (fx->kind != MOOT_FX_SHOW)
        return fx->kind == MOOT_FX_UP || fx->kind == MOOT_FX_STORE ||
               fx->kind == MOOT_FX_SPEAK;
    switch (fx->show.kind) {
    case MOOT_SHOW_ENTRY:
    case MOOT_SHOW_SENT:
    case MOOT_SHOW_MEMBER_JOINED:
    case MOOT_SHOW_MEMBER_LEFT:
    case MOOT_SHOW_MEMBER_LOST:
    case MOOT_SHOW_MEMBER_BACK:
    case MOOT_SHOW_INDIRECT:
    case MOOT_SHOW_READY:
        return true;
    case MOOT_SHOW_PROGRESS:
    case MOOT_SHOW_ANSWER:
    case MOOT_SHOW_NOTICE:
    case MOOT_SHOW_ERROR:
        return false;
    }
    return true;
}

void sim_stranger_does(struct sim_peer *p, const struct moot_effect *fx)
{
    if (p->stranger && tells(fx))
        sim_blame(p->sim, "%s, a stranger, is let in: effect %d", p->label,
                  (int)fx->kind);
}
