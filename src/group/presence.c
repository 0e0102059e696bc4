/*
 * group/presence.c - what the screen hears of members.
 *
 * A broken link is not spoken of at once: it may be a duplicate or be back in a
 * moment, and what the others say of that member arrives a little later.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "base/error.h"
#include "group_internal.h"

void moot_presence_say(struct moot_group *g, const struct moot_member *m,
                       enum moot_presence what, const char *text,
                       struct moot_group_effects *fx)
{
    struct moot_group_effect *f = moot_group_ask(fx, MOOT_GROUP_PRESENCE);
    size_t len = strlen(text);

    f->presence = what;
    f->id = m->id;
    f->count = moot_group_live_count(g);
    moot_group_display_name(g, &m->id, moot_bytes_text(""), f->name);
    if (len > MOOT_REASON_LEN_MAX)
        len = MOOT_REASON_LEN_MAX;
    memcpy(f->text, text, len);
}

void moot_presence_arrival(struct moot_group *g, struct moot_member *m,
                           struct moot_group_effects *fx)
{
    if (m->announced || m->self || !m->known || !moot_member_live(m) ||
        m->record.standing != MOOT_JOINED ||
        g->self->record.standing != MOOT_JOINED)
        return;
    m->announced = true;
    m->lost = false;
    moot_presence_say(g, m, MOOT_PRESENCE_JOINED, "", fx);
}

void moot_presence_met(const struct moot_member *m,
                       struct moot_group_effects *fx)
{
    if (m->self)
        return;
    moot_group_ask(fx, MOOT_GROUP_MET)->id = m->id;
}

/* Nobody is linked to it any more. */
static void say_lost(struct moot_group *g, struct moot_member *m,
                     struct moot_group_effects *fx)
{
    const char *how = m->ending.why != 0 ? moot_error_text(m->ending.why)
                                         : "nobody is linked to it any more";

    m->unreached = false;
    moot_trace(g->tracer, "%02x%02x is lost: %s", m->id.b[0], m->id.b[1], how);
    if (m->announced && !m->lost) /* not again before it is back */
        moot_presence_say(g, m, MOOT_PRESENCE_LOST, how, fx);
    m->lost = m->announced;
    m->ending = (struct moot_ending){0};
    moot_group_ask(fx, MOOT_GROUP_GONE)->id = m->id;
}

/* It broke a while ago: speak of it as it now looks. */
void moot_presence_settle(struct moot_group *g, struct moot_member *m,
                          struct moot_group_effects *fx)
{
    m->broke = 0;
    if (m->link != 0 || m->left)
        return;
    if (!moot_member_live(m)) {
        say_lost(g, m, fx);
        return;
    }
    if (m->ending.why != 0 && m->announced && !m->unreached) {
        m->unreached = true;
        moot_presence_say(g, m, MOOT_PRESENCE_INDIRECT,
                          moot_error_text(m->ending.why), fx);
    }
}

void moot_presence_depart(struct moot_group *g, struct moot_member *m,
                          const struct moot_ending *how,
                          struct moot_group_effects *fx)
{
    size_t len = how->reason.len < MOOT_REASON_LEN_MAX ? how->reason.len
                                                       : MOOT_REASON_LEN_MAX;

    m->left = true;
    m->lost = false;
    m->unreached = false;
    memcpy(m->words,
           how->reason.data == NULL ? (const uint8_t *)"" : how->reason.data,
           len);
    m->words[len] = '\0';
    if (m->announced)
        moot_presence_say(g, m, MOOT_PRESENCE_LEFT, m->words, fx);
    m->announced = false;
    moot_group_ask(fx, MOOT_GROUP_GONE)->id = m->id;
}
