/*
 * boot/book.h - the address book: what is remembered of peers from one run to
 * the next, and when it is forgotten.
 *
 * A book is a struct moot_peers.  What a process learns is noted in a small
 * book of its own, the news, whose counters say only what was added; whoever
 * holds the file's lock reads the file, merges the news into it and writes it
 * back, so that no process undoes what another one noted.
 *
 *     contact --note()--> news --merge()--> the book in the file
 *
 * Which addresses enter: none that nobody can dial (0.0.0.0, ::).  A loopback
 * address means another machine to everybody else, so it enters only when
 * whoever told it was reached over the loopback himself (.here): the other end
 * of a link, or the server of a list, that is on this very host.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_BOOT_BOOK_H
#define MOOT_BOOT_BOOK_H

#include "wire/peers.h"

#define MOOT_BOOK_STRIKES 3 /* failures in a row that mark a peer */

/* Failures of one moment are one strike: many processes may have tried. */
#define MOOT_BOOK_STRIKE_MS 10000

#define MOOT_BOOK_WORKING_MIN 2 /* with fewer than these, nobody is removed */
#define MOOT_BOOK_STALE_MS ((moot_wall_ms)24 * 3600 * 1000)

enum moot_contact_kind {
    MOOT_CONTACT_MET,   /* we dialled or asked it there, and it was there */
    MOOT_CONTACT_HEARD, /* it is live, and can perhaps be reached there */
    MOOT_CONTACT_FAILED /* we tried, and it was not */
};

/* What happened with one address. */
struct moot_contact {
    enum moot_contact_kind kind;
    moot_wall_ms at;
    bool here;             /* told by somebody on this very host */
    struct moot_peer peer; /* the counters and last_seen mean nothing; what is
                              not known is left empty */
};

/* May the address enter at all? */
bool moot_book_admits(const struct moot_addr *a, bool here);

/*
 * Notes a contact in the news, unless its address may not enter, or there is no
 * room in the news.  A failure of an address that is in no book does nothing
 * when it is merged: nobody is entered for failing.
 */
void moot_book_note(struct moot_peers *news, const struct moot_contact *c);

/* Notes a breaker: replaces what was said of that source, unless there is no
 * room, or the source has a name that cannot be kept. */
void moot_book_trip(struct moot_peers *news, const struct moot_tripped *t);

/* Adds what was noted later to the news, for news that could not be merged. */
void moot_book_append(struct moot_peers *news, const struct moot_peers *later);

/*
 * Adds the news (NULL: none) to the book: counters are added, the later times
 * stay, what is known later replaces what was known.  Then sees to the book's
 * rules: two peers of one address become one; times in the future become now;
 * marked peers go while MOOT_BOOK_WORKING_MIN others work, that is were met and
 * are not marked; at most MOOT_PEERS_MAX stay, the best; breakers that are a
 * day old go; and all is in order, best first.
 */
void moot_book_merge(struct moot_peers *book, const struct moot_peers *news,
                     moot_wall_ms now);

/* Nobody in it was seen for a day: others are to be asked as well. */
bool moot_book_stale(const struct moot_peers *book, moot_wall_ms now);

/* Failed MOOT_BOOK_STRIKES times in a row. */
bool moot_book_marked(const struct moot_peer *p);

/* Below zero when a is to be tried before b: those that work before those
 * that are marked, then who was seen last, then who failed less often. */
int moot_book_order(const struct moot_peer *a, const struct moot_peer *b);

#endif
