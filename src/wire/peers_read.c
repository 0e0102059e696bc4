/*
 * wire/peers_read.c - a list of peers from bytes that anybody may have written.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/iso.h"
#include "wire/host_internal.h"
#include "wire/json_internal.h"
#include "wire/peers.h"

/* What a full list can need, with room for keys we do not know. */
#define NESTS_MAX (4 * MOOT_PEERS_MAX + MOOT_TRIPPED_MAX + 64)
#define VALUES_MAX (32 * MOOT_PEERS_MAX + 16 * MOOT_TRIPPED_MAX + 64)

/* --- values --- */

/* What is not there is 0; false when it is there and no such thing. */
static bool get_count(const json_t *from, const char *key, uint64_t max,
                      uint64_t *ret_count)
{
    const json_t *value = json_object_get(from, key);
    json_int_t n = value == NULL ? 0 : json_integer_value(value);

    *ret_count = n < 0 ? 0 : (uint64_t)n > max ? max : (uint64_t)n;
    return value == NULL || (json_is_integer(value) && n >= 0);
}

static bool get_time(const json_t *from, const char *key,
                     moot_wall_ms *ret_when)
{
    const json_t *value = json_object_get(from, key);

    *ret_when = 0;
    return value == NULL || json_is_null(value) ||
           moot_iso_parse(moot_json_text(value), ret_when);
}

static bool get_addr(const json_t *from, struct moot_addr *a)
{
    struct moot_bytes host = moot_json_text(json_object_get(from, "ip"));
    uint64_t port;

    if (host.data == NULL || !get_count(from, "port", UINT16_MAX + 1, &port) ||
        port == 0 || port > UINT16_MAX)
        return false;
    a->port = (uint16_t)port;
    return moot_host_canonical(host, a->host);
}

/* --- a peer --- */

/* These may be missing or null, but not wrong. */
static bool is_given(const json_t *from, const char *key)
{
    const json_t *value = json_object_get(from, key);

    return value != NULL && !json_is_null(value);
}

static bool get_who(const json_t *from, struct moot_peer *p)
{
    const json_t *boot = json_object_get(from, "bootstrap");

    p->has_id = is_given(from, "identity");
    p->has_group = is_given(from, "group");
    if (is_given(from, "group_name") &&
        !moot_json_name(json_object_get(from, "group_name"), p->group_name))
        return false;
    if (is_given(from, "username") &&
        !moot_json_name(json_object_get(from, "username"), p->name))
        return false;
    if (is_given(from, "bootstrap") &&
        moot_addr_parse(moot_json_text(boot), &p->boot) != MOOT_OK)
        return false;
    return (!p->has_id || moot_json_hex(from, "identity", p->id.b)) &&
           (!p->has_group || moot_json_hex(from, "group", p->group.b));
}

static bool get_peer(const json_t *from, struct moot_peer *p)
{
    memset(p, 0, sizeof *p);
    if (json_is_string(from))
        return moot_addr_parse(moot_json_text(from), &p->addr) == MOOT_OK;
    return get_addr(from, &p->addr) &&
           get_time(from, "last_seen", &p->last_seen) &&
           get_time(from, "last_failed", &p->last_failed) &&
           get_count(from, "success_count", MOOT_COUNT_MAX,
                     &p->success_count) &&
           get_count(from, "failure_count", MOOT_COUNT_MAX,
                     &p->failure_count) &&
           get_count(from, "failures_in_row", MOOT_COUNT_MAX,
                     &p->failures_in_row) &&
           get_who(from, p);
}

static void get_peers(const json_t *list, struct moot_peers *p)
{
    struct moot_peer peer;

    for (size_t i = 0; i < json_array_size(list); i++)
        if (p->peer_count < MOOT_PEERS_MAX &&
            get_peer(json_array_get(list, i), &peer))
            moot_peers_add(p, &peer);
}

/* --- breakers --- */

static bool get_tripped(const json_t *from, struct moot_tripped *t)
{
    struct moot_bytes source = moot_json_text(json_object_get(from, "source"));
    uint64_t wait;

    memset(t, 0, sizeof *t);
    if (!moot_source_valid(source) ||
        !get_count(from, "failures", MOOT_COUNT_MAX, &t->failures) ||
        !get_time(from, "opened", &t->opened) ||
        !get_count(from, "wait", (uint64_t)MOOT_TRIPPED_WAIT_MAX, &wait))
        return false;
    memcpy(t->source, source.data, source.len);
    t->wait = (moot_ms)wait;
    return t->failures > 0;
}

static void get_breakers(const json_t *list, struct moot_peers *p)
{
    struct moot_tripped t;

    for (size_t i = 0; i < json_array_size(list); i++)
        if (p->tripped_count < MOOT_TRIPPED_MAX &&
            get_tripped(json_array_get(list, i), &t))
            moot_peers_add_tripped(p, &t);
}

/* --- the whole --- */

static int read_json(struct moot_bytes json, bool bare,
                     struct moot_peers *ret_peers)
{
    struct moot_peers p = {0};
    json_t *root;
    const json_t *list;

    if (json.len > MOOT_PEERS_LEN_MAX ||
        moot_json_rich(json, NESTS_MAX, VALUES_MAX))
        return MOOT_ELIMIT;
    root = moot_json_read(json);
    list = bare && json_is_array(root) ? root : json_object_get(root, "peers");
    if (!json_is_array(list) || !get_time(root, "last_updated", &p.updated)) {
        json_decref(root);
        return MOOT_EPROTO;
    }
    get_peers(list, &p);
    get_breakers(json_object_get(root, "breakers"), &p);
    json_decref(root);
    *ret_peers = p;
    return MOOT_OK;
}

int moot_peers_decode(struct moot_bytes json, struct moot_peers *ret_peers)
{
    return read_json(json, false, ret_peers);
}

/* --- what a stranger serves --- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next line without its comment and the blanks around it. */
static struct moot_bytes next_line(struct moot_bytes *text)
{
    const uint8_t *end = memchr(text->data, '\n', text->len);
    size_t len = end == NULL ? text->len : (size_t)(end - text->data);
    struct moot_bytes line = moot_bytes_of(text->data, len);
    size_t used = end == NULL ? len : len + 1;
    const uint8_t *mark = memchr(line.data, '#', line.len);

    *text = moot_bytes_of(text->data + used, text->len - used);
    if (mark != NULL)
        line.len = (size_t)(mark - line.data);
    while (line.len > 0 && is_blank(line.data[line.len - 1]))
        line.len--;
    while (line.len > 0 && is_blank(line.data[0]))
        line = moot_bytes_of(line.data + 1, line.len - 1);
    return line;
}

static int read_plain(struct moot_bytes text, struct moot_peers *ret_peers)
{
    struct moot_peers p = {0};

    while (text.len > 0 && p.peer_count < MOOT_PEERS_MAX) {
        struct moot_bytes line = next_line(&text);
        struct moot_peer peer = {0};

        if (moot_addr_parse(line, &peer.addr) == MOOT_OK)
            moot_peers_add(&p, &peer);
    }
    if (p.peer_count == 0)
        return MOOT_EPROTO;
    *ret_peers = p;
    return MOOT_OK;
}

/* What a stranger counted and saw says nothing to us. */
static void forget_counts(struct moot_peers *p)
{
    struct moot_peers kept = {.peers = p->peers,
                              .peer_count = p->peer_count,
                              .peer_max = p->peer_max};

    free(p->tripped);
    for (unsigned i = 0; i < p->peer_count; i++) {
        struct moot_peer *peer = &p->peers[i];

        peer->last_seen = peer->last_failed = 0;
        peer->success_count = peer->failure_count = 0;
        peer->failures_in_row = 0;
    }
    *p = kept;
}

int moot_peers_decode_list(struct moot_bytes text, struct moot_peers *ret_peers)
{
    struct moot_peers p;
    int error;

    if (text.len > MOOT_PEERS_LEN_MAX)
        return MOOT_ELIMIT;
    while (text.len > 0 && is_blank(text.data[0]))
        text = moot_bytes_of(text.data + 1, text.len - 1);
    if (text.len == 0)
        return MOOT_EPROTO;
    if (text.data[0] != '{' && text.data[0] != '[')
        return read_plain(text, ret_peers);
    error = read_json(text, true, &p);
    if (error == MOOT_EPROTO && text.data[0] == '[') /* as IPv6 begins, too */
        return read_plain(text, ret_peers);
    if (error != MOOT_OK)
        return error;
    forget_counts(&p);
    if (p.peer_count == 0) {
        moot_peers_fini(&p);
        return MOOT_EPROTO;
    }
    *ret_peers = p;
    return MOOT_OK;
}
