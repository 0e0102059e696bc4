/*
 * net/dns_records.c - what SRV and TXT records mean to us, and in which order
 * to use them.
 *
 * Asks nobody.
 *
 * Layer:  net (loud).
 * Thread: any.
 */
#include <string.h>

#include "base/assert.h"
#include "net/dns_internal.h"
#include "wire/invite.h"

#define TXT_PREFIX "moot="

static bool is_there(const struct dns_doors *d, const struct moot_addr *a)
{
    for (unsigned i = 0; i < d->count; i++)
        if (moot_addr_eq(&d->at[i].addr, a))
            return true;
    return false;
}

static void add(struct dns_doors *d, const struct dns_door *door)
{
    struct dns_door *worst = &d->at[0];

    if (is_there(d, &door->addr))
        return;
    if (d->count < MOOT_DNS_DOORS_MAX) {
        d->at[d->count++] = *door;
        return;
    }
    for (unsigned i = 1; i < d->count; i++)
        if (d->at[i].priority > worst->priority)
            worst = &d->at[i];
    if (door->priority < worst->priority)
        *worst = *door;
}

/* Nobody can be asked at a wildcard. */
static bool parse(const char *text, size_t len, struct moot_addr *out)
{
    return moot_addr_parse(moot_bytes_of(text, len), out) == MOOT_OK &&
           !moot_addr_wildcard(out);
}

void moot_dns_add_srv(struct dns_doors *d, const char *host, uint16_t port,
                      uint16_t priority, uint16_t weight)
{
    struct dns_door door = {.priority = priority, .weight = weight};
    struct moot_buf text = {0};
    size_t len = strlen(host);

    if (len > 0 && host[len - 1] == '.')
        len--; /* a target of "." says that there is no such service */
    moot_buf_printf(&text, "%.*s:%u", (int)len, host, (unsigned)port);
    if (parse(moot_buf_text(&text), text.len, &door.addr))
        add(d, &door);
    moot_buf_fini(&text);
}

/* A secret that the whole world can look up is none, so that one is not used
 * either. */
static void add_invite(struct dns_doors *d, struct moot_bytes text)
{
    struct moot_invite invite;

    if (moot_invite_decode(text, &invite) != MOOT_OK)
        return;
    for (unsigned i = 0; !invite.closed && i < invite.door_count; i++) {
        struct dns_door door = {.addr = invite.doors[i],
                                .priority = MOOT_DNS_BY_TEXT};

        door.pins.count = invite.pin_count;
        memcpy(door.pins.id, invite.pins, sizeof door.pins.id);
        door.pins.has_group = true;
        memcpy(door.pins.group, invite.group, sizeof door.pins.group);
        add(d, &door);
    }
    moot_invite_fini(&invite);
}

void moot_dns_add_txt(struct dns_doors *d, struct moot_bytes text)
{
    const size_t prefix = strlen(TXT_PREFIX);
    struct dns_door door = {.priority = MOOT_DNS_BY_TEXT};

    if (moot_invite_looks_like_one(text)) {
        add_invite(d, text);
    } else if (text.len > prefix &&
               memcmp(text.data, TXT_PREFIX, prefix) == 0 &&
               parse((const char *)text.data + prefix, text.len - prefix,
                     &door.addr)) {
        add(d, &door);
    }
}

/* Within a priority those of no weight first, which the choice by weight
 * needs; else as they came. */
static bool goes_before(const struct dns_door *a, const struct dns_door *b)
{
    if (a->priority != b->priority)
        return a->priority < b->priority;
    return a->weight == 0 && b->weight != 0;
}

static void move_up(struct dns_doors *d, unsigned from, unsigned to)
{
    struct dns_door moved = d->at[from];

    memmove(&d->at[to + 1], &d->at[to], (from - to) * sizeof moved);
    d->at[to] = moved;
}

/* Whose turn is it among those of one priority that begin at first? */
static unsigned draw(const struct dns_doors *d, unsigned first,
                     struct moot_rng *rng)
{
    uint64_t sum = 0, drawn;
    unsigned end = first;

    while (end < d->count && d->at[end].priority == d->at[first].priority)
        sum += d->at[end++].weight;
    drawn = moot_rng_below(rng, sum + 1);
    sum = 0;
    for (unsigned i = first; i < end; i++) {
        sum += d->at[i].weight;
        if (sum >= drawn)
            return i;
    }
    moot_assert(!"somebody is drawn");
    return first;
}

void moot_dns_sort(struct dns_doors *d, struct moot_rng *rng)
{
    for (unsigned i = 1; i < d->count; i++) {
        unsigned to = i;

        while (to > 0 && goes_before(&d->at[i], &d->at[to - 1]))
            to--;
        move_up(d, i, to);
    }
    for (unsigned i = 0; i < d->count; i++)
        move_up(d, draw(d, i, rng), i);
}
