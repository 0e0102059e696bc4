/*
 * group/group.h - the first mind: what is said in the group, and by whom.
 *
 * chain   the runs of all authors, seen from their heads
 * sync    anti-entropy: what others have and we lack, and serving them
 * heal    what the store lost, fetched anew
 * fork    runs with two histories: the same end of them for everybody
 * screen  when an entry may be shown: after what its author had seen
 * say     our own lines, an entry for all of one moment
 * roster  who is here
 *
 * It does no I/O and knows no addresses beyond those in member records.  It
 * verifies no signature of what others say, only of what it reads from the
 * store to accuse somebody with.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_GROUP_GROUP_H
#define MOOT_GROUP_GROUP_H

#include "base/rng.h"
#include "base/trace.h"
#include "group/chain.h"
#include "group/event.h"

struct moot_group;

struct moot_group_config {
    const struct moot_key *key; /* borrowed for the lifetime of the group */
    struct moot_record self;    /* the own record; sealed by the group */
    struct moot_rng *rng;       /* borrowed for the lifetime of the group */
    unsigned earlier_max; /* lines said before us that are shown; 0: all */
    bool history_bounded; /* of what was said before, a newcomer fetches */
    uint64_t history_max; /* the newest entries of each run, so many */
    const struct moot_tracer *tracer; /* likewise; may be NULL */
    const struct moot_past *past;     /* likewise; NULL: nothing is known */
};

struct moot_group *moot_group_create(const struct moot_group_config *config);
void moot_group_destroy(struct moot_group *g);

/* Appends what it asks for to fx. */
void moot_group_step(struct moot_group *g, const struct moot_group_event *ev,
                     struct moot_group_effects *fx);

/* When MOOT_GROUP_TIMER is due at the latest. */
moot_ms moot_group_deadline(const struct moot_group *g);

/* Is it worth verifying this entry?  Changes nothing. */
enum moot_verdict moot_group_judge(const struct moot_group *g,
                                   const struct moot_entry *e);

/* Is it worth verifying this proof? */
bool moot_group_is_better(const struct moot_group *g,
                          const struct moot_fork *f);

/* Is it worth verifying this record? */
bool moot_group_is_news(const struct moot_group *g,
                        const struct moot_record *r);

/* A member as the roster has it.  Borrowed until the next step. */
struct moot_member {
    struct moot_id id;
    bool known; /* a record is there; else only its identity */
    struct moot_record record;
    struct moot_addr seen; /* port 0: not told */
    uint64_t link;         /* the direct one; 0: none */
    unsigned via; /* how many of our links say that they are linked to it */
    bool self;
    bool left;      /* it said goodbye in this run; what others say is old */
    bool announced; /* its arrival was shown, or it was here before us */
    bool lost;      /* its loss was shown */
    bool rivalled;  /* another run of it was told of, which seems older */
    moot_ms broke;  /* its link broke then and nothing was shown; 0: no */
    moot_ms asked;  /* when its record was last asked for; 0: never */
    uint64_t held_run, held_seq; /* of our entries, what is safe with it */
    uint64_t linked_run; /* with which it came by that link: it says so */
    bool unreached;      /* that link's loss was shown, others still have it */
    struct moot_ending ending; /* how it broke; its words are in .words */
    char words[MOOT_REASON_LEN_MAX + 1];
};

const struct moot_member *moot_group_member(const struct moot_group *g,
                                            const struct moot_id *id);

/* All that are remembered, in order of their identities. */
unsigned moot_group_member_count(const struct moot_group *g);
const struct moot_member *moot_group_member_at(const struct moot_group *g,
                                               unsigned index);

/* Live members, ourselves included: linked to us or to one of our links. */
unsigned moot_group_live_count(const struct moot_group *g);
const struct moot_member *moot_group_live_at(const struct moot_group *g,
                                             unsigned index);

/* The next live member from *at on, which moves behind it; NULL: no more. */
const struct moot_member *moot_group_live_next(const struct moot_group *g,
                                               unsigned *at);

/* The name to show for id, unique among the live; out takes 72 bytes. */
void moot_group_display_name(const struct moot_group *g,
                             const struct moot_id *id, struct moot_bytes name,
                             char out[MOOT_NAME_LEN_MAX + 8]);

/* --- who has what --- */

#define MOOT_RECENT_MAX 32
#define MOOT_RECENT_TEXT_MAX 120

/* An own entry of this run. */
struct moot_recent {
    uint64_t run, seq;
    moot_wall_ms wall;
    unsigned line_count;
    char text[MOOT_RECENT_TEXT_MAX + 1]; /* of its first line */
    bool cut;                            /* there is more of it */
};

/* The newest ones, oldest first: returns how many.  Borrowed until the next
 * step. */
unsigned moot_group_recent(const struct moot_group *g,
                           const struct moot_recent **ret_first);
bool moot_group_durable(const struct moot_group *g,
                        const struct moot_recent *r);

/* Is it of a run that we are no longer in? */
bool moot_group_over(const struct moot_group *g, const struct moot_recent *r);

/* Did m, to whom we are linked, say that this one is safe with him?  Or those
 * of this run, all of them? */
bool moot_group_holds(const struct moot_group *g, const struct moot_member *m,
                      const struct moot_recent *r);
bool moot_group_holds_all(const struct moot_group *g, const struct moot_id *id);

/* Lines said here in this run that nobody else is known to have had safe. */
uint64_t moot_group_unheld(const struct moot_group *g);

/* What m said last of what he holds, against what we held then; false: nothing
 * on this link. */
bool moot_group_told(const struct moot_group *g, const struct moot_member *m,
                     bool *ret_same, uint64_t *ret_entries);

/* A PING (or PONG) with what we hold. */
void moot_group_fill_ping(struct moot_group *g, struct moot_ping *ping);

/* Plain figures, cheap to ask for. */
struct moot_group_stats {
    unsigned chains;
    unsigned links;
    uint64_t entries;
    unsigned screen_held;
    unsigned say_waiting;
    bool unstored; /* something said here is not stored yet */
    bool met;      /* a line was said here that others have seen */
};

void moot_group_stats(const struct moot_group *g, struct moot_group_stats *out);

/*
 * Hands over the own lines said in this group, so that they can be said again
 * in another: calls SAY's arguments back in order.  Returns how many; line i is
 * borrowed until the group is destroyed.
 */
unsigned moot_group_own_lines(const struct moot_group *g,
                              const struct moot_line **ret_lines);

#endif
