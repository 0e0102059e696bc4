/*
 * tests/store/test_crash.c - what was acknowledged survives every power cut and
 * every failing flush, and no damage to the file is ever served as if it were
 * what somebody said.
 *
 * A short life is written to a disk in memory, with a fault at each change of
 * the disk in turn; then the disk is looked at again.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "crashvfs.h"
#include "loop/clock.h"
#include "store_words.h"

Suite *suite_store_crash(void);

#define DISK "crash"
#define PATH "history.db"
#define TURNS 14
#define ENTRIES_MAX (4 * TURNS)

/* What was said, in the order in which it was put; and how much of it was
 * acknowledged. */
static struct crash_disk *disk;
static struct moot_db *db;
static struct speaker alice, bob;
static struct moot_entry *said[ENTRIES_MAX];
static unsigned turn_end[TURNS]; /* entries said up to the end of a turn */
static struct moot_db_page page;

static void prepare(uint64_t seed)
{
    unsigned count = 0;

    disk = crash_disk_create(DISK, seed);
    speaker_init(&alice, 1, 7);
    speaker_init(&bob, 2, UINT64_MAX);
    for (unsigned i = 0; i < TURNS; i++) {
        said[count++] = say(&alice, "mine");
        if (i % 3 == 1)
            said[count++] = say_long(&bob, 3000);
        if (i % 4 == 2)
            said[count++] = say(&bob, "yours");
        turn_end[i] = count;
    }
}

static void clean_up(void)
{
    moot_db_close(db);
    db = NULL;
    moot_db_page_fini(&page);
    crash_disk_destroy(disk);
    for (unsigned i = 0; i < turn_end[TURNS - 1]; i++)
        moot_entry_unref(said[i]);
}

/* --- living --- */

static bool open_again(void)
{
    struct moot_db_config c = {.path = PATH, .vfs = DISK, .own = &alice.key.id};
    char why[MOOT_WHY_MAX];

    db = NULL;
    return moot_db_open(&c, &db, why) == MOOT_OK;
}

static void shut(void)
{
    moot_db_close(db);
    db = NULL;
}

/* One transaction, of all entries up to the end of the turn that were not
 * acknowledged before. */
static int write_turn(unsigned turn)
{
    unsigned from = turn == 0 ? 0 : turn_end[turn - 1];
    int error = moot_db_begin(db);

    for (unsigned i = from; i < turn_end[turn] && error == MOOT_OK; i++)
        error = moot_db_put(db, said[i]);
    return error == MOOT_OK ? moot_db_commit(db) : error;
}

/* Returns how many turns were acknowledged before something failed. */
static unsigned live(void)
{
    for (unsigned i = 0; i < TURNS; i++) {
        if (db == NULL && !open_again())
            return i;
        if (write_turn(i) != MOOT_OK)
            return i;
        if (i % 5 == 4)
            shut(); /* the log goes into the file */
    }
    return TURNS;
}

/* --- looking at what is left --- */

static unsigned count_of(const struct speaker *s, unsigned turns)
{
    unsigned count = 0, end = turns == 0 ? 0 : turn_end[turns - 1];

    for (unsigned i = 0; i < end; i++)
        count += moot_id_eq(&said[i]->in.author, &s->key.id);
    return count;
}

static const struct moot_entry *truth_of(const struct moot_run *in,
                                         uint64_t seq)
{
    for (unsigned i = 0; i < turn_end[TURNS - 1]; i++)
        if (moot_run_cmp(&said[i]->in, in) == 0 && said[i]->seq == seq)
            return said[i];
    return NULL;
}

static bool is_true(const struct moot_entry *e)
{
    const struct moot_entry *truth = truth_of(&e->in, e->seq);

    return truth != NULL && moot_bytes_eq(e->raw, truth->raw);
}

/* Reads what there is of a speaker; every entry has to be what was said. */
static int read_from(const struct speaker *s, uint64_t from)
{
    struct moot_range r = range_of(s, from, 1000);
    int error = moot_db_read(db, &s->group, &r, 1 << 20, &page);

    for (unsigned i = 0; error == MOOT_OK && i < page.count; i++) {
        expect(page.at[i]->seq == from + i);
        expect(is_true(page.at[i]));
    }
    return error;
}

/* Either as many turns as were acknowledged, or one more: never half a one. */
static void expect_kept(unsigned turns, uint64_t n)
{
    unsigned had[2];
    const struct speaker *both[] = {&alice, &bob};
    bool exact = true, more = turns < TURNS;

    ck_assert_msg(open_again(), "cannot be opened after change %u",
                  (unsigned)n);
    for (unsigned i = 0; i < 2; i++) {
        expect_ok(read_from(both[i], 1));
        expect_uint(page.damaged, 0);
        had[i] = page.count;
        exact = exact && had[i] == count_of(both[i], turns);
        more = more && had[i] == count_of(both[i], turns + 1);
    }
    ck_assert_msg(exact || more,
                  "change %u: %u turns were acknowledged, %u and %u entries "
                  "are left",
                  (unsigned)n, turns, had[0], had[1]);
}

/* --- power --- */

static uint64_t changes_of_a_life(void)
{
    uint64_t changes;

    prepare(0);
    expect_uint(live(), TURNS);
    shut();
    changes = crash_changes(disk);
    clean_up();
    return changes;
}

START_TEST(nothing_acknowledged_is_lost_at_any_power_cut)
{
    uint64_t changes = changes_of_a_life();

    expect(changes > 60);
    for (uint64_t n = 1; n <= changes; n++) {
        unsigned acknowledged;

        prepare(seed_of(_i) * 1000 + n);
        crash_plan(disk, n, CRASH_POWER, false);
        acknowledged = live();
        shut();
        crash_power_back(disk);
        expect_kept(acknowledged, n);
        clean_up();
    }
}
END_TEST

START_TEST(a_life_goes_on_after_a_power_cut)
{
    for (uint64_t n = 5; n <= 60; n += 5) {
        prepare(n);
        crash_plan(disk, n, CRASH_POWER, false);
        live();
        shut();
        crash_power_back(disk);
        expect(open_again());
        expect_uint(live(), TURNS); /* all of it again: what is kept is fine */
        shut();
        crash_power_cut(disk);
        crash_power_back(disk);
        expect_kept(TURNS, n);
        clean_up();
    }
}
END_TEST

/* A start takes for safe what it reads, so it has to be. */
START_TEST(what_a_start_finds_survives_the_next_power_cut)
{
    for (uint64_t n = 5; n <= 65; n++) {
        unsigned found;

        prepare(n);
        crash_plan(disk, n, CRASH_POWER, false);
        live();
        shut();
        crash_process_back(disk);
        expect(open_again());
        expect_ok(read_from(&alice, 1));
        found = page.count;
        crash_power_cut(disk);
        shut();
        crash_power_back(disk);
        expect(open_again());
        expect_ok(read_from(&alice, 1));
        expect_uint(page.count, found);
        clean_up();
    }
}
END_TEST

/* --- failing --- */

/* Tries until it works, as the store does: the whole transaction again, through
 * the same connection or a new one. */
static void insist(unsigned from, bool anew)
{
    for (unsigned i = from; i < TURNS;) {
        if (db == NULL)
            expect(open_again());
        if (write_turn(i) == MOOT_OK)
            i++;
        else
            moot_db_rollback(db);
        if (anew)
            shut();
    }
}

static void fail_and_cut(uint64_t n, enum crash_fault fault, bool flushes)
{
    unsigned acknowledged;

    prepare(n);
    crash_plan(disk, n, fault, flushes);
    acknowledged = live();
    if (acknowledged < TURNS) {
        if (db != NULL)
            expect_uint(moot_db_trouble(db),
                        fault == CRASH_FULL ? MOOT_DB_FULL : MOOT_DB_IO);
        if (n % 2 == 0)
            shut();
        else if (db != NULL)
            moot_db_rollback(db);
        crash_plan(disk, 0, CRASH_NONE, false);
        insist(acknowledged, n % 4 == 0);
    }
    crash_power_cut(disk);
    shut();
    crash_power_back(disk);
    expect_kept(TURNS, n);
    clean_up();
}

/* The system takes what a flush could not write for clean: to flush once more
 * and be told that it worked proves nothing. */
START_TEST(what_follows_a_failed_flush_is_safe_when_it_is_said_to_be)
{
    for (uint64_t n = 1; n <= 30; n++)
        fail_and_cut(n, CRASH_EIO, true);
}
END_TEST

START_TEST(what_follows_several_failed_flushes_is_safe_when_it_is_said_to_be)
{
    for (uint64_t n = 1; n <= 30; n++)
        fail_and_cut(n, CRASH_EIOS, true);
}
END_TEST

START_TEST(what_follows_a_failed_write_is_safe_when_it_is_said_to_be)
{
    for (uint64_t n = 1; n <= 90; n += 3)
        fail_and_cut(n, CRASH_EIO, false);
}
END_TEST

/* SQLite gives up after so many sleeps, whoever holds the lock. */
START_TEST(who_waits_for_a_lock_waits)
{
    int64_t began = moot_clock_us();

    disk = crash_disk_create(DISK, 1);
    expect_int(sqlite3_vfs_find(DISK)->xSleep(sqlite3_vfs_find(DISK), 2000),
               2000);
    expect(moot_clock_us() - began >= 2000);
    crash_disk_destroy(disk);
}
END_TEST

START_TEST(a_full_disk_loses_nothing)
{
    for (uint64_t n = 1; n <= 90; n += 3)
        fail_and_cut(n, CRASH_FULL, false);
}
END_TEST

/* --- damage --- */

struct findings {
    unsigned silent;   /* flips that nothing came of: not harmful */
    unsigned detected; /* harmful ones that were noticed */
};

enum heads {
    HEADS_WHOLE,
    HEADS_TOLD, /* something is wrong, and it is said */
    HEADS_LESS  /* something is not there */
};

/* Heads that are told are true. */
static enum heads look_at_heads(void)
{
    struct moot_pasts pasts = {NULL, 0};
    enum heads heads = HEADS_WHOLE;
    unsigned chains = 0;

    if (moot_db_pasts(db, 10, &pasts) != MOOT_OK)
        return HEADS_TOLD;
    for (unsigned i = 0; i < pasts.count; i++) {
        for (unsigned k = 0; k < pasts.at[i].chain_count; k++) {
            const struct moot_past_chain *c = &pasts.at[i].chains[k];
            const struct moot_entry *head = truth_of(&c->in, c->len);

            chains++;
            expect(head != NULL);
            expect(moot_hash_eq(&head->hash, &c->head));
            if (c->gap_count != 0 && heads == HEADS_WHOLE)
                heads = HEADS_TOLD;
            if (truth_of(&c->in, c->len + 1) != NULL)
                heads = HEADS_LESS;
        }
        for (unsigned k = 0; k < pasts.at[i].tail_count; k++)
            expect(is_true(pasts.at[i].tail[k]));
    }
    moot_pasts_fini(&pasts);
    return chains == 2 ? heads : HEADS_LESS;
}

/* Does everything read as it was said?  Nothing else may ever be read. */
static bool all_is_there(void)
{
    struct moot_db_walk_config all = {.group = alice.group, .since = INT64_MIN};
    struct moot_db_walk *w;
    struct moot_entry *e, *before = NULL;
    unsigned count = 0;
    int error = moot_db_walk_open(db, &all, &w);

    if (error != MOOT_OK)
        return false;
    while ((error = moot_db_walk_next(w, &e)) == MOOT_OK) {
        expect(is_true(e));
        expect(before == NULL || moot_entry_cmp(before, e) < 0);
        moot_entry_unref(before);
        before = e;
        count++;
    }
    moot_entry_unref(before);
    moot_db_walk_close(w);
    if (error != MOOT_ENONE || count != turn_end[TURNS - 1])
        return false;
    return read_from(&alice, 1) == MOOT_OK && page.count == alice.seq &&
           read_from(&bob, 1) == MOOT_OK && page.count == bob.seq;
}

/* Was what is missing noticed by anything that looks? */
static bool is_noticed(void)
{
    struct moot_db_verdict v;

    return moot_db_verify(db, &alice.group, NULL, &v) != MOOT_OK ||
           v.damaged + v.missing + v.forged > 0;
}

/* Neighbours give everything again. */
static bool heal(void)
{
    int error = moot_db_begin(db);

    for (unsigned i = 0; i < turn_end[TURNS - 1] && error == MOOT_OK; i++)
        error = moot_db_put(db, said[i]);
    if (error == MOOT_OK)
        error = moot_db_commit(db);
    moot_db_rollback(db);
    return error == MOOT_OK;
}

static void look_at_damage(struct findings *f)
{
    enum heads heads;
    bool all, noticed;

    if (!open_again()) {
        f->detected++;
        return;
    }
    noticed = is_noticed();
    heads = look_at_heads();
    all = all_is_there();
    expect(heads != HEADS_LESS || noticed);
    expect(all || heads == HEADS_TOLD || noticed);
    if (all && heads == HEADS_WHOLE) {
        f->silent++;
    } else {
        f->detected++;
        if (heal())
            expect(all_is_there() || is_noticed());
    }
    shut();
}

static void damage(void (*how)(struct moot_rng *rng), unsigned turns,
                   uint64_t seed, struct findings *f)
{
    struct moot_rng rng;
    uint8_t bytes[32] = {0};

    memcpy(bytes, &seed, sizeof seed);
    moot_rng_init(&rng, bytes);
    prepare(seed);
    expect_uint(live(), TURNS);
    shut();
    crash_copy(disk, PATH, "whole");
    for (unsigned i = 0; i < turns; i++) {
        crash_copy(disk, "whole", PATH);
        how(&rng);
        look_at_damage(f);
        if (db != NULL)
            shut();
    }
    clean_up();
}

static void flip_a_bit(struct moot_rng *rng)
{
    size_t len;
    uint8_t *data = crash_file(disk, PATH, &len);
    uint64_t bit = moot_rng_below(rng, len * 8);

    data[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

static void cut_it_off(struct moot_rng *rng)
{
    size_t len;

    crash_file(disk, PATH, &len);
    crash_truncate(disk, PATH, moot_rng_below(rng, len));
}

START_TEST(no_flipped_bit_is_served)
{
    struct findings f = {0, 0};

    damage(flip_a_bit, 40, seed_of(_i), &f);
    expect_uint(f.silent + f.detected, 40);
    expect(f.detected > 0);
}
END_TEST

START_TEST(a_file_that_was_cut_off_is_noticed)
{
    struct findings f = {0, 0};

    damage(cut_it_off, 20, seed_of(_i), &f);
    expect(f.detected >= 18);
}
END_TEST

Suite *suite_store_crash(void)
{
    Suite *s = suite_create("store/crash");
    TCase *t = tcase_create("crash");

    tcase_add_loop_test(t, nothing_acknowledged_is_lost_at_any_power_cut, 0, 1);
    tcase_add_test(t, a_life_goes_on_after_a_power_cut);
    tcase_add_test(t, what_a_start_finds_survives_the_next_power_cut);
    tcase_add_test(
        t, what_follows_several_failed_flushes_is_safe_when_it_is_said_to_be);
    tcase_add_test(t,
                   what_follows_a_failed_flush_is_safe_when_it_is_said_to_be);
    tcase_add_test(t,
                   what_follows_a_failed_write_is_safe_when_it_is_said_to_be);
    tcase_add_test(t, a_full_disk_loses_nothing);
    tcase_add_test(t, who_waits_for_a_lock_waits);
    tcase_add_loop_test(t, no_flipped_bit_is_served, 0, 5);
    tcase_add_loop_test(t, a_file_that_was_cut_off_is_noticed, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
