/*
 * tests/store/test_features.c - what a bootstrap cache promises, feature by
 * feature, each test named after one: on real files, with real processes.
 *
 * That a chat finds its group again by its cache alone is shown by
 * tests/system/cache.sh; what a circuit breaker does, by boot/breaker.
 *
 * Layer:  tests.
 * Thread: main, and that of each process forked.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/cache.h"
#include "words.h"

Suite *suite_store_features(void);

#define NOW INT64_C(1771601400000) /* 2026-02-20T15:30:00Z */
#define DAY_MS INT64_C(86400000)

static char *dir, path[300], why[MOOT_WHY_MAX];
static struct moot_peers book;

static void set_up(void)
{
    dir = temp_dir_create();
    snprintf(path, sizeof path, "%s/peers.json", dir);
}

static void tear_down(void)
{
    moot_peers_fini(&book);
    temp_dir_destroy(dir);
}

/* --- one process --- */

static int contact(enum moot_contact_kind kind, const char *host, uint16_t port,
                   moot_wall_ms at)
{
    struct moot_contact c = {.kind = kind, .at = at};
    struct moot_peers news = {0};
    int error;

    moot_addr_set(&c.peer.addr, host, port);
    moot_book_note(&news, &c);
    error = moot_cache_merge(path, &news, at, 20000, NULL, why);
    moot_peers_fini(&news);
    return error;
}

static void met(const char *host, uint16_t port, moot_wall_ms at)
{
    expect_ok(contact(MOOT_CONTACT_MET, host, port, at));
}

static void fails(const char *host, uint16_t port, moot_wall_ms at)
{
    expect_ok(contact(MOOT_CONTACT_FAILED, host, port, at));
}

static int read_again(void)
{
    moot_peers_fini(&book);
    return moot_cache_read(path, NOW, &book, why);
}

static void read_at(moot_wall_ms now)
{
    moot_peers_fini(&book);
    expect_ok(moot_cache_read(path, now, &book, why));
    expect_text(why, "");
}

/* --- several --- */

#define CHILDREN 8
#define TURNS 12

/* Each of them is a process of its own; all must end well. */
static void in_processes(void (*body)(unsigned number))
{
    pid_t children[CHILDREN];

    for (unsigned i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            body(i);
            _exit(0);
        }
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        int status;

        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_int_eq(status, 0);
    }
}

/* Decentralized Design: No dedicated bootstrap nodes required. */
START_TEST(decentralized_design)
{
    struct moot_contact c = {.kind = MOOT_CONTACT_HEARD, .at = NOW};
    struct moot_peers news = {0};

    /* A member like any other: it has no bootstrap socket. */
    moot_addr_set(&c.peer.addr, "192.0.2.7", 8081);
    c.peer.has_id = c.peer.has_group = true;
    c.peer.id = id_of(7);
    c.peer.group = hash_of(9);
    memcpy(c.peer.group_name, "lobby", 6);
    moot_book_note(&news, &c);
    expect_ok(moot_cache_merge(path, &news, NOW, 0, NULL, why));
    moot_peers_fini(&news);
    read_at(NOW);
    expect(book.peers[0].has_id && book.peers[0].has_group);
    expect_id(&book.peers[0].id, &c.peer.id);
    expect_hash(&book.peers[0].group, &c.peer.group);
    expect_uint(book.peers[0].boot.port, 0);
}
END_TEST

/* Cross-Platform Support: the file says the same everywhere, whatever the
 * time zone, the language and the line ends are. */
START_TEST(cross_platform_support)
{
    struct moot_buf text = {0}, crlf = {0};

    setenv("TZ", "Pacific/Chatham", 1);
    tzset();
    setlocale(LC_ALL, "");
    met("192.0.2.7", 8081, NOW);
    read_file(path, &text);
    expect_within("\"last_seen\": \"2026-02-20T15:30:00Z\"",
                  moot_buf_text(&text));
    for (const char *c = moot_buf_text(&text); *c != '\0'; c++)
        moot_buf_printf(&crlf, *c == '\n' ? "\r\n" : "%c", *c);
    write_file(path, moot_buf_view(&crlf));
    read_at(NOW);
    expect_uint(book.peer_count, 1);
    moot_buf_fini(&text);
    moot_buf_fini(&crlf);
    unsetenv("TZ");
    tzset();
}
END_TEST

static void meet_one(unsigned number)
{
    if (contact(MOOT_CONTACT_MET, "h", (uint16_t)(number + 1), NOW) != MOOT_OK)
        _exit(1);
}

/* Shared Cache: one file for all processes. */
START_TEST(shared_cache)
{
    in_processes(meet_one);
    read_at(NOW);
    expect_uint(book.peer_count, CHILDREN);
}
END_TEST

static void meet_often(unsigned number)
{
    for (unsigned i = 0; i < TURNS; i++)
        meet_one(number % 2);
}

/* Concurrent Access: File locking for safe multi-process access. */
START_TEST(concurrent_access)
{
    in_processes(meet_often);
    read_at(NOW);
    expect_uint(book.peer_count, 2);
    expect(book.peers[0].success_count == CHILDREN * TURNS / 2);
    expect(book.peers[1].success_count == CHILDREN * TURNS / 2);
}
END_TEST

/* The first one reads what the others write, and never sees a part of it. */
static void meet_or_watch(unsigned number)
{
    uint64_t seen = 0;

    if (number > 0)
        meet_often(0);
    while (number == 0 && seen < (CHILDREN - 1) * TURNS) {
        struct moot_peers now = {0};

        if (moot_cache_read(path, NOW, &now, why) != MOOT_OK || why[0] != '\0')
            _exit(1);
        if (now.peer_count > 0 && now.peers[0].success_count < seen)
            _exit(2);
        seen = now.peer_count > 0 ? now.peers[0].success_count : 0;
        moot_peers_fini(&now);
    }
}

/* Atomic Operations: Safe cache updates using atomic file operations. */
START_TEST(atomic_operations)
{
    in_processes(meet_or_watch);
}
END_TEST

/* Initial Peer Discovery: Fallback web endpoints for new/stale cache
 * scenarios. */
START_TEST(initial_peer_discovery)
{
    static const char page[] = "{\"peers\": [{\"ip\": \"192.0.2.9\", "
                               "\"port\": 8080}]}";
    struct moot_peers list;

    read_at(NOW);
    expect(moot_book_stale(&book, NOW)); /* new */
    met("a", 1, NOW);
    read_at(NOW);
    expect(!moot_book_stale(&book, NOW));
    expect(moot_book_stale(&book, NOW + DAY_MS));
    expect_uint(book.peer_count, 1); /* stale, and there */
    expect_ok(moot_peers_decode_list(moot_bytes_text(page), &list));
    expect_text(list.peers[0].addr.host, "192.0.2.9");
    moot_peers_fini(&list);
}
END_TEST

/* Comprehensive Error Handling: each error is told apart, and says what it is
 * about. */
START_TEST(comprehensive_error_handling)
{
    read_at(NOW); /* that there is none yet is no error */
    write_file(path, moot_bytes_text("{\"peers\": [{"));
    expect_ok(read_again());
    expect_within("it made no sense and is kept as", why); /* corrupted */
    snprintf(path, sizeof path, "%s", dir);
    expect_error(read_again(), MOOT_ESYS);
    expect_within("that is no plain file", why); /* input and output */
    expect_error(contact(MOOT_CONTACT_MET, "a", 1, NOW), MOOT_ESYS);
    snprintf(path, sizeof path, "%s/peers.json", dir);
    expect_ok(contact(MOOT_CONTACT_MET, "a", 1, NOW));
}
END_TEST

/* Circuit Breaker Pattern: its state outlives the process. */
START_TEST(circuit_breaker_pattern)
{
    struct moot_tripped t = {.source = "https://example.org/peers.json",
                             .failures = 5,
                             .opened = NOW,
                             .wait = 16000};
    struct moot_peers news = {0};

    moot_book_trip(&news, &t);
    expect_ok(moot_cache_merge(path, &news, NOW, 0, NULL, why));
    read_at(NOW + 1000);
    expect_uint(book.tripped_count, 1);
    expect(book.tripped[0].failures == 5);
    expect_int(book.tripped[0].opened, NOW);
    expect_int(book.tripped[0].wait, 16000);
    news.tripped[0].failures = 0; /* it has closed */
    expect_ok(moot_cache_merge(path, &news, NOW, 0, NULL, why));
    read_at(NOW + 2000);
    expect_uint(book.tripped_count, 0);
    moot_peers_fini(&news);
}
END_TEST

/* Peer Status Tracking: success count, failure count, last seen. */
START_TEST(peer_status_tracking)
{
    met("192.168.1.1", 8080, NOW);
    met("192.168.1.1", 8080, NOW + 60000);
    fails("192.168.1.1", 8080, NOW + 120000);
    read_at(NOW + 120000);
    expect(book.peers[0].success_count == 2);
    expect(book.peers[0].failure_count == 1);
    expect_int(book.peers[0].last_seen, NOW + 60000);
}
END_TEST

static void fail_thrice(const char *host, moot_wall_ms from)
{
    for (int i = 0; i < 3; i++)
        fails(host, 1, from + 60000 * i);
}

/* Automatic Cleanup: three consecutive failures mark a peer, and it goes only
 * while at least two working ones are there. */
START_TEST(automatic_cleanup)
{
    met("bad", 1, NOW);
    met("good", 1, NOW);
    fail_thrice("bad", NOW + 60000);
    read_at(NOW + 300000);
    expect_uint(book.peer_count, 2);
    expect(moot_book_marked(&book.peers[1]));
    met("better", 1, NOW + 300000);
    read_at(NOW + 300000);
    expect_uint(book.peer_count, 2);
    expect_text(book.peers[0].addr.host, "better");
    expect_text(book.peers[1].addr.host, "good");
}
END_TEST

/* Duplicate Prevention: the same ip and port are one peer, and another port
 * another one. */
START_TEST(duplicate_prevention)
{
    met("192.168.1.1", 8080, NOW);
    met("::ffff:192.168.1.1", 8080, NOW);
    met("192.168.1.1", 8081, NOW);
    read_at(NOW);
    expect_uint(book.peer_count, 2);
}
END_TEST

Suite *suite_store_features(void)
{
    Suite *s = suite_create("store/features");
    TCase *t = tcase_create("features");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, decentralized_design);
    tcase_add_test(t, cross_platform_support);
    tcase_add_test(t, shared_cache);
    tcase_add_test(t, concurrent_access);
    tcase_add_test(t, atomic_operations);
    tcase_add_test(t, initial_peer_discovery);
    tcase_add_test(t, comprehensive_error_handling);
    tcase_add_test(t, circuit_breaker_pattern);
    tcase_add_test(t, peer_status_tracking);
    tcase_add_test(t, automatic_cleanup);
    tcase_add_test(t, duplicate_prevention);
    tcase_set_timeout(t, 30);
    suite_add_tcase(s, t);
    return s;
}
