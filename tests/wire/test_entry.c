/*
 * tests/wire/test_entry.c - entries: made, opened, pruned, shared, ordered.
 *
 * What makes an entry invalid is in test_valid.c.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <string.h>

#include "dies.h"
#include "samples.h"
#include "wire/pb_internal.h"
#include "words.h"

Suite *suite_wire_entry(void);

static struct moot_key alice;

static void set_up(void)
{
    alice = sample_key(1);
}

static struct moot_entry *reopened(const struct moot_entry *e)
{
    struct moot_entry *copy = NULL;
    struct guarded g;

    guarded_init(&g, e->raw);
    expect_ok(moot_entry_open(guarded_view(&g), &copy));
    guarded_fini(&g);
    return copy;
}

static void expect_same(const struct moot_entry *a, const struct moot_entry *b)
{
    expect_hash(&a->hash, &b->hash);
    expect_hash(&a->group, &b->group);
    expect_int(moot_run_cmp(&a->in, &b->in), 0);
    expect_uint(a->seq, b->seq);
    expect_hash(&a->prev, &b->prev);
    expect_uint(a->lamport, b->lamport);
    expect_int(a->wall, b->wall);
    expect_uint(a->cite_count, b->cite_count);
    for (unsigned i = 0; i < a->cite_count; i++) {
        expect_int(moot_run_cmp(&a->cites[i].in, &b->cites[i].in), 0);
        expect_uint(a->cites[i].seq, b->cites[i].seq);
        expect_hash(&a->cites[i].hash, &b->cites[i].hash);
    }
    expect_hash(&a->body_hash, &b->body_hash);
    expect_uint(a->body_len, b->body_len);
    expect(memcmp(a->sig.b, b->sig.b, sizeof a->sig.b) == 0);
    expect_bytes(a->header, b->header);
}

START_TEST(what_was_made_opens_as_the_same)
{
    struct moot_entry *made[] = {sample_entry(&alice),
                                 sample_rich_entry(&alice)};

    for (unsigned i = 0; i < 2; i++) {
        struct moot_entry *e = reopened(made[i]);

        expect_same(e, made[i]);
        expect_bytes(e->body, made[i]->body);
        expect_bytes(e->raw, made[i]->raw);
        expect(moot_entry_verify(made[i]));
        expect(moot_entry_verify(e));
        moot_entry_unref(e);
        moot_entry_unref(made[i]);
    }
}
END_TEST

START_TEST(the_hash_is_the_headers_and_the_header_names_the_body)
{
    struct moot_entry *e = sample_rich_entry(&alice);
    struct moot_hash header = moot_hash_of(e->header);
    struct moot_hash body = moot_hash_of(e->body);

    expect_hash(&e->hash, &header);
    expect_hash(&e->body_hash, &body);
    expect_uint(e->body_len, e->body.len);
    moot_entry_unref(e);
}
END_TEST

START_TEST(says_what_was_put_in)
{
    static const char *const texts[] = {"hello", "waves \xf0\x9f\x91\x8b",
                                        "alice b.", "th\xc3\xa9", "hello"};
    static const enum moot_line_kind kinds[] = {
        MOOT_LINE_TEXT, MOOT_LINE_ACTION, MOOT_LINE_NICK, MOOT_LINE_TOPIC,
        MOOT_LINE_TEXT};
    struct moot_entry *e = sample_rich_entry(&alice);
    struct moot_body body;

    expect(moot_entry_body(e, &body));
    expect_bytes(body.name, moot_bytes_text("alice"));
    expect_uint(body.line_count, 5);
    for (unsigned i = 0; i < 5; i++) {
        expect_int(body.lines[i].kind, kinds[i]);
        expect_bytes(body.lines[i].text, moot_bytes_text(texts[i]));
    }
    moot_entry_unref(e);
}
END_TEST

START_TEST(an_entry_without_its_body_is_the_same_entry)
{
    struct moot_entry *e = sample_rich_entry(&alice);
    struct moot_entry *pruned = moot_entry_pruned(e);
    struct moot_entry *again = reopened(pruned);
    struct moot_body body;

    expect_same(pruned, e);
    expect_same(again, e);
    expect(again->body.data == NULL && again->body.len == 0);
    expect(!moot_entry_body(again, &body));
    expect(moot_entry_verify(again));
    expect(pruned->raw.len < e->raw.len);
    moot_entry_unref(again);
    moot_entry_unref(pruned);
    moot_entry_unref(e);
}
END_TEST

START_TEST(a_bent_header_does_not_verify)
{
    struct moot_entry *e = sample_rich_entry(&alice);
    struct moot_buf b = {0};
    unsigned opened = 0;

    moot_buf_append(&b, e->raw.data, e->raw.len);
    for (size_t at = 0; at < b.len; at++) {
        struct moot_entry *bent = NULL;

        b.data[at] ^= 0x01;
        if (moot_entry_open(moot_buf_view(&b), &bent) == MOOT_OK) {
            expect(!moot_entry_verify(bent));
            moot_entry_unref(bent);
            opened++;
        }
        b.data[at] ^= 0x01;
    }
    expect(opened > 64); /* every byte of the signature at least */
    moot_buf_fini(&b);
    moot_entry_unref(e);
}
END_TEST

/* The envelope is not signed, so a relay could write it in another way; what
 * we keep and pass on is always written our way. */
START_TEST(the_envelope_is_written_anew)
{
    struct moot_entry *e = sample_entry(&alice);
    struct moot_entry *opened = NULL;
    struct moot_buf b = {0};

    moot_pb_put_bytes(&b, 3, e->body);
    moot_pb_put_raw(&b, 2, e->sig.b, sizeof e->sig.b);
    moot_buf_append(&b, "\x8a\x00", 2);
    moot_buf_append(&b, e->raw.data + 1, e->raw.len - 1);
    b.len -= 2 + 64 + 2 + e->body.len; /* the header alone remains */
    expect_ok(moot_entry_open(moot_buf_view(&b), &opened));
    expect_bytes(opened->raw, e->raw);
    moot_entry_unref(opened);
    moot_entry_unref(e);
    moot_buf_fini(&b);
}
END_TEST

START_TEST(the_last_reference_frees)
{
    struct moot_entry *e = sample_entry(&alice);

    expect(moot_entry_ref(e) == e);
    moot_entry_unref(e);
    expect(moot_entry_verify(e));
    moot_entry_unref(e);
    moot_entry_unref(NULL);
}
END_TEST

/* --- order --- */

START_TEST(the_transcript_is_ordered_by_lamport_author_run_seq)
{
    struct moot_entry a = {.lamport = 5, .in = {{{5}}, 5}, .seq = 5};
    struct moot_entry b = a;

    expect_int(moot_entry_cmp(&a, &b), 0);
    b.seq = 6;
    expect(moot_entry_cmp(&a, &b) < 0 && moot_entry_cmp(&b, &a) > 0);
    b.in.run = 4;
    expect(moot_entry_cmp(&a, &b) > 0 && moot_entry_cmp(&b, &a) < 0);
    b.in.author.b[0] = 6;
    expect(moot_entry_cmp(&a, &b) < 0 && moot_entry_cmp(&b, &a) > 0);
    b.lamport = 4;
    expect(moot_entry_cmp(&a, &b) > 0 && moot_entry_cmp(&b, &a) < 0);
}
END_TEST

START_TEST(runs_are_ordered_by_author_then_number)
{
    struct moot_run a = {{{1}}, 9};
    struct moot_run b = {{{2}}, 1};

    expect(moot_run_cmp(&a, &b) < 0 && moot_run_cmp(&b, &a) > 0);
    b.author.b[0] = 1;
    expect(moot_run_cmp(&a, &b) > 0 && moot_run_cmp(&b, &a) < 0);
    b.run = 9;
    expect_int(moot_run_cmp(&a, &b), 0);
}
END_TEST

/* --- bounds of our own --- */

/* 256 lines that together with the name fill a body to the last byte. */
static size_t fill(struct moot_line *lines, uint8_t *text, size_t name_len)
{
    size_t left = MOOT_BODY_LEN_MAX - 2 - name_len;
    size_t each = left / MOOT_ENTRY_LINES_MAX;

    memset(text, 't', MOOT_LINE_LEN_MAX);
    for (unsigned i = 0; i < MOOT_ENTRY_LINES_MAX; i++) {
        size_t whole = i + 1 < MOOT_ENTRY_LINES_MAX ? each : left;

        /* Both lengths of a line take one byte, or both take two. */
        lines[i].kind = MOOT_LINE_TEXT;
        lines[i].text = moot_bytes_of(text, whole - (whole < 130 ? 6 : 8));
        left -= whole;
    }
    return left;
}

START_TEST(a_full_entry_fits_a_frame)
{
    static uint8_t text[MOOT_LINE_LEN_MAX];
    static struct moot_line lines[MOOT_ENTRY_LINES_MAX];
    static struct moot_cite cites[MOOT_CITES_MAX];
    struct moot_draft d = sample_draft(&alice, lines);
    struct moot_buf b = {0};
    struct moot_body body;

    for (unsigned i = 0; i < MOOT_CITES_MAX; i++) {
        cites[i].in = (struct moot_run){{{(uint8_t)i}}, UINT64_MAX};
        cites[i].seq = UINT64_MAX;
        cites[i].hash = sample_hash(0xff);
    }
    expect_uint(fill(lines, text, d.name.len), 0);
    d.seq = MOOT_SEQ_MAX - 1;
    d.prev = sample_hash(0xff);
    d.lamport = MOOT_LAMPORT_MAX - 1;
    d.wall = INT64_MIN;
    d.cites = cites;
    d.cite_count = MOOT_CITES_MAX;
    d.line_count = MOOT_ENTRY_LINES_MAX;

    struct moot_entry *e = moot_entry_create(&d, &alice);
    struct moot_entry *copy = reopened(e);

    expect_uint(e->body.len, MOOT_BODY_LEN_MAX);
    expect(e->header.len <= MOOT_HEADER_LEN_MAX);
    expect_same(copy, e);
    expect(moot_entry_body(copy, &body));
    expect_uint(body.line_count, MOOT_ENTRY_LINES_MAX);
    moot_message_encode_entries(&e, 1, true, &b);
    expect(b.len <= MOOT_FRAME_PREFIX + MOOT_FRAME_LEN_MAX);
    moot_buf_fini(&b);
    moot_entry_unref(copy);
    moot_entry_unref(e);
}
END_TEST

/* The sum the header promises to those who draft is never too low. */
START_TEST(a_line_costs_no_more_than_promised)
{
    static uint8_t text[MOOT_LINE_LEN_MAX];

    memset(text, 't', sizeof text);
    for (size_t len = 1; len <= sizeof text; len += len < 300 ? 1 : 271) {
        struct moot_line line;
        struct moot_draft d = sample_draft(&alice, &line);

        line.text = moot_bytes_of(text, len);

        struct moot_entry *e = moot_entry_create(&d, &alice);

        expect(e->body_len <= d.name.len + len + 2 * MOOT_LINE_COST);
        moot_entry_unref(e);
    }
}
END_TEST

/* Each bends one thing of a draft that would otherwise do. */
static void bend_and_create(void (*bend)(struct moot_draft *d))
{
    static struct moot_line lines[MOOT_ENTRY_LINES_MAX + 1];
    static uint8_t text[MOOT_LINE_LEN_MAX];
    struct moot_draft d = sample_draft(&alice, lines);

    memset(text, 't', sizeof text);
    for (unsigned i = 0; i < MOOT_ENTRY_LINES_MAX + 1; i++) {
        lines[i].kind = MOOT_LINE_TEXT;
        lines[i].text = moot_bytes_of(text, 1);
    }
    bend(&d);
    moot_entry_unref(moot_entry_create(&d, &alice));
}

static void bend_author(struct moot_draft *d)
{
    d->in.author.b[0] ^= 1;
}

static void bend_seq(struct moot_draft *d)
{
    d->seq = 2; /* prev is missing */
}

static void bend_lamport(struct moot_draft *d)
{
    d->lamport = MOOT_LAMPORT_MAX;
}

static void bend_name(struct moot_draft *d)
{
    d->name = moot_bytes_text("");
}

static void bend_no_lines(struct moot_draft *d)
{
    d->line_count = 0;
}

static void bend_many_lines(struct moot_draft *d)
{
    d->line_count = MOOT_ENTRY_LINES_MAX + 1;
}

static void bend_line(struct moot_draft *d)
{
    static struct moot_line line = {MOOT_LINE_TEXT, {NULL, 0}};

    line.text = moot_bytes_text("two\nlines");
    d->lines = &line;
}

static void bend_nick(struct moot_draft *d)
{
    static struct moot_line line = {MOOT_LINE_NICK, {NULL, 0}};

    line.text = moot_bytes_text(" spaced ");
    d->lines = &line;
}

static void bend_nothing(struct moot_draft *d)
{
    (void)d;
}

static void (*bend_now)(struct moot_draft *d);

static void deed(void)
{
    bend_and_create(bend_now);
}

START_TEST(what_is_refused_from_others_is_never_made)
{
    static void (*const bends[])(struct moot_draft *) = {
        bend_author,   bend_seq,        bend_lamport, bend_name,
        bend_no_lines, bend_many_lines, bend_line,    bend_nick};

    for (unsigned i = 0; i < sizeof bends / sizeof bends[0]; i++) {
        bend_now = bends[i];
        ck_assert_msg(dies(deed), "number %u", i);
    }
    bend_now = bend_nothing;
    expect(!dies(deed));
}
END_TEST

Suite *suite_wire_entry(void)
{
    Suite *s = suite_create("wire/entry");
    TCase *t = tcase_create("entry");

    tcase_add_checked_fixture(t, set_up, NULL);
    tcase_add_test(t, what_was_made_opens_as_the_same);
    tcase_add_test(t, the_hash_is_the_headers_and_the_header_names_the_body);
    tcase_add_test(t, says_what_was_put_in);
    tcase_add_test(t, an_entry_without_its_body_is_the_same_entry);
    tcase_add_test(t, a_bent_header_does_not_verify);
    tcase_add_test(t, the_envelope_is_written_anew);
    tcase_add_test(t, the_last_reference_frees);
    tcase_add_test(t, the_transcript_is_ordered_by_lamport_author_run_seq);
    tcase_add_test(t, runs_are_ordered_by_author_then_number);
    tcase_add_test(t, a_full_entry_fits_a_frame);
    tcase_add_test(t, a_line_costs_no_more_than_promised);
    tcase_add_test(t, what_is_refused_from_others_is_never_made);
    suite_add_tcase(s, t);
    return s;
}
