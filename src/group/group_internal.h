/*
 * group/group_internal.h - the mind's memory, shared by its trades.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_GROUP_INTERNAL_H
#define MOOT_GROUP_INTERNAL_H

#include "group/group.h"

/* --- times; the tests name them --- */

#define MOOT_SYNC_EVERY_MS 2000 /* compare with a random neighbour */
#define MOOT_SYNC_JITTER_MS 400 /* either way */
#define MOOT_SYNC_SOON_MS 300   /* after a fork: until the store has its end */
#define MOOT_CATCH_UP_MS 5000   /* after a link came up */
#define MOOT_CATCH_ON_MS 1000   /* after an answer, while it goes on */
#define MOOT_WANT_WAIT_MS 2000  /* then somebody else is asked */
#define MOOT_WANT_SLOW_MS 4000  /* then it must have come at this speed: */
#define MOOT_WANT_BYTES_PER_MS 32
#define MOOT_WANT_BYTES_MAX (256 * 1024) /* asked for at once, of one run */
#define MOOT_WANT_FEW 32 /* entries, while nobody knows how long they are */
#define MOOT_CAUSE_WAIT_MS 5000  /* then a line is shown without its causes */
#define MOOT_SORT_WAIT_MS 1000   /* earlier lines are sorted before shown */
#define MOOT_BROKE_WAIT_MS 300   /* a broken link may be back, or a duplicate */
#define MOOT_LINKED_WAIT_MS 100  /* changes are told together */
#define MOOT_ACK_EVERY_MS 200    /* to one author, at most */
#define MOOT_WHO_WAIT_MS 1000    /* before a record is asked for again */
#define MOOT_DEEP_ENTRIES 1024   /* so many to come: live lines do not wait */
#define MOOT_DEEP_WAIT_MS 2000   /* as long as some of it comes */
#define MOOT_DEEP_TELL_MS 3000   /* how far it is */
#define MOOT_ENTER_QUIET_MS 2500 /* longer than a round of comparing */
#define MOOT_ENTER_FETCH_MS (10 * 60 * 1000) /* for 65,536 runs */
#define MOOT_AHEAD_MAX 1024    /* entries whose predecessors are missing */
#define MOOT_AHEAD_EACH_MAX 64 /* of one run */
#define MOOT_AHEAD_BYTES_MAX (4u * 1024 * 1024)
#define MOOT_SCREEN_BYTES_MAX (16u * 1024 * 1024)
#define MOOT_COMPARE_BYTES_MAX (192u * 1024) /* of answers to one AUTHORS */
#define MOOT_CHAINS_PAGES_MAX 4              /* of one author in one answer */
#define MOOT_ANSWERS_BURST (512 * 1024) /* bytes one link may ask for at once */
#define MOOT_ANSWERS_PER_MS 256         /* and after that */
#define MOOT_NEW_CHAINS_BURST 1024      /* through one link at first */
#define MOOT_SERVINGS_MAX MOOT_NEW_CHAINS_BURST /* what a newcomer asks for */
#define MOOT_ASKING_MAX 4096 /* chains; the others wait for the next round */
#define MOOT_STORING_BYTES_MAX                                                 \
    (32u * 1024 * 1024) /* on their way to the store */
#define MOOT_TIPS_MAX 256
#define MOOT_OUTLIVE_MAX 8 /* how often an earlier run of ours may seem newer */
#define MOOT_HEAL_REST_MS 3000 /* when nobody gives what the store lost */
#define MOOT_READINGS_MAX 64
#define MOOT_SEARCHES_MAX 32
#define MOOT_SEARCH_AGAIN_MS 300 /* when who is searched in lacks it for now */
#define MOOT_SEARCH_AGAIN_MAX 8
#define MOOT_OWN_MARKS_MAX 256 /* own entries that nobody else has yet */
#define MOOT_OWN_LINES_MAX MOOT_SAY_WAITING_MAX

/* --- links --- */

/* A range that a link asked for and that is being served. */
struct serving {
    struct moot_run in;
    uint64_t next, to;
};

struct group_link {
    uint64_t handle;
    struct moot_id id;
    bool slow;
    bool behind; /* came up while own entries were in no digest yet */
    struct moot_id *claims; /* whom it says it is linked to; sorted */
    unsigned claim_count, claim_max;
    struct serving *servings; /* first is served next */
    unsigned serving_count, serving_max;
    uint64_t fetch;               /* token of the read under way; 0: none */
    uint64_t fetch_next;          /* the seq it began with */
    struct moot_id authors_after; /* where the next AUTHORS begin */
    struct moot_id chains_of;     /* of whom not all CHAINS were sent, */
    unsigned chains_next;         /* and with which the next ones begin */
    int64_t answers;              /* bytes of answers it may still ask for */
    moot_ms who_at;      /* when it was last asked for all members; 0: never */
    moot_ms answers_at;  /* when that was last topped up */
    unsigned new_chains; /* that it may still bring */
    moot_ms new_chains_at;         /* when that was last topped up */
    uint64_t acked_run, acked_seq; /* what it was told is safe with us */
    moot_ms acked_at;              /* and when; 0: never */
    moot_ms ack_due;               /* when it may be told more; 0: nothing */
    bool told;                     /* it said what it holds: */
    bool told_same;                /* the same as we at that moment */
    uint64_t told_entries;
};

/* --- screen --- */

struct held {
    struct moot_entry *entry;    /* one reference */
    const struct moot_chain *in; /* it holds entries, so it stays */
    unsigned seen; /* its first cites that are on the screen; they stay so */
    moot_ms since;
    bool asked;
    unsigned lines; /* counted when coming in; else 0 */
};

/* A head seen on the screen and not covered by another one seen. */
struct tip {
    struct moot_cite cite;
    uint64_t lamport;
};

/* --- say --- */

struct said {
    enum moot_line_kind kind;
    size_t at, len; /* in say_text */
};

/* All up to this entry are so many lines. */
struct own_mark {
    uint64_t seq;
    uint64_t lines;
};

/* Lines said in a run, and how many of them somebody else has. */
struct own_lines {
    uint64_t run;
    uint64_t said, held;
    struct own_mark marks[MOOT_OWN_MARKS_MAX]; /* of those nobody has */
    unsigned mark_count;
};

/* An entry on its way to the store. */
struct storing {
    uint64_t token;
    struct moot_run in;
    uint64_t seq;             /* 0: not an entry, but the end of a run */
    struct moot_hash hash;    /* of the entry, or of the proof */
    struct moot_entry *entry; /* one reference; NULL: of no run any more */
    bool own;                 /* said here */
    size_t size;
};

/* An entry whose predecessor is not here yet. */
struct ahead {
    struct moot_entry *entry; /* one reference */
    bool shown;               /* it did not wait */
};

/* --- coming in --- */

struct enter {
    bool history_bounded; /* a newcomer who does not want all of each run, */
    uint64_t history_max; /* but its newest entries, so many; at least one, */
    bool hidden;          /* and none of it on the screen */
    unsigned lines_max;   /* said before us and to be shown; 0: no bound */
    unsigned lines_shown;
    unsigned lines_held; /* of those, on their way to the screen */
    uint64_t skipped;    /* lines that are in the history only */
    bool linked, done;
    bool missed; /* runs were not taken in: too many at once */
    bool more;   /* of this author this link has more runs behind this one */
    struct moot_id more_of;
    uint64_t more_after, more_link; /* link 0: nothing to go on with */
    bool deep;                      /* much is still to come */
    moot_ms since;                  /* when the first link came up */
    moot_ms last;                   /* when something came that was asked for */
    moot_ms tell_at;                /* when to say how far it is */
};

/* --- two histories --- */

/* An entry of ours that is read for the mind itself. */
enum reading_kind {
    READ_RIVAL, /* what .theirs seems to contradict */
    READ_HEAD,  /* the head of a chain that was cut */
    READ_BELOW  /* the entry before a hole */
};

struct reading {
    uint64_t token;
    enum reading_kind kind;
    struct moot_run in;
    uint64_t seq;
    uint64_t link;             /* RIVAL: who brought theirs */
    struct moot_entry *theirs; /* RIVAL: one reference */
};

/* For the first entry that differs, in what one link has of a forked run.  It
 * is above .same and at most at .other. */
struct search {
    struct moot_run in;
    uint64_t link;
    uint64_t same, other;
    struct moot_fork best; /* at .other; first NULL: the one already held */
    moot_ms due;
    moot_ms again;  /* when to ask once more; 0: nobody said no */
    unsigned lacks; /* how often the answer was no */
};

struct moot_group {
    const struct moot_key *key;
    struct moot_rng *rng;
    const struct moot_tracer *tracer;
    moot_ms now;
    moot_wall_ms wall;
    struct moot_hash id;
    struct moot_run me;
    uint64_t tokens;         /* handed out so far */
    struct moot_message out; /* scratch; see moot_group_message */

    struct moot_history log;

    struct group_link **links; /* sorted by handle */
    unsigned link_count, link_max;

    /* roster */
    struct moot_member **members; /* sorted by id */
    unsigned member_count, member_max;
    struct moot_member *self;
    struct moot_id *told_up, *told_down; /* changes not told yet */
    unsigned told_up_count, told_up_max, told_down_count, told_down_max;
    moot_ms told_due; /* 0: nothing to tell */
    bool met;

    /* sync */
    moot_ms sync_due;
    moot_ms catching_up; /* until then, what was asked for is from earlier */
    struct enter enter;
    struct ahead *ahead; /* sorted by run and seq */
    unsigned ahead_count, ahead_max;
    size_t ahead_bytes;
    struct moot_chain **asking; /* chains with .due set */
    unsigned asking_count, asking_max;
    struct moot_message want; /* a WANT being filled for want_link */
    uint64_t want_link;
    bool full_said;              /* that no more chains fit */
    unsigned outlived;           /* see MOOT_OUTLIVE_MAX */
    struct moot_chain **healing; /* those with holes */
    unsigned healing_count, healing_max;

    /* two histories */
    struct reading *readings;
    unsigned reading_count, reading_max;
    struct search *searches;
    unsigned search_count, search_max;
    size_t fork_bytes;

    /* screen */
    struct held *held; /* in transcript order */
    unsigned held_count, held_max;
    size_t held_bytes;
    const struct moot_past *past; /* its tail is to be shown; NULL: no more */
    uint64_t past_count;          /* entries known from the store at first */
    moot_ms screen_due; /* when held entries are to be looked at again */
    struct tip *tips;   /* oldest first */
    unsigned tip_count, tip_max;

    /* say */
    struct said *said;
    unsigned said_count, said_max;
    struct moot_buf say_text;
    char say_name[MOOT_NAME_LEN_MAX + 1]; /* at the first line waiting */
    uint64_t lamport;
    unsigned own_unstored;
    moot_ms said_at;         /* when the newest own entry was made */
    struct storing *storing; /* in order of token */
    unsigned storing_count, storing_max;
    size_t storing_bytes;
    struct own_lines own;
    struct moot_recent recent[MOOT_RECENT_MAX]; /* oldest first */
    unsigned recent_count;
    moot_ms acks_due; /* when somebody may be told of more; 0: nobody */
    struct moot_line *own_lines; /* while nobody was met; text is own memory */
    unsigned own_line_count, own_line_max;
};

/* --- group.c --- */

struct moot_group_effect *moot_group_ask(struct moot_group_effects *fx,
                                         enum moot_group_effect_kind kind);

/* May l have an answer now?  If not it will ask again: what is compared is
 * compared every round. */
bool moot_group_may_answer(struct moot_group *g, struct group_link *l);

/* The scratch message, with all but the items of its list zeroed.  Borrowed
 * until the next call. */
struct moot_message *moot_group_message(struct moot_group *g,
                                        enum moot_message_kind kind);

/* Appends m as the bytes of one effect of the kind SEND, SPREAD or TELL. */
void moot_group_post(struct moot_group_effects *fx,
                     enum moot_group_effect_kind kind, uint64_t link,
                     const struct moot_message *m);
void moot_group_notice(struct moot_group_effects *fx, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Others have seen a line of this group: from now on it does not give way. */
void moot_group_review_met(struct moot_group *g);
struct group_link *moot_group_link_find(const struct moot_group *g,
                                        uint64_t handle);
struct group_link *moot_group_link_at_random(struct moot_group *g,
                                             uint64_t but);
/* Whoever goes on from one to the next comes to all of them. */
struct group_link *moot_group_link_next(const struct moot_group *g,
                                        uint64_t after);

/* --- screen.c --- */

/* Takes a reference of its own. */
void moot_screen_add(struct moot_group *g, struct moot_entry *e, bool asked);
void moot_screen_flush(struct moot_group *g, struct moot_group_effects *fx);
/* e is on the screen: it becomes a tip, what it cites does not count more. */
void moot_screen_seen(struct moot_group *g, const struct moot_entry *e);
void moot_screen_show(struct moot_group *g, struct moot_entry *e, bool own,
                      bool asked, bool late, struct moot_group_effects *fx);

/* Is all that its author had seen on the screen, or was in an earlier run? */
bool moot_screen_follows(const struct moot_group *g,
                         const struct moot_entry *e);
/* Entries of this run from seq on are not shown, nor cited. */
void moot_screen_forget(struct moot_group *g, const struct moot_run *in,
                        uint64_t seq);

/* --- say.c --- */

void moot_say_add(struct moot_group *g, enum moot_line_kind kind,
                  struct moot_bytes text, bool more,
                  struct moot_group_effects *fx);
/* The next entry, unless one was made just now. */
void moot_say_flush(struct moot_group *g, struct moot_group_effects *fx);
/* All that waits, whatever is on its way. */
void moot_say_rest(struct moot_group *g, struct moot_group_effects *fx);
/* When what waits is said at the latest: for a line that was to come at once,
 * for the pace, for a disk that is far behind. */
moot_ms moot_say_deadline(const struct moot_group *g);
void moot_say_stored(struct moot_group *g, uint64_t token,
                     struct moot_group_effects *fx);
/* So much is on its way to the store that nothing is taken in for now. */
bool moot_say_full(const struct moot_group *g);

/* ... and from here on no more is asked for. */
bool moot_say_busy(const struct moot_group *g);
/* Asks the store to keep e, which was just admitted; own: it was said here. */
void moot_say_store(struct moot_group *g, struct moot_entry *e, bool own,
                    struct moot_group_effects *fx);
void moot_say_raise_clock(struct moot_group *g, uint64_t lamport);
/* What is on its way to the store; NULL: nothing of that. */
struct moot_entry *moot_say_storing(const struct moot_group *g,
                                    const struct moot_run *in, uint64_t seq);
/* The same from seq on is of no run any more. */
void moot_say_void(struct moot_group *g, const struct moot_run *in,
                   uint64_t seq, struct moot_group_effects *fx);
/* Asks the store to end c, which has a fork. */
void moot_say_end_run(struct moot_group *g, const struct moot_chain *c,
                      struct moot_group_effects *fx);
/* A line that may have to be said again in another group. */
void moot_say_remember(struct moot_group *g, enum moot_line_kind kind,
                       struct moot_bytes text);
void moot_say_forget_own(struct moot_group *g);

/* --- own.c --- */

void moot_own_said(struct moot_group *g, const struct moot_entry *e,
                   const struct moot_line *lines, unsigned count);
/* Somebody else has all up to seq. */
void moot_own_held(struct moot_group *g, uint64_t seq);

/* --- acks.c --- */

/* m may have to be told what of him is safe here. */
void moot_acks_owe(struct moot_group *g, const struct moot_member *m);
/* The store has more of this run. */
void moot_acks_kept(struct moot_group *g, const struct moot_run *in);
/* Tells those whom it is time to tell. */
void moot_acks_flush(struct moot_group *g, struct moot_group_effects *fx);
void moot_acks_heard(struct moot_group *g, struct group_link *l,
                     const struct moot_ack *a);
/* A PING or PONG says what l holds. */
void moot_acks_told(struct moot_group *g, struct group_link *l,
                    const struct moot_ping *p);

/* --- sync.c --- */

/* The next comparison need not wait for its time. */
void moot_sync_soon(struct moot_group *g);
void moot_sync_link_up(struct moot_group *g, struct group_link *l,
                       struct moot_group_effects *fx);
void moot_sync_link_down(struct moot_group *g, uint64_t handle,
                         struct moot_group_effects *fx);
void moot_sync_timer(struct moot_group *g, struct moot_group_effects *fx);
moot_ms moot_sync_deadline(const struct moot_group *g);
void moot_sync_entry(struct moot_group *g, struct group_link *l,
                     struct moot_entry *e, bool asked,
                     struct moot_group_effects *fx);
void moot_sync_chains(struct moot_group *g, struct group_link *l,
                      const struct moot_chains *m,
                      struct moot_group_effects *fx);
void moot_sync_lack(struct moot_group *g, struct group_link *l,
                    const struct moot_lack *m, struct moot_group_effects *fx);
/* Entries that others have and that are asked for. */
uint64_t moot_sync_missing(const struct moot_group *g);
/* Sends what was gathered in g->want. */
void moot_sync_post_wants(struct moot_group *g, struct moot_group_effects *fx);

/* --- ahead.c --- */

/* Takes a reference of its own; NULL: there is no room.  Borrowed until the
 * next call. */
struct ahead *moot_ahead_add(struct moot_group *g, struct moot_entry *e);
/* The reference goes to the caller. */
bool moot_ahead_take(struct moot_group *g, const struct moot_run *in,
                     uint64_t seq, struct ahead *ret_taken);
/* Those from seq on.  The others may be on the screen, and stay so. */
void moot_ahead_drop(struct moot_group *g, const struct moot_run *in,
                     uint64_t seq);
/* Nobody gives what is below them: those that are not on the screen go, too,
 * and come again when somebody does. */
void moot_ahead_give_up(struct moot_group *g, const struct moot_run *in);
void moot_ahead_fini(struct moot_group *g);

/* --- enter.c --- */

void moot_enter_bound(struct moot_group *g,
                      const struct moot_group_config *config);
/* Is the beginning of a run left out of which others have up to seq? */
bool moot_enter_skips(const struct moot_group *g, const struct moot_chain *c,
                      uint64_t seq);
/* How many more lines from before may be shown. */
unsigned moot_enter_room(const struct moot_group *g);
void moot_enter_linked(struct moot_group *g);
void moot_enter_came(struct moot_group *g);

/* So soon after coming in all runs that are there are taken in. */
bool moot_enter_fetches(const struct moot_group *g);

/* A run was not taken in, because its link brings too many. */
void moot_enter_missed(struct moot_group *g);
/* Of a page the first so many heads were looked after. */
void moot_enter_page(struct moot_group *g, const struct group_link *l,
                     const struct moot_chains *page, unsigned taken);
/* Is what was said before shown only in part? */
bool moot_enter_bounded(const struct moot_group *g);
void moot_enter_review(struct moot_group *g, struct moot_group_effects *fx);
moot_ms moot_enter_deadline(const struct moot_group *g);

/* Asks link for one entry. */
/* The store has caught up: asks for more of what is coming. */
void moot_sync_go_on(struct moot_group *g, struct moot_group_effects *fx);

void moot_sync_want(struct moot_group *g, uint64_t link,
                    const struct moot_range *r, struct moot_group_effects *fx);
/* Nothing at or behind its fork is asked for any more. */
void moot_sync_ended(struct moot_group *g, struct moot_chain *c);
/* We said more in it; somebody may claim to know how it goes on. */
void moot_sync_grown(struct moot_group *g, struct moot_chain *own);
/* Finds or makes the chain; NULL: not now. */
struct moot_chain *moot_sync_chain(struct moot_group *g, struct group_link *l,
                                   const struct moot_run *in,
                                   struct moot_group_effects *fx);

/* --- compare.c --- */

void moot_compare_ping(struct moot_group *g, struct group_link *l,
                       const struct moot_ping *p,
                       struct moot_group_effects *fx);
void moot_compare_authors(struct moot_group *g, struct group_link *l,
                          const struct moot_authors *m,
                          struct moot_group_effects *fx);
/* After moot_sync_chains took what they say. */
void moot_compare_chains(struct moot_group *g, struct group_link *l,
                         const struct moot_chains *m,
                         struct moot_group_effects *fx);

/* --- fork.c --- */

/* theirs, which is verified, contradicts our entry of this seq, or else has to
 * be compared with it before it is taken. */
void moot_forks_suspect(struct moot_group *g, uint64_t link,
                        struct moot_entry *theirs, uint64_t seq,
                        struct moot_group_effects *fx);
/* Takes f, both of whose signatures were verified; false: a better proof is
 * held, or there is no room for it. */
bool moot_forks_believe(struct moot_group *g, struct moot_chain *c,
                        struct moot_fork *f, struct moot_group_effects *fx);
/* A verified proof that arrived. */
void moot_forks_heard(struct moot_group *g, struct group_link *l,
                      const struct moot_fork *f, struct moot_group_effects *fx);
/* Sends l a proof. */
void moot_forks_post(struct moot_group *g, uint64_t link,
                     enum moot_group_effect_kind kind,
                     const struct moot_fork *f, struct moot_group_effects *fx);
/* false: it was not asked for here. */
bool moot_forks_fetched(struct moot_group *g, uint64_t token,
                        struct moot_entry *const *entries, unsigned count,
                        struct moot_group_effects *fx);
/* Reads the entry before the hole that begins at from. */
void moot_forks_read_below(struct moot_group *g, const struct moot_chain *c,
                           uint64_t from, struct moot_group_effects *fx);
void moot_forks_fini(struct moot_group *g);

/* --- search.c --- */

/* f was found with what link sent: perhaps they part earlier. */
void moot_search_begin(struct moot_group *g, uint64_t link,
                       const struct moot_fork *f,
                       struct moot_group_effects *fx);
/* What was looked for is the same as ours. */
void moot_search_same(struct moot_group *g, struct moot_chain *c,
                      struct moot_group_effects *fx);
/* It is not.  Takes f. */
void moot_search_other(struct moot_group *g, struct moot_chain *c,
                       struct moot_fork *f, struct moot_group_effects *fx);
/* No more is to be had; what was found counts. */
void moot_search_end(struct moot_group *g, struct moot_chain *c,
                     struct moot_group_effects *fx);
/* Another proof of it was taken in. */
void moot_search_narrow(struct moot_group *g, struct moot_chain *c,
                        const struct moot_fork *f,
                        struct moot_group_effects *fx);
void moot_search_lack(struct moot_group *g, uint64_t link,
                      const struct moot_range *r,
                      struct moot_group_effects *fx);
void moot_search_link_down(struct moot_group *g, uint64_t link,
                           struct moot_group_effects *fx);
void moot_search_timer(struct moot_group *g, struct moot_group_effects *fx);
moot_ms moot_search_deadline(const struct moot_group *g);

/* --- heal.c: what the store lost --- */

void moot_heal_damaged(struct moot_group *g, const struct moot_run *in,
                       uint64_t seq, struct moot_group_effects *fx);
/* c has holes from the start. */
void moot_heal_add(struct moot_group *g, struct moot_chain *c);
void moot_heal_entry(struct moot_group *g, struct group_link *l,
                     struct moot_chain *c, struct moot_entry *e,
                     struct moot_group_effects *fx);
/* What leads up to the first hole has a name when the entry before that was
 * read; until then nothing of the chain can be told of. */
void moot_heal_look_below(struct moot_group *g, const struct moot_chain *c,
                          struct moot_group_effects *fx);
/* It fits what is on either side. */
void moot_heal_fill(struct moot_group *g, struct moot_chain *c,
                    struct moot_entry *e, struct moot_group_effects *fx);
void moot_heal_lack(struct moot_group *g, uint64_t link,
                    const struct moot_range *r, struct moot_group_effects *fx);
void moot_heal_link_up(struct moot_group *g, struct moot_group_effects *fx);
void moot_heal_link_down(struct moot_group *g, uint64_t link,
                         struct moot_group_effects *fx);
void moot_heal_timer(struct moot_group *g, struct moot_group_effects *fx);
moot_ms moot_heal_deadline(const struct moot_group *g);

/* --- resume.c --- */

void moot_resume_load(struct moot_group *g, const struct moot_past *past);
/* Shows what the last run had seen last; once. */
void moot_resume_show(struct moot_group *g, struct moot_group_effects *fx);

/* --- serve.c --- */

void moot_serve_want(struct moot_group *g, struct group_link *l,
                     const struct moot_want *m, struct moot_group_effects *fx);
void moot_serve_next(struct moot_group *g, struct group_link *l,
                     struct moot_group_effects *fx);
void moot_serve_fetched(struct moot_group *g, uint64_t token,
                        struct moot_entry *const *entries, unsigned count,
                        struct moot_group_effects *fx);

/* --- roster.c --- */

void moot_roster_init(struct moot_group *g, const struct moot_record *self);
void moot_roster_fini(struct moot_group *g);
void moot_roster_link_up(struct moot_group *g, struct group_link *l,
                         uint64_t run, const struct moot_addr *seen,
                         struct moot_group_effects *fx);
void moot_roster_link_down(struct moot_group *g, struct group_link *l,
                           const struct moot_ending *how,
                           struct moot_group_effects *fx);
void moot_roster_record(struct moot_group *g, const struct moot_record *r,
                        const struct moot_addr *seen,
                        struct moot_group_effects *fx);
void moot_roster_who(struct moot_group *g, struct group_link *l,
                     const struct moot_who *m, struct moot_group_effects *fx);
/* Asks l for every record it has, at most once in a while. */
void moot_roster_ask_all(struct moot_group *g, struct group_link *l,
                         struct moot_group_effects *fx);
void moot_roster_addrs(struct moot_group *g, const struct moot_addr *addrs,
                       unsigned count, struct moot_group_effects *fx);
void moot_roster_standing(struct moot_group *g, enum moot_standing standing,
                          struct moot_group_effects *fx);
void moot_roster_rename(struct moot_group *g, struct moot_bytes name,
                        struct moot_group_effects *fx);
/* What we say from now on is in another run than before. */
void moot_roster_next_run(struct moot_group *g, struct moot_group_effects *fx);
void moot_roster_timer(struct moot_group *g, struct moot_group_effects *fx);
moot_ms moot_roster_deadline(const struct moot_group *g);
struct moot_hash moot_roster_digest(const struct moot_group *g);

/* --- members.c --- */

bool moot_member_live(const struct moot_member *m);
struct moot_member *moot_member_find(const struct moot_group *g,
                                     const struct moot_id *id);
/* Finds or makes it; NULL when MOOT_MEMBERS_MAX are alive, or, for one who is
 * here, when all of them are linked. */
struct moot_member *moot_member_get(struct moot_group *g,
                                    const struct moot_id *id, bool here);

/* --- presence.c --- */

void moot_presence_say(struct moot_group *g, const struct moot_member *m,
                       enum moot_presence what, const char *text,
                       struct moot_group_effects *fx);
void moot_presence_arrival(struct moot_group *g, struct moot_member *m,
                           struct moot_group_effects *fx);
void moot_presence_met(const struct moot_member *m,
                       struct moot_group_effects *fx);
/* It broke a while ago: speak of it as it now looks. */
void moot_presence_settle(struct moot_group *g, struct moot_member *m,
                          struct moot_group_effects *fx);
void moot_presence_depart(struct moot_group *g, struct moot_member *m,
                          const struct moot_ending *how,
                          struct moot_group_effects *fx);

/* --- claims.c --- */

void moot_claims_note(struct moot_group *g, const struct moot_id *id, bool up);
void moot_claims_tell(struct moot_group *g, struct moot_group_effects *fx);
void moot_claims_tell_all(struct moot_group *g, struct group_link *l,
                          struct moot_group_effects *fx);
void moot_claims_linked(struct moot_group *g, struct group_link *l,
                        const struct moot_linked *m,
                        struct moot_group_effects *fx);
/* l takes the place of another link to m: what was said there still holds. */
void moot_claims_inherit(struct moot_group *g, const struct moot_member *m,
                         struct group_link *l);
void moot_claims_end(struct moot_group *g, struct group_link *l);
void moot_claims_forget(struct moot_group *g, const struct moot_id *id);

#endif
