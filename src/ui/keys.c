/*
 * ui/keys.c - looks for two markers in a stream that may be cut anywhere.
 *
 * readline would read a paste by itself, but it blocks until the end of it has
 * come, and the loop must not.
 *
 * Layer:  ui (loud).
 * Thread: the caller's; no clock, no descriptor.
 */
#include "ui/keys.h"

#include <string.h>

static const char paste_begin[] = "\x1b[200~";
static const char paste_end[] = "\x1b[201~";

#define MARKER_LEN (sizeof paste_begin - 1)

void moot_keys_fini(struct moot_keys *k)
{
    moot_buf_fini(&k->in);
    moot_buf_fini(&k->out);
}

void moot_keys_add(struct moot_keys *k, struct moot_bytes bytes)
{
    moot_buf_append(&k->in, bytes.data, bytes.len);
}

/*
 * Where the marker begins, or where bytes begin that may become one, or the
 * length of all.  *ret_whole: it is the whole marker.
 */
static size_t find(struct moot_bytes all, const char *marker, bool *ret_whole)
{
    *ret_whole = false;
    for (size_t at = 0; at < all.len; at++) {
        size_t left = all.len - at;
        size_t len = left < MARKER_LEN ? left : MARKER_LEN;

        if (all.data[at] == '\x1b' && !memcmp(all.data + at, marker, len)) {
            *ret_whole = len == MARKER_LEN;
            return at;
        }
    }
    return all.len;
}

/* Appends pasted bytes: the terminal sends CR for the end of a line. */
static void add_pasted(struct moot_keys *k, struct moot_bytes bytes)
{
    if (k->out.len + bytes.len > MOOT_PASTE_LEN_MAX) {
        k->too_long = true;
        return;
    }
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t byte = bytes.data[i];

        if (byte == '\r') {
            if (i + 1 < bytes.len && bytes.data[i + 1] == '\n')
                continue;
            byte = '\n';
        }
        moot_buf_append(&k->out, &byte, 1);
    }
}

static enum moot_keys_part next_pasted(struct moot_keys *k,
                                       struct moot_bytes *ret_part)
{
    bool whole;
    struct moot_bytes all = moot_buf_view(&k->in);
    size_t len = find(all, paste_end, &whole);

    /* A CR at the very end may be half of CR LF: it is left for later. */
    if (!whole && len == all.len && len > 0 && all.data[len - 1] == '\r')
        len--;
    add_pasted(k, moot_bytes_of(all.data, len));
    moot_buf_consume(&k->in, len);
    if (!whole)
        return MOOT_KEYS_NONE;
    moot_buf_consume(&k->in, MARKER_LEN);
    k->pasting = false;
    *ret_part = moot_buf_view(&k->out);
    return k->too_long ? MOOT_KEYS_TOO_LONG : MOOT_KEYS_PASTED;
}

static enum moot_keys_part next_typed(struct moot_keys *k, bool late,
                                      struct moot_bytes *ret_part)
{
    bool whole;
    struct moot_bytes all = moot_buf_view(&k->in);
    size_t len = find(all, paste_begin, &whole);

    moot_buf_clear(&k->out);
    if (whole && len == 0) {
        moot_buf_consume(&k->in, MARKER_LEN);
        k->pasting = true;
        k->too_long = false;
        return next_pasted(k, ret_part);
    }
    if (late && !whole)
        len = all.len;
    if (len == 0)
        return all.len > 0 ? MOOT_KEYS_WAITING : MOOT_KEYS_NONE;
    moot_buf_append(&k->out, all.data, len);
    moot_buf_consume(&k->in, len);
    *ret_part = moot_buf_view(&k->out);
    return MOOT_KEYS_TYPED;
}

enum moot_keys_part moot_keys_next(struct moot_keys *k, bool late,
                                   struct moot_bytes *ret_part)
{
    if (k->pasting)
        return next_pasted(k, ret_part);
    return next_typed(k, late, ret_part);
}
