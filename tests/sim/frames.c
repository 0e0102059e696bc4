/*
 * tests/sim/frames.c - says what travels on the links, for the eyes of people.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdlib.h>

#include "sim_internal.h"
#include "wire/message.h"

static const char *who(const struct sim *s, const struct moot_id *id)
{
    uint32_t peer = sim_peer_of(s, id);

    return peer == SIM_NOBODY ? "nobody" : s->peers[peer]->label;
}

static void put_linked(const struct sim *s, const struct moot_linked *m,
                       struct moot_buf *out)
{
    moot_buf_printf(out, m->full ? " full" : "");
    for (unsigned i = 0; i < m->up_count; i++)
        moot_buf_printf(out, " +%s", who(s, &m->up[i]));
    for (unsigned i = 0; i < m->down_count; i++)
        moot_buf_printf(out, " -%s", who(s, &m->down[i]));
}

static void put_want(const struct sim *s, const struct moot_want *m,
                     struct moot_buf *out)
{
    for (unsigned i = 0; i < m->count; i++)
        moot_buf_printf(out, " %s:%llu..%llu", who(s, &m->at[i].in.author),
                        (unsigned long long)m->at[i].from,
                        (unsigned long long)m->at[i].to);
}

static void put_entries(const struct sim *s, const struct moot_entries *m,
                        struct moot_buf *out)
{
    moot_buf_printf(out, m->asked ? " asked" : "");
    for (unsigned i = 0; i < m->count; i++) {
        struct moot_entry *e;

        if (moot_entry_open(m->raw[i], &e) != MOOT_OK)
            continue;
        moot_buf_printf(out, " %s:%llu", who(s, &e->in.author),
                        (unsigned long long)e->seq);
        moot_entry_unref(e);
    }
}

static void put_more(const struct sim *s, const struct moot_message *m,
                     struct moot_buf *out)
{
    if (m->kind == MOOT_MSG_LINKED)
        put_linked(s, &m->linked, out);
    else if (m->kind == MOOT_MSG_WANT)
        put_want(s, &m->want, out);
    else if (m->kind == MOOT_MSG_ENTRIES)
        put_entries(s, &m->entries, out);
    else if (m->kind == MOOT_MSG_PROBE || m->kind == MOOT_MSG_VERDICT)
        moot_buf_printf(out, " %s %s", who(s, &m->probe.id),
                        m->probe.alive ? "lives" : "");
    else if (m->kind == MOOT_MSG_ACK)
        moot_buf_printf(out, " :%llu", (unsigned long long)m->ack.seq);
    else if (m->kind == MOOT_MSG_BYE)
        moot_buf_printf(out, " %d", (int)m->bye.kind);
}

void sim_tell_frame(struct sim *s, uint32_t end, struct moot_bytes frame)
{
    const struct sim_peer *p = s->peers[sim_end_of(s, end)->peer];
    const struct sim_peer *from = s->peers[sim_other_end(s, end)->peer];
    struct moot_message *m = moot_alloc(sizeof *m);
    struct moot_buf more = {0};

    if (moot_message_decode(frame, m) == MOOT_OK) {
        put_more(s, m, &more);
        sim_tell(s, p->label, "< %s from %s by link %llu%s",
                 moot_message_name(m->kind), from->label,
                 (unsigned long long)sim_link_of(end), moot_buf_text(&more));
    }
    moot_buf_fini(&more);
    free(m);
}
