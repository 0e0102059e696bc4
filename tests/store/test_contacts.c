/*
 * tests/store/test_contacts.c - what a running peer learns reaches the cache
 * file in time, once, and is not lost while the file cannot be changed.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "store/contacts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/clock.h"
#include "store/cache.h"
#include "words.h"

Suite *suite_store_contacts(void);

#define HOUR_MS 3600000

static struct ev_loop *loop;
static struct moot_jobs *jobs;
static struct moot_contacts *contacts;
static char *dir, path[300];
static struct moot_buf said;
static struct moot_peers book;

static void set_up(void)
{
    loop = ev_loop_new(EVFLAG_AUTO);
    jobs = moot_jobs_open(loop, 2, 16);
    dir = temp_dir_create();
    snprintf(path, sizeof path, "%s/moot/peers.json", dir);
}

static void end(void)
{
    moot_jobs_close(jobs, 5000);
    moot_contacts_close(contacts);
    jobs = NULL;
    contacts = NULL;
}

static void tear_down(void)
{
    end();
    ev_loop_destroy(loop);
    moot_peers_fini(&book);
    moot_buf_fini(&said);
    temp_dir_destroy(dir);
}

static void say(void *ctx, const char *text)
{
    (void)ctx;
    moot_buf_printf(&said, "%s\n", text);
}

static void open_contacts(moot_ms soon, moot_ms every)
{
    struct moot_contacts_config c = {.loop = loop,
                                     .jobs = jobs,
                                     .path = path,
                                     .soon = soon,
                                     .every = every,
                                     .say = say};

    contacts = moot_contacts_open(&c);
}

static void note(const char *host, enum moot_contact_kind kind)
{
    struct moot_contact c = {.kind = kind, .at = moot_clock_wall()};

    moot_addr_set(&c.peer.addr, host, 1);
    moot_contacts_note(contacts, &c);
}

/* How often the host was met, says the file; -1: it is not there. */
static int64_t in_file(const char *host)
{
    char why[MOOT_WHY_MAX];

    moot_peers_fini(&book);
    moot_cache_read(path, moot_clock_wall(), &book, why);
    for (unsigned i = 0; i < book.peer_count; i++)
        if (strcmp(book.peers[i].addr.host, host) == 0)
            return (int64_t)book.peers[i].success_count;
    return -1;
}

static void give_up(struct ev_loop *l, ev_timer *w, int revents)
{
    (void)l;
    (void)revents;
    *(bool *)w->data = true;
}

/* Lets the loop turn until it is so; false when it was not in ten seconds. */
static bool turn_until(bool (*is_so)(void))
{
    bool late = false;
    ev_timer limit;

    ev_timer_init(&limit, give_up, 10., 0.);
    limit.data = &late;
    ev_timer_start(loop, &limit);
    while (!late && !is_so())
        ev_run(loop, EVRUN_ONCE);
    ev_timer_stop(loop, &limit);
    return !late;
}

static bool has_a(void)
{
    return in_file("a") >= 0;
}

static bool has_said(void)
{
    return said.len > 0;
}

START_TEST(what_is_new_is_kept_soon)
{
    open_contacts(1, HOUR_MS);
    note("b", MOOT_CONTACT_HEARD);
    note("a", MOOT_CONTACT_MET);
    expect(turn_until(has_a));
    expect_int(in_file("b"), 0); /* it went along */
}
END_TEST

START_TEST(what_gathers_is_merged_at_the_end)
{
    open_contacts(HOUR_MS, HOUR_MS);
    note("b", MOOT_CONTACT_MET);
    note("a", MOOT_CONTACT_MET);
    note("a", MOOT_CONTACT_MET);
    ev_run(loop, EVRUN_NOWAIT);
    expect_int(in_file("b"), -1);
    end();
    expect_int(in_file("b"), 1);
    expect_int(in_file("a"), 2);
}
END_TEST

static bool has_c(void)
{
    return in_file("c") >= 0;
}

START_TEST(what_comes_later_is_merged_later)
{
    open_contacts(1, 2);
    note("a", MOOT_CONTACT_MET);
    expect(turn_until(has_a));
    note("a", MOOT_CONTACT_MET);
    note("c", MOOT_CONTACT_HEARD);
    expect(turn_until(has_c));
    end();
    expect_int(in_file("a"), 2);
}
END_TEST

START_TEST(a_merge_on_its_way_at_the_end_counts_once)
{
    open_contacts(1, HOUR_MS);
    note("a", MOOT_CONTACT_MET);
    ev_run(loop, EVRUN_ONCE); /* the job is given to the pool */
    end();
    expect_int(in_file("a"), 1);
}
END_TEST

START_TEST(breakers_go_the_same_way)
{
    struct moot_tripped t = {.source = "a:1",
                             .failures = 5,
                             .opened = moot_clock_wall(),
                             .wait = 1000};

    open_contacts(1, HOUR_MS);
    moot_contacts_trip(contacts, &t);
    end();
    in_file("a");
    expect_uint(book.tripped_count, 1);
    expect_text(book.tripped[0].source, "a:1");
}
END_TEST

START_TEST(without_a_file_nothing_is_kept)
{
    struct moot_tripped t = {.source = "a:1", .failures = 5};

    note("a", MOOT_CONTACT_MET);
    moot_contacts_trip(NULL, &t);
    moot_contacts_close(NULL);
}
END_TEST

START_TEST(without_news_nothing_is_written)
{
    struct stat st;

    open_contacts(1, 1);
    end();
    ck_assert_int_ne(stat(path, &st), 0);
}
END_TEST

/* A file stands where the directory should be. */
static void block(void)
{
    char parent[300];

    snprintf(parent, sizeof parent, "%s/moot", dir);
    write_file(parent, moot_bytes_text(""));
}

static void unblock(void)
{
    char parent[300];

    snprintf(parent, sizeof parent, "%s/moot", dir);
    ck_assert_int_eq(unlink(parent), 0);
}

START_TEST(that_it_cannot_be_kept_is_said_once)
{
    block();
    open_contacts(1, 1);
    note("a", MOOT_CONTACT_MET);
    expect(turn_until(has_said));
    expect_within("Not a directory; who was met is remembered for this run "
                  "only (see --cache_file)",
                  moot_buf_text(&said));
    moot_buf_clear(&said);
    note("a", MOOT_CONTACT_MET);
    end(); /* fails again */
    expect_text(moot_buf_text(&said), "");
}
END_TEST

START_TEST(what_could_not_be_kept_is_kept_later)
{
    block();
    open_contacts(1, 1);
    note("a", MOOT_CONTACT_MET);
    note("b", MOOT_CONTACT_MET);
    expect(turn_until(has_said));
    note("a", MOOT_CONTACT_MET);
    unblock();
    expect(turn_until(has_a));
    end();
    expect_int(in_file("a"), 2);
    expect_int(in_file("b"), 1);
}
END_TEST

START_TEST(that_a_file_was_damaged_is_said)
{
    char parent[300];

    snprintf(parent, sizeof parent, "%s/moot", dir);
    mkdir(parent, 0700);
    write_file(path, moot_bytes_text("rubbish"));
    open_contacts(1, HOUR_MS);
    note("a", MOOT_CONTACT_MET);
    expect(turn_until(has_said));
    expect_within("it made no sense and is kept as", moot_buf_text(&said));
    expect_int(in_file("a"), 1);
}
END_TEST

Suite *suite_store_contacts(void)
{
    Suite *s = suite_create("store/contacts");
    TCase *t = tcase_create("contacts");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, what_is_new_is_kept_soon);
    tcase_add_test(t, what_gathers_is_merged_at_the_end);
    tcase_add_test(t, what_comes_later_is_merged_later);
    tcase_add_test(t, a_merge_on_its_way_at_the_end_counts_once);
    tcase_add_test(t, breakers_go_the_same_way);
    tcase_add_test(t, without_a_file_nothing_is_kept);
    tcase_add_test(t, without_news_nothing_is_written);
    tcase_add_test(t, that_it_cannot_be_kept_is_said_once);
    tcase_add_test(t, what_could_not_be_kept_is_kept_later);
    tcase_add_test(t, that_a_file_was_damaged_is_said);
    suite_add_tcase(s, t);
    return s;
}
