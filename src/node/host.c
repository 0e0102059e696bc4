/*
 * node/host.c - the directory at the bootstrap socket: groups that we are no
 * member of, and who may register them.
 *
 * Who somebody is and that he asks just now is checked here; what it means for
 * his group is decided in boot/directory.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "node_internal.h"

enum status {
    STATUS_OK = 200,
    STATUS_BAD = 400,
    STATUS_CHALLENGE = 401,
    STATUS_FORBIDDEN = 403,
    STATUS_NONE = 404,
    STATUS_CLASH = 409,
    STATUS_LARGE = 413,
    STATUS_MANY = 429,
    STATUS_FULL = 503
};

#define RETRY_FULL_S 15 /* by then a group that died has made room */

void moot_host_open(struct moot_node *n, const struct moot_node_config *config)
{
    struct moot_directory_config c = {.groups_max = config->host_groups,
                                      .members_max = config->members_max,
                                      .timeout = config->group_timeout};

    if (config->host_groups == 0)
        return;
    if (c.members_max == 0)
        c.members_max = MOOT_MEMBERS_MAX;
    moot_rng_bytes(&n->rng, c.secret, sizeof c.secret);
    n->directory = moot_directory_create(&c);
}

bool moot_node_keeps(const struct moot_node *n)
{
    return n->directory != NULL;
}

void moot_node_hosts(struct moot_node *n, moot_ms now, unsigned *ret_groups,
                     unsigned *ret_members)
{
    *ret_groups = *ret_members = 0;
    if (n->directory != NULL)
        moot_directory_count(n->directory, now, ret_groups, ret_members);
}

void moot_reception_fini(struct moot_reception *r)
{
    moot_buf_fini(&r->json);
    memset(r, 0, sizeof *r);
}

/* Is that our own group?  The name of a closed one is nobody's to try out. */
static bool is_own(const struct moot_node *n, const char *name)
{
    return !moot_node_closed(n) && strcmp(name, n->group_name) == 0;
}

static void refuse(struct moot_reception *r, enum status status,
                   const char *text)
{
    r->status = status;
    r->text = text;
}

static void give_own(struct moot_node *n, const struct moot_visit *v,
                     const char *nonce, enum status status,
                     struct moot_reception *r)
{
    r->status = status;
    moot_node_answer(n, nonce, v->marks, &v->local, &v->asker, &r->json,
                     r->signature);
}

static void give_hosted(struct moot_node *n, struct moot_answer *a,
                        const char *nonce, enum status status,
                        struct moot_reception *r)
{
    size_t len = strlen(nonce);

    r->status = status;
    a->id = n->key.id;
    memcpy(a->nonce, nonce, len < sizeof a->nonce ? len : sizeof a->nonce - 1);
    moot_answer_encode(a, &r->json);
    moot_answer_sign(moot_buf_view(&r->json), &n->key, r->signature);
    moot_answer_fini(a);
}

static void give_challenge(const struct moot_node *n,
                           const struct moot_visit *v, struct moot_reception *r)
{
    moot_directory_challenge(n->directory, v->now, v->asker.host, r->challenge);
}

static struct node_hosted_kept *find_kept(struct moot_node *n, const char *name,
                                          bool near)
{
    struct node_hosted_kept *oldest = &n->hosted_kept[0];

    for (unsigned i = 0; i < MOOT_HOSTED_KEPT_MAX; i++) {
        struct node_hosted_kept *k = &n->hosted_kept[i];

        if (k->near == near && strcmp(k->name, name) == 0)
            return k;
        if (k->turn < oldest->turn)
            oldest = k;
    }
    oldest->near = near;
    snprintf(oldest->name, sizeof oldest->name, "%s", name);
    moot_buf_clear(&oldest->answered.head);
    return oldest;
}

/* As it was answered last, if it is the same still.  MOOT_ENONE: no such. */
static int give_kept(struct moot_node *n, const struct moot_visit *v,
                     struct moot_reception *r)
{
    bool near = moot_addr_loopback(&v->asker);
    char nonce[2 * MOOT_NONCE_LEN_MAX + 1];
    struct node_hosted_kept *k;
    struct moot_answer a;
    uint64_t print;
    int rc = moot_directory_print(n->directory, v->now, v->group, &print);

    if (rc != MOOT_OK)
        return rc;
    k = find_kept(n, v->group, near);
    k->turn = ++n->hosted_turn;
    if (k->answered.head.len == 0 || k->answered.print != print) {
        rc =
            moot_directory_list(n->directory, v->now, v->group, near, NULL, &a);
        moot_assert(rc == MOOT_OK); /* it was just found */
        a.id = n->key.id;
        moot_answered_keep(&k->answered, &a, MOOT_ANSWER_LEN_MAX, print);
        moot_answer_fini(&a);
    }
    snprintf(nonce, sizeof nonce, "%s", v->nonce);
    r->status = STATUS_OK;
    moot_answered_give(&k->answered, &n->key, nonce, &r->json, r->signature);
    return MOOT_OK;
}

/* He says who he is, and proves it when he registers. */
static bool crowded(struct moot_node *n, const struct moot_visit *v)
{
    struct moot_id id;

    return v->identity != NULL && moot_unhex(v->identity, id.b) &&
           moot_directory_crowded(n->directory, v->now, v->group, &id);
}

static void refuse_crowded(struct moot_reception *r)
{
    refuse(r, STATUS_FULL, "group full\n");
    r->retry_s = RETRY_FULL_S;
}

void moot_node_visit(struct moot_node *n, const struct moot_visit *v,
                     struct moot_reception *r)
{
    if (n->directory != NULL)
        give_challenge(n, v, r);
    if (v->group == NULL || n->directory == NULL || is_own(n, v->group))
        give_own(n, v, v->nonce, STATUS_OK, r);
    else if (crowded(n, v))
        refuse_crowded(r);
    else if (give_kept(n, v, r) != MOOT_OK)
        refuse(r, STATUS_NONE, "no such group; it may be registered here\n");
}

/* --- registering --- */

static void answer_request(struct moot_node *n, const struct moot_visit *v,
                           const struct moot_register *request,
                           enum status status, struct moot_answer *with,
                           struct moot_reception *r)
{
    const struct moot_register *skip = status == STATUS_OK ? request : NULL;
    struct moot_answer a;
    int rc = moot_directory_list(n->directory, v->now, request->group_name,
                                 moot_addr_loopback(&v->asker), skip, &a);

    moot_assert(rc == MOOT_OK); /* it was just found, or made */
    a.again_ms = with->again_ms;
    a.lack_count = with->lack_count;
    memcpy(a.lack, with->lack, sizeof a.lack);
    give_hosted(n, &a, request->nonce, status, r);
}

static void take_request(struct moot_node *n, const struct moot_visit *v,
                         const struct moot_register *request,
                         struct moot_reception *r)
{
    struct moot_answer with = {0};
    enum moot_directory_verdict verdict =
        moot_directory_take(n->directory, v->now, request, v->asker.host,
                            with.lack, &with.lack_count);

    with.again_ms = (uint32_t)moot_directory_again(
        n->directory, v->now, request->group_name, &request->records[0].id);
    switch (verdict) {
    case MOOT_DIRECTORY_TAKEN:
        answer_request(n, v, request, STATUS_OK, &with, r);
        return;
    case MOOT_DIRECTORY_CLASH:
        answer_request(n, v, request, STATUS_CLASH, &with, r);
        return;
    case MOOT_DIRECTORY_FULL:
        refuse(r, STATUS_FULL, "group directory full\n");
        r->retry_s = RETRY_FULL_S;
        return;
    case MOOT_DIRECTORY_CROWDED:
        refuse_crowded(r);
        return;
    case MOOT_DIRECTORY_FORGED:
        refuse(r, STATUS_FORBIDDEN, "a record is not signed by its owner\n");
        return;
    }
}

/* It is signed by whose record it brings, just now and from there. */
static void judge(struct moot_node *n, const struct moot_visit *v,
                  const struct moot_register *request, struct moot_reception *r)
{
    struct moot_id signer;

    if (!moot_directory_fresh(n->directory, v->now, v->asker.host,
                              request->challenge)) {
        refuse(r, STATUS_CHALLENGE, "repeat the Moot-Challenge\n");
    } else if (!moot_register_signed(v->body, v->signature, &signer) ||
               !moot_id_eq(&signer, &request->records[0].id)) {
        refuse(r, STATUS_FORBIDDEN, "not signed by the one it names\n");
    } else if (is_own(n, request->group_name)) {
        bool ours = moot_hash_eq(&request->group, &n->group_id);

        give_own(n, v, request->nonce, ours ? STATUS_OK : STATUS_CLASH, r);
    } else {
        take_request(n, v, request, r);
    }
}

void moot_node_register(struct moot_node *n, const struct moot_visit *v,
                        struct moot_reception *r)
{
    struct moot_register request;
    moot_ms wait;
    int rc;

    moot_assert(n->directory != NULL);
    give_challenge(n, v, r);
    if (!moot_directory_admits(n->directory, v->now, v->asker.host, &wait)) {
        refuse(r, STATUS_MANY, "too many requests from there\n");
        r->retry_s = (unsigned)((wait + 999) / 1000);
        return;
    }
    rc = moot_register_decode(v->body, &request);
    if (rc != MOOT_OK) {
        refuse(r, rc == MOOT_ELIMIT ? STATUS_LARGE : STATUS_BAD,
               rc == MOOT_ELIMIT ? "too large\n" : "no such request\n");
        return;
    }
    judge(n, v, &request, r);
    moot_register_fini(&request);
}
