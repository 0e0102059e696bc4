/*
 * app/options_invite.c - an invitation among the options.
 *
 * Layer:  app (loud).
 * Thread: the loop's, before the loop runs.
 */
#include <sodium.h>
#include <string.h>

#include "app/options_internal.h"

void moot_options_uninvite(struct moot_options *o)
{
    sodium_memzero(&o->invite, sizeof o->invite);
    o->invited = false;
    o->invite_asked = false;
}

const char *moot_options_invite(struct moot_options *o, const char *value)
{
    struct moot_invite invite;
    char before[MOOT_INVITE_TEXT_MAX];
    const char *fault;

    if (strcmp(value, "-") == 0) {
        o->invite_asked = true;
        return NULL;
    }
    fault = moot_invite_fault(moot_bytes_text(value), &invite);
    if (fault)
        return fault;
    if (o->invited) {
        moot_invite_encode(&o->invite, before);
        if (strcmp(before, value) != 0)
            fault = "is another invitation: one at a time can be followed";
        sodium_memzero(before, sizeof before);
    }
    if (!fault)
        o->invite = invite;
    o->invited = true;
    moot_invite_fini(&invite);
    return fault;
}

/* Of the group that the invitation is into, and, at its own addresses, by who
 * may sign there. */
static struct moot_pins pins_of(const struct moot_invite *i, bool own)
{
    struct moot_pins p = {.has_group = true};

    memcpy(p.group, i->group, sizeof p.group);
    if (!own)
        return p;
    p.count = i->pin_count;
    memcpy(p.id, i->pins, sizeof p.id);
    return p;
}

_Static_assert(MOOT_PINS_MAX == MOOT_INVITE_PINS_MAX &&
                   MOOT_PIN_LEN == MOOT_INVITE_PREFIX_LEN,
               "the pins of an invitation are those of an endpoint");

unsigned moot_options_endpoints(const struct moot_options *o,
                                struct moot_addr *out_addrs,
                                struct moot_pins *out_pins)
{
    unsigned count = 0;

    memset(out_pins, 0, MOOT_ENDPOINTS_MAX * sizeof *out_pins);
    for (unsigned i = 0; o->invited && i < o->invite.door_count; i++) {
        out_addrs[count] = o->invite.doors[i];
        out_pins[count++] = pins_of(&o->invite, true);
    }
    for (unsigned i = 0; i < o->endpoint_count; i++) {
        unsigned k = 0;

        while (k < count && !moot_addr_eq(&out_addrs[k], &o->endpoints[i]))
            k++;
        if (k < count || count == MOOT_ENDPOINTS_MAX)
            continue;
        if (o->invited)
            out_pins[count] = pins_of(&o->invite, false);
        out_addrs[count++] = o->endpoints[i];
    }
    return count;
}
