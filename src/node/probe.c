/*
 * node/probe.c - a newcomer cannot reach a member; does it answer us?
 *
 * The member is pinged at once.  Whatever is heard of it within 3 s is an
 * answer; silence makes it suspect.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include "base/slots.h"
#include "node_internal.h"

static void answer(struct moot_node *n, const struct moot_id *asker,
                   const struct moot_id *id, bool alive,
                   struct moot_effects *fx)
{
    const struct node_link *l = moot_link_main(n, asker);

    if (l == NULL || l->state != LINK_UP)
        return;
    n->out.kind = MOOT_MSG_VERDICT;
    n->out.probe = (struct moot_probe){.id = *id, .alive = alive};
    moot_link_post(n, l, &n->out, fx);
}

static bool is_asked_about(const struct moot_node *n, const struct moot_id *id)
{
    for (unsigned i = 0; i < n->probe_count; i++)
        if (moot_id_eq(&n->probes[i].id, id))
            return true;
    return false;
}

/* Nobody may take all the places, or ask again for what he waits for. */
static bool may_ask(const struct moot_node *n, const struct node_link *asker,
                    const struct moot_id *id)
{
    unsigned his = 0;

    for (unsigned i = 0; i < n->probe_count; i++) {
        if (!moot_id_eq(&n->probes[i].asker, &asker->id))
            continue;
        if (moot_id_eq(&n->probes[i].id, id))
            return false;
        his++;
    }
    return his < MOOT_PROBES_EACH_MAX && n->probe_count < MOOT_PROBES_MAX;
}

void moot_probe_asked(struct moot_node *n, struct node_link *asker,
                      const struct moot_id *id, struct moot_effects *fx)
{
    struct node_link *about = moot_link_main(n, id);
    bool ping;

    if (about == NULL || about->state != LINK_UP) {
        answer(n, &asker->id, id, false, fx);
        return;
    }
    if (!may_ask(n, asker, id))
        return;                    /* the asker's patience ends by itself */
    ping = !is_asked_about(n, id); /* else one is under way */
    n->probes[n->probe_count++] = (struct probe){
        .asker = asker->id, .id = *id, .until = n->now + MOOT_PROBE_ANSWER_MS};
    if (ping)
        moot_link_ping(n, about, false, fx);
}

static void settle(struct moot_node *n, unsigned at, bool alive,
                   struct moot_effects *fx)
{
    struct probe p = n->probes[at];

    moot_slot_close(n->probes, sizeof *n->probes, &n->probe_count, at);
    answer(n, &p.asker, &p.id, alive, fx);
}

void moot_probe_heard(struct moot_node *n, const struct node_link *about,
                      struct moot_effects *fx)
{
    for (unsigned i = n->probe_count; i > 0; i--)
        if (moot_id_eq(&n->probes[i - 1].id, &about->id))
            settle(n, i - 1, true, fx);
}

void moot_probe_timer(struct moot_node *n, struct moot_effects *fx)
{
    for (unsigned i = n->probe_count; i > 0; i--)
        if (n->now >= n->probes[i - 1].until)
            settle(n, i - 1, false, fx);
}

moot_ms moot_probe_deadline(const struct moot_node *n)
{
    moot_ms due = MOOT_NEVER;

    for (unsigned i = 0; i < n->probe_count; i++)
        due = moot_ms_min(due, n->probes[i].until);
    return due;
}
