/*
 * wire/addr.c - addresses as text.
 *
 * Every host is kept in one canonical form (names in lower case, IPv6 as RFC
 * 5952 has it, IPv4 in IPv6 clothes as IPv4), so equal means equal text.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include "wire/addr.h"

#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "wire/host_internal.h"
#include "wire/ip_internal.h"

#define LABEL_LEN_MAX 63 /* RFC 1035 */

static bool canonical_ip6(struct moot_bytes text, char out[])
{
    uint8_t ip[16];

    if (!moot_ip6_parse((const char *)text.data, text.len, ip))
        return false;
    if (moot_ip6_mapped(ip))
        moot_ip4_format(ip + 12, out);
    else
        moot_ip6_format(ip, out);
    return true;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(uint8_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

/* May stand inside a label; the edges are judged by valid_label. */
static bool is_inner(uint8_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

static bool valid_label(const uint8_t *label, size_t len)
{
    if (len == 0 || len > LABEL_LEN_MAX || label[0] == '-' ||
        label[len - 1] == '-')
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_inner(label[i]))
            return false;
    }
    return true;
}

/* Resolvers take "127.1", "2130706433" and "0x7f000001" for addresses. */
static bool looks_numeric(const uint8_t *label, size_t len)
{
    bool hex = len >= 2 && label[0] == '0' && label[1] == 'x';

    for (size_t i = hex ? 2 : 0; i < len; i++) {
        if (hex ? !is_hex(label[i]) : !is_digit(label[i]))
            return false;
    }
    return true;
}

static bool canonical_name(struct moot_bytes text, char out[])
{
    uint8_t name[MOOT_HOST_LEN_MAX + 1] = {0};
    size_t label = 0;

    if (text.len == 0 || text.len > MOOT_HOST_LEN_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];

        name[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
        if (c == '.') {
            if (!valid_label(name + label, i - label))
                return false;
            label = i + 1;
        }
    }
    if (!valid_label(name + label, text.len - label) ||
        looks_numeric(name + label, text.len - label))
        return false;
    memcpy(out, name, text.len + 1);
    return true;
}

bool moot_host_canonical(struct moot_bytes text, char out[])
{
    uint8_t ip[4];

    if (text.len > 0 && memchr(text.data, ':', text.len))
        return canonical_ip6(text, out);
    if (text.len == 0 || !moot_ip4_parse((const char *)text.data, text.len, ip))
        return canonical_name(text, out);
    memcpy(out, text.data, text.len);
    out[text.len] = 0;
    return true;
}

static bool parse_port(struct moot_bytes text, uint16_t *ret_port)
{
    unsigned long port = 0;

    if (text.len == 0 || text.len > 5 || text.data[0] == '0')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.data[i]))
            return false;
        port = port * 10 + (text.data[i] - '0');
    }
    if (port > UINT16_MAX)
        return false;
    *ret_port = (uint16_t)port;
    return true;
}

int moot_addr_parse(struct moot_bytes text, struct moot_addr *ret_addr)
{
    struct moot_addr a = {0};
    const uint8_t *colon =
        text.len > 0 ? memrchr(text.data, ':', text.len) : NULL;

    if (!colon)
        return MOOT_EINVAL;

    size_t host_len = (size_t)(colon - text.data);
    struct moot_bytes host = moot_bytes_of(text.data, host_len);
    bool bracketed =
        host_len >= 2 && host.data[0] == '[' && host.data[host_len - 1] == ']';

    if (bracketed)
        host = moot_bytes_of(host.data + 1, host_len - 2);

    /* Brackets belong to IPv6 and IPv6 belongs into brackets. */
    bool colons = host.len > 0 && memchr(host.data, ':', host.len) != NULL;

    if (colons != bracketed || !moot_host_canonical(host, a.host) ||
        !parse_port(moot_bytes_of(colon + 1, text.len - host_len - 1), &a.port))
        return MOOT_EINVAL;
    *ret_addr = a;
    return MOOT_OK;
}

void moot_addr_set(struct moot_addr *a, const char *host, uint16_t port)
{
    size_t len = strcspn(host, "%"); /* a zone means nothing elsewhere */

    memset(a, 0, sizeof *a);
    a->port = port;
    if (len == 0)
        return;

    bool valid = moot_host_canonical(moot_bytes_of(host, len), a->host);

    moot_assert(valid);
}

void moot_addr_format(const struct moot_addr *a, char out[MOOT_ADDR_TEXT_MAX])
{
    bool bracketed = strchr(a->host, ':') != NULL;
    size_t len = strlen(a->host);
    char *at = out;

    if (bracketed)
        *at++ = '[';
    memcpy(at, a->host, len);
    at += len;
    if (bracketed)
        *at++ = ']';
    *at++ = ':';
    at = moot_ip_number(at, a->port, 10);
    *at = '\0';
}

bool moot_addr_eq(const struct moot_addr *a, const struct moot_addr *b)
{
    return a->port == b->port && strcmp(a->host, b->host) == 0;
}

bool moot_addr_loopback(const struct moot_addr *a)
{
    uint8_t ip[4];

    if (moot_ip4_parse(a->host, strlen(a->host), ip))
        return ip[0] == 127;
    return strcmp(a->host, "::1") == 0 || strcmp(a->host, "localhost") == 0;
}

bool moot_addr_wildcard(const struct moot_addr *a)
{
    return strcmp(a->host, "0.0.0.0") == 0 || strcmp(a->host, "::") == 0;
}

static bool public_ip4(const uint8_t ip[4])
{
    unsigned two = (unsigned)ip[0] << 8 | ip[1];

    return ip[0] != 0 && ip[0] != 10 && ip[0] != 127 && ip[0] < 224 &&
           two != 0xa9fe && two != 0xc0a8 && two >> 4 != 0xac1 &&
           two >> 6 != 0x6440 >> 6;
}

bool moot_addr_public(const struct moot_addr *a)
{
    uint8_t ip[16];

    if (moot_ip4_parse(a->host, strlen(a->host), ip))
        return public_ip4(ip);
    /* 2000::/3 is all that was given out so far (RFC 4291, 2.4). */
    return moot_ip6_parse(a->host, strlen(a->host), ip) && ip[0] >> 5 == 1;
}

bool moot_addr_literal(const struct moot_addr *a)
{
    uint8_t ip[4];

    return strchr(a->host, ':') != NULL ||
           moot_ip4_parse(a->host, strlen(a->host), ip);
}

void moot_addr_network(const struct moot_addr *a, uint8_t out[MOOT_NETWORK_LEN])
{
    size_t len = strlen(a->host);
    uint8_t ip[16];

    memset(out, 0, MOOT_NETWORK_LEN);
    if (moot_ip4_parse(a->host, len, ip))
        memcpy(out, ip, 4);
    else if (moot_ip6_parse(a->host, len, ip))
        memcpy(out, ip, MOOT_NETWORK_LEN);
}
