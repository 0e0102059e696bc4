/*
 * loop/log_line.c - pairs as logfmt or as JSON, and never half of one.
 *
 * Both are plain ASCII, so that nothing of a stranger's reaches a terminal as
 * he wrote it.
 *
 * Layer:  loop (loud).
 * Thread: the caller's.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "loop/log_internal.h"

/* Kept free for the end of a value and of the line. */
#define TAIL_LEN 64

static void add(struct moot_log_line *l, const char *text, size_t max)
{
    size_t len = strlen(text);

    if (l->len + len <= max) {
        memcpy(l->text + l->len, text, len);
        l->len += len;
    }
}

/* --- logfmt --- */

static bool plain(const char *value)
{
    for (const char *c = value; *c != '\0'; c++) {
        if ((*c < '0' || *c > '9') && (*c < 'a' || *c > 'z') &&
            (*c < 'A' || *c > 'Z') && strchr("._:/@+-[]", *c) == NULL)
            return false;
    }
    return *value != '\0';
}

/* Returns how many bytes of the value it took. */
static size_t escape_logfmt(const char *value, char out[16])
{
    unsigned byte = (unsigned char)*value;

    if (byte == '"' || byte == '\\')
        snprintf(out, 16, "\\%c", *value);
    else if (byte >= ' ' && byte <= '~')
        snprintf(out, 16, "%c", *value);
    else
        snprintf(out, 16, "\\x%02x", byte);
    return 1;
}

/* --- JSON --- */

static size_t escape_json(const char *value, char out[16])
{
    utf8proc_int32_t code;
    utf8proc_ssize_t len =
        utf8proc_iterate((const utf8proc_uint8_t *)value, -1, &code);

    if (len < 1) { /* no UTF-8: the mark for what cannot be shown */
        code = 0xfffd;
        len = 1;
    }
    if (code == '"' || code == '\\')
        snprintf(out, 16, "\\%c", (char)code);
    else if (code >= ' ' && code <= '~')
        snprintf(out, 16, "%c", (char)code);
    else if (code < 0x10000)
        snprintf(out, 16, "\\u%04" PRIx32, (uint32_t)code);
    else
        snprintf(out, 16, "\\u%04" PRIx32 "\\u%04" PRIx32,
                 0xd800 + (((uint32_t)code - 0x10000) >> 10),
                 0xdc00 + (((uint32_t)code - 0x10000) & 0x3ff));
    return (size_t)len;
}

static bool is_number(const char *value)
{
    size_t len = strlen(value);

    if (*value == '-')
        value++, len--;
    return len > 0 && len < 20 && strspn(value, "0123456789") == len &&
           (*value != '0' || len == 1);
}

/* --- both --- */

static void add_value(struct moot_log_line *l, const char *value, bool bare)
{
    size_t max = MOOT_LOG_LINE_MAX - TAIL_LEN;
    char piece[16];

    if (bare) {
        add(l, value, MOOT_LOG_LINE_MAX - TAIL_LEN / 2);
        return;
    }
    add(l, "\"", max);
    while (*value != '\0') {
        size_t used =
            l->json ? escape_json(value, piece) : escape_logfmt(value, piece);
        size_t before = l->len;

        add(l, piece, max);
        if (l->len == before)
            break;
        value += used;
    }
    add(l, "\"", MOOT_LOG_LINE_MAX);
}

void moot_log_line_pair(struct moot_log_line *l, const char *key,
                        const char *value)
{
    bool number = *key == '#';
    bool bare = l->json ? number && is_number(value) : plain(value);
    char head[64];

    key += number;
    if (l->json)
        snprintf(head, sizeof head, "%s\"%.48s\":", l->len > 0 ? "," : "{",
                 key);
    else
        snprintf(head, sizeof head, "%s%.48s=", l->len > 0 ? " " : "", key);
    /* A bare value goes in whole or the pair does not. */
    if (l->len + strlen(head) + 2 + (bare ? strlen(value) : 0) >
        MOOT_LOG_LINE_MAX - TAIL_LEN)
        return;
    add(l, head, MOOT_LOG_LINE_MAX);
    add_value(l, value, bare);
}

void moot_log_line_end(struct moot_log_line *l, const char *suppressed)
{
    if (suppressed != NULL) {
        add(l,
            l->json ? ",\"suppressed\":" : " suppressed=", MOOT_LOG_LINE_MAX);
        add(l, suppressed, MOOT_LOG_LINE_MAX);
    }
    add(l, l->json ? "}\n" : "\n", MOOT_LOG_LINE_MAX);
}
