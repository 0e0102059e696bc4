/*
 * wire/peers.c - a list of peers, and how it is written.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include "wire/peers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/iso.h"
#include "base/slots.h"
#include "wire/json_internal.h"

void moot_peers_fini(struct moot_peers *p)
{
    free(p->peers);
    free(p->tripped);
    memset(p, 0, sizeof *p);
}

struct moot_peer *moot_peers_add(struct moot_peers *p,
                                 const struct moot_peer *peer)
{
    unsigned at = p->peer_count;

    moot_assert(at < MOOT_PEERS_MAX);
    p->peers = moot_slot_open(p->peers, sizeof *p->peers, &p->peer_count,
                              &p->peer_max, at);
    p->peers[at] = *peer;
    return &p->peers[at];
}

void moot_peers_add_tripped(struct moot_peers *p, const struct moot_tripped *t)
{
    unsigned at = p->tripped_count;

    moot_assert(at < MOOT_TRIPPED_MAX);
    p->tripped = moot_slot_open(p->tripped, sizeof *p->tripped,
                                &p->tripped_count, &p->tripped_max, at);
    p->tripped[at] = *t;
}

/* What needs no mark between quotes. */
bool moot_source_valid(struct moot_bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] <= ' ' || text.data[i] > '~' || text.data[i] == '"' ||
            text.data[i] == '\\')
            return false;
    return text.len > 0 && text.len <= MOOT_SOURCE_LEN_MAX;
}

/* --- writing --- */

static void put_time(struct moot_buf *out, const char *key, moot_wall_ms when)
{
    char text[MOOT_ISO_LEN + 1];

    moot_iso_format(when, text);
    moot_buf_printf(out, "\"%s\": \"%s\"", key, text);
}

static void put_count(struct moot_buf *out, const char *key, uint64_t count)
{
    moot_assert(count <= MOOT_COUNT_MAX);
    moot_buf_printf(out, ", \"%s\": %" PRIu64, key, count);
}

static void put_hex(struct moot_buf *out, const char *key,
                    const uint8_t raw[32])
{
    char hex[MOOT_HEX_LEN + 1];

    moot_hex(raw, hex);
    moot_buf_printf(out, ", \"%s\": \"%s\"", key, hex);
}

static void put_name(struct moot_buf *out, const char *key, const char *name)
{
    if (name[0] == '\0')
        return;
    moot_buf_printf(out, ", \"%s\": ", key);
    moot_json_put_name(out, name);
}

static void put_peer(struct moot_buf *out, const struct moot_peer *p)
{
    char addr[MOOT_ADDR_TEXT_MAX];

    moot_assert(p->addr.port != 0 && p->addr.host[0] != '\0');
    moot_buf_printf(out, "{\"ip\": \"%s\", \"port\": %u, ", p->addr.host,
                    p->addr.port);
    put_time(out, "last_seen", p->last_seen);
    put_count(out, "success_count", p->success_count);
    put_count(out, "failure_count", p->failure_count);
    if (p->failures_in_row > 0)
        put_count(out, "failures_in_row", p->failures_in_row);
    if (p->last_failed >= 1000) { /* it is written in seconds */
        moot_buf_printf(out, ", ");
        put_time(out, "last_failed", p->last_failed);
    }
    if (p->has_id)
        put_hex(out, "identity", p->id.b);
    if (p->has_group)
        put_hex(out, "group", p->group.b);
    put_name(out, "group_name", p->group_name);
    put_name(out, "username", p->name);
    if (p->boot.port != 0) {
        moot_addr_format(&p->boot, addr);
        moot_buf_printf(out, ", \"bootstrap\": \"%s\"", addr);
    }
    moot_buf_printf(out, "}");
}

static void put_tripped(struct moot_buf *out, const struct moot_tripped *t)
{
    moot_assert(moot_source_valid(moot_bytes_text(t->source)));
    moot_assert(t->wait >= 0 && t->wait <= MOOT_TRIPPED_WAIT_MAX);
    moot_buf_printf(out, "{\"source\": \"%s\"", t->source);
    put_count(out, "failures", t->failures);
    moot_buf_printf(out, ", ");
    put_time(out, "opened", t->opened);
    moot_buf_printf(out, ", \"wait\": %" PRId64 "}", t->wait);
}

void moot_peers_encode(const struct moot_peers *p, struct moot_buf *out)
{
    moot_buf_printf(out, "{\n");
    put_time(out, "last_updated", p->updated);
    moot_buf_printf(out, ",\n\"peers\": [");
    for (unsigned i = 0; i < p->peer_count; i++) {
        moot_buf_printf(out, i > 0 ? ",\n" : "\n");
        put_peer(out, &p->peers[i]);
    }
    moot_buf_printf(out, "\n]");
    if (p->tripped_count > 0)
        moot_buf_printf(out, ",\n\"breakers\": [");
    for (unsigned i = 0; i < p->tripped_count; i++) {
        moot_buf_printf(out, i > 0 ? ",\n" : "\n");
        put_tripped(out, &p->tripped[i]);
    }
    moot_buf_printf(out, p->tripped_count > 0 ? "\n]\n}\n" : "\n}\n");
}
