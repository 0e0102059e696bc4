/*
 * tests/boot/test_book.c - the rules of the address book.
 *
 * Time is seconds after a day that counts as now.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "boot/book.h"

#include <stdio.h>
#include <string.h>

#include "words.h"

Suite *suite_boot_book(void);

#define NOW INT64_C(1700000000000)
#define HOUR 3600

static struct moot_peers book, news;

static void tear_down(void)
{
    moot_peers_fini(&book);
    moot_peers_fini(&news);
}

static moot_wall_ms at(int64_t seconds)
{
    return NOW + seconds * 1000;
}

static struct moot_contact contact(enum moot_contact_kind kind,
                                   const char *addr, int64_t seconds)
{
    struct moot_contact c = {.kind = kind, .at = at(seconds)};

    expect_ok(moot_addr_parse(moot_bytes_text(addr), &c.peer.addr));
    return c;
}

static void note(enum moot_contact_kind kind, const char *addr, int64_t seconds)
{
    struct moot_contact c = contact(kind, addr, seconds);

    moot_book_note(&news, &c);
}

static void met(const char *addr, int64_t seconds)
{
    note(MOOT_CONTACT_MET, addr, seconds);
}

static void failed(const char *addr, int64_t seconds)
{
    note(MOOT_CONTACT_FAILED, addr, seconds);
}

/* What was noted goes into the book. */
static void merge(int64_t seconds)
{
    moot_book_merge(&book, &news, at(seconds));
    moot_peers_fini(&news);
}

/* One strike each, some seconds apart; not merged yet. */
static void strike(const char *addr, unsigned count, int64_t seconds)
{
    for (unsigned i = 0; i < count; i++)
        failed(addr, seconds + 20 * i);
}

static const struct moot_peer *find(const char *addr)
{
    struct moot_addr a;

    expect_ok(moot_addr_parse(moot_bytes_text(addr), &a));
    for (unsigned i = 0; i < book.peer_count; i++)
        if (moot_addr_eq(&book.peers[i].addr, &a))
            return &book.peers[i];
    return NULL;
}

/* "hosts": of the book, in its order. */
static void expect_hosts(const char *want)
{
    struct moot_buf got = {0};

    for (unsigned i = 0; i < book.peer_count; i++)
        moot_buf_printf(&got, i > 0 ? " %s" : "%s", book.peers[i].addr.host);
    expect_text(moot_buf_text(&got), want);
    moot_buf_fini(&got);
}

/* --- who enters --- */

START_TEST(an_address_nobody_can_dial_never_enters)
{
    static const char *const wild[] = {"0.0.0.0:80", "[::]:80",
                                       "[::ffff:0.0.0.0]:80"};

    for (unsigned i = 0; i < 3; i++) {
        struct moot_contact c = contact(MOOT_CONTACT_MET, wild[i], 0);

        c.here = true;
        moot_book_note(&news, &c);
    }
    merge(0);
    expect_uint(book.peer_count, 0);
}
END_TEST

START_TEST(loopback_enters_only_when_it_is_ours)
{
    static const char *const own[] = {"127.0.0.1:80", "[::1]:80",
                                      "localhost:80", "127.9.9.9:80"};

    for (unsigned i = 0; i < 4; i++)
        met(own[i], 0);
    merge(0);
    expect_uint(book.peer_count, 0);
    for (unsigned i = 0; i < 4; i++) {
        struct moot_contact c = contact(MOOT_CONTACT_HEARD, own[i], 0);

        c.here = true;
        moot_book_note(&news, &c);
    }
    merge(0);
    expect_uint(book.peer_count, 4);
}
END_TEST

START_TEST(a_bootstrap_address_is_held_to_the_same)
{
    struct moot_contact c = contact(MOOT_CONTACT_MET, "192.0.2.1:80", 0);

    moot_addr_set(&c.peer.boot, "127.0.0.1", 8080);
    moot_book_note(&news, &c);
    merge(0);
    expect_uint(find("192.0.2.1:80")->boot.port, 0);
    moot_addr_set(&c.peer.boot, "0.0.0.0", 8080);
    c.here = true;
    moot_book_note(&news, &c);
    merge(0);
    expect_uint(find("192.0.2.1:80")->boot.port, 0);
    moot_addr_set(&c.peer.boot, "127.0.0.1", 8080);
    moot_book_note(&news, &c);
    merge(0);
    expect_uint(find("192.0.2.1:80")->boot.port, 8080);
}
END_TEST

/* A file is written by other hands, too. */
START_TEST(what_a_file_should_not_hold_goes)
{
    struct moot_peer wild = {0};

    moot_addr_set(&wild.addr, "0.0.0.0", 80);
    moot_peers_add(&book, &wild);
    moot_addr_set(&wild.addr, "192.0.2.1", 80);
    moot_addr_set(&wild.boot, "::", 80);
    moot_peers_add(&book, &wild);
    moot_book_merge(&book, NULL, NOW);
    expect_hosts("192.0.2.1");
    expect_uint(book.peers[0].boot.port, 0);
}
END_TEST

START_TEST(nobody_is_entered_for_failing)
{
    strike("a:1", 5, 0);
    merge(100);
    expect_uint(book.peer_count, 0);
}
END_TEST

/* --- counting --- */

START_TEST(each_contact_is_counted)
{
    met("a:1", 0);
    met("a:1", 60);
    failed("a:1", 120);
    merge(200);
    expect_uint(find("a:1")->success_count, 2);
    expect_uint(find("a:1")->failure_count, 1);
    expect_uint(find("a:1")->failures_in_row, 1);
    expect_int(find("a:1")->last_seen, at(60));
    expect_int(find("a:1")->last_failed, at(120));
    expect_int(book.updated, at(200));
}
END_TEST

START_TEST(hearsay_counts_nothing_but_is_remembered)
{
    note(MOOT_CONTACT_HEARD, "a:1", 10);
    merge(20);
    expect_uint(find("a:1")->success_count, 0);
    expect_int(find("a:1")->last_seen, at(10));
}
END_TEST

/* Two processes read the same file, and each adds what it did. */
START_TEST(counters_of_two_processes_are_added)
{
    met("a:1", 0);
    merge(0);
    met("a:1", 10);
    met("a:1", 11);
    merge(12);
    met("a:1", 5); /* noted earlier, merged later */
    merge(13);
    expect_uint(find("a:1")->success_count, 4);
    expect_int(find("a:1")->last_seen, at(11));
}
END_TEST

START_TEST(a_counter_stops_where_it_cannot_be_written)
{
    met("a:1", 0);
    merge(0);
    book.peers[0].success_count = MOOT_COUNT_MAX;
    met("a:1", 1);
    merge(1);
    expect(book.peers[0].success_count == MOOT_COUNT_MAX);
}
END_TEST

START_TEST(the_same_host_on_another_port_is_another_peer)
{
    met("a:1", 0);
    met("a:2", 0);
    merge(0);
    expect_uint(book.peer_count, 2);
}
END_TEST

START_TEST(two_of_one_address_become_one)
{
    struct moot_peer p = {.success_count = 2, .last_seen = at(-10)};

    moot_addr_set(&p.addr, "a", 1);
    moot_peers_add(&book, &p);
    p.success_count = 3;
    p.last_seen = at(-20);
    moot_peers_add(&book, &p);
    moot_book_merge(&book, NULL, NOW);
    expect_uint(book.peer_count, 1);
    expect_uint(book.peers[0].success_count, 5);
    expect_int(book.peers[0].last_seen, at(-10));
}
END_TEST

START_TEST(what_is_known_later_replaces_what_was_known)
{
    struct moot_id one = id_of(1), two = id_of(2);
    struct moot_contact c = contact(MOOT_CONTACT_MET, "a:1", 0);

    c.peer.has_id = c.peer.has_group = true;
    c.peer.id = one;
    c.peer.group = hash_of(7);
    memcpy(c.peer.name, "alice", 6);
    memcpy(c.peer.group_name, "lobby", 6);
    moot_book_note(&news, &c);
    merge(0);
    c.at = at(-5); /* older: says nothing new */
    c.peer.id = two;
    moot_book_note(&news, &c);
    merge(0);
    expect_id(&book.peers[0].id, &one);
    c.at = at(5);
    memcpy(c.peer.name, "bob", 4);
    moot_book_note(&news, &c);
    merge(5);
    expect_id(&book.peers[0].id, &two);
    expect_text(book.peers[0].name, "bob");
    expect_text(book.peers[0].group_name, "lobby");
    met("a:1", 9); /* knows nobody */
    merge(9);
    expect(book.peers[0].has_id);
    expect_text(book.peers[0].name, "bob");
}
END_TEST

/* --- failing --- */

START_TEST(three_in_a_row_mark_a_peer)
{
    met("a:1", 0);
    strike("a:1", 2, 100);
    merge(200);
    expect(!moot_book_marked(find("a:1")));
    strike("a:1", 1, 200);
    merge(300);
    expect(moot_book_marked(find("a:1")));
}
END_TEST

START_TEST(a_success_ends_the_row)
{
    met("a:1", 0);
    strike("a:1", 2, 100);
    met("a:1", 200);
    strike("a:1", 2, 300);
    merge(400);
    expect_uint(find("a:1")->failures_in_row, 2);
    expect_uint(find("a:1")->failure_count, 4);
    expect(!moot_book_marked(find("a:1")));
}
END_TEST

/* A network goes, and ten processes notice in the same moment. */
START_TEST(failures_of_one_moment_are_one_strike)
{
    met("a:1", 0);
    merge(0);
    for (int i = 0; i < 10; i++) {
        failed("a:1", 100 + i % 5);
        merge(110);
    }
    expect_uint(find("a:1")->failure_count, 10);
    expect_uint(find("a:1")->failures_in_row, 1);
    for (int i = 0; i < 10; i++)
        failed("a:1", 200 + i % 5);
    merge(210);
    expect_uint(find("a:1")->failures_in_row, 2);
}
END_TEST

/* Who failed before somebody else had success knows less. */
START_TEST(a_failure_before_the_last_success_is_no_strike)
{
    met("a:1", 100);
    merge(100);
    failed("a:1", 50);
    merge(110);
    expect_uint(find("a:1")->failure_count, 1);
    expect_uint(find("a:1")->failures_in_row, 0);
}
END_TEST

START_TEST(a_success_before_the_last_failure_ends_no_row)
{
    met("a:1", 0);
    merge(0);
    strike("a:1", 2, 100);
    merge(150);
    met("a:1", 90);
    merge(160);
    expect_uint(find("a:1")->failures_in_row, 2);
}
END_TEST

START_TEST(a_marked_peer_goes_while_two_others_work)
{
    met("a:1", 0);
    met("b:1", 0);
    met("c:1", 0);
    merge(0);
    strike("a:1", 3, 100);
    merge(200);
    expect(find("a:1") == NULL);
    expect_uint(book.peer_count, 2);
}
END_TEST

START_TEST(a_marked_peer_stays_while_fewer_work)
{
    met("a:1", 0);
    met("b:1", 0);
    merge(0);
    strike("a:1", 3, 100);
    merge(200);
    expect(moot_book_marked(find("a:1")));
    strike("b:1", 3, 200);
    merge(300);
    expect_uint(book.peer_count, 2);
    met("c:1", 400); /* one that works */
    merge(400);
    expect_uint(book.peer_count, 3);
    met("d:1", 500); /* two */
    merge(500);
    expect_hosts("d c");
}
END_TEST

/* Who was never reached is no reason to let go of others. */
START_TEST(hearsay_does_not_work)
{
    met("a:1", 0);
    note(MOOT_CONTACT_HEARD, "b:1", 0);
    note(MOOT_CONTACT_HEARD, "c:1", 0);
    strike("a:1", 3, 100);
    merge(200);
    expect(find("a:1") != NULL);
}
END_TEST

/* --- order and bounds --- */

START_TEST(the_best_come_first)
{
    met("old:1", 0);
    met("often:1", 10);
    met("often:1", 10);
    met("rarely:1", 10);
    note(MOOT_CONTACT_HEARD, "heard:1", 10);
    met("marked:1", 20);
    failed("often:1", 30);
    failed("rarely:1", 30);
    strike("marked:1", 3, 100);
    merge(200); /* too many work for the marked one */
    expect_hosts("often rarely heard old");
    moot_peers_fini(&book);
    met("new:1", 30);
    met("marked:1", 20);
    note(MOOT_CONTACT_HEARD, "heard:1", 10);
    strike("marked:1", 3, 100);
    merge(200);
    expect_hosts("new heard marked");
}
END_TEST

START_TEST(no_more_than_the_bound_stay_and_the_newest_do)
{
    char addr[32];

    for (unsigned i = 0; i < MOOT_PEERS_MAX; i++) {
        snprintf(addr, sizeof addr, "old:%u", i + 1);
        met(addr, i);
    }
    met("one.too.many:1", 0);
    expect_uint(news.peer_count, MOOT_PEERS_MAX);
    merge(5000);
    met("new:1", 5000);
    merge(5001);
    expect_uint(book.peer_count, MOOT_PEERS_MAX);
    expect_text(book.peers[0].addr.host, "new");
    expect(find("old:1") == NULL);
    expect(find("old:2") != NULL);
}
END_TEST

/* --- time --- */

START_TEST(the_future_becomes_now)
{
    met("a:1", 50000);
    merge(0);
    book.peers[0].last_failed = at(90000);
    book.updated = at(70000);
    moot_book_merge(&book, NULL, NOW);
    expect_int(book.peers[0].last_seen, NOW);
    expect_int(book.peers[0].last_failed, NOW);
    expect_int(book.updated, NOW);
}
END_TEST

START_TEST(what_was_not_seen_for_a_day_is_stale_but_stays)
{
    expect(moot_book_stale(&book, NOW));
    met("a:1", 0);
    merge(0);
    expect(!moot_book_stale(&book, at(24 * HOUR - 1)));
    expect(moot_book_stale(&book, at(24 * HOUR)));
    moot_book_merge(&book, NULL, at(365 * 24 * HOUR));
    expect_hosts("a");
}
END_TEST

START_TEST(a_merge_without_news_changes_no_date)
{
    met("a:1", 0);
    merge(0);
    moot_book_merge(&book, NULL, at(100));
    expect_int(book.updated, NOW);
}
END_TEST

/* --- breakers --- */

static void trip(const char *source, uint64_t failures, int64_t seconds)
{
    struct moot_tripped t = {
        .failures = failures, .opened = at(seconds), .wait = 1000};

    memcpy(t.source, source, strlen(source) + 1);
    moot_book_trip(&news, &t);
}

START_TEST(a_breaker_is_kept_until_it_closes)
{
    trip("a:1", 4, 0);
    trip("a:1", 5, 10);
    trip("https://example.org/x", 5, 5);
    merge(20);
    expect_uint(book.tripped_count, 2);
    expect_text(book.tripped[0].source, "a:1");
    expect_uint(book.tripped[0].failures, 5);
    trip("a:1", 0, 30);
    merge(40);
    expect_uint(book.tripped_count, 1);
    expect_text(book.tripped[0].source, "https://example.org/x");
}
END_TEST

START_TEST(a_breaker_is_forgotten_after_a_day)
{
    trip("a:1", 5, 0);
    merge(0);
    moot_book_merge(&book, NULL, at(24 * HOUR - 1));
    expect_uint(book.tripped_count, 1);
    moot_book_merge(&book, NULL, at(24 * HOUR));
    expect_uint(book.tripped_count, 0);
}
END_TEST

START_TEST(a_breaker_that_cannot_be_written_is_not_kept)
{
    trip("a b", 5, 0);
    trip("", 5, 0);
    trip("caf\xc3\xa9:1", 5, 0);
    expect_uint(news.tripped_count, 0);
    trip("a:1", UINT64_MAX, 100);
    news.tripped[0].wait = INT64_MAX;
    merge(0);
    expect(book.tripped[0].failures == MOOT_COUNT_MAX);
    expect_int(book.tripped[0].wait, MOOT_TRIPPED_WAIT_MAX);
    expect_int(book.tripped[0].opened, NOW);
}
END_TEST

START_TEST(no_more_breakers_than_the_bound_stay)
{
    char source[32];

    for (unsigned i = 0; i < MOOT_TRIPPED_MAX + 1; i++) {
        snprintf(source, sizeof source, "a:%u", i + 1);
        trip(source, 1, i);
    }
    expect_uint(news.tripped_count, MOOT_TRIPPED_MAX);
    merge(1000);
    trip("new:1", 1, 999);
    merge(1000);
    expect_uint(book.tripped_count, MOOT_TRIPPED_MAX);
    expect_text(book.tripped[0].source, "new:1");
}
END_TEST

static TCase *case_of(const char *name)
{
    TCase *t = tcase_create(name);

    tcase_add_checked_fixture(t, NULL, tear_down);
    return t;
}

static TCase *counting(void)
{
    TCase *t = case_of("counting");

    tcase_add_test(t, each_contact_is_counted);
    tcase_add_test(t, hearsay_counts_nothing_but_is_remembered);
    tcase_add_test(t, counters_of_two_processes_are_added);
    tcase_add_test(t, a_counter_stops_where_it_cannot_be_written);
    tcase_add_test(t, the_same_host_on_another_port_is_another_peer);
    tcase_add_test(t, two_of_one_address_become_one);
    tcase_add_test(t, what_is_known_later_replaces_what_was_known);
    return t;
}

static TCase *failing(void)
{
    TCase *t = case_of("failing");

    tcase_add_test(t, three_in_a_row_mark_a_peer);
    tcase_add_test(t, a_success_ends_the_row);
    tcase_add_test(t, failures_of_one_moment_are_one_strike);
    tcase_add_test(t, a_failure_before_the_last_success_is_no_strike);
    tcase_add_test(t, a_success_before_the_last_failure_ends_no_row);
    tcase_add_test(t, a_marked_peer_goes_while_two_others_work);
    tcase_add_test(t, a_marked_peer_stays_while_fewer_work);
    tcase_add_test(t, hearsay_does_not_work);
    return t;
}

static TCase *keeping(void)
{
    TCase *t = case_of("keeping");

    tcase_add_test(t, the_best_come_first);
    tcase_add_test(t, no_more_than_the_bound_stay_and_the_newest_do);
    tcase_add_test(t, the_future_becomes_now);
    tcase_add_test(t, what_was_not_seen_for_a_day_is_stale_but_stays);
    tcase_add_test(t, a_merge_without_news_changes_no_date);
    tcase_add_test(t, a_breaker_is_kept_until_it_closes);
    tcase_add_test(t, a_breaker_is_forgotten_after_a_day);
    tcase_add_test(t, a_breaker_that_cannot_be_written_is_not_kept);
    tcase_add_test(t, no_more_breakers_than_the_bound_stay);
    return t;
}

Suite *suite_boot_book(void)
{
    Suite *s = suite_create("boot/book");
    TCase *t = case_of("entering");

    tcase_add_test(t, an_address_nobody_can_dial_never_enters);
    tcase_add_test(t, loopback_enters_only_when_it_is_ours);
    tcase_add_test(t, a_bootstrap_address_is_held_to_the_same);
    tcase_add_test(t, what_a_file_should_not_hold_goes);
    tcase_add_test(t, nobody_is_entered_for_failing);
    suite_add_tcase(s, t);
    suite_add_tcase(s, counting());
    suite_add_tcase(s, failing());
    suite_add_tcase(s, keeping());
    return s;
}
