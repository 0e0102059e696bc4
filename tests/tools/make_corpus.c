/*
 * tests/tools/make_corpus.c - writes the seeds of the fuzz targets.
 *
 *     make_corpus            from the root of the source tree
 *
 * One small file a thing worth starting from, under tests/corpus/<target>/.
 * The same files every time: all is made from fixed seeds.  What a fuzzer found
 * lies beside them and is left alone.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../wire/forge.h"
#include "wire/beacon.h"

static struct moot_key alice;
static struct moot_record record;
static unsigned written;

static void put(const char *target, const char *name, struct moot_bytes bytes)
{
    char path[256];

    snprintf(path, sizeof path, "tests/corpus/%s", target);
    mkdir("tests/corpus", 0777);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "tests/corpus/%s/%s", target, name);

    FILE *f = fopen(path, "wb");

    if (!f || fwrite(bytes.data, 1, bytes.len, f) != bytes.len ||
        fclose(f) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    written++;
}

static void put_texts(const char *target, const char *const *texts,
                      unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char name[32];

        snprintf(name, sizeof name, "text-%02u", i);
        put(target, name, moot_bytes_text(texts[i]));
    }
}

#define PUT_TEXTS(target, texts)                                               \
    put_texts((target), (texts), sizeof(texts) / sizeof((texts)[0]))

static void put_marked(char mark, const char *name, struct moot_bytes bytes)
{
    struct moot_buf b = {0};

    moot_buf_append(&b, &mark, 1);
    moot_buf_append(&b, bytes.data, bytes.len);
    put("entry", name, moot_buf_view(&b));
    moot_buf_fini(&b);
}

static void put_entry(const char *name, const struct moot_entry *e)
{
    char part[64];

    snprintf(part, sizeof part, "%s-entry", name);
    put_marked('e', part, e->raw);
    snprintf(part, sizeof part, "%s-header", name);
    put_marked('h', part, e->header);
    snprintf(part, sizeof part, "%s-body", name);
    if (e->body.len > 0)
        put_marked('b', part, e->body);
}

static void put_forged(const char *name, struct forge *f)
{
    struct moot_buf b = {0};

    forge_entry(f, &alice, &b);
    put_marked('e', name, moot_buf_view(&b));
    moot_buf_fini(&b);
    forge_fini(f);
}

static void make_entries(void)
{
    struct moot_entry *plain = sample_entry(&alice);
    struct moot_entry *rich = sample_rich_entry(&alice);
    struct moot_entry *pruned = moot_entry_pruned(rich);
    struct forge f;

    put_entry("plain", plain);
    put_entry("rich", rich);
    put_entry("pruned", pruned);
    forge_init(&f);
    f.version = 2;
    put_forged("version-2", &f);
    forge_init(&f);
    f.cite_count = MOOT_CITES_MAX;
    put_forged("many-cites", &f);
    forge_init(&f);
    forge_line(&f.body, 99, moot_bytes_text("\xff"));
    moot_pb_put_u64(&f.header_tail, 30, 5);
    put_forged("of-a-later-version", &f);
    moot_entry_unref(plain);
    moot_entry_unref(rich);
    moot_entry_unref(pruned);
}

static void make_messages(void)
{
    static struct moot_message m;
    struct moot_entry *e = sample_rich_entry(&alice);
    struct moot_buf b = {0};
    struct moot_buf stream = {0};
    char name[64];

    for (int kind = MOOT_MSG_HELLO; kind <= MOOT_MSG_LAST; kind++) {
        if (!moot_message_known((uint32_t)kind))
            continue;
        for (unsigned count = 0; count < 3; count += 2) {
            sample_message(&m, (enum moot_message_kind)kind, count, e, &record);
            snprintf(name, sizeof name, "%s-%u",
                     moot_message_name((enum moot_message_kind)kind), count);
            put("message", name, sample_frame(&m, &b));
        }
        moot_buf_append(&stream, b.data, b.len < 300 ? b.len : 0);
    }
    put("frame", "stream", moot_buf_view(&stream));
    put("frame", "cut-off", moot_bytes_of(stream.data, stream.len - 1));
    moot_buf_fini(&stream);
    moot_buf_fini(&b);
    moot_entry_unref(e);
}

static void make_others(void)
{
    struct moot_record least = {.id = alice.id,
                                .name = "a",
                                .mode = MOOT_STANDARD,
                                .standing = MOOT_JOINING};
    static const uint8_t later_kind[] = {0xa2, 0x01, 0x01, 0x00};
    static const uint8_t later_hello[] = {0x0a, 0x02, 0x08, 0x02};

    put("message", "of-a-later-version", moot_bytes_of(later_kind, 4));
    put("message", "hello-of-another-major", moot_bytes_of(later_hello, 4));
    put("frame", "empty", moot_bytes_of("\0\0\0\0", 4));
    put("frame", "huge", moot_bytes_of("\x80\0\0\0x", 5));
    put("frame", "two", moot_bytes_of("\0\0\0\1a\0\0\0\2bc", 11));
    put("fork", "two-of-one-seq", sample_proof());
    put("record", "bootstrap", moot_bytes_of(record.raw, record.raw_len));
    moot_record_seal(&least, &alice);
    put("record", "least", moot_bytes_of(least.raw, least.raw_len));
}

static void make_answers(void)
{
    static const char *const texts[] = {
        "{}", "[]", "{\"version\":1,\"version\":1}",
        "{\"version\":1,\"group\":{\"id\":null,\"name\":\"\\u00e9\\ud83d\\ude00"
        "\",\"weight\":\"tentative\"},\"nonce\":\"\",\"members\":[{}]}"};
    struct moot_answer a;
    struct moot_buf b = {0};
    struct moot_buf signed_text = {0};
    char header[MOOT_HEX_LEN + 1 + 128 + 1];

    sample_answer(&a);
    moot_answer_encode(&a, &b);
    put("answer", "two-members", moot_buf_view(&b));
    moot_answer_sign(moot_buf_view(&b), &alice, header);
    moot_buf_printf(&signed_text, "s%s\n%s", header, moot_buf_text(&b));
    put("answer", "signed", moot_buf_view(&signed_text));
    PUT_TEXTS("answer", texts);
    moot_answer_fini(&a);
    moot_buf_fini(&b);
    moot_buf_fini(&signed_text);
    sample_hosted(&a);
    moot_answer_encode(&a, &b);
    put("answer", "hosted", moot_buf_view(&b));
    moot_answer_fini(&a);
    moot_buf_fini(&b);
}

static void make_registers(void)
{
    static const char *const texts[] = {
        "{}", "{\"version\":1,\"group\":{},\"records\":[],\"heard\":[]}"};
    struct moot_register r;
    struct moot_buf b = {0};

    sample_register(&r);
    moot_register_encode(&r, &b);
    put("register", "two-heard", moot_buf_view(&b));
    PUT_TEXTS("register", texts);
    moot_register_fini(&r);
    moot_buf_fini(&b);
}

static void make_peers(void)
{
    static const char *const texts[] = {
        "{}",
        "{\"peers\":[]}",
        "[\"192.0.2.1:1\",{\"ip\":\"::1\",\"port\":2}]",
        "{\"last_updated\":\"2024-02-20T15:30:00.5+01:00\",\"peers\":[{\"ip\":"
        "\"192.168.1.1\",\"port\":8080,\"last_seen\":\"2024-02-20T15:30:00Z\","
        "\"success_count\":10,\"failure_count\":0}]}",
        "# plain\n192.0.2.1:8080\r\n[2001:db8::7]:80 # six\n\nhost:1",
        "<html><body>404</body></html>"};
    struct moot_peers p;
    struct moot_buf b = {0};

    sample_peers(&p);
    moot_peers_encode(&p, &b);
    put("peers", "sample", moot_buf_view(&b));
    PUT_TEXTS("peers", texts);
    moot_peers_fini(&p);
    moot_buf_fini(&b);
}

static void make_texts(void)
{
    static const char *const addrs[] = {
        "localhost:8080",   "192.0.2.1:65535",         "[::1]:1",
        "[2001:db8::7]:80", "[::ffff:192.0.2.1]:80",   "[1:2:3:4:5:6:7::]:9",
        "[::]:80",          "a-b.c_d.example.org:443", "127.1:80",
        "0x7f.1:80",        "[fe80::1%eth0]:80",       "host:0"};
    static const char *const texts[] = {
        "alice",
        "Ren\xc3\xa9 \xe6\x9d\x8e \xf0\x9f\x98\x80",
        "two\nlines",
        " spaced ",
        "\xe2\x80\xae",
        "\xed\xa0\x80",
        "\xc0\x80",
        "\xf4\x90\x80\x80",
        "eight by\xff",
        "67676767676767676767676767676767AABBCCDDEEFF00112233445566778899"};

    static const char *const records[] = {
        "moot=chat.example.org:8080",
        "moot=[2001:db8::7]:1\nmoot=a:1\nmoot=a:1",
        "v=spf1 -all\nmoot=\nmoot=0.0.0.0:1"};

    PUT_TEXTS("dns_text", records);
    PUT_TEXTS("addr", addrs);
    PUT_TEXTS("text", texts);
}

static void make_beacons(void)
{
    struct moot_hash key = sample_hash(0x67);
    struct moot_beacon b = {.port = 8081};
    uint8_t bytes[MOOT_BEACON_LEN];

    moot_beacon_encode(&b, &key, bytes);
    put("beacon", "genuine", moot_bytes_of(bytes, sizeof bytes));
    put("beacon", "cut-off", moot_bytes_of(bytes, sizeof bytes - 1));
    bytes[sizeof bytes - 1] ^= 1;
    put("beacon", "forged", moot_bytes_of(bytes, sizeof bytes));
    bytes[0] = 2;
    put("beacon", "of-a-later-version", moot_bytes_of(bytes, sizeof bytes));
}

/* Texts, and what the target makes into texts that are right. */
static void make_invites(void)
{
    static const char made[] = "\x02\x02\x01\x08"
                               "host.x:1\x0c[::1]:65535\x0a 12 groupsecret";
    struct moot_invite open = sample_invite(false);
    struct moot_invite closed = sample_invite(true);
    char text[MOOT_INVITE_TEXT_MAX];

    moot_invite_encode(&open, text);
    put("invite", "open", moot_bytes_text(text));
    put("dns_text", "invitation", moot_bytes_text(text));
    put("invite", "cut-off", moot_bytes_of(text, strlen(text) - 5));
    moot_invite_encode(&closed, text);
    put("invite", "closed", moot_bytes_text(text));
    put("dns_text", "closed-invitation", moot_bytes_text(text));
    text[strlen(text) - 1] ^= 1;
    put("invite", "mistyped", moot_bytes_text(text));
    put("invite", "no-payload", moot_bytes_text("moot://h:1/#"));
    put("invite", "no-address", moot_bytes_text("moot:///#EA"));
    put("invite", "made", moot_bytes_of(made, sizeof made - 1));
}

int main(void)
{
    alice = sample_key(1);
    sample_record(&record, &alice);
    make_entries();
    make_messages();
    make_others();
    make_answers();
    make_registers();
    make_peers();
    make_texts();
    make_beacons();
    make_invites();
    printf("%u files written under tests/corpus/\n", written);
    return EXIT_SUCCESS;
}
