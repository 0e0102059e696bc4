/*
 * tests/store/test_cut.c - the power is cut at every step of a change of the
 * cache file, and the old file or the new one is there, whole.
 *
 * A change is carried out on the real disk, and every call that changes
 * something is written down.  What a disk may hold after a cut is built from
 * that, more harshly than any file system would have it:
 *
 *     what was written into a file and not flushed: nothing of it, half, or all
 *     a name that was made, moved or removed since its directory was flushed:
 *     happened or not, each end of a move for itself
 *
 * Each of these disks is then read by the product.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/cache_internal.h"
#include "words.h"

Suite *suite_store_cut(void);

#define NOW INT64_C(1771601400000)
#define INODES_MAX 4
#define STEPS_MAX 32
#define NONE (-1)

/* --- what was done --- */

enum name {
    THE_FILE, /* peers.json */
    THE_NEW,  /* peers.json.new */
    NAMES,
    NO_NAME
};

struct step {
    enum {
        STEP_NAME, /* name leads to inode from now on; NONE: to nothing */
        STEP_WRITE,
        STEP_FLUSH,
        STEP_FLUSH_DIR
    } kind;
    enum name name;
    int inode;
    size_t len; /* WRITE: what the file has then */
};

static char *dir, path[300], why[MOOT_WHY_MAX];
static struct step steps[STEPS_MAX];
static unsigned step_count;
static int now_at[NAMES]; /* the inode each name leads to */
static struct moot_buf contents[INODES_MAX];
static int inode_count;
static int inode_of_fd[1024]; /* plus one; 0: not ours */
static int dir_fd;

static void step(struct step s)
{
    ck_assert_uint_lt(step_count, STEPS_MAX);
    steps[step_count++] = s;
}

static enum name name_of(const char *text)
{
    size_t len = strlen(text);

    if (len >= 4 && strcmp(text + len - 4, ".new") == 0)
        return THE_NEW;
    return strcmp(text, path) == 0 ? THE_FILE : NO_NAME;
}

static void set_name(enum name name, int inode)
{
    if (now_at[name] == inode)
        return;
    now_at[name] = inode;
    step((struct step){.kind = STEP_NAME, .name = name, .inode = inode});
}

static int seen_open(const char *name, int flags, mode_t mode)
{
    int fd = open(name, flags, mode);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_lt(fd, 1024);
    inode_of_fd[fd] = 0;
    if ((flags & O_DIRECTORY) != 0) {
        dir_fd = fd;
        return fd;
    }
    if (name_of(name) == NO_NAME)
        return fd;
    ck_assert((flags & O_CREAT) != 0); /* what is there is not written over */
    ck_assert((flags & O_EXCL) != 0);
    ck_assert_int_lt(inode_count, INODES_MAX);
    inode_of_fd[fd] = ++inode_count;
    set_name(name_of(name), inode_count - 1);
    return fd;
}

static ssize_t seen_write(int fd, const void *data, size_t len)
{
    int inode = inode_of_fd[fd] - 1;
    size_t some = len > 100 ? 100 : len; /* more steps to cut between */

    ck_assert_int_ge(inode, 0);
    moot_buf_append(&contents[inode], data, some);
    step((struct step){
        .kind = STEP_WRITE, .inode = inode, .len = contents[inode].len});
    return write(fd, data, some);
}

static int seen_fsync(int fd)
{
    if (fd == dir_fd)
        step((struct step){.kind = STEP_FLUSH_DIR});
    else
        step((struct step){.kind = STEP_FLUSH, .inode = inode_of_fd[fd] - 1});
    return fsync(fd);
}

static int seen_rename(const char *from, const char *to)
{
    set_name(name_of(to), now_at[name_of(from)]);
    set_name(name_of(from), NONE);
    return rename(from, to);
}

static int seen_unlink(const char *name)
{
    set_name(name_of(name), NONE);
    return unlink(name);
}

static const struct cache_calls seen_calls = {seen_open, seen_write, seen_fsync,
                                              seen_rename, seen_unlink};

/* --- what a disk may hold after a cut --- */

struct disk {
    int at[NAMES];               /* for certain */
    struct step open[STEPS_MAX]; /* STEP_NAMEs that may have happened */
    unsigned open_count;
    size_t len[INODES_MAX];  /* written */
    size_t safe[INODES_MAX]; /* of that, flushed */
};

static void carry_out(struct disk *d, const struct step *s)
{
    switch (s->kind) {
    case STEP_NAME:
        d->open[d->open_count++] = *s;
        return;
    case STEP_WRITE:
        d->len[s->inode] = s->len;
        return;
    case STEP_FLUSH:
        d->safe[s->inode] = d->len[s->inode];
        return;
    case STEP_FLUSH_DIR:
        for (unsigned i = 0; i < d->open_count; i++)
            d->at[d->open[i].name] = d->open[i].inode;
        d->open_count = 0;
        return;
    }
}

/* Half a file that is 100 bytes long may be 50, at a length of its own. */
static size_t kept(const struct disk *d, int inode, unsigned choice)
{
    size_t loose = d->len[inode] - d->safe[inode];

    return d->safe[inode] + loose * choice / 2;
}

static void put_file(enum name name, const struct disk *d, int inode,
                     unsigned choice)
{
    struct moot_buf p = {0};

    moot_buf_printf(&p, "%s%s", path, name == THE_NEW ? ".new" : "");
    unlink(moot_buf_text(&p));
    if (inode != NONE)
        write_file(moot_buf_text(&p),
                   moot_bytes_of(moot_buf_view(&contents[inode]).data,
                                 kept(d, inode, choice)));
    moot_buf_fini(&p);
}

static struct moot_buf old_text, new_text;

static bool holds(struct moot_peers *book, const struct moot_buf *text)
{
    struct moot_buf got = {0};
    bool same;

    moot_peers_encode(book, &got);
    same = moot_bytes_eq(moot_buf_view(&got), moot_buf_view(text));
    moot_buf_fini(&got);
    return same;
}

/* The next process finds the one or the other, and can go on with it. */
static void look(bool only_new, unsigned at)
{
    struct moot_peers book = {0}, news = {0};
    int error = moot_cache_read(path, NOW, &book, why);
    bool is_new = holds(&book, &new_text);

    expect_turn(error == MOOT_OK && why[0] == '\0', "cut at %u: %s", at, why);
    expect_turn(is_new || holds(&book, &old_text), "cut at %u: neither", at);
    expect_turn(is_new || !only_new, "cut at %u: the old one is back", at);
    moot_peers_fini(&book);
    error = moot_cache_merge(path, &news, NOW, 0, &book, why);
    expect_turn(error == MOOT_OK, "cut at %u: %s", at, why);
    expect_turn(holds(&book, is_new ? &new_text : &old_text),
                "cut at %u: it is another after a change", at);
    moot_peers_fini(&book);
}

static unsigned disks;

static void look_at_each(const struct disk *d, bool only_new, unsigned at)
{
    for (unsigned mask = 0; mask < 1u << d->open_count; mask++) {
        int names[NAMES];

        memcpy(names, d->at, sizeof names);
        for (unsigned i = 0; i < d->open_count; i++)
            if ((mask >> i & 1) != 0)
                names[d->open[i].name] = d->open[i].inode;
        for (unsigned choice = 0; choice < 3; choice++) {
            put_file(THE_FILE, d, names[THE_FILE], choice);
            put_file(THE_NEW, d, names[THE_NEW], choice);
            look(only_new, at);
            disks++;
        }
    }
}

/* What was on the disk before the first step. */
static int begun_at[NAMES], begun_count;
static size_t begun_len[INODES_MAX];

static void begin(void)
{
    memcpy(begun_at, now_at, sizeof begun_at);
    begun_count = inode_count;
    for (int i = 0; i < inode_count; i++)
        begun_len[i] = contents[i].len;
}

static void cut_everywhere(void)
{
    struct disk d = {0};

    memcpy(d.at, begun_at, sizeof d.at);
    for (int i = 0; i < begun_count; i++)
        d.len[i] = d.safe[i] = begun_len[i];
    look_at_each(&d, false, 0);
    for (unsigned i = 0; i < step_count; i++) {
        carry_out(&d, &steps[i]);
        look_at_each(&d, i + 1 == step_count, i + 1);
    }
}

/* --- the changes --- */

static void note(struct moot_peers *news, const char *host)
{
    struct moot_contact c = {.kind = MOOT_CONTACT_MET, .at = NOW};

    moot_addr_set(&c.peer.addr, host, 1);
    moot_book_note(news, &c);
}

static void set_up(void)
{
    dir = temp_dir_create();
    snprintf(path, sizeof path, "%s/peers.json", dir);
    step_count = 0;
    inode_count = 0;
    dir_fd = -1;
    disks = 0;
    memset(inode_of_fd, 0, sizeof inode_of_fd);
    now_at[THE_FILE] = now_at[THE_NEW] = NONE;
}

static void tear_down(void)
{
    for (int i = 0; i < INODES_MAX; i++)
        moot_buf_fini(&contents[i]);
    moot_buf_fini(&old_text);
    moot_buf_fini(&new_text);
    temp_dir_destroy(dir);
}

/* What is there before the first step is on the disk. */
static void begin_with(struct moot_peers *book)
{
    moot_peers_encode(book, &old_text);
    moot_buf_append(&contents[0], moot_buf_view(&old_text).data, old_text.len);
    now_at[THE_FILE] = 0;
    inode_count = 1;
}

static void change(struct moot_peers *news)
{
    struct moot_peers book = {0};

    begin();
    expect_ok(cache_merge(&seen_calls, path, news, NOW, 0, &book, why));
    moot_peers_encode(&book, &new_text);
    moot_peers_fini(&book);
    cut_everywhere();
}

START_TEST(a_cut_leaves_the_old_file_or_the_new_one)
{
    struct moot_peers news = {0}, book = {0};

    note(&news, "a");
    note(&news, "b");
    expect_ok(moot_cache_merge(path, &news, NOW, 0, &book, why));
    begin_with(&book);
    note(&news, "c");
    change(&news);
    ck_assert_uint_ge(disks, 50);
    moot_peers_fini(&news);
    moot_peers_fini(&book);
}
END_TEST

/* What another one left who was killed while he wrote is in the way of nobody,
 * and never taken for the file. */
START_TEST(what_a_killed_process_left_changes_nothing)
{
    struct moot_peers news = {0}, book = {0};
    char name[320];

    note(&news, "a");
    expect_ok(moot_cache_merge(path, &news, NOW, 0, &book, why));
    begin_with(&book);
    snprintf(name, sizeof name, "%s.new", path);
    write_file(name, moot_bytes_text("{\"peers\": ["));
    moot_buf_printf(&contents[1], "{\"peers\": [");
    now_at[THE_NEW] = 1;
    inode_count = 2;
    note(&news, "c");
    change(&news);
    moot_peers_fini(&news);
    moot_peers_fini(&book);
}
END_TEST

START_TEST(a_cut_of_the_first_change_leaves_nothing_or_all)
{
    struct moot_peers news = {0}, nobody = {0};

    moot_peers_encode(&nobody, &old_text);
    note(&news, "a");
    change(&news);
    moot_peers_fini(&news);
}
END_TEST

Suite *suite_store_cut(void)
{
    Suite *s = suite_create("store/cut");
    TCase *t = tcase_create("cut");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_cut_leaves_the_old_file_or_the_new_one);
    tcase_add_test(t, what_a_killed_process_left_changes_nothing);
    tcase_add_test(t, a_cut_of_the_first_change_leaves_nothing_or_all);
    suite_add_tcase(s, t);
    return s;
}
