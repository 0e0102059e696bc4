/*
 * tests/tools/make_vectors.c - writes the test vectors of docs/PROTOCOL.md.
 *
 *     make_vectors           from the root of the source tree
 *
 * All is made from fixed seeds, so nothing changes unless the protocol does;
 * and then every peer out there would have to change too.  The files are kept,
 * and tests/wire/test_vectors.c holds the product to them.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "../wire/forge.h"
#include "ident/proof.h"
#include "wire/beacon.h"
#include "wire/rekey.h"

static FILE *file;
static struct moot_key alice, bob;

static void begin(const char *name, const char *about)
{
    char path[128];

    mkdir("tests/vectors", 0777);
    snprintf(path, sizeof path, "tests/vectors/%s", name);
    file = fopen(path, "w");
    if (!file) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    fprintf(file, "# %s\n", about);
}

static void end(void)
{
    if (fclose(file) != 0) {
        perror("tests/vectors");
        exit(EXIT_FAILURE);
    }
}

static void note(const char *text)
{
    fprintf(file, "\n# %s\n", text);
}

static void put(const char *key, struct moot_bytes value)
{
    fprintf(file, "%s = ", key);
    for (size_t i = 0; i < value.len; i++)
        fprintf(file, "%02x", value.data[i]);
    fprintf(file, "\n");
}

static void put32(const char *key, const uint8_t raw[32])
{
    put(key, moot_bytes_of(raw, 32));
}

static void put_text(const char *key, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put_text(const char *key, const char *format, ...)
{
    va_list args;

    fprintf(file, "%s = ", key);
    va_start(args, format);
    vfprintf(file, format, args);
    va_end(args);
    fprintf(file, "\n");
}

/* --- links --- */

static void make_proof(void)
{
    struct moot_hash group = sample_hash(0x67);
    struct moot_exporter ex;

    memset(ex.b, 0xe5, sizeof ex.b);
    begin("proof.txt", "Group tag, name tag and proofs of one TLS connection.");
    put32("group", group.b);
    put_text("name", "lobby");
    put32("exporter", ex.b);
    put32("dialler", alice.id.b);
    put32("acceptor", bob.id.b);

    struct moot_hash h = moot_group_tag(&group, &ex);

    put32("group_tag", h.b);
    h = moot_name_tag(moot_bytes_text("lobby"), &ex);
    put32("name_tag", h.b);
    h = moot_proof(&group, NULL, MOOT_DIALLER, &ex, &alice.id, &bob.id);
    put32("dial_proof", h.b);
    h = moot_proof(&group, NULL, MOOT_ACCEPTOR, &ex, &alice.id, &bob.id);
    put32("accept_proof", h.b);
    end();
}

/* --- closed groups --- */

static void make_secret(void)
{
    struct moot_hash group = sample_hash(0x67), h;
    struct moot_exporter ex;
    struct moot_secret secret;
    uint8_t nonce[MOOT_SEAL_NONCE_LEN], seed[32], box[MOOT_BOX_LEN];
    struct moot_rekey k = {.generation = 2, .out_count = 1, .box_count = 1};
    struct moot_buf sealed = {0}, line = {0};

    memset(ex.b, 0xe5, sizeof ex.b);
    memset(secret.b, 0x5e, sizeof secret.b);
    memset(nonce, 0x40, sizeof nonce);
    memset(seed, 0x5d, sizeof seed);
    begin("secret.txt", "What is made of the secret of a closed group.");
    put32("secret", secret.b);
    h = moot_secret_hash(&secret);
    put32("hash", h.b);
    h = moot_secret_key(&group, &secret);
    put32("key", h.b);
    put32("group", group.b);
    put32("exporter", ex.b);
    put32("dialler", alice.id.b);
    put32("acceptor", bob.id.b);
    h = moot_proof(&group, &secret, MOOT_DIALLER, &ex, &alice.id, &bob.id);
    put32("dial_proof", h.b);
    put_text("nonce", "00ff");
    put_text("mark", "%016" PRIx64,
             moot_secret_mark(&secret, moot_bytes_text("00ff")));
    put("seal_nonce", moot_bytes_of(nonce, sizeof nonce));
    put_text("text", "hello");
    moot_seal(&secret, nonce, moot_bytes_text("hello"), &sealed);
    h = moot_hash_of(moot_buf_view(&sealed));
    put_text("sealed_len", "%zu", sealed.len);
    put32("sealed_hash", h.b);
    note("A box for bob, and the line that tells of the change.");
    put32("seed", seed);
    moot_box(&secret, &bob.id, seed, box);
    put("box", moot_bytes_of(box, sizeof box));
    k.hash = moot_secret_hash(&secret);
    k.outs[0] = moot_id_short(&alice.id);
    k.boxes[0].to = moot_id_short(&bob.id);
    memcpy(k.boxes[0].box, box, sizeof box);
    moot_rekey_encode(&k, &line);
    put_text("rekey", "%s", moot_buf_text(&line));
    end();
    moot_buf_fini(&sealed);
    moot_buf_fini(&line);
}

/* --- entries --- */

static void put_entry(const struct moot_entry *e)
{
    put32("author", e->in.author.b);
    put_text("run", "%016" PRIx64, e->in.run);
    put_text("seq", "%" PRIu64, e->seq);
    put_text("lamport", "%" PRIu64, e->lamport);
    put_text("wall_ms", "%" PRId64, e->wall);
    put("header", e->header);
    put32("hash", e->hash.b);
    put("sig", moot_bytes_of(e->sig.b, sizeof e->sig.b));
    put("body", e->body);
    put("entry", e->raw);
}

static struct moot_cite cite_of(const struct moot_entry *e)
{
    struct moot_cite c = {e->in, e->seq, e->hash};

    return c;
}

static void make_entries(void)
{
    struct moot_line line[2];
    struct moot_draft d = sample_draft(&alice, line);
    struct moot_entry *first = moot_entry_create(&d, &alice);
    struct moot_cite cite = cite_of(first);
    struct moot_draft answer = sample_draft(&bob, line);

    begin("entry.txt", "Two authors: alice says hello, bob answers having seen "
                       "it, alice goes on.");
    note("Seeds are RFC 8032 private keys.");
    put32("alice_seed", alice.seed);
    put32("bob_seed", bob.seed);
    note("alice: text \"hello\".");
    put_entry(first);

    line[0].text = moot_bytes_text("hello, alice");
    line[1].kind = MOOT_LINE_ACTION;
    line[1].text = moot_bytes_text("waves \xf0\x9f\x91\x8b");
    answer.in.run = 9;
    answer.lamport = 2;
    answer.wall = -1;
    answer.name = moot_bytes_text("bob");
    answer.cites = &cite;
    answer.cite_count = 1;
    answer.line_count = 2;

    struct moot_entry *second = moot_entry_create(&answer, &bob);

    note("bob: text \"hello, alice\", action \"waves U+1F44B\"; cites alice's; "
         "his clock is before 1970.");
    put_entry(second);

    cite = cite_of(second);
    line[0].kind = MOOT_LINE_NICK;
    line[0].text = moot_bytes_text("al");
    d.seq = 2;
    d.prev = first->hash;
    d.lamport = 3;
    d.cites = &cite;
    d.cite_count = 1;

    struct moot_entry *third = moot_entry_create(&d, &alice);
    struct moot_entry *pruned = moot_entry_pruned(third);

    note("alice: nick \"al\"; names her first and cites bob's.");
    put_entry(third);
    note("The last one without its body: the same entry.");
    put("pruned", pruned->raw);
    moot_entry_unref(first);
    moot_entry_unref(second);
    moot_entry_unref(third);
    moot_entry_unref(pruned);
    end();
}

/* --- what is an entry --- */

static void put_forged(const char *verdict, const char *why, struct forge *f)
{
    struct moot_buf b = {0};

    forge_entry(f, &bob, &b);
    note(why);
    put(verdict, moot_buf_view(&b));
    moot_buf_fini(&b);
    forge_fini(f);
    forge_init(f);
}

static void put_bodies(struct forge *f)
{
    forge_line(&f->body, 99, moot_bytes_text("\xff"));
    put_forged("valid", "A line of an unknown kind is passed over.", f);
    forge_line(&f->body, MOOT_LINE_REKEY, moot_bytes_text("\xff"));
    put_forged("valid", "A line of kind 5 that is no change is, too.", f);
    moot_buf_clear(&f->body);
    moot_pb_put_raw(&f->body, 1, "mallory", 7);
    put_forged("invalid", "A body without lines.", f);
    moot_buf_clear(&f->body);
    forge_line(&f->body, MOOT_LINE_TEXT, moot_bytes_text("hi"));
    put_forged("invalid", "A body without a name.", f);
    forge_line(&f->body, MOOT_LINE_TEXT, moot_bytes_text("two\nlines"));
    put_forged("invalid", "A line feed in a line.", f);
    forge_line(&f->body, MOOT_LINE_TEXT, moot_bytes_text("\xc0\x80"));
    put_forged("invalid", "An overlong zero in a line.", f);
    forge_line(&f->body, MOOT_LINE_NICK, moot_bytes_text(" bob"));
    put_forged("invalid", "A nick that begins with a space.", f);
    f->other_body_hash = true;
    put_forged("invalid", "Another body than the header names.", f);
    f->body_len = f->body.len + 1;
    put_forged("invalid", "Another length of the body.", f);
}

static void put_headers(struct forge *f)
{
    moot_pb_put_raw(&f->header_tail, 20, "later", 5);
    put_forged("valid", "An unknown field in the header is kept, unread.", f);
    moot_pb_put_u64(&f->header_tail, 7, 5);
    put_forged("invalid", "A field of the header comes twice.", f);
    f->seq = 1;
    put_forged("invalid", "The first of a run names one before it.", f);
    f->prev_len = 0;
    put_forged("invalid", "The second of a run names none before it.", f);
    f->group_len = 31;
    put_forged("invalid", "A group of 31 bytes.", f);
    f->lamport = MOOT_LAMPORT_MAX - 1;
    put_forged("valid", "The highest Lamport time.", f);
    f->lamport = MOOT_LAMPORT_MAX;
    put_forged("invalid", "A Lamport time of 2^62.", f);
    f->lamport = 0;
    put_forged("invalid", "A Lamport time of 0.", f);
    f->cite_count = 2;
    put_forged("valid", "Two cites.", f);
    f->cite_count = 2;
    f->cites_repeat = true;
    put_forged("invalid", "Two cites of one chain.", f);
    f->cite_count = 1;
    f->cite_seq = 0;
    put_forged("invalid", "A cite of the entry before the first.", f);
    f->version = 2;
    put_forged("later", "Of another version: not ours to judge.", f);
}

static void make_valid(void)
{
    struct forge f;

    begin("valid.txt", "What is an entry: each is signed, only form decides.");
    forge_init(&f);
    put_forged("valid", "Nothing is wrong with it.", &f);
    f.without_body = true;
    put_forged("valid", "Its body was pruned.", &f);
    put_headers(&f);
    put_bodies(&f);
    moot_pb_put_u64(&f.tail, 4, 1);
    put_forged("invalid", "An unknown field beside header, signature, body.",
               &f);
    f.sig_len = 63;
    put_forged("invalid", "A signature of 63 bytes.", &f);
    forge_fini(&f);
    end();
}

/* --- records, messages, digests, answers --- */

static void make_record(void)
{
    struct moot_record r;

    sample_record(&r, &alice);
    begin("record.txt",
          "A bootstrap peer that has joined, with two addresses.");
    put32("seed", alice.seed);
    put("record", moot_bytes_of(r.raw, r.raw_len));
    put("sig", moot_bytes_of(r.sig.b, sizeof r.sig.b));
    end();
}

static void make_messages(void)
{
    static struct moot_message m;
    struct moot_entry *e = sample_entry(&alice);
    struct moot_record r;
    struct moot_buf b = {0};

    sample_record(&r, &alice);
    begin("message.txt", "One frame of every kind, with its prefix.");
    for (int kind = MOOT_MSG_HELLO; kind <= MOOT_MSG_LAST; kind++) {
        if (!moot_message_known((uint32_t)kind))
            continue;
        enum moot_message_kind k = (enum moot_message_kind)kind;

        sample_message(&m, k, 2, e, &r);
        moot_buf_clear(&b);
        moot_message_encode(&m, &b);
        put(moot_message_name(k), moot_buf_view(&b));
    }
    moot_buf_fini(&b);
    moot_entry_unref(e);
    end();
}

static void add_chain(struct moot_hasher *h, uint64_t run, uint64_t len,
                      uint8_t fill)
{
    struct moot_hash head = sample_hash(fill);

    moot_hasher_add_u64(h, run);
    moot_hasher_add_u64(h, len);
    moot_hasher_add(h, head.b, sizeof head.b);
    put_text("run", "%016" PRIx64, run);
    put_text("len", "%" PRIu64, len);
    put32("head", head.b);
}

static void make_digest(void)
{
    const struct moot_id *low = &bob.id; /* 81... sorts before 8a... */
    const struct moot_id *high = &alice.id;
    struct moot_hasher h;
    struct moot_hash first, second, all;

    begin("digest.txt", "Digests of two authors, of the log, of the roster.");
    note("Of an author: all of run, length, head, by rising run.");
    put32("author", low->b);
    moot_hasher_init(&h);
    add_chain(&h, 1, 7, 0xa1);
    add_chain(&h, UINT64_C(0x8000000000000000), 300, 0xa2);
    first = moot_hasher_final(&h);
    put32("author_digest", first.b);
    note("Another author, with one chain.");
    put32("author", high->b);
    moot_hasher_init(&h);
    add_chain(&h, 5, 1, 0xa3);
    second = moot_hasher_final(&h);
    put32("author_digest", second.b);
    note("Of the log: all of author, digest, by rising author.");
    moot_hasher_init(&h);
    moot_hasher_add(&h, low->b, sizeof low->b);
    moot_hasher_add(&h, first.b, sizeof first.b);
    moot_hasher_add(&h, high->b, sizeof high->b);
    moot_hasher_add(&h, second.b, sizeof second.b);
    all = moot_hasher_final(&h);
    put32("log_digest", all.b);
    all = moot_hash_of(moot_bytes_of(NULL, 0));
    put32("empty_log_digest", all.b);
    note("Of the roster: all of identity, run, serial, by rising identity;");
    fprintf(file, "# here run 1 serial 2, and run 3 serial 4.\n");
    moot_hasher_init(&h);
    moot_hasher_add(&h, low->b, sizeof low->b);
    moot_hasher_add_u64(&h, 1);
    moot_hasher_add_u64(&h, 2);
    moot_hasher_add(&h, high->b, sizeof high->b);
    moot_hasher_add_u64(&h, 3);
    moot_hasher_add_u64(&h, 4);
    all = moot_hasher_final(&h);
    put32("roster_digest", all.b);
    end();
}

static void make_answer(void)
{
    struct moot_answer a;
    struct moot_buf b = {0};
    char header[MOOT_HEX_LEN + 1 + 128 + 1];

    sample_answer(&a);
    moot_answer_encode(&a, &b);
    moot_answer_sign(moot_buf_view(&b), &alice, header);
    begin("answer.txt", "A bootstrap answer: the body and its signature.");
    put("body", moot_buf_view(&b));
    put_text("Moot-Signature", "%s", header);
    moot_answer_fini(&a);
    moot_buf_fini(&b);
    end();
}

static void make_register(void)
{
    struct moot_register r;
    struct moot_answer a;
    struct moot_buf b = {0};
    char header[MOOT_HEX_LEN + 1 + 128 + 1];

    sample_register(&r);
    moot_register_encode(&r, &b);
    moot_register_sign(moot_buf_view(&b), &alice, header);
    begin("register.txt", "A request to a group directory: the body and its "
                          "signature; and an answer of one, unsigned.");
    put("body", moot_buf_view(&b));
    put_text("Moot-Signature", "%s", header);
    moot_buf_clear(&b);
    sample_hosted(&a);
    moot_answer_encode(&a, &b);
    put("answer", moot_buf_view(&b));
    moot_register_fini(&r);
    moot_answer_fini(&a);
    moot_buf_fini(&b);
    end();
}

static void make_beacon(void)
{
    struct moot_hash group = sample_hash(0x67);
    struct moot_hash key = moot_group_key(&group);
    struct moot_beacon b = {.port = 8081};
    uint8_t bytes[MOOT_BEACON_LEN];

    memset(b.nonce, 0xb0, sizeof b.nonce);
    moot_beacon_encode(&b, &key, bytes);
    begin("beacon.txt", "A beacon of an open group, the secret of which is its "
                        "id.");
    put32("secret", group.b);
    put32("key", key.b);
    put("nonce", moot_bytes_of(b.nonce, sizeof b.nonce));
    put_text("port", "%u", b.port);
    put("beacon", moot_bytes_of(bytes, sizeof bytes));
    end();
}

static void make_peers(void)
{
    struct moot_peers p;
    struct moot_buf b = {0};

    sample_peers(&p);
    moot_peers_encode(&p, &b);
    begin("peers.txt", "A cache file: one who was met, one who was not, and a "
                       "breaker.");
    put("file", moot_buf_view(&b));
    moot_peers_fini(&p);
    moot_buf_fini(&b);
    end();
}

static void make_invite(void)
{
    begin("invite.txt", "Invitations: to an open group, and to a closed one.");
    for (unsigned n = 0; n < 2; n++) {
        struct moot_invite i = sample_invite(n == 1);
        char text[MOOT_INVITE_TEXT_MAX];

        if (n == 1)
            note("Three doors, two pins and the secret.");
        put("group", moot_bytes_of(i.group, sizeof i.group));
        for (unsigned k = 0; k < i.pin_count; k++)
            put("pin", moot_bytes_of(i.pins[k], sizeof i.pins[k]));
        if (i.closed)
            put("secret", moot_bytes_of(i.secret.b, sizeof i.secret.b));
        moot_invite_encode(&i, text);
        put_text("invite", "%s", text);
    }
    end();
}

int main(void)
{
    alice = sample_key(1);
    bob = sample_key(2);
    make_proof();
    make_secret();
    make_entries();
    make_valid();
    make_record();
    make_messages();
    make_digest();
    make_answer();
    make_peers();
    make_register();
    make_beacon();
    make_invite();
    return EXIT_SUCCESS;
}
