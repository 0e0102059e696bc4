/*
 * tests/sim/known.c - who knows an address at which another one lives.
 *
 * Told from what went over the links, not from what a node remembers: one that
 * forgets whom it should look for is found out.  A peer knows the host of
 * everybody it was linked to, until it has a goodbye from there; a bootstrap
 * peer that said goodbye may be started again and is looked for all the same.
 * Nothing of it outlives the process.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include "sim_internal.h"
#include "wire/message.h"

/* The tag of the only field that a message with a goodbye has. */
#define BYE_TAG (MOOT_MSG_BYE << 3 | 2)

static unsigned host_beyond(struct sim *s, uint32_t end)
{
    return s->peers[sim_other_end(s, end)->peer]->host;
}

void sim_known_up(struct sim_peer *p, uint32_t end)
{
    p->knows |= 1u << host_beyond(p->sim, end);
    p->met |= (uint64_t)1 << sim_other_end(p->sim, end)->peer;
}

/* By another link than this one: who was started again is there. */
static bool linked_anew(struct sim_peer *p, uint32_t end)
{
    for (unsigned i = 0; i < p->end_count; i++) {
        const struct sim_end *e = sim_end_of(p->sim, p->ends[i]);

        if (p->ends[i] != end && e->up && !e->draining &&
            sim_other_end(p->sim, p->ends[i])->peer !=
                sim_other_end(p->sim, end)->peer &&
            host_beyond(p->sim, p->ends[i]) == host_beyond(p->sim, end))
            return true;
    }
    return false;
}

void sim_known_heard(struct sim_peer *p, uint32_t end, struct moot_bytes frame)
{
    struct sim *s = p->sim;
    const struct sim_end *e = sim_end_of(s, end);
    const struct sim_peer *from = s->peers[sim_other_end(s, end)->peer];
    struct moot_message *m = &s->scratch;

    if (!e->up || e->draining || frame.len == 0 || frame.data[0] != BYE_TAG ||
        moot_message_decode(frame, m) != MOOT_OK || m->kind != MOOT_MSG_BYE ||
        m->bye.kind != MOOT_BYE_QUIT)
        return;
    if (from->boot_port == 0 && !linked_anew(p, end))
        p->knows &= ~(1u << from->host);
}

bool sim_known_between(const struct sim_peer *a, const struct sim_peer *b)
{
    return (a->knows >> b->host & 1) != 0 || (b->knows >> a->host & 1) != 0;
}
