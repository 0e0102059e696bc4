/*
 * tests/boot/boot_words.h - a mind that looks for others, and what it asks for.
 *
 * The mind under test is M's; its endpoints are at h0:8080, h1:8080, ...  What
 * it asks for is gathered as text, a line for each effect:
 *
 *     ask h0:8080             ASK             dial B pinned       DIAL
 *     read https://...        READ            look up a.example   LOOKUP
 *     tripped h0:8080         TRIPPED         healed h0:8080      likewise
 *     probe B                 PROBE           adopt 22 lobby      ADOPT
 *     standing waiting        STANDING        ready               READY
 *     progress: ..., notice: ...              fail 5: ...         FAIL
 *
 * Layer:  tests.
 * Thread: the main thread of a test.
 */
#ifndef MOOT_TESTS_BOOT_WORDS_H
#define MOOT_TESTS_BOOT_WORDS_H

#include <check.h>

#include "boot/boot_internal.h"
#include "cast.h"
#include "words.h"

#define SEEKER_GROUP 0x50 /* our own group, in hash_of()'s sense */
#define OTHER_GROUP 0x22

struct seeker {
    struct moot_boot *b;
    struct moot_boot_effects fx;
    struct moot_rng rng;
    moot_ms now;
    struct moot_buf noted; /* of bootstrap sockets, for the address book */
    struct moot_buf text;  /* what was asked for since the last look */
    uint64_t asks[MOOT_ENDPOINTS_MAX]; /* the newest token of each endpoint */
    char nonces[MOOT_ENDPOINTS_MAX][33];
    uint64_t dials[26]; /* of each letter */
    /* The newest of each kind. */
    struct moot_boot_effect ask, read, lookup, tripped, dial, probe;

    /* How the next answers look. */
    uint8_t group;
    const char *name;
    enum moot_weight weight;
    bool hosted; /* by a directory, which is not among the members: */
    char by;     /* ... whose it is; 0: D's */

    /* While time passes, every endpoint answers so at once; NULL: it does
     * not.  One that is dead fails so instead; MOOT_EAGAIN: it says nothing. */
    const char *always;
    int dead[MOOT_ENDPOINTS_MAX];
    uint64_t answered[MOOT_ENDPOINTS_MAX];
};

struct seeker_options {
    unsigned endpoints;
    bool partial, group_asked, closed;
    moot_ms timeout;              /* 0: 10 s */
    bool known;                   /* we were in the group before */
    const struct moot_pins *pins; /* of each endpoint */
    const struct moot_way *ways;
    unsigned way_count;
    const struct moot_tripped *tripped;
    unsigned tripped_count;
};

/* Created at 100 s and not started. */
void seeker_create(struct seeker *s, const struct seeker_options *o);
/* With so many endpoints, strict, started. */
void seeker_begin(struct seeker *s, unsigned endpoints);
void seeker_end(struct seeker *s);
/* Alone, and so joined at once; nothing is left to look at. */
void seeker_begin_joined(struct seeker *s);

#define expect_sought(s, want) expect_sought_of((s), NULL, (want))
/* Only the lines that begin with one of the words in kinds. */
#define expect_sought_of(s, kinds, want)                                       \
    expect_lines_at(__FILE__, __LINE__, "what was asked for", &(s)->text,      \
                    (kinds), (want))
void forget_sought(struct seeker *s);

/* --- events --- */

void seeker_step(struct seeker *s, struct moot_boot_event *ev);
void start(struct seeker *s);
/* Time passes; the timer fires when it is due and not before. */
void run_ms(struct seeker *s, moot_ms ms);
/* Runs until a line begins with text, at most max ms; how long it took, or -1.
 */
moot_ms ms_until(struct seeker *s, const char *text, moot_ms max);

/*
 * The endpoint answers.  It is the first one in members: a capital letter has
 * joined, a small one is joining, one behind a '?' waits.
 */
void answers(struct seeker *s, unsigned endpoint, const char *members);
/* The same in answer to this token and nonce. */
void answers_to(struct seeker *s, uint64_t token, const char *nonce,
                const char *members);
/* A directory says who is in our group, unasked. */
void lists(struct seeker *s, const char *members);
void ask_fails(struct seeker *s, unsigned endpoint, int why);

void dial_fails(struct seeker *s, char who, int why);
void dial_links(struct seeker *s, char who); /* our dial came up */
/* It dialled us, or another dial of ours found it. */
void links_itself(struct seeker *s, char who, uint64_t token);
void link_breaks(struct seeker *s, char who);
void goes(struct seeker *s, char who, bool left);
void verdict(struct seeker *s, char from, char who, bool alive);
void event(struct seeker *s, enum moot_boot_event_kind kind);

/* A live member; introducer 0: itself. */
void meets(struct seeker *s, char who, enum moot_standing standing, bool linked,
           char introducer);
/* The same for one who is not of the cast, at an address of its own. */
void meets_stranger(struct seeker *s, unsigned n, char introducer);

#endif
