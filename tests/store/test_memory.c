/*
 * tests/store/test_memory.c - what is put is found again, what is too much goes
 * body first, and the one who asked is told.
 *
 * Layer:  tests.
 * Thread: main is the loop's.
 */
#include "store/memory.h"

#include <ev.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "words.h"

Suite *suite_store_memory(void);

#define SEEN_MAX 64
#define ENTRIES_MAX 512

struct seen {
    enum moot_event_kind kind;
    moot_token token;
    unsigned count;
    uint64_t seqs[ENTRIES_MAX];
    unsigned bodies; /* how many of them had one */
};

static struct ev_loop *loop;
static struct moot_store *store;
static struct moot_key alice, bob;
static struct moot_sink sink;
static struct seen seen[SEEN_MAX];
static unsigned seen_count, depth;
static moot_token token;

static void take(void *ctx, const struct moot_event *ev)
{
    struct seen *s = &seen[seen_count++];

    (void)ctx;
    expect_uint(depth, 0);
    expect(seen_count < SEEN_MAX);
    memset(s, 0, sizeof *s);
    s->kind = ev->kind;
    if (ev->kind == MOOT_EV_STORED) {
        s->token = ev->stored.token;
        return;
    }
    expect_int(ev->kind, MOOT_EV_FETCHED);
    s->token = ev->fetched.token;
    s->count = ev->fetched.count;
    for (unsigned i = 0; i < s->count; i++) {
        s->seqs[i] = ev->fetched.entries[i]->seq;
        s->bodies += ev->fetched.entries[i]->body.data != NULL;
    }
}

static void open_store(size_t bytes_max)
{
    store = moot_store_open(loop, &sink, bytes_max);
}

static void set_up(void)
{
    const uint8_t one[32] = {1}, two[32] = {2};

    loop = ev_loop_new(EVFLAG_AUTO);
    moot_key_init(&alice, one);
    moot_key_init(&bob, two);
    sink = (struct moot_sink){take, NULL};
    seen_count = depth = 0;
    open_store(MOOT_STORE_BYTES_MAX);
}

static void tear_down(void)
{
    moot_store_close(store);
    ev_loop_destroy(loop);
}

/* An entry of one line of len bytes. */
static struct moot_entry *entry(const struct moot_key *k, uint64_t run,
                                uint64_t seq, size_t len)
{
    char *text = malloc(len);
    struct moot_line line = {MOOT_LINE_TEXT, {(uint8_t *)text, len}};
    struct moot_draft d;
    struct moot_entry *e;

    memset(text, 'x', len);
    memset(&d, 0, sizeof d);
    d.group = hash_of(1);
    d.in.author = k->id;
    d.in.run = run;
    d.seq = seq;
    if (seq > 1)
        d.prev = hash_of(2);
    d.lamport = seq;
    d.name = moot_bytes_text("alice");
    d.lines = &line;
    d.line_count = 1;
    e = moot_entry_create(&d, k);
    free(text);
    return e;
}

/* Puts an entry that nobody else holds on to. */
static moot_token put(struct moot_entry *e)
{
    depth++;
    moot_store_put(store, e, ++token, true);
    depth--;
    moot_entry_unref(e);
    return token;
}

static moot_token fetch(const struct moot_key *k, uint64_t run, uint64_t from,
                        uint64_t to, size_t bytes_max)
{
    struct moot_fx_fetch what = {.token = ++token, .bytes_max = bytes_max};

    what.range = (struct moot_range){{k->id, run}, from, to};

    depth++;
    moot_store_fetch(store, &what);
    depth--;
    return token;
}

static bool answered(void *ctx)
{
    ev_run(loop, EVRUN_NOWAIT);
    return seen_count > 0 && seen[seen_count - 1].token >= *(moot_token *)ctx;
}

/* What was said about the request of this token. */
static const struct seen *until(moot_token t)
{
    expect_until(answered, &t, 5000);
    return &seen[seen_count - 1];
}

START_TEST(what_is_put_is_found_again)
{
    moot_token stored = put(entry(&alice, 1, 1, 10));

    put(entry(&alice, 1, 2, 10));
    put(entry(&bob, 1, 1, 10));
    stored = put(entry(&alice, 2, 1, 10));
    expect_int(until(stored)->kind, MOOT_EV_STORED);

    const struct seen *s = until(fetch(&alice, 1, 1, UINT64_MAX, SIZE_MAX));

    expect_int(s->kind, MOOT_EV_FETCHED);
    expect_uint(s->count, 2);
    expect_uint(s->seqs[0], 1);
    expect_uint(s->seqs[1], 2);
    expect_uint(s->bodies, 2);
}
END_TEST

/* While one batch is with the thread, the rest gathers: a row of puts is told
 * of once, by its last token, and reads come where they were asked. */
START_TEST(everything_is_told_in_the_order_asked)
{
    moot_token read, last = 0;
    unsigned fetched = 0;

    for (uint64_t i = 1; i <= 20; i++)
        put(entry(&alice, 1, i, 10));
    read = fetch(&alice, 1, 15, 20, SIZE_MAX);
    for (uint64_t i = 21; i <= 40; i++)
        put(entry(&alice, 1, i, 10));
    until(token);
    for (unsigned i = 0; i < seen_count; i++) {
        expect(seen[i].token > last);
        last = seen[i].token;
        if (seen[i].kind == MOOT_EV_FETCHED) {
            fetched++;
            expect_uint(seen[i].token, read);
            expect_uint(seen[i].count, 6);
        }
    }
    expect_uint(fetched, 1);
    expect_uint(last, token);
    expect(seen_count <= 5);
}
END_TEST

/* MOOT_STORE_WAIT_MS: the entries of others are told of together. */
START_TEST(what_is_in_no_hurry_gathers)
{
    for (uint64_t i = 1; i <= 20; i++) {
        struct moot_entry *e = entry(&bob, 1, i, 10);

        moot_store_put(store, e, ++token, false);
        moot_entry_unref(e);
        if (i == 10)
            until(token);
        ev_run(loop, EVRUN_NOWAIT);
    }
    expect_int(until(token)->kind, MOOT_EV_STORED);
    expect(seen_count < 10);
}
END_TEST

START_TEST(a_hurry_takes_along_what_has_gathered)
{
    struct moot_entry *e = entry(&bob, 1, 1, 10);

    moot_store_put(store, e, ++token, false);
    moot_entry_unref(e);
    put(entry(&alice, 1, 1, 10));
    until(token);
    expect_uint(seen_count, 1);
    expect_uint(until(fetch(&bob, 1, 1, 1, SIZE_MAX))->count, 1);
}
END_TEST

START_TEST(a_range_ends_where_it_should)
{
    for (uint64_t i = 1; i <= 9; i++)
        put(entry(&alice, 1, i, 100));

    const struct seen *s = until(fetch(&alice, 1, 3, 5, SIZE_MAX));

    expect_uint(s->count, 3);
    expect_uint(s->seqs[0], 3);
    expect_uint(s->seqs[2], 5);
    /* After the entry that passes the bound. */
    expect_uint(until(fetch(&alice, 1, 3, 9, 1))->count, 1);
    expect_uint(until(fetch(&alice, 1, 3, 9, 0))->count, 0);
    expect_uint(until(fetch(&alice, 1, 9, 99, SIZE_MAX))->count, 1);
    expect_uint(until(fetch(&alice, 1, 10, 99, SIZE_MAX))->count, 0);
    expect_uint(until(fetch(&alice, 2, 1, 99, SIZE_MAX))->count, 0);
    expect_uint(until(fetch(&bob, 1, 1, 99, SIZE_MAX))->count, 0);
}
END_TEST

START_TEST(a_hole_ends_a_range)
{
    put(entry(&alice, 1, 5, 10));
    put(entry(&alice, 1, 1, 10));
    put(entry(&alice, 1, 2, 10));
    put(entry(&alice, 1, 6, 10));
    expect_uint(until(fetch(&alice, 1, 1, 9, SIZE_MAX))->count, 2);
    expect_uint(until(fetch(&alice, 1, 3, 9, SIZE_MAX))->count, 0);
    expect_uint(until(fetch(&alice, 1, 5, 9, SIZE_MAX))->count, 2);
}
END_TEST

START_TEST(an_entry_that_is_there_is_not_kept_twice)
{
    struct moot_entry *e = entry(&alice, 1, 1, 10);

    moot_store_put(store, e, ++token, true);
    moot_store_put(store, e, ++token, true);
    expect_uint(until(fetch(&alice, 1, 1, 9, SIZE_MAX))->count, 1);
    expect_uint(e->refs, 2);
    moot_entry_unref(e);
}
END_TEST

START_TEST(a_body_that_comes_later_is_kept)
{
    struct moot_entry *e = entry(&alice, 1, 1, 10);

    put(moot_entry_pruned(e));
    expect_uint(until(fetch(&alice, 1, 1, 9, SIZE_MAX))->bodies, 0);
    put(e);
    expect_uint(until(fetch(&alice, 1, 1, 9, SIZE_MAX))->bodies, 1);
}
END_TEST

/* MOOT_STORE_BYTES_MAX, made small: the oldest bodies go, headers stay. */
START_TEST(at_the_bound_the_oldest_bodies_go)
{
    const struct seen *s;

    moot_store_close(store);
    open_store(400 * 1024);
    for (uint64_t i = 1; i <= 200; i++)
        put(entry(&alice, 1, i, MOOT_LINE_LEN_MAX));
    s = until(fetch(&alice, 1, 1, 200, SIZE_MAX));
    expect_uint(s->count, 200);
    expect(s->bodies > 20);
    expect(s->bodies < 100);
    expect_uint(until(fetch(&alice, 1, 1, 1, SIZE_MAX))->bodies, 0);
    s = until(fetch(&alice, 1, 200 - 20, 200, SIZE_MAX));
    expect_uint(s->bodies, 21);
}
END_TEST

/* Those who hold an entry keep it, whatever the store does. */
START_TEST(an_entry_that_is_pruned_stays_with_those_who_hold_it)
{
    struct moot_entry *e = entry(&alice, 1, 1, 100);

    moot_store_close(store);
    open_store(1);
    moot_store_put(store, e, ++token, true);
    until(token);
    expect_uint(until(fetch(&alice, 1, 1, 1, SIZE_MAX))->bodies, 0);
    expect_uint(e->refs, 1);
    expect(e->body.data != NULL);
    moot_entry_unref(e);
}
END_TEST

START_TEST(closing_with_work_waiting_leaves_nothing)
{
    for (uint64_t i = 1; i <= 100; i++) {
        put(entry(&alice, 1, i, 1000));
        fetch(&alice, 1, 1, i, SIZE_MAX);
    }
    moot_store_close(store);
    moot_store_close(NULL);
    expect_uint(seen_count, 0);
    open_store(1);
}
END_TEST

Suite *suite_store_memory(void)
{
    Suite *s = suite_create("store/memory");
    TCase *t = tcase_create("entries");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, what_is_put_is_found_again);
    tcase_add_test(t, everything_is_told_in_the_order_asked);
    tcase_add_test(t, what_is_in_no_hurry_gathers);
    tcase_add_test(t, a_hurry_takes_along_what_has_gathered);
    tcase_add_test(t, a_range_ends_where_it_should);
    tcase_add_test(t, a_hole_ends_a_range);
    tcase_add_test(t, an_entry_that_is_there_is_not_kept_twice);
    tcase_add_test(t, a_body_that_comes_later_is_kept);
    tcase_add_test(t, at_the_bound_the_oldest_bodies_go);
    tcase_add_test(t, an_entry_that_is_pruned_stays_with_those_who_hold_it);
    tcase_add_test(t, closing_with_work_waiting_leaves_nothing);
    suite_add_tcase(s, t);
    return s;
}
