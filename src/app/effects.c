/*
 * app/effects.c - what the node asks for, done.
 *
 * Layer:  app (loud).
 * Thread: the loop's.
 */
#include "app/engine_internal.h"
#include "base/assert.h"

/* What was piped in is said and confirmed. */
static void on_drained(struct moot_engine *e)
{
    if (e->options->mode == MOOT_BOOTSTRAP) {
        moot_ui_notice(e->ui, false,
                       "the input has ended; this bootstrap peer stays until "
                       "a signal ends it");
        return;
    }
    e->drained = true;
    moot_engine_leave(e, "");
}

/* The node has said its goodbyes; what is queued still goes out. */
static void on_over(struct moot_engine *e, const struct moot_fx_exit *exit)
{
    if (e->ending)
        return;
    e->ending = true;
    e->code = exit->code;
    moot_buf_printf(&e->last_words, "%s", exit->text);
    moot_links_drain(e->links);
    ev_timer_start(e->loop, &e->end);
}

void moot_engine_carry_out(struct moot_engine *e, const struct moot_effect *fx)
{
    moot_events_tell(e, fx);
    switch (fx->kind) {
    case MOOT_FX_SEND:
        moot_links_send(e->links, fx->link, moot_fx_bytes(&e->fx, fx));
        return;
    case MOOT_FX_UP:
        moot_links_up(e->links, fx->link);
        return;
    case MOOT_FX_CLOSE:
        moot_links_shut(e->links, fx->link, fx->why);
        return;
    case MOOT_FX_CUT:
        moot_links_cut(e->links, fx->link, fx->why);
        return;
    case MOOT_FX_PAUSE:
        moot_links_pause(e->links, fx->link, fx->pause_ms);
        return;
    case MOOT_FX_DIAL:
        moot_dials_start(e->dials, fx->dial);
        return;
    case MOOT_FX_ASK:
        moot_fetches_start(e->fetches, &fx->ask);
        return;
    case MOOT_FX_READ:
        moot_fetches_read(e->fetches, fx->read);
        return;
    case MOOT_FX_LOOKUP:
        moot_dns_start(e->dns, &fx->lookup);
        return;
    case MOOT_FX_POST:
        moot_fetches_post(e->fetches, fx->post);
        return;
    case MOOT_FX_STORE:
        moot_store_put(e->store, fx->entry, fx->token, fx->hurry);
        return;
    case MOOT_FX_FETCH:
        moot_store_fetch(e->store, &fx->fetch);
        return;
    case MOOT_FX_SHOW:
        moot_ui_show(e->ui, &fx->show);
        return;
    case MOOT_FX_SPEAK:
    case MOOT_FX_SILENCE:
        return; /* the ui asks moot_node_may_speak() after every step */
    case MOOT_FX_VERIFY:
        moot_verifier_start(e->verifier, fx->verify);
        return;
    case MOOT_FX_END_RUN:
        moot_store_end_run(e->store, fx->end, fx->token);
        return;
    case MOOT_FX_REMEMBER:
        moot_store_remember(e->store, fx->remember);
        return;
    case MOOT_FX_PEER:
        moot_contacts_note(e->contacts, fx->contact);
        return;
    case MOOT_FX_TRIPPED:
        moot_contacts_trip(e->contacts, fx->tripped);
        return;
    case MOOT_FX_DRAINED:
        on_drained(e);
        return;
    case MOOT_FX_EXIT:
        on_over(e, &fx->exit);
        return;
    }
    moot_assert(!"every effect is carried out");
}
