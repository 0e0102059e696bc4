/*
 * node/beat_internal.h - the directories where our group meets, and what we
 * tell them.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_NODE_BEAT_INTERNAL_H
#define MOOT_NODE_BEAT_INTERNAL_H

#include "boot/directory.h"
#include "node/event.h"

#define MOOT_POST_WITHIN_MS 3000   /* one request to a directory */
#define MOOT_BEAT_TAKE_OVER_MS 500 /* one who beat before us is gone */
#define MOOT_BEAT_TRIES 10 /* failures, until it is tried ever more rarely */
#define MOOT_ASKING_MAX 64 /* questions to bootstrap peers under way */

struct beat_host {
    struct moot_addr addr;
    moot_token token; /* of the request under way; 0: none */
    moot_ms due;
    moot_ms again; /* when it wants to hear from us, unless we are needed */
    unsigned failures;
    bool renewed;  /* the challenge came with a refusal of the one before */
    int told;      /* the trouble with it that the user knows of */
    unsigned turn; /* with which member the next list of links begins */
    char nonce[33];
    char challenge[MOOT_CHALLENGE_LEN + 1];
    struct moot_id lack[MOOT_LACK_MAX];
    unsigned lack_count;
};

/* A question of the boot mind's; a directory that lacks the group gets it. */
struct beat_asking {
    moot_token token;
    struct moot_addr addr;
    char nonce[33];
    bool posted, again;
};

struct moot_beats {
    bool asked; /* the user named the group: --group */
    struct beat_host hosts[MOOT_HOSTS_MAX];
    unsigned host_count;
    struct beat_asking asking[MOOT_ASKING_MAX]; /* in turn */
    unsigned asking_turn;
    moot_token tokens;
};

struct moot_node;
struct moot_effects;

/* FX_ASK is about to go out: it asks for our group. */
void moot_beat_ask(struct moot_node *n, struct moot_fx_ask *ask);

/* The question was refused because a directory does not have our group yet:
 * then we register it, and the answer to that answers the question. */
bool moot_beat_refused(struct moot_node *n, const struct moot_ev_failed *why,
                       struct moot_effects *fx);

/* A genuine answer to the question came. */
void moot_beat_answered(struct moot_node *n, const struct moot_ev_answer *ev,
                        const struct moot_answer *a);

void moot_beat_posted(struct moot_node *n, const struct moot_event *ev,
                      struct moot_effects *fx);

/* What we say of ourselves has changed: every directory is to hear it now. */
void moot_beat_hurry(struct moot_node *n);

/* A link is gone: perhaps it was one who beat. */
void moot_beat_lost(struct moot_node *n, const struct moot_id *id);

void moot_beat_timer(struct moot_node *n, struct moot_effects *fx);
moot_ms moot_beat_deadline(const struct moot_node *n);

#endif
