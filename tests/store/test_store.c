/*
 * tests/store/test_store.c - the store behind its threads: what is put is told
 * to be safe when it is, what is asked is read, and a disk that fails delays
 * both and loses nothing.
 *
 * The disk is one in memory that fails when it is told to.
 *
 * Layer:  tests.
 * Thread: main is the loop's.
 */
#include "store/store.h"

#include <ev.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "crashvfs.h"
#include "loop/log.h"
#include "store_words.h"

Suite *suite_store_store(void);

#define DISK "slow"
#define PATH "history.db"
#define SEEN_MAX 64

struct seen {
    enum moot_event_kind kind;
    moot_token token;
    unsigned count;
    uint64_t seq;
    char text[400];
};

static struct ev_loop *loop;
static struct crash_disk *disk;
static struct moot_store *store;
static struct moot_sink sink;
static struct speaker alice, bob;
static struct seen seen[SEEN_MAX];
static unsigned seen_count, inside;
static moot_token token;
static int silent;

static void take(void *ctx, const struct moot_event *ev)
{
    struct seen *s = &seen[seen_count++];

    (void)ctx;
    expect(seen_count < SEEN_MAX);
    expect_uint(inside, 0);
    memset(s, 0, sizeof *s);
    s->kind = ev->kind;
    if (ev->kind == MOOT_EV_STORED)
        s->token = ev->stored.token;
    else if (ev->kind == MOOT_EV_STORE_FAILED)
        strcpy(s->text, ev->store_failed.why);
    else if (ev->kind == MOOT_EV_DAMAGED)
        s->seq = ev->damaged.seq;
    if (ev->kind != MOOT_EV_FETCHED)
        return;
    s->token = ev->fetched.token;
    s->count = ev->fetched.count;
    for (unsigned i = 0; i < s->count; i++) {
        strcat(s->text, text_of(ev->fetched.entries[i]));
        strcat(s->text, "|");
    }
}

static void open_store(uint64_t bytes_max)
{
    struct moot_store_config c = {.loop = loop,
                                  .sink = &sink,
                                  .path = PATH,
                                  .vfs = DISK,
                                  .own = alice.key.id,
                                  .bytes_max = bytes_max,
                                  .pace = 1};

    moot_db_close(open_db(PATH, DISK, &alice));
    store = moot_store_open(&c);
}

static void set_up(void)
{
    seen_count = inside = 0;
    token = 0;
    silent = open("/dev/null", O_WRONLY | O_CLOEXEC);
    moot_log_set_fd(silent);
    loop = ev_loop_new(EVFLAG_AUTO);
    disk = crash_disk_create(DISK, 1);
    sink = (struct moot_sink){take, NULL};
    speaker_init(&alice, 1, 7);
    speaker_init(&bob, 2, 8);
    open_store(1 << 30);
}

static void tear_down(void)
{
    moot_store_close(store, 1000);
    crash_disk_destroy(disk);
    ev_loop_destroy(loop);
    moot_log_set_fd(2);
    close(silent);
}

/* --- words --- */

static moot_token give(struct moot_entry *e, bool hurry)
{
    inside++;
    moot_store_put(store, e, ++token, hurry);
    inside--;
    moot_entry_unref(e);
    return token;
}

static moot_token ask(const struct speaker *s, uint64_t from, uint64_t to)
{
    struct moot_fx_fetch what = {.token = ++token,
                                 .range = range_of(s, from, to),
                                 .bytes_max = 1 << 20,
                                 .group = s->group};

    inside++;
    moot_store_fetch(store, &what);
    inside--;
    return token;
}

static bool has_come(void *ctx)
{
    enum moot_event_kind kind = *(enum moot_event_kind *)ctx;

    ev_run(loop, EVRUN_NOWAIT);
    for (unsigned i = 0; i < seen_count; i++)
        if (seen[i].kind == kind)
            return true;
    return false;
}

static const struct seen *until(enum moot_event_kind kind)
{
    expect_until(has_come, &kind, 10000);
    for (unsigned i = 0;; i++)
        if (seen[i].kind == kind)
            return &seen[i];
}

static bool is_told(void *ctx)
{
    moot_token t = *(moot_token *)ctx;

    ev_run(loop, EVRUN_NOWAIT);
    for (unsigned i = 0; i < seen_count; i++)
        if (seen[i].token >= t &&
            (seen[i].kind == MOOT_EV_STORED || seen[i].kind == MOOT_EV_FETCHED))
            return true;
    return false;
}

static const struct seen *until_told(moot_token t)
{
    expect_until(is_told, &t, 10000);
    for (unsigned i = 0;; i++)
        if (seen[i].token >= t)
            return &seen[i];
}

static unsigned count_of(enum moot_event_kind kind)
{
    unsigned count = 0;

    for (unsigned i = 0; i < seen_count; i++)
        count += seen[i].kind == kind;
    return count;
}

static void close_store(void)
{
    expect_uint(moot_store_close(store, 10000), 0);
    store = NULL;
}

/* What the disk holds, after a power cut. */
static const char *kept_after_a_cut(const struct speaker *s)
{
    static struct moot_db_page page;
    struct moot_range r = range_of(s, 1, 1000);
    struct moot_db *db;
    const char *texts;

    crash_power_cut(disk);
    moot_store_close(store, 1000);
    store = NULL;
    crash_power_back(disk);
    db = open_db(PATH, DISK, &alice);
    expect_ok(moot_db_read(db, &s->group, &r, 1 << 20, &page));
    texts = texts_of(&page);
    moot_db_close(db);
    moot_db_page_fini(&page);
    return texts;
}

/* --- while all is well --- */

START_TEST(what_is_told_to_be_stored_survives_a_power_cut)
{
    give(say(&alice, "one"), true);
    until_told(give(say(&alice, "two"), true));
    expect_text(kept_after_a_cut(&alice), "one|two|");
}
END_TEST

START_TEST(what_nobody_waits_for_is_stored_soon)
{
    give(say(&bob, "one"), false);
    until_told(give(say(&bob, "two"), false));
    expect_uint(count_of(MOOT_EV_STORED), 1);
    expect_text(kept_after_a_cut(&bob), "one|two|");
}
END_TEST

START_TEST(what_waits_goes_along_in_its_order_with_what_is_in_a_hurry)
{
    give(say(&bob, "cited"), false);
    until_told(give(say(&alice, "citing"), true));
    expect_uint(count_of(MOOT_EV_STORED), 1);
    expect_text(kept_after_a_cut(&bob), "cited|");
}
END_TEST

/* Two in a row, while the writer rests or does not.  In how many pieces? */
static unsigned pieces_of_two(void)
{
    seen_count = 0;
    give(say(&alice, "one"), true);
    until_told(give(say(&alice, "two"), true));
    return count_of(MOOT_EV_STORED);
}

START_TEST(who_keeps_the_writer_busy_shares_a_transaction)
{
    unsigned rounds = 0;

    expect_uint(pieces_of_two(), 2);
    while (pieces_of_two() != 1)
        expect_turn(++rounds < 10000, "it never rests");
}
END_TEST

START_TEST(what_is_stored_is_fetched)
{
    give(say(&alice, "one"), true);
    until_told(give(say(&alice, "two"), true));
    expect_text(until_told(ask(&alice, 1, 9))->text, "one|two|");
    expect_uint(until_told(ask(&bob, 1, 9))->count, 0);
    expect_uint(count_of(MOOT_EV_DAMAGED), 0);
}
END_TEST

START_TEST(fetches_are_answered_in_the_order_asked)
{
    moot_token first;

    give(say(&alice, "one"), true);
    until_told(give(say(&alice, "two"), true));
    seen_count = 0;
    first = ask(&alice, 1, 1);
    ask(&alice, 2, 2);
    until_told(ask(&alice, 1, 2));
    expect_uint(seen_count, 3);
    for (unsigned i = 0; i < 3; i++)
        expect_uint(seen[i].token, first + i);
}
END_TEST

START_TEST(closing_stores_what_waits)
{
    give(say(&bob, "one"), false);
    give(say(&alice, "two"), true);
    give(say(&alice, "three"), false);
    close_store();
    open_store(1 << 30);
    expect_text(kept_after_a_cut(&alice), "two|three|");
}
END_TEST

START_TEST(a_group_is_remembered_and_a_run_ended)
{
    struct moot_fx_remember lobby = {.group = bob.group, .name = "lobby"};
    struct moot_fx_end_run end = {.group = bob.group,
                                  .in = run_of(&bob),
                                  .seq = 1,
                                  .proof = moot_bytes_text("proof")};
    struct moot_pasts pasts;
    struct moot_db *db;

    moot_store_remember(store, &lobby);
    give(say(&bob, "one"), false);
    moot_store_end_run(store, &end, ++token);
    until_told(token);
    close_store();
    db = open_db(PATH, DISK, &alice);
    expect_ok(moot_db_pasts(db, 5, &pasts));
    expect_text(pasts.at[0].name, "lobby");
    expect_uint(pasts.at[0].chains[0].len, 0);
    expect_bytes(pasts.at[0].chains[0].fork, moot_bytes_text("proof"));
    moot_pasts_fini(&pasts);
    moot_db_close(db);
}
END_TEST

/* --- a disk that fails --- */

static void fails_then_is_back(enum crash_fault fault, bool flush,
                               const char *phrase)
{
    until_told(give(say(&alice, "one"), true));
    crash_plan(disk, 1, fault, flush);
    give(say(&alice, "two"), true);
    expect_text(until(MOOT_EV_STORE_FAILED)->text, phrase);
    give(say(&bob, "meanwhile"), false);
    expect_uint(count_of(MOOT_EV_STORED), 1);
    crash_plan(disk, 0, CRASH_NONE, false);
    until(MOOT_EV_STORE_BACK);
    expect_uint(count_of(MOOT_EV_STORE_FAILED), 1);
    expect_uint(count_of(MOOT_EV_STORE_BACK), 1);
    expect_uint(seen[seen_count - 1].kind, MOOT_EV_STORE_BACK);
    expect_uint(seen[seen_count - 2].kind, MOOT_EV_STORED);
    until_told(token);
    expect_text(kept_after_a_cut(&alice), "one|two|");
}

START_TEST(a_full_disk_is_told_once_and_all_is_kept_until_there_is_room)
{
    fails_then_is_back(CRASH_FULL, false, "the disk is full");
}
END_TEST

START_TEST(a_flush_that_fails_is_not_taken_for_one_that_worked)
{
    fails_then_is_back(CRASH_EIO, true, "the disk reports an error");
}
END_TEST

START_TEST(a_write_that_fails_is_done_again)
{
    fails_then_is_back(CRASH_EIO, false, "the disk reports an error");
}
END_TEST

START_TEST(while_nothing_can_be_written_it_is_read)
{
    until_told(give(say(&alice, "one"), true));
    crash_plan(disk, 1, CRASH_FULL, false);
    give(say(&alice, "two"), true);
    until(MOOT_EV_STORE_FAILED);
    expect_text(until_told(ask(&alice, 1, 9))->text, "one|");
    crash_plan(disk, 0, CRASH_NONE, false);
    until(MOOT_EV_STORE_BACK);
}
END_TEST

START_TEST(closing_tells_what_could_not_be_made_safe)
{
    until_told(give(say(&alice, "one"), true));
    crash_power_cut(disk);
    give(say(&alice, "two"), true);
    give(say(&alice, "three"), false);
    expect_uint(moot_store_close(store, 10000), 2);
    store = NULL;
}
END_TEST

/* --- damage and growth --- */

/* Behind the back of the store. */
static void meddle(const char *sql)
{
    sqlite3 *other;

    expect_int(sqlite3_open_v2(PATH, &other, SQLITE_OPEN_READWRITE, DISK),
               SQLITE_OK);
    expect_int(sqlite3_exec(other, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
}

START_TEST(a_damaged_entry_is_told_and_heals_when_it_is_put_again)
{
    struct moot_entry *two;

    give(say(&alice, "one"), true);
    two = say(&alice, "two");
    give(moot_entry_ref(two), true);
    until_told(give(say(&alice, "three"), true));
    meddle("UPDATE entries SET sum = x'00' WHERE seq = 2");
    expect_text(until_told(ask(&alice, 1, 9))->text, "one|");
    expect_uint(until(MOOT_EV_DAMAGED)->seq, 2);
    until_told(give(two, true));
    expect_text(until_told(ask(&alice, 1, 9))->text, "one|two|three|");
}
END_TEST

/* Two entries in one place: a history that lost its head, say, and goes on in
 * the same run. */
static struct moot_entry *another_first(struct speaker *s)
{
    struct speaker again = *s;

    again.seq = again.lamport = 0;
    again.head = (struct moot_hash){{0}};
    return say(&again, "another one");
}

START_TEST(what_does_not_fit_what_is_kept_is_told_as_lost)
{
    until_told(give(say(&bob, "one"), true));
    until_told(give(another_first(&bob), false));
    expect_uint(until(MOOT_EV_DAMAGED)->seq, 1);
    expect_uint(seen[seen_count - 2].kind, MOOT_EV_STORED);
    expect_uint(count_of(MOOT_EV_STORE_FAILED), 0);
    expect_text(until_told(ask(&bob, 1, 9))->text, "one|");
}
END_TEST

START_TEST(an_own_line_that_does_not_fit_is_never_called_safe)
{
    until_told(give(say(&alice, "one"), true));
    give(another_first(&alice), true);
    expect_text(until(MOOT_EV_STORE_FAILED)->text,
                moot_db_trouble_text(MOOT_DB_DAMAGED));
    expect_text(until_told(ask(&alice, 1, 9))->text, "one|");
    expect_uint(count_of(MOOT_EV_STORED), 1);
    expect_uint(moot_store_close(store, 1000), 1);
    store = NULL;
}
END_TEST

START_TEST(the_slow_scan_tells_what_nobody_asked_for)
{
    until_told(give(say(&alice, "one"), true));
    close_store();
    meddle("UPDATE entries SET body = x'00'");
    open_store(1 << 30);
    expect_uint(until(MOOT_EV_DAMAGED)->seq, 1);
}
END_TEST

START_TEST(a_history_that_grows_is_told_of_and_then_pruned)
{
    uint64_t usage = UINT64_MAX;
    struct moot_db *db;

    close_store();
    open_store(1 << 20);
    for (unsigned i = 0; i < 600; i++)
        give(say_long(&bob, 4000), false);
    until_told(give(say(&alice, "mine"), true));
    until(MOOT_EV_STORE_NEARLY_FULL);
    for (unsigned i = 0; i < 20; i++)
        until_told(give(say(&alice, "mine"), true));
    expect_uint(count_of(MOOT_EV_STORE_NEARLY_FULL), 1);
    close_store();
    db = open_db(PATH, DISK, &alice);
    expect_ok(moot_db_usage(db, &usage));
    moot_db_close(db);
    expect(usage < (1 << 20) + (1 << 18));
}
END_TEST

Suite *suite_store_store(void)
{
    Suite *s = suite_create("store/store");
    TCase *t = tcase_create("store");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, what_is_told_to_be_stored_survives_a_power_cut);
    tcase_add_test(t, what_nobody_waits_for_is_stored_soon);
    tcase_add_test(t,
                   what_waits_goes_along_in_its_order_with_what_is_in_a_hurry);
    tcase_add_test(t, who_keeps_the_writer_busy_shares_a_transaction);
    tcase_add_test(t, what_is_stored_is_fetched);
    tcase_add_test(t, fetches_are_answered_in_the_order_asked);
    tcase_add_test(t, closing_stores_what_waits);
    tcase_add_test(t, a_group_is_remembered_and_a_run_ended);
    tcase_add_test(
        t, a_full_disk_is_told_once_and_all_is_kept_until_there_is_room);
    tcase_add_test(t, a_flush_that_fails_is_not_taken_for_one_that_worked);
    tcase_add_test(t, a_write_that_fails_is_done_again);
    tcase_add_test(t, while_nothing_can_be_written_it_is_read);
    tcase_add_test(t, closing_tells_what_could_not_be_made_safe);
    tcase_add_test(t, a_damaged_entry_is_told_and_heals_when_it_is_put_again);
    tcase_add_test(t, what_does_not_fit_what_is_kept_is_told_as_lost);
    tcase_add_test(t, an_own_line_that_does_not_fit_is_never_called_safe);
    tcase_add_test(t, the_slow_scan_tells_what_nobody_asked_for);
    tcase_add_test(t, a_history_that_grows_is_told_of_and_then_pruned);
    suite_add_tcase(s, t);
    return s;
}
