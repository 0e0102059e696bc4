/*
 * tests/group/group_words.h - a mind that is told things, and what it asks for.
 *
 * The mind under test is M's.  What it asks for is gathered as text, a line for
 * each effect, until the test looks at it:
 *
 *     store B:1 #3            STORE with token 3
 *     show b: hi (earlier)    SHOW
 *     send 5 WANT B:1..3      SEND to link 5
 *     spread ENTRIES M:1      SPREAD          tell LINKED +B      TELL
 *     fetch B:1..3 #4         FETCH           ping 5, sent 1, met B, gone B
 *     end B:4 #5              END_RUN, "?" behind it: the head is not known
 *     joined b, 2 here        PRESENCE        notice: ...
 *
 * Link n of the shorthands is to the n-th letter: 1 is A's, 2 is B's.
 *
 * Layer:  tests.
 * Thread: the main thread of a test.
 */
#ifndef MOOT_TESTS_GROUP_WORDS_H
#define MOOT_TESTS_GROUP_WORDS_H

#include <check.h>

#include "cast.h"
#include "group/group_internal.h"
#include "words.h"

struct mind {
    struct moot_group *g;
    struct moot_group_effects fx;
    struct moot_rng rng;
    moot_ms now;
    uint64_t token;              /* the newest STORE, END_RUN or FETCH */
    uint64_t fetch;              /* the newest FETCH */
    struct moot_entry *stored;   /* the newest to be stored */
    struct moot_buf text;        /* what was asked for since the last look */
    struct moot_message message; /* to be filled by a test */
};

/* A mind that is still joining, at 100 s, in the cast's group. */
void mind_begin(struct mind *m);
/* The same, joined and with nothing to be told. */
void mind_begin_joined(struct mind *m);
/* The same profile in its next run, which knows what is in past. */
void mind_resume(struct mind *m, uint64_t run, const struct moot_past *past);
void mind_end(struct mind *m);

/* Compares what was asked for since the last look, and forgets it. */
#define expect_asked(m, want) expect_asked_of((m), NULL, (want))

/* The same for the lines that begin like one of the words in kinds; what else
 * was asked for does not count. */
#define expect_asked_of(m, kinds, want)                                        \
    expect_lines_at(__FILE__, __LINE__, "what was asked for", &(m)->text,      \
                    (kinds), (want))
void forget_asked(struct mind *m);

/* --- events --- */

void mind_step(struct mind *m, struct moot_group_event *ev);
/* Time passes; the timer fires when it is due and not before. */
void mind_run_ms(struct mind *m, moot_ms ms);

void damaged(struct mind *m, char who, uint64_t seq);
void link_up(struct mind *m, uint64_t link, char who);
void link_down(struct mind *m, uint64_t link, int why);
void link_leaves(struct mind *m, uint64_t link, const char *reason);
void link_event(struct mind *m, uint64_t link, enum moot_group_event_kind kind);
void learn_record(struct mind *m, const struct moot_record *r);

/* who is linked, known and joined; nothing is left to be told. */
void let_in(struct mind *m, char who);

void deliver(struct mind *m, uint64_t link, struct moot_entry *e, bool asked);
void settle(struct mind *m);
/* deliver, not asked for, and settle. */
void hear(struct mind *m, uint64_t link, struct moot_entry *e);
void say_line(struct mind *m, enum moot_line_kind kind, const char *text);
void stored_up_to(struct mind *m, uint64_t token);
void store_all(struct mind *m); /* all that was asked for so far */
void fetched(struct mind *m, uint64_t token, struct moot_entry *const *entries,
             unsigned count);
void standing(struct mind *m, enum moot_standing s);

/* m->message, zeroed; filled in by the test and handed in by post. */
struct moot_message *draft_message(struct mind *m, enum moot_message_kind kind);
void post(struct mind *m, uint64_t link);

/* Messages of a few items.  Texts name them: "BC" are B and C. */
void post_linked(struct mind *m, uint64_t link, bool full, const char *up,
                 const char *down);
void post_want(struct mind *m, uint64_t link, char who, uint64_t from,
               uint64_t to);
void post_lack(struct mind *m, uint64_t link, char who, uint64_t from,
               uint64_t to);
void post_who(struct mind *m, uint64_t link, const char *who);
/* That who's run is len long; with ask, an answer is wanted. */
void post_chain(struct mind *m, uint64_t link, char who, uint64_t len,
                const struct moot_hash *head, bool ask);

const struct moot_chain *chain_of(const struct mind *m, char who);

#endif
