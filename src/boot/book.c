/*
 * boot/book.c - the rules of the address book.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#include "boot/book.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* --- one peer --- */

bool moot_book_admits(const struct moot_addr *a, bool here)
{
    if (a->port == 0 || a->host[0] == '\0' || moot_addr_wildcard(a))
        return false;
    return here || !moot_addr_loopback(a);
}

bool moot_book_marked(const struct moot_peer *p)
{
    return p->failures_in_row >= MOOT_BOOK_STRIKES;
}

/* Somebody of this machine has reached it, and it may well be there now. */
static bool is_working(const struct moot_peer *p)
{
    return p->success_count > 0 && !moot_book_marked(p);
}

static int addr_order(const struct moot_addr *a, const struct moot_addr *b)
{
    int hosts = strcmp(a->host, b->host);

    return hosts != 0 ? hosts : (a->port > b->port) - (a->port < b->port);
}

/* The share of failures: a/(a+b) against c/(c+d), in 128 bits because counters
 * are large. */
static int failing_order(const struct moot_peer *a, const struct moot_peer *b)
{
    unsigned __int128 of_a = a->failure_count, of_b = b->failure_count;

    of_a *= (unsigned __int128)b->failure_count + b->success_count + 1;
    of_b *= (unsigned __int128)a->failure_count + a->success_count + 1;
    return (of_a > of_b) - (of_a < of_b);
}

int moot_book_order(const struct moot_peer *a, const struct moot_peer *b)
{
    int order = moot_book_marked(a) - moot_book_marked(b);

    if (order == 0)
        order = (a->last_seen < b->last_seen) - (a->last_seen > b->last_seen);
    if (order == 0)
        order = (a->success_count == 0) - (b->success_count == 0);
    if (order == 0)
        order = failing_order(a, b);
    return order != 0 ? order : addr_order(&a->addr, &b->addr);
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a + b < MOOT_COUNT_MAX ? a + b : MOOT_COUNT_MAX;
}

/* Many processes try at once when a network goes: that is one strike. */
static uint64_t new_strikes(const struct moot_peer *old,
                            const struct moot_peer *from)
{
    moot_wall_ms between = from->last_failed - old->last_failed;

    if (old->failures_in_row == 0 || from->failures_in_row != 1 ||
        between >= MOOT_BOOK_STRIKE_MS || between <= -MOOT_BOOK_STRIKE_MS)
        return from->failures_in_row;
    return 0;
}

/* A success ends a row of failures, but not of those that came after it. */
static void add_strikes(struct moot_peer *p, const struct moot_peer *from)
{
    if (from->success_count > 0 && from->last_seen >= p->last_failed)
        p->failures_in_row = from->failures_in_row;
    else if (p->success_count == 0 || from->last_failed >= p->last_seen)
        p->failures_in_row = sum(p->failures_in_row, new_strikes(p, from));
}

static void know_better(struct moot_peer *p, const struct moot_peer *from)
{
    if (from->has_id) {
        p->has_id = true;
        p->id = from->id;
    }
    if (from->has_group) {
        p->has_group = true;
        p->group = from->group;
        memcpy(p->group_name, from->group_name, sizeof p->group_name);
    }
    if (from->name[0] != '\0')
        memcpy(p->name, from->name, sizeof p->name);
    if (from->has_id || from->boot.port != 0)
        p->boot = from->boot;
}

/* Adds what `from` says of the same address. */
static void absorb(struct moot_peer *p, const struct moot_peer *from)
{
    add_strikes(p, from);
    if (from->last_seen > 0 && from->last_seen >= p->last_seen)
        know_better(p, from);
    p->success_count = sum(p->success_count, from->success_count);
    p->failure_count = sum(p->failure_count, from->failure_count);
    if (from->last_seen > p->last_seen)
        p->last_seen = from->last_seen;
    if (from->last_failed > p->last_failed)
        p->last_failed = from->last_failed;
}

/* --- the news --- */

static struct moot_peer *find(struct moot_peers *news,
                              const struct moot_addr *addr)
{
    for (unsigned i = 0; i < news->peer_count; i++)
        if (moot_addr_eq(&news->peers[i].addr, addr))
            return &news->peers[i];
    return NULL;
}

void moot_book_note(struct moot_peers *news, const struct moot_contact *c)
{
    struct moot_peer one = c->peer;
    struct moot_peer *there = find(news, &c->peer.addr);
    bool failed = c->kind == MOOT_CONTACT_FAILED;

    if (!moot_book_admits(&one.addr, c->here))
        return;
    if (!moot_book_admits(&one.boot, c->here))
        memset(&one.boot, 0, sizeof one.boot);
    one.last_seen = failed ? 0 : c->at;
    one.last_failed = failed ? c->at : 0;
    one.success_count = c->kind == MOOT_CONTACT_MET;
    one.failure_count = one.failures_in_row = failed;
    if (there != NULL)
        absorb(there, &one);
    else if (news->peer_count < MOOT_PEERS_MAX)
        moot_peers_add(news, &one);
}

void moot_book_trip(struct moot_peers *news, const struct moot_tripped *t)
{
    if (!moot_source_valid(moot_bytes_text(t->source)))
        return;
    for (unsigned i = 0; i < news->tripped_count; i++) {
        if (strcmp(news->tripped[i].source, t->source) != 0)
            continue;
        news->tripped[i] = *t;
        return;
    }
    if (news->tripped_count < MOOT_TRIPPED_MAX)
        moot_peers_add_tripped(news, t);
}

/* --- the book --- */

/* A peer of the book, or what the news says of one. */
struct item {
    const struct moot_peer *peer;
    bool is_news;
    unsigned at; /* so that sorting keeps the order of what is equal */
};

static int item_order(const void *one, const void *other)
{
    const struct item *a = one, *b = other;
    int order = addr_order(&a->peer->addr, &b->peer->addr);

    return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

static int peer_order(const void *one, const void *other)
{
    return moot_book_order(one, other);
}

static unsigned list_items(const struct moot_peers *p, bool is_news,
                           struct item *items, unsigned count)
{
    for (unsigned i = 0; i < p->peer_count; i++, count++)
        items[count] = (struct item){&p->peers[i], is_news, count};
    return count;
}

/* All of both, each address once; out has room for them. */
static unsigned fold(struct item *items, unsigned count, struct moot_peer *out)
{
    unsigned kept = 0;

    qsort(items, count, sizeof *items, item_order);
    for (unsigned i = 0; i < count; i++) {
        const struct moot_peer *p = items[i].peer;

        if (kept > 0 && moot_addr_eq(&out[kept - 1].addr, &p->addr))
            absorb(&out[kept - 1], p);
        else if (!items[i].is_news || p->last_seen > 0)
            out[kept++] = *p;
    }
    return kept;
}

void moot_book_append(struct moot_peers *news, const struct moot_peers *later)
{
    unsigned max = news->peer_count + later->peer_count;
    struct moot_peer *all = moot_alloc((max + 1) * sizeof *all);
    struct item *items = moot_alloc((max + 1) * sizeof *items);
    unsigned count = list_items(news, false, items, 0);

    count = list_items(later, false, items, count);
    count = fold(items, count, all);
    free(items);
    free(news->peers);
    news->peers = all;
    news->peer_count = count < MOOT_PEERS_MAX ? count : MOOT_PEERS_MAX;
    news->peer_max = max + 1;
    for (unsigned i = 0; i < later->tripped_count; i++)
        moot_book_trip(news, &later->tripped[i]);
}

/* What another clock wrote, or a hand. */
static void straighten(struct moot_peer *p, moot_wall_ms now)
{
    if (p->last_seen > now)
        p->last_seen = now;
    if (p->last_failed > now)
        p->last_failed = now;
    if (!moot_book_admits(&p->boot, true))
        memset(&p->boot, 0, sizeof p->boot);
}

/* Those nobody could dial, and those who failed too often. */
static unsigned weed(struct moot_peer *peers, unsigned count, moot_wall_ms now)
{
    unsigned working = 0, kept = 0;

    for (unsigned i = 0; i < count; i++)
        working += is_working(&peers[i]);
    for (unsigned i = 0; i < count; i++) {
        struct moot_peer *p = &peers[i];

        if (!moot_book_admits(&p->addr, true) ||
            (moot_book_marked(p) && working >= MOOT_BOOK_WORKING_MIN))
            continue;
        straighten(p, now);
        peers[kept++] = *p;
    }
    return kept;
}

static void merge_peers(struct moot_peers *book, const struct moot_peers *news,
                        moot_wall_ms now)
{
    unsigned max = book->peer_count + news->peer_count;
    struct moot_peer *all = moot_alloc((max + 1) * sizeof *all);
    struct item *items = moot_alloc((max + 1) * sizeof *items);
    unsigned count;

    for (unsigned i = 0; i < book->peer_count; i++)
        straighten(&book->peers[i], now);
    count = list_items(book, false, items, 0);
    count = list_items(news, true, items, count);
    count = fold(items, count, all);
    count = weed(all, count, now);
    qsort(all, count, sizeof *all, peer_order);
    free(items);
    free(book->peers);
    book->peers = all;
    book->peer_count = count < MOOT_PEERS_MAX ? count : MOOT_PEERS_MAX;
    book->peer_max = max + 1;
}

/* --- breakers --- */

static int tripped_order(const void *one, const void *other)
{
    const struct moot_tripped *a = one, *b = other;
    int order = (a->opened < b->opened) - (a->opened > b->opened);

    return order != 0 ? order : strcmp(a->source, b->source);
}

static void straighten_tripped(struct moot_tripped *t, moot_wall_ms now)
{
    if (t->opened > now)
        t->opened = now;
    if (t->wait < 0 || t->wait > MOOT_TRIPPED_WAIT_MAX)
        t->wait = MOOT_TRIPPED_WAIT_MAX;
    if (t->failures > MOOT_COUNT_MAX)
        t->failures = MOOT_COUNT_MAX;
}

static void merge_tripped(struct moot_peers *book,
                          const struct moot_peers *news, moot_wall_ms now)
{
    unsigned max = book->tripped_count + news->tripped_count, count = 0;
    struct moot_tripped *all = moot_alloc((max + 1) * sizeof *all);

    for (unsigned i = 0; i < max; i++) {
        const struct moot_tripped *t =
            i < news->tripped_count ? &news->tripped[i]
                                    : &book->tripped[i - news->tripped_count];
        bool there = false;

        for (unsigned k = 0; k < count && !there; k++)
            there = strcmp(all[k].source, t->source) == 0;
        if (there)
            continue;
        all[count] = *t;
        straighten_tripped(&all[count++], now);
    }
    qsort(all, count, sizeof *all, tripped_order);
    free(book->tripped);
    book->tripped = all;
    book->tripped_max = max + 1;
    book->tripped_count = 0;
    for (unsigned i = 0; i < count && book->tripped_count < MOOT_TRIPPED_MAX;
         i++)
        if (all[i].failures > 0 && all[i].opened > now - MOOT_BOOK_STALE_MS)
            all[book->tripped_count++] = all[i];
}

/* --- the whole --- */

void moot_book_merge(struct moot_peers *book, const struct moot_peers *news,
                     moot_wall_ms now)
{
    static const struct moot_peers nothing;
    bool added = news != NULL && news->peer_count + news->tripped_count > 0;

    if (news == NULL)
        news = &nothing;
    merge_peers(book, news, now);
    merge_tripped(book, news, now);
    if (added || book->updated > now)
        book->updated = now;
}

bool moot_book_stale(const struct moot_peers *book, moot_wall_ms now)
{
    for (unsigned i = 0; i < book->peer_count; i++)
        if (book->peers[i].last_seen > now - MOOT_BOOK_STALE_MS)
            return false;
    return true;
}
