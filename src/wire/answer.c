/*
 * wire/answer.c - the bootstrap answer as JSON, both ways, and its signature.
 *
 * Fetches and serves nothing.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include "wire/answer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "answer_hosted_internal.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/error.h"
#include "json_internal.h"
#include "signed_internal.h"

#define ANSWER_VERSION 1

/*
 * What a full answer can need, with room for keys we do not know: braces and
 * brackets, and values.
 */
#define NESTS_MAX (4 * MOOT_MEMBERS_MAX + 64)
#define VALUES_MAX (32 * MOOT_MEMBERS_MAX + 64)

static const char *const mode_words[] = {
    [MOOT_STANDARD] = "standard", [MOOT_BOOTSTRAP] = "bootstrap"};
static const char *const standing_words[] = {[MOOT_JOINING] = "joining",
                                             [MOOT_WAITING] = "waiting",
                                             [MOOT_JOINED] = "joined"};

void moot_answer_fini(struct moot_answer *a)
{
    free(a->members);
    moot_buf_fini(&a->records);
    memset(a, 0, sizeof *a);
}

/* --- encoding --- */

static void put_listed(struct moot_buf *out, const struct moot_answer *a,
                       const struct moot_listed *l)
{
    char hex[MOOT_HEX_LEN + 1];
    char addr[MOOT_ADDR_TEXT_MAX];

    moot_assert(l->addr_count <= MOOT_LISTED_ADDRS_MAX);
    moot_buf_printf(out, "{\"username\":");
    moot_json_put_name(out, l->name);
    moot_buf_printf(out, ",\"addresses\":[");
    for (unsigned i = 0; i < l->addr_count; i++) {
        moot_addr_format(&l->addrs[i], addr);
        moot_buf_printf(out, "%s\"%s\"", i > 0 ? "," : "", addr);
    }
    moot_hex(l->id.b, hex);
    moot_buf_printf(out,
                    "],\"identity\":\"%s\",\"mode\":\"%s\","
                    "\"standing\":\"%s\",\"bootstrap\":",
                    hex, mode_words[l->mode], standing_words[l->standing]);
    if (l->boot.port == 0) {
        moot_buf_printf(out, "null");
    } else {
        moot_addr_format(&l->boot, addr);
        moot_buf_printf(out, "\"%s\"", addr);
    }
    moot_answer_put_record(a, l, out);
    moot_buf_printf(out, "}");
}

static void put_members(struct moot_buf *out, const struct moot_answer *a,
                        size_t len_max)
{
    struct moot_buf one = {0};
    size_t start = out->len;

    for (unsigned i = 0; i < a->member_count; i++) {
        moot_buf_clear(&one);
        if (i > 0)
            moot_buf_append(&one, ",", 1);
        put_listed(&one, a, &a->members[i]);

        struct moot_bytes text = moot_buf_view(&one);

        /* Whoever fetches refuses a longer answer, and then has nobody. */
        if (out->len - start + text.len > len_max)
            break;
        moot_buf_append(out, text.data, text.len);
    }
    moot_buf_fini(&one);
}

/* Numbers of JSON are exact up to 53 bits everywhere. */
static uint64_t short_id(const struct moot_id *id)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < 8; i++)
        n = n << 8 | id->b[i];
    return n >> 11;
}

/*
 * What a Blixard node looks for, and nothing it would take for something else:
 * it knows no host names, and nobody can dial a wildcard.
 */
static void put_blixard(struct moot_buf *out, const struct moot_answer *a)
{
    char text[MOOT_ADDR_TEXT_MAX], hex[MOOT_HEX_LEN + 1];
    const struct moot_listed *self = NULL;
    const char *comma = "";

    for (unsigned i = 0; i < a->member_count && self == NULL; i++) {
        if (moot_id_eq(&a->members[i].id, &a->id))
            self = &a->members[i];
    }
    moot_hex(a->id.b, hex);
    moot_buf_printf(out,
                    "\"node_id\":%" PRIu64
                    ",\"p2p_node_id\":\"%s\",\"p2p_addresses\":[",
                    short_id(&a->id), hex);
    for (unsigned i = 0; self != NULL && i < self->addr_count; i++) {
        const struct moot_addr *addr = &self->addrs[i];

        if (!moot_addr_literal(addr) || moot_addr_wildcard(addr))
            continue;
        moot_addr_format(addr, text);
        moot_buf_printf(out, "%s\"%s\"", comma, text);
        comma = ",";
    }
    moot_buf_printf(out, "],\"p2p_relay_url\":null,");
}

_Static_assert(sizeof ",\"nonce\":\"\"}\n" <= 16, "the end and a nonce fit");

void moot_answer_encode_head(const struct moot_answer *a, struct moot_buf *out)
{
    char group[MOOT_HEX_LEN + 1];
    char id[MOOT_HEX_LEN + 1];
    size_t start = out->len;

    moot_assert(a->member_count <= MOOT_MEMBERS_MAX);
    moot_assert(a->weight >= MOOT_TENTATIVE && a->weight <= MOOT_GROWN);
    moot_hex(a->group.b, group);
    moot_hex(a->id.b, id);
    moot_buf_append(out, "{", 1);
    put_blixard(out, a);
    moot_buf_printf(out, "\"version\":%d,\"group\":{\"id\":\"%s\",\"name\":",
                    ANSWER_VERSION, group);
    moot_json_put_name(out, a->group_name);
    moot_buf_printf(out, ",\"weight\":\"%s\"},\"identity\":\"%s\"",
                    moot_json_weights[a->weight], id);
    moot_answer_put_hosted(a, out);
    moot_buf_printf(out, ",\"members\":[");

    size_t used = out->len - start + 1 + MOOT_ANSWER_END_MAX;

    put_members(out, a, MOOT_ANSWER_LEN_MAX - used);
    moot_buf_append(out, "]", 1);
}

void moot_answer_encode_end(const char *nonce, struct moot_buf *out)
{
    moot_assert(strlen(nonce) <= (size_t)2 * MOOT_NONCE_LEN_MAX);
    moot_buf_printf(out, ",\"nonce\":\"%s\"}\n", nonce);
}

void moot_answer_encode(const struct moot_answer *a, struct moot_buf *out)
{
    moot_answer_encode_head(a, out);
    moot_answer_encode_end(a->nonce, out);
}

/* --- decoding --- */

static bool get_addrs(const json_t *from, struct moot_listed *l)
{
    const json_t *list = json_object_get(from, "addresses");

    if (!json_is_array(list) || json_array_size(list) > MOOT_LISTED_ADDRS_MAX)
        return false;
    l->addr_count = (unsigned)json_array_size(list);
    for (unsigned i = 0; i < l->addr_count; i++) {
        struct moot_bytes text = moot_json_text(json_array_get(list, i));

        if (moot_addr_parse(text, &l->addrs[i]) != MOOT_OK)
            return false;
    }
    return true;
}

static bool get_listed(const json_t *from, struct moot_listed *l)
{
    const json_t *boot = json_object_get(from, "bootstrap");

    memset(l, 0, sizeof *l);
    if (boot && !json_is_null(boot) &&
        moot_addr_parse(moot_json_text(boot), &l->boot) != MOOT_OK)
        return false;
    l->mode = (enum moot_mode)moot_json_choice(from, "mode", mode_words,
                                               MOOT_BOOTSTRAP);
    l->standing = (enum moot_standing)moot_json_choice(
        from, "standing", standing_words, MOOT_JOINED);
    return l->mode != 0 && l->standing != 0 && get_addrs(from, l) &&
           moot_json_name(json_object_get(from, "username"), l->name) &&
           moot_json_hex(from, "identity", l->id.b);
}

static bool get_head(const json_t *root, struct moot_answer *a)
{
    const json_t *version = json_object_get(root, "version");
    const json_t *group = json_object_get(root, "group");

    a->weight = (enum moot_weight)moot_json_choice(
        group, "weight", moot_json_weights, MOOT_GROWN);
    return json_is_integer(version) &&
           json_integer_value(version) == ANSWER_VERSION && a->weight != 0 &&
           moot_json_hex(group, "id", a->group.b) &&
           moot_json_name(json_object_get(group, "name"), a->group_name) &&
           moot_json_nonce(root, a->nonce) &&
           moot_json_hex(root, "identity", a->id.b);
}

static int get_members(const json_t *root, struct moot_answer *a)
{
    const json_t *list = json_object_get(root, "members");
    size_t count = json_array_size(list);

    if (!json_is_array(list))
        return MOOT_EANSWER;
    if (count > MOOT_MEMBERS_MAX)
        return MOOT_ELIMIT;
    a->member_count = (unsigned)count;
    if (count > 0)
        a->members = moot_alloc(count * sizeof *a->members);
    for (unsigned i = 0; i < a->member_count; i++) {
        const json_t *one = json_array_get(list, i);

        if (!get_listed(one, &a->members[i]) ||
            !moot_answer_get_record(one, a, &a->members[i]))
            return MOOT_EANSWER;
    }
    return MOOT_OK;
}

int moot_answer_decode(struct moot_bytes json, struct moot_answer *ret_answer)
{
    struct moot_answer a = {0};

    if (json.len > MOOT_ANSWER_LEN_MAX ||
        moot_json_rich(json, NESTS_MAX, VALUES_MAX))
        return MOOT_ELIMIT;
    if (json.len == 0)
        return MOOT_EANSWER;

    json_t *root = moot_json_read(json);
    int error =
        get_head(root, &a) ? moot_answer_get_hosted(root, &a) : MOOT_EANSWER;

    if (error == MOOT_OK)
        error = get_members(root, &a);
    json_decref(root);
    if (error == MOOT_OK)
        *ret_answer = a;
    else
        moot_answer_fini(&a);
    return error;
}

/* --- whom it lists --- */

static void list_addr(struct moot_listed *l, const struct moot_addr *a,
                      bool near)
{
    if (a->port == 0 || a->host[0] == '\0' || moot_addr_wildcard(a) ||
        (moot_addr_loopback(a) && !near) ||
        l->addr_count == MOOT_LISTED_ADDRS_MAX)
        return;
    for (unsigned i = 0; i < l->addr_count; i++)
        if (moot_addr_eq(&l->addrs[i], a))
            return;
    l->addrs[l->addr_count++] = *a;
}

/* Its bootstrap socket is on the host where it was seen. */
static void list_boot(struct moot_listed *l, const struct moot_record *r)
{
    l->boot = r->boot;
    if (r->boot.port == 0 || !moot_addr_wildcard(&r->boot))
        return;
    l->boot.port = 0;
    if (l->addr_count > 0)
        moot_addr_set(&l->boot, l->addrs[0].host, r->boot.port);
}

void moot_listed_fill(struct moot_listed *l, const struct moot_record *r,
                      const struct moot_addr *seen, bool near)
{
    memset(l, 0, sizeof *l);
    l->id = r->id;
    memcpy(l->name, r->name, sizeof l->name);
    l->mode = r->mode;
    l->standing = r->standing;
    list_addr(l, seen, near);
    for (unsigned i = 0; i < r->addr_count; i++)
        list_addr(l, &r->addrs[i], near);
    list_boot(l, r);
}

/* --- the signature --- */

void moot_answer_sign(struct moot_bytes json, const struct moot_key *k,
                      char out[MOOT_HEX_LEN + 1 + 128 + 1])
{
    struct moot_hash hash = moot_hash_of(json);

    moot_answer_sign_hash(&hash, k, out);
}

void moot_answer_sign_hash(const struct moot_hash *hash,
                           const struct moot_key *k,
                           char out[MOOT_HEX_LEN + 1 + 128 + 1])
{
    moot_signed_header(moot_bytes_of(hash->b, sizeof hash->b),
                       MOOT_DOMAIN_ANSWER, k, out);
}

bool moot_answer_signed(struct moot_bytes json, const char *header,
                        struct moot_id *ret_id)
{
    struct moot_hash hash = moot_hash_of(json);

    return moot_signed_by(moot_bytes_of(hash.b, sizeof hash.b),
                          MOOT_DOMAIN_ANSWER, header, ret_id);
}
