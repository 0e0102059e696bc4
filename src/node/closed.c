/*
 * node/closed.c - a group with a secret: proving it, and telling nothing to who
 * does not.
 *
 * Of two who both know an older secret only, neither is told of the newest;
 * whoever was given the newest, and proves an older one, is let in, and gets it
 * with the entries.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <sodium.h>
#include <string.h>

#include "base/alloc.h"
#include "node_internal.h"

/* What is kept of a generation that was guessed; real ones begin at 1. */
#define NOT_KNOWN 0

bool moot_node_closed(const struct moot_node *n)
{
    return moot_ring_closed(&n->ring);
}

bool moot_node_secret(const struct moot_node *n, struct moot_secret *ret_secret)
{
    const struct moot_ring_secret *s = moot_ring_newest(&n->ring);

    if (s != NULL)
        *ret_secret = s->secret;
    return s != NULL;
}

struct moot_hash moot_node_key(const struct moot_node *n)
{
    const struct moot_ring_secret *s = moot_ring_newest(&n->ring);

    return moot_secret_key(&n->group_id, s == NULL ? NULL : &s->secret);
}

/* --- where secrets come from --- */

static bool is_past_closed(const struct moot_past *p)
{
    return p->back.secret_count > 0;
}

bool moot_closed_knows(const struct moot_node *n, const struct moot_hash *group)
{
    for (unsigned i = 0; i < n->past_count; i++)
        if (moot_hash_eq(&n->pasts[i].group, group) &&
            is_past_closed(&n->pasts[i]))
            return true;
    return false;
}

static bool holds(const struct moot_past *p, const struct moot_secret *s)
{
    for (unsigned i = 0; i < p->back.secret_count; i++)
        if (memcmp(p->back.secrets[i].b, s->b, sizeof s->b) == 0)
            return true;
    return false;
}

bool moot_closed_fits(const struct moot_past *p,
                      const struct moot_node_config *c)
{
    if (c->secret != NULL)
        return holds(p, c->secret);
    return !c->closed || is_past_closed(p);
}

/* Who was invited, and nobody ever told of what generation that is, goes on
 * with what he had before, if he had anything: it may be good for nothing. */
static void load(struct moot_ring *r, const struct moot_back *w)
{
    bool invited = true;

    for (unsigned i = 0; i < w->secret_count; i++)
        invited = invited && w->secrets[i].generation == NOT_KNOWN;
    for (unsigned i = 0; i < w->secret_count; i++) {
        struct moot_secret s;

        memcpy(s.b, w->secrets[i].b, sizeof s.b);
        if (invited)
            moot_ring_invited(r, &s);
        else if (w->secrets[i].generation != NOT_KNOWN)
            moot_ring_learn(r, w->secrets[i].generation, &s);
        sodium_memzero(&s, sizeof s);
    }
    for (unsigned i = 0; r->count > 0 && i < w->named_count; i++)
        moot_ring_name(r, &r->hash, &w->named[i].id, w->named[i].out);
}

void moot_closed_begin(struct moot_node *n, const struct moot_node_config *c,
                       const struct moot_past *past)
{
    struct moot_secret fresh;

    if (past != NULL)
        load(&n->ring, &past->back);
    if (c->secret != NULL)
        moot_ring_invited(&n->ring, c->secret);
    if (!c->closed || moot_node_closed(n))
        return;
    moot_rng_bytes(&n->rng, fresh.b, sizeof fresh.b);
    moot_ring_learn(&n->ring, 1, &fresh);
    sodium_memzero(&fresh, sizeof fresh);
}

/* Who was invited back may know more of it from before, and what was heard of
 * last may not have been remembered yet. */
void moot_closed_enter(struct moot_node *n, const struct moot_past *past)
{
    const struct moot_ring_secret *newest = moot_ring_newest(&n->ring);
    struct moot_secret own;

    if (past == NULL || newest == NULL || !is_past_closed(past))
        return;
    own = newest->secret;
    memset(&n->ring, 0, sizeof n->ring);
    load(&n->ring, &past->back);
    moot_ring_invited(&n->ring, &own);
    sodium_memzero(&own, sizeof own);
    for (unsigned i = 0; i < past->tail_count; i++)
        moot_rekey_note(n, past->tail[i]);
}

void moot_closed_keep(const struct moot_node *n, struct moot_back *w)
{
    const struct moot_ring *r = &n->ring;

    w->secret_count = r->count;
    for (unsigned i = 0; i < r->count; i++) {
        w->secrets[i].generation =
            r->at[i].guessed ? NOT_KNOWN : r->at[i].generation;
        memcpy(w->secrets[i].b, r->at[i].secret.b, sizeof w->secrets[i].b);
    }
    w->named_count = 0;
    if (moot_ring_find(r, &r->hash) == NULL)
        return; /* they are named for a secret we have not got */
    w->named_count = r->name_count;
    memcpy(w->named, r->names, r->name_count * sizeof w->named[0]);
}

/* --- proofs --- */

static struct moot_hash prove(const struct moot_node *n,
                              const struct node_link *l, enum moot_role as,
                              const struct moot_ring_secret *s)
{
    const struct moot_id *dialler = l->dialled ? &n->key.id : &l->id;
    const struct moot_id *acceptor = l->dialled ? &l->id : &n->key.id;

    return moot_proof(&n->group_id, s == NULL ? NULL : &s->secret, as,
                      &l->exporter, dialler, acceptor);
}

/* As many as there may be, so that nobody counts them. */
static void prove_older(struct moot_node *n, const struct node_link *l,
                        struct moot_hello *h)
{
    const struct moot_ring *r = &n->ring;

    h->older_count = MOOT_HELLO_OLDER_MAX;
    for (unsigned i = 0; i < h->older_count; i++) {
        if (i + 2 <= r->count)
            h->older[i] = prove(n, l, MOOT_DIALLER, &r->at[r->count - 2 - i]);
        else
            moot_rng_bytes(&n->rng, h->older[i].b, sizeof h->older[i].b);
    }
}

/* A dialler proves all it may, an acceptor what the dialler has proven. */
void moot_closed_prove(struct moot_node *n, const struct node_link *l,
                       struct moot_hello *h)
{
    const struct moot_ring_secret *s = moot_ring_newest(&n->ring);

    h->older_count = 0;
    if (s == NULL) {
        h->proof = prove(n, l, l->dialled ? MOOT_DIALLER : MOOT_ACCEPTOR, NULL);
        return;
    }
    moot_rng_bytes(&n->rng, h->name_tag.b, sizeof h->name_tag.b);
    if (l->dialled) {
        h->proof = prove(n, l, MOOT_DIALLER, s);
        prove_older(n, l, h);
        return;
    }
    s = moot_ring_find(&n->ring, &l->proved);
    h->proof = prove(n, l, MOOT_ACCEPTOR, s);
}

static bool proves(const struct moot_node *n, const struct node_link *l,
                   const struct moot_hello *h, const struct moot_ring_secret *s)
{
    struct moot_hash want =
        prove(n, l, l->dialled ? MOOT_ACCEPTOR : MOOT_DIALLER, s);
    bool is = moot_proof_eq(&h->proof, &want);

    for (unsigned i = 0; i < h->older_count; i++)
        is = moot_proof_eq(&h->older[i], &want) || is;
    return is;
}

/* Whoever made an invitation may have made its secret up; while nobody has told
 * of what generation it is, those whom it lets in are not led to the others. */
static bool is_named(const struct moot_ring *r, const struct moot_id *id)
{
    return !moot_ring_newest(r)->guessed &&
           moot_ring_word(r, id) == MOOT_RING_IN;
}

bool moot_closed_check(struct moot_node *n, struct node_link *l,
                       const struct moot_hello *h)
{
    const struct moot_ring *r = &n->ring;

    if (r->count == 0)
        return proves(n, l, h, NULL);
    for (unsigned i = r->count; i > 0; i--) {
        if (!proves(n, l, h, &r->at[i - 1]))
            continue;
        l->proved = r->at[i - 1].hash;
        l->on_trust = r->at[i - 1].guessed && r->count > 1;
        return i == r->count || is_named(r, &l->id);
    }
    return false;
}

uint64_t moot_closed_generation(const struct moot_node *n,
                                const struct node_link *l)
{
    const struct moot_ring_secret *s = moot_ring_find(&n->ring, &l->proved);

    return s == NULL || s->guessed ? 0 : s->generation;
}

void moot_closed_told(struct moot_node *n, const struct node_link *l,
                      uint64_t generation)
{
    if (generation < MOOT_GENERATION_MAX &&
        moot_ring_told(&n->ring, generation, &l->proved))
        n->ring_stirred = true;
}

/* --- sealed answers --- */

/* Open it is, or it is what was sealed: view is what to decode then. */
int moot_closed_open(struct moot_node *n, const struct moot_ev_answer *a,
                     struct moot_buf *text, struct moot_bytes *json,
                     const char **signature, const struct moot_ring_secret **by)
{
    bool sealed = moot_sealed_is(a->json);
    struct moot_bytes all;
    size_t at = 0;
    int error;

    *json = a->json;
    *signature = a->signature;
    *by = NULL;
    if (!moot_node_closed(n))
        return sealed ? MOOT_EINVITE : MOOT_OK;
    if (!sealed)
        return MOOT_EOPEN;
    error = moot_sealed_open(a->json, &n->ring, text, &at, by);
    if (error != MOOT_OK)
        return error;
    all = moot_buf_view(text);
    *json = moot_bytes_of(all.data + at, all.len - at);
    *signature = (const char *)all.data;
    return MOOT_OK;
}

bool moot_closed_outside(const struct moot_node *n, const struct moot_id *id,
                         const struct moot_ring_secret *has)
{
    return has != moot_ring_newest(&n->ring) &&
           moot_ring_place(&n->ring, id) == MOOT_RING_OUT;
}

/* Who proves an older secret only finds us by it, and has to prove on a link
 * who he is before he learns of the others. */
bool moot_closed_is_old(const struct moot_node *n, const char *nonce,
                        const char *marks)
{
    const struct moot_ring_secret *s = moot_marks_find(&n->ring, nonce, marks);

    return s != NULL && s != moot_ring_newest(&n->ring);
}

void moot_closed_seal(struct moot_node *n, const char *nonce, const char *marks,
                      const char *signature, struct moot_buf *json)
{
    const struct moot_ring_secret *s = moot_marks_find(&n->ring, nonce, marks);
    struct moot_bytes plain = moot_buf_view(json);
    uint8_t once[MOOT_SEAL_NONCE_LEN];
    struct moot_buf sealed = {0};

    if (s == NULL)
        s = moot_ring_newest(&n->ring);
    moot_rng_bytes(&n->rng, once, sizeof once);
    moot_sealed_encode(&s->secret, once, plain, signature, &sealed);
    moot_buf_clear(json);
    plain = moot_buf_view(&sealed);
    moot_buf_append(json, plain.data, plain.len);
    moot_buf_fini(&sealed);
}

void moot_closed_marks(struct moot_node *n, const char *nonce,
                       char out[MOOT_MARKS_TEXT_LEN + 1])
{
    uint8_t pad[8 * MOOT_MARKS_MAX];

    out[0] = '\0';
    if (!moot_node_closed(n))
        return;
    moot_rng_bytes(&n->rng, pad, sizeof pad);
    moot_marks_make(&n->ring, nonce, pad, out);
}
