/*
 * tests/wire/test_addr.c - addresses as text.
 *
 * IP literals are held against the C library's inet_pton and inet_ntop, which
 * the product itself must not use.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <arpa/inet.h>
#include <check.h>
#include <string.h>

#include "base/rng.h"
#include "dies.h"
#include "wire/addr.h"
#include "wire/ip_internal.h"
#include "words.h"

Suite *suite_wire_addr(void);

/* The canonical text of an address, or "refused". */
static const char *canonical(const char *text)
{
    static char out[MOOT_ADDR_TEXT_MAX];
    struct moot_addr a;
    struct guarded g;

    guarded_init(&g, moot_bytes_text(text));

    int error = moot_addr_parse(guarded_view(&g), &a);

    guarded_fini(&g);
    if (error == MOOT_OK)
        moot_addr_format(&a, out);
    else
        expect_error(error, MOOT_EINVAL);
    return error == MOOT_OK ? out : "refused";
}

static const char *const pairs[][2] = {
    {"localhost:8080", "localhost:8080"},
    {"192.0.2.1:1", "192.0.2.1:1"},
    {"255.255.255.255:65535", "255.255.255.255:65535"},
    {"0.0.0.0:80", "0.0.0.0:80"},
    {"Chat.Example.ORG:80", "chat.example.org:80"},
    {"my_host-1.local:80", "my_host-1.local:80"},
    {"a.b.c:80", "a.b.c:80"},
    {"1a:80", "1a:80"},
    {"1.2.3.4a:80", "1.2.3.4a:80"},
    {"0xg.de:80", "0xg.de:80"},
    {"xn--bcher-kva.example:80", "xn--bcher-kva.example:80"},
    {"[::1]:80", "[::1]:80"},
    {"[::]:80", "[::]:80"},
    {"[2001:DB8:0:0:0:0:0:1]:80", "[2001:db8::1]:80"},
    {"[2001:db8::0:1]:80", "[2001:db8::1]:80"},
    {"[2001:db8:0:1:1:1:1:1]:80", "[2001:db8:0:1:1:1:1:1]:80"},
    {"[2001:0:0:1:0:0:0:1]:80", "[2001:0:0:1::1]:80"},
    {"[2001:db8:0:0:1:0:0:1]:80", "[2001:db8::1:0:0:1]:80"},
    {"[1:2:3:4:5:6:7::]:80", "[1:2:3:4:5:6:7:0]:80"},
    {"[::2:3:4:5:6:7:8]:80", "[0:2:3:4:5:6:7:8]:80"},
    {"[1::]:80", "[1::]:80"},
    {"[64:ff9b::192.0.2.33]:80", "[64:ff9b::c000:221]:80"},
    {"[1:2:3:4:5:6:192.0.2.1]:80", "[1:2:3:4:5:6:c000:201]:80"},
    {"[::ffff:192.0.2.1]:80", "192.0.2.1:80"},
    {"[::FFFF:c000:0201]:80", "192.0.2.1:80"},
};

static const char *const refused[] = {
    "",
    ":",
    "host",
    ":80",
    "host:",
    "host:0",
    "host:080",
    "host:65536",
    "host:99999",
    "host:123456",
    "host:8o",
    "host:-1",
    "host: 80",
    " host:80",
    "ho st:80",
    "host:80 ",
    "ho\xc3\xa9:80",
    "a..b:80",
    ".a:80",
    "a.:80",
    "-a:80",
    "a-:80",
    "a-.b:80",
    "a.-b:80",
    "1.2.3:80",
    "127.1:80",
    "2130706433:80",
    "0x7f000001:80",
    "0x:80",
    "a.0x1f:80",
    "1.2.3.4.5:80",
    "1.2.3.256:80",
    "1.2.3.04:80",
    "1.2.3.:80",
    "1..2.3:80",
    "1.2.3.0004:80",
    "::1:80",
    "2001:db8::1:80",
    "[]:80",
    "[::1:80",
    "::1]:80",
    "[::1]80",
    "[::1]",
    "[[::1]]:80",
    "[localhost]:80",
    "[192.0.2.1]:80",
    "[fe80::1%eth0]:80",
    "[1:2:3:4:5:6:7]:80",
    "[1:2:3:4:5:6:7:8:9]:80",
    "[1:2:3:4:5:6:7:8::]:80",
    "[::1:2:3:4:5:6:7:8]:80",
    "[1::2::3]:80",
    "[1:::2]:80",
    "[:1:2:3:4:5:6:7]:80",
    "[1:2:3:4:5:6:7:]:80",
    "[12345::]:80",
    "[g::]:80",
    "[1:2:3:4:5:6:7:1.2.3.4]:80",
    "[::1.2.3]:80",
    "[::1.2.3.4:5]:80",
    "[1.2.3.4::]:80",
    "a/b:80",
    "a@b:80",
};

START_TEST(one_address_has_one_text)
{
    for (unsigned i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        expect_text(canonical(pairs[i][0]), pairs[i][1]);
        expect_text(canonical(pairs[i][1]), pairs[i][1]);
    }
}
END_TEST

START_TEST(what_could_mean_two_things_is_refused)
{
    for (unsigned i = 0; i < sizeof refused / sizeof refused[0]; i++)
        ck_assert_msg(strcmp(canonical(refused[i]), "refused") == 0, "%s",
                      refused[i]);
}
END_TEST

START_TEST(a_zero_byte_is_no_part_of_a_host)
{
    struct moot_addr a;

    expect_error(moot_addr_parse(moot_bytes_of("a\0b:80", 6), &a), MOOT_EINVAL);
    expect_error(moot_addr_parse(moot_bytes_of("a:8\0", 4), &a), MOOT_EINVAL);
    expect_error(moot_addr_parse(moot_bytes_of(NULL, 0), &a), MOOT_EINVAL);
}
END_TEST

START_TEST(a_refused_text_changes_nothing)
{
    struct moot_addr a;

    moot_addr_set(&a, "before", 1);
    expect_error(moot_addr_parse(moot_bytes_text("after:0"), &a), MOOT_EINVAL);
    expect_text(a.host, "before");
    expect_uint(a.port, 1);
}
END_TEST

/* A host name of len bytes in labels of 50, and a port. */
static void long_name(char *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = i % 51 == 50 ? '.' : 'a';
    memcpy(out + len, ":65535", 7);
}

START_TEST(a_name_has_at_most_253_bytes_and_a_label_63)
{
    char text[400];

    long_name(text, MOOT_HOST_LEN_MAX);
    expect_text(canonical(text), text);
    long_name(text, MOOT_HOST_LEN_MAX + 1);
    expect_text(canonical(text), "refused");

    memset(text, 'a', 64);
    memcpy(text + 63, ":80", 4);
    expect_text(canonical(text), text);
    memset(text, 'a', 64);
    memcpy(text + 64, ":80", 4);
    expect_text(canonical(text), "refused");
}
END_TEST

START_TEST(literals_mean_what_the_c_library_says)
{
    static const char alphabet[] = "0123456789abcdef::::....";
    uint8_t seed[32] = {7};
    struct moot_rng r;
    unsigned valid = 0;

    moot_rng_init(&r, seed);
    for (unsigned i = 0; i < 300000; i++) {
        char text[40] = {0};
        uint8_t mine[16] = {0};
        uint8_t theirs[16] = {0};
        size_t len = (size_t)moot_rng_below(&r, i % 2 == 0 ? 9 : 24);

        for (size_t k = 0; k < len; k++)
            text[k] = alphabet[moot_rng_below(&r, sizeof alphabet - 1)];

        bool ok = moot_ip6_parse(text, len, mine);

        expect_turn(ok == (inet_pton(AF_INET6, text, theirs) == 1), "%s", text);
        expect_turn(!ok || memcmp(mine, theirs, 16) == 0, "%s", text);
        valid += ok;
        ok = moot_ip4_parse(text, len, mine);
        expect_turn(ok == (inet_pton(AF_INET, text, theirs) == 1), "%s", text);
        expect_turn(!ok || memcmp(mine, theirs, 4) == 0, "%s", text);
        valid += ok;
    }
    expect(valid > 1000);
}
END_TEST

START_TEST(literals_are_written_as_the_c_library_writes_them)
{
    uint8_t seed[32] = {8};
    struct moot_rng r;

    moot_rng_init(&r, seed);
    for (unsigned i = 0; i < 100000; i++) {
        uint8_t ip[16];
        char mine[MOOT_IP6_TEXT_MAX];
        char theirs[INET6_ADDRSTRLEN];

        moot_rng_bytes(&r, ip, sizeof ip);
        ip[0] |= 0x20; /* glibc writes ::a.b.c.d for some; we never do */
        for (unsigned k = 1; k < 8; k++) {
            if (moot_rng_below(&r, 2) == 0)
                ip[2 * k] = ip[2 * k + 1] = 0;
        }
        moot_ip6_format(ip, mine);
        inet_ntop(AF_INET6, ip, theirs, sizeof theirs);
        expect_text(mine, theirs);
        moot_ip4_format(ip, mine);
        inet_ntop(AF_INET, ip, theirs, sizeof theirs);
        expect_text(mine, theirs);
    }
}
END_TEST

START_TEST(setting_makes_canonical_too)
{
    struct moot_addr a;
    struct moot_addr b;

    moot_addr_set(&a, "::FFFF:127.0.0.1", 80);
    moot_addr_set(&b, "127.0.0.1", 80);
    expect(moot_addr_eq(&a, &b));
    moot_addr_set(&b, "127.0.0.1", 81);
    expect(!moot_addr_eq(&a, &b));
    moot_addr_set(&b, "127.0.0.2", 80);
    expect(!moot_addr_eq(&a, &b));
    moot_addr_set(&a, "fe80::1%eth0", 80);
    expect_text(a.host, "fe80::1");
    moot_addr_set(&a, "", 0);
    expect_text(a.host, "");
}
END_TEST

static void set_nonsense(void)
{
    struct moot_addr a;

    moot_addr_set(&a, "no host", 80);
}

START_TEST(setting_nonsense_breaks_a_promise)
{
    expect(dies(set_nonsense));
}
END_TEST

START_TEST(knows_loopback_wildcard_and_literal)
{
    static const struct {
        const char *host;
        bool loopback, wildcard, literal;
    } cases[] = {{"127.0.0.1", true, false, true},
                 {"127.255.255.254", true, false, true},
                 {"128.0.0.1", false, false, true},
                 {"126.255.255.255", false, false, true},
                 {"::1", true, false, true},
                 {"::2", false, false, true},
                 {"::ffff:127.0.0.1", true, false, true},
                 {"LOCALHOST", true, false, false},
                 {"localhost.example", false, false, false},
                 {"0.0.0.0", false, true, true},
                 {"::", false, true, true},
                 {"::ffff:0.0.0.0", false, true, true},
                 {"192.0.2.1", false, false, true},
                 {"example.org", false, false, false}};

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct moot_addr a;

        moot_addr_set(&a, cases[i].host, 80);
        ck_assert_msg(moot_addr_loopback(&a) == cases[i].loopback &&
                          moot_addr_wildcard(&a) == cases[i].wildcard &&
                          moot_addr_literal(&a) == cases[i].literal,
                      "%s", cases[i].host);
    }
}
END_TEST

static bool is_public(const char *host)
{
    struct moot_addr a;

    moot_addr_set(&a, host, 1);
    return moot_addr_public(&a);
}

START_TEST(public_is_what_means_the_same_everywhere)
{
    static const char *const yes[] = {
        "1.1.1.1",     "9.255.255.255", "11.0.0.1",      "100.63.0.1",
        "100.128.0.1", "172.15.0.1",    "172.32.0.1",    "192.167.0.1",
        "223.1.1.1",   "2001:db8::1",   "::ffff:8.8.8.8"};
    static const char *const no[] = {
        "0.1.2.3",     "10.0.0.1",    "127.0.0.1",       "169.254.0.1",
        "100.64.0.1",  "100.127.0.1", "172.16.0.1",      "172.31.255.255",
        "192.168.0.1", "224.0.0.1",   "255.255.255.255", "::",
        "::1",         "fc00::1",     "fe80::1",         "ff02::1",
        "localhost",   "example.org"};

    for (unsigned i = 0; i < sizeof yes / sizeof yes[0]; i++)
        ck_assert_msg(is_public(yes[i]), "%s", yes[i]);
    for (unsigned i = 0; i < sizeof no / sizeof no[0]; i++)
        ck_assert_msg(!is_public(no[i]), "%s", no[i]);
}
END_TEST

Suite *suite_wire_addr(void)
{
    Suite *s = suite_create("wire/addr");
    TCase *t = tcase_create("addr");

    tcase_add_test(t, one_address_has_one_text);
    tcase_add_test(t, what_could_mean_two_things_is_refused);
    tcase_add_test(t, a_zero_byte_is_no_part_of_a_host);
    tcase_add_test(t, a_refused_text_changes_nothing);
    tcase_add_test(t, a_name_has_at_most_253_bytes_and_a_label_63);
    tcase_add_test(t, literals_mean_what_the_c_library_says);
    tcase_add_test(t, literals_are_written_as_the_c_library_writes_them);
    tcase_add_test(t, setting_makes_canonical_too);
    tcase_add_test(t, setting_nonsense_breaks_a_promise);
    tcase_add_test(t, knows_loopback_wildcard_and_literal);
    tcase_add_test(t, public_is_what_means_the_same_everywhere);
    suite_add_tcase(s, t);
    return s;
}
