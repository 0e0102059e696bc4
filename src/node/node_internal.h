/*
 * node/node_internal.h - the conductor's memory.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_NODE_INTERNAL_H
#define MOOT_NODE_INTERNAL_H

#include "boot/boot.h"
#include "group/group.h"
#include "node/beat_internal.h"
#include "node/budget_internal.h"
#include "node/node.h"
#include "wire/rekey.h"
#include "wire/sealed.h"

#define MOOT_GREET_MS 3000       /* for HELLO and WELCOME of one we dialled */
#define MOOT_DUEL_SILENT_MS 1000 /* a link heard since then needs no test */
#define MOOT_DUEL_WAIT_MS 2000   /* for the answer to the test */
#define MOOT_PROBE_ANSWER_MS 3000
#define MOOT_PROBES_MAX 64
#define MOOT_PROBES_EACH_MAX 16 /* of these, for one asker */
#define MOOT_DRAIN_MAX_MS 5000
#define MOOT_COMPARE_AGAIN_MS 250 /* who differs is asked again */
#define MOOT_COMPARE_SHOWN_MAX 16 /* of those who differ, by name */
#define MOOT_VERIFY_INLINE_MAX 4  /* as few are checked at once */
#define MOOT_VERIFY_EACH_MAX 4    /* frames of one link with the workers */
#define MOOT_VERIFY_MAX 16        /* of all links; one of each may always be */
#define MOOT_BEACONS_OWN 8 /* as many of our own are known when they return */
#define MOOT_CONTACT_AGAIN_MS 3600000 /* a link of days is still a contact */
#define MOOT_ARRIVE_MS 5000 /* one who moved knows too little to list members */

enum link_state {
    LINK_HELLO,   /* waiting for the other side's HELLO */
    LINK_WELCOME, /* proofs are done; waiting for its WELCOME */
    LINK_UP,
    LINK_ENDING /* we closed it; only LINK_CLOSED is awaited */
};

struct node_link {
    moot_link handle;
    enum link_state state;
    bool dialled; /* we opened it */
    bool moved;   /* the one REFUSE_OTHER / MOVE exchange is used up */
    bool led;     /* its MOVE was heard: there is one */
    bool main;    /* the minds know it: the only one for its identity */
    bool lagging;
    moot_token token;
    struct moot_id id;
    struct moot_exporter exporter;
    struct moot_hash proved; /* which secret of a closed group; zero: open */
    bool on_trust; /* ... that of an invitation, beside others we had: it is not
                      known which of them is newer */
    struct moot_hash passed; /* which change we passed on to him */
    struct moot_hash retold; /* ... though he was named: see rekey.c */
    struct moot_addr remote;
    uint64_t run;
    moot_wall_ms run_ms;
    uint16_t port;                    /* of its welcoming socket */
    char seen[MOOT_HOST_LEN_MAX + 1]; /* the host it sees us come from */
    moot_ms opened;
    moot_ms heard;
    moot_ms rtt;
    struct moot_budget budget; /* of the work its frames make */
    unsigned verifying;        /* its frames that are with the workers */
    bool verify_paused;        /* until some of them come back */
    uint64_t ping_nonce;       /* of the last PING not answered yet; 0: none */
    moot_ms ping_at;
    bool comparing;         /* it has not said yet that it has what we have */
    uint64_t compare_nonce; /* of the PING that asks it */
    moot_ms duel_until;     /* main: another link waits for this one's test */
    moot_link duel_other;
    int why;      /* how it ends, if we know better than the socket */
    bool goodbye; /* the member left with the words in reason */
    char reason[MOOT_REASON_LEN_MAX + 1];
};

/* Somebody asked whether a member answers us. */
struct probe {
    struct moot_id asker; /* links may be replaced before the answer */
    struct moot_id id;    /* of the member asked about */
    moot_ms until;
};

/* Where a dial goes to, until it is known what comes of it. */
struct node_dial {
    moot_token token;
    struct moot_addr *addrs;
    unsigned addr_count;
};

/* What was answered last, but for its end; len 0: nothing. */
struct node_answered {
    struct moot_buf head;
    uint64_t print;                             /* of all that it was made of */
    uint8_t hasher[sizeof(struct moot_hasher)]; /* ... of it; not aligned */
};

/* The same of a group in our directory, for whoever asks. */
struct node_hosted_kept {
    char name[MOOT_NAME_LEN_MAX + 1];
    bool near;     /* for those on this host */
    uint64_t turn; /* when it was asked for last: the oldest gives way */
    struct node_answered answered;
};

/* Whom the user left out. */
struct shut_out {
    char name[MOOT_NAME_LEN_MAX + 8]; /* as he called him; "": nobody */
    struct moot_id id;
    struct moot_hash hash; /* of the secret that is not for him */
};

struct moot_node {
    struct moot_key key;
    struct moot_rng rng;
    const struct moot_tracer *tracer;
    moot_ms now;
    moot_wall_ms wall;

    uint16_t port; /* of the welcoming socket */
    uint8_t beacons[MOOT_BEACONS_OWN][MOOT_BEACON_NONCE_LEN]; /* our own */
    unsigned beacon_next;
    struct moot_addr addrs[MOOT_RECORD_ADDRS_MAX]; /* as we know ourselves */
    unsigned addr_count;
    struct moot_addr observed[2]; /* as others do, IPv4 and IPv6; port 0: not */
    struct moot_record self;      /* as the next group's record begins */
    struct node_answered answered[2];
    struct node_hosted_kept hosted_kept[MOOT_HOSTED_KEPT_MAX];
    uint64_t hosted_turn;
    struct moot_group *group;
    struct moot_boot *boot;
    unsigned earlier_max; /* see moot_node_config */
    bool history_bounded; /* likewise, as the next */
    uint64_t history_max;
    uint64_t epoch; /* which group this is; part of its tokens */
    char group_name[MOOT_NAME_LEN_MAX + 1];
    struct moot_hash group_id;
    struct moot_ring ring;    /* of a closed group */
    bool ring_stirred;        /* a change was heard of: see to it */
    struct shut_out shut_out; /* by our change; another may undo it */
    uint64_t secret_told_in;  /* our run in which it was told again; 0: none */
    struct moot_hash doubted; /* the change that names whom it may not reach */
    const struct moot_past *pasts; /* the caller's; the newest first */
    unsigned past_count;
    struct moot_ev_damaged *lost; /* of groups that the pasts tell of */
    unsigned lost_count, lost_max;
    bool remembered; /* that this is our group */
    bool remembered_grown;
    struct moot_back back;     /* back to it, as they were remembered last */
    moot_ms back_due;          /* when they are looked at again; 0: no need */
    moot_ms back_told;         /* when that was done last; 0: not yet */
    struct moot_id introducer; /* who tells us of members just now */

    struct node_link **links; /* sorted by handle */
    unsigned link_count, link_max;
    uint64_t nonces;
    struct probe probes[MOOT_PROBES_MAX];
    unsigned probe_count;

    struct node_dial *dials; /* under way */
    unsigned dial_count, dial_max;
    moot_ms contacts_due; /* when the address book hears who is still there */

    bool leaving;
    bool draining; /* INPUT_END came */
    bool drained;
    moot_ms drain_until;
    moot_ms compare_until; /* when the answer to COMPARE is shown; 0: nobody
                              asked */
    moot_ms compare_again; /* when those who differ are asked again */
    bool fleeting;         /* nothing is kept when it ends */
    bool silent;           /* nothing can be stored, and so nothing said: */
    char silent_because[MOOT_REASON_LEN_MAX + 1];
    moot_ms moved;   /* when we went to another group and nobody there is linked
                      yet; 0: no */
    bool mixed_said; /* that two grown groups met */

    struct verifying **verifying; /* in the order in which they came */
    unsigned verifying_count, verifying_max;
    moot_token verify_tokens;

    struct moot_directory *directory; /* NULL: we keep none */
    unsigned members_max;             /* --max_members; 0: no bound but ours */
    struct moot_beats beats;          /* directories of others */

    struct moot_message in;  /* the message just decoded */
    struct moot_message out; /* scratch */
    struct moot_group_effects group_fx;
    struct moot_boot_effects boot_fx;
};

/* --- node.c --- */

void moot_node_take_answer(struct moot_node *n, const struct moot_event *ev,
                           struct moot_effects *fx);
void moot_node_take_failure(struct moot_node *n, const struct moot_event *ev,
                            struct moot_effects *fx);

/* --- host.c --- */

/* The directory, if the user wants one. */
void moot_host_open(struct moot_node *n, const struct moot_node_config *config);

/* --- effects.c --- */

struct moot_effect *moot_node_ask(struct moot_effects *fx,
                                  enum moot_effect_kind kind);
struct moot_show *moot_node_show(struct moot_effects *fx,
                                 enum moot_show_kind kind, const char *name,
                                 const char *text);
void moot_node_exit(struct moot_effects *fx, int code, const char *text);

/* --- link.c: opening, proving, closing --- */

struct node_link *moot_link_find(const struct moot_node *n, moot_link handle);
struct node_link *moot_link_main(const struct moot_node *n,
                                 const struct moot_id *id);
void moot_link_open(struct moot_node *n, const struct moot_event *ev,
                    struct moot_effects *fx);
void moot_link_closed(struct moot_node *n, const struct moot_event *ev,
                      struct moot_effects *fx);
void moot_link_timer(struct moot_node *n, struct moot_effects *fx);
moot_ms moot_link_deadline(const struct moot_node *n);
/* A message before the link is up. */
void moot_link_early(struct moot_node *n, struct node_link *l,
                     const struct moot_message *m, struct moot_effects *fx);
void moot_link_post(struct moot_node *n, const struct node_link *l,
                    const struct moot_message *m, struct moot_effects *fx);
void moot_link_bye(struct moot_node *n, struct node_link *l,
                   enum moot_bye_kind kind, const char *reason, int why,
                   struct moot_effects *fx);
void moot_link_cut(struct moot_node *n, struct node_link *l, int why,
                   struct moot_effects *fx);
void moot_link_ping(struct moot_node *n, struct node_link *l, bool sync,
                    struct moot_effects *fx);

/* --- duel.c: one link per identity --- */

/* l has just come up beside the main link of its identity. */
void moot_duel_begin(struct moot_node *n, struct node_link *main,
                     struct node_link *l, struct moot_effects *fx);
void moot_duel_heard(struct moot_node *n, struct node_link *main,
                     struct moot_effects *fx);
void moot_duel_timer(struct moot_node *n, struct moot_effects *fx);
moot_ms moot_duel_deadline(const struct moot_node *n);
/* l takes the place of main, which the minds then forget. */
void moot_duel_take_over(struct moot_node *n, struct node_link *main,
                         struct node_link *l, struct moot_effects *fx);
/* The minds hear of l: it is the link of its identity.  record is what it said
 * of itself; NULL when they know that already. */
void moot_duel_enthrone(struct moot_node *n, struct node_link *l,
                        const struct moot_record *record,
                        struct moot_effects *fx);

/* --- talk.c: messages on links that are up --- */

void moot_talk(struct moot_node *n, struct node_link *l,
               const struct moot_message *m, struct moot_effects *fx);
/* An entry of this group whose signature was checked. */
void moot_talk_entry(struct moot_node *n, const struct node_link *l,
                     struct moot_entry *e, bool asked, struct moot_effects *fx);

/* --- verify.c: signatures checked by workers --- */

/* Is no further frame of l to be read until some come back? */
bool moot_verify_full(const struct moot_node *n, const struct node_link *l);
/* Takes references of its own. */
void moot_verify_begin(struct moot_node *n, struct node_link *l,
                       struct moot_entry *const *entries, unsigned count,
                       struct moot_effects *fx);
void moot_verify_done(struct moot_node *n, const struct moot_ev_verified *ev,
                      struct moot_effects *fx);
void moot_verify_fini(struct moot_node *n);

/* --- ways.c: where others may be --- */

/* All that config tells of; the caller frees it. */
struct moot_way *moot_ways_gather(const struct moot_node_config *config,
                                  const struct moot_hash *group,
                                  unsigned *ret_count);
/* LIST or FOUND came. */
void moot_ways_told(struct moot_node *n, const struct moot_event *ev,
                    struct moot_effects *fx);

/* --- probe.c --- */

void moot_probe_asked(struct moot_node *n, struct node_link *asker,
                      const struct moot_id *id, struct moot_effects *fx);
void moot_probe_heard(struct moot_node *n, const struct node_link *about,
                      struct moot_effects *fx);
void moot_probe_timer(struct moot_node *n, struct moot_effects *fx);
moot_ms moot_probe_deadline(const struct moot_node *n);

/* --- minds.c: one mind's effects are the other's events --- */

void moot_minds_group(struct moot_node *n, struct moot_group_event *ev,
                      struct moot_effects *fx);
void moot_minds_boot(struct moot_node *n, struct moot_boot_event *ev,
                     struct moot_effects *fx);

/* --- contact.c: what the address book is told --- */

void moot_contact_dialled(struct moot_node *n, const struct moot_fx_dial *dial);
/* The link l is up; r is what its member says of itself. */
void moot_contact_up(struct moot_node *n, const struct node_link *l,
                     const struct moot_record *r, struct moot_effects *fx);
/* Until this moment it was linked. */
void moot_contact_still(struct moot_node *n, const struct node_link *l,
                        struct moot_effects *fx);
void moot_contact_all_still(struct moot_node *n, struct moot_effects *fx);
/* The dial came to nothing. */
void moot_contact_failed(struct moot_node *n, moot_token token, int why,
                         struct moot_effects *fx);
/* A bootstrap socket was good, or it failed: why. */
void moot_contact_asked(struct moot_node *n, const struct moot_addr *addr,
                        int why, struct moot_effects *fx);
void moot_contact_fini(struct moot_node *n);

/* --- adopt.c: being in another group --- */

void moot_adopt_found(struct moot_node *n, const struct moot_hash *group);
void moot_adopt(struct moot_node *n, const struct moot_hash *group,
                struct moot_effects *fx);
/* Has the profile know where we are, when that is news. */
void moot_adopt_remember(struct moot_node *n, struct moot_effects *fx);
/* The store lost an entry of our group, or of one we may enter yet. */
void moot_adopt_damaged(struct moot_node *n, const struct moot_ev_damaged *d,
                        struct moot_effects *fx);

/* --- back.c: how it is come back to --- */

void moot_back_begin(struct moot_node *n, const struct moot_past *past);
/* Somebody came, went, or says something else of himself. */
void moot_back_stir(struct moot_node *n);
/* Is it time to look?  When we leave, at once. */
bool moot_back_due(const struct moot_node *n);
/* Looks at who is here; true: the profile should know. */
bool moot_back_renew(struct moot_node *n);
moot_ms moot_back_deadline(const struct moot_node *n);

/* --- closed.c: a group with a secret --- */

/* Is this a closed group that the profile remembers? */
bool moot_closed_knows(const struct moot_node *n,
                       const struct moot_hash *group);
/* May this past be gone on with? */
bool moot_closed_fits(const struct moot_past *p,
                      const struct moot_node_config *c);
void moot_closed_begin(struct moot_node *n, const struct moot_node_config *c,
                       const struct moot_past *past);
void moot_closed_enter(struct moot_node *n, const struct moot_past *past);
void moot_closed_keep(const struct moot_node *n, struct moot_back *w);
/* The proofs of a HELLO, and in a closed group a name tag that says nothing. */
void moot_closed_prove(struct moot_node *n, const struct node_link *l,
                       struct moot_hello *h);
/* Did the other side prove what lets it in? */
bool moot_closed_check(struct moot_node *n, struct node_link *l,
                       const struct moot_hello *h);
/* Of the secret that was proven on this link: what we say of it, and what the
 * other side does.  Who came by an invitation knows it only by that. */
uint64_t moot_closed_generation(const struct moot_node *n,
                                const struct node_link *l);
void moot_closed_told(struct moot_node *n, const struct node_link *l,
                      uint64_t generation);
/* MOOT_OK: json and signature are what to judge, in text or as they came; *by
 * is what they were sealed with, NULL in an open group. */
int moot_closed_open(struct moot_node *n, const struct moot_ev_answer *a,
                     struct moot_buf *text, struct moot_bytes *json,
                     const char **signature,
                     const struct moot_ring_secret **by);
/* Does our newest secret leave him out, and has he only an older one? */
bool moot_closed_outside(const struct moot_node *n, const struct moot_id *id,
                         const struct moot_ring_secret *has);
bool moot_closed_is_old(const struct moot_node *n, const char *nonce,
                        const char *marks);
/* Puts the sealed answer in place of the plain one. */
void moot_closed_seal(struct moot_node *n, const char *nonce, const char *marks,
                      const char *signature, struct moot_buf *json);
void moot_closed_marks(struct moot_node *n, const char *nonce,
                       char out[MOOT_MARKS_TEXT_LEN + 1]);

/* --- rekey.c: a new secret --- */

/* An entry is being kept: does it tell of a change? */
void moot_rekey_note(struct moot_node *n, const struct moot_entry *e);
/* A run ends where its histories part, and with it perhaps the line in which
 * somebody was told. */
void moot_rekey_doubt(struct moot_node *n);
/* The user asks for one, without somebody if that is not empty. */
void moot_rekey_asked(struct moot_node *n, struct moot_bytes without,
                      struct moot_effects *fx);
void moot_rekey_review(struct moot_node *n, struct moot_effects *fx);

/* --- drain.c: end of input, leaving --- */

void moot_drain_begin(struct moot_node *n, struct moot_effects *fx);
void moot_drain_review(struct moot_node *n, struct moot_effects *fx);
void moot_drain_leave(struct moot_node *n, struct moot_bytes reason, int code,
                      const char *text, struct moot_effects *fx);

/* --- silence.c: a store that is away --- */

void moot_silence_begin(struct moot_node *n, const char *why,
                        struct moot_effects *fx);
void moot_silence_end(struct moot_node *n, struct moot_effects *fx);

/* --- compare.c: what others hold --- */

void moot_compare_begin(struct moot_node *n, struct moot_effects *fx);
/* A PONG came, and the group has heard of it. */
void moot_compare_pong(struct moot_node *n, struct node_link *l,
                       const struct moot_ping *p);
void moot_compare_review(struct moot_node *n, struct moot_effects *fx);
moot_ms moot_compare_deadline(const struct moot_node *n);

/* --- observe.c: where others see us --- */

/* The one at the other end of l, which is up, sees us come from that host. */
void moot_observe(struct moot_node *n, struct node_link *l, const char *host,
                  struct moot_effects *fx);

/* --- beacon.c: the local network --- */

void moot_beacon_heard(struct moot_node *n, const struct moot_ev_beacon *ev,
                       struct moot_effects *fx);

/* --- eager.c --- */

/* Does a new entry go to this link at once?  (A full mesh: to every one.) */
bool moot_eager(const struct moot_node *n, const struct node_link *l);

/* answer.c */

/* How others find it, as one is told who asks from there. */
void moot_answer_list(const struct moot_member *m,
                      const struct moot_addr *local,
                      const struct moot_addr *asker, struct moot_listed *l);
void moot_answered_fini(struct moot_node *n);

/* Keeps all but the end of it, with as many members as there is room for. */
void moot_answered_keep(struct node_answered *k, struct moot_answer *a,
                        size_t max, uint64_t print);
/* Appends it for who asked with this nonce, and signs it. */
void moot_answered_give(const struct node_answered *k,
                        const struct moot_key *key, const char *nonce,
                        struct moot_buf *json,
                        char signature[MOOT_HEX_LEN + 1 + 128 + 1]);

#endif
