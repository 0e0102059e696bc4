/*
 * ui/harmless.c - one pass over the characters, each put into a class.
 *
 * Looks one character behind and one ahead, because a joiner is harmless only
 * between two that it joins.
 *
 * Layer:  ui (loud).
 * Thread: any.
 */
#include "ui/harmless.h"

#include <string.h>
#include <utf8proc.h>

#include "base/assert.h"

enum char_class {
    CLASS_SEEN,      /* takes room of its own */
    CLASS_COMBINING, /* is drawn over the one before */
    CLASS_JOINER,    /* ZWNJ, ZWJ */
    CLASS_VARIANT,   /* VS15, VS16: text or emoji presentation */
    CLASS_HIDDEN
};

struct walk {
    struct moot_buf *out;
    bool name;        /* angle brackets are not its own */
    int32_t before;   /* the last character shown; -1: none to combine with */
    unsigned marks;   /* combining marks on it */
    unsigned joiners; /* in the present emoji */
    bool joined;      /* a joiner was the last */
    size_t excess;    /* combining marks left out since */
};

/* The character at the front of text: its length, or 0 when it is broken. */
static size_t take_char(struct moot_bytes text, int32_t *ret_point)
{
    if (text.len == 0)
        return 0;

    utf8proc_int32_t point;
    utf8proc_ssize_t len =
        utf8proc_iterate(text.data, (utf8proc_ssize_t)text.len, &point);

    if (len <= 0)
        return 0;
    *ret_point = point;
    return (size_t)len;
}

static struct moot_bytes rest(struct moot_bytes text, size_t skip)
{
    return moot_bytes_of(text.data + skip, text.len - skip);
}

static bool between(int32_t point, int32_t first, int32_t last)
{
    return point >= first && point <= last;
}

/* Default ignorables that their general category does not give away. */
static bool is_filler(int32_t point)
{
    return point == 0x034f || between(point, 0x115f, 0x1160) ||
           between(point, 0x17b4, 0x17b5) || between(point, 0x180b, 0x180f) ||
           point == 0x3164 || between(point, 0xfe00, 0xfe0d) ||
           point == 0xffa0 || between(point, 0xe0100, 0xe01ef);
}

static enum char_class class_of(int32_t point)
{
    if (point == 0x200c || point == 0x200d)
        return CLASS_JOINER;
    if (point == 0xfe0e || point == 0xfe0f)
        return CLASS_VARIANT;
    if (is_filler(point))
        return CLASS_HIDDEN;

    utf8proc_category_t category = utf8proc_category(point);

    if (category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME)
        return CLASS_COMBINING;
    /* From here on: unassigned, separators of lines, controls, private. */
    if (category == UTF8PROC_CATEGORY_CN || category >= UTF8PROC_CATEGORY_ZL)
        return CLASS_HIDDEN;
    /* Vowels and finals of Hangul are letters, yet stack like marks. */
    return utf8proc_charwidth(point) == 0 ? CLASS_COMBINING : CLASS_SEEN;
}

static bool is_skin_tone(int32_t point)
{
    return between(point, 0x1f3fb, 0x1f3ff);
}

static bool is_emoji(int32_t point)
{
    int boundary = point < 0 ? 0 : utf8proc_get_property(point)->boundclass;

    return boundary == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC ||
           is_skin_tone(point);
}

/* The scripts from Arabic to Sinhala spell with joiners. */
static bool is_joining_letter(int32_t point)
{
    return between(point, 0x0620, 0x0dff) && class_of(point) != CLASS_HIDDEN;
}

static bool joins(const struct walk *w, int32_t joiner, struct moot_bytes after)
{
    int32_t next;

    if (w->before < 0 || w->excess > 0 || take_char(after, &next) == 0)
        return false;
    if (is_joining_letter(w->before) && is_joining_letter(next))
        return true;
    return joiner == 0x200d && is_emoji(w->before) && is_emoji(next) &&
           w->joiners < MOOT_COMBINING_MAX;
}

static bool takes_variant(const struct walk *w)
{
    return is_emoji(w->before) || w->before == '#' || w->before == '*' ||
           between(w->before, '0', '9');
}

static void end_excess(struct walk *w)
{
    if (w->excess > 0)
        moot_buf_printf(w->out, "<+%zu marks>", w->excess);
    w->excess = 0;
}

static void put_mark(struct walk *w, int32_t point)
{
    end_excess(w);
    if (point < 0x80)
        moot_buf_printf(w->out, "\\x%02x", (unsigned)point);
    else
        moot_buf_printf(w->out, "<U+%04X>", (unsigned)point);
    w->before = -1;
}

static void put_seen(struct walk *w, int32_t point, const void *at, size_t len)
{
    end_excess(w);
    if (w->name && point == '<')
        moot_buf_append(w->out, "\u2039", 3);
    else if (w->name && point == '>')
        moot_buf_append(w->out, "\u203a", 3);
    else
        moot_buf_append(w->out, at, len);
    w->before = point;
    w->marks = 0;
}

static void put_combining(struct walk *w, const void *at, size_t len)
{
    /* On nothing of its own it would be drawn over what stands before. */
    if (w->before < 0)
        put_seen(w, 0x25cc, "\u25cc", 3);
    if (w->marks == MOOT_COMBINING_MAX) {
        w->excess++;
        return;
    }
    moot_buf_append(w->out, at, len);
    w->marks++;
}

static void put_char(struct walk *w, int32_t point, struct moot_bytes at,
                     size_t len)
{
    switch (class_of(point)) {
    case CLASS_SEEN:
        if (!w->joined && !is_skin_tone(point))
            w->joiners = 0;
        w->joined = false;
        put_seen(w, point, at.data, len);
        return;
    case CLASS_COMBINING:
        put_combining(w, at.data, len);
        return;
    case CLASS_JOINER:
        if (joins(w, point, rest(at, len))) {
            moot_buf_append(w->out, at.data, len);
            w->joiners++;
            w->joined = true;
        } else {
            put_mark(w, point);
        }
        return;
    case CLASS_VARIANT:
        if (takes_variant(w))
            put_combining(w, at.data, len);
        else
            put_mark(w, point);
        return;
    case CLASS_HIDDEN:
        put_mark(w, point);
        return;
    }
    moot_assert(!"every class is handled");
}

/* Are all eight of them from ' ' to '~'?  A byte below, DEL, or one above has
 * the highest bit set in one of the three. */
static bool eight_plain(const uint8_t *text)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word;

    memcpy(&word, text, sizeof word);
    return ((word | (word - ones * ' ') | (word + ones)) & ones * 0x80) == 0;
}

/* How many of the first bytes are ASCII that can be seen. */
static size_t plain_len(struct moot_bytes text, bool name)
{
    size_t len = 0;

    while (!name && len + 8 <= text.len && eight_plain(text.data + len))
        len += 8;
    while (len < text.len && text.data[len] >= ' ' && text.data[len] < 0x7f &&
           !(name && (text.data[len] == '<' || text.data[len] == '>')))
        len++;
    return len;
}

/* Most of what is said is this, and needs no table of characters. */
static void put_plain(struct walk *w, struct moot_bytes text)
{
    end_excess(w);
    moot_buf_append(w->out, text.data, text.len);
    w->before = text.data[text.len - 1];
    w->marks = 0;
    w->joiners = 0;
    w->joined = false;
}

static void harmless(struct moot_bytes text, bool name, struct moot_buf *out)
{
    struct walk w = {.out = out, .name = name, .before = -1};

    while (text.len > 0) {
        int32_t point;
        size_t len = plain_len(text, name);

        if (len > 0) {
            put_plain(&w, moot_bytes_of(text.data, len));
            text = rest(text, len);
            continue;
        }
        len = take_char(text, &point);
        if (len == 0) {
            end_excess(&w);
            moot_buf_printf(out, "\\x%02x", text.data[0]);
            w.before = -1;
            len = 1;
        } else if (point == '\t') {
            put_seen(&w, ' ', " ", 1);
        } else {
            put_char(&w, point, text, len);
        }
        text = rest(text, len);
    }
    end_excess(&w);
}

void moot_harmless(struct moot_bytes text, struct moot_buf *out)
{
    harmless(text, false, out);
}

void moot_harmless_name(struct moot_bytes name, struct moot_buf *out)
{
    harmless(name, true, out);
}
