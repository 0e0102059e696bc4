/*
 * tests/store/test_format.c - files of older formats are brought to today's,
 * all or nothing; what the newest one added is kept: the ways back to a group.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/db.h"
#include "store_words.h"

Suite *suite_store_format(void);

static char *dir, path[300];
static struct moot_db *db;
static struct speaker alice;
static struct moot_db_page page;
static struct moot_pasts pasts;

static void set_up(void)
{
    dir = temp_dir_create();
    snprintf(path, sizeof path, "%s/history.db", dir);
    speaker_init(&alice, 1, 7);
    db = open_db(path, NULL, &alice);
}

static void tear_down(void)
{
    moot_db_page_fini(&page);
    moot_pasts_fini(&pasts);
    moot_db_close(db);
    temp_dir_destroy(dir);
}

static void reopen(void)
{
    moot_db_close(db);
    db = open_db(path, NULL, &alice);
}

/* As it was before the third format. */
#define WITHOUT_BACK                                                           \
    "ALTER TABLE groups DROP COLUMN seeds;"                                    \
    "ALTER TABLE groups DROP COLUMN named;"                                    \
    "ALTER TABLE groups DROP COLUMN doors;"                                    \
    "ALTER TABLE groups DROP COLUMN secrets;"

static void meddle(const char *sql)
{
    moot_db_close(db);
    db = NULL;
    run_sql(path, sql);
}

static void meddle_and_reopen(const char *sql)
{
    meddle(sql);
    db = open_db(path, NULL, &alice);
}

static const char *read_all(struct speaker *s)
{
    struct moot_range r = range_of(s, 1, s->seq);

    expect_ok(moot_db_read(db, &s->group, &r, 1 << 20, &page));
    return texts_of(&page);
}

static const struct moot_past *past(void)
{
    moot_pasts_fini(&pasts);
    expect_ok(moot_db_pasts(db, 2, &pasts));
    expect(pasts.count > 0);
    return &pasts.at[0];
}

static int try_open(const struct speaker *own, char why[MOOT_WHY_MAX])
{
    struct moot_db_config c = {.path = path, .own = &own->key.id};
    int error = moot_db_open(&c, &db, why);

    if (error != MOOT_OK)
        db = NULL;
    return error;
}

static void file_bytes(struct moot_buf *out)
{
    moot_buf_clear(out);
    read_file(path, out);
}

/* --- formats --- */

START_TEST(a_newer_format_is_refused_untouched)
{
    struct moot_buf before = {0}, after = {0};
    char why[MOOT_WHY_MAX];

    keep(db, say(&alice, "one"));
    meddle("PRAGMA user_version = 99");
    file_bytes(&before);
    expect_error(try_open(&alice, why), MOOT_EVERSION);
    expect_within("newer version", why);
    expect_within("--data_dir", why);
    expect(strchr(why, '\n') == NULL);
    file_bytes(&after);
    expect_bytes(moot_buf_view(&after), moot_buf_view(&before));
    moot_buf_fini(&before);
    moot_buf_fini(&after);
}
END_TEST

START_TEST(an_older_format_is_brought_to_todays)
{
    keep(db, say(&alice, "one"));
    meddle_and_reopen(WITHOUT_BACK "DROP TABLE holes; PRAGMA user_version = 1");
    expect_text(read_all(&alice), "one|");
    expect_uint(first_gap(past()), 0);
    keep(db, say(&alice, "two"));
    meddle_and_reopen("DELETE FROM entries WHERE seq = 2");
    expect_uint(first_gap(past()), 2);
}
END_TEST

START_TEST(a_step_that_fails_leaves_the_older_format)
{
    struct moot_buf before = {0}, after = {0};
    char why[MOOT_WHY_MAX];

    keep(db, say(&alice, "one"));
    /* Step 2 makes a table that is there. */
    meddle(WITHOUT_BACK "PRAGMA user_version = 1");
    file_bytes(&before);
    expect_error(try_open(&alice, why), MOOT_ESYS);
    file_bytes(&after);
    expect_bytes(moot_buf_view(&after), moot_buf_view(&before));
    meddle_and_reopen("PRAGMA user_version = 2");
    expect_text(read_all(&alice), "one|");
    moot_buf_fini(&before);
    moot_buf_fini(&after);
}
END_TEST

START_TEST(a_third_step_that_fails_halfway_leaves_the_second_format)
{
    struct moot_buf before = {0}, after = {0};
    char why[MOOT_WHY_MAX];

    keep(db, say(&alice, "one"));
    /* Its last column is there already: three are added and taken back. */
    meddle("ALTER TABLE groups DROP COLUMN doors;"
           "ALTER TABLE groups DROP COLUMN seeds;"
           "ALTER TABLE groups DROP COLUMN secrets;"
           "PRAGMA user_version = 2");
    file_bytes(&before);
    expect_error(try_open(&alice, why), MOOT_ESYS);
    file_bytes(&after);
    expect_bytes(moot_buf_view(&after), moot_buf_view(&before));
    meddle_and_reopen("ALTER TABLE groups DROP COLUMN named");
    expect_text(read_all(&alice), "one|");
    moot_buf_fini(&before);
    moot_buf_fini(&after);
}
END_TEST

/* --- ways back --- */

static struct moot_kept_addr contact(const char *addr, uint8_t id)
{
    struct moot_kept_addr c;

    expect_ok(moot_addr_parse(moot_bytes_text(addr), &c.addr));
    memcpy(c.id.b, hash_of(id).b, sizeof c.id.b);
    return c;
}

static void fill_back(struct moot_back *w)
{
    char longest[MOOT_HOST_LEN_MAX + 8];

    memset(longest, 'a', sizeof longest);
    for (size_t i = 50; i < MOOT_HOST_LEN_MAX; i += 51)
        longest[i] = '.';
    strcpy(longest + MOOT_HOST_LEN_MAX, ":65535");
    memset(w, 0, sizeof *w);
    for (; w->secret_count < MOOT_KEPT_SECRETS_MAX; w->secret_count++) {
        w->secrets[w->secret_count].generation = UINT64_MAX - w->secret_count;
        memset(w->secrets[w->secret_count].b, (int)w->secret_count, 32);
    }
    for (; w->door_count < MOOT_KEPT_DOORS_MAX; w->door_count++)
        w->doors[w->door_count] =
            contact(w->door_count == 1 ? "[2001:db8::1]:80" : longest,
                    (uint8_t)w->door_count);
    for (; w->seed_count < MOOT_KEPT_SEEDS_MAX; w->seed_count++)
        w->seeds[w->seed_count] =
            contact("host.example:1", (uint8_t)(w->seed_count + 100));
}

static void remember_back(struct moot_fx_remember *g)
{
    g->group = alice.group;
    strcpy(g->name, "lobby");
    expect_ok(moot_db_begin(db));
    expect_ok(moot_db_remember(db, g));
    expect_ok(moot_db_commit(db));
}

static void expect_back(const struct moot_back *is,
                        const struct moot_back *want)
{
    expect_bytes(moot_bytes_of(is->secrets, sizeof is->secrets),
                 moot_bytes_of(want->secrets, sizeof want->secrets));
    expect_uint(is->secret_count, want->secret_count);
    expect_uint(is->door_count, want->door_count);
    expect_uint(is->seed_count, want->seed_count);
    for (unsigned i = 0; i < is->door_count; i++) {
        expect(moot_addr_eq(&is->doors[i].addr, &want->doors[i].addr));
        expect_id(&is->doors[i].id, &want->doors[i].id);
    }
    for (unsigned i = 0; i < is->seed_count; i++) {
        expect(moot_addr_eq(&is->seeds[i].addr, &want->seeds[i].addr));
        expect_id(&is->seeds[i].id, &want->seeds[i].id);
    }
}

START_TEST(all_ways_back_are_kept_and_replaced)
{
    struct moot_fx_remember g = {.grown = true};

    fill_back(&g.back);
    remember_back(&g);
    reopen();
    expect_back(&past()->back, &g.back);
    g.back.secret_count = 1;
    memset(g.back.secrets + 1, 0, sizeof g.back.secrets - 40);
    g.back.door_count = 0;
    g.back.seed_count = 2;
    remember_back(&g);
    reopen();
    expect_back(&past()->back, &g.back);
    expect(past()->grown);
}
END_TEST

START_TEST(a_group_of_the_second_format_is_as_it_was)
{
    struct moot_fx_remember g = {.grown = true};

    keep(db, say(&alice, "one"));
    remember_back(&g);
    meddle_and_reopen(WITHOUT_BACK "PRAGMA user_version = 2");
    expect_text(past()->name, "lobby");
    expect(past()->grown);
    expect_uint(past()->back.door_count, 0);
    fill_back(&g.back);
    remember_back(&g);
    reopen();
    expect_back(&past()->back, &g.back);
    expect_text(read_all(&alice), "one|");
}
END_TEST

START_TEST(damaged_ways_are_mended_to_what_can_be_read)
{
    static const char *const harm[] = {
        "UPDATE groups SET doors = substr(doors, 1, 300)",
        "UPDATE groups SET doors = doors || x'00'",
        "UPDATE groups SET secrets = substr(secrets, 1, 79)",
        "UPDATE groups SET seeds = zeroblob(34)",
        "UPDATE groups SET seeds = zeroblob(100000)"};
    struct moot_fx_remember g = {.grown = true};

    for (unsigned i = 0; i < 5; i++) {
        fill_back(&g.back);
        remember_back(&g);
        meddle_and_reopen(harm[i]);
        expect_text(past()->name, "lobby");
        expect(past()->grown);
        expect_uint(past()->back.secret_count, i == 2 ? 1 : 64);
        expect_uint(past()->back.door_count, i == 0 ? 1 : 3);
        expect_uint(past()->back.seed_count, i < 3 ? 16 : 0);
        reopen();
        expect_uint(past()->back.secret_count, i == 2 ? 1 : 64);
    }
}
END_TEST

/* Else it would be gone on with as an open one, under the same id. */
START_TEST(a_closed_group_that_lost_its_secrets_has_no_name_either)
{
    struct moot_fx_remember g = {.grown = true};

    keep(db, say(&alice, "one"));
    fill_back(&g.back);
    remember_back(&g);
    meddle_and_reopen("UPDATE groups SET secrets = NULL");
    expect_uint(past()->back.secret_count, 0);
    expect_text(past()->name, "");
    reopen();
    expect_text(past()->name, "");
    expect_text(read_all(&alice), "one|");
    g.back.secret_count = 0;
    remember_back(&g);
    meddle_and_reopen("UPDATE groups SET seeds = NULL");
    expect_text(past()->name, "lobby"); /* it was never closed */
}
END_TEST

Suite *suite_store_format(void)
{
    Suite *s = suite_create("store/format");
    TCase *t = tcase_create("format");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_newer_format_is_refused_untouched);
    tcase_add_test(t, an_older_format_is_brought_to_todays);
    tcase_add_test(t, a_step_that_fails_leaves_the_older_format);
    tcase_add_test(t, a_third_step_that_fails_halfway_leaves_the_second_format);
    tcase_add_test(t, all_ways_back_are_kept_and_replaced);
    tcase_add_test(t, a_group_of_the_second_format_is_as_it_was);
    tcase_add_test(t, damaged_ways_are_mended_to_what_can_be_read);
    tcase_add_test(t, a_closed_group_that_lost_its_secrets_has_no_name_either);
    suite_add_tcase(s, t);
    return s;
}
