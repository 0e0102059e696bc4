/*
 * boot/boot_internal.h - the mind's memory, shared by its three trades.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_BOOT_INTERNAL_H
#define MOOT_BOOT_INTERNAL_H

#include "boot/boot.h"

#define MOOT_ASK_WITHIN_MS 3000  /* one request to a bootstrap peer */
#define MOOT_ASK_AGAIN_MS 300    /* it is joining itself, or we must decide */
#define MOOT_ASK_FOUND_MS 250    /* between those that a name leads to */
#define MOOT_ASK_REFRESH_MS 1000 /* who is required may have left */
#define MOOT_ASK_BACKOFF_MS 200  /* first pause after a failure */
#define MOOT_ASK_BACKOFF_MAX_MS 1500
#define MOOT_ASK_PATIENCE_MS 2000 /* a named source is left alone no longer */
#define MOOT_ASK_ALONE_MS 5000    /* in the group, and nobody is linked */
#define MOOT_ASK_HEARSAY_MS 1000  /* others may be asked when that is over */
#define MOOT_TOLD_MAX 8           /* other bootstrap peers of one answer */
#define MOOT_ASK_OTHERS_MAX 8     /* asked at once, but for those named */
#define MOOT_ASK_CACHED_MAX 6     /* of these, never only from the cache */
#define MOOT_ALONE_MS 3000 /* looking for those of an earlier run: so long */
#define MOOT_NAMED_FIRST_MS 2000 /* before their word counts without them */
#define MOOT_LINKS_WAIT_MS 300   /* until a first link has told of others */
#define MOOT_DOUBT_SOON_MS 500   /* who signed was tried in vain: so long ... */
#define MOOT_DOUBT_MS 3000       /* ... and so long in any case */
#define MOOT_STRANGERS_MAX 8     /* dials at once to whom nobody vouches for */
#define MOOT_RECALLED_AT_ONCE 16 /* likewise to those of an earlier run */
#define MOOT_RECALL_STAGGER_MS 100 /* then one after the other */
#define MOOT_RECALL_PAUSE_MS 1000  /* after the first failure; then twice */
#define MOOT_RECALL_PAUSE_MAX_MS 60000
#define MOOT_RECALL_IDLE_MAX_MS 300000 /* others are linked */
#define MOOT_PROBE_AFTER_MS 1000       /* a dial that took longer is doubtful */
#define MOOT_MERGE_WAIT_MS 150   /* further first answers after the first */
#define MOOT_PROGRESS_MS 400     /* a join that is quicker needs no words */
#define MOOT_FOUND_WAIT_MS 600   /* all wait for each other: one must begin */
#define MOOT_CONFIRM_WAIT_MS 100 /* until all whom we asked say so again */
#define MOOT_MET_WAIT_MS 1500    /* one has begun whom we did not ask */
#define MOOT_DIAL_JOIN_WITHIN_MS 3000
#define MOOT_DIAL_WITHIN_MS 2000
#define MOOT_DIAL_AGAIN_JOIN_MS 300 /* a required member did not answer */
#define MOOT_DIAL_AGAIN_MS 2000     /* a lost member */
#define MOOT_DIAL_EAGER_MS 600000   /* for so long; then the pause grows */
#define MOOT_DIAL_PAUSE_MAX_MS 60000
#define MOOT_DIAL_YIELD_MS 2500 /* the other side is expected to dial */
#define MOOT_DIAL_REST_MS 500   /* news does not cause a dial sooner */
#define MOOT_SEED_SPREAD_MS 150 /* both sides may have heard each other */
#define MOOT_SEED_REST_MS 5000  /* first rest after a failure */
#define MOOT_SEED_REST_MAX_MS 60000
#define MOOT_PROBE_WAIT_MS 4000 /* links answer a PROBE within 3 s */

enum source_said {
    SAID_NOTHING,
    SAID_SELF,    /* it was ourselves */
    SAID_JOINING, /* it is still joining itself */
    SAID_GOOD,    /* it is in the group */
    SAID_LEADS    /* a page or a name: it led to others */
};

/* Somebody who is asked, or a page or a name that leads to such. */
struct source {
    enum moot_way_kind kind;
    struct moot_addr addr; /* port 0: a name that is looked up */
    char *url;             /* a page that is read; else NULL */
    bool has_id;           /* as was told: */
    struct moot_id id;     /* ... whose bootstrap socket it is */
    struct moot_pins pins;
    struct moot_breaker breaker;
    uint64_t token; /* of the request under way; 0: none */
    char nonce[33];
    moot_ms due;   /* when to ask (again) */
    moot_ms asked; /* when the request under way began */
    moot_ms fresh; /* when the one began that was answered last */
    unsigned successes;
    int why; /* the last failure; 0: none since an answer */
    enum source_said said;
    char other[MOOT_NAME_LEN_MAX + 1]; /* the group it is in instead */

    /* What it said last, and who signed it.  It counts against others' word
     * when he was met on a link. */
    struct moot_id signer;
    struct moot_hash group;
    enum moot_weight weight;
    char group_name[MOOT_NAME_LEN_MAX + 1];
    moot_ms heard; /* when he said so first; 0: never */
    bool hosted;   /* by a directory, which is no member */
    bool doubted;  /* nobody met him: what it says counts no more */
};

/* How many unproven addresses somebody may still have us dial. */
struct budget {
    struct moot_id introducer;
    unsigned left;
    moot_ms at;
};

/* An address without a name to it. */
struct seed {
    struct moot_addr addr;
    struct moot_id id; /* who was there the last time; zero: nobody yet */
    uint64_t token;    /* of the dial under way; 0: none */
    moot_ms due;       /* when to dial; 0: not planned */
    moot_ms rest;      /* no dial before, whatever is said */
    moot_ms told;      /* when it was told of last */
    unsigned failures; /* in a row */
};

struct target {
    struct moot_id id;
    char name[MOOT_NAME_LEN_MAX + 1];
    struct moot_addr addrs[MOOT_BOOT_ADDRS_MAX];
    unsigned addr_count;
    struct moot_addr home; /* where we saw it ourselves; port 0: nowhere */
    struct budget claims;  /* of the other addresses, once it is proven */
    enum moot_standing standing;
    struct moot_id introducer; /* zero: a bootstrap answer, or itself */
    bool linked;
    bool proven;           /* was linked once */
    bool met;              /* was live once, or we had to reach it */
    bool bootstrap;        /* others come in through it */
    bool live;             /* the roster has it */
    bool hosted;           /* a directory lists it: */
    struct moot_id lister; /* ... this one did last */
    bool required;         /* to be reached before we may speak */
    uint64_t listed_by;    /* sources (as bits) whose last good answer has it */
    uint64_t named_by;     /* those that ever had it, but for the doubted */
    bool recalled;         /* from an earlier run */
    bool elsewhere;        /* it is there, but in another group */
    uint64_t token;        /* of the dial under way; 0: none */
    moot_ms due;           /* when to dial; 0: not planned */
    moot_ms tried;         /* when the last dial began */
    moot_ms since; /* when it was lost, or first dialled in vain; 0: never */
    unsigned failures;
    int why;
    uint64_t asked_about;      /* the dial during which others were asked */
    moot_ms probe_until;       /* 0: no probe under way */
    unsigned probe_asked;      /* links that have joined themselves */
    struct moot_id *silent_to; /* whom it does not answer; each once */
    unsigned silent_count, silent_max;
};

enum boot_phase {
    PHASE_ASKING,
    PHASE_REACHING,
    PHASE_JOINED,
    PHASE_FAILED
};

struct moot_boot {
    struct moot_id self;
    struct moot_hash group;
    char group_name[MOOT_NAME_LEN_MAX + 1];
    bool group_asked, strict;
    bool closed, homeless; /* see moot_boot_config */
    enum moot_weight weight;
    moot_ms timeout;
    struct moot_rng *rng;
    const struct moot_tracer *tracer;
    moot_ms now;
    moot_ms give_up; /* when the join fails */
    uint64_t tokens;

    enum boot_phase phase;
    enum moot_standing standing;
    bool adopted;          /* a good answer told the group */
    moot_ms fix_at;        /* when the first good answers are in; 0: none yet */
    bool by_links;         /* ... or links, rather than answers */
    moot_ms better_by;     /* ... which wait so long for a better answer; 0:
                              they do not yet */
    moot_ms started;       /* when we began to look */
    moot_ms adopted_at;    /* when an answer told the group; 0: none did */
    bool group_known;      /* from an earlier run */
    moot_ms found_at;      /* when we may begin alone; 0: not so */
    moot_ms waiting_since; /* when that was planned */
    char progress[MOOT_BOOT_TEXT_MAX]; /* as last told */
    moot_ms progress_at;               /* not told again before */

    struct moot_breaker_config breaker;
    struct source sources[MOOT_SOURCES_MAX];
    unsigned source_count;
    unsigned named_count; /* of these, whom the user named: they decide */

    unsigned recalled_count; /* of the targets */
    struct target **targets; /* sorted by id */
    unsigned target_count, target_max;
    struct budget *budgets;
    unsigned budget_count, budget_max;
    struct seed seeds[MOOT_SEEDS_MAX];
    unsigned seed_count;
};

/* --- boot.c --- */

struct moot_boot_effect *moot_boot_effect(struct moot_boot_effects *fx,
                                          enum moot_boot_effect_kind kind);
moot_ms moot_boot_jitter(struct moot_boot *b, moot_ms around);

/* --- source.c --- */

void moot_source_create(struct moot_boot *b,
                        const struct moot_boot_config *config);
void moot_source_start(struct moot_boot *b);
void moot_source_fini(struct moot_boot *b);
/* NULL: it is there already, or there is no room for it. */
struct source *moot_source_add(struct moot_boot *b, const struct moot_way *w);
/* A member says where its bootstrap socket is. */
void moot_source_told(struct moot_boot *b, const struct moot_id *id,
                      const struct moot_addr *addr);
/* Named by the user, or found under a name he gave. */
bool moot_source_named(const struct source *e);
/* A page or a name. */
bool moot_source_leads(const struct source *e);
uint64_t moot_source_bit(const struct moot_boot *b, const struct source *e);
/* Did we meet on a link who signs what it says, or one whom a directory lists?
 */
bool moot_source_proven(const struct moot_boot *b, const struct source *e);
/* Is t who has to be met for that? */
bool moot_source_vouched(const struct moot_boot *b, const struct source *e,
                         const struct target *t);
void moot_source_text(const struct source *e,
                      char out[MOOT_SOURCE_LEN_MAX + 1]);
/* "a:1 (refused), b:2 (timed out)": appends to text those who were asked, or
 * only those the user named. */
void moot_source_describe(const struct moot_boot *b, bool named_only,
                          char *text, size_t max);
/* What goes before that when none of those the user named is a way in. */
const char *moot_source_refusal(const struct moot_boot *b);
/* A notice for each page, and for each that the user named, that led to nobody:
 * he typed its address, and would wait in vain if that is mistyped. */
void moot_source_complain(const struct moot_boot *b,
                          struct moot_boot_effects *fx);

/* --- ask.c --- */

void moot_ask_timer(struct moot_boot *b, struct moot_boot_effects *fx);
moot_ms moot_ask_deadline(const struct moot_boot *b);
struct source *moot_ask_find(struct moot_boot *b, uint64_t token);
/* Something came of it; it is asked again so much later. */
/* Those who told us of our group, and were met there, are remembered. */
void moot_ask_note_good(const struct moot_boot *b,
                        struct moot_boot_effects *fx);
void moot_ask_succeed(struct moot_boot *b, struct source *e, moot_ms again,
                      struct moot_boot_effects *fx);
void moot_ask_fail(struct moot_boot *b, struct source *e, int why,
                   struct moot_boot_effects *fx);
void moot_ask_failed(struct moot_boot *b, uint64_t token, int why,
                     struct moot_boot_effects *fx);
void moot_ask_found(struct moot_boot *b, uint64_t token,
                    const struct moot_way *ways, unsigned count,
                    struct moot_boot_effects *fx);

/* --- answer.c --- */

void moot_answer_heard(struct moot_boot *b, const struct moot_boot_event *ev,
                       struct moot_boot_effects *fx);

/* --- doubt.c --- */

/* Who cannot be met does not keep us from those who can. */
void moot_doubt_review(struct moot_boot *b, struct moot_boot_effects *fx);
moot_ms moot_doubt_deadline(const struct moot_boot *b);
/* Nobody was met yet who vouches for it. */
bool moot_doubt_stranger(const struct moot_boot *b, const struct target *t);

/* --- join_text.c --- */

/* Appends, as far as there is room in MOOT_BOOT_TEXT_MAX. */
void moot_join_put(char *text, const char *more);
/* Those who must be reached and are not, each with the reason. */
void moot_join_put_missing(const struct moot_boot *b, char *text);
void moot_join_count(const struct moot_boot *b, unsigned *all,
                     unsigned *reached);
void moot_join_say_progress(struct moot_boot *b, struct moot_boot_effects *fx);
/* what, and then the reason of each that matters. */
void moot_join_explain(const struct moot_boot *b, const char *what,
                       char text[MOOT_BOOT_TEXT_MAX]);

/* --- join.c --- */

/* Looks at where the join stands and goes on if it can. */
void moot_join_review(struct moot_boot *b, struct moot_boot_effects *fx);
moot_ms moot_join_deadline(const struct moot_boot *b);
/* good: who answers has joined itself. */
enum listing {
    LISTED_SIGNER,    /* only who signed it is of interest */
    LISTED_ELSEWHERE, /* in a group that will give way to ours when they meet */
    LISTED_BY_JOINER, /* perhaps not all of them */
    LISTED_WELL
};
void moot_join_listed(struct moot_boot *b, const struct source *from,
                      const struct moot_answer *a, enum listing how,
                      struct moot_boot_effects *fx);
/* Be in the group that a source told of. */
void moot_join_adopt(struct moot_boot *b, const struct source *e,
                     struct moot_boot_effects *fx);
/* We are in another group: who must be reached is asked for anew. */
void moot_join_start_over(struct moot_boot *b);
/* What this source said of others does not count any more. */
void moot_join_unlist(struct moot_boot *b, const struct source *e);
void moot_join_missed(struct moot_boot *b, struct target *t,
                      struct moot_boot_effects *fx);
void moot_join_verdict(struct moot_boot *b, const struct moot_id *id,
                       const struct moot_id *from, bool alive);

/* --- hosted.c: what a directory says that is no member itself --- */

/* Has somebody joined whom it lists? */
bool moot_hosted_good(const struct moot_boot *b, const struct moot_answer *a);
/* Dials those it lists, and forgets those it listed and we never met. */
void moot_hosted_listed(struct moot_boot *b, const struct moot_answer *a);

/* --- dial.c --- */

void moot_dial_forget(struct moot_boot *b, const struct moot_id *id);

struct target *moot_dial_find(const struct moot_boot *b,
                              const struct moot_id *id);
struct target *moot_dial_get(struct moot_boot *b, const struct moot_id *id);
void moot_dial_free(struct target *t);
void moot_dial_addrs(struct target *t, const char *name,
                     const struct moot_addr *addrs, unsigned count);
/* Behind those that are known. */
void moot_dial_addrs_behind(struct target *t, const char *name,
                            const struct moot_addr *addrs, unsigned count);
/* Behind the better half of what is known: where it was in earlier runs must
 * not keep out where somebody says that it is now. */
void moot_dial_addrs_among(struct target *t, const char *name,
                           const struct moot_addr *addrs, unsigned count);
/* Somebody of an earlier run, the rank-th best of them. */
void moot_dial_recall(struct moot_boot *b, const struct moot_way *w,
                      unsigned rank);
bool moot_dial_alone(const struct moot_boot *b); /* nobody is linked */
/* How long to wait before dialling one we have just heard of. */
moot_ms moot_dial_pause(const struct moot_boot *b, const struct target *t);
void moot_dial_met(struct moot_boot *b, const struct moot_boot_met *m);
void moot_dial_up(struct moot_boot *b, const struct moot_id *id,
                  uint64_t token);
void moot_dial_down(struct moot_boot *b, const struct moot_id *id);
void moot_dial_gone(struct moot_boot *b, const struct moot_id *id, bool left);
void moot_dial_failed(struct moot_boot *b, uint64_t token, int why,
                      struct moot_boot_effects *fx);
void moot_dial_hurry(struct moot_boot *b); /* all lost ones, now */
void moot_dial_timer(struct moot_boot *b, struct moot_boot_effects *fx);
moot_ms moot_dial_deadline(const struct moot_boot *b);

/* --- seed.c --- */

void moot_seed_told(struct moot_boot *b, const struct moot_addr *a);
void moot_seed_up(struct moot_boot *b, const struct moot_id *id,
                  uint64_t token);
void moot_seed_failed(struct moot_boot *b, uint64_t token);
void moot_seed_timer(struct moot_boot *b, struct moot_boot_effects *fx);
moot_ms moot_seed_deadline(const struct moot_boot *b);

#endif
