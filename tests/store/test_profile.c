/*
 * tests/store/test_profile.c - an identity is made once and never replaced, a
 * profile is held by one process, and every refusal says what can be done.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include "store/profile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store_words.h"

Suite *suite_store_profile(void);

static char *dir, home[300], path[400];
static char why[MOOT_WHY_MAX];
static struct moot_profile *profile;
static struct moot_profile_config config;

/* What the tests change of the environment. */
static const char *const names_kept[] = {"XDG_DATA_HOME", "HOME", "TMPDIR"};
static char *kept[3];

static void keep_environment(void)
{
    for (unsigned i = 0; i < 3; i++) {
        const char *value = getenv(names_kept[i]);

        kept[i] = value == NULL ? NULL : strdup(value);
    }
}

static void restore_environment(void)
{
    for (unsigned i = 0; i < 3; i++) {
        if (kept[i] != NULL)
            setenv(names_kept[i], kept[i], 1);
        else
            unsetenv(names_kept[i]);
        free(kept[i]);
    }
}

static void set_up(void)
{
    keep_environment();
    dir = temp_dir_create();
    snprintf(home, sizeof home, "%s/home", dir);
    config = (struct moot_profile_config){.data_dir = home};
    memset(why, 0, sizeof why);
    profile = NULL;
}

static void remove_dir(const char *d)
{
    DIR *open = opendir(d);
    const struct dirent *f;

    while (open != NULL && (f = readdir(open)) != NULL)
        unlinkat(dirfd(open), f->d_name, 0);
    if (open != NULL)
        closedir(open);
    rmdir(d);
}

static void tear_down(void)
{
    moot_profile_close(profile);
    restore_environment();
    remove_dir(home);
    temp_dir_destroy(dir);
}

static const char *in(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", home, name);
    return path;
}

static struct moot_id open_profile(void)
{
    int error;

    moot_profile_close(profile);
    profile = NULL;
    error = moot_profile_open(&config, &profile, why);
    ck_assert_msg(error == MOOT_OK, "%s", why);
    return moot_profile_key(profile)->id;
}

static void refused(int error, const char *part)
{
    moot_profile_close(profile);
    profile = NULL;
    expect_error(moot_profile_open(&config, &profile, why), error);
    expect_within(part, why);
    expect(strchr(why, '\n') == NULL);
}

static unsigned mode_of(const char *file)
{
    struct stat st;

    expect_int(lstat(file, &st), 0);
    return st.st_mode & 0777;
}

/* --- the identity --- */

START_TEST(an_identity_is_made_once)
{
    struct moot_id first = open_profile(), second;

    expect(moot_profile_fresh(profile));
    second = open_profile();
    expect_id(&second, &first);
    expect(!moot_profile_fresh(profile));
}
END_TEST

START_TEST(nobody_else_may_look)
{
    open_profile();
    expect_uint(mode_of(home), 0700);
    expect_uint(mode_of(in("identity.key")), 0600);
    expect_uint(mode_of(in("history.db")), 0600);
}
END_TEST

START_TEST(a_key_that_others_can_read_is_refused_until_it_is_mended)
{
    struct moot_id id = open_profile(), again;

    chmod(in("identity.key"), 0644);
    refused(MOOT_EINVAL, "chmod 600");
    expect_uint(mode_of(in("identity.key")), 0644);
    chmod(in("identity.key"), 0600);
    again = open_profile();
    expect_id(&again, &id);
}
END_TEST

START_TEST(a_directory_that_others_can_write_is_refused)
{
    open_profile();
    chmod(home, 0777);
    refused(MOOT_EINVAL, "chmod 700");
    chmod(home, 0700);
}
END_TEST

START_TEST(a_damaged_key_is_refused_and_left_as_it_is)
{
    struct moot_buf key = {0}, after = {0};
    uint8_t *bytes;

    open_profile();
    moot_profile_close(profile);
    profile = NULL;
    read_file(in("identity.key"), &key);
    bytes = malloc(key.len);
    for (size_t i = 0; i < key.len; i++) {
        memcpy(bytes, moot_buf_view(&key).data, key.len);
        bytes[i] ^= 1;
        write_file(in("identity.key"), moot_bytes_of(bytes, key.len));
        refused(MOOT_EINVAL, "nothing was changed");
        moot_buf_clear(&after);
        read_file(in("identity.key"), &after);
        expect_bytes(moot_buf_view(&after), moot_bytes_of(bytes, key.len));
    }
    write_file(in("identity.key"), moot_bytes_of(bytes, key.len - 1));
    refused(MOOT_EINVAL, "size");
    write_file(in("identity.key"), moot_bytes_of(NULL, 0));
    refused(MOOT_EINVAL, "size");
    write_file(in("identity.key"), moot_buf_view(&key));
    open_profile();
    free(bytes);
    moot_buf_fini(&key);
    moot_buf_fini(&after);
}
END_TEST

START_TEST(a_key_that_is_a_link_or_a_directory_is_refused)
{
    char other[400];

    open_profile();
    snprintf(other, sizeof other, "%s/elsewhere", dir);
    expect_int(rename(in("identity.key"), other), 0);
    expect_int(symlink(other, in("identity.key")), 0);
    refused(MOOT_EINVAL, "symbolic link");
    unlink(in("identity.key"));
    expect_int(mkdir(in("identity.key"), 0700), 0);
    refused(MOOT_EINVAL, "no ordinary file");
    rmdir(in("identity.key"));
    unlink(other);
}
END_TEST

START_TEST(a_history_that_is_a_link_is_refused)
{
    open_profile();
    unlink(in("history.db"));
    expect_int(symlink("/etc/passwd", in("history.db")), 0);
    refused(MOOT_EINVAL, "symbolic link");
    unlink(in("history.db"));
}
END_TEST

/* What a start that was cut short leaves behind is in nobody's way. */
START_TEST(an_unfinished_key_is_not_taken_for_one)
{
    expect_int(mkdir(home, 0700), 0);
    write_file(in("identity.key.new"), moot_bytes_text("moot ide"));
    open_profile();
    expect_int(access(in("identity.key.new"), F_OK), -1);
}
END_TEST

/* --- a key that was lost --- */

START_TEST(a_lost_key_is_told_while_the_history_holds_what_its_owner_said)
{
    struct speaker owner;
    struct moot_db *db;

    open_profile();
    speaker_init(&owner, 1, 1);
    owner.key = *moot_profile_key(profile);
    db = open_db(moot_profile_history(profile), NULL, &owner);
    keep(db, say(&owner, "one"));
    moot_db_close(db);
    unlink(in("identity.key"));
    refused(MOOT_EINVAL, "put the key back");
    expect_int(access(in("identity.key"), F_OK), -1);
    unlink(in("history.db"));
    open_profile();
    expect(moot_profile_fresh(profile));
}
END_TEST

START_TEST(a_lost_key_is_no_loss_while_its_owner_has_said_nothing)
{
    struct moot_id first = open_profile(), second;
    struct speaker owner, bob;
    struct moot_db *db;

    speaker_init(&owner, 1, 1);
    owner.key = *moot_profile_key(profile);
    speaker_init(&bob, 2, 1);
    db = open_db(moot_profile_history(profile), NULL, &owner);
    keep(db, say(&bob, "one"));
    moot_db_close(db);
    unlink(in("identity.key"));
    second = open_profile();
    expect(!moot_id_eq(&first, &second));
}
END_TEST

START_TEST(a_lost_key_beside_what_is_no_history_is_refused)
{
    open_profile();
    unlink(in("identity.key"));
    write_file(in("history.db"),
               moot_bytes_text("a letter to my aunt, which is long enough to "
                               "be taken for something else altogether\n"));
    refused(MOOT_EINVAL, "cannot be read");
}
END_TEST

/* --- one at a time --- */

START_TEST(a_second_process_is_told_who_holds_it)
{
    char pid[48];
    pid_t child;
    int pipes[2], status;
    char told[MOOT_WHY_MAX] = "";

    open_profile();
    snprintf(pid, sizeof pid, "held by process %ld;", (long)getpid());
    expect_int(pipe(pipes), 0);
    child = fork();
    if (child == 0) {
        struct moot_profile *p;
        int error = moot_profile_open(&config, &p, why);

        if (write(pipes[1], why, strlen(why)) < 0)
            error = 0;
        _exit(error == MOOT_EBUSY ? 0 : 1);
    }
    expect_int(waitpid(child, &status, 0), child);
    expect_int(status, 0);
    expect(read(pipes[0], told, sizeof told - 1) > 0);
    expect_within(pid, told);
    close(pipes[0]);
    close(pipes[1]);
}
END_TEST

START_TEST(who_only_looks_needs_not_hold_it_and_makes_nothing)
{
    struct moot_profile *other;
    struct moot_id id;

    config.look = true;
    refused(MOOT_ENONE, home);
    expect_int(access(home, F_OK), -1);
    config.look = false;
    id = open_profile();
    config.look = true;
    expect_ok(moot_profile_open(&config, &other, why));
    expect_id(&moot_profile_key(other)->id, &id);
    moot_profile_close(other);
    config.look = false;
    expect_int(access(home, F_OK), 0);
}
END_TEST

START_TEST(it_is_free_again_when_its_holder_is_gone)
{
    open_profile();
    open_profile();
    write_file(in("lock"), moot_bytes_text("not a number"));
    open_profile();
}
END_TEST

/* --- where it is --- */

START_TEST(a_username_names_a_directory_whatever_is_in_it)
{
    static const struct {
        const char *name, *end;
    } names[] = {
        {"alice", "/moot/alice"},     {"..", "/moot/%2E."},
        {"a/b", "/moot/a%2Fb"},       {"per%cent", "/moot/per%25cent"},
        {"\xc3\xa4", "/moot/%C3%A4"}, {"two words", "/moot/two%20words"}};

    setenv("XDG_DATA_HOME", dir, 1);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *d = moot_profile_dir_of(names[i].name);

        expect_text(d + strlen(dir), names[i].end);
        free(d);
    }
    setenv("XDG_DATA_HOME", "relative", 1);
    setenv("HOME", "/h", 1);
    char *d = moot_profile_dir_of("alice");

    expect_text(d, "/h/.local/share/moot/alice");
    free(d);
    unsetenv("HOME");
    expect(moot_profile_dir_of("alice") == NULL);
    config = (struct moot_profile_config){.username = "alice"};
    refused(MOOT_ESYS, "--data_dir");
}
END_TEST

START_TEST(a_temporary_profile_goes_with_all_it_holds)
{
    char *where;

    setenv("TMPDIR", dir, 1);
    config = (struct moot_profile_config){.temp = true};
    open_profile();
    where = strdup(moot_profile_dir(profile));
    expect_within(dir, where);
    expect_uint(mode_of(where), 0700);
    moot_profile_close(profile);
    profile = NULL;
    expect_int(access(where, F_OK), -1);
    free(where);
}
END_TEST

START_TEST(a_place_that_cannot_be_made_is_named)
{
    write_file(home, moot_bytes_text("a file"));
    refused(MOOT_ESYS, home);
    expect_within("--data_dir", why);
    unlink(home);
}
END_TEST

Suite *suite_store_profile(void)
{
    Suite *s = suite_create("store/profile");
    TCase *t = tcase_create("profile");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, an_identity_is_made_once);
    tcase_add_test(t, nobody_else_may_look);
    tcase_add_test(t, a_key_that_others_can_read_is_refused_until_it_is_mended);
    tcase_add_test(t, a_directory_that_others_can_write_is_refused);
    tcase_add_test(t, a_damaged_key_is_refused_and_left_as_it_is);
    tcase_add_test(t, a_key_that_is_a_link_or_a_directory_is_refused);
    tcase_add_test(t, a_history_that_is_a_link_is_refused);
    tcase_add_test(t, an_unfinished_key_is_not_taken_for_one);
    tcase_add_test(
        t, a_lost_key_is_told_while_the_history_holds_what_its_owner_said);
    tcase_add_test(t, a_lost_key_is_no_loss_while_its_owner_has_said_nothing);
    tcase_add_test(t, a_lost_key_beside_what_is_no_history_is_refused);
    tcase_add_test(t, a_second_process_is_told_who_holds_it);
    tcase_add_test(t, who_only_looks_needs_not_hold_it_and_makes_nothing);
    tcase_add_test(t, it_is_free_again_when_its_holder_is_gone);
    tcase_add_test(t, a_username_names_a_directory_whatever_is_in_it);
    tcase_add_test(t, a_temporary_profile_goes_with_all_it_holds);
    tcase_add_test(t, a_place_that_cannot_be_made_is_named);
    suite_add_tcase(s, t);
    return s;
}
