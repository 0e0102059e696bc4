/*
 * tests/sim/acks.c - nobody says that something is safe with him when it is
 * not; and in the end everybody knows who has what he said.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sim_internal.h"
#include "wire/frame.h"

/* A few bytes more than the longest; to decode all that is sent would cost. */
#define ACK_LEN_MAX 40

static void check_ack(struct sim_peer *p, uint32_t end,
                      const struct moot_ack *a)
{
    struct sim *s = p->sim;
    const struct sim_peer *author = s->peers[sim_other_end(s, end)->peer];
    struct moot_run in = {.author = author->profile->key.id, .run = a->run};
    uint64_t kept = sim_store_kept(p, &in);

    if (a->seq > kept)
        sim_blame(s, "%s says it has %s:%llu safe, but has %llu", p->label,
                  author->label, (unsigned long long)a->seq,
                  (unsigned long long)kept);
}

void sim_check_ack(struct sim_peer *p, uint32_t end, struct moot_bytes bytes)
{
    struct moot_message *m = &p->sim->scratch;
    struct moot_bytes frame;

    if (bytes.len > ACK_LEN_MAX)
        return;
    if (moot_frame_first(bytes, MOOT_FRAME_LEN_MAX, &frame) == MOOT_OK &&
        moot_message_decode(frame, m) == MOOT_OK && m->kind == MOOT_MSG_ACK)
        check_ack(p, end, &m->ack);
}

const struct moot_seen_line *sim_unseen(const struct sim_peer *p)
{
    static struct moot_seen_line lines[MOOT_SEEN_MAX];
    unsigned count = moot_node_seen(p->node, lines, MOOT_SEEN_MAX);

    for (unsigned i = 0; i < count; i++)
        if (lines[i].holders < lines[i].live && !lines[i].over)
            return &lines[i];
    return NULL;
}
