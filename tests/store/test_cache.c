/*
 * tests/store/test_cache.c - the cache file: what is read, what is merged, and
 * what becomes of one that is damaged or cannot be changed.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "store/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/cache_internal.h"
#include "words.h"

Suite *suite_store_cache(void);

#define NOW INT64_C(1771601400000) /* 2026-02-20T15:30:00Z */

static char *dir, path[300], why[MOOT_WHY_MAX];
static struct moot_peers book, news;

static void set_up(void)
{
    dir = temp_dir_create();
    snprintf(path, sizeof path, "%s/moot/peers.json", dir);
    why[0] = '\0';
}

static void tear_down(void)
{
    moot_peers_fini(&book);
    moot_peers_fini(&news);
    temp_dir_destroy(dir);
}

static void note(const char *host, uint16_t port, enum moot_contact_kind kind,
                 int64_t seconds)
{
    struct moot_contact c = {.kind = kind, .at = NOW + seconds * 1000};

    moot_addr_set(&c.peer.addr, host, port);
    moot_book_note(&news, &c);
}

/* Met at a:1; the book is what the file holds afterwards. */
static int merge(const struct cache_calls *calls)
{
    int error;

    note("a", 1, MOOT_CONTACT_MET, 0);
    moot_peers_fini(&book);
    error = cache_merge(calls, path, &news, NOW, 100, &book, why);
    moot_peers_fini(&news);
    return error;
}

static int read_book(void)
{
    moot_peers_fini(&book);
    return moot_cache_read(path, NOW, &book, why);
}

static void write_text(const char *text)
{
    char parent[300];

    snprintf(parent, sizeof parent, "%s/moot", dir);
    mkdir(parent, 0700);
    write_file(path, moot_bytes_text(text));
}

/* The names in the directory, in their order, without the lock's. */
static void expect_names(const char *want)
{
    struct dirent **list;
    struct moot_buf got = {0};
    char parent[300];
    int count;

    snprintf(parent, sizeof parent, "%s/moot", dir);
    count = scandir(parent, &list, NULL, alphasort);
    ck_assert_int_ge(count, 0);
    for (int i = 0; i < count; i++) {
        if (list[i]->d_name[0] != '.' && !strstr(list[i]->d_name, ".lock"))
            moot_buf_printf(&got, "%s ", list[i]->d_name);
        free(list[i]);
    }
    free(list);
    expect_text(moot_buf_text(&got), want);
    moot_buf_fini(&got);
}

static mode_t mode_of(const char *suffix)
{
    char name[320];
    struct stat st;

    snprintf(name, sizeof name, "%s%s", path, suffix);
    ck_assert_int_eq(stat(name, &st), 0);
    return st.st_mode & 0777;
}

/* --- reading and merging --- */

START_TEST(no_file_is_an_empty_book)
{
    expect_ok(read_book());
    expect_uint(book.peer_count, 0);
    expect_text(why, "");
}
END_TEST

START_TEST(what_was_merged_is_read)
{
    expect_ok(merge(&cache_calls_real));
    expect_uint(book.peer_count, 1);
    expect_ok(read_book());
    expect_uint(book.peer_count, 1);
    expect_text(book.peers[0].addr.host, "a");
    expect_int(book.updated, NOW);
    expect_text(why, "");
    expect_names("peers.json ");
}
END_TEST

START_TEST(a_merge_adds_to_what_others_wrote)
{
    expect_ok(merge(&cache_calls_real));
    expect_ok(merge(&cache_calls_real));
    note("b", 1, MOOT_CONTACT_MET, 0);
    expect_ok(merge(&cache_calls_real));
    expect_uint(book.peer_count, 2);
    expect_uint(book.peers[0].success_count, 3);
}
END_TEST

START_TEST(directory_and_files_are_the_owners_alone)
{
    char parent[300];
    struct stat st;

    umask(0);
    expect_ok(merge(&cache_calls_real));
    expect_uint(mode_of(""), 0600);
    expect_uint(mode_of(".lock"), 0600);
    snprintf(parent, sizeof parent, "%s/moot", dir);
    ck_assert_int_eq(stat(parent, &st), 0);
    expect_uint(st.st_mode & 0777, 0700);
}
END_TEST

START_TEST(in_a_shared_directory_they_are_shared)
{
    umask(0077);
    snprintf(path, sizeof path, "%s/peers.json", dir);
    ck_assert_int_eq(chmod(dir, 0770), 0);
    expect_ok(merge(&cache_calls_real));
    expect_uint(mode_of(""), 0660);
    expect_uint(mode_of(".lock"), 0660);
    ck_assert_int_eq(chmod(path, 0640), 0); /* somebody wants it so */
    expect_ok(merge(&cache_calls_real));
    expect_uint(mode_of(""), 0640);
}
END_TEST

/* Who was met, in a closed group perhaps, is nobody's business there. */
START_TEST(in_a_sticky_directory_they_are_the_owners_alone)
{
    umask(0);
    snprintf(path, sizeof path, "%s/peers.json", dir);
    ck_assert_int_eq(chmod(dir, 01777), 0);
    expect_ok(merge(&cache_calls_real));
    expect_uint(mode_of(""), 0600);
    expect_uint(mode_of(".lock"), 0600);
}
END_TEST

START_TEST(an_empty_file_is_an_empty_book)
{
    write_text("");
    expect_ok(read_book());
    expect_text(why, "");
    expect_ok(merge(&cache_calls_real));
    expect_names("peers.json ");
}
END_TEST

START_TEST(where_it_is_is_said_by_the_environment)
{
    char *kept = getenv("XDG_CACHE_HOME"), *home = getenv("HOME"), *got;

    kept = kept == NULL ? NULL : strdup(kept);
    home = home == NULL ? NULL : strdup(home);
    setenv("XDG_CACHE_HOME", "/c", 1);
    setenv("HOME", "/h", 1);
    got = moot_cache_path();
    expect_text(got, "/c/moot/peers.json");
    free(got);
    setenv("XDG_CACHE_HOME", "relative", 1);
    got = moot_cache_path();
    expect_text(got, "/h/.cache/moot/peers.json");
    free(got);
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    ck_assert_ptr_null(moot_cache_path());
    if (kept != NULL)
        setenv("XDG_CACHE_HOME", kept, 1);
    if (home != NULL)
        setenv("HOME", home, 1);
    free(kept);
    free(home);
}
END_TEST

/* --- damage --- */

static const char *const damaged[] = {
    "{\"last_updated\": \"2026-02-20T15:30:00Z\", \"peers\": [",
    "\0\0\0\0",
    "x",
    "[]",
    "{\"peers\": 17}",
};

START_TEST(a_damaged_file_is_kept_aside_with_its_date)
{
    struct moot_buf kept = {0};
    char aside[330];

    write_text(*damaged[_i] ? damaged[_i] : " ");
    expect_ok(read_book());
    expect_uint(book.peer_count, 0);
    expect_within("it made no sense and is kept as ", why);
    expect_names("peers.json.corrupt-20260220T153000Z ");
    snprintf(aside, sizeof aside, "%s.corrupt-20260220T153000Z", path);
    read_file(aside, &kept);
    expect_text(moot_buf_text(&kept), *damaged[_i] ? damaged[_i] : " ");
    moot_buf_fini(&kept);
    expect_ok(read_book()); /* said once */
    expect_text(why, "");
    expect_ok(merge(&cache_calls_real));
    expect_uint(book.peer_count, 1);
}
END_TEST

START_TEST(one_that_is_damaged_later_is_kept_aside_by_the_next_merge)
{
    expect_ok(merge(&cache_calls_real));
    write_text("rubbish");
    expect_ok(merge(&cache_calls_real));
    expect_within("is kept as", why);
    expect_uint(book.peer_count, 1);
    expect_uint(book.peers[0].success_count, 1);
    write_text("rubbish"); /* and of one second there may be several */
    expect_ok(merge(&cache_calls_real));
    expect_names("peers.json peers.json.corrupt-20260220T153000Z "
                 "peers.json.corrupt-20260220T153000Z.1 ");
}
END_TEST

START_TEST(one_that_is_too_large_is_damaged)
{
    write_text("{}");
    ck_assert_int_eq(truncate(path, MOOT_PEERS_LEN_MAX + 1), 0);
    expect_ok(read_book());
    expect_within("is kept as", why);
}
END_TEST

START_TEST(a_bad_peer_does_not_make_a_bad_file)
{
    write_text("{\"peers\": [17, {\"ip\": \"a\", \"port\": 1}]}");
    expect_ok(read_book());
    expect_text(why, "");
    expect_uint(book.peer_count, 1);
}
END_TEST

/* --- what cannot be read or changed --- */

START_TEST(what_is_no_plain_file_is_left_alone)
{
    char parent[300];

    snprintf(parent, sizeof parent, "%s/moot", dir);
    mkdir(parent, 0700);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    expect_error(read_book(), MOOT_ESYS);
    expect_within("that is no plain file", why);
    expect_error(merge(&cache_calls_real), MOOT_ESYS);
    expect_names("peers.json ");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    expect_error(merge(&cache_calls_real), MOOT_ESYS);
}
END_TEST

START_TEST(a_directory_that_cannot_be_made_is_told)
{
    snprintf(path, sizeof path, "%s/file", dir);
    write_file(path, moot_bytes_text(""));
    snprintf(path, sizeof path, "%s/file/moot/peers.json", dir);
    expect_ok(read_book());
    expect_error(merge(&cache_calls_real), MOOT_ESYS);
    expect_within("/file", why);
    expect_within("Not a directory", why);
}
END_TEST

/* A lock that somebody put there as a link is not followed. */
START_TEST(links_are_not_followed)
{
    char name[320], victim[320];

    expect_ok(merge(&cache_calls_real));
    snprintf(victim, sizeof victim, "%s/victim", dir);
    write_file(victim, moot_bytes_text("mine"));
    snprintf(name, sizeof name, "%s.new", path);
    ck_assert_int_eq(symlink(victim, name), 0);
    expect_ok(merge(&cache_calls_real)); /* it was in the way, and is gone */
    expect_names("peers.json ");
    snprintf(name, sizeof name, "%s.lock", path);
    ck_assert_int_eq(unlink(name), 0);
    ck_assert_int_eq(symlink(victim, name), 0);
    expect_error(merge(&cache_calls_real), MOOT_ESYS);
}
END_TEST

/* --- links that lead to the file --- */

/* A link of that name in dir. */
static void link_to(const char *target, const char *name, char *ret_path)
{
    snprintf(ret_path, 300, "%s/%s", dir, name);
    ck_assert_int_eq(symlink(target, ret_path), 0);
}

static bool is_link(const char *name)
{
    struct stat st;

    return lstat(name, &st) == 0 && S_ISLNK(st.st_mode);
}

START_TEST(a_link_stays_and_the_file_is_replaced_where_it_leads)
{
    char real[300], first[300], second[300];

    expect_ok(merge(&cache_calls_real));
    memcpy(real, path, sizeof real);
    link_to("moot/peers.json", "first", first);
    link_to(first, "second", second);
    memcpy(path, second, sizeof path);
    expect_ok(merge(&cache_calls_real));
    expect(is_link(first) && is_link(second));
    expect_names("peers.json ");
    memcpy(path, real, sizeof path);
    expect(!is_link(path));
    expect_ok(read_book());
    expect_uint(book.peers[0].success_count, 2);
}
END_TEST

START_TEST(a_link_to_a_file_that_is_not_there_yet_makes_it)
{
    char name[300];

    link_to("moot/peers.json", "first", name);
    memcpy(path, name, sizeof path);
    expect_ok(read_book());
    expect_uint(book.peer_count, 0);
    expect_ok(merge(&cache_calls_real));
    expect(is_link(name));
    expect_names("peers.json ");
}
END_TEST

START_TEST(what_is_damaged_is_kept_aside_where_it_is)
{
    char name[300];

    write_text("no JSON");
    link_to("moot/peers.json", "first", name);
    memcpy(path, name, sizeof path);
    expect_ok(read_book());
    expect(is_link(name));
    expect_within("/moot/peers.json.corrupt-", why);
}
END_TEST

START_TEST(links_in_a_circle_are_told)
{
    char name[300];

    link_to("second", "first", name);
    link_to("first", "second", path);
    expect_error(read_book(), MOOT_ESYS);
    expect_within("Too many levels of symbolic links", why);
    expect_error(merge(&cache_calls_real), MOOT_ESYS);
    expect(is_link(name) && is_link(path));
}
END_TEST

/* Where everybody may put one, somebody else's leads nowhere. */
START_TEST(a_link_of_somebody_else_in_a_sticky_directory_is_not_followed)
{
    char name[300];

    if (geteuid() != 0) {
        printf("SKIP: who is not root cannot make a link that is another's\n");
        return;
    }
    expect_ok(merge(&cache_calls_real));
    ck_assert_int_eq(chmod(dir, 01777), 0);
    link_to("moot/peers.json", "first", name);
    ck_assert_int_eq(lchown(name, 65534, 65534), 0);
    memcpy(path, name, sizeof path);
    expect_error(merge(&cache_calls_real), MOOT_ESYS);
    expect_within("that link is not followed", why);
    ck_assert_int_eq(lchown(name, 0, 0), 0);
    expect_ok(merge(&cache_calls_real));
}
END_TEST

/* --- the lock --- */

static int hold_lock(void)
{
    char name[320];
    int fd;

    snprintf(name, sizeof name, "%s.lock", path);
    fd = open(name, O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(flock(fd, LOCK_EX), 0);
    return fd;
}

START_TEST(who_holds_the_lock_is_waited_for_but_not_for_ever)
{
    int fd;

    expect_ok(merge(&cache_calls_real));
    fd = hold_lock();
    expect_error(merge(&cache_calls_real), MOOT_EBUSY);
    expect_within("has held the lock", why);
    expect_ok(read_book()); /* readers need none */
    expect_uint(book.peers[0].success_count, 1);
    close(fd);
    expect_ok(merge(&cache_calls_real));
    expect_uint(book.peers[0].success_count, 2);
}
END_TEST

START_TEST(a_lock_dies_with_its_holder)
{
    int status;
    pid_t child;

    expect_ok(merge(&cache_calls_real));
    child = fork();
    if (child == 0) {
        hold_lock();
        raise(SIGKILL);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    expect_ok(merge(&cache_calls_real));
}
END_TEST

/* --- a disk that refuses --- */

/* Which call is refused, counted over all kinds; 0: none. */
static unsigned refuse_at, called;
static int refuse_with;
static bool refuse_all_later;

static bool refused(void)
{
    called++;
    errno = refuse_with;
    return called == refuse_at || (refuse_all_later && called > refuse_at);
}

static int sick_open(const char *name, int flags, mode_t mode)
{
    return refused() ? -1 : open(name, flags, mode);
}

/* Half of it, as a disk that is full takes. */
static ssize_t sick_write(int fd, const void *data, size_t len)
{
    if (!refused())
        return write(fd, data, len);
    if (write(fd, data, len / 2) < 0)
        return -1;
    errno = refuse_with;
    return -1;
}

static int sick_fsync(int fd)
{
    return refused() ? -1 : fsync(fd);
}

static int sick_rename(const char *from, const char *to)
{
    return refused() ? -1 : rename(from, to);
}

static int sick_unlink(const char *name)
{
    return refused() ? -1 : unlink(name);
}

static const struct cache_calls sick_calls = {sick_open, sick_write, sick_fsync,
                                              sick_rename, sick_unlink};

static const int reasons[] = {ENOSPC, EIO, EROFS, EDQUOT};

static int merge_sick(unsigned at, int reason, bool all_later)
{
    refuse_at = at;
    refuse_with = reason;
    refuse_all_later = all_later;
    called = 0;
    return merge(&sick_calls);
}

/* The n-th call fails, alone or with all after it: what was said to be merged
 * is there, and what was not is not; and the file is whole. */
static void refuse_each(bool all_later)
{
    uint64_t there = 0;

    for (unsigned at = 1; at == 1 || called >= at - 1; at++) {
        for (unsigned i = 0; i < 4; i++) {
            int error = merge_sick(at, reasons[i], all_later);

            there += error == MOOT_OK;
            ck_assert(error == MOOT_OK || error == MOOT_ESYS);
            ck_assert((error == MOOT_OK) == (why[0] == '\0'));
            expect_ok(read_book());
            expect_text(why, "");
            if (book.peer_count == 0)
                expect_uint(there, 0);
            else
                expect(book.peers[0].success_count == there);
        }
        ck_assert_uint_lt(at, 50);
    }
    expect_ok(merge(&cache_calls_real));
    expect_names("peers.json ");
}

START_TEST(a_call_that_is_refused_changes_nothing)
{
    refuse_each(false);
}
END_TEST

START_TEST(a_disk_that_dies_in_between_changes_nothing)
{
    refuse_each(true);
}
END_TEST

START_TEST(the_reason_is_told)
{
    expect_ok(merge(&cache_calls_real));
    expect_error(merge_sick(1, EROFS, true), MOOT_ESYS);
    expect_within("peers.json.lock: cannot open it: Read-only file system",
                  why);
    expect_error(merge_sick(4, ENOSPC, true), MOOT_ESYS);
    expect_within("cannot write it: No space left on device", why);
}
END_TEST

static TCase *case_of(const char *name)
{
    TCase *t = tcase_create(name);

    tcase_add_checked_fixture(t, set_up, tear_down);
    return t;
}

Suite *suite_store_cache(void)
{
    Suite *s = suite_create("store/cache");
    TCase *t = case_of("merging");

    tcase_add_test(t, no_file_is_an_empty_book);
    tcase_add_test(t, what_was_merged_is_read);
    tcase_add_test(t, a_merge_adds_to_what_others_wrote);
    tcase_add_test(t, directory_and_files_are_the_owners_alone);
    tcase_add_test(t, in_a_shared_directory_they_are_shared);
    tcase_add_test(t, in_a_sticky_directory_they_are_the_owners_alone);
    tcase_add_test(t, an_empty_file_is_an_empty_book);
    tcase_add_test(t, where_it_is_is_said_by_the_environment);
    suite_add_tcase(s, t);
    t = case_of("damage");
    tcase_add_loop_test(t, a_damaged_file_is_kept_aside_with_its_date, 0,
                        sizeof damaged / sizeof damaged[0]);
    tcase_add_test(t,
                   one_that_is_damaged_later_is_kept_aside_by_the_next_merge);
    tcase_add_test(t, one_that_is_too_large_is_damaged);
    tcase_add_test(t, a_bad_peer_does_not_make_a_bad_file);
    suite_add_tcase(s, t);
    t = case_of("refusals");
    tcase_add_test(t, what_is_no_plain_file_is_left_alone);
    tcase_add_test(t, a_directory_that_cannot_be_made_is_told);
    tcase_add_test(t, links_are_not_followed);
    tcase_add_test(t, a_link_stays_and_the_file_is_replaced_where_it_leads);
    tcase_add_test(t, a_link_to_a_file_that_is_not_there_yet_makes_it);
    tcase_add_test(t, what_is_damaged_is_kept_aside_where_it_is);
    tcase_add_test(t, links_in_a_circle_are_told);
    tcase_add_test(
        t, a_link_of_somebody_else_in_a_sticky_directory_is_not_followed);
    tcase_add_test(t, who_holds_the_lock_is_waited_for_but_not_for_ever);
    tcase_add_test(t, a_lock_dies_with_its_holder);
    tcase_add_test(t, a_call_that_is_refused_changes_nothing);
    tcase_add_test(t, a_disk_that_dies_in_between_changes_nothing);
    tcase_add_test(t, the_reason_is_told);
    suite_add_tcase(s, t);
    return s;
}
