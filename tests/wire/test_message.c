/*
 * tests/wire/test_message.c - everything two linked peers can say.
 *
 * A message that was encoded, decoded and encoded again is the same bytes; this
 * is tried for every kind with lists of every length that matters.  What is
 * refused stands in test_refused.c.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "dies.h"
#include "samples.h"
#include "words.h"

Suite *suite_wire_message(void);

static struct moot_key alice;
static struct moot_record record;
static struct moot_entry *entry;
static struct moot_message *m; /* large: not on the stack */
static struct moot_message *back;
static struct moot_buf b;

static void set_up(void)
{
    alice = sample_key(1);
    sample_record(&record, &alice);
    entry = sample_rich_entry(&alice);
    m = moot_alloc(sizeof *m);
    back = moot_alloc(sizeof *back);
    memset(&b, 0, sizeof b);
}

static void tear_down(void)
{
    moot_entry_unref(entry);
    free(m);
    free(back);
    moot_buf_fini(&b);
}

/* Encodes *m, decodes into *back from bytes before a page not to be read. */
static void expect_goes_and_comes(void)
{
    struct moot_buf again = {0};
    struct guarded g;

    guarded_init(&g, sample_frame(m, &b));
    expect_ok(moot_message_decode(guarded_view(&g), back));
    expect_int(back->kind, m->kind);
    moot_message_encode(back, &again);
    expect_bytes(moot_buf_view(&again), moot_buf_view(&b));
    expect(b.len <= MOOT_FRAME_PREFIX + MOOT_FRAME_LEN_MAX);
    guarded_fini(&g);
    moot_buf_fini(&again);
}

START_TEST(every_kind_goes_and_comes_back)
{
    for (int kind = MOOT_MSG_HELLO; kind <= MOOT_MSG_LAST; kind++) {
        if (!moot_message_known((uint32_t)kind))
            continue;
        for (unsigned count = 0; count < 3; count++) {
            sample_message(m, (enum moot_message_kind)kind, count, entry,
                           &record);
            expect_goes_and_comes();
        }
    }
}
END_TEST

static void expect_full(enum moot_message_kind kind, unsigned count)
{
    sample_message(m, kind, count, entry, &record);
    expect_goes_and_comes();
}

/* The largest of each kind, up to its bound, fits a frame. */
START_TEST(full_lists_fit_a_frame)
{
    struct moot_entry *small = sample_entry(&alice);

    expect_full(MOOT_MSG_AUTHORS, MOOT_PAGE_MAX);
    expect_full(MOOT_MSG_CHAINS, MOOT_PAGE_MAX);
    expect_full(MOOT_MSG_WANT, MOOT_PAGE_MAX);
    expect_full(MOOT_MSG_WHO, MOOT_PAGE_MAX);
    sample_message(m, MOOT_MSG_LINKED, 0, NULL, NULL);
    m->linked.up_count = MOOT_LINKS_MAX;
    expect_goes_and_comes();
    m->linked.up_count = m->linked.down_count = MOOT_LINKS_MAX / 2;
    expect_goes_and_comes();
    sample_message(m, MOOT_MSG_ENTRIES, 256, small, &record);
    expect_goes_and_comes();
    moot_entry_unref(small);
}
END_TEST

/* Values as long as they get: eight bytes, nine bytes. */
START_TEST(full_lists_of_large_numbers_fit_a_frame)
{
    sample_message(m, MOOT_MSG_WANT, MOOT_PAGE_MAX, NULL, &record);
    for (unsigned i = 0; i < MOOT_PAGE_MAX; i++) {
        m->want.at[i].in.run = UINT64_MAX;
        m->want.at[i].from = m->want.at[i].to = MOOT_SEQ_MAX - 1;
    }
    expect_goes_and_comes();
    sample_message(m, MOOT_MSG_CHAINS, MOOT_PAGE_MAX, NULL, &record);
    for (unsigned i = 0; i < MOOT_PAGE_MAX; i++) {
        m->chains.at[i].run = UINT64_MAX - MOOT_PAGE_MAX + i;
        m->chains.at[i].len = MOOT_SEQ_MAX - 2;
        m->chains.at[i].fork_seq = MOOT_SEQ_MAX - 1;
        m->chains.at[i].fork_hash = sample_hash(8);
    }
    expect_goes_and_comes();
}
END_TEST

START_TEST(a_page_of_the_longest_records_fits_a_frame)
{
    static uint8_t raw[MOOT_RECORD_LEN_MAX];
    char host[MOOT_HOST_LEN_MAX + 1];

    for (unsigned i = 0; i < MOOT_HOST_LEN_MAX; i++)
        host[i] = i % 51 == 50 ? '.' : 'a';
    host[MOOT_HOST_LEN_MAX] = 0;
    sample_message(m, MOOT_MSG_MEMBERS, MOOT_MEMBERS_PAGE_MAX, NULL, &record);
    for (unsigned i = 0; i < MOOT_MEMBERS_PAGE_MAX; i++) {
        m->members.at[i].record = moot_bytes_of(raw, sizeof raw);
        moot_addr_set(&m->members.at[i].seen, host, UINT16_MAX);
    }
    expect_goes_and_comes();
    expect_uint(back->members.count, MOOT_MEMBERS_PAGE_MAX);
    expect_text(back->members.at[31].seen.host, host);
}
END_TEST

START_TEST(what_comes_before_the_proofs_fits_4_kib)
{
    sample_message(m, MOOT_MSG_HELLO, 0, NULL, &record);
    expect(sample_frame(m, &b).len <= MOOT_FRAME_EARLY_LEN_MAX);
    sample_message(m, MOOT_MSG_REFUSE, 0, NULL, &record);
    expect(sample_frame(m, &b).len <= MOOT_FRAME_EARLY_LEN_MAX);
    sample_message(m, MOOT_MSG_WELCOME, 0, NULL, &record);
    m->welcome.record.raw_len = MOOT_RECORD_LEN_MAX;
    memset(m->welcome.seen, 'a', MOOT_HOST_LEN_MAX);
    expect(sample_frame(m, &b).len <= MOOT_FRAME_EARLY_LEN_MAX);
}
END_TEST

/* --- what was said is what is heard --- */

START_TEST(hello_is_heard)
{
    sample_message(m, MOOT_MSG_HELLO, 0, NULL, &record);
    m->hello.minor = 7;
    expect_goes_and_comes();
    expect_uint(back->hello.major, 1);
    expect_uint(back->hello.minor, 7);
    expect_uint(back->hello.run, record.run);
    expect_hash(&back->hello.group_tag, &m->hello.group_tag);
    expect_hash(&back->hello.name_tag, &m->hello.name_tag);
    expect_hash(&back->hello.proof, &m->hello.proof);
}
END_TEST

START_TEST(welcome_is_heard)
{
    sample_message(m, MOOT_MSG_WELCOME, 0, NULL, &record);
    expect_goes_and_comes();
    expect_text(back->welcome.seen, "203.0.113.5");
    expect_text(back->welcome.record.name, "alice");
    expect(moot_record_verify(&back->welcome.record));
    m->welcome.seen[0] = 0;
    expect_goes_and_comes();
    expect_text(back->welcome.seen, "");
}
END_TEST

START_TEST(refuse_is_heard)
{
    for (int why = MOOT_REFUSE_GROUP; why <= MOOT_REFUSE_OTHER; why++) {
        sample_message(m, MOOT_MSG_REFUSE, 0, NULL, &record);
        m->refuse.why = (enum moot_refusal)why;
        expect_goes_and_comes();
        expect_int(back->refuse.why, why);
        expect_uint(back->refuse.major, 1);
        expect((back->refuse.weight != 0) == (why == MOOT_REFUSE_OTHER));
        expect(moot_hash_zero(&back->refuse.group) !=
               (why == MOOT_REFUSE_OTHER));
    }
}
END_TEST

START_TEST(bye_is_heard)
{
    char reason[MOOT_REASON_LEN_MAX];

    memset(reason, 'r', sizeof reason);
    for (int kind = MOOT_BYE_QUIT; kind <= MOOT_BYE_GROUP; kind++) {
        sample_message(m, MOOT_MSG_BYE, 0, NULL, NULL);
        m->bye.kind = (enum moot_bye_kind)kind;
        m->bye.reason = moot_bytes_of(reason, kind > 1 ? sizeof reason : 0);
        moot_buf_clear(&b);
        moot_message_encode(m, &b);

        struct moot_bytes view = moot_buf_view(&b);

        view = moot_bytes_of(view.data + 4, view.len - 4);
        expect_ok(moot_message_decode(view, back));
        expect_int(back->bye.kind, kind);
        expect_bytes(back->bye.reason, m->bye.reason);
    }
}
END_TEST

START_TEST(entries_are_views_into_the_frame)
{
    sample_message(m, MOOT_MSG_ENTRIES, 2, entry, NULL);

    struct moot_bytes frame = sample_frame(m, &b);

    expect_ok(moot_message_decode(frame, back));
    expect(back->entries.asked);
    expect_uint(back->entries.count, 2);
    for (unsigned i = 0; i < 2; i++) {
        struct moot_bytes raw = back->entries.raw[i];

        expect_bytes(raw, entry->raw);
        expect(raw.data > frame.data && raw.data < frame.data + frame.len);
    }
}
END_TEST

START_TEST(an_entry_is_encoded_the_same_both_ways)
{
    struct moot_entry *pair[2] = {entry, sample_entry(&alice)};
    struct moot_buf fast = {0};

    for (unsigned asked = 0; asked < 2; asked++) {
        for (unsigned count = 0; count <= 2; count++) {
            sample_message(m, MOOT_MSG_ENTRIES, count, entry, NULL);
            m->entries.asked = asked == 1;
            if (count == 2)
                m->entries.raw[1] = pair[1]->raw;
            moot_buf_clear(&b);
            moot_message_encode(m, &b);
            moot_message_encode_entries(pair, count, asked == 1, &fast);
            expect_bytes(moot_buf_view(&fast), moot_buf_view(&b));
            moot_buf_clear(&fast);
        }
    }
    moot_buf_fini(&fast);
    moot_entry_unref(pair[1]);
}
END_TEST

/* The caller counts raw.len + 8 for each: then all of them fit. */
START_TEST(as_many_entries_as_the_caller_may_count_fit)
{
    struct moot_entry *small = sample_entry(&alice);
    struct moot_entry *many[MOOT_PAGE_MAX];
    unsigned count = 0;

    for (size_t sum = 0; sum <= MOOT_FRAME_LEN_MAX && count < MOOT_PAGE_MAX;
         sum += small->raw.len + 8)
        many[count++] = small;
    count--;
    moot_message_encode_entries(many, count, true, &b);
    expect(b.len <= MOOT_FRAME_PREFIX + MOOT_FRAME_LEN_MAX);
    expect(count > 200);
    moot_entry_unref(small);
}
END_TEST

START_TEST(frames_follow_each_other_in_one_buffer)
{
    moot_buf_append(&b, "before", 6);
    sample_message(m, MOOT_MSG_PING, 0, NULL, NULL);
    moot_message_encode(m, &b);
    moot_message_encode_entries(&entry, 1, false, &b);
    moot_buf_consume(&b, 6);

    struct moot_bytes frame;
    enum moot_message_kind kinds[2] = {MOOT_MSG_PING, MOOT_MSG_ENTRIES};

    for (unsigned i = 0; i < 2; i++) {
        expect_ok(
            moot_frame_first(moot_buf_view(&b), MOOT_FRAME_LEN_MAX, &frame));
        expect_ok(moot_message_decode(frame, back));
        expect_int(back->kind, kinds[i]);
        moot_buf_consume(&b, MOOT_FRAME_PREFIX + frame.len);
    }
    expect_uint(b.len, 0);
}
END_TEST

START_TEST(every_kind_has_a_name)
{
    expect_text(moot_message_name(MOOT_MSG_UNKNOWN), "UNKNOWN");
    expect_text(moot_message_name(MOOT_MSG_HELLO), "HELLO");
    expect_text(moot_message_name(MOOT_MSG_ENTRIES), "ENTRIES");
    expect_text(moot_message_name(MOOT_MSG_MOVE), "MOVE");
    expect_text(moot_message_name(MOOT_MSG_ACK), "ACK");
    expect_text(moot_message_name((enum moot_message_kind)20), "UNKNOWN");
    for (uint32_t i = 1; i <= MOOT_MSG_LAST; i++) {
        if (!moot_message_known(i))
            continue;
        for (uint32_t j = 0; j < i; j++)
            expect(strcmp(moot_message_name((enum moot_message_kind)i),
                          moot_message_name((enum moot_message_kind)j)) != 0);
    }
}
END_TEST

/* --- promises --- */

static void say_nothing_we_know(void)
{
    m->kind = MOOT_MSG_UNKNOWN;
    moot_message_encode(m, &b);
}

static void say_too_much(void)
{
    sample_message(m, MOOT_MSG_WHO, 1, NULL, NULL);
    m->who.count = MOOT_PAGE_MAX + 1;
    moot_message_encode(m, &b);
}

static void link_too_much(void)
{
    sample_message(m, MOOT_MSG_LINKED, 0, NULL, NULL);
    m->linked.up_count = MOOT_LINKS_MAX;
    m->linked.down_count = 1;
    moot_message_encode(m, &b);
}

static void send_too_much(void)
{
    struct moot_entry *many[MOOT_PAGE_MAX];

    for (unsigned i = 0; i < MOOT_PAGE_MAX; i++)
        many[i] = entry;
    moot_message_encode_entries(many, MOOT_PAGE_MAX, false, &b);
}

START_TEST(what_does_not_fit_a_frame_breaks_a_promise)
{
    expect(dies(say_nothing_we_know));
    expect(dies(say_too_much));
    expect(dies(link_too_much));
    expect(dies(send_too_much));
}
END_TEST

Suite *suite_wire_message(void)
{
    Suite *s = suite_create("wire/message");
    TCase *t = tcase_create("message");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, every_kind_goes_and_comes_back);
    tcase_add_test(t, full_lists_fit_a_frame);
    tcase_add_test(t, full_lists_of_large_numbers_fit_a_frame);
    tcase_add_test(t, a_page_of_the_longest_records_fits_a_frame);
    tcase_add_test(t, what_comes_before_the_proofs_fits_4_kib);
    tcase_add_test(t, hello_is_heard);
    tcase_add_test(t, welcome_is_heard);
    tcase_add_test(t, refuse_is_heard);
    tcase_add_test(t, bye_is_heard);
    tcase_add_test(t, entries_are_views_into_the_frame);
    tcase_add_test(t, an_entry_is_encoded_the_same_both_ways);
    tcase_add_test(t, as_many_entries_as_the_caller_may_count_fit);
    tcase_add_test(t, frames_follow_each_other_in_one_buffer);
    tcase_add_test(t, every_kind_has_a_name);
    tcase_add_test(t, what_does_not_fit_a_frame_breaks_a_promise);
    suite_add_tcase(s, t);
    return s;
}
