/*
 * tests/wire/test_valid.c - which bytes are an entry.
 *
 * The verdict must be the same on every peer for ever, so each rule has a case
 * at its edge: the last that is an entry and the first that is not.  Entries
 * are forged (forge.h); all of them are signed, so only form decides.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <string.h>

#include "forge.h"
#include "words.h"

Suite *suite_wire_valid(void);

static struct moot_key mallory;
static struct forge f;

static void set_up(void)
{
    mallory = sample_key(3);
    forge_init(&f);
}

static void tear_down(void)
{
    forge_fini(&f);
}

/* Opens what is forged now, up to a page that must not be read. */
static int verdict(void)
{
    struct moot_entry *e = NULL;
    struct moot_buf b = {0};
    struct guarded g;

    forge_entry(&f, &mallory, &b);
    guarded_init(&g, moot_buf_view(&b));

    int error = moot_entry_open(guarded_view(&g), &e);

    guarded_fini(&g);
    moot_buf_fini(&b);
    expect((error == MOOT_OK) == (e != NULL));
    if (e) {
        expect(moot_entry_verify(e));
        moot_entry_unref(e);
    }
    return error;
}

/* Judges with a body of these hex digits instead. */
static int with_body(const char *hex)
{
    moot_buf_clear(&f.body);
    unhex(hex, &f.body);
    return verdict();
}

START_TEST(the_forged_entry_is_fine_when_nothing_is_bent)
{
    expect_ok(verdict());
}
END_TEST

START_TEST(version_is_1)
{
    f.version = 0;
    expect_error(verdict(), MOOT_EPROTO);
    f.version = 2;
    expect_error(verdict(), MOOT_EVERSION);
    f.version = UINT64_MAX;
    expect_error(verdict(), MOOT_EVERSION);
    f.version = 1;
    moot_pb_put_u64(&f.header_tail, 1, 1);
    expect_error(verdict(), MOOT_EPROTO);
}
END_TEST

/* Other rules may hold there, so nothing else is judged. */
START_TEST(another_version_is_not_judged_further)
{
    f.version = 2;
    f.seq = 0;
    f.group_len = 1;
    expect_error(verdict(), MOOT_EVERSION);
}
END_TEST

START_TEST(sizes_are_exact)
{
    size_t *const len[] = {&f.group_len, &f.author_len, &f.prev_len,
                           &f.body_hash_len};

    for (unsigned i = 0; i < 4; i++) {
        static const size_t wrong[] = {0, 31, 1};

        for (unsigned j = 0; j < 3; j++) {
            *len[i] = wrong[j];
            expect_error(verdict(), MOOT_EPROTO);
        }
        *len[i] = 32;
    }
    f.sig_len = 63;
    expect_error(verdict(), MOOT_EPROTO);
    f.sig_len = 0;
    expect_error(verdict(), MOOT_EPROTO);
}
END_TEST

START_TEST(the_first_and_only_the_first_has_no_predecessor)
{
    f.seq = 0;
    expect_error(verdict(), MOOT_EPROTO);
    f.seq = 1;
    expect_error(verdict(), MOOT_EPROTO);
    f.prev_len = 0;
    expect_ok(verdict());
    f.seq = 2;
    expect_error(verdict(), MOOT_EPROTO);
}
END_TEST

/* MOOT_SEQ_MAX */
START_TEST(seq_is_below_2_to_the_62)
{
    f.seq = MOOT_SEQ_MAX - 1;
    expect_ok(verdict());
    f.seq = MOOT_SEQ_MAX;
    expect_error(verdict(), MOOT_EPROTO);
    f.seq = UINT64_MAX;
    expect_error(verdict(), MOOT_EPROTO);
}
END_TEST

START_TEST(lamport_is_from_1_to_below_2_to_the_62)
{
    f.lamport = 0;
    expect_error(verdict(), MOOT_EPROTO);
    f.lamport = 1;
    expect_ok(verdict());
    f.lamport = MOOT_LAMPORT_MAX - 1;
    expect_ok(verdict());
    f.lamport = MOOT_LAMPORT_MAX;
    expect_error(verdict(), MOOT_EPROTO);
    f.lamport = UINT64_MAX;
    expect_error(verdict(), MOOT_EPROTO);
}
END_TEST

START_TEST(at_most_64_cites)
{
    f.cite_count = MOOT_CITES_MAX;
    expect_ok(verdict());
    f.cite_count = MOOT_CITES_MAX + 1;
    expect_error(verdict(), MOOT_EPROTO);
}
END_TEST

START_TEST(a_cite_names_a_place_and_a_hash)
{
    f.cite_count = 1;
    f.cite_seq = 0;
    expect_error(verdict(), MOOT_EPROTO);
    f.cite_seq = UINT64_MAX;
    expect_ok(verdict());
    f.cite_hash_len = 31;
    expect_error(verdict(), MOOT_EPROTO);
}
END_TEST

START_TEST(no_chain_is_cited_twice)
{
    f.cites_repeat = true;
    f.cite_count = 1;
    expect_ok(verdict());
    f.cite_count = 2;
    expect_error(verdict(), MOOT_EPROTO);
}
END_TEST

START_TEST(the_body_is_the_one_the_header_names)
{
    f.other_body_hash = true;
    expect_error(verdict(), MOOT_EPROTO);
    f.other_body_hash = false;
    f.body_len = f.body.len + 1;
    expect_error(verdict(), MOOT_EPROTO);
    f.body_len = f.body.len - 1;
    expect_error(verdict(), MOOT_EPROTO);
}
END_TEST

START_TEST(a_pruned_entry_still_names_a_possible_body)
{
    f.without_body = true;
    expect_ok(verdict());
    f.body_len = MOOT_BODY_LEN_MAX;
    expect_ok(verdict());
    f.body_len = MOOT_BODY_LEN_MAX + 1;
    expect_error(verdict(), MOOT_EPROTO);
    f.body_len = UINT64_C(1) << 32 | 5;
    expect_error(verdict(), MOOT_EPROTO);
    moot_buf_clear(&f.body);
    f.body_len = 0;
    expect_error(verdict(), MOOT_EPROTO);
}
END_TEST

START_TEST(a_body_has_a_name_and_lines)
{
    expect_ok(with_body("0a0161 1205 0801120162"));
    expect_error(with_body("0a0161"), MOOT_EPROTO);
    expect_error(with_body("1205 0801120162"), MOOT_EPROTO);
    expect_error(with_body("0a00 1205 0801120162"), MOOT_EPROTO);
    expect_error(with_body("0a0120 1205 0801120162"), MOOT_EPROTO);
    expect_error(with_body("0a0161 0a0161 1205 0801120162"), MOOT_EPROTO);
    expect_error(with_body("0a0161 1002"), MOOT_EPROTO);
    expect_error(with_body("0a0161 1205 08011201"), MOOT_EPROTO);
    expect_ok(with_body("0a0161 1205 0801120162 2205aabbccddee"));
}
END_TEST

START_TEST(a_line_has_a_kind_and_a_text_that_fits_it)
{
    expect_error(with_body("0a0161 1203 120162"), MOOT_EPROTO); /* no kind */
    expect_error(with_body("0a0161 1200"), MOOT_EPROTO);
    expect_error(with_body("0a0161 1202 0801"), MOOT_EPROTO); /* no text */
    expect_error(with_body("0a0161 1205 080112010a"), MOOT_EPROTO);
    expect_error(with_body("0a0161 1205 08011201ff"), MOOT_EPROTO);
    expect_error(with_body("0a0161 1205 0802120100"), MOOT_EPROTO);
    expect_ok(with_body("0a0161 1205 0804120109"));                 /* a tab */
    expect_error(with_body("0a0161 1205 0803120109"), MOOT_EPROTO); /* a nick */
    expect_error(with_body("0a0161 1206 08018001 1200"), MOOT_EPROTO);
    expect_error(with_body("0a0161 1207 0801 0801 120162"), MOOT_EPROTO);
    expect_error(with_body("0a0161 1209 808080801001 120162"), MOOT_EPROTO);
}
END_TEST

START_TEST(lines_of_unknown_kinds_are_tolerated_and_skipped)
{
    struct moot_entry *e = NULL;
    struct moot_buf b = {0};
    struct moot_body body;

    expect_ok(with_body("0a0161 1205 08061201ff"));
    expect_ok(with_body("0a0161 1202 0806"));
    forge_line(&f.body, MOOT_LINE_TEXT, moot_bytes_text("known"));
    forge_entry(&f, &mallory, &b);
    expect_ok(moot_entry_open(moot_buf_view(&b), &e));
    expect(moot_entry_body(e, &body));
    expect_uint(body.line_count, 1);
    expect_bytes(body.lines[0].text, moot_bytes_text("known"));
    moot_entry_unref(e);
    moot_buf_fini(&b);
}
END_TEST

START_TEST(at_most_256_lines_known_or_not)
{
    moot_buf_clear(&f.body);
    moot_pb_put_raw(&f.body, 1, "m", 1);
    for (unsigned i = 0; i < MOOT_ENTRY_LINES_MAX; i++)
        forge_line(&f.body, i % 2 ? MOOT_LINE_TEXT : 99, moot_bytes_text("x"));
    expect_ok(verdict());
    forge_line(&f.body, 99, moot_bytes_text("x"));
    expect_error(verdict(), MOOT_EPROTO);
}
END_TEST

START_TEST(a_line_has_at_most_4096_bytes)
{
    static uint8_t text[MOOT_LINE_LEN_MAX + 1];

    memset(text, 't', sizeof text);
    forge_line(&f.body, MOOT_LINE_TEXT, moot_bytes_of(text, MOOT_LINE_LEN_MAX));
    expect_ok(verdict());
    forge_line(&f.body, 99, moot_bytes_of(text, MOOT_LINE_LEN_MAX));
    expect_ok(verdict());
    forge_line(&f.body, 99, moot_bytes_of(text, MOOT_LINE_LEN_MAX + 1));
    expect_error(verdict(), MOOT_EPROTO);
}
END_TEST

START_TEST(a_body_has_at_most_32_kib)
{
    static uint8_t filler[MOOT_BODY_LEN_MAX];
    size_t room = MOOT_BODY_LEN_MAX - f.body.len - 4;

    moot_pb_put_raw(&f.body, 3, filler, room);
    expect_uint(f.body.len, MOOT_BODY_LEN_MAX);
    expect_ok(verdict());
    moot_buf_append(&f.body, "\x20\x01", 2);
    expect_error(verdict(), MOOT_EPROTO);
}
END_TEST

START_TEST(a_header_has_at_most_8_kib)
{
    static uint8_t filler[MOOT_HEADER_LEN_MAX];
    struct moot_buf b = {0};

    forge_header(&f, &mallory, &b);

    size_t room = MOOT_HEADER_LEN_MAX - b.len - 3;

    moot_pb_put_raw(&f.header_tail, 15, filler, room);
    expect_ok(verdict());
    moot_buf_clear(&f.header_tail);
    moot_pb_put_raw(&f.header_tail, 15, filler, room + 1);
    expect_error(verdict(), MOOT_EPROTO);
    moot_buf_fini(&b);
}
END_TEST

/* The author may say more in a later version; nobody else may add a word. */
START_TEST(unknown_fields_are_signed_or_refused)
{
    moot_pb_put_u64(&f.header_tail, 31, 7);
    moot_pb_put_raw(&f.header_tail, 4000, "new", 3);
    expect_ok(verdict());
    moot_pb_put_u64(&f.tail, 4, 1);
    expect_error(verdict(), MOOT_EPROTO);
}
END_TEST

START_TEST(the_envelope_holds_header_and_signature_once)
{
    f.without_header = true;
    expect_error(verdict(), MOOT_EPROTO);
    f.without_header = false;
    moot_buf_append(&f.tail, "\x1a\x00", 2);
    expect_error(verdict(), MOOT_EPROTO);
    f.without_body = true;
    expect_ok(verdict()); /* no bytes are no body */
}
END_TEST

START_TEST(cut_off_anywhere_it_is_no_entry)
{
    struct moot_buf b = {0};

    f.cite_count = 3;
    forge_entry(&f, &mallory, &b);
    for (size_t len = 0; len < b.len; len++) {
        struct moot_entry *e = NULL;
        struct guarded g;

        guarded_init(&g, moot_bytes_of(b.data, len));

        /* Without its last field it is the same entry, pruned. */
        int error = moot_entry_open(guarded_view(&g), &e);
        bool pruned = len == b.len - f.body.len - 2;

        expect_error(error, pruned ? MOOT_OK : MOOT_EPROTO);
        moot_entry_unref(e);
        guarded_fini(&g);
    }
    moot_buf_fini(&b);
}
END_TEST

Suite *suite_wire_valid(void)
{
    Suite *s = suite_create("wire/valid");
    TCase *t = tcase_create("valid");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, the_forged_entry_is_fine_when_nothing_is_bent);
    tcase_add_test(t, version_is_1);
    tcase_add_test(t, another_version_is_not_judged_further);
    tcase_add_test(t, sizes_are_exact);
    tcase_add_test(t, the_first_and_only_the_first_has_no_predecessor);
    tcase_add_test(t, seq_is_below_2_to_the_62);
    tcase_add_test(t, lamport_is_from_1_to_below_2_to_the_62);
    tcase_add_test(t, at_most_64_cites);
    tcase_add_test(t, a_cite_names_a_place_and_a_hash);
    tcase_add_test(t, no_chain_is_cited_twice);
    tcase_add_test(t, the_body_is_the_one_the_header_names);
    tcase_add_test(t, a_pruned_entry_still_names_a_possible_body);
    tcase_add_test(t, a_body_has_a_name_and_lines);
    tcase_add_test(t, a_line_has_a_kind_and_a_text_that_fits_it);
    tcase_add_test(t, lines_of_unknown_kinds_are_tolerated_and_skipped);
    tcase_add_test(t, at_most_256_lines_known_or_not);
    tcase_add_test(t, a_line_has_at_most_4096_bytes);
    tcase_add_test(t, a_body_has_at_most_32_kib);
    tcase_add_test(t, a_header_has_at_most_8_kib);
    tcase_add_test(t, unknown_fields_are_signed_or_refused);
    tcase_add_test(t, the_envelope_holds_header_and_signature_once);
    tcase_add_test(t, cut_off_anywhere_it_is_no_entry);
    suite_add_tcase(s, t);
    return s;
}
