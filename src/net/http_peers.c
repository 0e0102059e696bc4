/*
 * net/http_peers.c - /peers: the live members, for people and for programs.
 *
 * The list has the form of the address book (wire/peers.h) and more keys, so
 * that a program can be given this page as its list of peers.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "loop/clock.h"
#include "net/http_internal.h"

#define STAMP_LEN 32

struct roll {
    moot_wall_ms wall;
    const struct moot_hash *group;
    json_t *peers;
};

static json_t *stamp(moot_wall_ms wall)
{
    time_t s = (time_t)(wall / 1000);
    char text[STAMP_LEN];
    struct tm utc;

    gmtime_r(&s, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return json_string(text);
}

static json_t *hex(const uint8_t b[32])
{
    char text[MOOT_HEX_LEN + 1];

    moot_hex(b, text);
    return json_string(text);
}

static json_t *addr(const struct moot_addr *a)
{
    char text[MOOT_ADDR_TEXT_MAX];

    if (a->port == 0)
        return json_null();
    moot_addr_format(a, text);
    return json_string(text);
}

static json_t *number(moot_ms ms)
{
    return ms < 0 ? json_null() : json_integer(ms);
}

static const char *standing_word(enum moot_standing standing)
{
    switch (standing) {
    case MOOT_JOINING:
        return "joining";
    case MOOT_WAITING:
        return "waiting";
    case MOOT_JOINED:
        break;
    }
    return "joined";
}

/* The best address stands for it; without one it cannot be found through us. */
static void add(struct roll *r, const struct moot_peer_line *line)
{
    const struct moot_listed *l = &line->listed;
    json_t *o, *addresses;

    if (l->addr_count == 0)
        return;
    o = json_object();
    addresses = json_array();
    json_object_set_new(o, "ip", json_string(l->addrs[0].host));
    json_object_set_new(o, "port", json_integer(l->addrs[0].port));
    json_object_set_new(o, "last_seen",
                        stamp(r->wall - (line->heard > 0 ? line->heard : 0)));
    json_object_set_new(o, "success_count", json_integer(1));
    json_object_set_new(o, "failure_count", json_integer(0));
    json_object_set_new(o, "identity", hex(l->id.b));
    json_object_set_new(o, "group", hex(r->group->b));
    json_object_set_new(o, "username", json_string(l->name));
    json_object_set_new(o, "bootstrap", addr(&l->boot));
    for (unsigned i = 0; i < l->addr_count; i++)
        json_array_append_new(addresses, addr(&l->addrs[i]));
    json_object_set_new(o, "addresses", addresses);
    json_object_set_new(
        o, "mode",
        json_string(l->mode == MOOT_BOOTSTRAP ? "bootstrap" : "standard"));
    json_object_set_new(o, "standing", json_string(standing_word(l->standing)));
    json_object_set_new(o, "self", json_boolean(line->self));
    json_object_set_new(o, "linked", json_boolean(line->linked));
    json_object_set_new(o, "lagging", json_boolean(line->lagging));
    json_object_set_new(o, "rtt_ms", number(line->rtt));
    json_object_set_new(o, "heard_ms", number(line->heard));
    json_array_append_new(r->peers, o);
}

/* jansson gives NULL only when there is no memory. */
static char *roll_text(const struct moot_asked *a)
{
    struct moot_addr local, asker;
    struct moot_peer_line *lines = moot_alloc(MOOT_MEMBERS_MAX * sizeof *lines);
    struct roll r = {.wall = moot_clock_wall(),
                     .group = moot_node_group(a->node),
                     .peers = json_array()};
    json_t *all = json_object();
    unsigned count;
    char *text;

    moot_http_ends(a, &local, &asker);
    count = moot_node_peers(a->node, moot_clock_ms(), &local, &asker, lines,
                            MOOT_MEMBERS_MAX);
    for (unsigned i = 0; i < count; i++)
        add(&r, &lines[i]);
    json_object_set_new(all, "last_updated", stamp(r.wall));
    json_object_set_new(all, "peers", r.peers);
    text = json_dumps(all, JSON_COMPACT);
    json_decref(all);
    free(lines);
    return text;
}

enum MHD_Result moot_http_get_peers(const struct moot_asked *a)
{
    char *text = roll_text(a);
    struct moot_reply r = {.status = MHD_HTTP_OK, .type = "application/json"};
    enum MHD_Result rc;

    if (text == NULL)
        return MHD_NO;
    r.body = moot_bytes_text(text);
    rc = moot_http_reply(a, &r);
    free(text);
    return rc;
}
