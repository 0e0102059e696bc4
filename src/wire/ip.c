/*
 * wire/ip.c - reading and writing IP literals.
 *
 * The C library's inet_pton lives behind an operating system header and is
 * not for this layer.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include <string.h>

#include "wire/ip_internal.h"

#define GROUPS 8

bool moot_ip4_parse(const char *text, size_t len, uint8_t out[4])
{
    size_t at = 0;

    for (unsigned i = 0; i < 4; i++) {
        size_t start = at;
        unsigned value = 0;

        while (at < len && at - start < 3 && text[at] >= '0' && text[at] <= '9')
            value = value * 10 + (unsigned)(text[at++] - '0');
        if (at == start || value > 255 ||
            (at - start > 1 && text[start] == '0'))
            return false;
        out[i] = (uint8_t)value;
        if (i < 3 && (at == len || text[at++] != '.'))
            return false;
    }
    return at == len;
}

/* One to four hex digits from *at on. */
static bool take_group(const char *text, size_t len, size_t *at, uint16_t *out)
{
    size_t start = *at;
    unsigned value = 0;

    for (; *at < len && *at - start < 4; ++*at) {
        char c = text[*at];

        if (c >= '0' && c <= '9')
            value = value << 4 | (unsigned)(c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value << 4 | (unsigned)(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            value = value << 4 | (unsigned)(c - 'A' + 10);
        else
            break;
    }
    *out = (uint16_t)value;
    return *at > start;
}

/* The groups as written, and before which of them the "::" stands. */
struct groups {
    uint16_t at[GROUPS];
    unsigned count;
    unsigned gap; /* GROUPS + 1: there is none */
};

/* An IPv4 address in the place of the last two groups. */
static bool take_tail(const char *text, size_t len, struct groups *g)
{
    uint8_t ip4[4];

    if (g->count > GROUPS - 2 || !moot_ip4_parse(text, len, ip4))
        return false;
    g->at[g->count++] = (uint16_t)(ip4[0] << 8 | ip4[1]);
    g->at[g->count++] = (uint16_t)(ip4[2] << 8 | ip4[3]);
    return true;
}

static bool take_groups(const char *text, size_t len, struct groups *g)
{
    size_t at = 0;

    if (len >= 2 && text[0] == ':' && text[1] == ':') {
        g->gap = 0;
        at = 2;
    }
    while (at < len) {
        if (memchr(text + at, '.', len - at) &&
            !memchr(text + at, ':', len - at))
            return take_tail(text + at, len - at, g);
        if (g->count == GROUPS || !take_group(text, len, &at, &g->at[g->count]))
            return false;
        g->count++;
        if (at == len)
            return true;
        if (text[at++] != ':' || at == len)
            return false;
        if (text[at] == ':') {
            if (g->gap <= GROUPS)
                return false;
            g->gap = g->count;
            at++;
        }
    }
    return true;
}

bool moot_ip6_parse(const char *text, size_t len, uint8_t out[16])
{
    struct groups g = {.gap = GROUPS + 1};

    if (!take_groups(text, len, &g))
        return false;
    if (g.gap > GROUPS ? g.count != GROUPS : g.count == GROUPS)
        return false;

    unsigned missing = GROUPS - g.count;

    memset(out, 0, 16);
    for (unsigned i = 0; i < g.count; i++) {
        unsigned place = i < g.gap ? i : i + missing;

        out[2 * place] = (uint8_t)(g.at[i] >> 8);
        out[2 * place + 1] = (uint8_t)g.at[i];
    }
    return true;
}

bool moot_ip6_mapped(const uint8_t ip[16])
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

    return memcmp(ip, prefix, sizeof prefix) == 0;
}

static unsigned group_of(const uint8_t ip[16], unsigned i)
{
    return (unsigned)ip[2 * i] << 8 | ip[2 * i + 1];
}

/* The first of the longest runs of zero groups; 0 long when none has two. */
static unsigned longest_gap(const uint8_t ip[16], unsigned *ret_first)
{
    unsigned longest = 1;
    unsigned len = 0;

    *ret_first = 0;
    for (unsigned i = 0; i < GROUPS; i++) {
        len = group_of(ip, i) == 0 ? len + 1 : 0;
        if (len > longest) {
            longest = len;
            *ret_first = i + 1 - len;
        }
    }
    return longest > 1 ? longest : 0;
}

char *moot_ip_number(char *at, unsigned value, unsigned base)
{
    static const char digits[] = "0123456789abcdef";
    unsigned place = 1;

    while (value / place >= base)
        place *= base;
    for (; place > 0; place /= base)
        *at++ = digits[value / place % base];
    return at;
}

void moot_ip4_format(const uint8_t ip[4], char out[MOOT_IP4_TEXT_MAX])
{
    char *at = out;

    for (unsigned i = 0; i < 4; i++) {
        at = moot_ip_number(at, ip[i], 10);
        *at++ = i < 3 ? '.' : '\0';
    }
}

void moot_ip6_format(const uint8_t ip[16], char out[MOOT_IP6_TEXT_MAX])
{
    unsigned first;
    unsigned gap = longest_gap(ip, &first);
    char *at = out;

    for (unsigned i = 0; i < GROUPS; i++) {
        if (gap > 0 && i == first) {
            *at++ = ':';
            *at++ = ':';
            i += gap - 1;
            continue;
        }
        if (i > 0 && at[-1] != ':')
            *at++ = ':';
        at = moot_ip_number(at, group_of(ip, i), 16);
    }
    *at = '\0';
}
