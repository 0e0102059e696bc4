/*
 * app/transcript.c - see app/transcript_internal.h.
 *
 * Layer:  app (loud).
 * Thread: any; a transcript is never shared.
 */
#include "app/transcript_internal.h"

#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "wire/rekey.h"

struct moot_transcript_name {
    UT_hash_handle hh;
    struct moot_id first; /* who used it first */
    unsigned len;
    char name[MOOT_NAME_LEN_MAX];
};

#define KEY_DIGITS_MIN 4

void moot_transcript_fini(struct moot_transcript *t)
{
    struct moot_transcript_name *name = t->names;

    while (name) {
        struct moot_transcript_name *next = name->hh.next;

        HASH_DEL(t->names, name);
        free(name);
        name = next;
    }
}

/* --- who --- */

/* Does the key begin with these hex digits?  len counts bytes of text. */
static bool key_begins(const struct moot_id *id, const char *text, size_t len)
{
    char hex[MOOT_HEX_LEN + 1];
    size_t at = 0;

    moot_hex(id->b, hex);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == ' ')
            continue;
        if (at == MOOT_HEX_LEN || tolower((unsigned char)text[i]) != hex[at])
            return false;
        at++;
    }
    return at >= KEY_DIGITS_MIN;
}

static bool is_named(const struct moot_entry *e, const char *name, size_t len)
{
    struct moot_bytes own = moot_entry_name(e);

    return own.len == len && len > 0 && memcmp(own.data, name, len) == 0;
}

bool moot_transcript_is_by(const struct moot_entry *e, const char *who)
{
    size_t len = strlen(who);
    const char *dot = strrchr(who, '.');

    if (is_named(e, who, len) || key_begins(&e->in.author, who, len))
        return true;
    return dot && is_named(e, who, (size_t)(dot - who)) &&
           key_begins(&e->in.author, dot + 1, strlen(dot + 1));
}

/* Is this the author who used the name first? */
static bool owns_name(struct moot_transcript *t, struct moot_bytes name,
                      const struct moot_id *author)
{
    struct moot_transcript_name *known;

    HASH_FIND(hh, t->names, name.data, name.len, known);
    if (known)
        return moot_id_eq(&known->first, author);
    moot_assert(name.len <= sizeof known->name);
    known = moot_alloc(sizeof *known);
    known->first = *author;
    known->len = (unsigned)name.len;
    memcpy(known->name, name.data, name.len);
    HASH_ADD(hh, t->names, name, known->len, known);
    return true;
}

/* The name to show; that of an entry whose words are gone is its key. */
static void display_name(struct moot_transcript *t, const struct moot_entry *e,
                         char out[MOOT_NAME_LEN_MAX + 8])
{
    struct moot_bytes name = moot_entry_name(e);
    char suffix[5];

    moot_id_suffix(&e->in.author, suffix);
    if (name.len == 0)
        snprintf(out, MOOT_NAME_LEN_MAX + 8, "%s", suffix);
    else if (owns_name(t, name, &e->in.author))
        snprintf(out, MOOT_NAME_LEN_MAX + 8, "%.*s", (int)name.len,
                 (const char *)name.data);
    else
        snprintf(out, MOOT_NAME_LEN_MAX + 8, "%.*s.%s", (int)name.len,
                 (const char *)name.data, suffix);
}

/* --- for people --- */

unsigned moot_transcript_lines(const struct moot_entry *e)
{
    struct moot_body body;

    if (!moot_entry_body(e, &body) || body.line_count == 0)
        return 1;
    return body.line_count;
}

/* Behind the first n line feeds. */
static struct moot_bytes skip_lines(struct moot_bytes text, unsigned n)
{
    while (n > 0 && text.len > 0) {
        const uint8_t *feed = memchr(text.data, '\n', text.len);
        size_t len = feed ? (size_t)(feed - text.data) + 1 : text.len;

        text = moot_bytes_of(text.data + len, text.len - len);
        n--;
    }
    return text;
}

/* Every line carries its date: whoever reads may read on another day. */
static void put_text(struct moot_transcript *t, struct moot_entry *e,
                     unsigned skip, struct moot_buf *out)
{
    char name[MOOT_NAME_LEN_MAX + 8], none[] = "";
    struct moot_show show = {.kind = MOOT_SHOW_ENTRY,
                             .id = e->in.author,
                             .name = name,
                             .text = none,
                             .entry = e};
    struct moot_buf lines = {0};
    struct moot_bytes rest;

    display_name(t, e, name);
    moot_format_show(&t->format, &show, -1, &lines);
    rest = skip_lines(moot_buf_view(&lines), skip);
    moot_buf_append(out, rest.data, rest.len);
    moot_buf_fini(&lines);
}

/* --- for programs --- */

static const char *kind_of(const struct moot_line *line)
{
    switch (line->kind) {
    case MOOT_LINE_TEXT:
        return "text";
    case MOOT_LINE_ACTION:
        return "action";
    case MOOT_LINE_NICK:
        return "nick";
    case MOOT_LINE_TOPIC:
        return "topic";
    case MOOT_LINE_REKEY:
        return "rekey";
    }
    moot_assert(!"every line has a kind");
    return "";
}

static void set_text(json_t *object, const char *key, struct moot_bytes text)
{
    json_object_set_new(object, key,
                        json_stringn((const char *)text.data, text.len));
}

static void set_hex(json_t *object, const char *key, const uint8_t raw[32])
{
    char hex[MOOT_HEX_LEN + 1];

    moot_hex(raw, hex);
    json_object_set_new(object, key, json_string(hex));
}

/* What all lines of an entry share.  A run is no number to a program that
 * counts in floating point, so it is hex digits. */
static json_t *json_of(const struct moot_entry *e)
{
    json_t *object = json_object();
    char run[17];

    set_hex(object, "group", e->group.b);
    set_hex(object, "hash", e->hash.b);
    set_hex(object, "author", e->in.author.b);
    snprintf(run, sizeof run, "%016" PRIx64, e->in.run);
    json_object_set_new(object, "run", json_string(run));
    json_object_set_new(object, "seq", json_integer((json_int_t)e->seq));
    json_object_set_new(object, "lamport",
                        json_integer((json_int_t)e->lamport));
    json_object_set_new(object, "wall", json_integer((json_int_t)e->wall));
    return object;
}

/* ASCII only, so that a terminal finds nothing in it to obey; DEL is the one
 * control character that JSON does not escape. */
static void put_object(const json_t *object, struct moot_buf *out)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);

    moot_assert(text != NULL);
    for (const char *c = text; *c; c++) {
        if (*c == '\x7f')
            moot_buf_printf(out, "\\u007f");
        else
            moot_buf_append(out, c, 1);
    }
    moot_buf_append(out, "\n", 1);
    free(text);
}

/* Of a new secret only which one it is, and how many have it by this line. */
static void set_words(json_t *object, const struct moot_line *line)
{
    struct moot_rekey r;

    json_object_del(object, "generation");
    json_object_del(object, "members");
    if (line->kind != MOOT_LINE_REKEY) {
        set_text(object, "text", line->text);
        return;
    }
    json_object_set_new(object, "text", json_string(""));
    if (!moot_rekey_decode(line->text, &r))
        return;
    json_object_set_new(object, "generation",
                        json_integer((json_int_t)r.generation));
    json_object_set_new(object, "members", json_integer(r.box_count));
}

static void put_json(const struct moot_entry *e, unsigned skip,
                     struct moot_buf *out)
{
    json_t *object = json_of(e);
    struct moot_body body;

    if (!moot_entry_body(e, &body)) {
        json_object_set_new(object, "kind", json_string("pruned"));
        put_object(object, out);
        json_decref(object);
        return;
    }
    set_text(object, "name", body.name);
    for (unsigned i = skip; i < body.line_count; i++) {
        json_object_set_new(object, "line", json_integer(i + 1));
        json_object_set_new(object, "kind",
                            json_string(kind_of(&body.lines[i])));
        set_words(object, &body.lines[i]);
        put_object(object, out);
    }
    json_decref(object);
}

void moot_transcript_put(struct moot_transcript *t, struct moot_entry *e,
                         unsigned skip, struct moot_buf *out)
{
    if (t->json)
        put_json(e, skip, out);
    else
        put_text(t, e, skip, out);
}
