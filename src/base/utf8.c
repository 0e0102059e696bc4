/*
 * base/utf8.c - judging text.
 *
 * What may be a name is part of what makes an entry valid, so it must be the
 * same on every peer for ever: the table below is frozen with version 1 of the
 * protocol and asks no library, whose next version may know new characters.
 *
 * Layer:  base (quiet).
 * Thread: any.
 */
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "base/sorted.h"

struct range {
    uint32_t first, last;
};

/*
 * Controls, format characters, separators other than the plain space, default
 * ignorables (with the places reserved for more of them) and non-characters,
 * as of Unicode 15.0; and the blank Braille cell, which nobody can see either.
 * The non-characters that end each plane are judged by arithmetic.
 */
static const struct range unseen[] = {
    {0x0000, 0x001f},   {0x007f, 0x00a0},   {0x00ad, 0x00ad},
    {0x034f, 0x034f},   {0x0600, 0x0605},   {0x061c, 0x061c},
    {0x06dd, 0x06dd},   {0x070f, 0x070f},   {0x0890, 0x0891},
    {0x08e2, 0x08e2},   {0x115f, 0x1160},   {0x1680, 0x1680},
    {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x2000, 0x200f},
    {0x2028, 0x202f},   {0x205f, 0x206f},   {0x2800, 0x2800},
    {0x3000, 0x3000},   {0x3164, 0x3164},   {0xfdd0, 0xfdef},
    {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
    {0xfff0, 0xfffb},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd},
    {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
    {0xe0000, 0xe0fff}};

static int range_order(const void *item, const void *key)
{
    const struct range *r = item;
    const uint32_t *point = key;

    return (r->first > *point) - (r->last < *point);
}

static bool visible(uint32_t point)
{
    if ((point & 0xfffe) == 0xfffe)
        return false;

    bool found;

    moot_sorted_find(unseen, sizeof unseen[0], sizeof unseen / sizeof unseen[0],
                     range_order, &point, &found);
    return !found;
}

/*
 * The character that starts at text[0], len at least 1: writes its code point
 * and returns its length, or 0 when it is malformed.
 */
static size_t take_char(const uint8_t *text, size_t len, uint32_t *ret_point)
{
    /* The smallest code point that needs so many bytes: less is overlong. */
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = text[0];
    size_t need = first < 0x80   ? 1
                  : first < 0xc0 ? 0
                  : first < 0xe0 ? 2
                  : first < 0xf0 ? 3
                  : first < 0xf8 ? 4
                                 : 0;

    if (need == 0 || need > len)
        return 0;

    uint32_t point = need == 1 ? first : first & (0x7fu >> need);

    for (size_t i = 1; i < need; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (text[i] & 0x3fu);
    }
    if (point < least[need] || point > 0x10ffff ||
        (point >= 0xd800 && point <= 0xdfff))
        return 0;
    *ret_point = point;
    return need;
}

/* How many of the first bytes are certainly ASCII, eight at a time. */
static size_t skip_ascii(const uint8_t *text, size_t len)
{
    size_t at = 0;

    while (len - at >= 8) {
        uint64_t word;

        memcpy(&word, text + at, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            break;
        at += 8;
    }
    return at;
}

/*
 * Nothing but printable ASCII, as most lines are: eight bytes at a time, none
 * of them may have its highest bit set or be below 0x20.
 */
static bool plain(struct moot_bytes text)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t odd = 0;
    size_t at = 0;

    for (; text.len - at >= 8; at += 8) {
        uint64_t word;

        memcpy(&word, text.data + at, sizeof word);
        odd |= (word | (word - 0x20 * ones)) & (0x80 * ones);
    }
    for (; at < text.len; at++)
        odd |= text.data[at] < 0x20 || text.data[at] >= 0x80;
    return odd == 0;
}

bool moot_utf8_valid(struct moot_bytes text)
{
    size_t at = 0;

    while (at < text.len) {
        uint32_t point;

        at += skip_ascii(text.data + at, text.len - at);
        if (at == text.len)
            break;

        size_t len = take_char(text.data + at, text.len - at, &point);

        if (len == 0)
            return false;
        at += len;
    }
    return true;
}

const char *moot_name_fault(struct moot_bytes name)
{
    if (name.len == 0)
        return "is empty";
    if (name.len > MOOT_NAME_LEN_MAX)
        return "is longer than 64 bytes";

    for (size_t at = 0; at < name.len;) {
        uint32_t point;
        size_t len = take_char(name.data + at, name.len - at, &point);

        if (len == 0)
            return "is not UTF-8";
        if (!visible(point))
            return "holds a character that cannot be seen";
        at += len;
    }
    if (name.data[0] == ' ' || name.data[name.len - 1] == ' ')
        return "begins or ends with a space";
    return NULL;
}

const char *moot_line_fault(struct moot_bytes line)
{
    if (line.len == 0)
        return "is empty";
    if (line.len > MOOT_LINE_LEN_MAX)
        return "is longer than 4096 bytes";
    if (plain(line))
        return NULL;
    if (memchr(line.data, '\n', line.len) || memchr(line.data, '\r', line.len))
        return "is more than one line";
    if (memchr(line.data, '\0', line.len))
        return "holds a zero byte";
    return moot_utf8_valid(line) ? NULL : "is not UTF-8";
}
