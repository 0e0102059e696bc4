/*
 * tests/net/test_verify.c - batches of entries, some of them not what they say.
 *
 * Layer:  tests.
 * Thread: main is the loop's; signatures are checked in workers.
 */
#include "net/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "cast.h"
#include "net/world.h"

Suite *suite_net_verify(void);

#define BATCHES_MAX 2048

static struct moot_sink sink;
static struct moot_verifier *verifier;
static struct moot_fx_verify batch;
static unsigned came; /* events so far */
static moot_token tokens[BATCHES_MAX];
static unsigned forged_in[BATCHES_MAX]; /* how many were not genuine */
static unsigned first_forged[BATCHES_MAX];
static unsigned more; /* batches to be started from inside an event */

static void on_event(void *ctx, const struct moot_event *ev)
{
    (void)ctx;
    expect_int(ev->kind, MOOT_EV_VERIFIED);
    tokens[came] = ev->verified.token;
    forged_in[came] = 0;
    for (unsigned i = ev->verified.count; i-- > 0;) {
        if (!ev->verified.genuine[i]) {
            forged_in[came]++;
            first_forged[came] = i;
        }
    }
    came++;
    if (more > 0) {
        more--;
        batch.token++;
        moot_verifier_start(verifier, &batch);
    }
}

static bool all_came(void *count)
{
    return came >= *(unsigned *)count;
}

static void until_came(unsigned count)
{
    world_until(all_came, &count);
    expect_uint(came, count);
}

/* The same words under a signature in which one bit is another. */
static struct moot_entry *forged(const struct moot_entry *e)
{
    struct moot_buf raw = {0};
    struct moot_entry *f = NULL;
    const uint8_t *sig;
    size_t at;

    moot_buf_append(&raw, e->raw.data, e->raw.len);
    sig = memmem(raw.data + raw.start, raw.len, e->sig.b, sizeof e->sig.b);
    at = (size_t)(sig - raw.data);
    raw.data[at + 5] ^= 1;
    expect_ok(moot_entry_open(moot_buf_view(&raw), &f));
    moot_buf_fini(&raw);
    return f;
}

static void begin(void)
{
    struct moot_hash group = hash_of(1);

    world_open();
    cast_begin(&group);
    came = 0;
    more = 0;
    memset(&batch, 0, sizeof batch);
    sink = (struct moot_sink){on_event, NULL};
    verifier = moot_verifier_open(world_loop, &sink, 3);
}

static void end(void)
{
    moot_verifier_close(verifier);
    cast_end();
    world_close();
}

static void fill(unsigned count)
{
    struct moot_entry *e = cast_writes('A', "hello");

    batch.count = count;
    for (unsigned i = 0; i < count; i++)
        batch.entries[i] = e;
}

START_TEST(each_entry_of_a_batch_gets_its_own_verdict)
{
    struct moot_entry *bad;

    fill(MOOT_PAGE_MAX);
    bad = forged(batch.entries[0]);
    batch.entries[_i] = bad;
    batch.token = 7;
    moot_verifier_start(verifier, &batch);
    expect_uint(came, 0); /* never from inside the call */
    until_came(1);
    expect_uint(tokens[0], 7);
    expect_uint(forged_in[0], 1);
    expect_uint(first_forged[0], (unsigned)_i);
    expect_uint(bad->refs, 1);
    expect_uint(batch.entries[(_i + 1) % 512]->refs, 1);
    moot_entry_unref(bad);
}
END_TEST

START_TEST(batches_come_back_in_the_order_asked)
{
    fill(MOOT_PAGE_MAX);
    for (batch.token = 1; batch.token <= 64; batch.token++) {
        /* Large ones take longer than the small ones behind them. */
        batch.count = batch.token % 4 == 1 ? MOOT_PAGE_MAX : 1;
        moot_verifier_start(verifier, &batch);
    }
    until_came(64);
    for (unsigned i = 0; i < 64; i++)
        expect_uint(tokens[i], i + 1);
}
END_TEST

START_TEST(a_batch_may_be_started_from_inside_an_event)
{
    fill(20);
    more = 5;
    batch.token = 1;
    moot_verifier_start(verifier, &batch);
    until_came(6);
    expect_uint(tokens[5], 6);
}
END_TEST

START_TEST(more_than_can_wait_is_done_all_the_same)
{
    unsigned count = MOOT_VERIFY_WAITING_MAX + 100;

    fill(1);
    for (batch.token = 1; batch.token <= count; batch.token++)
        moot_verifier_start(verifier, &batch);
    expect_uint(came, 0);
    until_came(count);
    for (unsigned i = 0; i < count; i++) {
        expect_uint(tokens[i], i + 1);
        expect_uint(forged_in[i], 0);
    }
}
END_TEST

START_TEST(what_is_under_way_at_the_end_is_let_go)
{
    struct moot_entry *e;

    fill(MOOT_PAGE_MAX);
    e = batch.entries[0];
    for (batch.token = 1; batch.token <= 50; batch.token++)
        moot_verifier_start(verifier, &batch);
    moot_verifier_close(verifier);
    verifier = NULL;
    expect_uint(came, 0);
    expect_uint(e->refs, 1);
}
END_TEST

START_TEST(there_are_threads_enough_on_any_machine)
{
    moot_verifier_close(verifier);
    verifier = moot_verifier_open(world_loop, &sink, _i == 0 ? 0 : 1000);
    fill(MOOT_PAGE_MAX);
    batch.token = 1;
    moot_verifier_start(verifier, &batch);
    until_came(1);
    expect_uint(forged_in[0], 0);
}
END_TEST

Suite *suite_net_verify(void)
{
    Suite *s = suite_create("net/verify");
    TCase *t = tcase_create("verify");

    tcase_add_checked_fixture(t, begin, end);
    tcase_add_loop_test(t, each_entry_of_a_batch_gets_its_own_verdict, 511,
                        512);
    tcase_add_loop_test(t, each_entry_of_a_batch_gets_its_own_verdict, 0, 1);
    tcase_add_loop_test(t, each_entry_of_a_batch_gets_its_own_verdict, 170,
                        172);
    tcase_add_test(t, batches_come_back_in_the_order_asked);
    tcase_add_test(t, a_batch_may_be_started_from_inside_an_event);
    tcase_add_test(t, more_than_can_wait_is_done_all_the_same);
    tcase_add_test(t, what_is_under_way_at_the_end_is_let_go);
    tcase_add_loop_test(t, there_are_threads_enough_on_any_machine, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
