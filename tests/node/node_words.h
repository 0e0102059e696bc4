/*
 * tests/node/node_words.h - a peer on a stage: others are played by hand.
 *
 * The peer under test is M's.  What it asks for is gathered as text, a line for
 * each effect, until the test looks at it:
 *
 *     send 2 HELLO            up 2            close 2         cut 2: reason
 *     dial B pinned           ask h0:8080     store M:1       fetch B:1..3
 *     post h0:8080
 *     show b: hi (earlier)    sent 1          joined b, 2 here
 *     ready lobby, 1 here     speak           drained         exit 0: text
 *     notice: ...             progress: ...   error: ...
 *     answer: ...             silence: reason
 *     end B:4
 *     pause 2: 33 ms   verify 9
 *
 * What the address book is told is gathered apart, for expect_contacts:
 *
 *     met 10.0.0.2:40000 b        heard 10.0.0.2:8081 b, boot 10.0.0.2:80, -3 s
 *     failed 10.0.0.2:8081
 *
 * Frames that were sent together are shown on one line, " + " between them.
 *
 * Layer:  tests.
 * Thread: the main thread of a test.
 */
#ifndef MOOT_TESTS_NODE_WORDS_H
#define MOOT_TESTS_NODE_WORDS_H

#include <check.h>

#include "cast.h"
#include "node/node_internal.h"
#include "words.h"

#define STAGE_LINKS_MAX 64
#define STAGE_MESSAGES_MAX 128
#define STAGE_VERIFY_MAX 64

/* The other end of a link, played by the test. */
struct actor {
    moot_link link;
    char who;
    bool dialled; /* by the peer under test */
    uint64_t run;
    struct moot_exporter exporter;
};

struct stage {
    struct moot_node *n;
    struct moot_effects fx;
    moot_ms now;
    moot_wall_ms wall;
    struct moot_buf text;
    struct moot_buf contacts; /* what the address book is told */
    struct actor actors[STAGE_LINKS_MAX];
    unsigned actor_count;

    struct moot_secret secret;        /* of a closed group, as it began */
    const struct moot_secret *proves; /* which secret others do; NULL: none */
    const struct moot_secret *seals;  /* with which they seal; NULL: none */
    struct moot_fx_dial last_dial;
    struct moot_effect last_ask, last_fetch, last_store;
    moot_token last_post; /* to a directory */
    struct moot_buf post_body;
    char post_signature[MOOT_HEX_LEN + 1 + 128 + 1];
    moot_token verify_tokens[STAGE_VERIFY_MAX]; /* what workers were given */
    unsigned verify_sizes[STAGE_VERIFY_MAX], verify_count;
    moot_token last_end;
    struct moot_fx_remember remember; /* the newest */
    unsigned remember_count;
    struct moot_entry *stored; /* the newest to be stored */
    uint64_t nonce;            /* of the newest PING it sent */
    struct moot_hello hello;   /* the newest it sent */
    struct moot_move move;     /* likewise */
    struct moot_refuse refuse; /* likewise */

    struct moot_message message; /* to be filled by a test */
    struct moot_message heard;   /* the one just decoded */
};

/* A founder of "lobby", joined, at 100 s; the cast is in its group. */
void stage_begin(struct stage *st);
/* Not started yet, with so many endpoints h0:8080, h1:8080, ... */
void stage_begin_asking(struct stage *st, unsigned endpoints);
/* The same, and it knows groups from earlier runs. */
void stage_begin_knowing(struct stage *st, unsigned endpoints,
                         const struct moot_past *pasts, unsigned count);
/* With these in its address book, and "lobby" asked for by its name or not. */
void stage_begin_booked(struct stage *st, bool asked,
                        const struct moot_peer *peers, unsigned count);
/* A closed group: by an invitation with this secret and one endpoint, which
 * others prove and seal with, or, NULL, founded and joined. */
void stage_begin_closed(struct stage *st, const struct moot_secret *invited);
void stage_end(struct stage *st);
/* The cast is in the group in which the peer is now, as all say from now on. */
void stage_follow(struct stage *st);

#define expect_done(st, want) expect_done_of((st), NULL, (want))
/* Only the lines that begin with one of the words in kinds. */
#define expect_done_of(st, kinds, want)                                        \
    expect_lines_at(__FILE__, __LINE__, "what was done", &(st)->text, (kinds), \
                    (want))
void forget_done(struct stage *st);
#define expect_contacts(st, want)                                              \
    expect_lines_at(__FILE__, __LINE__, "what was noted", &(st)->contacts,     \
                    NULL, (want))

/* --- events --- */

void stage_step(struct stage *st, struct moot_event *ev);
void stage_event(struct stage *st, enum moot_event_kind kind, moot_link link);
/* Time passes; the timer fires when it is due and not before. */
void stage_run_ms(struct stage *st, moot_ms ms);

/* TLS is done with who; dial 0: it came to us. */
struct actor *open_link(struct stage *st, moot_link link, char who,
                        moot_token dial);
struct actor *actor_of(struct stage *st, moot_link link);
void close_link(struct stage *st, moot_link link, int why);

/* st->message, zeroed; filled in by the test and handed in by hand_in. */
struct moot_message *stage_draft(struct stage *st, enum moot_message_kind kind);
void hand_in(struct stage *st, moot_link link);
void hand_in_raw(struct stage *st, moot_link link, struct moot_bytes frame);
void hand_in_entry(struct stage *st, moot_link link, struct moot_entry *e,
                   bool asked);

/* The HELLO that would be right on this link, drafted but not handed in. */
struct moot_hello *draft_hello(struct stage *st, moot_link link);
struct moot_welcome *draft_welcome(struct stage *st, moot_link link);
void say_hello(struct stage *st, moot_link link);
void say_welcome(struct stage *st, moot_link link);

/* Opened from outside, or by a dial of ours, and up; nothing is left to look
 * at. */
void link_in(struct stage *st, moot_link link, char who);
void link_out(struct stage *st, moot_link link, char who);

void stage_say(struct stage *st, const char *text);
void stage_stored(struct stage *st, moot_token token);
void stage_store_all(struct stage *st);
void stage_leave(struct stage *st, const char *reason);

/* A bootstrap answer by the first of members, who has joined; all are in the
 * cast's group.  To the newest question. */
void stage_answer(struct stage *st, const char *members,
                  enum moot_weight weight);

#endif
