/*
 * node/answer.c - the bootstrap answer: who is here, signed.
 *
 * What was answered last is kept, but for its end, and hashed: of a large group
 * it is long, and anybody may ask for it as often as he likes.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "node_internal.h"

void moot_answer_list(const struct moot_member *m,
                      const struct moot_addr *local,
                      const struct moot_addr *asker, struct moot_listed *l)
{
    bool near = moot_addr_loopback(asker);
    struct moot_addr seen = m->seen;

    if (m->self)
        moot_addr_set(&seen, local->host, m->record.port);
    moot_listed_fill(l, &m->record, &seen, near);
}

/* In the group by its id, but not yet linked to anybody there. */
static bool arriving(const struct moot_node *n)
{
    return n->moved != 0 && n->now < n->moved + MOOT_ARRIVE_MS;
}

static void list_members(const struct moot_node *n, bool old,
                         const struct moot_addr *local,
                         const struct moot_addr *asker, struct moot_answer *a)
{
    unsigned live = moot_group_live_count(n->group), at = 0;
    const struct moot_member *m;

    a->members = moot_alloc(live * sizeof *a->members);
    while ((m = moot_group_live_next(n->group, &at)) != NULL) {
        struct moot_listed *l = &a->members[a->member_count];

        if (!m->known || (old && !m->self))
            continue;
        moot_answer_list(m, local, asker, l);
        if ((m->self && arriving(n)) || old)
            l->standing = MOOT_JOINING; /* knows less than others */
        if (old)
            snprintf(l->name, sizeof l->name, "%02x%02x", m->id.b[0],
                     m->id.b[1]);
        a->member_count++;
    }
}

static void fill_answer(const struct moot_node *n, bool old,
                        const struct moot_addr *local,
                        const struct moot_addr *asker, struct moot_answer *a)
{
    *a = (struct moot_answer){.group = n->group_id, .id = n->key.id};
    memcpy(a->group_name, n->group_name, sizeof a->group_name);
    a->weight = moot_boot_weight(n->boot);
    list_members(n, old, local, asker, a);
}

/* --- what was answered last --- */

/* Changes with all that an answer is made of: of a record nothing changes but
 * with its run and serial. */
static uint64_t fingerprint(const struct moot_node *n,
                            const struct moot_addr *local)
{
    uint64_t print = moot_mix(MOOT_MIX, &n->group_id, sizeof n->group_id);
    const uint64_t now[] = {moot_boot_weight(n->boot), arriving(n)};
    const struct moot_member *m;
    unsigned at = 0;

    print = moot_mix(print, now, sizeof now);
    print = moot_mix(print, local->host, strlen(local->host));
    while ((m = moot_group_live_next(n->group, &at)) != NULL) {
        const uint64_t words[] = {m->known, m->record.run, m->record.serial,
                                  m->seen.port};

        print = moot_mix(print, m->id.b, 8);
        print = moot_mix(print, words, sizeof words);
        print = moot_mix(print, m->seen.host, strlen(m->seen.host));
    }
    return print;
}

/* Sealing makes it longer, and whoever fetches refuses what is too long. */
static size_t head_max(const struct moot_node *n)
{
    return moot_node_closed(n) ? MOOT_SEALED_TEXT_MAX - MOOT_ANSWER_END_MAX
                               : MOOT_ANSWER_LEN_MAX;
}

void moot_answered_keep(struct node_answered *k, struct moot_answer *a,
                        size_t max, uint64_t print)
{
    struct moot_hasher hasher;

    moot_buf_clear(&k->head);
    moot_answer_encode_head(a, &k->head);
    while (k->head.len > max) {
        a->member_count -= a->member_count / 4;
        moot_buf_clear(&k->head);
        moot_answer_encode_head(a, &k->head);
    }
    moot_hasher_init(&hasher);
    moot_hasher_add(&hasher, moot_buf_view(&k->head).data, k->head.len);
    memcpy(k->hasher, &hasher, sizeof hasher);
    k->print = print;
}

void moot_answered_give(const struct node_answered *k,
                        const struct moot_key *key, const char *nonce,
                        struct moot_buf *json,
                        char signature[MOOT_HEX_LEN + 1 + 128 + 1])
{
    struct moot_bytes head = moot_buf_view(&k->head), whole;
    size_t before = json->len;
    struct moot_hasher hasher;
    struct moot_hash hash;

    moot_buf_append(json, head.data, head.len);
    moot_answer_encode_end(nonce, json);
    whole = moot_buf_view(json);
    before += head.len;
    memcpy(&hasher, k->hasher, sizeof hasher);
    moot_hasher_add(&hasher, whole.data + before, whole.len - before);
    hash = moot_hasher_final(&hasher);
    moot_answer_sign_hash(&hash, key, signature);
}

/* One for those on this host, who see the loopback, and one for all others. */
static const struct node_answered *need_answered(struct moot_node *n,
                                                 const struct moot_addr *local,
                                                 const struct moot_addr *asker)
{
    struct node_answered *last = &n->answered[moot_addr_loopback(asker)];
    uint64_t print = fingerprint(n, local);
    struct moot_answer a;

    if (last->head.len > 0 && last->print == print)
        return last;
    fill_answer(n, false, local, asker, &a);
    moot_answered_keep(last, &a, head_max(n), print);
    free(a.members);
    return last;
}

/* Who has an older secret only is told of us alone. */
static void answer_old(struct moot_node *n, const char *nonce,
                       const struct moot_addr *local,
                       const struct moot_addr *asker, struct moot_buf *json,
                       char signature[MOOT_HEX_LEN + 1 + 128 + 1])
{
    struct moot_answer a;

    fill_answer(n, true, local, asker, &a);
    memcpy(a.nonce, nonce, strlen(nonce) + 1);
    moot_answer_encode(&a, json);
    moot_answer_sign(moot_buf_view(json), &n->key, signature);
    free(a.members);
}

/* --- all of it --- */

void moot_node_answer(struct moot_node *n, const char *nonce, const char *marks,
                      const struct moot_addr *local,
                      const struct moot_addr *asker, struct moot_buf *json,
                      char signature[MOOT_HEX_LEN + 1 + 128 + 1])
{
    bool closed = moot_node_closed(n);
    char cut[2 * MOOT_NONCE_LEN_MAX + 1];

    snprintf(cut, sizeof cut, "%s", nonce);
    if (closed && moot_closed_is_old(n, nonce, marks))
        answer_old(n, cut, local, asker, json, signature);
    else
        moot_answered_give(need_answered(n, local, asker), &n->key, cut, json,
                           signature);
    if (!closed)
        return;
    moot_closed_seal(n, nonce, marks, signature, json);
    signature[0] = '\0';
}

void moot_answered_fini(struct moot_node *n)
{
    moot_buf_fini(&n->answered[0].head);
    moot_buf_fini(&n->answered[1].head);
    for (unsigned i = 0; i < MOOT_HOSTED_KEPT_MAX; i++)
        moot_buf_fini(&n->hosted_kept[i].answered.head);
}
