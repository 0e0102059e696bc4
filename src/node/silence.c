/*
 * node/silence.c - a store that cannot make anything safe for now: own lines
 * are refused meanwhile, those of others go on being shown and spread.
 *
 * What was given to the store is kept there and tried again; nothing here has
 * to be remembered but the reason.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

#include "node_internal.h"

void moot_silence_begin(struct moot_node *n, const char *why,
                        struct moot_effects *fx)
{
    char text[sizeof n->silent_because + 80];
    bool new = !n->silent;

    n->silent = true;
    snprintf(n->silent_because, sizeof n->silent_because, "%s",
             *why == '\0' ? "nothing can be stored" : why);
    moot_node_ask(fx, MOOT_FX_SILENCE)->silence =
        moot_copy(n->silent_because, strlen(n->silent_because));
    if (!new)
        return;
    moot_trace(n->tracer, "nothing can be stored -> say nothing");
    snprintf(text, sizeof text,
             "%s: until that is over you cannot say anything; what others say "
             "is still shown",
             n->silent_because);
    moot_node_show(fx, MOOT_SHOW_ERROR, "", text);
}

void moot_silence_end(struct moot_node *n, struct moot_effects *fx)
{
    if (!n->silent)
        return;
    n->silent = false;
    moot_trace(n->tracer, "all can be stored again -> speak");
    moot_node_show(fx, MOOT_SHOW_NOTICE, "",
                   "what is said can be stored again");
    if (moot_boot_joined(n->boot))
        moot_node_ask(fx, MOOT_FX_SPEAK);
}

bool moot_node_may_speak(const struct moot_node *n, const char **ret_why)
{
    const char *why = NULL;

    if (!moot_boot_joined(n->boot))
        why = "joining";
    else if (n->silent)
        why = n->silent_because;
    if (why != NULL && ret_why != NULL)
        *ret_why = why;
    return why == NULL;
}

bool moot_node_can_say(const struct moot_node *n)
{
    struct moot_group_stats s;

    moot_group_stats(n->group, &s);
    return moot_node_may_speak(n, NULL) && s.say_waiting < MOOT_SAY_WAITING_MAX;
}
