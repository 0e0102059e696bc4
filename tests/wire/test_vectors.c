/*
 * tests/wire/test_vectors.c - the product keeps to the published vectors.
 *
 * The files under tests/vectors/ are what docs/PROTOCOL.md refers to.  If one
 * of these tests fails, the protocol has changed, and with it every peer.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ident/proof.h"
#include "samples.h"
#include "wire/beacon.h"
#include "wire/rekey.h"
#include "words.h"

Suite *suite_wire_vectors(void);

static struct vectors v;

static void tear_down(void)
{
    vectors_close(&v);
}

/* The n-th value of a key, appended to an empty buffer. */
static struct moot_bytes hex(const char *key, unsigned n, struct moot_buf *b)
{
    moot_buf_clear(b);
    vectors_hex(&v, key, n, b);
    return moot_buf_view(b);
}

static void read32(const char *key, unsigned n, uint8_t out[32])
{
    struct moot_buf b = {0};

    expect_uint(hex(key, n, &b).len, 32);
    memcpy(out, b.data, 32);
    moot_buf_fini(&b);
}

static uint64_t number(const char *key, unsigned n, int base)
{
    char *text = vectors_text(&v, key, n);
    uint64_t value = strtoull(text, NULL, base);

    free(text);
    return value;
}

static void expect_same32(const char *key, unsigned n, const uint8_t got[32])
{
    uint8_t want[32];

    read32(key, n, want);
    expect_bytes(moot_bytes_of(got, 32), moot_bytes_of(want, 32));
}

START_TEST(tags_and_proofs)
{
    struct moot_hash group;
    struct moot_exporter ex;
    struct moot_id dialler;
    struct moot_id acceptor;

    vectors_open(&v, "proof.txt");
    read32("group", 0, group.b);
    read32("exporter", 0, ex.b);
    read32("dialler", 0, dialler.b);
    read32("acceptor", 0, acceptor.b);

    char *name = vectors_text(&v, "name", 0);
    struct moot_hash h = moot_group_tag(&group, &ex);

    expect_same32("group_tag", 0, h.b);
    h = moot_name_tag(moot_bytes_text(name), &ex);
    expect_same32("name_tag", 0, h.b);
    h = moot_proof(&group, NULL, MOOT_DIALLER, &ex, &dialler, &acceptor);
    expect_same32("dial_proof", 0, h.b);
    h = moot_proof(&group, NULL, MOOT_ACCEPTOR, &ex, &dialler, &acceptor);
    expect_same32("accept_proof", 0, h.b);
    free(name);
}
END_TEST

START_TEST(what_a_secret_makes)
{
    struct moot_hash group, h;
    struct moot_exporter ex;
    struct moot_id dialler, acceptor;
    struct moot_secret secret;
    struct moot_buf sealed = {0}, b = {0}, line = {0};
    uint8_t seed[32], box[MOOT_BOX_LEN];
    struct moot_rekey k;

    vectors_open(&v, "secret.txt");
    read32("secret", 0, secret.b);
    read32("group", 0, group.b);
    read32("exporter", 0, ex.b);
    read32("dialler", 0, dialler.b);
    read32("acceptor", 0, acceptor.b);
    h = moot_secret_hash(&secret);
    expect_same32("hash", 0, h.b);
    h = moot_secret_key(&group, &secret);
    expect_same32("key", 0, h.b);
    h = moot_proof(&group, &secret, MOOT_DIALLER, &ex, &dialler, &acceptor);
    expect_same32("dial_proof", 0, h.b);
    expect(moot_secret_mark(&secret, moot_bytes_text("00ff")) ==
           number("mark", 0, 16));
    moot_seal(&secret, hex("seal_nonce", 0, &b).data, moot_bytes_text("hello"),
              &sealed);
    expect_uint(sealed.len, number("sealed_len", 0, 10));
    h = moot_hash_of(moot_buf_view(&sealed));
    expect_same32("sealed_hash", 0, h.b);
    read32("seed", 0, seed);
    expect(moot_box(&secret, &acceptor, seed, box));
    expect_bytes(moot_bytes_of(box, sizeof box), hex("box", 0, &b));

    char *text = vectors_text(&v, "rekey", 0);

    expect(moot_rekey_decode(moot_bytes_text(text), &k));
    expect_uint(k.generation, 2);
    expect_uint(k.out_count, 1);
    expect(memcmp(k.boxes[0].box, box, sizeof box) == 0);
    moot_rekey_encode(&k, &line);
    expect_text(moot_buf_text(&line), text);
    free(text);
    moot_buf_fini(&sealed);
    moot_buf_fini(&line);
    moot_buf_fini(&b);
}
END_TEST

/* Opens the n-th entry of the file and holds it against the lines there. */
static void check_entry(unsigned n)
{
    struct moot_entry *e = NULL;
    struct moot_buf b = {0};

    expect_ok(moot_entry_open(hex("entry", n, &b), &e));
    expect(moot_entry_verify(e));
    expect_bytes(e->raw, moot_buf_view(&b));
    expect_same32("author", n, e->in.author.b);
    expect_uint(e->in.run, number("run", n, 16));
    expect_uint(e->seq, number("seq", n, 10));
    expect_uint(e->lamport, number("lamport", n, 10));
    expect_int(e->wall, (int64_t)number("wall_ms", n, 10));
    expect_bytes(e->header, hex("header", n, &b));
    expect_same32("hash", n, e->hash.b);
    expect_bytes(moot_bytes_of(e->sig.b, 64), hex("sig", n, &b));
    expect_bytes(e->body, hex("body", n, &b));
    moot_entry_unref(e);
    moot_buf_fini(&b);
}

START_TEST(entries)
{
    uint8_t seed[32];
    struct moot_key k;

    vectors_open(&v, "entry.txt");
    read32("alice_seed", 0, seed);
    moot_key_init(&k, seed);
    expect_same32("author", 0, k.id.b);
    read32("bob_seed", 0, seed);
    moot_key_init(&k, seed);
    expect_same32("author", 1, k.id.b);
    expect_uint(vectors_count(&v, "entry"), 3);
    for (unsigned n = 0; n < 3; n++)
        check_entry(n);
}
END_TEST

/* The three say to each other what the comments in the file tell. */
START_TEST(entries_that_name_each_other)
{
    struct moot_entry *e[3] = {NULL};
    struct moot_entry *pruned = NULL;
    struct moot_buf b = {0};

    vectors_open(&v, "entry.txt");
    for (unsigned n = 0; n < 3; n++)
        expect_ok(moot_entry_open(hex("entry", n, &b), &e[n]));
    expect_hash(&e[1]->cites[0].hash, &e[0]->hash);
    expect_hash(&e[2]->prev, &e[0]->hash);
    expect_hash(&e[2]->cites[0].hash, &e[1]->hash);
    expect_ok(moot_entry_open(hex("pruned", 0, &b), &pruned));
    expect_hash(&pruned->hash, &e[2]->hash);
    expect(moot_entry_verify(pruned));
    for (unsigned n = 0; n < 3; n++)
        moot_entry_unref(e[n]);
    moot_entry_unref(pruned);
    moot_buf_fini(&b);
}
END_TEST

/* What was made by us then is made by us now, to the last byte. */
START_TEST(an_entry_is_made_as_ever)
{
    struct moot_key alice = sample_key(1);
    struct moot_entry *e = sample_entry(&alice);
    struct moot_buf b = {0};

    vectors_open(&v, "entry.txt");
    expect_bytes(e->raw, hex("entry", 0, &b));
    moot_entry_unref(e);
    moot_buf_fini(&b);
}
END_TEST

static void expect_verdict(const char *key, int want)
{
    struct moot_buf b = {0};
    unsigned count = vectors_count(&v, key);

    expect(count >= 1);
    for (unsigned n = 0; n < count; n++) {
        struct moot_entry *e = NULL;
        int got = moot_entry_open(hex(key, n, &b), &e);

        ck_assert_msg(got == want, "%s number %u", key, n);
        expect(got != MOOT_OK || moot_entry_verify(e));
        moot_entry_unref(e);
    }
    moot_buf_fini(&b);
}

START_TEST(what_is_an_entry_and_what_is_not)
{
    vectors_open(&v, "valid.txt");
    expect_verdict("valid", MOOT_OK);
    expect_verdict("invalid", MOOT_EPROTO);
    expect_verdict("later", MOOT_EVERSION);
}
END_TEST

START_TEST(records)
{
    uint8_t seed[32];
    struct moot_key k;
    struct moot_sig sig;
    struct moot_record r;
    struct moot_buf b = {0};

    vectors_open(&v, "record.txt");
    read32("seed", 0, seed);
    moot_key_init(&k, seed);
    expect_uint(hex("sig", 0, &b).len, 64);
    memcpy(sig.b, b.data, 64);
    expect_ok(moot_record_open(hex("record", 0, &b), &sig, &r));
    expect(moot_record_verify(&r));
    expect_id(&r.id, &k.id);
    moot_record_seal(&r, &k);
    expect_bytes(moot_bytes_of(r.raw, r.raw_len), moot_buf_view(&b));
    expect(memcmp(r.sig.b, sig.b, 64) == 0);
    moot_buf_fini(&b);
}
END_TEST

START_TEST(messages)
{
    struct moot_message *m = moot_alloc(sizeof *m);
    struct moot_buf again = {0};
    struct moot_buf b = {0};

    vectors_open(&v, "message.txt");
    for (int kind = MOOT_MSG_HELLO; kind <= MOOT_MSG_LAST; kind++) {
        if (!moot_message_known((uint32_t)kind))
            continue;
        const char *name = moot_message_name((enum moot_message_kind)kind);
        struct moot_bytes frame;

        expect_ok(
            moot_frame_first(hex(name, 0, &b), MOOT_FRAME_LEN_MAX, &frame));
        expect_ok(moot_message_decode(frame, m));
        expect_int(m->kind, kind);
        moot_buf_clear(&again);
        moot_message_encode(m, &again);
        expect_bytes(moot_buf_view(&again), moot_buf_view(&b));
    }
    moot_buf_fini(&again);
    moot_buf_fini(&b);
    free(m);
}
END_TEST

/* From run first on, count of them. */
static void check_author_digest(unsigned n, unsigned first, unsigned count)
{
    struct moot_hasher h;

    moot_hasher_init(&h);
    for (unsigned i = first; i < first + count; i++) {
        uint8_t head[32];

        read32("head", i, head);
        moot_hasher_add_u64(&h, number("run", i, 16));
        moot_hasher_add_u64(&h, number("len", i, 10));
        moot_hasher_add(&h, head, sizeof head);
    }

    struct moot_hash digest = moot_hasher_final(&h);

    expect_same32("author_digest", n, digest.b);
}

START_TEST(digests)
{
    struct moot_hasher log;
    struct moot_hasher roster;

    vectors_open(&v, "digest.txt");
    check_author_digest(0, 0, 2);
    check_author_digest(1, 2, 1);
    moot_hasher_init(&log);
    moot_hasher_init(&roster);
    for (unsigned n = 0; n < 2; n++) {
        uint8_t raw[32];

        read32("author", n, raw);
        moot_hasher_add(&log, raw, sizeof raw);
        moot_hasher_add(&roster, raw, sizeof raw);
        moot_hasher_add_u64(&roster, 1 + 2 * n);
        moot_hasher_add_u64(&roster, 2 + 2 * n);
        read32("author_digest", n, raw);
        moot_hasher_add(&log, raw, sizeof raw);
    }

    struct moot_hash digest = moot_hasher_final(&log);

    expect_same32("log_digest", 0, digest.b);
    digest = moot_hasher_final(&roster);
    expect_same32("roster_digest", 0, digest.b);
    digest = moot_hash_of(moot_bytes_of(NULL, 0));
    expect_same32("empty_log_digest", 0, digest.b);
}
END_TEST

START_TEST(requests_to_a_directory)
{
    struct moot_register r;
    struct moot_answer a;
    struct moot_id id;
    struct moot_buf b = {0};
    struct moot_buf again = {0};

    vectors_open(&v, "register.txt");

    char *header = vectors_text(&v, "Moot-Signature", 0);
    struct moot_bytes body = hex("body", 0, &b);

    expect(moot_register_signed(body, header, &id));
    expect_ok(moot_register_decode(body, &r));
    expect_id(&r.records[0].id, &id);
    moot_register_encode(&r, &again);
    expect_bytes(moot_buf_view(&again), body);
    moot_buf_clear(&again);
    moot_buf_clear(&b);
    body = hex("answer", 0, &b);
    expect_ok(moot_answer_decode(body, &a));
    moot_answer_encode(&a, &again);
    expect_bytes(moot_buf_view(&again), body);
    moot_register_fini(&r);
    moot_answer_fini(&a);
    moot_buf_fini(&again);
    moot_buf_fini(&b);
    free(header);
}
END_TEST

START_TEST(bootstrap_answers)
{
    struct moot_answer a;
    struct moot_id id;
    struct moot_buf b = {0};
    struct moot_buf again = {0};

    vectors_open(&v, "answer.txt");

    char *header = vectors_text(&v, "Moot-Signature", 0);
    struct moot_bytes body = hex("body", 0, &b);

    expect(moot_answer_signed(body, header, &id));
    expect_ok(moot_answer_decode(body, &a));
    expect_id(&a.id, &id);
    moot_answer_encode(&a, &again);
    expect_bytes(moot_buf_view(&again), body);
    moot_answer_fini(&a);
    moot_buf_fini(&again);
    moot_buf_fini(&b);
    free(header);
}
END_TEST

START_TEST(beacons)
{
    struct moot_hash secret, key;
    struct moot_beacon b;
    struct moot_buf bytes = {0};
    struct moot_buf nonce = {0};
    uint8_t again[MOOT_BEACON_LEN];

    vectors_open(&v, "beacon.txt");
    read32("secret", 0, secret.b);
    key = moot_group_key(&secret);
    expect_same32("key", 0, key.b);
    expect_ok(moot_beacon_decode(hex("beacon", 0, &bytes), &key, &b));
    expect_uint(b.port, number("port", 0, 10));
    expect_bytes(moot_bytes_of(b.nonce, sizeof b.nonce),
                 hex("nonce", 0, &nonce));
    moot_beacon_encode(&b, &key, again);
    expect_bytes(moot_bytes_of(again, sizeof again), moot_buf_view(&bytes));
    moot_buf_fini(&bytes);
    moot_buf_fini(&nonce);
}
END_TEST

Suite *suite_wire_vectors(void)
{
    Suite *s = suite_create("wire/vectors");
    TCase *t = tcase_create("vectors");

    tcase_add_checked_fixture(t, NULL, tear_down);
    tcase_add_test(t, tags_and_proofs);
    tcase_add_test(t, what_a_secret_makes);
    tcase_add_test(t, entries);
    tcase_add_test(t, entries_that_name_each_other);
    tcase_add_test(t, an_entry_is_made_as_ever);
    tcase_add_test(t, what_is_an_entry_and_what_is_not);
    tcase_add_test(t, records);
    tcase_add_test(t, messages);
    tcase_add_test(t, digests);
    tcase_add_test(t, bootstrap_answers);
    tcase_add_test(t, requests_to_a_directory);
    tcase_add_test(t, beacons);
    suite_add_tcase(s, t);
    return s;
}
