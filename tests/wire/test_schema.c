/*
 * tests/wire/test_schema.c - what is written by hand is what moot.proto says,
 * and what protobuf-c writes by the schema is understood.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "samples.h"
#include "schema.h"
#include "wire/entry_internal.h"
#include "words.h"

Suite *suite_wire_schema(void);

static struct moot_key alice;
static struct moot_record record;
static struct moot_entry *entry;
static struct moot_message *m;

static void set_up(void)
{
    alice = sample_key(1);
    sample_record(&record, &alice);
    entry = sample_rich_entry(&alice);
    m = moot_alloc(sizeof *m);
}

static void tear_down(void)
{
    moot_entry_unref(entry);
    free(m);
}

START_TEST(entries_are_read_by_the_schema)
{
    struct moot_entry *plain = sample_entry(&alice);
    struct moot_entry *pruned = moot_entry_pruned(entry);

    expect(schema_agrees_entry(entry));
    expect(schema_agrees_entry(plain));
    expect(schema_agrees_entry(pruned));
    entry->lamport++; /* it does look */
    expect(!schema_agrees_entry(entry));
    moot_entry_unref(plain);
    moot_entry_unref(pruned);
}
END_TEST

START_TEST(records_are_read_by_the_schema)
{
    expect(schema_agrees_record(&record));
    record.serial++;
    expect(!schema_agrees_record(&record));
}
END_TEST

START_TEST(messages_are_read_by_the_schema)
{
    struct moot_buf b = {0};

    for (int kind = MOOT_MSG_HELLO; kind <= MOOT_MSG_LAST; kind++) {
        if (!moot_message_known((uint32_t)kind))
            continue;
        for (unsigned count = 0; count < 3; count++) {
            sample_message(m, (enum moot_message_kind)kind, count, entry,
                           &record);

            struct moot_bytes frame = sample_frame(m, &b);

            expect_ok(moot_message_decode(frame, m));
            expect(schema_agrees_message(frame, m));
        }
    }
    moot_buf_fini(&b);
}
END_TEST

/* protobuf-c unpacks and packs our bytes: the same bytes, for both of us write
 * fields in order, short integers and no defaults. */
START_TEST(protobuf_c_writes_the_same_bytes)
{
    struct moot_buf b = {0};

    for (int kind = MOOT_MSG_HELLO; kind <= MOOT_MSG_LAST; kind++) {
        if (!moot_message_known((uint32_t)kind))
            continue;
        sample_message(m, (enum moot_message_kind)kind, 2, entry, &record);

        struct moot_bytes frame = sample_frame(m, &b);
        Moot__Message *p = moot__message__unpack(NULL, frame.len, frame.data);

        expect(p != NULL);

        size_t len = moot__message__get_packed_size(p);
        uint8_t *packed = moot_alloc(len);

        moot__message__pack(p, packed);
        expect_bytes(moot_bytes_of(packed, len), frame);
        free(packed);
        moot__message__free_unpacked(p, NULL);
    }
    moot_buf_fini(&b);
}
END_TEST

/* The entry is valid: who goes by the schema must be able to read it. */
START_TEST(a_line_that_is_no_text_is_read_whole_by_the_schema)
{
    static const uint8_t bytes[] = {0xff, 0, 'x'};
    struct moot_line line = {.kind = MOOT_LINE_REKEY,
                             .text = moot_bytes_of(bytes, sizeof bytes)};
    struct moot_draft d = {
        .name = moot_bytes_text("eve"), .lines = &line, .line_count = 1};
    struct moot_body ours;
    struct moot_buf raw = {0};
    Moot__Body *theirs;

    moot_body_encode(&d, &raw);
    expect(moot_body_decode(moot_buf_view(&raw), &ours));
    theirs = moot__body__unpack(NULL, raw.len, moot_buf_view(&raw).data);
    expect(theirs != NULL);
    expect_uint(theirs->n_lines, 1);
    expect(same_bytes(theirs->lines[0]->text, line.text));
    expect(same_body(theirs, &ours));
    moot__body__free_unpacked(theirs, NULL);
    moot_buf_fini(&raw);
}
END_TEST

/* A body of another implementation, which knows nothing of ours. */
START_TEST(an_entry_made_by_the_schema_is_valid)
{
    static uint8_t text[] = "hello from elsewhere";
    static char name[] = "eve";
    struct moot_hash group = sample_hash(1);
    Moot__Line line = MOOT__LINE__INIT;
    Moot__Line *lines[] = {&line};
    Moot__Body body = MOOT__BODY__INIT;
    Moot__Header header = MOOT__HEADER__INIT;
    Moot__Entry outer = MOOT__ENTRY__INIT;
    uint8_t body_raw[200];
    uint8_t header_raw[400];
    uint8_t raw[800];
    struct moot_entry *e = NULL;

    line.kind = MOOT_LINE_TEXT;
    line.text = (ProtobufCBinaryData){sizeof text - 1, text};
    body.name = name;
    body.n_lines = 1;
    body.lines = lines;
    outer.body.len = moot__body__pack(&body, body_raw);
    outer.body.data = body_raw;

    struct moot_hash body_hash =
        moot_hash_of(moot_bytes_of(body_raw, outer.body.len));

    header.version = 1;
    header.group = (ProtobufCBinaryData){32, group.b};
    header.author = (ProtobufCBinaryData){32, alice.id.b};
    header.run = 5;
    header.seq = 1;
    header.lamport = 300;
    header.wall_ms = -5;
    header.body_len = (uint32_t)outer.body.len;
    header.body_hash = (ProtobufCBinaryData){32, body_hash.b};
    outer.header.len = moot__header__pack(&header, header_raw);
    outer.header.data = header_raw;

    struct moot_hash hash =
        moot_hash_of(moot_bytes_of(header_raw, outer.header.len));
    struct moot_sig sig =
        moot_sign(&alice, MOOT_DOMAIN_ENTRY, moot_bytes_of(hash.b, 32));

    outer.sig = (ProtobufCBinaryData){64, sig.b};

    size_t len = moot__entry__pack(&outer, raw);

    expect_ok(moot_entry_open(moot_bytes_of(raw, len), &e));
    expect(moot_entry_verify(e));
    expect_int(e->wall, -5);
    expect_bytes(e->raw, moot_bytes_of(raw, len));
    expect(schema_agrees_entry(e));
    moot_entry_unref(e);
}
END_TEST

Suite *suite_wire_schema(void)
{
    Suite *s = suite_create("wire/schema");
    TCase *t = tcase_create("schema");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, entries_are_read_by_the_schema);
    tcase_add_test(t, records_are_read_by_the_schema);
    tcase_add_test(t, messages_are_read_by_the_schema);
    tcase_add_test(t, protobuf_c_writes_the_same_bytes);
    tcase_add_test(t, an_entry_made_by_the_schema_is_valid);
    tcase_add_test(t, a_line_that_is_no_text_is_read_whole_by_the_schema);
    suite_add_tcase(s, t);
    return s;
}
