/*
 * wire/body.c - what an entry says.
 *
 * Judges form only: what is ugly on a screen is dealt with at the screen.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include "base/assert.h"
#include "base/utf8.h"
#include "wire/entry_internal.h"
#include "wire/pb_internal.h"

enum body_field {
    FIELD_NAME = 1,
    FIELD_LINES = 2
};

enum line_field {
    LINE_KIND = 1,
    LINE_TEXT = 2
};

static bool known(uint32_t kind)
{
    return kind >= MOOT_LINE_TEXT && kind <= MOOT_LINE_REKEY;
}

/* A kind of a later version may mean anything by its text. */
static bool valid_line(uint32_t kind, struct moot_bytes text)
{
    if (kind == MOOT_LINE_NICK)
        return moot_name_fault(text) == NULL;
    if (kind == MOOT_LINE_REKEY)
        return true; /* whoever cannot read it passes over it */
    if (known(kind))
        return moot_line_fault(text) == NULL;
    return kind != 0;
}

static void put_line(struct moot_buf *out, const struct moot_line *line)
{
    size_t mark = moot_pb_open(out, FIELD_LINES);

    moot_assert(known(line->kind));
    moot_assert(valid_line(line->kind, line->text));
    moot_pb_put_u64(out, LINE_KIND, line->kind);
    moot_pb_put_bytes(out, LINE_TEXT, line->text);
    moot_pb_close(out, mark);
}

void moot_body_encode(const struct moot_draft *d, struct moot_buf *out)
{
    moot_assert(moot_name_fault(d->name) == NULL);
    moot_assert(d->line_count >= 1 && d->line_count <= MOOT_ENTRY_LINES_MAX);
    moot_pb_put_bytes(out, FIELD_NAME, d->name);
    for (unsigned i = 0; i < d->line_count; i++)
        put_line(out, &d->lines[i]);
    moot_assert(out->len <= MOOT_BODY_LEN_MAX);
}

/*
 * A known kind and a text, as encoders write them: two keys, a kind of one byte
 * and a length of one or two.  False: not so, which is no fault yet.
 */
static bool usual_line(struct moot_bytes raw, uint32_t *kind,
                       struct moot_bytes *text)
{
    const uint8_t *at = raw.data;
    size_t front = raw.len > 4 && at[3] >= 0x80 ? 5 : 4;
    size_t len;

    if (raw.len <= front || at[0] != (LINE_KIND << 3 | MOOT_PB_VARINT) ||
        at[2] != (LINE_TEXT << 3 | MOOT_PB_BYTES) || !known(at[1]))
        return false;
    len = front == 4 ? at[3] : (at[3] & 0x7fu) | (size_t)at[4] << 7;
    if (len != raw.len - front || len > MOOT_LINE_LEN_MAX ||
        (front == 5 && at[4] >= 0x80))
        return false;
    *kind = at[1];
    *text = moot_bytes_of(at + front, len);
    return true;
}

static bool decode_line(struct moot_bytes raw, uint32_t *kind,
                        struct moot_bytes *text)
{
    struct moot_pb p = moot_pb_read(raw);

    if (usual_line(raw, kind, text))
        return true;
    *kind = 0;
    *text = moot_bytes_of(NULL, 0);
    while (moot_pb_next(&p)) {
        if (p.number == LINE_KIND)
            moot_pb_take_u32(&p, kind);
        else if (p.number == LINE_TEXT)
            moot_pb_take_bytes(&p, MOOT_LINE_LEN_MAX, text);
    }
    return !p.bad;
}

/* proven: it was found valid before, so the texts are not looked at again. */
static bool decode(struct moot_bytes raw, bool proven,
                   struct moot_body *ret_body)
{
    struct moot_pb p = moot_pb_read(raw);
    unsigned line_count = 0; /* with those of unknown kinds */

    ret_body->name = moot_bytes_of(NULL, 0);
    ret_body->line_count = 0;
    while (moot_pb_next(&p)) {
        struct moot_bytes line = {0};
        struct moot_bytes text;
        uint32_t kind;

        if (p.number == FIELD_NAME)
            moot_pb_take_bytes(&p, MOOT_NAME_LEN_MAX, &ret_body->name);
        if (p.number != FIELD_LINES)
            continue;
        moot_pb_each_bytes(&p, MOOT_BODY_LEN_MAX, &line);
        if (++line_count > MOOT_ENTRY_LINES_MAX ||
            !decode_line(line, &kind, &text) ||
            !(proven || valid_line(kind, text)))
            return false;
        if (known(kind))
            ret_body->lines[ret_body->line_count++] =
                (struct moot_line){(enum moot_line_kind)kind, text};
    }
    return !p.bad && line_count >= 1 && moot_name_fault(ret_body->name) == NULL;
}

bool moot_body_decode(struct moot_bytes raw, struct moot_body *ret_body)
{
    return decode(raw, false, ret_body);
}

void moot_body_again(struct moot_bytes raw, struct moot_body *ret_body)
{
    bool valid = decode(raw, true, ret_body);

    moot_assert(valid);
}

struct moot_bytes moot_body_name(struct moot_bytes raw)
{
    struct moot_bytes name = {0};
    struct moot_pb p = moot_pb_read(raw);

    while (name.len == 0 && moot_pb_next(&p)) {
        if (p.number == FIELD_NAME)
            moot_pb_take_bytes(&p, MOOT_NAME_LEN_MAX, &name);
    }
    return name;
}
